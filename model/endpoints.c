/*
 * Commands about endpoints behind a PCIe Root Complex (4.5, 3.9.1): the messages that CMD_ATC_INV and
 * CMD_PRI_RESP send, and how a CMD_SYNC waits for the answers.
 */
#include "command_queue.h"

#define SIZE_OF_ALL 52 /* Size of a CMD_ATC_INV that spans all addresses */
#define ALL_ADDRESSES 64
#define PAGE_BITS 12

/* 4.1.7: a bit of a parameter that is not implemented. False: the command has no effect. */
static bool in_range(struct txn *t, uint32_t *parameter, unsigned bits)
{
    if (!(*parameter & ~mask(bits)))
        return true;
    smref_decide_once(t, SMREF_RULE_CMD_ATS_OUT_OF_RANGE);
    *parameter &= (uint32_t)mask(bits);
    return smref_choose(t, SMREF_CHOICE_CMD_OUT_OF_RANGE) == SMREF_CHOICE_CMD_OUT_OF_RANGE_other;
}

/* The SubstreamID goes with the message as a PASID, if there are any. False: the command has no effect. */
static bool take_substream(struct txn *t, smref_message *m)
{
    unsigned bits = (unsigned)smref_SMMU_IDR1_SSIDSIZE(t->reg[SMREF_REG_SMMU_IDR1]);
    if (!m->ssv || bits) {
        if (!m->ssv)
            m->ssid = 0;
        return in_range(t, &m->ssid, bits);
    }
    smref_decide_once(t, SMREF_RULE_CMD_ATS_NO_PASID);
    m->ssv = false;
    m->ssid = 0;
    return smref_choose(t, SMREF_CHOICE_ATS_SSV_WITHOUT_PASID) == SMREF_CHOICE_ATS_SSV_WITHOUT_PASID_as_clear;
}

/* Whether a message goes out at all, and to whom. A Secure queue speaks to Non-secure streams (4.5.1). */
static bool addressed(struct txn *t, const struct command_queue *q, smref_message *m)
{
    if (!smref_SMMU_CR0ACK_SMMUEN(bank_value(t, SMREF_FAMILY_CR0ACK, q->bank))) {
        smref_decide_once(t, SMREF_RULE_CMD_ATS_IGNORED);
        return false;
    }
    smref_decide_once(t, SMREF_RULE_CMD_ATS_SYSTEM);
    if (smref_choose(t, SMREF_CHOICE_ATS_IN_SYSTEM) != SMREF_CHOICE_ATS_IN_SYSTEM_supported)
        return false;
    m->sec_sid = q->bank == SMREF_SEC_REALM ? SMREF_SEC_REALM : SMREF_SEC_NS;
    return in_range(t, &m->sid, (unsigned)smref_SMMU_IDR1_SIDSIZE(t->reg[SMREF_REG_SMMU_IDR1])) &&
           take_substream(t, m);
}

void smref_invalidate_endpoint(struct txn *t, struct command_queue *q, const uint64_t *words)
{
    unsigned size = (unsigned)smref_CMD_ATC_INV_Size(words);
    smref_effect effect = {.kind = SMREF_EFFECT_MESSAGE,
                           .bank = q->bank,
                           .message = {.kind = SMREF_MESSAGE_ATC_INV,
                                       .sid = (uint32_t)smref_CMD_ATC_INV_StreamID(words),
                                       .ssv = smref_CMD_ATC_INV_SSV(words),
                                       .ssid = (uint32_t)smref_CMD_ATC_INV_SubstreamID(words)}};
    if (!addressed(t, q, &effect.message))
        return;
    effect.message.global = effect.message.ssv && smref_CMD_ATC_INV_Global(words);
    if (size < SIZE_OF_ALL) {
        effect.message.log2_size = (uint8_t)(size + PAGE_BITS);
        effect.address = smref_CMD_ATC_INV_Address_address(words) & ~mask(size + PAGE_BITS);
    } else if (size == SIZE_OF_ALL) {
        effect.message.log2_size = ALL_ADDRESSES;
    } else {
        smref_decide_once(t, SMREF_RULE_CMD_ATC_INV_SPAN_UNKNOWN);
    }
    smref_decide_once(t, SMREF_RULE_CMD_ATC_INV_SENT);
    smref_record_effect(t, &effect);
    q->awaits = true;
    if (!t->rehearsal)
        *q->state |= SMREF_QUEUE_AWAITING;
}

void smref_respond_to_endpoint(struct txn *t, const struct command_queue *q, const uint64_t *words)
{
    smref_effect effect = {.kind = SMREF_EFFECT_MESSAGE,
                           .bank = q->bank,
                           .message = {.kind = SMREF_MESSAGE_PRI_RESP,
                                       .sid = (uint32_t)smref_CMD_PRI_RESP_StreamID(words),
                                       .ssv = smref_CMD_PRI_RESP_SSV(words),
                                       .ssid = (uint32_t)smref_CMD_PRI_RESP_SubstreamID(words),
                                       .prg_index = (uint16_t)smref_CMD_PRI_RESP_PRGIndex(words),
                                       .response = (uint8_t)smref_CMD_PRI_RESP_Resp(words)}};
    if (!addressed(t, q, &effect.message))
        return;
    smref_decide_once(t, SMREF_RULE_CMD_PRI_RESP_SENT);
    smref_record_effect(t, &effect);
}

smref_awaiting smref_await_endpoints(struct txn *t, struct command_queue *q)
{
    if (!q->awaits)
        return SMREF_AWAITING_OVER;
    smref_decide_once(t, SMREF_RULE_CMD_SYNC_ATC_INV);
    unsigned option = smref_choose(t, SMREF_CHOICE_ATC_INV_COMPLETION);
    if (option == SMREF_CHOICE_ATC_INV_COMPLETION_stuck) {
        smref_decide_once(t, SMREF_RULE_CMD_SYNC_ATC_STUCK);
        return SMREF_AWAITING_STILL;
    }
    q->awaits = false;
    if (!t->rehearsal)
        *q->state &= (uint8_t)~SMREF_QUEUE_AWAITING;
    if (option == SMREF_CHOICE_ATC_INV_COMPLETION_completed)
        return SMREF_AWAITING_OVER;
    smref_decide_once(t, SMREF_RULE_CMD_SYNC_ATC_TIMEOUT);
    return SMREF_AWAITING_FAILED;
}
