/* Conditions on cases. */
#include "avoid.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fields.h"
#include "hex.h"

#define MAX_VALUES 64
#define MAX_WORDS 8

struct condition {
    smref_rule rule;               /* or SMREF_RULE_NONE */
    unsigned reg;                  /* smref_register, or SMREF_REG_COUNT */
    smref_layout layout;           /* or SMREF_LAYOUT_COUNT */
    const smref_field_info *field; /* of one of these two */
    uint64_t values[MAX_VALUES];
    size_t value_count;
};

struct smref_avoid {
    struct condition *list;
    size_t count;
};

/* ---- Reading --------------------------------------------------------------------------------------- */

static bool read_values(const smref_jdoc *doc, const smref_jnode *node, struct condition *out,
                        smref_jerror *error)
{
    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count > MAX_VALUES)
        return smref_jfail(doc, node, error, "more than %d values", MAX_VALUES);
    for (; out->value_count < node->child_count; out->value_count++)
        if (!smref_jnumber(doc, &node->children[out->value_count], UINT64_MAX, &out->values[out->value_count],
                           error))
            return false;
    return true;
}

static bool read_rule(const smref_jdoc *doc, const smref_jnode *node, struct condition *out,
                      smref_jerror *error)
{
    const char *text;

    return smref_jstring(doc, node, &text, error) &&
           (smref_rule_find(text, &out->rule) || smref_jfail(doc, node, error, "no such rule: %.60s", text));
}

static bool read_register(const smref_jdoc *doc, const smref_jnode *node, const smref_jnode *field,
                          struct condition *out, smref_jerror *error)
{
    const smref_register_info *info;
    smref_register_ref ref;
    const char *text, *name;

    if (!smref_jstring(doc, node, &text, error) || !smref_jstring(doc, field, &name, error))
        return false;
    if (!smref_register_named(text, &ref) || ref.reg >= SMREF_REG_COUNT)
        return smref_jfail(doc, node, error, "no such register: %.60s", text);
    out->reg = ref.reg;
    info = smref_register_at(ref.reg);
    for (unsigned f = 0; f < info->field_count && !out->field; f++)
        if (strcmp(info->fields[f].name, name) == 0)
            out->field = &info->fields[f];
    return out->field || smref_jfail(doc, field, error, "%s has no such field: %.60s", info->name, name);
}

static bool read_struct(const smref_jdoc *doc, const smref_jnode *node, const smref_jnode *field,
                        struct condition *out, smref_jerror *error)
{
    const char *text, *name;

    if (!smref_jstring(doc, node, &text, error) || !smref_jstring(doc, field, &name, error))
        return false;
    if (!smref_layout_find(text, &out->layout))
        return smref_jfail(doc, node, error, "no such structure: %.60s", text);
    out->field = smref_field_named(smref_layout_at((unsigned)out->layout), name);
    return out->field || smref_jfail(doc, field, error, "%s has no such field: %.60s", text, name);
}

static bool read_condition(const smref_jdoc *doc, const smref_jnode *node, struct condition *out,
                           smref_jerror *error)
{
    static const char *const keys[] = {"struct", "register", "rule", "field", "values", NULL};
    const smref_jnode *structure = smref_jget(node, "struct"), *reg = smref_jget(node, "register");
    const smref_jnode *rule = smref_jget(node, "rule"), *field = smref_jget(node, "field");
    const smref_jnode *values = smref_jget(node, "values");

    *out = (struct condition){
        .rule = SMREF_RULE_NONE, .reg = SMREF_REG_COUNT, .layout = SMREF_LAYOUT_COUNT, .field = NULL};
    if (!smref_jobject(doc, node, error) || !smref_jkeys(doc, node, keys, error))
        return false;
    if (!structure + !reg + !rule != 2)
        return smref_jfail(doc, node, error, "names one of \"struct\", \"register\" and \"rule\"");
    if (rule)
        return read_rule(doc, rule, out, error);
    if (!field || !values)
        return smref_jfail(doc, node, error, "no \"%s\"", field ? "values" : "field");
    return (structure ? read_struct(doc, structure, field, out, error)
                      : read_register(doc, reg, field, out, error)) &&
           read_values(doc, values, out, error);
}

smref_avoid *smref_avoid_read(const smref_jdoc *doc, const smref_jnode *list, smref_jerror *error)
{
    smref_avoid *avoid;

    if (!smref_jarray(doc, list, error))
        return NULL;
    avoid = smref_alloc(1, sizeof *avoid);
    avoid->list = smref_alloc(list->child_count + 1, sizeof *avoid->list);
    for (; avoid->count < list->child_count; avoid->count++)
        if (!read_condition(doc, &list->children[avoid->count], &avoid->list[avoid->count], error)) {
            smref_avoid_free(avoid);
            return NULL;
        }
    return avoid;
}

void smref_avoid_free(smref_avoid *avoid)
{
    if (!avoid)
        return;
    free(avoid->list);
    free(avoid);
}

/* ---- Asking ---------------------------------------------------------------------------------------- */

static bool has_value(const struct condition *condition, const uint64_t *words)
{
    uint64_t value = smref_field_get(condition->field, words, 0);

    for (size_t i = 0; i < condition->value_count; i++)
        if (condition->values[i] == value)
            return true;
    return false;
}

static bool step_meets(const struct condition *condition, const smref_case *c, size_t n)
{
    const smref_stimulus *step = &c->steps[n];
    uint64_t words[MAX_WORDS] = {0};
    smref_register_ref ref;

    if (condition->layout < SMREF_LAYOUT_COUNT) {
        if (step->op != SMREF_OP_STORE || c->layouts[n] != condition->layout || step->size > sizeof words)
            return false;
        smref_bytes_to_words(step->bytes, step->size / 8, words);
        return has_value(condition, words);
    }
    words[0] = step->mmio.value;
    return step->op == SMREF_OP_MMIO_WRITE && smref_mmio_register(step, &ref) && ref.reg == condition->reg &&
           !ref.upper && has_value(condition, words);
}

static bool case_meets(const struct condition *condition, const smref_case *c,
                       const smref_prediction *predicted)
{
    if (condition->rule != SMREF_RULE_NONE)
        return predicted->rules[condition->rule / 64] >> condition->rule % 64 & 1;
    for (size_t n = 0; n < c->count; n++)
        if (step_meets(condition, c, n))
            return true;
    return false;
}

bool smref_avoid_meets(const smref_avoid *avoid, const smref_case *c, const smref_prediction *predicted)
{
    for (size_t i = 0; avoid && i < avoid->count; i++)
        if (case_meets(&avoid->list[i], c, predicted))
            return true;
    return false;
}

bool smref_avoid_leaves_out(uint64_t index)
{
    return (index * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (SMREF_AVOID_ALL_BUT - 1);
}
