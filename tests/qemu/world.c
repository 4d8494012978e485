/* A small world for cases on QEMU. */
#include "world.h"

#include "smref_layout.h"

static void store(smref_case *c, uint64_t at, const uint64_t *words, size_t count, smref_layout layout)
{
    smref_case_store(c, SMREF_PAS_NS, at, words, count, layout);
}

static void store_word(smref_case *c, uint64_t at, uint64_t word)
{
    store(c, at, &word, 1, SMREF_LAYOUT_COUNT);
}

static void store_stream(smref_case *c, const struct world *world)
{
    uint64_t ste[8] = {0}, l1std = 0;

    smref_STE_set_V(ste, !world->invalid);
    smref_STE_set_Config(ste, world->config);
    smref_STE_set_S1ContextPtr(ste, WORLD_CD >> 6);
    if (!world->two_level) {
        store(c, WORLD_STRTAB + 64 * (uint64_t)world->sid, ste, 8, SMREF_LAYOUT_STE);
        return;
    }
    smref_L1STD_set_Span(&l1std, 9); /* 256 STEs */
    smref_L1STD_set_L2Ptr(&l1std, WORLD_LEVEL2 >> 6);
    store(c, WORLD_STRTAB + 8 * (uint64_t)(world->sid >> 8), &l1std, 1, SMREF_LAYOUT_L1STD);
    store(c, WORLD_LEVEL2 + 64 * (uint64_t)(world->sid & 0xff), ste, 8, SMREF_LAYOUT_STE);
}

static void store_context(smref_case *c)
{
    uint64_t cd[8] = {0};

    smref_CD_set_V(cd, 1);
    smref_CD_set_AA64(cd, 1);
    smref_CD_set_T0SZ(cd, 64 - 39);
    smref_CD_set_EPD1(cd, 1);
    smref_CD_set_IPS(cd, 4); /* 44 bits */
    smref_CD_set_A(cd, 1);
    smref_CD_set_R(cd, 1);
    smref_CD_set_ASET(cd, 1);
    smref_CD_set_TTB0(cd, WORLD_TABLES >> 4);
    smref_CD_set_MAIR0(cd, 0xff);
    store(c, WORLD_CD, cd, 8, SMREF_LAYOUT_CD);
}

void world_start(smref_case *c, const struct world *world)
{
    unsigned log2size = world->log2size ? world->log2size : 12;
    uint64_t format = smref_SMMU_STRTAB_BASE_CFG_with_LOG2SIZE(0, log2size);

    if (world->two_level)
        format = smref_SMMU_STRTAB_BASE_CFG_with_FMT(smref_SMMU_STRTAB_BASE_CFG_with_SPLIT(format, 8), 1);
    store_stream(c, world);
    store_context(c);
    store_word(c, WORLD_TABLES, (WORLD_TABLES + 0x1000) | 3);
    store_word(c, WORLD_TABLES + 0x1000, (WORLD_TABLES + 0x2000) | 3);
    if (world->page)
        store_word(c, WORLD_PAGE_ENTRY, world->page);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_STRTAB_BASE, WORLD_STRTAB);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_STRTAB_BASE_CFG, format);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_EVENTQ_BASE, WORLD_EVENTQ | 1);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_EVENTQ_PROD, 0);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_EVENTQ_CONS, 0);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR0,
                     smref_SMMU_CR0_with_EVENTQEN(smref_SMMU_CR0_with_SMMUEN(0, 1), 1));
}

void world_access(smref_case *c, uint32_t sid, uint64_t at, smref_access_type type)
{
    smref_access access = smref_stimulus_access().access;

    access.sid = sid;
    access.addr = at;
    access.type = type;
    access.size = 4;
    smref_case_access(c, &access);
}

void world_end(smref_case *c)
{
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_EVENTQ_PROD);
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_GERROR);
    smref_case_load(c, SMREF_PAS_NS, WORLD_EVENTQ, 32);
}

void world_commands(smref_case *c, const uint64_t *words, size_t count)
{
    uint64_t enables = smref_SMMU_CR0_with_EVENTQEN(smref_SMMU_CR0_with_SMMUEN(0, 1), 1);

    store(c, WORLD_CMDQ, words, 2 * count, SMREF_LAYOUT_COUNT);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_BASE, WORLD_CMDQ | 4);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_CONS, 0);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_PROD, 0);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR0, smref_SMMU_CR0_with_CMDQEN(enables, 1));
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_PROD, count);
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_CMDQ_CONS);
    smref_case_read(c, SMREF_PAS_NS, SMREF_REG_SMMU_GERROR);
}
