/* A group of findings on the page of a report. */
#ifndef SMREF_REPORT_FINDING_H
#define SMREF_REPORT_FINDING_H

#include <stdio.h>

#include "results.h"

/* A row that opens to the smallest case: what was shown for what is permitted, the steps, the explanation of
 * the model with the walk, and the case as a snapshot. */
void smref_html_finding(FILE *to, size_t number, const smref_results_group *group);

#endif
