/*
 * StreamID to STE (3.3.1, 5.1, 6.3.24, 6.3.25), and what an STE means once it is judged (5.2).
 *
 *      linear:   STRTAB_BASE -> [STE][STE]...                 by StreamID
 *      2-level:  STRTAB_BASE -> [L1STD]... -> [STE][STE]...   by StreamID[:SPLIT], StreamID[SPLIT-1:0]
 */
#include <string.h>

#include "caches.h"
#include "registers.h"

#define L1STD_RESERVED_SPAN 12 /* 5.1: this and above behave as 0 */

/* Ends the access for want of an STE: recorded only when CR2.RECINVSID asks for it (7.3.3). */
static bool bad_streamid(struct txn *t, smref_rule rule)
{
    if (t->atos) /* 9: no configuration of faults counts */
        return fail(t, SMREF_C_BAD_STREAMID, rule);
    decide(t, rule);
    smref_show_register(t, bank_register(SMREF_FAMILY_CR2, t->in->sec_sid), "RECINVSID");
    bool recorded = smref_SMMU_CR2_RECINVSID(bank_value(t, SMREF_FAMILY_CR2, t->in->sec_sid));
    t->fault.silent = !recorded;
    return fail(t, SMREF_C_BAD_STREAMID,
                recorded ? SMREF_RULE_C_BAD_STREAMID_RECORDED : SMREF_RULE_C_BAD_STREAMID_SILENT);
}

/* An L1STD or STE beyond the output address size (3.4.3): truncated, or the fetch fails. */
static bool beyond(struct txn *t, uint64_t *address, bool through_l2ptr)
{
    smref_rule rule = through_l2ptr ? SMREF_RULE_L1STD_L2PTR_BEYOND_OAS : SMREF_RULE_STRTAB_BASE_BEYOND_OAS;
    bool truncate = through_l2ptr ? smref_choose(t, SMREF_CHOICE_L1STD_L2PTR_BEYOND_OAS) ==
                                        SMREF_CHOICE_L1STD_L2PTR_BEYOND_OAS_truncate
                                  : smref_choose(t, SMREF_CHOICE_STRTAB_BASE_BEYOND_OAS) ==
                                        SMREF_CHOICE_STRTAB_BASE_BEYOND_OAS_truncate;
    if (!truncate)
        return fail(t, SMREF_F_STE_FETCH, rule);
    decide(t, rule);
    *address &= t->oas_mask;
    return true;
}

static const uint64_t *fetch(struct txn *t, smref_layout layout, uint64_t address, bool through_l2ptr,
                             unsigned count, uint64_t *room, smref_rule rule)
{
    t->fault.fetch_address = address;
    if (address & ~t->oas_mask && !beyond(t, &address, through_l2ptr))
        return NULL;
    t->fault.fetch_address = address;
    const uint64_t *words = fetch_words(t, layout, address, count, room);
    if (!words)
        fail(t, SMREF_F_STE_FETCH, rule);
    return words;
}

/* Why an L1STD leads nowhere; SMREF_RULE_NONE when it leads to 2^(Span - 1) STEs (5.1, 7.3.3). */
static smref_rule span_refused(const uint64_t *l1std, unsigned split)
{
    unsigned span = (unsigned)smref_L1STD_Span(l1std);
    if (!span)
        return SMREF_RULE_L1STD_SPAN_ZERO;
    if (span >= L1STD_RESERVED_SPAN)
        return SMREF_RULE_L1STD_SPAN_RESERVED;
    return span > split + 1 ? SMREF_RULE_L1STD_SPAN_ABOVE_SPLIT : SMREF_RULE_NONE;
}

/* 5.1: the array of STEs is aligned to its size. */
static uint64_t array_of(const uint64_t *l1std)
{
    return smref_L1STD_L2Ptr_address(l1std) & ~mask(5 + (unsigned)smref_L1STD_Span(l1std));
}

/* Through the first level: the address of the STE. */
static bool second_level(struct txn *t, uint64_t l1std_address, unsigned split, uint64_t *address)
{
    uint64_t room, index = t->in->sid & mask(split);
    t->index = t->in->sid >> split;
    t->shift = split;
    const uint64_t *l1std = t->smmu->caches ? smref_held_l1(t, SMREF_LAYOUT_L1STD, t->in->sid, split) : NULL;
    if (!l1std) {
        l1std = fetch(t, SMREF_LAYOUT_L1STD, l1std_address, false, 1, &room, SMREF_RULE_L1STD_FETCH_ABORT);
        if (!l1std)
            return false;
        if (t->smmu->caches)
            smref_hold_l1(t, SMREF_LAYOUT_L1STD, t->in->sid, split, *l1std);
    }
    t->index = index;
    t->shift = 0;
    smref_rule refused = span_refused(l1std, split);
    if (refused != SMREF_RULE_NONE)
        return bad_streamid(t, refused);
    if (index >> (smref_L1STD_Span(l1std) - 1))
        return bad_streamid(t, SMREF_RULE_L1STD_OUTSIDE_SPAN);
    if (l1std[0] & SMREF_L1STD_RES0_MASK[0] &&
        smref_choose(t, SMREF_CHOICE_RESERVED_BITS) == SMREF_CHOICE_RESERVED_BITS_invalid)
        return bad_streamid(t, SMREF_RULE_L1STD_RESERVED_BITS);
    *address = array_of(l1std) + index * SMREF_STE_BYTES;
    return true;
}

/* 6.3.2, 6.3.53; a Realm StreamID has the size of a Non-secure one (3.10.3). */
static unsigned sid_size(const uint64_t *reg, smref_sec_sid bank)
{
    return (unsigned)(bank == SMREF_SEC_SECURE ? smref_SMMU_S_IDR1_S_SIDSIZE(reg[SMREF_REG_SMMU_S_IDR1])
                                               : smref_SMMU_IDR1_SIDSIZE(reg[SMREF_REG_SMMU_IDR1]));
}

/* What the registers make of the Stream table. The base is aligned to the table as LOG2SIZE gives it,
 * uncapped (6.3.24). */
smref_stream_table smref_stream_table_of(const smref *smmu, smref_sec_sid bank)
{
    const uint64_t *reg = smmu->reg;
    uint64_t base =
        smref_SMMU_STRTAB_BASE_ADDR_address(reg[smref_bank_registers[SMREF_FAMILY_STRTAB_BASE][bank]]);
    uint64_t cfg = reg[smref_bank_registers[SMREF_FAMILY_STRTAB_BASE_CFG][bank]];
    unsigned log2size = (unsigned)smref_SMMU_STRTAB_BASE_CFG_LOG2SIZE(cfg);
    unsigned sidsize = sid_size(reg, bank);
    unsigned format = (unsigned)smref_SMMU_STRTAB_BASE_CFG_FMT(cfg);
    unsigned split = (unsigned)smref_SMMU_STRTAB_BASE_CFG_SPLIT(cfg);
    bool split_known = split == 6 || split == 8 || split == 10;
    bool two_level = format == SMREF_SMMU_STRTAB_BASE_CFG_FMT_TWO_LEVEL &&
                     smref_SMMU_IDR0_ST_LEVEL(reg[SMREF_REG_SMMU_IDR0]) != 0;
    smref_stream_table table = {.two_level = two_level,
                                .sid_bits = (uint8_t)(log2size < sidsize ? log2size : sidsize),
                                .split = (uint8_t)(split_known ? split : 6)};
    if (two_level) {
        unsigned bits = log2size > table.split + 3u ? log2size - table.split + 3 : 6; /* at most 60 */
        table.base = base & ~mask(bits);
        table.format = split_known ? SMREF_RULE_NONE : SMREF_RULE_STRTAB_SPLIT_RESERVED;
        return table;
    }
    table.base = base & ~mask(log2size < 50 ? log2size + 6 : 56);
    table.format =
        format == SMREF_SMMU_STRTAB_BASE_CFG_FMT_LINEAR ? SMREF_RULE_NONE : SMREF_RULE_STRTAB_FMT_RESERVED;
    return table;
}

/* The same, found out once for as long as no register changes. */
static const smref_stream_table *stream_table(smref *smmu, smref_sec_sid bank)
{
    if (!(smmu->stream_tables_known >> bank & 1U)) {
        smmu->stream_tables[bank] = smref_stream_table_of(smmu, bank);
        smmu->stream_tables_known |= (uint8_t)(1U << bank);
    }
    return &smmu->stream_tables[bank];
}

/* Where the STE of the StreamID is. */
SPECIALISED bool locate(struct txn *t, uint64_t *address, bool *through_l2ptr)
{
    smref_sec_sid bank = t->in->sec_sid;
    const smref_stream_table *table = stream_table(t->smmu, bank);
    t->pas = space_of(bank);
    if (bank == SMREF_SEC_SECURE)
        smref_show_register(t, SMREF_REG_SMMU_S_IDR1, "S_SIDSIZE");
    else
        smref_show_register(t, SMREF_REG_SMMU_IDR1, "SIDSIZE");
    smref_show_register(t, bank_register(SMREF_FAMILY_STRTAB_BASE_CFG, bank), NULL);
    smref_show_register(t, bank_register(SMREF_FAMILY_STRTAB_BASE, bank), "ADDR");
    t->index = t->in->sid;
    if ((uint64_t)t->in->sid >> table->sid_bits)
        return bad_streamid(t, SMREF_RULE_STRTAB_SID_RANGE);
    if (!table->two_level) {
        if (table->format != SMREF_RULE_NONE)
            decide(t, table->format);
        decide(t, SMREF_RULE_STRTAB_LINEAR);
        *address = table->base + (uint64_t)t->in->sid * SMREF_STE_BYTES;
        return true;
    }
    *through_l2ptr = true;
    decide(t, SMREF_RULE_STRTAB_TWO_LEVEL);
    if (table->format != SMREF_RULE_NONE)
        decide(t, table->format);
    return second_level(t, table->base + ((uint64_t)t->in->sid >> table->split) * SMREF_L1STD_BYTES,
                        table->split, address);
}

void smref_stream_table_look(const smref *smmu, smref_sec_sid sec_sid, smref_stream_table *table)
{
    *table = smref_stream_table_of(smmu, sec_sid);
}

smref_rule smref_l1std_look(const smref *smmu, const smref_stream_table *table, const uint64_t *l1std,
                            uint64_t *base, unsigned *log2)
{
    smref_rule refused = span_refused(l1std, table->split);
    if (refused != SMREF_RULE_NONE)
        return refused;
    *base = array_of(l1std);
    *log2 = (unsigned)smref_L1STD_Span(l1std) - 1;
    bool reserved_bits = (l1std[0] & SMREF_L1STD_RES0_MASK[0]) != 0;
    return reserved_bits && smmu->choice[SMREF_CHOICE_RESERVED_BITS] == SMREF_CHOICE_RESERVED_BITS_invalid
               ? SMREF_RULE_L1STD_RESERVED_BITS
               : SMREF_RULE_NONE;
}

/* 3.10.2.2: a space that is translated by Non-secure tables, or leads there, does so for both IPA spaces. */
static void decode_secure_s2(struct stream *s, const smref_env *e)
{
    smref_decode_s_s2_range(e, &s->s_s2);
    s->s_s2_ns = smref_STE_S2SW(e->STE) || smref_STE_S2SA(e->STE);
    s->s2_ns = s->s_s2_ns || smref_STE_S2NSW(e->STE) || smref_STE_S2NSA(e->STE);
}

void smref_decode_stream(struct stream *s, const smref_env *e)
{
    s->config = (uint8_t)smref_STE_Config(e->STE);
    s->world = (uint8_t)smref_derived_ste_stream_world(e);
    s->substreams = smref_derived_substreams_enabled(e);
    s->s1cdmax = (uint8_t)smref_derived_eff_S1CDMax(e);
    s->s1fmt = (uint8_t)smref_derived_eff_S1Fmt(e);
    s->s1dss = (uint8_t)smref_STE_S1DSS(e->STE);
    s->s1contextptr = smref_STE_S1ContextPtr_address(e->STE);
    s->vms = smref_derived_vms_enabled(e);
    s->overrides = smref_overrides_of_STE(e);
    s->mecid = (uint16_t)smref_derived_mecid(e);
    s->space_checked = smref_derived_space_checked(e);
    if (s->config != SMREF_STE_Config_S2_TRANS && s->config != SMREF_STE_Config_NESTED)
        return;
    smref_decode_s2_range(e, &s->s2);
    if (e->ctx_sec_sid == SMREF_SEC_SECURE)
        decode_secure_s2(s, e);
    s->s2affd = smref_derived_eff_S2AFFD(e);
    s->s2ptw = smref_derived_eff_S2PTW(e);
    s->s2fwb = smref_derived_eff_S2FWB(e);
    s->s2r = smref_STE_S2R(e->STE);
    s->s2s = smref_STE_S2S(e->STE);
}

void smref_judge_stream(struct txn *t, const uint64_t *words, struct stream *s)
{
    *s = (struct stream){.used = true, .number = ++t->smmu->judgements, .sec_sid = (uint8_t)t->in->sec_sid};
    memcpy(s->words, words, sizeof s->words);
    smref_env e = smref_env_of(t->smmu, t->in->sec_sid);
    e.STE = s->words;
    e.choices_met = s->choices_met;
    s->illegal = smref_STE_first_illegal(&e);
    if (s->illegal == SMREF_RULE_NONE)
        smref_decode_stream(s, &e);
}

/* A distinct STE is judged and decoded once; the contents decide whether the earlier work still holds. */
static const struct stream *judge(struct txn *t, const uint64_t *words)
{
    struct stream *s = &t->smmu->streams[decoded_at(words)];
    if (!s->used || s->sec_sid != t->in->sec_sid || memcmp(s->words, words, sizeof s->words))
        smref_judge_stream(t, words, s);
    return s;
}

static bool configured(struct txn *t)
{
    switch (t->stream->config) {
    case SMREF_STE_Config_BYPASS:
        decide(t, SMREF_RULE_STE_CONFIG_BYPASS);
        return true;
    case SMREF_STE_Config_S1_TRANS:
        decide(t, SMREF_RULE_STE_CONFIG_S1);
        return true;
    case SMREF_STE_Config_S2_TRANS:
        decide(t, SMREF_RULE_STE_CONFIG_S2);
        return true;
    case SMREF_STE_Config_NESTED:
        decide(t, SMREF_RULE_STE_CONFIG_NESTED);
        return true;
    default:
        t->fault.silent = true;
        decide(t, SMREF_RULE_STE_CONFIG_ABORT);
        return false;
    }
}

SPECIALISED const uint64_t *fetch_ste(struct txn *t, uint64_t *room)
{
    uint64_t address = 0;
    bool through_l2ptr = false;
    if (!locate(t, &address, &through_l2ptr))
        return NULL;
    return fetch(t, SMREF_LAYOUT_STE, address, through_l2ptr, SMREF_STE_WORDS, room,
                 SMREF_RULE_STE_FETCH_ABORT);
}

static const uint64_t *fetch_ste_for_cache(struct txn *t, uint64_t *room)
{
    return fetch_ste(t, room);
}

/* 6.3.12: the configuration cache held the STE as of another value of CR2.E2H. */
static const struct stream *judge_under_other_e2h(struct txn *t, const uint64_t *words)
{
    smref_register cr2 = bank_register(SMREF_FAMILY_CR2, t->in->sec_sid);
    uint64_t now = t->smmu->reg[cr2];
    t->smmu->reg[cr2] = smref_SMMU_CR2_with_E2H(now, !smref_SMMU_CR2_E2H(now));
    smref_judge_stream(t, words, &t->smmu->caches->stream);
    t->smmu->reg[cr2] = now;
    return &t->smmu->caches->stream;
}

bool smref_fetch_stream(struct txn *t)
{
    uint64_t room[SMREF_STE_WORDS];
    const uint64_t *words =
        t->smmu->caches ? smref_held_ste(t, room, fetch_ste_for_cache) : fetch_ste(t, room);
    if (!words)
        return false;
    bool other_e2h = t->smmu->caches && t->smmu->caches->other_e2h;
    const struct stream *s = t->stream = other_e2h ? judge_under_other_e2h(t, words) : judge(t, words);
    for (unsigned i = 0; i < CHOICE_WORDS; i++)
        t->out->choices_met[i] |= s->choices_met[i];
    if (t->smmu->trace)
        smref_trace_choices(t, s->choices_met);
    if (s->illegal != SMREF_RULE_NONE)
        return fail(t, SMREF_C_BAD_STE, s->illegal);
    if (smref_STE_CONT(s->words))
        decide(t, SMREF_RULE_STE_CONT_HINT);
    return true;
}

bool smref_find_stream(struct txn *t)
{
    return smref_fetch_stream(t) && configured(t);
}
