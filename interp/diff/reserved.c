/* Reserved bits that software wrote. */
#include "reserved.h"

#include <string.h>

/* ---- Which bits are reserved ----------------------------------------------------------------------- */

/* Of the register as it is now; all where there is none. */
static uint64_t reserved_bits(const smref *smmu, const smref_stimulus *step, bool *upper)
{
    smref_register_ref ref;
    const smref_register_info *info;
    uint64_t held, used = 0;

    *upper = false;
    if (!smref_mmio_register(step, &ref))
        return UINT64_MAX;
    *upper = ref.upper;
    info = smref_register_at(ref.reg);
    held = smref_get_element(smmu, (smref_register)ref.reg, ref.element);
    for (unsigned f = 0; f < info->field_count; f++) {
        smref_field_state state;
        if (info->fields[f].kind != SMREF_KIND_RESERVED &&
            smref_register_field_look(smmu, (smref_register)ref.reg, f, held, &state) &&
            state != SMREF_FIELD_RES0 && state != SMREF_FIELD_RES1)
            for (unsigned e = 0; e < info->fields[f].array_count || e == 0; e++)
                smref_field_set(&info->fields[f], &used, e, UINT64_MAX);
    }
    return ~used;
}

/* ---- Places ---------------------------------------------------------------------------------------- */

static smref_mmio place_of(const smref *smmu, const smref_stimulus *step)
{
    smref_mmio at = step->mmio;

    if (step->named.reg < SMREF_REG_COUNT)
        (void)smref_locate_register(smmu, (smref_register)step->named.reg, step->named.element,
                                    step->named.upper, &at, NULL);
    return at;
}

/* Page 1 may be an alias of page 0 (6.2). */
static uint32_t in_page(uint32_t offset)
{
    return offset & 0xffff;
}

static smref_reserved_place *find(const smref_reserved *reserved, const smref_mmio *at, uint32_t offset)
{
    for (size_t i = 0; i < reserved->count; i++) {
        const smref_reserved_place *place = &reserved->places[i];
        if (place->block == at->block && place->page == at->page && place->offset == in_page(offset))
            return (smref_reserved_place *)(uintptr_t)place;
    }
    return NULL;
}

static void put(smref_reserved *reserved, const smref_mmio *at, uint32_t offset, uint32_t written)
{
    smref_reserved_place *place = find(reserved, at, offset);

    if (!place && written && reserved->count < SMREF_RESERVED_PLACES) {
        place = &reserved->places[reserved->count++];
        *place = (smref_reserved_place){at->block, at->page, in_page(offset), 0};
    }
    if (place)
        place->written |= written; /* what is written later may be ignored */
}

/* A register that the implementation does not have is RES0 as a whole. */
static bool is_absent(const smref_result *result)
{
    for (unsigned i = 0; i < result->rule_count; i++)
        if (result->rules[i] == SMREF_RULE_REG_ABSENT)
            return true;
    return false;
}

void smref_reserved_write(smref_reserved *reserved, const smref *smmu, const smref_stimulus *step,
                          const smref_result *result)
{
    const smref_mmio at = place_of(smmu, step);
    bool upper;
    uint64_t bits;

    if (!result->value_ignored && !reserved->count)
        return;
    bits = reserved_bits(smmu, step, &upper) >> (upper ? 32 : 0);
    if (is_absent(result))
        bits = UINT64_MAX;
    bits &= result->value_ignored;
    put(reserved, &at, at.offset, (uint32_t)bits);
    if (at.size == 8)
        put(reserved, &at, at.offset + 4, (uint32_t)(bits >> 32));
}

/* The register that is read, through page 1 as an alias, too. */
static bool register_of(const smref_stimulus *step, smref_register_ref *ref)
{
    smref_stimulus alias = *step;

    alias.mmio.offset ^= 0x10000;
    return smref_mmio_register(step, ref) || smref_mmio_register(&alias, ref);
}

/* An acknowledge register, which shows what the register does that it is about, has its reserved bits. */
static uint32_t acknowledged(const smref_stimulus *step, const smref_mmio *at, const smref_reserved *reserved)
{
    static const char mirror[] = "ack_mirror of=";
    smref_register_ref ref;
    const smref_register_info *info, *other;
    const smref_reserved_place *place;

    if (!register_of(step, &ref))
        return 0;
    info = smref_register_at(ref.reg);
    if (!info->protocol || strncmp(info->protocol, mirror, sizeof mirror - 1) != 0)
        return 0;
    for (unsigned r = 0; (other = smref_register_at(r)) != NULL; r++) {
        if (strcmp(other->bank, info->bank) != 0 || strcmp(other->block, info->block) != 0 ||
            strcmp(other->family, info->protocol + sizeof mirror - 1) != 0)
            continue;
        place = find(reserved, at, at->offset - info->offset + other->offset);
        return place ? place->written : 0;
    }
    return 0;
}

uint64_t smref_reserved_read(const smref_reserved *reserved, const smref *smmu, const smref_stimulus *step)
{
    smref_mmio at;
    const smref_reserved_place *low, *high;

    if (!reserved->count)
        return 0;
    at = place_of(smmu, step);
    low = find(reserved, &at, at.offset);
    high = at.size == 8 ? find(reserved, &at, at.offset + 4) : NULL;
    return (low ? low->written : 0) | (uint64_t)(high ? high->written : 0) << 32 |
           acknowledged(step, &at, reserved);
}
