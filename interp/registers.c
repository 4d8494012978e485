/* Registers as the formats name them. */
#include "registers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"

#define MAP_SIZE 0x20000u /* the Non-secure and Secure pages 0 and 1 (6.1) */

/* ---- By name --------------------------------------------------------------------------------------- */

bool smref_register_mapped(unsigned reg)
{
    const smref_register_info *info = smref_register_at(reg);
    smref_register found;

    return info && smref_register_find_offset(info->offset, &found) && (unsigned)found == reg;
}

bool smref_register_placed(uint32_t offset, smref_register_ref *out)
{
    const smref_register_info *info;
    smref_register first;
    unsigned i;

    if (smref_register_find_offset(offset, &first)) { /* most often */
        *out = (smref_register_ref){(unsigned)first, 0, false};
        return true;
    }
    for (i = 0; (info = smref_register_at(i)) != NULL; i++) {
        uint32_t stride = info->count > 1 ? info->stride : info->width / 8u, within, element;
        if (offset < info->offset)
            continue;
        element = (offset - info->offset) / stride;
        within = (offset - info->offset) % stride;
        if (element < info->count && (within == 0 || (within == 4 && info->width == 64)) &&
            smref_register_mapped(i)) {
            *out = (smref_register_ref){i, element, within == 4};
            return true;
        }
    }
    *out = (smref_register_ref){.reg = SMREF_REG_COUNT};
    return offset < MAP_SIZE && offset % 4 == 0;
}

/* "SMMU_CMDQ_CONTROL_PAGE_BASE3" as element 3 of "SMMU_CMDQ_CONTROL_PAGE_BASE<n>". */
static bool element_named(const char *name, smref_register_ref *out)
{
    char array[SMREF_REGISTER_ROOM];
    size_t length = strlen(name), digits = length;
    smref_register reg;
    uint64_t element;

    while (digits > 0 && isdigit((unsigned char)name[digits - 1]))
        digits--;
    if (digits == length || digits + 4 > sizeof array || (name[digits] == '0' && name[digits + 1]))
        return false;
    snprintf(array, sizeof array, "%.*s<n>", (int)digits, name);
    if (!smref_register_find(array, &reg) ||
        !smref_parse_number(name + digits, smref_register_at((unsigned)reg)->count - 1u, &element))
        return false;
    *out = (smref_register_ref){(unsigned)reg, (unsigned)element, false};
    return true;
}

bool smref_register_named(const char *name, smref_register_ref *out)
{
    smref_register reg;
    uint64_t offset;

    if (strncmp(name, "0x", 2) == 0)
        return smref_parse_number(name, UINT32_MAX, &offset) && smref_register_placed((uint32_t)offset, out);
    if (!strchr(name, '<') && smref_register_find(name, &reg)) {
        *out = (smref_register_ref){(unsigned)reg, 0, false};
        return true;
    }
    return element_named(name, out);
}

static const char *next_register(void *context, size_t index)
{
    const smref_register_info *info = smref_register_at((unsigned)index);

    (void)context;
    return info ? info->name : NULL;
}

const char *smref_register_nearest(const char *name)
{
    return smref_nearest(name, next_register, NULL);
}

const char *smref_register_spelled(const smref_register_ref *ref, char out[SMREF_REGISTER_ROOM])
{
    const smref_register_info *info = smref_register_at(ref->reg);
    const char *name = info ? info->name : "?";

    if (strchr(name, '<'))
        snprintf(out, SMREF_REGISTER_ROOM, "%.*s%u", (int)strcspn(name, "<"), name, ref->element);
    else
        snprintf(out, SMREF_REGISTER_ROOM, "%s", name);
    return out;
}

int smref_register_compare(unsigned a, unsigned b)
{
    const smref_register_info *first = smref_register_at(a), *second = smref_register_at(b);
    bool first_mapped = smref_register_mapped(a), second_mapped = smref_register_mapped(b);

    if (first_mapped != second_mapped)
        return first_mapped ? -1 : 1;
    if (first_mapped && first->offset != second->offset)
        return first->offset < second->offset ? -1 : 1;
    return (a > b) - (a < b);
}

/* ---- Sets ------------------------------------------------------------------------------------------ */

void smref_registers_clear(smref_register_set *set)
{
    free(set->elements);
    *set = (smref_register_set){.elements = NULL};
}

static smref_register_element *element_of(const smref_register_set *set, const smref_register_ref *ref)
{
    for (size_t i = 0; i < set->element_count; i++)
        if (set->elements[i].reg == ref->reg && set->elements[i].element == ref->element)
            return &set->elements[i];
    return NULL;
}

/* The element, of which nothing may have been said so far. */
static smref_register_element *new_element(smref_register_set *set, const smref_register_ref *ref)
{
    smref_register_element *element = element_of(set, ref);

    if (element)
        return element;
    set->elements = smref_resize(set->elements, set->element_count + 1, sizeof *set->elements);
    element = &set->elements[set->element_count++];
    *element = (smref_register_element){.reg = ref->reg, .element = ref->element};
    return element;
}

/* False: the register, or this half of it, was given already. */
static bool set_value(smref_register_set *set, const smref_register_ref *ref, uint64_t value)
{
    smref_register_element *element;
    uint8_t *given;
    uint64_t *held;

    if (ref->reg == SMREF_REG_COUNT)
        return true;
    element = ref->element ? new_element(set, ref) : NULL;
    given = element ? &element->given : &set->given[ref->reg];
    held = element ? &element->value : &set->value[ref->reg];
    if (ref->upper) {
        if (*given & SMREF_GIVEN_UPPER || *held >> 32)
            return false;
        *held |= value << 32;
        *given |= SMREF_GIVEN_UPPER;
        return true;
    }
    if (*given & SMREF_GIVEN || (*given & SMREF_GIVEN_UPPER && value >> 32))
        return false;
    *held |= value;
    *given |= SMREF_GIVEN;
    return true;
}

static uint64_t largest_value(const smref_register_ref *ref)
{
    if (ref->reg == SMREF_REG_COUNT)
        return 0;
    return ref->upper || smref_register_at(ref->reg)->width == 32 ? UINT32_MAX : UINT64_MAX;
}

static bool unknown_register(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error)
{
    const char *nearest = strncmp(node->key, "0x", 2) == 0 ? NULL : smref_register_nearest(node->key);

    return smref_jfail(doc, node, error, "no such register%s%s", nearest ? "; nearest: " : "",
                       nearest ? nearest : "");
}

static bool read_register(const smref_jdoc *doc, const smref_jnode *node, smref_register_set *set,
                          smref_jerror *error)
{
    char name[SMREF_REGISTER_ROOM];
    smref_register_ref ref;
    uint64_t value;

    if (!smref_register_named(node->key, &ref))
        return unknown_register(doc, node, error);
    if (!smref_jnumber(doc, node, UINT64_MAX, &value, error))
        return false;
    if (ref.reg == SMREF_REG_COUNT && value)
        return smref_jfail(doc, node, error, "no register is at this offset, which can hold only 0");
    if (value > largest_value(&ref)) {
        return smref_jfail(doc, node, error, "0x%llx does not fit the 32 bits of %s%s",
                           (unsigned long long)value, ref.upper ? "the upper half of " : "",
                           smref_register_spelled(&ref, name));
    }
    if (!set_value(set, &ref, value))
        return smref_jfail(doc, node, error, "%s is given twice", smref_register_spelled(&ref, name));
    return true;
}

bool smref_registers_read(const smref_jdoc *doc, const smref_jnode *object, smref_register_set *set,
                          smref_jerror *error)
{
    size_t i;

    if (!smref_jobject(doc, object, error))
        return false;
    for (i = 0; i < object->child_count; i++)
        if (!read_register(doc, &object->children[i], set, error))
            return false;
    return true;
}

bool smref_registers_assign(smref_register_set *set, const char *text, char why[200])
{
    const char *equals = strchr(text, '='), *nearest;
    char name[SMREF_REGISTER_ROOM];
    smref_register_ref ref;
    uint64_t value;

    if (!equals || equals == text || (size_t)(equals - text) >= sizeof name) {
        snprintf(why, 200, "write REGISTER=VALUE, not %.60s", text);
        return false;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    if (!smref_register_named(name, &ref) || ref.reg == SMREF_REG_COUNT) {
        nearest = smref_register_nearest(name);
        snprintf(why, 200, "%s: no such register%s%s", name, nearest ? "; nearest: " : "",
                 nearest ? nearest : "");
        return false;
    }
    if (!smref_parse_number(equals + 1, largest_value(&ref), &value)) {
        snprintf(why, 200, "%s: \"%.40s\" is no number of up to %u bits", name, equals + 1,
                 largest_value(&ref) == UINT32_MAX ? 32u : 64u);
        return false;
    }
    if (!set_value(set, &ref, value)) {
        snprintf(why, 200, "%s is given twice", name);
        return false;
    }
    return true;
}

/* The Non-secure bank is always there, but for its Command queue control pages; and identification is told to
 * be judged (smref_identification_broken). */
static bool optional(const smref_register_info *info)
{
    if (info->reset && strcmp(info->reset, "ID") == 0)
        return false;
    if (strcmp(info->bank, "NS") == 0)
        return strcmp(info->block, "CMDQCP") == 0;
    return *info->bank || strcmp(info->block, "ROOT") == 0;
}

/* The condition of a register's page; NULL: the page is always there. */
static const char *page_needs(const smref_register_info *info)
{
    const smref_block_info *block;
    unsigned i;

    for (i = 0; (block = smref_block_at(i)) != NULL; i++)
        if (strcmp(block->name, info->block) == 0)
            return block->present;
    return NULL;
}

/* A register is not there for want of its page, or by a condition of its own. */
static bool fail_absent(const smref_jdoc *doc, const smref_jnode *node, const smref_register_info *info,
                        smref_jerror *error)
{
    const char *page = page_needs(info), *own = info->present;

    return smref_jfail(doc, node, error, "this implementation has no such register%s%s%s%s",
                       page || own ? ": it needs " : "", page ? page : "", page && own ? ", and " : "",
                       own ? own : "");
}

static uint64_t value_of(const smref_register_set *set, const smref_register_ref *ref)
{
    const smref_register_element *element = ref->element ? element_of(set, ref) : NULL;

    return element ? element->value : ref->element ? 0 : set->value[ref->reg];
}

bool smref_registers_exist(const smref_jdoc *doc, const smref_jnode *object, const smref_register_set *set,
                           const smref *smmu, smref_jerror *error)
{
    smref_register_ref ref;
    size_t i;

    for (i = 0; object && i < object->child_count; i++) {
        const smref_jnode *node = &object->children[i];
        const smref_register_info *info;
        unsigned elements;
        if (!smref_register_named(node->key, &ref) || ref.reg == SMREF_REG_COUNT || !value_of(set, &ref))
            continue;
        info = smref_register_at(ref.reg);
        elements = smref_element_count(smmu, (smref_register)ref.reg);
        if (elements && ref.element >= elements)
            return smref_jfail(doc, node, error, "this implementation has only %u of these", elements);
        if (!optional(info) || smref_register_exists(smmu, (smref_register)ref.reg))
            continue;
        return fail_absent(doc, node, info, error);
    }
    return true;
}

static int by_offset(const void *a, const void *b)
{
    return smref_register_compare(*(const unsigned *)a, *(const unsigned *)b);
}

void smref_registers_add(smref_register_set *set, const smref_register_ref *ref, uint64_t value)
{
    smref_register_element *element = ref->element ? new_element(set, ref) : NULL;

    *(element ? &element->value : &set->value[ref->reg]) = value;
    *(element ? &element->given : &set->given[ref->reg]) = SMREF_GIVEN;
}

/* By register, then by number. */
static int by_element(const void *a, const void *b)
{
    const smref_register_element *first = a, *second = b;
    int order = smref_register_compare(first->reg, second->reg);

    return order ? order : (first->element > second->element) - (first->element < second->element);
}

static smref_register_element *sorted_elements(const smref_register_set *set)
{
    smref_register_element *list = smref_alloc(set->element_count, sizeof *list);

    if (set->element_count) {
        memcpy(list, set->elements, set->element_count * sizeof *list);
        qsort(list, set->element_count, sizeof *list, by_element);
    }
    return list;
}

static bool deposit_elements(const smref_register_set *set, smref *smmu, smref_error *error)
{
    smref_register_element *list = sorted_elements(set);
    bool good = true;

    for (size_t i = 0; good && i < set->element_count; i++) {
        smref_register reg = (smref_register)list[i].reg;
        uint64_t value = list[i].value;
        if (list[i].given == SMREF_GIVEN_UPPER)
            value |= smref_get_element(smmu, reg, list[i].element) & UINT32_MAX;
        good = smref_set_element(smmu, reg, list[i].element, value, error) == SMREF_OK;
    }
    free(list);
    return good;
}

bool smref_registers_deposit(const smref_register_set *set, smref *smmu, smref_error *error)
{
    unsigned given[SMREF_REG_COUNT] = {0}, count = 0, i;

    for (i = 0; i < SMREF_REG_COUNT; i++)
        if (set->given[i])
            given[count++] = i;
    qsort(given, count, sizeof *given, by_offset);
    for (i = 0; i < count; i++) {
        smref_register reg = (smref_register)given[i];
        uint64_t value = set->value[reg];
        if (set->given[reg] == SMREF_GIVEN_UPPER)
            value |= smref_get_register(smmu, reg) & UINT32_MAX;
        (void)smref_set_register(smmu, reg, value, NULL);
    }
    return deposit_elements(set, smmu, error);
}

/* `below` tells the lower half of an element whose upper half alone is given. */
static void add_elements(const smref_register_set *set, const smref_register_set *below, json_t *out)
{
    smref_register_element *list = sorted_elements(set);
    char name[SMREF_REGISTER_ROOM];

    for (size_t i = 0; i < set->element_count; i++) {
        const smref_register_ref ref = {list[i].reg, list[i].element, false};
        const smref_register_element *lower = below ? element_of(below, &ref) : NULL;
        uint64_t value = list[i].value;
        if (list[i].given == SMREF_GIVEN_UPPER && lower)
            value |= lower->value & UINT32_MAX;
        json_object_set_new(out, smref_register_spelled(&ref, name), smref_hex_json(value));
    }
    free(list);
}

json_t *smref_registers_json(const smref_register_set *set, const smref_register_set *below)
{
    char name[SMREF_REGISTER_ROOM];
    json_t *out = json_object();

    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        if (!set->given[i])
            continue;
        uint64_t value = set->value[i];
        if (set->given[i] == SMREF_GIVEN_UPPER && below)
            value |= below->value[i] & UINT32_MAX;
        json_object_set_new(out, smref_register_spelled(&(smref_register_ref){i, 0, false}, name),
                            smref_hex_json(value));
    }
    add_elements(set, below, out);
    return out;
}
