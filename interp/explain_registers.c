/* What an access to a register meets: fields, the clauses that decide over them, and what those ask for. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"
#include "fields.h"
#include "spec_words.h"
#include "vocabulary.h"

const smref_step *smref_step_reach(const smref_explanation *e, size_t index)
{
    for (size_t i = index + 1; i-- > 0;)
        if (e->list[i].step.kind == SMREF_STEP_REACH)
            return e->list[i].step.reach->found ? &e->list[i].step : NULL;
    return NULL;
}

const char *smref_step_register(const smref_explanation *e, size_t index, char out[SMREF_NAME_ROOM])
{
    const char *name = smref_register_at((unsigned)e->list[index].step.reg)->name;
    const smref_step *reach = smref_step_reach(e, index);

    if (strchr(name, '<'))
        snprintf(out, SMREF_NAME_ROOM, "%.*s%u", (int)strcspn(name, "<"), name,
                 reach ? reach->reach->element : 0);
    else
        snprintf(out, SMREF_NAME_ROOM, "%s", name);
    return out;
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

/* What the register holds after the access that step `index` belongs to. */
static uint64_t held_after(const smref_explanation *e, size_t index, const smref_step *reach)
{
    for (size_t i = index + 1; i < e->count && e->list[i].step.kind != SMREF_STEP_REACH; i++)
        if (e->list[i].step.kind == SMREF_STEP_CHANGE && e->list[i].step.reg == reach->reg)
            return e->list[i].words[1];
    return reach->reach->held;
}

smref_shown_look smref_explain_look(const smref_explanation *e, size_t index)
{
    const smref_step *step = &e->list[index].step, *to = smref_step_reach(e, index);
    const smref_reach_info *reach = to->reach;
    const smref_field_info *info = &smref_register_at((unsigned)step->reg)->fields[step->field];
    uint64_t written = (reach->held & ~reach->lanes) | (reach->written & reach->lanes);
    uint64_t after = !reach->write                           ? step->look->shown
                     : !e->refused                           ? held_after(e, index, to)
                     : step->look->fate == SMREF_FATE_PASSES ? written
                                                             : reach->held;
    smref_shown_look out = {.info = info, .look = step->look, .write = reach->write};

    out.held = smref_explain_field(info, reach->held);
    out.written = smref_explain_field(info, written);
    out.now = smref_explain_field(info, after);
    out.unknown = !reach->write && smref_field_get(info, &step->look->unknown, 0) != 0;
    out.touched = out.held.value != out.now.value || (reach->write && out.held.value != out.written.value);
    return out;
}

/* ---- What conditions refer to ---------------------------------------------------------------------- */

/* Where a condition is asked: the register that it is about, and the values at that time. */
struct setting {
    const smref_explanation *e;
    const smref_reach_info *reach;
    const smref_register_info *self;
};

/* "CR0" in the bank of the register at hand; a register outside the banks is in all. */
static const smref_register_info *of_family(const struct setting *s, const char *family, size_t length,
                                            unsigned *reg)
{
    const smref_register_info *info;

    for (*reg = 0; (info = smref_register_at(*reg)) != NULL; ++*reg)
        if (strlen(info->family) == length && strncmp(info->family, family, length) == 0 &&
            (strcmp(info->bank, s->self->bank) == 0 || !*info->bank))
            return info;
    return NULL;
}

static const smref_register_info *of_name(const char *name, size_t length, unsigned *reg)
{
    const smref_register_info *info;

    for (*reg = 0; (info = smref_register_at(*reg)) != NULL; ++*reg)
        if (strncmp(info->name, "SMMU_", 5) == 0 && strcspn(info->name + 5, "<") == length &&
            strncmp(info->name + 5, name, length) == 0)
            return info;
    return NULL;
}

/* The register before the last dot of "$B.CR0.SMMUEN", "$.Update", "IDR0.PRI". */
static const smref_register_info *referred(const struct setting *s, const char *name, size_t length,
                                           unsigned *reg)
{
    if (length == 1 && *name == '$')
        return of_name(s->self->name + 5, strcspn(s->self->name + 5, "<"), reg);
    if (length > 3 && strncmp(name, "$B.", 3) == 0)
        return of_family(s, name + 3, length - 3, reg);
    return of_name(name, length, reg);
}

/* Bytes of the reference at the start of `text`; 0 when there is none. */
static size_t reference_length(const char *text)
{
    size_t length = 0;

    if (!isalpha((unsigned char)*text) && *text != '$')
        return 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '$' ||
           text[length] == '.')
        length++;
    return length;
}

struct term {
    char name[48], value[SMREF_VALUE_ROOM];
    uint64_t number;
};

static bool field_term(const struct setting *s, const char *name, size_t length, struct term *out)
{
    size_t dot = length;
    unsigned reg;
    const smref_register_info *info;
    smref_shown fields[SMREF_MAX_SHOWN];
    char field[40];

    while (dot > 0 && name[dot - 1] != '.')
        dot--;
    info = dot ? referred(s, name, dot - 1, &reg) : NULL;
    if (!info || !s->reach->registers)
        return false;
    snprintf(field, sizeof field, "%.*s", (int)(length - dot), name + dot);
    snprintf(out->name, sizeof out->name, "%.*s.%s", (int)strcspn(info->name + 5, "<"), info->name + 5,
             field);
    snprintf(out->value, sizeof out->value, "0"); /* of what the bank lacks */
    out->number = 0;
    if (smref_explain_register(s->e, (smref_register)reg, s->reach->registers[reg], field, fields)) {
        smref_say_value(&fields[0], out->value);
        out->number = fields[0].value;
    }
    return true;
}

static bool is(const char *name, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(name, word, length) == 0;
}

/* "0: only from secure and root" */
static void say_spaces(unsigned spaces, struct term *out)
{
    size_t used = (size_t)snprintf(out->value, sizeof out->value, "%" PRIu64, out->number);
    const char *lead = ": only from";

    for (unsigned pas = 0; pas < SMREF_PAS_COUNT && !out->number; pas++) {
        if (!(spaces >> pas & 1))
            continue;
        used += (size_t)snprintf(out->value + used, sizeof out->value - used, "%s %s", lead,
                                 smref_spell_pas((smref_pas)pas));
        lead = " and";
    }
}

/* What a condition asks for besides fields. */
static bool other_term(const struct setting *s, const char *name, size_t length, struct term *out)
{
    snprintf(out->name, sizeof out->name, "%.*s", (int)length, name);
    if (is(name, length, "arch")) {
        out->number = smref_architecture(s->e->smmu);
        smref_spell_arch((unsigned)out->number, out->value);
        return true;
    }
    if (is(name, length, "ctx.pas_permitted")) {
        out->number = s->reach->spaces >> s->reach->pas & 1;
        say_spaces(s->reach->spaces, out);
        return true;
    }
    if (is(name, length, "ctx.ecmdq_enabled"))
        out->number = s->reach->ecmdq_enabled;
    else
        return false;
    snprintf(out->value, sizeof out->value, "%" PRIu64, out->number);
    return true;
}

static void add_term(smref_shown_clause *out, const struct term *term)
{
    for (unsigned i = 0; i < out->term_count; i++)
        if (strcmp(out->terms[i].name, term->name) == 0)
            return;
    if (out->term_count == SMREF_MAX_TERMS)
        return;
    memcpy(out->terms[out->term_count].name, term->name, sizeof term->name);
    memcpy(out->terms[out->term_count].value, term->value, sizeof term->value);
    out->terms[out->term_count++].number = term->number;
}

/* Copies a condition, with the registers of this bank in place of $B and $, and finds what it asks for. */
static void set_condition(const struct setting *s, const char *text, size_t length, smref_shown_clause *out)
{
    const char *end = text + length;
    size_t used = 0;

    while (text < end && used + sizeof(struct term) < sizeof out->when) {
        size_t taken = reference_length(text);
        struct term term;
        if (taken && (field_term(s, text, taken, &term) || other_term(s, text, taken, &term))) {
            used += (size_t)snprintf(out->when + used, sizeof out->when - used, "%s", term.name);
            add_term(out, &term);
        } else {
            taken = taken ? taken : isdigit((unsigned char)*text) ? strspn(text, "0123456789abcdefx.") : 1;
            used += (size_t)snprintf(out->when + used, sizeof out->when - used, "%.*s", (int)taken, text);
        }
        text += taken;
    }
}

/* ---- Clauses --------------------------------------------------------------------------------------- */

static smref_shown_clause shown_clause(const struct setting *s, const smref_clause *clause, bool holds)
{
    smref_shown_clause out = {.holds = holds};

    snprintf(out.is, sizeof out.is, "%.*s", (int)clause->is_length, clause->is);
    set_condition(s, clause->when, clause->when_length, &out);
    return out;
}

static const char *clauses_of(const smref_step *step, const smref_register_info *info, smref_clauses which,
                              unsigned *holds)
{
    if (step->kind == SMREF_STEP_REACH) {
        *holds = step->reach->clause;
        return info->access;
    }
    *holds = which == SMREF_CLAUSES_STATE ? step->look->state_clause : step->look->access_clause;
    return which == SMREF_CLAUSES_STATE ? info->fields[step->field].state : info->fields[step->field].access;
}

size_t smref_explain_clauses(const smref_explanation *e, size_t index, smref_clauses which,
                             smref_shown_clause out[SMREF_MAX_CLAUSES])
{
    const smref_step *step = &e->list[index].step, *reach = smref_step_reach(e, index);
    const smref_register_info *info = smref_register_at((unsigned)step->reg);
    struct setting setting = {e, reach->reach, info};
    unsigned holds;
    const char *text = clauses_of(step, info, which, &holds);
    smref_clause clause;
    size_t count = 0;

    if (holds == SMREF_CLAUSE_ABSENT && step->kind == SMREF_STEP_REACH && info->present) {
        clause = (smref_clause){"present", info->present, 7, strlen(info->present)};
        out[count++] = shown_clause(&setting, &clause, false);
    }
    while (holds != SMREF_CLAUSE_ABSENT && count < SMREF_MAX_CLAUSES && smref_next_clause(&text, &clause)) {
        out[count] = shown_clause(&setting, &clause, count == holds);
        if (count++ == holds)
            break;
    }
    return count;
}
