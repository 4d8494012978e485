/*
 * A small world for cases on QEMU: a linear Stream table, a CD, tables of 4 KB pages for 39 bits that map one
 * page, an Event queue, and software that puts it all in place from a reset.
 */
#ifndef WORLD_H
#define WORLD_H

#include "target.h"

#define WORLD_BASE UINT64_C(0x48000000)
#define WORLD_STRTAB WORLD_BASE
#define WORLD_LEVEL2 (WORLD_BASE + 0x080000) /* of a two-level Stream table */
#define WORLD_CD (WORLD_BASE + 0x100000)
#define WORLD_TABLES (WORLD_BASE + 0x101000)
#define WORLD_PAGE_ENTRY (WORLD_TABLES + 0x2000 + 0x123 * 8)
#define WORLD_EVENTQ (WORLD_BASE + 0x110000)
#define WORLD_CMDQ (WORLD_BASE + 0x120000)
#define WORLD_VA UINT64_C(0x123000)
#define WORLD_PA UINT64_C(0x50007000)
#define WORLD_PAGE (WORLD_PA | 0x743) /* a page that all may read and write */
#define WORLD_READ_ONLY 0x80

struct world {
    uint32_t sid;
    unsigned config; /* of the STE */
    bool invalid;    /* the STE */
    bool two_level;
    unsigned log2size; /* of the Stream table; 0: 12 */
    uint64_t page;     /* the descriptor; 0: none */
};

/* The stores, and the writes up to SMMU_CR0. */
void world_start(smref_case *c, const struct world *world);
void world_access(smref_case *c, uint32_t sid, uint64_t at, smref_access_type type);
/* Looks at SMMU_EVENTQ_PROD, SMMU_GERROR and the first record: the last three steps. */
void world_end(smref_case *c);
/* A Command queue with these commands of two words, which are consumed now; and a look at SMMU_CMDQ_CONS and
 * SMMU_GERROR. */
void world_commands(smref_case *c, const uint64_t *words, size_t count);

#endif
