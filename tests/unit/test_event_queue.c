/* The Event queue: indexes and wrap, overflow, errors (3.5.1, 3.5.2, 6.3.29 to 6.3.31, 7.2, 7.4). */
#include <check.h>
#include <stdlib.h>

#include "../suite.h"
#include "system/system.h"

#define OVERFLOW UINT64_C(0x80000000) /* OVFLG and OVACKFLG: bit 31 */
#define EVENTQ_ABT_ERR 4              /* of GERROR and GERRORN: bit 2 */

static struct system s;

static void set_up(void)
{
    system_new(&s);
}

static void tear_down(void)
{
    system_free(&s);
}

/* Stream 0 has an STE with V 0: C_BAD_STE, which is always recorded. */
static smref_result fault(void)
{
    smref_result r = system_access(&s, 0, 0x1000, SMREF_READ);
    ck_assert(r.event_valid);
    ck_assert_int_eq(r.event.type, 0x04);
    return r;
}

static uint64_t prod(void)
{
    return smref_get_register(s.smmu, SMREF_REG_SMMU_EVENTQ_PROD);
}

/* ---- One record, in every state of the queue ------------------------------------------------------- */

struct state {
    const char *what;
    uint64_t log2size, eventqs;
    uint64_t prod, cons;
    uint64_t gerror, gerrorn, cr0;
    smref_lost lost;
    uint64_t prod_after;
    unsigned index; /* of the record that is written */
};

static const struct state states[] = {
    {"empty", 4, 19, 0, 0, 0, 0, 5, SMREF_LOST_NOT, 1, 0},
    {"in the middle", 4, 19, 6, 3, 0, 0, 5, SMREF_LOST_NOT, 7, 6},
    {"the last entry: the index wraps", 4, 19, 15, 3, 0, 0, 5, SMREF_LOST_NOT, 16, 15},
    {"the last entry of the second round", 4, 19, 31, 19, 0, 0, 5, SMREF_LOST_NOT, 0, 15},
    {"the last free entry", 4, 19, 18, 3, 0, 0, 5, SMREF_LOST_NOT, 19, 2},
    {"full", 4, 19, 19, 3, 0, 0, 5, SMREF_LOST_FULL, OVERFLOW | 19, 0},
    {"full, the other wrap", 4, 19, 3, 19, 0, 0, 5, SMREF_LOST_FULL, OVERFLOW | 3, 0},
    {"full, overflow not acknowledged", 4, 19, OVERFLOW | 19, 3, 0, 0, 5, SMREF_LOST_FULL, OVERFLOW | 19, 0},
    {"full, overflow acknowledged", 4, 19, OVERFLOW | 19, OVERFLOW | 3, 0, 0, 5, SMREF_LOST_FULL, 19, 0},
    {"space again, overflow not acknowledged", 4, 19, OVERFLOW | 19, 4, 0, 0, 5, SMREF_LOST_NOT,
     OVERFLOW | 20, 3},
    {"one entry, empty", 0, 19, 0, 0, 0, 0, 5, SMREF_LOST_NOT, 1, 0},
    {"one entry, full", 0, 19, 1, 0, 0, 0, 5, SMREF_LOST_FULL, OVERFLOW | 1, 0},
    {"one entry, empty, wrapped", 0, 19, 1, 1, 0, 0, 5, SMREF_LOST_NOT, 0, 0},
    {"LOG2SIZE above EVENTQS counts as EVENTQS", 31, 3, 7, 0, 0, 0, 5, SMREF_LOST_NOT, 8, 7},
    {"LOG2SIZE above EVENTQS, full", 31, 3, 8, 0, 0, 0, 5, SMREF_LOST_FULL, OVERFLOW | 8, 0},
    {"EVENTQEN is 0", 4, 19, 0, 0, 0, 0, 1, SMREF_LOST_DISABLED, 0, 0},
    {"EVENTQEN is 0 and the queue full", 4, 19, 16, 0, 0, 0, 1, SMREF_LOST_DISABLED, 16, 0},
    {"EVENTQ_ABT_ERR is active", 4, 19, 0, 0, EVENTQ_ABT_ERR, 0, 5, SMREF_LOST_ERROR, 0, 0},
    {"EVENTQ_ABT_ERR is active the other way", 4, 19, 0, 0, 0, EVENTQ_ABT_ERR, 5, SMREF_LOST_ERROR, 0, 0},
    {"EVENTQ_ABT_ERR is acknowledged", 4, 19, 0, 0, EVENTQ_ABT_ERR, EVENTQ_ABT_ERR, 5, SMREF_LOST_NOT, 1, 0},
    {"another error is active", 4, 19, 0, 0, 1, 0, 5, SMREF_LOST_NOT, 1, 0},
};

START_TEST(a_record_in_every_state)
{
    const struct state *c = &states[_i];
    system_set(&s, SMREF_REG_SMMU_IDR1, c->eventqs << 16 | 16);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_BASE, EVENTQ | c->log2size);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_PROD, c->prod);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_CONS, c->cons);
    system_set(&s, SMREF_REG_SMMU_GERROR, c->gerror);
    system_set(&s, SMREF_REG_SMMU_GERRORN, c->gerrorn);
    system_set(&s, SMREF_REG_SMMU_CR0, c->cr0);
    smref_result r = fault();
    ck_assert_msg(r.event.lost == c->lost, "%s: lost %d", c->what, (int)r.event.lost);
    ck_assert_msg(prod() == c->prod_after, "%s: PROD is 0x%llx", c->what, (unsigned long long)prod());
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_EVENTQ_CONS), c->cons);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GERROR), c->gerror);
    ck_assert(!r.gerror_changed);
    for (unsigned i = 0; i < 32; i++) {
        bool written = c->lost == SMREF_LOST_NOT && i == c->index;
        for (unsigned word = 0; word < 4; word++)
            ck_assert_msg(system_word(&s, EVENTQ + 32 * i + 8 * word) == (written ? r.event.words[word] : 0),
                          "%s: entry %u", c->what, i);
    }
}
END_TEST

/* ---- Aborted writes (7.2.2) ------------------------------------------------------------------------ */

struct abort_case {
    unsigned option;
    uint64_t prod_after, gerror_after;
};

static const struct abort_case aborts[] = {
    {SMREF_CHOICE_EVENTQ_WRITE_ABORT_synchronous, 0, EVENTQ_ABT_ERR},
    {SMREF_CHOICE_EVENTQ_WRITE_ABORT_asynchronous, 1, EVENTQ_ABT_ERR},
    {SMREF_CHOICE_EVENTQ_WRITE_ABORT_unreported, 1, 0},
};

START_TEST(an_aborted_write)
{
    const struct abort_case *c = &aborts[_i];
    system_choose(&s, SMREF_CHOICE_EVENTQ_WRITE_ABORT, c->option);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_BASE, (MEMORY + MEMORY_SIZE) | 4); /* not declared */
    smref_result r = fault();
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_ABORT);
    ck_assert_int_eq(r.event.lost, SMREF_LOST_ABORTED);
    ck_assert_uint_eq(prod(), c->prod_after);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GERROR), c->gerror_after);
    ck_assert_int_eq(r.gerror_changed, c->gerror_after != 0);
    r = fault(); /* while the error is active nothing is written */
    ck_assert_int_eq(r.event.lost, c->gerror_after ? SMREF_LOST_ERROR : SMREF_LOST_ABORTED);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_BASE, EVENTQ | 4);
    system_set(&s, SMREF_REG_SMMU_GERRORN, c->gerror_after);
    r = fault();
    ck_assert_int_eq(r.event.lost, SMREF_LOST_NOT);
}
END_TEST

/* 3.5.1: no queue has more than 2^19 entries, whatever EVENTQS says; its base is aligned to 2^24 then. */
START_TEST(the_largest_queue)
{
    system_set(&s, SMREF_REG_SMMU_IDR1, 31 << 16 | 16);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_BASE, EVENTQ | 31);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_PROD, 0x7fffe);
    smref_result r = fault();
    ck_assert_int_eq(r.event.lost, SMREF_LOST_NOT);
    ck_assert_uint_eq(prod(), 0x7ffff);
    ck_assert_uint_eq(system_word(&s, MEMORY + 32 * 0x7fffe), r.event.words[0]);
    fault();
    ck_assert_uint_eq(prod(), 0x80000);
}
END_TEST

START_TEST(the_error_toggles)
{
    system_set(&s, SMREF_REG_SMMU_EVENTQ_BASE, (MEMORY + MEMORY_SIZE) | 4);
    system_set(&s, SMREF_REG_SMMU_GERROR, EVENTQ_ABT_ERR);
    system_set(&s, SMREF_REG_SMMU_GERRORN, EVENTQ_ABT_ERR);
    ck_assert_int_eq(fault().event.lost, SMREF_LOST_ABORTED);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GERROR), 0);
}
END_TEST

/* ---- Choices --------------------------------------------------------------------------------------- */

/* 3.5.1: more entries than there are. */
START_TEST(inconsistent_indexes)
{
    static const struct {
        unsigned option;
        smref_lost lost;
        uint64_t prod_after;
    } cases[] = {{SMREF_CHOICE_EVENTQ_INCONSISTENT_full, SMREF_LOST_FULL, OVERFLOW | 21},
                 {SMREF_CHOICE_EVENTQ_INCONSISTENT_silent, SMREF_LOST_INCONSISTENT, 21},
                 {SMREF_CHOICE_EVENTQ_INCONSISTENT_produce, SMREF_LOST_NOT, 22}};
    system_choose(&s, SMREF_CHOICE_EVENTQ_INCONSISTENT, cases[_i].option);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_PROD, 21);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_CONS, 3);
    smref_result r = fault();
    ck_assert_int_eq(r.event.lost, cases[_i].lost);
    ck_assert_uint_eq(prod(), cases[_i].prod_after);
}
END_TEST

START_TEST(full_while_the_error_is_active)
{
    bool overflow = _i == 1;
    system_choose(&s, SMREF_CHOICE_EVENTQ_FULL_IN_ERROR,
                  overflow ? SMREF_CHOICE_EVENTQ_FULL_IN_ERROR_overflow
                           : SMREF_CHOICE_EVENTQ_FULL_IN_ERROR_no_overflow);
    system_set(&s, SMREF_REG_SMMU_GERROR, EVENTQ_ABT_ERR);
    system_set(&s, SMREF_REG_SMMU_EVENTQ_PROD, 16);
    ck_assert_int_eq(fault().event.lost, overflow ? SMREF_LOST_FULL : SMREF_LOST_ERROR);
    ck_assert_uint_eq(prod(), overflow ? OVERFLOW | 16 : 16);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event queue");
    TCase *tcase = tcase_create("event queue");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_record_in_every_state, 0, (int)(sizeof states / sizeof *states));
    tcase_add_loop_test(tcase, an_aborted_write, 0, (int)(sizeof aborts / sizeof *aborts));
    tcase_add_test(tcase, the_largest_queue);
    tcase_add_test(tcase, the_error_toggles);
    tcase_add_loop_test(tcase, inconsistent_indexes, 0, 3);
    tcase_add_loop_test(tcase, full_while_the_error_is_active, 0, 2);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
