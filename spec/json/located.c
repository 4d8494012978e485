/*
 * Located JSON. jansson parses and validates the text; a second walk over the same text, in step with the
 * parsed tree, gives every node its line. jansson keeps the keys of an object in the order of the text and
 * duplicate keys were refused, so the n-th member of the text is the n-th of the tree.
 */
#include "located.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64
#define MAX_NAME 96

/* ---- Errors ---------------------------------------------------------------------------------------- */

/* Appends at most what fits; a control character of the input must not reach a terminal. */
static void append(char *to, size_t size, const char *text)
{
    size_t at = strlen(to);

    for (; *text && at + 1 < size; text++)
        to[at++] = iscntrl((unsigned char)*text) ? '?' : *text;
    to[at] = '\0';
}

/* Names the node from the root: `memory[3].at`. */
static void append_path(char *to, size_t size, const smref_jnode *node)
{
    char index[32];

    if (!node->parent)
        return;
    append_path(to, size, node->parent);
    if (node->key) {
        append(to, size, *to ? "." : "");
        append(to, size, node->key);
    } else {
        snprintf(index, sizeof index, "[%zu]", node->index);
        append(to, size, index);
    }
}

bool smref_jfail(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error, const char *format, ...)
{
    char path[256] = "", text[256], place[32] = "";
    va_list args;

    if (!error || error->text[0])
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (node) {
        snprintf(place, sizeof place, ":%u", node->line);
        append_path(path, sizeof path, node);
    }
    append(error->text, sizeof error->text, doc->file);
    append(error->text, sizeof error->text, place);
    append(error->text, sizeof error->text, ": ");
    append(error->text, sizeof error->text, path);
    append(error->text, sizeof error->text, *path ? ": " : "");
    append(error->text, sizeof error->text, text);
    return false;
}

/* ---- Lines ----------------------------------------------------------------------------------------- */

typedef struct scanner {
    const char *at, *end;
    unsigned line;
    smref_jnode *next; /* the first node of the arena that is not in use */
} scanner;

static void skip_space(scanner *scan)
{
    for (; scan->at < scan->end && isspace((unsigned char)*scan->at); scan->at++)
        scan->line += *scan->at == '\n';
}

/* Skips a string; the text is valid, so it ends. */
static void skip_string(scanner *scan)
{
    for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++)
        scan->at += *scan->at == '\\';
    scan->at++;
}

static void skip_scalar(scanner *scan)
{
    if (*scan->at == '"') {
        skip_string(scan);
        return;
    }
    while (scan->at < scan->end && !strchr(",]} \t\r\n", *scan->at))
        scan->at++;
}

/* Skips one punctuation character and the white space after it. */
static void skip_mark(scanner *scan)
{
    scan->at++;
    skip_space(scan);
}

static void locate(scanner *scan, smref_jnode *node);

static void locate_child(scanner *scan, smref_jnode *parent, size_t index, const char *key, json_t *value)
{
    smref_jnode *child = &parent->children[index];

    child->value = value;
    child->key = key;
    child->index = index;
    child->parent = parent;
    child->line = scan->line;
    if (key) {
        skip_string(scan);
        skip_space(scan);
        skip_mark(scan); /* the colon */
    }
    locate(scan, child);
    skip_space(scan);
    if (*scan->at == ',')
        skip_mark(scan);
}

/* Gives lines to what is below the node. The scanner stands on its first character, and ends after its last.
 */
static void locate(scanner *scan, smref_jnode *node)
{
    json_t *value = node->value;
    void *member;
    size_t i;

    if (!json_is_object(value) && !json_is_array(value)) {
        skip_scalar(scan);
        return;
    }
    node->child_count = json_is_object(value) ? json_object_size(value) : json_array_size(value);
    node->children = scan->next;
    scan->next += node->child_count;
    skip_mark(scan); /* the opening bracket */
    member = json_is_object(value) ? json_object_iter(value) : NULL;
    for (i = 0; i < node->child_count; i++) {
        if (member) {
            locate_child(scan, node, i, json_object_iter_key(member), json_object_iter_value(member));
            member = json_object_iter_next(value, member);
        } else {
            locate_child(scan, node, i, NULL, json_array_get(value, i));
        }
    }
    scan->at++; /* the closing bracket */
}

/* The number of values in the tree, or 0 when it is nested too deeply. */
static size_t count_values(json_t *value, unsigned depth)
{
    size_t total = 1, i, below;
    const char *key;
    json_t *child;

    if (depth > MAX_DEPTH)
        return 0;
    if (json_is_object(value)) {
        json_object_foreach(value, key, child)
        {
            below = count_values(child, depth + 1);
            if (below == 0)
                return 0;
            total += below;
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, child)
        {
            below = count_values(child, depth + 1);
            if (below == 0)
                return 0;
            total += below;
        }
    }
    return total;
}

/* ---- Loading --------------------------------------------------------------------------------------- */

static bool parse_failed(const smref_jdoc *doc, smref_jerror *error, unsigned line, const char *text)
{
    smref_jnode place = {.line = line};

    return smref_jfail(doc, &place, error, "%s", text);
}

static unsigned line_of(const char *text, const char *at)
{
    unsigned line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

bool smref_jdoc_parse(smref_jdoc *doc, const char *file, const char *text, size_t size, smref_jerror *error)
{
    return smref_jdoc_parse_from(doc, file, 1, text, size, error);
}

bool smref_jdoc_parse_from(smref_jdoc *doc, const char *file, unsigned line, const char *text, size_t size,
                           smref_jerror *error)
{
    const char *nul = size ? memchr(text, '\0', size) : NULL;
    json_error_t why;
    scanner scan = {.at = text, .end = text + size, .line = line};
    size_t count;

    *doc = (smref_jdoc){.file = file};
    if (nul)
        return parse_failed(doc, error, line + line_of(text, nul) - 1, "a NUL byte in the text");
    doc->json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    if (!doc->json)
        return parse_failed(doc, error, line + (why.line > 0 ? (unsigned)why.line : 1) - 1, why.text);
    count = count_values(doc->json, 1);
    if (count == 0) {
        smref_jdoc_close(doc);
        return parse_failed(doc, error, line, "nested deeper than 64 levels");
    }
    doc->arena = calloc(count, sizeof(smref_jnode));
    if (!doc->arena) {
        smref_jdoc_close(doc);
        return parse_failed(doc, error, line, "out of memory");
    }
    scan.next = doc->arena;
    skip_space(&scan);
    doc->root = (smref_jnode){.value = doc->json, .line = scan.line};
    locate(&scan, &doc->root);
    return true;
}

/* The whole stream in a buffer of its own, NULL when reading or memory fails. */
static char *read_all(FILE *stream, size_t *size)
{
    size_t room = 65536, got;
    char *text = malloc(room), *larger;

    *size = 0;
    while (text && (got = fread(text + *size, 1, room - *size, stream)) > 0) {
        *size += got;
        if (*size == room) {
            room *= 2;
            larger = realloc(text, room);
            if (!larger)
                free(text);
            text = larger;
        }
    }
    if (text && ferror(stream)) {
        free(text);
        return NULL;
    }
    return text;
}

bool smref_jdoc_load(smref_jdoc *doc, const char *file, smref_jerror *error)
{
    bool standard = strcmp(file, "-") == 0, good;
    FILE *stream = standard ? stdin : fopen(file, "rb");
    size_t size;
    char *text;

    *doc = (smref_jdoc){.file = file};
    if (!stream)
        return smref_jfail(doc, NULL, error, "%s", strerror(errno));
    errno = 0;
    text = read_all(stream, &size);
    good = text || smref_jfail(doc, NULL, error, "cannot be read: %s", strerror(errno ? errno : EIO));
    if (!standard)
        fclose(stream);
    if (good)
        good = smref_jdoc_parse(doc, file, text, size, error);
    free(text);
    return good;
}

void smref_jdoc_close(smref_jdoc *doc)
{
    json_decref(doc->json);
    free(doc->arena);
    *doc = (smref_jdoc){.file = doc->file};
}

/* ---- Reading --------------------------------------------------------------------------------------- */

const smref_jnode *smref_jget(const smref_jnode *object, const char *key)
{
    size_t i;

    for (i = 0; i < object->child_count; i++)
        if (object->children[i].key && strcmp(object->children[i].key, key) == 0)
            return &object->children[i];
    return NULL;
}

static const char *kind_of(const smref_jnode *node)
{
    switch (json_typeof(node->value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        break;
    }
    return "null";
}

static bool wrong_kind(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error,
                       const char *wanted)
{
    return smref_jfail(doc, node, error, "must be %s, not %s", wanted, kind_of(node));
}

bool smref_jobject(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error)
{
    return json_is_object(node->value) || wrong_kind(doc, node, error, "an object");
}

bool smref_jarray(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error)
{
    return json_is_array(node->value) || wrong_kind(doc, node, error, "an array");
}

bool smref_jstring(const smref_jdoc *doc, const smref_jnode *node, const char **out, smref_jerror *error)
{
    if (!json_is_string(node->value))
        return wrong_kind(doc, node, error, "a string");
    *out = json_string_value(node->value);
    return true;
}

bool smref_jbool(const smref_jdoc *doc, const smref_jnode *node, bool *out, smref_jerror *error)
{
    if (!json_is_boolean(node->value))
        return wrong_kind(doc, node, error, "true or false");
    *out = json_is_true(node->value);
    return true;
}

/* "0x…" or "0b…" with at least one digit, at most 64 bits, and nothing after it. */
static bool parse_prefixed(const char *text, uint64_t *out)
{
    unsigned bits = strncmp(text, "0x", 2) == 0 ? 4 : 1;
    uint64_t value = 0;
    unsigned digit;
    char c;

    if (strncmp(text, "0x", 2) != 0 && strncmp(text, "0b", 2) != 0)
        return false;
    text += 2;
    if (!*text)
        return false;
    for (; *text; text++) {
        c = (char)tolower((unsigned char)*text);
        if (c >= '0' && c <= (bits == 4 ? '9' : '1'))
            digit = (unsigned)(c - '0');
        else if (bits == 4 && c >= 'a' && c <= 'f')
            digit = (unsigned)(c - 'a') + 10;
        else
            return false;
        if (value >> (64 - bits))
            return false;
        value = value << bits | digit;
    }
    *out = value;
    return true;
}

bool smref_jnumber(const smref_jdoc *doc, const smref_jnode *node, uint64_t max, uint64_t *out,
                   smref_jerror *error)
{
    uint64_t value;

    if (json_is_integer(node->value)) {
        if (json_integer_value(node->value) < 0)
            return smref_jfail(doc, node, error, "must not be negative");
        value = (uint64_t)json_integer_value(node->value);
    } else if (json_is_string(node->value)) {
        if (!parse_prefixed(json_string_value(node->value), &value)) {
            return smref_jfail(doc, node, error,
                               "\"%.40s\" is no number of up to 64 bits; write 0x... or 0b...",
                               json_string_value(node->value));
        }
    } else {
        return wrong_kind(doc, node, error, "a number");
    }
    if (value > max) {
        return smref_jfail(doc, node, error, "0x%llx is above the largest permitted value 0x%llx",
                           (unsigned long long)value, (unsigned long long)max);
    }
    *out = value;
    return true;
}

static const char *next_key(void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

bool smref_jkeys(const smref_jdoc *doc, const smref_jnode *object, const char *const *keys,
                 smref_jerror *error)
{
    const char *nearest;
    size_t i, k;

    if (!smref_jobject(doc, object, error))
        return false;
    for (i = 0; i < object->child_count; i++) {
        for (k = 0; keys[k] && strcmp(keys[k], object->children[i].key) != 0; k++) {
        }
        if (!keys[k]) {
            nearest = smref_nearest(object->children[i].key, next_key, (void *)(uintptr_t)keys);
            return smref_jfail(doc, &object->children[i], error, "unknown key%s%s",
                               nearest ? "; nearest: " : "", nearest ? nearest : "");
        }
    }
    return true;
}

/* ---- The nearest name ------------------------------------------------------------------------------ */

/* Edit distance in half steps: a letter of the other case costs 1, any other edit 2. */
static unsigned distance(const char *a, size_t a_length, const char *b)
{
    size_t b_length = strlen(b), i, j;
    unsigned row[MAX_NAME + 1], diagonal, above, best;

    if (b_length > MAX_NAME)
        return ~0u;
    for (j = 0; j <= b_length; j++)
        row[j] = (unsigned)j * 2;
    for (i = 1; i <= a_length; i++) {
        diagonal = row[0];
        row[0] = (unsigned)i * 2;
        for (j = 1; j <= b_length; j++) {
            above = row[j];
            best = (above < row[j - 1] ? above : row[j - 1]) + 2;
            if (a[i - 1] != b[j - 1])
                diagonal += tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]) ? 1 : 2;
            row[j] = diagonal < best ? diagonal : best;
            diagonal = above;
        }
    }
    return row[b_length];
}

const char *smref_nearest(const char *name, const char *(*next)(void *context, size_t index), void *context)
{
    size_t length = strlen(name), i;
    unsigned limit = 2 * (unsigned)(1 + length / 3), d;
    const char *best = NULL, *candidate;

    if (length > MAX_NAME)
        return NULL;
    for (i = 0; (candidate = next(context, i)) != NULL; i++) {
        d = distance(name, length, candidate);
        if (d < limit || (d == limit && !best)) {
            limit = d;
            best = candidate;
        }
    }
    return best;
}
