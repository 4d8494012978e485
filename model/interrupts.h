/* Global errors and interrupts, for the chapters in which they arise: event.c, command_queue.c, commands.c,
 * protocols.c. What is to be seen when the interrupt is seen is done before it is triggered (3.18). */
#ifndef SMREF_INTERRUPTS_H
#define SMREF_INTERRUPTS_H

#include "registers.h"

/* 7.5: the errors of a bank that are active. */
static inline uint64_t smref_active_errors(const struct txn *t, smref_sec_sid bank)
{
    return bank_value(t, SMREF_FAMILY_GERROR, bank) ^ bank_value(t, SMREF_FAMILY_GERRORN, bank);
}

/* Whether one of them, as the field in GERROR, has the effect of an active error: of one that only software
 * made differ from GERRORN that is open (6.3.20). */
bool smref_error_in_effect(struct txn *t, smref_sec_sid bank, uint64_t error);
/* Whether the SMMU is in Service failure mode (12.3). */
bool smref_in_service_failure(struct txn *t);
/* Which bits of the address in a queue's base register do not count: below the size, above the OAS. */
void smref_tell_queue_base(struct txn *t, uint64_t written, uint64_t base);
/* An error, as the field in GERROR: it becomes active unless it is, and the GERROR interrupt is triggered. */
void smref_activate_error(struct txn *t, smref_sec_sid bank, uint64_t error);
/* Triggers the interrupt of a source that IRQ_CTRL enables. */
void smref_trigger(struct txn *t, smref_sec_sid bank, smref_source source);
/* The MSI of such a source, if it is enabled and sends one. */
bool smref_message_of(struct txn *t, smref_sec_sid bank, smref_source source, smref_effect *message);
enum sending { SENT, SENDING_ABORTED, SENDING_FORBIDDEN };
/* Writes an MSI. SENDING_FORBIDDEN: by granule protection, which always shows (3.25.6). */
enum sending smref_send(struct txn *t, const smref_effect *message);
/* 3.18: without MSIs there are wired interrupts (rule `alone`), with them there may be (`too`). */
void smref_assert_wire(struct txn *t, smref_sec_sid bank, smref_source source, smref_rule alone,
                       smref_rule too);
/* An effect goes into the result. */
void smref_record_effect(struct txn *t, const smref_effect *effect);

#endif
