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
static uint64_t address_in(const struct range *r, uint64_t d)
{
    if (!r->oa_split)
        return d & r->oa_mask;
    return (d & r->oa_mask) | (r->ds ? smref_VMSAv8_64_S1_PAGE_OA_51_50_address(&d)
                                     : smref_VMSAv8_64_S1_PAGE_OA_51_48_address(&d));
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

static void trace_read(struct txn *t, const struct range *r, uint64_t address, uint64_t index, unsigned shift,
                       const uint64_t *d)
{
    uint64_t outer_index = t->index; /* of a CD, when this is a walk on its behalf */
    unsigned outer_shift = t->shift;
    t->index = index;
    t->shift = shift;
    smref_trace_access(t, SMREF_STEP_READ, layout_of(r, t->stage, t->level, d), address, 1, d);
    t->index = outer_index;
    t->shift = outer_shift;
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

static bool walk_abort(struct txn *t, int stage, uint64_t address, enum fault_class class_of)
{
    t->fault.s2 = stage == 2;
    t->fault.class_of = stage == 2 ? class_of : CLASS_TT;
    t->fault.fetch_address = address;
    return fail(t, SMREF_F_WALK_EABT, stage == 1 ? SMREF_RULE_S1_WALK_ABORT : SMREF_RULE_S2_WALK_ABORT);
}

static bool stage_fault(struct txn *t, int stage, uint64_t input, enum fault_class class_of,
                        smref_event_type type, smref_rule s1_rule, smref_rule s2_rule)
{
    t->fault.s2 = stage == 2;
    t->fault.class_of = stage == 2 ? class_of : CLASS_IN;
    t->fault.ipa = stage == 2 ? input : 0;
    return fail(t, type, stage == 1 ? s1_rule : s2_rule);
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

/* Checks on the leaf in the order of the walk: Contiguous, output size (7.3.22). */
static bool finish(struct txn *t, const struct range *r, int stage, uint64_t input, enum fault_class class_of,
                   unsigned shift, struct leaf *leaf)
{
    uint64_t d = leaf->descriptor;
    leaf->bits = shift;
    if (leaf->level < LAST_LEVEL)
        decide(t, stage == 1 ? SMREF_RULE_S1_BLOCK : SMREF_RULE_S2_BLOCK);
    unsigned joined = contiguous_bits(r, leaf->level);
    leaf->contiguous = joined && smref_VMSAv8_64_S1_PAGE_Contiguous(&d);
    if (leaf->contiguous && shift + joined > r->ia_bits &&
        smref_choose(t, SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE) ==
            SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE_translation_fault)
        return stage_fault(t, stage, input, class_of, SMREF_F_TRANSLATION, SMREF_RULE_S1_CONTIGUOUS_SIZE,
                           SMREF_RULE_S2_CONTIGUOUS_SIZE);
    uint64_t base = address_in(r, d) & ~mask(shift);
    if (base & r->oa_beyond)
        return stage_fault(t, stage, input, class_of, SMREF_F_ADDR_SIZE, SMREF_RULE_S1_LEAF_ADDR_SIZE,
                           SMREF_RULE_S2_LEAF_ADDR_SIZE);
    leaf->address = base | (input & mask(shift));
    return true;
}

bool smref_walk(struct txn *t, const struct range *r, int stage, uint64_t input, enum fault_class class_of,
                struct leaf *leaf)
{
    const uint64_t index_mask = r->index_mask, beyond = r->oa_beyond;
    const unsigned stride = r->stride;
    bool nested = stage == 1 && t->stream->config == SMREF_STE_Config_NESTED;
    uint64_t address = input & r->ia_mask, table = r->base;
    int level = r->start_level;
    unsigned shift = r->granule_bits + (unsigned)(LAST_LEVEL - level) * stride;
    uint64_t index = address >> shift;
    *leaf = (struct leaf){.descriptor = 0};
    if (t->smmu->trace)
        smref_trace_walk(t, r, stage, input, class_of);
    for (;; level++) {
        uint64_t d, at = table | index * 8;
        if (nested && !through_stage2(t, r, level, index, shift, &at))
            return false;
        at &= t->oas_mask; /* only VMSAv8-32 can exceed it: 40 bits on a smaller system (3.4, 7.3.12) */
        t->stage = stage;
        t->level = level;
        bool read = read_word(t, at, &d);
        if (read && r->big_endian)
            d = swap_bytes(d);
        if (t->smmu->trace)
            trace_read(t, r, at, index, shift, read ? &d : NULL);
        if (!read)
            return walk_abort(t, stage, at, class_of);
        bool last = level == LAST_LEVEL, bit1 = smref_VMSAv8_64_S1_PAGE_TYPE(&d);
        if (!smref_VMSAv8_64_S1_PAGE_VALID(&d))
            return stage_fault(t, stage, input, class_of, SMREF_F_TRANSLATION,
                               SMREF_RULE_S1_DESCRIPTOR_INVALID, SMREF_RULE_S2_DESCRIPTOR_INVALID);
        if (bit1 ? false : last || !block_allowed(r, level))
            return stage_fault(t, stage, input, class_of, SMREF_F_TRANSLATION,
                               SMREF_RULE_S1_DESCRIPTOR_RESERVED, SMREF_RULE_S2_DESCRIPTOR_RESERVED);
        if (last || !bit1) {
            leaf->descriptor = d;
            leaf->level = level;
            return finish(t, r, stage, input, class_of, shift, leaf);
        }
        table = address_in(r, d);
        if (table & beyond)
            return stage_fault(t, stage, input, class_of, SMREF_F_ADDR_SIZE, SMREF_RULE_S1_TABLE_ADDR_SIZE,
                               SMREF_RULE_S2_TABLE_ADDR_SIZE);
        if (stage == 1)
            inherit(t, r, d, leaf);
        shift -= stride;
        index = (address >> shift) & index_mask;
    }
}
