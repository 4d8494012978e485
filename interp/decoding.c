/* Words taken apart. */
#include "decoding.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fields.h"
#include "spec_words.h"

/* ---- Remarks --------------------------------------------------------------------------------------- */

static const char *const remarks[][2] = {
    [SMREF_REMARK_NONE] = {NULL, NULL},
    [SMREF_REMARK_RES0] = {"res0", "must be zero (RES0)"},
    [SMREF_REMARK_RES1] = {"res1", "must be one (RES1)"},
    [SMREF_REMARK_IGNORED] = {"ignored", "has no effect here (IGNORED)"},
    [SMREF_REMARK_RESERVED] = {"reserved", "a reserved value"},
    [SMREF_REMARK_UNKNOWN] = {"unknown-code", "no value of this version"},
};

const char *smref_remark_word(smref_remark remark)
{
    return remarks[remark][0];
}

const char *smref_remark_says(smref_remark remark)
{
    return remarks[remark][1];
}

bool smref_field_is_free(const smref_field_info *field)
{
    smref_clause clause;
    const char *text = field->state;

    while (smref_next_clause(&text, &clause))
        if (clause.is_length == strlen("IGNORED") && strncmp(clause.is, "IGNORED", clause.is_length) == 0 &&
            (!clause.when_length ||
             (clause.when_length == 4 && strncmp(clause.when, "true", clause.when_length) == 0)))
            return true;
    return false;
}

static bool is_reserved(const smref_code_info *code)
{
    return code->illegal || code->behaves_as >= 0 || (code->means && strcmp(code->means, "reserved") == 0);
}

/* A field with codes for all of its values; one with codes for some is a number with special values. */
static bool is_enumerated(const smref_field_info *field)
{
    return field->kind == SMREF_KIND_ENUM;
}

static smref_remark remark_on(const smref_decoded_field *field, bool any_set)
{
    switch (field->state) {
    case SMREF_FIELD_RES0:
        return any_set ? SMREF_REMARK_RES0 : SMREF_REMARK_NONE;
    case SMREF_FIELD_RES1:
        return field->value != smref_field_largest(field->info) ? SMREF_REMARK_RES1 : SMREF_REMARK_NONE;
    case SMREF_FIELD_IGNORED:
        return any_set && !smref_field_is_free(field->info) ? SMREF_REMARK_IGNORED : SMREF_REMARK_NONE;
    case SMREF_FIELD_ACTIVE:
        if (field->code && is_reserved(field->code))
            return SMREF_REMARK_RESERVED;
        return !field->code && is_enumerated(field->info) ? SMREF_REMARK_UNKNOWN : SMREF_REMARK_NONE;
    default:
        return SMREF_REMARK_NONE;
    }
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

/* Reserved bits may be wider than a value. */
static bool any_bit(const smref_field_info *field, const uint64_t *words)
{
    for (unsigned i = 0; i < field->piece_count; i++)
        for (unsigned bit = field->pieces[i].lsb; bit <= field->pieces[i].msb; bit++)
            if (words[bit / 64] >> bit % 64 & 1)
                return true;
    return false;
}

static void add(smref_decoding *out, const smref_field_info *info, unsigned number, unsigned element,
                smref_field_state state, unsigned arch)
{
    smref_decoded_field *field = &out->fields[out->field_count++];
    bool any_set;

    *field = (smref_decoded_field){.info = info, .number = number, .element = element, .state = state};
    field->value = smref_field_get(info, out->words, element);
    any_set = info->array_count ? field->value != 0 : any_bit(info, out->words);
    field->code = smref_code_of(info, field->value, arch);
    field->remark = remark_on(field, any_set);
}

/* Whether all of the field, up to an array's element, lies in the words that were given. */
static bool covered(const smref_decoding *out, const smref_field_info *field, unsigned element)
{
    unsigned top = field->pieces[0].msb;

    if (field->array_count)
        top = field->pieces[0].lsb + (element + 1) * field->array_width - 1;
    return top / 64 < out->word_count;
}

static void add_all(smref_decoding *out, const smref_field_info *info, unsigned number,
                    smref_field_state state, unsigned arch)
{
    for (unsigned k = 0; k == 0 || k < info->array_count; k++)
        if (covered(out, info, k))
            add(out, info, number, k, state, arch);
}

static void make_room(smref_decoding *out, const smref_field_info *fields, unsigned count)
{
    size_t room = 0;

    for (unsigned i = 0; i < count; i++)
        room += fields[i].array_count ? fields[i].array_count : 1;
    out->fields = smref_alloc(room, sizeof *out->fields);
}

/* ---- Containers ------------------------------------------------------------------------------------ */

static void judge(const smref *smmu, const smref_field_context *context, smref_decoding *out)
{
    bool whole = out->word_count * 64 >= out->bits;

    if (!whole || (out->layout != SMREF_LAYOUT_STE && out->layout != SMREF_LAYOUT_CD))
        return;
    out->judged = true;
    out->illegal_count =
        out->layout == SMREF_LAYOUT_STE
            ? smref_ste_illegal(smmu, context->sec_sid, out->words, out->illegal, SMREF_MAX_ILLEGAL)
            : smref_cd_illegal(smmu, context->sec_sid, context->ste, out->words, out->illegal,
                               SMREF_MAX_ILLEGAL);
}

/* An invalid descriptor has none. */
static void join_address(smref_decoding *out)
{
    const smref_decoded_field *valid = smref_decoded_named(out, "VALID");

    if (valid && valid->value == 0)
        return;
    for (size_t i = 0; i < out->field_count; i++) {
        const smref_decoded_field *field = &out->fields[i];
        if (field->info->kind != SMREF_KIND_ADDRESS || field->state != SMREF_FIELD_ACTIVE)
            continue;
        out->has_address = true;
        out->address |= field->value << field->info->address_low;
    }
}

void smref_decode_layout(const smref *smmu, const smref_field_context *context, smref_layout layout,
                         const uint64_t *words, unsigned word_count, smref_decoding *out)
{
    const smref_layout_info *info = smref_layout_at((unsigned)layout);
    unsigned arch = smref_architecture(smmu);
    smref_field_state state;

    *out = (smref_decoding){.name = info->name,
                            .title = info->title,
                            .section = info->section,
                            .layout = layout,
                            .bits = info->bytes * 8,
                            .word_count = word_count,
                            .words = words};
    make_room(out, info->fields, info->field_count);
    for (unsigned i = 0; i < info->field_count; i++)
        if (covered(out, &info->fields[i], 0) && smref_field_look(smmu, context, layout, i, words, &state))
            add_all(out, &info->fields[i], i, state, arch);
    judge(smmu, context, out);
    if (info->kind == SMREF_LAYOUT_KIND_DESCRIPTOR)
        join_address(out);
}

void smref_decode_register(const smref *smmu, smref_register reg, const uint64_t *value, smref_decoding *out)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    unsigned arch = smref_architecture(smmu);
    smref_field_state state;

    *out = (smref_decoding){.name = info->name,
                            .title = info->title,
                            .section = info->section,
                            .is_register = true,
                            .bits = info->width,
                            .word_count = 1,
                            .words = value};
    make_room(out, info->fields, info->field_count);
    for (unsigned i = 0; i < info->field_count; i++)
        if (smref_register_field_look(smmu, reg, i, *value, &state))
            add_all(out, &info->fields[i], i, state, arch);
}

/* A code that makes a command another one is named by that one. */
static bool turned_into(const smref_layout_info *info, const uint64_t *words, smref_layout *layout)
{
    smref_layout other;

    for (unsigned i = 0; i < info->field_count; i++) {
        const smref_field_info *field = &info->fields[i];
        const smref_code_info *code =
            field->code_count ? smref_code_of(field, smref_field_get(field, words, 0), 0) : NULL;
        if (!code || !code->means || !smref_layout_find(code->means, &other) ||
            smref_layout_at((unsigned)other)->number != info->number)
            continue;
        *layout = other;
        return true;
    }
    return false;
}

bool smref_record_find(smref_layout_kind kind, const uint64_t *words, smref_layout *layout)
{
    const smref_layout_info *info;

    for (unsigned i = 0; (info = smref_layout_at(i)) != NULL; i++) {
        /* the number is the first field of a command and of a record */
        if (info->kind != kind || info->number != smref_field_get(&info->fields[0], words, 0))
            continue;
        *layout = (smref_layout)i;
        (void)turned_into(info, words, layout);
        return true;
    }
    return false;
}

void smref_decoding_free(smref_decoding *decoding)
{
    free(decoding->fields);
    decoding->fields = NULL;
    decoding->field_count = 0;
}

const smref_decoded_field *smref_decoded_named(const smref_decoding *decoding, const char *name)
{
    for (size_t i = 0; i < decoding->field_count; i++)
        if (smref_field_is_named(decoding->fields[i].info) &&
            strcmp(decoding->fields[i].info->name, name) == 0)
            return &decoding->fields[i];
    return NULL;
}
