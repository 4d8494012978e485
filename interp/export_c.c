/* The specification as a C header of macros, for programs that do not link the library. */
#include <string.h>

#include "export.h"
#include "fields.h"
#include "spec_words.h"

static const char head[] =
    "/*\n"
    " * Arm SMMUv3 (IHI 0070 G.b): offsets, shifts, masks and codes. Written by smref " SMREF_VERSION
    ": spec export.\n"
    " *\n"
    " * Registers: NAME_OFFSET in the register map (in their block where it has no fixed place), NAME_RESET\n"
    " * with NAME_RESET_KNOWN, the mask of what is architected of it. Structures, descriptors, commands and\n"
    " * events: SMMU_NAME_BYTES. Fields: _SHIFT, _WIDTH, _MASK (in place), and _WORD, the 64-bit word that\n"
    " * holds it when there are several. A field in two pieces has _1_ (upper) and _0_; of an array, _SHIFT\n"
    " * is of element 0, _COUNT and _WIDTH tell the rest. Codes: FIELD_CODE, not shifted.\n"
    " */\n"
    "#ifndef SMMU_EXPORT_H\n"
    "#define SMMU_EXPORT_H\n";

/* "SMMU_CMDQ_CONTROL_PAGE_BASE" of "SMMU_CMDQ_CONTROL_PAGE_BASE<n>", "SMMU_STE" of "STE". */
static void macro_name(const smref_item *item, char out[2 * SMREF_ITEM_ROOM])
{
    char room[SMREF_ITEM_ROOM];
    const char *name = smref_item_name(item, room);

    snprintf(out, 2 * SMREF_ITEM_ROOM, "%s%.*s", strncmp(name, "SMMU_", 5) == 0 ? "" : "SMMU_",
             (int)strcspn(name, "<"), name);
}

enum form { DECIMAL, HEX, WIDE };

/* WIDE: a mask of a 64-bit word has 64 bits even when it is small, so that its complement keeps the rest. */
static void define(FILE *to, const char *prefix, const char *suffix, uint64_t value, enum form form)
{
    int length = fprintf(to, "#define %s%s ", prefix, suffix);

    fprintf(to, "%*s", length < 56 ? 56 - length : 0, "");
    if (form == DECIMAL)
        fprintf(to, "%lluU\n", (unsigned long long)value);
    else
        fprintf(to, "0x%llx%s\n", (unsigned long long)value, form == WIDE || value >> 32 ? "ULL" : "U");
}

static void write_piece(FILE *to, const char *prefix, smref_bits bits, unsigned container)
{
    unsigned width = bits.msb - bits.lsb + 1U, shift = bits.lsb % 64U;
    uint64_t ones = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;

    if (container > 64)
        define(to, prefix, "_WORD", bits.lsb / 64U, DECIMAL);
    define(to, prefix, "_SHIFT", shift, DECIMAL);
    define(to, prefix, "_WIDTH", width, DECIMAL);
    define(to, prefix, "_MASK", ones << shift, container > 32 ? WIDE : HEX);
}

static void write_array(FILE *to, const char *prefix, const smref_field_info *field, unsigned container)
{
    if (container > 64)
        define(to, prefix, "_WORD", field->pieces[0].lsb / 64U, DECIMAL);
    define(to, prefix, "_SHIFT", field->pieces[0].lsb % 64U, DECIMAL);
    define(to, prefix, "_WIDTH", field->array_width, DECIMAL);
    define(to, prefix, "_COUNT", field->array_count, DECIMAL);
}

/* A range of values gets the name of its first one. */
static void write_codes(FILE *to, const char *prefix, const smref_field_info *field)
{
    char suffix[SMREF_ITEM_ROOM];

    for (unsigned i = 0; i < field->code_count; i++) {
        if (!field->codes[i].name)
            continue;
        snprintf(suffix, sizeof suffix, "_%s", field->codes[i].name);
        define(to, prefix, suffix, field->codes[i].low, HEX);
    }
}

static void write_field(FILE *to, const char *name, const smref_field_info *field, unsigned container)
{
    char prefix[4 * SMREF_ITEM_ROOM], part[4 * SMREF_ITEM_ROOM + 4];

    snprintf(prefix, sizeof prefix, "%s_%s", name, field->name);
    if (field->array_count) {
        write_array(to, prefix, field, container);
    } else if (field->piece_count == 1) {
        write_piece(to, prefix, field->pieces[0], container);
    } else {
        for (unsigned i = 0; i < field->piece_count; i++) {
            snprintf(part, sizeof part, "%s_%u", prefix, field->piece_count - 1 - i);
            write_piece(to, part, field->pieces[i], container);
        }
    }
    if (field->kind == SMREF_KIND_ADDRESS && field->address_low)
        define(to, prefix, "_LOW", field->address_low, DECIMAL);
    write_codes(to, prefix, field);
}

static void write_register(FILE *to, const char *name, const smref_register_info *reg)
{
    if (reg->count > 1) {
        fprintf(to, "#define %s_OFFSET(n) (0x%xU + 0x%xU * (n))\n", name, reg->offset, reg->stride);
        define(to, name, "_COUNT", reg->count, DECIMAL);
    } else {
        define(to, name, "_OFFSET", reg->offset, HEX);
    }
    define(to, name, "_RESET", reg->reset_value, reg->width > 32 ? WIDE : HEX);
    define(to, name, "_RESET_KNOWN", reg->reset_known, reg->width > 32 ? WIDE : HEX);
}

static void write_item(FILE *to, const smref_item *item)
{
    char name[2 * SMREF_ITEM_ROOM], room[SMREF_ITEM_ROOM];
    unsigned count;
    const smref_field_info *fields = smref_item_fields(item, &count);
    bool reg = item->kind == SMREF_ITEM_REGISTER;
    unsigned bits = reg ? smref_register_at(item->index)->width : smref_layout_at(item->index)->bytes * 8;

    macro_name(item, name);
    fprintf(to, "\n/* %s: %s (%s) */\n", smref_item_name(item, room), smref_item_title(item),
            smref_item_section(item));
    if (reg)
        write_register(to, name, smref_register_at(item->index));
    else
        define(to, name, "_BYTES", bits / 8, DECIMAL);
    if (item->kind == SMREF_ITEM_COMMAND || item->kind == SMREF_ITEM_EVENT)
        define(to, name, "", smref_layout_at(item->index)->number, HEX);
    for (unsigned i = 0; i < count; i++)
        if (smref_field_is_named(&fields[i]) && !smref_field_repeats(fields, i))
            write_field(to, name, &fields[i], bits);
}

void smref_export_c(FILE *to, const bool kinds[SMREF_ITEM_KINDS])
{
    smref_item item;

    fputs(head, to);
    for (unsigned kind = 0; kind <= SMREF_ITEM_REGISTER; kind++)
        for (unsigned n = 0; kinds[kind] && smref_item_at((smref_item_kind)kind, n, &item); n++)
            write_item(to, &item);
    fputs("\n#endif\n", to);
}
