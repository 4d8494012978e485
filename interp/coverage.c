/* Counts what vectors cover. */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"

void smref_coverage_init(smref_coverage *coverage)
{
    memset(coverage, 0, sizeof *coverage);
    for (unsigned i = 0; i < SMREF_RULE_COUNT; i++) {
        coverage->rules[i].fired = json_array();
        coverage->rules[i].neighbours = json_array();
    }
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        coverage->seen[i] = smref_alloc(smref_choice_at(i)->option_count, sizeof **coverage->seen);
}

void smref_coverage_free(smref_coverage *coverage)
{
    for (unsigned i = 0; i < SMREF_RULE_COUNT; i++) {
        json_decref(coverage->rules[i].fired);
        json_decref(coverage->rules[i].neighbours);
    }
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        free(coverage->seen[i]);
}

/* Marks the options that an outcome needs. */
static void see(smref_coverage *coverage, const json_t *choices)
{
    const char *id;
    json_t *option;
    smref_choice choice;

    json_object_foreach((json_t *)(uintptr_t)choices, id, option)
    {
        if (!smref_choice_find(id, &choice))
            continue;
        const smref_choice_info *info = smref_choice_at((unsigned)choice);
        for (unsigned i = 0; i < info->option_count; i++)
            if (strcmp(info->options[i].name, json_string_value(option)) == 0)
                coverage->seen[choice][i] = true;
    }
}

static void add_outcome(smref_coverage *coverage, const json_t *outcome, bool *fired)
{
    const json_t *rules = json_object_get(outcome, "rules"), *also = json_object_get(outcome, "also");
    smref_rule rule;

    for (size_t i = 0; i < json_array_size(rules); i++)
        if (smref_rule_find(json_string_value(json_array_get(rules, i)), &rule))
            fired[rule] = true;
    see(coverage, json_object_get(outcome, "choices"));
    for (size_t i = 0; i < json_array_size(also); i++)
        see(coverage, json_array_get(also, i));
}

static void add_test(smref_coverage *coverage, const char *suite, const smref_test *test)
{
    bool fired[SMREF_RULE_COUNT] = {false}, listed[SMREF_RULE_COUNT] = {false};
    json_t *name = json_sprintf("%s/%s", suite, test->id);

    for (size_t i = 0; i < test->outcomes->child_count; i++)
        for (size_t k = 0; k < test->outcomes->children[i].child_count; k++)
            add_outcome(coverage, test->outcomes->children[i].children[k].value, fired);
    for (size_t i = 0; i < test->rule_count; i++) {
        smref_rule_coverage *rule = &coverage->rules[test->rules[i]];
        listed[test->rules[i]] = true;
        json_array_append(fired[test->rules[i]] ? rule->fired : rule->neighbours, name);
    }
    for (unsigned i = 0; i < SMREF_RULE_COUNT; i++)
        coverage->rules[i].passed += fired[i] && !listed[i];
    coverage->tests++;
    json_decref(name);
}

void smref_coverage_add(smref_coverage *coverage, const smref_vectors *vectors)
{
    for (size_t g = 0; g < vectors->group_count; g++)
        for (size_t t = 0; t < vectors->groups[g].test_count; t++)
            add_test(coverage, vectors->name, &vectors->groups[g].tests[t]);
}
