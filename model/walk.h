/*
 * The translation table walk (DDI 0487 D8.2, D8.3; the order of faults is 7.3.22). One walker serves both
 * stages and every granule; a stage 1 descriptor of a nested configuration is itself reached through stage 2.
 * It is compiled into both stages, stage1.c and stage2.c, because nearly all of the model's time goes by
 * here.
 *
 *      base -> [ table at start_level ] -> [ ... ] -> [ level 3 ] -> page
 *                                    \-> block
 */
#ifndef SMREF_WALK_H
#define SMREF_WALK_H

#include "caches.h"

#define LAST_LEVEL 3

/* What a walk does not change, for those who end it. */
struct way {
    const struct range *range;
    int stage;
    uint64_t input;
    enum fault_class class_of;
    int first; /* level */
};

/* The descriptor out of the word that was read, where the range is not plain. */
uint64_t smref_walk_straighten(const struct range *r, uint64_t word);
/* Address in a descriptor: where the next table is, or what the entry maps. Table, block and page descriptors
 * hold it alike; bits below the size of what is addressed are not part of it. */
uint64_t smref_walk_address(struct txn *t, const struct range *r, uint64_t d);
/* Whether a level may hold blocks. */
bool smref_walk_block_allowed(const struct range *r, int level);
/* log2 of how many neighbours the Contiguous bit joins (DDI 0487 D8.7.1); 0 where the bit is RES0. */
unsigned smref_walk_contiguous_bits(const struct range *r, int level);
/* DDI 0487 D8.7.1: whether the choice makes a fault of a Contiguous bit that names a range larger than the
 * input address range. */
bool smref_walk_contiguous_misfits(struct txn *t, const struct range *r, int level, unsigned shift);
/* The run that a Contiguous bit names is aligned; of an entry that is not at its place in it a TLB may still
 * make the run (DDI 0487 D8.7.1.1). */
uint64_t smref_walk_contiguous_base(struct txn *t, struct way w, int level, unsigned shift, uint64_t base);
/* VMSAv8-32 (DDI 0487 G5.5.5.1): a block of the half whose size is 0 may reach into the other half. */
bool smref_walk_block_refused(struct txn *t, struct way w, unsigned shift);
/* For the explanation: a stage 1 descriptor is about to be looked for through stage 2; a descriptor was read.
 */
void smref_walk_trace_fetch(struct txn *t, const struct range *r, int level, uint64_t index, unsigned shift,
                            uint64_t ipa);
void smref_walk_trace_read(struct txn *t, const struct range *r, int stage, int level, smref_pas pas,
                           uint64_t address, uint64_t index, unsigned shift, const uint64_t *d);
/* A stage 2 descriptor whose fetch failed: a Table descriptor that granule protection forbids may be used
 * nevertheless (6.3.115 GPCP). The word is the descriptor. */
struct word_read smref_walk_spared(struct txn *t, const struct range *r, int level, smref_pas pas,
                                   uint64_t address);
/* Realm streams (18): whether a leaf asks for an alternate MECID, which the SMMU does not have. */
bool smref_walk_alternate_mecid(const struct txn *t, int stage, uint64_t d);
/* Faults end the walk; always false. */
bool smref_walk_abort(struct txn *t, struct way w, int level, uint64_t address);
bool smref_walk_table_fault(struct txn *t, struct way w, int level);
bool smref_walk_fault(struct txn *t, struct way w, smref_event_type type, smref_rule s1_rule,
                      smref_rule s2_rule);

/* A walk that ends at level `last` has read a descriptor of each level from its first on. */
SPECIALISED void count_reads(struct txn *t, struct way w, int last)
{
    t->memory_reads += (unsigned)(last - w.first + 1);
}

/* Stage 1 table descriptors limit what lies below them, unless HADx says otherwise (5.4, DDI 0487 D8.4.1.2).
 */
SPECIALISED void inherit(struct txn *t, const struct range *r, uint64_t d, struct leaf *leaf)
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

SPECIALISED uint64_t address_in(struct txn *t, const struct range *r, uint64_t d)
{
    return r->plain ? d & r->oa_mask : smref_walk_address(t, r, d);
}

/* The descriptor that is no table: is it an entry, and where does it lead? Checks in the order of 7.3.22. */
SPECIALISED bool finish(struct txn *t, const struct range *r, const int stage, uint64_t input,
                        enum fault_class class_of, const int first, uint64_t d, int level, unsigned shift,
                        struct leaf *leaf, const bool two_spaces)
{
    const struct way w = {r, stage, input, class_of, first};
    count_reads(t, w, level);
    if (!smref_VMSAv8_64_S1_PAGE_VALID(&d))
        return smref_walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_DESCRIPTOR_INVALID,
                                SMREF_RULE_S2_DESCRIPTOR_INVALID);
    if (level == LAST_LEVEL ? !smref_VMSAv8_64_S1_PAGE_TYPE(&d) : !smref_walk_block_allowed(r, level))
        return smref_walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_DESCRIPTOR_RESERVED,
                                SMREF_RULE_S2_DESCRIPTOR_RESERVED);
    leaf->descriptor = d;
    leaf->level = level;
    leaf->bits = shift;
    if (level < LAST_LEVEL) {
        decide(t, stage == 1 ? SMREF_RULE_S1_BLOCK : SMREF_RULE_S2_BLOCK);
        if (stage == 1 && r->format == SMREF_Format_VMSAv8_32 && smref_walk_block_refused(t, w, shift))
            return smref_walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_BLOCK_BEYOND_RANGE,
                                    SMREF_RULE_NONE);
    }
    bool contiguous = smref_VMSAv8_64_S1_PAGE_Contiguous(&d);
    if (contiguous && smref_walk_contiguous_misfits(t, r, level, shift))
        return smref_walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_CONTIGUOUS_SIZE,
                                SMREF_RULE_S2_CONTIGUOUS_SIZE);
    if (two_spaces && smref_walk_alternate_mecid(t, stage, d))
        return smref_walk_fault(t, w, SMREF_F_TRANSLATION, SMREF_RULE_S1_AMEC, SMREF_RULE_S2_AMEC);
    uint64_t base = address_in(t, r, d) & ~mask(shift);
    if (contiguous)
        base = smref_walk_contiguous_base(t, w, level, shift, base);
    /* A block may be larger than the output address space: it is the address that counts (3.4). */
    leaf->address = base | (input & mask(shift));
    if (leaf->address & r->oa_beyond)
        return smref_walk_fault(t, w, SMREF_F_ADDR_SIZE, SMREF_RULE_S1_LEAF_ADDR_SIZE,
                                SMREF_RULE_S2_LEAF_ADDR_SIZE);
    return true;
}

/* Once Non-secure, all that lies below is: NSTable counts in tables that are Secure themselves. No HADx
 * changes that (5.4, 13.4.2, DDI 0487 J1.1, S1NextWalkStateTable). Tables of Realm streams are Realm (3.10.3,
 * DDI 0487 D8.2.4). */
SPECIALISED bool inherit_space(struct txn *t, uint64_t d, bool ns)
{
    if (ns || !smref_VMSAv8_64_S1_TABLE_NSTable(&d) || is_realm(t))
        return ns;
    decide(t, SMREF_RULE_NSTABLE);
    return true;
}

/* The walk goes on from a table that was found before. */
SPECIALISED void resume(const smref_cached *from, struct leaf *leaf)
{
    leaf->ap_table = from->ap_table;
    leaf->xn_table = from->xn_table;
    leaf->pxn_table = from->pxn_table;
}

SPECIALISED void note_table(struct steps *steps, int level, unsigned shift, uint64_t next, bool ns,
                            const struct leaf *leaf)
{
    steps->found[steps->count].ns = ns;
    steps->found[steps->count].level = (int8_t)level;
    steps->found[steps->count].shift = (uint8_t)shift;
    steps->found[steps->count].ap_table = leaf->ap_table;
    steps->found[steps->count].xn_table = leaf->xn_table;
    steps->found[steps->count].pxn_table = leaf->pxn_table;
    steps->found[steps->count++].next = next;
}

/* `stage` is a constant where this is called, so that each stage has a walker of its own after compilation.
 * So is `steps` where it is NULL: nothing is cached; and `two_spaces`: of a Secure or a Realm stream. */
SPECIALISED bool walk(struct txn *t, const struct range *r, const int stage, uint64_t input,
                      enum fault_class class_of, struct leaf *leaf, struct steps *const steps,
                      const bool two_spaces)
{
    const bool traced = t->smmu->trace != NULL;
    const bool nested = stage == 1 && t->stream->config == SMREF_STE_Config_NESTED;
    struct glance *const places = t->smmu->places[stage == 1 ? 0 : 1 + class_of];
    const uint64_t address = input & r->ia_mask;
    uint64_t table = r->base;
    bool ns = two_spaces && r->ns;
    int level = r->start_level;
    unsigned shift = r->start_shift;
    uint64_t index = address >> shift;
    if (steps)
        steps->range = r;
    if (steps && steps->from) {
        level = stage == 1 ? steps->from->s1_level + 1 : steps->from->s2_level + 1;
        shift = (unsigned)(LAST_LEVEL - level) * r->stride + r->granule_bits;
        index = (address >> shift) & r->index_mask;
        table = steps->from->output;
        if (two_spaces && stage == 1)
            ns = steps->from->ns;
        resume(steps->from, leaf);
    }
    const int first = level;
    for (;; level++) {
        uint64_t at = table | index * 8;
        smref_pas pas = two_spaces ? own_space(t, ns) : SMREF_PAS_NS;
        if (steps) {
            steps->level = level;
            steps->shift = shift;
        }
        if (nested) {
            if (two_spaces)
                t->ns = ns;
            if (traced)
                smref_walk_trace_fetch(t, r, level, index, shift, at);
            if (!smref_stage2_descriptor(t, at, &at)) {
                count_reads(t, (struct way){r, stage, input, class_of, first}, level - 1);
                return false;
            }
            if (two_spaces)
                pas = t->pas;
        }
        at &= t->oas_mask; /* only VMSAv8-32 can exceed it: 40 bits on a smaller system (3.4, 7.3.12) */
        const struct word_read read = read_word(t, pas, at, &places[level + 1]);
        uint64_t d = r->plain ? read.word : smref_walk_straighten(r, read.word);
        if (traced) {
            const uint64_t seen = d; /* `d` itself stays in a register */
            smref_walk_trace_read(t, r, stage, level, pas, at, index, shift, read.good ? &seen : NULL);
        }
        if (!read.good) {
            const struct word_read spared = stage == 2 ? smref_walk_spared(t, r, level, pas, at) : read;
            if (spared.good)
                d = spared.word;
            else
                return smref_walk_abort(t, (struct way){r, stage, input, class_of, first}, level, at);
        }
        if (level == LAST_LEVEL || !smref_VMSAv8_64_S1_TABLE_VALID(&d) ||
            !smref_VMSAv8_64_S1_TABLE_TYPE(&d)) {
            if (two_spaces && stage == 1)
                leaf->ns = ns;
            return finish(t, r, stage, input, class_of, first, d, level, shift, leaf, two_spaces);
        }
        table = address_in(t, r, d);
        if (table & r->oa_beyond)
            return smref_walk_table_fault(t, (struct way){r, stage, input, class_of, first}, level);
        if (stage == 1)
            inherit(t, r, d, leaf);
        if (two_spaces && stage == 1)
            ns = inherit_space(t, d, ns);
        if (steps)
            note_table(steps, level, shift, table, ns, leaf);
        shift -= r->stride;
        index = (address >> shift) & r->index_mask;
    }
}

#endif
