/*
 * The explanation of an access to a register: which one it is, what becomes of each field, what a write
 * changes. Nothing here decides anything.
 */
#include "command_queue.h"

static void emit(struct txn *t, smref_step *step)
{
    step->phase = t->phase;
    t->smmu->trace(t->smmu->trace_context, step);
}

void smref_trace_reach(struct txn *t, const smref_mmio *in, uint32_t offset, const struct target *target,
                       smref_pas pas, uint64_t written, uint64_t lanes)
{
    smref_reach_info reach = {
        .write = in->write, .pas = pas, .block = in->block, .page = in->page, .offset = offset};
    smref_step step = {.kind = SMREF_STEP_REACH, .reg = SMREF_REG_COUNT, .reach = &reach};
    struct place place;
    if (target && smref_find_place(t, in, offset, &place)) {
        smref_env e = smref_env_of_register(t, target->reg, pas);
        reach.found = true;
        reach.upper = target->upper;
        if (smref_register_at((unsigned)target->reg)->count > 1)
            reach.element = place.page * (unsigned)smref_register_elements(&e, target->reg) + target->element;
        reach.block = place.block;
        reach.page = place.page;
        reach.offset = place.offset;
        reach.clause = smref_access_clause_of_register(&e, target->reg);
        reach.spaces = smref_register_places[target->reg].spaces;
        reach.ecmdq_enabled = e.ctx_ecmdq_enabled;
        reach.held = t->reg[target->reg] + smref_register_places[target->reg].step * target->element;
        reach.written = written;
        reach.lanes = lanes;
        reach.registers = t->reg;
        step.reg = target->reg;
    }
    emit(t, &step);
}

static bool is_reserved(smref_field_state state)
{
    return state == SMREF_FIELD_RES0 || state == SMREF_FIELD_RES1;
}

static void trace_field(struct txn *t, const smref_env *e, smref_register reg, unsigned field,
                        smref_field_look_info *look)
{
    smref_step step = {.kind = SMREF_STEP_FIELD, .reg = reg, .field = field, .look = look};
    look->state = smref_register_state_in(e, reg, field);
    look->in_use = (uint8_t)smref_register_bits_in_use(e, reg, field);
    look->state_clause = smref_register_state_clause(e, reg, field);
    look->access_clause = smref_access_clause_of_field(e, reg, field);
    if (is_reserved(look->state))
        look->fate = SMREF_FATE_RESERVED;
    emit(t, &step);
}

void smref_trace_read(struct txn *t, const smref_env *e, smref_register reg, uint64_t value)
{
    for (unsigned i = 0; i < smref_register_at((unsigned)reg)->field_count; i++) {
        smref_field_look_info look = {
            .fate = SMREF_FATE_PASSES, .shown = value, .unknown = t->out->value_unknown};
        if (smref_register_present(e, reg, i))
            trace_field(t, e, reg, i, &look);
    }
}

void smref_trace_written(struct txn *t, const smref_env *e, smref_register reg, uint64_t taken)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    for (unsigned i = 0; i < info->field_count; i++) {
        bool passes = smref_field_get(&info->fields[i], &taken, 0) != 0;
        smref_field_look_info look = {.fate = passes ? SMREF_FATE_PASSES : SMREF_FATE_READ_ONLY};
        if (smref_register_present(e, reg, i))
            trace_field(t, e, reg, i, &look);
    }
}

void smref_trace_changes(struct txn *t, const uint64_t *before)
{
    t->phase = SMREF_PHASE_AFTER;
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        uint64_t words[] = {before[i], t->reg[i]};
        smref_step step = {.kind = SMREF_STEP_CHANGE, .reg = (smref_register)i, .count = 2, .words = words};
        if (words[0] != words[1])
            emit(t, &step);
    }
}

void smref_trace_command(struct txn *t, smref_pas pas, smref_layout layout, uint64_t address, uint64_t index,
                         const uint64_t *words)
{
    smref_step step = {.kind = SMREF_STEP_READ,
                       .layout = layout,
                       .pas = pas,
                       .address = address,
                       .count = COMMAND_WORDS,
                       .words = words,
                       .index = index};
    emit(t, &step);
}
