/* Edits: fields of the parts of a scene set to the values at which something may change. Which fields there
 * are comes from the tables. */
#include <string.h>

#include "scene.h"
#include "smref_layout.h"

/* The part as its structure or register describes it. */
static const smref_field_info *fields_of(const smref_part *part, unsigned *count)
{
    if (part->kind == SMREF_PART_MEMORY) {
        *count = smref_layout_at(part->what)->field_count;
        return smref_layout_at(part->what)->fields;
    }
    if (part->kind == SMREF_PART_WRITE) {
        *count = smref_register_at(part->what)->field_count;
        return smref_register_at(part->what)->fields;
    }
    *count = 0;
    return NULL;
}

unsigned smref_part_fields(const smref_part *part)
{
    unsigned count;

    (void)fields_of(part, &count);
    return part->kind == SMREF_PART_ACCESS ? SMREF_EDIT_FIELDS : count;
}

static unsigned width_of(const smref_field_info *field)
{
    unsigned width = 0;

    if (field->array_count)
        return field->array_width;
    for (unsigned i = 0; i < field->piece_count; i++)
        width += field->pieces[i].msb - field->pieces[i].lsb + 1U;
    return width;
}

/* Reserved bits may be more than a word has: they are not edited. */
static bool is_editable(const smref_field_info *field)
{
    for (unsigned i = 0; i < field->piece_count; i++)
        if (field->pieces[i].msb / 64 != field->pieces[i].lsb / 64 && !field->array_count)
            return false;
    return width_of(field) <= 64;
}

static uint64_t ones(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* Values of a field of `width` bits that holds `now`: all of a narrow one; of a wide one its limits, its
 * neighbours, and each bit the other way. */
#define PLAIN_VALUES 5
#define NARROW 8

static unsigned values_of(unsigned width)
{
    return width <= NARROW ? 1U << width : PLAIN_VALUES + width;
}

static uint64_t value_at(unsigned width, uint64_t now, unsigned nth)
{
    const uint64_t plain[PLAIN_VALUES] = {0, 1, ones(width), now + 1, now - 1};

    if (width <= NARROW)
        return nth;
    return (nth < PLAIN_VALUES ? plain[nth] : now ^ UINT64_C(1) << (nth - PLAIN_VALUES)) & ones(width);
}

bool smref_code_is_reserved(const smref_abilities *a, const smref_field_info *field, uint64_t value)
{
    for (unsigned i = 0; i < field->code_count; i++) {
        const smref_code_info *code = &field->codes[i];
        if (value < code->low || value > code->high || (code->since && a->version < code->since) ||
            (code->until && a->version > code->until))
            continue;
        return code->behaves_as >= 0 || code->illegal;
    }
    return field->kind == SMREF_KIND_ENUM; /* the value is none of its codes */
}

/* ---- Accesses -------------------------------------------------------------------------------------- */

bool smref_device_cannot(const smref_device *device, const smref_access *access)
{
    static const unsigned types[3] = {SMREF_CAN_READ, SMREF_CAN_WRITE, SMREF_CAN_ATOMIC};
    unsigned needs = types[access->type];

    needs |= access->ssv ? SMREF_CAN_SSID : 0;
    needs |= access->priv ? SMREF_CAN_PRIV : 0;
    needs |= access->inst ? SMREF_CAN_INST : 0;
    needs |= access->ns ? SMREF_CAN_NS : 0;
    needs |= access->attrs_supplied ? SMREF_CAN_ATTRS : 0;
    if (access->size != 4 || access->addr & 3)
        needs |= SMREF_CAN_SIZES;
    return needs & ~device->can || (access->addr & 0xfff) + access->size > 0x1000;
}

static unsigned values_of_access(unsigned field)
{
    static const uint8_t counts[SMREF_EDIT_FIELDS] = {
        [SMREF_EDIT_ADDR] = PLAIN_VALUES + 64,
        [SMREF_EDIT_TYPE] = 3,
        [SMREF_EDIT_SIZE] = 8,
        [SMREF_EDIT_SID] = PLAIN_VALUES + 32,
        [SMREF_EDIT_SSV] = 2,
        [SMREF_EDIT_SSID] = PLAIN_VALUES + 20,
        [SMREF_EDIT_PRIV] = 2,
        [SMREF_EDIT_INST] = 2,
        [SMREF_EDIT_NS] = 2,
    };
    return counts[field];
}

static uint64_t value_of_access(const smref_access *access, unsigned field, unsigned nth)
{
    static const uint8_t sizes[8] = {1, 2, 4, 8, 16, 3, 64, 5};

    switch (field) {
    case SMREF_EDIT_ADDR:
        return value_at(64, access->addr, nth);
    case SMREF_EDIT_SIZE:
        return sizes[nth];
    case SMREF_EDIT_SID:
        return value_at(32, access->sid, nth);
    case SMREF_EDIT_SSID:
        return value_at(20, access->ssid, nth);
    default:
        return nth;
    }
}

/* The devices that there are decide what becomes of the access. */
static const smref_device *device_of(const smref_abilities *a, const smref_access *access)
{
    const smref_device *any = NULL;

    for (unsigned i = 0; i < a->device_count[access->sec_sid]; i++) {
        const smref_device *device = &a->implementation->devices[a->devices[access->sec_sid][i]];
        if (device->sid == access->sid)
            return device;
        if (device->can & SMREF_CAN_ANY_SID)
            any = device;
    }
    return any;
}

static bool put_access(const smref_abilities *a, smref_access *access, unsigned field, uint64_t value)
{
    smref_access other = *access;
    const smref_device *device;

    switch (field) {
    case SMREF_EDIT_ADDR:
        other.addr = value;
        break;
    case SMREF_EDIT_TYPE:
        other.type = (smref_access_type)value;
        break;
    case SMREF_EDIT_SIZE:
        other.size = (uint32_t)value;
        break;
    case SMREF_EDIT_SID:
        other.sid = (uint32_t)value;
        break;
    case SMREF_EDIT_SSV:
        other.ssv = value & 1;
        break;
    case SMREF_EDIT_SSID:
        other.ssid = (uint32_t)value;
        other.ssv = true;
        break;
    case SMREF_EDIT_PRIV:
        other.priv = value & 1;
        break;
    case SMREF_EDIT_INST:
        other.inst = value & 1;
        break;
    default:
        if (other.sec_sid == SMREF_SEC_NS)
            return false;
        other.ns = value & 1;
        other.xt = other.sec_sid == SMREF_SEC_REALM; /* which goes with it (3.9.4.3) */
        break;
    }
    device = device_of(a, &other);
    if (!device || smref_device_cannot(device, &other))
        return false;
    *access = other;
    return true;
}

/* ---- All parts ------------------------------------------------------------------------------------- */

unsigned smref_edits_of_field(const smref_part *part, unsigned field)
{
    unsigned count;
    const smref_field_info *fields = fields_of(part, &count);

    if (part->kind == SMREF_PART_ACCESS)
        return values_of_access(field);
    if (field >= count || !is_editable(&fields[field]))
        return 0;
    return values_of(width_of(&fields[field])) * (fields[field].array_count ? fields[field].array_count : 1U);
}

static bool same_part(const smref_part *a, const smref_part *b)
{
    return a->kind == b->kind && a->what == b->what;
}

void smref_edit_make(const smref_scene *scene, size_t at, unsigned field, unsigned nth, smref_edit *out)
{
    const smref_part *part = &scene->parts[at];
    unsigned count, values;
    const smref_field_info *fields = fields_of(part, &count), *info;

    *out = (smref_edit){.kind = part->kind, .what = part->what, .field = (uint8_t)field};
    for (size_t i = 0; i < at; i++)
        out->number = (uint8_t)(out->number + same_part(&scene->parts[i], part));
    if (part->kind == SMREF_PART_ACCESS) {
        out->value = value_of_access(&part->access, field, nth);
        return;
    }
    info = &fields[field];
    values = values_of(width_of(info));
    out->element = (uint8_t)(nth / values);
    out->value = value_at(width_of(info), smref_field_get(info, part->words, out->element), nth % values);
}

bool smref_edit_apply(const smref_abilities *a, smref_scene *scene, const smref_edit *edit)
{
    unsigned number = edit->number, count;

    for (size_t i = 0; i < scene->count; i++) {
        smref_part *part = &scene->parts[i];
        if (part->kind != edit->kind || (part->kind != SMREF_PART_ACCESS && part->what != edit->what) ||
            number--)
            continue;
        if (part->kind == SMREF_PART_ACCESS)
            return put_access(a, &part->access, edit->field, edit->value);
        smref_field_set(&fields_of(part, &count)[edit->field], part->words, edit->element, edit->value);
        return true;
    }
    return false;
}

unsigned smref_first_code_above(const smref_abilities *a)
{
    return (unsigned)smref_SMMU_IDR5_OAS(smref_get_register(a->smmu, SMREF_REG_SMMU_IDR5)) + 1;
}

/* Reserved codes, and address sizes and formats that the implementation lacks: some targets end by them. */
static bool is_dangerous(const smref_abilities *a, const smref_field_info *field, uint64_t value)
{
    bool size = !strcmp(field->name, "IPS") || !strcmp(field->name, "S2PS");
    bool format = !strcmp(field->name, "AA64") || !strcmp(field->name, "S2AA64");

    if (format && !value && !a->s1[SMREF_Format_VMSAv8_32][0].count)
        return true;
    return smref_code_is_reserved(a, field, value) || (size && value > smref_first_code_above(a));
}

bool smref_edit_is_dangerous(const smref_abilities *a, const smref_edit *edit)
{
    if (edit->kind != SMREF_PART_MEMORY)
        return false;
    return is_dangerous(a, &smref_layout_at(edit->what)->fields[edit->field], edit->value);
}

/* Any field of any part is as likely as any other part of the scene. */
bool smref_edit_draw(const smref_abilities *a, const smref_scene *scene, smref_dice *d, smref_edit *out)
{
    for (unsigned tries = 0; tries < 16; tries++) {
        size_t at = smref_roll_below(d, (unsigned)scene->count);
        unsigned fields = smref_part_fields(&scene->parts[at]), field, values;
        if (!fields)
            continue;
        field = smref_roll_below(d, fields);
        values = smref_edits_of_field(&scene->parts[at], field);
        if (!values)
            continue;
        smref_edit_make(scene, at, field, smref_roll_below(d, values), out);
        if (!smref_edit_is_dangerous(a, out) || smref_roll_one_in(d, 32))
            return true;
    }
    return false;
}
