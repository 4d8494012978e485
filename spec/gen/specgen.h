/*
 * specgen: private header of the generator. What spec/README.md describes as JSON is held here as C structs;
 * every item remembers where it was written, so that every complaint can name the place.
 */
#ifndef SPECGEN_H
#define SPECGEN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "located.h"

#define MAX_ERRORS 20
#define MAX_PIECES 2
#define MAX_LOOPS 8  /* nested in one another */
#define BANK_COUNT 3 /* NS, S, R: the values of smref_sec_sid */

typedef struct spec spec;
typedef struct expr expr;
typedef struct container container;

/* A growing list in the arena. Elements move when it grows: keep pointers to them only in finished lists. */
#define LIST(type)                                                                                           \
    struct {                                                                                                 \
        type *at;                                                                                            \
        size_t count;                                                                                        \
    }
#define PUSH(s, list)                                                                                        \
    ((list).at = spec_grow((s), (list).at, (list).count, sizeof *(list).at), &(list).at[(list).count++])

/* Where something was written. */
typedef struct place {
    const smref_jdoc *doc;
    const smref_jnode *node; /* NULL: absent */
} place;

/* ---- Data model ------------------------------------------------------------------------------------ */

/* A condition or value as written (text is NULL when there is none), and its checked tree. */
typedef struct formula {
    const char *text;
    place at;
    expr *tree;
} formula;

/* One line of a list in which the first hit wins: `is` holds when `when` does. */
typedef struct clause {
    formula when;
    const char *is;
    place at;
} clause;
typedef LIST(clause) clause_list;

typedef struct bit_range {
    unsigned msb, lsb;
} bit_range;

/* Versions are 0x30 .. 0x34, both inclusive; 0 is unbounded. */
typedef struct version_range {
    unsigned since, until;
} version_range;

typedef struct code_def {
    place at;
    uint64_t low, high;
    const char *name, *means;
    int64_t behaves_as; /* -1: none */
    bool illegal;
    version_range versions;
} code_def;

typedef enum field_kind {
    FIELD_UINT,
    FIELD_FLAG,
    FIELD_ADDRESS,
    FIELD_ENUM,
    FIELD_ID,
    FIELD_OPAQUE,
    FIELD_IMPDEF,
    FIELD_RESERVED,
} field_kind;

/* The alternatives that a field stands in, innermost first. */
typedef struct branch {
    const struct variant_set *set;
    size_t index;
    const struct branch *outer;
} branch;

typedef struct field {
    place at;
    const container *owner;
    const char *name; /* NULL: unnamed reserved or IMPLEMENTATION DEFINED bits */
    const char *title, *section, *note, *confidence;
    field_kind kind;
    bit_range pieces[MAX_PIECES]; /* most significant first */
    unsigned piece_count, width;
    unsigned array_count, array_width; /* 0: no array */
    unsigned address_low;
    version_range versions;
    bool in_tlb; /* a TLB may hold it, besides configuration caches */
    const branch *in;
    clause_list state, access, reset;
    formula unknown_bits; /* events: a mask of the field's value */
    formula in_use;       /* how many of its bits count in a configuration */
    LIST(code_def) codes;
} field;

typedef struct layout_item layout_item;
typedef LIST(layout_item) item_list;

typedef struct variant {
    formula when;
    place at;
    item_list items;
} variant;

typedef struct variant_set {
    place at;
    LIST(variant) variants;
} variant_set;

/* A field, or bits that hold different fields in different configurations. */
struct layout_item {
    field *field;
    variant_set *set;
};

/* What has bits: a layout or a register. */
struct container {
    place at;
    const char *name;   /* the specification's */
    const char *c_name; /* the same as part of a C identifier */
    const char *title, *section, *note;
    unsigned bits;
    size_t serial; /* place among what was read */
    version_range versions;
    item_list items;
    LIST(field *) fields; /* all fields of all variants, reserved bits too, by rising bit */
};

typedef enum layout_kind { LAYOUT_STRUCTURE, LAYOUT_DESCRIPTOR, LAYOUT_COMMAND, LAYOUT_EVENT } layout_kind;

typedef struct layout {
    container c;
    layout_kind kind;
    unsigned number; /* opcode or event number */
    const char *alias_of;
} layout;

/* Offsets of a block that are IMPLEMENTATION DEFINED, both inclusive, and who reaches them. */
typedef struct impdef_range {
    unsigned from, to, spaces;
} impdef_range;

typedef struct block {
    place at;
    const char *name, *title, *section, *note;
    bool fixed; /* the base is architected */
    formula present;
    formula at_offset, pages; /* where it is found, from page 0, and how many such pages follow each other */
    uint64_t base, size;
    unsigned spaces; /* bit n: reached from smref_pas n */
    LIST(impdef_range) impdef;
} block;

/* One register of one bank. */
typedef struct reg {
    container c;
    const char *family; /* CR0: what $B.CR0 means in each bank */
    const char *bank;   /* "NS", "S", "R" or "" */
    int bank_index;     /* 0..2, -1 for "" */
    const block *block;
    uint64_t offset;
    unsigned count, stride, step; /* step: what each element of an array adds to the value of the last */
    const char *index;            /* the n of NAME<n>; NULL when it is no array */
    formula elements, spacing;    /* of the array in an implementation */
    formula present;
    clause_list access, reset;
    const char *protocol;
    uint64_t reset_value, reset_known;
} reg;

typedef struct enum_def {
    place at;
    const char *name, *means;
    LIST(const char *) values;
} enum_def;

typedef enum base_type { TYPE_BOOL, TYPE_INT, TYPE_ENUM, TYPE_PATTERN, TYPE_ARCH, TYPE_CHOICE } base_type;

typedef struct choice_def choice_def;

/* The type of an expression. `width` is 0 when the value may use all 64 bits. */
typedef struct value_type {
    base_type base;
    unsigned width;
    const enum_def *of;       /* TYPE_ENUM */
    const field *coded;       /* TYPE_INT: the field whose code names may be compared with it */
    const choice_def *choice; /* TYPE_CHOICE */
} value_type;

typedef struct context_def {
    place at;
    const char *name, *means;
    value_type type;
} context_def;

typedef struct derived_def {
    place at;
    const char *name, *section, *means;
    value_type type;
    formula value;
    int visit; /* for the search for cycles: 0 new, 1 under way, 2 done */
} derived_def;

typedef struct helper_def {
    place at;
    const char *name, *section, *means;
    LIST(value_type) args;
    value_type returns;
} helper_def;

typedef struct option_def {
    place at;
    const char *name, *means;
    version_range versions;
} option_def;

struct choice_def {
    place at;
    const char *id, *section, *kind, *title, *default_name;
    LIST(option_def) options;
    size_t default_index;
};

typedef struct rule_def {
    place at;
    const char *id, *section, *kind, *subject, *title, *outcome, *note, *choice, *erratum, *unmodelled;
    formula when;
    bool ordered;
    uint64_t order;
} rule_def;

typedef struct erratum_def {
    place at;
    const char *id, *section, *title, *taken, *reason;
} erratum_def;

typedef struct unmodelled_def {
    place at;
    const char *id, *text;
    formula when;
    bool affects_lookup; /* else only what follows a legal configuration depends on it */
} unmodelled_def;

/* Fields that several layouts of a section include. */
typedef struct mixin {
    place at;
    const char *section, *name;
    place fields;
} mixin;

typedef enum pattern_kind {
    PATTERN_IDENTIFIER, /* S1ContextPtr */
    PATTERN_WORD,       /* as an identifier, but may start with a digit: 4K */
    PATTERN_SECTION,    /* 5.2   6.3.9, 6.3.57   DDI 0487 D8.2.1 */
    PATTERN_RULE,       /* STE_CONFIG_RSVD */
    PATTERN_BITS,       /* 1x0 */
    PATTERN_VERSION,    /* 3.1 */
    PATTERN_RANGE,      /* 4..7 */
    PATTERN_COUNT
} pattern_kind;

struct spec {
    void *patterns[PATTERN_COUNT]; /* pattern.c */
    struct arena_chunk *chunks;
    char *errors[MAX_ERRORS];
    size_t error_count;
    const char *const *files;
    smref_jdoc *docs;
    size_t doc_count;

    LIST(mixin) mixins;
    LIST(layout *) layouts; /* structures, descriptors, commands, events */
    LIST(block *) blocks;
    LIST(reg *) regs;
    LIST(enum_def *) enums;
    LIST(context_def *) context;
    LIST(derived_def *) derived;
    LIST(helper_def *) helpers;
    LIST(choice_def *) choices;
    LIST(rule_def *) rules;
    LIST(erratum_def *) errata;
    LIST(unmodelled_def *) unmodelled;
};

/* ---- store.c: memory and complaints ---------------------------------------------------------------- */

void spec_out_of_memory(void);          /* says so and ends the run */
void *spec_alloc(spec *s, size_t size); /* zeroed; never NULL; lives as long as the spec */
void *spec_grow(spec *s, void *array, size_t count, size_t size);
const char *spec_print(spec *s, const char *format, ...); /* a formatted string in the arena */
void spec_free(spec *s);

/* `file:line: item: text`. The first MAX_ERRORS different complaints are kept. */
void spec_error(spec *s, place at, const char *item, const char *format, ...);
void spec_take_error(spec *s, const smref_jerror *error);
place child_of(place at, const char *key); /* the member, or a place without a node */

/* ---- pattern.c: what names and numbers look like --------------------------------------------------- */

bool patterns_open(spec *s);
void patterns_close(spec *s);
bool matches(const spec *s, pattern_kind kind, const char *text);

/* ---- load*.c: JSON to data model ------------------------------------------------------------------- */

void load_spec(spec *s);

/* The members that loaders share. A missing optional member gives NULL, 0 or an empty list. */
const char *load_text(spec *s, place object, const char *key);
const char *load_needed_text(spec *s, place object, const char *key);
const char *load_name(spec *s, place object, const char *key, pattern_kind kind);
const char *load_section(spec *s, place object, const char *inherited, const char *item);
uint64_t load_number(spec *s, place object, const char *key, uint64_t max, uint64_t absent);
bool load_flag(spec *s, place object, const char *key);
version_range load_versions(spec *s, place object, const char *item);
formula load_formula(spec *s, place object, const char *key);
clause_list load_clauses(spec *s, place object, const char *key);
value_type load_type(spec *s, place at, const char *item, const char *text);
const char *load_means(spec *s, place object);
bool load_keys(spec *s, place object, const char *const *keys); /* an object with known keys only */
bool load_list(spec *s, place list);                            /* an array; absent gives false */
place load_element(place list, size_t index);

/* What changes when items are read for one bank of a register. */
typedef struct bank_changes {
    place remove, add, override;
} bank_changes;

void load_items(spec *s, container *c, place items, place include, const char *section,
                const bank_changes *bank);
void load_block(spec *s, place at);
void load_register(spec *s, place at);

/* ---- layout_check.c, name_check.c, rule_check.c
 * ----------------------------------------------------------------------- */

void check_layouts(spec *s);
void check_names(spec *s);
void check_rules(spec *s);

/* ---- Expressions ----------------------------------------------------------------------------------- */

typedef enum expr_op {
    X_NUMBER,  /* value; digits when it was written in binary */
    X_PATTERN, /* value, mask, digits */
    X_BOOL,    /* value */
    X_VERSION, /* value: 0x31 */
    X_REF,     /* parts: a dotted name; a = index of a register array */
    X_INDEX,   /* a[b] */
    X_SLICE,   /* a[high:low] */
    X_CONCAT,  /* {list} */
    X_IN,      /* a in {list} */
    X_RANGE,   /* a..b, in a set */
    X_NOT,
    X_INVERT,
    X_MUL,
    X_DIV,
    X_MOD,
    X_ADD,
    X_SUB,
    X_SHL,
    X_SHR,
    X_LT,
    X_LE,
    X_GT,
    X_GE,
    X_EQ,
    X_NE,
    X_AND,
    X_XOR,
    X_OR,
    X_LAND,
    X_LOR,
    X_COND, /* a ? b : c */
    X_MIN,
    X_MAX,
    X_CALL, /* name(list) */
    X_ANY,  /* any name in low..high : a */
    X_ALL,
} expr_op;

typedef enum ref_kind {
    REF_LAYOUT_FIELD,
    REF_REGISTER_FIELD,
    REF_BANK_FIELD, /* $B.CR0.SMMUEN */
    REF_CONTEXT,
    REF_DERIVED,
    REF_CHOICE,
    REF_ARCH,
    REF_LOOP,
    REF_VALUE, /* a named constant */
} ref_kind;

struct expr {
    expr_op op;
    unsigned column;
    uint64_t value, mask;
    bool hex; /* not written in decimal */
    unsigned digits, high, low;
    const char *parts[3];
    unsigned part_count;
    expr *a, *b, *c;
    LIST(expr *) list;
    /* filled by the type checker */
    value_type type;
    ref_kind ref;
    const field *field;
    const layout *layout;
    const reg *regs[BANK_COUNT];
    const field *bank_fields[BANK_COUNT]; /* NULL: that bank lacks it, it reads as 0 */
    const void *def;                      /* context_def, derived_def, helper_def, choice_def */
    const char *constant;                 /* REF_VALUE: its C name */
    uint64_t high_value;                  /* REF_VALUE: the last code that the name stands for */
};

/* Where an expression stands. */
typedef struct scope {
    const char *item;
    const layout *self; /* $ in a layout */
    const reg *self_reg;
    bool to_c; /* it will be compiled */
} scope;

typedef enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_VERSION,
    TOKEN_PATTERN,
    TOKEN_MARK
} token_kind;

typedef struct token {
    token_kind kind;
    const char *text; /* NAME: the name; MARK: the operator; PATTERN: its digits */
    uint64_t value;
    unsigned digits; /* of a binary number */
    unsigned column;
} token;

/* expr_lex.c. On a malformed text *why says so. */
bool next_token(spec *s, const char *text, size_t *at, token *out, const char **why);
/* expr_parse.c. NULL after a complaint. */
expr *parse_expression(spec *s, const formula *f, const scope *where);
/* What the type checker carries along. */
typedef struct checker {
    spec *s;
    const formula *f;
    const scope *where;
    const expr *loops[MAX_LOOPS];
    unsigned loop_count;
} checker;

/* expr_names.c: finds what a reference names, and its type. False after a complaint, as expr_fail always is.
 */
bool expr_resolve(checker *c, expr *x, const value_type *wanted);
const helper_def *expr_find_helper(checker *c, const expr *x);
bool expr_fail(checker *c, const expr *x, const char *text);
/* expr_type.c. `wanted` is TYPE_BOOL for conditions. False after a complaint. */
bool type_expression(spec *s, const formula *f, const scope *where, const value_type *wanted);
/* formula_check.c: every expression of the spec. */
void check_formulas(spec *s);

/* ---- Emitting -------------------------------------------------------------------------------------- */

typedef struct text_buffer {
    char *at;
    size_t length, room;
} text_buffer;

void text_add(text_buffer *t, const char *format, ...);
void text_free(text_buffer *t);
/* Adds source, breaking lines of more than 110 columns after operators. */
void text_add_wrapped(text_buffer *t, const char *source);
/* Adds the initializer of a struct, breaking long lines before members, and ends the line. */
void text_add_members(text_buffer *t, const char *source);
void text_head(const spec *s, text_buffer *t, const char *what);
void text_string(text_buffer *t, const char *value);  /* a C string literal, or NULL */
void text_comment(text_buffer *t, const char *words); /* words that must not end a comment early */
bool text_write(const text_buffer *t, const char *directory, const char *name);

/* C for a checked expression. Functions that it needs go to *before, named after `name`. */
void emit_expression(text_buffer *out, text_buffer *before, const char *name, const expr *tree, bool as_bool);
bool uses_env(const char *c_source);

void emit_names(const spec *s, text_buffer *t);
void emit_layout(const spec *s, text_buffer *t);
void emit_env(const spec *s, text_buffer *t);
void emit_rules_header(const spec *s, text_buffer *t);
void emit_states_header(text_buffer *t);
void emit_access_header(const spec *s, text_buffer *t);
void emit_access(const spec *s, text_buffer *t);
void emit_pages_header(const spec *s, text_buffer *t);
void emit_pages(const spec *s, text_buffer *t);
void emit_states(const spec *s, text_buffer *t);
void emit_rules(const spec *s, text_buffer *t);
void emit_tables_header(const spec *s, text_buffer *t);
void emit_tables(const spec *s, text_buffer *t);
void emit_selftest(const spec *s, text_buffer *t);

/* ---- Small questions about the model --------------------------------------------------------------- */

uint64_t mask_of(unsigned width);
bool same_name(const char *a, const char *b); /* false when one is NULL */
const field *find_field(const container *c, const char *name);
const layout *find_layout(const spec *s, const char *name);
const choice_def *find_choice(const spec *s, const char *id);
const unmodelled_def *find_unmodelled(const spec *s, const char *id);
bool first_of_name(const container *c, size_t index); /* no earlier variant has a field of this name */
/* The code has a name, and none before it among those of all fields of this name has the same. */
bool first_of_code(const container *c, size_t index, size_t code);
const char *reg_suffix(const reg *r);                         /* what the C name of its number ends with */
void layout_path(const layout *l, char *buffer, size_t size); /* C for a pointer to its words */
const char *bits_text(const field *f, char *buffer, size_t size);
const char *layout_section_name(layout_kind kind);
void sort_spec(spec *s); /* layouts and registers in the order of their sections */

#endif
