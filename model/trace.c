/*
 * The explanation of an access: what the model hands to a trace, if there is one. Nothing here decides
 * anything.
 */
#include "state.h"

static void emit(struct txn *t, smref_step *step)
{
    step->phase = t->phase;
    step->stage = t->stage;
    t->smmu->trace(t->smmu->trace_context, step);
}

static void trace_choice(struct txn *t, smref_choice choice, unsigned option)
{
    smref_step step = {.kind = SMREF_STEP_CHOICE, .choice = choice, .option = option};
    emit(t, &step);
}

unsigned smref_choose(struct txn *t, smref_choice choice)
{
    unsigned option = t->smmu->choice[choice];
    t->out->choices_met[choice / 64] |= UINT64_C(1) << (choice % 64);
    if (t->smmu->trace)
        trace_choice(t, choice, option);
    return option;
}

/* The choices that were met when a structure was judged, which may have been long ago. */
void smref_trace_choices(struct txn *t, const uint64_t *met)
{
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        if (met[i / 64] >> (i % 64) & 1)
            trace_choice(t, (smref_choice)i, t->smmu->choice[i]);
}

void smref_trace_value(struct txn *t, const char *name, uint64_t value)
{
    smref_step step = {.kind = SMREF_STEP_VALUE, .name = name, .address = value};
    emit(t, &step);
}

void smref_trace_register(struct txn *t, smref_register reg, const char *field)
{
    smref_step step = {.kind = SMREF_STEP_REGISTER, .reg = reg, .name = field, .address = t->reg[reg]};
    emit(t, &step);
}

void smref_trace_rule(struct txn *t, smref_rule rule)
{
    smref_step step = {.kind = SMREF_STEP_RULE, .rule = rule, .level = t->level};
    emit(t, &step);
}

/* 5.2 MECID, 6.3.162: what belongs to a stream has the MECID of its STE, Stream tables and queues have
 * GMECID.
 */
static uint16_t mecid_of(const struct txn *t, smref_layout layout)
{
    bool own = layout == SMREF_LAYOUT_CD || layout == SMREF_LAYOUT_L1CD ||
               smref_layout_at((unsigned)layout)->kind == SMREF_LAYOUT_KIND_DESCRIPTOR;
    return own && t->stream ? t->stream->mecid : t->smmu->gmecid;
}

void smref_trace_access(struct txn *t, smref_step_kind kind, smref_layout layout, smref_pas pas,
                        uint64_t address, unsigned count, const uint64_t *words)
{
    smref_step step = {.kind = kind,
                       .layout = layout,
                       .pas = pas,
                       .mecid = pas == SMREF_PAS_REALM && kind != SMREF_STEP_FETCH ? mecid_of(t, layout) : 0,
                       .address = address,
                       .count = count,
                       .words = words,
                       .index = t->index,
                       .shift = t->shift,
                       .level = t->level};
    emit(t, &step);
}

void smref_trace_held(struct txn *t, smref_layout layout, const uint64_t *words)
{
    smref_step step = {.kind = SMREF_STEP_HELD,
                       .layout = layout,
                       .count = layout == SMREF_LAYOUT_STE || layout == SMREF_LAYOUT_CD ? 8 : 1,
                       .words = words,
                       .index = t->index,
                       .shift = t->shift,
                       .level = t->level};
    emit(t, &step);
}

void smref_trace_granule_entry(struct txn *t, smref_layout layout, int level, uint64_t address,
                               uint64_t index, unsigned shift, const uint64_t *word)
{
    smref_step step = {.kind = SMREF_STEP_READ,
                       .layout = layout,
                       .pas = SMREF_PAS_ROOT,
                       .address = address,
                       .count = 1,
                       .words = word,
                       .index = index,
                       .shift = shift,
                       .level = level};
    int stage = t->stage;
    t->stage = 0;
    emit(t, &step);
    t->stage = stage;
}

smref_walk_info smref_walk_info_of(const struct range *range)
{
    return (smref_walk_info){.base = range->base,
                             .format = range->format,
                             .granule = range->granule,
                             .granule_bits = range->granule_bits,
                             .stride = range->stride,
                             .input_bits = range->ia_bits,
                             .output_bits = range->oa_bits,
                             .start_level = range->start_level,
                             .big_endian = range->big_endian,
                             .ds = range->ds,
                             .ns = range->ns,
                             .concatenated = range->concatenated};
}

void smref_trace_walk(struct txn *t, const struct range *range, int stage, uint64_t input,
                      enum fault_class class_of)
{
    smref_walk_info walk = smref_walk_info_of(range);
    walk.input = input;
    walk.half = stage == 1 && range == &t->context->half[1];
    walk.purpose = (uint8_t)class_of;
    smref_step step = {.kind = SMREF_STEP_WALK, .walk = &walk};
    emit(t, &step);
}

void smref_trace_attrs(struct txn *t, const char *name, const smref_attrs *attrs)
{
    smref_step step = {
        .kind = SMREF_STEP_ATTRS, .name = name, .attrs = attrs, .priv = t->priv, .inst = t->inst};
    emit(t, &step);
}

void smref_trace_grants(struct txn *t, const char *name, unsigned grants)
{
    smref_step step = {.kind = SMREF_STEP_GRANTS, .name = name, .grants = grants, .level = t->level};
    emit(t, &step);
}
