/*
 * A run as one page of HTML that needs nothing else: the summary first, then a row an access that opens to
 * its path and its explanation. Every text that comes from the input is escaped.
 */
#ifndef SMREF_HTML_H
#define SMREF_HTML_H

#include "explain.h"
#include "run_text.h"
#include "tally.h"

/* The rows wait in a temporary file until the summary is known. */
typedef struct smref_html {
    FILE *rows;
} smref_html;

/* False: there is no temporary file. */
bool smref_html_begin(smref_html *html);
/* A row. `all` holds the permitted outcomes, or none. */
void smref_html_step(smref_html *html, smref_columns *columns, size_t step, const smref_explanation *e,
                     const smref_stimulus *stimulus, const smref_step_result *result,
                     const smref_outcomes *all);
/* What a row opens to: the path, the explanation, and other permitted outcomes. */
void smref_html_explain(FILE *to, const smref_explanation *e, const smref_stimulus *stimulus,
                        const smref_step_result *result, const smref_outcomes *all);
/* A file of interp/html; "" when there is none. */
const char *smref_html_part(const char *name);
/* Writes the page. `description` may be NULL. False: a row could not be kept (a full disk). */
bool smref_html_end(smref_html *html, FILE *to, const char *file, const char *description,
                    smref_tally *tally);

#endif
