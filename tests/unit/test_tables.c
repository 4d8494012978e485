/* Tables apart from any access: where they lie and what a descriptor is (5.1 to 5.4, 6.3.24, 6.3.25, DDI 0487
 * D8.3). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "smref_layout.h"
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

/* ---- Stream tables --------------------------------------------------------------------------------- */

struct stream_case {
    const char *what;
    uint64_t idr0, sidsize, base, cfg; /* FMT [17:16], SPLIT [10:6], LOG2SIZE [5:0] */
    smref_stream_table wanted;
};

#define TWO_LEVELS (1 << 27)

static const struct stream_case stream_cases[] = {
    {"linear", TWO_LEVELS, 16, 0x40000000, 8, {0x40000000, false, 8, 6, SMREF_RULE_NONE}},
    {"linear: the base is aligned to the table",
     TWO_LEVELS,
     16,
     0x4000ffc0,
     10,
     {0x40000000, false, 10, 6, SMREF_RULE_NONE}},
    {"linear: no more than SIDSIZE",
     TWO_LEVELS,
     4,
     0x40000000,
     8,
     {0x40000000, false, 4, 6, SMREF_RULE_NONE}},
    {"linear: one STE", TWO_LEVELS, 16, 0x40000fc0, 0, {0x40000fc0, false, 0, 6, SMREF_RULE_NONE}},
    {"two levels, SPLIT 8",
     TWO_LEVELS,
     16,
     0x40000000,
     1 << 16 | 8 << 6 | 16,
     {0x40000000, true, 16, 8, SMREF_RULE_NONE}},
    {"two levels: aligned to 2^(LOG2SIZE - SPLIT) entries",
     TWO_LEVELS,
     16,
     0x40000fc0,
     1 << 16 | 6 << 6 | 16,
     {0x40000000, true, 16, 6, SMREF_RULE_NONE}},
    {"two levels: aligned to 64 bytes at least",
     TWO_LEVELS,
     16,
     0x40000fc0,
     1 << 16 | 10 << 6 | 11,
     {0x40000fc0, true, 11, 10, SMREF_RULE_NONE}},
    {"a reserved SPLIT counts as 6",
     TWO_LEVELS,
     16,
     0x40000000,
     1 << 16 | 7 << 6 | 16,
     {0x40000000, true, 16, 6, SMREF_RULE_STRTAB_SPLIT_RESERVED}},
    {"a reserved FMT counts as linear",
     TWO_LEVELS,
     16,
     0x40000000,
     2 << 16 | 4,
     {0x40000000, false, 4, 6, SMREF_RULE_STRTAB_FMT_RESERVED}},
};

START_TEST(stream_tables)
{
    const struct stream_case *c = &stream_cases[_i];
    smref_stream_table table;
    system_set(&s, SMREF_REG_SMMU_IDR0, c->idr0 | 0xf);
    system_set(&s, SMREF_REG_SMMU_IDR1, c->sidsize);
    system_set(&s, SMREF_REG_SMMU_STRTAB_BASE, c->base);
    system_set(&s, SMREF_REG_SMMU_STRTAB_BASE_CFG, c->cfg);
    smref_stream_table_look(s.smmu, SMREF_SEC_NS, &table);
    ck_assert_msg(table.base == c->wanted.base, "%s: base 0x%llx", c->what, (unsigned long long)table.base);
    ck_assert_msg(table.two_level == c->wanted.two_level && table.sid_bits == c->wanted.sid_bits, "%s",
                  c->what);
    ck_assert_msg(!table.two_level || table.split == c->wanted.split, "%s", c->what);
    ck_assert_msg(table.format == c->wanted.format, "%s: %u", c->what, (unsigned)table.format);
}
END_TEST

struct l1std_case {
    const char *what;
    uint64_t word;
    unsigned split;
    smref_rule wanted;
    uint64_t base;
    unsigned log2;
};

static const struct l1std_case l1std_cases[] = {
    {"Span 0", 0x41000000, 8, SMREF_RULE_L1STD_SPAN_ZERO, 0, 0},
    {"Span 1: one STE", 0x41000fc1, 8, SMREF_RULE_NONE, 0x41000fc0, 0},
    {"Span 7: the array is aligned to its size", 0x41001fc7, 8, SMREF_RULE_NONE, 0x41001000, 6},
    {"Span SPLIT + 1", 0x41000009, 8, SMREF_RULE_NONE, 0x41000000, 8},
    {"Span above it", 0x4100000a, 8, SMREF_RULE_L1STD_SPAN_ABOVE_SPLIT, 0, 0},
    {"Span 11", 0x4100000b, 10, SMREF_RULE_NONE, 0x41000000, 10},
    {"Span 12 is reserved", 0x4100000c, 10, SMREF_RULE_L1STD_SPAN_RESERVED, 0, 0},
    {"Span 31", 0x4100001f, 10, SMREF_RULE_L1STD_SPAN_RESERVED, 0, 0},
};

START_TEST(first_level_stream_table_descriptors)
{
    const struct l1std_case *c = &l1std_cases[_i];
    smref_stream_table table = {.two_level = true, .sid_bits = 16, .split = (uint8_t)c->split};
    uint64_t base = 0;
    unsigned log2 = 0;
    smref_rule rule = smref_l1std_look(s.smmu, &table, &c->word, &base, &log2);
    ck_assert_msg(rule == c->wanted, "%s: %s", c->what, rule ? smref_rule_at(rule)->id : "none");
    if (rule == SMREF_RULE_NONE)
        ck_assert_msg(base == c->base && log2 == c->log2, "%s: 0x%llx, %u", c->what, (unsigned long long)base,
                      log2);
}
END_TEST

START_TEST(reserved_bits_of_an_l1std)
{
    smref_stream_table table = {.two_level = true, .sid_bits = 16, .split = 8};
    uint64_t word = UINT64_C(1) << 63 | 0x41000001, base;
    unsigned log2;
    ck_assert_int_eq(smref_l1std_look(s.smmu, &table, &word, &base, &log2), SMREF_RULE_NONE);
    system_choose(&s, SMREF_CHOICE_RESERVED_BITS, SMREF_CHOICE_RESERVED_BITS_invalid);
    ck_assert_int_eq(smref_l1std_look(s.smmu, &table, &word, &base, &log2), SMREF_RULE_L1STD_RESERVED_BITS);
}
END_TEST

/* ---- CD tables ------------------------------------------------------------------------------------- */

struct context_case {
    const char *what;
    unsigned config, s1fmt, s1cdmax;
    bool there, through_stage2;
    unsigned ssid_bits, leaf_bits;
};

static const struct context_case context_cases[] = {
    {"bypass", 4, 0, 4, false, false, 0, 0},
    {"stage 2 only", 6, 0, 4, false, true, 0, 0},
    {"one CD", 5, 1, 0, true, false, 0, 0},
    {"linear", 5, 0, 5, true, false, 5, 0},
    {"4 KB leaves: 64 CDs", 5, 1, 8, true, false, 8, 6},
    {"64 KB leaves: 1024 CDs", 5, 2, 8, true, false, 8, 10},
    {"a reserved S1Fmt is linear", 5, 3, 8, true, false, 8, 0},
    {"nested", 7, 0, 3, true, true, 3, 0},
};

START_TEST(context_tables)
{
    const struct context_case *c = &context_cases[_i];
    uint64_t ste[8] = {(uint64_t)c->s1cdmax << 59 | 0x41230000 | c->s1fmt << 4 | c->config << 1 | 1};
    smref_context_table table;
    bool there = smref_context_table_look(s.smmu, SMREF_SEC_NS, ste, &table);
    ck_assert_msg(there == c->there, "%s", c->what);
    if (!there)
        return;
    ck_assert_msg(table.through_stage2 == c->through_stage2 && table.ssid_bits == c->ssid_bits &&
                      table.leaf_bits == c->leaf_bits,
                  "%s: %d %u %u", c->what, table.through_stage2, table.ssid_bits, table.leaf_bits);
    ck_assert_uint_eq(table.base, 0x41230000);
    if (c->leaf_bits) { /* 5.3.1: L2Ptr [55:12], aligned to the leaf of 64-byte CDs */
        uint64_t l1cd = 0x4567f001, size = UINT64_C(64) << c->leaf_bits;
        ck_assert_uint_eq(smref_l1cd_look(&table, &l1cd), 0x4567f000 & ~(size - 1));
    }
}
END_TEST

/* ---- Translation tables ---------------------------------------------------------------------------- */

START_TEST(translation_tables)
{
    smref_walk_info tables;
    uint64_t ste[8], cd[8];
    system_put_ste(&s, 0, 7);
    system_put_cd(&s);
    for (unsigned i = 0; i < 8; i++) {
        ste[i] = system_word(&s, STRTAB + 8 * i);
        cd[i] = system_word(&s, CD_AT + 8 * i);
    }
    ck_assert(smref_tables_look(s.smmu, SMREF_SEC_NS, ste, cd, 0, &tables));
    ck_assert_uint_eq(tables.base, TABLES);
    ck_assert_int_eq(tables.start_level, 1); /* 39 bits with 4 KB: table D8-18 */
    ck_assert_uint_eq(tables.input_bits, 39);
    ck_assert_uint_eq(tables.output_bits, 48);
    ck_assert_uint_eq(tables.granule_bits, 12);
    ck_assert(!tables.big_endian && !tables.ds && !tables.concatenated);
    ck_assert(!smref_tables_look(s.smmu, SMREF_SEC_NS, ste, cd, 1, &tables)); /* EPD1 */
    ck_assert(smref_tables_look(s.smmu, SMREF_SEC_NS, ste, NULL, 0, &tables));
    ck_assert_int_eq(tables.start_level, 1);
    ck_assert_uint_eq(tables.base, TABLES);
    ste[0] = 5 << 1 | 1;
    ck_assert(!smref_tables_look(s.smmu, SMREF_SEC_NS, ste, NULL, 0, &tables)); /* no stage 2 */
    ck_assert_uint_eq(smref_output_bits(s.smmu), 48);
    ck_assert_uint_eq(smref_intermediate_bits(s.smmu), 48);
}
END_TEST

/* 3.10.2.2: both IPA spaces of a Secure stream, where their tables lie and where they lead. */
START_TEST(secure_stage2)
{
    static const struct {
        bool s2sw, s2sa, s2nsw, s2nsa;
        bool s_ns, s_leads, ns, leads; /* of the Secure space, of the Non-secure one */
    } cases[] = {
        {false, false, false, false, false, false, false, false},
        {false, true, false, false, false, true, false, true},
        {true, false, false, false, true, true, false, true},
        {false, false, false, true, false, false, false, true},
        {false, false, true, false, false, false, true, true},
    };
    system_set(&s, SMREF_REG_SMMU_S_IDR1, UINT64_C(0xa0000010)); /* SECURE_IMPL, SEL2 */
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t ste[8] = {6 << 1 | 1};
        smref_walk_info ns, secure;
        smref_STE_set_S2AA64(ste, 1);
        smref_STE_set_S2T0SZ(ste, 25);
        smref_STE_set_S_S2T0SZ(ste, 25);
        smref_STE_set_S2SL0(ste, 1);
        smref_STE_set_S_S2SL0(ste, 1);
        smref_STE_set_S2TTB(ste, 0x123000);
        smref_STE_set_S_S2TTB(ste, 0x456000);
        smref_STE_set_S2SW(ste, cases[i].s2sw);
        smref_STE_set_S2SA(ste, cases[i].s2sa);
        smref_STE_set_S2NSW(ste, cases[i].s2nsw);
        smref_STE_set_S2NSA(ste, cases[i].s2nsa);
        ck_assert(smref_tables_look(s.smmu, SMREF_SEC_SECURE, ste, NULL, 0, &ns));
        ck_assert(smref_tables_look(s.smmu, SMREF_SEC_SECURE, ste, NULL, 1, &secure));
        ck_assert(ns.base == 0x1230000 && secure.base == 0x4560000);
        ck_assert_msg(ns.ns == cases[i].ns && ns.leads_ns == cases[i].leads, "%u: %d %d", i, ns.ns,
                      ns.leads_ns);
        ck_assert_msg(secure.ns == cases[i].s_ns && secure.leads_ns == cases[i].s_leads, "%u", i);
        ck_assert(!smref_tables_look(s.smmu, SMREF_SEC_NS, ste, NULL, 1, &secure));
    }
}
END_TEST

/* ---- Granule protection ----------------------------------------------------------------------------- */

struct granule_case {
    const char *what;
    int level;
    uint64_t word;
    smref_rule broken;
    smref_layout layout;
    unsigned bits;
    bool ns, secure; /* of address 0x1000 */
};

/* DDI 0487 D9.6: 40 bits are protected, entries of level 0 have 30, granules 12. */
static const struct granule_case granule_cases[] = {
    {"a block of all", 0, 0xf1, SMREF_RULE_NONE, SMREF_LAYOUT_GPT_BLOCK, 30, true, true},
    {"a Non-secure block", 0, 0x91, SMREF_RULE_NONE, SMREF_LAYOUT_GPT_BLOCK, 30, true, false},
    {"a block of a reserved GPI", 0, 0x21, SMREF_RULE_GPC_L0_INVALID, SMREF_LAYOUT_GPT_BLOCK, 30, false,
     false},
    {"a table", 0, 0x80120003, SMREF_RULE_NONE, SMREF_LAYOUT_GPT_TABLE, 30, false, false},
    {"a table that is not aligned", 0, 0x80121003, SMREF_RULE_GPC_L0_INVALID, SMREF_LAYOUT_GPT_TABLE, 30,
     false, false},
    {"a table beyond what is protected", 0, UINT64_C(0x10000000003), SMREF_RULE_GPC_L1_BEYOND_PPS,
     SMREF_LAYOUT_GPT_TABLE, 30, false, false},
    {"granules", 1, 0x9b, SMREF_RULE_NONE, SMREF_LAYOUT_GPT_GRANULES, 16, true, false},
    {"granules, one reserved", 1, UINT64_C(0x2000000000000090), SMREF_RULE_GPC_L1_INVALID,
     SMREF_LAYOUT_GPT_GRANULES, 16, false, false},
    {"a region of 2 MB", 1, 0x181, SMREF_RULE_NONE, SMREF_LAYOUT_GPT_CONTIGUOUS, 21, false, true},
    {"a region of 512 MB", 1, 0x3f1, SMREF_RULE_NONE, SMREF_LAYOUT_GPT_CONTIGUOUS, 29, true, true},
    {"a region of reserved size", 1, 0xf1, SMREF_RULE_GPC_L1_INVALID, SMREF_LAYOUT_GPT_CONTIGUOUS, 16, false,
     false},
};

START_TEST(granule_protection)
{
    const struct granule_case *c = &granule_cases[_i];
    smref_granule_table table;
    smref_granule_entry entry;
    system_set(&s, SMREF_REG_SMMU_S_IDR1, UINT64_C(0xa0000010));
    ck_assert(!smref_granule_table_look(s.smmu, &table));
    system_set(&s, SMREF_REG_SMMU_ROOT_IDR0, 1); /* ROOT_IMPL */
    system_set(&s, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, 0x3502);
    system_set(&s, SMREF_REG_SMMU_ROOT_GPT_BASE, 0x80003000);
    ck_assert(smref_granule_table_look(s.smmu, &table));
    ck_assert(table.base == 0x80002000 && !table.invalid && !table.enabled); /* aligned to 8 KB (6.3.114) */
    ck_assert(table.protected_bits == 40 && table.l0_bits == 30 && table.granule_bits == 12);
    smref_granule_entry_look(s.smmu, c->level, c->word, &entry);
    ck_assert_msg(entry.broken == c->broken && entry.layout == c->layout && entry.region_bits == c->bits,
                  "%s: %d %d %u", c->what, (int)entry.broken, (int)entry.layout, entry.region_bits);
    if (entry.broken != SMREF_RULE_NONE || entry.layout == SMREF_LAYOUT_GPT_TABLE)
        return;
    ck_assert(smref_granule_entry_permits(s.smmu, &entry, c->word, SMREF_PAS_NS, 0x1000) == c->ns);
    ck_assert(smref_granule_entry_permits(s.smmu, &entry, c->word, SMREF_PAS_SECURE, 0x1000) == c->secure);
}
END_TEST

/* ---- Descriptors ------------------------------------------------------------------------------------ */

struct descriptor_case {
    const char *what;
    unsigned granule_bits;
    int level;
    uint64_t word;
    smref_descriptor_kind kind;
    uint64_t address;
    unsigned bits, run_bits;
    bool beyond;
};

/* 48-bit output, no DS. */
static const struct descriptor_case descriptor_cases[] = {
    {"bit 0 is 0", 12, 2, UINT64_MAX - 1, SMREF_DESCRIPTOR_INVALID, 0, 0, 0, false},
    {"4 KB table", 12, 0, 0x123456789003, SMREF_DESCRIPTOR_TABLE, 0x123456789000, 39, 0, false},
    {"4 KB block, level 0", 12, 0, 0x123456789001, SMREF_DESCRIPTOR_RESERVED, 0, 39, 0, false},
    {"4 KB block, level 1", 12, 1, 0x1234c0000401, SMREF_DESCRIPTOR_BLOCK, 0x1234c0000000, 30, 0, false},
    {"4 KB block, level 2, the bits below are no address", 12, 2, 0x12345679f401, SMREF_DESCRIPTOR_BLOCK,
     0x123456600000, 21, 0, false},
    {"4 KB page", 12, 3, 0x123456789003, SMREF_DESCRIPTOR_PAGE, 0x123456789000, 12, 0, false},
    {"4 KB page, Contiguous", 12, 3, UINT64_C(1) << 52 | 0x123456789003, SMREF_DESCRIPTOR_PAGE,
     0x123456789000, 12, 4, false},
    {"4 KB, level 3 without bit 1", 12, 3, 0x123456789001, SMREF_DESCRIPTOR_RESERVED, 0, 12, 0, false},
    {"16 KB block, level 1", 14, 1, 0x120000000001, SMREF_DESCRIPTOR_RESERVED, 0, 36, 0, false},
    {"16 KB block, level 2, Contiguous", 14, 2, UINT64_C(1) << 52 | 0x120002000001, SMREF_DESCRIPTOR_BLOCK,
     0x120002000000, 25, 5, false},
    {"16 KB page, Contiguous", 14, 3, UINT64_C(1) << 52 | 0x12345678c003, SMREF_DESCRIPTOR_PAGE,
     0x12345678c000, 14, 7, false},
    {"64 KB block, level 1, 48-bit addresses", 16, 1, 0x120000000001, SMREF_DESCRIPTOR_RESERVED, 0, 42, 0,
     false},
    {"64 KB block, level 2", 16, 2, 0x123440000001, SMREF_DESCRIPTOR_BLOCK, 0x123440000000, 29, 0, false},
    {"64 KB page, Contiguous", 16, 3, UINT64_C(1) << 52 | 0x123456780003, SMREF_DESCRIPTOR_PAGE,
     0x123456780000, 16, 5, false},
    {"64 KB page, bits [15:12] are address bits [51:48]", 16, 3, 0x123456783003, SMREF_DESCRIPTOR_PAGE,
     0x3123456780000, 16, 0, true},
};

START_TEST(descriptors)
{
    const struct descriptor_case *c = &descriptor_cases[_i];
    static const uint8_t granules[3] = {SMREF_Granule_G4K, SMREF_Granule_G16K, SMREF_Granule_G64K};
    smref_walk_info tables = {.format = SMREF_Format_VMSAv8_64,
                              .granule = granules[(c->granule_bits - 12) / 2],
                              .granule_bits = (uint8_t)c->granule_bits,
                              .stride = (uint8_t)(c->granule_bits - 3),
                              .input_bits = 48,
                              .output_bits = 48,
                              .start_level = c->granule_bits == 16 ? 1 : 0};
    for (int stage = 1; stage <= 2; stage++)
        for (int big = 0; big < 2; big++) {
            smref_descriptor d;
            tables.big_endian = big;
            smref_descriptor_look(s.smmu, &tables, stage, c->level,
                                  big ? __builtin_bswap64(c->word) : c->word, &d);
            ck_assert_msg(d.kind == c->kind, "%s: kind %d", c->what, (int)d.kind);
            ck_assert_uint_eq(d.word, c->word);
            if (d.kind == SMREF_DESCRIPTOR_INVALID || d.kind == SMREF_DESCRIPTOR_RESERVED)
                continue;
            ck_assert_msg(d.address == c->address, "%s: 0x%llx", c->what, (unsigned long long)d.address);
            ck_assert_msg(d.bits == c->bits && d.run_bits == c->run_bits && d.beyond == c->beyond,
                          "%s: %u %u %d", c->what, d.bits, d.run_bits, d.beyond);
            const char *stage_name = smref_layout_at(d.layout)->name;
            ck_assert_msg(strstr(stage_name, stage == 1 ? "_S1_" : "_S2_"), "%s", stage_name);
        }
}
END_TEST

START_TEST(bits_15_12_that_are_ignored)
{
    smref_walk_info tables = {.format = SMREF_Format_VMSAv8_64,
                              .granule = SMREF_Granule_G64K,
                              .granule_bits = 16,
                              .stride = 13,
                              .input_bits = 48,
                              .output_bits = 48,
                              .start_level = 1};
    smref_descriptor d;
    system_choose(&s, SMREF_CHOICE_G64K_BITS_15_12, SMREF_CHOICE_G64K_BITS_15_12_ignored);
    smref_descriptor_look(s.smmu, &tables, 1, 3, 0x123456783003, &d);
    ck_assert_uint_eq(d.address, 0x123456780000);
    ck_assert(!d.beyond);
}
END_TEST

/* ---- Fields ---------------------------------------------------------------------------------------- */

static unsigned field_named(smref_layout layout, const char *name)
{
    const smref_layout_info *info = smref_layout_at(layout);
    for (unsigned i = 0; i < info->field_count; i++)
        if (strcmp(info->fields[i].name, name) == 0)
            return i;
    ck_abort_msg("no field %s", name);
}

START_TEST(fields_look)
{
    uint64_t bypass[8] = {4 << 1 | 1}, stage2[8] = {6 << 1 | 1}, word = 1;
    smref_field_context context = {.sec_sid = SMREF_SEC_NS};
    smref_field_state state = SMREF_FIELD_UNKNOWN;
    unsigned s2t0sz = field_named(SMREF_LAYOUT_STE, "S2T0SZ");
    ck_assert(smref_field_look(s.smmu, &context, SMREF_LAYOUT_STE, s2t0sz, stage2, &state));
    ck_assert_int_eq(state, SMREF_FIELD_ACTIVE);
    ck_assert(smref_field_look(s.smmu, &context, SMREF_LAYOUT_STE, s2t0sz, bypass, &state));
    ck_assert_int_eq(state, SMREF_FIELD_IGNORED); /* 5.2: stage 2 is implemented but not enabled */
    ck_assert(smref_field_look(s.smmu, &context, SMREF_LAYOUT_L1STD, field_named(SMREF_LAYOUT_L1STD, "Span"),
                               &word, &state));
    ck_assert_int_eq(state, SMREF_FIELD_ACTIVE);
    ck_assert(smref_field_look(s.smmu, &context, SMREF_LAYOUT_L1CD, field_named(SMREF_LAYOUT_L1CD, "V"),
                               &word, &state));
    ck_assert(!smref_field_look(s.smmu, &context, SMREF_LAYOUT_STE, 9999, bypass, &state));
    ck_assert(!smref_field_look(s.smmu, &context, (smref_layout)SMREF_LAYOUT_COUNT, 0, bypass, &state));
    ck_assert_int_eq(smref_field_state_of(s.smmu, SMREF_SEC_NS, SMREF_LAYOUT_L1STD, 0, &word, NULL),
                     SMREF_FIELD_ACTIVE);
    ck_assert_int_eq(smref_field_state_of(s.smmu, SMREF_SEC_NS, SMREF_LAYOUT_L1CD, 0, &word, NULL),
                     SMREF_FIELD_ACTIVE);
}
END_TEST

START_TEST(register_fields_look)
{
    smref_field_state state = SMREF_FIELD_UNKNOWN;
    ck_assert(smref_register_field_look(s.smmu, SMREF_REG_SMMU_CR0, 0, 5, &state)); /* SMMUEN */
    ck_assert_int_eq(state, SMREF_FIELD_ACTIVE);
    ck_assert(!smref_register_field_look(s.smmu, SMREF_REG_SMMU_CR0, 9999, 5, &state));
    ck_assert(!smref_register_field_look(s.smmu, SMREF_REG_COUNT, 0, 5, &state));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables");
    TCase *tcase = tcase_create("tables");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, stream_tables, 0, (int)(sizeof stream_cases / sizeof *stream_cases));
    tcase_add_loop_test(tcase, first_level_stream_table_descriptors, 0,
                        (int)(sizeof l1std_cases / sizeof *l1std_cases));
    tcase_add_test(tcase, reserved_bits_of_an_l1std);
    tcase_add_loop_test(tcase, context_tables, 0, (int)(sizeof context_cases / sizeof *context_cases));
    tcase_add_test(tcase, translation_tables);
    tcase_add_test(tcase, secure_stage2);
    tcase_add_loop_test(tcase, granule_protection, 0, (int)(sizeof granule_cases / sizeof *granule_cases));
    tcase_add_loop_test(tcase, descriptors, 0, (int)(sizeof descriptor_cases / sizeof *descriptor_cases));
    tcase_add_test(tcase, bits_15_12_that_are_ignored);
    tcase_add_test(tcase, fields_look);
    tcase_add_test(tcase, register_fields_look);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
