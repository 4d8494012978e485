/* A group of findings on the page of a report. */
#define _POSIX_C_SOURCE 200809L

#include "report_finding.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "command.h"
#include "explain.h"
#include "html.h"
#include "markup.h"
#include "publish.h"
#include "replay.h"
#include "run_text.h"
#include "vocabulary.h"

/* ---- What was shown, for what is permitted --------------------------------------------------------- */

static void put_json(FILE *to, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    fputs("<code>", to);
    smref_put_escaped(to, text ? text : "");
    fputs("</code>", to);
    free(text);
}

static void put_outcomes(FILE *to, const json_t *finding)
{
    const json_t *expected = json_object_get(finding, "expected"), *shown = json_object_get(finding, "shown");
    const char *died = json_string_value(json_object_get(finding, "died"));

    fputs("<table class=\"outcomes\">", to);
    for (size_t i = 0; i < json_array_size(expected); i++) {
        fprintf(to, "<tr><th>%s</th><td class=\"agrees\">", i ? "or" : "permitted");
        put_json(to, json_array_get(expected, i));
        fputs("</td></tr>\n", to);
    }
    fputs("<tr><th>shown</th><td class=\"differs\">", to);
    if (died)
        smref_put_escaped(to, died);
    else
        put_json(to, shown);
    fputs("</td></tr></table>\n", to);
}

/* Field by field, when the same event was recorded with other bits. */
static void put_records(FILE *to, const json_t *finding)
{
    smref_shown *fields = smref_alloc(2 * SMREF_MAX_SHOWN, sizeof *fields), *shown = fields + SMREF_MAX_SHOWN;
    char a[SMREF_VALUE_ROOM], b[SMREF_VALUE_ROOM];
    smref_event_type event;
    size_t count = smref_finding_fields(finding, &event, fields, shown);

    if (count) {
        fprintf(to, "<table class=\"fields\"><tr><th>%s</th><th>permitted</th><th>shown</th></tr>\n",
                smref_spell_event(event));
        for (size_t i = 0; i < count; i++) {
            bool same = fields[i].value == shown[i].value;
            fprintf(to, "<tr%s><th>%s</th><td>", same ? "" : " class=\"differs\"", fields[i].name);
            smref_put_escaped(to, smref_say_value(&fields[i], a));
            fputs("</td><td>", to);
            smref_put_escaped(to, smref_say_value(&shown[i], b));
            fputs("</td></tr>\n", to);
        }
        fputs("</table>\n", to);
    }
    free(fields);
}

/* ---- The case -------------------------------------------------------------------------------------- */

/* In words, and as JSON when this version cannot read them. */
static void put_step(FILE *to, const smref_replay *replay, size_t step, const json_t *tree)
{
    char *text = NULL;
    size_t size;
    FILE *words = replay ? open_memstream(&text, &size) : NULL;

    if (!words) {
        put_json(to, tree);
        return;
    }
    smref_print_stimulus(words, &replay->snapshot.steps.list[step]);
    fclose(words);
    fputs("<code>", to);
    smref_put_escaped(to, text);
    fputs("</code>", to);
    free(text);
}

static void put_steps(FILE *to, const json_t *finding, const smref_replay *replay)
{
    const json_t *steps = json_object_get(json_object_get(finding, "case"), "steps");
    size_t step = (size_t)json_integer_value(json_object_get(finding, "step"));

    fputs("<h4>Steps after a reset</h4>\n<ol class=\"steps\" start=\"0\">\n", to);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        fprintf(to, "<li%s>", i == step ? " class=\"differs\"" : "");
        put_step(to, replay, i, json_array_get(steps, i));
        fputs("</li>\n", to);
    }
    fputs("</ol>\n", to);
}

/* What the case stores; the windows of memory are the same in all cases. */
static void put_memory(FILE *to, const json_t *finding)
{
    const json_t *memory = json_object_get(json_object_get(finding, "case"), "memory");
    bool first = true;

    for (size_t i = 0; i < json_array_size(memory); i++) {
        const json_t *region = json_array_get(memory, i);
        if (json_object_get(region, "fill"))
            continue;
        fputs(first ? "<h4>Memory, else zero</h4>\n<ul class=\"steps\">\n" : "", to);
        first = false;
        fputs("<li>", to);
        put_json(to, region);
        fputs("</li>\n", to);
    }
    fputs(first ? "" : "</ul>\n", to);
}

static void put_snapshot(FILE *to, const json_t *finding)
{
    char *text = smref_canonical_text(json_object_get(finding, "case"));

    fputs("<details><summary>as a snapshot, for smref run</summary><pre>", to);
    smref_put_escaped(to, text);
    fputs("</pre></details>\n", to);
    free(text);
}

/* ---- The explanation ------------------------------------------------------------------------------- */

/* Where nothing draws the walk: what was read, in its order. */
static void put_walk(FILE *to, const smref_explanation *e)
{
    char entry[SMREF_PHRASE_ROOM];
    bool first = true;

    for (size_t i = 0; i < e->count; i++) {
        const smref_step *step = &e->list[i].step;
        const char *kind = smref_step_descriptor(step);
        if (step->kind != SMREF_STEP_READ)
            continue;
        fputs(first ? "<table class=\"walk\"><tr><th>read</th><th>at</th><th>word</th><th></th></tr>\n" : "",
              to);
        first = false;
        fputs("<tr><td>", to);
        smref_put_escaped(to, smref_say_entry(e, i, entry));
        fprintf(to, "</td><td>%s0x%" PRIx64 "</td><td>", smref_say_space(step->pas), step->address);
        if (step->words)
            fprintf(to, "0x%016" PRIx64, step->words[0]);
        fprintf(to, "</td><td>%s</td></tr>\n", !step->words ? "external abort" : kind ? kind : "");
    }
    fputs(first ? "" : "</table>\n", to);
}

static bool put_explained(FILE *to, smref_replay *replay, size_t step, smref_jerror *error)
{
    smref_explanation *e = smref_alloc(1, sizeof *e);
    smref_outcomes all = {.count = 0};
    smref_step_result result;
    const smref_stimulus *stimulus;
    bool good = smref_replay_to(replay, step, error) && smref_replay_permitted(replay, &all, error) &&
                smref_replay_step(replay, e, &result, error);

    if (good) {
        stimulus = &replay->snapshot.steps.list[step];
        fprintf(to, "<h4>What the architecture says of step %zu</h4>\n", step);
        if (stimulus->op == SMREF_OP_ACCESS && !smref_put_drawing(to, step, e, stimulus, &result))
            put_walk(to, e);
        smref_html_explain(to, e, stimulus, &result, &all);
        smref_step_result_free(&result);
    }
    smref_outcomes_free(&all);
    smref_explanation_free(e);
    free(e);
    return good;
}

static void put_case(FILE *to, const json_t *finding)
{
    size_t step = smref_finding_explained(finding);
    smref_jerror error = {""};
    smref_replay replay;
    bool good = smref_replay_open(&replay, json_object_get(finding, "case"), "case", &error);

    put_steps(to, finding, good ? &replay : NULL);
    put_memory(to, finding);
    if (good) {
        good = put_explained(to, &replay, step, &error);
        smref_replay_close(&replay);
    }
    if (!good) {
        fputs("<p>This version of smref cannot run the case: ", to);
        smref_put_escaped(to, error.text);
        fputs("</p>\n", to);
    }
    put_snapshot(to, finding);
}

/* ---- The row --------------------------------------------------------------------------------------- */

static void put_why(FILE *to, const smref_results_group *group)
{
    const smref_rule_info *rule = smref_results_rule(group);

    if (group->known) {
        fprintf(to, "<p><b>%s</b>: ", smref_spell_known_class(group->known->class_of));
        smref_put_escaped(to, group->known->reason);
        if (group->known->section) {
            fputs(" (", to);
            smref_put_escaped(to, group->known->section);
            fputs(")", to);
        }
        fputs("</p>\n", to);
    }
    if (rule) {
        fprintf(to, "<p><code>%s</code>: ", rule->id);
        smref_put_escaped(to, rule->title);
        fputs(" (", to);
        smref_put_escaped(to, rule->section);
        fputs(")</p>\n", to);
    }
}

static void put_origin(FILE *to, const smref_results_group *group)
{
    const json_t *index = json_object_get(group->finding, "index");
    const char *kind = json_string_value(json_object_get(group->finding, "kind"));

    fputs("<p>", to);
    if (index)
        fprintf(to, "Case %" JSON_INTEGER_FORMAT, json_integer_value(index));
    else
        fputs("A case out of a file", to);
    fprintf(to, " (%s)%s%s.</p>\n", kind ? kind : "", group->reduced ? ", reduced" : ", not reduced",
            json_is_true(json_object_get(group->finding, "minimal")) ? ": nothing more of it can go" : "");
}

void smref_html_finding(FILE *to, size_t number, const smref_results_group *group)
{
    fprintf(to, "<details id=\"g%zu\" class=\"%s\"><summary>%-5s %8" PRIu64 "  ", number,
            group->known ? "known" : "bad", group->known ? "known" : "NEW", group->count);
    smref_put_escaped(to, group->group);
    fputs("</summary><div>\n", to);
    put_why(to, group);
    if (group->finding) {
        put_outcomes(to, group->finding);
        put_records(to, group->finding);
        put_origin(to, group);
        put_case(to, group->finding);
    } else {
        fputs("<p>No case of it was kept.</p>\n", to);
    }
    fputs("</div></details>\n", to);
}
