/*
 * What a write to a register sets off: acknowledge pairs, Update flags, queue indexes, errors that are
 * acknowledged (6.3.9, 6.3.14, 6.3.18, 6.3.20, 6.3.27 and their like). An update is complete when the write
 * is.
 */
#include <string.h>

#include "registers.h"

static void set(struct txn *t, smref_register reg, uint64_t value)
{
    t->smmu->reg[reg] = value;
    t->smmu->settled = false;
}

/* The named field of a register; every register that follows the protocol at hand has it. */
static const smref_field_info *field_of(smref_register reg, const char *name)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    for (unsigned i = 0; i < info->field_count; i++)
        if (!strcmp(info->fields[i].name, name))
            return &info->fields[i];
    smref_bug("a register lacks the field of its protocol", __FILE__, __LINE__);
}

static uint64_t get_field(const struct txn *t, smref_register reg, const char *name)
{
    return smref_field_get(field_of(reg, name), &t->smmu->reg[reg], 0);
}

/* The register of a family in the bank of `reg`. */
static smref_register sibling(smref_register reg, const char *family)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        const smref_register_info *other = smref_register_at(i);
        if (!strcmp(other->family, family) && !strcmp(other->bank, info->bank))
            return (smref_register)i;
    }
    smref_bug("a bank lacks the register of a protocol", __FILE__, __LINE__);
}

/* ---- Queues ---------------------------------------------------------------------------------------- */

/* log2 of the number of entries: LOG2SIZE, capped by what is implemented (6.3.26). */
static unsigned log2size(const struct txn *t, smref_register base)
{
    const char *family = smref_register_at((unsigned)base)->family;
    const char *most = !strcmp(family, "CMDQ_BASE")   ? "CMDQS"
                       : !strcmp(family, "PRIQ_BASE") ? "PRIQS"
                                                      : "EVENTQS";
    uint64_t size = get_field(t, base, "LOG2SIZE"), limit = get_field(t, SMREF_REG_SMMU_IDR1, most);
    size = size < limit ? size : limit;
    return (unsigned)(size < 19 ? size : 19);
}

/* 6.3.27: bits above the wrap flag may have been stored when software wrote them; where the SMMU writes, they
 * are zero (6.3.28). */
uint64_t smref_queue_index_read(struct txn *t, smref_register reg, uint64_t value)
{
    const smref_protocol *p = &smref_protocols[reg];
    if (p->type != SMREF_PROTOCOL_queue_index || p->peer == SMREF_REG_COUNT)
        return value;
    const char *bound = smref_register_at((unsigned)reg)->protocol;
    bool software = strstr(bound, "role=software") != NULL;
    const smref_field_info *field = field_of(reg, strstr(bound, "index=WR") ? "WR" : "RD");
    uint64_t index = 0;
    smref_field_set(field, &index, 0, UINT64_MAX);
    uint64_t above = index & ~mask(log2size(t, p->peer) + 1);
    if (above)
        decide(t, software ? SMREF_RULE_REG_INDEX_STORED : SMREF_RULE_REG_INDEX_RAZ);
    if (software)
        t->out->value_unknown |= above;
    return value & ~above;
}

/* 4.1.2, 6.3.9: the queue is enabled and not empty, so the SMMU looks at it. */
static void consider_commands(struct txn *t, smref_register of)
{
    smref_register ack = sibling(of, "CR0ACK");
    smref_register prod = sibling(of, "CMDQ_PROD"), cons = sibling(of, "CMDQ_CONS");
    uint64_t index = mask(log2size(t, sibling(of, "CMDQ_BASE")) + 1);
    if (!get_field(t, ack, "CMDQEN") || !((get_field(t, prod, "WR") ^ get_field(t, cons, "RD")) & index))
        return;
    if (prod == SMREF_REG_SMMU_CMDQ_PROD)
        smref_consume_commands(t, log2size(t, SMREF_REG_SMMU_CMDQ_BASE));
    else
        t->not_modelled = "commands of the Secure and Realm queues";
}

/* ---- Control --------------------------------------------------------------------------------------- */

/* 6.3.9: reserved fields are not reflected, the others are, as soon as what they need is done. */
static void acknowledge(struct txn *t, smref_register reg, uint64_t value)
{
    smref_register ack = smref_protocols[reg].peer;
    const smref_register_info *info = smref_register_at((unsigned)ack);
    smref_env e = smref_env_of_register(t, ack, SMREF_PAS_ROOT);
    uint64_t reflected = 0;
    for (unsigned i = 0; i < info->field_count; i++)
        if (smref_register_state_in(&e, ack, i) == SMREF_FIELD_ACTIVE)
            smref_field_set(&info->fields[i], &reflected, 0, UINT64_MAX);
    set(t, reg, value);
    if (t->smmu->reg[ack] != (value & reflected))
        decide(t, SMREF_RULE_REG_ACKNOWLEDGED);
    set(t, ack, value & reflected);
    if (!strcmp(smref_register_at((unsigned)reg)->family, "CR0"))
        consider_commands(t, reg);
}

/* 6.3.14.1: a write must set Update; before v3.2 one that does not may be stored. */
static void update(struct txn *t, smref_register reg, uint64_t value)
{
    const smref_field_info *flag = field_of(reg, "Update");
    if (!smref_field_get(flag, &value, 0)) {
        decide(t, SMREF_RULE_REG_WITHOUT_UPDATE);
        if (t->smmu->arch >= 0x32 ||
            smref_choose(t, SMREF_CHOICE_REG_WITHOUT_UPDATE) == SMREF_CHOICE_REG_WITHOUT_UPDATE_ignored)
            return;
    } else {
        decide(t, SMREF_RULE_REG_UPDATED);
    }
    smref_field_set(flag, &value, 0, 0);
    set(t, reg, value);
}

/* 6.3.20: a toggle acknowledges; one of an error that is not active must not be made. */
static void acknowledge_errors(struct txn *t, smref_register reg, uint64_t value)
{
    uint64_t active = t->smmu->reg[smref_protocols[reg].peer] ^ t->smmu->reg[reg];
    uint64_t toggled = value ^ t->smmu->reg[reg];
    if (toggled & active)
        decide(t, SMREF_RULE_GERROR_ACKNOWLEDGED);
    if (toggled & ~active)
        decide(t, SMREF_RULE_GERROR_TOGGLED_INACTIVE);
    set(t, reg, value);
    consider_commands(t, reg);
}

void smref_protocol_write(struct txn *t, smref_register reg, uint64_t value)
{
    switch (smref_protocols[reg].type) {
    case SMREF_PROTOCOL_ack_pair:
        acknowledge(t, reg, value);
        break;
    case SMREF_PROTOCOL_update:
        update(t, reg, value);
        break;
    case SMREF_PROTOCOL_toggle_ack:
        acknowledge_errors(t, reg, value);
        break;
    case SMREF_PROTOCOL_queue_index:
        set(t, reg, value);
        if (!strcmp(smref_register_at((unsigned)reg)->family, "CMDQ_PROD"))
            consider_commands(t, reg);
        break;
    case SMREF_PROTOCOL_run:
        if (value & ~t->smmu->reg[reg])
            t->not_modelled = "what this register starts";
        set(t, reg, value);
        break;
    case SMREF_PROTOCOL_clear_to_zero:
        if (smref_field_get(field_of(reg, "FAULT"), &value, 0))
            break;
        decide(t, SMREF_RULE_REG_FAULT_CLEARED);
        set(t, reg, 0);
        break;
    default:
        set(t, reg, value);
    }
}
