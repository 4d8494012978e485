/*
 * The explanation of what is published: in every vector each step with a trace ends as it does without one,
 * and the trace tells all of it: the rules that the result lists, in their order, the choices that were met,
 * each fetch, the chapters forward only. With caches too, where less is read.
 */
#include <check.h>
#include <string.h>

#include "../suite.h"
#include "stepper.h"
#include "system/published.h"

/* What the trace of one step told. */
struct told {
    smref_sec_sid sec_sid;
    bool translation; /* a device's access, which has chapters and counts its reads */
    smref_phase last;
    unsigned steps_back, reads, beyond;
    uint16_t rules[SMREF_MAX_RULES];
    unsigned rule_count;
    bool ruled[SMREF_RULE_COUNT];
    uint64_t choices[(SMREF_CHOICE_COUNT + 63) / 64];
};

static bool of_granule_table(smref_layout layout)
{
    return layout == SMREF_LAYOUT_GPT_BLOCK || layout == SMREF_LAYOUT_GPT_TABLE ||
           layout == SMREF_LAYOUT_GPT_GRANULES || layout == SMREF_LAYOUT_GPT_CONTIGUOUS;
}

/* 3.10.2: what a Non-secure stream needs is in Non-secure memory, what a Secure one needs in either; and
 * granule protection tables alone are in Root memory (3.25). */
static bool within(const struct told *told, const smref_step *step)
{
    if (of_granule_table(step->layout))
        return step->pas == SMREF_PAS_ROOT;
    return step->pas == SMREF_PAS_NS ||
           (told->sec_sid == SMREF_SEC_SECURE && step->pas == SMREF_PAS_SECURE) ||
           (told->sec_sid == SMREF_SEC_REALM && step->pas == SMREF_PAS_REALM);
}

static void listen(void *context, const smref_step *step)
{
    struct told *told = context;
    told->steps_back += step->phase < told->last;
    told->last = step->phase;
    switch (step->kind) {
    case SMREF_STEP_RULE:
        if (!told->ruled[step->rule] && told->rule_count < SMREF_MAX_RULES)
            told->rules[told->rule_count++] = (uint16_t)step->rule;
        told->ruled[step->rule] = true;
        break;
    case SMREF_STEP_CHOICE:
        told->choices[step->choice / 64] |= UINT64_C(1) << (step->choice % 64);
        break;
    case SMREF_STEP_READ:
        told->reads++;
        told->beyond += told->translation && !within(told, step);
        break;
    default:
        break;
    }
}

/* Each rule once, as it comes first. */
static unsigned distinct(const smref_result *result, uint16_t out[SMREF_MAX_RULES])
{
    unsigned count = 0;
    for (unsigned i = 0; i < result->rule_count; i++) {
        unsigned known = 0;
        while (known < count && out[known] != result->rules[i])
            known++;
        if (known == count)
            out[count++] = result->rules[i];
    }
    return count;
}

/* Those that only the conditions of registers and commands ask for are not told (fields that may be absent).
 */
static bool same_choices(const struct told *told, const smref_result *result)
{
    for (size_t i = 0; i < sizeof told->choices / sizeof *told->choices; i++)
        if (told->choices[i] & ~result->choices_met[i] ||
            (told->translation && told->choices[i] != result->choices_met[i]))
            return false;
    return true;
}

static void check_told(const char *where, const struct told *told, const smref_result *result,
                       smref_caching policy)
{
    uint16_t rules[SMREF_MAX_RULES];
    unsigned count = distinct(result, rules);
    ck_assert_msg(count == told->rule_count && !memcmp(rules, told->rules, count * sizeof *rules),
                  "%s: other rules", where);
    ck_assert_msg(same_choices(told, result), "%s: other choices", where);
    if (!told->translation)
        return;
    ck_assert_msg(!told->steps_back, "%s: back to an earlier chapter", where);
    ck_assert_msg(!told->beyond, "%s: a read in another address space", where);
    if (policy == SMREF_CACHING_NONE)
        ck_assert_msg(told->reads == result->memory_reads, "%s: %u reads, the result has %u", where,
                      told->reads, result->memory_reads);
}

static bool run_step(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                     struct told *told, smref_step_result *result)
{
    smref_jerror error = {""};
    if (told)
        smref_set_trace(machine->smmu, listen, told);
    bool good = smref_step_run(machine, doc, stimulus, result, &error);
    smref_set_trace(machine->smmu, NULL, NULL);
    ck_assert_msg(good, "%s", error.text);
    return good;
}

static void check_step(const char *where, smref_machine machines[2], const smref_jdoc *doc,
                       const smref_stimulus *stimulus, smref_caching policy)
{
    struct told told = {.sec_sid = stimulus->access.sec_sid, .translation = stimulus->op == SMREF_OP_ACCESS};
    smref_step_result plain, explained;
    run_step(&machines[0], doc, stimulus, NULL, &plain);
    run_step(&machines[1], doc, stimulus, &told, &explained);
    ck_assert_msg(smref_step_same(stimulus, &plain, &explained), "%s: another outcome", where);
    if (stimulus->op == SMREF_OP_ACCESS || stimulus->op == SMREF_OP_MMIO_WRITE) {
        ck_assert_uint_eq(plain.access.rule_count, explained.access.rule_count);
        ck_assert_mem_eq(plain.access.rules, explained.access.rules,
                         plain.access.rule_count * sizeof *plain.access.rules);
        check_told(where, &told, &explained.access, policy);
    }
    smref_step_result_free(&plain);
    smref_step_result_free(&explained);
}

static void check_test(const smref_jdoc *doc, const smref_group *group, const smref_test *test,
                       smref_caching policy)
{
    smref_jerror error = {""};
    smref_machine machines[2];
    char where[2 * SMREF_SUITE_ROOM];
    for (int i = 0; i < 2; i++)
        ck_assert_msg(smref_machine_new(&machines[i], doc, &group->base, &test->patch, &error), "%s",
                      error.text);
    for (size_t i = 0; i < test->steps.count; i++) {
        snprintf(where, sizeof where, "%s, step %zu", test->id, i);
        check_step(where, machines, doc, &test->steps.list[i], policy);
    }
    for (int i = 0; i < 2; i++)
        smref_machine_free(&machines[i]);
}

/* Tests without a policy of their own under each, the others under their own. */
static bool check_policies(const smref_jdoc *doc, const smref_vectors *vectors, smref_group *group,
                           const smref_test *test)
{
    static const smref_caching policies[] = {SMREF_CACHING_NONE, SMREF_CACHING_EXACT};
    (void)vectors;
    if (test->patch.caching_given || group->base.caching) {
        check_test(doc, group, test, SMREF_CACHING_ANY);
        return true;
    }
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        group->base.caching = policies[i];
        check_test(doc, group, test, policies[i]);
    }
    group->base.caching = SMREF_CACHING_NONE;
    return true;
}

START_TEST(explanations_tell_all_and_change_nothing)
{
    ck_assert_uint_gt(published_each(check_policies), published_share(4000));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explained vectors");
    TCase *tcase = tcase_create("explained vectors");
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, explanations_tell_all_and_change_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
