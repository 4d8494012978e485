/*
 * Reset (3.11): each field gets what chapter 6 says of it, among the ID registers, which a reset leaves.
 */
#include <string.h>

#include "caches.h"
#include "registers.h"

static smref_env env_of(const smref *smmu, smref_register reg)
{
    smref_env e = smref_env_of(smmu, bank_of(reg));
    e.ctx_pas_permitted = true;
    return e;
}

/* A field's reset value, in its place. */
static uint64_t reset_of(const smref *smmu, const smref_env *e, smref_register reg, unsigned index,
                         uint64_t unknown)
{
    const smref_field_info *field = &smref_register_at((unsigned)reg)->fields[index];
    uint64_t value = 0, word = 0, bits = smref_bits_of(field);
    smref_reset_kind kind = smref_reset_of_field(e, reg, index, &value);
    if (field->kind == SMREF_KIND_RESERVED && kind != SMREF_RESET_ID)
        return 0;
    switch (kind) {
    case SMREF_RESET_ID:
        return smmu->reg[reg] & bits;
    case SMREF_RESET_IMPDEF:
        return smmu->described[reg] & bits;
    case SMREF_RESET_UNKNOWN:
        /* What is reserved here is not UNKNOWN but zero. */
        return smref_register_state_in(e, reg, index) == SMREF_FIELD_RES0 ? 0 : unknown & bits;
    case SMREF_RESET_VALUE:
        smref_field_set(field, &word, 0, value);
    }
    return word;
}

static uint64_t reset_value(const smref *smmu, smref_register reg, uint64_t unknown)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    smref_env e = env_of(smmu, reg);
    uint64_t value = 0;
    if (!smref_register_exists(smmu, reg))
        unknown = 0; /* what is not there reads as zero, whatever it held */
    for (unsigned i = 0; i < info->field_count; i++)
        if (smref_register_present(&e, reg, i))
            value |= reset_of(smmu, &e, reg, i, unknown);
    return value;
}

/* All queues that are there are alike, and the registers hold the first. */
static void reset_ecmdqs(smref *smmu)
{
    memset(smmu->ecmdq, 0, sizeof smmu->ecmdq);
    for (unsigned bank = 0; bank < 3; bank++)
        for (unsigned i = 0; i < smref_element_count(smmu, bank_register(SMREF_FAMILY_ECMDQ_PROD, bank)); i++)
            smmu->ecmdq[bank][i] = (struct ecmdq){
                .base = smmu->reg[smref_bank_registers[SMREF_FAMILY_ECMDQ_BASE][bank]],
                .prod = smmu->reg[smref_bank_registers[SMREF_FAMILY_ECMDQ_PROD][bank]],
                .cons = smmu->reg[smref_bank_registers[SMREF_FAMILY_ECMDQ_CONS][bank]],
            };
}

void smref_reset(smref *smmu, uint64_t unknown)
{
    /* First with nothing in the fields that are UNKNOWN: what is reserved can depend on other registers. */
    for (unsigned pass = 0; pass < 2; pass++) {
        uint64_t after[SMREF_REG_COUNT];
        for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
            after[i] = reset_value(smmu, (smref_register)i, pass ? unknown : 0);
        memcpy(smmu->reg, after, sizeof after);
    }
    reset_ecmdqs(smmu);
    memset(smmu->queue_state, 0, sizeof smmu->queue_state);
    memset(smmu->atos_open, 0, sizeof smmu->atos_open);
    memset(smmu->gbpa_stored, 0, sizeof smmu->gbpa_stored);
    memset(smmu->errors_made, 0, sizeof smmu->errors_made);
    memset(smmu->index_open, 0, sizeof smmu->index_open);
    /* 6.3.1: S_CR0.NSSTALLD is 0 now, so it is what Secure state has. */
    if (smref_SMMU_S_IDR1_SECURE_IMPL(smmu->reg[SMREF_REG_SMMU_S_IDR1]))
        smmu->reg[SMREF_REG_SMMU_IDR0] = smref_SMMU_IDR0_with_STALL_MODEL(
            smmu->reg[SMREF_REG_SMMU_IDR0], smref_SMMU_S_IDR0_STALL_MODEL(smmu->reg[SMREF_REG_SMMU_S_IDR0]));
    smmu->settled = false;
    if (smref_get_caching(smmu) == SMREF_CACHING_EXACT)
        smref_caches_empty(smmu->caches);
}

void smref_mark_reset_state(smref *smmu)
{
    memcpy(smmu->described, smmu->reg, sizeof smmu->described);
}
