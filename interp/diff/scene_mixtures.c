/* Scenes that are translations and something besides: changed tables and
 * invalidations, address translation operations, granule protection. */
#include <string.h>

#include "scene.h"
#include "smref_layout.h"

/* ---- Caches
 * ----------------------------------------------------------------------------------------
 */

static smref_part *last_of(smref_scene *scene, smref_layout layout)
{
    for (size_t i = scene->count; i-- > 0;)
        if (scene->parts[i].kind == SMREF_PART_MEMORY && scene->parts[i].what == layout)
            return &scene->parts[i];
    return NULL;
}

static void command(smref_scene *scene, smref_layout layout, unsigned *index)
{
    (void)smref_scene_command(scene, layout, (*index)++);
}

/* Whatever was changed: nothing is left of it. */
static void invalidate_all(const smref_abilities *a, smref_scene *scene, unsigned *index)
{
    smref_part *part = smref_scene_command(scene, SMREF_LAYOUT_CMD_CFGI_STE_RANGE, (*index)++);

    smref_CMD_CFGI_STE_RANGE_set_Range(part->words, 31);
    smref_CMD_CFGI_STE_RANGE_set_SSec(part->words, scene->bank == SMREF_SEC_SECURE);
    if (scene->bank == SMREF_SEC_SECURE) {
        bool sel2 = smref_SMMU_S_IDR1_SEL2(smref_get_register(a->smmu, SMREF_REG_SMMU_S_IDR1));
        command(scene, sel2 ? SMREF_LAYOUT_CMD_TLBI_SNH_ALL : SMREF_LAYOUT_CMD_TLBI_NH_ALL, index);
        if (sel2)
            command(scene, SMREF_LAYOUT_CMD_TLBI_S_EL2_ALL, index);
        if (!smref_SMMU_IDR0_RME_IMPL(smref_get_register(a->smmu, SMREF_REG_SMMU_IDR0)))
            command(scene, SMREF_LAYOUT_CMD_TLBI_EL3_ALL, index);
        return;
    }
    command(scene, SMREF_LAYOUT_CMD_TLBI_NSNH_ALL, index);
    if (smref_SMMU_IDR0_Hyp(smref_get_register(a->smmu, SMREF_REG_SMMU_IDR0)) || scene->bank != SMREF_SEC_NS)
        command(scene, SMREF_LAYOUT_CMD_TLBI_EL2_ALL, index);
}

/* One stream: by its StreamID, or as the upper half of a range. */
static void invalidate_stream(smref_dice *d, smref_scene *scene, uint32_t sid, bool leaf, unsigned *index)
{
    uint64_t dice = smref_roll(d);
    unsigned range = dice >> 1 & 3;
    smref_part *part;

    if (dice & 1) {
        part = smref_scene_command(scene, SMREF_LAYOUT_CMD_CFGI_STE, (*index)++);
        smref_CMD_CFGI_STE_set_StreamID(part->words, sid);
        smref_CMD_CFGI_STE_set_Leaf(part->words, leaf);
        return;
    }
    part = smref_scene_command(scene, SMREF_LAYOUT_CMD_CFGI_STE_RANGE, (*index)++);
    smref_CMD_CFGI_STE_RANGE_set_StreamID(part->words, sid ^ 1U << range);
    smref_CMD_CFGI_STE_RANGE_set_Range(part->words, range);
}

/* A granule as CMD_TLBI_* name it (4.4.1.1), 0 none, and log2 of its bytes, of its smallest blocks. */
struct granule {
    unsigned tg, page_bits, block_bits;
};

static struct granule granule_of(unsigned tg)
{
    static const uint8_t pages[] = {12, 12, 14, 16}, blocks[] = {21, 21, 25, 29};

    return (struct granule){tg, pages[tg], blocks[tg]};
}

static struct granule granule_of_stage1(const uint64_t *cd, uint64_t address)
{
    static const uint8_t lower[] = {1, 3, 2, 0}, upper[] = {0, 2, 1, 3};

    return granule_of(address >> 55 & 1 ? upper[smref_CD_TG1(cd)] : lower[smref_CD_TG0(cd)]);
}

static struct granule granule_of_stage2(const uint64_t *ste)
{
    static const uint8_t codes[] = {1, 3, 2, 0};

    return granule_of(codes[smref_STE_S2TG(ste)]);
}

static bool is_block(const smref_part *part)
{
    return part->what == SMREF_LAYOUT_VMSAv8_64_S1_BLOCK || part->what == SMREF_LAYOUT_VMSAv8_64_S2_BLOCK;
}

static bool is_leaf(const smref_part *part)
{
    return is_block(part) || part->what == SMREF_LAYOUT_VMSAv8_64_S1_PAGE ||
           part->what == SMREF_LAYOUT_VMSAv8_64_S2_PAGE;
}

/* An address that lies in the leaf that was changed: any, the start of a level that TTL names, or the last
 * page of a range (4.4.1.1). A TLB that holds a leaf in pieces has to drop all of them (DDI 0487 D8.17). */
static void take_address(const smref_abilities *a, smref_dice *d, smref_part *command, uint64_t address,
                         const smref_part *changed, struct granule g)
{
    uint64_t dice = smref_roll(d), number = dice >> 2 & 3;
    unsigned bits = is_block(changed) ? g.block_bits : g.page_bits;
    uint64_t within = (UINT64_C(1) << bits) - 1;

    if (!g.tg || dice & 1 || !smref_SMMU_IDR3_RIL(smref_get_register(a->smmu, SMREF_REG_SMMU_IDR3))) {
        if (is_leaf(changed) && dice & 2)
            address ^= dice >> 8 & within;
        smref_CMD_TLBI_NH_VA_set_Address(command->words, address >> 12);
        return;
    }
    smref_CMD_TLBI_NH_VA_set_TG(command->words, g.tg);
    if (is_leaf(changed) && dice & 2) {
        address &= ~within;
        smref_CMD_TLBI_NH_VA_set_TTL(command->words, is_block(changed) ? 2 : 3);
    } else {
        address = (address >> g.page_bits << g.page_bits) - ((number + 1) << g.page_bits);
        smref_CMD_TLBI_NH_VA_set_NUM(command->words, number + 1);
    }
    smref_CMD_TLBI_NH_VA_set_Address(command->words, address >> 12);
}

/* Without a top byte that is ignored: with it a command may be out of range (4.4.2). */
static uint64_t untagged(uint64_t address)
{
    const uint64_t top = UINT64_C(0xff) << 56;

    return address >> 55 & 1 ? address | top : address & ~top;
}

/* Stage 1 of an address space. A global entry has no ASID, so CMD_TLBI_NH_VA may name any (4.4.2.4). */
static void invalidate_stage1(const smref_abilities *a, smref_dice *d, smref_scene *scene,
                              const smref_part *changed, const smref_part *old, unsigned *index)
{
    static const smref_layout ways[] = {SMREF_LAYOUT_CMD_TLBI_NH_ALL, SMREF_LAYOUT_CMD_TLBI_NH_VA,
                                        SMREF_LAYOUT_CMD_TLBI_NH_VAA, SMREF_LAYOUT_CMD_TLBI_NH_ASID};
    const uint64_t *ste = last_of(scene, SMREF_LAYOUT_STE)->words,
                   *cd = last_of(scene, SMREF_LAYOUT_CD)->words;
    bool global = is_leaf(changed) && !smref_VMSAv8_64_S1_PAGE_nG(old->words);
    unsigned way = smref_roll_below(d, global || !is_leaf(changed) ? 3 : 4);
    smref_part *part = smref_scene_command(scene, ways[way], (*index)++);
    uint64_t address = scene->accesses[0].addr;

    if (smref_roll_below(d, 4))
        address = untagged(address);
    if (a->stage2) /* else RES0 (4.4.2) */
        smref_CMD_TLBI_NH_VA_set_VMID(part->words, smref_STE_S2VMID(ste));
    if (way == 1 || way == 3)
        smref_CMD_TLBI_NH_VA_set_ASID(part->words,
                                      smref_CD_ASID(cd) ^ (global && smref_roll_one_in(d, 2) ? 1 : 0));
    if (way == 1 || way == 2)
        take_address(a, d, part, address, changed, granule_of_stage1(cd, address));
}

/* What uses stage 2: all of its VMID. */
static void invalidate_vmid(smref_scene *scene, unsigned *index)
{
    smref_part *part = smref_scene_command(scene, SMREF_LAYOUT_CMD_TLBI_S12_VMALL, (*index)++);

    smref_CMD_TLBI_S12_VMALL_set_VMID(part->words, smref_STE_S2VMID(last_of(scene, SMREF_LAYOUT_STE)->words));
}

/* Stage 2 alone: the input address is the IPA. */
static void invalidate_stage2(const smref_abilities *a, smref_dice *d, smref_scene *scene,
                              const smref_part *changed, unsigned *index)
{
    const uint64_t *ste = last_of(scene, SMREF_LAYOUT_STE)->words;
    smref_part *part;

    if (smref_roll_one_in(d, 3)) {
        invalidate_vmid(scene, index);
        return;
    }
    part = smref_scene_command(scene, SMREF_LAYOUT_CMD_TLBI_S2_IPA, (*index)++);
    smref_CMD_TLBI_S2_IPA_set_VMID(part->words, smref_STE_S2VMID(ste));
    take_address(a, d, part, scene->accesses[0].addr, changed, granule_of_stage2(ste));
}

static bool is_of_stage1(const smref_part *part)
{
    return part->what == SMREF_LAYOUT_VMSAv8_64_S1_PAGE || part->what == SMREF_LAYOUT_VMSAv8_64_S1_BLOCK ||
           part->what == SMREF_LAYOUT_VMSAv8_64_S1_TABLE;
}

static bool is_of_stage2(const smref_part *part)
{
    return part->what == SMREF_LAYOUT_VMSAv8_64_S2_PAGE || part->what == SMREF_LAYOUT_VMSAv8_64_S2_BLOCK ||
           part->what == SMREF_LAYOUT_VMSAv8_64_S2_TABLE;
}

/* The CD of a SubstreamID, or all of the stream. */
static void invalidate_context(smref_dice *d, smref_scene *scene, const smref_access *access, unsigned *index)
{
    bool all = smref_roll_one_in(d, 2);
    smref_layout layout = all ? SMREF_LAYOUT_CMD_CFGI_CD_ALL : SMREF_LAYOUT_CMD_CFGI_CD;
    smref_part *part = smref_scene_command(scene, layout, (*index)++);

    smref_CMD_CFGI_CD_set_StreamID(part->words, access->sid);
    if (all)
        return;
    smref_CMD_CFGI_CD_set_SubstreamID(part->words, access->ssid);
    smref_CMD_CFGI_CD_set_Leaf(part->words, 1);
}

/* A structure, and what was made of it. */
static bool invalidate_configuration(smref_dice *d, smref_scene *scene, const smref_part *changed,
                                     unsigned *index)
{
    const smref_access *access = &scene->accesses[0];

    if (changed->what == SMREF_LAYOUT_STE || changed->what == SMREF_LAYOUT_L1STD)
        invalidate_stream(d, scene, access->sid, changed->what == SMREF_LAYOUT_STE, index);
    else if (changed->what == SMREF_LAYOUT_CD)
        invalidate_context(d, scene, access, index);
    else
        return false;
    command(scene, SMREF_LAYOUT_CMD_TLBI_NSNH_ALL, index);
    return true;
}

/* Just what was changed, in the EL1 world of the Non-secure state. False: elsewhere, or another structure. */
static bool invalidate_closely(const smref_abilities *a, smref_dice *d, smref_scene *scene,
                               const smref_part *changed, const smref_part *old, unsigned *index)
{
    const smref_part *ste = last_of(scene, SMREF_LAYOUT_STE);
    unsigned config = ste ? (unsigned)smref_STE_Config(ste->words) : 0;

    if (scene->bank != SMREF_SEC_NS || !ste || smref_STE_STRW(ste->words))
        return false;
    if (config == SMREF_STE_Config_S1_TRANS && invalidate_configuration(d, scene, changed, index))
        return true;
    if (is_of_stage1(changed) && last_of(scene, SMREF_LAYOUT_CD) && config != SMREF_STE_Config_S2_TRANS) {
        invalidate_stage1(a, d, scene, changed, old, index);
        return true;
    }
    if (!is_of_stage2(changed))
        return false;
    if (config == SMREF_STE_Config_S2_TRANS)
        invalidate_stage2(a, d, scene, changed, index);
    else
        invalidate_vmid(scene, index);
    return true;
}

static void again(const smref_abilities *a, smref_scene *scene, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        smref_part *part;
        if (scene->parts[i].kind != SMREF_PART_ACCESS)
            continue;
        part = smref_scene_add(scene, SMREF_PART_ACCESS);
        part->access = scene->parts[i].access;
        smref_scene_read(scene, a, SMREF_BANK_EVENTQ_PROD);
    }
}

/* What configuration caches hold, now and then; else mostly a leaf: TLBs have more of these than of anything.
 */
static const smref_part *draw_structure(smref_dice *d, smref_scene *scene)
{
    const smref_part *part = NULL;
    unsigned tries = smref_roll_below(d, 8);

    if (smref_roll_one_in(d, 4))
        part = last_of(scene, smref_roll_one_in(d, 2) ? SMREF_LAYOUT_STE : SMREF_LAYOUT_CD);
    if (part)
        return part;
    do
        part = &scene->parts[smref_roll_below(d, (unsigned)scene->bring_up)];
    while (!is_leaf(part) && tries-- > 0);
    return part;
}

/* A structure is changed in some field, and stored again. */
static const smref_part *change(smref_dice *d, smref_scene *scene, const smref_part *old)
{
    const smref_layout_info *info = smref_layout_at(old->what);
    smref_part *part = smref_scene_add(scene, SMREF_PART_MEMORY);

    *part = *old;
    for (unsigned tries = 0; tries < 16; tries++) {
        const smref_field_info *field = &info->fields[smref_roll_below(d, info->field_count)];
        if (field->kind == SMREF_KIND_RESERVED || field->array_count)
            continue;
        smref_field_set(field, part->words, 0,
                        smref_field_get(field, part->words, 0) ^ UINT64_C(1) << (smref_roll(d) & 3));
        if (memcmp(part->words, old->words, sizeof part->words) != 0)
            break;
    }
    return part;
}

void smref_scene_caches(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    const smref_part *changed, *old;
    unsigned index = 0;
    size_t end;

    smref_scene_translated(a, d, scene, SMREF_WITH_COMMANDS);
    end = scene->count;
    if (!scene->bring_up)
        return;
    old = draw_structure(d, scene);
    changed = change(d, scene, old);
    if (smref_roll_one_in(d, 4) || !invalidate_closely(a, d, scene, changed, old, &index))
        invalidate_all(a, scene, &index);
    command(scene, SMREF_LAYOUT_CMD_SYNC, &index);
    smref_scene_write(scene, a, SMREF_BANK_CMDQ_PROD, index);
    smref_scene_read(scene, a, SMREF_BANK_CMDQ_CONS);
    again(a, scene, scene->bring_up, end);
    smref_scene_load(scene, scene->base + SMREF_AT_EVENTS, 128);
    smref_scene_read(scene, a, SMREF_BANK_GERROR);
}

/* ---- Address translation operations
 * ---------------------------------------------------------------- */

static void ask(const smref_abilities *a, smref_dice *d, smref_scene *scene, const smref_access *access,
                bool virtual)
{
    uint64_t dice = smref_roll(d), sid = access->sid, addr = access->addr & ~UINT64_C(0xfff);

    sid = smref_SMMU_GATOS_SID_with_SUBSTREAMID(sid, access->ssid);
    sid = smref_SMMU_GATOS_SID_with_SSID_VALID(sid, access->ssv);
    addr = smref_SMMU_GATOS_ADDR_with_InD(addr, (dice & 3) == 0);
    addr = smref_SMMU_GATOS_ADDR_with_RnW(addr, dice >> 2 & 1);
    addr = smref_SMMU_GATOS_ADDR_with_PnU(addr, dice >> 3 & 1);
    addr = smref_SMMU_GATOS_ADDR_with_TYPE(addr, dice >> 4);
    if (scene->bank == SMREF_SEC_SECURE && dice >> 6 & 3) /* of a Secure stream */
        sid = smref_SMMU_S_GATOS_SID_with_SSEC(sid, 1);
    smref_scene_write(scene, a, virtual ? SMREF_BANK_VATOS_SID : SMREF_BANK_GATOS_SID, sid);
    smref_scene_write(scene, a, virtual ? SMREF_BANK_VATOS_ADDR : SMREF_BANK_GATOS_ADDR, addr);
    smref_scene_write(scene, a, virtual ? SMREF_BANK_VATOS_CTRL : SMREF_BANK_GATOS_CTRL, 1);
    smref_scene_read(scene, a, virtual ? SMREF_BANK_VATOS_CTRL : SMREF_BANK_GATOS_CTRL);
    smref_scene_read(scene, a, virtual ? SMREF_BANK_VATOS_PAR : SMREF_BANK_GATOS_PAR);
}

/* Secure software asks about a Non-secure stream. */
static void ask_through_secure(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    scene->bank = SMREF_SEC_SECURE;
    scene->space = SMREF_PAS_SECURE;
    ask(a, d, scene, &scene->accesses[0], false);
    scene->bank = SMREF_SEC_NS;
    scene->space = SMREF_PAS_NS;
}

void smref_scene_atos(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    uint64_t dice = smref_roll(d);
    const smref_part *ste;

    smref_scene_translated(a, d, scene, SMREF_WITHOUT_ACCESSES | (dice & 15 ? 0 : SMREF_WITH_SMMU_OFF));
    ste = last_of(scene, SMREF_LAYOUT_STE);
    if (ste && dice >> 4 & 1) {
        uint64_t vmid = smref_STE_S2VMID(ste->words);
        smref_scene_write(scene, a, SMREF_BANK_VATOS_SEL, dice >> 5 & 7 ? vmid : dice >> 8 & 0xff);
    }
    for (unsigned i = 0; i < 2; i++)
        ask(a, d, scene, &scene->accesses[0], dice >> (20 + i) & 1);
    if (scene->with & SMREF_WITH_SMMU_OFF) {
        smref_scene_write(scene, a, SMREF_BANK_CR0, smref_SMMU_CR0_with_SMMUEN(0, 1));
        smref_scene_read(scene, a, SMREF_BANK_GATOS_CTRL);
        smref_scene_read(scene, a, SMREF_BANK_GATOS_PAR);
    }
    if (scene->bank == SMREF_SEC_NS && a->bank[SMREF_SEC_SECURE] && (dice >> 22 & 7) == 0)
        ask_through_secure(a, d, scene);
    smref_scene_read(scene, a, SMREF_BANK_EVENTQ_PROD);
}

/* ---- Granule protection
 * ----------------------------------------------------------------------------
 */

struct protecting {
    const smref_abilities *a;
    smref_dice *d;
    smref_scene *scene;
    const smref_granule_table *table;
    uint64_t base, level1;
    smref_scene *entries; /* they go before the registers */
};

static unsigned some_gpi(struct protecting *p, smref_pas pas)
{
    static const uint8_t own[SMREF_PAS_COUNT] = {SMREF_GPT_BLOCK_GPI_NON_SECURE, SMREF_GPT_BLOCK_GPI_SECURE,
                                                 SMREF_GPT_BLOCK_GPI_REALM, SMREF_GPT_BLOCK_GPI_ROOT};
    uint64_t dice = smref_roll(p->d);

    return dice & 1 ? SMREF_GPT_BLOCK_GPI_ANY : dice & 6 ? own[pas] : own[dice >> 3 & 3];
}

static smref_part *entry_at(struct protecting *p, smref_layout layout, uint64_t at)
{
    smref_part *part;

    for (size_t i = 0; i < p->entries->count; i++)
        if (p->entries->parts[i].at == at)
            return NULL;
    part = smref_scene_structure(p->entries, layout, at);
    part->pas = SMREF_PAS_ROOT;
    return part;
}

/* The granule of the address is permitted, mostly; now and then its neighbours belong to others. */
static uint64_t draw_granules(struct protecting *p, smref_pas pas, unsigned granule)
{
    bool mixed = smref_roll_one_in(p->d, 4);
    uint64_t gpi = some_gpi(p, pas), word = 0;

    for (unsigned i = 0; i < 16; i++)
        word |= (mixed && i != granule ? some_gpi(p, (smref_pas)(smref_roll(p->d) & 3)) : gpi) << 4 * i;
    return word;
}

static void protect(struct protecting *p, smref_pas pas, uint64_t address)
{
    const smref_granule_table *t = p->table;
    uint64_t l0 = p->base + 8 * (address >> t->l0_bits);
    uint64_t l1 = p->level1 + 8 * ((address & ((UINT64_C(1) << t->l0_bits) - 1)) >> t->l1_bits);
    bool blocks = !p->level1;
    smref_part *part = entry_at(p, blocks ? SMREF_LAYOUT_GPT_BLOCK : SMREF_LAYOUT_GPT_TABLE, l0);

    if (part && blocks) {
        smref_GPT_BLOCK_set_TYPE(part->words, 1);
        smref_GPT_BLOCK_set_GPI(part->words, some_gpi(p, pas));
    } else if (part) {
        smref_GPT_TABLE_set_TYPE(part->words, SMREF_GPT_TABLE_TYPE_TABLE);
        smref_GPT_TABLE_set_ADDR(part->words, p->level1 >> 12);
    }
    if (blocks)
        return;
    if (smref_roll_one_in(p->d, 8)) {
        part = entry_at(p, SMREF_LAYOUT_GPT_CONTIGUOUS, l1);
        if (!part)
            return;
        smref_GPT_CONTIGUOUS_set_TYPE(part->words, 1);
        smref_GPT_CONTIGUOUS_set_GPI(part->words, some_gpi(p, pas));
        smref_GPT_CONTIGUOUS_set_Contig(part->words, 1);
        return;
    }
    part = entry_at(p, SMREF_LAYOUT_GPT_GRANULES, l1);
    if (part)
        part->words[0] = draw_granules(p, pas, (unsigned)(address >> (t->l1_bits - 4)) & 15);
}

static void protect_all(struct protecting *p)
{
    const smref_scene *s = p->scene;

    for (size_t i = 0; i < s->count; i++)
        if (s->parts[i].kind == SMREF_PART_MEMORY)
            protect(p, s->parts[i].pas, s->parts[i].at);
    protect(p, s->space, s->base + SMREF_AT_EVENTS);
    for (unsigned i = 0; i < 2; i++)
        protect(p, s->space, s->data[i]);
}

static void splice(smref_scene *scene, const smref_scene *entries)
{
    size_t count = entries->count;

    if (scene->count + count > SMREF_SCENE_PARTS) {
        scene->full = true;
        return;
    }
    memmove(&scene->parts[scene->bring_up + count], &scene->parts[scene->bring_up],
            (scene->count - scene->bring_up) * sizeof *scene->parts);
    memcpy(&scene->parts[scene->bring_up], entries->parts, count * sizeof *entries->parts);
    scene->count += count;
    scene->bring_up += count;
}

static void write_root(smref_scene *entries, smref_register reg, uint64_t value)
{
    smref_part *part = smref_scene_add(entries, SMREF_PART_WRITE);

    part->what = (uint16_t)reg;
    part->pas = SMREF_PAS_ROOT;
    part->words[0] = value;
}

static void read_root(smref_scene *scene, smref_register reg)
{
    smref_part *part = smref_scene_add(scene, SMREF_PART_READ);

    part->what = (uint16_t)reg;
    part->pas = SMREF_PAS_ROOT;
}

static uint64_t draw_config(const smref_abilities *a, smref_dice *d, unsigned pgs)
{
    uint64_t dice = smref_roll(d);
    uint64_t cfg = smref_get_register(a->smmu, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG);

    cfg = smref_SMMU_ROOT_GPT_BASE_CFG_with_PGS(cfg, pgs);
    cfg = smref_SMMU_ROOT_GPT_BASE_CFG_with_SH(cfg, 2);
    cfg = smref_SMMU_ROOT_GPT_BASE_CFG_with_GPCP(cfg, (dice & 3) == 0);
    return smref_SMMU_ROOT_GPT_BASE_CFG_with_PPS(cfg, dice >> 2 & 1 ? a->granule_sizes[pgs] : 0);
}

void smref_scene_granules(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    uint64_t dice = smref_roll(d), align;
    unsigned pgs = (unsigned)(dice & 0xff) % 3;
    smref_scene entries = {.space = SMREF_PAS_ROOT};
    struct protecting p = {.a = a, .d = d, .scene = scene, .table = &a->granules[pgs], .entries = &entries};

    smref_scene_translated(a, d, scene, 0);
    if (!p.table->granule_bits)
        return;
    p.base = a->base[SMREF_PAS_ROOT] + SMREF_AT_GRANULES;
    align = UINT64_C(1) << (p.table->l0_bits - p.table->granule_bits - 1);
    if (align <= 0x80000 && dice >> 8 & 7)
        p.level1 = p.base + 0x80000;
    protect_all(&p);
    write_root(&entries, SMREF_REG_SMMU_ROOT_GPT_BASE, p.base);
    write_root(&entries, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, draw_config(a, d, pgs));
    splice(scene, &entries);
    for (size_t i = 0; i < scene->count; i++)
        if (scene->parts[i].kind == SMREF_PART_WRITE && scene->parts[i].what == SMREF_REG_SMMU_ROOT_CR0)
            scene->parts[i].words[0] = smref_SMMU_ROOT_CR0_with_GPCEN(scene->parts[i].words[0], 1);
    read_root(scene, SMREF_REG_SMMU_ROOT_GPF_FAR);
    read_root(scene, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR);
    if ((dice >> 12 & 7) == 0)
        smref_scene_write(scene, a, SMREF_BANK_INIT, 1);
}
