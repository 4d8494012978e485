/* What command_queue.c and commands.c share: the queue whose commands are consumed. */
#ifndef SMREF_COMMAND_QUEUE_H
#define SMREF_COMMAND_QUEUE_H

#include "registers.h"

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
    bool rehearsal; /* nothing outside the SMMU changes */
};

static inline bool smref_has_decided(const struct txn *t, smref_rule rule)
{
    for (unsigned i = 0; i < t->out->rule_count; i++)
        if (t->out->rules[i] == rule)
            return true;
    return false;
}

/* A rule that many commands of a queue may meet is named once, and explained with each of them. */
static inline void smref_decide_once(struct txn *t, smref_rule rule)
{
    if (!smref_has_decided(t, rule))
        decide(t, rule);
    else if (t->smmu->trace)
        smref_trace_rule(t, rule);
}

/* 7.5: the errors of a bank that are active. */
static inline uint64_t smref_active_errors(const struct txn *t, smref_sec_sid bank)
{
    return bank_value(t, SMREF_FAMILY_GERROR, bank) ^ bank_value(t, SMREF_FAMILY_GERRORN, bank);
}

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
