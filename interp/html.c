/* A run as one page of HTML. */
#define _POSIX_C_SOURCE 200809L

#include "html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "embedded.h"
#include "explain_lines.h"
#include "markup.h"
#include "vocabulary.h"

/* ---- The explanation ------------------------------------------------------------------------------- */

struct html_sink {
    smref_sink sink;
    FILE *to;
    bool fresh, chapter;
};

static struct html_sink *own(smref_sink *sink)
{
    return (struct html_sink *)sink;
}

static void begin(smref_sink *sink, smref_line_kind kind, bool nested, unsigned indent, unsigned hang)
{
    static const char classes[] = {
        [SMREF_LINE_FETCH] = 'f', [SMREF_LINE_WORDS] = 'w',  [SMREF_LINE_FIELDS] = 'd',
        [SMREF_LINE_RULE] = 'r',  [SMREF_LINE_FAULT] = 'x',  [SMREF_LINE_CHOICE] = 'q',
        [SMREF_LINE_VALUE] = 'v', [SMREF_LINE_RESULT] = 'o', [SMREF_LINE_CHAPTER] = 'c'};
    struct html_sink *html = own(sink);

    (void)indent;
    (void)hang;
    html->chapter = kind == SMREF_LINE_CHAPTER;
    html->fresh = true;
    if (html->chapter)
        fputs("<h4>", html->to);
    else if (nested)
        fprintf(html->to, "<p class=\"%c n\">", classes[kind]);
    else
        fprintf(html->to, "<p class=%c>", classes[kind]);
}

static void keep(smref_sink *sink, const char *text)
{
    struct html_sink *html = own(sink);

    if (!html->fresh)
        putc(' ', html->to);
    smref_put_escaped(html->to, text);
    html->fresh = false;
}

static void tab(smref_sink *sink, unsigned column)
{
    (void)sink;
    (void)column;
}

/* The end tag of a paragraph is left out, as HTML permits. */
static void end(smref_sink *sink)
{
    fputs(own(sink)->chapter ? "</h4>\n" : "\n", own(sink)->to);
}

/* ---- The path -------------------------------------------------------------------------------------- */

static void put_box(FILE *to, const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step;
    const char *kind = smref_step_descriptor(step);
    bool bad = !step->words || (kind && strcmp(kind, "invalid") == 0);
    char entry[SMREF_PHRASE_ROOM];

    fprintf(to, "<span class=\"b%s\">", bad ? " bad" : "");
    smref_put_escaped(to, smref_say_entry(e, index, entry));
    if (step->kind == SMREF_STEP_HELD) {
        fputs("<small>cached</small></span>", to);
        return;
    }
    fprintf(to, "<small>%s0x%" PRIx64 "%s%s</small></span>", smref_say_space(step->pas), step->address,
            kind || !step->words ? " " : "",
            !step->words ? "abort"
            : kind       ? kind
                         : "");
}

/* The register that points at the Stream table. */
static bool put_register(FILE *to, const smref_explanation *e, const smref_step *step)
{
    smref_shown fields[SMREF_MAX_SHOWN];

    if (step->kind != SMREF_STEP_REGISTER || step->phase != SMREF_PHASE_STREAM || !step->name ||
        smref_explain_register(e, step->reg, step->address, step->name, fields) != 1 ||
        fields[0].info->kind != SMREF_KIND_ADDRESS)
        return false;
    fprintf(to, "<span class=b>%s<small>0x%" PRIx64 "</small></span>",
            smref_register_at((unsigned)step->reg)->name, fields[0].value);
    return true;
}

/* What stage 1 needs of stage 2, and the stage 2 walk of the access itself, are groups. */
static bool in_group(const smref_step *step)
{
    return smref_step_nested(step) || step->phase == SMREF_PHASE_STAGE2;
}

static void put_end(FILE *to, const smref_result *result)
{
    const smref_rule_info *rule = smref_deciding_rule(result);

    if (result->outcome == SMREF_OUTCOME_OK) {
        fprintf(to, "<span class=\"b ok\">PA %s0x%" PRIx64 "</span>", smref_say_space(result->pas),
                result->pa);
        return;
    }
    fprintf(to, "<span class=\"b bad\">%s %s<small>", smref_spell_outcome(result->outcome),
            result->event_valid ? smref_spell_event(result->event.type) : "");
    smref_put_escaped(to, rule ? rule->id : "");
    fputs("</small></span>", to);
}

static void put_path(FILE *to, const smref_explanation *e, const smref_result *result)
{
    static const char arrow[] = "<span class=to>&rarr;</span>";
    const char *lead = "";
    bool grouped = false;

    fputs("<div class=walk>", to);
    for (size_t i = 0; i < e->count; i++) {
        const smref_step *step = &e->list[i].step;
        if (grouped && !in_group(step)) {
            fputs("</span>", to);
            grouped = false;
            lead = arrow;
        }
        if (step->kind == SMREF_STEP_WALK && in_group(step)) {
            fprintf(to, "%s<span class=g><em>stage 2 of IPA 0x%" PRIx64 "</em>", lead, step->walk->input);
            grouped = true;
            lead = "";
        } else if (step->kind == SMREF_STEP_READ || step->kind == SMREF_STEP_HELD) {
            fputs(lead, to);
            put_box(to, e, i);
            lead = arrow;
        } else if (put_register(to, e, step)) {
            lead = arrow;
        }
    }
    fprintf(to, "%s%s", grouped ? "</span>" : "", grouped ? arrow : lead);
    put_end(to, result);
    fputs("</div>\n", to);
}

/* ---- Rows ------------------------------------------------------------------------------------------ */

bool smref_html_begin(smref_html *html)
{
    html->rows = tmpfile();
    return html->rows != NULL;
}

static FILE *capture(char **text, size_t *size)
{
    FILE *stream = open_memstream(text, size);

    if (!stream) {
        fputs("smref: the host has no memory left\n", stderr);
        exit(SMREF_EXIT_USAGE);
    }
    return stream;
}

static void put_others(FILE *to, const smref_stimulus *stimulus, const smref_outcomes *all)
{
    char *text = NULL;
    size_t size;
    FILE *stream;

    if (all->count < 2 && !all->capped)
        return;
    stream = capture(&text, &size);
    smref_print_others(stream, stimulus, all, true);
    fclose(stream);
    fputs("<h4>Other permitted outcomes</h4><pre>", to);
    smref_put_escaped(to, text);
    fputs("</pre>\n", to);
    free(text);
}

static void put_summary(FILE *to, smref_columns *columns, size_t step, const smref_stimulus *stimulus,
                        const smref_step_result *result)
{
    char *text = NULL;
    size_t size;
    FILE *stream = capture(&text, &size);

    smref_print_step(stream, columns, step, stimulus, result);
    fclose(stream);
    text[strcspn(text, "\n")] = '\0';
    fputs("<summary>", to);
    smref_put_escaped(to, text);
    fputs("</summary>", to);
    free(text);
}

void smref_html_explain(FILE *to, const smref_explanation *e, const smref_stimulus *stimulus,
                        const smref_step_result *result, const smref_outcomes *all)
{
    struct html_sink sink = {.sink = {begin, keep, keep, tab, end}, .to = to};

    if (stimulus->op == SMREF_OP_ACCESS)
        put_path(to, e, &result->access);
    smref_explain_lines(&sink.sink, e, stimulus, result);
    put_others(to, stimulus, all);
}

void smref_html_step(smref_html *html, smref_columns *columns, size_t step, const smref_explanation *e,
                     const smref_stimulus *stimulus, const smref_step_result *result,
                     const smref_outcomes *all)
{
    const smref_result *access = &result->access;
    bool is_access = stimulus->op == SMREF_OP_ACCESS;

    fprintf(html->rows, "<details id=s%zu data-o=%s", step,
            is_access ? smref_spell_outcome(access->outcome) : smref_spell_op(stimulus->op));
    if (is_access && access->event_valid)
        fprintf(html->rows, " data-e=%s", smref_spell_event(access->event.type));
    if (is_access)
        fprintf(html->rows, " data-s=\"%s0x%" PRIx32 "\"",
                smref_say_space((smref_pas)stimulus->access.sec_sid), stimulus->access.sid);
    fprintf(html->rows, "%s>", is_access && access->outcome != SMREF_OUTCOME_OK ? " class=bad" : "");
    put_summary(html->rows, columns, step, stimulus, result);
    fputs("<div>\n", html->rows);
    smref_html_explain(html->rows, e, stimulus, result, all);
    fputs("</div></details>\n", html->rows);
}

/* ---- The page -------------------------------------------------------------------------------------- */

const char *smref_html_part(const char *name)
{
    for (const smref_embedded *f = smref_embedded_files; f->name; f++)
        if (strcmp(f->folder, "html") == 0 && strcmp(f->name, name) == 0)
            return f->text;
    return "";
}

static void put_head(FILE *to, const char *file, const char *description)
{
    fputs("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>"
          "<meta name=viewport content=\"width=device-width\">\n<title>smref run ",
          to);
    smref_put_escaped(to, file);
    fprintf(to, "</title>\n<style>\n%s</style></head>\n<body><header><h1>smref run ",
            smref_html_part("page.css"));
    smref_put_escaped(to, file);
    fputs("</h1>\n", to);
    if (description) {
        fputs("<p>", to);
        smref_put_escaped(to, description);
        fputs("</p>\n", to);
    }
}

static void put_tally(FILE *to, smref_tally *tally)
{
    char line[200];

    smref_tally_sort(tally);
    fprintf(to, "<p><b>%s</b></p>\n", smref_tally_line(tally, line));
    if (tally->cause_count)
        fputs("<table><tr><th><th>event<th>rule<th>because<th>section\n", to);
    for (size_t i = 0; i < tally->cause_count; i++) {
        const smref_tally_cause *c = &tally->causes[i];
        fprintf(to, "<tr><td>%zu<td>%s %s<td><code>", c->count, smref_spell_outcome(c->outcome), c->event);
        smref_put_escaped(to, c->rule ? c->rule->id : "");
        fputs("</code><td>", to);
        smref_put_escaped(to, c->rule ? c->rule->title : "");
        fputs("<td>", to);
        smref_put_escaped(to, c->rule ? c->rule->section : "");
        fputs("\n", to);
    }
    if (tally->cause_count)
        fputs("</table>\n", to);
}

static bool put_rows(FILE *rows, FILE *to)
{
    char buffer[4096];
    size_t got;
    bool good = fflush(rows) == 0 && !ferror(rows);

    rewind(rows);
    while (good && (got = fread(buffer, 1, sizeof buffer, rows)) > 0)
        fwrite(buffer, 1, got, to);
    return good && !ferror(rows);
}

bool smref_html_end(smref_html *html, FILE *to, const char *file, const char *description, smref_tally *tally)
{
    bool good;

    put_head(to, file, description);
    put_tally(to, tally);
    fputs("</header>\n<div id=filter hidden></div>\n<main>\n", to);
    good = put_rows(html->rows, to);
    fprintf(to, "</main>\n<script>\n%s</script>\n</body></html>\n", smref_html_part("page.js"));
    fclose(html->rows);
    html->rows = NULL;
    return good;
}
