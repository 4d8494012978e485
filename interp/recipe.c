/* Reads recipes. */
#include "recipe.h"

#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "command.h"
#include "envelope.h"

struct reader {
    const smref_jdoc *doc;
    smref_recipe *recipe;
    smref_recipe_group *group;
    smref_machine machine; /* in the state of the group's base */
    smref_jerror *error;
};

/* ---- The base -------------------------------------------------------------------------------------- */

/* Fields of the base's own registers are edits of what the profile has. */
static bool edit_base(struct reader *r, const smref_jnode *base)
{
    const smref_jnode *profile = smref_jget(base, "profile");
    smref_jnode *registers = (smref_jnode *)(uintptr_t)smref_jget(base, "registers");
    smref_profile held = {.name = ""};
    smref_error why = {.status = SMREF_OK};

    if (!registers)
        return true;
    smref_sparse *memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    smref_memory interface = smref_sparse_interface(memory);
    smref *smmu = memory ? smref_new(&interface, NULL) : NULL;
    if (!smmu)
        return smref_jfail(r->doc, NULL, r->error, "the host has no memory left");
    bool good = !profile || smref_profile_read(r->doc, profile, &held, r->error);
    if (good && !smref_registers_deposit(&held.registers, smmu, &why))
        good = smref_jfail(r->doc, profile, r->error, "%s: %s", why.where, why.text);
    smref_registers_clear(&held.registers);
    good = good && smref_recipe_edit_registers(r->doc, registers, smmu, &r->recipe->nodes, r->error);
    smref_free(smmu);
    smref_sparse_free(memory);
    return good;
}

/* A base of a file of its own: a snapshot. */
static bool read_base_file(struct reader *r, const smref_jnode *node)
{
    const char *name;

    if (!smref_jstring(r->doc, node, &name, r->error))
        return false;
    char *path = smref_path_beside(r->doc->file, name);
    smref_jdoc *snapshot = smref_alloc(1, sizeof *snapshot);
    bool good = smref_jdoc_load(snapshot, path, r->error);
    if (good) {
        snapshot->file = json_string_value(node->value); /* outlives the path, and says enough */
        r->group->snapshot = snapshot;
        r->group->group.base_doc = snapshot;
        good = smref_snapshot_read(snapshot, &snapshot->root, NULL, &r->group->group.base, r->error);
    } else {
        free(snapshot);
    }
    free(path);
    return good;
}

static bool read_base(struct reader *r, const smref_jnode *group)
{
    const smref_jnode *base = smref_jget(group, "base");

    if (!base)
        return smref_jfail(r->doc, group, r->error, "no \"base\"");
    if (json_is_string(base->value))
        return read_base_file(r, base);
    if (!smref_jobject(r->doc, base, r->error))
        return false;
    if (smref_jget(base, "steps"))
        return smref_jfail(r->doc, smref_jget(base, "steps"), r->error, "belongs to a test, not to the base");
    r->group->group.base_doc = r->doc;
    return edit_base(r, base) && smref_snapshot_read(r->doc, base, NULL, &r->group->group.base, r->error);
}

/* ---- Tests ----------------------------------------------------------------------------------------- */

static bool read_patch(struct reader *r, const smref_jnode *node, smref_test *out)
{
    smref_jnode *registers = NULL, *memory = NULL;

    if (node) {
        registers = (smref_jnode *)(uintptr_t)smref_jget(node, "registers");
        memory = (smref_jnode *)(uintptr_t)smref_jget(node, "memory");
    }
    return (!registers ||
            smref_recipe_edit_registers(r->doc, registers, r->machine.smmu, &r->recipe->nodes, r->error)) &&
           (!memory || smref_recipe_edit_memory(r->doc, memory, &r->machine, &r->recipe->nodes, r->error)) &&
           smref_patch_read(r->doc, node, &r->group->group.base, &out->patch, r->error);
}

/* `beside`: claims that stand in the steps; NULL. */
static bool read_claim(struct reader *r, const smref_jnode *node, const smref_jnode *beside, smref_test *out)
{
    out->outcomes = smref_jget(node, "claim");
    if (r->group->is_observed)
        return true;
    if (out->outcomes && beside)
        return smref_jfail(r->doc, out->outcomes, r->error, "the steps have claims of their own");
    out->outcomes = beside ? beside : out->outcomes;
    if (!out->outcomes)
        return smref_jfail(r->doc, node, r->error, "no \"claim\": what does the specification say?");
    if (!(json_is_object(out->outcomes->value) && out->steps.count == 1)) {
        if (!smref_jarray(r->doc, out->outcomes, r->error))
            return false;
        if (out->outcomes->child_count != out->steps.count)
            return smref_jfail(r->doc, out->outcomes, r->error, "%zu claims for %zu step%s",
                               out->outcomes->child_count, out->steps.count,
                               out->steps.count == 1 ? "" : "s");
    }
    return smref_claims_read(r->doc, r->group, out, r->error);
}

static bool read_test(struct reader *r, const smref_jnode *node)
{
    static const char *const keys[] = {"id",    "each",  "comment", "section", "rules",
                                       "patch", "steps", "claim",   NULL};
    smref_group *group = &r->group->group;
    const smref_jnode *claims;
    smref_jnode *steps;

    group->tests = smref_resize(group->tests, group->test_count + 1, sizeof *group->tests);
    smref_test *test = &group->tests[group->test_count++];
    memset(test, 0, sizeof *test);
    if (!smref_jkeys(r->doc, node, keys, r->error) || !smref_test_read_head(r->doc, node, test, r->error) ||
        !read_patch(r, smref_jget(node, "patch"), test))
        return false;
    steps = (smref_jnode *)(uintptr_t)smref_jget(node, "steps");
    if (!steps)
        return smref_jfail(r->doc, node, r->error, "no \"steps\"");
    if (!smref_recipe_edit_steps(r->doc, steps, &r->recipe->nodes, &claims, r->error) ||
        !smref_stimuli_read(r->doc, steps, &group->base.memory, &test->patch.memory, &test->steps, r->error))
        return false;
    if (test->steps.count == 0)
        return smref_jfail(r->doc, steps, r->error, "empty");
    return read_claim(r, node, claims, test);
}

static bool read_row(struct reader *r, const smref_jnode *node, const smref_jnode *row)
{
    const smref_jnode *test = smref_nodes_substitute(&r->recipe->nodes, r->doc, node, row, r->error);

    return test && read_test(r, test);
}

/* The row with the group's own names: those that it uses have their values, and the test has them all. */
static const smref_jnode *complete_row(struct reader *r, const smref_jnode *row)
{
    const smref_jnode *let = r->group->let;

    if (!let)
        return row;
    const smref_jnode *filled = smref_nodes_substitute(&r->recipe->nodes, r->doc, row, let, r->error);
    if (!filled)
        return NULL;
    json_t *all = json_copy(let->value);
    json_object_update(all, filled->value);
    return smref_nodes_locate(&r->recipe->nodes, all, row);
}

/* A test, or one for each row of its table. */
static bool read_tests_of(struct reader *r, const smref_jnode *node)
{
    const smref_jnode *each = smref_jget(node, "each");

    if (!each)
        return read_row(r, node, NULL);
    if (!smref_jarray(r->doc, each, r->error))
        return false;
    for (size_t i = 0; i < each->child_count; i++)
        if (!smref_jobject(r->doc, &each->children[i], r->error))
            return false;
    /* The table itself has no names to fill in. */
    json_t *rest = json_copy(node->value);
    json_object_del(rest, "each");
    const smref_jnode *plain = smref_nodes_locate(&r->recipe->nodes, rest, node);
    for (size_t i = 0; i < each->child_count; i++) {
        const smref_jnode *row = complete_row(r, &each->children[i]);
        if (!row || !read_row(r, plain, row))
            return false;
    }
    return true;
}

static bool read_tests(struct reader *r, const smref_jnode *node)
{
    const smref_jnode *tests = smref_jget(node, "tests");

    if (!tests)
        return smref_jfail(r->doc, node, r->error, "no \"tests\"");
    if (!smref_jarray(r->doc, tests, r->error))
        return false;
    for (size_t i = 0; i < tests->child_count; i++)
        if (!read_tests_of(r, &tests->children[i]))
            return false;
    return true;
}

/* ---- Observed -------------------------------------------------------------------------------------- */

static json_t *observed_test(const smref_jnode *node, size_t step, const json_t *stimulus)
{
    const char *id = json_string_value(smref_jget(node, "id")->value);
    const char *comment = json_string_value(smref_jget(node, "comment")->value);
    json_t *test = json_object(), *steps = json_array();

    json_array_append_new(steps, json_deep_copy(stimulus));
    json_object_set_new(test, "id", json_sprintf("%.64s-%04zu", id, step));
    json_object_set_new(test, "comment", json_sprintf("%s, step %zu", comment, step));
    json_object_set(test, "section", smref_jget(node, "section")->value);
    json_object_set_new(test, "steps", steps);
    return test;
}

/* A test for each step of the base, whose claims are in a file. */
static bool read_observed(struct reader *r, const smref_jnode *node)
{
    static const char *const keys[] = {"file", "id", "comment", "section", NULL};
    const smref_stimuli *steps = &r->group->group.base.steps;
    const char *text;

    if (!smref_jkeys(r->doc, node, keys, r->error))
        return false;
    for (size_t i = 0; keys[i]; i++) {
        const smref_jnode *child = smref_jget(node, keys[i]);
        if (!child)
            return smref_jfail(r->doc, node, r->error, "no \"%s\"", keys[i]);
        if (!smref_jstring(r->doc, child, &text, r->error))
            return false;
    }
    char *path = smref_path_beside(r->doc->file, json_string_value(smref_jget(node, "file")->value));
    bool good = smref_observed_load(path, &r->group->observed, r->error);
    free(path);
    if (!good)
        return false;
    r->group->is_observed = true;
    if (r->group->observed.count != steps->count)
        return smref_jfail(r->doc, smref_jget(node, "file"), r->error, "%zu observations of %zu steps",
                           r->group->observed.count, steps->count);
    for (size_t i = 0; i < steps->count; i++) {
        json_t *test = observed_test(node, i, steps->list[i].node->value);
        if (!read_test(r, smref_nodes_locate(&r->recipe->nodes, test, node)))
            return false;
    }
    return true;
}

/* ---- Groups ---------------------------------------------------------------------------------------- */

/* What holds for all accesses with an outcome; the rest of a claim is each test's own. */
static bool read_usual(struct reader *r, const smref_jnode *node)
{
    static const char *const outcomes[] = {"ok", "abort", "raz_wi", "stall", NULL};
    static const char *const keys[] = {"pas", "page_size", "attrs", "priv", "inst", NULL};

    if (!smref_jkeys(r->doc, node, outcomes, r->error))
        return false;
    for (size_t i = 0; i < node->child_count; i++)
        if (!smref_jkeys(r->doc, &node->children[i], keys, r->error))
            return false;
    return true;
}

static bool read_group(struct reader *r, const smref_jnode *node)
{
    static const char *const keys[] = {"name", "comment", "requires", "base",  "observed",
                                       "let",  "open",    "claims",   "tests", NULL};
    smref_group *group = &r->group->group;

    group->node = node;
    if (!smref_jkeys(r->doc, node, keys, r->error) ||
        !smref_read_text(r->doc, node, "name", &group->name, r->error) ||
        !smref_read_text(r->doc, node, "comment", &group->comment, r->error))
        return false;
    if (!group->name)
        return smref_jfail(r->doc, node, r->error, "no \"name\"");
    const smref_jnode *observed = smref_jget(node, "observed");
    r->group->claims = smref_jget(node, "claims");
    r->group->let = smref_jget(node, "let");
    r->group->open = smref_jget(node, "open");
    r->group->requires_node = smref_jget(node, "requires");
    if ((r->group->claims && !read_usual(r, r->group->claims)) ||
        (r->group->let && !smref_jobject(r->doc, r->group->let, r->error)))
        return false;
    if (r->group->open && !observed)
        return smref_jfail(r->doc, r->group->open, r->error,
                           "only what a machine was not watched for is open; a person claims all");
    if (r->group->open && !smref_open_read(r->doc, r->group->open, r->error))
        return false;
    if (observed && smref_jget(node, "tests"))
        return smref_jfail(r->doc, observed, r->error, "stands in place of \"tests\"");
    if (!read_base(r, node) || !smref_machine_new(&r->machine, group->base_doc, &group->base, NULL, r->error))
        return false;
    bool good = smref_requires_read(r->doc, r->group->requires_node, &r->machine, r->error) &&
                (observed ? read_observed(r, observed) : read_tests(r, node));
    smref_machine_free(&r->machine);
    return good;
}

/* Ids are unique over all groups; the check wants the groups in one array. */
static bool distinct(const smref_jdoc *doc, const smref_recipe *recipe, smref_jerror *error)
{
    smref_group *groups = smref_alloc(recipe->group_count, sizeof *groups);

    for (size_t i = 0; i < recipe->group_count; i++)
        groups[i] = recipe->groups[i].group;
    bool good = smref_tests_distinct(doc, groups, recipe->group_count, error);
    free(groups);
    return good;
}

static bool read_groups(const smref_jdoc *doc, smref_recipe *out, smref_jerror *error)
{
    const smref_jnode *groups = smref_read_head(doc, "smref-recipe", &out->description, error);

    if (!groups)
        return false;
    out->groups = smref_alloc(groups->child_count, sizeof *out->groups);
    out->group_count = groups->child_count;
    for (size_t i = 0; i < out->group_count; i++) {
        struct reader reader = {.doc = doc, .recipe = out, .group = &out->groups[i], .error = error};
        const smref_jnode *copy = smref_nodes_substitute(&out->nodes, doc, &groups->children[i], NULL, error);
        if (!copy || !read_group(&reader, copy))
            return false;
    }
    return distinct(doc, out, error);
}

bool smref_recipe_read(const smref_jdoc *doc, smref_recipe *out, smref_jerror *error)
{
    memset(out, 0, sizeof *out);
    smref_suite_name(doc->file, out->name);
    if (read_groups(doc, out, error))
        return true;
    smref_recipe_free(out);
    return false;
}

void smref_recipe_free(smref_recipe *recipe)
{
    for (size_t i = 0; i < recipe->group_count; i++) {
        smref_recipe_group *group = &recipe->groups[i];
        smref_group_free(&group->group);
        smref_observed_free(&group->observed);
        if (group->snapshot)
            smref_jdoc_close(group->snapshot);
        free(group->snapshot);
    }
    free(recipe->groups);
    smref_nodes_free(recipe->nodes);
    *recipe = (smref_recipe){.group_count = 0};
}
