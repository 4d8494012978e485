/*
 * Granule protection checks beside the tables: descriptors that contradict each other, control and syndromes,
 * what the architecture leaves open, devices without a StreamID (3.25, 6.3.112 to 6.3.117, DDI 0487 D9.6).
 */
#include <check.h>

#include "../suite.h"
#include "system/root.h"

/* ---- Misprogrammed Contiguous descriptors (D9.6.4 SPLJH, SMQTZ, NNHCF) ------------------------------ */

struct mixture {
    unsigned pgs, contig; /* PGS, Contig */
    uint64_t entries;     /* of the region */
};

static const struct mixture mixtures[] = {{0, 1, 32},  {0, 2, 512}, {0, 3, 8192}, {1, 1, 2},   {1, 2, 32},
                                          {1, 3, 512}, {2, 1, 8},   {2, 2, 128},  {2, 3, 2048}};

static int with_option(unsigned option, uint64_t address)
{
    ck_assert_int_eq(smref_set_choice(root_smmu, SMREF_CHOICE_GPT_CONTIGUOUS_MIXED, option, NULL), SMREF_OK);
    int got = root_access(SMREF_PAS_NS, address);
    ck_assert_int_eq(smref_set_choice(root_smmu, SMREF_CHOICE_GPT_CONTIGUOUS_MIXED, 0, NULL), SMREF_OK);
    return got;
}

static void check_options(uint64_t address, int own, int permitted, int forbidden)
{
    ck_assert_int_eq(with_option(SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_own, address), own);
    ck_assert_int_eq(with_option(SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_permitted, address), permitted);
    ck_assert_int_eq(with_option(SMREF_CHOICE_GPT_CONTIGUOUS_MIXED_forbidden, address), forbidden);
}

/* The second region of a level 1 table; one entry somewhere has another GPI. */
START_TEST(mixed_regions)
{
    const struct mixture *m = &mixtures[_i];
    const uint64_t table = UINT64_C(0x40000000), first = m->entries;
    const uint64_t granule = m->pgs == 0 ? 0x1000 : m->pgs == 1 ? 0x10000 : 0x4000;
    struct root_config c = root_usual;
    c.pgs = m->pgs;
    c.l0gptsz = 4;
    root_program(&c);
    for (unsigned own = 0; own < 2; own++) {
        const uint64_t contiguous = m->contig << 8 | (own ? 0x91 : 0xb1);
        const uint64_t same = own ? UINT64_C(0x9999999999999999) : UINT64_C(0xbbbbbbbbbbbbbbbb);
        const uint64_t other = own ? UINT64_C(0x999999b999999999) : UINT64_C(0xbbbbbbbb9bbbbbbb);
        const int verdict = own ? ROOT_PERMITTED : ROOT_GPF;
        for (unsigned where = 0; where < 4; where++) {
            /* within the region: its first and last entry; outside: its neighbours */
            uint64_t at = where == 0   ? first
                          : where == 1 ? 2 * first - 1
                          : where == 2 ? first - 1
                                       : 2 * first;
            uint64_t index = where == 0 ? first + 1 : first, address = index * 16 * granule + 5 * granule;
            root_clear(same); /* the others of the region may be Granules descriptors (NNHCF) */
            root_put(ROOT_TABLE, table | 3);
            root_put(table + 8 * index, contiguous);
            check_options(address, verdict, verdict, verdict);
            root_put(table + 8 * at, other);
            check_options(address, verdict, where < 2 ? ROOT_PERMITTED : verdict,
                          where < 2 ? ROOT_GPF : verdict);
            root_abort_at(table + 8 * at); /* what cannot be read tells of no GPI */
            if (where < 2 && m->entries > 8)
                check_options(address, verdict, verdict, verdict);
        }
    }
}
END_TEST

/* ---- Control --------------------------------------------------------------------------------------- */

static int with_control(unsigned cr0, unsigned ack)
{
    root_set(SMREF_REG_SMMU_ROOT_CR0, cr0);
    root_set(SMREF_REG_SMMU_ROOT_CR0ACK, ack);
    return root_access(SMREF_PAS_NS, 0x1000);
}

static void choose(smref_choice choice, unsigned option)
{
    ck_assert_int_eq(smref_set_choice(root_smmu, choice, option, NULL), SMREF_OK);
}

/* ACCESSEN is bit 0 and comes first; GPCEN is bit 1 (6.3.112). The table forbids all. */
START_TEST(control)
{
    root_clear(1);
    ck_assert_int_eq(with_control(0, 0), ROOT_GPF);
    ck_assert_int_eq(with_control(1, 1), ROOT_PERMITTED);
    ck_assert_int_eq(with_control(2, 2), ROOT_GPF);
    ck_assert_int_eq(with_control(3, 3), ROOT_GPF);
    root_clear(0x91);
    ck_assert_int_eq(with_control(2, 2), ROOT_GPF);
    ck_assert_int_eq(with_control(3, 3), ROOT_PERMITTED);
    root_clear(0);
    ck_assert_int_eq(with_control(2, 2), ROOT_GPF); /* the table is not even looked at */
    ck_assert_int_eq(with_control(3, 3), 3);
    ck_assert_int_eq(with_control(3, 1),
                     ROOT_PERMITTED); /* of values under way, those acknowledged by default */
    ck_assert_int_eq(with_control(1, 3), 3);
    ck_assert_int_eq(with_control(1, 0), ROOT_GPF);
    ck_assert_int_eq(with_control(0, 1), ROOT_PERMITTED);
    choose(SMREF_CHOICE_GPCEN_IN_TRANSITION, SMREF_CHOICE_GPCEN_IN_TRANSITION_new);
    choose(SMREF_CHOICE_ACCESSEN_IN_TRANSITION, SMREF_CHOICE_ACCESSEN_IN_TRANSITION_new);
    ck_assert_int_eq(with_control(3, 1), 3);
    ck_assert_int_eq(with_control(1, 3), ROOT_PERMITTED);
    ck_assert_int_eq(with_control(1, 0), ROOT_PERMITTED);
    ck_assert_int_eq(with_control(0, 1), ROOT_GPF);
}
END_TEST

/* FAR holds the first fault until it is cleared; the two registers do not disturb each other (3.25.5). */
START_TEST(sticky)
{
    smref_access a = {.no_stream = true, .pas = SMREF_PAS_REALM, .addr = 0x1234, .size = 1};
    smref_result r;
    root_clear(0x91);
    for (unsigned lap = 0; lap < 2; lap++, a.addr += 0x1000) {
        ck_assert_int_eq(smref_translate(root_smmu, &a, &r, NULL), SMREF_OK);
        ck_assert_int_eq(r.outcome, SMREF_OUTCOME_ABORT);
        ck_assert_uint_eq(r.effect_count, lap ? 0 : 1);
        ck_assert_uint_eq(smref_get_register(root_smmu, SMREF_REG_SMMU_ROOT_GPF_FAR),
                          root_syndrome(SMREF_PAS_REALM, 0x1000));
    }
    ck_assert(!r.gpf_far && !r.gpt_cfg_far);
    root_clear(0);
    a.pas = SMREF_PAS_ROOT;
    ck_assert_int_eq(smref_translate(root_smmu, &a, &r, NULL), SMREF_OK);
    ck_assert(!r.gpf_far && r.gpt_cfg_far);
    ck_assert_uint_eq(r.effect_count, 1);
    ck_assert_int_eq(r.effects[0].kind, SMREF_EFFECT_WIRED);
    ck_assert_int_eq(r.effects[0].source, SMREF_SOURCE_GPT_CFG_FAR);
    ck_assert_uint_eq(smref_get_register(root_smmu, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR),
                      UINT64_C(3) << 56 | root_syndrome(SMREF_PAS_ROOT, a.addr));
}
END_TEST

/* GPI 0b1000 without Secure EL2; bits of the base above OAS (6.3.114). */
START_TEST(options)
{
    root_clear(0x81);
    root_set(SMREF_REG_SMMU_S_IDR1, 1u << 31);
    ck_assert_int_eq(root_access(SMREF_PAS_SECURE, 0), ROOT_PERMITTED);
    ck_assert_int_eq(root_access(SMREF_PAS_NS, 0), ROOT_GPF);
    choose(SMREF_CHOICE_GPI_SECURE, SMREF_CHOICE_GPI_SECURE_reserved);
    ck_assert_int_eq(root_access(SMREF_PAS_SECURE, 0), 3);
    ck_assert_int_eq(root_access(SMREF_PAS_NS, 0), 3);
    root_set(SMREF_REG_SMMU_S_IDR1, 1u << 31 | 1u << 29);
    ck_assert_int_eq(root_access(SMREF_PAS_SECURE, 0), ROOT_PERMITTED);
    struct root_config c = root_usual;
    c.base |= UINT64_C(1) << 48;
    root_program(&c);
    root_clear(0);
    root_put(ROOT_TABLE, 0x91);
    ck_assert_int_eq(root_access(SMREF_PAS_NS, 0), ROOT_PERMITTED);
    choose(SMREF_CHOICE_GPT_BASE_BEYOND_OAS, SMREF_CHOICE_GPT_BASE_BEYOND_OAS_lookup_error);
    ck_assert_int_eq(root_access(SMREF_PAS_NS, 0), 1);
}
END_TEST

/* 3.25.1.1: beyond OAS there is no check and no record; attributes go out as they came. */
START_TEST(no_stream)
{
    smref_access a = {.no_stream = true, .pas = SMREF_PAS_ROOT, .addr = UINT64_C(1) << 48, .size = 1};
    smref_result r;
    root_clear(0xa1);
    ck_assert_int_eq(smref_translate(root_smmu, &a, &r, NULL), SMREF_OK);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_ABORT);
    ck_assert(!r.event_valid && !r.gpf_far && !r.gpt_cfg_far);
    a.addr = 0x1000;
    a.attrs_supplied = a.priv = true;
    a.attrs = (smref_attrs){.type = SMREF_MT_DEVICE_GRE, .sh = SMREF_OSH};
    ck_assert_int_eq(smref_translate(root_smmu, &a, &r, NULL), SMREF_OK);
    ck_assert_int_eq(r.outcome, SMREF_OUTCOME_OK);
    ck_assert_int_eq(r.attrs.type, SMREF_MT_DEVICE_GRE);
    ck_assert(r.priv && !r.inst && !r.page_size);
    a.pas = (smref_pas)4;
    ck_assert_int_eq(smref_translate(root_smmu, &a, &r, NULL), SMREF_E_ARGUMENT);
    a.pas = SMREF_PAS_ROOT;
    root_set(SMREF_REG_SMMU_ROOT_IDR0, 0);
    ck_assert_int_eq(smref_translate(root_smmu, &a, &r, NULL), SMREF_E_ARGUMENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("granule control");
    TCase *cases = tcase_create("granule control");
    tcase_add_checked_fixture(cases, root_set_up, root_tear_down);
    tcase_add_loop_test(cases, mixed_regions, 0, sizeof mixtures / sizeof *mixtures);
    tcase_add_test(cases, control);
    tcase_add_test(cases, sticky);
    tcase_add_test(cases, options);
    tcase_add_test(cases, no_stream);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
