/* What the specification says: access to the generated tables, and fields by their description. */
#include "smref.h"

#include "smref_tables.h"

#include <string.h>

/* ---- By index -------------------------------------------------------------------------------------- */

const smref_layout_info *smref_layout_at(unsigned index)
{
    return index < smref_layout_table_count ? &smref_layout_table[index] : NULL;
}

const smref_register_info *smref_register_at(unsigned index)
{
    return index < smref_register_table_count ? &smref_register_table[index] : NULL;
}

const smref_rule_info *smref_rule_at(unsigned index)
{
    return index > 0 && index < smref_rule_table_count ? &smref_rule_table[index] : NULL;
}

const smref_choice_info *smref_choice_at(unsigned index)
{
    return index < smref_choice_table_count ? &smref_choice_table[index] : NULL;
}

const smref_erratum_info *smref_erratum_at(unsigned index)
{
    return index < smref_erratum_table_count ? &smref_erratum_table[index] : NULL;
}

const smref_block_info *smref_block_at(unsigned index)
{
    return index < smref_block_table_count ? &smref_block_table[index] : NULL;
}

const smref_term_info *smref_term_at(unsigned index)
{
    return index < smref_term_table_count ? &smref_term_table[index] : NULL;
}

const smref_enum_info *smref_enum_at(unsigned index)
{
    return index < smref_enum_table_count ? &smref_enum_table[index] : NULL;
}

const smref_unmodelled_info *smref_unmodelled_at(unsigned index)
{
    return index < smref_unmodelled_table_count ? &smref_unmodelled_table[index] : NULL;
}

/* ---- By name --------------------------------------------------------------------------------------- */

static const char *layout_name(unsigned index)
{
    return smref_layout_table[index].name;
}

static const char *register_name(unsigned index)
{
    return smref_register_table[index].name;
}

static const char *rule_name(unsigned index)
{
    return smref_rule_table[index].id;
}

static const char *choice_name(unsigned index)
{
    return smref_choice_table[index].id;
}

/* Binary search in an order; false when no entry of the table has the name. */
static bool find(const uint16_t *order, unsigned count, const char *(*name_of)(unsigned index),
                 const char *name, unsigned *found)
{
    unsigned low = 0, high = count, middle;
    int side;

    while (low < high) {
        middle = low + (high - low) / 2;
        side = strcmp(name, name_of(order[middle]));
        if (side == 0) {
            *found = order[middle];
            return true;
        }
        if (side < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool smref_layout_find(const char *name, smref_layout *layout)
{
    unsigned index;

    if (!find(smref_layouts_by_name, smref_layouts_by_name_count, layout_name, name, &index))
        return false;
    *layout = (smref_layout)index;
    return true;
}

bool smref_register_find(const char *name, smref_register *reg)
{
    unsigned index;

    if (!find(smref_registers_by_name, smref_registers_by_name_count, register_name, name, &index))
        return false;
    *reg = (smref_register)index;
    return true;
}

bool smref_rule_find(const char *id, smref_rule *rule)
{
    unsigned index;

    if (!find(smref_rules_by_name, smref_rules_by_name_count, rule_name, id, &index))
        return false;
    *rule = (smref_rule)index;
    return true;
}

bool smref_choice_find(const char *id, smref_choice *choice)
{
    unsigned index;

    if (!find(smref_choices_by_name, smref_choices_by_name_count, choice_name, id, &index))
        return false;
    *choice = (smref_choice)index;
    return true;
}

/* The order holds the registers whose place in the register map is fixed. */
bool smref_register_find_offset(uint32_t offset, smref_register *reg)
{
    unsigned low = 0, high = smref_registers_by_offset_count, middle, index;

    while (low < high) {
        middle = low + (high - low) / 2;
        index = smref_registers_by_offset[middle];
        if (smref_register_table[index].offset == offset) {
            *reg = (smref_register)index;
            return true;
        }
        if (offset < smref_register_table[index].offset)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* ---- Fields by their description ------------------------------------------------------------------- */

static uint64_t ones(unsigned width)
{
    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* The bits of an element of an array. */
static smref_bits element_bits(const smref_field_info *field, unsigned element)
{
    unsigned lsb = field->pieces[0].lsb + element * field->array_width;
    smref_bits bits = {(uint16_t)(lsb + field->array_width - 1), (uint16_t)lsb};

    return bits;
}

/* Bits that lie in one word, as all do but those of wide reserved areas, whose value is their lowest 64 bits.
 */
static uint64_t get_bits(smref_bits bits, const uint64_t *words)
{
    unsigned shift = bits.lsb % 64, width = bits.msb - bits.lsb + 1u, word = bits.lsb / 64u;
    uint64_t value = words[word] >> shift;

    if (shift != 0 && bits.msb / 64u > word)
        value |= words[word + 1] << (64 - shift);
    return value & ones(width);
}

static void set_bits(smref_bits bits, uint64_t *words, uint64_t value)
{
    unsigned shift = bits.lsb % 64, width = bits.msb - bits.lsb + 1u, word = bits.lsb / 64u;
    uint64_t mask = ones(width);

    words[word] = (words[word] & ~(mask << shift)) | (value & mask) << shift;
    if (shift != 0 && bits.msb / 64u > word)
        words[word + 1] = (words[word + 1] & ~(mask >> (64 - shift))) | (value & mask) >> (64 - shift);
}

uint64_t smref_field_get(const smref_field_info *field, const uint64_t *words, unsigned element)
{
    uint64_t value = 0;
    unsigned i;

    if (field->array_count)
        return element < field->array_count ? get_bits(element_bits(field, element), words) : 0;
    for (i = 0; i < field->piece_count; i++) {
        value = i ? value << (field->pieces[i].msb - field->pieces[i].lsb + 1) : 0;
        value |= get_bits(field->pieces[i], words);
    }
    return value;
}

void smref_field_set(const smref_field_info *field, uint64_t *words, unsigned element, uint64_t value)
{
    unsigned i;

    if (field->array_count) {
        if (element < field->array_count)
            set_bits(element_bits(field, element), words, value);
        return;
    }
    for (i = field->piece_count; i-- > 0;) {
        set_bits(field->pieces[i], words, value);
        value = i ? value >> (field->pieces[i].msb - field->pieces[i].lsb + 1) : 0;
    }
}
