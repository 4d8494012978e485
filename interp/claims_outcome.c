/* A claim as an outcome. */
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "command.h"
#include "fields.h"
#include "hex.h"
#include "vocabulary.h"

struct claim {
    const smref_jdoc *doc;
    const smref_jnode *node;
    const smref_jnode *usual; /* what the group says of all such outcomes; NULL */
    smref_jerror *error;
};

/* What a claim says itself goes before what its group says. */
static const smref_jnode *part(const struct claim *c, const char *key)
{
    const smref_jnode *own = smref_jget(c->node, key);

    return own || !c->usual ? own : smref_jget(c->usual, key);
}

/* ---- The record ------------------------------------------------------------------------------------ */

static const char *next_event(void *context, size_t index)
{
    const smref_layout_info *info;

    (void)context;
    for (unsigned i = 0; (info = smref_layout_at(i)) != NULL; i++)
        if (info->kind == SMREF_LAYOUT_KIND_EVENT && index-- == 0)
            return info->name;
    return NULL;
}

static const smref_layout_info *event_layout(const struct claim *c, const smref_jnode *node)
{
    const char *name;
    smref_layout layout;

    if (!smref_jstring(c->doc, node, &name, c->error))
        return NULL;
    if (smref_layout_find(name, &layout)) {
        const smref_layout_info *info = smref_layout_at((unsigned)layout);
        if (info->kind == SMREF_LAYOUT_KIND_EVENT)
            return info;
    }
    const char *nearest = smref_nearest(name, next_event, NULL);
    smref_jfail(c->doc, node, c->error, "no such event: %.60s%s%s", name, nearest ? "; nearest: " : "",
                nearest ? nearest : "");
    return NULL;
}

static bool is_unknown(const smref_jnode *node)
{
    return json_is_string(node->value) && strcmp(json_string_value(node->value), "UNKNOWN") == 0;
}

/* What a claim says of the words of a record. */
struct words {
    uint64_t value[4], known[4], open[4]; /* `known`, `open`: bits of fields that are claimed, or UNKNOWN */
};

static void mark(const smref_field_info *field, uint64_t *bits)
{
    unsigned count = field && field->array_count ? field->array_count : 1;

    for (unsigned i = 0; field && i < count; i++)
        smref_field_set(field, bits, i, smref_field_largest(field));
}

static bool encode(const struct claim *c, const smref_jnode *fields, const smref_layout_info *layout,
                   struct words *out)
{
    smref_jnode known = *fields;

    if (!smref_jobject(c->doc, fields, c->error))
        return false;
    known.children = smref_alloc(fields->child_count, sizeof *known.children);
    known.child_count = 0;
    for (size_t i = 0; i < fields->child_count; i++) {
        const smref_jnode *child = &fields->children[i];
        const smref_field_info *field = smref_field_named(layout, child->key);
        bool open = field && is_unknown(child);
        mark(field, open ? out->open : out->known);
        if (!open)
            known.children[known.child_count++] = *child;
    }
    bool good = smref_fields_encode(c->doc, &known, layout, out->value, c->error);
    free(known.children);
    return good;
}

/* Bits of fields that are otherwise known: masks of what a field holds. */
static bool open_bits(const struct claim *c, const smref_jnode *masks, const smref_layout_info *layout,
                      struct words *words)
{
    uint64_t bits[4] = {0};

    if (masks && !smref_fields_encode(c->doc, masks, layout, bits, c->error))
        return false;
    for (size_t i = 0; i < 4; i++) {
        words->open[i] |= bits[i];
        words->known[i] &= ~bits[i];
        words->value[i] &= ~bits[i];
    }
    return true;
}

/* "known" and "ignore" stay between claims: smref_claim_beside turns them into what is compared. */
static json_t *record(const struct claim *c, const smref_jnode *event, const smref_stimulus *stimulus)
{
    const smref_jnode *fields = part(c, "fields"), *bank = part(c, "bank"), *lost = part(c, "lost");
    const smref_layout_info *layout = event_layout(c, event);
    smref_sec_sid sec_sid = stimulus->access.sec_sid;
    struct words words = {.value = {0}};
    const char *why = NULL;

    if (!layout || (bank && !smref_read_sec_sid(c->doc, bank, &sec_sid, c->error)) ||
        (lost && !smref_jstring(c->doc, lost, &why, c->error)))
        return NULL;
    words.value[0] = layout->number;
    if ((fields && !encode(c, fields, layout, &words)) || !open_bits(c, part(c, "unknown"), layout, &words))
        return NULL;
    json_t *out = json_object();
    json_object_set_new(out, "bank", json_string(smref_spell_sec_sid(sec_sid)));
    json_object_set_new(out, "name", json_string(layout->name));
    json_object_set_new(out, "words", smref_hex_words(words.value, 4));
    json_object_set_new(out, "known", smref_hex_words(words.known, 4));
    json_object_set_new(out, "ignore", smref_hex_words(words.open, 4));
    if (why)
        json_object_set_new(out, "why", json_string(why));
    return out;
}

static bool set_record(const struct claim *c, const smref_stimulus *stimulus, json_t *outcome)
{
    static const char *const company[] = {"fields", "unknown", "bank", "lost", NULL};
    const smref_jnode *event = part(c, "event");
    json_t *events = json_array(), *lost = json_array();

    json_object_set_new(outcome, "events", events);
    for (size_t i = 0; !event && company[i]; i++) {
        const smref_jnode *alone = part(c, company[i]);
        if (alone) {
            json_decref(lost);
            return smref_jfail(c->doc, alone, c->error, "of which \"event\"?");
        }
    }
    json_t *made = event ? record(c, event, stimulus) : NULL;
    if (made)
        json_array_append_new(part(c, "lost") ? lost : events, made);
    if (json_array_size(lost))
        json_object_set(outcome, "lost", lost);
    json_decref(lost);
    return !event || made;
}

/* ---- The rest -------------------------------------------------------------------------------------- */

/* Results say nothing of a privilege or a page size that is not there. */
static bool says_nothing(const char *key, const json_t *value)
{
    return json_is_false(value) ||
           (strcmp(key, "page_size") == 0 && json_is_integer(value) && json_integer_value(value) == 0);
}

static void set_values(const struct claim *c, json_t *outcome)
{
    static const char *const keys[] = {
        "stag", "value", "value_ignore", "par",  "par_ignore", "hex",  "pa",     "pas", "page_size", "attrs",
        "priv", "inst",  "writes",       "irqs", "messages",   "more", "gerror", "far", "mecid",     NULL};

    for (size_t i = 0; keys[i]; i++) {
        const smref_jnode *node = part(c, keys[i]);
        if (node && !says_nothing(keys[i], node->value))
            json_object_set(outcome, keys[i], node->value);
    }
}

static const json_t *open_keys(const smref_recipe_group *group)
{
    return group->open ? group->open->value : NULL;
}

json_t *smref_claim_outcome(const smref_jdoc *doc, const smref_recipe_group *group, const smref_jnode *claim,
                            const smref_stimulus *stimulus, smref_jerror *error)
{
    struct claim c = {doc, claim, NULL, error};
    const smref_jnode *word = smref_jget(claim, "outcome");
    const char *text;

    if (!word) {
        smref_jfail(doc, claim, error, "no \"outcome\"");
        return NULL;
    }
    if (!smref_jstring(doc, word, &text, error))
        return NULL;
    if (group->claims && stimulus->op == SMREF_OP_ACCESS)
        c.usual = smref_jget(group->claims, text);
    json_t *outcome = json_object(), *open = json_pack("[s, s, s]", "rules", "choices", "also");
    json_array_extend(open, (json_t *)(uintptr_t)open_keys(group));
    json_object_set_new(outcome, "outcome", json_string(text));
    json_object_set_new(outcome, "open", open);
    set_values(&c, outcome);
    if (set_record(&c, stimulus, outcome))
        return outcome;
    json_decref(outcome);
    return NULL;
}

/* ---- Beside what the model says -------------------------------------------------------------------- */

static uint64_t word_of(const json_t *record, const char *key, size_t index)
{
    const char *text = json_string_value(json_array_get(json_object_get(record, key), index));
    uint64_t value;

    return text && smref_parse_number(text, UINT64_MAX, &value) ? value : 0;
}

/* The open bits are those of the model, unless the claim gives one of them a value, or calls another open. */
static void settle(json_t *claimed, const json_t *record)
{
    uint64_t ignore[4], any = 0;

    for (size_t i = 0; i < 4; i++) {
        ignore[i] =
            (word_of(record, "ignore", i) & ~word_of(claimed, "known", i)) | word_of(claimed, "ignore", i);
        any |= ignore[i];
    }
    json_object_del(claimed, "known");
    json_object_del(claimed, "ignore");
    if (any)
        json_object_set_new(claimed, "ignore", smref_hex_words(ignore, 4));
}

json_t *smref_claim_beside(const json_t *claimed, const json_t *got)
{
    static const char *const keys[] = {"events", "lost"};
    json_t *out = json_deep_copy(claimed);

    for (size_t k = 0; k < 2; k++) {
        json_t *records = json_object_get(out, keys[k]);
        for (size_t i = 0; i < json_array_size(records); i++)
            settle(json_array_get(records, i), json_array_get(json_object_get(got, keys[k]), i));
    }
    return out;
}
