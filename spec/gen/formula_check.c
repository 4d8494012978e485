/* Every expression of the data is parsed and typed where it stands; derived values do not go in circles. */
#include "specgen.h"

static void check_formula(spec *s, formula *f, const scope *where, const value_type *wanted)
{
    if (!f->text)
        return;
    f->tree = parse_expression(s, f, where);
    if (f->tree && !type_expression(s, f, where, wanted))
        f->tree = NULL;
}

static void check_condition(spec *s, formula *f, const scope *where)
{
    const value_type truth = {.base = TYPE_BOOL};

    check_formula(s, f, where, &truth);
}

static void check_clauses(spec *s, clause_list *list, const scope *where)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        check_condition(s, &list->at[i].when, where);
}

static void check_items(spec *s, item_list *list, scope where)
{
    const value_type number = {.base = TYPE_INT};
    field *f;
    size_t i, k;
    const char *whole = where.item;

    for (i = 0; i < list->count; i++) {
        f = list->at[i].field;
        for (k = 0; !f && k < list->at[i].set->variants.count; k++) {
            where.item = whole;
            check_condition(s, &list->at[i].set->variants.at[k].when, &where);
            check_items(s, &list->at[i].set->variants.at[k].items, where);
        }
        if (f) {
            where.item = spec_print(s, "%s.%s", whole, f->name ? f->name : "reserved");
            check_clauses(s, &f->state, &where);
            check_clauses(s, &f->access, &where);
            check_clauses(s, &f->reset, &where);
            check_formula(s, &f->unknown_bits, &where, &number);
            check_formula(s, &f->in_use, &where, &number);
        }
    }
}

/* ---- Cycles ---------------------------------------------------------------------------------------- */

static void visit(spec *s, const expr *x);

static void visit_derived(spec *s, derived_def *d)
{
    if (d->visit == 1)
        spec_error(s, d->at, d->name, "the derived value needs itself");
    if (d->visit == 0 && d->value.tree) {
        d->visit = 1;
        visit(s, d->value.tree);
    }
    d->visit = 2;
}

static void visit(spec *s, const expr *x)
{
    size_t i;

    if (!x)
        return;
    visit(s, x->a);
    visit(s, x->b);
    visit(s, x->c);
    for (i = 0; i < x->list.count; i++)
        visit(s, x->list.at[i]);
    for (i = 0; x->op == X_REF && x->ref == REF_DERIVED && i < s->derived.count; i++)
        if (s->derived.at[i] == x->def)
            visit_derived(s, s->derived.at[i]);
}

/* ---- All ------------------------------------------------------------------------------------------- */

static void check_registers(spec *s)
{
    const value_type number = {.base = TYPE_INT};
    scope where = {0};
    reg *r;
    size_t i;

    for (i = 0; i < s->regs.count; i++) {
        r = s->regs.at[i];
        where = (scope){.item = r->c.name, .self_reg = r, .to_c = true};
        check_condition(s, &r->present, &where);
        check_formula(s, &r->elements, &where, &number);
        check_formula(s, &r->spacing, &where, &number);
        check_clauses(s, &r->access, &where);
        check_clauses(s, &r->reset, &where);
        check_items(s, &r->c.items, where);
    }
}

/* $B in a block is the bank of its registers. */
static void check_blocks(spec *s)
{
    const value_type number = {.base = TYPE_INT};
    scope where = {0};
    block *b;
    size_t i;

    for (i = 0; i < s->blocks.count; i++) {
        b = s->blocks.at[i];
        where = (scope){.item = b->name, .to_c = true};
        check_condition(s, &b->present, &where);
        check_formula(s, &b->at_offset, &where, &number);
        check_formula(s, &b->pages, &where, &number);
    }
}

void check_formulas(spec *s)
{
    size_t i;

    for (i = 0; i < s->derived.count; i++) {
        check_formula(s, &s->derived.at[i]->value,
                      &(scope){.item = spec_print(s, "derived.%s", s->derived.at[i]->name), .to_c = true},
                      &s->derived.at[i]->type);
    }
    for (i = 0; i < s->derived.count; i++)
        visit_derived(s, s->derived.at[i]);
    for (i = 0; i < s->layouts.count; i++) {
        check_items(s, &s->layouts.at[i]->c.items,
                    (scope){.item = s->layouts.at[i]->c.name, .self = s->layouts.at[i], .to_c = true});
    }
    check_blocks(s);
    check_registers(s);
    for (i = 0; i < s->rules.count; i++) {
        check_condition(s, &s->rules.at[i]->when,
                        &(scope){.item = s->rules.at[i]->id,
                                 .self = find_layout(s, s->rules.at[i]->subject),
                                 .to_c = true});
    }
    for (i = 0; i < s->unmodelled.count; i++) {
        check_condition(s, &s->unmodelled.at[i]->when,
                        &(scope){.item = s->unmodelled.at[i]->id, .to_c = true});
    }
}
