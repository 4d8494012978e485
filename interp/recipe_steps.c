/* Steps of recipes: fields where vectors have words, and claims beside what they are about. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "contents.h"
#include "fields.h"
#include "hex.h"
#include "recipe.h"
#include "registers.h"

/* ---- Fields ---------------------------------------------------------------------------------------- */

static json_t *struct_words(const smref_jdoc *doc, const smref_jnode *step, smref_jerror *error)
{
    struct smref_owned *owned = NULL;
    const smref_layout_info *layout;
    smref_contents contents;
    json_t *words = NULL;

    if (smref_read_struct(doc, smref_jget(step, "struct"), smref_jget(step, "fields"), &owned, &layout,
                          &contents, error)) {
        uint64_t *list = smref_alloc(layout->bytes / 8, sizeof *list);
        smref_bytes_to_words(contents.bytes, layout->bytes / 8, list);
        words = smref_hex_words(list, layout->bytes / 8);
        free(list);
    }
    smref_owned_free(owned);
    return words;
}

/* What a register has with these fields, and 0 in the others. */
static json_t *register_value(const smref_jdoc *doc, const smref_jnode *step, smref_jerror *error)
{
    const smref_jnode *name = smref_jget(step, "reg"), *fields = smref_jget(step, "fields");
    smref_register_ref ref;
    uint64_t value = 0;

    if (!name || !json_is_string(name->value) ||
        !smref_register_named(json_string_value(name->value), &ref) || ref.reg >= SMREF_REG_COUNT) {
        smref_jfail(doc, name ? name : step, error, "no such register; fields need a register by its name");
        return NULL;
    }
    const smref_register_info *info = smref_register_at(ref.reg);
    smref_layout_info layout = {
        .name = info->name, .bytes = 8, .fields = info->fields, .field_count = info->field_count};
    return smref_fields_encode(doc, fields, &layout, &value, error) ? smref_hex_json(value) : NULL;
}

/* The step as a vector has it; NULL on an error. */
static json_t *plain_step(const smref_jdoc *doc, const smref_jnode *step, smref_jerror *error)
{
    const smref_jnode *structure = smref_jget(step, "struct"), *fields = smref_jget(step, "fields");
    const char *op = json_string_value(json_object_get(step->value, "op"));
    bool of_register = fields && !structure && op && strcmp(op, "mmio_write") == 0;
    json_t *plain = json_copy(step->value), *made = NULL;

    json_object_del(plain, "claim");
    if (!structure && !of_register)
        return plain;
    if (structure && smref_jget(step, "u64"))
        smref_jfail(doc, structure, error, "give what to store once: as struct or as u64");
    else if (of_register && smref_jget(step, "value"))
        smref_jfail(doc, fields, error, "give what to write once: as value or as fields");
    else
        made = of_register ? register_value(doc, step, error) : struct_words(doc, step, error);
    if (!made) {
        json_decref(plain);
        return NULL;
    }
    json_object_del(plain, "struct");
    json_object_del(plain, "fields");
    json_object_set_new(plain, of_register ? "value" : "u64", made);
    return plain;
}

/* ---- Claims ---------------------------------------------------------------------------------------- */

/* A store by software has one outcome, which needs no claim. */
static bool is_store(const smref_jnode *step)
{
    const char *op = json_string_value(json_object_get(step->value, "op"));

    return op && strcmp(op, "store") == 0;
}

/* The claim of a step; NULL on an error. */
static const smref_jnode *claim_of(const smref_jdoc *doc, const smref_jnode *step, struct smref_nodes **nodes,
                                   smref_jerror *error)
{
    const smref_jnode *claim = smref_jget(step, "claim");

    if (claim)
        return claim;
    if (is_store(step))
        return smref_nodes_locate(nodes, json_pack("{s:s}", "outcome", "ok"), step);
    smref_jfail(doc, step, error, "no \"claim\", and other steps have one");
    return NULL;
}

static bool gather(const smref_jdoc *doc, const smref_jnode *steps, struct smref_nodes **nodes,
                   const smref_jnode **claims, smref_jerror *error)
{
    const smref_jnode **list = smref_alloc(steps->child_count, sizeof *list);
    bool good = true;

    for (size_t i = 0; good && i < steps->child_count; i++) {
        list[i] = claim_of(doc, &steps->children[i], nodes, error);
        good = list[i] != NULL;
    }
    if (good)
        *claims = smref_nodes_gather(nodes, steps, list);
    free(list);
    return good;
}

/* ---- All steps ------------------------------------------------------------------------------------- */

static bool has_claims(const smref_jnode *steps)
{
    for (size_t i = 0; i < steps->child_count; i++)
        if (smref_jget(&steps->children[i], "claim"))
            return true;
    return false;
}

bool smref_recipe_edit_steps(const smref_jdoc *doc, smref_jnode *steps, struct smref_nodes **nodes,
                             const smref_jnode **claims, smref_jerror *error)
{
    json_t *plain;

    *claims = NULL;
    if (!smref_jarray(doc, steps, error))
        return false;
    if (has_claims(steps) && !gather(doc, steps, nodes, claims, error))
        return false;
    plain = json_array();
    for (size_t i = 0; i < steps->child_count; i++) {
        const smref_jnode *step = &steps->children[i];
        json_t *made = json_is_object(step->value) ? plain_step(doc, step, error) : json_incref(step->value);
        if (!made) {
            json_decref(plain);
            return false;
        }
        json_array_append_new(plain, made);
    }
    smref_nodes_replace(nodes, steps, plain);
    return true;
}
