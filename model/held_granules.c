/*
 * GPT information in TLBs (DDI 0487 D9.5, D9.6): valid entries of either level, and the base of the table
 * (6.3.114), until a TLBI by PA that covers them (6.3.118, 6.3.119). What a TLB combines with a translation
 * goes with the same operations, and is nothing more than both held side by side.
 */
#include "granule_look.h"

#include <string.h>

#define VERDICTS 6 /* permitted, a GPF, four lookup errors */
/* Checks of one access that have a choice of their own. */
#define USES (1 + SMREF_CHOICE_CACHED_GPT_6 - SMREF_CHOICE_CACHED_GPT)

struct verdict {
    const smref_cached *copy; /* NULL: from the base, as memory has it */
    bool permits;
    struct granule_fault fault;
};

/* What lookups must have in common, so that one can use a table that the other found. */
static uint32_t shape_of(const struct granule_checks *g)
{
    return (uint32_t)g->granule_bits | (uint32_t)g->l0_bits << 8 | (uint32_t)g->protected_bits << 16;
}

static bool is_leaf(const smref_cached *e)
{
    return e->kind == SMREF_CACHED_GPT_BLOCK || e->kind == SMREF_CACHED_GPT_CONTIGUOUS ||
           e->kind == SMREF_CACHED_GPT_GRANULES;
}

static unsigned granule_of(const smref_cached *e, uint64_t address)
{
    return (unsigned)((address - e->ipa) >> (e->ipa_bits - GRANULES_OF_ENTRY) & mask(GRANULES_OF_ENTRY));
}

static bool serves(const struct granule_look *c, const smref_cached *e, uint64_t base)
{
    switch (e->kind) {
    case SMREF_CACHED_GPT_BASE:
        return e->output != base;
    case SMREF_CACHED_GPT_TABLE:
        if (e->shape != shape_of(&c->t->smmu->granules))
            return false;
        break;
    case SMREF_CACHED_GPT_GRANULES:
        if (!(e->granules >> granule_of(e, c->address) & 1))
            return false;
        break;
    case SMREF_CACHED_GPT_BLOCK:
    case SMREF_CACHED_GPT_CONTIGUOUS:
        break;
    default:
        return false;
    }
    return (c->address ^ e->ipa) >> e->ipa_bits == 0;
}

/* 6.3.115: what a TLB may hold of the format, beside the tables. */
static uint64_t format_of(const struct txn *t)
{
    uint64_t cfg = t->reg[SMREF_REG_SMMU_ROOT_GPT_BASE_CFG];
    uint64_t format = smref_SMMU_ROOT_GPT_BASE_CFG_with_PPS(0, smref_SMMU_ROOT_GPT_BASE_CFG_PPS(cfg));
    format = smref_SMMU_ROOT_GPT_BASE_CFG_with_PGS(format, smref_SMMU_ROOT_GPT_BASE_CFG_PGS(cfg));
    return smref_SMMU_ROOT_GPT_BASE_CFG_with_GPCP(format, smref_SMMU_ROOT_GPT_BASE_CFG_GPCP(cfg));
}

void smref_granules_of_other_format(struct txn *t)
{
    const struct caches *caches = t->smmu->caches;
    for (unsigned i = 0; i < caches->count; i++)
        if (caches->copies[i].kind == SMREF_CACHED_GPT_BASE &&
            (t->smmu->granules.invalid || caches->copies[i].descriptor != format_of(t)))
            t->not_modelled = "PPS, PGS or GPCP of ROOT_GPT_BASE_CFG as a TLB may hold them, under the "
                              "caching policy any, until a TLBI by PA of everything (6.3.115)";
}

/* ---- Use ------------------------------------------------------------------------------------------- */

static bool go(const struct granule_look *c, const smref_cached *copy, uint64_t base)
{
    static const smref_layout layouts[] = {
        [SMREF_CACHED_GPT_TABLE] = SMREF_LAYOUT_GPT_TABLE,
        [SMREF_CACHED_GPT_BLOCK] = SMREF_LAYOUT_GPT_BLOCK,
        [SMREF_CACHED_GPT_CONTIGUOUS] = SMREF_LAYOUT_GPT_CONTIGUOUS,
        [SMREF_CACHED_GPT_GRANULES] = SMREF_LAYOUT_GPT_GRANULES,
    };
    *c->fault = (struct granule_fault){.pas = (uint8_t)c->pas, .address = c->address};
    if (!copy)
        return smref_granules_from(c, base);
    const smref_cached e = *copy; /* it may be evicted on the way */
    if (e.kind == SMREF_CACHED_GPT_BASE) {
        smref_decide_once(c->t, SMREF_RULE_HELD_GPT_BASE);
        return smref_granules_from(c, e.output);
    }
    smref_decide_once(c->t, is_leaf(&e) ? SMREF_RULE_HELD_GPT : SMREF_RULE_HELD_GPT_TABLE);
    smref_show_held(c->t, layouts[e.kind], &e.descriptor);
    if (!is_leaf(&e))
        return smref_granules_level1(c, e.output);
    unsigned gpi = e.kind == SMREF_CACHED_GPT_GRANULES
                       ? (unsigned)smref_GPT_GRANULES_GPI(&e.descriptor, granule_of(&e, c->address))
                       : (unsigned)smref_GPT_BLOCK_GPI(&e.descriptor);
    return smref_granules_judge(c, layouts[e.kind], gpi);
}

/* `exact`: the oldest entry that says it all, else a table. */
static const smref_cached *best(const struct granule_look *c, uint64_t base)
{
    const struct caches *caches = c->t->smmu->caches;
    const smref_cached *found = NULL;
    for (unsigned i = 0; i < caches->count; i++) {
        const smref_cached *e = &caches->copies[i];
        if (!serves(c, e, base) || e->kind == SMREF_CACHED_GPT_BASE)
            continue;
        if (is_leaf(e))
            return e;
        found = found ? found : e;
    }
    return found;
}

static bool same(const struct verdict *a, const struct verdict *b)
{
    return a->permits == b->permits &&
           (a->permits || (a->fault.kind == b->fault.kind && a->fault.cfg_err == b->fault.cfg_err));
}

/* A way to a verdict joins the list unless one of those there comes to the same. */
static unsigned consider(const struct granule_look *c, const smref_cached *copy, uint64_t base,
                         struct verdict *list, unsigned count)
{
    struct verdict *v = &list[count];
    const struct granule_look trial = {c->t, c->pas, c->address, &v->fault};
    struct hush h;
    v->copy = copy;
    smref_hush(c->t, &h);
    v->permits = go(&trial, copy, base);
    smref_unhush_way(c->t, &h);
    for (unsigned i = 0; i < count; i++)
        if (same(&list[i], v))
            return count;
    return count + 1;
}

/* `any`: each check of an access has a choice of its own. */
static const smref_cached *any_of(const struct granule_look *c, uint64_t base)
{
    struct txn *t = c->t;
    const struct caches *caches = t->smmu->caches;
    struct verdict list[VERDICTS + 1]; /* and the one at hand */
    unsigned held = caches->count, count = consider(c, NULL, base, list, 0);
    for (unsigned i = held; i--;)
        if (serves(c, &caches->copies[i], base))
            count = consider(c, &caches->copies[i], base, list, count);
    if (count < 2 || t->not_modelled)
        return NULL;
    if (t->granule_uses == USES) {
        t->not_modelled = "more checks of granules with cached copies that differ than choices tell apart";
        return NULL;
    }
    unsigned use = t->granule_uses++;
    return list[smref_choose_held(t, (smref_choice)(SMREF_CHOICE_CACHED_GPT + use), 1, count - 1)].copy;
}

bool smref_held_granules(const struct granule_look *c, uint64_t base)
{
    struct caches *caches = c->t->smmu->caches;
    bool any = caches->policy == SMREF_CACHING_ANY;
    bool permits = go(c, any ? any_of(c, base) : best(c, base), base);
    if (caches->full)
        c->t->not_modelled = "more copies in the caches than there is room for";
    return permits;
}

void smref_hold_granules(const struct granule_look *c, smref_cached_kind kind, unsigned bits, uint64_t word,
                         uint64_t next)
{
    struct caches *caches = c->t->smmu->caches;
    smref_cached copy;
    if (!caches || c->t->rehearsal || (kind == SMREF_CACHED_GPT_BASE && caches->policy != SMREF_CACHING_ANY))
        return;
    memset(&copy, 0, sizeof copy);
    copy.kind = (uint8_t)kind;
    copy.output = next;
    copy.descriptor = kind == SMREF_CACHED_GPT_BASE ? format_of(c->t) : word;
    if (kind != SMREF_CACHED_GPT_BASE) {
        copy.ipa = c->address & ~mask(bits);
        copy.ipa_bits = (uint8_t)bits;
    }
    if (kind == SMREF_CACHED_GPT_TABLE)
        copy.shape = shape_of(&c->t->smmu->granules);
    if (kind == SMREF_CACHED_GPT_GRANULES)
        copy.granules = UINT16_MAX;
    smref_hold(caches, &copy);
}

/* ---- TLBI by PA ------------------------------------------------------------------------------------ */

struct range_of_pas {
    uint64_t first, last;
    bool last_level;
};

/* DDI 0487 C5.5.28. False: no entry need go. */
static bool range_of_register(const struct txn *t, uint64_t tlbi, struct range_of_pas *out)
{
    const struct granule_checks *g = &t->smmu->granules;
    smref_env e = smref_env_of(t->smmu, SMREF_SEC_NS);
    unsigned bits = (unsigned)smref_derived_gpt_tlbi_bits(&e);
    if (!bits) /* reserved */
        return false;
    if (bits < g->granule_bits)
        bits = g->granule_bits;
    out->first = smref_SMMU_ROOT_TLBI_Address_address(tlbi) & ~mask(g->granule_bits);
    out->last = out->first | mask(bits);
    out->last_level = smref_SMMU_ROOT_TLBI_L(tlbi);
    return !(out->first & mask(bits)) && !(out->first >> t->smmu->oas);
}

/* DDI 0487 D9.6.2, D9.6.4: what is held of a region goes only with all of it. Of a Granules descriptor each
 * granule goes by itself. True: nothing remains. */
static bool strip(const struct range_of_pas *r, smref_cached *e)
{
    uint64_t last = e->ipa | mask(e->ipa_bits);
    if (e->kind <= SMREF_CACHED_GPT_BASE)
        return false;
    if (e->kind != SMREF_CACHED_GPT_GRANULES)
        return !(e->kind == SMREF_CACHED_GPT_TABLE && r->last_level) && r->first <= e->ipa && last <= r->last;
    unsigned bits = e->ipa_bits - GRANULES_OF_ENTRY;
    for (unsigned i = 0; i < 1U << GRANULES_OF_ENTRY; i++) {
        uint64_t at = e->ipa + ((uint64_t)i << bits);
        if (r->first <= at && (at | mask(bits)) <= r->last)
            e->granules = (uint16_t)(e->granules & ~(1U << i));
    }
    return !e->granules;
}

static void report(struct txn *t, unsigned removed, bool stripped)
{
    smref_show(t, "cached copies removed", removed);
    if (removed || stripped)
        decide(t, SMREF_RULE_ROOT_TLBI_REMOVED);
}

void smref_invalidate_granules(struct txn *t)
{
    struct caches *c = t->smmu->caches;
    uint64_t tlbi = t->reg[SMREF_REG_SMMU_ROOT_TLBI];
    bool all = smref_SMMU_ROOT_TLBI_ALL(tlbi), stripped = false;
    struct range_of_pas range = {.first = 0};
    if (!all && !range_of_register(t, tlbi, &range)) {
        decide(t, SMREF_RULE_ROOT_TLBI_NOTHING);
        return;
    }
    unsigned kept = 0, count = c ? c->count : 0;
    for (unsigned i = 0; i < count; i++) {
        smref_cached *e = &c->copies[i];
        uint16_t before = e->granules;
        if (all ? e->kind >= SMREF_CACHED_GPT_BASE : strip(&range, e))
            continue;
        stripped |= e->granules != before;
        if (kept != i)
            c->copies[kept] = *e;
        kept++;
    }
    if (c)
        c->count = kept;
    report(t, count - kept, stripped);
}
