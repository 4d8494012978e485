/* What command_queue.c and commands.c share: the queue whose commands are consumed. */
#ifndef SMREF_COMMAND_QUEUE_H
#define SMREF_COMMAND_QUEUE_H

#include "interrupts.h"

#define COMMAND_WORDS 2
#define COMMAND_BITS 4 /* log2 of the size of an entry (4.1.1) */

/* Indexes are kept here between commands, and written to the registers as they change. */
struct command_queue {
    smref_sec_sid bank;
    smref_pas pas; /* of the queue and, as a rule, of MSIs */
    smref_register prod, cons;
    bool enhanced; /* an Enhanced Command queue (3.5.6) */
    uint64_t base, rd, wr;
    unsigned log2size;
};

/* ---- commands.c ------------------------------------------------------------------------------------ */

/* The first command of an opcode; the others are forms of it. */
bool smref_command_layout(unsigned opcode, smref_layout *layout);
/* 4.1.3: whether the command can be consumed; if not, the rule that says so has decided. */
bool smref_command_legal(struct txn *t, const struct command_queue *q, const uint64_t *words,
                         unsigned opcode);
void smref_perform_command(struct txn *t, const struct command_queue *q, const uint64_t *words,
                           unsigned opcode);
/* A WFE wake-up event to the PEs. */
void smref_wake(struct txn *t, const struct command_queue *q, smref_rule rule);

#endif
