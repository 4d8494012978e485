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

/* Where the text is in the list, or would be. */
static size_t place_of(const smref_text_counts *texts, const char *text)
{
    size_t low = 0, high = texts->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(texts->list[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void count_text(smref_text_counts *texts, const char *text, uint64_t times)
{
    size_t at = place_of(texts, text);

    if (at == texts->count || strcmp(texts->list[at].text, text) != 0) {
        texts->list = smref_resize(texts->list, texts->count + 1, sizeof *texts->list);
        memmove(texts->list + at + 1, texts->list + at, (texts->count++ - at) * sizeof *texts->list);
        texts->list[at] = (smref_text_count){smref_copy_text(text), 0};
    }
    texts->list[at].count += times;
}

static void count_texts(smref_text_counts *texts, const smref_text_counts *more)
{
    for (size_t i = 0; i < more->count; i++)
        count_text(texts, more->list[i].text, more->list[i].count);
}

static void clear_texts(smref_text_counts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->list[i].text);
    free(texts->list);
}

void smref_counts_group(smref_counts *counts, const char *group, uint64_t times)
{
    count_text(&counts->groups, group, times);
}

void smref_counts_reason(smref_counts *counts, smref_verdict verdict, const char *reason, uint64_t times)
{
    char safe[SMREF_REASON_ROOM];

    count_text(&counts->reasons[verdict], smref_reason_put(safe, reason), times);
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
    count_texts(&counts->groups, &more->groups);
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
        count_texts(&counts->reasons[v], &more->reasons[v]);
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

static int by_frequency(const void *a, const void *b)
{
    const smref_reason *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    if (x->verdict != y->verdict)
        return x->verdict < y->verdict ? -1 : 1;
    return strcmp(x->text, y->text);
}

smref_reason *smref_counts_reasons(const smref_counts *counts, size_t *count)
{
    smref_reason *list = NULL;

    *count = 0;
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++) {
        const smref_text_counts *texts = &counts->reasons[v];
        if (texts->count)
            list = smref_resize(list, *count + texts->count, sizeof *list);
        for (size_t i = 0; i < texts->count; i++)
            list[(*count)++] = (smref_reason){(smref_verdict)v, texts->list[i].text, texts->list[i].count};
    }
    if (list)
        qsort(list, *count, sizeof *list, by_frequency);
    return list;
}

void smref_counts_clear(smref_counts *counts)
{
    clear_texts(&counts->groups);
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
        clear_texts(&counts->reasons[v]);
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

static json_t *texts_json(const smref_text_counts *texts)
{
    json_t *out = json_object();

    for (size_t i = 0; i < texts->count; i++)
        json_object_set_new(out, texts->list[i].text, number(texts->list[i].count));
    return out;
}

static json_t *reasons_json(const smref_counts *counts)
{
    json_t *out = json_object();

    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
        if (counts->reasons[v].count)
            json_object_set_new(out, smref_spell_verdict((smref_verdict)v), texts_json(&counts->reasons[v]));
    return out;
}

json_t *smref_counts_json(const smref_counts *counts)
{
    json_t *out = json_object();

    json_object_set_new(out, "cases", number(counts->cases));
    json_object_set_new(out, "seconds", json_real(counts->seconds));
    json_object_set_new(out, "restarts", number(counts->restarts));
    json_object_set_new(out, "steps", number(counts->steps));
    json_object_set_new(out, "kinds", kinds_json(counts));
    json_object_set_new(out, "reasons", reasons_json(counts));
    json_object_set_new(out, "rules", rules_json(counts));
    json_object_set_new(out, "choices", choices_json(counts));
    json_object_set_new(out, "groups", texts_json(&counts->groups));
    json_object_set_new(out, "goals", goals_json(counts));
    return out;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static bool read_verdict(const smref_jdoc *doc, const smref_jnode *node, smref_verdict *out,
                         smref_jerror *error)
{
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++) {
        if (strcmp(smref_spell_verdict((smref_verdict)v), node->key) == 0) {
            *out = (smref_verdict)v;
            return true;
        }
    }
    return smref_jfail(doc, node, error, "no such verdict");
}

static bool read_kind(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out, smref_jerror *error)
{
    smref_kind_counts *kind = kind_of(out, node->key);
    smref_verdict verdict = SMREF_VERDICT_COUNT;
    uint64_t value;

    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        const smref_jnode *child = &node->children[i];
        if (!read_verdict(doc, child, &verdict, error) ||
            !smref_jnumber(doc, child, INT64_MAX, &value, error))
            return false;
        kind->verdicts[verdict] += value;
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

static bool read_reasons_of(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out,
                            smref_jerror *error)
{
    smref_verdict verdict = SMREF_VERDICT_COUNT;
    uint64_t count;

    if (!read_verdict(doc, node, &verdict, error) || !smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        if (!smref_jnumber(doc, &node->children[i], INT64_MAX, &count, error))
            return false;
        smref_counts_reason(out, verdict, node->children[i].key, count);
    }
    return true;
}

/* Older results do not have them. */
static bool read_reasons(const smref_jdoc *doc, const smref_jnode *node, smref_counts *out,
                         smref_jerror *error)
{
    if (!node)
        return true;
    if (!smref_jobject(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++)
        if (!read_reasons_of(doc, &node->children[i], out, error))
            return false;
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
    static const char *const keys[] = {"cases",   "seconds", "restarts", "steps",   "kinds", "rules",
                                       "choices", "groups",  "goals",    "reasons", NULL};
    static const char optional[] = "reasons";

    memset(out, 0, sizeof *out);
    if (!smref_jkeys(doc, node, keys, error))
        return false;
    for (size_t i = 0; keys[i]; i++)
        if (!smref_jget(node, keys[i]) && strcmp(keys[i], optional) != 0)
            return smref_jfail(doc, node, error, "no \"%s\"", keys[i]);
    if (read_numbers(doc, node, out, error) && read_kinds(doc, smref_jget(node, "kinds"), out, error) &&
        read_rules(doc, smref_jget(node, "rules"), out, error) &&
        read_choices(doc, smref_jget(node, "choices"), out, error) &&
        read_groups(doc, smref_jget(node, "groups"), out, error) &&
        read_reasons(doc, smref_jget(node, "reasons"), out, error) &&
        read_goals(doc, smref_jget(node, "goals"), out, error))
        return true;
    smref_counts_clear(out);
    return false;
}
