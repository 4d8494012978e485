/*
 * Leaves and tables out of the TLB (3.17, 3.21.1, 16.2, DDI 0487 D8.16, D8.17): which copies serve an
 * address, what each amounts to, and what a walk leaves behind.
 */
#include "walk.h"

#include <string.h>

/* Of a descriptor: what they say is in the address of the leaf. */
#define ADDRESS_BITS (mask(48) & ~mask(12))

#define MOST 16 /* ways to a leaf, before equal ones are seen to be equal */

/* ---- Tags (3.17) ----------------------------------------------------------------------------------- */

static bool world_has_vmid(unsigned world)
{
    return world == SMREF_StreamWorld_NS_EL1 || world == SMREF_StreamWorld_S_EL1 ||
           world == SMREF_StreamWorld_R_EL1;
}

static bool world_has_asid(unsigned world)
{
    return world_has_vmid(world) || world == SMREF_StreamWorld_NS_EL2_E2H ||
           world == SMREF_StreamWorld_S_EL2_E2H || world == SMREF_StreamWorld_R_EL2_E2H;
}

/* 3.17.5: nobody need tell EL2 from EL2-E2H, nor does a copy of EL2 have an ASID that is known. */
static bool worlds_alike(unsigned a, unsigned b)
{
    static const uint8_t family[] = {0, 1, 1, 3, 4, 4, 6, 7, 8, 8};
    return a < sizeof family && b < sizeof family && family[a] == family[b];
}

static uint16_t vmid_of(const struct txn *t)
{
    bool tagged =
        world_has_vmid(t->stream->world) &&
        (t->in->sec_sid == SMREF_SEC_SECURE ? smref_SMMU_S_IDR1_SEL2(t->reg[SMREF_REG_SMMU_S_IDR1]) != 0
                                            : smref_SMMU_IDR0_S2P(t->reg[SMREF_REG_SMMU_IDR0]) != 0);
    return tagged ? (uint16_t)smref_STE_S2VMID(t->stream->words) : 0;
}

static smref_cached tagged(const struct txn *t, smref_cached_kind kind)
{
    smref_cached copy;
    memset(&copy, 0, sizeof copy);
    copy.kind = (uint8_t)kind;
    copy.sec_sid = (uint8_t)t->in->sec_sid;
    copy.world = t->stream->world;
    copy.vmid = vmid_of(t);
    copy.vmw = world_has_vmid(copy.world) ? (uint8_t)smref_vmid_wildcard(t, t->in->sec_sid) : 0;
    return copy;
}

static void tag_stage1(const struct txn *t, smref_cached *copy)
{
    const uint64_t *cd = t->context->words;
    if (!world_has_asid(copy->world))
        return;
    copy->asid = copy->global ? 0 : (uint16_t)smref_CD_ASID(cd);
    copy->aset = copy->global && smref_CD_ASET(cd);
}

/* Whether the tags of a stage 1 translation fit the access. */
static bool stage1_tags_fit(const struct txn *t, const smref_cached *e)
{
    const uint64_t *cd = t->context->words;
    unsigned world = t->stream->world;
    if (e->sec_sid != t->in->sec_sid || e->vmid != vmid_of(t))
        return false;
    if (e->world != world)
        return t->smmu->caches->policy == SMREF_CACHING_ANY && worlds_alike(e->world, world);
    if (!world_has_asid(world))
        return true;
    return e->global ? e->aset == smref_CD_ASET(cd) : e->asid == smref_CD_ASID(cd);
}

static bool va_fits(const smref_cached *e, uint64_t va)
{
    uint64_t ignored = mask(e->va_bits) | (e->tbi ? ~mask(56) : 0);
    return !((va ^ e->va) & ~ignored);
}

static bool ipa_fits(const smref_cached *e, uint64_t ipa)
{
    return !((ipa ^ e->ipa) & ~mask(e->ipa_bits));
}

/* A top byte that is ignored repeats VA[55] in the TLB. */
static uint64_t canonical(const struct range *range, uint64_t va)
{
    if (!range->tbi)
        return va;
    return va >> 55 & 1 ? va | ~mask(56) : va & mask(56);
}

/* What walks must have in common, so that one can go on from a table that the other found. */
static uint32_t shape_of(const struct range *r)
{
    return (uint32_t)r->format | (uint32_t)r->granule << 4 | (uint32_t)r->oa_bits << 8 |
           (uint32_t)r->ds << 16 | (uint32_t)r->oa_in_low << 17 | (uint32_t)r->big_endian << 18 |
           (uint32_t)r->hierarchy_disabled << 19;
}

/* ---- Ways to a leaf -------------------------------------------------------------------------------- */

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

/* One way, and what comes of it. */
struct way_found {
    const smref_cached *copy; /* of a leaf, or of a table from which the walk goes on; NULL: from the base */
    bool good;
    struct leaf leaf;
    struct failure failure;
};

static bool is_leaf(const smref_cached *e)
{
    return e->kind == SMREF_CACHED_S1_LEAF || e->kind == SMREF_CACHED_S2_LEAF ||
           e->kind == SMREF_CACHED_S12_TABLE || e->kind == SMREF_CACHED_S12_LEAF;
}

/* Whether the stage 2 leaf of a stage 1 translation is the one of the use at hand: of the access's output, or
 * of the descriptor that the walk reads next. */
static bool part_fits(const struct lookup *l, const smref_cached *e)
{
    const struct steps *steps = l->t->smmu->caches->s1_steps;
    if (!l->t->context)
        return false;
    if (e->kind == SMREF_CACHED_S12_LEAF ? l->class_of != CLASS_IN
                                         : l->class_of != CLASS_TT || e->s1_level + 1 != steps->level)
        return false;
    return stage1_tags_fit(l->t, e) && va_fits(e, l->t->in->addr);
}

static bool serves(const struct lookup *l, const smref_cached *e)
{
    const struct txn *t = l->t;
    switch (e->kind) {
    case SMREF_CACHED_S1_LEAF:
        return l->stage == 1 && stage1_tags_fit(t, e) && va_fits(e, l->input);
    case SMREF_CACHED_S1_TABLE:
        return l->stage == 1 && e->shape == l->shape && stage1_tags_fit(t, e) && va_fits(e, l->input);
    case SMREF_CACHED_S2_LEAF:
    case SMREF_CACHED_S2_TABLE:
        return l->stage == 2 && (is_leaf(e) || e->shape == l->shape) && e->sec_sid == t->in->sec_sid &&
               e->vmid == vmid_of(t) && ipa_fits(e, l->input);
    case SMREF_CACHED_S12_TABLE:
    case SMREF_CACHED_S12_LEAF:
        return l->stage == 2 && e->sec_sid == t->in->sec_sid && e->vmid == vmid_of(t) &&
               ipa_fits(e, l->input) && part_fits(l, e);
    default:
        return false;
    }
}

/* log2 of a block or page; a copy that serves a run of them is larger. */
static unsigned size_of(unsigned granule, int level)
{
    unsigned bits = granule == SMREF_Granule_G64K ? 16 : granule == SMREF_Granule_G16K ? 14 : 12;
    return bits + (unsigned)(LAST_LEVEL - level) * (bits - 3);
}

static struct leaf leaf_of(const struct lookup *l, const smref_cached *e)
{
    int level = l->stage == 1 ? e->s1_level : e->s2_level;
    return (struct leaf){.descriptor = e->descriptor,
                         .address = e->output | (l->input & mask(l->stage == 1 ? e->va_bits : e->ipa_bits)),
                         .level = level,
                         .bits = size_of(l->stage == 1 ? e->s1_granule : e->s2_granule, level),
                         .ap_table = e->ap_table,
                         .xn_table = e->xn_table,
                         .pxn_table = e->pxn_table};
}

static const uint64_t *current_words(const struct lookup *l)
{
    return l->stage == 1 ? l->t->context->words : l->t->stream->words;
}

static const uint64_t *mask_of(const struct lookup *l)
{
    const struct caches *c = l->t->smmu->caches;
    return l->stage == 1 ? c->cd_fields : c->ste_fields;
}

/* Whether the fields that the TLB holds are those that the structure has now. */
static bool fields_current(const struct lookup *l, const smref_cached *e)
{
    for (unsigned i = 0; i < 8; i++)
        if ((current_words(l)[i] & mask_of(l)[i]) != e->words[i])
            return false;
    return true;
}

/* Puts the fields that the TLB holds over those of the structure. False: together they are ILLEGAL, and the
 * copy is not used. */
static bool apply_fields(const struct lookup *l, const smref_cached *e)
{
    struct caches *c = l->t->smmu->caches;
    uint64_t words[8];
    if (fields_current(l, e))
        return true;
    for (unsigned i = 0; i < 8; i++)
        words[i] = (current_words(l)[i] & ~mask_of(l)[i]) | e->words[i];
    if (l->stage == 1) {
        smref_judge_context(l->t, words, &c->context);
        if (c->context.illegal != SMREF_RULE_NONE || (e->half && !c->context.two_halves))
            return false;
        l->t->context = &c->context;
    } else {
        smref_judge_stream(l->t, words, &c->stream);
        if (c->stream.illegal != SMREF_RULE_NONE)
            return false;
        l->t->stream = &c->stream;
    }
    return true;
}

static void copy_fields(const struct lookup *l, smref_cached *copy)
{
    for (unsigned i = 0; i < 8; i++)
        copy->words[i] = current_words(l)[i] & mask_of(l)[i];
}

/* ---- What a walk leaves ---------------------------------------------------------------------------- */

static void hold_tables(const struct lookup *l, const struct steps *steps, const struct range *range)
{
    for (unsigned i = 0; i < steps->count; i++) {
        unsigned bits = steps->found[i].shift;
        smref_cached copy = tagged(l->t, l->stage == 1 ? SMREF_CACHED_S1_TABLE : SMREF_CACHED_S2_TABLE);
        copy.shape = shape_of(range);
        copy.output = steps->found[i].next;
        copy.ap_table = steps->found[i].ap_table;
        copy.xn_table = steps->found[i].xn_table;
        copy.pxn_table = steps->found[i].pxn_table;
        if (l->stage == 1) {
            tag_stage1(l->t, &copy);
            copy.tbi = range->tbi;
            copy.va = canonical(range, l->input) & ~mask(bits);
            copy.va_bits = (uint8_t)bits;
            copy.s1_level = steps->found[i].level;
            copy.s1_granule = range->granule;
        } else {
            copy.ipa = l->input & ~mask(bits);
            copy.ipa_bits = (uint8_t)bits;
            copy.s2_level = steps->found[i].level;
            copy.s2_granule = range->granule;
        }
        smref_hold(l->t->smmu->caches, &copy);
    }
}

static smref_cached stage1_copy(const struct lookup *l, const struct range *range, const struct leaf *leaf)
{
    smref_cached copy = tagged(l->t, SMREF_CACHED_S1_LEAF);
    copy.global = world_has_asid(copy.world) && !smref_VMSAv8_64_S1_PAGE_nG(&leaf->descriptor);
    tag_stage1(l->t, &copy);
    copy.half = range == &l->t->context->half[1];
    copy.tbi = range->tbi;
    copy.va = canonical(range, l->input) & ~mask(leaf->bits);
    copy.va_bits = (uint8_t)leaf->bits;
    copy.s1_level = (int8_t)leaf->level;
    copy.s1_granule = range->granule;
    copy.output = leaf->address & ~mask(leaf->bits);
    copy.descriptor = leaf->descriptor;
    copy.ap_table = leaf->ap_table;
    copy.xn_table = leaf->xn_table;
    copy.pxn_table = leaf->pxn_table;
    copy_fields(l, &copy);
    return copy;
}

static smref_cached stage2_copy(const struct lookup *l, const struct leaf *leaf)
{
    smref_cached copy = tagged(l->t, SMREF_CACHED_S2_LEAF);
    copy.ipa = l->input & ~mask(leaf->bits);
    copy.ipa_bits = (uint8_t)leaf->bits;
    copy.s2_level = (int8_t)leaf->level;
    copy.s2_granule = l->t->stream->s2.granule;
    copy.output = leaf->address & ~mask(leaf->bits);
    copy.descriptor = leaf->descriptor;
    copy_fields(l, &copy);
    return copy;
}

/* DDI 0487 D8.7.1: a TLB may hold the run that a Contiguous bit names as one entry. */
static void hold_run(const struct lookup *l, const struct range *range, const struct leaf *leaf,
                     smref_cached copy)
{
    unsigned joined = smref_walk_contiguous_bits(range, leaf->level), bits = leaf->bits + joined;
    if (l->t->smmu->caches->policy != SMREF_CACHING_ANY || !joined || bits > range->ia_bits ||
        !smref_VMSAv8_64_S1_PAGE_Contiguous(&leaf->descriptor))
        return;
    copy.output &= ~mask(bits);
    if (l->stage == 1) {
        copy.va &= ~mask(bits);
        copy.va_bits = (uint8_t)bits;
    } else {
        copy.ipa &= ~mask(bits);
        copy.ipa_bits = (uint8_t)bits;
    }
    smref_hold(l->t->smmu->caches, &copy);
}

/* The stage 2 leaf as part of the stage 1 translation that used it: of its output, or of the address of a
 * table that a descriptor led to. */
static void hold_part(const struct lookup *l, smref_cached copy)
{
    const struct caches *c = l->t->smmu->caches;
    const struct steps *steps = c->s1_steps;
    if (l->class_of == CLASS_IN) {
        copy.kind = SMREF_CACHED_S12_LEAF;
        copy.global = c->s1.global;
        copy.asid = c->s1.asid;
        copy.aset = c->s1.aset;
        copy.tbi = c->s1.tbi;
        copy.va = c->s1.va;
        copy.va_bits = c->s1.va_bits;
        copy.s1_level = c->s1.s1_level;
        copy.s1_granule = c->s1.s1_granule;
    } else {
        const struct range *range = steps->range;
        unsigned bits = steps->shift + range->stride;
        copy.kind = SMREF_CACHED_S12_TABLE;
        tag_stage1(l->t, &copy);
        copy.tbi = range->tbi;
        copy.va = canonical(range, l->t->in->addr) & ~mask(bits);
        copy.va_bits = (uint8_t)bits;
        copy.s1_level = (int8_t)(steps->level - 1);
        copy.s1_granule = range->granule;
    }
    smref_hold(l->t->smmu->caches, &copy);
}

/* Whether the use belongs to a stage 1 translation that could be held together with it. */
static bool within_stage1(const struct lookup *l)
{
    const struct steps *steps = l->t->smmu->caches->s1_steps;
    if (!l->t->context || l->class_of == CLASS_CD)
        return false;
    return l->class_of == CLASS_IN || steps->level > steps->range->start_level;
}

static bool access_flag(const struct lookup *l, const struct leaf *leaf)
{
    return smref_VMSAv8_64_S1_PAGE_AF(&leaf->descriptor) ||
           (l->stage == 1 ? l->t->context->affd : l->t->stream->s2affd);
}

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
        *range = &t->stream->s2;
    }
    if (*range)
        hold_tables(l, &steps, *range);
    if (!good || !access_flag(l, leaf))
        return good;
    smref_cached copy = l->stage == 1 ? stage1_copy(l, *range, leaf) : stage2_copy(l, leaf);
    smref_hold(t->smmu->caches, &copy);
    hold_run(l, *range, leaf, copy);
    return true;
}

static bool go(const struct lookup *l, const smref_cached *copy, const struct range **range,
               struct leaf *leaf)
{
    struct txn *t = l->t;
    smref_cached kept;
    if (copy) {
        kept = *copy; /* it may be evicted on the way */
        copy = &kept;
    }
    if (!copy || !is_leaf(copy))
        return walk_from(l, copy, range, leaf);
    decide(t, rule_of_use(l, copy));
    t->smmu->caches->part = copy->kind == SMREF_CACHED_S12_TABLE || copy->kind == SMREF_CACHED_S12_LEAF;
    *leaf = leaf_of(l, copy);
    if (!apply_fields(l, copy)) /* seen before */
        smref_bug("a held translation became unusable", __FILE__, __LINE__);
    *range = l->stage == 1 ? &t->context->half[copy->half] : &t->stream->s2;
    return true;
}

/* Whether a copy of a leaf can be used with the structure as it is now. */
static bool leaf_usable(const struct lookup *l, const smref_cached *e)
{
    const struct stream *stream = l->t->stream;
    const struct context *context = l->t->context;
    bool good = fields_current(l, e) || apply_fields(l, e);
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
        if (!serves(l, e))
            continue;
        if (!is_leaf(e)) {
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
    const smref_cached *x = a->copy && is_leaf(a->copy) ? a->copy : NULL;
    const smref_cached *y = b->copy && is_leaf(b->copy) ? b->copy : NULL;
    if (x && y)
        return !memcmp(x->words, y->words, sizeof x->words);
    return x ? fields_current(l, x) : !y || fields_current(l, y);
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
           x->xn_table == y->xn_table && x->pxn_table == y->pxn_table && same_fields(l, a, b);
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
    if (copy && is_leaf(copy)) {
        if (!leaf_usable(l, copy))
            return count;
        f->good = true;
        f->leaf = leaf_of(l, copy);
    } else {
        smref_hush(l->t, &h);
        f->good = walk_from(l, copy, &range, &f->leaf);
        f->failure = (struct failure){l->t->fault, l->t->not_modelled};
        smref_unhush(l->t, &h);
    }
    for (unsigned i = 0; i < count; i++)
        if (same(l, &list[i], f))
            return count;
    return count + 1;
}

/* ---- Conflicts (3.20.1) ---------------------------------------------------------------------------- */

/* What the leaf says of memory type and Cacheability: its entry in MAIR, or MemAttr. */
static uint64_t memory_attributes(const struct lookup *l, const struct way_found *f)
{
    const uint64_t *words = f->copy && is_leaf(f->copy) ? f->copy->words : current_words(l);
    if (l->stage == 2)
        return smref_VMSAv8_64_S2_PAGE_MemAttr(&f->leaf.descriptor) | smref_STE_S2FWB(words) << 8;
    unsigned index = (unsigned)smref_VMSAv8_64_S1_PAGE_AttrIndx(&f->leaf.descriptor) & 7;
    return (smref_CD_MAIR1(words) << 32 | smref_CD_MAIR0(words)) >> 8 * index & 0xff;
}

/* 3.21.1.2: a block with nT is not cached in a way that conflicts. */
static bool never_conflicts(const struct lookup *l, const struct way_found *f, uint64_t bbml)
{
    return !f->good || !access_flag(l, &f->leaf) ||
           (bbml == SMREF_SMMU_IDR3_BBML_LEVEL_1 && f->leaf.level < 3 &&
            smref_VMSAv8_64_S1_BLOCK_nT(&f->leaf.descriptor));
}

/* 3.21.1.1: whether one can become the other only with break-before-make. */
static bool conflict(const struct lookup *l, const struct way_found *a, const struct way_found *b,
                     uint64_t bbml)
{
    const uint64_t *d = &a->leaf.descriptor, *e = &b->leaf.descriptor;
    if (never_conflicts(l, a, bbml) || never_conflicts(l, b, bbml))
        return false;
    if (a->leaf.address != b->leaf.address || memory_attributes(l, a) != memory_attributes(l, b))
        return true;
    if (a->leaf.bits != b->leaf.bits && bbml != SMREF_SMMU_IDR3_BBML_LEVEL_2)
        return true;
    if (bbml == SMREF_SMMU_IDR3_BBML_LEVEL_0 &&
        smref_VMSAv8_64_S1_PAGE_Contiguous(d) != smref_VMSAv8_64_S1_PAGE_Contiguous(e))
        return true;
    return l->stage == 1 && world_has_asid(l->t->stream->world) &&
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
            if (is_leaf(&c->copies[i]) == leaves && serves(l, &c->copies[i]))
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
    return shape_of(&c->half[high]);
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
    t->smmu->caches->s1 = stage1_copy(&l, *range, leaf);
    return true;
}

bool smref_held_stage2(struct txn *t, uint64_t ipa, enum fault_class class_of, struct leaf *leaf,
                       bool (*through_tables)(struct txn *t, uint64_t ipa, enum fault_class class_of,
                                              struct leaf *leaf, struct steps *steps))
{
    const struct range *range = NULL;
    struct lookup l = {.t = t, .stage = 2, .input = ipa, .class_of = class_of};
    l.shape = shape_of(&t->stream->s2);
    l.walk2 = through_tables;
    t->smmu->caches->part = false;
    if (!find(&l, &range, leaf))
        return false;
    if (!t->smmu->caches->part && within_stage1(&l) && access_flag(&l, leaf))
        hold_part(&l, stage2_copy(&l, leaf));
    return true;
}
