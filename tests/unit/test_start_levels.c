/*
 * Which sizes fit which start level of stage 2, for every value of S2T0SZ, S2SL0, S2SL0_2, S2DS and granule:
 * the tables of DDI 0487 D8.2.8 to D8.2.10 (VMSAv8-64), G5.5.7.2 (VMSAv8-32) and D8.2.11.1 (VMSAv9-128), read
 * from the book line by line. Start levels that a smaller address size does not have are those of its
 * S2InvalidSL.
 */
#include <check.h>
#include <stdlib.h>

#include "../suite.h"
#include "smref.h"
#include "smref_layout.h"
#include "system/system.h"

enum { TG_4K = 0, TG_64K = 1, TG_16K = 2 };
enum { OAS_40 = 2, OAS_42 = 3, OAS_44 = 4, OAS_48 = 5, OAS_52 = 6 };

static smref *smmu;

static void set_up(void)
{
    smmu = smref_new(&system_no_memory, NULL);
    ck_assert_ptr_nonnull(smmu);
    ck_assert_int_eq(smref_set_register(smmu, SMREF_REG_SMMU_AIDR, 4, NULL), SMREF_OK);
}

static void tear_down(void)
{
    smref_free(smmu);
}

/* TTF and D128 choose what S2AA64 0 means. */
static void identify(unsigned oas, bool stt, bool ds, bool d128)
{
    uint64_t idr0 = smref_SMMU_IDR0_with_S2P(0, 1), idr3 = smref_SMMU_IDR3_with_STT(0, stt), idr5 = 0;
    idr0 = smref_SMMU_IDR0_with_TTF(idr0, d128 ? 2 : 3);
    idr5 = smref_SMMU_IDR5_with_OAS(idr5, oas);
    idr5 = smref_SMMU_IDR5_with_GRAN4K(smref_SMMU_IDR5_with_GRAN16K(smref_SMMU_IDR5_with_GRAN64K(idr5, 1), 1),
                                       1);
    idr5 = smref_SMMU_IDR5_with_D128(smref_SMMU_IDR5_with_DS(smref_SMMU_IDR5_with_VAX(idr5, ds), ds), d128);
    ck_assert_int_eq(smref_set_register(smmu, SMREF_REG_SMMU_IDR0, idr0, NULL), SMREF_OK);
    ck_assert_int_eq(smref_set_register(smmu, SMREF_REG_SMMU_IDR3, idr3, NULL), SMREF_OK);
    ck_assert_int_eq(smref_set_register(smmu, SMREF_REG_SMMU_IDR5, idr5, NULL), SMREF_OK);
}

static bool breaks(const uint64_t *ste, smref_rule rule)
{
    uint16_t rules[64];
    unsigned count = smref_ste_illegal(smmu, SMREF_SEC_NS, ste, rules, 64);
    for (unsigned i = 0; i < count && i < 64; i++)
        if (rules[i] == rule)
            return true;
    return false;
}

static void stage2(uint64_t *ste, bool aa64, unsigned tg, unsigned t0sz)
{
    for (unsigned i = 0; i < SMREF_STE_WORDS; i++)
        ste[i] = 0;
    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, SMREF_STE_Config_S2_TRANS);
    smref_STE_set_S2AA64(ste, aa64);
    smref_STE_set_S2PS(ste, 7);
    smref_STE_set_S2TG(ste, tg);
    smref_STE_set_S2T0SZ(ste, t0sz);
}

/* Tables D8-20 to D8-24, D8-30 to D8-33, D8-39 to D8-41; `oas` is the least size that has the level. */
static const struct {
    unsigned tg, sl, first, last, oas;
    bool ds, stt;
} fits[] = {
    {TG_4K, 4, 12, 15, OAS_52, true, false},   {TG_4K, 2, 16, 24, OAS_44, false, false},
    {TG_4K, 2, 12, 15, OAS_52, true, false},   {TG_4K, 1, 21, 33, OAS_40, false, false},
    {TG_4K, 0, 30, 39, OAS_40, false, false},  {TG_4K, 0, 40, 42, OAS_40, false, true},
    {TG_4K, 3, 39, 48, OAS_40, false, true},   {TG_16K, 3, 12, 16, OAS_52, true, false},
    {TG_16K, 2, 16, 27, OAS_42, false, false}, {TG_16K, 2, 13, 15, OAS_52, true, false},
    {TG_16K, 1, 24, 38, OAS_40, false, false}, {TG_16K, 0, 35, 39, OAS_40, false, false},
    {TG_16K, 0, 40, 48, OAS_40, false, true},  {TG_64K, 2, 12, 15, OAS_52, false, false},
    {TG_64K, 2, 16, 21, OAS_44, false, false}, {TG_64K, 1, 18, 34, OAS_40, false, false},
    {TG_64K, 0, 31, 39, OAS_40, false, false}, {TG_64K, 0, 40, 47, OAS_40, false, true},
};

static bool table_says(unsigned tg, unsigned sl, unsigned t0sz, unsigned oas, bool ds, bool stt)
{
    for (unsigned i = 0; i < sizeof fits / sizeof *fits; i++)
        if (fits[i].tg == tg && fits[i].sl == sl && t0sz >= fits[i].first && t0sz <= fits[i].last &&
            oas >= fits[i].oas && (ds || !fits[i].ds) && (stt || !fits[i].stt))
            return true;
    return false;
}

/* 5.2 S2T0SZ: how far the IPA size and small tables reach. */
static bool size_in_range(unsigned tg, unsigned t0sz, unsigned oas, bool ds, bool stt)
{
    static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52};
    unsigned least = tg == TG_64K || ds ? 12 : 16;
    if (64 - bits[oas] > least)
        least = 64 - bits[oas];
    return t0sz >= least && t0sz <= (!stt ? 39U : tg == TG_64K ? 47U : 48U);
}

START_TEST(vmsav8_64)
{
    unsigned oas = OAS_40 + (unsigned)_i / 8;
    bool stt = _i & 1, ds_implemented = _i & 2, ds = _i & 4;
    uint64_t ste[SMREF_STE_WORDS];
    identify(oas, stt, ds_implemented, false);
    for (unsigned tg = TG_4K; tg <= TG_16K; tg++) {
        for (unsigned bits = 0; bits < 64 * 8; bits++) {
            unsigned t0sz = bits & 63, sl = bits >> 6;
            bool effective = ds && ds_implemented && tg != TG_64K;
            stage2(ste, true, tg, t0sz);
            smref_STE_set_S2SL0(ste, sl & 3);
            smref_STE_set_S2SL0_2(ste, sl >> 2);
            smref_STE_set_S2DS(ste, ds);
            /* S2SL0_2 counts only with a 4 KB granule and S2DS 1 (5.2 S2SL0). */
            unsigned counts = effective && tg == TG_4K ? sl : sl & 3;
            bool legal = size_in_range(tg, t0sz, oas, effective, stt) &&
                         table_says(tg, counts, t0sz, oas, effective, stt);
            bool judged =
                !breaks(ste, SMREF_RULE_STE_S2_START_LEVEL) && !breaks(ste, SMREF_RULE_STE_S2T0SZ_RANGE);
            ck_assert_msg(legal == judged, "TG %u SL %u T0SZ %u DS %d STT %d OAS %u: should be %s", tg, sl,
                          t0sz, effective, stt, oas, legal ? "legal" : "ILLEGAL");
        }
    }
}
END_TEST

/* Table G5-5; T0SZ is a signed number of four bits. */
START_TEST(vmsav8_32)
{
    uint64_t ste[SMREF_STE_WORDS];
    identify(OAS_40, false, false, false);
    for (unsigned bits = 0; bits < 64 * 4; bits++) {
        int t0sz = (int)(bits & 15) - (bits & 8 ? 16 : 0);
        unsigned sl = bits >> 6;
        bool legal = (sl == 0 && t0sz >= -2) || (sl == 1 && t0sz <= 1);
        stage2(ste, false, TG_64K, bits & 63); /* S2TG and S2T0SZ[5:4] do not count */
        smref_STE_set_S2SL0(ste, sl);
        ck_assert_msg(legal != breaks(ste, SMREF_RULE_STE_S2_START_LEVEL), "SL %u T0SZ %d", sl, t0sz);
        ck_assert(!breaks(ste, SMREF_RULE_STE_S2T0SZ_RANGE));
    }
}
END_TEST

/* Table D8-44: the least TxSZ at each level, from level -2 on (from -1 and 0 with larger granules). */
START_TEST(vmsav9_128)
{
    static const unsigned least[3][7] = {[TG_4K] = {8, 12, 20, 28, 36, 44, 49},
                                         [TG_16K] = {8, 8, 10, 20, 30, 40, 49},
                                         [TG_64K] = {8, 8, 8, 12, 24, 36, 48}};
    uint64_t ste[SMREF_STE_WORDS];
    identify(7, true, false, true);
    for (unsigned tg = TG_4K; tg <= TG_16K; tg++) {
        for (unsigned t0sz = 8; t0sz < least[tg][6]; t0sz++) {
            int level = -2;
            while (t0sz >= least[tg][level + 3])
                level++;
            for (unsigned skl = 0; skl < 4; skl++) {
                stage2(ste, false, tg, t0sz);
                smref_STE_set_S2SKL(ste, skl);
                ck_assert_msg((level + (int)skl > 3) == breaks(ste, SMREF_RULE_STE_S2_START_LEVEL),
                              "TG %u T0SZ %u SKL %u", tg, t0sz, skl);
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("start levels");
    TCase *tcase = tcase_create("start levels");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, vmsav8_64, 0, 8 * (OAS_52 - OAS_40 + 1));
    tcase_add_test(tcase, vmsav8_32);
    tcase_add_test(tcase, vmsav9_128);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
