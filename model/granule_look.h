/* What granule.c and held_granules.c share: a lookup in the granule protection table. Private to model/. */
#ifndef SMREF_GRANULE_LOOK_H
#define SMREF_GRANULE_LOOK_H

#include "caches.h"
#include "granule.h"

#define GRANULES_OF_ENTRY 4U /* log2: GPIs of a level 1 entry */

/* A check under way. */
struct granule_look {
    struct txn *t;
    smref_pas pas;
    uint64_t address;
    struct granule_fault *fault;
};

/* granule.c: from the base of level 0, or from a level 1 table, on. */
bool smref_granules_from(const struct granule_look *c, uint64_t base);
bool smref_granules_level1(const struct granule_look *c, uint64_t table);
/* DDI 0487 D9.6.5: what a GPI permits; and whether none of `count` is reserved, by the instance's choice. */
bool smref_gpi_permits(unsigned gpi, smref_pas pas);
bool smref_gpis_known(const smref *smmu, uint64_t gpis, unsigned count);
/* What the GPI of a valid entry means for the access. */
bool smref_granules_judge(const struct granule_look *c, smref_layout layout, unsigned gpi);

/* held_granules.c: the same check with what a TLB may hold; there is one. */
bool smref_held_granules(const struct granule_look *c, uint64_t base);
/* Under the policy `any`: not modelled where a TLB may hold the format of an earlier table (6.3.115). */
void smref_granules_of_other_format(struct txn *t);
/* A valid entry was read that covers 2^bits bytes around the address, or the base of level 0 was used (bits
 * 0); `next` is a table. Nothing where nothing is cached. */
void smref_hold_granules(const struct granule_look *c, smref_cached_kind kind, unsigned bits, uint64_t word,
                         uint64_t next);

#endif
