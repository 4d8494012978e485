/* smref_pages.h and smref_pages.c: where registers are, what the banks have in common, and which protocol
 * each register follows. */
#include "specgen.h"

#include <stdlib.h>
#include <string.h>

/* Protocols that registers follow (spec/README.md), by the name in the data. */
static const char *const protocols[] = {"none",       "ack_pair",     "ack_mirror",  "update",
                                        "toggle",     "toggle_ack",   "queue_index", "run",
                                        "run_result", "clear_to_zero"};
#define PROTOCOLS (sizeof protocols / sizeof *protocols)

/* ---- Families -------------------------------------------------------------------------------------- */

/* Whether no earlier register is of the same family. */
static bool first_of_family(const spec *s, size_t index)
{
    size_t i;

    for (i = 0; i < index; i++)
        if (strcmp(s->regs.at[i]->family, s->regs.at[index]->family) == 0)
            return false;
    return true;
}

static void emit_family_enum(const spec *s, text_buffer *t)
{
    size_t i;

    text_add(
        t, "/* What the registers of the banks have in common: CR0 of SMMU_CR0, SMMU_S_CR0, SMMU_R_CR0. */\n"
           "typedef enum smref_family {\n");
    for (i = 0; i < s->regs.count; i++)
        if (first_of_family(s, i))
            text_add(t, "    SMREF_FAMILY_%s,\n", s->regs.at[i]->family);
    text_add(t, "    SMREF_FAMILY_COUNT\n} smref_family;\n\n");
}

static const reg *in_bank(const spec *s, const char *family, int bank)
{
    size_t i;

    for (i = 0; i < s->regs.count; i++)
        if (strcmp(s->regs.at[i]->family, family) == 0 &&
            (s->regs.at[i]->bank_index == bank || s->regs.at[i]->bank_index < 0))
            return s->regs.at[i];
    return NULL;
}

static void add_register(text_buffer *t, const reg *r)
{
    text_add(t, "SMREF_REG_%s%s", r ? r->c.c_name : "COUNT", r ? reg_suffix(r) : "");
}

static void emit_banks(const spec *s, text_buffer *t)
{
    size_t i;
    int bank;

    text_add(t, "const uint16_t smref_bank_registers[SMREF_FAMILY_COUNT + 1][3] = {\n");
    for (i = 0; i < s->regs.count; i++) {
        if (!first_of_family(s, i))
            continue;
        text_add(t, "    [SMREF_FAMILY_%s] = {", s->regs.at[i]->family);
        for (bank = 0; bank < BANK_COUNT; bank++) {
            text_add(t, bank ? ", " : "");
            add_register(t, in_bank(s, s->regs.at[i]->family, bank));
        }
        text_add(t, "},\n");
    }
    text_add(t, "    [SMREF_FAMILY_COUNT] = {SMREF_REG_COUNT, SMREF_REG_COUNT, SMREF_REG_COUNT},\n};\n\n");
}

/* ---- Places ---------------------------------------------------------------------------------------- */

/* 6.2: the SMMU_S_ registers of a page that all spaces reach are for Secure and Root alone. */
static unsigned spaces_of(const reg *r)
{
    return r->bank_index == 1 ? r->block->spaces & 10U : r->block->spaces;
}

static void emit_places(const spec *s, text_buffer *t)
{
    size_t i;

    text_add(t, "const smref_register_place smref_register_places[SMREF_REG_COUNT + 1] = {\n");
    for (i = 0; i < s->regs.count; i++) {
        const reg *r = s->regs.at[i];
        text_add(t, "    {SMREF_BLOCK_%s, SMREF_FAMILY_%s, 0x%llx, %d, 0x%x, 0x%x},\n", r->block->name,
                 r->family, (unsigned long long)r->offset, r->bank_index < 0 ? 0 : r->bank_index,
                 spaces_of(r), r->step);
    }
    text_add(t, "    {SMREF_BLOCK_COUNT, SMREF_FAMILY_COUNT, 0, 0, 0, 0},\n};\n\n");
}

typedef struct placed {
    size_t index;
    uint64_t offset;
} placed;

static int by_offset(const void *a, const void *b)
{
    const placed *x = a, *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

static void emit_order(const spec *s, text_buffer *t)
{
    placed *list = malloc((s->regs.count + 1) * sizeof *list);
    size_t b, i, count, total = 0;
    text_buffer first = {NULL, 0, 0};

    if (!list) {
        spec_out_of_memory();
        return;
    }
    text_add(t, "const uint16_t smref_block_registers[SMREF_REG_COUNT + 1] = {\n");
    for (b = 0; b < s->blocks.count; b++) {
        count = 0;
        for (i = 0; i < s->regs.count; i++)
            if (s->regs.at[i]->block == s->blocks.at[b])
                list[count++] = (placed){i, s->regs.at[i]->offset};
        qsort(list, count, sizeof *list, by_offset);
        text_add(&first, "%zu, ", total);
        for (i = 0; i < count; i++) {
            text_add(t, "    ");
            add_register(t, s->regs.at[list[i].index]);
            text_add(t, ",\n");
        }
        total += count;
    }
    text_add(
        t,
        "    SMREF_REG_COUNT,\n};\n\nconst uint16_t smref_block_first[SMREF_BLOCK_COUNT + 1] = {%s%zu};\n\n",
        first.at ? first.at : "", total);
    text_free(&first);
    free(list);
}

static void emit_impdef(const spec *s, text_buffer *t)
{
    size_t b, i;

    text_add(t, "const smref_impdef_range smref_impdef_ranges[] = {\n");
    for (b = 0; b < s->blocks.count; b++) {
        const block *of = s->blocks.at[b];
        for (i = 0; i < of->impdef.count; i++)
            text_add(t, "    {SMREF_BLOCK_%s, 0x%x, 0x%x, 0x%x},\n", of->name, of->impdef.at[i].from,
                     of->impdef.at[i].to, of->impdef.at[i].spaces);
    }
    text_add(t, "    {SMREF_BLOCK_COUNT, 0, 0, 0},\n};\n\n");
}

/* ---- Values that depend on the implementation ------------------------------------------------------ */

typedef struct value_writer {
    text_buffer before, line, name, cases;
} value_writer;

static void add_case(value_writer *w, const char *what, const char *label, const char *suffix,
                     const formula *f, bool truth)
{
    if (!f->tree)
        return;
    w->line.length = w->name.length = 0;
    text_add(&w->name, "%s_%s%s", what, label, suffix);
    text_add(&w->line, "        return ");
    emit_expression(&w->line, &w->before, w->name.at, f->tree, truth);
    text_add(&w->line, ";\n");
    text_add(&w->cases, "    case SMREF_%s%s:\n", label, suffix);
    text_add_wrapped(&w->cases, w->line.at);
}

static void finish_values(value_writer *w, text_buffer *t, const char *head, const char *what,
                          const char *otherwise)
{
    text_add(t, "%s%s\n{\n    (void)e;\n", w->before.at ? w->before.at : "", head);
    if (w->cases.at)
        text_add(t, "    switch (%s) {\n%s    default:\n        return %s;\n    }\n}\n\n", what, w->cases.at,
                 otherwise);
    else
        text_add(t, "    (void)%s;\n    return %s;\n}\n\n", what, otherwise);
    text_free(&w->before);
    text_free(&w->line);
    text_free(&w->name);
    text_free(&w->cases);
    *w = (value_writer){{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
}

static const char *const heads[] = {
    "bool smref_block_present(const smref_env *e, smref_block block)",
    "uint64_t smref_block_offset(const smref_env *e, smref_block block)",
    "uint64_t smref_block_pages(const smref_env *e, smref_block block)",
    "uint64_t smref_register_elements(const smref_env *e, smref_register reg)",
    "uint64_t smref_register_spacing(const smref_env *e, smref_register reg)",
};

static void emit_block_values(const spec *s, text_buffer *t)
{
    value_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    char label[64];
    size_t i, k;

    for (k = 0; k < 3; k++) {
        static const char *const what[] = {"block_present", "block_at", "block_pages"};
        static const char *const otherwise[] = {"true", "UINT64_MAX", "1"};
        for (i = 0; i < s->blocks.count; i++) {
            const block *b = s->blocks.at[i];
            const formula *f = k == 0 ? &b->present : k == 1 ? &b->at_offset : &b->pages;
            snprintf(label, sizeof label, "BLOCK_%s", b->name);
            if (k == 1 && b->fixed)
                text_add(&w.cases, "    case SMREF_%s:\n        return 0x%llx;\n", label,
                         (unsigned long long)b->base);
            add_case(&w, what[k], label, "", f, k == 0);
        }
        finish_values(&w, t, heads[k], "block", otherwise[k]);
    }
}

static void emit_array_values(const spec *s, text_buffer *t)
{
    value_writer w = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
    char label[96];
    size_t i, k;

    for (k = 0; k < 2; k++) {
        for (i = 0; i < s->regs.count; i++) {
            const reg *r = s->regs.at[i];
            snprintf(label, sizeof label, "REG_%s", r->c.c_name);
            if (r->spacing.tree || k == 0 || r->count == 1) {
                add_case(&w, k ? "spacing" : "elements", label, reg_suffix(r), k ? &r->spacing : &r->elements,
                         false);
                continue;
            }
            text_add(&w.cases, "    case SMREF_%s%s:\n        return %u;\n", label, reg_suffix(r), r->stride);
        }
        finish_values(&w, t, heads[3 + k], "reg", k ? "0" : "1");
    }
}

/* ---- Protocols ------------------------------------------------------------------------------------- */

/* The value that the protocol of `r` gives for a key; its length. NULL when it has none. */
static const char *bound(const reg *r, const char *key, size_t *length)
{
    const char *at = strstr(r->protocol, key);

    if (!at)
        return NULL;
    at += strlen(key);
    *length = strcspn(at, " ");
    return at;
}

/* "GERROR" or "CMDQ_BASE.LOG2SIZE", seen from the bank of `r`: the register, and the number of the field. */
static const reg *resolve(const spec *s, const reg *r, const char *key, size_t *field_number)
{
    size_t length = 0, i, family;
    const char *text = bound(r, key, &length);

    *field_number = 0;
    family = text ? strcspn(text, ". ") : 0;
    for (i = 0; text && i < s->regs.count; i++) {
        const reg *other = s->regs.at[i];
        bool sees = other->bank_index == (strncmp(text, "IDR", 3) == 0 ? 0 : r->bank_index);
        if (!sees || strncmp(other->family, text, family) != 0 || other->family[family] != '\0')
            continue;
        for (; family < length && *field_number < other->c.fields.count; ++*field_number) {
            const char *name = other->c.fields.at[*field_number]->name;
            if (name && strlen(name) == length - family - 1 &&
                strncmp(name, text + family + 1, length - family - 1) == 0)
                break;
        }
        return other;
    }
    return NULL;
}

static size_t own_field(const reg *r, const char *key)
{
    size_t length = 0, i;
    const char *name = bound(r, key, &length);

    for (i = 0; name && i < r->c.fields.count; i++)
        if (r->c.fields.at[i]->name && strlen(r->c.fields.at[i]->name) == length &&
            strncmp(r->c.fields.at[i]->name, name, length) == 0)
            return i;
    return 0;
}

static void emit_protocol(const spec *s, text_buffer *t, const reg *r)
{
    static const char *const peers[] = {" ack=", " of=", " acknowledge=", " peer="};
    size_t size = 0, most = 0, unused, i;
    const reg *peer = NULL, *base = resolve(s, r, " size=", &size), *limit = resolve(s, r, " max=", &most);
    bool software = strstr(r->protocol, "role=software") != NULL,
         produces = strstr(r->protocol, "index=WR") != NULL;

    for (i = 0; !peer && i < sizeof peers / sizeof *peers; i++)
        peer = resolve(s, r, peers[i], &unused);
    text_add(t, "    [");
    add_register(t, r);
    text_add(t, "] = {.type = SMREF_PROTOCOL_%.*s, .peer = ", (int)strcspn(r->protocol, " "), r->protocol);
    add_register(t, peer);
    text_add(t, ", .base = ");
    add_register(t, base);
    text_add(t, ", .limit = ");
    add_register(t, limit);
    text_add(t, ", .size = %zu, .most = %zu, .index = %zu, .flag = %zu, .software = %s, .commands = %s},\n",
             size, most, own_field(r, " index="), own_field(r, " flag="), software ? "true" : "false",
             software && produces ? "true" : "false");
}

static void emit_protocols(const spec *s, text_buffer *t)
{
    size_t i;

    text_add(t, "const smref_protocol smref_protocols[SMREF_REG_COUNT + 1] = {\n");
    for (i = 0; i < s->regs.count; i++)
        if (s->regs.at[i]->protocol)
            emit_protocol(s, t, s->regs.at[i]);
    text_add(t, "    [SMREF_REG_COUNT] = {.type = SMREF_PROTOCOL_none},\n};\n\n");
}

static void emit_protocol_types(text_buffer *t)
{
    size_t i;

    text_add(t, "typedef enum smref_protocol_type {\n");
    for (i = 0; i < PROTOCOLS; i++)
        text_add(t, "    SMREF_PROTOCOL_%s,\n", protocols[i]);
    text_add(t,
             "} smref_protocol_type;\n\n"
             "/* What a register's protocol is bound to, in its own bank; fields by their numbers. */\n"
             "typedef struct smref_protocol {\n"
             "    smref_protocol_type type;\n"
             "    smref_register peer;  /* the acknowledge register, what is acknowledged, a queue's other "
             "index */\n"
             "    smref_register base;  /* of a queue index: the register with the size of the queue ... */\n"
             "    smref_register limit; /* ... and the one with the greatest size that is implemented */\n"
             "    uint8_t size, most;   /* the fields there */\n"
             "    uint8_t index, flag;  /* fields of the register itself */\n"
             "    bool software;        /* the index is software's to write */\n"
             "    bool commands;        /* a write makes the SMMU look for commands */\n"
             "} smref_protocol;\n\n"
             "extern const smref_protocol smref_protocols[SMREF_REG_COUNT + 1];\n\n");
}

/* ---- The files ------------------------------------------------------------------------------------- */

void emit_pages_header(const spec *s, text_buffer *t)
{
    size_t i;

    text_head(s, t, "Where registers are, and what the banks have in common.");
    text_add(t, "#ifndef SMREF_PAGES_H\n#define SMREF_PAGES_H\n\n#include <stdbool.h>\n\n#include "
                "\"smref_env.h\"\n\n");
    emit_family_enum(s, t);
    text_add(t,
             "/* By smref_sec_sid; SMREF_REG_COUNT where a bank lacks it. A register outside the banks is in "
             "all. */\n"
             "extern const uint16_t smref_bank_registers[SMREF_FAMILY_COUNT + 1][3];\n\n"
             "typedef struct smref_register_place {\n"
             "    smref_block block;\n"
             "    smref_family family;\n"
             "    uint32_t offset; /* in the block; of element 0 */\n"
             "    uint8_t bank;    /* smref_sec_sid; that of the Non-secure state outside the banks */\n"
             "    uint8_t spaces;  /* bit n: accesses of smref_pas n reach it */\n"
             "    uint32_t step;   /* what each element of an array adds to the value of the last */\n"
             "} smref_register_place;\n\n"
             "extern const smref_register_place smref_register_places[SMREF_REG_COUNT + 1];\n"
             "/* The registers of a block by rising offset: from smref_block_first[block] on. */\n"
             "extern const uint16_t smref_block_registers[SMREF_REG_COUNT + 1];\n"
             "extern const uint16_t smref_block_first[SMREF_BLOCK_COUNT + 1];\n\n"
             "/* IMPLEMENTATION DEFINED offsets of blocks, both inclusive. The last has no block. */\n"
             "typedef struct smref_impdef_range {\n"
             "    smref_block block;\n"
             "    uint32_t from, to;\n"
             "    uint8_t spaces; /* bit n: accesses of smref_pas n reach them */\n"
             "} smref_impdef_range;\n\n"
             "extern const smref_impdef_range smref_impdef_ranges[];\n\n"
             "/* Whether there is such a page; its offset from page 0, UINT64_MAX when no register tells; "
             "and how\n"
             " * many follow each other. e->bank is that of the registers in it. */\n");
    for (i = 0; i < sizeof heads / sizeof *heads; i++)
        text_add(t, "%s%s;\n",
                 i == 3 ? "\n/* Elements of an array in this implementation, and their distance. */\n" : "",
                 heads[i]);
    text_add(t, "\n");
    emit_protocol_types(t);
    text_add(t, "#endif\n");
}

void emit_pages(const spec *s, text_buffer *t)
{
    text_head(s, t, "Where registers are, and what the banks have in common.");
    text_add(t, "#include \"smref_pages.h\"\n\n#include \"smref_layout.h\"\n#include \"smref_rules.h\"\n\n");
    emit_banks(s, t);
    emit_places(s, t);
    emit_order(s, t);
    emit_impdef(s, t);
    emit_block_values(s, t);
    emit_array_values(s, t);
    emit_protocols(s, t);
}
