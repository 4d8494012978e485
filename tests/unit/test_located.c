/* Located JSON (spec/json/located.h): what is refused, and that messages name file, line and path. */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "located.h"

/* ---- Texts that are refused ------------------------------------------------------------------------ */

struct refusal {
    const char *text, *message; /* the beginning of it */
};

static const struct refusal refusals[] = {
    {"", "f.json:1: "},
    {"   \n\n", "f.json:"},
    {"{", "f.json:1: "},
    {"{\"a\": 1,\n\"b\": }", "f.json:2: "},
    {"{\"a\": 1}\n x", "f.json:2: "},
    {"[1,]", "f.json:1: "},
    {"[1 2]", "f.json:1: "},
    {"\"text\"", "f.json:1: "},
    {"17", "f.json:1: "},
    {"{\"a\": 1,\n\"a\": 2}", "f.json:2: duplicate object key"},
    {"{\"x\": {\n\"a\": 1,\n\"a\": 2}}", "f.json:3: duplicate object key"},
    {"{\"a\": 1e400}", "f.json:1: real number overflow"},
    {"{\"a\": 9223372036854775808}", "f.json:1: too big integer"},
    {"{\"a\": nan}", "f.json:1: "},
    {"{\"a\": 01}", "f.json:1: "},
    {"{\"a\": 0x10}", "f.json:1: "},
    {"{\"a\": 'b'}", "f.json:1: "},
    {"{\"a\": \"\\u0000\"}", "f.json:1: \\u0000 is not allowed"},
    {"{\"a\": \"\\ud800\"}", "f.json:1: "},
    {"{\"a\": \"\xff\"}", "f.json:1: "},
    {"{\"a\": \"\xc0\x80\"}", "f.json:1: "},
    {"\xef\xbb\xbf{}", "f.json:1: "},
};

START_TEST(refused)
{
    const struct refusal *c = &refusals[_i];
    smref_jdoc doc;
    smref_jerror error = {""};
    ck_assert(!smref_jdoc_parse(&doc, "f.json", c->text, strlen(c->text), &error));
    ck_assert_msg(strncmp(error.text, c->message, strlen(c->message)) == 0, "%s: %s", c->text, error.text);
}
END_TEST

START_TEST(a_nul_byte)
{
    static const char text[] = "{\n\"a\":\n\"\0\"}";
    smref_jdoc doc;
    smref_jerror error = {""};
    ck_assert(!smref_jdoc_parse(&doc, "f.json", text, sizeof text - 1, &error));
    ck_assert_str_eq(error.text, "f.json:3: a NUL byte in the text");
}
END_TEST

/* depth arrays or objects inside each other */
static char *nested(unsigned depth, bool objects)
{
    char *text = calloc(depth + 1, 8), *at = text;
    ck_assert_ptr_nonnull(text);
    for (unsigned i = 0; i < depth; i++)
        at = stpcpy(at, objects ? "{\"a\":" : "[");
    if (objects)
        at = stpcpy(at, "1");
    for (unsigned i = 0; i < depth; i++)
        at = stpcpy(at, objects ? "}" : "]");
    return text;
}

START_TEST(nesting)
{
    static const struct {
        unsigned depth;
        bool objects, good;
    } cases[] = {
        {64, false, true}, {65, false, false}, {63, true, true}, {64, true, false}, {5000, false, false}};
    smref_jdoc doc;
    smref_jerror error = {""};
    char *text = nested(cases[_i].depth, cases[_i].objects);
    bool good = smref_jdoc_parse(&doc, "f.json", text, strlen(text), &error);
    ck_assert_int_eq(good, cases[_i].good);
    if (good)
        smref_jdoc_close(&doc);
    else
        ck_assert_msg(strncmp(error.text, "f.json:1: ", 10) == 0, "%s", error.text);
    free(text);
}
END_TEST

/* ---- Lines and paths ------------------------------------------------------------------------------- */

static const char page[] = "\n"
                           "{ \"name\": \"a \\\"quoted\\\" {[,:]}\\\\\",\n"
                           "  \"memory\": [\n"
                           "    {\"at\": 1},\n"
                           "    {\"at\":\n"
                           "       \"0x2\"}, [], {}],\n"
                           "  \"last\"\n"
                           "  : true }\n";

static smref_jdoc doc;

static void open_page(void)
{
    smref_jerror error = {""};
    ck_assert_msg(smref_jdoc_parse(&doc, "page.json", page, sizeof page - 1, &error), "%s", error.text);
}

static void close_page(void)
{
    smref_jdoc_close(&doc);
}

START_TEST(lines_and_paths)
{
    smref_jnode *memory = &doc.root.children[1];
    const struct {
        const smref_jnode *node;
        const char *message;
    } cases[] = {{&doc.root, "page.json:2: text"},
                 {smref_jget(&doc.root, "name"), "page.json:2: name: text"},
                 {smref_jget(&doc.root, "memory"), "page.json:3: memory: text"},
                 {&memory->children[0], "page.json:4: memory[0]: text"},
                 {smref_jget(&memory->children[0], "at"), "page.json:4: memory[0].at: text"},
                 {smref_jget(&memory->children[1], "at"), "page.json:5: memory[1].at: text"},
                 {&memory->children[2], "page.json:6: memory[2]: text"},
                 {&memory->children[3], "page.json:6: memory[3]: text"},
                 {smref_jget(&doc.root, "last"), "page.json:7: last: text"},
                 {NULL, "page.json: text"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        smref_jerror error = {""};
        ck_assert(!smref_jfail(&doc, cases[i].node, &error, "%s", "text"));
        ck_assert_str_eq(error.text, cases[i].message);
        ck_assert(!smref_jfail(&doc, &doc.root, &error, "another"));
        ck_assert_str_eq(error.text, cases[i].message); /* the first error wins */
    }
    ck_assert_ptr_null(smref_jget(&doc.root, "at"));
    ck_assert_ptr_null(smref_jget(memory, "at"));
    ck_assert(!smref_jfail(&doc, &doc.root, NULL, "nobody asks"));
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
    static const char text[] = "{\"\\u001b[2J\": 1}";
    smref_jdoc other;
    smref_jerror error = {""};
    ck_assert(smref_jdoc_parse(&other, "a\nb", text, sizeof text - 1, &error));
    smref_jfail(&other, &other.root.children[0], &error, "\033");
    ck_assert_str_eq(error.text, "a?b:1: ?[2J: ?");
    smref_jdoc_close(&other);
}
END_TEST

START_TEST(long_names_are_cut)
{
    char text[4000];
    smref_jdoc other;
    smref_jerror error = {""};
    memset(text, 'x', sizeof text);
    memcpy(text, "{\"", 2);
    memcpy(text + sizeof text - 4, "\":1}", 4);
    ck_assert(smref_jdoc_parse(&other, "f", text, sizeof text, &error));
    smref_jfail(&other, &other.root.children[0], &error, "%.*s", (int)sizeof text, text);
    ck_assert_uint_lt(strlen(error.text), sizeof error.text);
    static const char *const keys[] = {"short", NULL};
    error.text[0] = '\0';
    ck_assert(!smref_jkeys(&other, &other.root, keys, &error)); /* too long to be near anything */
    ck_assert_ptr_null(strstr(error.text, "nearest"));
    smref_jdoc_close(&other);
}
END_TEST

/* ---- Typed reads ----------------------------------------------------------------------------------- */

struct number {
    const char *text; /* of the value */
    uint64_t max, value;
    const char *message; /* NULL: it is good */
};

static const struct number numbers[] = {
    {"0", UINT64_MAX, 0, NULL},
    {"9223372036854775807", UINT64_MAX, INT64_MAX, NULL},
    {"\"0xffffffffffffffff\"", UINT64_MAX, UINT64_MAX, NULL},
    {"\"0xFfAa\"", UINT64_MAX, 0xffaa, NULL},
    {"\"0x0000000000000000001\"", UINT64_MAX, 1, NULL},
    {"\"0b101\"", UINT64_MAX, 5, NULL},
    {"\"0b1111111111111111111111111111111111111111111111111111111111111111\"", UINT64_MAX, UINT64_MAX, NULL},
    {"255", 255, 255, NULL},
    {"256", 255, 0, "0x100 is above the largest permitted value 0xff"},
    {"\"0x100\"", 255, 0, "0x100 is above the largest permitted value 0xff"},
    {"-1", UINT64_MAX, 0, "must not be negative"},
    {"\"0x10000000000000000\"", UINT64_MAX, 0, "no number of up to 64 bits"},
    {"\"0b11111111111111111111111111111111111111111111111111111111111111111\"", UINT64_MAX, 0, "no number"},
    {"\"0x\"", UINT64_MAX, 0, "no number"},
    {"\"0b\"", UINT64_MAX, 0, "no number"},
    {"\"0b2\"", UINT64_MAX, 0, "no number"},
    {"\"0xg\"", UINT64_MAX, 0, "no number"},
    {"\"0x1 \"", UINT64_MAX, 0, "no number"},
    {"\" 0x1\"", UINT64_MAX, 0, "no number"},
    {"\"0X1\"", UINT64_MAX, 0, "no number"},
    {"\"-0x1\"", UINT64_MAX, 0, "no number"},
    {"\"12\"", UINT64_MAX, 0, "no number"},
    {"\"\"", UINT64_MAX, 0, "no number"},
    {"1.0", UINT64_MAX, 0, "must be a number, not a number with a fraction"},
    {"true", UINT64_MAX, 0, "must be a number, not a boolean"},
    {"null", UINT64_MAX, 0, "must be a number, not null"},
    {"[]", UINT64_MAX, 0, "must be a number, not an array"},
    {"{}", UINT64_MAX, 0, "must be a number, not an object"},
};

START_TEST(numbers_of_either_spelling)
{
    const struct number *c = &numbers[_i];
    char text[200];
    smref_jdoc other;
    smref_jerror error = {""};
    uint64_t value = 77;
    snprintf(text, sizeof text, "[%s]", c->text);
    ck_assert_msg(smref_jdoc_parse(&other, "f", text, strlen(text), &error), "%s", error.text);
    bool good = smref_jnumber(&other, &other.root.children[0], c->max, &value, &error);
    ck_assert_msg(good == !c->message, "%s: %s", c->text, error.text);
    ck_assert_uint_eq(value, good ? c->value : 77);
    if (c->message)
        ck_assert_msg(strncmp(error.text, "f:1: [0]: ", 10) == 0 && strstr(error.text, c->message), "%s",
                      error.text);
    smref_jdoc_close(&other);
}
END_TEST

START_TEST(the_other_types)
{
    static const char text[] = "[{}, [], \"s\", true, false, 1, null]";
    smref_jdoc other;
    smref_jerror error = {""};
    ck_assert(smref_jdoc_parse(&other, "f", text, sizeof text - 1, &error));
    for (size_t i = 0; i < 7; i++) {
        const smref_jnode *node = &other.root.children[i];
        const char *string = NULL;
        bool truth = false;
        ck_assert_int_eq(smref_jobject(&other, node, NULL), i == 0);
        ck_assert_int_eq(smref_jarray(&other, node, NULL), i == 1);
        ck_assert_int_eq(smref_jstring(&other, node, &string, NULL), i == 2);
        ck_assert_int_eq(smref_jbool(&other, node, &truth, NULL), i == 3 || i == 4);
        ck_assert_int_eq(truth, i == 3);
    }
    ck_assert(!smref_jbool(&other, &other.root.children[2], &(bool){false}, &error));
    ck_assert_str_eq(error.text, "f:1: [2]: must be true or false, not a string");
    smref_jdoc_close(&other);
}
END_TEST

START_TEST(keys)
{
    static const char *const known[] = {"name", "memory", "last", NULL}, *const fewer[] = {"names", "memory",
                                                                                           NULL};
    smref_jerror error = {""};
    ck_assert(smref_jkeys(&doc, &doc.root, known, &error));
    ck_assert(!smref_jkeys(&doc, &doc.root, fewer, &error));
    ck_assert_str_eq(error.text, "page.json:2: name: unknown key; nearest: names");
    error.text[0] = '\0';
    ck_assert(!smref_jkeys(&doc, &doc.root.children[1], known, &error));
    ck_assert_str_eq(error.text, "page.json:3: memory: must be an object, not an array");
}
END_TEST

/* ---- The nearest name ------------------------------------------------------------------------------ */

static const char *const names[] = {"SMMU_CR0", "SMMU_CR0ACK", "SMMU_CR1", "SMMU_S_CR0", "ste", NULL};

static const char *next_name(void *context, size_t index)
{
    (void)context;
    return names[index];
}

START_TEST(nearest_names)
{
    static const struct {
        const char *name, *nearest;
    } cases[] = {{"SMMU_CR0", "SMMU_CR0"},
                 {"smmu_cr1", "SMMU_CR1"},
                 {"SMMU_CR9", "SMMU_CR0"},
                 {"SMMU_CR0AKC", "SMMU_CR0ACK"},
                 {"STE", "ste"},
                 {"S", NULL},
                 {"", NULL},
                 {"entirely else", NULL},
                 {"SMMU_S_CR00", "SMMU_S_CR0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_pstr_eq(smref_nearest(cases[i].name, next_name, NULL), cases[i].nearest);
}
END_TEST

/* ---- Files ----------------------------------------------------------------------------------------- */

START_TEST(files)
{
    char name[] = "/tmp/smref-located-XXXXXX";
    smref_jerror error = {""};
    smref_jdoc other;
    int file = mkstemp(name);
    ck_assert_int_ge(file, 0);
    char *big = calloc(1, 200010);
    ck_assert_ptr_nonnull(big);
    memset(big, ' ', 200002);
    big[0] = '[';
    big[200001] = ']'; /* more than a buffer */
    ck_assert_int_eq(write(file, big, 200002), 200002);
    ck_assert_msg(smref_jdoc_load(&other, name, &error), "%s", error.text);
    ck_assert_uint_eq(other.root.child_count, 0);
    smref_jdoc_close(&other);
    close(file);
    unlink(name);
    free(big);
    ck_assert(!smref_jdoc_load(&other, name, &error));
    ck_assert_ptr_nonnull(strstr(error.text, ": No such file"));
    error.text[0] = '\0';
    ck_assert(!smref_jdoc_load(&other, "/tmp", &error));
    ck_assert_str_eq(error.text, "/tmp: cannot be read: Is a directory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("located JSON");
    TCase *texts = tcase_create("texts"), *pages = tcase_create("pages");
    tcase_add_loop_test(texts, refused, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(texts, a_nul_byte);
    tcase_add_loop_test(texts, nesting, 0, 5);
    tcase_add_test(texts, control_characters_do_not_reach_the_terminal);
    tcase_add_test(texts, long_names_are_cut);
    tcase_add_loop_test(texts, numbers_of_either_spelling, 0, (int)(sizeof numbers / sizeof *numbers));
    tcase_add_test(texts, the_other_types);
    tcase_add_test(texts, nearest_names);
    tcase_add_test(texts, files);
    tcase_add_checked_fixture(pages, open_page, close_page);
    tcase_add_test(pages, lines_and_paths);
    tcase_add_test(pages, keys);
    suite_add_tcase(suite, texts);
    suite_add_tcase(suite, pages);
    return run_suite(suite);
}
