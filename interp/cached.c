/* Caching policies and what caches hold, as the formats spell them. */
#include "cached.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"
#include "vocabulary.h"

const char *const smref_caching_words[] = {"none", "exact", "any", NULL};

static const char *const kinds[] = {
    "L1STD",        "STE",       "L1CD",     "CD",       "S1_TABLE",  "S1_LEAF",   "S2_TABLE",
    "S2_LEAF",      "S12_TABLE", "S12_LEAF", "GPT_BASE", "GPT_TABLE", "GPT_BLOCK", "GPT_CONTIGUOUS",
    "GPT_GRANULES", NULL};

/* The members of a copy that are numbers, in the order of the format. */
static const struct member {
    const char *key;
    size_t offset, size;
    bool is_signed, is_truth;
} members[] = {
#define SIZE(name) sizeof(((smref_cached *)NULL)->name)
#define MEMBER(name)                                                                                         \
    {                                                                                                        \
#name, offsetof(smref_cached, name), SIZE(name), false, false                                        \
    }
#define TRUTH(name)                                                                                          \
    {                                                                                                        \
#name, offsetof(smref_cached, name), SIZE(name), false, true                                         \
    }
#define LEVEL(name)                                                                                          \
    {                                                                                                        \
#name, offsetof(smref_cached, name), SIZE(name), true, false                                         \
    }
    MEMBER(sid),        MEMBER(ssid),   MEMBER(id_bits),    MEMBER(world),    MEMBER(vmid),
    MEMBER(vmw),        TRUTH(e2h),     MEMBER(asid),       TRUTH(aset),      TRUTH(global),
    MEMBER(half),       TRUTH(tbi),     MEMBER(va),         MEMBER(va_bits),  LEVEL(s1_level),
    MEMBER(s1_granule), MEMBER(ipa),    MEMBER(ipa_bits),   LEVEL(s2_level),  MEMBER(s2_granule),
    MEMBER(shape),      MEMBER(output), MEMBER(descriptor), MEMBER(ap_table), TRUTH(xn_table),
    TRUTH(pxn_table),   TRUTH(ns),      MEMBER(granules),   TRUTH(sif),
#undef SIZE
#undef MEMBER
#undef TRUTH
#undef LEVEL
};
#define MEMBERS (sizeof members / sizeof *members)

static bool read_word(const smref_jdoc *doc, const smref_jnode *node, const char *const *words, int *out,
                      smref_jerror *error)
{
    const char *text;
    char list[160] = "";

    if (!smref_jstring(doc, node, &text, error))
        return false;
    *out = smref_find_word(words, text);
    if (*out >= 0)
        return true;
    for (int i = 0; words[i]; i++) {
        strncat(list, i ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, words[i], sizeof list - strlen(list) - 1);
    }
    return smref_jfail(doc, node, error, "\"%.40s\" where one of %s is expected", text, list);
}

bool smref_caching_read(const smref_jdoc *doc, const smref_jnode *node, smref_caching *out,
                        smref_jerror *error)
{
    int word = 0;

    if (!node)
        return true;
    if (!read_word(doc, node, smref_caching_words, &word, error))
        return false;
    *out = (smref_caching)word;
    return true;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static void put(smref_cached *copy, const struct member *m, uint64_t value)
{
    unsigned char *at = (unsigned char *)copy + m->offset;
    uint8_t one = (uint8_t)value;
    uint16_t two = (uint16_t)value;
    uint32_t four = (uint32_t)value;

    memcpy(at,
           m->size == 1   ? (const void *)&one
           : m->size == 2 ? (const void *)&two
           : m->size == 4 ? (const void *)&four
                          : (const void *)&value,
           m->size);
}

static uint64_t get(const smref_cached *copy, const struct member *m)
{
    const unsigned char *at = (const unsigned char *)copy + m->offset;
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    memcpy(&one, at, 1);
    if (m->size == 1)
        return one;
    memcpy(&two, at, m->size == 2 ? 2 : 1);
    if (m->size == 2)
        return two;
    memcpy(&four, at, 4);
    if (m->size == 4)
        return four;
    memcpy(&eight, at, 8);
    return eight;
}

/* Levels may be -1, and truth values are 0 and 1. */
static bool read_member(const smref_jdoc *doc, const smref_jnode *node, const struct member *m,
                        smref_cached *copy, smref_jerror *error)
{
    uint64_t most = m->is_truth ? 1 : m->size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * m->size) - 1, value;

    if (m->is_signed && json_is_integer(node->value) && json_integer_value(node->value) == -1) {
        put(copy, m, UINT64_MAX);
        return true;
    }
    if (!smref_jnumber(doc, node, m->is_signed ? 3 : most, &value, error))
        return false;
    put(copy, m, value);
    return true;
}

static bool read_words(const smref_jdoc *doc, const smref_jnode *node, smref_cached *copy,
                       smref_jerror *error)
{
    if (!node)
        return true;
    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count > 8)
        return smref_jfail(doc, node, error, "a copy has at most 8 words");
    for (size_t i = 0; i < node->child_count; i++)
        if (!smref_jnumber(doc, &node->children[i], UINT64_MAX, &copy->words[i], error))
            return false;
    return true;
}

static bool read_copy(const smref_jdoc *doc, const smref_jnode *node, smref_cached *copy, smref_jerror *error)
{
    const char *keys[MEMBERS + 4] = {"kind", "sec_sid", "words"};
    const smref_jnode *sec_sid, *child;
    smref_sec_sid state = SMREF_SEC_NS;
    int kind = 0;

    for (size_t i = 0; i < MEMBERS; i++)
        keys[3 + i] = members[i].key;
    if (!smref_jobject(doc, node, error) || !smref_jkeys(doc, node, keys, error))
        return false;
    if (!smref_jget(node, "kind"))
        return smref_jfail(doc, node, error, "no \"kind\"");
    sec_sid = smref_jget(node, "sec_sid");
    if (!read_word(doc, smref_jget(node, "kind"), kinds, &kind, error) ||
        (sec_sid && !smref_read_sec_sid(doc, sec_sid, &state, error)) ||
        !read_words(doc, smref_jget(node, "words"), copy, error))
        return false;
    copy->kind = (uint8_t)kind;
    copy->sec_sid = (uint8_t)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        child = smref_jget(node, members[i].key);
        if (child && !read_member(doc, child, &members[i], copy, error))
            return false;
    }
    return true;
}

bool smref_cached_read(const smref_jdoc *doc, const smref_jnode *node, smref_cached_list *out,
                       smref_jerror *error)
{
    *out = (smref_cached_list){.count = 0};
    if (!node)
        return true;
    if (!smref_jarray(doc, node, error))
        return false;
    out->list = smref_alloc(node->child_count, sizeof *out->list);
    for (size_t i = 0; i < node->child_count; i++) {
        if (!read_copy(doc, &node->children[i], &out->list[i], error)) {
            smref_cached_free(out);
            return false;
        }
    }
    out->count = node->child_count;
    return true;
}

void smref_cached_free(smref_cached_list *cached)
{
    free(cached->list);
    *cached = (smref_cached_list){.count = 0};
}

/* ---- Writing --------------------------------------------------------------------------------------- */

static json_t *copy_json(const smref_cached *copy)
{
    json_t *out = json_object();
    size_t words = 8;

    json_object_set_new(out, "kind", json_string(kinds[copy->kind]));
    if (copy->sec_sid)
        json_object_set_new(out, "sec_sid", json_string(smref_spell_sec_sid((smref_sec_sid)copy->sec_sid)));
    for (size_t i = 0; i < MEMBERS; i++) {
        uint64_t value = get(copy, &members[i]);
        if (value && members[i].is_signed)
            json_object_set_new(out, members[i].key, json_integer((int8_t)value));
        else if (value)
            json_object_set_new(out, members[i].key,
                                members[i].size == 1 ? json_integer((json_int_t)value)
                                                     : smref_hex_json(value));
    }
    while (words && !copy->words[words - 1])
        words--;
    if (words)
        json_object_set_new(out, "words", smref_hex_words(copy->words, words));
    return out;
}

json_t *smref_cached_json(const smref *smmu)
{
    json_t *out = json_array();
    const smref_cached *copy;

    for (unsigned i = 0; (copy = smref_cached_at(smmu, i)) != NULL; i++)
        json_array_append_new(out, copy_json(copy));
    return out;
}
