/* Words of structures as people paste them. */
#include "words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

struct parsed {
    uint64_t *list;
    size_t count, room;
    bool wide; /* a word does not fit 32 bits, or is written with more than 8 digits */
};

/* One word of hexadecimal digits, at most 16; *end is behind it. */
static bool parse_word(const char *text, const char **end, uint64_t *out, unsigned *digits)
{
    *out = 0;
    *digits = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    for (; isxdigit((unsigned char)*text); text++, ++*digits) {
        int c = tolower((unsigned char)*text);
        if (*digits == 16)
            return false;
        *out = *out << 4 | (uint64_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    *end = text;
    return *digits > 0 && (!*text || *text == ',' || isspace((unsigned char)*text));
}

static bool parse_text(const char *text, struct parsed *parsed, char why[200])
{
    const char *at = text;
    uint64_t word;
    unsigned digits;

    for (at += strspn(at, ", \t\n"); *at; at += strspn(at, ", \t\n")) {
        const char *start = at;
        if (!parse_word(at, &at, &word, &digits)) {
            snprintf(why, 200, "%.40s: a word of up to 16 hexadecimal digits is expected", start);
            return false;
        }
        if (parsed->count == parsed->room) {
            parsed->room = parsed->room ? 2 * parsed->room : 16;
            parsed->list = smref_resize(parsed->list, parsed->room, sizeof *parsed->list);
        }
        parsed->list[parsed->count++] = word;
        parsed->wide |= digits > 8;
    }
    return true;
}

/* 32-bit words, the lower half first. */
static void join_halves(const struct parsed *parsed, uint64_t *out)
{
    for (size_t i = 0; i < parsed->count; i++)
        out[i / 2] |= parsed->list[i] << i % 2 * 32;
}

static bool place(const struct parsed *parsed, size_t size, bool partly, uint64_t *out, unsigned *count,
                  char why[200])
{
    size_t full = size / 8;

    memset(out, 0, size);
    *count = (unsigned)full;
    if (parsed->count == 2 * full && !parsed->wide) {
        join_halves(parsed, out);
        return true;
    }
    if (parsed->count == full || (partly && parsed->count > 0 && parsed->count < full)) {
        memcpy(out, parsed->list, parsed->count * sizeof *out);
        *count = (unsigned)parsed->count;
        return true;
    }
    snprintf(why, 200, "%zu word%s where %zu of 64 bits, or %zu of 32 bits, are expected", parsed->count,
             parsed->count == 1 ? "" : "s", full, 2 * full);
    return false;
}

bool smref_read_words(int texts, char *const *text, size_t size, bool partly, uint64_t *out, unsigned *count,
                      char why[200])
{
    struct parsed parsed = {.list = NULL};
    bool good = true;

    for (int i = 0; good && i < texts; i++)
        good = parse_text(text[i], &parsed, why);
    good = good && place(&parsed, size, partly, out, count, why);
    free(parsed.list);
    return good;
}

bool smref_first_word(const char *text, uint64_t *out)
{
    const char *end;
    unsigned digits;

    return parse_word(text + strspn(text, ", \t\n"), &end, out, &digits);
}
