/* An explanation as data: `explanation` of smref-result 1.0. */
#ifndef SMREF_EXPLAIN_JSON_H
#define SMREF_EXPLAIN_JSON_H

#include <jansson.h>

#include "explain.h"

#define SMREF_EXPLANATION_VERSION "1.0"

/* A new array of objects, one a step, in their order; the record of an event comes last. */
json_t *smref_explanation_json(const smref_explanation *e, const smref_result *result);

#endif
