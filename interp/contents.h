/* What a region holds: decoded from the document, or mapped from a file. */
#ifndef SMREF_CONTENTS_H
#define SMREF_CONTENTS_H

#include "located.h"
#include "smref.h"

/* Buffers and mappings with one owner. Reading adds to the chain, also when it fails. */
struct smref_owned;
void smref_owned_free(struct smref_owned *owned);

typedef struct smref_contents {
    const uint8_t *bytes;
    uint64_t size; /* not 0 */
} smref_contents;

/* An array of little-endian 64-bit words. */
bool smref_read_u64(const smref_jdoc *doc, const smref_jnode *node, struct smref_owned **owned,
                    smref_contents *out, smref_jerror *error);
/* Pairs of digits, in address order. */
bool smref_read_hex(const smref_jdoc *doc, const smref_jnode *node, struct smref_owned **owned,
                    smref_contents *out, smref_jerror *error);
/* A structure by name, with its fields (NULL: all zero). */
bool smref_read_struct(const smref_jdoc *doc, const smref_jnode *name, const smref_jnode *fields,
                       struct smref_owned **owned, const smref_layout_info **layout, smref_contents *out,
                       smref_jerror *error);
/* A path as seen from the folder of a document; the caller frees. */
char *smref_path_beside(const char *document, const char *path);
/* Bytes of a file, whose path is relative to the folder of doc->file; size 0 means up to its end. */
bool smref_read_file(const smref_jdoc *doc, const smref_jnode *node, uint64_t offset, uint64_t size,
                     struct smref_owned **owned, smref_contents *out, smref_jerror *error);

#endif
