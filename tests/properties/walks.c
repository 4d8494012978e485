/*
 * Walks and permissions against an independent reading of DDI 0487 and IHI 0070 (tests/properties/oracle):
 * random configurations and random tables of every granule, size, start level and format, in one stage, the
 * other, and both. Compared are the address, the page size, the event record, every descriptor address that
 * was read, the level at which the walk ended, and whether the STE and the CD are ILLEGAL.
 *
 * SMREF_PROPERTY_SEED starts elsewhere, SMREF_PROPERTY_ROUNDS takes more configurations.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "oracle/world.h"

#define ACCESSES 24

static struct world world;
static smref *smmu;

/* What the trace shows of the walk. */
static struct {
    uint64_t address[ORACLE_MAX_FETCHES];
    unsigned count;
    int level;
} trace;

static void on_step(void *context, const smref_step *step)
{
    (void)context;
    if (step->kind != SMREF_STEP_READ || step->layout == SMREF_LAYOUT_STE || step->layout == SMREF_LAYOUT_CD)
        return;
    if (trace.count < ORACLE_MAX_FETCHES)
        trace.address[trace.count] = step->address;
    trace.count++;
    trace.level = step->level;
}

static void set_up(void)
{
    world.memory = world_memory(&world);
    smmu = smref_new(&world.memory, NULL);
    ck_assert_ptr_nonnull(smmu);
    smref_set_trace(smmu, on_step, NULL);
}

static void tear_down(void)
{
    smref_free(smmu);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

/* The world and the access, for a person who looks into a difference. */
static const char *describe(uint64_t seed, const smref_access *a, const smref_result *r,
                            const struct oracle_answer *o)
{
    static char text[4000];
    const struct oracle_stream *s = &world.stream;
    int n = snprintf(text, sizeof text,
                     "\n  seed %" PRIu64 " v3.%d oas %d ias %d stages %d%d lpae %d priv2 %d cd_at 0x%" PRIx64
                     "\n  addr 0x%" PRIx64 " type %d priv %d inst %d",
                     seed, world.arch, s->oas, s->ias, s->stage1, s->stage2, s->lpae,
                     s->controls.two_privileges, s->cd_at, a->addr, a->type, a->priv, a->inst);
    const struct oracle_tables *all[3] = {&s->half[0], &s->half[1], &s->s2};
    for (int i = 0; i < 3; i++)
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "\n  tables %d: lpae %d granule %d in %d out %d start %d ds %d ttb 0x%" PRIx64, i,
                      all[i]->lpae, all[i]->granule_bits, all[i]->input_bits, all[i]->output_bits,
                      all[i]->start_level, all[i]->ds, all[i]->ttb);
    n += snprintf(text + n, sizeof text - (size_t)n,
                  "\n  model: outcome %d pa 0x%" PRIx64 " page 0x%" PRIx64 " event 0x%x %016" PRIx64
                  " %016" PRIx64 " %016" PRIx64 " level %d fetches %u last rule %s",
                  r->outcome, r->pa, r->page_size, r->event_valid ? (unsigned)r->event.type : 0,
                  r->event.words[1], r->event.words[2], r->event.words[3], trace.level, trace.count,
                  r->rule_count ? smref_rule_at(r->rules[r->rule_count - 1])->id : "-");
    snprintf(text + n, sizeof text - (size_t)n,
             "\n  oracle: event 0x%x stage2 %d class %d level %d ipa 0x%" PRIx64 " fetch 0x%" PRIx64
             " pa 0x%" PRIx64 " size %d",
             (unsigned)o->fault.event, o->fault.stage2, (int)o->fault.class_of, o->fault.level, o->fault.ipa,
             o->fault.fetch, o->pa, o->size_bits);
    return text;
}

/* The record as 7.3.12 to 7.3.16 lay it out; the driver headers agree on the bits. */
static void check_record(const char *text, const smref_access *a, const struct oracle_request *q,
                         const smref_result *r, const struct oracle_fault *f)
{
    const uint64_t *words = r->event.words;
    bool permission = f->event == ORACLE_PERMISSION;
    bool rnw =
        !q->write || (permission && f->read_denied_only && (world.arch >= 1 || oracle_bit(words[1], 35)));
    ck_assert_msg(words[0] >> 32 == a->sid && oracle_slice(words[0], 7, 0) == (uint64_t)f->event, "header%s",
                  text);
    ck_assert_msg(words[2] == a->addr, "InputAddr%s", text);
    ck_assert_msg(oracle_bit(words[1], 35) == rnw, "RnW%s", text);
    ck_assert_msg(oracle_bit(words[1], 34) == (rnw && q->inst), "InD%s", text);
    ck_assert_msg(oracle_bit(words[1], 33) == q->priv, "PnU%s", text);
    ck_assert_msg(oracle_bit(words[1], 39) == f->stage2, "S2%s", text);
    ck_assert_msg(oracle_slice(words[1], 41, 40) == (uint64_t)f->class_of, "CLASS%s", text);
    if (permission && f->class_of == ORACLE_CLASS_TT)
        ck_assert_msg(oracle_bit(words[1], 44), "TTRnW%s", text);
    int top = world.stream.oas - 1;
    if (f->event == ORACLE_WALK_EABT)
        ck_assert_msg((words[3] & ~r->event.unknown[3]) ==
                          ((oracle_slice(f->fetch, top, 3) << 3) & ~r->event.unknown[3]),
                      "FetchAddr%s", text);
    else if (f->stage2)
        ck_assert_msg((words[3] & ~r->event.unknown[3]) == oracle_slice(f->ipa, top, 12) << 12, "IPA%s",
                      text);
}

static void check_access(uint64_t seed, struct random *random)
{
    smref_access access = world_access(&world, random);
    struct oracle_request q = world_request(&world, &access);
    struct oracle_memory memory = {.read = world_read, .context = &world};
    struct oracle_answer answer;
    smref_result result = {.outcome = SMREF_OUTCOME_OK};
    trace.count = 0;
    trace.level = -9;
    ck_assert_int_eq(smref_translate(smmu, &access, &result, NULL), SMREF_OK);
    oracle_access(&world.stream, &q, &memory, &answer);
    const char *text = describe(seed, &access, &result, &answer);
    unsigned event = result.event_valid ? (unsigned)result.event.type : 0;
    if (!world.ste_legal) {
        ck_assert_msg(event == 0x04, "the STE is ILLEGAL%s", text);
        return;
    }
    bool cd_reached = !world.stream.stage1 || !world.stream.stage2 ||
                      answer.fault.class_of != ORACLE_CLASS_CD || !answer.fault.event;
    if (!world.cd_legal && cd_reached) {
        ck_assert_msg(event == 0x0a, "the CD is ILLEGAL%s", text);
        return;
    }
    ck_assert_msg(event == (unsigned)answer.fault.event, "event%s", text);
    ck_assert_msg(trace.count == memory.fetches, "number of descriptors read%s", text);
    for (unsigned i = 0; i < memory.fetches && i < ORACLE_MAX_FETCHES; i++)
        ck_assert_msg(trace.address[i] == memory.fetched[i],
                      "descriptor %u is at 0x%" PRIx64 " and not at 0x%" PRIx64 "%s", i, memory.fetched[i],
                      trace.address[i], text);
    if (answer.fault.event) {
        ck_assert_msg(result.outcome == SMREF_OUTCOME_ABORT, "outcome%s", text);
        ck_assert_msg(answer.fault.level == -9 || answer.fault.level == trace.level, "level%s", text);
        check_record(text, &access, &q, &result, &answer.fault);
        return;
    }
    ck_assert_msg(result.outcome == SMREF_OUTCOME_OK, "outcome%s", text);
    ck_assert_msg(result.pa == answer.pa, "address%s", text);
    ck_assert_msg(result.page_size == (answer.size_bits < 64 ? UINT64_C(1) << answer.size_bits : 0),
                  "page size%s", text);
}

/* How often a walk from each start level succeeded: [stage 2][granule][level + 1]. */
static unsigned reached[2][3][5];

static void run(enum world_kind kind, unsigned rounds)
{
    uint64_t seed = from_environment("SMREF_PROPERTY_SEED", 1);
    uint64_t total = from_environment("SMREF_PROPERTY_ROUNDS", rounds);
    for (uint64_t i = 0; i < total; i++) {
        struct random random = {(seed + i) * 3 + (uint64_t)kind};
        world_make(&world, &random, kind, smmu);
        for (unsigned n = 0; n < ACCESSES; n++)
            check_access(seed + i, &random);
        if (world.ste_legal && world.cd_legal) {
            const struct oracle_tables *t = kind == WORLD_STAGE1 ? &world.stream.half[0] : &world.stream.s2;
            reached[kind != WORLD_STAGE1][(t->granule_bits - 12) / 2][t->start_level + 1]++;
        }
    }
}

/* The generator is only worth something if it comes by every start level. */
static void check_reached(bool stage2)
{
    static const int first[3] = {-1, 0, 1};
    for (int granule = 0; granule < 3; granule++)
        for (int level = first[granule]; level <= 3; level++)
            ck_assert_msg(reached[stage2][granule][level + 1] > 10,
                          "stage %d, granule %d: level %d was met %u times", stage2 + 1, 12 + 2 * granule,
                          level, reached[stage2][granule][level + 1]);
}

START_TEST(stage1)
{
    run(WORLD_STAGE1, 12000);
    check_reached(false);
}
END_TEST

START_TEST(stage2)
{
    run(WORLD_STAGE2, 12000);
    check_reached(true);
}
END_TEST

START_TEST(nested)
{
    run(WORLD_NESTED, 12000);
    check_reached(true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walks");
    TCase *tcase = tcase_create("walks");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, stage1);
    tcase_add_test(tcase, stage2);
    tcase_add_test(tcase, nested);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
