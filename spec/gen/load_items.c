/* Fields, reserved bits and variants: the items of a layout or of one bank of a register. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

typedef struct loader {
    spec *s;
    container *c;
    const char *inherited_section;
    const bank_changes *bank;
    LIST(const char *) seen; /* names of the fields that remove and override may refer to */
} loader;

/* ---- One field ------------------------------------------------------------------------------------- */

static const char *const kind_names[] = {"uint", "flag",   "address", "enum",
                                         "id",   "opaque", "impdef",  "reserved"};

static void load_bits(spec *s, place at, field *f, const char *item)
{
    place list = child_of(at, "bits"), pair;
    uint64_t end[2];
    smref_jerror error = {{0}};
    size_t i, k;

    if (!list.node)
        spec_error(s, at, item, "\"bits\" is missing");
    if (!load_list(s, list))
        return;
    if (list.node->child_count == 0 || list.node->child_count > MAX_PIECES) {
        spec_error(s, list, item, "\"bits\" has one or two pieces");
        return;
    }
    for (i = 0; i < list.node->child_count; i++) {
        pair = load_element(list, i);
        if (!json_is_array(pair.node->value) || pair.node->child_count != 2) {
            spec_error(s, pair, item, "a piece of bits is [msb, lsb]");
            return;
        }
        for (k = 0; k < 2; k++) {
            if (!smref_jnumber(pair.doc, &pair.node->children[k], 1u << 20, &end[k], &error)) {
                spec_take_error(s, &error);
                return;
            }
        }
        if (end[0] < end[1]) {
            spec_error(s, pair, item, "bits %u:%u: the most significant bit comes first", (unsigned)end[0],
                       (unsigned)end[1]);
            return;
        }
        f->pieces[i] = (bit_range){(unsigned)end[0], (unsigned)end[1]};
        f->width += (unsigned)(end[0] - end[1] + 1);
        f->piece_count++;
    }
}

static void load_array(spec *s, place at, field *f, const char *item)
{
    static const char *const keys[] = {"count", "width", NULL};
    place array = child_of(at, "array");

    if (!array.node || !load_keys(s, array, keys))
        return;
    f->array_count = (unsigned)load_number(s, array, "count", 65535, 0);
    f->array_width = (unsigned)load_number(s, array, "width", 64, 0);
    if (f->array_count == 0 || f->array_width == 0) {
        spec_error(s, array, item, "an array needs \"count\" and \"width\" above 0");
        f->array_count = f->array_width = 0;
    } else if (f->piece_count > 1) {
        spec_error(s, array, item, "only a field of one piece has \"array\"");
    } else if (f->piece_count && f->array_count * f->array_width != f->width) {
        spec_error(s, array, item, "%u elements of %u bits do not make %u bits", f->array_count,
                   f->array_width, f->width);
    }
}

/* The values that a line of "codes" describes: 3, "0b11", "0b1xx", "0x1f" or "4..7". */
static void load_code_values(spec *s, place at, code_def *code, const char *item)
{
    place v = child_of(at, "v");
    const char *text = v.node ? json_string_value(v.node->value) : NULL;
    smref_jerror error = {{0}};
    char *end;
    size_t open;

    if (text && matches(s, PATTERN_RANGE, text)) {
        code->low = strtoull(text, &end, 0);
        code->high = strtoull(end + 2, NULL, 0);
        return;
    }
    if (text && strncmp(text, "0b", 2) == 0 && strchr(text, 'x') && matches(s, PATTERN_BITS, text + 2)) {
        open = strspn(strchr(text, 'x'), "x");
        if (*(strchr(text, 'x') + open) == '\0') {
            code->low = strtoull(text + 2, NULL, 2) << open;
            code->high = code->low | mask_of((unsigned)open);
            return;
        }
    }
    if (!v.node || !smref_jnumber(v.doc, v.node, UINT64_MAX, &code->low, &error))
        spec_error(s, at, item, "a code needs \"v\": a number, \"4..7\" or \"0b1xx\"");
    code->high = code->low;
}

static void load_codes(spec *s, place at, field *f, const char *item)
{
    static const char *const keys[] = {"v",     "name",  "means", "behaves_as", "illegal",
                                       "since", "until", "note",  NULL};
    place list = child_of(at, "codes"), line;
    code_def *code;
    size_t i;

    if (!load_list(s, list))
        return;
    for (i = 0; i < list.node->child_count; i++) {
        line = load_element(list, i);
        if (!load_keys(s, line, keys))
            continue;
        code = PUSH(s, f->codes);
        *code = (code_def){.at = line, .behaves_as = -1};
        load_code_values(s, line, code, item);
        code->name = load_text(s, line, "name");
        if (code->name && !matches(s, PATTERN_WORD, code->name))
            spec_error(s, line, item, "code name \"%s\" is no identifier", code->name);
        code->means = load_means(s, line);
        code->illegal = load_flag(s, line, "illegal");
        code->versions = load_versions(s, line, item);
        if (smref_jget(line.node, "behaves_as"))
            code->behaves_as = (int64_t)load_number(s, line, "behaves_as", INT64_MAX, 0);
    }
}

static field_kind load_field_kind(spec *s, place at, const field *f, const char *item)
{
    const char *text = load_text(s, at, "kind");
    size_t i;

    if (!text)
        return f->codes.count ? FIELD_ENUM : f->width == 1 ? FIELD_FLAG : FIELD_UINT;
    for (i = 0; i < sizeof kind_names / sizeof kind_names[0]; i++)
        if (strcmp(text, kind_names[i]) == 0)
            return (field_kind)i;
    spec_error(s, child_of(at, "kind"), item, "unknown kind \"%s\"", text);
    return FIELD_UINT;
}

static void load_cached_in(spec *s, place at, field *f, const char *item)
{
    place list = child_of(at, "cached_in"), where;
    const char *text;
    size_t i;

    for (i = 0; load_list(s, list) && i < list.node->child_count; i++) {
        where = load_element(list, i);
        text = json_string_value(where.node->value);
        if (!text || (strcmp(text, "tlb") != 0 && strcmp(text, "config") != 0))
            spec_error(s, where, item, "cached_in holds \"tlb\" and \"config\"");
        else if (strcmp(text, "tlb") == 0)
            f->in_tlb = true;
    }
}

static bool removed(const loader *l, const char *name)
{
    const smref_jnode *list = l->bank ? l->bank->remove.node : NULL;
    const char *text;
    size_t i;

    for (i = 0; list && i < list->child_count; i++) {
        text = json_string_value(list->children[i].value);
        if (text && strcmp(text, name) == 0)
            return true;
    }
    return false;
}

/* A bank's override is the field's object with some members replaced: read each from where it stands last. */
static place member_source(place base, place over, const char *key)
{
    return over.node && smref_jget(over.node, key) ? over : base;
}

static void load_field_details(loader *l, field *f, place base, place over, const char *item)
{
    spec *s = l->s;
    formula unknown_when;
    place at;

    f->title = load_text(s, member_source(base, over, "title"), "title");
    f->section = load_section(s, member_source(base, over, "section"), l->inherited_section, item);
    f->note = load_text(s, member_source(base, over, "note"), "note");
    f->confidence = load_text(s, member_source(base, over, "confidence"), "confidence");
    load_codes(s, member_source(base, over, "codes"), f, item);
    f->kind = load_field_kind(s, member_source(base, over, "kind"), f, item);
    at = member_source(base, over, "low");
    f->address_low = (unsigned)load_number(s, at, "low", 63, 0);
    if ((f->kind == FIELD_ADDRESS) != (smref_jget(at.node, "low") != NULL))
        spec_error(s, at, item, "\"low\" belongs to kind address, and only there");
    f->versions.since = load_versions(s, member_source(base, over, "since"), item).since;
    f->versions.until = load_versions(s, member_source(base, over, "until"), item).until;
    f->state = load_clauses(s, member_source(base, over, "state"), "state");
    f->reset = load_clauses(s, member_source(base, over, "reset"), "reset");
    f->access = load_clauses(s, member_source(base, over, "access"), "access");
    unknown_when = load_formula(s, member_source(base, over, "unknown_when"), "unknown_when");
    if (unknown_when.text) /* the short form of a state */
        *PUSH(s, f->state) = (clause){.when = unknown_when, .is = "UNKNOWN", .at = unknown_when.at};
    f->unknown_bits = load_formula(s, member_source(base, over, "unknown_bits"), "unknown_bits");
    if (f->unknown_bits.text && f->piece_count != 1)
        spec_error(s, f->unknown_bits.at, item, "only a field of one piece has \"unknown_bits\"");
    f->in_use = load_formula(s, member_source(base, over, "in_use"), "in_use");
    load_cached_in(s, member_source(base, over, "cached_in"), f, item);
}

static field *load_field(loader *l, place base, const branch *in)
{
    static const char *const keys[] = {"name",    "bits",         "kind",         "low",    "confidence",
                                       "section", "title",        "state",        "codes",  "since",
                                       "until",   "note",         "cached_in",    "array",  "reset",
                                       "access",  "unknown_when", "unknown_bits", "in_use", NULL};
    spec *s = l->s;
    const char *name = load_text(s, base, "name"), *item;
    place over = l->bank && name ? child_of(l->bank->override, name) : (place){NULL, NULL};
    field *f = spec_alloc(s, sizeof *f);

    if (!load_keys(s, base, keys) || (over.node && !load_keys(s, over, keys)))
        return NULL;
    f->at = over.node ? over : base;
    f->owner = l->c;
    f->in = in;
    f->name = name;
    item = spec_print(s, "%s.%s", l->c->name, name ? name : "reserved");
    if (name) {
        *PUSH(s, l->seen) = name;
        if (!matches(s, PATTERN_IDENTIFIER, name))
            spec_error(s, base, item, "the name is no identifier");
    }
    load_bits(s, member_source(base, over, "bits"), f, item);
    if (f->piece_count == 0)
        return NULL;
    load_array(s, member_source(base, over, "array"), f, item);
    load_field_details(l, f, base, over, item);
    if (!name && f->kind != FIELD_RESERVED && f->kind != FIELD_IMPDEF)
        spec_error(s, base, item, "only reserved and impdef bits may go without a name");
    if (name && f->kind == FIELD_RESERVED)
        spec_error(s, base, item, "reserved bits have no name");
    if (name && removed(l, name)) {
        *f = (field){.at = base,
                     .owner = l->c,
                     .in = in,
                     .kind = FIELD_RESERVED,
                     .width = f->width,
                     .piece_count = f->piece_count,
                     .pieces = {f->pieces[0], f->pieces[1]},
                     .section = f->section,
                     .confidence = f->confidence};
    }
    return f;
}

/* ---- Items ----------------------------------------------------------------------------------------- */

static void load_list_of_items(loader *l, place list, const branch *in, item_list *out);

static variant_set *load_variants(loader *l, place list, const branch *in)
{
    static const char *const keys[] = {"when", "fields", "note", NULL};
    variant_set *set = spec_alloc(l->s, sizeof *set);
    branch *inner;
    variant next, *slot;
    place at;
    size_t i;

    set->at = list;
    for (i = 0; load_list(l->s, list) && i < list.node->child_count; i++) {
        at = load_element(list, i);
        if (!load_keys(l->s, at, keys))
            continue;
        inner = spec_alloc(l->s, sizeof *inner);
        *inner = (branch){set, set->variants.count, in};
        next = (variant){.at = at, .when = load_formula(l->s, at, "when")};
        slot = PUSH(l->s, set->variants);
        *slot = next;
        load_list_of_items(l, child_of(at, "fields"), inner, &next.items);
        set->variants.at[inner->index] = next;
    }
    return set;
}

/* The lowest bit of an item; variants cover the same bits, so the first one stands for all. */
static unsigned lowest_bit(const layout_item *it)
{
    const item_list *first;
    unsigned lowest = UINT32_MAX, low;
    size_t i;

    if (it->field) {
        for (i = 0; i < it->field->piece_count; i++)
            lowest = it->field->pieces[i].lsb < lowest ? it->field->pieces[i].lsb : lowest;
        return lowest;
    }
    first = it->set->variants.count ? &it->set->variants.at[0].items : NULL;
    for (i = 0; first && i < first->count; i++) {
        low = lowest_bit(&first->at[i]);
        lowest = low < lowest ? low : lowest;
    }
    return lowest;
}

static void check_order(loader *l, const item_list *list, size_t from)
{
    size_t i;

    for (i = from + 1; i < list->count; i++) {
        if (lowest_bit(&list->at[i]) < lowest_bit(&list->at[i - 1])) {
            spec_error(l->s, list->at[i].field ? list->at[i].field->at : list->at[i].set->at, l->c->name,
                       "items are listed by rising bits; the one at bit %u comes after bit %u",
                       lowest_bit(&list->at[i]), lowest_bit(&list->at[i - 1]));
            return;
        }
    }
}

static void load_list_of_items(loader *l, place list, const branch *in, item_list *out)
{
    static const char *const variant_keys[] = {"variants", "note", NULL};
    size_t i, from = out->count;
    place at, variants;
    layout_item next;

    for (i = 0; load_list(l->s, list) && i < list.node->child_count; i++) {
        at = load_element(list, i);
        next = (layout_item){NULL, NULL};
        variants = json_is_object(at.node->value) ? child_of(at, "variants") : (place){NULL, NULL};
        if (variants.node) {
            if (load_keys(l->s, at, variant_keys))
                next.set = load_variants(l, variants, in);
        } else {
            next.field = load_field(l, at, in);
        }
        if (next.field || next.set)
            *PUSH(l->s, *out) = next;
    }
    check_order(l, out, from);
}

static int by_lowest_bit(const void *a, const void *b)
{
    unsigned x = lowest_bit(a), y = lowest_bit(b);

    return (x > y) - (x < y);
}

static void flatten(spec *s, container *c, const item_list *list)
{
    size_t i, k;

    for (i = 0; i < list->count; i++) {
        if (list->at[i].field)
            *PUSH(s, c->fields) = list->at[i].field;
        for (k = 0; list->at[i].set && k < list->at[i].set->variants.count; k++)
            flatten(s, c, &list->at[i].set->variants.at[k].items);
    }
}

/* ---- Mixins ---------------------------------------------------------------------------------------- */

typedef struct mixin_names {
    const spec *s;
    const char *section;
} mixin_names;

static const char *next_mixin(void *context, size_t index)
{
    const mixin_names *names = context;
    size_t i;

    for (i = 0; i < names->s->mixins.count; i++)
        if (strcmp(names->s->mixins.at[i].section, names->section) == 0 && index-- == 0)
            return names->s->mixins.at[i].name;
    return NULL;
}

static void load_include(loader *l, place include, const char *section)
{
    spec *s = l->s;
    mixin_names names = {s, section};
    const char *name, *nearest;
    size_t i, m;
    place at;

    for (i = 0; load_list(s, include) && i < include.node->child_count; i++) {
        at = load_element(include, i);
        name = json_string_value(at.node->value);
        for (m = 0; name && m < s->mixins.count; m++)
            if (strcmp(s->mixins.at[m].name, name) == 0 && strcmp(s->mixins.at[m].section, section) == 0)
                break;
        if (!name || m == s->mixins.count) {
            nearest = name ? smref_nearest(name, next_mixin, &names) : NULL;
            spec_error(s, at, l->c->name, "there is no mixin \"%s\"%s%s", name ? name : "",
                       nearest ? "; nearest: " : "", nearest ? nearest : "");
            continue;
        }
        load_list_of_items(l, s->mixins.at[m].fields, NULL, &l->c->items);
    }
}

/* ---- Banks ----------------------------------------------------------------------------------------- */

static uint64_t register_bits(const item_list *list, bool reserved)
{
    uint64_t bits = 0;
    const field *f;
    size_t i, p;

    for (i = 0; i < list->count; i++) {
        f = list->at[i].field;
        if (!f) {
            bits |= reserved || !list->at[i].set->variants.count
                        ? 0
                        : register_bits(&list->at[i].set->variants.at[0].items, false) |
                              register_bits(&list->at[i].set->variants.at[0].items, true);
            continue;
        }
        for (p = 0; p < f->piece_count && (f->kind == FIELD_RESERVED && !f->state.count) == reserved; p++)
            if (f->pieces[p].msb < 64)
                bits |= mask_of(f->pieces[p].msb - f->pieces[p].lsb + 1) << f->pieces[p].lsb;
    }
    return bits;
}

/* Reserved bits give way to what the bank adds; what is left of them stays reserved. */
static void refill_reserved(loader *l)
{
    container *c = l->c;
    uint64_t fill = register_bits(&c->items, true) & ~register_bits(&c->items, false);
    item_list kept = {NULL, 0};
    field *f;
    size_t i;
    unsigned low, high;

    for (i = 0; i < c->items.count; i++) {
        f = c->items.at[i].field;
        if (!f || f->kind != FIELD_RESERVED || f->state.count)
            *PUSH(l->s, kept) = c->items.at[i];
    }
    for (low = 0; low < 64; low = high + 1) {
        high = low;
        if (!(fill >> low & 1))
            continue;
        while (high < 63 && fill >> (high + 1) & 1)
            high++;
        f = spec_alloc(l->s, sizeof *f);
        *f = (field){.at = c->at,
                     .owner = c,
                     .kind = FIELD_RESERVED,
                     .width = high - low + 1,
                     .piece_count = 1,
                     .pieces = {{high, low}},
                     .section = l->inherited_section};
        *PUSH(l->s, kept) = (layout_item){f, NULL};
    }
    c->items = kept;
}

static const char *next_seen(void *context, size_t index)
{
    const loader *l = context;

    return index < l->seen.count ? l->seen.at[index] : NULL;
}

static void check_bank_name(loader *l, place at, const char *what, const char *name)
{
    const char *nearest;
    size_t i;

    for (i = 0; i < l->seen.count; i++)
        if (strcmp(l->seen.at[i], name) == 0)
            return;
    nearest = smref_nearest(name, next_seen, l);
    spec_error(l->s, at, l->c->name, "%s names no field %s%s%s", what, name, nearest ? "; nearest: " : "",
               nearest ? nearest : "");
}

static void check_bank_names(loader *l)
{
    place remove = l->bank->remove, override = l->bank->override, at;
    const char *name;
    size_t i;

    for (i = 0; load_list(l->s, remove) && i < remove.node->child_count; i++) {
        at = load_element(remove, i);
        name = json_string_value(at.node->value);
        check_bank_name(l, at, "remove", name ? name : "");
    }
    for (i = 0; override.node && i < override.node->child_count; i++) {
        at = load_element(override, i);
        check_bank_name(l, at, "override", at.node->key ? at.node->key : "");
    }
}

void load_items(spec *s, container *c, place items, place include, const char *section,
                const bank_changes *bank)
{
    loader l = {.s = s, .c = c, .inherited_section = c->section, .bank = bank};

    if (!items.node && !include.node) {
        spec_error(s, c->at, c->name, "\"fields\" is missing");
        return;
    }
    load_list_of_items(&l, items, NULL, &c->items);
    load_include(&l, include, section);
    if (bank) {
        check_bank_names(&l);
        load_list_of_items(&l, bank->add, NULL, &c->items);
        if (bank->remove.node || bank->add.node || bank->override.node)
            refill_reserved(&l);
    }
    if (c->items.count)
        qsort(c->items.at, c->items.count, sizeof(layout_item), by_lowest_bit);
    flatten(s, c, &c->items);
}
