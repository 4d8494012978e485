/* Register blocks, and registers: written once, they become one register for each bank that has them. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

/* The physical address spaces whose accesses reach a block, by their numbers. */
static unsigned load_spaces(spec *s, place list, const char *item)
{
    static const char *const names[] = {"ns", "secure", "realm", "root", NULL};
    unsigned out = 0;
    size_t i, k;

    for (i = 0; load_list(s, list) && i < list.node->child_count; i++) {
        place at = load_element(list, i);
        const char *text = json_string_value(at.node->value);
        for (k = 0; names[k] && (!text || strcmp(names[k], text) != 0); k++) {
        }
        if (names[k])
            out |= 1u << k;
        else
            spec_error(s, at, item, "\"pas\" holds \"ns\", \"secure\", \"realm\" and \"root\"");
    }
    return out;
}

/* What the architecture leaves to implementations; the block's own spaces reach it unless it says others. */
static void load_impdef(spec *s, place list, block *out)
{
    static const char *const keys[] = {"from", "to", "pas", "note", NULL};
    size_t i;

    for (i = 0; load_list(s, list) && i < list.node->child_count; i++) {
        place at = load_element(list, i);
        impdef_range range;
        if (!load_keys(s, at, keys))
            continue;
        range.from = (unsigned)load_number(s, at, "from", UINT32_MAX, 0);
        range.to = (unsigned)load_number(s, at, "to", UINT32_MAX, 0);
        range.spaces =
            smref_jget(at.node, "pas") ? load_spaces(s, child_of(at, "pas"), out->name) : out->spaces;
        if (range.from > range.to || range.to >= out->size)
            spec_error(s, at, out->name, "\"impdef\" ends before it begins, or outside the block");
        *PUSH(s, out->impdef) = range;
    }
}

void load_block(spec *s, place at)
{
    static const char *const keys[] = {"name",  "title", "section", "base", "size",   "present", "at",
                                       "pages", "pas",   "means",   "note", "impdef", NULL};
    block *out = spec_alloc(s, sizeof *out);

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->name = load_name(s, at, "name", PATTERN_IDENTIFIER);
    out->title = load_text(s, at, "title");
    out->section = load_text(s, at, "section");
    out->note = load_text(s, at, "note");
    out->fixed = smref_jget(at.node, "base") != NULL;
    out->base = load_number(s, at, "base", UINT32_MAX, 0);
    out->size = load_number(s, at, "size", UINT32_MAX, 0);
    out->present = load_formula(s, at, "present");
    out->at_offset = load_formula(s, at, "at");
    out->pages = load_formula(s, at, "pages");
    out->spaces = load_spaces(s, child_of(at, "pas"), out->name);
    load_impdef(s, child_of(at, "impdef"), out);
    if (out->size == 0)
        spec_error(s, at, out->name, "\"size\" must be above 0");
    *PUSH(s, s->blocks) = out;
}

static const char *next_block(void *context, size_t index)
{
    const spec *s = context;

    return index < s->blocks.count ? s->blocks.at[index]->name : NULL;
}

static const block *find_block(spec *s, place at, const char *item)
{
    const char *name = load_needed_text(s, at, "block"), *nearest;
    size_t i;

    for (i = 0; i < s->blocks.count; i++)
        if (strcmp(s->blocks.at[i]->name, name) == 0)
            return s->blocks.at[i];
    if (*name) {
        nearest = smref_nearest(name, next_block, s);
        spec_error(s, child_of(at, "block"), item, "there is no block \"%s\"%s%s", name,
                   nearest ? "; nearest: " : "", nearest ? nearest : "");
    }
    return NULL;
}

/* The protocol's type, then what it is bound to, as text: `ack_pair ack=SMMU_CR0ACK`. */
static const char *load_protocol(spec *s, place object, const char *item)
{
    static const char *const types[] = {"ack_pair",      "ack_mirror",  "update", "toggle",
                                        "toggle_ack",    "queue_index", "run",    "run_result",
                                        "clear_to_zero", NULL};
    place at = child_of(object, "protocol");
    const char *type, *out, *value;
    char *dump;
    size_t i;

    if (!at.node)
        return NULL;
    if (!json_is_object(at.node->value)) {
        spec_error(s, at, item, "\"protocol\" is an object with a \"type\"");
        return NULL;
    }
    out = type = load_needed_text(s, at, "type");
    for (i = 0; types[i] && strcmp(types[i], type) != 0; i++) {
    }
    if (!types[i])
        spec_error(s, at, item, "unknown protocol \"%s\"", type);
    for (i = 0; i < at.node->child_count; i++) {
        if (strcmp(at.node->children[i].key, "type") == 0)
            continue;
        value = json_string_value(at.node->children[i].value);
        dump = value ? NULL : json_dumps(at.node->children[i].value, JSON_COMPACT | JSON_ENCODE_ANY);
        out = spec_print(s, "%s %s=%s", out, at.node->children[i].key, value ? value : dump ? dump : "");
        free(dump);
    }
    return out;
}

static void load_dimension(spec *s, place object, reg *r)
{
    static const char *const keys[] = {"count",   "stride", "index", "elements",
                                       "spacing", "step",   "note",  NULL};
    place at = child_of(object, "array");
    const char *marked;

    r->count = 1;
    if (!at.node || !load_keys(s, at, keys))
        return;
    r->count = (unsigned)load_number(s, at, "count", 65535, 0);
    r->stride = (unsigned)load_number(s, at, "stride", 65535, 0);
    r->step = (unsigned)load_number(s, at, "step", UINT32_MAX, 0);
    r->index = load_text(s, at, "index");
    r->index = r->index ? r->index : "n";
    r->elements = load_formula(s, at, "elements");
    r->spacing = load_formula(s, at, "spacing");
    if (r->count == 0 || r->stride == 0) {
        spec_error(s, at, r->c.name, "an array needs \"count\" and \"stride\" above 0");
        r->count = 1;
    }
    marked = spec_print(s, "<%s>", r->index);
    if (!strstr(r->c.name, marked))
        r->c.name = spec_print(s, "%s%s", r->c.name, marked);
}

/* SMMU_CMDQ_CONTROL_PAGE_BASE<n> is SMMU_CMDQ_CONTROL_PAGE_BASE in C. */
static const char *without_index(spec *s, const char *name)
{
    const char *open = strchr(name, '<'), *close = open ? strchr(open, '>') : NULL;

    return close ? spec_print(s, "%.*s%s", (int)(open - name), name, close + 1) : name;
}

/* What a bank says for itself counts before what the register says for all. */
static place source(place whole, place bank, const char *key)
{
    return smref_jget(bank.node, key) ? bank : whole;
}

static void load_bank(spec *s, place whole, place bank, const char *bank_name, const char *family)
{
    static const char *const names[BANK_COUNT] = {"NS", "S", "R"}, *const prefixes[] = {"", "S_", "R_"};
    reg *r = spec_alloc(s, sizeof *r);
    bank_changes changes = {child_of(bank, "remove"), child_of(bank, "add"), child_of(bank, "override")};
    int i;

    r->c.at = bank;
    r->family = family;
    r->bank = bank_name;
    r->bank_index = -1;
    for (i = 0; i < BANK_COUNT; i++)
        r->bank_index = strcmp(names[i], bank_name) == 0 ? i : r->bank_index;
    r->c.name = bank.node != whole.node ? load_text(s, bank, "name") : NULL;
    if (!r->c.name) {
        r->c.name = spec_print(s, strncmp(family, "SMMU_", 5) == 0 ? "%s%s" : "SMMU_%s%s",
                               r->bank_index < 0 ? "" : prefixes[r->bank_index], family);
    }
    load_dimension(s, source(whole, bank, "array"), r);
    r->c.c_name = without_index(s, r->c.name);
    if (!matches(s, PATTERN_IDENTIFIER, r->c.c_name))
        spec_error(s, bank, r->c.name, "the name is no identifier");
    r->c.title = load_needed_text(s, source(whole, bank, "title"), "title");
    r->c.section = load_section(s, source(whole, bank, "section"), NULL, r->c.name);
    r->c.note = load_text(s, source(whole, bank, "note"), "note");
    r->c.versions = load_versions(s, source(whole, bank, "since"), r->c.name);
    r->c.bits = (unsigned)load_number(s, source(whole, bank, "width"), "width", 64, 0);
    if (r->c.bits != 32 && r->c.bits != 64) {
        spec_error(s, whole, r->c.name, "\"width\" must be 32 or 64");
        return;
    }
    r->block = find_block(s, source(whole, bank, "block"), r->c.name);
    if (!smref_jget(source(whole, bank, "offset").node, "offset"))
        spec_error(s, bank, r->c.name, "\"offset\" is missing");
    r->offset = load_number(s, source(whole, bank, "offset"), "offset", UINT32_MAX, 0);
    r->present = load_formula(s, source(whole, bank, "present"), "present");
    r->access = load_clauses(s, source(whole, bank, "access"), "access");
    r->reset = load_clauses(s, source(whole, bank, "reset"), "reset");
    r->protocol = load_protocol(s, source(whole, bank, "protocol"), r->c.name);
    load_items(s, &r->c, child_of(source(whole, bank, "fields"), "fields"), child_of(whole, "include"),
               "registers", bank.node != whole.node ? &changes : NULL);
    *PUSH(s, s->regs) = r;
}

void load_register(spec *s, place at)
{
    static const char *const keys[] = {"name",  "width",   "title",    "section", "fields", "reset", "access",
                                       "note",  "present", "protocol", "banks",   "array",  "since", "until",
                                       "block", "offset",  "include",  "mixin",   NULL};
    static const char *const bank_keys[] = {"name",  "block",    "offset", "section", "present", "remove",
                                            "add",   "override", "title",  "access",  "note",    "protocol",
                                            "reset", "array",    "since",  "until",   "fields",  NULL};
    static const char *const bank_names[] = {"NS", "S", "R", NULL};
    place banks = child_of(at, "banks"), bank;
    const char *name;
    size_t i;

    if (!load_keys(s, at, keys) || load_flag(s, at, "mixin"))
        return;
    name = load_needed_text(s, at, "name");
    if (!banks.node) {
        load_bank(s, at, at, "", name);
        return;
    }
    if (!load_keys(s, banks, bank_names))
        return;
    for (i = 0; i < banks.node->child_count; i++) {
        bank = (place){banks.doc, &banks.node->children[i]};
        if (load_keys(s, bank, bank_keys))
            load_bank(s, at, bank, bank.node->key, name);
    }
}
