/*
 * Three SMMUs look at one memory while software changes it and invalidates too little, too much, or enough:
 * one that caches nothing, one that holds what it read as long as it may, and one that may do either.
 *
 *   - What the first answers, and what the second answers, is among what the third permits.
 *   - After commands that cover everything all three answer alike, and the third permits nothing else.
 *
 * Page 20 on is the Stream table, 16 to 18 hold CDs, 0 to 7 stage 1 tables, 32 to 35 those of stage 2; 8 to
 * 15 are what is mapped. SMREF_CACHES_STEPS takes another number of steps.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../environment.h"
#include "../suite.h"
#include "oracle/world.h"
#include "smref_layout.h"

#define PAGE(n) (UINT64_C(0x1000) * (n))
#define PAGES 64
#define STREAMS 6
#define STEPS 4000
#define MOST 64

enum {
    S1_L1 = 0,
    S1_L2 = 2,
    S1_L3 = 4,
    DATA = 8,
    CDS = 16,
    L1CDS = 18,
    STES = 20,
    L1STDS = 22,
    S2_L1 = 32,
    QUEUE = 40
};

static smref_sparse *memory;
static smref_memory interface;
static smref *fresh, *exact, *any, *probe, *before;
static struct random dice;
static bool two_level;

static void store(uint64_t at, uint64_t word)
{
    if (interface.write(interface.context, SMREF_PAS_NS, at, 1, &word) != SMREF_MEM_OK)
        abort();
}

static void set_register(smref_register reg, uint64_t value)
{
    smref *const all[] = {fresh, exact, any, probe, before};
    for (unsigned i = 0; i < 5; i++)
        if (smref_set_register(all[i], reg, value, NULL) != SMREF_OK)
            abort();
}

static unsigned below(unsigned count)
{
    return random_below(&dice, count);
}

/* ---- What software changes ------------------------------------------------------------------------- */

static uint64_t address_of_ste(unsigned sid)
{
    return PAGE(STES) + (two_level && sid >= 4 ? 0x1000 + 64 * (sid - 4) : 64 * sid);
}

/* Streams 4 and 5 are at 64 and 65 when there are two levels. */
static uint32_t sid_of(unsigned stream)
{
    return two_level && stream >= 4 ? 60 + stream : stream;
}

static void write_ste(unsigned stream)
{
    uint64_t ste[8] = {0};
    unsigned format = below(3);
    smref_STE_set_V(ste, !random_one_in(&dice, 12));
    smref_STE_set_Config(ste, random_one_in(&dice, 12) ? 4 : 5 + below(3));
    smref_STE_set_S1CDMax(ste, format == 0 ? 0 : format == 1 ? 1 : 7);
    smref_STE_set_S1Fmt(ste, format == 2 ? 1 : 0);
    smref_STE_set_S1ContextPtr(ste, (format == 2 ? PAGE(L1CDS) : PAGE(CDS + below(2))) >> 6);
    smref_STE_set_S1DSS(ste, 2);
    smref_STE_set_STRW(ste, random_one_in(&dice, 3) ? 2 : 0);
    smref_STE_set_S2VMID(ste, 2 + below(2));
    smref_STE_set_S2AA64(ste, 1);
    smref_STE_set_S2T0SZ(ste, 25);
    smref_STE_set_S2SL0(ste, 1);
    smref_STE_set_S2PS(ste, 5);
    smref_STE_set_S2R(ste, 1);
    smref_STE_set_S2AFFD(ste, random_one_in(&dice, 4));
    smref_STE_set_S2TTB(ste, PAGE(S2_L1) >> 4);
    smref_STE_set_SHCFG(ste, 1);
    for (unsigned i = 0; i < 8; i++)
        store(address_of_ste(stream) + 8 * i, ste[i]);
}

static void write_cd(void)
{
    uint64_t cd[8] = {0}, at = PAGE(CDS + below(2)) + 64 * below(2);
    smref_CD_set_V(cd, !random_one_in(&dice, 12));
    smref_CD_set_AA64(cd, 1);
    smref_CD_set_T0SZ(cd, 25);
    smref_CD_set_T1SZ(cd, 25);
    smref_CD_set_TG1(cd, 2);
    smref_CD_set_EPD1(cd, 1);
    smref_CD_set_IPS(cd, 5);
    smref_CD_set_R(cd, 1);
    smref_CD_set_A(cd, 1);
    smref_CD_set_TBI0(cd, random_one_in(&dice, 4));
    smref_CD_set_E0PD0(cd, random_one_in(&dice, 6));
    smref_CD_set_AFFD(cd, random_one_in(&dice, 4));
    smref_CD_set_ASID(cd, 1 + below(2));
    smref_CD_set_ASET(cd, random_one_in(&dice, 4));
    smref_CD_set_TTB0(cd, PAGE(S1_L1 + below(2)) >> 4);
    smref_CD_set_MAIR0(cd, random_one_in(&dice, 4) ? 0x44 : 0xff);
    for (unsigned i = 0; i < 8; i++)
        store(at + 8 * i, cd[i]);
}

static void write_stage1(void)
{
    unsigned level = 1 + below(3), odd = below(12);
    unsigned table = level == 1 ? S1_L1 + below(2) : level == 2 ? S1_L2 + below(2) : S1_L3 + below(4);
    uint64_t to = level == 1 ? S1_L2 + below(2) : level == 2 ? S1_L3 + below(4) : DATA + below(8);
    uint64_t d = PAGE(to) | 0x703;
    if (odd < 4)
        d |= 0x800; /* not global */
    if (odd == 0)
        d = 0;
    if (odd == 1)
        d &= ~UINT64_C(0x400);
    if (odd == 2)
        d |= 0x80; /* read-only */
    if (odd == 3 && level < 3)
        d &= ~UINT64_C(2);
    if (odd == 4 && level == 3)
        d |= UINT64_C(1) << 52; /* Contiguous */
    store(PAGE(table) + 8 * below(2), d);
}

static void write_stage2(void)
{
    unsigned which = below(8), odd = below(10);
    if (which == 0)
        store(PAGE(S2_L1), odd ? PAGE(33) | 3 : 0);
    else if (which == 1)
        store(PAGE(33), odd ? PAGE(34 + below(2)) | 3 : 0x7fd); /* a block over everything */
    else {
        unsigned page = below(20);
        uint64_t to = odd < 7 ? page : page < 8 ? (page & ~1U) + below(2) : DATA + below(10);
        store(PAGE(34 + below(2)) + 8 * page, PAGE(to) | (odd == 8 ? 0x77f : odd == 9 ? 0x3fc : 0x7ff));
    }
}

static void change_something(void)
{
    unsigned what = below(16);
    if (what < 2)
        write_ste(below(STREAMS));
    else if (what < 4)
        write_cd();
    else if (what < 9)
        write_stage1();
    else if (what < 13)
        write_stage2();
    else if (what == 13)
        store(PAGE(L1CDS) + 8 * below(2), random_one_in(&dice, 8) ? 0 : PAGE(CDS + below(2)) | 1);
    else if (what == 14)
        store(PAGE(L1STDS) + 8 * below(2), random_one_in(&dice, 8) ? 0 : PAGE(STES + below(2)) | 7);
}

/* ---- Commands -------------------------------------------------------------------------------------- */

static void issue(const uint64_t *command)
{
    smref *const all[] = {fresh, exact, any};
    store(PAGE(QUEUE), command[0]);
    store(PAGE(QUEUE) + 8, command[1]);
    for (unsigned i = 0; i < 3; i++) {
        smref_mmio write = {.write = true, .size = 4, .offset = 0x98, .value = 1};
        smref_result result;
        smref_set_register(all[i], SMREF_REG_SMMU_CMDQ_CONS, 0, NULL);
        smref_set_register(all[i], SMREF_REG_SMMU_CMDQ_PROD, 0, NULL);
        ck_assert_int_eq(smref_access_register(all[i], &write, &result, NULL), SMREF_OK);
        ck_assert_uint_eq(smref_get_register(all[i], SMREF_REG_SMMU_CMDQ_CONS), 1);
    }
}

static void invalidate_something(void)
{
    static const uint8_t opcodes[] = {
        SMREF_CMD_CFGI_STE,     SMREF_CMD_CFGI_STE_RANGE, SMREF_CMD_CFGI_CD,      SMREF_CMD_CFGI_CD_ALL,
        SMREF_CMD_TLBI_NH_ALL,  SMREF_CMD_TLBI_NH_ASID,   SMREF_CMD_TLBI_NH_VA,   SMREF_CMD_TLBI_NH_VAA,
        SMREF_CMD_TLBI_EL2_ALL, SMREF_CMD_TLBI_EL2_ASID,  SMREF_CMD_TLBI_EL2_VA,  SMREF_CMD_TLBI_EL2_VAA,
        SMREF_CMD_TLBI_S2_IPA,  SMREF_CMD_TLBI_S12_VMALL, SMREF_CMD_TLBI_NSNH_ALL};
    uint64_t c[2] = {opcodes[below(sizeof opcodes)], 0};
    unsigned opcode = (unsigned)c[0];
    if (opcode < SMREF_CMD_TLBI_NH_ALL) {
        smref_CMD_CFGI_STE_set_StreamID(c, sid_of(below(STREAMS)));
        if (opcode == SMREF_CMD_CFGI_STE)
            smref_CMD_CFGI_STE_set_Leaf(c, below(2));
        if (opcode == SMREF_CMD_CFGI_STE_RANGE)
            smref_CMD_CFGI_STE_RANGE_set_Range(c, below(7));
        if (opcode == SMREF_CMD_CFGI_CD) {
            smref_CMD_CFGI_CD_set_Leaf(c, below(2));
            smref_CMD_CFGI_CD_set_SubstreamID(c, below(2) + 64 * below(2));
        }
    } else {
        bool s2 = opcode == SMREF_CMD_TLBI_S2_IPA;
        if (opcode < 0x18 || s2 || opcode == SMREF_CMD_TLBI_S12_VMALL)
            smref_CMD_TLBI_NH_VA_set_VMID(c, 2 + below(2));
        if (opcode == SMREF_CMD_TLBI_NH_ASID || opcode == SMREF_CMD_TLBI_NH_VA ||
            opcode == SMREF_CMD_TLBI_EL2_ASID || opcode == SMREF_CMD_TLBI_EL2_VA)
            smref_CMD_TLBI_NH_VA_set_ASID(c, 1 + below(2));
        if (s2 || opcode == SMREF_CMD_TLBI_NH_VA || opcode == SMREF_CMD_TLBI_NH_VAA ||
            opcode == SMREF_CMD_TLBI_EL2_VA || opcode == SMREF_CMD_TLBI_EL2_VAA) {
            uint64_t address =
                s2 ? PAGE(below(20)) : (uint64_t)below(2) << 30 | (uint64_t)below(2) << 21 | PAGE(below(2));
            smref_CMD_TLBI_NH_VA_set_Leaf(c, below(2));
            smref_CMD_TLBI_NH_VA_set_Address(c, address >> 12);
            if (random_one_in(&dice, 3)) {
                smref_CMD_TLBI_NH_VA_set_TG(c, 1);
                smref_CMD_TLBI_NH_VA_set_NUM(c, 1 + below(4));
                smref_CMD_TLBI_NH_VA_set_SCALE(c, below(10));
                smref_CMD_TLBI_NH_VA_set_TTL(c, random_one_in(&dice, 2) ? 0 : 3);
            }
        }
    }
    issue(c);
}

static void invalidate_everything(void)
{
    uint64_t all[2] = {0, 0}, nsnh[2] = {SMREF_CMD_TLBI_NSNH_ALL, 0}, el2[2] = {SMREF_CMD_TLBI_EL2_ALL, 0};
    all[0] = SMREF_CMD_CFGI_ALL;
    smref_CMD_CFGI_ALL_set_Range(all, 31);
    issue(all);
    issue(nsnh);
    issue(el2);
}

/* ---- Outcomes -------------------------------------------------------------------------------------- */

static bool same(const smref_result *a, const smref_result *b)
{
    if (a->outcome != b->outcome || a->event_valid != b->event_valid)
        return false;
    for (unsigned i = 0; a->event_valid && i < 4; i++)
        if ((a->event.words[i] ^ b->event.words[i]) & ~(a->event.unknown[i] | b->event.unknown[i]))
            return false;
    return a->outcome != SMREF_OUTCOME_OK ||
           (a->pa == b->pa && a->page_size == b->page_size && a->priv == b->priv && a->inst == b->inst &&
            a->attrs.type == b->attrs.type && a->attrs.sh == b->attrs.sh &&
            !memcmp(&a->attrs.inner, &b->attrs.inner, sizeof a->attrs.inner) &&
            !memcmp(&a->attrs.outer, &b->attrs.outer, sizeof a->attrs.outer));
}

struct outcomes {
    smref_result list[MOST];
    unsigned count, runs;
    bool refused;
};

static bool is_held(unsigned choice)
{
    return !strncmp(smref_choice_at(choice)->id, "CACHED_", 7);
}

static void explore(const smref_access *access, int8_t *settled, struct outcomes *out);

/* What follows from `result` of the choices that are settled: another choice was met, or it is an outcome. An
 * open choice has option 0, so that settling it so changes nothing. */
static void explore_from(const smref_access *access, int8_t *settled, const smref_result *result,
                         struct outcomes *out)
{
    unsigned choice = 0;
    while (choice < SMREF_CHOICE_COUNT &&
           !(result->choices_met[choice / 64] >> choice % 64 & 1 && is_held(choice) && settled[choice] < 0))
        choice++;
    if (choice < SMREF_CHOICE_COUNT) {
        settled[choice] = 0;
        explore_from(access, settled, result, out);
        settled[choice] = 1;
        explore(access, settled, out);
        settled[choice] = -1;
        return;
    }
    for (unsigned i = 0; i < out->count; i++)
        if (same(&out->list[i], result))
            return;
    if (out->count < MOST)
        out->list[out->count++] = *result;
    else
        out->refused = true;
}

/* Every outcome that choices between copies and memory lead to; `before` is the state. */
static void explore(const smref_access *access, int8_t *settled, struct outcomes *out)
{
    smref_result result;
    smref_copy_state(probe, before);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        if (settled[i] >= 0)
            smref_set_choice(probe, (smref_choice)i, (unsigned)settled[i], NULL);
    if (out->refused || out->runs++ > 1000 || smref_translate(probe, access, &result, NULL) != SMREF_OK) {
        out->refused = true;
        return;
    }
    explore_from(access, settled, &result, out);
}

static bool among(const struct outcomes *out, const smref_result *result)
{
    for (unsigned i = 0; i < out->count; i++)
        if (same(&out->list[i], result))
            return true;
    return false;
}

static smref_access draw_access(void)
{
    static const uint32_t ssids[] = {0, 1, 64, 65};
    return (smref_access){.sid = sid_of(below(STREAMS)),
                          .ssv = random_one_in(&dice, 3),
                          .ssid = ssids[below(4)],
                          .addr = (uint64_t)below(2) << 30 | (uint64_t)below(2) << 21 | PAGE(below(2)) |
                                  (uint64_t)random_one_in(&dice, 8) << 60,
                          .type = (smref_access_type)below(2),
                          .priv = random_one_in(&dice, 2),
                          .size = 1};
}

/* ---- The properties -------------------------------------------------------------------------------- */

struct tally {
    unsigned sets, several, stale, refused;
};

static const char *last_rule(const smref_result *r)
{
    return r->rule_count ? smref_rule_at(r->rules[r->rule_count - 1])->id : "-";
}

static void check_access(unsigned step, const smref_access *access, bool clean, struct tally *tally)
{
    static struct outcomes out;
    int8_t settled[SMREF_CHOICE_COUNT];
    smref_result now, held, permitted;
    memset(settled, -1, sizeof settled);
    out.count = out.runs = 0;
    out.refused = false;
    smref_copy_state(before, any);
    smref_status a = smref_translate(fresh, access, &now, NULL);
    smref_status b = smref_translate(exact, access, &held, NULL);
    smref_status c = smref_translate(any, access, &permitted, NULL);
    ck_assert_int_eq(a, SMREF_OK);
    ck_assert_int_eq(b, SMREF_OK);
    explore(access, settled, &out);
    if (c != SMREF_OK || out.refused) {
        tally->refused++;
        ck_assert(!clean);
        invalidate_everything();
        return;
    }
    tally->sets++;
    tally->several += out.count > 1;
    tally->stale += !same(&now, &held);
    ck_assert_msg(same(&permitted, &now), "step %u: the default is not what memory says", step);
    ck_assert_msg(among(&out, &now), "step %u: memory's outcome is not permitted", step);
    ck_assert_msg(among(&out, &held),
                  "step %u: sid %u ssid %d addr 0x%" PRIx64 ": held outcome %d pa 0x%" PRIx64
                  " (last %s) is not among %u; memory's is %d pa 0x%" PRIx64 " (last %s)",
                  step, access->sid, access->ssv ? (int)access->ssid : -1, access->addr, (int)held.outcome,
                  held.pa, last_rule(&held), out.count, (int)now.outcome, now.pa, last_rule(&now));
    if (clean) {
        ck_assert_msg(same(&held, &now), "step %u: something is held after everything went", step);
        ck_assert_uint_eq(out.count, 1);
    }
}

static void set_up(void)
{
    smref **const all[] = {&fresh, &exact, &any, &probe, &before};
    static const smref_caching policies[] = {SMREF_CACHING_NONE, SMREF_CACHING_EXACT, SMREF_CACHING_ANY,
                                             SMREF_CACHING_ANY, SMREF_CACHING_ANY};
    memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    ck_assert_ptr_nonnull(memory);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0, PAGE(PAGES), 0), SMREF_OK);
    interface = smref_sparse_interface(memory);
    for (unsigned i = 0; i < 5; i++) {
        *all[i] = smref_new(&interface, NULL);
        ck_assert_ptr_nonnull(*all[i]);
        ck_assert_int_eq(smref_set_caching(*all[i], policies[i], NULL), SMREF_OK);
    }
}

/* The state of the SMMUs and something to start from. */
static void begin(uint64_t seed, bool levels, bool e2h)
{
    dice.state = seed;
    two_level = levels;
    set_register(SMREF_REG_SMMU_AIDR, 2);
    set_register(SMREF_REG_SMMU_IDR0, (0x080e121f & ~UINT64_C(0xc0)) | 1U << 9 | 1U << 27);
    set_register(SMREF_REG_SMMU_IDR1, 0x0e730520);
    set_register(SMREF_REG_SMMU_IDR3, 0x77c);
    set_register(SMREF_REG_SMMU_IDR5, 0x75);
    set_register(SMREF_REG_SMMU_CR2, e2h);
    set_register(SMREF_REG_SMMU_STRTAB_BASE, levels ? PAGE(L1STDS) : PAGE(STES));
    set_register(SMREF_REG_SMMU_STRTAB_BASE_CFG, levels ? 7 | 6 << 6 | 1 << 16 : 3);
    set_register(SMREF_REG_SMMU_CMDQ_BASE, PAGE(QUEUE) | 3);
    set_register(SMREF_REG_SMMU_CR0, 9);
    for (unsigned i = 0; i < STREAMS; i++)
        write_ste(i);
    for (unsigned i = 0; i < 20; i++)
        write_cd();
    for (unsigned i = 0; i < 80; i++)
        write_stage1();
    store(PAGE(L1CDS), PAGE(CDS) | 1);
    store(PAGE(L1CDS) + 8, PAGE(CDS + 1) | 1);
    store(PAGE(L1STDS), PAGE(STES) | 7);
    store(PAGE(L1STDS) + 8, PAGE(STES + 1) | 7);
    store(PAGE(S2_L1), PAGE(33) | 3);
    store(PAGE(33), PAGE(34) | 3);
    for (unsigned i = 0; i < 40; i++)
        store(PAGE(34) + PAGE(i % 2) + 8 * (i / 2), PAGE(i / 2) | 0x7ff);
}

static void tear_down(void)
{
    smref *const all[] = {fresh, exact, any, probe, before};
    for (unsigned i = 0; i < 5; i++)
        smref_free(all[i]);
    smref_sparse_free(memory);
}

START_TEST(policies_agree)
{
    struct tally tally = {0};
    unsigned steps = (unsigned)from_environment("SMREF_CACHES_STEPS", STEPS);
    begin(11 + (uint64_t)_i, _i & 1, _i & 2);
    for (unsigned step = 0; step < steps; step++) {
        unsigned what = below(8);
        smref_access access = draw_access();
        bool clean = random_one_in(&dice, 40);
        if (what < 2)
            change_something();
        if (what == 2)
            invalidate_something();
        if (clean)
            invalidate_everything();
        check_access(step, &access, clean, &tally);
    }
    ck_assert_uint_gt(tally.several, steps / 50);
    ck_assert_uint_gt(tally.stale, steps / 50);
    ck_assert_uint_lt(tally.refused, steps / 5);
    if (getenv("CACHES_TALLY"))
        fprintf(stderr, "sets %u, several %u, stale %u, refused %u\n", tally.sets, tally.several, tally.stale,
                tally.refused);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("caches");
    TCase *tcase = tcase_create("caches");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, policies_agree, 0, 4);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
