/*
 * Stage 2 as a whole, for an access and for what stage 1 itself reads: CDs and stage 1 descriptors
 * (3.4, 5.2).
 */
#include "state.h"

static bool stage2_fault(struct txn *t, uint64_t ipa, enum fault_class class_of, smref_event_type type,
                         smref_rule rule)
{
    t->fault.s2 = true;
    t->fault.class_of = class_of;
    t->fault.ipa = ipa;
    return fail(t, type, rule);
}

bool smref_stage2(struct txn *t, uint64_t ipa, enum fault_class class_of, uint64_t *pa)
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
    if (!smref_s2_walk(t, range, ipa, class_of, &leaf))
        return false;
    if (!smref_VMSAv8_64_S2_PAGE_AF(&leaf.descriptor)) {
        if (!s->s2affd)
            return stage2_fault(t, ipa, class_of, SMREF_F_ACCESS, SMREF_RULE_S2_ACCESS_FLAG);
        decide(t, SMREF_RULE_S2_AFFD);
    }
    t->fault.ipa = ipa;
    if (!smref_s2_permission(t, &leaf, class_of))
        return false;
    if (class_of == CLASS_IN) {
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
