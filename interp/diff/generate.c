/* Cases by index. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "scene.h"

struct smref_generator {
    smref_abilities abilities;
    uint64_t seed;
};

smref_generator *smref_generator_new(const smref_implementation *implementation, uint64_t seed,
                                     smref_jerror *error)
{
    smref_generator *g = smref_alloc(1, sizeof *g);

    g->seed = seed;
    if (smref_abilities_make(&g->abilities, implementation, error))
        return g;
    free(g);
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

void smref_generate(const smref_generator *g, uint64_t index, smref_case *out)
{
    static const uint8_t turns[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                                      2, 3, 3, 4, 4, 5, 6, 6, 7, 7, 0, 0, 0, 0, 0, 0};
    smref_plan plan = {.seed = smref_mix(g->seed ^ smref_mix(index + 1)), .strand = turns[index >> 1 & 31]};
    smref_scene scene;
    smref_dice d = {.state = smref_mix(plan.seed)};

    if (!smref_strand_possible(&g->abilities, (smref_strand)plan.strand))
        plan.strand = SMREF_STRAND_TRANSLATION;
    smref_case_clear(out, index, kinds[plan.strand]);
    smref_scene_make(&g->abilities, &plan, &scene);
    if (index & 1) {
        for (unsigned count = 1; count < 4 && (count == 1 || smref_roll_one_in(&d, 2)); count++)
            if (smref_edit_draw(&scene, &d, &plan.edits[0]))
                (void)smref_edit_apply(&g->abilities, &scene, &plan.edits[0]);
    }
    smref_scene_emit(&scene, &g->abilities, out);
}

smref_goal smref_generator_goal(const smref_generator *g, smref_rule rule)
{
    (void)g, (void)rule;
    return SMREF_GOAL_MISSED;
}
