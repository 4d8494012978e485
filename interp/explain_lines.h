/*
 * The lines of an explanation, for people: a chapter a phase, a line a fetch or decision, the fields below.
 * Where the lines go (a terminal, a page) is the affair of the sink.
 */
#ifndef SMREF_EXPLAIN_LINES_H
#define SMREF_EXPLAIN_LINES_H

#include <stdio.h>

#include "column.h"
#include "explain.h"
#include "stepper.h"

typedef enum smref_line_kind {
    SMREF_LINE_CHAPTER,
    SMREF_LINE_FETCH, /* a register, a structure, a descriptor */
    SMREF_LINE_WORDS, /* what was read, when it is long */
    SMREF_LINE_FIELDS,
    SMREF_LINE_RULE,
    SMREF_LINE_FAULT, /* the rule that ends the access */
    SMREF_LINE_CHOICE,
    SMREF_LINE_VALUE, /* a value, attributes, permissions */
    SMREF_LINE_RESULT,
} smref_line_kind;

typedef struct smref_sink {
    /* A line of the kind; `nested`: part of a stage 2 walk for something of stage 1. `indent` and `hang` are
     * in characters. */
    void (*begin)(struct smref_sink *sink, smref_line_kind kind, bool nested, unsigned indent, unsigned hang);
    void (*say)(struct smref_sink *sink, const char *words); /* may be broken at spaces */
    void (*keep)(struct smref_sink *sink, const char *text); /* stays on one line */
    void (*tab)(struct smref_sink *sink, unsigned column);   /* aligns what follows */
    void (*end)(struct smref_sink *sink);
} smref_sink;

/* Whether there is an explanation of such a step. */
bool smref_explains(smref_op op);

/* `result` is NULL when the model lacks something and the explanation ends there. */
void smref_explain_lines(smref_sink *sink, const smref_explanation *e, const smref_stimulus *stimulus,
                         const smref_step_result *result);

/* As text of 100 columns, and an empty line. */
void smref_print_explanation(FILE *to, const smref_explanation *e, const smref_stimulus *stimulus,
                             const smref_step_result *result);

#endif
