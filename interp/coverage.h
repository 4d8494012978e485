/*
 * Coverage of the rules by vectors. A test fires a rule that it lists when an outcome that it expects has the
 * rule; it is the rule's neighbour when it lists it and no outcome has it. A rule is covered when it has
 * both. An option of a choice is seen when an outcome that some test expects needs it.
 */
#ifndef SMREF_COVERAGE_H
#define SMREF_COVERAGE_H

#include "vectors.h"

typedef struct smref_rule_coverage {
    json_t *fired, *neighbours; /* names of tests, "FILE/ID" */
    size_t passed;              /* tests in which it decides something, though they are not about it */
} smref_rule_coverage;

typedef struct smref_coverage {
    smref_rule_coverage rules[SMREF_RULE_COUNT];
    bool *seen[SMREF_CHOICE_COUNT]; /* by option */
    size_t tests;
} smref_coverage;

void smref_coverage_init(smref_coverage *coverage);
void smref_coverage_add(smref_coverage *coverage, const smref_vectors *vectors);
void smref_coverage_free(smref_coverage *coverage);

/* Which rules count; NULL: any. */
typedef struct smref_coverage_filter {
    const char *subject, *kind;
} smref_coverage_filter;

/* coverage_report.c: `smref rules --coverage [FILE|FOLDER]...`; an exit code, 1 when something is uncovered.
 */
int smref_report_coverage(char *const *paths, size_t count, const smref_coverage_filter *filter, bool json);

#endif
