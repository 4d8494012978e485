/* A readable page about an item of the specification. */
#include "spec_page.h"

#include <string.h>

#include "embedded.h"
#include "page.h"
#include "rule_page.h"
#include "spec_words.h"

enum { BITS_COLUMN = 2, NAME_COLUMN = 13, TEXT_COLUMN = 27, CODE_COLUMN = 29, TITLE_COLUMN = 34 };

/* ---- Fields ---------------------------------------------------------------------------------------- */

/* "RES0 if A", a clause a line. */
static void print_clauses(FILE *to, unsigned column, const char *what, const char *text)
{
    smref_clause clause;

    while (smref_next_clause(&text, &clause)) {
        fprintf(to, "%*s", (int)column, "");
        if (clause.when_length)
            smref_page_print(to, column, column + 2, "%s%.*s if %.*s", what, (int)clause.is_length, clause.is,
                             (int)clause.when_length, clause.when);
        else
            smref_page_print(to, column, column + 2, "%s%.*s", what, (int)clause.is_length, clause.is);
    }
}

static void print_codes(FILE *to, const smref_field_info *field, unsigned column)
{
    char spelled[SMREF_WORDS_ROOM], versions[SMREF_WORDS_ROOM], then[SMREF_WORDS_ROOM];

    for (unsigned i = 0; i < field->code_count; i++) {
        const smref_code_info *code = &field->codes[i];
        smref_spell_versions(code->since, code->until, versions);
        then[0] = '\0';
        if (code->behaves_as >= 0)
            snprintf(then, sizeof then, ", behaves as %lld", (long long)code->behaves_as);
        unsigned at =
            (unsigned)fprintf(to, "%*s%s  ", (int)column, "", smref_spell_code(field, code, spelled));
        smref_page_print(to, at, column + 6, "%s%s%s%s%s%s%s", code->name ? code->name : "",
                         code->name && code->means ? ": " : "", code->means ? code->means : "", then,
                         code->illegal ? ", ILLEGAL" : "", *versions ? "; " : "", versions);
    }
}

/* What is known about a field besides its title. */
static void print_details(FILE *to, const smref_field_info *field, const char *section, unsigned column)
{
    char versions[SMREF_WORDS_ROOM];

    print_codes(to, field, column);
    if (field->array_count)
        fprintf(to, "%*s%u elements of %u bits\n", (int)column, "", field->array_count, field->array_width);
    if (field->kind == SMREF_KIND_ADDRESS && field->address_low)
        fprintf(to, "%*sholds an address from its bit %u up\n", (int)column, "", field->address_low);
    if (*smref_spell_versions(field->since, field->until, versions))
        fprintf(to, "%*s%s\n", (int)column, "", versions);
    if (field->when) {
        fprintf(to, "%*s", (int)column, "");
        smref_page_print(to, column, column + 2, "these bits when: %s", field->when);
    }
    print_clauses(to, column, "", field->state);
    print_clauses(to, column, "access ", field->access);
    print_clauses(to, column, "reset ", field->reset);
    if (field->section && section && strcmp(field->section, section) != 0)
        fprintf(to, "%*ssection %s\n", (int)column, "", field->section);
    if (field->note) {
        fprintf(to, "%*s", (int)column, "");
        smref_page_print(to, column, column + 2, "note: %s", field->note);
    }
    if (field->confidence && strcmp(field->confidence, "T") != 0) {
        fprintf(to, "%*s%s\n", (int)column, "",
                strcmp(field->confidence, "X") == 0 ? "position: from public headers that agree (X)"
                                                    : "position: from one weak source (?)");
    }
}

static void print_field(FILE *to, const smref_field_info *field, const char *section, bool brief)
{
    char bits[SMREF_WORDS_ROOM];
    unsigned column;
    bool bare = !smref_field_is_named(field);

    column = (unsigned)fprintf(to, "%*s%s ", BITS_COLUMN, "", smref_spell_bits(field, bits));
    column = column < NAME_COLUMN ? smref_page_tab(to, column, NAME_COLUMN) : column;
    column += (unsigned)fprintf(to, "%s", field->name);
    if (bare && !field->title) {
        putc('\n', to);
    } else {
        column = smref_page_tab(to, column, TEXT_COLUMN);
        smref_page_words(to, column, TEXT_COLUMN, field->title ? field->title : "");
    }
    if (!brief)
        print_details(to, field, section, CODE_COLUMN);
}

static void print_fields(FILE *to, const smref_field_info *fields, unsigned count, const char *section,
                         bool brief)
{
    putc('\n', to);
    for (unsigned i = 0; i < count; i++)
        print_field(to, &fields[i], section, brief);
}

/* ---- Containers ------------------------------------------------------------------------------------ */

static void print_layout(FILE *to, const smref_layout_info *layout, bool brief)
{
    fprintf(to, "%s  (%s, section %s)\n", layout->name, smref_spell_layout_kind(layout->kind),
            layout->section);
    smref_page_words(to, 0, 0, layout->title);
    putc('\n', to);
    fprintf(to, "  %u bytes", layout->bytes);
    if (layout->kind == SMREF_LAYOUT_KIND_COMMAND)
        fprintf(to, ", opcode 0x%02x", layout->number);
    if (layout->kind == SMREF_LAYOUT_KIND_EVENT)
        fprintf(to, ", event number 0x%02x", layout->number);
    putc('\n', to);
    smref_print_entry(to, "note", layout->note);
    print_fields(to, layout->fields, layout->field_count, layout->section, brief);
}

static const smref_block_info *block_named(const char *name)
{
    const smref_block_info *block;

    for (unsigned i = 0; (block = smref_block_at(i)) != NULL; i++)
        if (strcmp(block->name, name) == 0)
            return block;
    return NULL;
}

static void print_place(FILE *to, const smref_register_info *reg)
{
    const smref_block_info *block = block_named(reg->block);

    fprintf(to, "  %-34s %-10s %s0x%05x  %s", reg->name, reg->block, block && !block->fixed ? "+" : " ",
            reg->offset, reg->section);
    if (reg->count > 1)
        fprintf(to, ", %u of them, 0x%x apart", reg->count, reg->stride);
    putc('\n', to);
    if (reg->present) {
        fprintf(to, "%*s", 6, "");
        smref_page_print(to, 6, 8, "exists when %s", reg->present);
    }
}

static bool has_field(const smref_register_info *reg, const char *name)
{
    for (unsigned i = 0; i < reg->field_count; i++)
        if (smref_field_is_named(&reg->fields[i]) && strcmp(reg->fields[i].name, name) == 0)
            return true;
    return false;
}

/* "; without PRIQEN [1], ATSCHK [4]": the named fields that the first register has and the second lacks. */
static void add_lacking(char *line, size_t room, const char *what, const smref_register_info *has,
                        const smref_register_info *lacks)
{
    char bits[SMREF_WORDS_ROOM];
    const char *separator = what;

    for (unsigned i = 0; i < has->field_count; i++) {
        const smref_field_info *field = &has->fields[i];
        size_t used = strlen(line);
        if (!smref_field_is_named(field) || has_field(lacks, field->name))
            continue;
        snprintf(line + used, room - used, "%s%s %s", separator, field->name, smref_spell_bits(field, bits));
        separator = ", ";
    }
}

/* Where the register stands in each bank, and how the fields of the others differ. */
static void print_banks(FILE *to, const smref_register_info *reg)
{
    const smref_register_info *other;
    char line[1024];

    print_place(to, reg);
    for (unsigned i = 0; (other = smref_register_at(i)) != NULL; i++)
        if (other != reg && strcmp(other->family, reg->family) == 0)
            print_place(to, other);
    for (unsigned i = 0; (other = smref_register_at(i)) != NULL; i++) {
        if (other == reg || strcmp(other->family, reg->family) != 0)
            continue;
        line[0] = '\0';
        add_lacking(line, sizeof line, "without ", reg, other);
        add_lacking(line, sizeof line, *line ? "; with " : "with ", other, reg);
        if (*line) {
            fprintf(to, "  %s: ", other->name);
            smref_page_words(to, 4 + (unsigned)strlen(other->name), 6, line);
        }
    }
}

static void print_register(FILE *to, const smref_register_info *reg, bool brief)
{
    fprintf(to, "%s  (register of %u bits, section %s)\n", reg->name, reg->width, reg->section);
    smref_page_words(to, 0, 0, reg->title);
    putc('\n', to);
    print_banks(to, reg);
    putc('\n', to);
    if (!brief) {
        smref_print_clauses(to, "access", reg->access);
        smref_print_clauses(to, "reset", reg->reset);
        smref_print_entry(to, "protocol", reg->protocol);
        smref_print_entry(to, "note", reg->note);
    }
    print_fields(to, reg->fields, reg->field_count, reg->section, brief);
}

/* ---- Others ---------------------------------------------------------------------------------------- */

static void print_block(FILE *to, const smref_block_info *block)
{
    const smref_register_info *reg;

    fprintf(to, "%s  (block of registers%s%s)\n", block->name, block->section ? ", section " : "",
            block->section ? block->section : "");
    smref_page_words(to, 0, 0, block->title ? block->title : "");
    putc('\n', to);
    if (block->fixed)
        fprintf(to, "  0x%x bytes at 0x%x of the register map\n", block->size, block->base);
    else
        fprintf(to, "  0x%x bytes; offsets count from the block's start\n", block->size);
    smref_print_entry(to, "exists", block->present);
    smref_print_entry(to, "note", block->note);
    putc('\n', to);
    for (unsigned i = 0; (reg = smref_register_at(i)) != NULL; i++)
        if (strcmp(reg->block, block->name) == 0)
            fprintf(to, "  0x%05x  %-32s %s\n", reg->offset, reg->name, reg->title);
}

static void print_enum(FILE *to, const smref_enum_info *list)
{
    fprintf(to, "%s  (enum)\n\n", list->name);
    for (unsigned i = 0; i < list->value_count; i++)
        fprintf(to, "  %2u  %s\n", i, list->values[i]);
}

/* The profile's file as it is: it is made to be read. */
static void print_profile(FILE *to, const char *name)
{
    const smref_embedded *file;

    for (file = smref_embedded_files; file->name; file++)
        if (strcmp(file->folder, "profiles") == 0 && strncmp(file->name, name, strlen(name)) == 0 &&
            strcmp(file->name + strlen(name), ".json") == 0)
            fwrite(file->text, 1, file->size, to);
}

void smref_print_item(FILE *to, const smref_item *item, bool brief)
{
    char room[SMREF_ITEM_ROOM];

    switch (item->kind) {
    case SMREF_ITEM_REGISTER:
        print_register(to, smref_register_at(item->index), brief);
        break;
    case SMREF_ITEM_BLOCK:
        print_block(to, smref_block_at(item->index));
        break;
    case SMREF_ITEM_RULE:
        smref_print_rule(to, smref_rule_at(item->index));
        break;
    case SMREF_ITEM_CHOICE:
        smref_print_choice(to, smref_choice_at(item->index));
        break;
    case SMREF_ITEM_ERRATUM:
        smref_print_erratum(to, smref_erratum_at(item->index));
        break;
    case SMREF_ITEM_UNMODELLED:
        smref_print_unmodelled(to, smref_unmodelled_at(item->index));
        break;
    case SMREF_ITEM_TERM:
        smref_print_term(to, smref_term_at(item->index));
        break;
    case SMREF_ITEM_ENUM:
        print_enum(to, smref_enum_at(item->index));
        break;
    case SMREF_ITEM_PROFILE:
        print_profile(to, smref_item_name(item, room));
        break;
    default:
        print_layout(to, smref_layout_at(item->index), brief);
        break;
    }
}

/* A condition calls the fields of SMMU_IDR0 "IDR0.HTTU", and the same bank's "$B.CR0.SMMUEN". */
static bool rule_names_field(const smref_rule_info *rule, const smref_item *item, const char *field)
{
    char name[2 * SMREF_ITEM_ROOM], room[SMREF_ITEM_ROOM];
    const char *container = smref_item_name(item, room);

    if (item->kind == SMREF_ITEM_REGISTER && strncmp(container, "SMMU_", 5) == 0)
        container += 5;
    snprintf(name, sizeof name, "%s.%s", container, field);
    if (smref_condition_names(rule->when, name))
        return true;
    if (item->kind != SMREF_ITEM_REGISTER)
        return false;
    snprintf(name, sizeof name, "$B.%s.%s", smref_register_at(item->index)->family, field);
    return smref_condition_names(rule->when, name);
}

void smref_print_field_page(FILE *to, const smref_item *item)
{
    char room[SMREF_ITEM_ROOM];
    const char *container = smref_item_name(item, room), *section = smref_item_section(item);
    unsigned count;
    const smref_field_info *field = &smref_item_fields(item, &count)[item->field];
    const smref_rule_info *rule;
    bool any = false;

    fprintf(to, "%s.%s  (%s field, section %s)\n", container, field->name,
            smref_spell_field_kind(field->kind), field->section ? field->section : section);
    print_field(to, field, section, false);
    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++) {
        if (!rule_names_field(rule, item, field->name))
            continue;
        if (!any)
            fputs("  rules\n", to);
        any = true;
        smref_print_rule_line(to, rule);
    }
}

void smref_print_item_line(FILE *to, const smref_item *item)
{
    char room[SMREF_ITEM_ROOM], place[SMREF_WORDS_ROOM] = "";
    const char *section = smref_item_section(item), *title = smref_item_title(item);
    unsigned column;

    if (item->kind == SMREF_ITEM_REGISTER)
        snprintf(place, sizeof place, "0x%05x ", smref_register_at(item->index)->offset);
    else if (item->kind == SMREF_ITEM_COMMAND || item->kind == SMREF_ITEM_EVENT)
        snprintf(place, sizeof place, "0x%02x ", smref_layout_at(item->index)->number);
    column = (unsigned)fprintf(to, "%s%s%s", place, smref_item_name(item, room), section || title ? " " : "");
    if (!section && !title) {
        putc('\n', to);
        return;
    }
    column = smref_page_tab(to, column, TITLE_COLUMN);
    smref_page_print(to, column, TITLE_COLUMN, section ? "%s (%s)" : "%s", title ? title : "", section);
}
