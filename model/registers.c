/*
 * Accesses of software to registers (6.1, 6.2, 6.3): which register an address means, who may reach it, which
 * fields take a written value now, and what a read returns. What a write sets off is in protocols.c.
 */
#include <string.h>

#include "registers.h"

/* ---- Which register -------------------------------------------------------------------------------- */

/* 6.2: page 1 may be an alias of page 0, and the other way round; else undefined offsets are RES0 there and
 * RAZ/WI here. */
static bool find_twin(struct txn *t, struct place *place, struct target *target)
{
    if (place->block != SMREF_BLOCK_NS_PAGE0 && place->block != SMREF_BLOCK_NS_PAGE1)
        return false;
    struct place twin = *place;
    twin.block = place->block == SMREF_BLOCK_NS_PAGE0 ? SMREF_BLOCK_NS_PAGE1 : SMREF_BLOCK_NS_PAGE0;
    return smref_find_register(t, &twin, target);
}

static bool locate(struct txn *t, const smref_mmio *in, uint32_t offset, struct target *target)
{
    struct place place;
    if (smref_find_place(t, in, offset, &place)) {
        if (smref_find_register(t, &place, target))
            return true;
        if (find_twin(t, &place, target)) {
            decide(t, SMREF_RULE_REG_PAGE_1_ALIAS);
            return smref_choose(t, SMREF_CHOICE_REG_PAGE_1_ALIAS) == SMREF_CHOICE_REG_PAGE_1_ALIAS_alias;
        }
    }
    if (t->smmu->trace)
        smref_trace_reach(t, in, offset, NULL, 0, 0);
    decide(t, SMREF_RULE_REG_UNDEFINED);
    return false;
}

/* 6.3.11: the guard of the attributes of queues looks at each Enhanced Command queue. */
static bool any_ecmdq_enabled(const struct txn *t, smref_sec_sid bank)
{
    uint64_t prod = bank_value(t, SMREF_FAMILY_ECMDQ_PROD, bank);
    uint64_t cons = bank_value(t, SMREF_FAMILY_ECMDQ_CONS, bank);
    for (unsigned i = 0; i < ECMDQ_COUNT; i++) {
        if (smref_SMMU_ECMDQ_PROD_EN(prod) || smref_SMMU_ECMDQ_CONS_ENACK(cons))
            return true;
        prod = t->smmu->ecmdq[bank][i].prod;
        cons = t->smmu->ecmdq[bank][i].cons;
    }
    return false;
}

smref_env smref_env_of_register(const struct txn *t, smref_register reg, smref_pas pas)
{
    const smref_register_place *place = &smref_register_places[reg];
    smref_env e = smref_env_of(t->smmu, (smref_sec_sid)place->bank);
    e.ctx_pas_permitted = place->spaces >> pas & 1U;
    if (place->family == SMREF_FAMILY_CR1)
        e.ctx_ecmdq_enabled = any_ecmdq_enabled(t, (smref_sec_sid)place->bank);
    return e;
}

/* Why an access gets RAZ/WI: what Root cannot reach either is not there. */
static smref_rule out_of_reach(const struct txn *t, smref_register reg)
{
    smref_env e = smref_env_of_register(t, reg, SMREF_PAS_ROOT);
    return smref_access_of_register(&e, reg) == SMREF_ACCESS_RAZ_WI ? SMREF_RULE_REG_ABSENT
                                                                    : SMREF_RULE_REG_SPACE;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static uint64_t bits_of(const smref_field_info *field)
{
    uint64_t words[1] = {0};
    unsigned elements = field->array_count ? field->array_count : 1;
    for (unsigned i = 0; i < elements; i++)
        smref_field_set(field, words, i, UINT64_MAX);
    return words[0];
}

/* Fields read as they are stored, and what is reserved in this configuration as zero. */
static uint64_t read_register(struct txn *t, const struct target *target, smref_pas pas)
{
    const smref_register_info *info = smref_register_at((unsigned)target->reg);
    smref_env e = smref_env_of_register(t, target->reg, pas);
    if (smref_access_of_register(&e, target->reg) == SMREF_ACCESS_RAZ_WI) {
        decide(t, out_of_reach(t, target->reg));
        return 0;
    }
    if (t->smmu->trace)
        smref_trace_fields(t, &e, target->reg, false, false);
    uint64_t value = 0, step = smref_register_places[target->reg].step;
    uint64_t stored = t->smmu->reg[target->reg] + step * target->element;
    for (unsigned i = 0; i < info->field_count; i++) {
        uint64_t bits = bits_of(&info->fields[i]);
        if (!smref_register_present(&e, target->reg, i))
            continue;
        switch (smref_register_state_in(&e, target->reg, i)) {
        case SMREF_FIELD_RES0:
            break;
        case SMREF_FIELD_RES1:
            value |= bits;
            break;
        case SMREF_FIELD_UNKNOWN:
            t->out->value_unknown |= bits;
            break;
        default:
            value |= stored & bits;
        }
    }
    decide(t, SMREF_RULE_REG_READ);
    return smref_queue_index_read(t, target->reg, value);
}

/* Bits of the register whose value the architecture leaves open now, as one field may be after any write. */
static uint64_t open_bits(struct txn *t, smref_register reg, smref_pas pas)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    smref_env e = smref_env_of_register(t, reg, pas);
    uint64_t open = 0;
    for (unsigned i = 0; i < info->field_count; i++)
        if (smref_register_present(&e, reg, i) && smref_register_state_in(&e, reg, i) == SMREF_FIELD_UNKNOWN)
            open |= bits_of(&info->fields[i]);
    return open;
}

/* ---- Writing --------------------------------------------------------------------------------------- */

/* Bits that take a written value now. */
static uint64_t writable_bits(struct txn *t, const smref_env *e, smref_register reg, uint64_t changed)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint64_t writable = 0, reserved = 0, read_only = 0;
    for (unsigned i = 0; i < info->field_count; i++) {
        uint64_t bits = bits_of(&info->fields[i]);
        if (!smref_register_present(e, reg, i))
            continue;
        switch (fate_of_field(e, reg, i)) {
        case SMREF_FATE_PASSES:
            writable |= bits;
            break;
        case SMREF_FATE_READ_ONLY:
            read_only |= bits;
            break;
        case SMREF_FATE_RESERVED:
            reserved |= smref_register_state_in(e, reg, i) == SMREF_FIELD_RES0 ? bits : 0;
        }
    }
    if (changed & reserved)
        decide(t, SMREF_RULE_REG_RES0_WRITTEN);
    if (changed & read_only)
        decide(t, SMREF_RULE_REG_FIELD_READ_ONLY);
    return writable;
}

/* 6.3.26 and its like: a guarded register ignores the write; before v3.2 it might take any value. */
static bool closed_guard_yields(struct txn *t, smref_register reg)
{
    if (!smref_register_places[reg].writable) {
        decide(t, SMREF_RULE_REG_READ_ONLY);
        return false;
    }
    decide(t, SMREF_RULE_REG_GUARDED);
    return t->smmu->arch < SMREF_V3_2 &&
           smref_choose(t, SMREF_CHOICE_REG_GUARDED_WRITE) == SMREF_CHOICE_REG_GUARDED_WRITE_taken;
}

static void write_register(struct txn *t, const struct target *target, smref_pas pas, uint64_t value,
                           uint64_t lanes)
{
    smref_env e = smref_env_of_register(t, target->reg, pas);
    smref_register_access access = smref_access_of_register(&e, target->reg);
    if (access == SMREF_ACCESS_RAZ_WI) {
        decide(t, out_of_reach(t, target->reg));
        return;
    }
    bool closed = access == SMREF_ACCESS_RO && !closed_guard_yields(t, target->reg);
    if (t->smmu->trace)
        smref_trace_fields(t, &e, target->reg, true, closed);
    if (closed)
        return;
    uint64_t old = t->smmu->reg[target->reg];
    uint64_t taken = writable_bits(t, &e, target->reg, (old ^ value) & lanes) & lanes;
    decide(t, SMREF_RULE_REG_WRITTEN);
    smref_protocol_write(t, target->reg, (old & ~taken) | (value & taken));
}

/* ---- The access ------------------------------------------------------------------------------------ */

/* The number of an Enhanced Command queue in its bank; queues beyond ECMDQ_COUNT are not modelled. */
static unsigned queue_of(struct txn *t, const struct target *target)
{
    smref_family family = smref_register_places[target->reg].family;
    if (family != SMREF_FAMILY_ECMDQ_BASE && family != SMREF_FAMILY_ECMDQ_PROD &&
        family != SMREF_FAMILY_ECMDQ_CONS)
        return 0;
    smref_env e = smref_env_of(t->smmu, bank_of(target->reg));
    uint64_t queue = target->page * smref_register_elements(&e, target->reg) + target->element;
    if (queue >= ECMDQ_COUNT) {
        t->not_modelled = "more than 256 Enhanced Command queues in a bank";
        return 0;
    }
    return (unsigned)queue;
}

static void access_target(struct txn *t, const smref_mmio *in, uint32_t offset, const struct target *target,
                          uint64_t value, uint64_t lanes, unsigned shift)
{
    unsigned half = target->upper ? 32 : 0;
    uint64_t seen, unknown = t->out->value_unknown; /* of the other register of a pair */
    t->out->value_unknown = 0;
    if (t->smmu->trace)
        smref_trace_reach(t, in, offset, target, value << half, lanes << half);
    if (in->write) {
        write_register(t, target, in->pas, value << half, lanes << half);
        seen = t->smmu->reg[target->reg];
        t->out->value_unknown = open_bits(t, target->reg, in->pas);
    } else {
        seen = read_register(t, target, in->pas);
    }
    t->out->value |= (seen >> half & lanes) << shift;
    t->out->value_unknown = unknown | (t->out->value_unknown >> half & lanes) << shift;
}

/* The registers as they were, in case the access turns out not to be modelled. Both registers of a pair are
 * of the same queue, should they be of an Enhanced Command queue. */
struct before {
    uint64_t reg[SMREF_REG_COUNT];
    struct ecmdq *at, queue;
};

static void access_word(struct txn *t, const smref_mmio *in, struct before *before, uint32_t offset,
                        uint64_t value, unsigned bytes, unsigned shift)
{
    struct target target;
    uint64_t held[SMREF_REG_COUNT]; /* for the explanation alone */
    t->phase = SMREF_PHASE_REGISTER;
    if (!locate(t, in, offset, &target))
        return;
    smref_sec_sid bank = bank_of(target.reg);
    unsigned queue = queue_of(t, &target);
    if (t->not_modelled)
        return;
    if (queue && !before->at) {
        before->at = &t->smmu->ecmdq[bank][queue];
        before->queue = *before->at;
    }
    smref_exchange_ecmdq(t->smmu, bank, queue);
    t->ecmdq = queue;
    if (t->smmu->trace)
        memcpy(held, t->reg, sizeof held);
    access_target(t, in, offset, &target, value, bytes == 8 ? UINT64_MAX : UINT32_MAX, shift);
    if (t->smmu->trace && !t->not_modelled)
        smref_trace_changes(t, held);
    smref_exchange_ecmdq(t->smmu, bank, queue);
}

static bool is_64_bit(const struct txn *t, const smref_mmio *in)
{
    struct place place;
    struct target target;
    return smref_find_place(t, in, in->offset, &place) && smref_find_register(t, &place, &target) &&
           !target.upper && smref_register_at((unsigned)target.reg)->width == 64;
}

/* 6.2: a 64-bit access to two 32-bit registers. */
static void access_pair(struct txn *t, const smref_mmio *in, struct before *before)
{
    decide(t, SMREF_RULE_REG_64_BIT_PAIR);
    unsigned option = smref_choose(t, SMREF_CHOICE_REG_64_BIT_PAIR);
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_abort)
        t->out->outcome = SMREF_OUTCOME_ABORT;
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_both || option == SMREF_CHOICE_REG_64_BIT_PAIR_lower)
        access_word(t, in, before, in->offset, in->value & UINT32_MAX, 4, 0);
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_both || option == SMREF_CHOICE_REG_64_BIT_PAIR_upper ||
        option == SMREF_CHOICE_REG_64_BIT_PAIR_both_upper_first)
        access_word(t, in, before, in->offset + 4, in->value >> 32, 4, 32);
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_both_upper_first)
        access_word(t, in, before, in->offset, in->value & UINT32_MAX, 4, 0);
}

/* 6.2: an unaligned access, or one of another size. */
static void access_illegally(struct txn *t, const smref_mmio *in)
{
    decide(t, SMREF_RULE_REG_ILLEGAL_ACCESS);
    unsigned option = smref_choose(t, SMREF_CHOICE_REG_ILLEGAL_ACCESS);
    if (option == SMREF_CHOICE_REG_ILLEGAL_ACCESS_abort)
        t->out->outcome = SMREF_OUTCOME_ABORT;
    else if (option == SMREF_CHOICE_REG_ILLEGAL_ACCESS_unknown && in->write)
        t->not_modelled = "UNKNOWN values of registers after an illegal write";
    else if (option == SMREF_CHOICE_REG_ILLEGAL_ACCESS_unknown)
        t->out->value_unknown = in->size >= 8 ? UINT64_MAX : mask(in->size * 8);
}

static void access(struct txn *t, const smref_mmio *in, struct before *before)
{
    if ((in->size != 4 && in->size != 8) || in->offset % in->size)
        access_illegally(t, in);
    else if (in->size == 4 || is_64_bit(t, in))
        access_word(t, in, before, in->offset, in->value, in->size, 0);
    else
        access_pair(t, in, before);
}

static smref_status check(const smref_mmio *in, smref_error *error)
{
    if (!in->size || in->size > 8)
        return smref_refuse(error, SMREF_E_ARGUMENT, "size", "an access to a register has 1 to 8 bytes");
    if (in->block >= SMREF_BLOCK_COUNT)
        return smref_refuse(error, SMREF_E_ARGUMENT, "block", "no page of registers has the number %u",
                            (unsigned)in->block);
    return SMREF_OK;
}

smref_status smref_access_register(smref *smmu, const smref_mmio *in, smref_result *result,
                                   smref_error *error)
{
    smref_status status = check(in, error);
    if (status != SMREF_OK)
        return status;
    smref_settle(smmu);
    memset(result, 0, sizeof *result);
    struct txn t = {.smmu = smmu,
                    .out = result,
                    .reg = smmu->reg,
                    .attrs = &result->attrs,
                    .phase = SMREF_PHASE_REGISTER};
    struct before before = {.at = NULL};
    memcpy(before.reg, smmu->reg, sizeof before.reg);
    access(&t, in, &before);
    if (!t.not_modelled)
        return SMREF_OK;
    memcpy(smmu->reg, before.reg, sizeof before.reg);
    if (before.at)
        *before.at = before.queue;
    smmu->settled = false;
    return smref_refuse(error, SMREF_E_NOT_MODELLED, "access", "not modelled: %s", t.not_modelled);
}
