/*
 * Global errors and interrupts (7.5, 3.18, 6.3.16 to 6.3.23, 6.3.30 to 6.3.32 and their like in the other
 * banks). All of them are edges: what happens while a source is disabled is never told later (6.3.16).
 */
#include "interrupts.h"

#include "granule.h"

/* What IRQ_CTRL enables, and where its MSI is configured. */
struct source {
    smref_rule triggered;
    smref_family address, data, attributes;
};

static const struct source sources[] = {
    [SMREF_SOURCE_EVENTQ] = {SMREF_RULE_IRQ_EVENTQ, SMREF_FAMILY_EVENTQ_IRQ_CFG0,
                             SMREF_FAMILY_EVENTQ_IRQ_CFG1, SMREF_FAMILY_EVENTQ_IRQ_CFG2},
    [SMREF_SOURCE_GERROR] = {SMREF_RULE_IRQ_GERROR, SMREF_FAMILY_GERROR_IRQ_CFG0,
                             SMREF_FAMILY_GERROR_IRQ_CFG1, SMREF_FAMILY_GERROR_IRQ_CFG2},
};

static bool messages(const struct txn *t, smref_sec_sid bank)
{
    return smref_SMMU_IDR0_MSI(bank_value(t, SMREF_FAMILY_IDR0, bank));
}

/* ---- Effects --------------------------------------------------------------------------------------- */

/* What an MSI is configured to do stays during an access. */
static bool identical(const smref_effect *a, const smref_effect *b)
{
    return a->kind == b->kind && a->source == b->source && a->bank == b->bank;
}

void smref_record_effect(struct txn *t, const smref_effect *effect)
{
    if (t->out->effect_count < SMREF_MAX_EFFECTS)
        t->out->effects[t->out->effect_count++] = *effect;
    else
        t->out->effects_lost = true;
}

/* 3.18, 7.5.1: of identical interrupts only the latest need be sent. */
static void record_interrupt(struct txn *t, const smref_effect *effect)
{
    smref_effect *list = t->out->effects;
    unsigned i = 0;
    while (i < t->out->effect_count && !identical(&list[i], effect))
        i++;
    if (i < t->out->effect_count) {
        smref_decide_once(t, SMREF_RULE_IRQ_COALESCED);
        if (smref_choose(t, SMREF_CHOICE_IRQ_COALESCING) == SMREF_CHOICE_IRQ_COALESCING_latest) {
            t->out->effect_count--;
            for (; i < t->out->effect_count; i++)
                list[i] = list[i + 1];
        }
    }
    smref_record_effect(t, effect);
}

void smref_assert_wire(struct txn *t, smref_sec_sid bank, smref_source source, smref_rule alone,
                       smref_rule too)
{
    smref_effect effect = {.kind = SMREF_EFFECT_WIRED, .source = source, .bank = bank};
    bool with_messages = messages(t, bank);
    smref_decide_once(t, with_messages ? too : alone);
    if (!with_messages ||
        smref_choose(t, SMREF_CHOICE_WIRED_INTERRUPTS) == SMREF_CHOICE_WIRED_INTERRUPTS_present)
        record_interrupt(t, &effect);
}

/* ---- Messages -------------------------------------------------------------------------------------- */

/* 6.3.116. */
static unsigned purpose_of(smref_source source)
{
    return source == SMREF_SOURCE_CMD_SYNC ? SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_MSI_CMDQ_GPF
           : source == SMREF_SOURCE_EVENTQ ? SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_MSI_EVENTQ_GPF
                                           : SMREF_SMMU_ROOT_GPF_FAR_FAULTCODE_MSI_GERROR_GPF;
}

/* A 32-bit write, within the word of memory that holds it. */
enum sending smref_send(struct txn *t, const smref_effect *message)
{
    const smref_memory *m = &t->smmu->memory;
    uint64_t word, at = message->address & ~UINT64_C(7);
    unsigned shift = message->address & 4 ? 32 : 0;
    if (t->rehearsal)
        return SENT;
    if (!smref_may_access(t, message->pas, message->address, purpose_of(message->source)))
        return SENDING_FORBIDDEN;
    if (m->read(m->context, message->pas, at, 1, &word) != SMREF_MEM_OK)
        return SENDING_ABORTED;
    word = (word & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)message->value << shift;
    return m->write(m->context, message->pas, at, 1, &word) == SMREF_MEM_OK ? SENT : SENDING_ABORTED;
}

/* Registers that the implementation lacks hold nothing. */
static uint64_t configured(const struct txn *t, smref_family family, smref_sec_sid bank)
{
    smref_register reg = bank_register(family, bank);
    smref_env e = smref_env_of_register(t, reg, SMREF_PAS_ROOT);
    return smref_access_of_register(&e, reg) == SMREF_ACCESS_RAZ_WI ? 0 : t->reg[reg];
}

/* 6.3.21, 3.4.3: bits above the output size are RES0, and need not be stored; do they count in a comparison
 * with zero? */
static bool has_address(struct txn *t, uint64_t address)
{
    if (address & mask(t->smmu->oas))
        return true;
    if (!address) {
        smref_decide_once(t, SMREF_RULE_IRQ_MSI_NONE);
        return false;
    }
    smref_decide_once(t, SMREF_RULE_IRQ_MSI_BEYOND_OAS);
    return smref_choose(t, SMREF_CHOICE_IRQ_MSI_BEYOND_OAS) == SMREF_CHOICE_IRQ_MSI_BEYOND_OAS_truncate;
}

static bool make_message(struct txn *t, smref_sec_sid bank, smref_source source, smref_effect *message)
{
    const struct source *s = &sources[source];
    uint64_t place = configured(t, s->address, bank), attributes = configured(t, s->attributes, bank);
    uint64_t address = smref_SMMU_GERROR_IRQ_CFG0_ADDR_address(place);
    bool crosses = bank == SMREF_SEC_REALM && smref_SMMU_R_GERROR_IRQ_CFG0_NS(place);
    smref_show_register(t, bank_register(s->address, bank), "ADDR");
    if (!has_address(t, address))
        return false;
    *message = (smref_effect){
        .kind = SMREF_EFFECT_WRITE,
        .source = source,
        .bank = bank,
        .pas = crosses ? SMREF_PAS_NS : space_of(bank),
        .mecid = bank == SMREF_SEC_REALM && !crosses ? t->smmu->gmecid : 0,
        .address = address & mask(t->smmu->oas),
        .value = (uint32_t)configured(t, s->data, bank),
        .attrs = smref_message_attributes((unsigned)smref_SMMU_GERROR_IRQ_CFG2_MemAttr(attributes),
                                          (unsigned)smref_SMMU_GERROR_IRQ_CFG2_SH(attributes))};
    return true;
}

static void send_or_report(struct txn *t, const smref_effect *message)
{
    t->not_modelled = t->smmu->lookup_not_modelled;
    if (t->not_modelled)
        return;
    smref_decide_once(t, SMREF_RULE_IRQ_MSI);
    enum sending sending = smref_send(t, message);
    if (sending == SENT) {
        record_interrupt(t, message);
        return;
    }
    smref_decide_once(t, SMREF_RULE_IRQ_MSI_ABORT);
    if (sending == SENDING_ABORTED &&
        smref_choose(t, SMREF_CHOICE_MSI_ABORT) == SMREF_CHOICE_MSI_ABORT_unreported)
        return;
    smref_activate_error(t, message->bank,
                         message->source == SMREF_SOURCE_GERROR
                             ? smref_SMMU_GERROR_with_MSI_GERROR_ABT_ERR(0, 1)
                             : smref_SMMU_GERROR_with_MSI_EVENTQ_ABT_ERR(0, 1));
}

/* ---- Sources --------------------------------------------------------------------------------------- */

static bool enabled_in(smref_source source, uint64_t control)
{
    return source == SMREF_SOURCE_GERROR ? smref_SMMU_IRQ_CTRL_GERROR_IRQEN(control)
                                         : smref_SMMU_IRQ_CTRL_EVENTQ_IRQEN(control);
}

/* 6.3.16: an enable counts from the end of its update on, and no interrupt is about what was before; a
 * disable keeps interrupts back by the end of its update, or sooner. */
static bool enabled(struct txn *t, smref_sec_sid bank, smref_source source)
{
    bool wanted = enabled_in(source, bank_value(t, SMREF_FAMILY_IRQ_CTRL, bank));
    bool old = enabled_in(source, bank_value(t, SMREF_FAMILY_IRQ_CTRLACK, bank));
    if (wanted == old)
        return wanted;
    if (!old) {
        smref_decide_once(t, SMREF_RULE_IRQ_ENABLING);
        return false;
    }
    smref_decide_once(t, SMREF_RULE_IRQ_DISABLING);
    return smref_choose(t, SMREF_CHOICE_IRQ_DISABLING) == SMREF_CHOICE_IRQ_DISABLING_old;
}

bool smref_message_of(struct txn *t, smref_sec_sid bank, smref_source source, smref_effect *message)
{
    return messages(t, bank) && enabled(t, bank, source) && make_message(t, bank, source, message);
}

void smref_trigger(struct txn *t, smref_sec_sid bank, smref_source source)
{
    smref_effect message;
    smref_show_register(t, bank_register(SMREF_FAMILY_IRQ_CTRLACK, bank),
                        source == SMREF_SOURCE_GERROR ? "GERROR_IRQEN" : "EVENTQ_IRQEN");
    if (!enabled(t, bank, source))
        return;
    smref_decide_once(t, sources[source].triggered);
    smref_assert_wire(t, bank, source, SMREF_RULE_IRQ_WIRED, SMREF_RULE_IRQ_WIRED_TOO);
    if (messages(t, bank) && make_message(t, bank, source, &message))
        send_or_report(t, &message);
}

static bool only_made(const struct txn *t, smref_sec_sid bank, uint64_t error)
{
    return !(smref_active_errors(t, bank) & ~t->smmu->errors_made[bank] & error);
}

static bool made_error_counts(struct txn *t)
{
    return smref_choose(t, SMREF_CHOICE_GERROR_TOGGLED) != SMREF_CHOICE_GERROR_TOGGLED_without_effect;
}

bool smref_error_in_effect(struct txn *t, smref_sec_sid bank, uint64_t error)
{
    return smref_active_errors(t, bank) & error && (!only_made(t, bank, error) || made_error_counts(t));
}

bool smref_in_service_failure(struct txn *t)
{
    uint64_t error = smref_SMMU_GERROR_with_SFM_ERR(0, 1);
    if (!t->smmu->service_failure)
        return false;
    return !only_made(t, SMREF_SEC_NS, error) ||
           (smref_SMMU_S_IDR1_SECURE_IMPL(t->reg[SMREF_REG_SMMU_S_IDR1]) &&
            !only_made(t, SMREF_SEC_SECURE, error)) ||
           made_error_counts(t);
}

void smref_activate_error(struct txn *t, smref_sec_sid bank, uint64_t error)
{
    if (smref_active_errors(t, bank) & error) {
        smref_decide_once(t, SMREF_RULE_GERROR_ACTIVE_ALREADY);
        return;
    }
    t->smmu->reg[bank_register(SMREF_FAMILY_GERROR, bank)] ^= error;
    t->out->gerror_changed |= (uint8_t)(1U << bank);
    if (smref_SMMU_GERROR_MSI_GERROR_ABT_ERR(error))
        smref_decide_once(t, SMREF_RULE_GERROR_MSI_ABORT_SILENT);
    else
        smref_trigger(t, bank, SMREF_SOURCE_GERROR);
}
