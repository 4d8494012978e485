/* What registers.c, protocols.c and commands.c share. */
#ifndef SMREF_REGISTERS_H
#define SMREF_REGISTERS_H

#include "smref_access.h"
#include "state.h"

/* What an offset means. */
struct target {
    smref_register reg;
    unsigned element; /* of an array */
    bool upper;       /* bits 63:32 */
};

/* What conditions of a register are evaluated in, for an access from a physical address space. */
smref_env smref_env_of_register(const struct txn *t, smref_register reg, smref_pas pas);

/* protocols.c: the register gets the value, and what this sets off happens (6.3.9, 6.3.14, 6.3.20, ...). */
void smref_protocol_write(struct txn *t, smref_register reg, uint64_t value);
/* What a read of a queue index shows (6.3.27, 6.3.28); other registers pass. */
uint64_t smref_queue_index_read(struct txn *t, smref_register reg, uint64_t value);

/* commands.c: the Non-secure Command queue of 2^log2size entries is enabled and not empty (4.1.2). */
void smref_consume_commands(struct txn *t, unsigned log2size);

#endif
