/* Granule protection checks, for the chapters in which physical addresses are accessed. */
#ifndef SMREF_GRANULE_H
#define SMREF_GRANULE_H

#include "state.h"

void smref_settle_granules(struct granule_checks *g, const smref_env *e);
/*
 * Whether an access to a physical address may be made (3.25, DDI 0487 D9). False: *fault says why not, and
 * nothing is recorded yet. Callers ask only while t->smmu->granules.active is set.
 */
bool smref_granule_permits(struct txn *t, smref_pas pas, uint64_t address, struct granule_fault *fault);
/* The fault goes into ROOT_GPF_FAR or ROOT_GPT_CFG_FAR, with what the access was for (6.3.116): `code` is
 * FAULTCODE. */
void smref_record_granule_fault(struct txn *t, const struct granule_fault *fault, unsigned reason,
                                unsigned code);

#endif
