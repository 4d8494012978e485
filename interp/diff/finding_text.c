/* A finding in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "explain_lines.h"
#include "page.h"
#include "publish.h"
#include "replay.h"
#include "rule_page.h"
#include "run_text.h"
#include "vocabulary.h"

static void print_json(FILE *to, const char *lead, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY);

    fprintf(to, "%-11s%s\n", lead, text ? text : "");
    free(text);
}

static void print_outcomes(FILE *to, const json_t *finding)
{
    const json_t *expected = json_object_get(finding, "expected");
    const char *died = json_string_value(json_object_get(finding, "died"));

    for (size_t i = 0; i < json_array_size(expected); i++)
        print_json(to, i ? "or" : "permitted:", json_array_get(expected, i));
    if (died)
        fprintf(to, "%-11s%s\n", "shown:", died);
    else
        print_json(to, "shown:", json_object_get(finding, "shown"));
}

/* Field by field, when the same event was recorded with other bits. */
static void print_records(FILE *to, const json_t *finding)
{
    smref_shown *fields = smref_alloc(2 * SMREF_MAX_SHOWN, sizeof *fields), *shown = fields + SMREF_MAX_SHOWN;
    char a[SMREF_VALUE_ROOM], b[SMREF_VALUE_ROOM];
    smref_event_type event;
    size_t count = smref_finding_fields(finding, &event, fields, shown);

    if (count)
        fprintf(to, "\n%s\n", smref_spell_event(event));
    for (size_t i = 0; i < count; i++)
        if (fields[i].value != shown[i].value)
            fprintf(to, "  %s: %s, permitted is %s\n", fields[i].name, smref_say_value(&shown[i], b),
                    smref_say_value(&fields[i], a));
    free(fields);
}

static void print_head(FILE *to, const json_t *finding, const char *implementation)
{
    const char *id = json_string_value(json_object_get(finding, "rule"));
    smref_rule rule;

    fprintf(to, "%s\n", implementation);
    smref_page_print(to, 0, 2, "%s", json_string_value(json_object_get(finding, "group")));
    putc('\n', to);
    print_outcomes(to, finding);
    print_records(to, finding);
    putc('\n', to);
    if (id && smref_rule_find(id, &rule)) {
        smref_print_rule(to, smref_rule_at((unsigned)rule));
        putc('\n', to);
    }
}

/* What software and devices do after a reset; the step that matters is marked. */
static void print_steps(FILE *to, const smref_replay *replay, size_t step)
{
    fputs("Steps after a reset, in memory that is zero but for what snapshot.json lists\n\n", to);
    for (size_t i = 0; i < replay->snapshot.steps.count; i++) {
        fprintf(to, "%s %3zu  ", i == step ? "=>" : "  ", i);
        smref_print_stimulus(to, &replay->snapshot.steps.list[i]);
        putc('\n', to);
    }
    putc('\n', to);
}

static bool print_explained(FILE *to, smref_replay *replay, size_t step, smref_jerror *error)
{
    smref_explanation *e = smref_alloc(1, sizeof *e);
    smref_step_result result;
    bool good = smref_replay_to(replay, step, error) && smref_replay_step(replay, e, &result, error);

    if (good) {
        const smref_stimulus *stimulus = &replay->snapshot.steps.list[step];
        fprintf(to, "What the architecture says of step %zu\n\n", step);
        smref_print_explanation(to, e, stimulus, &result);
        smref_step_result_free(&result);
    }
    smref_explanation_free(e);
    free(e);
    return good;
}

bool smref_finding_text(FILE *to, const json_t *finding, const char *implementation, smref_jerror *error)
{
    size_t step = (size_t)json_integer_value(json_object_get(finding, "step"));
    smref_replay replay;
    bool good;

    if (!smref_replay_open(&replay, json_object_get(finding, "case"), "case", error))
        return false;
    print_head(to, finding, implementation);
    print_steps(to, &replay, step);
    good = print_explained(to, &replay, smref_finding_explained(finding), error);
    smref_replay_close(&replay);
    return good;
}
