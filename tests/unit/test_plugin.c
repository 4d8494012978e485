/* Plugins as targets: the model as one, and those with bad manners (tests/plugins). */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "target.h"

#define TIMEOUT_MS 20000u

/* ---- Cases ----------------------------------------------------------------------------------------- */

/* What odd.sh answers properly, or (`odd`) does not. */
static void make_case(smref_case *c, uint64_t index, bool odd)
{
    const smref_mmio read = {.offset = odd ? 0x666 : 0, .size = 4};

    smref_case_clear(c, index, "registers");
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_IDR0);
    smref_case_mmio(c, &read);
}

static smref_case *cases(size_t count, size_t odd)
{
    smref_case *list = calloc(count, sizeof *list);

    for (size_t i = 0; i < count; i++)
        make_case(&list[i], i, i == odd);
    return list;
}

/* ---- Bad manners ----------------------------------------------------------------------------------- */

/* Only one that never answers is to come to the end of the time. */
static smref_target *open_odd(const char *manner, const char *more, smref_jerror *error)
{
    unsigned timeout_ms = strcmp(manner, "hangs") == 0 ? 2000 : TIMEOUT_MS;
    char command[256];

    snprintf(command, sizeof command, "exec sh tests/plugins/odd.sh %s %s", manner, more);
    return smref_plugin_open(command, timeout_ms, error);
}

static const struct {
    const char *manner, *error;
} greetings[] = {
    {"ends-early", "plugin: ended with status 4 before its first line"},
    {"no-memory", "plugin:1: no \"memory\""},
    {"no-shows", "plugin:1: no \"shows\""},
    {"shows-nothing", "plugin:1: shows: shows nothing that could be compared"},
    {"shows-typo", "plugin:1: shows[0]: no part of a result: \"outcom\"; nearest: outcome"},
    {"other-format", "plugin:1: format: \"smref-snapshot\" where \"smref-plugin\" is expected"},
    {"other-version", "plugin:1: version: version 2.0 of smref-plugin is unknown; this program reads 1.0"},
    {"no-profile", "plugin:1: profile: no such profile: arch-9.9; nearest: arch-3.4"},
    {"greets-typo", "plugin:1: device: unknown key; nearest: devices"},
    {"no-json", "plugin:1: '[' or '{' expected near 'Hello'"},
};

START_TEST(a_first_line_that_says_nothing_good)
{
    smref_jerror error = {""};
    smref_target *target = open_odd(greetings[_i].manner, "", &error);

    ck_assert_ptr_null(target);
    ck_assert_str_eq(error.text, greetings[_i].error);
}
END_TEST

/* `lost`: the case in the middle is not there to compare, the others are. */
static const struct {
    const char *manner;
    smref_target_status status;
    const char *why;
    unsigned restarts;
} manners[] = {
    {"ends", SMREF_TARGET_DIED, "ended with status 3", 2},
    {"signal", SMREF_TARGET_DIED, "ended by signal 6", 2},
    {"hangs", SMREF_TARGET_DIED, "no answer in 2.000 s", 2},
    {"closes", SMREF_TARGET_DIED, "closed its output and went on", 2},
    {"refuses", SMREF_TARGET_REFUSED, "no MMIO", 0},
    {"slow", SMREF_TARGET_OK, "", 0},
    {"garbage", SMREF_TARGET_BROKEN, "plugin:4: '[' or '{' expected near 'case'", 0},
    {"blank", SMREF_TARGET_BROKEN, "plugin:4: '[' or '{' expected near end of file", 0},
    {"other-case", SMREF_TARGET_BROKEN, "plugin:4: case: 3; the oldest case without an answer is 2", 0},
    {"few", SMREF_TARGET_BROKEN, "plugin:4: results: 1 results of 2 steps", 0},
    {"more", SMREF_TARGET_BROKEN, "plugin:4: results: 3 results of 2 steps", 0},
    {"no-results", SMREF_TARGET_BROKEN, "plugin:4: give \"results\" or \"error\"", 0},
    {"both", SMREF_TARGET_BROKEN, "plugin:4: give \"results\" or \"error\"", 0},
    {"typo", SMREF_TARGET_BROKEN, "plugin:4: results[1].event: unknown key; nearest: events", 0},
    {"word", SMREF_TARGET_BROKEN, "plugin:4: results[1].outcome: no outcome \"okay\"; nearest: ok", 0},
    {"lacks", SMREF_TARGET_BROKEN,
     "plugin:4: results[1]: no \"outcome\", which the plugin says that it shows", 0},
    {"endless", SMREF_TARGET_BROKEN, "plugin: a line without an end", 0},
};

#define CASES 8
#define ODD 2

START_TEST(a_plugin_with_bad_manners)
{
    smref_jerror error = {""};
    smref_target *target = open_odd(manners[_i].manner, "", &error);
    smref_case *list = cases(CASES, ODD);
    smref_sight shown[SMREF_CASE_STEPS];
    smref_target_status status = SMREF_TARGET_OK;

    ck_assert_msg(target != NULL, "%s", error.text);
    for (size_t i = 0; i < CASES; i++)
        ck_assert_int_eq(target->submit(target, &list[i], NULL), SMREF_TARGET_OK);
    for (size_t i = 0; i < CASES && status != SMREF_TARGET_BROKEN; i++) {
        status = target->collect(target, shown);
        ck_assert_msg(status == (i == ODD ? manners[_i].status : SMREF_TARGET_OK), "%s: case %zu: %d, %s",
                      manners[_i].manner, i, (int)status, target->why);
        if (i == ODD && status != SMREF_TARGET_OK)
            ck_assert_str_eq(target->why, manners[_i].why);
    }
    ck_assert_uint_eq(target->restarts, manners[_i].restarts);
    target->close(target);
    free(list);
}
END_TEST

/* It ends once, and not in any case of its own: every case has an answer. */
START_TEST(a_plugin_that_ends_once)
{
    char path[] = "/tmp/smref-once-XXXXXX";
    smref_jerror error = {""};
    smref_case *list = cases(CASES, ODD);
    smref_sight shown[SMREF_CASE_STEPS];
    smref_target *target;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    close(fd);
    unlink(path);
    target = open_odd("once", path, &error);
    ck_assert_msg(target != NULL, "%s", error.text);
    for (size_t i = 0; i < CASES; i++)
        (void)target->submit(target, &list[i], NULL);
    for (size_t i = 0; i < CASES; i++)
        ck_assert_int_eq(target->collect(target, shown), SMREF_TARGET_OK);
    ck_assert_uint_eq(target->restarts, 1);
    target->close(target);
    unlink(path);
    free(list);
}
END_TEST

START_TEST(a_command_that_is_none)
{
    smref_jerror error = {""};

    ck_assert_ptr_null(smref_plugin_open("exec 2>/dev/null; /nowhere/at-all", TIMEOUT_MS, &error));
    ck_assert_str_eq(error.text, "plugin: ended with status 127 before its first line");
}
END_TEST

/* ---- The model as a plugin ------------------------------------------------------------------------- */

/* A command that does not exist, a stream in bypass, one whose STE is not valid, one beyond the table. */
static const char program[] = "{\"steps\":[{\"op\":\"store\",\"at\":\"0x80000000\",\"u64\":[\"0x9\",0]},"
                              "{\"op\":\"store\",\"at\":\"0x80020000\",\"u64\":[\"0xff\",0]},"
                              "{\"op\":\"mmio_write\",\"reg\":\"SMMU_STRTAB_BASE\",\"value\":\"0x80000000\"},"
                              "{\"op\":\"mmio_write\",\"reg\":\"SMMU_STRTAB_BASE_CFG\",\"value\":1},"
                              "{\"op\":\"mmio_write\",\"reg\":\"SMMU_EVENTQ_BASE\",\"value\":\"0x80010003\"},"
                              "{\"op\":\"mmio_write\",\"reg\":\"SMMU_CMDQ_BASE\",\"value\":\"0x80020003\"},"
                              "{\"op\":\"mmio_write\",\"reg\":\"SMMU_CR0\",\"value\":\"0xd\"},"
                              "{\"op\":\"mmio_write\",\"reg\":\"SMMU_CMDQ_PROD\",\"value\":1},"
                              "{\"op\":\"access\",\"sid\":0,\"addr\":\"0x80001008\",\"access\":\"write\"},"
                              "{\"op\":\"access\",\"sid\":1,\"addr\":\"0x80001008\"},"
                              "{\"op\":\"access\",\"sid\":9,\"addr\":\"0x80001008\"},"
                              "{\"op\":\"mmio_read\",\"reg\":\"SMMU_GERROR\"},"
                              "{\"op\":\"load\",\"at\":\"0x80010000\",\"size\":64},"
                              "{\"op\":\"reset\"},"
                              "{\"op\":\"mmio_read\",\"reg\":\"SMMU_CR0\"}]}";

#define GERROR_STEP 7

static smref_verdict follow(const char *options, size_t *step)
{
    static smref_sight shown[SMREF_CASE_STEPS];
    smref_jerror error = {""};
    smref_difference difference;
    smref_case *c = calloc(1, sizeof *c);
    smref_stimuli steps;
    smref_jdoc doc;
    char command[512];

    snprintf(command, sizeof command, "exec %s %s", SMREF_REFERENCE_PLUGIN, options);
    smref_target *target = smref_plugin_open(command, TIMEOUT_MS, &error);
    ck_assert_msg(target != NULL, "%s", error.text);
    smref_follower *follower = smref_follower_new(&target->implementation, &error);
    ck_assert_msg(follower != NULL, "%s", error.text);
    ck_assert(smref_jdoc_parse(&doc, "program", program, sizeof program - 1, &error));
    const smref_region ram = {.at = 0x80000000, .size = 0x100000};
    size_t laid = 0;
    const smref_regions memory = {.list = (smref_region *)(uintptr_t)&ram, 1, &laid, 1, NULL, NULL};
    ck_assert_msg(smref_stimuli_read(&doc, smref_jget(&doc.root, "steps"), &memory, NULL, &steps, &error),
                  "%s", error.text);
    smref_case_clear(c, 0, "program");
    for (size_t i = 0; i < steps.count; i++)
        smref_case_append(c, &steps.list[i], SMREF_LAYOUT_COUNT);
    ck_assert_int_eq(target->submit(target, c, NULL), SMREF_TARGET_OK);
    ck_assert_msg(target->collect(target, shown) == SMREF_TARGET_OK, "%s", target->why);
    smref_verdict verdict = smref_follow(follower, c, shown, &difference, NULL);
    *step = difference.step;
    smref_stimuli_free(&steps);
    smref_jdoc_close(&doc);
    smref_follower_free(follower);
    target->close(target);
    free(c);
    return verdict;
}

START_TEST(the_model_agrees_with_itself)
{
    static const char *const options[] = {"--profile arch-3.4", "--profile arch-3.4 --caching exact",
                                          "--profile qemu-11.1 --depth 1", "--profile secure-3.2"};
    size_t step;

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        ck_assert_msg(follow(options[i], &step) == SMREF_VERDICT_AGREES, "%s: step %zu", options[i], step);
}
END_TEST

START_TEST(a_defect_is_found)
{
    size_t step;

    ck_assert_int_eq(follow("--profile arch-3.4 --broken gerror", &step), SMREF_VERDICT_DIFFERS);
    ck_assert_uint_eq(step, GERROR_STEP);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plugin");
    TCase *tests = tcase_create("plugin");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_first_line_that_says_nothing_good, 0, sizeof greetings / sizeof *greetings);
    tcase_add_loop_test(tests, a_plugin_with_bad_manners, 0, sizeof manners / sizeof *manners);
    tcase_add_test(tests, a_plugin_that_ends_once);
    tcase_add_test(tests, a_command_that_is_none);
    tcase_add_test(tests, the_model_agrees_with_itself);
    tcase_add_test(tests, a_defect_is_found);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
