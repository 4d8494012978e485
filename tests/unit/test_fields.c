/* Fields of words, and the tables of the specification (model/smref.h, "What the specification says"). */
#include <check.h>
#include <string.h>

#include "../suite.h"
#include "smref.h"

/* ---- Getting and setting --------------------------------------------------------------------------- */

struct field_case {
    const char *what;
    smref_field_info field;
    unsigned element;
    uint64_t value, words[2]; /* the words that hold the value and nothing else */
};

static const struct field_case field_cases[] = {
    {"one bit", {.piece_count = 1, .pieces = {{0, 0}}}, 0, 1, {1, 0}},
    {"the last bit of a word", {.piece_count = 1, .pieces = {{63, 63}}}, 0, 1, {UINT64_C(1) << 63, 0}},
    {"a whole word", {.piece_count = 1, .pieces = {{127, 64}}}, 0, UINT64_MAX, {0, UINT64_MAX}},
    {"inside a word", {.piece_count = 1, .pieces = {{75, 68}}}, 0, 0xa5, {0, 0xa50}},
    {"two pieces in a word",
     {.piece_count = 2, .pieces = {{9, 8}, {50, 48}}},
     0,
     0x1d,
     {UINT64_C(5) << 48 | 0x300, 0}},
    {"two pieces in two words",
     {.piece_count = 2, .pieces = {{64, 64}, {63, 62}}},
     0,
     6,
     {UINT64_C(2) << 62, 1}},
    {"an element",
     {.piece_count = 1, .pieces = {{63, 0}}, .array_count = 16, .array_width = 4},
     15,
     0xb,
     {UINT64_C(0xb) << 60, 0}},
    {"the first element",
     {.piece_count = 1, .pieces = {{71, 8}}, .array_count = 8, .array_width = 8},
     0,
     0x7e,
     {0x7e00, 0}},
    {"an element of the next word",
     {.piece_count = 1, .pieces = {{127, 0}}, .array_count = 16, .array_width = 8},
     9,
     0x11,
     {0, 0x1100}},
    {"no such element",
     {.piece_count = 1, .pieces = {{63, 0}}, .array_count = 16, .array_width = 4},
     16,
     0,
     {0, 0}},
};

START_TEST(get_and_set)
{
    const struct field_case *c = &field_cases[_i];
    uint64_t words[2] = {0, 0}, ones[2] = {UINT64_MAX, UINT64_MAX};
    ck_assert_uint_eq(smref_field_get(&c->field, c->words, c->element), c->value);
    smref_field_set(&c->field, words, c->element, c->value);
    ck_assert_msg(words[0] == c->words[0] && words[1] == c->words[1], "%s", c->what);
    /* Bits above the field's width are dropped, and no other bit is touched. */
    smref_field_set(&c->field, ones, c->element, 0);
    smref_field_set(&c->field, ones, c->element, UINT64_MAX);
    ck_assert_msg(ones[0] == UINT64_MAX && ones[1] == UINT64_MAX, "%s", c->what);
    smref_field_set(&c->field, ones, c->element, c->value);
    ck_assert_uint_eq(smref_field_get(&c->field, ones, c->element), c->value);
    ck_assert_msg((words[0] & ~ones[0]) == 0 && (words[1] & ~ones[1]) == 0, "%s", c->what);
}
END_TEST

/* A wide reserved area crosses words: its value is its lowest 64 bits. */
START_TEST(reserved_areas)
{
    smref_field_info area = {.piece_count = 1, .pieces = {{127, 32}}, .kind = SMREF_KIND_RESERVED};
    uint64_t words[2] = {UINT64_C(0x1111111122222222), UINT64_C(0x3333333344444444)};
    ck_assert_uint_eq(smref_field_get(&area, words, 0), UINT64_C(0x4444444411111111));
    smref_field_set(&area, words, 0, UINT64_C(0x8888888877777777));
    ck_assert_uint_eq(words[0], UINT64_C(0x7777777722222222));
    ck_assert_uint_eq(words[1], UINT64_C(0x3333333388888888));
}
END_TEST

/* ---- Tables ---------------------------------------------------------------------------------------- */

START_TEST(layouts)
{
    smref_layout layout;
    unsigned count = 0;
    while (smref_layout_at(count)) {
        ck_assert(smref_layout_find(smref_layout_at(count)->name, &layout));
        ck_assert_uint_eq(layout, count);
        count++;
    }
    ck_assert_uint_eq(count, SMREF_LAYOUT_COUNT);
    ck_assert(!smref_layout_find("Ste", &layout));
    ck_assert(!smref_layout_find("", &layout));
    ck_assert(smref_layout_find("STE", &layout));
    ck_assert_uint_eq(smref_layout_at(layout)->bytes, 64);
    ck_assert_ptr_null(smref_layout_at(UINT32_MAX));
}
END_TEST

START_TEST(registers)
{
    smref_register reg;
    unsigned count = 0;
    while (smref_register_at(count)) {
        ck_assert(smref_register_find(smref_register_at(count)->name, &reg));
        ck_assert_uint_eq(reg, count);
        count++;
    }
    ck_assert_uint_eq(count, SMREF_REG_COUNT);
    ck_assert(!smref_register_find("CR0", &reg));
    ck_assert(smref_register_find_offset(0x0080, &reg)); /* 6.3.24 */
    ck_assert_str_eq(smref_register_at(reg)->name, "SMMU_STRTAB_BASE");
    ck_assert(smref_register_find_offset(0x100a8, &reg)); /* 6.3.30, page 1 */
    ck_assert_str_eq(smref_register_at(reg)->name, "SMMU_EVENTQ_PROD");
    ck_assert(smref_register_find_offset(0x8020, &reg));
    ck_assert_str_eq(smref_register_at(reg)->name, "SMMU_S_CR0");
    ck_assert(!smref_register_find_offset(0x0084, &reg)); /* the upper half of one */
    ck_assert(!smref_register_find_offset(UINT32_MAX, &reg));
    ck_assert_ptr_null(smref_register_at(UINT32_MAX));
}
END_TEST

START_TEST(rules_and_choices)
{
    smref_rule rule;
    smref_choice choice;
    ck_assert_ptr_null(smref_rule_at(0)); /* no rule */
    for (unsigned i = 1; i < SMREF_RULE_COUNT; i++) {
        ck_assert(smref_rule_find(smref_rule_at(i)->id, &rule));
        ck_assert_uint_eq(rule, i);
        ck_assert(smref_rule_at(i)->section[0]);
    }
    ck_assert_ptr_null(smref_rule_at(SMREF_RULE_COUNT));
    ck_assert(!smref_rule_find("ste_invalid", &rule));
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
        const smref_choice_info *info = smref_choice_at(i);
        ck_assert(smref_choice_find(info->id, &choice));
        ck_assert_uint_eq(choice, i);
        ck_assert_uint_lt(info->default_option, info->option_count);
    }
    ck_assert_ptr_null(smref_choice_at(SMREF_CHOICE_COUNT));
    ck_assert(!smref_choice_find("", &choice));
}
END_TEST

/* Each table of the specification ends, and has something in it. */
START_TEST(the_other_tables)
{
    unsigned errata = 0, blocks = 0, terms = 0, enums = 0, missing = 0;
    while (smref_erratum_at(errata))
        errata++;
    while (smref_block_at(blocks))
        blocks++;
    while (smref_term_at(terms))
        terms++;
    while (smref_enum_at(enums))
        enums++;
    while (smref_unmodelled_at(missing))
        missing++;
    ck_assert(errata && blocks && terms && enums && missing);
    ck_assert_ptr_null(smref_erratum_at(UINT32_MAX));
    ck_assert_ptr_null(smref_block_at(UINT32_MAX));
    ck_assert_ptr_null(smref_term_at(UINT32_MAX));
    ck_assert_ptr_null(smref_enum_at(UINT32_MAX));
    ck_assert_ptr_null(smref_unmodelled_at(UINT32_MAX));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fields");
    TCase *tcase = tcase_create("fields");
    tcase_add_loop_test(tcase, get_and_set, 0, (int)(sizeof field_cases / sizeof *field_cases));
    tcase_add_test(tcase, reserved_areas);
    tcase_add_test(tcase, layouts);
    tcase_add_test(tcase, registers);
    tcase_add_test(tcase, rules_and_choices);
    tcase_add_test(tcase, the_other_tables);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
