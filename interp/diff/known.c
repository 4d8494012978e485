/* Known findings. */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "known.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "envelope.h"

struct pattern {
    pcre2_code *code; /* NULL: matches anything */
    pcre2_match_data *match;
};

struct smref_known {
    smref_jdoc doc;
    smref_known_entry *entries;
    struct pattern *groups, *targets; /* one an entry */
    size_t count;
};

static const char *const classes[] = {[SMREF_KNOWN_DEPARTS] = "departs",
                                      [SMREF_KNOWN_PERMITTED] = "permitted",
                                      [SMREF_KNOWN_NOT_COMPARED] = "not compared"};

const char *smref_spell_known_class(smref_known_class class_of)
{
    return classes[class_of];
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static bool compile(const smref_jdoc *doc, const smref_jnode *node, const char *text, struct pattern *out,
                    smref_jerror *error)
{
    PCRE2_UCHAR why[128];
    PCRE2_SIZE at;
    int number;

    out->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &number, &at, NULL);
    if (out->code) {
        out->match = pcre2_match_data_create_from_pattern(out->code, NULL);
        return true;
    }
    pcre2_get_error_message(number, why, sizeof why);
    return smref_jfail(doc, node, error, "%s at character %zu of the pattern", (const char *)why, at + 1);
}

static bool read_class(const smref_jdoc *doc, const smref_jnode *node, smref_known_class *out,
                       smref_jerror *error)
{
    const char *text;

    if (!smref_jstring(doc, node, &text, error))
        return false;
    for (unsigned i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strcmp(classes[i], text) == 0) {
            *out = (smref_known_class)i;
            return true;
        }
    }
    return smref_jfail(doc, node, error,
                       "\"%.40s\": there are \"departs\", \"permitted\" and \"not compared\"", text);
}

static bool read_entry(const smref_jdoc *doc, const smref_jnode *node, smref_known_entry *entry,
                       struct pattern *group, struct pattern *target, smref_jerror *error)
{
    static const char *const keys[] = {"pattern", "target", "class", "reason", "section", "avoid", NULL};
    static const char *const needed[] = {"pattern", "class", "reason", NULL};
    const smref_jnode *avoid = smref_jget(node, "avoid");

    if (!smref_jkeys(doc, node, keys, error))
        return false;
    for (size_t i = 0; needed[i]; i++)
        if (!smref_jget(node, needed[i]))
            return smref_jfail(doc, node, error, "no \"%s\"", needed[i]);
    entry->line = node->line;
    if (avoid && !(entry->avoid = smref_avoid_read(doc, avoid, error)))
        return false;
    return smref_read_text(doc, node, "pattern", &entry->pattern, error) &&
           smref_read_text(doc, node, "target", &entry->target, error) &&
           smref_read_text(doc, node, "reason", &entry->reason, error) &&
           smref_read_text(doc, node, "section", &entry->section, error) &&
           read_class(doc, smref_jget(node, "class"), &entry->class_of, error) &&
           compile(doc, smref_jget(node, "pattern"), entry->pattern, group, error) &&
           (!entry->target || compile(doc, smref_jget(node, "target"), entry->target, target, error));
}

static bool read_file(smref_known *known, smref_jerror *error)
{
    static const char *const keys[] = {"format", "version", "description", "known", NULL};
    const smref_jdoc *doc = &known->doc;
    const smref_jnode *root = &doc->root, *list = smref_jget(root, "known");

    if (!smref_read_format(doc, root, "smref-known", false, error) || !smref_jkeys(doc, root, keys, error) ||
        !smref_read_text(doc, root, "description", NULL, error))
        return false;
    if (!list)
        return smref_jfail(doc, root, error, "no \"known\"");
    if (!smref_jarray(doc, list, error))
        return false;
    known->count = list->child_count;
    known->entries = smref_alloc(known->count + 1, sizeof *known->entries);
    known->groups = smref_alloc(known->count + 1, sizeof *known->groups);
    known->targets = smref_alloc(known->count + 1, sizeof *known->targets);
    for (size_t i = 0; i < known->count; i++)
        if (!read_entry(doc, &list->children[i], &known->entries[i], &known->groups[i], &known->targets[i],
                        error))
            return false;
    return true;
}

smref_known *smref_known_load(const char *path, smref_jerror *error)
{
    smref_known *known = smref_alloc(1, sizeof *known);

    if (!smref_jdoc_load(&known->doc, path, error)) {
        free(known);
        return NULL;
    }
    if (read_file(known, error))
        return known;
    smref_known_free(known);
    return NULL;
}

static void free_patterns(struct pattern *list, size_t count)
{
    for (size_t i = 0; list && i < count; i++) {
        pcre2_match_data_free(list[i].match);
        pcre2_code_free(list[i].code);
    }
    free(list);
}

void smref_known_free(smref_known *known)
{
    if (!known)
        return;
    free_patterns(known->groups, known->count);
    free_patterns(known->targets, known->count);
    for (size_t i = 0; known->entries && i < known->count; i++)
        smref_avoid_free(known->entries[i].avoid);
    free(known->entries);
    smref_jdoc_close(&known->doc);
    free(known);
}

/* ---- Matching -------------------------------------------------------------------------------------- */

static bool matches(const struct pattern *pattern, const char *text)
{
    return !pattern->code ||
           pcre2_match(pattern->code, (PCRE2_SPTR)text, strlen(text), 0, 0, pattern->match, NULL) >= 0;
}

bool smref_known_concerns(const smref_known *known, const smref_known_entry *entry, const char *target)
{
    return matches(&known->targets[entry - known->entries], target);
}

const smref_known_entry *smref_known_match(smref_known *known, const char *target, const char *group)
{
    for (size_t i = 0; known && i < known->count; i++) {
        if (matches(&known->groups[i], group) && matches(&known->targets[i], target)) {
            known->entries[i].matched++;
            return &known->entries[i];
        }
    }
    return NULL;
}

bool smref_known_avoids(const smref_known *known, const char *target, const smref_case *c,
                        const smref_prediction *predicted)
{
    for (size_t i = 0; known && i < known->count; i++)
        if (known->entries[i].avoid && matches(&known->targets[i], target) &&
            smref_avoid_meets(known->entries[i].avoid, c, predicted))
            return true;
    return false;
}

const smref_known_entry *smref_known_at(const smref_known *known, size_t index)
{
    return known && index < known->count ? &known->entries[index] : NULL;
}
