/*
 * The memory of a machine as regions: what was declared, as it was declared; contents that changed, with what
 * they hold now; and what was stored elsewhere as patches behind them. Fills and files are never expanded.
 */
#define _XOPEN_SOURCE 700

#include "save_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"
#include "vocabulary.h"

#define PAGE 4096u

/* Bytes that follow each other, on their way to one region: whole words, or bytes that are no whole word. */
struct run {
    smref_pas pas;
    uint64_t at;
    bool words;
    uint8_t *bytes;
    size_t size, room;
};

struct saver {
    const smref_snapshot *snapshot;
    const smref_jdoc *doc;
    const char *path;
    smref_sparse *now;
    smref_sparse *listed; /* what the regions that are listed so far load to */
    const smref_region **contents;
    size_t content_count;
    struct run run;
    json_t *out;
    smref_jerror *error;
};

static uint64_t last_of(const smref_region *region)
{
    return region->at + (region->size - 1);
}

static bool is_ground(const smref_region *region)
{
    return region->kind == SMREF_REGION_FILL || region->kind == SMREF_REGION_FILE;
}

/* ---- Regions of the snapshot ----------------------------------------------------------------------- */

static json_t *new_region(smref_pas pas, uint64_t at, const uint8_t *bytes, size_t size, bool words)
{
    json_t *out = json_object();

    json_object_set_new(out, "pas", json_string(smref_spell_pas(pas)));
    json_object_set_new(out, "at", smref_hex_json(at));
    if (words) {
        uint64_t *list = smref_alloc(size / 8, sizeof *list);
        smref_bytes_to_words(bytes, size / 8, list);
        json_object_set_new(out, "u64", smref_hex_words(list, size / 8));
        free(list);
    } else {
        json_object_set_new(out, "hex", smref_hex_dump(bytes, size));
    }
    return out;
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Another folder sees a relative path otherwise. */
static bool list_file(struct saver *s, const smref_region *region)
{
    const smref_jnode *file = smref_jget(region->node, "file");
    const char *text = json_string_value(file->value);
    size_t folder = folder_length(s->doc->file);
    json_t *out = json_copy(region->node->value);

    json_array_append_new(s->out, out);
    if (text[0] == '/' || (folder == folder_length(s->path) && strncmp(s->doc->file, s->path, folder) == 0))
        return true;
    char *beside = smref_path_beside(s->doc->file, text), *whole = realpath(beside, NULL);
    free(beside);
    if (!whole)
        return smref_jfail(s->doc, file, s->error, "%s", strerror(errno));
    json_object_set_new(out, "file", json_string(whole));
    free(whole);
    return true;
}

/* As they were written, unless what they hold has changed. */
static bool list_contents(struct saver *s, const smref_region *region)
{
    const smref_jnode *comment = smref_jget(region->node, "comment");
    size_t size = (size_t)region->size;
    uint8_t *held = smref_alloc(size, 1);
    bool good = smref_sparse_load(s->now, region->pas, region->at, held, size) == SMREF_OK;
    json_t *out;

    if (good && memcmp(held, region->bytes, size) == 0) {
        out = json_incref(region->node->value);
    } else {
        out = new_region(region->pas, region->at, held, size, region->kind != SMREF_REGION_HEX);
        if (comment)
            json_object_set(out, "comment", comment->value);
        good = good && smref_sparse_store(s->listed, region->pas, region->at, held, size) == SMREF_OK;
    }
    json_array_append_new(s->out, out);
    free(held);
    return good || smref_jfail(s->doc, region->node, s->error, "the host has no memory left");
}

static bool list_regions(struct saver *s)
{
    const smref_regions *memory = &s->snapshot->memory;
    bool good = true;

    for (size_t i = 0; good && i < memory->count; i++) {
        const smref_region *region = &memory->list[i];
        if (region->mirrors)
            continue;
        if (region->kind == SMREF_REGION_FILL)
            json_array_append(s->out, region->node->value);
        else
            good = region->kind == SMREF_REGION_FILE ? list_file(s, region) : list_contents(s, region);
    }
    return good;
}

/* ---- What was stored elsewhere --------------------------------------------------------------------- */

static void end_run(struct saver *s)
{
    struct run *run = &s->run;

    if (run->size)
        json_array_append_new(s->out, new_region(run->pas, run->at, run->bytes, run->size, run->words));
    run->size = 0;
}

static void add_to_run(struct saver *s, smref_pas pas, uint64_t at, const uint8_t *bytes, size_t size)
{
    struct run *run = &s->run;
    bool words = size == 8;

    if (run->size && (run->pas != pas || run->words != words || run->at + run->size != at))
        end_run(s);
    if (!run->size) {
        run->pas = pas;
        run->at = at;
        run->words = words;
    }
    if (run->room < run->size + size) {
        run->room = run->room ? run->room * 2 : PAGE;
        run->bytes = smref_resize(run->bytes, run->room, 1);
    }
    memcpy(run->bytes + run->size, bytes, size);
    run->size += size;
}

/* Whether a region may be made of the word: it is declared, and none of it listed as contents. */
static bool is_free(const struct saver *s, smref_pas pas, uint64_t at)
{
    size_t low = 0, high = s->content_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const smref_region *region = s->contents[middle];
        if (region->pas < pas || (region->pas == pas && last_of(region) < at))
            low = middle + 1;
        else
            high = middle;
    }
    return smref_regions_cover(&s->snapshot->memory, NULL, pas, at, 8) &&
           (low == s->content_count || s->contents[low]->pas != pas || s->contents[low]->at > at + 7);
}

static void list_word(struct saver *s, smref_pas pas, uint64_t at, const uint8_t *now, const uint8_t *was)
{
    if (memcmp(now, was, 8) == 0)
        return;
    if (is_free(s, pas, at)) {
        add_to_run(s, pas, at, now, 8);
        return;
    }
    for (unsigned i = 0; i < 8; i++)
        if (now[i] != was[i])
            add_to_run(s, pas, at + i, &now[i], 1);
}

/* Contents are listed already, and so are alike on both sides. */
static bool list_page(struct saver *s, smref_pas pas, uint64_t page)
{
    uint8_t now[PAGE] = {0}, was[PAGE] = {0};
    uint64_t last = page + (PAGE - 1), at = page;
    const smref_region *region;

    while ((region = smref_region_from(&s->snapshot->memory, pas, at)) != NULL && region->at <= last) {
        uint64_t first = region->at > at ? region->at : at;
        uint64_t end = last_of(region) < last ? last_of(region) : last;
        size_t offset = (size_t)(first - page), size = (size_t)(end - first) + 1;
        if (smref_sparse_load(s->now, pas, first, now + offset, size) != SMREF_OK ||
            smref_sparse_load(s->listed, pas, first, was + offset, size) != SMREF_OK)
            return smref_jfail(s->doc, NULL, s->error, "the host has no memory left");
        if (end == last)
            break;
        at = end + 1;
    }
    for (unsigned i = 0; i < PAGE; i += 8)
        list_word(s, pas, page + i, now + i, was + i);
    return true;
}

struct place {
    smref_pas pas;
    uint64_t at;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->pas != y->pas)
        return x->pas < y->pas ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static bool list_stored(struct saver *s)
{
    struct place *pages = NULL, page;
    size_t count = 0, room = 0, cursor = 0;
    bool good = true;

    while (smref_sparse_next_stored(s->now, &cursor, &page.pas, &page.at)) {
        if (count == room) {
            room = room ? room * 2 : 64;
            pages = smref_resize(pages, room, sizeof *pages);
        }
        pages[count++] = page;
    }
    if (count)
        qsort(pages, count, sizeof *pages, by_place);
    for (size_t i = 0; good && i < count; i++)
        good = list_page(s, pages[i].pas, pages[i].at);
    end_run(s);
    free(pages);
    return good;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
    const smref_region *const *x = a, *const *y = b;
    struct place first = {(*x)->pas, (*x)->at}, second = {(*y)->pas, (*y)->at};

    return by_place(&first, &second);
}

static void find_contents(struct saver *s)
{
    const smref_regions *memory = &s->snapshot->memory;

    s->contents = smref_alloc(memory->count, sizeof *s->contents);
    for (size_t i = 0; i < memory->count; i++)
        if (!is_ground(&memory->list[i]))
            s->contents[s->content_count++] = &memory->list[i];
    qsort(s->contents, s->content_count, sizeof *s->contents, by_address);
}

json_t *smref_save_memory(const smref_snapshot *snapshot, const smref_jdoc *doc, const smref_machine *machine,
                          const char *path, smref_jerror *error)
{
    struct saver s = {.snapshot = snapshot, .doc = doc, .path = path, .now = machine->memory, .error = error};
    bool good;

    s.out = json_array();
    s.listed = smref_sparse_new(snapshot->unmapped);
    find_contents(&s);
    good = (s.listed && smref_aliases_lay(snapshot->aliases, s.listed) &&
            smref_regions_lay(&snapshot->memory, s.listed)) ||
           smref_jfail(doc, NULL, error, "the host has no memory left");
    good = good && list_regions(&s) && list_stored(&s);
    smref_sparse_free(s.listed);
    free(s.contents);
    free(s.run.bytes);
    if (good)
        return s.out;
    json_decref(s.out);
    return NULL;
}
