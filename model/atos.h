/* What atos.c and atos_result.c share. Private to model/. */
#ifndef SMREF_ATOS_H
#define SMREF_ATOS_H

#include "state.h"

static inline bool asks_for_stage1(const struct atos *a)
{
    return a->type & SMREF_SMMU_GATOS_ADDR_TYPE_STAGE_1;
}

static inline bool asks_for_stage2(const struct atos *a)
{
    return a->type & SMREF_SMMU_GATOS_ADDR_TYPE_STAGE_2;
}

/* Of a result: ATTR and SH, and NS of what only a bypassed stage 1 was asked about, are open for the rule. */
void smref_atos_leave_open(struct txn *t, smref_rule rule);
/* PAR gets the result, or the fault that the request ran into. */
void smref_atos_succeed(struct txn *t, uint64_t address);
void smref_atos_fail(struct txn *t);
/* Shows PAR as it reads now. */
void smref_atos_show(struct txn *t);

#endif
