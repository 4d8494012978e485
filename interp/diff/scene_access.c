/* Accesses that devices are able to make. */
#include "scene.h"

static void draw_size(smref_dice *d, const smref_device *device, smref_access *access)
{
    uint64_t dice = smref_roll(d);
    uint32_t size = 1U << (dice & 7) % 5;

    access->size = 4;
    if (!(device->can & SMREF_CAN_SIZES) || (dice >> 8 & 1))
        return;
    access->size = dice >> 9 & 3 ? size : 1 + (uint32_t)(dice >> 16 & 63);
    if ((access->addr & 0xfff) + access->size > 0x1000)
        access->size = 0x1000 - (uint32_t)(access->addr & 0xfff);
}

static void draw_attrs(smref_dice *d, const smref_device *device, smref_access *access)
{
    static const smref_attrs kinds[4] = {
        {SMREF_MT_NORMAL, SMREF_ISH, {SMREF_WB, true, true, false}, {SMREF_WB, true, false, true}},
        {SMREF_MT_NORMAL, SMREF_OSH, {SMREF_NC, false, false, false}, {SMREF_NC, false, false, false}},
        {SMREF_MT_DEVICE_nGnRE, SMREF_OSH, {0, false, false, false}, {0, false, false, false}},
        {SMREF_MT_NORMAL, SMREF_NSH, {SMREF_WT, true, false, false}, {SMREF_WB, false, true, false}},
    };
    uint64_t dice = smref_roll(d);

    if (!(device->can & SMREF_CAN_ATTRS) || dice & 1)
        return;
    access->attrs_supplied = true;
    access->attrs = kinds[dice >> 1 & 3];
}

/* The NS attribute, which stands for XT where a Realm stream has it (3.9.4.3). */
static void draw_space(smref_dice *d, const smref_device *device, smref_access *access)
{
    uint64_t dice = smref_roll(d);

    access->ns = access->sec_sid == SMREF_SEC_SECURE;
    if (!(device->can & SMREF_CAN_NS) || access->sec_sid == SMREF_SEC_NS)
        return;
    access->xt = access->sec_sid == SMREF_SEC_REALM && dice & 1;
    access->ns = (access->sec_sid == SMREF_SEC_SECURE || access->xt) && dice >> 1 & 1;
}

smref_access smref_scene_draw_access(const smref_scene *scene, smref_dice *d, const smref_device *device,
                                     uint64_t address)
{
    smref_access access = smref_stimulus_access().access;
    unsigned can = device->can;
    uint64_t dice = smref_roll(d);

    access.sec_sid = scene->bank;
    access.sid = device->sid;
    access.addr = address;
    access.type = can & SMREF_CAN_READ && (dice & 1 || !(can & SMREF_CAN_WRITE)) ? SMREF_READ : SMREF_WRITE;
    if (can & SMREF_CAN_ATOMIC && (dice >> 1 & 15) == 0)
        access.type = SMREF_ATOMIC;
    access.priv = can & SMREF_CAN_PRIV && dice >> 8 & 1;
    access.inst = can & SMREF_CAN_INST && (dice >> 9 & 7) == 0;
    draw_space(d, device, &access);
    draw_size(d, device, &access);
    draw_attrs(d, device, &access);
    return access;
}
