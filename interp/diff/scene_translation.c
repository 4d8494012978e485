/* Scenes of accesses that are translated, or bypass, or find the SMMU disabled. */
#include <string.h>

#include "scene.h"
#include "smref_layout.h"

struct making {
    const smref_abilities *a;
    smref_dice *d;
    smref_scene *scene;
    smref_setting setting;
    const smref_device *device;
    uint32_t sid, ssid;
    bool ssv;
    bool stage1, stage2;
    bool skips_stage1; /* by S1DSS */
    smref_walk s1, s2;
    unsigned address_bits; /* of the memory that is used */
    uint64_t ste[8], cd[8];
    uint64_t top; /* bits that addresses of TTB1 have set */
};

static unsigned bits_of(uint64_t address)
{
    unsigned bits = 0;

    while (bits < 64 && address >> bits)
        bits++;
    return bits;
}

/* ---- What the device does -------------------------------------------------------------------------- */

static void draw_stream(struct making *m)
{
    const smref_abilities *a = m->a;
    unsigned bank = m->scene->bank, sid_bits = a->sid_bits[bank];

    m->device = &a->implementation->devices[a->devices[bank][smref_roll_below(m->d, a->device_count[bank])]];
    m->sid = m->device->sid;
    if (m->device->can & SMREF_CAN_ANY_SID)
        m->sid = (uint32_t)(smref_roll(m->d) & (smref_roll_one_in(m->d, 4) ? 0xffff : 0x1f));
    if (sid_bits < 32)
        m->sid &= (1U << sid_bits) - 1;
}

static smref_access draw_access(struct making *m, uint64_t address)
{
    smref_access access = smref_scene_draw_access(m->scene, m->d, m->device, address);

    access.sid = m->sid;
    access.ssv = m->ssv;
    access.ssid = m->ssv ? m->ssid : 0;
    return access;
}

static void add_access(struct making *m, unsigned number, uint64_t address)
{
    smref_access *access = &m->scene->accesses[number];

    *access = draw_access(m, address);
    if (m->scene->with & SMREF_WITHOUT_ACCESSES)
        return;
    smref_scene_add(m->scene, SMREF_PART_ACCESS)->access = *access;
    m->scene->events_read++;
    smref_scene_read(m->scene, m->a, SMREF_BANK_EVENTQ_PROD);
}

/* ---- Stage 2 --------------------------------------------------------------------------------------- */

/* A size of at least so many bits. Codes of more than the implementation has count as what it has: the first
 * of them comes now and then, the others come seldom, since some targets end by them. */
static uint8_t draw_code(struct making *m, const uint8_t bits[8], unsigned least)
{
    uint8_t fitting[8] = {0};
    unsigned count = 0, most = 0, first = smref_first_code_above(m->a);
    bool all = smref_roll_one_in(m->d, 2000), above = smref_roll_one_in(m->d, 8);

    for (unsigned code = 0; code < 8; code++)
        if (bits[code] >= least && (all || bits[code] > most || (above && code == first))) {
            fitting[count++] = (uint8_t)code;
            most = bits[code];
        }
    return count ? fitting[smref_roll_below(m->d, count)] : 5;
}

static void draw_stage2(struct making *m)
{
    const smref_geometries *all = &m->a->s2[m->setting.format2];
    uint64_t dice = smref_roll(m->d), at = m->scene->base + SMREF_AT_STAGE2;
    unsigned least = m->address_bits;

    m->s2 = (smref_walk){.g = all->list[smref_roll_below(m->d, (unsigned)all->count)], .stage = 2};
    m->s2.at = m->s2.base = at;
    m->s2.space = m->scene->space;
    m->s2.big_endian = m->setting.s2endi;
    smref_walk_draw(m->a, m->d, &m->s2);
    if ((dice & 3) == 0 && !m->s2.g.concatenated)
        m->s2.step = 0x10000;
    smref_geometry_put2(m->ste, &m->s2.g);
    if (dice >> 32 & 3 && m->s2.g.input_bits > least) /* as hypervisors do, mostly */
        least = m->s2.g.input_bits;
    smref_STE_set_S2PS(m->ste, draw_code(m, m->a->s2ps_bits, least));
    smref_STE_set_S2ENDI(m->ste, m->setting.s2endi);
    smref_STE_set_S2S(m->ste, m->setting.s2s);
    smref_STE_set_S2R(m->ste, (dice >> 4 & 7) != 0);
    smref_STE_set_S2AFFD(m->ste, (dice >> 8 & 3) == 0);
    smref_STE_set_S2PTW(m->ste, (dice >> 10 & 3) == 0);
    smref_STE_set_S2TTB(m->ste, at >> 4);
    smref_STE_set_S2IR0(m->ste, dice >> 12);
    smref_STE_set_S2OR0(m->ste, dice >> 14);
    smref_STE_set_S2SH0(m->ste, (dice >> 16 & 3) == 1 ? 0 : dice >> 16);
    if (smref_SMMU_IDR3_FWB(smref_get_register(m->a->smmu, SMREF_REG_SMMU_IDR3)) && m->setting.format2)
        smref_STE_set_S2FWB(m->ste, (dice >> 18 & 3) == 0);
    if (m->scene->bank == SMREF_SEC_SECURE) {
        smref_geometry_put_secure(m->ste, &m->s2.g);
        smref_STE_set_S_S2TTB(m->ste, at >> 4);
        smref_STE_set_S2SA(m->ste, !m->stage1 && (dice >> 20 & 7) == 0);
        smref_STE_set_S2NSA(m->ste, dice >> 23);
    }
}

/* Permissions and attributes: mostly everything is permitted. */
static void colour_leaf2(struct making *m, smref_part *leaf)
{
    uint64_t dice = smref_roll(m->d), *w = leaf->words;
    bool odd = (dice >> 32 & 7) == 0;

    smref_VMSAv8_64_S2_PAGE_set_AF(w, (dice >> 2 & 15) != 0);
    smref_VMSAv8_64_S2_PAGE_set_S2AP(w, odd ? dice >> 6 : 3);
    smref_VMSAv8_64_S2_PAGE_set_MemAttr(w, dice >> 8 & 1 ? 15 : dice >> 9);
    smref_VMSAv8_64_S2_PAGE_set_XN(w, odd ? dice >> 13 : 0);
    if (!m->s2.g.ds)
        smref_VMSAv8_64_S2_PAGE_set_SH(w, (dice >> 15 & 3) == 1 ? 0 : dice >> 15);
    smref_VMSAv8_64_S2_PAGE_set_Contiguous(w, (dice >> 17 & 15) == 0);
    smref_VMSAv8_64_S2_PAGE_set_SW(w, dice >> 22);
}

static uint64_t map2(struct making *m, uint64_t pa, unsigned align)
{
    smref_part *leaf;
    uint64_t ipa = smref_walk_map(m->a, &m->s2, pa, align, m->scene, &leaf);

    if (leaf)
        colour_leaf2(m, leaf);
    return ipa;
}

/* The leaf of what the SMMU itself reads: nothing stands in the way. */
static uint64_t map2_plain(struct making *m, uint64_t pa, unsigned align)
{
    smref_part *leaf;
    uint64_t ipa = smref_walk_map(m->a, &m->s2, pa, align, m->scene, &leaf);

    if (leaf) {
        smref_VMSAv8_64_S2_PAGE_set_AF(leaf->words, 1);
        smref_VMSAv8_64_S2_PAGE_set_S2AP(leaf->words, 3);
        smref_VMSAv8_64_S2_PAGE_set_MemAttr(leaf->words, 15);
    }
    return ipa;
}

/* ---- Stage 1 --------------------------------------------------------------------------------------- */

static void draw_stage1(struct making *m)
{
    bool half = !m->setting.single_half && smref_roll_one_in(m->d, 3);
    const smref_geometries *all = &m->a->s1[m->setting.format1][half];
    uint64_t dice = smref_roll(m->d);

    m->s1 = (smref_walk){.g = all->list[smref_roll_below(m->d, (unsigned)all->count)], .stage = 1};
    m->s1.at = m->scene->base + SMREF_AT_STAGE1;
    m->s1.space = m->scene->space;
    m->s1.big_endian = m->setting.endi;
    smref_walk_draw(m->a, m->d, &m->s1);
    if ((dice & 3) == 0 && (!m->stage2 || smref_walk_leaf_bits(&m->s2) >= 20))
        m->s1.step = 0x10000;
    m->s1.base = m->stage2 ? map2_plain(m, m->s1.at, m->s1.g.granule_bits) : m->s1.at;
    m->top = half ? ~UINT64_C(0) << m->s1.g.input_bits : 0;
    if (m->setting.format1 == SMREF_Format_VMSAv8_32)
        m->top &= UINT32_MAX;
}

/* The half that accesses do not go to, most of the time. */
static void draw_other_half(struct making *m)
{
    uint64_t *cd = m->cd, dice = smref_roll(m->d);
    bool half = m->s1.g.half;
    const smref_geometries *all = &m->a->s1[m->setting.format1][!half];
    const smref_geometry *g;

    smref_CD_set_EPD0(cd, half);
    smref_CD_set_EPD1(cd, !half);
    if (m->setting.single_half || dice & 1 || !all->count || bits_of(m->s1.base) > 48)
        return;
    for (unsigned tries = 0; tries < 4; tries++) {
        g = &all->list[smref_roll_below(m->d, (unsigned)all->count)];
        if (g->ds != m->s1.g.ds)
            continue;
        smref_geometry_put1(cd, g);
        smref_CD_set_EPD0(cd, 0);
        smref_CD_set_EPD1(cd, 0);
        (half ? smref_CD_set_TTB0 : smref_CD_set_TTB1)(cd, m->s1.base >> 4);
        return;
    }
}

static void draw_controls(struct making *m)
{
    uint64_t *cd = m->cd, dice = smref_roll(m->d), idr3 = smref_get_register(m->a->smmu, SMREF_REG_SMMU_IDR3);
    bool el1 = !m->setting.single_half;

    smref_CD_set_V(cd, 1);
    smref_CD_set_ENDI(cd, m->setting.endi);
    smref_CD_set_S(cd, m->setting.s);
    smref_CD_set_A(cd, m->setting.a);
    smref_CD_set_R(cd, (dice & 7) != 0);
    smref_CD_set_ASET(cd, dice >> 3);
    smref_CD_set_ASID(cd, dice >> 4 & 0xff);
    smref_CD_set_AFFD(cd, (dice >> 12 & 3) == 0);
    smref_CD_set_WXN(cd, (dice >> 14 & 3) == 0);
    smref_CD_set_UWXN(cd, (dice >> 16 & 3) == 0);
    smref_CD_set_PAN(cd, (dice >> 18 & 3) == 0);
    smref_CD_set_TBI0(cd, dice >> 20);
    smref_CD_set_TBI1(cd, el1 && dice >> 21 & 1);
    smref_CD_set_HAD0(cd, (dice >> 22 & 3) == 0);
    smref_CD_set_HAD1(cd, el1 && (dice >> 24 & 3) == 0);
    smref_CD_set_IR0(cd, dice >> 26);
    smref_CD_set_SH0(cd, (dice >> 28 & 3) == 1 ? 0 : dice >> 28);
    smref_CD_set_SH1(cd, el1 && (dice >> 30 & 3) != 1 ? dice >> 30 : 0);
    smref_CD_set_NSCFG0(cd, (dice >> 32 & 3) == 0);
    smref_CD_set_NSCFG1(cd, el1 && (dice >> 32 & 3) == 0);
    if (el1 && m->setting.format1 && smref_SMMU_IDR3_E0PD(idr3)) {
        smref_CD_set_E0PD0(cd, (dice >> 34 & 15) == 0);
        smref_CD_set_E0PD1(cd, (dice >> 38 & 15) == 0);
    }
    if (el1 && m->setting.format1 && smref_SMMU_IDR3_EPAN(idr3))
        smref_CD_set_EPAN(cd, (dice >> 42 & 1));
    dice = smref_roll(m->d);
    smref_CD_set_MAIR0(cd, dice & 1 ? 0x00ff4404 : dice >> 32);
    smref_CD_set_MAIR1(cd, smref_roll(m->d));
}

static void colour_table1(struct making *m, smref_part *table)
{
    uint64_t dice = smref_roll(m->d), *w = table->words;

    if (dice >> 32 & 15)
        return;
    smref_VMSAv8_64_S1_TABLE_set_APTable(w, dice >> 3);
    smref_VMSAv8_64_S1_TABLE_set_UXNTable(w, dice >> 5);
    smref_VMSAv8_64_S1_TABLE_set_PXNTable(w, !m->setting.single_half && dice >> 6 & 1);
}

static void colour_leaf1(struct making *m, smref_part *leaf)
{
    uint64_t dice = smref_roll(m->d), *w = leaf->words;
    bool odd = (dice >> 32 & 7) == 0, el1 = !m->setting.single_half;

    smref_VMSAv8_64_S1_PAGE_set_AF(w, (dice >> 2 & 15) != 0);
    smref_VMSAv8_64_S1_PAGE_set_AP(w, odd ? dice >> 6 : 1);
    smref_VMSAv8_64_S1_PAGE_set_AttrIndx(w, dice >> 8);
    if (!m->s1.g.ds)
        smref_VMSAv8_64_S1_PAGE_set_SH(w, (dice >> 11 & 3) == 1 ? 0 : dice >> 11);
    smref_VMSAv8_64_S1_PAGE_set_nG(w, el1 && dice >> 13 & 1);
    smref_VMSAv8_64_S1_PAGE_set_PXN(w, el1 && odd && dice >> 14 & 1);
    smref_VMSAv8_64_S1_PAGE_set_UXN(w, odd && dice >> 15 & 1);
    smref_VMSAv8_64_S1_PAGE_set_Contiguous(w, (dice >> 16 & 15) == 0);
    smref_VMSAv8_64_S1_PAGE_set_SW(w, dice >> 21);
    if (m->scene->bank != SMREF_SEC_NS)
        smref_VMSAv8_64_S1_PAGE_set_NS(w, (dice >> 25 & 7) == 0);
}

/* The virtual address of what stage 1 leads to `output`. */
static uint64_t map1(struct making *m, uint64_t output)
{
    smref_part *leaf;
    uint64_t va = smref_walk_map(m->a, &m->s1, output, 0, m->scene, &leaf);

    if (leaf)
        colour_leaf1(m, leaf);
    return va == UINT64_MAX ? va : va | m->top;
}

/* ---- The CD, alone or in a table ------------------------------------------------------------------- */

static uint64_t fetched(struct making *m, uint64_t at, unsigned align)
{
    return m->stage2 ? map2_plain(m, at, align) : at;
}

/* Where the CD goes, and what of the STE says so. UINT64_MAX: there is no way. */
static uint64_t place_context(struct making *m)
{
    uint64_t dice = smref_roll(m->d), at = m->scene->base + SMREF_AT_STAGE1 + 0xfc0, table;
    unsigned max = m->a->ssid_bits ? 1 + (unsigned)(dice >> 8 & 0xff) % m->a->ssid_bits : 0, format;
    uint64_t l2 = m->scene->base + SMREF_AT_CONTEXTS_2;
    bool two = smref_SMMU_IDR0_CD2L(smref_get_register(m->a->smmu, SMREF_REG_SMMU_IDR0));
    smref_part *part;

    if (!max || dice & 1) {
        table = fetched(m, at, 6);
        smref_STE_set_S1ContextPtr(m->ste, table >> 6);
        return table == UINT64_MAX ? table : at;
    }
    if (!two && max > 12)
        max = 12;
    format = max > 12 || (two && dice & 2) ? 1 + (dice >> 2 & 1) : 0;
    m->ssv = m->device->can & SMREF_CAN_SSID && dice & 8;
    m->ssid = m->ssv ? 1 + (uint32_t)(dice >> 16) % ((1U << max) - 1) : 0;
    smref_STE_set_S1CDMax(m->ste, max);
    smref_STE_set_S1Fmt(m->ste, format);
    m->skips_stage1 = !m->ssv && (dice >> 40 & 7) == 0;
    smref_STE_set_S1DSS(m->ste, m->ssv ? dice >> 4 : m->skips_stage1 ? SMREF_STE_S1DSS_BYPASS : 2);
    table = m->scene->base + SMREF_AT_CONTEXTS;
    if (format == SMREF_STE_S1Fmt_LINEAR) {
        at = table + 64 * (uint64_t)m->ssid;
        table = fetched(m, at, 6 + max);
        smref_STE_set_S1ContextPtr(m->ste, (table - 64 * (uint64_t)m->ssid) >> 6);
        return table == UINT64_MAX ? table : at;
    }
    unsigned leaf = format == SMREF_STE_S1Fmt_TWO_LEVEL_4K ? 6 : 10, upper = max > leaf ? max - leaf : 0;
    uint64_t index = m->ssid >> leaf, entry = table + 8 * index;
    at = l2 + 64 * (uint64_t)(m->ssid & ((1U << leaf) - 1));
    table = fetched(m, entry, 3 + upper > 6 ? 3 + upper : 6);
    l2 = fetched(m, at, 6 + leaf);
    if (table == UINT64_MAX || l2 == UINT64_MAX)
        return UINT64_MAX;
    smref_STE_set_S1ContextPtr(m->ste, (table - 8 * index) >> 6);
    part = smref_scene_structure(m->scene, SMREF_LAYOUT_L1CD, entry);
    smref_L1CD_set_V(part->words, 1);
    smref_L1CD_set_L2Ptr(part->words, (l2 - (at & ((UINT64_C(64) << leaf) - 1))) >> 12);
    return at;
}

static bool make_stage1(struct making *m, uint64_t *data)
{
    size_t first;
    uint64_t at, most = 0;
    smref_part *part;

    memset(m->cd, 0, sizeof m->cd);
    draw_stage1(m);
    at = place_context(m);
    if (m->s1.base == UINT64_MAX || at == UINT64_MAX)
        return false;
    draw_other_half(m);
    draw_controls(m);
    smref_geometry_put1(m->cd, &m->s1.g);
    (m->s1.g.half ? smref_CD_set_TTB1 : smref_CD_set_TTB0)(m->cd, m->s1.base >> 4);
    first = m->scene->count;
    smref_walk_tables(m->a, &m->s1, m->scene);
    for (size_t i = first; i < m->scene->count; i++)
        colour_table1(m, &m->scene->parts[i]);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t va = map1(m, data[i]);
        most |= data[i];
        if (va == UINT64_MAX)
            return false;
        data[i] = m->skips_stage1 ? data[i] : va;
    }
    most |= m->s1.base | m->address_bits;
    if (bits_of(most) > (m->s1.g.ds || m->s1.g.granule_bits == 16 ? 52U : 48U))
        return false;
    if (m->setting.format1 && bits_of(most) > m->a->output_bits)
        return false;
    if (!m->setting.format1 && bits_of(most) > 40)
        return false;
    if (m->setting.format1)
        smref_CD_set_IPS(m->cd, draw_code(m, m->a->ips_bits, bits_of(most)));
    part = smref_scene_structure(m->scene, SMREF_LAYOUT_CD, at);
    memcpy(part->words, m->cd, sizeof m->cd);
    return true;
}

/* ---- The STE and its table ------------------------------------------------------------------------- */

static void draw_overrides(struct making *m)
{
    uint64_t dice = smref_roll(m->d), idr1 = smref_get_register(m->a->smmu, SMREF_REG_SMMU_IDR1);

    smref_STE_set_V(m->ste, 1);
    smref_STE_set_Config(m->ste, m->setting.config);
    smref_STE_set_STRW(m->ste, m->setting.strw);
    smref_STE_set_SHCFG(m->ste, smref_SMMU_IDR1_ATTR_TYPES_OVR(idr1));
    smref_STE_set_S2VMID(m->ste, dice & 0xff);
    smref_STE_set_CONT(m->ste, (dice >> 8 & 15) == 0 ? dice >> 12 : 0);
    smref_STE_set_SW_RESERVED(m->ste, dice >> 16);
    if (dice >> 20 & 1)
        return;
    dice = smref_roll(m->d);
    if (smref_SMMU_IDR1_ATTR_TYPES_OVR(idr1)) {
        smref_STE_set_MTCFG(m->ste, dice & 1);
        if (dice & 1)
            smref_STE_set_MemAttr(m->ste, dice >> 1);
        smref_STE_set_SHCFG(m->ste, (dice >> 5 & 3) == 2 ? 1 : dice >> 5);
        smref_STE_set_ALLOCCFG(m->ste, dice >> 7);
    }
    if (smref_SMMU_IDR1_ATTR_PERMS_OVR(idr1)) {
        smref_STE_set_PRIVCFG(m->ste, dice >> 11);
        smref_STE_set_INSTCFG(m->ste, (dice >> 15 & 3) == 0 ? dice >> 13 : 0);
        smref_STE_set_NSCFG(m->ste, m->scene->bank == SMREF_SEC_SECURE ? dice >> 17 : 0);
    }
    if (m->scene->bank == SMREF_SEC_REALM &&
        smref_SMMU_R_IDR3_XT(smref_get_register(m->a->smmu, SMREF_REG_SMMU_R_IDR3)))
        smref_STE_set_NSCFG(m->ste, dice >> 19 & 1);
    if (m->scene->bank == SMREF_SEC_REALM &&
        smref_SMMU_R_IDR3_MEC(smref_get_register(m->a->smmu, SMREF_REG_SMMU_R_IDR3))) {
        uint64_t size =
            smref_SMMU_R_MECIDR_MECIDSIZE(smref_get_register(m->a->smmu, SMREF_REG_SMMU_R_MECIDR));
        smref_STE_set_MECID(m->ste, dice >> 40 & ((UINT64_C(2) << size) - 1));
    }
}

static void place_stream(struct making *m, uint64_t *cfg)
{
    const smref_abilities *a = m->a;
    uint64_t dice = smref_roll(m->d), at = m->scene->base + SMREF_AT_STREAMS;
    unsigned most = a->sid_bits[m->scene->bank], least = bits_of(m->sid), log2size, split;
    smref_part *part;
    static const uint8_t splits[3] = {6, 8, 10};

    most = most < 16 ? most : 16;
    log2size = least >= most ? most : least + (unsigned)(dice & 0xff) % (most - least + 1);
    *cfg = smref_SMMU_STRTAB_BASE_CFG_with_LOG2SIZE(0, log2size);
    if (smref_SMMU_IDR0_ST_LEVEL(smref_get_register(a->smmu, SMREF_REG_SMMU_IDR0)) && (dice >> 8 & 3) == 0) {
        uint64_t second = m->scene->base + SMREF_AT_STREAMS_2;
        split = splits[(dice >> 16 & 0xff) % 3];
        *cfg = smref_SMMU_STRTAB_BASE_CFG_with_FMT(*cfg, SMREF_SMMU_STRTAB_BASE_CFG_FMT_TWO_LEVEL);
        *cfg = smref_SMMU_STRTAB_BASE_CFG_with_SPLIT(*cfg, split);
        uint32_t low = m->sid & ((1U << split) - 1);
        unsigned span = bits_of(low) + 1;
        span += (unsigned)(dice >> 24 & 0xff) % (split + 2 - span);
        part = smref_scene_structure(m->scene, SMREF_LAYOUT_L1STD, at + 8 * (uint64_t)(m->sid >> split));
        smref_L1STD_set_Span(part->words, span);
        smref_L1STD_set_L2Ptr(part->words, second >> 6);
        at = second + 64 * (uint64_t)low;
    } else {
        at += 64 * (uint64_t)m->sid;
    }
    part = smref_scene_structure(m->scene, SMREF_LAYOUT_STE, at);
    memcpy(part->words, m->ste, sizeof m->ste);
}

/* ---- Registers and accesses ------------------------------------------------------------------------ */

/* Secure software takes the Stall model from Non-secure streams (6.3.57). */
static void deny_stalls(smref_scene *s)
{
    smref_part *part = smref_scene_add(s, SMREF_PART_WRITE);

    part->what = SMREF_REG_SMMU_S_CR0;
    part->pas = SMREF_PAS_SECURE;
    part->words[0] = smref_SMMU_S_CR0_with_NSSTALLD(0, 1);
}

static void bring_up(struct making *m, uint64_t strtab_cfg)
{
    const smref_abilities *a = m->a;
    smref_scene *s = m->scene;
    uint64_t dice = smref_roll(m->d), cr2 = 0, cr0;

    s->eventq_log2size = 2;
    s->bring_up = s->count;
    smref_scene_root(s, a);
    smref_scene_write(s, a, SMREF_BANK_STRTAB_BASE, (s->base + SMREF_AT_STREAMS) & ~UINT64_C(0x3f));
    smref_scene_write(s, a, SMREF_BANK_STRTAB_BASE_CFG, strtab_cfg);
    smref_scene_write(s, a, SMREF_BANK_EVENTQ_BASE, (s->base + SMREF_AT_EVENTS) | s->eventq_log2size);
    cr2 = smref_SMMU_CR2_with_E2H(cr2, m->setting.e2h);
    cr2 = smref_SMMU_CR2_with_RECINVSID(cr2, (dice & 3) != 0);
    if (m->setting.e2h || (dice >> 2 & 3) == 0)
        smref_scene_write(s, a, SMREF_BANK_CR2, cr2);
    cr0 = smref_SMMU_CR0_with_EVENTQEN(0, 1);
    if (s->bank == SMREF_SEC_SECURE)
        cr0 = smref_SMMU_S_CR0_with_SIF(cr0, (dice >> 4 & 3) == 0);
    if (s->bank == SMREF_SEC_NS && a->bank[SMREF_SEC_SECURE] && (dice >> 6 & 15) == 0)
        deny_stalls(s);
    cr0 = smref_SMMU_CR0_with_SMMUEN(cr0, !(s->with & SMREF_WITH_SMMU_OFF));
    if (s->with & SMREF_WITH_COMMANDS) {
        s->cmdq_log2size = 3;
        smref_scene_write(s, a, SMREF_BANK_CMDQ_BASE, (s->base + SMREF_AT_COMMANDS) | s->cmdq_log2size);
        cr0 = smref_SMMU_CR0_with_CMDQEN(cr0, 1);
    }
    smref_scene_write(s, a, SMREF_BANK_CR0, cr0);
}

static void observe(struct making *m)
{
    smref_scene *s = m->scene;

    if (s->events_read)
        smref_scene_load(s, s->base + SMREF_AT_EVENTS, 32 * (size_t)s->events_read);
    smref_scene_read(s, m->a, SMREF_BANK_GERROR);
}

static void make_accesses(struct making *m, const uint64_t *data)
{
    uint64_t dice = smref_roll(m->d);
    unsigned count = 1 + (dice & 1);

    add_access(m, 0, data[0] ^ (m->stage1 && (dice >> 8 & 7) == 0 ? dice >> 56 << 56 : 0));
    if (count == 2)
        add_access(m, 1,
                   (dice >> 1 & 3) ? data[1] : data[1] ^ UINT64_C(1) << (12 + (dice >> 16 & 0xff) % 52));
}

/* ---- All of it ------------------------------------------------------------------------------------- */

static void draw_setting(struct making *m)
{
    static const uint8_t configs[8] = {4, 5, 5, 5, 6, 6, 7, 7};
    const smref_setting *all = m->a->settings[m->scene->bank];
    unsigned count = m->a->setting_count[m->scene->bank], config = configs[smref_roll_below(m->d, 8)];

    for (unsigned tries = 0; tries < 24; tries++) {
        m->setting = all[smref_roll_below(m->d, count)];
        if (m->setting.config == config && m->setting.a != (tries > 20))
            break;
    }
    m->stage1 =
        m->setting.config == SMREF_STE_Config_S1_TRANS || m->setting.config == SMREF_STE_Config_NESTED;
    m->stage2 =
        m->setting.config == SMREF_STE_Config_S2_TRANS || m->setting.config == SMREF_STE_Config_NESTED;
}

/* The fields of a stage that is off, which count when an edit turns it on. */
static void fill_unused(struct making *m)
{
    const smref_geometries *all = &m->a->s2[SMREF_Format_VMSAv8_64];

    if (!m->stage1 && m->a->stage1)
        smref_STE_set_S1ContextPtr(m->ste, (m->scene->base + SMREF_AT_CONTEXTS) >> 6);
    if (m->stage2 || !all->count)
        return;
    smref_geometry_put2(m->ste, &all->list[smref_roll_below(m->d, (unsigned)all->count)]);
    smref_STE_set_S2TTB(m->ste, (m->scene->base + SMREF_AT_STAGE2) >> 4);
    smref_STE_set_S2PS(m->ste, draw_code(m, m->a->s2ps_bits, bits_of(m->scene->base + SMREF_AT_END)));
    smref_STE_set_S2R(m->ste, 1);
}

static bool make(struct making *m, unsigned tries)
{
    uint64_t data[2], dice, cfg;

    memset(m->ste, 0, sizeof m->ste);
    m->ssv = m->skips_stage1 = false;
    m->ssid = 0;
    m->top = 0;
    draw_stream(m);
    draw_setting(m);
    if (tries > 8) {
        m->stage1 = m->stage2 = false;
        m->setting = (smref_setting){.config = SMREF_STE_Config_BYPASS};
    }
    draw_overrides(m);
    fill_unused(m);
    dice = smref_roll(m->d);
    data[0] = m->scene->base + SMREF_AT_DATA + (dice & 0x1ffffc);
    data[1] = dice >> 32 & 1 ? data[0] : (data[0] ^ (dice >> 33 & 0x1ff000));
    memcpy(m->scene->data, data, sizeof data);
    m->address_bits = bits_of(m->scene->base + SMREF_AT_END);
    if (m->stage2) {
        draw_stage2(m);
        for (unsigned i = 0; i < 2; i++) {
            data[i] = map2(m, data[i], 0);
            if (data[i] == UINT64_MAX)
                return false;
        }
    }
    if (m->stage1 && !make_stage1(m, data))
        return false;
    if (m->stage2)
        smref_walk_tables(m->a, &m->s2, m->scene);
    place_stream(m, &cfg);
    bring_up(m, cfg);
    make_accesses(m, data);
    observe(m);
    return true;
}

void smref_scene_translated(const smref_abilities *a, smref_dice *d, smref_scene *scene, unsigned with)
{
    struct making m = {.a = a, .d = d, .scene = scene};

    smref_scene_start(scene, a, d);
    scene->with = with;
    for (unsigned tries = 0; tries < 10; tries++) {
        scene->count = 0;
        scene->events_read = 0;
        if (make(&m, tries))
            return;
    }
}

void smref_scene_translation(const smref_abilities *a, smref_dice *d, smref_scene *scene)
{
    smref_scene_translated(a, d, scene, 0);
}
