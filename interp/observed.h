/*
 * What a real machine did, one line of JSON a step:
 *   {"step": 0, "outcome": "ok", "pa": "0x…"}
 *   {"step": 1, "outcome": "abort", "event": "F_TRANSLATION", "words": ["0x…", "0x…", "0x…", "0x…"]}
 */
#ifndef SMREF_OBSERVED_H
#define SMREF_OBSERVED_H

#include <stdio.h>

#include "stepper.h"

typedef struct smref_observation {
    json_t *line;
    unsigned number; /* of the line, from 1 */
    const char *outcome;
    bool translated; /* pa is there */
    uint64_t pa;
    const char *event; /* NULL: no record */
    uint64_t words[4];
} smref_observation;

typedef struct smref_observed {
    smref_observation *list; /* by step, none left out */
    size_t count;
} smref_observed;

/* Reads a file. On false *error names its line and nothing needs freeing. */
bool smref_observed_load(const char *path, smref_observed *out, smref_jerror *error);
void smref_observed_free(smref_observed *observed);

/* Whether a step ended as it was observed: outcome, output address, and of the record its event, StreamID,
 * RnW, CLASS, S2 and InputAddr. Differences go to `to`, a line each. */
bool smref_observed_agrees(const smref_observation *seen, const smref_stimulus *stimulus,
                           const smref_step_result *result, FILE *to);
/* run_observed.c: runs the steps of a snapshot against a file of observations, prints the differences and how
 * many agree. An exit code: 1 when one differs. */
int smref_run_observed(const char *path, smref_machine *machine, const smref_jdoc *doc,
                       const smref_snapshot *snapshot);
/* The observation as an outcome of smref-result, as far as it goes. */
json_t *smref_observed_outcome(const smref_observation *seen);

#endif
