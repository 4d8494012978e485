/*
 * Expressions, third step: names to definitions, and types. Truth values and numbers are distinct, but a
 * field of one bit may stand for a truth value; names of constants get their meaning from what they are
 * compared with.
 */
#include "specgen.h"

#include <string.h>

static bool check(checker *c, expr *x, const value_type *wanted);

/* ---- Types ----------------------------------------------------------------------------------------- */

/* A whole array is no value. */
static bool no_array(checker *c, const expr *x)
{
    if (x->op == X_REF && x->field && x->field->array_count && x->ref <= REF_BANK_FIELD)
        return expr_fail(c, x, spec_print(c->s, "%s is an array: name an element", x->field->name));
    return true;
}

static bool check_value(checker *c, expr *x, const value_type *wanted)
{
    return check(c, x, wanted) && no_array(c, x);
}

static bool as_condition(checker *c, const expr *x)
{
    if (x->type.base == TYPE_BOOL || (x->type.base == TYPE_INT && x->type.width == 1))
        return true;
    return expr_fail(c, x, "a condition expected: a comparison, a field of one bit, or true or false");
}

static bool as_number(checker *c, const expr *x)
{
    if (x->type.base == TYPE_INT)
        return true;
    return expr_fail(c, x, "a number expected");
}

static bool check_condition(checker *c, expr *x)
{
    const value_type truth = {.base = TYPE_BOOL};

    return check_value(c, x, &truth) && as_condition(c, x);
}

static bool check_number(checker *c, expr *x)
{
    const value_type number = {.base = TYPE_INT};

    return check_value(c, x, &number) && as_number(c, x);
}

static bool check_reference(checker *c, expr *x, const value_type *wanted)
{
    if (x->a && c->where->to_c)
        return expr_fail(c, x, "the elements of register arrays have no values here");
    return (!x->a || check_number(c, x->a)) && expr_resolve(c, x, wanted);
}

static bool constant_below(const expr *index, uint64_t limit)
{
    if (index->op == X_NUMBER)
        return index->value < limit;
    if (index->op == X_REF && index->ref == REF_LOOP)
        return ((const expr *)index->def)->high < limit;
    return true;
}

static bool check_index(checker *c, expr *x)
{
    const field *array;

    if (!check(c, x->a, NULL) || !as_number(c, x->a) || !check_number(c, x->b))
        return false;
    array = x->a->op == X_REF && x->a->ref <= REF_BANK_FIELD && x->a->field->array_count ? x->a->field : NULL;
    if (!constant_below(x->b, array ? array->array_count : x->a->type.width ? x->a->type.width : 64)) {
        return expr_fail(c, x,
                         array ? spec_print(c->s, "%s has %u elements", array->name, array->array_count)
                               : spec_print(c->s, "a value of %u bits has no such bit",
                                            x->a->type.width ? x->a->type.width : 64));
    }
    x->field = array;
    x->type = (value_type){.base = TYPE_INT, .width = array ? array->array_width : 1};
    return true;
}

static bool check_slice(checker *c, expr *x)
{
    if (!check_number(c, x->a))
        return false;
    if (x->a->type.width && x->high >= x->a->type.width) {
        return expr_fail(c, x,
                         spec_print(c->s, "bit %u is outside a value of %u bits", x->high, x->a->type.width));
    }
    x->type = (value_type){.base = TYPE_INT, .width = x->high - x->low + 1};
    return true;
}

static bool check_concat(checker *c, expr *x)
{
    unsigned width = 0;
    expr *part;
    size_t i;

    for (i = 0; i < x->list.count; i++) {
        part = x->list.at[i];
        if (!check_value(c, part, NULL))
            return false;
        if (part->type.base == TYPE_BOOL) {
            part->type.width = 1;
        } else if (part->type.base != TYPE_INT || part->type.width == 0) {
            return expr_fail(c, part,
                             "a part of a concatenation needs a width: a field, slice or binary number");
        }
        width += part->type.width;
    }
    if (width > 64)
        return expr_fail(c, x, "a concatenation has 64 bits at most");
    x->type = (value_type){.base = TYPE_INT, .width = width};
    return true;
}

/* A bare name takes its meaning from the other operand, so that one is typed first. */
static bool is_plain_name(const expr *x)
{
    return x->op == X_REF && x->part_count == 1 && x->parts[0][0] != '$';
}

/* Whether two operands may be compared, and whether a literal fits the field that it is compared with. */
static bool comparable(checker *c, const expr *x, const expr *a, const expr *b)
{
    const expr *literal = b->op == X_NUMBER ? b : a->op == X_NUMBER ? a : NULL;
    const expr *other = literal == b ? a : b;

    if (a->type.base == TYPE_BOOL || b->type.base == TYPE_BOOL)
        return as_condition(c, a) && as_condition(c, b);
    if (a->type.base != b->type.base)
        return expr_fail(c, x, "values of different types are compared");
    if (a->type.base == TYPE_ENUM && a->type.of != b->type.of) {
        return expr_fail(
            c, x,
            spec_print(c->s, "a value of %s is compared with one of %s", a->type.of->name, b->type.of->name));
    }
    if (!literal || a->type.base != TYPE_INT || !other->type.width || other->op == X_NUMBER)
        return true;
    if (literal->digits && literal->digits != other->type.width) {
        return expr_fail(c, literal,
                         spec_print(c->s, "a number of %u binary digits is compared with %u bits",
                                    literal->digits, other->type.width));
    }
    if (literal->value > mask_of(other->type.width)) {
        return expr_fail(c, literal,
                         spec_print(c->s, "%llu does not fit %u bits", (unsigned long long)literal->value,
                                    other->type.width));
    }
    return true;
}

static bool check_pattern(checker *c, const expr *pattern, const expr *other)
{
    if (other->type.base != TYPE_INT || other->type.width != pattern->digits) {
        return expr_fail(c, pattern,
                         spec_print(c->s, "a pattern of %u digits is compared with %s%u bits",
                                    pattern->digits, other->type.width ? "" : "a value of up to ",
                                    other->type.width ? other->type.width : 64));
    }
    if (pattern->mask == 0)
        return expr_fail(c, pattern, "a pattern of x alone always matches");
    return true;
}

static bool check_pair(checker *c, expr *a, expr *b)
{
    expr *first = is_plain_name(a) ? b : a, *second = first == a ? b : a;

    return check_value(c, first, NULL) && check_value(c, second, &first->type);
}

static bool check_comparison(checker *c, expr *x)
{
    bool equality = x->op == X_EQ || x->op == X_NE;

    x->type = (value_type){.base = TYPE_BOOL};
    if (x->a->op == X_PATTERN || x->b->op == X_PATTERN) {
        if (!equality || x->a->op == X_PATTERN)
            return expr_fail(c, x, "a pattern stands on the right of ==, != or in");
        return check_number(c, x->a) && check_pattern(c, x->b, x->a);
    }
    if (!check_pair(c, x->a, x->b))
        return false;
    if (!equality && (x->a->type.base == TYPE_ENUM || x->a->type.base == TYPE_CHOICE ||
                      x->a->type.base == TYPE_BOOL || x->b->type.base == TYPE_BOOL))
        return expr_fail(c, x, "only numbers and versions have an order");
    if ((x->op == X_GE && x->b->op == X_NUMBER && x->b->value == 0) ||
        (x->op == X_LT && x->b->op == X_NUMBER && x->b->value == 0))
        return expr_fail(c, x, "no value is below 0");
    return comparable(c, x, x->a, x->b);
}

static bool check_in(checker *c, expr *x)
{
    expr *element;
    size_t i;

    x->type = (value_type){.base = TYPE_BOOL};
    if (!check_value(c, x->a, NULL))
        return false;
    for (i = 0; i < x->list.count; i++) {
        element = x->list.at[i];
        if (element->op == X_PATTERN) {
            if (!as_number(c, x->a) || !check_pattern(c, element, x->a))
                return false;
        } else if (element->op == X_RANGE) {
            if (!as_number(c, x->a) || !check_number(c, element->a) || !check_number(c, element->b) ||
                !comparable(c, element, x->a, element->a) || !comparable(c, element, x->a, element->b))
                return false;
            if (element->a->op != X_NUMBER || element->b->op != X_NUMBER ||
                element->a->value > element->b->value)
                return expr_fail(c, element, "a range is low..high");
        } else if (!check_value(c, element, &x->a->type) || !comparable(c, element, x->a, element)) {
            return false;
        }
    }
    return true;
}

static bool check_cond(checker *c, expr *x, const value_type *wanted)
{
    expr *first = is_plain_name(x->b) ? x->c : x->b, *second = first == x->b ? x->c : x->b;

    if (!check_condition(c, x->a) || !check_value(c, first, wanted) ||
        !check_value(c, second, wanted && wanted->base != TYPE_INT ? wanted : &first->type))
        return false;
    x->type = first->type;
    x->type.width = first->type.width == second->type.width ? first->type.width : 0;
    if (first->type.base == TYPE_BOOL || second->type.base == TYPE_BOOL) {
        x->type = (value_type){.base = TYPE_BOOL};
        return as_condition(c, first) && as_condition(c, second);
    }
    if (first->type.base != second->type.base || first->type.of != second->type.of)
        return expr_fail(c, x, "the two values of ?: have different types");
    return true;
}

static bool check_call(checker *c, expr *x)
{
    const helper_def *h = expr_find_helper(c, x);
    size_t i;

    if (!h)
        return false;
    if (x->list.count != h->args.count) {
        return expr_fail(
            c, x, spec_print(c->s, "%s takes %zu arguments, not %zu", h->name, h->args.count, x->list.count));
    }
    for (i = 0; i < h->args.count; i++) {
        if (!check_value(c, x->list.at[i], &h->args.at[i]))
            return false;
        if (h->args.at[i].base == TYPE_BOOL ? !as_condition(c, x->list.at[i])
                                            : (x->list.at[i]->type.base != h->args.at[i].base ||
                                               x->list.at[i]->type.of != h->args.at[i].of)) {
            return expr_fail(c, x->list.at[i],
                             spec_print(c->s, "argument %zu of %s has another type", i + 1, h->name));
        }
    }
    x->def = h;
    x->type = h->returns;
    return true;
}

static bool check_loop(checker *c, expr *x)
{
    bool good;

    if (c->loop_count == MAX_LOOPS)
        return expr_fail(c, x, "loops are nested too deeply");
    c->loops[c->loop_count++] = x;
    good = check_condition(c, x->a);
    c->loop_count--;
    x->type = (value_type){.base = TYPE_BOOL};
    return good;
}

static bool check_arithmetic(checker *c, expr *x)
{
    if (!check_number(c, x->a) || !check_number(c, x->b))
        return false;
    if ((x->op == X_DIV || x->op == X_MOD) && x->b->op == X_NUMBER && x->b->value == 0)
        return expr_fail(c, x, "division by 0");
    x->type = (value_type){.base = TYPE_INT};
    if (x->op >= X_AND && x->op <= X_OR && x->a->type.width == x->b->type.width)
        x->type.width = x->a->type.width;
    return true;
}

static bool check(checker *c, expr *x, const value_type *wanted)
{
    switch (x->op) {
    case X_NUMBER:
        x->type = (value_type){.base = TYPE_INT, .width = x->digits};
        return true;
    case X_BOOL:
        x->type = (value_type){.base = TYPE_BOOL};
        return true;
    case X_VERSION:
        x->type = (value_type){.base = TYPE_ARCH};
        return true;
    case X_PATTERN:
        return expr_fail(c, x, "a pattern stands on the right of ==, != or in");
    case X_RANGE:
        return expr_fail(c, x, "a range stands in a set");
    case X_REF:
        return check_reference(c, x, wanted);
    case X_INDEX:
        return check_index(c, x);
    case X_SLICE:
        return check_slice(c, x);
    case X_CONCAT:
        return check_concat(c, x);
    case X_IN:
        return check_in(c, x);
    case X_NOT:
        x->type = (value_type){.base = TYPE_BOOL};
        return check_condition(c, x->a);
    case X_INVERT:
        x->type = (value_type){.base = TYPE_INT};
        if (!check_number(c, x->a))
            return false;
        x->type.width = x->a->type.width;
        return true;
    case X_LT:
    case X_LE:
    case X_GT:
    case X_GE:
    case X_EQ:
    case X_NE:
        return check_comparison(c, x);
    case X_LAND:
    case X_LOR:
        x->type = (value_type){.base = TYPE_BOOL};
        return check_condition(c, x->a) && check_condition(c, x->b);
    case X_COND:
        return check_cond(c, x, wanted);
    case X_CALL:
        return check_call(c, x);
    case X_ANY:
    case X_ALL:
        return check_loop(c, x);
    default:
        return check_arithmetic(c, x);
    }
}

bool type_expression(spec *s, const formula *f, const scope *where, const value_type *wanted)
{
    checker c = {.s = s, .f = f, .where = where};

    if (wanted->base == TYPE_BOOL)
        return check_condition(&c, f->tree);
    if (wanted->base == TYPE_INT)
        return check_number(&c, f->tree);
    if (!check_value(&c, f->tree, wanted))
        return false;
    if (f->tree->type.base != wanted->base || f->tree->type.of != wanted->of)
        return expr_fail(&c, f->tree, spec_print(s, "a value of %s expected", wanted->of->name));
    return true;
}
