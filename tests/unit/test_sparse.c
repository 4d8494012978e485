/* The sparse memory of model/smref.h: what is declared, what it holds at first, stores, and undoing them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "smref.h"

#define TOP UINT64_MAX

static smref_sparse *memory;
static smref_memory interface;

static void set_up(void)
{
    memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    ck_assert_ptr_nonnull(memory);
    interface = smref_sparse_interface(memory);
}

static void tear_down(void)
{
    smref_sparse_free(memory);
}

static uint8_t byte_at(smref_pas pas, uint64_t at)
{
    uint8_t byte = 0xee;
    ck_assert_int_eq(smref_sparse_load(memory, pas, at, &byte, 1), SMREF_OK);
    return byte;
}

static void store_byte(uint64_t at, uint8_t byte)
{
    ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_NS, at, &byte, 1), SMREF_OK);
}

/* ---- Declaring ------------------------------------------------------------------------------------- */

struct declaration {
    const char *what;
    smref_pas pas;
    uint64_t at, size;
    smref_status status;
};

/* In this order, into one memory. */
static const struct declaration declarations[] = {
    {"a region", SMREF_PAS_NS, 0x1000, 0x1000, SMREF_OK},
    {"no bytes", SMREF_PAS_NS, 0x8000, 0, SMREF_E_ARGUMENT},
    {"past the top", SMREF_PAS_NS, TOP - 0xf, 0x11, SMREF_E_ARGUMENT},
    {"all of it twice over", SMREF_PAS_NS, 1, TOP, SMREF_E_OVERLAP},
    {"no such address space", (smref_pas)SMREF_PAS_COUNT, 0x8000, 1, SMREF_E_ARGUMENT},
    {"the same again", SMREF_PAS_NS, 0x1000, 0x1000, SMREF_E_OVERLAP},
    {"its first byte", SMREF_PAS_NS, 0xfff, 2, SMREF_E_OVERLAP},
    {"its last byte", SMREF_PAS_NS, 0x1fff, 1, SMREF_E_OVERLAP},
    {"within it", SMREF_PAS_NS, 0x1800, 8, SMREF_E_OVERLAP},
    {"around it", SMREF_PAS_NS, 0x800, 0x2000, SMREF_E_OVERLAP},
    {"right before it", SMREF_PAS_NS, 0xff0, 0x10, SMREF_OK},
    {"right after it", SMREF_PAS_NS, 0x2000, 1, SMREF_OK},
    {"the same in another address space", SMREF_PAS_ROOT, 0x1000, 0x1000, SMREF_OK},
    {"up to the top", SMREF_PAS_NS, TOP - 0xf, 0x10, SMREF_OK},
    {"all of an address space but a byte", SMREF_PAS_REALM, 0, TOP, SMREF_OK},
    {"that byte", SMREF_PAS_REALM, TOP, 1, SMREF_OK},
};

START_TEST(regions_do_not_overlap)
{
    for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++) {
        const struct declaration *d = &declarations[i];
        smref_status status = smref_sparse_declare(memory, d->pas, d->at, d->size, 0);
        ck_assert_msg(status == d->status, "%s: %d", d->what, (int)status);
    }
}
END_TEST

START_TEST(borrowing_needs_bytes)
{
    ck_assert_int_eq(smref_sparse_borrow(memory, SMREF_PAS_NS, 0, 8, NULL), SMREF_E_ARGUMENT);
    ck_assert_int_eq(smref_sparse_borrow(memory, SMREF_PAS_NS, 0, 8, "12345678"), SMREF_OK);
    ck_assert_int_eq(smref_sparse_borrow(memory, SMREF_PAS_NS, 7, 8, "12345678"), SMREF_E_OVERLAP);
}
END_TEST

START_TEST(many_regions_in_any_order)
{
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t at = i * 7919 % 1000 * 0x30; /* 1000 and 7919 have no common factor */
        ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_SECURE, at, 0x20, (uint8_t)(at / 0x30)),
                         SMREF_OK);
    }
    for (uint64_t i = 0; i < 1000; i++) {
        uint8_t bytes[0x21];
        ck_assert_uint_eq(byte_at(SMREF_PAS_SECURE, i * 0x30 + 0x1f), i & 0xff);
        ck_assert_int_eq(smref_sparse_load(memory, SMREF_PAS_SECURE, i * 0x30, bytes, 0x21),
                         SMREF_E_UNMAPPED);
    }
}
END_TEST

/* ---- Contents -------------------------------------------------------------------------------------- */

START_TEST(fill_borrowed_and_stored_bytes)
{
    static const uint8_t lent[16] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a};
    uint64_t word = 0;
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x1000, 0xff8, 0xa5), SMREF_OK);
    ck_assert_int_eq(smref_sparse_borrow(memory, SMREF_PAS_NS, 0x1ff8, 16, lent), SMREF_OK);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1ff7), 0xa5);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1ff8), 0x10);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x2002), 0x1a);
    store_byte(0x1ff9, 0x77);
    store_byte(0x1234, 0x66);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1ff9), 0x77);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1ff8), 0x10);
    ck_assert_uint_eq(lent[1], 0x11); /* what was lent is never written */
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_NS, 0x1ff8, 1, &word), SMREF_MEM_OK);
    ck_assert_uint_eq(word, UINT64_C(0x1716151413127710)); /* least significant byte at the lowest address */
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_NS, 0x1230, 1, &word), SMREF_MEM_OK);
    ck_assert_uint_eq(word, UINT64_C(0xa5a5a566a5a5a5a5));
}
END_TEST

/* A page that came into being before its neighbours were declared. */
START_TEST(regions_declared_around_a_page_in_use)
{
    uint64_t words[8];
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x1100, 0x100, 0x11), SMREF_OK);
    store_byte(0x1180, 0xff);
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_NS, 0x11c0, 8, words), SMREF_MEM_OK);
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_NS, 0x11c8, 8, words), SMREF_MEM_ABORT);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x1200, 0xe00, 0x22), SMREF_OK);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x0f00, 0x200, 0x33), SMREF_OK);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1180), 0xff);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x10ff), 0x33);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1200), 0x22);
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_NS, 0x11f8, 2, words), SMREF_MEM_OK);
    ck_assert_uint_eq(words[0], UINT64_C(0x1111111111111111));
    ck_assert_uint_eq(words[1], UINT64_C(0x2222222222222222));
}
END_TEST

START_TEST(ranges_across_pages_and_regions)
{
    uint8_t bytes[0x3000], back[0x3000];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31);
    for (uint64_t at = 0x10000; at < 0x14000; at += 0x800)
        ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, at, 0x800, 0), SMREF_OK);
    for (uint64_t start = 0x10001; start < 0x10010; start += 3) {
        ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_NS, start, bytes, sizeof bytes), SMREF_OK);
        ck_assert_int_eq(smref_sparse_load(memory, SMREF_PAS_NS, start, back, sizeof back), SMREF_OK);
        ck_assert_mem_eq(bytes, back, sizeof bytes);
    }
}
END_TEST

START_TEST(nothing_is_stored_outside)
{
    static const struct {
        uint64_t at;
        size_t size;
        smref_status status;
    } cases[] = {{0xfff, 1, SMREF_E_UNMAPPED},       {0x1000, 0x11, SMREF_E_UNMAPPED},
                 {0x1010, 1, SMREF_E_UNMAPPED},      {0xff8, 0x10, SMREF_E_UNMAPPED},
                 {TOP, 2, SMREF_E_ARGUMENT},         {0x1008, 8, SMREF_OK},
                 {0x9999, 0, SMREF_OK /* no byte */}};
    uint8_t bytes[32], back[32];
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x1000, 0x10, 0x44), SMREF_OK);
    memset(bytes, 0x55, sizeof bytes);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(smref_sparse_load(memory, SMREF_PAS_NS, cases[i].at, back, cases[i].size),
                         cases[i].status);
        ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_NS, cases[i].at, bytes, cases[i].size),
                         cases[i].status);
        ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1000), 0x44);
    }
    ck_assert_int_eq(smref_sparse_store(memory, (smref_pas)SMREF_PAS_COUNT, 0x1000, bytes, 1),
                     SMREF_E_ARGUMENT);
    ck_assert_int_eq(smref_sparse_load(memory, (smref_pas)SMREF_PAS_COUNT, 0x1000, back, 1),
                     SMREF_E_ARGUMENT);
    ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_SECURE, 0x1000, bytes, 1), SMREF_E_UNMAPPED);
}
END_TEST

START_TEST(the_top_of_the_address_space)
{
    uint64_t words[2] = {1, 2};
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, TOP - 0xf, 0x10, 0x99), SMREF_OK);
    store_byte(TOP, 0x42);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, TOP), 0x42);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, TOP - 1), 0x99);
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_NS, TOP - 0xf, 2, words), SMREF_MEM_OK);
    ck_assert_uint_eq(words[0], UINT64_C(0x9999999999999999));
    ck_assert_uint_eq(words[1], UINT64_C(0x4299999999999999));
    ck_assert_int_eq(interface.write(interface.context, SMREF_PAS_NS, TOP - 7, 1, words), SMREF_MEM_OK);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, TOP - 8), 0x99);
}
END_TEST

/* Pages of all address spaces, more than the table has room for at first. */
START_TEST(many_pages)
{
    for (int pas = 0; pas < SMREF_PAS_COUNT; pas++)
        ck_assert_int_eq(smref_sparse_declare(memory, (smref_pas)pas, 0, UINT64_C(1) << 56, 0), SMREF_OK);
    for (uint64_t i = 0; i < 4096; i++) {
        uint64_t word = i, at = (i * UINT64_C(0x9e3779b97f4a7c15) >> 8) & ~UINT64_C(7);
        ck_assert_int_eq(interface.write(interface.context, (smref_pas)(i & 3), at, 1, &word), SMREF_MEM_OK);
    }
    for (uint64_t i = 0; i < 4096; i++) {
        uint64_t word = 0, at = (i * UINT64_C(0x9e3779b97f4a7c15) >> 8) & ~UINT64_C(7);
        ck_assert_int_eq(interface.read(interface.context, (smref_pas)(i & 3), at, 1, &word), SMREF_MEM_OK);
        ck_assert_uint_eq(word, i);
        ck_assert_int_eq(interface.read(interface.context, (smref_pas)((i + 1) & 3), at, 1, &word),
                         SMREF_MEM_OK);
        ck_assert_uint_eq(word, 0);
    }
}
END_TEST

START_TEST(unmapped_memory)
{
    uint64_t word = 7;
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x1000, 8, 0x11), SMREF_OK);
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_NS, 0x1008, 1, &word), SMREF_MEM_ABORT);
    ck_assert_int_eq(interface.write(interface.context, SMREF_PAS_NS, 0x1008, 1, &word), SMREF_MEM_ABORT);
    ck_assert_int_eq(interface.write(interface.context, SMREF_PAS_NS, 0x1000, 2, (uint64_t[2]){1, 2}),
                     SMREF_MEM_ABORT);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1000), 0x11); /* all of a write, or nothing */
}
END_TEST

START_TEST(unmapped_memory_that_reads_as_zero)
{
    smref_sparse *zero = smref_sparse_new(SMREF_UNMAPPED_ZERO);
    smref_memory m = smref_sparse_interface(zero);
    uint64_t words[2] = {7, 7};
    uint8_t byte = 7;
    ck_assert_ptr_nonnull(zero);
    ck_assert_int_eq(smref_sparse_declare(zero, SMREF_PAS_NS, 0x1000, 8, 0x11), SMREF_OK);
    ck_assert_int_eq(m.read(m.context, SMREF_PAS_NS, 0x1000, 2, words), SMREF_MEM_OK);
    ck_assert_uint_eq(words[0], UINT64_C(0x1111111111111111));
    ck_assert_uint_eq(words[1], 0);
    ck_assert_int_eq(m.write(m.context, SMREF_PAS_NS, 0x5000, 1, &words[0]), SMREF_MEM_OK);
    ck_assert_int_eq(m.write(m.context, SMREF_PAS_NS, 0x1000, 2, (uint64_t[2]){1, 2}), SMREF_MEM_OK);
    ck_assert_int_eq(m.read(m.context, SMREF_PAS_NS, 0x5000, 1, words), SMREF_MEM_OK);
    ck_assert_uint_eq(words[0], 0); /* writes are ignored */
    ck_assert_int_eq(m.read(m.context, SMREF_PAS_NS, 0x1000, 2, words), SMREF_MEM_OK);
    ck_assert_uint_eq(words[0], 1); /* where there is memory they are not */
    ck_assert_uint_eq(words[1], 0);
    /* Software stores and loads inside declared regions only. */
    ck_assert_int_eq(smref_sparse_store(zero, SMREF_PAS_NS, 0x5000, &byte, 1), SMREF_E_UNMAPPED);
    ck_assert_int_eq(smref_sparse_load(zero, SMREF_PAS_NS, 0x5000, &byte, 1), SMREF_E_UNMAPPED);
    smref_sparse_free(zero);
}
END_TEST

/* ---- Undoing --------------------------------------------------------------------------------------- */

START_TEST(rollback_undoes_stores_since_the_checkpoint)
{
    uint8_t bytes[3] = {1, 2, 3};
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0, 0x4000, 0xcc), SMREF_OK);
    store_byte(0x10, 0x01);
    smref_sparse_checkpoint(memory);
    store_byte(0x10, 0x02);
    store_byte(0x10, 0x03);
    ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_NS, 0xfff, bytes, 3), SMREF_OK);
    for (uint64_t at = 0x2000; at < 0x3000; at += 8)
        ck_assert_int_eq(interface.write(interface.context, SMREF_PAS_NS, at, 1, &at), SMREF_MEM_OK);
    smref_sparse_rollback(memory);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x10), 0x01);
    for (uint64_t at = 0xfff; at < 0x1002; at++)
        ck_assert_uint_eq(byte_at(SMREF_PAS_NS, at), 0xcc);
    for (uint64_t at = 0x2000; at < 0x3000; at += 7)
        ck_assert_uint_eq(byte_at(SMREF_PAS_NS, at), 0xcc);
    store_byte(0x10, 0x09); /* no longer remembered */
    smref_sparse_rollback(memory);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x10), 0x09);
}
END_TEST

START_TEST(commit_keeps_stores)
{
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0, 0x1000, 0), SMREF_OK);
    smref_sparse_checkpoint(memory);
    store_byte(1, 1);
    smref_sparse_commit(memory);
    smref_sparse_rollback(memory);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 1), 1);
    smref_sparse_checkpoint(memory);
    store_byte(2, 2);
    smref_sparse_checkpoint(memory); /* a new beginning: no nesting */
    store_byte(3, 3);
    smref_sparse_rollback(memory);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 2), 2);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 3), 0);
}
END_TEST

/* Each page once, whoever stored, and not those that were only read. */
START_TEST(pages_that_were_stored_to)
{
    static const struct {
        smref_pas pas;
        uint64_t at;
    } stored[] = {{SMREF_PAS_NS, 0},
                  {SMREF_PAS_NS, 0x7000},
                  {SMREF_PAS_NS, UINT64_C(0xfffffffffffff000)},
                  {SMREF_PAS_ROOT, 0x7000},
                  {SMREF_PAS_ROOT, UINT64_C(0xfffffffffffff000)}};
    size_t cursor = 0, count = 0, found = 0;
    uint64_t word = 1, at;
    smref_pas pas;
    ck_assert(!smref_sparse_next_stored(memory, &cursor, &pas, &at));
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0, TOP, 0xcc), SMREF_OK);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_ROOT, 0, TOP, 0xcc), SMREF_OK);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_eq(smref_sparse_store(memory, stored[i].pas, stored[i].at + 5, &word, 1), SMREF_OK);
        ck_assert_int_eq(interface.write(interface.context, stored[i].pas, stored[i].at + 64, 1, &word),
                         SMREF_MEM_OK);
    }
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x9000), 0xcc);
    for (cursor = 0; smref_sparse_next_stored(memory, &cursor, &pas, &at); count++)
        for (unsigned i = 0; i < 5; i++)
            found += stored[i].pas == pas && stored[i].at == at;
    ck_assert_uint_eq(count, 5);
    ck_assert_uint_eq(found, 5);
}
END_TEST

/* ---- Aliases --------------------------------------------------------------------------------------- */

/* In this order, into one memory, in which nothing is declared yet. */
static const struct {
    const char *what;
    smref_pas pas, as;
    uint64_t at, size;
    smref_status status;
} aliases[] = {
    {"an alias", SMREF_PAS_SECURE, SMREF_PAS_NS, 0x2000, 0x2000, SMREF_OK},
    {"no bytes", SMREF_PAS_SECURE, SMREF_PAS_NS, 0x8000, 0, SMREF_E_ARGUMENT},
    {"half a page", SMREF_PAS_SECURE, SMREF_PAS_NS, 0x8000, 0x1800, SMREF_E_ARGUMENT},
    {"from the middle of a page", SMREF_PAS_SECURE, SMREF_PAS_NS, 0x8800, 0x1000, SMREF_E_ARGUMENT},
    {"past the top", SMREF_PAS_SECURE, SMREF_PAS_NS, TOP - 0xfff, 0x2000, SMREF_E_ARGUMENT},
    {"a space of itself", SMREF_PAS_SECURE, SMREF_PAS_SECURE, 0x8000, 0x1000, SMREF_E_ARGUMENT},
    {"no such address space", (smref_pas)SMREF_PAS_COUNT, SMREF_PAS_NS, 0x8000, 0x1000, SMREF_E_ARGUMENT},
    {"of no such address space", SMREF_PAS_NS, (smref_pas)SMREF_PAS_COUNT, 0x8000, 0x1000, SMREF_E_ARGUMENT},
    {"the other way round", SMREF_PAS_NS, SMREF_PAS_SECURE, 0x3000, 0x1000, SMREF_E_ARGUMENT},
    {"another one of it", SMREF_PAS_SECURE, SMREF_PAS_REALM, 0x3000, 0x2000, SMREF_E_ARGUMENT},
    {"through it", SMREF_PAS_REALM, SMREF_PAS_SECURE, 0x3000, 0x1000, SMREF_E_ARGUMENT},
    {"a third space", SMREF_PAS_REALM, SMREF_PAS_NS, 0x3000, 0x1000, SMREF_OK},
    {"right after it, the other way round", SMREF_PAS_NS, SMREF_PAS_SECURE, 0x4000, 0x1000, SMREF_OK},
    {"the last page", SMREF_PAS_ROOT, SMREF_PAS_NS, TOP - 0xfff, 0x1000, SMREF_OK},
};

static void make_aliases(void)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        ck_assert_msg(smref_sparse_alias(memory, aliases[i].pas, aliases[i].as, aliases[i].at,
                                         aliases[i].size) == aliases[i].status,
                      "%s", aliases[i].what);
}

START_TEST(aliases_come_first)
{
    make_aliases();
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_ROOT, 0, 1, 0), SMREF_OK);
    ck_assert_int_eq(smref_sparse_alias(memory, SMREF_PAS_SECURE, SMREF_PAS_NS, 0x8000, 0x1000),
                     SMREF_E_ARGUMENT);
}
END_TEST

START_TEST(regions_are_those_of_the_location)
{
    make_aliases();
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x2800, 0x10, 1), SMREF_OK);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_SECURE, 0x2808, 1, 1), SMREF_E_OVERLAP);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_SECURE, 0, 0x2801, 1), SMREF_E_OVERLAP);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_REALM, 0x2808, 1, 2), SMREF_OK);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_SECURE, 0x3800, 0x1000, 3), SMREF_OK);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x4800, 0x1000, 4), SMREF_OK);
    ck_assert_uint_eq(byte_at(SMREF_PAS_SECURE, 0x2808), 1);
    ck_assert_uint_eq(byte_at(SMREF_PAS_REALM, 0x2808), 2);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x3fff), 3);
    ck_assert_uint_eq(byte_at(SMREF_PAS_REALM, 0x3fff), 3);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x47ff), 3);
    ck_assert_uint_eq(byte_at(SMREF_PAS_SECURE, 0x4fff), 4);
    ck_assert_int_eq(smref_sparse_load(memory, SMREF_PAS_SECURE, 0x5000, &(uint8_t){0}, 1), SMREF_E_UNMAPPED);
}
END_TEST

/* What goes in through one space comes out of the others, whoever stores and reads, across an edge too. */
START_TEST(stores_show_in_all_spaces_of_a_location)
{
    static const smref_pas spaces[] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};
    uint8_t bytes[0x1000];
    uint64_t words[2];
    make_aliases();
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(smref_sparse_declare(memory, spaces[i], 0, 0x2000, (uint8_t)(0x10 * i)), SMREF_OK);
    memset(bytes, 0x77, sizeof bytes);
    ck_assert_int_eq(smref_sparse_borrow(memory, SMREF_PAS_SECURE, 0x3000, 0x1000, bytes), SMREF_OK);
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0x2000, 0x1000, 0), SMREF_OK);
    smref_sparse_checkpoint(memory);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t word = 0xa0 + i;
        ck_assert_int_eq(interface.write(interface.context, spaces[i], 0x3000, 1, &word), SMREF_MEM_OK);
        for (unsigned k = 0; k < 3; k++) {
            ck_assert_int_eq(interface.read(interface.context, spaces[k], 0x3000, 1, words), SMREF_MEM_OK);
            ck_assert_uint_eq(words[0], word);
        }
    }
    smref_sparse_rollback(memory);
    ck_assert_uint_eq(byte_at(SMREF_PAS_REALM, 0x3000), 0x77);
    ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_SECURE, 0x1fff, "abc", 3), SMREF_OK);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x1fff), 0);
    ck_assert_uint_eq(byte_at(SMREF_PAS_NS, 0x2000), 'b');
    ck_assert_int_eq(interface.read(interface.context, SMREF_PAS_SECURE, 0x1ff8, 2, words), SMREF_MEM_OK);
    ck_assert_uint_eq(words[0] >> 56, 'a');
    ck_assert_uint_eq(words[1], 'b' | 'c' << 8);
}
END_TEST

START_TEST(freeing_nothing)
{
    smref_sparse_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sparse memory");
    TCase *tcase = tcase_create("sparse memory");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, regions_do_not_overlap);
    tcase_add_test(tcase, borrowing_needs_bytes);
    tcase_add_test(tcase, many_regions_in_any_order);
    tcase_add_test(tcase, fill_borrowed_and_stored_bytes);
    tcase_add_test(tcase, regions_declared_around_a_page_in_use);
    tcase_add_test(tcase, ranges_across_pages_and_regions);
    tcase_add_test(tcase, nothing_is_stored_outside);
    tcase_add_test(tcase, the_top_of_the_address_space);
    tcase_add_test(tcase, many_pages);
    tcase_add_test(tcase, unmapped_memory);
    tcase_add_test(tcase, unmapped_memory_that_reads_as_zero);
    tcase_add_test(tcase, rollback_undoes_stores_since_the_checkpoint);
    tcase_add_test(tcase, commit_keeps_stores);
    tcase_add_test(tcase, pages_that_were_stored_to);
    tcase_add_test(tcase, aliases_come_first);
    tcase_add_test(tcase, regions_are_those_of_the_location);
    tcase_add_test(tcase, stores_show_in_all_spaces_of_a_location);
    tcase_add_test(tcase, freeing_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
