/* `smref rules` and `smref rule`: what the architecture decides, and where it says so. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "coverage.h"
#include "export.h"
#include "located.h"
#include "rule_page.h"
#include "spec_items.h"
#include "spec_page.h"

static const char rules_help[] =
    "usage: smref rules [OPTIONS]\n"
    "       smref rules --coverage [FILE|FOLDER]... [OPTIONS]\n"
    "\n"
    "Lists the rules: decisions that the architecture takes, each with its section.\n"
    "\n"
    "  --subject S   only those about S: STE, CD, walk, lookup, permission, identification, ...\n"
    "  --kind K      only required, impdef (IMPLEMENTATION DEFINED) or unpredictable (CONSTRAINED\n"
    "                UNPREDICTABLE) ones\n"
    "  --json        JSON Lines, an object a rule\n"
    "  --coverage    how many tests of vectors (the folder, unless named) fire each rule, how many are its\n"
    "                neighbours, and which options of choices were seen; exit 1 when something lacks tests\n"
    "\n"
    "example: smref rules --subject STE\n";

static const char rule_help[] = "usage: smref rule NAME... [--json]\n"
                                "\n"
                                "What a rule says, its condition and its section; or what a choice or an "
                                "erratum is about, and the rules\n"
                                "that it belongs to; or, of an event, all rules that end in it.\n"
                                "\n"
                                "  --json        JSON Lines, an object a rule\n"
                                "\n"
                                "examples: smref rule CD_INVALID\n"
                                "          smref rule F_TRANSLATION\n";

enum option_code { OPT_HELP = 'h', OPT_JSON = 256, OPT_SUBJECT, OPT_KIND, OPT_COVERAGE };

/* ---- rules ----------------------------------------------------------------------------------------- */

struct selection {
    const char *subject, *kind, *outcome; /* NULL: any */
    bool json, coverage;
};

static bool selected(const smref_rule_info *rule, const struct selection *selection)
{
    return (!selection->subject || strcmp(rule->subject, selection->subject) == 0) &&
           (!selection->kind || strcmp(rule->kind, selection->kind) == 0) &&
           (!selection->outcome || (rule->outcome && strcmp(rule->outcome, selection->outcome) == 0));
}

/* Prints the selected rules under a heading for each subject; returns how many there are. */
static unsigned print_selected(const struct selection *selection)
{
    const smref_rule_info *rule;
    const char *subject = NULL;
    unsigned count = 0;
    smref_item item = {.kind = SMREF_ITEM_RULE};

    for (item.index = 1; (rule = smref_rule_at(item.index)) != NULL; item.index++) {
        if (!selected(rule, selection))
            continue;
        if (selection->json) {
            smref_export_json_item(stdout, &item);
        } else {
            if (!subject || strcmp(subject, rule->subject) != 0)
                printf("%s%s\n", count ? "\n" : "", rule->subject);
            subject = rule->subject;
            smref_print_rule_line(stdout, rule);
        }
        count++;
    }
    return count;
}

static const char *word_of(const smref_rule_info *rule, bool kind)
{
    return kind ? rule->kind : rule->subject;
}

/* The n-th subject, or kind, that rules have, each once; NULL at the end. */
static const char *next_word(bool kind, size_t n)
{
    const smref_rule_info *rule;

    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++) {
        const char *word = word_of(rule, kind);
        unsigned k = 1;
        while (k < i && strcmp(word_of(smref_rule_at(k), kind), word) != 0)
            k++;
        if (k == i && n-- == 0)
            return word;
    }
    return NULL;
}

static const char *next_subject(void *context, size_t n)
{
    (void)context;
    return next_word(false, n);
}

static const char *next_kind(void *context, size_t n)
{
    (void)context;
    return next_word(true, n);
}

/* Whether rules use the word at all; complains with the nearest, or with all of them. */
static bool check_word(const char *option, const char *word, const char *(*next)(void *context, size_t n))
{
    const char *candidate, *nearest = smref_nearest(word, next, NULL);

    for (size_t n = 0; (candidate = next(NULL, n)) != NULL; n++)
        if (strcmp(candidate, word) == 0)
            return true;
    fprintf(stderr, "smref rules: no rule has the %s %.60s; %s:", option, word,
            nearest ? "nearest" : "there are");
    for (size_t n = 0; !nearest && (candidate = next(NULL, n)) != NULL; n++)
        fprintf(stderr, " %s", candidate);
    fprintf(stderr, "%s%s\ntry: smref rules --help\n", nearest ? " " : "", nearest ? nearest : "");
    return false;
}

static bool take_option(struct selection *selection, int option)
{
    switch (option) {
    case OPT_JSON:
        selection->json = true;
        return true;
    case OPT_COVERAGE:
        selection->coverage = true;
        return true;
    case OPT_SUBJECT:
        selection->subject = optarg;
        return check_word("subject", optarg, next_subject);
    default:
        selection->kind = optarg;
        return check_word("kind", optarg, next_kind);
    }
}

int smref_cmd_rules(int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, OPT_HELP},
        {"json", no_argument, NULL, OPT_JSON},
        {"subject", required_argument, NULL, OPT_SUBJECT},
        {"kind", required_argument, NULL, OPT_KIND},
        {"coverage", no_argument, NULL, OPT_COVERAGE},
        {NULL, 0, NULL, 0},
    };
    struct selection selection = {.subject = NULL};
    unsigned count;
    int option;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        if (option == OPT_HELP) {
            fputs(rules_help, stdout);
            return smref_finish(SMREF_EXIT_OK);
        }
        if (option == '?' || !take_option(&selection, option))
            return SMREF_EXIT_USAGE;
    }
    if (selection.coverage)
        return smref_report_coverage(argv + optind, (size_t)(argc - optind),
                                     &(smref_coverage_filter){selection.subject, selection.kind},
                                     selection.json);
    if (optind < argc)
        return smref_usage("rules", "takes no name; one rule is shown by: smref rule %.60s", argv[optind]);
    count = print_selected(&selection);
    if (!selection.json)
        printf("%s%u rules\n", count ? "\n" : "", count);
    return smref_finish(SMREF_EXIT_OK);
}

/* ---- rule ------------------------------------------------------------------------------------------ */

static bool is_event(const char *name)
{
    smref_layout layout;

    return smref_layout_find(name, &layout) &&
           smref_layout_at((unsigned)layout)->kind == SMREF_LAYOUT_KIND_EVENT;
}

static bool is_outcome(const char *name)
{
    const smref_rule_info *rule;

    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++)
        if (rule->outcome && strcmp(rule->outcome, name) == 0)
            return true;
    return false;
}

static void show_outcome(const char *name, bool json)
{
    struct selection selection = {.outcome = name, .json = json};
    smref_layout layout;
    unsigned count;

    if (!json && smref_layout_find(name, &layout)) {
        const smref_layout_info *info = smref_layout_at((unsigned)layout);
        printf("%s  (event 0x%02x, section %s)\n%s\n\nrules that end in it\n\n", info->name, info->number,
               info->section, info->title);
    }
    count = print_selected(&selection);
    if (!json && count == 0)
        puts("none");
}

/* Candidates: rules, then choices, errata and events. */
static const char *next_name(void *context, size_t index)
{
    static const smref_item_kind kinds[] = {SMREF_ITEM_RULE, SMREF_ITEM_CHOICE, SMREF_ITEM_ERRATUM,
                                            SMREF_ITEM_EVENT};
    char room[SMREF_ITEM_ROOM];
    smref_item item;
    unsigned n;

    (void)context;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (n = 0; smref_item_at(kinds[k], n, &item); n++)
            if (index-- == 0)
                return smref_item_name(&item, room);
    }
    return NULL;
}

static bool show(const char *name, bool json)
{
    const smref_erratum_info *erratum;
    const char *nearest;
    smref_choice choice;
    smref_rule rule;
    smref_item item;

    if (smref_rule_find(name, &rule)) {
        item = (smref_item){.kind = SMREF_ITEM_RULE, .index = (unsigned)rule};
    } else if (smref_choice_find(name, &choice)) {
        item = (smref_item){.kind = SMREF_ITEM_CHOICE, .index = (unsigned)choice};
    } else if (is_event(name) || is_outcome(name)) {
        show_outcome(name, json);
        return true;
    } else {
        item = (smref_item){.kind = SMREF_ITEM_ERRATUM};
        while ((erratum = smref_erratum_at(item.index)) != NULL && strcmp(erratum->id, name) != 0)
            item.index++;
        if (!erratum) {
            nearest = smref_nearest(name, next_name, NULL);
            smref_usage("rule", "no rule, event, choice or erratum %.60s%s%s", name,
                        nearest ? "; nearest: " : "", nearest ? nearest : "");
            return false;
        }
    }
    if (json)
        smref_export_json_item(stdout, &item);
    else
        smref_print_item(stdout, &item, false);
    return true;
}

int smref_cmd_rule(int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, OPT_HELP},
        {"json", no_argument, NULL, OPT_JSON},
        {NULL, 0, NULL, 0},
    };
    bool json = false;
    int option;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        if (option == OPT_HELP) {
            fputs(rule_help, stdout);
            return smref_finish(SMREF_EXIT_OK);
        }
        if (option != OPT_JSON)
            return SMREF_EXIT_USAGE;
        json = true;
    }
    if (optind == argc)
        return smref_usage("rule", "which rule? smref rules lists them");
    for (int i = optind; i < argc; i++) {
        if (i > optind && !json)
            putchar('\n');
        if (!show(argv[i], json)) {
            fflush(stdout);
            return SMREF_EXIT_USAGE;
        }
    }
    return smref_finish(SMREF_EXIT_OK);
}
