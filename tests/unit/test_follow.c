/*
 * The model beside a target (interp/diff/follow.h). Targets here are the model itself: with the profile's
 * choices, and with others that the version permits, what it shows in any published vector is permitted; with
 * one thing shown that is not so, it is not.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "follow.h"
#include "smref_layout.h"
#include "system/published.h"

static smref_implementation implementation, other_implementation;
static smref_case the_case;
static smref_prediction predicted;
static smref_difference difference;
static unsigned undecided, with_other_choices, wrong_seen;

/* The implementation that a group of vectors is about, with RAM wherever it may be. */
static void describe(const smref_snapshot *base, smref_implementation *out)
{
    memset(out, 0, sizeof *out);
    out->profile = base->profile;
    for (unsigned r = 0; r < SMREF_REG_COUNT; r++) {
        const char *name = smref_register_at(r)->name;
        bool identifies = strstr(name, "IDR") || strstr(name, "AIDR") || strstr(name, "IIDR");
        if (identifies && base->registers.given[r]) {
            out->profile.registers.given[r] = SMREF_GIVEN;
            out->profile.registers.value[r] = base->registers.value[r];
        }
    }
    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        if (base->choices.option[c] >= 0)
            out->profile.choices.option[c] = base->choices.option[c];
    for (unsigned pas = 0; pas < SMREF_PAS_COUNT; pas++)
        out->memory[out->memory_count++] = (smref_window){(smref_pas)pas, 0, UINT64_C(1) << 56};
    out->spaces = 15;
}

static bool make_case(const smref_group *group, const smref_test *test)
{
    const smref_case_origin origin = {&group->base, &test->patch, &test->steps};
    char why[200];
    describe(&group->base, &implementation);
    return smref_case_from_snapshot(&the_case, &implementation, &origin, "vectors", why);
}

static smref_follower *follower_of(const smref_implementation *described)
{
    smref_jerror error = {""};
    smref_follower *follower = smref_follower_new(described, &error);
    ck_assert_msg(follower != NULL, "%s", error.text);
    return follower;
}

/* ---- What is permitted ----------------------------------------------------------------------------- */

static bool own_choices_agree(const smref_jdoc *doc, const smref_vectors *vectors, smref_group *group,
                              const smref_test *test)
{
    smref_follower *follower;
    smref_choice_set taken;
    smref_verdict why;
    bool counts;
    (void)doc;
    if (!make_case(group, test))
        return false;
    follower = follower_of(&implementation);
    counts = smref_predict(follower, &the_case, &predicted, &why);
    if (counts) {
        ck_assert_msg(smref_follow(follower, &the_case, predicted.sights, &difference, &taken) ==
                          SMREF_VERDICT_AGREES,
                      "%s/%s", vectors->name, test->id);
        for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
            ck_assert_int_eq(taken.option[c], -1);
    } else {
        ck_assert_msg(smref_follower_why(follower)[0], "%s/%s", vectors->name, test->id);
    }
    smref_follower_free(follower);
    return counts;
}

START_TEST(what_the_profile_chooses_agrees)
{
    ck_assert_uint_gt(published_each(own_choices_agree), published_share(7000));
}
END_TEST

/* Each choice gets another option, if the version permits one. */
static void choose_otherwise(smref_implementation *described)
{
    smref_sparse *nothing = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    const smref_memory interface = smref_sparse_interface(nothing);
    smref *smmu = smref_new(&interface, NULL);
    (void)smref_set_register(smmu, SMREF_REG_SMMU_AIDR,
                             described->profile.registers.value[SMREF_REG_SMMU_AIDR], NULL);
    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++) {
        const smref_choice_info *info = smref_choice_at(c);
        unsigned option = (info->default_option + 1) % info->option_count;
        if (smref_option_permitted(smmu, (smref_choice)c, option))
            described->profile.choices.option[c] = (int16_t)option;
    }
    smref_free(smmu);
    smref_sparse_free(nothing);
}

static bool other_choices_agree(const smref_jdoc *doc, const smref_vectors *vectors, smref_group *group,
                                const smref_test *test)
{
    smref_follower *follower, *other;
    smref_verdict why, verdict;
    bool counts;
    (void)doc;
    if (!make_case(group, test))
        return false;
    other_implementation = implementation;
    choose_otherwise(&other_implementation);
    other = follower_of(&other_implementation);
    counts = smref_predict(other, &the_case, &predicted, &why);
    smref_follower_free(other);
    if (!counts || !predicted.wide)
        return false;
    follower = follower_of(&implementation);
    verdict = smref_follow(follower, &the_case, predicted.sights, &difference, NULL);
    if (verdict == SMREF_VERDICT_UNDECIDED || verdict == SMREF_VERDICT_NOT_COMPARED)
        ck_assert_msg(smref_follower_why(follower)[0], "%s/%s", vectors->name, test->id);
    smref_follower_free(follower);
    undecided += verdict == SMREF_VERDICT_UNDECIDED;
    ck_assert_msg(verdict != SMREF_VERDICT_DIFFERS, "%s/%s: step %zu, %s", vectors->name, test->id,
                  difference.step, smref_spell_aspect(difference.aspect));
    return true;
}

START_TEST(what_others_choose_agrees)
{
    with_other_choices = published_each(other_choices_agree);
    ck_assert_uint_gt(with_other_choices, published_share(600));
    ck_assert_uint_le(undecided, with_other_choices / 100);
}
END_TEST

/* An implementation that is never seen but by its choice of GERROR_TOGGLED. */
static void describe_toggling(smref_implementation *out, unsigned option)
{
    smref_jerror error = {""};
    memset(out, 0, sizeof *out);
    ck_assert_msg(smref_profile_open("arch-3.4", &out->profile, &error), "%s", error.text);
    out->profile.choices.option[SMREF_CHOICE_GERROR_TOGGLED] = (int16_t)option;
    out->memory[out->memory_count++] = (smref_window){SMREF_PAS_NS, 0, UINT64_C(1) << 40};
    out->spaces = 1 << SMREF_PAS_NS;
}

/* Software toggles CMDQ_ERR while it is not active (6.3.20), and then each of two writes makes the SMMU look
 * for commands, of which the first is illegal. One that takes none while they differ must do so in both
 * steps: either alone comes to the same CERROR_ILL. */
static void look_for_commands_twice(smref_case *c)
{
    smref_case_clear(c, SMREF_CASE_NO_INDEX, "commands");
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_GERRORN, smref_SMMU_GERROR_with_CMDQ_ERR(0, 1));
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_BASE, 0x1000);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_CONS, 1);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_PROD, 0);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR0, smref_SMMU_CR0_with_CMDQEN(0, 1));
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_PROD, 0);
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_CONS);
}

START_TEST(the_same_option_in_all_steps_agrees)
{
    smref_follower *follower, *other;
    smref_choice_set taken;
    smref_verdict why;
    describe_toggling(&implementation, SMREF_CHOICE_GERROR_TOGGLED_without_effect);
    describe_toggling(&other_implementation, SMREF_CHOICE_GERROR_TOGGLED_nothing);
    look_for_commands_twice(&the_case);
    follower = follower_of(&implementation);
    other = follower_of(&other_implementation);
    ck_assert(smref_predict(other, &the_case, &predicted, &why));
    ck_assert_int_eq(smref_follow(follower, &the_case, predicted.sights, &difference, &taken),
                     SMREF_VERDICT_AGREES);
    ck_assert_int_eq(taken.option[SMREF_CHOICE_GERROR_TOGGLED], SMREF_CHOICE_GERROR_TOGGLED_nothing);
    smref_follower_free(follower);
    smref_follower_free(other);
}
END_TEST

/* ---- What is not ----------------------------------------------------------------------------------- */

/* Something is shown that no choice leads to. */
static bool spoil(smref_sight *sight, const smref_stimulus *step)
{
    if (step->op == SMREF_OP_ACCESS && sight->outcome == SMREF_OUTCOME_OK) {
        sight->pa ^= UINT64_C(1) << 55;
        return true;
    }
    if (sight->shows & SMREF_SHOWS_EVENT && sight->event_valid) {
        sight->event.words[0] ^= UINT64_C(1) << 36; /* a bit of the StreamID */
        return true;
    }
    return false;
}

static bool wrong_is_seen(const smref_jdoc *doc, const smref_vectors *vectors, smref_group *group,
                          const smref_test *test)
{
    smref_follower *follower;
    smref_verdict why, verdict = SMREF_VERDICT_UNDECIDED;
    bool counts = false;
    size_t at;
    (void)doc;
    if (!make_case(group, test))
        return false;
    follower = follower_of(&implementation);
    if (smref_predict(follower, &the_case, &predicted, &why)) {
        for (at = the_case.count; at > 0 && !counts; at--)
            counts = spoil(&predicted.sights[at - 1], &the_case.steps[at - 1]);
        if (counts)
            verdict = smref_follow(follower, &the_case, predicted.sights, &difference, NULL);
    }
    smref_follower_free(follower);
    if (!counts)
        return false;
    ck_assert_msg(verdict != SMREF_VERDICT_AGREES, "%s/%s", vectors->name, test->id);
    wrong_seen += verdict == SMREF_VERDICT_DIFFERS && difference.step == at;
    return true;
}

START_TEST(what_nothing_permits_differs)
{
    unsigned count = published_each(wrong_is_seen);
    ck_assert_uint_gt(count, published_share(4000));
    ck_assert_uint_ge(wrong_seen, count - count / 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("follow");
    TCase *tests = tcase_create("follow");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_the_profile_chooses_agrees);
    tcase_add_test(tests, what_others_choose_agrees);
    tcase_add_test(tests, the_same_option_in_all_steps_agrees);
    tcase_add_test(tests, what_nothing_permits_differs);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
