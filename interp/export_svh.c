/* The specification as a SystemVerilog package, for test benches. */
#include <string.h>

#include "export.h"
#include "fields.h"
#include "spec_words.h"

static const char head[] =
    "// Arm SMMUv3 (IHI 0070 G.b): offsets, bit positions, codes. Written by smref " SMREF_VERSION
    ": spec export.\n"
    "//\n"
    "// Registers: NAME_OFFSET in the register map (in their block where it has no fixed place), NAME_RESET\n"
    "// with NAME_RESET_KNOWN. Fields: NAME_FIELD_MSB and _LSB, counted from bit 0 of the whole register,\n"
    "// structure, command or record; of a field in two pieces _1_ is the upper one. Codes: "
    "NAME_FIELD_CODE.\n"
    "// NAME_t is a packed structure of what has the same fields in every configuration.\n"
    "`ifndef SMMU_EXPORT_SVH\n"
    "`define SMMU_EXPORT_SVH\n"
    "\n"
    "package smmu_export_pkg;\n";

/* The name without the "<n>" of an array. */
static void plain_name(const smref_item *item, char out[SMREF_ITEM_ROOM])
{
    char room[SMREF_ITEM_ROOM];
    const char *name = smref_item_name(item, room);

    snprintf(out, SMREF_ITEM_ROOM, "%.*s", (int)strcspn(name, "<"), name);
}

static void parameter(FILE *to, const char *prefix, const char *suffix, unsigned value)
{
    fprintf(to, "  localparam int %s%s = %u;\n", prefix, suffix, value);
}

static void value_parameter(FILE *to, const char *prefix, const char *suffix, unsigned width, uint64_t value)
{
    fprintf(to, "  localparam logic [%u:0] %s%s = %u'h%llx;\n", width - 1, prefix, suffix, width,
            (unsigned long long)value);
}

/* ---- Positions and codes --------------------------------------------------------------------------- */

static void write_field(FILE *to, const char *container, const smref_field_info *field)
{
    char prefix[2 * SMREF_ITEM_ROOM], part[2 * SMREF_ITEM_ROOM + 8];
    unsigned width = smref_field_width(field);

    snprintf(prefix, sizeof prefix, "%s_%s", container, field->name);
    for (unsigned i = 0; i < field->piece_count; i++) {
        snprintf(part, sizeof part, "%s", prefix);
        if (field->piece_count > 1)
            snprintf(part, sizeof part, "%s_%u", prefix, field->piece_count - 1 - i);
        parameter(to, part, "_MSB", field->pieces[i].msb);
        parameter(to, part, "_LSB", field->pieces[i].lsb);
    }
    if (field->array_count)
        parameter(to, prefix, "_WIDTH", field->array_width);
    for (unsigned i = 0; i < field->code_count; i++) {
        if (!field->codes[i].name)
            continue;
        snprintf(part, sizeof part, "_%.60s", field->codes[i].name);
        value_parameter(to, prefix, part, width, field->codes[i].low);
    }
}

/* ---- Packed structures ----------------------------------------------------------------------------- */

struct piece {
    smref_bits bits;
    const smref_field_info *field;
    unsigned number;
};

static bool has_variants(const smref_field_info *fields, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (fields[i].when)
            return true;
    return false;
}

/* The piece whose highest bit is the greatest below `limit`; false when there is none. */
static bool next_piece(const smref_field_info *fields, unsigned count, unsigned limit, struct piece *out)
{
    bool found = false;

    for (unsigned i = 0; i < count; i++) {
        for (unsigned p = 0; p < fields[i].piece_count; p++) {
            smref_bits bits = fields[i].pieces[p];
            if (bits.msb >= limit || (found && bits.msb < out->bits.msb))
                continue;
            *out = (struct piece){bits, &fields[i], fields[i].piece_count - 1 - p};
            found = true;
        }
    }
    return found;
}

static void write_structure(FILE *to, const char *name, const smref_field_info *fields, unsigned count,
                            unsigned bits)
{
    struct piece piece;

    fputs("  typedef struct packed {\n", to);
    for (unsigned limit = bits; next_piece(fields, count, limit, &piece); limit = piece.bits.lsb) {
        const smref_field_info *field = piece.field;
        if (field->array_count) {
            fprintf(to, "    logic [%u:0][%u:0] %s;\n", field->array_count - 1U, field->array_width - 1U,
                    field->name);
            continue;
        }
        fprintf(to, "    logic [%u:0] ", (unsigned)(piece.bits.msb - piece.bits.lsb));
        if (!smref_field_is_named(field))
            fprintf(to, "%s_%u_%u;\n", field->name, piece.bits.msb, piece.bits.lsb);
        else if (field->piece_count > 1)
            fprintf(to, "%s_%u;\n", field->name, piece.number);
        else
            fprintf(to, "%s;\n", field->name);
    }
    fprintf(to, "  } %s_t;\n", name);
}

/* ---- Items ----------------------------------------------------------------------------------------- */

static void write_register(FILE *to, const char *name, const smref_register_info *reg)
{
    value_parameter(to, name, "_OFFSET", 32, reg->offset);
    if (reg->count > 1) {
        parameter(to, name, "_COUNT", reg->count);
        parameter(to, name, "_STRIDE", reg->stride);
    }
    value_parameter(to, name, "_RESET", reg->width, reg->reset_value);
    value_parameter(to, name, "_RESET_KNOWN", reg->width, reg->reset_known);
}

static void write_item(FILE *to, const smref_item *item)
{
    char name[SMREF_ITEM_ROOM];
    unsigned count, bits;
    const smref_field_info *fields = smref_item_fields(item, &count);

    plain_name(item, name);
    fprintf(to, "\n  // %s: %s (%s)\n", name, smref_item_title(item), smref_item_section(item));
    if (item->kind == SMREF_ITEM_REGISTER) {
        bits = smref_register_at(item->index)->width;
        write_register(to, name, smref_register_at(item->index));
    } else {
        bits = smref_layout_at(item->index)->bytes * 8;
        parameter(to, name, "_BYTES", bits / 8);
    }
    if (item->kind == SMREF_ITEM_COMMAND || item->kind == SMREF_ITEM_EVENT)
        value_parameter(to, name, "", 8, smref_layout_at(item->index)->number);
    for (unsigned i = 0; i < count; i++)
        if (smref_field_is_named(&fields[i]) && !smref_field_repeats(fields, i))
            write_field(to, name, &fields[i]);
    if (!has_variants(fields, count))
        write_structure(to, name, fields, count, bits);
}

void smref_export_svh(FILE *to, const bool kinds[SMREF_ITEM_KINDS])
{
    smref_item item;

    fputs(head, to);
    for (unsigned kind = 0; kind <= SMREF_ITEM_REGISTER; kind++)
        for (unsigned n = 0; kinds[kind] && smref_item_at((smref_item_kind)kind, n, &item); n++)
            write_item(to, &item);
    fputs("\nendpackage\n\n`endif\n", to);
}
