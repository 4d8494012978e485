/* The state of a machine as a snapshot that loads to the same state. */
#define _XOPEN_SOURCE 700

#include "save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "command.h"
#include "hex.h"
#include "save_memory.h"

/* ---- Registers and choices ------------------------------------------------------------------------- */

/* What the profile alone makes of an instance, and then the registers of `set`. */
static smref *described(const smref_snapshot *snapshot, const smref_register_set *set)
{
    smref_sparse *nothing = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    smref_memory interface;
    smref *smmu = NULL;

    if (nothing) {
        interface = smref_sparse_interface(nothing);
        smmu = smref_new(&interface, NULL);
    }
    if (!smmu)
        (void)smref_resize(NULL, SIZE_MAX, 2); /* says that memory is short, and ends */
    (void)smref_snapshot_deposit(snapshot, &set, 1, smmu, NULL);
    smref_sparse_free(nothing); /* no access will be made */
    return smmu;
}

/* Adds the registers in which the machine differs from what a snapshot with `set` loads to; how many.
 * `followers`: also those that follow others, which are acknowledge registers and elements of arrays. */
static unsigned add_differences(const smref_snapshot *snapshot, const smref *now, bool followers,
                                smref_register_set *set)
{
    smref *loaded = described(snapshot, set);
    unsigned count = 0;

    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        const smref_register_info *info = smref_register_at(i);
        bool mirror = info->protocol && strncmp(info->protocol, "ack_mirror", 10) == 0;
        unsigned elements = followers ? info->count : !mirror;
        for (unsigned element = 0; element < elements; element++) {
            uint64_t value = smref_get_element(now, (smref_register)i, element);
            if (smref_get_element(loaded, (smref_register)i, element) == value)
                continue;
            smref_registers_add(set, &(smref_register_ref){i, element, false}, value);
            count++;
        }
    }
    smref_free(loaded);
    return count;
}

/* A snapshot without a profile lists SMMU_IDR0. Acknowledge registers follow what they acknowledge, and are
 * listed only where they then differ. */
static void find_registers(const smref_snapshot *snapshot, const smref *now, bool profile,
                           smref_register_set *set)
{
    memset(set, 0, sizeof *set);
    if (!profile) {
        set->given[SMREF_REG_SMMU_IDR0] = SMREF_GIVEN;
        set->value[SMREF_REG_SMMU_IDR0] = smref_get_register(now, SMREF_REG_SMMU_IDR0);
    }
    (void)add_differences(snapshot, now, false, set);
    (void)add_differences(snapshot, now, true, set);
    if (add_differences(snapshot, now, true, set)) {
        fprintf(stderr, "smref: this is a bug in smref, please report it: a register cannot be saved\n");
        exit(SMREF_EXIT_BUG);
    }
}

/* Choices that the snapshot or the command line made, or that differ from what the profile makes. */
static void find_choices(const smref_snapshot *snapshot, const smref *now, const smref_register_set *set,
                         smref_choice_set *out)
{
    smref *loaded = described(snapshot, set);
    smref_choice refused;

    smref_choices_clear(out);
    (void)smref_choices_deposit(&snapshot->profile.choices, loaded, &refused);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
        unsigned option = smref_get_choice(now, (smref_choice)i);
        if (snapshot->choices.option[i] >= 0 || option != smref_get_choice(loaded, (smref_choice)i))
            out->option[i] = (int16_t)option;
    }
    smref_free(loaded);
}

/* ---- The snapshot ---------------------------------------------------------------------------------- */

/* By name where it was named; NULL when there is none. */
static json_t *profile_of(const smref_snapshot *snapshot)
{
    const smref_jnode *node = smref_jget(snapshot->node, "profile");
    const char *over = snapshot->over.profile;

    if (over)
        return strchr(over, '/') || strstr(over, ".json") ? smref_profile_json(&snapshot->profile)
                                                          : json_string(over);
    return node ? json_incref(node->value) : NULL;
}

static void set_unless_empty(json_t *object, const char *key, json_t *value)
{
    if (value && (json_object_size(value) || json_array_size(value)))
        json_object_set(object, key, value);
    json_decref(value);
}

/* The write indexes of queues in a state that registers do not tell. */
static json_t *queues_in(const smref *smmu, unsigned state)
{
    json_t *list = json_array();
    char name[SMREF_REGISTER_ROOM];

    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        for (unsigned element = 0; element < smref_register_at(i)->count; element++)
            if (smref_get_queue_state(smmu, (smref_register)i, element) & state)
                json_array_append_new(list, json_string(smref_register_spelled(
                                                &(smref_register_ref){i, element, false}, name)));
    return list;
}

/* What results and indexes of queues leave open, by their registers. */
static json_t *open_bits(const smref *smmu)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        if (smref_get_open_bits(smmu, (smref_register)i))
            json_object_set_new(object, smref_register_at(i)->name,
                                smref_hex_json(smref_get_open_bits(smmu, (smref_register)i)));
    return object;
}

/* What else than registers hold is in effect, by register. */
static json_t *in_effect(const smref *smmu)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        if (smref_get_in_effect(smmu, (smref_register)i) != smref_get_register(smmu, (smref_register)i))
            json_object_set_new(object, smref_register_at(i)->name,
                                smref_hex_json(smref_get_in_effect(smmu, (smref_register)i)));
    return object;
}

json_t *smref_save_json(const smref_snapshot *snapshot, const smref_jdoc *doc, const smref_machine *machine,
                        const char *path, smref_jerror *error)
{
    json_t *out, *profile, *memory;
    smref_register_set *registers;
    smref_choice_set choices;

    out = json_object();
    profile = profile_of(snapshot);
    registers = smref_alloc(1, sizeof *registers);
    find_registers(snapshot, machine->smmu, profile != NULL, registers);
    find_choices(snapshot, machine->smmu, registers, &choices);
    json_object_set_new(out, "format", json_string("smref-snapshot"));
    json_object_set_new(out, "version", json_string("1.0"));
    if (snapshot->description)
        json_object_set_new(out, "description", json_string(snapshot->description));
    if (profile)
        json_object_set_new(out, "profile", profile);
    set_unless_empty(out, "choices", smref_choices_json(&choices));
    set_unless_empty(out, "registers", smref_registers_json(registers, NULL));
    if (snapshot->reset_unknown)
        json_object_set_new(out, "reset_unknown", smref_hex_json(snapshot->reset_unknown));
    set_unless_empty(out, "awaiting", queues_in(machine->smmu, SMREF_QUEUE_AWAITING));
    set_unless_empty(out, "halted", queues_in(machine->smmu, SMREF_QUEUE_HALTED));
    set_unless_empty(out, "open_bits", open_bits(machine->smmu));
    set_unless_empty(out, "in_effect", in_effect(machine->smmu));
    if (snapshot->aliases)
        json_object_set(out, "aliases", smref_jget(snapshot->node, "aliases")->value);
    memory = smref_save_memory(snapshot, doc, machine, path, error);
    set_unless_empty(out, "memory", memory);
    json_object_set_new(out, "unmapped",
                        json_string(snapshot->unmapped == SMREF_UNMAPPED_ZERO ? "zero" : "abort"));
    if (smref_get_caching(machine->smmu))
        json_object_set_new(out, "caching",
                            json_string(smref_caching_words[smref_get_caching(machine->smmu)]));
    set_unless_empty(out, "cached", smref_cached_json(machine->smmu));
    smref_registers_clear(registers);
    free(registers);
    if (!memory) {
        json_decref(out);
        out = NULL;
    }
    return out;
}

bool smref_save(const smref_snapshot *snapshot, const smref_jdoc *doc, const smref_machine *machine,
                const char *path, smref_jerror *error)
{
    json_t *state = smref_save_json(snapshot, doc, machine, path, error), *tree;
    char *text, why[200];
    bool good;

    if (!state)
        return false;
    tree = smref_canonical_tree(state);
    text = smref_canonical_text(tree);
    good = smref_replace_file(path, text, why);
    if (!good)
        snprintf(error->text, sizeof error->text, "%s", why);
    free(text);
    json_decref(tree);
    json_decref(state);
    return good;
}
