/*
 * Locations that a snapshot says are the same in several physical address spaces. Where it says nothing,
 * each space has memory of its own (3.25, 3.10.1: whether they alias is a matter of the system).
 */
#ifndef SMREF_ALIASES_H
#define SMREF_ALIASES_H

#include "located.h"
#include "smref.h"

typedef struct smref_alias {
    uint64_t at, size; /* multiples of 4 KB, size > 0 */
    unsigned spaces;   /* bit n: smref_pas n; two or more */
    const smref_jnode *node;
} smref_alias;

typedef struct smref_aliases {
    size_t count;       /* not 0 */
    smref_alias list[]; /* those of a location have no space in common */
} smref_aliases;

/* Reads an array of aliases (NULL: none, and *out is NULL). On false *out is NULL. */
bool smref_aliases_read(const smref_jdoc *doc, const smref_jnode *array, smref_aliases **out,
                        smref_jerror *error);
void smref_aliases_free(smref_aliases *aliases);
/* Makes them so in a memory in which nothing is declared yet. False when the host has no memory left. */
bool smref_aliases_lay(const smref_aliases *aliases, smref_sparse *memory);

#endif
