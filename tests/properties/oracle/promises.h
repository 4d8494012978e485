/*
 * What model/smref.h and the specification promise of every result, whatever the state and the access were.
 */
#ifndef PROMISES_H
#define PROMISES_H

#include "smref.h"

/* What was written through the memory interface during the access: records, and words of MSIs. */
struct written {
    unsigned records, messages; /* calls */
    uint64_t address, words[4]; /* of a record */
    bool told_before;           /* an MSI was written before the record */
};

/* The promise that the result breaks, or NULL. */
const char *broken_promise(const smref *smmu, const smref_access *access, const smref_result *result,
                           const struct written *written);

/* The same of an access by software to a register; `before` holds the registers as they were. */
const char *broken_register_promise(const smref *smmu, const uint64_t *before, const smref_mmio *access,
                                    const smref_result *result, const struct written *written);

#endif
