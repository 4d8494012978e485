/* Which fields of a structure an explanation shows, and how their values read. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"
#include "fields.h"

/* Fields that neither select tables nor bear on permissions, attributes or faults: an explanation leaves them
 * out unless all are asked for. A descriptor's VALID and TYPE are told as its kind. */
static const char *const quiet[] = {
    "S1CIR",   "S1COR",   "S1CSH",   "S2IR0",   "S2OR0",    "S2SH0",    "IR0",    "OR0",     "SH0",
    "IR1",     "OR1",     "SH1",     "MAIR0",   "MAIR1",    "AMAIR0",   "AMAIR1", "CONT",    "DCP",
    "DRE",     "PPAR",    "MEV",     "EATS",    "S1STALLD", "PARTID",   "PMG",    "MPAM_NS", "S1MPAM",
    "S2HWU59", "S2HWU60", "S2HWU61", "S2HWU62", "HWU059",   "HWU060",   "HWU061", "HWU062",  "HWU159",
    "HWU160",  "HWU161",  "HWU162",  "SW",      "PBHA",     "PBHA_3_1", "nG",     "nT",      "VALID",
    "TYPE",    "RA",      "WA",      NULL};

/* Fields that are worth their place when they are zero, too. */
static const char *const telling[] = {"V",    "Config", "S1Fmt",    "S1DSS", "T0SZ",     "TG0",   "EPD0",
                                      "EPD1", "IPS",    "A",        "R",     "S2T0SZ",   "S2SL0", "S2TG",
                                      "S2PS", "S2R",    "AP",       "S2AP",  "AttrIndx", "SH",    "AF",
                                      "Span", "SMMUEN", "EVENTQEN", "SHCFG", "WR",       "RD",    NULL};

static bool listed(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* ---- One field ------------------------------------------------------------------------------------- */

static void set_code(smref_shown *field)
{
    uint64_t raw = field->value >> field->info->address_low;

    for (unsigned i = 0; i < field->info->code_count; i++) {
        const smref_code_info *code = &field->info->codes[i];
        if (raw >= code->low && raw <= code->high) {
            field->code = code->name;
            field->means = code->means;
            return;
        }
    }
}

/* An element of an array; SMREF_WHOLE_ARRAY: all of it, whose elements are alike. */
enum { SMREF_WHOLE_ARRAY = 0xffff };

static smref_shown shown(const smref_field_info *info, const uint64_t *words, unsigned element)
{
    smref_shown field = {.info = info, .width = smref_field_width(info), .state = SMREF_FIELD_ACTIVE};
    bool whole = element == SMREF_WHOLE_ARRAY;

    field.value = smref_field_get(info, words, whole ? 0 : element) << info->address_low;
    if (!info->array_count)
        snprintf(field.name, sizeof field.name, "%s", info->name);
    else if (whole)
        snprintf(field.name, sizeof field.name, "%s[*]", info->name);
    else
        snprintf(field.name, sizeof field.name, "%s[%u]", info->name, element);
    set_code(&field);
    return field;
}

static bool elements_alike(const smref_field_info *info, const uint64_t *words)
{
    for (unsigned k = 1; k < info->array_count; k++)
        if (smref_field_get(info, words, k) != smref_field_get(info, words, 0))
            return false;
    return info->array_count > 0;
}

static bool is_small(const smref_shown *field)
{
    return field->width <= 4 && field->info->kind != SMREF_KIND_ADDRESS;
}

/* The value alone: bits as the specification writes them, sizes in decimal, the rest in hexadecimal. */
static size_t say_number(const smref_shown *field, char out[SMREF_VALUE_ROOM])
{
    smref_field_kind kind = field->info->kind;
    size_t used = 0;

    if (is_small(field)) {
        if (field->width > 1)
            used = (size_t)snprintf(out, SMREF_VALUE_ROOM, "0b");
        for (unsigned bit = field->width; bit-- > 0;)
            out[used++] = field->value >> bit & 1 ? '1' : '0';
        out[used] = '\0';
        return used;
    }
    return (size_t)snprintf(
        out, SMREF_VALUE_ROOM,
        (kind == SMREF_KIND_UINT || kind == SMREF_KIND_ENUM) && field->width <= 8 ? "%" PRIu64 : "0x%" PRIx64,
        field->value);
}

const char *smref_say_value(const smref_shown *field, char out[SMREF_VALUE_ROOM])
{
    size_t used = say_number(field, out);

    if (field->code)
        snprintf(out + used, SMREF_VALUE_ROOM - used, " %s", field->code);
    else if (field->means)
        snprintf(out + used, SMREF_VALUE_ROOM - used, " (%s)", field->means);
    return out;
}

/* ---- Structures and descriptors -------------------------------------------------------------------- */

static bool is_reserved(const smref_field_info *info)
{
    return info->kind == SMREF_KIND_RESERVED || strcmp(info->name, "IMPDEF") == 0;
}

/* Whether the field is a piece of the address that a descriptor holds. */
static bool is_output(const smref_field_info *info)
{
    return info->kind == SMREF_KIND_ADDRESS && strncmp(info->name, "OA_", 3) == 0;
}

/* The pieces of a descriptor's address become one field, in place of the first piece. */
static bool join_output(smref_shown *list, size_t count, const smref_shown *piece, const smref_step *step)
{
    const char *kind = smref_step_descriptor(step);

    for (size_t i = 0; i < count; i++) {
        if (is_output(list[i].info)) {
            list[i].value |= piece->value;
            return true;
        }
    }
    list[count] = *piece;
    list[count].width = 64;
    snprintf(list[count].name, sizeof list[count].name, "%s",
             kind && strcmp(kind, "table") == 0 ? "next" : "output");
    return false;
}

/* Of a command all do but its number, which is its name. */
static bool matters(const smref_shown *field, bool command)
{
    if (field->state != SMREF_FIELD_ACTIVE || is_reserved(field->info) || listed(quiet, field->info->name))
        return false;
    if (command)
        return strcmp(field->info->name, "OPCODE") != 0;
    return field->value != 0 || listed(telling, field->info->name);
}

/* Appends what is to be shown of one field. */
static void add_field(const smref_step *step, const smref_field_info *info, smref_field_state state, bool all,
                      smref_shown out[SMREF_MAX_SHOWN], size_t *count)
{
    bool alike = elements_alike(info, step->words);
    bool command = smref_layout_at((unsigned)step->layout)->kind == SMREF_LAYOUT_KIND_COMMAND;

    for (unsigned k = 0; k == 0 || (!alike && k < info->array_count); k++) {
        smref_shown field = shown(info, step->words, alike ? SMREF_WHOLE_ARRAY : k);
        field.state = state;
        if (*count == SMREF_MAX_SHOWN ||
            (all ? is_reserved(info) && !field.value : !matters(&field, command)))
            continue;
        if (!all && is_output(info))
            *count += !join_output(out, *count, &field, step);
        else
            out[(*count)++] = field;
    }
}

size_t smref_explain_fields(const smref_explanation *e, size_t index, bool all,
                            smref_shown out[SMREF_MAX_SHOWN])
{
    const smref_step *step = &e->list[index].step;
    const smref_layout_info *layout = smref_layout_at((unsigned)step->layout);
    bool command = layout->kind == SMREF_LAYOUT_KIND_COMMAND;
    smref_field_context context = {.sec_sid = command ? (smref_sec_sid)step->pas : e->sec_sid,
                                   .ste = smref_step_structure(e, index, SMREF_LAYOUT_STE),
                                   .cd = smref_step_structure(e, index, SMREF_LAYOUT_CD),
                                   .walk = smref_step_walk(e, index),
                                   .level = step->level};
    smref_field_state state;
    size_t count = 0;

    if (!step->words || layout->kind == SMREF_LAYOUT_KIND_EVENT || smref_step_nameless(step))
        return 0;
    for (unsigned f = 0; f < layout->field_count; f++)
        if (smref_field_look(e->smmu, &context, step->layout, f, step->words, &state))
            add_field(step, &layout->fields[f], state, all, out, &count);
    return count;
}

/* ---- Event records and registers ------------------------------------------------------------------- */

smref_shown smref_explain_field(const smref_field_info *field, uint64_t value)
{
    return shown(field, &value, 0);
}

/* Whether the architecture leaves any bit of the field open. */
static bool open_field(const smref_field_info *info, const uint64_t *unknown)
{
    return smref_field_get(info, unknown, 0) != 0;
}

size_t smref_explain_event(const smref_event *event, smref_shown out[SMREF_MAX_SHOWN])
{
    const smref_layout_info *layout;
    size_t count = 0;
    unsigned i, f;

    for (i = 0; (layout = smref_layout_at(i)) != NULL; i++)
        if (layout->kind == SMREF_LAYOUT_KIND_EVENT && layout->number == (unsigned)event->type)
            break;
    for (f = 0; layout && f < layout->field_count && count < SMREF_MAX_SHOWN; f++) {
        const smref_field_info *info = &layout->fields[f];
        if (is_reserved(info))
            continue;
        out[count] = shown(info, event->words, 0);
        if (open_field(info, event->unknown))
            out[count].state = SMREF_FIELD_UNKNOWN;
        count++;
    }
    return count;
}

bool smref_explain_present(const smref_explanation *e, smref_register reg, unsigned field, uint64_t value)
{
    smref_field_state state;

    return smref_register_field_look(e->smmu, reg, field, value, &state);
}

size_t smref_explain_register(const smref_explanation *e, smref_register reg, uint64_t value,
                              const char *only, smref_shown out[SMREF_MAX_SHOWN])
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    size_t count = 0;

    for (unsigned f = 0; f < info->field_count && count < SMREF_MAX_SHOWN; f++) {
        const smref_field_info *field = &info->fields[f];
        if (is_reserved(field) || (only && strcmp(only, field->name) != 0) ||
            !smref_explain_present(e, reg, f, value))
            continue;
        out[count] = shown(field, &value, 0);
        if (only || (out[count].value && !listed(quiet, field->name)) || listed(telling, field->name))
            count++;
    }
    return count;
}
