/* `smref capture`: the SMMU of a running QEMU as a snapshot. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "canonical.h"
#include "capture.h"
#include "command.h"
#include "profile.h"
#include "smref_layout.h"
#include "snapshot.h"
#include "vocabulary.h"

static const char help[] =
    "usage: smref capture --qmp SOCKET -o OUT [OPTIONS]\n"
    "\n"
    "Writes the state of the SMMU of a running QEMU as a snapshot, for smref run and smref lint: registers, "
    "the\n"
    "Stream table, STEs, CDs, the translation tables of both stages that they lead to, the queues, and "
    "nothing\n"
    "else of the guest's memory. QEMU has a Non-secure SMMU. What its caches hold cannot be seen. The guest\n"
    "stands still meanwhile, and runs on afterwards if it ran.\n"
    "\n"
    "  --qmp SOCKET         of QEMU's -qmp unix:SOCKET,server=on,wait=off; it serves one client at a time\n"
    "  -o, --output OUT     the snapshot, which is replaced as a whole; - is the standard output\n"
    "  --qtest SOCKET       of -qtest unix:SOCKET,…: registers are read there, not by the monitor\n"
    "  --base ADDR          where the SMMU's registers are; needed when the machine has several\n"
    "  --profile NAME       the profile that the snapshot names (smref spec list profiles); otherwise that "
    "of\n"
    "                       QEMU's version, if there is one\n"
    "  --limit MIB          at most so much memory (64); what is beyond is named and left out\n"
    "  --timeout SECONDS    that each answer may take (30)\n"
    "  --time               the time in the description\n"
    "  --json               what was captured as an object (smref schema smref-capture)\n"
    "\n"
    "The exit status is 1 when something was left out, 3 when QEMU cannot be reached or goes away.\n"
    "\n"
    "example: qemu-system-aarch64 -M virt,iommu=smmuv3 -qmp unix:vm.qmp,server=on,wait=off …\n"
    "         smref capture --qmp vm.qmp -o vm.json && smref run vm.json --sid 0x8 --addr 0xfffff000 "
    "--explain\n";

enum option_code {
    OPT_HELP = 'h',
    OPT_OUTPUT = 'o',
    OPT_QMP = 256,
    OPT_QTEST,
    OPT_BASE,
    OPT_PROFILE,
    OPT_LIMIT,
    OPT_TIMEOUT,
    OPT_TIME,
    OPT_JSON,
};

static const struct option options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"qmp", required_argument, NULL, OPT_QMP},
    {"output", required_argument, NULL, OPT_OUTPUT},
    {"qtest", required_argument, NULL, OPT_QTEST},
    {"base", required_argument, NULL, OPT_BASE},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"limit", required_argument, NULL, OPT_LIMIT},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"time", no_argument, NULL, OPT_TIME},
    {"json", no_argument, NULL, OPT_JSON},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *qmp, *qtest, *output, *profile;
    bool base_given, time, json;
    uint64_t base, limit, timeout;
    char profile_name[SMREF_PROFILE_ROOM]; /* empty: none */
    smref_choice_set choices;              /* the profile's */
    char description[256];
    smref_register_set registers;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

/* ---- Options --------------------------------------------------------------------------------------- */

static bool take_number(const char *name, uint64_t least, uint64_t most, uint64_t *out)
{
    if (smref_parse_number(optarg, most, out) && *out >= least)
        return true;
    smref_usage("capture", "--%s %.60s: a number from %" PRIu64 " to %" PRIu64 " is expected", name, optarg,
                least, most);
    return false;
}

static bool take_base(struct request *r)
{
    r->base_given = true;
    if (smref_parse_number(optarg, UINT64_MAX, &r->base) && r->base % 0x10000 == 0)
        return true;
    smref_usage("capture", "--base %.60s: an address that is a multiple of 64 KB is expected", optarg);
    return false;
}

static bool take_option(struct request *r, int option)
{
    switch (option) {
    case OPT_QMP:
        r->qmp = optarg;
        return true;
    case OPT_QTEST:
        r->qtest = optarg;
        return true;
    case OPT_OUTPUT:
        r->output = optarg;
        return true;
    case OPT_BASE:
        return take_base(r);
    case OPT_PROFILE:
        r->profile = optarg;
        return true;
    case OPT_LIMIT:
        return take_number("limit", 1, 65536, &r->limit);
    case OPT_TIMEOUT:
        return take_number("timeout", 1, 3600, &r->timeout);
    case OPT_TIME:
        r->time = true;
        return true;
    default:
        r->json = true;
        return true;
    }
}

static int check_request(const struct request *r, int operands)
{
    if (operands)
        return smref_usage("capture", "no operands; the snapshot goes to --output");
    if (!r->qmp)
        return smref_usage("capture", "which QEMU? --qmp SOCKET");
    if (!r->output)
        return smref_usage("capture", "where to? --output FILE");
    if (r->json && strcmp(r->output, "-") == 0)
        return smref_usage("capture", "--json and the snapshot cannot both be the standard output");
    return SMREF_EXIT_OK;
}

/* ---- What is captured ------------------------------------------------------------------------------ */

/* The profile that was asked for, or that of QEMU's version. */
static bool choose_profile(struct request *r, const char *version, smref_jerror *error)
{
    smref_profile *profile = smref_alloc(1, sizeof *profile);
    char wanted[SMREF_PROFILE_ROOM], name[SMREF_PROFILE_ROOM];
    bool good = true;

    if (r->profile)
        snprintf(r->profile_name, sizeof r->profile_name, "%.60s", r->profile);
    snprintf(wanted, sizeof wanted, "qemu-%.*s",
             (int)(strrchr(version, '.') ? strrchr(version, '.') - version : 0), version);
    for (size_t i = 0; !r->profile && smref_profile_name(i, name); i++)
        if (strcmp(name, wanted) == 0)
            snprintf(r->profile_name, sizeof r->profile_name, "%s", name);
    if (r->profile_name[0])
        good = smref_profile_open(r->profile_name, profile, error);
    if (good && r->profile_name[0])
        r->choices = profile->choices;
    smref_registers_clear(&profile->registers);
    free(profile);
    return good;
}

/* Reading the registers of something else might change it. */
static bool check_base(uint64_t base, const smref_live *live, smref_jerror *error)
{
    const smref_live_place *there, *first = smref_live_smmu(live, 0);
    char instead[48] = "";
    uint64_t last;

    (void)smref_live_at(live, base, &last, &there);
    if (there && strstr(there->name, "smmu"))
        return true;
    if (first)
        snprintf(instead, sizeof instead, "; one is at 0x%" PRIx64, first->first);
    snprintf(error->text, sizeof error->text, "no SMMUv3 is at 0x%" PRIx64 ": QEMU has %s there%s", base,
             there ? there->name : "nothing", instead);
    return false;
}

static bool choose_base(const struct request *r, const smref_live *live, uint64_t *base, smref_jerror *error)
{
    const smref_live_place *first = smref_live_smmu(live, 0), *other = smref_live_smmu(live, 1);

    *base = r->base_given ? r->base : first ? first->first : 0;
    if (r->base_given)
        return check_base(r->base, live, error);
    if (first && other)
        snprintf(error->text, sizeof error->text,
                 "this machine has several SMMUv3s, at 0x%" PRIx64 " and 0x%" PRIx64 "%s; --base tells which",
                 first->first, other->first, smref_live_smmu(live, 2) ? " and more" : "");
    else if (!first)
        snprintf(error->text, sizeof error->text, "this machine has no SMMUv3 (-M virt,iommu=smmuv3)");
    return first && !other;
}

/* An instance whose memory is that of the machine, empty at first. */
static bool make_instance(smref_capture *capture)
{
    smref_memory memory;
    bool good = true;

    capture->memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    for (size_t i = 0; good && capture->memory && i < capture->live->place_count; i++) {
        const smref_live_place *place = &capture->live->places[i];
        if (place->kind == SMREF_LIVE_MEMORY)
            good = smref_sparse_declare(capture->memory, SMREF_PAS_NS, place->first,
                                        place->last - place->first + 1, 0) == SMREF_OK;
    }
    if (capture->memory && good) {
        memory = smref_sparse_interface(capture->memory);
        capture->smmu = smref_new(&memory, NULL);
    }
    if (!capture->smmu)
        snprintf(capture->error->text, sizeof capture->error->text, "the host has no memory left");
    return capture->smmu != NULL;
}

static void describe(struct request *r, const smref_capture *capture)
{
    char arch[4], when[32] = "";
    time_t now = time(NULL);
    struct tm utc;

    if (r->time && gmtime_r(&now, &utc))
        strftime(when, sizeof when, ", %Y-%m-%d %H:%M:%S UTC", &utc);
    snprintf(
        r->description, sizeof r->description, "captured from QEMU %s%s%s%s, SMMUv%s at 0x%" PRIx64 "%s%s",
        smref_qmp_version(capture->live->qmp), capture->live->machine[0] ? " (" : "", capture->live->machine,
        capture->live->machine[0] ? ")" : "", smref_spell_arch(smref_architecture(capture->smmu), arch),
        capture->base, when, capture->left_out_count ? ", not whole" : "");
}

/* A profile states options for the version that its SMMU has; this one may say that it is another. */
static bool take_choices(struct request *r, smref_capture *capture)
{
    smref_choice refused;
    char arch[4];

    if (smref_choices_deposit(&r->choices, capture->smmu, &refused))
        return true;
    if (!r->profile) {
        r->profile_name[0] = '\0';
        return true;
    }
    snprintf(capture->error->text, sizeof capture->error->text,
             "%s has an option of %s that SMMUv%s does not permit; --profile names another", r->profile_name,
             smref_choice_at((unsigned)refused)->id,
             smref_spell_arch(smref_architecture(capture->smmu), arch));
    return false;
}

static bool capture_all(struct request *r, smref_capture *capture)
{
    if (!choose_base(r, capture->live, &capture->base, capture->error) || !make_instance(capture) ||
        !smref_live_stop(capture->live, capture->error) || !smref_capture_registers(capture) ||
        !take_choices(r, capture))
        return false;
    smref_capture_queues(capture);
    smref_capture_streams(capture);
    return !capture->failed && smref_live_continue(capture->live, capture->error);
}

/* ---- Output ---------------------------------------------------------------------------------------- */

/* The snapshot must load; if it does not, that is our bug. */
static void check_text(const char *text)
{
    smref_jerror error = {""};
    smref_snapshot snapshot;
    smref_machine machine;
    smref_jdoc doc;

    if (smref_jdoc_parse(&doc, "the captured snapshot", text, strlen(text), &error)) {
        if (smref_snapshot_read(&doc, &doc.root, NULL, &snapshot, &error)) {
            if (smref_machine_new(&machine, &doc, &snapshot, NULL, &error))
                smref_machine_free(&machine);
            smref_snapshot_free(&snapshot);
        }
        smref_jdoc_close(&doc);
    }
    if (!error.text[0])
        return;
    fprintf(stderr, "smref: this is a bug in smref, please report it: %s\n", error.text);
    exit(SMREF_EXIT_BUG);
}

static bool write_snapshot(const struct request *r, const smref_capture *capture, smref_jerror *error)
{
    json_t *tree = smref_capture_json(capture, r->description, r->profile_name[0] ? r->profile_name : NULL);
    json_t *canonical = smref_canonical_tree(tree);
    char *text = smref_canonical_text(canonical), why[200];
    bool good = true;

    check_text(text);
    if (strcmp(r->output, "-") == 0)
        fputs(text, stdout);
    else if (!smref_replace_file(r->output, text, why)) {
        snprintf(error->text, sizeof error->text, "%s", why);
        good = false;
    }
    free(text);
    json_decref(canonical);
    json_decref(tree);
    return good;
}

static void print_json(const struct request *r, const smref_capture *capture)
{
    const smref_capture_counts *n = &capture->counts;
    json_t *object = json_pack("{s:s,s:s}", "format", "smref-capture", "version", "1.0"),
           *left = json_array();
    char base[24];

    snprintf(base, sizeof base, "0x%" PRIx64, capture->base);
    json_object_set_new(object, "file", json_string(r->output));
    json_object_set_new(object, "qemu", json_string(smref_qmp_version(capture->live->qmp)));
    json_object_set_new(object, "machine", json_string(capture->live->machine));
    json_object_set_new(object, "base", json_string(base));
    if (r->profile_name[0])
        json_object_set_new(object, "profile", json_string(r->profile_name));
    json_object_set_new(object, "ran", json_boolean(capture->live->runs));
    json_object_set_new(
        object, "enabled",
        json_boolean(smref_SMMU_CR0_SMMUEN(smref_get_register(capture->smmu, SMREF_REG_SMMU_CR0))));
    json_object_set_new(object, "captured",
                        json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "l1stds", (json_int_t)n->l1stds,
                                  "stes", (json_int_t)n->stes, "l1cds", (json_int_t)n->l1cds, "cds",
                                  (json_int_t)n->cds, "tables", (json_int_t)n->tables, "commands",
                                  (json_int_t)n->commands, "events", (json_int_t)n->events, "bytes",
                                  (json_int_t)capture->taken));
    for (size_t i = 0; i < capture->left_out_count; i++)
        json_array_append_new(left, json_string(capture->left_out[i]));
    json_object_set_new(object, "left_out", left);
    json_dumpf(object, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(object);
}

static void print_summary(const struct request *r, const smref_capture *capture)
{
    const smref_capture_counts *n = &capture->counts;

    printf("%s: %s\n", r->output, r->description);
    if (!smref_SMMU_CR0_SMMUEN(smref_get_register(capture->smmu, SMREF_REG_SMMU_CR0)))
        puts("CR0.SMMUEN is 0: the SMMU is not enabled");
    printf("%" PRIu64 " STEs, %" PRIu64 " CDs, %" PRIu64 " translation tables; in use %" PRIu64
           " commands and %" PRIu64 " events; %" PRIu64 " KiB of memory\n",
           n->stes, n->cds, n->tables, n->commands, n->events, (capture->taken + 1023) >> 10);
}

static int report(const struct request *r, const smref_capture *capture)
{
    if (r->json)
        print_json(r, capture);
    else if (strcmp(r->output, "-") != 0)
        print_summary(r, capture);
    fflush(stdout);
    for (size_t i = 0; !r->json && i < capture->left_out_count; i++)
        fprintf(stderr, "smref: left out: %s\n", capture->left_out[i]);
    return smref_finish(capture->left_out_count ? SMREF_EXIT_DIFFERENT : SMREF_EXIT_OK);
}

/* ---- Running --------------------------------------------------------------------------------------- */

/* A refusal by QEMU, or a machine without an SMMU, is another thing than a QEMU that is gone. */
static int complain(const smref_live *live, const smref_jerror *error)
{
    bool gone = !live || smref_live_lost(live);

    (void)smref_bad_input(error->text);
    return gone && !interrupted ? SMREF_EXIT_TARGET : SMREF_EXIT_USAGE;
}

static int run(struct request *r)
{
    smref_jerror error = {""};
    smref_live live;
    smref_capture capture = {
        .live = &live, .registers = &r->registers, .limit = r->limit << 20, .error = &error};
    const smref_live_options how = {.qmp = r->qmp,
                                    .qtest = r->qtest,
                                    .timeout_ms = (unsigned)r->timeout * 1000,
                                    .interrupted = &interrupted};
    int code;

    if (r->profile && !choose_profile(r, "", &error))
        return smref_bad_input(error.text);
    watch_signals();
    if (!smref_live_open(&live, &how, &error))
        return complain(NULL, &error);
    bool good = choose_profile(r, smref_qmp_version(live.qmp), &error) && capture_all(r, &capture);
    smref_progress(NULL);
    if (good)
        describe(r, &capture);
    if (good && write_snapshot(r, &capture, &error))
        code = report(r, &capture);
    else
        code = complain(&live, &error);
    smref_capture_free(&capture);
    smref_live_close(&live);
    return code;
}

int smref_cmd_capture(int argc, char **argv)
{
    struct request *r = smref_alloc(1, sizeof *r);
    int option, code = -1;

    r->limit = 64;
    r->timeout = 30;
    smref_choices_clear(&r->choices);
    while (code < 0 && (option = smref_next_option(argc, argv, options)) != -1) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            code = smref_finish(SMREF_EXIT_OK);
        } else if (option == '?' || !take_option(r, option)) {
            code = SMREF_EXIT_USAGE;
        }
    }
    if (code < 0 && (code = check_request(r, argc - optind)) == SMREF_EXIT_OK)
        code = run(r);
    smref_registers_clear(&r->registers);
    free(r);
    return code;
}
