/* Scenes of software that reads and writes registers: guards, acknowledgements, sizes, places without any. */
#include <string.h>

#include "scene.h"
#include "smref_layout.h"

static smref_pas draw_space(const smref_abilities *a, smref_dice *d, const smref_scene *scene)
{
    smref_pas pas = (smref_pas)smref_roll_below(d, SMREF_PAS_COUNT);

    return smref_roll_one_in(d, 8) && a->implementation->spaces >> pas & 1 ? pas : scene->space;
}

/* The space from which a register is mostly reached. */
static smref_pas space_of(const smref_abilities *a, unsigned reg, smref_pas else_)
{
    const char *bank = smref_register_at(reg)->bank;
    smref_pas pas = !strcmp(bank, "S") ? SMREF_PAS_SECURE : !strcmp(bank, "R") ? SMREF_PAS_REALM : else_;

    if (!strcmp(smref_register_at(reg)->block, "ROOT"))
        pas = SMREF_PAS_ROOT;
    return a->implementation->spaces >> pas & 1 ? pas : else_;
}

static unsigned draw_register(const smref_abilities *a, smref_dice *d, const smref_scene *scene)
{
    unsigned reg = SMREF_REG_COUNT;

    if (!smref_roll_one_in(d, 3))
        reg = a->registers[smref_roll_below(d, SMREF_BANK_REGISTERS)][scene->bank];
    if (smref_roll_one_in(d, 16))
        reg = smref_roll_below(d, SMREF_REG_COUNT);
    return reg < SMREF_REG_COUNT ? reg : a->existing[smref_roll_below(d, a->register_count)];
}

/* Memory that it may point to, so that what a write starts finds something. */
static uint64_t draw_value(smref_dice *d, const smref_scene *scene)
{
    uint64_t dice = smref_roll(d), value;

    switch (dice & 7) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return UINT64_C(1) << (dice >> 8 & 63);
    case 3:
        return dice >> 8 & 7;
    case 4:
        return (scene->base + SMREF_AT_COMMANDS) | (dice >> 8 & 7);
    default:
        value = smref_roll(d);
        return dice & 32 ? value & smref_roll(d) : value;
    }
}

static void plain(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    unsigned reg = draw_register(a, d, scene);
    smref_pas pas = smref_roll_one_in(d, 8) ? draw_space(a, d, scene) : space_of(a, reg, scene->space);
    smref_part *part;

    if (smref_roll_one_in(d, 4)) {
        part = smref_scene_add(scene, SMREF_PART_READ);
        part->what = (uint16_t)reg;
        part->pas = pas;
        return;
    }
    part = smref_scene_add(scene, SMREF_PART_WRITE);
    part->what = (uint16_t)reg;
    part->pas = pas;
    part->words[0] = draw_value(d, scene);
    if (smref_register_at(reg)->width == 32)
        part->words[0] &= UINT32_MAX;
    part = smref_scene_add(scene, SMREF_PART_READ);
    part->what = (uint16_t)reg;
    part->pas = pas;
}

/* Another size, the other half, a place without a register; what is not aligned, or in no page, only where
 * `anywhere` says so: not all targets can do that. */
static void odd(const smref_abilities *a, smref_dice *d, smref_scene *scene, bool anywhere)
{
    smref_part *part = smref_scene_add(scene, SMREF_PART_MMIO);
    uint64_t dice = smref_roll(d);
    unsigned reg = draw_register(a, d, scene);
    smref_mmio *mmio = &part->mmio;

    if (!anywhere && !a->exists[reg])
        reg = a->existing[0];
    *mmio = (smref_mmio){.block = SMREF_BLOCK_NS_PAGE0};
    (void)smref_locate_register(a->smmu, (smref_register)reg, 0, dice & 1, mmio, NULL);
    mmio->pas = smref_roll_one_in(d, 2) ? draw_space(a, d, scene) : space_of(a, reg, scene->space);
    mmio->write = dice >> 1 & 1;
    mmio->size = (uint8_t)(dice >> 2 & 1 ? 4 : 8);
    mmio->value = draw_value(d, scene);
    if (dice >> 7 & 1 && mmio->block == SMREF_BLOCK_NS_PAGE0)
        mmio->offset = (uint32_t)(dice >> 32) & (dice >> 14 & 1 ? 0x1fffc : 0x1fc);
    if (anywhere && dice >> 3 & 1)
        mmio->size = (uint8_t)(1 + (dice >> 8 & 7));
    if (anywhere && dice >> 5 & 1)
        mmio->offset += dice >> 11 & 7;
    if (!anywhere)
        mmio->offset &= ~(uint32_t)(mmio->size - 1);
    if (mmio->size < 8)
        mmio->value &= (UINT64_C(1) << 8 * mmio->size) - 1;
}

/* A state of enabling: registers are guarded by it. */
static void enable(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    uint64_t dice = smref_roll(d);

    smref_scene_write(scene, a, SMREF_BANK_CMDQ_BASE, (scene->base + SMREF_AT_COMMANDS) | 3);
    smref_scene_write(scene, a, SMREF_BANK_EVENTQ_BASE, (scene->base + SMREF_AT_EVENTS) | 2);
    smref_scene_write(scene, a, SMREF_BANK_STRTAB_BASE, scene->base + SMREF_AT_STREAMS);
    smref_scene_write(scene, a, SMREF_BANK_CR0, dice & (dice >> 8 & 3 ? 0xd : 0x1ff));
    smref_scene_read(scene, a, SMREF_BANK_CR0ACK);
    if (dice >> 10 & 1)
        smref_scene_write(scene, a, SMREF_BANK_IRQ_CTRL, dice >> 11 & 7);
}

void smref_scene_registers(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    uint64_t dice = smref_roll(d);
    unsigned count = 3 + (dice & 7);

    smref_scene_start(scene, a, d);
    scene->bring_up = 0;
    if (dice >> 3 & 7)
        smref_scene_root(scene, a);
    if (dice >> 6 & 1)
        enable(a, d, scene);
    for (unsigned i = 0; i < count; i++)
        if (smref_roll_one_in(d, 4))
            odd(a, d, scene, dice >> 32 & 1 && dice >> 33 & 1);
        else
            plain(a, d, scene);
    if (dice >> 7 & 1)
        smref_scene_write(scene, a, SMREF_BANK_CR0, dice >> 8 & 1);
    smref_scene_read(scene, a, SMREF_BANK_CR0ACK);
    smref_scene_read(scene, a, SMREF_BANK_GERROR);
}
