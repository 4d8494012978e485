/*
 * Where registers are (6.1, 6.2): which page an offset is in, and which register, which half of it and which
 * element of an array it means there.
 */
#include "registers.h"

#define PAGE_SIZE_LOG2 16

/* The environment in which the place of a page is told: $B is the bank of the registers in it. */
static smref_env env_of_block(const struct txn *t, smref_block block)
{
    unsigned first = smref_block_registers[smref_block_first[block]];
    return smref_env_of(t->smmu, (smref_sec_sid)smref_register_places[first].bank);
}

/* ---- Which page ------------------------------------------------------------------------------------ */

/* A page that is there and holds the offset, which counts from page 0. */
static bool find_page(const struct txn *t, uint32_t offset, struct place *place)
{
    for (unsigned i = 0; i < SMREF_BLOCK_COUNT; i++) {
        smref_block block = (smref_block)i;
        smref_env e = env_of_block(t, block);
        uint64_t at = smref_block_offset(&e, block);
        if (at == UINT64_MAX || offset < at || !smref_block_present(&e, block))
            continue;
        uint64_t page = (offset - at) >> PAGE_SIZE_LOG2;
        if (page >= smref_block_pages(&e, block))
            continue;
        *place = (struct place){block, (uint32_t)page, offset & (uint32_t)mask(PAGE_SIZE_LOG2)};
        return true;
    }
    return false;
}

bool smref_find_place(const struct txn *t, const smref_mmio *in, uint32_t offset, struct place *place)
{
    if (in->block == SMREF_BLOCK_NS_PAGE0)
        return find_page(t, offset, place);
    smref_env e = env_of_block(t, in->block);
    *place = (struct place){in->block, in->page, offset};
    return !(offset >> PAGE_SIZE_LOG2) && smref_block_present(&e, in->block) &&
           in->page < smref_block_pages(&e, in->block);
}

bool smref_find_twin(const struct place *place, struct place *twin)
{
    static const smref_block pairs[][2] = {{SMREF_BLOCK_NS_PAGE0, SMREF_BLOCK_NS_PAGE1},
                                           {SMREF_BLOCK_R_PAGE0, SMREF_BLOCK_R_PAGE1}};
    for (unsigned i = 0; i < 4; i++) {
        if (place->block != pairs[i / 2][i % 2])
            continue;
        *twin = *place;
        twin->block = pairs[i / 2][1 - i % 2];
        return true;
    }
    return false;
}

bool smref_impdef_place(const struct place *place, smref_pas pas)
{
    const smref_impdef_range *r = smref_impdef_ranges;
    while (r->block != SMREF_BLOCK_COUNT &&
           (r->block != place->block || place->offset < r->from || place->offset > r->to))
        r++;
    return r->spaces >> pas & 1U;
}

/* ---- Which register -------------------------------------------------------------------------------- */

/* Whether the offset is in the register or in an element of it. */
static bool covers(const struct txn *t, smref_register reg, uint32_t offset, struct target *target)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint32_t from = offset - smref_register_places[reg].offset;
    *target = (struct target){.reg = reg};
    if (info->count > 1) {
        smref_env e = smref_env_of(t->smmu, (smref_sec_sid)smref_register_places[reg].bank);
        uint32_t spacing = (uint32_t)smref_register_spacing(&e, reg);
        target->element = from / spacing;
        from %= spacing;
        if (target->element >= smref_register_elements(&e, reg))
            return false;
    }
    target->upper = from == 4;
    return from == 0 || (from == 4 && info->width == 64);
}

bool smref_find_register(const struct txn *t, const struct place *place, struct target *target)
{
    unsigned low = smref_block_first[place->block], high = smref_block_first[place->block + 1];
    unsigned first = low;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (smref_register_places[smref_block_registers[middle]].offset <= place->offset)
            low = middle + 1;
        else
            high = middle;
    }
    /* Arrays interleave: an element of an earlier one may lie behind the start of a later one. */
    while (low-- > first) {
        smref_register reg = (smref_register)smref_block_registers[low];
        if (covers(t, reg, place->offset, target)) {
            target->page = place->page;
            return true;
        }
        if (smref_register_at((unsigned)reg)->count == 1)
            return false;
    }
    return false;
}

bool smref_register_exists(const smref *smmu, smref_register reg)
{
    if ((unsigned)reg >= SMREF_REG_COUNT)
        return false;
    const smref_register_place *place = &smref_register_places[reg];
    smref_env e = smref_env_of(smmu, (smref_sec_sid)place->bank);
    e.ctx_pas_permitted = true;
    return smref_block_present(&e, place->block) && smref_access_of_register(&e, reg) != SMREF_ACCESS_RAZ_WI;
}

unsigned smref_element_count(const smref *smmu, smref_register reg)
{
    if (!smref_register_exists(smmu, reg))
        return 0;
    const smref_register_info *info = smref_register_at((unsigned)reg);
    if (info->count == 1)
        return 1;
    smref_env e = smref_env_of(smmu, (smref_sec_sid)smref_register_places[reg].bank);
    uint64_t count =
        smref_register_elements(&e, reg) * smref_block_pages(&e, smref_register_places[reg].block);
    return count < info->count ? (unsigned)count : info->count;
}

smref_status smref_locate_register(const smref *smmu, smref_register reg, unsigned element, bool upper,
                                   smref_mmio *access, smref_error *error)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    if (!info || element >= info->count || (upper && info->width == 32))
        return smref_refuse(error, SMREF_E_ARGUMENT, "register",
                            "no register has the number %u, or no such part", (unsigned)reg);
    const smref_register_place *place = &smref_register_places[reg];
    smref_env e = smref_env_of(smmu, (smref_sec_sid)place->bank);
    bool fixed = smref_block_at(place->block)->fixed;
    unsigned spacing = 0, page = 0;
    if (info->count > 1) {
        spacing = (unsigned)smref_register_spacing(&e, reg);
        page = smref_block_pages(&e, place->block) > 1 ? element / (unsigned)smref_register_elements(&e, reg)
                                                       : 0;
        element -= page * (unsigned)smref_register_elements(&e, reg);
    }
    access->block = fixed ? SMREF_BLOCK_NS_PAGE0 : place->block;
    access->page = page;
    access->offset = (fixed ? info->offset : place->offset) + element * spacing + (upper ? 4 : 0);
    return SMREF_OK;
}
