/* Why cases were not compared: made safe, counted by a part of a campaign, written, read, added up. */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "ledger.h"

/* ---- Texts ----------------------------------------------------------------------------------------- */

struct safe {
    const char *text, *kept;
};

static const struct safe texts[] = {
    {"no MMIO", "no MMIO"},
    {"", "it gives no reason"},
    {" \n\t", "it gives no reason"},
    {"two\nlines\tand\r\n", "two lines and  "},
    {"\x1b[31mred\x1b[0m", "?[31mred?[0m"},
    {"bell\a, delete\x7f", "bell?, delete?"},
    {"C1 \xc2\x9b"
     "31m",
     "C1 ?31m"},
    {"\xc2\xa0", "\xc2\xa0"},
    {"gr\xc3\xb6\xc3\x9f"
     "er \xe2\x89\xa5 \xf0\x9f\x98\x80",
     "gr\xc3\xb6\xc3\x9f"
     "er \xe2\x89\xa5 \xf0\x9f\x98\x80"},
    {"cut \xe2\x89", "cut ??"},
    {"overlong \xc0\x9b\xe0\x80\x9b", "overlong ?????"},
    {"surrogate \xed\xa0\x80", "surrogate ???"},
    {"\xff\xfe", "??"},
};

START_TEST(what_is_kept)
{
    const struct safe *c = &texts[_i];
    char once[SMREF_REASON_ROOM], twice[SMREF_REASON_ROOM];
    json_t *string;
    ck_assert_str_eq(smref_reason_put(once, c->text), c->kept);
    ck_assert_str_eq(smref_reason_put(twice, once), once);
    string = json_string(once);
    ck_assert_ptr_nonnull(string);
    json_decref(string);
}
END_TEST

/* A character that does not fit goes whole. */
START_TEST(what_is_cut)
{
    char text[300], kept[SMREF_REASON_ROOM];
    memset(text, 'a', sizeof text);
    memcpy(text + SMREF_REASON_ROOM - 3, "\xe2\x89\xa5", 3);
    text[sizeof text - 1] = '\0';
    ck_assert_uint_eq(strlen(smref_reason_put(kept, text)), SMREF_REASON_ROOM - 3);
    memcpy(text + SMREF_REASON_ROOM - 4, "\xe2\x89\xa5", 3);
    ck_assert_uint_eq(strlen(smref_reason_put(kept, text)), SMREF_REASON_ROOM - 1);
}
END_TEST

/* ---- The state of a part --------------------------------------------------------------------------- */

static char path[] = "/tmp/smref-reasons-XXXXXX";

static void new_file(void)
{
    int file;
    strcpy(path + sizeof path - 7, "XXXXXX");
    file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static smref_ledger *open_ledger(bool resume)
{
    char why[200] = "";
    smref_ledger *ledger = smref_ledger_open(path, resume, why);
    ck_assert_msg(ledger != NULL, "%s", why);
    return ledger;
}

static void add(smref_ledger *ledger, smref_verdict verdict, const char *reason)
{
    unsigned number = smref_ledger_reason(ledger, verdict, reason);
    smref_ledger_add(ledger, &smref_ledger_now(ledger)->reasons[verdict][number], 1);
}

static smref_counts *sum(const smref_ledger *ledger)
{
    smref_counts *counts = calloc(1, sizeof *counts);
    smref_ledger_sum(ledger, counts);
    return counts;
}

static void drop(smref_counts *counts)
{
    smref_counts_clear(counts);
    free(counts);
}

static void check_reasons(const smref_counts *counts, const char *expected)
{
    json_t *all = smref_counts_json(counts);
    char *text = json_dumps(json_object_get(all, "reasons"), JSON_COMPACT);
    ck_assert_str_eq(text, expected);
    free(text);
    json_decref(all);
}

/* What was counted for a case in flight is not there when the part goes on. */
START_TEST(a_part_that_goes_on)
{
    smref_ledger *ledger;
    smref_counts *counts;
    new_file();
    ledger = open_ledger(false);
    add(ledger, SMREF_VERDICT_REFUSED, "no MMIO");
    smref_ledger_commit(ledger);
    add(ledger, SMREF_VERDICT_NOT_COMPARED, "no MMIO");
    smref_ledger_commit(ledger);
    add(ledger, SMREF_VERDICT_REFUSED, "in flight");
    add(ledger, SMREF_VERDICT_REFUSED, "no MMIO");
    smref_ledger_close(ledger);
    ledger = open_ledger(true);
    add(ledger, SMREF_VERDICT_REFUSED, "no\nMMIO");
    smref_ledger_commit(ledger);
    counts = sum(ledger);
    check_reasons(counts, "{\"not_compared\":{\"no MMIO\":1},\"refused\":{\"no MMIO\":2}}");
    drop(counts);
    smref_ledger_close(ledger);
    unlink(path);
}
END_TEST

/* There is room for 63 reasons of a verdict; what comes behind is one, and other verdicts have their own. */
START_TEST(a_table_that_is_full)
{
    smref_ledger *ledger;
    smref_counts *counts;
    char reason[32];
    new_file();
    ledger = open_ledger(false);
    for (unsigned i = 0; i < 100; i++) {
        snprintf(reason, sizeof reason, "reason %u", i);
        add(ledger, SMREF_VERDICT_REFUSED, reason);
        smref_ledger_commit(ledger);
    }
    add(ledger, SMREF_VERDICT_REFUSED, "reason 62");
    add(ledger, SMREF_VERDICT_REFUSED, "reason 63");
    add(ledger, SMREF_VERDICT_UNDECIDED, "reason 63");
    smref_ledger_commit(ledger);
    counts = sum(ledger);
    ck_assert_uint_eq(counts->reasons[SMREF_VERDICT_REFUSED].count, SMREF_LEDGER_REASONS);
    ck_assert_str_eq(counts->reasons[SMREF_VERDICT_REFUSED].list[0].text, "others");
    ck_assert_uint_eq(counts->reasons[SMREF_VERDICT_REFUSED].list[0].count, 100 - 63 + 1);
    ck_assert_uint_eq(counts->reasons[SMREF_VERDICT_UNDECIDED].count, 1);
    ck_assert_str_eq(counts->reasons[SMREF_VERDICT_UNDECIDED].list[0].text, "reason 63");
    drop(counts);
    smref_ledger_close(ledger);
    unlink(path);
}
END_TEST

/* ---- Written and read ------------------------------------------------------------------------------ */

#define SUMMARY(reasons)                                                                                     \
    "{\"cases\":9,\"seconds\":1.5,\"restarts\":0,\"steps\":0,\"kinds\":{\"vectors\":{\"refused\":9}},"       \
    "\"rules\":{},\"choices\":{},\"groups\":{},\"goals\":{\"reached\":0,\"missed\":[]}" reasons "}"

static bool read_counts(const char *text, smref_counts *out, smref_jerror *error)
{
    smref_jdoc doc;
    bool good;
    error->text[0] = '\0';
    ck_assert(smref_jdoc_parse(&doc, "f.json", text, strlen(text), error));
    good = smref_counts_read(&doc, &doc.root, out, error);
    smref_jdoc_close(&doc);
    return good;
}

static smref_counts *counts_of(const char *text)
{
    smref_counts *counts = calloc(1, sizeof *counts);
    smref_jerror error;
    ck_assert_msg(read_counts(text, counts, &error), "%s", error.text);
    return counts;
}

START_TEST(parts_are_added_up)
{
    smref_counts *all = counts_of(SUMMARY(",\"reasons\":{\"refused\":{\"no MMIO\":5,\"busy\":1}}"));
    smref_counts *more =
        counts_of(SUMMARY(",\"reasons\":{\"refused\":{\"no MMIO\":2,\"\":3},\"not_modelled\":"
                          "{\"stalls\":4}}"));
    smref_counts *old = counts_of(SUMMARY(""));
    smref_reason *reasons;
    size_t count;
    smref_counts_add(all, more);
    smref_counts_add(all, old);
    check_reasons(all, "{\"not_modelled\":{\"stalls\":4},"
                       "\"refused\":{\"busy\":1,\"it gives no reason\":3,\"no MMIO\":7}}");
    check_reasons(old, "{}");
    reasons = smref_counts_reasons(all, &count);
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(reasons[0].text, "no MMIO");
    ck_assert_uint_eq(reasons[0].count, 7);
    ck_assert_str_eq(reasons[1].text, "stalls");
    ck_assert_int_eq(reasons[1].verdict, SMREF_VERDICT_NOT_MODELLED);
    ck_assert_str_eq(reasons[3].text, "busy");
    free(reasons);
    ck_assert_ptr_null(smref_counts_reasons(old, &count));
    ck_assert_uint_eq(count, 0);
    drop(all);
    drop(more);
    drop(old);
}
END_TEST

/* A file may say anything. */
START_TEST(a_terminal_is_safe)
{
    smref_counts *counts =
        counts_of(SUMMARY(",\"reasons\":{\"refused\":{\"\\u001b[2J\":1,\"\\u0007[2J\":2}}"));
    check_reasons(counts, "{\"refused\":{\"?[2J\":3}}");
    drop(counts);
}
END_TEST

static const struct safe wrong[] = {
    {SUMMARY(",\"reasons\":{\"declined\":{\"no\":1}}"), "f.json:1: reasons.declined: no such verdict"},
    {SUMMARY(",\"reasons\":[]"), "f.json:1: reasons: must be an object"},
    {SUMMARY(",\"reasons\":{\"refused\":7}"), "f.json:1: reasons.refused: must be an object"},
    {SUMMARY(",\"reasons\":{\"refused\":{\"no\":-1}}"), "f.json:1: reasons.refused.no: "},
    {SUMMARY(",\"reason\":{}"), "f.json:1: reason: unknown key; nearest: reasons"},
};

START_TEST(what_is_refused)
{
    static smref_counts counts;
    smref_jerror error;
    ck_assert(!read_counts(wrong[_i].text, &counts, &error));
    ck_assert_msg(strncmp(error.text, wrong[_i].kept, strlen(wrong[_i].kept)) == 0, "%s", error.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reasons");
    TCase *tests = tcase_create("reasons");
    tcase_add_loop_test(tests, what_is_kept, 0, sizeof texts / sizeof *texts);
    tcase_add_test(tests, what_is_cut);
    tcase_add_test(tests, a_part_that_goes_on);
    tcase_add_test(tests, a_table_that_is_full);
    tcase_add_test(tests, parts_are_added_up);
    tcase_add_test(tests, a_terminal_is_safe);
    tcase_add_loop_test(tests, what_is_refused, 0, sizeof wrong / sizeof *wrong);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
