/* smref_layout.h: one pair of functions for each field, shifts and masks over words of 64 bits. */
#include "specgen.h"

#include <string.h>

/* The specification's place of a field, as a comment. */
static void emit_place(text_buffer *t, const container *c, const field *f)
{
    char bits[64];

    text_add(t, "\n/* %s.%s [%s] (%s) */\n", c->name, f->name, bits_text(f, bits, sizeof bits), f->section);
}

/* Where a piece sits: its word, the shift in it, its mask, and the shift of its part of the value. */
typedef struct piece {
    unsigned word, shift, width, up;
} piece;

static piece piece_at(const field *f, unsigned index)
{
    piece out = {f->pieces[index].lsb / 64, f->pieces[index].lsb % 64,
                 f->pieces[index].msb - f->pieces[index].lsb + 1, 0};
    unsigned i;

    for (i = index + 1; i < f->piece_count; i++)
        out.up += f->pieces[i].msb - f->pieces[i].lsb + 1;
    return out;
}

static void emit_word(text_buffer *t, bool is_register, unsigned word)
{
    if (is_register)
        text_add(t, "reg");
    else
        text_add(t, "w[%u]", word);
}

static void emit_read(text_buffer *t, const field *f, bool is_register)
{
    unsigned i;
    piece p;

    for (i = 0; i < f->piece_count; i++) {
        p = piece_at(f, i);
        text_add(t, i ? " | " : "");
        text_add(t, f->piece_count > 1 ? "(" : "");
        text_add(t, p.up ? "(" : "");
        emit_word(t, is_register, p.word);
        text_add(t, p.shift ? " >> %u" : "", p.shift);
        text_add(t, p.width < 64 ? " & UINT64_C(0x%llx)" : "", (unsigned long long)mask_of(p.width));
        text_add(t, p.up ? ") << %u" : "", p.up);
        text_add(t, f->piece_count > 1 ? ")" : "");
    }
}

/* The word of a piece with the value inserted. */
static void emit_insert(text_buffer *t, piece p, bool is_register)
{
    unsigned long long mask = mask_of(p.width);

    if (p.width == 64) {
        text_add(t, "v");
        return;
    }
    text_add(t, "(");
    emit_word(t, is_register, p.word);
    text_add(t, p.shift ? " & ~(UINT64_C(0x%llx) << %u)) | ((v" : " & ~UINT64_C(0x%llx)) | (v", mask,
             p.shift);
    text_add(t, p.up ? " >> %u" : "", p.up);
    text_add(t, " & UINT64_C(0x%llx))", mask);
    text_add(t, p.shift ? " << %u)" : "", p.shift);
}

static void emit_array(text_buffer *t, const container *c, const field *f, bool is_register)
{
    unsigned long long mask = mask_of(f->array_width);
    unsigned low = f->pieces[0].lsb;
    const char *source = is_register ? "reg" : "w[bit / 64]";

    text_add(t,
             "static inline uint64_t smref_%s_%s(%s, unsigned i)\n{\n    unsigned bit = %uu + %uu * i;\n\n",
             c->c_name, f->name, is_register ? "uint64_t reg" : "const uint64_t *w", low, f->array_width);
    text_add(t, "    return %s >> bit %% 64 & UINT64_C(0x%llx);\n}\n\n", source, mask);
    if (is_register) {
        text_add(t,
                 "static inline uint64_t smref_%s_with_%s(uint64_t reg, unsigned i, uint64_t v)\n{\n"
                 "    unsigned bit = %uu + %uu * i;\n\n    return (reg & ~(UINT64_C(0x%llx) << bit)) | "
                 "(v & UINT64_C(0x%llx)) << bit;\n}\n",
                 c->c_name, f->name, low, f->array_width, mask, mask);
    } else {
        text_add(t,
                 "static inline void smref_%s_set_%s(uint64_t *w, unsigned i, uint64_t v)\n{\n"
                 "    unsigned bit = %uu + %uu * i;\n\n    w[bit / 64] = (w[bit / 64] & ~(UINT64_C(0x%llx) "
                 "<< bit %% 64)) "
                 "|\n                  (v & UINT64_C(0x%llx)) << bit %% 64;\n}\n",
                 c->c_name, f->name, low, f->array_width, mask, mask);
    }
}

static void emit_field(text_buffer *t, const container *c, const field *f, bool is_register)
{
    const char *from = is_register ? "uint64_t reg" : "const uint64_t *w";
    const char *pass = is_register ? "reg" : "w";
    unsigned i;

    emit_place(t, c, f);
    if (f->array_count) {
        emit_array(t, c, f, is_register);
        return;
    }
    text_add(t, "static inline uint64_t smref_%s_%s(%s)\n{\n    return ", c->c_name, f->name, from);
    emit_read(t, f, is_register);
    text_add(t, ";\n}\n\n");
    if (f->kind == FIELD_ADDRESS) {
        text_add(
            t, "static inline uint64_t smref_%s_%s_address(%s)\n{\n    return smref_%s_%s(%s) << %u;\n}\n\n",
            c->c_name, f->name, from, c->c_name, f->name, pass, f->address_low);
    }
    if (is_register) {
        text_add(t, "static inline uint64_t smref_%s_with_%s(uint64_t reg, uint64_t v)\n{\n", c->c_name,
                 f->name);
    } else {
        text_add(t, "static inline void smref_%s_set_%s(uint64_t *w, uint64_t v)\n{\n", c->c_name, f->name);
    }
    for (i = 0; i < f->piece_count; i++) {
        text_add(t, "    ");
        if (is_register && i + 1 == f->piece_count) {
            text_add(t, f->width == 64 ? "(void)reg;\n    return " : "return ");
        } else {
            emit_word(t, is_register, piece_at(f, i).word);
            text_add(t, " = ");
        }
        emit_insert(t, piece_at(f, i), is_register);
        text_add(t, ";\n");
    }
    text_add(t, "}\n");
}

static void emit_fields(text_buffer *t, const container *c, bool is_register)
{
    size_t i;

    for (i = 0; i < c->fields.count; i++)
        if (first_of_name(c, i))
            emit_field(t, c, c->fields.at[i], is_register);
}

/* ---- Sets of bits ---------------------------------------------------------------------------------- */

/* Those of the field that lie in the word. */
static uint64_t bits_in_word(const field *f, unsigned word)
{
    uint64_t bits = 0;
    unsigned low, high, p;

    for (p = 0; p < f->piece_count; p++) {
        low = f->pieces[p].lsb > word * 64 ? f->pieces[p].lsb : word * 64;
        high = f->pieces[p].msb < word * 64 + 63 ? f->pieces[p].msb : word * 64 + 63;
        if (low <= high && f->pieces[p].msb >= word * 64 && f->pieces[p].lsb <= word * 64 + 63)
            bits |= mask_of(high - low + 1) << low % 64;
    }
    return bits;
}

static void reserved_bits(const item_list *list, unsigned word, uint64_t *mask)
{
    uint64_t all, one;
    const field *f;
    size_t i, k;

    for (i = 0; i < list->count; i++) {
        f = list->at[i].field;
        if (!f) {
            for (k = 0, all = UINT64_MAX; k < list->at[i].set->variants.count; k++) {
                one = 0;
                reserved_bits(&list->at[i].set->variants.at[k].items, word, &one);
                all &= one;
            }
            *mask |= all;
            continue;
        }
        if (f->kind == FIELD_RESERVED && f->state.count == 0)
            *mask |= bits_in_word(f, word);
    }
}

static void emit_head(text_buffer *t, const container *c)
{
    text_add(t, "\n/* ---- %s (%s): ", c->name, c->section);
    text_comment(t, c->title);
    text_add(t, " */\n");
}

static uint64_t reserved_in_word(const container *c, unsigned word)
{
    uint64_t mask = 0;

    reserved_bits(&c->items, word, &mask);
    return mask;
}

static uint64_t tlb_in_word(const container *c, unsigned word)
{
    uint64_t mask = 0;
    size_t i;

    for (i = 0; i < c->fields.count; i++)
        if (c->fields.at[i]->in_tlb)
            mask |= bits_in_word(c->fields.at[i], word);
    return mask;
}

static void emit_mask(text_buffer *t, const container *c, const char *name,
                      uint64_t (*mask)(const container *c, unsigned word))
{
    unsigned words = (c->bits + 63) / 64, i;

    text_add(t, "static const uint64_t SMREF_%s_%s_MASK[SMREF_%s_WORDS] = {", c->c_name, name, c->c_name);
    for (i = 0; i < words; i++)
        text_add(t, "%sUINT64_C(0x%016llx),", i % 4 == 0 ? "\n    " : " ", (unsigned long long)mask(c, i));
    text_add(t, "\n};\n");
}

static bool held_in_tlb(const container *c)
{
    size_t i;

    for (i = 0; i < c->fields.count && !c->fields.at[i]->in_tlb; i++)
        ;
    return i < c->fields.count;
}

static void emit_layout_head(text_buffer *t, const layout *l)
{
    emit_head(t, &l->c);
    text_add(t, "\n#define SMREF_%s_BYTES %u\n#define SMREF_%s_WORDS %u\n\n", l->c.c_name, l->c.bits / 8,
             l->c.c_name, (l->c.bits + 63) / 64);
    text_add(t, "/* Bits that are RES0 in every configuration. */\n");
    emit_mask(t, &l->c, "RES0", reserved_in_word);
    if (!held_in_tlb(&l->c))
        return;
    text_add(t, "/* Bits that a TLB may hold. */\n");
    emit_mask(t, &l->c, "TLB", tlb_in_word);
}

/* ---- Event records --------------------------------------------------------------------------------- */

/* The number of the record stands in its first byte and is not a field that the caller fills. */
static bool is_event_value(const layout *l, size_t index)
{
    const field *f = l->c.fields.at[index];

    return l->kind == LAYOUT_EVENT && first_of_name(&l->c, index) && f->pieces[0].lsb != 0 && !f->array_count;
}

static bool seen_in_earlier_event(const spec *s, size_t event, const char *name)
{
    const layout *l;
    size_t i, k;

    for (i = 0; i < event; i++) {
        l = s->layouts.at[i];
        for (k = 0; k < l->c.fields.count; k++)
            if (is_event_value(l, k) && same_name(l->c.fields.at[k]->name, name))
                return true;
    }
    return false;
}

static void emit_event_fields(const spec *s, text_buffer *t)
{
    const layout *l;
    const field *f;
    bool any = false;
    size_t i, k;

    text_add(
        t,
        "\n/* ---- Values of event records: what smref_event_encode puts into them. A field of kind address\n"
        " * holds the address here; the bits below what the record can hold are dropped. */\n\n"
        "struct smref_event_fields {\n");
    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        for (k = 0; k < l->c.fields.count; k++) {
            f = l->c.fields.at[k];
            if (is_event_value(l, k) && !seen_in_earlier_event(s, i, f->name)) {
                text_add(t, "    uint64_t %s;%s\n", f->name,
                         f->kind == FIELD_ADDRESS ? " /* address */" : "");
                any = true;
            }
        }
    }
    text_add(t, any ? "};\n" : "    uint64_t none;\n};\n");
}

void emit_layout(const spec *s, text_buffer *t)
{
    size_t i;

    text_head(s, t,
              "Fields of structures, descriptors, commands and event records over words of 64 bits, least "
              "significant word first, and fields of registers over their value.");
    text_add(t, "#ifndef SMREF_LAYOUT_H\n#define SMREF_LAYOUT_H\n\n#include <stdint.h>\n");
    for (i = 0; i < s->layouts.count; i++) {
        emit_layout_head(t, s->layouts.at[i]);
        emit_fields(t, &s->layouts.at[i]->c, false);
    }
    emit_event_fields(s, t);
    for (i = 0; i < s->regs.count; i++) {
        emit_head(t, &s->regs.at[i]->c);
        emit_fields(t, &s->regs.at[i]->c, true);
    }
    text_add(t, "\n#endif\n");
}
