/* The steps of an access to a register as data. */
#include <string.h>

#include "explain_json.h"
#include "hex.h"
#include "spec_words.h"
#include "vocabulary.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static void set_name(json_t *object, const smref_explanation *e, size_t index)
{
    char name[SMREF_NAME_ROOM];

    set_text(object, "register", smref_step_register(e, index, name));
}

static json_t *value_json(const smref_shown *value)
{
    json_t *object = json_object();

    json_object_set_new(object, "value", smref_hex_json(value->value));
    set_text(object, "code", value->code);
    set_text(object, "means", value->means);
    return object;
}

/* ---- Clauses --------------------------------------------------------------------------------------- */

static json_t *clause_json(const smref_shown_clause *clause)
{
    json_t *object = json_object(), *terms = json_array();

    set_text(object, "is", clause->is);
    if (*clause->when)
        set_text(object, "when", clause->when);
    json_object_set_new(object, "holds", json_boolean(clause->holds));
    for (unsigned i = 0; i < clause->term_count; i++) {
        json_t *term = json_object();
        set_text(term, "name", clause->terms[i].name);
        json_object_set_new(term, "value", smref_hex_json(clause->terms[i].number));
        json_array_append_new(terms, term);
    }
    if (json_array_size(terms))
        json_object_set(object, "terms", terms);
    json_decref(terms);
    return object;
}

static void set_clauses(json_t *object, const char *key, const smref_explanation *e, size_t index,
                        smref_clauses which)
{
    smref_shown_clause clauses[SMREF_MAX_CLAUSES];
    size_t count = smref_explain_clauses(e, index, which, clauses);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, clause_json(&clauses[i]));
    if (count)
        json_object_set(object, key, list);
    json_decref(list);
}

static json_t *spaces_json(unsigned spaces)
{
    json_t *list = json_array();

    for (unsigned pas = 0; pas < SMREF_PAS_COUNT; pas++)
        if (spaces >> pas & 1)
            json_array_append_new(list, json_string(smref_spell_pas((smref_pas)pas)));
    return list;
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

void smref_set_reach(json_t *object, const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step;
    const smref_reach_info *reach = step->reach;

    json_object_set_new(object, "offset", smref_hex_json(reach->offset));
    if (reach->found || reach->block != SMREF_BLOCK_NS_PAGE0)
        set_text(object, "block", smref_block_at(reach->block)->name);
    if (reach->page)
        json_object_set_new(object, "page", json_integer(reach->page));
    if (!reach->found)
        return;
    set_name(object, e, index);
    if (reach->upper)
        json_object_set_new(object, "upper", json_true());
    set_text(object, "section", smref_register_at((unsigned)step->reg)->section);
    set_text(object, "pas", smref_spell_pas(reach->pas));
    json_object_set_new(object, "spaces", spaces_json(reach->spaces));
    json_object_set_new(object, "held", smref_hex_json(reach->held));
    if (reach->write)
        json_object_set_new(object, "written", smref_hex_json(reach->written & reach->lanes));
    set_clauses(object, "access", e, index, SMREF_CLAUSES_ACCESS);
}

bool smref_look_is_shown(const smref_explanation *e, size_t index)
{
    smref_shown_look shown = smref_explain_look(e, index);

    if (shown.touched || (e->full && smref_field_is_named(shown.info)))
        return true;
    return !shown.write && smref_field_is_named(shown.info) && (shown.now.value || shown.unknown);
}

static const char *fate(const smref_shown_look *shown)
{
    if (!shown->write)
        return shown->unknown ? "unknown" : shown->touched ? "hidden" : "shown";
    if (!shown->touched)
        return "unchanged";
    if (shown->look->fate != SMREF_FATE_PASSES)
        return "ignored";
    return shown->now.value == shown->written.value ? "taken" : "not kept";
}

void smref_set_look(json_t *object, const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step;
    smref_shown_look shown = smref_explain_look(e, index);
    char bits[SMREF_WORDS_ROOM];

    set_name(object, e, index);
    set_text(object, "field", shown.info->name);
    set_text(object, "bits", smref_spell_bits(shown.info, bits));
    set_text(object, "fate", fate(&shown));
    json_object_set_new(object, "held", value_json(&shown.held));
    if (shown.write)
        json_object_set_new(object, "written", value_json(&shown.written));
    json_object_set_new(object, "now", value_json(&shown.now));
    if (step->look->state != SMREF_FIELD_ACTIVE)
        set_text(object, "state", smref_spell_state(step->look->state));
    set_clauses(object, "states", e, index, SMREF_CLAUSES_STATE);
    if (shown.write)
        set_clauses(object, "access", e, index, SMREF_CLAUSES_ACCESS);
}

void smref_set_change(json_t *object, const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step;
    const smref_register_info *info = smref_register_at((unsigned)step->reg);
    json_t *list = json_array();

    set_name(object, e, index);
    json_object_set_new(object, "before", smref_hex_json(step->words[0]));
    json_object_set_new(object, "after", smref_hex_json(step->words[1]));
    for (unsigned f = 0; f < info->field_count; f++) {
        smref_shown before = smref_explain_field(&info->fields[f], step->words[0]);
        smref_shown after = smref_explain_field(&info->fields[f], step->words[1]);
        json_t *field;
        if (before.value == after.value || !smref_explain_present(e, step->reg, f, step->words[1]))
            continue;
        field = json_object();
        set_text(field, "name", info->fields[f].name);
        json_object_set_new(field, "before", value_json(&before));
        json_object_set_new(field, "after", value_json(&after));
        json_array_append_new(list, field);
    }
    json_object_set_new(object, "fields", list);
}
