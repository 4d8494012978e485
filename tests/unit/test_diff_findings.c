/* Findings of differential tests: their groups, and their reduction. */
#define _XOPEN_SOURCE 700

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "system/deviant.h"
#include "system/system.h"
#include "finding.h"
#include "publish.h"
#include "smref_layout.h"

/* ---- Wrong answers --------------------------------------------------------------------------------- */

/* Lets writes through that no stage permits. */
static const char *writes_all(const smref_stimulus *step, smref_sight *sight)
{
    if (step->op == SMREF_OP_ACCESS && step->access.type == SMREF_WRITE && sight->event_valid &&
        sight->event.type == SMREF_F_PERMISSION) {
        sight->outcome = SMREF_OUTCOME_OK;
        sight->elsewhere = true;
        sight->event_valid = false;
    }
    return NULL;
}

/* Forgets RnW of every record. */
static const char *forgets_rnw(const smref_stimulus *step, smref_sight *sight)
{
    smref_layout layout;

    (void)step;
    if (!sight->event_valid || !smref_layout_find("F_PERMISSION", &layout))
        return NULL;
    const smref_layout_info *info = smref_layout_at((unsigned)layout);
    for (unsigned f = 0; f < info->field_count; f++)
        if (strcmp(info->fields[f].name, "RnW") == 0)
            smref_field_set(&info->fields[f], sight->event.words, 0, 1);
    return NULL;
}

/* Does not enable the Event queue. */
static const char *no_eventqen(const smref_stimulus *step, smref_sight *sight)
{
    smref_register_ref ref;

    if (step->op == SMREF_OP_MMIO_WRITE && smref_mmio_register(step, &ref) && ref.reg == SMREF_REG_SMMU_CR0)
        sight->value &= ~UINT64_C(4);
    return NULL;
}

/* Ends when a device writes in the upper half of a page of 4 KB. */
static const char *dies(const smref_stimulus *step, smref_sight *sight)
{
    (void)sight;
    return step->op == SMREF_OP_ACCESS && step->access.type == SMREF_WRITE && step->access.addr & 0x100
               ? "ended by signal 6"
               : NULL;
}

/* Goes on with what deviant_case maps, whatever becomes of its tables. */
static const char *keeps_output(const smref_stimulus *step, smref_sight *sight)
{
    if (step->op == SMREF_OP_ACCESS && sight->outcome == SMREF_OUTCOME_OK)
        sight->pa = step->access.addr;
    return NULL;
}

/* What follows is seen only later, in what software reads. */

static bool is_record(const smref_stimulus *step)
{
    return step->op == SMREF_OP_LOAD && step->size == 64;
}

static const char *forgets_rnw_in_memory(const smref_stimulus *step, smref_sight *sight)
{
    if (is_record(step) && sight->loaded[0])
        smref_F_PERMISSION_set_RnW(sight->loaded, 1);
    return NULL;
}

/* Has in a cache what is C_BAD_STE in memory, and forgets RnW for the second record alone. */
static const char *keeps_ste(const smref_stimulus *step, smref_sight *sight)
{
    if (!is_record(step) || smref_F_PERMISSION_TYPE(sight->loaded + 4) != SMREF_C_BAD_STE)
        return NULL;
    for (size_t i = 0; i < SMREF_RECORD_WORDS; i++)
        sight->loaded[SMREF_RECORD_WORDS + i] = sight->loaded[i];
    smref_F_PERMISSION_set_RnW(sight->loaded + 4, 1);
    return NULL;
}

/* Another event, for the same access. */
static const char *takes_it_for_access_flag(const smref_stimulus *step, smref_sight *sight)
{
    if (is_record(step) && sight->loaded[0])
        smref_F_PERMISSION_set_TYPE(sight->loaded, SMREF_F_ACCESS);
    return NULL;
}

/* All STEs are illegal. */
static const char *finds_ste_illegal(const smref_stimulus *step, smref_sight *sight)
{
    if (step->op == SMREF_OP_ACCESS && sight->outcome == SMREF_OUTCOME_OK)
        sight->outcome = SMREF_OUTCOME_ABORT;
    if (is_record(step))
        smref_F_PERMISSION_set_TYPE(sight->loaded, SMREF_C_BAD_STE);
    return NULL;
}

static const char *finds_ste_illegal_late(const smref_stimulus *step, smref_sight *sight)
{
    return step->op == SMREF_OP_LOAD ? finds_ste_illegal(step, sight) : NULL;
}

static bool is_prod(const smref_stimulus *step)
{
    smref_register_ref ref;

    return step->op == SMREF_OP_MMIO_READ && smref_mmio_register(step, &ref) &&
           ref.reg == SMREF_REG_SMMU_EVENTQ_PROD;
}

static const char *records_more(const smref_stimulus *step, smref_sight *sight)
{
    if (is_prod(step))
        sight->value++;
    if (is_record(step))
        smref_F_PERMISSION_set_TYPE(sight->loaded + 4, SMREF_F_UUT);
    return NULL;
}

static const char *records_less(const smref_stimulus *step, smref_sight *sight)
{
    if (is_prod(step) && sight->value)
        sight->value--;
    return NULL;
}

/* ---- The world ------------------------------------------------------------------------------------- */

static struct deviant deviant;
static smref_follower *follower;
static smref_case *whole;
static smref_reduction *reduction;

static void begin(const char *(*wrong)(const smref_stimulus *step, smref_sight *sight))
{
    smref_jerror error = {""};

    deviant_new(&deviant, wrong);
    follower = smref_follower_new(&deviant.target.implementation, &error);
    ck_assert_msg(follower != NULL, "%s", error.text);
    whole = calloc(1, sizeof *whole);
    reduction = calloc(1, sizeof *reduction);
    deviant_case(whole);
}

static void end(void)
{
    free(reduction);
    free(whole);
    smref_follower_free(follower);
    deviant_free(&deviant);
}

static const char *group_of(const smref_case *c, const smref_reduction *r)
{
    static char group[SMREF_GROUP_ROOM];

    return smref_diff_group(c, &r->difference, r->died[0] ? r->died : NULL, group);
}

static smref_access first_access(const smref_case *c)
{
    size_t first = 0;

    while (c->steps[first].op != SMREF_OP_ACCESS)
        first++;
    return c->steps[first].access;
}

/* Ignores reserved bits of an STE, and keeps it. */
static const char *ignores_reserved_bits(const smref_stimulus *step, smref_sight *sight)
{
    if (step->op == SMREF_OP_ACCESS) {
        sight->outcome = SMREF_OUTCOME_OK;
        sight->pa = step->access.addr;
    }
    return NULL;
}

/* An STE with a reserved bit may count, and then be in use after it was overwritten without CMD_CFGI_STE (5,
 * 3.21.3), though the profile says that such STEs are invalid, and none was ever held in its way. */
START_TEST(agreement_by_what_was_kept)
{
    const uint64_t none[8] = {0};
    smref_case *again = calloc(1, sizeof *again);
    uint64_t ste[8];

    begin(ignores_reserved_bits);
    deviant.shy = true;
    smref_follower_free(follower);
    deviant.target.implementation.profile.choices.option[SMREF_CHOICE_RESERVED_BITS] =
        SMREF_CHOICE_RESERVED_BITS_invalid;
    follower = smref_follower_new(&deviant.target.implementation, &(smref_jerror){""});
    smref_access access = first_access(whole);
    memcpy(ste, whole->steps[0].bytes, sizeof ste);
    ste[1] |= SMREF_STE_RES0_MASK[1] & -SMREF_STE_RES0_MASK[1];
    smref_case_clear(again, 7, "translation");
    smref_case_store(again, SMREF_PAS_NS, whole->steps[0].at, ste, 8, SMREF_LAYOUT_STE);
    for (size_t i = 1; whole->steps[i].op != SMREF_OP_ACCESS; i++)
        smref_case_append(again, &whole->steps[i], SMREF_LAYOUT_COUNT);
    smref_case_access(again, &access);
    smref_case_store(again, SMREF_PAS_NS, whole->steps[0].at, none, 8, SMREF_LAYOUT_STE);
    smref_case_access(again, &access);
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, again, NULL, reduction), SMREF_AGAIN_NOT);
    free(again);
    end();
}
END_TEST

/* ---- Groups ---------------------------------------------------------------------------------------- */

START_TEST(agreement)
{
    begin(NULL);
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_NOT);
    end();
}
END_TEST

/* What is wrong, and the group: 13.1.1 and DDI 0487 D8.4.1 decide on the write; 7.3 says what RnW is; 6.3.9
 * what EVENTQEN is. */
static const struct {
    const char *(*wrong)(const smref_stimulus *step, smref_sight *sight);
    const char *group;
} groups[] = {
    {writes_all, "access: S1_NO_WRITE: ok for abort F_PERMISSION"},
    {forgets_rnw, "access: S1_NO_WRITE: F_PERMISSION: RnW 1 for 0"},
    {no_eventqen, "write SMMU_CR0: REG_WRITTEN: value: EVENTQEN 0 for 1"},
};

START_TEST(of_a_group)
{
    begin(groups[_i].wrong);
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_str_eq(group_of(whole, reduction), groups[_i].group);
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, whole, "access: another", reduction),
                     SMREF_AGAIN_OTHER);
    end();
}
END_TEST

/* No single step, word, field or bit can go. */
static void assert_minimal(const char *group)
{
    smref_reduction *again = calloc(1, sizeof *again);
    smref_case *less = calloc(1, sizeof *less);

    for (size_t i = 0; i < reduction->reduced.count; i++) {
        smref_case_copy(less, &reduction->reduced);
        smref_case_remove(less, i);
        ck_assert_int_ne(smref_show_again(&deviant.target, follower, less, group, again), SMREF_AGAIN_SAME);
    }
    for (size_t e = 0; e < smref_edit_count; e++) {
        const smref_edit *edit = &smref_edits[e];
        for (size_t at = edit->next(&reduction->reduced, 0); at != SIZE_MAX;
             at = edit->next(&reduction->reduced, at + 1)) {
            smref_case_copy(less, &reduction->reduced);
            edit->apply(less, at);
            ck_assert_int_ne(smref_show_again(&deviant.target, follower, less, group, again),
                             SMREF_AGAIN_SAME);
        }
    }
    free(less);
    free(again);
}

/* A target that shows little: what decides is the access before, or what is seen of it later (7.2, 7.3). */
static const struct {
    const char *(*wrong)(const smref_stimulus *step, smref_sight *sight);
    const char *group;
} shy_groups[] = {
    {writes_all, "access: S1_NO_WRITE: ok for abort"},
    {forgets_rnw_in_memory, "record: S1_NO_WRITE: F_PERMISSION: RnW 1 for 0"},
    {takes_it_for_access_flag, "record: S1_NO_WRITE: F_ACCESS S2=0 CLASS=2 for F_PERMISSION"},
    {finds_ste_illegal, "access: STE_CONFIG_S1: spurious C_BAD_STE"},
    {finds_ste_illegal_late, "access: STE_CONFIG_S1: spurious C_BAD_STE"},
    {records_more, "read SMMU_EVENTQ_PROD: S1_NO_WRITE: more records: F_UUT"},
    {records_less, "read SMMU_EVENTQ_PROD: S1_NO_WRITE: less records"},
};

START_TEST(of_a_shy_target)
{
    begin(shy_groups[_i].wrong);
    deviant.shy = true;
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_str_eq(group_of(whole, reduction), shy_groups[_i].group);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_str_eq(group_of(&reduction->reduced, reduction), shy_groups[_i].group);
    ck_assert(reduction->minimal);
    assert_minimal(shy_groups[_i].group);
    end();
}
END_TEST

/* The block of deviant_case becomes a table of blocks, the first of them elsewhere, and nothing of it is
 * left in any cache (4.4.4); then the first access is made again. */
static void map_elsewhere(smref_case *c)
{
    const uint64_t commands[4] = {SMREF_CMD_TLBI_NSNH_ALL, 0, SMREF_CMD_SYNC, 0};
    const uint64_t table = TABLES + 0x1003, block = (MEMORY + 0x200000) | 0x4c1;
    smref_access access = first_access(c);

    smref_case_store(c, SMREF_PAS_NS, TABLES + 0x1000, &block, 1, SMREF_LAYOUT_COUNT);
    smref_case_store(c, SMREF_PAS_NS, TABLES + 8, &table, 1, SMREF_LAYOUT_COUNT);
    smref_case_store(c, SMREF_PAS_NS, MEMORY + 0x300000, commands, 4, SMREF_LAYOUT_COUNT);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_BASE, (MEMORY + 0x300000) | 4);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR0, 0xd);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_PROD, 2);
    smref_case_access(c, &access);
}

/* Another output, and one that an access had before: the latter may be something that was not invalidated. */
START_TEST(of_what_was_kept)
{
    begin(keeps_output);
    map_elsewhere(whole);
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_str_eq(group_of(whole, reduction), "access: S1_BLOCK: output address: bits 47:12, as before");
    for (size_t i = 0; i < whole->count; i++)
        if (whole->steps[i].op == SMREF_OP_ACCESS && i + 1 < whole->count)
            whole->steps[i].access.addr ^= 0x10;
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_str_eq(group_of(whole, reduction), "access: S1_BLOCK: output address: bits 47:12");
    end();
}
END_TEST

/* An STE that is stored without CMD_CFGI_STE may be in use or not (3.21.3): the record that is permitted then
 * is what the target departs from. */
START_TEST(of_what_may_be_kept)
{
    const uint64_t none[8] = {0};

    begin(keeps_ste);
    deviant.shy = true;
    smref_access access = first_access(whole);
    access.type = SMREF_WRITE;
    smref_case_store(whole, SMREF_PAS_NS, STRTAB + UINT64_C(64) * DEVIANT_SID, none, 8, SMREF_LAYOUT_STE);
    smref_case_access(whole, &access);
    smref_case_load(whole, SMREF_PAS_NS, EVENTQ, 64);
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_str_eq(group_of(whole, reduction), "record: S1_NO_WRITE: F_PERMISSION: RnW 1 for 0");
    ck_assert_uint_eq(reduction->difference.permitted_count, 2);
    end();
}
END_TEST

/* ---- Reduction ------------------------------------------------------------------------------------- */

START_TEST(reduced)
{
    smref_reduction *twice;

    begin(groups[_i].wrong);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, groups[_i].group, reduction),
                     SMREF_AGAIN_SAME);
    ck_assert(reduction->minimal);
    ck_assert_uint_lt(reduction->reduced.count, whole->count);
    ck_assert_uint_lt(reduction->bits, smref_case_bits(whole));
    ck_assert_str_eq(group_of(&reduction->reduced, reduction), groups[_i].group);
    assert_minimal(groups[_i].group);
    twice = calloc(1, sizeof *twice);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, groups[_i].group, twice),
                     SMREF_AGAIN_SAME);
    ck_assert_uint_eq(twice->runs, reduction->runs);
    ck_assert_uint_eq(twice->bits, reduction->bits);
    free(twice);
    end();
}
END_TEST

/* All that EVENTQEN needs is the write of it. */
START_TEST(reduced_to_one_step)
{
    begin(no_eventqen);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_uint_eq(reduction->reduced.count, 1);
    ck_assert_uint_eq(reduction->reduced.steps[0].mmio.value, 4);
    end();
}
END_TEST

START_TEST(bounded)
{
    begin(writes_all);
    reduction->most = 10;
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert(!reduction->minimal);
    ck_assert_uint_le(deviant.runs, 12);
    end();
}
END_TEST

START_TEST(other_group)
{
    begin(writes_all);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, "access: another", reduction),
                     SMREF_AGAIN_OTHER);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    end();
}
END_TEST

START_TEST(death)
{
    begin(dies);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    ck_assert_str_eq(reduction->died, "ended by signal 6");
    ck_assert(reduction->minimal);
    ck_assert_uint_eq(reduction->reduced.count, 1);
    ck_assert_uint_eq(reduction->reduced.steps[0].access.addr, 0x100);
    ck_assert_str_eq(group_of(&reduction->reduced, reduction), "access: died: ended by signal 6");
    end();
}
END_TEST

/* ---- As data --------------------------------------------------------------------------------------- */

/* The case of a finding reads back as the same case. */
START_TEST(back_and_forth)
{
    smref_jerror error = {""};
    smref_snapshot snapshot;
    smref_case *again;
    smref_jdoc doc;
    char why[200] = "", *text;
    json_t *finding;

    begin(writes_all);
    ck_assert_int_eq(smref_reduce(&deviant.target, follower, whole, NULL, reduction), SMREF_AGAIN_SAME);
    finding = smref_reduced_json(reduction, &deviant.target.implementation, NULL);
    ck_assert_str_eq(json_string_value(json_object_get(finding, "rule")), "S1_NO_WRITE");
    ck_assert_str_eq(json_string_value(json_object_get(finding, "aspect")), "outcome");
    text = json_dumps(json_object_get(finding, "case"), 0);
    ck_assert_msg(smref_jdoc_parse(&doc, "case", text, strlen(text), &error), "%s", error.text);
    ck_assert_msg(smref_snapshot_read(&doc, &doc.root, NULL, &snapshot, &error), "%s", error.text);
    ck_assert_uint_eq((uint64_t)json_integer_value(json_object_get(finding, "step")),
                      snapshot.steps.count - 1);
    again = calloc(1, sizeof *again);
    ck_assert_msg(smref_case_from_snapshot(again, &deviant.target.implementation,
                                           &(smref_case_origin){.snapshot = &snapshot}, "file", why),
                  "%s", why);
    ck_assert_int_eq(smref_show_again(&deviant.target, follower, again, groups[0].group, reduction),
                     SMREF_AGAIN_SAME);
    free(again);
    smref_snapshot_free(&snapshot);
    smref_jdoc_close(&doc);
    free(text);
    json_decref(finding);
    end();
}
END_TEST

static const smref_results_group *group_named(const smref_results *results, const char *name)
{
    for (size_t i = 0; i < results->group_count; i++)
        if (strcmp(results->groups[i].group, name) == 0)
            return &results->groups[i];
    ck_abort_msg("no group %s", name);
}

/* Groups out of a file: those that the target shows are reduced, the others stay; and what is saved is told
 * in the place of what was not reduced. */
START_TEST(results)
{
    static const char part[] = "tests/cli/campaign/part-2-of-2.jsonl";
    char saved[] = "/tmp/smref-findings-XXXXXX";
    const smref_results_group *found;
    smref_results *all = calloc(2, sizeof *all);
    smref_jerror error = {""};

    begin(no_eventqen);
    ck_assert_msg(smref_results_add(&all[0], part, &error), "%s", error.text);
    ck_assert_msg(smref_results_end(&all[0], NULL, &error), "%s", error.text);
    ck_assert_msg(smref_results_reduce(&all[0], &deviant.target, &error), "%s", error.text);
    ck_assert(group_named(&all[0], groups[2].group)->reduced);
    ck_assert(!group_named(&all[0], groups[1].group)->reduced);
    close(mkstemp(saved));
    ck_assert_msg(smref_results_save(&all[0], saved, &error), "%s", error.text);
    ck_assert_msg(smref_results_add(&all[1], part, &error), "%s", error.text);
    ck_assert_msg(smref_results_add(&all[1], saved, &error), "%s", error.text);
    found = group_named(&all[1], groups[2].group);
    ck_assert(found->reduced);
    ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(found->finding, "case"), "steps")), 1);
    ck_assert_uint_eq(found->count, group_named(&all[0], groups[2].group)->count);
    unlink(saved);
    smref_results_free(&all[0]);
    smref_results_free(&all[1]);
    free(all);
    end();
}
END_TEST

/* A name for files, which tells groups apart that start alike. */
START_TEST(slugs)
{
    char a[SMREF_SLUG_ROOM], b[SMREF_SLUG_ROOM], one[200], other[200];

    memset(one, 'x', sizeof one - 1);
    one[sizeof one - 1] = '\0';
    strcpy(other, one);
    other[sizeof other - 2] = 'y';
    ck_assert_str_ne(smref_group_slug(one, a), smref_group_slug(other, b));
    ck_assert_uint_lt(strlen(a), SMREF_SLUG_ROOM);
    ck_assert_uint_eq(strspn(smref_group_slug(" ../Write: A_B ", a), "abcdefghijklmnopqrstuvwxyz0123456789-"),
                      strlen(a));
    ck_assert_int_eq(strncmp(a, "write-a-b-", 10), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("findings of differential tests");
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, agreement);
    tcase_add_test(tcase, agreement_by_what_was_kept);
    tcase_add_loop_test(tcase, of_a_group, 0, sizeof groups / sizeof *groups);
    tcase_add_loop_test(tcase, of_a_shy_target, 0, sizeof shy_groups / sizeof *shy_groups);
    tcase_add_test(tcase, of_what_was_kept);
    tcase_add_test(tcase, of_what_may_be_kept);
    tcase_add_loop_test(tcase, reduced, 0, sizeof groups / sizeof *groups);
    tcase_add_test(tcase, reduced_to_one_step);
    tcase_add_test(tcase, bounded);
    tcase_add_test(tcase, other_group);
    tcase_add_test(tcase, death);
    tcase_add_test(tcase, back_and_forth);
    tcase_add_test(tcase, results);
    tcase_add_test(tcase, slugs);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
