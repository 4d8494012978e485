/*
 * Which copies a command must remove (4.3, 4.4): no more than that, since nobody may count on more.
 */
#include "caches.h"

#include <string.h>

/* What a command says of the translations that it is about. */
struct scope {
    const struct txn *t;
    uint8_t sec_sid;
    bool stage1, stage2;
    bool by_vmid, by_asid; /* by_asid: in worlds that have ASIDs */
    bool globals;          /* global entries too, whatever their ASID */
    bool by_address, leaf; /* leaf: entries of last levels are enough */
    bool ns;               /* by_address: of the Non-secure IPA space of Secure streams */
    uint8_t worlds[2];
    unsigned world_count;
    uint16_t vmid, asid;
    uint64_t address;
    unsigned tg, ttl; /* 0: any */
    bool ttl128;
    uint64_t span; /* bytes from the address on, when tg is not 0 */
};

/* 6.3.9.1: VMID bits that are not compared. */
unsigned smref_vmid_wildcard(const struct txn *t, unsigned sec_sid)
{
    unsigned vmw = (unsigned)smref_SMMU_CR0ACK_VMW(t->reg[SMREF_REG_SMMU_CR0ACK]);
    if (sec_sid == SMREF_SEC_SECURE)
        vmw = (unsigned)smref_SMMU_S_CR0ACK_VMW(t->reg[SMREF_REG_SMMU_S_CR0ACK]);
    else if (sec_sid == SMREF_SEC_REALM)
        vmw = (unsigned)smref_SMMU_R_CR0ACK_VMW(t->reg[SMREF_REG_SMMU_R_CR0ACK]);
    if (!smref_SMMU_IDR0_VMW(t->reg[SMREF_REG_SMMU_IDR0]) || vmw > SMREF_SMMU_CR0_VMW_IGNORE_4)
        return 0;
    return vmw;
}

/* ---- Configuration (4.3) --------------------------------------------------------------------------- */

struct configuration {
    uint8_t sec_sid;
    uint32_t sid, ssid;
    unsigned sid_bits; /* lower bits that are not compared; 32: all */
    bool stes, first_level, one_cd;
};

/* Whether two aligned ranges of identifiers, given by their lowest and their size, have one in common. */
static bool meet(uint32_t a, unsigned a_bits, uint32_t b, unsigned b_bits)
{
    unsigned bits = a_bits > b_bits ? a_bits : b_bits;
    return bits >= 32 || (a ^ b) >> bits == 0;
}

static bool configuration_covers(const struct configuration *k, const smref_cached *e)
{
    if (e->sec_sid != k->sec_sid)
        return false;
    switch (e->kind) {
    case SMREF_CACHED_L1STD:
        return k->stes && k->first_level && meet(e->sid, e->id_bits, k->sid, k->sid_bits);
    case SMREF_CACHED_STE:
        return k->stes && meet(e->sid, 0, k->sid, k->sid_bits);
    case SMREF_CACHED_L1CD:
        return meet(e->sid, 0, k->sid, k->sid_bits) &&
               (!k->one_cd || (k->first_level && meet(e->ssid, e->id_bits, k->ssid, 0)));
    case SMREF_CACHED_CD:
        return meet(e->sid, 0, k->sid, k->sid_bits) && (!k->one_cd || e->ssid == k->ssid);
    default:
        return false;
    }
}

/* 4.1.6: SSec tells the Security state in the Secure queue, elsewhere the queue does. */
static uint8_t stream_state(smref_sec_sid queue, const uint64_t *words)
{
    if (queue == SMREF_SEC_SECURE && !smref_CMD_CFGI_STE_SSec(words))
        return SMREF_SEC_NS;
    return (uint8_t)queue;
}

static bool configuration_of(smref_sec_sid queue, const uint64_t *words, unsigned opcode,
                             struct configuration *k)
{
    *k = (struct configuration){.sec_sid = stream_state(queue, words),
                                .sid = (uint32_t)smref_CMD_CFGI_STE_StreamID(words),
                                .first_level = true};
    switch (opcode) {
    case SMREF_CMD_CFGI_STE:
        k->stes = true;
        k->first_level = !smref_CMD_CFGI_STE_Leaf(words);
        return true;
    case SMREF_CMD_CFGI_STE_RANGE: /* and CMD_CFGI_ALL */
        k->stes = true;
        k->sid_bits = (unsigned)smref_CMD_CFGI_STE_RANGE_Range(words) + 1;
        return true;
    case SMREF_CMD_CFGI_CD:
        k->one_cd = true;
        k->first_level = !smref_CMD_CFGI_CD_Leaf(words);
        k->ssid = (uint32_t)smref_CMD_CFGI_CD_SubstreamID(words);
        return true;
    case SMREF_CMD_CFGI_CD_ALL:
        return true;
    default:
        return false;
    }
}

/* ---- Translations (4.4) ---------------------------------------------------------------------------- */

static bool is_table(const smref_cached *e)
{
    return e->kind == SMREF_CACHED_S1_TABLE || e->kind == SMREF_CACHED_S2_TABLE ||
           e->kind == SMREF_CACHED_S12_TABLE;
}

static bool of_stage2_alone(const smref_cached *e)
{
    return e->kind == SMREF_CACHED_S2_TABLE || e->kind == SMREF_CACHED_S2_LEAF;
}

static bool tagged(const struct scope *k, const smref_cached *e)
{
    bool world = false, without_asids;
    for (unsigned i = 0; i < k->world_count; i++)
        world |= e->world == k->worlds[i];
    if (!world || e->sec_sid != k->sec_sid)
        return false;
    if (k->by_vmid) {
        /* 6.3.9.1: the copy may know an older wildcard. */
        unsigned now = smref_vmid_wildcard(k->t, k->sec_sid);
        if ((e->vmid ^ k->vmid) >> (now < e->vmw ? now : e->vmw))
            return false;
    }
    without_asids = e->world == SMREF_StreamWorld_NS_EL2 || e->world == SMREF_StreamWorld_S_EL2 ||
                    e->world == SMREF_StreamWorld_R_EL2;
    if (of_stage2_alone(e) || !k->by_asid || without_asids)
        return true;
    return e->global ? k->globals : e->asid == k->asid;
}

/* 4.4.1.1: an address that is not aligned to what TG and TTL name; what goes then is UNPREDICTABLE. */
static bool misaligned(const struct scope *k, unsigned granule_bits)
{
    unsigned stride = granule_bits - 3, bits = granule_bits;
    if (k->ttl)
        bits += (3 - k->ttl) * stride;
    return (k->address & mask(bits)) != 0;
}

/* 4.4.2: a VA whose bits from VAS - 1 on are not all equal may count as out of range. */
static bool out_of_range(const struct scope *k)
{
    smref_env e = smref_env_of(k->t->smmu, (smref_sec_sid)k->sec_sid);
    unsigned vas = (unsigned)smref_derived_VAS(&e);
    uint64_t upper = k->address >> (vas - 1);
    return upper && upper != UINT64_MAX >> (vas - 1);
}

static bool address_covers(const struct scope *k, const smref_cached *e)
{
    bool stage2 = of_stage2_alone(e);
    if (stage2 && e->ns != k->ns)
        return false;
    uint64_t base = stage2 ? e->ipa : e->va;
    unsigned bits = stage2 ? e->ipa_bits : e->va_bits;
    int level = stage2 ? e->s2_level : e->s1_level;
    static const uint8_t granules[] = {0, SMREF_Granule_G4K, SMREF_Granule_G16K, SMREF_Granule_G64K};
    static const uint8_t granule_bits[] = {0, 12, 14, 16};
    if (!k->tg)
        return !((k->address ^ base) >> bits);
    if ((stage2 ? e->s2_granule : e->s1_granule) != granules[k->tg] || k->ttl128 ||
        misaligned(k, granule_bits[k->tg]))
        return false;
    if (k->ttl && (is_table(e) ? level >= (int)k->ttl : level != (int)k->ttl))
        return false;
    uint64_t last = base | mask(bits), end = k->address + (k->span - 1);
    if (!stage2 && out_of_range(k))
        return false;
    if (end < k->address) /* nothing wraps */
        end = UINT64_MAX;
    return last >= k->address && base <= end;
}

static bool translation_covers(const struct scope *k, const smref_cached *e)
{
    if (e->kind < SMREF_CACHED_S1_TABLE || e->kind > SMREF_CACHED_S12_LEAF ||
        (of_stage2_alone(e) ? !k->stage2 : !k->stage1))
        return false;
    if (!tagged(k, e) || (k->leaf && is_table(e)))
        return false;
    return !k->by_address || address_covers(k, e);
}

/* All address forms have these fields at the same place. */
static void take_address(struct scope *k, const uint64_t *words, uint64_t address)
{
    const uint64_t *reg = k->t->reg;
    unsigned scale = (unsigned)smref_CMD_TLBI_NH_VA_SCALE(words);
    bool ds = smref_SMMU_IDR5_DS(reg[SMREF_REG_SMMU_IDR5]);
    k->by_address = true;
    k->address = address;
    k->leaf = smref_CMD_TLBI_NH_VA_Leaf(words);
    if (!smref_SMMU_IDR3_RIL(reg[SMREF_REG_SMMU_IDR3]))
        return;
    k->tg = (unsigned)smref_CMD_TLBI_NH_VA_TG(words);
    if (!k->tg)
        return;
    k->ttl = (unsigned)smref_CMD_TLBI_NH_VA_TTL(words);
    if (k->ttl == 1 && k->tg == SMREF_CMD_TLBI_NH_VA_TG_16K && !ds)
        k->ttl = 0;
    k->ttl128 = k->ttl && smref_CMD_TLBI_NH_VA_TTL128(words);
    scale = ds ? (scale > 39 ? 39 : scale) : scale & 31;
    k->span = (smref_CMD_TLBI_NH_VA_NUM(words) + 1) << scale << (10 + 2 * k->tg);
}

static void in_worlds(struct scope *k, unsigned ns, unsigned secure, unsigned realm)
{
    k->worlds[k->world_count++] = (uint8_t)(k->sec_sid == SMREF_SEC_NS       ? ns
                                            : k->sec_sid == SMREF_SEC_SECURE ? secure
                                                                             : realm);
}

static void in_el1(struct scope *k)
{
    in_worlds(k, SMREF_StreamWorld_NS_EL1, SMREF_StreamWorld_S_EL1, SMREF_StreamWorld_R_EL1);
}

static void in_el2(struct scope *k)
{
    in_worlds(k, SMREF_StreamWorld_NS_EL2, SMREF_StreamWorld_S_EL2, SMREF_StreamWorld_R_EL2);
}

static void in_el2_e2h(struct scope *k)
{
    in_worlds(k, SMREF_StreamWorld_NS_EL2_E2H, SMREF_StreamWorld_S_EL2_E2H, SMREF_StreamWorld_R_EL2_E2H);
}

/* 4.4.2.8, 4.4.2.9: of EL2 or of EL2-E2H, as E2H says. */
static void in_el2_now(struct scope *k)
{
    smref_env e = smref_env_of(k->t->smmu, (smref_sec_sid)k->sec_sid);
    if (smref_derived_cr2_e2h(&e))
        in_el2_e2h(k);
    else
        in_el2(k);
}

/* 4.4.2: a VMID counts where stage 2 is supported; elsewhere the field is RES0. */
static void by_vmid(struct scope *k, const uint64_t *words)
{
    k->by_vmid = true;
    k->vmid = (uint16_t)smref_CMD_TLBI_NH_VA_VMID(words);
}

static void by_asid(struct scope *k, const uint64_t *words, bool globals)
{
    k->by_asid = true;
    k->globals = globals;
    k->asid = (uint16_t)smref_CMD_TLBI_NH_VA_ASID(words);
}

/* Stage 1 of EL1 (4.4.2.1 to 4.4.2.4). */
static bool el1_scope(struct scope *k, const uint64_t *words, unsigned opcode)
{
    k->stage1 = true;
    in_el1(k);
    by_vmid(k, words);
    switch (opcode) {
    case SMREF_CMD_TLBI_NH_ALL:
        return true;
    case SMREF_CMD_TLBI_NH_ASID:
        by_asid(k, words, false);
        return true;
    case SMREF_CMD_TLBI_NH_VA:
        by_asid(k, words, true);
        take_address(k, words, smref_CMD_TLBI_NH_VA_Address_address(words));
        return true;
    case SMREF_CMD_TLBI_NH_VAA:
        take_address(k, words, smref_CMD_TLBI_NH_VAA_Address_address(words));
        return true;
    default:
        return false;
    }
}

/* EL2 and EL3 (4.4.2.5 to 4.4.2.14). */
static bool hypervisor_scope(struct scope *k, const uint64_t *words, unsigned opcode)
{
    k->stage1 = true;
    switch (opcode) {
    case SMREF_CMD_TLBI_EL2_ALL:
    case SMREF_CMD_TLBI_S_EL2_ALL:
        in_el2(k);
        in_el2_e2h(k);
        return true;
    case SMREF_CMD_TLBI_EL2_ASID:
    case SMREF_CMD_TLBI_S_EL2_ASID:
        in_el2_e2h(k);
        by_asid(k, words, false);
        return true;
    case SMREF_CMD_TLBI_EL2_VA:
    case SMREF_CMD_TLBI_S_EL2_VA:
        in_el2_now(k);
        by_asid(k, words, true);
        take_address(k, words, smref_CMD_TLBI_EL2_VA_Address_address(words));
        return true;
    case SMREF_CMD_TLBI_EL2_VAA:
    case SMREF_CMD_TLBI_S_EL2_VAA:
        in_el2_now(k);
        take_address(k, words, smref_CMD_TLBI_EL2_VAA_Address_address(words));
        return true;
    case SMREF_CMD_TLBI_EL3_VA:
        take_address(k, words, smref_CMD_TLBI_EL3_VA_Address_address(words));
        /* fall through */
    case SMREF_CMD_TLBI_EL3_ALL:
        k->worlds[k->world_count++] = SMREF_StreamWorld_EL3;
        return true;
    default:
        return false;
    }
}

/* Stage 2, and both stages (4.4.3, 4.4.4). */
static bool stage2_scope(struct scope *k, const uint64_t *words, unsigned opcode)
{
    k->stage2 = true;
    in_el1(k);
    switch (opcode) {
    case SMREF_CMD_TLBI_S2_IPA:
    case SMREF_CMD_TLBI_S_S2_IPA:
        by_vmid(k, words);
        take_address(k, words, smref_CMD_TLBI_S2_IPA_Address_address(words));
        k->ns = opcode == SMREF_CMD_TLBI_S_S2_IPA && smref_CMD_TLBI_S_S2_IPA_NS(words);
        return true;
    case SMREF_CMD_TLBI_S12_VMALL:
    case SMREF_CMD_TLBI_S_S12_VMALL:
        by_vmid(k, words);
        k->stage1 = true;
        return true;
    case SMREF_CMD_TLBI_NSNH_ALL:
    case SMREF_CMD_TLBI_SNH_ALL:
        k->stage1 = true;
        return true;
    default:
        return false;
    }
}

/* The Security state whose translations an opcode of a queue is about: commands of the Secure queue without
 * an S in their name act on Non-secure translations, but for those of EL1 and EL3. */
static uint8_t translation_state(smref_sec_sid queue, unsigned opcode)
{
    if (queue != SMREF_SEC_SECURE)
        return (uint8_t)queue;
    switch (opcode) {
    case SMREF_CMD_TLBI_EL2_ALL:
    case SMREF_CMD_TLBI_EL2_VA:
    case SMREF_CMD_TLBI_EL2_VAA:
    case SMREF_CMD_TLBI_EL2_ASID:
    case SMREF_CMD_TLBI_S2_IPA:
    case SMREF_CMD_TLBI_S12_VMALL:
    case SMREF_CMD_TLBI_NSNH_ALL:
        return SMREF_SEC_NS;
    default:
        return SMREF_SEC_SECURE;
    }
}

static bool scope_of(const struct txn *t, smref_sec_sid queue, const uint64_t *words, unsigned opcode,
                     struct scope *k)
{
    const struct scope none = {.t = t, .sec_sid = translation_state(queue, opcode)};
    *k = none;
    if (el1_scope(k, words, opcode))
        return true;
    *k = none;
    if (hypervisor_scope(k, words, opcode))
        return true;
    *k = none;
    return stage2_scope(k, words, opcode);
}

/* ---- Removal --------------------------------------------------------------------------------------- */

unsigned smref_invalidate(struct txn *t, smref_sec_sid queue, const uint64_t *words, unsigned opcode)
{
    struct caches *c = t->smmu->caches;
    struct configuration configuration;
    struct scope scope;
    unsigned kept = 0;
    bool structures = configuration_of(queue, words, opcode, &configuration);
    if (!structures && !scope_of(t, queue, words, opcode, &scope))
        return 0;
    unsigned count = c->count;
    for (unsigned i = 0; i < count; i++) {
        const smref_cached *e = &c->copies[i];
        if (structures ? configuration_covers(&configuration, e) : translation_covers(&scope, e))
            continue;
        if (kept != i)
            c->copies[kept] = *e;
        kept++;
    }
    c->count = kept;
    return count - kept;
}

void smref_invalidate_stream(struct caches *c, uint8_t sec_sid, uint32_t sid)
{
    const struct configuration k = {.sec_sid = sec_sid, .sid = sid};
    unsigned kept = 0;
    for (unsigned i = 0; i < c->count; i++)
        if (!configuration_covers(&k, &c->copies[i]))
            c->copies[kept++] = c->copies[i];
    c->count = kept;
}
