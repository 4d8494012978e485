/* The shape of what a vector expects: the outcomes of smref-result, a list of them for each step. */
#include <string.h>

#include "command.h"
#include "vectors.h"
#include "vocabulary.h"

struct reader {
    const smref_jdoc *doc;
    smref_jerror *error;
};

static const char *outcome_at(size_t index)
{
    const char *word = index <= SMREF_OUTCOME_STALL ? smref_spell_outcome((smref_outcome)index) : NULL;

    return index == SMREF_OUTCOME_STALL + 1 ? "inconsistent" : word; /* the last one is of identify steps */
}

static const char *loss_at(size_t index)
{
    const char *word = smref_spell_lost((smref_lost)(index + 1));

    return strcmp(word, "?") == 0 ? NULL : word;
}

/* One of the words that `at` yields. */
static bool read_word(const struct reader *r, const smref_jnode *node, const char *(*at)(size_t index))
{
    const char *text, *word;

    if (!smref_jstring(r->doc, node, &text, r->error))
        return false;
    for (size_t i = 0; (word = at(i)) != NULL; i++)
        if (strcmp(word, text) == 0)
            return true;
    return smref_jfail(r->doc, node, r->error, "\"%.40s\" where one of %s, %s, ... is expected", text, at(0),
                       at(1));
}

static bool read_number(const struct reader *r, const smref_jnode *node)
{
    uint64_t value;

    return smref_jnumber(r->doc, node, UINT64_MAX, &value, r->error);
}

static bool read_words(const struct reader *r, const smref_jnode *node)
{
    if (!smref_jarray(r->doc, node, r->error))
        return false;
    if (node->child_count != 4)
        return smref_jfail(r->doc, node, r->error, "%zu words; a record has 4", node->child_count);
    for (size_t i = 0; i < 4; i++)
        if (!read_number(r, &node->children[i]))
            return false;
    return true;
}

static bool read_event(const struct reader *r, const smref_jnode *node)
{
    static const char *const keys[] = {"bank", "name", "words", "ignore", "why", NULL};
    smref_layout layout;
    smref_sec_sid bank;
    const char *name;

    if (!smref_jkeys(r->doc, node, keys, r->error))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!smref_jget(node, keys[i]))
            return smref_jfail(r->doc, node, r->error, "no \"%s\"", keys[i]);
    const smref_jnode *named = smref_jget(node, "name"), *ignore = smref_jget(node, "ignore"),
                      *why = smref_jget(node, "why");
    if (!smref_read_sec_sid(r->doc, smref_jget(node, "bank"), &bank, r->error) ||
        !smref_jstring(r->doc, named, &name, r->error))
        return false;
    if (!smref_layout_find(name, &layout) ||
        smref_layout_at((unsigned)layout)->kind != SMREF_LAYOUT_KIND_EVENT)
        return smref_jfail(r->doc, named, r->error, "no such event: %.60s", name);
    return read_words(r, smref_jget(node, "words")) && (!ignore || read_words(r, ignore)) &&
           (!why || read_word(r, why, loss_at));
}

static bool read_events(const struct reader *r, const smref_jnode *node)
{
    if (!smref_jarray(r->doc, node, r->error))
        return false;
    for (size_t i = 0; i < node->child_count; i++)
        if (!read_event(r, &node->children[i]))
            return false;
    return true;
}

static bool read_rules(const struct reader *r, const smref_jnode *node)
{
    smref_rule rule;
    const char *id;

    if (!smref_jarray(r->doc, node, r->error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        if (!smref_jstring(r->doc, &node->children[i], &id, r->error))
            return false;
        if (!smref_rule_find(id, &rule))
            return smref_no_such_rule(r->doc, &node->children[i], id, r->error);
    }
    return true;
}

static bool read_choices(const struct reader *r, const smref_jnode *node)
{
    smref_choice_set set;

    smref_choices_clear(&set);
    return smref_choices_read(r->doc, node, &set, r->error);
}

static bool read_also(const struct reader *r, const smref_jnode *node)
{
    if (!smref_jarray(r->doc, node, r->error))
        return false;
    for (size_t i = 0; i < node->child_count; i++)
        if (!read_choices(r, &node->children[i]))
            return false;
    return true;
}

static bool read_open(const struct reader *r, const smref_jnode *node)
{
    const char *key;

    if (!smref_jarray(r->doc, node, r->error))
        return false;
    for (size_t i = 0; i < node->child_count; i++)
        if (!smref_jstring(r->doc, &node->children[i], &key, r->error))
            return false;
    return true;
}

static bool read_parts(const struct reader *r, const smref_jnode *node)
{
    static const char *const numbers[] = {"stag", "value",     "value_ignore", "par", "par_ignore",
                                          "pa",   "page_size", "mecid",        NULL};
    const smref_jnode *part;
    smref_attrs attrs = smref_default_attrs();
    smref_pas pas;

    for (size_t i = 0; numbers[i]; i++)
        if ((part = smref_jget(node, numbers[i])) != NULL && !read_number(r, part))
            return false;
    return (!(part = smref_jget(node, "pas")) || smref_read_pas(r->doc, part, &pas, r->error)) &&
           (!(part = smref_jget(node, "attrs")) || smref_read_attrs(r->doc, part, &attrs, r->error)) &&
           (!(part = smref_jget(node, "events")) || read_events(r, part)) &&
           (!(part = smref_jget(node, "lost")) || read_events(r, part)) &&
           (!(part = smref_jget(node, "rules")) || read_rules(r, part)) &&
           (!(part = smref_jget(node, "choices")) || read_choices(r, part)) &&
           (!(part = smref_jget(node, "also")) || read_also(r, part)) &&
           (!(part = smref_jget(node, "open")) || read_open(r, part));
}

static bool read_outcome(const struct reader *r, const smref_jnode *node)
{
    static const char *const keys[] = {"outcome", "stag",   "value", "value_ignore", "par",     "par_ignore",
                                       "hex",     "pa",     "pas",   "page_size",    "attrs",   "priv",
                                       "inst",    "events", "lost",  "writes",       "irqs",    "messages",
                                       "more",    "gerror", "far",   "rules",        "choices", "also",
                                       "open",    "mecid",  NULL};
    static const char *const needed[] = {"outcome", "events", "rules", NULL};

    if (!smref_jkeys(r->doc, node, keys, r->error))
        return false;
    for (size_t i = 0; needed[i]; i++)
        if (!smref_jget(node, needed[i]))
            return smref_jfail(r->doc, node, r->error, "no \"%s\"", needed[i]);
    return read_word(r, smref_jget(node, "outcome"), outcome_at) && read_parts(r, node);
}

bool smref_open_read(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error)
{
    struct reader reader = {doc, error};

    return read_open(&reader, node);
}

bool smref_expect_read(const smref_jdoc *doc, const smref_jnode *node, const smref_stimuli *steps,
                       smref_jerror *error)
{
    struct reader reader = {doc, error};

    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count != steps->count)
        return smref_jfail(doc, node, error, "%zu lists of outcomes for %zu step%s", node->child_count,
                           steps->count, steps->count == 1 ? "" : "s");
    for (size_t i = 0; i < node->child_count; i++) {
        const smref_jnode *list = &node->children[i];
        if (!smref_jarray(doc, list, error))
            return false;
        if (list->child_count == 0)
            return smref_jfail(doc, list, error, "empty; something must be permitted");
        for (size_t k = 0; k < list->child_count; k++)
            if (!read_outcome(&reader, &list->children[k]))
                return false;
    }
    return true;
}
