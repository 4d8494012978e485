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

/* ---- What is no copy ------------------------------------------------------------------------------- */

/* Blocks and pages are of levels 0 to 3, tables of the levels above a last one (DDI 0487 D8.2); both start
 * where their size says, in granules of 4 KB at least; GPT entries do, and their tables (D9.4); only Secure
 * streams have Non-secure tables (3.10.2.2); StreamIDs and VMID wildcards have the bits of 3.3 and 6.3.9.1.
 */
static const struct {
    smref_cached copy;
    bool good;
} candidates[] = {
    {{.kind = SMREF_CACHED_KINDS}, false},
    {{.kind = SMREF_CACHED_STE}, true},
    {{.kind = SMREF_CACHED_STE, .sec_sid = SMREF_SEC_REALM}, true},
    {{.kind = SMREF_CACHED_STE, .sec_sid = SMREF_SEC_REALM + 1}, false},
    {{.kind = SMREF_CACHED_L1STD, .id_bits = 31}, true},
    {{.kind = SMREF_CACHED_L1STD, .id_bits = 32}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = 3, .half = 1}, true},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = 3, .half = 2}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = 4}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = -1}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 63, .s1_level = 0}, true},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 64, .s1_level = 0}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 11, .s1_level = 3}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = 3, .vmw = 15}, true},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = 3, .vmw = 16}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = 3, .va = 0x3000, .output = 0x5000}, true},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 12, .s1_level = 3, .va = 0x3800}, false},
    {{.kind = SMREF_CACHED_S1_LEAF, .va_bits = 13, .s1_level = 3, .output = 0x5000}, false},
    {{.kind = SMREF_CACHED_S1_TABLE, .va_bits = 21, .s1_level = -1}, true},
    {{.kind = SMREF_CACHED_S1_TABLE, .va_bits = 21, .s1_level = -2}, false},
    {{.kind = SMREF_CACHED_S1_TABLE, .va_bits = 21, .s1_level = 2, .output = 0x5008}, true},
    {{.kind = SMREF_CACHED_S1_TABLE, .va_bits = 21, .s1_level = 3}, false},
    {{.kind = SMREF_CACHED_S2_LEAF, .ipa_bits = 12, .s2_level = 3}, true},
    {{.kind = SMREF_CACHED_S2_LEAF, .ipa_bits = 12, .s2_level = 4}, false},
    {{.kind = SMREF_CACHED_S2_LEAF, .ipa_bits = 12, .s2_level = -1}, false},
    {{.kind = SMREF_CACHED_S2_LEAF, .ipa_bits = 64, .s2_level = 0}, false},
    {{.kind = SMREF_CACHED_S2_LEAF, .ipa_bits = 11, .s2_level = 3}, false},
    {{.kind = SMREF_CACHED_S2_LEAF, .ipa_bits = 12, .s2_level = 3, .ipa = 0x3800}, false},
    {{.kind = SMREF_CACHED_S2_TABLE, .ipa_bits = 21, .s2_level = -1}, true},
    {{.kind = SMREF_CACHED_S2_TABLE, .ipa_bits = 21, .s2_level = -2}, false},
    {{.kind = SMREF_CACHED_S2_TABLE, .ipa_bits = 21, .s2_level = 3}, false},
    {{.kind = SMREF_CACHED_S12_LEAF, .va_bits = 12, .ipa_bits = 12, .s1_level = 3, .s2_level = 3}, true},
    {{.kind = SMREF_CACHED_S12_LEAF, .va_bits = 12, .ipa_bits = 11, .s1_level = 3, .s2_level = 3}, false},
    {{.kind = SMREF_CACHED_S12_TABLE, .va_bits = 21, .ipa_bits = 12, .s1_level = -1, .s2_level = 3}, true},
    {{.kind = SMREF_CACHED_S12_TABLE, .va_bits = 21, .ipa_bits = 12, .s1_level = 3, .s2_level = 3}, false},
    {{.kind = SMREF_CACHED_S12_TABLE, .va_bits = 21, .ipa_bits = 11, .s1_level = 2, .s2_level = 3}, false},
    {{.kind = SMREF_CACHED_S1_TABLE, .va_bits = 21, .sec_sid = SMREF_SEC_SECURE, .ns = true}, true},
    {{.kind = SMREF_CACHED_S1_TABLE, .va_bits = 21, .ns = true}, false},
    {{.kind = SMREF_CACHED_GPT_BASE, .output = 0x5000}, true},
    {{.kind = SMREF_CACHED_GPT_TABLE, .ipa_bits = 30, .output = 0x5000}, true},
    {{.kind = SMREF_CACHED_GPT_TABLE, .ipa_bits = 30, .output = 0x5800}, false},
    {{.kind = SMREF_CACHED_GPT_GRANULES, .ipa_bits = 16, .ipa = 0x30000}, true},
    {{.kind = SMREF_CACHED_GPT_GRANULES, .ipa_bits = 16, .ipa = 0x38000}, false},
    {{.kind = SMREF_CACHED_GPT_GRANULES, .ipa_bits = 3}, false},
};

START_TEST(only_what_a_cache_can_hold_is_restored)
{
    smref_error error = {.status = SMREF_OK};
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
    smref_status status = smref_cached_add(s.smmu, &candidates[_i].copy, &error);
    ck_assert_int_eq(status, candidates[_i].good ? SMREF_OK : SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.where, candidates[_i].good ? "" : "cached");
    ck_assert_uint_eq(held(s.smmu), candidates[_i].good);
}
END_TEST

/* ---- Limits ---------------------------------------------------------------------------------------- */

/* The CDs of an STE go with it: no command would remove them (4.3.1). What else is oldest goes alone. */
START_TEST(what_goes_with_the_oldest)
{
    for (unsigned ste = 0; ste < 2; ste++) {
        smref_cached copy;
        memset(&copy, 0, sizeof copy);
        ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
        copy.kind = ste ? SMREF_CACHED_STE : SMREF_CACHED_L1STD;
        copy.sid = 100;
        ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_OK);
        copy.kind = SMREF_CACHED_CD;
        ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_OK);
        for (copy.sid = 101; held(s.smmu) < SMREF_MAX_CACHED; copy.sid++)
            ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_OK);
        system_access(&s, 1, 0, SMREF_READ); /* there is an STE to hold, whatever it says */
        ck_assert_uint_eq(held(s.smmu), SMREF_MAX_CACHED - ste);
        ck_assert_uint_eq(smref_cached_at(s.smmu, 0)->sid, 100 + ste);
    }
}
END_TEST

static smref_status nested_access(smref_error *error)
{
    smref_access access = {.addr = MEMORY, .size = 1};
    smref_result result;
    return smref_translate(s.smmu, &access, &result, error);
}

/* Both stages; the walk of stage 1 reads descriptors of four levels, each through stage 2. */
static void set_up_nested(void)
{
    set_up();
    const uint64_t levels[] = {MEMORY + 0x202000, MEMORY + 0x203000, MEMORY + 0x204000};
    system_put_ste(&s, 0, 7);
    system_put_word(&s, CD_AT, UINT64_C(0x6205c0000010)); /* T0SZ 16 */
    system_put_word(&s, CD_AT + 8, MEMORY + 0x201000);
    system_put_word(&s, MEMORY + 0x201000, levels[0] | 3);
    system_put_word(&s, levels[0] + 8, levels[1] | 3);
    system_put_word(&s, levels[1], levels[2] | 3);
    system_put_word(&s, levels[2], MEMORY | 0x743);
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_ANY, NULL), SMREF_OK);
    ck_assert_int_eq(nested_access(NULL), SMREF_OK);
}

/* Adds `count` copies that differ from each one that is held of `kind`, by hints, or by what is for
 * software. */
static void add_like(smref_cached_kind kind, unsigned count)
{
    unsigned all = held(s.smmu);
    for (unsigned i = 0; i < all; i++) {
        smref_cached copy = *smref_cached_at(s.smmu, i);
        for (unsigned k = 1; copy.kind == kind && k <= count; k++) {
            if (kind == SMREF_CACHED_STE)
                copy.words[1] = smref_cached_at(s.smmu, i)->words[1] | k << 2; /* S1CIR, S1COR */
            else if (kind == SMREF_CACHED_CD)
                copy.words[7] = k;
            else
                copy.descriptor = smref_cached_at(s.smmu, i)->descriptor | (uint64_t)k << 55;
            ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_OK);
        }
    }
}

/* More than a version of smref can tell apart is refused by name, and nothing is held of the access. */
START_TEST(more_copies_than_are_tried)
{
    static const struct {
        smref_cached_kind kind[5];
        unsigned count[5];
        const char *text; /* NULL: it is not too much */
    } cases[] = {
        {{SMREF_CACHED_S1_LEAF}, {3}, NULL},
        {{SMREF_CACHED_S1_LEAF}, {4}, "than the choices among them tell apart"},
        {{SMREF_CACHED_S1_LEAF}, {5}, "than the choices among them tell apart"},
        {{SMREF_CACHED_STE}, {3}, NULL},
        {{SMREF_CACHED_STE}, {4}, "than the choices among them tell apart"},
        {{SMREF_CACHED_STE}, {12}, "more copies of one structure than this version looks at"},
        {{SMREF_CACHED_CD}, {12}, "more copies of one structure than this version looks at"},
        {{SMREF_CACHED_STE, SMREF_CACHED_CD, SMREF_CACHED_S12_LEAF}, {3, 3, 3}, NULL},
        {{SMREF_CACHED_STE, SMREF_CACHED_CD, SMREF_CACHED_S1_LEAF, SMREF_CACHED_S12_LEAF,
          SMREF_CACHED_S2_LEAF},
         {3, 3, 3, 2, 1},
         "more ways of using cached copies"},
    };
    smref_error error = {.status = SMREF_OK};
    for (unsigned i = 0; i < 5 && cases[_i].count[i]; i++)
        add_like(cases[_i].kind[i], cases[_i].count[i]);
    unsigned before = held(s.smmu);
    smref_status status = nested_access(&error);
    ck_assert_int_eq(status, cases[_i].text ? SMREF_E_NOT_MODELLED : SMREF_OK);
    if (!cases[_i].text)
        return;
    ck_assert_msg(strstr(error.text, cases[_i].text), "%s", error.text);
    ck_assert_uint_eq(held(s.smmu), before);
}
END_TEST

START_TEST(more_copies_than_are_looked_at)
{
    smref_error error = {.status = SMREF_OK};
    unsigned all = held(s.smmu);
    for (unsigned i = 0; i < all; i++) {
        smref_cached copy = *smref_cached_at(s.smmu, i);
        for (unsigned k = 1; copy.kind == SMREF_CACHED_S1_LEAF && k <= 16; k++) {
            copy.output = MEMORY + 0x1000 * k;
            ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_OK);
        }
    }
    ck_assert_int_eq(nested_access(&error), SMREF_E_NOT_MODELLED);
    ck_assert_msg(strstr(error.text, "more copies of one translation than this version looks at"), "%s",
                  error.text);
}
END_TEST

/* An operation of chapter 9 meets the same limits, and changes nothing then. */
START_TEST(operations_on_more_copies_than_are_tried)
{
    smref_mmio run = {.offset = 0x100, .size = 4, .write = true, .value = 1};
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    system_set(&s, SMREF_REG_SMMU_IDR0, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) | 1 << 15); /* ATOS */
    system_set(&s, SMREF_REG_SMMU_GATOS_ADDR, MEMORY | 3 << 10 | 1 << 8); /* a read through both stages */
    ck_assert_int_eq(smref_access_register(s.smmu, &run, &result, NULL), SMREF_OK);
    uint64_t par = smref_get_register(s.smmu, SMREF_REG_SMMU_GATOS_PAR);
    ck_assert(par && !(par & 1)); /* no FAULT */
    add_like(SMREF_CACHED_S1_LEAF, 4);
    system_set(&s, SMREF_REG_SMMU_GATOS_PAR, 0);
    unsigned before = held(s.smmu);
    ck_assert_int_eq(smref_access_register(s.smmu, &run, &result, &error), SMREF_E_NOT_MODELLED);
    ck_assert_msg(strstr(error.text, "than the choices among them tell apart"), "%s", error.text);
    ck_assert_uint_eq(held(s.smmu), before);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GATOS_PAR), 0);
}
END_TEST

/* An access that is modelled and has no room for what it leaves is refused under `any`. */
START_TEST(no_room_for_a_good_access)
{
    smref_error error = {.status = SMREF_OK};
    smref_cached copy;
    memset(&copy, 0, sizeof copy);
    copy.kind = SMREF_CACHED_STE;
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_ANY, NULL), SMREF_OK);
    for (copy.sid = 100; held(s.smmu) < SMREF_MAX_CACHED; copy.sid++)
        ck_assert_int_eq(smref_cached_add(s.smmu, &copy, NULL), SMREF_OK);
    ck_assert_int_eq(nested_access(&error), SMREF_E_NOT_MODELLED);
    ck_assert_msg(strstr(error.text, "than there is room for"), "%s", error.text);
    ck_assert_uint_eq(held(s.smmu), SMREF_MAX_CACHED);
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
    tcase_add_loop_test(tcase, only_what_a_cache_can_hold_is_restored, 0,
                        (int)(sizeof candidates / sizeof *candidates));
    tcase_add_test(tcase, what_goes_with_the_oldest);
    suite_add_tcase(suite, tcase);
    TCase *nested = tcase_create("nested");
    tcase_add_checked_fixture(nested, set_up_nested, tear_down);
    tcase_add_loop_test(nested, more_copies_than_are_tried, 0, 9);
    tcase_add_test(nested, more_copies_than_are_looked_at);
    tcase_add_test(nested, operations_on_more_copies_than_are_tried);
    tcase_add_test(nested, no_room_for_a_good_access);
    suite_add_tcase(suite, nested);
    return run_suite(suite);
}
