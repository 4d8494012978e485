/* Numbers of the command line (interp/command.h) and hexadecimal of the formats (interp/hex.h). */
#include <check.h>
#include <string.h>

#include "../suite.h"
#include "command.h"
#include "hex.h"

struct number {
    const char *text;
    uint64_t max, value;
    bool good;
};

static const struct number numbers[] = {
    {"0", UINT64_MAX, 0, true},
    {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
    {"18446744073709551616", UINT64_MAX, 0, false},
    {"99999999999999999999999", UINT64_MAX, 0, false},
    {"0xffffffffffffffff", UINT64_MAX, UINT64_MAX, true},
    {"0x00000000000000000001", UINT64_MAX, 1, true},
    {"0x10000000000000000", UINT64_MAX, 0, false},
    {"0xAbCd", UINT64_MAX, 0xabcd, true},
    {"0b1010", UINT64_MAX, 10, true},
    {"0b12", UINT64_MAX, 0, false},
    {"010", UINT64_MAX, 10, true}, /* decimal, never octal */
    {"255", 255, 255, true},
    {"256", 255, 0, false},
    {"", UINT64_MAX, 0, false},
    {"0x", UINT64_MAX, 0, false},
    {"0b", UINT64_MAX, 0, false},
    {"-1", UINT64_MAX, 0, false},
    {"+1", UINT64_MAX, 0, false},
    {" 1", UINT64_MAX, 0, false},
    {"1 ", UINT64_MAX, 0, false},
    {"1k", UINT64_MAX, 0, false},
    {"0x1g", UINT64_MAX, 0, false},
    {"12a", UINT64_MAX, 0, false},
    {"0X1", UINT64_MAX, 0, false},
};

START_TEST(command_line_numbers)
{
    const struct number *c = &numbers[_i];
    uint64_t value = 0;
    ck_assert_msg(smref_parse_number(c->text, c->max, &value) == c->good, "%s", c->text);
    ck_assert(!c->good || value == c->value);
}
END_TEST

START_TEST(hex_texts)
{
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {{0, "0x0"}, {10, "0xa"}, {0x1000, "0x1000"}, {UINT64_MAX, "0xffffffffffffffff"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char room[SMREF_HEX_ROOM];
        ck_assert_str_eq(smref_hex(cases[i].value, room), cases[i].text);
        json_t *json = smref_hex_json(cases[i].value);
        ck_assert_str_eq(json_string_value(json), cases[i].text);
        json_decref(json);
    }
    json_t *words = smref_hex_words((uint64_t[2]){1, 0xabc}, 2);
    ck_assert_uint_eq(json_array_size(words), 2);
    ck_assert_str_eq(json_string_value(json_array_get(words, 1)), "0xabc");
    json_decref(words);
}
END_TEST

START_TEST(hex_bytes)
{
    static const struct {
        const char *text;
        bool good;
        size_t bad;
    } cases[] = {{"", true, 0},      {"00ff", true, 0},   {"aAbB", true, 0}, {"0", false, 1},
                 {"000", false, 3},  {"0g", false, 1},    {"g0", false, 0},  {"00 11", false, 2},
                 {"0x11", false, 1}, {"00ffzz", false, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[8];
        size_t bad = 0;
        bool good = smref_hex_bytes(cases[i].text, bytes, &bad);
        ck_assert_msg(good == cases[i].good && (good || bad == cases[i].bad), "%s: %d at %zu", cases[i].text,
                      good, bad);
    }
    uint8_t bytes[4] = {0};
    size_t bad;
    ck_assert(smref_hex_bytes("0180Fe7f", bytes, &bad));
    ck_assert_mem_eq(bytes, "\x01\x80\xfe\x7f", 4);
    json_t *dump = smref_hex_dump(bytes, 4);
    ck_assert_str_eq(json_string_value(dump), "0180fe7f");
    json_decref(dump);
}
END_TEST

START_TEST(words_and_bytes)
{
    uint64_t words[2] = {UINT64_C(0x0123456789abcdef), UINT64_C(0xff00000000000001)}, back[2];
    uint8_t bytes[16];
    smref_words_to_bytes(words, 2, bytes);
    ck_assert_mem_eq(bytes, "\xef\xcd\xab\x89\x67\x45\x23\x01\x01\0\0\0\0\0\0\xff", 16);
    smref_bytes_to_words(bytes, 2, back);
    ck_assert_mem_eq(words, back, sizeof words);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("numbers");
    TCase *tcase = tcase_create("numbers");
    tcase_add_loop_test(tcase, command_line_numbers, 0, (int)(sizeof numbers / sizeof *numbers));
    tcase_add_test(tcase, hex_texts);
    tcase_add_test(tcase, hex_bytes);
    tcase_add_test(tcase, words_and_bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
