/* The model as a target, but for one wrong answer. */
#include "deviant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smref_layout.h"
#include "system.h"

/* ---- The target ------------------------------------------------------------------------------------ */

static smref_target_status submit(smref_target *target, const smref_case *c,
                                  const smref_prediction *predicted)
{
    struct deviant *d = (struct deviant *)target;

    d->c = c;
    d->predicted = predicted;
    return SMREF_TARGET_OK;
}

static unsigned shy(const smref_stimulus *step)
{
    return step->op == SMREF_OP_ACCESS      ? SMREF_SHOWS_OUTCOME
           : step->op == SMREF_OP_MMIO_READ ? SMREF_SHOWS_VALUE
                                            : SMREF_SHOWS_LOADED;
}

static smref_target_status collect(smref_target *target, smref_sight *shown)
{
    struct deviant *d = (struct deviant *)target;

    d->runs++;
    for (size_t i = 0; i < d->c->count; i++) {
        const char *why = NULL;
        shown[i] = d->predicted->sights[i];
        shown[i].shows &= d->shy ? shy(&d->c->steps[i]) : ~(unsigned)SMREF_SHOWS_ATTRS;
        if (d->wrong)
            why = d->wrong(&d->c->steps[i], &shown[i]);
        if (why) {
            snprintf(target->why, sizeof target->why, "%s", why);
            return SMREF_TARGET_DIED;
        }
    }
    return SMREF_TARGET_OK;
}

void deviant_new(struct deviant *d, const char *(*wrong)(const smref_stimulus *step, smref_sight *sight))
{
    smref_implementation *i = &d->target.implementation;
    smref_jerror error = {""};

    memset(d, 0, sizeof *d);
    snprintf(i->name, sizeof i->name, "deviant 1.0");
    if (!smref_profile_open("arch-3.4", &i->profile, &error)) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    i->memory[i->memory_count++] = (smref_window){SMREF_PAS_NS, MEMORY, MEMORY_SIZE};
    i->devices[i->device_count++] =
        (smref_device){SMREF_SEC_NS, DEVIANT_SID,
                       SMREF_CAN_READ | SMREF_CAN_WRITE | SMREF_CAN_SIZES | SMREF_CAN_ANY_SID |
                           SMREF_CAN_SSID | SMREF_CAN_PRIV | SMREF_CAN_INST};
    i->spaces = 1u << SMREF_PAS_NS;
    d->target.depth = 1;
    d->target.submit = submit;
    d->target.collect = collect;
    d->wrong = wrong;
}

void deviant_free(struct deviant *d)
{
    smref_implementation_clear(&d->target.implementation);
}

/* ---- The case -------------------------------------------------------------------------------------- */

static void put_ste(smref_case *c)
{
    uint64_t ste[8] = {0};

    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, SMREF_STE_Config_S1_TRANS);
    smref_STE_set_S1ContextPtr(ste, CD_AT >> 6);
    smref_STE_set_S1CIR(ste, 1);
    smref_STE_set_S1COR(ste, 1);
    smref_STE_set_SHCFG(ste, SMREF_STE_SHCFG_USE_INCOMING);
    smref_case_store(c, SMREF_PAS_NS, STRTAB + UINT64_C(64) * DEVIANT_SID, ste, 8, SMREF_LAYOUT_STE);
}

static void put_cd(smref_case *c)
{
    uint64_t cd[8] = {0};

    smref_CD_set_V(cd, 1);
    smref_CD_set_AA64(cd, 1);
    smref_CD_set_T0SZ(cd, 25);
    smref_CD_set_EPD1(cd, 1);
    smref_CD_set_IPS(cd, 2);
    smref_CD_set_A(cd, 1);
    smref_CD_set_R(cd, 1);
    smref_CD_set_ASID(cd, 0x55);
    smref_CD_set_TTB0(cd, TABLES >> 4);
    smref_case_store(c, SMREF_PAS_NS, CD_AT, cd, 8, SMREF_LAYOUT_CD);
}

/* A block of 1 GB, which may be read by all and written by none (DDI 0487 D8.4.1). */
static void put_tables(smref_case *c)
{
    uint64_t words[4] = {0};

    smref_VMSAv8_64_S1_BLOCK_set_VALID(&words[1], 1);
    smref_VMSAv8_64_S1_BLOCK_set_AP(&words[1], 3);
    smref_VMSAv8_64_S1_BLOCK_set_AF(&words[1], 1);
    words[1] |= MEMORY;
    words[3] = 0x123456789abcdef0;
    smref_case_store(c, SMREF_PAS_NS, TABLES, words, 4, SMREF_LAYOUT_COUNT);
}

static void put_registers(smref_case *c)
{
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR1, 0xd75);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_STRTAB_BASE, STRTAB);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_STRTAB_BASE_CFG, 8);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_EVENTQ_BASE, EVENTQ | 4);
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_IDR0);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR0, 5);
}

void deviant_case(smref_case *c)
{
    static const uint64_t noise[4] = {1, 2, 3, 4};
    smref_access access = smref_stimulus_access().access;

    smref_case_clear(c, 7, "translation");
    put_ste(c);
    put_cd(c);
    put_tables(c);
    smref_case_store(c, SMREF_PAS_NS, MEMORY + 0x8000, noise, 4, SMREF_LAYOUT_COUNT);
    put_registers(c);
    access.sid = DEVIANT_SID;
    access.addr = DEVIANT_READ_ONLY + 0x124;
    access.size = 4;
    smref_case_access(c, &access);
    access.type = SMREF_WRITE;
    smref_case_access(c, &access);
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_EVENTQ_PROD);
    smref_case_load(c, SMREF_PAS_NS, EVENTQ, 64);
}
