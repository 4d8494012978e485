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

/* For an access, class_of is CLASS_IN, a constant. */
SPECIALISED bool stage2(struct txn *t, uint64_t ipa, const enum fault_class class_of, uint64_t *pa)
{
    const struct stream *s = t->stream;
    const struct range *range = &s->s2;
    struct leaf leaf;
    t->stage = 2;
    if (t->smmu->trace)
        smref_trace_walk(t, range, 2, ipa, class_of);
    if (ipa & ~range->ia_mask)
        return stage2_fault(t, ipa, class_of, SMREF_F_TRANSLATION, SMREF_RULE_S2_IPA_RANGE);
    if (range->concatenated)
        decide(t, SMREF_RULE_S2_CONCATENATED);
    if (!walk(t, range, 2, ipa, class_of, &leaf))
        return false;
    if (!smref_VMSAv8_64_S2_PAGE_AF(&leaf.descriptor)) {
        if (!s->s2affd)
            return stage2_fault(t, ipa, class_of, SMREF_F_ACCESS, SMREF_RULE_S2_ACCESS_FLAG);
        decide(t, SMREF_RULE_S2_AFFD);
    }
    t->fault.ipa = ipa;
    if (class_of != CLASS_IN) {
        if (!may_fetch(t, &leaf, class_of))
            return false;
    } else {
        if (!smref_s2_permission(t, &leaf))
            return false;
        smref_s2_attributes(t, range, &leaf);
        if (leaf.bits < t->page_bits)
            t->page_bits = leaf.bits;
    }
    *pa = leaf.address;
    if (*pa & ~t->oas_mask) {
        /* Only VMSAv8-32, whose output is 40 bits, gets here (3.4). */
        decide(t, SMREF_RULE_S2_LPAE_TRUNCATE);
        *pa &= t->oas_mask;
    }
    smref_show(t, "stage 2 output", *pa);
    return true;
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
