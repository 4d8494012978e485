/*
 * Commands (4): whether one can be consumed, and what it does. A prefetch command is
 * carried out only where caches may hold anything that was ever read.
 */
#include "caches.h"
#include "command_queue.h"

/* Opcodes that are IMPLEMENTATION DEFINED (4.1.1), for which there is no layout. */
#define IMPDEF_FIRST 0x80
#define IMPDEF_LAST 0x8f

#define PREFETCH_MOST 64 /* addresses of one command */

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
        if (state == SMREF_FIELD_ACTIVE)
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
        bool reserved = opcode < IMPDEF_FIRST || opcode > IMPDEF_LAST;
        decide(t, reserved ? SMREF_RULE_CMD_OPCODE_RESERVED : SMREF_RULE_CMD_OPCODE_IMPDEF);
        return !reserved &&
               smref_choose(t, SMREF_CHOICE_CMD_OPCODE_IMPDEF) != SMREF_CHOICE_CMD_OPCODE_IMPDEF_illegal;
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

/* Whether an MSI goes into a command that is still to come. Elsewhere in the queue, as in the CMD_SYNC
 * itself, nothing reads it. */
static bool lies_ahead(const struct command_queue *q, const smref_effect *message)
{
    uint64_t address = message->address;
    if (message->pas != q->pas || address - q->base >= UINT64_C(1) << (q->log2size + COMMAND_BITS))
        return false;
    uint64_t distance = (((address - q->base) >> COMMAND_BITS) - q->rd) & mask(q->log2size);
    return distance && distance < ((q->wr - q->rd) & mask(q->log2size + 1));
}

/* The word of memory into which an MSI goes, before it does. */
static uint32_t replaced_by(struct txn *t, const smref_effect *message)
{
    const smref_memory *m = &t->smmu->memory;
    uint64_t word = 0;
    (void)m->read(m->context, message->pas, message->address & ~UINT64_C(7), 1, &word);
    return (uint32_t)(word >> (message->address & 4 ? 32 : 0));
}

/*
 * 3.21.2: a command that was submitted changes; the SMMU may have read it already. What is fetched differs
 * from memory when that is to be so after the MSI, or when the MSI is only rehearsed.
 */
static void alter(struct txn *t, struct command_queue *q, const smref_effect *message)
{
    smref_decide_once(t, SMREF_RULE_CMD_SYNC_MSI_AHEAD);
    bool cached =
        smref_choose(t, SMREF_CHOICE_CMDQ_ALTERED_COMMAND) == SMREF_CHOICE_CMDQ_ALTERED_COMMAND_cached;
    if (cached == t->rehearsal)
        return;
    uint32_t value = cached ? replaced_by(t, message) : message->value;
    for (unsigned i = 0; i < q->altered_count; i++)
        if (q->altered[i].at == message->address) {
            q->altered[i].value = cached ? q->altered[i].value : value;
            return;
        }
    if (q->altered_count == ALTERED_COMMANDS)
        t->not_modelled = "more than 8 MSIs of CMD_SYNC into commands that are still to come";
    else
        q->altered[q->altered_count++] = (struct altered_command){message->address, value};
}

static void signal_by_message(struct txn *t, struct command_queue *q, uint64_t address, const uint64_t *words)
{
    bool crosses = q->bank == SMREF_SEC_REALM && smref_CMD_SYNC_MSI_NS(words);
    smref_effect message = {.kind = SMREF_EFFECT_WRITE,
                            .source = SMREF_SOURCE_CMD_SYNC,
                            .bank = q->bank,
                            .pas = crosses ? SMREF_PAS_NS : q->pas,
                            .mecid = q->bank == SMREF_SEC_REALM && !crosses ? t->smmu->gmecid : 0,
                            .address = address,
                            .value = (uint32_t)smref_CMD_SYNC_MSIData(words),
                            .attrs = smref_message_attributes((unsigned)smref_CMD_SYNC_MSIAttr(words),
                                                              (unsigned)smref_CMD_SYNC_MSH(words))};
    smref_effect error; /* the MSI of GERROR, should that of the CMD_SYNC abort */
    if (t->rehearsal && smref_message_of(t, q->bank, SMREF_SOURCE_GERROR, &error) && lies_ahead(q, &error)) {
        t->not_modelled = "an MSI of GERROR that goes into a command that is still to come";
        return;
    }
    smref_decide_once(t, SMREF_RULE_CMD_SYNC_MSI);
    if (lies_ahead(q, &message))
        alter(t, q, &message);
    enum sending sending = smref_send(t, &message);
    if (sending == SENT) {
        smref_record_effect(t, &message);
        return;
    }
    smref_decide_once(t, SMREF_RULE_CMD_SYNC_MSI_ABORT);
    if (sending == SENDING_FORBIDDEN ||
        smref_choose(t, SMREF_CHOICE_MSI_ABORT) == SMREF_CHOICE_MSI_ABORT_reported)
        smref_activate_error(t, q->bank, smref_SMMU_GERROR_with_MSI_CMDQ_ABT_ERR(0, 1));
}

static void complete_sync(struct txn *t, struct command_queue *q, const uint64_t *words)
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

/* As an access would (4.2.2). Where the stream has no SubstreamIDs the command may act as if it gave none. */
static void prefetch_one(struct txn *t, smref_access *access, bool translations)
{
    bool ssv = access->ssv;
    smref_prefetch(t->smmu, access, translations);
    access->ssv = false;
    if (ssv)
        smref_prefetch(t->smmu, access, translations);
    access->ssv = ssv;
}

/* What reports the fault of a prefetch, which no implementation need do, and where nothing is held. */
static void report(struct txn *t, const smref_access *access, bool translations, uint64_t count)
{
    if (t->smmu->caches || count > 1 || (translations && access->sec_sid == SMREF_SEC_SECURE))
        t->not_modelled =
            "prefetch with caches, of several translations or of those of a Secure stream, under "
            "granule protection without IDR0.RME_IMPL (3.25.1.2)";
    else
        smref_report_prefetch(t, access, translations);
}

/* All that the command may leave in caches, or report: no implementation need prefetch any of it. */
static void prefetch(struct txn *t, const struct command_queue *q, const uint64_t *words, bool translations)
{
    uint64_t count = translations ? UINT64_C(1) << smref_CMD_PREFETCH_ADDR_Size(words) : 1;
    unsigned stride = translations ? (unsigned)smref_CMD_PREFETCH_ADDR_Stride(words) + 12 : 0;
    smref_access access = {.sec_sid = q->bank,
                           .sid = (uint32_t)smref_CMD_PREFETCH_ADDR_StreamID(words),
                           .ssv = smref_CMD_PREFETCH_ADDR_SSV(words),
                           .ssid = (uint32_t)smref_CMD_PREFETCH_ADDR_SubstreamID(words),
                           .addr = translations ? smref_CMD_PREFETCH_ADDR_Address_address(words) : 0,
                           .size = 1};
    if (q->bank == SMREF_SEC_SECURE && !smref_CMD_PREFETCH_ADDR_SSec(words))
        access.sec_sid = SMREF_SEC_NS;
    /* Elsewhere NS is RES0. */
    access.ns = translations && access.sec_sid == SMREF_SEC_SECURE &&
                smref_SMMU_S_IDR1_SEL2(t->reg[SMREF_REG_SMMU_S_IDR1]) && smref_CMD_PREFETCH_ADDR_NS(words);
    if (smref_prefetch_may_report(t->smmu)) {
        report(t, &access, translations, count);
        return;
    }
    if (count > PREFETCH_MOST) {
        t->not_modelled = "a CMD_PREFETCH_ADDR of more than 64 translations under the caching policy any";
        return;
    }
    for (uint64_t i = 0; i < count && !t->rehearsal; i++, access.addr += UINT64_C(1) << stride)
        prefetch_one(t, &access, translations);
}

/* What the caches must not hold any longer. */
static void remove_copies(struct txn *t, smref_sec_sid queue, const uint64_t *words, unsigned opcode)
{
    unsigned removed = smref_invalidate(t, queue, words, opcode);
    smref_show(t, "cached copies removed", removed);
    if (removed)
        smref_decide_once(t, SMREF_RULE_CMD_REMOVED);
}

/* ---- What each command does ------------------------------------------------------------------------ */

void smref_perform_command(struct txn *t, struct command_queue *q, const uint64_t *words, unsigned opcode)
{
    switch (opcode) {
    case SMREF_CMD_PREFETCH_CONFIG:
    case SMREF_CMD_PREFETCH_ADDR:
        smref_decide_once(t, SMREF_RULE_CMD_PREFETCHED);
        if (smref_get_caching(t->smmu) == SMREF_CACHING_ANY || smref_prefetch_may_report(t->smmu))
            prefetch(t, q, words, opcode == SMREF_CMD_PREFETCH_ADDR);
        break;
    case SMREF_CMD_RESUME:
    case SMREF_CMD_STALL_TERM:
        smref_decide_once(t, SMREF_RULE_CMD_STALL_NONE);
        break;
    case SMREF_CMD_ATC_INV:
        smref_invalidate_endpoint(t, q, words);
        break;
    case SMREF_CMD_PRI_RESP:
        smref_respond_to_endpoint(t, q, words);
        break;
    case SMREF_CMD_SYNC:
        complete_sync(t, q, words);
        break;
    default:
        if (opcode >= IMPDEF_FIRST)
            break;
        smref_decide_once(t, SMREF_RULE_CMD_INVALIDATED);
        if (t->smmu->caches && !t->rehearsal)
            remove_copies(t, q->bank, words, opcode);
    }
}
