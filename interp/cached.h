/* Caching policies and what caches hold, as the formats spell them. */
#ifndef SMREF_CACHED_H
#define SMREF_CACHED_H

#include <jansson.h>

#include "located.h"
#include "smref.h"

extern const char *const smref_caching_words[]; /* "none", "exact", "any", NULL: by smref_caching */

/* A policy; node may be NULL: *out stays. */
bool smref_caching_read(const smref_jdoc *doc, const smref_jnode *node, smref_caching *out,
                        smref_jerror *error);

/* The copies of a saved state, oldest first. */
typedef struct smref_cached_list {
    smref_cached *list;
    size_t count;
} smref_cached_list;

/* node may be NULL: none. On false nothing needs freeing. */
bool smref_cached_read(const smref_jdoc *doc, const smref_jnode *node, smref_cached_list *out,
                       smref_jerror *error);
void smref_cached_free(smref_cached_list *cached);
/* What the caches of the instance hold: an array, which may be empty. */
json_t *smref_cached_json(const smref *smmu);

#endif
