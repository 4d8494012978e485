/*
 * The canonical form. First the tree: every object gets the order of its format, every number its spelling.
 * Then the text: what fits a line stands on one line, what does not is broken into its members.
 */
#define _POSIX_C_SOURCE 200809L

#include "canonical.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "hex.h"
#include "registers.h"

#define WIDTH 110
#define INDENT 2

/* ---- What the formats hold ------------------------------------------------------------------------- */

/* Arrays are transparent: the kind of an array is that of its elements. */
enum kind {
    ANY, /* kept as it is */
    HEX,
    DECIMAL,
    SNAPSHOT,
    PROFILE,
    VECTORS,
    GROUP,
    TEST,
    PATCH,
    REGISTERS,
    CHOICES,
    REGION,
    STEP,
    LOAD,
    RESULT,
    EVENT,
    ATTRS,
    PER_BANK,
    RECIPE,
    CLAIMS,
    CACHED,
    ALIAS,
    KIND_COUNT,
};

struct member {
    const char *key;
    enum kind kind;
};

#define MAX_MEMBERS 40

static const struct member members_of[KIND_COUNT][MAX_MEMBERS] = {
    [SNAPSHOT] = {{"format", ANY},
                  {"version", ANY},
                  {"description", ANY},
                  {"profile", PROFILE},
                  {"choices", CHOICES},
                  {"registers", REGISTERS},
                  {"aliases", ALIAS},
                  {"memory", REGION},
                  {"unmapped", ANY},
                  {"reset_unknown", HEX},
                  {"caching", ANY},
                  {"cached", CACHED},
                  {"awaiting", ANY},
                  {"halted", ANY},
                  {"open_bits", REGISTERS},
                  {"in_effect", REGISTERS},
                  {"steps", STEP}},
    [PROFILE] = {{"format", ANY},
                 {"version", ANY},
                 {"name", ANY},
                 {"description", ANY},
                 {"note", ANY},
                 {"arch", ANY},
                 {"registers", REGISTERS},
                 {"choices", CHOICES}},
    [VECTORS] = {{"format", ANY}, {"version", ANY}, {"description", ANY}, {"groups", GROUP}},
    [RECIPE] = {{"format", ANY}, {"version", ANY}, {"description", ANY}, {"groups", GROUP}},
    [GROUP] = {{"name", ANY},
               {"comment", ANY},
               {"source", ANY},
               {"requires", ANY},
               {"base", SNAPSHOT},
               {"observed", ANY},
               {"open", ANY},
               {"claims", CLAIMS},
               {"let", ANY},
               {"tests", TEST}},
    [TEST] = {{"id", ANY},
              {"each", ANY},
              {"comment", ANY},
              {"section", ANY},
              {"rules", ANY},
              {"patch", PATCH},
              {"steps", STEP},
              {"expect", RESULT},
              {"claim", RESULT}},
    [PATCH] = {{"registers", REGISTERS}, {"memory", REGION}, {"choices", CHOICES}, {"caching", ANY}},
    [REGION] = {{"comment", ANY},
                {"pas", ANY},
                {"at", HEX},
                {"edit", HEX},
                {"struct", ANY},
                {"fields", ANY},
                {"u64", HEX},
                {"hex", ANY},
                {"size", HEX},
                {"fill", HEX},
                {"file", ANY},
                {"offset", HEX}},
    [ALIAS] = {{"comment", ANY}, {"at", HEX}, {"size", HEX}, {"pas", ANY}},
    [STEP] = {{"comment", ANY}, {"op", ANY},    {"sec_sid", ANY}, {"pas", ANY},      {"sid", HEX},
              {"ssid", HEX},    {"addr", HEX},  {"access", ANY},  {"reg", ANY},      {"offset", HEX},
              {"at", HEX},      {"u64", HEX},   {"hex", ANY},     {"size", DECIMAL}, {"value", HEX},
              {"sec", ANY},     {"priv", ANY},  {"inst", ANY},    {"ns", ANY},       {"t", ANY},
              {"xt", ANY},      {"mecid", HEX}, {"attrs", ATTRS}, {"struct", ANY},   {"fields", ANY},
              {"claim", RESULT}},
    [LOAD] = {{"comment", ANY}, {"op", ANY}, {"pas", ANY}, {"at", HEX}, {"size", HEX}},
    [RESULT] = {{"step", DECIMAL},    {"op", ANY},           {"outcome", ANY},  {"stag", DECIMAL},
                {"value", HEX},       {"value_ignore", HEX}, {"par", HEX},      {"par_ignore", HEX},
                {"hex", ANY},         {"pa", HEX},           {"pas", ANY},      {"mecid", HEX},
                {"page_size", HEX},   {"attrs", ATTRS},      {"priv", ANY},     {"inst", ANY},
                {"event", ANY},       {"fields", ANY},       {"events", EVENT}, {"lost", EVENT},
                {"writes", ANY},      {"irqs", ANY},         {"messages", ANY}, {"more", ANY},
                {"gerror", PER_BANK}, {"far", ANY},          {"rules", ANY},    {"choices", CHOICES},
                {"also", CHOICES},    {"open", ANY}},
    [EVENT] = {{"bank", ANY}, {"name", ANY}, {"words", HEX}, {"ignore", HEX}, {"why", ANY}},
    [ATTRS] = {{"type", ANY}, {"inner", ANY}, {"outer", ANY}, {"sh", ANY}},
    [PER_BANK] = {{"ns", HEX}, {"secure", HEX}, {"realm", HEX}},
    [CACHED] = {{"kind", ANY},        {"sec_sid", ANY},        {"sid", HEX},          {"ssid", HEX},
                {"id_bits", DECIMAL}, {"world", DECIMAL},      {"vmid", HEX},         {"vmw", DECIMAL},
                {"e2h", DECIMAL},     {"asid", HEX},           {"aset", DECIMAL},     {"global", DECIMAL},
                {"half", DECIMAL},    {"tbi", DECIMAL},        {"va", HEX},           {"va_bits", DECIMAL},
                {"s1_level", ANY},    {"s1_granule", DECIMAL}, {"ipa", HEX},          {"ipa_bits", DECIMAL},
                {"s2_level", ANY},    {"s2_granule", DECIMAL}, {"shape", HEX},        {"output", HEX},
                {"descriptor", HEX},  {"ap_table", DECIMAL},   {"xn_table", DECIMAL}, {"pxn_table", DECIMAL},
                {"ns", DECIMAL},      {"words", HEX}},
    [CLAIMS] = {{"ok", RESULT}, {"abort", RESULT}, {"raz_wi", RESULT}, {"stall", RESULT}},
};

static const struct {
    const char *format;
    enum kind kind;
} roots[] = {
    {"smref-snapshot", SNAPSHOT},
    {"smref-profile", PROFILE},
    {"smref-vectors", VECTORS},
    {"smref-recipe", RECIPE},
    {NULL, ANY},
};

static enum kind root_kind(const json_t *value)
{
    const char *format = json_string_value(json_object_get(value, "format"));

    for (size_t i = 0; format && roots[i].format; i++)
        if (strcmp(format, roots[i].format) == 0)
            return roots[i].kind;
    return json_object_get(value, "outcome") ? RESULT : ANY;
}

/* ---- The tree -------------------------------------------------------------------------------------- */

static json_t *canonical(const json_t *value, enum kind kind);

/* Numbers, also those in strings, in the wanted spelling; anything else as it is. */
static json_t *spelled(const json_t *value, enum kind kind)
{
    const char *text = json_string_value(value);
    uint64_t number;

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        number = (uint64_t)json_integer_value(value);
    else if (!text || text[0] != '0' || !text[1] || !smref_parse_number(text, UINT64_MAX, &number))
        return json_deep_copy(value);
    if (kind == HEX || number > INT64_MAX)
        return smref_hex_json(number);
    return json_integer((json_int_t)number);
}

static bool is_member(enum kind kind, const char *key)
{
    for (size_t i = 0; i < MAX_MEMBERS && members_of[kind][i].key; i++)
        if (strcmp(members_of[kind][i].key, key) == 0)
            return true;
    return false;
}

/* The members of the format in its order, then the unknown ones as they come. */
static json_t *ordered(const json_t *object, enum kind kind)
{
    json_t *out = json_object(), *child;
    const char *key;

    for (size_t i = 0; i < MAX_MEMBERS && members_of[kind][i].key; i++) {
        child = json_object_get(object, members_of[kind][i].key);
        if (child)
            json_object_set_new(out, members_of[kind][i].key, canonical(child, members_of[kind][i].kind));
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, child)
    {
        if (!is_member(kind, key))
            json_object_set_new(out, key, json_deep_copy(child));
    }
    return out;
}

struct entry {
    const char *key;
    const json_t *value;
    smref_register_ref ref; /* of a register */
    bool known;
};

static int by_map(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;

    if (first->known != second->known)
        return first->known ? -1 : 1;
    if (first->known && first->ref.reg != second->ref.reg)
        return smref_register_compare(first->ref.reg, second->ref.reg);
    if (first->known && first->ref.element != second->ref.element)
        return first->ref.element < second->ref.element ? -1 : 1;
    if (first->known && first->ref.upper != second->ref.upper)
        return first->ref.upper ? 1 : -1;
    return strcmp(first->key, second->key);
}

/* By name where a register has one, in the order of the register map; then reserved offsets. Of two keys for
 * one register, which readers refuse, both stay. */
static json_t *registers(const json_t *object)
{
    struct entry *list = smref_alloc(json_object_size(object), sizeof *list);
    json_t *out = json_object(), *value;
    char name[SMREF_REGISTER_ROOM];
    const char *key;
    size_t count = 0;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        struct entry *e = &list[count++];
        *e = (struct entry){.key = key, .value = value};
        e->known = smref_register_named(key, &e->ref) && e->ref.reg != SMREF_REG_COUNT;
    }
    qsort(list, count, sizeof *list, by_map);
    for (size_t i = 0; i < count; i++) {
        key = list[i].key;
        if (list[i].known && !list[i].ref.upper)
            key = smref_register_spelled(&list[i].ref, name);
        if (json_object_get(out, key))
            key = list[i].key;
        json_object_set_new(out, key, spelled(list[i].value, HEX));
    }
    free(list);
    return out;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static json_t *choices(const json_t *object)
{
    struct entry *list = smref_alloc(json_object_size(object), sizeof *list);
    json_t *out = json_object(), *value;
    const char *key;
    size_t count = 0;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        list[count++] = (struct entry){.key = key, .value = value};
    }
    qsort(list, count, sizeof *list, by_key);
    for (size_t i = 0; i < count; i++)
        json_object_set_new(out, list[i].key, json_deep_copy(list[i].value));
    free(list);
    return out;
}

static json_t *canonical(const json_t *value, enum kind kind)
{
    if (json_is_array(value)) {
        json_t *out = json_array();
        for (size_t i = 0; i < json_array_size(value); i++)
            json_array_append_new(out, canonical(json_array_get(value, i), kind));
        return out;
    }
    if (kind == HEX || kind == DECIMAL)
        return spelled(value, kind);
    if (!json_is_object(value) || kind == ANY)
        return json_deep_copy(value);
    if (kind == REGISTERS)
        return registers(value);
    if (kind == CHOICES)
        return choices(value);
    if (kind == STEP) {
        const char *op = json_string_value(json_object_get(value, "op"));
        return ordered(value, op && strcmp(op, "load") == 0 ? LOAD : STEP);
    }
    return ordered(value, kind);
}

json_t *smref_canonical_tree(const json_t *value)
{
    return canonical(value, root_kind(value));
}

/* ---- The text -------------------------------------------------------------------------------------- */

static size_t string_length(const char *text)
{
    size_t length = 2;

    for (; *text; text++)
        length += (unsigned char)*text < ' ' ? 6 : *text == '"' || *text == '\\' ? 2 : 1;
    return length;
}

/* The length of the value on one line; something above `limit` when it is longer than that. */
static size_t flat_length(const json_t *value, size_t limit)
{
    size_t length = 2;
    json_t *child;
    const char *key;

    if (json_is_string(value))
        return string_length(json_string_value(value));
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value) && length <= limit; i++)
            length += flat_length(json_array_get(value, i), limit) + (i ? 2 : 0);
        return length;
    }
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, child)
        {
            length += (length > 2 ? 2 : 0) + string_length(key) + 2;
            length += length <= limit ? flat_length(child, limit) : 0;
        }
        return length;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    length = strlen(text);
    free(text);
    return length;
}

static void print_flat(FILE *to, const json_t *value)
{
    json_dumpf(value, to, JSON_ENCODE_ANY);
}

/* The lists that are read as tables are broken even when they are short; `depth` tells those of a file or a
 * base from those of a single test. */
static bool always_broken(const char *key, size_t depth)
{
    static const char *const tables[] = {"groups", "tests", "memory", "steps", "registers", NULL};

    for (size_t i = 0; key && depth <= 4 && tables[i]; i++)
        if (strcmp(tables[i], key) == 0)
            return true;
    return false;
}

static bool all_scalar(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (json_is_array(json_array_get(array, i)) || json_is_object(json_array_get(array, i)))
            return false;
    return true;
}

/* A long list of numbers or words fills its lines. */
static void print_filled(FILE *to, const json_t *array, size_t indent)
{
    size_t column = WIDTH, count = json_array_size(array);

    fputc('[', to);
    for (size_t i = 0; i < count; i++) {
        size_t length = flat_length(json_array_get(array, i), WIDTH) + 1;
        if (i && column + 1 + length <= WIDTH) {
            fputc(' ', to);
            column += 1;
        } else {
            fprintf(to, "\n%*s", (int)indent, "");
            column = indent;
        }
        print_flat(to, json_array_get(array, i));
        fputs(i + 1 < count ? "," : "", to);
        column += length;
    }
    fprintf(to, "\n%*s]", (int)(indent - INDENT), "");
}

/* `used`: columns taken before the value; `depth` 0 is the root. */
static void print_value(FILE *to, const json_t *value, const char *key, size_t depth, size_t used)
{
    size_t indent = (depth + 1) * INDENT, count = 0;
    json_t *child;
    const char *name;

    size_t total = json_is_array(value) ? json_array_size(value) : json_object_size(value);
    bool broken = total && (depth == 0 || always_broken(key, depth));
    if (!broken && (total == 0 || used + flat_length(value, WIDTH) + 1 <= WIDTH)) {
        print_flat(to, value);
        return;
    }
    if (json_is_array(value) && all_scalar(value)) {
        print_filled(to, value, indent);
        return;
    }
    fputc(json_is_array(value) ? '[' : '{', to);
    for (size_t i = 0; json_is_array(value) && i < total; i++) {
        fprintf(to, "\n%*s", (int)indent, "");
        print_value(to, json_array_get(value, i), NULL, depth + 1, indent);
        fputs(i + 1 < total ? "," : "", to);
    }
    json_object_foreach((json_t *)(uintptr_t)value, name, child)
    {
        json_t *label = json_string(name);
        fprintf(to, "\n%*s", (int)indent, "");
        print_flat(to, label);
        fputs(": ", to);
        json_decref(label);
        print_value(to, child, name, depth + 1, indent + string_length(name) + 2);
        fputs(++count < total ? "," : "", to);
    }
    fprintf(to, "\n%*s%c", (int)(indent - INDENT), "", json_is_array(value) ? ']' : '}');
}

char *smref_canonical_text(const json_t *value)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    bool good = to != NULL;

    if (good) {
        print_value(to, value, NULL, 0, 0);
        fputc('\n', to);
        good = fclose(to) == 0;
    }
    return good ? text : smref_resize(NULL, SIZE_MAX, 2); /* says that memory is short, and ends */
}

/* ---- Files ----------------------------------------------------------------------------------------- */

static bool write_all(int file, const char *text, size_t size)
{
    while (size) {
        ssize_t done = write(file, text, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        text += done;
        size -= (size_t)done;
    }
    return fsync(file) == 0;
}

/* The permissions of the file that is replaced, or those that a new file gets. */
static mode_t mode_of(const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0)
        return status.st_mode & 0777;
    mode_t masked = umask(0);
    umask(masked);
    return 0666 & ~masked;
}

bool smref_replace_file(const char *path, const char *text, char why[200])
{
    size_t room = strlen(path) + 8;
    char *beside = smref_alloc(room, 1);

    snprintf(beside, room, "%s.XXXXXX", path);
    int file = mkstemp(beside);
    if (file < 0) {
        snprintf(why, 200, "%.100s: %s", path, strerror(errno));
        free(beside);
        return false;
    }
    bool good = write_all(file, text, strlen(text)) && fchmod(file, mode_of(path)) == 0;
    int reason = errno;
    good = close(file) == 0 && good && rename(beside, path) == 0;
    if (!good) {
        snprintf(why, 200, "%.100s: %s", path, strerror(reason ? reason : errno));
        unlink(beside);
    }
    free(beside);
    return good;
}
