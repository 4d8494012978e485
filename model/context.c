/*
 * STE and SubstreamID to CD (3.3.2, 5.2, 5.3), and what a CD means once it is judged (5.4). CDs and L1CDs are
 * reached through stage 2 when it is enabled.
 */
#include <string.h>

#include "caches.h"

/* How the SubstreamID, or the lack of one, selects a CD. */
enum selection { SELECT_FAULT, SELECT_BYPASS, SELECT_CD };

static bool bad_substreamid(struct txn *t, smref_rule rule)
{
    return fail(t, SMREF_C_BAD_SUBSTREAMID, rule);
}

static enum selection without_substreamid(struct txn *t, uint32_t *index)
{
    *index = 0;
    switch (t->stream->s1dss) {
    case SMREF_STE_S1DSS_BYPASS:
        decide(t, SMREF_RULE_S1DSS_BYPASS);
        return SELECT_BYPASS;
    case SMREF_STE_S1DSS_SSID0:
        decide(t, SMREF_RULE_S1DSS_SSID0);
        return SELECT_CD;
    default: /* the reserved value terminates too */
        fail(t, SMREF_F_STREAM_DISABLED, SMREF_RULE_S1DSS_TERMINATE);
        return SELECT_FAULT;
    }
}

static enum selection select_context(struct txn *t, uint32_t *index)
{
    const struct stream *s = t->stream;
    bool stage1 = s->config == SMREF_STE_Config_S1_TRANS || s->config == SMREF_STE_Config_NESTED;
    *index = t->in->ssid;
    if (!stage1) {
        if (!t->in->ssv)
            return SELECT_BYPASS;
        bad_substreamid(t, SMREF_RULE_SSID_WITHOUT_STAGE1);
    } else if (!s->substreams) {
        *index = 0;
        if (!t->in->ssv)
            return SELECT_CD;
        bad_substreamid(t, SMREF_RULE_SSID_SUBSTREAMS_DISABLED);
    } else if (!t->in->ssv) {
        return without_substreamid(t, index);
    } else if (t->in->ssid >> s->s1cdmax) {
        bad_substreamid(t, SMREF_RULE_SSID_OUT_OF_RANGE);
    } else if (!t->in->ssid && s->s1dss == SMREF_STE_S1DSS_SSID0) {
        fail(t, SMREF_F_STREAM_DISABLED, SMREF_RULE_S1DSS_SSID0_TAKEN);
    } else {
        return SELECT_CD;
    }
    return SELECT_FAULT;
}

static bool nested(const struct txn *t)
{
    return t->stream->config == SMREF_STE_Config_NESTED;
}

/* What may become of an address beyond the address size: a fault of the fetch, truncation, or a bad pointer.
 */
struct beyond {
    smref_rule rule;
    smref_choice choice;
    unsigned fault, truncate;
    smref_event_type bad;
};

#define BEYOND(pointer, size, option, event)                                                                 \
    {                                                                                                        \
        SMREF_RULE_##pointer##_BEYOND_##size, SMREF_CHOICE_##pointer##_BEYOND_##size,                        \
            SMREF_CHOICE_##pointer##_BEYOND_##size##_##option,                                               \
            SMREF_CHOICE_##pointer##_BEYOND_##size##_truncate, event                                         \
    }

/* 3.4.3, by pointer (S1ContextPtr, L2Ptr) and by address space (PA, IPA). */
static const struct beyond beyond_rules[2][2] = {
    {BEYOND(S1CONTEXTPTR, OAS, f_cd_fetch, SMREF_C_BAD_STE),
     BEYOND(S1CONTEXTPTR, IAS, s2_translation, SMREF_C_BAD_STE)},
    {BEYOND(L2PTR, OAS, f_cd_fetch, SMREF_C_BAD_SUBSTREAMID),
     BEYOND(L2PTR, IAS, s2_translation, SMREF_C_BAD_SUBSTREAMID)},
};

static bool beyond(struct txn *t, uint64_t *address, bool through_l2ptr)
{
    const struct beyond *b = &beyond_rules[through_l2ptr][nested(t)];
    unsigned option = smref_choose(t, b->choice);
    if (option == b->truncate) {
        decide(t, b->rule);
        *address &= nested(t) ? mask(t->ias) : t->oas_mask;
        return true;
    }
    if (option != b->fault)
        return fail(t, b->bad, b->rule);
    t->fault.s2 = nested(t);
    t->fault.class_of = CLASS_CD;
    t->fault.ipa = t->fault.fetch_address = *address;
    return fail(t, nested(t) ? SMREF_F_TRANSLATION : SMREF_F_CD_FETCH, b->rule);
}

static const uint64_t *fetch(struct txn *t, smref_layout layout, uint64_t address, bool through_l2ptr,
                             unsigned count, uint64_t *room)
{
    if (address & ~mask(nested(t) ? t->ias : t->oas) && !beyond(t, &address, through_l2ptr))
        return NULL;
    t->pas = own_space(t, false);
    if (nested(t)) {
        t->ns = false; /* 3.10.2.2: through the Secure IPA space of a Secure stream */
        if (t->smmu->caches)
            t->smmu->caches->fetched = layout;
        if (t->smmu->trace)
            smref_trace_access(t, SMREF_STEP_FETCH, layout, t->pas, address, count, NULL);
        if (!modelled(t) || !smref_stage2_cd(t, address, &address))
            return NULL;
        t->stage = t->level = 0;
    }
    t->fault.fetch_address = address;
    const uint64_t *words = fetch_words(t, layout, address, count, room);
    if (!words)
        fail(t, SMREF_F_CD_FETCH,
             layout == SMREF_LAYOUT_CD ? SMREF_RULE_CD_FETCH_ABORT : SMREF_RULE_L1CD_FETCH_ABORT);
    return words;
}

/* The entry of the table at S1ContextPtr, which is aligned to its size. Where the pointer is not, any entry
 * may be fetched instead of the one that is meant (5.2 S1Fmt). */
static bool entry_of_table(struct txn *t, unsigned table_bits, unsigned entry_bytes, uint64_t last,
                           uint64_t index, uint64_t *address)
{
    uint64_t base = t->stream->s1contextptr;
    if (base & mask(table_bits)) {
        decide(t, SMREF_RULE_S1CONTEXTPTR_LOW_BITS);
        switch (smref_choose(t, SMREF_CHOICE_S1CONTEXTPTR_LOW_BITS)) {
        case SMREF_CHOICE_S1CONTEXTPTR_LOW_BITS_first:
            index = 0;
            break;
        case SMREF_CHOICE_S1CONTEXTPTR_LOW_BITS_last:
            index = last;
            break;
        case SMREF_CHOICE_S1CONTEXTPTR_LOW_BITS_another:
            if (last > 1) {
                t->not_modelled = "whichever entry of its table an unaligned STE.S1ContextPtr selects";
                return false;
            }
            break;
        default:
            break;
        }
    }
    *address = (base & ~mask(table_bits)) + index * entry_bytes;
    return true;
}

/* The table behind an STE (5.2 S1Fmt): one CD, a linear table, or leaf tables of 2^leaf_bits CDs. */
static smref_context_table describe(const struct stream *s)
{
    smref_context_table table = {.through_stage2 = s->config == SMREF_STE_Config_NESTED,
                                 .ssid_bits = s->s1cdmax};
    if (!s->substreams)
        return (smref_context_table){.through_stage2 = table.through_stage2, .table_bits = 6};
    if (s->s1fmt == SMREF_STE_S1Fmt_TWO_LEVEL_4K || s->s1fmt == SMREF_STE_S1Fmt_TWO_LEVEL_64K) {
        unsigned leaf_bits = s->s1fmt == SMREF_STE_S1Fmt_TWO_LEVEL_4K ? 6 : 10;
        table.leaf_bits = (uint8_t)leaf_bits;
        table.table_bits = (uint8_t)(s->s1cdmax > leaf_bits + 3 ? s->s1cdmax - leaf_bits + 3 : 6);
        return table;
    }
    table.table_bits = (uint8_t)(s->s1cdmax + 6);
    return table;
}

/* The leaf table is aligned to its size. */
uint64_t smref_l1cd_look(const smref_context_table *table, const uint64_t *l1cd)
{
    return smref_L1CD_L2Ptr_address(l1cd) & ~mask(table->leaf_bits + 6u);
}

bool smref_context_table_look(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste,
                              smref_context_table *table)
{
    smref_env e = smref_env_of(smmu, sec_sid);
    struct stream s = {.used = true};
    e.STE = ste;
    smref_decode_stream(&s, &e);
    *table = describe(&s);
    table->base = s.s1contextptr & ~mask(table->table_bits);
    return s.config == SMREF_STE_Config_S1_TRANS || s.config == SMREF_STE_Config_NESTED;
}

/* Through the first level. */
static bool second_level(struct txn *t, const smref_context_table *table, uint32_t index, uint64_t *address)
{
    uint64_t room, entry, within = index & mask(table->leaf_bits);
    uint64_t last =
        table->ssid_bits > table->leaf_bits ? mask((unsigned)table->ssid_bits - table->leaf_bits) : 0;
    t->index = index >> table->leaf_bits;
    t->shift = table->leaf_bits;
    if (!entry_of_table(t, table->table_bits, SMREF_L1CD_BYTES, last, t->index, &entry))
        return false;
    const uint64_t *l1cd =
        t->smmu->caches ? smref_held_l1(t, SMREF_LAYOUT_L1CD, index, table->leaf_bits) : NULL;
    if (!l1cd) {
        l1cd = fetch(t, SMREF_LAYOUT_L1CD, entry, false, 1, &room);
        if (!l1cd)
            return false;
        if (t->smmu->caches)
            smref_hold_l1(t, SMREF_LAYOUT_L1CD, index, table->leaf_bits, *l1cd);
    }
    if (!smref_L1CD_V(l1cd))
        return bad_substreamid(t, SMREF_RULE_L1CD_INVALID);
    if (l1cd[0] & SMREF_L1CD_RES0_MASK[0] &&
        smref_choose(t, SMREF_CHOICE_RESERVED_BITS) == SMREF_CHOICE_RESERVED_BITS_invalid)
        return bad_substreamid(t, SMREF_RULE_L1CD_RESERVED_BITS);
    t->index = within;
    t->shift = 0;
    *address = smref_l1cd_look(table, l1cd) + within * SMREF_CD_BYTES;
    return true;
}

SPECIALISED const uint64_t *fetch_cd(struct txn *t, uint32_t index, uint64_t *room)
{
    smref_context_table table = describe(t->stream);
    uint64_t address = t->stream->s1contextptr;
    t->index = index;
    t->shift = 0;
    if (!t->stream->substreams) {
        decide(t, SMREF_RULE_CD_SINGLE);
    } else if (table.leaf_bits) {
        decide(t, table.leaf_bits == 6 ? SMREF_RULE_CD_TABLE_4K : SMREF_RULE_CD_TABLE_64K);
        if (!second_level(t, &table, index, &address))
            return NULL;
    } else {
        decide(t, SMREF_RULE_CD_TABLE_LINEAR);
        if (!entry_of_table(t, table.table_bits, SMREF_CD_BYTES, mask(table.ssid_bits), index, &address))
            return NULL;
    }
    return fetch(t, SMREF_LAYOUT_CD, address, table.leaf_bits != 0, SMREF_CD_WORDS, room);
}

static const uint64_t *fetch_cd_for_cache(struct txn *t, uint32_t index, uint64_t *room)
{
    return fetch_cd(t, index, room);
}

static void decode(struct context *c, smref_env *e)
{
    c->two_halves = !smref_derived_single_half(e);
    smref_decode_s1_range(e, 0, &c->half[0]);
    if (c->two_halves)
        smref_decode_s1_range(e, 1, &c->half[1]);
    c->affd = smref_derived_eff_AFFD(e);
    c->wxn = smref_derived_eff_WXN(e);
    c->uwxn = smref_derived_eff_UWXN(e);
    c->pan = smref_derived_eff_PAN(e);
    c->epan = smref_derived_eff_EPAN(e);
    c->a = smref_CD_A(e->CD);
    c->r = smref_CD_R(e->CD);
    c->s = smref_CD_S(e->CD);
    smref_decode_mair(smref_CD_MAIR1(e->CD) << 32 | smref_CD_MAIR0(e->CD), c->mair);
}

void smref_judge_context(struct txn *t, const uint64_t *words, struct context *c)
{
    *c = (struct context){.used = true, .stream = t->stream->number};
    memcpy(c->words, words, sizeof c->words);
    smref_env e = smref_env_of(t->smmu, t->in->sec_sid);
    e.STE = t->stream->words;
    e.CD = c->words;
    e.ctx_stream_world = t->stream->world;
    e.choices_met = c->choices_met;
    c->illegal = smref_CD_first_illegal(&e);
    if (c->illegal == SMREF_RULE_NONE)
        decode(c, &e);
}

/* As for STEs: a distinct CD, reached through a distinct STE, is judged once. */
static const struct context *judge(struct txn *t, const uint64_t *words)
{
    struct context *c = &t->smmu->contexts[decoded_at(words)];
    if (!c->used || c->stream != t->stream->number || memcmp(c->words, words, sizeof c->words))
        smref_judge_context(t, words, c);
    return c;
}

bool smref_find_context(struct txn *t)
{
    uint32_t index;
    uint64_t room[SMREF_CD_WORDS];
    if (t->stream->vms && !modelled(t)) /* its fetch may fail first (7.3.22) */
        return false;
    switch (select_context(t, &index)) {
    case SELECT_FAULT:
        return false;
    case SELECT_BYPASS:
        return true;
    case SELECT_CD:
        break;
    }
    const uint64_t *words =
        t->smmu->caches ? smref_held_cd(t, index, room, fetch_cd_for_cache) : fetch_cd(t, index, room);
    if (!words)
        return false;
    const struct context *c = judge(t, words);
    for (unsigned i = 0; i < CHOICE_WORDS; i++)
        t->out->choices_met[i] |= c->choices_met[i];
    if (t->smmu->trace)
        smref_trace_choices(t, c->choices_met);
    if (c->illegal != SMREF_RULE_NONE)
        return fail(t, SMREF_C_BAD_CD, c->illegal);
    t->context = c;
    return true;
}
