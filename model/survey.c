/* Translation tables, the granule protection table and address sizes, apart from any access: for programs
 * that look at whole tables. */
#include "granule_look.h"
#include "registers.h"

/* 3.10.2.2: either IPA space of a Secure stream. */
static bool look_at_stage2(const smref_env *e, unsigned half, smref_walk_info *tables)
{
    bool secure = e->ctx_sec_sid == SMREF_SEC_SECURE;
    struct stream s = {.used = true};
    if (!smref_derived_s2_enabled(e) || (half && !secure))
        return false;
    smref_decode_stream(&s, e);
    *tables = smref_walk_info_of(half ? &s.s_s2 : &s.s2);
    tables->leads_ns = secure && (half ? s.s_s2_ns : s.s2_ns);
    return true;
}

bool smref_tables_look(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste, const uint64_t *cd,
                       unsigned half, smref_walk_info *tables)
{
    smref_env e = smref_env_of(smmu, sec_sid);
    struct range r;
    e.STE = ste;
    e.CD = cd;
    if (!cd)
        return look_at_stage2(&e, half, tables);
    e.ctx_stream_world = smref_derived_ste_stream_world(&e);
    smref_decode_s1_range(&e, half, &r);
    if (r.walk_disabled)
        return false;
    *tables = smref_walk_info_of(&r);
    tables->half = (uint8_t)half;
    return true;
}

unsigned smref_output_bits(const smref *smmu)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    return (unsigned)smref_derived_OAS(&e);
}

unsigned smref_intermediate_bits(const smref *smmu)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    return (unsigned)smref_derived_IAS(&e);
}

/* ---- Granule protection ---------------------------------------------------------------------------- */

bool smref_granule_table_look(const smref *smmu, smref_granule_table *table)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    uint64_t enabled = smmu->reg[SMREF_REG_SMMU_ROOT_CR0] & smmu->reg[SMREF_REG_SMMU_ROOT_CR0ACK];
    uint64_t base = smref_SMMU_ROOT_GPT_BASE_ADDR_address(smmu->reg[SMREF_REG_SMMU_ROOT_GPT_BASE]);
    struct granule_checks g;
    smref_settle_granules(&g, &e);
    *table = (smref_granule_table){.base = base & ~mask(g.l0_align),
                                   .invalid = g.invalid,
                                   .enabled = smref_SMMU_ROOT_CR0_GPCEN(enabled),
                                   .protected_bits = g.protected_bits,
                                   .l0_bits = g.l0_bits,
                                   .l1_bits = (uint8_t)(g.granule_bits + GRANULES_OF_ENTRY),
                                   .granule_bits = g.granule_bits};
    return g.present;
}

static void look_at_level0(const struct granule_checks *g, const smref *smmu, uint64_t word,
                           smref_granule_entry *out)
{
    out->region_bits = g->l0_bits;
    if (smref_GPT_BLOCK_TYPE(&word) == SMREF_GPT_BLOCK_TYPE_BLOCK) {
        out->layout = SMREF_LAYOUT_GPT_BLOCK;
        if (word & SMREF_GPT_BLOCK_RES0_MASK[0] || !smref_gpis_known(smmu, smref_GPT_BLOCK_GPI(&word), 1))
            out->broken = SMREF_RULE_GPC_L0_INVALID;
        return;
    }
    out->layout = SMREF_LAYOUT_GPT_TABLE;
    out->next = smref_GPT_TABLE_ADDR_address(&word);
    if (smref_GPT_TABLE_TYPE(&word) != SMREF_GPT_TABLE_TYPE_TABLE || word & SMREF_GPT_TABLE_RES0_MASK[0] ||
        out->next & mask(g->l1_align))
        out->broken = SMREF_RULE_GPC_L0_INVALID;
    else if (out->next >> g->protected_bits)
        out->broken = SMREF_RULE_GPC_L1_BEYOND_PPS;
}

void smref_granule_entry_look(const smref *smmu, int level, uint64_t word, smref_granule_entry *out)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    struct granule_checks g;
    smref_settle_granules(&g, &e);
    *out = (smref_granule_entry){.broken = SMREF_RULE_NONE};
    if (level == 0) {
        look_at_level0(&g, smmu, word, out);
        return;
    }
    bool joined = smref_GPT_CONTIGUOUS_TYPE(&word) == SMREF_GPT_CONTIGUOUS_TYPE_CONTIGUOUS, valid;
    out->layout = joined ? SMREF_LAYOUT_GPT_CONTIGUOUS : SMREF_LAYOUT_GPT_GRANULES;
    e.self = &word;
    if (joined)
        valid = !(word & SMREF_GPT_CONTIGUOUS_RES0_MASK[0]) && smref_GPT_CONTIGUOUS_Contig(&word) &&
                smref_gpis_known(smmu, smref_GPT_CONTIGUOUS_GPI(&word), 1);
    else
        valid = smref_gpis_known(smmu, word, 1u << GRANULES_OF_ENTRY);
    out->region_bits =
        (uint8_t)(joined && valid ? smref_derived_gpt_contig(&e) : g.granule_bits + GRANULES_OF_ENTRY);
    if (!valid)
        out->broken = SMREF_RULE_GPC_L1_INVALID;
}

bool smref_granule_entry_permits(const smref *smmu, const smref_granule_entry *entry, uint64_t word,
                                 smref_pas pas, uint64_t address)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    unsigned granule = (unsigned)(address >> smref_derived_gpt_granule(&e) & mask(GRANULES_OF_ENTRY));
    return smref_gpi_permits(entry->layout == SMREF_LAYOUT_GPT_GRANULES
                                 ? (unsigned)smref_GPT_GRANULES_GPI(&word, granule)
                                 : (unsigned)smref_GPT_BLOCK_GPI(&word),
                             pas);
}
