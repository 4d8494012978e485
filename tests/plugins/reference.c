/*
 * A plugin that wraps the model: what an emulator's own looks like, and something that diff must agree with.
 * With --broken it has a defect that diff must find; with --choice it does otherwise than it says, and with
 * --caching exact it has caches, both within what the architecture permits.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "command.h"
#include "envelope.h"
#include "hex.h"
#include "outcome_json.h"
#include "snapshot.h"
#include "smref_layout.h"
#include "vocabulary.h"

static const char help[] =
    "usage: reference [--profile NAME] [--choice ID=OPTION]... [--caching none|exact] [--depth N]\n"
    "                 [--vast] [--broken input-addr|privilege|gerror]\n"
    "\n"
    "The model as a plugin: speaks smref-plugin 1.0 on standard input and output.\n";

static const char *const defects[] = {"none", "input-addr", "privilege", "gerror", NULL};

enum { DEFECT_NONE, DEFECT_INPUT_ADDR, DEFECT_PRIVILEGE, DEFECT_GERROR };

struct plugin {
    const char *profile, *caching, *depth;
    json_t *choices; /* that it takes and does not tell */
    bool vast;       /* memory at all addresses */
    int defect;      /* DEFECT_... */
    smref_jdoc doc;  /* of the snapshot that cases start from */
    smref_snapshot snapshot;
    smref_machine machine;
    smref *fresh; /* as a reset leaves it */
};

static int fail(const smref_jerror *error)
{
    fprintf(stderr, "reference: %s\n", error->text);
    return SMREF_EXIT_USAGE;
}

static void say(json_t *line)
{
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(line);
}

/* ---- What it is ------------------------------------------------------------------------------------ */

/* 256 MB in each space that software has, and as much higher up; or all that there can be. */
static json_t *memory(const struct plugin *p)
{
    static const uint64_t places[] = {UINT64_C(0x80000000), UINT64_C(0x8000000000)};
    static const smref_register reg[] = {SMREF_REG_SMMU_CR0, SMREF_REG_SMMU_S_CR0, SMREF_REG_SMMU_R_CR0,
                                         SMREF_REG_SMMU_ROOT_CR0};
    json_t *list = json_array();

    for (unsigned pas = 0; pas < SMREF_PAS_COUNT; pas++)
        for (unsigned i = 0; i < (p->vast ? 1 : 2) && smref_register_exists(p->machine.smmu, reg[pas]); i++) {
            uint64_t at = p->vast ? 0 : places[i], size = p->vast ? UINT64_C(1) << 56 : 0x10000000;
            json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "pas", smref_spell_pas((smref_pas)pas),
                                                  "at", smref_hex_json(at), "size", smref_hex_json(size)));
        }
    return list;
}

/* The same regions as a snapshot has them. */
static json_t *filled(json_t *windows)
{
    for (size_t i = 0; i < json_array_size(windows); i++)
        json_object_set_new(json_array_get(windows, i), "fill", json_integer(0));
    return windows;
}

static bool read_base(struct plugin *p, json_t *windows, smref_jerror *error)
{
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:O, s:s, s:o}", "format", "smref-snapshot", "version", "1.0", "profile",
                  p->profile, "choices", p->choices, "caching", p->caching, "memory", windows);
    char *text = json_dumps(root, JSON_COMPACT);
    bool good = smref_jdoc_parse(&p->doc, "reference", text, strlen(text), error) &&
                smref_snapshot_read(&p->doc, &p->doc.root, NULL, &p->snapshot, error) &&
                smref_machine_new(&p->machine, &p->doc, &p->snapshot, NULL, error);

    free(text);
    json_decref(root);
    return good;
}

static void discard(struct plugin *p)
{
    smref_free(p->fresh);
    smref_machine_free(&p->machine);
    smref_snapshot_free(&p->snapshot);
    smref_jdoc_close(&p->doc);
}

/* Which spaces there are depends on the profile, so the instance is made twice. */
static bool become(struct plugin *p, json_t **windows, smref_jerror *error)
{
    if (!read_base(p, json_array(), error))
        return false;
    *windows = memory(p);
    discard(p);
    if (!read_base(p, filled(json_deep_copy(*windows)), error))
        return false;
    p->fresh = smref_clone(p->machine.smmu);
    smref_sparse_checkpoint(p->machine.memory);
    return true;
}

static void introduce(const struct plugin *p, json_t *windows)
{
    static const char *const shows[] = {"outcome", "pa",      "pas",   "attrs", "events", "value", "hex",
                                        "gerror",  "effects", "mecid", "priv",  "par",    "far",   "lost"};
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
        json_array_append_new(list, json_string(shows[i]));
    say(json_pack("{s:s, s:s, s:s+, s:s, s:o, s:o, s:i}", "format", "smref-plugin", "version", "1.0", "name",
                  "smref ", p->profile, "profile", p->profile, "memory", windows, "shows", list, "depth",
                  atoi(p->depth)));
}

/* ---- What it does ---------------------------------------------------------------------------------- */

/* The address of a faulting access, without the bits below the page. */
static void round_input(smref_event *event)
{
    const smref_layout_info *layout;

    for (unsigned i = 0; (layout = smref_layout_at(i)) != NULL; i++) {
        if (layout->kind != SMREF_LAYOUT_KIND_EVENT || layout->number != (unsigned)event->type)
            continue;
        for (unsigned f = 0; f < layout->field_count; f++)
            if (strcmp(layout->fields[f].name, "InputAddr") == 0)
                smref_field_set(&layout->fields[f], event->words, 0,
                                smref_field_get(&layout->fields[f], event->words, 0) & ~UINT64_C(0xfff));
    }
}

static json_t *run_step(struct plugin *p, const smref_jdoc *doc, const smref_stimulus *step,
                        smref_jerror *error)
{
    smref_stimulus done = *step;
    smref_step_result result;
    json_t *out;

    if (p->defect == DEFECT_PRIVILEGE)
        done.access.priv = false;
    if (!smref_step_run(&p->machine, doc, &done, &result, error))
        return NULL;
    if (p->defect == DEFECT_INPUT_ADDR && result.access.event_valid)
        round_input(&result.access.event);
    if (p->defect == DEFECT_GERROR)
        result.access.gerror_changed = 0;
    out = smref_outcome_json(step, &result);
    json_object_del(out, "rules");
    smref_step_result_free(&result);
    return out;
}

static json_t *run_case(struct plugin *p, const smref_jdoc *doc, smref_jerror *error)
{
    json_t *results = json_array(), *result;
    smref_stimuli steps;

    smref_sparse_rollback(p->machine.memory);
    smref_sparse_checkpoint(p->machine.memory);
    (void)smref_copy_state(p->machine.smmu, p->fresh);
    if (smref_stimuli_read(doc, smref_jget(&doc->root, "steps"), &p->snapshot.memory, NULL, &steps, error)) {
        for (size_t i = 0; i < steps.count && !error->text[0]; i++) {
            result = run_step(p, doc, &steps.list[i], error);
            if (result)
                json_array_append_new(results, result);
        }
        smref_stimuli_free(&steps);
    }
    return results;
}

/* One line. False: there is no way to go on. */
static bool answer(struct plugin *p, const char *line, size_t size, unsigned number, smref_jerror *error)
{
    smref_jerror refusal = {""};
    json_t *results, *which;
    smref_jdoc doc;

    if (!smref_jdoc_parse_from(&doc, "case", number, line, size, error))
        return false;
    which = json_object_get(doc.json, "case");
    results = run_case(p, &doc, &refusal);
    if (refusal.text[0])
        say(json_pack("{s:O, s:s}", "case", which, "error", refusal.text));
    else
        say(json_pack("{s:O, s:O}", "case", which, "results", results));
    json_decref(results);
    smref_jdoc_close(&doc);
    return true;
}

static int serve(struct plugin *p, json_t *windows)
{
    smref_jerror error = {""};
    char *line = NULL;
    size_t room = 0;
    unsigned number = 1;
    ssize_t size = getline(&line, &room, stdin);
    smref_jdoc doc;
    bool good = size > 0 && smref_jdoc_parse_from(&doc, "hello", number, line, (size_t)size, &error);

    if (good) {
        good = smref_read_format(&doc, &doc.root, "smref-plugin", false, &error);
        smref_jdoc_close(&doc);
    }
    if (good)
        introduce(p, windows);
    while (good && (size = getline(&line, &room, stdin)) > 0)
        good = answer(p, line, (size_t)size, ++number, &error);
    free(line);
    return error.text[0] ? fail(&error) : SMREF_EXIT_OK;
}

/* ---- Options --------------------------------------------------------------------------------------- */

static bool take_choice(struct plugin *p, const char *text)
{
    const char *equals = strchr(text, '=');

    if (!equals)
        return false;
    json_t *id = json_stringn(text, (size_t)(equals - text));
    json_object_set_new(p->choices, json_string_value(id), json_string(equals + 1));
    json_decref(id);
    return true;
}

static bool take_options(struct plugin *p, int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},         {"profile", required_argument, NULL, 'p'},
        {"choice", required_argument, NULL, 'c'}, {"caching", required_argument, NULL, 'k'},
        {"depth", required_argument, NULL, 'd'},  {"vast", no_argument, NULL, 'v'},
        {"broken", required_argument, NULL, 'b'}, {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            p->profile = optarg;
        else if (option == 'k')
            p->caching = optarg;
        else if (option == 'd')
            p->depth = optarg;
        else if (option == 'v')
            p->vast = true;
        else if (option == 'b')
            p->defect = smref_find_word(defects, optarg);
        if (option == 'h' || option == '?' || p->defect < 0 || (option == 'c' && !take_choice(p, optarg)))
            return false;
    }
    return optind == argc;
}

int main(int argc, char **argv)
{
    struct plugin plugin = {
        .profile = "arch-3.4-rme", .caching = "none", .depth = "16", .choices = json_object()};
    smref_jerror error = {""};
    json_t *windows;
    int code;

    if (!take_options(&plugin, argc, argv)) {
        fputs(help, stderr);
        return SMREF_EXIT_USAGE;
    }
    if (!become(&plugin, &windows, &error))
        return fail(&error);
    code = serve(&plugin, windows);
    discard(&plugin);
    json_decref(plugin.choices);
    return code;
}
