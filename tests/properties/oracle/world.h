/*
 * A random world: an SMMU with one stream, and a memory that holds whatever is read from it. Each word
 * follows from its address and the seed; most are well-formed descriptors with small enough addresses, so
 * that walks go deep.
 */
#ifndef WORLD_H
#define WORLD_H

#include "oracle.h"
#include "promises.h"
#include "smref.h"

struct random {
    uint64_t state;
};

uint64_t random_next(struct random *r);
/* 0 to count - 1. */
unsigned random_below(struct random *r, unsigned count);
bool random_one_in(struct random *r, unsigned n);

struct world {
    uint64_t seed;
    uint64_t ste[8], cd[8];
    uint64_t address_mask;
    bool ds, low_is_address, big_endian;
    bool aborts;
    enum oracle_space cd_read;   /* where the CD was read last */
    struct oracle_stream stream; /* what the oracle is told */
    int arch;                    /* minor version */
    unsigned nscfg;              /* as it counts */
    unsigned privcfg, instcfg;   /* STE overrides as stored */
    struct written written;      /* by the SMMU since the count was cleared */
};

enum world_kind { WORLD_STAGE1, WORLD_STAGE2, WORLD_NESTED, WORLD_BYPASS };

/* Draws a world, of a stream of `state`, and puts the instance, whose memory must be that of `w`, into its
 * state. */
void world_make(struct world *w, struct random *r, enum world_kind kind, enum oracle_space state,
                smref *smmu);
/* The word at an address of a space, as the SMMU's memory holds it. False: the read aborts. */
bool world_read(void *context, enum oracle_space space, uint64_t address, uint64_t *word);
/* An access that mostly lies in the input range. */
smref_access world_access(const struct world *w, struct random *r);
/* The same access as the oracle takes it: after the STE's overrides (IHI 0070 5.2, 13.1.2). */
struct oracle_request world_request(const struct world *w, const smref_access *access);
smref_memory world_memory(struct world *w);

#endif
