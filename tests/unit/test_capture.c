/*
 * What is captured answers as what it was captured from: the states of all published vectors that QEMU could
 * be in (Non-secure, without granule protection) are captured through the functions that read a running QEMU,
 * which are replaced here (--wrap), and each access ends in the snapshot as it does in the vector. That goes
 * for Stream tables of one and two levels, CDs of one and two levels and through stage 2, both stages, all
 * granules and formats, and for tables that lead nowhere.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "capture.h"
#include "stepper.h"
#include "system/published.h"

/* ---- A machine in the place of QEMU ---------------------------------------------------------------- */

static const smref_machine *source;
static unsigned reads;

bool __wrap_smref_live_read(smref_live *live, uint64_t at, size_t size, uint8_t *bytes, smref_jerror *error);
bool __wrap_smref_live_register(smref_live *live, uint64_t address, uint32_t *value, smref_jerror *error);
bool __wrap_smref_live_function(smref_live *live, uint32_t rid, char out[80]);

bool __wrap_smref_live_read(smref_live *live, uint64_t at, size_t size, uint8_t *bytes, smref_jerror *error)
{
    (void)error;
    uint64_t last;
    reads++;
    ck_assert_int_eq(smref_live_at(live, at, &last, NULL), SMREF_LIVE_MEMORY);
    ck_assert_uint_ge(last, at + (size - 1));
    return smref_sparse_load(source->memory, SMREF_PAS_NS, at, bytes, size) == SMREF_OK;
}

bool __wrap_smref_live_register(smref_live *live, uint64_t address, uint32_t *value, smref_jerror *error)
{
    smref_register reg;
    (void)live;
    (void)error;
    bool upper = !smref_register_find_offset((uint32_t)address, &reg) || address % 8 == 4;
    if (upper && smref_register_find_offset((uint32_t)address, &reg) &&
        smref_register_at((unsigned)reg)->offset == address)
        upper = false;
    if (upper)
        ck_assert(smref_register_find_offset((uint32_t)address - 4, &reg));
    *value = (uint32_t)(smref_get_register(source->smmu, reg) >> (upper ? 32 : 0));
    return true;
}

bool __wrap_smref_live_function(smref_live *live, uint32_t rid, char out[80])
{
    (void)live;
    (void)rid;
    (void)out;
    return false;
}

static int by_first(const void *a, const void *b)
{
    const smref_live_place *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static size_t add_places(smref_live_place *places, size_t count, const smref_regions *regions)
{
    for (size_t i = 0; i < regions->count; i++) {
        const smref_region *region = &regions->list[i];
        uint64_t first = (region->at + 7) & ~UINT64_C(7), end = (region->at + region->size) & ~UINT64_C(7);
        if (region->pas == SMREF_PAS_NS && end > first)
            places[count++] = (smref_live_place){first, end - 1, SMREF_LIVE_MEMORY, "memory"};
    }
    return count;
}

/* The map of memory: regions side by side are one. */
static smref_live live_of(const smref_snapshot *base, const smref_patch *patch)
{
    smref_live live = {.qmp = NULL};
    size_t count = 0;
    live.places = calloc(base->memory.count + patch->memory.count + 1, sizeof *live.places);
    count = add_places(live.places, count, &base->memory);
    count = add_places(live.places, count, &patch->memory);
    qsort(live.places, count, sizeof *live.places, by_first);
    for (size_t i = 0; i < count; i++) {
        smref_live_place *before = live.place_count ? &live.places[live.place_count - 1] : NULL;
        if (!before || before->last + 1 < live.places[i].first)
            live.places[live.place_count++] = live.places[i];
        else if (live.places[i].last > before->last)
            before->last = live.places[i].last;
    }
    return live;
}

/* ---- Capturing ------------------------------------------------------------------------------------- */

static bool prepare(smref_capture *capture, smref_jerror *error)
{
    smref_memory memory;
    capture->error = error;
    capture->limit = 64u << 20;
    capture->memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    for (size_t i = 0; i < capture->live->place_count; i++)
        ck_assert_int_eq(
            smref_sparse_declare(capture->memory, SMREF_PAS_NS, capture->live->places[i].first,
                                 capture->live->places[i].last - capture->live->places[i].first + 1, 0),
            SMREF_OK);
    memory = smref_sparse_interface(capture->memory);
    capture->smmu = smref_new(&memory, NULL);
    return capture->smmu && smref_capture_registers(capture);
}

/* The snapshot as text, with the choices of the machine. */
static char *captured_text(const smref_snapshot *base, const smref_patch *patch)
{
    smref_jerror error = {""};
    smref_live live = live_of(base, patch);
    smref_register_set registers = {.elements = NULL};
    smref_capture capture = {.live = &live, .registers = &registers};
    smref_choice_set choices;
    char *text = NULL;
    if (prepare(&capture, &error)) {
        smref_choices_clear(&choices);
        for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
            choices.option[i] = (int16_t)smref_get_choice(source->smmu, (smref_choice)i);
            (void)smref_set_choice(capture.smmu, (smref_choice)i, (unsigned)choices.option[i], NULL);
        }
        smref_capture_queues(&capture);
        smref_capture_streams(&capture);
        ck_assert_msg(!capture.failed, "%s", error.text);
        json_t *tree = smref_capture_json(&capture, "", NULL);
        json_object_set_new(tree, "choices", smref_choices_json(&choices));
        text = json_dumps(tree, 0);
        json_decref(tree);
    }
    smref_capture_free(&capture);
    smref_registers_clear(&registers);
    free(live.places);
    return text;
}

/* ---- Comparing ------------------------------------------------------------------------------------- */

static unsigned accesses, translated;

/* QEMU has no other banks. */
static bool is_non_secure(const smref_stimulus *stimulus)
{
    return stimulus->op == SMREF_OP_ACCESS && stimulus->access.sec_sid == SMREF_SEC_NS &&
           !stimulus->access.no_stream;
}

static void compare(const smref_jdoc *doc, const smref_vectors *vectors, const smref_test *test,
                    smref_machine *machine, const char *text)
{
    smref_jerror error = {""};
    smref_snapshot snapshot;
    smref_machine other;
    smref_jdoc captured;
    ck_assert_msg(smref_jdoc_parse(&captured, "captured", text, strlen(text), &error) &&
                      smref_snapshot_read(&captured, &captured.root, NULL, &snapshot, &error) &&
                      smref_machine_new(&other, &captured, &snapshot, NULL, &error),
                  "%s/%s: %s", vectors->name, test->id, error.text);
    for (size_t i = 0; i < test->steps.count && is_non_secure(&test->steps.list[i]); i++) {
        const smref_stimulus *stimulus = &test->steps.list[i];
        smref_step_result a, b;
        bool first = smref_step_run(machine, doc, stimulus, &a, &error);
        smref_jerror why = {""};
        bool second = smref_step_run(&other, &captured, stimulus, &b, &why);
        ck_assert_msg(first == second, "%s/%s: %s%s", vectors->name, test->id, error.text, why.text);
        if (!first)
            break;
        ck_assert_msg(smref_step_same(stimulus, &a, &b),
                      "%s/%s, step %zu: %d and 0x%llx, captured %d and 0x%llx\n%.2500s", vectors->name,
                      test->id, i, (int)a.access.outcome, (unsigned long long)a.access.pa,
                      (int)b.access.outcome, (unsigned long long)b.access.pa, text);
        accesses++;
        translated += a.access.outcome == SMREF_OUTCOME_OK && a.access.page_size;
        smref_step_result_free(&a);
        smref_step_result_free(&b);
    }
    smref_machine_free(&other);
    smref_snapshot_free(&snapshot);
    smref_jdoc_close(&captured);
}

/* What QEMU cannot be: with other banks, with a Root page; nor what a capture does not have: caches. */
static bool fits(const smref_group *group, const smref_test *test, const smref *smmu)
{
    return test->steps.count && is_non_secure(&test->steps.list[0]) && !group->base.aliases &&
           group->base.unmapped == SMREF_UNMAPPED_ABORT && group->base.caching == SMREF_CACHING_NONE &&
           !smref_register_exists(smmu, SMREF_REG_SMMU_S_CR0) &&
           !smref_get_register(smmu, SMREF_REG_SMMU_ROOT_IDR0);
}

static bool check_test(const smref_jdoc *doc, const smref_vectors *vectors, smref_group *group,
                       const smref_test *test)
{
    smref_jerror error = {""};
    smref_machine machine;
    if (!smref_machine_new(&machine, doc, &group->base, &test->patch, &error))
        return false;
    bool counts = fits(group, test, machine.smmu);
    if (counts) {
        source = &machine;
        char *text = captured_text(&group->base, &test->patch);
        ck_assert_msg(text != NULL, "%s/%s", vectors->name, test->id);
        compare(doc, vectors, test, &machine, text);
        free(text);
    }
    smref_machine_free(&machine);
    return counts;
}

START_TEST(answers_as_its_source)
{
    unsigned count = published_each(check_test);
    ck_assert_uint_gt(count, published_share(2000));
    ck_assert_uint_gt(accesses, published_share(3000));
    ck_assert_uint_gt(translated, published_share(1000));
    ck_assert_uint_gt(reads, count);
}
END_TEST

/* ---- Tables that lead to themselves ---------------------------------------------------------------- */

/* 4 MB in which every word that is nothing else is a Table descriptor of a page there; 16 streams with CDs.
 */
static const char maze[] =
    "{\"format\": \"smref-snapshot\", \"version\": \"1.0\", \"profile\": \"arch-3.4\","
    " \"registers\": {\"SMMU_CR0\": 1, \"SMMU_STRTAB_BASE\": \"0x40000000\", \"SMMU_STRTAB_BASE_CFG\": 4},"
    " \"memory\": [{\"pas\": \"ns\", \"at\": \"0x40000000\", \"size\": \"0x400000\", \"fill\": 0}]}";

static void put(const smref_memory *memory, uint64_t at, unsigned count, const uint64_t *words)
{
    if (memory->write(memory->context, SMREF_PAS_NS, at, count, words) != SMREF_MEM_OK)
        ck_abort_msg("0x%llx", (unsigned long long)at);
}

static void fill_maze(smref_machine *machine)
{
    const smref_memory memory = smref_sparse_interface(machine->memory);
    const uint64_t ste[8] = {0x40001000 | 0xb, 0}; /* stage 1, one CD at 0x40001000 */
    /* T0SZ 16, EPD1, V, IPS 44 bits, AA64, R, A, ASET; TTB0 0x40100000 */
    const uint64_t cd[8] = {UINT64_C(0x0000620440000010) | UINT64_C(1) << 31, 0x40100000};
    for (uint64_t i = 0; i < 0x400000; i += 8) {
        uint64_t word = 0x40000003 + (i * UINT64_C(0x9e3779b97f4a7c15) >> 54 << 12);
        put(&memory, 0x40000000 + i, 1, &word);
    }
    for (unsigned i = 0; i < 16; i++)
        put(&memory, 0x40000000 + 64 * i, 8, ste);
    put(&memory, 0x40001000, 8, cd);
}

/* Captures the maze with a limit; how many bytes were taken. */
static uint64_t capture_maze(uint64_t limit, smref_capture_counts *counts, bool *full)
{
    smref_jerror error = {""};
    smref_snapshot snapshot;
    smref_machine machine;
    smref_jdoc doc;
    smref_patch nothing = {.caching_given = false};
    ck_assert_msg(smref_jdoc_parse(&doc, "maze", maze, strlen(maze), &error) &&
                      smref_snapshot_read(&doc, &doc.root, NULL, &snapshot, &error) &&
                      smref_machine_new(&machine, &doc, &snapshot, NULL, &error),
                  "%s", error.text);
    fill_maze(&machine);
    source = &machine;
    smref_live live = live_of(&snapshot, &nothing);
    smref_register_set registers = {.elements = NULL};
    smref_capture capture = {.live = &live, .registers = &registers};
    ck_assert(prepare(&capture, &error));
    capture.limit = limit;
    smref_capture_queues(&capture);
    smref_capture_streams(&capture);
    uint64_t taken = capture.taken;
    *counts = capture.counts;
    *full = capture.full && capture.left_out_count;
    smref_capture_free(&capture);
    smref_registers_clear(&registers);
    free(live.places);
    smref_machine_free(&machine);
    smref_snapshot_free(&snapshot);
    smref_jdoc_close(&doc);
    return taken;
}

START_TEST(ends_in_a_maze)
{
    smref_capture_counts counts;
    bool full;
    ck_assert_uint_le(capture_maze(1u << 20, &counts, &full), 1u << 20);
    ck_assert(full);
    /* All pages, each at most once at each of the levels 0 to 3. */
    ck_assert_uint_eq(capture_maze(64u << 20, &counts, &full), 0x400000);
    ck_assert(!full);
    ck_assert_uint_eq(counts.stes, 16);
    ck_assert_uint_eq(counts.cds, 1);
    ck_assert_uint_gt(counts.tables, 1024);
    ck_assert_uint_le(counts.tables, 4 * 1024 + 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("capture");
    TCase *all = tcase_create("vectors");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, answers_as_its_source);
    tcase_add_test(all, ends_in_a_maze);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
