/* A report as one page of HTML that needs nothing else. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "markup.h"
#include "report_finding.h"

/* ---- The head -------------------------------------------------------------------------------------- */

static void put_head(FILE *to, const smref_results *results)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
          "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>smref report ",
          to);
    smref_put_escaped(to, results->name);
    fprintf(to, "</title>\n<style>\n%s%s</style></head>\n<body><header><h1>", smref_html_part("page.css"),
            smref_html_part("report.css"));
    smref_put_escaped(to, results->name);
    fputs(" against the architecture</h1>\n", to);
}

static void put_summary(FILE *to, const smref_results *results)
{
    const smref_counts *counts = &results->counts;
    const char *seed = json_string_value(json_object_get(results->head, "seed"));
    const char *version = json_string_value(json_object_get(results->head, "smref"));
    uint64_t missing = smref_results_missing(results), wanted = smref_results_wanted(results);

    fprintf(to, "<p>%" PRIu64, counts->cases);
    if (wanted && wanted != counts->cases)
        fprintf(to, " of %" PRIu64, wanted);
    fprintf(to, " cases, %" PRIu64 " steps", counts->steps);
    if (counts->seconds > 0)
        fprintf(to, ", %.0f cases a second", (double)counts->cases / counts->seconds);
    if (seed) {
        fputs("; seed ", to);
        smref_put_escaped(to, seed);
    }
    if (version) {
        fputs("; smref ", to);
        smref_put_escaped(to, version);
    }
    fprintf(to, "; the target was started again %" PRIu64 " times.</p>\n", counts->restarts);
    if (missing)
        fprintf(to, "<p><b>%" PRIu64 " of %" PRIu64 " parts are missing, or are not complete.</b></p>\n",
                missing, results->part_count_wanted);
}

/* ---- The matrix ------------------------------------------------------------------------------------ */

static void put_row(FILE *to, const smref_counts *counts, const char *name, const uint64_t *verdicts)
{
    fputs("<tr><th>", to);
    smref_put_escaped(to, name);
    fputs("</th>", to);
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
        if (smref_counts_has(counts, (smref_verdict)v))
            fprintf(to, "<td class=\"%s\">%" PRIu64 "</td>",
                    !verdicts[v]                 ? "none"
                    : v == SMREF_VERDICT_DIFFERS ? "differs"
                    : v == SMREF_VERDICT_AGREES  ? "agrees"
                                                 : "other",
                    verdicts[v]);
    fputs("</tr>\n", to);
}

static void put_matrix(FILE *to, const smref_counts *counts)
{
    uint64_t all[SMREF_VERDICT_COUNT];

    fputs("<table class=\"matrix\"><tr><th></th>", to);
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++) {
        all[v] = smref_counts_total(counts, (smref_verdict)v);
        if (smref_counts_has(counts, (smref_verdict)v))
            fprintf(to, "<th>%s</th>", smref_spell_verdict((smref_verdict)v));
    }
    fputs("</tr>\n", to);
    for (size_t i = 0; i < counts->kind_count; i++)
        put_row(to, counts, counts->kinds[i].name, counts->kinds[i].verdicts);
    put_row(to, counts, "all", all);
    fputs("</table>\n", to);
}

static void put_reasons(FILE *to, const smref_counts *counts)
{
    size_t count;
    smref_reason *reasons = smref_counts_reasons(counts, &count);

    if (count)
        fputs("<details><summary>not compared, and why</summary>\n<table class=\"reasons\">\n", to);
    for (size_t i = 0; i < count; i++) {
        fprintf(to, "<tr><td>%" PRIu64 "</td><td>%s</td><td>", reasons[i].count,
                smref_spell_verdict(reasons[i].verdict));
        smref_put_escaped(to, reasons[i].text);
        fputs("</td></tr>\n", to);
    }
    fputs(count ? "</table></details>\n" : "", to);
    free(reasons);
}

/* ---- Rules ----------------------------------------------------------------------------------------- */

/* Sections by their numbers; those of other documents come last. */
static int compare_sections(const char *a, const char *b)
{
    bool other_a = a[0] < '0' || a[0] > '9', other_b = b[0] < '0' || b[0] > '9';

    if (other_a != other_b)
        return other_a ? 1 : -1;
    while (*a && *b) {
        if (*a >= '0' && *a <= '9' && *b >= '0' && *b <= '9') {
            char *end_a, *end_b;
            unsigned long x = strtoul(a, &end_a, 10), y = strtoul(b, &end_b, 10);
            if (x != y)
                return x < y ? -1 : 1;
            a = end_a;
            b = end_b;
        } else if (*a != *b) {
            return *a < *b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return *a ? 1 : *b ? -1 : 0;
}

static int by_section(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    int order = compare_sections(smref_rule_at(x)->section, smref_rule_at(y)->section);

    return order ? order : x < y ? -1 : 1;
}

static void put_rule(FILE *to, const smref_counts *counts, unsigned number, bool new_section)
{
    const smref_rule_info *rule = smref_rule_at(number);
    bool met = counts->agree[number] || counts->differ[number];

    fprintf(to, "<tr%s><th>", new_section ? " class=\"first\"" : "");
    smref_put_escaped(to, new_section ? rule->section : "");
    fprintf(to, "</th><td><code>%s</code></td><td>", rule->id);
    smref_put_escaped(to, rule->title);
    fprintf(to, "</td><td class=\"%s\">%" PRIu64 "</td><td class=\"%s\">%" PRIu64 "</td><td>%s</td></tr>\n",
            counts->agree[number] ? "agrees" : "none", counts->agree[number],
            counts->differ[number] ? "differs" : "none", counts->differ[number],
            met                            ? ""
            : counts->goals_missed[number] ? "no state was found"
                                           : "not met");
}

static void put_rules(FILE *to, const smref_results *results)
{
    const smref_counts *counts = &results->counts;
    unsigned numbers[SMREF_RULE_COUNT] = {0}, count = 0;

    for (unsigned r = 1; r < SMREF_RULE_COUNT; r++)
        if (counts->agree[r] || counts->differ[r] || counts->goals_missed[r])
            numbers[count++] = r;
    qsort(numbers, count, sizeof *numbers, by_section);
    fprintf(to, "<h2>Rules</h2>\n<p>%u decided something in a case that was compared",
            smref_results_rules(results));
    if (counts->goals_reached)
        fprintf(to, "; states were found for %" PRIu64, counts->goals_reached);
    fputs(".</p>\n<details><summary>by section</summary><table "
          "class=\"rules\"><tr><th>section</th><th>rule</th>"
          "<th></th><th>agrees</th><th>differs</th><th></th></tr>\n",
          to);
    for (unsigned i = 0; i < count; i++)
        put_rule(to, counts, numbers[i],
                 i == 0 ||
                     strcmp(smref_rule_at(numbers[i])->section, smref_rule_at(numbers[i - 1])->section) != 0);
    fputs("</table></details>\n", to);
}

/* ---- The page -------------------------------------------------------------------------------------- */

static void put_groups(FILE *to, const smref_results *results)
{
    fprintf(to, "<h2>Findings</h2>\n<p>%" PRIu64 " cases in %zu groups, %zu of them news.</p>\n",
            smref_counts_total(&results->counts, SMREF_VERDICT_DIFFERS), results->group_count, results->news);
    for (size_t i = 0; i < results->group_count; i++)
        smref_html_finding(to, i, &results->groups[i]);
}

static void put_unmatched(FILE *to, const smref_results *results, const smref_known *known)
{
    const smref_known_entry *entry;
    bool first = true;

    for (size_t i = 0; (entry = smref_known_at(known, i)) != NULL; i++) {
        if (entry->matched || !smref_known_concerns(known, entry, results->name))
            continue;
        fputs(first ? "<h2>Known findings that were not seen</h2>\n<ul>\n" : "", to);
        first = false;
        fputs("<li><code>", to);
        smref_put_escaped(to, entry->pattern);
        fputs("</code></li>\n", to);
    }
    fputs(first ? "" : "</ul>\n", to);
}

void smref_report_html(FILE *to, const smref_results *results, const smref_known *known)
{
    put_head(to, results);
    put_summary(to, results);
    put_matrix(to, &results->counts);
    put_reasons(to, &results->counts);
    fputs("</header>\n<main>\n", to);
    put_groups(to, results);
    put_rules(to, results);
    put_unmatched(to, results, known);
    fputs("</main>\n</body></html>\n", to);
}
