/* A report as data (smref-report 1.0). */
#include "results.h"

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *parts_json(const smref_results *results)
{
    json_t *list = json_array();

    for (size_t i = 0; i < results->part_count; i++) {
        const smref_results_part *part = &results->parts[i];
        json_t *one = json_pack("{s:s}", "file", part->path);
        if (part->part) {
            json_object_set_new(one, "part", json_pack("[o, o]", number(part->part), number(part->parts)));
            json_object_set_new(one, "complete", json_boolean(part->complete));
            json_object_set_new(one, "cases", number(part->cases));
        }
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *entry_json(const smref_known_entry *entry)
{
    json_t *out =
        json_pack("{s:s, s:s}", "class", smref_spell_known_class(entry->class_of), "reason", entry->reason);

    if (entry->section)
        json_object_set_new(out, "section", json_string(entry->section));
    return out;
}

static json_t *groups_json(const smref_results *results)
{
    json_t *list = json_array();

    for (size_t i = 0; i < results->group_count; i++) {
        const smref_results_group *group = &results->groups[i];
        json_t *one = json_pack("{s:s, s:o}", "group", group->group, "count", number(group->count));
        if (group->known)
            json_object_set_new(one, "known", entry_json(group->known));
        if (group->finding)
            json_object_set(one, "finding", group->finding);
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *unmatched_json(const smref_results *results, const smref_known *known)
{
    const smref_known_entry *entry;
    json_t *list = json_array();

    for (size_t i = 0; (entry = smref_known_at(known, i)) != NULL; i++)
        if (!entry->matched && smref_known_concerns(known, entry, results->name))
            json_array_append_new(list, json_string(entry->pattern));
    return list;
}

json_t *smref_report_json(const smref_results *results, const smref_known *known)
{
    json_t *out = json_pack("{s:s, s:s}", "format", "smref-report", "version", "1.0");
    json_t *summary = smref_counts_json(&results->counts);

    json_object_del(summary, "groups");
    json_object_set_new(out, "implementation", json_string(results->name));
    if (json_object_get(results->head, "seed"))
        json_object_set(out, "seed", json_object_get(results->head, "seed"));
    json_object_set_new(out, "parts", parts_json(results));
    json_object_set_new(out, "missing", number(smref_results_missing(results)));
    json_object_set_new(out, "summary", summary);
    json_object_set_new(out, "news", number(results->news));
    json_object_set_new(out, "groups", groups_json(results));
    if (known)
        json_object_set_new(out, "unmatched", unmatched_json(results, known));
    return out;
}
