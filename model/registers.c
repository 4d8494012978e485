/*
 * Accesses of software to registers (6.1, 6.2, 6.3): which register an address means, who may reach it, which
 * fields take a written value now, and what a read returns. What a write sets off is in protocols.c.
 */
#include <string.h>

#include "registers.h"

#define PAGE_1 UINT32_C(0x10000)
#define PAGES_END UINT32_C(0x20000)

/* ---- Which register -------------------------------------------------------------------------------- */

static bool inside_array(const smref_register_info *info, uint32_t offset)
{
    return info->count > 1 && offset >= info->offset &&
           offset < info->offset + (uint32_t)info->count * info->stride &&
           (offset - info->offset) % info->stride < info->width / 8U;
}

/* The register at an offset of the map, at its upper half, or in an array. */
static bool find(uint32_t offset, struct target *target)
{
    *target = (struct target){.upper = false};
    if (smref_register_find_offset(offset, &target->reg))
        return true;
    if (offset >= 4 && smref_register_find_offset(offset - 4, &target->reg) &&
        smref_register_at((unsigned)target->reg)->width == 64) {
        target->upper = true;
        return true;
    }
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        if (strcmp(info->block, "NS_PAGE0") || !inside_array(info, offset))
            continue;
        target->reg = (smref_register)reg;
        target->element = (offset - info->offset) / info->stride;
        target->upper = (offset - info->offset) % info->stride == 4 && info->width == 64;
        return true;
    }
    return false;
}

/* 6.2: page 1 may be an alias of page 0, and the other way round; else undefined offsets are RES0 there and
 * RAZ/WI here. */
static bool locate(struct txn *t, uint32_t offset, struct target *target)
{
    if (find(offset, target))
        return true;
    bool in_page_1 = offset >= PAGE_1;
    uint32_t twin = in_page_1 ? offset - PAGE_1 : offset + PAGE_1;
    if (find(twin, target) && (in_page_1 || twin >= PAGE_1)) {
        decide(t, SMREF_RULE_REG_PAGE_1_ALIAS);
        if (smref_choose(t, SMREF_CHOICE_REG_PAGE_1_ALIAS) == SMREF_CHOICE_REG_PAGE_1_ALIAS_alias)
            return true;
        return false;
    }
    decide(t, SMREF_RULE_REG_UNDEFINED);
    return false;
}

static unsigned bank_of(const smref_register_info *info)
{
    return info->bank[0] == 'S' ? SMREF_SEC_SECURE : info->bank[0] == 'R' ? SMREF_SEC_REALM : SMREF_SEC_NS;
}

smref_env smref_env_of_register(const struct txn *t, smref_register reg, smref_pas pas)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    smref_env e = smref_env_of(t->smmu, (smref_sec_sid)bank_of(info));
    bool secure = !strncmp(info->name, "SMMU_S_", 7);
    e.ctx_pas_permitted = !secure || pas == SMREF_PAS_SECURE || pas == SMREF_PAS_ROOT;
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
    uint64_t value = 0, stored = t->smmu->reg[target->reg];
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
        smref_field_state state = smref_register_state_in(e, reg, i);
        if (state == SMREF_FIELD_RES0 || state == SMREF_FIELD_RES1) {
            reserved |= state == SMREF_FIELD_RES0 ? bits : 0;
            continue;
        }
        if (smref_access_of_field(e, reg, i) >= SMREF_ACCESS_WO)
            writable |= bits;
        else
            read_only |= bits;
    }
    if (changed & reserved)
        decide(t, SMREF_RULE_REG_RES0_WRITTEN);
    if (changed & read_only)
        decide(t, SMREF_RULE_REG_FIELD_READ_ONLY);
    return writable;
}

/* Whether some configuration lets software write the register: then it is guarded, not read-only. */
static bool guarded(smref_register reg)
{
    return strstr(smref_register_at((unsigned)reg)->access, "RW") != NULL;
}

/* 6.3.26 and its like: a guarded register ignores the write; before v3.2 it might take any value. */
static bool closed_guard_yields(struct txn *t, smref_register reg)
{
    if (!guarded(reg)) {
        decide(t, SMREF_RULE_REG_READ_ONLY);
        return false;
    }
    decide(t, SMREF_RULE_REG_GUARDED);
    return t->smmu->arch < 0x32 &&
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
    if (access == SMREF_ACCESS_RO && !closed_guard_yields(t, target->reg))
        return;
    uint64_t old = t->smmu->reg[target->reg];
    uint64_t taken = writable_bits(t, &e, target->reg, (old ^ value) & lanes) & lanes;
    decide(t, SMREF_RULE_REG_WRITTEN);
    smref_protocol_write(t, target->reg, (old & ~taken) | (value & taken));
}

/* ---- The access ------------------------------------------------------------------------------------ */

static void access_word(struct txn *t, const smref_mmio *in, uint32_t offset, uint64_t value, unsigned bytes,
                        unsigned shift)
{
    struct target target;
    uint64_t lanes = bytes == 8 ? UINT64_MAX : UINT32_MAX;
    if (!locate(t, offset, &target))
        return;
    if (target.element) {
        t->not_modelled = "the registers of Enhanced Command queues";
        return;
    }
    unsigned half = target.upper ? 32 : 0;
    uint64_t seen, unknown = t->out->value_unknown; /* of the other register of a pair */
    t->out->value_unknown = 0;
    if (in->write) {
        write_register(t, &target, in->pas, value << half, lanes << half);
        seen = t->smmu->reg[target.reg];
    } else {
        seen = read_register(t, &target, in->pas);
    }
    t->out->value |= (seen >> half & lanes) << shift;
    t->out->value_unknown = unknown | (t->out->value_unknown >> half & lanes) << shift;
}

static bool is_64_bit(uint32_t offset)
{
    struct target target;
    return find(offset, &target) && !target.upper && smref_register_at((unsigned)target.reg)->width == 64;
}

/* 6.2: a 64-bit access to two 32-bit registers. */
static void access_pair(struct txn *t, const smref_mmio *in)
{
    decide(t, SMREF_RULE_REG_64_BIT_PAIR);
    unsigned option = smref_choose(t, SMREF_CHOICE_REG_64_BIT_PAIR);
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_abort)
        t->out->outcome = SMREF_OUTCOME_ABORT;
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_both || option == SMREF_CHOICE_REG_64_BIT_PAIR_lower)
        access_word(t, in, in->offset, in->value & UINT32_MAX, 4, 0);
    if (option == SMREF_CHOICE_REG_64_BIT_PAIR_both || option == SMREF_CHOICE_REG_64_BIT_PAIR_upper)
        access_word(t, in, in->offset + 4, in->value >> 32, 4, 32);
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

smref_status smref_access_register(smref *smmu, const smref_mmio *in, smref_result *result,
                                   smref_error *error)
{
    smref_settle(smmu);
    if (in->offset >= PAGES_END)
        return smref_refuse(error, SMREF_E_NOT_MODELLED, "offset",
                            "not modelled: pages of registers beyond page 1");
    if (!in->size || in->size > 8)
        return smref_refuse(error, SMREF_E_ARGUMENT, "size", "an access to a register has 1 to 8 bytes");
    memset(result, 0, sizeof *result);
    struct txn t = {.smmu = smmu, .out = result, .reg = smmu->reg, .attrs = &result->attrs};
    uint64_t kept[SMREF_REG_COUNT];
    memcpy(kept, smmu->reg, sizeof kept);
    if ((in->size != 4 && in->size != 8) || in->offset % in->size)
        access_illegally(&t, in);
    else if (in->size == 4 || is_64_bit(in->offset))
        access_word(&t, in, in->offset, in->value, in->size, 0);
    else
        access_pair(&t, in);
    if (!t.not_modelled)
        return SMREF_OK;
    memcpy(smmu->reg, kept, sizeof kept);
    smmu->settled = false;
    return smref_refuse(error, SMREF_E_NOT_MODELLED, "access", "not modelled: %s", t.not_modelled);
}
