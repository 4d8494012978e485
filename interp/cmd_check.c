/* `smref check`: the model against vectors. */
#define _POSIX_C_SOURCE 200809L
#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check_report.h"
#include "command.h"
#include "file_list.h"
#include "vectors.h"

static const char help[] =
    "usage: smref check [FILE|FOLDER]... [OPTIONS]     (vectors, the folder, when nothing is named)\n"
    "\n"
    "Runs the tests of files of vectors on the model. A test passes when, in each of its steps, the model\n"
    "permits exactly the outcomes that the file lists; vectors/README.md says what is compared.\n"
    "\n"
    "  --match RE           only tests whose FILE/ID the pattern matches (PCRE2)\n"
    "  --shard I/N          only every Nth test, from the Ith on; N calls from 1/N to N/N run them all\n"
    "  --format FORMAT      text, tap, junit or json (text)\n"
    "  --quiet              text: only the summary\n"
    "\n"
    "Exit status: 0 all passed, 1 some failed, 2 a file is bad, or the model lacks what a test needs.\n"
    "\n"
    "example: smref check vectors --match '^start/ste' --format tap\n";

enum { OPT_MATCH = 256, OPT_SHARD, OPT_FORMAT, OPT_QUIET };

static const struct option options[] = {
    {"help", no_argument, NULL, 'h'},
    {"match", required_argument, NULL, OPT_MATCH},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {NULL, 0, NULL, 0},
};

struct selection {
    pcre2_code *pattern; /* NULL: all */
    pcre2_match_data *match;
    uint64_t shard, shards; /* 1 to shards */
    uint64_t seen;          /* tests that the pattern selected so far */
    const char *text;       /* the pattern as given */
};

struct checker {
    struct selection selection;
    smref_report report;
    smref_files files;
};

/* ---- The command line ------------------------------------------------------------------------------ */

static bool take_pattern(struct selection *s, const char *text)
{
    PCRE2_UCHAR why[128];
    PCRE2_SIZE at;
    int number;

    s->text = text;
    s->pattern = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, &number, &at, NULL);
    if (s->pattern) {
        s->match = pcre2_match_data_create_from_pattern(s->pattern, NULL);
        return true;
    }
    pcre2_get_error_message(number, why, sizeof why);
    smref_usage("check", "--match %.60s: %s at character %zu", text, (const char *)why, at + 1);
    return false;
}

static bool take_shard(struct selection *s, const char *text)
{
    if (smref_parse_part(text, 1000000, &s->shard, &s->shards))
        return true;
    smref_usage("check", "--shard %.40s: write I/N, with I from 1 to N", text);
    return false;
}

static bool take_format(smref_report *report, const char *text)
{
    static const char *const words[] = {"text", "tap", "junit", "json"};

    for (size_t i = 0; i < 4; i++) {
        if (strcmp(words[i], text) == 0) {
            report->format = (smref_report_format)i;
            return true;
        }
    }
    smref_usage("check", "--format %.40s: there are text, tap, junit and json", text);
    return false;
}

static bool take_option(struct checker *checker, int option)
{
    switch (option) {
    case OPT_MATCH:
        return take_pattern(&checker->selection, optarg);
    case OPT_SHARD:
        return take_shard(&checker->selection, optarg);
    case OPT_FORMAT:
        return take_format(&checker->report, optarg);
    case OPT_QUIET:
        checker->report.quiet = true;
        return true;
    default:
        return false;
    }
}

static int take_files(struct checker *checker, int argc, char **argv)
{
    struct stat status;

    for (int i = optind; i < argc; i++)
        if (!smref_files_add(&checker->files, argv[i]))
            return SMREF_EXIT_USAGE;
    if (optind < argc)
        return SMREF_EXIT_OK;
    if (stat("vectors", &status) != 0)
        return smref_usage("check", "which vectors?");
    return smref_files_add(&checker->files, "vectors") ? SMREF_EXIT_OK : SMREF_EXIT_USAGE;
}

static int parse(struct checker *checker, int argc, char **argv, bool *done)
{
    int option;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            *done = true;
            return smref_finish(SMREF_EXIT_OK);
        }
        if (!take_option(checker, option))
            return SMREF_EXIT_USAGE;
    }
    return take_files(checker, argc, argv);
}

/* ---- Tests ----------------------------------------------------------------------------------------- */

static bool selected(struct selection *s, const char *suite, const char *id)
{
    char name[2 * SMREF_SUITE_ROOM + 1];

    snprintf(name, sizeof name, "%s/%s", suite, id);
    if (s->pattern && pcre2_match(s->pattern, (PCRE2_SPTR)name, strlen(name), 0, 0, s->match, NULL) < 0)
        return false;
    uint64_t number = s->seen++;
    return s->shards == 0 || number % s->shards == s->shard - 1;
}

static void check_test(struct checker *checker, const smref_jdoc *doc, const smref_vectors *vectors,
                       const smref_group *group, const smref_test *test)
{
    smref_checked checked = {.verdict = SMREF_PASSED};
    smref_jerror error = {""};
    size_t size = 0, room = strlen(doc->file) + 16;
    bool same = true;
    FILE *text = open_memstream(&checked.text, &size);

    if (!text)
        exit(smref_bad_input("the host has no memory left"));
    bool run = smref_test_check(doc, group, test, text, &same, &error);
    if (!run)
        fprintf(text, "  %s\n", error.text);
    fclose(text);
    checked.verdict = !same ? SMREF_FAILED : run ? SMREF_PASSED : SMREF_NOT_RUN;
    if (checked.verdict == SMREF_PASSED) {
        free(checked.text);
        checked.text = NULL;
    }
    checked.suite = smref_copy_text(vectors->name);
    checked.id = smref_copy_text(test->id);
    checked.comment = smref_copy_text(test->comment);
    checked.section = smref_copy_text(test->section);
    checked.place = smref_alloc(room, 1);
    snprintf(checked.place, room, "%s:%u", doc->file, test->node->line);
    smref_report_add(&checker->report, &checked);
}

static void check_vectors(struct checker *checker, const smref_jdoc *doc, const smref_vectors *vectors)
{
    for (size_t g = 0; g < vectors->group_count; g++) {
        const smref_group *group = &vectors->groups[g];
        for (size_t t = 0; t < group->test_count; t++) {
            if (!selected(&checker->selection, vectors->name, group->tests[t].id))
                continue;
            check_test(checker, doc, vectors, group, &group->tests[t]);
            if (checker->report.count % 64 == 0)
                smref_progress("%zu tests, %zu failed: %s", checker->report.count, checker->report.failed,
                               vectors->name);
        }
    }
}

/* False: the file is bad. */
static bool check_file(struct checker *checker, const smref_file *file)
{
    smref_jerror error = {""};
    smref_vectors vectors;
    smref_jdoc doc;
    bool good = true;

    if (!smref_jdoc_load(&doc, file->path, &error)) {
        smref_progress(NULL);
        smref_bad_input(error.text);
        return false;
    }
    if (smref_file_wanted(file, &doc, "smref-vectors")) {
        good = smref_vectors_read(&doc, &vectors, &error);
        if (good) {
            check_vectors(checker, &doc, &vectors);
            smref_vectors_free(&vectors);
        } else {
            smref_progress(NULL);
            smref_bad_input(error.text);
        }
    }
    smref_jdoc_close(&doc);
    return good;
}

static int check_files(struct checker *checker)
{
    bool good = true;

    for (size_t i = 0; good && i < checker->files.count; i++)
        good = check_file(checker, &checker->files.list[i]);
    smref_progress(NULL);
    if (!good) {
        if (checker->report.format == SMREF_REPORT_TAP)
            fputs("Bail out! a file is bad\n", stdout);
        return SMREF_EXIT_USAGE;
    }
    if (checker->selection.text && checker->selection.seen == 0)
        return smref_usage("check", "no test matches %.60s", checker->selection.text);
    smref_report_end(&checker->report);
    if (checker->report.failed)
        return SMREF_EXIT_DIFFERENT;
    return checker->report.not_run ? SMREF_EXIT_USAGE : SMREF_EXIT_OK;
}

int smref_cmd_check(int argc, char **argv)
{
    struct checker checker = {.report = {.to = stdout}};
    bool done = false;
    int code = parse(&checker, argc, argv, &done);

    if (code == SMREF_EXIT_OK && !done)
        code = smref_finish(check_files(&checker));
    pcre2_match_data_free(checker.selection.match);
    pcre2_code_free(checker.selection.pattern);
    smref_report_free(&checker.report);
    smref_files_free(&checker.files);
    return code;
}
