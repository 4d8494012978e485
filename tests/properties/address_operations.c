/*
 * An address translation operation against an access: whatever the configuration and the tables are, what a
 * request for all stages of a stream returns is what an access comes to whose STE overrides nothing and whose
 * client supplies no attributes that count: the address, the size, the attributes, or the fault and the
 * place where it arose (IHI 0070 9.1.4, 6.3.40). The request goes through an STE with overrides, the access
 * through the same without. Nothing is recorded for the request. Secure streams are asked for through the
 * Secure interface, which also tells address spaces (6.3.86).
 *
 * SMREF_PROPERTY_SEED starts elsewhere, SMREF_PROPERTY_ROUNDS takes more configurations.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../environment.h"
#include "../suite.h"
#include "oracle/promises.h"
#include "oracle/world.h"

#define REQUESTS 12

static struct world world;
static smref *smmu;

static void set_up(void)
{
    smref_memory memory = world_memory(&world);
    smmu = smref_new(&memory, NULL);
    ck_assert_ptr_nonnull(smmu);
}

static void tear_down(void)
{
    smref_free(smmu);
}

/* ---- The two sides --------------------------------------------------------------------------------- */

static struct {
    uint64_t seed;
    unsigned type;
    bool secure; /* the stream, through the Secure interface */
    smref_access access;
    smref_result result, request;
} now;

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    printf("seed %" PRIu64 ": TYPE %u address 0x%" PRIx64 " write %d inst %d priv %d\n", now.seed, now.type,
           now.access.addr, now.access.type == SMREF_WRITE, now.access.inst, now.access.priv);
    printf("access: outcome %d pa 0x%" PRIx64 " size 0x%" PRIx64 " event 0x%x %016" PRIx64 " %016" PRIx64
           "\n",
           (int)now.result.outcome, now.result.pa, now.result.page_size,
           now.result.event_valid ? (unsigned)now.result.event.type : 0, now.result.event.words[1],
           now.result.event.words[3]);
    printf("PAR 0x%" PRIx64 " unknown 0x%" PRIx64 "\n", now.request.par, now.request.par_unknown);
    for (unsigned i = 0; i < now.request.rule_count; i++)
        printf("  %s\n", smref_rule_at(now.request.rules[i])->id);
    fflush(stdout);
    ck_abort_msg("they differ in: %s", what);
}

static void put_field(uint64_t *words, const char *name, uint64_t value)
{
    const smref_layout_info *info = smref_layout_at(SMREF_LAYOUT_STE);
    for (unsigned i = 0; i < info->field_count; i++)
        if (strcmp(info->fields[i].name, name) == 0)
            smref_field_set(&info->fields[i], words, 0, value);
}

/* 13.1.4: an STE that overrides nothing. */
static void without_overrides(uint64_t *ste)
{
    put_field(ste, "MTCFG", 0);
    put_field(ste, "SHCFG", 1);
    put_field(ste, "ALLOCCFG", 0);
    put_field(ste, "PRIVCFG", 0);
    put_field(ste, "INSTCFG", 0);
    put_field(ste, "NSCFG", 0);
}

/* Device accesses leave it to stage 1 what hints there are; to Write-Back memory stage 2 adds all that it
 * has. */
static void make_access(void)
{
    uint64_t with[8];
    memcpy(with, world.ste, sizeof with);
    without_overrides(world.ste);
    now.access.attrs_supplied = true;
    now.access.attrs = smref_default_attrs();
    if (now.type != 2)
        now.access.attrs = (smref_attrs){.type = SMREF_MT_DEVICE_nGnRnE, .sh = SMREF_OSH};
    if (now.type != 2)
        now.access.attrs.inner.cacheability = now.access.attrs.outer.cacheability = SMREF_NC;
    require(smref_translate(smmu, &now.access, &now.result, NULL) == SMREF_OK, "status");
    memcpy(world.ste, with, sizeof with);
}

static void make_request(void)
{
    const smref_access *a = &now.access;
    smref_mmio run = {.pas = now.secure ? SMREF_PAS_SECURE : SMREF_PAS_NS,
                      .write = true,
                      .size = 4,
                      .offset = now.secure ? 0x8100 : 0x100,
                      .value = 1};
    uint64_t marks = (now.secure ? (uint64_t)a->ns << 4 : 0) | (uint64_t)a->inst << 7 |
                     (uint64_t)(a->type == SMREF_READ) << 8 | (uint64_t)a->priv << 9;
    smref_set_register(smmu, now.secure ? SMREF_REG_SMMU_S_GATOS_SID : SMREF_REG_SMMU_GATOS_SID,
                       a->sid | (uint64_t)a->ssid << 32 | (uint64_t)a->ssv << 52 | (uint64_t)now.secure << 53,
                       NULL);
    smref_set_register(smmu, now.secure ? SMREF_REG_SMMU_S_GATOS_ADDR : SMREF_REG_SMMU_GATOS_ADDR,
                       a->addr >> 12 << 12 | (uint64_t)now.type << 10 | marks, NULL);
    world.written.records = world.written.messages = 0;
    require(smref_access_register(smmu, &run, &now.request, NULL) == SMREF_OK, "status of the request");
    require(now.request.par_valid && now.request.value == 0, "the request is complete");
    require(!now.request.event_valid && !world.written.records && !world.written.messages,
            "nothing is recorded");
    require(smref_get_register(smmu, now.secure ? SMREF_REG_SMMU_S_GATOS_PAR : SMREF_REG_SMMU_GATOS_PAR) ==
                now.request.par,
            "PAR holds the result");
}

/* ---- Comparison ------------------------------------------------------------------------------------ */

/* 6.3.40: the lowest 1 in ADDR, when Size is 1. */
static uint64_t size_of(uint64_t par)
{
    uint64_t size = 8192;
    if (!oracle_bit(par, 11))
        return 4096;
    while (!(par & size / 2))
        size *= 2;
    return size;
}

/* 5.4: a level of MAIR. */
static unsigned nibble_of(const smref_cache_attr *c)
{
    if (c->cacheability == SMREF_NC)
        return 4;
    return (c->cacheability == SMREF_WB ? 4U : 0U) + (c->transient ? 0U : 8U) + (c->read_allocate ? 2U : 0U) +
           (c->write_allocate ? 1U : 0U);
}

static void check_attributes(void)
{
    static const unsigned shareability[] = {[SMREF_NSH] = 0, [SMREF_OSH] = 2, [SMREF_ISH] = 3};
    const smref_attrs *a = &now.result.attrs;
    uint64_t par = now.request.par;
    unsigned attr = a->type == SMREF_MT_NORMAL ? nibble_of(&a->outer) << 4 | nibble_of(&a->inner)
                                               : (unsigned)(SMREF_MT_DEVICE_nGnRnE - a->type) << 2;
    if (oracle_bit(now.request.par_unknown, 56))
        return;
    require(oracle_slice(par, 63, 56) == attr, "memory attributes");
    require(oracle_slice(par, 9, 8) == shareability[a->sh], "Shareability");
}

static void check_success(void)
{
    uint64_t par = now.request.par, size = size_of(par), address = oracle_slice(par, 55, 12) << 12;
    require(!oracle_bit(par, 0), "success");
    require(size == now.result.page_size, "size");
    require((address & ~(size - 1)) == (now.result.pa & ~(size - 1)), "address");
    require(oracle_slice(par, 7, 1) == 0, "reserved bits");
    require(oracle_bit(par, 10) == (now.secure && now.result.pas == SMREF_PAS_NS), "NS"); /* 6.3.86 */
    check_attributes();
}

/* The record of the access tells the stage and the class (7.3.12 to 7.3.16). */
static void check_fault(void)
{
    const uint64_t *words = now.result.event.words;
    unsigned event = (unsigned)now.result.event.type;
    uint64_t par = now.request.par, reason = 0, address = 0;
    bool nsipa = false;
    bool s2 = event >= 0x0b && event <= 0x13 && oracle_bit(words[1], 39);
    require(oracle_bit(par, 0), "failure");
    require(oracle_slice(par, 11, 4) == event, "FAULTCODE");
    if (s2)
        reason = oracle_slice(words[1], 41, 40) + 1;
    else if (now.type == 2 && event != 0x11)
        reason = 3; /* choice ATOS_S2_MISC */
    if (s2 && event != 0x0b && now.type == 3) {
        address = oracle_slice(words[3], 55, 12) & ~now.result.event.unknown[3] >> 12;
        nsipa = oracle_bit(words[1], 38);
    }
    require(oracle_slice(par, 2, 1) == reason, "REASON");
    require(oracle_slice(par, 55, 12) == address, "FADDR");
    require(oracle_bit(par, 3) == nsipa, "NSIPA");
}

static unsigned seen[4][2]; /* by TYPE: successes, faults */

static void compare(struct random *random)
{
    now.access = world_access(&world, random);
    if (now.access.type == SMREF_ATOMIC)
        now.access.type = SMREF_WRITE;
    make_access();
    make_request();
    bool good = now.result.outcome == SMREF_OUTCOME_OK;
    seen[now.type][!good]++;
    if (good)
        check_success();
    else
        check_fault();
}

static void run(enum world_kind kind, unsigned type, bool secure)
{
    uint64_t seed = from_environment("SMREF_PROPERTY_SEED", 1);
    uint64_t total = from_environment("SMREF_PROPERTY_ROUNDS", 20000);
    for (uint64_t i = 0; i < total; i++) {
        struct random random = {(seed + i) * 3 + (uint64_t)kind};
        world_make(&world, &random, kind, secure ? ORACLE_SECURE : ORACLE_NS, smmu);
        smref_set_register(smmu, SMREF_REG_SMMU_IDR0, smref_get_register(smmu, SMREF_REG_SMMU_IDR0) | 1 << 15,
                           NULL); /* ATOS */
        now.seed = seed + i;
        now.type = type;
        now.secure = secure;
        /* Else stage 2 requests do not meet S_CR0.SIF, as accesses do. */
        smref_set_choice(smmu, SMREF_CHOICE_ATOS_SIF, SMREF_CHOICE_ATOS_SIF_checked, NULL);
        for (unsigned n = 0; n < REQUESTS; n++)
            compare(&random);
    }
    ck_assert_msg(seen[type][0] > total / 50 && seen[type][1] > total / 50, "%u successes, %u faults",
                  seen[type][0], seen[type][1]);
}

START_TEST(stage1)
{
    run(WORLD_STAGE1, 1, _i);
}
END_TEST

START_TEST(stage2)
{
    run(WORLD_STAGE2, 2, _i);
}
END_TEST

START_TEST(both_stages)
{
    run(WORLD_NESTED, 3, _i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address_operations");
    TCase *tcase = tcase_create("address_operations");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, stage1, 0, 2);
    tcase_add_loop_test(tcase, stage2, 0, 2);
    tcase_add_loop_test(tcase, both_stages, 0, 2);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
