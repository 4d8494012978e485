/*
 * The store of copies, and the order in which an access under the policy `any` is tried before it is
 * performed.
 */
#include "caches.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- Policy and state ------------------------------------------------------------------------------ */

/* 5.2.1, 5.4.1: VMID and ASID are tags, and a base matters to walks alone. */
static void find_fields(struct caches *c)
{
    uint64_t apart[8] = {0};
    smref_CD_set_ASID(apart, UINT64_MAX);
    smref_CD_set_ASET(apart, UINT64_MAX);
    smref_CD_set_TTB0(apart, UINT64_MAX);
    smref_CD_set_TTB1(apart, UINT64_MAX);
    for (unsigned i = 0; i < 8; i++)
        c->cd_fields[i] = SMREF_CD_TLB_MASK[i] & ~apart[i];
    memset(apart, 0, sizeof apart);
    smref_STE_set_S2VMID(apart, UINT64_MAX);
    smref_STE_set_S2TTB(apart, UINT64_MAX);
    smref_STE_set_S_S2TTB(apart, UINT64_MAX);
    for (unsigned i = 0; i < 8; i++)
        c->ste_fields[i] = SMREF_STE_TLB_MASK[i] & ~apart[i];
}

smref_status smref_set_caching(smref *smmu, smref_caching policy, smref_error *error)
{
    struct caches *caches = NULL;
    if ((unsigned)policy > SMREF_CACHING_ANY)
        return smref_refuse(error, SMREF_E_ARGUMENT, "caching", "there is no such policy");
    if (policy != SMREF_CACHING_NONE) {
        caches = calloc(1, sizeof *caches);
        if (!caches)
            return smref_refuse(error, SMREF_E_NO_MEMORY, "caching", "the host has no memory left");
        caches->policy = policy;
        caches->visible = UINT_MAX;
        find_fields(caches);
    }
    free(smmu->caches);
    smmu->caches = caches;
    return SMREF_OK;
}

smref_caching smref_get_caching(const smref *smmu)
{
    return smmu->caches ? smmu->caches->policy : SMREF_CACHING_NONE;
}

void smref_caches_empty(struct caches *c)
{
    c->count = c->before = 0;
    c->visible = UINT_MAX;
    c->full = false;
}

void smref_caches_copy(struct caches *to, const struct caches *from)
{
    to->policy = from->policy;
    to->count = from->count;
    to->visible = UINT_MAX;
    to->full = from->full;
    memcpy(to->copies, from->copies, from->count * sizeof *from->copies);
}

const smref_cached *smref_cached_at(const smref *smmu, unsigned index)
{
    return smmu->caches && index < smmu->caches->count ? &smmu->caches->copies[index] : NULL;
}

/* Blocks and pages are of levels 0 to 3, tables lead to such a level. */
static bool levels_exist(const smref_cached *copy)
{
    bool table = copy->kind == SMREF_CACHED_S1_TABLE || copy->kind == SMREF_CACHED_S12_TABLE;
    int first = table ? -1 : 0, last = table ? 2 : 3;
    bool table2 = copy->kind == SMREF_CACHED_S2_TABLE;
    return copy->s1_level >= first && copy->s1_level <= last && copy->s2_level >= (table2 ? -1 : 0) &&
           copy->s2_level <= (table2 ? 2 : 3);
}

/* A block or page starts where its size says, on both of its sides, and has 4 KB at least. */
static bool maps_whole_pages(const smref_cached *copy)
{
    bool stage1 = copy->kind == SMREF_CACHED_S1_LEAF;
    unsigned bits = stage1 ? copy->va_bits : copy->ipa_bits;
    if (!stage1 && copy->kind != SMREF_CACHED_S2_LEAF && copy->kind != SMREF_CACHED_S12_LEAF &&
        copy->kind != SMREF_CACHED_S12_TABLE)
        return true;
    return bits >= 12 && !((copy->output | (stage1 ? copy->va : copy->ipa)) & mask(bits));
}

/* GPT entries cover 2^4 bytes at least, and their tables stand in pages. */
static bool granules_exist(const smref_cached *copy)
{
    return copy->kind <= SMREF_CACHED_GPT_BASE ||
           (copy->ipa_bits >= 4 && !(copy->ipa & mask(copy->ipa_bits)) && !(copy->output & mask(12)));
}

/* Whatever is in it can be used: sizes of addresses are less than 64 bits, levels exist, and only Secure
 * streams have Non-secure tables and IPAs. */
static bool usable(const smref_cached *copy)
{
    return copy->kind < SMREF_CACHED_KINDS && copy->sec_sid <= SMREF_SEC_REALM && copy->half < 2 &&
           copy->id_bits < 32 && copy->va_bits < 64 && copy->ipa_bits < 64 && copy->vmw < 16 &&
           levels_exist(copy) && maps_whole_pages(copy) && granules_exist(copy) &&
           (!copy->ns || copy->sec_sid == SMREF_SEC_SECURE);
}

smref_status smref_cached_add(smref *smmu, const smref_cached *copy, smref_error *error)
{
    struct caches *c = smmu->caches;
    if (!c)
        return smref_refuse(error, SMREF_E_ARGUMENT, "cached", "nothing is cached under the policy none");
    if (!usable(copy))
        return smref_refuse(error, SMREF_E_ARGUMENT, "cached", "a copy that no cache can hold");
    if (c->count == SMREF_MAX_CACHED)
        return smref_refuse(error, SMREF_E_ARGUMENT, "cached", "more than %u copies", SMREF_MAX_CACHED);
    smref_hold(c, copy);
    return SMREF_OK;
}

/* ---- Holding --------------------------------------------------------------------------------------- */

/* The CDs of an STE go with it: nobody else would remove them then (4.3.1). */
static void evict_oldest(struct caches *c)
{
    smref_cached oldest = c->copies[0];
    c->count--;
    memmove(c->copies, c->copies + 1, c->count * sizeof *c->copies);
    if (oldest.kind == SMREF_CACHED_STE)
        smref_invalidate_stream(c, oldest.sec_sid, oldest.sid);
}

void smref_hold(struct caches *c, const smref_cached *copy)
{
    for (unsigned i = 0; i < c->count; i++) {
        const smref_cached *e = &c->copies[i];
        if (e->kind == copy->kind && e->output == copy->output && e->va == copy->va && e->ipa == copy->ipa &&
            !memcmp(e, copy, sizeof *copy)) /* most differ in what was compared before */
            return;
    }
    if (c->count == SMREF_MAX_CACHED && c->policy == SMREF_CACHING_ANY) {
        c->full = true;
        return;
    }
    if (c->count == SMREF_MAX_CACHED)
        evict_oldest(c);
    c->copies[c->count++] = *copy;
}

/* ---- Trials ---------------------------------------------------------------------------------------- */

void smref_hush(struct txn *t, struct hush *h)
{
    h->kept = *t;
    h->scratch = *t->out;
    h->trace = t->smmu->trace;
    t->smmu->trace = NULL;
    t->out = &h->scratch;
    t->attrs = &h->scratch.attrs;
}

void smref_unhush(struct txn *t, struct hush *h)
{
    *t = h->kept;
    t->smmu->trace = h->trace;
}

void smref_unhush_way(struct txn *t, struct hush *h)
{
    uint64_t met[CHOICE_WORDS];
    smref_unhush(t, h);
    for (unsigned i = 0; i < CHOICE_WORDS; i++) {
        met[i] = h->scratch.choices_met[i] & ~t->out->choices_met[i];
        t->out->choices_met[i] |= met[i];
    }
    if (t->smmu->trace)
        smref_trace_choices(t, met);
}

static bool same_granule_fault(const struct granule_fault *a, const struct granule_fault *b)
{
    return a->kind == b->kind && a->cfg_err == b->cfg_err && a->pas == b->pas && a->address == b->address;
}

bool smref_same_failure(const struct failure *a, const struct failure *b)
{
    const struct fault *f = &a->fault, *g = &b->fault;
    return a->not_modelled == b->not_modelled && f->type == g->type && f->silent == g->silent &&
           f->s2 == g->s2 && f->nsipa == g->nsipa && f->ipa == g->ipa &&
           f->fetch_address == g->fetch_address && same_granule_fault(&f->granule, &g->granule);
}

static bool choose_held(struct txn *t, smref_choice choice)
{
    struct caches *c = t->smmu->caches;
    unsigned i = 0;
    while (i < c->met_count && c->met[i] != choice)
        i++;
    if (i == c->met_count)
        c->met[c->met_count++] = (uint16_t)choice;
    return smref_choose(t, choice) != 0;
}

unsigned smref_choose_held(struct txn *t, smref_choice first, unsigned depth, unsigned held)
{
    if (held > depth) {
        t->not_modelled = "more copies of one thing than the choices among them tell apart";
        return 0;
    }
    for (unsigned i = 0; i < held; i++)
        if (choose_held(t, (smref_choice)((unsigned)first + i)))
            return i + 1;
    return 0;
}

/* Choices between copies and memory have two options, of which memory is the first. */
static void settle_choices(smref *smmu, const uint16_t *path, const bool *taken, unsigned count)
{
    for (unsigned i = SMREF_CHOICE_CACHED_CFG_CONFLICT; i <= SMREF_CHOICE_CACHED_S2_3; i++)
        smmu->choice[i] = 0;
    for (unsigned i = 0; i < count; i++)
        smmu->choice[path[i]] = taken[i];
}

/* One trial after the other, as one counts in binary: the last choice that was met with memory is next met
 * with the copy, and those after it are open again. */
static void try_all(struct txn *t, bool (*process)(struct txn *t, uint64_t *pa))
{
    struct caches *c = t->smmu->caches;
    uint16_t path[HELD_CHOICES] = {0};
    bool taken[HELD_CHOICES] = {false};
    unsigned count = 0, trials = 0;
    struct hush h;
    uint64_t pa;
    do {
        settle_choices(t->smmu, path, taken, count);
        c->met_count = 0;
        smref_hush(t, &h);
        (void)process(t, &pa);
        smref_unhush(t, &h);
        unsigned met = c->met_count;
        for (unsigned i = count; i < met; i++) {
            path[i] = c->met[i];
            taken[i] = false;
        }
        while (met && taken[met - 1])
            met--;
        count = met;
        if (count)
            taken[count - 1] = true;
    } while (count && ++trials < HELD_TRIALS);
    if (count)
        t->not_modelled = "more ways of using cached copies than this version tries";
}

bool smref_process_held(struct txn *t, bool (*process)(struct txn *t, uint64_t *pa), uint64_t *pa)
{
    struct caches *c = t->smmu->caches;
    c->before = c->count;
    c->applied = 0;
    if (c->policy == SMREF_CACHING_ANY)
        c->visible = c->count;
    if (c->policy == SMREF_CACHING_ANY && c->count) {
        uint8_t choices[SMREF_CHOICE_COUNT];
        memcpy(choices, t->smmu->choice, sizeof choices);
        c->trying = true;
        try_all(t, process);
        c->trying = false;
        memcpy(t->smmu->choice, choices, sizeof choices);
    }
    bool good = !t->not_modelled && process(t, pa);
    if (c->full)
        t->not_modelled = "more copies in the caches than there is room for";
    c->full = false;
    c->visible = UINT_MAX;
    return good && !t->not_modelled;
}

void smref_caches_forget(struct caches *c)
{
    if (c->count > c->before)
        c->count = c->before;
    c->full = false;
}
