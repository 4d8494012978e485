/*
 * Accesses of software to registers (6.1, 6.2): which register an address means, aliases, sizes, pairs, and
 * what is undone when an access turns out not to be modelled.
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
        smref_out_of_reach(t, reg) == SMREF_RULE_REG_ABSENT)
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
        smref_write_register(t, target, pas, value << half, lanes << half);
        t->out->value_ignored |= (t->ignored >> half & lanes) << shift;
        seen = smref_look_back(t, target, pas);
    } else {
        seen = smref_read_register(t, target, pas);
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
    uint64_t errors_made[3];
    uint32_t index_open[3][QUEUE_INDEXES];
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
    uint64_t held = smref_look_back(t, &target, in->pas);
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
    memcpy(before.errors_made, smmu->errors_made, sizeof before.errors_made);
    memcpy(before.index_open, smmu->index_open, sizeof before.index_open);
    const unsigned copies = smmu->caches ? smmu->caches->count : 0;
    access(&t, in, &before);
    if (!t.not_modelled)
        return SMREF_OK;
    if (smmu->caches) {
        smmu->caches->before = copies; /* commands may have prefetched */
        smref_caches_forget(smmu->caches);
    }
    memcpy(smmu->reg, before.reg, sizeof before.reg);
    memcpy(smmu->atos_open, before.atos_open, sizeof before.atos_open);
    memcpy(smmu->gbpa_stored, before.gbpa_stored, sizeof before.gbpa_stored);
    memcpy(smmu->errors_made, before.errors_made, sizeof before.errors_made);
    memcpy(smmu->index_open, before.index_open, sizeof before.index_open);
    if (before.at)
        *before.at = before.queue;
    smmu->settled = false;
    return smref_refuse(error, SMREF_E_NOT_MODELLED, "access", "not modelled: %s", t.not_modelled);
}
