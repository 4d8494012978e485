/*
 * What software starts by setting a flag of a register: the invalidation of everything (6.3.62), TLBI by PA
 * (6.3.119), the update of ROOT_GPT_BASE (6.3.121), address translation operations (6.3.37). An operation is
 * complete, and its flag 0 again, when the write is.
 */
#include "caches.h"
#include "registers.h"

static void set(struct txn *t, smref_register reg, uint64_t value)
{
    t->smmu->reg[reg] = value;
    t->smmu->settled = false;
}

/* Whether the SMMUEN of a bank is 1, or on its way there. */
static bool enabled(const struct txn *t, smref_sec_sid bank)
{
    return smref_SMMU_CR0_SMMUEN(bank_value(t, SMREF_FAMILY_CR0, bank)) ||
           smref_SMMU_CR0ACK_SMMUEN(bank_value(t, SMREF_FAMILY_CR0ACK, bank));
}

static bool flag_of(smref_register reg, uint64_t value)
{
    return smref_field_get(&smref_register_at((unsigned)reg)->fields[smref_protocols[reg].flag], &value, 0);
}

/* ---- S_INIT ---------------------------------------------------------------------------------------- */

/* 6.3.62: not while anything may be cached anew, and checks of granules may be on their way, too. */
static bool in_use(const struct txn *t)
{
    uint64_t root = t->reg[SMREF_REG_SMMU_ROOT_CR0] | t->reg[SMREF_REG_SMMU_ROOT_CR0ACK];
    return enabled(t, SMREF_SEC_NS) || enabled(t, SMREF_SEC_SECURE) || enabled(t, SMREF_SEC_REALM) ||
           smref_SMMU_ROOT_CR0_ACCESSEN(root) || smref_SMMU_ROOT_CR0_GPCEN(root);
}

/* Whether a write of 1 counts. */
static bool invalidation_starts(struct txn *t)
{
    uint64_t root = t->reg[SMREF_REG_SMMU_ROOT_CR0] & t->reg[SMREF_REG_SMMU_ROOT_CR0ACK];
    if (smref_SMMU_ROOT_CR0_GPCEN(root)) {
        decide(t, SMREF_RULE_INIT_WITH_GPC);
        return false;
    }
    if (!in_use(t))
        return true;
    decide(t, SMREF_RULE_INIT_WHILE_ENABLED);
    return smref_choose(t, SMREF_CHOICE_INIT_WHILE_ENABLED) == SMREF_CHOICE_INIT_WHILE_ENABLED_invalidated;
}

static void initialise(struct txn *t, smref_register reg, bool run)
{
    bool running = smref_SMMU_S_INIT_INV_ALL(t->reg[reg]);
    if (run && invalidation_starts(t)) {
        decide(t, SMREF_RULE_INIT_INVALIDATED);
        if (t->smmu->caches)
            smref_caches_empty(t->smmu->caches);
        set(t, reg, 0);
    } else if (!run && running) {
        decide(t, SMREF_RULE_INIT_CANCELLED);
        set(t, reg, 0);
    }
}

/* ---- Root ------------------------------------------------------------------------------------------ */

static void invalidate_by_pa(struct txn *t, smref_register reg, bool run)
{
    bool starts = run && !smref_SMMU_ROOT_TLBI_CTRL_RUN(t->reg[reg]);
    decide(t, starts ? SMREF_RULE_ROOT_TLBI_DONE : SMREF_RULE_ROOT_TLBI_IGNORED);
    if (!starts)
        return;
    smref_invalidate_granules(t);
    set(t, reg, 0);
}

static void update_gpt_base(struct txn *t, smref_register reg, bool run)
{
    decide(t, run ? SMREF_RULE_ROOT_BASE_UPDATED : SMREF_RULE_ROOT_BASE_KEPT);
    if (!run)
        return;
    set(t, SMREF_REG_SMMU_ROOT_GPT_BASE, t->reg[SMREF_REG_SMMU_ROOT_GPT_BASE2]);
    set(t, reg, 0);
}

/* ---- Address translation operations ---------------------------------------------------------------- */

/* 6.3.37: SMMUEN must be 1, and nobody may have begun to clear it. */
static void translate(struct txn *t, smref_register reg, uint64_t value, bool run)
{
    smref_sec_sid bank = bank_of(reg);
    if (!run || flag_of(reg, t->reg[reg])) { /* one that is under way is unaffected */
        set(t, reg, value);
        return;
    }
    if (smref_SMMU_CR0_SMMUEN(bank_value(t, SMREF_FAMILY_CR0, bank)) &&
        smref_SMMU_CR0ACK_SMMUEN(bank_value(t, SMREF_FAMILY_CR0ACK, bank))) {
        smref_run_atos(t, reg);
        return;
    }
    decide(t, SMREF_RULE_ATOS_DISABLED);
    if (t->smmu->arch < SMREF_V3_2 &&
        smref_choose(t, SMREF_CHOICE_ATOS_DISABLED) == SMREF_CHOICE_ATOS_DISABLED_stored)
        set(t, reg, value);
}

/* 6.3.9.6: a request that was stored while SMMUEN was 0 is forgotten when SMMUEN becomes 1. */
static void forget_request(struct txn *t, smref_family family, smref_sec_sid bank)
{
    smref_register reg = bank_register(family, bank);
    if (reg == SMREF_REG_COUNT || !flag_of(reg, t->reg[reg]))
        return;
    decide(t, SMREF_RULE_ATOS_FORGOTTEN);
    set(t, reg, 0);
}

void smref_smmuen_set(struct txn *t, smref_sec_sid bank)
{
    smref_register init = SMREF_REG_SMMU_S_INIT;
    forget_request(t, SMREF_FAMILY_GATOS_CTRL, bank);
    forget_request(t, SMREF_FAMILY_VATOS_CTRL, bank);
    if (smref_SMMU_S_INIT_INV_ALL(t->reg[init])) {
        decide(t, SMREF_RULE_INIT_DISTURBED);
        set(t, init, 0);
    }
}

/* ---- All of them ----------------------------------------------------------------------------------- */

void smref_run(struct txn *t, smref_register reg, uint64_t value)
{
    bool run = flag_of(reg, value);
    switch (smref_register_places[reg].family) {
    case SMREF_FAMILY_INIT:
        initialise(t, reg, run);
        break;
    case SMREF_FAMILY_ROOT_TLBI_CTRL:
        invalidate_by_pa(t, reg, run);
        break;
    case SMREF_FAMILY_ROOT_GPT_BASE_UPDATE:
        update_gpt_base(t, reg, run);
        break;
    default:
        translate(t, reg, value, run);
    }
}
