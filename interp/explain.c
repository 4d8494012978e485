/* The explanation of an access: the model's trace, kept. */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "decoding.h"

/* However many commands there are: what the registers hold in the end. */
enum { KEPT_FREE = 64 };

static bool must_show(const smref_step *step)
{
    return step->kind == SMREF_STEP_CHANGE;
}

static void keep_reach(smref_explanation *e, smref_explained *x)
{
    const uint64_t *registers = x->step.reach->registers;

    x->reach = *x->step.reach;
    x->step.reach = &x->reach;
    x->reach.registers = NULL;
    if (registers && e->reached < SMREF_MAX_REACHED) {
        memcpy(e->registers[e->reached], registers, sizeof e->registers[0]);
        x->reach.registers = e->registers[e->reached++];
    }
}

/* A command may be a form of another one, as CMD_CFGI_ALL is of CMD_CFGI_STE_RANGE. */
static void name_command(smref_step *step)
{
    if (smref_layout_at((unsigned)step->layout)->kind == SMREF_LAYOUT_KIND_COMMAND && step->count == 2)
        (void)smref_record_find(SMREF_LAYOUT_KIND_COMMAND, step->words, &step->layout);
}

static void record(void *context, const smref_step *step)
{
    smref_explanation *e = context;
    smref_explained *x;

    if (e->count == SMREF_MAX_EXPLAINED ||
        (e->count + KEPT_FREE >= SMREF_MAX_EXPLAINED && !must_show(step))) {
        e->cut = true;
        return;
    }
    x = &e->list[e->count++];
    x->step = *step;
    if (step->words) {
        x->step.count = step->count < SMREF_EXPLAINED_WORDS ? step->count : SMREF_EXPLAINED_WORDS;
        memset(x->words, 0, sizeof x->words);
        memcpy(x->words, step->words, x->step.count * sizeof *x->words);
        x->step.words = x->words;
        name_command(&x->step);
    }
    if (step->walk) {
        x->walk = *step->walk;
        x->step.walk = &x->walk;
    }
    if (step->attrs) {
        x->attrs = *step->attrs;
        x->step.attrs = &x->attrs;
    }
    if (step->look) {
        x->look = *step->look;
        x->step.look = &x->look;
    }
    if (step->reach)
        keep_reach(e, x);
}

void smref_explanation_begin(smref_explanation *e, smref *smmu, smref_sec_sid sec_sid)
{
    if (!e->list)
        e->list = smref_alloc(SMREF_MAX_EXPLAINED, sizeof *e->list);
    e->count = 0;
    e->cut = false;
    e->reached = 0;
    e->refused = false;
    e->smmu = smmu;
    e->sec_sid = sec_sid;
    smref_set_trace(smmu, record, e);
}

void smref_explanation_end(smref *smmu)
{
    smref_set_trace(smmu, NULL, NULL);
}

void smref_explanation_free(smref_explanation *e)
{
    free(e->list);
    e->list = NULL;
    e->count = 0;
}

/* ---- Steps among their neighbours ------------------------------------------------------------------ */

bool smref_step_nested(const smref_step *step)
{
    return step->stage == 2 && (step->phase == SMREF_PHASE_CONTEXT || step->phase == SMREF_PHASE_STAGE1);
}

const smref_walk_info *smref_step_walk(const smref_explanation *e, size_t index)
{
    int stage = e->list[index].step.stage;

    for (size_t i = index + 1; stage && i-- > 0;)
        if (e->list[i].step.kind == SMREF_STEP_WALK && e->list[i].step.stage == stage)
            return e->list[i].step.walk;
    return NULL;
}

const uint64_t *smref_step_structure(const smref_explanation *e, size_t index, smref_layout layout)
{
    while (index-- > 0)
        if ((e->list[index].step.kind == SMREF_STEP_READ || e->list[index].step.kind == SMREF_STEP_HELD) &&
            e->list[index].step.layout == layout)
            return e->list[index].step.words;
    return NULL;
}

unsigned smref_step_broken(const smref_explanation *e, size_t index, uint16_t rules[SMREF_MAX_BROKEN])
{
    const uint64_t *ste = smref_step_structure(e, index, SMREF_LAYOUT_STE);
    const uint64_t *cd = smref_step_structure(e, index, SMREF_LAYOUT_CD);
    const smref_rule_info *rule = smref_rule_at(e->list[index].step.rule);
    unsigned count = 0;

    if (!smref_rule_event(rule))
        return 0;
    if (strcmp(rule->subject, "STE") == 0 && ste)
        count = smref_ste_illegal(e->smmu, e->sec_sid, ste, rules, SMREF_MAX_BROKEN);
    if (strcmp(rule->subject, "CD") == 0 && cd)
        count = smref_cd_illegal(e->smmu, e->sec_sid, ste, cd, rules, SMREF_MAX_BROKEN);
    return count < SMREF_MAX_BROKEN ? count : SMREF_MAX_BROKEN;
}

bool smref_step_nameless(const smref_step *step)
{
    const smref_layout_info *layout = smref_layout_at((unsigned)step->layout);

    return layout->kind == SMREF_LAYOUT_KIND_COMMAND &&
           (!step->words || smref_field_get(&layout->fields[0], step->words, 0) != layout->number);
}

const char *smref_step_descriptor(const smref_step *step)
{
    const smref_layout_info *layout = smref_layout_at((unsigned)step->layout);
    const smref_field_info *valid = &layout->fields[0];
    const char *kind;

    if (layout->kind != SMREF_LAYOUT_KIND_DESCRIPTOR || !step->words || step->pas == SMREF_PAS_ROOT)
        return NULL;
    if (!smref_field_get(valid, step->words, 0))
        return "invalid";
    kind = strrchr(layout->name, '_');
    return !kind                         ? NULL
           : strcmp(kind, "_TABLE") == 0 ? "table"
           : strcmp(kind, "_BLOCK") == 0 ? "block"
                                         : "page";
}

const char *smref_rule_event(const smref_rule_info *rule)
{
    const char *outcome = rule->outcome;

    return outcome && (outcome[0] == 'F' || outcome[0] == 'C') && outcome[1] == '_' ? outcome : NULL;
}
