/* Caching policies through the library: what is held, copied, restored, and refused. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "system/system.h"

static struct system s;

static void set_up(void)
{
    system_new(&s);
    system_put_ste(&s, 0, 5); /* stage 1 */
    system_put_cd(&s);
    system_put_tables(&s);
    system_put_word(&s, TABLES + 16, 2 * MEMORY | 0x741);
}

static void tear_down(void)
{
    system_free(&s);
}

static unsigned held(const smref *smmu)
{
    unsigned count = 0;
    while (smref_cached_at(smmu, count))
        count++;
    return count;
}

START_TEST(nothing_is_held_unless_asked_for)
{
    ck_assert_int_eq(smref_get_caching(s.smmu), SMREF_CACHING_NONE);
    ck_assert_int_eq(system_access(&s, 0, MEMORY, SMREF_READ).outcome, SMREF_OUTCOME_OK);
    ck_assert_uint_eq(held(s.smmu), 0);
}
END_TEST

/* 16.2: the STE, the CD, and the block. */
START_TEST(an_access_leaves_what_it_read)
{
    bool kinds[SMREF_CACHED_KINDS] = {false};
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
    smref_result first = system_access(&s, 0, MEMORY, SMREF_READ);
    unsigned count = held(s.smmu);
    for (unsigned i = 0; i < count; i++)
        kinds[smref_cached_at(s.smmu, i)->kind] = true;
    ck_assert(kinds[SMREF_CACHED_STE] && kinds[SMREF_CACHED_CD] && kinds[SMREF_CACHED_S1_LEAF]);
    ck_assert(!kinds[SMREF_CACHED_S2_LEAF] && !kinds[SMREF_CACHED_S12_LEAF]);
    smref_result second = system_access(&s, 0, MEMORY, SMREF_READ);
    ck_assert_uint_eq(second.memory_reads, 0);
    ck_assert_uint_eq(second.pa, first.pa);
    ck_assert_uint_eq(held(s.smmu), count);
}
END_TEST

START_TEST(a_change_of_policy_empties)
{
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
    system_access(&s, 0, MEMORY, SMREF_READ);
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
    ck_assert_uint_eq(held(s.smmu), 0);
    smref_error error = {.status = SMREF_OK};
    ck_assert_int_eq(smref_set_caching(s.smmu, (smref_caching)3, &error), SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.where, "caching");
}
END_TEST

START_TEST(clones_and_copies_hold_the_same)
{
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_ANY, NULL), SMREF_OK);
    system_access(&s, 0, MEMORY, SMREF_READ);
    smref *clone = smref_clone(s.smmu);
    ck_assert_uint_eq(held(clone), held(s.smmu));
    system_access(&s, 0, 2 * MEMORY, SMREF_READ);
    ck_assert_uint_lt(held(clone), held(s.smmu));
    ck_assert_int_eq(smref_set_caching(clone, SMREF_CACHING_NONE, NULL), SMREF_OK);
    ck_assert_int_eq(smref_copy_state(clone, s.smmu), SMREF_OK);
    ck_assert_int_eq(smref_get_caching(clone), SMREF_CACHING_ANY);
    for (unsigned i = 0; i < held(clone); i++)
        ck_assert_mem_eq(smref_cached_at(clone, i), smref_cached_at(s.smmu, i), sizeof(smref_cached));
    smref_free(clone);
}
END_TEST

/* Under exact the oldest goes; under any nothing does, and what has no room is refused and leaves nothing. */
START_TEST(room_is_limited)
{
    smref_cached copy;
    smref_error error = {.status = SMREF_OK};
    memset(&copy, 0, sizeof copy);
    copy.kind = SMREF_CACHED_STE;
    ck_assert_int_eq(smref_cached_add(s.smmu, &copy, &error), SMREF_E_ARGUMENT);
    for (unsigned policy = SMREF_CACHING_EXACT; policy <= SMREF_CACHING_ANY; policy++) {
        ck_assert_int_eq(smref_set_caching(s.smmu, (smref_caching)policy, NULL), SMREF_OK);
        for (copy.sid = 100; copy.sid < 100 + SMREF_MAX_CACHED; copy.sid++)
            ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_OK);
        ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_E_ARGUMENT);
        smref_access access = {.size = 1};
        smref_result result;
        smref_status status = smref_translate(s.smmu, &access, &result, NULL);
        ck_assert_int_eq(status, policy == SMREF_CACHING_ANY ? SMREF_E_NOT_MODELLED : SMREF_OK);
        ck_assert_uint_eq(held(s.smmu), SMREF_MAX_CACHED);
        ck_assert_uint_eq(smref_cached_at(s.smmu, 0)->sid == 100, policy == SMREF_CACHING_ANY);
    }
    copy.kind = SMREF_CACHED_KINDS;
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
    ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_E_ARGUMENT);
}
END_TEST

/* 3.11: what caches hold after a reset is up to the implementation. */
START_TEST(a_reset_empties_or_not)
{
    for (unsigned policy = SMREF_CACHING_EXACT; policy <= SMREF_CACHING_ANY; policy++) {
        ck_assert_int_eq(smref_set_caching(s.smmu, (smref_caching)policy, NULL), SMREF_OK);
        system_set(&s, SMREF_REG_SMMU_CR0, 5);
        system_set(&s, SMREF_REG_SMMU_STRTAB_BASE, MEMORY);
        system_access(&s, 0, MEMORY, SMREF_READ);
        unsigned count = held(s.smmu);
        smref_reset(s.smmu, 0);
        ck_assert_uint_eq(held(s.smmu), policy == SMREF_CACHING_ANY ? count : 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("caching");
    TCase *tcase = tcase_create("caching");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, nothing_is_held_unless_asked_for);
    tcase_add_test(tcase, an_access_leaves_what_it_read);
    tcase_add_test(tcase, a_change_of_policy_empties);
    tcase_add_test(tcase, clones_and_copies_hold_the_same);
    tcase_add_test(tcase, room_is_limited);
    tcase_add_test(tcase, a_reset_empties_or_not);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
