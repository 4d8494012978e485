/* smref_rules.h and smref_rules.c: conditions, derived values and states of fields, compiled. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

/* ---- Conditions ------------------------------------------------------------------------------------ */

/* Adds a function that returns the value of the tree, after the functions that its loops become. */
static void emit_function(text_buffer *t, const char *head, const char *name, const expr *tree, bool as_bool)
{
    text_buffer before = {NULL, 0, 0}, value = {NULL, 0, 0}, line = {NULL, 0, 0};

    emit_expression(&value, &before, name, tree, as_bool);
    text_add(t, "%s", before.at ? before.at : "");
    text_add(t, "%s\n{\n", head);
    if (!uses_env(value.at))
        text_add(t, "    (void)e;\n");
    text_add(&line, "    return %s;\n", value.at);
    text_add_wrapped(t, line.at);
    text_add(t, "}\n\n");
    text_free(&before);
    text_free(&value);
    text_free(&line);
}

static void emit_remark(text_buffer *t, const char *section, const char *words)
{
    text_buffer line = {NULL, 0, 0};

    text_add(&line, "/* %s%s", section, words ? ": " : "");
    text_comment(&line, words);
    text_add(&line, " */\n");
    text_add_wrapped(t, line.at);
    text_free(&line);
}

static void emit_derived(const spec *s, text_buffer *t)
{
    text_buffer head = {NULL, 0, 0}, name = {NULL, 0, 0};
    const derived_def *d;
    size_t i;

    for (i = 0; i < s->derived.count; i++) {
        d = s->derived.at[i];
        head.length = name.length = 0;
        text_add(&head, "uint64_t smref_derived_%s(const smref_env *e)", d->name);
        text_add(&name, "derived_%s", d->name);
        emit_remark(t, d->section, d->means);
        emit_function(t, head.at, name.at, d->value.tree, d->type.base == TYPE_BOOL);
    }
    text_free(&head);
    text_free(&name);
}

static void emit_conditions(const spec *s, text_buffer *t)
{
    text_buffer head = {NULL, 0, 0}, name = {NULL, 0, 0};
    const rule_def *r;
    size_t i;

    for (i = 0; i < s->rules.count; i++) {
        r = s->rules.at[i];
        if (r->when.tree) {
            head.length = name.length = 0;
            text_add(&head, "bool smref_rule_when_%s(const smref_env *e)", r->id);
            text_add(&name, "rule_%s", r->id);
            emit_remark(t, r->section, r->title);
            emit_function(t, head.at, name.at, r->when.tree, true);
        }
    }
    text_free(&head);
    text_free(&name);
}

static void emit_unmodelled(const spec *s, text_buffer *t, const char *function, const char *comment,
                            bool lookup_only)
{
    text_buffer before = {NULL, 0, 0}, line = {NULL, 0, 0}, name = {NULL, 0, 0}, body = {NULL, 0, 0};
    const unmodelled_def *u;
    size_t i;

    for (i = 0; i < s->unmodelled.count; i++) {
        u = s->unmodelled.at[i];
        if (lookup_only && !u->affects_lookup)
            continue;
        line.length = name.length = 0;
        text_add(&name, "unmodelled_%s", u->id);
        text_add(&line, "    if (");
        emit_expression(&line, &before, name.at, u->when.tree, true);
        text_add(&line, ") {\n");
        text_add_wrapped(&body, line.at);
        text_add(&body, "        return ");
        text_string(&body, u->text);
        text_add(&body, ";\n    }\n");
    }
    text_add(t, "%s/* %s */\nconst char *%s(const smref_env *e)\n{\n%s%s    return NULL;\n}\n\n",
             before.at ? before.at : "", comment, function,
             body.at && uses_env(body.at) ? "" : "    (void)e;\n", body.at ? body.at : "");
    text_free(&before);
    text_free(&line);
    text_free(&name);
    text_free(&body);
}

/* The conditions by rule, for those who judge many rules. */
static void emit_condition_table(const spec *s, text_buffer *t)
{
    const rule_def *r;
    size_t i;

    text_add(t, "bool (*const smref_rule_conditions[SMREF_RULE_COUNT])(const smref_env *e) = {\n"
                "    [SMREF_RULE_NONE] = NULL,\n");
    for (i = 0; i < s->rules.count; i++) {
        r = s->rules.at[i];
        if (r->when.tree)
            text_add(t, "    [SMREF_RULE_%s] = smref_rule_when_%s,\n", r->id, r->id);
    }
    text_add(t, "};\n\n");
}

/* ---- Legality lists -------------------------------------------------------------------------------- */

typedef struct legality {
    const rule_def **at;
    size_t count;
} legality;

static int by_order(const void *a, const void *b)
{
    const rule_def *x = *(const rule_def *const *)a, *y = *(const rule_def *const *)b;

    return (x->order > y->order) - (x->order < y->order);
}

/* The ordered rules of a structure; the caller frees `at`. */
static legality legality_of(const spec *s, const layout *l)
{
    legality out = {malloc((s->rules.count + 1) * sizeof *out.at), 0};
    size_t i;

    for (i = 0; out.at && i < s->rules.count; i++)
        if (s->rules.at[i]->ordered && strcmp(s->rules.at[i]->subject, l->c.name) == 0)
            out.at[out.count++] = s->rules.at[i];
    if (out.count)
        qsort(out.at, out.count, sizeof *out.at, by_order);
    return out;
}

/* STE and CD always have a list, the others when a rule is on it. */
static bool has_list(const layout *l, const legality *list)
{
    return list->count ||
           (l->kind == LAYOUT_STRUCTURE && (same_name(l->c.name, "STE") || same_name(l->c.name, "CD")));
}

static void emit_first(text_buffer *t, const layout *l, const legality *list)
{
    size_t i;

    text_add(t, "/* The first rule, in the specification's order, that the %s breaks. */\n", l->c.name);
    text_add(t, "smref_rule smref_%s_first_illegal(const smref_env *e)\n{\n%s", l->c.c_name,
             list->count ? "" : "    (void)e;\n");
    for (i = 0; i < list->count; i++) {
        text_add(t, "    if (smref_rule_when_%s(e)) {\n        return SMREF_RULE_%s;\n    }\n",
                 list->at[i]->id, list->at[i]->id);
    }
    text_add(t, "    return SMREF_RULE_NONE;\n}\n\n");
}

static void emit_all(text_buffer *t, const layout *l, const legality *list)
{
    size_t i;

    text_add(t, "/* All rules that the %s breaks; the first `max` of them are stored. */\n", l->c.name);
    text_add(t, "unsigned smref_%s_all_illegal(const smref_env *e, uint16_t *rules, unsigned max)\n{\n",
             l->c.c_name);
    if (!list->count) {
        text_add(t, "    (void)e;\n    (void)rules;\n    (void)max;\n    return 0;\n}\n\n");
        return;
    }
    text_add(t,
             "    static const struct {\n        bool (*when)(const smref_env *e);\n        uint16_t rule;\n"
             "    } list[] = {\n");
    for (i = 0; i < list->count; i++)
        text_add(t, "        {smref_rule_when_%s, SMREF_RULE_%s},\n", list->at[i]->id, list->at[i]->id);
    text_add(t, "    };\n    unsigned count = 0;\n    size_t i;\n\n"
                "    for (i = 0; i < sizeof list / sizeof list[0]; i++) {\n"
                "        if (list[i].when(e)) {\n"
                "            if (count < max) {\n"
                "                rules[count] = list[i].rule;\n"
                "            }\n"
                "            count++;\n"
                "        }\n"
                "    }\n"
                "    return count;\n}\n\n");
}

static void emit_legality(const spec *s, text_buffer *t, bool header)
{
    const layout *l;
    legality list;
    size_t i;

    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        list = legality_of(s, l);
        if (has_list(l, &list) && header) {
            text_add(t,
                     "smref_rule smref_%s_first_illegal(const smref_env *e);\n"
                     "unsigned smref_%s_all_illegal(const smref_env *e, uint16_t *rules, unsigned max);\n",
                     l->c.c_name, l->c.c_name);
        } else if (has_list(l, &list)) {
            emit_first(t, l, &list);
            emit_all(t, l, &list);
        }
        free(list.at);
    }
}

/* The list of whatever command it is; commands that share an opcode share the list of the first. */
static void emit_command_legality(const spec *s, text_buffer *t)
{
    text_buffer cases = {NULL, 0, 0};
    const layout *l;
    legality list;
    size_t i;

    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        list = legality_of(s, l);
        if (l->kind == LAYOUT_COMMAND && list.count) {
            text_add(&cases, "    case SMREF_%s:\n        return smref_%s_first_illegal(e);\n", l->c.c_name,
                     l->c.c_name);
        }
        free(list.at);
    }
    text_add(t, "/* 4.1.3: the first rule that the command in e->self breaks. */\n"
                "smref_rule smref_command_first_illegal(const smref_env *e, unsigned opcode)\n{\n");
    if (cases.at)
        text_add(t, "    switch (opcode) {\n%s    default:\n        return SMREF_RULE_NONE;\n    }\n}\n\n",
                 cases.at);
    else
        text_add(t, "    (void)e;\n    (void)opcode;\n    return SMREF_RULE_NONE;\n}\n\n");
    text_free(&cases);
}

/* ---- Event records --------------------------------------------------------------------------------- */

static bool in_default_variant(const branch *in)
{
    for (; in; in = in->outer)
        if (in->index + 1 != in->set->variants.count)
            return false;
    return true;
}

static void emit_event(text_buffer *t, const layout *l)
{
    const field *f;
    size_t i;

    text_add(t, "    case SMREF_%s:\n", l->c.c_name);
    for (i = 0; i < l->c.fields.count; i++) {
        f = l->c.fields.at[i];
        if (f->name && f->pieces[0].lsb != 0 && !f->array_count && in_default_variant(f->in)) {
            text_add(t, "        smref_%s_set_%s(words, f->%s", l->c.c_name, f->name, f->name);
            text_add(t, f->kind == FIELD_ADDRESS && f->address_low ? " >> %u);\n" : ");\n", f->address_low);
        }
    }
    text_add(t, "        break;\n");
}

static void emit_event_encode(const spec *s, text_buffer *t)
{
    text_buffer cases = {NULL, 0, 0};
    size_t i;

    for (i = 0; i < s->layouts.count; i++)
        if (s->layouts.at[i]->kind == LAYOUT_EVENT)
            emit_event(&cases, s->layouts.at[i]);
    text_add(t, "/* 7.3: the record of an event; reserved and IMPLEMENTATION DEFINED bits are 0. */\n"
                "void smref_event_encode(smref_event_type type, const struct smref_event_fields *f, uint64_t "
                "words[4])\n"
                "{\n    words[0] = (uint64_t)type;\n    words[1] = words[2] = words[3] = 0;\n");
    text_add(t, cases.at && strstr(cases.at, "f->") ? "" : "    (void)f;\n");
    if (cases.at)
        text_add(t, "    switch (type) {\n%s    default:\n        break;\n    }\n", cases.at);
    text_add(t, "}\n");
    text_free(&cases);
}

/* The bits of a field, word by word. */
static void emit_unknown_bits(text_buffer *t, const field *f, const char *indent)
{
    unsigned p, word, low, high;

    for (p = 0; p < f->piece_count; p++) {
        for (word = f->pieces[p].lsb / 64; word <= f->pieces[p].msb / 64; word++) {
            low = f->pieces[p].lsb > word * 64 ? f->pieces[p].lsb - word * 64 : 0;
            high = f->pieces[p].msb < word * 64 + 63 ? f->pieces[p].msb - word * 64 : 63;
            text_add(t, "%sunknown[%u] |= UINT64_C(0x%016llx);", indent, word,
                     (unsigned long long)(mask_of(high - low + 1) << low));
            text_add(t, " /* %s */\n", f->name ? f->name : "IMPDEF");
        }
    }
}

static bool may_be_unknown(const field *f)
{
    size_t i;

    for (i = 0; i < f->state.count; i++)
        if (strcmp(f->state.at[i].is, "UNKNOWN") == 0 || strcmp(f->state.at[i].is, "IMPDEF") == 0)
            return true;
    return false;
}

/* Some bits of a field, by a mask that is worked out when the record is made. */
static void emit_unknown_mask(text_buffer *t, text_buffer *cases, const layout *l, size_t index)
{
    const field *f = l->c.fields.at[index];
    text_buffer head = {NULL, 0, 0}, name = {NULL, 0, 0};

    text_add(&name, "open_%s_%zu", l->c.c_name, index);
    text_add(&head, "static uint64_t %s(const smref_env *e)", name.at);
    emit_function(t, head.at, name.at, f->unknown_bits.tree, false);
    text_add(cases, "        unknown[%u] |= (%s(e) & UINT64_C(0x%llx)) << %u;\n", f->pieces[0].lsb / 64,
             name.at, (unsigned long long)mask_of(f->width), f->pieces[0].lsb % 64);
    text_free(&head);
    text_free(&name);
}

static void emit_event_unknown(const spec *s, text_buffer *t)
{
    text_buffer cases = {NULL, 0, 0};
    const layout *l;
    const field *f;
    size_t i, k;

    for (i = 0; i < s->layouts.count; i++) {
        l = s->layouts.at[i];
        if (l->kind != LAYOUT_EVENT)
            continue;
        text_add(&cases, "    case SMREF_%s:\n", l->c.c_name);
        for (k = 0; k < l->c.fields.count; k++) {
            f = l->c.fields.at[k];
            if (may_be_unknown(f)) {
                text_add(&cases, "        if (is_open(state_%s(e, %zu))) {\n", l->c.c_name, k);
                emit_unknown_bits(&cases, f, "            ");
                text_add(&cases, "        }\n");
            } else if (f->kind == FIELD_IMPDEF) {
                emit_unknown_bits(&cases, f, "        ");
            }
            if (f->unknown_bits.tree)
                emit_unknown_mask(t, &cases, l, k);
        }
        text_add(&cases, "        break;\n");
    }
    if (cases.at && strstr(cases.at, "is_open")) {
        text_add(t, "static bool is_open(smref_field_state state)\n{\n"
                    "    return state == SMREF_FIELD_UNKNOWN || state == SMREF_FIELD_IMPDEF;\n}\n\n");
    }
    text_add(t,
             "/* 7.3: the bits of the record in e->self that are UNKNOWN or IMPLEMENTATION DEFINED. */\n"
             "void smref_event_unknown(const smref_env *e, smref_event_type type, uint64_t unknown[4])\n"
             "{\n%s    unknown[0] = unknown[1] = unknown[2] = unknown[3] = 0;\n",
             cases.at && uses_env(cases.at) ? "" : "    (void)e;\n");
    if (cases.at)
        text_add(t, "    switch (type) {\n%s    default:\n        break;\n    }\n}\n\n", cases.at);
    else
        text_add(t, "    (void)type;\n}\n\n");
    text_free(&cases);
}

/* ---- The files ------------------------------------------------------------------------------------- */

void emit_rules_header(const spec *s, text_buffer *t)
{
    const helper_def *h;
    size_t i, k;

    text_head(s, t, "Conditions of rules, derived values and states of fields.");
    text_add(
        t, "#ifndef SMREF_RULES_H\n#define SMREF_RULES_H\n\n#include \"smref.h\"\n#include \"smref_env.h\"\n"
           "#include \"smref_layout.h\"\n");
    text_add(t, "\n/* Written by hand in model/: what is no data. */\n");
    for (i = 0; i < s->helpers.count; i++) {
        h = s->helpers.at[i];
        emit_remark(t, h->section, h->means);
        text_add(t, "%s smref_helper_%s(const smref_env *e",
                 h->returns.base == TYPE_BOOL ? "bool" : "uint64_t", h->name);
        for (k = 0; k < h->args.count; k++)
            text_add(t, ", uint64_t %c", 'a' + (char)k);
        text_add(t, ");\n");
    }
    text_add(t, "\n/* Derived values. */\n");
    for (i = 0; i < s->derived.count; i++)
        text_add(t, "uint64_t smref_derived_%s(const smref_env *e);\n", s->derived.at[i]->name);
    text_add(t, "\n/* Conditions of rules. */\n");
    for (i = 0; i < s->rules.count; i++)
        if (s->rules.at[i]->when.tree)
            text_add(t, "bool smref_rule_when_%s(const smref_env *e);\n", s->rules.at[i]->id);
    text_add(t, "\n/* The same by rule; NULL for the steps of algorithms. */\n"
                "extern bool (*const smref_rule_conditions[SMREF_RULE_COUNT])(const smref_env *e);\n");
    text_add(t, "\n/* The legality lists. */\n");
    emit_legality(s, t, true);
    text_add(t, "smref_rule smref_command_first_illegal(const smref_env *e, unsigned opcode);\n");
    emit_states_header(t);
    text_add(t, "const char *smref_not_modelled(const smref_env *e);\n"
                "const char *smref_lookup_not_modelled(const smref_env *e);\n"
                "void smref_event_encode(smref_event_type type, const struct smref_event_fields *f,\n"
                "                        uint64_t words[4]);\n"
                "void smref_event_unknown(const smref_env *e, smref_event_type type, uint64_t "
                "unknown[4]);\n\n#endif\n");
}

void emit_rules(const spec *s, text_buffer *t)
{
    text_head(s, t, "Conditions of rules, derived values and states of fields.");
    text_add(t, "#include \"smref_rules.h\"\n\n");
    emit_derived(s, t);
    emit_conditions(s, t);
    emit_condition_table(s, t);
    emit_legality(s, t, false);
    emit_command_legality(s, t);
    emit_unmodelled(s, t, "smref_not_modelled",
                    "What the registers turn on and smref lacks; NULL when there is nothing.", false);
    emit_unmodelled(s, t, "smref_lookup_not_modelled",
                    "The part of it that changes configuration lookup too.", true);
    emit_states(s, t);
    emit_event_unknown(s, t);
    emit_event_encode(s, t);
}
