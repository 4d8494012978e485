/* `smref report`: the results of a campaign, added up. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "file_list.h"
#include "publish.h"

static const char help[] =
    "usage: smref report FILE|FOLDER... [OPTIONS]\n"
    "\n"
    "Adds up what the parts of a campaign of smref diff wrote, from one machine or many: what was compared,\n"
    "how much agreed, and the findings in groups, each with its smallest case. Files of another campaign,\n"
    "and a part that is there twice, are refused.\n"
    "\n"
    "  --known FILE    findings that are known (smref schema smref-known): only others are news\n"
    "  --html OUT      one page that needs nothing else: what was compared, and of each group its case, "
    "what\n"
    "                  was shown for what is permitted, and the explanation with the walk drawn, by\n"
    "                  graphviz (dot) when it is there\n"
    "  --export DIR    of each group a folder: snapshot (smref run), vector (smref check), the finding in "
    "words\n"
    "  --json          one object (smref schema smref-report)\n"
    "\n"
    "Exit status: 0 nothing is news, 1 some groups are, 2 a file is bad.\n"
    "\n"
    "example: smref report campaign/ --known vectors/qemu/known.json --html report.html\n";

enum { OPT_KNOWN = 256, OPT_HTML, OPT_EXPORT, OPT_JSON };

static const struct option options[] = {
    {"help", no_argument, NULL, 'h'},
    {"known", required_argument, NULL, OPT_KNOWN},
    {"html", required_argument, NULL, OPT_HTML},
    {"export", required_argument, NULL, OPT_EXPORT},
    {"json", no_argument, NULL, OPT_JSON},
    {NULL, 0, NULL, 0},
};

struct report {
    const char *known_path, *html, *export_folder;
    bool json;
    smref_files files;
    smref_known *known;
    smref_results results;
};

static int parse(struct report *report, int argc, char **argv, bool *done)
{
    int option;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        switch (option) {
        case 'h':
            fputs(help, stdout);
            *done = true;
            return smref_finish(SMREF_EXIT_OK);
        case OPT_KNOWN:
            report->known_path = optarg;
            break;
        case OPT_HTML:
            report->html = optarg;
            break;
        case OPT_EXPORT:
            report->export_folder = optarg;
            break;
        case OPT_JSON:
            report->json = true;
            break;
        default:
            return SMREF_EXIT_USAGE;
        }
    }
    if (optind == argc)
        return smref_usage("report", "which results?");
    for (int i = optind; i < argc; i++)
        if (!smref_files_add_ending(&report->files, argv[i], ".jsonl"))
            return SMREF_EXIT_USAGE;
    return report->files.count ? SMREF_EXIT_OK
                               : smref_usage("report", "%.200s: no *.jsonl in it", argv[optind]);
}

static bool read_all(struct report *report, smref_jerror *error)
{
    if (report->known_path && !(report->known = smref_known_load(report->known_path, error)))
        return false;
    for (size_t i = 0; i < report->files.count; i++)
        if (!smref_results_add(&report->results, report->files.list[i].path, error))
            return false;
    return smref_results_end(&report->results, report->known, error) &&
           (!report->export_folder ||
            smref_results_export(&report->results, report->export_folder, NULL, error));
}

static bool write_html(const struct report *report)
{
    FILE *to = fopen(report->html, "w");
    bool good = to != NULL;

    if (to) {
        smref_report_html(to, &report->results, report->known);
        good = !ferror(to);
        good = fclose(to) == 0 && good;
    }
    if (!good)
        fprintf(stderr, "smref: %s: %s\n", report->html, strerror(errno));
    return good;
}

static int tell(struct report *report)
{
    json_t *json;

    if (report->html && !write_html(report))
        return SMREF_EXIT_USAGE;
    if (report->json) {
        json = smref_report_json(&report->results, report->known);
        json_dumpf(json, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(json);
    } else {
        smref_report_text(stdout, &report->results, report->known);
    }
    return report->results.news ? SMREF_EXIT_DIFFERENT : SMREF_EXIT_OK;
}

int smref_cmd_report(int argc, char **argv)
{
    struct report report = {.known = NULL};
    smref_jerror error = {""};
    bool done = false;
    int code = parse(&report, argc, argv, &done);

    if (code == SMREF_EXIT_OK && !done)
        code = read_all(&report, &error) ? smref_finish(tell(&report)) : smref_bad_input(error.text);
    smref_results_free(&report.results);
    smref_known_free(report.known);
    smref_files_free(&report.files);
    return code;
}
