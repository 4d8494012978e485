/* Memory that lives as long as the run, and the list of complaints. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

typedef struct arena_chunk {
    struct arena_chunk *next;
    size_t used, room;
    max_align_t bytes[];
} arena_chunk;

#define CHUNK_BYTES 65536

void spec_out_of_memory(void)
{
    fprintf(stderr, "specgen: out of memory\n");
    exit(2);
}

void *spec_alloc(spec *s, size_t size)
{
    arena_chunk *chunk = s->chunks;
    size_t room, need = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    void *out;

    if (!chunk || chunk->room - chunk->used < need) {
        room = need > CHUNK_BYTES ? need : CHUNK_BYTES;
        chunk = calloc(1, sizeof *chunk + room);
        if (!chunk) {
            spec_out_of_memory();
            return NULL;
        }
        chunk->room = room;
        chunk->next = s->chunks;
        s->chunks = chunk;
    }
    out = (char *)chunk->bytes + chunk->used;
    chunk->used += need;
    return out;
}

/* Makes room for one more element: the array doubles when its count is a power of two. */
void *spec_grow(spec *s, void *array, size_t count, size_t size)
{
    void *larger;

    if (count != 0 && (count & (count - 1)) != 0)
        return array;
    larger = spec_alloc(s, (count ? 2 * count : 1) * size);
    if (count)
        memcpy(larger, array, count * size);
    return larger;
}

static const char *print_in_arena(spec *s, const char *format, va_list args)
{
    va_list again;
    int length;
    char *out;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        spec_out_of_memory();
    out = spec_alloc(s, (size_t)length + 1);
    vsnprintf(out, (size_t)length + 1, format, args);
    return out;
}

const char *spec_print(spec *s, const char *format, ...)
{
    va_list args;
    const char *out;

    va_start(args, format);
    out = print_in_arena(s, format, args);
    va_end(args);
    return out;
}

void spec_free(spec *s)
{
    arena_chunk *chunk = s->chunks, *next;
    size_t i;

    for (i = 0; i < s->error_count; i++)
        free(s->errors[i]);
    for (i = 0; i < s->doc_count; i++)
        smref_jdoc_close(&s->docs[i]);
    for (; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
}

/* Banks repeat what they share, so the same complaint may come more than once. */
static void keep_error(spec *s, const char *text)
{
    size_t i, size = strlen(text) + 1;

    for (i = 0; i < s->error_count; i++)
        if (strcmp(s->errors[i], text) == 0)
            return;
    if (s->error_count == MAX_ERRORS)
        return;
    s->errors[s->error_count] = malloc(size);
    if (!s->errors[s->error_count])
        spec_out_of_memory();
    memcpy(s->errors[s->error_count++], text, size);
}

void spec_take_error(spec *s, const smref_jerror *error)
{
    if (error->text[0])
        keep_error(s, error->text);
}

void spec_error(spec *s, place at, const char *item, const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = print_in_arena(s, format, args);
    va_end(args);
    keep_error(s, spec_print(s, "%s:%u: %s: %s", at.doc->file, at.node ? at.node->line : 1, item, text));
}

place child_of(place at, const char *key)
{
    place out = {at.doc, at.node ? smref_jget(at.node, key) : NULL};

    return out;
}
