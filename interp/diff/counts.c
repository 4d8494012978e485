/* How many cases were compared, and how they ended. */
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

const char *smref_spell_verdict(smref_verdict verdict)
{
    static const char *const words[] = {
        [SMREF_VERDICT_AGREES] = "agrees",
        [SMREF_VERDICT_DIFFERS] = "differs",
        [SMREF_VERDICT_UNDECIDED] = "undecided",
        [SMREF_VERDICT_NOT_MODELLED] = "not modelled",
        [SMREF_VERDICT_NOT_COMPARED] = "not compared",
    };

    return words[verdict];
}

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

static void count_group(smref_counts *counts, const char *group, uint64_t times)
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

static void count_rules(uint64_t *list, const uint64_t *rules)
{
    for (size_t word = 0; word < (SMREF_RULE_COUNT + 63) / 64; word++) {
        unsigned rule = (unsigned)word * 64;
        for (uint64_t bits = rules[word]; bits; bits >>= 1, rule++)
            list[rule] += bits & 1;
    }
}

void smref_counts_case(smref_counts *counts, const char *kind, smref_verdict verdict,
                       const smref_prediction *predicted, const char *group)
{
    kind_of(counts, kind)->verdicts[verdict]++;
    if (predicted && verdict == SMREF_VERDICT_AGREES)
        count_rules(counts->agree, predicted->rules);
    else if (predicted && verdict == SMREF_VERDICT_DIFFERS)
        count_rules(counts->differ, predicted->rules);
    if (group)
        count_group(counts, group, 1);
}

void smref_counts_add(smref_counts *counts, const smref_counts *more)
{
    for (size_t i = 0; i < more->kind_count; i++) {
        smref_kind_counts *kind = kind_of(counts, more->kinds[i].name);
        for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
            kind->verdicts[v] += more->kinds[i].verdicts[v];
    }
    for (unsigned r = 0; r < SMREF_RULE_COUNT; r++) {
        counts->agree[r] += more->agree[r];
        counts->differ[r] += more->differ[r];
    }
    for (size_t i = 0; i < more->group_count; i++)
        count_group(counts, more->groups[i].group, more->groups[i].count);
}

uint64_t smref_counts_total(const smref_counts *counts, smref_verdict verdict)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < counts->kind_count; i++)
        sum += counts->kinds[i].verdicts[verdict];
    return sum;
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

json_t *smref_counts_json(const smref_counts *counts)
{
    json_t *out = json_object(), *kinds = json_object(), *rules = json_object(), *groups = json_object();

    for (size_t i = 0; i < counts->kind_count; i++) {
        json_t *kind = json_object();
        for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
            if (counts->kinds[i].verdicts[v])
                json_object_set_new(kind, smref_spell_verdict((smref_verdict)v),
                                    number(counts->kinds[i].verdicts[v]));
        json_object_set_new(kinds, counts->kinds[i].name, kind);
    }
    for (unsigned r = 1; r < SMREF_RULE_COUNT; r++)
        if (counts->agree[r] || counts->differ[r])
            json_object_set_new(rules, smref_rule_at(r)->id,
                                json_pack("[o, o]", number(counts->agree[r]), number(counts->differ[r])));
    for (size_t i = 0; i < counts->group_count; i++)
        json_object_set_new(groups, counts->groups[i].group, number(counts->groups[i].count));
    json_object_set_new(out, "from", number(counts->from));
    json_object_set_new(out, "to", number(counts->to));
    json_object_set_new(out, "kinds", kinds);
    json_object_set_new(out, "rules", rules);
    json_object_set_new(out, "groups", groups);
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
        count_group(out, node->children[i].key, count);
    }
    return true;
}

bool smref_counts_read(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out, smref_jerror *error)
{
    static const char *const keys[] = {"from", "to", "kinds", "rules", "groups", NULL};

    memset(out, 0, sizeof *out);
    if (!smref_jkeys(doc, node, keys, error))
        return false;
    for (size_t i = 0; keys[i]; i++)
        if (!smref_jget(node, keys[i]))
            return smref_jfail(doc, node, error, "no \"%s\"", keys[i]);
    if (smref_jnumber(doc, smref_jget(node, "from"), INT64_MAX, &out->from, error) &&
        smref_jnumber(doc, smref_jget(node, "to"), INT64_MAX, &out->to, error) &&
        read_kinds(doc, smref_jget(node, "kinds"), out, error) &&
        read_rules(doc, smref_jget(node, "rules"), out, error) &&
        read_groups(doc, smref_jget(node, "groups"), out, error))
        return true;
    smref_counts_clear(out);
    return false;
}
