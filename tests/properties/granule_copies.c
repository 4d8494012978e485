/*
 * GPT information in TLBs (DDI 0487 D9.5, D9.6, IHI 0070 6.3.118, 6.3.119) against a list of what was read,
 * kept here: under `exact` the oldest entry read decides until a TLBI by PA covers it; under `any` what
 * memory has now, or any of them. Tables change at random, without and with invalidations.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "oracle/world.h"

#define L0 UINT64_C(0x80000000)
#define REGION (UINT64_C(1) << 21)
#define REGIONS 2  /* of each GB, from its start on, are used */
#define TABLES 3   /* of level 1 */
#define GB_COUNT 4 /* 32 bits are protected */
#define WORDS 32   /* of a region: 16 granules of 4 KB each */
#define ROUNDS 400
#define STEPS 40
#define MOST 500

static struct random dice = {23};
static uint64_t level0[GB_COUNT], level1[TABLES][REGIONS * WORDS];
static smref *smmu;

/* ---- The table ------------------------------------------------------------------------------------- */

static uint64_t table_at(unsigned table)
{
    return UINT64_C(0x80100000) + table * UINT64_C(0x20000);
}

static smref_mem_result read(void *context, smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    (void)context;
    for (unsigned i = 0; i < count; i++, at += 8) {
        uint64_t offset = at - table_at(0), table = offset / 0x20000, index = offset % 0x20000 / 8;
        words[i] = pas != SMREF_PAS_ROOT                       ? 0
                   : at >= L0 && at < L0 + sizeof level0       ? level0[(at - L0) / 8]
                   : table < TABLES && index < REGIONS * WORDS ? level1[table][index]
                                                               : 0;
    }
    return SMREF_MEM_OK;
}

static smref_mem_result write(void *context, smref_pas pas, uint64_t at, unsigned count,
                              const uint64_t *words)
{
    (void)context, (void)pas, (void)at, (void)count, (void)words;
    return SMREF_MEM_OK;
}

static const smref_memory memory = {.read = read, .write = write};

static unsigned any_gpi(void)
{
    static const uint8_t gpis[] = {0, 8, 9, 10, 11, 15};
    return gpis[random_below(&dice, 6)];
}

static void draw_level0(unsigned gb)
{
    level0[gb] = random_one_in(&dice, 3) ? any_gpi() << 4 | 1U : table_at(random_below(&dice, TABLES)) | 3;
}

/* Contiguous entries of a region agree. */
static void draw_region(unsigned table, unsigned region)
{
    bool joined = random_one_in(&dice, 3);
    uint64_t all = 0x101 | any_gpi() << 4;
    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 16; k++)
            word = word << 4 | (random_one_in(&dice, 2) ? 9 : any_gpi());
        level1[table][region * WORDS + i] = joined ? all : (word & 0xf) == 1 ? word ^ 1 : word;
    }
}

/* ---- What was read --------------------------------------------------------------------------------- */

struct item {
    bool table;
    uint64_t first, last, word; /* of a table: the word of level 0 */
    uint16_t granules;          /* 0: one GPI for all */
};

static struct item items[MOST];
static unsigned count;

static void note(struct item item)
{
    for (unsigned i = 0; i < count; i++)
        if (items[i].first == item.first && items[i].last == item.last && items[i].word == item.word &&
            items[i].granules == item.granules && items[i].table == item.table)
            return;
    ck_assert_uint_lt(count, MOST);
    items[count++] = item;
}

static bool covers(const struct item *item, uint64_t address)
{
    return address >= item->first && address <= item->last &&
           (!item->granules || item->granules >> (address >> 12 & 15) & 1);
}

static unsigned gpi_of(const struct item *item, uint64_t address)
{
    return (unsigned)(item->granules ? item->word >> 4 * (address >> 12 & 15) & 15 : item->word >> 4 & 15);
}

static struct item from_level1(uint64_t word0, uint64_t address)
{
    uint64_t in_gb = address & 0x3fffffff, word;
    (void)read(NULL, SMREF_PAS_ROOT, (word0 & ~UINT64_C(0xfff)) + (in_gb >> 16) * 8, 1, &word);
    if ((word & 15) == 1)
        return (struct item){.first = address & ~(REGION - 1), .last = address | (REGION - 1), .word = word};
    return (struct item){
        .first = address & ~UINT64_C(0xffff), .last = address | 0xffff, .word = word, .granules = 0xffff};
}

/* What memory has; *table gets the entry of level 0 if it is one. */
static struct item from_memory(uint64_t address, struct item *table)
{
    uint64_t word = level0[address >> 30], mask = 0x3fffffff;
    *table = (struct item){
        .table = (word & 15) == 3, .first = address & ~mask, .last = address | mask, .word = word};
    return table->table ? from_level1(word, address) : *table;
}

static bool permits(unsigned gpi, smref_pas pas)
{
    static const uint8_t own[] = {9, 8, 11, 10};
    return gpi == 15 || gpi == own[pas];
}

/* ---- Accesses -------------------------------------------------------------------------------------- */

static bool result_of(smref_pas pas, uint64_t address)
{
    const smref_access access = {.no_stream = true, .pas = pas, .addr = address, .size = 1};
    smref_result result;
    smref_error error = {.status = SMREF_OK};
    ck_assert_msg(smref_translate(smmu, &access, &result, &error) == SMREF_OK, "%s", error.text);
    return result.outcome == SMREF_OUTCOME_OK;
}

static void check_exact(smref_pas pas, uint64_t address)
{
    struct item now, table;
    const struct item *leaf = NULL, *held = NULL;
    for (unsigned i = count; i--;)
        if (covers(&items[i], address))
            *(items[i].table ? &held : &leaf) = &items[i];
    if (leaf) {
        now = *leaf;
    } else if (held) {
        now = from_level1(held->word, address);
        note(now);
    } else {
        now = from_memory(address, &table);
        if (table.table)
            note(table);
        note(now);
    }
    ck_assert(result_of(pas, address) == permits(gpi_of(&now, address), pas));
}

static void check_any(smref_pas pas, uint64_t address)
{
    struct item table, now = from_memory(address, &table);
    bool fresh = permits(gpi_of(&now, address), pas), other = false;
    unsigned before = count;
    for (unsigned i = 0; i < before; i++) {
        if (!covers(&items[i], address))
            continue;
        struct item held = items[i].table ? from_level1(items[i].word, address) : items[i];
        other |= permits(gpi_of(&held, address), pas) != fresh;
        note(held);
    }
    if (table.table)
        note(table);
    note(now);
    ck_assert(smref_set_choice(smmu, SMREF_CHOICE_CACHED_GPT, SMREF_CHOICE_CACHED_GPT_memory, NULL) ==
              SMREF_OK);
    ck_assert(result_of(pas, address) == fresh);
    ck_assert(smref_set_choice(smmu, SMREF_CHOICE_CACHED_GPT, SMREF_CHOICE_CACHED_GPT_held, NULL) ==
              SMREF_OK);
    ck_assert(result_of(pas, address) == (other ? !fresh : fresh));
}

/* ---- TLBI by PA ------------------------------------------------------------------------------------ */

static void software(smref_register reg, uint64_t value)
{
    smref_mmio access = {.pas = SMREF_PAS_ROOT, .write = true, .size = 8, .value = value};
    smref_result result;
    ck_assert(smref_locate_register(smmu, reg, 0, false, &access, NULL) == SMREF_OK);
    access.size = reg == SMREF_REG_SMMU_ROOT_TLBI ? 8 : 4;
    ck_assert(smref_access_register(smmu, &access, &result, NULL) == SMREF_OK);
}

static void invalidate(void)
{
    static const uint8_t sizes[] = {12, 14, 16, 21, 25, 29, 30, 34};
    unsigned size = random_below(&dice, 8), kept = 0;
    bool all = random_one_in(&dice, 8), last_level = random_one_in(&dice, 2);
    uint64_t first = random_below(&dice, GB_COUNT) * UINT64_C(0x40000000) +
                     random_below(&dice, REGIONS * WORDS * 16) * UINT64_C(0x1000);
    if (!random_one_in(&dice, 8))
        first &= ~((UINT64_C(1) << sizes[size]) - 1);
    uint64_t last = first + ((UINT64_C(1) << sizes[size]) - 1);
    bool aligned = !(first & (last - first));
    software(SMREF_REG_SMMU_ROOT_TLBI, first | size << 4 | (unsigned)last_level << 1 | (unsigned)all);
    software(SMREF_REG_SMMU_ROOT_TLBI_CTRL, 1);
    for (unsigned i = 0; i < count; i++) {
        struct item item = items[i];
        bool within = first <= item.first && item.last <= last;
        for (unsigned k = 0; item.granules && aligned && k < 16; k++)
            if (first <= item.first + k * 0x1000 && item.first + k * 0x1000 <= last)
                item.granules = (uint16_t)(item.granules & ~(1U << k));
        bool gone = items[i].granules ? !item.granules : aligned && within && !(item.table && last_level);
        if (!all && !gone)
            items[kept++] = item;
    }
    count = kept;
}

static void begin(smref_caching policy)
{
    static const struct {
        smref_register reg;
        uint64_t value;
    } values[] = {{SMREF_REG_SMMU_AIDR, 3},
                  {SMREF_REG_SMMU_IDR5, 0x75}, /* all granules, 48 bits */
                  {SMREF_REG_SMMU_S_IDR1, UINT64_C(0xa0000000)},
                  {SMREF_REG_SMMU_ROOT_IDR0, 0x5}, /* ROOT_IMPL, RGPTM */
                  {SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, 0x3500},
                  {SMREF_REG_SMMU_ROOT_GPT_BASE, L0},
                  {SMREF_REG_SMMU_ROOT_CR0, 3}};
    smmu = smref_new(&memory, NULL);
    ck_assert_ptr_nonnull(smmu);
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
        ck_assert(smref_set_register(smmu, values[i].reg, values[i].value, NULL) == SMREF_OK);
    ck_assert(smref_set_caching(smmu, policy, NULL) == SMREF_OK);
    count = 0;
    for (unsigned i = 0; i < GB_COUNT; i++)
        draw_level0(i);
    for (unsigned i = 0; i < TABLES * REGIONS; i++)
        draw_region(i / REGIONS, i % REGIONS);
}

START_TEST(copies)
{
    const smref_caching policy = _i ? SMREF_CACHING_ANY : SMREF_CACHING_EXACT;
    for (unsigned round = 0; round < ROUNDS; round++) {
        begin(policy);
        for (unsigned step = 0; step < STEPS; step++) {
            smref_pas pas = (smref_pas)random_below(&dice, SMREF_PAS_COUNT);
            uint64_t address = random_below(&dice, GB_COUNT) * UINT64_C(0x40000000) +
                               random_below(&dice, REGIONS) * REGION + random_below(&dice, 32) * 0x1000u;
            if (policy == SMREF_CACHING_ANY)
                check_any(pas, address);
            else
                check_exact(pas, address);
            if (random_one_in(&dice, 3))
                draw_level0(random_below(&dice, GB_COUNT));
            if (random_one_in(&dice, 3))
                draw_region(random_below(&dice, TABLES), random_below(&dice, REGIONS));
            if (random_one_in(&dice, 4))
                invalidate();
        }
        smref_free(smmu);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("granule copies");
    TCase *tcase = tcase_create("granule copies");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, copies, 0, 2);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
