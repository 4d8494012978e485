/* What an implementation permits: which tables, formats and worlds are legal. The model is asked; nothing of
 * it is repeated here. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "configuration.h"
#include "smref_layout.h"

/* ---- Registers, memory, devices -------------------------------------------------------------------- */

static const char *const bank_registers[SMREF_BANK_REGISTERS] = {
    [SMREF_BANK_CR0] = "CR0",
    [SMREF_BANK_CR0ACK] = "CR0ACK",
    [SMREF_BANK_CR2] = "CR2",
    [SMREF_BANK_GBPA] = "GBPA",
    [SMREF_BANK_IRQ_CTRL] = "IRQ_CTRL",
    [SMREF_BANK_GERROR] = "GERROR",
    [SMREF_BANK_GERRORN] = "GERRORN",
    [SMREF_BANK_GERROR_IRQ_CFG0] = "GERROR_IRQ_CFG0",
    [SMREF_BANK_GERROR_IRQ_CFG1] = "GERROR_IRQ_CFG1",
    [SMREF_BANK_GERROR_IRQ_CFG2] = "GERROR_IRQ_CFG2",
    [SMREF_BANK_STRTAB_BASE] = "STRTAB_BASE",
    [SMREF_BANK_STRTAB_BASE_CFG] = "STRTAB_BASE_CFG",
    [SMREF_BANK_CMDQ_BASE] = "CMDQ_BASE",
    [SMREF_BANK_CMDQ_PROD] = "CMDQ_PROD",
    [SMREF_BANK_CMDQ_CONS] = "CMDQ_CONS",
    [SMREF_BANK_EVENTQ_BASE] = "EVENTQ_BASE",
    [SMREF_BANK_EVENTQ_PROD] = "EVENTQ_PROD",
    [SMREF_BANK_EVENTQ_CONS] = "EVENTQ_CONS",
    [SMREF_BANK_EVENTQ_IRQ_CFG0] = "EVENTQ_IRQ_CFG0",
    [SMREF_BANK_EVENTQ_IRQ_CFG1] = "EVENTQ_IRQ_CFG1",
    [SMREF_BANK_EVENTQ_IRQ_CFG2] = "EVENTQ_IRQ_CFG2",
    [SMREF_BANK_GATOS_CTRL] = "GATOS_CTRL",
    [SMREF_BANK_GATOS_SID] = "GATOS_SID",
    [SMREF_BANK_GATOS_ADDR] = "GATOS_ADDR",
    [SMREF_BANK_GATOS_PAR] = "GATOS_PAR",
    [SMREF_BANK_VATOS_CTRL] = "VATOS_CTRL",
    [SMREF_BANK_VATOS_SID] = "VATOS_SID",
    [SMREF_BANK_VATOS_ADDR] = "VATOS_ADDR",
    [SMREF_BANK_VATOS_PAR] = "VATOS_PAR",
    [SMREF_BANK_VATOS_SEL] = "VATOS_SEL",
    [SMREF_BANK_ECMDQ_BASE] = "ECMDQ_BASE",
    [SMREF_BANK_ECMDQ_PROD] = "ECMDQ_PROD",
    [SMREF_BANK_ECMDQ_CONS] = "ECMDQ_CONS",
    [SMREF_BANK_INIT] = "INIT",
};

static void find_registers(smref_abilities *a)
{
    static const char *const banks[SMREF_BANKS] = {"NS", "S", "R"};

    for (unsigned i = 0; i < SMREF_BANK_REGISTERS; i++)
        for (unsigned b = 0; b < SMREF_BANKS; b++)
            a->registers[i][b] = SMREF_REG_COUNT;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        a->exists[reg] = smref_register_exists(a->smmu, (smref_register)reg);
        if (a->exists[reg])
            a->existing[a->register_count++] = (uint16_t)reg;
        for (unsigned i = 0; i < SMREF_BANK_REGISTERS; i++)
            for (unsigned b = 0; a->exists[reg] && b < SMREF_BANKS; b++)
                if (!strcmp(info->family, bank_registers[i]) && !strcmp(info->bank, banks[b]))
                    a->registers[i][b] = (smref_register)reg;
    }
}

static void find_memory(smref_abilities *a)
{
    const smref_implementation *i = a->implementation;

    for (size_t n = 0; n < i->memory_count; n++) {
        const smref_window *w = &i->memory[n];
        uint64_t coarse = (w->at + 0x3fffff) & ~UINT64_C(0x3fffff), fine = (w->at + 0xfff) & ~UINT64_C(0xfff);
        uint64_t at = coarse - w->at + SMREF_AT_END <= w->size ? coarse : fine;
        if (a->has[w->pas] || at - w->at + SMREF_AT_END > w->size || !(i->spaces >> w->pas & 1))
            continue;
        a->has[w->pas] = true;
        a->base[w->pas] = at;
    }
}

static void find_banks(smref_abilities *a)
{
    static const smref_pas spaces[SMREF_BANKS] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};
    const smref_implementation *i = a->implementation;

    for (unsigned n = 0; n < i->device_count; n++) {
        unsigned bank = i->devices[n].sec_sid;
        if (i->devices[n].can & (SMREF_CAN_READ | SMREF_CAN_WRITE) && !(i->devices[n].can & SMREF_CAN_NO_SID))
            a->devices[bank][a->device_count[bank]++] = n;
    }
    for (unsigned b = 0; b < SMREF_BANKS; b++) {
        a->bank[b] =
            a->device_count[b] && a->has[spaces[b]] && a->registers[SMREF_BANK_CR0][b] < SMREF_REG_COUNT;
        if (a->bank[b])
            a->banks[a->bank_count++] = (smref_sec_sid)b;
    }
}

/* ---- Legality, as the model sees it ---------------------------------------------------------------- */

static void plain_STE(uint64_t *ste, unsigned config)
{
    memset(ste, 0, SMREF_STE_BYTES);
    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, config);
    smref_STE_set_SHCFG(ste, 1);
}

static void plain_CD(uint64_t *cd)
{
    memset(cd, 0, SMREF_CD_BYTES);
    smref_CD_set_V(cd, 1);
    smref_CD_set_R(cd, 1);
}

void smref_geometry_put1(uint64_t *cd, const smref_geometry *g)
{
    smref_CD_set_AA64(cd, g->format == SMREF_Format_VMSAv8_64);
    smref_CD_set_DS(cd, g->ds);
    if (g->half) {
        smref_CD_set_T1SZ(cd, g->txsz);
        smref_CD_set_TG1(cd, g->tg);
    } else {
        smref_CD_set_T0SZ(cd, g->txsz);
        smref_CD_set_TG0(cd, g->tg);
    }
}

void smref_geometry_put2(uint64_t *ste, const smref_geometry *g)
{
    smref_STE_set_S2AA64(ste, g->format == SMREF_Format_VMSAv8_64);
    smref_STE_set_S2DS(ste, g->ds);
    smref_STE_set_S2T0SZ(ste, g->txsz);
    smref_STE_set_S2TG(ste, g->tg);
    smref_STE_set_S2SL0(ste, g->sl0);
    smref_STE_set_S2SL0_2(ste, g->sl0_2);
}

void smref_geometry_put_secure(uint64_t *ste, const smref_geometry *g)
{
    smref_STE_set_S_S2T0SZ(ste, g->txsz);
    smref_STE_set_S_S2TG(ste, g->tg);
    smref_STE_set_S_S2SL0(ste, g->sl0);
    smref_STE_set_S_S2SL0_2(ste, g->sl0_2);
}

static void take_walk(smref_geometry *g, const smref_walk_info *walk)
{
    g->granule = walk->granule;
    g->granule_bits = walk->granule_bits;
    g->stride = walk->stride;
    g->input_bits = walk->input_bits;
    g->start_level = walk->start_level;
    g->concatenated = walk->concatenated;
}

static void keep(smref_geometries *all, const smref_geometry *g)
{
    if (!all->list)
        all->list = smref_alloc(SMREF_GEOMETRIES, sizeof *all->list);
    if (all->count < SMREF_GEOMETRIES)
        all->list[all->count++] = *g;
}

/* What reads as a valid descriptor of a level. */
static void find_shape(smref_abilities *a, const smref_walk_info *walk, unsigned stage, int level, bool leaf)
{
    unsigned format = walk->format == SMREF_Format_VMSAv8_64;
    smref_shape *shape =
        &(leaf ? a->leaves : a->tables)[stage - 1][format][walk->granule - 1][walk->ds][level + 1];
    const smref_field_context context = {.walk = walk, .level = level};
    uint64_t word = 0;
    smref_descriptor d;

    smref_VMSAv8_64_S1_TABLE_set_VALID(&word, 1);
    smref_VMSAv8_64_S1_TABLE_set_TYPE(&word, leaf ? level == 3 : 1);
    smref_descriptor_look(a->smmu, walk, (int)stage, level, word, &d);
    if (shape->exists || d.kind == SMREF_DESCRIPTOR_RESERVED || d.kind == SMREF_DESCRIPTOR_INVALID ||
        leaf != (d.kind != SMREF_DESCRIPTOR_TABLE))
        return;
    shape->exists = true;
    shape->layout = d.layout;
    for (unsigned f = 0; f < smref_layout_at(d.layout)->field_count; f++) {
        const smref_field_info *field = &smref_layout_at(d.layout)->fields[f];
        smref_field_state state;
        if (field->kind == SMREF_KIND_ADDRESS &&
            smref_field_look(a->smmu, &context, d.layout, f, &word, &state) && state == SMREF_FIELD_ACTIVE)
            shape->fields[shape->count++] = (uint8_t)f;
    }
}

static void find_shapes(smref_abilities *a, const smref_walk_info *walk, unsigned stage)
{
    for (int level = walk->start_level; level <= 3; level++) {
        find_shape(a, walk, stage, level, true);
        if (level < 3)
            find_shape(a, walk, stage, level, false);
    }
}

/* The controls that some implementations force: Stall, byte order. */
static bool legal_CD(smref_abilities *a, smref_sec_sid bank, const uint64_t *ste, uint64_t *cd)
{
    uint16_t rule;

    for (unsigned i = 0; i < 4; i++) {
        smref_CD_set_S(cd, i & 1);
        smref_CD_set_ENDI(cd, i >> 1);
        if (!smref_cd_illegal(a->smmu, bank, ste, cd, &rule, 1))
            return true;
    }
    return false;
}

static bool legal_STE(smref_abilities *a, smref_sec_sid bank, uint64_t *ste)
{
    uint16_t rule;

    for (unsigned i = 0; i < 4; i++) {
        smref_STE_set_S2S(ste, i & 1);
        smref_STE_set_S2ENDI(ste, i >> 1);
        if (!smref_ste_illegal(a->smmu, bank, ste, &rule, 1))
            return true;
    }
    return false;
}

static void try_stage1(smref_abilities *a, smref_geometry *g, smref_geometries *to)
{
    uint64_t ste[8], cd[8];
    smref_walk_info walk;

    plain_STE(ste, SMREF_STE_Config_S1_TRANS);
    plain_CD(cd);
    smref_CD_set_A(cd, 1);
    smref_CD_set_IPS(cd, 7);
    smref_CD_set_EPD0(cd, g->half);
    smref_CD_set_EPD1(cd, !g->half);
    smref_geometry_put1(cd, g);
    if (!legal_STE(a, SMREF_SEC_NS, ste) || !legal_CD(a, SMREF_SEC_NS, ste, cd) ||
        !smref_tables_look(a->smmu, SMREF_SEC_NS, ste, cd, g->half, &walk) || walk.ds != g->ds)
        return;
    take_walk(g, &walk);
    keep(to, g);
    find_shapes(a, &walk, 1);
}

static void find_stage1(smref_abilities *a, unsigned format, unsigned half)
{
    bool is64 = format == SMREF_Format_VMSAv8_64;

    for (unsigned ds = 0; ds < (is64 ? 2 : 1); ds++)
        for (unsigned tg = 0; tg < (is64 ? 4 : 1); tg++)
            for (unsigned size = half && !is64; size < (is64 ? 64 : 8); size++) {
                smref_geometry g = {.format = (uint8_t)format, .half = (uint8_t)half, .ds = ds};
                g.tg = (uint8_t)tg;
                g.txsz = (uint8_t)size;
                try_stage1(a, &g, &a->s1[format][half]);
            }
}

static void try_stage2(smref_abilities *a, smref_geometry *g, smref_geometries *to)
{
    uint64_t ste[8];
    smref_walk_info walk;

    plain_STE(ste, SMREF_STE_Config_S2_TRANS);
    smref_STE_set_S2PS(ste, 7);
    smref_geometry_put2(ste, g);
    if (!legal_STE(a, SMREF_SEC_NS, ste) || !smref_tables_look(a->smmu, SMREF_SEC_NS, ste, NULL, 0, &walk) ||
        walk.ds != g->ds)
        return;
    take_walk(g, &walk);
    keep(to, g);
    find_shapes(a, &walk, 2);
}

static void find_stage2(smref_abilities *a, unsigned format)
{
    bool is64 = format == SMREF_Format_VMSAv8_64;

    for (unsigned ds = 0; ds < (is64 ? 2 : 1); ds++)
        for (unsigned tg = 0; tg < (is64 ? 3 : 1); tg++)
            for (unsigned size = 0; size < (is64 ? 64 : 32); size++)
                for (unsigned sl = 0; sl < (ds && tg == 0 ? 8 : 4); sl++) {
                    smref_geometry g = {.format = (uint8_t)format, .ds = ds};
                    g.sl0 = sl & 3;
                    g.sl0_2 = sl >> 2 & 1;
                    g.tg = (uint8_t)tg;
                    g.txsz = (uint8_t)size;
                    try_stage2(a, &g, &a->s2[format]);
                }
}

/* ---- Settings: how stages, worlds and controls go together ----------------------------------------- */

static bool has_stage1(unsigned config)
{
    return config == SMREF_STE_Config_S1_TRANS || config == SMREF_STE_Config_NESTED;
}

static bool has_stage2(unsigned config)
{
    return config == SMREF_STE_Config_S2_TRANS || config == SMREF_STE_Config_NESTED;
}

static void put_E2H(smref_abilities *a, smref_sec_sid bank, bool e2h)
{
    smref_register cr2 = a->registers[SMREF_BANK_CR2][bank];
    uint64_t value = smref_get_register(a->smmu, cr2);

    (void)smref_set_register(a->smmu, cr2, smref_SMMU_CR2_with_E2H(value, e2h), NULL);
}

/* Whether EPD0 means nothing: then there is no TTB1. */
static bool is_single_half(smref_abilities *a, smref_sec_sid bank, const uint64_t *ste, const uint64_t *cd)
{
    smref_walk_info walk;
    uint64_t off[8];

    memcpy(off, cd, sizeof off);
    smref_CD_set_EPD0(off, 1);
    return smref_tables_look(a->smmu, bank, ste, off, 0, &walk);
}

/* Faults stall only where they must. */
static void try_context(smref_abilities *a, smref_sec_sid bank, const uint64_t *ste, smref_setting setting)
{
    unsigned found = 0;

    for (unsigned i = 0; i < 16 && !(i == 8 && found); i++) {
        uint64_t cd[8];
        uint16_t rule;
        setting.format1 = i & 1;
        setting.endi = i >> 1 & 1;
        setting.a = i >> 2 & 1;
        setting.s = i >> 3 & 1;
        if (!a->s1[setting.format1][0].count || a->setting_count[bank] == SMREF_SETTINGS)
            continue;
        plain_CD(cd);
        smref_CD_set_EPD1(cd, 1);
        smref_CD_set_IPS(cd, 7);
        smref_geometry_put1(cd, &a->s1[setting.format1][0].list[0]);
        smref_CD_set_ENDI(cd, setting.endi);
        smref_CD_set_S(cd, setting.s);
        smref_CD_set_A(cd, setting.a);
        setting.single_half = is_single_half(a, bank, ste, cd);
        if (setting.single_half)
            smref_CD_set_EPD1(cd, 0);
        if (smref_cd_illegal(a->smmu, bank, ste, cd, &rule, 1))
            continue;
        found++;
        a->settings[bank][a->setting_count[bank]++] = setting;
    }
}

static void try_setting(smref_abilities *a, smref_sec_sid bank, smref_setting setting)
{
    uint64_t ste[8];
    uint16_t rule;

    if (has_stage2(setting.config) && !a->s2[setting.format2].count)
        return;
    plain_STE(ste, setting.config);
    smref_STE_set_STRW(ste, setting.strw);
    smref_STE_set_S2S(ste, setting.s2s);
    smref_STE_set_S2ENDI(ste, setting.s2endi);
    smref_STE_set_S2PS(ste, 7);
    if (has_stage2(setting.config)) {
        const smref_geometry *g = &a->s2[setting.format2].list[0];
        smref_geometry_put2(ste, g);
        if (bank == SMREF_SEC_SECURE)
            smref_geometry_put_secure(ste, g);
    }
    if (smref_ste_illegal(a->smmu, bank, ste, &rule, 1) || a->setting_count[bank] == SMREF_SETTINGS)
        return;
    if (has_stage1(setting.config))
        try_context(a, bank, ste, setting);
    else
        a->settings[bank][a->setting_count[bank]++] = setting;
}

static void find_settings(smref_abilities *a, smref_sec_sid bank)
{
    unsigned without_stalls = 0, before;

    a->settings[bank] = smref_alloc(SMREF_SETTINGS, sizeof *a->settings[bank]);
    for (unsigned i = 0; i < 4 * 4 * 2 * 8; i++) {
        smref_setting s = {.config = (uint8_t)(SMREF_STE_Config_BYPASS + (i & 3)), .strw = i >> 2 & 3};
        s.e2h = i >> 4 & 1;
        s.format2 = i >> 5 & 1;
        s.s2endi = i >> 6 & 1;
        s.s2s = i >> 7 & 1;
        if (s.s2s && without_stalls)
            continue;
        if (!has_stage2(s.config) && (s.format2 || s.s2s || s.s2endi))
            continue;
        if ((has_stage2(s.config) || !has_stage1(s.config)) && s.strw)
            continue;
        if (s.e2h && !s.strw)
            continue;
        before = a->setting_count[bank];
        put_E2H(a, bank, s.e2h);
        try_setting(a, bank, s);
        without_stalls += has_stage2(s.config) && !s.s2s && a->setting_count[bank] > before;
    }
    put_E2H(a, bank, false);
}

/* Whether a code of CD.IPS or STE.S2PS means nothing of its own. */
static bool is_reserved_size(const smref_abilities *a, unsigned stage, unsigned code)
{
    const smref_layout_info *info = smref_layout_at(stage == 1 ? SMREF_LAYOUT_CD : SMREF_LAYOUT_STE);
    const char *name = stage == 1 ? "IPS" : "S2PS";

    for (unsigned f = 0; f < info->field_count; f++)
        if (!strcmp(info->fields[f].name, name))
            return smref_code_is_reserved(a, &info->fields[f], code);
    return false;
}

static unsigned output_bits_of(smref_abilities *a, unsigned stage, unsigned code)
{
    uint64_t ste[8], cd[8];
    smref_walk_info walk;
    const smref_geometries *all = stage == 1 ? &a->s1[1][0] : &a->s2[1];

    plain_STE(ste, stage == 1 ? SMREF_STE_Config_S1_TRANS : SMREF_STE_Config_S2_TRANS);
    plain_CD(cd);
    smref_CD_set_EPD1(cd, 1);
    smref_CD_set_A(cd, 1);
    smref_CD_set_IPS(cd, code);
    smref_STE_set_S2PS(ste, code);
    if (!all->count || is_reserved_size(a, stage, code))
        return 0;
    smref_geometry_put1(cd, all->list);
    smref_geometry_put2(ste, all->list);
    if (!smref_tables_look(a->smmu, SMREF_SEC_NS, ste, stage == 1 ? cd : NULL, 0, &walk))
        return 0;
    return walk.output_bits;
}

/* How a granule protection table of each granule is laid out; all of what can be protected is. */
static void find_granules(smref_abilities *a)
{
    for (unsigned i = 0; a->exists[SMREF_REG_SMMU_ROOT_GPT_BASE_CFG] && i < 3 * 8; i++) {
        uint64_t cfg = smref_get_register(a->smmu, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG);
        smref_granule_table table;
        cfg = smref_SMMU_ROOT_GPT_BASE_CFG_with_PGS(cfg, i % 3);
        cfg = smref_SMMU_ROOT_GPT_BASE_CFG_with_PPS(cfg, i / 3);
        cfg = smref_SMMU_ROOT_GPT_BASE_CFG_with_SH(cfg, 2);
        (void)smref_set_register(a->smmu, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, cfg, NULL);
        if (!smref_granule_table_look(a->smmu, &table) || table.invalid)
            continue;
        a->granules[i % 3] = table;
        a->granule_sizes[i % 3] = i / 3;
    }
}

static void find_commands(smref_abilities *a)
{
    for (unsigned i = 0; i < SMREF_LAYOUT_COUNT; i++)
        if (smref_layout_at(i)->kind == SMREF_LAYOUT_KIND_COMMAND && a->command_count < 64)
            a->commands[a->command_count++] = i;
}

/* ---- Making and clearing --------------------------------------------------------------------------- */

static bool make_model(smref_abilities *a, smref_jerror *error)
{
    const smref_memory memory = smref_no_memory();

    a->smmu = smref_new(&memory, NULL);
    return smref_implementation_deposit(a->implementation, a->smmu, error);
}

static void find_sizes(smref_abilities *a)
{
    uint64_t idr0 = smref_get_register(a->smmu, SMREF_REG_SMMU_IDR0);
    uint64_t idr1 = smref_get_register(a->smmu, SMREF_REG_SMMU_IDR1);

    a->version = smref_architecture(a->smmu);
    a->output_bits = smref_output_bits(a->smmu);
    a->intermediate_bits = smref_intermediate_bits(a->smmu);
    a->stage1 = smref_SMMU_IDR0_S1P(idr0);
    a->stage2 = smref_SMMU_IDR0_S2P(idr0);
    a->sid_bits[SMREF_SEC_NS] = a->sid_bits[SMREF_SEC_REALM] = (unsigned)smref_SMMU_IDR1_SIDSIZE(idr1);
    a->sid_bits[SMREF_SEC_SECURE] =
        (unsigned)smref_SMMU_S_IDR1_S_SIDSIZE(smref_get_register(a->smmu, SMREF_REG_SMMU_S_IDR1));
    a->ssid_bits = (unsigned)smref_SMMU_IDR1_SSIDSIZE(idr1);
    for (unsigned code = 0; code < 8; code++) {
        a->ips_bits[code] = (uint8_t)output_bits_of(a, 1, code);
        a->s2ps_bits[code] = (uint8_t)output_bits_of(a, 2, code);
    }
}

bool smref_abilities_make(smref_abilities *a, const smref_implementation *implementation, smref_jerror *error)
{
    const smref_jdoc doc = {.file = implementation->name};

    memset(a, 0, sizeof *a);
    a->implementation = implementation;
    if (!make_model(a, error)) {
        smref_free(a->smmu);
        return false;
    }
    find_registers(a);
    find_memory(a);
    find_banks(a);
    if (!a->bank_count) {
        smref_free(a->smmu);
        return smref_jfail(&doc, NULL, error,
                           "no Security state has a device, 13 MB of memory and software that sets it up");
    }
    for (unsigned format = 0; format < 2; format++) {
        for (unsigned half = 0; half < 2; half++)
            find_stage1(a, format, half);
        find_stage2(a, format);
    }
    find_sizes(a);
    for (unsigned b = 0; b < a->bank_count; b++)
        find_settings(a, a->banks[b]);
    find_commands(a);
    find_granules(a);
    return true;
}

void smref_abilities_clear(smref_abilities *a)
{
    for (unsigned format = 0; format < 2; format++) {
        free(a->s1[format][0].list);
        free(a->s1[format][1].list);
        free(a->s2[format].list);
    }
    for (unsigned b = 0; b < SMREF_BANKS; b++)
        free(a->settings[b]);
    smref_free(a->smmu);
}
