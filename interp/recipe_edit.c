/* Edits: what a recipe says about single fields, over what the base holds. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fields.h"
#include "hex.h"
#include "recipe.h"
#include "vocabulary.h"

/* ---- Registers ------------------------------------------------------------------------------------- */

static bool edit_register(const smref_jdoc *doc, smref_jnode *node, const smref *smmu,
                          struct smref_nodes **nodes, smref_jerror *error)
{
    smref_register_ref ref;

    if (strncmp(node->key, "0x", 2) == 0 || !smref_register_named(node->key, &ref))
        return smref_jfail(doc, node, error, "no such register; fields need a register by its name");
    const smref_register_info *info = smref_register_at(ref.reg);
    smref_layout_info layout = {
        .name = info->name, .bytes = 8, .fields = info->fields, .field_count = info->field_count};
    uint64_t value = smref_get_element(smmu, (smref_register)ref.reg, ref.element);
    if (!smref_fields_encode(doc, node, &layout, &value, error))
        return false;
    smref_nodes_replace(nodes, node, smref_hex_json(value));
    return true;
}

bool smref_recipe_edit_registers(const smref_jdoc *doc, smref_jnode *registers, const smref *smmu,
                                 struct smref_nodes **nodes, smref_jerror *error)
{
    if (!smref_jobject(doc, registers, error))
        return false;
    for (size_t i = 0; i < registers->child_count; i++)
        if (json_is_object(registers->children[i].value) &&
            !edit_register(doc, &registers->children[i], smmu, nodes, error))
            return false;
    return true;
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

static const char *next_layout(void *context, size_t index)
{
    const smref_layout_info *info = smref_layout_at((unsigned)index);

    (void)context;
    return info ? info->name : NULL;
}

static bool find_layout(const smref_jdoc *doc, const smref_jnode *node, const smref_layout_info **out,
                        smref_jerror *error)
{
    const char *name;
    smref_layout layout;

    if (!smref_jstring(doc, node, &name, error))
        return false;
    if (!smref_layout_find(name, &layout)) {
        const char *nearest = smref_nearest(name, next_layout, NULL);
        return smref_jfail(doc, node, error, "no such structure: %.60s%s%s", name,
                           nearest ? "; nearest: " : "", nearest ? nearest : "");
    }
    *out = smref_layout_at((unsigned)layout);
    return true;
}

/* The words that the structure has after the edit. */
static bool edited(const smref_jdoc *doc, const smref_jnode *node, const smref_layout_info *layout,
                   smref_pas pas, uint64_t at, const smref_machine *machine, uint64_t *words,
                   smref_jerror *error)
{
    uint8_t *bytes = smref_alloc(layout->bytes, 1);
    bool good = smref_sparse_load(machine->memory, pas, at, bytes, layout->bytes) == SMREF_OK;

    if (good)
        smref_bytes_to_words(bytes, layout->bytes / 8, words);
    else
        smref_jfail(doc, smref_jget(node, "edit"), error, "the base has no %u bytes of memory there",
                    layout->bytes);
    free(bytes);
    return good && smref_fields_encode(doc, smref_jget(node, "fields"), layout, words, error);
}

static bool edit_region(const smref_jdoc *doc, smref_jnode *node, const smref_machine *machine,
                        struct smref_nodes **nodes, smref_jerror *error)
{
    static const char *const keys[] = {"comment", "pas", "edit", "struct", "fields", NULL};
    const smref_jnode *pas_node = smref_jget(node, "pas");
    const smref_layout_info *layout = NULL;
    smref_pas pas = SMREF_PAS_NS;
    uint64_t at;

    if (!smref_jkeys(doc, node, keys, error))
        return false;
    for (size_t i = 3; keys[i]; i++)
        if (!smref_jget(node, keys[i]))
            return smref_jfail(doc, node, error, "an edit needs \"struct\" and \"fields\"");
    if (!smref_jnumber(doc, smref_jget(node, "edit"), UINT64_MAX, &at, error) ||
        (pas_node && !smref_read_pas(doc, pas_node, &pas, error)) ||
        !find_layout(doc, smref_jget(node, "struct"), &layout, error))
        return false;
    uint64_t *words = smref_alloc(layout->bytes / 8, sizeof *words);
    bool good = edited(doc, node, layout, pas, at, machine, words, error);
    if (good) {
        json_t *region = json_object();
        json_object_set_new(region, "pas", json_string(smref_spell_pas(pas)));
        json_object_set_new(region, "at", smref_hex_json(at));
        json_object_set_new(region, "u64", smref_hex_words(words, layout->bytes / 8));
        smref_nodes_replace(nodes, node, region);
    }
    free(words);
    return good;
}

bool smref_recipe_edit_memory(const smref_jdoc *doc, smref_jnode *memory, const smref_machine *machine,
                              struct smref_nodes **nodes, smref_jerror *error)
{
    if (!smref_jarray(doc, memory, error))
        return false;
    for (size_t i = 0; i < memory->child_count; i++)
        if (smref_jget(&memory->children[i], "edit") &&
            !edit_region(doc, &memory->children[i], machine, nodes, error))
            return false;
    return true;
}
