/* The specification as lines of words, for scripts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "export.h"
#include "hex.h"
#include "spec_words.h"

struct line {
    const char *word, *name, *field; /* field: "" when the line has none */
    char rest[64];                   /* what follows, with its tabs */
    size_t order;                    /* the pieces of a field keep theirs */
};

struct lines {
    struct line *list;
    size_t count, room;
};

static struct line *add(struct lines *lines, const char *word, const char *name, const char *field)
{
    struct line *line;

    if (lines->count == lines->room) {
        lines->room = lines->room ? lines->room * 2 : 1024;
        lines->list = smref_resize(lines->list, lines->room, sizeof *lines->list);
    }
    line = &lines->list[lines->count];
    *line = (struct line){.word = word, .name = name, .field = field, .order = lines->count};
    lines->count++;
    return line;
}

static void add_fields(struct lines *lines, const char *container, const smref_field_info *fields,
                       unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        for (unsigned p = 0; smref_field_is_named(&fields[i]) && p < fields[i].piece_count; p++) {
            struct line *line = add(lines, "field", container, fields[i].name);
            snprintf(line->rest, sizeof line->rest, "\t%u\t%u", fields[i].pieces[p].msb,
                     fields[i].pieces[p].lsb);
        }
    }
}

static void add_register(struct lines *lines, const smref_register_info *reg)
{
    struct line *line = add(lines, "reg", reg->name, "");
    char offset[SMREF_HEX_ROOM];

    snprintf(line->rest, sizeof line->rest, "\t%s\t%u\t%s", smref_hex(reg->offset, offset), reg->width,
             reg->block);
    add_fields(lines, reg->name, reg->fields, reg->field_count);
}

static void add_layout(struct lines *lines, const smref_layout_info *layout)
{
    bool command = layout->kind == SMREF_LAYOUT_KIND_COMMAND;
    char number[SMREF_HEX_ROOM];
    struct line *line;

    if (command || layout->kind == SMREF_LAYOUT_KIND_EVENT) {
        line = add(lines, command ? "command" : "event", layout->name, "");
        snprintf(line->rest, sizeof line->rest, "\t%s", smref_hex(layout->number, number));
    }
    add_fields(lines, layout->name, layout->fields, layout->field_count);
}

static int by_words(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int side = strcmp(x->word, y->word);

    side = side ? side : strcmp(x->name, y->name);
    side = side ? side : strcmp(x->field, y->field);
    return side ? side : (x->order > y->order) - (x->order < y->order);
}

/* Variants may repeat a field, at the same bits. */
static bool repeats(const struct lines *lines, size_t i)
{
    const struct line *line = &lines->list[i];

    for (size_t k = i; k-- > 0;) {
        const struct line *before = &lines->list[k];
        if (strcmp(before->word, line->word) != 0 || strcmp(before->name, line->name) != 0 ||
            strcmp(before->field, line->field) != 0)
            return false;
        if (strcmp(before->rest, line->rest) == 0)
            return true;
    }
    return false;
}

void smref_export_tsv(FILE *to, const bool kinds[SMREF_ITEM_KINDS])
{
    struct lines lines = {NULL, 0, 0};
    smref_item item;

    for (unsigned kind = 0; kind <= SMREF_ITEM_REGISTER; kind++) {
        for (unsigned n = 0; kinds[kind] && smref_item_at((smref_item_kind)kind, n, &item); n++)
            if (kind == SMREF_ITEM_REGISTER)
                add_register(&lines, smref_register_at(item.index));
            else
                add_layout(&lines, smref_layout_at(item.index));
    }
    qsort(lines.list, lines.count, sizeof *lines.list, by_words);
    for (size_t i = 0; i < lines.count; i++) {
        const struct line *line = &lines.list[i];
        if (!repeats(&lines, i))
            fprintf(to, "%s\t%s%s%s%s\n", line->word, line->name, *line->field ? "\t" : "", line->field,
                    line->rest);
    }
    free(lines.list);
}
