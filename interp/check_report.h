/* What `smref check` prints: text for people, TAP 13, JUnit XML, JSON Lines. */
#ifndef SMREF_CHECK_REPORT_H
#define SMREF_CHECK_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum smref_report_format {
    SMREF_REPORT_TEXT,
    SMREF_REPORT_TAP,
    SMREF_REPORT_JUNIT,
    SMREF_REPORT_JSON,
} smref_report_format;

typedef enum smref_verdict {
    SMREF_PASSED,
    SMREF_FAILED,
    SMREF_NOT_RUN, /* the model lacks what the test needs */
} smref_verdict;

typedef struct smref_checked {
    char *suite, *id, *comment; /* owned */
    char *place;                /* "vectors/start.json:12" */
    char *section;
    smref_verdict verdict;
    char *text; /* why not passed: lines; NULL when passed */
} smref_checked;

typedef struct smref_report {
    smref_report_format format;
    bool quiet; /* text: only the last line */
    FILE *to;
    smref_checked *list;
    size_t count, failed, not_run;
} smref_report;

/* Takes over what `checked` owns. All formats but JUnit print at once. */
void smref_report_add(smref_report *report, const smref_checked *checked);
/* The end: a summary, the plan, or all of it. */
void smref_report_end(smref_report *report);
void smref_report_free(smref_report *report);

#endif
