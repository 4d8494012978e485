/* The states of fields, and which of the alternative fields some bits hold: part of smref_rules.c. */
#include "specgen.h"

#include <string.h>

typedef struct state_writer {
    text_buffer before, line, name;
} state_writer;

/* Adds `if (…) {` with the conditions of the alternatives that the field stands in. */
static void add_presence(state_writer *w, const branch *in, bool negated)
{
    const branch *b;
    const variant *v;
    size_t i;
    bool first = true,
         alone = !in->outer && (in->index == 0 || (in->index == 1 && in->set->variants.count == 2));

    text_add(&w->line, negated ? "        if (!(" : "        return ");
    for (b = in; b; b = b->outer) {
        for (i = 0; i <= b->index; i++) {
            v = &b->set->variants.at[i];
            if (!v->when.tree)
                continue;
            text_add(&w->line, first ? "" : " && ");
            text_add(&w->line, i < b->index ? "!(" : alone ? "" : "(");
            emit_expression(&w->line, &w->before, w->name.at, v->when.tree, true);
            text_add(&w->line, i == b->index && alone ? "" : ")");
            first = false;
        }
    }
    text_add(&w->line, negated ? ")) {\n" : ";\n");
}

/* `return …;` of a state, or of the number of the clause that decides it. */
static void add_answer(text_buffer *t, const char *indent, const char *is, size_t number, bool numbers)
{
    if (numbers)
        text_add(t, "%sreturn %zu;\n", indent, number);
    else
        text_add(t, "%sreturn SMREF_FIELD_%s;\n", indent, is);
}

static void add_state(state_writer *w, text_buffer *t, const field *f, bool numbers)
{
    static const char *const plain[] = {[FIELD_RESERVED] = "RES0", [FIELD_IMPDEF] = "IMPDEF"};
    const clause *c;
    bool open = true;
    size_t i;

    if (f->versions.since || f->versions.until) {
        text_add(t, "        if (");
        text_add(t, f->versions.since ? "e->arch < 0x%x" : "", f->versions.since);
        text_add(t, f->versions.since && f->versions.until ? " || " : "");
        text_add(t, f->versions.until ? "e->arch > 0x%x" : "", f->versions.until);
        text_add(t, ") {\n            return SMREF_%s;\n        }\n",
                 numbers ? "CLAUSE_ABSENT" : "FIELD_RES0");
    }
    for (i = 0; i < f->state.count; i++) {
        c = &f->state.at[i];
        w->line.length = 0;
        if (!c->when.tree) {
            add_answer(t, "        ", c->is, i, numbers);
            open = false;
            continue;
        }
        text_add(&w->line, "        if (");
        emit_expression(&w->line, &w->before, w->name.at, c->when.tree, true);
        text_add(&w->line, ") {\n");
        add_answer(&w->line, "            ", c->is, i, numbers);
        text_add(&w->line, "        }\n");
        text_add_wrapped(t, w->line.at);
    }
    if (open && numbers)
        text_add(t, "        return SMREF_CLAUSE_NONE;\n");
    else if (open)
        text_add(t, "        return SMREF_FIELD_%s;\n", f->kind >= FIELD_IMPDEF ? plain[f->kind] : "ACTIVE");
}

static bool has_state(const field *f)
{
    return f->state.count || f->versions.since || f->versions.until || f->in || f->kind >= FIELD_IMPDEF;
}

/* The loops of conditions become functions whose names need the field's number to be unique. */
static void start_field(state_writer *w, const char *what, const container *c, size_t index)
{
    w->line.length = w->name.length = 0;
    text_add(&w->name, "%s_%s_%zu", what, c->c_name, index);
}

static void free_writer(state_writer *w)
{
    text_free(&w->before);
    text_free(&w->line);
    text_free(&w->name);
}

/* The function over the fields whose cases stand in `body`; none when there are none. `head`: its type and
 * the first part of its name. False: nothing was written. */
static bool finish(text_buffer *t, state_writer *w, text_buffer *body, const char *head, const container *c,
                   const char *otherwise)
{
    bool any = body->length != 0;

    if (any) {
        text_add(t, "%s%s_%s(const smref_env *e, unsigned field)\n{\n%s", w->before.at ? w->before.at : "",
                 head, c->c_name, uses_env(body->at) ? "" : "    (void)e;\n");
        text_add(t, "    switch (field) {\n%s    default:\n        return %s;\n    }\n}\n\n", body->at,
                 otherwise);
    }
    free_writer(w);
    text_free(body);
    return any;
}

static bool emit_container_states(text_buffer *t, const container *c)
{
    state_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    text_buffer body = {NULL, 0, 0};
    const field *f;
    size_t i;

    for (i = 0; i < c->fields.count; i++) {
        f = c->fields.at[i];
        if (!has_state(f))
            continue;
        text_add(&body, "    case %zu: /* %s */\n", i,
                 f->name                   ? f->name
                 : f->kind == FIELD_IMPDEF ? "IMPDEF"
                                           : "RES0");
        if (f->in) {
            start_field(&w, "absent", c, i);
            add_presence(&w, f->in, true);
            text_add(
                &w.line,
                "            return SMREF_FIELD_IGNORED; /* the bits hold another field */\n        }\n");
            text_add_wrapped(&body, w.line.at);
        }
        start_field(&w, "state", c, i);
        add_state(&w, &body, f, false);
    }
    if (body.length) {
        text_add(
            t, "%s/* %s: %s */\nstatic smref_field_state state_%s(const smref_env *e, unsigned field)\n{\n%s",
            w.before.at ? w.before.at : "", c->section, c->name, c->c_name,
            uses_env(body.at) ? "" : "    (void)e;\n");
        text_add(t, "    switch (field) {\n%s    default:\n        return SMREF_FIELD_ACTIVE;\n    }\n}\n\n",
                 body.at);
    }
    i = body.length;
    free_writer(&w);
    text_free(&body);
    return i != 0;
}

/* Of registers. Nobody asks about a field of a variant that does not hold. */
static bool emit_container_clauses(text_buffer *t, const container *c)
{
    state_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    text_buffer body = {NULL, 0, 0};
    size_t i;

    for (i = 0; i < c->fields.count; i++) {
        const field *f = c->fields.at[i];
        if (!f->state.count && !f->versions.since && !f->versions.until)
            continue;
        text_add(&body, "    case %zu: /* %s */\n", i, f->name ? f->name : "RES0");
        start_field(&w, "clause", c, i);
        add_state(&w, &body, f, true);
    }
    return finish(t, &w, &body, "static unsigned clause", c, "SMREF_CLAUSE_NONE");
}

static bool emit_container_presence(text_buffer *t, const container *c)
{
    state_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    text_buffer body = {NULL, 0, 0};
    size_t i;

    for (i = 0; i < c->fields.count; i++) {
        if (c->fields.at[i]->in) {
            start_field(&w, "present", c, i);
            add_presence(&w, c->fields.at[i]->in, false);
            text_add(&body, "    case %zu: /* %s */\n", i,
                     c->fields.at[i]->name ? c->fields.at[i]->name : "RES0");
            text_add_wrapped(&body, w.line.at);
        }
    }
    return finish(t, &w, &body, "static bool present", c, "true");
}

static bool emit_container_bits(text_buffer *t, const container *c)
{
    state_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    text_buffer body = {NULL, 0, 0};
    size_t i;

    for (i = 0; i < c->fields.count; i++) {
        if (!c->fields.at[i]->in_use.tree)
            continue;
        start_field(&w, "bits", c, i);
        text_add(&w.line, "        return ");
        emit_expression(&w.line, &w.before, w.name.at, c->fields.at[i]->in_use.tree, false);
        text_add(&w.line, ";\n");
        text_add(&body, "    case %zu: /* %s */\n", i,
                 c->fields.at[i]->name ? c->fields.at[i]->name : "RES0");
        text_add_wrapped(&body, w.line.at);
    }
    return finish(t, &w, &body, "static uint64_t bits", c, "64");
}

/* ---- Over all containers ---------------------------------------------------------------------------- */

typedef bool (*emit_one)(text_buffer *t, const container *c);

/* Adds the functions of the layouts, or of the registers, that have one, and the cases that call them. */
static void emit_cases(const spec *s, text_buffer *t, text_buffer *cases, bool registers, const char *name,
                       emit_one emit)
{
    size_t count = registers ? s->regs.count : s->layouts.count, i;

    for (i = 0; i < count; i++) {
        const reg *r = registers ? s->regs.at[i] : NULL;
        const container *c = r ? &r->c : &s->layouts.at[i]->c;
        if (emit(t, c))
            text_add(cases, "    case SMREF_%s_%s%s:\n        return %s_%s(e, field);\n",
                     r ? "REG" : "LAYOUT", c->c_name, r ? reg_suffix(r) : "", name, c->c_name);
    }
}

/* One function over all layouts, or all registers, that calls those which each has. */
static void emit_dispatch(const spec *s, text_buffer *t, const char *head, bool registers, const char *name,
                          const char *otherwise, emit_one emit)
{
    const char *what = registers ? "reg" : "layout";
    text_buffer cases = {NULL, 0, 0};

    emit_cases(s, t, &cases, registers, name, emit);
    text_add(t, "%s\n{\n", head);
    if (cases.at)
        text_add(t, "    switch (%s) {\n%s    default:\n        return %s;\n    }\n}\n\n", what, cases.at,
                 otherwise);
    else
        text_add(t, "    (void)e;\n    (void)%s;\n    (void)field;\n    return %s;\n}\n\n", what, otherwise);
    text_free(&cases);
}

static const char state_head[] =
    "smref_field_state smref_field_state_in(const smref_env *e, smref_layout layout, unsigned field)";
static const char present_head[] =
    "bool smref_field_present(const smref_env *e, smref_layout layout, unsigned field)";
static const char bits_head[] =
    "uint64_t smref_field_bits_in_use(const smref_env *e, smref_layout layout, unsigned field)";
static const char register_state_head[] =
    "smref_field_state smref_register_state_in(const smref_env *e, smref_register reg, unsigned field)";
static const char register_clause_head[] =
    "unsigned smref_register_state_clause(const smref_env *e, smref_register reg, unsigned field)";
static const char register_present_head[] =
    "bool smref_register_present(const smref_env *e, smref_register reg, unsigned field)";
static const char register_bits_head[] =
    "uint64_t smref_register_bits_in_use(const smref_env *e, smref_register reg, unsigned field)";

void emit_states_header(text_buffer *t)
{
    text_add(
        t,
        "\n/* The state of a field by its number in the layout's table. A field of a variant that does "
        "not hold\n"
        " * is not present, and its state is IGNORED. Commands, events and descriptors stand in e->self. "
        "*/\n"
        "%s;\n%s;\n"
        "/* How many bits of a field count in this configuration, 64 when all do; those above are RES0. */\n"
        "%s;\n"
        "\n/* The same of registers, whose own value stands in e->reg too; e->bank is the register's. */\n"
        "%s;\n%s;\n%s;\n"
        "/* Which clause of `state` decides, the first is 0; SMREF_CLAUSE_NONE, or SMREF_CLAUSE_ABSENT where "
        "the\n * version lacks the field. */\n"
        "%s;\n\n",
        state_head, present_head, bits_head, register_state_head, register_present_head, register_bits_head,
        register_clause_head);
}

void emit_states(const spec *s, text_buffer *t)
{
    emit_dispatch(s, t, state_head, false, "state", "SMREF_FIELD_ACTIVE", emit_container_states);
    emit_dispatch(s, t, present_head, false, "present", "true", emit_container_presence);
    emit_dispatch(s, t, bits_head, false, "bits", "64", emit_container_bits);
    emit_dispatch(s, t, register_state_head, true, "state", "SMREF_FIELD_ACTIVE", emit_container_states);
    emit_dispatch(s, t, register_present_head, true, "present", "true", emit_container_presence);
    emit_dispatch(s, t, register_clause_head, true, "clause", "SMREF_CLAUSE_NONE", emit_container_clauses);
    emit_dispatch(s, t, register_bits_head, true, "bits", "64", emit_container_bits);
}
