/* What is known of an implementation under test, and how campaigns keep it. */
#include "implementation.h"

#include <stdio.h>
#include <string.h>

#include "envelope.h"
#include "hex.h"
#include "vocabulary.h"

/* Names of SMREF_CAN_..., by rising value. */
static const char *const abilities[] = {"read", "write", "atomic", "sizes",   "ssid",   "priv",
                                        "inst", "attrs", "ns",     "any_sid", "no_sid", NULL};

void smref_implementation_clear(smref_implementation *implementation)
{
    smref_registers_clear(&implementation->profile.registers);
}

bool smref_implementation_deposit(const smref_implementation *implementation, smref *smmu,
                                  smref_jerror *error)
{
    const smref_jdoc doc = {.file = implementation->name};
    const smref_snapshot description = {.profile = implementation->profile};
    smref_error why = {.status = SMREF_OK};
    smref_choice refused;

    if (!smmu)
        return smref_jfail(&doc, NULL, error, "the host has no memory left");
    if (smref_snapshot_deposit(&description, NULL, 0, smmu, &why))
        return smref_jfail(&doc, NULL, error, "%s: %s", why.where, why.text);
    return smref_choices_deposit(&implementation->profile.choices, smmu, &refused) ||
           smref_jfail(&doc, NULL, error, "%s has an option that this version does not permit",
                       smref_choice_at((unsigned)refused)->id);
}

static bool inside(const smref_window *window, smref_pas pas, uint64_t at, uint64_t size)
{
    return window->pas == pas && at >= window->at && size <= window->size &&
           at - window->at <= window->size - size;
}

bool smref_implementation_has(const smref_implementation *implementation, smref_pas pas, uint64_t at,
                              uint64_t size)
{
    for (size_t i = 0; i < implementation->memory_count; i++)
        if (inside(&implementation->memory[i], pas, at, size))
            return true;
    return false;
}

/* ---- Writing --------------------------------------------------------------------------------------- */

static json_t *windows_json(const smref_window *windows, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "pas", smref_spell_pas(windows[i].pas), "at",
                                              smref_hex_json(windows[i].at), "size",
                                              smref_hex_json(windows[i].size)));
    return list;
}

static json_t *device_json(const smref_device *device)
{
    json_t *can = json_array();

    for (unsigned i = 0; abilities[i]; i++)
        if (device->can >> i & 1)
            json_array_append_new(can, json_string(abilities[i]));
    return json_pack("{s:s, s:o, s:o}", "sec_sid", smref_spell_sec_sid(device->sec_sid), "sid",
                     smref_hex_json(device->sid), "can", can);
}

json_t *smref_implementation_json(const smref_implementation *implementation)
{
    json_t *devices = json_array(), *spaces = json_array();

    for (size_t i = 0; i < implementation->device_count; i++)
        json_array_append_new(devices, device_json(&implementation->devices[i]));
    for (unsigned i = 0; i < SMREF_PAS_COUNT; i++)
        if (implementation->spaces >> i & 1)
            json_array_append_new(spaces, json_string(smref_spell_pas((smref_pas)i)));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "name", implementation->name, "profile",
                     smref_profile_json(&implementation->profile), "memory",
                     windows_json(implementation->memory, implementation->memory_count), "other",
                     windows_json(implementation->other, implementation->other_count), "devices", devices,
                     "spaces", spaces);
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static bool read_window(const smref_jdoc *doc, const smref_jnode *node, smref_window *out,
                        smref_jerror *error)
{
    static const char *const keys[] = {"pas", "at", "size", NULL};
    const smref_jnode *pas = smref_jget(node, "pas");

    *out = (smref_window){SMREF_PAS_NS, 0, 0};
    if (!smref_jobject(doc, node, error) || !smref_jkeys(doc, node, keys, error))
        return false;
    if (!smref_jget(node, "at") || !smref_jget(node, "size"))
        return smref_jfail(doc, node, error, "a window has \"at\" and \"size\"");
    if ((pas && !smref_read_pas(doc, pas, &out->pas, error)) ||
        !smref_jnumber(doc, smref_jget(node, "at"), UINT64_MAX, &out->at, error) ||
        !smref_jnumber(doc, smref_jget(node, "size"), UINT64_MAX, &out->size, error))
        return false;
    return (out->size && out->at + (out->size - 1) >= out->at) ||
           smref_jfail(doc, node, error, "is empty, or goes beyond the last address");
}

static bool read_windows(const smref_jdoc *doc, const smref_jnode *node, smref_window *out, size_t *count,
                         smref_jerror *error)
{
    *count = 0;
    if (!node)
        return true;
    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count > SMREF_WINDOWS)
        return smref_jfail(doc, node, error, "more than %d windows", SMREF_WINDOWS);
    for (; *count < node->child_count; ++*count)
        if (!read_window(doc, &node->children[*count], &out[*count], error))
            return false;
    return true;
}

static const char *next_ability(void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

static bool read_abilities(const smref_jdoc *doc, const smref_jnode *list, unsigned *out, smref_jerror *error)
{
    *out = SMREF_CAN_READ | SMREF_CAN_WRITE;
    if (!list)
        return true;
    if (!smref_jarray(doc, list, error))
        return false;
    *out = 0;
    for (size_t i = 0; i < list->child_count; i++) {
        const char *text, *nearest;
        int index;
        if (!smref_jstring(doc, &list->children[i], &text, error))
            return false;
        index = smref_find_word(abilities, text);
        if (index < 0) {
            nearest = smref_nearest(text, next_ability, (void *)(uintptr_t)abilities);
            return smref_jfail(doc, &list->children[i], error, "no such ability: %.40s; nearest: %s", text,
                               nearest ? nearest : abilities[0]);
        }
        *out |= 1u << index;
    }
    return true;
}

static bool read_device(const smref_jdoc *doc, const smref_jnode *node, smref_device *out,
                        smref_jerror *error)
{
    static const char *const keys[] = {"sec_sid", "sid", "can", NULL};
    const smref_jnode *sec_sid = smref_jget(node, "sec_sid"), *sid = smref_jget(node, "sid");
    uint64_t number = 0;

    *out = (smref_device){SMREF_SEC_NS, 0, 0};
    if (!smref_jobject(doc, node, error) || !smref_jkeys(doc, node, keys, error) ||
        (sec_sid && !smref_read_sec_sid(doc, sec_sid, &out->sec_sid, error)) ||
        (sid && !smref_jnumber(doc, sid, UINT32_MAX, &number, error)))
        return false;
    out->sid = (uint32_t)number;
    return read_abilities(doc, smref_jget(node, "can"), &out->can, error);
}

static bool read_devices(const smref_jdoc *doc, const smref_jnode *node, smref_implementation *out,
                         smref_jerror *error)
{
    out->device_count = 0;
    if (!node)
        return true;
    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count > SMREF_DEVICES)
        return smref_jfail(doc, node, error, "more than %d devices", SMREF_DEVICES);
    for (; out->device_count < node->child_count; out->device_count++)
        if (!read_device(doc, &node->children[out->device_count], &out->devices[out->device_count], error))
            return false;
    return true;
}

static bool read_spaces(const smref_jdoc *doc, const smref_jnode *list, unsigned *out, smref_jerror *error)
{
    smref_pas pas;

    *out = 1u << SMREF_PAS_NS;
    if (!list)
        return true;
    if (!smref_jarray(doc, list, error))
        return false;
    *out = 0;
    for (size_t i = 0; i < list->child_count; i++) {
        if (!smref_read_pas(doc, &list->children[i], &pas, error))
            return false;
        *out |= 1u << pas;
    }
    return true;
}

bool smref_implementation_read(const smref_jdoc *doc, const smref_jnode *node,
                               smref_implementation *implementation, smref_jerror *error)
{
    const smref_jnode *profile = smref_jget(node, "profile");
    const char *name = NULL;

    memset(implementation, 0, sizeof *implementation);
    smref_choices_clear(&implementation->profile.choices);
    if (!profile)
        return smref_jfail(doc, node, error, "no \"profile\"");
    if (!smref_read_text(doc, node, "name", &name, error) ||
        !smref_profile_read(doc, profile, &implementation->profile, error))
        return false;
    snprintf(implementation->name, sizeof implementation->name, "%s", name ? name : "");
    if (read_windows(doc, smref_jget(node, "memory"), implementation->memory, &implementation->memory_count,
                     error) &&
        read_windows(doc, smref_jget(node, "other"), implementation->other, &implementation->other_count,
                     error) &&
        read_devices(doc, smref_jget(node, "devices"), implementation, error) &&
        read_spaces(doc, smref_jget(node, "spaces"), &implementation->spaces, error))
        return true;
    smref_implementation_clear(implementation);
    return false;
}
