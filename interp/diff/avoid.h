/*
 * What a campaign keeps away from once a finding is known: a target that dies of a field costs a new process
 * each time, and one that departs in each case with it hides what comes behind.
 */
#ifndef SMREF_AVOID_H
#define SMREF_AVOID_H

#include "follow.h"

/* One in so many of the cases that would be avoided is carried out all the same. */
#define SMREF_AVOID_ALL_BUT 512

typedef struct smref_avoid smref_avoid;

/*
 * Reads a list of conditions, one of which is enough:
 *   {"struct": "CD", "field": "IPS", "values": [6, 7]}        a structure that the case stores
 *   {"register": "SMMU_CR0", "field": "VMW", "values": [4]}   what it writes to a register
 *   {"rule": "EVENTQ_OVERFLOW"}                               what the model says that decides something
 * NULL: *error.
 */
smref_avoid *smref_avoid_read(const smref_jdoc *doc, const smref_jnode *list, smref_jerror *error);
void smref_avoid_free(smref_avoid *avoid);

bool smref_avoid_meets(const smref_avoid *avoid, const smref_case *c, const smref_prediction *predicted);
/* Whether the case with this index, when it meets a condition, is left out. */
bool smref_avoid_leaves_out(uint64_t index);

#endif
