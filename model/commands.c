/*
 * Commands (4): what the SMMU does when the Command queue is enabled and not empty. It fetches a command,
 * judges it, does what it asks for, and goes on to the next; an error stops it (7.1). No cache is modelled,
 * so invalidation and prefetch have nothing to act upon.
 */
#include <string.h>

#include "registers.h"

#define COMMAND_WORDS 2
#define COMMAND_BITS 4 /* log2 of the size of an entry (4.1.1) */

/* Opcodes that are IMPLEMENTATION DEFINED (4.1.1), for which there is no layout. */
#define IMPDEF_FIRST 0x80
#define IMPDEF_LAST 0x8f

/* Kept between commands, and written to the registers as it changes. */
struct command_queue {
    uint64_t base, rd, wr;
    unsigned log2size;
    bool rehearsal; /* nothing outside the SMMU changes */
};

/* A rule that many commands of a queue may meet is named once. */
static void decide_once(struct txn *t, smref_rule rule)
{
    for (unsigned i = 0; i < t->out->rule_count; i++)
        if (t->out->rules[i] == rule)
            return;
    decide(t, rule);
}

static void record(struct txn *t, const smref_effect *effect)
{
    if (t->out->effect_count < SMREF_MAX_EFFECTS)
        t->out->effects[t->out->effect_count++] = *effect;
    else
        t->out->effects_lost = true;
}

static uint64_t active_errors(const struct txn *t)
{
    return t->reg[SMREF_REG_SMMU_GERROR] ^ t->reg[SMREF_REG_SMMU_GERRORN];
}

/* ---- Legality -------------------------------------------------------------------------------------- */

/* The first command of an opcode; the others are forms of it. */
static bool layout_of(unsigned opcode, smref_layout *layout)
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

/* Bits of a field that count in this configuration (4.1.6, 4.4); those above them are RES0. */
static uint64_t bits_in_use(const smref_env *e, const smref_field_info *field)
{
    unsigned width = (unsigned)(field->pieces[0].msb - field->pieces[0].lsb) + 1;
    if (!strcmp(field->name, "VMID"))
        return smref_derived_vmid_bits(e);
    if (!strcmp(field->name, "ASID"))
        return smref_derived_asid_bits(e);
    if (!strcmp(field->name, "SCALE"))
        return smref_derived_scale_bits(e);
    if (field->kind == SMREF_KIND_ADDRESS && field->address_low + width < 64)
        return smref_derived_command_pa_bits(e) - field->address_low;
    return width;
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
            range.lsb = (uint16_t)(range.lsb + bits_in_use(e, &info->fields[i]));
        else if (state == SMREF_FIELD_IGNORED)
            continue;
        if (range.lsb <= range.msb && any_bit(e->self, range))
            return true;
    }
    return false;
}

/* 4.1.3: whether the command can be consumed; if not, the rule that says so has decided. */
static bool legal(struct txn *t, const uint64_t *words, unsigned opcode)
{
    smref_layout layout;
    smref_env e = smref_env_of(t->smmu, SMREF_SEC_NS);
    e.self = words;
    e.choices_met = t->out->choices_met;
    if (!layout_of(opcode, &layout)) {
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
    decide_once(t, SMREF_RULE_CMD_RESERVED_BITS);
    return smref_choose(t, SMREF_CHOICE_CMD_RESERVED_BITS) != SMREF_CHOICE_CMD_RESERVED_BITS_illegal;
}

/* ---- CMD_SYNC -------------------------------------------------------------------------------------- */

static void wake(struct txn *t, smref_rule rule)
{
    smref_effect effect = {.kind = SMREF_EFFECT_EVENT, .bank = SMREF_SEC_NS};
    decide_once(t, rule);
    record(t, &effect);
}

/* A 32-bit write, within the word of memory that holds it. */
static bool write_half(struct txn *t, uint64_t address, uint32_t value)
{
    const smref_memory *m = &t->smmu->memory;
    unsigned shift = address & 4 ? 32 : 0;
    uint64_t word;
    if (m->read(m->context, SMREF_PAS_NS, address & ~UINT64_C(7), 1, &word) != SMREF_MEM_OK)
        return false;
    word = (word & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)value << shift;
    return m->write(m->context, SMREF_PAS_NS, address & ~UINT64_C(7), 1, &word) == SMREF_MEM_OK;
}

static void signal_by_message(struct txn *t, const struct command_queue *q, uint64_t address, uint32_t value)
{
    uint64_t *gerror = &t->smmu->reg[SMREF_REG_SMMU_GERROR];
    smref_effect effect = {.kind = SMREF_EFFECT_WRITE,
                           .bank = SMREF_SEC_NS,
                           .pas = SMREF_PAS_NS,
                           .address = address,
                           .value = value};
    if (address - q->base < UINT64_C(1) << (q->log2size + COMMAND_BITS)) {
        t->not_modelled = "a CMD_SYNC whose MSI goes into its own queue";
        return;
    }
    decide_once(t, SMREF_RULE_CMD_SYNC_MSI);
    if (q->rehearsal)
        return;
    if (write_half(t, address, value)) {
        record(t, &effect);
        return;
    }
    decide_once(t, SMREF_RULE_CMD_SYNC_MSI_ABORT);
    if (smref_SMMU_GERROR_MSI_CMDQ_ABT_ERR(active_errors(t)))
        return;
    *gerror = smref_SMMU_GERROR_with_MSI_CMDQ_ABT_ERR(*gerror, !smref_SMMU_GERROR_MSI_CMDQ_ABT_ERR(*gerror));
    t->out->gerror_changed = true;
}

/* 3.18: without MSIs there are wired interrupts, with them there may be. */
static void signal_by_wire(struct txn *t, bool messages)
{
    smref_effect effect = {.kind = SMREF_EFFECT_WIRED, .bank = SMREF_SEC_NS};
    decide_once(t, messages ? SMREF_RULE_CMD_SYNC_WIRED_TOO : SMREF_RULE_CMD_SYNC_WIRED);
    if (!messages || smref_choose(t, SMREF_CHOICE_WIRED_INTERRUPTS) == SMREF_CHOICE_WIRED_INTERRUPTS_present)
        record(t, &effect);
}

static void complete_sync(struct txn *t, const struct command_queue *q, const uint64_t *words)
{
    uint64_t idr0 = t->reg[SMREF_REG_SMMU_IDR0];
    smref_env e = smref_env_of(t->smmu, SMREF_SEC_NS);
    uint64_t address =
        smref_CMD_SYNC_MSIAddress_address(words) & mask((unsigned)smref_derived_command_pa_bits(&e));
    switch (smref_CMD_SYNC_CS(words)) {
    case SMREF_CMD_SYNC_CS_SIG_IRQ:
        if (smref_SMMU_IDR0_MSI(idr0) && address)
            signal_by_message(t, q, address & mask(t->smmu->oas), (uint32_t)smref_CMD_SYNC_MSIData(words));
        signal_by_wire(t, smref_SMMU_IDR0_MSI(idr0));
        break;
    case SMREF_CMD_SYNC_CS_SIG_SEV:
        if (smref_SMMU_IDR0_SEV(idr0)) {
            wake(t, SMREF_RULE_CMD_SYNC_SEV);
            break;
        }
        decide_once(t, SMREF_RULE_CMD_SYNC_NONE);
        break;
    default:
        decide_once(t, SMREF_RULE_CMD_SYNC_NONE);
    }
}

/* ---- Consumption ----------------------------------------------------------------------------------- */

static void perform(struct txn *t, const struct command_queue *q, const uint64_t *words, unsigned opcode)
{
    switch (opcode) {
    case SMREF_CMD_PREFETCH_CONFIG:
    case SMREF_CMD_PREFETCH_ADDR:
        decide_once(t, SMREF_RULE_CMD_PREFETCHED);
        break;
    case SMREF_CMD_RESUME:
    case SMREF_CMD_STALL_TERM:
        decide_once(t, SMREF_RULE_CMD_STALL_NONE);
        break;
    case SMREF_CMD_ATC_INV:
    case SMREF_CMD_PRI_RESP:
        if (smref_SMMU_CR0ACK_SMMUEN(t->reg[SMREF_REG_SMMU_CR0ACK]))
            t->not_modelled = "messages to endpoints (CMD_ATC_INV, CMD_PRI_RESP)";
        else
            decide_once(t, SMREF_RULE_CMD_ATS_IGNORED);
        break;
    case SMREF_CMD_SYNC:
        complete_sync(t, q, words);
        break;
    default:
        decide_once(t, SMREF_RULE_CMD_INVALIDATED);
    }
}

/* 7.1: RD stays, ERR tells why, and CMDQ_ERR, which was not active, becomes so. */
static void stop(struct txn *t, uint64_t reason)
{
    uint64_t *cons = &t->smmu->reg[SMREF_REG_SMMU_CMDQ_CONS], *gerror = &t->smmu->reg[SMREF_REG_SMMU_GERROR];
    decide(t, SMREF_RULE_CMDQ_STOPPED);
    *cons = smref_SMMU_CMDQ_CONS_with_ERR(*cons, reason);
    *gerror = smref_SMMU_GERROR_with_CMDQ_ERR(*gerror, !smref_SMMU_GERROR_CMDQ_ERR(*gerror));
    t->out->gerror_changed = true;
}

static void trace_fetch(struct txn *t, uint64_t address, const uint64_t *words)
{
    smref_layout layout = SMREF_LAYOUT_CMD_SYNC;
    if (words)
        layout_of((unsigned)smref_CMD_SYNC_OPCODE(words), &layout);
    smref_trace_access(t, SMREF_STEP_READ, layout, address, COMMAND_WORDS, words);
}

/* One command, at RD. False: consumption ends here. */
static bool consume_one(struct txn *t, struct command_queue *q)
{
    uint64_t *cons = &t->smmu->reg[SMREF_REG_SMMU_CMDQ_CONS];
    uint64_t words[COMMAND_WORDS], address = q->base + ((q->rd & mask(q->log2size)) << COMMAND_BITS);
    bool fetched = read_words(t, address, COMMAND_WORDS, words);
    if (t->smmu->trace)
        trace_fetch(t, address, fetched ? words : NULL);
    if (!fetched) {
        decide(t, SMREF_RULE_CMDQ_FETCH_ABORT);
        stop(t, SMREF_SMMU_CMDQ_CONS_ERR_CERROR_ABT);
        return false;
    }
    unsigned opcode = (unsigned)smref_CMD_SYNC_OPCODE(words);
    if (!legal(t, words, opcode)) {
        if (!t->not_modelled)
            stop(t, SMREF_SMMU_CMDQ_CONS_ERR_CERROR_ILL);
        return false;
    }
    perform(t, q, words, opcode);
    if (t->not_modelled)
        return false;
    q->rd = (q->rd + 1) & mask(q->log2size + 1);
    *cons = smref_SMMU_CMDQ_CONS_with_RD(*cons, q->rd);
    decide_once(t, SMREF_RULE_CMDQ_CONSUMED);
    return true;
}

static void consume(struct txn *t, struct command_queue q)
{
    uint64_t held = (q.wr - q.rd) & mask(q.log2size + 1), size = UINT64_C(1) << q.log2size;
    if (held > size) {
        decide(t, SMREF_RULE_CMDQ_INDEXES_INCONSISTENT);
        if (smref_choose(t, SMREF_CHOICE_CMDQ_INCONSISTENT) == SMREF_CHOICE_CMDQ_INCONSISTENT_idle)
            return;
    }
    if (!consume_one(t, &q))
        return;
    /* Agents could see the queue full until now (4.1.2). */
    if (held == size && smref_SMMU_IDR0_SEV(t->reg[SMREF_REG_SMMU_IDR0]))
        wake(t, SMREF_RULE_CMDQ_NON_FULL_EVENT);
    while (q.rd != q.wr && consume_one(t, &q))
        ;
}

/* Whether all of it is modelled: found out before anything outside the SMMU changes. */
static bool rehearse(struct txn *t, struct command_queue q)
{
    smref_result *out = t->out, scratch = *out;
    void (*trace)(void *, const smref_step *) = t->smmu->trace;
    uint64_t cons = t->reg[SMREF_REG_SMMU_CMDQ_CONS], gerror = t->reg[SMREF_REG_SMMU_GERROR];
    t->smmu->trace = NULL;
    t->out = &scratch;
    q.rehearsal = true;
    consume(t, q);
    t->out = out;
    t->smmu->trace = trace;
    t->smmu->reg[SMREF_REG_SMMU_CMDQ_CONS] = cons;
    t->smmu->reg[SMREF_REG_SMMU_GERROR] = gerror;
    return !t->not_modelled;
}

void smref_consume_commands(struct txn *t, unsigned log2size)
{
    uint64_t base = smref_SMMU_CMDQ_BASE_ADDR_address(t->reg[SMREF_REG_SMMU_CMDQ_BASE]);
    uint64_t index = mask(log2size + 1);
    if (smref_SMMU_GERROR_CMDQ_ERR(active_errors(t))) {
        decide(t, SMREF_RULE_CMDQ_ERROR_ACTIVE);
        return;
    }
    if (smref_SMMU_IDR1_QUEUES_PRESET(t->reg[SMREF_REG_SMMU_IDR1])) {
        t->not_modelled = "commands of a queue inside the SMMU (IDR1.QUEUES_PRESET)";
        return;
    }
    struct command_queue q = {.base = base & ~mask(log2size + COMMAND_BITS) & mask(t->smmu->oas),
                              .rd = smref_SMMU_CMDQ_CONS_RD(t->reg[SMREF_REG_SMMU_CMDQ_CONS]) & index,
                              .wr = smref_SMMU_CMDQ_PROD_WR(t->reg[SMREF_REG_SMMU_CMDQ_PROD]) & index,
                              .log2size = log2size};
    if (rehearse(t, q))
        consume(t, q);
}
