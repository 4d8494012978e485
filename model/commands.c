/*
 * Commands (4): whether one can be consumed, and what it does. No cache is modelled, so invalidation and
 * prefetch have nothing to act upon.
 */
#include "command_queue.h"

/* Opcodes that are IMPLEMENTATION DEFINED (4.1.1), for which there is no layout. */
#define IMPDEF_FIRST 0x80
#define IMPDEF_LAST 0x8f

/* ---- Legality -------------------------------------------------------------------------------------- */

bool smref_command_layout(unsigned opcode, smref_layout *layout)
{
    const smref_layout_info *info;
    for (unsigned i = 0; (info = smref_layout_at(i)) != NULL; i++)
        if (info->kind == SMREF_LAYOUT_KIND_COMMAND && info->number == opcode) {
            *layout = (smref_layout)i;
            return true;
        }
    return false;
}

/* Whether bits of the range are set, which may be wider than a word. */
static bool any_bit(const uint64_t *words, smref_bits range)
{
    for (unsigned w = range.lsb / 64U; w <= range.msb / 64U; w++) {
        unsigned low = range.lsb > w * 64 ? range.lsb - w * 64 : 0;
        unsigned high = range.msb < w * 64 + 63 ? range.msb - w * 64 : 63;
        if (words[w] << (63 - high) >> (63 - high + low))
            return true;
    }
    return false;
}

static unsigned smaller(uint64_t a, unsigned b)
{
    return a < b ? (unsigned)a : b;
}

/* 4.1.5: bits that no field has, and fields or parts of them that are RES0 in this configuration. */
static bool reserved_bits_set(const smref_env *e, smref_layout layout)
{
    const smref_layout_info *info = smref_layout_at((unsigned)layout);
    for (unsigned i = 0; i < info->field_count; i++) {
        smref_bits range = info->fields[i].pieces[0];
        if (!smref_field_present(e, layout, i))
            continue;
        smref_field_state state = smref_field_state_in(e, layout, i);
        if (state == SMREF_FIELD_ACTIVE && info->fields[i].kind != SMREF_KIND_RESERVED)
            range.lsb = (uint16_t)(range.lsb + smaller(smref_field_bits_in_use(e, layout, i),
                                                       1U + range.msb - range.lsb));
        else if (state == SMREF_FIELD_IGNORED)
            continue;
        if (range.lsb <= range.msb && any_bit(e->self, range))
            return true;
    }
    return false;
}

bool smref_command_legal(struct txn *t, const struct command_queue *q, const uint64_t *words, unsigned opcode)
{
    smref_layout layout;
    smref_env e = smref_env_of(t->smmu, q->bank);
    e.self = words;
    e.choices_met = t->out->choices_met;
    if (!smref_command_layout(opcode, &layout)) {
        if (opcode >= IMPDEF_FIRST && opcode <= IMPDEF_LAST)
            t->not_modelled = "IMPLEMENTATION DEFINED commands";
        else
            decide(t, SMREF_RULE_CMD_OPCODE_RESERVED);
        return false;
    }
    smref_rule rule = smref_command_first_illegal(&e, opcode);
    if (rule != SMREF_RULE_NONE) {
        decide(t, rule);
        return false;
    }
    if (!reserved_bits_set(&e, layout))
        return true;
    smref_decide_once(t, SMREF_RULE_CMD_RESERVED_BITS);
    return smref_choose(t, SMREF_CHOICE_CMD_RESERVED_BITS) != SMREF_CHOICE_CMD_RESERVED_BITS_illegal;
}

/* ---- CMD_SYNC -------------------------------------------------------------------------------------- */

void smref_wake(struct txn *t, const struct command_queue *q, smref_rule rule)
{
    smref_effect effect = {.kind = SMREF_EFFECT_EVENT, .source = SMREF_SOURCE_CMD_SYNC, .bank = q->bank};
    smref_decide_once(t, rule);
    smref_record_effect(t, &effect);
}

/* Whether an MSI goes into a command that is still to come. What it leaves there may be seen or not when that
 * command is fetched; elsewhere in the queue, as in the CMD_SYNC itself, nothing reads it. */
static bool lies_ahead(const struct command_queue *q, const smref_effect *message)
{
    uint64_t address = message->address;
    if (message->pas != q->pas || address - q->base >= UINT64_C(1) << (q->log2size + COMMAND_BITS))
        return false;
    uint64_t distance = (((address - q->base) >> COMMAND_BITS) - q->rd) & mask(q->log2size);
    return distance && distance < ((q->wr - q->rd) & mask(q->log2size + 1));
}

static void signal_by_message(struct txn *t, const struct command_queue *q, uint64_t address,
                              const uint64_t *words)
{
    smref_effect message = {.kind = SMREF_EFFECT_WRITE,
                            .source = SMREF_SOURCE_CMD_SYNC,
                            .bank = q->bank,
                            .pas = q->bank == SMREF_SEC_REALM && smref_CMD_SYNC_MSI_NS(words) ? SMREF_PAS_NS
                                                                                              : q->pas,
                            .address = address,
                            .value = (uint32_t)smref_CMD_SYNC_MSIData(words),
                            .attrs = smref_message_attributes((unsigned)smref_CMD_SYNC_MSIAttr(words),
                                                              (unsigned)smref_CMD_SYNC_MSH(words))};
    smref_effect error; /* the MSI of GERROR, should that of the CMD_SYNC abort */
    if (lies_ahead(q, &message) ||
        (t->rehearsal && smref_message_of(t, q->bank, SMREF_SOURCE_GERROR, &error) &&
         lies_ahead(q, &error))) {
        t->not_modelled = "a CMD_SYNC whose MSI goes into a command that is still to come";
        return;
    }
    smref_decide_once(t, SMREF_RULE_CMD_SYNC_MSI);
    if (smref_send(t, &message)) {
        smref_record_effect(t, &message);
        return;
    }
    smref_decide_once(t, SMREF_RULE_CMD_SYNC_MSI_ABORT);
    if (smref_choose(t, SMREF_CHOICE_MSI_ABORT) == SMREF_CHOICE_MSI_ABORT_reported)
        smref_activate_error(t, q->bank, smref_SMMU_GERROR_with_MSI_CMDQ_ABT_ERR(0, 1));
}

static void complete_sync(struct txn *t, const struct command_queue *q, const uint64_t *words)
{
    bool messages = smref_SMMU_IDR0_MSI(bank_value(t, SMREF_FAMILY_IDR0, q->bank));
    smref_env e = smref_env_of(t->smmu, q->bank);
    uint64_t address =
        smref_CMD_SYNC_MSIAddress_address(words) & mask((unsigned)smref_derived_command_pa_bits(&e));
    switch (smref_CMD_SYNC_CS(words)) {
    case SMREF_CMD_SYNC_CS_SIG_IRQ:
        if (messages && address)
            signal_by_message(t, q, address & mask(t->smmu->oas), words);
        smref_assert_wire(t, q->bank, SMREF_SOURCE_CMD_SYNC, SMREF_RULE_CMD_SYNC_WIRED,
                          SMREF_RULE_CMD_SYNC_WIRED_TOO);
        break;
    case SMREF_CMD_SYNC_CS_SIG_SEV:
        if (smref_SMMU_IDR0_SEV(t->reg[SMREF_REG_SMMU_IDR0])) {
            smref_wake(t, q, SMREF_RULE_CMD_SYNC_SEV);
            break;
        }
        smref_decide_once(t, SMREF_RULE_CMD_SYNC_NONE);
        break;
    default:
        smref_decide_once(t, SMREF_RULE_CMD_SYNC_NONE);
    }
}

/* ---- What each command does
 * ----------------------------------------------------------------------------------- */

void smref_perform_command(struct txn *t, const struct command_queue *q, const uint64_t *words,
                           unsigned opcode)
{
    switch (opcode) {
    case SMREF_CMD_PREFETCH_CONFIG:
    case SMREF_CMD_PREFETCH_ADDR:
        smref_decide_once(t, SMREF_RULE_CMD_PREFETCHED);
        break;
    case SMREF_CMD_RESUME:
    case SMREF_CMD_STALL_TERM:
        smref_decide_once(t, SMREF_RULE_CMD_STALL_NONE);
        break;
    case SMREF_CMD_ATC_INV:
    case SMREF_CMD_PRI_RESP:
        if (smref_SMMU_CR0ACK_SMMUEN(bank_value(t, SMREF_FAMILY_CR0ACK, q->bank)))
            t->not_modelled = "messages to endpoints (CMD_ATC_INV, CMD_PRI_RESP)";
        else
            smref_decide_once(t, SMREF_RULE_CMD_ATS_IGNORED);
        break;
    case SMREF_CMD_SYNC:
        complete_sync(t, q, words);
        break;
    default:
        smref_decide_once(t, SMREF_RULE_CMD_INVALIDATED);
    }
}
