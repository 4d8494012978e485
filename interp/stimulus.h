/* One step of a snapshot or a vector: what is done to the SMMU. */
#ifndef SMREF_STIMULUS_H
#define SMREF_STIMULUS_H

#include "regions.h"
#include "registers.h"

typedef enum smref_op {
    SMREF_OP_ACCESS,
    SMREF_OP_STORE,
    SMREF_OP_LOAD,
    SMREF_OP_IDENTIFY, /* are the ID registers those of an implementation that may exist? */
    SMREF_OP_MMIO_READ,
    SMREF_OP_MMIO_WRITE,
    SMREF_OP_RESET,
} smref_op;

typedef struct smref_stimulus {
    smref_op op;
    smref_access access;      /* SMREF_OP_ACCESS */
    bool by_t, t, xt;         /* ... whose Security state and NS come from the PCIe bits T and XT (3.9.4) */
    smref_mmio mmio;          /* SMREF_OP_MMIO_READ, SMREF_OP_MMIO_WRITE */
    smref_register_ref named; /* ... whose place the implementation tells; else `reg` is SMREF_REG_COUNT */
    smref_pas pas;            /* SMREF_OP_STORE, SMREF_OP_LOAD */
    uint64_t at;
    size_t size;             /* bytes, 1 or more */
    const uint8_t *bytes;    /* SMREF_OP_STORE */
    const smref_jnode *node; /* NULL when it came from the command line */
} smref_stimulus;

typedef struct smref_stimuli {
    smref_stimulus *list;
    size_t count;
    struct smref_owned *owned; /* private */
} smref_stimuli;

const char *smref_spell_op(smref_op op); /* "access" "store" "load" "identify" "mmio_read" ... */

/*
 * Reads an array of steps (NULL: none). Stores and loads must lie in `memory` or `patch` (which may be NULL).
 * Ops that the formats have and the model lacks are refused as `not modelled`. On false nothing needs
 * freeing.
 */
bool smref_stimuli_read(const smref_jdoc *doc, const smref_jnode *array, const smref_regions *memory,
                        const smref_regions *patch, smref_stimuli *out, smref_jerror *error);
void smref_stimuli_free(smref_stimuli *stimuli);

/* An access with every default: one byte read by Non-secure StreamID 0 at address 0, unprivileged, data. */
smref_stimulus smref_stimulus_access(void);
/* Why an access cannot be made (its size, or the 4 KB boundary that it crosses), or NULL. */
const char *smref_access_refused(const smref_access *access);

#endif
