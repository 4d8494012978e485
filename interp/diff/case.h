/*
 * A case of a differential test: a program of steps that software and devices carry out on an SMMU that was
 * just reset, in memory that is all zero. The steps are those of a snapshot (interp/FORMATS.md section 1):
 * stores and loads, register reads and writes, accesses by devices. Everything that is to be compared is a
 * step: what a load, a register read or an access gives.
 */
#ifndef SMREF_CASE_H
#define SMREF_CASE_H

#include <jansson.h>

#include "implementation.h"
#include "stepper.h"

#define SMREF_CASE_STEPS 1024 /* generated cases have far fewer; those out of files may need them */
#define SMREF_CASE_BYTES 262144
#define SMREF_CASE_LOAD 64 /* bytes that one step loads at most */
#define SMREF_CASE_NO_INDEX UINT64_MAX

typedef struct smref_case {
    uint64_t index;   /* that it was generated from; SMREF_CASE_NO_INDEX: out of a file */
    const char *kind; /* static text: "translation", "registers", "commands", ...; of a file its kind */
    size_t count;
    smref_stimulus steps[SMREF_CASE_STEPS];
    smref_layout layouts[SMREF_CASE_STEPS]; /* of a store: what is stored; SMREF_LAYOUT_COUNT: just words */
    size_t used;
    uint8_t bytes[SMREF_CASE_BYTES]; /* of the stores */
    bool full;                       /* a step did not fit: the case is good for nothing */
} smref_case;

void smref_case_clear(smref_case *c, uint64_t index, const char *kind);
/* A copy whose stores have their own bytes. */
void smref_case_copy(smref_case *to, const smref_case *from);

/* Steps at the end. `layout` is SMREF_LAYOUT_COUNT for plain words. */
void smref_case_store(smref_case *c, smref_pas pas, uint64_t at, const uint64_t *words, size_t count,
                      smref_layout layout);
void smref_case_store_bytes(smref_case *c, smref_pas pas, uint64_t at, const void *bytes, size_t size);
/* At most SMREF_CASE_LOAD bytes. */
void smref_case_load(smref_case *c, smref_pas pas, uint64_t at, size_t size);
void smref_case_access(smref_case *c, const smref_access *access);
/* The whole register, by software of the space `pas`. */
void smref_case_write(smref_case *c, smref_pas pas, smref_register reg, uint64_t value);
void smref_case_read(smref_case *c, smref_pas pas, smref_register reg);
/* Any access of software to a page of registers; one that a snapshot could not spell, to a place of a page
 * outside the register map where no register starts, is left out. */
void smref_case_mmio(smref_case *c, const smref_mmio *mmio);
/* A step of another case, or of a snapshot. */
void smref_case_append(smref_case *c, const smref_stimulus *step, smref_layout layout);
/* Whether a store before the step put a structure (one whose layout is known) anywhere into these bytes. */
bool smref_case_structure_at(const smref_case *c, size_t step, smref_pas pas, uint64_t at, size_t size);
/* Whether the case stores to these bytes or loads from them, in any step. */
bool smref_case_uses(const smref_case *c, smref_pas pas, uint64_t at, size_t size);
/* Whether anything is translated. */
bool smref_case_translates(const smref_case *c);
/* Takes the step out. */
void smref_case_remove(smref_case *c, size_t step);

/*
 * As a snapshot (smref-snapshot): the profile and the memory of the implementation, and the steps; stores
 * that come before everything else become `memory`, as structures where the layout is known. `smref run`
 * gives for it what the model says. A new reference.
 */
json_t *smref_case_snapshot(const smref_case *c, const smref_implementation *implementation,
                            const char *description);
/* A snapshot out of a file; the patch and the steps of a vector (NULL: none, and those of the snapshot). */
typedef struct smref_case_origin {
    const smref_snapshot *snapshot;
    const smref_patch *patch;
    const smref_stimuli *steps;
} smref_case_origin;

/*
 * The other way: a snapshot as a program. Its memory becomes stores; its registers are written by software
 * before its steps; its ID registers are those of the implementation. False: it cannot be a case there
 * (larger than a case, memory outside the windows, ...); `why` says what.
 */
bool smref_case_from_snapshot(smref_case *c, const smref_implementation *implementation,
                              const smref_case_origin *origin, const char *kind, char why[200]);

#endif
