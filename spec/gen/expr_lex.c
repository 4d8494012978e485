/* Expressions, first step: text to tokens. */
#include "specgen.h"

#include <ctype.h>
#include <string.h>

/* Longest first. */
static const char *const marks[] = {"..", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "$B", "$", "<",
                                    ">",  "!",  "~",  "*",  "/",  "%",  "+",  "-",  "&",  "|",  "^", "?",
                                    ":",  "(",  ")",  "[",  "]",  "{",  "}",  ",",  ".",  NULL};

/* Digits of a base up to the end of the word; false when another character or a 65th bit comes. */
static bool read_digits(const char *word, size_t length, unsigned base, uint64_t *out)
{
    static const char digits[] = "0123456789abcdef";
    const char *found;
    size_t i;

    *out = 0;
    for (i = 0; i < length; i++) {
        found = memchr(digits, tolower((unsigned char)word[i]), base);
        if (!found || *out > (UINT64_MAX - (uint64_t)(found - digits)) / base)
            return false;
        *out = *out * base + (uint64_t)(found - digits);
    }
    return length > 0;
}

/* A word of letters and digits: a number if it reads as one, else a name (64K is a name). */
static void read_word(spec *s, const char *word, size_t length, token *out)
{
    out->kind = TOKEN_NUMBER;
    out->text = spec_print(s, "%.*s", (int)length, word);
    if (length > 2 && strncmp(word, "0x", 2) == 0 && read_digits(word + 2, length - 2, 16, &out->value))
        return;
    if (length > 2 && strncmp(word, "0b", 2) == 0 && read_digits(word + 2, length - 2, 2, &out->value)) {
        out->digits = (unsigned)length - 2;
        return;
    }
    if (!read_digits(word, length, 10, &out->value))
        out->kind = TOKEN_NAME;
}

static bool read_pattern(spec *s, const char *at, size_t *length, token *out, const char **why)
{
    const char *end = strchr(at + 1, '\'');

    if (!end) {
        *why = "a bit pattern has no closing quote";
        return false;
    }
    out->kind = TOKEN_PATTERN;
    out->text = spec_print(s, "%.*s", (int)(end - at - 1), at + 1);
    *length = (size_t)(end - at) + 1;
    if (!matches(s, PATTERN_BITS, out->text)) {
        *why = spec_print(s, "'%s' is no bit pattern: write 0, 1 and x", out->text);
        return false;
    }
    return true;
}

static size_t word_length(const char *at)
{
    size_t length = 0;

    while (isalnum((unsigned char)at[length]) || at[length] == '_')
        length++;
    return length;
}

bool next_token(spec *s, const char *text, size_t *at, token *out, const char **why)
{
    const char *here;
    size_t length, i;

    while (isspace((unsigned char)text[*at]))
        ++*at;
    here = text + *at;
    *out = (token){.kind = TOKEN_END, .text = "the end", .column = (unsigned)*at + 1};
    if (!*here)
        return true;
    length = word_length(here);
    if (length) {
        if (isdigit((unsigned char)here[0]) && length == 1 && here[1] == '.' &&
            isdigit((unsigned char)here[2]) && word_length(here + 2) == 1) {
            length = 3;
            out->text = spec_print(s, "%.3s", here);
            out->kind = TOKEN_VERSION;
            out->value = (uint64_t)(here[0] - '0') << 4 | (uint64_t)(here[2] - '0');
            if (!matches(s, PATTERN_VERSION, out->text)) {
                *why = spec_print(s, "%s is no version of the architecture (3.0 to 3.4)", out->text);
                return false;
            }
        } else {
            read_word(s, here, length, out);
        }
        *at += length;
        return true;
    }
    if (*here == '\'') {
        if (!read_pattern(s, here, &length, out, why))
            return false;
        *at += length;
        return true;
    }
    for (i = 0; marks[i]; i++) {
        length = strlen(marks[i]);
        if (strncmp(here, marks[i], length) == 0) {
            out->kind = TOKEN_MARK;
            out->text = marks[i];
            *at += length;
            return true;
        }
    }
    *why = isprint((unsigned char)*here) ? spec_print(s, "unexpected character '%c'", *here)
                                         : "unexpected character";
    return false;
}
