/* Text inside HTML and XML. */
#ifndef SMREF_MARKUP_H
#define SMREF_MARKUP_H

#include <stdio.h>

/* The text with & < > " as references and control characters, which XML forbids, as question marks. */
void smref_put_escaped(FILE *to, const char *text);

#endif
