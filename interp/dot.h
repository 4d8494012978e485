/* The path of an access as a graph for graphviz. */
#ifndef SMREF_DOT_H
#define SMREF_DOT_H

#include <stdio.h>

#include "explain.h"
#include "stepper.h"

/*
 * One digraph: the structures and descriptors that were read, in their order; what stage 1 needs of stage 2
 * stands in clusters; the end is the output address, or the rule that stopped the access, in red.
 */
void smref_print_dot(FILE *to, size_t step, const smref_explanation *e, const smref_stimulus *stimulus,
                     const smref_step_result *result);

#endif
