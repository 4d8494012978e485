/*
 * Words taken apart: the fields of a structure, descriptor, command, event record or register, what they mean
 * in a configuration, and what is wrong with them.
 */
#ifndef SMREF_DECODING_H
#define SMREF_DECODING_H

#include <jansson.h>
#include <stdio.h>

#include "smref.h"

typedef enum smref_remark {
    SMREF_REMARK_NONE = 0,
    SMREF_REMARK_RES0,     /* must be zero and is not */
    SMREF_REMARK_RES1,     /* must be one and is not */
    SMREF_REMARK_IGNORED,  /* has no effect here and is not zero */
    SMREF_REMARK_RESERVED, /* a reserved code */
    SMREF_REMARK_UNKNOWN,  /* a code that the data does not describe, or not in this version */
} smref_remark;

/* What a remark says, without the field's name: "must be zero (RES0)". */
const char *smref_remark_says(smref_remark remark);
/* The word of the formats: "res0", "res1", "ignored", "reserved", "unknown-code"; NULL for none. */
const char *smref_remark_word(smref_remark remark);

typedef struct smref_decoded_field {
    const smref_field_info *info;
    unsigned number;  /* in its container's table */
    unsigned element; /* of an array */
    uint64_t value;   /* as stored; of wider bits the lowest 64 */
    smref_field_state state;
    const smref_code_info *code; /* NULL when none describes the value */
    smref_remark remark;
} smref_decoded_field;

#define SMREF_MAX_ILLEGAL 32

typedef struct smref_decoding {
    const char *name, *title, *section;
    bool is_register;
    smref_layout layout; /* when it is no register */
    unsigned bits;       /* of the container */
    unsigned word_count; /* that were given: fields beyond them are left out */
    const uint64_t *words;
    smref_decoded_field *fields; /* those that the bits hold, reserved bits too, by rising bit */
    size_t field_count;
    bool judged; /* an STE or a CD: `illegal` tells */
    unsigned illegal_count;
    uint16_t illegal[SMREF_MAX_ILLEGAL]; /* smref_rule, the first of them */
    bool has_address;                    /* a descriptor: the address in all of its pieces */
    uint64_t address;
} smref_decoding;

/*
 * Decodes `word_count` words, at most those of the layout, which the decoding borrows. `context` says how the
 * structure is reached (smref.h). The architecture version is the instance's.
 */
void smref_decode_layout(const smref *smmu, const smref_field_context *context, smref_layout layout,
                         const uint64_t *words, unsigned word_count, smref_decoding *out);
void smref_decode_register(const smref *smmu, smref_register reg, const uint64_t *value, smref_decoding *out);
void smref_decoding_free(smref_decoding *decoding);

/*
 * Which command (by its opcode) or event (by its number) the words are; false when the number is reserved. An
 * opcode that two commands share is told apart by a field: Range 31 makes CMD_CFGI_STE_RANGE CMD_CFGI_ALL.
 */
bool smref_record_find(smref_layout_kind kind, const uint64_t *words, smref_layout *layout);

/* Whether a field never has a meaning to the SMMU, so that software may keep what it likes in it. */
bool smref_field_is_free(const smref_field_info *field);
/* The field of that name, or NULL. */
const smref_decoded_field *smref_decoded_named(const smref_decoding *decoding, const char *name);

/* A table of the fields, then what is ILLEGAL. `brief`: only fields that are set or that say something. */
void smref_print_decoding(FILE *to, const smref_decoding *decoding, bool brief);
/* The same in the words of smref-decode 1.0, without format and version; a new reference. */
json_t *smref_decoding_json(const smref_decoding *decoding);

#endif
