/* `smref capture`: the snapshot: each area as zeros, and over them what is not zero, structures by name. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "capture.h"
#include "decoding.h"
#include "fields.h"
#include "hex.h"
#include "spec_words.h"
#include "vocabulary.h"

#define MOST_WORDS 32 /* of a structure */
#define PIECE_WORDS 4096u
#define SMALL_WIDTH 8 /* fields up to so many bits are small numbers */

struct writer {
    const smref_capture *capture;
    smref_capture_entry *entries; /* by address; of those at one place the first that was met counts */
    json_t *regions;
};

static json_t *region_at(uint64_t at)
{
    json_t *region = json_object();

    json_object_set_new(region, "pas", json_string(smref_spell_pas(SMREF_PAS_NS)));
    json_object_set_new(region, "at", smref_hex_json(at));
    return region;
}

static void read_words(const smref_capture *capture, uint64_t at, size_t count, uint64_t *words)
{
    const smref_memory memory = smref_sparse_interface(capture->memory);

    for (size_t i = 0; i < count; i += 8)
        (void)memory.read(memory.context, SMREF_PAS_NS, at + i * 8, count - i < 8 ? (unsigned)(count - i) : 8,
                          &words[i]);
}

/* ---- Structures ------------------------------------------------------------------------------------ */

static json_t *field_value(const smref_decoded_field *field)
{
    const smref_code_info *code = field->code;

    if (field->info->kind == SMREF_KIND_ADDRESS)
        return smref_hex_json(field->value << field->info->address_low);
    if (field->info->kind == SMREF_KIND_ENUM && code && code->name && code->low == code->high &&
        !isdigit((unsigned char)code->name[0]))
        return json_string(code->name);
    return smref_field_width(field->info) <= SMALL_WIDTH ? json_integer((json_int_t)field->value)
                                                         : smref_hex_json(field->value);
}

/* Adds a field, an element of an array behind the others. */
static void add_field(json_t *fields, const smref_decoded_field *field)
{
    json_t *list;

    if (!field->info->array_count) {
        json_object_set_new(fields, field->info->name, field_value(field));
        return;
    }
    list = json_object_get(fields, field->info->name);
    if (!list) {
        list = json_array();
        json_object_set_new(fields, field->info->name, list);
    }
    json_array_append_new(list, field_value(field));
}

static bool any_of_array(const smref_decoding *d, const smref_field_info *info)
{
    for (size_t i = 0; i < d->field_count; i++)
        if (d->fields[i].info == info && d->fields[i].value)
            return true;
    return false;
}

/* The fields that are not zero; NULL: the words hold more than they tell, such as reserved bits. */
static json_t *fields_of(const smref_decoding *d, const uint64_t *words, size_t count)
{
    uint64_t told[MOST_WORDS] = {0}, used[MOST_WORDS] = {0};
    json_t *fields = json_object();

    for (size_t i = 0; i < d->field_count; i++) {
        const smref_decoded_field *field = &d->fields[i];
        bool array = field->info->array_count != 0;
        if (!smref_field_is_named(field->info) ||
            !(array ? any_of_array(d, field->info) : field->value != 0) ||
            smref_field_get(field->info, used, field->element))
            continue;
        smref_field_set(field->info, used, field->element, smref_field_largest(field->info));
        smref_field_set(field->info, told, field->element, field->value);
        add_field(fields, field);
    }
    if (memcmp(told, words, count * sizeof *words) == 0)
        return fields;
    json_decref(fields);
    return NULL;
}

static void write_entry(struct writer *w, const smref_capture_entry *entry)
{
    const smref_layout_info *layout = smref_layout_at((unsigned)entry->layout);
    const smref_field_context reach = {.sec_sid = SMREF_SEC_NS, .ste = entry->ste};
    uint64_t words[MOST_WORDS];
    size_t count = layout->bytes / 8;
    json_t *region = region_at(entry->at), *fields;
    smref_decoding decoding;

    read_words(w->capture, entry->at, count, words);
    smref_decode_layout(w->capture->smmu, &reach, entry->layout, words, (unsigned)count, &decoding);
    fields = fields_of(&decoding, words, count);
    smref_decoding_free(&decoding);
    if (fields) {
        json_object_set_new(region, "struct", json_string(layout->name));
        json_object_set_new(region, "fields", fields);
    } else {
        json_object_set_new(region, "u64", smref_hex_words(words, count));
    }
    if (entry->comment) {
        json_t *comment = fields ? json_string(entry->comment)
                                 : json_sprintf("%s, with reserved bits: %s", layout->name, entry->comment);
        json_object_set_new(region, "comment", comment);
    }
    json_array_append_new(w->regions, region);
}

/* ---- Words ----------------------------------------------------------------------------------------- */

/* Runs of words between zeros; a single zero does not end one. */
static void write_words(struct writer *w, uint64_t at, const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && (words[end] || (end > i && end + 1 < count && words[end + 1])))
            end++;
        if (end > i) {
            json_t *region = region_at(at + i * 8);
            json_object_set_new(region, "u64", smref_hex_words(&words[i], end - i));
            json_array_append_new(w->regions, region);
        }
        i = end + 1;
    }
}

static void write_span(struct writer *w, uint64_t at, uint64_t size)
{
    uint64_t words[PIECE_WORDS];

    for (uint64_t done = 0; done < size / 8;) {
        size_t count = size / 8 - done < PIECE_WORDS ? (size_t)(size / 8 - done) : PIECE_WORDS;
        read_words(w->capture, at + done * 8, count, words);
        write_words(w, at + done * 8, words, count);
        done += count;
    }
}

/* ---- All of it ------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const smref_capture_entry *first = a, *second = b;

    if (first->at != second->at)
        return first->at < second->at ? -1 : 1;
    return (first->order > second->order) - (first->order < second->order);
}

static uint64_t end_of(const smref_capture_entry *entry)
{
    return entry->at + smref_layout_at((unsigned)entry->layout)->bytes;
}

/* An area, and the entries from number *next on that lie in it whole and apart from each other. */
static void write_area(struct writer *w, const smref_capture_area *area, size_t *next)
{
    uint64_t at = area->at, end = area->at + area->size;
    json_t *region = region_at(area->at);

    json_object_set_new(region, "size", smref_hex_json(area->size));
    json_object_set_new(region, "fill", smref_hex_json(0));
    if (area->comment)
        json_object_set_new(region, "comment", json_string(area->comment));
    json_array_append_new(w->regions, region);
    for (; *next < w->capture->entry_count && w->entries[*next].at < end; ++*next) {
        const smref_capture_entry *entry = &w->entries[*next];
        if (entry->at < at || end_of(entry) > end)
            continue;
        write_span(w, at, entry->at - at);
        write_entry(w, entry);
        at = end_of(entry);
    }
    write_span(w, at, end - at);
}

static json_t *memory_json(const smref_capture *capture)
{
    struct writer w = {.capture = capture, .regions = json_array()};
    size_t next = 0;

    w.entries = smref_alloc(capture->entry_count, sizeof *w.entries);
    if (capture->entry_count)
        memcpy(w.entries, capture->entries, capture->entry_count * sizeof *w.entries);
    qsort(w.entries, capture->entry_count, sizeof *w.entries, by_place);
    for (size_t i = 0; i < capture->area_count; i++)
        write_area(&w, &capture->areas[i], &next);
    free(w.entries);
    return w.regions;
}

json_t *smref_capture_json(const smref_capture *capture, const char *description, const char *profile)
{
    json_t *out = json_object();

    json_object_set_new(out, "format", json_string("smref-snapshot"));
    json_object_set_new(out, "version", json_string("1.0"));
    json_object_set_new(out, "description", json_string(description));
    if (profile)
        json_object_set_new(out, "profile", json_string(profile));
    json_object_set_new(out, "registers", smref_registers_json(capture->registers, NULL));
    json_object_set_new(out, "memory", memory_json(capture));
    json_object_set_new(out, "unmapped", json_string("abort"));
    return out;
}
