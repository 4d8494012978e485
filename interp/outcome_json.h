/* Outcomes in the words of the format smref-result 1.0. All functions return new references. */
#ifndef SMREF_OUTCOME_JSON_H
#define SMREF_OUTCOME_JSON_H

#include <jansson.h>

#include "stepper.h"

/* The outcome of a step without "step" and "op": {"outcome":…,"pa":…,…,"events":[…],"rules":[…]}. */
json_t *smref_outcome_json(const smref_stimulus *stimulus, const smref_step_result *result);
/* One of several permitted: with "choices" (a way that leads to it) and "also" (other ways), when they
 * matter. */
json_t *smref_permitted_json(const smref_stimulus *stimulus, const smref_permitted *permitted);
/* A line of `smref run --json`: {"step":n,"op":…, the outcome}; with `all` (may be NULL) also "outcomes". */
json_t *smref_step_json(size_t step, const smref_stimulus *stimulus, const smref_step_result *result,
                        const smref_outcomes *all);
/* Sets "writes", "irqs" and "messages", when there are any, and "more". */
void smref_set_effects_json(json_t *object, const smref_effect *effects, unsigned count, bool more);
/* {"bank":…,"name":…,"words":[…]}, with "ignore" when bits are UNKNOWN and "why" when the record was lost. */
json_t *smref_event_json(const smref_event *event);
/* A stimulus as `steps` spells it, defaults left out. */
json_t *smref_stimulus_json(const smref_stimulus *stimulus);

#endif
