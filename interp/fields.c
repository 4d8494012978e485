/* Fields of structures by name: from JSON into words. */
#include "fields.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

unsigned smref_field_width(const smref_field_info *field)
{
    unsigned width = 0, i;

    if (field->array_count)
        return field->array_width;
    for (i = 0; i < field->piece_count; i++)
        width += field->pieces[i].msb - field->pieces[i].lsb + 1u;
    return width;
}

uint64_t smref_field_largest(const smref_field_info *field)
{
    unsigned width = smref_field_width(field);

    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

static bool has_name(const smref_field_info *field)
{
    return field->kind != SMREF_KIND_RESERVED && strcmp(field->name, "IMPDEF") != 0;
}

const smref_field_info *smref_field_named(const smref_layout_info *layout, const char *name)
{
    unsigned i;

    for (i = 0; i < layout->field_count; i++)
        if (has_name(&layout->fields[i]) && strcmp(layout->fields[i].name, name) == 0)
            return &layout->fields[i];
    return NULL;
}

static const char *next_field(void *context, size_t index)
{
    const smref_layout_info *layout = context;
    unsigned i;

    for (i = 0; i < layout->field_count; i++)
        if (has_name(&layout->fields[i]) && index-- == 0)
            return layout->fields[i].name;
    return NULL;
}

static const char *next_code(void *context, size_t index)
{
    const smref_field_info *field = context;
    unsigned i;

    for (i = 0; i < field->code_count; i++)
        if (field->codes[i].name && index-- == 0)
            return field->codes[i].name;
    return NULL;
}

/* ---- Values ---------------------------------------------------------------------------------------- */

static bool read_code(const smref_jdoc *doc, const smref_jnode *node, const smref_field_info *field,
                      uint64_t *value, smref_jerror *error)
{
    const char *text = json_string_value(node->value), *nearest;
    unsigned i;

    for (i = 0; i < field->code_count; i++) {
        if (field->codes[i].name && strcmp(field->codes[i].name, text) == 0) {
            *value = field->codes[i].low;
            return true;
        }
    }
    nearest = smref_nearest(text, next_code, (void *)(uintptr_t)field);
    return smref_jfail(doc, node, error, "\"%.40s\" is no value of this field%s%s", text,
                       nearest ? "; nearest: " : "", nearest ? nearest : "; write 0x... or 0b...");
}

static bool read_address(const smref_jdoc *doc, const smref_jnode *node, const smref_field_info *field,
                         uint64_t *value, smref_jerror *error)
{
    unsigned low = field->address_low, high = low + smref_field_width(field) - 1;
    uint64_t address, below = (UINT64_C(1) << low) - 1;

    if (!smref_jnumber(doc, node, UINT64_MAX, &address, error))
        return false;
    if (address & below) {
        return smref_jfail(doc, node, error, "0x%llx is misaligned: the field holds bits %u:%u of an address",
                           (unsigned long long)address, high, low);
    }
    if (address >> low > smref_field_largest(field)) {
        return smref_jfail(doc, node, error, "0x%llx is too large: the field holds bits %u:%u of an address",
                           (unsigned long long)address, high, low);
    }
    *value = address >> low;
    return true;
}

static bool read_value(const smref_jdoc *doc, const smref_jnode *node, const smref_field_info *field,
                       uint64_t *value, smref_jerror *error)
{
    if (field->kind == SMREF_KIND_ADDRESS)
        return read_address(doc, node, field, value, error);
    if (json_is_boolean(node->value) && smref_field_width(field) == 1) {
        *value = json_is_true(node->value);
        return true;
    }
    if (json_is_string(node->value) && !isdigit((unsigned char)json_string_value(node->value)[0]))
        return read_code(doc, node, field, value, error);
    if (!smref_jnumber(doc, node, UINT64_MAX, value, error))
        return false;
    if (*value > smref_field_largest(field)) {
        return smref_jfail(doc, node, error, "0x%llx does not fit the field's %u bits",
                           (unsigned long long)*value, smref_field_width(field));
    }
    return true;
}

/* ---- Structures ------------------------------------------------------------------------------------ */

/* Writes one value; `used` holds the bits that earlier fields took, because variants share bits. */
static bool encode_element(const smref_jdoc *doc, const smref_jnode *node, const smref_field_info *field,
                           unsigned element, uint64_t *words, uint64_t *used, smref_jerror *error)
{
    uint64_t value;

    if (!read_value(doc, node, field, &value, error))
        return false;
    if (smref_field_get(field, used, element)) {
        return smref_jfail(doc, node, error,
                           "shares bits with another field that is given; they are variants");
    }
    smref_field_set(field, used, element, smref_field_largest(field));
    smref_field_set(field, words, element, value);
    return true;
}

static bool encode_field(const smref_jdoc *doc, const smref_jnode *node, const smref_field_info *field,
                         uint64_t *words, uint64_t *used, smref_jerror *error)
{
    size_t i;

    if (!field->array_count)
        return encode_element(doc, node, field, 0, words, used, error);
    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count > field->array_count) {
        return smref_jfail(doc, node, error, "%zu elements; the field has %u", node->child_count,
                           field->array_count);
    }
    for (i = 0; i < node->child_count; i++)
        if (!encode_element(doc, &node->children[i], field, (unsigned)i, words, used, error))
            return false;
    return true;
}

bool smref_fields_encode(const smref_jdoc *doc, const smref_jnode *object, const smref_layout_info *layout,
                         uint64_t *words, smref_jerror *error)
{
    uint64_t *used;
    bool good = true;
    size_t i;

    if (!smref_jobject(doc, object, error))
        return false;
    used = smref_alloc(layout->bytes / 8, sizeof *used);
    for (i = 0; good && i < object->child_count; i++) {
        const smref_jnode *child = &object->children[i];
        const smref_field_info *field = smref_field_named(layout, child->key);
        if (field) {
            good = encode_field(doc, child, field, words, used, error);
        } else {
            const char *nearest = smref_nearest(child->key, next_field, (void *)(uintptr_t)layout);
            good = smref_jfail(doc, child, error, "%s has no such field%s%s", layout->name,
                               nearest ? "; nearest: " : "", nearest ? nearest : "");
        }
    }
    free(used);
    return good;
}
