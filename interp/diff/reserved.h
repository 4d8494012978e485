/*
 * Reserved bits of registers into which the software of a case wrote ones. Software must not (6.2), and what
 * a read then shows is no finding: section 6.2 has them read as zero, but they are RES0, and by the
 * definition of that (1.2, DDI 0487 glossary) an implementation may also hold what was written, bit by bit,
 * as long as it does nothing.
 */
#ifndef SMREF_RESERVED_H
#define SMREF_RESERVED_H

#include "case.h"

#define SMREF_RESERVED_PLACES 128

typedef struct smref_reserved_place {
    smref_block block;
    uint32_t page, offset; /* of 32 bits */
    uint32_t written;
} smref_reserved_place;

typedef struct smref_reserved {
    smref_reserved_place places[SMREF_RESERVED_PLACES];
    size_t count;
} smref_reserved;

/* After a write, which changed not what `result` says it ignored. */
void smref_reserved_write(smref_reserved *reserved, const smref *smmu, const smref_stimulus *step,
                          const smref_result *result);
/* Bits of what a read shows that say nothing. */
uint64_t smref_reserved_read(const smref_reserved *reserved, const smref *smmu, const smref_stimulus *step);

#endif
