/*
 * The specification in other languages. `kinds` says which kinds of items are written; those that a format
 * has no place for are left out.
 */
#ifndef SMREF_EXPORT_H
#define SMREF_EXPORT_H

#include <stdio.h>

#include "spec_items.h"

/*
 * Lines of words between tabs, sorted by strcmp:
 *      reg NAME OFFSET WIDTH BLOCK         field CONTAINER FIELD MSB LSB
 *      command NAME OPCODE                 event NAME NUMBER
 * A split field has a line a piece, the most significant first.
 */
void smref_export_tsv(FILE *to, const bool kinds[SMREF_ITEM_KINDS]);

/* One object (spec/schema/smref-export-1.0.schema.json). */
void smref_export_json(FILE *to, const bool kinds[SMREF_ITEM_KINDS]);
/* One item, or one field with its container, on a line. */
void smref_export_json_item(FILE *to, const smref_item *item);
void smref_export_json_field(FILE *to, const smref_item *item);

/* A header of macros: offsets, shifts, masks, codes. */
void smref_export_c(FILE *to, const bool kinds[SMREF_ITEM_KINDS]);
/* A SystemVerilog package of the same. */
void smref_export_svh(FILE *to, const bool kinds[SMREF_ITEM_KINDS]);
/* A book. */
void smref_export_md(FILE *to, const bool kinds[SMREF_ITEM_KINDS]);

#endif
