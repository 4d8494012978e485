/*
 * QEMU as a target: cases whose outcome the specification tells, on a real one. SMREF_QEMU_PROGRAM is the
 * path of qemu-system-aarch64.
 */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../suite.h"
#include "smref_layout.h"
#include "world.h"

#define TIMEOUT_MS 10000u

static smref_target *open_with(const smref_target_options *options)
{
    const smref_qemu_options all = {*options, getenv("SMREF_QEMU_PROGRAM"), NULL};
    smref_jerror error = {""};
    smref_target *target = smref_qemu_open(&all, &error);

    ck_assert_msg(target != NULL, "%s", error.text);
    return target;
}

static smref_target *open_qemu(unsigned stages, unsigned timeout_ms)
{
    return open_with(&(smref_target_options){.timeout_ms = timeout_ms, .stages = stages});
}

/* ---- Cases whose outcome is known ------------------------------------------------------------------ */

#define S1 5 /* STE.Config: stage 1 translates (5.2) */
#define NOWHERE UINT64_MAX

static const struct known {
    const char *what;
    struct world world;
    smref_access_type type;
    uint64_t at;
    uint64_t pa;     /* NOWHERE: aborted */
    unsigned record; /* event number (7.3); 0: none */
} known[] = {
    {"stage 1, read (3.4)", {.sid = 0x10, .config = S1, .page = WORLD_PAGE}, SMREF_READ, 0x844, 0x844, 0},
    {"stage 1, write", {.sid = 0x10, .config = S1, .page = WORLD_PAGE}, SMREF_WRITE, 0xffc, 0xffc, 0},
    {"another StreamID", {.sid = 0x100, .config = S1, .page = WORLD_PAGE}, SMREF_WRITE, 0, 0, 0},
    {"one far away", {.sid = 0xf00, .config = S1, .page = WORLD_PAGE}, SMREF_READ, 4, 4, 0},
    {"two levels (3.3.1.2)",
     {.sid = 0x101, .config = S1, .two_level = true, .page = WORLD_PAGE},
     SMREF_READ,
     8,
     8,
     0},
    {"no page: F_TRANSLATION (7.3.13)", {.sid = 0x10, .config = S1}, SMREF_READ, 0x10, NOWHERE, 0x10},
    {"Access flag 0: F_ACCESS (7.3.15)",
     {.sid = 0x10, .config = S1, .page = WORLD_PAGE & ~UINT64_C(0x400)},
     SMREF_READ,
     0x10,
     NOWHERE,
     0x12},
    {"read-only: F_PERMISSION (7.3.16)",
     {.sid = 0x10, .config = S1, .page = WORLD_PAGE | WORLD_READ_ONLY},
     SMREF_WRITE,
     0x10,
     NOWHERE,
     0x13},
    {"read-only, read",
     {.sid = 0x10, .config = S1, .page = WORLD_PAGE | WORLD_READ_ONLY},
     SMREF_READ,
     0,
     0,
     0},
    {"STE.V 0: C_BAD_STE (7.3.5)",
     {.sid = 0x11, .config = S1, .invalid = true},
     SMREF_READ,
     0,
     NOWHERE,
     0x04},
    {"StreamID out of range: C_BAD_STREAMID (7.3.3)",
     {.sid = 0x18, .config = S1, .log2size = 4},
     SMREF_WRITE,
     0,
     NOWHERE,
     0x02},
    {"Config 0: aborted without a record (5.2)", {.sid = 0x28}, SMREF_READ, 0, NOWHERE, 0},
};

#define KNOWN (sizeof known / sizeof *known)

static void make_known(smref_case *c, size_t n)
{
    smref_case_clear(c, n, "translation");
    world_start(c, &known[n].world);
    world_access(c, known[n].world.sid, WORLD_VA + known[n].at, known[n].type);
    world_end(c);
}

/* Whether the sights of the last four steps are those of the n-th. */
static void check_known(const smref_case *c, size_t n, const smref_sight *shown)
{
    const smref_sight *access = &shown[c->count - 4], *prod = access + 1, *gerror = access + 2,
                      *record = access + 3;
    const struct known *k = &known[n];

    ck_assert_msg((access->outcome == SMREF_OUTCOME_OK) == (k->pa != NOWHERE), "%s: outcome %d", k->what,
                  (int)access->outcome);
    if (k->pa != NOWHERE)
        ck_assert_msg(!access->elsewhere && access->pa == WORLD_PA + k->pa, "%s: %#llx", k->what,
                      (unsigned long long)access->pa);
    ck_assert_msg(prod->value == (k->record != 0), "%s: PROD %llu", k->what, (unsigned long long)prod->value);
    ck_assert_msg(gerror->value == 0, "%s: GERROR %llu", k->what, (unsigned long long)gerror->value);
    ck_assert_msg((record->loaded[0] & 0xff) == k->record, "%s: record %#llx", k->what,
                  (unsigned long long)record->loaded[0]);
    ck_assert_msg(record->loaded[0] >> 32 == (k->record ? k->world.sid : 0), "%s: StreamID", k->what);
    if (k->record >= 0x10)
        ck_assert_msg(record->loaded[2] == WORLD_VA + k->at, "%s: address", k->what);
}

/* Hands in all of them `rounds` times, in an order that mixes them, and checks each. */
static void run_known(smref_target *target, size_t rounds)
{
    smref_case *list = calloc(KNOWN, sizeof *list);
    smref_sight *shown = calloc(SMREF_CASE_STEPS, sizeof *shown);
    size_t total = KNOWN * rounds, collected = 0;

    for (size_t i = 0; i < KNOWN; i++)
        make_known(&list[i], i);
    for (size_t i = 0; i < total; i++) {
        ck_assert_int_eq(target->submit(target, &list[i * 7 % KNOWN], NULL), SMREF_TARGET_OK);
        if (i - collected + 1 < target->depth && i + 1 < total)
            continue;
        for (; collected <= i; collected++) {
            ck_assert_msg(target->collect(target, shown) == SMREF_TARGET_OK, "%s", target->why);
            check_known(&list[collected * 7 % KNOWN], collected * 7 % KNOWN, shown);
        }
    }
    free(shown);
    free(list);
}

START_TEST(accesses_go_where_the_tables_say)
{
    smref_target *target = open_qemu(3, TIMEOUT_MS);

    run_known(target, 20);
    ck_assert_uint_eq(target->restarts, 0);
    target->close(target);
}
END_TEST

START_TEST(a_closer_look_shows_the_same)
{
    smref_target *target = open_qemu(3, TIMEOUT_MS);

    ck_assert_int_eq(target->look_closer(target, true), SMREF_TARGET_OK);
    run_known(target, 1);
    ck_assert_int_eq(target->look_closer(target, false), SMREF_TARGET_OK);
    run_known(target, 1);
    target->close(target);
}
END_TEST

/* ---- One case at a time ---------------------------------------------------------------------------- */

static smref_target_status run(smref_target *target, const smref_case *c, smref_sight *shown)
{
    (void)target->submit(target, c, NULL);
    return target->collect(target, shown);
}

/* Runs it, and compares it with the model. Returns the sights. */
static const smref_sight *run_with_model(smref_target *target, const smref_case *c)
{
    static smref_sight shown[SMREF_CASE_STEPS];
    static smref_prediction predicted;
    static smref_difference difference;
    smref_jerror error = {""};
    smref_follower *follower = smref_follower_new(&target->implementation, &error);
    smref_verdict why;

    ck_assert_msg(follower != NULL, "%s", error.text);
    ck_assert_msg(smref_predict(follower, c, &predicted, &why), "%s", smref_follower_why(follower));
    (void)target->submit(target, c, &predicted);
    ck_assert_int_eq(target->collect(target, shown), SMREF_TARGET_OK);
    ck_assert_msg(smref_follow(follower, c, shown, &difference, NULL) == SMREF_VERDICT_AGREES, "step %zu: %s",
                  difference.step, smref_spell_aspect(difference.aspect));
    smref_follower_free(follower);
    return shown;
}

/* A mapping that is changed is used when the old one was invalidated (4.4). */
START_TEST(commands_are_consumed)
{
    smref_target *target = open_qemu(3, TIMEOUT_MS);
    const struct world world = {.sid = 0x10, .config = S1, .page = WORLD_PAGE};
    uint64_t commands[4] = {0}, page = WORLD_PAGE + 0x1000;
    smref_case *c = calloc(1, sizeof *c);
    const smref_sight *shown;

    smref_CMD_TLBI_NSNH_ALL_set_OPCODE(commands, smref_layout_at(SMREF_LAYOUT_CMD_TLBI_NSNH_ALL)->number);
    smref_CMD_SYNC_set_OPCODE(commands + 2, smref_layout_at(SMREF_LAYOUT_CMD_SYNC)->number);
    smref_case_clear(c, 0, "commands");
    world_start(c, &world);
    world_access(c, world.sid, WORLD_VA, SMREF_WRITE);
    smref_case_store(c, SMREF_PAS_NS, WORLD_PAGE_ENTRY, &page, 1, SMREF_LAYOUT_COUNT);
    world_commands(c, commands, 2);
    world_access(c, world.sid, WORLD_VA, SMREF_WRITE);
    world_end(c);
    shown = run_with_model(target, c);
    ck_assert_uint_eq(shown[c->count - 4].pa, WORLD_PA + 0x1000);
    ck_assert_uint_eq(shown[c->count - 6].value, 2); /* SMMU_CMDQ_CONS */
    target->close(target);
    free(c);
}
END_TEST

/* A command that is none: CERROR_ILL, SMMU_GERROR.CMDQ_ERR (4.1.3, 6.3.18); the next case finds none of it.
 */
START_TEST(errors_do_not_stay)
{
    smref_target *target = open_qemu(3, TIMEOUT_MS);
    const struct world world = {.sid = 0x10, .config = S1, .page = WORLD_PAGE};
    const uint64_t commands[2] = {0xff, 0};
    smref_case *c = calloc(1, sizeof *c);
    const smref_sight *shown;

    for (int i = 0; i < 3; i++) {
        smref_case_clear(c, 0, "commands");
        world_start(c, &world);
        world_commands(c, commands, 1);
        shown = run_with_model(target, c);
        ck_assert_uint_eq(smref_SMMU_CMDQ_CONS_ERR(shown[c->count - 2].value), 1);
        ck_assert_uint_eq(shown[c->count - 1].value, smref_SMMU_GERROR_with_CMDQ_ERR(0, 1));
        run_known(target, 1);
    }
    ck_assert_uint_eq(target->restarts, 0);
    target->close(target);
    free(c);
}
END_TEST

/* With the SMMU off, SMMU_GBPA decides (6.3.14), and the next case finds it as after a reset. */
START_TEST(bypass_and_registers)
{
    smref_target *target = open_qemu(3, TIMEOUT_MS);
    uint64_t abort_all = smref_SMMU_GBPA_with_Update(smref_SMMU_GBPA_with_ABORT(0, 1), 1);
    smref_case *c = calloc(1, sizeof *c);
    const smref_sight *shown;

    for (int i = 0; i < 2; i++) {
        smref_case_clear(c, 0, "bypass");
        world_access(c, 0x10, WORLD_PA + 8, SMREF_READ);
        smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR1, 0x75);
        smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_GBPA, abort_all);
        world_access(c, 0x10, WORLD_PA + 8, SMREF_READ);
        smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR1);
        shown = run_with_model(target, c);
        ck_assert_int_eq(shown[0].outcome, SMREF_OUTCOME_OK);
        ck_assert_uint_eq(shown[0].pa, WORLD_PA + 8);
        ck_assert_int_eq(shown[3].outcome, SMREF_OUTCOME_ABORT);
        ck_assert_uint_eq(shown[4].value, 0x75);
        smref_case_clear(c, 0, "registers");
        smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR1);
        ck_assert_uint_eq(run_with_model(target, c)[0].value, 0);
    }
    target->close(target);
    free(c);
}
END_TEST

/* ---- StreamIDs that files ask for ------------------------------------------------------------------ */

/* A stream whose STE becomes invalid, which a command tells (4.3.1): the second access ends in C_BAD_STE. */
static void make_invalidation(smref_case *c, uint32_t sid)
{
    const struct world world = {.sid = sid, .config = S1, .page = WORLD_PAGE};
    uint64_t commands[4] = {0}, invalid = 0;

    smref_CMD_CFGI_STE_set_OPCODE(commands, smref_layout_at(SMREF_LAYOUT_CMD_CFGI_STE)->number);
    smref_CMD_CFGI_STE_set_StreamID(commands, sid);
    smref_CMD_CFGI_STE_set_Leaf(commands, 1);
    smref_CMD_SYNC_set_OPCODE(commands + 2, smref_layout_at(SMREF_LAYOUT_CMD_SYNC)->number);
    smref_case_clear(c, 0, "commands");
    world_start(c, &world);
    world_access(c, sid, WORLD_VA, SMREF_READ);
    smref_case_store(c, SMREF_PAS_NS, WORLD_STRTAB + 64 * (uint64_t)sid, &invalid, 1, SMREF_LAYOUT_COUNT);
    world_commands(c, commands, 2);
    world_access(c, sid, WORLD_VA, SMREF_READ);
    world_end(c);
}

static void make_accesses(smref_case *c, uint32_t sid)
{
    const struct world world = {.sid = sid, .config = S1, .page = WORLD_PAGE};

    smref_case_clear(c, 0, "translation");
    world_start(c, &world);
    world_access(c, sid, WORLD_VA, SMREF_READ);
    world_access(c, sid, WORLD_VA + 8, SMREF_WRITE);
    world_access(c, sid, 0, SMREF_READ);
    world_end(c);
}

/* Slot 0, whose devices share a bus number with all others; single functions; one of the usual StreamIDs that
 * can write only; a bus behind a port. Then ports none of whose devices is function 0. */
static const struct {
    uint32_t sids[8];
    size_t count;
} asked_for[] = {{{0, 1, 7, 8, 0x41, 0x20, 0x104, 0xe00}, 8}, {{1, 6, 0xc, 0x404, 0xe07}, 5}};

START_TEST(devices_have_the_streamids_that_are_asked_for)
{
    const uint32_t *sids = asked_for[_i].sids;
    smref_target_options options = {
        .timeout_ms = TIMEOUT_MS, .stages = 3, .sids = sids, .sid_count = asked_for[_i].count};
    smref_target *target = open_with(&options);
    smref_sight *shown = calloc(SMREF_CASE_STEPS, sizeof *shown);
    smref_case *c = calloc(1, sizeof *c);

    for (size_t i = 0; i < options.sid_count; i++) {
        const smref_sight *last;
        make_accesses(c, sids[i]);
        last = run_with_model(target, c) + c->count;
        ck_assert_uint_eq(last[-6].pa, WORLD_PA);
        ck_assert_uint_eq(last[-5].pa, WORLD_PA + 8);
        ck_assert_uint_eq(last[-1].loaded[0], (uint64_t)sids[i] << 32 | 0x10); /* F_TRANSLATION */
        make_invalidation(c, 0x10);
        last = run_with_model(target, c) + c->count;
        ck_assert_uint_eq(last[-1].loaded[0], (uint64_t)0x10 << 32 | 0x04); /* C_BAD_STE */
        make_invalidation(c, sids[i]);
        if (sids[i] >= 8)
            (void)run_with_model(target, c);
        else
            ck_assert_int_eq(run(target, c, shown), SMREF_TARGET_REFUSED);
    }
    ck_assert_uint_eq(target->restarts, 0);
    run_known(target, 2);
    target->close(target);
    free(shown);
    free(c);
}
END_TEST

START_TEST(streamids_without_a_place_are_refused)
{
    static const uint32_t nowhere[] = {0x80, 0x108, 0x1000, 0xffffffff}; /* of ports, slots, buses, PCI */
    smref_target_options options = {.timeout_ms = TIMEOUT_MS,
                                    .stages = 3,
                                    .sids = nowhere,
                                    .sid_count = sizeof nowhere / sizeof *nowhere};
    smref_target *target = open_with(&options);
    smref_sight *shown = calloc(SMREF_CASE_STEPS, sizeof *shown);
    smref_case *c = calloc(1, sizeof *c);

    for (size_t i = 0; i < options.sid_count; i++) {
        smref_case_clear(c, 0, "translation");
        world_access(c, nowhere[i], 0, SMREF_READ);
        ck_assert_int_eq(run(target, c, shown), SMREF_TARGET_REFUSED);
        ck_assert_str_eq(target->why, "no device of the machine has that StreamID");
    }
    target->close(target);
    free(shown);
    free(c);
}
END_TEST

/* ---- What is not there ----------------------------------------------------------------------------- */

START_TEST(what_devices_cannot_do_is_refused)
{
    smref_target *target = open_qemu(3, TIMEOUT_MS);
    smref_sight *shown = calloc(SMREF_CASE_STEPS, sizeof *shown);
    smref_case *c = calloc(1, sizeof *c);
    smref_access access = smref_stimulus_access().access;

    access.sid = 0x10;
    access.size = 8;
    smref_case_clear(c, 0, "translation");
    smref_case_access(c, &access);
    ck_assert_int_eq(run(target, c, shown), SMREF_TARGET_REFUSED);
    smref_case_clear(c, 0, "translation");
    world_access(c, 0x7777, 0, SMREF_READ);
    ck_assert_int_eq(run(target, c, shown), SMREF_TARGET_REFUSED);
    ck_assert_str_eq(target->why, "no device of the machine has that StreamID");
    run_known(target, 1);
    target->close(target);
    free(shown);
    free(c);
}
END_TEST

START_TEST(stages_are_those_asked_for)
{
    smref_target *target = open_qemu((unsigned)_i, TIMEOUT_MS);
    uint64_t idr0 = target->implementation.profile.registers.value[SMREF_REG_SMMU_IDR0];

    ck_assert_uint_eq(smref_SMMU_IDR0_S1P(idr0), (unsigned)_i & 1);
    ck_assert_uint_eq(smref_SMMU_IDR0_S2P(idr0), (unsigned)_i >> 1);
    target->close(target);
}
END_TEST

/* ---- Processes that end or hang -------------------------------------------------------------------- */

/* The children of this process get the signal. */
static unsigned signal_children(int number)
{
    DIR *all = opendir("/proc");
    unsigned count = 0;
    struct dirent *entry;

    while (all && (entry = readdir(all)) != NULL) {
        char path[300], text[512];
        int pid = atoi(entry->d_name), parent = 0;
        FILE *file;
        size_t got;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        file = pid > 0 ? fopen(path, "r") : NULL;
        if (!file)
            continue;
        got = fread(text, 1, sizeof text - 1, file);
        text[got] = '\0';
        fclose(file);
        if (strrchr(text, ')') && sscanf(strrchr(text, ')'), ") %*c %d", &parent) == 1 && parent == getpid())
            count += kill(pid, number) == 0;
    }
    if (all)
        closedir(all);
    return count;
}

static const struct {
    int number;
    const char *why;
} ends[] = {{SIGKILL, "ended by signal 9"}, {SIGSTOP, "no answer in 2000 ms"}};

START_TEST(one_that_ends_or_hangs_is_started_again)
{
    smref_target *target = open_qemu(3, 2000);
    smref_sight *shown = calloc(SMREF_CASE_STEPS, sizeof *shown);
    smref_case *c = calloc(1, sizeof *c);

    make_known(c, 0);
    run_known(target, 1);
    ck_assert_uint_ge(signal_children(ends[_i].number), 1);
    ck_assert_int_eq(run(target, c, shown), SMREF_TARGET_DIED);
    ck_assert_msg(strncmp(target->why, ends[_i].why, strlen(ends[_i].why)) == 0, "%s", target->why);
    ck_assert_int_eq(run(target, c, shown), SMREF_TARGET_OK);
    check_known(c, 0, shown);
    ck_assert_uint_eq(target->restarts, 1);
    target->close(target);
    ck_assert_uint_eq(signal_children(0), 0);
    free(shown);
    free(c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("qemu");
    TCase *tests = tcase_create("qemu");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, accesses_go_where_the_tables_say);
    tcase_add_test(tests, a_closer_look_shows_the_same);
    tcase_add_test(tests, commands_are_consumed);
    tcase_add_loop_test(tests, devices_have_the_streamids_that_are_asked_for, 0,
                        sizeof asked_for / sizeof *asked_for);
    tcase_add_test(tests, streamids_without_a_place_are_refused);
    tcase_add_test(tests, errors_do_not_stay);
    tcase_add_test(tests, bypass_and_registers);
    tcase_add_test(tests, what_devices_cannot_do_is_refused);
    tcase_add_loop_test(tests, stages_are_those_asked_for, 1, 4);
    tcase_add_loop_test(tests, one_that_ends_or_hangs_is_started_again, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
