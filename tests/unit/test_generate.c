/* The generator of cases: that an index tells all of a case, that scenes are legal before they are edited,
 * and what share of the rules has a goal. */
#include <stdio.h>
#include <string.h>

#include "../suite.h"
#include "goals.h"

#define SCENES 4000

/* An implementation that has all that devices can do, or little, in the memory of a small board. */
static const smref_implementation *make(const char *profile, bool plain)
{
    static smref_implementation made;
    smref_jerror error;

    smref_implementation_clear(&made);
    memset(&made, 0, sizeof made);
    strcpy(made.name, profile);
    ck_assert(smref_profile_open(profile, &made.profile, &error));
    made.spaces = plain ? 1 << SMREF_PAS_NS : 15;
    made.memory_count = plain ? 1 : SMREF_PAS_COUNT;
    for (unsigned p = 0; p < made.memory_count; p++)
        made.memory[p] = (smref_window){(smref_pas)p, 0x40000000, 0x10000000};
    made.device_count = 3;
    for (unsigned i = 0; i < 3; i++) {
        unsigned all = SMREF_CAN_READ | SMREF_CAN_WRITE | SMREF_CAN_ATOMIC | SMREF_CAN_SIZES |
                       SMREF_CAN_SSID | SMREF_CAN_PRIV | SMREF_CAN_INST | SMREF_CAN_ATTRS | SMREF_CAN_NS |
                       SMREF_CAN_ANY_SID;
        made.devices[i] = plain
                              ? (smref_device){SMREF_SEC_NS, 0x10u << 2 * i, SMREF_CAN_READ | SMREF_CAN_WRITE}
                              : (smref_device){(smref_sec_sid)i, 0x10, all};
    }
    if (!plain)
        made.devices[made.device_count++] = (smref_device){
            .sec_sid = SMREF_SEC_NS, .can = SMREF_CAN_READ | SMREF_CAN_WRITE | SMREF_CAN_NO_SID};
    return &made;
}

static const struct {
    const char *profile;
    bool plain;
    unsigned share; /* of the rules that it can reach, in percent, at least */
} kinds[] = {{"qemu-11.1", true, 95},
             {"arch-3.4", false, 95},
             {"arch-3.4-rme", false, 90},
             {"secure-3.1", false, 90},
             {"rme", false, 85}};

static smref_generator *generator(const smref_implementation *implementation, uint64_t seed)
{
    smref_jerror error;
    smref_generator *g = smref_generator_new(implementation, seed, &error);

    ck_assert_msg(g != NULL, "%s: %s", implementation->name, error.text);
    return g;
}

/* ---- An index tells all ---------------------------------------------------------------------------- */

static uint64_t digest(const smref_case *c)
{
    uint64_t sum = c->count;

    for (size_t i = 0; i < c->count; i++) {
        const smref_stimulus *s = &c->steps[i];
        const uint64_t words[] = {
            s->op,          s->access.sec_sid, s->access.sid, s->access.ssid, s->access.addr,
            s->access.type, s->access.size,    s->access.ns,  s->access.inst, s->mmio.pas,
            s->mmio.size,   s->mmio.offset,    s->mmio.value, s->pas,         s->at,
            s->size,        c->layouts[i],     s->named.reg,  s->access.priv, s->access.xt};
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            sum = smref_mix(sum ^ words[w]) + w;
        for (size_t b = 0; s->op == SMREF_OP_STORE && b < s->size; b++)
            sum = smref_mix(sum ^ s->bytes[b]);
    }
    return sum;
}

START_TEST(index_tells_all)
{
    const smref_implementation *implementation = make("arch-3.4-rme", false);
    smref_generator *one = generator(implementation, 5), *two = generator(implementation, 5);
    smref_generator *other = generator(implementation, 6);
    static smref_case c;
    uint64_t forward[600], different = 0;

    for (uint64_t i = 0; i < 600; i++) {
        smref_generate(one, i * 37, &c);
        ck_assert_uint_eq(c.index, i * 37);
        ck_assert(!c.full && c.count > 0);
        forward[i] = digest(&c);
    }
    for (uint64_t i = 600; i-- > 0;) {
        smref_generate(two, i * 37, &c);
        ck_assert_uint_eq(digest(&c), forward[i]);
        smref_generate(other, i * 37, &c);
        different += digest(&c) != forward[i];
    }
    ck_assert_uint_gt(different, 590);
    smref_generator_free(one);
    smref_generator_free(two);
    smref_generator_free(other);
}
END_TEST

/* ---- Scenes are legal ------------------------------------------------------------------------------ */

/* Neither a configuration error nor a failed fetch (7.3). */
static bool is_misconfigured(smref_event_type type)
{
    switch (type) {
    case SMREF_C_BAD_STREAMID:
    case SMREF_F_STE_FETCH:
    case SMREF_C_BAD_STE:
    case SMREF_C_BAD_SUBSTREAMID:
    case SMREF_F_CD_FETCH:
    case SMREF_C_BAD_CD:
    case SMREF_F_WALK_EABT:
        return true;
    default:
        return false;
    }
}

START_TEST(scenes_are_legal)
{
    const smref_implementation *implementation = make(kinds[_i].profile, kinds[_i].plain);
    smref_follower *follower = smref_follower_new(implementation, NULL);
    static smref_abilities a;
    static smref_scene scene;
    static smref_case c;
    static smref_prediction p;
    smref_verdict why;
    unsigned reached = 0, accesses = 0;

    ck_assert(smref_abilities_make(&a, implementation, NULL));
    for (uint64_t seed = 0; seed < SCENES; seed++) {
        const smref_plan plan = {.seed = smref_mix(seed), .strand = SMREF_STRAND_TRANSLATION};
        smref_scene_make(&a, &plan, &scene);
        smref_case_clear(&c, seed, "translation");
        smref_scene_emit(&scene, &a, &c);
        ck_assert(!c.full);
        if (!smref_predict(follower, &c, &p, &why))
            continue;
        for (size_t i = 0; i < c.count; i++) {
            if (c.steps[i].op != SMREF_OP_ACCESS)
                continue;
            ck_assert_msg(!p.sights[i].event_valid || !is_misconfigured(p.sights[i].event.type),
                          "%s, seed %llu, step %zu: event 0x%x", kinds[_i].profile, (unsigned long long)seed,
                          i, (unsigned)p.sights[i].event.type);
            reached += p.sights[i].outcome == SMREF_OUTCOME_OK;
            accesses++;
        }
    }
    ck_assert_uint_gt(accesses, SCENES);
    ck_assert_uint_gt(reached * 2, accesses);
    smref_abilities_clear(&a);
    smref_follower_free(follower);
}
END_TEST

/* ---- Goals, strands -------------------------------------------------------------------------------- */

START_TEST(goals_are_reached)
{
    const smref_implementation *implementation = make(kinds[_i].profile, kinds[_i].plain);
    smref_generator *g = generator(implementation, 1);
    unsigned counts[4] = {0};

    for (unsigned rule = 1; rule < SMREF_RULE_COUNT; rule++) {
        smref_goal goal = smref_generator_goal(g, (smref_rule)rule);
        counts[goal]++;
        if (goal == SMREF_GOAL_MISSED)
            printf("# %s: no goal for %s\n", kinds[_i].profile, smref_rule_at(rule)->id);
    }
    printf("# %s: %u goals reached, %u missed, %u absent\n", kinds[_i].profile, counts[SMREF_GOAL_REACHED],
           counts[SMREF_GOAL_MISSED], counts[SMREF_GOAL_ABSENT]);
    ck_assert_uint_ge(100 * counts[SMREF_GOAL_REACHED],
                      kinds[_i].share * (counts[SMREF_GOAL_REACHED] + counts[SMREF_GOAL_MISSED]));
    smref_generator_free(g);
}
END_TEST

START_TEST(all_strands_appear)
{
    static const char *const expected[] = {"translation", "bypass", "queues", "commands",
                                           "registers",   "caches", "atos",   "granules"};
    smref_generator *g = generator(make("arch-3.4-rme", false), 2);
    static smref_case c;
    unsigned seen[8] = {0};

    for (uint64_t i = 0; i < 2000; i++) {
        smref_generate(g, i, &c);
        for (unsigned k = 0; k < 8; k++)
            seen[k] += !strcmp(c.kind, expected[k]);
    }
    for (unsigned k = 0; k < 8; k++)
        ck_assert_msg(seen[k] > 20, "%s appears %u times", expected[k], seen[k]);
    smref_generator_free(g);
}
END_TEST

/* A condition that the implementation does not meet, and one that it does. */
START_TEST(absent_rules)
{
    static smref_abilities a;

    ck_assert(smref_abilities_make(&a, make("qemu-11.1", true), NULL));
    ck_assert(smref_rule_is_absent(&a, SMREF_RULE_STE_S1_UNSUPPORTED));
    ck_assert(smref_rule_is_absent(&a, SMREF_RULE_CMD_TLBI_EL2_VA_RANGE));
    ck_assert(smref_rule_is_absent(&a, SMREF_RULE_CMD_TLBI_S_EL2_VA_RANGE));
    ck_assert(smref_rule_is_absent(&a, SMREF_RULE_SIF));
    ck_assert(smref_rule_is_absent(&a, SMREF_RULE_L1CD_INVALID));
    ck_assert(!smref_rule_is_absent(&a, SMREF_RULE_STE_INVALID));
    ck_assert(!smref_rule_is_absent(&a, SMREF_RULE_CD_TTB0_RANGE));
    ck_assert(!smref_rule_is_absent(&a, SMREF_RULE_S1_LEAF_ADDR_SIZE));
    ck_assert(!smref_rule_is_absent(&a, SMREF_RULE_CMD_TLBI_NH_VA_RANGE));
    smref_abilities_clear(&a);
}
END_TEST

int main(void)
{
    const int count = sizeof kinds / sizeof *kinds;
    Suite *suite = suite_create("generate");
    TCase *cases = tcase_create("cases");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, index_tells_all);
    tcase_add_loop_test(cases, scenes_are_legal, 0, count);
    tcase_add_loop_test(cases, goals_are_reached, 0, count);
    tcase_add_test(cases, all_strands_appear);
    tcase_add_test(cases, absent_rules);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
