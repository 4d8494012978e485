/* Between cases and snapshots. */
#include <stdio.h>
#include <string.h>

#include "case.h"
#include "fields.h"
#include "hex.h"
#include "outcome_json.h"
#include "vocabulary.h"

#define MAX_WORDS 8 /* of the structures that have fields: an STE has as many */

/* ---- To a snapshot --------------------------------------------------------------------------------- */

static bool overlap(const smref_stimulus *a, const smref_stimulus *b)
{
    return a->pas == b->pas && a->at < b->at + b->size && b->at < a->at + a->size;
}

/* How many stores at the start can be the memory of a snapshot, in which no two of them overlap. */
static size_t stores_at_start(const smref_case *c)
{
    size_t count = 0;

    for (; count < c->count && c->steps[count].op == SMREF_OP_STORE; count++)
        for (size_t i = 0; i < count; i++)
            if (overlap(&c->steps[i], &c->steps[count]))
                return count;
    return count;
}

/* {"V": 1, …} of what is not zero; NULL where fields with a name do not say all of it. */
static json_t *fields_json(const smref_layout_info *layout, const uint64_t *words)
{
    uint64_t said[MAX_WORDS] = {0}, taken[MAX_WORDS] = {0};
    json_t *fields = json_object();

    for (unsigned i = 0; i < layout->field_count; i++) {
        const smref_field_info *field = &layout->fields[i];
        uint64_t value;
        if (field->array_count > 1 || field->kind == SMREF_KIND_RESERVED ||
            smref_field_named(layout, field->name) != field)
            continue;
        value = smref_field_get(field, words, 0);
        if (!value || smref_field_get(field, taken, 0)) /* another variant says it already */
            continue;
        smref_field_set(field, said, 0, value);
        smref_field_set(field, taken, 0, UINT64_MAX);
        json_object_set_new(fields, field->name, smref_hex_json(value << field->address_low));
    }
    if (memcmp(said, words, layout->bytes) == 0)
        return fields;
    json_decref(fields);
    return NULL;
}

static json_t *region_json(const smref_stimulus *store, smref_layout kind)
{
    const smref_layout_info *layout = kind < SMREF_LAYOUT_COUNT ? smref_layout_at((unsigned)kind) : NULL;
    json_t *region =
        json_pack("{s:s, s:o}", "pas", smref_spell_pas(store->pas), "at", smref_hex_json(store->at));
    uint64_t words[MAX_WORDS];
    json_t *fields = NULL;

    if (layout && layout->bytes == store->size && store->size <= sizeof words) {
        smref_bytes_to_words(store->bytes, store->size / 8, words);
        fields = fields_json(layout, words);
    }
    if (fields) {
        json_object_set_new(region, "struct", json_string(layout->name));
        json_object_set_new(region, "fields", fields);
    } else {
        json_object_set_new(region, "hex", smref_hex_dump(store->bytes, store->size));
    }
    return region;
}

json_t *smref_case_snapshot(const smref_case *c, const smref_implementation *implementation,
                            const char *description)
{
    json_t *out = json_pack("{s:s, s:s}", "format", "smref-snapshot", "version", "1.0");
    json_t *memory = json_array(), *steps = json_array();
    size_t stores = stores_at_start(c);

    if (description)
        json_object_set_new(out, "description", json_string(description));
    json_object_set_new(out, "profile", smref_profile_json(&implementation->profile));
    for (size_t i = 0; i < implementation->memory_count; i++) {
        const smref_window *window = &implementation->memory[i];
        json_array_append_new(memory, json_pack("{s:s, s:o, s:o, s:s}", "pas", smref_spell_pas(window->pas),
                                                "at", smref_hex_json(window->at), "size",
                                                smref_hex_json(window->size), "fill", "0x0"));
    }
    for (size_t i = 0; i < stores; i++)
        json_array_append_new(memory, region_json(&c->steps[i], c->layouts[i]));
    for (size_t i = stores; i < c->count; i++)
        json_array_append_new(steps, smref_stimulus_json(&c->steps[i]));
    json_object_set_new(out, "memory", memory);
    json_object_set_new(out, "steps", steps);
    return out;
}

/* ---- Out of a snapshot ----------------------------------------------------------------------------- */

struct reading {
    smref_case *c;
    const smref_implementation *implementation;
    char *why;
};

static bool fail(struct reading *r, const char *what)
{
    snprintf(r->why, 200, "%s", what);
    return false;
}

static bool is_zero(const uint8_t *bytes, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

/* What is not zero, in pieces. */
static bool take_bytes(struct reading *r, const smref_region *region)
{
    const uint64_t piece = 256;

    for (uint64_t at = 0; at < region->size; at += piece) {
        uint64_t size = region->size - at < piece ? region->size - at : piece;
        if (!region->patches && is_zero(region->bytes + at, size))
            continue;
        smref_case_store_bytes(r->c, region->pas, region->at + at, region->bytes + at, (size_t)size);
        if (r->c->full)
            return fail(r, "larger than a case can be");
    }
    return true;
}

/* Memory is zero when a case starts. */
static bool take_fill(struct reading *r, const smref_region *region)
{
    uint8_t bytes[4096];

    memset(bytes, region->fill, sizeof bytes);
    for (uint64_t at = 0; region->fill && at < region->size && !r->c->full; at += sizeof bytes) {
        uint64_t left = region->size - at;
        smref_case_store_bytes(r->c, region->pas, region->at + at, bytes,
                               left < sizeof bytes ? (size_t)left : sizeof bytes);
    }
    return !r->c->full || fail(r, "larger than a case can be");
}

static bool take_region(struct reading *r, const smref_region *region)
{
    smref_layout layout;

    if (!(r->implementation->spaces >> region->pas & 1))
        return fail(r, "its memory is of a physical address space that the implementation lacks");
    if (!smref_implementation_has(r->implementation, region->pas, region->at, region->size))
        return fail(r, "it needs memory where the implementation has none");
    if (region->kind == SMREF_REGION_FILL)
        return take_fill(r, region);
    if (region->kind != SMREF_REGION_STRUCT || !smref_layout_find(region->layout->name, &layout))
        return take_bytes(r, region);
    smref_case_store_bytes(r->c, region->pas, region->at, region->bytes, (size_t)region->size);
    if (r->c->full)
        return fail(r, "larger than a case can be");
    r->c->layouts[r->c->count - 1] = layout;
    return true;
}

/* The space from which software reaches all registers of a bank that it may. */
static smref_pas space_of(const smref_register_info *info)
{
    if (info->bank[0] == 'S')
        return SMREF_PAS_SECURE;
    if (info->bank[0] == 'R')
        return SMREF_PAS_REALM;
    return strncmp(info->block, "ROOT", 4) == 0 ? SMREF_PAS_ROOT : SMREF_PAS_NS;
}

/* What is written to a register with an Update flag is taken only with that (6.3.14). */
static void set_update(const smref_register_info *info, uint64_t *value)
{
    static const char protocol[] = "update flag=";

    if (!info->protocol || strncmp(info->protocol, protocol, sizeof protocol - 1) != 0)
        return;
    for (unsigned f = 0; f < info->field_count; f++)
        if (strcmp(info->fields[f].name, info->protocol + sizeof protocol - 1) == 0)
            smref_field_set(&info->fields[f], value, 0, 1);
}

/* Software sets registers while nothing is enabled, and then enables: what others acknowledge last. Those
 * that `over` gives are left to it. */
static void write_registers(struct reading *r, const smref_register_set *set, const smref_register_set *over,
                            bool enabling)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        bool enables = info->protocol && strncmp(info->protocol, "ack_pair", 8) == 0;
        uint64_t value = set->value[reg];
        if (set->given[reg] != SMREF_GIVEN || enables != enabling || (over && over->given[reg]) ||
            !(r->implementation->spaces >> space_of(info) & 1))
            continue;
        set_update(info, &value);
        smref_case_write(r->c, space_of(info), (smref_register)reg, value);
    }
}

/* Loads in pieces that a step of a case may have. */
static void take_step(struct reading *r, const smref_stimulus *step)
{
    if (step->op != SMREF_OP_LOAD) {
        smref_case_append(r->c, step, SMREF_LAYOUT_COUNT);
        return;
    }
    for (size_t at = 0; at < step->size; at += SMREF_CASE_LOAD) {
        size_t left = step->size - at;
        smref_case_load(r->c, step->pas, step->at + at, left < SMREF_CASE_LOAD ? left : SMREF_CASE_LOAD);
    }
}

static bool take_steps(struct reading *r, const smref_stimuli *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        const smref_stimulus *step = &steps->list[i];
        if (step->op == SMREF_OP_IDENTIFY || step->op == SMREF_OP_RESET)
            return fail(r, "its steps identify or reset the SMMU");
        if ((step->op == SMREF_OP_STORE || step->op == SMREF_OP_LOAD) &&
            !smref_implementation_has(r->implementation, step->pas, step->at, step->size))
            return fail(r, "it needs memory where the implementation has none");
        take_step(r, step);
    }
    return !r->c->full || fail(r, "larger than a case can be");
}

static bool take_memory(struct reading *r, const smref_regions *memory)
{
    for (size_t i = 0; i < memory->count; i++)
        if (!take_region(r, &memory->list[i]))
            return false;
    return true;
}

/* The patch goes over the snapshot. */
static void set_up(struct reading *r, const smref_snapshot *snapshot, const smref_patch *patch)
{
    for (unsigned enabling = 0; enabling < 2; enabling++) {
        write_registers(r, &snapshot->registers, patch ? &patch->registers : NULL, enabling);
        if (patch)
            write_registers(r, &patch->registers, NULL, enabling);
    }
}

bool smref_case_from_snapshot(smref_case *c, const smref_implementation *implementation,
                              const smref_case_origin *origin, const char *kind, char why[200])
{
    const smref_snapshot *snapshot = origin->snapshot;
    struct reading r = {c, implementation, why};

    smref_case_clear(c, SMREF_CASE_NO_INDEX, kind);
    if (snapshot->aliases)
        return fail(&r, "its address spaces share locations");
    if (snapshot->unmapped != SMREF_UNMAPPED_ABORT)
        return fail(&r, "it reads zeros where there is no memory");
    if (snapshot->cached.count)
        return fail(&r, "it starts with filled caches");
    if (!take_memory(&r, &snapshot->memory) || (origin->patch && !take_memory(&r, &origin->patch->memory)))
        return false;
    set_up(&r, snapshot, origin->patch);
    return take_steps(&r, origin->steps ? origin->steps : &snapshot->steps);
}
