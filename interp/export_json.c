/* The specification as one JSON object. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "export.h"
#include "hex.h"
#include "spec_words.h"
#include "vocabulary.h"

/* ---- Members --------------------------------------------------------------------------------------- */

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(object, key, json_string(text));
}

static void set_versions(json_t *object, uint8_t since, uint8_t until)
{
    char text[4];

    if (since)
        set_text(object, "since", smref_spell_arch(since, text));
    if (until)
        set_text(object, "until", smref_spell_arch(until, text));
}

/* [{"is":"RES0","when":"IDR0.PRI == 0"},…] */
static void set_clauses(json_t *object, const char *key, const char *text)
{
    json_t *list = json_array(), *line;
    smref_clause clause;

    while (smref_next_clause(&text, &clause)) {
        line = json_pack("{s:s%}", "is", clause.is, clause.is_length);
        if (clause.when_length)
            json_object_set_new(line, "when", json_stringn(clause.when, clause.when_length));
        json_array_append_new(list, line);
    }
    if (json_array_size(list))
        json_object_set_new(object, key, list);
    else
        json_decref(list);
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

static json_t *code_json(const smref_code_info *code)
{
    json_t *object = json_object();

    json_object_set_new(object, "low", smref_hex_json(code->low));
    json_object_set_new(object, "high", smref_hex_json(code->high));
    set_text(object, "name", code->name);
    set_text(object, "means", code->means);
    if (code->behaves_as >= 0)
        json_object_set_new(object, "behaves_as", smref_hex_json((uint64_t)code->behaves_as));
    if (code->illegal)
        json_object_set_new(object, "illegal", json_true());
    set_versions(object, code->since, code->until);
    return object;
}

static json_t *bits_json(const smref_field_info *field)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < field->piece_count; i++)
        json_array_append_new(list, json_pack("[i,i]", field->pieces[i].msb, field->pieces[i].lsb));
    return list;
}

static json_t *field_json(const smref_field_info *field)
{
    json_t *object = json_object(), *codes;

    set_text(object, "name", field->name);
    json_object_set_new(object, "bits", bits_json(field));
    set_text(object, "kind", smref_spell_field_kind(field->kind));
    set_text(object, "title", field->title);
    set_text(object, "section", field->section);
    set_text(object, "confidence", field->confidence);
    set_text(object, "note", field->note);
    if (field->kind == SMREF_KIND_ADDRESS)
        json_object_set_new(object, "low", json_integer(field->address_low));
    if (field->array_count) {
        json_object_set_new(object, "array",
                            json_pack("{s:i,s:i}", "count", field->array_count, "width", field->array_width));
    }
    set_versions(object, field->since, field->until);
    set_text(object, "variant", field->when);
    set_clauses(object, "state", field->state);
    set_clauses(object, "access", field->access);
    set_clauses(object, "reset", field->reset);
    if (field->code_count) {
        codes = json_array();
        for (unsigned i = 0; i < field->code_count; i++)
            json_array_append_new(codes, code_json(&field->codes[i]));
        json_object_set_new(object, "codes", codes);
    }
    return object;
}

static void set_fields(json_t *object, const smref_field_info *fields, unsigned count)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, field_json(&fields[i]));
    json_object_set_new(object, "fields", list);
}

/* ---- Items ----------------------------------------------------------------------------------------- */

static json_t *layout_json(const smref_layout_info *layout)
{
    json_t *object = json_object();

    set_text(object, "name", layout->name);
    set_text(object, "title", layout->title);
    set_text(object, "section", layout->section);
    set_text(object, "note", layout->note);
    json_object_set_new(object, "bytes", json_integer(layout->bytes));
    if (layout->kind == SMREF_LAYOUT_KIND_COMMAND)
        json_object_set_new(object, "opcode", smref_hex_json(layout->number));
    if (layout->kind == SMREF_LAYOUT_KIND_EVENT)
        json_object_set_new(object, "number", smref_hex_json(layout->number));
    set_fields(object, layout->fields, layout->field_count);
    return object;
}

static json_t *register_json(const smref_register_info *reg)
{
    json_t *object = json_object();

    set_text(object, "name", reg->name);
    set_text(object, "title", reg->title);
    set_text(object, "section", reg->section);
    set_text(object, "note", reg->note);
    set_text(object, "family", reg->family);
    set_text(object, "bank", reg->bank);
    set_text(object, "block", reg->block);
    json_object_set_new(object, "offset", smref_hex_json(reg->offset));
    json_object_set_new(object, "width", json_integer(reg->width));
    if (reg->count > 1) {
        json_object_set_new(
            object, "array",
            json_pack("{s:i,s:o}", "count", reg->count, "stride", smref_hex_json(reg->stride)));
    }
    set_text(object, "present", reg->present);
    set_clauses(object, "access", reg->access);
    set_clauses(object, "reset", reg->reset);
    set_text(object, "protocol", reg->protocol);
    json_object_set_new(object, "reset_value", smref_hex_json(reg->reset_value));
    json_object_set_new(object, "reset_known", smref_hex_json(reg->reset_known));
    set_fields(object, reg->fields, reg->field_count);
    return object;
}

static json_t *block_json(const smref_block_info *block)
{
    json_t *object = json_object();

    set_text(object, "name", block->name);
    set_text(object, "title", block->title);
    set_text(object, "section", block->section);
    set_text(object, "note", block->note);
    set_text(object, "present", block->present);
    if (block->fixed)
        json_object_set_new(object, "base", smref_hex_json(block->base));
    json_object_set_new(object, "size", smref_hex_json(block->size));
    return object;
}

static json_t *rule_json(const smref_rule_info *rule)
{
    json_t *object = json_object();

    set_text(object, "id", rule->id);
    set_text(object, "section", rule->section);
    set_text(object, "kind", rule->kind);
    set_text(object, "subject", rule->subject);
    set_text(object, "title", rule->title);
    set_text(object, "when", rule->when);
    set_text(object, "outcome", rule->outcome);
    if (rule->choice < SMREF_CHOICE_COUNT)
        set_text(object, "choice", smref_choice_at((unsigned)rule->choice)->id);
    set_text(object, "erratum", rule->erratum);
    set_text(object, "note", rule->note);
    return object;
}

static json_t *choice_json(const smref_choice_info *choice)
{
    json_t *object = json_object(), *options = json_array(), *option;

    set_text(object, "id", choice->id);
    set_text(object, "section", choice->section);
    set_text(object, "kind", choice->kind);
    set_text(object, "title", choice->title);
    for (unsigned i = 0; i < choice->option_count; i++) {
        option = json_object();
        set_text(option, "name", choice->options[i].name);
        set_text(option, "means", choice->options[i].means);
        set_versions(option, choice->options[i].since, choice->options[i].until);
        json_array_append_new(options, option);
    }
    json_object_set_new(object, "options", options);
    set_text(object, "default", choice->options[choice->default_option].name);
    return object;
}

static json_t *erratum_json(const smref_erratum_info *erratum)
{
    json_t *object = json_object();

    set_text(object, "id", erratum->id);
    set_text(object, "section", erratum->section);
    set_text(object, "title", erratum->title);
    set_text(object, "taken", erratum->taken);
    set_text(object, "reason", erratum->reason);
    return object;
}

static json_t *unmodelled_json(const smref_unmodelled_info *item)
{
    return json_pack("{s:s,s:s,s:s,s:b}", "id", item->id, "text", item->text, "when", item->when,
                     "affects_lookup", (int)item->affects_lookup);
}

static json_t *term_json(const smref_term_info *term)
{
    json_t *object = json_object();

    set_text(object, "name", term->name);
    set_text(object, "type", term->type);
    set_text(object, "section", term->section);
    set_text(object, "means", term->means);
    set_text(object, "expr", term->expr);
    return object;
}

static json_t *enum_json(const smref_enum_info *list)
{
    json_t *object = json_object(), *values = json_array();

    set_text(object, "name", list->name);
    for (unsigned i = 0; i < list->value_count; i++)
        json_array_append_new(values, json_string(list->values[i]));
    json_object_set_new(object, "values", values);
    return object;
}

/* A profile is such a file as it stands in spec/profiles/. */
static json_t *profile_json(const char *name)
{
    const smref_embedded *file;

    for (file = smref_embedded_files; file->name; file++)
        if (strcmp(file->folder, "profiles") == 0 && strncmp(file->name, name, strlen(name)) == 0 &&
            strcmp(file->name + strlen(name), ".json") == 0)
            return json_loadb(file->text, file->size, 0, NULL);
    return NULL;
}

static json_t *item_json(const smref_item *item)
{
    char room[SMREF_ITEM_ROOM];

    switch (item->kind) {
    case SMREF_ITEM_REGISTER:
        return register_json(smref_register_at(item->index));
    case SMREF_ITEM_BLOCK:
        return block_json(smref_block_at(item->index));
    case SMREF_ITEM_RULE:
        return rule_json(smref_rule_at(item->index));
    case SMREF_ITEM_CHOICE:
        return choice_json(smref_choice_at(item->index));
    case SMREF_ITEM_ERRATUM:
        return erratum_json(smref_erratum_at(item->index));
    case SMREF_ITEM_UNMODELLED:
        return unmodelled_json(smref_unmodelled_at(item->index));
    case SMREF_ITEM_TERM:
        return term_json(smref_term_at(item->index));
    case SMREF_ITEM_ENUM:
        return enum_json(smref_enum_at(item->index));
    case SMREF_ITEM_PROFILE:
        return profile_json(smref_item_name(item, room));
    default:
        return layout_json(smref_layout_at(item->index));
    }
}

/* ---- The export ------------------------------------------------------------------------------------ */

static void print_line(FILE *to, json_t *value)
{
    json_dumpf(value, to, JSON_COMPACT);
    putc('\n', to);
    json_decref(value);
}

void smref_export_json_item(FILE *to, const smref_item *item)
{
    print_line(to, item_json(item));
}

void smref_export_json_field(FILE *to, const smref_item *item)
{
    char room[SMREF_ITEM_ROOM];
    unsigned count;
    json_t *object = field_json(&smref_item_fields(item, &count)[item->field]);

    set_text(object, "container", smref_item_name(item, room));
    print_line(to, object);
}

/* An item a line, so that lines can be searched and compared. */
void smref_export_json(FILE *to, const bool kinds[SMREF_ITEM_KINDS])
{
    smref_item item;
    json_t *value;

    fputs("{\"format\":\"smref-export\",\"version\":\"1.0\",\"smref\":\"" SMREF_VERSION
          "\",\"document\":\"IHI 0070 G.b\"",
          to);
    for (unsigned kind = 0; kind < SMREF_ITEM_KINDS; kind++) {
        if (!kinds[kind])
            continue;
        fprintf(to, ",\n\"%s\":[", smref_item_kind_word((smref_item_kind)kind));
        for (unsigned n = 0; smref_item_at((smref_item_kind)kind, n, &item); n++) {
            fputs(n ? ",\n" : "\n", to);
            value = item_json(&item);
            json_dumpf(value, to, JSON_COMPACT);
            json_decref(value);
        }
        fputs("\n]", to);
    }
    fputs("}\n", to);
}
