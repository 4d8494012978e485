/* Promises about results, each checked on its own. */
#include "promises.h"

#include <string.h>

/* The layout of an event record, by its number. */
static const smref_layout_info *record_layout(uint32_t number)
{
    const smref_layout_info *layout;
    for (unsigned i = 0; (layout = smref_layout_at(i)); i++)
        if (layout->kind == SMREF_LAYOUT_KIND_EVENT && layout->number == number)
            return layout;
    return NULL;
}

/* The bits of the record that belong to some field. */
static void field_bits(const smref_layout_info *layout, uint64_t *bits)
{
    memset(bits, 0, 4 * sizeof *bits);
    for (unsigned i = 0; i < layout->field_count; i++) {
        const smref_field_info *f = &layout->fields[i];
        for (unsigned piece = 0; piece < f->piece_count && f->kind != SMREF_KIND_RESERVED; piece++)
            for (unsigned bit = f->pieces[piece].lsb; bit <= f->pieces[piece].msb; bit++)
                bits[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

static bool field_is(const smref_layout_info *layout, const uint64_t *words, const char *name, uint64_t value)
{
    for (unsigned i = 0; i < layout->field_count; i++)
        if (strcmp(layout->fields[i].name, name) == 0)
            return smref_field_get(&layout->fields[i], words, 0) == value;
    return true;
}

static const char *broken_record(const smref_access *a, const smref_event *e)
{
    const smref_layout_info *layout = record_layout((uint32_t)e->type);
    uint64_t bits[4];
    if (!layout)
        return "the event has a record";
    field_bits(layout, bits);
    for (unsigned i = 0; i < 4; i++) {
        if (e->words[i] & ~bits[i])
            return "reserved bits of a record are zero";
        if (e->unknown[i] & ~bits[i])
            return "only fields are UNKNOWN";
    }
    if ((e->words[0] & 0xff) != (uint64_t)e->type)
        return "event number of the record";
    if (!field_is(layout, e->words, "StreamID", a->sid))
        return "StreamID of the record";
    if (!field_is(layout, e->words, "SSV", a->ssv))
        return "SSV of the record";
    if (a->ssv && !field_is(layout, e->words, "SubstreamID", a->ssid))
        return "SubstreamID of the record";
    if (!field_is(layout, e->words, "InputAddr", a->addr))
        return "InputAddr of the record";
    return NULL;
}

static const char *broken_queue(const smref_result *r, const struct written *w)
{
    bool kept = r->event_valid && r->event.lost == SMREF_LOST_NOT;
    bool tried = kept || (r->event_valid && r->event.lost == SMREF_LOST_ABORTED);
    if (w->records != (tried ? 1U : 0U))
        return "the record is written once";
    if (tried && memcmp(w->words, r->event.words, sizeof w->words) != 0)
        return "the record in the queue is that of the result";
    if (tried && (w->address & 31))
        return "records are aligned";
    return NULL;
}

/* 3.18: interrupts follow what they tell of. A MSI that was written is in the result; what was aborted is
 * not, and makes an error active instead, unless that is left unsaid. */
static const char *broken_effects(const smref *smmu, const smref_result *r, const struct written *w)
{
    bool enabled = smref_get_register(smmu, SMREF_REG_SMMU_IRQ_CTRL) & 5;
    bool disabling = smref_get_register(smmu, SMREF_REG_SMMU_IRQ_CTRLACK) & 5;
    unsigned messages = 0;
    if (w->told_before)
        return "the record is visible before its interrupt";
    if (!enabled && !disabling && (r->effect_count || w->messages))
        return "no interrupt without an enable";
    if (!r->event_valid && (r->effect_count || w->messages || r->gerror_changed))
        return "only a record has consequences";
    if (r->effects_lost)
        return "an access has few effects";
    for (unsigned i = 0; i < r->effect_count; i++) {
        const smref_effect *e = &r->effects[i];
        if (e->bank != SMREF_SEC_NS || e->kind == SMREF_EFFECT_EVENT || e->source == SMREF_SOURCE_CMD_SYNC)
            return "an access triggers interrupts of its bank";
        if (e->kind != SMREF_EFFECT_WRITE)
            continue;
        messages++;
        if (e->pas != SMREF_PAS_NS || (e->address & 3))
            return "an MSI is a word in the Non-secure address space";
        if (e->attrs.type != SMREF_MT_NORMAL && e->attrs.sh != SMREF_OSH)
            return "what is not cached is Outer Shareable";
    }
    return messages > w->messages ? "an MSI of the result was written" : NULL;
}

static bool consistent(const smref_cache_attr *c)
{
    bool hints = c->read_allocate || c->write_allocate || c->transient;
    if (c->cacheability == SMREF_NC)
        return !hints;
    return c->cacheability <= SMREF_WT && (c->read_allocate || c->write_allocate || !c->transient);
}

/* 13.1.7. */
static const char *broken_attributes(const smref_attrs *a)
{
    bool normal = a->type == SMREF_MT_NORMAL;
    bool cached = normal && (a->inner.cacheability != SMREF_NC || a->outer.cacheability != SMREF_NC);
    if (a->type > SMREF_MT_DEVICE_nGnRnE || a->sh > SMREF_OSH)
        return "attributes have a value of their type";
    if (!cached && a->sh != SMREF_OSH)
        return "what is not cached is Outer Shareable";
    if (!consistent(&a->inner) || !consistent(&a->outer))
        return "hints are consistent";
    if (!normal && (a->inner.cacheability != SMREF_NC || a->outer.cacheability != SMREF_NC))
        return "Device is not cached";
    return NULL;
}

static const char *broken_success(const smref *smmu, const smref_access *a, const smref_result *r)
{
    static const uint8_t oas_bits[8] = {32, 36, 40, 42, 44, 48, 52, 56};
    unsigned version = (unsigned)smref_get_register(smmu, SMREF_REG_SMMU_AIDR) & 15;
    unsigned oas = oas_bits[smref_get_register(smmu, SMREF_REG_SMMU_IDR5) & 7];
    if (version < 1 && oas > 48)
        oas = 48;
    if (version < 4 && oas > 52)
        oas = 52;
    if (r->pa >> oas)
        return "address within the output size";
    if (r->pas != SMREF_PAS_NS && r->pas != (smref_pas)a->sec_sid) /* the numbers are the same */
        return "a stream stays in the spaces of its Security state (3.10.2, 3.10.3)";
    if (r->event_valid)
        return "no event with success";
    if (r->page_size & (r->page_size - 1) || (r->page_size && r->page_size < 4096))
        return "page size";
    if (r->page_size && ((r->pa ^ a->addr) & (r->page_size - 1) & ((UINT64_C(1) << oas) - 1)))
        return "the offset in the page is kept";
    if (version >= 4 ? !r->priv || r->inst : r->inst && a->type != SMREF_READ)
        return "marks presented to memory (13.1.2)";
    return broken_attributes(&r->attrs);
}

static const char *broken_rules(const smref_result *r)
{
    if (r->rule_count >= SMREF_MAX_RULES)
        return "all rules have room";
    for (unsigned i = 0; i < r->rule_count; i++)
        if (!r->rules[i] || !smref_rule_at(r->rules[i]))
            return "rules exist";
    for (unsigned i = SMREF_CHOICE_COUNT; i < 64 * (sizeof r->choices_met / sizeof *r->choices_met); i++)
        if (r->choices_met[i / 64] >> i % 64 & 1)
            return "choices exist";
    return NULL;
}

const char *broken_promise(const smref *smmu, const smref_access *access, const smref_result *r,
                           const struct written *written)
{
    const char *broken = r->rule_count ? broken_rules(r) : "every access has its rules";
    if (!broken && r->outcome > SMREF_OUTCOME_RAZ_WI)
        broken = "outcome";
    if (!broken)
        broken = broken_queue(r, written);
    if (!broken)
        broken = broken_effects(smmu, r, written);
    if (!broken && r->event_valid)
        broken = broken_record(access, &r->event);
    if (!broken && r->outcome == SMREF_OUTCOME_OK)
        broken = broken_success(smmu, access, r);
    if (!broken && r->outcome != SMREF_OUTCOME_OK && (r->pa || r->page_size))
        broken = "no address without success";
    return broken;
}

const char *broken_register_promise(const smref *smmu, const uint64_t *before, const smref_mmio *access,
                                    const smref_result *r, const struct written *written)
{
    unsigned changed = 0;
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        changed += smref_get_register(smmu, (smref_register)i) != before[i];
    if (r->outcome != SMREF_OUTCOME_OK && r->outcome != SMREF_OUTCOME_ABORT)
        return "outcome";
    if (r->event_valid || written->records)
        return "an access to a register records nothing";
    if (changed && (!access->write || r->outcome != SMREF_OUTCOME_OK))
        return "only a write that succeeds changes registers";
    if (r->outcome != SMREF_OUTCOME_OK && (r->value || r->value_unknown))
        return "only what succeeds has a value";
    if (access->size < 8 && (r->value | r->value_unknown) >> 8 * access->size)
        return "the value has the size of the access";
    return broken_rules(r);
}
