/* Pages about rules, choices and errata. */
#include "rule_page.h"

#include <ctype.h>
#include <string.h>

#include "page.h"
#include "spec_words.h"

enum { KEY_COLUMN = 2, VALUE_COLUMN = 12, TITLE_COLUMN = 34 };

/* ---- Parts ----------------------------------------------------------------------------------------- */

void smref_print_clauses(FILE *to, const char *key, const char *clauses)
{
    smref_clause clause;

    for (; smref_next_clause(&clauses, &clause); key = "") {
        fprintf(to, "%*s%-*s", KEY_COLUMN, "", VALUE_COLUMN - KEY_COLUMN, key);
        smref_page_print(to, VALUE_COLUMN, VALUE_COLUMN + 2, "%.*s%s%.*s", (int)clause.is_length, clause.is,
                         clause.when_length ? " if " : "", (int)clause.when_length, clause.when);
    }
}

void smref_print_entry(FILE *to, const char *key, const char *words)
{
    if (!words || !*words)
        return;
    fprintf(to, "%*s%-*s", KEY_COLUMN, "", VALUE_COLUMN - KEY_COLUMN, key);
    smref_page_words(to, VALUE_COLUMN, VALUE_COLUMN, words);
}

/* "ID  kind" and, under it, the title. */
static void print_head(FILE *to, const char *id, const char *what, const char *section, const char *title)
{
    fprintf(to, "%s  (%s%s%s)\n", id, what, section ? ", section " : "", section ? section : "");
    smref_page_words(to, 0, 0, title);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

bool smref_condition_names(const char *condition, const char *name)
{
    size_t length = strlen(name);
    const char *at = condition;

    while (at && (at = strstr(at, name)) != NULL) {
        if ((at == condition || !is_word(at[-1])) && !is_word(at[length]))
            return true;
        at += length;
    }
    return false;
}

/* The derived values and the context that a condition speaks of. */
static void print_terms(FILE *to, const char *condition)
{
    const smref_term_info *term;

    for (unsigned i = 0; condition && (term = smref_term_at(i)) != NULL; i++) {
        if (!smref_condition_names(condition, term->name))
            continue;
        fprintf(to, "%*s%s: ", VALUE_COLUMN, "", term->name);
        smref_page_print(to, VALUE_COLUMN + (unsigned)strlen(term->name) + 2, VALUE_COLUMN + 2, "%s%s%s",
                         term->means ? term->means : "", term->expr ? "; " : "",
                         term->expr ? term->expr : "");
    }
}

static void print_options(FILE *to, const smref_choice_info *choice)
{
    char versions[SMREF_WORDS_ROOM];

    for (unsigned i = 0; i < choice->option_count; i++) {
        const smref_option_info *option = &choice->options[i];
        fprintf(to, "%*s%-18s ", VALUE_COLUMN, "", option->name);
        smref_spell_versions(option->since, option->until, versions);
        smref_page_print(to, VALUE_COLUMN + 19, VALUE_COLUMN + 19, "%s%s%s%s",
                         option->means ? option->means : "", *versions ? "; only " : "", versions,
                         i == choice->default_option ? " (default)" : "");
    }
}

void smref_print_rule_line(FILE *to, const smref_rule_info *rule)
{
    unsigned column = smref_page_tab(to, (unsigned)fprintf(to, "  %s ", rule->id), TITLE_COLUMN);

    smref_page_print(to, column, TITLE_COLUMN, "%s (%s)", rule->title, rule->section);
}

/* ---- Rules ----------------------------------------------------------------------------------------- */

const smref_choice_info *smref_choice_of(const smref_rule_info *rule)
{
    return rule->choice < SMREF_CHOICE_COUNT ? smref_choice_at((unsigned)rule->choice) : NULL;
}

const smref_erratum_info *smref_erratum_of(const smref_rule_info *rule)
{
    const smref_erratum_info *erratum;

    for (unsigned i = 0; rule->erratum && (erratum = smref_erratum_at(i)) != NULL; i++)
        if (strcmp(erratum->id, rule->erratum) == 0)
            return erratum;
    return NULL;
}

/* "unpredictable" is what the data says for CONSTRAINED UNPREDICTABLE. */
static const char *kind_in_words(const char *kind)
{
    if (strcmp(kind, "impdef") == 0)
        return "IMPLEMENTATION DEFINED";
    return strcmp(kind, "unpredictable") == 0 ? "CONSTRAINED UNPREDICTABLE" : kind;
}

void smref_print_rule(FILE *to, const smref_rule_info *rule)
{
    const smref_choice_info *choice = smref_choice_of(rule);
    const smref_erratum_info *erratum = smref_erratum_of(rule);

    print_head(to, rule->id, kind_in_words(rule->kind), rule->section, rule->title);
    putc('\n', to);
    smref_print_entry(to, "subject", rule->subject);
    smref_print_entry(to, "when",
                      rule->when ? rule->when : "a step of the algorithm: no condition of its own");
    print_terms(to, rule->when);
    smref_print_entry(to, "outcome", rule->outcome);
    smref_print_entry(to, "note", rule->note);
    if (choice) {
        fprintf(to, "%*s%-*s%s: ", KEY_COLUMN, "", VALUE_COLUMN - KEY_COLUMN, "choice", choice->id);
        smref_page_words(to, VALUE_COLUMN + (unsigned)strlen(choice->id) + 2, VALUE_COLUMN, choice->title);
        print_options(to, choice);
    }
    if (erratum) {
        fprintf(to, "%*s%-*s%s: ", KEY_COLUMN, "", VALUE_COLUMN - KEY_COLUMN, "erratum", erratum->id);
        smref_page_print(to, VALUE_COLUMN + (unsigned)strlen(erratum->id) + 2, VALUE_COLUMN, "%s; taken: %s",
                         erratum->title, erratum->taken);
    }
}

/* The rules that `uses` holds for, under a heading. */
static void print_users(FILE *to, const char *name,
                        bool (*uses)(const smref_rule_info *rule, const char *name))
{
    const smref_rule_info *rule;
    bool any = false;

    for (unsigned i = 1; (rule = smref_rule_at(i)) != NULL; i++) {
        if (!uses(rule, name))
            continue;
        if (!any)
            fputs("\nrules\n", to);
        any = true;
        smref_print_rule_line(to, rule);
    }
}

static bool rule_asks(const smref_rule_info *rule, const char *choice)
{
    const smref_choice_info *own = smref_choice_of(rule);
    char name[64];

    snprintf(name, sizeof name, "choice.%s", choice);
    return (own && strcmp(own->id, choice) == 0) || smref_condition_names(rule->when, name);
}

void smref_print_choice(FILE *to, const smref_choice_info *choice)
{
    print_head(to, choice->id, kind_in_words(choice->kind), choice->section, choice->title);
    putc('\n', to);
    fprintf(to, "%*s%s\n", KEY_COLUMN, "", "options");
    print_options(to, choice);
    print_users(to, choice->id, rule_asks);
}

static bool rule_has_erratum(const smref_rule_info *rule, const char *erratum)
{
    return rule->erratum && strcmp(rule->erratum, erratum) == 0;
}

void smref_print_erratum(FILE *to, const smref_erratum_info *erratum)
{
    print_head(to, erratum->id, "erratum of the document", erratum->section, erratum->title);
    putc('\n', to);
    smref_print_entry(to, "taken", erratum->taken);
    smref_print_entry(to, "reason", erratum->reason);
    print_users(to, erratum->id, rule_has_erratum);
}

static bool rule_uses(const smref_rule_info *rule, const char *term)
{
    return smref_condition_names(rule->when, term);
}

void smref_print_term(FILE *to, const smref_term_info *term)
{
    print_head(to, term->name, term->expr ? "derived value" : "context", term->section,
               term->means ? term->means : "");
    putc('\n', to);
    smref_print_entry(to, "type", term->type);
    smref_print_entry(to, "is", term->expr);
    print_terms(to, term->expr);
    print_users(to, term->name, rule_uses);
}

void smref_print_unmodelled(FILE *to, const smref_unmodelled_info *item)
{
    print_head(to, item->id, "not modelled", NULL, item->text);
    putc('\n', to);
    smref_print_entry(to, "when", item->when);
    smref_print_entry(to, "then",
                      item->affects_lookup ? "no access is answered: configuration lookup depends on it"
                                           : "accesses that come past configuration lookup are not answered");
}
