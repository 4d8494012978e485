/*
 * Makes the case of a finding small: takes out steps, stretches of memory, fields and bits until nothing more
 * can go while the target still departs in the same way.
 */
#ifndef SMREF_REDUCE_H
#define SMREF_REDUCE_H

#include "finding.h"
#include "target.h"

#define SMREF_REDUCE_RUNS 20000
#define SMREF_REDUCE_DEATHS 300

typedef struct smref_reduction {
    unsigned
        most; /* cases to run on the target; 0: SMREF_REDUCE_RUNS, or _DEATHS when the target dies of it */
    unsigned runs; /* that were run */
    bool minimal;  /* nothing more can go alone; false: `most` was reached */
    size_t bits;   /* that are set in what the reduced case stores, writes and accesses */
    smref_case reduced;
    smref_difference difference; /* in the reduced case */
    smref_choice_set taken;
    char died[256]; /* what the target said; "" when it did not die */
} smref_reduction;

typedef enum smref_again {
    SMREF_AGAIN_SAME,   /* the group shows */
    SMREF_AGAIN_OTHER,  /* the case differs, in another way */
    SMREF_AGAIN_NOT,    /* it agrees, or cannot be compared */
    SMREF_AGAIN_BROKEN, /* the target cannot be used any more: its `why` says what is wrong */
} smref_again;

/*
 * Runs the case once. OTHER and SAME fill difference, taken and died of *out; a NULL `group` is any. When the
 * target dies of the case, the difference is in its last step.
 */
smref_again smref_show_again(smref_target *target, smref_follower *follower, const smref_case *c,
                             const char *group, smref_reduction *out);
/*
 * Reduces a case that shows `group` (NULL: whatever it shows; of a case that the target dies of, the step in
 * which it does is looked for, and tells the group). Deterministic, as long as the target is. What comes back
 * is what the case itself showed at first: unless that is SAME, nothing was reduced.
 */
smref_again smref_reduce(smref_target *target, smref_follower *follower, const smref_case *c,
                         const char *group, smref_reduction *out);

/* The finding that a reduction comes to, as a campaign's line has it, under the group that the campaign knows
 * it by (NULL: its own). A new reference. */
json_t *smref_reduced_json(const smref_reduction *reduction, const smref_implementation *implementation,
                           const char *group);

/*
 * reduce_edits.c: one way to make a case smaller, in all the places where it applies. Places are numbered so
 * that an edit at one leaves the numbers of those before it as they are.
 */
typedef struct smref_edit {
    /* The first place at `from` or behind it; SIZE_MAX: there is none. */
    size_t (*next)(const smref_case *c, size_t from);
    void (*apply)(smref_case *c, size_t place);
} smref_edit;

/* From the coarsest to the finest. */
extern const smref_edit smref_edits[];
extern const size_t smref_edit_count;
/* Takes out up to `length` steps from `step` on. */
void smref_cut(smref_case *c, size_t step, size_t length);
/* Bits that are set in what the case stores, writes and accesses. */
size_t smref_case_bits(const smref_case *c);

#endif
