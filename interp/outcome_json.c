/* Outcomes in the words of the format smref-result 1.0. */
#include "outcome_json.h"

#include "hex.h"
#include "vocabulary.h"

json_t *smref_event_json(const smref_event *event)
{
    json_t *object = json_object();

    json_object_set_new(object, "bank", json_string(smref_spell_sec_sid(event->bank)));
    json_object_set_new(object, "name", json_string(smref_spell_event(event->type)));
    json_object_set_new(object, "words", smref_hex_words(event->words, 4));
    if (event->unknown[0] | event->unknown[1] | event->unknown[2] | event->unknown[3])
        json_object_set_new(object, "ignore", smref_hex_words(event->unknown, 4));
    if (event->lost != SMREF_LOST_NOT)
        json_object_set_new(object, "why", json_string(smref_spell_lost(event->lost)));
    return object;
}

/* Puts the record under "events" (always there) or "lost" (when not empty). */
static void set_events(json_t *object, const smref_result *result)
{
    json_t *written = json_array(), *lost;

    json_object_set_new(object, "events", written);
    if (!result->event_valid)
        return;
    if (result->event.lost == SMREF_LOST_NOT) {
        json_array_append_new(written, smref_event_json(&result->event));
        return;
    }
    lost = json_array();
    json_array_append_new(lost, smref_event_json(&result->event));
    json_object_set_new(object, "lost", lost);
}

static void set_rules(json_t *object, const smref_result *result)
{
    json_t *rules = json_array();
    unsigned i;

    for (i = 0; i < result->rule_count; i++)
        json_array_append_new(rules, json_string(smref_rule_at(result->rules[i])->id));
    json_object_set_new(object, "rules", rules);
}

static void set_translation(json_t *object, const smref_result *result)
{
    json_object_set_new(object, "pa", smref_hex_json(result->pa));
    json_object_set_new(object, "pas", json_string(smref_spell_pas(result->pas)));
    if (result->mecid)
        json_object_set_new(object, "mecid", smref_hex_json(result->mecid));
    if (result->page_size)
        json_object_set_new(object, "page_size", smref_hex_json(result->page_size));
    json_object_set_new(object, "attrs", smref_attrs_json(&result->attrs));
    if (result->priv)
        json_object_set_new(object, "priv", json_true());
    if (result->inst)
        json_object_set_new(object, "inst", json_true());
}

static void set_gerror(json_t *object, const smref_step_result *step)
{
    json_t *gerror = json_object();

    for (unsigned bank = 0; bank < SMREF_BANKS; bank++)
        if (step->access.gerror_changed >> bank & 1)
            json_object_set_new(gerror, smref_spell_sec_sid((smref_sec_sid)bank),
                                smref_hex_json(step->gerror[bank]));
    if (json_object_size(gerror))
        json_object_set(object, "gerror", gerror);
    json_decref(gerror);
}

/* Faults that were recorded: the registers of the Root page. */
static void set_far(json_t *object, const smref_step_result *step)
{
    json_t *far = json_object();

    if (step->access.gpf_far)
        json_object_set_new(far, "gpf", smref_hex_json(step->gpf_far));
    if (step->access.gpt_cfg_far)
        json_object_set_new(far, "gpt_cfg", smref_hex_json(step->gpt_cfg_far));
    if (json_object_size(far))
        json_object_set(object, "far", far);
    json_decref(far);
}

/* Attributes without hints, which are IMPLEMENTATION DEFINED here. */
static json_t *write_attrs_json(const smref_attrs *attrs)
{
    static const char *const words[] = {[SMREF_WB] = "wb", [SMREF_WT] = "wt", [SMREF_NC] = "nc"};
    json_t *object = smref_attrs_json(attrs);

    if (attrs->type == SMREF_MT_NORMAL) {
        json_object_set_new(object, "inner", json_string(words[attrs->inner.cacheability]));
        json_object_set_new(object, "outer", json_string(words[attrs->outer.cacheability]));
    }
    return object;
}

static json_t *write_json(const smref_effect *effect)
{
    json_t *object = json_object();

    json_object_set_new(object, "pas", json_string(smref_spell_pas(effect->pas)));
    json_object_set_new(object, "at", smref_hex_json(effect->address));
    json_object_set_new(object, "u32", smref_hex_json(effect->value));
    if (effect->mecid)
        json_object_set_new(object, "mecid", smref_hex_json(effect->mecid));
    json_object_set_new(object, "bank", json_string(smref_spell_sec_sid(effect->bank)));
    json_object_set_new(object, "source", json_string(smref_spell_source(effect->source)));
    json_object_set_new(object, "attrs", write_attrs_json(&effect->attrs));
    return object;
}

static json_t *irq_json(const smref_effect *effect)
{
    json_t *object = json_object();
    bool wakes = effect->kind == SMREF_EFFECT_EVENT;

    if (effect->source != SMREF_SOURCE_GPF_FAR && effect->source != SMREF_SOURCE_GPT_CFG_FAR)
        json_object_set_new(object, "bank", json_string(smref_spell_sec_sid(effect->bank)));
    json_object_set_new(object, "name", json_string(wakes ? "event" : smref_spell_source(effect->source)));
    return object;
}

/* The PASID, the span and the answer are there when the message has them. */
static json_t *message_json(const smref_effect *effect)
{
    const smref_message *message = &effect->message;
    json_t *object = json_object();

    json_object_set_new(object, "sec_sid", json_string(smref_spell_sec_sid(message->sec_sid)));
    json_object_set_new(object, "name", json_string(smref_spell_message(message->kind)));
    json_object_set_new(object, "sid", smref_hex_json(message->sid));
    if (message->ssv)
        json_object_set_new(object, "ssid", smref_hex_json(message->ssid));
    if (message->kind == SMREF_MESSAGE_PRI_RESP) {
        json_object_set_new(object, "prg_index", json_integer(message->prg_index));
        json_object_set_new(object, "response", json_string(smref_spell_response(message->response)));
        return object;
    }
    if (message->global)
        json_object_set_new(object, "global", json_true());
    if (message->log2_size) {
        json_object_set_new(object, "addr", smref_hex_json(effect->address));
        json_object_set_new(object, "log2_size", json_integer(message->log2_size));
    }
    return object;
}

void smref_set_effects_json(json_t *object, const smref_effect *effects, unsigned count, bool more)
{
    json_t *writes = json_array(), *irqs = json_array(), *messages = json_array();

    for (unsigned i = 0; i < count; i++) {
        const smref_effect *effect = &effects[i];
        if (effect->kind == SMREF_EFFECT_WRITE)
            json_array_append_new(writes, write_json(effect));
        else if (effect->kind == SMREF_EFFECT_MESSAGE)
            json_array_append_new(messages, message_json(effect));
        else
            json_array_append_new(irqs, irq_json(effect));
    }
    if (json_array_size(writes))
        json_object_set(object, "writes", writes);
    if (json_array_size(irqs))
        json_object_set(object, "irqs", irqs);
    if (json_array_size(messages))
        json_object_set(object, "messages", messages);
    if (more)
        json_object_set_new(object, "more", json_true());
    json_decref(writes);
    json_decref(irqs);
    json_decref(messages);
}

static void set_effects(json_t *object, const smref_result *result)
{
    smref_set_effects_json(object, result->effects, result->effect_count, result->effects_lost);
}

static void set_access(json_t *object, const smref_step_result *step)
{
    const smref_result *result = &step->access;

    json_object_set_new(object, "outcome", json_string(smref_spell_outcome(result->outcome)));
    if (result->outcome == SMREF_OUTCOME_STALL)
        json_object_set_new(object, "stag", json_integer(result->stag));
    if (result->outcome == SMREF_OUTCOME_OK)
        set_translation(object, result);
    set_events(object, result);
    set_effects(object, result);
    set_gerror(object, step);
    set_far(object, step);
    set_rules(object, result);
}

static void set_mmio(json_t *object, const smref_step_result *step)
{
    const smref_result *result = &step->access;

    json_object_set_new(object, "outcome", json_string(smref_spell_outcome(result->outcome)));
    if (result->outcome == SMREF_OUTCOME_OK) {
        json_object_set_new(object, "value", smref_hex_json(result->value & ~result->value_unknown));
        if (result->value_unknown)
            json_object_set_new(object, "value_ignore", smref_hex_json(result->value_unknown));
    }
    if (result->par_valid) {
        json_object_set_new(object, "par", smref_hex_json(result->par & ~result->par_unknown));
        if (result->par_unknown)
            json_object_set_new(object, "par_ignore", smref_hex_json(result->par_unknown));
    }
    json_object_set_new(object, "events", json_array());
    set_effects(object, result);
    set_gerror(object, step);
    set_far(object, step);
    set_rules(object, result);
}

static void set_outcome(json_t *object, const smref_stimulus *stimulus, const smref_step_result *result)
{
    if (stimulus->op == SMREF_OP_ACCESS) {
        set_access(object, result);
        return;
    }
    if (stimulus->op == SMREF_OP_MMIO_READ || stimulus->op == SMREF_OP_MMIO_WRITE) {
        set_mmio(object, result);
        return;
    }
    bool consistent = stimulus->op != SMREF_OP_IDENTIFY || result->access.rule_count == 0;
    json_object_set_new(object, "outcome",
                        json_string(consistent ? smref_spell_outcome(SMREF_OUTCOME_OK) : "inconsistent"));
    if (stimulus->op == SMREF_OP_LOAD)
        json_object_set_new(object, "hex", smref_hex_dump(result->loaded, stimulus->size));
    json_object_set_new(object, "events", json_array());
    set_rules(object, &result->access);
}

json_t *smref_outcome_json(const smref_stimulus *stimulus, const smref_step_result *result)
{
    json_t *object = json_object();

    set_outcome(object, stimulus, result);
    return object;
}

json_t *smref_permitted_json(const smref_stimulus *stimulus, const smref_permitted *permitted)
{
    json_t *object = smref_outcome_json(stimulus, &permitted->result), *choices, *also;
    size_t i;

    choices = permitted->way_count ? smref_choices_json(&permitted->ways[0]) : NULL;
    if (choices)
        json_object_set_new(object, "choices", choices);
    if (permitted->way_count > 1) {
        also = json_array();
        for (i = 1; i < permitted->way_count; i++) {
            choices = smref_choices_json(&permitted->ways[i]);
            json_array_append_new(also, choices ? choices : json_object());
        }
        json_object_set_new(object, "also", also);
    }
    return object;
}

json_t *smref_step_json(size_t step, const smref_stimulus *stimulus, const smref_step_result *result,
                        const smref_outcomes *all)
{
    json_t *object = json_object(), *outcomes;
    size_t i;

    json_object_set_new(object, "step", json_integer((json_int_t)step));
    json_object_set_new(object, "op", json_string(smref_spell_op(stimulus->op)));
    set_outcome(object, stimulus, result);
    if (result->access.value_ignored)
        json_object_set_new(object, "ignored", smref_hex_json(result->access.value_ignored));
    if (all) {
        outcomes = json_array();
        for (i = 0; i < all->count; i++)
            json_array_append_new(outcomes, smref_permitted_json(stimulus, &all->list[i]));
        json_object_set_new(object, "outcomes", outcomes);
    }
    return object;
}

/* ---- Stimuli --------------------------------------------------------------------------------------- */

/* T and XT, or the NS attribute: of a Secure stream always, for false is not its default (13.1.3). */
static void set_space_stimulus(json_t *object, const smref_stimulus *stimulus)
{
    const smref_access *access = &stimulus->access;

    if (stimulus->by_t) {
        json_object_set_new(object, "t", json_boolean(stimulus->t));
        if (stimulus->xt)
            json_object_set_new(object, "xt", json_true());
    } else if (!access->no_stream && (access->ns || access->xt || access->sec_sid == SMREF_SEC_SECURE)) {
        json_object_set_new(object, "ns", json_boolean(access->ns));
    }
}

static void set_access_stimulus(json_t *object, const smref_stimulus *stimulus)
{
    const smref_access *access = &stimulus->access;

    if (access->no_stream) {
        json_object_set_new(object, "sec_sid", json_string("none"));
        json_object_set_new(object, "pas", json_string(smref_spell_pas(access->pas)));
        if (access->mecid && access->pas == SMREF_PAS_REALM)
            json_object_set_new(object, "mecid", smref_hex_json(access->mecid));
    } else {
        if (access->sec_sid != SMREF_SEC_NS && !stimulus->by_t)
            json_object_set_new(object, "sec_sid", json_string(smref_spell_sec_sid(access->sec_sid)));
        json_object_set_new(object, "sid", smref_hex_json(access->sid));
    }
    if (access->ssv && !access->no_stream)
        json_object_set_new(object, "ssid", smref_hex_json(access->ssid));
    json_object_set_new(object, "addr", smref_hex_json(access->addr));
    json_object_set_new(object, "access", json_string(smref_spell_access(access->type)));
    if (access->size != 1)
        json_object_set_new(object, "size", json_integer(access->size));
    if (access->priv)
        json_object_set_new(object, "priv", json_true());
    if (access->inst)
        json_object_set_new(object, "inst", json_true());
    set_space_stimulus(object, stimulus);
    if (access->attrs_supplied)
        json_object_set_new(object, "attrs", smref_attrs_json(&access->attrs));
}

static void set_mmio_stimulus(json_t *object, const smref_stimulus *stimulus)
{
    const smref_mmio *mmio = &stimulus->mmio;
    char name[SMREF_REGISTER_ROOM];

    if (stimulus->named.reg < SMREF_REG_COUNT)
        json_object_set_new(object, "reg", json_string(smref_register_spelled(&stimulus->named, name)));
    else
        json_object_set_new(object, "offset", smref_hex_json(mmio->offset));
    json_object_set_new(object, "size", json_integer(mmio->size));
    if (mmio->write)
        json_object_set_new(object, "value", smref_hex_json(mmio->value));
    if (mmio->pas != SMREF_PAS_NS)
        json_object_set_new(object, "sec", json_string(smref_spell_pas(mmio->pas)));
}

json_t *smref_stimulus_json(const smref_stimulus *stimulus)
{
    json_t *object = json_object();

    json_object_set_new(object, "op", json_string(smref_spell_op(stimulus->op)));
    if (stimulus->op == SMREF_OP_ACCESS) {
        set_access_stimulus(object, stimulus);
        return object;
    }
    if (stimulus->op == SMREF_OP_IDENTIFY || stimulus->op == SMREF_OP_RESET)
        return object;
    if (stimulus->op == SMREF_OP_MMIO_READ || stimulus->op == SMREF_OP_MMIO_WRITE) {
        set_mmio_stimulus(object, stimulus);
        return object;
    }
    json_object_set_new(object, "pas", json_string(smref_spell_pas(stimulus->pas)));
    json_object_set_new(object, "at", smref_hex_json(stimulus->at));
    if (stimulus->op == SMREF_OP_STORE)
        json_object_set_new(object, "hex", smref_hex_dump(stimulus->bytes, stimulus->size));
    else
        json_object_set_new(object, "size", smref_hex_json(stimulus->size));
    return object;
}
