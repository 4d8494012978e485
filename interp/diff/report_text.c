/* A report for people. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "results.h"

enum { KIND_COLUMN = 14, NUMBER_COLUMN = 13, GROUP_COLUMN = 15, REASON_COLUMN = 29 };

#define REASON_LINES 11

/* ---- What was compared ----------------------------------------------------------------------------- */

static void print_head(FILE *to, const smref_results *results)
{
    const smref_counts *counts = &results->counts;
    const char *seed = json_string_value(json_object_get(results->head, "seed"));
    uint64_t missing = smref_results_missing(results), wanted = smref_results_wanted(results);
    char of[32] = "";

    if (wanted && wanted != counts->cases)
        snprintf(of, sizeof of, " of %" PRIu64, wanted);
    smref_page_print(to, 0, 2, "%s: %" PRIu64 "%s cases, %" PRIu64 " steps%s%s", results->name, counts->cases,
                     of, counts->steps, seed ? ", seed " : "", seed ? seed : "");
    if (counts->seconds > 0)
        fprintf(to, "in %.0f s of %" PRIu64 " part%s: %.0f cases a second; started again %" PRIu64 " times\n",
                counts->seconds, results->part_count_wanted, results->part_count_wanted == 1 ? "" : "s",
                (double)counts->cases / counts->seconds, counts->restarts);
    if (missing)
        fprintf(to, "%" PRIu64 " of %" PRIu64 " parts are missing, or are not complete\n", missing,
                results->part_count_wanted);
}

static void print_row(FILE *to, const smref_counts *counts, const char *name, const uint64_t *verdicts)
{
    fprintf(to, "%-*.*s", KIND_COLUMN, KIND_COLUMN - 1, name);
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
        if (smref_counts_has(counts, (smref_verdict)v))
            fprintf(to, "%*" PRIu64, NUMBER_COLUMN, verdicts[v]);
    putc('\n', to);
}

static void print_matrix(FILE *to, const smref_counts *counts)
{
    uint64_t all[SMREF_VERDICT_COUNT];

    fprintf(to, "\n%-*s", KIND_COLUMN, "");
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++) {
        all[v] = smref_counts_total(counts, (smref_verdict)v);
        if (smref_counts_has(counts, (smref_verdict)v))
            fprintf(to, "%*s", NUMBER_COLUMN, smref_spell_verdict((smref_verdict)v));
    }
    putc('\n', to);
    for (size_t i = 0; i < counts->kind_count; i++)
        print_row(to, counts, counts->kinds[i].name, counts->kinds[i].verdicts);
    print_row(to, counts, "all", all);
}

/* How many reasons fit: about as many lines as a reader wants before the findings. */
static size_t reasons_shown(const smref_reason *reasons, size_t count)
{
    size_t width = smref_page_width() - REASON_COLUMN, shown = 0, lines = 0;

    for (; shown < count && lines < REASON_LINES; shown++)
        lines += 1 + (strlen(reasons[shown].text) - 1) / width;
    return shown;
}

/* Those that name the most cases; all of them are in the JSON. */
static void print_reasons(FILE *to, const smref_counts *counts)
{
    size_t count, shown;
    uint64_t rest = 0;
    smref_reason *reasons = smref_counts_reasons(counts, &count);

    if (!count)
        return;
    shown = reasons_shown(reasons, count);
    fputs("\nnot compared, and why:\n", to);
    for (size_t i = 0; i < shown; i++) {
        fprintf(to, "%*" PRIu64 "  %-*s", NUMBER_COLUMN, reasons[i].count, REASON_COLUMN - NUMBER_COLUMN - 2,
                smref_spell_verdict(reasons[i].verdict));
        smref_page_print(to, REASON_COLUMN, REASON_COLUMN, "%s", reasons[i].text);
    }
    for (size_t i = shown; i < count; i++)
        rest += reasons[i].count;
    if (shown < count)
        fprintf(to, "%*" PRIu64 "  for %zu more reason%s (--json: summary.reasons)\n", NUMBER_COLUMN, rest,
                count - shown, count - shown == 1 ? "" : "s");
    free(reasons);
}

static void print_rules(FILE *to, const smref_results *results)
{
    const smref_counts *counts = &results->counts;
    uint64_t missed = 0;
    unsigned options = 0;

    for (unsigned r = 1; r < SMREF_RULE_COUNT; r++)
        missed += counts->goals_missed[r];
    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        for (unsigned o = 0; o < SMREF_COUNTS_OPTIONS; o++)
            options += counts->choices[c][o] != 0;
    fprintf(to, "\nrules that decided something: %u", smref_results_rules(results));
    if (counts->goals_reached + missed)
        fprintf(to,
                "; states were found for %" PRIu64 " of the %" PRIu64 " that this implementation can meet",
                counts->goals_reached, counts->goals_reached + missed);
    fprintf(to, "\nchoices: %u option%s seen that the profile does not name\n", options,
            options == 1 ? " was" : "s were");
}

/* ---- Findings -------------------------------------------------------------------------------------- */

static void print_smallest(FILE *to, const smref_results_group *group)
{
    const json_t *finding = group->finding, *index = json_object_get(finding, "index");
    const json_t *snapshot = json_object_get(finding, "case");

    if (!finding)
        return;
    fprintf(to, "%*s%s: %zu step%s", GROUP_COLUMN, "", group->reduced ? "reduced to" : "smallest",
            json_array_size(json_object_get(snapshot, "steps")),
            json_array_size(json_object_get(snapshot, "steps")) == 1 ? "" : "s");
    if (index)
        fprintf(to, ", case %" JSON_INTEGER_FORMAT, json_integer_value(index));
    putc('\n', to);
}

static void print_group(FILE *to, const smref_results_group *group)
{
    const smref_rule_info *rule = smref_results_rule(group);
    char head[40];

    snprintf(head, sizeof head, "%-5s%8" PRIu64 "  ", group->known ? "known" : "NEW", group->count);
    fputs(head, to);
    smref_page_print(to, GROUP_COLUMN, GROUP_COLUMN, "%s", group->group);
    if (group->known) {
        fprintf(to, "%*s", GROUP_COLUMN, "");
        smref_page_print(
            to, GROUP_COLUMN, GROUP_COLUMN, "%s: %s%s%s%s", smref_spell_known_class(group->known->class_of),
            group->known->reason, group->known->section ? " (" : "",
            group->known->section ? group->known->section : "", group->known->section ? ")" : "");
    } else if (rule) {
        fprintf(to, "%*s", GROUP_COLUMN, "");
        smref_page_print(to, GROUP_COLUMN, GROUP_COLUMN, "%s (%s)", rule->title, rule->section);
    }
    if (!group->known)
        print_smallest(to, group);
}

static void print_groups(FILE *to, const smref_results *results)
{
    uint64_t differ = smref_counts_total(&results->counts, SMREF_VERDICT_DIFFERS);

    if (!results->group_count) {
        fputs("\nno findings\n", to);
        return;
    }
    fprintf(to, "\nfindings: %" PRIu64 " case%s in %zu group%s, %zu of them news\n\n", differ,
            differ == 1 ? "" : "s", results->group_count, results->group_count == 1 ? "" : "s",
            results->news);
    for (size_t i = 0; i < results->group_count; i++)
        print_group(to, &results->groups[i]);
}

/* Entries of the known findings that are about this target, and were not needed. Few of many say that they
 * may be out of date; many say that few cases were compared. */
static void print_unmatched(FILE *to, const smref_results *results, const smref_known *known)
{
    const smref_known_entry *entry;
    size_t seen = 0, unseen = 0;

    for (size_t i = 0; (entry = smref_known_at(known, i)) != NULL; i++)
        if (smref_known_concerns(known, entry, results->name))
            *(entry->matched ? &seen : &unseen) += 1;
    if (unseen > seen)
        fprintf(to, "\nknown findings: %zu of %zu were not seen (--json: unmatched)\n", unseen,
                seen + unseen);
    else if (unseen)
        fputs("\nknown findings that were not seen:\n", to);
    for (size_t i = 0; unseen <= seen && (entry = smref_known_at(known, i)) != NULL; i++) {
        if (entry->matched || !smref_known_concerns(known, entry, results->name))
            continue;
        fprintf(to, "  line %u: ", entry->line);
        smref_page_print(to, 10, 10, "%s", entry->pattern);
    }
}

void smref_report_text(FILE *to, const smref_results *results, const smref_known *known)
{
    print_head(to, results);
    print_matrix(to, &results->counts);
    print_reasons(to, &results->counts);
    print_rules(to, results);
    print_groups(to, results);
    print_unmatched(to, results, known);
}
