/*
 * How many cases were compared, and how they ended: what a campaign writes down now and then, and what a
 * report adds up. A line {"counts":{…}} of smref-campaign.
 */
#ifndef SMREF_COUNTS_H
#define SMREF_COUNTS_H

#include "follow.h"
#include "located.h"

#define SMREF_COUNTS_KINDS 24
#define SMREF_COUNTS_NAME 32

typedef struct smref_kind_counts {
    char name[SMREF_COUNTS_NAME]; /* kind of a case: "translation" */
    uint64_t verdicts[SMREF_VERDICT_COUNT];
} smref_kind_counts;

typedef struct smref_group_count {
    char *group;
    uint64_t count;
} smref_group_count;

/* Zeroed, it has counted nothing. */
typedef struct smref_counts {
    uint64_t from, to; /* the cases of the shard that these are, by their place in it: [from, to) */
    smref_kind_counts kinds[SMREF_COUNTS_KINDS];
    size_t kind_count;
    uint64_t agree[SMREF_RULE_COUNT];  /* by rule: cases in which it decided something, and that agree, */
    uint64_t differ[SMREF_RULE_COUNT]; /* or differ */
    smref_group_count *groups;         /* how often each group of findings was seen; by text */
    size_t group_count;
} smref_counts;

/* "agrees" "differs" "undecided" "not modelled" "not compared" */
const char *smref_spell_verdict(smref_verdict verdict);

/* Counts a case. `predicted` may be NULL when it is not compared; `group` is that of a case that differs, or
 * NULL. */
void smref_counts_case(smref_counts *counts, const char *kind, smref_verdict verdict,
                       const smref_prediction *predicted, const char *group);
/* Adds the numbers of `more`; `from` and `to` stay. */
void smref_counts_add(smref_counts *counts, const smref_counts *more);
/* All cases that ended so. */
uint64_t smref_counts_total(const smref_counts *counts, smref_verdict verdict);
void smref_counts_clear(smref_counts *counts);

/* A new reference to the object under "counts", and back. Kinds that there are too many of are "other". */
json_t *smref_counts_json(const smref_counts *counts);
bool smref_counts_read(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out,
                       smref_jerror *error);

#endif
