/* Scenes of commands: through the Command queue, or an Enhanced one. */
#include "scene.h"
#include "smref_layout.h"

/* Any legal command, and sometimes one that is not. */
static void draw_command(const smref_abilities *a, smref_dice *d, smref_scene *scene, unsigned index)
{
    unsigned any = a->commands[smref_roll_below(d, a->command_count)];
    smref_layout layout = (smref_layout)(scene->focus ? scene->focus : any);
    const smref_layout_info *info = smref_layout_at(layout);
    smref_part *part = smref_scene_command(scene, layout, index);
    uint64_t dice = smref_roll(d);
    bool sparse = dice & 1;

    for (unsigned f = 0; f < info->field_count; f++) {
        const smref_field_info *field = &info->fields[f];
        uint64_t value = smref_roll(d);
        if (field->kind == SMREF_KIND_RESERVED || field->pieces[0].lsb == 0 || (sparse && value >> 60 > 3))
            continue;
        smref_field_set(field, part->words, 0, value);
    }
    smref_CMD_CFGI_STE_set_SSec(part->words, scene->bank == SMREF_SEC_SECURE && dice >> 1 & 1);
    if ((dice >> 2 & 15) == 0)
        smref_CMD_SYNC_set_OPCODE(part->words, dice >> 8);
}

/* A CMD_SYNC that tells of itself, now and then in the place of a command that is still to come. */
static void draw_sync(smref_dice *d, smref_scene *scene, unsigned index)
{
    smref_part *part = smref_scene_command(scene, SMREF_LAYOUT_CMD_SYNC, index);
    uint64_t dice = smref_roll(d);

    smref_CMD_SYNC_set_CS(part->words, (dice & 7) < 5 ? SMREF_CMD_SYNC_CS_SIG_IRQ : (dice & 7) % 3);
    smref_CMD_SYNC_set_MSIData(part->words, dice >> 32);
    smref_CMD_SYNC_set_MSIAddress(part->words, (dice >> 3 & 7) == 0 ? 0
                                               : (dice >> 12 & 7) == 0
                                                   ? (part->at + 16) >> 2
                                                   : (scene->base + SMREF_AT_MESSAGES) >> 2);
    smref_CMD_SYNC_set_MSH(part->words, (dice >> 6 & 3) == 1 ? 0 : dice >> 6);
    smref_CMD_SYNC_set_MSIAttr(part->words, dice >> 8);
}

static void set_up_messages(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    uint64_t dice = smref_roll(d), at = scene->base + SMREF_AT_MESSAGES + 8;

    if (dice & 3)
        return;
    smref_scene_write(scene, a, SMREF_BANK_GERROR_IRQ_CFG0, dice >> 2 & 3 ? at : dice >> 4 & 1 ? 0 : 1 << 12);
    smref_scene_write(scene, a, SMREF_BANK_GERROR_IRQ_CFG1, dice >> 32);
    smref_scene_write(scene, a, SMREF_BANK_GERROR_IRQ_CFG2, dice >> 5 & 0x1f);
    smref_scene_write(scene, a, SMREF_BANK_IRQ_CTRL, smref_SMMU_IRQ_CTRL_with_GERROR_IRQEN(0, 1));
}

static void observe(const smref_abilities *a, smref_scene *scene)
{
    smref_scene_read(scene, a, SMREF_BANK_CMDQ_CONS);
    smref_scene_read(scene, a, SMREF_BANK_GERROR);
    smref_scene_load(scene, scene->base + SMREF_AT_MESSAGES, 16);
}

static uint64_t wrapped(const smref_scene *scene, unsigned index)
{
    return index & ((2U << scene->cmdq_log2size) - 1);
}

/* Software acknowledges an error, with or without a CMD_SYNC in the place of the command. */
static void recover(const smref_abilities *a, smref_dice *d, smref_scene *scene, unsigned first)
{
    uint64_t dice = smref_roll(d);

    if (dice & 1)
        (void)smref_scene_command(scene, SMREF_LAYOUT_CMD_SYNC, first);
    if (dice >> 1 & 3)
        smref_scene_write(scene, a, SMREF_BANK_GERRORN,
                          smref_SMMU_GERROR_with_CMDQ_ERR(0, 1) | ((dice >> 3 & 7) ? 0 : dice >> 32 & 0x1ff));
    else
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD, wrapped(scene, first + 3));
    if ((dice >> 6 & 3) == 0) { /* more commands than there is room for, and then fewer */
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD,
                          wrapped(scene, first + 4 + (2U << scene->cmdq_log2size) / 2 + 1));
        observe(a, scene);
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD, wrapped(scene, first + 3));
    }
    observe(a, scene);
}

/* Software takes the queue away, and gives it back at another index, or with room for more; an error it may
 * acknowledge before, after, or never. */
static void replace_queue(const smref_abilities *a, smref_dice *d, smref_scene *scene, uint64_t cr0,
                          unsigned first)
{
    uint64_t dice = smref_roll(d), error = smref_SMMU_GERROR_with_CMDQ_ERR(0, 1);
    bool grows = (dice >> 2 & 3) == 3; /* its indexes are UNKNOWN then (6.3.27) */

    smref_scene_write(scene, a, SMREF_BANK_CR0, smref_SMMU_CR0_with_CMDQEN(cr0, 0));
    if ((dice & 3) == 0)
        smref_scene_write(scene, a, SMREF_BANK_GERRORN, error);
    if (dice >> 2 & 1)
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_BASE,
                          (scene->base + SMREF_AT_COMMANDS) | (scene->cmdq_log2size + (dice >> 3 & 1)));
    if (grows || dice >> 4 & 1)
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_CONS, wrapped(scene, first + (dice >> 5 & 1)));
    if (grows)
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD, wrapped(scene, first + (dice >> 5 & 1)));
    observe(a, scene);
    smref_scene_write(scene, a, SMREF_BANK_CR0, cr0);
    if (dice & 1)
        smref_scene_write(scene, a, SMREF_BANK_GERRORN, error);
    smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD, wrapped(scene, first + 3));
    observe(a, scene);
}

static void enhanced(const smref_abilities *a, smref_dice *d, smref_scene *scene, unsigned count)
{
    uint64_t dice = smref_roll(d), prod;

    scene->cmdq_log2size = 2;
    for (unsigned i = 0; i < count; i++)
        (i + 1 < count ? draw_command(a, d, scene, i) : draw_sync(d, scene, i));
    smref_scene_root(scene, a);
    smref_scene_write(scene, a, SMREF_BANK_CR0, smref_SMMU_CR0_with_CMDQEN(dice & 1, 1));
    smref_scene_write(scene, a, SMREF_BANK_ECMDQ_BASE,
                      (scene->base + SMREF_AT_COMMANDS) | scene->cmdq_log2size);
    prod = smref_SMMU_ECMDQ_PROD_with_EN(0, (dice >> 1 & 15) != 0);
    prod = smref_SMMU_ECMDQ_PROD_with_ERRACK(prod, (dice >> 5 & 15) == 0);
    smref_scene_write(scene, a, SMREF_BANK_ECMDQ_PROD, prod);
    prod = smref_SMMU_ECMDQ_PROD_with_WR(prod, count);
    smref_scene_write(scene, a, SMREF_BANK_ECMDQ_PROD, prod);
    smref_scene_read(scene, a, SMREF_BANK_ECMDQ_CONS);
    observe(a, scene);
    if (dice >> 10 & 1) {
        prod = smref_SMMU_ECMDQ_PROD_with_ERRACK(prod, dice >> 11 & 1);
        prod = smref_SMMU_ECMDQ_PROD_with_EN(prod, (dice >> 12 & 3) != 0);
        smref_scene_write(scene, a, SMREF_BANK_ECMDQ_PROD, prod);
        if (dice >> 14 & 1)
            smref_scene_write(scene, a, SMREF_BANK_ECMDQ_CONS, dice >> 32);
        smref_scene_read(scene, a, SMREF_BANK_ECMDQ_CONS);
        observe(a, scene);
    }
}

/* Mostly the queue starts at 0; else somewhere before it wraps. */
static unsigned draw_start(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    unsigned start = smref_roll_one_in(d, 4) ? smref_roll_below(d, 2U << scene->cmdq_log2size) : 0;

    if (start) {
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD, start);
        smref_scene_write(scene, a, SMREF_BANK_CMDQ_CONS, start);
    }
    return start;
}

void smref_scene_commands(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    unsigned count, start;
    uint64_t dice = smref_roll(d), cr0;

    smref_scene_start(scene, a, d);
    scene->bring_up = 0;
    count = 1 + (dice & 3);
    if (a->registers[SMREF_BANK_ECMDQ_PROD][scene->bank] < SMREF_REG_COUNT && (dice >> 4 & 3) == 0) {
        enhanced(a, d, scene, count);
        return;
    }
    scene->cmdq_log2size = 2 + (dice >> 6 & 1);
    smref_scene_root(scene, a);
    set_up_messages(a, d, scene);
    smref_scene_write(scene, a, SMREF_BANK_CMDQ_BASE,
                      (scene->base + SMREF_AT_COMMANDS) | scene->cmdq_log2size);
    start = draw_start(a, d, scene);
    if (scene->focus && count == 1)
        count = 2;
    for (unsigned i = 0; i < count; i++)
        if (i + 1 == count || (!scene->focus && smref_roll_one_in(d, 8)))
            draw_sync(d, scene, start + i);
        else
            draw_command(a, d, scene, start + i);
    cr0 = smref_SMMU_CR0_with_CMDQEN(0, 1);
    if ((dice >> 8 & 3) == 0) { /* commands of ATS and prefetches are ignored else */
        smref_scene_write(scene, a, SMREF_BANK_STRTAB_BASE, scene->base + SMREF_AT_STREAMS);
        smref_scene_write(scene, a, SMREF_BANK_STRTAB_BASE_CFG, 4);
        cr0 = smref_SMMU_CR0_with_SMMUEN(cr0, 1);
        cr0 = smref_SMMU_CR0_with_ATSCHK(cr0, dice >> 10 & 1);
    }
    smref_scene_write(scene, a, SMREF_BANK_CR0, cr0);
    smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD, wrapped(scene, start + count));
    observe(a, scene);
    if ((dice >> 11 & 3) == 0)
        recover(a, d, scene, start);
    if ((dice >> 40 & 7) == 0)
        replace_queue(a, d, scene, cr0, start);
}
