/* An explanation as data. Numbers that can be large are hexadecimal strings, as everywhere in the formats. */
#include "explain_json.h"

#include <stdio.h>

#include "hex.h"
#include "vocabulary.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static json_t *fields_json(const smref_shown *fields, size_t count)
{
    json_t *array = json_array(), *object;

    for (size_t i = 0; i < count; i++) {
        object = json_object();
        set_text(object, "name", fields[i].name);
        json_object_set_new(object, "value", smref_hex_json(fields[i].value));
        set_text(object, "code", fields[i].code);
        set_text(object, "means", fields[i].means);
        if (fields[i].state != SMREF_FIELD_ACTIVE)
            set_text(object, "state", smref_spell_state(fields[i].state));
        json_array_append_new(array, object);
    }
    return array;
}

static void set_register(json_t *object, const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step;
    char name[SMREF_NAME_ROOM];
    smref_shown fields[SMREF_MAX_SHOWN];
    size_t count = smref_explain_register(e, step->reg, step->address, step->name, fields);

    set_text(object, "register", smref_step_register(e, index, name));
    json_object_set_new(object, "value", smref_hex_json(step->address));
    json_object_set_new(object, "fields", fields_json(fields, count));
}

/* What a READ, a WRITE and a FETCH have in common. */
static void set_entry(json_t *object, const smref_step *step)
{
    const smref_layout_info *layout = smref_layout_at((unsigned)step->layout);

    set_text(object, "layout",
             layout->kind == SMREF_LAYOUT_KIND_EVENT ? "event"
             : smref_step_nameless(step)             ? "command"
                                                     : layout->name);
    if (layout->kind == SMREF_LAYOUT_KIND_DESCRIPTOR)
        json_object_set_new(object, "level", json_integer(step->level));
    if (layout->kind != SMREF_LAYOUT_KIND_EVENT) {
        json_object_set_new(object, "index", smref_hex_json(step->index));
        json_object_set_new(object, "shift", json_integer(step->shift));
    }
}

static void set_access(json_t *object, const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step;
    smref_shown fields[SMREF_MAX_SHOWN];

    set_entry(object, step);
    if (step->kind != SMREF_STEP_HELD) {
        set_text(object, "pas", smref_spell_pas(step->pas));
        json_object_set_new(object, "address", smref_hex_json(step->address));
        if (step->mecid)
            json_object_set_new(object, "mecid", smref_hex_json(step->mecid));
    }
    if (!step->words) {
        json_object_set_new(object, "aborted", json_true());
        return;
    }
    json_object_set_new(object, "words", smref_hex_words(step->words, step->count));
    set_text(object, "descriptor", smref_step_descriptor(step));
    json_object_set_new(object, "fields",
                        fields_json(fields, smref_explain_fields(e, index, e->full, fields)));
}

static void set_rule(json_t *object, const smref_explanation *e, size_t index)
{
    const smref_rule_info *rule = smref_rule_at(e->list[index].step.rule);
    uint16_t broken[SMREF_MAX_BROKEN];
    unsigned count = smref_step_broken(e, index, broken);
    json_t *list;

    set_text(object, "rule", rule->id);
    set_text(object, "section", rule->section);
    set_text(object, "title", rule->title);
    set_text(object, "event", smref_rule_event(rule));
    set_text(object, "when", rule->when);
    if (!count)
        return;
    list = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, json_string(smref_rule_at(broken[i])->id));
    json_object_set_new(object, "broken", list);
}

static void set_choice(json_t *object, const smref_explanation *e, const smref_step *step)
{
    const smref_choice_info *choice = smref_choice_at(step->choice);
    json_t *others = json_array();

    set_text(object, "choice", choice->id);
    set_text(object, "section", choice->section);
    set_text(object, "title", choice->title);
    set_text(object, "option", choice->options[step->option].name);
    set_text(object, "means", choice->options[step->option].means);
    for (unsigned i = 0; i < choice->option_count; i++)
        if (i != step->option && smref_option_permitted(e->smmu, step->choice, i))
            json_array_append_new(others, json_string(choice->options[i].name));
    json_object_set_new(object, "others", others);
}

static void set_walk(json_t *object, const smref_step *step)
{
    static const char *const formats[] = {"VMSAv8-32", "VMSAv8-64", "VMSAv9-128"};
    static const char *const purposes[] = {"cd", "tt", "in"};
    const smref_walk_info *w = step->walk;
    char base[8] = "S2TTB";

    if (step->stage == 1)
        snprintf(base, sizeof base, "TTB%u", (unsigned)w->half & 1);
    json_object_set_new(object, "input", smref_hex_json(w->input));
    set_text(object, "format", formats[w->format % 3]);
    json_object_set_new(object, "granule", smref_hex_json(UINT64_C(1) << (w->granule_bits & 63)));
    set_text(object, "base", base);
    json_object_set_new(object, "address", smref_hex_json(w->base));
    json_object_set_new(object, "input_bits", json_integer(w->input_bits));
    json_object_set_new(object, "output_bits", json_integer(w->output_bits));
    json_object_set_new(object, "start_level", json_integer(w->start_level));
    if (w->ds)
        json_object_set_new(object, "ds", json_true());
    if (w->concatenated)
        json_object_set_new(object, "concatenated", json_true());
    if (w->big_endian)
        json_object_set_new(object, "big_endian", json_true());
    if (step->stage == 2)
        set_text(object, "purpose", purposes[w->purpose % 3]);
}

static void set_attrs(json_t *object, const smref_step *step)
{
    set_text(object, "name", step->name);
    json_object_set_new(object, "attrs", smref_attrs_json(step->attrs));
    json_object_set_new(object, "priv", json_boolean(step->priv));
    json_object_set_new(object, "inst", json_boolean(step->inst));
}

static void set_grants(json_t *object, const smref_step *step)
{
    char text[4] = "---";
    unsigned g = step->grants;

    set_text(object, "name", step->name);
    snprintf(text, sizeof text, "%c%c%c", g & SMREF_GRANT_PR ? 'r' : '-', g & SMREF_GRANT_PW ? 'w' : '-',
             g & SMREF_GRANT_PX ? 'x' : '-');
    set_text(object, "privileged", text);
    snprintf(text, sizeof text, "%c%c%c", g & SMREF_GRANT_UR ? 'r' : '-', g & SMREF_GRANT_UW ? 'w' : '-',
             g & SMREF_GRANT_UX ? 'x' : '-');
    set_text(object, "unprivileged", text);
}

static void set_particulars(json_t *object, const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step;

    switch (step->kind) {
    case SMREF_STEP_READ:
    case SMREF_STEP_WRITE:
    case SMREF_STEP_HELD:
        set_access(object, e, index);
        break;
    case SMREF_STEP_RULE:
        set_rule(object, e, index);
        break;
    case SMREF_STEP_CHOICE:
        set_choice(object, e, step);
        break;
    case SMREF_STEP_VALUE:
        set_text(object, "name", step->name);
        json_object_set_new(object, "value", smref_hex_json(step->address));
        break;
    case SMREF_STEP_REGISTER:
        set_register(object, e, index);
        break;
    case SMREF_STEP_FETCH:
        set_entry(object, step);
        json_object_set_new(object, "ipa", smref_hex_json(step->address));
        break;
    case SMREF_STEP_WALK:
        set_walk(object, step);
        break;
    case SMREF_STEP_ATTRS:
        set_attrs(object, step);
        break;
    case SMREF_STEP_GRANTS:
        set_grants(object, step);
        break;
    case SMREF_STEP_REACH:
        smref_set_reach(object, e, index);
        break;
    case SMREF_STEP_FIELD:
        smref_set_look(object, e, index);
        break;
    case SMREF_STEP_CHANGE:
        smref_set_change(object, e, index);
        break;
    }
}

static json_t *step_json(const smref_explanation *e, size_t index)
{
    static const char *const kinds[] = {"read", "write", "rule",   "choice", "value", "register", "fetch",
                                        "walk", "attrs", "grants", "reach",  "field", "change",   "held"};
    static const char *const phases[] = {"control", "stream", "input",    "context",  "stage1",   "stage2",
                                         "output",  "fault",  "register", "protocol", "commands", "after"};
    const smref_step *step = &e->list[index].step;
    json_t *object = json_object();

    set_text(object, "kind", kinds[step->kind]);
    set_text(object, "phase", phases[step->phase]);
    if (step->stage)
        json_object_set_new(object, "stage", json_integer(step->stage));
    set_particulars(object, e, index);
    return object;
}

static json_t *event_json(const smref_event *event)
{
    smref_shown fields[SMREF_MAX_SHOWN];
    json_t *object = json_object();

    set_text(object, "kind", "event");
    set_text(object, "phase", "fault");
    set_text(object, "event", smref_spell_event(event->type));
    json_object_set_new(object, "fields", fields_json(fields, smref_explain_event(event, fields)));
    return object;
}

json_t *smref_explanation_json(const smref_explanation *e, const smref_result *result)
{
    json_t *array = json_array(), *cut;

    for (size_t i = 0; i < e->count; i++)
        if (e->list[i].step.kind != SMREF_STEP_FIELD || smref_look_is_shown(e, i))
            json_array_append_new(array, step_json(e, i));
    if (e->cut) {
        cut = json_object();
        set_text(cut, "kind", "cut");
        json_array_append_new(array, cut);
    }
    if (result->event_valid)
        json_array_append_new(array, event_json(&result->event));
    return array;
}
