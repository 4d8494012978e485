/* What the memory of a snapshot holds, run by run. */
#include "extents.h"

#include <stdlib.h>

#include "command.h"

struct span {
    smref_pas pas;
    uint64_t first, last;
    uint8_t fill;
};

/* Each sorted; spans of one list do not overlap. Contents lie over fills. */
struct smref_extents {
    struct span *contents, *fills;
    size_t content_count, fill_count;
};

static int by_place(const void *a, const void *b)
{
    const struct span *x = a, *y = b;

    if (x->pas != y->pas)
        return x->pas < y->pas ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

/* A patch may lie over the contents of a file: spans that overlap become one. */
static size_t join(struct span *list, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct span *before = kept ? &list[kept - 1] : NULL;
        if (before && before->pas == list[i].pas && list[i].first <= before->last) {
            if (list[i].last > before->last)
                before->last = list[i].last;
        } else {
            list[kept++] = list[i];
        }
    }
    return kept;
}

smref_extents *smref_extents_new(const smref_regions *regions)
{
    smref_extents *out = smref_alloc(1, sizeof *out);

    out->contents = smref_alloc(regions->count, sizeof *out->contents);
    out->fills = smref_alloc(regions->count, sizeof *out->fills);
    for (size_t i = 0; i < regions->count; i++) {
        const smref_region *region = &regions->list[i];
        struct span span = {region->pas, region->at, region->at + (region->size - 1), region->fill};
        if (region->kind == SMREF_REGION_FILL)
            out->fills[out->fill_count++] = span;
        else
            out->contents[out->content_count++] = span;
    }
    qsort(out->contents, out->content_count, sizeof *out->contents, by_place);
    qsort(out->fills, out->fill_count, sizeof *out->fills, by_place);
    out->content_count = join(out->contents, out->content_count);
    return out;
}

void smref_extents_free(smref_extents *extents)
{
    if (!extents)
        return;
    free(extents->contents);
    free(extents->fills);
    free(extents);
}

/* The first span that ends at or after `at`, or NULL. */
static const struct span *span_from(const struct span *list, size_t count, smref_pas pas, uint64_t at)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle].pas < pas || (list[middle].pas == pas && list[middle].last < at))
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && list[low].pas == pas ? &list[low] : NULL;
}

smref_extent smref_extent_at(const smref_extents *extents, smref_pas pas, uint64_t at)
{
    const struct span *content = span_from(extents->contents, extents->content_count, pas, at);
    const struct span *fill = span_from(extents->fills, extents->fill_count, pas, at);
    smref_extent out = {.kind = SMREF_EXTENT_HOLE, .last = UINT64_MAX};

    if (content && content->first <= at)
        return (smref_extent){.kind = SMREF_EXTENT_CONTENTS, .last = content->last};
    if (fill && fill->first <= at)
        out = (smref_extent){.kind = SMREF_EXTENT_FILL, .fill = fill->fill, .last = fill->last};
    else if (fill)
        out.last = fill->first - 1;
    if (content && content->first - 1 < out.last)
        out.last = content->first - 1;
    return out;
}
