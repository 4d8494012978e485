/* Profiles: the version, the ID registers and the choices of an implementation. */
#include "profile.h"

#include <stdio.h>
#include <string.h>

#include "embedded.h"
#include "envelope.h"
#include "vocabulary.h"

#define MAX_PROFILES 64

/* ---- Embedded profiles ----------------------------------------------------------------------------- */

static const smref_embedded *embedded_at(size_t index)
{
    const smref_embedded *file;

    for (file = smref_embedded_files; file->name; file++)
        if (strcmp(file->folder, "profiles") == 0 && index-- == 0)
            return file;
    return NULL;
}

static size_t name_length(const smref_embedded *file)
{
    const char *dot = strstr(file->name, ".json");

    return dot ? (size_t)(dot - file->name) : strlen(file->name);
}

static const smref_embedded *embedded_named(const char *name)
{
    const smref_embedded *file;
    size_t i;

    for (i = 0; (file = embedded_at(i)) != NULL; i++)
        if (strlen(name) == name_length(file) && strncmp(file->name, name, strlen(name)) == 0)
            return file;
    return NULL;
}

bool smref_profile_name(size_t index, char out[SMREF_PROFILE_ROOM])
{
    const smref_embedded *file = embedded_at(index);

    if (file)
        snprintf(out, SMREF_PROFILE_ROOM, "%.*s", (int)name_length(file), file->name);
    return file != NULL;
}

/* For smref_nearest, whose candidates must stay: the caller has room for all of them. */
static const char *next_name(void *context, size_t index)
{
    char(*names)[SMREF_PROFILE_ROOM] = context;

    return index < MAX_PROFILES && smref_profile_name(index, names[index]) ? names[index] : NULL;
}

static bool read_object(const smref_jdoc *doc, const smref_jnode *node, bool inline_object,
                        smref_profile *profile, smref_jerror *error);

static bool read_named(const smref_jdoc *doc, const smref_jnode *node, const char *name,
                       smref_profile *profile, smref_jerror *error)
{
    const smref_embedded *file = embedded_named(name);
    char names[MAX_PROFILES][SMREF_PROFILE_ROOM];
    smref_jdoc own;
    const char *nearest;
    bool good;

    if (!file) {
        nearest = smref_nearest(name, next_name, names);
        return smref_jfail(doc, node, error, "no such profile: %.60s; %s: %s", name,
                           nearest ? "nearest" : "there is", nearest ? nearest : next_name(names, 0));
    }
    if (!smref_jdoc_parse(&own, file->name, file->text, file->size, error))
        return false;
    good = read_object(&own, &own.root, false, profile, error);
    smref_jdoc_close(&own);
    return good;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

/* The version is that of SMMU_AIDR; "arch" gives it to a profile that does not list the register. */
static bool read_version(const smref_jdoc *doc, const smref_jnode *object, smref_profile *profile,
                         smref_jerror *error)
{
    const smref_jnode *node = smref_jget(object, "arch");
    unsigned arch;

    if (!node)
        return true;
    if (!smref_read_arch(doc, node, &arch, error))
        return false;
    if (!profile->registers.given[SMREF_REG_SMMU_AIDR]) {
        profile->registers.given[SMREF_REG_SMMU_AIDR] = SMREF_GIVEN;
        profile->registers.value[SMREF_REG_SMMU_AIDR] = arch & 15;
    } else if (profile->registers.value[SMREF_REG_SMMU_AIDR] != (arch & 15)) {
        return smref_jfail(doc, node, error, "SMMU_AIDR, which is listed too, says another version");
    }
    return true;
}

static bool read_name(const smref_jdoc *doc, const smref_jnode *object, smref_profile *profile,
                      smref_jerror *error)
{
    const smref_jnode *node = smref_jget(object, "name");
    const char *name = "of its own";

    if (node && !smref_jstring(doc, node, &name, error))
        return false;
    snprintf(profile->name, sizeof profile->name, "%s", name);
    return true;
}

/* A profile inside another file needs neither format nor name. */
static bool read_object(const smref_jdoc *doc, const smref_jnode *node, bool inline_object,
                        smref_profile *profile, smref_jerror *error)
{
    static const char *const keys[] = {"format", "version",   "name",    "description", "note",
                                       "arch",   "registers", "choices", NULL};
    const smref_jnode *part;

    smref_registers_clear(&profile->registers);
    memset(profile, 0, sizeof *profile);
    smref_choices_clear(&profile->choices);
    if (!smref_jkeys(doc, node, keys, error) ||
        !smref_read_format(doc, node, "smref-profile", inline_object, error) ||
        !smref_read_text(doc, node, "description", NULL, error) ||
        !smref_read_text(doc, node, "note", NULL, error) || !read_name(doc, node, profile, error))
        return false;
    part = smref_jget(node, "registers");
    if (part && !smref_registers_read(doc, part, &profile->registers, error))
        return false;
    part = smref_jget(node, "choices");
    if (part && !smref_choices_read(doc, part, &profile->choices, error))
        return false;
    return read_version(doc, node, profile, error);
}

bool smref_profile_read(const smref_jdoc *doc, const smref_jnode *node, smref_profile *profile,
                        smref_jerror *error)
{
    if (json_is_string(node->value))
        return read_named(doc, node, json_string_value(node->value), profile, error);
    return read_object(doc, node, true, profile, error);
}

bool smref_profile_open(const char *name, smref_profile *profile, smref_jerror *error)
{
    smref_jdoc doc = {.file = "--profile"};
    bool good;

    if (!strchr(name, '/') && !strstr(name, ".json"))
        return read_named(&doc, NULL, name, profile, error);
    if (!smref_jdoc_load(&doc, name, error))
        return false;
    good = read_object(&doc, &doc.root, false, profile, error);
    smref_jdoc_close(&doc);
    return good;
}

json_t *smref_profile_json(const smref_profile *profile)
{
    unsigned arch = 0x30 | (unsigned)(profile->registers.value[SMREF_REG_SMMU_AIDR] & 15);
    json_t *out = json_object(), *choices = smref_choices_json(&profile->choices);
    char text[4];

    if (profile->name[0])
        json_object_set_new(out, "name", json_string(profile->name));
    json_object_set_new(out, "arch", json_string(smref_spell_arch(arch, text)));
    json_object_set_new(out, "registers", smref_registers_json(&profile->registers, NULL));
    if (choices)
        json_object_set_new(out, "choices", choices);
    return out;
}
