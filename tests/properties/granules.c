/*
 * Whatever streams, devices without a StreamID, commands, address translation operations and interrupts do:
 * no access reaches a granule that the granule protection table forbids (IHI 0070 3.25), and what is
 * forbidden is not as if nothing had happened: Root hears of it (3.25.5, 3.25.6). The table is kept here as a
 * list of GPIs; memory itself, which the SMMU does not know to watch, is the judge.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "oracle/world.h"
#include "smref_layout.h"

#define BASE UINT64_C(0x40000000)
#define GRANULES 64 /* of 4 KB, all that there is of Non-secure memory */
#define SIZE (GRANULES * UINT64_C(0x1000))
#define GPT UINT64_C(0x80000000) /* level 0, and level 1 behind it, both in the Root space */
#define GPT1 UINT64_C(0x80100000)
#define ROUNDS 3000
#define STEPS 24

enum { NONE = 0, SECURE = 8, NON_SECURE = 9, ROOT = 10, REALM = 11, ANY = 15 };

static struct random dice = {11};
static uint64_t memory[SIZE / 8];
static uint8_t gpi[GRANULES];
static unsigned reads, writes, refused, passed;
static smref *smmu;

static bool permits(smref_pas pas, uint64_t address)
{
    static const uint8_t own[] = {[SMREF_PAS_NS] = NON_SECURE,
                                  [SMREF_PAS_SECURE] = SECURE,
                                  [SMREF_PAS_REALM] = REALM,
                                  [SMREF_PAS_ROOT] = ROOT};
    unsigned granule = (unsigned)((address - BASE) >> 12);
    return address >= BASE && granule < GRANULES && (gpi[granule] == ANY || gpi[granule] == own[pas]);
}

/* ---- Memory that watches --------------------------------------------------------------------------- */

static uint64_t table_word(uint64_t at)
{
    uint64_t word = 0;
    if (at == GPT + 8)
        return GPT1 | 3; /* 0x40000000 to 0x7fffffff */
    if (at < GPT1 || at >= GPT1 + GRANULES / 16 * 8)
        return at >= GPT1 && at < GPT1 + 0x20000 ? 0 : 1; /* no accesses */
    for (unsigned i = 0; i < 16; i++)
        word |= (uint64_t)gpi[(at - GPT1) / 8 * 16 + i] << (4 * i);
    return word;
}

static smref_mem_result watch_read(void *context, smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    (void)context;
    for (unsigned i = 0; i < count; i++, at += 8) {
        if (pas == SMREF_PAS_ROOT) {
            words[i] = table_word(at);
            continue;
        }
        ck_assert_msg(permits(pas, at), "a read of what is forbidden: 0x%llx", (unsigned long long)at);
        words[i] = memory[(at - BASE) / 8];
        reads++;
    }
    return SMREF_MEM_OK;
}

static smref_mem_result watch_write(void *context, smref_pas pas, uint64_t at, unsigned count,
                                    const uint64_t *words)
{
    (void)context;
    for (unsigned i = 0; i < count; i++, at += 8) {
        ck_assert_msg(permits(pas, at), "a write to what is forbidden: 0x%llx", (unsigned long long)at);
        memory[(at - BASE) / 8] = words[i];
        writes++;
    }
    return SMREF_MEM_OK;
}

static const smref_memory watched = {.read = watch_read, .write = watch_write};

/* ---- A world --------------------------------------------------------------------------------------- */

enum { STREAMS_AT, EVENTQ_AT, CMDQ_AT, CDS_AT, S2_AT }; /* granules; stage 2 maps all of them to themselves */

static uint64_t granule(unsigned number)
{
    return BASE + number * UINT64_C(0x1000);
}

static uint64_t any_address(void)
{
    return granule(random_below(&dice, GRANULES)) + random_below(&dice, 512) * 8u;
}

static void set(smref_register reg, uint64_t value)
{
    ck_assert_int_eq(smref_set_register(smmu, reg, value, NULL), SMREF_OK);
}

static void draw_gpis(void)
{
    static const uint8_t forbidding[] = {NONE, SECURE, ROOT, REALM};
    for (unsigned i = 0; i < GRANULES; i++)
        gpi[i] = random_one_in(&dice, 8)   ? forbidding[random_below(&dice, 4)]
                 : random_one_in(&dice, 4) ? ANY
                                           : NON_SECURE;
}

static void draw_memory(void)
{
    for (unsigned i = 0; i < SIZE / 8; i++)
        memory[i] =
            granule(random_below(&dice, GRANULES)) | (random_one_in(&dice, 16) ? 0x7fd : 0x743 | 0x3c);
    memory[(S2_AT * 0x1000 + 8) / 8] = granule(S2_AT + 1) | 3;
    memory[(S2_AT + 1) * 0x1000 / 8] = granule(S2_AT + 2) | 3;
    for (unsigned i = 0; i < GRANULES; i++)
        memory[(S2_AT + 2) * 0x1000 / 8 + i] = granule(i) | 0x7ff;
    for (unsigned sid = 0; sid < 16; sid++) {
        const uint64_t ste[8] = {(granule(CDS_AT) + 64 * sid) | (4 + random_below(&dice, 4)) << 1 | 1,
                                 UINT64_C(1) << 44,
                                 /* S2R, S2AA64, S2PS 48 bits, S2SL0 level 1, S2T0SZ 25 */
                                 UINT64_C(1) << 58 | UINT64_C(1) << 51 | UINT64_C(5) << 48 |
                                     UINT64_C(1) << 38 | UINT64_C(25) << 32,
                                 granule(random_one_in(&dice, 4) ? random_below(&dice, GRANULES) : S2_AT)};
        uint64_t cd[8] = {0};
        smref_CD_set_V(cd, 1);
        smref_CD_set_AA64(cd, 1);
        smref_CD_set_T0SZ(cd, 25);
        smref_CD_set_EPD1(cd, 1);
        smref_CD_set_IPS(cd, 5);
        smref_CD_set_A(cd, 1);
        smref_CD_set_R(cd, 1);
        smref_CD_set_ASET(cd, 1);
        smref_CD_set_TTB0(cd, granule(random_below(&dice, GRANULES)) >> 4);
        memcpy(memory + 8 * sid, ste, sizeof ste);
        memcpy(memory + (CDS_AT * 0x1000 + 64 * sid) / 8, cd, sizeof cd);
    }
}

static void draw_registers(unsigned round)
{
    set(SMREF_REG_SMMU_IDR0, 1u << 30 | 1 << 15 | 1 << 13 | 1 << 9 | 2 << 2 | 3); /* RME_IMPL, ATOS, MSI */
    set(SMREF_REG_SMMU_IDR1, 4 << 21 | 4 << 16 | 6); /* CMDQS, EVENTQS, SIDSIZE */
    set(SMREF_REG_SMMU_IDR5, 7 << 4 | 5);
    set(SMREF_REG_SMMU_ROOT_IDR0, 5);
    set(SMREF_REG_SMMU_ROOT_GPT_BASE, GPT);
    set(SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, 0x3502);
    set(SMREF_REG_SMMU_ROOT_CR0, random_one_in(&dice, 32) ? 2 : 3);
    set(SMREF_REG_SMMU_STRTAB_BASE, granule(STREAMS_AT));
    set(SMREF_REG_SMMU_STRTAB_BASE_CFG, 4);
    set(SMREF_REG_SMMU_EVENTQ_BASE, granule(EVENTQ_AT) | 4);
    set(SMREF_REG_SMMU_CMDQ_BASE, granule(CMDQ_AT) | 4);
    set(SMREF_REG_SMMU_GERROR_IRQ_CFG0, any_address());
    set(SMREF_REG_SMMU_EVENTQ_IRQ_CFG0, any_address());
    set(SMREF_REG_SMMU_IRQ_CTRL, 5);
    set(SMREF_REG_SMMU_CR0, 0xd);
    ck_assert_int_eq(smref_set_caching(smmu, round % 3 ? SMREF_CACHING_NONE : SMREF_CACHING_EXACT, NULL),
                     SMREF_OK);
}

/* ---- What happens in it ---------------------------------------------------------------------------- */

static void software(smref_register reg, uint64_t value)
{
    smref_mmio access = {.size = 4};
    smref_result result;
    ck_assert_int_eq(smref_locate_register(smmu, reg, 0, false, &access, NULL), SMREF_OK);
    access.pas = SMREF_PAS_ROOT;
    access.size = smref_register_at((unsigned)reg)->width / 8;
    access.write = true;
    access.value = value;
    (void)smref_access_register(smmu, &access, &result, NULL);
}

static void post_command(void)
{
    uint64_t prod = smref_get_register(smmu, SMREF_REG_SMMU_CMDQ_PROD);
    uint64_t *words = memory + (CMDQ_AT * 0x1000 + (prod & 15) * 16) / 8;
    words[0] = random_one_in(&dice, 4) ? 0x46 : 0x46 | 1 << 12; /* CMD_SYNC: CS SIG_IRQ */
    words[1] = any_address();
    software(SMREF_REG_SMMU_CMDQ_PROD, (prod + 1) & 31);
    software(SMREF_REG_SMMU_GERRORN, smref_get_register(smmu, SMREF_REG_SMMU_GERROR));
}

static void translate_by_software(void)
{
    set(SMREF_REG_SMMU_GATOS_SID, random_below(&dice, 16));
    set(SMREF_REG_SMMU_GATOS_ADDR,
        (random_next(&dice) & UINT64_C(0x7ffffff000)) | (1 + random_below(&dice, 3)) << 10); /* TYPE */
    software(SMREF_REG_SMMU_GATOS_CTRL, 1);
}

static void check_access(const smref_access *access, const smref_result *r)
{
    uint64_t faults = smref_get_register(smmu, SMREF_REG_SMMU_ROOT_GPF_FAR) |
                      smref_get_register(smmu, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR);
    bool open = smref_get_register(smmu, SMREF_REG_SMMU_ROOT_CR0) & 1;
    if (r->outcome == SMREF_OUTCOME_OK)
        ck_assert_msg(open && permits(r->pas, r->pa), "what is forbidden goes out");
    if (access->no_stream)
        ck_assert_int_eq(r->outcome == SMREF_OUTCOME_OK, open && permits(access->pas, access->addr));
    if (r->event_valid && r->event.type != SMREF_F_TRANSLATION && r->event.words[1] >> 16 & 1 &&
        r->event.type < 0x10) /* GPCF */
        ck_assert_uint_ne(faults & 1, 0);
    *(r->outcome == SMREF_OUTCOME_OK ? &passed : &refused) += 1;
}

static void one_access(void)
{
    smref_access access = {.sid = random_below(&dice, 16), .size = 1, .addr = any_address()};
    smref_result result;
    access.no_stream = random_one_in(&dice, 4);
    access.pas = (smref_pas)random_below(&dice, 4);
    if (!access.no_stream && random_one_in(&dice, 2))
        access.addr = random_next(&dice) & UINT64_C(0x7fffffffff);
    if (smref_translate(smmu, &access, &result, NULL) == SMREF_OK)
        check_access(&access, &result);
}

START_TEST(nothing_reaches_what_is_forbidden)
{
    const char *given = getenv("SMREF_PROPERTY_ROUNDS");
    unsigned rounds = given && strtoul(given, NULL, 0) < ROUNDS ? (unsigned)strtoul(given, NULL, 0) : ROUNDS;
    for (unsigned round = 0; round < rounds; round++) {
        smmu = smref_new(&watched, NULL);
        ck_assert_ptr_nonnull(smmu);
        draw_gpis();
        draw_memory();
        draw_registers(round);
        for (unsigned step = 0; step < STEPS; step++) {
            one_access();
            if (random_one_in(&dice, 4))
                post_command();
            if (random_one_in(&dice, 8))
                translate_by_software();
            if (random_one_in(&dice, 4))
                software(SMREF_REG_SMMU_EVENTQ_CONS, smref_get_register(smmu, SMREF_REG_SMMU_EVENTQ_PROD));
            if (random_one_in(&dice, 8))
                software(SMREF_REG_SMMU_ROOT_GPF_FAR, 0);
        }
        smref_free(smmu);
    }
    ck_assert_uint_gt(reads, rounds);
    ck_assert_uint_gt(writes, rounds);
    ck_assert_uint_gt(refused, rounds);
    ck_assert_uint_gt(passed, rounds);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("granules");
    TCase *tcase = tcase_create("granules");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, nothing_reaches_what_is_forbidden);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
