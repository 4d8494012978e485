/*
 * How fast the model answers, measured through the public library on one thread with every check on. Nothing
 * is asserted; the numbers are for people (make bench).
 *
 * The state: a linear Stream table with three streams (stage 1, stage 2, nested), 4 KB granule, 48-bit input
 * ranges, so that every walk has four levels; 512 pages are mapped and visited in turn, which keeps the
 * tables hot. Software reads and writes registers, and posts commands. Work is done in slices; the best one
 * shows what the machine can do when nobody disturbs it. A last row reads the same descriptors of the stage 1
 * tables with no SMMU around them.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "smref.h"

enum { SID_S1 = 0, SID_S2 = 1, SID_NESTED = 2, SID_FAULT = 3 };

#define STRTAB UINT64_C(0x40000000)
#define CD_PA UINT64_C(0x40001000)
#define QUEUE UINT64_C(0x40100000)
#define S1_TABLES UINT64_C(0x41000000)
#define S2_TABLES UINT64_C(0x42000000)
#define PAGES 512

#define HELD_PAGES 64 /* of accesses that caches serve */

#define SLICES 40
static unsigned rounds = 4000000;
static unsigned pages = PAGES;
static const char *only = ""; /* part of the names of the rows to measure */

/* Counted by the wrappers below, which the linker puts in front of the C library's (see the Makefile). */
static unsigned long allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

static void set(smref_layout layout, uint64_t *words, const char *name, uint64_t value)
{
    const smref_layout_info *info = smref_layout_at(layout);
    for (unsigned i = 0; i < info->field_count; i++)
        if (!strcmp(info->fields[i].name, name)) {
            smref_field_set(&info->fields[i], words, 0, value >> info->fields[i].address_low);
            return;
        }
    die(name);
}

static void store(smref_sparse *memory, uint64_t at, const uint64_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t bytes[8];
        for (unsigned b = 0; b < 8; b++)
            bytes[b] = (uint8_t)(words[i] >> 8 * b);
        if (smref_sparse_store(memory, SMREF_PAS_NS, at + 8 * i, bytes, 8) != SMREF_OK)
            die("store");
    }
}

/* Four levels that map PAGES pages from 0 on: three tables of one entry each, one of PAGES pages. */
static void build_tables(smref_sparse *memory, uint64_t base, int stage, uint64_t to)
{
    for (unsigned level = 0; level < 3; level++) {
        uint64_t d = 0;
        smref_layout table = stage == 1 ? SMREF_LAYOUT_VMSAv8_64_S1_TABLE : SMREF_LAYOUT_VMSAv8_64_S2_TABLE;
        set(table, &d, "VALID", 1);
        set(table, &d, "TYPE", 1);
        set(table, &d, "OA_47_12", base + (level + 1) * UINT64_C(0x1000));
        store(memory, base + level * UINT64_C(0x1000), &d, 1);
    }
    for (unsigned page = 0; page < PAGES; page++) {
        uint64_t d = 0;
        smref_layout leaf = stage == 1 ? SMREF_LAYOUT_VMSAv8_64_S1_PAGE : SMREF_LAYOUT_VMSAv8_64_S2_PAGE;
        set(leaf, &d, "VALID", 1);
        set(leaf, &d, "TYPE", 1);
        set(leaf, &d, "AF", 1);
        set(leaf, &d, "SH", 3);
        if (stage == 1) {
            set(leaf, &d, "AP", 1);
        } else {
            set(leaf, &d, "S2AP", 3);
            set(leaf, &d, "MemAttr", 15);
        }
        set(leaf, &d, "OA_47_12", to + page * UINT64_C(0x1000));
        store(memory, base + UINT64_C(0x3000) + 8 * page, &d, 1);
    }
}

/* The stage 2 tables must also map what stage 1 itself reads: they map 1 GB flat by blocks from 1 GB on. */
static void map_tables_flat(smref_sparse *memory)
{
    uint64_t d = 0;
    set(SMREF_LAYOUT_VMSAv8_64_S2_TABLE, &d, "VALID", 1);
    set(SMREF_LAYOUT_VMSAv8_64_S2_TABLE, &d, "TYPE", 1);
    set(SMREF_LAYOUT_VMSAv8_64_S2_TABLE, &d, "OA_47_12", S2_TABLES + 0x4000);
    store(memory, S2_TABLES + 0x1000 + 8, &d, 1);
    for (unsigned block = 0; block < 16; block++) {
        uint64_t at = UINT64_C(0x40000000) + block * UINT64_C(0x200000);
        d = 0;
        set(SMREF_LAYOUT_VMSAv8_64_S2_TABLE, &d, "VALID", 1);
        set(SMREF_LAYOUT_VMSAv8_64_S2_TABLE, &d, "TYPE", 1);
        set(SMREF_LAYOUT_VMSAv8_64_S2_TABLE, &d, "OA_47_12", S2_TABLES + 0x5000 + block * UINT64_C(0x1000));
        store(memory, S2_TABLES + 0x4000 + 8 * block, &d, 1);
        for (unsigned page = 0; page < 512; page++) {
            d = 0;
            set(SMREF_LAYOUT_VMSAv8_64_S2_PAGE, &d, "VALID", 1);
            set(SMREF_LAYOUT_VMSAv8_64_S2_PAGE, &d, "TYPE", 1);
            set(SMREF_LAYOUT_VMSAv8_64_S2_PAGE, &d, "AF", 1);
            set(SMREF_LAYOUT_VMSAv8_64_S2_PAGE, &d, "S2AP", 3);
            set(SMREF_LAYOUT_VMSAv8_64_S2_PAGE, &d, "MemAttr", 15);
            set(SMREF_LAYOUT_VMSAv8_64_S2_PAGE, &d, "OA_47_12", at + page * UINT64_C(0x1000));
            store(memory, S2_TABLES + 0x5000 + block * UINT64_C(0x1000) + 8 * page, &d, 1);
        }
    }
}

static void build_ste(smref_sparse *memory, unsigned sid, unsigned config)
{
    uint64_t ste[8] = {0};
    set(SMREF_LAYOUT_STE, ste, "V", 1);
    set(SMREF_LAYOUT_STE, ste, "Config", config);
    set(SMREF_LAYOUT_STE, ste, "S1ContextPtr", CD_PA);
    set(SMREF_LAYOUT_STE, ste, "S2T0SZ", 16);
    set(SMREF_LAYOUT_STE, ste, "S2SL0", 2);
    set(SMREF_LAYOUT_STE, ste, "S2PS", 5);
    set(SMREF_LAYOUT_STE, ste, "S2AA64", 1);
    set(SMREF_LAYOUT_STE, ste, "S2R", 1);
    set(SMREF_LAYOUT_STE, ste, "S2TTB", S2_TABLES);
    store(memory, STRTAB + sid * UINT64_C(64), ste, 8);
}

static void build_cd(smref_sparse *memory)
{
    uint64_t cd[8] = {0};
    set(SMREF_LAYOUT_CD, cd, "V", 1);
    set(SMREF_LAYOUT_CD, cd, "AA64", 1);
    set(SMREF_LAYOUT_CD, cd, "T0SZ", 16);
    set(SMREF_LAYOUT_CD, cd, "EPD1", 1);
    set(SMREF_LAYOUT_CD, cd, "IPS", 5);
    set(SMREF_LAYOUT_CD, cd, "A", 1);
    set(SMREF_LAYOUT_CD, cd, "R", 1);
    set(SMREF_LAYOUT_CD, cd, "TTB0", S1_TABLES);
    set(SMREF_LAYOUT_CD, cd, "MAIR0", 0xff);
    store(memory, CD_PA, cd, 8);
}

static void set_register(smref *smmu, const char *name, uint64_t value)
{
    smref_register reg;
    smref_error error = {.status = SMREF_OK};
    if (!smref_register_find(name, &reg) || smref_set_register(smmu, reg, value, &error) != SMREF_OK)
        die(name);
}

static smref *build(smref_sparse *memory)
{
    smref_memory interface = smref_sparse_interface(memory);
    smref *smmu = smref_new(&interface, NULL);
    if (!smmu)
        die("smref_new");
    set_register(smmu, "SMMU_AIDR", 0x4);
    set_register(smmu, "SMMU_IDR0", 0x080e721f);
    set_register(smmu, "SMMU_IDR1", 0x0e730520);
    set_register(smmu, "SMMU_IDR3", 0x0042771c);
    set_register(smmu, "SMMU_IDR5", 0x001004f6);
    set_register(smmu, "SMMU_STRTAB_BASE", STRTAB);
    set_register(smmu, "SMMU_STRTAB_BASE_CFG", 4);
    set_register(smmu, "SMMU_EVENTQ_BASE", QUEUE | 8);
    set_register(smmu, "SMMU_CR0", 0x5);
    build_ste(memory, SID_S1, 5);
    build_ste(memory, SID_S2, 6);
    build_ste(memory, SID_NESTED, 7);
    build_cd(memory);
    build_tables(memory, S1_TABLES, 1, 0);
    build_tables(memory, S2_TABLES, 2, UINT64_C(0x80000000));
    map_tables_flat(memory);
    return smmu;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One slice of the work; the Event queue is emptied now and then, as software would. */
static double slice(smref *smmu, const char *what, smref_access access, smref_outcome expected,
                    smref_result *result)
{
    uint64_t base = access.addr;
    double start = seconds();
    for (unsigned i = 0; i < rounds / SLICES; i++) {
        access.addr = base + (uint64_t)(i % pages) * 0x1000 + 8;
        if (smref_translate(smmu, &access, result, NULL) != SMREF_OK || result->outcome != expected)
            die(what);
        if (i % 128 == 0 && expected != SMREF_OUTCOME_OK)
            set_register(smmu, "SMMU_EVENTQ_CONS", smref_get_register(smmu, SMREF_REG_SMMU_EVENTQ_PROD));
    }
    return (seconds() - start) / (rounds / SLICES);
}

static void print_row(const char *what, double best, double total)
{
    printf("%-26s %7.2f million/s at best, %6.2f on average  %6.1f ns", what, 1e-6 / best,
           1e-6 / (total / SLICES), best * 1e9);
}

static void measure(smref *smmu, const char *what, unsigned sid, uint64_t base, smref_outcome expected)
{
    smref_access access = {.sid = sid, .size = 4, .addr = base};
    smref_result result;
    double total = 0, best = 1;
    if (!strstr(what, only))
        return;
    slice(smmu, what, access, expected, &result); /* warms the caches, brings pages of the queue into being */
    unsigned long before = allocations;
    for (unsigned i = 0; i < SLICES; i++) {
        double each = slice(smmu, what, access, expected, &result);
        total += each;
        best = each < best ? each : best;
    }
    print_row(what, best, total);
    printf("  %3u memory reads  %lu allocations\n", result.memory_reads, allocations - before);
}

/* What was read once stays: the caching policy exact. */
static void measure_held(smref *smmu)
{
    if (smref_set_caching(smmu, SMREF_CACHING_EXACT, NULL) != SMREF_OK)
        die("smref_set_caching");
    pages = HELD_PAGES;
    measure(smmu, "stage 1, held", SID_S1, 0, SMREF_OUTCOME_OK);
    measure(smmu, "nested, held", SID_NESTED, 0, SMREF_OUTCOME_OK);
    pages = PAGES;
    if (smref_set_caching(smmu, SMREF_CACHING_NONE, NULL) != SMREF_OK)
        die("smref_set_caching");
}

/* ---- Software's side ------------------------------------------------------------------------------- */

#define COMMANDS UINT64_C(0x40200000)
#define COMMANDS_LOG2 10
#define BATCH 512

/* One access to a register, which cannot fail. */
static void reach(smref *smmu, smref_mmio access, smref_result *result)
{
    access.size = 4;
    if (smref_access_register(smmu, &access, result, NULL) != SMREF_OK || result->outcome != SMREF_OUTCOME_OK)
        die("an access to a register");
}

static unsigned read_gerror(smref *smmu)
{
    smref_result result;
    reach(smmu, (smref_mmio){.offset = 0x60}, &result);
    return 1;
}

/* Twice: a register that takes the value, and one whose guard is closed. */
static unsigned write_control(smref *smmu)
{
    smref_result result;
    reach(smmu, (smref_mmio){.offset = 0x98, .write = true}, &result);
    reach(smmu, (smref_mmio){.offset = 0x9c, .write = true}, &result);
    return 2;
}

/* A batch of invalidations and a CMD_SYNC, posted by one write of PROD, until CONS has caught up. */
static unsigned post_batch(smref *smmu)
{
    smref_register cons, prod;
    smref_result result;
    if (!smref_register_find("SMMU_CMDQ_CONS", &cons) || !smref_register_find("SMMU_CMDQ_PROD", &prod))
        die("SMMU_CMDQ_CONS");
    uint64_t at = (smref_get_register(smmu, cons) + BATCH) & ((2U << COMMANDS_LOG2) - 1);
    reach(smmu, (smref_mmio){.offset = 0x98, .write = true, .value = at}, &result);
    if (smref_get_register(smmu, cons) != at)
        die("commands");
    set_register(smmu, "SMMU_CMDQ_PROD", 0);
    set_register(smmu, "SMMU_CMDQ_CONS", 0);
    return BATCH;
}

static void build_commands(smref *smmu, smref_sparse *memory)
{
    for (unsigned i = 0; i < 1U << COMMANDS_LOG2; i++) {
        static const uint64_t commands[][2] = {
            {0x03 | UINT64_C(1) << 32, 1},      /* CMD_CFGI_STE, Leaf */
            {0x12 | UINT64_C(7) << 48, 0x1001}, /* CMD_TLBI_NH_VA, ASID 7, Leaf */
            {0x2a | UINT64_C(3) << 32, 0x2001}, /* CMD_TLBI_S2_IPA, VMID 3, Leaf */
            {0x46, 0},                          /* CMD_SYNC without a signal */
        };
        store(memory, COMMANDS + 16 * i, commands[i % 4], 2);
    }
    set_register(smmu, "SMMU_CMDQ_BASE", COMMANDS | COMMANDS_LOG2);
    set_register(smmu, "SMMU_CR0", 0xd);
}

static void measure_software(smref *smmu, const char *what, unsigned (*work)(smref *smmu))
{
    double total = 0, best = 1;
    unsigned long before;
    if (!strstr(what, only))
        return;
    work(smmu);
    before = allocations;
    for (unsigned n = 0; n < SLICES; n++) {
        unsigned done = 0;
        double start = seconds();
        while (done < rounds / SLICES)
            done += work(smmu);
        double each = (seconds() - start) / done;
        total += each;
        best = each < best ? each : best;
    }
    print_row(what, best, total);
    printf("                    %lu allocations\n", allocations - before);
}

/* The descriptors of the same stage 1 tables, read one after the other as an array of words. */
static void chase(smref_sparse *memory)
{
    static uint64_t tables[4 * 512];
    if (smref_sparse_load(memory, SMREF_PAS_NS, S1_TABLES, tables, sizeof tables) != SMREF_OK)
        die("load");
    static volatile uint64_t sink;
    double total = 0, best = 1;
    for (unsigned n = 0; n < SLICES; n++) {
        double start = seconds();
        for (unsigned i = 0; i < rounds / SLICES; i++) {
            uint64_t at = S1_TABLES;
            for (unsigned level = 0; level < 3; level++)
                at = tables[(at - S1_TABLES) / 8] & UINT64_C(0xfffffffff000);
            sink += tables[(at - S1_TABLES) / 8 + i % PAGES];
        }
        double each = (seconds() - start) / (rounds / SLICES);
        total += each;
        best = each < best ? each : best;
    }
    print_row("bare pointer chasing", best, total);
    printf("  %3u memory reads\n", 4u);
}

static void run(uint64_t declared)
{
    smref_sparse *memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    double start = seconds();
    if (!memory || smref_sparse_declare(memory, SMREF_PAS_NS, STRTAB, declared, 0) != SMREF_OK)
        die("declare");
    smref *smmu = build(memory);
    printf("%llu MB of declared memory, state built in %.1f ms\n", (unsigned long long)declared >> 20,
           (seconds() - start) * 1e3);
    measure(smmu, "stage 1, 4 levels", SID_S1, 0, SMREF_OUTCOME_OK);
    measure(smmu, "stage 2, 4 levels", SID_S2, 0, SMREF_OUTCOME_OK);
    measure(smmu, "nested, 4 x 4 levels", SID_NESTED, 0, SMREF_OUTCOME_OK);
    measure(smmu, "stage 1 fault, with event", SID_S1, UINT64_C(0x1000000000), SMREF_OUTCOME_ABORT);
    measure_held(smmu);
    build_commands(smmu, memory);
    measure_software(smmu, "register reads", read_gerror);
    measure_software(smmu, "register writes", write_control);
    measure_software(smmu, "commands", post_batch);
    chase(memory);
    smref_free(smmu);
    smref_sparse_free(memory);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        rounds = (unsigned)strtoul(argv[1], NULL, 10); /* few are enough to count instructions */
    if (argc > 2)
        only = argv[2];
    run(UINT64_C(64) << 20);
    run(UINT64_C(4) << 30);
    return 0;
}
