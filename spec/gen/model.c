/* Small questions about the data model that several chapters ask. */
#include "specgen.h"

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

    for (i = 0; i < c->fields.count; i++) {
        if (same_name(c->fields.at[i]->name, name)) {
            return c->fields.at[i];
        }
    }
    return NULL;
}

const layout *find_layout(const spec *s, const char *name)
{
    size_t i;

    for (i = 0; i < s->layouts.count; i++) {
        if (same_name(s->layouts.at[i]->c.name, name)) {
            return s->layouts.at[i];
        }
    }
    return NULL;
}

const choice_def *find_choice(const spec *s, const char *id)
{
    size_t i;

    for (i = 0; i < s->choices.count; i++) {
        if (same_name(s->choices.at[i]->id, id)) {
            return s->choices.at[i];
        }
    }
    return NULL;
}

bool first_of_name(const container *c, size_t index)
{
    return c->fields.at[index]->name && find_field(c, c->fields.at[index]->name) == c->fields.at[index];
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
