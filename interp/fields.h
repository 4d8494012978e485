/* Fields of structures by name: from JSON into words. */
#ifndef SMREF_FIELDS_H
#define SMREF_FIELDS_H

#include "located.h"
#include "smref.h"

/* Bits of a field (of one element, if it is an array), and the largest value that they hold. */
unsigned smref_field_width(const smref_field_info *field);
uint64_t smref_field_largest(const smref_field_info *field);
/* The named field of a layout (the first, where variants repeat it), or NULL. Reserved bits have no name. */
const smref_field_info *smref_field_named(const smref_layout_info *layout, const char *name);

/*
 * Encodes {"field": value, …} into the words of a structure: numbers, names of codes, true and false for
 * single bits, lists for arrays. A field that holds an address takes the whole address, and it must be
 * representable.
 */
bool smref_fields_encode(const smref_jdoc *doc, const smref_jnode *object, const smref_layout_info *layout,
                         uint64_t *words, smref_jerror *error);

#endif
