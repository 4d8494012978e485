/*
 * The parts of the walk that few walks need: which blocks exist, the Contiguous bit, faults, the explanation.
 */
#include "walk.h"

static uint64_t swap_bytes(uint64_t word)
{
    uint64_t swapped = 0;
    for (int i = 0; i < 8; i++, word >>= 8)
        swapped = swapped << 8 | (word & 0xff);
    return swapped;
}

uint64_t smref_walk_straighten(const struct range *r, uint64_t word)
{
    return r->big_endian ? swap_bytes(word) : word;
}

/* The part of an address that does not stand at its own place (DDI 0487 D8.3.1). */
static uint64_t displaced(const struct range *r, uint64_t d)
{
    if (r->ds)
        return smref_VMSAv8_64_S1_PAGE_OA_51_50_address(&d);
    bool wide = r->format == SMREF_Format_VMSAv8_64 && r->granule == SMREF_Granule_G64K;
    return wide ? smref_VMSAv8_64_S1_PAGE_OA_51_48_address(&d) : 0;
}

/* Bits [15:12] with a 64 KB granule where they hold no address (3.4.3). */
static bool misplaced(const struct range *r, uint64_t high)
{
    return high && !r->ds && !r->oa_in_low;
}

uint64_t smref_walk_address(struct txn *t, const struct range *r, uint64_t d)
{
    uint64_t high = displaced(r, d);
    if (misplaced(r, high)) {
        decide(t, SMREF_RULE_G64K_HIGH_BITS);
        if (smref_choose(t, SMREF_CHOICE_G64K_BITS_15_12) == SMREF_CHOICE_G64K_BITS_15_12_ignored)
            high = 0;
    }
    return (d & r->oa_mask) | high;
}

struct word_read smref_read_slowly(struct txn *t, smref_pas pas, uint64_t address, struct glance *place)
{
    struct word_read read = {.word = 0};
    const uint64_t *page = sparse_glance(t->sparse, pas, address);
    if (page) {
        *place = (struct glance){sparse_key(pas, address), page};
        return (struct word_read){page[sparse_offset(address)], true};
    }
    read.good = read_words(t, pas, address, 1, &read.word);
    return read;
}

/* 6.3.115: where GPCP is 1 the fault need not be generated, or not be reported. */
static struct word_read take_forbidden_table(struct txn *t, uint64_t d)
{
    smref_decide_once(t, SMREF_RULE_GPC_STAGE2_TABLE);
    unsigned option = smref_choose(t, SMREF_CHOICE_GPC_STAGE2_TABLE);
    if (option == SMREF_CHOICE_GPC_STAGE2_TABLE_generated)
        return (struct word_read){.good = false};
    t->fault.granule.kind = GRANULE_NONE;
    t->fault.silent = option == SMREF_CHOICE_GPC_STAGE2_TABLE_unreported;
    return (struct word_read){d, option == SMREF_CHOICE_GPC_STAGE2_TABLE_skipped};
}

struct word_read smref_walk_spared(struct txn *t, const struct range *r, int level, smref_pas pas,
                                   uint64_t address)
{
    const smref_memory *m = &t->smmu->memory;
    const struct word_read none = {.good = false};
    unsigned kind = t->fault.granule.kind;
    uint64_t word, d;
    if ((kind != GRANULE_GPF && kind != GRANULE_LOOKUP_ERROR) || level == LAST_LEVEL ||
        !smref_SMMU_ROOT_GPT_BASE_CFG_GPCP(t->reg[SMREF_REG_SMMU_ROOT_GPT_BASE_CFG]))
        return none;
    smref_decide_once(t, SMREF_RULE_GPCP);
    if (smref_choose(t, SMREF_CHOICE_GPCP) == SMREF_CHOICE_GPCP_res0 ||
        m->read(m->context, pas, address, 1, &word) != SMREF_MEM_OK)
        return none;
    d = smref_walk_straighten(r, word);
    return smref_VMSAv8_64_S1_TABLE_VALID(&d) && smref_VMSAv8_64_S1_TABLE_TYPE(&d)
               ? take_forbidden_table(t, d)
               : none;
}

/* DDI 0487 D8.3.1.2: which levels have blocks. Level 0 (4 KB) and 1 (16 KB) only with 52-bit descriptors,
 * level 1 of 64 KB only with 52-bit physical addresses. VMSAv8-32 has them at levels 1 and 2. */
bool smref_walk_block_allowed(const struct range *r, int level)
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

/* Only a descriptor whose output is Realm has AMEC: stage 1 of the EL2 worlds, stage 2 of Realm-EL1. */
bool smref_walk_alternate_mecid(const struct txn *t, int stage, uint64_t d)
{
    if (!is_realm(t) || !smref_SMMU_R_IDR3_MEC(t->reg[SMREF_REG_SMMU_R_IDR3]))
        return false;
    if (stage == 2)
        return smref_VMSAv8_64_S2_PAGE_AMEC(&d) && !smref_VMSAv8_64_S2_PAGE_NS(&d);
    return t->stream->world != SMREF_StreamWorld_R_EL1 && smref_VMSAv8_64_S1_PAGE_AMEC(&d) &&
           !smref_VMSAv8_64_S1_PAGE_NS(&d);
}

/* log2 of how many neighbours the Contiguous bit joins (DDI 0487 D8.7.1); 0 where the bit is RES0. */
unsigned smref_walk_contiguous_bits(const struct range *r, int level)
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

void smref_walk_trace_fetch(struct txn *t, const struct range *r, int level, uint64_t index, unsigned shift,
                            uint64_t ipa)
{
    t->stage = 1;
    t->level = level;
    t->index = index;
    t->shift = shift;
    smref_trace_access(t, SMREF_STEP_FETCH, layout_of(r, 1, level, NULL), own_space(t, t->ns), ipa, 1, NULL);
}

void smref_walk_trace_read(struct txn *t, const struct range *r, int stage, int level, smref_pas pas,
                           uint64_t address, uint64_t index, unsigned shift, const uint64_t *d)
{
    uint64_t outer_index = t->index; /* of a CD, when this is a walk on its behalf */
    unsigned outer_shift = t->shift;
    t->stage = stage;
    t->level = level;
    t->index = index;
    t->shift = shift;
    smref_trace_access(t, SMREF_STEP_READ, layout_of(r, stage, level, d), pas, address, 1, d);
    t->index = outer_index;
    t->shift = outer_shift;
}

bool smref_walk_abort(struct txn *t, struct way w, int level, uint64_t address)
{
    count_reads(t, w, level);
    t->fault.s2 = w.stage == 2;
    t->fault.class_of = w.stage == 2 ? w.class_of : CLASS_TT;
    t->fault.fetch_address = address;
    t->fault.format = w.range->format;
    return fail(t, SMREF_F_WALK_EABT, w.stage == 1 ? SMREF_RULE_S1_WALK_ABORT : SMREF_RULE_S2_WALK_ABORT);
}

bool smref_walk_fault(struct txn *t, struct way w, smref_event_type type, smref_rule s1_rule,
                      smref_rule s2_rule)
{
    t->fault.s2 = w.stage == 2;
    t->fault.class_of = w.stage == 2 ? w.class_of : CLASS_IN;
    t->fault.ipa = w.stage == 2 ? w.input : 0;
    return fail(t, type, w.stage == 1 ? s1_rule : s2_rule);
}

bool smref_walk_table_fault(struct txn *t, struct way w, int level)
{
    count_reads(t, w, level);
    return smref_walk_fault(t, w, SMREF_F_ADDR_SIZE, SMREF_RULE_S1_TABLE_ADDR_SIZE,
                            SMREF_RULE_S2_TABLE_ADDR_SIZE);
}

/* DDI 0487 D8.7.1: a Contiguous bit may name a range larger than the input address range. */
bool smref_walk_contiguous_misfits(struct txn *t, const struct range *r, int level, unsigned shift)
{
    unsigned joined = smref_walk_contiguous_bits(r, level);
    return joined && shift + joined > r->ia_bits &&
           smref_choose(t, SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE) ==
               SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE_translation_fault;
}

uint64_t smref_walk_contiguous_base(struct txn *t, struct way w, int level, unsigned shift, uint64_t base)
{
    uint64_t run = mask(shift + smref_walk_contiguous_bits(w.range, level)) & ~mask(shift);
    if (!((base ^ w.input) & run))
        return base;
    decide(t, SMREF_RULE_CONTIGUOUS_RUN);
    if (smref_choose(t, SMREF_CHOICE_CONTIGUOUS_OUTPUT) == SMREF_CHOICE_CONTIGUOUS_OUTPUT_own)
        return base;
    return (base & ~run) | (w.input & run);
}

bool smref_walk_block_refused(struct txn *t, struct way w, unsigned shift)
{
    const struct context *c = t->context;
    bool high = w.range == &c->half[1];
    unsigned other = c->half[!high].ia_bits;
    if (!c->two_halves || w.range->ia_bits != 32 || other == 32)
        return false;
    if (high ? (w.input & ~mask(shift)) >> other : (w.input | mask(shift) | mask(other)) != mask(32))
        return false;
    return smref_choose(t, SMREF_CHOICE_VMSAV8_32_BLOCK_BEYOND_RANGE) ==
           SMREF_CHOICE_VMSAV8_32_BLOCK_BEYOND_RANGE_translation_fault;
}

/* ---- Descriptors, apart from any walk -------------------------------------------------------------- */

static smref_descriptor_kind kind_of(const struct range *r, int level, const uint64_t *d)
{
    if (!smref_VMSAv8_64_S1_PAGE_VALID(d))
        return SMREF_DESCRIPTOR_INVALID;
    if (level == LAST_LEVEL)
        return smref_VMSAv8_64_S1_PAGE_TYPE(d) ? SMREF_DESCRIPTOR_PAGE : SMREF_DESCRIPTOR_RESERVED;
    if (smref_VMSAv8_64_S1_PAGE_TYPE(d))
        return SMREF_DESCRIPTOR_TABLE;
    return smref_walk_block_allowed(r, level) ? SMREF_DESCRIPTOR_BLOCK : SMREF_DESCRIPTOR_RESERVED;
}

void smref_descriptor_look(const smref *smmu, const smref_walk_info *tables, int stage, int level,
                           uint64_t word, smref_descriptor *out)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    struct range r;
    smref_range_of(&e, tables, &r);
    uint64_t d = smref_walk_straighten(&r, word), high = displaced(&r, d);
    if (misplaced(&r, high) &&
        smmu->choice[SMREF_CHOICE_G64K_BITS_15_12] == SMREF_CHOICE_G64K_BITS_15_12_ignored)
        high = 0;
    unsigned bits = r.granule_bits + (unsigned)(LAST_LEVEL - level) * r.stride;
    *out = (smref_descriptor){.kind = kind_of(&r, level, &d),
                              .layout = layout_of(&r, stage, level, &d),
                              .word = d,
                              .address = (d & r.oa_mask) | high,
                              .bits = (uint8_t)bits};
    if (out->kind == SMREF_DESCRIPTOR_BLOCK || out->kind == SMREF_DESCRIPTOR_PAGE) {
        out->address &= ~mask(bits);
        if (smref_VMSAv8_64_S1_PAGE_Contiguous(&d))
            out->run_bits = (uint8_t)smref_walk_contiguous_bits(&r, level);
    }
    out->beyond = (out->address & r.oa_beyond) != 0;
}
