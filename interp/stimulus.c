/* One step of a snapshot or a vector: what is done to the SMMU. */
#include "stimulus.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "envelope.h"
#include "registers.h"
#include "vocabulary.h"

#define MAX_ACCESS 4096u
#define MAX_LOAD 0x100000u
#define MAX_SSID 0xfffffu

static const char *const ops[] = {"access",    "store",      "load",  "identify",
                                  "mmio_read", "mmio_write", "reset", NULL};

/* Ops that the formats name and this version lacks. */
static const char *const later_ops[] = {"ats_request", "page_request", NULL};

const char *smref_spell_op(smref_op op)
{
    return ops[op];
}

smref_stimulus smref_stimulus_access(void)
{
    smref_stimulus stimulus = {.op = SMREF_OP_ACCESS, .named.reg = SMREF_REG_COUNT};

    stimulus.access.size = 1;
    return stimulus;
}

const char *smref_access_refused(const smref_access *access)
{
    if (access->size == 0 || access->size > MAX_ACCESS)
        return "an access has 1 to 4096 bytes";
    return access->addr % MAX_ACCESS + access->size > MAX_ACCESS
               ? "the access crosses a 4 KB boundary; split it"
               : NULL;
}

/* ---- Accesses -------------------------------------------------------------------------------------- */

static bool read_flag(const smref_jdoc *doc, const smref_jnode *step, const char *key, bool *out,
                      smref_jerror *error)
{
    const smref_jnode *node = smref_jget(step, key);

    return !node || smref_jbool(doc, node, out, error);
}

static bool read_number(const smref_jdoc *doc, const smref_jnode *step, const char *key, uint64_t max,
                        uint64_t *out, smref_jerror *error)
{
    const smref_jnode *node = smref_jget(step, key);

    return !node || smref_jnumber(doc, node, max, out, error);
}

static bool require(const smref_jdoc *doc, const smref_jnode *step, const char *key, smref_jerror *error)
{
    return smref_jget(step, key) || smref_jfail(doc, step, error, "no \"%s\"", key);
}

/* A device without a StreamID tells the space that its address is in (3.25.1.1). */
static bool read_without_stream(const smref_jdoc *doc, const smref_jnode *step, smref_access *access,
                                smref_jerror *error)
{
    static const char *const foreign[] = {"sid", "ssid", "ns", "t", "xt", NULL};
    uint64_t mecid = 0;

    for (size_t i = 0; foreign[i]; i++)
        if (smref_jget(step, foreign[i]))
            return smref_jfail(doc, smref_jget(step, foreign[i]), error,
                               "belongs to a stream, and \"sec_sid\" is \"none\"");
    access->no_stream = true;
    if (!require(doc, step, "pas", error) ||
        !smref_read_pas(doc, smref_jget(step, "pas"), &access->pas, error) ||
        !read_number(doc, step, "mecid", UINT16_MAX, &mecid, error))
        return false;
    if (smref_jget(step, "mecid") && access->pas != SMREF_PAS_REALM)
        return smref_jfail(doc, smref_jget(step, "mecid"), error, "belongs to \"pas\": \"realm\"");
    access->mecid = (uint16_t)mecid;
    return true;
}

/* 3.9.4: T and XT of the packet tell the Security state of the stream; of Realm ones T tells NS. */
static bool read_bits(const smref_jdoc *doc, const smref_jnode *step, smref_stimulus *out,
                      smref_jerror *error)
{
    static const char *const told[] = {"sec_sid", "ns", NULL};

    out->by_t = true;
    if (!require(doc, step, "t", error) || !read_flag(doc, step, "t", &out->t, error) ||
        !read_flag(doc, step, "xt", &out->xt, error))
        return false;
    for (size_t i = 0; told[i]; i++)
        if (smref_jget(step, told[i]))
            return smref_jfail(doc, smref_jget(step, told[i]), error, "\"t\" and \"xt\" tell it");
    out->access.sec_sid = out->t || out->xt ? SMREF_SEC_REALM : SMREF_SEC_NS;
    out->access.ns = out->access.sec_sid == SMREF_SEC_REALM && !out->t;
    out->access.xt = out->xt;
    return true;
}

/* An NS attribute of a Realm stream that is supplied stands for XT 1 (3.9.4.3). */
static bool read_space(const smref_jdoc *doc, const smref_jnode *step, smref_stimulus *out,
                       smref_jerror *error)
{
    smref_access *access = &out->access;

    if (smref_jget(step, "t") || smref_jget(step, "xt"))
        return read_bits(doc, step, out, error);
    access->ns = access->sec_sid == SMREF_SEC_SECURE; /* 13.1.3; of Realm streams 3.10.3.1 */
    access->xt = access->sec_sid == SMREF_SEC_REALM && smref_jget(step, "ns");
    return read_flag(doc, step, "ns", &access->ns, error);
}

static bool read_stream(const smref_jdoc *doc, const smref_jnode *step, smref_access *access,
                        smref_jerror *error)
{
    const smref_jnode *state = smref_jget(step, "sec_sid"), *pas = smref_jget(step, "pas");
    const smref_jnode *mecid = smref_jget(step, "mecid");
    uint64_t sid = 0, ssid = 0;

    if (state && json_is_string(state->value) && strcmp(json_string_value(state->value), "none") == 0)
        return read_without_stream(doc, step, access, error);
    if (state && !smref_read_sec_sid(doc, state, &access->sec_sid, error))
        return false;
    if (pas) {
        return smref_jfail(doc, pas, error,
                           "belongs to \"sec_sid\": \"none\"; a stream's STE tells the space");
    }
    if (mecid)
        return smref_jfail(doc, mecid, error, "belongs to \"sec_sid\": \"none\"; a stream's STE tells it");
    if (!require(doc, step, "sid", error) || !read_number(doc, step, "sid", UINT32_MAX, &sid, error) ||
        !read_number(doc, step, "ssid", MAX_SSID, &ssid, error))
        return false;
    access->sid = (uint32_t)sid;
    access->ssid = (uint32_t)ssid;
    access->ssv = smref_jget(step, "ssid") != NULL;
    return true;
}

static bool read_access(const smref_jdoc *doc, const smref_jnode *step, smref_stimulus *out,
                        smref_jerror *error)
{
    static const char *const keys[] = {"op",    "sec_sid", "sid",  "ssid",    "addr", "access",
                                       "size",  "priv",    "inst", "ns",      "t",    "xt",
                                       "mecid", "attrs",   "pas",  "comment", NULL};
    smref_access *access = &out->access;
    const smref_jnode *type = smref_jget(step, "access"), *attrs = smref_jget(step, "attrs");
    uint64_t size = 1;
    const char *refused;

    if (!smref_jkeys(doc, step, keys, error) || !read_stream(doc, step, access, error))
        return false;
    if (!read_space(doc, step, out, error) || !require(doc, step, "addr", error) ||
        !read_number(doc, step, "addr", UINT64_MAX, &access->addr, error) ||
        !read_number(doc, step, "size", UINT32_MAX, &size, error))
        return false;
    if ((type && !smref_read_access(doc, type, &access->type, error)) ||
        !read_flag(doc, step, "priv", &access->priv, error) ||
        !read_flag(doc, step, "inst", &access->inst, error))
        return false;
    access->size = (uint32_t)size;
    access->attrs = smref_default_attrs();
    access->attrs_supplied = attrs != NULL;
    if (attrs && !smref_read_attrs(doc, attrs, &access->attrs, error))
        return false;
    refused = smref_access_refused(access);
    return !refused ||
           smref_jfail(doc, smref_jget(step, "size") ? smref_jget(step, "size") : step, error, "%s", refused);
}

/* ---- Software's own accesses ----------------------------------------------------------------------- */

struct reader {
    const smref_jdoc *doc;
    const smref_regions *memory, *patch;
    struct smref_owned **owned;
    smref_jerror *error;
};

static bool read_place(const struct reader *r, const smref_jnode *step, smref_stimulus *out)
{
    const smref_jnode *pas = smref_jget(step, "pas");

    return (!pas || smref_read_pas(r->doc, pas, &out->pas, r->error)) &&
           require(r->doc, step, "at", r->error) &&
           read_number(r->doc, step, "at", UINT64_MAX, &out->at, r->error);
}

static bool check_place(const struct reader *r, const smref_jnode *step, const smref_stimulus *out)
{
    const smref_jnode *at = smref_jget(step, "at");

    if (out->at + (out->size - 1) < out->at)
        return smref_jfail(r->doc, at, r->error, "0x%zx bytes from here on end beyond 64 bits", out->size);
    return smref_regions_cover(r->memory, r->patch, out->pas, out->at, out->size) ||
           smref_jfail(r->doc, at, r->error, "0x%llx-0x%llx is not all in \"memory\"",
                       (unsigned long long)out->at, (unsigned long long)(out->at + (out->size - 1)));
}

static bool read_store(const struct reader *r, const smref_jnode *step, smref_stimulus *out)
{
    static const char *const keys[] = {"op", "pas", "at", "u64", "hex", "comment", NULL};
    const smref_jnode *words, *hex;
    smref_contents contents;

    if (!smref_jkeys(r->doc, step, keys, r->error) || !read_place(r, step, out))
        return false;
    words = smref_jget(step, "u64");
    hex = smref_jget(step, "hex");
    if (!words == !hex)
        return smref_jfail(r->doc, step, r->error, "give what to store as u64 or as hex");
    if (words ? !smref_read_u64(r->doc, words, r->owned, &contents, r->error)
              : !smref_read_hex(r->doc, hex, r->owned, &contents, r->error))
        return false;
    out->bytes = contents.bytes;
    out->size = (size_t)contents.size;
    return check_place(r, step, out);
}

static bool read_load(const struct reader *r, const smref_jnode *step, smref_stimulus *out)
{
    static const char *const keys[] = {"op", "pas", "at", "size", "comment", NULL};
    uint64_t size = 0;

    if (!smref_jkeys(r->doc, step, keys, r->error) || !read_place(r, step, out) ||
        !require(r->doc, step, "size", r->error) ||
        !read_number(r->doc, step, "size", MAX_LOAD, &size, r->error))
        return false;
    if (size == 0)
        return smref_jfail(r->doc, smref_jget(step, "size"), r->error, "must not be 0");
    out->size = (size_t)size;
    return check_place(r, step, out);
}

/* ---- Software's accesses to registers -------------------------------------------------------------- */

/* Where the register is in the map, if that is fixed; its size is the default of the access. */
static bool read_register_name(const smref_jdoc *doc, const smref_jnode *node, smref_stimulus *out,
                               uint64_t *size, smref_jerror *error)
{
    const smref_register_info *info;
    smref_register_ref ref;
    const char *text, *nearest;

    if (!smref_jstring(doc, node, &text, error))
        return false;
    if (!smref_register_named(text, &ref) || ref.reg >= SMREF_REG_COUNT) {
        nearest = smref_register_nearest(text);
        return smref_jfail(doc, node, error, "no such register%s%s", nearest ? "; nearest: " : "",
                           nearest ? nearest : "");
    }
    info = smref_register_at(ref.reg);
    if (smref_register_mapped(ref.reg))
        out->mmio.offset = info->offset + ref.element * info->stride + (ref.upper ? 4u : 0u);
    else
        out->named = ref;
    *size = ref.upper ? 4 : info->width / 8u;
    return true;
}

static bool read_mmio(const smref_jdoc *doc, const smref_jnode *step, smref_stimulus *stimulus,
                      smref_jerror *error)
{
    smref_mmio *out = &stimulus->mmio;
    static const char *const keys[] = {"op", "reg", "offset", "size", "value", "sec", "comment", NULL};
    const smref_jnode *reg = smref_jget(step, "reg"), *sec = smref_jget(step, "sec");
    uint64_t offset = 0, size = 4;

    if (!smref_jkeys(doc, step, keys, error))
        return false;
    if (!reg == !smref_jget(step, "offset"))
        return smref_jfail(doc, step, error, "give the register as \"reg\" or as \"offset\"");
    if (reg && !read_register_name(doc, reg, stimulus, &size, error))
        return false;
    if (!reg && !read_number(doc, step, "offset", UINT32_MAX, &offset, error))
        return false;
    out->offset = reg ? out->offset : (uint32_t)offset;
    if (!read_number(doc, step, "size", 8, &size, error) ||
        (sec && !smref_read_pas(doc, sec, &out->pas, error)))
        return false;
    if (size == 0)
        return smref_jfail(doc, smref_jget(step, "size"), error, "must not be 0");
    out->size = (uint8_t)size;
    if (out->write != (smref_jget(step, "value") != NULL))
        return smref_jfail(doc, step, error, out->write ? "no \"value\"" : "a read has no \"value\"");
    return read_number(doc, step, "value", size < 8 ? (UINT64_C(1) << size * 8) - 1 : UINT64_MAX, &out->value,
                       error);
}

/* ---- All of them ----------------------------------------------------------------------------------- */

static const char *next_op(void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

static bool read_op(const struct reader *r, const smref_jnode *step, smref_op *out)
{
    const smref_jnode *node;
    const char *text, *nearest;
    int index;

    if (!smref_jobject(r->doc, step, r->error) || !require(r->doc, step, "op", r->error))
        return false;
    node = smref_jget(step, "op");
    if (!smref_jstring(r->doc, node, &text, r->error))
        return false;
    if (smref_find_word(later_ops, text) >= 0)
        return smref_jfail(r->doc, node, r->error, "not modelled: %s", text);
    index = smref_find_word(ops, text);
    if (index < 0) {
        nearest = smref_nearest(text, next_op, (void *)(uintptr_t)ops);
        return smref_jfail(r->doc, node, r->error, "no such op: %.40s; %s%s", text,
                           nearest ? "nearest: "
                                   : "there are access, store, load, identify, mmio_read, mmio_write, reset",
                           nearest ? nearest : "");
    }
    *out = (smref_op)index;
    return true;
}

static bool read_step(const struct reader *r, const smref_jnode *step, smref_stimulus *out)
{
    static const char *const bare_keys[] = {"op", "comment", NULL};

    *out = smref_stimulus_access();
    out->node = step;
    if (!read_op(r, step, &out->op) || !smref_read_text(r->doc, step, "comment", NULL, r->error))
        return false;
    switch (out->op) {
    case SMREF_OP_ACCESS:
        return read_access(r->doc, step, out, r->error);
    case SMREF_OP_STORE:
        return read_store(r, step, out);
    case SMREF_OP_LOAD:
        return read_load(r, step, out);
    case SMREF_OP_MMIO_READ:
    case SMREF_OP_MMIO_WRITE:
        out->mmio.write = out->op == SMREF_OP_MMIO_WRITE;
        return read_mmio(r->doc, step, out, r->error);
    case SMREF_OP_IDENTIFY:
    case SMREF_OP_RESET:
        break;
    }
    return smref_jkeys(r->doc, step, bare_keys, r->error);
}

bool smref_stimuli_read(const smref_jdoc *doc, const smref_jnode *array, const smref_regions *memory,
                        const smref_regions *patch, smref_stimuli *out, smref_jerror *error)
{
    struct reader reader = {doc, memory, patch, &out->owned, error};
    bool good = true;
    size_t i;

    *out = (smref_stimuli){.count = 0};
    if (!array)
        return true;
    if (!smref_jarray(doc, array, error))
        return false;
    out->list = smref_alloc(array->child_count, sizeof *out->list);
    out->count = array->child_count;
    for (i = 0; good && i < out->count; i++)
        good = read_step(&reader, &array->children[i], &out->list[i]);
    if (!good)
        smref_stimuli_free(out);
    return good;
}

void smref_stimuli_free(smref_stimuli *stimuli)
{
    smref_owned_free(stimuli->owned);
    free(stimuli->list);
    *stimuli = (smref_stimuli){.count = 0};
}
