/* The states of fields of registers: the conditions of spec/registers/, evaluated among the other registers.
 */
#include <string.h>

#include "registers.h"

/* 6.3.41: the position of the most significant bit that is set, plus one. */
uint64_t smref_helper_bit_width(const smref_env *e, uint64_t value)
{
    uint64_t width = 0;
    (void)e;
    for (; value; value >>= 1)
        width++;
    return width;
}

bool smref_register_field_look(const smref *smmu, smref_register reg, unsigned field, uint64_t value,
                               smref_field_state *state)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint64_t registers[SMREF_REG_COUNT];
    if (!info || field >= info->field_count)
        return false;
    smref_env e = smref_env_of(smmu, bank_of(reg));
    memcpy(registers, smmu->reg, sizeof registers);
    registers[reg] = value;
    e.reg = registers;
    if (!smref_register_present(&e, reg, field))
        return false;
    *state = smref_register_state_in(&e, reg, field);
    return true;
}
