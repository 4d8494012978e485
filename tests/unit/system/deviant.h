/*
 * A target for tests of differential testing: the model itself, but for one wrong answer. And a case in which
 * a device reads and writes pages that may only be read.
 */
#ifndef DEVIANT_H
#define DEVIANT_H

#include "target.h"

struct deviant {
    smref_target target;
    /* Changes what the model says of a step, or ends the target: then it returns why. */
    const char *(*wrong)(const smref_stimulus *step, smref_sight *sight);
    const smref_case *c;
    const smref_prediction *predicted;
    unsigned runs;
    bool shy; /* shows of an access whether it was translated, of registers what is read, and memory */
};

/* An SMMU of version 3.4 with all there is, 16 MB of memory, and a device that can do anything. `wrong` may
 * be NULL. */
void deviant_new(struct deviant *d, const char *(*wrong)(const smref_stimulus *step, smref_sight *sight));
void deviant_free(struct deviant *d);

#define DEVIANT_SID 8
#define DEVIANT_READ_ONLY UINT64_C(0x40001000)

/*
 * Stage 1 for DEVIANT_SID, with more fields, structures and steps than it needs: a read and a write of
 * DEVIANT_READ_ONLY, which stage 1 lets only be read; then SMMU_EVENTQ_PROD is read, and two records loaded.
 */
void deviant_case(smref_case *c);

#endif
