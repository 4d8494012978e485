/* Scenes of the Event queue, and of an SMMU that is disabled. */
#include "scene.h"
#include "smref_layout.h"

static const smref_device *draw_device(const smref_abilities *a, smref_dice *d, const smref_scene *scene)
{
    unsigned n = a->devices[scene->bank][smref_roll_below(d, a->device_count[scene->bank])];

    return &a->implementation->devices[n];
}

static void add_access(smref_dice *d, smref_scene *scene, const smref_device *device, uint64_t address)
{
    smref_access access = smref_scene_draw_access(scene, d, device, address);

    smref_scene_add(scene, SMREF_PART_ACCESS)->access = access;
}

static uint64_t some_data(smref_dice *d, const smref_scene *scene)
{
    return scene->base + SMREF_AT_DATA + (smref_roll(d) & 0x1ffffc);
}

/* ---- The Event queue ------------------------------------------------------------------------------- */

static void set_up_messages(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    uint64_t dice = smref_roll(d), at = scene->base + SMREF_AT_MESSAGES;

    smref_scene_write(scene, a, SMREF_BANK_EVENTQ_IRQ_CFG0, dice & 3 ? at : dice >> 2 & 1 ? 0 : 1 << 12);
    smref_scene_write(scene, a, SMREF_BANK_EVENTQ_IRQ_CFG1, dice >> 32);
    smref_scene_write(scene, a, SMREF_BANK_EVENTQ_IRQ_CFG2, dice >> 3 & 0x3f);
    smref_scene_write(scene, a, SMREF_BANK_GERROR_IRQ_CFG0, dice >> 9 & 3 ? at + 8 : 0);
    smref_scene_write(scene, a, SMREF_BANK_GERROR_IRQ_CFG1, dice >> 40);
    smref_scene_write(scene, a, SMREF_BANK_IRQ_CTRL, dice >> 11 & 7);
}

static void set_up_queue(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    uint64_t dice = smref_roll(d), base = scene->base + SMREF_AT_EVENTS, prod, cons;

    scene->eventq_log2size = dice & 1;
    if ((dice >> 1 & 15) == 0)
        base = UINT64_C(1) << (a->output_bits - 1); /* nothing is there: the write aborts */
    smref_scene_write(scene, a, SMREF_BANK_EVENTQ_BASE, base | scene->eventq_log2size);
    if (dice >> 5 & 1) {
        prod = dice >> 6 & 3;
        cons = dice >> 8 & 1 ? prod : dice >> 9 & 3;
        prod = smref_SMMU_EVENTQ_PROD_with_OVFLG(prod, dice >> 11 & 1);
        cons = smref_SMMU_EVENTQ_CONS_with_OVACKFLG(cons, (dice >> 12 & 3) ? dice >> 11 & 1 : dice >> 14 & 1);
        smref_scene_write(scene, a, SMREF_BANK_EVENTQ_PROD, prod);
        smref_scene_write(scene, a, SMREF_BANK_EVENTQ_CONS, cons);
    }
}

static void consume(const smref_abilities *a, smref_dice *d, smref_scene *scene, unsigned seen)
{
    uint64_t dice = smref_roll(d), cons = seen & 3;

    if (dice & 1)
        cons = smref_SMMU_EVENTQ_CONS_with_OVACKFLG(cons, dice >> 1 & 1);
    smref_scene_write(scene, a, SMREF_BANK_EVENTQ_CONS, cons);
    if ((dice >> 2 & 3) == 0)
        smref_scene_write(scene, a, SMREF_BANK_GERRORN,
                          smref_SMMU_GERROR_with_EVENTQ_ABT_ERR(dice >> 8 & 0x1f0, 1));
}

/* Software takes the queue away, and gives one in its place, of another size perhaps; an error it may
 * acknowledge or not. */
static void replace_queue(const smref_abilities *a, smref_dice *d, smref_scene *scene,
                          const smref_device *device)
{
    uint64_t dice = smref_roll(d), cr0 = smref_SMMU_CR0_with_SMMUEN(0, 1);
    bool grows = (dice >> 1 & 3) > scene->eventq_log2size; /* its indexes are UNKNOWN then (6.3.95) */

    smref_scene_write(scene, a, SMREF_BANK_CR0, cr0);
    if (dice & 1)
        smref_scene_write(scene, a, SMREF_BANK_GERRORN, smref_SMMU_GERROR_with_EVENTQ_ABT_ERR(0, 1));
    smref_scene_write(scene, a, SMREF_BANK_EVENTQ_BASE, (scene->base + SMREF_AT_EVENTS) | (dice >> 1 & 3));
    smref_scene_read(scene, a, SMREF_BANK_EVENTQ_PROD);
    if (grows || dice >> 3 & 1) {
        smref_scene_write(scene, a, SMREF_BANK_EVENTQ_PROD, dice >> 4 & 3);
        smref_scene_write(scene, a, SMREF_BANK_EVENTQ_CONS, dice >> 4 & 3);
    }
    smref_scene_write(scene, a, SMREF_BANK_CR0, smref_SMMU_CR0_with_EVENTQEN(cr0, 1));
    add_access(d, scene, device, some_data(d, scene));
    smref_scene_read(scene, a, SMREF_BANK_EVENTQ_PROD);
}

void smref_scene_queues(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    const smref_device *device;
    uint64_t dice = smref_roll(d), cr0;
    unsigned count = 2 + (dice & 3);

    smref_scene_start(scene, a, d);
    scene->bring_up = 0;
    device = draw_device(a, d, scene);
    smref_scene_root(scene, a);
    smref_scene_write(scene, a, SMREF_BANK_STRTAB_BASE, scene->base + SMREF_AT_STREAMS);
    smref_scene_write(scene, a, SMREF_BANK_STRTAB_BASE_CFG,
                      smref_SMMU_STRTAB_BASE_CFG_with_LOG2SIZE(0, (dice >> 2 & 7) == 0 ? 0 : 16));
    set_up_queue(a, d, scene);
    if (dice >> 5 & 1)
        set_up_messages(a, d, scene);
    smref_scene_write(scene, a, SMREF_BANK_CR2, smref_SMMU_CR2_with_RECINVSID(0, dice >> 6 & 1));
    cr0 = smref_SMMU_CR0_with_EVENTQEN(0, (dice >> 7 & 15) != 0);
    smref_scene_write(scene, a, SMREF_BANK_CR0, smref_SMMU_CR0_with_SMMUEN(cr0, 1));
    for (unsigned i = 0; i < count; i++) {
        add_access(d, scene, device, some_data(d, scene));
        smref_scene_read(scene, a, SMREF_BANK_EVENTQ_PROD);
        if ((smref_roll(d) & 3) == 0)
            consume(a, d, scene, i);
    }
    if ((dice >> 40 & 7) == 0)
        replace_queue(a, d, scene, device);
    smref_scene_load(scene, scene->base + SMREF_AT_EVENTS, 64);
    smref_scene_load(scene, scene->base + SMREF_AT_MESSAGES, 16);
    smref_scene_read(scene, a, SMREF_BANK_GERROR);
}

/* ---- Disabled -------------------------------------------------------------------------------------- */

static void add_without_stream(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    const smref_implementation *i = a->implementation;
    smref_access access = smref_stimulus_access().access;
    uint64_t dice = smref_roll(d);
    bool can = false;

    for (size_t n = 0; n < i->device_count; n++)
        can = can || i->devices[n].can & SMREF_CAN_NO_SID;
    if (!can || dice & 1)
        return;
    access.no_stream = true;
    access.pas = (smref_pas)(dice >> 1 & 3);
    access.size = 4;
    access.addr = some_data(d, scene) ^ ((dice >> 3 & 7) ? 0 : UINT64_C(1) << (dice >> 8 & 63));
    access.mecid = (uint16_t)(dice >> 32);
    smref_scene_add(scene, SMREF_PART_ACCESS)->access = access;
}

/* The attributes of bypass, which Update puts into effect; sometimes without it. */
static uint64_t draw_attributes(smref_dice *d)
{
    uint64_t dice = smref_roll(d), gbpa = dice & 0x1f;

    gbpa = smref_SMMU_GBPA_with_MTCFG(gbpa, dice >> 5 & 1);
    gbpa = smref_SMMU_GBPA_with_ALLOCCFG(gbpa, dice >> 6);
    gbpa = smref_SMMU_GBPA_with_SHCFG(gbpa, (dice >> 10 & 3) == 2 ? 1 : dice >> 10);
    gbpa = smref_SMMU_GBPA_with_PRIVCFG(gbpa, dice >> 12);
    gbpa = smref_SMMU_GBPA_with_INSTCFG(gbpa, dice >> 14);
    gbpa = smref_SMMU_GBPA_with_ABORT(gbpa, (dice >> 16 & 3) == 0);
    return smref_SMMU_GBPA_with_Update(gbpa, (dice >> 18 & 15) != 0);
}

void smref_scene_bypass(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    const smref_device *device;
    uint64_t dice = smref_roll(d);

    smref_scene_start(scene, a, d);
    scene->bring_up = 0;
    device = draw_device(a, d, scene);
    if (dice & 15)
        smref_scene_root(scene, a);
    if (dice >> 4 & 3) {
        smref_scene_write(scene, a, SMREF_BANK_GBPA, draw_attributes(d));
        smref_scene_read(scene, a, SMREF_BANK_GBPA);
    }
    if ((dice >> 6 & 7) == 0)
        smref_scene_write(scene, a, SMREF_BANK_CR0, smref_SMMU_CR0_with_EVENTQEN(0, 1));
    else if (scene->bank == SMREF_SEC_SECURE && dice >> 9 & 1)
        smref_scene_write(scene, a, SMREF_BANK_CR0, smref_SMMU_S_CR0_with_SIF(0, 1));
    for (unsigned i = 0; i < 2; i++) {
        uint64_t bit = dice >> (12 + 8 * i) & 0xff;
        add_access(d, scene, device, some_data(d, scene) ^ (bit < 200 ? 0 : UINT64_C(1) << (bit & 63)));
    }
    add_without_stream(a, d, scene);
    smref_scene_read(scene, a, SMREF_BANK_CR0ACK);
    smref_scene_read(scene, a, SMREF_BANK_GERROR);
}
