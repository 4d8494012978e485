/*
 * Claims: what a person derived from the specification for a step of a recipe. A claim tells all of an
 * outcome: what it does not mention must not be there, and a field of the event record that it does not
 * mention must be 0.
 */
#ifndef SMREF_CLAIMS_H
#define SMREF_CLAIMS_H

#include "recipe.h"

/* Checks the shape of a test's claims, and that its "rules" are those that a claim says fire or do not; rules
 * that only claims name are added to the test's. */
bool smref_claims_read(const smref_jdoc *doc, const smref_recipe_group *group, smref_test *test,
                       smref_jerror *error);

/* Compares a step's claims with the permitted outcomes; differences go to `to`. *hold: there was none. False:
 * a claim makes no sense, and *error says why. */
bool smref_claims_check(const smref_jdoc *doc, const smref_recipe_group *group, const smref_test *test,
                        size_t step, const smref_outcomes *all, FILE *to, bool *hold, smref_jerror *error);

/*
 * claims_outcome.c: a claim as an outcome of smref-result, rules and choices aside; NULL on an error. Which
 * bits of a record are open depends on the outcome it is held against, so that beside tells.
 */
json_t *smref_claim_outcome(const smref_jdoc *doc, const smref_recipe_group *group, const smref_jnode *claim,
                            const smref_stimulus *stimulus, smref_jerror *error);
json_t *smref_claim_beside(const json_t *claimed, const json_t *got);

#endif
