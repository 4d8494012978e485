/*
 * Every outcome that the architecture permits for a step. The step is replayed on a copy of the state; when
 * it meets a choice that is not settled yet, it is replayed once for each permitted option, which may lead to
 * further choices: a tree, whose leaves are outcomes. A choice whose branches turn out alike does not matter,
 * and leaves no trace in the ways that lead to an outcome.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "stepper.h"

/* A leaf, as seen from a node of the tree. */
struct way {
    size_t outcome;
    smref_choice_set choices;
};

struct ways {
    struct way *list;
    size_t count;
};

struct search {
    smref_machine *machine;
    const smref_jdoc *doc;
    const smref_stimulus *stimulus;
    const smref *before; /* the state to replay on, with the machine's own choices */
    smref_outcomes *out;
    smref_jerror *error;
};

/* ---- Lists ----------------------------------------------------------------------------------------- */

static void append_way(struct ways *ways, size_t outcome, const smref_choice_set *choices)
{
    ways->list = smref_resize(ways->list, ways->count + 1, sizeof *ways->list);
    ways->list[ways->count++] = (struct way){outcome, *choices};
}

/* Whether two branches below `choice` are alike. */
static bool alike(const struct ways *a, const struct ways *b, unsigned choice)
{
    size_t i;
    unsigned c;

    if (a->count != b->count)
        return false;
    for (i = 0; i < a->count; i++) {
        if (a->list[i].outcome != b->list[i].outcome)
            return false;
        for (c = 0; c < SMREF_CHOICE_COUNT; c++)
            if (c != choice && a->list[i].choices.option[c] != b->list[i].choices.option[c])
                return false;
    }
    return true;
}

/* The index of the outcome in the list; the result passes into it, or is freed. */
static size_t settle_outcome(struct search *s, smref_step_result *result)
{
    smref_outcomes *out = s->out;
    size_t i;

    for (i = 0; i < out->count; i++) {
        if (smref_step_same(s->stimulus, &out->list[i].result, result)) {
            smref_step_result_free(result);
            return i;
        }
    }
    out->list = smref_resize(out->list, out->count + 1, sizeof *out->list);
    out->list[out->count] = (smref_permitted){.result = *result};
    return out->count++;
}

/* ---- The tree -------------------------------------------------------------------------------------- */

static bool replay(struct search *s, const smref_choice_set *settled, smref_step_result *result)
{
    smref *smmu = s->machine->smmu;
    smref_choice refused;
    bool good;

    s->out->replays++;
    smref_copy_state(smmu, s->before);
    (void)smref_choices_deposit(settled, smmu, &refused); /* permitted: explore() asked */
    smref_sparse_checkpoint(s->machine->memory);
    good = smref_step_run(s->machine, s->doc, s->stimulus, result, s->error);
    smref_sparse_rollback(s->machine->memory);
    return good;
}

/* The first choice that the replay met and that is not settled; SMREF_CHOICE_COUNT when there is none. */
static unsigned open_choice(const smref_result *result, const smref_choice_set *settled)
{
    unsigned c;

    for (c = 0; c < SMREF_CHOICE_COUNT; c++)
        if (result->choices_met[c / 64] >> c % 64 & 1 && settled->option[c] < 0)
            break;
    return c;
}

static bool explore(struct search *s, smref_choice_set *settled, const smref_step_result *known,
                    struct ways *out);

/* One option of a choice. The machine's own option needs no replay: the parent's was the same. */
static bool explore_option(struct search *s, smref_choice_set *settled, unsigned choice, unsigned option,
                           const smref_step_result *parent, struct ways *out)
{
    bool own = option == smref_get_choice(s->before, (smref_choice)choice), good;

    *out = (struct ways){NULL, 0};
    if (!smref_option_permitted(s->before, (smref_choice)choice, option))
        return true;
    settled->option[choice] = (int16_t)option;
    good = explore(s, settled, own ? parent : NULL, out);
    settled->option[choice] = -1;
    return good;
}

static bool branch(struct search *s, smref_choice_set *settled, unsigned choice,
                   const smref_step_result *parent, struct ways *out)
{
    unsigned count = smref_choice_at(choice)->option_count, own, i;
    struct ways *below = smref_alloc(count, sizeof *below);
    bool good, matters = false;
    size_t k;

    own = smref_get_choice(s->before, (smref_choice)choice);
    good = explore_option(s, settled, choice, own, parent, &below[0]);
    for (i = 0; good && i + 1 < count; i++) {
        good = explore_option(s, settled, choice, i < own ? i : i + 1, parent, &below[i + 1]);
        matters = matters || (below[i + 1].count && !alike(&below[0], &below[i + 1], choice));
    }
    for (i = 0; i < count; i++) {
        for (k = 0; (matters || i == 0) && k < below[i].count; k++) {
            if (!matters)
                below[i].list[k].choices.option[choice] = -1;
            append_way(out, below[i].list[k].outcome, &below[i].list[k].choices);
        }
        free(below[i].list);
    }
    free(below);
    return good;
}

static bool explore(struct search *s, smref_choice_set *settled, const smref_step_result *known,
                    struct ways *out)
{
    smref_step_result result;
    unsigned choice;
    bool good = true;

    if (!known && s->out->replays == SMREF_MAX_REPLAYS) {
        s->out->capped = true;
        return true;
    }
    if (!known && !replay(s, settled, &result))
        return false;
    choice = open_choice(known ? &known->access : &result.access, settled);
    if (choice < SMREF_CHOICE_COUNT) {
        good = branch(s, settled, choice, known ? known : &result, out);
        if (!known)
            smref_step_result_free(&result);
        return good;
    }
    if (known) {
        result = *known;
        result.loaded = NULL; /* only accesses meet choices, so only they come here */
    }
    append_way(out, settle_outcome(s, &result), settled);
    return true;
}

bool smref_step_enumerate(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                          smref_outcomes *out, smref_jerror *error)
{
    struct search search = {machine, doc, stimulus, NULL, out, error};
    struct ways ways = {NULL, 0};
    smref_choice_set settled;
    smref *before = smref_clone(machine->smmu);
    bool good;
    size_t i;

    *out = (smref_outcomes){.count = 0};
    if (!before)
        return smref_jfail(doc, stimulus->node, error, "the host has no memory left");
    search.before = before;
    smref_choices_clear(&settled);
    good = explore(&search, &settled, NULL, &ways);
    smref_copy_state(machine->smmu, before);
    smref_free(before);
    for (i = 0; i < ways.count; i++) {
        smref_permitted *p = &out->list[ways.list[i].outcome];
        p->ways = smref_resize(p->ways, p->way_count + 1, sizeof *p->ways);
        p->ways[p->way_count++] = ways.list[i].choices;
    }
    free(ways.list);
    if (!good)
        smref_outcomes_free(out);
    return good;
}

void smref_outcomes_free(smref_outcomes *outcomes)
{
    size_t i;

    for (i = 0; i < outcomes->count; i++) {
        smref_step_result_free(&outcomes->list[i].result);
        free(outcomes->list[i].ways);
    }
    free(outcomes->list);
    *outcomes = (smref_outcomes){.count = 0};
}
