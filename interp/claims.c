/* Claims against what the model permits. */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "outcome_json.h"
#include "run_text.h"

/* ---- Shape ----------------------------------------------------------------------------------------- */

struct shape {
    const smref_jdoc *doc;
    smref_test *test;
    bool *claimed; /* by rule: some claim says whether it fires */
    smref_jerror *error;
};

/* The rules of "fires" or "not"; those that are new become the test's. */
static bool read_rules(struct shape *s, const smref_jnode *list)
{
    smref_test *test = s->test;
    smref_rule rule;
    const char *id;

    if (!list)
        return true;
    if (!smref_jarray(s->doc, list, s->error))
        return false;
    for (size_t i = 0; i < list->child_count; i++) {
        if (!smref_jstring(s->doc, &list->children[i], &id, s->error))
            return false;
        if (!smref_rule_find(id, &rule))
            return smref_no_such_rule(s->doc, &list->children[i], id, s->error);
        s->claimed[rule] = true;
        size_t k = 0;
        while (k < test->rule_count && test->rules[k] != rule)
            k++;
        if (k == test->rule_count) {
            test->rules = smref_resize(test->rules, test->rule_count + 1, sizeof *test->rules);
            test->rules[test->rule_count++] = rule;
        }
    }
    return true;
}

static bool read_claim(struct shape *s, const smref_jnode *node)
{
    static const char *const keys[] = {
        "comment", "outcome",      "event",     "fields",     "unknown", "bank",     "lost", "stag",
        "value",   "value_ignore", "par",       "par_ignore", "hex",     "pa",       "pas",  "attrs",
        "priv",    "inst",         "fires",     "writes",     "irqs",    "messages", "more", "gerror",
        "far",     "not",          "page_size", "choices",    "mecid",   NULL};
    smref_choice_set set;
    const smref_jnode *choices = smref_jget(node, "choices");

    smref_choices_clear(&set);
    if (!smref_jkeys(s->doc, node, keys, s->error) ||
        (choices && !smref_choices_read(s->doc, choices, &set, s->error)))
        return false;
    return read_rules(s, smref_jget(node, "fires")) && read_rules(s, smref_jget(node, "not"));
}

/* The claims of a step: one, or a list of them. */
static const smref_jnode *claims_of(const smref_test *test, size_t step, size_t *count)
{
    const smref_jnode *node = test->outcomes;

    if (json_is_array(node->value))
        node = &node->children[step];
    *count = json_is_array(node->value) ? node->child_count : 1;
    return json_is_array(node->value) ? node->children : node;
}

static bool read_step(struct shape *s, size_t step)
{
    size_t count;
    const smref_jnode *claims = claims_of(s->test, step, &count);

    for (size_t i = 0; i < count; i++)
        if (!read_claim(s, &claims[i]))
            return false;
    return count > 0 || smref_jfail(s->doc, s->test->outcomes, s->error, "no claim for step %zu", step);
}

bool smref_claims_read(const smref_jdoc *doc, const smref_recipe_group *group, smref_test *test,
                       smref_jerror *error)
{
    struct shape shape = {doc, test, NULL, error};
    size_t listed = test->rule_count;
    bool good = true;

    if (group->is_observed)
        return true;
    shape.claimed = smref_alloc(SMREF_RULE_COUNT, sizeof *shape.claimed);
    for (size_t i = 0; good && i < test->steps.count; i++)
        good = read_step(&shape, i);
    for (size_t i = 0; good && i < listed; i++)
        if (!shape.claimed[test->rules[i]])
            good = smref_jfail(doc, &smref_jget(test->node, "rules")->children[i], error,
                               "say in a claim whether it \"fires\" or does \"not\"");
    if (good && test->rule_count == 0)
        good = smref_jfail(doc, test->node, error,
                           "about which rules? name them in \"fires\" or \"not\" of a claim");
    free(shape.claimed);
    return good;
}

/* ---- One claim against one outcome ----------------------------------------------------------------- */

static bool is_listed(const json_t *rules, const char *id)
{
    for (size_t i = 0; i < json_array_size(rules); i++)
        if (strcmp(json_string_value(json_array_get(rules, i)), id) == 0)
            return true;
    return false;
}

/* Where rules are the answer, as in an identification, the claim names them all. */
static bool only_claimed(const smref_jnode *claim, const json_t *rules, FILE *to)
{
    const json_t *list = json_object_get(claim->value, "fires");
    bool hold = true;

    for (size_t i = 0; i < json_array_size(rules); i++) {
        const char *id = json_string_value(json_array_get(rules, i));
        if (is_listed(list, id))
            continue;
        hold = false;
        if (to)
            fprintf(to, "    %s fires, and is not claimed\n", id);
    }
    return hold;
}

/* Whether the rules fire as claimed; `to` may be NULL. */
static bool rules_hold(const smref_jnode *claim, const smref_stimulus *stimulus, const json_t *got, FILE *to)
{
    const char *const keys[] = {"fires", "not"};
    const json_t *rules = json_object_get(got, "rules");
    bool hold = stimulus->op != SMREF_OP_IDENTIFY || only_claimed(claim, rules, to);

    for (size_t k = 0; k < 2; k++) {
        const json_t *list = json_object_get(claim->value, keys[k]);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *id = json_string_value(json_array_get(list, i));
            if (is_listed(rules, id) == (k == 0))
                continue;
            hold = false;
            if (to)
                fprintf(to, "    %s %s\n", id, k ? "fires" : "does not fire");
        }
    }
    if (!hold && to) {
        fputs("    the model's rules: ", to);
        json_dumpf(rules, to, JSON_COMPACT);
        fputc('\n', to);
    }
    return hold;
}

static bool holds_all(const json_t *way, const json_t *claimed)
{
    const char *key;
    json_t *option;

    json_object_foreach((json_t *)(uintptr_t)claimed, key, option)
    {
        if (!json_equal(json_object_get(way, key), option))
            return false;
    }
    return true;
}

/* Whether one of the ways that lead to the outcome has the claimed choices. */
static bool choices_hold(const smref_jnode *claim, const json_t *got)
{
    const json_t *claimed = json_object_get(claim->value, "choices"), *also = json_object_get(got, "also");

    if (!claimed || holds_all(json_object_get(got, "choices"), claimed))
        return true;
    for (size_t i = 0; i < json_array_size(also); i++)
        if (holds_all(json_array_get(also, i), claimed))
            return true;
    return false;
}

/* ---- All claims of a step -------------------------------------------------------------------------- */

struct step {
    const smref_stimulus *stimulus;
    const smref_outcomes *all;
    const smref_jnode *claims; /* NULL when observed */
    size_t claim_count;
    json_t **wanted, **got; /* claims as outcomes; what the model permits */
    size_t *claim_of;       /* by outcome: the claim that took it, or claim_count */
    bool *tried;
};

static bool fits(const struct step *s, size_t claim, size_t outcome)
{
    const smref_jnode *node = s->claims ? &s->claims[claim] : NULL;
    json_t *wanted = smref_claim_beside(s->wanted[claim], s->got[outcome]);
    /* A claim tells all of a write, which files of vectors need not. */
    bool same =
        smref_outcome_matches(wanted, s->got[outcome]) &&
        (!json_object_get(wanted, "writes") ||
         smref_same_value(json_object_get(wanted, "writes"), json_object_get(s->got[outcome], "writes")));

    json_decref(wanted);
    return same && (!node || (rules_hold(node, s->stimulus, s->got[outcome], NULL) &&
                              choices_hold(node, s->got[outcome])));
}

/* Finds an outcome for a claim, moving other claims to other outcomes when that helps. */
static bool place(struct step *s, size_t claim)
{
    for (size_t i = 0; i < s->all->count; i++) {
        if (s->tried[i] || !fits(s, claim, i))
            continue;
        s->tried[i] = true;
        if (s->claim_of[i] == s->claim_count || place(s, s->claim_of[i])) {
            s->claim_of[i] = claim;
            return true;
        }
    }
    return false;
}

static void print_difference(const struct step *s, size_t claim, size_t outcome, FILE *to)
{
    const smref_jnode *node = s->claims ? &s->claims[claim] : NULL;
    json_t *wanted = smref_claim_beside(s->wanted[claim], s->got[outcome]);

    if (node && s->claim_count > 1)
        fprintf(to, "    the claim of line %u:\n", node->line);
    smref_outcome_differences(to, "    ", wanted, s->got[outcome]);
    json_decref(wanted);
    if (node)
        rules_hold(node, s->stimulus, s->got[outcome], to);
    if (node && !choices_hold(node, s->got[outcome])) {
        fputs("    choices: the model has ", to);
        const json_t *choices = json_object_get(s->got[outcome], "choices");
        if (choices)
            json_dumpf(choices, to, JSON_COMPACT);
        else
            fputs("none that matters", to);
        fputc('\n', to);
    }
}

static void print_model(const struct step *s, size_t outcome, FILE *to)
{
    fputs("    the model says: ", to);
    smref_print_outcome(to, s->stimulus, &s->all->list[outcome].result);
    const json_t *choices = json_object_get(s->got[outcome], "choices");
    if (choices) {
        fputs(" with ", to);
        json_dumpf(choices, to, JSON_COMPACT);
    }
    fputc('\n', to);
}

/* Claims without an outcome and outcomes without a claim, side by side as long as there are both. */
static bool print_step(const struct step *s, const bool *placed, FILE *to)
{
    size_t outcome = 0;
    bool hold = true;

    for (size_t claim = 0; claim < s->claim_count; claim++) {
        if (placed[claim])
            continue;
        hold = false;
        while (outcome < s->all->count && s->claim_of[outcome] != s->claim_count)
            outcome++;
        if (outcome == s->all->count) {
            fprintf(to, "    claimed in line %u, but not permitted by the model\n",
                    s->claims ? s->claims[claim].line : 0);
            continue;
        }
        print_difference(s, claim, outcome, to);
        print_model(s, outcome++, to);
    }
    for (; outcome < s->all->count; outcome++) {
        if (s->claim_of[outcome] != s->claim_count)
            continue;
        hold = false;
        fputs("    nobody claims what is permitted too:\n", to);
        print_model(s, outcome, to);
    }
    return hold;
}

static bool judge(struct step *s, size_t number, FILE *to)
{
    bool *placed = smref_alloc(s->claim_count, sizeof *placed), all_placed = s->claim_count == s->all->count;

    for (size_t i = 0; i < s->claim_count; i++) {
        memset(s->tried, 0, s->all->count * sizeof *s->tried);
        placed[i] = place(s, i);
        all_placed = all_placed && placed[i];
    }
    if (!all_placed) {
        fprintf(to, "  step %zu: ", number);
        smref_print_stimulus(to, s->stimulus);
        fputc('\n', to);
        print_step(s, placed, to);
    }
    free(placed);
    return all_placed;
}

/* What is observed goes the way of a claim: what the group says of all such outcomes, and the group's open
 * keys. */
static json_t *observed_outcome(const smref_recipe_group *group, size_t index)
{
    json_t *outcome = smref_observed_outcome(&group->observed.list[index]);
    json_t *open = json_pack("[s, s, s]", "rules", "choices", "also");
    const char *word = json_string_value(json_object_get(outcome, "outcome"));
    const smref_jnode *usual = group->claims ? smref_jget(group->claims, word) : NULL;

    if (group->open)
        json_array_extend(open, group->open->value);
    json_object_set_new(outcome, "open", open);
    if (usual)
        json_object_update(outcome, usual->value);
    return outcome;
}

static bool make_wanted(const smref_jdoc *doc, const smref_recipe_group *group, const smref_test *test,
                        struct step *s, smref_jerror *error)
{
    if (group->is_observed) {
        s->wanted[0] = observed_outcome(group, (size_t)(test - group->group.tests));
        return true;
    }
    for (size_t i = 0; i < s->claim_count; i++) {
        s->wanted[i] = smref_claim_outcome(doc, group, &s->claims[i], s->stimulus, error);
        if (!s->wanted[i])
            return false;
    }
    return true;
}

bool smref_claims_check(const smref_jdoc *doc, const smref_recipe_group *group, const smref_test *test,
                        size_t step, const smref_outcomes *all, FILE *to, bool *hold, smref_jerror *error)
{
    struct step s = {.stimulus = &test->steps.list[step], .all = all, .claim_count = 1};

    if (!group->is_observed)
        s.claims = claims_of(test, step, &s.claim_count);
    s.wanted = smref_alloc(s.claim_count, sizeof *s.wanted);
    s.got = smref_alloc(all->count, sizeof *s.got);
    s.claim_of = smref_alloc(all->count, sizeof *s.claim_of);
    s.tried = smref_alloc(all->count, sizeof *s.tried);
    for (size_t i = 0; i < all->count; i++) {
        s.got[i] = smref_permitted_json(s.stimulus, &all->list[i]);
        s.claim_of[i] = s.claim_count;
    }
    bool good = make_wanted(doc, group, test, &s, error);
    *hold = good && judge(&s, step, to);
    for (size_t i = 0; i < all->count; i++)
        json_decref(s.got[i]);
    for (size_t i = 0; i < s.claim_count; i++)
        json_decref(s.wanted[i]);
    free(s.got);
    free(s.wanted);
    free(s.claim_of);
    free(s.tried);
    return good;
}
