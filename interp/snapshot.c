/* A snapshot, read and checked; and the machines that are made from it. */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "envelope.h"
#include "vocabulary.h"

/* ---- Reading --------------------------------------------------------------------------------------- */

/* A snapshot that lists SMMU_IDR0 tells its implementation itself; any other needs a profile. */
static bool read_profile(const smref_jdoc *doc, const smref_jnode *node, smref_snapshot *out,
                         smref_jerror *error)
{
    const smref_jnode *profile = smref_jget(node, "profile");

    smref_choices_clear(&out->profile.choices);
    if (profile && !smref_profile_read(doc, profile, &out->profile, error))
        return false;
    if (out->over.profile)
        return smref_profile_open(out->over.profile, &out->profile, error);
    return profile || out->registers.given[SMREF_REG_SMMU_IDR0] ||
           smref_jfail(doc, node, error, "no \"profile\", and \"registers\" does not list SMMU_IDR0");
}

static bool read_unmapped(const smref_jdoc *doc, const smref_jnode *node, smref_unmapped *out,
                          smref_jerror *error)
{
    static const char *const words[] = {"abort", "zero", NULL};
    const char *text;
    int index;

    if (!node)
        return true;
    if (!smref_jstring(doc, node, &text, error))
        return false;
    index = smref_find_word(words, text);
    if (index < 0)
        return smref_jfail(doc, node, error, "\"%.40s\" where \"abort\" or \"zero\" is expected", text);
    *out = index ? SMREF_UNMAPPED_ZERO : SMREF_UNMAPPED_ABORT;
    return true;
}

static bool read_parts(const smref_jdoc *doc, const smref_jnode *node, smref_snapshot *out,
                       smref_jerror *error)
{
    static const char *const keys[] = {"format",    "version", "description", "profile",   "choices",
                                       "registers", "memory",  "unmapped",    "steps",     "reset_unknown",
                                       "caching",   "cached",  "awaiting",    "open_bits", "halted",
                                       "in_effect", "aliases", NULL};
    const smref_jnode *registers = smref_jget(node, "registers"), *choices = smref_jget(node, "choices");
    const smref_jnode *fill = smref_jget(node, "reset_unknown"), *open = smref_jget(node, "open_bits");
    const smref_jnode *effect = smref_jget(node, "in_effect");

    return smref_jkeys(doc, node, keys, error) &&
           smref_read_format(doc, node, "smref-snapshot", node->parent != NULL, error) &&
           smref_read_text(doc, node, "description", &out->description, error) &&
           (!registers || smref_registers_read(doc, registers, &out->registers, error)) &&
           read_profile(doc, node, out, error) &&
           (!choices || smref_choices_read(doc, choices, &out->choices, error)) &&
           read_unmapped(doc, smref_jget(node, "unmapped"), &out->unmapped, error) &&
           (!fill || smref_jnumber(doc, fill, UINT64_MAX, &out->reset_unknown, error)) &&
           smref_caching_read(doc, smref_jget(node, "caching"), &out->caching, error) &&
           smref_cached_read(doc, smref_jget(node, "cached"), &out->cached, error) &&
           (!out->awaiting || smref_jarray(doc, out->awaiting, error)) &&
           (!out->halted || smref_jarray(doc, out->halted, error)) &&
           (!open || smref_jobject(doc, open, error)) && (!effect || smref_jobject(doc, effect, error)) &&
           smref_aliases_read(doc, smref_jget(node, "aliases"), &out->aliases, error) &&
           smref_regions_read(doc, smref_jget(node, "memory"), out->aliases, NULL, &out->memory, error) &&
           smref_stimuli_read(doc, smref_jget(node, "steps"), &out->memory, NULL, &out->steps, error);
}

bool smref_snapshot_read(const smref_jdoc *doc, const smref_jnode *node, const smref_cli_overrides *over,
                         smref_snapshot *out, smref_jerror *error)
{
    memset(out, 0, sizeof *out);
    out->node = node;
    out->awaiting = smref_jget(node, "awaiting");
    out->halted = smref_jget(node, "halted");
    if (over)
        out->over = *over;
    smref_choices_clear(&out->choices);
    if (!smref_jobject(doc, node, error))
        return false;
    if (!read_parts(doc, node, out, error)) {
        smref_snapshot_free(out);
        return false;
    }
    return true;
}

void smref_snapshot_free(smref_snapshot *snapshot)
{
    smref_stimuli_free(&snapshot->steps);
    smref_cached_free(&snapshot->cached);
    smref_regions_free(&snapshot->memory);
    smref_aliases_free(snapshot->aliases);
    smref_registers_clear(&snapshot->registers);
    smref_registers_clear(&snapshot->profile.registers);
}

bool smref_patch_read(const smref_jdoc *doc, const smref_jnode *node, const smref_snapshot *base,
                      smref_patch *out, smref_jerror *error)
{
    static const char *const keys[] = {"registers", "memory", "choices", "caching", NULL};
    const smref_jnode *registers, *choices;

    memset(out, 0, sizeof *out);
    smref_choices_clear(&out->choices);
    out->node = node;
    if (!node)
        return true;
    if (!smref_jkeys(doc, node, keys, error))
        return false;
    registers = smref_jget(node, "registers");
    choices = smref_jget(node, "choices");
    out->caching_given = smref_jget(node, "caching") != NULL;
    return smref_caching_read(doc, smref_jget(node, "caching"), &out->caching, error) &&
           (!registers || smref_registers_read(doc, registers, &out->registers, error)) &&
           (!choices || smref_choices_read(doc, choices, &out->choices, error)) &&
           smref_regions_read(doc, smref_jget(node, "memory"), base->aliases, &base->memory, &out->memory,
                              error);
}

void smref_patch_free(smref_patch *patch)
{
    smref_regions_free(&patch->memory);
    smref_registers_clear(&patch->registers);
}

/* ---- Machines -------------------------------------------------------------------------------------- */

/* The place at which a choice was made, for a complaint about it. */
static const smref_jnode *choice_place(const smref_snapshot *snapshot, smref_choice choice)
{
    const smref_jnode *choices = smref_jget(snapshot->node, "choices");
    const smref_jnode *node = choices ? smref_jget(choices, smref_choice_at((unsigned)choice)->id) : NULL;

    return node ? node : smref_jget(snapshot->node, "profile");
}

static bool deposit_choices(const smref_choice_set *set, smref_machine *machine, const smref_jdoc *doc,
                            const smref_snapshot *snapshot, smref_jerror *error)
{
    smref_choice refused;
    smref_error why = {.status = SMREF_OK};

    if (smref_choices_deposit(set, machine->smmu, &refused))
        return true;
    (void)smref_set_choice(machine->smmu, refused, (unsigned)set->option[refused], &why);
    return smref_jfail(doc, choice_place(snapshot, refused), error, "%s: %s", why.where, why.text);
}

const smref_register_set *smref_snapshot_deposit(const smref_snapshot *snapshot,
                                                 const smref_register_set *const *sets, size_t count,
                                                 smref *smmu, smref_error *why)
{
    const smref_register_set *profile = &snapshot->profile.registers, *wrong = NULL;

    /* What a reset gives can depend on ID registers that the sets list, so they come before it and after. */
    for (unsigned pass = 0; pass < 2; pass++) {
        if (pass)
            smref_reset(smmu, snapshot->reset_unknown);
        if (!smref_registers_deposit(profile, smmu, pass ? why : NULL) && pass)
            wrong = profile;
        if (!pass)
            smref_mark_reset_state(smmu);
        for (size_t i = 0; i < count; i++)
            if (sets[i] && !smref_registers_deposit(sets[i], smmu, pass ? why : NULL) && pass && !wrong)
                wrong = sets[i];
    }
    return wrong;
}

/* The policy, and what was held; under another policy than its own a state holds nothing. */
static bool deposit_caches(smref_machine *machine, const smref_jdoc *doc, const smref_snapshot *snapshot,
                           const smref_patch *patch, smref_jerror *error)
{
    smref_caching own = snapshot->caching, policy = own;
    smref_error why = {.status = SMREF_OK};
    bool good;

    if (snapshot->over.caching)
        policy = *snapshot->over.caching;
    else if (patch && patch->caching_given)
        policy = patch->caching;
    good = smref_set_caching(machine->smmu, own, &why) == SMREF_OK;
    for (size_t i = 0; good && i < snapshot->cached.count; i++)
        good = smref_cached_add(machine->smmu, &snapshot->cached.list[i], &why) == SMREF_OK;
    if (good && policy != own)
        good = smref_set_caching(machine->smmu, policy, &why) == SMREF_OK;
    return good || smref_jfail(doc, smref_jget(snapshot->node, "cached"), error, "%s", why.text);
}

/* Queues by their write indexes. */
static bool deposit_queues(smref_machine *machine, const smref_jdoc *doc, const smref_jnode *list,
                           unsigned state, smref_jerror *error)
{
    smref_error why = {.status = SMREF_OK};
    smref_register_ref ref;
    const char *name;

    for (size_t i = 0; list && i < list->child_count; i++) {
        if (!smref_jstring(doc, &list->children[i], &name, error))
            return false;
        if (!smref_register_named(name, &ref))
            return smref_jfail(doc, &list->children[i], error, "no such register: %.60s", name);
        smref_register reg = (smref_register)ref.reg;
        unsigned old = smref_get_queue_state(machine->smmu, reg, ref.element);
        if (smref_set_queue_state(machine->smmu, reg, ref.element, old | state, &why) != SMREF_OK)
            return smref_jfail(doc, &list->children[i], error, "%s", why.text);
    }
    return true;
}

/* What registers do not tell of themselves, by their names. */
static bool deposit_beside(smref_machine *machine, const smref_jdoc *doc, const smref_jnode *list,
                           smref_status (*set)(smref *, smref_register, uint64_t, smref_error *),
                           smref_jerror *error)
{
    smref_error why = {.status = SMREF_OK};
    smref_register_ref ref;
    uint64_t value;

    for (size_t i = 0; list && i < list->child_count; i++) {
        const smref_jnode *node = &list->children[i];
        if (!smref_register_named(node->key, &ref))
            return smref_jfail(doc, node, error, "no such register");
        if (!smref_jnumber(doc, node, UINT64_MAX, &value, error))
            return false;
        if (set(machine->smmu, (smref_register)ref.reg, value, &why) != SMREF_OK)
            return smref_jfail(doc, node, error, "%s", why.text);
    }
    return true;
}

/* Registers first: what the implementation has, and which options its version permits, follows from them. */
static bool deposit(smref_machine *machine, const smref_jdoc *doc, const smref_snapshot *snapshot,
                    const smref_patch *patch, smref_jerror *error)
{
    const smref_cli_overrides *over = &snapshot->over;
    const smref_jnode *node = smref_jget(snapshot->node, "registers");
    const smref_register_set *const sets[] = {&snapshot->registers, patch ? &patch->registers : NULL,
                                              over->registers};
    const smref_jnode *const nodes[] = {node, patch ? patch->node : NULL, NULL};
    smref_error why = {.status = SMREF_OK};
    const smref_register_set *wrong = smref_snapshot_deposit(snapshot, sets, 3, machine->smmu, &why);
    size_t i;

    for (i = 0; wrong && i < 3; i++)
        if (wrong == sets[i])
            return smref_jfail(doc, nodes[i], error, "%s: %s", why.where, why.text);
    if (wrong)
        return smref_jfail(doc, smref_jget(snapshot->node, "profile"), error, "%s: %s", why.where, why.text);
    return smref_registers_exist(doc, node, &snapshot->registers, machine->smmu, error) &&
           (!patch || !patch->node ||
            smref_registers_exist(doc, smref_jget(patch->node, "registers"), &patch->registers, machine->smmu,
                                  error)) &&
           deposit_queues(machine, doc, snapshot->awaiting, SMREF_QUEUE_AWAITING, error) &&
           deposit_queues(machine, doc, snapshot->halted, SMREF_QUEUE_HALTED, error) &&
           deposit_beside(machine, doc, smref_jget(snapshot->node, "open_bits"), smref_set_open_bits,
                          error) &&
           deposit_beside(machine, doc, smref_jget(snapshot->node, "in_effect"), smref_set_in_effect,
                          error) &&
           deposit_choices(&snapshot->profile.choices, machine, doc, snapshot, error) &&
           deposit_choices(&snapshot->choices, machine, doc, snapshot, error) &&
           (!patch || deposit_choices(&patch->choices, machine, doc, snapshot, error)) &&
           (!over->choices || deposit_choices(over->choices, machine, doc, snapshot, error)) &&
           deposit_caches(machine, doc, snapshot, patch, error);
}

bool smref_machine_new(smref_machine *machine, const smref_jdoc *doc, const smref_snapshot *snapshot,
                       const smref_patch *patch, smref_jerror *error)
{
    smref_memory interface;
    bool good;

    machine->smmu = NULL;
    machine->reset_unknown = snapshot->reset_unknown;
    machine->memory = smref_sparse_new(snapshot->unmapped);
    good = machine->memory && smref_aliases_lay(snapshot->aliases, machine->memory) &&
           smref_regions_lay(&snapshot->memory, machine->memory) &&
           (!patch || smref_regions_lay(&patch->memory, machine->memory));
    if (good) {
        interface = smref_sparse_interface(machine->memory);
        machine->smmu = smref_new(&interface, NULL);
    }
    if (!machine->smmu)
        good = smref_jfail(doc, NULL, error, "the host has no memory left");
    good = good && deposit(machine, doc, snapshot, patch, error);
    if (!good)
        smref_machine_free(machine);
    return good;
}

void smref_machine_free(smref_machine *machine)
{
    smref_free(machine->smmu);
    smref_sparse_free(machine->memory);
    *machine = (smref_machine){NULL, NULL, 0};
}
