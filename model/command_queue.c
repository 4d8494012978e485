/*
 * The Command queues (3.5, 4.1, 7.1): what the SMMU does when one is enabled and not empty. It fetches a
 * command, judges it, does what it asks for, and goes on to the next; an error stops it.
 */
#include "command_queue.h"

#include "granule.h"

/* 3.5.6.3: whatever CMDQP_ERR is, it has no effect on the queue. */
static void stop_enhanced(struct txn *t, const struct command_queue *q, uint64_t reason)
{
    uint64_t *cons = &t->smmu->reg[q->cons];
    if (q->unreported) {
        decide(t, SMREF_RULE_ECMDQ_STOPPED_SILENTLY);
        return;
    }
    decide(t, SMREF_RULE_ECMDQ_STOPPED);
    *cons = smref_SMMU_ECMDQ_CONS_with_ERR_REASON(*cons, reason);
    *cons = smref_SMMU_ECMDQ_CONS_with_ERR(*cons, !smref_SMMU_ECMDQ_CONS_ERR(*cons));
    smref_activate_error(t, q->bank, smref_SMMU_GERROR_with_CMDQP_ERR(0, 1));
}

/* 7.1: RD stays, ERR tells why, and CMDQ_ERR, which was not active, becomes so. The codes of errors are the
 * same in both kinds of queues. */
static void stop(struct txn *t, const struct command_queue *q, uint64_t reason)
{
    uint64_t *cons = &t->smmu->reg[q->cons];
    if (q->enhanced) {
        stop_enhanced(t, q, reason);
        return;
    }
    decide(t, SMREF_RULE_CMDQ_STOPPED);
    *cons = smref_SMMU_CMDQ_CONS_with_ERR(*cons, reason);
    smref_activate_error(t, q->bank, smref_SMMU_GERROR_with_CMDQ_ERR(0, 1));
}

static void trace_fetch(struct txn *t, const struct command_queue *q, uint64_t address, const uint64_t *words)
{
    smref_layout layout = SMREF_LAYOUT_CMD_SYNC;
    if (words)
        smref_command_layout((unsigned)smref_CMD_SYNC_OPCODE(words), &layout);
    smref_trace_command(t, q->pas, layout, address, q->rd & mask(q->log2size), words);
}

/* The command at RD; false: an external abort, or what counts as one (7.1). */
static bool fetch(struct txn *t, const struct command_queue *q, uint64_t *words)
{
    uint64_t address = q->base + ((q->rd & mask(q->log2size)) << COMMAND_BITS);
    const smref_memory *m = &t->smmu->memory;
    bool fetched = smref_may_access(t, q->pas, address, SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_CMDQ_GPF) &&
                   m->read(m->context, q->pas, address, COMMAND_WORDS, words) == SMREF_MEM_OK;
    for (unsigned i = 0; fetched && i < q->altered_count; i++) {
        uint64_t offset = q->altered[i].at - address;
        unsigned shift = offset & 4 ? 32 : 0;
        if (offset >> COMMAND_BITS)
            continue;
        words[offset / 8] &= ~((uint64_t)UINT32_MAX << shift);
        words[offset / 8] |= (uint64_t)q->altered[i].value << shift;
    }
    if (t->smmu->trace)
        trace_fetch(t, q, address, fetched ? words : NULL);
    return fetched;
}

/* A CMD_SYNC completes only with what endpoints were asked for before it. */
static bool completes(struct txn *t, struct command_queue *q)
{
    smref_awaiting awaiting = smref_await_endpoints(t, q);
    if (awaiting == SMREF_AWAITING_FAILED)
        stop(t, q, SMREF_SMMU_CMDQ_CONS_ERR_CERROR_ATC_INV_SYNC);
    return awaiting == SMREF_AWAITING_OVER;
}

/* One command, at RD. False: consumption ends here. */
static bool consume_one(struct txn *t, struct command_queue *q)
{
    uint64_t *cons = &t->smmu->reg[q->cons], words[COMMAND_WORDS];
    t->not_modelled = t->smmu->lookup_not_modelled;
    if (t->not_modelled)
        return false;
    if (!fetch(t, q, words)) {
        decide(t, SMREF_RULE_CMDQ_FETCH_ABORT);
        stop(t, q, SMREF_SMMU_CMDQ_CONS_ERR_CERROR_ABT);
        return false;
    }
    unsigned opcode = (unsigned)smref_CMD_SYNC_OPCODE(words);
    if (!smref_command_legal(t, q, words, opcode)) {
        stop(t, q, SMREF_SMMU_CMDQ_CONS_ERR_CERROR_ILL);
        return false;
    }
    if (opcode == SMREF_CMD_SYNC && !completes(t, q))
        return false;
    uint64_t next = (q->rd + 1) & mask(q->log2size + 1);
    *cons = smref_SMMU_CMDQ_CONS_with_RD(*cons, next); /* seen before a CMD_SYNC signals (3.18) */
    smref_perform_command(t, q, words, opcode);
    if (t->not_modelled)
        return false;
    q->rd = next;
    if (!smref_has_decided(t, SMREF_RULE_CMDQ_CONSUMED))
        decide(t, SMREF_RULE_CMDQ_CONSUMED);
    return true;
}

static void consume(struct txn *t, struct command_queue q)
{
    uint64_t held = (q.wr - q.rd) & mask(q.log2size + 1), size = UINT64_C(1) << q.log2size;
    if (held > size) {
        decide(t, SMREF_RULE_CMDQ_INDEXES_INCONSISTENT);
        unsigned option = smref_choose(t, SMREF_CHOICE_CMDQ_INCONSISTENT);
        if (option == SMREF_CHOICE_CMDQ_INCONSISTENT_halt && t->posted && !t->rehearsal)
            *q.state |= SMREF_QUEUE_HALTED;
        if (option != SMREF_CHOICE_CMDQ_INCONSISTENT_consume)
            return;
    }
    smref_tell_queue_base(t, smref_SMMU_CMDQ_BASE_ADDR_address(t->reg[smref_protocols[q.prod].base]), q.base);
    if (!consume_one(t, &q))
        return;
    /* Agents could see the queue full until now (4.1.2). */
    if (held == size && smref_SMMU_IDR0_SEV(t->reg[SMREF_REG_SMMU_IDR0]))
        smref_wake(t, &q, SMREF_RULE_CMDQ_NON_FULL_EVENT);
    while (q.rd != q.wr && consume_one(t, &q))
        ;
}

/* Whether all of it is modelled: found out before anything outside the SMMU changes. */
static bool rehearse(struct txn *t, struct command_queue q)
{
    smref_result *out = t->out, scratch = *out;
    void (*trace)(void *, const smref_step *) = t->smmu->trace;
    smref_register error = bank_register(SMREF_FAMILY_GERROR, q.bank);
    uint64_t cons = t->reg[q.cons], gerror = t->reg[error];
    unsigned uses = t->granule_uses;
    t->smmu->trace = NULL;
    t->out = &scratch;
    t->rehearsal = true;
    consume(t, q);
    t->rehearsal = false;
    t->granule_uses = uses;
    t->out = out;
    t->smmu->trace = trace;
    t->smmu->reg[q.cons] = cons;
    t->smmu->reg[error] = gerror;
    return !t->not_modelled;
}

/* The queue behind a write index (3.5.1). */
static struct command_queue queue_of(const struct txn *t, smref_register prod)
{
    static const smref_pas spaces[] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};
    const smref_protocol *p = &smref_protocols[prod];
    unsigned log2size = smref_queue_log2size(t, prod);
    uint64_t base = smref_SMMU_CMDQ_BASE_ADDR_address(t->reg[p->base]), index = mask(log2size + 1);
    bool enhanced = smref_register_places[prod].family == SMREF_FAMILY_ECMDQ_PROD;
    uint8_t *state = &t->smmu->queue_state[bank_of(prod)][enhanced ? 1 + t->ecmdq : 0];
    return (struct command_queue){.bank = bank_of(prod),
                                  .pas = spaces[bank_of(prod)],
                                  .prod = prod,
                                  .cons = p->peer,
                                  .enhanced = enhanced,
                                  .base = base & ~mask(log2size + COMMAND_BITS) & mask(t->smmu->oas),
                                  .rd = smref_SMMU_CMDQ_CONS_RD(t->reg[p->peer]) & index,
                                  .wr = smref_SMMU_CMDQ_PROD_WR(t->reg[prod]) & index,
                                  .log2size = log2size,
                                  .awaits = *state & SMREF_QUEUE_AWAITING,
                                  .state = state};
}

/* Where the state of a queue is kept; -1: there is no such queue. */
static int place_of(smref_register prod, unsigned element)
{
    smref_family family = smref_register_places[prod].family;
    if (family == SMREF_FAMILY_CMDQ_PROD && !element)
        return 0;
    return family == SMREF_FAMILY_ECMDQ_PROD && element < ECMDQ_COUNT ? 1 + (int)element : -1;
}

smref_status smref_set_queue_state(smref *smmu, smref_register prod, unsigned element, unsigned state,
                                   smref_error *error)
{
    int place = (unsigned)prod < SMREF_REG_COUNT ? place_of(prod, element) : -1;
    if (place < 0)
        return smref_refuse(error, SMREF_E_ARGUMENT, "register",
                            "this is not the write index of a Command queue");
    smmu->queue_state[bank_of(prod)][place] = (uint8_t)state;
    return SMREF_OK;
}

unsigned smref_get_queue_state(const smref *smmu, smref_register prod, unsigned element)
{
    int place = (unsigned)prod < SMREF_REG_COUNT ? place_of(prod, element) : -1;
    return place < 0 ? 0 : smmu->queue_state[bank_of(prod)][place];
}

/* The explanation goes as far as all of it is modelled. */
static void explain_refusal(struct txn *t, struct command_queue q)
{
    const char *lacks = t->not_modelled;
    t->not_modelled = NULL;
    t->rehearsal = true;
    consume(t, q);
    t->not_modelled = lacks;
}

/* Found out to be modelled before anything outside the SMMU changes. */
static void consume_if_modelled(struct txn *t, const struct command_queue *q)
{
    if (*q->state & SMREF_QUEUE_HALTED)
        decide(t, SMREF_RULE_CMDQ_HALTED);
    else if (rehearse(t, *q))
        consume(t, *q);
    else if (t->smmu->trace)
        explain_refusal(t, *q);
}

static void show_queue(struct txn *t, const struct command_queue *q)
{
    t->phase = SMREF_PHASE_COMMANDS;
    if (!q->enhanced)
        smref_show_register(t, bank_register(SMREF_FAMILY_CR0ACK, q->bank), "CMDQEN");
    smref_show_register(t, smref_protocols[q->prod].base, NULL);
    smref_show_register(t, q->prod, NULL);
    smref_show_register(t, q->cons, NULL);
}

void smref_end_halt(struct txn *t, smref_register prod)
{
    *queue_of(t, prod).state &= (uint8_t)~SMREF_QUEUE_HALTED;
}

void smref_consume_enhanced(struct txn *t, smref_register prod, bool unreported)
{
    struct command_queue q = queue_of(t, prod);
    q.unreported = unreported;
    if (q.rd == q.wr)
        return;
    show_queue(t, &q);
    if (smref_in_service_failure(t))
        decide(t, SMREF_RULE_SFM_QUEUES);
    else
        consume_if_modelled(t, &q);
}

void smref_consume_commands(struct txn *t, smref_register prod)
{
    struct command_queue q = queue_of(t, prod);
    bool open = smref_queue_index_is_open(t, prod);
    if (!smref_SMMU_CR0ACK_CMDQEN(bank_value(t, SMREF_FAMILY_CR0ACK, q.bank)))
        smref_end_halt(t, prod);
    if (q.rd == q.wr && !open)
        return;
    show_queue(t, &q);
    if (!smref_SMMU_CR0ACK_CMDQEN(bank_value(t, SMREF_FAMILY_CR0ACK, q.bank)))
        return;
    if (smref_in_service_failure(t)) {
        decide(t, SMREF_RULE_SFM_QUEUES);
        return;
    }
    if (smref_error_in_effect(t, q.bank, smref_SMMU_GERROR_with_CMDQ_ERR(0, 1))) {
        decide(t, SMREF_RULE_CMDQ_ERROR_ACTIVE);
        return;
    }
    uint64_t idr1 = t->reg[SMREF_REG_SMMU_IDR1];
    if (smref_SMMU_IDR1_QUEUES_PRESET(idr1) && smref_SMMU_IDR1_REL(idr1))
        t->not_modelled = "queues at addresses relative to the registers (IDR1.REL)";
    else if (open)
        t->not_modelled = "commands of a queue that was made larger after its indexes were written (6.3.27)";
    else
        consume_if_modelled(t, &q);
}

void smref_consume_posted(struct txn *t, smref_register prod)
{
    t->posted = true;
    smref_consume_commands(t, prod);
}
