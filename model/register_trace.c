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

static smref_field_fate fate_of(const smref_field_info *field, smref_field_state state, bool write,
                                uint64_t taken)
{
    if (state == SMREF_FIELD_RES0 || state == SMREF_FIELD_RES1)
        return SMREF_FATE_RESERVED;
    return !write || smref_field_get(field, &taken, 0) ? SMREF_FATE_PASSES : SMREF_FATE_READ_ONLY;
}

void smref_trace_fields(struct txn *t, const smref_env *e, smref_register reg, bool write, uint64_t taken)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    for (unsigned i = 0; i < info->field_count; i++) {
        if (!smref_register_present(e, reg, i))
            continue;
        smref_field_look_info look = {.state = smref_register_state_in(e, reg, i),
                                      .in_use = (uint8_t)smref_register_bits_in_use(e, reg, i),
                                      .state_clause = smref_register_state_clause(e, reg, i),
                                      .access_clause = smref_access_clause_of_field(e, reg, i)};
        look.fate = fate_of(&info->fields[i], look.state, write, taken);
        smref_step step = {.kind = SMREF_STEP_FIELD, .reg = reg, .field = i, .look = &look};
        emit(t, &step);
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
