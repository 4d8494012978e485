/* One access through one stream: IHI 0070 3.4, 3.4.1, 3.10.2, 3.10.3, 7.3.12 to 7.3.16, 13.1.1. */
#include "oracle.h"

/* What a walk's reads go through. */
struct walker {
    const struct oracle_stream *stream;
    struct oracle_memory *memory;
    enum oracle_class class_of; /* of the address that stage 2 is about to translate */
};

static uint64_t within(uint64_t address, int bits)
{
    return oracle_slice(address, bits - 1, 0);
}

static bool read_physical(struct walker *w, enum oracle_space space, uint64_t address, uint64_t *word,
                          bool stage2, enum oracle_class class_of, struct oracle_fault *fault)
{
    struct oracle_memory *m = w->memory;
    address = within(address, w->stream->oas); /* VMSAv8-32 on a smaller system (7.3.12) */
    if (m->fetches < ORACLE_MAX_FETCHES) {
        m->fetched[m->fetches] = address;
        m->fetched_in[m->fetches] = space;
    }
    m->fetches++;
    if (m->read(m->context, space, address, word))
        return true;
    fault->event = ORACLE_WALK_EABT;
    fault->stage2 = stage2;
    fault->class_of = class_of;
    fault->fetch = address;
    return false;
}

static bool fetch_stage2(void *context, enum oracle_space space, uint64_t address, uint64_t *word,
                         struct oracle_fault *fault)
{
    struct walker *w = context;
    return read_physical(w, space, address, word, true, w->class_of, fault);
}

static bool secure_ipa(const struct oracle_stream *s, enum oracle_space space)
{
    return s->state == ORACLE_SECURE && space == ORACLE_SECURE;
}

/* Where stage 2 leads to: 3.10.2.2, and for Realm D8.4.8 (NS of the descriptor). */
static enum oracle_space stage2_output(const struct oracle_stream *s, enum oracle_space space,
                                       const struct oracle_leaf *leaf)
{
    bool sw = s->secure_s2.space == ORACLE_NS, nsw = s->s2.space == ORACLE_NS, ns = true;
    if (s->state == ORACLE_REALM)
        ns = oracle_bit(leaf->descriptor, 55);
    else if (secure_ipa(s, space))
        ns = sw || s->s2sa;
    else if (s->state == ORACLE_SECURE)
        ns = sw || s->s2sa || nsw || s->s2nsa;
    return ns ? ORACLE_NS : s->state;
}

/* D8.4.8 QMLYQ, D8.4.5 YMCSL: a Realm stream has its tables and its instructions in Realm memory. */
static bool realm_refuses(const struct oracle_stream *s, enum oracle_space space, enum oracle_class class_of,
                          const struct oracle_request *q)
{
    return s->state == ORACLE_REALM && space == ORACLE_NS && (class_of != ORACLE_CLASS_IN || q->inst);
}

/* Stage 2 as a whole. The SMMU's own reads are Data and Privileged (13.1.2). */
static bool stage2(struct walker *w, enum oracle_space *space, uint64_t ipa, enum oracle_class class_of,
                   const struct oracle_request *q, struct oracle_leaf *leaf, struct oracle_fault *fault)
{
    const struct oracle_stream *s = w->stream;
    const struct oracle_tables *t = secure_ipa(s, *space) ? &s->secure_s2 : &s->s2;
    enum oracle_space input = *space;
    enum oracle_class outer = w->class_of;
    bool ok, missing = false;
    w->class_of = class_of;
    fault->level = -9;
    if (ipa >> t->input_bits) {
        fault->event = ORACLE_TRANSLATION;
        ok = false;
    } else {
        ok = oracle_walk(t, ipa, fetch_stage2, w, leaf, fault);
    }
    w->class_of = outer;
    if (ok)
        *space = stage2_output(s, input, leaf);
    if (ok && (oracle_stage2_refuses(&s->controls, t->lpae, leaf, q, &missing) ||
               realm_refuses(s, *space, class_of, q))) {
        fault->event = ORACLE_PERMISSION;
        fault->level = leaf->level;
        fault->read_denied_only = missing;
        ok = false;
    }
    if (!ok && fault->event != ORACLE_WALK_EABT) {
        fault->stage2 = true;
        fault->class_of = class_of;
        fault->ipa = ipa;
    }
    if (!ok)
        fault->nsipa = s->state == ORACLE_SECURE && input == ORACLE_NS;
    return ok;
}

static const struct oracle_request own_read = {.read = true, .priv = true};

static bool fetch_stage1(void *context, enum oracle_space space, uint64_t address, uint64_t *word,
                         struct oracle_fault *fault)
{
    struct walker *w = context;
    int level = fault->level;
    if (w->stream->stage2) {
        struct oracle_leaf leaf;
        if (!stage2(w, &space, address, ORACLE_CLASS_TT, &own_read, &leaf, fault))
            return false;
        address = leaf.output;
        fault->level = level;
    }
    return read_physical(w, space, address, word, false, ORACLE_CLASS_TT, fault);
}

/* VMSAv8-32: 32-bit addresses, table G5-2. Returns the half, or -1. */
static int half_lpae(const struct oracle_stream *s, uint64_t va)
{
    uint64_t limit = UINT64_C(1) << 32, low = UINT64_C(1) << s->half[0].input_bits;
    uint64_t high = s->controls.two_privileges ? limit - (UINT64_C(1) << s->half[1].input_bits) : limit;
    bool t0 = s->half[0].input_bits < 32, t1 = s->half[1].input_bits < 32;
    if (va >= limit)
        return -1;
    if (!s->controls.two_privileges)
        return va < low ? 0 : -1;
    if (!t0 && !t1)
        return 0;
    if (t0 && !t1)
        return va < low ? 0 : 1;
    if (!t0)
        return va < high ? 0 : 1;
    return va < low ? 0 : va >= high ? 1 : -1;
}

/* VMSAv8-64 (3.4.1): VA[AddrTop:N] repeat the bit that selects. */
static int half_64(const struct oracle_stream *s, uint64_t va)
{
    int half = s->controls.two_privileges && oracle_bit(va, 55);
    int top = s->tbi[half] ? 55 : 63;
    for (int bit = s->half[half].input_bits; bit <= top && !s->epd[half]; bit++)
        if (oracle_bit(va, bit) != (half == 1))
            return -1;
    return half;
}

/* G5.5.5.1: a block of the half whose size is 0 that covers addresses of the other half, whose size is not 0.
 */
static bool reaches_over(const struct oracle_stream *s, int half, uint64_t va, int size_bits)
{
    int other = s->half[!half].input_bits;
    uint64_t last = va | ((UINT64_C(1) << size_bits) - 1), first = last - (UINT64_C(1) << size_bits) + 1;
    if (!s->lpae || !s->controls.two_privileges || s->half[half].input_bits != 32 || other == 32)
        return false;
    return half ? first < UINT64_C(1) << other : last >= (UINT64_C(1) << 32) - (UINT64_C(1) << other);
}

/* J1.1.4.73: NS counts where the table is Secure, and in EL2 regimes of Realm. */
static enum oracle_space stage1_output(const struct oracle_stream *s, const struct oracle_leaf *leaf)
{
    bool ns = oracle_bit(leaf->descriptor, 5);
    if (leaf->table == ORACLE_SECURE || (leaf->table == ORACLE_REALM && s->el2))
        return ns ? ORACLE_NS : leaf->table;
    return leaf->table;
}

/* 6.3.57 SIF; D8.4.5 PKTDS for EL2 regimes of Realm. */
static bool no_execute(const struct oracle_stream *s, enum oracle_space space)
{
    return space == ORACLE_NS &&
           ((s->state == ORACLE_SECURE && s->sif) || (s->state == ORACLE_REALM && s->el2));
}

static bool stage1(struct walker *w, const struct oracle_request *q, uint64_t *ipa, enum oracle_space *space,
                   struct oracle_answer *answer)
{
    struct oracle_fault *fault = &answer->fault;
    const struct oracle_stream *s = w->stream;
    int half = s->lpae ? half_lpae(s, q->address) : half_64(s, q->address);
    struct oracle_leaf leaf;
    bool missing = false;
    fault->level = -9;
    fault->class_of = ORACLE_CLASS_IN;
    if (half < 0 || (s->e0pd[half] && !q->priv) || s->epd[half]) {
        fault->event = ORACLE_TRANSLATION;
        return false;
    }
    bool found = oracle_walk(&s->half[half], q->address, fetch_stage1, w, &leaf, fault);
    if (s->lpae_block_faults && leaf.descriptor && reaches_over(s, half, q->address, leaf.size_bits)) {
        fault->event = ORACLE_TRANSLATION; /* before any other check of the block */
        found = false;
    }
    if (!found)
        return false;
    *space = stage1_output(s, &leaf);
    if (oracle_stage1_refuses(&s->controls, s->lpae, no_execute(s, *space), &leaf, q, &missing)) {
        fault->event = ORACLE_PERMISSION;
        fault->level = leaf.level;
        fault->read_denied_only = missing;
        return false;
    }
    *ipa = leaf.output;
    answer->half = half;
    answer->descriptor[0] = leaf.descriptor;
    answer->size_bits = leaf.size_bits;
    return true;
}

/* What stage 1 does not translate. 3.10.3.3: without stage 2, Realm instructions come from Realm memory. */
static bool bypass(const struct oracle_stream *s, const struct oracle_request *q, enum oracle_space *space,
                   struct oracle_fault *fault)
{
    uint64_t address = q->address;
    int bits = s->stage2 ? s->ias : s->oas;
    fault->class_of = ORACLE_CLASS_IN;
    *space = q->ns ? ORACLE_NS : s->state;
    if (address >> bits)
        fault->event = ORACLE_ADDR_SIZE;
    else if (q->inst && *space == ORACLE_NS &&
             ((s->state == ORACLE_SECURE && s->sif) || (s->state == ORACLE_REALM && !s->stage2)))
        fault->event = ORACLE_PERMISSION;
    return fault->event == ORACLE_NO_FAULT;
}

void oracle_access(const struct oracle_stream *s, const struct oracle_request *q, struct oracle_memory *m,
                   struct oracle_answer *answer)
{
    struct walker w = {s, m, ORACLE_CLASS_IN};
    struct oracle_leaf leaf;
    uint64_t address = q->address;
    enum oracle_space space = s->state;
    m->fetches = 0;
    *answer = (struct oracle_answer){.size_bits = 64, .fault = {.level = -9}};
    if (!s->ste_legal) {
        answer->fault.event = ORACLE_BAD_STE;
        return;
    }
    if (s->stage1) {
        if (s->stage2 && !stage2(&w, &space, s->cd_at, ORACLE_CLASS_CD, &own_read, &leaf, &answer->fault))
            return;
        answer->cd_space = space;
        if (!s->cd_legal) {
            answer->fault.event = ORACLE_BAD_CD;
            return;
        }
        if (!stage1(&w, q, &address, &space, answer))
            return;
    } else if (!bypass(s, q, &space, &answer->fault)) {
        return;
    }
    if (s->stage2) {
        answer->secure_ipa = secure_ipa(s, space);
        if (!stage2(&w, &space, address, ORACLE_CLASS_IN, q, &leaf, &answer->fault))
            return;
        address = leaf.output;
        answer->descriptor[1] = leaf.descriptor;
        if (leaf.size_bits < answer->size_bits)
            answer->size_bits = leaf.size_bits;
    }
    answer->fault = (struct oracle_fault){.event = ORACLE_NO_FAULT};
    answer->pa = within(address, s->oas);
    answer->space = space;
}
