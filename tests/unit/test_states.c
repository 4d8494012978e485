/*
 * The README's table of Security states: each row names vectors in which streams of that state are treated in
 * that way, with accesses that pass and, where the way can refuse one, accesses that abort. That the vectors
 * hold is for `smref check`.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <check.h>
#include <glob.h>
#include <jansson.h>
#include <pcre2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"

#define CELL 512

/* A way to treat an access, and what tells its outcomes from others: a rule, or a choice, whose name starts
 * so, or a result in PAR. */
struct kind {
    const char *name, *rule, *other;
    bool passes, aborts;
};

static const struct kind kinds[] = {
    {"SMMUEN 0", "SMMU_DISABLED_BYPASS", "SMMU_DISABLED_ABORT", true, true},
    {"Config abort", "STE_CONFIG_ABORT", NULL, false, true},
    {"Config bypass", "STE_CONFIG_BYPASS", NULL, true, true},
    {"stage 1", "STE_CONFIG_S1", NULL, true, true},
    {"stage 2", "STE_CONFIG_S2", NULL, true, true},
    {"stages 1 and 2", "STE_CONFIG_NESTED", NULL, true, true},
    {"granule protection", "GPC_", NULL, true, true},
    {"no StreamID", "GPC_", NULL, true, true},
    {"caches", "CACHED_", NULL, true, true},
    {"address translation operations", NULL, NULL, true, false},
};

struct state {
    const char *name, *sec_sid, *pas, *registers;
};

static const struct state states[] = {
    {"Non-secure", "ns", "ns", "SMMU_"},
    {"Secure", "secure", "secure", "SMMU_S_"},
    {"Realm", "realm", "realm", "SMMU_R_"},
    {"Root", NULL, "root", "SMMU_ROOT_"},
};

struct row {
    const struct state *state;
    const struct kind *kind;
    char pattern[CELL];
};

static struct row rows[64];
static size_t row_count;
static json_t *vectors; /* name of the file to its contents */

/* The cell `index` of a line of the table, without blanks around it; a bar in it is written \|. */
static void cell_of(const char *line, unsigned index, char out[CELL])
{
    size_t length = 0;
    unsigned at = 0;
    for (const char *c = line + 1; *c && *c != '\n'; c++) {
        bool escaped = *c == '\\' && c[1] == '|';
        if (*c == '|')
            at++;
        else if (at == index && length < CELL - 1 && !(length == 0 && *c == ' '))
            out[length++] = escaped ? '|' : *c;
        c += escaped;
    }
    while (length && out[length - 1] == ' ')
        length--;
    out[length] = '\0';
}

static const struct state *state_named(const char *name)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].name, name) == 0)
            return &states[i];
    return NULL;
}

static const struct kind *kind_named(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* A row of the table starts with a state. */
static void read_row(const char *line)
{
    char state[CELL], kind[CELL];
    struct row *row = &rows[row_count];
    cell_of(line, 0, state);
    cell_of(line, 1, kind);
    row->state = state_named(state);
    if (!row->state)
        return;
    row->kind = kind_named(kind);
    ck_assert_msg(row->kind, "README.md: unknown kind %s", kind);
    cell_of(line, 3, row->pattern);
    size_t length = strlen(row->pattern);
    ck_assert_msg(length > 2 && row->pattern[0] == '`' && row->pattern[length - 1] == '`',
                  "README.md: %s, %s: no pattern", state, kind);
    row->pattern[length - 1] = '\0';
    memmove(row->pattern, row->pattern + 1, length - 1);
    row_count++;
}

static void read_all(void)
{
    char line[4096];
    glob_t files;
    FILE *readme = fopen("README.md", "r");
    ck_assert_ptr_nonnull(readme);
    while (fgets(line, sizeof line, readme) && row_count < sizeof rows / sizeof *rows)
        if (line[0] == '|')
            read_row(line);
    fclose(readme);
    vectors = json_object();
    ck_assert_int_eq(glob("vectors/*.json", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char name[CELL];
        const char *base = strrchr(files.gl_pathv[i], '/') + 1;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "."), base);
        json_t *file = json_load_file(files.gl_pathv[i], 0, NULL);
        if (json_object_get(file, "groups"))
            json_object_set(vectors, name, file);
        json_decref(file);
    }
    globfree(&files);
}

static bool is_text(const json_t *object, const char *key, const char *text, const char *otherwise)
{
    const char *value = json_string_value(json_object_get(object, key));
    return text && strcmp(value ? value : otherwise, text) == 0;
}

static bool starts(const char *name, const char *with)
{
    return name && with && strncmp(name, with, strlen(with)) == 0;
}

/* Address translation operations belong to the interface whose register is written. */
static bool of_state(const json_t *step, const struct row *row)
{
    if (!row->kind->rule)
        return is_text(step, "op", "mmio_write", "") &&
               starts(json_string_value(json_object_get(step, "reg")), row->state->registers);
    if (!is_text(step, "op", "access", ""))
        return false;
    if (strcmp(row->kind->name, "no StreamID") == 0)
        return is_text(step, "sec_sid", "none", "ns") && is_text(step, "pas", row->state->pas, "ns");
    return is_text(step, "sec_sid", row->state->sec_sid, "ns");
}

static bool of_kind(json_t *outcome, const struct kind *kind)
{
    size_t i;
    json_t *value;
    const char *name;
    if (!kind->rule)
        return json_object_get(outcome, "par");
    json_array_foreach(json_object_get(outcome, "rules"), i, value)
    {
        if (starts(json_string_value(value), kind->rule) || starts(json_string_value(value), kind->other))
            return true;
    }
    json_object_foreach(json_object_get(outcome, "choices"), name, value)
    {
        if (starts(name, kind->rule))
            return true;
    }
    return false;
}

struct shown {
    size_t tests, passes, aborts;
};

static void look_at_test(const json_t *test, const struct row *row, struct shown *shown)
{
    size_t i, j;
    json_t *step, *outcome;
    json_array_foreach(json_object_get(test, "steps"), i, step)
    {
        if (!of_state(step, row))
            continue;
        json_array_foreach(json_array_get(json_object_get(test, "expect"), i), j, outcome)
        {
            bool counts = of_kind(outcome, row->kind);
            shown->passes += counts && is_text(outcome, "outcome", "ok", "");
            shown->aborts += counts && is_text(outcome, "outcome", "abort", "");
        }
    }
}

static bool matches(const pcre2_code *pattern, const char *file, const char *id)
{
    char name[2 * CELL];
    snprintf(name, sizeof name, "%s/%s", file, id);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(pattern, NULL);
    int found = pcre2_match(pattern, (PCRE2_SPTR)name, PCRE2_ZERO_TERMINATED, 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return found > 0;
}

static void look_at_vectors(const struct row *row, struct shown *shown)
{
    int bad;
    size_t offset, i, j;
    const char *name;
    json_t *file, *group, *test;
    pcre2_code *pattern =
        pcre2_compile((PCRE2_SPTR)row->pattern, PCRE2_ZERO_TERMINATED, 0, &bad, &offset, NULL);
    ck_assert_msg(pattern, "README.md: bad pattern %s", row->pattern);
    json_object_foreach(vectors, name, file)
    {
        json_array_foreach(json_object_get(file, "groups"), i, group)
        {
            json_array_foreach(json_object_get(group, "tests"), j, test)
            {
                if (!matches(pattern, name, json_string_value(json_object_get(test, "id"))))
                    continue;
                shown->tests++;
                look_at_test(test, row, shown);
            }
        }
    }
    pcre2_code_free(pattern);
}

/* 6.3.133: with R_CR0.SMMUEN 0 nothing of a Realm stream passes. */
static bool must_pass(const struct row *row)
{
    bool disabled_realm = strcmp(row->state->name, "Realm") == 0 && row->kind == kind_named("SMMUEN 0");
    return row->kind->passes && !disabled_realm;
}

START_TEST(each_row_is_shown)
{
    read_all();
    ck_assert_uint_ge(row_count, 20);
    for (size_t i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        struct shown shown = {0, 0, 0};
        look_at_vectors(row, &shown);
        ck_assert_msg((shown.passes || !must_pass(row)) && (shown.aborts || !row->kind->aborts),
                      "README.md: %s, %s: %s: %zu tests, in which %zu accesses pass and %zu abort",
                      row->state->name, row->kind->name, row->pattern, shown.tests, shown.passes,
                      shown.aborts);
    }
    json_decref(vectors);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("states");
    TCase *tcase = tcase_create("states");
    tcase_add_test(tcase, each_row_is_shown);
    tcase_set_timeout(tcase, 300);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
