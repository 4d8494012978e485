/* smref_selftest.c: a program that tries every accessor against the tables, which it does not share code
 * with. */
#include "specgen.h"

#include <string.h>

static const char head[] = "#include <stdio.h>\n"
                           "#include <string.h>\n"
                           "\n"
                           "#include \"smref.h\"\n"
                           "#include \"smref_layout.h\"\n"
                           "\n"
                           "/* A field of a layout: its accessors, and where the tables describe it. */\n"
                           "typedef struct layout_case {\n"
                           "    smref_layout layout;\n"
                           "    unsigned field;\n"
                           "    uint64_t (*get)(const uint64_t *w);\n"
                           "    void (*set)(uint64_t *w, uint64_t v);\n"
                           "    uint64_t (*get_element)(const uint64_t *w, unsigned i);\n"
                           "    void (*set_element)(uint64_t *w, unsigned i, uint64_t v);\n"
                           "    uint64_t (*address)(const uint64_t *w);\n"
                           "} layout_case;\n"
                           "\n"
                           "typedef struct register_case {\n"
                           "    smref_register reg;\n"
                           "    unsigned field;\n"
                           "    uint64_t (*get)(uint64_t reg);\n"
                           "    uint64_t (*with)(uint64_t reg, uint64_t v);\n"
                           "    uint64_t (*get_element)(uint64_t reg, unsigned i);\n"
                           "    uint64_t (*with_element)(uint64_t reg, unsigned i, uint64_t v);\n"
                           "    uint64_t (*address)(uint64_t reg);\n"
                           "} register_case;\n";

/* In two parts: compilers need not take longer strings. */
static const char layout_driver[] =
    "\n"
    "enum { MAX_WORDS = 8192, ROUNDS = 8 };\n"
    "\n"
    "/* Marsaglia's xorshift: the same numbers in every run. */\n"
    "static uint64_t next_random(uint64_t *state)\n"
    "{\n"
    "    *state ^= *state << 13;\n"
    "    *state ^= *state >> 7;\n"
    "    *state ^= *state << 17;\n"
    "    return *state;\n"
    "}\n"
    "\n"
    "static uint64_t ones(unsigned width)\n"
    "{\n"
    "    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;\n"
    "}\n"
    "\n"
    "static unsigned width_of(const smref_field_info *f)\n"
    "{\n"
    "    unsigned width = 0, p;\n"
    "\n"
    "    for (p = 0; p < f->piece_count; p++) {\n"
    "        width += f->pieces[p].msb - f->pieces[p].lsb + 1u;\n"
    "    }\n"
    "    return f->array_count ? f->array_width : width;\n"
    "}\n"
    "\n"
    "/* The words with the bits of the field, or of one element, taken out one by one. */\n"
    "static void clear_bits(const smref_field_info *f, unsigned element, uint64_t *w)\n"
    "{\n"
    "    unsigned p, bit, low, high;\n"
    "\n"
    "    for (p = 0; p < f->piece_count; p++) {\n"
    "        low = f->array_count ? f->pieces[p].lsb + element * f->array_width : f->pieces[p].lsb;\n"
    "        high = f->array_count ? low + f->array_width - 1u : f->pieces[p].msb;\n"
    "        for (bit = low; bit <= high; bit++) {\n"
    "            w[bit / 64] &= ~(UINT64_C(1) << bit % 64);\n"
    "        }\n"
    "    }\n"
    "}\n"
    "\n"
    "static int failed(const char *container, const smref_field_info *f, const char *what)\n"
    "{\n"
    "    fprintf(stderr, \"selftest: %s.%s: %s\\n\", container, f->name, what);\n"
    "    return 1;\n"
    "}\n"
    "\n"
    "/* Sets a field to a random value by its accessor: it reads back, the tables agree, nothing else "
    "changed. */\n"
    "static int try_layout(const layout_case *c, unsigned element, uint64_t *state)\n"
    "{\n"
    "    static uint64_t before[MAX_WORDS], after[MAX_WORDS];\n"
    "    const smref_layout_info *l = smref_layout_at(c->layout);\n"
    "    const smref_field_info *f = &l->fields[c->field];\n"
    "    unsigned words = (l->bytes + 7) / 8, i;\n"
    "    uint64_t v = next_random(state), got;\n"
    "\n"
    "    for (i = 0; i < words; i++) {\n"
    "        before[i] = after[i] = next_random(state);\n"
    "    }\n"
    "    if (c->get_element) {\n"
    "        c->set_element(after, element, v);\n"
    "        got = c->get_element(after, element);\n"
    "    } else {\n"
    "        c->set(after, v);\n"
    "        got = c->get(after);\n"
    "    }\n"
    "    if (got != (v & ones(width_of(f)))) {\n"
    "        return failed(l->name, f, \"does not read back\");\n"
    "    }\n"
    "    if (smref_field_get(f, after, element) != got) {\n"
    "        return failed(l->name, f, \"differs from the table\");\n"
    "    }\n"
    "    if (c->address && c->address(after) != got << f->address_low) {\n"
    "        return failed(l->name, f, \"its address is not its value shifted\");\n"
    "    }\n"
    "    smref_field_set(f, before, element, v);\n"
    "    if (memcmp(before, after, words * sizeof *before) != 0) {\n"
    "        return failed(l->name, f, \"is inserted differently by the table\");\n"
    "    }\n"
    "    smref_field_set(f, before, element, ~v);\n"
    "    clear_bits(f, element, before);\n"
    "    clear_bits(f, element, after);\n"
    "    return memcmp(before, after, words * sizeof *before) == 0 ? 0 : failed(l->name, f, \"touches its "
    "neighbours\");\n"
    "}\n"
    "\n";

static const char register_driver[] =
    "static int try_register(const register_case *c, unsigned element, uint64_t *state)\n"
    "{\n"
    "    const smref_register_info *r = smref_register_at(c->reg);\n"
    "    const smref_field_info *f = &r->fields[c->field];\n"
    "    uint64_t before = next_random(state), after, v = next_random(state), got;\n"
    "\n"
    "    after = c->get_element ? c->with_element(before, element, v) : c->with(before, v);\n"
    "    got = c->get_element ? c->get_element(after, element) : c->get(after);\n"
    "    if (got != (v & ones(width_of(f)))) {\n"
    "        return failed(r->name, f, \"does not read back\");\n"
    "    }\n"
    "    if (smref_field_get(f, &after, element) != got) {\n"
    "        return failed(r->name, f, \"differs from the table\");\n"
    "    }\n"
    "    if (c->address && c->address(after) != got << f->address_low) {\n"
    "        return failed(r->name, f, \"its address is not its value shifted\");\n"
    "    }\n"
    "    clear_bits(f, element, &before);\n"
    "    clear_bits(f, element, &after);\n"
    "    return before == after ? 0 : failed(r->name, f, \"touches its neighbours\");\n"
    "}\n"
    "\n"
    "int main(void)\n"
    "{\n"
    "    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);\n"
    "    unsigned i, element, round;\n"
    "    int bad = 0;\n"
    "\n"
    "    for (i = 0; i < layout_case_count; i++) {\n"
    "        const layout_case *c = &layout_cases[i];\n"
    "        unsigned count = smref_layout_at(c->layout)->fields[c->field].array_count;\n"
    "\n"
    "        for (round = 0; round < ROUNDS; round++) {\n"
    "            for (element = 0; element < (count ? count : 1); element++) {\n"
    "                bad |= try_layout(c, element, &state);\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "    for (i = 0; i < register_case_count; i++) {\n"
    "        const register_case *c = &register_cases[i];\n"
    "        unsigned count = smref_register_at(c->reg)->fields[c->field].array_count;\n"
    "\n"
    "        for (round = 0; round < ROUNDS; round++) {\n"
    "            for (element = 0; element < (count ? count : 1); element++) {\n"
    "                bad |= try_register(c, element, &state);\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "    printf(\"%u fields of layouts, %u fields of registers: %s\\n\", layout_case_count, "
    "register_case_count,\n"
    "           bad ? \"FAILED\" : \"good\");\n"
    "    return bad;\n"
    "}\n";

static void emit_case(text_buffer *t, const char *id, const container *c, size_t index, bool is_register)
{
    const field *f = c->fields.at[index];
    const char *element = f->array_count ? "_element" : "";
    const char *put = is_register ? "with" : "set";

    text_add(t, "    {%s, %zu, ", id, index);
    text_add(t, ".get%s = smref_%s_%s, .%s%s = smref_%s_%s_%s", element, c->c_name, f->name, put, element,
             c->c_name, put, f->name);
    if (f->kind == FIELD_ADDRESS && !f->array_count)
        text_add(t, ", .address = smref_%s_%s_address", c->c_name, f->name);
    text_add(t, "},\n");
}

static size_t emit_cases(text_buffer *t, const char *id, const container *c, bool is_register)
{
    size_t i, count = 0;

    for (i = 0; i < c->fields.count; i++) {
        if (first_of_name(c, i)) {
            emit_case(t, id, c, i, is_register);
            count++;
        }
    }
    return count;
}

/* A table without lines still needs one in C. */
static void close_cases(text_buffer *t, const char *what, size_t count)
{
    text_add(t, "%s};\nstatic const unsigned %s_case_count = %zu;\n", count ? "" : "    {0},\n", what, count);
}

void emit_selftest(const spec *s, text_buffer *t)
{
    char id[256];
    size_t i, count = 0;

    text_head(s, t, "Tries every accessor of smref_layout.h against the tables.");
    text_add(t, "%s\nstatic const layout_case layout_cases[] = {\n", head);
    for (i = 0; i < s->layouts.count; i++) {
        snprintf(id, sizeof id, "SMREF_LAYOUT_%s", s->layouts.at[i]->c.c_name);
        count += emit_cases(t, id, &s->layouts.at[i]->c, false);
    }
    close_cases(t, "layout", count);
    text_add(t, "\nstatic const register_case register_cases[] = {\n");
    for (i = 0, count = 0; i < s->regs.count; i++) {
        snprintf(id, sizeof id, "SMREF_REG_%s%s", s->regs.at[i]->c.c_name, reg_suffix(s->regs.at[i]));
        count += emit_cases(t, id, &s->regs.at[i]->c, true);
    }
    close_cases(t, "register", count);
    text_add(t, "%s%s", layout_driver, register_driver);
}
