/* `smref capture`: memory that is fetched once, in large pieces, and what of it goes into the snapshot. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "command.h"
#include "stage2_look.h"

#define PAGE 4096u
#define PIECE (4u << 20) /* that is fetched at once */
#define MOST_LEFT_OUT 16
#define LOOKS 16 /* how often all that may be taken is looked at, by other ways */

void smref_capture_leave_out(smref_capture *capture, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (size_t i = 0; i < capture->left_out_count; i++)
        if (strcmp(capture->left_out[i], text) == 0)
            return;
    if (capture->left_out_count == MOST_LEFT_OUT)
        return;
    capture->left_out =
        smref_resize(capture->left_out, capture->left_out_count + 1, sizeof *capture->left_out);
    if (capture->left_out_count == MOST_LEFT_OUT - 1)
        snprintf(text, sizeof text, "and more");
    capture->left_out[capture->left_out_count++] = smref_copy_text(text);
}

void smref_capture_free(smref_capture *capture)
{
    for (size_t i = 0; i < capture->area_count; i++)
        free(capture->areas[i].comment);
    for (size_t i = 0; i < capture->entry_count; i++) {
        free(capture->entries[i].ste);
        free(capture->entries[i].comment);
    }
    for (size_t i = 0; i < capture->left_out_count; i++)
        free(capture->left_out[i]);
    free(capture->areas);
    free(capture->entries);
    free(capture->left_out);
    smref_seen_free(capture->fetched);
    smref_seen_free(capture->seen);
    smref_free(capture->smmu);
    smref_sparse_free(capture->memory);
}

/* ---- Fetching -------------------------------------------------------------------------------------- */

static bool fail(smref_capture *capture)
{
    capture->failed = true;
    return false;
}

static bool fetch_run(smref_capture *capture, uint64_t at, uint64_t size)
{
    uint8_t *bytes = smref_alloc(size < PIECE ? (size_t)size : PIECE, 1);
    bool good = true;

    while (good && size) {
        size_t piece = size < PIECE ? (size_t)size : PIECE;
        good = smref_live_read(capture->live, at, piece, bytes, capture->error);
        if (good && smref_sparse_store(capture->memory, SMREF_PAS_NS, at, bytes, piece) != SMREF_OK) {
            snprintf(capture->error->text, sizeof capture->error->text, "the host has no memory left");
            good = false;
        }
        at += piece;
        size -= piece;
    }
    free(bytes);
    return good || fail(capture);
}

/* Whether the page was not fetched yet, of the memory that starts at `first`; from now on it counts as
 * fetched. */
static bool new_page(smref_capture *capture, uint64_t page, uint64_t first)
{
    const uint64_t key[4] = {page, first, 0, 0};

    return smref_seen_add(&capture->fetched, key);
}

/* Sees to it that [at, at + size), which is memory up to `last` at least, was fetched: whole pages, those
 * that lie side by side together. */
static bool fetch(smref_capture *capture, uint64_t at, uint64_t size, uint64_t first, uint64_t last)
{
    uint64_t from = at & ~(uint64_t)(PAGE - 1), end = at + (size - 1), run = 0, start = 0;

    for (uint64_t page = from; page <= end; page += PAGE) {
        uint64_t begin = page > first ? page : first;
        uint64_t stop = page + (PAGE - 1) < last ? page + (PAGE - 1) : last;
        if (!new_page(capture, page, first)) {
            if (run && !fetch_run(capture, start, run))
                return false;
            run = 0;
            continue;
        }
        start = run ? start : begin;
        run += stop - begin + 1;
        if (page > UINT64_MAX - PAGE)
            break;
    }
    return !run || fetch_run(capture, start, run);
}

/* ---- Areas ----------------------------------------------------------------------------------------- */

static uint64_t last_of(const smref_capture_area *area)
{
    return area->at + (area->size - 1);
}

/* The first area that ends at `at` or later. */
static size_t area_from(const smref_capture *capture, uint64_t at)
{
    size_t low = 0, high = capture->area_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (last_of(&capture->areas[middle]) < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert_area(smref_capture *capture, size_t where, uint64_t at, uint64_t size, const char *comment)
{
    if (capture->area_count == capture->area_room) {
        capture->area_room = capture->area_room ? 2 * capture->area_room : 64;
        capture->areas = smref_resize(capture->areas, capture->area_room, sizeof *capture->areas);
    }
    memmove(&capture->areas[where + 1], &capture->areas[where],
            (capture->area_count - where) * sizeof *capture->areas);
    capture->areas[where] = (smref_capture_area){at, size, comment ? smref_copy_text(comment) : NULL};
    capture->area_count++;
    capture->taken += size;
}

/* Pieces of one array are one area. */
static bool extend_area(smref_capture *capture, size_t where, uint64_t at, uint64_t size, const char *comment)
{
    smref_capture_area *before = where ? &capture->areas[where - 1] : NULL;

    if (!before || before->at + before->size != at || !comment || !before->comment ||
        strcmp(before->comment, comment) != 0)
        return false;
    before->size += size;
    capture->taken += size;
    return true;
}

/* Adds what of [at, at + size) is in no area yet. */
static void add_area(smref_capture *capture, uint64_t at, uint64_t size, const char *comment)
{
    uint64_t last = at + (size - 1);

    for (;;) {
        size_t where = area_from(capture, at);
        const smref_capture_area *next = where < capture->area_count ? &capture->areas[where] : NULL;
        uint64_t end = !next || next->at > last ? last : next->at - 1;
        bool inside = next && next->at <= at;
        if (!inside && !extend_area(capture, where, at, end - at + 1, comment))
            insert_area(capture, where, at, end - at + 1, comment);
        if (inside)
            end = last_of(next);
        if (end >= last)
            return;
        at = end + 1;
    }
}

/* ---- Entries --------------------------------------------------------------------------------------- */

void smref_capture_note(smref_capture *capture, uint64_t at, smref_layout layout, const uint64_t *ste,
                        const char *comment)
{
    const size_t ste_bytes = smref_layout_at(SMREF_LAYOUT_STE)->bytes;
    smref_capture_entry *entry;

    if (capture->entry_count == capture->entry_room) {
        capture->entry_room = capture->entry_room ? 2 * capture->entry_room : 64;
        capture->entries = smref_resize(capture->entries, capture->entry_room, sizeof *capture->entries);
    }
    entry = &capture->entries[capture->entry_count];
    *entry = (smref_capture_entry){.at = at, .layout = layout, .order = capture->entry_count++};
    if (comment)
        entry->comment = smref_copy_text(comment);
    if (ste) {
        entry->ste = smref_alloc(ste_bytes, 1);
        memcpy(entry->ste, ste, ste_bytes);
    }
}

/* ---- Arrays ---------------------------------------------------------------------------------------- */

#define BLOCK_WORDS 512

struct array_walk {
    const smref_capture_array *array;
    smref_capture_entry_found *entry;
    void *context;
};

static bool all_zero(const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words[i])
            return false;
    return true;
}

/* Entries from number `index` on, which lie at `at`, are memory, and were fetched. */
static void look_at(smref_capture *capture, const struct array_walk *walk, uint64_t index, uint64_t at,
                    uint64_t count)
{
    const unsigned words_each = walk->array->entry_bytes / 8;
    const uint64_t block = BLOCK_WORDS / words_each;
    const smref_memory memory = smref_sparse_interface(capture->memory);
    uint64_t words[BLOCK_WORDS];

    for (uint64_t i = 0; i < count && !capture->failed; i += block) {
        unsigned many = (unsigned)((count - i < block ? count - i : block) * words_each);
        for (unsigned k = 0; k < many; k += 8)
            (void)memory.read(memory.context, SMREF_PAS_NS, at + i * walk->array->entry_bytes + k * 8,
                              many - k < 8 ? many - k : 8, &words[k]);
        for (unsigned k = 0; k < many && !capture->failed; k += words_each)
            if (!all_zero(&words[k], words_each))
                walk->entry(capture, walk->context, index + i + k / words_each,
                            at + i * walk->array->entry_bytes + k * 8, &words[k]);
    }
}

static bool spent(smref_capture *capture, const smref_capture_array *array, uint64_t at, uint64_t size)
{
    if ((capture->looked >> 20) != ((capture->looked + size) >> 20))
        smref_progress("%" PRIu64 " MiB looked at, %" PRIu64 " KiB taken", capture->looked >> 20,
                       capture->taken >> 10);
    capture->looked += size;
    if (capture->taken + size <= capture->limit && capture->looked / LOOKS <= capture->limit)
        return false;
    capture->full = true;
    smref_capture_leave_out(capture, "0x%" PRIx64 ", %s, and what it leads to: more than --limit %" PRIu64,
                            at, array->comment, capture->limit >> 20);
    return true;
}

/* A descriptor of stage 2; its table was taken before. */
static bool read_word(void *context, uint64_t address, uint64_t *word)
{
    smref_capture *capture = context;
    const smref_live_place *place;
    uint64_t last;

    if (smref_live_at(capture->live, address, &last, &place) != SMREF_LIVE_MEMORY ||
        !fetch(capture, address, 8, place->first, place->last))
        return false;
    const smref_memory memory = smref_sparse_interface(capture->memory);
    return memory.read(memory.context, SMREF_PAS_NS, address, 1, word) == SMREF_MEM_OK;
}

/* An address beyond the address size may be truncated (3.4.3): there it is looked for. */
static uint64_t within(uint64_t address, unsigned bits)
{
    return bits >= 64 ? address : address & ((UINT64_C(1) << bits) - 1);
}

/* What one look takes: from `offset` of the array on, *span bytes that are alike. False: there is nothing to
 * look at. */
static bool find_span(smref_capture *capture, const smref_capture_array *array, uint64_t offset, uint64_t *at,
                      uint64_t *span, const smref_live_place **place)
{
    uint64_t translated, last;
    smref_live_kind kind;

    *at = array->base + offset;
    if (array->stage2) {
        uint64_t ipa = within(*at, smref_intermediate_bits(capture->smmu));
        bool found =
            smref_stage2_look(capture->smmu, array->stage2, read_word, capture, ipa, at, &translated);
        *span = *span < translated ? *span : translated;
        if (!found)
            return false;
    }
    *at = within(*at, smref_output_bits(capture->smmu));
    kind = smref_live_at(capture->live, *at, &last, place);
    if (last - *at < *span - 1)
        *span = last - *at + 1;
    if (kind == SMREF_LIVE_DEVICE)
        smref_capture_leave_out(capture, "0x%" PRIx64 ", %s: the device %s is there", *at, array->comment,
                                (*place)->name);
    return kind == SMREF_LIVE_MEMORY;
}

bool smref_capture_take(smref_capture *capture, const smref_capture_array *array,
                        smref_capture_entry_found *entry, void *context)
{
    const struct array_walk walk = {array, entry, context};
    const uint64_t total = array->count * array->entry_bytes;
    const smref_live_place *place;
    uint64_t at, span;

    for (uint64_t offset = 0; offset < total && !capture->failed && !capture->full; offset += span) {
        span = total - offset;
        bool memory = find_span(capture, array, offset, &at, &span, &place);
        span -= span % array->entry_bytes;
        if (!span) { /* an entry of which the memory holds a part */
            span = array->entry_bytes;
            memory = false;
        }
        if (!memory)
            continue;
        span = span < PIECE ? span : PIECE;
        if (spent(capture, array, at, span) || !fetch(capture, at, span, place->first, place->last))
            break;
        add_area(capture, at, span, array->comment);
        if (entry)
            look_at(capture, &walk, offset / array->entry_bytes, at, span / array->entry_bytes);
    }
    return !capture->failed && !capture->full;
}
