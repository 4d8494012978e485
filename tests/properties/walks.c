/*
 * Walks and permissions against an independent reading of DDI 0487 and IHI 0070 (tests/properties/oracle):
 * random configurations and random tables of every granule, size, start level and format, in one stage, the
 * other, and both, of Non-secure, Secure and Realm streams. Compared are the address and its space, the page
 * size, the attributes, the event record, every descriptor address and CD that was read and in which space,
 * the level at which the walk ended, and whether the STE and the CD are ILLEGAL.
 *
 * SMREF_PROPERTY_SEED starts elsewhere, SMREF_PROPERTY_ROUNDS takes more configurations.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../environment.h"
#include "../suite.h"
#include "oracle/promises.h"
#include "oracle/world.h"

#define ACCESSES 24

static struct world world;
static smref *smmu;

/* What the trace shows of the walk. */
static struct {
    uint64_t address[ORACLE_MAX_FETCHES];
    smref_pas pas[ORACLE_MAX_FETCHES];
    unsigned count;
    int level;
} trace;

static void on_step(void *context, const smref_step *step)
{
    (void)context;
    if (step->kind != SMREF_STEP_READ || step->layout == SMREF_LAYOUT_STE || step->layout == SMREF_LAYOUT_CD)
        return;
    if (trace.count < ORACLE_MAX_FETCHES) {
        trace.address[trace.count] = step->address;
        trace.pas[trace.count] = step->pas;
    }
    trace.count++;
    trace.level = step->level;
}

static void set_up(void)
{
    smref_memory memory = world_memory(&world);
    smmu = smref_new(&memory, NULL);
    ck_assert_ptr_nonnull(smmu);
    smref_set_trace(smmu, on_step, NULL);
}

static void tear_down(void)
{
    smref_free(smmu);
}

/* The access at hand, for a person who looks into a difference. */
static struct {
    uint64_t seed;
    smref_access access;
    smref_result result;
    struct oracle_memory memory;
    struct oracle_answer answer;
} now;

static void print_world(void)
{
    const struct oracle_stream *s = &world.stream;
    const struct oracle_tables *all[4] = {&s->half[0], &s->half[1], &s->s2, &s->secure_s2};
    printf("seed %" PRIu64 ": v3.%d oas %d ias %d stages %d%d lpae %d privileges %d cd_at 0x%" PRIx64 "\n",
           now.seed, world.arch, s->oas, s->ias, s->stage1, s->stage2, s->lpae,
           s->controls.two_privileges + 1, s->cd_at);
    printf("state %d el2 %d sif %d nscfg %d\n", (int)s->state, s->el2, s->sif, (int)world.nscfg);
    for (int i = 0; i < 4; i++)
        printf("tables %d: space %d lpae %d granule %d in %d out %d start %d ds %d ttb 0x%" PRIx64 "\n", i,
               (int)all[i]->space, all[i]->lpae, all[i]->granule_bits, all[i]->input_bits,
               all[i]->output_bits, all[i]->start_level, all[i]->ds, all[i]->ttb);
}

static void print_answers(void)
{
    const smref_access *a = &now.access;
    const smref_result *r = &now.result;
    const struct oracle_fault *f = &now.answer.fault;
    printf("access: addr 0x%" PRIx64 " type %d priv %d inst %d\n", a->addr, (int)a->type, a->priv, a->inst);
    printf("model:  outcome %d pa 0x%" PRIx64 " page 0x%" PRIx64 " event 0x%x %016" PRIx64 " %016" PRIx64
           " level %d\n",
           (int)r->outcome, r->pa, r->page_size, r->event_valid ? (unsigned)r->event.type : 0,
           r->event.words[1], r->event.words[3], trace.level);
    printf("supplied %d: type %d sh %d inner %d outer %d; out: type %d sh %d inner %d outer %d\n",
           a->attrs_supplied, a->attrs.type, a->attrs.sh, a->attrs.inner.cacheability,
           a->attrs.outer.cacheability, r->attrs.type, r->attrs.sh, r->attrs.inner.cacheability,
           r->attrs.outer.cacheability);
    printf("oracle: pa 0x%" PRIx64 " size %d event 0x%x stage2 %d class %d level %d ipa 0x%" PRIx64
           " fetch 0x%" PRIx64 "\n",
           now.answer.pa, now.answer.size_bits, (unsigned)f->event, f->stage2, (int)f->class_of, f->level,
           f->ipa, f->fetch);
    for (unsigned i = 0; i < r->rule_count; i++)
        printf("  %s\n", smref_rule_at(r->rules[i])->id);
    for (unsigned i = 0; i < trace.count || i < now.memory.fetches; i++)
        if (i < ORACLE_MAX_FETCHES)
            printf("  descriptor %u: model 0x%" PRIx64 ", oracle 0x%" PRIx64 "\n", i,
                   i < trace.count ? trace.address[i] : 0,
                   i < now.memory.fetches ? now.memory.fetched[i] : 0);
}

/* Cheap when it holds, unlike an assertion of libcheck. */
static void require(bool holds, const char *what)
{
    if (holds)
        return;
    print_world();
    print_answers();
    fflush(stdout);
    ck_abort_msg("they differ in: %s", what);
}

/* The record as 7.3.12 to 7.3.16 lay it out; the driver headers agree on the bits. */
static void check_record(const struct oracle_request *q)
{
    const struct oracle_fault *f = &now.answer.fault;
    const uint64_t *words = now.result.event.words, known = ~now.result.event.unknown[3];
    bool permission = f->event == ORACLE_PERMISSION;
    bool rnw =
        !q->write || (permission && f->read_denied_only && (world.arch >= 1 || oracle_bit(words[1], 35)));
    int top = world.stream.oas - 1;
    require(oracle_slice(words[0], 7, 0) == (uint64_t)f->event, "event number of the record");
    require(words[2] == now.access.addr, "InputAddr");
    require(oracle_bit(words[1], 35) == rnw, "RnW");
    require(oracle_bit(words[1], 34) == (rnw && q->inst), "InD");
    require(oracle_bit(words[1], 33) == q->priv, "PnU");
    require(oracle_bit(words[1], 39) == f->stage2, "S2");
    require(oracle_bit(words[1], 38) == f->nsipa, "NSIPA");
    require(oracle_slice(words[1], 41, 40) == (uint64_t)f->class_of, "CLASS");
    require(!permission || f->class_of != ORACLE_CLASS_TT || oracle_bit(words[1], 44), "TTRnW");
    if (f->event == ORACLE_WALK_EABT)
        require(((words[3] ^ oracle_slice(f->fetch, top, 3) << 3) & known) == 0, "FetchAddr");
    else if (f->stage2)
        require(((words[3] ^ oracle_slice(f->ipa, top, 12) << 12) & known) == 0, "IPA");
}

static struct oracle_level oracle_level_of(const smref_cache_attr *level)
{
    static const int cache[3] = {[SMREF_NC] = 0, [SMREF_WT] = 1, [SMREF_WB] = 2};
    return (struct oracle_level){cache[level->cacheability], level->read_allocate, level->write_allocate,
                                 level->transient};
}

static struct oracle_attrs oracle_attrs_of(const smref_attrs *a)
{
    return (struct oracle_attrs){a->type != SMREF_MT_NORMAL,
                                 a->type != SMREF_MT_NORMAL ? a->type - SMREF_MT_DEVICE_GRE : 0, a->sh,
                                 oracle_level_of(&a->inner), oracle_level_of(&a->outer)};
}

static bool same_level(const struct oracle_level *a, const struct oracle_level *b)
{
    return a->cache == b->cache && a->read_allocate == b->read_allocate &&
           a->write_allocate == b->write_allocate && a->transient == b->transient;
}

static void check_attributes(void)
{
    struct oracle_attrs supplied = oracle_attrs_of(&now.access.attrs),
                        came = oracle_attrs_of(&now.result.attrs);
    struct oracle_attrs wanted =
        oracle_attributes(&world.stream, now.access.attrs_supplied ? &supplied : NULL, &now.answer);
    require(came.is_device == wanted.is_device && (!came.is_device || came.device == wanted.device),
            "memory type");
    require(came.sh == wanted.sh, "Shareability");
    require(same_level(&came.inner, &wanted.inner), "inner level");
    require(same_level(&came.outer, &wanted.outer), "outer level");
}

/* How often an access ended in a space, and a descriptor or CD was read in it: [space][what]. */
static unsigned spaces_met[3][3];

static void check_walk(const struct oracle_request *q)
{
    const struct oracle_answer *answer = &now.answer;
    const smref_result *result = &now.result;
    require(trace.count == now.memory.fetches, "number of descriptors read");
    if (world.stream.stage1 && answer->fault.class_of != ORACLE_CLASS_CD) {
        require(world.cd_read == answer->cd_space, "address space of the CD");
        spaces_met[answer->cd_space][2]++;
    }
    for (unsigned i = 0; i < trace.count && i < ORACLE_MAX_FETCHES; i++)
        require(trace.address[i] == now.memory.fetched[i] &&
                    trace.pas[i] == (smref_pas)now.memory.fetched_in[i],
                "address of a descriptor");
    for (unsigned i = 0; i < trace.count && i < ORACLE_MAX_FETCHES; i++)
        spaces_met[now.memory.fetched_in[i]][1]++;
    if (answer->fault.event) {
        require(result->outcome == SMREF_OUTCOME_ABORT, "outcome");
        require(answer->fault.level == -9 || answer->fault.level == trace.level, "level");
        check_record(q);
        return;
    }
    require(result->outcome == SMREF_OUTCOME_OK, "outcome");
    spaces_met[answer->space][0]++;
    require(result->pa == answer->pa, "address");
    require(result->pas == (smref_pas)answer->space, "address space");
    require(result->page_size == (answer->size_bits < 64 ? UINT64_C(1) << answer->size_bits : 0),
            "page size");
    check_attributes();
}

static void check_access(struct random *random)
{
    struct oracle_request q;
    now.access = world_access(&world, random);
    now.memory = (struct oracle_memory){.read = world_read, .context = &world};
    q = world_request(&world, &now.access);
    trace.count = 0;
    trace.level = -9;
    world.written.records = 0;
    require(smref_translate(smmu, &now.access, &now.result, NULL) == SMREF_OK, "status");
    const char *broken = broken_promise(smmu, &now.access, &now.result, &world.written);
    require(!broken, broken);
    oracle_access(&world.stream, &q, &now.memory, &now.answer);
    unsigned event = now.result.event_valid ? (unsigned)now.result.event.type : 0;
    require(event == (unsigned)now.answer.fault.event, "event");
    if (event != ORACLE_BAD_STE && event != ORACLE_BAD_CD)
        check_walk(&q);
}

/* How often a walk from each start level succeeded: [stage 2][granule][level + 1]. */
static unsigned reached[2][3][5];

static void run(enum world_kind kind, enum oracle_space state, unsigned rounds)
{
    uint64_t seed = from_environment("SMREF_PROPERTY_SEED", 1);
    uint64_t total = from_environment("SMREF_PROPERTY_ROUNDS", rounds);
    memset(spaces_met, 0, sizeof spaces_met);
    memset(reached, 0, sizeof reached);
    for (uint64_t i = 0; i < total; i++) {
        struct random random = {(seed + i) * 12 + (uint64_t)kind * 3 + (uint64_t)state};
        world_make(&world, &random, kind, state, smmu);
        now.seed = seed + i;
        for (unsigned n = 0; n < ACCESSES; n++)
            check_access(&random);
        if (kind != WORLD_BYPASS && world.stream.ste_legal && world.stream.cd_legal) {
            const struct oracle_tables *t = kind == WORLD_STAGE1 ? &world.stream.half[0] : &world.stream.s2;
            reached[kind != WORLD_STAGE1][(t->granule_bits - 12) / 2][t->start_level + 1]++;
        }
    }
}

static void check_spaces(void)
{
    unsigned own = world.stream.state;
    for (unsigned what = 0; what < 3; what++) {
        bool cd = what == 2 && world.stream.stage1;
        ck_assert_msg(what == 2 || spaces_met[own][what] > 10, "nothing of %u in its own space", what);
        /* Realm streams have all but their outputs in Realm memory, CDs of Secure streams need stage 2. */
        bool crosses =
            own == ORACLE_SECURE ? what < 2 || (cd && world.stream.stage2) : own == ORACLE_REALM && what == 0;
        ck_assert_msg(own == ORACLE_NS || (spaces_met[ORACLE_NS][what] > 10) == crosses,
                      "%u of %u in Non-secure memory", spaces_met[ORACLE_NS][what], what);
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

/* Non-secure, Secure, Realm streams. */
START_TEST(stage1)
{
    run(WORLD_STAGE1, (enum oracle_space)_i, _i ? 25000 : 40000);
    check_reached(false);
    check_spaces();
}
END_TEST

START_TEST(stage2)
{
    run(WORLD_STAGE2, (enum oracle_space)_i, _i ? 25000 : 40000);
    check_reached(true);
    check_spaces();
}
END_TEST

START_TEST(nested)
{
    run(WORLD_NESTED, (enum oracle_space)_i, _i ? 25000 : 40000);
    check_reached(true);
    check_spaces();
}
END_TEST

/* No tables; of Secure and Realm streams NS and NSCFG tell the space, and no instruction may be Non-secure.
 */
START_TEST(bypass)
{
    run(WORLD_BYPASS, (enum oracle_space)_i, 5000);
    ck_assert_uint_gt(spaces_met[_i][0], 10);
    ck_assert_uint_gt(spaces_met[ORACLE_NS][0], 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walks");
    TCase *tcase = tcase_create("walks");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, stage1, ORACLE_NS, ORACLE_REALM + 1);
    tcase_add_loop_test(tcase, stage2, ORACLE_NS, ORACLE_REALM + 1);
    tcase_add_loop_test(tcase, nested, ORACLE_NS, ORACLE_REALM + 1);
    tcase_add_loop_test(tcase, bypass, ORACLE_NS, ORACLE_REALM + 1);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
