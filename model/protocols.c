/*
 * What a write to a register sets off: acknowledge pairs, Update flags, queue indexes, errors that are
 * acknowledged (6.3.9, 6.3.14, 6.3.18, 6.3.20, 6.3.27 and their like). An update is complete when the write
 * is. Flags that start an operation are in operations.c.
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

/* With this value of the register that has the size. */
static unsigned log2size_in(const struct txn *t, smref_register index, uint64_t base)
{
    const smref_protocol *p = &smref_protocols[index];
    uint64_t size = smref_field_get(field_of(p->base, p->size), &base, 0),
             limit = get_field(t, p->limit, p->most);
    size = size < limit ? size : limit;
    return (unsigned)(size < 19 ? size : 19); /* 3.5.1: no queue has more than 2^19 entries */
}

unsigned smref_queue_log2size(const struct txn *t, smref_register index)
{
    return log2size_in(t, index, t->smmu->reg[smref_protocols[index].base]);
}

static const smref_family index_families[QUEUE_INDEXES] = {SMREF_FAMILY_CMDQ_PROD,   SMREF_FAMILY_CMDQ_CONS,
                                                           SMREF_FAMILY_EVENTQ_PROD, SMREF_FAMILY_EVENTQ_CONS,
                                                           SMREF_FAMILY_PRIQ_PROD,   SMREF_FAMILY_PRIQ_CONS};

int smref_index_slot(smref_register reg)
{
    for (int slot = 0; slot < QUEUE_INDEXES; slot++)
        if (smref_register_places[reg].family == index_families[slot])
            return slot;
    return -1;
}

static uint32_t open_bits(const struct txn *t, smref_register index)
{
    int slot = smref_index_slot(index);
    return slot < 0 ? 0 : t->smmu->index_open[bank_of(index)][slot];
}

bool smref_queue_index_is_open(const struct txn *t, smref_register index)
{
    return open_bits(t, index) || open_bits(t, smref_protocols[index].peer);
}

/* Software writes the register that has the size of queues. 6.3.27: of one that grows, the bits of indexes
 * above the old wrap flag are UNKNOWN; one that shrinks loses them. A register that is zero has had no queue
 * since the reset. */
static void set_base(struct txn *t, smref_register base, uint64_t value)
{
    uint64_t held = t->smmu->reg[base];
    for (unsigned slot = 0; slot < QUEUE_INDEXES; slot++) {
        smref_register index = bank_register(index_families[slot], bank_of(base));
        if (smref_protocols[index].type != SMREF_PROTOCOL_queue_index || smref_protocols[index].base != base)
            continue;
        uint32_t old = (uint32_t)mask(log2size_in(t, index, held) + 1);
        uint32_t now = (uint32_t)mask(log2size_in(t, index, value) + 1);
        uint32_t *open = &t->smmu->index_open[bank_of(base)][slot];
        *open = (*open | (held ? ~old : 0)) & now;
    }
    set(t, base, value);
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
    t->out->value_unknown |= open | (open_bits(t, reg) & index);
    return value & ~above;
}

void smref_tell_queue_base(struct txn *t, uint64_t written, uint64_t base)
{
    uint64_t ignored = written & ~base;
    if (ignored & mask(t->smmu->oas))
        smref_decide_once(t, SMREF_RULE_QUEUE_BASE_ALIGNED);
    if (ignored & ~mask(t->smmu->oas))
        smref_decide_once(t, SMREF_RULE_QUEUE_BASE_TRUNCATED);
}

/* ---- Control --------------------------------------------------------------------------------------- */

/* Bits of an acknowledge register that show what was written: reserved fields are not reflected (6.3.9). */
static uint64_t reflected(const struct txn *t, smref_register ack)
{
    const smref_register_info *info = smref_register_at((unsigned)ack);
    smref_env e = smref_env_of_register(t, ack, SMREF_PAS_ROOT);
    uint64_t bits = 0;
    for (unsigned i = 0; i < info->field_count; i++)
        if (smref_register_state_in(&e, ack, i) == SMREF_FIELD_ACTIVE)
            smref_field_set(&info->fields[i], &bits, 0, UINT64_MAX);
    return bits;
}

/* Of the bits of a mask, those of fields in which two values differ. */
static uint64_t fields_that_differ(smref_register reg, uint64_t mask, uint64_t a, uint64_t b)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint64_t bits = 0;
    for (unsigned i = 0; i < info->field_count; i++)
        if (smref_field_get(&info->fields[i], &a, 0) != smref_field_get(&info->fields[i], &b, 0))
            smref_field_set(&info->fields[i], &bits, 0, UINT64_MAX);
    return bits & mask;
}

/* 6.3.9: software alters a field again before the update of its last alteration is complete. What the field
 * then holds; *shown gets what is acknowledged. */
static uint64_t overtake(struct txn *t, smref_register ack, uint64_t fields, uint64_t value, uint64_t before,
                         uint64_t *shown)
{
    uint64_t acknowledged = *shown;
    decide(t, SMREF_RULE_REG_UPDATE_OVERTAKEN);
    switch (smref_choose(t, SMREF_CHOICE_REG_UPDATE_OVERTAKEN)) {
    case SMREF_CHOICE_REG_UPDATE_OVERTAKEN_ceased:
        fields = fields_that_differ(ack, fields, value, acknowledged); /* the others go back to it */
        break;
    case SMREF_CHOICE_REG_UPDATE_OVERTAKEN_last:
        *shown = value;
        return value;
    case SMREF_CHOICE_REG_UPDATE_OVERTAKEN_first:
        *shown = (value & ~fields) | (before & fields);
        return value;
    default:
        break;
    }
    value = (value & ~fields) | (before & fields);
    *shown = value;
    return value;
}

/* 6.3.57.1: SMMU_IDR0 tells Non-secure software what Secure software left it of the Stall model. */
static void show_stall_model(struct txn *t)
{
    const uint64_t *reg = t->smmu->reg;
    uint64_t idr0 = reg[SMREF_REG_SMMU_IDR0],
             model = smref_SMMU_S_IDR0_STALL_MODEL(reg[SMREF_REG_SMMU_S_IDR0]);
    if (model == 0 && smref_SMMU_S_CR0ACK_NSSTALLD(reg[SMREF_REG_SMMU_S_CR0ACK]))
        model = SMREF_SMMU_IDR0_STALL_MODEL_TERMINATE_ONLY;
    if (smref_SMMU_IDR0_STALL_MODEL(idr0) == model)
        return;
    decide(t, SMREF_RULE_REG_STALL_MODEL_SHOWN);
    set(t, SMREF_REG_SMMU_IDR0, smref_SMMU_IDR0_with_STALL_MODEL(idr0, model));
}

/* What the completion of an update of (*_)CR0 has for consequences. */
static void enable(struct txn *t, smref_register reg, uint64_t before)
{
    smref_sec_sid bank = bank_of(reg);
    uint64_t now = bank_value(t, SMREF_FAMILY_CR0ACK, bank);
    if (bank == SMREF_SEC_SECURE)
        show_stall_model(t);
    if (smref_SMMU_CR0ACK_SMMUEN(now) && !smref_SMMU_CR0ACK_SMMUEN(before))
        smref_smmuen_set(t, bank);
    if (!smref_SMMU_CR0ACK_SMMUEN(now) && smref_SMMU_CR0ACK_SMMUEN(before))
        smref_end_atos(t, bank);
    if (!t->not_modelled)
        smref_consume_commands(t, bank_register(SMREF_FAMILY_CMDQ_PROD, bank));
}

/* 6.3.9: the acknowledge register shows the fields as soon as what they need is done. */
static void acknowledge(struct txn *t, smref_register reg, uint64_t value)
{
    smref_register ack = smref_protocols[reg].peer;
    uint64_t before = t->smmu->reg[reg], acknowledged = t->smmu->reg[ack], shown = acknowledged;
    uint64_t bits = reflected(t, ack);
    uint64_t overtaken =
        fields_that_differ(ack, bits, before, acknowledged) & fields_that_differ(ack, bits, before, value);
    if (overtaken)
        value = overtake(t, ack, overtaken, value, before, &shown);
    else
        shown = value;
    set(t, reg, value);
    if (acknowledged != (shown & bits))
        decide(t, SMREF_RULE_REG_ACKNOWLEDGED);
    set(t, ack, shown & bits);
    if (smref_register_places[reg].family == SMREF_FAMILY_CR0)
        enable(t, reg, acknowledged);
}

/* 6.3.14.1: a write must set Update; before v3.2 one to GBPA that does not may be stored. */
static void update(struct txn *t, smref_register reg, uint64_t value)
{
    const smref_field_info *flag = field_of(reg, smref_protocols[reg].flag);
    bool attributes = smref_register_places[reg].family == SMREF_FAMILY_GBPA;
    smref *smmu = t->smmu;
    bool in_effect = true;
    if (smref_field_get(flag, &value, 0)) {
        decide(t, SMREF_RULE_REG_UPDATED);
    } else {
        decide(t, attributes ? SMREF_RULE_REG_WITHOUT_UPDATE : SMREF_RULE_REG_WITHOUT_UPDATE_IGNORED);
        unsigned option = SMREF_CHOICE_REG_WITHOUT_UPDATE_ignored;
        if (attributes && smmu->arch < SMREF_V3_2)
            option = smref_choose(t, SMREF_CHOICE_REG_WITHOUT_UPDATE);
        if (option == SMREF_CHOICE_REG_WITHOUT_UPDATE_ignored) {
            t->ignored |= value ^ smmu->reg[reg];
            return;
        }
        in_effect = option == SMREF_CHOICE_REG_WITHOUT_UPDATE_taken;
    }
    smref_field_set(flag, &value, 0, 0);
    if (attributes) {
        smref_sec_sid bank = bank_of(reg);
        if (!in_effect && !smmu->gbpa_stored[bank])
            smmu->gbpa_in_effect[bank] = smmu->reg[reg];
        smmu->gbpa_stored[bank] = !in_effect && value != smmu->gbpa_in_effect[bank];
    }
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
    if (smref_SMMU_GERRORN_SFM_ERR(toggled & active & ~t->smmu->errors_made[bank_of(reg)])) {
        t->not_modelled = "what comes after Service failure mode, which is IMPLEMENTATION DEFINED (12.3)";
        return;
    }
    if (made_active)
        decide(t, SMREF_RULE_GERROR_TOGGLED_INACTIVE);
    t->smmu->errors_made[bank_of(reg)] = (t->smmu->errors_made[bank_of(reg)] & ~toggled) | made_active;
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
        if (smref_register_places[reg].family == SMREF_FAMILY_ECMDQ_CONS)
            value = smref_ecmdq_acknowledged(t, reg, value);
        if (smref_index_slot(reg) >= 0)
            t->smmu->index_open[bank_of(reg)][smref_index_slot(reg)] = 0;
        set(t, reg, value);
        if (smref_protocols[reg].commands)
            smref_consume_posted(t, reg);
        break;
    case SMREF_PROTOCOL_run:
        smref_run(t, reg, value);
        break;
    case SMREF_PROTOCOL_clear_to_zero:
        if (smref_field_get(field_of(reg, smref_protocols[reg].flag), &value, 0)) {
            t->ignored |= value ^ t->smmu->reg[reg];
            break;
        }
        decide(t, SMREF_RULE_REG_FAULT_CLEARED);
        set(t, reg, 0);
        break;
    default:
        set_base(t, reg, value);
    }
}
