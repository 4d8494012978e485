/* What names, section numbers, versions and bit patterns look like. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "specgen.h"

#include <string.h>

#define SECTION_NUMBER "(?:\\d+(?:\\.\\d+)*|[A-Z]{3} \\d{4}(?: [A-Z]?\\d+(?:\\.\\d+)*)?)"

static const char *const sources[PATTERN_COUNT] = {
    [PATTERN_IDENTIFIER] = "^[A-Za-z][A-Za-z0-9_]*$",
    [PATTERN_WORD] = "^[A-Za-z0-9_]+$",
    [PATTERN_SECTION] = "^" SECTION_NUMBER "(?:, " SECTION_NUMBER ")*$",
    [PATTERN_RULE] = "^[A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$",
    [PATTERN_BITS] = "^[01x]{1,64}$",
    [PATTERN_VERSION] = "^3\\.[0-4]$",
    [PATTERN_RANGE] = "^(?:\\d+|0x[0-9A-Fa-f]+)\\.\\.(?:\\d+|0x[0-9A-Fa-f]+)$",
};

bool patterns_open(spec *s)
{
    PCRE2_SIZE offset;
    int i, code;

    for (i = 0; i < PATTERN_COUNT; i++) {
        s->patterns[i] = pcre2_compile((PCRE2_SPTR)sources[i], PCRE2_ZERO_TERMINATED, PCRE2_DOLLAR_ENDONLY,
                                       &code, &offset, NULL);
        if (!s->patterns[i])
            return false;
    }
    return true;
}

void patterns_close(spec *s)
{
    int i;

    for (i = 0; i < PATTERN_COUNT; i++) {
        pcre2_code_free(s->patterns[i]);
        s->patterns[i] = NULL;
    }
}

bool matches(const spec *s, pattern_kind kind, const char *text)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(s->patterns[kind], NULL);
    int got;

    if (!data)
        return false;
    got = pcre2_match(s->patterns[kind], (PCRE2_SPTR)text, strlen(text), 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return got > 0;
}
