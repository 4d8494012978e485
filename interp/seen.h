/* A set of things that were seen before, each named by four words. */
#ifndef SMREF_SEEN_H
#define SMREF_SEEN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct smref_seen smref_seen;

/* True the first time. *seen is NULL at first. */
bool smref_seen_add(smref_seen **seen, const uint64_t key[4]);
void smref_seen_free(smref_seen *seen);

#endif
