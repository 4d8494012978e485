/*
 * What a write to a register sets off: acknowledge pairs, Update flags, queue indexes, errors that are
 * acknowledged (6.3.9, 6.3.14, 6.3.18, 6.3.20, 6.3.27 and their like). An update is complete when the write
 * is.
 */
#include <string.h>

#include "interrupts.h"

static void set(struct txn *t, smref_register reg, uint64_t value)
{
    t->smmu->reg[reg] = value;
    t->smmu->settled = false;
}

static const smref_field_info *field_of(smref_register reg, unsigned field)
{
    return &smref_register_at((unsigned)reg)->fields[field];
}

static uint64_t get_field(const struct txn *t, smref_register reg, unsigned field)
{
    return smref_field_get(field_of(reg, field), &t->smmu->reg[reg], 0);
}

/* ---- Queues ---------------------------------------------------------------------------------------- */

unsigned smref_queue_log2size(const struct txn *t, smref_register index)
{
    const smref_protocol *p = &smref_protocols[index];
    uint64_t size = get_field(t, p->base, p->size), limit = get_field(t, p->limit, p->most);
    size = size < limit ? size : limit;
    return (unsigned)(size < 19 ? size : 19); /* 3.5.1: no queue has more than 2^19 entries */
}

/* 6.3.27: bits above the wrap flag are reserved. What software wrote to them may have been stored, and those
 * that no size of the queue reaches are UNKNOWN; where the SMMU writes, they are zero (6.3.28). */
uint64_t smref_queue_index_read(struct txn *t, smref_register reg, uint64_t value)
{
    const smref_protocol *p = &smref_protocols[reg];
    if (p->type != SMREF_PROTOCOL_queue_index)
        return value;
    uint64_t index = 0, limit = get_field(t, p->limit, p->most);
    smref_field_set(field_of(reg, p->index), &index, 0, UINT64_MAX);
    uint64_t above = index & ~mask(smref_queue_log2size(t, reg) + 1);
    uint64_t open = p->software ? (value & above) | (limit < 19 ? index & ~mask((unsigned)limit + 1) : 0) : 0;
    if (open)
        decide(t, SMREF_RULE_REG_INDEX_STORED);
    if (above && !p->software)
        decide(t, SMREF_RULE_REG_INDEX_RAZ);
    t->out->value_unknown |= open;
    return value & ~above;
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
    if (smref_register_places[reg].family == SMREF_FAMILY_CR0)
        smref_consume_commands(t, bank_register(SMREF_FAMILY_CMDQ_PROD, bank_of(reg)));
}

/* 6.3.14.1: a write must set Update; before v3.2 one that does not may be stored. */
static void update(struct txn *t, smref_register reg, uint64_t value)
{
    const smref_field_info *flag = field_of(reg, smref_protocols[reg].flag);
    if (!smref_field_get(flag, &value, 0)) {
        decide(t, SMREF_RULE_REG_WITHOUT_UPDATE);
        if (t->smmu->arch >= SMREF_V3_2 ||
            smref_choose(t, SMREF_CHOICE_REG_WITHOUT_UPDATE) == SMREF_CHOICE_REG_WITHOUT_UPDATE_ignored)
            return;
    } else {
        decide(t, SMREF_RULE_REG_UPDATED);
    }
    smref_field_set(flag, &value, 0, 0);
    set(t, reg, value);
}

/* 6.3.20: a toggle acknowledges; one of an error that is not active must not be made, and may count as its
 * activation. */
static void acknowledge_errors(struct txn *t, smref_register reg, uint64_t value)
{
    uint64_t active = t->smmu->reg[smref_protocols[reg].peer] ^ t->smmu->reg[reg];
    uint64_t toggled = value ^ t->smmu->reg[reg], made_active = toggled & ~active;
    if (toggled & active)
        decide(t, SMREF_RULE_GERROR_ACKNOWLEDGED);
    if (smref_SMMU_GERRORN_SFM_ERR(toggled & active)) {
        t->not_modelled = "what comes after Service failure mode, which is IMPLEMENTATION DEFINED (12.3)";
        return;
    }
    if (made_active)
        decide(t, SMREF_RULE_GERROR_TOGGLED_INACTIVE);
    set(t, reg, value);
    smref_consume_commands(t, bank_register(SMREF_FAMILY_CMDQ_PROD, bank_of(reg)));
    made_active &= ~smref_SMMU_GERROR_with_MSI_GERROR_ABT_ERR(0, 1);
    if (made_active && !t->not_modelled &&
        smref_choose(t, SMREF_CHOICE_GERROR_TOGGLED) == SMREF_CHOICE_GERROR_TOGGLED_activated)
        smref_trigger(t, bank_of(reg), SMREF_SOURCE_GERROR);
}

void smref_protocol_write(struct txn *t, smref_register reg, uint64_t value)
{
    t->phase = SMREF_PHASE_PROTOCOL;
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
        if (smref_register_places[reg].family == SMREF_FAMILY_ECMDQ_PROD) {
            smref_ecmdq_write(t, reg, value);
            break;
        }
        set(t, reg, value);
        if (smref_protocols[reg].commands)
            smref_consume_commands(t, reg);
        break;
    case SMREF_PROTOCOL_run:
        if (value & ~t->smmu->reg[reg])
            t->not_modelled = "what this register starts";
        set(t, reg, value);
        break;
    case SMREF_PROTOCOL_clear_to_zero:
        if (smref_field_get(field_of(reg, smref_protocols[reg].flag), &value, 0))
            break;
        decide(t, SMREF_RULE_REG_FAULT_CLEARED);
        set(t, reg, 0);
        break;
    default:
        set(t, reg, value);
    }
}
