/* How many cases were compared, and how they ended. */
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* ---- Counting -------------------------------------------------------------------------------------- */

static smref_kind_counts *kind_of(smref_counts *counts, const char *name)
{
    for (size_t i = 0; i < counts->kind_count; i++)
        if (strcmp(counts->kinds[i].name, name) == 0)
            return &counts->kinds[i];
    if (counts->kind_count + 1 >= SMREF_COUNTS_KINDS && strcmp(name, "other") != 0)
        return kind_of(counts, "other");
    snprintf(counts->kinds[counts->kind_count].name, SMREF_COUNTS_NAME, "%s", name);
    return &counts->kinds[counts->kind_count++];
}

/* Where the group is in the list, or would be. */
static size_t place_of(const smref_counts *counts, const char *group)
{
    size_t low = 0, high = counts->group_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(counts->groups[middle].group, group) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void smref_counts_group(smref_counts *counts, const char *group, uint64_t times)
{
    size_t at = place_of(counts, group);

    if (at == counts->group_count || strcmp(counts->groups[at].group, group) != 0) {
        counts->groups = smref_resize(counts->groups, counts->group_count + 1, sizeof *counts->groups);
        memmove(counts->groups + at + 1, counts->groups + at,
                (counts->group_count++ - at) * sizeof *counts->groups);
        counts->groups[at] = (smref_group_count){smref_copy_text(group), 0};
    }
    counts->groups[at].count += times;
}

void smref_counts_add(smref_counts *counts, const smref_counts *more)
{
    counts->cases += more->cases;
    counts->steps += more->steps;
    counts->restarts += more->restarts;
    counts->seconds += more->seconds;
    counts->goals_reached = more->goals_reached;
    memcpy(counts->goals_missed, more->goals_missed, sizeof counts->goals_missed);
    for (size_t i = 0; i < more->kind_count; i++) {
        smref_kind_counts *kind = kind_of(counts, more->kinds[i].name);
        for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
            kind->verdicts[v] += more->kinds[i].verdicts[v];
    }
    for (unsigned r = 0; r < SMREF_RULE_COUNT; r++) {
        counts->agree[r] += more->agree[r];
        counts->differ[r] += more->differ[r];
    }
    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        for (unsigned o = 0; o < SMREF_COUNTS_OPTIONS; o++)
            counts->choices[c][o] += more->choices[c][o];
    for (size_t i = 0; i < more->group_count; i++)
        smref_counts_group(counts, more->groups[i].group, more->groups[i].count);
}

uint64_t smref_counts_total(const smref_counts *counts, smref_verdict verdict)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < counts->kind_count; i++)
        sum += counts->kinds[i].verdicts[verdict];
    return sum;
}

bool smref_counts_has(const smref_counts *counts, smref_verdict verdict)
{
    return verdict == SMREF_VERDICT_AGREES || verdict == SMREF_VERDICT_DIFFERS ||
           smref_counts_total(counts, verdict);
}

void smref_counts_clear(smref_counts *counts)
{
    for (size_t i = 0; i < counts->group_count; i++)
        free(counts->groups[i].group);
    free(counts->groups);
    memset(counts, 0, sizeof *counts);
}

/* ---- Writing --------------------------------------------------------------------------------------- */

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *kinds_json(const smref_counts *counts)
{
    json_t *kinds = json_object();

    for (size_t i = 0; i < counts->kind_count; i++) {
        json_t *kind = json_object();
        for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
            if (counts->kinds[i].verdicts[v])
                json_object_set_new(kind, smref_spell_verdict((smref_verdict)v),
                                    number(counts->kinds[i].verdicts[v]));
        json_object_set_new(kinds, counts->kinds[i].name, kind);
    }
    return kinds;
}

static json_t *rules_json(const smref_counts *counts)
{
    json_t *rules = json_object();

    for (unsigned r = 1; r < SMREF_RULE_COUNT; r++)
        if (counts->agree[r] || counts->differ[r])
            json_object_set_new(rules, smref_rule_at(r)->id,
                                json_pack("[o, o]", number(counts->agree[r]), number(counts->differ[r])));
    return rules;
}

static json_t *choices_json(const smref_counts *counts)
{
    json_t *choices = json_object();

    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++) {
        const smref_choice_info *info = smref_choice_at(c);
        json_t *options = json_object();
        for (unsigned o = 0; o < info->option_count && o < SMREF_COUNTS_OPTIONS; o++)
            if (counts->choices[c][o])
                json_object_set_new(options, info->options[o].name, number(counts->choices[c][o]));
        if (json_object_size(options))
            json_object_set(choices, info->id, options);
        json_decref(options);
    }
    return choices;
}

static json_t *goals_json(const smref_counts *counts)
{
    json_t *missed = json_array();

    for (unsigned r = 1; r < SMREF_RULE_COUNT; r++)
        if (counts->goals_missed[r])
            json_array_append_new(missed, json_string(smref_rule_at(r)->id));
    return json_pack("{s:o, s:o}", "reached", number(counts->goals_reached), "missed", missed);
}

json_t *smref_counts_json(const smref_counts *counts)
{
    json_t *out = json_object(), *groups = json_object();

    for (size_t i = 0; i < counts->group_count; i++)
        json_object_set_new(groups, counts->groups[i].group, number(counts->groups[i].count));
    json_object_set_new(out, "cases", number(counts->cases));
    json_object_set_new(out, "seconds", json_real(counts->seconds));
    json_object_set_new(out, "restarts", number(counts->restarts));
    json_object_set_new(out, "steps", number(counts->steps));
    json_object_set_new(out, "kinds", kinds_json(counts));
    json_object_set_new(out, "rules", rules_json(counts));
    json_object_set_new(out, "choices", choices_json(counts));
    json_object_set_new(out, "groups", groups);
    json_object_set_new(out, "goals", goals_json(counts));
    return out;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static bool read_kind(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out, smref_jerror *error)
{
    smref_kind_counts *kind = kind_of(out, node->key);
    uint64_t value;

    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        const smref_jnode *child = &node->children[i];
        unsigned v = 0;
        while (v < SMREF_VERDICT_COUNT && strcmp(smref_spell_verdict((smref_verdict)v), child->key) != 0)
            v++;
        if (v == SMREF_VERDICT_COUNT)
            return smref_jfail(doc, child, error, "no such verdict");
        if (!smref_jnumber(doc, child, INT64_MAX, &value, error))
            return false;
        kind->verdicts[v] += value;
    }
    return true;
}

static bool read_kinds(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out, smref_jerror *error)
{
    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++)
        if (!read_kind(doc, &node->children[i], out, error))
            return false;
    return true;
}

/* Rules that this version of smref does not have (another one wrote the file) are left out. */
static bool read_rules(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out, smref_jerror *error)
{
    smref_rule rule;

    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        const smref_jnode *child = &node->children[i];
        if (!smref_jarray(doc, child, error))
            return false;
        if (child->child_count != 2)
            return smref_jfail(doc, child, error,
                               "two numbers are expected: cases that agree, and that differ");
        if (smref_rule_find(child->key, &rule) &&
            (!smref_jnumber(doc, &child->children[0], INT64_MAX, &out->agree[rule], error) ||
             !smref_jnumber(doc, &child->children[1], INT64_MAX, &out->differ[rule], error)))
            return false;
    }
    return true;
}

static bool read_groups(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out,
                        smref_jerror *error)
{
    uint64_t count;

    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        if (!smref_jnumber(doc, &node->children[i], INT64_MAX, &count, error))
            return false;
        smref_counts_group(out, node->children[i].key, count);
    }
    return true;
}

static bool read_options(const smref_jdoc *doc, const smref_jnode *node, uint64_t *out, smref_jerror *error)
{
    smref_choice choice;

    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; smref_choice_find(node->key, &choice) && i < node->child_count; i++) {
        const smref_choice_info *info = smref_choice_at((unsigned)choice);
        for (unsigned o = 0; o < info->option_count && o < SMREF_COUNTS_OPTIONS; o++)
            if (strcmp(info->options[o].name, node->children[i].key) == 0 &&
                !smref_jnumber(doc, &node->children[i], INT64_MAX, &out[o], error))
                return false;
    }
    return true;
}

static bool read_choices(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out,
                         smref_jerror *error)
{
    uint64_t none[SMREF_COUNTS_OPTIONS] = {0};
    smref_choice choice;

    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        uint64_t *counted = smref_choice_find(node->children[i].key, &choice) ? out->choices[choice] : none;
        if (!read_options(doc, &node->children[i], counted, error))
            return false;
    }
    return true;
}

static bool read_goals(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out, smref_jerror *error)
{
    static const char *const keys[] = {"reached", "missed", NULL};
    const smref_jnode *reached, *missed;
    const char *id;
    smref_rule rule;

    if (!smref_jkeys(doc, node, keys, error))
        return false;
    reached = smref_jget(node, "reached");
    missed = smref_jget(node, "missed");
    if (!reached || !missed)
        return smref_jfail(doc, node, error, "\"reached\" and \"missed\" are expected");
    if (!smref_jnumber(doc, reached, INT64_MAX, &out->goals_reached, error) ||
        !smref_jarray(doc, missed, error))
        return false;
    for (size_t i = 0; i < missed->child_count; i++) {
        if (!smref_jstring(doc, &missed->children[i], &id, error))
            return false;
        if (smref_rule_find(id, &rule))
            out->goals_missed[rule] = true;
    }
    return true;
}

static bool read_numbers(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out,
                         smref_jerror *error)
{
    const smref_jnode *seconds = smref_jget(node, "seconds");

    if (!json_is_number(seconds->value))
        return smref_jfail(doc, seconds, error, "a number is expected");
    out->seconds = json_number_value(seconds->value);
    return smref_jnumber(doc, smref_jget(node, "cases"), INT64_MAX, &out->cases, error) &&
           smref_jnumber(doc, smref_jget(node, "restarts"), INT64_MAX, &out->restarts, error) &&
           smref_jnumber(doc, smref_jget(node, "steps"), INT64_MAX, &out->steps, error);
}

bool smref_counts_read(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out, smref_jerror *error)
{
    static const char *const keys[] = {"cases", "seconds", "restarts", "steps", "kinds",
                                       "rules", "choices", "groups",   "goals", NULL};

    memset(out, 0, sizeof *out);
    if (!smref_jkeys(doc, node, keys, error))
        return false;
    for (size_t i = 0; keys[i]; i++)
        if (!smref_jget(node, keys[i]))
            return smref_jfail(doc, node, error, "no \"%s\"", keys[i]);
    if (read_numbers(doc, node, out, error) && read_kinds(doc, smref_jget(node, "kinds"), out, error) &&
        read_rules(doc, smref_jget(node, "rules"), out, error) &&
        read_choices(doc, smref_jget(node, "choices"), out, error) &&
        read_groups(doc, smref_jget(node, "groups"), out, error) &&
        read_goals(doc, smref_jget(node, "goals"), out, error))
        return true;
    smref_counts_clear(out);
    return false;
}
