/* The case of a finding, run on the model. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

bool smref_replay_open(smref_replay *r, const json_t *tree, const char *place, smref_jerror *error)
{
    char *text = json_dumps(tree, JSON_INDENT(1));
    bool good = text && smref_jdoc_parse(&r->doc, place, text, strlen(text), error);

    free(text);
    r->next = 0;
    if (!good)
        return false;
    if (!smref_snapshot_read(&r->doc, &r->doc.root, NULL, &r->snapshot, error)) {
        smref_jdoc_close(&r->doc);
        return false;
    }
    if (smref_machine_new(&r->machine, &r->doc, &r->snapshot, NULL, error))
        return true;
    smref_snapshot_free(&r->snapshot);
    smref_jdoc_close(&r->doc);
    return false;
}

void smref_replay_close(smref_replay *r)
{
    smref_machine_free(&r->machine);
    smref_snapshot_free(&r->snapshot);
    smref_jdoc_close(&r->doc);
}

static bool there_is_one(smref_replay *r, smref_jerror *error)
{
    return r->next < r->snapshot.steps.count ||
           smref_jfail(&r->doc, &r->doc.root, error, "there is no step %zu", r->next);
}

bool smref_replay_to(smref_replay *r, size_t step, smref_jerror *error)
{
    smref_step_result result;

    while (r->next < step) {
        if (!smref_replay_step(r, NULL, &result, error))
            return false;
        smref_step_result_free(&result);
    }
    return true;
}

bool smref_replay_permitted(smref_replay *r, smref_outcomes *all, smref_jerror *error)
{
    return there_is_one(r, error) &&
           smref_step_enumerate(&r->machine, &r->doc, &r->snapshot.steps.list[r->next], all, error);
}

bool smref_replay_step(smref_replay *r, smref_explanation *e, smref_step_result *result, smref_jerror *error)
{
    const smref_stimulus *step;
    bool good;

    if (!there_is_one(r, error))
        return false;
    step = &r->snapshot.steps.list[r->next++];
    if (e)
        smref_explanation_begin(e, r->machine.smmu, step->access.sec_sid);
    good = smref_step_run(&r->machine, &r->doc, step, result, error);
    if (e)
        smref_explanation_end(r->machine.smmu);
    return good;
}
