/* Rules and choices: what they refer to exists, and the legality lists have one order. */
#include "specgen.h"

#include <string.h>

static const char *const subjects[] = {
    "STE",       "CD",      "L1STD",          "L1CD",       "VMS",      "lookup",     "address", "walk",
    "fault",     "event",   "bypass",         "permission", "register", "attributes", "command", "queue",
    "interrupt", "granule", "identification", "atos",       NULL};

static const char *next_subject(void *context, size_t index)
{
    (void)context;
    return subjects[index];
}

static const char *next_choice(void *context, size_t index)
{
    const spec *s = context;

    return index < s->choices.count ? s->choices.at[index]->id : NULL;
}

static const char *next_erratum(void *context, size_t index)
{
    const spec *s = context;

    return index < s->errata.count ? s->errata.at[index]->id : NULL;
}

static const char *next_unmodelled(void *context, size_t index)
{
    const spec *s = context;

    return index < s->unmodelled.count ? s->unmodelled.at[index]->id : NULL;
}

static void unknown(spec *s, const rule_def *r, const char *what, const char *name, const char *nearest)
{
    spec_error(s, r->at, r->id, "there is no %s %s%s%s", what, name, nearest ? "; nearest: " : "",
               nearest ? nearest : "");
}

static void check_subject(spec *s, const rule_def *r)
{
    size_t i;

    for (i = 0; subjects[i] && strcmp(subjects[i], r->subject) != 0; i++) {
    }
    if (!subjects[i] && !find_layout(s, r->subject))
        unknown(s, r, "subject", r->subject, smref_nearest(r->subject, next_subject, NULL));
}

static void check_order(spec *s, const rule_def *r, size_t index)
{
    const rule_def *other;
    size_t i;

    if (!r->ordered)
        return;
    if (!r->when.text || !find_layout(s, r->subject)) {
        spec_error(s, r->at, r->id,
                   "\"order\" is for rules that have \"when\" and whose subject is a structure");
    }
    for (i = 0; i < index; i++) {
        other = s->rules.at[i];
        if (other->ordered && other->order == r->order && strcmp(other->subject, r->subject) == 0) {
            spec_error(s, r->at, r->id, "order %llu of %s is already that of %s",
                       (unsigned long long)r->order, r->subject, other->id);
        }
    }
}

static void check_rule(spec *s, const rule_def *r, size_t index)
{
    size_t i;

    check_subject(s, r);
    check_order(s, r, index);
    if (r->choice && !find_choice(s, r->choice))
        unknown(s, r, "choice", r->choice, smref_nearest(r->choice, next_choice, s));
    for (i = 0; r->erratum && i < s->errata.count && strcmp(s->errata.at[i]->id, r->erratum) != 0; i++) {
    }
    if (r->erratum && i == s->errata.count)
        unknown(s, r, "erratum", r->erratum, smref_nearest(r->erratum, next_erratum, s));
    if (r->unmodelled && !find_unmodelled(s, r->unmodelled))
        unknown(s, r, "unmodelled item", r->unmodelled, smref_nearest(r->unmodelled, next_unmodelled, s));
}

static const char *next_option(void *context, size_t index)
{
    const choice_def *c = context;

    return index < c->options.count ? c->options.at[index].name : NULL;
}

static void check_choice(spec *s, choice_def *c)
{
    const char *nearest;

    if (c->options.count == 0 || c->options.count > 255) {
        spec_error(s, c->at, c->id, "a choice has 1 to 255 options");
        return;
    }
    for (c->default_index = 0; c->default_index < c->options.count; c->default_index++)
        if (same_name(c->options.at[c->default_index].name, c->default_name))
            return;
    c->default_index = 0;
    nearest = smref_nearest(c->default_name, next_option, c);
    spec_error(s, c->at, c->id, "the default \"%s\" is none of the options%s%s", c->default_name,
               nearest ? "; nearest: " : "", nearest ? nearest : "");
}

void check_rules(spec *s)
{
    size_t i;

    for (i = 0; i < s->choices.count; i++)
        check_choice(s, s->choices.at[i]);
    for (i = 0; i < s->rules.count; i++)
        check_rule(s, s->rules.at[i], i);
}
