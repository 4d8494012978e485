/* What held_translations.c and translation_copies.c share: a look into the TLB. Private to model/. */
#ifndef SMREF_TRANSLATION_COPIES_H
#define SMREF_TRANSLATION_COPIES_H

#include "walk.h"

/* Of a stage: for the access, or for what stage 1 reads through stage 2. */
struct lookup {
    struct txn *t;
    int stage;
    uint64_t input; /* VA or IPA */
    enum fault_class class_of;
    uint32_t shape; /* of the tables that a walk would go through; 0: there is no walk */
    bool (*walk1)(struct txn *t, uint64_t va, const struct range **range, struct leaf *leaf,
                  struct steps *steps);
    bool (*walk2)(struct txn *t, uint64_t ipa, enum fault_class class_of, struct leaf *leaf,
                  struct steps *steps);
};

/* ---- Whom a copy serves ---------------------------------------------------------------------------- */

bool smref_world_has_asid(unsigned world);
/* What walks must have in common, so that one can go on from a table that the other found. */
uint32_t smref_shape_of(const struct range *r);
/* A block or page; else a table. */
bool smref_copy_is_leaf(const smref_cached *e);
bool smref_copy_serves(const struct lookup *l, const smref_cached *e);

/* ---- What a copy amounts to ------------------------------------------------------------------------ */

struct leaf smref_leaf_of_copy(const struct lookup *l, const smref_cached *e);
/* The CD, or the STE. */
const uint64_t *smref_current_words(const struct lookup *l);
/* Whether the fields that the TLB holds are those that the structure has now. */
bool smref_fields_current(const struct lookup *l, const smref_cached *e);
/* Puts them over those of the structure. False: together they are ILLEGAL, and the copy is not used. */
bool smref_apply_fields(const struct lookup *l, const smref_cached *e);

/* ---- What a walk leaves ---------------------------------------------------------------------------- */

void smref_hold_tables(const struct lookup *l, const struct steps *steps, const struct range *range);
smref_cached smref_stage1_copy(const struct lookup *l, const struct range *range, const struct leaf *leaf);
smref_cached smref_stage2_copy(const struct lookup *l, const struct leaf *leaf);
void smref_hold_run(const struct lookup *l, const struct range *range, const struct leaf *leaf,
                    smref_cached copy);
/* Whether the use belongs to a stage 1 translation that it could be held with, and its being held so. */
bool smref_within_stage1(const struct lookup *l);
void smref_hold_part(const struct lookup *l, smref_cached copy);
/* Whether the leaf may be held: no Access flag fault (DDI 0487 D8.16.1). */
bool smref_access_flag(const struct lookup *l, const struct leaf *leaf);

#endif
