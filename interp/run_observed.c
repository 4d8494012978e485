/* `smref run --observed`: the model against a real machine. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>

#include "command.h"
#include "observed.h"
#include "run_text.h"

/* Runs one step. A difference is printed under the step that it belongs to. */
static bool compare_step(smref_machine *machine, const smref_jdoc *doc, size_t index,
                         const smref_stimulus *stimulus, const smref_observation *seen, bool *agrees,
                         smref_jerror *error)
{
    smref_step_result result;
    char *text = NULL;
    size_t size = 0;

    if (!smref_step_run(machine, doc, stimulus, &result, error))
        return false;
    FILE *to = open_memstream(&text, &size);
    *agrees = to && smref_observed_agrees(seen, stimulus, &result, to);
    if (to)
        fclose(to);
    if (!*agrees) {
        printf("#%zu ", index);
        smref_print_stimulus(stdout, stimulus);
        printf(" -> ");
        smref_print_outcome(stdout, stimulus, &result);
        printf("\n%s", text ? text : "");
    }
    free(text);
    smref_step_result_free(&result);
    return true;
}

static int compare(smref_machine *machine, const smref_jdoc *doc, const smref_stimuli *steps,
                   const smref_observed *observed, smref_jerror *error)
{
    size_t agreeing = 0;

    for (size_t i = 0; i < steps->count; i++) {
        bool agrees = false;
        if (!compare_step(machine, doc, i, &steps->list[i], &observed->list[i], &agrees, error)) {
            fflush(stdout);
            return smref_bad_input(error->text);
        }
        agreeing += agrees;
    }
    printf("%zu of %zu agree\n", agreeing, steps->count);
    return smref_finish(agreeing == steps->count ? SMREF_EXIT_OK : SMREF_EXIT_DIFFERENT);
}

int smref_run_observed(const char *path, smref_machine *machine, const smref_jdoc *doc,
                       const smref_snapshot *snapshot)
{
    smref_jerror error = {""};
    smref_observed observed;

    if (!smref_observed_load(path, &observed, &error))
        return smref_bad_input(error.text);
    int code = SMREF_EXIT_USAGE;
    if (observed.count == snapshot->steps.count)
        code = compare(machine, doc, &snapshot->steps, &observed, &error);
    else
        fprintf(stderr, "smref: %s: %zu observations of %zu steps\n", path, observed.count,
                snapshot->steps.count);
    smref_observed_free(&observed);
    return code;
}
