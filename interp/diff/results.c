/* The results of a campaign, added up. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "envelope.h"
#include "results.h"

/* A file that is read, a line at a time. */
struct reading {
    smref_results *results;
    smref_results_part *part;
    smref_jerror *error;
};

/* ---- The first line -------------------------------------------------------------------------------- */

/* What all parts of a campaign have in common. */
static bool belongs(struct reading *r, const smref_jdoc *doc)
{
    static const char *const keys[] = {"smref", "seed", "only", "implementation"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *first = json_object_get(r->results->head, keys[i]);
        const json_t *other = json_object_get(doc->json, keys[i]);
        if (!first != !other || (first && !json_equal(first, other)))
            return smref_jfail(doc, smref_jget(&doc->root, keys[i]), r->error,
                               "of another campaign than %s: \"%s\" is another one",
                               r->results->parts[0].path, keys[i]);
    }
    return true;
}

static bool read_part(struct reading *r, const smref_jdoc *doc)
{
    const smref_jnode *node = smref_jget(&doc->root, "part");
    smref_results *results = r->results;

    if (!node)
        return true;
    if (!smref_jarray(doc, node, r->error))
        return false;
    if (node->child_count != 2)
        return smref_jfail(doc, node, r->error, "two numbers are expected: which part, of how many");
    if (!smref_jnumber(doc, &node->children[0], UINT32_MAX, &r->part->part, r->error) ||
        !smref_jnumber(doc, &node->children[1], UINT32_MAX, &r->part->parts, r->error))
        return false;
    if (r->part->part == 0 || r->part->part > r->part->parts)
        return smref_jfail(doc, node, r->error, "parts are numbered from 1 to the second number");
    if (results->part_count_wanted && results->part_count_wanted != r->part->parts)
        return smref_jfail(doc, node, r->error, "of a campaign in %" PRIu64 " parts, not %" PRIu64,
                           r->part->parts, results->part_count_wanted);
    results->part_count_wanted = r->part->parts;
    for (const smref_results_part *p = results->parts; p < r->part; p++)
        if (p->part == r->part->part)
            return smref_jfail(doc, node, r->error, "part %" PRIu64 " is there twice; the other one is %s",
                               p->part, p->path);
    return true;
}

static bool read_head(struct reading *r, const smref_jdoc *doc)
{
    static const char *const keys[] = {"format", "version", "smref",          "target", "seed",
                                       "part",   "cases",   "implementation", "only",   NULL};
    const smref_jnode *root = &doc->root, *implementation = smref_jget(root, "implementation");

    if (!smref_read_format(doc, root, "smref-campaign", false, r->error) ||
        !smref_jkeys(doc, root, keys, r->error) || !smref_read_text(doc, root, "target", NULL, r->error))
        return false;
    if (!implementation)
        return smref_jfail(doc, root, r->error, "no \"implementation\"");
    if (!smref_jobject(doc, implementation, r->error) ||
        !smref_read_text(doc, implementation, "name", &r->results->name, r->error))
        return false;
    if (!r->results->name)
        return smref_jfail(doc, implementation, r->error, "no \"name\"");
    if (r->results->head) {
        r->results->name =
            json_string_value(json_object_get(json_object_get(r->results->head, "implementation"), "name"));
        return belongs(r, doc) && read_part(r, doc);
    }
    r->results->head = json_incref(doc->json);
    return read_part(r, doc);
}

/* ---- Findings -------------------------------------------------------------------------------------- */

static smref_results_group *group_of(smref_results *results, const char *text)
{
    for (size_t i = 0; i < results->group_count; i++)
        if (strcmp(results->groups[i].group, text) == 0)
            return &results->groups[i];
    results->groups = smref_resize(results->groups, results->group_count + 1, sizeof *results->groups);
    results->groups[results->group_count] = (smref_results_group){.group = smref_copy_text(text)};
    return &results->groups[results->group_count++];
}

/* One that was reduced is smaller than any that was not. */
static bool is_smaller(const smref_results_group *group, bool reduced, size_t size)
{
    return !group->finding || (reduced != group->reduced ? reduced : size < group->size);
}

static bool read_finding(struct reading *r, const smref_jdoc *doc, const smref_jnode *node)
{
    static const char *const keys[] = {"index",   "kind",  "group",    "step",  "aspect", "rule",
                                       "section", "rules", "expected", "shown", "died",   "reduced",
                                       "minimal", "case",  "cause",    NULL};
    static const char *const needed[] = {"kind", "group", "step", "aspect", "case", NULL};
    const char *text;
    uint64_t step, cause;
    bool reduced;
    size_t size;

    if (!smref_jkeys(doc, node, keys, r->error))
        return false;
    for (size_t i = 0; needed[i]; i++)
        if (!smref_jget(node, needed[i]))
            return smref_jfail(doc, node, r->error, "no \"%s\"", needed[i]);
    if (!smref_read_text(doc, node, "kind", NULL, r->error) ||
        !smref_read_text(doc, node, "aspect", NULL, r->error) ||
        !smref_read_text(doc, node, "rule", NULL, r->error) ||
        !smref_read_text(doc, node, "section", NULL, r->error) ||
        !smref_jnumber(doc, smref_jget(node, "step"), UINT32_MAX, &step, r->error) ||
        (smref_jget(node, "cause") &&
         !smref_jnumber(doc, smref_jget(node, "cause"), UINT32_MAX, &cause, r->error)) ||
        !smref_jobject(doc, smref_jget(node, "case"), r->error) ||
        !smref_jstring(doc, smref_jget(node, "group"), &text, r->error))
        return false;
    smref_results_group *group = group_of(r->results, text);
    const json_t *snapshot = json_object_get(node->value, "case");
    reduced = json_is_true(json_object_get(node->value, "reduced"));
    size = json_array_size(json_object_get(snapshot, "steps")) +
           json_array_size(json_object_get(snapshot, "memory"));
    if (is_smaller(group, reduced, size)) {
        json_decref(group->finding);
        group->finding = json_incref(node->value);
        group->reduced = reduced;
        group->size = size;
    }
    return true;
}

/* ---- Lines ----------------------------------------------------------------------------------------- */

static bool read_summary(struct reading *r, const smref_jdoc *doc, const smref_jnode *node)
{
    smref_counts *counts = smref_alloc(1, sizeof *counts);
    bool good = smref_counts_read(doc, node, counts, r->error);

    if (good && (r->part->complete || !r->part->part)) {
        smref_jfail(doc, node, r->error, r->part->part ? "a second summary" : "a summary of what is no part");
        good = false;
    } else if (good) {
        r->part->complete = true;
        r->part->cases = counts->cases;
        smref_counts_add(&r->results->counts, counts);
        for (size_t i = 0; i < counts->groups.count; i++)
            group_of(r->results, counts->groups.list[i].text)->count += counts->groups.list[i].count;
    }
    smref_counts_clear(counts);
    free(counts);
    return good;
}

static bool read_line(struct reading *r, const smref_jdoc *doc, unsigned number)
{
    static const char *const keys[] = {"finding", "summary", NULL};
    const smref_jnode *root = &doc->root;

    if (number == 1)
        return read_head(r, doc);
    if (!smref_jkeys(doc, root, keys, r->error))
        return false;
    if (root->child_count != 1)
        return smref_jfail(doc, root, r->error, "a line has a \"finding\" or the \"summary\"");
    if (smref_jget(root, "finding"))
        return read_finding(r, doc, &root->children[0]);
    return read_summary(r, doc, &root->children[0]);
}

/* A line that a process was writing when it was killed has no end, and says nothing. */
static bool read_lines(struct reading *r, FILE *file)
{
    char *line = NULL, place[300];
    size_t room = 0;
    ssize_t size;
    bool good = true;
    smref_jdoc doc;
    unsigned number = 1;

    for (; good && (size = getline(&line, &room, file)) > 0 && line[size - 1] == '\n'; number++) {
        snprintf(place, sizeof place, "%.280s:%u", r->part->path, number);
        good = smref_jdoc_parse(&doc, place, line, (size_t)size, r->error);
        if (!good)
            break;
        good = read_line(r, &doc, number);
        smref_jdoc_close(&doc);
    }
    free(line);
    doc = (smref_jdoc){.file = r->part->path};
    return good && (number > 1 || smref_jfail(&doc, NULL, r->error, "empty"));
}

bool smref_results_add(smref_results *results, const char *path, smref_jerror *error)
{
    const smref_jdoc place = {.file = path};
    FILE *file = fopen(path, "rb");
    struct reading reading = {results, NULL, error};
    bool good;

    if (!file)
        return smref_jfail(&place, NULL, error, "%s", strerror(errno));
    results->parts = smref_resize(results->parts, results->part_count + 1, sizeof *results->parts);
    reading.part = &results->parts[results->part_count++];
    *reading.part = (smref_results_part){.path = smref_copy_text(path)};
    good = read_lines(&reading, file);
    fclose(file);
    return good;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

static int by_weight(const void *a, const void *b)
{
    const smref_results_group *x = a, *y = b;

    if (!x->known != !y->known)
        return x->known ? 1 : -1;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->group, y->group);
}

bool smref_results_end(smref_results *results, smref_known *known, smref_jerror *error)
{
    if (!results->part_count_wanted) {
        const smref_jdoc doc = {.file = results->part_count ? results->parts[0].path : "report"};
        return smref_jfail(&doc, NULL, error, "no part of a campaign is there");
    }
    results->news = 0;
    for (size_t i = 0; i < results->group_count; i++) {
        results->groups[i].known = smref_known_match(known, results->name, results->groups[i].group);
        results->news += !results->groups[i].known;
    }
    if (results->group_count)
        qsort(results->groups, results->group_count, sizeof *results->groups, by_weight);
    return true;
}

void smref_results_free(smref_results *results)
{
    for (size_t i = 0; i < results->part_count; i++)
        free(results->parts[i].path);
    for (size_t i = 0; i < results->group_count; i++) {
        free(results->groups[i].group);
        json_decref(results->groups[i].finding);
    }
    free(results->parts);
    free(results->groups);
    smref_counts_clear(&results->counts);
    json_decref(results->head);
    memset(results, 0, sizeof *results);
}

uint64_t smref_results_wanted(const smref_results *results)
{
    return (uint64_t)json_integer_value(json_object_get(results->head, "cases"));
}

uint64_t smref_results_missing(const smref_results *results)
{
    uint64_t complete = 0;

    for (size_t i = 0; i < results->part_count; i++)
        complete += results->parts[i].complete;
    return results->part_count_wanted - complete;
}

unsigned smref_results_rules(const smref_results *results)
{
    unsigned count = 0;

    for (unsigned r = 1; r < SMREF_RULE_COUNT; r++)
        count += results->counts.agree[r] || results->counts.differ[r];
    return count;
}

const smref_rule_info *smref_results_rule(const smref_results_group *group)
{
    const char *id = json_string_value(json_object_get(group->finding, "rule"));
    smref_rule rule;

    return id && smref_rule_find(id, &rule) ? smref_rule_at((unsigned)rule) : NULL;
}
