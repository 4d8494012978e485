/* Runs a test on the model, and a vector against what it expects. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "outcome_json.h"
#include "run_text.h"
#include "vectors.h"

/* ---- Running --------------------------------------------------------------------------------------- */

bool smref_test_run(const smref_jdoc *doc, const smref_group *group, const smref_test *test,
                    smref_visit_step *visit, void *context, smref_jerror *error)
{
    smref_machine machine;
    bool good = true;

    if (!smref_machine_new(&machine, doc, &group->base, &test->patch, error))
        return false;
    for (size_t i = 0; good && i < test->steps.count; i++) {
        const smref_stimulus *stimulus = &test->steps.list[i];
        smref_outcomes all;
        smref_step_result result;
        if (!smref_step_enumerate(&machine, doc, stimulus, &all, error)) {
            good = false;
            break;
        }
        visit(context, i, stimulus, &all);
        smref_outcomes_free(&all);
        if (i + 1 < test->steps.count) {
            good = smref_step_run(&machine, doc, stimulus, &result, error);
            if (good)
                smref_step_result_free(&result);
        }
    }
    smref_machine_free(&machine);
    return good;
}

/* ---- Checking -------------------------------------------------------------------------------------- */

struct check {
    const smref_test *test;
    FILE *to;
    bool same;
};

/* A step's outcomes, listed and permitted, and which of them found their like. */
struct sets {
    const smref_jnode *expected;
    const smref_outcomes *all;
    json_t **got;
    bool *listed, *permitted; /* of expected[]: permitted; of got[]: listed */
};

static void pair_up(struct sets *s)
{
    for (size_t e = 0; e < s->expected->child_count; e++) {
        for (size_t g = 0; g < s->all->count; g++) {
            if (!s->listed[g] && smref_outcome_matches(s->expected->children[e].value, s->got[g])) {
                s->listed[g] = s->permitted[e] = true;
                break;
            }
        }
    }
}

/* Of a fault the rule that decided it; of anything else all rules on its way. */
static void print_reason(FILE *to, const smref_stimulus *stimulus, const smref_result *result)
{
    const smref_rule_info *rule = NULL;

    if (stimulus->op == SMREF_OP_ACCESS && result->outcome != SMREF_OUTCOME_OK)
        rule = smref_deciding_rule(result);
    if (rule)
        fprintf(to, "    decided by %s [%s]: %s\n", rule->id, rule->section, rule->title);
    for (unsigned i = 0; !rule && i < result->rule_count; i++) {
        const smref_rule_info *on_way = smref_rule_at(result->rules[i]);
        fprintf(to, "%s %s [%s]%s", i ? "" : "    led there by", on_way->id, on_way->section,
                i + 1 < result->rule_count ? "," : "\n");
    }
}

static void print_choices(FILE *to, const json_t *outcome)
{
    const json_t *choices = json_object_get(outcome, "choices");
    const char *key;
    json_t *option;

    json_object_foreach((json_t *)(uintptr_t)choices, key, option)
    {
        fprintf(to, " %s=%s", key, json_string_value(option));
    }
}

static size_t unmatched(const bool *matched, size_t from, size_t count)
{
    while (from < count && matched[from])
        from++;
    return from;
}

/* What is left over on both sides is compared in the order in which it stands; the rest is too much or is
 * missing. */
static void print_leftovers(FILE *to, const smref_stimulus *stimulus, const struct sets *s)
{
    size_t expected = s->expected->child_count;
    size_t e = unmatched(s->permitted, 0, expected), g = unmatched(s->listed, 0, s->all->count);

    for (; e < expected && g < s->all->count;
         e = unmatched(s->permitted, e + 1, expected), g = unmatched(s->listed, g + 1, s->all->count)) {
        smref_outcome_differences(to, "    ", s->expected->children[e].value, s->got[g]);
        print_reason(to, stimulus, &s->all->list[g].result.access);
    }
    for (; g < s->all->count; g = unmatched(s->listed, g + 1, s->all->count)) {
        fputs("    permitted, but not listed: ", to);
        smref_print_outcome(to, stimulus, &s->all->list[g].result);
        print_choices(to, s->got[g]);
        fputc('\n', to);
        print_reason(to, stimulus, &s->all->list[g].result.access);
    }
    for (; e < expected; e = unmatched(s->permitted, e + 1, expected)) {
        fputs("    listed, but not permitted: ", to);
        json_dumpf(s->expected->children[e].value, to, JSON_COMPACT);
        fputc('\n', to);
        print_reason(to, stimulus, &s->all->list[0].result.access);
    }
}

static void check_step(void *context, size_t step, const smref_stimulus *stimulus, const smref_outcomes *all)
{
    struct check *check = context;
    struct sets s = {.expected = &check->test->outcomes->children[step], .all = all};

    s.got = smref_alloc(all->count, sizeof *s.got);
    s.listed = smref_alloc(all->count, sizeof *s.listed);
    s.permitted = smref_alloc(s.expected->child_count, sizeof *s.permitted);
    for (size_t i = 0; i < all->count; i++)
        s.got[i] = smref_permitted_json(stimulus, &all->list[i]);
    pair_up(&s);
    bool same = unmatched(s.listed, 0, all->count) == all->count &&
                unmatched(s.permitted, 0, s.expected->child_count) == s.expected->child_count;
    if (!same || all->capped) {
        check->same = false;
        fprintf(check->to, "  step %zu: ", step);
        smref_print_stimulus(check->to, stimulus);
        fputc('\n', check->to);
        print_leftovers(check->to, stimulus, &s);
        if (all->capped)
            fprintf(check->to, "    %u replays were not enough: too many choices\n", all->replays);
    }
    for (size_t i = 0; i < all->count; i++)
        json_decref(s.got[i]);
    free(s.got);
    free(s.listed);
    free(s.permitted);
}

bool smref_test_check(const smref_jdoc *doc, const smref_group *group, const smref_test *test, FILE *to,
                      bool *same, smref_jerror *error)
{
    struct check check = {test, to, true};
    bool good = smref_test_run(doc, group, test, check_step, &check, error);

    *same = check.same;
    return good;
}
