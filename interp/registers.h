/*
 * Registers as the formats name them: by architectural name, by offset in the register map, the upper half of
 * a 64-bit register by its own offset, an element of an array by its number.
 */
#ifndef SMREF_REGISTERS_H
#define SMREF_REGISTERS_H

#include "located.h"
#include "smref.h"

/* Where a value goes. */
typedef struct smref_register_ref {
    unsigned reg;     /* smref_register; SMREF_REG_COUNT: a reserved offset, which can hold only zero */
    unsigned element; /* of an array, else 0 */
    bool upper;       /* bits 63:32 alone */
} smref_register_ref;

/* The value of an element of an array, but not of element 0. */
typedef struct smref_register_element {
    unsigned reg, element;
    uint64_t value;
    uint8_t given; /* SMREF_GIVEN_... */
} smref_register_element;

/* Values by register: what a profile or a snapshot says about each. Zeroed, it says nothing. */
typedef struct smref_register_set {
    uint64_t value[SMREF_REG_COUNT]; /* of arrays, those of element 0 */
    uint8_t given[SMREF_REG_COUNT];  /* SMREF_GIVEN_...; 0: nothing is said */
    smref_register_element *elements;
    size_t element_count;
} smref_register_set;

enum { SMREF_GIVEN = 1, SMREF_GIVEN_UPPER = 2 }; /* the register, or its lower half; its upper half alone */

/* "SMMU_CR0", "SMMU_CMDQ_CONTROL_PAGE_BASE3" or "0x20". False when there is no such register. */
bool smref_register_named(const char *name, smref_register_ref *out);
/* The register of which an offset in the register map is a part. */
bool smref_register_placed(uint32_t offset, smref_register_ref *out);
/* The nearest name of a register, or NULL. */
const char *smref_register_nearest(const char *name);
/* Whether the register has a place in the register map, so that an offset names it. */
bool smref_register_mapped(unsigned reg);
/* The architectural name, with the element's number. Returns `out`. */
#define SMREF_REGISTER_ROOM 64
const char *smref_register_spelled(const smref_register_ref *ref, char out[SMREF_REGISTER_ROOM]);
/* An order: by offset in the register map; what has no place there comes last. */
int smref_register_compare(unsigned a, unsigned b);

/* The set says nothing any more. */
void smref_registers_clear(smref_register_set *set);
/* Reads an object of registers into a set; naming one twice is an error. */
bool smref_registers_read(const smref_jdoc *doc, const smref_jnode *object, smref_register_set *set,
                          smref_jerror *error);
/* Sets one register of the set. `text` is "NAME=VALUE" (of --set); on false `why` says what is wrong. */
bool smref_registers_assign(smref_register_set *set, const char *text, char why[200]);
/*
 * Whether the implementation has what the set gives: a register of a Secure, Realm or Root bank that is not
 * there can only be zero. On false *error names the place in `object`, out of which the set was read.
 */
bool smref_registers_exist(const smref_jdoc *doc, const smref_jnode *object, const smref_register_set *set,
                           const smref *smmu, smref_jerror *error);
/* {"NAME":"0x…",…} of what is given. `below` (may be NULL) tells the lower halves of registers whose upper
 * halves alone are given. */
json_t *smref_registers_json(const smref_register_set *set, const smref_register_set *below);
/* Says the value of a register. */
void smref_registers_add(smref_register_set *set, const smref_register_ref *ref, uint64_t value);
/* Puts them into the instance: by rising offset, so that SMMU_CR0ACK comes after SMMU_CR0. False: an element
 * of an array cannot have that value. */
bool smref_registers_deposit(const smref_register_set *set, smref *smmu, smref_error *error);

#endif
