/* Translation tables and address sizes, apart from any access: for programs that look at whole tables. */
#include "state.h"

bool smref_tables_look(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste, const uint64_t *cd,
                       unsigned half, smref_walk_info *tables)
{
    smref_env e = smref_env_of(smmu, sec_sid);
    struct range r;
    e.STE = ste;
    e.CD = cd;
    if (!cd) {
        if (!smref_derived_s2_enabled(&e))
            return false;
        smref_decode_s2_range(&e, &r);
        *tables = smref_walk_info_of(&r);
        return true;
    }
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
