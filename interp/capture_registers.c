/* `smref capture`: the registers of pages 0 and 1 that software in the Non-secure state reaches (6.1, 6.2).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture.h"
#include "smref_layout.h"

static bool read_half(smref_capture *capture, unsigned reg, unsigned element, bool upper, uint64_t *value)
{
    smref_mmio place;
    uint32_t half;

    if (smref_locate_register(capture->smmu, (smref_register)reg, element, upper, &place, NULL) != SMREF_OK ||
        !smref_live_register(capture->live, capture->base + place.offset, &half, capture->error))
        return false;
    *value |= (uint64_t)half << (upper ? 32 : 0);
    return true;
}

static bool read_element(smref_capture *capture, unsigned reg, unsigned element)
{
    const smref_register_ref ref = {reg, element, false};
    uint64_t value = 0;

    if (!read_half(capture, reg, element, false, &value) ||
        (smref_register_at(reg)->width == 64 && !read_half(capture, reg, element, true, &value)))
        return false;
    smref_registers_add(capture->registers, &ref, value);
    return true;
}

/* Reads those that exist by what is known, and were not read; *count is how many. */
static bool read_existing(smref_capture *capture, bool done[SMREF_REG_COUNT], unsigned *count)
{
    *count = 0;
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        unsigned elements = smref_element_count(capture->smmu, (smref_register)i);
        if (done[i] || !elements || !smref_register_mapped(i) || strcmp(smref_register_at(i)->bank, "S") == 0)
            continue;
        for (unsigned k = 0; k < elements; k++)
            if (!read_element(capture, i, k))
                return false;
        done[i] = true;
        ++*count;
    }
    return true;
}

/* What exists depends on the ID registers, which always do. */
bool smref_capture_registers(smref_capture *capture)
{
    bool done[SMREF_REG_COUNT] = {false};
    smref_error why = {.status = SMREF_OK};
    unsigned count;

    do {
        if (!read_existing(capture, done, &count))
            return false;
        if (!smref_registers_deposit(capture->registers, capture->smmu, &why)) {
            snprintf(capture->error->text, sizeof capture->error->text, "%s: %s", why.where, why.text);
            return false;
        }
    } while (count);
    uint64_t idr0 = smref_get_register(capture->smmu, SMREF_REG_SMMU_IDR0);
    if (!smref_SMMU_IDR0_S1P(idr0) && !smref_SMMU_IDR0_S2P(idr0)) { /* 6.3.1: at least one of them */
        snprintf(capture->error->text, sizeof capture->error->text,
                 "no SMMUv3 is at 0x%" PRIx64 ": SMMU_IDR0 reads 0x%" PRIx64, capture->base, idr0);
        return false;
    }
    return true;
}
