/* GPT entries in TLBs (DDI 0487 D9.5): what more copies than the library tells apart come to. */
#include <check.h>
#include <string.h>

#include "../suite.h"
#include "system/root.h"

#define ADDRESS UINT64_C(0x40001000)

/* Level 0 of 0x40000000 permits Non-secure accesses. */
static void set_up(void)
{
    root_set_up();
    root_clear(0);
    root_put(ROOT_TABLE + 8, 0x91);
    root_program(&root_usual);
    ck_assert_int_eq(smref_set_caching(root_smmu, SMREF_CACHING_ANY, NULL), SMREF_OK);
}

static void add(smref_cached_kind kind, uint64_t descriptor, uint64_t next)
{
    smref_cached copy;
    memset(&copy, 0, sizeof copy);
    copy.kind = (uint8_t)kind;
    copy.ipa = 0x40000000;
    copy.ipa_bits = 30;
    copy.descriptor = descriptor;
    copy.output = next;
    copy.shape = 12 | 30 << 8 | 40 << 16; /* of a table: granule, entry of level 0, protected range */
    ck_assert_int_eq(smref_cached_add(root_smmu, &copy, NULL), SMREF_OK);
}

static smref_status access_to(uint64_t address, bool *permitted, smref_error *error)
{
    const smref_access access = {.no_stream = true, .pas = SMREF_PAS_NS, .addr = address, .size = 1};
    smref_result result;
    *error = (smref_error){.status = SMREF_OK};
    smref_status status = smref_translate(root_smmu, &access, &result, error);
    *permitted = status == SMREF_OK && result.outcome == SMREF_OUTCOME_OK;
    return status;
}

static unsigned held(void)
{
    unsigned count = 0;
    while (smref_cached_at(root_smmu, count))
        count++;
    return count;
}

/* A copy that forbids is one alternative to memory; a table that is not there is another, which no choice
 * tells apart. */
START_TEST(verdicts)
{
    smref_error error;
    bool permitted;
    add(SMREF_CACHED_GPT_BLOCK, 0x81, 0); /* Secure */
    add(SMREF_CACHED_GPT_BLOCK, 0xb1, 0); /* Realm: the same to Non-secure accesses */
    ck_assert_int_eq(access_to(ADDRESS, &permitted, &error), SMREF_OK);
    ck_assert(permitted);
    ck_assert_int_eq(smref_set_choice(root_smmu, SMREF_CHOICE_CACHED_GPT, SMREF_CHOICE_CACHED_GPT_held, NULL),
                     SMREF_OK);
    ck_assert_int_eq(access_to(ADDRESS, &permitted, &error), SMREF_OK);
    ck_assert(!permitted);
    root_abort_at(UINT64_C(0x90000000));
    add(SMREF_CACHED_GPT_TABLE, 0x90000003, 0x90000000);
    unsigned before = held();
    ck_assert_int_eq(access_to(ADDRESS, &permitted, &error), SMREF_E_NOT_MODELLED);
    ck_assert_msg(strstr(error.text, "than the choices among them tell apart"), "%s", error.text);
    ck_assert_uint_eq(held(), before);
    /* Other addresses have no copies. */
    root_put(ROOT_TABLE + 16, 0x91);
    ck_assert_int_eq(access_to(0x80000000, &permitted, &error), SMREF_OK);
    ck_assert(permitted);
}
END_TEST

/* Under `any` nothing is evicted: an entry that has no room is refused, and after an invalidation it has. */
START_TEST(room)
{
    smref_error error;
    bool permitted;
    for (unsigned i = 0; i < SMREF_MAX_CACHED; i++)
        add(SMREF_CACHED_GPT_TABLE, i, 0x90000000 + i * UINT64_C(0x20000));
    ck_assert_uint_eq(held(), SMREF_MAX_CACHED);
    root_put(ROOT_TABLE + 16, 0x91);
    ck_assert_int_eq(access_to(0x80000000, &permitted, &error), SMREF_E_NOT_MODELLED);
    ck_assert_msg(strstr(error.text, "more copies in the caches than there is room for"), "%s", error.text);
    ck_assert_uint_eq(held(), SMREF_MAX_CACHED);
    const smref_mmio run = {.pas = SMREF_PAS_ROOT,
                            .write = true,
                            .size = 4,
                            .block = SMREF_BLOCK_ROOT,
                            .offset = 0x58,
                            .value = 1};
    smref_result result;
    root_set(SMREF_REG_SMMU_ROOT_IDR0, 5); /* ROOT_IMPL, RGPTM */
    root_set(SMREF_REG_SMMU_ROOT_TLBI, 1); /* ALL */
    ck_assert_int_eq(smref_access_register(root_smmu, &run, &result, NULL), SMREF_OK);
    ck_assert_uint_eq(held(), 0);
    ck_assert_int_eq(access_to(0x80000000, &permitted, &error), SMREF_OK);
    ck_assert(permitted);
    ck_assert_uint_eq(held(), 2); /* the base, and the block */
}
END_TEST

/* Under `exact` the oldest goes, and the entry that was read decides. */
START_TEST(exact)
{
    smref_error error;
    bool permitted;
    ck_assert_int_eq(smref_set_caching(root_smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
    add(SMREF_CACHED_GPT_BLOCK, 0x81, 0);
    for (unsigned i = 1; i < SMREF_MAX_CACHED; i++)
        add(SMREF_CACHED_GPT_BLOCK, 0x91, i * UINT64_C(0x1000));
    ck_assert_int_eq(access_to(ADDRESS, &permitted, &error), SMREF_OK);
    ck_assert(!permitted);
    root_put(ROOT_TABLE + 16, 0x91);
    ck_assert_int_eq(access_to(0x80000000, &permitted, &error), SMREF_OK);
    ck_assert(permitted);
    ck_assert_uint_eq(held(), SMREF_MAX_CACHED);
    ck_assert_int_eq(access_to(ADDRESS, &permitted, &error), SMREF_OK);
    ck_assert(permitted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("granule copies");
    TCase *tcase = tcase_create("granule copies");
    tcase_add_checked_fixture(tcase, set_up, root_tear_down);
    tcase_add_test(tcase, verdicts);
    tcase_add_test(tcase, room);
    tcase_add_test(tcase, exact);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
