/* Cases by index. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "scene.h"

struct smref_generator {
    smref_abilities abilities;
    uint64_t seed;
};

void smref_scene_make(const smref_abilities *a, const smref_plan *plan, smref_scene *scene)
{
    smref_dice d = {.state = plan->seed};

    smref_scene_translation(a, &d, scene);
    for (unsigned i = 0; i < plan->edit_count; i++)
        (void)smref_edit_apply(a, scene, &plan->edits[i]);
    for (size_t i = 0; i < scene->count; i++)
        smref_part_swap(&scene->parts[i]);
}

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

void smref_generate(const smref_generator *g, uint64_t index, smref_case *out)
{
    smref_plan plan = {.seed = smref_mix(g->seed ^ smref_mix(index + 1))};
    smref_scene scene;
    smref_dice d = {.state = smref_mix(plan.seed)};

    smref_case_clear(out, index, "translation");
    if (index & 1) {
        smref_scene_make(&g->abilities, &plan, &scene);
        while (plan.edit_count < 3 && (plan.edit_count == 0 || smref_roll_one_in(&d, 2)))
            if (smref_edit_draw(&scene, &d, &plan.edits[plan.edit_count]))
                plan.edit_count++;
    }
    smref_scene_make(&g->abilities, &plan, &scene);
    smref_scene_emit(&scene, &g->abilities, out);
}

smref_goal smref_generator_goal(const smref_generator *g, smref_rule rule)
{
    (void)g, (void)rule;
    return SMREF_GOAL_MISSED;
}
