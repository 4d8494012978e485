/*
 * Bits that a configuration does not use change nothing. For every Config, several StreamWorlds, table
 * formats and granules, every bit of the STE and of the CD whose field the data calls RES0, IGNORED, UNKNOWN
 * or IMPLEMENTATION DEFINED there is flipped, one at a time, and a set of accesses must see the same outcome.
 * (5.2, 5.4: RES0 and IGNORED bits have no effect; smref ignores non-zero reserved bits.) In every Security
 * state, whose structures and tables lie in its own memory.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "smref.h"
#include "smref_layout.h"

#define STRTAB UINT64_C(0x40000000)
#define CD_AT UINT64_C(0x40001000)
#define QUEUE UINT64_C(0x40002000)
#define TABLES UINT64_C(0x41000000)

#define STATES 3

static smref_sparse *memory;
static smref *smmu;
static smref_sec_sid state; /* of the streams */

static smref_pas own_space(void)
{
    return state == SMREF_SEC_REALM    ? SMREF_PAS_REALM
           : state == SMREF_SEC_SECURE ? SMREF_PAS_SECURE
                                       : SMREF_PAS_NS;
}

static void store_words(uint64_t at, const uint64_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t bytes[8];
        for (unsigned b = 0; b < 8; b++)
            bytes[b] = (uint8_t)(words[i] >> 8 * b);
        ck_assert_int_eq(smref_sparse_store(memory, own_space(), at + 8 * i, bytes, 8), SMREF_OK);
    }
}

static void set_register(const char *name, uint64_t value)
{
    smref_register reg;
    ck_assert(smref_register_find(name, &reg));
    ck_assert_int_eq(smref_set_register(smmu, reg, value, NULL), SMREF_OK);
}

/* The register of the streams' bank. */
static void set_own_register(const char *family, uint64_t value)
{
    static const char *const prefixes[STATES] = {"", "S_", "R_"};
    char name[64];
    snprintf(name, sizeof name, "SMMU_%s%s", prefixes[state], family);
    set_register(name, value);
}

/* Secure EL2, or Realm state with 8-bit MECIDs and XT, where Root firmware has been. */
static void set_up_state(void)
{
    if (state == SMREF_SEC_SECURE) {
        set_register("SMMU_S_IDR0", 0x00002000);
        set_register("SMMU_S_IDR1", 0xa0000010);
    } else if (state == SMREF_SEC_REALM) {
        set_register("SMMU_IDR0", 0x480e721b);
        set_register("SMMU_R_IDR0", 0x01002000);
        set_register("SMMU_R_IDR1", 0x80000000);
        set_register("SMMU_R_IDR3", 0x30000);
        set_register("SMMU_R_MECIDR", 7);
        set_register("SMMU_ROOT_IDR0", 0xd);
        set_register("SMMU_ROOT_CR0", 1);
    }
}

/* A first table of blocks for any granule; as a level 1 table of 4 KB it maps everything flat. Of Secure and
 * Realm streams some of it leads to Non-secure memory, by bit 5 in stage 1, by bit 55 in stage 2. */
static void store_tables(void)
{
    for (unsigned i = 0; i < 512; i++) {
        uint64_t block = 0;
        smref_VMSAv8_64_S1_BLOCK_set_VALID(&block, 1);
        smref_VMSAv8_64_S1_BLOCK_set_AF(&block, 1);
        smref_VMSAv8_64_S1_BLOCK_set_AP(&block, i & 3);
        smref_VMSAv8_64_S1_BLOCK_set_AttrIndx(&block, i & 7);
        smref_VMSAv8_64_S1_PAGE_set_OA_47_12(&block, (uint64_t)i << 18); /* entry i maps address i << 30 */
        if (state != SMREF_SEC_NS && i % 3 == 0) {
            smref_VMSAv8_64_S1_BLOCK_set_NS(&block, 1);
            smref_VMSAv8_64_S2_BLOCK_set_NS(&block, 1);
        }
        store_words(TABLES + UINT64_C(0x4000) + 8 * i, &block, 1);
    }
}

static void set_up(void)
{
    memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    ck_assert_ptr_nonnull(memory);
    for (unsigned pas = 0; pas <= SMREF_PAS_REALM; pas++)
        ck_assert_int_eq(smref_sparse_declare(memory, (smref_pas)pas, STRTAB, UINT64_C(64) << 20, 0),
                         SMREF_OK);
    smref_memory interface = smref_sparse_interface(memory);
    smmu = smref_new(&interface, NULL);
    ck_assert_ptr_nonnull(smmu);
    set_register("SMMU_AIDR", 0x4);
    set_register("SMMU_IDR0", 0x080e721f);
    set_register("SMMU_IDR1", 0x0e730520);
    set_register("SMMU_IDR3", 0x0042771c);
    set_register("SMMU_IDR5", 0x001004f6);
}

/* Of the state, in the instance. */
static void begin(void)
{
    set_up_state();
    set_own_register("STRTAB_BASE", STRTAB);
    set_own_register("EVENTQ_BASE", QUEUE | 4);
    set_own_register("CR0", 0x5);
    store_tables();
}

static void tear_down(void)
{
    smref_free(smmu);
    smref_sparse_free(memory);
}

struct configuration {
    const char *what;
    unsigned config, strw;
    bool e2h;
    unsigned aa64, s2aa64;
    unsigned tg0, tg1, s2tg;
    unsigned t0sz, t1sz, s2t0sz, s2sl0;
    bool epd0, epd1, ds, ssid;
    uint64_t idr1, idr3; /* 0: all that is modelled */
};

static const struct configuration configurations[] = {
    {.what = "abort", .config = 0, .aa64 = 1, .s2aa64 = 1},
    {.what = "bypass", .config = 4, .aa64 = 1, .s2aa64 = 1},
    {.what = "bypass, no overrides", .config = 4, .aa64 = 1, .s2aa64 = 1, .idr1 = 0x02730520},
    {.what = "stage 1", .config = 5, .aa64 = 1, .s2aa64 = 1, .tg1 = 2, .t0sz = 25, .t1sz = 25},
    {.what = "stage 1, no substreams",
     .config = 5,
     .aa64 = 1,
     .tg1 = 2,
     .t0sz = 25,
     .t1sz = 25,
     .idr1 = 0x0e730020},
    {.what = "stage 1, few features",
     .config = 5,
     .aa64 = 1,
     .tg1 = 2,
     .t0sz = 25,
     .t1sz = 25,
     .idr3 = 0x400},
    {.what = "stage 1, CD table", .config = 5, .aa64 = 1, .tg1 = 2, .t0sz = 25, .t1sz = 25, .ssid = true},
    {.what = "stage 1, EPD0", .config = 5, .aa64 = 1, .tg1 = 2, .t0sz = 25, .t1sz = 25, .epd0 = true},
    {.what = "stage 1, EPD1", .config = 5, .aa64 = 1, .tg1 = 2, .t0sz = 25, .t1sz = 25, .epd1 = true},
    {.what = "stage 1, both EPD", .config = 5, .aa64 = 1, .epd0 = true, .epd1 = true},
    {.what = "stage 1, EL2", .config = 5, .strw = 2, .aa64 = 1, .t0sz = 25},
    {.what = "stage 1, EL2-E2H",
     .config = 5,
     .strw = 2,
     .e2h = true,
     .aa64 = 1,
     .tg1 = 2,
     .t0sz = 25,
     .t1sz = 25},
    {.what = "stage 1, 64 KB",
     .config = 5,
     .aa64 = 1,
     .tg0 = 1,
     .tg1 = 3,
     .t0sz = 25,
     .t1sz = 25,
     .ds = true},
    {.what = "stage 1, 16 KB, DS",
     .config = 5,
     .aa64 = 1,
     .tg0 = 2,
     .tg1 = 1,
     .t0sz = 28,
     .t1sz = 28,
     .ds = true},
    {.what = "stage 1, VMSAv8-32", .config = 5, .aa64 = 0, .t0sz = 1, .t1sz = 1},
    {.what = "stage 1, VMSAv8-32, EPD1", .config = 5, .aa64 = 0, .t0sz = 1, .t1sz = 1, .epd1 = true},
    {.what = "stage 1, VMSAv8-32, EL2", .config = 5, .strw = 2, .aa64 = 0, .t0sz = 1},
    {.what = "stage 2", .config = 6, .s2aa64 = 1, .s2t0sz = 25, .s2sl0 = 1},
    {.what = "stage 2, few features", .config = 6, .s2aa64 = 1, .s2t0sz = 25, .s2sl0 = 1, .idr3 = 0x400},
    {.what = "stage 2, 64 KB", .config = 6, .s2aa64 = 1, .s2tg = 1, .s2t0sz = 25, .s2sl0 = 1, .ds = true},
    {.what = "stage 2, VMSAv8-32", .config = 6, .s2aa64 = 0, .s2t0sz = 0, .s2sl0 = 1},
    {.what = "nested",
     .config = 7,
     .aa64 = 1,
     .s2aa64 = 1,
     .tg1 = 2,
     .t0sz = 25,
     .t1sz = 25,
     .s2t0sz = 25,
     .s2sl0 = 1},
    {.what = "nested, VMSAv8-32 stage 1",
     .config = 7,
     .aa64 = 0,
     .s2aa64 = 1,
     .t0sz = 1,
     .t1sz = 1,
     .s2t0sz = 25,
     .s2sl0 = 1},
};

static void make_ste(const struct configuration *c, uint64_t *ste)
{
    memset(ste, 0, SMREF_STE_BYTES);
    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, c->config);
    smref_STE_set_S1ContextPtr(ste, CD_AT >> 6);
    smref_STE_set_STRW(ste, c->strw);
    smref_STE_set_SHCFG(ste, SMREF_STE_SHCFG_USE_INCOMING);
    smref_STE_set_S2AA64(ste, c->s2aa64);
    smref_STE_set_S2TG(ste, c->s2tg);
    smref_STE_set_S2T0SZ(ste, c->s2t0sz);
    smref_STE_set_S2SL0(ste, c->s2sl0);
    smref_STE_set_S2PS(ste, 5);
    smref_STE_set_S2DS(ste, 0);
    smref_STE_set_S2R(ste, 1);
    smref_STE_set_S2TTB(ste, (TABLES + 0x4000) >> 4);
    if (state == SMREF_SEC_SECURE && c->config >= 6) {
        smref_STE_set_S_S2TG(ste, c->s2tg);
        smref_STE_set_S_S2T0SZ(ste, c->s2t0sz);
        smref_STE_set_S_S2SL0(ste, c->s2sl0);
        smref_STE_set_S_S2TTB(ste, (TABLES + 0x4000) >> 4);
    }
    if (c->ssid) {
        smref_STE_set_S1CDMax(ste, 1);
        smref_STE_set_S1DSS(ste, SMREF_STE_S1DSS_SSID0);
    }
}

static void make_cd(const struct configuration *c, uint64_t *cd)
{
    memset(cd, 0, SMREF_CD_BYTES);
    smref_CD_set_V(cd, 1);
    smref_CD_set_AA64(cd, c->aa64);
    smref_CD_set_TG0(cd, c->tg0);
    smref_CD_set_TG1(cd, c->tg1);
    smref_CD_set_T0SZ(cd, c->t0sz);
    smref_CD_set_T1SZ(cd, c->t1sz);
    smref_CD_set_EPD0(cd, c->epd0);
    smref_CD_set_EPD1(cd, c->epd1);
    smref_CD_set_DS(cd, c->ds);
    smref_CD_set_IPS(cd, 5);
    smref_CD_set_A(cd, 1);
    smref_CD_set_R(cd, 1);
    smref_CD_set_TTB0(cd, (TABLES + 0x4000) >> 4);
    smref_CD_set_TTB1(cd, (TABLES + 0x4000) >> 4);
    smref_CD_set_MAIR0(cd, 0x44bb00ff);
    smref_CD_set_MAIR1(cd, 0xff0411aa);
}

#define ACCESSES 48

/* Reads, writes and fetches with and without privilege, low and high, mapped and not. */
static void run_accesses(smref_result *results)
{
    static const uint64_t addresses[8] = {
        0x0,        0x40000008,   0x80001010,         0xc0001230,
        0xfffffff0, 0x7f00001000, UINT64_MAX - 0xfff, UINT64_C(0xffffff8040000000)};
    for (unsigned i = 0; i < ACCESSES; i++) {
        smref_access access = {.sec_sid = state,
                               .ns = state != SMREF_SEC_NS && i % 8 / 4,
                               .xt = i & 1,
                               .addr = addresses[i % 8],
                               .type = (smref_access_type)(i / 8 % 3),
                               .inst = i / 8 == 3,
                               .priv = i / 8 > 2,
                               .size = 1};
        memset(&results[i], 0, sizeof results[i]);
        ck_assert_int_eq(smref_translate(smmu, &access, &results[i], NULL), SMREF_OK);
    }
    set_own_register("EVENTQ_PROD", 0);
}

static bool same(const smref_result *a, const smref_result *b)
{
    bool events = a->event_valid == b->event_valid &&
                  (!a->event_valid || (a->event.type == b->event.type &&
                                       !memcmp(a->event.words, b->event.words, sizeof a->event.words)));
    bool success = a->outcome != SMREF_OUTCOME_OK ||
                   (a->pa == b->pa && a->pas == b->pas && a->mecid == b->mecid &&
                    a->page_size == b->page_size && !memcmp(&a->attrs, &b->attrs, sizeof a->attrs));
    return a->outcome == b->outcome && events && success;
}

/* Flips each unused bit of a structure; returns how many there were. */
static unsigned flip_unused(const struct configuration *c, smref_layout layout, uint64_t at,
                            const uint64_t *words, const uint64_t *ste, const smref_result *before)
{
    const smref_layout_info *info = smref_layout_at(layout);
    unsigned flipped = 0;
    for (unsigned f = 0; f < info->field_count; f++) {
        const smref_field_info *field = &info->fields[f];
        bool reserved = field->kind == SMREF_KIND_RESERVED || field->kind == SMREF_KIND_IMPDEF;
        if (!reserved &&
            (field->when || smref_field_state_of(smmu, state, layout, f, words, ste) == SMREF_FIELD_ACTIVE))
            continue;
        for (unsigned bit = field->pieces[0].lsb; bit <= field->pieces[0].msb; bit++) {
            uint64_t changed[8];
            smref_result after[ACCESSES];
            memcpy(changed, words, sizeof changed);
            changed[bit / 64] ^= UINT64_C(1) << bit % 64;
            store_words(at, changed, 8);
            run_accesses(after);
            for (unsigned i = 0; i < ACCESSES; i++)
                ck_assert_msg(same(&before[i], &after[i]), "%s: %s.%s bit %u changes access %u (%d -> %d)",
                              c->what, info->name, field->name, bit, i, before[i].outcome, after[i].outcome);
            flipped++;
        }
    }
    store_words(at, words, 8);
    return flipped;
}

/* VMSAv8-32 is no format of Realm streams, of a Secure stage 2, of Secure EL2. */
static bool exists(const struct configuration *c)
{
    bool lpae1 = (c->config == 5 || c->config == 7) && !c->aa64, lpae2 = c->config >= 6 && !c->s2aa64;
    return state == SMREF_SEC_NS ||
           (state == SMREF_SEC_REALM ? !lpae1 && !lpae2 : !lpae2 && !(lpae1 && c->strw));
}

#define CONFIGURATIONS (sizeof configurations / sizeof *configurations)

START_TEST(unused_bits_change_nothing)
{
    const struct configuration *c = &configurations[(unsigned)_i % CONFIGURATIONS];
    uint64_t ste[8], cd[8];
    smref_result before[ACCESSES];
    state = (smref_sec_sid)((unsigned)_i / CONFIGURATIONS);
    if (!exists(c))
        return;
    begin();
    if (c->idr1)
        set_register("SMMU_IDR1", c->idr1);
    if (c->idr3)
        set_register("SMMU_IDR3", c->idr3);
    set_own_register("CR2", c->e2h);
    make_ste(c, ste);
    make_cd(c, cd);
    store_words(STRTAB, ste, 8);
    store_words(CD_AT, cd, 8);
    run_accesses(before);
    unsigned good = 0;
    for (unsigned i = 0; i < ACCESSES; i++) {
        good += before[i].outcome == SMREF_OUTCOME_OK;
        ck_assert_msg(!before[i].event_valid ||
                          (before[i].event.type != SMREF_C_BAD_STE && before[i].event.type != SMREF_C_BAD_CD),
                      "%s: the base is ILLEGAL: %s", c->what,
                      smref_rule_at(before[i].rules[before[i].rule_count - 3])->id);
    }
    ck_assert_msg(good > 0 || c->config == 0 || (c->epd0 && c->epd1), "%s: nothing translates", c->what);
    ck_assert_uint_gt(flip_unused(c, SMREF_LAYOUT_STE, STRTAB, ste, NULL, before), 60);
    if (c->config == 5 || c->config == 7)
        ck_assert_uint_gt(flip_unused(c, SMREF_LAYOUT_CD, CD_AT, cd, ste, before), 100);
    else
        for (unsigned i = 0; i < 8; i++) { /* no CD at all is used */
            smref_result after[ACCESSES];
            uint64_t changed[8];
            memset(changed, i & 1 ? 0xff : 0x5a, sizeof changed);
            store_words(CD_AT, changed, 8);
            run_accesses(after);
            for (unsigned a = 0; a < ACCESSES; a++)
                ck_assert(same(&before[a], &after[a]));
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unused bits");
    TCase *tcase = tcase_create("unused bits");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, unused_bits_change_nothing, 0, (int)(STATES * CONFIGURATIONS));
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
