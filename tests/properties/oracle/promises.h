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

#endif
