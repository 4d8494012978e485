/*
 * STE and SubstreamID to CD (3.3.2, 5.2, 5.3), and what a CD means once it is judged (5.4). CDs and L1CDs are
 * reached through stage 2 when it is enabled.
 */
#include <string.h>

#include "state.h"

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

/* An L1CD or CD beyond the address size (3.4.3): what the choice for its kind of pointer says. */
static bool beyond(struct txn *t, uint64_t *address, bool through_l2ptr)
{
    smref_rule rule = through_l2ptr ? SMREF_RULE_L1CD_L2PTR_RANGE : SMREF_RULE_S1CONTEXTPTR_INDEX_RANGE;
    smref_choice choice =
        through_l2ptr
            ? (nested(t) ? SMREF_CHOICE_L2PTR_BEYOND_IAS : SMREF_CHOICE_L2PTR_BEYOND_OAS)
            : (nested(t) ? SMREF_CHOICE_S1CONTEXTPTR_BEYOND_IAS : SMREF_CHOICE_S1CONTEXTPTR_BEYOND_OAS);
    unsigned option = smref_choose(t, choice);
    if (nested(t)) {
        if (option == SMREF_CHOICE_L2PTR_BEYOND_IAS_s2_translation) {
            decide(t, rule);
            t->fault.s2 = true;
            t->fault.class_of = CLASS_CD;
            t->fault.ipa = *address;
            t->fault.type = SMREF_F_TRANSLATION;
            return false;
        }
        if (option == SMREF_CHOICE_L2PTR_BEYOND_IAS_truncate) {
            *address &= mask(t->ias);
            return true;
        }
    } else {
        if (option == SMREF_CHOICE_L2PTR_BEYOND_OAS_f_cd_fetch) {
            t->fault.fetch_address = *address;
            return fail(t, SMREF_F_CD_FETCH, rule);
        }
        if (option == SMREF_CHOICE_L2PTR_BEYOND_OAS_truncate) {
            *address &= t->oas_mask;
            return true;
        }
    }
    return fail(t, through_l2ptr ? SMREF_C_BAD_SUBSTREAMID : SMREF_C_BAD_STE, rule);
}

static const uint64_t *fetch(struct txn *t, smref_layout layout, uint64_t address, bool through_l2ptr,
                             unsigned count, uint64_t *room)
{
    if (address & ~mask(nested(t) ? t->ias : t->oas) && !beyond(t, &address, through_l2ptr))
        return NULL;
    if (nested(t)) {
        if (t->smmu->trace)
            smref_trace_access(t, SMREF_STEP_FETCH, layout, address, count, NULL);
        if (!modelled(t) || !smref_stage2(t, address, CLASS_CD, &address))
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

/* Two levels (5.2 S1Fmt): leaf tables of 2^leaf_bits CDs. */
static bool second_level(struct txn *t, uint64_t base, unsigned leaf_bits, uint32_t index, uint64_t *address)
{
    uint64_t room;
    unsigned table_bits = t->stream->s1cdmax > leaf_bits + 3 ? t->stream->s1cdmax - leaf_bits + 3 : 6;
    uint64_t entry = (base & ~mask(table_bits)) + (uint64_t)(index >> leaf_bits) * 8;
    t->index = index >> leaf_bits;
    t->shift = leaf_bits;
    const uint64_t *l1cd = fetch(t, SMREF_LAYOUT_L1CD, entry, false, 1, &room);
    if (!l1cd)
        return false;
    if (!smref_L1CD_V(l1cd))
        return bad_substreamid(t, SMREF_RULE_L1CD_INVALID);
    t->index = index & mask(leaf_bits);
    t->shift = 0;
    *address =
        (smref_L1CD_L2Ptr_address(l1cd) & ~mask(leaf_bits + 6)) + (index & mask(leaf_bits)) * SMREF_CD_BYTES;
    return true;
}

static const uint64_t *fetch_cd(struct txn *t, uint32_t index, uint64_t *room)
{
    uint64_t base = t->stream->s1contextptr, address = 0;
    bool two_level = false;
    t->index = index;
    t->shift = 0;
    if (!t->stream->substreams) {
        decide(t, SMREF_RULE_CD_SINGLE);
        address = base;
    } else if (t->stream->s1fmt == SMREF_STE_S1Fmt_TWO_LEVEL_4K ||
               t->stream->s1fmt == SMREF_STE_S1Fmt_TWO_LEVEL_64K) {
        bool small = t->stream->s1fmt == SMREF_STE_S1Fmt_TWO_LEVEL_4K;
        two_level = true;
        decide(t, small ? SMREF_RULE_CD_TABLE_4K : SMREF_RULE_CD_TABLE_64K);
        if (!second_level(t, base, small ? 6 : 10, index, &address))
            return NULL;
    } else {
        decide(t, SMREF_RULE_CD_TABLE_LINEAR);
        address = (base & ~mask(t->stream->s1cdmax + 6U)) + (uint64_t)index * SMREF_CD_BYTES;
    }
    return fetch(t, SMREF_LAYOUT_CD, address, two_level, SMREF_CD_WORDS, room);
}

static bool has_two_halves(uint8_t world)
{
    return world != SMREF_StreamWorld_NS_EL2 && world != SMREF_StreamWorld_S_EL2 &&
           world != SMREF_StreamWorld_R_EL2 && world != SMREF_StreamWorld_EL3;
}

static void decode(struct context *c, smref_env *e, uint8_t world)
{
    c->two_halves = has_two_halves(world);
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

/* As for STEs: a distinct CD, reached through a distinct STE, is judged once. */
static const struct context *judge(struct txn *t, const uint64_t *words)
{
    uint64_t hash = (words[0] ^ words[1] ^ words[2] ^ words[3]) * UINT64_C(0x9e3779b97f4a7c15);
    struct context *c = &t->smmu->contexts[hash >> 60];
    if (c->used && !memcmp(c->words, words, sizeof c->words) &&
        !memcmp(c->ste_words, t->stream->words, sizeof c->ste_words))
        return c;
    *c = (struct context){.used = true};
    memcpy(c->words, words, sizeof c->words);
    memcpy(c->ste_words, t->stream->words, sizeof c->ste_words);
    smref_env e = smref_env_of(t->smmu, t->in->sec_sid);
    e.STE = c->ste_words;
    e.CD = c->words;
    e.ctx_stream_world = t->stream->world;
    e.choices_met = c->choices_met;
    c->illegal = smref_CD_first_illegal(&e);
    if (c->illegal == SMREF_RULE_NONE)
        decode(c, &e, t->stream->world);
    return c;
}

bool smref_find_context(struct txn *t)
{
    uint32_t index;
    uint64_t room[SMREF_CD_WORDS];
    switch (select_context(t, &index)) {
    case SELECT_FAULT:
        return false;
    case SELECT_BYPASS:
        return true;
    case SELECT_CD:
        break;
    }
    const uint64_t *words = fetch_cd(t, index, room);
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
