/* smref_tables.c and smref_tables.h: the data as constant tables, and the orders that searches use. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {"UINT", "FLAG",   "ADDRESS", "ENUM",
                                         "ID",   "OPAQUE", "IMPDEF",  "RESERVED"};
static const char *const layout_kinds[] = {"STRUCTURE", "DESCRIPTOR", "COMMAND", "EVENT"};

/* Adds `.key = "value"` when there is a value. */
static void add_text(text_buffer *t, const char *key, const char *value)
{
    if (value && *value) {
        text_add(t, ", .%s = ", key);
        text_string(t, value);
    }
}

static void add_versions(text_buffer *t, version_range v)
{
    text_add(t, v.since ? ", .since = 0x%x" : "", v.since);
    text_add(t, v.until ? ", .until = 0x%x" : "", v.until);
}

/* "RES0 if A; IGNORED if B; ACTIVE" */
static void add_clauses(text_buffer *t, const char *key, const clause_list *list)
{
    text_buffer line = {NULL, 0, 0};
    const clause *c;
    size_t i;

    for (i = 0; i < list->count; i++) {
        c = &list->at[i];
        text_add(&line, "%s%s", i ? "; " : "", c->is);
        text_add(&line, c->when.text ? " if %s" : "", c->when.text);
    }
    add_text(t, key, line.at);
    text_free(&line);
}

/* The condition of the innermost alternative, after those around it. */
static void collect_branches(text_buffer *line, const branch *in)
{
    const variant *v;

    if (!in)
        return;
    collect_branches(line, in->outer);
    v = &in->set->variants.at[in->index];
    text_add(line, line->length ? "; %s" : "%s", v->when.text ? v->when.text : "otherwise");
}

static void add_branch(text_buffer *t, const branch *in)
{
    text_buffer line = {NULL, 0, 0};

    collect_branches(&line, in);
    add_text(t, "when", line.at);
    text_free(&line);
}

/* Ends an entry of a table and adds it. */
static void close_entry(text_buffer *t, text_buffer *entry)
{
    text_add(entry, "},");
    text_add_members(t, entry->at);
    text_free(entry);
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

static void emit_codes(text_buffer *t, const container *c, size_t index)
{
    const field *f = c->fields.at[index];
    text_buffer e = {NULL, 0, 0};
    const code_def *code;
    size_t i;

    if (!f->codes.count)
        return;
    text_add(t, "static const smref_code_info codes_%s_%zu[] = { /* %s */\n", c->c_name, index, f->name);
    for (i = 0; i < f->codes.count; i++) {
        code = &f->codes.at[i];
        text_add(&e, "    {.low = 0x%llx, .high = 0x%llx", (unsigned long long)code->low,
                 (unsigned long long)code->high);
        add_text(&e, "name", code->name);
        add_text(&e, "means", code->means);
        text_add(&e, ", .behaves_as = %lld", (long long)code->behaves_as);
        text_add(&e, code->illegal ? ", .illegal = true" : "");
        add_versions(&e, code->versions);
        close_entry(t, &e);
    }
    text_add(t, "};\n");
}

/* What bits without a name are called. */
static const char *stand_in(const field *f)
{
    if (f->kind == FIELD_IMPDEF)
        return "IMPDEF";
    return f->state.count == 1 && !f->state.at[0].when.text ? f->state.at[0].is : "RES0";
}

static void emit_field(text_buffer *t, const container *c, size_t index)
{
    const field *f = c->fields.at[index];
    text_buffer e = {NULL, 0, 0};
    unsigned p;

    text_add(&e, "    {.name = \"%s\"", f->name ? f->name : stand_in(f));
    add_text(&e, "title", f->title);
    add_text(&e, "section", f->section);
    add_text(&e, "note", f->note);
    add_text(&e, "confidence", f->confidence ? f->confidence : "T");
    text_add(&e, ", .kind = SMREF_KIND_%s, .piece_count = %u, .pieces = {", kind_names[f->kind],
             f->piece_count);
    for (p = 0; p < f->piece_count; p++)
        text_add(&e, "%s{%u, %u}", p ? ", " : "", f->pieces[p].msb, f->pieces[p].lsb);
    text_add(&e, "}");
    text_add(&e, f->array_count ? ", .array_count = %u, .array_width = %u" : "", f->array_count,
             f->array_width);
    text_add(&e, f->address_low ? ", .address_low = %u" : "", f->address_low);
    add_versions(&e, f->versions);
    add_branch(&e, f->in);
    add_clauses(&e, "state", &f->state);
    add_clauses(&e, "reset", &f->reset);
    add_clauses(&e, "access", &f->access);
    if (f->codes.count)
        text_add(&e, ", .codes = codes_%s_%zu, .code_count = %zu", c->c_name, index, f->codes.count);
    close_entry(t, &e);
}

static void emit_fields(text_buffer *t, const container *c)
{
    size_t i;

    text_add(t, "\n/* ---- %s (%s) */\n", c->name, c->section);
    for (i = 0; i < c->fields.count; i++)
        emit_codes(t, c, i);
    text_add(t, "static const smref_field_info fields_%s[] = {\n", c->c_name);
    for (i = 0; i < c->fields.count; i++)
        emit_field(t, c, i);
    text_add(t, "};\n");
}

/* ---- Layouts and registers ------------------------------------------------------------------------- */

/* A table without lines still needs one in C; the count says that there is none. */
static void open_table(text_buffer *t, const char *type, const char *name)
{
    text_add(t, "\nconst %s %s[] = {\n", type, name);
}

static void close_table(text_buffer *t, const char *name, size_t count, const char *empty)
{
    text_add(t, "%s};\nconst unsigned %s_count = %zu;\n", count ? "" : empty, name, count);
}

static void emit_layout_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    const layout *l;
    size_t i;

    open_table(t, "smref_layout_info", "smref_layout_table");
    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        text_add(&e, "    {.name = \"%s\"", l->c.name);
        add_text(&e, "title", l->c.title);
        add_text(&e, "section", l->c.section);
        add_text(&e, "note", l->c.note);
        text_add(&e, ", .kind = SMREF_LAYOUT_KIND_%s, .bytes = %u, .number = 0x%x", layout_kinds[l->kind],
                 l->c.bits / 8, l->number);
        text_add(&e, ", .fields = fields_%s, .field_count = %zu", l->c.c_name, l->c.fields.count);
        close_entry(t, &e);
    }
    close_table(t, "smref_layout_table", s->layouts.count, "    {.name = NULL},\n");
}

static void emit_register_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    const reg *r;
    size_t i;

    open_table(t, "smref_register_info", "smref_register_table");
    for (i = 0; i < s->regs.count; i++) {
        r = s->regs.at[i];
        text_add(&e, "    {.name = \"%s\"", r->c.name);
        add_text(&e, "title", r->c.title);
        add_text(&e, "section", r->c.section);
        add_text(&e, "note", r->c.note);
        text_add(&e,
                 ", .family = \"%s\", .bank = \"%s\", .block = \"%s\", .offset = 0x%llx, .width = %u, .count "
                 "= %u, .stride = %u",
                 r->family, r->bank, r->block->name, (unsigned long long)(r->block->base + r->offset),
                 r->c.bits, r->count, r->stride);
        add_text(&e, "present", r->present.text);
        add_clauses(&e, "access", &r->access);
        add_text(&e, "protocol", r->protocol);
        add_clauses(&e, "reset", &r->reset);
        text_add(&e, ", .fields = fields_%s, .field_count = %zu", r->c.c_name, r->c.fields.count);
        text_add(&e, ", .reset_value = UINT64_C(0x%llx), .reset_known = UINT64_C(0x%llx)",
                 (unsigned long long)r->reset_value, (unsigned long long)r->reset_known);
        close_entry(t, &e);
    }
    close_table(t, "smref_register_table", s->regs.count, "    {.name = NULL},\n");
}

/* ---- Rules, choices, errata ------------------------------------------------------------------------ */

static void emit_rule_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    const rule_def *r;
    size_t i;

    open_table(t, "smref_rule_info", "smref_rule_table");
    text_add(t, "    {.id = NULL, .choice = SMREF_CHOICE_COUNT},\n");
    for (i = 0; i < s->rules.count; i++) {
        r = s->rules.at[i];
        text_add(&e, "    {.id = \"%s\"", r->id);
        add_text(&e, "section", r->section);
        add_text(&e, "kind", r->kind);
        add_text(&e, "subject", r->subject);
        add_text(&e, "title", r->title);
        add_text(&e, "outcome", r->outcome);
        add_text(&e, "note", r->note);
        add_text(&e, "when", r->when.text);
        text_add(&e, ", .choice = SMREF_CHOICE_%s", r->choice ? r->choice : "COUNT");
        add_text(&e, "erratum", r->erratum);
        add_text(&e, "unmodelled", r->unmodelled ? find_unmodelled(s, r->unmodelled)->text : NULL);
        close_entry(t, &e);
    }
    close_table(t, "smref_rule_table", s->rules.count + 1, "");
}

static void emit_choice_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    const choice_def *c;
    size_t i, k;

    for (i = 0; i < s->choices.count; i++) {
        c = s->choices.at[i];
        text_add(t, "\nstatic const smref_option_info options_%s[] = {\n", c->id);
        for (k = 0; k < c->options.count; k++) {
            text_add(&e, "    {.name = \"%s\"", c->options.at[k].name);
            add_text(&e, "means", c->options.at[k].means);
            add_versions(&e, c->options.at[k].versions);
            close_entry(t, &e);
        }
        text_add(t, "};\n");
    }
    open_table(t, "smref_choice_info", "smref_choice_table");
    for (i = 0; i < s->choices.count; i++) {
        c = s->choices.at[i];
        text_add(&e, "    {.id = \"%s\"", c->id);
        add_text(&e, "section", c->section);
        add_text(&e, "kind", c->kind);
        add_text(&e, "title", c->title);
        text_add(&e, ", .options = options_%s, .option_count = %zu, .default_option = %zu", c->id,
                 c->options.count, c->default_index);
        close_entry(t, &e);
    }
    close_table(t, "smref_choice_table", s->choices.count, "    {.id = NULL},\n");
}

static void emit_erratum_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    const erratum_def *erratum;
    size_t i;

    open_table(t, "smref_erratum_info", "smref_erratum_table");
    for (i = 0; i < s->errata.count; i++) {
        erratum = s->errata.at[i];
        text_add(&e, "    {.id = \"%s\"", erratum->id);
        add_text(&e, "section", erratum->section);
        add_text(&e, "title", erratum->title);
        add_text(&e, "taken", erratum->taken);
        add_text(&e, "reason", erratum->reason);
        close_entry(t, &e);
    }
    close_table(t, "smref_erratum_table", s->errata.count, "    {.id = NULL},\n");
}

/* ---- Blocks, and what conditions are made of ------------------------------------------------------- */

static void emit_block_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    const block *b;
    size_t i;

    open_table(t, "smref_block_info", "smref_block_table");
    for (i = 0; i < s->blocks.count; i++) {
        b = s->blocks.at[i];
        text_add(&e, "    {.name = \"%s\"", b->name);
        add_text(&e, "title", b->title);
        add_text(&e, "section", b->section);
        add_text(&e, "note", b->note);
        add_text(&e, "present", b->present.text);
        text_add(&e, ", .fixed = %s, .base = 0x%llx, .size = 0x%llx", b->fixed ? "true" : "false",
                 (unsigned long long)b->base, (unsigned long long)b->size);
        close_entry(t, &e);
    }
    close_table(t, "smref_block_table", s->blocks.count, "    {.name = NULL},\n");
}

static void add_type(text_buffer *e, value_type type)
{
    add_text(e, "type", type.of ? type.of->name : type.base == TYPE_BOOL ? "bool" : "uint");
}

static void emit_term_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    size_t i;

    open_table(t, "smref_term_info", "smref_term_table");
    for (i = 0; i < s->derived.count; i++) {
        const derived_def *d = s->derived.at[i];
        text_add(&e, "    {.name = \"derived.%s\"", d->name);
        add_type(&e, d->type);
        add_text(&e, "section", d->section);
        add_text(&e, "means", d->means);
        add_text(&e, "expr", d->value.text);
        close_entry(t, &e);
    }
    for (i = 0; i < s->context.count; i++) {
        text_add(&e, "    {.name = \"ctx.%s\"", s->context.at[i]->name);
        add_type(&e, s->context.at[i]->type);
        add_text(&e, "means", s->context.at[i]->means);
        close_entry(t, &e);
    }
    close_table(t, "smref_term_table", s->derived.count + s->context.count, "    {.name = NULL},\n");
}

static void emit_enum_table(const spec *s, text_buffer *t)
{
    const enum_def *e;
    size_t i, k;

    for (i = 0; i < s->enums.count; i++) {
        e = s->enums.at[i];
        text_add(t, "\nstatic const char *const values_%s[] = {", e->name);
        for (k = 0; k < e->values.count; k++)
            text_add(t, "%s\"%s\"", k ? ", " : "", e->values.at[k]);
        text_add(t, "};\n");
    }
    open_table(t, "smref_enum_info", "smref_enum_table");
    for (i = 0; i < s->enums.count; i++) {
        e = s->enums.at[i];
        text_add(t, "    {\"%s\", values_%s, %zu},\n", e->name, e->name, e->values.count);
    }
    close_table(t, "smref_enum_table", s->enums.count, "    {.name = NULL},\n");
}

static void emit_unmodelled_table(const spec *s, text_buffer *t)
{
    text_buffer e = {NULL, 0, 0};
    const unmodelled_def *u;
    size_t i;

    open_table(t, "smref_unmodelled_info", "smref_unmodelled_table");
    for (i = 0; i < s->unmodelled.count; i++) {
        u = s->unmodelled.at[i];
        text_add(&e, "    {.id = \"%s\"", u->id);
        add_text(&e, "text", u->text);
        add_text(&e, "when", u->when.text);
        text_add(&e, u->affects_lookup ? ", .affects_lookup = true" : "");
        close_entry(t, &e);
    }
    close_table(t, "smref_unmodelled_table", s->unmodelled.count, "    {.id = NULL},\n");
}

/* ---- Orders ---------------------------------------------------------------------------------------- */

typedef struct named {
    const char *name;
    uint64_t offset;
    size_t index;
} named;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

static int by_offset(const void *a, const void *b)
{
    const named *x = a, *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The table's indexes in another order, for binary searches. */
static void emit_order(text_buffer *t, const char *name, named *list, size_t count,
                       int (*order)(const void *a, const void *b))
{
    size_t i;

    if (count)
        qsort(list, count, sizeof *list, order);
    open_table(t, "uint16_t", name);
    for (i = 0; i < count; i++) {
        text_add(t, i % 16 == 0 ? "    %zu," : " %zu,", list[i].index);
        text_add(t, i % 16 == 15 || i + 1 == count ? "\n" : "");
    }
    close_table(t, name, count, "    0,\n");
}

static void emit_orders(const spec *s, text_buffer *t)
{
    size_t room = s->layouts.count + s->regs.count + s->rules.count + s->choices.count + 1, i, count = 0;
    named *list = calloc(room, sizeof *list);

    if (!list) {
        spec_out_of_memory();
        return;
    }
    for (i = 0; i < s->layouts.count; i++)
        list[i] = (named){s->layouts.at[i]->c.name, 0, i};
    emit_order(t, "smref_layouts_by_name", list, s->layouts.count, by_name);
    for (i = 0; i < s->regs.count; i++)
        list[i] = (named){s->regs.at[i]->c.name, 0, i};
    emit_order(t, "smref_registers_by_name", list, s->regs.count, by_name);
    for (i = 0; i < s->regs.count; i++)
        if (s->regs.at[i]->block->fixed)
            list[count++] = (named){NULL, s->regs.at[i]->block->base + s->regs.at[i]->offset, i};
    emit_order(t, "smref_registers_by_offset", list, count, by_offset);
    for (i = 0; i < s->rules.count; i++)
        list[i] = (named){s->rules.at[i]->id, 0, i + 1};
    emit_order(t, "smref_rules_by_name", list, s->rules.count, by_name);
    for (i = 0; i < s->choices.count; i++)
        list[i] = (named){s->choices.at[i]->id, 0, i};
    emit_order(t, "smref_choices_by_name", list, s->choices.count, by_name);
    free(list);
}

/* ---- The files ------------------------------------------------------------------------------------- */

static const char *const tables[][2] = {
    {"smref_layout_info", "smref_layout_table"},
    {"smref_register_info", "smref_register_table"},
    {"smref_rule_info", "smref_rule_table"},
    {"smref_choice_info", "smref_choice_table"},
    {"smref_erratum_info", "smref_erratum_table"},
    {"smref_block_info", "smref_block_table"},
    {"smref_term_info", "smref_term_table"},
    {"smref_enum_info", "smref_enum_table"},
    {"smref_unmodelled_info", "smref_unmodelled_table"},
    {"uint16_t", "smref_layouts_by_name"},
    {"uint16_t", "smref_registers_by_name"},
    {"uint16_t", "smref_registers_by_offset"},
    {"uint16_t", "smref_rules_by_name"},
    {"uint16_t", "smref_choices_by_name"},
};

void emit_tables_header(const spec *s, text_buffer *t)
{
    size_t i;

    text_head(s, t, "The tables behind smref_layout_at and its like. Orders hold indexes of tables.");
    text_add(t, "#ifndef SMREF_TABLES_H\n#define SMREF_TABLES_H\n\n#include \"smref.h\"\n\n");
    for (i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        text_add(t, "extern const %s %s[];\nextern const unsigned %s_count;\n", tables[i][0], tables[i][1],
                 tables[i][1]);
    }
    text_add(t, "\n#endif\n");
}

void emit_tables(const spec *s, text_buffer *t)
{
    size_t i;

    text_head(s, t, "What the specification says, as tables.");
    text_add(t, "#include \"smref_tables.h\"\n");
    for (i = 0; i < s->layouts.count; i++)
        emit_fields(t, &s->layouts.at[i]->c);
    emit_layout_table(s, t);
    for (i = 0; i < s->regs.count; i++)
        emit_fields(t, &s->regs.at[i]->c);
    emit_register_table(s, t);
    emit_rule_table(s, t);
    emit_choice_table(s, t);
    emit_erratum_table(s, t);
    emit_block_table(s, t);
    emit_term_table(s, t);
    emit_enum_table(s, t);
    emit_unmodelled_table(s, t);
    emit_orders(s, t);
}
