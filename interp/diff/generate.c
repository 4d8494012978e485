/* Cases by index. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "goals.h"

struct smref_generator {
    smref_abilities abilities;
    smref_goals goals;
    uint64_t seed;
};

smref_generator *smref_generator_new(const smref_implementation *implementation, uint64_t seed,
                                     smref_jerror *error)
{
    smref_generator *g = smref_alloc(1, sizeof *g);

    g->seed = seed;
    if (!smref_abilities_make(&g->abilities, implementation, error)) {
        free(g);
        return NULL;
    }
    if (smref_goals_find(&g->goals, &g->abilities, seed, error))
        return g;
    smref_generator_free(g);
    return NULL;
}

void smref_generator_free(smref_generator *g)
{
    smref_abilities_clear(&g->abilities);
    free(g);
}

static const char *const kinds[SMREF_STRAND_COUNT] = {
    [SMREF_STRAND_TRANSLATION] = "translation",
    [SMREF_STRAND_BYPASS] = "bypass",
    [SMREF_STRAND_QUEUES] = "queues",
    [SMREF_STRAND_COMMANDS] = "commands",
    [SMREF_STRAND_REGISTERS] = "registers",
    [SMREF_STRAND_CACHES] = "caches",
    [SMREF_STRAND_ATOS] = "atos",
    [SMREF_STRAND_GRANULES] = "granules",
};

/* ---- Turns ----------------------------------------------------------------------------------------- */

static void add_edit(const smref_generator *g, smref_scene *scene, const smref_edit *edit)
{
    (void)smref_edit_apply(&g->abilities, scene, edit);
}

static void edit_at_random(const smref_generator *g, smref_scene *scene, smref_dice *d)
{
    smref_edit edit;

    do
        if (smref_edit_draw(&g->abilities, scene, d, &edit))
            add_edit(g, scene, &edit);
    while (smref_roll_one_in(d, 2));
}

static smref_strand take_strand(const smref_generator *g, smref_strand strand, uint64_t seed, smref_dice *d,
                                smref_scene *scene)
{
    smref_plan plan = {.seed = seed, .strand = (uint8_t)strand};

    if (!smref_strand_possible(&g->abilities, strand))
        plan.strand = SMREF_STRAND_TRANSLATION;
    smref_scene_make(&g->abilities, &plan, scene);
    /* What invalidations suffice for is part of the scene: edits would make the outcome one of several. */
    if (plan.strand != SMREF_STRAND_CACHES && !smref_roll_one_in(d, 3))
        edit_at_random(g, scene, d);
    return (smref_strand)plan.strand;
}

/* Round by round: all goals, then the first neighbour of each, the second, ... */
static smref_strand take_goal(const smref_generator *g, uint64_t number, smref_dice *d, smref_scene *scene)
{
    const smref_goal_plan *goal = &g->goals.list[number % g->goals.count];
    uint64_t round = number / g->goals.count;
    smref_edit edit;

    if (round > SMREF_NEIGHBOURS && !smref_roll_one_in(d, 4))
        return take_strand(g, SMREF_STRAND_TRANSLATION, smref_roll(d), d, scene);
    for (unsigned i = 0; goal->dangerous && round > goal->neighbours && i < 8; i++)
        goal = &g->goals.list[smref_roll_below(d, g->goals.count)];
    smref_scene_make(&g->abilities, &goal->plan, scene);
    if (!round)
        return (smref_strand)goal->plan.strand;
    if (round <= goal->neighbours && smref_goal_neighbour(goal, scene, (unsigned)(round - 1), &edit)) {
        add_edit(g, scene, &edit);
        return (smref_strand)goal->plan.strand;
    }
    if (goal->neighbours && smref_roll_one_in(d, 2) &&
        smref_goal_neighbour(goal, scene, smref_roll_below(d, goal->neighbours), &edit))
        add_edit(g, scene, &edit);
    edit_at_random(g, scene, d);
    return (smref_strand)goal->plan.strand;
}

/* Two goals in one state: the edits of one upon those of the other. */
static smref_strand take_pair(const smref_generator *g, uint64_t number, smref_dice *d, smref_scene *scene)
{
    const smref_goals *goals = &g->goals;
    unsigned count = goals->edited_count, first = (unsigned)(number % count);
    unsigned second = (unsigned)((first + 1 + number / count) % count);
    const smref_goal_plan *one = &goals->list[goals->edited[first]];
    const smref_goal_plan *two = &goals->list[goals->edited[second]];

    smref_scene_make(&g->abilities, &one->plan, scene);
    for (unsigned i = 0; i < two->plan.edit_count; i++)
        add_edit(g, scene, &two->plan.edits[i]);
    if (number / count >= count)
        edit_at_random(g, scene, d);
    return (smref_strand)one->plan.strand;
}

/* Of 16 indexes: */
enum turn {
    TURN_GOAL,
    TURN_PAIR,
    TURN_TRANSLATION,
    TURN_REGISTERS,
    TURN_COMMANDS,
    TURN_QUEUES,
    TURN_MIXTURES
};

static const uint8_t turns[16] = {
    TURN_GOAL,        TURN_TRANSLATION, TURN_GOAL,        TURN_PAIR,     TURN_GOAL, TURN_TRANSLATION,
    TURN_REGISTERS,   TURN_GOAL,        TURN_TRANSLATION, TURN_COMMANDS, TURN_GOAL, TURN_PAIR,
    TURN_TRANSLATION, TURN_QUEUES,      TURN_MIXTURES,    TURN_MIXTURES,
};

/* Which of its kind the turn of an index is. */
static uint64_t number_of(uint64_t index, unsigned turn)
{
    uint64_t before = 0, each = 0;

    for (unsigned i = 0; i < 16; i++) {
        each += turns[i] == turn;
        before += i < index % 16 && turns[i] == turn;
    }
    return index / 16 * each + before;
}

static smref_strand take_turn(const smref_generator *g, uint64_t index, uint64_t seed, smref_dice *d,
                              smref_scene *scene)
{
    static const uint8_t mixtures[4] = {SMREF_STRAND_CACHES, SMREF_STRAND_ATOS, SMREF_STRAND_GRANULES,
                                        SMREF_STRAND_GRANULES};
    unsigned turn = turns[index % 16];
    uint64_t number = number_of(index, turn);

    switch ((enum turn)turn) {
    case TURN_GOAL:
        if (g->goals.count)
            return take_goal(g, number, d, scene);
        break;
    case TURN_PAIR:
        if (g->goals.edited_count)
            return take_pair(g, number, d, scene);
        break;
    case TURN_REGISTERS:
        return take_strand(g, SMREF_STRAND_REGISTERS, seed, d, scene);
    case TURN_COMMANDS:
        return take_strand(g, SMREF_STRAND_COMMANDS, seed, d, scene);
    case TURN_QUEUES:
        return take_strand(g, number & 1 ? SMREF_STRAND_QUEUES : SMREF_STRAND_BYPASS, seed, d, scene);
    case TURN_MIXTURES:
        return take_strand(g, (smref_strand)mixtures[number & 3], seed, d, scene);
    case TURN_TRANSLATION:
        break;
    }
    return take_strand(g, SMREF_STRAND_TRANSLATION, seed, d, scene);
}

void smref_generate(const smref_generator *g, uint64_t index, smref_case *out)
{
    uint64_t seed = smref_mix(smref_mix(g->seed) + index);
    smref_dice d = {.state = smref_mix(seed)};
    smref_scene scene;
    smref_strand strand = take_turn(g, index, seed, &d, &scene);

    smref_case_clear(out, index, kinds[strand]);
    smref_scene_emit(&scene, &g->abilities, out);
}

smref_goal smref_generator_goal(const smref_generator *g, smref_rule rule)
{
    return g->goals.standing[rule];
}
