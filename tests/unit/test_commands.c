/* Commands that this version does not model: refused by name before anything changes, and explained as far as
 * they are understood. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "smref_layout.h"
#include "system/system.h"

#define COMMANDS (MEMORY + 0x30000)
#define COUNT 3

static struct system s;
static unsigned commands_shown;

static void on_step(void *context, const smref_step *step)
{
    (void)context;
    commands_shown +=
        step->kind == SMREF_STEP_READ && step->address >= COMMANDS && step->address < COMMANDS + 16 * COUNT;
}

static void set_up(void)
{
    const uint64_t cfgi[2] = {SMREF_CMD_CFGI_ALL, 31};
    system_new(&s);
    system_put_ste(&s, 0, 5);
    system_put_cd(&s);
    system_put_tables(&s);
    for (unsigned i = 0; i < COUNT; i++)
        system_put(&s, COMMANDS + 16 * i, cfgi, 2);
    system_set(&s, SMREF_REG_SMMU_IDR0, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) | 1 << 13); /* MSI */
    system_set(&s, SMREF_REG_SMMU_IDR1, 3 << 21 | 19 << 16 | 8 << 6 | 16);
    system_set(&s, SMREF_REG_SMMU_CMDQ_BASE, COMMANDS | 3);
    system_set(&s, SMREF_REG_SMMU_CR0, 0xd); /* CMDQEN */
    commands_shown = 0;
}

static void tear_down(void)
{
    system_free(&s);
}

static smref_status post(smref_error *error)
{
    smref_mmio access = {.offset = 0x98, .size = 4, .write = true, .value = COUNT};
    smref_result result;
    return smref_access_register(s.smmu, &access, &result, error);
}

static void check_refused(const char *text, unsigned shown)
{
    smref_error error = {.status = SMREF_OK};
    uint64_t before[SMREF_REG_COUNT];
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        before[i] = smref_get_register(s.smmu, (smref_register)i);
    ck_assert_int_eq(post(&error), SMREF_E_NOT_MODELLED);
    ck_assert_msg(strstr(error.text, text), "%s", error.text);
    smref_set_trace(s.smmu, on_step, NULL);
    ck_assert_int_eq(post(NULL), SMREF_E_NOT_MODELLED);
    ck_assert_uint_eq(commands_shown, shown);
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        ck_assert_uint_eq(smref_get_register(s.smmu, (smref_register)i), before[i]);
}

/* 4.2.2: 2^Size translations, any of which `any` would have to hold or not. */
static void prefetch(unsigned size)
{
    uint64_t command[2] = {SMREF_CMD_PREFETCH_ADDR, 0};
    smref_CMD_PREFETCH_ADDR_set_Size(command, size);
    smref_CMD_PREFETCH_ADDR_set_Address(command, MEMORY >> 12);
    system_put(&s, COMMANDS + 16, command, 2);
}

START_TEST(prefetches_of_many_addresses)
{
    prefetch(7);
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_ANY, NULL), SMREF_OK);
    check_refused("more than 64 translations", 2);
    ck_assert_ptr_null(smref_cached_at(s.smmu, 0));
}
END_TEST

START_TEST(prefetches_of_few_addresses)
{
    for (unsigned policy = SMREF_CACHING_NONE; policy <= SMREF_CACHING_ANY; policy++) {
        system_set(&s, SMREF_REG_SMMU_CMDQ_PROD, 0);
        system_set(&s, SMREF_REG_SMMU_CMDQ_CONS, 0);
        ck_assert_int_eq(smref_set_caching(s.smmu, (smref_caching)policy, NULL), SMREF_OK);
        prefetch(policy == SMREF_CACHING_ANY ? 6 : 7);
        ck_assert_int_eq(post(NULL), SMREF_OK);
        ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CMDQ_CONS), COUNT);
    }
}
END_TEST

/* 3.18, 7.5: should the MSI of the CMD_SYNC abort, that of GERROR could change a command that follows. */
static void put_sync(uint64_t error_goes_to)
{
    uint64_t sync[2] = {0};
    smref_CMD_SYNC_set_OPCODE(sync, SMREF_CMD_SYNC);
    smref_CMD_SYNC_set_CS(sync, SMREF_CMD_SYNC_CS_SIG_IRQ);
    smref_CMD_SYNC_set_MSIAddress(sync, (MEMORY + MEMORY_SIZE) >> 2);
    system_put(&s, COMMANDS, sync, 2);
    system_set(&s, SMREF_REG_SMMU_IRQ_CTRL, 1);
    system_set(&s, SMREF_REG_SMMU_GERROR_IRQ_CFG0, error_goes_to);
}

START_TEST(an_error_that_changes_commands)
{
    put_sync(COMMANDS + 32);
    check_refused("an MSI of GERROR that goes into a command", 1);
}
END_TEST

START_TEST(an_error_that_changes_no_command)
{
    put_sync(COMMANDS + 16 * COUNT);
    ck_assert_int_eq(post(NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CMDQ_CONS), COUNT);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GERROR), 1 << 4); /* MSI_CMDQ_ABT_ERR */
}
END_TEST

/* 6.3.20: of two toggles one acknowledges, so that commands are consumed again, and one is of no error. */
START_TEST(an_acknowledgement_that_lets_too_much_happen)
{
    smref_mmio access = {.offset = 0x64, .size = 4, .write = true, .value = 1 | 1 << 2};
    smref_result result;
    prefetch(7);
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_ANY, NULL), SMREF_OK);
    system_set(&s, SMREF_REG_SMMU_GERROR, 1); /* CMDQ_ERR */
    system_set(&s, SMREF_REG_SMMU_CMDQ_PROD, COUNT);
    ck_assert_int_eq(smref_access_register(s.smmu, &access, &result, NULL), SMREF_E_NOT_MODELLED);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GERRORN), 0);
    prefetch(6);
    ck_assert_int_eq(smref_access_register(s.smmu, &access, &result, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GERRORN), 1 | 1 << 2);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CMDQ_CONS), COUNT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("commands");
    TCase *tcase = tcase_create("commands");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, prefetches_of_many_addresses);
    tcase_add_test(tcase, prefetches_of_few_addresses);
    tcase_add_test(tcase, an_error_that_changes_commands);
    tcase_add_test(tcase, an_error_that_changes_no_command);
    tcase_add_test(tcase, an_acknowledgement_that_lets_too_much_happen);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
