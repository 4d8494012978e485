/*
 * What software sees of one register, and what of a written value it takes (6.1, 6.2, 6.3): the spaces that
 * reach it, guards, reserved bits, and bits that the architecture leaves open. What a write sets off is in
 * protocols.c.
 */
#include "registers.h"

/* ---- Who reaches it -------------------------------------------------------------------------------- */

/* 6.3.11, 6.3.162: some guards look at each Enhanced Command queue. */
static bool any_ecmdq_enabled(const struct txn *t, smref_sec_sid bank)
{
    smref_register prod = bank_register(SMREF_FAMILY_ECMDQ_PROD, bank);
    smref_register cons = bank_register(SMREF_FAMILY_ECMDQ_CONS, bank);
    unsigned count = smref_element_count(t->smmu, prod);
    for (unsigned i = 0; i < count; i++)
        if (smref_SMMU_ECMDQ_PROD_EN(smref_get_element(t->smmu, prod, i)) ||
            smref_SMMU_ECMDQ_CONS_ENACK(smref_get_element(t->smmu, cons, i)))
            return true;
    return false;
}

smref_env smref_env_of_register(const struct txn *t, smref_register reg, smref_pas pas)
{
    const smref_register_place *place = &smref_register_places[reg];
    smref_env e = smref_env_of(t->smmu, (smref_sec_sid)place->bank);
    e.choices_met = t->out->choices_met; /* a field may be one that an implementation need not have */
    e.ctx_pas_permitted = place->spaces >> pas & 1U;
    if (place->family == SMREF_FAMILY_CR1 || place->family == SMREF_FAMILY_GMECID)
        e.ctx_ecmdq_enabled = any_ecmdq_enabled(t, (smref_sec_sid)place->bank);
    return e;
}

smref_rule smref_out_of_reach(const struct txn *t, smref_register reg)
{
    smref_env e = smref_env_of_register(t, reg, SMREF_PAS_ROOT);
    return smref_access_of_register(&e, reg) == SMREF_ACCESS_RAZ_WI ? SMREF_RULE_REG_ABSENT
                                                                    : SMREF_RULE_REG_SPACE;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

/* Bits of a field that are beyond what counts in this configuration: RES0. */
static uint64_t bits_above(const smref_env *e, smref_register reg, unsigned index)
{
    uint64_t count = smref_register_bits_in_use(e, reg, index), word = 0;
    if (count < 64)
        smref_field_set(&smref_register_at((unsigned)reg)->fields[index], &word, 0, ~mask((unsigned)count));
    return word;
}

/* What a read shows of a field; *open gets the bits of it that the architecture leaves open. */
static uint64_t show_field(const smref_env *e, smref_register reg, unsigned index, uint64_t stored,
                           uint64_t *open)
{
    const smref_field_info *field = &smref_register_at((unsigned)reg)->fields[index];
    uint64_t bits = smref_bits_of(field), above = bits_above(e, reg, index);
    switch (smref_register_state_in(e, reg, index)) {
    case SMREF_FIELD_RES0:
        return 0;
    case SMREF_FIELD_RES1:
        return bits;
    case SMREF_FIELD_UNKNOWN:
        *open |= bits;
        return 0;
    case SMREF_FIELD_IMPDEF: /* what was written, or zero, unless it is the implementation's to fill */
        if (smref_access_of_register(e, reg) != SMREF_ACCESS_RO)
            *open |= stored & bits;
        return stored & bits;
    default:
        break;
    }
    if (field->kind != SMREF_KIND_ADDRESS)
        return stored & bits & ~above;
    *open |= stored & above; /* 6.3.24: such bits need not be stored */
    return stored & bits;
}

/* What a read shows of a value in the register: what is reserved in this configuration reads as zero. */
static uint64_t show(const smref_env *e, smref_register reg, uint64_t stored, uint64_t *open)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint64_t value = 0;
    for (unsigned i = 0; i < info->field_count; i++)
        if (smref_register_present(e, reg, i))
            value |= show_field(e, reg, i, stored, open);
    return value;
}

/* 6.3.40: the result of an operation that is not complete. */
static bool result_is_open(const struct txn *t, smref_register reg)
{
    const smref_protocol *p = &smref_protocols[reg];
    if (p->type != SMREF_PROTOCOL_run_result)
        return false;
    const smref_register_info *control = smref_register_at((unsigned)p->peer);
    return smref_field_get(&control->fields[smref_protocols[p->peer].flag], &t->smmu->reg[p->peer], 0);
}

/* A result may be less definite than what the register holds. */
static void show_result(struct txn *t, smref_register reg)
{
    t->out->value_unknown |= smref_atos_open(t, reg);
    if (!result_is_open(t, reg))
        return;
    decide(t, SMREF_RULE_REG_RESULT_OPEN);
    t->out->value_unknown = UINT64_MAX;
}

uint64_t smref_open_bits(const struct txn *t, smref_register reg, smref_pas pas)
{
    smref_env e = smref_env_of_register(t, reg, pas);
    uint64_t open = 0;
    (void)show(&e, reg, t->reg[reg], &open);
    return open;
}

/* Elements of an array may be told by the first. */
static uint64_t stored_in(const struct txn *t, const struct target *target)
{
    return t->smmu->reg[target->reg] + smref_register_places[target->reg].step * target->element;
}

uint64_t smref_read_register(struct txn *t, const struct target *target, smref_pas pas)
{
    smref_env e = smref_env_of_register(t, target->reg, pas);
    if (smref_access_of_register(&e, target->reg) == SMREF_ACCESS_RAZ_WI) {
        decide(t, smref_out_of_reach(t, target->reg));
        return 0;
    }
    uint64_t open = 0, value = show(&e, target->reg, stored_in(t, target), &open);
    decide(t, SMREF_RULE_REG_READ);
    if (open & value)
        decide(t, SMREF_RULE_REG_MAYBE_STORED);
    t->out->value_unknown |= open;
    show_result(t, target->reg);
    value = smref_queue_index_read(t, target->reg, value);
    if (t->smmu->trace)
        smref_trace_read(t, &e, target->reg, value);
    return value;
}

/* ---- Writing --------------------------------------------------------------------------------------- */

/* The fields of a register by what a write now does to them. */
struct fields {
    uint64_t writable, reserved, read_only, guarded, preset;
};

static struct fields sort_fields(const smref_env *e, smref_register reg)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    struct fields f = {0};
    for (unsigned i = 0; i < info->field_count; i++) {
        uint64_t bits = smref_bits_of(&info->fields[i]);
        if (!smref_register_present(e, reg, i))
            continue;
        smref_field_state state = smref_register_state_in(e, reg, i);
        smref_register_access access = smref_access_of_field(e, reg, i);
        if (state == SMREF_FIELD_RES0)
            f.reserved |= bits;
        else if (state == SMREF_FIELD_RES1)
            continue;
        else if (access >= SMREF_ACCESS_WO)
            f.writable |= bits;
        else if (access == SMREF_ACCESS_GUARDED)
            f.guarded |= bits;
        else if (access == SMREF_ACCESS_PRESET)
            f.preset |= bits;
        else
            f.read_only |= bits;
    }
    return f;
}

/* 6.3.26 and its like: a closed guard lets no write through; before v3.2 what is behind it might take any
 * value. */
static bool closed_guard_yields(struct txn *t, smref_rule rule)
{
    decide(t, rule);
    return t->smmu->arch < SMREF_V3_2 &&
           smref_choose(t, SMREF_CHOICE_REG_GUARDED_WRITE) == SMREF_CHOICE_REG_GUARDED_WRITE_taken;
}

/* Bits that take a written value now. */
static uint64_t writable_bits(struct txn *t, const smref_env *e, smref_register reg, uint64_t changed)
{
    struct fields f = sort_fields(e, reg);
    if (changed & f.reserved)
        decide(t, SMREF_RULE_REG_RES0_WRITTEN);
    if (changed & f.read_only)
        decide(t, SMREF_RULE_REG_FIELD_READ_ONLY);
    if (changed & f.guarded && closed_guard_yields(t, SMREF_RULE_REG_FIELD_GUARDED))
        f.writable |= f.guarded;
    if (changed & f.preset) {
        decide(t, SMREF_RULE_REG_PRESET_WRITTEN);
        if (smref_choose(t, SMREF_CHOICE_REG_PRESET_WRITE) == SMREF_CHOICE_REG_PRESET_WRITE_stored)
            f.writable |= f.preset;
    }
    return f.writable;
}

/* Whether the register as a whole lets no write through. */
static bool refuses(struct txn *t, const smref_env *e, smref_register reg)
{
    switch (smref_access_of_register(e, reg)) {
    case SMREF_ACCESS_RAZ_WI:
        decide(t, smref_out_of_reach(t, reg));
        return true;
    case SMREF_ACCESS_RO:
        decide(t, SMREF_RULE_REG_READ_ONLY);
        return true;
    case SMREF_ACCESS_GUARDED:
        return !closed_guard_yields(t, SMREF_RULE_REG_GUARDED);
    default:
        return false;
    }
}

/* Without the bits of fields that do not count once the register has this value (6.3.38, 6.3.42, 6.3.44). */
static uint64_t trimmed(struct txn *t, smref_env e, smref_register reg, uint64_t value)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint64_t kept = t->smmu->reg[reg], above = 0;
    t->smmu->reg[reg] = value;
    for (unsigned i = 0; i < info->field_count; i++)
        if (info->fields[i].kind != SMREF_KIND_ADDRESS && smref_register_present(&e, reg, i))
            above |= bits_above(&e, reg, i);
    t->smmu->reg[reg] = kept;
    if (value & above)
        decide(t, SMREF_RULE_REG_RES0_WRITTEN);
    return value & ~above;
}

void smref_write_register(struct txn *t, const struct target *target, smref_pas pas, uint64_t value,
                          uint64_t lanes)
{
    smref_env e = smref_env_of_register(t, target->reg, pas);
    bool closed = refuses(t, &e, target->reg);
    uint64_t old = stored_in(t, target), taken = 0;
    if (!closed)
        taken = writable_bits(t, &e, target->reg, (old ^ value) & lanes);
    t->ignored = (old ^ value) & lanes & ~taken;
    if (t->smmu->trace && smref_access_of_register(&e, target->reg) != SMREF_ACCESS_RAZ_WI)
        smref_trace_written(t, &e, target->reg, taken);
    if (closed)
        return;
    decide(t, SMREF_RULE_REG_WRITTEN);
    taken &= lanes;
    value = (old & ~taken) | (value & taken);
    uint64_t kept = trimmed(t, e, target->reg, value);
    t->ignored |= (value ^ kept) & ~(old ^ kept);
    smref_protocol_write(t, target->reg, kept);
}

uint64_t smref_look_back(struct txn *t, const struct target *target, smref_pas pas)
{
    smref_env e = smref_env_of_register(t, target->reg, pas);
    if (smref_out_of_reach(t, target->reg) == SMREF_RULE_REG_ABSENT)
        return 0;
    uint64_t stored = stored_in(t, target), open = 0;
    (void)show(&e, target->reg, stored, &open);
    t->out->value_unknown = open;
    show_result(t, target->reg);
    return stored;
}
