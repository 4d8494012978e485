/* Text for people that fits the terminal: wrapped paragraphs, hanging indents. */
#ifndef SMREF_PAGE_H
#define SMREF_PAGE_H

#include <stdio.h>

/* Columns of a page: those of $COLUMNS or of the terminal, 60 to 100; 96 when neither tells. */
unsigned smref_page_width(void);

/*
 * Prints words from column `column` on, which the caller has reached, and ends the line. Lines that follow
 * start at `indent`. A word that is longer than the page stands on a line of its own.
 */
void smref_page_words(FILE *to, unsigned column, unsigned indent, const char *words);

/* The same, printf-like, for text below 4 KB. */
void smref_page_print(FILE *to, unsigned column, unsigned indent, const char *format, ...);

/* Goes to column `column` from column `from`; to the next line when `from` is beyond. Returns `column`. */
unsigned smref_page_tab(FILE *to, unsigned from, unsigned column);

#endif
