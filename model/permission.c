/*
 * Page permissions of both stages under the Direct Permission Scheme (5.2, 5.4, 13.4, DDI 0487 D8.4). A
 * refused access names the rule that refused it.
 */
#include "caches.h"

/* What a stage grants: SMREF_GRANT_..., and why execution is not among them where it might have been. */
enum {
    PX_LOST_TO_UW = 64, /* VMSAv8-64: executable, were it not writable by unprivileged accesses */
    PX_LOST_TO_UWXN = 128,
    X_LOST_TO_WXN = 256,
};

/* AP[2] 1: read-only; AP[1] 1: unprivileged accesses too. APTable takes away in the same two directions. */
static unsigned data_grants(const struct txn *t, unsigned ap, unsigned ap_table)
{
    unsigned write = (ap | ap_table) & 2 ? 0 : SMREF_GRANT_PW | SMREF_GRANT_UW;
    unsigned unprivileged =
        t->context->two_halves && ap & 1 && !(ap_table & 1) ? SMREF_GRANT_UR | SMREF_GRANT_UW : 0;
    return (SMREF_GRANT_PR | SMREF_GRANT_UR | write) & (SMREF_GRANT_PR | SMREF_GRANT_PW | unprivileged);
}

static unsigned execute_grants(const struct txn *t, const struct range *range, unsigned data, bool xn,
                               bool pxn)
{
    bool uw = data & SMREF_GRANT_UW;
    if (!t->context->two_halves)
        return xn ? 0 : SMREF_GRANT_PX;
    if (range->format == SMREF_Format_VMSAv8_32) {
        /* DDI 0487 G5.6: XN holds for every privilege, and what cannot be read cannot be executed. */
        unsigned ux = data & SMREF_GRANT_UR && !xn ? SMREF_GRANT_UX : 0;
        if (xn || pxn)
            return ux;
        return ux | (uw && t->context->uwxn ? PX_LOST_TO_UWXN : SMREF_GRANT_PX);
    }
    return (xn ? 0 : SMREF_GRANT_UX) | (pxn ? 0 : uw ? PX_LOST_TO_UW : SMREF_GRANT_PX);
}

static unsigned s1_grants(const struct txn *t, const struct range *range, const struct leaf *leaf,
                          bool hierarchy)
{
    const uint64_t *d = &leaf->descriptor;
    unsigned data = data_grants(t, (unsigned)smref_VMSAv8_64_S1_PAGE_AP(d), hierarchy ? leaf->ap_table : 0U);
    bool xn = smref_VMSAv8_64_S1_PAGE_UXN(d) || (hierarchy && leaf->xn_table);
    bool pxn = smref_VMSAv8_64_S1_PAGE_PXN(d) || (hierarchy && leaf->pxn_table);
    return data | execute_grants(t, range, data, xn, pxn);
}

static void show_grants(struct txn *t, const char *name, unsigned grants)
{
    static const unsigned losses = PX_LOST_TO_UW | PX_LOST_TO_UWXN | X_LOST_TO_WXN;
    smref_trace_grants(t, name, grants & ~losses);
}

/* Whether the access has the grants of a privileged one: single-half worlds know no other (3.3.4). */
static bool privileged(const struct txn *t)
{
    return t->priv || !t->context->two_halves;
}

static unsigned apply_wxn(const struct txn *t, unsigned grants)
{
    unsigned w = privileged(t) ? SMREF_GRANT_PW : SMREF_GRANT_UW;
    unsigned x = privileged(t) ? SMREF_GRANT_PX : SMREF_GRANT_UX;
    if (t->context->wxn && grants & w && grants & x)
        return (grants & ~x) | X_LOST_TO_WXN;
    return grants;
}

/* The rule by which the grants refuse the access, or SMREF_RULE_NONE. A write is judged before a read
 * (13.1.1). */
static smref_rule s1_refusal(const struct txn *t, unsigned grants)
{
    if (t->inst) {
        if (grants & (privileged(t) ? SMREF_GRANT_PX : SMREF_GRANT_UX))
            return SMREF_RULE_NONE;
        if (grants & X_LOST_TO_WXN)
            return SMREF_RULE_S1_WXN;
        if (privileged(t) && grants & PX_LOST_TO_UWXN)
            return SMREF_RULE_S1_UWXN;
        return privileged(t) && grants & PX_LOST_TO_UW ? SMREF_RULE_S1_WRITABLE_PXN
                                                       : SMREF_RULE_S1_NO_EXECUTE;
    }
    if (t->write && !(grants & (privileged(t) ? SMREF_GRANT_PW : SMREF_GRANT_UW)))
        return SMREF_RULE_S1_NO_WRITE;
    if (t->read && !(grants & (privileged(t) ? SMREF_GRANT_PR : SMREF_GRANT_UR)))
        return SMREF_RULE_S1_NO_READ;
    return SMREF_RULE_NONE;
}

static bool sif_in_effect(struct txn *t)
{
    bool wanted = smref_SMMU_S_CR0_SIF(t->reg[SMREF_REG_SMMU_S_CR0]);
    bool old = smref_SMMU_S_CR0_SIF(t->reg[SMREF_REG_SMMU_S_CR0ACK]);
    smref_show_register(t, SMREF_REG_SMMU_S_CR0ACK, "SIF");
    if (wanted == old)
        return old;
    smref_show_register(t, SMREF_REG_SMMU_S_CR0, "SIF");
    decide(t, SMREF_RULE_SIF_IN_TRANSITION);
    return smref_choose(t, SMREF_CHOICE_SIF_IN_TRANSITION) == SMREF_CHOICE_SIF_IN_TRANSITION_new ? wanted
                                                                                                 : old;
}

/* 6.3.57.2: what bypasses translation meets SIF as it is. */
static bool translated(const struct txn *t, const struct leaf *leaf)
{
    return leaf || (t->stream && (t->stream->config == SMREF_STE_Config_S2_TRANS ||
                                  t->stream->config == SMREF_STE_Config_NESTED));
}

/* SIF as it is, or as a cache may hold it. */
static bool sif_counts(struct txn *t, const struct leaf *leaf)
{
    bool now = sif_in_effect(t);
    if (!t->smmu->caches || !translated(t, leaf) || !smref_other_sif_held(t, now, leaf) ||
        !smref_choose_held(t, SMREF_CHOICE_CACHED_SIF, 1, 1))
        return now;
    decide(t, SMREF_RULE_HELD_SIF);
    return !now;
}

/* DDI 0487 D8.4.1: nobody executes what Realm-EL2-E2H maps to Non-secure memory, or with SIF a Secure stream;
 * whether the unprivileged permission to execute, which EPAN asks for, is then gone is IMPLEMENTATION
 * DEFINED.
 */
static bool execution_removed(struct txn *t, const struct leaf *leaf)
{
    if (!has_two_spaces(t) || !leads_to_ns(t, leaf) || (is_secure(t) && !sif_counts(t, leaf)))
        return false;
    decide(t, SMREF_RULE_S1_EPAN_SPACE);
    return smref_choose(t, SMREF_CHOICE_EPAN_SPACE) == SMREF_CHOICE_EPAN_SPACE_removed;
}

/* PAN (5.4): a privileged data access where unprivileged accesses may read or write, with EPAN also execute.
 */
static smref_rule pan_refusal(struct txn *t, const struct leaf *leaf, unsigned grants)
{
    if (!t->context->pan || !t->priv || t->inst)
        return SMREF_RULE_NONE;
    if (grants & (SMREF_GRANT_UR | SMREF_GRANT_UW))
        return SMREF_RULE_S1_PAN;
    bool executable = t->context->epan && grants & SMREF_GRANT_UX;
    return executable && !execution_removed(t, leaf) ? SMREF_RULE_S1_EPAN : SMREF_RULE_NONE;
}

static bool refuse(struct txn *t, bool s2, enum fault_class class_of, smref_rule rule, bool read_denied)
{
    t->fault.s2 = s2;
    t->fault.class_of = s2 ? class_of : CLASS_IN;
    fail(t, SMREF_F_PERMISSION, rule);
    if (!read_denied || !t->write)
        return false;
    /* An atomic access that may write but not read (13.1.1); version 3.0 leaves RnW open. */
    bool forced = t->smmu->arch >= SMREF_V3_1 ||
                  smref_choose(t, SMREF_CHOICE_ATOMIC_RNW) == SMREF_CHOICE_ATOMIC_RNW_read;
    if (forced) {
        decide(t, SMREF_RULE_ATOMIC_READ_DENIED);
        t->fault.rnw_forced = true;
    }
    return false;
}

/* What the leaf grants, and what its table descriptors and WXN leave of that. */
static void show_s1_grants(struct txn *t, const struct range *range, const struct leaf *leaf)
{
    unsigned grants = s1_grants(t, range, leaf, false);
    show_grants(t, "stage 1", grants);
    if (leaf->ap_table || leaf->xn_table || leaf->pxn_table) {
        grants = s1_grants(t, range, leaf, true);
        show_grants(t, "stage 1 below its table descriptors", grants);
    }
    if (apply_wxn(t, grants) != grants)
        show_grants(t, "stage 1 under WXN", apply_wxn(t, grants));
}

bool smref_s1_permission(struct txn *t, const struct range *range, const struct leaf *leaf)
{
    unsigned grants = s1_grants(t, range, leaf, true);
    smref_rule pan = pan_refusal(t, leaf, grants);
    grants = apply_wxn(t, grants);
    if (t->smmu->trace)
        show_s1_grants(t, range, leaf);
    smref_rule rule = s1_refusal(t, grants);
    if (rule == SMREF_RULE_NONE)
        return pan == SMREF_RULE_NONE || refuse(t, false, CLASS_IN, pan, false);
    bool read_denied = rule == SMREF_RULE_S1_NO_READ;
    if (leaf->ap_table || leaf->xn_table || leaf->pxn_table) {
        unsigned own = apply_wxn(t, s1_grants(t, range, leaf, false));
        if (s1_refusal(t, own) == SMREF_RULE_NONE)
            rule = SMREF_RULE_S1_HIERARCHICAL;
    }
    return refuse(t, false, CLASS_IN, rule, read_denied);
}

bool smref_sif_forbids(struct txn *t, const struct leaf *leaf)
{
    return t->inst && t->ns && sif_counts(t, leaf);
}

smref_rule smref_realm_refusal(struct txn *t, smref_rule execute, smref_rule expect)
{
    if (t->ns && t->inst)
        return execute;
    if (!t->stream->space_checked)
        return SMREF_RULE_NONE;
    smref_show(t, "XT", t->in->xt);
    smref_show(t, "input NS", t->in->ns);
    return t->in->xt && t->ns != t->in->ns ? expect : SMREF_RULE_NONE;
}

/* XN[1:0]: without XNX only XN[1] counts; with it 0b01 stops privileged, 0b11 unprivileged execution. */
static smref_rule s2_execute_refusal(const struct txn *t, const struct leaf *leaf, bool priv)
{
    unsigned xn = (unsigned)smref_VMSAv8_64_S2_PAGE_XN(&leaf->descriptor);
    if (t->stream->s2.format == SMREF_Format_VMSAv8_32 &&
        !(smref_VMSAv8_64_S2_PAGE_S2AP(&leaf->descriptor) & 1))
        return SMREF_RULE_S2_NO_EXECUTE;
    if (!smref_SMMU_IDR3_XNX(t->reg[SMREF_REG_SMMU_IDR3]))
        return xn & 2 ? SMREF_RULE_S2_NO_EXECUTE : SMREF_RULE_NONE;
    if (xn == 2)
        return SMREF_RULE_S2_NO_EXECUTE;
    if (xn == 1 && priv)
        return SMREF_RULE_S2_XNX;
    return xn == 3 && !priv ? SMREF_RULE_S2_XNX : SMREF_RULE_NONE;
}

static void show_s2_grants(struct txn *t, const struct leaf *leaf)
{
    unsigned s2ap = (unsigned)smref_VMSAv8_64_S2_PAGE_S2AP(&leaf->descriptor);
    unsigned grants =
        (s2ap & 1 ? SMREF_GRANT_PR | SMREF_GRANT_UR : 0U) | (s2ap & 2 ? SMREF_GRANT_PW | SMREF_GRANT_UW : 0U);
    if (s2_execute_refusal(t, leaf, true) == SMREF_RULE_NONE)
        grants |= SMREF_GRANT_PX;
    if (s2_execute_refusal(t, leaf, false) == SMREF_RULE_NONE)
        grants |= SMREF_GRANT_UX;
    show_grants(t, "stage 2", grants);
}

bool smref_s2_own_permission(struct txn *t, const struct leaf *leaf, enum fault_class class_of)
{
    if (t->stream->s2ptw && smref_s2_is_device(t, leaf))
        return refuse(t, true, class_of, SMREF_RULE_S2PTW_DEVICE, false);
    return (smref_VMSAv8_64_S2_PAGE_S2AP(&leaf->descriptor) & 1) ||
           refuse(t, true, class_of, SMREF_RULE_S2_NO_READ, false);
}

bool smref_s2_permission(struct txn *t, const struct leaf *leaf)
{
    unsigned s2ap = (unsigned)smref_VMSAv8_64_S2_PAGE_S2AP(&leaf->descriptor);
    if (t->smmu->trace)
        show_s2_grants(t, leaf);
    if (t->inst) {
        smref_rule rule = s2_execute_refusal(t, leaf, t->priv);
        return rule == SMREF_RULE_NONE || refuse(t, true, CLASS_IN, rule, false);
    }
    if (t->write && !(s2ap & 2))
        return refuse(t, true, CLASS_IN, SMREF_RULE_S2_NO_WRITE, false);
    if (t->read && !(s2ap & 1))
        return refuse(t, true, CLASS_IN, SMREF_RULE_S2_NO_READ, true);
    return true;
}
