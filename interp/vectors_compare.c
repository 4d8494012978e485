/*
 * An expected outcome against the model's, key by key. Bits of event records under `ignore` are not compared,
 * but which bits those are is; neither are the keys that the expected outcome declares `open`.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fields.h"
#include "vectors.h"

/* ---- Values ---------------------------------------------------------------------------------------- */

static bool as_number(const json_t *value, uint64_t *out)
{
    const char *text = json_string_value(value);

    if (json_is_integer(value)) {
        *out = (uint64_t)json_integer_value(value);
        return json_integer_value(value) >= 0;
    }
    return text && text[0] == '0' && (text[1] == 'x' || text[1] == 'b') &&
           smref_parse_number(text, UINT64_MAX, out);
}

static bool same_object(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *child;

    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach((json_t *)(uintptr_t)a, key, child)
    {
        const json_t *other = json_object_get(b, key);
        if (!other || !smref_same_value(child, other))
            return false;
    }
    return true;
}

bool smref_same_value(const json_t *a, const json_t *b)
{
    uint64_t first, second;

    if (as_number(a, &first) && as_number(b, &second))
        return first == second;
    if (json_is_object(a) && json_is_object(b))
        return same_object(a, b);
    if (!json_is_array(a) || !json_is_array(b))
        return json_equal(a, b);
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!smref_same_value(json_array_get(a, i), json_array_get(b, i)))
            return false;
    return true;
}

/* ---- Events ---------------------------------------------------------------------------------------- */

static uint64_t word_of(const json_t *event, const char *key, size_t index)
{
    uint64_t value = 0;

    return as_number(json_array_get(json_object_get(event, key), index), &value) ? value : 0;
}

static bool same_words(const json_t *expected, const json_t *got)
{
    for (size_t i = 0; i < 4; i++) {
        uint64_t ignore = word_of(expected, "ignore", i);
        if (ignore != word_of(got, "ignore", i) ||
            ((word_of(expected, "words", i) ^ word_of(got, "words", i)) & ~ignore))
            return false;
    }
    return true;
}

static bool same_member(const json_t *a, const json_t *b, const char *key)
{
    const json_t *first = json_object_get(a, key), *second = json_object_get(b, key);

    return !first || !second ? first == second : smref_same_value(first, second);
}

static bool same_event(const json_t *expected, const json_t *got)
{
    return same_member(expected, got, "bank") && same_member(expected, got, "name") &&
           same_member(expected, got, "why") && same_words(expected, got);
}

static bool same_events(const json_t *expected, const json_t *got)
{
    if (json_array_size(expected) != json_array_size(got))
        return false;
    for (size_t i = 0; i < json_array_size(got); i++)
        if (!same_event(json_array_get(expected, i), json_array_get(got, i)))
            return false;
    return true;
}

/* ---- Other writes ---------------------------------------------------------------------------------- */

/* Files of earlier versions lack `bank`, `source` and `attrs`: what is not expected is not compared. */
static bool same_write(const json_t *expected, const json_t *got)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)expected, key, value)
    {
        if (!same_member(expected, got, key))
            return false;
    }
    return json_is_object(expected) && json_is_object(got);
}

static bool same_writes(const json_t *expected, const json_t *got)
{
    if (json_array_size(expected) != json_array_size(got))
        return false;
    for (size_t i = 0; i < json_array_size(got); i++)
        if (!same_write(json_array_get(expected, i), json_array_get(got, i)))
            return false;
    return true;
}

/* ---- Ways that lead to an outcome ------------------------------------------------------------------ */

static size_t way_count(const json_t *outcome)
{
    return (json_object_get(outcome, "choices") ? 1 : 0) + json_array_size(json_object_get(outcome, "also"));
}

static const json_t *way_at(const json_t *outcome, size_t index)
{
    const json_t *first = json_object_get(outcome, "choices");

    return first && index == 0 ? first : json_array_get(json_object_get(outcome, "also"), index - !!first);
}

static bool same_ways(const json_t *expected, const json_t *got)
{
    size_t count = way_count(got), i, k;

    if (way_count(expected) != count)
        return false;
    for (i = 0; i < count; i++) {
        for (k = 0; k < count && !json_equal(way_at(expected, k), way_at(got, i)); k++) {
        }
        if (k == count)
            return false;
    }
    return true;
}

/* ---- Outcomes -------------------------------------------------------------------------------------- */

enum key_kind { KEY_VALUE, KEY_EVENTS, KEY_WRITES, KEY_WAYS, KEY_SKIPPED };

static enum key_kind kind_of(const json_t *expected, const char *key)
{
    const json_t *open = json_object_get(expected, "open");

    if (strcmp(key, "open") == 0)
        return KEY_SKIPPED;
    for (size_t i = 0; i < json_array_size(open); i++)
        if (strcmp(json_string_value(json_array_get(open, i)), key) == 0)
            return KEY_SKIPPED;
    if (strcmp(key, "events") == 0 || strcmp(key, "lost") == 0)
        return KEY_EVENTS;
    if (strcmp(key, "writes") == 0)
        return KEY_WRITES;
    return strcmp(key, "choices") == 0 || strcmp(key, "also") == 0 ? KEY_WAYS : KEY_VALUE;
}

static bool same_key(const json_t *expected, const json_t *got, const char *key)
{
    switch (kind_of(expected, key)) {
    case KEY_SKIPPED:
        return true;
    case KEY_EVENTS:
        return same_events(json_object_get(expected, key), json_object_get(got, key));
    case KEY_WRITES:
        return same_writes(json_object_get(expected, key), json_object_get(got, key));
    case KEY_WAYS:
        return same_ways(expected, got);
    case KEY_VALUE:
        break;
    }
    return same_member(expected, got, key);
}

bool smref_outcome_matches(const json_t *expected, const json_t *got)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)got, key, value)
    {
        if (!same_key(expected, got, key))
            return false;
    }
    json_object_foreach((json_t *)(uintptr_t)expected, key, value)
    {
        if (!json_object_get(got, key) && !same_key(expected, got, key))
            return false;
    }
    return true;
}

/* ---- Differences ----------------------------------------------------------------------------------- */

static void print_json(FILE *to, const json_t *value)
{
    if (!value)
        fputs("nothing", to);
    else if (json_is_string(value))
        fputs(json_string_value(value), to);
    else
        json_dumpf(value, to, JSON_ENCODE_ANY);
}

static void print_pair(FILE *to, const char *margin, const char *what, const json_t *expected,
                       const json_t *got)
{
    fprintf(to, "%s%s: expected ", margin, what);
    print_json(to, expected);
    fputs(", got ", to);
    print_json(to, got);
    fputc('\n', to);
}

/* What differs in a word: bits under `ignore` are equal already. */
struct record_pair {
    uint64_t expected[4], got[4], named[4]; /* `named`: bits of fields that were printed */
};

static void print_field(FILE *to, const char *margin, const smref_layout_info *layout,
                        const smref_field_info *field, struct record_pair *pair)
{
    if (field->kind == SMREF_KIND_RESERVED)
        return;
    uint64_t a = smref_field_get(field, pair->expected, 0), b = smref_field_get(field, pair->got, 0);
    if (a == b)
        return;
    fprintf(to, "%s%s.%s [%u:%u]: expected 0x%" PRIx64 ", got 0x%" PRIx64 "\n", margin, layout->name,
            field->name, field->pieces[0].msb, field->pieces[0].lsb, a << field->address_low,
            b << field->address_low);
    smref_field_set(field, pair->named, 0, smref_field_largest(field));
}

/* The fields of a record that differ, by name; other bits by word. */
static void print_fields(FILE *to, const char *margin, const smref_layout_info *layout,
                         const json_t *expected, const json_t *got)
{
    struct record_pair pair = {.named = {0}};

    for (size_t i = 0; i < 4; i++) {
        uint64_t ignored = word_of(expected, "ignore", i) | word_of(got, "ignore", i);
        pair.expected[i] = word_of(expected, "words", i) & ~ignored;
        pair.got[i] = word_of(got, "words", i) & ~ignored;
    }
    for (unsigned i = 0; i < layout->field_count; i++)
        print_field(to, margin, layout, &layout->fields[i], &pair);
    for (size_t i = 0; i < 4; i++) {
        uint64_t rest = (pair.expected[i] ^ pair.got[i]) & ~pair.named[i];
        if (rest)
            fprintf(to, "%s%s word %zu, reserved bits: expected 0x%" PRIx64 ", got 0x%" PRIx64 "\n", margin,
                    layout->name, i, pair.expected[i] & rest, pair.got[i] & rest);
        if (word_of(expected, "ignore", i) != word_of(got, "ignore", i))
            fprintf(to, "%signored bits of word %zu: expected 0x%" PRIx64 ", got 0x%" PRIx64 "\n", margin, i,
                    word_of(expected, "ignore", i), word_of(got, "ignore", i));
    }
}

static void print_events(FILE *to, const char *margin, const char *key, const json_t *expected,
                         const json_t *got)
{
    static const char *const members[] = {"bank", "name", "why"};
    size_t count = json_array_size(expected);
    smref_layout layout;

    if (count != json_array_size(got) ||
        !same_member(json_array_get(expected, 0), json_array_get(got, 0), "name")) {
        print_pair(to, margin, key, expected, got);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *a = json_array_get(expected, i), *b = json_array_get(got, i);
        for (size_t k = 0; k < 3; k++)
            if (!same_member(a, b, members[k]))
                print_pair(to, margin, members[k], json_object_get(a, members[k]),
                           json_object_get(b, members[k]));
        const char *name = json_string_value(json_object_get(b, "name"));
        if (name && smref_layout_find(name, &layout))
            print_fields(to, margin, smref_layout_at((unsigned)layout), a, b);
    }
}

static bool is_listed(const json_t *list, const json_t *word)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), word))
            return true;
    return false;
}

/* The words of one list that are not in the other; returns how many. */
static size_t print_only(FILE *to, const json_t *list, const json_t *other)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++)
        if (!is_listed(other, json_array_get(list, i)))
            fprintf(to, "%s%s", count++ ? " " : "", json_string_value(json_array_get(list, i)));
    if (count == 0)
        fputs("nothing", to);
    return count;
}

static void print_rules(FILE *to, const char *margin, const json_t *expected, const json_t *got)
{
    fprintf(to, "%srules: expected ", margin);
    size_t count = print_only(to, expected, got);
    fputs(" more, got ", to);
    count += print_only(to, got, expected);
    fputs(count ? " more\n" : " more, but another order\n", to);
}

static void print_key(FILE *to, const char *margin, const char *key, const json_t *expected,
                      const json_t *got)
{
    const json_t *first = json_object_get(expected, key), *second = json_object_get(got, key);

    if (kind_of(expected, key) == KEY_EVENTS)
        print_events(to, margin, key, first, second);
    else if (strcmp(key, "rules") == 0)
        print_rules(to, margin, first, second);
    else
        print_pair(to, margin, key, first, second);
}

void smref_outcome_differences(FILE *to, const char *margin, const json_t *expected, const json_t *got)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)got, key, value)
    {
        if (!same_key(expected, got, key))
            print_key(to, margin, key, expected, got);
    }
    json_object_foreach((json_t *)(uintptr_t)expected, key, value)
    {
        if (!json_object_get(got, key) && !same_key(expected, got, key))
            print_key(to, margin, key, expected, got);
    }
}
