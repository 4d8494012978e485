/* smref_names.h: the enums of the public interface. */
#include "specgen.h"

#include <string.h>

static const char *const sections[] = {
    [LAYOUT_STRUCTURE] = "structures",
    [LAYOUT_DESCRIPTOR] = "descriptors",
    [LAYOUT_COMMAND] = "commands",
    [LAYOUT_EVENT] = "event records",
};

/* A comment after an enumerator. */
static void add_comment(text_buffer *t, const char *section, const char *words)
{
    text_add(t, " /* %s%s", section ? section : "", section && words && *words ? ": " : "");
    text_comment(t, words);
    text_add(t, " */\n");
}

static void emit_registers(const spec *s, text_buffer *t)
{
    const reg *r;
    size_t i;

    text_add(
        t, "\n/* Registers. An array has the one name of its element 0. */\ntypedef enum smref_register {\n");
    for (i = 0; i < s->regs.count; i++) {
        r = s->regs.at[i];
        text_add(t, "    SMREF_REG_%s%s,", r->c.c_name, reg_suffix(r));
        add_comment(t, r->c.section, r->c.title);
    }
    text_add(t, "    SMREF_REG_COUNT\n} smref_register;\n");
}

static void emit_blocks(const spec *s, text_buffer *t)
{
    size_t i;

    text_add(t, "\n/* Pages of registers. */\ntypedef enum smref_block {\n");
    for (i = 0; i < s->blocks.count; i++) {
        text_add(t, "    SMREF_BLOCK_%s,", s->blocks.at[i]->name);
        add_comment(t, s->blocks.at[i]->section, s->blocks.at[i]->title);
    }
    text_add(t, "    SMREF_BLOCK_COUNT\n} smref_block;\n");
}

static void emit_layouts(const spec *s, text_buffer *t)
{
    const layout *l;
    size_t i;

    text_add(t, "\n/* What has bits in memory. */\ntypedef enum smref_layout {\n");
    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        if (i == 0 || s->layouts.at[i - 1]->kind != l->kind)
            text_add(t, "    /* %s */\n", sections[l->kind]);
        text_add(t, "    SMREF_LAYOUT_%s,", l->c.c_name);
        add_comment(t, l->c.section, l->c.title);
    }
    text_add(t, "    SMREF_LAYOUT_COUNT\n} smref_layout;\n");
}

static void emit_numbers(const spec *s, text_buffer *t, layout_kind kind, const char *type, const char *none)
{
    const layout *l;
    size_t i;

    text_add(t, "typedef enum %s {\n    %s = 0,\n", type, none);
    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        if (l->kind == kind) {
            text_add(t, "    SMREF_%s = 0x%02x,", l->c.c_name, l->number);
            add_comment(t, l->c.section, l->c.title);
        }
    }
    text_add(t, "} %s;\n", type);
}

static void emit_rule_ids(const spec *s, text_buffer *t)
{
    size_t i;

    text_add(
        t, "\n/* Rules: every decision of the architecture that smref names. */\ntypedef enum smref_rule {\n"
           "    SMREF_RULE_NONE = 0,\n");
    for (i = 0; i < s->rules.count; i++) {
        text_add(t, "    SMREF_RULE_%s,", s->rules.at[i]->id);
        add_comment(t, s->rules.at[i]->section, s->rules.at[i]->title);
    }
    text_add(t, "    SMREF_RULE_COUNT\n} smref_rule;\n");
}

static void emit_choices(const spec *s, text_buffer *t)
{
    const choice_def *c;
    size_t i, k;

    text_add(
        t, "\n/* Where the architecture permits more than one behaviour. */\ntypedef enum smref_choice {\n");
    for (i = 0; i < s->choices.count; i++) {
        text_add(t, "    SMREF_CHOICE_%s,", s->choices.at[i]->id);
        add_comment(t, s->choices.at[i]->section, s->choices.at[i]->title);
    }
    text_add(t, "    SMREF_CHOICE_COUNT\n} smref_choice;\n");
    for (i = 0; i < s->choices.count; i++) {
        c = s->choices.at[i];
        text_add(t, "\nenum smref_choice_%s { /* the default is %s */\n", c->id, c->default_name);
        for (k = 0; k < c->options.count; k++) {
            text_add(t, "    SMREF_CHOICE_%s_%s = %zu,", c->id, c->options.at[k].name, k);
            add_comment(t, NULL, c->options.at[k].means);
        }
        text_add(t, "};\n");
    }
}

static void emit_enums(const spec *s, text_buffer *t)
{
    const enum_def *e;
    size_t i, k;

    text_add(t, "\n/* Named values of the specification's text. */\n");
    for (i = 0; i < s->enums.count; i++) {
        e = s->enums.at[i];
        text_add(t, "%senum smref_enum_%s {", i ? "\n" : "", e->name);
        if (e->means)
            add_comment(t, NULL, e->means);
        else
            text_add(t, "\n");
        for (k = 0; k < e->values.count; k++)
            text_add(t, "    SMREF_%s_%s = %zu,\n", e->name, e->values.at[k], k);
        text_add(t, "};\n");
    }
}

/* The codes of a field that have names, each name once; those that a variant adds are an enum of its own. */
static void emit_codes(const container *c, size_t index, text_buffer *t)
{
    const field *f = c->fields.at[index];
    size_t i, named = 0;

    for (i = 0; i < f->codes.count; i++)
        named += first_of_code(c, index, i);
    if (named == 0)
        return;
    if (first_of_name(c, index))
        text_add(t, "\nenum smref_code_%s_%s {\n", c->c_name, f->name);
    else
        text_add(t, "\nenum {\n");
    for (i = 0; i < f->codes.count; i++) {
        if (!first_of_code(c, index, i))
            continue;
        text_add(t, "    SMREF_%s_%s_%s = 0x%llx,", c->c_name, f->name, f->codes.at[i].name,
                 (unsigned long long)f->codes.at[i].low);
        if (f->codes.at[i].means)
            add_comment(t, NULL, f->codes.at[i].means);
        else
            text_add(t, "\n");
    }
    text_add(t, "};\n");
}

static void emit_container_codes(const container *c, text_buffer *t)
{
    size_t i;

    for (i = 0; i < c->fields.count; i++)
        emit_codes(c, i, t);
}

void emit_names(const spec *s, text_buffer *t)
{
    size_t i;

    text_head(s, t, "The names that the data gives to the public interface; included by smref.h.");
    text_add(t, "#ifndef SMREF_NAMES_H\n#define SMREF_NAMES_H\n");
    emit_blocks(s, t);
    emit_registers(s, t);
    emit_layouts(s, t);
    text_add(t, "\n/* Numbers of event records (7.3). */\n");
    emit_numbers(s, t, LAYOUT_EVENT, "smref_event_type", "SMREF_EVENT_NONE");
    text_add(t, "\n/* Opcodes of commands (4.1.3). */\n");
    emit_numbers(s, t, LAYOUT_COMMAND, "smref_opcode", "SMREF_OPCODE_NONE");
    emit_rule_ids(s, t);
    emit_choices(s, t);
    emit_enums(s, t);
    text_add(t, "\n/* Named codes of fields. */\n");
    for (i = 0; i < s->layouts.count; i++)
        emit_container_codes(&s->layouts.at[i]->c, t);
    for (i = 0; i < s->regs.count; i++)
        emit_container_codes(&s->regs.at[i]->c, t);
    text_add(t, "\n#endif\n");
}
