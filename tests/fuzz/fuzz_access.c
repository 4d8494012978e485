/*
 * Any bytes in registers, structures, tables and the access give an architectural outcome: no crash, no hang,
 * nothing outside what the header promises; and the same state and access give the same outcome once more.
 *
 * The input decides all of them; what it is too short for follows from it. Every address is backed: what is
 * read is a function of the address, mostly a well-formed descriptor. Most worlds start from legal structures
 * and differ from them in a few bits, so that whatever stands behind legality is reached; some are noise
 * throughout.
 *
 * Built with libFuzzer, this is its target. On its own: `fuzz_access [EXECUTIONS [SEED]]`; an execution is
 * one access.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "oracle/promises.h"
#include "smref.h"
#include "smref_layout.h"

#define ACCESSES 16
#define STRTAB UINT64_C(0x100000)
#define CDS UINT64_C(0x800000)

struct world {
    uint64_t seed;
    uint64_t ste[SMREF_STE_WORDS], cd[SMREF_CD_WORDS];
    uint64_t address_mask;
    unsigned noise; /* of 256 descriptors, so many are anything at all */
    bool aborts, write_aborts;
    bool has_secure;        /* the SMMU has Secure state, */
    bool has_realm;         /* or Realm state */
    smref_sec_sid accessed; /* by a stream of this state */
    uint64_t reads;
    struct written written;
};

static struct world world;

static void broken(const char *what)
{
    fprintf(stderr, "fuzz_access: broken promise: %s\n", what);
    abort();
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

static uint64_t word_at(const struct world *w, uint64_t address)
{
    uint64_t d = mix(w->seed ^ address * UINT64_C(0xd1342543de82ef95)), dice = mix(d);
    const uint64_t in_place = UINT64_C(0x3fffffffff000);
    if ((dice & 0xff) < w->noise)
        return d;
    d = (d & ~in_place) | (d & in_place & w->address_mask);
    if (!(w->address_mask >> 51))
        d &= ~UINT64_C(0x300) | dice;
    d |= 1;
    d = dice >> 8 & 7 ? d | 2 : d & ~UINT64_C(2);
    d |= dice >> 16 & 15 ? UINT64_C(0x440) : 0;
    if (w->has_realm && dice >> 20 & 3) /* NS and AMEC, which end most Realm walks early */
        d &= ~(UINT64_C(1) << 55 | UINT64_C(1) << 63);
    return d;
}

/* A first-level entry of either kind is a small address with Span or V in the low bits. */
static uint64_t first_level(const struct world *w, uint64_t address, uint64_t target)
{
    uint64_t z = mix(w->seed + address);
    return z & 31 ? target | (z >> 8 & 0xff000) | (target == STRTAB ? 7 : 1) : z;
}

static smref_pas own_space(const struct world *w)
{
    static const smref_pas spaces[] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};
    return spaces[w->accessed];
}

static smref_mem_result world_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                   uint64_t *words)
{
    struct world *w = context;
    /* 3.10.2, 3.10.3: a Secure stream reaches Secure and Non-secure memory, a Realm one Realm memory, and
     * what the SMMU reads for a Non-secure one is Non-secure. */
    if (pas != own_space(w) && (pas != SMREF_PAS_NS || w->accessed == SMREF_SEC_REALM))
        broken("nothing is read from another Security state");
    if ((address & 7) || count < 1 || count > 8 || address >> 56)
        broken("reads are aligned, of 1 to 8 words, within 56 bits");
    if (w->aborts && mix(++w->reads) % 24 == 0)
        return SMREF_MEM_ABORT;
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = address + 8 * i;
        if (count == 8)
            words[i] = address >= STRTAB && address < CDS ? w->ste[i] : w->cd[i];
        else if (at >= STRTAB && at < CDS)
            words[i] = first_level(w, at, STRTAB);
        else if (at >= CDS && at < CDS + STRTAB)
            words[i] = first_level(w, at, CDS);
        else
            words[i] = word_at(w, at);
    }
    return SMREF_MEM_OK;
}

static smref_mem_result world_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    const uint64_t *words)
{
    struct world *w = context;
    if (pas != own_space(w))
        broken("records go to memory of their Security state");
    if (address & (count == 4 ? 31 : 7) || (count != 4 && count != 1) || address >> 56)
        broken("writes are records and MSIs");
    if (count == 4) {
        w->written.told_before = w->written.messages > 0;
        w->written.records++;
        w->written.address = address;
        memcpy(w->written.words, words, sizeof w->written.words);
    } else {
        w->written.messages++;
    }
    return w->write_aborts && mix(address ^ words[0]) & 1 ? SMREF_MEM_ABORT : SMREF_MEM_OK;
}

/* ---- Structures ------------------------------------------------------------------------------------ */

/* A few bits of the structure changed; the mean is one. */
static void flip_some(struct source *s, uint64_t *words, unsigned count)
{
    static const uint8_t flips[8] = {0, 0, 0, 0, 1, 1, 2, 4};
    for (unsigned n = flips[draw(s) % 8]; n; n--) {
        uint64_t where = draw(s);
        words[where % count] ^= UINT64_C(1) << (where >> 32) % 64;
    }
}

static void make_ste(struct source *s, uint64_t *ste)
{
    /* Start level codes that fit a size: 4 KB, 64 KB, 16 KB. */
    static const struct {
        uint8_t tg, sl0, t0sz;
    } shapes[] = {{0, 1, 25}, {0, 1, 33}, {0, 0, 30}, {0, 0, 37}, {0, 2, 16}, {0, 2, 24},
                  {0, 1, 22}, {1, 1, 25}, {1, 0, 33}, {1, 2, 16}, {1, 1, 20}, {2, 1, 25},
                  {2, 0, 37}, {2, 2, 18}, {2, 2, 16}, {2, 1, 33}};
    static const uint8_t configs[32] = {0, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6,
                                        6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
    uint64_t a = draw(s), b = draw(s);
    memset(ste, 0, SMREF_STE_BYTES);
    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, configs[a & 31]);
    smref_STE_set_S1ContextPtr(ste, (CDS + (a >> 5 & 0xfff) * 64) >> 6);
    smref_STE_set_S1CDMax(ste, a >> 47 & 3 ? 0 : 1 + (a >> 49) % 10);
    smref_STE_set_S1Fmt(ste, a >> 22 & 3);
    smref_STE_set_S1DSS(ste, a >> 24 & 1 ? 2 : a >> 60 & 3);
    smref_STE_set_STRW(ste, a >> 26 & 3 ? 0 : 2);
    smref_STE_set_MTCFG(ste, a >> 28);
    smref_STE_set_MemAttr(ste, a >> 29);
    smref_STE_set_ALLOCCFG(ste, a >> 33);
    smref_STE_set_SHCFG(ste, a >> 37);
    smref_STE_set_PRIVCFG(ste, a >> 39);
    smref_STE_set_INSTCFG(ste, a >> 41);
    smref_STE_set_S2AA64(ste, a >> 43 & 7 ? 1 : 0);
    smref_STE_set_S2TG(ste, shapes[b & 15].tg);
    smref_STE_set_S2SL0(ste, shapes[b & 15].sl0);
    smref_STE_set_S2T0SZ(ste, shapes[b & 15].t0sz);
    if (!smref_STE_S2AA64(ste))
        smref_STE_set_S2SL0(ste, 1);
    smref_STE_set_S2DS(ste, b >> 4 & 1);
    smref_STE_set_S2PS(ste, b >> 5 & 1 ? 5 : b >> 6 & 7);
    smref_STE_set_S2AFFD(ste, b >> 9);
    smref_STE_set_S2FWB(ste, b >> 10 & 1 && smref_STE_S2AA64(ste));
    smref_STE_set_S2PTW(ste, (b >> 11 & 3) == 0);
    smref_STE_set_S2SH0(ste, b >> 13);
    smref_STE_set_S2R(ste, b >> 15 & 7 ? 1 : 0);
    smref_STE_set_S2TTB(ste, b >> 37);
    smref_STE_set_S2ENDI(ste, 0);
    uint64_t secure = draw(s); /* of Secure streams alone */
    smref_STE_set_NSCFG(ste, secure);
    smref_STE_set_S_S2TG(ste, shapes[secure >> 2 & 15].tg);
    smref_STE_set_S_S2SL0(ste, shapes[secure >> 2 & 15].sl0);
    smref_STE_set_S_S2T0SZ(ste, shapes[secure >> 2 & 15].t0sz);
    smref_STE_set_S_S2TTB(ste, secure >> 37);
    smref_STE_set_S2SW(ste, secure >> 6);
    smref_STE_set_S2SA(ste, secure >> 7);
    smref_STE_set_S2NSW(ste, secure >> 8);
    smref_STE_set_S2NSA(ste, secure >> 9);
    flip_some(s, ste, SMREF_STE_WORDS);
}

static void make_cd(struct source *s, uint64_t *cd)
{
    uint64_t a = draw(s), b = draw(s);
    memset(cd, 0, SMREF_CD_BYTES);
    smref_CD_set_V(cd, 1);
    smref_CD_set_AA64(cd, a & 7 ? 1 : 0);
    smref_CD_set_T0SZ(cd, 16 + (a >> 3) % 24);
    smref_CD_set_T1SZ(cd, 16 + (a >> 10) % 24);
    smref_CD_set_TG0(cd, (a >> 17) % 3);
    smref_CD_set_TG1(cd, 1 + (a >> 20) % 3);
    smref_CD_set_EPD0(cd, (a >> 23 & 15) == 0);
    smref_CD_set_EPD1(cd, (a >> 27 & 7) == 0);
    smref_CD_set_DS(cd, a >> 30);
    smref_CD_set_IPS(cd, a >> 31 & 1 ? 5 : a >> 32 & 7);
    smref_CD_set_A(cd, a >> 35 & 3 ? 1 : 0);
    smref_CD_set_R(cd, a >> 37 & 7 ? 1 : 0);
    smref_CD_set_AFFD(cd, a >> 40);
    smref_CD_set_PAN(cd, a >> 41);
    smref_CD_set_EPAN(cd, a >> 42);
    smref_CD_set_WXN(cd, a >> 43);
    smref_CD_set_UWXN(cd, a >> 44);
    smref_CD_set_TBI0(cd, a >> 45);
    smref_CD_set_TBI1(cd, a >> 46);
    smref_CD_set_HAD0(cd, a >> 47);
    smref_CD_set_HAD1(cd, a >> 48);
    smref_CD_set_E0PD0(cd, (a >> 49 & 7) == 0);
    smref_CD_set_E0PD1(cd, (a >> 52 & 7) == 0);
    smref_CD_set_SH0(cd, a >> 55);
    smref_CD_set_SH1(cd, a >> 57);
    smref_CD_set_TTB0(cd, b >> 37);
    smref_CD_set_TTB1(cd, b & 0x7ffffff);
    smref_CD_set_MAIR0(cd, draw(s));
    smref_CD_set_MAIR1(cd, draw(s));
    uint64_t secure = draw(s);
    smref_CD_set_NSCFG0(cd, secure);
    smref_CD_set_NSCFG1(cd, secure >> 1);
    flip_some(s, cd, SMREF_CD_WORDS);
}

static void make_world(struct source *s, struct world *w)
{
    static const uint8_t widths[8] = {52, 48, 44, 40, 32, 31, 30, 28};
    uint64_t style = draw(s);
    *w = (struct world){.seed = draw(s), .noise = style >> 8 & 7 ? 2 : (unsigned)(style >> 12 & 0xff)};
    w->address_mask = (UINT64_C(1) << widths[style >> 20 & 7]) - 1;
    w->aborts = (style >> 24 & 7) == 0;
    w->write_aborts = (style >> 28 & 15) == 0;
    make_ste(s, w->ste);
    make_cd(s, w->cd);
    for (unsigned i = 0; i < 8 && (style & 15) == 0; i++)
        w->ste[i] = draw(s);
    for (unsigned i = 0; i < 8 && (style & 15) < 2; i++)
        w->cd[i] = draw(s);
}

/* ---- Registers ------------------------------------------------------------------------------------- */

static void deposit(smref *smmu, smref_register reg, uint64_t value)
{
    if (smref_register_at(reg)->width == 32)
        value &= UINT32_MAX;
    if (smref_set_register(smmu, reg, value, NULL) != SMREF_OK)
        broken("any value fits a register of its width");
}

/* The ID registers of everything that is modelled, most of the time; else some bits of them differ. */
static void make_registers(struct source *s, smref *smmu)
{
    static const uint8_t oas[8] = {5, 5, 5, 5, 6, 6, 2, 0};
    uint64_t less = draw(s), rest = draw(s), queue = draw(s);
    bool whole = less & 7;
    uint64_t mask = whole ? 0 : draw(s) & draw(s) & draw(s);
    deposit(smmu, SMREF_REG_SMMU_AIDR, whole ? 4 : less >> 3 & 7);
    deposit(smmu, SMREF_REG_SMMU_IDR0, UINT64_C(0x090e121f) ^ (mask & UINT64_C(0x0f6e120f)));
    deposit(smmu, SMREF_REG_SMMU_IDR1, UINT64_C(0x0e73052a) ^ (mask >> 8 & UINT64_C(0x0c0007ff)));
    deposit(smmu, SMREF_REG_SMMU_IDR3, UINT64_C(0x0042771c) ^ (mask >> 16 & UINT64_C(0x0042771c)));
    deposit(smmu, SMREF_REG_SMMU_IDR5, UINT64_C(0x00100470) | oas[less >> 8 & 7] | (less >> 11 & 1) << 11);
    if (!whole)
        deposit(smmu, SMREF_REG_SMMU_IDR5,
                smref_get_register(smmu, SMREF_REG_SMMU_IDR5) ^ (mask >> 24 & 0xcf7));
    deposit(smmu, SMREF_REG_SMMU_CR0, (rest & 31) == 0 ? rest >> 5 & 0xf : 5);
    deposit(smmu, SMREF_REG_SMMU_CR2, rest >> 9 & 3);
    deposit(smmu, SMREF_REG_SMMU_GBPA, draw(s));
    deposit(smmu, SMREF_REG_SMMU_STRTAB_BASE, STRTAB);
    deposit(smmu, SMREF_REG_SMMU_STRTAB_BASE_CFG, rest >> 11 & 3 ? 10 : 0x10000 | 6 << 6 | 10);
    if ((rest >> 13 & 31) == 0) {
        deposit(smmu, SMREF_REG_SMMU_STRTAB_BASE, draw(s));
        deposit(smmu, SMREF_REG_SMMU_STRTAB_BASE_CFG, draw(s));
    }
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_BASE, queue & 31 ? (queue & UINT64_C(0xffffffffe0)) | 10 : queue);
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_PROD, queue >> 4 & 7 ? 0 : queue >> 20);
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_CONS, queue >> 4 & 7 ? 0 : queue >> 28);
    uint64_t irq = draw(s);
    deposit(smmu, SMREF_REG_SMMU_IRQ_CTRL, irq & 7);
    if ((irq >> 3 & 7) == 0) /* an update that is not complete */
        deposit(smmu, SMREF_REG_SMMU_IRQ_CTRLACK, irq >> 6 & 7);
    deposit(smmu, SMREF_REG_SMMU_GERROR_IRQ_CFG0, irq >> 9 & 3 ? draw(s) & UINT64_C(0xfffffffffffffc) : 0);
    deposit(smmu, SMREF_REG_SMMU_GERROR_IRQ_CFG2, irq >> 11 & 63);
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_IRQ_CFG0, irq >> 17 & 3 ? draw(s) & UINT64_C(0xfffffffffffffc) : 0);
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_IRQ_CFG1, irq >> 32);
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_IRQ_CFG2, irq >> 19 & 63);
    deposit(smmu, SMREF_REG_SMMU_GERROR, 0);
    deposit(smmu, SMREF_REG_SMMU_GERRORN, (rest >> 60) == 1 ? 4 : 0);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
        uint64_t dice = draw(s);
        const smref_choice_info *choice = smref_choice_at(i);
        unsigned option = dice >> 60 ? choice->default_option : (unsigned)(dice % choice->option_count);
        if (smref_option_permitted(smmu, (smref_choice)i, option))
            smref_set_choice(smmu, (smref_choice)i, option, NULL);
    }
}

/* The Secure bank of a quarter of the worlds, mostly with Secure EL2; it has no interrupts here. */
static void make_secure_bank(struct source *s, smref *smmu)
{
    uint64_t a = draw(s);
    world.has_secure = (a & 3) == 0;
    deposit(smmu, SMREF_REG_SMMU_S_IDR0, world.has_secure ? UINT64_C(1) << 24 : 0);
    deposit(smmu, SMREF_REG_SMMU_S_IDR1,
            world.has_secure ? UINT64_C(0x80000010) | (a >> 2 & 3 ? UINT64_C(1) << 29 : 0) : 0);
    deposit(smmu, SMREF_REG_SMMU_S_CR0, (a >> 4 & 31 ? 5U : 4U) | (a >> 9 & 1) << 5);
    deposit(smmu, SMREF_REG_SMMU_S_CR2, a >> 10 & 3);
    deposit(smmu, SMREF_REG_SMMU_S_GBPA, draw(s));
    deposit(smmu, SMREF_REG_SMMU_S_STRTAB_BASE, STRTAB);
    deposit(smmu, SMREF_REG_SMMU_S_STRTAB_BASE_CFG, a >> 12 & 3 ? 10 : 0x10000 | 6 << 6 | 10);
    deposit(smmu, SMREF_REG_SMMU_S_EVENTQ_BASE, (a >> 16 & UINT64_C(0xffffffffe0)) | 10);
}

/* The Realm bank of a quarter of the other worlds, without granule protection and without interrupts. */
static void make_realm_bank(struct source *s, smref *smmu)
{
    uint64_t a = draw(s);
    world.has_realm = !world.has_secure && (a & 3) == 0;
    deposit(smmu, SMREF_REG_SMMU_ROOT_IDR0, world.has_realm ? 9 : 0);
    deposit(smmu, SMREF_REG_SMMU_ROOT_CR0, 1);
    deposit(smmu, SMREF_REG_SMMU_R_IDR0, world.has_realm ? UINT64_C(1) << 24 : 0);
    deposit(smmu, SMREF_REG_SMMU_R_IDR3, world.has_realm ? a >> 2 & UINT64_C(0x38000) : 0);
    deposit(smmu, SMREF_REG_SMMU_R_MECIDR, world.has_realm ? a >> 20 & 15 : 0);
    deposit(smmu, SMREF_REG_SMMU_R_CR0, a >> 24 & 31 ? 5U : 4U);
    deposit(smmu, SMREF_REG_SMMU_R_CR2, a >> 29 & 3);
    deposit(smmu, SMREF_REG_SMMU_R_STRTAB_BASE, STRTAB);
    deposit(smmu, SMREF_REG_SMMU_R_STRTAB_BASE_CFG, a >> 31 & 3 ? 10 : 0x10000 | 6 << 6 | 10);
    deposit(smmu, SMREF_REG_SMMU_R_EVENTQ_BASE, (a >> 16 & UINT64_C(0xffffffffe0)) | 10);
}

static smref_access make_access(struct source *s)
{
    static const uint8_t shifts[16] = {0, 12, 16, 20, 24, 28, 30, 31, 32, 33, 34, 36, 37, 38, 39, 40};
    uint64_t a = draw(s), b = draw(s), address = draw(s) >> shifts[a >> 56 & 15];
    bool high = smref_STE_Config(world.ste) & 1 && !smref_STE_STRW(world.ste) && a >> 60 & 1;
    smref_access access = {.sid = (uint32_t)(a >> 32 & 0x3ff),
                           .ssv = smref_STE_S1CDMax(world.ste) ? a & 1 : (a & 31) == 2,
                           .ssid = (uint32_t)(a >> 3 & (a & 8 ? 0xfffff : 3)),
                           .type = (smref_access_type)((a >> 24) % 3),
                           .size = 1,
                           .priv = a >> 28 & 1,
                           .inst = a >> 29 & 1,
                           .attrs_supplied = a >> 30 & 1,
                           .addr = (a >> 50 & 63) == 1 || high ? ~address : address};
    access.sec_sid = !(b >> 42 & 3)     ? SMREF_SEC_NS
                     : world.has_secure ? SMREF_SEC_SECURE
                     : world.has_realm  ? SMREF_SEC_REALM
                                        : SMREF_SEC_NS;
    access.ns = b >> 44 & 1;
    access.xt = b >> 45 & 1;
    world.accessed = access.sec_sid;
    if ((a >> 47 & 7) == 0)
        access.addr ^= b << 56; /* a tag */
    if ((a >> 42 & 31) == 0)
        access.sid = (uint32_t)b;
    access.attrs = (smref_attrs){.type = b >> 40 & 3 ? SMREF_MT_NORMAL : (uint8_t)((b >> 16) % 5),
                                 .sh = (uint8_t)((b >> 20) % 3),
                                 .inner = {(uint8_t)((b >> 24) % 3), b >> 28 & 1, b >> 29 & 1, b >> 30 & 1},
                                 .outer = {(uint8_t)((b >> 32) % 3), b >> 36 & 1, b >> 37 & 1, b >> 38 & 1}};
    return access;
}

/* ---- An execution ---------------------------------------------------------------------------------- */

static smref *smmu, *again; /* the second shows its steps, which must change nothing */

static void on_step(void *context, const smref_step *step)
{
    (void)context;
    bool access = step->kind == SMREF_STEP_READ || step->kind == SMREF_STEP_WRITE;
    if (step->phase > SMREF_PHASE_AFTER || step->stage < 0 || step->stage > 2 || step->level < -1 ||
        step->level > 3)
        broken("steps are of a phase, a stage and a level");
    if (access && (!smref_layout_at(step->layout) || step->count < 1 || step->count > 8))
        broken("steps name what was read");
    if (step->kind == SMREF_STEP_RULE && !smref_rule_at(step->rule))
        broken("steps name rules");
}

#ifdef FUZZ_STATISTICS
static uint64_t rule_counts[SMREF_RULE_COUNT], outcome_counts[4];
#endif

static void check_copies(const char *promise)
{
    const smref_cached *copy, *other;
    for (unsigned i = 0; (copy = smref_cached_at(smmu, i)) != NULL; i++) {
        other = smref_cached_at(again, i);
        if (!other || memcmp(copy, other, sizeof *copy) != 0)
            broken(promise);
    }
}

static void check_repetition(const smref_access *access, const smref_result *first, uint64_t reads)
{
    smref_result second = {.outcome = SMREF_OUTCOME_OK};
    world.reads = reads;
    if (smref_translate(again, access, &second, NULL) != SMREF_OK)
        broken("status of a repetition");
    if (first->outcome != second.outcome || first->event_valid != second.event_valid ||
        first->pa != second.pa || first->rule_count != second.rule_count ||
        first->memory_reads != second.memory_reads ||
        memcmp(first->rules, second.rules, first->rule_count * sizeof *first->rules) != 0 ||
        first->effect_count != second.effect_count || first->gerror_changed != second.gerror_changed ||
        (first->event_valid &&
         memcmp(first->event.words, second.event.words, sizeof first->event.words) != 0))
        broken("the same state and access give the same outcome");
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        if (smref_get_register(smmu, (smref_register)reg) != smref_get_register(again, (smref_register)reg))
            broken("the same state and access leave the same registers");
    check_copies("the same state and access leave the same in caches");
}

/* An access by software, mostly to somewhere where there is a register. */
static void execute_register(struct source *s)
{
    uint64_t a = draw(s), before[SMREF_REG_COUNT];
    uint32_t offset =
        a & 7 ? smref_register_at((unsigned)(a >> 32) % SMREF_REG_COUNT)->offset : (uint32_t)(a >> 32);
    smref_mmio access = {.pas = (smref_pas)(a >> 3 & 7 ? 0 : a >> 6 & 3),
                         .write = a >> 8 & 1,
                         .size = a >> 9 & 15 ? (a >> 13 & 3 ? 4 : 8) : (uint8_t)(a >> 15 & 15),
                         .offset = a >> 19 & 15 ? offset & 0x3ffff : offset + (uint32_t)(a >> 24 & 7),
                         .value = draw(s)};
    smref_result result, second;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        before[reg] = smref_get_register(smmu, (smref_register)reg);
    smref_copy_state(again, smmu);
    world.written = (struct written){.records = 0};
    uint64_t reads = world.reads;
    smref_status status = smref_access_register(smmu, &access, &result, NULL);
    world.reads = reads;
    if (status != smref_access_register(again, &access, &second, NULL))
        broken("the same status once more");
    const char *promise =
        status == SMREF_OK ? broken_register_promise(smmu, before, &access, &result, &world.written) : NULL;
    if (promise)
        broken(promise);
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        uint64_t value = smref_get_register(smmu, (smref_register)reg);
        if (status != SMREF_OK && value != before[reg])
            broken("what is refused changes nothing");
        if (value != smref_get_register(again, (smref_register)reg))
            broken("the same access leaves the same registers");
        if (smref_register_at(reg)->width == 32 && value >> 32)
            broken("registers keep their width");
    }
}

static void execute(struct source *s)
{
    smref_access access = make_access(s);
    smref_result result = {.outcome = SMREF_OUTCOME_OK};
    uint64_t reads = world.reads;
    smref_copy_state(again, smmu);
    world.written = (struct written){.records = 0};
    smref_status status = smref_translate(smmu, &access, &result, NULL);
    if (status == SMREF_E_NOT_MODELLED) {
        check_copies("what is not modelled leaves nothing in caches");
        return;
    }
    const char *promise =
        status == SMREF_OK ? broken_promise(smmu, &access, &result, &world.written) : "status";
    if (promise)
        broken(promise);
    check_repetition(&access, &result, reads);
#ifdef FUZZ_STATISTICS
    for (unsigned i = 0; i < result.rule_count; i++)
        rule_counts[result.rules[i]]++;
    outcome_counts[result.outcome]++;
#endif
}

/* Copies of anything, as a state that was loaded may have them, for small identifiers and addresses. */
static void add_copies(struct source *s)
{
    for (uint64_t n = draw(s) & 7; n > 0; n--) {
        smref_cached copy = {0};
        uint64_t word;
        for (size_t at = 0; at < sizeof copy; at += 8) {
            word = draw(s);
            memcpy((unsigned char *)&copy + at, &word, sizeof copy - at < 8 ? sizeof copy - at : 8);
        }
        word = draw(s);
        copy.kind %= SMREF_CACHED_KINDS;
        copy.sec_sid = !(word >> 25 & 1)  ? SMREF_SEC_NS
                       : world.has_secure ? SMREF_SEC_SECURE
                       : world.has_realm  ? SMREF_SEC_REALM
                                          : SMREF_SEC_NS;
        copy.world = (uint8_t)(copy.sec_sid == SMREF_SEC_SECURE  ? SMREF_StreamWorld_S_EL1 + copy.world % 4
                               : copy.sec_sid == SMREF_SEC_REALM ? SMREF_StreamWorld_R_EL1 + copy.world % 3
                                                                 : copy.world % 3);
        copy.ns = word >> 26 & 1;
        copy.half &= 1;
        copy.id_bits &= 31;
        copy.vmw &= 15;
        copy.va_bits = (uint8_t)(word & 63);
        copy.ipa_bits = (uint8_t)(word >> 6 & 63);
        copy.s1_level = (int8_t)((word >> 12 & 7) % 5 - 1);
        copy.s2_level = (int8_t)((word >> 15 & 7) % 5 - 1);
        copy.vmid &= word >> 18 & 1 ? 0xffff : 0;
        copy.sid &= 0xff;
        copy.ssid &= 3;
        copy.aset = word >> 19 & 1;
        copy.global = word >> 20 & 1;
        copy.tbi = word >> 21 & 1;
        copy.e2h = word >> 22 & 1;
        copy.sif = copy.sec_sid == SMREF_SEC_SECURE && word >> 29 & 1;
        copy.xn_table = word >> 23 & 1;
        copy.pxn_table = word >> 24 & 1;
        copy.ns = copy.sec_sid == SMREF_SEC_SECURE && word >> 28 & 1;
        if (word >> 27 & 3) { /* else it is most likely refused */
            copy.va_bits = (uint8_t)(12 + copy.va_bits % 30);
            copy.ipa_bits = (uint8_t)(12 + copy.ipa_bits % 30);
            copy.va &= ~((UINT64_C(1) << copy.va_bits) - 1);
            copy.ipa &= ~((UINT64_C(1) << copy.ipa_bits) - 1);
            copy.output &= ~((UINT64_C(1) << copy.va_bits) - 1) & ~((UINT64_C(1) << copy.ipa_bits) - 1);
        }
        (void)smref_cached_add(smmu, &copy, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {data, size, UINT64_C(0x243f6a8885a308d3)};
    if (!smmu) {
        smref_memory memory = {&world, world_read, world_write};
        smmu = smref_new(&memory, NULL);
        again = smref_new(&memory, NULL);
        smref_set_trace(again, on_step, NULL);
    }
    make_world(&s, &world);
    make_registers(&s, smmu);
    make_secure_bank(&s, smmu);
    make_realm_bank(&s, smmu);
    uint64_t caching = draw(&s);
    (void)smref_set_caching(smmu, caching & 3 ? SMREF_CACHING_NONE : (smref_caching)(1 + (caching >> 2 & 1)),
                            NULL);
    add_copies(&s);
    for (unsigned n = 0; n < ACCESSES; n++)
        if (draw(&s) & 15 || world.has_secure || world.has_realm)
            execute(&s);
        else
            execute_register(&s);
    return 0;
}

#ifndef SMREF_LIBFUZZER
int main(int argc, char **argv)
{
    uint64_t executions = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (uint64_t i = 0; i < executions; i += ACCESSES) {
        uint64_t start = mix(mix(seed) + i);
        struct source s = {NULL, 0, start};
        uint8_t input[8 * 64];
        for (unsigned at = 0; at < sizeof input; at += 8) {
            uint64_t word = draw(&s);
            memcpy(input + at, &word, 8);
        }
        LLVMFuzzerTestOneInput(input, sizeof input);
    }
#ifdef FUZZ_STATISTICS
    for (unsigned i = 1; i < SMREF_RULE_COUNT; i++)
        printf("%12" PRIu64 " %s\n", rule_counts[i], smref_rule_at(i)->id);
    for (unsigned i = 0; i < 4; i++)
        printf("%12" PRIu64 " outcome %u\n", outcome_counts[i], i);
#endif
    smref_free(smmu);
    smref_free(again);
    printf("%" PRIu64 " executions, seed %" PRIu64 ", no broken promise\n", executions, seed);
    return 0;
}
#endif
