/*
 * STEs, CDs and what leads to them, out of the configuration caches (3.21.3, 4.3, 16.2). They are found by
 * StreamID and SubstreamID alone: neither the base of a table nor a pointer is looked at again.
 */
#include "caches.h"

#include <string.h>

#define MOST 12 /* ways to find a structure, before equal ones are seen to be equal */

/* A way to find the structure, and what comes of it. */
struct found {
    const smref_cached *copy; /* of the structure itself; NULL: it is fetched ... */
    const smref_cached *l1;   /* ... through this first-level descriptor; NULL: that of memory */
    bool good;
    uint64_t words[8];
    struct failure failure;
};

struct search {
    struct txn *t;
    smref_layout layout;
    uint32_t index; /* of the CD */
    const uint64_t *(*fetch_ste)(struct txn *t, uint64_t *room);
    const uint64_t *(*fetch_cd)(struct txn *t, uint32_t index, uint64_t *room);
    unsigned count;
    struct found list[MOST];
};

static bool e2h_now(const struct txn *t)
{
    smref_env e = smref_env_of(t->smmu, t->in->sec_sid);
    return smref_derived_cr2_e2h(&e);
}

/* 6.3.12: CR2.E2H may be held with an STE, where it says which world the stream is of. */
static bool other_e2h(const struct txn *t, const smref_cached *e)
{
    return t->smmu->caches->policy == SMREF_CACHING_ANY && e && e->kind == SMREF_CACHED_STE &&
           smref_STE_Config(e->words) == SMREF_STE_Config_S1_TRANS && smref_STE_STRW(e->words) &&
           e->e2h != e2h_now(t);
}

/* 5.2 CONT: whether the held STE says that it stands for the StreamID too, within the Stream table. */
static bool contiguous(const smref_cached *e, const struct txn *t)
{
    smref_stream_table table;
    if (!smref_STE_V(e->words) || (t->in->sid ^ e->sid) >> smref_STE_CONT(e->words))
        return false;
    table = smref_stream_table_of(t->smmu, t->in->sec_sid);
    return !((uint64_t)t->in->sid >> table.sid_bits);
}

static bool serves(const smref_cached *e, const struct txn *t, smref_cached_kind kind, uint32_t id)
{
    if (e->kind != kind || e->sec_sid != t->in->sec_sid)
        return false;
    if (kind == SMREF_CACHED_L1STD)
        return (id ^ e->sid) >> e->id_bits == 0;
    if (kind == SMREF_CACHED_STE && t->smmu->caches->policy == SMREF_CACHING_ANY && contiguous(e, t))
        return true;
    return e->sid == t->in->sid && (kind == SMREF_CACHED_STE || (id ^ e->ssid) >> e->id_bits == 0);
}

/* The copy after `last`, or the first after NULL; NULL when there is none. */
static const smref_cached *next_copy(const struct txn *t, smref_cached_kind kind, uint32_t id,
                                     const smref_cached *last)
{
    const struct caches *c = t->smmu->caches;
    for (unsigned i = last ? (unsigned)(last - c->copies) + 1 : 0; i < held_count(c); i++)
        if (serves(&c->copies[i], t, kind, id))
            return &c->copies[i];
    return NULL;
}

static void hold(struct txn *t, smref_cached_kind kind, uint32_t sid, uint32_t ssid, unsigned id_bits,
                 const uint64_t *words, unsigned count)
{
    smref_cached copy;
    memset(&copy, 0, sizeof copy);
    copy.kind = (uint8_t)kind;
    copy.sec_sid = (uint8_t)t->in->sec_sid;
    copy.sid = sid;
    copy.ssid = ssid;
    copy.id_bits = (uint8_t)id_bits;
    copy.e2h = kind == SMREF_CACHED_STE && e2h_now(t);
    copy.sif = kind == SMREF_CACHED_STE && held_sif(t);
    memcpy(copy.words, words, count * sizeof *words);
    smref_hold(t->smmu->caches, &copy);
}

/* ---- First level ----------------------------------------------------------------------------------- */

const uint64_t *smref_held_l1(struct txn *t, smref_layout layout, uint32_t id, unsigned id_bits)
{
    struct caches *c = t->smmu->caches;
    bool l1std = layout == SMREF_LAYOUT_L1STD;
    const smref_cached *copy = c->policy == SMREF_CACHING_EXACT
                                   ? next_copy(t, l1std ? SMREF_CACHED_L1STD : SMREF_CACHED_L1CD, id, NULL)
                                   : c->l1;
    if (!copy || copy->id_bits != id_bits)
        return NULL;
    decide(t, l1std ? SMREF_RULE_HELD_L1STD : SMREF_RULE_HELD_L1CD);
    smref_show_held(t, layout, copy->words);
    return copy->words;
}

void smref_hold_l1(struct txn *t, smref_layout layout, uint32_t id, unsigned id_bits, uint64_t word)
{
    uint32_t first = id & ~(uint32_t)mask(id_bits);
    if (layout == SMREF_LAYOUT_L1STD)
        hold(t, SMREF_CACHED_L1STD, first, 0, id_bits, &word, 1);
    else
        hold(t, SMREF_CACHED_L1CD, t->in->sid, first, id_bits, &word, 1);
}

/* ---- The structure itself -------------------------------------------------------------------------- */

static const uint64_t *take(struct search *s, const smref_cached *copy)
{
    bool ste = s->layout == SMREF_LAYOUT_STE;
    s->t->index = ste ? s->t->in->sid : s->index;
    s->t->shift = 0;
    s->t->smmu->caches->other_e2h = other_e2h(s->t, copy);
    decide(s->t, ste ? SMREF_RULE_HELD_STE : SMREF_RULE_HELD_CD);
    smref_show_held(s->t, s->layout, copy->words);
    return copy->words;
}

static const uint64_t *fetch(struct search *s, const smref_cached *l1, uint64_t *room)
{
    struct txn *t = s->t;
    bool ste = s->layout == SMREF_LAYOUT_STE;
    t->smmu->caches->l1 = l1;
    const uint64_t *words = ste ? s->fetch_ste(t, room) : s->fetch_cd(t, s->index, room);
    t->smmu->caches->l1 = NULL;
    if (words)
        hold(t, ste ? SMREF_CACHED_STE : SMREF_CACHED_CD, t->in->sid, ste ? 0 : s->index, 0, words, 8);
    return words;
}

/* CONT says nothing of the stream itself. */
static bool same(const struct search *s, const struct found *a, const struct found *b)
{
    uint64_t ignored[8] = {0};
    if (a->good != b->good || other_e2h(s->t, a->copy) != other_e2h(s->t, b->copy))
        return false;
    if (!a->good)
        return smref_same_failure(&a->failure, &b->failure);
    if (s->layout == SMREF_LAYOUT_STE)
        smref_STE_set_CONT(ignored, UINT64_MAX);
    for (unsigned i = 0; i < 8; i++)
        if ((a->words[i] ^ b->words[i]) & ~ignored[i])
            return false;
    return true;
}

/* 3.20.2, 5.2 CONT: whether a neighbour that is held for the StreamID differs from another STE for it, and
 * the cache sees that, which it need not. */
static bool conflict_detected(struct search *s)
{
    struct txn *t = s->t;
    bool neighbour = false;
    for (unsigned i = 1; i < s->count; i++)
        neighbour = neighbour || (s->list[i].copy && s->list[i].copy->sid != t->in->sid);
    if (s->layout != SMREF_LAYOUT_STE || !neighbour ||
        smref_choose(t, SMREF_CHOICE_CACHED_CFG_CONFLICT) != SMREF_CHOICE_CACHED_CFG_CONFLICT_detected)
        return false;
    (void)fail(t, SMREF_F_CFG_CONFLICT, SMREF_RULE_CFG_CONFLICT);
    return true;
}

/* Adds a way, unless an earlier one comes to the same. */
static void consider(struct search *s, const smref_cached *copy, const smref_cached *l1)
{
    struct found f = {.copy = copy, .l1 = l1};
    struct txn *t = s->t;
    if (s->count == MOST) {
        t->not_modelled = "more copies of one structure than this version looks at";
        return;
    }
    if (copy) {
        f.good = true;
        memcpy(f.words, copy->words, sizeof f.words);
    } else {
        struct hush h;
        uint64_t room[8];
        smref_hush(t, &h);
        const uint64_t *words = fetch(s, l1, room);
        f.good = words != NULL;
        if (words)
            memcpy(f.words, words, sizeof f.words);
        f.failure = (struct failure){t->fault, t->not_modelled};
        smref_unhush_way(t, &h);
    }
    for (unsigned i = 0; i < s->count; i++)
        if (same(s, &s->list[i], &f))
            return;
    s->list[s->count++] = f;
}

static const uint64_t *any_of(struct search *s, uint64_t *room)
{
    struct txn *t = s->t;
    bool ste = s->layout == SMREF_LAYOUT_STE;
    uint32_t id = ste ? t->in->sid : s->index;
    const smref_cached *copy = NULL;
    consider(s, NULL, NULL);
    while ((copy = next_copy(t, ste ? SMREF_CACHED_STE : SMREF_CACHED_CD, id, copy)) != NULL)
        consider(s, copy, NULL);
    while ((copy = next_copy(t, ste ? SMREF_CACHED_L1STD : SMREF_CACHED_L1CD, id, copy)) != NULL)
        consider(s, NULL, copy);
    if (t->not_modelled || conflict_detected(s))
        return NULL;
    unsigned chosen = smref_choose_held(t, ste ? SMREF_CHOICE_CACHED_STE : SMREF_CHOICE_CACHED_CD, HELD_DEPTH,
                                        s->count - 1);
    if (t->not_modelled)
        return NULL;
    const struct found *f = &s->list[chosen];
    return f->copy ? take(s, f->copy) : fetch(s, f->l1, room);
}

static const uint64_t *find(struct search *s, uint64_t *room)
{
    bool ste = s->layout == SMREF_LAYOUT_STE;
    if (s->t->smmu->caches->policy == SMREF_CACHING_ANY)
        return any_of(s, room);
    const smref_cached *copy =
        next_copy(s->t, ste ? SMREF_CACHED_STE : SMREF_CACHED_CD, ste ? s->t->in->sid : s->index, NULL);
    if (!copy)
        return fetch(s, NULL, room);
    memcpy(room, copy->words, sizeof copy->words); /* the copy may be evicted before the access ends */
    (void)take(s, copy);
    return room;
}

const uint64_t *smref_held_ste(struct txn *t, uint64_t *room,
                               const uint64_t *(*fetch_ste)(struct txn *t, uint64_t *room))
{
    struct search s;
    t->smmu->caches->other_e2h = false;
    s.t = t;
    s.layout = SMREF_LAYOUT_STE;
    s.index = 0;
    s.fetch_ste = fetch_ste;
    s.fetch_cd = NULL;
    s.count = 0;
    return find(&s, room);
}

const uint64_t *smref_held_cd(struct txn *t, uint32_t index, uint64_t *room,
                              const uint64_t *(*fetch_cd)(struct txn *t, uint32_t index, uint64_t *room))
{
    struct search s;
    s.t = t;
    s.layout = SMREF_LAYOUT_CD;
    s.index = index;
    s.fetch_ste = NULL;
    s.fetch_cd = fetch_cd;
    s.count = 0;
    return find(&s, room);
}
