/* Text that is broken at words when it reaches the right margin. */
#ifndef SMREF_COLUMN_H
#define SMREF_COLUMN_H

#include <stdbool.h>
#include <stdio.h>

#define SMREF_MARGIN 100

typedef struct smref_column {
    FILE *to;
    unsigned hang; /* where further lines start */
    unsigned margin;
    unsigned at;
    bool fresh; /* nothing on this line yet */
} smref_column;

/* Starts a line at `indent`; its further lines start at `hang`. */
smref_column smref_column_begin(FILE *to, unsigned indent, unsigned hang);
/* Words, each after a space. */
void smref_column_say(smref_column *column, const char *text);
/* As say, for text that stays on one line. */
void smref_column_keep(smref_column *column, const char *format, ...);
/* Moves to a column, if it is still free. */
void smref_column_tab(smref_column *column, unsigned at);
void smref_column_end(smref_column *column);

#endif
