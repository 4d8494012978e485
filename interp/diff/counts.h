/*
 * How many cases were compared, and how they ended: the line {"summary":{…}} of smref-campaign, which a
 * campaign writes and a report adds up.
 */
#ifndef SMREF_COUNTS_H
#define SMREF_COUNTS_H

#include "follow.h"
#include "located.h"
#include "reason.h"

#define SMREF_COUNTS_KINDS 24
#define SMREF_COUNTS_NAME 32
#define SMREF_COUNTS_OPTIONS 16

typedef struct smref_kind_counts {
    char name[SMREF_COUNTS_NAME]; /* kind of a case: "translation" */
    uint64_t verdicts[SMREF_VERDICT_COUNT];
} smref_kind_counts;

/* How often each text was counted, in the order of the texts. */
typedef struct smref_text_count {
    char *text;
    uint64_t count;
} smref_text_count;

typedef struct smref_text_counts {
    smref_text_count *list;
    size_t count;
} smref_text_counts;

/* Zeroed, it has counted nothing. */
typedef struct smref_counts {
    uint64_t cases, steps; /* steps: of the cases that were compared */
    uint64_t restarts;     /* of the target */
    double seconds;
    smref_kind_counts kinds[SMREF_COUNTS_KINDS];
    size_t kind_count;
    uint64_t agree[SMREF_RULE_COUNT];  /* by rule: cases in which it decided something, and that agree, */
    uint64_t differ[SMREF_RULE_COUNT]; /* or differ */
    uint64_t choices[SMREF_CHOICE_COUNT][SMREF_COUNTS_OPTIONS]; /* cases in which the target was seen to take
                                                                   an option that is not the profile's */
    smref_text_counts groups;                       /* how often each group of findings was seen */
    smref_text_counts reasons[SMREF_VERDICT_COUNT]; /* how many cases ended so for which reason */
    uint64_t goals_reached;                         /* rules for which the generator found a state, */
    bool goals_missed[SMREF_RULE_COUNT];            /* and for which it should, and did not */
} smref_counts;

/* Counts a group of findings so many times more. */
void smref_counts_group(smref_counts *counts, const char *group, uint64_t times);
/* Counts so many cases more that ended so for a reason, which smref_reason_put makes safe. */
void smref_counts_reason(smref_counts *counts, smref_verdict verdict, const char *reason, uint64_t times);
/* Adds another part's; goals are the same in all parts. */
void smref_counts_add(smref_counts *counts, const smref_counts *more);
/* All cases that ended so. */
uint64_t smref_counts_total(const smref_counts *counts, smref_verdict verdict);
/* Whether a table of them needs a column for the verdict: cases agree or differ, or ended so. */
bool smref_counts_has(const smref_counts *counts, smref_verdict verdict);

typedef struct smref_reason {
    smref_verdict verdict;
    const char *text; /* of the counts */
    uint64_t count;
} smref_reason;

/* The reasons of all verdicts, the most frequent first. To be freed; NULL when there is none. */
smref_reason *smref_counts_reasons(const smref_counts *counts, size_t *count);
void smref_counts_clear(smref_counts *counts);

/* A new reference to the object under "summary", and back: on false nothing needs clearing. Kinds that there
 * are too many of become "other". */
json_t *smref_counts_json(const smref_counts *counts);
bool smref_counts_read(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out,
                       smref_jerror *error);

#endif
