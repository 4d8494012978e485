/* The memory behind fuzz_isolation: words out of a seed, and the granule protection table by itself. */
#include "isolation_world.h"

#include <string.h>

#include "draw.h"
#include "smref_layout.h"

struct isolation_world isolation_world;
static struct isolation_world *const w = &isolation_world;

static uint64_t hash(uint64_t kind, uint64_t what)
{
    return mix(mix(w->seed ^ kind << 56) ^ what);
}

uint64_t isolation_frame(uint64_t dice)
{
    return (dice & 3) << 30 | (dice >> 2 & 3) << 21 | (dice >> 4 & 15) << 12;
}

/* ---- What tables and structures hold --------------------------------------------------------------- */

/* Mostly valid, and such that it can be a table as well as a page; what makes it Non-secure is random. */
static uint64_t descriptor(smref_pas pas, uint64_t at)
{
    uint64_t a = hash(1 + (uint64_t)pas, at), word = isolation_frame(a) | 0x443;
    word |= a >> 12 & 1 ? 0x80 : 0;                    /* AP[2], S2AP[1] */
    word |= (a >> 16 & 7) << 2 | (a >> 19 & 1) << 5;   /* AttrIndx, MemAttr; NS */
    word |= (a >> 20 & 3) << 8 | (a >> 22 & 1) << 11;  /* SH, nG */
    word |= (a >> 23 & 1) << 55 | (a >> 24 & 1) << 63; /* NS of Realm stage 2, NSTable */
    word ^= (a >> 25 & 31) ? 0 : UINT64_C(1) << (a >> 30 & 63);
    return a >> 36 & 31 ? word : word & ~UINT64_C(2);
}

static void some_ste(uint64_t a, uint64_t b, uint64_t *ste)
{
    static const struct {
        uint8_t tg, sl0, t0sz;
    } shapes[8] = {{0, 1, 25}, {0, 1, 33}, {0, 0, 34}, {0, 1, 30},
                   {0, 1, 28}, {0, 0, 37}, {2, 1, 28}, {1, 1, 28}};
    static const uint8_t configs[16] = {4, 5, 5, 5, 5, 5, 6, 6, 6, 7, 7, 7, 7, 7, 0, 5};
    memset(ste, 0, SMREF_STE_BYTES);
    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, configs[a & 15]);
    smref_STE_set_S1ContextPtr(ste, (CONTEXTS_AT + (a >> 4 & 7) * 64) >> 6);
    smref_STE_set_S1DSS(ste, 2);
    smref_STE_set_S1CDMax(ste, a >> 8 & 3 ? 0 : 3);
    smref_STE_set_STRW(ste, a >> 10 & 1 ? 0 : a >> 11 & 3 ? 2 : a >> 8 & 3);
    smref_STE_set_PRIVCFG(ste, a >> 13);
    smref_STE_set_INSTCFG(ste, a >> 15);
    smref_STE_set_NSCFG(ste, a >> 17);
    smref_STE_set_S2AA64(ste, 1);
    smref_STE_set_S2TG(ste, shapes[a >> 20 & 7].tg);
    smref_STE_set_S2SL0(ste, shapes[a >> 20 & 7].sl0);
    smref_STE_set_S2T0SZ(ste, shapes[a >> 20 & 7].t0sz);
    smref_STE_set_S2PS(ste, 2);
    smref_STE_set_S2R(ste, 1);
    smref_STE_set_S2AFFD(ste, a >> 23);
    smref_STE_set_S2VMID(ste, a >> 24 & 1);
    smref_STE_set_S2TTB(ste, isolation_frame(a >> 32) >> 4);
    smref_STE_set_S_S2TG(ste, shapes[a >> 40 & 7].tg);
    smref_STE_set_S_S2SL0(ste, shapes[a >> 40 & 7].sl0);
    smref_STE_set_S_S2T0SZ(ste, shapes[a >> 40 & 7].t0sz);
    smref_STE_set_S_S2TTB(ste, isolation_frame(a >> 44) >> 4);
    smref_STE_set_S2SW(ste, b);
    smref_STE_set_S2SA(ste, b >> 1);
    smref_STE_set_S2NSW(ste, b >> 2);
    smref_STE_set_S2NSA(ste, b >> 3);
    if ((b >> 4 & 15) == 0)
        ste[b >> 8 & 7] ^= UINT64_C(1) << (b >> 11 & 63);
}

static void some_cd(uint64_t a, uint64_t b, uint64_t *cd)
{
    static const uint8_t sizes[8] = {25, 25, 28, 30, 33, 34, 16, 24};
    memset(cd, 0, SMREF_CD_BYTES);
    smref_CD_set_V(cd, 1);
    smref_CD_set_AA64(cd, 1);
    smref_CD_set_T0SZ(cd, sizes[a & 7]);
    smref_CD_set_T1SZ(cd, sizes[a >> 3 & 7]);
    smref_CD_set_TG0(cd, a >> 6 & 15 ? 0 : a >> 10 & 3);
    smref_CD_set_TG1(cd, 2);
    smref_CD_set_EPD1(cd, a >> 12);
    smref_CD_set_IPS(cd, 2);
    smref_CD_set_A(cd, 1);
    smref_CD_set_R(cd, 1);
    smref_CD_set_AFFD(cd, a >> 13);
    smref_CD_set_NSCFG0(cd, a >> 14);
    smref_CD_set_NSCFG1(cd, a >> 15);
    smref_CD_set_HAD0(cd, (a >> 16 & 3) == 0);
    smref_CD_set_TTB0(cd, isolation_frame(a >> 20) >> 4);
    smref_CD_set_TTB1(cd, isolation_frame(a >> 28) >> 4);
    smref_CD_set_ASID(cd, a >> 36 & 1);
    smref_CD_set_MAIR0(cd, 0x0044bbff);
    if ((b & 15) == 0)
        cd[b >> 4 & 7] ^= UINT64_C(1) << (b >> 8 & 63);
}

/* ---- The granule protection table ------------------------------------------------------------------ */

#define L1_AT (GPT_AT + 0x200000)
#define L1_STRIDE_LOG2 21

static unsigned granule_bits(void)
{
    static const unsigned bits[4] = {12, 16, 14, 12};
    return bits[w->gpt_granule];
}

static unsigned some_gpi(uint64_t a)
{
    static const uint8_t gpis[16] = {15, 15, 15, 15, 9, 9, 9, 9, 8, 8, 8, 11, 11, 10, 0, 15};
    return a >> 8 & w->gpt_open ? 15 : gpis[a & 15];
}

/* Entries that a Contiguous descriptor joins are alike. */
static uint64_t level1_word(uint64_t address)
{
    static const unsigned log2[4] = {0, 21, 25, 29};
    uint64_t word = 0, gb = hash(8, address >> 30), area = hash(9, address >> 21), a;
    unsigned contig = (gb & 63) == 0 ? 3 : (gb & 15) == 1 ? 2 : area & 3 ? 0 : 1;
    if (contig)
        return 1U | some_gpi(hash(10 + contig, address >> log2[contig])) << 4 | contig << 8;
    for (unsigned i = 0; i < 16; i++)
        word |= (uint64_t)some_gpi(hash(14, address + ((uint64_t)i << granule_bits()))) << 4 * i;
    a = hash(15, address);
    return a & 63 ? word : word ^ UINT64_C(1) << (a >> 8 & 63); /* mostly a reserved GPI */
}

static uint64_t table_word(uint64_t at)
{
    uint64_t entry = (at - GPT_AT) / 8;
    if (at >= L1_AT)
        return level1_word((at - L1_AT) >> L1_STRIDE_LOG2 << w->gpt_l0_bits |
                           (at - L1_AT) % (1u << L1_STRIDE_LOG2) / 8 << (granule_bits() + 4));
    uint64_t a = hash(16, entry);
    if ((a & 31) == 0)
        return a >> 5 & 1 ? 0 : 1 | UINT64_C(2) << 4; /* neither; a block with a reserved GPI */
    if (entry == STREAMS_AT >> w->gpt_l0_bits && a >> 5 & 7)
        return 1 | 15 << 4;
    if (entry >= 4 || (a & 31) < 4)
        return 1U | some_gpi(a >> 8) << 4;
    return (L1_AT + (entry << L1_STRIDE_LOG2)) | 3;
}

static bool in_table(uint64_t at)
{
    return at >= GPT_AT && at < L1_AT + (UINT64_C(4) << L1_STRIDE_LOG2);
}

/* ---- Reads ----------------------------------------------------------------------------------------- */

static uint64_t *stored(smref_pas pas, uint64_t at)
{
    return at >= COMMANDS_AT && at < COMMANDS_AT + sizeof w->stored[0]
               ? &w->stored[pas][(at - COMMANDS_AT) / 8]
               : NULL;
}

void isolation_store(smref_pas pas, uint64_t at, uint64_t word)
{
    uint64_t *place = stored(pas, at);
    if (place)
        *place = word;
}

uint64_t isolation_word(smref_pas pas, uint64_t at)
{
    const uint64_t *place = stored(pas, at);
    if (pas == SMREF_PAS_ROOT && in_table(at))
        return table_word(at);
    return place ? *place : descriptor(pas, at);
}

/* Eight words at once are an STE or a CD, but in the Root space. */
void isolation_words(smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    uint64_t a = hash(20 + (uint64_t)pas, at), b = hash(24 + (uint64_t)pas, at);
    if (count == 8 && at >> 12 == STREAMS_AT >> 12)
        some_ste(a, b, words);
    else if (count == 8 && pas != SMREF_PAS_ROOT)
        some_cd(a, b, words);
    else
        for (unsigned i = 0; i < count; i++)
            words[i] = isolation_word(pas, at + 8 * i);
}

/* ---- What granule protection makes of an address: 3.25, 6.3.112 to 6.3.115, DDI 0487 D9.4, D9.6, D9.7 -- */

/* D9.6.5; those of extensions that the SMMU does not have are reserved. */
static bool is_gpi(const struct isolation_root *root, unsigned gpi)
{
    if (gpi == 8)
        return root->secure_gpi;
    return gpi == 0 || (gpi >= 8 && gpi <= 11) || gpi == 15;
}

static bool gpi_permits(unsigned gpi, smref_pas pas)
{
    switch (gpi) {
    case 8:
        return pas == SMREF_PAS_SECURE;
    case 9:
        return pas == SMREF_PAS_NS;
    case 10:
        return pas == SMREF_PAS_ROOT;
    case 11:
        return pas == SMREF_PAS_REALM;
    default:
        return gpi == 15;
    }
}

static bool level1_permits(const struct isolation_root *root, uint64_t table, uint64_t address,
                           unsigned l0_bits, unsigned p, smref_pas pas)
{
    uint64_t index = (address & ((UINT64_C(1) << l0_bits) - 1)) >> (p + 4);
    uint64_t entry = isolation_word(SMREF_PAS_ROOT, table + 8 * index);
    if ((entry & 15) == 1) /* Contiguous: 2 MB, 32 MB or 512 MB */
        return entry >> 10 == 0 && (entry >> 8 & 3) != 0 && is_gpi(root, entry >> 4 & 15) &&
               gpi_permits(entry >> 4 & 15, pas);
    for (unsigned i = 0; i < 16; i++)
        if (!is_gpi(root, entry >> 4 * i & 15))
            return false;
    return gpi_permits(entry >> 4 * (address >> p & 15) & 15, pas);
}

/* 6.3.115. GRAN4K, GRAN16K and GRAN64K are implemented here. */
static bool configured(uint64_t cfg, unsigned oas, unsigned *pps, unsigned *p, unsigned *l0_bits)
{
    static const unsigned sizes[8] = {32, 36, 40, 42, 44, 48, 52, 0}, granules[4] = {12, 16, 14, 0};
    unsigned l0 = cfg >> 20 & 15, sh = cfg >> 12 & 3;
    *pps = sizes[cfg & 7];
    *p = granules[cfg >> 14 & 3];
    *l0_bits = l0 == 0 ? 30 : l0 == 4 ? 34 : l0 == 6 ? 36 : l0 == 9 ? 39 : 0;
    if (sh == 1 || (!(cfg >> 8 & 15) && sh != 2))
        return false;
    return *pps && *pps <= oas && *p && *l0_bits;
}

bool isolation_permits(const struct isolation_root *root, smref_pas pas, uint64_t address)
{
    unsigned pps, p, l0_bits, entries, align;
    if (!root->present || !root->access_enabled || !root->checked)
        return !root->present || root->access_enabled;
    if (!configured(root->base_cfg, root->oas, &pps, &p, &l0_bits))
        return false;
    if (address >> pps)
        return pas == SMREF_PAS_NS;
    entries = pps > l0_bits ? pps - l0_bits : 0;
    align = entries + 3 > 12 ? entries + 3 : 12;
    /* 6.3.114: what lies above the output address size is RES0, as the bits below the alignment are. */
    uint64_t base = root->base >> align << align & ((UINT64_C(1) << root->oas) - 1);
    if (base >> pps)
        return false;
    uint64_t entry = isolation_word(SMREF_PAS_ROOT, base + 8 * (address >> l0_bits));
    if ((entry & 15) == 1) /* Block */
        return entry >> 8 == 0 && is_gpi(root, entry >> 4 & 15) && gpi_permits(entry >> 4 & 15, pas);
    unsigned table_align = l0_bits - p - 1 > 12 ? l0_bits - p - 1 : 12;
    if ((entry & 15) != 3 || entry >> 52 || (entry & ((UINT64_C(1) << table_align) - 1)) != 3 || entry >> pps)
        return false;
    return level1_permits(root, entry & ~UINT64_C(15), address, l0_bits, p, pas);
}

/* A read of Root memory is one of the table, and nothing else (D9.1: GPT fetches); neighbours of a Contiguous
 * descriptor may be read with it. */
bool isolation_is_gpt_fetch(const struct isolation_root *root, smref_pas pas, uint64_t at, unsigned count)
{
    return root->present && root->access_enabled && root->checked && pas == SMREF_PAS_ROOT &&
           ((in_table(at) && in_table(at + 8 * count - 1)) || root->base_moved);
}
