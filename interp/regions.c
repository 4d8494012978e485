/* The memory of a snapshot: regions, checked against each other, then laid out in a sparse memory. */
#include "regions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "envelope.h"
#include "vocabulary.h"

/* ---- Reading one ----------------------------------------------------------------------------------- */

static const char *const contents_keys[] = {"fill", "file", "hex", "u64", "struct", NULL};

/* A key that belongs to another kind of region would be ignored; say so instead. */
static bool check_company(const smref_jdoc *doc, const smref_jnode *node, smref_region_kind kind,
                          smref_jerror *error)
{
    const smref_jnode *size = smref_jget(node, "size"), *offset = smref_jget(node, "offset"),
                      *fields = smref_jget(node, "fields");

    if (size && kind != SMREF_REGION_FILL && kind != SMREF_REGION_FILE)
        return smref_jfail(doc, size, error, "the size follows from \"%s\"", contents_keys[kind]);
    if (!size && kind == SMREF_REGION_FILL)
        return smref_jfail(doc, node, error, "no \"size\"");
    if (offset && kind != SMREF_REGION_FILE)
        return smref_jfail(doc, offset, error, "belongs to \"file\"");
    if (fields && kind != SMREF_REGION_STRUCT)
        return smref_jfail(doc, fields, error, "belongs to \"struct\"");
    return true;
}

static bool read_kind(const smref_jdoc *doc, const smref_jnode *node, smref_region *region,
                      smref_jerror *error)
{
    const smref_jnode *found = NULL, *other;
    int i;

    for (i = 0; contents_keys[i]; i++) {
        other = smref_jget(node, contents_keys[i]);
        if (other && found)
            return smref_jfail(doc, other, error, "the region holds \"%s\" already", found->key);
        if (other) {
            found = other;
            region->kind = (smref_region_kind)i;
        }
    }
    if (!found)
        return smref_jfail(doc, node, error, "holds nothing: give struct, u64, hex, fill or file");
    return check_company(doc, node, region->kind, error);
}

static bool read_contents(const smref_jdoc *doc, const smref_jnode *node, struct smref_owned **owned,
                          smref_region *region, smref_jerror *error)
{
    const smref_jnode *given = smref_jget(node, "size"), *at;
    const smref_jnode *held = smref_jget(node, contents_keys[region->kind]);
    smref_contents contents = {NULL, 0};
    uint64_t size = 0, number = 0;
    bool good = false;

    if (given && !smref_jnumber(doc, given, UINT64_MAX, &size, error))
        return false;
    if (given && size == 0)
        return smref_jfail(doc, given, error, "must not be 0");
    switch (region->kind) {
    case SMREF_REGION_FILL:
        contents.size = size;
        good = smref_jnumber(doc, held, UINT8_MAX, &number, error);
        region->fill = (uint8_t)number;
        break;
    case SMREF_REGION_FILE:
        at = smref_jget(node, "offset");
        good = (!at || smref_jnumber(doc, at, INT64_MAX, &number, error)) &&
               smref_read_file(doc, held, number, size, owned, &contents, error);
        break;
    case SMREF_REGION_HEX:
        good = smref_read_hex(doc, held, owned, &contents, error);
        break;
    case SMREF_REGION_U64:
        good = smref_read_u64(doc, held, owned, &contents, error);
        break;
    case SMREF_REGION_STRUCT:
        good = smref_read_struct(doc, held, smref_jget(node, "fields"), owned, &region->layout, &contents,
                                 error);
        break;
    }
    region->bytes = contents.bytes;
    region->size = contents.size;
    return good;
}

static bool read_region(const smref_jdoc *doc, const smref_jnode *node, struct smref_owned **owned,
                        smref_region *region, smref_jerror *error)
{
    static const char *const keys[] = {"pas",  "at",   "struct", "fields", "u64",     "hex",
                                       "size", "fill", "file",   "offset", "comment", NULL};
    const smref_jnode *pas, *at;

    *region = (smref_region){.node = node};
    if (!smref_jkeys(doc, node, keys, error) || !smref_read_text(doc, node, "comment", NULL, error))
        return false;
    pas = smref_jget(node, "pas");
    if (pas && !smref_read_pas(doc, pas, &region->pas, error))
        return false;
    at = smref_jget(node, "at");
    if (!at)
        return smref_jfail(doc, node, error, "no \"at\"");
    if (!smref_jnumber(doc, at, UINT64_MAX, &region->at, error) || !read_kind(doc, node, region, error) ||
        !read_contents(doc, node, owned, region, error))
        return false;
    if (region->kind == SMREF_REGION_STRUCT && region->at % 8)
        return smref_jfail(doc, at, error, "a structure lies at a multiple of 8");
    if (region->at + (region->size - 1) < region->at) {
        return smref_jfail(doc, node, error, "0x%llx bytes from 0x%llx on end beyond 64 bits",
                           (unsigned long long)region->size, (unsigned long long)region->at);
    }
    return true;
}

/* ---- Against each other ---------------------------------------------------------------------------- */

static uint64_t last_of(const smref_region *region)
{
    return region->at + (region->size - 1);
}

static bool is_ground(const smref_region *region)
{
    return region->kind == SMREF_REGION_FILL || region->kind == SMREF_REGION_FILE;
}

/* The first of the laid regions, by address, that ends at or after `at`. */
static size_t laid_from(const smref_regions *regions, smref_pas pas, uint64_t at)
{
    size_t low = 0, high = regions->laid_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const smref_region *region = &regions->list[regions->laid[middle]];
        if (region->pas < pas || (region->pas == pas && last_of(region) < at))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The laid region that holds the first byte at or after `at` of any, or NULL. */
const smref_region *smref_region_from(const smref_regions *regions, smref_pas pas, uint64_t at)
{
    size_t i = laid_from(regions, pas, at);
    const smref_region *region;

    if (i == regions->laid_count)
        return NULL;
    region = &regions->list[regions->laid[i]];
    return region->pas == pas ? region : NULL;
}

bool smref_regions_cover(const smref_regions *regions, const smref_regions *more, smref_pas pas, uint64_t at,
                         uint64_t size)
{
    uint64_t last = at + (size - 1);

    for (;;) {
        const smref_region *region = smref_region_from(regions, pas, at);
        if ((!region || region->at > at) && more)
            region = smref_region_from(more, pas, at);
        if (!region || region->at > at)
            return false;
        if (last_of(region) >= last)
            return true;
        at = last_of(region) + 1;
    }
}

struct placed {
    const smref_region *region;
    size_t index;
};

static int by_address(const void *a, const void *b)
{
    const struct placed *first = a, *second = b;

    if (first->region->pas != second->region->pas)
        return first->region->pas < second->region->pas ? -1 : 1;
    if (first->region->at != second->region->at)
        return first->region->at < second->region->at ? -1 : 1;
    return first->index < second->index ? -1 : 1;
}

static bool overlaps(const smref_jdoc *doc, const smref_region *a, const smref_region *b, smref_jerror *error)
{
    const smref_region *later = a->node > b->node ? a : b, *earlier = later == a ? b : a;
    const smref_alias *alias = a->mirrors ? a->mirrors : b->mirrors;
    char why[80] = "";

    if (alias)
        (void)snprintf(why, sizeof why, ": aliases[%zu] of line %u makes them one place", alias->node->index,
                       alias->node->line);
    return smref_jfail(doc, later->node, error, "0x%llx-0x%llx overlaps %s[%zu] of line %u, 0x%llx-0x%llx%s",
                       (unsigned long long)later->at, (unsigned long long)last_of(later),
                       earlier->node->parent->key ? earlier->node->parent->key : "memory",
                       earlier->node->index, earlier->node->line, (unsigned long long)earlier->at,
                       (unsigned long long)last_of(earlier), why);
}

/* Sorts what is `ground` (or what is not) and finds overlaps among it. The caller frees. */
static struct placed *place(const smref_jdoc *doc, const smref_regions *regions, bool ground, size_t *count,
                            bool *good, smref_jerror *error)
{
    struct placed *placed = smref_alloc(regions->count, sizeof *placed);
    size_t i;

    *count = 0;
    for (i = 0; i < regions->count; i++)
        if (is_ground(&regions->list[i]) == ground)
            placed[(*count)++] = (struct placed){&regions->list[i], i};
    qsort(placed, *count, sizeof *placed, by_address);
    for (i = 1; *good && i < *count; i++) {
        const smref_region *before = placed[i - 1].region, *region = placed[i].region;
        if (before->pas == region->pas && last_of(before) >= region->at)
            *good = overlaps(doc, before, region, error);
    }
    return placed;
}

static void lay_ground(smref_regions *regions, const struct placed *ground, size_t count)
{
    size_t i;

    regions->laid = smref_alloc(regions->count, sizeof *regions->laid);
    for (i = 0; i < count; i++)
        regions->laid[regions->laid_count++] = ground[i].index;
}

/* Whether a region lies in fill and file regions; those must come before it. Not at all: *patches is false.
 */
static bool check_ground(const smref_jdoc *doc, const smref_regions *regions, const smref_region *region,
                         bool *patches, smref_jerror *error)
{
    const smref_region *ground = smref_region_from(regions, region->pas, region->at);
    size_t i = laid_from(regions, region->pas, region->at);

    *patches = ground && ground->at <= last_of(region);
    if (!*patches)
        return true;
    for (; i < regions->laid_count; i++) {
        ground = &regions->list[regions->laid[i]];
        if (ground->pas != region->pas || ground->at > last_of(region))
            break;
        if (ground->node > region->node)
            return overlaps(doc, region, ground, error);
    }
    if (!smref_regions_cover(regions, NULL, region->pas, region->at, region->size)) {
        ground = smref_region_from(regions, region->pas, region->at);
        return smref_jfail(doc, region->node, error,
                           "0x%llx-0x%llx lies only partly in the %s region of line %u",
                           (unsigned long long)region->at, (unsigned long long)last_of(region),
                           contents_keys[ground->kind], ground->node->line);
    }
    return true;
}

/* The same for the base of a patch. */
static bool check_base(const smref_jdoc *doc, const smref_regions *base, smref_region *region,
                       smref_jerror *error)
{
    const smref_region *under = smref_region_from(base, region->pas, region->at);

    if (!under || under->at > last_of(region))
        return true;
    if (is_ground(region))
        return smref_jfail(doc, region->node, error, "lies over the base; only struct, u64 and hex may");
    if (!smref_regions_cover(base, NULL, region->pas, region->at, region->size)) {
        return smref_jfail(doc, region->node, error, "0x%llx-0x%llx lies only partly over the base",
                           (unsigned long long)region->at, (unsigned long long)last_of(region));
    }
    region->patches = true;
    return true;
}

/* Merges what patches nothing into the list of what is laid out, which is sorted already. */
static void lay_contents(smref_regions *regions, const struct placed *contents, size_t count)
{
    struct placed *all = smref_alloc(regions->count, sizeof *all);
    size_t total = 0, i;

    for (i = 0; i < regions->laid_count; i++)
        all[total++] = (struct placed){&regions->list[regions->laid[i]], regions->laid[i]};
    for (i = 0; i < count; i++)
        if (!contents[i].region->patches)
            all[total++] = contents[i];
    qsort(all, total, sizeof *all, by_address);
    for (i = 0; i < total; i++)
        regions->laid[i] = all[i].index;
    regions->laid_count = total;
    free(all);
}

static bool arrange(const smref_jdoc *doc, const smref_regions *base, smref_regions *regions,
                    smref_jerror *error)
{
    struct placed *ground, *contents;
    size_t ground_count, contents_count, i;
    bool good = true, patches;

    ground = place(doc, regions, true, &ground_count, &good, error);
    contents = place(doc, regions, false, &contents_count, &good, error);
    lay_ground(regions, ground, ground_count);
    for (i = 0; good && i < regions->count; i++) {
        smref_region *region = &regions->list[i];
        if (!is_ground(region)) {
            good = check_ground(doc, regions, region, &patches, error);
            region->patches = patches;
        }
        good = good && (!base || check_base(doc, base, region, error));
    }
    if (good)
        lay_contents(regions, contents, contents_count);
    free(ground);
    free(contents);
    return good;
}

/* ---- Aliases --------------------------------------------------------------------------------------- */

/* What of a region is in another space the same, of one alias. */
static void mirror(smref_regions *regions, const smref_region *region, const smref_alias *alias)
{
    uint64_t end = alias->at + (alias->size - 1), last = last_of(region);
    smref_region part = *region;

    if (!(alias->spaces >> region->pas & 1) || end < region->at || last < alias->at)
        return;
    part.mirrors = alias;
    part.at = region->at > alias->at ? region->at : alias->at;
    part.size = (last < end ? last : end) - part.at + 1;
    if (region->bytes)
        part.bytes = region->bytes + (part.at - region->at);
    for (part.pas = SMREF_PAS_NS; part.pas < SMREF_PAS_COUNT; part.pas++)
        if (part.pas != region->pas && alias->spaces >> part.pas & 1)
            regions->list[regions->count++] = part;
}

/* Each region also stands in the spaces in which its location is the same. */
static void add_mirrors(smref_regions *regions)
{
    const smref_aliases *aliases = regions->aliases;
    size_t count = regions->count;

    if (!aliases)
        return;
    regions->list = smref_resize(regions->list, count + count * aliases->count * (SMREF_PAS_COUNT - 1),
                                 sizeof *regions->list);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < aliases->count; k++)
            mirror(regions, &regions->list[i], &aliases->list[k]);
}

/* ---- All of them ----------------------------------------------------------------------------------- */

bool smref_regions_read(const smref_jdoc *doc, const smref_jnode *array, const smref_aliases *aliases,
                        const smref_regions *base, smref_regions *out, smref_jerror *error)
{
    bool good = true;
    size_t i;

    *out = (smref_regions){.aliases = aliases};
    if (!array)
        return true;
    if (!smref_jarray(doc, array, error))
        return false;
    out->list = smref_alloc(array->child_count, sizeof *out->list);
    out->count = array->child_count;
    for (i = 0; good && i < out->count; i++)
        good = read_region(doc, &array->children[i], &out->owned, &out->list[i], error);
    if (good)
        add_mirrors(out);
    good = good && arrange(doc, base, out, error);
    if (!good)
        smref_regions_free(out);
    return good;
}

void smref_regions_free(smref_regions *regions)
{
    smref_owned_free(regions->owned);
    free(regions->laid);
    free(regions->list);
    *regions = (smref_regions){.count = 0};
}

bool smref_regions_lay(const smref_regions *regions, smref_sparse *memory)
{
    smref_status status = SMREF_OK;
    size_t i;

    for (i = 0; status == SMREF_OK && i < regions->laid_count; i++) {
        const smref_region *region = &regions->list[regions->laid[i]];
        if (region->mirrors)
            continue;
        status = region->kind == SMREF_REGION_FILL
                     ? smref_sparse_declare(memory, region->pas, region->at, region->size, region->fill)
                     : smref_sparse_borrow(memory, region->pas, region->at, region->size, region->bytes);
    }
    for (i = 0; status == SMREF_OK && i < regions->count; i++) {
        const smref_region *region = &regions->list[i];
        if (region->patches && !region->mirrors)
            status = smref_sparse_store(memory, region->pas, region->at, region->bytes, (size_t)region->size);
    }
    return status == SMREF_OK;
}
