/* The vectors that a recipe gives: complete by themselves, and the same bytes each time. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"
#include "outcome_json.h"
#include "recipe.h"
#include "vocabulary.h"

/* ---- Parts --------------------------------------------------------------------------------------------- */

static void set_unless_empty(json_t *object, const char *key, json_t *value)
{
    if (value && (json_object_size(value) || json_array_size(value)))
        json_object_set(object, key, value);
    json_decref(value);
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

static json_t *words_json(const smref_region *region)
{
    size_t count = (size_t)region->size / 8;
    uint64_t *words = smref_alloc(count, sizeof *words);

    smref_bytes_to_words(region->bytes, count, words);
    json_t *list = smref_hex_words(words, count);
    free(words);
    return list;
}

static json_t *region_json(const smref_region *region)
{
    json_t *out = json_object();

    json_object_set_new(out, "pas", json_string(smref_spell_pas(region->pas)));
    json_object_set_new(out, "at", smref_hex_json(region->at));
    if (region->kind == SMREF_REGION_FILL) {
        json_object_set_new(out, "size", smref_hex_json(region->size));
        json_object_set_new(out, "fill", smref_hex_json(region->fill));
    } else if (region->kind == SMREF_REGION_STRUCT || region->kind == SMREF_REGION_U64) {
        json_object_set_new(out, "u64", words_json(region));
    } else {
        json_object_set_new(out, "hex", smref_hex_dump(region->bytes, (size_t)region->size));
    }
    return out;
}

static json_t *memory_json(const smref_regions *memory)
{
    json_t *out = json_array();

    for (size_t i = 0; i < memory->count; i++)
        if (!memory->list[i].mirrors)
            json_array_append_new(out, region_json(&memory->list[i]));
    return out;
}

/* ---- Bases and tests ------------------------------------------------------------------------------- */

json_t *smref_recipe_base(const smref_snapshot *base)
{
    json_t *out = json_object();

    if (base->description)
        json_object_set_new(out, "description", json_string(base->description));
    if (base->profile.registers.given[SMREF_REG_SMMU_AIDR] || base->profile.name[0])
        json_object_set_new(out, "profile", smref_profile_json(&base->profile));
    set_unless_empty(out, "choices", smref_choices_json(&base->choices));
    set_unless_empty(out, "registers", smref_registers_json(&base->registers, &base->profile.registers));
    if (base->aliases)
        json_object_set(out, "aliases", smref_jget(base->node, "aliases")->value);
    set_unless_empty(out, "memory", memory_json(&base->memory));
    json_object_set_new(out, "unmapped",
                        json_string(base->unmapped == SMREF_UNMAPPED_ZERO ? "zero" : "abort"));
    if (base->reset_unknown)
        json_object_set_new(out, "reset_unknown", smref_hex_json(base->reset_unknown));
    if (base->caching)
        json_object_set_new(out, "caching", json_string(smref_caching_words[base->caching]));
    return out;
}

static json_t *patch_json(const smref_patch *patch, const smref_snapshot *base)
{
    json_t *out = json_object();

    set_unless_empty(out, "registers", smref_registers_json(&patch->registers, &base->registers));
    set_unless_empty(out, "memory", memory_json(&patch->memory));
    set_unless_empty(out, "choices", smref_choices_json(&patch->choices));
    if (patch->caching_given)
        json_object_set_new(out, "caching", json_string(smref_caching_words[patch->caching]));
    return out;
}

static json_t *rules_json(const smref_test *test)
{
    json_t *out = json_array();

    for (size_t i = 0; i < test->rule_count; i++)
        json_array_append_new(out, json_string(smref_rule_at((unsigned)test->rules[i])->id));
    return out;
}

static json_t *test_json(const smref_test *test, const smref_snapshot *base, json_t *expect)
{
    json_t *out = json_object();

    json_object_set_new(out, "id", json_string(test->id));
    json_object_set_new(out, "comment", json_string(test->comment));
    json_object_set_new(out, "section", json_string(test->section));
    json_object_set_new(out, "rules", rules_json(test));
    set_unless_empty(out, "patch", patch_json(&test->patch, base));
    json_object_set(out, "steps", smref_jget(test->node, "steps")->value);
    json_object_set(out, "expect", expect);
    return out;
}

static json_t *group_json(const smref_recipe_group *group, json_t *const *expect)
{
    json_t *out = json_object(), *tests = json_array();
    const smref_group *g = &group->group;

    json_object_set_new(out, "name", json_string(g->name));
    if (g->comment)
        json_object_set_new(out, "comment", json_string(g->comment));
    json_object_set_new(out, "source",
                        json_pack("{s:s, s:s}", "generator", "smref gen", "version", SMREF_VERSION));
    if (group->requires_node)
        json_object_set(out, "requires", group->requires_node->value);
    else
        json_object_set_new(out, "requires", json_object());
    json_object_set_new(out, "base", smref_recipe_base(&g->base));
    for (size_t i = 0; i < g->test_count; i++)
        json_array_append_new(tests, test_json(&g->tests[i], &g->base, expect[i]));
    json_object_set_new(out, "tests", tests);
    return out;
}

json_t *smref_recipe_vectors(const smref_recipe *recipe, json_t *const *expect)
{
    json_t *out = json_object(), *groups = json_array();

    json_object_set_new(out, "format", json_string("smref-vectors"));
    json_object_set_new(out, "version", json_string("1.0"));
    if (recipe->description)
        json_object_set_new(out, "description", json_string(recipe->description));
    for (size_t i = 0; i < recipe->group_count; i++) {
        json_array_append_new(groups, group_json(&recipe->groups[i], expect));
        expect += recipe->groups[i].group.test_count;
    }
    json_object_set_new(out, "groups", groups);
    return out;
}

/* ---- Outcomes -------------------------------------------------------------------------------------- */

/* Bits of a record that the architecture leaves open have no value worth publishing. */
static void clear_open_bits(smref_event *event)
{
    for (size_t i = 0; i < 4; i++)
        event->words[i] &= ~event->unknown[i];
}

json_t *smref_recipe_outcome(const smref_stimulus *stimulus, const smref_permitted *permitted,
                             const smref_jnode *open)
{
    smref_permitted shown = *permitted;

    clear_open_bits(&shown.result.access.event);
    json_t *outcome = smref_permitted_json(stimulus, &shown);
    for (size_t i = 0; open && i < open->child_count; i++)
        json_object_del(outcome, json_string_value(open->children[i].value));
    if (open)
        json_object_set(outcome, "open", open->value);
    return outcome;
}
