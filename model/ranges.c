/*
 * Table geometry: what TxSZ, the granule, DS and the output size make of a TTB (3.4, 5.2, 5.4, DDI 0487
 * D8.2). The structures were judged legal before, so every combination that arrives here can be walked.
 */
#include "state.h"

#define LAST_LEVEL 3

static unsigned granule_bits(uint64_t granule)
{
    return granule == SMREF_Granule_G64K ? 16 : granule == SMREF_Granule_G16K ? 14 : 12;
}

/* The level at which a single table can hold the range (DDI 0487 D8.2.8 to D8.2.10). */
static int stage1_start_level(const struct range *r)
{
    return LAST_LEVEL - (r->ia_bits - 1 - r->granule_bits) / r->stride;
}

/* {S2SL0_2, S2SL0} to level: each granule counts from its own level (5.2, DDI 0487 D8.2.8 to D8.2.10). */
static int stage2_start_level(const struct range *r, unsigned sl0)
{
    static const int8_t four_k[8] = {2, 1, 0, 3, -1, -1, -1, -1};
    if (r->format == SMREF_Format_VMSAv8_32)
        return sl0 & 1 ? 1 : 2;
    if (r->granule == SMREF_Granule_G4K)
        return four_k[sl0 & 7];
    return LAST_LEVEL - (int)(sl0 & 3);
}

static void set_start(struct range *r, int level)
{
    r->start_level = (int8_t)level;
    r->start_shift = (uint8_t)((unsigned)(LAST_LEVEL - level) * r->stride + r->granule_bits);
}

/* Bytes of the first table, concatenated ones together: the base is aligned to them (5.2, 5.4). */
static unsigned first_table_bits(const struct range *r)
{
    unsigned bits = r->ia_bits - r->start_shift + 3u;
    bool wide = r->format == SMREF_Format_VMSAv8_64 && r->oa_bits >= 52;
    return wide && bits < 6 ? 6 : bits;
}

static void set_base(struct range *r, uint64_t ttb)
{
    r->ia_mask = mask(r->ia_bits);
    r->base = ttb & ~mask(first_table_bits(r));
}

/* Which bits of a descriptor are the address bits of the same number (DDI 0487 D8.3.1). */
static uint64_t in_place_address(const struct range *r)
{
    static const uint64_t ones = UINT64_MAX;
    switch (r->granule) {
    case SMREF_Granule_G64K:
        return smref_VMSAv8_64_S1_PAGE_OA_47_16_address(&ones);
    case SMREF_Granule_G16K:
        return r->ds ? smref_VMSAv8_64_S1_PAGE_OA_49_14_address(&ones)
                     : smref_VMSAv8_64_S1_PAGE_OA_47_14_address(&ones);
    default:
        return r->ds ? smref_VMSAv8_64_S1_PAGE_OA_49_12_address(&ones)
                     : smref_VMSAv8_64_S1_PAGE_OA_47_12_address(&ones);
    }
}

static void set_granule(const smref_env *e, struct range *r, uint64_t granule, bool ds)
{
    r->granule = (uint8_t)granule;
    r->granule_bits = (uint8_t)granule_bits(granule);
    r->stride = (uint8_t)(r->granule_bits - 3);
    bool v8_64 = r->format == SMREF_Format_VMSAv8_64;
    r->ds = ds && v8_64 && granule != SMREF_Granule_G64K;
    r->oa_mask = in_place_address(r);
    r->oa_in_low = v8_64 && granule == SMREF_Granule_G64K && smref_derived_OAS(e) >= 52;
    r->plain = !r->big_endian && !r->ds && !(v8_64 && granule == SMREF_Granule_G64K);
    r->oa_beyond = ~mask(r->oa_bits);
    r->index_mask = mask(r->stride);
}

void smref_decode_s2_range(const smref_env *e, struct range *r)
{
    bool lpae = smref_derived_s2fmt(e) == SMREF_Format_VMSAv8_32;
    *r = (struct range){.format = (uint8_t)smref_derived_s2fmt(e),
                        .big_endian = smref_STE_S2ENDI(e->STE),
                        .ns = e->ctx_sec_sid == SMREF_SEC_SECURE && smref_STE_S2NSW(e->STE),
                        .oa_bits = (uint8_t)smref_derived_eff_S2PS(e),
                        .sh = (uint8_t)smref_STE_S2SH0(e->STE)};
    set_granule(e, r, lpae ? SMREF_Granule_G4K : smref_derived_s2tg(e), smref_derived_eff_S2DS(e) != 0);
    if (lpae) {
        /* A signed 4-bit size: 32 - T0SZ bits, 25 to 40 (5.2, DDI 0487 G5.5). */
        unsigned t0sz = (unsigned)smref_STE_S2T0SZ(e->STE) & 15;
        r->ia_bits = (uint8_t)(t0sz & 8 ? 48 - t0sz : 32 - t0sz);
    } else {
        r->ia_bits = (uint8_t)(64 - smref_derived_eff_S2T0SZ(e));
    }
    set_start(r, stage2_start_level(r, (unsigned)smref_derived_eff_S2SL0(e)));
    r->concatenated = r->ia_bits > r->start_shift + r->stride;
    set_base(r, smref_derived_s2ttb_address(e));
}

/* The tables of the Secure IPA space (3.10.2.2): always VMSAv8-64. */
void smref_decode_s_s2_range(const smref_env *e, struct range *r)
{
    *r = (struct range){.format = (uint8_t)smref_derived_s2fmt(e),
                        .big_endian = smref_STE_S2ENDI(e->STE),
                        .ns = smref_STE_S2SW(e->STE),
                        .oa_bits = (uint8_t)smref_derived_eff_S2PS(e),
                        .sh = (uint8_t)smref_STE_S2SH0(e->STE),
                        .ia_bits = (uint8_t)(64 - smref_STE_S_S2T0SZ(e->STE))};
    set_granule(e, r, smref_derived_s_s2tg(e), smref_derived_eff_S2DS(e) != 0);
    set_start(r, stage2_start_level(r, (unsigned)smref_derived_eff_S_S2SL0(e)));
    r->concatenated = r->ia_bits > r->start_shift + r->stride;
    set_base(r, smref_derived_s_s2ttb_address(e));
}

void smref_decode_s1_range(const smref_env *e, unsigned half, struct range *r)
{
    const uint64_t *cd = e->CD;
    bool lpae = smref_derived_s1fmt(e) == SMREF_Format_VMSAv8_32;
    uint64_t tg = half ? smref_derived_tg1(e) : smref_derived_tg0(e);
    *r = (struct range){
        .format = (uint8_t)smref_derived_s1fmt(e),
        .big_endian = smref_CD_ENDI(cd),
        .ns = e->ctx_sec_sid == SMREF_SEC_SECURE && (half ? smref_CD_NSCFG1(cd) : smref_CD_NSCFG0(cd)),
        .oa_bits = (uint8_t)smref_derived_eff_IPS(e),
        .walk_disabled = half ? smref_derived_eff_EPD1(e) : smref_derived_eff_EPD0(e),
        .tbi = half ? smref_CD_TBI1(cd) : smref_CD_TBI0(cd),
        .e0pd = half ? smref_derived_eff_E0PD1(e) : smref_derived_eff_E0PD0(e),
        .hierarchy_disabled = half ? smref_derived_eff_HAD1(e) : smref_derived_eff_HAD0(e),
        .sh = (uint8_t)(half ? smref_CD_SH1(cd) : smref_CD_SH0(cd)),
    };
    uint64_t txsz = half ? smref_derived_eff_T1SZ(e) : smref_derived_eff_T0SZ(e);
    if (lpae) {
        r->tbi = false; /* VA[63:32] must be zero whatever TBI says (3.4.1) */
        set_granule(e, r, SMREF_Granule_G4K, false);
        r->ia_bits = (uint8_t)(32 - (txsz & 7));
    } else {
        set_granule(e, r, tg == SMREF_Granule_Reserved ? SMREF_Granule_G4K : tg,
                    smref_derived_eff_DS(e) != 0);
        r->ia_bits = (uint8_t)(64 - txsz);
    }
    if (r->walk_disabled) /* the size fields may hold anything: they are not used (5.4.1.1) */
        return;
    set_start(r, stage1_start_level(r));
    set_base(r, half ? smref_derived_ttb1_address(e) : smref_derived_ttb0_address(e));
}

void smref_range_of(const smref_env *e, const smref_walk_info *tables, struct range *r)
{
    *r = (struct range){.format = tables->format,
                        .big_endian = tables->big_endian,
                        .oa_bits = tables->output_bits,
                        .ia_bits = tables->input_bits};
    set_granule(e, r, tables->granule, tables->ds);
    set_start(r, tables->start_level);
    r->concatenated = tables->concatenated;
    r->ia_mask = mask(r->ia_bits);
    r->base = tables->base;
}
