/*
 * The memory of a snapshot: regions, checked against each other, then laid out in a sparse memory. Contents
 * are decoded (or mapped from a file) once and borrowed by every memory that is made of them.
 */
#ifndef SMREF_REGIONS_H
#define SMREF_REGIONS_H

#include "aliases.h"
#include "contents.h"

typedef enum smref_region_kind {
    SMREF_REGION_FILL,
    SMREF_REGION_FILE,
    SMREF_REGION_HEX,
    SMREF_REGION_U64,
    SMREF_REGION_STRUCT,
} smref_region_kind;

typedef struct smref_region {
    smref_region_kind kind;
    smref_pas pas;
    uint64_t at, size;               /* size > 0; at + size - 1 does not wrap */
    uint8_t fill;                    /* SMREF_REGION_FILL */
    const uint8_t *bytes;            /* all others: `size` bytes */
    const smref_layout_info *layout; /* SMREF_REGION_STRUCT */
    bool patches;                    /* lies in an earlier fill or file region, or (of a patch) in its base */
    const smref_alias *mirrors;      /* NULL, or why this is (part of) another region: it stands for it in a
                                        space in which the location is the same */
    const smref_jnode *node;
} smref_region;

typedef struct smref_regions {
    smref_region *list; /* in document order, and then those that mirror some of them */
    size_t count;
    size_t *laid; /* indexes of those that patch nothing, by address space and address */
    size_t laid_count;
    const smref_aliases *aliases; /* NULL: none */
    struct smref_owned *owned;    /* private: buffers and file mappings */
} smref_regions;

/*
 * Reads an array of regions (NULL: none). Paths of `file` regions are relative to the folder of doc->file.
 * `base` (may be NULL) is what a vector's patch lies over: all of it may be patched. `aliases` (may be NULL)
 * outlives *out; a patch has those of its base. On false nothing needs freeing.
 */
bool smref_regions_read(const smref_jdoc *doc, const smref_jnode *array, const smref_aliases *aliases,
                        const smref_regions *base, smref_regions *out, smref_jerror *error);
void smref_regions_free(smref_regions *regions);
/* Declares and stores them; a base, after its aliases, before its patch. False when the host has no memory
 * left. */
bool smref_regions_lay(const smref_regions *regions, smref_sparse *memory);
/* The region that declares the byte, or the first one above it; NULL when there is none. */
const smref_region *smref_region_from(const smref_regions *regions, smref_pas pas, uint64_t at);
/* Whether every byte lies in a region of either (`more` may be NULL). */
bool smref_regions_cover(const smref_regions *regions, const smref_regions *more, smref_pas pas, uint64_t at,
                         uint64_t size);

#endif
