/*
 * What setting a register does besides: the version that SMMU_AIDR gives takes back options that it does not
 * permit (3.4.3: truncation is for SMMUv3.0), and an update of SMMU_CR0 is acknowledged but for Reserved bits
 * (6.3.9).
 */
#include <check.h>
#include <stdlib.h>

#include "../suite.h"
#include "smref.h"
#include "smref_layout.h"
#include "system/system.h"

static smref *smmu;

static void set_up(void)
{
    smmu = smref_new(&system_no_memory, NULL);
    ck_assert_ptr_nonnull(smmu);
}

static void tear_down(void)
{
    smref_free(smmu);
}

static void set(smref_register reg, uint64_t value)
{
    ck_assert_int_eq(smref_set_register(smmu, reg, value, NULL), SMREF_OK);
}

static const smref_choice pointer = SMREF_CHOICE_S1CONTEXTPTR_BEYOND_OAS;

START_TEST(option_of_an_older_version)
{
    smref_error error = {.status = SMREF_OK};
    ck_assert_int_eq(smref_set_choice(smmu, pointer, SMREF_CHOICE_S1CONTEXTPTR_BEYOND_OAS_truncate, NULL),
                     SMREF_OK);
    set(SMREF_REG_SMMU_AIDR, 0); /* the same version: nothing changes */
    ck_assert_uint_eq(smref_get_choice(smmu, pointer), SMREF_CHOICE_S1CONTEXTPTR_BEYOND_OAS_truncate);
    set(SMREF_REG_SMMU_AIDR, 1);
    ck_assert_uint_eq(smref_get_choice(smmu, pointer), SMREF_CHOICE_S1CONTEXTPTR_BEYOND_OAS_c_bad_ste);
    ck_assert_int_eq(smref_set_choice(smmu, pointer, SMREF_CHOICE_S1CONTEXTPTR_BEYOND_OAS_truncate, &error),
                     SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.text, "option truncate is not permitted in SMMUv3.1");
}
END_TEST

START_TEST(option_of_every_version)
{
    const smref_choice base = SMREF_CHOICE_STRTAB_BASE_BEYOND_OAS;
    ck_assert_int_eq(smref_set_choice(smmu, base, SMREF_CHOICE_STRTAB_BASE_BEYOND_OAS_truncate, NULL),
                     SMREF_OK);
    set(SMREF_REG_SMMU_AIDR, 4);
    ck_assert_uint_eq(smref_get_choice(smmu, base), SMREF_CHOICE_STRTAB_BASE_BEYOND_OAS_truncate);
}
END_TEST

/* Every version permits the default of every choice; otherwise there would be nothing to fall back to. */
START_TEST(defaults_are_permitted)
{
    set(SMREF_REG_SMMU_AIDR, (uint64_t)_i);
    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        ck_assert_msg(smref_option_permitted(smmu, (smref_choice)c, smref_choice_at(c)->default_option), "%s",
                      smref_choice_at(c)->id);
}
END_TEST

START_TEST(acknowledged)
{
    set(SMREF_REG_SMMU_CR0, 0xffffffff);
    /* 6.3.10: DPT_WALK_EN, VMW, ATSCHK, CMDQEN, EVENTQEN, PRIQEN, SMMUEN; bits 31:11, 9 and 5 are RES0. */
    ck_assert_uint_eq(smref_get_register(smmu, SMREF_REG_SMMU_CR0ACK), 0x5df);
    set(SMREF_REG_SMMU_CR0ACK, 0);
    ck_assert_uint_eq(smref_get_register(smmu, SMREF_REG_SMMU_CR0), 0xffffffff);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("versions");
    TCase *tcase = tcase_create("versions");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, option_of_an_older_version);
    tcase_add_test(tcase, option_of_every_version);
    tcase_add_loop_test(tcase, defaults_are_permitted, 0, 5);
    tcase_add_test(tcase, acknowledged);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
