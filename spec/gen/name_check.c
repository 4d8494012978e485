/* No name is taken twice: neither in the data, nor among the C names that are made from it. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

typedef struct taken {
    const char *name; /* as it stands in C, or with a word that keeps its kind apart */
    const char *item; /* for the message */
    place at;
} taken;

typedef LIST(taken) taken_list;

static void take_name(spec *s, taken_list *list, const char *name, const char *item, place at)
{
    *PUSH(s, *list) = (taken){name, item, at};
}

static void take_fields(spec *s, taken_list *list, const container *c, bool is_register)
{
    const field *f;
    const char *item;
    size_t i, k;

    for (i = 0; i < c->fields.count; i++) {
        f = c->fields.at[i];
        if (!f->name)
            continue;
        item = spec_print(s, "%s.%s", c->name, f->name);
        for (k = 0; k < f->codes.count; k++)
            if (first_of_code(c, i, k))
                take_name(s, list, spec_print(s, "SMREF_%s_%s_%s", c->c_name, f->name, f->codes.at[k].name),
                          item, f->codes.at[k].at);
        if (!first_of_name(c, i))
            continue;
        take_name(s, list, spec_print(s, "smref_%s_%s", c->c_name, f->name), item, f->at);
        take_name(s, list,
                  spec_print(s, is_register ? "smref_%s_with_%s" : "smref_%s_set_%s", c->c_name, f->name),
                  item, f->at);
        if (f->kind == FIELD_ADDRESS)
            take_name(s, list, spec_print(s, "smref_%s_%s_address", c->c_name, f->name), item, f->at);
    }
}

static void take_containers(spec *s, taken_list *list)
{
    const layout *l;
    const reg *r;
    size_t i;

    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        take_name(s, list, spec_print(s, "SMREF_LAYOUT_%s", l->c.c_name), l->c.name, l->c.at);
        if (l->kind == LAYOUT_COMMAND || l->kind == LAYOUT_EVENT)
            take_name(s, list, spec_print(s, "SMREF_%s", l->c.c_name), l->c.name, l->c.at);
        take_fields(s, list, &l->c, false);
    }
    for (i = 0; i < s->regs.count; i++) {
        r = s->regs.at[i];
        take_name(s, list, spec_print(s, "SMREF_REG_%s%s", r->c.c_name, reg_suffix(r)), r->c.name, r->c.at);
        if (r->bank_index >= 0)
            take_name(s, list, spec_print(s, "$B.%s in bank %s", r->family, r->bank), r->c.name, r->c.at);
        take_fields(s, list, &r->c, true);
    }
}

static void take_definitions(spec *s, taken_list *list)
{
    const choice_def *c;
    const enum_def *e;
    size_t i, k;

    for (i = 0; i < s->blocks.count; i++) {
        take_name(s, list, spec_print(s, "block %s", s->blocks.at[i]->name), s->blocks.at[i]->name,
                  s->blocks.at[i]->at);
    }
    for (i = 0; i < s->enums.count; i++) {
        e = s->enums.at[i];
        take_name(s, list, spec_print(s, "enum %s", e->name), e->name, e->at);
        for (k = 0; k < e->values.count; k++) {
            take_name(s, list, spec_print(s, "SMREF_%s_%s", e->name, e->values.at[k]),
                      spec_print(s, "%s.%s", e->name, e->values.at[k]), e->at);
        }
    }
    for (i = 0; i < s->context.count; i++) {
        take_name(s, list, spec_print(s, "ctx.%s", s->context.at[i]->name), s->context.at[i]->name,
                  s->context.at[i]->at);
    }
    for (i = 0; i < s->derived.count; i++) {
        take_name(s, list, spec_print(s, "derived.%s", s->derived.at[i]->name), s->derived.at[i]->name,
                  s->derived.at[i]->at);
    }
    for (i = 0; i < s->helpers.count; i++) {
        take_name(s, list, spec_print(s, "helper %s", s->helpers.at[i]->name), s->helpers.at[i]->name,
                  s->helpers.at[i]->at);
    }
    for (i = 0; i < s->rules.count; i++) {
        take_name(s, list, spec_print(s, "SMREF_RULE_%s", s->rules.at[i]->id), s->rules.at[i]->id,
                  s->rules.at[i]->at);
    }
    for (i = 0; i < s->choices.count; i++) {
        c = s->choices.at[i];
        take_name(s, list, spec_print(s, "SMREF_CHOICE_%s", c->id), c->id, c->at);
        for (k = 0; k < c->options.count; k++) {
            take_name(s, list, spec_print(s, "SMREF_CHOICE_%s_%s", c->id, c->options.at[k].name),
                      spec_print(s, "%s.%s", c->id, c->options.at[k].name), c->options.at[k].at);
        }
    }
    for (i = 0; i < s->errata.count; i++) {
        take_name(s, list, spec_print(s, "erratum %s", s->errata.at[i]->id), s->errata.at[i]->id,
                  s->errata.at[i]->at);
    }
    for (i = 0; i < s->unmodelled.count; i++) {
        take_name(s, list, spec_print(s, "unmodelled %s", s->unmodelled.at[i]->id), s->unmodelled.at[i]->id,
                  s->unmodelled.at[i]->at);
    }
}

/* What the headers define beside the data. */
static void take_reserved(spec *s, taken_list *list)
{
    static const char *const names[] = {"SMREF_RULE_NONE",  "SMREF_RULE_COUNT",   "SMREF_CHOICE_COUNT",
                                        "SMREF_REG_COUNT",  "SMREF_LAYOUT_COUNT", "SMREF_EVENT_NONE",
                                        "SMREF_OPCODE_NONE"};
    size_t i;

    for (i = 0; s->doc_count && i < sizeof names / sizeof names[0]; i++)
        take_name(s, list, names[i], names[i], (place){&s->docs[0], NULL});
}

/* Names that stand alone in C, as members of structs, must be neither keywords nor members already there. */
static void check_member(spec *s, place at, const char *name)
{
    static const char *const words[] = {
        "auto",   "break",    "case",     "char",        "const", "continue", "default", "do",     "double",
        "else",   "enum",     "extern",   "float",       "for",   "goto",     "if",      "inline", "int",
        "long",   "register", "restrict", "return",      "short", "signed",   "sizeof",  "static", "struct",
        "switch", "typedef",  "union",    "unsigned",    "void",  "volatile", "while",   "bool",   "true",
        "false",  "reg",      "choice",   "choices_met", "arch",  "bank",     "self",    "ctx",    "derived",
    };
    size_t i;

    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], name) == 0)
            spec_error(s, at, name, "the name has a meaning of its own in C or in expressions");
}

static void check_members(spec *s)
{
    const layout *l;
    size_t i, k;

    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        check_member(s, l->c.at, l->c.name);
        for (k = 0; l->kind == LAYOUT_EVENT && k < l->c.fields.count; k++)
            if (l->c.fields.at[k]->name)
                check_member(s, l->c.fields.at[k]->at, l->c.fields.at[k]->name);
    }
}

static int by_name(const void *a, const void *b)
{
    const taken *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    unsigned x_line = x->at.node ? x->at.node->line : 0, y_line = y->at.node ? y->at.node->line : 0;

    if (order != 0)
        return order;
    if (x->at.doc != y->at.doc)
        return x->at.doc < y->at.doc ? -1 : 1;
    return (x_line > y_line) - (x_line < y_line);
}

/* Two commands may share an opcode when one is a special case of the other. */
static void check_numbers(spec *s)
{
    const layout *a, *b;
    size_t i, k;

    for (i = 0; i < s->layouts.count; i++) {
        a = s->layouts.at[i];
        if (a->alias_of && !find_layout(s, a->alias_of))
            spec_error(s, a->c.at, a->c.name, "alias_of names no layout: %s", a->alias_of);
        for (k = 0; k < i && a->kind >= LAYOUT_COMMAND; k++) {
            b = s->layouts.at[k];
            if (a->kind == b->kind && a->number == b->number && !same_name(a->alias_of, b->c.name) &&
                !same_name(b->alias_of, a->c.name)) {
                spec_error(s, a->c.at, a->c.name, "%s 0x%02x is already that of %s",
                           a->kind == LAYOUT_COMMAND ? "opcode" : "number", a->number, b->c.name);
            }
        }
    }
}

void check_names(spec *s)
{
    taken_list list = {NULL, 0};
    const taken *first;
    size_t i;

    take_reserved(s, &list);
    take_containers(s, &list);
    take_definitions(s, &list);
    qsort(list.at, list.count, sizeof(taken), by_name);
    for (i = 1; i < list.count; i++) {
        first = &list.at[i - 1];
        if (strcmp(first->name, list.at[i].name) == 0) {
            spec_error(s, list.at[i].at, list.at[i].item, "the name %s is already taken at %s:%u",
                       first->name, first->at.doc->file, first->at.node ? first->at.node->line : 1);
        }
    }
    check_members(s);
    check_numbers(s);
}
