/*
 * Expressions, second step: tokens to a tree, by recursive descent. The grammar is in spec/README.md; the
 * operators bind as in C.
 */
#include "specgen.h"

#include <string.h>

#define MAX_NESTING 100

typedef struct parser {
    spec *s;
    const formula *f;
    const scope *where;
    size_t at;
    token now; /* the token to be read next */
    unsigned nesting;
    bool failed;
} parser;

static expr *parse_any(parser *p);
static expr *parse_unary(parser *p);

static expr *fail(parser *p, unsigned column, const char *text)
{
    if (!p->failed)
        spec_error(p->s, p->f->at, p->where->item, "column %u of \"%s\": %s", column, p->f->text, text);
    p->failed = true;
    return NULL;
}

static void advance(parser *p)
{
    const char *why = NULL;

    if (!p->failed && !next_token(p->s, p->f->text, &p->at, &p->now, &why))
        fail(p, p->now.column, why);
    if (p->failed)
        p->now.kind = TOKEN_END;
}

static bool at_mark(const parser *p, const char *mark)
{
    return p->now.kind == TOKEN_MARK && strcmp(p->now.text, mark) == 0;
}

static bool at_name(const parser *p, const char *name)
{
    return p->now.kind == TOKEN_NAME && strcmp(p->now.text, name) == 0;
}

static bool take(parser *p, const char *mark)
{
    if (!at_mark(p, mark))
        return false;
    advance(p);
    return true;
}

static bool need(parser *p, const char *mark)
{
    if (take(p, mark))
        return true;
    fail(p, p->now.column, spec_print(p->s, "\"%s\" expected, not \"%s\"", mark, p->now.text));
    return false;
}

static expr *make(parser *p, expr_op op, unsigned column, expr *a, expr *b, expr *c)
{
    expr *x = spec_alloc(p->s, sizeof *x);

    x->op = op;
    x->column = column;
    x->a = a;
    x->b = b;
    x->c = c;
    return x;
}

static bool need_number(parser *p, uint64_t *out)
{
    if (p->now.kind != TOKEN_NUMBER) {
        fail(p, p->now.column, spec_print(p->s, "a number expected, not \"%s\"", p->now.text));
        return false;
    }
    *out = p->now.value;
    advance(p);
    return true;
}

/* Up to the closing mark: expressions, and in sets ranges a..b. */
static bool parse_list(parser *p, expr *into, const char *close)
{
    expr *next;

    do {
        next = parse_any(p);
        if (next && at_mark(p, "..")) {
            advance(p);
            next = make(p, X_RANGE, next->column, next, parse_any(p), NULL);
        }
        if (p->failed)
            return false;
        *PUSH(p->s, into->list) = next;
    } while (take(p, ","));
    return need(p, close);
}

/* any i in 0..15 : condition, up to the end of the surrounding expression. */
static expr *parse_loop(parser *p, expr_op op)
{
    expr *x = make(p, op, p->now.column, NULL, NULL, NULL);
    uint64_t low, high;

    advance(p);
    if (p->now.kind != TOKEN_NAME)
        return fail(p, p->now.column, "the name of a loop variable expected");
    x->parts[0] = p->now.text;
    x->part_count = 1;
    advance(p);
    if (!at_name(p, "in"))
        return fail(p, p->now.column, "\"in\" expected");
    advance(p);
    if (!need_number(p, &low) || !need(p, "..") || !need_number(p, &high) || !need(p, ":"))
        return NULL;
    if (low > high || high > 65535)
        return fail(p, x->column, "the range of a loop goes from low to high, up to 65535");
    x->low = (unsigned)low;
    x->high = (unsigned)high;
    x->a = parse_any(p);
    return x->a ? x : NULL;
}

static expr *parse_call(parser *p, expr *x)
{
    const char *name = x->parts[0];

    x->op = strcmp(name, "min") == 0 ? X_MIN : strcmp(name, "max") == 0 ? X_MAX : X_CALL;
    if (!take(p, ")") && !parse_list(p, x, ")"))
        return NULL;
    if (x->op != X_CALL) {
        if (x->list.count != 2)
            return fail(p, x->column, spec_print(p->s, "%s takes two arguments", name));
        x->a = x->list.at[0];
        x->b = x->list.at[1];
    }
    return x;
}

/* STE.S1Fmt, $.TG, $B.CR0.SMMUEN, ECMDQ_PROD[n].EN, VMSAv8_64, helper(...) */
static expr *parse_reference(parser *p)
{
    expr *x = make(p, X_REF, p->now.column, NULL, NULL, NULL);

    x->parts[x->part_count++] = p->now.text;
    advance(p);
    if (x->parts[0][0] != '$' && take(p, "("))
        return parse_call(p, x);
    if (at_mark(p, "[") && x->part_count == 1) {
        advance(p);
        x->a = parse_any(p);
        if (p->failed || !need(p, "]"))
            return NULL;
        if (!at_mark(p, ".")) /* a slice or bit of a loop variable or the like */
            return fail(p, p->now.column, "\".\" and a field expected");
    }
    while (at_mark(p, ".")) {
        advance(p);
        if (p->now.kind != TOKEN_NAME && p->now.kind != TOKEN_NUMBER)
            return fail(p, p->now.column, spec_print(p->s, "a name expected, not \"%s\"", p->now.text));
        if (x->part_count == 3)
            return fail(p, p->now.column, "a name has three parts at most");
        x->parts[x->part_count++] = p->now.text;
        advance(p);
    }
    return x;
}

static expr *parse_primary(parser *p)
{
    unsigned column = p->now.column;
    expr *x;
    size_t i;

    if (p->now.kind == TOKEN_NUMBER || p->now.kind == TOKEN_VERSION) {
        x = make(p, p->now.kind == TOKEN_NUMBER ? X_NUMBER : X_VERSION, column, NULL, NULL, NULL);
        x->value = p->now.value;
        x->digits = p->now.digits;
        x->hex = p->now.text[0] == '0';
        advance(p);
        return x;
    }
    if (p->now.kind == TOKEN_PATTERN) {
        x = make(p, X_PATTERN, column, NULL, NULL, NULL);
        for (i = 0; p->now.text[i]; i++) {
            x->value = x->value << 1 | (p->now.text[i] == '1');
            x->mask = x->mask << 1 | (p->now.text[i] != 'x');
            x->digits++;
        }
        advance(p);
        return x;
    }
    if (at_name(p, "true") || at_name(p, "false")) {
        x = make(p, X_BOOL, column, NULL, NULL, NULL);
        x->value = at_name(p, "true");
        advance(p);
        return x;
    }
    if (at_name(p, "any") || at_name(p, "all"))
        return parse_loop(p, at_name(p, "any") ? X_ANY : X_ALL);
    if (p->now.kind == TOKEN_NAME || at_mark(p, "$") || at_mark(p, "$B"))
        return parse_reference(p);
    if (take(p, "(")) {
        x = parse_any(p);
        return x && need(p, ")") ? x : NULL;
    }
    if (take(p, "{")) {
        x = make(p, X_CONCAT, column, NULL, NULL, NULL);
        return parse_list(p, x, "}") ? x : NULL;
    }
    return fail(p, column, spec_print(p->s, "a value expected, not \"%s\"", p->now.text));
}

/* Indexes and slices: F[i], F[3:1]. */
static expr *parse_postfix(parser *p)
{
    expr *x = parse_primary(p), *index;
    unsigned column;
    uint64_t low;

    while (x && at_mark(p, "[")) {
        column = p->now.column;
        advance(p);
        index = parse_any(p);
        if (!index)
            return NULL;
        if (take(p, ":")) {
            if (index->op != X_NUMBER || !need_number(p, &low))
                return fail(p, column, "the ends of a slice are numbers");
            if (index->value > 63 || low > index->value)
                return fail(p, column, "a slice is [high:low]");
            x = make(p, X_SLICE, column, x, NULL, NULL);
            x->high = (unsigned)index->value;
            x->low = (unsigned)low;
        } else {
            x = make(p, X_INDEX, column, x, index, NULL);
        }
        if (!need(p, "]"))
            return NULL;
    }
    return x;
}

static expr *parse_unary(parser *p)
{
    unsigned column = p->now.column;
    bool negate = at_mark(p, "!");
    expr *x;

    if (!negate && !at_mark(p, "~"))
        return parse_postfix(p);
    if (++p->nesting > MAX_NESTING)
        return fail(p, column, "nested too deeply");
    advance(p);
    x = parse_unary(p);
    p->nesting--;
    return x ? make(p, negate ? X_NOT : X_INVERT, column, x, NULL, NULL) : NULL;
}

typedef struct binary {
    const char *mark;
    unsigned level; /* how tightly it binds */
    expr_op op;
} binary;

static const binary binaries[] = {
    {"*", 10, X_MUL}, {"/", 10, X_DIV},  {"%", 10, X_MOD}, {"+", 9, X_ADD},  {"-", 9, X_SUB},
    {"<<", 8, X_SHL}, {">>", 8, X_SHR},  {"<", 7, X_LT},   {"<=", 7, X_LE},  {">", 7, X_GT},
    {">=", 7, X_GE},  {"==", 6, X_EQ},   {"!=", 6, X_NE},  {"&", 5, X_AND},  {"^", 4, X_XOR},
    {"|", 3, X_OR},   {"&&", 2, X_LAND}, {"||", 1, X_LOR}, {NULL, 0, X_LOR},
};
#define IN_LEVEL 6

static const binary *binary_at(const parser *p)
{
    const binary *b;

    for (b = binaries; b->mark && !at_mark(p, b->mark); b++) {
    }
    return b->mark ? b : NULL;
}

static expr *parse_binary(parser *p, unsigned level)
{
    expr *x = parse_unary(p), *right;
    const binary *b;
    unsigned column;

    while (x) {
        column = p->now.column;
        if (at_name(p, "in") && level <= IN_LEVEL) {
            advance(p);
            x = make(p, X_IN, column, x, NULL, NULL);
            if (!need(p, "{") || !parse_list(p, x, "}"))
                return NULL;
            continue;
        }
        b = binary_at(p);
        if (!b || b->level < level)
            return x;
        advance(p);
        right = parse_binary(p, b->level + 1);
        x = right ? make(p, b->op, column, x, right, NULL) : NULL;
    }
    return NULL;
}

static expr *parse_any(parser *p)
{
    unsigned column = p->now.column;
    expr *x, *yes, *no;

    if (++p->nesting > MAX_NESTING)
        return fail(p, column, "nested too deeply");
    x = parse_binary(p, 1);
    if (x && at_mark(p, "?")) {
        advance(p);
        yes = parse_any(p);
        no = yes && need(p, ":") ? parse_any(p) : NULL;
        x = no ? make(p, X_COND, column, x, yes, no) : NULL;
    }
    p->nesting--;
    return x;
}

expr *parse_expression(spec *s, const formula *f, const scope *where)
{
    parser p = {.s = s, .f = f, .where = where};
    expr *x;

    advance(&p);
    x = p.failed ? NULL : parse_any(&p);
    if (x && p.now.kind != TOKEN_END)
        fail(&p, p.now.column, spec_print(s, "unexpected \"%s\"", p.now.text));
    return p.failed ? NULL : x;
}
