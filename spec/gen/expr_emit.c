/* Expressions, last step: a checked tree to C. */
#include "specgen.h"

#include <ctype.h>
#include <string.h>

typedef struct emitter {
    text_buffer *before; /* functions that must stand before the one that is being written */
    const char *name;    /* what their names start with */
    const expr *loops[MAX_LOOPS];
    unsigned loop_count, made;
} emitter;

static void emit(emitter *m, text_buffer *t, const expr *x);

bool uses_env(const char *c_source)
{
    return strstr(c_source, "e->") || strstr(c_source, "(e)") || strstr(c_source, "(e,");
}

static const char *operator_of(expr_op op)
{
    static const char *const marks[X_ALL + 1] = {
        [X_MUL] = "*",  [X_DIV] = "/", [X_MOD] = "%", [X_ADD] = "+", [X_SUB] = "-",   [X_SHL] = "<<",
        [X_SHR] = ">>", [X_LT] = "<",  [X_LE] = "<=", [X_GT] = ">",  [X_GE] = ">=",   [X_EQ] = "==",
        [X_NE] = "!=",  [X_AND] = "&", [X_XOR] = "^", [X_OR] = "|",  [X_LAND] = "&&", [X_LOR] = "||",
    };

    return marks[op];
}

static bool is_comparison(expr_op op)
{
    return op >= X_LT && op <= X_NE;
}

/* Whether the C of an expression holds together without parentheses wherever it stands. */
static bool is_tight(const expr *x)
{
    return (x->op < X_NOT && x->op != X_IN) || x->op == X_NOT || x->op == X_INVERT || x->op >= X_MIN ||
           (x->op == X_IN && x->list.count > 1);
}

static void emit_in_parentheses(emitter *m, text_buffer *t, const expr *x)
{
    text_add(t, "(");
    emit(m, t, x);
    text_add(t, ")");
}

/* An operand: parentheses where C needs them or compilers ask for them. */
static void emit_operand(emitter *m, text_buffer *t, const expr *x, expr_op parent)
{
    bool logic = parent == X_LAND || parent == X_LOR || parent == X_COND;

    if (is_tight(x) ||
        (logic && ((x->op == parent && parent != X_COND) || is_comparison(x->op) || x->op == X_IN)))
        emit(m, t, x);
    else
        emit_in_parentheses(m, t, x);
}

/* A truth value: a number of one bit counts as one. */
static void emit_condition(emitter *m, text_buffer *t, const expr *x, expr_op parent)
{
    if (x->type.base == TYPE_BOOL || x->op == X_REF) {
        emit_operand(m, t, x, parent);
    } else if (x->op == X_NUMBER) {
        text_add(t, x->value ? "true" : "false");
    } else {
        text_add(t, "(");
        emit_operand(m, t, x, X_NE);
        text_add(t, " != 0)");
    }
}

/* ---- References ------------------------------------------------------------------------------------ */

static void emit_element(emitter *m, text_buffer *t, const expr *index, const field *array)
{
    if (!index)
        return;
    if (index->op == X_NUMBER) {
        text_add(t, ", %llu", (unsigned long long)index->value);
    } else if (index->op == X_REF && index->ref == REF_LOOP) {
        text_add(t, ", (unsigned)");
        emit(m, t, index);
    } else {
        text_add(t, ", smref_env_element(");
        emit(m, t, index);
        text_add(t, ", %u)", array->array_count);
    }
}

static void emit_register_field(emitter *m, text_buffer *t, const reg *r, const field *f, const expr *index)
{
    if (!r || !f) {
        text_add(t, "0");
        return;
    }
    text_add(t, "smref_%s_%s(e->reg[SMREF_REG_%s%s]", r->c.c_name, f->name, r->c.c_name, reg_suffix(r));
    emit_element(m, t, index, f);
    text_add(t, ")");
}

static void emit_reference(emitter *m, text_buffer *t, const expr *x, const expr *index)
{
    char path[128];
    unsigned i;

    switch (x->ref) {
    case REF_LAYOUT_FIELD:
        layout_path(x->layout, path, sizeof path);
        text_add(t, "smref_%s_%s(%s", x->layout->c.c_name, x->field->name, path);
        emit_element(m, t, index, x->field);
        text_add(t, ")");
        break;
    case REF_REGISTER_FIELD:
        emit_register_field(m, t, x->regs[0], x->field, index);
        break;
    case REF_BANK_FIELD:
        text_add(t, "(");
        for (i = 0; i < BANK_COUNT; i++) {
            text_add(t, i + 1 < BANK_COUNT ? "e->bank == %u ? " : "", i);
            emit_register_field(m, t, x->regs[i], x->bank_fields[i], index);
            text_add(t, i + 1 < BANK_COUNT ? " : " : ")");
        }
        break;
    case REF_CONTEXT:
        text_add(t, "e->ctx_%s", ((const context_def *)x->def)->name);
        break;
    case REF_DERIVED:
        text_add(t, "smref_derived_%s(e)", ((const derived_def *)x->def)->name);
        break;
    case REF_CHOICE:
        text_add(t, "smref_env_choice(e, SMREF_CHOICE_%s)", ((const choice_def *)x->def)->id);
        break;
    case REF_ARCH:
        text_add(t, "e->arch");
        break;
    case REF_LOOP:
        text_add(t, "loop_%s", x->parts[0]);
        break;
    case REF_VALUE:
        text_add(t, "%s", x->constant);
        break;
    }
}

/* ---- Operators ------------------------------------------------------------------------------------- */

/* In the base in which it was written; C has no binary literals. */
static void emit_literal(text_buffer *t, const expr *x)
{
    text_add(t, x->hex && x->value > 9 ? "0x%llx" : "%llu", (unsigned long long)x->value);
}

/* Beside a comparison a small literal needs no dressing. */
static void emit_compared(emitter *m, text_buffer *t, const expr *x, expr_op parent)
{
    if (x->op == X_NUMBER && x->value <= INT32_MAX)
        emit_literal(t, x);
    else
        emit_operand(m, t, x, parent);
}

static void emit_pattern(emitter *m, text_buffer *t, const expr *value, const expr *pattern, bool equal)
{
    const char *mark = equal ? "==" : "!=";

    if (pattern->mask == mask_of(pattern->digits)) {
        emit_operand(m, t, value, X_EQ);
        text_add(t, " %s 0x%llx", mark, (unsigned long long)pattern->value);
        return;
    }
    text_add(t, "(");
    emit_operand(m, t, value, X_AND);
    text_add(t, " & 0x%llx) %s 0x%llx", (unsigned long long)pattern->mask, mark,
             (unsigned long long)pattern->value);
}

static void emit_in(emitter *m, text_buffer *t, const expr *x)
{
    const expr *element;
    size_t i;

    text_add(t, x->list.count > 1 ? "(" : "");
    for (i = 0; i < x->list.count; i++) {
        element = x->list.at[i];
        text_add(t, i ? " || " : "");
        if (element->op == X_PATTERN) {
            emit_pattern(m, t, x->a, element, true);
        } else if (element->op == X_RANGE) {
            text_add(t, "(");
            if (element->a->value) {
                emit_operand(m, t, x->a, X_GE);
                text_add(t, " >= 0x%llx && ", (unsigned long long)element->a->value);
            }
            emit_operand(m, t, x->a, X_LE);
            text_add(t, " <= 0x%llx)", (unsigned long long)element->b->value);
        } else {
            emit_operand(m, t, x->a, X_EQ);
            text_add(t, " == ");
            emit_compared(m, t, element, X_EQ);
        }
    }
    text_add(t, x->list.count > 1 ? ")" : "");
}

static void emit_call(emitter *m, text_buffer *t, const char *name, const expr *a, const expr *b)
{
    text_add(t, "%s(", name);
    emit(m, t, a);
    text_add(t, ", ");
    emit(m, t, b);
    text_add(t, ")");
}

static bool uses_loop(const char *c_source, const char *name)
{
    const char *at = c_source;
    size_t length = strlen(name);

    while ((at = strstr(at, "loop_")) != NULL) {
        at += 5;
        if (strncmp(at, name, length) == 0 && !isalnum((unsigned char)at[length]) && at[length] != '_')
            return true;
    }
    return false;
}

/* A loop becomes a function of its own; it gets the variables of the loops around it that it needs. */
static void emit_loop(emitter *m, text_buffer *t, const expr *x)
{
    text_buffer parameters = {NULL, 0, 0}, arguments = {NULL, 0, 0}, body = {NULL, 0, 0}, line = {NULL, 0, 0};
    unsigned number = ++m->made, i;
    bool any = x->op == X_ANY;

    text_add(&parameters, "%s", "");
    text_add(&arguments, "%s", "");
    m->loops[m->loop_count++] = x;
    emit_condition(m, &body, x->a, X_LAND);
    m->loop_count--;
    for (i = 0; i < m->loop_count; i++) {
        if (uses_loop(body.at, m->loops[i]->parts[0])) {
            text_add(&parameters, ", uint64_t loop_%s", m->loops[i]->parts[0]);
            text_add(&arguments, ", loop_%s", m->loops[i]->parts[0]);
        }
    }
    text_add(m->before, "static bool %s_loop%u(const smref_env *e%s)\n{\n", m->name, number, parameters.at);
    if (!uses_env(body.at))
        text_add(m->before, "    (void)e;\n");
    text_add(m->before, "    for (uint64_t loop_%s = %u; loop_%s <= %u; loop_%s++) {\n", x->parts[0], x->low,
             x->parts[0], x->high, x->parts[0]);
    text_add(&line, any ? "        if (%s) {\n" : "        if (!(%s)) {\n", body.at);
    text_add_wrapped(m->before, line.at);
    text_add(m->before, "            return %s;\n        }\n    }\n    return %s;\n}\n\n",
             any ? "true" : "false", any ? "false" : "true");
    text_add(t, "%s_loop%u(e%s)", m->name, number, arguments.at);
    text_free(&parameters);
    text_free(&arguments);
    text_free(&body);
    text_free(&line);
}

static void emit_concat(emitter *m, text_buffer *t, const expr *x)
{
    unsigned shift = 0;
    const expr *part;
    size_t i;

    for (i = 0; i < x->list.count; i++)
        shift += x->list.at[i]->type.width;
    text_add(t, "(");
    for (i = 0; i < x->list.count; i++) {
        part = x->list.at[i];
        shift -= part->type.width;
        text_add(t, "%s%s", i ? " | " : "", shift ? "(" : "");
        text_add(t, part->type.base == TYPE_BOOL ? "(uint64_t)(" : "");
        emit_operand(m, t, part, X_SHL);
        text_add(t, part->type.base == TYPE_BOOL ? ")" : "");
        text_add(t, shift ? " << %u)" : "", shift);
    }
    text_add(t, ")");
}

static void emit_binary(emitter *m, text_buffer *t, const expr *x)
{
    bool literal = x->b->op == X_NUMBER;

    if ((x->op == X_SHL || x->op == X_SHR) && !(literal && x->b->value < 64)) {
        emit_call(m, t, x->op == X_SHL ? "smref_env_shl" : "smref_env_shr", x->a, x->b);
    } else if ((x->op == X_DIV || x->op == X_MOD) && !literal) {
        emit_call(m, t, x->op == X_DIV ? "smref_env_div" : "smref_env_mod", x->a, x->b);
    } else if (x->op == X_SHL || x->op == X_SHR) {
        emit_operand(m, t, x->a, x->op);
        text_add(t, " %s %llu", operator_of(x->op), (unsigned long long)x->b->value);
    } else if (x->op == X_LAND || x->op == X_LOR) {
        emit_condition(m, t, x->a, x->op);
        text_add(t, " %s ", operator_of(x->op));
        emit_condition(m, t, x->b, x->op);
    } else if (is_comparison(x->op)) {
        if (x->b->op == X_PATTERN) {
            emit_pattern(m, t, x->a, x->b, x->op == X_EQ);
            return;
        }
        emit_compared(m, t, x->a, x->op);
        text_add(t, " %s ", operator_of(x->op));
        emit_compared(m, t, x->b, x->op);
    } else {
        emit_operand(m, t, x->a, x->op);
        text_add(t, " %s ", operator_of(x->op));
        emit_operand(m, t, x->b, x->op);
    }
}

static void emit_index(emitter *m, text_buffer *t, const expr *x)
{
    if (x->field) {
        emit_reference(m, t, x->a, x->b);
        return;
    }
    text_add(t, "(");
    if (x->b->op == X_NUMBER) {
        emit_operand(m, t, x->a, X_SHR);
        text_add(t, x->b->value ? " >> %llu" : "", (unsigned long long)x->b->value);
    } else {
        emit_call(m, t, "smref_env_shr", x->a, x->b);
    }
    text_add(t, " & 1)");
}

static void emit_helper(emitter *m, text_buffer *t, const expr *x)
{
    size_t i;

    text_add(t, "smref_helper_%s(e", x->parts[0]);
    for (i = 0; i < x->list.count; i++) {
        text_add(t, ", ");
        emit(m, t, x->list.at[i]);
    }
    text_add(t, ")");
}

static void emit(emitter *m, text_buffer *t, const expr *x)
{
    switch (x->op) {
    case X_NUMBER:
        text_add(t, "UINT64_C(");
        emit_literal(t, x);
        text_add(t, ")");
        break;
    case X_VERSION:
        text_add(t, "0x%llx", (unsigned long long)x->value);
        break;
    case X_BOOL:
        text_add(t, x->value ? "true" : "false");
        break;
    case X_REF:
        emit_reference(m, t, x, NULL);
        break;
    case X_INDEX:
        emit_index(m, t, x);
        break;
    case X_SLICE:
        text_add(t, "(");
        emit_operand(m, t, x->a, X_SHR);
        text_add(t, x->low ? " >> %u" : "", x->low);
        text_add(t, " & 0x%llx)", (unsigned long long)mask_of(x->high - x->low + 1));
        break;
    case X_CONCAT:
        emit_concat(m, t, x);
        break;
    case X_IN:
        emit_in(m, t, x);
        break;
    case X_NOT:
        text_add(t, "!");
        emit_condition(m, t, x->a, X_NOT);
        break;
    case X_INVERT:
        text_add(t, x->type.width ? "(~" : "~");
        emit_operand(m, t, x->a, X_INVERT);
        text_add(t, x->type.width ? " & 0x%llx)" : "", (unsigned long long)mask_of(x->type.width));
        break;
    case X_COND:
        emit_condition(m, t, x->a, X_COND);
        text_add(t, " ? ");
        emit_operand(m, t, x->b, X_COND);
        text_add(t, " : ");
        if (x->c->op == X_COND)
            emit(m, t, x->c);
        else
            emit_operand(m, t, x->c, X_COND);
        break;
    case X_MIN:
    case X_MAX:
        emit_call(m, t, x->op == X_MIN ? "smref_env_min" : "smref_env_max", x->a, x->b);
        break;
    case X_CALL:
        emit_helper(m, t, x);
        break;
    case X_ANY:
    case X_ALL:
        emit_loop(m, t, x);
        break;
    case X_PATTERN:
    case X_RANGE:
        break; /* written by what they stand in */
    default:
        emit_binary(m, t, x);
    }
}

void emit_expression(text_buffer *out, text_buffer *before, const char *name, const expr *tree, bool as_bool)
{
    emitter m = {.before = before, .name = name};

    if (as_bool && tree->type.base == TYPE_INT) {
        emit_operand(&m, out, tree, X_NE);
        text_add(out, " != 0");
    } else {
        emit(&m, out, tree);
    }
}
