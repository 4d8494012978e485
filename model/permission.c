/*
 * Page permissions of both stages under the Direct Permission Scheme (5.2, 5.4, 13.4, DDI 0487 D8.4). A
 * refused access names the rule that refused it.
 */
#include "state.h"

/* What stage 1 grants to privileged and to unprivileged accesses. */
struct grants {
    bool pr, pw, px, ur, uw, ux;
    bool px_lost_to_uw; /* VMSAv8-64: executable, were it not writable by unprivileged accesses */
    bool px_lost_to_uwxn, x_lost_to_wxn;
};

/* AP[2] 1: read-only; AP[1] 1: unprivileged accesses too. APTable takes away in the same two directions. */
static struct grants data_grants(const struct txn *t, unsigned ap, unsigned ap_table)
{
    bool two = t->context->two_halves;
    bool writable = !(ap & 2) && !(ap_table & 2);
    bool unprivileged = two && (ap & 1) && !(ap_table & 1);
    return (struct grants){.pr = true, .pw = writable, .ur = unprivileged, .uw = unprivileged && writable};
}

static struct grants s1_grants(const struct txn *t, const struct range *range, const struct leaf *leaf,
                               bool hierarchy)
{
    const uint64_t *d = &leaf->descriptor;
    const struct context *c = t->context;
    struct grants g =
        data_grants(t, (unsigned)smref_VMSAv8_64_S1_PAGE_AP(d), hierarchy ? leaf->ap_table : 0U);
    bool xn = smref_VMSAv8_64_S1_PAGE_UXN(d) || (hierarchy && leaf->xn_table);
    bool pxn = smref_VMSAv8_64_S1_PAGE_PXN(d) || (hierarchy && leaf->pxn_table);
    if (!c->two_halves)
        g.px = !xn;
    else if (range->format == SMREF_Format_VMSAv8_32) {
        /* DDI 0487 G5.6: XN holds for every privilege, and what cannot be read cannot be executed. */
        g.ux = g.ur && !xn;
        g.px = g.pr && !xn && !pxn;
        g.px_lost_to_uwxn = g.px && g.uw && c->uwxn;
        g.px = g.px && !g.px_lost_to_uwxn;
    } else {
        g.ux = !xn;
        g.px_lost_to_uw = !pxn && g.uw;
        g.px = !pxn && !g.uw;
    }
    return g;
}

static void show_grants(struct txn *t, const char *name, const struct grants *g)
{
    if (t->smmu->trace)
        smref_trace_grants(t, name,
                           (g->pr ? SMREF_GRANT_PR : 0U) | (g->pw ? SMREF_GRANT_PW : 0U) |
                               (g->px ? SMREF_GRANT_PX : 0U) | (g->ur ? SMREF_GRANT_UR : 0U) |
                               (g->uw ? SMREF_GRANT_UW : 0U) | (g->ux ? SMREF_GRANT_UX : 0U));
}

static void apply_wxn(const struct txn *t, struct grants *g)
{
    bool w = t->priv || !t->context->two_halves ? g->pw : g->uw;
    bool *x = t->priv || !t->context->two_halves ? &g->px : &g->ux;
    if (t->context->wxn && w && *x) {
        g->x_lost_to_wxn = true;
        *x = false;
    }
}

/* The rule by which the grants refuse the access, or SMREF_RULE_NONE. A write is judged before a read
 * (13.1.1). */
static smref_rule s1_refusal(const struct txn *t, const struct grants *g)
{
    bool privileged = t->priv || !t->context->two_halves;
    if (t->inst) {
        if (privileged ? g->px : g->ux)
            return SMREF_RULE_NONE;
        if (g->x_lost_to_wxn)
            return SMREF_RULE_S1_WXN;
        if (privileged && g->px_lost_to_uwxn)
            return SMREF_RULE_S1_UWXN;
        return privileged && g->px_lost_to_uw ? SMREF_RULE_S1_WRITABLE_PXN : SMREF_RULE_S1_NO_EXECUTE;
    }
    if (t->write && !(privileged ? g->pw : g->uw))
        return SMREF_RULE_S1_NO_WRITE;
    if (t->read && !(privileged ? g->pr : g->ur))
        return SMREF_RULE_S1_NO_READ;
    return SMREF_RULE_NONE;
}

/* PAN (5.4): a privileged data access where unprivileged accesses may read or write, with EPAN also execute.
 */
static smref_rule pan_refusal(const struct txn *t, const struct grants *g)
{
    if (!t->context->pan || !t->priv || t->inst)
        return SMREF_RULE_NONE;
    if (g->ur || g->uw)
        return SMREF_RULE_S1_PAN;
    return t->context->epan && g->ux ? SMREF_RULE_S1_EPAN : SMREF_RULE_NONE;
}

static bool refuse(struct txn *t, bool s2, enum fault_class class_of, smref_rule rule, bool read_denied)
{
    t->fault.s2 = s2;
    t->fault.class_of = s2 ? class_of : CLASS_IN;
    fail(t, SMREF_F_PERMISSION, rule);
    if (!read_denied || !t->write || class_of != CLASS_IN)
        return false;
    /* An atomic access that may write but not read (13.1.1); version 3.0 leaves RnW open. */
    bool forced =
        t->smmu->arch >= 0x31 || smref_choose(t, SMREF_CHOICE_ATOMIC_RNW) == SMREF_CHOICE_ATOMIC_RNW_read;
    if (forced) {
        decide(t, SMREF_RULE_ATOMIC_READ_DENIED);
        t->fault.rnw_forced = true;
    }
    return false;
}

bool smref_s1_permission(struct txn *t, const struct range *range, const struct leaf *leaf)
{
    struct grants g = s1_grants(t, range, leaf, true);
    smref_rule pan = pan_refusal(t, &g);
    apply_wxn(t, &g);
    show_grants(t, "stage 1", &g);
    smref_rule rule = s1_refusal(t, &g);
    if (rule == SMREF_RULE_NONE)
        return pan == SMREF_RULE_NONE || refuse(t, false, CLASS_IN, pan, false);
    bool read_denied = rule == SMREF_RULE_S1_NO_READ;
    if (leaf->ap_table || leaf->xn_table || leaf->pxn_table) {
        struct grants own = s1_grants(t, range, leaf, false);
        apply_wxn(t, &own);
        show_grants(t, "stage 1 without the table descriptors' limits", &own);
        if (s1_refusal(t, &own) == SMREF_RULE_NONE)
            rule = SMREF_RULE_S1_HIERARCHICAL;
    }
    return refuse(t, false, CLASS_IN, rule, read_denied);
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
    struct grants g = {.pr = s2ap & 1, .pw = s2ap & 2, .ur = s2ap & 1, .uw = s2ap & 2};
    g.px = s2_execute_refusal(t, leaf, true) == SMREF_RULE_NONE;
    g.ux = s2_execute_refusal(t, leaf, false) == SMREF_RULE_NONE;
    show_grants(t, "stage 2", &g);
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
