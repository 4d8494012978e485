/*
 * What model/smref.h and the specification promise of every result, whatever the state and the access were.
 */
#ifndef PROMISES_H
#define PROMISES_H

#include "smref.h"

/* What was written through the memory interface during the access. */
struct written {
    unsigned count; /* of calls */
    uint64_t address, words[4];
};

/* The promise that the result breaks, or NULL. */
const char *broken_promise(const smref *smmu, const smref_access *access, const smref_result *result,
                           const struct written *written);

/* The same of an access by software to a register; `before` holds the registers as they were. */
const char *broken_register_promise(const smref *smmu, const uint64_t *before, const smref_mmio *access,
                                    const smref_result *result, const struct written *written);

#endif
