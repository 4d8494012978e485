/* Pages about rules, choices and errata, for `smref rule` and `smref spec show`. */
#ifndef SMREF_RULE_PAGE_H
#define SMREF_RULE_PAGE_H

#include <stdio.h>

#include "smref.h"

/* What the rule says, its condition and the terms in it, its choice and its erratum. */
void smref_print_rule(FILE *to, const smref_rule_info *rule);
/* The choice with its options; and the rules that ask it. */
void smref_print_choice(FILE *to, const smref_choice_info *choice);
void smref_print_erratum(FILE *to, const smref_erratum_info *erratum);
/* "derived.OAS": what it means and how it follows; and the rules that use it. */
void smref_print_term(FILE *to, const smref_term_info *term);
void smref_print_unmodelled(FILE *to, const smref_unmodelled_info *item);

/* A line: id, title and section, for lists. */
void smref_print_rule_line(FILE *to, const smref_rule_info *rule);
/* Prints "  KEY       words" with a hanging indent, when there are words. */
void smref_print_entry(FILE *to, const char *key, const char *words);
/* The same of "RES0 if A; RW", a clause a line. */
void smref_print_clauses(FILE *to, const char *key, const char *clauses);
/* Whether the text of a condition speaks of "STE.V", "derived.OAS", "choice.X". */
bool smref_condition_names(const char *condition, const char *name);

/* The choice or erratum that a rule names; NULL when it names none. */
const smref_choice_info *smref_choice_of(const smref_rule_info *rule);
const smref_erratum_info *smref_erratum_of(const smref_rule_info *rule);

#endif
