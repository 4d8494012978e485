/*
 * Located JSON: a jansson value in which every node knows its line and its path, so that an error can name
 * the place: `page.json:14: registers.SMMU_CR9: no such register; nearest: SMMU_CR0`.
 */
#ifndef SMREF_LOCATED_H
#define SMREF_LOCATED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct smref_jnode {
    json_t *value;
    const char *key; /* NULL for array elements and the root */
    size_t index;    /* position among the parent's children */
    unsigned line;   /* 1 is the first */
    struct smref_jnode *parent, *children;
    size_t child_count;
} smref_jnode;

typedef struct smref_jdoc {
    const char *file; /* as given; for messages */
    smref_jnode root;
    json_t *json;
    void *arena; /* private */
} smref_jdoc;

/* First error wins: later calls with a filled error change nothing. */
typedef struct smref_jerror {
    char text[512]; /* complete message with file, line and path; empty when there was no error */
} smref_jerror;

/* Reads and parses a file ("-" is standard input). Duplicate keys, trailing text, non-finite numbers, NUL
 * bytes and nesting deeper than 64 are errors. On false *error says what and where; *doc needs no closing. */
bool smref_jdoc_load(smref_jdoc *doc, const char *file, smref_jerror *error);
bool smref_jdoc_parse(smref_jdoc *doc, const char *file, const char *text, size_t size, smref_jerror *error);
/* The same of a part of a file that starts in line `line`. */
bool smref_jdoc_parse_from(smref_jdoc *doc, const char *file, unsigned line, const char *text, size_t size,
                           smref_jerror *error);
void smref_jdoc_close(smref_jdoc *doc);

/* `doc.file:line: path: text`, printf-like. Always returns false, so that a check can `return
 * smref_jfail(...)`. */
bool smref_jfail(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error, const char *format,
                 ...);

/* The child of an object, or NULL. */
const smref_jnode *smref_jget(const smref_jnode *object, const char *key);

/* Typed reads that fail with a message. A number is an integer, or a string "0x…" or "0b…". */
bool smref_jobject(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error);
bool smref_jarray(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error);
bool smref_jstring(const smref_jdoc *doc, const smref_jnode *node, const char **out, smref_jerror *error);
bool smref_jbool(const smref_jdoc *doc, const smref_jnode *node, bool *out, smref_jerror *error);
bool smref_jnumber(const smref_jdoc *doc, const smref_jnode *node, uint64_t max, uint64_t *out,
                   smref_jerror *error);

/* Every key of the object must be in `keys` (NULL-terminated); the message names the nearest key. */
bool smref_jkeys(const smref_jdoc *doc, const smref_jnode *object, const char *const *keys,
                 smref_jerror *error);

/* The candidate nearest to `name` by edit distance (NULL when none is near enough). `next` yields candidates
 * by index and NULL at the end. */
const char *smref_nearest(const char *name, const char *(*next)(void *context, size_t index), void *context);

#endif
