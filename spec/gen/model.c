/* Small questions about the data model that several chapters ask. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

uint64_t mask_of(unsigned width)
{
    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

bool same_name(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

const field *find_field(const container *c, const char *name)
{
    size_t i;

    for (i = 0; i < c->fields.count; i++)
        if (same_name(c->fields.at[i]->name, name))
            return c->fields.at[i];
    return NULL;
}

const layout *find_layout(const spec *s, const char *name)
{
    size_t i;

    for (i = 0; i < s->layouts.count; i++)
        if (same_name(s->layouts.at[i]->c.name, name))
            return s->layouts.at[i];
    return NULL;
}

const choice_def *find_choice(const spec *s, const char *id)
{
    size_t i;

    for (i = 0; i < s->choices.count; i++)
        if (same_name(s->choices.at[i]->id, id))
            return s->choices.at[i];
    return NULL;
}

const unmodelled_def *find_unmodelled(const spec *s, const char *id)
{
    size_t i;

    for (i = 0; i < s->unmodelled.count; i++)
        if (same_name(s->unmodelled.at[i]->id, id))
            return s->unmodelled.at[i];
    return NULL;
}

bool first_of_name(const container *c, size_t index)
{
    return c->fields.at[index]->name && find_field(c, c->fields.at[index]->name) == c->fields.at[index];
}

bool first_of_code(const container *c, size_t index, size_t code)
{
    const field *f = c->fields.at[index], *g;
    size_t i, k;

    if (!f->name || !f->codes.at[code].name)
        return false;
    for (i = 0; i <= index; i++) {
        g = c->fields.at[i];
        for (k = 0; same_name(g->name, f->name) && k < (i < index ? g->codes.count : code); k++)
            if (same_name(g->codes.at[k].name, f->codes.at[code].name))
                return false;
    }
    return true;
}

const char *reg_suffix(const reg *r)
{
    return r->index ? "_0" : "";
}

void layout_path(const layout *l, char *buffer, size_t size)
{
    snprintf(buffer, size, "e->%s", l->kind == LAYOUT_STRUCTURE ? l->c.name : "self");
}

const char *bits_text(const field *f, char *buffer, size_t size)
{
    unsigned p;
    size_t at = 0;

    buffer[0] = '\0';
    for (p = 0; p < f->piece_count && at < size; p++) {
        at += (size_t)snprintf(buffer + at, size - at,
                               f->pieces[p].msb == f->pieces[p].lsb ? "%s%u" : "%s%u:%u", p ? "," : "",
                               f->pieces[p].msb, f->pieces[p].lsb);
    }
    return buffer;
}

const char *layout_section_name(layout_kind kind)
{
    static const char *const names[] = {"structures", "descriptors", "commands", "events"};

    return names[kind];
}

/* ---- The order of the specification ---------------------------------------------------------------- */

/* Sections number by number; other documents come after. */
static int compare_sections(const char *a, const char *b)
{
    unsigned long x, y;
    char *a_end, *b_end;

    for (;;) {
        x = strtoul(a, &a_end, 10);
        y = strtoul(b, &b_end, 10);
        if (a_end == a || b_end == b)
            return a_end == a && b_end == b ? strcmp(a, b) : a_end == a ? 1 : -1;
        if (x != y)
            return x < y ? -1 : 1;
        if (*a_end != '.' || *b_end != '.')
            return (*a_end == '.') - (*b_end == '.');
        a = a_end + 1;
        b = b_end + 1;
    }
}

/* Equal sections keep the order in which they were written. */
static int by_section(const container *a, const container *b)
{
    int order = compare_sections(a->section, b->section);

    return order ? order : (a->serial > b->serial) - (a->serial < b->serial);
}

static int layouts_by_section(const void *a, const void *b)
{
    const layout *x = *(layout *const *)a, *y = *(layout *const *)b;

    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : by_section(&x->c, &y->c);
}

static int registers_by_section(const void *a, const void *b)
{
    const reg *x = *(reg *const *)a, *y = *(reg *const *)b;

    return by_section(&x->c, &y->c);
}

void sort_spec(spec *s)
{
    size_t i;

    for (i = 0; i < s->layouts.count; i++)
        s->layouts.at[i]->c.serial = i;
    for (i = 0; i < s->regs.count; i++)
        s->regs.at[i]->c.serial = i;
    if (s->layouts.count)
        qsort(s->layouts.at, s->layouts.count, sizeof *s->layouts.at, layouts_by_section);
    if (s->regs.count)
        qsort(s->regs.at, s->regs.count, sizeof *s->regs.at, registers_by_section);
}
