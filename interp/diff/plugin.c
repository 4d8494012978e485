/*
 * A target that speaks smref-plugin 1.0 (PLUGIN.md): any program that reads a case a line and answers with a
 * line.
 *
 * Several cases are on their way at a time. When the program ends, which of them it was cannot be told from
 * what it answered: a new one gets them one by one, and the case in which that ends too is the one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "command.h"
#include "envelope.h"
#include "outcome_json.h"
#include "shown.h"
#include "smref_layout.h"
#include "target.h"

#define MAX_DEPTH 64
#define DEFAULT_DEPTH 16
#define START_MS 30000u /* that a program may take to start, at least */
#define GRACE_MS 1000u  /* to end by itself */

struct plugin {
    smref_target target;
    char *command, *text; /* text: of a line that is written */
    size_t room;
    smref_child *child; /* NULL: none runs */
    unsigned timeout_ms, line;
    unsigned shows;
    bool raz_is_abort;
    const smref_case *outstanding[MAX_DEPTH]; /* oldest first */
    unsigned count, sent;                     /* how many of them this child has got */
    unsigned cautious;                        /* how many more go one by one */
    uint64_t number;                          /* of the oldest one */
};

static struct plugin *plugin_of(smref_target *target)
{
    return (struct plugin *)target;
}

static smref_target_status broken(struct plugin *p, const char *text)
{
    snprintf(p->target.why, sizeof p->target.why, "%.250s", text);
    return SMREF_TARGET_BROKEN;
}

/* ---- The first line of each side ------------------------------------------------------------------- */

/* The spaces that software has in the implementation (3.10.1, 3.25). */
static unsigned spaces_of(const smref_implementation *i)
{
    const uint64_t *value = i->profile.registers.value;
    unsigned spaces = 1u << SMREF_PAS_NS;

    if (smref_SMMU_S_IDR1_SECURE_IMPL(value[SMREF_REG_SMMU_S_IDR1]))
        spaces |= 1u << SMREF_PAS_SECURE;
    if (smref_SMMU_ROOT_IDR0_ROOT_IMPL(value[SMREF_REG_SMMU_ROOT_IDR0]))
        spaces |= 1u << SMREF_PAS_ROOT;
    if (smref_SMMU_ROOT_IDR0_REALM_IMPL(value[SMREF_REG_SMMU_ROOT_IDR0]))
        spaces |= 1u << SMREF_PAS_REALM;
    return spaces;
}

/* One of each Security state that the implementation has, which can do everything, and one without a StreamID
 * where there are such (3.25.1.1). */
static void any_device(smref_implementation *i)
{
    const unsigned all = SMREF_CAN_READ | SMREF_CAN_WRITE | SMREF_CAN_ATOMIC | SMREF_CAN_SIZES |
                         SMREF_CAN_SSID | SMREF_CAN_PRIV | SMREF_CAN_INST | SMREF_CAN_ATTRS |
                         SMREF_CAN_ANY_SID;
    const unsigned spaces = spaces_of(i);
    smref_device *out = i->devices;

    *out++ = (smref_device){SMREF_SEC_NS, 0, all};
    if (spaces >> SMREF_PAS_SECURE & 1)
        *out++ = (smref_device){SMREF_SEC_SECURE, 0, all | SMREF_CAN_NS};
    if (spaces >> SMREF_PAS_REALM & 1)
        *out++ = (smref_device){SMREF_SEC_REALM, 0, all | SMREF_CAN_NS};
    if (spaces >> SMREF_PAS_ROOT & 1)
        *out++ = (smref_device){SMREF_SEC_NS, 0, SMREF_CAN_READ | SMREF_CAN_WRITE | SMREF_CAN_NO_SID};
    i->device_count = (size_t)(out - i->devices);
}

static bool read_depth(const smref_jdoc *doc, const smref_jnode *node, unsigned *out, smref_jerror *error)
{
    uint64_t depth = DEFAULT_DEPTH;

    if (node && !smref_jnumber(doc, node, UINT32_MAX, &depth, error))
        return false;
    if (depth == 0)
        return smref_jfail(doc, node, error, "must not be 0");
    *out = depth < MAX_DEPTH ? (unsigned)depth : MAX_DEPTH;
    return true;
}

static bool read_hello(struct plugin *p, const smref_jdoc *doc, smref_jerror *error)
{
    static const char *const keys[] = {"format",       "version", "name",   "profile", "memory",
                                       "other",        "devices", "spaces", "shows",   "depth",
                                       "raz_is_abort", "comment", NULL};
    const smref_jnode *root = &doc->root, *shows = smref_jget(root, "shows"),
                      *raz = smref_jget(root, "raz_is_abort");
    smref_implementation *i = &p->target.implementation;

    if (!smref_jobject(doc, root, error) || !smref_read_format(doc, root, "smref-plugin", false, error) ||
        !smref_jkeys(doc, root, keys, error))
        return false;
    if (!shows || !smref_jget(root, "memory"))
        return smref_jfail(doc, root, error, "no \"%s\"", shows ? "memory" : "shows");
    if (!smref_shows_read(doc, shows, &p->shows, error) ||
        !read_depth(doc, smref_jget(root, "depth"), &p->target.depth, error) ||
        (raz && !smref_jbool(doc, raz, &p->raz_is_abort, error)) ||
        !smref_implementation_read(doc, root, i, error))
        return false;
    if (!smref_jget(root, "spaces"))
        i->spaces = spaces_of(i);
    if (!smref_jget(root, "devices"))
        any_device(i);
    return true;
}

/* Reads the line that says what is there; only the first child's is of interest. */
static bool greet(struct plugin *p, bool first, smref_jerror *error)
{
    const smref_jdoc place = {.file = "plugin"};
    smref_child_status status;
    smref_jdoc doc;
    char *line, how[64];
    size_t size;
    bool good;

    status = smref_child_line(p->child, p->timeout_ms > START_MS ? p->timeout_ms : START_MS, &line, &size);
    if (status != SMREF_CHILD_OK) {
        smref_child_stop(p->child, GRACE_MS, how);
        p->child = NULL;
        return smref_jfail(&place, NULL, error, "%s before its first line",
                           status == SMREF_CHILD_ENDED ? how : "no answer");
    }
    p->line = 1;
    if (!first)
        return true;
    if (!smref_jdoc_parse_from(&doc, "plugin", p->line, line, size, error))
        return false;
    good = read_hello(p, &doc, error);
    smref_jdoc_close(&doc);
    return good;
}

static bool start(struct plugin *p, bool first, smref_jerror *error)
{
    static const char hello[] =
        "{\"format\":\"smref-plugin\",\"version\":\"1.0\",\"smref\":\"" SMREF_VERSION "\"}\n";
    const smref_jdoc place = {.file = "plugin"};
    char why[256];

    p->child = smref_child_start(p->command, why);
    if (!p->child)
        return smref_jfail(&place, NULL, error, "%s", why);
    smref_child_send(p->child, hello, sizeof hello - 1);
    return greet(p, first, error);
}

/* ---- Cases ----------------------------------------------------------------------------------------- */

static void send_case(struct plugin *p, const smref_case *c, uint64_t number)
{
    json_t *root = json_object(), *steps = json_array();
    size_t size;

    for (size_t i = 0; i < c->count; i++)
        json_array_append_new(steps, smref_stimulus_json(&c->steps[i]));
    json_object_set_new(root, "case", json_integer((json_int_t)number));
    json_object_set_new(root, "steps", steps);
    while ((size = json_dumpb(root, p->text, p->room, JSON_COMPACT)) >= p->room) {
        p->room = 2 * size;
        p->text = smref_resize(p->text, p->room, 1);
    }
    p->text[size] = '\n';
    json_decref(root);
    smref_child_send(p->child, p->text, size + 1);
}

/* What the child has not got yet and may get now. */
static void send_more(struct plugin *p)
{
    unsigned limit = p->cautious && p->count > 1 ? 1 : p->count;

    for (; p->child && p->sent < limit; p->sent++)
        send_case(p, p->outstanding[p->sent], p->number + p->sent);
}

static smref_target_status submit(smref_target *target, const smref_case *c,
                                  const smref_prediction *predicted)
{
    struct plugin *p = plugin_of(target);

    (void)predicted;
    if (p->count == MAX_DEPTH)
        return broken(p, "more cases than may be outstanding");
    p->outstanding[p->count++] = c;
    send_more(p);
    return SMREF_TARGET_OK;
}

static void forget_oldest(struct plugin *p)
{
    memmove(p->outstanding, p->outstanding + 1, --p->count * sizeof *p->outstanding);
    p->number++;
    p->sent -= p->sent ? 1 : 0;
    p->cautious -= p->cautious ? 1 : 0;
}

/* ---- Answers --------------------------------------------------------------------------------------- */

static bool read_results(struct plugin *p, const smref_jdoc *doc, const smref_jnode *list, smref_sight *shown,
                         smref_jerror *error)
{
    const smref_case *c = p->outstanding[0];
    smref_shown_state state = {{0}};

    if (!smref_jarray(doc, list, error))
        return false;
    if (list->child_count != c->count)
        return smref_jfail(doc, list, error, "%zu results of %zu steps", list->child_count, c->count);
    for (size_t i = 0; i < c->count; i++) {
        if (!smref_shown_read(doc, &list->children[i], &c->steps[i], p->shows, &state, &shown[i], error))
            return false;
        shown[i].raz_is_abort = p->raz_is_abort;
    }
    return true;
}

/* False: *error, or (when that is empty) `why` of the target says why the case was refused. */
static bool read_answer(struct plugin *p, const smref_jdoc *doc, smref_sight *shown, smref_jerror *error)
{
    static const char *const keys[] = {"case", "results", "error", "comment", NULL};
    const smref_jnode *root = &doc->root, *number = smref_jget(root, "case"),
                      *results = smref_jget(root, "results"), *refusal = smref_jget(root, "error");
    const char *text;
    uint64_t value;

    if (!smref_jobject(doc, root, error) || !smref_jkeys(doc, root, keys, error))
        return false;
    if (!number || !results == !refusal)
        return smref_jfail(doc, root, error, number ? "give \"results\" or \"error\"" : "no \"case\"");
    if (!smref_jnumber(doc, number, UINT64_MAX, &value, error))
        return false;
    if (value != p->number)
        return smref_jfail(doc, number, error, "%llu; the oldest case without an answer is %llu",
                           (unsigned long long)value, (unsigned long long)p->number);
    if (results)
        return read_results(p, doc, results, shown, error);
    if (smref_jstring(doc, refusal, &text, error))
        snprintf(p->target.why, sizeof p->target.why, "%.250s", text);
    return false;
}

static smref_target_status take_answer(struct plugin *p, const char *line, size_t size, smref_sight *shown)
{
    smref_jerror error = {""};
    smref_jdoc doc;
    bool good;

    p->line++;
    if (!smref_jdoc_parse_from(&doc, "plugin", p->line, line, size, &error))
        return broken(p, error.text);
    good = read_answer(p, &doc, shown, &error);
    smref_jdoc_close(&doc);
    if (error.text[0])
        return broken(p, error.text);
    forget_oldest(p);
    send_more(p);
    return good ? SMREF_TARGET_OK : SMREF_TARGET_REFUSED;
}

/* The child ended, or says nothing. Alone in it, the oldest case is the one: true. */
static bool bury(struct plugin *p, smref_child_status status)
{
    bool alone = p->sent <= 1;
    char how[64];

    smref_child_stop(p->child, status == SMREF_CHILD_ENDED ? GRACE_MS : 0, how);
    p->child = NULL;
    p->target.restarts++;
    if (status == SMREF_CHILD_ENDED)
        snprintf(p->target.why, sizeof p->target.why, "%s", how);
    else
        snprintf(p->target.why, sizeof p->target.why, "no answer in %u.%03u s", p->timeout_ms / 1000,
                 p->timeout_ms % 1000);
    p->cautious = p->sent;
    p->sent = 0;
    if (alone)
        forget_oldest(p);
    return alone;
}

static smref_target_status collect(smref_target *target, smref_sight *shown)
{
    struct plugin *p = plugin_of(target);
    smref_jerror error = {""};
    smref_child_status status;
    char *line;
    size_t size;

    if (!p->count)
        return broken(p, "no case is outstanding");
    for (;;) {
        if (!p->child && !start(p, false, &error))
            return broken(p, error.text);
        send_more(p);
        status = smref_child_line(p->child, p->timeout_ms, &line, &size);
        if (status == SMREF_CHILD_OK)
            return take_answer(p, line, size, shown);
        if (status == SMREF_CHILD_ENDLESS)
            return broken(p, "plugin: a line without an end");
        if (bury(p, status))
            return SMREF_TARGET_DIED;
    }
}

/* ---- Opening and closing --------------------------------------------------------------------------- */

static void close_plugin(smref_target *target)
{
    struct plugin *p = plugin_of(target);

    if (p->child)
        smref_child_stop(p->child, p->count ? 0 : GRACE_MS, NULL);
    smref_implementation_clear(&target->implementation);
    free(p->command);
    free(p->text);
    free(p);
}

smref_target *smref_plugin_open(const char *command, unsigned timeout_ms, smref_jerror *error)
{
    struct plugin *p = smref_alloc(1, sizeof *p);

    p->target.submit = submit;
    p->target.collect = collect;
    p->target.close = close_plugin;
    p->timeout_ms = timeout_ms;
    p->command = smref_copy_text(command);
    p->room = 65536;
    p->text = smref_alloc(p->room, 1);
    if (start(p, true, error))
        return &p->target;
    close_plugin(&p->target);
    return NULL;
}
