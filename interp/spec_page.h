/* A readable page about an item of the specification, for `smref spec show`. */
#ifndef SMREF_SPEC_PAGE_H
#define SMREF_SPEC_PAGE_H

#include <stdio.h>

#include "spec_items.h"

/* `brief`: one line a field, without codes, states and notes. */
void smref_print_item(FILE *to, const smref_item *item, bool brief);
/* The field item->field of a container, on a page of its own, with the rules that speak of it. */
void smref_print_field_page(FILE *to, const smref_item *item);
/* A line of a list: name, place or number, section, title. */
void smref_print_item_line(FILE *to, const smref_item *item);

#endif
