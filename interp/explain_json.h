/* An explanation as data: `explanation` of smref-result 1.0. */
#ifndef SMREF_EXPLAIN_JSON_H
#define SMREF_EXPLAIN_JSON_H

#include <jansson.h>

#include "explain.h"

#define SMREF_EXPLANATION_VERSION "1.0"

/* What the steps REACH, FIELD and CHANGE add to their objects; a FIELD step of which there is nothing to tell
 * is left out. */
void smref_set_reach(json_t *object, const smref_explanation *e, size_t index);
bool smref_look_is_shown(const smref_explanation *e, size_t index);
void smref_set_look(json_t *object, const smref_explanation *e, size_t index);
void smref_set_change(json_t *object, const smref_explanation *e, size_t index);

/* A new array of objects, one a step, in their order; the record of an event comes last. */
json_t *smref_explanation_json(const smref_explanation *e, const smref_result *result);

#endif
