/* The lines of an explanation. */
#include <inttypes.h>
#include <string.h>

#include "explain_page.h"
#include "run_text.h"
#include "vocabulary.h"

/* ---- Fields ---------------------------------------------------------------------------------------- */

/* As many on a line as fit. */
static void say_fields(struct page *p, const smref_shown *fields, size_t count)
{
    char value[SMREF_VALUE_ROOM];

    for (size_t i = 0; i < count; i++) {
        bool active = fields[i].state == SMREF_FIELD_ACTIVE;
        keep(p, "%s %s%s%s%s", fields[i].name, smref_say_value(&fields[i], value), active ? "" : " ",
             active ? "" : smref_spell_state(fields[i].state), i + 1 < count ? "," : "");
    }
}

/* A line a field, with what the field is and what its value means. */
static void field_line(struct page *p, const smref_shown *field)
{
    const smref_bits *b = &field->info->pieces[0];
    smref_shown bare = *field;
    char value[SMREF_VALUE_ROOM], bits[16];

    bare.means = NULL;
    snprintf(bits, sizeof bits, b->msb == b->lsb ? "[%u]" : "[%u:%u]", b->msb, b->lsb);
    begin(p, SMREF_LINE_FIELDS, DETAIL, DETAIL + MEANING + 1);
    keep(p, "%-14s %-9s %s", field->name, bits, smref_say_value(&bare, value));
    tab(p, DETAIL + MEANING);
    if (field->state != SMREF_FIELD_ACTIVE)
        keep(p, "(%s)", smref_spell_state(field->state));
    if (field->info->title)
        say(p, field->info->title);
    if (field->means) {
        say(p, "=");
        say(p, field->means);
    }
    end(p);
}

static void field_lines(struct page *p, const smref_shown *fields, size_t count)
{
    if (p->e->full) {
        for (size_t i = 0; i < count; i++)
            field_line(p, &fields[i]);
    } else if (count) {
        begin(p, SMREF_LINE_FIELDS, DETAIL, DETAIL);
        say_fields(p, fields, count);
        end(p);
    }
}

/* ---- Fetches --------------------------------------------------------------------------------------- */

static void register_line(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    smref_shown fields[SMREF_MAX_SHOWN];
    char name[SMREF_NAME_ROOM];
    size_t count = smref_explain_register(p->e, step->reg, step->address, step->name, fields);

    begin(p, SMREF_LINE_FETCH, 0, DETAIL);
    keep(p, "%s 0x%" PRIx64 "%s", smref_step_register(p->e, index, name), step->address, count ? ":" : "");
    say_fields(p, fields, count);
    end(p);
}

/* The words as they were read, up to the last that is not zero; four a line when they are many. */
static void say_words(struct page *p, const smref_step *step)
{
    unsigned count = step->count, i;

    while (!p->e->full && count > 1 && !step->words[count - 1])
        count--;
    for (i = 0; i < count; i++) {
        if (step->count > 2 && i % 4 == 0) {
            end(p);
            begin(p, SMREF_LINE_WORDS, DETAIL, DETAIL);
        }
        keep(p, "0x%016" PRIx64, step->words[i]);
    }
    if (count < step->count)
        keep(p, "and %u more, zero", step->count - count);
}

/* What a descriptor is, and where it leads: "table -> 0x43ac6000". Takes that field out of the list. */
static void say_descriptor(struct page *p, const char *kind, smref_shown *fields, size_t *count)
{
    size_t kept = 0;

    keep(p, "%s", kind);
    for (size_t i = 0; i < *count; i++)
        if (!p->e->full && (strcmp(fields[i].name, "next") == 0 || strcmp(fields[i].name, "output") == 0))
            keep(p, "-> 0x%" PRIx64, fields[i].value);
        else
            fields[kept++] = fields[i];
    *count = kept;
}

static void read_lines(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    const char *kind = smref_step_descriptor(step);
    smref_shown fields[SMREF_MAX_SHOWN];
    char entry[SMREF_PHRASE_ROOM], mecid[SMREF_PHRASE_ROOM];
    size_t count = 0;

    begin(p, SMREF_LINE_FETCH, 0, DETAIL);
    keep(p, "%s", smref_say_entry(p->e, index, entry));
    if (kind)
        tab(p, ADDRESS);
    if (step->kind == SMREF_STEP_HELD)
        say(p, "out of the configuration cache:");
    else
        keep(p, "%s %s0x%" PRIx64 "%s:", step->kind == SMREF_STEP_WRITE ? "written to" : "at",
             smref_say_space(step->pas), step->address, smref_say_mecid(step->mecid, mecid));
    if (step->words)
        say_words(p, step);
    else
        say(p, "external abort");
    if (!kind || strcmp(kind, "invalid") != 0)
        count = smref_explain_fields(p->e, index, p->e->full, fields);
    if (kind)
        say_descriptor(p, kind, fields, &count);
    end(p);
    field_lines(p, fields, count);
}

static void fetch_line(struct page *p, size_t index)
{
    char entry[SMREF_PHRASE_ROOM];

    begin(p, SMREF_LINE_FETCH, 0, DETAIL);
    keep(p, "%s at IPA 0x%" PRIx64 ", through stage 2:", smref_say_entry(p->e, index, entry),
         p->e->list[index].step.address);
    end(p);
}

/* Parts between commas, each unbroken. */
static void say_list(struct page *p, const char *list)
{
    while (*list) {
        size_t length = strcspn(list, ",");
        length += list[length] == ',';
        keep(p, "%.*s", (int)length, list);
        list += length + strspn(list + length, " ");
    }
}

static void walk_line(struct page *p, const smref_step *step)
{
    char phrase[SMREF_PHRASE_ROOM];
    bool told = step->stage == 2 && p->s2_told && !p->e->full;

    begin(p, SMREF_LINE_VALUE, 0, DETAIL);
    keep(p, "%s 0x%" PRIx64 "%s", step->stage == 2 ? "IPA" : "VA", step->walk->input, told ? "" : ":");
    if (!told)
        say_list(p, smref_say_walk(step, phrase));
    end(p);
    p->s2_told = p->s2_told || step->stage == 2;
}

/* ---- Decisions ------------------------------------------------------------------------------------- */

static void remark_line(struct page *p, smref_line_kind kind, const char *label, const char *text)
{
    begin(p, kind, 2, DETAIL);
    say(p, label);
    say(p, text);
    end(p);
}

/* "CS == 3" of "$.CS == 3": the fields stand above. */
static void when_line(struct page *p, smref_line_kind kind, const char *when)
{
    char text[1024];
    size_t used = 0;

    while (*when && used + 1 < sizeof text)
        if (strncmp(when, "$.", 2) == 0)
            when += 2;
        else
            text[used++] = *when++;
    text[used] = '\0';
    remark_line(p, kind, "when", text);
}

/* What the rule ends an access, or the consumption of commands in, or NULL. */
static const char *end_of(const smref_rule_info *rule)
{
    const char *event = smref_rule_event(rule);

    return !event && rule->outcome && strncmp(rule->outcome, "CERROR_", 7) == 0 ? rule->outcome : event;
}

static void rule_line(struct page *p, const char *mark, const smref_rule_info *rule)
{
    const char *event = end_of(rule);

    keep(p, "%s", mark);
    say(p, rule->title);
    if (event)
        keep(p, "=> %s", event);
    keep(p, "[%s, %s]", rule->id, rule->section);
    end(p);
}

/* A structure may break more rules than the one that decided. */
static void broken_lines(struct page *p, size_t index)
{
    uint16_t rules[SMREF_MAX_BROKEN];
    unsigned count = smref_step_broken(p->e, index, rules);

    for (unsigned i = 0; i < count; i++) {
        if (rules[i] == p->e->list[index].step.rule)
            continue;
        begin(p, SMREF_LINE_RULE, 2, DETAIL);
        rule_line(p, "it also breaks:", smref_rule_at(rules[i]));
    }
}

static void rule_lines(struct page *p, size_t index)
{
    const smref_rule_info *rule = smref_rule_at(p->e->list[index].step.rule);
    const char *event = end_of(rule);
    smref_line_kind kind = event ? SMREF_LINE_FAULT : SMREF_LINE_RULE;

    begin(p, kind, 0, 2);
    rule_line(p, event ? "!" : "-", rule);
    if (rule->when && (event || p->e->full))
        when_line(p, kind, rule->when);
    if (rule->note && p->e->full)
        remark_line(p, kind, "note:", rule->note);
    if (rule->erratum && p->e->full)
        remark_line(p, kind, "erratum:", rule->erratum);
    broken_lines(p, index);
}

/* "(also permitted: osh or ish)" */
static void say_other_options(struct page *p, const smref_step *step)
{
    const smref_choice_info *choice = smref_choice_at(step->choice);
    const char *last = NULL;

    for (unsigned i = 0; i < choice->option_count; i++) {
        if (i == step->option || !smref_option_permitted(p->e->smmu, step->choice, i))
            continue;
        if (last)
            keep(p, "%s or", last);
        else
            say(p, "(also permitted:");
        last = choice->options[i].name;
    }
    if (last)
        keep(p, "%s)", last);
}

static void choice_line(struct page *p, const smref_step *step)
{
    const smref_choice_info *choice = smref_choice_at(step->choice);
    const smref_option_info *taken = &choice->options[step->option];

    begin(p, SMREF_LINE_CHOICE, 0, 2);
    keep(p, "?");
    say(p, choice->title);
    keep(p, "[%s, %s]:", choice->id, choice->section);
    keep(p, "%s", taken->name);
    if (taken->means) {
        say(p, "=");
        say(p, taken->means);
    }
    say_other_options(p, step);
    end(p);
}

static bool same_attrs(const smref_step *a, const smref_step *b)
{
    char one[SMREF_PHRASE_ROOM], two[SMREF_PHRASE_ROOM];

    return a && a->priv == b->priv && a->inst == b->inst &&
           strcmp(smref_say_attrs(a->attrs, one), smref_say_attrs(b->attrs, two)) == 0;
}

static void attrs_line(struct page *p, const smref_step *step)
{
    char phrase[SMREF_PHRASE_ROOM];
    bool own = strncmp(step->name, "of ", 3) == 0; /* of a stage alone, before it is combined */
    bool same = !own && same_attrs(p->attrs, step);

    begin(p, SMREF_LINE_VALUE, 0, DETAIL);
    keep(p, "attributes %s: %s%s", step->name, same ? "unchanged" : smref_say_attrs(step->attrs, phrase),
         !same && step->phase == SMREF_PHASE_INPUT ? "," : "");
    if (!same && step->phase == SMREF_PHASE_INPUT)
        keep(p, "%s %s", step->priv ? "privileged" : "unprivileged", step->inst ? "instruction" : "data");
    end(p);
    if (!own)
        p->attrs = step;
}

static void grants_line(struct page *p, const smref_step *step)
{
    char phrase[SMREF_PHRASE_ROOM];

    begin(p, SMREF_LINE_VALUE, 0, DETAIL);
    keep(p, "%s permits: %s%s", step->name, smref_say_grants(step->grants, phrase), p->attrs ? ";" : "");
    if (p->attrs)
        keep(p, "wanted: %s %s", p->attrs->priv ? "privileged" : "unprivileged",
             p->attrs->inst ? "execute" : smref_spell_access(p->access->type));
    end(p);
}

static void value_line(struct page *p, const smref_step *step)
{
    begin(p, SMREF_LINE_VALUE, 0, DETAIL);
    keep(p, "%s 0x%" PRIx64, step->name, step->address);
    end(p);
}

static void step_lines(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;

    switch (step->kind) {
    case SMREF_STEP_READ:
    case SMREF_STEP_WRITE:
    case SMREF_STEP_HELD:
        read_lines(p, index);
        break;
    case SMREF_STEP_RULE:
        rule_lines(p, index);
        break;
    case SMREF_STEP_CHOICE:
        choice_line(p, step);
        break;
    case SMREF_STEP_VALUE:
        value_line(p, step);
        break;
    case SMREF_STEP_REGISTER:
        register_line(p, index);
        break;
    case SMREF_STEP_FETCH:
        fetch_line(p, index);
        break;
    case SMREF_STEP_WALK:
        walk_line(p, step);
        break;
    case SMREF_STEP_ATTRS:
        attrs_line(p, step);
        break;
    case SMREF_STEP_GRANTS:
        grants_line(p, step);
        break;
    case SMREF_STEP_REACH:
        smref_reach_lines(p, index);
        break;
    case SMREF_STEP_FIELD:
        smref_look_lines(p, index);
        break;
    case SMREF_STEP_CHANGE:
        smref_change_line(p, index);
        break;
    }
}

/* ---- The whole ------------------------------------------------------------------------------------- */

static void event_lines(struct page *p, const smref_event *event)
{
    static const char *const losses[] = {
        "", ", not recorded: the queue is disabled", ", not recorded: the queue is full",
        ", not recorded: an error of the queue is active", ", not recorded: the write was aborted"};
    smref_shown fields[SMREF_MAX_SHOWN];

    begin(p, SMREF_LINE_FETCH, 0, DETAIL);
    keep(p, "event %s%s", smref_spell_event(event->type), losses[event->lost]);
    end(p);
    field_lines(p, fields, smref_explain_event(event, fields));
}

static void result_lines(struct page *p, const smref_result *result)
{
    char phrase[SMREF_PHRASE_ROOM], size[24];

    if (result->event_valid)
        event_lines(p, &result->event);
    smref_effect_lines(p, result);
    begin(p, SMREF_LINE_RESULT, 0, DETAIL);
    if (result->outcome != SMREF_OUTCOME_OK) {
        keep(p, "outcome: %s", smref_spell_outcome(result->outcome));
    } else {
        keep(p, "PA %s0x%" PRIx64 "%s,", smref_say_space(result->pas), result->pa,
             smref_say_mecid(result->mecid, phrase));
        if (result->page_size)
            keep(p, "page %s,", smref_spell_size(result->page_size, size));
        keep(p, "%s,", smref_say_attrs(&result->attrs, phrase));
        keep(p, "%s %s", result->priv ? "privileged" : "unprivileged", result->inst ? "instruction" : "data");
    }
    end(p);
}

static void chapter_line(struct page *p, const char *title)
{
    p->nested = false;
    if (p->chapter && strcmp(p->chapter, title) == 0)
        return;
    p->chapter = title;
    p->indent = CHAPTER;
    begin(p, SMREF_LINE_CHAPTER, 0, 0);
    say(p, title);
    end(p);
}

/* ID registers that contradict each other: what each broken rule says. */
static void identify_lines(struct page *p, const smref_result *result)
{
    p->indent = LINE;
    for (unsigned i = 0; i < result->rule_count; i++) {
        const smref_rule_info *rule = smref_rule_at(result->rules[i]);
        begin(p, SMREF_LINE_RULE, 0, 2);
        rule_line(p, "-", rule);
        if (rule->when)
            remark_line(p, SMREF_LINE_RULE, "when", rule->when);
    }
}

bool smref_explains(smref_op op)
{
    return op == SMREF_OP_ACCESS || op == SMREF_OP_MMIO_READ || op == SMREF_OP_MMIO_WRITE;
}

static bool is_outcome(smref_phase phase)
{
    return phase == SMREF_PHASE_OUTPUT || phase == SMREF_PHASE_FAULT || phase == SMREF_PHASE_AFTER;
}

void smref_explain_lines(smref_sink *sink, const smref_explanation *e, const smref_stimulus *stimulus,
                         const smref_step_result *result)
{
    struct page page = {.sink = sink, .e = e, .access = &stimulus->access};

    if (stimulus->op == SMREF_OP_IDENTIFY && result)
        identify_lines(&page, &result->access);
    if (!smref_explains(stimulus->op))
        return;
    for (size_t i = 0; i < e->count; i++) {
        const smref_step *step = &e->list[i].step;
        if (e->cut && step->kind == SMREF_STEP_CHANGE && e->list[i - 1].step.kind != SMREF_STEP_CHANGE)
            chapter_line(&page, "There are more steps than an explanation holds");
        if (i == 0 || step->phase != e->list[i - 1].step.phase)
            chapter_line(&page, smref_say_phase(step->phase));
        page.nested = smref_step_nested(step);
        page.indent = page.nested ? NESTED : LINE;
        step_lines(&page, i);
    }
    if (e->cut && e->list[e->count - 1].step.kind != SMREF_STEP_CHANGE)
        chapter_line(&page, "There are more steps than an explanation holds");
    if (result && e->count && !is_outcome(e->list[e->count - 1].step.phase))
        chapter_line(&page, smref_say_phase(SMREF_PHASE_FAULT));
    page.nested = false;
    page.indent = LINE;
    if (result && stimulus->op == SMREF_OP_ACCESS)
        result_lines(&page, &result->access);
    else if (result)
        smref_mmio_lines(&page, stimulus, &result->access);
}
