/* An explanation for people: one line a decision, 100 columns. */
#ifndef SMREF_EXPLAIN_TEXT_H
#define SMREF_EXPLAIN_TEXT_H

#include <stdio.h>

#include "explain.h"
#include "stepper.h"

/*
 * Under the line of an access: every fetch and decision in its order, by chapters; e->full says how much.
 * `result` is NULL when the model lacks something and the explanation ends there.
 */
void smref_print_explanation(FILE *to, const smref_explanation *e, const smref_stimulus *stimulus,
                             const smref_step_result *result);
#endif
