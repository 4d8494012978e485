/*
 * Cases out of a seed: each is a pure function of the seed, its index and the implementation, so that any
 * machine can make any of them.
 *
 * Making a generator looks for a state that reaches each rule (a goal); the fields that its condition names,
 * set to all their values or to those at their limits, are its neighbours: they just reach it or just do not.
 * Cases then take turns: goals and their neighbours, pairs of goals in one state (priority), and random
 * changes around both; registers; commands; queues and bypass; mixtures in which caches, address translation
 * operations and granule protection matter.
 *
 * Chapters: abilities.c what is legal for the implementation, tables.c and scene_*.c states that are, edits.c
 * single fields at the values that may matter, goals.c the search, absent.c what cannot be reached.
 */
#ifndef SMREF_GENERATE_H
#define SMREF_GENERATE_H

#include "follow.h"

typedef struct smref_generator smref_generator;

/* The implementation must outlive it. NULL: *error. */
smref_generator *smref_generator_new(const smref_implementation *implementation, uint64_t seed,
                                     smref_jerror *error);
void smref_generator_free(smref_generator *generator);

void smref_generate(const smref_generator *generator, uint64_t index, smref_case *out);

/* How many goals were reached of how many rules that states of this implementation could reach, by rule:
 * SMREF_GOAL_... */
typedef enum smref_goal {
    SMREF_GOAL_REACHED,
    SMREF_GOAL_MISSED,
    SMREF_GOAL_UNMODELLED, /* this version of smref lacks it */
    SMREF_GOAL_ABSENT,     /* what the rule is about is not in this implementation, or cannot be seen of it */
} smref_goal;
smref_goal smref_generator_goal(const smref_generator *generator, smref_rule rule);

#endif
