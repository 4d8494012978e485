/*
 * Granule protection checks (3.25, 6.3.112 to 6.3.117, DDI 0487 D9): which physical address space a granule
 * belongs to, and what becomes of an access that comes from another. The order of faults is that of DDI 0487
 * Table D9-2.
 *
 *      GPT_BASE -> [ level 0 ] -> Block: one GPI
 *                           \-> [ level 1 ] -> Contiguous: one GPI for a region of many entries
 *                                         \-> Granules: 16 GPIs
 */
#include "granule.h"

#include "granule_look.h"
#include "interrupts.h"

void smref_settle_granules(struct granule_checks *g, const smref_env *e)
{
    uint64_t wanted = e->reg[SMREF_REG_SMMU_ROOT_CR0], shown = e->reg[SMREF_REG_SMMU_ROOT_CR0ACK];
    g->present = smref_SMMU_ROOT_IDR0_ROOT_IMPL(e->reg[SMREF_REG_SMMU_ROOT_IDR0]);
    g->active = g->present &&
                (!smref_SMMU_ROOT_CR0_ACCESSEN(wanted & shown) || smref_SMMU_ROOT_CR0_GPCEN(wanted | shown));
    g->invalid = smref_derived_gpt_invalid(e);
    g->protected_bits = (uint8_t)smref_derived_gpt_pps(e);
    g->l0_bits = (uint8_t)smref_derived_gpt_l0(e);
    g->granule_bits = (uint8_t)smref_derived_gpt_granule(e);
    g->l0_align = (uint8_t)smref_derived_gpt_l0_align(e);
    g->l1_align = (uint8_t)smref_derived_gpt_l1_align(e);
}

/* ---- Verdicts -------------------------------------------------------------------------------------- */

static bool forbid(const struct granule_look *c, smref_rule rule)
{
    smref_decide_once(c->t, rule);
    c->fault->kind = GRANULE_GPF;
    return false;
}

static bool lookup_error(const struct granule_look *c, unsigned cfg_err, smref_rule rule)
{
    smref_decide_once(c->t, rule);
    c->fault->kind = GRANULE_LOOKUP_ERROR;
    c->fault->cfg_err = (uint8_t)cfg_err;
    return false;
}

static bool permit(const struct granule_look *c, smref_rule rule)
{
    smref_decide_once(c->t, rule);
    return true;
}

/* ---- GPIs ------------------------------------------------------------------------------------------ */

#define GPI_BIT(name) (1u << SMREF_GPT_BLOCK_GPI_##name)

/* DDI 0487 D9.6.5. */
bool smref_gpi_permits(unsigned gpi, smref_pas pas)
{
    static const uint8_t own[SMREF_PAS_COUNT] = {[SMREF_PAS_NS] = SMREF_GPT_BLOCK_GPI_NON_SECURE,
                                                 [SMREF_PAS_SECURE] = SMREF_GPT_BLOCK_GPI_SECURE,
                                                 [SMREF_PAS_REALM] = SMREF_GPT_BLOCK_GPI_REALM,
                                                 [SMREF_PAS_ROOT] = SMREF_GPT_BLOCK_GPI_ROOT};
    return gpi == SMREF_GPT_BLOCK_GPI_ANY || gpi == own[pas];
}

bool smref_granules_judge(const struct granule_look *c, smref_layout layout, unsigned gpi)
{
    bool permits = smref_gpi_permits(gpi, c->pas);
    switch (layout) {
    case SMREF_LAYOUT_GPT_BLOCK:
        return permits ? permit(c, SMREF_RULE_GPC_BLOCK_PERMITS) : forbid(c, SMREF_RULE_GPC_BLOCK_FORBIDS);
    case SMREF_LAYOUT_GPT_CONTIGUOUS:
        return permits ? permit(c, SMREF_RULE_GPC_CONTIGUOUS_PERMITS)
                       : forbid(c, SMREF_RULE_GPC_CONTIGUOUS_FORBIDS);
    default:
        return permits ? permit(c, SMREF_RULE_GPC_GRANULE_PERMITS)
                       : forbid(c, SMREF_RULE_GPC_GRANULE_FORBIDS);
    }
}

/* None of `count` GPIs is reserved. Secure alone depends on more than its code. */
static bool none_reserved(uint64_t gpis, unsigned count, bool *secure)
{
    const unsigned valid =
        GPI_BIT(NONE) | GPI_BIT(SECURE) | GPI_BIT(NON_SECURE) | GPI_BIT(ROOT) | GPI_BIT(REALM) | GPI_BIT(ANY);
    unsigned seen = 0;
    for (unsigned i = 0; i < count; i++, gpis >>= 4)
        seen |= 1u << (gpis & 0xf);
    *secure = seen & GPI_BIT(SECURE);
    return !(seen & ~valid);
}

static bool gpis_valid(struct txn *t, uint64_t gpis, unsigned count)
{
    bool secure;
    if (!none_reserved(gpis, count, &secure))
        return false;
    if (!secure || smref_SMMU_S_IDR1_SEL2(t->reg[SMREF_REG_SMMU_S_IDR1]))
        return true;
    smref_decide_once(t, SMREF_RULE_GPI_SECURE_WITHOUT_SEL2);
    return smref_choose(t, SMREF_CHOICE_GPI_SECURE) == SMREF_CHOICE_GPI_SECURE_secure;
}

bool smref_gpis_known(const smref *smmu, uint64_t gpis, unsigned count)
{
    bool secure;
    return none_reserved(gpis, count, &secure) &&
           (!secure || smref_SMMU_S_IDR1_SEL2(smmu->reg[SMREF_REG_SMMU_S_IDR1]) ||
            smmu->choice[SMREF_CHOICE_GPI_SECURE] == SMREF_CHOICE_GPI_SECURE_secure);
}

static bool is_contiguous(const uint64_t *entry)
{
    return smref_GPT_CONTIGUOUS_TYPE(entry) == SMREF_GPT_CONTIGUOUS_TYPE_CONTIGUOUS;
}

static bool contiguous_valid(struct txn *t, const uint64_t *entry)
{
    return !(entry[0] & SMREF_GPT_CONTIGUOUS_RES0_MASK[0]) && smref_GPT_CONTIGUOUS_Contig(entry) &&
           gpis_valid(t, smref_GPT_CONTIGUOUS_GPI(entry), 1);
}

static unsigned gpi_of(const struct granule_look *c, const uint64_t *granules)
{
    uint64_t index = c->address >> c->t->smmu->granules.granule_bits & mask(GRANULES_OF_ENTRY);
    return (unsigned)smref_GPT_GRANULES_GPI(granules, (unsigned)index);
}

/* ---- Fetches --------------------------------------------------------------------------------------- */

/* Up to eight words of the Root space that lie within a page; NULL on an external abort. */
static const uint64_t *read_root(struct txn *t, uint64_t address, unsigned count, uint64_t *room)
{
    const smref_memory *m = &t->smmu->memory;
    const uint64_t *page = sparse_glance(t->smmu->sparse, SMREF_PAS_ROOT, address);
    if (page)
        return page + sparse_offset(address);
    return m->read(m->context, SMREF_PAS_ROOT, address, count, room) == SMREF_MEM_OK ? room : NULL;
}

static smref_layout layout_of(int level, const uint64_t *entry)
{
    if (level == 1)
        return entry && is_contiguous(entry) ? SMREF_LAYOUT_GPT_CONTIGUOUS : SMREF_LAYOUT_GPT_GRANULES;
    return entry && smref_GPT_BLOCK_TYPE(entry) == SMREF_GPT_BLOCK_TYPE_BLOCK ? SMREF_LAYOUT_GPT_BLOCK
                                                                              : SMREF_LAYOUT_GPT_TABLE;
}

static bool fetch_entry(const struct granule_look *c, int level, uint64_t table, uint64_t index,
                        unsigned shift, uint64_t *entry)
{
    const uint64_t at = table + index * SMREF_GPT_TABLE_BYTES, *word = read_root(c->t, at, 1, entry);
    c->t->memory_reads++;
    if (c->t->smmu->trace)
        smref_trace_granule_entry(c->t, layout_of(level, word), level, at, index, shift, word);
    if (word)
        *entry = *word;
    return word != NULL;
}

/* ---- Level 1 --------------------------------------------------------------------------------------- */

struct mix {
    bool permits, forbids;
};

/* Entries that are invalid hold no GPI that an access could be checked against. */
static void mix_in(const struct granule_look *c, const uint64_t *entry, struct mix *mix)
{
    bool joined = is_contiguous(entry);
    if (joined ? !contiguous_valid(c->t, entry) : !gpis_valid(c->t, *entry, 1u << GRANULES_OF_ENTRY))
        return;
    for (unsigned i = 0; i < (joined ? 1u : 1u << GRANULES_OF_ENTRY); i++) {
        unsigned gpi =
            (unsigned)(joined ? smref_GPT_CONTIGUOUS_GPI(entry) : smref_GPT_GRANULES_GPI(entry, i));
        bool permits = smref_gpi_permits(gpi, c->pas);
        mix->permits |= permits;
        mix->forbids |= !permits;
    }
}

/* DDI 0487 D9.6.4: whether the region of a Contiguous descriptor, the entry `index` of its table, holds GPIs
 * that permit the access and others that do not. */
static bool mixed(const struct granule_look *c, uint64_t table, uint64_t index, uint64_t own)
{
    const struct granule_checks *g = &c->t->smmu->granules;
    smref_env e = {.self = &own};
    struct mix mix = {.permits = false};
    uint64_t room[8];
    unsigned log2 = (unsigned)smref_derived_gpt_contig(&e) - g->granule_bits - GRANULES_OF_ENTRY;
    unsigned step = log2 < 3 ? 1u << log2 : 8;
    index &= ~mask(log2);
    mix_in(c, &own, &mix);
    for (uint64_t i = 0; i < UINT64_C(1) << log2 && !(mix.permits && mix.forbids); i += step) {
        const uint64_t *words = read_root(c->t, table + (index + i) * SMREF_GPT_TABLE_BYTES, step, room);
        for (unsigned k = 0; words && k < step; k++)
            if (words[k] != own)
                mix_in(c, &words[k], &mix);
    }
    return mix.permits && mix.forbids;
}

static bool check_contiguous(const struct granule_look *c, uint64_t table, uint64_t index,
                             const uint64_t *entry)
{
    if (!contiguous_valid(c->t, entry))
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_INVALID_ENTRY, SMREF_RULE_GPC_L1_INVALID);
    smref_env e = {.self = entry};
    smref_hold_granules(c, SMREF_CACHED_GPT_CONTIGUOUS, (unsigned)smref_derived_gpt_contig(&e), *entry, 0);
    unsigned gpi = (unsigned)smref_GPT_CONTIGUOUS_GPI(entry);
    if (mixed(c, table, index, *entry)) {
        smref_decide_once(c->t, SMREF_RULE_GPC_CONTIGUOUS_MIXED);
        unsigned option = smref_choose(c->t, SMREF_CHOICE_GPT_CONTIGUOUS_MIXED);
        if (option != SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_own)
            gpi = option == SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_permitted ? SMREF_GPT_BLOCK_GPI_ANY
                                                                        : SMREF_GPT_BLOCK_GPI_NONE;
    }
    return smref_granules_judge(c, SMREF_LAYOUT_GPT_CONTIGUOUS, gpi);
}

bool smref_granules_level1(const struct granule_look *c, uint64_t table)
{
    const struct granule_checks *g = &c->t->smmu->granules;
    unsigned shift = g->granule_bits + GRANULES_OF_ENTRY;
    uint64_t entry, index = (c->address & mask(g->l0_bits)) >> shift;
    if (!fetch_entry(c, 1, table, index, shift, &entry))
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_EXTERNAL_ABORT, SMREF_RULE_GPC_L1_ABORT);
    if (is_contiguous(&entry))
        return check_contiguous(c, table, index, &entry);
    if (!gpis_valid(c->t, entry, 1u << GRANULES_OF_ENTRY))
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_INVALID_ENTRY, SMREF_RULE_GPC_L1_INVALID);
    smref_hold_granules(c, SMREF_CACHED_GPT_GRANULES, shift, entry, 0);
    return smref_granules_judge(c, SMREF_LAYOUT_GPT_GRANULES, gpi_of(c, &entry));
}

/* ---- Level 0 --------------------------------------------------------------------------------------- */

static bool check_block(const struct granule_look *c, const uint64_t *entry)
{
    if (entry[0] & SMREF_GPT_BLOCK_RES0_MASK[0] || !gpis_valid(c->t, smref_GPT_BLOCK_GPI(entry), 1))
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_INVALID_ENTRY, SMREF_RULE_GPC_L0_INVALID);
    smref_hold_granules(c, SMREF_CACHED_GPT_BLOCK, c->t->smmu->granules.l0_bits, *entry, 0);
    return smref_granules_judge(c, SMREF_LAYOUT_GPT_BLOCK, (unsigned)smref_GPT_BLOCK_GPI(entry));
}

static bool check_level0(const struct granule_look *c, uint64_t base)
{
    const struct granule_checks *g = &c->t->smmu->granules;
    uint64_t entry, next;
    if (!fetch_entry(c, 0, base, c->address >> g->l0_bits, g->l0_bits, &entry))
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_EXTERNAL_ABORT, SMREF_RULE_GPC_L0_ABORT);
    if (smref_GPT_BLOCK_TYPE(&entry) == SMREF_GPT_BLOCK_TYPE_BLOCK)
        return check_block(c, &entry);
    next = smref_GPT_TABLE_ADDR_address(&entry);
    if (smref_GPT_TABLE_TYPE(&entry) != SMREF_GPT_TABLE_TYPE_TABLE || entry & SMREF_GPT_TABLE_RES0_MASK[0] ||
        next & mask(g->l1_align))
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_INVALID_ENTRY, SMREF_RULE_GPC_L0_INVALID);
    if (next >> g->protected_bits)
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_NEXT_LEVEL_BEYOND_PPS,
                            SMREF_RULE_GPC_L1_BEYOND_PPS);
    smref_hold_granules(c, SMREF_CACHED_GPT_TABLE, g->l0_bits, entry, next);
    return smref_granules_level1(c, next);
}

/* 6.3.114: bits below the size of the table count as zero. */
static uint64_t plain_base(const struct txn *t)
{
    return smref_SMMU_ROOT_GPT_BASE_ADDR_address(t->reg[SMREF_REG_SMMU_ROOT_GPT_BASE]) &
           ~mask(t->smmu->granules.l0_align);
}

/* 6.3.114: bits above the output size are RES0. */
static uint64_t base_of(struct txn *t)
{
    uint64_t base = plain_base(t);
    smref_show_register(t, SMREF_REG_SMMU_ROOT_GPT_BASE, NULL);
    if (!(base >> t->smmu->oas))
        return base;
    smref_decide_once(t, SMREF_RULE_GPC_BASE_BEYOND_OAS);
    return smref_choose(t, SMREF_CHOICE_GPT_BASE_BEYOND_OAS) == SMREF_CHOICE_GPT_BASE_BEYOND_OAS_truncate
               ? base & mask(t->smmu->oas)
               : base;
}

bool smref_granules_from(const struct granule_look *c, uint64_t base)
{
    if (base >> c->t->smmu->granules.protected_bits)
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_BASE_BEYOND_PPS,
                            SMREF_RULE_GPC_BASE_BEYOND_PPS);
    smref_hold_granules(c, SMREF_CACHED_GPT_BASE, 0, 0, base);
    return check_level0(c, base);
}

static bool look_up(const struct granule_look *c)
{
    const struct granule_checks *g = &c->t->smmu->granules;
    smref_show_register(c->t, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, NULL);
    if (c->t->smmu->caches)
        smref_granules_of_other_format(c->t);
    if (g->invalid)
        return lookup_error(c, SMREF_SMMU_ROOT_GPT_CFG_FAR_CFG_ERR_INVALID_REGISTERS,
                            SMREF_RULE_GPC_CONFIGURATION);
    if (c->address >> g->protected_bits) {
        smref_hold_granules(c, SMREF_CACHED_GPT_BASE, 0, 0, plain_base(c->t) & mask(c->t->smmu->oas));
        return c->pas == SMREF_PAS_NS ? permit(c, SMREF_RULE_GPC_NS_BEYOND_PPS)
                                      : forbid(c, SMREF_RULE_GPC_BEYOND_PPS);
    }
    uint64_t base = base_of(c->t);
    return c->t->smmu->caches ? smref_held_granules(c, base) : smref_granules_from(c, base);
}

/* ---- Control --------------------------------------------------------------------------------------- */

/* 6.3.112: until ROOT_CR0ACK shows the new value of a field, either may be in effect. */
static bool in_effect(struct txn *t, bool wanted, bool shown, smref_rule rule, smref_choice choice)
{
    if (wanted == shown)
        return shown;
    smref_decide_once(t, rule);
    return smref_choose(t, choice) ? wanted : shown; /* option 0 is the old value */
}

bool smref_granule_permits(struct txn *t, smref_pas pas, uint64_t address, struct granule_fault *fault)
{
    const struct granule_look c = {t, pas, address, fault};
    uint64_t wanted = t->reg[SMREF_REG_SMMU_ROOT_CR0], shown = t->reg[SMREF_REG_SMMU_ROOT_CR0ACK];
    *fault = (struct granule_fault){.pas = (uint8_t)pas, .address = address};
    smref_show_register(t, SMREF_REG_SMMU_ROOT_CR0ACK, NULL);
    if (!in_effect(t, smref_SMMU_ROOT_CR0_ACCESSEN(wanted), smref_SMMU_ROOT_CR0ACK_ACCESSEN(shown),
                   SMREF_RULE_ACCESSEN_IN_TRANSITION, SMREF_CHOICE_ACCESSEN_IN_TRANSITION)) {
        smref_decide_once(t, SMREF_RULE_GPC_ACCESSEN);
        fault->kind = GRANULE_STOPPED;
        return false;
    }
    return !in_effect(t, smref_SMMU_ROOT_CR0_GPCEN(wanted), smref_SMMU_ROOT_CR0ACK_GPCEN(shown),
                      SMREF_RULE_GPCEN_IN_TRANSITION, SMREF_CHOICE_GPCEN_IN_TRANSITION) ||
           look_up(&c);
}

/* ---- Syndromes ------------------------------------------------------------------------------------- */

static bool reported(struct txn *t, const struct granule_fault *fault)
{
    if (fault->kind != GRANULE_STOPPED)
        return true;
    smref_decide_once(t, SMREF_RULE_GPC_ACCESSEN_REPORT);
    return smref_choose(t, SMREF_CHOICE_ACCESSEN_REPORT) == SMREF_CHOICE_ACCESSEN_REPORT_reported;
}

/* 6.3.116, 6.3.117: both registers have these fields at the same places. */
static uint64_t syndrome(const struct granule_fault *fault, unsigned reason, unsigned code)
{
    static const uint8_t spaces[SMREF_PAS_COUNT] = {[SMREF_PAS_NS] = SMREF_SMMU_ROOT_GPF_FAR_FPAS_NON_SECURE,
                                                    [SMREF_PAS_SECURE] = SMREF_SMMU_ROOT_GPF_FAR_FPAS_SECURE,
                                                    [SMREF_PAS_REALM] = SMREF_SMMU_ROOT_GPF_FAR_FPAS_REALM,
                                                    [SMREF_PAS_ROOT] = SMREF_SMMU_ROOT_GPF_FAR_FPAS_ROOT};
    uint64_t value = smref_SMMU_ROOT_GPF_FAR_with_FAULT(0, 1);
    value = smref_SMMU_ROOT_GPF_FAR_with_REASON(value, reason);
    value = smref_SMMU_ROOT_GPF_FAR_with_FAULTCODE(value, code);
    value = smref_SMMU_ROOT_GPF_FAR_with_FADDR(value, fault->address >> 12);
    return smref_SMMU_ROOT_GPF_FAR_with_FPAS(value, spaces[fault->pas]);
}

void smref_record_granule_fault(struct txn *t, const struct granule_fault *fault, unsigned reason,
                                unsigned code)
{
    bool lookup = fault->kind == GRANULE_LOOKUP_ERROR;
    smref_register reg = lookup ? SMREF_REG_SMMU_ROOT_GPT_CFG_FAR : SMREF_REG_SMMU_ROOT_GPF_FAR;
    uint64_t *far = &t->smmu->reg[reg];
    if (fault->kind == GRANULE_NONE || t->rehearsal || !reported(t, fault))
        return;
    smref_show_register(t, reg, "FAULT");
    if (smref_SMMU_ROOT_GPF_FAR_FAULT(*far)) {
        smref_decide_once(t, lookup ? SMREF_RULE_GPT_CFG_FAR_ACTIVE : SMREF_RULE_GPF_FAR_ACTIVE);
        return;
    }
    smref_decide_once(t, lookup ? SMREF_RULE_GPT_CFG_FAR_RECORDED : SMREF_RULE_GPF_FAR_RECORDED);
    *far = syndrome(fault, reason, code);
    if (lookup)
        *far = smref_SMMU_ROOT_GPT_CFG_FAR_with_CFG_ERR(*far, fault->cfg_err);
    *(lookup ? &t->out->gpt_cfg_far : &t->out->gpf_far) = true;
    smref_effect effect = {.kind = SMREF_EFFECT_WIRED,
                           .source = lookup ? SMREF_SOURCE_GPT_CFG_FAR : SMREF_SOURCE_GPF_FAR};
    smref_record_effect(t, &effect);
}

/* 9.1.4: what an address translation operation fetches is needed for a translation, too. */
void smref_record_fetch_fault(struct txn *t)
{
    smref_event_type type = t->fault.type;
    smref_record_granule_fault(t, &t->fault.granule, SMREF_SMMU_ROOT_GPF_FAR_REASON_TRANSLATION,
                               type == SMREF_F_STE_FETCH  ? SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_GPF_STE_FETCH
                               : type == SMREF_F_CD_FETCH ? SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_GPF_CD_FETCH
                                                          : SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_GPF_WALK_EABT);
}

bool smref_own_access_permitted(struct txn *t, smref_pas pas, uint64_t address, unsigned code)
{
    struct granule_fault fault = {.kind = GRANULE_NONE};
    if (smref_granule_permits(t, pas, address, &fault))
        return true;
    smref_record_granule_fault(t, &fault, SMREF_SMMU_ROOT_GPF_FAR_REASON_GERROR, code);
    return false;
}
