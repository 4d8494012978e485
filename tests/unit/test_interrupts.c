/*
 * What can be seen when an MSI arrives (3.18): the entry and PROD of the Event queue, the error in GERROR, RD
 * past the CMD_SYNC. The memory looks at the registers while the MSI is written, as a PE might.
 */
#include <check.h>
#include <stdlib.h>

#include "../suite.h"
#include "system/system.h"

#define DOORBELL (MEMORY + 0x80000)
#define COMMANDS (MEMORY + 0x90000)
#define OUTSIDE (MEMORY + MEMORY_SIZE)

static struct system s;
static smref *smmu; /* takes its memory through the functions below */
static unsigned rings;
static uint64_t prod, cons, gerror, record;

static smref_mem_result watched_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                     uint64_t *words)
{
    (void)context;
    return s.interface.read(s.interface.context, pas, address, count, words);
}

static smref_mem_result watched_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                      const uint64_t *words)
{
    (void)context;
    if (address == DOORBELL) {
        rings++;
        prod = smref_get_register(smmu, SMREF_REG_SMMU_EVENTQ_PROD);
        cons = smref_get_register(smmu, SMREF_REG_SMMU_CMDQ_CONS);
        gerror = smref_get_register(smmu, SMREF_REG_SMMU_GERROR);
        record = system_word(&s, EVENTQ);
    }
    return s.interface.write(s.interface.context, pas, address, count, words);
}

static void set(smref_register reg, uint64_t value)
{
    ck_assert_int_eq(smref_set_register(smmu, reg, value, NULL), SMREF_OK);
}

static void set_up(void)
{
    const smref_memory watched = {NULL, watched_read, watched_write};
    system_new(&s);
    smmu = smref_new(&watched, NULL);
    smref_copy_state(smmu, s.smmu);
    set(SMREF_REG_SMMU_IDR0, smref_get_register(smmu, SMREF_REG_SMMU_IDR0) | UINT64_C(1) << 13); /* MSI */
    set(SMREF_REG_SMMU_CR0, smref_get_register(smmu, SMREF_REG_SMMU_CR0) | 8);                   /* CMDQEN */
    set(SMREF_REG_SMMU_CMDQ_BASE, COMMANDS | 3);
    rings = 0;
}

static void tear_down(void)
{
    smref_free(smmu);
    system_free(&s);
}

static smref_result fault(void)
{
    smref_result result;
    smref_access access = {.addr = 0x1000, .size = 1};
    ck_assert_int_eq(smref_translate(smmu, &access, &result, NULL), SMREF_OK);
    ck_assert(result.event_valid);
    return result;
}

static smref_result issue(const uint64_t *command)
{
    smref_result result;
    smref_mmio access = {.write = true, .size = 4, .value = 1};
    system_put(&s, COMMANDS, command, 2);
    ck_assert_int_eq(smref_locate_register(smmu, SMREF_REG_SMMU_CMDQ_PROD, 0, false, &access, NULL),
                     SMREF_OK);
    ck_assert_int_eq(smref_access_register(smmu, &access, &result, NULL), SMREF_OK);
    return result;
}

START_TEST(the_record_before_its_interrupt)
{
    set(SMREF_REG_SMMU_IRQ_CTRL, 4);
    set(SMREF_REG_SMMU_EVENTQ_IRQ_CFG0, DOORBELL);
    smref_result r = fault();
    ck_assert_uint_eq(rings, 1);
    ck_assert_uint_eq(prod, 1);
    ck_assert_uint_eq(record, r.event.words[0]);
    ck_assert_uint_eq(r.effect_count, 1);
    ck_assert_int_eq(r.effects[0].source, SMREF_SOURCE_EVENTQ);
}
END_TEST

START_TEST(the_error_before_its_interrupt)
{
    set(SMREF_REG_SMMU_IRQ_CTRL, 5);
    set(SMREF_REG_SMMU_EVENTQ_IRQ_CFG0, OUTSIDE);
    set(SMREF_REG_SMMU_GERROR_IRQ_CFG0, DOORBELL);
    smref_result r = fault();
    ck_assert_uint_eq(rings, 1);
    ck_assert_uint_eq(prod, 1);
    ck_assert_uint_eq(gerror, 0x20); /* MSI_EVENTQ_ABT_ERR */
    ck_assert_uint_eq(r.gerror_changed, 1);
    ck_assert_int_eq(r.effects[0].source, SMREF_SOURCE_GERROR);
}
END_TEST

START_TEST(the_command_before_its_signal)
{
    uint64_t sync[2] = {0x1046, DOORBELL}; /* SIG_IRQ */
    smref_result r = issue(sync);
    ck_assert_uint_eq(rings, 1);
    ck_assert_uint_eq(cons & 0xfffff, 1);
    ck_assert_int_eq(r.effects[0].source, SMREF_SOURCE_CMD_SYNC);
}
END_TEST

START_TEST(the_reason_before_the_error)
{
    uint64_t illegal[2] = {0x3046, 0}; /* a CMD_SYNC whose CS is reserved */
    set(SMREF_REG_SMMU_IRQ_CTRL, 1);
    set(SMREF_REG_SMMU_GERROR_IRQ_CFG0, DOORBELL);
    (void)issue(illegal);
    ck_assert_uint_eq(rings, 1);
    ck_assert_uint_eq(cons, 0x1000000); /* CERROR_ILL, at the first command */
    ck_assert_uint_eq(gerror, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interrupts");
    TCase *tcase = tcase_create("interrupts");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_record_before_its_interrupt);
    tcase_add_test(tcase, the_error_before_its_interrupt);
    tcase_add_test(tcase, the_command_before_its_signal);
    tcase_add_test(tcase, the_reason_before_the_error);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
