/* The words of the formats, in both directions. */
#include "vocabulary.h"

#include <stdio.h>
#include <string.h>

#include "command.h"

static const char *const sec_sids[] = {"ns", "secure", "realm", NULL};
static const char *const spaces[] = {"ns", "secure", "realm", "root", NULL};
static const char *const accesses[] = {"read", "write", "atomic", NULL};
static const char *const outcomes[] = {"ok", "abort", "raz_wi", "stall", NULL};
static const char *const losses[] = {"", "disabled", "full", "error", "aborted", "inconsistent", NULL};
static const char *const sources[] = {"cmd_sync", "eventq", "gerror", "gpf_far", "gpt_cfg_far", NULL};
static const char *const types[] = {"normal",       "device-GRE",    "device-nGRE",
                                    "device-nGnRE", "device-nGnRnE", NULL};
static const char *const domains[] = {"nsh", "ish", "osh", NULL};
static const char *const states[] = {"active", "RES0", "RES1", "IGNORED", "UNKNOWN", "IMPDEF", NULL};
static const char *const messages[] = {"atc_inv", "pri_resp", NULL};
static const char *const responses[] = {"failure", "invalid", "success", NULL};
static const char *const caches[] = {"wb", "wt", "nc", NULL};

/* ---- Spelling -------------------------------------------------------------------------------------- */

static const char *word_at(const char *const *words, unsigned index)
{
    unsigned i;

    for (i = 0; words[i]; i++)
        if (i == index)
            return words[i];
    return "?";
}

const char *smref_spell_sec_sid(smref_sec_sid sec_sid)
{
    return word_at(sec_sids, (unsigned)sec_sid);
}

const char *smref_spell_pas(smref_pas pas)
{
    return word_at(spaces, (unsigned)pas);
}

const char *smref_spell_access(smref_access_type type)
{
    return word_at(accesses, (unsigned)type);
}

const char *smref_spell_outcome(smref_outcome outcome)
{
    return word_at(outcomes, (unsigned)outcome);
}

const char *smref_spell_lost(smref_lost lost)
{
    return word_at(losses, (unsigned)lost);
}

const char *smref_spell_source(smref_source source)
{
    return word_at(sources, (unsigned)source);
}

const char *smref_spell_message(smref_message_kind kind)
{
    return word_at(messages, (unsigned)kind);
}

const char *smref_spell_response(uint8_t response)
{
    return word_at(responses, response);
}

const char *smref_spell_type(uint8_t type)
{
    return word_at(types, type);
}

const char *smref_spell_sh(uint8_t sh)
{
    return word_at(domains, sh);
}

const char *smref_spell_state(smref_field_state state)
{
    return word_at(states, (unsigned)state);
}

const char *smref_spell_event(smref_event_type type)
{
    const smref_layout_info *layout;
    unsigned i;

    for (i = 0; (layout = smref_layout_at(i)) != NULL; i++)
        if (layout->kind == SMREF_LAYOUT_KIND_EVENT && layout->number == (unsigned)type)
            return layout->name;
    return "UNKNOWN";
}

const char *smref_spell_cache(const smref_cache_attr *attr, char out[SMREF_CACHE_ROOM])
{
    if (attr->cacheability == SMREF_NC) {
        snprintf(out, SMREF_CACHE_ROOM, "nc");
    } else {
        snprintf(out, SMREF_CACHE_ROOM, "%s-%s-%s-%s", word_at(caches, attr->cacheability),
                 attr->read_allocate ? "ra" : "nra", attr->write_allocate ? "wa" : "nwa",
                 attr->transient ? "tr" : "nt");
    }
    return out;
}

const char *smref_spell_arch(unsigned arch, char out[4])
{
    out[0] = '3';
    out[1] = '.';
    out[2] = (char)('0' + arch % 16 % 10);
    out[3] = '\0';
    return out;
}

json_t *smref_attrs_json(const smref_attrs *attrs)
{
    json_t *object = json_object();
    char text[SMREF_CACHE_ROOM];

    json_object_set_new(object, "type", json_string(smref_spell_type(attrs->type)));
    if (attrs->type == SMREF_MT_NORMAL) {
        json_object_set_new(object, "inner", json_string(smref_spell_cache(&attrs->inner, text)));
        json_object_set_new(object, "outer", json_string(smref_spell_cache(&attrs->outer, text)));
    }
    json_object_set_new(object, "sh", json_string(smref_spell_sh(attrs->sh)));
    return object;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

int smref_find_word(const char *const *words, const char *word)
{
    int i;

    for (i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static const char *next_word(void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

/* One word of a list; the message names the nearest, or all of them. */
static bool read_word(const smref_jdoc *doc, const smref_jnode *node, const char *what,
                      const char *const *words, unsigned *out, smref_jerror *error)
{
    const char *text, *nearest;
    char list[128] = "";
    int index, i;

    if (!smref_jstring(doc, node, &text, error))
        return false;
    index = smref_find_word(words, text);
    if (index >= 0) {
        *out = (unsigned)index;
        return true;
    }
    nearest = smref_nearest(text, next_word, (void *)(uintptr_t)words);
    if (nearest)
        return smref_jfail(doc, node, error, "no %s \"%.40s\"; nearest: %s", what, text, nearest);
    for (i = 0; words[i]; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", words[i]);
    }
    return smref_jfail(doc, node, error, "no %s \"%.40s\"; there are: %s", what, text, list);
}

bool smref_read_sec_sid(const smref_jdoc *doc, const smref_jnode *node, smref_sec_sid *out,
                        smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "Security state", sec_sids, &index, error))
        return false;
    *out = (smref_sec_sid)index;
    return true;
}

bool smref_read_pas(const smref_jdoc *doc, const smref_jnode *node, smref_pas *out, smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "physical address space", spaces, &index, error))
        return false;
    *out = (smref_pas)index;
    return true;
}

bool smref_read_access(const smref_jdoc *doc, const smref_jnode *node, smref_access_type *out,
                       smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "kind of access", accesses, &index, error))
        return false;
    *out = (smref_access_type)index;
    return true;
}

bool smref_read_outcome(const smref_jdoc *doc, const smref_jnode *node, smref_outcome *out,
                        smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "outcome", outcomes, &index, error))
        return false;
    *out = (smref_outcome)index;
    return true;
}

bool smref_read_lost(const smref_jdoc *doc, const smref_jnode *node, smref_lost *out, smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "reason", losses + 1, &index, error))
        return false;
    *out = (smref_lost)(index + 1);
    return true;
}

bool smref_read_source(const smref_jdoc *doc, const smref_jnode *node, smref_source *out, smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "source of an interrupt", sources, &index, error))
        return false;
    *out = (smref_source)index;
    return true;
}

bool smref_read_message(const smref_jdoc *doc, const smref_jnode *node, smref_message_kind *out,
                        smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "message", messages, &index, error))
        return false;
    *out = (smref_message_kind)index;
    return true;
}

bool smref_read_response(const smref_jdoc *doc, const smref_jnode *node, uint8_t *out, smref_jerror *error)
{
    unsigned index;

    if (!read_word(doc, node, "response", responses, &index, error))
        return false;
    *out = (uint8_t)index;
    return true;
}

/* "wb-ra-nwa-nt" as four words, or "nc". */
static bool parse_cache(const char *text, smref_cache_attr *out)
{
    static const char *const reads[] = {"nra", "ra", NULL}, *const writes[] = {"nwa", "wa", NULL},
                             *const transients[] = {"nt", "tr", NULL};
    char copy[SMREF_CACHE_ROOM], *part[4] = {copy, NULL, NULL, NULL};
    int word[4], i;

    if (strcmp(text, "nc") == 0) {
        *out = (smref_cache_attr){.cacheability = SMREF_NC};
        return true;
    }
    if (strlen(text) >= sizeof copy)
        return false;
    memcpy(copy, text, strlen(text) + 1);
    for (i = 1; i < 4; i++) {
        part[i] = strchr(part[i - 1], '-');
        if (!part[i])
            return false;
        *part[i]++ = '\0';
    }
    word[0] = smref_find_word(caches, part[0]);
    word[1] = smref_find_word(reads, part[1]);
    word[2] = smref_find_word(writes, part[2]);
    word[3] = smref_find_word(transients, part[3]);
    if (word[0] < 0 || word[0] == SMREF_NC || word[1] < 0 || word[2] < 0 || word[3] < 0)
        return false;
    *out = (smref_cache_attr){(uint8_t)word[0], word[1] != 0, word[2] != 0, word[3] != 0};
    return true;
}

static bool read_cache(const smref_jdoc *doc, const smref_jnode *node, smref_cache_attr *out,
                       smref_jerror *error)
{
    const char *text;

    return smref_jstring(doc, node, &text, error) &&
           (parse_cache(text, out) ||
            smref_jfail(doc, node, error,
                        "no cacheability \"%.40s\"; write wb-ra-wa-nt, wt-nra-wa-tr, ... or nc", text));
}

/* Device memory has neither cacheability nor any shareability but the outer one (13.1.7). */
static bool check_device(const smref_jdoc *doc, const smref_jnode *node, smref_attrs *attrs,
                         smref_jerror *error)
{
    const smref_jnode *inner = smref_jget(node, "inner"), *outer = smref_jget(node, "outer"),
                      *sh = smref_jget(node, "sh");

    if (inner || outer)
        return smref_jfail(doc, inner ? inner : outer, error, "Device memory has no cacheability");
    if (sh && attrs->sh != SMREF_OSH)
        return smref_jfail(doc, sh, error, "Device memory is Outer Shareable: osh");
    attrs->inner = attrs->outer = (smref_cache_attr){.cacheability = SMREF_NC};
    attrs->sh = SMREF_OSH;
    return true;
}

bool smref_read_attrs(const smref_jdoc *doc, const smref_jnode *node, smref_attrs *out, smref_jerror *error)
{
    static const char *const keys[] = {"type", "inner", "outer", "sh", NULL};
    const smref_jnode *child;
    unsigned type = out->type, sh = out->sh;

    if (!smref_jkeys(doc, node, keys, error))
        return false;
    if ((child = smref_jget(node, "type")) != NULL &&
        !read_word(doc, child, "memory type", types, &type, error))
        return false;
    if ((child = smref_jget(node, "sh")) != NULL &&
        !read_word(doc, child, "shareability", domains, &sh, error))
        return false;
    if ((child = smref_jget(node, "inner")) != NULL && !read_cache(doc, child, &out->inner, error))
        return false;
    if ((child = smref_jget(node, "outer")) != NULL && !read_cache(doc, child, &out->outer, error))
        return false;
    out->type = (uint8_t)type;
    out->sh = (uint8_t)sh;
    return type == SMREF_MT_NORMAL || check_device(doc, node, out, error);
}

/* What is behind the first word are hints. */
static bool read_cacheability(const smref_jdoc *doc, const smref_jnode *node, smref_cache_attr *out,
                              smref_jerror *error)
{
    const char *text = "nc";

    if (node && !smref_jstring(doc, node, &text, error))
        return false;
    for (unsigned i = 0; caches[i]; i++) {
        if (strncmp(text, caches[i], 2) == 0 && (text[2] == '\0' || text[2] == '-')) {
            *out = (smref_cache_attr){.cacheability = (uint8_t)i};
            return true;
        }
    }
    return smref_jfail(doc, node, error, "no cacheability \"%.40s\"; write wb, wt or nc", text);
}

bool smref_read_write_attrs(const smref_jdoc *doc, const smref_jnode *node, smref_attrs *out,
                            smref_jerror *error)
{
    static const char *const keys[] = {"type", "inner", "outer", "sh", NULL};
    const smref_jnode *type = smref_jget(node, "type"), *sh = smref_jget(node, "sh");
    unsigned index = SMREF_MT_NORMAL, domain = SMREF_OSH;

    if (!smref_jobject(doc, node, error) || !smref_jkeys(doc, node, keys, error) ||
        (type && !read_word(doc, type, "memory type", types, &index, error)) ||
        (sh && !read_word(doc, sh, "shareability", domains, &domain, error)) ||
        !read_cacheability(doc, smref_jget(node, "inner"), &out->inner, error) ||
        !read_cacheability(doc, smref_jget(node, "outer"), &out->outer, error))
        return false;
    out->type = (uint8_t)index;
    out->sh = (uint8_t)domain;
    return true;
}

bool smref_read_arch(const smref_jdoc *doc, const smref_jnode *node, unsigned *out, smref_jerror *error)
{
    const char *text;

    if (!smref_jstring(doc, node, &text, error))
        return false;
    if (strlen(text) != 3 || text[0] != '3' || text[1] != '.' || text[2] < '0' || text[2] > '4') {
        return smref_jfail(doc, node, error, "no version \"%.40s\" of the architecture; there are 3.0 to 3.4",
                           text);
    }
    *out = 0x30 + (unsigned)(text[2] - '0');
    return true;
}
