/* The trace: what an access shows of itself, in which order, and that showing it changes nothing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "system/system.h"

static struct system s;

/* What matters of the steps of one access. */
static struct {
    unsigned count, phase_steps_back, reads, writes, aborted;
    smref_phase last;
    struct {
        smref_step_kind kind;
        smref_layout layout;
        uint64_t address;
        int stage, level;
        uint64_t index;
    } step[256];
    unsigned rules;
    uint16_t rule[SMREF_MAX_RULES];
    bool choices[SMREF_CHOICE_COUNT];
} seen;

static int context_value;

static void on_step(void *context, const smref_step *step)
{
    ck_assert_ptr_eq(context, &context_value);
    ck_assert_uint_lt(seen.count, 256);
    seen.phase_steps_back += step->phase < seen.last;
    seen.last = step->phase;
    seen.step[seen.count].kind = step->kind;
    seen.step[seen.count].layout = step->layout;
    seen.step[seen.count].address = step->address;
    seen.step[seen.count].stage = step->stage;
    seen.step[seen.count].level = step->level;
    seen.step[seen.count].index = step->index;
    seen.count++;
    seen.reads += step->kind == SMREF_STEP_READ;
    seen.writes += step->kind == SMREF_STEP_WRITE;
    seen.aborted += (step->kind == SMREF_STEP_READ || step->kind == SMREF_STEP_WRITE) && !step->words;
    if (step->kind == SMREF_STEP_RULE && seen.rules < SMREF_MAX_RULES)
        seen.rule[seen.rules++] = (uint16_t)step->rule;
    if (step->kind == SMREF_STEP_CHOICE)
        seen.choices[step->choice] = true;
}

static void set_up(void)
{
    system_new(&s);
    memset(&seen, 0, sizeof seen);
    smref_set_trace(s.smmu, on_step, &context_value);
}

static void tear_down(void)
{
    system_free(&s);
}

struct read_step {
    smref_layout layout;
    uint64_t address;
    int stage, level;
};

static void check_reads(const struct read_step *wanted, unsigned count)
{
    unsigned n = 0;
    for (unsigned i = 0; i < seen.count; i++) {
        if (seen.step[i].kind != SMREF_STEP_READ)
            continue;
        ck_assert_uint_lt(n, count);
        ck_assert_int_eq(seen.step[i].layout, wanted[n].layout);
        ck_assert_uint_eq(seen.step[i].address, wanted[n].address);
        ck_assert_int_eq(seen.step[i].stage, wanted[n].stage);
        if (wanted[n].stage)
            ck_assert_int_eq(seen.step[i].level, wanted[n].level);
        n++;
    }
    ck_assert_uint_eq(n, count);
}

START_TEST(reads_of_stage_1)
{
    static const struct read_step wanted[] = {{SMREF_LAYOUT_STE, STRTAB + 64 * 3, 0, 0},
                                              {SMREF_LAYOUT_CD, CD_AT, 0, 0},
                                              {SMREF_LAYOUT_VMSAv8_64_S1_BLOCK, TABLES + 8, 1, 1}};
    system_put_ste(&s, 3, 5);
    system_put_cd(&s);
    system_put_tables(&s);
    smref_result r = system_access(&s, 3, 0x40001234, SMREF_READ);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_OK);
    check_reads(wanted, 3);
    ck_assert_uint_eq(seen.phase_steps_back, 0);
    ck_assert_uint_eq(r.memory_reads, 3);
    ck_assert_uint_eq(seen.rules, r.rule_count);
    ck_assert_mem_eq(seen.rule, r.rules, r.rule_count * sizeof *r.rules);
}
END_TEST

/* Nested: the CD and each stage 1 descriptor are looked for in stage 2 first. */
START_TEST(reads_of_both_stages)
{
    static const struct read_step wanted[] = {{SMREF_LAYOUT_STE, STRTAB, 0, 0},
                                              {SMREF_LAYOUT_VMSAv8_64_S2_BLOCK, TABLES + 8, 2, 1},
                                              {SMREF_LAYOUT_CD, CD_AT, 0, 0},
                                              {SMREF_LAYOUT_VMSAv8_64_S2_BLOCK, TABLES + 8, 2, 1},
                                              {SMREF_LAYOUT_VMSAv8_64_S1_BLOCK, TABLES + 8, 1, 1},
                                              {SMREF_LAYOUT_VMSAv8_64_S2_BLOCK, TABLES + 8, 2, 1}};
    system_put_ste(&s, 0, 7);
    system_put_cd(&s);
    system_put_tables(&s);
    smref_result r = system_access(&s, 0, 0x40001234, SMREF_READ);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_OK);
    ck_assert_uint_eq(r.pa, 0x40001234);
    check_reads(wanted, 6);
    ck_assert_uint_eq(r.memory_reads, 6);
}
END_TEST

START_TEST(a_fault_and_its_record)
{
    smref_result r = system_access(&s, 0, 0x1000, SMREF_READ); /* no STE */
    ck_assert_int_eq(r.event.type, 0x04);
    ck_assert_uint_eq(seen.writes, 1);
    ck_assert_int_eq(seen.last, SMREF_PHASE_FAULT);
    ck_assert_uint_eq(seen.aborted, 0);
    for (unsigned i = 0; i < seen.count; i++)
        if (seen.step[i].kind == SMREF_STEP_WRITE)
            ck_assert_uint_eq(seen.step[i].address, EVENTQ);
}
END_TEST

START_TEST(what_aborts_has_no_words)
{
    system_set(&s, SMREF_REG_SMMU_STRTAB_BASE, MEMORY + MEMORY_SIZE);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_BASE, (MEMORY + MEMORY_SIZE) | 4);
    smref_result r = system_access(&s, 0, 0x1000, SMREF_READ);
    ck_assert_int_eq(r.event.type, 0x03); /* F_STE_FETCH */
    ck_assert_uint_eq(seen.reads, 1);
    ck_assert_uint_eq(seen.writes, 1);
    ck_assert_uint_eq(seen.aborted, 2);
    ck_assert(seen.choices[SMREF_CHOICE_EVENTQ_WRITE_ABORT]); /* the choice was shown */
    ck_assert(r.choices_met[SMREF_CHOICE_EVENTQ_WRITE_ABORT / 64] >> SMREF_CHOICE_EVENTQ_WRITE_ABORT % 64 &
              1);
}
END_TEST

START_TEST(two_levels_show_their_indexes)
{
    system_set(&s, SMREF_REG_SMMU_STRTAB_BASE_CFG, 1 << 16 | 6 << 6 | 16);
    system_put_word(&s, STRTAB + 8 * 5, (MEMORY + 0x80000) | 7);
    smref_result r = system_access(&s, 5 << 6 | 33, 0x1000, SMREF_READ);
    ck_assert_int_eq(r.event.type, 0x04);
    ck_assert_uint_eq(seen.reads, 2);
    unsigned n = 0;
    for (unsigned i = 0; i < seen.count; i++)
        if (seen.step[i].kind == SMREF_STEP_READ) {
            ck_assert_int_eq(seen.step[i].layout, n ? SMREF_LAYOUT_STE : SMREF_LAYOUT_L1STD);
            ck_assert_uint_eq(seen.step[i].address, n ? MEMORY + 0x80000 + 33 * 64 : STRTAB + 8 * 5);
            ck_assert_uint_eq(seen.step[i].index, n ? 33 : 5);
            n++;
        }
}
END_TEST

START_TEST(a_trace_ends)
{
    smref_set_trace(s.smmu, NULL, NULL);
    system_access(&s, 0, 0x1000, SMREF_READ);
    ck_assert_uint_eq(seen.count, 0);
    smref_set_trace(s.smmu, on_step, &context_value);
    smref *clone = smref_clone(s.smmu);
    ck_assert_ptr_nonnull(clone);
    smref_free(clone);
    system_access(&s, 0, 0x1000, SMREF_READ);
    ck_assert_uint_gt(seen.count, 0);
}
END_TEST

/* A GBPA bypass shows no table at all. */
START_TEST(global_bypass)
{
    system_set(&s, SMREF_REG_SMMU_CR0, 0);
    smref_result r = system_access(&s, 0, 0x1000, SMREF_READ);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_OK);
    ck_assert_uint_eq(seen.reads, 0);
    ck_assert_uint_eq(seen.phase_steps_back, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace");
    TCase *tcase = tcase_create("trace");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, reads_of_stage_1);
    tcase_add_test(tcase, reads_of_both_stages);
    tcase_add_test(tcase, a_fault_and_its_record);
    tcase_add_test(tcase, what_aborts_has_no_words);
    tcase_add_test(tcase, two_levels_show_their_indexes);
    tcase_add_test(tcase, a_trace_ends);
    tcase_add_test(tcase, global_bypass);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
