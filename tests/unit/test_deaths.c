/* Which cases a target is likely to die of. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "deaths.h"
#include "smref_layout.h"

static smref_case *c;

/* An STE of that S2PS, and a write of SMMU_CR2. */
static const smref_case *make(unsigned s2ps, unsigned config, uint64_t cr2)
{
    uint64_t ste[8] = {0};

    if (!c)
        c = calloc(1, sizeof *c);
    smref_STE_set_V(ste, 1);
    smref_STE_set_Config(ste, config);
    smref_STE_set_S2PS(ste, s2ps);
    smref_case_clear(c, 0, "translation");
    smref_case_store(c, SMREF_PAS_NS, 0x40000000, ste, 8, SMREF_LAYOUT_STE);
    smref_case_write(c, SMREF_PAS_NS, SMREF_REG_SMMU_CR2, cr2);
    return c;
}

/* It dies of S2PS 7, whatever else is there. */
static void live(smref_deaths *deaths, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++)
        smref_deaths_learn(deaths, make(i % 8, 4 + i % 4, i & 7), i % 8 == 7);
}

START_TEST(what_always_kills_is_avoided)
{
    smref_deaths *deaths = smref_deaths_new();
    unsigned spared = 0;
    char why[256] = "";

    live(deaths, 16);
    ck_assert(!smref_deaths_foretell(deaths, make(7, 6, 7), why)); /* two deaths say nothing */
    live(deaths, 160);
    for (unsigned i = 0; i < 64; i++)
        spared += smref_deaths_foretell(deaths, make(7, 4 + i % 4, 7), why);
    ck_assert_uint_eq(spared, 64 - 7); /* the 1st, 2nd, 4th ... 64th are tried */
    ck_assert_msg(strstr(why, "STE.S2PS is 7") != NULL, "%s", why);
    for (unsigned i = 0; i < 7; i++)
        ck_assert(!smref_deaths_foretell(deaths, make(i, 6, 7), why));
    smref_deaths_free(deaths);
    free(c);
    c = NULL;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deaths");
    TCase *tests = tcase_create("deaths");

    tcase_add_test(tests, what_always_kills_is_avoided);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
