/* What the files about commands share: the queue whose commands are consumed. */
#ifndef SMREF_COMMAND_QUEUE_H
#define SMREF_COMMAND_QUEUE_H

#include "interrupts.h"

#define COMMAND_WORDS 2
#define COMMAND_BITS 4 /* log2 of the size of an entry (4.1.1) */

/* A word of a command that is fetched as something else than memory holds. */
struct altered_command {
    uint64_t at;
    uint32_t value;
};
#define ALTERED_COMMANDS 8

/* Indexes are kept here between commands, and written to the registers as they change. */
struct command_queue {
    smref_sec_sid bank;
    smref_pas pas; /* of the queue and, as a rule, of MSIs */
    smref_register prod, cons;
    bool enhanced;   /* an Enhanced Command queue (3.5.6) ... */
    bool unreported; /* ... whose errors are not told, for ERRACK is wrong (3.5.6.3) */
    uint64_t base, rd, wr;
    unsigned log2size;
    bool awaits;    /* an endpoint was asked for an invalidation, and no CMD_SYNC has waited for it */
    uint8_t *state; /* SMREF_QUEUE_..., in the SMMU */
    struct altered_command altered[ALTERED_COMMANDS];
    unsigned altered_count;
};

/* ---- commands.c ------------------------------------------------------------------------------------ */

/* The first command of an opcode; the others are forms of it. */
bool smref_command_layout(unsigned opcode, smref_layout *layout);
/* 4.1.3: whether the command can be consumed; if not, the rule that says so has decided. */
bool smref_command_legal(struct txn *t, const struct command_queue *q, const uint64_t *words,
                         unsigned opcode);
void smref_perform_command(struct txn *t, struct command_queue *q, const uint64_t *words, unsigned opcode);
/* A WFE wake-up event to the PEs. */
void smref_wake(struct txn *t, const struct command_queue *q, smref_rule rule);

/* ---- command_queue.c ------------------------------------------------------------------------------- */

/* The queue is disabled. */
void smref_end_halt(struct txn *t, smref_register prod);
/* Commands of the Enhanced Command queue behind a write index, which is enabled. */
void smref_consume_enhanced(struct txn *t, smref_register prod, bool unreported);

/* ---- endpoints.c ----------------------------------------------------------------------------------- */

/* CMD_ATC_INV and CMD_PRI_RESP. */
void smref_invalidate_endpoint(struct txn *t, struct command_queue *q, const uint64_t *words);
void smref_respond_to_endpoint(struct txn *t, const struct command_queue *q, const uint64_t *words);

/* A CMD_SYNC waits for invalidations by endpoints (4.7.3). */
typedef enum smref_awaiting {
    SMREF_AWAITING_OVER,
    SMREF_AWAITING_FAILED, /* CERROR_ATC_INV_SYNC */
    SMREF_AWAITING_STILL,  /* it does not complete */
} smref_awaiting;
smref_awaiting smref_await_endpoints(struct txn *t, struct command_queue *q);

#endif
