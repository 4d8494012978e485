/* What a finding, as data, is about. */
#include <string.h>

#include "command.h"
#include "hex.h"
#include "publish.h"
#include "vocabulary.h"

enum { RECORD_DIGITS = 64 };

size_t smref_finding_explained(const json_t *finding)
{
    const json_t *cause = json_object_get(finding, "cause");

    return (size_t)json_integer_value(cause ? cause : json_object_get(finding, "step"));
}

/* The record of a result. */
static bool of_events(const json_t *outcome, smref_event *out)
{
    const json_t *words = json_object_get(json_array_get(json_object_get(outcome, "events"), 0), "words");
    const char *word;

    for (size_t i = 0; i < SMREF_RECORD_WORDS; i++) {
        word = json_string_value(json_array_get(words, i));
        if (!word || !smref_parse_number(word, UINT64_MAX, &out->words[i]))
            return false;
    }
    return true;
}

static bool of_hex(const char *digits, smref_event *out)
{
    uint8_t bytes[SMREF_CASE_LOAD];
    size_t bad;

    if (strlen(digits) > 2 * sizeof bytes || !smref_hex_bytes(digits, bytes, &bad))
        return false;
    smref_bytes_to_words(bytes, SMREF_RECORD_WORDS, out->words);
    return true;
}

/* The first of what was loaded that differs. */
static bool of_loads(const json_t *first, const json_t *second, smref_event *expected, smref_event *shown)
{
    const char *a = json_string_value(json_object_get(first, "hex"));
    const char *b = json_string_value(json_object_get(second, "hex"));

    if (!a || !b || strlen(a) != strlen(b) || strlen(a) % RECORD_DIGITS != 0 || strcmp(a, b) == 0)
        return false;
    for (; strncmp(a, b, RECORD_DIGITS) == 0; a += RECORD_DIGITS, b += RECORD_DIGITS) {
    }
    return of_hex(a, expected) && of_hex(b, shown);
}

static bool find_records(const json_t *finding, smref_event *expected, smref_event *shown)
{
    const json_t *first = json_array_get(json_object_get(finding, "expected"), 0);
    const json_t *second = json_object_get(finding, "shown");

    memset(expected, 0, sizeof *expected);
    memset(shown, 0, sizeof *shown);
    if (!of_loads(first, second, expected, shown) &&
        !(of_events(first, expected) && of_events(second, shown)))
        return false;
    expected->type = smref_record_event(expected->words);
    shown->type = smref_record_event(shown->words);
    return expected->type == shown->type && strcmp(smref_spell_event(expected->type), "UNKNOWN") != 0;
}

size_t smref_finding_fields(const json_t *finding, smref_event_type *event, smref_shown *permitted,
                            smref_shown *shown)
{
    smref_event first, second;

    if (!find_records(finding, &first, &second))
        return 0;
    *event = first.type;
    (void)smref_explain_event(&second, shown);
    return smref_explain_event(&first, permitted);
}
