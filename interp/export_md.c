/* The specification as a book in Markdown. */
#include <string.h>

#include "export.h"
#include "spec_words.h"

/* Text in a cell of a table: a bar would end it. */
static void cell(FILE *to, const char *text)
{
    for (; text && *text; text++)
        fprintf(to, *text == '|' ? "\\|" : "%c", *text);
}

static void cell_code(FILE *to, const char *text)
{
    if (!text || !*text)
        return;
    putc('`', to);
    cell(to, text);
    putc('`', to);
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

static void write_codes(FILE *to, const smref_field_info *field)
{
    char spelled[SMREF_WORDS_ROOM], versions[SMREF_WORDS_ROOM];

    for (unsigned i = 0; i < field->code_count; i++) {
        const smref_code_info *code = &field->codes[i];
        fprintf(to, "<br>%s", smref_spell_code(field, code, spelled));
        if (code->name) {
            fputs(" **", to);
            cell(to, code->name);
            fputs("**", to);
        }
        if (code->means) {
            fputs(": ", to);
            cell(to, code->means);
        }
        if (code->behaves_as >= 0)
            fprintf(to, ", behaves as %lld", (long long)code->behaves_as);
        if (code->illegal)
            fputs(", ILLEGAL", to);
        if (*smref_spell_versions(code->since, code->until, versions))
            fprintf(to, " (%s)", versions);
    }
}

static void write_clauses(FILE *to, const char *text)
{
    smref_clause clause;

    for (bool first = true; smref_next_clause(&text, &clause); first = false) {
        char when[1024];
        fprintf(to, "%s%.*s", first ? "" : "<br>", (int)clause.is_length, clause.is);
        if (!clause.when_length)
            continue;
        snprintf(when, sizeof when, "%.*s", (int)clause.when_length, clause.when);
        fputs(" if ", to);
        cell_code(to, when);
    }
}

static void write_field(FILE *to, const smref_field_info *field)
{
    char bits[SMREF_WORDS_ROOM], versions[SMREF_WORDS_ROOM];
    bool sure = !field->confidence || strcmp(field->confidence, "T") == 0;

    fprintf(to, "| %s | ", smref_spell_bits(field, bits));
    cell(to, field->name);
    fputs(" | ", to);
    cell(to, field->title);
    write_codes(to, field);
    if (field->when) {
        fputs("<br>These bits when: ", to);
        cell_code(to, field->when);
    }
    if (field->note) {
        fputs("<br>*", to);
        cell(to, field->note);
        fputs("*", to);
    }
    if (!sure)
        fprintf(to, "<br>Confidence of the position: %s", field->confidence);
    if (*smref_spell_versions(field->since, field->until, versions))
        fprintf(to, "<br>%s", versions);
    fputs(" | ", to);
    write_clauses(to, field->state ? field->state : field->access);
    fputs(" |\n", to);
}

static void write_fields(FILE *to, const smref_field_info *fields, unsigned count)
{
    fputs("\n| Bits | Field | Meaning | State |\n|---|---|---|---|\n", to);
    for (unsigned i = 0; i < count; i++)
        write_field(to, &fields[i]);
}

/* ---- Items ----------------------------------------------------------------------------------------- */

static void write_entry(FILE *to, const char *key, const char *text)
{
    if (text && *text)
        fprintf(to, "\n%s: %s\n", key, text);
}

static void write_code_entry(FILE *to, const char *key, const char *text)
{
    if (text && *text)
        fprintf(to, "\n%s: `%s`\n", key, text);
}

static void write_register(FILE *to, const smref_register_info *reg)
{
    fprintf(to, "\n%u bits at 0x%x of %s", reg->width, reg->offset, reg->block);
    if (reg->count > 1)
        fprintf(to, ", %u of them, 0x%x apart", reg->count, reg->stride);
    putc('\n', to);
    write_code_entry(to, "Exists when", reg->present);
    write_code_entry(to, "Access", reg->access);
    write_code_entry(to, "Reset", reg->reset);
    write_code_entry(to, "Protocol", reg->protocol);
    write_entry(to, "Note", reg->note);
}

static void write_layout(FILE *to, const smref_layout_info *layout)
{
    fprintf(to, "\n%u bytes", layout->bytes);
    if (layout->kind == SMREF_LAYOUT_KIND_COMMAND)
        fprintf(to, ", opcode 0x%02x", layout->number);
    if (layout->kind == SMREF_LAYOUT_KIND_EVENT)
        fprintf(to, ", event number 0x%02x", layout->number);
    putc('\n', to);
    write_entry(to, "Note", layout->note);
}

static void write_rule(FILE *to, const smref_rule_info *rule)
{
    fprintf(to, "\nSubject %s, %s\n", rule->subject, rule->kind);
    write_code_entry(to, "When", rule->when);
    write_entry(to, "Outcome", rule->outcome);
    if (rule->choice < SMREF_CHOICE_COUNT)
        write_entry(to, "Choice", smref_choice_at((unsigned)rule->choice)->id);
    write_entry(to, "Erratum", rule->erratum);
    write_entry(to, "Note", rule->note);
}

static void write_choice(FILE *to, const smref_choice_info *choice)
{
    char versions[SMREF_WORDS_ROOM];

    fputs("\n| Option | Meaning | Versions |\n|---|---|---|\n", to);
    for (unsigned i = 0; i < choice->option_count; i++) {
        const smref_option_info *option = &choice->options[i];
        fprintf(to, "| %s%s | ", option->name, i == choice->default_option ? " (default)" : "");
        cell(to, option->means);
        fprintf(to, " | %s |\n", smref_spell_versions(option->since, option->until, versions));
    }
}

static void write_enum(FILE *to, const smref_enum_info *list)
{
    putc('\n', to);
    for (unsigned i = 0; i < list->value_count; i++)
        fprintf(to, "%s%s", i ? ", " : "", list->values[i]);
    putc('\n', to);
}

static void write_details(FILE *to, const smref_item *item)
{
    unsigned count;
    const smref_field_info *fields = smref_item_fields(item, &count);

    switch (item->kind) {
    case SMREF_ITEM_REGISTER:
        write_register(to, smref_register_at(item->index));
        break;
    case SMREF_ITEM_BLOCK:
        write_code_entry(to, "Exists when", smref_block_at(item->index)->present);
        write_entry(to, "Note", smref_block_at(item->index)->note);
        break;
    case SMREF_ITEM_RULE:
        write_rule(to, smref_rule_at(item->index));
        break;
    case SMREF_ITEM_CHOICE:
        write_choice(to, smref_choice_at(item->index));
        break;
    case SMREF_ITEM_ERRATUM:
        write_entry(to, "Taken", smref_erratum_at(item->index)->taken);
        write_entry(to, "Reason", smref_erratum_at(item->index)->reason);
        break;
    case SMREF_ITEM_UNMODELLED:
        write_code_entry(to, "When", smref_unmodelled_at(item->index)->when);
        break;
    case SMREF_ITEM_TERM:
        write_code_entry(to, "Is", smref_term_at(item->index)->expr);
        break;
    case SMREF_ITEM_ENUM:
        write_enum(to, smref_enum_at(item->index));
        break;
    case SMREF_ITEM_PROFILE:
    case SMREF_ITEM_KINDS:
        break;
    default:
        write_layout(to, smref_layout_at(item->index));
        break;
    }
    if (count)
        write_fields(to, fields, count);
}

void smref_export_md(FILE *to, const bool kinds[SMREF_ITEM_KINDS])
{
    char room[SMREF_ITEM_ROOM];
    smref_item item;

    fputs("# Arm SMMUv3 (IHI 0070 G.b) as data\n\nWritten by smref " SMREF_VERSION ": spec export.\n", to);
    for (unsigned kind = 0; kind < SMREF_ITEM_KINDS; kind++) {
        if (!kinds[kind])
            continue;
        fprintf(to, "\n## %c%s\n\n%s\n", smref_item_kind_word((smref_item_kind)kind)[0] - 'a' + 'A',
                smref_item_kind_word((smref_item_kind)kind) + 1,
                smref_item_kind_means((smref_item_kind)kind));
        for (unsigned n = 0; smref_item_at((smref_item_kind)kind, n, &item); n++) {
            const char *title = smref_item_title(&item), *section = smref_item_section(&item);
            fprintf(to, "\n### %s\n\n%s%s%s%s\n", smref_item_name(&item, room), title ? title : "",
                    section ? " (" : "", section ? section : "", section ? ")" : "");
            write_details(to, &item);
        }
    }
}
