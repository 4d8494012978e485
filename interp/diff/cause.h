/*
 * What a difference comes from. A target may show little of an access itself, and more of it only later: in
 * an index that is read, or a record that is loaded. Then the step that differs is not the one that decided.
 */
#ifndef SMREF_CAUSE_H
#define SMREF_CAUSE_H

#include "sight.h"

#define SMREF_RECORD_WORDS 4

typedef struct smref_cause {
    size_t step;                     /* SIZE_MAX: none is known but the step itself */
    uint16_t rules[SMREF_MAX_RULES]; /* of that step */
    unsigned rule_count;
    bool recorded;     /* it wrote a record */
    bool record_shown; /* the target shows later where the next record goes, and there is one: */
    uint64_t record[SMREF_RECORD_WORDS];
} smref_cause;

/* What the model did in the steps of a case so far. */
typedef struct smref_history {
    size_t steps;
    uint8_t rule_count[SMREF_CASE_STEPS];
    uint16_t rules[SMREF_CASE_STEPS][SMREF_MAX_RULES];
    bool recorded[SMREF_CASE_STEPS]; /* the step wrote a record, */
    uint64_t at[SMREF_CASE_STEPS];   /* there */
} smref_history;

/* Adds the next step. `at` is where it wrote a record, if it did. */
void smref_history_add(smref_history *history, const smref_result *result, uint64_t at);
/* Of a difference in `step`, which is the last of the history, to what was predicted for it. `shown` is what
 * the target shows of all steps. */
void smref_find_cause(const smref_history *history, const smref_case *c, size_t step,
                      const smref_sight *predicted, const smref_sight *shown, smref_cause *out);
/* Bits of an index of the queue with that base register, "EVENTQ_BASE", with the wrap flag; by what the steps
 * before wrote there. */
uint64_t smref_queue_indexes(const smref_case *c, size_t step, const char *base);
/* Whether the step loads nothing but records of the Event queue. */
bool smref_loads_records(const smref_case *c, size_t step);
/* The first of the records in which two sights of a load differ. */
unsigned smref_record_that_differs(const smref_stimulus *load, const smref_sight *predicted,
                                   const smref_sight *shown);

#endif
