/* The items of the specification's data, by kind and by name: what `smref spec` lists, shows and exports. */
#ifndef SMREF_SPEC_ITEMS_H
#define SMREF_SPEC_ITEMS_H

#include <stdbool.h>

#include "smref.h"

typedef enum smref_item_kind {
    SMREF_ITEM_STRUCTURE,
    SMREF_ITEM_DESCRIPTOR,
    SMREF_ITEM_COMMAND,
    SMREF_ITEM_EVENT,
    SMREF_ITEM_REGISTER,
    SMREF_ITEM_BLOCK,
    SMREF_ITEM_RULE,
    SMREF_ITEM_CHOICE,
    SMREF_ITEM_ERRATUM,
    SMREF_ITEM_UNMODELLED,
    SMREF_ITEM_TERM,
    SMREF_ITEM_ENUM,
    SMREF_ITEM_PROFILE,
    SMREF_ITEM_KINDS
} smref_item_kind;

typedef struct smref_item {
    smref_item_kind kind;
    unsigned index; /* of the kind's table: smref_layout_at, smref_register_at, ..., profiles by number */
    unsigned field; /* of smref_each_field: its number in the container */
} smref_item;

#define SMREF_ITEM_ROOM 64

/* "structures", "registers": a kind as `smref spec list` names it; and what it is, in a line. */
const char *smref_item_kind_word(smref_item_kind kind);
const char *smref_item_kind_means(smref_item_kind kind);
/* From "structures" or "structure". */
bool smref_item_kind_find(const char *word, smref_item_kind *out);

/* The n-th item of a kind, in the order of the specification; false at the end. */
bool smref_item_at(smref_item_kind kind, unsigned n, smref_item *out);
/* The name; of a profile it is put into `room`. */
const char *smref_item_name(const smref_item *item, char room[SMREF_ITEM_ROOM]);
const char *smref_item_title(const smref_item *item);   /* NULL when it has none */
const char *smref_item_section(const smref_item *item); /* NULL when it has none */

/* The item's fields; 0 of them when it has no bits. */
const smref_field_info *smref_item_fields(const smref_item *item, unsigned *count);

/*
 * The n-th item that a name fits: exactly; or else without regard to case, and without SMMU_ ("cr0"); or else
 * a register by its offset in the map. False when there are no more.
 */
bool smref_item_find(const char *name, unsigned n, smref_item *out);
/* The n-th container with a field of that name, or of "CONTAINER.FIELD"; `field` is filled. */
bool smref_item_find_field(const char *name, unsigned n, smref_item *out);
/* The nearest name of an item or a field, put into `room`, or NULL. */
const char *smref_item_nearest(const char *name, char room[SMREF_ITEM_ROOM]);

#endif
