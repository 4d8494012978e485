/* The path of an access as a graph for graphviz. */
#include "dot.h"

#include <inttypes.h>
#include <string.h>

#include "run_text.h"
#include "vocabulary.h"

#define NO_NODE ((size_t)-1)

/* Where the path has come to. */
struct path {
    FILE *to;
    const smref_explanation *e;
    size_t last;    /* node that leads to the next */
    bool registers; /* the node of the registers was written */
    unsigned clusters;
};

/* Text inside a label: quotes and backslashes stand for themselves. */
static void put_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', to);
        putc(*text, to);
    }
}

static void put_edge(struct path *p, size_t node, const char *label, const char *style)
{
    if (p->last == NO_NODE)
        fprintf(p->to, "  access -> n%zu", node);
    else
        fprintf(p->to, "  n%zu -> n%zu", p->last, node);
    fprintf(p->to, " [label=\"");
    put_text(p->to, label);
    fprintf(p->to, "\"%s];\n", style);
}

/* Fields, a few on a line. */
static void put_fields(FILE *to, const smref_shown *fields, size_t count)
{
    char value[SMREF_VALUE_ROOM];
    size_t width = 0;

    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(fields[i].name) + strlen(smref_say_value(&fields[i], value)) + 3;
        if (width && width + length > 40) {
            fprintf(to, "\\l");
            width = 0;
        }
        put_text(to, fields[i].name);
        putc(' ', to);
        put_text(to, value);
        fprintf(to, i + 1 < count ? ", " : "");
        width += length;
    }
    fprintf(to, "\\l");
}

/* ---- Nodes ----------------------------------------------------------------------------------------- */

static void put_read(struct path *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    const char *kind = smref_step_descriptor(step);
    smref_shown fields[SMREF_MAX_SHOWN];
    char entry[SMREF_PHRASE_ROOM];
    size_t count;
    bool bad = !step->words || (kind && strcmp(kind, "invalid") == 0);

    fprintf(p->to, "  n%zu [label=\"", index);
    put_text(p->to, smref_say_entry(p->e, index, entry));
    if (step->kind == SMREF_STEP_HELD)
        fprintf(p->to, "\\nout of the configuration cache\\n");
    else
        fprintf(p->to, "\\nat %s0x%" PRIx64 "\\n", smref_say_space(step->pas), step->address);
    if (!step->words)
        fprintf(p->to, "external abort");
    else if (step->count == 1)
        fprintf(p->to, "0x%016" PRIx64 " %s\\n", step->words[0], kind ? kind : "");
    if (step->words && !(kind && strcmp(kind, "invalid") == 0)) {
        count = smref_explain_fields(p->e, index, false, fields);
        put_fields(p->to, fields, count);
    }
    fprintf(p->to, "\"%s];\n", bad ? ", color=red, penwidth=2" : "");
}

/* The first registers that lead to a structure are one node. */
static void put_registers(struct path *p, size_t index)
{
    const smref_explanation *e = p->e;
    smref_shown fields[SMREF_MAX_SHOWN];
    size_t count;

    fprintf(p->to, "  n%zu [shape=note, label=\"", index);
    for (size_t i = index; i < e->count; i++) {
        const smref_step *step = &e->list[i].step;
        if (step->phase != e->list[index].step.phase)
            break;
        if (step->kind != SMREF_STEP_REGISTER)
            continue;
        fprintf(p->to, "%s 0x%" PRIx64 "\\l  ", smref_register_at((unsigned)step->reg)->name, step->address);
        count = smref_explain_register(e, step->reg, step->address, step->name, fields);
        put_fields(p->to, fields, count);
    }
    fprintf(p->to, "\"];\n");
    put_edge(p, index, "StreamID", "");
    p->last = index;
    p->registers = true;
}

static bool is_stage2(const smref_step *step)
{
    return smref_step_nested(step) || step->phase == SMREF_PHASE_STAGE2;
}

/* The reads of a stage 2 walk; `index` is the step before them: a FETCH, or the WALK for the access itself.
 */
static void put_cluster(struct path *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    char entry[SMREF_PHRASE_ROOM] = "the access";

    if (step->kind == SMREF_STEP_FETCH)
        smref_say_entry(p->e, index, entry);
    fprintf(p->to, "  subgraph cluster_%u {\n    label=\"stage 2 for ", p->clusters++);
    put_text(p->to, entry);
    fprintf(p->to,
            "\\lIPA 0x%" PRIx64 "\\l\"; style=\"rounded,dashed\"; color=gray50; fontcolor=gray30;\n"
            "    {rank=same;\n",
            step->kind == SMREF_STEP_FETCH ? step->address : step->walk->input);
    for (size_t i = index + 1; i < p->e->count && is_stage2(&p->e->list[i].step); i++)
        if (p->e->list[i].step.kind == SMREF_STEP_READ)
            put_read(p, i);
    fprintf(p->to, "    }\n  }\n");
}

static void put_step(struct path *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    const smref_layout_info *layout = smref_layout_at((unsigned)step->layout);
    bool stage2 = is_stage2(step);
    char label[64];

    if (step->kind == SMREF_STEP_FETCH ||
        (step->kind == SMREF_STEP_WALK && step->phase == SMREF_PHASE_STAGE2))
        put_cluster(p, index);
    if (step->kind == SMREF_STEP_REGISTER && step->phase == SMREF_PHASE_STREAM && !p->registers)
        put_registers(p, index);
    if ((step->kind != SMREF_STEP_READ && step->kind != SMREF_STEP_HELD) ||
        layout->kind == SMREF_LAYOUT_KIND_EVENT)
        return;
    if (!stage2)
        put_read(p, index);
    snprintf(label, sizeof label, "[0x%" PRIx64 "]", step->index);
    put_edge(p, index, label, stage2 ? ", style=dashed" : "");
    p->last = index;
}

/* ---- The ends -------------------------------------------------------------------------------------- */

static void put_ok(struct path *p, const smref_step_result *result)
{
    char attrs[SMREF_PHRASE_ROOM];

    fprintf(p->to,
            "  n%zu [shape=box, style=\"rounded,bold\", color=darkgreen, label=\"PA %s0x%" PRIx64 "\\n",
            p->e->count, smref_say_space(result->access.pas), result->access.pa);
    put_text(p->to, smref_say_attrs(&result->access.attrs, attrs));
    fprintf(p->to, "\"];\n");
    put_edge(p, p->e->count, "", "");
}

static void put_fault(struct path *p, const smref_step_result *result)
{
    const smref_rule_info *rule = smref_deciding_rule(&result->access);

    fprintf(p->to, "  n%zu [shape=octagon, color=red, fontcolor=red, penwidth=2, label=\"", p->e->count);
    fprintf(p->to, "%s", smref_spell_outcome(result->access.outcome));
    if (result->access.event_valid)
        fprintf(p->to, " %s", smref_spell_event(result->access.event.type));
    if (rule) {
        fprintf(p->to, "\\n");
        put_text(p->to, rule->title);
        fprintf(p->to, "\\n[%s, %s]", rule->id, rule->section);
    }
    fprintf(p->to, "\"];\n");
    put_edge(p, p->e->count, "", ", color=red");
}

void smref_print_dot(FILE *to, size_t step, const smref_explanation *e, const smref_stimulus *stimulus,
                     const smref_step_result *result)
{
    struct path path = {.to = to, .e = e, .last = NO_NODE};

    fprintf(to,
            "digraph step_%zu {\n  rankdir=TB; fontname=monospace; fontsize=10; labeljust=l; label=\"step "
            "%zu\";\n",
            step, step);
    fprintf(to,
            "  node [shape=box, fontname=monospace, fontsize=10]; edge [fontname=monospace, fontsize=9];\n");
    fprintf(to, "  access [shape=cds, label=\"");
    smref_print_stimulus(to, stimulus);
    fprintf(to, "\"];\n");
    for (size_t i = 0; i < e->count; i++)
        put_step(&path, i);
    if (result->access.outcome == SMREF_OUTCOME_OK)
        put_ok(&path, result);
    else
        put_fault(&path, result);
    fprintf(to, "}\n");
}
