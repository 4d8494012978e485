/*
 * What the memory of a snapshot holds, run by run: so that a table of which a declared region says nothing
 * but its fill is looked at once, however large it is.
 */
#ifndef SMREF_EXTENTS_H
#define SMREF_EXTENTS_H

#include "regions.h"

typedef enum smref_extent_kind {
    SMREF_EXTENT_CONTENTS, /* bytes that the snapshot lists */
    SMREF_EXTENT_FILL,     /* the same byte everywhere */
    SMREF_EXTENT_HOLE,     /* outside the declared memory */
} smref_extent_kind;

typedef struct smref_extent {
    smref_extent_kind kind;
    uint8_t fill;
    uint64_t last; /* the last byte that is alike */
} smref_extent;

typedef struct smref_extents smref_extents;

smref_extents *smref_extents_new(const smref_regions *regions);
void smref_extents_free(smref_extents *extents);
/* The run that holds `at`. */
smref_extent smref_extent_at(const smref_extents *extents, smref_pas pas, uint64_t at);

#endif
