/* Where an intermediate address is, by the tables of stage 2 alone (DDI 0487 D8.2, D8.3). */
#include "stage2_look.h"

static uint64_t low_bits(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* What one entry of a level covers. */
static unsigned entry_bits(const smref *smmu, const smref_walk_info *tables, int level)
{
    smref_descriptor any;

    smref_descriptor_look(smmu, tables, 2, level, 0, &any);
    return any.bits;
}

bool smref_stage2_look(const smref *smmu, const smref_walk_info *tables, smref_word_reader *read,
                       void *context, uint64_t ipa, uint64_t *pa, uint64_t *span)
{
    uint64_t table = tables->base, word;
    smref_descriptor d;

    *span = UINT64_MAX;
    if (ipa & ~low_bits(tables->input_bits))
        return false;
    for (int level = tables->start_level;; level++) {
        unsigned bits = entry_bits(smmu, tables, level);
        uint64_t index = ipa >> bits;
        if (level > tables->start_level)
            index &= low_bits(tables->stride);
        *span = low_bits(bits) - (ipa & low_bits(bits)) + 1;
        if (!read(context, table + index * 8, &word))
            return false;
        smref_descriptor_look(smmu, tables, 2, level, word, &d);
        if (d.beyond || d.kind == SMREF_DESCRIPTOR_INVALID || d.kind == SMREF_DESCRIPTOR_RESERVED)
            return false;
        if (d.kind != SMREF_DESCRIPTOR_TABLE)
            break;
        table = d.address;
    }
    *pa = d.address | (ipa & low_bits(d.bits));
    return true;
}
