/* An explanation for people. */
#include "explain_text.h"

#include <inttypes.h>
#include <string.h>

#include "column.h"
#include "run_text.h"
#include "vocabulary.h"

enum { CHAPTER = 2, LINE = 4, NESTED = 8, DETAIL = 4 };

struct page {
    FILE *to;
    const smref_explanation *e;
    bool s2_told; /* the geometry of stage 2, which is the same each time */
    unsigned indent;
    const smref_step *attrs; /* told last */
    const smref_access *access;
};

/* ---- Fields ---------------------------------------------------------------------------------------- */

static const char *state_of(const smref_shown *field)
{
    return field->state == SMREF_FIELD_ACTIVE ? "" : smref_spell_state(field->state);
}

/* One line of fields, as many as fit. */
static void print_field_list(struct page *p, unsigned indent, const smref_shown *fields, size_t count)
{
    smref_column line;
    char value[SMREF_VALUE_ROOM];

    if (!count)
        return;
    line = smref_column_begin(p->to, indent, indent);
    for (size_t i = 0; i < count; i++)
        smref_column_keep(&line, "%s %s%s%s%s", fields[i].name, smref_say_value(&fields[i], value),
                          *state_of(&fields[i]) ? " " : "", state_of(&fields[i]), i + 1 < count ? "," : "");
    smref_column_end(&line);
}

/* A line a field, with what the field is and what its value means. */
static void print_field_table(struct page *p, unsigned indent, const smref_shown *fields, size_t count)
{
    char value[SMREF_VALUE_ROOM], bits[16];

    for (size_t i = 0; i < count; i++) {
        const smref_bits *b = &fields[i].info->pieces[0];
        smref_column line = smref_column_begin(p->to, indent, indent + 47);
        smref_shown bare = fields[i];
        bare.means = NULL;
        snprintf(bits, sizeof bits, b->msb == b->lsb ? "[%u]" : "[%u:%u]", b->msb, b->lsb);
        smref_column_keep(&line, "%-14s %-9s %s", bare.name, bits, smref_say_value(&bare, value));
        smref_column_tab(&line, indent + 46);
        if (*state_of(&bare))
            smref_column_keep(&line, "(%s)", state_of(&bare));
        if (bare.info->title)
            smref_column_say(&line, bare.info->title);
        if (fields[i].means)
            smref_column_say(&line, "=");
        if (fields[i].means)
            smref_column_say(&line, fields[i].means);
        smref_column_end(&line);
    }
}

static void print_fields(struct page *p, unsigned indent, const smref_shown *fields, size_t count)
{
    if (p->e->full)
        print_field_table(p, indent, fields, count);
    else
        print_field_list(p, indent, fields, count);
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

static void print_register(struct page *p, const smref_step *step)
{
    const smref_register_info *info = smref_register_at((unsigned)step->reg);
    smref_shown fields[SMREF_MAX_SHOWN];
    size_t count = smref_explain_register(step->reg, step->address, step->name, fields);
    smref_column line = smref_column_begin(p->to, p->indent, p->indent + DETAIL);
    char value[SMREF_VALUE_ROOM];

    smref_column_keep(&line, "%s 0x%" PRIx64 ":", info->name, step->address);
    for (size_t i = 0; i < count; i++)
        smref_column_keep(&line, "%s %s%s", fields[i].name, smref_say_value(&fields[i], value),
                          i + 1 < count ? "," : "");
    smref_column_end(&line);
}

/* The words as they were read, up to the last that is not zero; four a line when they are many. */
static void print_words(struct page *p, const struct smref_step *step, smref_column *line)
{
    unsigned count = step->count, i;

    while (!p->e->full && count > 1 && !step->words[count - 1])
        count--;
    for (i = 0; i < count; i++) {
        if (step->count > 2 && i % 4 == 0) {
            smref_column_end(line);
            *line = smref_column_begin(p->to, p->indent + DETAIL, p->indent + DETAIL);
        }
        smref_column_keep(line, "0x%016" PRIx64, step->words[i]);
    }
    if (count < step->count)
        smref_column_keep(line, "and %u more, zero", step->count - count);
}

/* What a descriptor is, and where it leads: "table -> 0x43ac6000". Takes that field out of the list. */
static void print_kind(struct page *p, smref_column *line, const char *kind, smref_shown *fields,
                       size_t *count)
{
    size_t i, kept = 0;

    smref_column_keep(line, "%s", kind);
    for (i = 0; i < *count; i++)
        if (!p->e->full && (strcmp(fields[i].name, "next") == 0 || strcmp(fields[i].name, "output") == 0))
            smref_column_keep(line, "-> 0x%" PRIx64, fields[i].value);
        else
            fields[kept++] = fields[i];
    *count = kept;
}

static void print_read(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    const char *kind = smref_step_descriptor(step);
    smref_column line = smref_column_begin(p->to, p->indent, p->indent + DETAIL);
    smref_shown fields[SMREF_MAX_SHOWN];
    size_t count = 0;
    char entry[SMREF_PHRASE_ROOM];

    smref_column_keep(&line, "%s", smref_say_entry(p->e, index, entry));
    if (kind)
        smref_column_tab(&line, p->indent + 22);
    smref_column_keep(&line, "%s %s0x%" PRIx64 ":", step->kind == SMREF_STEP_WRITE ? "written to" : "at",
                      smref_say_space(step->pas), step->address);
    if (step->words)
        print_words(p, step, &line);
    else
        smref_column_say(&line, "external abort");
    if (!kind || strcmp(kind, "invalid") != 0)
        count = smref_explain_fields(p->e, index, p->e->full, fields);
    if (kind)
        print_kind(p, &line, kind, fields, &count);
    smref_column_end(&line);
    print_fields(p, p->indent + DETAIL, fields, count);
}

static void print_fetch(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    char entry[SMREF_PHRASE_ROOM];

    fprintf(p->to, "%*s%s at IPA 0x%" PRIx64 ", through stage 2:\n", (int)p->indent, "",
            smref_say_entry(p->e, index, entry), step->address);
}

static void print_rule(struct page *p, const smref_step *step)
{
    const smref_rule_info *rule = smref_rule_at(step->rule);
    const char *event = smref_rule_event(rule);
    smref_column line = smref_column_begin(p->to, p->indent, p->indent + 2);

    smref_column_keep(&line, event ? "!" : "-");
    smref_column_say(&line, rule->title);
    if (event)
        smref_column_keep(&line, "=> %s", event);
    smref_column_keep(&line, "[%s, %s]", rule->id, rule->section);
    smref_column_end(&line);
    if (rule->when && (event || p->e->full)) {
        line = smref_column_begin(p->to, p->indent + 2, p->indent + DETAIL);
        smref_column_say(&line, "when");
        smref_column_say(&line, rule->when);
        smref_column_end(&line);
    }
    if (rule->note && p->e->full) {
        line = smref_column_begin(p->to, p->indent + 2, p->indent + DETAIL);
        smref_column_say(&line, "note:");
        smref_column_say(&line, rule->note);
        smref_column_end(&line);
    }
}

static void print_choice(struct page *p, const smref_step *step)
{
    const smref_choice_info *choice = smref_choice_at(step->choice);
    const smref_option_info *taken = &choice->options[step->option];
    smref_column line = smref_column_begin(p->to, p->indent, p->indent + 2);
    const char *before = "also permitted:";

    smref_column_keep(&line, "?");
    smref_column_say(&line, choice->title);
    smref_column_keep(&line, "[%s, %s]:", choice->id, choice->section);
    smref_column_keep(&line, "%s%s", taken->name, taken->means ? "," : "");
    if (taken->means)
        smref_column_say(&line, taken->means);
    for (unsigned i = 0; i < choice->option_count; i++) {
        if (i == step->option || !smref_option_permitted(p->e->smmu, step->choice, i))
            continue;
        smref_column_say(&line, before[0] == 'a' ? ";" : ",");
        smref_column_say(&line, before);
        smref_column_keep(&line, "%s", choice->options[i].name);
        before = "";
    }
    smref_column_end(&line);
}

static void print_walk(struct page *p, const smref_step *step)
{
    char phrase[SMREF_PHRASE_ROOM];
    smref_column line = smref_column_begin(p->to, p->indent, p->indent + DETAIL);

    if (step->stage == 2)
        smref_column_keep(&line, "IPA 0x%" PRIx64 "%s", step->walk->input,
                          p->s2_told && !p->e->full ? "" : ":");
    else
        smref_column_keep(&line, "VA 0x%" PRIx64 ":", step->walk->input);
    if (step->stage == 1 || !p->s2_told || p->e->full)
        smref_column_say(&line, smref_say_walk(step, phrase));
    smref_column_end(&line);
    p->s2_told = p->s2_told || step->stage == 2;
}

static bool same_attrs(const smref_step *a, const smref_step *b)
{
    char one[SMREF_PHRASE_ROOM], two[SMREF_PHRASE_ROOM];

    return a && a->priv == b->priv && a->inst == b->inst &&
           strcmp(smref_say_attrs(a->attrs, one), smref_say_attrs(b->attrs, two)) == 0;
}

static void print_attrs(struct page *p, const smref_step *step)
{
    char phrase[SMREF_PHRASE_ROOM];
    bool own = strncmp(step->name, "of ", 3) == 0; /* of a stage alone, before it is combined */

    if (own || !same_attrs(p->attrs, step)) {
        fprintf(p->to, "%*sattributes %s: %s", (int)p->indent, "", step->name,
                smref_say_attrs(step->attrs, phrase));
        if (step->phase == SMREF_PHASE_INPUT)
            fprintf(p->to, ", %s %s", step->priv ? "privileged" : "unprivileged",
                    step->inst ? "instruction" : "data");
        fprintf(p->to, "\n");
    } else {
        fprintf(p->to, "%*sattributes %s: unchanged\n", (int)p->indent, "", step->name);
    }
    if (!own)
        p->attrs = step;
}

static void print_grants(struct page *p, const smref_step *step)
{
    char phrase[SMREF_PHRASE_ROOM];

    fprintf(p->to, "%*s%s permits: %s", (int)p->indent, "", step->name,
            smref_say_grants(step->grants, phrase));
    if (p->attrs)
        fprintf(p->to, "; wanted: %s %s", p->attrs->priv ? "privileged" : "unprivileged",
                p->attrs->inst ? "execute" : smref_spell_access(p->access->type));
    fprintf(p->to, "\n");
}

static void print_step(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;

    switch (step->kind) {
    case SMREF_STEP_READ:
    case SMREF_STEP_WRITE:
        print_read(p, index);
        break;
    case SMREF_STEP_RULE:
        print_rule(p, step);
        break;
    case SMREF_STEP_CHOICE:
        print_choice(p, step);
        break;
    case SMREF_STEP_VALUE:
        fprintf(p->to, "%*s%s 0x%" PRIx64 "\n", (int)p->indent, "", step->name, step->address);
        break;
    case SMREF_STEP_REGISTER:
        print_register(p, step);
        break;
    case SMREF_STEP_FETCH:
        print_fetch(p, index);
        break;
    case SMREF_STEP_WALK:
        print_walk(p, step);
        break;
    case SMREF_STEP_ATTRS:
        print_attrs(p, step);
        break;
    case SMREF_STEP_GRANTS:
        print_grants(p, step);
        break;
    }
}

static void print_event(struct page *p, const smref_event *event)
{
    static const char *const losses[] = {
        "", ", not recorded: the queue is disabled", ", not recorded: the queue is full",
        ", not recorded: an error of the queue is active", ", not recorded: the write was aborted"};
    smref_shown fields[SMREF_MAX_SHOWN];

    fprintf(p->to, "%*sevent %s%s\n", LINE, "", smref_spell_event(event->type), losses[event->lost]);
    print_fields(p, LINE + DETAIL, fields, smref_explain_event(event, fields));
}

static void print_result(struct page *p, const smref_stimulus *stimulus, const smref_step_result *result)
{
    if (result->access.event_valid)
        print_event(p, &result->access.event);
    if (result->access.outcome == SMREF_OUTCOME_OK) {
        fprintf(p->to, "%*s", LINE, "");
        smref_print_outcome(p->to, stimulus, result);
        fprintf(p->to, "%s%s\n", result->access.priv ? ", privileged" : ", unprivileged",
                result->access.inst ? " instruction" : " data");
    } else {
        fprintf(p->to, "%*soutcome: %s\n", LINE, "", smref_spell_outcome(result->access.outcome));
    }
}

void smref_print_explanation(FILE *to, const smref_explanation *e, const smref_stimulus *stimulus,
                             const smref_step_result *result)
{
    struct page page = {.to = to, .e = e, .access = &stimulus->access};

    for (size_t i = 0; i < e->count; i++) {
        const smref_step *step = &e->list[i].step;
        if (i == 0 || step->phase != e->list[i - 1].step.phase)
            fprintf(to, "%*s%s\n", CHAPTER, "", smref_say_phase(step->phase));
        page.indent = smref_step_nested(step) ? NESTED : LINE;
        print_step(&page, i);
    }
    if (e->cut)
        fprintf(to, "%*s(there are more than %d steps)\n", CHAPTER, "", SMREF_MAX_EXPLAINED);
    if (result)
        print_result(&page, stimulus, result);
    fprintf(to, "\n");
}
