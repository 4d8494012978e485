/* Elements of register arrays, those of Enhanced Command queues above all (3.5.6, 6.2.5), and the state
 * of queues that registers do not tell (4.7.3, 3.21.2): what the caller sets and gets, copies, resets,
 * refusals. */
#include <check.h>
#include <stdlib.h>

#include "../suite.h"
#include "system/system.h"

static struct system s;

#define ENABLED UINT64_C(0x80000000)
#define PROD SMREF_REG_SMMU_ECMDQ_PROD_0
#define CONS SMREF_REG_SMMU_ECMDQ_CONS_0
#define BASE SMREF_REG_SMMU_ECMDQ_BASE_0
#define PAGES SMREF_REG_SMMU_CMDQ_CONTROL_PAGE_BASE_0

/* Two pages of four queues each (6.3.2, 6.3.49). */
static void set_up(void)
{
    system_new(&s);
    system_set(&s, SMREF_REG_SMMU_IDR1, 1u << 31 | 19 << 21 | 19 << 16 | 16); /* ECMDQ, CMDQS */
    system_set(&s, SMREF_REG_SMMU_IDR6, 0x01020000);
    system_set(&s, PAGES, 0x40003);
}

static void tear_down(void)
{
    system_free(&s);
}

static void set(smref_register reg, unsigned element, uint64_t value)
{
    ck_assert_int_eq(smref_set_element(s.smmu, reg, element, value, NULL), SMREF_OK);
}

static void refused(smref_register reg, unsigned element, uint64_t value, const char *where)
{
    smref_error error = {.status = SMREF_OK};
    ck_assert_int_eq(smref_set_element(s.smmu, reg, element, value, &error), SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.where, where);
}

START_TEST(elements_are_apart)
{
    set(BASE, 0, 0x40000005);
    set(BASE, 5, 0x41000003);
    set(PROD, 5, ENABLED | 7);
    ck_assert_uint_eq(smref_get_element(s.smmu, BASE, 0), 0x40000005);
    ck_assert_uint_eq(smref_get_register(s.smmu, BASE), 0x40000005);
    ck_assert_uint_eq(smref_get_element(s.smmu, BASE, 5), 0x41000003);
    ck_assert_uint_eq(smref_get_element(s.smmu, PROD, 4), 0);
    ck_assert_uint_eq(smref_get_element(s.smmu, CONS, 5), ENABLED); /* the update is complete */
    ck_assert_uint_eq(smref_get_element(s.smmu, CONS, 0), 0);
    set(PROD, 0, ENABLED);
    ck_assert_uint_eq(smref_get_register(s.smmu, CONS), ENABLED);
}
END_TEST

START_TEST(what_cannot_be_set)
{
    refused(SMREF_REG_COUNT, 0, 0, "register");
    refused(PROD, 256, 0, "SMMU_ECMDQ_PROD<n>");
    refused(PROD, 5, ENABLED << 1, "SMMU_ECMDQ_PROD<n>");
    refused(SMREF_REG_SMMU_CR0, 1, 0, "SMMU_CR0");
    refused(PAGES, 1, 0x60003, "SMMU_CMDQ_CONTROL_PAGE_BASE<n>");
    set(PAGES, 1, 0x50003); /* which it is: pages follow each other (6.1) */
    ck_assert_uint_eq(smref_get_element(s.smmu, PROD, 256), 0);
    ck_assert_uint_eq(smref_get_element(s.smmu, SMREF_REG_COUNT, 0), 0);
}
END_TEST

START_TEST(how_many_there_are)
{
    ck_assert_uint_eq(smref_element_count(s.smmu, PROD), 8);
    ck_assert_uint_eq(smref_element_count(s.smmu, PAGES), 2);
    ck_assert_uint_eq(smref_element_count(s.smmu, SMREF_REG_SMMU_CR0), 1);
    ck_assert_uint_eq(smref_element_count(s.smmu, SMREF_REG_SMMU_S_ECMDQ_PROD_0), 0);
    ck_assert_uint_eq(smref_element_count(s.smmu, SMREF_REG_COUNT), 0);
    system_set(&s, SMREF_REG_SMMU_IDR6, 0x08080000);
    ck_assert_uint_eq(smref_element_count(s.smmu, PROD), 256); /* that is as far as names go */
}
END_TEST

START_TEST(states_of_queues)
{
    smref_error error = {.status = SMREF_OK};
    ck_assert_int_eq(smref_set_queue_state(s.smmu, PROD, 5, 3, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_queue_state(s.smmu, PROD, 5), 3);
    ck_assert(!smref_get_queue_state(s.smmu, PROD, 0));
    ck_assert(!smref_get_queue_state(s.smmu, SMREF_REG_SMMU_CMDQ_PROD, 0));
    ck_assert(!smref_get_queue_state(s.smmu, SMREF_REG_SMMU_CR0, 0));
    ck_assert(!smref_get_queue_state(s.smmu, SMREF_REG_COUNT, 0));
    ck_assert_int_eq(smref_set_queue_state(s.smmu, SMREF_REG_SMMU_CMDQ_PROD, 1, 1, &error), SMREF_E_ARGUMENT);
    ck_assert_int_eq(smref_set_queue_state(s.smmu, CONS, 0, 1, &error), SMREF_E_ARGUMENT);
    ck_assert_int_eq(smref_set_queue_state(s.smmu, SMREF_REG_COUNT, 0, 1, &error), SMREF_E_ARGUMENT);
}
END_TEST

static void same(const smref *a)
{
    ck_assert_uint_eq(smref_get_element(a, PROD, 5), ENABLED | 7);
    ck_assert_uint_eq(smref_get_queue_state(a, PROD, 5), 3);
}

START_TEST(copies_and_resets)
{
    set(PROD, 5, ENABLED | 7);
    ck_assert_int_eq(smref_set_queue_state(s.smmu, PROD, 5, 3, NULL), SMREF_OK);
    smref *copy = smref_clone(s.smmu), *other = smref_new(&s.interface, NULL);
    smref_copy_state(other, s.smmu);
    smref_reset(s.smmu, UINT64_MAX);
    same(copy);
    same(other);
    smref_free(copy);
    smref_free(other);
    ck_assert_uint_eq(smref_get_element(s.smmu, PROD, 5), 0xfffff); /* EN 0, WR UNKNOWN (6.3.108) */
    ck_assert_uint_eq(smref_get_element(s.smmu, PROD, 8), 0);       /* there is no such queue */
    ck_assert(!smref_get_queue_state(s.smmu, PROD, 5));
}
END_TEST

/* Nine CMD_SYNCs whose MSIs go into the commands after them: more than are modelled. */
START_TEST(a_refusal_leaves_the_queue_as_it_was)
{
    smref_mmio access = {.pas = SMREF_PAS_NS, .write = true, .size = 4, .value = ENABLED | 18};
    smref_result result;
    system_set(&s, SMREF_REG_SMMU_IDR0, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) | 1 << 13); /* MSI */
    for (uint64_t i = 0; i < 18; i++) {
        const uint64_t sync[2] = {0x1046, TABLES + 16 * (i + 9) + 4}, cfgi[2] = {3, 0};
        system_put(&s, TABLES + 16 * i, i < 9 ? sync : cfgi, 2);
    }
    set(BASE, 5, TABLES | 5);
    set(PROD, 5, ENABLED);
    ck_assert_int_eq(smref_locate_register(s.smmu, PROD, 5, false, &access, NULL), SMREF_OK);
    ck_assert_int_eq(smref_access_register(s.smmu, &access, &result, NULL), SMREF_E_NOT_MODELLED);
    ck_assert_uint_eq(smref_get_element(s.smmu, PROD, 5), ENABLED);
    ck_assert_uint_eq(smref_get_element(s.smmu, CONS, 5), ENABLED);
    access.value = ENABLED | 9;
    ck_assert_int_eq(smref_access_register(s.smmu, &access, &result, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_element(s.smmu, PROD, 5), ENABLED | 9);
    ck_assert_uint_eq(smref_get_element(s.smmu, CONS, 5), ENABLED | 9);
    ck_assert_uint_eq(smref_get_element(s.smmu, PROD, 0), 0);
}
END_TEST

/* ---- Where elements are (6.1, 6.2.5) --------------------------------------------------------------- */

START_TEST(places_of_elements)
{
    static const struct {
        smref_register reg;
        unsigned element;
        bool upper;
        smref_block block;
        uint32_t page, offset;
    } cases[] = {
        {PROD, 0, false, SMREF_BLOCK_CMDQCP, 0, 8},
        {CONS, 3, false, SMREF_BLOCK_CMDQCP, 0, 3 * 0x4000 + 12},
        {PROD, 6, false, SMREF_BLOCK_CMDQCP, 1, 2 * 0x4000 + 8},
        {BASE, 6, false, SMREF_BLOCK_CMDQCP, 1, 2 * 0x4000},
        {BASE, 6, true, SMREF_BLOCK_CMDQCP, 1, 2 * 0x4000 + 4},
        {PAGES, 1, true, SMREF_BLOCK_NS_PAGE0, 0, 0x4024},
        {SMREF_REG_SMMU_STRTAB_BASE, 0, true, SMREF_BLOCK_NS_PAGE0, 0, 0x84},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        smref_mmio access = {.size = 4};
        ck_assert_int_eq(
            smref_locate_register(s.smmu, cases[i].reg, cases[i].element, cases[i].upper, &access, NULL),
            SMREF_OK);
        ck_assert_int_eq(access.block, cases[i].block);
        ck_assert_uint_eq(access.page, cases[i].page);
        ck_assert_uint_eq(access.offset, cases[i].offset);
    }
}
END_TEST

START_TEST(places_of_nothing)
{
    static const struct {
        smref_register reg;
        unsigned element;
        bool upper;
    } cases[] = {{SMREF_REG_COUNT, 0, false},
                 {PROD, 256, false},
                 {SMREF_REG_SMMU_CR0, 1, false},
                 {SMREF_REG_SMMU_CR0, 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        smref_mmio access = {.size = 4};
        smref_error error = {.status = SMREF_OK};
        ck_assert_int_eq(
            smref_locate_register(s.smmu, cases[i].reg, cases[i].element, cases[i].upper, &access, &error),
            SMREF_E_ARGUMENT);
        ck_assert_str_eq(error.where, "register");
    }
}
END_TEST

static smref_result reach(smref_block block, uint32_t page, uint32_t offset, smref_status status)
{
    smref_mmio access = {.block = block, .page = page, .offset = offset, .size = 4};
    smref_result result = {.outcome = SMREF_OUTCOME_STALL};
    ck_assert_int_eq(smref_access_register(s.smmu, &access, &result, NULL), status);
    return result;
}

/* Pages that are not there, and what is beyond the end of one: undefined. */
START_TEST(beyond_the_pages)
{
    set(PROD, 5, ENABLED | 1);
    ck_assert_uint_eq(reach(SMREF_BLOCK_CMDQCP, 1, 0x4008, SMREF_OK).value, ENABLED | 1);
    static const struct {
        smref_block block;
        uint32_t page, offset;
    } cases[] = {{SMREF_BLOCK_CMDQCP, 2, 0x4008},
                 {SMREF_BLOCK_CMDQCP, 0, 0x14008},
                 {SMREF_BLOCK_S_CMDQCP, 1, 0x4008},
                 {SMREF_BLOCK_R_PAGE0, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        smref_result r = reach(cases[i].block, cases[i].page, cases[i].offset, SMREF_OK);
        ck_assert_int_eq(r.outcome, SMREF_OUTCOME_OK);
        ck_assert_uint_eq(r.value, 0);
        ck_assert_uint_eq(r.rule_count, 1);
        ck_assert_int_eq(r.rules[0], SMREF_RULE_REG_UNDEFINED);
    }
}
END_TEST

/* 6.3.45: up to 2^8 pages of 2^8 queues. This version knows 256 queues of a bank. */
START_TEST(more_queues_than_are_modelled)
{
    system_set(&s, SMREF_REG_SMMU_IDR6, 0x08080000);
    ck_assert_int_eq(reach(SMREF_BLOCK_CMDQCP, 0, 0xff08, SMREF_OK).outcome, SMREF_OUTCOME_OK);
    reach(SMREF_BLOCK_CMDQCP, 1, 8, SMREF_E_NOT_MODELLED);
}
END_TEST

/* ---- Beside the registers -------------------------------------------------------------------------- */

/* 6.3.14.1, 9.1.3: of which registers there is more to tell than what they hold. */
START_TEST(what_else_registers_have)
{
    smref_error error = {.status = SMREF_OK};
    ck_assert_int_eq(smref_set_in_effect(s.smmu, SMREF_REG_SMMU_GBPA, 0x1000, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_in_effect(s.smmu, SMREF_REG_SMMU_GBPA), 0x1000);
    ck_assert_int_eq(smref_set_in_effect(s.smmu, SMREF_REG_SMMU_GBPA, UINT64_C(1) << 32, &error),
                     SMREF_E_ARGUMENT);
    ck_assert_int_eq(smref_set_in_effect(s.smmu, SMREF_REG_SMMU_CR0, 0, NULL), SMREF_E_ARGUMENT);
    ck_assert_uint_eq(smref_get_in_effect(s.smmu, SMREF_REG_SMMU_CR0), 5);
    ck_assert_uint_eq(smref_get_in_effect(s.smmu, SMREF_REG_COUNT), 0);
    ck_assert_int_eq(smref_set_open_bits(s.smmu, SMREF_REG_SMMU_GATOS_PAR, 6, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_open_bits(s.smmu, SMREF_REG_SMMU_GATOS_PAR), 6);
    system_set(&s, SMREF_REG_SMMU_GATOS_PAR, 0);
    ck_assert_uint_eq(smref_get_open_bits(s.smmu, SMREF_REG_SMMU_GATOS_PAR), 0);
    ck_assert_int_eq(smref_set_open_bits(s.smmu, SMREF_REG_SMMU_R_CMDQ_CONS, 6, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_open_bits(s.smmu, SMREF_REG_SMMU_R_CMDQ_CONS), 6);
    ck_assert_uint_eq(smref_get_open_bits(s.smmu, SMREF_REG_SMMU_CMDQ_CONS), 0);
    ck_assert_int_eq(smref_set_register(s.smmu, SMREF_REG_SMMU_R_CMDQ_CONS, 0, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_open_bits(s.smmu, SMREF_REG_SMMU_R_CMDQ_CONS), 0);
    ck_assert_int_eq(smref_set_open_bits(s.smmu, SMREF_REG_SMMU_CR0, 6, NULL), SMREF_E_ARGUMENT);
    ck_assert_int_eq(smref_set_open_bits(s.smmu, SMREF_REG_COUNT, 6, &error), SMREF_E_ARGUMENT);
    ck_assert_uint_eq(smref_get_open_bits(s.smmu, SMREF_REG_COUNT), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elements");
    TCase *elements = tcase_create("elements");
    tcase_add_checked_fixture(elements, set_up, tear_down);
    tcase_add_test(elements, elements_are_apart);
    tcase_add_test(elements, what_cannot_be_set);
    tcase_add_test(elements, how_many_there_are);
    tcase_add_test(elements, states_of_queues);
    tcase_add_test(elements, copies_and_resets);
    tcase_add_test(elements, a_refusal_leaves_the_queue_as_it_was);
    tcase_add_test(elements, places_of_elements);
    tcase_add_test(elements, places_of_nothing);
    tcase_add_test(elements, beyond_the_pages);
    tcase_add_test(elements, more_queues_than_are_modelled);
    tcase_add_test(elements, what_else_registers_have);
    suite_add_tcase(suite, elements);
    return run_suite(suite);
}
