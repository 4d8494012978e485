/* Every bit of every container is described exactly once, whichever variants hold. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

/* The bits that a list of items covers, and for each the field that does. */
typedef struct cover {
    const field **by;
    unsigned bits;
} cover;

static const char *label(spec *s, const field *f)
{
    char bits[64];

    return spec_print(s, "%s (%s)",
                      f->name                   ? f->name
                      : f->kind == FIELD_IMPDEF ? "impdef"
                                                : "reserved",
                      bits_text(f, bits, sizeof bits));
}

static const char *item_name(spec *s, const field *f)
{
    return spec_print(s, "%s.%s", f->owner->name, f->name ? f->name : "reserved");
}

static void claim(spec *s, cover *c, const field *f)
{
    const field *other = NULL;
    unsigned bit, p;

    for (p = 0; p < f->piece_count; p++) {
        if (f->pieces[p].msb >= c->bits) {
            spec_error(s, f->at, item_name(s, f), "bits %u:%u are outside the %u bits of %s",
                       f->pieces[p].msb, f->pieces[p].lsb, c->bits, f->owner->name);
            return;
        }
        for (bit = f->pieces[p].lsb; bit <= f->pieces[p].msb; bit++) {
            if (c->by[bit] && c->by[bit] != other) {
                other = c->by[bit];
                spec_error(s, f->at, item_name(s, f), "bits %u:%u overlap %s", f->pieces[p].msb,
                           f->pieces[p].lsb, label(s, other));
            }
            c->by[bit] = f;
        }
    }
}

static void cover_items(spec *s, const container *of, cover *c, const item_list *list);

/* Covers what the first variant covers, after checking that the others cover the same. */
static void cover_set(spec *s, const container *of, cover *c, const variant_set *set)
{
    cover first = {NULL, c->bits}, next = {NULL, c->bits};
    unsigned bit;
    size_t i;

    if (set->variants.count < 2) {
        spec_error(s, set->at, of->name, "variants come in twos or more");
        return;
    }
    first.by = spec_alloc(s, c->bits * sizeof *first.by);
    cover_items(s, of, &first, &set->variants.at[0].items);
    for (i = 0; i < set->variants.count; i++)
        if ((set->variants.at[i].when.text == NULL) != (i + 1 == set->variants.count))
            spec_error(s, set->variants.at[i].at, of->name, "the last variant, and only it, has no \"when\"");
    for (i = 1; i < set->variants.count; i++) {
        next.by = spec_alloc(s, c->bits * sizeof *next.by);
        cover_items(s, of, &next, &set->variants.at[i].items);
        for (bit = 0; bit < c->bits; bit++) {
            if (!first.by[bit] != !next.by[bit]) {
                spec_error(s, set->variants.at[i].at, of->name,
                           first.by[bit] ? "bit %u of the first variant is not in this one"
                                         : "bit %u of this variant is not in the first one",
                           bit);
                break;
            }
        }
    }
    for (bit = 0; bit < c->bits; bit++) {
        if (first.by[bit] && c->by[bit]) {
            spec_error(s, set->at, of->name, "bit %u of the variants overlaps %s", bit, label(s, c->by[bit]));
            break;
        }
        c->by[bit] = first.by[bit] ? first.by[bit] : c->by[bit];
    }
}

static void cover_items(spec *s, const container *of, cover *c, const item_list *list)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        if (list->at[i].field)
            claim(s, c, list->at[i].field);
        else
            cover_set(s, of, c, list->at[i].set);
}

static void check_gaps(spec *s, const container *of, const cover *c)
{
    unsigned bit, end;

    for (bit = 0; bit < c->bits; bit = end + 1) {
        end = bit;
        if (c->by[bit])
            continue;
        while (end + 1 < c->bits && !c->by[end + 1])
            end++;
        spec_error(s, of->at, of->name, "bits %u:%u are not described", end, bit);
    }
}

/* ---- Fields one by one ----------------------------------------------------------------------------- */

static void check_words(spec *s, const field *f)
{
    unsigned p, i, bit;

    if (f->width > 64 && f->name && !f->array_count) {
        spec_error(s, f->at, item_name(s, f), "a field has 64 bits at most, this one has %u", f->width);
        return;
    }
    for (p = 0; p < f->piece_count; p++) {
        bit = f->pieces[p].lsb;
        if (!f->array_count && f->kind != FIELD_RESERVED && f->kind != FIELD_IMPDEF &&
            bit / 64 != f->pieces[p].msb / 64) {
            spec_error(s, f->at, item_name(s, f), "bits %u:%u cross a word of 64 bits", f->pieces[p].msb,
                       bit);
        }
        for (i = 0; i < f->array_count; i++, bit += f->array_width) {
            if (bit / 64 != (bit + f->array_width - 1) / 64) {
                spec_error(s, f->at, item_name(s, f), "element %u (%u:%u) crosses a word of 64 bits", i,
                           bit + f->array_width - 1, bit);
                break;
            }
        }
    }
}

static void check_confidence(spec *s, const field *f)
{
    const char *c = f->confidence;

    if (!c || strcmp(c, "T") == 0)
        return;
    if (strcmp(c, "X") != 0 && strcmp(c, "?") != 0)
        spec_error(s, f->at, item_name(s, f), "confidence \"%s\" is none of T, X and ?", c);
    else if (!f->note && !f->owner->note)
        spec_error(s, f->at, item_name(s, f), "confidence %s needs a note that names the source", c);
}

/* A code may behave as one that has a meaning of its own in some version. */
static bool legal_target(const field *f, uint64_t target)
{
    const code_def *code;
    size_t i;

    for (i = 0; i < f->codes.count; i++) {
        code = &f->codes.at[i];
        if (target >= code->low && target <= code->high && !code->illegal && code->behaves_as < 0)
            return true;
    }
    return false;
}

static bool versions_meet(version_range a, version_range b)
{
    return (!a.since || !b.until || a.since <= b.until) && (!b.since || !a.until || b.since <= a.until);
}

static void check_codes(spec *s, const field *f)
{
    unsigned width = f->array_count ? f->array_width : f->width;
    const code_def *code, *other;
    size_t i, k;

    for (i = 0; i < f->codes.count; i++) {
        code = &f->codes.at[i];
        if (code->low > code->high || (width < 64 && code->high > mask_of(width))) {
            spec_error(s, code->at, item_name(s, f), "code %llu does not fit %u bits",
                       (unsigned long long)code->high, width);
        }
        if (code->behaves_as >= 0 && !legal_target(f, (uint64_t)code->behaves_as)) {
            spec_error(s, code->at, item_name(s, f), "behaves_as %lld, which is no legal code",
                       (long long)code->behaves_as);
        }
        for (k = 0; k < i; k++) {
            other = &f->codes.at[k];
            if (other->low == code->low && other->high == code->high &&
                versions_meet(other->versions, code->versions)) {
                spec_error(s, code->at, item_name(s, f), "code %llu is described twice",
                           (unsigned long long)code->low);
            }
            if (other->name && code->name && strcmp(other->name, code->name) == 0 && other->low != code->low)
                spec_error(s, code->at, item_name(s, f), "code name %s is used twice", code->name);
        }
    }
    if (f->kind == FIELD_ENUM && f->codes.count == 0)
        spec_error(s, f->at, item_name(s, f), "kind enum needs \"codes\"");
}

static bool exclusive(const branch *a, const branch *b)
{
    const branch *x, *y;

    for (x = a; x; x = x->outer) {
        for (y = b; y; y = y->outer)
            if (x->set == y->set)
                return x->index != y->index;
    }
    return false;
}

/* Two variants may hold one field, at the same bits; everything else of the same name is a mistake. */
static void check_field_names(spec *s, const container *of)
{
    const field *a, *b;
    size_t i, k;

    for (i = 0; i < of->fields.count; i++) {
        a = of->fields.at[i];
        for (k = 0; a->name && k < i; k++) {
            b = of->fields.at[k];
            if (!b->name || strcmp(a->name, b->name) != 0)
                continue;
            if (!exclusive(a->in, b->in)) {
                spec_error(s, a->at, item_name(s, a), "there are two fields of this name");
            } else if (a->piece_count != b->piece_count ||
                       memcmp(a->pieces, b->pieces, sizeof a->pieces) != 0 ||
                       a->address_low != b->address_low || a->array_count != b->array_count) {
                spec_error(s, a->at, item_name(s, a),
                           "variants hold this field at different bits: name them apart");
            }
        }
    }
}

static void check_states(spec *s, const field *f)
{
    static const char *const states[] = {"ACTIVE", "RES0", "RES1", "IGNORED", "UNKNOWN", "IMPDEF", NULL};
    size_t i, k;

    for (i = 0; i < f->state.count; i++) {
        for (k = 0; states[k] && strcmp(states[k], f->state.at[i].is) != 0; k++) {
        }
        if (!states[k])
            spec_error(s, f->state.at[i].at, item_name(s, f), "unknown state \"%s\"", f->state.at[i].is);
        if (!f->state.at[i].when.text && i + 1 != f->state.count) {
            spec_error(s, f->state.at[i].at, item_name(s, f),
                       "only the last line of \"state\" may lack \"when\"");
        }
    }
}

static void check_container(spec *s, const container *of)
{
    cover c = {spec_alloc(s, of->bits * sizeof *c.by), of->bits};
    size_t before = s->error_count, i;

    cover_items(s, of, &c, &of->items);
    if (s->error_count == before)
        check_gaps(s, of, &c);
    for (i = 0; i < of->fields.count; i++) {
        check_words(s, of->fields.at[i]);
        check_confidence(s, of->fields.at[i]);
        check_codes(s, of->fields.at[i]);
        check_states(s, of->fields.at[i]);
    }
    check_field_names(s, of);
}

/* ---- Registers ------------------------------------------------------------------------------------- */

static void check_last(spec *s, const clause_list *list, const char *item, const char *key)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        if ((list->at[i].when.text == NULL) != (i + 1 == list->count))
            spec_error(s, list->at[i].at, item, "the last line of \"%s\", and only it, has no \"when\"", key);
}

static void check_access(spec *s, const clause_list *list, const char *item)
{
    static const char *const kinds[] = {"RW", "RO", "GUARDED", "PRESET", "WO", "RAZ/WI", NULL};
    size_t i, k;

    check_last(s, list, item, "access");
    for (i = 0; i < list->count; i++) {
        for (k = 0; kinds[k] && strcmp(kinds[k], list->at[i].is) != 0; k++) {
        }
        if (!kinds[k]) {
            spec_error(s, list->at[i].at, item,
                       "unknown access \"%s\": RW, RO, GUARDED, PRESET, WO or RAZ/WI", list->at[i].is);
        }
    }
}

/* A reset value: a number that fits, UNKNOWN, IMPDEF or ID. */
static void check_reset(spec *s, const clause_list *list, const char *item, unsigned width)
{
    uint64_t value;
    char *end;
    size_t i;

    check_last(s, list, item, "reset");
    for (i = 0; i < list->count; i++) {
        if (strcmp(list->at[i].is, "UNKNOWN") == 0 || strcmp(list->at[i].is, "IMPDEF") == 0 ||
            strcmp(list->at[i].is, "ID") == 0)
            continue;
        value = strtoull(list->at[i].is, &end, 0);
        if (strncmp(list->at[i].is, "0x", 2) != 0 || *end || end - list->at[i].is > 18) {
            spec_error(s, list->at[i].at, item, "reset \"%s\" is none of 0x..., UNKNOWN, IMPDEF and ID",
                       list->at[i].is);
        } else if (value > mask_of(width)) {
            spec_error(s, list->at[i].at, item, "reset %s does not fit %u bits", list->at[i].is, width);
        }
    }
}

typedef struct extent {
    const reg *of;
    uint64_t start, end;
} extent;

static int by_block_and_start(const void *a, const void *b)
{
    const extent *x = a, *y = b;

    if (x->of->block != y->of->block)
        return x->of->block < y->of->block ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

static void check_offsets(spec *s)
{
    LIST(extent) all = {NULL, 0};
    const reg *r;
    size_t i;
    unsigned k;

    for (i = 0; i < s->regs.count; i++) {
        r = s->regs.at[i];
        for (k = 0; r->block && k < r->count; k++) {
            *PUSH(s, all) = (extent){r, r->offset + (uint64_t)k * r->stride,
                                     r->offset + (uint64_t)k * r->stride + r->c.bits / 8};
        }
        if (r->block && r->offset + (uint64_t)(r->count - 1) * r->stride + r->c.bits / 8 > r->block->size) {
            spec_error(s, r->c.at, r->c.name, "offset 0x%llx is outside block %s",
                       (unsigned long long)r->offset, r->block->name);
        }
        if (r->offset % (r->c.bits / 8) != 0)
            spec_error(s, r->c.at, r->c.name, "offset 0x%llx is not aligned", (unsigned long long)r->offset);
    }
    if (all.count)
        qsort(all.at, all.count, sizeof(extent), by_block_and_start);
    for (i = 1; i < all.count; i++) {
        if (all.at[i].of->block == all.at[i - 1].of->block && all.at[i].start < all.at[i - 1].end) {
            r = all.at[i].of;
            spec_error(s, r->c.at, r->c.name, "offset 0x%llx of %s overlaps %s",
                       (unsigned long long)all.at[i].start, r->block->name, all.at[i - 1].of->c.name);
        }
    }
}

/* The part of the reset value that is the same in every configuration. */
static void reset_of_items(const reg *r, const item_list *list, uint64_t *value, uint64_t *known)
{
    const clause_list *reset;
    uint64_t part_value, part_known, first_value, first_known, number;
    const field *f;
    size_t i, k;
    unsigned p, shift;

    for (i = 0; i < list->count; i++) {
        f = list->at[i].field;
        if (!f) {
            first_value = first_known = 0;
            for (k = 0; k < list->at[i].set->variants.count; k++) {
                part_value = part_known = 0;
                reset_of_items(r, &list->at[i].set->variants.at[k].items, &part_value, &part_known);
                first_known = k ? first_known & part_known & ~(first_value ^ part_value) : part_known;
                first_value = k ? first_value & first_known : part_value;
            }
            *value |= first_value & first_known;
            *known |= first_known;
            continue;
        }
        reset = f->reset.count ? &f->reset : &r->reset;
        if (f->kind != FIELD_RESERVED &&
            (reset->count != 1 || reset->at[0].when.text || strncmp(reset->at[0].is, "0x", 2) != 0))
            continue;
        number = f->kind == FIELD_RESERVED ? 0 : strtoull(reset->at[0].is, NULL, 16);
        for (p = 0, shift = f->width; p < f->piece_count; p++) {
            shift -= f->pieces[p].msb - f->pieces[p].lsb + 1;
            part_known = mask_of(f->pieces[p].msb - f->pieces[p].lsb + 1);
            *known |= part_known << f->pieces[p].lsb;
            *value |= (number >> shift & part_known) << f->pieces[p].lsb;
        }
    }
}

static void check_register(spec *s, reg *r)
{
    const field *f;
    size_t i;

    check_access(s, &r->access, r->c.name);
    check_reset(s, &r->reset, r->c.name, r->c.bits);
    for (i = 0; i < r->c.fields.count; i++) {
        f = r->c.fields.at[i];
        check_access(s, &f->access, item_name(s, f));
        check_reset(s, &f->reset, item_name(s, f), f->array_count ? 64 : f->width);
        if (!f->access.count && !r->access.count)
            spec_error(s, f->at, item_name(s, f), "neither the field nor the register has \"access\"");
        if (!f->reset.count && !r->reset.count && f->kind != FIELD_RESERVED)
            spec_error(s, f->at, item_name(s, f), "neither the field nor the register has \"reset\"");
    }
    reset_of_items(r, &r->c.items, &r->reset_value, &r->reset_known);
}

void check_layouts(spec *s)
{
    size_t i, before;

    for (i = 0; i < s->layouts.count; i++)
        check_container(s, &s->layouts.at[i]->c);
    for (i = 0; i < s->regs.count; i++) {
        before = s->error_count;
        check_container(s, &s->regs.at[i]->c);
        if (s->error_count == before)
            check_register(s, s->regs.at[i]);
    }
    check_offsets(s);
}
