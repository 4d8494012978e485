/* `requires` of a group of vectors: what an implementation must be for the tests to apply to it. */
#include <string.h>

#include "command.h"
#include "fields.h"
#include "vectors.h"
#include "vocabulary.h"

/* "IDR0.S1P" as a register and a field of it. */
static bool find_field(const smref_jdoc *doc, const smref_jnode *node, smref_register *reg,
                       const smref_field_info **field, smref_jerror *error)
{
    char name[SMREF_REGISTER_ROOM];
    const char *dot = strchr(node->key, '.');

    if (!dot || (size_t)(dot - node->key) + sizeof "SMMU_" > sizeof name)
        return smref_jfail(doc, node, error, "write \"arch\" or a field of an ID register, as IDR0.S1P");
    snprintf(name, sizeof name, "SMMU_%.*s", (int)(dot - node->key), node->key);
    if (!smref_register_find(name, reg)) {
        const char *nearest = smref_register_nearest(name);
        return smref_jfail(doc, node, error, "no such register: %s%s%s", name, nearest ? "; nearest: " : "",
                           nearest ? nearest : "");
    }
    const smref_register_info *info = smref_register_at((unsigned)*reg);
    for (unsigned i = 0; i < info->field_count; i++) {
        *field = &info->fields[i];
        if (strcmp((*field)->name, dot + 1) == 0 && (*field)->kind != SMREF_KIND_RESERVED)
            return true;
    }
    return smref_jfail(doc, node, error, "%s has no field %.60s", name, dot + 1);
}

static bool check_field(const smref_jdoc *doc, const smref_jnode *node, const smref_machine *machine,
                        smref_jerror *error)
{
    const smref_field_info *field = NULL;
    smref_register reg = SMREF_REG_SMMU_IDR0;
    uint64_t wanted;

    if (!find_field(doc, node, &reg, &field, error) ||
        !smref_jnumber(doc, node, smref_field_largest(field), &wanted, error))
        return false;
    uint64_t value = smref_get_register(machine->smmu, reg);
    uint64_t held = smref_field_get(field, &value, 0);
    return held == wanted || smref_jfail(doc, node, error, "the base has 0x%llx, not 0x%llx",
                                         (unsigned long long)held, (unsigned long long)wanted);
}

static bool check_arch(const smref_jdoc *doc, const smref_jnode *node, const smref_machine *machine,
                       smref_jerror *error)
{
    char text[4];
    unsigned wanted;

    if (!smref_read_arch(doc, node, &wanted, error))
        return false;
    unsigned held = 0x30 | (unsigned)(smref_get_register(machine->smmu, SMREF_REG_SMMU_AIDR) & 15);
    return held >= wanted ||
           smref_jfail(doc, node, error, "the base is version %s only", smref_spell_arch(held, text));
}

bool smref_requires_read(const smref_jdoc *doc, const smref_jnode *node, const smref_machine *machine,
                         smref_jerror *error)
{
    if (!node)
        return true;
    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        const smref_jnode *child = &node->children[i];
        bool arch = strcmp(child->key, "arch") == 0;
        if (!(arch ? check_arch : check_field)(doc, child, machine, error))
            return false;
    }
    return true;
}
