/* DDI 0487 D8.4.1.2, D8.4.2.1, D8.4.5 and, for VMSAv8-32, G5.6; IHI 0070 5.4 and 13.1.1 for what is the
 * SMMU's own. */
#include "oracle.h"

enum { PR = 1, PW = 2, PX = 4, UR = 8, UW = 16, UX = 32 };

/* Tables D8-62 and D8-63 (G5-7): AP[2:1] to what data accesses may do. */
static unsigned data_permissions(unsigned ap, bool two)
{
    static const unsigned two_privileges[4] = {PR | PW, PR | PW | UR | UW, PR, PR | UR};
    if (!two)
        return ap & 2 ? PR : PR | PW;
    return two_privileges[ap];
}

/* Table D8-64 (G5-8): APTable takes away. */
static unsigned hierarchical(unsigned permissions, unsigned ap_table, bool two)
{
    if (two && (ap_table & 1)) /* APTable[0] is RES0 with one privilege level */
        permissions &= ~(unsigned)(UR | UW);
    if (ap_table & 2)
        permissions &= ~(unsigned)(PW | UW);
    return permissions;
}

static unsigned stage1_permissions(const struct oracle_controls *c, bool lpae, const struct oracle_leaf *leaf)
{
    bool two = c->two_privileges;
    unsigned p = data_permissions((unsigned)oracle_slice(leaf->descriptor, 7, 6), two);
    p = hierarchical(p, leaf->ap_table, two);
    bool xn = oracle_bit(leaf->descriptor, 54) || leaf->xn_table;
    bool pxn = two && (oracle_bit(leaf->descriptor, 53) || leaf->pxn_table);
    p |= PX | UX;
    if (xn)
        p &= two && !lpae ? ~(unsigned)UX : ~(unsigned)(UX | PX); /* UXN, or XN for all */
    if (pxn)
        p &= ~(unsigned)PX;
    if (lpae) { /* G5.6.3: execution also needs to be allowed to read */
        if (!(p & UR))
            p &= ~(unsigned)UX;
        if (c->uwxn && two && (p & UW))
            p &= ~(unsigned)PX;
    } else if (two && (p & UW)) { /* VWLLR */
        p &= ~(unsigned)PX;
    }
    return two ? p : p & ~(unsigned)(UR | UW | UX);
}

static bool decide(unsigned may, const struct oracle_request *q, bool *read_only_missing)
{
    bool r = may & (PR | UR), w = may & (PW | UW), x = may & (PX | UX);
    *read_only_missing = !q->inst && q->read && q->write && w && !r;
    if (q->inst)
        return !x;
    return (q->read && !r) || (q->write && !w);
}

bool oracle_stage1_refuses(const struct oracle_controls *c, bool lpae, bool no_execute,
                           const struct oracle_leaf *leaf, const struct oracle_request *q,
                           bool *read_only_missing)
{
    unsigned p = stage1_permissions(c, lpae, leaf);
    bool privileged = q->priv || !c->two_privileges;
    /* XTSQH, ZGCNT: data accesses only, with two privilege levels only. */
    bool pan = c->pan && c->two_privileges && q->priv && !q->inst && (p & (UR | UW | (c->epan ? UX : 0)));
    /* SYMMB, FYMXJ: what may be written is not executable. */
    if (c->wxn && (p & PW))
        p &= ~(unsigned)PX;
    if (c->wxn && (p & UW))
        p &= ~(unsigned)UX;
    if (no_execute) /* YBDFF */
        p &= ~(unsigned)(PX | UX);
    p &= privileged ? PR | PW | PX : UR | UW | UX;
    bool refused = decide(p, q, read_only_missing);
    if (refused || !pan)
        return refused;
    *read_only_missing = false;
    return true;
}

/* Tables D8-76 to D8-78 (G5-10, G5-11). */
bool oracle_stage2_refuses(const struct oracle_controls *c, bool lpae, const struct oracle_leaf *leaf,
                           const struct oracle_request *q, bool *read_only_missing)
{
    unsigned s2ap = (unsigned)oracle_slice(leaf->descriptor, 7, 6);
    unsigned xn = (unsigned)oracle_slice(leaf->descriptor, 54, 53);
    static const unsigned with_xnx[4] = {PX | UX, UX, 0, PX};
    unsigned p = c->xnx ? with_xnx[xn] : xn & 2 ? 0 : PX | UX;
    if (s2ap & 1)
        p |= PR | UR;
    else if (lpae)
        p = 0;
    if (s2ap & 2)
        p |= PW | UW;
    return decide(p & (q->priv ? PR | PW | PX : UR | UW | UX), q, read_only_missing);
}
