/* Runs steps on a machine, one at a time, or in every way that the architecture permits. */
#ifndef SMREF_STEPPER_H
#define SMREF_STEPPER_H

#include "snapshot.h"

typedef struct smref_step_result {
    smref_op op;
    smref_result access;                  /* SMREF_OP_ACCESS */
    uint32_t gerror[SMREF_SEC_REALM + 1]; /* after the step, per Security state */
    uint8_t *loaded; /* SMREF_OP_LOAD: the stimulus's `size` bytes; freed with the result */
} smref_step_result;

/*
 * Runs one step; the machine keeps the new state. False: the model lacks something that the step needs, or
 * the step makes no sense; *error names it (doc may be NULL: no place) and the machine is as before.
 */
bool smref_step_run(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                    smref_step_result *out, smref_jerror *error);
void smref_step_result_free(smref_step_result *result);

/* Whether a client or software could tell the two apart (rules do not count). Bits unknown in either do not
 * count. */
bool smref_step_same(const smref_stimulus *stimulus, const smref_step_result *a, const smref_step_result *b);

#define SMREF_MAX_REPLAYS 4096

typedef struct smref_permitted {
    smref_step_result result;
    smref_choice_set
        *ways; /* each a combination of choices that leads to it; choices that do not matter are -1 */
    size_t way_count;
} smref_permitted;

/* The distinct outcomes of a step; the first is the one that the machine's own choices select. */
typedef struct smref_outcomes {
    smref_permitted *list;
    size_t count;
    unsigned replays;
    bool capped; /* SMREF_MAX_REPLAYS were not enough: the list may lack outcomes */
} smref_outcomes;

/* Enumerates, then runs the step with the machine's own choices, whose state it keeps. */
bool smref_step_run_all(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                        smref_outcomes *out, smref_jerror *error);
void smref_outcomes_free(smref_outcomes *outcomes);

#endif
