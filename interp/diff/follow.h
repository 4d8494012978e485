/*
 * The model beside a target: what it predicts for a case, and whether what a target showed is among what the
 * architecture permits. It follows the target: where several outcomes are permitted, it goes on from the one
 * that the target took.
 */
#ifndef SMREF_FOLLOW_H
#define SMREF_FOLLOW_H

#include "cause.h"

typedef struct smref_follower smref_follower;

/* The implementation must outlive the follower. NULL: *error says why its registers cannot be. */
smref_follower *smref_follower_new(const smref_implementation *implementation, smref_jerror *error);
void smref_follower_free(smref_follower *follower);

typedef struct smref_prediction {
    smref_sight sights[SMREF_CASE_STEPS];
    uint64_t rules[(SMREF_RULE_COUNT + 63) / 64]; /* bit n: rule n decided something in some step */
    uint16_t last_rule[SMREF_CASE_STEPS];         /* the rule that decided the step last; 0: none */
    uint64_t choices_met[(SMREF_CHOICE_COUNT + 63) / 64];
    bool wide; /* steps met choices */
} smref_prediction;

typedef enum smref_verdict {
    SMREF_VERDICT_AGREES,
    SMREF_VERDICT_DIFFERS,
    SMREF_VERDICT_UNDECIDED,    /* more ways than SMREF_MAX_WAYS were not enough to find the target's */
    SMREF_VERDICT_NOT_MODELLED, /* the model lacks something that the case needs */
    SMREF_VERDICT_NOT_COMPARED, /* the case comes to what is neither RAM nor an abort, or a device writes over
                                   it */
    SMREF_VERDICT_REFUSED,      /* the target does not carry out such a case */
    SMREF_VERDICT_AVOIDED,      /* it is known how the target departs there, and it was not carried out */
    SMREF_VERDICT_COUNT,
} smref_verdict;

#define SMREF_MAX_WAYS 4096

const char *smref_spell_verdict(smref_verdict verdict); /* "agrees" "differs" "undecided" ... */

/* With the choices of the profile. False: not to be compared; *why is NOT_MODELLED or NOT_COMPARED, and
 * smref_follower_why says more. */
bool smref_predict(smref_follower *follower, const smref_case *c, smref_prediction *out, smref_verdict *why);

/* structures.c: stores of which nothing is known become those of the structures that the model reads there.
 */
void smref_name_structures(smref_follower *follower, smref_case *c);

/* Whether a target showed what was predicted: then smref_follow says that it agrees, in the way of the
 * profile. */
bool smref_prediction_holds(const smref_case *c, const smref_prediction *predicted, const smref_sight *shown);

#define SMREF_DIFFERENCE_WAYS 16

/* The first step in which no permitted way fits, and what is permitted there. A way with another option than
 * the profile states fits by chance, as far as it does, and is left out of this. */
typedef struct smref_difference {
    size_t step;
    smref_aspect aspect; /* against the first of `permitted` */
    smref_sight shown;
    size_t permitted_count; /* distinct ones, the closest first; SMREF_DIFFERENCE_WAYS at most are kept */
    smref_sight permitted[SMREF_DIFFERENCE_WAYS];
    smref_choice_set ways[SMREF_DIFFERENCE_WAYS];
    uint16_t rules[SMREF_MAX_RULES]; /* of the first way, in the step */
    unsigned rule_count;
    smref_cause cause; /* of what is read or loaded in the step */
    bool as_before;    /* the access came to where an equal one had come before */
} smref_difference;

/* AGREES, DIFFERS (then *difference is filled), UNDECIDED, NOT_COMPARED (another permitted way comes to what
 * is neither RAM nor an abort). *taken (may be NULL) gets the choices in which the target was seen to differ
 * from the profile. `shown` has an element a step. */
smref_verdict smref_follow(smref_follower *follower, const smref_case *c, const smref_sight *shown,
                           smref_difference *difference, smref_choice_set *taken);
/* The same, also with choices that make a difference only together, in pairs: as long as thousands of other
 * cases take. */
smref_verdict smref_follow_thoroughly(smref_follower *follower, const smref_case *c, const smref_sight *shown,
                                      smref_difference *difference, smref_choice_set *taken);

/* Why the last case, in which it neither agrees nor differs, is not modelled, not compared or undecided: the
 * same words for the same cause. They stay until the next case. */
const char *smref_follower_why(const smref_follower *follower);

#endif
