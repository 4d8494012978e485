/* Reads files of vectors. */
#include "vectors.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "envelope.h"

/* ---- What a test is about -------------------------------------------------------------------------- */

static const char *next_rule(void *context, size_t index)
{
    const smref_rule_info *info = smref_rule_at((unsigned)index + 1); /* 0 is no rule */

    (void)context;
    return info ? info->id : NULL;
}

bool smref_no_such_rule(const smref_jdoc *doc, const smref_jnode *node, const char *id, smref_jerror *error)
{
    const char *nearest = smref_nearest(id, next_rule, NULL);

    return smref_jfail(doc, node, error, "no such rule: %.60s%s%s", id, nearest ? "; nearest: " : "",
                       nearest ? nearest : "");
}

static bool read_rules(const smref_jdoc *doc, const smref_jnode *array, smref_test *out, smref_jerror *error)
{
    const char *id;

    if (!array)
        return true;
    if (!smref_jarray(doc, array, error))
        return false;
    out->rules = smref_alloc(array->child_count, sizeof *out->rules);
    for (size_t i = 0; i < array->child_count; i++) {
        const smref_jnode *node = &array->children[i];
        if (!smref_jstring(doc, node, &id, error))
            return false;
        if (!smref_rule_find(id, &out->rules[i]))
            return smref_no_such_rule(doc, node, id, error);
        for (size_t k = 0; k < i; k++)
            if (out->rules[k] == out->rules[i])
                return smref_jfail(doc, node, error, "%.60s is listed already", id);
    }
    out->rule_count = array->child_count;
    return true;
}

static bool required_text(const smref_jdoc *doc, const smref_jnode *node, const char *key, const char **out,
                          smref_jerror *error)
{
    if (!smref_jget(node, key))
        return smref_jfail(doc, node, error, "no \"%s\"", key);
    if (!smref_read_text(doc, node, key, out, error))
        return false;
    if (!**out)
        return smref_jfail(doc, smref_jget(node, key), error, "empty");
    for (const char *c = *out; *c; c++)
        if (iscntrl((unsigned char)*c))
            return smref_jfail(doc, smref_jget(node, key), error,
                               "holds a control character; write one line");
    return true;
}

/* Ids are part of file names, patterns and URLs. */
static bool is_id(const char *text)
{
    for (size_t i = 0; text[i]; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("_.-", text[i]))
            return false;
    return strlen(text) < SMREF_SUITE_ROOM;
}

bool smref_test_read_head(const smref_jdoc *doc, const smref_jnode *node, smref_test *out,
                          smref_jerror *error)
{
    out->node = node;
    if (!required_text(doc, node, "id", &out->id, error) ||
        !required_text(doc, node, "comment", &out->comment, error) ||
        !required_text(doc, node, "section", &out->section, error))
        return false;
    if (!is_id(out->id))
        return smref_jfail(doc, smref_jget(node, "id"), error,
                           "an id has letters, digits, '_', '.' and '-', and at most %d of them",
                           SMREF_SUITE_ROOM - 1);
    return read_rules(doc, smref_jget(node, "rules"), out, error);
}

static int by_id(const void *a, const void *b)
{
    const smref_test *first = *(const smref_test *const *)a, *second = *(const smref_test *const *)b;
    int order = strcmp(first->id, second->id);

    return order ? order
                 : (first->node->line > second->node->line) - (first->node->line < second->node->line);
}

bool smref_tests_distinct(const smref_jdoc *doc, const smref_group *groups, size_t count, smref_jerror *error)
{
    size_t total = 0, taken = 0;

    for (size_t g = 0; g < count; g++)
        total += groups[g].test_count;
    const smref_test **all = smref_alloc(total, sizeof *all);
    for (size_t g = 0; g < count; g++)
        for (size_t t = 0; t < groups[g].test_count; t++)
            all[taken++] = &groups[g].tests[t];
    qsort(all, total, sizeof *all, by_id);
    bool good = true;
    for (size_t i = 1; good && i < total; i++)
        if (strcmp(all[i - 1]->id, all[i]->id) == 0)
            good = smref_jfail(doc, smref_jget(all[i]->node, "id"), error,
                               "the test of line %u has the id %.60s already", all[i - 1]->node->line,
                               all[i]->id);
    free(all);
    return good;
}

/* ---- Complete by itself ---------------------------------------------------------------------------- */

static bool only_bytes(const smref_jdoc *doc, const smref_regions *memory, smref_jerror *error)
{
    for (size_t i = 0; i < memory->count; i++) {
        const smref_region *region = &memory->list[i];
        if (region->kind == SMREF_REGION_STRUCT || region->kind == SMREF_REGION_FILE)
            return smref_jfail(doc, region->node, error,
                               "vectors are complete by themselves: write u64, hex or fill, not %s",
                               region->kind == SMREF_REGION_FILE ? "file" : "struct");
    }
    return true;
}

static bool read_base(const smref_jdoc *doc, const smref_jnode *node, smref_group *out, smref_jerror *error)
{
    if (!node)
        return smref_jfail(doc, out->node, error, "no \"base\"");
    if (!smref_jobject(doc, node, error))
        return false;
    const smref_jnode *profile = smref_jget(node, "profile"), *steps = smref_jget(node, "steps");
    if (profile && json_is_string(profile->value))
        return smref_jfail(doc, profile, error,
                           "vectors are complete by themselves: write the profile's registers, not its name");
    if (steps)
        return smref_jfail(doc, steps, error, "belongs to a test, not to the base");
    out->base_doc = doc;
    return smref_snapshot_read(doc, node, NULL, &out->base, error) &&
           only_bytes(doc, &out->base.memory, error);
}

static bool check_requires(const smref_jdoc *doc, const smref_group *group, smref_jerror *error)
{
    const smref_jnode *node = smref_jget(group->node, "requires");
    smref_machine machine;

    if (!node)
        return smref_jfail(doc, group->node, error, "no \"requires\"");
    if (!smref_machine_new(&machine, doc, &group->base, NULL, error))
        return false;
    bool good = smref_requires_read(doc, node, &machine, error);
    smref_machine_free(&machine);
    return good;
}

static bool read_source(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error)
{
    static const char *const keys[] = {"generator", "version", "seed", NULL};
    const char *text;
    uint64_t seed;

    if (!node)
        return true;
    const smref_jnode *given = smref_jget(node, "seed");
    return smref_jkeys(doc, node, keys, error) && required_text(doc, node, "generator", &text, error) &&
           required_text(doc, node, "version", &text, error) &&
           (!given || smref_jnumber(doc, given, UINT64_MAX, &seed, error));
}

/* ---- Tests and groups ------------------------------------------------------------------------------ */

static bool read_test(const smref_jdoc *doc, const smref_jnode *node, const smref_group *group,
                      smref_test *out, smref_jerror *error)
{
    static const char *const keys[] = {"id", "comment", "section", "rules", "patch", "steps", "expect", NULL};
    const smref_jnode *steps, *patch;

    if (!smref_jkeys(doc, node, keys, error) || !smref_test_read_head(doc, node, out, error))
        return false;
    if (!smref_jget(node, "rules"))
        return smref_jfail(doc, node, error, "no \"rules\"");
    steps = smref_jget(node, "steps");
    patch = smref_jget(node, "patch");
    if (!steps)
        return smref_jfail(doc, node, error, "no \"steps\"");
    if (!smref_patch_read(doc, patch, &group->base, &out->patch, error) ||
        !only_bytes(doc, &out->patch.memory, error) ||
        !smref_stimuli_read(doc, steps, &group->base.memory, &out->patch.memory, &out->steps, error))
        return false;
    if (out->steps.count == 0)
        return smref_jfail(doc, steps, error, "empty");
    out->outcomes = smref_jget(node, "expect");
    if (!out->outcomes)
        return smref_jfail(doc, node, error, "no \"expect\"");
    return smref_expect_read(doc, out->outcomes, &out->steps, error);
}

static bool read_group(const smref_jdoc *doc, const smref_jnode *node, smref_group *out, smref_jerror *error)
{
    static const char *const keys[] = {"name", "comment", "source", "requires", "base", "tests", NULL};
    const smref_jnode *tests;

    out->node = node;
    if (!smref_jkeys(doc, node, keys, error) || !required_text(doc, node, "name", &out->name, error) ||
        !smref_read_text(doc, node, "comment", &out->comment, error) ||
        !read_source(doc, smref_jget(node, "source"), error) ||
        !read_base(doc, smref_jget(node, "base"), out, error) || !check_requires(doc, out, error))
        return false;
    tests = smref_jget(node, "tests");
    if (!tests)
        return smref_jfail(doc, node, error, "no \"tests\"");
    if (!smref_jarray(doc, tests, error))
        return false;
    out->tests = smref_alloc(tests->child_count, sizeof *out->tests);
    out->test_count = tests->child_count;
    for (size_t i = 0; i < out->test_count; i++)
        if (!read_test(doc, &tests->children[i], out, &out->tests[i], error))
            return false;
    return true;
}

void smref_suite_name(const char *path, char out[SMREF_SUITE_ROOM])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);

    if (length > 5 && strcmp(name + length - 5, ".json") == 0)
        length -= 5;
    snprintf(out, SMREF_SUITE_ROOM, "%.*s", (int)length, name);
}

const smref_jnode *smref_read_head(const smref_jdoc *doc, const char *format, const char **description,
                                   smref_jerror *error)
{
    static const char *const keys[] = {"format", "version", "description", "groups", NULL};
    const smref_jnode *groups = smref_jget(&doc->root, "groups");

    if (!smref_jkeys(doc, &doc->root, keys, error) ||
        !smref_read_format(doc, &doc->root, format, false, error) ||
        !smref_read_text(doc, &doc->root, "description", description, error))
        return NULL;
    if (!groups) {
        smref_jfail(doc, &doc->root, error, "no \"groups\"");
        return NULL;
    }
    return smref_jarray(doc, groups, error) ? groups : NULL;
}

static bool read_groups(const smref_jdoc *doc, smref_vectors *out, smref_jerror *error)
{
    const smref_jnode *groups = smref_read_head(doc, "smref-vectors", &out->description, error);

    if (!groups)
        return false;
    out->groups = smref_alloc(groups->child_count, sizeof *out->groups);
    out->group_count = groups->child_count;
    for (size_t i = 0; i < out->group_count; i++)
        if (!read_group(doc, &groups->children[i], &out->groups[i], error))
            return false;
    return smref_tests_distinct(doc, out->groups, out->group_count, error);
}

bool smref_vectors_read(const smref_jdoc *doc, smref_vectors *out, smref_jerror *error)
{
    memset(out, 0, sizeof *out);
    smref_suite_name(doc->file, out->name);
    if (read_groups(doc, out, error))
        return true;
    smref_vectors_free(out);
    return false;
}

void smref_group_free(smref_group *group)
{
    for (size_t i = 0; i < group->test_count; i++) {
        smref_stimuli_free(&group->tests[i].steps);
        smref_patch_free(&group->tests[i].patch);
        free(group->tests[i].rules);
    }
    free(group->tests);
    smref_snapshot_free(&group->base);
}

void smref_vectors_free(smref_vectors *vectors)
{
    for (size_t i = 0; i < vectors->group_count; i++)
        smref_group_free(&vectors->groups[i]);
    free(vectors->groups);
    *vectors = (smref_vectors){.group_count = 0};
}
