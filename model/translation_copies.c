/*
 * Translations that are held (3.17, 16.2, DDI 0487 D8.16, D8.17): their tags, whom they serve, what they
 * amount to, and what a walk leaves.
 */
#include "translation_copies.h"

#include <string.h>

/* ---- Tags (3.17) ----------------------------------------------------------------------------------- */

static bool world_has_vmid(unsigned world)
{
    return world == SMREF_StreamWorld_NS_EL1 || world == SMREF_StreamWorld_S_EL1 ||
           world == SMREF_StreamWorld_R_EL1;
}

bool smref_world_has_asid(unsigned world)
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
    /* 3.10.2.2: VMID 0 where stage 2 of a Secure stream does not translate, whatever the STE says. */
    bool tagged = world_has_vmid(t->stream->world) &&
                  (is_secure(t) ? t->stream->config == SMREF_STE_Config_S2_TRANS ||
                                      t->stream->config == SMREF_STE_Config_NESTED
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
    if (!smref_world_has_asid(copy->world))
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
    if (!smref_world_has_asid(world))
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
uint32_t smref_shape_of(const struct range *r)
{
    return (uint32_t)r->format | (uint32_t)r->granule << 4 | (uint32_t)r->oa_bits << 8 |
           (uint32_t)r->ds << 16 | (uint32_t)r->oa_in_low << 17 | (uint32_t)r->big_endian << 18;
}

/* ---- Copies ---------------------------------------------------------------------------------------- */

bool smref_copy_is_leaf(const smref_cached *e)
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

bool smref_copy_serves(const struct lookup *l, const smref_cached *e)
{
    const struct txn *t = l->t;
    switch (e->kind) {
    case SMREF_CACHED_S1_LEAF:
        return l->stage == 1 && stage1_tags_fit(t, e) && va_fits(e, l->input);
    case SMREF_CACHED_S1_TABLE:
        return l->stage == 1 && e->shape == l->shape && stage1_tags_fit(t, e) && va_fits(e, l->input);
    case SMREF_CACHED_S2_LEAF:
    case SMREF_CACHED_S2_TABLE:
        return l->stage == 2 && (smref_copy_is_leaf(e) || e->shape == l->shape) &&
               e->sec_sid == t->in->sec_sid && e->vmid == vmid_of(t) && e->ns == t->ns &&
               ipa_fits(e, l->input);
    case SMREF_CACHED_S12_TABLE:
    case SMREF_CACHED_S12_LEAF:
        return l->stage == 2 && e->sec_sid == t->in->sec_sid && e->vmid == vmid_of(t) && e->ns == t->ns &&
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

struct leaf smref_leaf_of_copy(const struct lookup *l, const smref_cached *e)
{
    int level = l->stage == 1 ? e->s1_level : e->s2_level;
    return (struct leaf){.descriptor = e->descriptor,
                         .address = e->output | (l->input & mask(l->stage == 1 ? e->va_bits : e->ipa_bits)),
                         .level = level,
                         .bits = size_of(l->stage == 1 ? e->s1_granule : e->s2_granule, level),
                         .ap_table = e->ap_table,
                         .xn_table = e->xn_table,
                         .pxn_table = e->pxn_table,
                         .ns = l->stage == 1 && e->ns};
}

const uint64_t *smref_current_words(const struct lookup *l)
{
    return l->stage == 1 ? l->t->context->words : l->t->stream->words;
}

static const uint64_t *mask_of(const struct lookup *l)
{
    const struct caches *c = l->t->smmu->caches;
    return l->stage == 1 ? c->cd_fields : c->ste_fields;
}

/* Whether the fields that the TLB holds are those that the structure has now. */
bool smref_fields_current(const struct lookup *l, const smref_cached *e)
{
    for (unsigned i = 0; i < 8; i++)
        if ((smref_current_words(l)[i] & mask_of(l)[i]) != e->words[i])
            return false;
    return true;
}

/* Puts the fields that the TLB holds over those of the structure. False: together they are ILLEGAL, and the
 * copy is not used. */
bool smref_apply_fields(const struct lookup *l, const smref_cached *e)
{
    struct caches *c = l->t->smmu->caches;
    uint64_t words[8];
    if (smref_fields_current(l, e))
        return true;
    for (unsigned i = 0; i < 8; i++)
        words[i] = (smref_current_words(l)[i] & ~mask_of(l)[i]) | e->words[i];
    if (l->stage == 1) {
        smref_CD_set_TTB0(words, 0); /* bases, whose range other fields limit, matter to walks alone */
        smref_CD_set_TTB1(words, 0);
        smref_judge_context(l->t, words, &c->context);
        if (c->context.illegal != SMREF_RULE_NONE || (e->half && !c->context.two_halves))
            return false;
        l->t->context = &c->context;
    } else {
        smref_STE_set_S2TTB(words, 0);
        smref_STE_set_S_S2TTB(words, 0);
        if (c->stream.number != c->applied || memcmp(c->stream.words, words, sizeof words))
            smref_judge_stream(l->t, words, &c->stream);
        c->applied = c->stream.number;
        if (c->stream.illegal != SMREF_RULE_NONE)
            return false;
        l->t->stream = &c->stream;
    }
    return true;
}

static void copy_fields(const struct lookup *l, smref_cached *copy)
{
    for (unsigned i = 0; i < 8; i++)
        copy->words[i] = smref_current_words(l)[i] & mask_of(l)[i];
}

/* ---- What a walk leaves ---------------------------------------------------------------------------- */

void smref_hold_tables(const struct lookup *l, const struct steps *steps, const struct range *range)
{
    for (unsigned i = 0; i < steps->count; i++) {
        unsigned bits = steps->found[i].shift;
        smref_cached copy = tagged(l->t, l->stage == 1 ? SMREF_CACHED_S1_TABLE : SMREF_CACHED_S2_TABLE);
        copy.shape = smref_shape_of(range);
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
            copy.ns = steps->found[i].ns;
        } else {
            copy.ns = l->t->ns;
            copy.ipa = l->input & ~mask(bits);
            copy.ipa_bits = (uint8_t)bits;
            copy.s2_level = steps->found[i].level;
            copy.s2_granule = range->granule;
        }
        smref_hold(l->t->smmu->caches, &copy);
    }
}

smref_cached smref_stage1_copy(const struct lookup *l, const struct range *range, const struct leaf *leaf)
{
    smref_cached copy = tagged(l->t, SMREF_CACHED_S1_LEAF);
    /* 3.17.1: what was read as Non-secure for a Secure stream is not global. */
    copy.global =
        smref_world_has_asid(copy.world) && !leaf->ns && !smref_VMSAv8_64_S1_PAGE_nG(&leaf->descriptor);
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
    copy.ns = leaf->ns;
    copy.sif = held_sif(l->t);
    copy_fields(l, &copy);
    return copy;
}

smref_cached smref_stage2_copy(const struct lookup *l, const struct leaf *leaf)
{
    smref_cached copy = tagged(l->t, SMREF_CACHED_S2_LEAF);
    copy.ipa = l->input & ~mask(leaf->bits);
    copy.ipa_bits = (uint8_t)leaf->bits;
    copy.s2_level = (int8_t)leaf->level;
    copy.s2_granule = s2_range(l->t)->granule;
    copy.ns = l->t->ns;
    copy.sif = held_sif(l->t);
    copy.output = leaf->address & ~mask(leaf->bits);
    copy.descriptor = leaf->descriptor;
    copy_fields(l, &copy);
    return copy;
}

/* DDI 0487 D8.7.1: a TLB may hold the run that a Contiguous bit names as one entry. */
void smref_hold_run(const struct lookup *l, const struct range *range, const struct leaf *leaf,
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
void smref_hold_part(const struct lookup *l, smref_cached copy)
{
    const struct caches *c = l->t->smmu->caches;
    const struct steps *steps = c->s1_steps;
    copy.sif = false; /* that of stage 1 counts */
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
bool smref_within_stage1(const struct lookup *l)
{
    const struct steps *steps = l->t->smmu->caches->s1_steps;
    if (!l->t->context || l->class_of == CLASS_CD)
        return false;
    return l->class_of == CLASS_IN || steps->level > steps->range->start_level;
}

bool smref_access_flag(const struct lookup *l, const struct leaf *leaf)
{
    return smref_VMSAv8_64_S1_PAGE_AF(&leaf->descriptor) ||
           (l->stage == 1 ? l->t->context->affd : l->t->stream->s2affd);
}
