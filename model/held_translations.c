/*
 * Leaves and tables out of the TLB (3.21.1, 16.2): the ways to a leaf, and which is gone under each policy.
 */
#include "translation_copies.h"

#include <string.h>

/* Of a descriptor: what they say is in the address of the leaf. */
#define ADDRESS_BITS (mask(48) & ~mask(12))

#define MOST 16 /* ways to a leaf, before equal ones are seen to be equal */

/* One way, and what comes of it. */
struct way_found {
    const smref_cached *copy; /* of a leaf, or of a table from which the walk goes on; NULL: from the base */
    bool good;
    struct leaf leaf;
    struct failure failure;
};

/* ---- Going a way ----------------------------------------------------------------------------------- */

static smref_rule rule_of_use(const struct lookup *l, const smref_cached *e)
{
    bool fetch = l->class_of != CLASS_IN;
    switch (e->kind) {
    case SMREF_CACHED_S1_LEAF:
        return SMREF_RULE_HELD_S1;
    case SMREF_CACHED_S1_TABLE:
        return SMREF_RULE_HELD_S1_TABLE;
    case SMREF_CACHED_S2_LEAF:
        return fetch ? SMREF_RULE_HELD_S2_FETCH : SMREF_RULE_HELD_S2;
    case SMREF_CACHED_S2_TABLE:
        return SMREF_RULE_HELD_S2_TABLE;
    default:
        return fetch ? SMREF_RULE_HELD_S12_FETCH : SMREF_RULE_HELD_S12;
    }
}

/* From a table, or the base: a walk, which leaves what it found. */
static bool walk_from(const struct lookup *l, const smref_cached *from, const struct range **range,
                      struct leaf *leaf)
{
    struct txn *t = l->t;
    struct steps steps = {.from = from}, *outer = t->smmu->caches->s1_steps;
    bool good;
    if (from)
        decide(t, rule_of_use(l, from));
    if (l->stage == 1) {
        t->smmu->caches->s1_steps = &steps;
        good = l->walk1(t, l->input, range, leaf, &steps);
        t->smmu->caches->s1_steps = outer;
    } else {
        good = l->walk2(t, l->input, l->class_of, leaf, &steps);
        *range = s2_range(t);
    }
    if (*range)
        smref_hold_tables(l, &steps, *range);
    if (!good || !smref_access_flag(l, leaf))
        return good;
    smref_cached copy = l->stage == 1 ? smref_stage1_copy(l, *range, leaf) : smref_stage2_copy(l, leaf);
    smref_hold(t->smmu->caches, &copy);
    smref_hold_run(l, *range, leaf, copy);
    return true;
}

/* E0PD is no part of a translation: a hit in the TLB does not get round it (5.4). */
static bool passes_e0pd(struct txn *t, const struct range *range)
{
    if (!range->e0pd || t->priv)
        return true;
    t->fault.s2 = false;
    t->fault.class_of = CLASS_IN;
    return fail(t, SMREF_F_TRANSLATION, SMREF_RULE_S1_E0PD);
}

static bool is_part(const smref_cached *copy)
{
    return copy && (copy->kind == SMREF_CACHED_S12_TABLE || copy->kind == SMREF_CACHED_S12_LEAF);
}

static bool go(const struct lookup *l, const smref_cached *copy, const struct range **range,
               struct leaf *leaf)
{
    struct txn *t = l->t;
    smref_cached kept;
    t->smmu->caches->part = is_part(copy);
    if (copy) {
        kept = *copy; /* it may be evicted on the way */
        copy = &kept;
    }
    if (!copy || !smref_copy_is_leaf(copy))
        return walk_from(l, copy, range, leaf);
    decide(t, rule_of_use(l, copy));
    *leaf = smref_leaf_of_copy(l, copy);
    if (!smref_apply_fields(l, copy)) /* seen before */
        smref_bug("a held translation became unusable", __FILE__, __LINE__);
    *range = l->stage == 1 ? &t->context->half[copy->half] : s2_range(t);
    return l->stage == 2 || passes_e0pd(t, *range);
}

/* Whether a copy of a leaf can be used with the structure as it is now. */
static bool leaf_usable(const struct lookup *l, const smref_cached *e)
{
    const struct stream *stream = l->t->stream;
    const struct context *context = l->t->context;
    if (l->stage == 1 && e->half && !context->two_halves) /* of EL2-E2H, and the access of EL2 (3.17.5) */
        return false;
    bool good = smref_fields_current(l, e) || smref_apply_fields(l, e);
    l->t->stream = stream;
    l->t->context = context;
    return good;
}

/* ---- The policy `exact` ---------------------------------------------------------------------------- */

static const smref_cached *best(const struct lookup *l)
{
    const struct caches *c = l->t->smmu->caches;
    const smref_cached *leaf = NULL, *table = NULL;
    for (unsigned i = 0; i < held_count(c); i++) {
        const smref_cached *e = &c->copies[i];
        if (!smref_copy_serves(l, e))
            continue;
        if (!smref_copy_is_leaf(e)) {
            int level = l->stage == 1 ? e->s1_level : e->s2_level;
            int known = !table ? -2 : l->stage == 1 ? table->s1_level : table->s2_level;
            table = level > known ? e : table;
        } else if ((!leaf || (leaf->kind == SMREF_CACHED_S2_LEAF && e->kind != SMREF_CACHED_S2_LEAF)) &&
                   leaf_usable(l, e)) {
            leaf = e; /* the oldest; of stage 2 rather one that goes with stage 1 */
        }
    }
    return leaf ? leaf : table;
}

/* ---- The policy `any` ------------------------------------------------------------------------------ */

static bool same_fields(const struct lookup *l, const struct way_found *a, const struct way_found *b)
{
    const smref_cached *x = a->copy && smref_copy_is_leaf(a->copy) ? a->copy : NULL;
    const smref_cached *y = smref_copy_is_leaf(b->copy) ? b->copy : NULL; /* not the first way: a copy */
    if (x && y)
        return !memcmp(x->words, y->words, sizeof x->words);
    return x ? smref_fields_current(l, x) : !y || smref_fields_current(l, y);
}

static bool same(const struct lookup *l, const struct way_found *a, const struct way_found *b)
{
    const struct leaf *x = &a->leaf, *y = &b->leaf;
    if (a->good != b->good)
        return false;
    if (!a->good)
        return smref_same_failure(&a->failure, &b->failure);
    return !((x->descriptor ^ y->descriptor) & ~ADDRESS_BITS) && x->address == y->address &&
           x->level == y->level && x->bits == y->bits && x->ap_table == y->ap_table &&
           x->xn_table == y->xn_table && x->pxn_table == y->pxn_table && x->ns == y->ns &&
           same_fields(l, a, b);
}

/* Adds a way to the `count` that are known, unless an earlier one comes to the same. */
static unsigned consider(const struct lookup *l, const smref_cached *copy, struct way_found *list,
                         unsigned count)
{
    struct way_found *f = &list[count];
    const struct range *range = NULL;
    struct hush h;
    if (count == MOST) {
        l->t->not_modelled = "more copies of one translation than this version looks at";
        return count;
    }
    *f = (struct way_found){.copy = copy};
    if (copy && smref_copy_is_leaf(copy) && !leaf_usable(l, copy))
        return count;
    smref_hush(l->t, &h);
    f->good = go(l, copy, &range, &f->leaf);
    f->failure = (struct failure){l->t->fault, l->t->not_modelled};
    smref_unhush_way(l->t, &h);
    for (unsigned i = 0; i < count; i++)
        if (same(l, &list[i], f))
            return count;
    return count + 1;
}

/* ---- Conflicts (3.20.1) ---------------------------------------------------------------------------- */

/* What the leaf says of memory type and Cacheability: its entry in MAIR, or MemAttr. */
static uint64_t memory_attributes(const struct lookup *l, const struct way_found *f)
{
    const uint64_t *words = f->copy && smref_copy_is_leaf(f->copy) ? f->copy->words : smref_current_words(l);
    if (l->stage == 2)
        return smref_VMSAv8_64_S2_PAGE_MemAttr(&f->leaf.descriptor) | smref_STE_S2FWB(words) << 8;
    unsigned index = (unsigned)smref_VMSAv8_64_S1_PAGE_AttrIndx(&f->leaf.descriptor) & 7;
    return (smref_CD_MAIR1(words) << 32 | smref_CD_MAIR0(words)) >> 8 * index & 0xff;
}

/* 3.21.1.2: a block with nT is not cached in a way that conflicts. */
static bool never_conflicts(const struct lookup *l, const struct way_found *f, uint64_t bbml)
{
    return !f->good || !smref_access_flag(l, &f->leaf) ||
           (bbml == SMREF_SMMU_IDR3_BBML_LEVEL_1 && f->leaf.level < 3 &&
            smref_VMSAv8_64_S1_BLOCK_nT(&f->leaf.descriptor));
}

/* Whether the leaf says Non-secure, where stage 1 of a Secure stream or a stage of a Realm one says so. */
static bool says_non_secure(const struct lookup *l, const struct way_found *f)
{
    if (l->stage == 2)
        return is_realm(l->t) && smref_VMSAv8_64_S2_PAGE_NS(&f->leaf.descriptor);
    return has_two_spaces(l->t) && leads_to_ns(l->t, &f->leaf);
}

/* 3.21.1.1: whether one can become the other only with break-before-make. */
static bool conflict(const struct lookup *l, const struct way_found *a, const struct way_found *b,
                     uint64_t bbml)
{
    const uint64_t *d = &a->leaf.descriptor, *e = &b->leaf.descriptor;
    if (never_conflicts(l, a, bbml) || never_conflicts(l, b, bbml))
        return false;
    if (a->leaf.address != b->leaf.address || says_non_secure(l, a) != says_non_secure(l, b) ||
        memory_attributes(l, a) != memory_attributes(l, b))
        return true;
    if (a->leaf.bits != b->leaf.bits && bbml != SMREF_SMMU_IDR3_BBML_LEVEL_2)
        return true;
    if (bbml == SMREF_SMMU_IDR3_BBML_LEVEL_0 &&
        smref_VMSAv8_64_S1_PAGE_Contiguous(d) != smref_VMSAv8_64_S1_PAGE_Contiguous(e))
        return true;
    return l->stage == 1 && smref_world_has_asid(l->t->stream->world) &&
           smref_VMSAv8_64_S1_PAGE_nG(d) != smref_VMSAv8_64_S1_PAGE_nG(e);
}

/* Whether the TLB sees that two of the ways are there, which it need not. */
static bool conflict_detected(const struct lookup *l, const struct way_found *list, unsigned count)
{
    struct txn *t = l->t;
    uint64_t bbml = smref_SMMU_IDR3_BBML(t->reg[SMREF_REG_SMMU_IDR3]);
    bool any = false;
    for (unsigned i = 1; i < count; i++)
        for (unsigned k = 0; k < i; k++)
            any = any || conflict(l, &list[i], &list[k], bbml);
    if (!any ||
        smref_choose(t, SMREF_CHOICE_CACHED_TLB_CONFLICT) != SMREF_CHOICE_CACHED_TLB_CONFLICT_detected)
        return false;
    t->fault.s2 = l->stage == 2;
    t->fault.class_of = l->class_of;
    t->fault.ipa = l->stage == 2 ? l->input : 0;
    (void)fail(t, SMREF_F_TLB_CONFLICT, SMREF_RULE_TLB_CONFLICT);
    return true;
}

/* Where stage 2 is used has a choice of its own. */
static smref_choice choice_of(const struct lookup *l, unsigned *depth)
{
    const struct caches *c = l->t->smmu->caches;
    *depth = HELD_DEPTH;
    if (l->stage == 1)
        return SMREF_CHOICE_CACHED_S1;
    if (l->class_of == CLASS_IN)
        return SMREF_CHOICE_CACHED_S2;
    *depth = 1;
    if (l->class_of == CLASS_CD)
        return c->fetched == SMREF_LAYOUT_CD ? SMREF_CHOICE_CACHED_S2_CD : SMREF_CHOICE_CACHED_S2_L1CD;
    return (smref_choice)((int)SMREF_CHOICE_CACHED_S2_LEVEL_0 + c->s1_steps->level);
}

static bool any_of(const struct lookup *l, const struct range **range, struct leaf *leaf)
{
    const struct caches *c = l->t->smmu->caches;
    struct way_found list[MOST + 1];
    unsigned depth, count = consider(l, NULL, list, 0);
    for (unsigned leaves = 2; leaves--;) /* leaves first: what a table gives is most often among them */
        for (unsigned i = held_count(c); i--;)
            if (smref_copy_is_leaf(&c->copies[i]) == leaves && smref_copy_serves(l, &c->copies[i]))
                count = consider(l, &c->copies[i], list, count);
    if (l->t->not_modelled || conflict_detected(l, list, count))
        return false;
    smref_choice choice = choice_of(l, &depth);
    unsigned chosen = smref_choose_held(l->t, choice, depth, count - 1);
    return !l->t->not_modelled && go(l, list[chosen].copy, range, leaf);
}

/* ---- Stages ---------------------------------------------------------------------------------------- */

static bool find(const struct lookup *l, const struct range **range, struct leaf *leaf)
{
    if (l->t->smmu->caches->policy == SMREF_CACHING_ANY)
        return any_of(l, range, leaf);
    return go(l, best(l), range, leaf);
}

/* The half of the range that the address would be walked in; which, the walk itself checks. */
static uint32_t shape_for(const struct context *c, uint64_t va)
{
    bool high = c->two_halves && (c->half[0].format == SMREF_Format_VMSAv8_32 ? va >> 31 & 1 : va >> 55 & 1);
    return smref_shape_of(&c->half[high]);
}

bool smref_held_stage1(struct txn *t, uint64_t va, const struct range **range, struct leaf *leaf,
                       bool (*through_tables)(struct txn *t, uint64_t va, const struct range **range,
                                              struct leaf *leaf, struct steps *steps))
{
    struct lookup l = {.t = t, .stage = 1, .input = va, .class_of = CLASS_IN};
    l.shape = shape_for(t->context, va);
    l.walk1 = through_tables;
    if (!find(&l, range, leaf))
        return false;
    t->smmu->caches->s1 = smref_stage1_copy(&l, *range, leaf);
    return true;
}

bool smref_held_stage2(struct txn *t, uint64_t ipa, enum fault_class class_of, struct leaf *leaf,
                       bool (*through_tables)(struct txn *t, uint64_t ipa, enum fault_class class_of,
                                              struct leaf *leaf, struct steps *steps))
{
    const struct range *range = NULL;
    struct lookup l = {.t = t, .stage = 2, .input = ipa, .class_of = class_of};
    l.shape = smref_shape_of(s2_range(t));
    l.walk2 = through_tables;
    t->smmu->caches->part = false;
    if (!find(&l, &range, leaf))
        return false;
    if (!t->smmu->caches->part && smref_within_stage1(&l) && smref_access_flag(&l, leaf))
        smref_hold_part(&l, smref_stage2_copy(&l, leaf));
    return true;
}

/* ---- S_CR0.SIF -------------------------------------------------------------------------------------- */

static bool same_ste(const struct txn *t, const smref_cached *e)
{
    return e->kind == SMREF_CACHED_STE && e->sid == t->in->sid &&
           !memcmp(e->words, t->stream->words, sizeof e->words);
}

/* Of stage 2 any leaf of the address counts: which one is used, a later choice says. */
static bool same_leaf(const struct lookup *l, const smref_cached *e, const struct leaf *leaf)
{
    if (e->kind != (leaf ? SMREF_CACHED_S1_LEAF : SMREF_CACHED_S2_LEAF) || !smref_copy_serves(l, e))
        return false;
    if (!leaf)
        return true;
    const struct leaf held = smref_leaf_of_copy(l, e);
    return held.address == leaf->address && held.descriptor == leaf->descriptor && held.ns == leaf->ns;
}

bool smref_other_sif_held(struct txn *t, bool now, const struct leaf *leaf)
{
    const struct caches *c = t->smmu->caches;
    const struct lookup l = {.t = t, .stage = leaf ? 1 : 2, .input = t->in->addr, .class_of = CLASS_IN};
    if (c->policy != SMREF_CACHING_ANY)
        return false;
    for (unsigned i = 0; i < held_count(c); i++) {
        const smref_cached *e = &c->copies[i];
        if (e->sif != now && e->sec_sid == SMREF_SEC_SECURE && (same_ste(t, e) || same_leaf(&l, e, leaf)))
            return true;
    }
    return false;
}
