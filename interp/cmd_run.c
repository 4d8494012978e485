/* `smref run`: the outcome of each step of a snapshot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "dot.h"
#include "explain_json.h"
#include "explain_lines.h"
#include "html.h"
#include "observed.h"
#include "outcome_json.h"
#include "run_text.h"
#include "save.h"
#include "tally.h"
#include "vocabulary.h"

static const char help[] =
    "usage: smref run FILE [OPTIONS]          (FILE may be -, standard input)\n"
    "\n"
    "Puts the SMMU into the state of a snapshot and runs its steps: for every access the translated address\n"
    "and its attributes, or the abort and its event record, and the rule that decided.\n"
    "\n"
    "what is printed\n"
    "  --explain[=full]     every fetch and decision with its rule and section, and what becomes of each\n"
    "                       field of a register that is written; full: every field, too\n"
    "  --format FORMAT      text; json (or --json): JSON Lines, one object a step (smref schema "
    "smref-result)\n"
    "  --all                every outcome that the architecture permits, with the choices that lead to it\n"
    "  --quiet              no steps, only the summary\n"
    "  --observed FILE      only where the steps end otherwise than FILE says that a machine did; exit 1 "
    "then\n"
    "\n"
    "what is kept\n"
    "  --save OUT           the state after the last step, as a snapshot without steps: add your own and go "
    "on\n"
    "  --save-at N          with --save: the state after step N, the first is 0\n"
    "\n"
    "one access instead of the snapshot's steps\n"
    "  --addr ADDRESS       input address\n"
    "  --sid N              StreamID (0)\n"
    "  --ssid N             SubstreamID (none)\n"
    "  --access TYPE        read, write or atomic (read)\n"
    "  --size N             bytes (1)\n"
    "  --priv, --inst       privileged; instruction fetch\n"
    "  --sec-sid STATE      Security state of the stream: ns, secure or realm (ns)\n"
    "\n"
    "over the snapshot\n"
    "  --profile NAME       another implementation: a name of `smref spec list profiles`, or a file\n"
    "  --set REG=VALUE      a register, by name or offset; may be repeated\n"
    "  --choice ID=OPTION   an option where the architecture permits several; may be repeated\n"
    "  --caching POLICY     what caches hold: none; exact: what was read, until an invalidation covers it; "
    "any:\n"
    "                       whatever the architecture permits (with --all: old outcomes and new)\n"
    "\n"
    "example: smref run vectors/linux-6.12-4k-s1.snapshot.json --sid 0x8 --addr 0xfff00000 --all\n";

enum option_code {
    OPT_HELP = 'h',
    OPT_JSON = 256,
    OPT_EXPLAIN,
    OPT_FORMAT,
    OPT_ALL,
    OPT_QUIET,
    OPT_OBSERVED,
    OPT_ADDR,
    OPT_SID,
    OPT_SSID,
    OPT_ACCESS,
    OPT_SIZE,
    OPT_PRIV,
    OPT_INST,
    OPT_SEC_SID,
    OPT_PROFILE,
    OPT_SET,
    OPT_CHOICE,
    OPT_CACHING,
    OPT_SAVE,
    OPT_SAVE_AT,
};

static const struct option options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"json", no_argument, NULL, OPT_JSON},
    {"explain", optional_argument, NULL, OPT_EXPLAIN},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"all", no_argument, NULL, OPT_ALL},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"observed", required_argument, NULL, OPT_OBSERVED},
    {"addr", required_argument, NULL, OPT_ADDR},
    {"sid", required_argument, NULL, OPT_SID},
    {"ssid", required_argument, NULL, OPT_SSID},
    {"access", required_argument, NULL, OPT_ACCESS},
    {"size", required_argument, NULL, OPT_SIZE},
    {"priv", no_argument, NULL, OPT_PRIV},
    {"inst", no_argument, NULL, OPT_INST},
    {"sec-sid", required_argument, NULL, OPT_SEC_SID},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"set", required_argument, NULL, OPT_SET},
    {"choice", required_argument, NULL, OPT_CHOICE},
    {"caching", required_argument, NULL, OPT_CACHING},
    {"save", required_argument, NULL, OPT_SAVE},
    {"save-at", required_argument, NULL, OPT_SAVE_AT},
    {NULL, 0, NULL, 0},
};

enum run_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_DOT, FORMAT_HTML };

struct run {
    const char *file, *observed;
    const char *save; /* NULL: the state is not kept */
    uint64_t save_at; /* UINT64_MAX: after the last step */
    enum run_format format;
    bool explain, all, quiet;
    bool one; /* an access from the command line takes the place of the steps */
    bool addr_given;
    smref_stimulus access;
    smref_cli_overrides over;
    smref_register_set registers;
    smref_choice_set choices;
    smref_caching caching;
    smref_explanation explanation;
    smref_columns columns;
    smref_html html;
    smref_tally tally;
};

/* ---- The command line ------------------------------------------------------------------------------ */

static bool number(const char *option, const char *text, uint64_t max, uint64_t *out)
{
    if (smref_parse_number(text, max, out))
        return true;
    smref_usage("run", "--%s %.60s: a number up to 0x%llx is expected", option, text,
                (unsigned long long)max);
    return false;
}

/* Says which words an option takes; false. */
static bool refuse_word(const char *option, const char *text, const char *const *words)
{
    char list[80] = "";

    for (int i = 0; words[i]; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", words[i]);
    }
    smref_usage("run", "--%s %.60s: expected is one of %s", option, text, list);
    return false;
}

/* A word of the formats, found among the spellings of values 0 to count - 1. */
static bool word(const char *option, const char *text, const char *const *words, unsigned *out)
{
    int index = smref_find_word(words, text);

    if (index < 0)
        return refuse_word(option, text, words);
    *out = (unsigned)index;
    return true;
}

static bool take_access_option(struct run *run, int option)
{
    static const char *const types[] = {"read", "write", "atomic", NULL};
    static const char *const states[] = {"ns", "secure", "realm", NULL};
    smref_access *a = &run->access.access;
    uint64_t value = 0;
    unsigned index = 0;

    run->one = true;
    switch (option) {
    case OPT_ADDR:
        run->addr_given = true;
        return number("addr", optarg, UINT64_MAX, &a->addr);
    case OPT_SID:
        if (!number("sid", optarg, UINT32_MAX, &value))
            return false;
        a->sid = (uint32_t)value;
        return true;
    case OPT_SSID:
        if (!number("ssid", optarg, 0xfffff, &value))
            return false;
        a->ssv = true;
        a->ssid = (uint32_t)value;
        return true;
    case OPT_ACCESS:
        if (!word("access", optarg, types, &index))
            return false;
        a->type = (smref_access_type)index;
        return true;
    case OPT_SIZE:
        if (!number("size", optarg, 4096, &value))
            return false;
        a->size = (uint32_t)value;
        return true;
    case OPT_PRIV:
        a->priv = true;
        return true;
    case OPT_INST:
        a->inst = true;
        return true;
    default:
        if (!word("sec-sid", optarg, states, &index))
            return false;
        a->sec_sid = (smref_sec_sid)index;
        a->ns = a->sec_sid == SMREF_SEC_SECURE; /* 13.1.3: not supplied */
        return true;
    }
}

static bool take_explain(struct run *run)
{
    run->explain = true;
    run->explanation.full = optarg && strcmp(optarg, "full") == 0;
    if (!optarg || run->explanation.full)
        return true;
    smref_usage("run", "--explain=%.60s: only --explain or --explain=full", optarg);
    return false;
}

/* What counts over the snapshot. */
static bool take_override(struct run *run, int option)
{
    char why[200];
    unsigned policy = 0;

    switch (option) {
    case OPT_PROFILE:
        run->over.profile = optarg;
        return true;
    case OPT_SET:
        run->over.registers = &run->registers;
        if (smref_registers_assign(&run->registers, optarg, why))
            return true;
        smref_usage("run", "--set %s", why);
        return false;
    case OPT_CHOICE:
        run->over.choices = &run->choices;
        if (smref_choices_assign(&run->choices, optarg, why))
            return true;
        smref_usage("run", "--choice %s", why);
        return false;
    case OPT_CACHING:
        if (!word("caching", optarg, smref_caching_words, &policy))
            return false;
        run->caching = (smref_caching)policy;
        run->over.caching = &run->caching;
        return true;
    default:
        return take_access_option(run, option);
    }
}

static bool take_option(struct run *run, int option)
{
    static const char *const formats[] = {"text", "json", "dot", "html", NULL};
    int format;

    switch (option) {
    case OPT_JSON:
        run->format = FORMAT_JSON;
        return true;
    case OPT_FORMAT:
        format = smref_find_word(formats, optarg);
        run->format = format < 0 ? FORMAT_TEXT : (enum run_format)format;
        run->explain = run->explain || run->format >= FORMAT_DOT;
        return format >= 0 || refuse_word("format", optarg, formats);
    case OPT_EXPLAIN:
        return take_explain(run);
    case OPT_ALL:
        run->all = true;
        return true;
    case OPT_QUIET:
        run->quiet = true;
        return true;
    case OPT_OBSERVED:
        run->observed = optarg;
        return true;
    case OPT_SAVE:
        run->save = optarg;
        return true;
    case OPT_SAVE_AT:
        return number("save-at", optarg, SIZE_MAX, &run->save_at);
    default:
        return take_override(run, option);
    }
}

/* SMREF_EXIT_OK to go on, or the exit code; *done when there is nothing more to do. */
static int parse(struct run *run, int argc, char **argv, bool *done)
{
    const char *refused;
    int option;

    run->access = smref_stimulus_access();
    run->save_at = UINT64_MAX;
    smref_choices_clear(&run->choices);
    while ((option = smref_next_option(argc, argv, options)) != -1) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            *done = true;
            return smref_finish(SMREF_EXIT_OK);
        }
        if (option == '?' || !take_option(run, option))
            return SMREF_EXIT_USAGE;
    }
    if (optind + 1 != argc)
        return smref_usage("run", optind < argc ? "one snapshot at a time" : "which snapshot?");
    run->file = argv[optind];
    if (run->observed && (run->save || run->one || run->all || run->explain || run->format != FORMAT_TEXT))
        return smref_usage("run",
                           "--observed compares the snapshot's steps, and takes none of the other modes");
    if (!run->save && run->save_at != UINT64_MAX)
        return smref_usage("run", "--save-at tells when, --save tells where: give both");
    if (run->one && !run->addr_given)
        return smref_usage("run", "an access needs --addr");
    refused = run->one ? smref_access_refused(&run->access.access) : NULL;
    return refused ? smref_usage("run", "%s", refused) : SMREF_EXIT_OK;
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

static void print_json(const struct run *run, size_t index, const smref_stimulus *stimulus,
                       const smref_step_result *result, const smref_outcomes *all)
{
    json_t *line = smref_step_json(index, stimulus, result, run->all ? all : NULL);

    if (run->explain && smref_explains(stimulus->op)) {
        json_object_set_new(line, "explanation_version", json_string(SMREF_EXPLANATION_VERSION));
        json_object_set_new(line, "explanation", smref_explanation_json(&run->explanation, &result->access));
    }
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void print_text(struct run *run, size_t index, const smref_stimulus *stimulus,
                       const smref_step_result *result, const smref_outcomes *all)
{
    smref_print_step(stdout, &run->columns, index, stimulus, result);
    smref_print_others(stdout, stimulus, all, run->explain);
    if (run->explain)
        smref_print_explanation(stdout, &run->explanation, stimulus, result);
}

static void print_step(struct run *run, size_t index, const smref_stimulus *stimulus,
                       const smref_step_result *result, const smref_outcomes *all)
{
    switch (run->format) {
    case FORMAT_TEXT:
        if (!run->quiet)
            print_text(run, index, stimulus, result, all);
        break;
    case FORMAT_JSON:
        print_json(run, index, stimulus, result, all);
        break;
    case FORMAT_DOT:
        if (stimulus->op == SMREF_OP_ACCESS)
            smref_print_dot(stdout, index, &run->explanation, stimulus, result);
        break;
    case FORMAT_HTML:
        smref_html_step(&run->html, &run->columns, index, &run->explanation, stimulus, result, all);
        break;
    }
}

static bool run_step(struct run *run, smref_machine *machine, const smref_jdoc *doc, size_t index,
                     const smref_stimulus *stimulus, smref_jerror *error)
{
    smref_outcomes all = {.count = 0};
    smref_step_result result;
    bool good;

    if (run->all && !smref_step_enumerate(machine, doc, stimulus, &all, error))
        return false;
    if (run->explain)
        smref_explanation_begin(&run->explanation, machine->smmu, stimulus->access.sec_sid);
    good = smref_step_run(machine, doc, stimulus, &result, error);
    if (run->explain)
        smref_explanation_end(machine->smmu);
    if (good) {
        print_step(run, index, stimulus, &result, &all);
        smref_tally_add(&run->tally, stimulus, &result, run->all ? &all : NULL);
        smref_step_result_free(&result);
    } else if (run->explain && run->format == FORMAT_TEXT) {
        printf("#%zu ", index);
        smref_print_stimulus(stdout, stimulus);
        printf(" -> unknown: this far it is modelled\n");
        run->explanation.refused = true;
        smref_print_explanation(stdout, &run->explanation, stimulus, NULL);
    }
    smref_outcomes_free(&all);
    return good;
}

/* What follows the steps. */
static bool finish(struct run *run, const smref_snapshot *snapshot, size_t count)
{
    if (run->format == FORMAT_HTML)
        return smref_html_end(&run->html, stdout, run->file, snapshot->description, &run->tally);
    if (run->format != FORMAT_TEXT || count < 2)
        return true;
    if (!run->quiet && !run->explain)
        printf("\n");
    smref_tally_print(stdout, &run->tally);
    return true;
}

/* Keeps the state when it is asked for: after step `index` of `count`. */
static bool save_after(const struct run *run, const smref_machine *machine, const smref_jdoc *doc,
                       const smref_snapshot *snapshot, size_t index, size_t count, smref_jerror *error)
{
    size_t wanted = run->save_at == UINT64_MAX && count ? count - 1 : (size_t)run->save_at;

    return !run->save || index != wanted || smref_save(snapshot, doc, machine, run->save, error);
}

static int run_steps(struct run *run, smref_machine *machine, const smref_jdoc *doc,
                     const smref_snapshot *snapshot)
{
    const smref_stimulus *list = run->one ? &run->access : snapshot->steps.list;
    size_t count = run->one ? 1 : snapshot->steps.count, i;
    smref_jerror error = {""};
    bool good = true;

    if (run->save_at != UINT64_MAX && run->save_at >= count)
        return smref_usage("run", "--save-at %llu: there are %zu steps, the first is 0",
                           (unsigned long long)run->save_at, count);
    run->columns = smref_columns_of(list, count);
    if (run->format == FORMAT_HTML && !smref_html_begin(&run->html))
        return smref_bad_input("the page needs a temporary file, and there is none");
    for (i = 0; good && i < count; i++) {
        good = run_step(run, machine, doc, i, &list[i], &error) &&
               save_after(run, machine, doc, snapshot, i, count, &error);
        if (i % 4096 == 4095)
            smref_progress("step %zu of %zu", i + 1, count);
    }
    smref_progress(NULL);
    if (good && count == 0) /* no step: the state as it was loaded */
        good = !run->save || smref_save(snapshot, doc, machine, run->save, &error);
    if ((good || run->format == FORMAT_HTML) && !finish(run, snapshot, count))
        return smref_bad_input("the page is larger than the disk");
    if (good)
        return smref_finish(SMREF_EXIT_OK);
    fflush(stdout);
    return smref_bad_input(error.text);
}

static void free_run(struct run *run)
{
    smref_registers_clear(&run->registers);
    free(run);
}

int smref_cmd_run(int argc, char **argv)
{
    struct run *run = smref_alloc(1, sizeof *run);
    smref_jerror error = {""};
    smref_jdoc doc;
    smref_snapshot snapshot;
    smref_machine machine;
    bool done = false;
    int code = parse(run, argc, argv, &done);

    if (code != SMREF_EXIT_OK || done) {
        free_run(run);
        return code;
    }
    if (!smref_jdoc_load(&doc, run->file, &error)) {
        free_run(run);
        return smref_bad_input(error.text);
    }
    if (!smref_snapshot_read(&doc, &doc.root, &run->over, &snapshot, &error)) {
        code = smref_bad_input(error.text);
    } else {
        if (smref_machine_new(&machine, &doc, &snapshot, NULL, &error)) {
            code = run->observed ? smref_run_observed(run->observed, &machine, &doc, &snapshot)
                                 : run_steps(run, &machine, &doc, &snapshot);
            smref_machine_free(&machine);
        } else {
            code = smref_bad_input(error.text);
        }
        smref_snapshot_free(&snapshot);
    }
    smref_jdoc_close(&doc);
    smref_explanation_free(&run->explanation);
    free_run(run);
    return code;
}
