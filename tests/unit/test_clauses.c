/* The number of the clause that decides over a register or a field, against the text of that clause. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../suite.h"
#include "smref_access.h"
#include "smref_pages.h"
#include "smref_rules.h"
#include "spec_words.h"

static uint64_t registers[SMREF_REG_COUNT];
static uint8_t choices[SMREF_CHOICE_COUNT];
static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Anything at all, or next to nothing, or nearly everything: each guard is open and closed now and then. */
static void draw_registers(void)
{
    uint64_t kind = draw() % 3;
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        uint64_t few = draw() & draw() & draw();
        registers[i] = kind == 0 ? draw() : kind == 1 ? few : ~few;
    }
}

static smref_env draw_env(unsigned reg)
{
    return (smref_env){.reg = registers,
                       .choice = choices,
                       .arch = SMREF_V3_0 + (unsigned)(draw() % 5),
                       .bank = smref_register_places[reg].bank,
                       .ctx_pas_permitted = draw() % 8 != 0,
                       .ctx_ecmdq_enabled = draw() & 1};
}

/* The word that clause `number` of `text` gives; `none` when there is no clause of that number. */
static const char *word(const char *text, unsigned number, const char *none, char out[16])
{
    smref_clause clause;
    for (unsigned i = 0; smref_next_clause(&text, &clause); i++)
        if (i == number) {
            snprintf(out, 16, "%.*s", (int)clause.is_length, clause.is);
            return out;
        }
    return none;
}

static const char *const accesses[] = {
    [SMREF_ACCESS_RAZ_WI] = "RAZ/WI", [SMREF_ACCESS_RO] = "RO", [SMREF_ACCESS_GUARDED] = "GUARDED",
    [SMREF_ACCESS_PRESET] = "PRESET", [SMREF_ACCESS_WO] = "WO", [SMREF_ACCESS_RW] = "RW"};
static const char *const states[] = {"ACTIVE", "RES0", "RES1", "IGNORED", "UNKNOWN", "IMPDEF"};

static void check_register(unsigned reg, bool met[3])
{
    const smref_register_info *info = smref_register_at(reg);
    smref_env e = draw_env(reg);
    unsigned clause = smref_access_clause_of_register(&e, (smref_register)reg);
    const char *expected = accesses[smref_access_of_register(&e, (smref_register)reg)];
    char room[16];

    met[0] |= clause == SMREF_CLAUSE_ABSENT;
    met[1] |= clause == 0;
    met[2] |= clause > 0 && clause < SMREF_CLAUSE_ABSENT;
    if (clause == SMREF_CLAUSE_ABSENT) {
        ck_assert_msg(info->present != NULL, "%s", info->name);
        ck_assert_str_eq(expected, "RAZ/WI");
        return;
    }
    ck_assert_msg(strcmp(word(info->access, clause, "RW", room), expected) == 0,
                  "%s: clause %u is %s, not %s", info->name, clause, room, expected);
}

static void check_field(unsigned reg, unsigned field)
{
    const smref_field_info *info = &smref_register_at(reg)->fields[field];
    smref_env e = draw_env(reg);
    smref_register r = (smref_register)reg;
    const char *of_kind = info->kind == SMREF_KIND_RESERVED ? "RES0"
                          : info->kind == SMREF_KIND_IMPDEF ? "IMPDEF"
                                                            : "ACTIVE";
    unsigned clause = smref_register_state_clause(&e, r, field);
    char room[16];

    ck_assert_str_eq(word(info->access, smref_access_clause_of_field(&e, r, field), "RW", room),
                     accesses[smref_access_of_field(&e, r, field)]);
    if (!smref_register_present(&e, r, field))
        return;
    if (clause == SMREF_CLAUSE_ABSENT)
        ck_assert((info->since && e.arch < info->since) || (info->until && e.arch > info->until));
    ck_assert_msg(strcmp(word(info->state, clause, clause == SMREF_CLAUSE_ABSENT ? "RES0" : of_kind, room),
                         states[smref_register_state_in(&e, r, field)]) == 0,
                  "%s.%s: clause %u", smref_register_at(reg)->name, info->name, clause);
}

START_TEST(numbers_are_those_of_the_text)
{
    bool met[3] = {false, false, false};
    for (unsigned round = 0; round < 200; round++) {
        draw_registers();
        for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
            check_register(reg, met);
            for (unsigned field = 0; field < smref_register_at(reg)->field_count; field++)
                check_field(reg, field);
        }
    }
    ck_assert(met[0] && met[1] && met[2]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clauses");
    TCase *clauses = tcase_create("clauses");
    tcase_add_test(clauses, numbers_are_those_of_the_text);
    suite_add_tcase(suite, clauses);
    return run_suite(suite);
}
