/* Makes the case of a finding small. */
#include "reduce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

struct reducer {
    smref_target *target;
    smref_follower *follower;
    const char *group;
    smref_reduction *out;
    smref_case trial;
    bool broken;
};

/* What one run needs; too large for the stack. */
struct run {
    smref_prediction predicted;
    smref_sight shown[SMREF_CASE_STEPS];
};

/* ---- One run --------------------------------------------------------------------------------------- */

/* The target died of the last step, as far as is known. */
static void note_death(const smref_target *target, const smref_case *c, const smref_prediction *predicted,
                       smref_reduction *out)
{
    smref_difference *d = &out->difference;

    memset(d, 0, sizeof *d);
    d->step = c->count - 1;
    d->aspect = SMREF_ASPECT_DIED;
    d->permitted[0] = predicted->sights[d->step];
    d->permitted_count = 1;
    smref_choices_clear(&d->ways[0]);
    d->rules[0] = predicted->last_rule[d->step];
    d->rule_count = d->rules[0] ? 1 : 0;
    smref_choices_clear(&out->taken);
    snprintf(out->died, sizeof out->died, "%s", target->why);
}

static smref_again judge(const smref_case *c, const char *group, const smref_reduction *out)
{
    char shown[SMREF_GROUP_ROOM];

    smref_diff_group(c, &out->difference, out->died[0] ? out->died : NULL, shown);
    return !group || strcmp(group, shown) == 0 ? SMREF_AGAIN_SAME : SMREF_AGAIN_OTHER;
}

static smref_target_status run_target(smref_target *target, const smref_case *c, struct run *run)
{
    smref_target_status status = target->submit(target, c, &run->predicted);

    return status == SMREF_TARGET_OK ? target->collect(target, run->shown) : status;
}

static smref_again run_once(smref_target *target, smref_follower *follower, const smref_case *c,
                            struct run *run, smref_reduction *out)
{
    smref_verdict verdict;

    if (c->count == 0 || !smref_predict(follower, c, &run->predicted, &verdict))
        return SMREF_AGAIN_NOT;
    out->runs++;
    out->died[0] = '\0';
    smref_choices_clear(&out->taken);
    switch (run_target(target, c, run)) {
    case SMREF_TARGET_BROKEN:
        return SMREF_AGAIN_BROKEN;
    case SMREF_TARGET_REFUSED:
        return SMREF_AGAIN_NOT;
    case SMREF_TARGET_DIED:
        note_death(target, c, &run->predicted, out);
        return SMREF_AGAIN_SAME;
    case SMREF_TARGET_OK:
        break;
    }
    verdict = smref_follow(follower, c, run->shown, &out->difference, &out->taken);
    if (verdict == SMREF_VERDICT_DIFFERS) /* it must not become small by being permitted after all */
        verdict = smref_follow_thoroughly(follower, c, run->shown, &out->difference, &out->taken);
    return verdict == SMREF_VERDICT_DIFFERS ? SMREF_AGAIN_SAME : SMREF_AGAIN_NOT;
}

smref_again smref_show_again(smref_target *target, smref_follower *follower, const smref_case *c,
                             const char *group, smref_reduction *out)
{
    struct run *run = smref_alloc(1, sizeof *run);
    smref_again again = run_once(target, follower, c, run, out);

    free(run);
    return again == SMREF_AGAIN_SAME ? judge(c, group, out) : again;
}

/* ---- Deaths ---------------------------------------------------------------------------------------- */

static void cut_behind(smref_case *c, size_t count)
{
    smref_cut(c, count, c->count - count);
}

/* Cuts off what follows the step in which the target dies, and fills out->difference and out->died. Costs
 * some runs. NOT: it does not die this time. */
static smref_again find_death(smref_target *target, smref_follower *follower, smref_case *c,
                              smref_reduction *out)
{
    size_t low = 0, high = c->count; /* the first `low` steps are survived, and the first `high` are not */
    smref_again again = smref_show_again(target, follower, c, NULL, out);
    smref_case *part;

    if (again != SMREF_AGAIN_SAME || !out->died[0])
        return again == SMREF_AGAIN_BROKEN ? again : SMREF_AGAIN_NOT;
    part = smref_alloc(1, sizeof *part);
    while (low + 1 < high && again != SMREF_AGAIN_BROKEN) {
        size_t middle = low + (high - low) / 2;
        smref_case_copy(part, c);
        cut_behind(part, middle);
        again = smref_show_again(target, follower, part, NULL, out);
        if (again == SMREF_AGAIN_SAME && out->died[0])
            high = middle;
        else
            low = middle;
    }
    free(part);
    if (again == SMREF_AGAIN_BROKEN)
        return again;
    cut_behind(c, high);
    again = smref_show_again(target, follower, c, NULL, out);
    return again == SMREF_AGAIN_SAME && !out->died[0] ? SMREF_AGAIN_NOT : again;
}

/* ---- Reducing -------------------------------------------------------------------------------------- */

/* Whether the trial still shows the group; then it becomes the reduced case. */
static bool keep_trial(struct reducer *r)
{
    smref_again again;

    if (r->broken || r->out->runs >= r->out->most)
        return false;
    again = smref_show_again(r->target, r->follower, &r->trial, r->group, r->out);
    r->broken = again == SMREF_AGAIN_BROKEN;
    if (again != SMREF_AGAIN_SAME)
        return false;
    smref_case_copy(&r->out->reduced, &r->trial);
    return true;
}

/* Stretches of steps, from half of them down to single ones, the later ones first. */
static bool cut_steps(struct reducer *r)
{
    const smref_case *best = &r->out->reduced;
    bool any = false;

    for (size_t length = (best->count + 1) / 2; length > 0; length /= 2) {
        for (size_t end = best->count, start; end > 0; end = start) {
            start = end > length ? end - length : 0;
            smref_case_copy(&r->trial, best);
            smref_cut(&r->trial, start, end - start);
            any = keep_trial(r) || any;
        }
    }
    return any;
}

static bool make_edits(struct reducer *r, const smref_edit *edit)
{
    const smref_case *best = &r->out->reduced;
    bool any = false;

    for (size_t place = edit->next(best, 0); place != SIZE_MAX; place = edit->next(best, place + 1)) {
        smref_case_copy(&r->trial, best);
        edit->apply(&r->trial, place);
        any = keep_trial(r) || any;
    }
    return any;
}

/* Until a whole round changes nothing. */
static void reduce(struct reducer *r)
{
    bool any = true;

    /* What follows the step may yet show what it is about. */
    smref_case_copy(&r->trial, &r->out->reduced);
    cut_behind(&r->trial, r->out->difference.step + 1);
    (void)keep_trial(r);

    while (any && !r->broken && r->out->runs < r->out->most) {
        any = cut_steps(r);
        for (size_t i = 0; i < smref_edit_count; i++)
            any = make_edits(r, &smref_edits[i]) || any;
    }
    r->out->minimal = !any && !r->broken && r->out->runs < r->out->most;
}

smref_again smref_reduce(smref_target *target, smref_follower *follower, const smref_case *c,
                         const char *group, smref_reduction *out)
{
    struct reducer *r = smref_alloc(1, sizeof *r);
    char own[SMREF_GROUP_ROOM];
    smref_again again;

    r->target = target;
    r->follower = follower;
    r->out = out;
    out->runs = 0;
    out->minimal = false;
    smref_case_copy(&out->reduced, c);
    again = smref_show_again(target, follower, c, NULL, out);
    if (again == SMREF_AGAIN_SAME && out->died[0])
        again = find_death(target, follower, &out->reduced, out);
    if (again == SMREF_AGAIN_SAME) {
        if (!out->most)
            out->most = out->died[0] ? SMREF_REDUCE_DEATHS : SMREF_REDUCE_RUNS;
        r->group =
            group ? group
                  : smref_diff_group(&out->reduced, &out->difference, out->died[0] ? out->died : NULL, own);
        again = judge(&out->reduced, r->group, out);
    }
    if (again == SMREF_AGAIN_SAME) {
        reduce(r);
        again = smref_show_again(target, follower, &out->reduced, r->group, out);
    }
    out->bits = smref_case_bits(&out->reduced);
    free(r);
    return again;
}

json_t *smref_reduced_json(const smref_reduction *reduction, const smref_implementation *implementation,
                           const char *group)
{
    const char *died = reduction->died[0] ? reduction->died : NULL;
    json_t *out = smref_diff_finding_json(&reduction->reduced, implementation, &reduction->difference,
                                          &reduction->taken, died);

    if (group)
        json_object_set_new(out, "group", json_string(group));
    json_object_set_new(out, "reduced", json_true());
    json_object_set_new(out, "minimal", json_boolean(reduction->minimal));
    return out;
}
