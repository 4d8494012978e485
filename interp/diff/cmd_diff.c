/* `smref diff`: an implementation against what the architecture permits. */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "jobs.h"
#include "publish.h"

static const char help[] =
    "usage: smref diff TARGET [FILE|FOLDER]... [OPTIONS]\n"
    "\n"
    "Carries out cases on an implementation, and tells where it departs from the architecture: each group "
    "of\n"
    "findings with the rule and the section that decide. Without files the cases are generated: they reach "
    "the\n"
    "rules one by one, their boundaries, pairs of them, and what lies around. FILE: snapshots, vectors, "
    "results of\n"
    "campaigns (*.jsonl), folders of them; of any other file each eight bytes are the index of a generated "
    "case.\n"
    "\n"
    "TARGET\n"
    "  qemu, qemu:PATH      qemu-system-aarch64: of the search path, or this one (10.0 or later)\n"
    "  plugin:COMMAND       what speaks smref-plugin on standard input and output (interp/diff/PLUGIN.md)\n"
    "\n"
    "What is compared\n"
    "  --seed N             where generated cases start from (1)\n"
    "  --cases N            how many (100000, or all of the files)\n"
    "  --time SECONDS       end then, whatever is left\n"
    "  --only KIND          only cases of this kind: translation, registers, commands, ...\n"
    "  --stage 1|2|nested   the stages of QEMU's SMMU (nested: both)\n"
    "  --shard I/N          of all cases this part; N machines with 1/N to N/N carry out all of them\n"
    "  --jobs N             so many at a time on this machine (1)\n"
    "\n"
    "What comes out\n"
    "  --out DIR            keep the results there, for `smref report` (a folder that is gone when nothing "
    "was found)\n"
    "  --resume             go on with what --out has, where it was ended\n"
    "  --known FILE         findings that are no news (smref-known)\n"
    "  --stop-after N       end after N findings that are news\n"
    "  --reduce             make the case of each group as small as can be\n"
    "  --export DIR         write each group as snapshot, vector, and script for QEMU; reduced\n"
    "  --json               the report as JSON\n"
    "  --timeout SECONDS    a target that gives no answer for so long hangs (10)\n"
    "\n"
    "Exit status: 0 no news, 1 findings, 2 bad usage or input, 3 the target cannot be used, 4 a defect of "
    "smref.\n"
    "\n"
    "example: smref diff qemu --cases 1000000 --jobs 4 --out campaign\n";

enum {
    OPT_SEED = 256,
    OPT_CASES,
    OPT_TIME,
    OPT_ONLY,
    OPT_STAGE,
    OPT_SHARD,
    OPT_JOBS,
    OPT_OUT,
    OPT_RESUME,
    OPT_KNOWN,
    OPT_STOP_AFTER,
    OPT_REDUCE,
    OPT_EXPORT,
    OPT_JSON,
    OPT_TIMEOUT,
};

static const struct option options[] = {
    {"help", no_argument, NULL, 'h'},
    {"seed", required_argument, NULL, OPT_SEED},
    {"cases", required_argument, NULL, OPT_CASES},
    {"time", required_argument, NULL, OPT_TIME},
    {"only", required_argument, NULL, OPT_ONLY},
    {"stage", required_argument, NULL, OPT_STAGE},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"jobs", required_argument, NULL, OPT_JOBS},
    {"out", required_argument, NULL, OPT_OUT},
    {"resume", no_argument, NULL, OPT_RESUME},
    {"known", required_argument, NULL, OPT_KNOWN},
    {"stop-after", required_argument, NULL, OPT_STOP_AFTER},
    {"reduce", no_argument, NULL, OPT_REDUCE},
    {"export", required_argument, NULL, OPT_EXPORT},
    {"json", no_argument, NULL, OPT_JSON},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {NULL, 0, NULL, 0},
};

#define MAX_JOBS 1024
#define MAX_SHARDS 1000000
#define DEFAULT_CASES 100000

struct diff {
    smref_jobs jobs;
    bool cases_given, reduce, json;
    const char *known, *export_folder;
    char own_folder[1024];        /* made for this campaign alone; "": there is none */
    uint32_t sids[SMREF_DEVICES]; /* of accesses in files */
};

/* ---- The command line ------------------------------------------------------------------------------ */

static bool take_number(const char *option, uint64_t min, uint64_t max, uint64_t *out)
{
    if (smref_parse_number(optarg, max, out) && *out >= min)
        return true;
    smref_usage("diff", "%s %.40s: not a number from %llu to %llu", option, optarg, (unsigned long long)min,
                (unsigned long long)max);
    return false;
}

static bool take_shard(smref_campaign *campaign)
{
    uint64_t part, parts;

    if (!smref_parse_part(optarg, MAX_SHARDS, &part, &parts)) {
        smref_usage("diff", "--shard %.40s: write I/N, with I from 1 to N", optarg);
        return false;
    }
    campaign->part = (unsigned)part;
    campaign->parts = (unsigned)parts;
    return true;
}

static bool take_stage(unsigned *stages)
{
    static const char *const words[] = {"1", "2", "nested"};

    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(words[i], optarg) == 0) {
            *stages = i + 1;
            return true;
        }
    }
    smref_usage("diff", "--stage %.40s: there are 1, 2 and nested", optarg);
    return false;
}

static bool take_time(double *out)
{
    char *end;

    *out = strtod(optarg, &end);
    if (end != optarg && !*end && *out > 0 && *out < 1e9)
        return true;
    smref_usage("diff", "--time %.40s: not a number of seconds", optarg);
    return false;
}

static bool take_number_option(struct diff *d, int option)
{
    smref_campaign *campaign = &d->jobs.campaign;
    uint64_t number = 0;
    bool good;

    switch (option) {
    case OPT_SEED:
        return take_number("--seed", 0, UINT64_MAX, &campaign->seed);
    case OPT_CASES:
        d->cases_given = true;
        return take_number("--cases", 1, UINT64_C(1) << 48, &campaign->cases);
    case OPT_JOBS:
        good = take_number("--jobs", 1, MAX_JOBS, &number);
        d->jobs.jobs = (unsigned)number;
        return good;
    case OPT_STOP_AFTER:
        good = take_number("--stop-after", 1, UINT32_MAX, &number);
        campaign->stop_after = (unsigned)number;
        return good;
    default:
        good = take_number("--timeout", 1, 86400, &number);
        d->jobs.options.timeout_ms = (unsigned)number * 1000;
        return good;
    }
}

static bool take_option(struct diff *d, int option)
{
    smref_campaign *campaign = &d->jobs.campaign;

    switch (option) {
    case OPT_TIME:
        return take_time(&campaign->seconds);
    case OPT_ONLY:
        campaign->only = optarg;
        return true;
    case OPT_STAGE:
        return take_stage(&d->jobs.options.stages);
    case OPT_SHARD:
        return take_shard(campaign);
    case OPT_OUT:
        campaign->folder = optarg;
        return true;
    case OPT_RESUME:
        return campaign->resume = true;
    case OPT_KNOWN:
        d->known = optarg;
        return true;
    case OPT_REDUCE:
        return d->reduce = true;
    case OPT_EXPORT:
        d->export_folder = optarg;
        return d->reduce = true;
    case OPT_JSON:
        return d->json = true;
    case '?':
        return false;
    default:
        return take_number_option(d, option);
    }
}

/* ---- The folder ------------------------------------------------------------------------------------ */

static bool has_results(const smref_jobs *jobs)
{
    smref_campaign campaign = jobs->campaign;
    char path[SMREF_PATH_ROOM];

    campaign.parts = smref_jobs_parts(jobs);
    for (unsigned i = 0; i < jobs->jobs; i++)
        if (access(smref_campaign_path(&campaign, smref_jobs_part(jobs, i), "jsonl", path), F_OK) == 0)
            return true;
    return false;
}

static bool make_folder(struct diff *d)
{
    smref_campaign *campaign = &d->jobs.campaign;
    const char *tmpdir = getenv("TMPDIR");

    if (!campaign->folder) {
        if (campaign->resume) {
            smref_usage("diff", "--resume goes on with what --out DIR has");
            return false;
        }
        snprintf(d->own_folder, sizeof d->own_folder, "%.900s/smref-diff-XXXXXX", tmpdir ? tmpdir : "/tmp");
        campaign->folder = mkdtemp(d->own_folder);
        if (!campaign->folder)
            smref_usage("diff", "%s: %s", d->own_folder, strerror(errno));
        return campaign->folder != NULL;
    }
    if (mkdir(campaign->folder, 0777) != 0 && errno != EEXIST) {
        smref_usage("diff", "--out %.200s: %s", campaign->folder, strerror(errno));
        return false;
    }
    if (!campaign->resume && has_results(&d->jobs)) {
        smref_usage("diff", "--out %.200s has results already: go on with --resume, or name another folder",
                    campaign->folder);
        return false;
    }
    return true;
}

/* Machines that share a folder have one each. */
static const char *reduced_path(const smref_campaign *campaign, char out[SMREF_PATH_ROOM])
{
    if (campaign->parts == 1)
        snprintf(out, SMREF_PATH_ROOM, "%s/reduced.jsonl", campaign->folder);
    else
        snprintf(out, SMREF_PATH_ROOM, "%s/reduced-%u-of-%u.jsonl", campaign->folder, campaign->part,
                 campaign->parts);
    return out;
}

static void remove_own_folder(const struct diff *d)
{
    const smref_jobs *jobs = &d->jobs;
    smref_campaign campaign = jobs->campaign;
    char path[SMREF_PATH_ROOM];

    campaign.parts = smref_jobs_parts(jobs);
    for (unsigned i = 0; i < jobs->jobs; i++) {
        unlink(smref_campaign_path(&campaign, smref_jobs_part(jobs, i), "jsonl", path));
        unlink(smref_campaign_path(&campaign, smref_jobs_part(jobs, i), "state", path));
    }
    unlink(reduced_path(&jobs->campaign, path));
    rmdir(d->own_folder);
}

/* ---- All of it ------------------------------------------------------------------------------------- */

/* What the target turns out to be. The target itself is closed again: each job has its own. */
static bool learn(const struct diff *d, smref_implementation *out, smref_jerror *error)
{
    const smref_jobs *jobs = &d->jobs;
    smref_target *target = smref_target_open(jobs->campaign.target, &jobs->options, error);

    if (!target)
        return false;
    *out = target->implementation;
    memset(&target->implementation.profile.registers, 0, sizeof target->implementation.profile.registers);
    target->close(target);
    return true;
}

/* The files, and what the target is, which may have devices for the streams in them. An exit code. */
static int prepare(struct diff *d, char *const *files, int count, smref_implementation *implementation,
                   smref_cases **source, smref_jerror *error)
{
    smref_generator *generator;

    if (count) {
        *source = smref_cases_files(files, count, error);
        if (!*source)
            return SMREF_EXIT_USAGE;
        d->jobs.options.sids = d->sids;
        d->jobs.options.sid_count = smref_cases_streams(*source, d->sids, SMREF_DEVICES);
    }
    if (!learn(d, implementation, error))
        return SMREF_EXIT_TARGET;
    generator = smref_generator_new(implementation, d->jobs.campaign.seed, error);
    if (!generator)
        return SMREF_EXIT_USAGE;
    if (*source)
        smref_cases_bind(*source, implementation, generator);
    else
        *source = smref_cases_generated(generator);
    return SMREF_EXIT_OK;
}

/* ---- What came out --------------------------------------------------------------------------------- */

/* The results of the parts that ran here. */
static bool read_results(const struct diff *d, smref_results *out, smref_jerror *error)
{
    smref_campaign campaign = d->jobs.campaign;
    char path[SMREF_PATH_ROOM];

    memset(out, 0, sizeof *out);
    campaign.parts = smref_jobs_parts(&d->jobs);
    for (unsigned i = 0; i < d->jobs.jobs; i++)
        if (!smref_results_add(
                out, smref_campaign_path(&campaign, smref_jobs_part(&d->jobs, i), "jsonl", path), error))
            return false;
    return smref_results_end(out, campaign.known, error);
}

static void tell(const struct diff *d, const smref_results *results)
{
    json_t *json;

    if (!d->json) {
        smref_report_text(stdout, results, d->jobs.campaign.known);
        return;
    }
    json = smref_report_json(results, d->jobs.campaign.known);
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(json);
}

/* On a target of its own: those of the jobs are gone. */
static bool reduce(const struct diff *d, smref_results *results, smref_jerror *error)
{
    const smref_jobs *jobs = &d->jobs;
    smref_target *target = smref_target_open(jobs->campaign.target, &jobs->options, error);
    char path[SMREF_PATH_ROOM];
    bool good;

    if (!target)
        return false;
    good = smref_results_reduce(results, target, error) &&
           smref_results_save(results, reduced_path(&jobs->campaign, path), error) &&
           (!d->export_folder || smref_results_export(results, d->export_folder, target, error));
    target->close(target);
    return good;
}

/* Reduces, tells, and gives the exit code. */
static int conclude(const struct diff *d)
{
    smref_jerror error = {""};
    smref_results results;
    int code = SMREF_EXIT_OK;

    if (!read_results(d, &results, &error))
        return smref_bad_input(error.text);
    if (d->reduce && results.group_count && !reduce(d, &results, &error)) {
        smref_bad_input(error.text);
        code = SMREF_EXIT_TARGET;
    }
    tell(d, &results);
    if (code == SMREF_EXIT_OK && results.news)
        code = SMREF_EXIT_DIFFERENT;
    smref_results_free(&results);
    return code;
}

static int finish(struct diff *d, int code, bool stopped)
{
    const char *folder = d->jobs.campaign.folder;

    if (code == SMREF_EXIT_OK)
        code = conclude(d);
    if (d->own_folder[0] && code == SMREF_EXIT_OK)
        remove_own_folder(d);
    else if (d->own_folder[0])
        fprintf(stderr, "smref: the results are in %s\n", folder);
    else if (stopped)
        fprintf(stderr, "smref: not complete: --out %s --resume goes on\n", folder);
    return code;
}

static int run(struct diff *d, char *const *files, int count)
{
    smref_implementation *implementation = smref_alloc(1, sizeof *implementation);
    smref_jerror error = {""};
    smref_cases *source = NULL;
    bool stopped = false;
    int code = prepare(d, files, count, implementation, &source, &error);

    if (error.text[0])
        smref_bad_input(error.text);
    if (code == SMREF_EXIT_OK)
        code = finish(d, smref_jobs_run(&d->jobs, source, &stopped), stopped);
    else if (d->own_folder[0])
        remove_own_folder(d);
    if (source)
        smref_cases_free(source);
    smref_implementation_clear(implementation);
    free(implementation);
    return code;
}

int smref_cmd_diff(int argc, char **argv)
{
    struct diff d = {.jobs = {.campaign = {.seed = 1, .part = 1, .parts = 1},
                              .jobs = 1,
                              .options = {.timeout_ms = 10000, .stages = 3}}};
    smref_jerror error = {""};
    int option, code;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return smref_finish(SMREF_EXIT_OK);
        }
        if (!take_option(&d, option))
            return SMREF_EXIT_USAGE;
    }
    if (optind == argc)
        return smref_usage("diff", "name the target: qemu, qemu:PATH or plugin:COMMAND");
    d.jobs.campaign.target = argv[optind++];
    if (!smref_target_named(d.jobs.campaign.target))
        return smref_usage("diff", "%.200s: there are the targets qemu, qemu:PATH and plugin:COMMAND",
                           d.jobs.campaign.target);
    d.jobs.progress = true;
    if (!d.cases_given)
        d.jobs.campaign.cases = optind < argc || d.jobs.campaign.seconds > 0 ? UINT64_MAX : DEFAULT_CASES;
    if (d.known && !(d.jobs.campaign.known = smref_known_load(d.known, &error)))
        return smref_bad_input(error.text);
    code = make_folder(&d) ? run(&d, argv + optind, argc - optind) : SMREF_EXIT_USAGE;
    smref_known_free(d.jobs.campaign.known);
    return smref_finish(code);
}
