/* Accesses by software to registers: what the library refuses, and sizes and pairs (6.1, 6.2). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "system/system.h"

static struct system s;

static void set_up(void)
{
    system_new(&s);
}

static void tear_down(void)
{
    system_free(&s);
}

static smref_result reach(uint32_t offset, uint8_t size, bool write, uint64_t value)
{
    smref_mmio access = {.offset = offset, .size = size, .write = write, .value = value};
    smref_result result = {.outcome = SMREF_OUTCOME_STALL};
    smref_error error = {.status = SMREF_OK};
    smref_status status = smref_access_register(s.smmu, &access, &result, &error);
    ck_assert_msg(status == SMREF_OK, "0x%x: %s: %s", offset, error.where, error.text);
    return result;
}

/* ---- Refusals -------------------------------------------------------------------------------------- */

struct refusal {
    const char *what, *where;
    smref_mmio access;
    smref_status status;
    const char *text; /* a part of the message */
};

#define COUNT 19 /* of commands */

static const struct refusal refusals[] = {
    {"no such page", "block", {.block = SMREF_BLOCK_COUNT, .size = 4}, SMREF_E_ARGUMENT, "no page"},
    {"no bytes", "size", {.offset = 0x20, .size = 0}, SMREF_E_ARGUMENT, "1 to 8"},
    {"nine bytes", "size", {.offset = 0x20, .size = 9}, SMREF_E_ARGUMENT, "1 to 8"},
    {"a command",
     "access",
     {.offset = 0x98, .size = 4, .write = true, .value = COUNT},
     SMREF_E_NOT_MODELLED,
     "into commands that are still to come"},
    {"a command that is there already",
     "access",
     {.offset = 0x20, .size = 4, .write = true, .value = 0xd},
     SMREF_E_NOT_MODELLED,
     "into commands that are still to come"},
    {"an address translation in Service failure mode",
     "access",
     {.offset = 0x100, .size = 4, .write = true, .value = 1},
     SMREF_E_NOT_MODELLED,
     "Service failure mode"},
};

#define COMMANDS (MEMORY + 0x30000)
#define MESSAGE (MEMORY + 0x40000)

/* A CMD_SYNC whose MSI goes to MESSAGE, and nine whose MSIs go into what comes after them. */

static void submit(bool enabled)
{
    for (uint64_t i = 0; i < COUNT; i++) {
        const uint64_t sync[2] = {UINT64_C(0x1234567800001046), i ? COMMANDS + 16 * (i + 9) + 4 : MESSAGE};
        const uint64_t cfgi[2] = {3, 0};
        system_put(&s, COMMANDS + 16 * i, i < 10 ? sync : cfgi, 2);
    }
    system_set(&s, SMREF_REG_SMMU_IDR0, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) | 1 << 13); /* MSI */
    system_set(&s, SMREF_REG_SMMU_CMDQ_BASE, COMMANDS | 5);
    system_set(&s, SMREF_REG_SMMU_CR0, enabled ? 0xd : 5); /* CMDQEN */
    system_set(&s, SMREF_REG_SMMU_CMDQ_PROD, enabled ? 0 : COUNT);
}

START_TEST(refused)
{
    const struct refusal *c = &refusals[_i];
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    uint64_t before[SMREF_REG_COUNT];
    system_set(&s, SMREF_REG_SMMU_IDR0, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) | 1 << 15); /* ATOS */
    system_set(&s, SMREF_REG_SMMU_IDR1, 1u << 31 | 19 << 21 | 19 << 16 | 16); /* ECMDQ, CMDQS */
    if (strstr(c->text, "commands"))
        submit(c->access.offset == 0x98);
    if (strstr(c->text, "Service"))
        system_set(&s, SMREF_REG_SMMU_GERROR, 1 << 8); /* SFM_ERR */
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        before[i] = smref_get_register(s.smmu, (smref_register)i);
    smref_status status = smref_access_register(s.smmu, &c->access, &result, &error);
    ck_assert_msg(status == c->status, "%s: %d", c->what, (int)status);
    ck_assert_str_eq(error.where, c->where);
    ck_assert_msg(strstr(error.text, c->text), "%s: %s", c->what, error.text);
    ck_assert_int_eq(smref_access_register(s.smmu, &c->access, &result, NULL), c->status);
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        ck_assert_uint_eq(smref_get_register(s.smmu, (smref_register)i), before[i]);
    ck_assert_uint_eq(system_word(&s, MESSAGE), 0); /* not even the commands before it */
}
END_TEST

/* 6.2: an illegal write may write anything, which is not modelled; an illegal read then returns anything. */
START_TEST(illegal_accesses)
{
    smref_result r;
    smref_mmio write = {.offset = 0x22, .size = 4, .write = true, .value = UINT32_MAX};
    system_choose(&s, SMREF_CHOICE_REG_ILLEGAL_ACCESS, SMREF_CHOICE_REG_ILLEGAL_ACCESS_abort);
    ck_assert_int_eq(reach(0x22, 4, true, 0).outcome, SMREF_OUTCOME_ABORT);
    system_choose(&s, SMREF_CHOICE_REG_ILLEGAL_ACCESS, SMREF_CHOICE_REG_ILLEGAL_ACCESS_raz_wi);
    r = reach(0x20, 2, false, 0);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_OK);
    ck_assert_uint_eq(r.value, 0);
    ck_assert_uint_eq(r.value_unknown, 0);
    system_choose(&s, SMREF_CHOICE_REG_ILLEGAL_ACCESS, SMREF_CHOICE_REG_ILLEGAL_ACCESS_unknown);
    ck_assert_int_eq(smref_access_register(s.smmu, &write, &r, NULL), SMREF_E_NOT_MODELLED);
    ck_assert_uint_eq(reach(0x20, 2, false, 0).value_unknown, 0xffff);
    ck_assert_uint_eq(reach(0x84, 8, false, 0).value_unknown, UINT64_MAX); /* unaligned */
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0), 5);
}
END_TEST

/* ---- Sizes ----------------------------------------------------------------------------------------- */

START_TEST(halves_of_a_64_bit_register)
{
    system_set(&s, SMREF_REG_SMMU_CR0, 0); /* STRTAB_BASE is guarded by SMMUEN (6.3.24) */
    ck_assert_uint_eq(reach(0x80, 8, true, UINT64_C(0x0000123440000040)).value, UINT64_C(0x0000123440000040));
    ck_assert_uint_eq(reach(0x80, 4, false, 0).value, 0x40000040);
    ck_assert_uint_eq(reach(0x84, 4, false, 0).value, 0x1234);
    reach(0x84, 4, true, 0x5678);
    ck_assert_uint_eq(reach(0x80, 8, false, 0).value, UINT64_C(0x0000567840000040));
    reach(0x80, 4, true, 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_STRTAB_BASE), UINT64_C(0x0000567800000000));
}
END_TEST

/* IDR0 and IDR1 are neighbours that only reads reach. */
START_TEST(a_64_bit_access_to_two_registers)
{
    static const struct {
        unsigned option;
        bool lower, upper;
        smref_outcome outcome;
    } cases[] = {{SMREF_CHOICE_REG_64_BIT_PAIR_both, true, true, SMREF_OUTCOME_OK},
                 {SMREF_CHOICE_REG_64_BIT_PAIR_lower, true, false, SMREF_OUTCOME_OK},
                 {SMREF_CHOICE_REG_64_BIT_PAIR_upper, false, true, SMREF_OUTCOME_OK},
                 {SMREF_CHOICE_REG_64_BIT_PAIR_raz_wi, false, false, SMREF_OUTCOME_OK},
                 {SMREF_CHOICE_REG_64_BIT_PAIR_abort, false, false, SMREF_OUTCOME_ABORT}};
    uint64_t idr0 = smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0),
             idr1 = smref_get_register(s.smmu, SMREF_REG_SMMU_IDR1);
    system_choose(&s, SMREF_CHOICE_REG_64_BIT_PAIR, cases[_i].option);
    smref_result r = reach(0, 8, false, 0);
    ck_assert_int_eq(r.outcome, cases[_i].outcome);
    ck_assert_uint_eq(r.value, (cases[_i].lower ? idr0 : 0) | (cases[_i].upper ? idr1 << 32 : 0));
    reach(0, 8, true, 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0), idr0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_IDR1), idr1);
}
END_TEST

START_TEST(acknowledgement)
{
    system_set(&s, SMREF_REG_SMMU_CR0, 0);
    reach(0x20, 4, true, 5);
    ck_assert_uint_eq(reach(0x24, 4, false, 0).value, 5); /* CR0ACK, 6.3.10 */
    reach(0x24, 4, true, 0);                              /* RO */
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0ACK), 5);
    ck_assert_int_eq(system_access(&s, 0, 0, SMREF_READ).event.type, 0x04); /* it took effect */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("registers");
    TCase *tcase = tcase_create("registers");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, refused, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(tcase, illegal_accesses);
    tcase_add_test(tcase, halves_of_a_64_bit_register);
    tcase_add_loop_test(tcase, a_64_bit_access_to_two_registers, 0, 5);
    tcase_add_test(tcase, acknowledgement);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
