/*
 * Granule protection checks against the text: an oracle that reads DDI 0487 D9.4, D9.6, D9.7 and 6.3.114 to
 * 6.3.117 its own way, with literal values of registers and descriptors. Devices without a StreamID make the
 * accesses (3.25.1.1), so that nothing but the check decides.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "system/system.h"

/* ---- A Root address space of few words ------------------------------------------------------------- */

#define WORDS 64

static struct {
    struct {
        uint64_t at, word;
    } list[WORDS];
    unsigned count;
    uint64_t fill;   /* of all others */
    uint64_t aborts; /* the word that cannot be read; 1: none */
} root;

static smref *smmu;

static uint64_t root_word(uint64_t at)
{
    for (unsigned i = root.count; i-- > 0;)
        if (root.list[i].at == at)
            return root.list[i].word;
    return root.fill;
}

static smref_mem_result read_words(void *context, smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    (void)context;
    ck_assert_int_eq(pas, SMREF_PAS_ROOT); /* D9.1 THJVJ: GPT walks go to the Root space */
    ck_assert_uint_eq(at % 8, 0);
    for (unsigned i = 0; i < count; i++) {
        if (at + 8 * i == root.aborts)
            return SMREF_MEM_ABORT;
        words[i] = root_word(at + 8 * i);
    }
    return SMREF_MEM_OK;
}

static smref_mem_result no_write(void *context, smref_pas pas, uint64_t at, unsigned count,
                                 const uint64_t *words)
{
    (void)context, (void)pas, (void)at, (void)count, (void)words;
    ck_abort_msg("a check writes nothing");
    return SMREF_MEM_ABORT;
}

static const smref_memory memory = {.read = read_words, .write = no_write};

static void put(uint64_t at, uint64_t word)
{
    ck_assert_uint_lt(root.count, WORDS);
    root.list[root.count].at = at;
    root.list[root.count++].word = word;
}

static void clear_root(uint64_t fill)
{
    root.count = 0;
    root.fill = fill;
    root.aborts = 1;
}

static void set(smref_register reg, uint64_t value)
{
    ck_assert_int_eq(smref_set_register(smmu, reg, value, NULL), SMREF_OK);
}

/* ---- Registers ------------------------------------------------------------------------------------- */

struct config {
    unsigned pps, l0gptsz, pgs, sh, orgn, irgn; /* as encoded (6.3.115) */
    unsigned oas, grans;                        /* IDR5: OAS, and bits 0 to 2 for GRAN4K, 16K, 64K */
    uint64_t base;
};

/* Granule of 4KB, 1GB at level 0, 40 bits protected of 48, Inner Shareable, Write-Back. */
#define BASE UINT64_C(0x80000000)
#define BEYOND UINT64_C(0x10000000000)
#define USUAL                                                                                                \
    {                                                                                                        \
        2, 0, 0, 3, 1, 1, 5, 7, BASE                                                                         \
    }
static const struct config usual = USUAL;

static void program(const struct config *c)
{
    set(SMREF_REG_SMMU_IDR5, (uint64_t)c->grans << 4 | c->oas);
    set(SMREF_REG_SMMU_ROOT_GPT_BASE, c->base);
    set(SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, (uint64_t)c->l0gptsz << 20 | (uint64_t)c->pgs << 14 | c->sh << 12 |
                                              c->orgn << 10 | c->irgn << 8 | c->pps);
    set(SMREF_REG_SMMU_ROOT_GPF_FAR, 0);
    set(SMREF_REG_SMMU_ROOT_GPT_CFG_FAR, 0);
}

static void enable(unsigned cr0)
{
    set(SMREF_REG_SMMU_ROOT_CR0, cr0);
    set(SMREF_REG_SMMU_ROOT_CR0ACK, cr0);
}

static void set_up(void)
{
    smmu = smref_new(&memory, NULL);
    ck_assert_ptr_nonnull(smmu);
    set(SMREF_REG_SMMU_AIDR, 4);
    set(SMREF_REG_SMMU_ROOT_IDR0, 5);                /* ROOT_IMPL, RGPTM */
    set(SMREF_REG_SMMU_S_IDR1, 1u << 31 | 1u << 29); /* SECURE_IMPL, SEL2 */
    enable(3);
    clear_root(0);
    program(&usual);
}

static void tear_down(void)
{
    smref_free(smmu);
}

/* ---- What happened --------------------------------------------------------------------------------- */

enum { PERMITTED = -2, GPF = -1 }; /* else CFG_ERR */

static smref_result access_result;

/* FPAS (6.3.116): Secure 0, Non-secure 1, Root 2, Realm 3. */
static uint64_t syndrome(smref_pas pas, uint64_t address)
{
    static const uint64_t fpas[] = {
        [SMREF_PAS_NS] = 1, [SMREF_PAS_SECURE] = 0, [SMREF_PAS_ROOT] = 2, [SMREF_PAS_REALM] = 3};
    return fpas[pas] << 62 | (address & UINT64_C(0x00fffffffffff000)) | 3 << 1 | 1; /* TRANSACTION, FAULT */
}

static int access_at(smref_pas pas, uint64_t address)
{
    smref_access a = {.no_stream = true, .pas = pas, .addr = address, .size = 1};
    smref_error error = {.status = SMREF_OK};
    smref_status status = smref_translate(smmu, &a, &access_result, &error);
    ck_assert_msg(status == SMREF_OK, "%s", error.text);
    uint64_t gpf = smref_get_register(smmu, SMREF_REG_SMMU_ROOT_GPF_FAR);
    uint64_t cfg = smref_get_register(smmu, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR);
    ck_assert_int_eq(gpf != 0, access_result.gpf_far);
    ck_assert_int_eq(cfg != 0, access_result.gpt_cfg_far);
    ck_assert(!access_result.event_valid);
    set(SMREF_REG_SMMU_ROOT_GPF_FAR, 0);
    set(SMREF_REG_SMMU_ROOT_GPT_CFG_FAR, 0);
    if (!gpf && !cfg) {
        ck_assert_int_eq(access_result.outcome, SMREF_OUTCOME_OK);
        ck_assert_uint_eq(access_result.pa, address);
        ck_assert_int_eq(access_result.pas, pas);
        return PERMITTED;
    }
    ck_assert_int_eq(access_result.outcome, SMREF_OUTCOME_ABORT);
    ck_assert(!gpf || !cfg);
    ck_assert_uint_eq(gpf | (cfg & ~(UINT64_C(0xf) << 56)), syndrome(pas, address));
    return gpf ? GPF : (int)(cfg >> 56 & 0xf);
}

/* ---- The oracle ------------------------------------------------------------------------------------ */

/* D9.6.5, with GPCCR_EL3.{SA, NSP, NA6, NA7, NSO} zero: 'x' reserved, else the spaces that may. */
static const char *const gpi_means[16] = {"",  "x", "x", "x", "x", "x", "x", "x",
                                          "s", "n", "t", "r", "x", "x", "x", "nstr"};

static char letter(smref_pas pas)
{
    return "nsrt"[pas];
}

static bool gpi_reserved(unsigned gpi)
{
    return gpi_means[gpi][0] == 'x';
}

static int by_gpi(unsigned gpi, smref_pas pas)
{
    return strchr(gpi_means[gpi], letter(pas)) ? PERMITTED : GPF;
}

static unsigned protected_bits(unsigned pps)
{
    static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 0};
    return bits[pps];
}

static unsigned oas_bits(unsigned oas)
{
    static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 56};
    return bits[oas];
}

static unsigned entry_bits(unsigned l0gptsz)
{
    return l0gptsz == 0 ? 30 : l0gptsz == 4 ? 34 : l0gptsz == 6 ? 36 : l0gptsz == 9 ? 39 : 0;
}

static unsigned granule_bits(unsigned pgs)
{
    return pgs == 0 ? 12 : pgs == 1 ? 16 : pgs == 2 ? 14 : 0;
}

static bool config_invalid(const struct config *c)
{
    static const unsigned needs[] = {1, 4, 2}; /* PGS: 4KB, 64KB, 16KB */
    return c->pps == 7 || protected_bits(c->pps) > oas_bits(c->oas) || c->pgs == 3 ||
           !(c->grans & needs[c->pgs]) || c->sh == 1 || (!c->orgn && !c->irgn && c->sh != 2) ||
           !entry_bits(c->l0gptsz);
}

static int level1(const struct config *c, uint64_t table, smref_pas pas, uint64_t address)
{
    uint64_t granule = UINT64_C(1) << granule_bits(c->pgs);
    uint64_t number = address % (UINT64_C(1) << entry_bits(c->l0gptsz)) / granule;
    uint64_t at = table + number / 16 * 8, word = root_word(at);
    if (at == root.aborts)
        return 2;
    if (word % 16 == 1) { /* Contiguous */
        if (word >> 10 || !(word >> 8 & 3) || gpi_reserved(word >> 4 & 15))
            return 3;
        return by_gpi(word >> 4 & 15, pas);
    }
    for (unsigned i = 0; i < 16; i++)
        if (gpi_reserved(word >> (4 * i) & 15))
            return 3;
    return by_gpi(word >> (4 * (number % 16)) & 15, pas);
}

/* Table D9-2, from its first line to its last. */
static int expected(const struct config *c, smref_pas pas, uint64_t address)
{
    if (config_invalid(c))
        return 0;
    uint64_t reach = UINT64_C(1) << protected_bits(c->pps), covers = UINT64_C(1) << entry_bits(c->l0gptsz);
    uint64_t size = 8 * (reach > covers ? reach / covers : 1), align = size > 4096 ? size : 4096;
    uint64_t base = c->base % (UINT64_C(1) << oas_bits(c->oas)) / align * align;
    if (address >= reach)
        return pas == SMREF_PAS_NS ? PERMITTED : GPF;
    if (base >= reach)
        return 1;
    uint64_t at = base + address / covers * 8, word = root_word(at);
    if (at == root.aborts)
        return 2;
    if (word % 16 == 1) /* Block */
        return word >> 8 || gpi_reserved(word >> 4 & 15) ? 3 : by_gpi(word >> 4 & 15, pas);
    uint64_t l1_size = covers >> granule_bits(c->pgs) >> 1; /* 16 granules are 8 bytes */
    uint64_t next = word % (UINT64_C(1) << 52) / 4096 * 4096;
    if (word % 16 != 3 || word >> 52 || word / 16 % 256 || next % l1_size)
        return 3;
    return next >= reach ? 4 : level1(c, next, pas, address);
}

/* ---- Every GPI, at every place --------------------------------------------------------------------- */

static const unsigned l0_sizes[] = {0, 4, 6, 9};

/* L0GPTSZ × PGS × kind of entry × GPI × space; the place of the granule varies along. */
START_TEST(gpis)
{
    const uint64_t table = UINT64_C(0x40000000), ones = UINT64_C(0x1111111111111111);
    struct config c = usual;
    c.l0gptsz = l0_sizes[_i / 3];
    c.pgs = (unsigned)_i % 3;
    program(&c);
    for (unsigned kind = 0; kind < 5; kind++) /* Block, Granules, Contiguous of three sizes */
        for (unsigned gpi = 0; gpi < 16; gpi++)
            for (unsigned space = 0; space < 4; space++) {
                uint64_t own = kind == 1 ? ones * gpi : (uint64_t)(kind - 1) << 8 | gpi << 4 | 1;
                uint64_t address = UINT64_C(0x12345678) + (uint64_t)gpi * 0x1000;
                if (kind == 1 && gpi == 1)
                    continue; /* 0b0001 in the lowest place makes it a Contiguous descriptor */
                clear_root(kind ? own : 0);
                put(c.base, kind ? table | 3 : (uint64_t)gpi << 4 | 1);
                int want = gpi_reserved(gpi) ? 3 : by_gpi(gpi, (smref_pas)space);
                ck_assert_int_eq(access_at((smref_pas)space, address), want);
                ck_assert_int_eq(expected(&c, (smref_pas)space, address), want);
            }
}
END_TEST

/* One granule of 16 has a GPI of its own (D9.6.3): PA[15:12], [17:14] or [19:16]. */
START_TEST(granule_places)
{
    static const unsigned shifts[] = {12, 16, 14};
    struct config c = usual;
    c.pgs = (unsigned)_i;
    program(&c);
    for (unsigned place = 0; place < 16; place++) {
        clear_root(0);
        put(c.base, 0x40000003);
        put(0x40000000, UINT64_C(9) << (4 * place));
        for (unsigned other = 0; other < 16; other++) {
            uint64_t at = (uint64_t)other << shifts[_i];
            int want = other == place ? PERMITTED : GPF;
            ck_assert_int_eq(access_at(SMREF_PAS_NS, at), want);
            ck_assert_int_eq(access_at(SMREF_PAS_NS, at + (UINT64_C(1) << shifts[_i]) - 1), want);
        }
        /* A reserved value in the place of another granule makes the entry invalid. */
        clear_root(0);
        put(c.base, 0x40000003);
        put(0x40000000, ~(UINT64_C(8) << (4 * place)));
        ck_assert_int_eq(access_at(SMREF_PAS_NS, (uint64_t)(15 - place) << shifts[_i]), 3);
    }
}
END_TEST

/* ---- Bounds ---------------------------------------------------------------------------------------- */

/* PPS: the last address that is protected, and the first beyond. All entries of level 0 permit Root alone. */
START_TEST(protected_sizes)
{
    struct config c = usual;
    c.pps = (unsigned)_i;
    c.oas = 6;
    program(&c);
    clear_root(10 << 4 | 1);
    uint64_t reach = UINT64_C(1) << protected_bits(c.pps);
    for (unsigned space = 0; space < 4; space++) {
        smref_pas pas = (smref_pas)space;
        ck_assert_int_eq(access_at(pas, reach - 1), pas == SMREF_PAS_ROOT ? PERMITTED : GPF);
        if (c.pps < 6)
            ck_assert_int_eq(access_at(pas, reach), pas == SMREF_PAS_NS ? PERMITTED : GPF);
    }
}
END_TEST

/* Address bits that index level 0, and what is below the alignment of its table (6.3.114). */
START_TEST(level0_index)
{
    struct config c = usual;
    c.l0gptsz = l0_sizes[_i % 4];
    c.pps = (unsigned)_i / 4;
    c.oas = 6;
    uint64_t reach = UINT64_C(1) << protected_bits(c.pps), covers = UINT64_C(1) << entry_bits(c.l0gptsz);
    uint64_t entries = reach > covers ? reach / covers : 1;
    uint64_t align = entries * 8 > 4096 ? entries * 8 : 4096;
    if (align >= reach)
        return;
    c.base = reach / 2 + (reach / 2 == align ? 0 : align);
    if (c.base + align > reach)
        c.base = reach - align;
    struct config skewed = c;
    skewed.base |= (align - 1) & ~UINT64_C(0xfff);
    for (unsigned lap = 0; lap < 2; lap++) {
        program(lap ? &skewed : &c);
        for (unsigned k = 0; k < 3; k++) {
            uint64_t entry = k == 0 ? 0 : k == 1 ? entries - 1 : entries / 2;
            clear_root(1);
            put(c.base + 8 * entry, 9 << 4 | 1);
            uint64_t from = entry * covers, to = from + (covers < reach ? covers : reach) - 1;
            ck_assert_int_eq(access_at(SMREF_PAS_NS, from), PERMITTED);
            ck_assert_int_eq(access_at(SMREF_PAS_NS, to), PERMITTED);
            if (from)
                ck_assert_int_eq(access_at(SMREF_PAS_NS, from - 1), GPF);
            if (to + 1 < reach)
                ck_assert_int_eq(access_at(SMREF_PAS_NS, to + 1), GPF);
        }
    }
}
END_TEST

/* ---- Errors, each with what comes before it -------------------------------------------------------- */

struct error {
    const char *what;
    struct config config;
    uint64_t l0, l1, aborts; /* words at the first places of the tables */
    int want;
    smref_pas pas;
    uint64_t address;
};

static const struct error errors[] = {
    {"PPS reserved", {7, 0, 0, 3, 1, 1, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PPS 52 with OAS 48", {6, 0, 0, 3, 1, 1, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS reserved", {2, 0, 3, 3, 1, 1, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS 4KB, not implemented", {2, 0, 0, 3, 1, 1, 5, 6, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS 16KB, not implemented", {2, 0, 2, 3, 1, 1, 5, 5, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS 64KB, not implemented", {2, 0, 1, 3, 1, 1, 5, 3, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"SH reserved", {2, 0, 0, 1, 1, 1, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"NC, Inner Shareable", {2, 0, 0, 3, 0, 0, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"NC, Non-shareable", {2, 0, 0, 0, 0, 0, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"L0GPTSZ reserved", {2, 5, 0, 3, 1, 1, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"NC, Outer Shareable", {2, 0, 0, 2, 0, 0, 5, 7, BASE}, 0x91, 0, 1, PERMITTED, SMREF_PAS_NS, 0},
    {"inner NC alone", {2, 0, 0, 3, 1, 0, 5, 7, BASE}, 0x91, 0, 1, PERMITTED, SMREF_PAS_NS, 0},
    {"Non-shareable, WB", {2, 0, 0, 0, 1, 1, 5, 7, BASE}, 0x91, 0, 1, PERMITTED, SMREF_PAS_NS, 0},
    {"invalid, and Non-secure beyond PPS",
     {2, 0, 0, 1, 1, 1, 5, 7, BASE},
     0x91,
     0,
     1,
     0,
     SMREF_PAS_NS,
     BEYOND},
    {"invalid, and Realm beyond PPS", {2, 0, 0, 1, 1, 1, 5, 7, BASE}, 0x91, 0, 1, 0, SMREF_PAS_REALM, BEYOND},
    {"base and Secure address beyond PPS",
     {2, 0, 0, 3, 1, 1, 5, 7, BEYOND},
     0x91,
     0,
     1,
     GPF,
     SMREF_PAS_SECURE,
     BEYOND},
    {"base and Non-secure address beyond PPS",
     {2, 0, 0, 3, 1, 1, 5, 7, BEYOND},
     0x91,
     0,
     1,
     PERMITTED,
     SMREF_PAS_NS,
     BEYOND},
    {"base beyond PPS", {2, 0, 0, 3, 1, 1, 5, 7, BEYOND}, 0x91, 0, BEYOND, 1, SMREF_PAS_NS, 0},
    {"level 0 aborts", USUAL, 0x91, 0, BASE, 2, SMREF_PAS_NS, 0},
    {"level 0: 0b0000", USUAL, 0, 0, 1, 3, SMREF_PAS_NS, 0},
    {"level 0: Granules", USUAL, UINT64_C(0x9999999999999999), 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block: bit 8", USUAL, 0x191, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block: bit 63", USUAL, UINT64_C(1) << 63 | 0x91, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block: bit 8, and it forbids", USUAL, 0x181, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block forbids", USUAL, 0x81, 0, 1, GPF, SMREF_PAS_NS, 0},
    {"Table: bit 4", USUAL, 0x40000013, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: bit 11", USUAL, 0x40000803, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: bit 52", USUAL, UINT64_C(1) << 52 | 0x40000003, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: not aligned", USUAL, 0x40010003, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: not aligned, and beyond PPS", USUAL, BEYOND | 0x10003, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Table: beyond PPS", USUAL, BEYOND | 3, 0, BEYOND, 4, SMREF_PAS_NS, 0},
    {"level 1 aborts", USUAL, 0x40000003, 0x591, 0x40000000, 2, SMREF_PAS_NS, 0},
    {"Contiguous: size reserved", USUAL, 0x40000003, 0x91, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous: bit 10", USUAL, 0x40000003, 0x591, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous: bit 63", USUAL, 0x40000003, UINT64_C(1) << 63 | 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous: bit 10, and it forbids", USUAL, 0x40000003, 0x5b1, 1, 3, SMREF_PAS_NS, 0},
    {"level 1: 0b0011", USUAL, 0x40000003, 0x40000003, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous forbids", USUAL, 0x40000003, 0x1b1, 1, GPF, SMREF_PAS_NS, 0},
    {"level 1 permits", USUAL, 0x40000003, UINT64_C(0x9999999999999999), 1, PERMITTED, SMREF_PAS_NS, 0},
};

START_TEST(each_error)
{
    const struct error *e = &errors[_i];
    struct config c = e->config;
    program(&c);
    clear_root(0);
    put(c.base, e->l0);
    put(0x40000000, e->l1);
    root.aborts = e->aborts;
    ck_assert_msg(access_at(e->pas, e->address) == e->want, "%s", e->what);
    ck_assert_msg(expected(&c, e->pas, e->address) == e->want, "the oracle: %s", e->what);
}
END_TEST

/* ---- Anything -------------------------------------------------------------------------------------- */

static uint64_t state = UINT64_C(0x853c49e6748fea9b);

static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

static uint64_t any_gpi(void)
{
    static const uint8_t likely[] = {0, 8, 9, 10, 11, 15};
    return draw(40) ? likely[draw(6)] : draw(16);
}

static uint64_t any_level1(void)
{
    uint64_t word = 0;
    if (draw(3)) {
        for (unsigned i = 0; i < 16; i++)
            word = word << 4 | any_gpi();
        return draw(16) ? (word & ~UINT64_C(0xf)) | 9 : word;
    }
    word = (draw(8) ? 1 + draw(3) : 0) << 8 | any_gpi() << 4 | 1;
    return draw(10) ? word : word | UINT64_C(1) << (10 + draw(54));
}

static uint64_t any_level0(uint64_t table)
{
    if (draw(3))
        return table | 3 | (draw(20) ? 0 : UINT64_C(1) << draw(64));
    return any_gpi() << 4 | 1 | (draw(20) ? 0 : UINT64_C(1) << (8 + draw(56)));
}

static struct config any_config(void)
{
    struct config c = {(unsigned)draw(7), l0_sizes[draw(4)], (unsigned)draw(3), 3, 1, 1, 5, 7, 0};
    c.oas = draw(20) ? c.pps + (unsigned)draw(7 - c.pps) : (unsigned)draw(7);
    if (!draw(20))
        c.grans = (unsigned)draw(8);
    if (!draw(20))
        c.sh = (unsigned)draw(4), c.orgn = (unsigned)draw(4), c.irgn = (unsigned)draw(4);
    if (!draw(40))
        c.pps = 7;
    if (!draw(40))
        c.pgs = 3;
    if (!draw(40))
        c.l0gptsz = (unsigned)draw(16);
    c.base = draw(UINT64_C(1) << (oas_bits(c.oas) - 12)) << 12;
    if (draw(8) && c.pps < 7)
        c.base %= UINT64_C(1) << protected_bits(c.pps);
    return c;
}

/* Tables around the address; where a register is invalid they do not matter. */
static void any_tables(const struct config *c, uint64_t address)
{
    unsigned reach = c->pps < 7 ? protected_bits(c->pps) : 32, covers = entry_bits(c->l0gptsz);
    unsigned granule = granule_bits(c->pgs);
    clear_root(any_level1());
    covers = covers ? covers : 30;
    granule = granule ? granule : 12;
    uint64_t entries = reach > covers ? UINT64_C(1) << (reach - covers) : 1;
    uint64_t align = entries * 8 > 4096 ? entries * 8 : 4096,
             l1_size = (UINT64_C(1) << (covers - granule)) / 2;
    uint64_t table = draw(UINT64_C(1) << (reach - 12)) << 12;
    if (draw(16))
        table = table / l1_size * l1_size;
    if (!draw(16))
        table += UINT64_C(1) << reach;
    uint64_t l0 = c->base / align * align + address / (UINT64_C(1) << covers) * 8;
    uint64_t l1 = table + address % (UINT64_C(1) << covers) / ((UINT64_C(1) << granule) * 16) * 8;
    put(l1, any_level1());
    put(l0, any_level0(table & ((UINT64_C(1) << 52) - 1)));
    if (!draw(30))
        root.aborts = draw(2) ? l0 : l1;
}

START_TEST(anything)
{
    unsigned seen[7] = {0};
    for (unsigned round = 0; round < 20000; round++) {
        struct config c = any_config();
        unsigned bits = draw(8) && c.pps < 7 ? protected_bits(c.pps) : oas_bits(c.oas);
        if (bits > oas_bits(c.oas))
            bits = oas_bits(c.oas);
        uint64_t address = draw(UINT64_C(1) << bits);
        smref_pas pas = (smref_pas)draw(4);
        program(&c);
        any_tables(&c, address);
        int want = expected(&c, pas, address), got = access_at(pas, address);
        ck_assert_msg(want == got, "round %u: %d, not %d", round, got, want);
        seen[want + 2]++;
    }
    for (unsigned i = 0; i < 7; i++)
        ck_assert_uint_gt(seen[i], 50);
}
END_TEST

/* ---- Misprogrammed Contiguous descriptors (D9.6.4 SPLJH, SMQTZ, NNHCF) ------------------------------ */

struct mixture {
    unsigned pgs, contig; /* PGS, Contig */
    uint64_t entries;     /* of the region */
};

static const struct mixture mixtures[] = {{0, 1, 32},  {0, 2, 512}, {0, 3, 8192}, {1, 1, 2},   {1, 2, 32},
                                          {1, 3, 512}, {2, 1, 8},   {2, 2, 128},  {2, 3, 2048}};

static int with_option(unsigned option, uint64_t address)
{
    ck_assert_int_eq(smref_set_choice(smmu, SMREF_CHOICE_GPT_CONTIGUOUS_MIXED, option, NULL), SMREF_OK);
    int got = access_at(SMREF_PAS_NS, address);
    ck_assert_int_eq(smref_set_choice(smmu, SMREF_CHOICE_GPT_CONTIGUOUS_MIXED, 0, NULL), SMREF_OK);
    return got;
}

static void check_options(uint64_t address, int own, int permitted, int forbidden)
{
    ck_assert_int_eq(with_option(SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_own, address), own);
    ck_assert_int_eq(with_option(SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_permitted, address), permitted);
    ck_assert_int_eq(with_option(SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_forbidden, address), forbidden);
}

/* The second region of a level 1 table; one entry somewhere has another GPI. */
START_TEST(mixed_regions)
{
    const struct mixture *m = &mixtures[_i];
    const uint64_t table = UINT64_C(0x40000000), first = m->entries;
    const uint64_t granule = m->pgs == 0 ? 0x1000 : m->pgs == 1 ? 0x10000 : 0x4000;
    struct config c = usual;
    c.pgs = m->pgs;
    c.l0gptsz = 4;
    program(&c);
    for (unsigned own = 0; own < 2; own++) {
        const uint64_t contiguous = m->contig << 8 | (own ? 0x91 : 0xb1);
        const uint64_t same = own ? UINT64_C(0x9999999999999999) : UINT64_C(0xbbbbbbbbbbbbbbbb);
        const uint64_t other = own ? UINT64_C(0x999999b999999999) : UINT64_C(0xbbbbbbbb9bbbbbbb);
        const int verdict = own ? PERMITTED : GPF;
        for (unsigned where = 0; where < 4; where++) {
            /* within the region: its first and last entry; outside: its neighbours */
            uint64_t at = where == 0   ? first
                          : where == 1 ? 2 * first - 1
                          : where == 2 ? first - 1
                                       : 2 * first;
            uint64_t index = where == 0 ? first + 1 : first, address = index * 16 * granule + 5 * granule;
            clear_root(same); /* the others of the region may be Granules descriptors (NNHCF) */
            put(BASE, table | 3);
            put(table + 8 * index, contiguous);
            check_options(address, verdict, verdict, verdict);
            put(table + 8 * at, other);
            check_options(address, verdict, where < 2 ? PERMITTED : verdict, where < 2 ? GPF : verdict);
            root.aborts = table + 8 * at; /* what cannot be read tells of no GPI */
            if (where < 2 && m->entries > 8)
                check_options(address, verdict, verdict, verdict);
        }
    }
}
END_TEST

/* ---- Control --------------------------------------------------------------------------------------- */

static int with_control(unsigned cr0, unsigned ack)
{
    set(SMREF_REG_SMMU_ROOT_CR0, cr0);
    set(SMREF_REG_SMMU_ROOT_CR0ACK, ack);
    return access_at(SMREF_PAS_NS, 0x1000);
}

static void choose(smref_choice choice, unsigned option)
{
    ck_assert_int_eq(smref_set_choice(smmu, choice, option, NULL), SMREF_OK);
}

/* ACCESSEN is bit 0 and comes first; GPCEN is bit 1 (6.3.112). The table forbids all. */
START_TEST(control)
{
    clear_root(1);
    ck_assert_int_eq(with_control(0, 0), GPF);
    ck_assert_int_eq(with_control(1, 1), PERMITTED);
    ck_assert_int_eq(with_control(2, 2), GPF);
    ck_assert_int_eq(with_control(3, 3), GPF);
    clear_root(0x91);
    ck_assert_int_eq(with_control(2, 2), GPF);
    ck_assert_int_eq(with_control(3, 3), PERMITTED);
    clear_root(0);
    ck_assert_int_eq(with_control(2, 2), GPF); /* the table is not even looked at */
    ck_assert_int_eq(with_control(3, 3), 3);
    ck_assert_int_eq(with_control(3, 1), PERMITTED); /* of values under way, those acknowledged by default */
    ck_assert_int_eq(with_control(1, 3), 3);
    ck_assert_int_eq(with_control(1, 0), GPF);
    ck_assert_int_eq(with_control(0, 1), PERMITTED);
    choose(SMREF_CHOICE_GPCEN_IN_TRANSITION, SMREF_CHOICE_GPCEN_IN_TRANSITION_new);
    choose(SMREF_CHOICE_ACCESSEN_IN_TRANSITION, SMREF_CHOICE_ACCESSEN_IN_TRANSITION_new);
    ck_assert_int_eq(with_control(3, 1), 3);
    ck_assert_int_eq(with_control(1, 3), PERMITTED);
    ck_assert_int_eq(with_control(1, 0), PERMITTED);
    ck_assert_int_eq(with_control(0, 1), GPF);
}
END_TEST

/* FAR holds the first fault until it is cleared; the two registers do not disturb each other (3.25.5). */
START_TEST(sticky)
{
    smref_access a = {.no_stream = true, .pas = SMREF_PAS_REALM, .addr = 0x1234, .size = 1};
    smref_result r;
    clear_root(0x91);
    for (unsigned lap = 0; lap < 2; lap++, a.addr += 0x1000) {
        ck_assert_int_eq(smref_translate(smmu, &a, &r, NULL), SMREF_OK);
        ck_assert_int_eq(r.outcome, SMREF_OUTCOME_ABORT);
        ck_assert_uint_eq(r.effect_count, lap ? 0 : 1);
        ck_assert_uint_eq(smref_get_register(smmu, SMREF_REG_SMMU_ROOT_GPF_FAR),
                          syndrome(SMREF_PAS_REALM, 0x1000));
    }
    ck_assert(!r.gpf_far && !r.gpt_cfg_far);
    clear_root(0);
    a.pas = SMREF_PAS_ROOT;
    ck_assert_int_eq(smref_translate(smmu, &a, &r, NULL), SMREF_OK);
    ck_assert(!r.gpf_far && r.gpt_cfg_far);
    ck_assert_uint_eq(r.effect_count, 1);
    ck_assert_int_eq(r.effects[0].kind, SMREF_EFFECT_WIRED);
    ck_assert_int_eq(r.effects[0].source, SMREF_SOURCE_GPT_CFG_FAR);
    ck_assert_uint_eq(smref_get_register(smmu, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR),
                      UINT64_C(3) << 56 | syndrome(SMREF_PAS_ROOT, a.addr));
}
END_TEST

/* GPI 0b1000 without Secure EL2; bits of the base above OAS (6.3.114). */
START_TEST(options)
{
    clear_root(0x81);
    set(SMREF_REG_SMMU_S_IDR1, 1u << 31);
    ck_assert_int_eq(access_at(SMREF_PAS_SECURE, 0), PERMITTED);
    ck_assert_int_eq(access_at(SMREF_PAS_NS, 0), GPF);
    choose(SMREF_CHOICE_GPI_SECURE, SMREF_CHOICE_GPI_SECURE_reserved);
    ck_assert_int_eq(access_at(SMREF_PAS_SECURE, 0), 3);
    ck_assert_int_eq(access_at(SMREF_PAS_NS, 0), 3);
    set(SMREF_REG_SMMU_S_IDR1, 1u << 31 | 1u << 29);
    ck_assert_int_eq(access_at(SMREF_PAS_SECURE, 0), PERMITTED);
    struct config c = usual;
    c.base |= UINT64_C(1) << 48;
    program(&c);
    clear_root(0);
    put(BASE, 0x91);
    ck_assert_int_eq(access_at(SMREF_PAS_NS, 0), PERMITTED);
    choose(SMREF_CHOICE_GPT_BASE_BEYOND_OAS, SMREF_CHOICE_GPT_BASE_BEYOND_OAS_lookup_error);
    ck_assert_int_eq(access_at(SMREF_PAS_NS, 0), 1);
}
END_TEST

/* 3.25.1.1: beyond OAS there is no check and no record; attributes go out as they came. */
START_TEST(no_stream)
{
    smref_access a = {.no_stream = true, .pas = SMREF_PAS_ROOT, .addr = UINT64_C(1) << 48, .size = 1};
    smref_result r;
    clear_root(0xa1);
    ck_assert_int_eq(smref_translate(smmu, &a, &r, NULL), SMREF_OK);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_ABORT);
    ck_assert(!r.event_valid && !r.gpf_far && !r.gpt_cfg_far);
    a.addr = 0x1000;
    a.attrs_supplied = a.priv = true;
    a.attrs = (smref_attrs){.type = SMREF_MT_DEVICE_GRE, .sh = SMREF_OSH};
    ck_assert_int_eq(smref_translate(smmu, &a, &r, NULL), SMREF_OK);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_OK);
    ck_assert_int_eq(r.attrs.type, SMREF_MT_DEVICE_GRE);
    ck_assert(r.priv && !r.inst && !r.page_size);
    a.pas = (smref_pas)4;
    ck_assert_int_eq(smref_translate(smmu, &a, &r, NULL), SMREF_E_ARGUMENT);
    a.pas = SMREF_PAS_ROOT;
    set(SMREF_REG_SMMU_ROOT_IDR0, 0);
    ck_assert_int_eq(smref_translate(smmu, &a, &r, NULL), SMREF_E_ARGUMENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("granule");
    TCase *cases = tcase_create("granule");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, gpis, 0, 12);
    tcase_add_loop_test(cases, granule_places, 0, 3);
    tcase_add_loop_test(cases, protected_sizes, 0, 7);
    tcase_add_loop_test(cases, level0_index, 0, 28);
    tcase_add_loop_test(cases, each_error, 0, sizeof errors / sizeof *errors);
    tcase_add_test(cases, anything);
    tcase_add_loop_test(cases, mixed_regions, 0, sizeof mixtures / sizeof *mixtures);
    tcase_add_test(cases, control);
    tcase_add_test(cases, sticky);
    tcase_add_test(cases, options);
    tcase_add_test(cases, no_stream);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
