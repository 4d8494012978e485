/* What the judge of fuzz_isolation knows of registers, from their names alone. */
#ifndef ISOLATION_FACTS_H
#define ISOLATION_FACTS_H

#include "isolation.h"

struct isolation_facts {
    uint8_t bank[SMREF_REG_COUNT];                                    /* NO_BANK: Root */
    unsigned prod[BANKS], cons[BANKS], base[BANKS];                   /* Enhanced Command queues */
    unsigned queue_prod[BANKS], queue_cons[BANKS], queue_base[BANKS]; /* Command queues */
};
extern struct isolation_facts isolation_facts;
extern const smref_pas isolation_spaces[BANKS]; /* where the structures of each bank are (3.10) */

/* Before the others are asked; again costs nothing. */
void isolation_learn(void);
/* The register of a family in a bank; SMREF_REG_COUNT: there is none. */
unsigned isolation_register(const char *family, unsigned bank);

#endif
