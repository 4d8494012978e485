/*
 * The answer does not depend on earlier accesses: an instance that has seen many, while STEs, CDs, tables,
 * registers and choices changed under it, and streams of all Security states used the same structures,
 * answers as one that was made for this access alone, and that calls for each word of the memory. (The model
 * keeps what it decoded, and looks straight into a memory that it knows; an SMMU that has been told of every
 * change keeps nothing that is stale.)
 */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "oracle/world.h"
#include "smref_layout.h"

#define STREAMS 40 /* more than the model remembers */
#define CONTEXTS 48
#define STRTAB UINT64_C(0x10000)
#define CDS UINT64_C(0x20000)
#define TABLES UINT64_C(0x40000)
#define TABLE_WORDS 0x8000
#define STEPS 200000

static smref_sparse *memory;
static smref_memory interface;
static smref *old;
static struct random dice = {7};

/* Structures and half of the tables are the same in all spaces, the other half is not. */
#define SHARED (TABLES + 4 * TABLE_WORDS)

static smref_pas any_space(uint64_t at)
{
    return at < SHARED ? SMREF_PAS_NS : (smref_pas)random_below(&dice, 3);
}

static void store_in(smref_pas pas, uint64_t at, uint64_t word)
{
    if (interface.write(interface.context, pas, at, 1, &word) != SMREF_MEM_OK)
        abort();
}

static void store(uint64_t at, uint64_t word)
{
    store_in(any_space(at), at, word);
}

static uint64_t load(smref_pas pas, uint64_t at)
{
    uint64_t word;
    if (interface.read(interface.context, pas, at, 1, &word) != SMREF_MEM_OK)
        abort();
    return word;
}

/* The same memory, for an instance that does not know it, and calls for each word. */
static smref_mem_result call_read(void *context, smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    (void)context;
    return interface.read(interface.context, pas, at, count, words);
}

static smref_mem_result call_write(void *context, smref_pas pas, uint64_t at, unsigned count,
                                   const uint64_t *words)
{
    (void)context;
    return interface.write(interface.context, pas, at, count, words);
}

static const smref_memory calls = {NULL, call_read, call_write};

static void set_register(smref_register reg, uint64_t value)
{
    if (smref_set_register(old, reg, value, NULL) != SMREF_OK)
        abort();
}

/* ---- What the steps are made of -------------------------------------------------------------------- */

static uint64_t draw_descriptor(void)
{
    uint64_t d = random_next(&dice) & ~UINT64_C(0x0000fffffffff000), odd = random_below(&dice, 32);
    d |= TABLES + (random_next(&dice) & (TABLE_WORDS * 8 - 1) & ~UINT64_C(0xfff));
    return odd ? d | 0x443 : d;
}

static void write_ste(unsigned sid)
{
    uint64_t ste[8] = {0}, config = 4 + random_below(&dice, 4);
    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, config);
    smref_STE_set_S1ContextPtr(ste, (CDS + 64 * random_below(&dice, CONTEXTS)) >> 6);
    smref_STE_set_S1CDMax(ste, random_below(&dice, 3));
    smref_STE_set_S1DSS(ste, random_below(&dice, 3));
    smref_STE_set_STRW(ste, random_one_in(&dice, 4) ? 2 : 0);
    smref_STE_set_S2AA64(ste, 1);
    smref_STE_set_S2T0SZ(ste, 25 + random_below(&dice, 9));
    smref_STE_set_S2SL0(ste, 1);
    smref_STE_set_S2PS(ste, 5);
    smref_STE_set_S2R(ste, 1);
    smref_STE_set_S2AFFD(ste, random_below(&dice, 2));
    smref_STE_set_S2TTB(ste, (TABLES + 0x1000 * random_below(&dice, 8)) >> 4);
    smref_STE_set_NSCFG(ste, random_below(&dice, 4));
    smref_STE_set_S_S2T0SZ(ste, 25 + random_below(&dice, 9));
    smref_STE_set_S_S2SL0(ste, 1);
    smref_STE_set_S_S2TTB(ste, (TABLES + 0x1000 * random_below(&dice, 8)) >> 4);
    smref_STE_set_S2SW(ste, random_one_in(&dice, 4));
    smref_STE_set_S2SA(ste, random_one_in(&dice, 4));
    smref_STE_set_S2NSW(ste, random_one_in(&dice, 4));
    smref_STE_set_S2NSA(ste, random_one_in(&dice, 4));
    smref_STE_set_MTCFG(ste, random_below(&dice, 2));
    smref_STE_set_MemAttr(ste, random_below(&dice, 16));
    smref_STE_set_SHCFG(ste, random_below(&dice, 4));
    smref_STE_set_PRIVCFG(ste, random_below(&dice, 4));
    if (random_one_in(&dice, 6))
        ste[random_below(&dice, 8)] ^= UINT64_C(1) << random_below(&dice, 64);
    for (unsigned i = 0; i < 8; i++)
        store(STRTAB + 64 * sid + 8 * i, ste[i]);
}

static void write_cd(unsigned index)
{
    uint64_t cd[8] = {0};
    smref_CD_set_V(cd, 1);
    smref_CD_set_AA64(cd, 1);
    smref_CD_set_T0SZ(cd, 25 + random_below(&dice, 9));
    smref_CD_set_T1SZ(cd, 25 + random_below(&dice, 9));
    smref_CD_set_TG1(cd, 2);
    smref_CD_set_EPD1(cd, random_below(&dice, 2));
    smref_CD_set_IPS(cd, 5);
    smref_CD_set_R(cd, 1);
    smref_CD_set_A(cd, random_below(&dice, 2));
    smref_CD_set_AFFD(cd, random_below(&dice, 2));
    smref_CD_set_WXN(cd, random_below(&dice, 2));
    smref_CD_set_PAN(cd, random_below(&dice, 2));
    smref_CD_set_TTB0(cd, (TABLES + 0x1000 * random_below(&dice, 8)) >> 4);
    smref_CD_set_TTB1(cd, (TABLES + 0x1000 * random_below(&dice, 8)) >> 4);
    smref_CD_set_NSCFG0(cd, random_one_in(&dice, 4));
    smref_CD_set_NSCFG1(cd, random_one_in(&dice, 4));
    smref_CD_set_MAIR0(cd, random_next(&dice) & UINT32_MAX);
    smref_CD_set_MAIR1(cd, random_next(&dice) & UINT32_MAX);
    if (random_one_in(&dice, 6))
        cd[random_below(&dice, 8)] ^= UINT64_C(1) << random_below(&dice, 64);
    for (unsigned i = 0; i < 8; i++)
        store(CDS + 64 * index + 8 * i, cd[i]);
}

/* One bit of anything that the SMMU reads. */
static void flip_bit(void)
{
    static const uint64_t starts[3] = {STRTAB, CDS, TABLES};
    static const unsigned words[3] = {STREAMS * 8, CONTEXTS * 8, TABLE_WORDS};
    unsigned which = random_below(&dice, 3);
    uint64_t at = starts[which] + 8 * random_below(&dice, words[which]);
    smref_pas pas = any_space(at);
    store_in(pas, at, load(pas, at) ^ UINT64_C(1) << random_below(&dice, 64));
}

static void change_register(void)
{
    static const uint64_t idr3[] = {0x77c, 0x71c, 0x77c & ~UINT64_C(4), 0x400};
    switch (random_below(&dice, 10)) {
    case 0:
        set_register(SMREF_REG_SMMU_IDR3, idr3[random_below(&dice, 4)]);
        break;
    case 1:
        set_register(SMREF_REG_SMMU_IDR5, 0x70 | random_below(&dice, 7));
        break;
    case 2:
        set_register(SMREF_REG_SMMU_AIDR, random_below(&dice, 5));
        break;
    case 3:
        set_register(SMREF_REG_SMMU_CR2, random_below(&dice, 4));
        break;
    case 7:
        set_register(SMREF_REG_SMMU_S_CR2, random_below(&dice, 4));
        break;
    case 8:
        set_register(SMREF_REG_SMMU_R_CR2, random_below(&dice, 4));
        break;
    case 9:
        set_register(SMREF_REG_SMMU_S_CR0, random_one_in(&dice, 2) ? 0x25 : 5); /* SIF */
        break;
    case 4:
        set_register(SMREF_REG_SMMU_IDR1, random_one_in(&dice, 2) ? 0x0e730520 : 0x00730020);
        break;
    case 5:
        set_register(SMREF_REG_SMMU_STRTAB_BASE, STRTAB + 64 * random_below(&dice, 2) * 16);
        break;
    default:
        set_register(SMREF_REG_SMMU_EVENTQ_PROD, 0);
        set_register(SMREF_REG_SMMU_EVENTQ_CONS, 0);
    }
}

static void change_choice(void)
{
    unsigned choice = random_below(&dice, SMREF_CHOICE_COUNT);
    unsigned option = random_below(&dice, smref_choice_at(choice)->option_count);
    if (smref_option_permitted(old, (smref_choice)choice, option))
        smref_set_choice(old, (smref_choice)choice, option, NULL);
}

static void change_something(void)
{
    unsigned what = random_below(&dice, 64);
    if (what < 8)
        write_ste(random_below(&dice, STREAMS));
    else if (what < 16)
        write_cd(random_below(&dice, CONTEXTS));
    else if (what < 32)
        store(TABLES + 8 * random_below(&dice, TABLE_WORDS), draw_descriptor());
    else if (what < 40)
        flip_bit();
    else if (what < 42)
        change_register();
    else if (what < 43)
        change_choice();
}

static smref_access draw_access(void)
{
    uint64_t what = random_next(&dice), address = random_next(&dice) >> (25 + random_below(&dice, 16));
    return (smref_access){.sec_sid = (smref_sec_sid)random_below(&dice, 3),
                          .ns = what >> 10 & 1,
                          .sid = random_below(&dice, STREAMS),
                          .ssv = random_one_in(&dice, 4),
                          .ssid = random_below(&dice, 5),
                          .addr = what >> 20 & 3 ? address : ~address,
                          .type = (smref_access_type)(what % 3),
                          .size = 1,
                          .priv = what >> 8 & 1,
                          .inst = what >> 9 & 1};
}

/* ---- The property ---------------------------------------------------------------------------------- */

static void set_up_bank(unsigned bank)
{
    static const smref_register registers[3][4] = {
        {SMREF_REG_SMMU_STRTAB_BASE, SMREF_REG_SMMU_STRTAB_BASE_CFG, SMREF_REG_SMMU_EVENTQ_BASE,
         SMREF_REG_SMMU_CR0},
        {SMREF_REG_SMMU_S_STRTAB_BASE, SMREF_REG_SMMU_S_STRTAB_BASE_CFG, SMREF_REG_SMMU_S_EVENTQ_BASE,
         SMREF_REG_SMMU_S_CR0},
        {SMREF_REG_SMMU_R_STRTAB_BASE, SMREF_REG_SMMU_R_STRTAB_BASE_CFG, SMREF_REG_SMMU_R_EVENTQ_BASE,
         SMREF_REG_SMMU_R_CR0}};
    static const uint64_t values[4] = {STRTAB, 6, 0x8000 | 8, 5};
    for (unsigned i = 0; i < 4; i++)
        set_register(registers[bank][i], values[i]);
}

static void set_up(void)
{
    memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    ck_assert_ptr_nonnull(memory);
    ck_assert_int_eq(smref_sparse_alias(memory, SMREF_PAS_SECURE, SMREF_PAS_NS, 0, SHARED), SMREF_OK);
    ck_assert_int_eq(smref_sparse_alias(memory, SMREF_PAS_REALM, SMREF_PAS_NS, 0, SHARED), SMREF_OK);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0, SHARED, 0), SMREF_OK);
    for (unsigned pas = 0; pas < 3; pas++)
        ck_assert_int_eq(
            smref_sparse_declare(memory, (smref_pas)pas, SHARED, TABLES + 8 * TABLE_WORDS - SHARED, 0),
            SMREF_OK);
    interface = smref_sparse_interface(memory);
    old = smref_new(&interface, NULL);
    ck_assert_ptr_nonnull(old);
    set_register(SMREF_REG_SMMU_AIDR, 3);
    set_register(SMREF_REG_SMMU_IDR0, 0x480e121f & ~UINT64_C(0xc0)); /* RME_IMPL */
    set_register(SMREF_REG_SMMU_IDR1, 0x0e730520);
    set_register(SMREF_REG_SMMU_IDR3, 0x77c);
    set_register(SMREF_REG_SMMU_IDR5, 0x75);
    set_register(SMREF_REG_SMMU_S_IDR1, 0xa0000006); /* SECURE_IMPL, SEL2 */
    set_register(SMREF_REG_SMMU_ROOT_IDR0, 9);       /* ROOT_IMPL, REALM_IMPL */
    set_register(SMREF_REG_SMMU_ROOT_CR0, 1);        /* ACCESSEN */
    for (unsigned bank = 0; bank < 3; bank++)
        set_up_bank(bank);
    for (unsigned i = 0; i < STREAMS; i++)
        write_ste(i);
    for (unsigned i = 0; i < CONTEXTS; i++)
        write_cd(i);
    for (unsigned i = 0; i < 3 * TABLE_WORDS; i++)
        store_in((smref_pas)(i / TABLE_WORDS), TABLES + 8 * (i % TABLE_WORDS), draw_descriptor());
}

static void tear_down(void)
{
    smref_free(old);
    smref_sparse_free(memory);
}

static bool same_result(const smref_result *a, const smref_result *b)
{
    if (a->outcome != b->outcome || a->event_valid != b->event_valid || a->rule_count != b->rule_count ||
        memcmp(a->rules, b->rules, a->rule_count * sizeof *a->rules) != 0 ||
        memcmp(a->choices_met, b->choices_met, sizeof a->choices_met) != 0 ||
        a->memory_reads != b->memory_reads)
        return false;
    if (a->event_valid && (a->event.type != b->event.type || a->event.lost != b->event.lost ||
                           memcmp(a->event.words, b->event.words, sizeof a->event.words) != 0))
        return false;
    return a->outcome != SMREF_OUTCOME_OK ||
           (a->pa == b->pa && a->pas == b->pas && a->mecid == b->mecid && a->page_size == b->page_size &&
            a->priv == b->priv && a->inst == b->inst && a->attrs.type == b->attrs.type &&
            a->attrs.sh == b->attrs.sh &&
            memcmp(&a->attrs.inner, &b->attrs.inner, sizeof a->attrs.inner) == 0 &&
            memcmp(&a->attrs.outer, &b->attrs.outer, sizeof a->attrs.outer) == 0);
}

static const char *last_rule(const smref_result *r)
{
    return r->rule_count ? smref_rule_at(r->rules[r->rule_count - 1])->id : "-";
}

START_TEST(answers_depend_on_the_state_alone)
{
    unsigned good[3] = {0}, faults[3] = {0};
    for (unsigned step = 0; step < STEPS; step++) {
        change_something();
        smref_access access = draw_access();
        smref_result a = {.outcome = SMREF_OUTCOME_OK}, b = a;
        smref *fresh = smref_new(&calls, NULL);
        ck_assert_ptr_nonnull(fresh);
        smref_copy_state(fresh, old);
        smref_sparse_checkpoint(memory);
        smref_status expected = smref_translate(fresh, &access, &b, NULL);
        smref_sparse_rollback(memory);
        smref_status status = smref_translate(old, &access, &a, NULL);
        if (status != expected || (status == SMREF_OK && !same_result(&a, &b)))
            ck_abort_msg(
                "step %u: sid %u addr 0x%" PRIx64 ": outcome %d, last %s; a new instance: %d, last %s", step,
                access.sid, access.addr, (int)a.outcome, last_rule(&a), (int)b.outcome, last_rule(&b));
        for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
            if (smref_get_register(old, (smref_register)reg) !=
                smref_get_register(fresh, (smref_register)reg))
                ck_abort_msg("step %u: %s differs", step, smref_register_at(reg)->name);
        smref_free(fresh);
        good[access.sec_sid] += status == SMREF_OK && a.outcome == SMREF_OUTCOME_OK;
        faults[access.sec_sid] += status == SMREF_OK && a.event_valid && a.event.type >= SMREF_F_TRANSLATION;
    }
    for (unsigned state = 0; state < 3; state++) {
        ck_assert_uint_gt(good[state], STEPS / 40);
        ck_assert_uint_gt(faults[state], STEPS / 40);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("earlier accesses");
    TCase *tcase = tcase_create("earlier accesses");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, answers_depend_on_the_state_alone);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
