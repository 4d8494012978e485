/* What `smref check` prints. */
#include "check_report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "markup.h"

/* Each line of the text, with something before it. */
static void print_lines(FILE *to, const char *before, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        fprintf(to, "%s%.*s\n", before, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* ---- Text ------------------------------------------------------------------------------------------ */

static void add_text(const smref_report *report, const smref_checked *c)
{
    if (report->quiet || c->verdict == SMREF_PASSED)
        return;
    smref_progress(NULL);
    fprintf(report->to, "%s %s/%s  (%s)\n", c->verdict == SMREF_FAILED ? "FAILED" : "not run", c->suite,
            c->id, c->place);
    fprintf(report->to, "  %s [%s]\n", c->comment, c->section);
    print_lines(report->to, "", c->text);
}

static void end_text(const smref_report *report)
{
    size_t passed = report->count - report->failed - report->not_run;

    fprintf(report->to, "%zu of %zu test%s passed", passed, report->count, report->count == 1 ? "" : "s");
    if (report->failed)
        fprintf(report->to, ", %zu failed", report->failed);
    if (report->not_run)
        fprintf(report->to, ", %zu not run", report->not_run);
    fputc('\n', report->to);
}

/* ---- TAP ------------------------------------------------------------------------------------------- */

static void add_tap(const smref_report *report, const smref_checked *c)
{
    if (report->count == 1)
        fputs("TAP version 13\n", report->to);
    fprintf(report->to, "%s %zu - %s/%s\n", c->verdict == SMREF_PASSED ? "ok" : "not ok", report->count,
            c->suite, c->id);
    if (c->verdict == SMREF_PASSED)
        return;
    fprintf(report->to, "# %s: %s [%s]\n", c->place, c->comment, c->section);
    print_lines(report->to, "# ", c->text);
}

static void end_tap(const smref_report *report)
{
    if (report->count == 0)
        fputs("TAP version 13\n", report->to);
    fprintf(report->to, "1..%zu\n", report->count);
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static void add_json(const smref_report *report, const smref_checked *c)
{
    static const char *const verdicts[] = {"passed", "failed", "not_run"};
    json_t *line = json_object();

    json_object_set_new(line, "suite", json_string(c->suite));
    json_object_set_new(line, "id", json_string(c->id));
    json_object_set_new(line, "place", json_string(c->place));
    json_object_set_new(line, "verdict", json_string(verdicts[c->verdict]));
    if (c->text)
        json_object_set_new(line, "text", json_string(c->text));
    json_dumpf(line, report->to, JSON_COMPACT);
    fputc('\n', report->to);
    json_decref(line);
}

/* ---- JUnit ----------------------------------------------------------------------------------------- */

static void print_case(FILE *to, const smref_checked *c)
{
    fprintf(to, "    <testcase classname=\"%s\" name=\"%s\"", c->suite, c->id);
    if (c->verdict == SMREF_PASSED) {
        fputs("/>\n", to);
        return;
    }
    fprintf(to, ">\n      <%s message=\"", c->verdict == SMREF_FAILED ? "failure" : "error");
    smref_put_escaped(to, c->place);
    fputs(": ", to);
    smref_put_escaped(to, c->comment);
    fputs("\">", to);
    smref_put_escaped(to, c->text);
    fprintf(to, "</%s>\n    </testcase>\n", c->verdict == SMREF_FAILED ? "failure" : "error");
}

/* The tests of a suite follow each other. */
static size_t suite_end(const smref_report *report, size_t from, size_t *failed, size_t *not_run)
{
    size_t i = from;

    *failed = *not_run = 0;
    for (; i < report->count && strcmp(report->list[i].suite, report->list[from].suite) == 0; i++) {
        *failed += report->list[i].verdict == SMREF_FAILED;
        *not_run += report->list[i].verdict == SMREF_NOT_RUN;
    }
    return i;
}

static void end_junit(const smref_report *report)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", report->to);
    fprintf(report->to, "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n", report->count,
            report->failed, report->not_run);
    for (size_t i = 0; i < report->count;) {
        size_t failed, not_run, end = suite_end(report, i, &failed, &not_run);
        fprintf(report->to, "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
                report->list[i].suite, end - i, failed, not_run);
        for (; i < end; i++)
            print_case(report->to, &report->list[i]);
        fputs("  </testsuite>\n", report->to);
    }
    fputs("</testsuites>\n", report->to);
}

/* ---- All of them ----------------------------------------------------------------------------------- */

void smref_report_add(smref_report *report, const smref_checked *checked)
{
    report->list = smref_resize(report->list, report->count + 1, sizeof *report->list);
    report->list[report->count++] = *checked;
    report->failed += checked->verdict == SMREF_FAILED;
    report->not_run += checked->verdict == SMREF_NOT_RUN;
    switch (report->format) {
    case SMREF_REPORT_TEXT:
        add_text(report, checked);
        break;
    case SMREF_REPORT_TAP:
        add_tap(report, checked);
        break;
    case SMREF_REPORT_JSON:
        add_json(report, checked);
        break;
    case SMREF_REPORT_JUNIT:
        break;
    }
}

void smref_report_end(smref_report *report)
{
    if (report->format == SMREF_REPORT_TEXT)
        end_text(report);
    else if (report->format == SMREF_REPORT_TAP)
        end_tap(report);
    else if (report->format == SMREF_REPORT_JUNIT)
        end_junit(report);
}

void smref_report_free(smref_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->list[i].suite);
        free(report->list[i].id);
        free(report->list[i].comment);
        free(report->list[i].place);
        free(report->list[i].section);
        free(report->list[i].text);
    }
    free(report->list);
    report->list = NULL;
    report->count = 0;
}
