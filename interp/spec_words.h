/* How parts of the specification's data are spelled for people: bits, versions, values, conditions. */
#ifndef SMREF_SPEC_WORDS_H
#define SMREF_SPEC_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smref.h"

#define SMREF_WORDS_ROOM 64

/* "[55:6]", "[0]", "[194][167:166]" for two pieces. Returns `out`. */
const char *smref_spell_bits(const smref_field_info *field, char out[SMREF_WORDS_ROOM]);
/* "since 3.1", "until 3.0", "3.1 to 3.3", or "" when the item is in every version. Returns `out`. */
const char *smref_spell_versions(uint8_t since, uint8_t until, char out[SMREF_WORDS_ROOM]);
/* A value of the field as people write it: "0b101" for up to 4 bits, a flag as "1", else "0x…". */
const char *smref_spell_value(const smref_field_info *field, uint64_t value, char out[SMREF_WORDS_ROOM]);
/* The values that a code describes: "0b101", "0b100..0b111". */
const char *smref_spell_code(const smref_field_info *field, const smref_code_info *code,
                             char out[SMREF_WORDS_ROOM]);
const char *smref_spell_field_kind(smref_field_kind kind);   /* "uint" "flag" "address" ... */
const char *smref_spell_layout_kind(smref_layout_kind kind); /* "structure" "descriptor" ... */

/* Bits that have a name of their own: neither reserved nor unnamed IMPLEMENTATION DEFINED ones. */
bool smref_field_is_named(const smref_field_info *field);
/* Whether an earlier field has the name: variants may repeat it, at the same bits. */
bool smref_field_repeats(const smref_field_info *fields, unsigned index);
/* The code of a value, or NULL. A code that is bounded to versions counts only in them (0: in any). */
const smref_code_info *smref_code_of(const smref_field_info *field, uint64_t value, unsigned arch);

/*
 * One clause of "RES0 if A; IGNORED if B; RW", as the tables keep states, access and reset. `*text` moves on
 * to the next. False at the end. `when_length` is 0 when the clause has no condition.
 */
typedef struct smref_clause {
    const char *is, *when;
    size_t is_length, when_length;
} smref_clause;
bool smref_next_clause(const char **text, smref_clause *out);

#endif
