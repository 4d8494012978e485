/*
 * Stage 1 as a whole: which half of the VA range, the range check, the walk, the Access flag, permissions and
 * attributes (3.4, 3.4.1, 5.4), or its bypass.
 */
#include "walk.h"

static bool input_fault(struct txn *t, smref_rule rule)
{
    t->fault.s2 = false;
    t->fault.class_of = CLASS_IN;
    return fail(t, SMREF_F_TRANSLATION, rule);
}

/* VMSAv8-32 (DDI 0487 G5.5): TTB0 translates what T0SZ leaves it, TTB1 the addresses whose top T1SZ bits are
 * set; with both sizes non-zero there is a hole between them. */
static bool select_half_32(struct txn *t, uint64_t va, const struct range **range)
{
    const struct context *c = t->context;
    const struct range *low = &c->half[0], *high = &c->half[1];
    if (va >> 32)
        return input_fault(t, SMREF_RULE_S1_LPAE_VA_HIGH);
    bool in_low = !(va >> low->ia_bits);
    bool in_high = c->two_halves && (va | mask(high->ia_bits)) == mask(32);
    if (!c->two_halves) {
        *range = low;
        if (t->smmu->trace)
            smref_trace_walk(t, low, 1, va, CLASS_IN);
        return in_low || input_fault(t, SMREF_RULE_S1_LPAE_VA_RANGE);
    }
    if (low->ia_bits == 32 && high->ia_bits == 32)
        in_high = false;
    else if (low->ia_bits == 32)
        in_low = !in_high;
    else if (high->ia_bits == 32)
        in_high = !in_low;
    *range = in_high ? high : low;
    if (t->smmu->trace)
        smref_trace_walk(t, *range, 1, va, CLASS_IN);
    return in_low || in_high || input_fault(t, SMREF_RULE_S1_LPAE_VA_RANGE);
}

/* VMSAv8-64 (3.4.1): VA[55] selects, and the bits above the range must repeat it, but for an ignored top
 * byte. */
SPECIALISED bool select_half_64(struct txn *t, uint64_t va, const struct range **range)
{
    const struct context *c = t->context;
    bool high = c->two_halves && (va >> 55 & 1);
    const struct range *r = *range = &c->half[high];
    if (r->walk_disabled)
        return true; /* its size fields are not valid; the walk is refused in any case */
    if (t->smmu->trace)
        smref_trace_walk(t, r, 1, va, CLASS_IN);
    uint64_t checked = (r->tbi ? mask(56) : UINT64_MAX) & ~r->ia_mask;
    uint64_t upper = va & checked, wanted = high ? checked : 0;
    if (upper != wanted)
        return input_fault(t, SMREF_RULE_S1_VA_RANGE);
    if (r->tbi && va >> 56 != (high ? 0xff : 0))
        decide(t, SMREF_RULE_S1_TBI);
    return true;
}

SPECIALISED bool select_half(struct txn *t, uint64_t va, const struct range **range)
{
    const struct context *c = t->context;
    bool selected = c->half[0].format == SMREF_Format_VMSAv8_32 ? select_half_32(t, va, range)
                                                                : select_half_64(t, va, range);
    if (!selected)
        return false;
    decide(t, *range == &c->half[1] ? SMREF_RULE_S1_TTB1 : SMREF_RULE_S1_TTB0);
    if ((*range)->e0pd && !t->priv)
        return input_fault(t, SMREF_RULE_S1_E0PD);
    return !(*range)->walk_disabled || input_fault(t, SMREF_RULE_S1_EPD);
}

/* 13.4.2: what is read from a Non-secure table is Non-secure, whatever NS says. */
static bool leave_secure_stage1(struct txn *t, const struct leaf *leaf)
{
    t->ns = leads_to_ns(t, leaf);
    decide(t, leaf->ns ? SMREF_RULE_S1_NS_TABLE : t->ns ? SMREF_RULE_S1_NS : SMREF_RULE_S1_SECURE);
    if (!smref_sif_forbids(t, leaf))
        return true;
    t->fault.s2 = false;
    t->fault.class_of = CLASS_IN;
    return fail(t, SMREF_F_PERMISSION, SMREF_RULE_SIF);
}

/* 3.10.3: the EL2 worlds have NS in their descriptors, Realm-EL1 gives Realm addresses. */
static bool leave_realm_stage1(struct txn *t, const struct leaf *leaf)
{
    bool el1 = t->stream->world == SMREF_StreamWorld_R_EL1;
    t->ns = leads_to_ns(t, leaf);
    decide(t, el1 ? SMREF_RULE_S1_REALM_EL1 : t->ns ? SMREF_RULE_S1_REALM_NS : SMREF_RULE_S1_REALM);
    if (t->stream->config == SMREF_STE_Config_NESTED)
        return true;
    smref_rule refusal = smref_realm_refusal(t, SMREF_RULE_S1_REALM_EXECUTE, SMREF_RULE_S1_REALM_UNEXPECTED);
    if (refusal == SMREF_RULE_NONE)
        return true;
    t->fault.s2 = false;
    t->fault.class_of = CLASS_IN;
    return fail(t, SMREF_F_PERMISSION, refusal);
}

/* What the leaf makes of the access. */
SPECIALISED bool leave_stage1(struct txn *t, const struct range *range, const struct leaf *leaf,
                              uint64_t *ipa, const bool two_spaces)
{
    t->stage = 1;
    t->level = leaf->level;
    if (!smref_VMSAv8_64_S1_PAGE_AF(&leaf->descriptor)) {
        if (!t->context->affd) {
            t->fault.s2 = false;
            t->fault.class_of = CLASS_IN;
            return fail(t, SMREF_F_ACCESS, SMREF_RULE_S1_ACCESS_FLAG);
        }
        decide(t, SMREF_RULE_S1_AFFD);
    }
    if (!smref_s1_permission(t, range, leaf))
        return false;
    if (two_spaces && !(is_realm(t) ? leave_realm_stage1(t, leaf) : leave_secure_stage1(t, leaf)))
        return false;
    smref_s1_attributes(t, range, leaf);
    t->page_bits = leaf->bits;
    *ipa = leaf->address;
    smref_show(t, "stage 1 output", *ipa);
    return true;
}

/* As without caches, from where `steps` says. */
static bool walk_stage1(struct txn *t, uint64_t va, const struct range **range, struct leaf *leaf,
                        struct steps *steps)
{
    return select_half(t, va, range) && walk(t, *range, 1, va, CLASS_IN, leaf, steps, has_two_spaces(t));
}

static bool stage1_with_caches(struct txn *t, uint64_t va, uint64_t *ipa)
{
    const struct range *range = NULL;
    struct leaf leaf = {.ap_table = 0};
    return smref_held_stage1(t, va, &range, &leaf, walk_stage1) &&
           leave_stage1(t, range, &leaf, ipa, has_two_spaces(t));
}

static bool stage1_of_two_spaces(struct txn *t, uint64_t va, uint64_t *ipa)
{
    const struct range *range = NULL;
    struct leaf leaf = {.ap_table = 0};
    return select_half(t, va, &range) && walk(t, range, 1, va, CLASS_IN, &leaf, NULL, true) &&
           leave_stage1(t, range, &leaf, ipa, true);
}

bool smref_stage1(struct txn *t, uint64_t va, uint64_t *ipa)
{
    const struct range *range = NULL;
    struct leaf leaf = {.ap_table = 0};
    t->stage = 1;
    if (t->smmu->caches)
        return stage1_with_caches(t, va, ipa);
    if (has_two_spaces(t))
        return stage1_of_two_spaces(t, va, ipa);
    return select_half(t, va, &range) && walk(t, range, 1, va, CLASS_IN, &leaf, NULL, false) &&
           leave_stage1(t, range, &leaf, ipa, false);
}

static bool bypass_fault(struct txn *t, smref_event_type type, smref_rule rule)
{
    t->fault.bypass = true;
    t->fault.s2 = false;
    t->fault.class_of = CLASS_IN;
    return fail(t, type, rule);
}

/* 5.2 NSCFG, 3.10.3.3. The IPA space of a Realm stream is Realm, whatever the client says (3.10.3). */
static bool bypass_realm_stage1(struct txn *t)
{
    unsigned config = t->stream->config;
    if (config == SMREF_STE_Config_S2_TRANS || config == SMREF_STE_Config_NESTED) {
        t->ns = false;
        return true;
    }
    smref_input_space(t, &t->stream->overrides);
    decide(t, t->ns ? SMREF_RULE_BYPASS_REALM_NS : SMREF_RULE_BYPASS_REALM);
    return !(t->ns && t->inst) || bypass_fault(t, SMREF_F_PERMISSION, SMREF_RULE_BYPASS_REALM_EXECUTE);
}

/* 3.4: a bypassed stage 1 checks the input against an address size: the output size where nothing translates,
 * else the intermediate one. S1DSS bypass of a stage 1-only STE is described both ways (choice
 * S1DSS_BYPASS_SIZE). */
bool smref_stage1_bypass(struct txn *t, uint64_t address)
{
    unsigned bits = t->ias;
    smref_rule rule = SMREF_RULE_S1_BYPASS_IAS;
    if (t->stream->config == SMREF_STE_Config_BYPASS) {
        bits = t->oas;
        rule = SMREF_RULE_BYPASS_OAS;
    } else if (t->stream->config == SMREF_STE_Config_S1_TRANS && address & ~t->oas_mask &&
               !(address & ~mask(bits)) &&
               smref_choose(t, SMREF_CHOICE_S1DSS_BYPASS_SIZE) == SMREF_CHOICE_S1DSS_BYPASS_SIZE_oas) {
        bits = t->oas;
        rule = SMREF_RULE_S1DSS_BYPASS_OAS;
    }
    if (address & ~mask(bits))
        return bypass_fault(t, SMREF_F_ADDR_SIZE, rule);
    if (!has_two_spaces(t) || t->atos) /* atos.c knows its input NS */
        return true;
    if (is_realm(t))
        return bypass_realm_stage1(t);
    smref_input_space(t, &t->stream->overrides);
    return !smref_sif_forbids(t, NULL) || bypass_fault(t, SMREF_F_PERMISSION, SMREF_RULE_SIF_BYPASS);
}
