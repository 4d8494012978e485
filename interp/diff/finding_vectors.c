/* A finding as a vector, which any implementation can be tried with. */
#include <stdio.h>
#include <string.h>

#include "publish.h"
#include "recipe.h"
#include "replay.h"

/* The permitted outcomes of each step; the steps are taken as the choices of the snapshot say. NULL: *error.
 */
static json_t *expect_json(smref_replay *replay, smref_jerror *error)
{
    json_t *expect = json_array();
    bool good = true;

    while (good && replay->next < replay->snapshot.steps.count) {
        const smref_stimulus *step = &replay->snapshot.steps.list[replay->next];
        smref_outcomes all = {.count = 0};
        smref_step_result result;
        json_t *outcomes = json_array();
        good = smref_replay_permitted(replay, &all, error);
        for (size_t i = 0; good && i < all.count; i++)
            json_array_append_new(outcomes, smref_recipe_outcome(step, &all.list[i], NULL));
        smref_outcomes_free(&all);
        json_array_append_new(expect, outcomes);
        good = good && smref_replay_step(replay, NULL, &result, error);
        if (good)
            smref_step_result_free(&result);
    }
    if (good)
        return expect;
    json_decref(expect);
    return NULL;
}

/* What the test is about: the rule that decides, when an outcome has it. */
static json_t *rules_json(const json_t *finding)
{
    json_t *out = json_array(), *rule = json_object_get(finding, "rule");

    if (rule)
        json_array_append(out, rule);
    return out;
}

static json_t *test_json(const json_t *finding, json_t *expect)
{
    const char *group = json_string_value(json_object_get(finding, "group"));
    const char *section = json_string_value(json_object_get(finding, "section"));
    char id[SMREF_SLUG_ROOM];
    json_t *test = json_object();

    json_object_set_new(test, "id", json_string(smref_group_slug(group, id)));
    json_object_set_new(test, "comment", json_string(group));
    json_object_set_new(test, "section", json_string(section ? section : "6.3"));
    json_object_set_new(test, "rules", rules_json(finding));
    json_object_set(test, "steps", json_object_get(json_object_get(finding, "case"), "steps"));
    json_object_set_new(test, "expect", expect);
    return test;
}

/* The case; from a second access on an SMMU may use what its caches hold. */
static json_t *case_json(const json_t *finding)
{
    json_t *out = json_copy(json_object_get(finding, "case")), *step;
    size_t i, accesses = 0;

    json_array_foreach(json_object_get(out, "steps"), i, step)
    {
        const char *op = json_string_value(json_object_get(step, "op"));
        accesses += op && strcmp(op, "access") == 0;
    }
    if (accesses > 1)
        json_object_set_new(out, "caching", json_string("any"));
    return out;
}

json_t *smref_finding_vector(const json_t *finding, smref_jerror *error)
{
    const char *name = json_string_value(json_object_get(finding, "group"));
    json_t *expect = NULL, *base, *state = case_json(finding);
    smref_replay replay;
    char slug[SMREF_SLUG_ROOM];
    bool good = smref_replay_open(&replay, state, "case", error);

    json_decref(state);
    if (!good)
        return NULL;
    expect = expect_json(&replay, error);
    base = smref_recipe_base(&replay.snapshot);
    json_object_del(base, "description");
    smref_replay_close(&replay);
    if (!expect) {
        json_decref(base);
        return NULL;
    }
    return json_pack("{s:s, s:{s:s, s:s}, s:{}, s:o, s:[o]}", "name", smref_group_slug(name, slug), "source",
                     "generator", "smref diff", "version", SMREF_VERSION, "requires", "base", base, "tests",
                     test_json(finding, expect));
}

json_t *smref_finding_vectors(const char *implementation, json_t *groups)
{
    char text[200];

    snprintf(text, sizeof text, "Cases in which %.80s departs from the architecture.", implementation);
    return json_pack("{s:s, s:s, s:s, s:o}", "format", "smref-vectors", "version", "1.0", "description", text,
                     "groups", groups);
}
