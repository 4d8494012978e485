/*
 * Stage 2 as a whole, for an access and for what stage 1 itself reads: CDs and stage 1 descriptors
 * (3.4, 5.2).
 */
#include "walk.h"

static bool stage2_fault(struct txn *t, uint64_t ipa, enum fault_class class_of, smref_event_type type,
                         smref_rule rule)
{
    t->fault.s2 = true;
    t->fault.class_of = class_of;
    t->fault.ipa = ipa;
    return fail(t, type, rule);
}

/* Whether stage 2 lets the SMMU read what it needs itself: nearly always, so the rest is elsewhere. */
SPECIALISED bool may_fetch(struct txn *t, const struct leaf *leaf, enum fault_class class_of)
{
    return (!t->stream->s2ptw && smref_VMSAv8_64_S2_PAGE_S2AP(&leaf->descriptor) & 1) ||
           smref_s2_own_permission(t, leaf, class_of);
}

/* 3.10.3, 7.3.16: NS of the descriptor; what the SMMU fetches itself is Realm, and so are instructions. */
static smref_rule leave_realm_space(struct txn *t, const struct leaf *leaf, enum fault_class class_of)
{
    t->ns = smref_VMSAv8_64_S2_PAGE_NS(&leaf->descriptor);
    t->pas = own_space(t, t->ns);
    if (class_of == CLASS_IN) {
        decide(t, t->ns ? SMREF_RULE_S2_REALM_NS : SMREF_RULE_S2_REALM);
        return smref_realm_refusal(t, SMREF_RULE_S2_REALM_EXECUTE, SMREF_RULE_S2_REALM_UNEXPECTED);
    }
    return !t->ns                 ? SMREF_RULE_NONE
           : class_of == CLASS_CD ? SMREF_RULE_S2_REALM_CD
                                  : SMREF_RULE_S2_REALM_TABLE;
}

/* 3.10.2.2: which tables translate an address of a Secure stream. */
static void decide_space(struct txn *t)
{
    smref_decide_once(t, t->ns ? SMREF_RULE_S2_NS_IPA : SMREF_RULE_S2_SECURE_IPA);
}

/* 3.10.2.2: where they lead. */
static void leave_secure_space(struct txn *t)
{
    const struct stream *s = t->stream;
    t->ns = t->ns ? s->s2_ns : s->s_s2_ns;
    t->pas = own_space(t, t->ns);
}

/* The address space that stage 2 of a Secure or a Realm stream leads to. */
static bool leave_space(struct txn *t, uint64_t ipa, enum fault_class class_of, const struct leaf *leaf)
{
    if (is_realm(t)) {
        smref_rule refusal = leave_realm_space(t, leaf, class_of);
        return refusal == SMREF_RULE_NONE || stage2_fault(t, ipa, class_of, SMREF_F_PERMISSION, refusal);
    }
    leave_secure_space(t);
    return true;
}

/* The tables' leaf, from where `steps` says (NULL, a constant: from the base). */
SPECIALISED bool find_leaf(struct txn *t, uint64_t ipa, const enum fault_class class_of, struct leaf *leaf,
                           struct steps *const steps, const bool two_spaces)
{
    const struct range *range = two_spaces ? s2_range(t) : &t->stream->s2;
    t->stage = 2;
    if (two_spaces && is_secure(t)) {
        t->fault.nsipa = t->ns;
        decide_space(t);
    }
    if (t->smmu->trace)
        smref_trace_walk(t, range, 2, ipa, class_of);
    if (ipa & ~range->ia_mask)
        return stage2_fault(t, ipa, class_of, SMREF_F_TRANSLATION, SMREF_RULE_S2_IPA_RANGE);
    if (range->concatenated)
        decide(t, SMREF_RULE_S2_CONCATENATED);
    return walk(t, range, 2, ipa, class_of, leaf, steps, two_spaces);
}

/* What the leaf makes of the access, or of a fetch. */
SPECIALISED bool leave_stage2(struct txn *t, uint64_t ipa, const enum fault_class class_of,
                              const struct leaf *leaf, uint64_t *pa, const bool two_spaces)
{
    const struct stream *s = t->stream;
    const struct range *range = two_spaces ? s2_range(t) : &s->s2;
    if (!smref_VMSAv8_64_S2_PAGE_AF(&leaf->descriptor)) {
        if (!s->s2affd)
            return stage2_fault(t, ipa, class_of, SMREF_F_ACCESS, SMREF_RULE_S2_ACCESS_FLAG);
        decide(t, SMREF_RULE_S2_AFFD);
    }
    t->fault.ipa = ipa;
    if (class_of != CLASS_IN) {
        if (!may_fetch(t, leaf, class_of))
            return false;
    } else {
        if (!smref_s2_permission(t, leaf))
            return false;
        smref_s2_attributes(t, range, leaf);
        if (leaf->bits < t->page_bits)
            t->page_bits = leaf->bits;
    }
    if (two_spaces && !leave_space(t, ipa, class_of, leaf))
        return false;
    *pa = leaf->address;
    if (*pa & ~t->oas_mask) {
        /* Only VMSAv8-32, whose output is 40 bits, gets here (3.4). */
        decide(t, SMREF_RULE_S2_LPAE_TRUNCATE);
        *pa &= t->oas_mask;
    }
    smref_show(t, "stage 2 output", *pa);
    return true;
}

static bool walk_stage2(struct txn *t, uint64_t ipa, enum fault_class class_of, struct leaf *leaf,
                        struct steps *steps)
{
    return find_leaf(t, ipa, class_of, leaf, steps, has_two_spaces(t));
}

/* The STE's fields that the TLB held count for what follows the access's own translation, too. */
static bool stage2_with_caches(struct txn *t, uint64_t ipa, enum fault_class class_of, uint64_t *pa)
{
    const struct stream *stream = t->stream;
    struct leaf leaf = {.ap_table = 0};
    t->stage = 2;
    t->fault.nsipa = is_secure(t) && t->ns;
    bool good = smref_held_stage2(t, ipa, class_of, &leaf, walk_stage2) &&
                leave_stage2(t, ipa, class_of, &leaf, pa, has_two_spaces(t));
    if (class_of != CLASS_IN)
        t->stream = stream;
    return good;
}

static bool stage2_of_two_spaces(struct txn *t, uint64_t ipa, enum fault_class class_of, uint64_t *pa)
{
    struct leaf leaf;
    return find_leaf(t, ipa, class_of, &leaf, NULL, true) && leave_stage2(t, ipa, class_of, &leaf, pa, true);
}

/* For an access, class_of is CLASS_IN, a constant. */
SPECIALISED bool stage2(struct txn *t, uint64_t ipa, const enum fault_class class_of, uint64_t *pa)
{
    struct leaf leaf;
    if (t->smmu->caches)
        return stage2_with_caches(t, ipa, class_of, pa);
    if (has_two_spaces(t))
        return stage2_of_two_spaces(t, ipa, class_of, pa);
    return find_leaf(t, ipa, class_of, &leaf, NULL, false) &&
           leave_stage2(t, ipa, class_of, &leaf, pa, false);
}

bool smref_stage2(struct txn *t, uint64_t ipa, uint64_t *pa)
{
    return stage2(t, ipa, CLASS_IN, pa);
}

bool smref_stage2_cd(struct txn *t, uint64_t ipa, uint64_t *pa)
{
    return stage2(t, ipa, CLASS_CD, pa);
}

bool smref_stage2_descriptor(struct txn *t, uint64_t ipa, uint64_t *pa)
{
    return stage2(t, ipa, CLASS_TT, pa);
}
