/*
 * Makes the case of a finding small: takes out steps, stretches of memory, fields and bits until nothing more
 * can go while the target still departs in the same way.
 */
#ifndef SMREF_REDUCE_H
#define SMREF_REDUCE_H

#include "finding.h"
#include "target.h"

typedef struct smref_reduction {
    unsigned runs; /* of cases on the target, so far */
    unsigned most; /* at most so many; 0: SMREF_REDUCE_RUNS, or _DEATHS when the target dies of it */
    bool minimal;  /* nothing more can go alone; false: `most` was reached */
    size_t steps, bytes,
        bits; /* of the result: its steps; what its stores hold, and how many ones there are */
    smref_case reduced;
    smref_difference difference; /* in the reduced case */
    smref_choice_set taken;
    char died[256]; /* what the target said; "" when it did not die */
} smref_reduction;

#define SMREF_REDUCE_RUNS 20000
#define SMREF_REDUCE_DEATHS 300

typedef enum smref_shown_again {
    SMREF_AGAIN_SAME,   /* the group shows */
    SMREF_AGAIN_OTHER,  /* the case differs, in another way */
    SMREF_AGAIN_NOT,    /* it agrees, or cannot be compared */
    SMREF_AGAIN_BROKEN, /* the target cannot be used any more: its `why` says what is wrong */
} smref_shown_again;

/* Runs the case once. OTHER and SAME fill out->difference, out->taken and out->died; `group` may be NULL: any
 * is another one. Of a case that the target dies of, the step is the last. */
smref_shown_again smref_show_again(smref_target *target, smref_follower *follower, const smref_case *c,
                                   const char *group, smref_reduction *out);
/*
 * Reduces the case, which shows `group`. *out->most is set. Deterministic, as long as the target is. What
 * comes back is what the case itself showed at first: if it was not SAME, nothing was reduced.
 */
smref_shown_again smref_reduce(smref_target *target, smref_follower *follower, const smref_case *c,
                               const char *group, smref_reduction *out);

#endif
