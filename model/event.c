/*
 * What becomes of an access that failed (5.5, 3.12), and the record of it in the Event queue (7.2 to 7.4).
 */
#include "state.h"

/* The four faults that A, R and S steer (5.5). */
static bool translation_related(const struct fault *f)
{
    return f->type == SMREF_F_TRANSLATION || f->type == SMREF_F_ADDR_SIZE || f->type == SMREF_F_ACCESS ||
           f->type == SMREF_F_PERMISSION;
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
        .CLASS = f->class_of,
        .TTRnW = f->class_of == CLASS_TT,
        /* 7.3.13: only a stage 2 fault has an IPA; bits above the output address size read as zero. */
        .IPA = f->s2 ? f->ipa & t->oas_mask : 0,
        .FetchAddr = f->fetch_address & t->oas_mask,
    };
    event->bank = t->in->sec_sid;
    event->type = f->type;
    smref_event_encode(f->type, &fields, event->words);
    smref_env e = smref_env_of(t->smmu, t->in->sec_sid);
    e.self = event->words;
    smref_event_unknown(&e, f->type, event->unknown);
}

static bool queue_error_active(const struct txn *t)
{
    uint64_t active = t->reg[SMREF_REG_SMMU_GERROR] ^ t->reg[SMREF_REG_SMMU_GERRORN];
    return smref_SMMU_GERROR_EVENTQ_ABT_ERR(active);
}

/* 7.4: one toggle per overflow; while it is not acknowledged a further one leaves no mark. */
static smref_lost overflow(struct txn *t)
{
    uint64_t *prod = &t->smmu->reg[SMREF_REG_SMMU_EVENTQ_PROD];
    bool flag = smref_SMMU_EVENTQ_PROD_OVFLG(*prod);
    decide(t, SMREF_RULE_EVENTQ_FULL);
    if (flag != smref_SMMU_EVENTQ_CONS_OVACKFLG(t->smmu->reg[SMREF_REG_SMMU_EVENTQ_CONS])) {
        decide(t, SMREF_RULE_EVENTQ_OVERFLOW_PRESENT);
    } else {
        decide(t, SMREF_RULE_EVENTQ_OVERFLOW);
        *prod = smref_SMMU_EVENTQ_PROD_with_OVFLG(*prod, !flag);
    }
    return SMREF_LOST_FULL;
}

static smref_lost write_aborted(struct txn *t)
{
    uint64_t *gerror = &t->smmu->reg[SMREF_REG_SMMU_GERROR];
    decide(t, SMREF_RULE_EVENTQ_WRITE_ABORT);
    *gerror = smref_SMMU_GERROR_with_EVENTQ_ABT_ERR(*gerror, !smref_SMMU_GERROR_EVENTQ_ABT_ERR(*gerror));
    t->out->gerror_changed = true;
    return SMREF_LOST_ABORTED;
}

/* Appends the record if the queue is writable (7.2.1). The abort of a queue write is synchronous: PROD stays.
 */
static smref_lost enqueue(struct txn *t, const uint64_t *words)
{
    smref *s = t->smmu;
    uint64_t base = s->reg[SMREF_REG_SMMU_EVENTQ_BASE];
    uint64_t *prod = &s->reg[SMREF_REG_SMMU_EVENTQ_PROD];
    unsigned log2size = (unsigned)smref_SMMU_EVENTQ_BASE_LOG2SIZE(base);
    unsigned most = (unsigned)smref_SMMU_IDR1_EVENTQS(s->reg[SMREF_REG_SMMU_IDR1]);
    if (log2size > most)
        log2size = most; /* 6.3.29 */
    if (log2size > 19)
        log2size = 19; /* 3.5.1: no queue has more than 2^19 entries */
    smref_show_register(t, SMREF_REG_SMMU_CR0ACK, "EVENTQEN");
    if (!smref_SMMU_CR0ACK_EVENTQEN(s->reg[SMREF_REG_SMMU_CR0ACK])) {
        decide(t, SMREF_RULE_EVENTQ_DISABLED);
        return SMREF_LOST_DISABLED;
    }
    if (queue_error_active(t)) {
        decide(t, SMREF_RULE_EVENTQ_ERROR_ACTIVE);
        return SMREF_LOST_ERROR;
    }
    smref_show_register(t, SMREF_REG_SMMU_EVENTQ_BASE, NULL);
    smref_show_register(t, SMREF_REG_SMMU_EVENTQ_PROD, NULL);
    smref_show_register(t, SMREF_REG_SMMU_EVENTQ_CONS, NULL);
    uint64_t wr = smref_SMMU_EVENTQ_PROD_WR(*prod) & mask(log2size + 1);
    uint64_t rd = smref_SMMU_EVENTQ_CONS_RD(s->reg[SMREF_REG_SMMU_EVENTQ_CONS]) & mask(log2size + 1);
    if ((wr ^ rd) == UINT64_C(1) << log2size)
        return overflow(t);
    /* 6.3.29: the base is aligned to the queue; 3.4.3: beyond the output address size it is truncated. */
    uint64_t address = (smref_SMMU_EVENTQ_BASE_ADDR_address(base) & ~mask(log2size + 5) & t->oas_mask) +
                       (wr & mask(log2size)) * SMREF_F_TRANSLATION_BYTES;
    bool written = s->memory.write(s->memory.context, SMREF_PAS_NS, address, 4, words) == SMREF_MEM_OK;
    if (s->trace)
        smref_trace_access(t, SMREF_STEP_WRITE, SMREF_LAYOUT_F_TRANSLATION, address, 4,
                           written ? words : NULL);
    if (!written)
        return write_aborted(t);
    decide(t, SMREF_RULE_EVENTQ_WRITTEN);
    *prod = smref_SMMU_EVENTQ_PROD_with_WR(*prod, (wr + 1) & mask(log2size + 1));
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
    t->out->event.lost = enqueue(t, t->out->event.words);
}
