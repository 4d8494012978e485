/* Words taken apart, as people and as programs read them. */
#include <string.h>

#include "decoding.h"
#include "hex.h"
#include "page.h"
#include "spec_words.h"
#include "vocabulary.h"

enum { NAME_COLUMN = 13, VALUE_COLUMN = 27, TEXT_COLUMN = 40 };

/* ---- Text ------------------------------------------------------------------------------------------ */

static uint64_t shown_value(const smref_decoded_field *field)
{
    return field->info->kind == SMREF_KIND_ADDRESS ? field->value << field->info->address_low : field->value;
}

/* An address is written whole, whatever the field's width. */
static const char *spell(const smref_decoded_field *field, char out[SMREF_WORDS_ROOM])
{
    if (field->info->kind != SMREF_KIND_ADDRESS)
        return smref_spell_value(field->info, field->value, out);
    snprintf(out, SMREF_WORDS_ROOM, "0x%llx", (unsigned long long)shown_value(field));
    return out;
}

static void add(char *line, size_t room, const char *separator, const char *text)
{
    size_t used = strlen(line);

    if (text && *text)
        snprintf(line + used, room - used, "%s%s", used ? separator : "", text);
}

/* "S1_TRANS: stage 1 translates", or the title; what is amiss, or the state, goes first. */
static void print_meaning(FILE *to, unsigned column, const smref_decoded_field *field)
{
    bool used = field->state == SMREF_FIELD_ACTIVE || field->value != 0;
    const smref_code_info *code = used ? field->code : NULL; /* of no use when the value has no meaning */
    const char *means = code ? code->means : field->info->title;
    char line[1024] = "", acts[SMREF_WORDS_ROOM];

    add(line, sizeof line, "", smref_remark_says(field->remark));
    if (!field->remark && field->state != SMREF_FIELD_ACTIVE && smref_field_is_named(field->info))
        add(line, sizeof line, "", smref_spell_state(field->state));
    if (code && code->name) {
        add(line, sizeof line, "; ", code->name);
        add(line, sizeof line, ": ", means);
    } else if (!means || field->remark != SMREF_REMARK_RESERVED || strcmp(means, "reserved") != 0) {
        add(line, sizeof line, "; ", means);
    }
    if (code && code->behaves_as >= 0) {
        snprintf(acts, sizeof acts, "behaves as %lld", (long long)code->behaves_as);
        add(line, sizeof line, ", ", acts);
    }
    smref_page_words(to, column, TEXT_COLUMN, line);
}

/* The bits of the fields from `first` to `last`, which are one, or neighbours in an array. */
static const char *spell_place(const smref_decoded_field *first, const smref_decoded_field *last,
                               char out[SMREF_WORDS_ROOM])
{
    unsigned width = first->info->array_width, lsb = first->info->pieces[0].lsb;

    if (!first->info->array_count)
        return smref_spell_bits(first->info, out);
    snprintf(out, SMREF_WORDS_ROOM, "[%u:%u]", lsb + (last->element + 1) * width - 1,
             lsb + first->element * width);
    return out;
}

/* The elements of an array from `i` on that hold the same: one line for all. */
static size_t alike(const smref_decoding *decoding, size_t i)
{
    const smref_decoded_field *first = &decoding->fields[i];
    size_t end = i + 1;

    while (first->info->array_count && end < decoding->field_count &&
           decoding->fields[end].info == first->info && decoding->fields[end].value == first->value)
        end++;
    return end;
}

static void print_field(FILE *to, const smref_decoding *decoding, size_t i, size_t end)
{
    const smref_decoded_field *field = &decoding->fields[i];
    char bits[SMREF_WORDS_ROOM], value[SMREF_WORDS_ROOM];
    unsigned column;

    column = (unsigned)fprintf(to, "%s%s ", field->remark ? "! " : "  ",
                               spell_place(field, &decoding->fields[end - 1], bits));
    column = column < NAME_COLUMN ? smref_page_tab(to, column, NAME_COLUMN) : column;
    column += (unsigned)fprintf(to, "%s", field->info->name);
    if (field->info->array_count && end - i > 1)
        column += (unsigned)fprintf(to, "[%u..%u]", field->element, decoding->fields[end - 1].element);
    else if (field->info->array_count)
        column += (unsigned)fprintf(to, "[%u]", field->element);
    column += (unsigned)fprintf(to, " ");
    column = column < VALUE_COLUMN ? smref_page_tab(to, column, VALUE_COLUMN) : column;
    column += (unsigned)fprintf(to, "%s ", spell(field, value));
    column = column < TEXT_COLUMN ? smref_page_tab(to, column, TEXT_COLUMN) : column;
    print_meaning(to, column, field);
}

/* Reserved bits that are as they must be say nothing; neither does, in brief, what is zero or not used. */
static bool worth_a_line(const smref_decoded_field *field, bool brief)
{
    if (field->remark)
        return true;
    if (!smref_field_is_named(field->info) || strncmp(field->info->name, "IGNORED_", 8) == 0)
        return field->value != 0;
    return !brief || (field->state == SMREF_FIELD_ACTIVE && (field->value != 0 || field->code));
}

static void print_judgement(FILE *to, const smref_decoding *decoding)
{
    const smref_rule_info *rule;

    if (!decoding->judged)
        return;
    if (decoding->illegal_count == 0) {
        fputs("\nlegal in this configuration\n", to);
        return;
    }
    rule = smref_rule_at(decoding->illegal[0]);
    fprintf(to, "\nILLEGAL: an access that comes this way ends in %s\n",
            rule->outcome ? rule->outcome : "a configuration error");
    for (unsigned i = 0; i < decoding->illegal_count && i < SMREF_MAX_ILLEGAL; i++) {
        rule = smref_rule_at(decoding->illegal[i]);
        fputs("! ", to);
        unsigned column = smref_page_tab(to, 2 + (unsigned)fprintf(to, "%s ", rule->id), TEXT_COLUMN);
        smref_page_print(to, column, TEXT_COLUMN, "%s (%s)", rule->title, rule->section);
    }
}

void smref_print_decoding(FILE *to, const smref_decoding *decoding, bool brief)
{
    bool all = decoding->word_count * 64 >= decoding->bits;

    for (size_t i = 0, end; i < decoding->field_count; i = end) {
        end = alike(decoding, i);
        if (worth_a_line(&decoding->fields[i], brief))
            print_field(to, decoding, i, end);
    }
    if (!all)
        fprintf(to, "\nonly %u of %u words were given\n", decoding->word_count, decoding->bits / 64);
    if (decoding->has_address)
        fprintf(to, "\n%s 0x%llx\n", strstr(decoding->name, "TABLE") ? "next table at" : "output address",
                (unsigned long long)decoding->address);
    print_judgement(to, decoding);
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static json_t *field_json(const smref_decoded_field *field)
{
    json_t *object = json_object(), *bits = json_array();

    json_object_set_new(object, "name", json_string(field->info->name));
    for (unsigned i = 0; i < field->info->piece_count; i++) {
        unsigned lsb = field->info->pieces[i].lsb + field->element * field->info->array_width,
                 msb = field->info->array_count ? lsb + field->info->array_width - 1U
                                                : field->info->pieces[i].msb;
        json_array_append_new(bits, json_pack("[i,i]", (int)msb, (int)lsb));
    }
    json_object_set_new(object, "bits", bits);
    if (field->info->array_count)
        json_object_set_new(object, "element", json_integer(field->element));
    json_object_set_new(object, "value", smref_hex_json(field->value));
    if (field->info->kind == SMREF_KIND_ADDRESS)
        json_object_set_new(object, "address", smref_hex_json(shown_value(field)));
    json_object_set_new(object, "state", json_string(smref_spell_state(field->state)));
    if (field->code && field->code->name)
        json_object_set_new(object, "code", json_string(field->code->name));
    if (field->code && field->code->means)
        json_object_set_new(object, "means", json_string(field->code->means));
    if (field->remark)
        json_object_set_new(object, "remark", json_string(smref_remark_word(field->remark)));
    return object;
}

static json_t *illegal_json(const smref_decoding *decoding)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < decoding->illegal_count && i < SMREF_MAX_ILLEGAL; i++) {
        const smref_rule_info *rule = smref_rule_at(decoding->illegal[i]);
        json_t *line =
            json_pack("{s:s,s:s,s:s}", "rule", rule->id, "section", rule->section, "title", rule->title);
        if (rule->outcome)
            json_object_set_new(line, "outcome", json_string(rule->outcome));
        json_array_append_new(list, line);
    }
    return list;
}

json_t *smref_decoding_json(const smref_decoding *decoding)
{
    const char *kind = "register";
    json_t *object = json_object(), *fields = json_array();

    if (!decoding->is_register)
        kind = smref_spell_layout_kind(smref_layout_at((unsigned)decoding->layout)->kind);
    json_object_set_new(object, "kind", json_string(kind));
    json_object_set_new(object, "name", json_string(decoding->name));
    json_object_set_new(object, "section", json_string(decoding->section));
    json_object_set_new(object, "words", smref_hex_words(decoding->words, decoding->word_count));
    for (size_t i = 0; i < decoding->field_count; i++)
        json_array_append_new(fields, field_json(&decoding->fields[i]));
    json_object_set_new(object, "fields", fields);
    if (decoding->has_address)
        json_object_set_new(object, "address", smref_hex_json(decoding->address));
    if (decoding->judged)
        json_object_set_new(object, "illegal", illegal_json(decoding));
    return object;
}
