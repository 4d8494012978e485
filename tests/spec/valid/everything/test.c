/* What the expressions of input.json must give, by hand. */
#include <stdio.h>
#include <string.h>

#include "smref_rules.h"
#include "smref_tables.h"

static unsigned bad;

static void expect(const char *what, uint64_t got, uint64_t wanted)
{
    if (got != wanted) {
        printf("%s: 0x%llx, not 0x%llx\n", what, (unsigned long long)got, (unsigned long long)wanted);
        bad++;
    }
}

#define EXPECT(what, wanted) expect(#what, (uint64_t)(what), (wanted))

bool smref_helper_table_fits(const smref_env *e, uint64_t a, uint64_t b, uint64_t c)
{
    (void)e;
    return a == 12 && b == 1 && c == SMREF_Granule_64K;
}

uint64_t smref_helper_log2(const smref_env *e, uint64_t a)
{
    uint64_t log = 0;

    (void)e;
    while (a >>= 1)
        log++;
    return log;
}

static void test_derived(smref_env *e)
{
    uint64_t ste[2] = {0, 0};

    e->STE = ste;
    smref_STE_set_Size(ste, 12);
    smref_STE_set_Mode(ste, 2);
    smref_STE_set_Flag(ste, 1);
    EXPECT(smref_derived_limit(e), 48);
    EXPECT(smref_derived_size(e), 12 * 2 + (6 << 1));
    e->arch = 0x31;
    EXPECT(smref_derived_limit(e), 52);
    smref_STE_set_Size(ste, 60);
    EXPECT(smref_derived_size(e), 52 * 2 + (6 << 1));
    EXPECT(smref_derived_granule(e), SMREF_Granule_64K);
    smref_STE_set_Mode(ste, 1);
    EXPECT(smref_derived_granule(e), SMREF_Granule_16K);
    smref_STE_set_Mode(ste, 0);
    EXPECT(smref_derived_granule(e), SMREF_Granule_4K);
    e->ctx_level = 2;
    smref_STE_set_Split(ste, 0xd);
    EXPECT(smref_derived_shifted(e), ((6u << 2) / 2) % 7 + 2);
    e->ctx_level = 0;
    EXPECT(smref_derived_shifted(e), 2);
    e->ctx_level = 64;
    EXPECT(smref_derived_shifted(e), 2);
    smref_STE_set_List(ste, 3, 0x6);
    smref_STE_set_Size(ste, 1);
    e->ctx_level = 0;
    EXPECT(smref_derived_truths(e), ((1u << 8) | (1u << 7) | (5u << 3) | (3u << 1) | 1) << 3);
    e->ctx_level = 4;
    EXPECT(smref_derived_truths(e), (((1u << 8) | (1u << 7) | (5u << 3) | (3u << 1)) >> 4) << 3);
    EXPECT(smref_derived_in_order(e), 1);
    e->ctx_level = 2;
    EXPECT(smref_derived_in_order(e), 0);
    smref_STE_set_Size(ste, 12);
    EXPECT(smref_derived_constant(e), 1);
    e->ctx_nested = 1;
    EXPECT(smref_derived_called(e), 1);
    smref_STE_set_V(ste, 1);
    EXPECT(smref_derived_called(e), 0);
}

static void test_banks(smref_env *e, uint64_t *reg)
{
    e->ctx_nested = 0;
    e->ctx_sec_sid = SMREF_SecurityState_Secure;
    reg[SMREF_REG_SMMU_S_CR0] = smref_SMMU_S_CR0_with_EN(0, 1);
    e->bank = SMREF_SEC_NS;
    EXPECT(smref_derived_enabled(e), 0);
    e->bank = SMREF_SEC_SECURE;
    EXPECT(smref_derived_enabled(e), 1);
    e->bank = SMREF_SEC_REALM; /* has no CR0 */
    EXPECT(smref_derived_enabled(e), 0);
    e->ctx_nested = 1;
    EXPECT(smref_derived_enabled(e), 1);
}

static void test_rules(smref_env *e, uint8_t *choice, uint64_t *met)
{
    uint64_t ste[2] = {0, 0}, cd[1] = {7};
    uint16_t rules[2];
    unsigned i;

    e->STE = ste;
    e->CD = cd;
    *met = 0;
    EXPECT(smref_STE_first_illegal(e), SMREF_RULE_NONE);
    EXPECT(*met, 0);
    smref_STE_set_V(ste, 1);
    smref_STE_set_Mode(ste, 2);
    EXPECT(smref_STE_first_illegal(e), SMREF_RULE_STE_EARLY);
    EXPECT(*met, 1);
    choice[SMREF_CHOICE_CU_MODE] = SMREF_CHOICE_CU_MODE_abort;
    EXPECT(smref_STE_first_illegal(e), SMREF_RULE_NONE);
    for (i = 0; i < 8; i++)
        smref_STE_set_List(ste, i, i == 0 ? 0 : 4);
    EXPECT(smref_STE_first_illegal(e), SMREF_RULE_STE_LATE);
    choice[SMREF_CHOICE_CU_MODE] = SMREF_CHOICE_CU_MODE_fault;
    EXPECT(smref_STE_all_illegal(e, rules, 2), 2);
    EXPECT(rules[0], SMREF_RULE_STE_EARLY);
    EXPECT(rules[1], SMREF_RULE_STE_LATE);
    EXPECT(smref_STE_all_illegal(e, NULL, 0), 2);
    EXPECT(smref_CD_first_illegal(e), SMREF_RULE_NONE);
    smref_STE_set_List(ste, 7, 2);
    EXPECT(smref_CD_first_illegal(e), SMREF_RULE_CD_ANY);
    EXPECT(smref_rule_conditions[SMREF_RULE_CD_ANY](e), 1);
    EXPECT(smref_rule_conditions[SMREF_RULE_WALK_STEP] == NULL, 1);
}

static void test_states(smref_env *e, uint64_t *reg)
{
    uint64_t ste[2] = {0, 0}, tiny[1] = {0}, record[4] = {0, 0, 0, 0}, unknown[4];
    const smref_layout_info *l = smref_layout_at(SMREF_LAYOUT_STE);
    struct smref_event_fields f = {.SSV = 1, .IPA = 0x123456789abc};
    unsigned i;

    e->STE = ste;
    e->self = tiny;
    reg[SMREF_REG_SMMU_IDR0] = 0;
    EXPECT(smref_field_state_in(e, SMREF_LAYOUT_STE, 2), SMREF_FIELD_RES0);
    EXPECT(smref_not_modelled(e) == NULL, 1);
    reg[SMREF_REG_SMMU_IDR0] = 1;
    EXPECT(smref_not_modelled(e)[0], '"');
    e->arch = 0x32;
    EXPECT(smref_lookup_not_modelled(e) == NULL, 1);
    e->arch = 0x33;
    EXPECT(smref_lookup_not_modelled(e)[0], 'l');
    EXPECT(smref_field_state_in(e, SMREF_LAYOUT_STE, 2), SMREF_FIELD_IGNORED);
    smref_STE_set_Mode(ste, 1);
    EXPECT(smref_field_state_in(e, SMREF_LAYOUT_STE, 2), SMREF_FIELD_ACTIVE);
    EXPECT(smref_field_state_in(e, SMREF_LAYOUT_TINY, 1), SMREF_FIELD_RES1);
    for (i = 0; i < l->field_count; i++) {
        e->ctx_granule = SMREF_Granule_4K;
        EXPECT(smref_field_present(e, SMREF_LAYOUT_STE, i), l->fields[i].when == NULL || i == 12);
        e->ctx_granule = SMREF_Granule_16K;
        EXPECT(smref_field_present(e, SMREF_LAYOUT_STE, i), l->fields[i].when == NULL || i == 9 || i == 11);
        e->ctx_granule = SMREF_Granule_64K;
        EXPECT(smref_field_present(e, SMREF_LAYOUT_STE, i), l->fields[i].when == NULL || i == 7 || i == 8);
    }
    smref_event_encode(SMREF_F_ONE, &f, record);
    EXPECT(record[0], 0x110);
    EXPECT(record[1], 0x123456789000);
    e->self = record;
    smref_event_unknown(e, SMREF_F_ONE, unknown);
    EXPECT(unknown[1], 0xfff);
    e->arch = 0x31;
    smref_event_unknown(e, SMREF_F_ONE, unknown);
    EXPECT(unknown[1], 0xf0fff);
    record[0] = 0x10;
    smref_event_unknown(e, SMREF_F_ONE, unknown);
    EXPECT(unknown[1], 0x000fffffffffffff);
}

static void test_tables(void)
{
    smref_register reg = SMREF_REG_COUNT;
    smref_layout layout = SMREF_LAYOUT_COUNT;
    smref_rule rule = SMREF_RULE_COUNT;
    smref_choice choice = SMREF_CHOICE_COUNT;
    const smref_register_info *r;

    EXPECT(smref_register_find("SMMU_S_CR0", &reg), 1);
    EXPECT(reg, SMREF_REG_SMMU_S_CR0);
    r = smref_register_at(reg);
    EXPECT(r->reset_value, 0x200);
    EXPECT(r->reset_known, 0xffffffe2);
    r = smref_register_at(SMREF_REG_SMMU_GPT); /* its variants reset to 7 and to 5 */
    EXPECT(r->reset_value, 0x5);
    EXPECT(r->reset_known, ~UINT64_C(2));
    EXPECT(smref_register_find("SMMU_S_CR", &reg), 0);
    EXPECT(smref_register_find_offset(0x14000, &reg), 1);
    EXPECT(reg, SMREF_REG_SMMU_PAGE_BASE_0);
    EXPECT(smref_register_find_offset(0x28, &reg), 0);
    EXPECT(smref_layout_find("F_ONE", &layout), 1);
    EXPECT(layout, SMREF_LAYOUT_F_ONE);
    EXPECT(smref_rule_find("WALK_STEP", &rule), 1);
    EXPECT(rule, SMREF_RULE_WALK_STEP);
    EXPECT(smref_rule_at(0) == NULL, 1);
    EXPECT(smref_rule_at(SMREF_RULE_COUNT) == NULL, 1);
    EXPECT(smref_choice_find("CU_MODE", &choice), 1);
    EXPECT(smref_choice_at(choice)->default_option, 0);
    EXPECT(smref_rule_at(SMREF_RULE_STE_EARLY)->choice, SMREF_CHOICE_CU_MODE);
    EXPECT(smref_rule_at(SMREF_RULE_STE_LATE)->choice, SMREF_CHOICE_COUNT);
    EXPECT(smref_rule_at(SMREF_RULE_STE_LATE)->unmodelled == NULL, 1);
    EXPECT(strcmp(smref_rule_at(SMREF_RULE_WALK_STEP)->unmodelled, "lookups too"), 0);
}

int main(void)
{
    uint64_t reg[SMREF_REG_COUNT] = {0}, met = 0;
    uint8_t choice[SMREF_CHOICE_COUNT] = {0};
    smref_env e = {.reg = reg, .choice = choice, .choices_met = &met, .arch = 0x30};

    test_derived(&e);
    test_banks(&e, reg);
    test_rules(&e, choice, &met);
    test_states(&e, reg);
    test_tables();
    return bad != 0;
}
