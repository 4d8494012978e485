/* The case of a finding, out of a file, run on the model. */
#ifndef SMREF_REPLAY_H
#define SMREF_REPLAY_H

#include <stdio.h>

#include "explain.h"
#include "stepper.h"

typedef struct smref_replay {
    smref_jdoc doc;
    smref_snapshot snapshot;
    smref_machine machine;
    size_t next; /* the step that runs next */
} smref_replay;

/* `tree` is a snapshot, `place` what messages name. On false *error says what is wrong and nothing needs
 * closing. */
bool smref_replay_open(smref_replay *replay, const json_t *tree, const char *place, smref_jerror *error);
void smref_replay_close(smref_replay *replay);
/* Runs the steps before `step`. */
bool smref_replay_to(smref_replay *replay, size_t step, smref_jerror *error);
/* All that is permitted for the next step, which is not taken. */
bool smref_replay_permitted(smref_replay *replay, smref_outcomes *all, smref_jerror *error);
/* Takes the next step; `e` (may be NULL) gets its explanation. *result needs freeing. */
bool smref_replay_step(smref_replay *replay, smref_explanation *e, smref_step_result *result,
                       smref_jerror *error);

/*
 * drawing.c: the walk of an access as SVG inside HTML, drawn by graphviz. False: `dot` is not there, or
 * failed, and nothing was written.
 */
bool smref_put_drawing(FILE *to, size_t step, const smref_explanation *e, const smref_stimulus *stimulus,
                       const smref_step_result *result);

#endif
