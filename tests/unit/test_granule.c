/*
 * Granule protection tables against the text: an oracle that reads DDI 0487 D9.4, D9.6, D9.7 and 6.3.114 to
 * 6.3.117 its own way, with literal values of registers and descriptors.
 */
#include <check.h>
#include <string.h>

#include "../suite.h"
#include "system/root.h"

#define BEYOND UINT64_C(0x10000000000)

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
    return strchr(gpi_means[gpi], letter(pas)) ? ROOT_PERMITTED : ROOT_GPF;
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

static bool config_invalid(const struct root_config *c)
{
    static const unsigned needs[] = {1, 4, 2}; /* PGS: 4KB, 64KB, 16KB */
    return c->pps == 7 || protected_bits(c->pps) > oas_bits(c->oas) || c->pgs == 3 ||
           !(c->grans & needs[c->pgs]) || c->sh == 1 || (!c->orgn && !c->irgn && c->sh != 2) ||
           !entry_bits(c->l0gptsz);
}

static int level1(const struct root_config *c, uint64_t table, smref_pas pas, uint64_t address)
{
    uint64_t granule = UINT64_C(1) << granule_bits(c->pgs);
    uint64_t number = address % (UINT64_C(1) << entry_bits(c->l0gptsz)) / granule;
    uint64_t at = table + number / 16 * 8, word = root_word(at);
    if (root_aborts_at(at))
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
static int expected(const struct root_config *c, smref_pas pas, uint64_t address)
{
    if (config_invalid(c))
        return 0;
    uint64_t reach = UINT64_C(1) << protected_bits(c->pps), covers = UINT64_C(1) << entry_bits(c->l0gptsz);
    uint64_t size = 8 * (reach > covers ? reach / covers : 1), align = size > 4096 ? size : 4096;
    uint64_t base = c->base % (UINT64_C(1) << oas_bits(c->oas)) / align * align;
    if (address >= reach)
        return pas == SMREF_PAS_NS ? ROOT_PERMITTED : ROOT_GPF;
    if (base >= reach)
        return 1;
    uint64_t at = base + address / covers * 8, word = root_word(at);
    if (root_aborts_at(at))
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
    struct root_config c = root_usual;
    c.l0gptsz = l0_sizes[_i / 3];
    c.pgs = (unsigned)_i % 3;
    root_program(&c);
    for (unsigned kind = 0; kind < 5; kind++) /* Block, Granules, Contiguous of three sizes */
        for (unsigned gpi = 0; gpi < 16; gpi++)
            for (unsigned space = 0; space < 4; space++) {
                uint64_t own = kind == 1 ? ones * gpi : (uint64_t)(kind - 1) << 8 | gpi << 4 | 1;
                uint64_t address = UINT64_C(0x12345678) + (uint64_t)gpi * 0x1000;
                if (kind == 1 && gpi == 1)
                    continue; /* 0b0001 in the lowest place makes it a Contiguous descriptor */
                root_clear(kind ? own : 0);
                root_put(c.base, kind ? table | 3 : (uint64_t)gpi << 4 | 1);
                int want = gpi_reserved(gpi) ? 3 : by_gpi(gpi, (smref_pas)space);
                ck_assert_int_eq(root_access((smref_pas)space, address), want);
                ck_assert_int_eq(expected(&c, (smref_pas)space, address), want);
            }
}
END_TEST

/* One granule of 16 has a GPI of its own (D9.6.3): PA[15:12], [17:14] or [19:16]. */
START_TEST(granule_places)
{
    static const unsigned shifts[] = {12, 16, 14};
    struct root_config c = root_usual;
    c.pgs = (unsigned)_i;
    root_program(&c);
    for (unsigned place = 0; place < 16; place++) {
        root_clear(0);
        root_put(c.base, 0x40000003);
        root_put(0x40000000, UINT64_C(9) << (4 * place));
        for (unsigned other = 0; other < 16; other++) {
            uint64_t at = (uint64_t)other << shifts[_i];
            int want = other == place ? ROOT_PERMITTED : ROOT_GPF;
            ck_assert_int_eq(root_access(SMREF_PAS_NS, at), want);
            ck_assert_int_eq(root_access(SMREF_PAS_NS, at + (UINT64_C(1) << shifts[_i]) - 1), want);
        }
        /* A reserved value in the place of another granule makes the entry invalid. */
        root_clear(0);
        root_put(c.base, 0x40000003);
        root_put(0x40000000, ~(UINT64_C(8) << (4 * place)));
        ck_assert_int_eq(root_access(SMREF_PAS_NS, (uint64_t)(15 - place) << shifts[_i]), 3);
    }
}
END_TEST

/* ---- Bounds ---------------------------------------------------------------------------------------- */

/* PPS: the last address that is protected, and the first beyond. All entries of level 0 permit Root alone. */
START_TEST(protected_sizes)
{
    struct root_config c = root_usual;
    c.pps = (unsigned)_i;
    c.oas = 6;
    root_program(&c);
    root_clear(10 << 4 | 1);
    uint64_t reach = UINT64_C(1) << protected_bits(c.pps);
    for (unsigned space = 0; space < 4; space++) {
        smref_pas pas = (smref_pas)space;
        ck_assert_int_eq(root_access(pas, reach - 1), pas == SMREF_PAS_ROOT ? ROOT_PERMITTED : ROOT_GPF);
        if (c.pps < 6)
            ck_assert_int_eq(root_access(pas, reach), pas == SMREF_PAS_NS ? ROOT_PERMITTED : ROOT_GPF);
    }
}
END_TEST

/* Address bits that index level 0, and what is below the alignment of its table (6.3.114). */
START_TEST(level0_index)
{
    struct root_config c = root_usual;
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
    struct root_config skewed = c;
    skewed.base |= (align - 1) & ~UINT64_C(0xfff);
    for (unsigned lap = 0; lap < 2; lap++) {
        root_program(lap ? &skewed : &c);
        for (unsigned k = 0; k < 3; k++) {
            uint64_t entry = k == 0 ? 0 : k == 1 ? entries - 1 : entries / 2;
            root_clear(1);
            root_put(c.base + 8 * entry, 9 << 4 | 1);
            uint64_t from = entry * covers, to = from + (covers < reach ? covers : reach) - 1;
            ck_assert_int_eq(root_access(SMREF_PAS_NS, from), ROOT_PERMITTED);
            ck_assert_int_eq(root_access(SMREF_PAS_NS, to), ROOT_PERMITTED);
            if (from)
                ck_assert_int_eq(root_access(SMREF_PAS_NS, from - 1), ROOT_GPF);
            if (to + 1 < reach)
                ck_assert_int_eq(root_access(SMREF_PAS_NS, to + 1), ROOT_GPF);
        }
    }
}
END_TEST

/* ---- Errors, each with what comes before it -------------------------------------------------------- */

struct error {
    const char *what;
    struct root_config config;
    uint64_t l0, l1, aborts; /* words at the first places of the tables */
    int want;
    smref_pas pas;
    uint64_t address;
};

static const struct error errors[] = {
    {"PPS reserved", {7, 0, 0, 3, 1, 1, 5, 7, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PPS 52 with OAS 48", {6, 0, 0, 3, 1, 1, 5, 7, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS reserved", {2, 0, 3, 3, 1, 1, 5, 7, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS 4KB, not implemented", {2, 0, 0, 3, 1, 1, 5, 6, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS 16KB, not implemented", {2, 0, 2, 3, 1, 1, 5, 5, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"PGS 64KB, not implemented", {2, 0, 1, 3, 1, 1, 5, 3, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"SH reserved", {2, 0, 0, 1, 1, 1, 5, 7, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"NC, Inner Shareable", {2, 0, 0, 3, 0, 0, 5, 7, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"NC, Non-shareable", {2, 0, 0, 0, 0, 0, 5, 7, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"L0GPTSZ reserved", {2, 5, 0, 3, 1, 1, 5, 7, ROOT_TABLE}, 0x91, 0, 1, 0, SMREF_PAS_NS, 0},
    {"NC, Outer Shareable",
     {2, 0, 0, 2, 0, 0, 5, 7, ROOT_TABLE},
     0x91,
     0,
     1,
     ROOT_PERMITTED,
     SMREF_PAS_NS,
     0},
    {"inner NC alone", {2, 0, 0, 3, 1, 0, 5, 7, ROOT_TABLE}, 0x91, 0, 1, ROOT_PERMITTED, SMREF_PAS_NS, 0},
    {"Non-shareable, WB", {2, 0, 0, 0, 1, 1, 5, 7, ROOT_TABLE}, 0x91, 0, 1, ROOT_PERMITTED, SMREF_PAS_NS, 0},
    {"invalid, and Non-secure beyond PPS",
     {2, 0, 0, 1, 1, 1, 5, 7, ROOT_TABLE},
     0x91,
     0,
     1,
     0,
     SMREF_PAS_NS,
     BEYOND},
    {"invalid, and Realm beyond PPS",
     {2, 0, 0, 1, 1, 1, 5, 7, ROOT_TABLE},
     0x91,
     0,
     1,
     0,
     SMREF_PAS_REALM,
     BEYOND},
    {"base and Secure address beyond PPS",
     {2, 0, 0, 3, 1, 1, 5, 7, BEYOND},
     0x91,
     0,
     1,
     ROOT_GPF,
     SMREF_PAS_SECURE,
     BEYOND},
    {"base and Non-secure address beyond PPS",
     {2, 0, 0, 3, 1, 1, 5, 7, BEYOND},
     0x91,
     0,
     1,
     ROOT_PERMITTED,
     SMREF_PAS_NS,
     BEYOND},
    {"base beyond PPS", {2, 0, 0, 3, 1, 1, 5, 7, BEYOND}, 0x91, 0, BEYOND, 1, SMREF_PAS_NS, 0},
    {"level 0 aborts", ROOT_USUAL, 0x91, 0, ROOT_TABLE, 2, SMREF_PAS_NS, 0},
    {"level 0: 0b0000", ROOT_USUAL, 0, 0, 1, 3, SMREF_PAS_NS, 0},
    {"level 0: Granules", ROOT_USUAL, UINT64_C(0x9999999999999999), 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block: bit 8", ROOT_USUAL, 0x191, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block: bit 63", ROOT_USUAL, UINT64_C(1) << 63 | 0x91, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block: bit 8, and it forbids", ROOT_USUAL, 0x181, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Block forbids", ROOT_USUAL, 0x81, 0, 1, ROOT_GPF, SMREF_PAS_NS, 0},
    {"Table: bit 4", ROOT_USUAL, 0x40000013, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: bit 11", ROOT_USUAL, 0x40000803, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: bit 52", ROOT_USUAL, UINT64_C(1) << 52 | 0x40000003, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: not aligned", ROOT_USUAL, 0x40010003, 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Table: not aligned, and beyond PPS", ROOT_USUAL, BEYOND | 0x10003, 0, 1, 3, SMREF_PAS_NS, 0},
    {"Table: beyond PPS", ROOT_USUAL, BEYOND | 3, 0, BEYOND, 4, SMREF_PAS_NS, 0},
    {"level 1 aborts", ROOT_USUAL, 0x40000003, 0x591, 0x40000000, 2, SMREF_PAS_NS, 0},
    {"Contiguous: size reserved", ROOT_USUAL, 0x40000003, 0x91, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous: bit 10", ROOT_USUAL, 0x40000003, 0x591, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous: bit 63", ROOT_USUAL, 0x40000003, UINT64_C(1) << 63 | 0x191, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous: bit 10, and it forbids", ROOT_USUAL, 0x40000003, 0x5b1, 1, 3, SMREF_PAS_NS, 0},
    {"level 1: 0b0011", ROOT_USUAL, 0x40000003, 0x40000003, 1, 3, SMREF_PAS_NS, 0},
    {"Contiguous forbids", ROOT_USUAL, 0x40000003, 0x1b1, 1, ROOT_GPF, SMREF_PAS_NS, 0},
    {"level 1 permits", ROOT_USUAL, 0x40000003, UINT64_C(0x9999999999999999), 1, ROOT_PERMITTED, SMREF_PAS_NS,
     0},
};

START_TEST(each_error)
{
    const struct error *e = &errors[_i];
    struct root_config c = e->config;
    root_program(&c);
    root_clear(0);
    root_put(c.base, e->l0);
    root_put(0x40000000, e->l1);
    root_abort_at(e->aborts);
    ck_assert_msg(root_access(e->pas, e->address) == e->want, "%s", e->what);
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

static struct root_config any_config(void)
{
    struct root_config c = {(unsigned)draw(7), l0_sizes[draw(4)], (unsigned)draw(3), 3, 1, 1, 5, 7, 0};
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
static void any_tables(const struct root_config *c, uint64_t address)
{
    unsigned reach = c->pps < 7 ? protected_bits(c->pps) : 32, covers = entry_bits(c->l0gptsz);
    unsigned granule = granule_bits(c->pgs);
    root_clear(any_level1());
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
    root_put(l1, any_level1());
    root_put(l0, any_level0(table & ((UINT64_C(1) << 52) - 1)));
    if (!draw(30))
        root_abort_at(draw(2) ? l0 : l1);
}

START_TEST(anything)
{
    unsigned seen[7] = {0};
    for (unsigned round = 0; round < 20000; round++) {
        struct root_config c = any_config();
        unsigned bits = draw(8) && c.pps < 7 ? protected_bits(c.pps) : oas_bits(c.oas);
        if (bits > oas_bits(c.oas))
            bits = oas_bits(c.oas);
        uint64_t address = draw(UINT64_C(1) << bits);
        smref_pas pas = (smref_pas)draw(4);
        root_program(&c);
        any_tables(&c, address);
        int want = expected(&c, pas, address), got = root_access(pas, address);
        ck_assert_msg(want == got, "round %u: %d, not %d", round, got, want);
        seen[want + 2]++;
    }
    for (unsigned i = 0; i < 7; i++)
        ck_assert_uint_gt(seen[i], 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("granule");
    TCase *cases = tcase_create("granule");
    tcase_add_checked_fixture(cases, root_set_up, root_tear_down);
    tcase_add_loop_test(cases, gpis, 0, 12);
    tcase_add_loop_test(cases, granule_places, 0, 3);
    tcase_add_loop_test(cases, protected_sizes, 0, 7);
    tcase_add_loop_test(cases, level0_index, 0, 28);
    tcase_add_loop_test(cases, each_error, 0, sizeof errors / sizeof *errors);
    tcase_add_test(cases, anything);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
