/* Granule protection checks, for the chapters in which physical addresses are accessed. */
#ifndef SMREF_GRANULE_H
#define SMREF_GRANULE_H

#include "state.h"

void smref_settle_granules(struct granule_checks *g, const smref_env *e);
/* The fault goes into ROOT_GPF_FAR or ROOT_GPT_CFG_FAR, with what the access was for (6.3.116): `code` is
 * FAULTCODE. */
void smref_record_granule_fault(struct txn *t, const struct granule_fault *fault, unsigned reason,
                                unsigned code);
/* The same of a structure or descriptor whose fetch ended a translation, if granule protection is why. */
void smref_record_fetch_fault(struct txn *t);
/* The access is one that the SMMU makes for no client, and what it is for is said by `code`. A fault is
 * recorded at once. */
bool smref_own_access_permitted(struct txn *t, smref_pas pas, uint64_t address, unsigned code);

static inline bool smref_may_access(struct txn *t, smref_pas pas, uint64_t address, unsigned code)
{
    return !t->smmu->granules.active || smref_own_access_permitted(t, pas, address, code);
}

#endif
