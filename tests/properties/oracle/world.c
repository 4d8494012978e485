/* Random registers, STE and accesses. Legality is decided here from the tables of the manual, not by the
 * model. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "smref_layout.h"
#include "world_tables.h"

uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

unsigned random_below(struct random *r, unsigned count)
{
    return (unsigned)(random_next(r) >> 33) % count;
}

bool random_one_in(struct random *r, unsigned n)
{
    return random_below(r, n) == 0;
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

bool world_read(void *context, enum oracle_space space, uint64_t address, uint64_t *word)
{
    const struct world *w = context;
    struct random r = {(w->seed ^ (uint64_t)space << 60) ^ address * UINT64_C(0xd1342543de82ef95)};
    uint64_t d = random_next(&r), dice = random_next(&r);
    const uint64_t in_place = UINT64_C(0x3fffffffff000), affected = in_place | (w->ds ? 0x300 : 0);
    unsigned odd = (unsigned)dice & 0xff; /* what is wrong with this one; mostly nothing */
    if (odd) {
        d |= 1;
        d = dice >> 8 & 7 ? d | 2 : d & ~UINT64_C(2);
        d |= odd > 2 ? 1 << 10 : 0;
        d &= odd > 3 ? ~affected | w->address_mask : UINT64_MAX;
        if (w->ds && odd > 3 && !(w->address_mask >> 51))
            d &= ~UINT64_C(0x300);
        if (w->low_is_address && odd > 3 && !(w->address_mask >> 51))
            d &= ~UINT64_C(0xf000);
        d |= odd > 8 ? 1 << 6 : 0;
    }
    if (odd == 1)
        d &= ~UINT64_C(1);
    if (w->big_endian) {
        uint64_t swapped = 0;
        for (int i = 0; i < 8; i++, d >>= 8)
            swapped = swapped << 8 | (d & 0xff);
        d = swapped;
    }
    *word = d;
    return !w->aborts || dice >> 40 & 0x3f;
}

/* A read of eight words is one of the STE, which lies at 0, or of the CD. */
static smref_mem_result memory_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    uint64_t *words)
{
    struct world *w = context;
    enum oracle_space space = (enum oracle_space)pas; /* the numbers are the same */
    if ((pas != SMREF_PAS_NS && space != w->stream.state) || (address & 7))
        abort();
    if (count == 8 && !address && space != w->stream.state)
        abort();
    if (count == 8) {
        memcpy(words, address ? w->cd : w->ste, 64);
        w->cd_read = address ? space : w->cd_read;
        return SMREF_MEM_OK;
    }
    return world_read(context, space, address, words) ? SMREF_MEM_OK : SMREF_MEM_ABORT;
}

static smref_mem_result memory_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                     const uint64_t *words)
{
    struct world *w = context;
    if ((enum oracle_space)pas != w->stream.state || count != 4)
        abort();
    w->written.records++;
    w->written.address = address;
    memcpy(w->written.words, words, sizeof w->written.words);
    return SMREF_MEM_OK;
}

smref_memory world_memory(struct world *w)
{
    return (smref_memory){w, memory_read, memory_write};
}

/* ---- Configuration --------------------------------------------------------------------------------- */

static void set_register(smref *smmu, smref_register reg, uint64_t value)
{
    if (smref_set_register(smmu, reg, value, NULL) != SMREF_OK)
        abort();
}

static void set_choice(smref *smmu, smref_choice choice, unsigned option)
{
    if (smref_set_choice(smmu, choice, option, NULL) != SMREF_OK)
        abort();
}

static struct features draw_features(struct random *r, enum oracle_space state, bool stage2,
                                     unsigned *oas_code)
{
    static const int bits[8] = {32, 36, 40, 42, 44, 48, 52, 56};
    struct features f = {.arch = random_one_in(r, 4) ? 0 : 1 + (int)random_below(r, 4)};
    if (state == ORACLE_REALM && f.arch < 3)
        f.arch = 3; /* RME DA */
    if (state == ORACLE_SECURE && stage2 && f.arch < 2)
        f.arch = 2; /* 3.10.2.2 */
    unsigned oas = random_one_in(r, 3) ? random_below(r, 7) : 5 + random_below(r, 3);
    if (oas > 6 && f.arch < 4)
        oas = 6;
    if (oas > 5 && f.arch < 1)
        oas = 5;
    f.oas = bits[oas];
    bool later = f.arch >= 1;
    f.ds = later && oas >= 6 && random_next(r) & 1;
    f.lva = later && random_next(r) & 1;
    f.ttst = later && random_next(r) & 1;
    f.xnx = later && random_next(r) & 1;
    f.had = later && random_next(r) & 1;
    f.e0pd = later && random_next(r) & 1;
    f.epan = later && random_next(r) & 1;
    f.lpae = random_next(r) & 1;
    f.sel2 = f.arch >= 2 && (stage2 || random_next(r) & 1);
    f.overrides = random_next(r) & 1;
    f.types = random_next(r) & 1;
    f.fwb = f.arch >= 2 && random_next(r) & 1;
    f.clamp = f.arch < 1 && random_next(r) & 1;
    f.contiguous_faults = random_next(r) & 1;
    f.contiguous_run = random_next(r) & 1;
    f.low_is_address = f.oas >= 52 || random_next(r) & 1;
    f.lpae_block_faults = random_next(r) & 1;
    *oas_code = oas;
    return f;
}

static void make_registers(const struct features *f, unsigned oas, smref *smmu)
{
    uint64_t idr0 = 0, idr1 = 0, idr3 = 0, idr5 = 0;
    idr0 = smref_SMMU_IDR0_with_S1P(idr0, 1);
    idr0 = smref_SMMU_IDR0_with_S2P(idr0, 1);
    idr0 = smref_SMMU_IDR0_with_Hyp(idr0, 1);
    idr0 = smref_SMMU_IDR0_with_TTF(idr0, f->lpae ? 3 : 2);
    idr1 = smref_SMMU_IDR1_with_SIDSIZE(idr1, 16);
    idr1 = smref_SMMU_IDR1_with_ATTR_PERMS_OVR(idr1, f->overrides);
    idr1 = smref_SMMU_IDR1_with_ATTR_TYPES_OVR(idr1, f->types);
    idr3 = smref_SMMU_IDR3_with_FWB(idr3, f->fwb);
    idr3 = smref_SMMU_IDR3_with_XNX(idr3, f->xnx);
    idr3 = smref_SMMU_IDR3_with_STT(idr3, f->ttst);
    idr3 = smref_SMMU_IDR3_with_HAD(idr3, f->had);
    idr3 = smref_SMMU_IDR3_with_E0PD(idr3, f->e0pd);
    idr3 = smref_SMMU_IDR3_with_EPAN(idr3, f->epan);
    idr5 = smref_SMMU_IDR5_with_OAS(idr5, oas);
    idr5 = smref_SMMU_IDR5_with_GRAN4K(idr5, 1);
    idr5 = smref_SMMU_IDR5_with_GRAN16K(idr5, 1);
    idr5 = smref_SMMU_IDR5_with_GRAN64K(idr5, 1);
    idr5 = smref_SMMU_IDR5_with_DS(idr5, f->ds);
    idr5 = smref_SMMU_IDR5_with_VAX(idr5, f->lva);
    set_register(smmu, SMREF_REG_SMMU_AIDR, (uint64_t)f->arch);
    set_register(smmu, SMREF_REG_SMMU_IDR0, idr0);
    set_register(smmu, SMREF_REG_SMMU_IDR1, idr1);
    set_register(smmu, SMREF_REG_SMMU_IDR3, idr3);
    set_register(smmu, SMREF_REG_SMMU_IDR5, idr5);
}

/* SMMUEN, EVENTQEN, SIF; the Stream table at 0, and room for events. */
static void make_bank(const struct oracle_stream *s, bool e2h, smref *smmu)
{
    static const smref_register registers[3][5] = {
        {SMREF_REG_SMMU_CR0, SMREF_REG_SMMU_STRTAB_BASE, SMREF_REG_SMMU_STRTAB_BASE_CFG,
         SMREF_REG_SMMU_EVENTQ_BASE, SMREF_REG_SMMU_CR2},
        {SMREF_REG_SMMU_S_CR0, SMREF_REG_SMMU_S_STRTAB_BASE, SMREF_REG_SMMU_S_STRTAB_BASE_CFG,
         SMREF_REG_SMMU_S_EVENTQ_BASE, SMREF_REG_SMMU_S_CR2},
        {SMREF_REG_SMMU_R_CR0, SMREF_REG_SMMU_R_STRTAB_BASE, SMREF_REG_SMMU_R_STRTAB_BASE_CFG,
         SMREF_REG_SMMU_R_EVENTQ_BASE, SMREF_REG_SMMU_R_CR2}};
    const uint64_t values[5] = {s->sif ? 0x25 : 5, 0, 0, 19, e2h};
    for (unsigned i = 0; i < 5; i++)
        set_register(smmu, registers[s->state][i], values[i]);
}

/* The banks that the implementation has. */
static void make_states(const struct features *f, enum oracle_space state, smref *smmu)
{
    bool realm = state == ORACLE_REALM, secure = state == ORACLE_SECURE;
    uint64_t idr0 = smref_get_register(smmu, SMREF_REG_SMMU_IDR0);
    set_register(smmu, SMREF_REG_SMMU_IDR0, smref_SMMU_IDR0_with_RME_IMPL(idr0, realm));
    set_register(smmu, SMREF_REG_SMMU_ROOT_IDR0, realm ? 9 : 0); /* ROOT_IMPL, REALM_IMPL */
    set_register(smmu, SMREF_REG_SMMU_ROOT_CR0, 1);              /* ACCESSEN */
    set_register(smmu, SMREF_REG_SMMU_S_IDR1,
                 secure ? UINT64_C(1) << 31 | (f->sel2 ? 1 << 29 : 0) | 16 : 0); /* SECURE_IMPL, SEL2 */
}

static void make_choices(const struct features *f, smref *smmu)
{
    set_choice(smmu, SMREF_CHOICE_TXSZ_OUT_OF_RANGE,
               f->clamp ? SMREF_CHOICE_TXSZ_OUT_OF_RANGE_clamp : SMREF_CHOICE_TXSZ_OUT_OF_RANGE_illegal);
    set_choice(smmu, SMREF_CHOICE_S2T0SZ_OUT_OF_RANGE,
               f->clamp ? SMREF_CHOICE_S2T0SZ_OUT_OF_RANGE_clamp : SMREF_CHOICE_S2T0SZ_OUT_OF_RANGE_illegal);
    set_choice(smmu, SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE,
               f->contiguous_faults ? SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE_translation_fault
                                    : SMREF_CHOICE_CONTIGUOUS_BEYOND_RANGE_ignore);
    set_choice(smmu, SMREF_CHOICE_CONTIGUOUS_OUTPUT,
               f->contiguous_run ? SMREF_CHOICE_CONTIGUOUS_OUTPUT_run : SMREF_CHOICE_CONTIGUOUS_OUTPUT_own);
    set_choice(smmu, SMREF_CHOICE_G64K_BITS_15_12,
               f->low_is_address ? SMREF_CHOICE_G64K_BITS_15_12_address_bits
                                 : SMREF_CHOICE_G64K_BITS_15_12_ignored);
    set_choice(smmu, SMREF_CHOICE_VMSAV8_32_BLOCK_BEYOND_RANGE,
               f->lpae_block_faults ? SMREF_CHOICE_VMSAV8_32_BLOCK_BEYOND_RANGE_translation_fault
                                    : SMREF_CHOICE_VMSAV8_32_BLOCK_BEYOND_RANGE_translate);
}

static void make_overrides(struct world *w, struct random *r, const struct features *f)
{
    struct oracle_overrides *o = &w->stream.overrides;
    *o = (struct oracle_overrides){random_next(r) & 1, random_below(r, 16), random_below(r, 4),
                                   random_below(r, 16)};
    smref_STE_set_MTCFG(w->ste, o->mtcfg);
    smref_STE_set_MemAttr(w->ste, o->memattr);
    smref_STE_set_SHCFG(w->ste, o->shcfg);
    smref_STE_set_ALLOCCFG(w->ste, o->alloccfg);
    if (!f->types)
        *o = (struct oracle_overrides){.shcfg = 1};
}

static void narrow(struct world *w, int bits)
{
    if (bits < 52)
        w->address_mask &= (UINT64_C(1) << bits) - 1;
}

/* What the STE says of itself, and where the CD is. */
static void make_ste(struct world *w, struct random *r, const struct features *f, unsigned strw)
{
    struct oracle_stream *s = &w->stream;
    s->cd_at =
        0x4040 + ((random_next(r) & 0x7ffff) << 7); /* never where the STE is, wherever stage 2 leads */
    if (random_one_in(r, 16))
        s->cd_at |= oracle_slice(random_next(r), s->ias - 1, 6) << 6;
    s->ste_legal = s->stage2 || !s->stage1 || !(s->cd_at >> s->oas); /* 3.4.3, with the default choice */
    smref_STE_set_V(w->ste, 1);
    smref_STE_set_Config(w->ste, 4U + (s->stage1 ? 1U : 0U) + (s->stage2 ? 2U : 0U));
    smref_STE_set_S1ContextPtr(w->ste, s->cd_at >> 6);
    smref_STE_set_STRW(w->ste, strw);
    w->nscfg = random_below(r, 4);
    smref_STE_set_NSCFG(w->ste, w->nscfg);
    if (s->state == ORACLE_SECURE && !f->overrides)
        w->nscfg = 0;
    w->privcfg = random_below(r, 4);
    w->instcfg = random_below(r, 4);
    smref_STE_set_PRIVCFG(w->ste, w->privcfg);
    smref_STE_set_INSTCFG(w->ste, w->instcfg);
    if (!f->overrides)
        w->privcfg = w->instcfg = 0;
    make_overrides(w, r, f);
}

/* Addresses in descriptors are within everything that they may meet. */
static void narrow_addresses(struct world *w)
{
    const struct oracle_stream *s = &w->stream;
    narrow(w, s->oas);
    if (s->stage1)
        narrow(w, s->half[0].output_bits);
    if (s->stage2)
        narrow(w, s->s2.output_bits);
    if (s->stage1 && s->stage2)
        narrow(w, s->s2.input_bits);
    if (s->stage1 && s->stage2 && s->state == ORACLE_SECURE)
        narrow(w, s->secure_s2.input_bits);
    w->ds = (s->stage1 && (s->half[0].ds || s->half[1].ds)) || (s->stage2 && (s->s2.ds || s->secure_s2.ds));
}

/* STE.STRW (5.2): EL1, EL2, and for Secure streams EL3, which there is without RME. */
static unsigned draw_regime(struct random *r, const struct features *f, enum oracle_space state)
{
    unsigned dice = random_below(r, 4);
    if (dice < 2)
        return 0;
    if (state == ORACLE_SECURE && (dice == 3 || !f->sel2))
        return 1;
    return 2;
}

void world_make(struct world *w, struct random *r, enum world_kind kind, enum oracle_space state, smref *smmu)
{
    struct oracle_stream *s = &w->stream;
    unsigned oas;
    *w = (struct world){.seed = random_next(r), .address_mask = UINT64_MAX};
    bool first = kind == WORLD_STAGE1 || kind == WORLD_NESTED;
    bool second = kind == WORLD_STAGE2 || kind == WORLD_NESTED;
    struct features f = draw_features(r, state, second, &oas);
    bool e2h = random_next(r) & 1;
    unsigned strw = first && !second ? draw_regime(r, &f, state) : 0;
    /* VMSAv8-32 of Secure streams is that of EL1, and of stage 1 (3.10.2.2); Realm has none (3.10.3). */
    bool lpae = f.lpae && (state == ORACLE_NS || (state == ORACLE_SECURE && !strw)) && random_one_in(r, 3);
    bool lpae2 = f.lpae && state == ORACLE_NS && random_one_in(r, 3) && (lpae || !first);
    make_registers(&f, oas, smmu);
    make_choices(&f, smmu);
    make_states(&f, state, smmu);
    s->state = state;
    s->el2 = strw != 0;
    s->sif = state == ORACLE_SECURE && random_next(r) & 1;
    make_bank(s, e2h, smmu);
    s->stage1 = first;
    s->stage2 = second;
    s->oas = f.oas;
    s->ias = f.lpae && f.oas < 40 ? 40 : f.oas;
    s->controls.xnx = f.xnx;
    s->lpae_block_faults = f.lpae_block_faults;
    s->cd_legal = true; /* there may be none */
    w->arch = f.arch;
    w->big_endian = random_one_in(r, 4);
    w->aborts = random_one_in(r, 8);
    w->low_is_address = f.low_is_address;
    make_ste(w, r, &f, strw);
    if (second)
        s->ste_legal = world_make_stage2(w, r, &f, lpae2);
    if (first) {
        world_make_cd(w, r, &f, strw == 0 || (strw == 2 && e2h), lpae);
        s->cd_legal = s->cd_legal && !(lpae && strw == 2 && e2h); /* 5.4: no VMSAv8-32 in any-EL2-E2H */
    }
    narrow_addresses(w);
}

static smref_cache_attr draw_level(uint64_t bits)
{
    static const uint8_t cache[4] = {SMREF_WB, SMREF_WT, SMREF_NC, SMREF_WB};
    smref_cache_attr level = {.cacheability = cache[bits & 3]};
    if (level.cacheability != SMREF_NC) {
        level.read_allocate = bits >> 2 & 1;
        level.write_allocate = bits >> 3 & 1;
        level.transient = bits >> 4 & 1;
    }
    return level;
}

smref_access world_access(const struct world *w, struct random *r)
{
    const struct oracle_stream *s = &w->stream;
    bool high = s->stage1 && s->controls.two_privileges && random_next(r) & 1;
    int bits = s->stage1 ? s->half[high].input_bits : s->stage2 ? s->s2.input_bits : s->oas;
    uint64_t address = random_next(r), what = random_next(r);
    if (bits < 64 && !random_one_in(r, 16))
        address = oracle_slice(address, bits - 1, 0);
    if (high && !random_one_in(r, 32))
        address |= s->lpae ? UINT64_C(0x100000000) - (UINT64_C(1) << bits)
                           : ~(((UINT64_C(1) << (bits - 1)) - 1) * 2 + 1);
    if (s->stage1 && !s->lpae && random_one_in(r, 4))
        address ^= (what >> 56) << 56; /* a tag, or an address out of range */
    return (smref_access){
        .addr = address,
        .type = (smref_access_type)(what % 3),
        .size = 1,
        .priv = what >> 8 & 1,
        .inst = what >> 9 & 1,
        .sec_sid = (smref_sec_sid)s->state, /* the numbers are the same */
        .ns = what >> 32 & 1,
        .attrs_supplied = what >> 10 & 1,
        .attrs = {.type = what >> 11 & 1 ? SMREF_MT_NORMAL : (uint8_t)((what >> 12 & 7) % 5),
                  .sh = (uint8_t)((what >> 15 & 3) % 3),
                  .inner = draw_level(what >> 17),
                  .outer = draw_level(what >> 24)}};
}

struct oracle_request world_request(const struct world *w, const smref_access *access)
{
    struct oracle_request q = {.address = access->addr,
                               .read = access->type != SMREF_WRITE,
                               .write = access->type != SMREF_READ,
                               .inst = access->inst,
                               .priv = access->priv};
    if (w->privcfg >= 2)
        q.priv = w->privcfg == 3;
    if (w->instcfg >= 2)
        q.inst = w->instcfg == 3;
    if (q.write)
        q.inst = false;
    q.ns = w->stream.state != ORACLE_NS && (w->nscfg >= 2 ? w->nscfg == 3 : access->ns);
    return q;
}
