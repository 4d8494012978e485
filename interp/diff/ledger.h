/*
 * What a part of a campaign has counted, kept so that it survives the end of the process at any moment: a
 * file that is mapped, with two copies of the counters. A case is counted in the copy that is not valid,
 * which then becomes the valid one by the store of one word.
 */
#ifndef SMREF_LEDGER_H
#define SMREF_LEDGER_H

#include "counts.h"
#include "finding.h"

#define SMREF_LEDGER_GROUPS 1024
#define SMREF_LEDGER_REASONS 64 /* of each verdict */

/* Of 64-bit words only. */
typedef struct smref_counters {
    uint64_t done;   /* cases of the part */
    uint64_t length; /* of the result, in bytes, that tells of them */
    uint64_t nanoseconds, restarts, steps;
    uint64_t kinds[SMREF_COUNTS_KINDS][SMREF_VERDICT_COUNT];
    uint64_t rules[SMREF_RULE_COUNT][2]; /* cases that agreed, and met the rule; and that differed by it */
    uint64_t choices[SMREF_CHOICE_COUNT][SMREF_COUNTS_OPTIONS]; /* options taken other than the profile's */
    uint64_t groups[SMREF_LEDGER_GROUPS];
    uint64_t reasons[SMREF_VERDICT_COUNT][SMREF_LEDGER_REASONS]; /* why cases ended so */
} smref_counters;

typedef struct smref_ledger smref_ledger;

/* Opens `path`, or makes it; with `resume` it goes on from what is there. NULL: `why` says what is wrong. */
smref_ledger *smref_ledger_open(const char *path, bool resume, char why[200]);
/* What other processes have counted in it; NULL when there is none. Only for smref_ledger_now and names. */
smref_ledger *smref_ledger_watch(const char *path);
void smref_ledger_close(smref_ledger *ledger);

/* The valid copy. */
const smref_counters *smref_ledger_now(const smref_ledger *ledger);

/* The number of a kind, of a group, or of a reason by its text, which is new or known; one less than there is
 * room for stands for all that there is no room for. */
unsigned smref_ledger_kind(smref_ledger *ledger, const char *kind);
unsigned smref_ledger_group(smref_ledger *ledger, const char *group);
unsigned smref_ledger_reason(smref_ledger *ledger, smref_verdict verdict, const char *reason);
/* All of it as a summary has it; *out was zeroed. */
void smref_ledger_sum(const smref_ledger *ledger, smref_counts *out);

/* Adds to a counter when the case is committed; `field` points into smref_ledger_now(). */
void smref_ledger_add(smref_ledger *ledger, const uint64_t *field, uint64_t amount);
/* All that was added since the last time ledger from now on. */
void smref_ledger_commit(smref_ledger *ledger);

#endif
