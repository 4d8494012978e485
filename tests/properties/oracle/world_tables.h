/* What world.c and world_tables.c share. */
#ifndef WORLD_TABLES_H
#define WORLD_TABLES_H

#include "world.h"

/* What the implementation has. */
struct features {
    int arch, oas;
    bool sel2; /* Secure EL2 */
    bool ds, lva, ttst, lpae, xnx, had, e0pd, epan, overrides, types, fwb;
    /* What it chose where it may choose. */
    bool clamp, contiguous_faults, contiguous_run, low_is_address, lpae_block_faults;
};

/* Draws the CD and the tables of stage 1. `two`: the regime has two privileges. */
void world_make_cd(struct world *w, struct random *r, const struct features *f, bool two, bool lpae);
/* Draws the stage 2 fields of the STE, and its tables. Whether they are legal (5.2). */
bool world_make_stage2(struct world *w, struct random *r, const struct features *f, bool lpae);

#endif
