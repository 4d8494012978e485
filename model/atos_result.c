/* Results of address translation operations (9.1.4, 9.1.5, 6.3.40, 6.3.86): what PAR holds, and what of it is
 * open. */
#include "atos.h"

#include "granule.h"
#include "registers.h"

/* 6.3.40: a field is at the same place in the registers of all interfaces. */
enum reason { REASON_STAGE_1, REASON_CD, REASON_TT, REASON_IN };

/* Bits of PAR. */
#define ATTRIBUTE_BITS smref_SMMU_GATOS_PAR_with_ATTR(smref_SMMU_GATOS_PAR_with_SH(0, UINT64_MAX), UINT64_MAX)
#define SIZE_BIT smref_SMMU_GATOS_PAR_with_Size(0, UINT64_MAX)

static smref_register result_register(const struct atos *a)
{
    return bank_register(a->virtual_ ? SMREF_FAMILY_VATOS_PAR : SMREF_FAMILY_GATOS_PAR, a->bank);
}

static bool is_result(smref_register reg)
{
    smref_family family = smref_register_places[reg].family;
    return family == SMREF_FAMILY_GATOS_PAR || family == SMREF_FAMILY_VATOS_PAR;
}

static uint64_t *open_behind(smref *smmu, smref_register par)
{
    return &smmu->atos_open[bank_of(par)][smref_register_places[par].family == SMREF_FAMILY_VATOS_PAR];
}

/* ATTR and SH are open where the text leaves open what stage 2 combines with. */
void smref_atos_leave_open(struct txn *t, smref_rule rule)
{
    decide(t, rule);
    t->atos->open = ATTRIBUTE_BITS;
    if (rule == SMREF_RULE_ATOS_S1_BYPASS && is_secure(t))
        t->atos->open |= smref_SMMU_S_GATOS_PAR_with_NS(0, 1);
}

/* A level of a MAIR byte (5.4). */
static unsigned mair_nibble(const smref_cache_attr *level)
{
    unsigned hints = (level->read_allocate ? 2U : 0U) | (level->write_allocate ? 1U : 0U);
    if (level->cacheability == SMREF_NC)
        return 4;
    return (level->cacheability == SMREF_WB ? 4U : 0U) | (level->transient ? 0U : 8U) | hints;
}

static unsigned mair_byte(const smref_attrs *a)
{
    if (a->type != SMREF_MT_NORMAL)
        return (unsigned)(SMREF_MT_DEVICE_nGnRnE - a->type) << 2;
    return mair_nibble(&a->outer) << 4 | mair_nibble(&a->inner);
}

static unsigned sh_code(const smref_attrs *a)
{
    static const uint8_t codes[] = {[SMREF_NSH] = SMREF_SMMU_GATOS_PAR_SH_NSH,
                                    [SMREF_ISH] = SMREF_SMMU_GATOS_PAR_SH_ISH,
                                    [SMREF_OSH] = SMREF_SMMU_GATOS_PAR_SH_OSH};
    return codes[a->sh];
}

/* ADDR and Size (6.3.40): the aligned address with the highest bit below its alignment set, unless 4 KB. */
static uint64_t with_address(uint64_t par, uint64_t address, unsigned bits)
{
    address &= ~mask(bits);
    if (bits > 12)
        address |= UINT64_C(1) << (bits - 1);
    return smref_SMMU_GATOS_PAR_with_Size(smref_SMMU_GATOS_PAR_with_ADDR(par, address >> 12), bits > 12);
}

/* log2 of the smallest granule (6.3.6). */
static unsigned smallest_granule(const struct txn *t)
{
    uint64_t idr5 = t->reg[SMREF_REG_SMMU_IDR5];
    return smref_SMMU_IDR5_GRAN4K(idr5) ? 12 : smref_SMMU_IDR5_GRAN16K(idr5) ? 14 : 16;
}

/* 9.1.3: a stage 1 that is bypassed has any translation size from the smallest granule to IAS. */
static unsigned bypass_size(struct txn *t)
{
    unsigned most = t->ias < t->oas ? t->ias : t->oas; /* what ADDR can tell */
    switch (smref_choose(t, SMREF_CHOICE_ATOS_BYPASS_SIZE)) {
    case SMREF_CHOICE_ATOS_BYPASS_SIZE_largest:
        return most;
    case SMREF_CHOICE_ATOS_BYPASS_SIZE_between:
        t->atos->open |= with_address(0, mask(most), 12) | SIZE_BIT;
        break;
    default:
        break;
    }
    return smallest_granule(t);
}

/* log2 of how many neighbours a cache may join to one entry (DDI 0487 D8.7.1): no run has more. */
#define LARGEST_RUN 7

/* 6.3.40: a cache may hold fewer kinds of attributes, and a smaller part of what the tables map, or a larger
 * run of it. */
static void look_into_cache(struct txn *t, unsigned bits)
{
    unsigned run = bits + LARGEST_RUN < t->oas ? bits + LARGEST_RUN : t->oas;
    decide(t, SMREF_RULE_ATOS_FROM_CACHE);
    if (smref_choose(t, SMREF_CHOICE_ATOS_FROM_CACHE) == SMREF_CHOICE_ATOS_FROM_CACHE_cached)
        t->atos->open |= with_address(ATTRIBUTE_BITS, mask(run), 12) | SIZE_BIT;
}

/* 6.3.86: the result is in Non-secure space, as all that a Non-secure stream reaches is. */
static uint64_t with_space(struct txn *t, uint64_t par)
{
    if (t->atos->bank != SMREF_SEC_SECURE)
        return par;
    decide(t, is_secure(t) ? SMREF_RULE_ATOS_NS : SMREF_RULE_ATOS_NS_STREAM);
    return smref_SMMU_S_GATOS_PAR_with_NS(par, t->ns || !is_secure(t));
}

void smref_atos_succeed(struct txn *t, uint64_t address)
{
    const struct atos *a = t->atos;
    bool priv = t->out->priv, inst = t->out->inst;
    unsigned bits = a->bypass ? bypass_size(t) : t->page_bits;
    t->phase = SMREF_PHASE_OUTPUT;
    t->stage = t->level = 0;
    smref_output_attributes(t); /* 13.1.7 */
    t->out->priv = priv;
    t->out->inst = inst;
    decide(t, SMREF_RULE_ATOS_RESULT);
    if (address & ~t->oas_mask)
        decide(t, SMREF_RULE_ATOS_ADDR_ABOVE_OAS);
    if (bits > 12)
        decide(t, SMREF_RULE_ATOS_SIZE_IN_ADDR);
    if (!a->bypass)
        look_into_cache(t, bits);
    uint64_t par = with_address(0, address & t->oas_mask, bits);
    par = smref_SMMU_GATOS_PAR_with_ATTR(par, mair_byte(t->attrs));
    par = smref_SMMU_GATOS_PAR_with_SH(par, sh_code(t->attrs));
    t->smmu->reg[result_register(a)] = with_space(t, par);
}

static bool translation_related(smref_event_type type)
{
    return type == SMREF_F_TRANSLATION || type == SMREF_F_ADDR_SIZE || type == SMREF_F_ACCESS ||
           type == SMREF_F_PERMISSION;
}

/* The code, and where it arose, of a fault (the table of 9.1.4). */
struct syndrome {
    unsigned code;
    enum reason reason;
    uint64_t ipa;
    bool nsipa;
};

/* Whether stage 2 refused something; a conflict in its TLB counts as no fault of a stage. */
static bool found_by_stage2(const struct fault *f)
{
    return f->s2 && (translation_related(f->type) || f->type == SMREF_F_WALK_EABT);
}

/* A request for stage 1 alone hides stage 2: the fetch that needed it aborted. */
static struct syndrome of_stage1(struct txn *t)
{
    const struct fault *f = &t->fault;
    struct syndrome s = {.code = f->type};
    if (!found_by_stage2(f))
        return s;
    decide(t, f->class_of == CLASS_CD ? SMREF_RULE_ATOS_S1_CD_FETCH : SMREF_RULE_ATOS_S1_WALK);
    s.code = f->class_of == CLASS_CD ? SMREF_F_CD_FETCH : SMREF_F_WALK_EABT;
    return s;
}

/* FADDR stays zero. */
static struct syndrome of_stage2(struct txn *t)
{
    const struct fault *f = &t->fault;
    struct syndrome s = {.code = f->type, .reason = REASON_IN};
    if (f->type == SMREF_F_ADDR_SIZE && !f->s2) {
        decide(t, SMREF_RULE_ATOS_S2_INPUT_SIZE);
        bool stage1 =
            smref_choose(t, SMREF_CHOICE_ATOS_S2_INPUT_SIZE) == SMREF_CHOICE_ATOS_S2_INPUT_SIZE_stage_1;
        s.reason = stage1 ? REASON_STAGE_1 : REASON_CD;
    } else if (!found_by_stage2(f)) {
        decide(t, SMREF_RULE_ATOS_S2_MISC);
        bool in = smref_choose(t, SMREF_CHOICE_ATOS_S2_MISC) == SMREF_CHOICE_ATOS_S2_MISC_in;
        s.reason = in ? REASON_IN : REASON_STAGE_1;
    }
    return s;
}

static struct syndrome of_both_stages(struct txn *t)
{
    static const uint8_t reasons[] = {[CLASS_CD] = REASON_CD, [CLASS_TT] = REASON_TT, [CLASS_IN] = REASON_IN};
    const struct fault *f = &t->fault;
    struct syndrome s = {.code = f->type};
    if (!found_by_stage2(f))
        return s;
    s.reason = (enum reason)reasons[f->class_of];
    decide(t, SMREF_RULE_ATOS_S2_REASON);
    if (!translation_related(f->type))
        return s;
    decide(t, SMREF_RULE_ATOS_FADDR);
    s.ipa = f->ipa & t->oas_mask;
    if (f->ipa != s.ipa)
        decide(t, SMREF_RULE_ATOS_FADDR_ABOVE_OAS);
    if (is_secure(t)) {
        decide(t, SMREF_RULE_ATOS_NSIPA);
        s.nsipa = f->nsipa;
    }
    return s;
}

void smref_atos_fail(struct txn *t)
{
    const struct atos *a = t->atos;
    struct syndrome s = {.code = a->error};
    t->phase = SMREF_PHASE_FAULT;
    t->stage = t->level = 0;
    smref_record_fetch_fault(t);
    if (!a->error)
        s = a->type == SMREF_SMMU_GATOS_ADDR_TYPE_STAGE_1   ? of_stage1(t)
            : a->type == SMREF_SMMU_GATOS_ADDR_TYPE_STAGE_2 ? of_stage2(t)
                                                            : of_both_stages(t);
    decide(t, SMREF_RULE_ATOS_FAULT);
    uint64_t par = smref_SMMU_GATOS_PAR_with_FAULT(0, SMREF_SMMU_GATOS_PAR_FAULT_FAULT);
    par = smref_SMMU_GATOS_PAR_with_REASON(par, s.reason);
    par = smref_SMMU_GATOS_PAR_with_FAULTCODE(par, s.code);
    if (a->bank == SMREF_SEC_SECURE)
        par = smref_SMMU_S_GATOS_PAR_with_NSIPA(par, s.nsipa);
    t->smmu->reg[result_register(a)] = smref_SMMU_GATOS_PAR_with_FADDR(par, s.ipa >> 12);
}

/* Part of the access's own result, which then tells all that the request led to: what PAR reads as now. */
void smref_atos_show(struct txn *t)
{
    smref_register par = result_register(t->atos);
    *open_behind(t->smmu, par) = t->atos->open;
    smref_show_register(t, par, NULL);
    t->out->par_valid = true;
    t->out->par = t->reg[par];
    t->out->par_unknown = t->atos->open | smref_open_bits(t, par, SMREF_PAS_ROOT);
}

/* ---- What a result leaves open --------------------------------------------------------------------- */

uint64_t smref_atos_open(const struct txn *t, smref_register reg)
{
    return is_result(reg) ? *open_behind(t->smmu, reg) : 0;
}

void smref_forget_atos(smref *smmu, smref_register reg)
{
    if (is_result(reg))
        *open_behind(smmu, reg) = 0;
}

smref_status smref_set_open_bits(smref *smmu, smref_register reg, uint64_t bits, smref_error *error)
{
    int slot = (unsigned)reg < SMREF_REG_COUNT ? smref_index_slot(reg) : -1;
    if (slot < 0 && ((unsigned)reg >= SMREF_REG_COUNT || !is_result(reg)))
        return smref_refuse(
            error, SMREF_E_ARGUMENT, "register",
            "this is neither the result register of an ATOS interface nor an index of a queue");
    if (slot >= 0)
        smmu->index_open[bank_of(reg)][slot] = (uint32_t)bits;
    else
        *open_behind(smmu, reg) = bits;
    return SMREF_OK;
}

uint64_t smref_get_open_bits(const smref *smmu, smref_register reg)
{
    if ((unsigned)reg >= SMREF_REG_COUNT)
        return 0;
    if (smref_index_slot(reg) >= 0)
        return smmu->index_open[bank_of(reg)][smref_index_slot(reg)];
    return is_result(reg)
               ? smmu->atos_open[bank_of(reg)][smref_register_places[reg].family == SMREF_FAMILY_VATOS_PAR]
               : 0;
}
