/*
 * A state that is saved and loaded again is the same state: steps that follow have the same outcomes, and end
 * in the same registers, choices and memory, wherever the run was cut. States and steps are drawn from the
 * published vectors, with stores, register accesses and resets between them.
 *
 * SMREF_PROPERTY_SEED starts elsewhere, SMREF_SAVE_ROUNDS takes more states.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../environment.h"
#include "../suite.h"
#include "outcome_json.h"
#include "save.h"

#define STEPS 24

static uint64_t state;

static uint64_t draw(void)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t below(size_t count)
{
    return (size_t)(draw() % count);
}

/* ---- Documents ------------------------------------------------------------------------------------- */

/* A snapshot and a machine in its state. */
struct loaded {
    smref_jdoc doc;
    smref_snapshot snapshot;
    smref_machine machine;
};

static bool load(const json_t *tree, struct loaded *out, char why[512])
{
    char *text = json_dumps(tree, 0);
    smref_jerror error = {""};
    bool good = smref_jdoc_parse(&out->doc, "vectors/drawn.json", text, strlen(text), &error);
    free(text);
    if (good && !smref_snapshot_read(&out->doc, &out->doc.root, NULL, &out->snapshot, &error)) {
        smref_jdoc_close(&out->doc);
        good = false;
    } else if (good && !smref_machine_new(&out->machine, &out->doc, &out->snapshot, NULL, &error)) {
        smref_snapshot_free(&out->snapshot);
        smref_jdoc_close(&out->doc);
        good = false;
    }
    memcpy(why, error.text, 512);
    return good;
}

static void unload(struct loaded *l)
{
    smref_machine_free(&l->machine);
    smref_snapshot_free(&l->snapshot);
    smref_jdoc_close(&l->doc);
}

/* ---- States and steps ------------------------------------------------------------------------------ */

static const char *const files[] = {
    "vectors/start.json",          "vectors/event-queue.json",        "vectors/walk-nested.json",
    "vectors/lookup-context.json", "vectors/walk-stage1.json",        "vectors/fault.json",
    "vectors/atos.json",           "vectors/lookup-bypass.json",      "vectors/registers.json",
    "vectors/ecmdq.json",          "vectors/commands-endpoints.json", "vectors/caches.json"};
#define FILES (sizeof files / sizeof *files)

static json_t *vectors[FILES];

static void read_vectors(void)
{
    for (size_t i = 0; i < FILES; i++) {
        vectors[i] = json_load_file(files[i], 0, NULL);
        ck_assert_msg(vectors[i] != NULL, "%s", files[i]);
    }
}

static void forget_vectors(void)
{
    for (size_t i = 0; i < FILES; i++)
        json_decref(vectors[i]);
}

static json_t *any(const json_t *array)
{
    return json_array_get(array, below(json_array_size(array)));
}

/* The base of a group, half of the time with the patch of one of its tests. */
static json_t *draw_state(const json_t *group)
{
    json_t *tree = json_deep_copy(json_object_get(group, "base")), *memory, *patch;
    json_object_set_new(tree, "format", json_string("smref-snapshot"));
    json_object_set_new(tree, "version", json_string("1.0"));
    if (!json_object_get(tree, "memory"))
        json_object_set_new(tree, "memory", json_array());
    if (!json_object_get(tree, "registers"))
        json_object_set_new(tree, "registers", json_object());
    memory = json_object_get(tree, "memory");
    json_array_append_new(memory, json_pack("{s:s, s:s, s:s, s:s}", "pas", "secure", "at", "0x123", "size",
                                            "0x100000000000", "fill", "0xa5"));
    json_array_append_new(memory, json_pack("{s:s, s:s, s:s}", "pas", "secure", "at", "0x20f3", "hex",
                                            "00112233445566778899aabbccddeeff"));
    json_object_set_new(tree, "caching", json_string(smref_caching_words[below(3)]));
    patch = json_object_get(any(json_object_get(group, "tests")), "patch");
    if (draw() & 1 && patch) {
        json_object_update(json_object_get(tree, "registers"), json_object_get(patch, "registers"));
        json_array_extend(memory, json_object_get(patch, "memory"));
    }
    return tree;
}

static void set_hex(json_t *object, const char *key, uint64_t value)
{
    char text[20];
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)value);
    json_object_set_new(object, key, json_string(text));
}

static json_t *draw_memory_step(const smref_regions *memory, bool store)
{
    static const char *const spaces[] = {"ns", "secure", "realm", "root"};
    const smref_region *region = &memory->list[below(memory->count)];
    uint64_t offset = draw() % (region->size < 0x3000 ? region->size : 0x3000);
    uint64_t size = 1 + draw() % 20;
    char hex[48] = "";
    json_t *step = json_object();
    size = size < region->size - offset ? size : region->size - offset;
    for (uint64_t i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)(draw() & (draw() & 1 ? 0xff : 0)));
    json_object_set_new(step, "op", json_string(store ? "store" : "load"));
    json_object_set_new(step, "pas", json_string(spaces[region->pas]));
    set_hex(step, "at", region->at + offset);
    if (store)
        json_object_set_new(step, "hex", json_string(hex));
    else
        json_object_set_new(step, "size", json_integer((json_int_t)size));
    return step;
}

static json_t *draw_register_step(bool write)
{
    static const char *const spaces[] = {"ns", "ns", "secure", "root"};
    const smref_register_info *info;
    char name[SMREF_REGISTER_ROOM];
    json_t *step = json_object();
    unsigned reg, element;
    do
        reg = (unsigned)below(SMREF_REG_COUNT);
    while (!smref_register_mapped(reg) && smref_register_at(reg)->count == 1);
    info = smref_register_at(reg);
    element = info->count > 1 ? (unsigned)below(8) : 0;
    json_object_set_new(step, "op", json_string(write ? "mmio_write" : "mmio_read"));
    json_object_set_new(
        step, "reg", json_string(smref_register_spelled(&(smref_register_ref){reg, element, false}, name)));
    if (write)
        set_hex(step, "value", info->width == 64 ? draw() & draw() : draw() & draw() & UINT32_MAX);
    json_object_set_new(step, "sec", json_string(spaces[draw() & 3]));
    return step;
}

static json_t *draw_step(const json_t *group, const smref_regions *memory)
{
    switch (draw() % 16) {
    case 0:
    case 1:
    case 2:
        return draw_memory_step(memory, true);
    case 3:
        return draw_memory_step(memory, false);
    case 4:
    case 5:
        return draw_register_step(true);
    case 6:
        return draw_register_step(false);
    case 7:
        if (draw() % 4 == 0)
            return json_pack("{s:s}", "op", "reset");
        /* fall through */
    default:
        return json_incref(any(json_object_get(any(json_object_get(group, "tests")), "steps")));
    }
}

/* Steps that the model can take, in one go. */
static void draw_steps(json_t *tree, const json_t *group)
{
    json_t *list = json_array(), *steps = json_array();
    struct loaded l;
    char why[512];
    ck_assert_msg(load(tree, &l, why), "%s", why);
    for (unsigned i = 0; i < STEPS; i++)
        json_array_append_new(list, draw_step(group, &l.snapshot.memory));
    unload(&l);
    json_object_set(tree, "steps", list);
    if (load(tree, &l, why)) {
        for (size_t i = 0; i < l.snapshot.steps.count; i++) {
            smref_step_result result;
            smref_jerror error = {""};
            if (!smref_step_run(&l.machine, &l.doc, &l.snapshot.steps.list[i], &result, &error))
                continue;
            smref_step_result_free(&result);
            json_array_append(steps, json_array_get(list, i));
        }
        unload(&l);
    }
    json_object_set_new(tree, "steps", steps);
    json_decref(list);
}

/* ---- The property ---------------------------------------------------------------------------------- */

static void run(struct loaded *l, size_t from, size_t to, json_t *outcomes)
{
    for (size_t i = from; i < to; i++) {
        const smref_stimulus *stimulus = &l->snapshot.steps.list[i];
        smref_step_result result;
        smref_jerror error = {""};
        ck_assert_msg(smref_step_run(&l->machine, &l->doc, stimulus, &result, &error), "%s", error.text);
        json_array_append_new(outcomes, smref_step_json(0, stimulus, &result, NULL));
        smref_step_result_free(&result);
    }
}

static void same_memory_at(const smref_machine *a, const smref_machine *b, smref_pas pas, uint64_t at,
                           uint64_t size)
{
    smref_memory first = smref_sparse_interface(a->memory), second = smref_sparse_interface(b->memory);
    for (uint64_t word = at & ~UINT64_C(7); word - (at & ~UINT64_C(7)) < size + 8; word += 8) {
        uint64_t x = 0, y = 0;
        smref_mem_result one = first.read(first.context, pas, word, 1, &x);
        ck_assert_int_eq(one, second.read(second.context, pas, word, 1, &y));
        ck_assert_msg(x == y, "0x%llx: 0x%llx and 0x%llx", (unsigned long long)word, (unsigned long long)x,
                      (unsigned long long)y);
    }
}

static void same_stored(const smref_machine *of, const smref_machine *a, const smref_machine *b)
{
    size_t cursor = 0;
    smref_pas pas;
    uint64_t at;
    while (smref_sparse_next_stored(of->memory, &cursor, &pas, &at))
        same_memory_at(a, b, pas, at, 4096);
}

static void same_elements(const smref *a, const smref *b, smref_register reg)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    ck_assert_uint_eq(smref_get_open_bits(a, reg), smref_get_open_bits(b, reg));
    ck_assert_msg(smref_get_in_effect(a, reg) == smref_get_in_effect(b, reg), "%s", info->name);
    for (unsigned i = 0; i < info->count; i++)
        ck_assert_msg(smref_get_element(a, reg, i) == smref_get_element(b, reg, i) &&
                          smref_get_queue_state(a, reg, i) == smref_get_queue_state(b, reg, i),
                      "%s, element %u", info->name, i);
}

static void same_caches(const smref *a, const smref *b)
{
    json_t *one = smref_cached_json(a), *other = smref_cached_json(b);
    ck_assert_int_eq(smref_get_caching(a), smref_get_caching(b));
    ck_assert(json_equal(one, other));
    json_decref(one);
    json_decref(other);
}

static void same_state(const struct loaded *a, const struct loaded *b)
{
    same_caches(a->machine.smmu, b->machine.smmu);
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        same_elements(a->machine.smmu, b->machine.smmu, (smref_register)i);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        ck_assert_msg(smref_get_choice(a->machine.smmu, (smref_choice)i) ==
                          smref_get_choice(b->machine.smmu, (smref_choice)i),
                      "%s", smref_choice_at(i)->id);
    same_stored(&a->machine, &a->machine, &b->machine);
    same_stored(&b->machine, &a->machine, &b->machine);
    for (size_t i = 0; i < a->snapshot.memory.count; i++) {
        const smref_region *region = &a->snapshot.memory.list[i];
        if (region->kind != SMREF_REGION_FILL)
            same_memory_at(&a->machine, &b->machine, region->pas, region->at, region->size);
    }
}

/* What is left of the steps, on the state that was saved. */
static json_t *saved(struct loaded *l, size_t cut)
{
    smref_jerror error = {""};
    json_t *tree = smref_save_json(&l->snapshot, &l->doc, &l->machine, "vectors/saved.json", &error);
    json_t *steps = json_array();
    ck_assert_msg(tree != NULL, "%s", error.text);
    for (size_t i = cut; i < l->snapshot.steps.count; i++)
        json_array_append(steps, l->snapshot.steps.list[i].node->value);
    json_object_set_new(tree, "steps", steps);
    return tree;
}

static void check_cut(const json_t *tree, const struct loaded *whole, const json_t *expected, size_t cut)
{
    json_t *outcomes = json_array(), *middle;
    struct loaded first, second;
    char why[512];
    ck_assert_msg(load(tree, &first, why), "%s", why);
    run(&first, 0, cut, outcomes);
    middle = saved(&first, cut);
    ck_assert_msg(load(middle, &second, why), "%s", why);
    same_state(&first, &second);
    run(&second, 0, second.snapshot.steps.count, outcomes);
    same_state(whole, &second);
    for (size_t i = 0; i < json_array_size(expected); i++)
        ck_assert_msg(json_equal(json_array_get(outcomes, i), json_array_get(expected, i)),
                      "cut before step %zu: step %zu", cut, i);
    json_decref(middle);
    json_decref(outcomes);
    unload(&first);
    unload(&second);
}

START_TEST(a_run_may_be_cut_anywhere)
{
    uint64_t rounds = from_environment("SMREF_SAVE_ROUNDS", 60), taken = 0;
    read_vectors();
    state = from_environment("SMREF_PROPERTY_SEED", 1);
    for (uint64_t round = 0; round < rounds; round++) {
        const json_t *group = any(json_object_get(vectors[below(FILES)], "groups"));
        json_t *tree = draw_state(group), *outcomes = json_array();
        struct loaded whole;
        char why[512];
        if (load(tree, &whole, why)) {
            unload(&whole);
            draw_steps(tree, group);
            ck_assert_msg(load(tree, &whole, why), "%s", why);
            size_t count = whole.snapshot.steps.count;
            run(&whole, 0, count, outcomes);
            check_cut(tree, &whole, outcomes, below(count + 1));
            check_cut(tree, &whole, outcomes, count);
            unload(&whole);
            taken++;
        }
        json_decref(tree);
        json_decref(outcomes);
    }
    ck_assert_msg(taken * 2 > rounds, "%llu of %llu states", (unsigned long long)taken,
                  (unsigned long long)rounds);
    forget_vectors();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("save");
    TCase *cuts = tcase_create("cuts");
    tcase_set_timeout(cuts, 60);
    tcase_add_test(cuts, a_run_may_be_cut_anywhere);
    suite_add_tcase(suite, cuts);
    return run_suite(suite);
}
