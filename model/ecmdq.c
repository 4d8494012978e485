/*
 * Enhanced Command queues (3.5.6): elements of registers, the handshakes of enabling and of errors, and when
 * commands are consumed. The registers of queue 0 of a bank are among the others; those of another queue take
 * their place while it is at work.
 */
#include "command_queue.h"

/* ---- Elements -------------------------------------------------------------------------------------- */

static void exchange(uint64_t *a, uint64_t *b)
{
    uint64_t kept = *a;
    *a = *b;
    *b = kept;
}

void smref_exchange_ecmdq(smref *smmu, smref_sec_sid bank, unsigned queue)
{
    struct ecmdq *q = &smmu->ecmdq[bank][queue];
    if (!queue)
        return;
    exchange(&smmu->reg[smref_bank_registers[SMREF_FAMILY_ECMDQ_BASE][bank]], &q->base);
    exchange(&smmu->reg[smref_bank_registers[SMREF_FAMILY_ECMDQ_PROD][bank]], &q->prod);
    exchange(&smmu->reg[smref_bank_registers[SMREF_FAMILY_ECMDQ_CONS][bank]], &q->cons);
}

/* A register of a queue; NULL: it is not one of an Enhanced Command queue. */
static uint64_t *member(struct ecmdq *q, smref_register reg)
{
    switch (smref_register_places[reg].family) {
    case SMREF_FAMILY_ECMDQ_BASE:
        return &q->base;
    case SMREF_FAMILY_ECMDQ_PROD:
        return &q->prod;
    case SMREF_FAMILY_ECMDQ_CONS:
        return &q->cons;
    default:
        return NULL;
    }
}

/* All but element 0. */
static smref_status set_member(smref *smmu, smref_register reg, unsigned element, uint64_t value,
                               smref_error *error)
{
    struct ecmdq *q = &smmu->ecmdq[bank_of(reg)][element];
    uint64_t *at = member(q, reg), follows = smref_get_element(smmu, reg, element);
    if (at)
        *at = value;
    else if (value != follows)
        return smref_refuse(error, SMREF_E_ARGUMENT, smref_register_at((unsigned)reg)->name,
                            "element %u follows element 0: it is 0x%llx, not 0x%llx", element,
                            (unsigned long long)follows, (unsigned long long)value);
    if (at == &q->prod)
        q->cons = smref_SMMU_ECMDQ_CONS_with_ENACK(q->cons, smref_SMMU_ECMDQ_PROD_EN(value));
    return SMREF_OK;
}

smref_status smref_set_element(smref *smmu, smref_register reg, unsigned element, uint64_t value,
                               smref_error *error)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    if (!info || element >= info->count)
        return smref_refuse(error, SMREF_E_ARGUMENT, info ? info->name : "register",
                            "register %u has no element %u", (unsigned)reg, element);
    if (!element)
        return smref_set_register(smmu, reg, value, error);
    if (info->width == 32 && value >> 32)
        return smref_refuse(error, SMREF_E_ARGUMENT, info->name, "0x%llx does not fit its 32 bits",
                            (unsigned long long)value);
    return set_member(smmu, reg, element, value, error);
}

uint64_t smref_get_element(const smref *smmu, smref_register reg, unsigned element)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    if (!info || element >= info->count)
        return 0;
    struct ecmdq q = smmu->ecmdq[bank_of(reg)][element];
    const uint64_t *at = element ? member(&q, reg) : NULL;
    return at ? *at : smmu->reg[reg] + (uint64_t)smref_register_places[reg].step * element;
}

/* ---- Handshakes ------------------------------------------------------------------------------------ */

/*
 * Why commands are not consumed although the queue is enabled, if ERRACK and ERR differ. After an error there
 * is a reason, which no error leaves out; without one it is software's mistake, and the reason, which has no
 * meaning then, is kept empty to tell (3.5.6.3).
 */
static unsigned mistake(struct txn *t, uint64_t *cons, bool made_now)
{
    if (!made_now && smref_SMMU_ECMDQ_CONS_ERR_REASON(*cons)) {
        decide(t, SMREF_RULE_ECMDQ_ERROR_ACTIVE);
        return SMREF_CHOICE_ECMDQ_MISMATCH_idle;
    }
    *cons = smref_SMMU_ECMDQ_CONS_with_ERR_REASON(*cons, SMREF_SMMU_ECMDQ_CONS_ERR_REASON_CERROR_NONE);
    decide(t, SMREF_RULE_ECMDQ_MISMATCH);
    return smref_choose(t, SMREF_CHOICE_ECMDQ_MISMATCH);
}

void smref_ecmdq_write(struct txn *t, smref_register prod, uint64_t value)
{
    uint64_t *cons = &t->smmu->reg[smref_protocols[prod].peer], old = t->smmu->reg[prod];
    bool was = smref_SMMU_ECMDQ_PROD_EN(old), enabled = smref_SMMU_ECMDQ_PROD_EN(value);
    bool toggled = smref_SMMU_ECMDQ_PROD_ERRACK(old) != smref_SMMU_ECMDQ_PROD_ERRACK(value);
    bool differs = smref_SMMU_ECMDQ_PROD_ERRACK(value) != smref_SMMU_ECMDQ_CONS_ERR(*cons);
    t->smmu->reg[prod] = value;
    if (was != enabled)
        decide(t, enabled ? SMREF_RULE_ECMDQ_ENABLED : SMREF_RULE_ECMDQ_DISABLED);
    *cons = smref_SMMU_ECMDQ_CONS_with_ENACK(*cons, enabled);
    t->posted = was;
    if (!enabled) {
        smref_end_halt(t, prod);
        return;
    }
    if (was && toggled && !differs)
        decide(t, SMREF_RULE_ECMDQ_ERROR_ACKNOWLEDGED);
    unsigned option = SMREF_CHOICE_ECMDQ_MISMATCH_consume;
    if (differs)
        option = mistake(t, cons, !was || toggled);
    if (option != SMREF_CHOICE_ECMDQ_MISMATCH_idle)
        smref_consume_enhanced(t, prod, option == SMREF_CHOICE_ECMDQ_MISMATCH_unreported);
}

uint64_t smref_ecmdq_acknowledged(struct txn *t, smref_register cons, uint64_t value)
{
    bool enabled = smref_SMMU_ECMDQ_PROD_EN(t->smmu->reg[smref_protocols[cons].peer]);
    if (smref_SMMU_ECMDQ_CONS_ENACK(value) != enabled)
        decide(t, SMREF_RULE_ECMDQ_ENACK_FOLLOWS);
    return smref_SMMU_ECMDQ_CONS_with_ENACK(value, enabled);
}
