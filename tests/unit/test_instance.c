/* Instances: registers, choices, errors of the caller, copies, and that they know nothing of each other. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
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

/* ---- Making one ------------------------------------------------------------------------------------ */

START_TEST(a_new_instance)
{
    smref *smmu = smref_new(&s.interface, NULL);
    ck_assert_ptr_nonnull(smmu);
    ck_assert_uint_eq(smref_architecture(smmu), 0x30);
    ck_assert_uint_eq(smref_get_register(smmu, SMREF_REG_SMMU_IDR0), 0);
    ck_assert_uint_eq(smref_get_register(smmu, SMREF_REG_SMMU_CR0), 0);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        ck_assert_uint_eq(smref_get_choice(smmu, (smref_choice)i), smref_choice_at(i)->default_option);
    smref_free(smmu);
    smref_free(NULL);
}
END_TEST

START_TEST(an_instance_needs_both_memory_functions)
{
    smref_memory none = {0}, only_read = {.read = s.interface.read},
                 only_write = {.write = s.interface.write};
    const smref_memory *bad[] = {NULL, &none, &only_read, &only_write};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        smref_error error = {.status = SMREF_OK};
        ck_assert_ptr_null(smref_new(bad[i], &error));
        ck_assert_int_eq(error.status, SMREF_E_ARGUMENT);
        ck_assert_str_eq(error.where, "memory");
        ck_assert_ptr_null(smref_new(bad[i], NULL));
    }
}
END_TEST

/* ---- Registers ------------------------------------------------------------------------------------- */

START_TEST(register_errors)
{
    smref_error error = {.status = SMREF_OK};
    smref_register none = SMREF_REG_COUNT;
    ck_assert_int_eq(smref_set_register(s.smmu, none, 0, &error), SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.where, "register");
    char text[sizeof error.text];
    strcpy(text, error.text);
    /* The first error stays. */
    ck_assert_int_eq(smref_set_register(s.smmu, SMREF_REG_SMMU_CR0, UINT64_C(1) << 32, &error),
                     SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.text, text);
    error.status = SMREF_OK;
    ck_assert_int_eq(smref_set_register(s.smmu, SMREF_REG_SMMU_CR0, UINT64_C(1) << 32, &error),
                     SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.where, "SMMU_CR0");
    ck_assert_ptr_nonnull(strstr(error.text, "0x100000000"));
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0), 5); /* unchanged */
    ck_assert_uint_eq(smref_get_register(s.smmu, none), 0);
    ck_assert_int_eq(smref_set_register(s.smmu, SMREF_REG_SMMU_STRTAB_BASE, UINT64_MAX, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_STRTAB_BASE), UINT64_MAX);
}
END_TEST

START_TEST(acknowledge_registers_follow)
{
    system_set(&s, SMREF_REG_SMMU_CR0, 0xd);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0ACK), 0xd);
    system_set(&s, SMREF_REG_SMMU_CR0ACK, 0x1); /* an update that is not complete */
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0), 0xd);
    system_set(&s, SMREF_REG_SMMU_IRQ_CTRL, 7);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_IRQ_CTRLACK), 7);
}
END_TEST

/* ---- Choices --------------------------------------------------------------------------------------- */

START_TEST(choice_errors)
{
    smref_error error = {.status = SMREF_OK};
    smref_choice none = SMREF_CHOICE_COUNT, txsz = SMREF_CHOICE_TXSZ_OUT_OF_RANGE;
    ck_assert_int_eq(smref_set_choice(s.smmu, none, 0, &error), SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.where, "choice");
    ck_assert_uint_eq(smref_get_choice(s.smmu, none), 0);
    ck_assert(!smref_option_permitted(s.smmu, none, 0));
    error.status = SMREF_OK;
    ck_assert_int_eq(smref_set_choice(s.smmu, txsz, 99, &error), SMREF_E_ARGUMENT);
    ck_assert_str_eq(error.where, "TXSZ_OUT_OF_RANGE");
    ck_assert(!smref_option_permitted(s.smmu, txsz, 99));
    error.status = SMREF_OK; /* 5.4: from SMMUv3.1 on such a CD is ILLEGAL */
    ck_assert_int_eq(smref_set_choice(s.smmu, txsz, SMREF_CHOICE_TXSZ_OUT_OF_RANGE_clamp, &error),
                     SMREF_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.text, "v3.4"));
}
END_TEST

START_TEST(choices_follow_the_version)
{
    smref_choice txsz = SMREF_CHOICE_TXSZ_OUT_OF_RANGE;
    system_set(&s, SMREF_REG_SMMU_AIDR, 0);
    ck_assert_uint_eq(smref_architecture(s.smmu), 0x30);
    ck_assert(smref_option_permitted(s.smmu, txsz, SMREF_CHOICE_TXSZ_OUT_OF_RANGE_clamp));
    system_choose(&s, txsz, SMREF_CHOICE_TXSZ_OUT_OF_RANGE_clamp);
    system_set(&s, SMREF_REG_SMMU_AIDR, 1);
    ck_assert_uint_eq(smref_get_choice(s.smmu, txsz), SMREF_CHOICE_TXSZ_OUT_OF_RANGE_illegal);
    system_set(&s, SMREF_REG_SMMU_AIDR, 0xf); /* a later version than the document has */
    ck_assert_uint_eq(smref_architecture(s.smmu), 0x34);
}
END_TEST

/* ---- What is modelled ------------------------------------------------------------------------------ */

START_TEST(what_is_not_modelled_is_named)
{
    smref_error error = {.status = SMREF_OK};
    ck_assert_int_eq(smref_check_modelled(s.smmu, &error), SMREF_OK);
    system_set(&s, SMREF_REG_SMMU_IDR5, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR5) | 1 << 8); /* D128 */
    ck_assert_int_eq(smref_check_modelled(s.smmu, &error), SMREF_E_NOT_MODELLED);
    ck_assert_int_eq(error.status, SMREF_E_NOT_MODELLED);
    ck_assert_ptr_nonnull(strstr(error.text, "D128"));
    ck_assert_int_eq(smref_check_modelled(s.smmu, NULL), SMREF_E_NOT_MODELLED);
}
END_TEST

START_TEST(an_answer_that_needs_what_is_not_modelled)
{
    smref_access access = {.sid = 0, .addr = 0x1000, .size = 1};
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    system_set(&s, SMREF_REG_SMMU_IDR5, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR5) | 1 << 8); /* D128 */
    ck_assert_int_eq(smref_translate(s.smmu, &access, &result, NULL), SMREF_OK); /* C_BAD_STE all the same */
    ck_assert_int_eq(result.event.type, 0x04);
    system_put_ste(&s, 0, 5);
    system_put_cd(&s);
    uint64_t prod = smref_get_register(s.smmu, SMREF_REG_SMMU_EVENTQ_PROD);
    ck_assert_int_eq(smref_translate(s.smmu, &access, &result, &error), SMREF_E_NOT_MODELLED);
    ck_assert_int_eq(error.status, SMREF_E_NOT_MODELLED);
    ck_assert_int_eq(smref_translate(s.smmu, &access, &result, NULL), SMREF_E_NOT_MODELLED);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_EVENTQ_PROD), prod);
}
END_TEST

/* Where the first thing that is not modelled would be needed. */
START_TEST(answers_that_stop_early)
{
    static const struct {
        const char *what;
        smref_register reg;
        uint64_t bit;
        unsigned config;
        uint64_t cr0;
    } cases[] = {{"SMMUEN is 0", SMREF_REG_SMMU_IDR5, 1 << 8, 4, 0},
                 {"a CD through stage 2", SMREF_REG_SMMU_IDR5, 1 << 8, 7, 5},
                 {"a bypass", SMREF_REG_SMMU_IDR5, 1 << 8, 4, 5},
                 {"the lookup itself", SMREF_REG_SMMU_IDR1, 5 << 28, 5, 5}}; /* TABLES_PRESET, REL */
    smref_access access = {.sid = 0, .addr = 0x1000, .size = 1};
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    system_set(&s, cases[_i].reg, smref_get_register(s.smmu, cases[_i].reg) | cases[_i].bit);
    system_set(&s, SMREF_REG_SMMU_CR0, cases[_i].cr0);
    system_put_ste(&s, 0, cases[_i].config);
    system_put_cd(&s);
    system_put_tables(&s);
    smref_status status = smref_translate(s.smmu, &access, &result, &error);
    ck_assert_msg(status == SMREF_E_NOT_MODELLED, "%s: %d", cases[_i].what, (int)status);
    ck_assert(error.text[0]);
}
END_TEST

/* The same with caches, whose path through the model is another one. */
START_TEST(answers_that_stop_early_with_caches)
{
    static const unsigned configs[] = {4, 5, 6, 7};
    smref_access access = {.sid = 0, .addr = 0x40001000, .size = 1};
    smref_result result;
    system_put_ste(&s, 0, configs[_i]);
    system_put_cd(&s);
    system_put_tables(&s);
    ck_assert_int_eq(smref_set_caching(s.smmu, SMREF_CACHING_EXACT, NULL), SMREF_OK);
    system_set(&s, SMREF_REG_SMMU_IDR5, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR5) | 1 << 8); /* D128 */
    ck_assert_int_eq(smref_translate(s.smmu, &access, &result, NULL), SMREF_E_NOT_MODELLED);
}
END_TEST

/* 5.6: an STE that gives PARTIDs to a virtual machine needs the VMS, before anything of its CD. */
START_TEST(a_vms_is_not_modelled)
{
    smref_access access = {.sid = 0, .addr = 0x40001000, .size = 1};
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    system_set(&s, SMREF_REG_SMMU_IDR3, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR3) | 1 << 7); /* MPAM */
    system_set(&s, SMREF_REG_SMMU_MPAMIDR, 7); /* PARTID_MAX */
    system_put_ste(&s, 0, 7);
    system_put_word(&s, STRTAB + 8, system_word(&s, STRTAB + 8) | UINT64_C(1) << 26); /* S1MPAM */
    ck_assert_int_eq(smref_translate(s.smmu, &access, &result, &error), SMREF_E_NOT_MODELLED);
    ck_assert_ptr_nonnull(strstr(error.text, "VMS"));
}
END_TEST

/* 5.2 S1Fmt: where S1ContextPtr is not aligned to its table any entry may be the one that is used; which of
 * more than two is not modelled, with tables of one level and of two. */
START_TEST(any_entry_of_an_unaligned_table)
{
    static const struct {
        unsigned s1fmt, s1cdmax;
        bool answered;
    } cases[] = {{0, 1, true}, {0, 2, false}, {1, 9, true}, {1, 10, false}, {2, 13, true}, {2, 14, false}};
    smref_access access = {.sid = 0, .ssv = true, .ssid = 1, .addr = 0x40001000, .size = 1};
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    system_put_ste(&s, 0, 5);
    system_set(&s, SMREF_REG_SMMU_IDR1, 19 << 16 | 20 << 6 | 16); /* SSIDSIZE */
    /* The pointer is aligned to 64 bytes: no table of that size or less can lie askew. */
    system_put_word(&s, STRTAB,
                    (system_word(&s, STRTAB) + 0x40) | (uint64_t)cases[_i].s1cdmax << 59 |
                        (uint64_t)cases[_i].s1fmt << 4);
    system_choose(&s, SMREF_CHOICE_S1CONTEXTPTR_LOW_BITS, SMREF_CHOICE_S1CONTEXTPTR_LOW_BITS_another);
    for (int caches = 0; caches < 2; caches++) {
        ck_assert_int_eq(smref_set_caching(s.smmu, caches ? SMREF_CACHING_EXACT : SMREF_CACHING_NONE, NULL),
                         SMREF_OK);
        smref_status status = smref_translate(s.smmu, &access, &result, &error);
        ck_assert_int_eq(status, cases[_i].answered ? SMREF_OK : SMREF_E_NOT_MODELLED);
        ck_assert(cases[_i].answered || strstr(error.text, "S1ContextPtr"));
    }
}
END_TEST

/* 6.3.112: what Root software lets through. The STE is zero, which is C_BAD_STE; where it cannot be fetched,
 * because of ACCESSEN or because ROOT_GPT_BASE_CFG is invalid (Non-cacheable, Non-shareable), F_STE_FETCH. */
START_TEST(accesses_wait_for_root_software)
{
    static const struct {
        uint64_t cr0, ack;
        unsigned event;
        bool gpf, cfg; /* which of the fault registers tells of it */
    } cases[] = {{0, 0, 3, true, false},  {1, 1, 4, false, false}, {1, 0, 3, true, false},
                 {0, 1, 4, false, false}, {3, 3, 3, false, true},  {3, 1, 4, false, false},
                 {1, 3, 3, false, true},  {2, 2, 3, true, false}};
    smref_access access = {.sid = 0, .addr = 0x1000, .size = 1};
    smref_result result;
    system_set(&s, SMREF_REG_SMMU_IDR0,
               smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) | 1u << 30); /* RME_IMPL */
    system_set(&s, SMREF_REG_SMMU_S_IDR1, 1u << 31);
    system_set(&s, SMREF_REG_SMMU_ROOT_IDR0, 1);
    system_set(&s, SMREF_REG_SMMU_ROOT_CR0, cases[_i].cr0);
    system_set(&s, SMREF_REG_SMMU_ROOT_CR0ACK, cases[_i].ack);
    ck_assert_int_eq(smref_translate(s.smmu, &access, &result, NULL), SMREF_OK);
    ck_assert_uint_eq(result.event.type, cases[_i].event);
    ck_assert_int_eq(result.gpf_far, cases[_i].gpf);
    ck_assert_int_eq(result.gpt_cfg_far, cases[_i].cfg);
    ck_assert_int_eq(smref_check_modelled(s.smmu, NULL), SMREF_OK);
}
END_TEST

/* 3.25.1.1: a device without a StreamID needs no lookup, not even one that is not modelled. */
START_TEST(devices_without_streams_need_no_lookup)
{
    const smref_access device = {.no_stream = true, .pas = SMREF_PAS_NS, .addr = 0x1000, .size = 1},
                       stream = {.sid = 0, .addr = 0x1000, .size = 1};
    smref_result result;
    system_set(&s, SMREF_REG_SMMU_IDR0,
               smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) | 1u << 30); /* RME_IMPL */
    system_set(&s, SMREF_REG_SMMU_ROOT_IDR0, 1);
    system_set(&s, SMREF_REG_SMMU_ROOT_CR0, 1); /* ACCESSEN */
    system_set(&s, SMREF_REG_SMMU_ROOT_CR0ACK, 1);
    system_set(&s, SMREF_REG_SMMU_IDR1,
               smref_get_register(s.smmu, SMREF_REG_SMMU_IDR1) | 5u << 28); /* TABLES_PRESET, REL */
    ck_assert_int_eq(smref_translate(s.smmu, &stream, &result, NULL), SMREF_E_NOT_MODELLED);
    ck_assert_int_eq(smref_translate(s.smmu, &device, &result, NULL), SMREF_OK);
    ck_assert_int_eq(result.outcome, SMREF_OUTCOME_OK);
    ck_assert_uint_eq(result.pa, 0x1000);
}
END_TEST

START_TEST(a_stall_is_not_modelled)
{
    smref_access access = {.sid = 0, .addr = 0x1000, .size = 1};
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    system_put_ste(&s, 0, 5);
    system_put_cd(&s);
    system_put_word(&s, CD_AT, system_word(&s, CD_AT) | UINT64_C(1) << 44); /* CD.S */
    ck_assert_int_eq(smref_translate(s.smmu, &access, &result, &error), SMREF_E_NOT_MODELLED);
    ck_assert_ptr_nonnull(strstr(error.text, "stall"));
}
END_TEST

START_TEST(identification_that_cannot_be)
{
    uint16_t rules[4] = {0};
    smref_rule wanted;
    ck_assert(smref_rule_find("ID_TTF_RESERVED", &wanted));
    unsigned before = smref_identification_broken(s.smmu, NULL, 0);
    system_set(&s, SMREF_REG_SMMU_IDR0,
               smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0) & ~UINT64_C(0xc)); /* TTF 0b00 */
    unsigned count = smref_identification_broken(s.smmu, rules, 4);
    bool found = false;
    for (unsigned i = 0; i < count && i < 4; i++)
        found |= rules[i] == wanted;
    ck_assert_msg(found && count > before, "%u rules were broken before, %u now", before, count);
    uint16_t one[2] = {0, 0xffff};
    ck_assert_uint_eq(smref_identification_broken(s.smmu, one, 1), count);
    ck_assert_uint_eq(one[1], 0xffff);
}
END_TEST

/* ---- Accesses that make no sense ------------------------------------------------------------------- */

struct bad_access {
    const char *where;
    smref_access access;
    smref_status status;
};

static const struct bad_access bad_accesses[] = {
    {"sec_sid", {.sec_sid = SMREF_SEC_SECURE, .size = 1}, SMREF_E_ARGUMENT},
    {"sec_sid", {.sec_sid = SMREF_SEC_REALM, .size = 1}, SMREF_E_ARGUMENT},
    {"sec_sid", {.sec_sid = (smref_sec_sid)3, .size = 1}, SMREF_E_ARGUMENT},
    {"type", {.type = (smref_access_type)3, .size = 1}, SMREF_E_ARGUMENT},
    {"size", {.size = 0}, SMREF_E_ARGUMENT},
    {"size", {.size = 4097}, SMREF_E_ARGUMENT},
    {"size", {.size = UINT32_MAX}, SMREF_E_ARGUMENT},
    {"size", {.addr = 0xfff, .size = 2}, SMREF_E_ARGUMENT},
    {"size", {.addr = UINT64_MAX, .size = 2}, SMREF_E_ARGUMENT},
    {"ssid", {.ssv = true, .ssid = 1 << 20, .size = 1}, SMREF_E_ARGUMENT},
};

START_TEST(accesses_that_make_no_sense)
{
    const struct bad_access *c = &bad_accesses[_i];
    smref_error error = {.status = SMREF_OK};
    smref_result result;
    ck_assert_int_eq(smref_translate(s.smmu, &c->access, &result, &error), c->status);
    ck_assert_int_eq(error.status, c->status);
    ck_assert_str_eq(error.where, c->where);
    strcpy(error.text, "an earlier error");
    ck_assert_int_eq(smref_translate(s.smmu, &c->access, &result, &error), c->status);
    ck_assert_str_eq(error.text, "an earlier error");
    ck_assert_int_eq(smref_translate(s.smmu, &c->access, &result, NULL), c->status);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_EVENTQ_PROD), 0);
}
END_TEST

START_TEST(accesses_at_the_limits)
{
    static const smref_access good[] = {{.addr = 0, .size = 4096},
                                        {.addr = 0xfff, .size = 1},
                                        {.addr = UINT64_MAX, .size = 1},
                                        {.ssid = 1 << 20, .size = 1}, /* there is no SubstreamID */
                                        {.ssv = true, .ssid = 0xfffff, .size = 1}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        smref_result result;
        ck_assert_int_eq(smref_translate(s.smmu, &good[i], &result, NULL), SMREF_OK);
    }
}
END_TEST

/* ---- Copies ---------------------------------------------------------------------------------------- */

static void check_same_registers(const smref *a, const smref *b)
{
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        ck_assert_uint_eq(smref_get_register(a, (smref_register)i), smref_get_register(b, (smref_register)i));
}

START_TEST(a_clone_is_independent)
{
    system_choose(&s, SMREF_CHOICE_EVENTQ_WRITE_ABORT, SMREF_CHOICE_EVENTQ_WRITE_ABORT_unreported);
    smref *clone = smref_clone(s.smmu);
    ck_assert_ptr_nonnull(clone);
    check_same_registers(s.smmu, clone);
    ck_assert_uint_eq(smref_get_choice(clone, SMREF_CHOICE_EVENTQ_WRITE_ABORT),
                      SMREF_CHOICE_EVENTQ_WRITE_ABORT_unreported);
    system_access(&s, 0, 0, SMREF_READ); /* an event: PROD moves */
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_EVENTQ_PROD), 1);
    ck_assert_uint_eq(smref_get_register(clone, SMREF_REG_SMMU_EVENTQ_PROD), 0);
    ck_assert_int_eq(smref_set_register(clone, SMREF_REG_SMMU_CR0, 0, NULL), SMREF_OK);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0), 5);
    smref_free(clone);
}
END_TEST

/* The state is copied, the memory is not: the copy goes on reading its own. */
START_TEST(state_copied_onto_another_memory)
{
    struct system other;
    system_new(&other);
    system_put_ste(&s, 0, 4); /* bypass here, C_BAD_STE there */
    system_set(&other, SMREF_REG_SMMU_CR0, 0);
    system_set(&other, SMREF_REG_SMMU_AIDR, 0);
    system_access(&s, 1, 0, SMREF_READ);
    smref_copy_state(other.smmu, s.smmu);
    check_same_registers(other.smmu, s.smmu);
    ck_assert_uint_eq(smref_architecture(other.smmu), 0x34);
    ck_assert_int_eq(system_access(&s, 0, 0x1234, SMREF_READ).outcome, SMREF_OUTCOME_OK);
    ck_assert_int_eq(system_access(&other, 0, 0x1234, SMREF_READ).event.type, 0x04);
    system_free(&other);
}
END_TEST

/* ---- Many at once ---------------------------------------------------------------------------------- */

#define THREADS 8
#define ROUNDS 4000

/* What a thread's own SMMU does; each has another StreamID, another output address and another queue state.
 */
static void *one_of_many(void *argument)
{
    unsigned number = *(unsigned *)argument;
    struct system mine;
    system_new(&mine);
    system_put_ste(&mine, number, 5);
    system_put_cd(&mine);
    system_put_tables(&mine);
    uintptr_t wrong = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t base = (uint64_t)(number + 1) << 30;
        system_put_word(&mine, TABLES + 8, base | 0x741);
        smref_result ok = system_access(&mine, number, 0x40000000 + i, SMREF_READ);
        smref_result bad = system_access(&mine, number, 0x80000000 + i, SMREF_READ);
        wrong += ok.outcome != SMREF_OUTCOME_OK || ok.pa != base + i;
        wrong += bad.event.type != 0x10 || bad.event.words[0] >> 32 != number ||
                 bad.event.words[2] != 0x80000000 + i;
        system_set(&mine, SMREF_REG_SMMU_EVENTQ_CONS,
                   smref_get_register(mine.smmu, SMREF_REG_SMMU_EVENTQ_PROD));
    }
    system_free(&mine);
    return (void *)wrong;
}

START_TEST(threads_with_an_instance_each)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, one_of_many, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
        ck_assert_ptr_null(wrong);
    }
}
END_TEST

START_TEST(instances_taking_turns)
{
    struct system many[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        system_new(&many[i]);
        system_put_ste(&many[i], 0, i & 1 ? 5 : 4);
        system_put_cd(&many[i]);
        system_put_word(&many[i], TABLES + 8, (uint64_t)(i + 1) << 30 | 0x741);
    }
    for (unsigned round = 0; round < 64; round++)
        for (unsigned i = 0; i < THREADS; i++) {
            smref_result r = system_access(&many[i], 0, 0x40000000 + round, SMREF_READ);
            ck_assert_uint_eq(r.pa, (i & 1 ? (uint64_t)(i + 1) << 30 : 0x40000000) + round);
        }
    for (unsigned i = 0; i < THREADS; i++)
        system_free(&many[i]);
}
END_TEST

/* ---- Reset ----------------------------------------------------------------------------------------- */

static void set_raw(smref_register reg, uint64_t value)
{
    ck_assert_int_eq(smref_set_register(s.smmu, reg, value, NULL), SMREF_OK);
}

/* 6.3.9, 6.3.14, 6.3.24, 6.3.95: architected, IMPLEMENTATION DEFINED, UNKNOWN, and identification. */
START_TEST(a_reset)
{
    uint64_t idr0 = smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0);
    set_raw(SMREF_REG_SMMU_GBPA, 0x00103000);
    smref_mark_reset_state(s.smmu);
    set_raw(SMREF_REG_SMMU_GBPA, 0x80001000);
    set_raw(SMREF_REG_SMMU_CR0, 0xd);
    set_raw(SMREF_REG_SMMU_GERROR, 0x4);
    set_raw(SMREF_REG_SMMU_STRTAB_BASE, STRTAB);
    smref_reset(s.smmu, 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GBPA), 0x00103000);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0), 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0ACK), 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_GERROR), 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_STRTAB_BASE), 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_IDR0), idr0);
}
END_TEST

/* Fields that are UNKNOWN take the caller's bits; reserved ones, and those with a value, do not. */
START_TEST(a_reset_with_other_unknown_bits)
{
    smref_reset(s.smmu, UINT64_MAX);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_CR0), 0);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_EVENTQ_PROD), 0x800fffff);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_STRTAB_BASE), 0x40ffffffffffffc0);
}
END_TEST

/* IDR1.TABLES_PRESET is 1: the place of the Stream table is the implementation's (6.3.24). */
START_TEST(a_reset_of_preset_tables)
{
    set_raw(SMREF_REG_SMMU_IDR1, smref_get_register(s.smmu, SMREF_REG_SMMU_IDR1) | UINT32_C(1) << 30);
    set_raw(SMREF_REG_SMMU_STRTAB_BASE, STRTAB);
    smref_mark_reset_state(s.smmu);
    set_raw(SMREF_REG_SMMU_STRTAB_BASE, 0);
    smref_reset(s.smmu, UINT64_MAX);
    ck_assert_uint_eq(smref_get_register(s.smmu, SMREF_REG_SMMU_STRTAB_BASE), STRTAB);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("instances");
    TCase *tcase = tcase_create("instances");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_new_instance);
    tcase_add_test(tcase, an_instance_needs_both_memory_functions);
    tcase_add_test(tcase, register_errors);
    tcase_add_test(tcase, acknowledge_registers_follow);
    tcase_add_test(tcase, choice_errors);
    tcase_add_test(tcase, choices_follow_the_version);
    tcase_add_test(tcase, what_is_not_modelled_is_named);
    tcase_add_test(tcase, an_answer_that_needs_what_is_not_modelled);
    tcase_add_loop_test(tcase, answers_that_stop_early, 0, 4);
    tcase_add_loop_test(tcase, answers_that_stop_early_with_caches, 0, 4);
    tcase_add_test(tcase, a_vms_is_not_modelled);
    tcase_add_test(tcase, devices_without_streams_need_no_lookup);
    tcase_add_loop_test(tcase, any_entry_of_an_unaligned_table, 0, 6);
    tcase_add_loop_test(tcase, accesses_wait_for_root_software, 0, 8);
    tcase_add_test(tcase, a_stall_is_not_modelled);
    tcase_add_test(tcase, identification_that_cannot_be);
    tcase_add_loop_test(tcase, accesses_that_make_no_sense, 0,
                        (int)(sizeof bad_accesses / sizeof *bad_accesses));
    tcase_add_test(tcase, accesses_at_the_limits);
    tcase_add_test(tcase, a_clone_is_independent);
    tcase_add_test(tcase, state_copied_onto_another_memory);
    tcase_add_test(tcase, a_reset);
    tcase_add_test(tcase, a_reset_with_other_unknown_bits);
    tcase_add_test(tcase, a_reset_of_preset_tables);
    tcase_add_test(tcase, threads_with_an_instance_each);
    tcase_add_test(tcase, instances_taking_turns);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
