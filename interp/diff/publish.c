/* What a campaign comes to, for others. */
#define _XOPEN_SOURCE 700

#include "publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "canonical.h"
#include "command.h"
#include "replay.h"

static bool fail(smref_jerror *error, const char *path, const char *what)
{
    const smref_jdoc doc = {.file = path};

    return smref_jfail(&doc, NULL, error, "%s", what);
}

/* ---- Reducing -------------------------------------------------------------------------------------- */

/* The case of a finding; false: it is none on this implementation. The kind is that of the finding, which
 * must outlive it. */
static bool case_of(const json_t *finding, const smref_implementation *implementation, smref_case *out)
{
    const json_t *index = json_object_get(finding, "index");
    smref_case_origin origin = {NULL, NULL, NULL};
    smref_jerror error = {""};
    smref_replay replay;
    char why[200];
    bool good;

    if (!smref_replay_open(&replay, json_object_get(finding, "case"), "case", &error))
        return false;
    origin.snapshot = &replay.snapshot;
    good = smref_case_from_snapshot(out, implementation, &origin,
                                    json_string_value(json_object_get(finding, "kind")), why);
    smref_replay_close(&replay);
    if (index)
        out->index = (uint64_t)json_integer_value(index);
    return good;
}

/* False: the target cannot be used any more. */
static bool reduce_group(smref_results_group *group, smref_target *target, smref_follower *follower,
                         smref_reduction *reduction, smref_case *c)
{
    bool died = json_object_get(group->finding, "died") != NULL; /* in which step, a reduction finds out */
    smref_again again;

    if (group->reduced || !group->finding || !case_of(group->finding, &target->implementation, c))
        return true;
    reduction->most = 0;
    again = smref_reduce(target, follower, c, died ? NULL : group->group, reduction);
    if (again == SMREF_AGAIN_SAME) {
        json_t *finding = smref_reduced_json(reduction, &target->implementation, group->group);
        json_decref(group->finding);
        group->finding = finding;
        group->reduced = true;
    }
    return again != SMREF_AGAIN_BROKEN;
}

bool smref_results_reduce(smref_results *results, smref_target *target, smref_jerror *error)
{
    smref_follower *follower = smref_follower_new(&target->implementation, error);
    smref_reduction *reduction;
    smref_case *c;
    bool good = follower != NULL;

    if (!follower)
        return false;
    reduction = smref_alloc(1, sizeof *reduction);
    c = smref_alloc(1, sizeof *c);
    for (size_t i = 0; good && i < results->group_count; i++) {
        smref_progress("reducing %zu of %zu: %s", i + 1, results->group_count, results->groups[i].group);
        good = reduce_group(&results->groups[i], target, follower, reduction, c) ||
               fail(error, target->implementation.name, target->why);
    }
    smref_progress(NULL);
    free(c);
    free(reduction);
    smref_follower_free(follower);
    return good;
}

static bool write_line(FILE *to, json_t *line)
{
    bool good = json_dumpf(line, to, JSON_COMPACT) == 0 && putc('\n', to) != EOF;

    json_decref(line);
    return good;
}

bool smref_results_save(const smref_results *results, const char *path, smref_jerror *error)
{
    json_t *head = json_copy(results->head);
    FILE *to = fopen(path, "w");
    bool good = to != NULL;

    json_object_del(head, "part");
    if (good)
        good = write_line(to, json_incref(head));
    for (size_t i = 0; good && i < results->group_count; i++)
        if (results->groups[i].reduced)
            good = write_line(to, json_pack("{s:O}", "finding", results->groups[i].finding));
    json_decref(head);
    if (to)
        good = fclose(to) == 0 && good;
    return good || fail(error, path, strerror(errno));
}

/* ---- Exporting ------------------------------------------------------------------------------------- */

static uint64_t digest(const char *text)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return sum;
}

const char *smref_group_slug(const char *group, char out[SMREF_SLUG_ROOM])
{
    enum { DIGITS = 5 }; /* "-" and four digits that tell groups apart whose texts start alike */
    size_t used = 0;

    for (const char *at = group; *at && used < SMREF_SLUG_ROOM - DIGITS - 1; at++) {
        char c = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            out[used++] = c;
        else if (used && out[used - 1] != '-')
            out[used++] = '-';
    }
    while (used && out[used - 1] == '-')
        used--;
    snprintf(out + used, DIGITS + 1, "-%04x", (unsigned)(digest(group) & 0xffff));
    return out;
}

static bool write_json(const char *folder, const char *name, const json_t *tree, smref_jerror *error)
{
    char *text = smref_canonical_text(tree), path[4200], why[200];
    bool good;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    good = smref_replace_file(path, text, why) || fail(error, path, why);
    free(text);
    return good;
}

static bool write_vectors(const char *folder, const char *implementation, json_t *groups, smref_jerror *error)
{
    json_t *vectors = smref_finding_vectors(implementation, groups);
    bool good = write_json(folder, "vectors.json", vectors, error);

    json_decref(vectors);
    return good;
}

/* That of one group, which becomes one of `all`, too. */
static bool write_vector(const char *folder, const json_t *finding, const char *implementation, json_t *all,
                         smref_jerror *error)
{
    json_t *vector = smref_finding_vector(finding, error), *groups = json_array();

    if (vector) {
        json_array_append(all, vector);
        json_array_append_new(groups, vector);
        return write_vectors(folder, implementation, groups, error);
    }
    json_decref(groups);
    return false;
}

static bool write_text(const char *folder, const json_t *finding, const char *implementation,
                       smref_jerror *error)
{
    char path[4200];
    FILE *to;
    bool good;

    snprintf(path, sizeof path, "%s/finding.txt", folder);
    to = fopen(path, "w");
    if (!to)
        return fail(error, path, strerror(errno));
    good = smref_finding_text(to, finding, implementation, error);
    if (fclose(to) != 0 && good)
        good = fail(error, path, strerror(errno));
    return good;
}

/* The case once more, for what it differs in; then as a script. A case that does not show it any more has
 * none. */
static bool write_script(const char *folder, const json_t *finding, smref_target *target,
                         smref_follower *follower, smref_jerror *error)
{
    smref_reduction *shown = smref_alloc(1, sizeof *shown);
    smref_target_script script = {.group = json_string_value(json_object_get(finding, "group")),
                                  .implementation = target->implementation.name,
                                  .c = &shown->reduced,
                                  .difference = &shown->difference};
    char path[4200];
    bool good = true, made = false;
    FILE *to;

    snprintf(path, sizeof path, "%s/qtest.sh", folder);
    if (case_of(finding, &target->implementation, &shown->reduced) &&
        smref_show_again(target, follower, &shown->reduced, NULL, shown) == SMREF_AGAIN_SAME) {
        script.rule = smref_diff_rule(&shown->reduced, &shown->difference);
        script.died = shown->died[0];
        to = fopen(path, "w");
        made = to && target->script(target, to, &script);
        good = to && fclose(to) == 0 && chmod(path, 0777) == 0;
    }
    if (good && !made)
        unlink(path);
    free(shown);
    return good || fail(error, path, strerror(errno));
}

static bool make_folder(const char *path, smref_jerror *error)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST || fail(error, path, strerror(errno));
}

/* Where a group goes, and who is asked. */
struct export
{
    const char *folder, *implementation;
    smref_target *target;
    smref_follower *follower; /* NULL: no scripts */
    json_t *vectors;          /* of all groups */
    smref_jerror *error;
};

static bool export_group(const struct export *e, const smref_results_group *group)
{
    char slug[SMREF_SLUG_ROOM], path[4096];

    snprintf(path, sizeof path, "%.3900s/%s", e->folder, smref_group_slug(group->group, slug));
    return make_folder(path, e->error) &&
           write_json(path, "snapshot.json", json_object_get(group->finding, "case"), e->error) &&
           write_vector(path, group->finding, e->implementation, e->vectors, e->error) &&
           write_text(path, group->finding, e->implementation, e->error) &&
           (!e->follower || write_script(path, group->finding, e->target, e->follower, e->error));
}

bool smref_results_export(const smref_results *results, const char *folder, smref_target *target,
                          smref_jerror *error)
{
    struct export e = {folder, results->name, target, NULL, json_array(), error};
    bool scripts = target && target->script, good = make_folder(folder, error);

    if (good && scripts)
        e.follower = smref_follower_new(&target->implementation, error);
    good = good && (!scripts || e.follower);
    for (size_t i = 0; good && i < results->group_count; i++)
        if (results->groups[i].finding)
            good = export_group(&e, &results->groups[i]);
    if (good && json_array_size(e.vectors))
        good = write_vectors(folder, results->name, json_incref(e.vectors), error);
    json_decref(e.vectors);
    smref_follower_free(e.follower);
    return good;
}
