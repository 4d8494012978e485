/* `smref schema`: the JSON Schemas of the formats, which are part of the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "command.h"
#include "embedded.h"
#include "located.h"

static const char help[] =
    "usage: smref schema [NAME]\n"
    "\n"
    "Lists the formats of smref, or prints the JSON Schema (draft-07) of one of them. Give the version too\n"
    "to be sure of it: the name alone means the newest.\n"
    "\n"
    "example: smref schema smref-vectors > smref-vectors.schema.json\n";

static const struct option options[] = {
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#define SUFFIX ".schema.json"
#define MAX_SCHEMAS 32
#define NAME_ROOM 64

/* "smref-vectors-1.0" of the file smref-vectors-1.0.schema.json; NULL behind the last. */
static const smref_embedded *schema_at(size_t index, char name[NAME_ROOM])
{
    const smref_embedded *file = smref_embedded_files;

    for (; file->name; file++)
        if (strcmp(file->folder, "schema") == 0 && index-- == 0)
            break;
    if (!file->name)
        return NULL;
    const char *suffix = strstr(file->name, SUFFIX);
    snprintf(name, NAME_ROOM, "%.*s", suffix ? (int)(suffix - file->name) : (int)strlen(file->name),
             file->name);
    return file;
}

/* With a version or without. */
static bool is_named(const char *full, const char *wanted)
{
    size_t length = strlen(wanted);

    return strcmp(full, wanted) == 0 || (strncmp(full, wanted, length) == 0 && full[length] == '-' &&
                                         strchr("0123456789", full[length + 1]));
}

static const char *next_name(void *context, size_t index)
{
    char(*names)[NAME_ROOM] = context;

    return index < MAX_SCHEMAS && schema_at(index, names[index]) ? names[index] : NULL;
}

static const smref_embedded *schema_file(const char *name, size_t length)
{
    for (const smref_embedded *file = smref_embedded_files; file->name; file++)
        if (strcmp(file->folder, "schema") == 0 && strlen(file->name) == length &&
            strncmp(file->name, name, length) == 0)
            return file;
    return NULL;
}

static void bundle(json_t *value, json_t *definitions);

/* Adds the definitions of another schema, and what they refer to; `whole`: the schema itself, by its name. */
static void adopt(const char *name, size_t length, bool whole, json_t *definitions)
{
    const smref_embedded *file = schema_file(name, length);
    json_t *schema = file ? json_loadb(file->text, file->size, 0, NULL) : NULL, *definition;
    char short_name[NAME_ROOM];
    const char *key;

    snprintf(short_name, sizeof short_name, "%.*s", (int)(length - strlen(SUFFIX)), name);
    if (whole && !json_object_get(definitions, short_name)) {
        definition = json_copy(schema);
        json_object_del(definition, "$schema");
        json_object_del(definition, "$id");
        json_object_del(definition, "definitions");
        json_object_set_new(definitions, short_name, definition);
        bundle(definition, definitions);
    }
    json_object_foreach(json_object_get(schema, "definitions"), key, definition)
    {
        if (json_object_get(definitions, key))
            continue;
        json_object_set(definitions, key, definition);
        bundle(definition, definitions);
    }
    json_decref(schema);
}

/*
 * Schemas share definitions: "$ref": "OTHER.schema.json#/definitions/X", or all of OTHER. What is printed
 * stands alone, so those of the other schema come along, and the reference becomes one to the schema itself.
 */
static void bundle(json_t *value, json_t *definitions)
{
    const char *key;
    json_t *child;

    json_object_foreach(value, key, child)
    {
        const char *text = strcmp(key, "$ref") == 0 ? json_string_value(child) : NULL;
        const char *suffix = text ? strstr(text, SUFFIX) : NULL;
        if (suffix) {
            const char *hash = suffix + strlen(SUFFIX);
            json_t *local =
                *hash ? json_string(hash) : json_sprintf("#/definitions/%.*s", (int)(suffix - text), text);
            adopt(text, (size_t)(hash - text), !*hash, definitions);
            json_object_set_new(value, key, local);
        } else {
            bundle(child, definitions);
        }
    }
    for (size_t i = 0; i < json_array_size(value); i++)
        bundle(json_array_get(value, i), definitions);
}

static void print_whole(const smref_embedded *file)
{
    json_t *schema = json_loadb(file->text, file->size, 0, NULL);
    json_t *own = json_object_get(schema, "definitions"), *definitions = json_object(), *definition;
    const char *key;

    /* Of two definitions of one name the schema's own would win: put those first. */
    json_object_foreach(own, key, definition)
    {
        json_object_set(definitions, key, definition);
    }
    bundle(schema, definitions);
    if (json_object_size(definitions))
        json_object_set(schema, "definitions", definitions);
    char *text = smref_canonical_text(schema);
    fputs(text, stdout);
    free(text);
    json_decref(definitions);
    json_decref(schema);
}

static int print_schema(const char *wanted)
{
    const smref_embedded *found = NULL, *file;
    char names[MAX_SCHEMAS][NAME_ROOM];

    for (size_t i = 0; i < MAX_SCHEMAS && (file = schema_at(i, names[0])) != NULL; i++)
        if (is_named(names[0], wanted))
            found = file;
    if (!found) {
        const char *nearest = smref_nearest(wanted, next_name, names);
        return smref_usage("schema", "no such format: %.60s%s%s", wanted, nearest ? "; nearest: " : "",
                           nearest ? nearest : "");
    }
    print_whole(found);
    return smref_finish(SMREF_EXIT_OK);
}

/* The text of the schema's "title", without the name of the format: what the format is for. */
static void print_line(const smref_embedded *file, const char *name)
{
    json_t *schema = json_loadb(file->text, file->size, 0, NULL);
    const char *title = json_string_value(json_object_get(schema, "title"));
    const char *colon = title ? strstr(title, ": ") : NULL;

    printf("%-22s %s\n", name, colon ? colon + 2 : title ? title : "");
    json_decref(schema);
}

int smref_cmd_schema(int argc, char **argv)
{
    char name[NAME_ROOM];
    const smref_embedded *file;
    int option;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        if (option != 'h')
            return SMREF_EXIT_USAGE;
        fputs(help, stdout);
        return smref_finish(SMREF_EXIT_OK);
    }
    if (optind + 1 < argc)
        return smref_usage("schema", "one format at a time");
    if (optind < argc)
        return print_schema(argv[optind]);
    for (size_t i = 0; (file = schema_at(i, name)) != NULL; i++)
        print_line(file, name);
    return smref_finish(SMREF_EXIT_OK);
}
