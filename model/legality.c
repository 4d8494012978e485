/*
 * The part of the legality of an STE and a CD that is arithmetic over several fields, start levels above all
 * (DDI 0487 D8.2, G5.5). The conditions that call these are in spec/rules/.
 */
#include "state.h"

#define LAST_LEVEL 3

static unsigned bits_of(uint64_t granule)
{
    return granule == SMREF_Granule_G64K ? 16 : granule == SMREF_Granule_G16K ? 14 : 12;
}

/* A first table resolves at least one bit and at most its own index and four bits of concatenated tables. */
static bool size_misfits(unsigned ia_bits, int start_level, unsigned granule_bits, unsigned stride)
{
    unsigned below = (unsigned)(LAST_LEVEL - start_level) * stride + granule_bits;
    return ia_bits < below + 1 || ia_bits > below + stride + 4;
}

/* DDI 0487 D8.2.8 to D8.2.10: the start levels that exist depend on granule, DS, small tables and PA size. */
static bool level_exists(const smref_env *e, unsigned sl0, uint64_t granule, bool ds, int *level)
{
    uint64_t oas = smref_derived_OAS(e);
    switch (granule) {
    case SMREF_Granule_G4K: {
        static const int8_t levels[8] = {2, 1, 0, 3, -1, 0, 0, 0};
        if (sl0 > 4)
            return false;
        *level = levels[sl0];
        if (sl0 == 2)
            return oas >= 44;
        if (sl0 == 3)
            return smref_SMMU_IDR3_STT(e->reg[SMREF_REG_SMMU_IDR3]);
        return sl0 != 4 || (ds && oas >= 52);
    }
    case SMREF_Granule_G16K:
        *level = LAST_LEVEL - (int)(sl0 & 3);
        if ((sl0 & 3) == 3)
            return ds && oas >= 52;
        return (sl0 & 3) != 2 || oas >= 42;
    default:
        *level = LAST_LEVEL - (int)(sl0 & 3);
        return (sl0 & 3) != 3 && ((sl0 & 3) != 2 || oas >= 44);
    }
}

bool smref_helper_start_level_bad_64(const smref_env *e, uint64_t txsz, uint64_t sl0, uint64_t granule,
                                     uint64_t ds)
{
    int level;
    unsigned bits = bits_of(granule);
    if (!level_exists(e, (unsigned)sl0, granule, ds, &level))
        return true;
    return size_misfits(64 - (unsigned)txsz, level, bits, bits - 3);
}

bool smref_helper_start_level_bad_32(const smref_env *e, uint64_t t0sz, uint64_t sl0)
{
    (void)e;
    if (sl0 > 1)
        return true;
    unsigned ia_bits = (unsigned)(t0sz & 8 ? 48 - t0sz : 32 - t0sz);
    return size_misfits(ia_bits, sl0 ? 1 : 2, 12, 9);
}

static bool any_set(const uint64_t *words, const uint64_t *mask, unsigned count)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < count; i++)
        found |= words[i] & mask[i];
    return found;
}

bool smref_helper_ste_reserved_set(const smref_env *e)
{
    return any_set(e->STE, SMREF_STE_RES0_MASK, SMREF_STE_WORDS);
}

bool smref_helper_cd_reserved_set(const smref_env *e)
{
    return any_set(e->CD, SMREF_CD_RES0_MASK, SMREF_CD_WORDS);
}

bool smref_helper_start_level_bad_128(const smref_env *e, uint64_t txsz, uint64_t skl, uint64_t granule)
{
    (void)e;
    unsigned bits = bits_of(granule), stride = bits - 4;
    int ia_bits = 64 - (int)txsz;
    if (ia_bits <= (int)bits)
        return true;
    int level = LAST_LEVEL - (ia_bits - 1 - (int)bits) / (int)stride;
    return level + (int)skl > LAST_LEVEL;
}
