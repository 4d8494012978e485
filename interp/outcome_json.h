/* Outcomes in the words of FORMAT smref-result 1.0. All functions return new references. */
#ifndef SMREF_OUTCOME_JSON_H
#define SMREF_OUTCOME_JSON_H

#include <jansson.h>

#include "stepper.h"

/* The outcome of a step without "step" and "op": {"outcome":…,"pa":…,…,"events":[…],"rules":[…]}. */
json_t *smref_outcome_json(const smref_stimulus *stimulus, const smref_step_result *result);
/* The same of one of several permitted ones, with "choices" (the way nearest to the defaults) and "also"
 * (other ways). */
json_t *smref_permitted_json(const smref_stimulus *stimulus, const smref_permitted *permitted);
/* One line of `smref run --json`: {"step":n,"op":…, the outcome}. `all` may be NULL, else "outcomes" is
 * added. */
json_t *smref_step_json(size_t step, const smref_stimulus *stimulus, const smref_step_result *result,
                        const smref_outcomes *all);
/* {"bank":…,"name":…,"words":[…],"ignore":[…]} */
json_t *smref_event_json(const smref_event *event);
/* {"op":…,"sid":…,…}: a stimulus as `steps` spells it, defaults left out. */
json_t *smref_stimulus_json(const smref_stimulus *stimulus);

#endif
