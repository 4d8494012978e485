/* What `smref rules --coverage` prints. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "coverage.h"
#include "file_list.h"

static bool counts(const smref_rule_info *rule, const smref_coverage_filter *filter)
{
    return (!filter->subject || strcmp(rule->subject, filter->subject) == 0) &&
           (!filter->kind || strcmp(rule->kind, filter->kind) == 0);
}

/* ---- Reading --------------------------------------------------------------------------------------- */

static bool add_file(smref_coverage *coverage, const smref_file *file)
{
    smref_jerror error = {""};
    smref_vectors vectors;
    smref_jdoc doc;
    bool good = smref_jdoc_load(&doc, file->path, &error);

    if (good && smref_file_wanted(file, &doc, "smref-vectors")) {
        good = smref_vectors_read(&doc, &vectors, &error);
        if (good) {
            smref_coverage_add(coverage, &vectors);
            smref_vectors_free(&vectors);
        }
    }
    if (!good)
        smref_bad_input(error.text);
    smref_jdoc_close(&doc);
    return good;
}

static bool add_paths(smref_coverage *coverage, char *const *paths, size_t count)
{
    smref_files files = {NULL, 0};
    bool good = count > 0 || smref_files_add(&files, "vectors");

    for (size_t i = 0; good && i < count; i++)
        good = smref_files_add(&files, paths[i]);
    for (size_t i = 0; good && i < files.count; i++)
        good = add_file(coverage, &files.list[i]);
    smref_files_free(&files);
    return good;
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static void print_line(json_t *line)
{
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void print_json(const smref_coverage *coverage, const smref_coverage_filter *filter)
{
    const smref_rule_info *rule;

    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++) {
        if (!counts(rule, filter))
            continue;
        json_t *line = json_object();
        json_object_set_new(line, "rule", json_string(rule->id));
        json_object_set_new(line, "subject", json_string(rule->subject));
        json_object_set_new(line, "section", json_string(rule->section));
        json_object_set(line, "fired", coverage->rules[i].fired);
        json_object_set(line, "neighbours", coverage->rules[i].neighbours);
        json_object_set_new(line, "passed", json_integer((json_int_t)coverage->rules[i].passed));
        if (rule->unmodelled)
            json_object_set_new(line, "unmodelled", json_string(rule->unmodelled));
        print_line(line);
    }
    for (unsigned i = 0; !filter->subject && !filter->kind && i < SMREF_CHOICE_COUNT; i++) {
        const smref_choice_info *info = smref_choice_at(i);
        json_t *line = json_object(), *options = json_object();
        for (unsigned k = 0; k < info->option_count; k++)
            json_object_set_new(options, info->options[k].name, json_boolean(coverage->seen[i][k]));
        json_object_set_new(line, "choice", json_string(info->id));
        json_object_set_new(line, "section", json_string(info->section));
        json_object_set_new(line, "seen", options);
        print_line(line);
    }
}

/* ---- Text ------------------------------------------------------------------------------------------ */

static void print_table(const smref_coverage *coverage, const smref_coverage_filter *filter)
{
    const char *subject = NULL;
    const smref_rule_info *rule;

    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++) {
        const smref_rule_coverage *c = &coverage->rules[i];
        if (!counts(rule, filter))
            continue;
        if (!subject || strcmp(subject, rule->subject) != 0)
            printf("%s%-40s fires  neighbours  passing\n", subject ? "\n" : "", rule->subject);
        subject = rule->subject;
        if (rule->unmodelled)
            printf("  %-38s not modelled\n", rule->id);
        else
            printf("  %-38s %5zu  %10zu  %7zu\n", rule->id, json_array_size(c->fired),
                   json_array_size(c->neighbours), c->passed);
    }
}

/* The rules that lack tests of one kind; returns how many there are. Those that no access can meet need none.
 */
static size_t print_uncovered(const smref_coverage *coverage, const smref_coverage_filter *filter,
                              bool neighbours, bool silent)
{
    const smref_rule_info *rule;
    size_t total = 0;

    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++) {
        const smref_rule_coverage *c = &coverage->rules[i];
        if (!counts(rule, filter) || rule->unmodelled ||
            json_array_size(neighbours ? c->neighbours : c->fired))
            continue;
        if (!silent && total == 0)
            printf("\n%s\n", neighbours ? "rules without a neighbour" : "rules that no test fires");
        if (!silent)
            printf("  %-38s %s [%s]\n", rule->id, rule->title, rule->section);
        total++;
    }
    return total;
}

static size_t print_unseen(const smref_coverage *coverage, bool silent)
{
    size_t total = 0;

    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
        const smref_choice_info *info = smref_choice_at(i);
        for (unsigned k = 0; k < info->option_count; k++) {
            if (coverage->seen[i][k])
                continue;
            if (!silent && total == 0)
                puts("\noptions that no test has seen");
            if (!silent)
                printf("  %s=%s [%s]\n", info->id, info->options[k].name, info->section);
            total++;
        }
    }
    return total;
}

static size_t count_rules(const smref_coverage_filter *filter)
{
    const smref_rule_info *rule;
    size_t total = 0;

    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++)
        total += counts(rule, filter);
    return total;
}

static int report(const smref_coverage *coverage, const smref_coverage_filter *filter, bool json)
{
    if (json)
        print_json(coverage, filter);
    else
        print_table(coverage, filter);
    size_t unfired = print_uncovered(coverage, filter, false, json);
    size_t lonely = print_uncovered(coverage, filter, true, json);
    bool all = !filter->subject && !filter->kind;
    size_t unseen = all ? print_unseen(coverage, json) : 0;
    if (!json) {
        printf("\n%zu tests; %zu rules, %zu not fired, %zu without a neighbour", coverage->tests,
               count_rules(filter), unfired, lonely);
        if (all)
            printf("; %zu options not seen", unseen);
        putchar('\n');
    }
    return smref_finish(unfired + lonely + unseen ? SMREF_EXIT_DIFFERENT : SMREF_EXIT_OK);
}

int smref_report_coverage(char *const *paths, size_t count, const smref_coverage_filter *filter, bool json)
{
    smref_coverage *coverage = smref_alloc(1, sizeof *coverage);

    smref_coverage_init(coverage);
    int code = add_paths(coverage, paths, count) ? report(coverage, filter, json) : SMREF_EXIT_USAGE;
    smref_coverage_free(coverage);
    free(coverage);
    return code;
}
