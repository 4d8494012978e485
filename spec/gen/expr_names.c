/*
 * Expressions: what a name stands for. Fields of structures, of descriptors and of registers, values of the
 * context, derived values, choices, loop variables, and constants, which get their meaning from what they are
 * compared with.
 */
#include "specgen.h"

#include <string.h>

bool expr_fail(checker *c, const expr *x, const char *text)
{
    spec_error(c->s, c->f->at, c->where->item, "column %u of \"%s\": %s", x->column, c->f->text, text);
    return false;
}

static bool fail_near(checker *c, const expr *x, const char *text, const char *nearest)
{
    return expr_fail(c, x, nearest ? spec_print(c->s, "%s; nearest: %s", text, nearest) : text);
}

/* ---- Names ----------------------------------------------------------------------------------------- */

typedef struct name_list {
    const spec *s;
    const container *c;
    const value_type *type;
} name_list;

static const char *next_field(void *context, size_t index)
{
    const name_list *list = context;
    size_t i;

    for (i = 0; i < list->c->fields.count; i++)
        if (list->c->fields.at[i]->name && index-- == 0)
            return list->c->fields.at[i]->name;
    return NULL;
}

static const char *short_name(const reg *r)
{
    return strncmp(r->c.c_name, "SMMU_", 5) == 0 ? r->c.c_name + 5 : r->c.c_name;
}

static const char *next_container(void *context, size_t index)
{
    const name_list *list = context;

    if (index < list->s->layouts.count)
        return list->s->layouts.at[index]->c.name;
    index -= list->s->layouts.count;
    return index < list->s->regs.count ? short_name(list->s->regs.at[index]) : NULL;
}

static const char *next_family(void *context, size_t index)
{
    const name_list *list = context;

    return index < list->s->regs.count ? list->s->regs.at[index]->family : NULL;
}

static const char *next_context(void *context, size_t index)
{
    const name_list *list = context;

    return index < list->s->context.count ? list->s->context.at[index]->name : NULL;
}

static const char *next_derived(void *context, size_t index)
{
    const name_list *list = context;

    return index < list->s->derived.count ? list->s->derived.at[index]->name : NULL;
}

static const char *next_choice(void *context, size_t index)
{
    const name_list *list = context;

    return index < list->s->choices.count ? list->s->choices.at[index]->id : NULL;
}

static const char *next_helper(void *context, size_t index)
{
    const name_list *list = context;

    return index < list->s->helpers.count ? list->s->helpers.at[index]->name : NULL;
}

static const char *next_constant(void *context, size_t index)
{
    const name_list *list = context;
    const value_type *t = list->type;

    if (t->base == TYPE_ENUM)
        return index < t->of->values.count ? t->of->values.at[index] : NULL;
    if (t->base == TYPE_CHOICE)
        return index < t->choice->options.count ? t->choice->options.at[index].name : NULL;
    for (; t->coded && index < t->coded->codes.count; index++)
        if (t->coded->codes.at[index].name)
            return t->coded->codes.at[index].name;
    return NULL;
}

static bool resolve_field(checker *c, expr *x, const container *of, const char *name)
{
    name_list list = {c->s, of, NULL};

    x->field = find_field(of, name);
    if (!x->field) {
        return fail_near(c, x, spec_print(c->s, "%s has no field %s", of->name, name),
                         smref_nearest(name, next_field, &list));
    }
    x->type = (value_type){.base = TYPE_INT, .width = x->field->width};
    x->type.coded = x->field->codes.count ? x->field : NULL;
    return true;
}

/* $B.CR0.SMMUEN: the field in the bank at hand; a bank that lacks it reads as 0. */
static bool resolve_bank_field(checker *c, expr *x)
{
    name_list list = {c->s, NULL, NULL};
    const reg *r, *any = NULL;
    const field *f;
    size_t i;

    if (x->part_count != 3)
        return expr_fail(c, x, "write $B.REGISTER.FIELD");
    for (i = 0; i < c->s->regs.count; i++) {
        r = c->s->regs.at[i];
        if (r->bank_index < 0 || strcmp(r->family, x->parts[1]) != 0)
            continue;
        any = r;
        f = find_field(&r->c, x->parts[2]);
        x->regs[r->bank_index] = r;
        x->bank_fields[r->bank_index] = f;
        x->field = f ? f : x->field;
    }
    if (!any) {
        return fail_near(c, x, spec_print(c->s, "no register %s has banks", x->parts[1]),
                         smref_nearest(x->parts[1], next_family, &list));
    }
    if (!x->field)
        return resolve_field(c, x, &any->c, x->parts[2]);
    x->ref = REF_BANK_FIELD;
    x->type = (value_type){.base = TYPE_INT, .width = x->field->width};
    x->type.coded = x->field->codes.count ? x->field : NULL;
    return true;
}

static bool resolve_self(checker *c, expr *x)
{
    if (x->part_count != 2)
        return expr_fail(c, x, "write $.FIELD");
    if (c->where->self) {
        x->ref = REF_LAYOUT_FIELD;
        x->layout = c->where->self;
        return resolve_field(c, x, &x->layout->c, x->parts[1]);
    }
    if (c->where->self_reg) {
        x->ref = REF_REGISTER_FIELD;
        x->regs[0] = c->where->self_reg;
        return resolve_field(c, x, &c->where->self_reg->c, x->parts[1]);
    }
    return expr_fail(c, x, "$ has no meaning here: this expression stands in no layout");
}

static const reg *find_register(const spec *s, const char *name)
{
    size_t i;

    for (i = 0; i < s->regs.count; i++)
        if (strcmp(short_name(s->regs.at[i]), name) == 0)
            return s->regs.at[i];
    return NULL;
}

/* STE.S1Fmt, or IDR0.S1P: a register is named without SMMU_. */
static bool resolve_container(checker *c, expr *x)
{
    name_list list = {c->s, NULL, NULL};

    x->layout = find_layout(c->s, x->parts[0]);
    if (x->layout) {
        if (x->layout->kind == LAYOUT_COMMAND || x->layout->kind == LAYOUT_EVENT)
            return expr_fail(c, x, "commands and events are named by $ only, in their own expressions");
        x->ref = REF_LAYOUT_FIELD;
        return resolve_field(c, x, &x->layout->c, x->parts[1]);
    }
    x->regs[0] = find_register(c->s, x->parts[0]);
    if (x->regs[0]) {
        x->ref = REF_REGISTER_FIELD;
        return resolve_field(c, x, &x->regs[0]->c, x->parts[1]);
    }
    return fail_near(c, x, spec_print(c->s, "there is no structure or register %s", x->parts[0]),
                     smref_nearest(x->parts[0], next_container, &list));
}

static bool resolve_context(checker *c, expr *x)
{
    name_list list = {c->s, NULL, NULL};
    size_t i;

    x->ref = REF_CONTEXT;
    for (i = 0; i < c->s->context.count; i++) {
        if (strcmp(c->s->context.at[i]->name, x->parts[1]) == 0) {
            x->def = c->s->context.at[i];
            x->type = c->s->context.at[i]->type;
            return true;
        }
    }
    return fail_near(c, x, spec_print(c->s, "the context has no %s", x->parts[1]),
                     smref_nearest(x->parts[1], next_context, &list));
}

static bool resolve_derived(checker *c, expr *x)
{
    name_list list = {c->s, NULL, NULL};
    size_t i;

    x->ref = REF_DERIVED;
    for (i = 0; i < c->s->derived.count; i++) {
        if (strcmp(c->s->derived.at[i]->name, x->parts[1]) == 0) {
            x->def = c->s->derived.at[i];
            x->type = c->s->derived.at[i]->type;
            return true;
        }
    }
    return fail_near(c, x, spec_print(c->s, "there is no derived value %s", x->parts[1]),
                     smref_nearest(x->parts[1], next_derived, &list));
}

static bool resolve_choice(checker *c, expr *x)
{
    name_list list = {c->s, NULL, NULL};

    x->ref = REF_CHOICE;
    x->def = find_choice(c->s, x->parts[1]);
    x->type = (value_type){.base = TYPE_CHOICE, .choice = x->def};
    return x->def || fail_near(c, x, spec_print(c->s, "there is no choice %s", x->parts[1]),
                               smref_nearest(x->parts[1], next_choice, &list));
}

/* A constant of the enum, the coded field or the choice that is wanted here. */
static bool find_constant(checker *c, expr *x, const value_type *t)
{
    const char *name = x->parts[0];
    size_t i;

    x->ref = REF_VALUE;
    if (t->base == TYPE_ENUM) {
        for (i = 0; i < t->of->values.count; i++) {
            if (strcmp(t->of->values.at[i], name) == 0) {
                x->constant = spec_print(c->s, "SMREF_%s_%s", t->of->name, name);
                x->type = (value_type){.base = TYPE_ENUM, .of = t->of};
                return true;
            }
        }
    } else if (t->base == TYPE_CHOICE) {
        for (i = 0; t->choice && i < t->choice->options.count; i++) {
            if (strcmp(t->choice->options.at[i].name, name) == 0) {
                x->constant = spec_print(c->s, "SMREF_CHOICE_%s_%s", t->choice->id, name);
                x->type = *t;
                return true;
            }
        }
    } else if (t->base == TYPE_INT && t->coded) {
        for (i = 0; i < t->coded->codes.count; i++) {
            if (t->coded->codes.at[i].name && strcmp(t->coded->codes.at[i].name, name) == 0) {
                x->constant =
                    spec_print(c->s, "SMREF_%s_%s_%s", t->coded->owner->c_name, t->coded->name, name);
                x->high_value = t->coded->codes.at[i].high;
                x->value = t->coded->codes.at[i].low;
                x->type = (value_type){.base = TYPE_INT, .width = t->width};
                return true;
            }
        }
    }
    return false;
}

/* A name without a dot: a loop variable, the version, or a constant. */
static bool resolve_plain(checker *c, expr *x, const value_type *wanted)
{
    const char *name = x->parts[0], *nearest = NULL;
    name_list list = {c->s, NULL, wanted};
    const enum_def *found = NULL;
    value_type of;
    size_t i;

    for (i = c->loop_count; i-- > 0;) {
        if (strcmp(c->loops[i]->parts[0], name) == 0) {
            x->ref = REF_LOOP;
            x->def = c->loops[i];
            x->type = (value_type){.base = TYPE_INT};
            return true;
        }
    }
    if (strcmp(name, "arch") == 0) {
        x->ref = REF_ARCH;
        x->type = (value_type){.base = TYPE_ARCH};
        return true;
    }
    if (wanted && find_constant(c, x, wanted)) {
        return x->high_value <= x->value ||
               expr_fail(c, x,
                         spec_print(c->s, "%s names the codes %llu to %llu: write in {%llu..%llu}", name,
                                    (unsigned long long)x->value, (unsigned long long)x->high_value,
                                    (unsigned long long)x->value, (unsigned long long)x->high_value));
    }
    if (wanted && (wanted->base == TYPE_ENUM || wanted->base == TYPE_CHOICE || wanted->coded)) {
        nearest = smref_nearest(name, next_constant, &list);
        return fail_near(c, x,
                         spec_print(c->s, "%s is not a value of %s", name,
                                    wanted->base == TYPE_ENUM     ? wanted->of->name
                                    : wanted->base == TYPE_CHOICE ? wanted->choice->id
                                                                  : wanted->coded->name),
                         nearest);
    }
    for (i = 0; i < c->s->enums.count; i++) {
        of = (value_type){.base = TYPE_ENUM, .of = c->s->enums.at[i]};
        if (find_constant(c, x, &of)) {
            if (found) {
                return expr_fail(
                    c, x, spec_print(c->s, "%s is a value of %s and of %s", name, found->name, of.of->name));
            }
            found = of.of;
        }
    }
    return found || expr_fail(c, x, spec_print(c->s, "there is no name %s", name));
}

bool expr_resolve(checker *c, expr *x, const value_type *wanted)
{
    const char *first = x->parts[0];

    if (strcmp(first, "$B") == 0)
        return resolve_bank_field(c, x);
    if (strcmp(first, "$") == 0)
        return resolve_self(c, x);
    if (x->part_count == 1)
        return resolve_plain(c, x, wanted);
    if (x->part_count == 3)
        return expr_fail(c, x, "only $B.REGISTER.FIELD has three parts");
    if (strcmp(first, "ctx") == 0)
        return resolve_context(c, x);
    if (strcmp(first, "derived") == 0)
        return resolve_derived(c, x);
    if (strcmp(first, "choice") == 0)
        return resolve_choice(c, x);
    return resolve_container(c, x);
}

const helper_def *expr_find_helper(checker *c, const expr *x)
{
    name_list list = {c->s, NULL, NULL};
    size_t i;

    for (i = 0; i < c->s->helpers.count; i++)
        if (strcmp(c->s->helpers.at[i]->name, x->parts[0]) == 0)
            return c->s->helpers.at[i];
    fail_near(c, x, spec_print(c->s, "there is no helper %s", x->parts[0]),
              smref_nearest(x->parts[0], next_helper, &list));
    return NULL;
}
