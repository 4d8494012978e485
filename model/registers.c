/*
 * Accesses of software to registers (6.1, 6.2, 6.3): which register an address means, who may reach it, which
 * fields take a written value now, and what a read returns. What a write sets off is in protocols.c.
 */
#include <string.h>

#include "caches.h"
#include "registers.h"

/* ---- Which register -------------------------------------------------------------------------------- */

/* A write that comes to no register. */
static void ignore(struct txn *t, const smref_mmio *in, uint64_t bits)
{
    if (in->write)
        t->out->value_ignored |= in->value & bits;
}

/* 6.2: a register of the implementation, about which nothing is known, or none. */
static void access_impdef(struct txn *t, const smref_mmio *in, unsigned shift)
{
    decide(t, SMREF_RULE_REG_IMPDEF_OFFSET);
    if (smref_choose(t, SMREF_CHOICE_REG_IMPDEF_OFFSETS) == SMREF_CHOICE_REG_IMPDEF_OFFSETS_registers)
        t->out->value_unknown |= (uint64_t)(in->size == 8 && !shift ? UINT64_MAX : UINT32_MAX) << shift;
}

/* Whether a register is at the place, else what is there is done. */
static bool locate_at(struct txn *t, const smref_mmio *in, const struct place *place, struct target *target,
                      unsigned shift, bool *impdef)
{
    *impdef = false;
    if (smref_find_register(t, place, target))
        return true;
    *impdef = smref_impdef_place(place, in->pas);
    if (*impdef)
        access_impdef(t, in, shift);
    return false;
}

/* 6.2: page 1 may be an alias of page 0, and the other way round; else undefined offsets are RES0 there and
 * RAZ/WI here. */
static bool locate(struct txn *t, const smref_mmio *in, uint32_t offset, struct target *target,
                   unsigned shift)
{
    struct place place, twin;
    bool impdef = false;
    if (smref_find_place(t, in, offset, &place)) {
        if (locate_at(t, in, &place, target, shift, &impdef))
            return true;
        if (impdef)
            return false;
        if (smref_find_twin(&place, &twin) &&
            (smref_find_register(t, &twin, target) || smref_impdef_place(&twin, in->pas))) {
            decide(t, SMREF_RULE_REG_PAGE_1_ALIAS);
            if (smref_choose(t, SMREF_CHOICE_REG_PAGE_1_ALIAS) == SMREF_CHOICE_REG_PAGE_1_ALIAS_alias)
                return locate_at(t, in, &twin, target, shift, &impdef);
            ignore(t, in, (uint64_t)UINT32_MAX << shift);
            return false;
        }
    }
    if (t->smmu->trace)
        smref_trace_reach(t, in, offset, NULL, in->pas, 0, 0);
    decide(t, SMREF_RULE_REG_UNDEFINED);
    ignore(t, in, (uint64_t)UINT32_MAX << shift);
    return false;
}

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

/* Why an access gets RAZ/WI: what Root cannot reach either is not there. */
static smref_rule out_of_reach(const struct txn *t, smref_register reg)
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

static uint64_t read_register(struct txn *t, const struct target *target, smref_pas pas)
{
    smref_env e = smref_env_of_register(t, target->reg, pas);
    if (smref_access_of_register(&e, target->reg) == SMREF_ACCESS_RAZ_WI) {
        decide(t, out_of_reach(t, target->reg));
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
        decide(t, out_of_reach(t, reg));
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

static void write_register(struct txn *t, const struct target *target, smref_pas pas, uint64_t value,
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

/* What the register holds after a write: nothing, when it is not there. */
static uint64_t look_back(struct txn *t, const struct target *target, smref_pas pas)
{
    smref_env e = smref_env_of_register(t, target->reg, pas);
    if (out_of_reach(t, target->reg) == SMREF_RULE_REG_ABSENT)
        return 0;
    uint64_t stored = stored_in(t, target), open = 0;
    (void)show(&e, target->reg, stored, &open);
    t->out->value_unknown = open;
    show_result(t, target->reg);
    return stored;
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

/* The physical address space that an access counts as: 3.11 lets systems show S_INIT to Non-secure software.
 */
static smref_pas counted_space(struct txn *t, const smref_mmio *in, smref_register reg)
{
    if (reg != SMREF_REG_SMMU_S_INIT || in->pas != SMREF_PAS_NS ||
        out_of_reach(t, reg) == SMREF_RULE_REG_ABSENT)
        return in->pas;
    decide(t, SMREF_RULE_REG_S_INIT_EXPOSED);
    return smref_choose(t, SMREF_CHOICE_REG_S_INIT_NON_SECURE) == SMREF_CHOICE_REG_S_INIT_NON_SECURE_exposed
               ? SMREF_PAS_SECURE
               : in->pas;
}

static void access_target(struct txn *t, const smref_mmio *in, uint32_t offset, const struct target *target,
                          uint64_t value, uint64_t lanes, unsigned shift)
{
    unsigned half = target->upper ? 32 : 0;
    smref_pas pas = counted_space(t, in, target->reg);
    uint64_t seen, unknown = t->out->value_unknown; /* of the other register of a pair */
    t->out->value_unknown = 0;
    if (t->smmu->trace)
        smref_trace_reach(t, in, offset, target, pas, value << half, lanes << half);
    if (in->write) {
        write_register(t, target, pas, value << half, lanes << half);
        t->out->value_ignored |= (t->ignored >> half & lanes) << shift;
        seen = look_back(t, target, pas);
    } else {
        seen = read_register(t, target, pas);
    }
    t->out->value |= (seen >> half & lanes) << shift;
    t->out->value_unknown = unknown | (t->out->value_unknown >> half & lanes) << shift;
}

/* The registers as they were, in case the access turns out not to be modelled. Both registers of a pair are
 * of the same queue, should they be of an Enhanced Command queue. */
struct before {
    uint64_t reg[SMREF_REG_COUNT];
    struct ecmdq *at, queue;
    uint64_t atos_open[2][2];
    bool gbpa_stored[3]; /* what is in effect stays while this is set */
};

static void access_word(struct txn *t, const smref_mmio *in, struct before *before, uint32_t offset,
                        uint64_t value, unsigned bytes, unsigned shift)
{
    struct target target;
    uint64_t held[SMREF_REG_COUNT]; /* for the explanation alone */
    t->phase = SMREF_PHASE_REGISTER;
    if (!locate(t, in, offset, &target, shift))
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
           smref_register_at((unsigned)target.reg)->width == 64; /* the lower half: they are aligned */
}

/* What the upper register of a pair holds in the end: the write of the lower one may have changed it. */
static void show_upper(struct txn *t, const smref_mmio *in)
{
    struct place place;
    struct target target;
    if (!in->write || !smref_find_place(t, in, in->offset + 4, &place) ||
        !smref_find_register(t, &place, &target))
        return;
    smref_sec_sid bank = bank_of(target.reg);
    unsigned queue = queue_of(t, &target);
    uint64_t unknown = t->out->value_unknown & UINT32_MAX;
    smref_exchange_ecmdq(t->smmu, bank, queue);
    uint64_t held = look_back(t, &target, in->pas);
    smref_exchange_ecmdq(t->smmu, bank, queue);
    t->out->value = (t->out->value & UINT32_MAX) | held << 32;
    t->out->value_unknown = unknown | t->out->value_unknown << 32;
}

/* Whether a register is at the offset, or would be if page 1 were an alias. */
static bool any_register(const struct txn *t, const smref_mmio *in, uint32_t offset)
{
    struct place place, twin;
    struct target target;
    return smref_find_place(t, in, offset, &place) &&
           (smref_find_register(t, &place, &target) ||
            (smref_find_twin(&place, &twin) && smref_find_register(t, &twin, &target)));
}

/* 6.2: a 64-bit access to two 32-bit registers. */
static void access_pair(struct txn *t, const smref_mmio *in, struct before *before)
{
    decide(t, SMREF_RULE_REG_64_BIT_PAIR);
    unsigned option = smref_choose(t, SMREF_CHOICE_REG_64_BIT_PAIR);
    bool reversed = option == SMREF_CHOICE_REG_64_BIT_PAIR_both_upper_first;
    bool both = reversed || option == SMREF_CHOICE_REG_64_BIT_PAIR_both;
    bool lower = both || option == SMREF_CHOICE_REG_64_BIT_PAIR_lower;
    bool upper = both || option == SMREF_CHOICE_REG_64_BIT_PAIR_upper;
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_abort) {
        t->out->outcome = SMREF_OUTCOME_ABORT;
        return;
    }
    if (lower && !reversed)
        access_word(t, in, before, in->offset, in->value & UINT32_MAX, 4, 0);
    if (upper)
        access_word(t, in, before, in->offset + 4, in->value >> 32, 4, 32);
    if (reversed) {
        access_word(t, in, before, in->offset, in->value & UINT32_MAX, 4, 0);
        show_upper(t, in);
    }
    ignore(t, in, (lower ? 0 : UINT32_MAX) | (upper ? 0 : ~(uint64_t)UINT32_MAX));
}

/* 6.2: an unaligned access, or one of another size. */
static void access_illegally(struct txn *t, const smref_mmio *in)
{
    decide(t, SMREF_RULE_REG_ILLEGAL_ACCESS);
    unsigned option = smref_choose(t, SMREF_CHOICE_REG_ILLEGAL_ACCESS);
    if (option == SMREF_CHOICE_REG_ILLEGAL_ACCESS_abort)
        t->out->outcome = SMREF_OUTCOME_ABORT;
    else if (option == SMREF_CHOICE_REG_ILLEGAL_ACCESS_raz_wi)
        ignore(t, in, in->size >= 8 ? UINT64_MAX : mask(in->size * 8));
    else if (in->write)
        t->not_modelled = "UNKNOWN values of registers after an illegal write";
    else
        t->out->value_unknown = in->size >= 8 ? UINT64_MAX : mask(in->size * 8);
}

static void access(struct txn *t, const smref_mmio *in, struct before *before)
{
    if ((in->size != 4 && in->size != 8) || in->offset % in->size)
        access_illegally(t, in);
    else if (in->size == 4 || is_64_bit(t, in) ||
             (!any_register(t, in, in->offset) && !any_register(t, in, in->offset + 4)))
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
    memcpy(before.atos_open, smmu->atos_open, sizeof before.atos_open);
    memcpy(before.gbpa_stored, smmu->gbpa_stored, sizeof before.gbpa_stored);
    if (smmu->caches)
        smmu->caches->before = smmu->caches->count;
    access(&t, in, &before);
    if (!t.not_modelled)
        return SMREF_OK;
    if (smmu->caches)
        smref_caches_forget(smmu->caches);
    memcpy(smmu->reg, before.reg, sizeof before.reg);
    memcpy(smmu->atos_open, before.atos_open, sizeof before.atos_open);
    memcpy(smmu->gbpa_stored, before.gbpa_stored, sizeof before.gbpa_stored);
    if (before.at)
        *before.at = before.queue;
    smmu->settled = false;
    return smref_refuse(error, SMREF_E_NOT_MODELLED, "access", "not modelled: %s", t.not_modelled);
}
