/* smref_access.h and smref_access.c: who may read and write a register and its fields now, which clause of
 * the data says so, and what a reset leaves in them. */
#include "specgen.h"

#include <string.h>

static const char register_head[] =
    "smref_register_access smref_access_of_register(const smref_env *e, smref_register reg)";
static const char field_head[] =
    "smref_register_access smref_access_of_field(const smref_env *e, smref_register reg, unsigned field)";
static const char register_clause_head[] =
    "unsigned smref_access_clause_of_register(const smref_env *e, smref_register reg)";
static const char field_clause_head[] =
    "unsigned smref_access_clause_of_field(const smref_env *e, smref_register reg, unsigned field)";
static const char reset_head[] = "smref_reset_kind smref_reset_of_field(const smref_env *e, smref_register "
                                 "reg, unsigned field, uint64_t *value)";

void emit_access_header(const spec *s, text_buffer *t)
{
    text_head(s, t, "Access and reset of registers, compiled.");
    text_add(
        t,
        "#ifndef SMREF_ACCESS_H\n#define SMREF_ACCESS_H\n\n#include \"smref.h\"\n#include \"smref_env.h\"\n\n"
        "typedef enum smref_register_access {\n    SMREF_ACCESS_RAZ_WI,\n    SMREF_ACCESS_RO,\n"
        "    SMREF_ACCESS_GUARDED, /* read-only while its guard is closed */\n"
        "    SMREF_ACCESS_PRESET,  /* fixed; what a write does is a choice */\n"
        "    SMREF_ACCESS_WO,\n    SMREF_ACCESS_RW,\n} smref_register_access;\n\n"
        "typedef enum smref_reset_kind {\n    SMREF_RESET_VALUE,\n    SMREF_RESET_UNKNOWN,\n"
        "    SMREF_RESET_IMPDEF,\n    SMREF_RESET_ID,\n} smref_reset_kind;\n\n");
    text_add(
        t,
        "/* What an access to the register as a whole gets: RAZ/WI also where it is not present. */\n%s;\n"
        "/* What a field has of its own, by its number in the register's table; RW where it says nothing. "
        "*/\n"
        "%s;\n"
        "/* Which clause of `access` decides that, the first is 0; SMREF_CLAUSE_NONE or SMREF_CLAUSE_ABSENT. "
        "*/\n"
        "%s;\n%s;\n"
        "/* What a reset leaves in a field; *value is set for SMREF_RESET_VALUE. */\n%s;\n\n#endif\n",
        register_head, field_head, register_clause_head, field_clause_head, reset_head);
}

typedef struct clause_writer {
    text_buffer before, line, name;
} clause_writer;

static void free_writer(clause_writer *w)
{
    text_free(&w->before);
    text_free(&w->line);
    text_free(&w->name);
}

static void start(clause_writer *w, const char *what, const reg *r, size_t index)
{
    w->name.length = 0;
    text_add(&w->name, "%s_%s_%zu", what, r->c.c_name, index);
}

/* What the functions answer: the access, the reset, or the number of the clause that decides the access. */
typedef enum question { ASK_ACCESS, ASK_RESET, ASK_CLAUSE } question;

/* `return …;` for what a clause gives. */
static void add_answer(text_buffer *t, const char *is, size_t number, question asked)
{
    if (asked == ASK_CLAUSE)
        text_add(t, "return %zu;\n", number);
    else if (asked == ASK_ACCESS)
        text_add(t, "return SMREF_ACCESS_%s;\n", strcmp(is, "RAZ/WI") == 0 ? "RAZ_WI" : is);
    else if (is[0] >= '0' && is[0] <= '9')
        text_add(t, "return (*value = UINT64_C(%s)), SMREF_RESET_VALUE;\n", is);
    else
        text_add(t, "return SMREF_RESET_%s;\n", is);
}

/* The clauses in their order. False when the last of them has a condition, so that control may go on. */
static bool add_clauses(clause_writer *w, text_buffer *t, const clause_list *list, const char *indent,
                        question asked)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        const clause *c = &list->at[i];
        w->line.length = 0;
        if (!c->when.tree) {
            text_add(t, "%s", indent);
            add_answer(t, c->is, i, asked);
            return true;
        }
        text_add(&w->line, "%sif (", indent);
        emit_expression(&w->line, &w->before, w->name.at, c->when.tree, true);
        text_add(&w->line, ") {\n");
        text_add_wrapped(t, w->line.at);
        text_add(t, "%s    ", indent);
        add_answer(t, c->is, i, asked);
        text_add(t, "%s}\n", indent);
    }
    return false;
}

/* ---- Registers ------------------------------------------------------------------------------------- */

static void add_register(clause_writer *w, text_buffer *cases, const reg *r, question asked)
{
    text_add(cases, "    case SMREF_REG_%s%s:\n", r->c.c_name, reg_suffix(r));
    if (r->present.tree) {
        start(w, asked == ASK_CLAUSE ? "present_clause" : "present", r, 0);
        w->line.length = 0;
        text_add(&w->line, "        if (!(");
        emit_expression(&w->line, &w->before, w->name.at, r->present.tree, true);
        text_add(&w->line, ")) {\n            return SMREF_%s; /* it is not present */\n        }\n",
                 asked == ASK_CLAUSE ? "CLAUSE_ABSENT" : "ACCESS_RAZ_WI");
        text_add_wrapped(cases, w->line.at);
    }
    start(w, asked == ASK_CLAUSE ? "access_clause" : "access", r, 0);
    if (!add_clauses(w, cases, &r->access, "        ", asked))
        text_add(cases, "        return SMREF_%s;\n", asked == ASK_CLAUSE ? "CLAUSE_NONE" : "ACCESS_RW");
}

static void emit_registers(const spec *s, text_buffer *t, const char *head, question asked)
{
    clause_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    text_buffer cases = {NULL, 0, 0};
    size_t i;

    for (i = 0; i < s->regs.count; i++)
        add_register(&w, &cases, s->regs.at[i], asked);
    text_add(
        t,
        "%s%s\n{\n    (void)e;\n    switch (reg) {\n%s    default:\n        return SMREF_%s;\n    }\n}\n\n",
        w.before.at ? w.before.at : "", head, cases.at ? cases.at : "",
        asked == ASK_CLAUSE ? "CLAUSE_ABSENT" : "ACCESS_RAZ_WI");
    text_free(&cases);
    free_writer(&w);
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

static bool has_clauses(const field *f, question asked)
{
    return (asked == ASK_RESET ? f->reset.count : f->access.count) != 0;
}

static const char *const names[] = {
    [ASK_ACCESS] = "access_field", [ASK_RESET] = "reset", [ASK_CLAUSE] = "access_field_clause"};
static const char *const otherwise[] = {[ASK_ACCESS] = "SMREF_ACCESS_RW",
                                        [ASK_RESET] = "SMREF_RESET_UNKNOWN",
                                        [ASK_CLAUSE] = "SMREF_CLAUSE_NONE"};

/* The cases of a register's fields, and what holds for those that say nothing. */
static void add_fields(clause_writer *w, text_buffer *cases, const reg *r, question asked)
{
    size_t i;

    text_add(cases, "    case SMREF_REG_%s%s:\n        switch (field) {\n", r->c.c_name, reg_suffix(r));
    for (i = 0; i < r->c.fields.count; i++) {
        const field *f = r->c.fields.at[i];
        if (!has_clauses(f, asked))
            continue;
        text_add(cases, "        case %zu: /* %s */\n", i, f->name ? f->name : "RES0");
        start(w, names[asked], r, i);
        if (!add_clauses(w, cases, asked == ASK_RESET ? &f->reset : &f->access, "            ", asked))
            text_add(cases, "            break;\n");
    }
    text_add(cases, "        default:\n            break;\n        }\n");
    start(w, "reset_all", r, 0);
    if (asked != ASK_RESET || !add_clauses(w, cases, &r->reset, "        ", asked))
        text_add(cases, "        break;\n");
}

static bool any_field(const reg *r, question asked)
{
    size_t i;

    for (i = 0; i < r->c.fields.count; i++)
        if (has_clauses(r->c.fields.at[i], asked))
            return true;
    return asked == ASK_RESET && r->reset.count != 0;
}

static void emit_fields(const spec *s, text_buffer *t, const char *head, question asked)
{
    clause_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    text_buffer cases = {NULL, 0, 0};
    size_t i;

    for (i = 0; i < s->regs.count; i++)
        if (any_field(s->regs.at[i], asked))
            add_fields(&w, &cases, s->regs.at[i], asked);
    text_add(t,
             "%s%s\n{\n    (void)e;\n    (void)field;\n%s    switch (reg) {\n%s    default:\n        "
             "break;\n    }\n    return %s;\n}\n\n",
             w.before.at ? w.before.at : "", head, asked == ASK_RESET ? "    *value = 0;\n" : "",
             cases.at ? cases.at : "", otherwise[asked]);
    text_free(&cases);
    free_writer(&w);
}

void emit_access(const spec *s, text_buffer *t)
{
    text_head(s, t, "Access and reset of registers.");
    text_add(t, "#include \"smref_access.h\"\n\n#include \"smref_layout.h\"\n#include \"smref_rules.h\"\n\n");
    emit_registers(s, t, register_head, ASK_ACCESS);
    emit_fields(s, t, field_head, ASK_ACCESS);
    emit_registers(s, t, register_clause_head, ASK_CLAUSE);
    emit_fields(s, t, field_clause_head, ASK_CLAUSE);
    emit_fields(s, t, reset_head, ASK_RESET);
}
