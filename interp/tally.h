/* The summary of a run: how many steps ended in which way, and why. */
#ifndef SMREF_TALLY_H
#define SMREF_TALLY_H

#include <stdio.h>

#include "stepper.h"

#define SMREF_TALLY_CAUSES 64
#define SMREF_TALLY_STREAMS 16

/* Why accesses were not translated: the same outcome, event and deciding rule. */
typedef struct smref_tally_cause {
    smref_outcome outcome;
    const char *event;           /* "" when none was recorded or lost */
    const smref_rule_info *rule; /* NULL when none decided */
    size_t count;
} smref_tally_cause;

typedef struct smref_tally_stream {
    smref_sec_sid sec_sid;
    uint32_t sid;
    size_t ok, other;
} smref_tally_stream;

typedef struct smref_tally {
    size_t steps, outcomes[SMREF_OUTCOME_STALL + 1];
    size_t several; /* with more than one permitted outcome */
    smref_tally_cause causes[SMREF_TALLY_CAUSES];
    smref_tally_stream streams[SMREF_TALLY_STREAMS];
    size_t cause_count, stream_count;
    bool crowded; /* there are more streams than there is room for */
} smref_tally;

/* Counts a step; `all` may be NULL. */
void smref_tally_add(smref_tally *tally, const smref_stimulus *stimulus, const smref_step_result *result,
                     const smref_outcomes *all);
/* The causes in order, the most frequent first. */
void smref_tally_sort(smref_tally *tally);
/* "865 steps: 755 ok, 110 aborted". Returns `out`. */
const char *smref_tally_line(const smref_tally *tally, char out[200]);
/* All of it; sorts. */
void smref_tally_print(FILE *to, smref_tally *tally);

#endif
