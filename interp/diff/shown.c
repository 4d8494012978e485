/* What a plugin tells of a step, in the words of smref-result, as a sight. */
#include "shown.h"

#include <string.h>

#include "hex.h"
#include "vocabulary.h"

/* By rising value of SMREF_SHOWS_...; the keys of a result that tell it, or what these have in common. */
static const char *const subjects[] = {"outcome", "pa",  "pas",    "attrs",   "events",
                                       "value",   "hex", "gerror", "effects", "mecid",
                                       "priv",    "par", "far",    "lost",    NULL};

struct reader {
    const smref_jdoc *doc;
    smref_jerror *error;
    unsigned shows;
};

static const char *next_of(void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

bool smref_shows_read(const smref_jdoc *doc, const smref_jnode *node, unsigned *out, smref_jerror *error)
{
    const char *text, *nearest;
    int index;

    *out = 0;
    if (!smref_jarray(doc, node, error))
        return false;
    for (size_t i = 0; i < node->child_count; i++) {
        if (!smref_jstring(doc, &node->children[i], &text, error))
            return false;
        index = smref_find_word(subjects, text);
        nearest = index < 0 ? smref_nearest(text, next_of, (void *)(uintptr_t)subjects) : NULL;
        if (index < 0)
            return smref_jfail(doc, &node->children[i], error, "no part of a result: \"%.40s\"; %s %s", text,
                               nearest ? "nearest:" : "for example", nearest ? nearest : subjects[0]);
        *out |= 1u << index;
    }
    return *out || smref_jfail(doc, node, error, "shows nothing that could be compared");
}

/* A member that must be there when it is shown. False: it is not, or there was an error. */
static const smref_jnode *need(const struct reader *r, const smref_jnode *node, const char *key,
                               unsigned shows)
{
    const smref_jnode *member = smref_jget(node, key);

    if (!member && (r->shows & shows))
        (void)smref_jfail(r->doc, node, r->error, "no \"%s\", which the plugin says that it shows", key);
    return member;
}

static bool read_number(const struct reader *r, const smref_jnode *node, uint64_t max, uint64_t *out)
{
    return !node || smref_jnumber(r->doc, node, max, out, r->error);
}

static bool read_flag(const struct reader *r, const smref_jnode *node, bool *out)
{
    return !node || smref_jbool(r->doc, node, out, r->error);
}

/* ---- Event records --------------------------------------------------------------------------------- */

static bool read_words(const struct reader *r, const smref_jnode *node, uint64_t words[4])
{
    if (!node)
        return true;
    if (!smref_jarray(r->doc, node, r->error))
        return false;
    if (node->child_count != 4)
        return smref_jfail(r->doc, node, r->error, "%zu words; a record has 4", node->child_count);
    for (size_t i = 0; i < 4; i++)
        if (!smref_jnumber(r->doc, &node->children[i], UINT64_MAX, &words[i], r->error))
            return false;
    return true;
}

/* The record itself tells its type, whatever it is called. */
static bool read_event(const struct reader *r, const smref_jnode *node, smref_event *out)
{
    static const char *const keys[] = {"bank", "name", "words", "ignore", "why", "comment", NULL};
    const smref_jnode *words = smref_jget(node, "words"), *bank = smref_jget(node, "bank"),
                      *why = smref_jget(node, "why");

    if (!smref_jobject(r->doc, node, r->error) || !smref_jkeys(r->doc, node, keys, r->error))
        return false;
    if (!words)
        return smref_jfail(r->doc, node, r->error, "no \"words\"");
    if ((bank && !smref_read_sec_sid(r->doc, bank, &out->bank, r->error)) ||
        !read_words(r, words, out->words) || !read_words(r, smref_jget(node, "ignore"), out->unknown) ||
        (why && !smref_read_lost(r->doc, why, &out->lost, r->error)))
        return false;
    out->type = (smref_event_type)(out->words[0] & 0xff);
    return true;
}

/* At most one event comes of a step (7.2); a second one is no result that could be compared. */
static bool read_events(const struct reader *r, const smref_jnode *node, smref_sight *out)
{
    const smref_jnode *const lists[] = {smref_jget(node, "events"),
                                        r->shows & SMREF_SHOWS_LOST ? smref_jget(node, "lost") : NULL};

    for (size_t i = 0; i < 2; i++) {
        if (!lists[i])
            continue;
        if (!smref_jarray(r->doc, lists[i], r->error))
            return false;
        for (size_t n = 0; n < lists[i]->child_count; n++) {
            if (out->event_valid) {
                out->events_more = true;
                continue;
            }
            if (!read_event(r, &lists[i]->children[n], &out->event))
                return false;
            if ((i == 1) != (out->event.lost != SMREF_LOST_NOT))
                return smref_jfail(r->doc, &lists[i]->children[n], r->error,
                                   i ? "no \"why\"" : "\"why\" belongs to \"lost\"");
            out->event_valid = true;
        }
    }
    return true;
}

/* ---- Effects --------------------------------------------------------------------------------------- */

static smref_effect *next_effect(smref_sight *out)
{
    if (out->effect_count < SMREF_SIGHT_EFFECTS)
        return &out->effects[out->effect_count++];
    out->effects_more = true;
    return NULL;
}

/* An MSI. */
static bool read_write(const struct reader *r, const smref_jnode *node, smref_effect *out)
{
    static const char *const keys[] = {"pas", "at", "u32", "mecid", "bank", "source", "attrs", NULL};
    uint64_t value = 0, mecid = 0;

    for (size_t i = 0; i < 7; i++)
        if (i != 3 && !smref_jget(node, keys[i]))
            return smref_jfail(r->doc, node, r->error, "no \"%s\"", keys[i]);
    if (!smref_read_pas(r->doc, smref_jget(node, "pas"), &out->pas, r->error) ||
        !read_number(r, smref_jget(node, "at"), UINT64_MAX, &out->address) ||
        !read_number(r, smref_jget(node, "u32"), UINT32_MAX, &value) ||
        !read_number(r, smref_jget(node, "mecid"), UINT16_MAX, &mecid) ||
        !smref_read_sec_sid(r->doc, smref_jget(node, "bank"), &out->bank, r->error) ||
        !smref_read_source(r->doc, smref_jget(node, "source"), &out->source, r->error) ||
        !smref_read_write_attrs(r->doc, smref_jget(node, "attrs"), &out->attrs, r->error))
        return false;
    out->kind = SMREF_EFFECT_WRITE;
    out->value = (uint32_t)value;
    out->mecid = (uint16_t)mecid;
    return smref_jkeys(r->doc, node, keys, r->error);
}

static bool read_irq(const struct reader *r, const smref_jnode *node, smref_effect *out)
{
    static const char *const keys[] = {"bank", "name", NULL};
    const smref_jnode *bank = smref_jget(node, "bank"), *name = smref_jget(node, "name");
    bool wakes = name && json_is_string(name->value) && strcmp(json_string_value(name->value), "event") == 0;

    if (!name)
        return smref_jfail(r->doc, node, r->error, "no \"name\"");
    if ((bank && !smref_read_sec_sid(r->doc, bank, &out->bank, r->error)) ||
        (!wakes && !smref_read_source(r->doc, name, &out->source, r->error)))
        return false;
    out->kind = wakes ? SMREF_EFFECT_EVENT : SMREF_EFFECT_WIRED; /* one wakes for CMD_SYNC (4.7.3) */
    return smref_jkeys(r->doc, node, keys, r->error);
}

static bool read_message_body(const struct reader *r, const smref_jnode *node, smref_effect *out)
{
    const smref_jnode *response = smref_jget(node, "response");
    uint64_t ssid = 0, log2_size = 0, prg_index = 0;

    if (!read_number(r, smref_jget(node, "ssid"), 0xfffff, &ssid) ||
        !read_number(r, smref_jget(node, "addr"), UINT64_MAX, &out->address) ||
        !read_number(r, smref_jget(node, "log2_size"), 64, &log2_size) ||
        !read_number(r, smref_jget(node, "prg_index"), UINT16_MAX, &prg_index) ||
        !read_flag(r, smref_jget(node, "global"), &out->message.global) ||
        (response && !smref_read_response(r->doc, response, &out->message.response, r->error)))
        return false;
    out->message.ssv = smref_jget(node, "ssid") != NULL;
    out->message.ssid = (uint32_t)ssid;
    out->message.log2_size = (uint8_t)log2_size;
    out->message.prg_index = (uint16_t)prg_index;
    return true;
}

static bool read_message(const struct reader *r, const smref_jnode *node, smref_effect *out)
{
    static const char *const keys[] = {"sec_sid", "name",      "sid",       "ssid",     "global",
                                       "addr",    "log2_size", "prg_index", "response", NULL};
    uint64_t sid = 0;

    for (size_t i = 0; i < 3; i++)
        if (!smref_jget(node, keys[i]))
            return smref_jfail(r->doc, node, r->error, "no \"%s\"", keys[i]);
    if (!smref_jkeys(r->doc, node, keys, r->error) ||
        !smref_read_sec_sid(r->doc, smref_jget(node, "sec_sid"), &out->message.sec_sid, r->error) ||
        !smref_read_message(r->doc, smref_jget(node, "name"), &out->message.kind, r->error) ||
        !read_number(r, smref_jget(node, "sid"), UINT32_MAX, &sid) || !read_message_body(r, node, out))
        return false;
    out->kind = SMREF_EFFECT_MESSAGE;
    out->bank = out->message.sec_sid;
    out->message.sid = (uint32_t)sid;
    return true;
}

static bool read_effects(const struct reader *r, const smref_jnode *node, smref_sight *out)
{
    static const struct {
        const char *key;
        bool (*read)(const struct reader *, const smref_jnode *, smref_effect *);
    } kinds[] = {{"writes", read_write}, {"irqs", read_irq}, {"messages", read_message}};
    bool more = false;

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const smref_jnode *list = smref_jget(node, kinds[k].key);
        if (!list)
            continue;
        if (!smref_jarray(r->doc, list, r->error))
            return false;
        for (size_t i = 0; i < list->child_count; i++) {
            smref_effect effect = {.kind = SMREF_EFFECT_WRITE}, *place = next_effect(out);
            if (!smref_jobject(r->doc, &list->children[i], r->error) ||
                !kinds[k].read(r, &list->children[i], &effect))
                return false;
            if (place)
                *place = effect;
        }
    }
    if (!read_flag(r, smref_jget(node, "more"), &more))
        return false;
    out->effects_more = out->effects_more || more;
    return true;
}

/* ---- All of a step --------------------------------------------------------------------------------- */

/* Where an access that was let through goes, and how. */
static bool read_output(const struct reader *r, const smref_jnode *node, smref_sight *out)
{
    const smref_jnode *pa = need(r, node, "pa", SMREF_SHOWS_PA), *pas = need(r, node, "pas", SMREF_SHOWS_PAS),
                      *attrs = need(r, node, "attrs", SMREF_SHOWS_ATTRS);
    uint64_t mecid = 0;

    if (r->error->text[0] || !read_number(r, pa, UINT64_MAX, &out->pa) ||
        (pas && !smref_read_pas(r->doc, pas, &out->pas, r->error)) ||
        (attrs && !smref_read_attrs(r->doc, attrs, &out->attrs, r->error)) ||
        !read_number(r, smref_jget(node, "mecid"), UINT16_MAX, &mecid) ||
        !read_flag(r, smref_jget(node, "priv"), &out->priv) ||
        !read_flag(r, smref_jget(node, "inst"), &out->inst))
        return false;
    out->mecid = (uint16_t)mecid;
    return true;
}

static bool read_register(const struct reader *r, const smref_jnode *node, const smref_stimulus *step,
                          smref_sight *out)
{
    bool read = step->op == SMREF_OP_MMIO_READ && out->outcome == SMREF_OUTCOME_OK;
    const smref_jnode *value = need(r, node, "value", read ? SMREF_SHOWS_VALUE : 0),
                      *par = smref_jget(node, "par");

    if (!value || out->outcome != SMREF_OUTCOME_OK)
        out->shows &= ~(unsigned)SMREF_SHOWS_VALUE;
    out->par_valid = par != NULL;
    return !r->error->text[0] && read_number(r, value, UINT64_MAX, &out->value) &&
           read_number(r, smref_jget(node, "value_ignore"), UINT64_MAX, &out->value_open) &&
           read_number(r, par, UINT64_MAX, &out->par) &&
           read_number(r, smref_jget(node, "par_ignore"), UINT64_MAX, &out->par_open);
}

static bool read_loaded(const struct reader *r, const smref_jnode *node, const smref_stimulus *step,
                        smref_sight *out)
{
    const smref_jnode *hex = need(r, node, "hex", SMREF_SHOWS_LOADED);
    uint8_t bytes[SMREF_CASE_LOAD] = {0};
    const char *text;
    size_t bad;

    if (!hex)
        return !r->error->text[0];
    if (!smref_jstring(r->doc, hex, &text, r->error))
        return false;
    if (strlen(text) != 2 * step->size || step->size > sizeof bytes)
        return smref_jfail(r->doc, hex, r->error, "%zu digits; %zu bytes were loaded", strlen(text),
                           step->size);
    if (!smref_hex_bytes(text, bytes, &bad))
        return smref_jfail(r->doc, hex, r->error, "no hexadecimal digit at position %zu", bad);
    smref_bytes_to_words(bytes, SMREF_CASE_LOAD / 8, out->loaded);
    return true;
}

/* What SMMU_GERROR holds stays until a step says that it changed. */
static bool read_errors(const struct reader *r, const smref_jnode *node, smref_shown_state *state,
                        smref_sight *out)
{
    static const char *const banks[] = {"ns", "secure", "realm", NULL}, *const fars[] = {"gpf", "gpt_cfg",
                                                                                         NULL};
    const smref_jnode *gerror = smref_jget(node, "gerror"), *far = smref_jget(node, "far"), *member;
    uint64_t value = 0;

    if (gerror && (!smref_jobject(r->doc, gerror, r->error) || !smref_jkeys(r->doc, gerror, banks, r->error)))
        return false;
    for (unsigned bank = 0; gerror && bank < SMREF_BANKS; bank++) {
        member = smref_jget(gerror, banks[bank]);
        if (member && !smref_jnumber(r->doc, member, UINT32_MAX, &value, r->error))
            return false;
        if (member)
            state->gerror[bank] = (uint32_t)value;
    }
    memcpy(out->gerror, state->gerror, sizeof out->gerror);
    return !far || (smref_jobject(r->doc, far, r->error) && smref_jkeys(r->doc, far, fars, r->error) &&
                    read_number(r, smref_jget(far, "gpf"), UINT64_MAX, &out->gpf_far) &&
                    read_number(r, smref_jget(far, "gpt_cfg"), UINT64_MAX, &out->gpt_cfg_far));
}

/* Which parts mean anything by the kind of the step. */
static unsigned shown_of(smref_op op, unsigned shows)
{
    const unsigned beside =
        SMREF_SHOWS_EVENT | SMREF_SHOWS_LOST | SMREF_SHOWS_GERROR | SMREF_SHOWS_EFFECTS | SMREF_SHOWS_FAR;

    switch (op) {
    case SMREF_OP_ACCESS:
        return shows & ~(unsigned)(SMREF_SHOWS_VALUE | SMREF_SHOWS_LOADED | SMREF_SHOWS_PAR);
    case SMREF_OP_MMIO_READ:
    case SMREF_OP_MMIO_WRITE:
        return shows & (beside | SMREF_SHOWS_OUTCOME | SMREF_SHOWS_VALUE | SMREF_SHOWS_PAR);
    case SMREF_OP_LOAD:
        return shows & SMREF_SHOWS_LOADED;
    case SMREF_OP_RESET:
        return shows & SMREF_SHOWS_GERROR;
    case SMREF_OP_STORE:
    case SMREF_OP_IDENTIFY:
        break;
    }
    return 0;
}

bool smref_shown_read(const smref_jdoc *doc, const smref_jnode *node, const smref_stimulus *step,
                      unsigned shows, smref_shown_state *state, smref_sight *out, smref_jerror *error)
{
    static const char *const keys[] = {"step",  "op",        "outcome",      "stag",     "pa",   "pas",
                                       "mecid", "page_size", "attrs",        "priv",     "inst", "events",
                                       "lost",  "writes",    "irqs",         "messages", "more", "gerror",
                                       "far",   "value",     "value_ignore", "ignored",  "par",  "par_ignore",
                                       "hex",   "rules",     "comment",      NULL};
    struct reader r = {doc, error, shown_of(step->op, shows)};
    bool answered = step->op == SMREF_OP_ACCESS || step->op == SMREF_OP_MMIO_READ;

    memset(out, 0, sizeof *out);
    out->shows = r.shows;
    if (step->op == SMREF_OP_RESET)
        *state = (smref_shown_state){{0}};
    if (!smref_jobject(doc, node, error) || !smref_jkeys(doc, node, keys, error))
        return false;
    const smref_jnode *outcome = need(&r, node, "outcome", answered ? SMREF_SHOWS_OUTCOME : 0);
    if (error->text[0] || (outcome && !smref_read_outcome(doc, outcome, &out->outcome, error)) ||
        !read_events(&r, node, out) || !read_effects(&r, node, out) || !read_errors(&r, node, state, out))
        return false;
    if (step->op == SMREF_OP_ACCESS)
        return out->outcome != SMREF_OUTCOME_OK || read_output(&r, node, out);
    if (step->op == SMREF_OP_LOAD)
        return read_loaded(&r, node, step, out);
    return read_register(&r, node, step, out);
}
