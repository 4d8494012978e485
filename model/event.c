/*
 * What becomes of an access that failed (5.5, 3.12), and the record of it in the Event queue (7.2 to 7.4).
 */
#include "granule.h"
#include "interrupts.h"

/* The four faults that A, R and S steer (5.5). */
static bool translation_related(const struct fault *f)
{
    return f->type == SMREF_F_TRANSLATION || f->type == SMREF_F_ADDR_SIZE || f->type == SMREF_F_ACCESS ||
           f->type == SMREF_F_PERMISSION;
}

/* 7.3.13: only a stage 2 fault has an IPA. */
static uint64_t reported_ipa(struct txn *t)
{
    const struct fault *f = &t->fault;
    bool related = (translation_related(f) || f->type == SMREF_F_TLB_CONFLICT) && f->s2;
    if (related && f->ipa & ~t->oas_mask) {
        decide(t, SMREF_RULE_EVENT_IPA_ABOVE_OAS);
        if (smref_choose(t, SMREF_CHOICE_IPA_ABOVE_OAS) == SMREF_CHOICE_IPA_ABOVE_OAS_whole)
            return f->ipa;
    }
    return related ? f->ipa & t->oas_mask : 0;
}

static void encode(struct txn *t, smref_event *event)
{
    const struct fault *f = &t->fault;
    struct smref_event_fields fields = {
        .SSV = t->in->ssv,
        .SubstreamID = t->in->ssv ? t->in->ssid : 0,
        .StreamID = t->in->sid,
        .InputAddr = t->in->addr,
        .RnW = !t->write || f->rnw_forced,
        .PnU = t->priv,
        .InD = t->inst,
        .S2 = f->s2,
        .NSIPA = f->s2 && f->nsipa,
        .CLASS = f->class_of,
        .TTRnW = f->class_of == CLASS_TT,
        .IPA = reported_ipa(t),
        .FetchAddr = f->fetch_address & t->oas_mask,
        .GPCF = f->granule.kind != GRANULE_NONE && smref_SMMU_IDR0_RME_IMPL(t->reg[SMREF_REG_SMMU_IDR0]),
    };
    event->bank = t->in->sec_sid;
    event->type = f->type;
    smref_event_encode(f->type, &fields, event->words);
    smref_env e = smref_env_of(t->smmu, t->in->sec_sid);
    e.self = event->words;
    e.ctx_format = f->format;
    smref_event_unknown(&e, f->type, event->unknown);
}

/* The Event queue of a bank: geometry and indexes, wrap flags included (3.5.1). */
struct queue {
    smref_sec_sid bank;
    smref_pas pas;
    uint64_t base, wr, rd;
    unsigned log2size;
};

/* 7.4: one toggle per overflow; while it is not acknowledged a further one leaves no mark. */
static smref_lost overflow(struct txn *t, const struct queue *q)
{
    uint64_t *prod = &t->smmu->reg[bank_register(SMREF_FAMILY_EVENTQ_PROD, q->bank)];
    bool flag = smref_SMMU_EVENTQ_PROD_OVFLG(*prod);
    decide(t, SMREF_RULE_EVENTQ_FULL);
    if (flag != smref_SMMU_EVENTQ_CONS_OVACKFLG(bank_value(t, SMREF_FAMILY_EVENTQ_CONS, q->bank))) {
        decide(t, SMREF_RULE_EVENTQ_OVERFLOW_PRESENT);
    } else {
        decide(t, SMREF_RULE_EVENTQ_OVERFLOW);
        *prod = smref_SMMU_EVENTQ_PROD_with_OVFLG(*prod, !flag);
    }
    return SMREF_LOST_FULL;
}

static struct queue event_queue(struct txn *t, smref_sec_sid bank)
{
    uint64_t base = bank_value(t, SMREF_FAMILY_EVENTQ_BASE, bank);
    unsigned log2size = (unsigned)smref_SMMU_EVENTQ_BASE_LOG2SIZE(base);
    unsigned most = (unsigned)smref_SMMU_IDR1_EVENTQS(t->reg[SMREF_REG_SMMU_IDR1]);
    if (log2size > most)
        log2size = most; /* 6.3.29 */
    if (log2size > 19)
        log2size = 19; /* 3.5.1: no queue has more than 2^19 entries */
    uint64_t index = mask(log2size + 1);
    /* 6.3.29: the base is aligned to the queue; 3.4.3: beyond the output address size it is truncated. */
    return (struct queue){
        .bank = bank,
        .pas = space_of(bank),
        .base = smref_SMMU_EVENTQ_BASE_ADDR_address(base) & ~mask(log2size + 5) & t->oas_mask,
        .wr = smref_SMMU_EVENTQ_PROD_WR(bank_value(t, SMREF_FAMILY_EVENTQ_PROD, bank)) & index,
        .rd = smref_SMMU_EVENTQ_CONS_RD(bank_value(t, SMREF_FAMILY_EVENTQ_CONS, bank)) & index,
        .log2size = log2size};
}

static bool full(const struct queue *q)
{
    return (q->wr ^ q->rd) == UINT64_C(1) << q->log2size;
}

/* 3.5.1: more entries than the queue has. SMREF_LOST_NOT: it produces nevertheless. */
static smref_lost inconsistent(struct txn *t, const struct queue *q)
{
    decide(t, SMREF_RULE_EVENTQ_INDEXES_INCONSISTENT);
    switch (smref_choose(t, SMREF_CHOICE_EVENTQ_INCONSISTENT)) {
    case SMREF_CHOICE_EVENTQ_INCONSISTENT_full:
        return overflow(t, q);
    case SMREF_CHOICE_EVENTQ_INCONSISTENT_silent:
        return SMREF_LOST_INCONSISTENT;
    default:
        return SMREF_LOST_NOT;
    }
}

/* Why the queue is not writable (7.2.1), or SMREF_LOST_NOT. */
static smref_lost unwritable(struct txn *t, const struct queue *q)
{
    smref_show_register(t, bank_register(SMREF_FAMILY_CR0ACK, q->bank), "EVENTQEN");
    if (!smref_SMMU_CR0ACK_EVENTQEN(bank_value(t, SMREF_FAMILY_CR0ACK, q->bank))) {
        decide(t, SMREF_RULE_EVENTQ_DISABLED);
        return SMREF_LOST_DISABLED;
    }
    smref_show_register(t, bank_register(SMREF_FAMILY_EVENTQ_BASE, q->bank), NULL);
    smref_show_register(t, bank_register(SMREF_FAMILY_EVENTQ_PROD, q->bank), NULL);
    smref_show_register(t, bank_register(SMREF_FAMILY_EVENTQ_CONS, q->bank), NULL);
    if (smref_error_in_effect(t, q->bank, smref_SMMU_GERROR_with_EVENTQ_ABT_ERR(0, 1))) {
        decide(t, SMREF_RULE_EVENTQ_ERROR_ACTIVE);
        if (full(q)) {
            decide(t, SMREF_RULE_EVENTQ_FULL_IN_ERROR);
            if (smref_choose(t, SMREF_CHOICE_EVENTQ_FULL_IN_ERROR) ==
                SMREF_CHOICE_EVENTQ_FULL_IN_ERROR_overflow)
                return overflow(t, q);
        }
        return SMREF_LOST_ERROR;
    }
    if (smref_queue_index_is_open(t, bank_register(SMREF_FAMILY_EVENTQ_PROD, q->bank))) {
        t->not_modelled = "a record for a queue that was made larger after its indexes were written (6.3.95)";
        return SMREF_LOST_ERROR;
    }
    if (full(q))
        return overflow(t, q);
    bool fits = ((q->wr - q->rd) & mask(q->log2size + 1)) <= UINT64_C(1) << q->log2size;
    return fits ? SMREF_LOST_NOT : inconsistent(t, q);
}

/* 3.5.2, 3.18: the entry is visible, and then the interrupt of a queue that was empty. */
static void advance(struct txn *t, const struct queue *q)
{
    uint64_t *prod = &t->smmu->reg[bank_register(SMREF_FAMILY_EVENTQ_PROD, q->bank)];
    *prod = smref_SMMU_EVENTQ_PROD_with_WR(*prod, (q->wr + 1) & mask(q->log2size + 1));
    if (q->wr == q->rd)
        smref_trigger(t, q->bank, SMREF_SOURCE_EVENTQ);
}

/* 7.2.2: whether PROD covers the entry, and whether anyone hears of it. The SMMU itself knows of an access
 * that granule protection forbade (3.25.3, 3.25.6). */
static smref_lost write_aborted(struct txn *t, const struct queue *q, bool forbidden)
{
    decide(t, SMREF_RULE_EVENTQ_WRITE_ABORT);
    unsigned option = smref_choose(t, SMREF_CHOICE_EVENTQ_WRITE_ABORT);
    if (option != SMREF_CHOICE_EVENTQ_WRITE_ABORT_synchronous)
        advance(t, q);
    if (option != SMREF_CHOICE_EVENTQ_WRITE_ABORT_unreported || forbidden)
        smref_activate_error(t, q->bank, smref_SMMU_GERROR_with_EVENTQ_ABT_ERR(0, 1));
    return SMREF_LOST_ABORTED;
}

/* Appends the record to the queue of the bank if that is writable. */
static smref_lost enqueue(struct txn *t, smref_sec_sid bank, const uint64_t *words)
{
    const smref_memory *m = &t->smmu->memory;
    struct queue q = event_queue(t, bank);
    smref_lost lost = unwritable(t, &q);
    if (lost != SMREF_LOST_NOT)
        return lost;
    uint64_t base = smref_SMMU_EVENTQ_BASE_ADDR_address(bank_value(t, SMREF_FAMILY_EVENTQ_BASE, bank));
    uint64_t address = q.base + (q.wr & mask(q.log2size)) * SMREF_F_TRANSLATION_BYTES;
    smref_tell_queue_base(t, base, q.base);
    bool permitted = smref_may_access(t, q.pas, address, SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_EVENTQ_GPF);
    bool written = permitted && m->write(m->context, q.pas, address, 4, words) == SMREF_MEM_OK;
    if (t->smmu->trace)
        smref_trace_access(t, SMREF_STEP_WRITE, SMREF_LAYOUT_F_TRANSLATION, q.pas, address, 4,
                           written ? words : NULL);
    if (!written)
        return write_aborted(t, &q, !permitted);
    decide(t, SMREF_RULE_EVENTQ_WRITTEN);
    advance(t, &q);
    return SMREF_LOST_NOT;
}

/* A, R and S of the stage that found the fault (5.5); stage 2 has an implied A. False: nothing to record. */
static bool steered(struct txn *t)
{
    const struct fault *f = &t->fault;
    bool stalls = f->s2 ? t->stream->s2s : t->context->s;
    bool recorded = f->s2 ? t->stream->s2r : t->context->r;
    if (stalls) {
        t->not_modelled = "the stall of a faulting access (CD.S or STE.S2S is 1)";
        return false;
    }
    if (f->s2) {
        decide(t, SMREF_RULE_S2_FAULT_ABORT);
    } else if (t->context->a) {
        decide(t, SMREF_RULE_S1_FAULT_ABORT);
    } else {
        decide(t, SMREF_RULE_S1_FAULT_RAZ_WI);
        t->out->outcome = SMREF_OUTCOME_RAZ_WI;
    }
    if (!recorded)
        decide(t, f->s2 ? SMREF_RULE_S2_FAULT_SUPPRESSED : SMREF_RULE_S1_FAULT_SUPPRESSED);
    return recorded;
}

void smref_conclude_fault(struct txn *t)
{
    const struct fault *f = &t->fault;
    t->phase = SMREF_PHASE_FAULT;
    t->stage = t->level = 0;
    t->out->outcome = SMREF_OUTCOME_ABORT;
    smref_record_fetch_fault(t);
    if (f->silent)
        return;
    if (f->bypass)
        decide(t, SMREF_RULE_BYPASS_FAULT_ABORTS);
    else if (!translation_related(f))
        decide(t, SMREF_RULE_CONFIGURATION_FAULT_ABORTS);
    else if (!steered(t))
        return;
    encode(t, &t->out->event);
    t->out->event_valid = true;
    t->out->event.lost = enqueue(t, t->out->event.bank, t->out->event.words);
}
