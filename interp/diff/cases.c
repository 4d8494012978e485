/* Cases out of a generator or out of files. */
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "file_list.h"
#include "vectors.h"

/* One of the forms that a case has in a file. */
struct entry {
    const smref_jdoc *doc;
    const smref_snapshot *snapshot; /* NULL: `index` of a generated case */
    const smref_group *group;       /* of a vector, whose base the snapshot is */
    const smref_test *test;
    uint64_t index;
};

/* A document, and what was read out of it; all of them live as long as the source. */
struct held {
    smref_jdoc doc;
    smref_snapshot snapshot;
    smref_vectors vectors;
    struct held *next;
};

struct smref_cases {
    const smref_implementation *implementation;
    smref_generator *generator;
    bool generated;
    struct entry *entries;
    size_t count, room;
    struct held *held;
    smref_files files; /* whose paths the documents have */
};

smref_cases *smref_cases_generated(smref_generator *generator)
{
    smref_cases *source = smref_alloc(1, sizeof *source);

    source->generator = generator;
    source->generated = true;
    return source;
}

static void add(smref_cases *source, struct entry entry)
{
    if (source->count == source->room) {
        source->room = source->room ? 2 * source->room : 64;
        source->entries = smref_resize(source->entries, source->room, sizeof *source->entries);
    }
    source->entries[source->count++] = entry;
}

static struct held *hold(smref_cases *source)
{
    struct held *held = smref_alloc(1, sizeof *held);

    held->next = source->held;
    source->held = held;
    return held;
}

/* ---- Files of JSON --------------------------------------------------------------------------------- */

static bool add_snapshot(smref_cases *source, struct held *held, smref_jerror *error)
{
    if (!smref_snapshot_read(&held->doc, &held->doc.root, NULL, &held->snapshot, error))
        return false;
    add(source, (struct entry){.doc = &held->doc, .snapshot = &held->snapshot});
    return true;
}

static bool add_vectors(smref_cases *source, struct held *held, smref_jerror *error)
{
    if (!smref_vectors_read(&held->doc, &held->vectors, error))
        return false;
    for (size_t g = 0; g < held->vectors.group_count; g++) {
        const smref_group *group = &held->vectors.groups[g];
        for (size_t t = 0; t < group->test_count; t++)
            add(source,
                (struct entry){
                    .doc = &held->doc, .snapshot = &group->base, .group = group, .test = &group->tests[t]});
    }
    return true;
}

static const char *format_of(const smref_jdoc *doc)
{
    const smref_jnode *format = smref_jget(&doc->root, "format");

    return format && json_is_string(format->value) ? json_string_value(format->value) : "";
}

/* False with no error: a file of a folder that is none of our business. */
static bool add_json(smref_cases *source, const smref_file *file, struct held *held, smref_jerror *error)
{
    const char *format = format_of(&held->doc);

    if (strcmp(format, "smref-vectors") == 0)
        return add_vectors(source, held, error);
    if (strcmp(format, "smref-snapshot") == 0)
        return add_snapshot(source, held, error);
    return file->listed || smref_jfail(&held->doc, smref_jget(&held->doc.root, "format"), error,
                                       "neither a snapshot nor vectors");
}

/* ---- Results of campaigns -------------------------------------------------------------------------- */

/* A finding's case is a snapshot in a line of its own. */
static bool add_finding(smref_cases *source, const char *path, char *line, smref_jerror *error)
{
    struct held *held;
    json_t *json = json_loads(line, 0, NULL);
    const json_t *state = json_object_get(json_object_get(json, "finding"), "case");
    char *text = state ? json_dumps(state, JSON_COMPACT) : NULL;
    bool good = true;

    json_decref(json);
    if (!text)
        return true;
    held = hold(source);
    good = smref_jdoc_parse(&held->doc, path, text, strlen(text), error) && add_snapshot(source, held, error);
    free(text);
    return good;
}

static bool add_lines(smref_cases *source, const char *path, char *text, smref_jerror *error)
{
    for (char *line = text, *end; *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        else
            end = line + strlen(line);
        if (!add_finding(source, path, line, error))
            return false;
    }
    return true;
}

/* ---- Any file -------------------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *size)
{
    FILE *stream = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0, got;

    *size = 0;
    if (!stream)
        return NULL;
    do {
        room = room ? 2 * room : 65536;
        text = smref_resize(text, room + 1, 1);
        got = fread(text + *size, 1, room - *size, stream);
        *size += got;
    } while (*size == room);
    if (ferror(stream)) {
        free(text);
        text = NULL;
    } else {
        text[*size] = '\0';
    }
    fclose(stream);
    return text;
}

static void add_indexes(smref_cases *source, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += 8) {
        uint64_t index = 0;
        memcpy(&index, bytes + at, size - at < 8 ? size - at : 8);
        add(source, (struct entry){.index = index});
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool add_file(smref_cases *source, const smref_file *file, smref_jerror *error)
{
    const smref_jdoc unread = {.file = file->path};
    struct held *held;
    size_t size;
    char *text;
    bool good = true;

    if (ends_with(file->path, ".json")) {
        held = hold(source);
        return smref_jdoc_load(&held->doc, file->path, error) && add_json(source, file, held, error);
    }
    text = read_file(file->path, &size);
    if (!text)
        return smref_jfail(&unread, NULL, error, "cannot be read: %s", strerror(errno));
    if (ends_with(file->path, ".jsonl"))
        good = add_lines(source, file->path, text, error);
    else
        add_indexes(source, text, size);
    free(text);
    return good;
}

/* A file, or the snapshots, vectors and results of a folder. */
static bool add_path(smref_cases *source, const char *path)
{
    size_t before = source->files.count;

    if (!smref_files_add(&source->files, path))
        return false;
    if (source->files.count == before + 1 && !source->files.list[before].listed)
        return true;
    return smref_files_add_ending(&source->files, path, ".jsonl");
}

smref_cases *smref_cases_files(char *const *paths, int count, smref_jerror *error)
{
    smref_cases *source = smref_alloc(1, sizeof *source);
    bool good = true;

    for (int i = 0; good && i < count; i++)
        good = add_path(source, paths[i]) ||
               smref_jfail(&(smref_jdoc){.file = paths[i]}, NULL, error, "cannot be read");
    for (size_t i = 0; good && i < source->files.count; i++)
        good = add_file(source, &source->files.list[i], error);
    if (good && !source->count)
        good = smref_jfail(&(smref_jdoc){.file = paths[0]}, NULL, error, "no cases in it");
    if (good)
        return source;
    smref_cases_free(source);
    return NULL;
}

void smref_cases_bind(smref_cases *source, const smref_implementation *implementation,
                      smref_generator *generator)
{
    source->implementation = implementation;
    source->generator = generator;
}

void smref_cases_free(smref_cases *source)
{
    for (struct held *held = source->held, *next; held; held = next) {
        next = held->next;
        smref_snapshot_free(&held->snapshot);
        smref_vectors_free(&held->vectors);
        smref_jdoc_close(&held->doc);
        free(held);
    }
    if (source->generator)
        smref_generator_free(source->generator);
    smref_files_free(&source->files);
    free(source->entries);
    free(source);
}

/* ---- StreamIDs ------------------------------------------------------------------------------------- */

static size_t add_stream(uint32_t *sids, size_t count, size_t room, uint32_t sid)
{
    for (size_t i = 0; i < count; i++)
        if (sids[i] == sid)
            return count;
    if (count < room)
        sids[count++] = sid;
    return count;
}

size_t smref_cases_streams(const smref_cases *source, uint32_t *sids, size_t room)
{
    size_t count = 0;

    for (size_t i = 0; i < source->count; i++) {
        const struct entry *entry = &source->entries[i];
        const smref_stimuli *steps = entry->test       ? &entry->test->steps
                                     : entry->snapshot ? &entry->snapshot->steps
                                                       : NULL;
        for (size_t n = 0; steps && n < steps->count; n++) {
            const smref_stimulus *step = &steps->list[n];
            if (step->op == SMREF_OP_ACCESS && step->access.sec_sid == SMREF_SEC_NS &&
                !step->access.no_stream)
                count = add_stream(sids, count, room, step->access.sid);
        }
    }
    return count;
}

/* ---- Cases ----------------------------------------------------------------------------------------- */

uint64_t smref_cases_count(const smref_cases *source)
{
    return source->generated ? UINT64_MAX : source->count;
}

bool smref_cases_from_files(const smref_cases *source)
{
    return !source->generated;
}

const smref_generator *smref_cases_generator(const smref_cases *source)
{
    return source->generator;
}

bool smref_cases_make(const smref_cases *source, uint64_t index, smref_case *out, char why[200])
{
    const struct entry *entry;

    if (source->generated) {
        smref_generate(source->generator, index, out);
        return true;
    }
    entry = &source->entries[index];
    if (!entry->snapshot) {
        smref_generate(source->generator, entry->index, out);
    } else {
        const smref_case_origin origin = {entry->snapshot, entry->test ? &entry->test->patch : NULL,
                                          entry->test ? &entry->test->steps : NULL};
        if (!smref_case_from_snapshot(out, source->implementation, &origin,
                                      entry->test ? "vectors" : "snapshots", why))
            return false;
    }
    out->index = index;
    return true;
}
