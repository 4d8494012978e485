/*
 * The translation table walk (DDI 0487 D8.2, D8.3; the order of faults is 7.3.22). One walker serves both
 * stages and every granule; a stage 1 descriptor of a nested configuration is itself reached through stage 2.
 *
 *      base -> [ table at start_level ] -> [ ... ] -> [ level 3 ] -> page
 *                                    \-> block
 */
#include "state.h"

#define LAST_LEVEL 3

static uint64_t swap_bytes(uint64_t word)
{
    uint64_t swapped = 0;
    for (int i = 0; i < 8; i++, word >>= 8)
        swapped = swapped << 8 | (word & 0xff);
    return swapped;
}

/* Address in a descriptor: where the next table is, or what the entry maps. Table, block and page descriptors
 * hold it alike; bits below the size of what is addressed are not part of it. */
static uint64_t address_in(struct txn *t, const struct range *r, uint64_t d)
{
    if (!r->oa_split)
        return d & r->oa_mask;
    if (r->ds)
        return (d & r->oa_mask) | smref_VMSAv8_64_S1_PAGE_OA_51_50_address(&d);
    uint64_t high = smref_VMSAv8_64_S1_PAGE_OA_51_48_address(&d);
    if (high && !r->oa_in_low) {
        decide(t, SMREF_RULE_G64K_HIGH_BITS);
        if (smref_choose(t, SMREF_CHOICE_G64K_BITS_15_12) == SMREF_CHOICE_G64K_BITS_15_12_ignored)
            high = 0;
    }
    return (d & r->oa_mask) | high;
}

/* DDI 0487 D8.3.1.2: which levels have blocks. Level 0 (4 KB) and 1 (16 KB) only with 52-bit descriptors,
 * level 1 of 64 KB only with 52-bit physical addresses. VMSAv8-32 has them at levels 1 and 2. */
static bool block_allowed(const struct range *r, int level)
{
    switch (r->granule) {
    case SMREF_Granule_G64K:
        return level == 2 || (level == 1 && r->oa_in_low);
    case SMREF_Granule_G16K:
        return level == 2 || (level == 1 && r->ds);
    default:
        return level == 2 || level == 1 || (level == 0 && r->ds);
    }
}

/* log2 of how many neighbours the Contiguous bit joins (DDI 0487 D8.7.1); 0 where the bit is RES0. */
static unsigned contiguous_bits(const struct range *r, int level)
{
    switch (r->granule) {
    case SMREF_Granule_G64K:
        return level == 1 ? 0 : 5;
    case SMREF_Granule_G16K:
        return level == 1 ? 0 : level == 2 ? 5 : 7;
    default:
        return level == 0 ? 0 : 4;
    }
}

/* For the trace: a descriptor that aborted counts as one that leads on. */
static smref_layout layout_of(const struct range *r, int stage, int level, const uint64_t *d)
{
    enum { TABLE, BLOCK, PAGE };
    static const smref_layout layouts[2][2][3] = {
        {{SMREF_LAYOUT_VMSAv8_64_S1_TABLE, SMREF_LAYOUT_VMSAv8_64_S1_BLOCK, SMREF_LAYOUT_VMSAv8_64_S1_PAGE},
         {SMREF_LAYOUT_VMSAv8_64_S2_TABLE, SMREF_LAYOUT_VMSAv8_64_S2_BLOCK, SMREF_LAYOUT_VMSAv8_64_S2_PAGE}},
        {{SMREF_LAYOUT_VMSAv8_32_S1_TABLE, SMREF_LAYOUT_VMSAv8_32_S1_BLOCK, SMREF_LAYOUT_VMSAv8_32_S1_PAGE},
         {SMREF_LAYOUT_VMSAv8_32_S2_TABLE, SMREF_LAYOUT_VMSAv8_32_S2_BLOCK, SMREF_LAYOUT_VMSAv8_32_S2_PAGE}}};
    bool block = d && smref_VMSAv8_64_S1_PAGE_VALID(d) && !smref_VMSAv8_64_S1_PAGE_TYPE(d);
    return layouts[r->format == SMREF_Format_VMSAv8_32][stage - 1][level == LAST_LEVEL ? PAGE
                                                                   : block             ? BLOCK
                                                                                       : TABLE];
}

/* A stage 1 descriptor through stage 2: from its intermediate address to its address. */
static bool through_stage2(struct txn *t, const struct range *r, int level, uint64_t index, unsigned shift,
                           uint64_t *address)
{
    if (t->smmu->trace) {
        t->stage = 1;
        t->level = level;
        t->index = index;
        t->shift = shift;
        smref_trace_access(t, SMREF_STEP_FETCH, layout_of(r, 1, level, NULL), *address, 1, NULL);
    }
    return smref_stage2(t, *address, CLASS_TT, address);
}

static void trace_read(struct txn *t, const struct range *r, int stage, int level, uint64_t address,
                       uint64_t index, unsigned shift, const uint64_t *d)
{
    uint64_t outer_index = t->index; /* of a CD, when this is a walk on its behalf */
    unsigned outer_shift = t->shift;
    t->stage = stage;
    t->level = level;
    t->index = index;
    t->shift = shift;
    smref_trace_access(t, SMREF_STEP_READ, layout_of(r, stage, level, d), address, 1, d);
    t->index = outer_index;
    t->shift = outer_shift;
}

/* What a walk does not change, for those who end it. */
struct way {
    const struct range *range;
    int stage;
    uint64_t input;
    enum fault_class class_of;
};

static bool walk_abort(struct txn *t, const struct way *w, uint64_t address)
{
    t->fault.s2 = w->stage == 2;
    t->fault.class_of = w->stage == 2 ? w->class_of : CLASS_TT;
    t->fault.fetch_address = address;
    t->fault.format = w->range->format;
    return fail(t, SMREF_F_WALK_EABT, w->stage == 1 ? SMREF_RULE_S1_WALK_ABORT : SMREF_RULE_S2_WALK_ABORT);
}

static bool walk_fault(struct txn *t, const struct way *w, smref_event_type type, smref_rule s1_rule,
                       smref_rule s2_rule)
{
    t->fault.s2 = w->stage == 2;
    t->fault.class_of = w->stage == 2 ? w->class_of : CLASS_IN;
    t->fault.ipa = w->stage == 2 ? w->input : 0;
    return fail(t, type, w->stage == 1 ? s1_rule : s2_rule);
}

/* Stage 1 table descriptors limit what lies below them, unless HADx says otherwise (5.4, DDI 0487 D8.4.1.2).
 */
static void inherit(struct txn *t, const struct range *r, uint64_t d, struct leaf *leaf)
{
    uint8_t ap = (uint8_t)smref_VMSAv8_64_S1_TABLE_APTable(&d);
    bool xn = smref_VMSAv8_64_S1_TABLE_UXNTable(&d), pxn = smref_VMSAv8_64_S1_TABLE_PXNTable(&d);
    if (!ap && !xn && !pxn)
        return;
    if (r->hierarchy_disabled) {
        decide(t, SMREF_RULE_S1_HAD);
        return;
    }
    leaf->ap_table = (uint8_t)(leaf->ap_table | ap);
    leaf->xn_table |= xn;
    leaf->pxn_table |= pxn;
}

/* DDI 0487 D8.7.1: a Contiguous bit may name a range larger than the input address range. */
static bool contiguous_misfits(struct txn *t, const struct range *r, unsigned shift, const struct leaf *leaf)
{
    unsigned joined = contiguous_bits(r, leaf->level);
    return joined && shift + joined > r->ia_bits &&
           smref_choose(t, SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE) ==
               SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE_translation_fault;
}

/* The run that a Contiguous bit names is aligned; of an entry that is not at its place in it a TLB may still
 * make the run (DDI 0487 D8.7.1.1). */
static uint64_t contiguous_base(struct txn *t, const struct way *w, int level, unsigned shift, uint64_t base)
{
    uint64_t run = mask(shift + contiguous_bits(w->range, level)) & ~mask(shift);
    if (!((base ^ w->input) & run))
        return base;
    decide(t, SMREF_RULE_CONTIGUOUS_RUN);
    if (smref_choose(t, SMREF_CHOICE_CONTIGUOUS_OUTPUT) == SMREF_CHOICE_CONTIGUOUS_OUTPUT_own)
        return base;
    return (base & ~run) | (w->input & run);
}

/* VMSAv8-32 (DDI 0487 G5.5.5.1): a block of the half whose size is 0 may reach into the other half. */
static bool block_refused(struct txn *t, const struct way *w, unsigned shift)
{
    const struct context *c = t->context;
    bool high = w->range == &c->half[1];
    unsigned other = c->half[!high].ia_bits;
    if (!c->two_halves || w->range->ia_bits != 32 || other == 32)
        return false;
    if (high ? (w->input & ~mask(shift)) >> other : (w->input | mask(shift) | mask(other)) != mask(32))
        return false;
    return smref_choose(t, SMREF_CHOICE_VMSAV8_32_BLOCK_BEYOND_RANGE) ==
           SMREF_CHOICE_VMSAV8_32_BLOCK_BEYOND_RANGE_translation_fault;
}

/* The descriptor that is no table: is it an entry, and where does it lead? Checks in the order of 7.3.22. */
SPECIALISED bool finish(struct txn *t, const struct way *w, uint64_t d, int level, unsigned shift,
                        struct leaf *leaf)
{
    const struct range *r = w->range;
    if (!smref_VMSAv8_64_S1_PAGE_VALID(&d))
        return walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_DESCRIPTOR_INVALID,
                          SMREF_RULE_S2_DESCRIPTOR_INVALID);
    if (level == LAST_LEVEL ? !smref_VMSAv8_64_S1_PAGE_TYPE(&d) : !block_allowed(r, level))
        return walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_DESCRIPTOR_RESERVED,
                          SMREF_RULE_S2_DESCRIPTOR_RESERVED);
    leaf->descriptor = d;
    leaf->level = level;
    leaf->bits = shift;
    if (level < LAST_LEVEL)
        decide(t, w->stage == 1 ? SMREF_RULE_S1_BLOCK : SMREF_RULE_S2_BLOCK);
    if (w->stage == 1 && r->format == SMREF_Format_VMSAv8_32 && level < LAST_LEVEL &&
        block_refused(t, w, shift))
        return walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_BLOCK_BEYOND_RANGE, SMREF_RULE_NONE);
    bool contiguous = smref_VMSAv8_64_S1_PAGE_Contiguous(&d);
    if (contiguous && contiguous_misfits(t, r, shift, leaf))
        return walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_CONTIGUOUS_SIZE,
                          SMREF_RULE_S2_CONTIGUOUS_SIZE);
    uint64_t base = address_in(t, r, d) & ~mask(shift);
    if (contiguous)
        base = contiguous_base(t, w, level, shift, base);
    /* A block may be larger than the output address space: it is the address that counts (3.4). */
    leaf->address = base | (w->input & mask(shift));
    if (leaf->address & r->oa_beyond)
        return walk_fault(t, w, SMREF_F_ADDR_SIZE, SMREF_RULE_S1_LEAF_ADDR_SIZE,
                          SMREF_RULE_S2_LEAF_ADDR_SIZE);
    return true;
}

/* Both stages come here with a constant stage, so that each has a walker of its own after compilation. */
SPECIALISED bool walk(struct txn *t, const struct way w, struct leaf *leaf)
{
    const struct range *r = w.range;
    bool nested = w.stage == 1 && t->stream->config == SMREF_STE_Config_NESTED;
    uint64_t address = w.input & r->ia_mask, table = r->base, d;
    int level = r->start_level;
    unsigned shift = r->start_shift;
    uint64_t index = address >> shift;
    for (;;) {
        uint64_t at = table | index * 8;
        if (nested && !through_stage2(t, r, level, index, shift, &at))
            return false;
        at &= t->oas_mask; /* only VMSAv8-32 can exceed it: 40 bits on a smaller system (3.4, 7.3.12) */
        bool read = read_word(t, at, &d);
        if (read && r->big_endian)
            d = swap_bytes(d);
        if (t->smmu->trace)
            trace_read(t, r, w.stage, level, at, index, shift, read ? &d : NULL);
        if (!read)
            return walk_abort(t, &w, at);
        if (level == LAST_LEVEL || !smref_VMSAv8_64_S1_TABLE_VALID(&d) || !smref_VMSAv8_64_S1_TABLE_TYPE(&d))
            return finish(t, &w, d, level, shift, leaf);
        table = address_in(t, r, d);
        if (table & r->oa_beyond)
            return walk_fault(t, &w, SMREF_F_ADDR_SIZE, SMREF_RULE_S1_TABLE_ADDR_SIZE,
                              SMREF_RULE_S2_TABLE_ADDR_SIZE);
        if (w.stage == 1)
            inherit(t, r, d, leaf);
        level++;
        shift -= r->stride;
        index = (address >> shift) & r->index_mask;
    }
}

bool smref_s1_walk(struct txn *t, const struct range *range, uint64_t va, struct leaf *leaf)
{
    leaf->ap_table = 0;
    leaf->xn_table = leaf->pxn_table = false;
    return walk(t, (struct way){range, 1, va, CLASS_IN}, leaf);
}

bool smref_s2_walk(struct txn *t, const struct range *range, uint64_t ipa, enum fault_class class_of,
                   struct leaf *leaf)
{
    return walk(t, (struct way){range, 2, ipa, class_of}, leaf);
}
