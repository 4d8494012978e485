/* Sights, compared and written down. */
#include "sight.h"

#include <string.h>

#include "hex.h"
#include "outcome_json.h"
#include "vocabulary.h"

const char *smref_spell_aspect(smref_aspect aspect)
{
    static const char *const words[SMREF_ASPECT_COUNT] = {
        [SMREF_ASPECT_NONE] = "none",       [SMREF_ASPECT_OUTCOME] = "outcome",
        [SMREF_ASPECT_PA] = "pa",           [SMREF_ASPECT_PAS] = "pas",
        [SMREF_ASPECT_ATTRS] = "attrs",     [SMREF_ASPECT_EVENT] = "event",
        [SMREF_ASPECT_RECORD] = "record",   [SMREF_ASPECT_VALUE] = "value",
        [SMREF_ASPECT_LOADED] = "loaded",   [SMREF_ASPECT_GERROR] = "gerror",
        [SMREF_ASPECT_EFFECTS] = "effects", [SMREF_ASPECT_MECID] = "mecid",
        [SMREF_ASPECT_PRIV] = "priv",       [SMREF_ASPECT_PAR] = "par",
        [SMREF_ASPECT_FAR] = "far",         [SMREF_ASPECT_DIED] = "died",
    };

    return words[aspect];
}

/* ---- Effects --------------------------------------------------------------------------------------- */

static unsigned group_of(smref_effect_kind kind)
{
    return kind == SMREF_EFFECT_WRITE ? 0 : kind == SMREF_EFFECT_MESSAGE ? 2 : 1;
}

void smref_sight_set_effects(smref_sight *sight, const smref_effect *effects, unsigned count, bool more)
{
    sight->effect_count = 0;
    sight->effects_more = more || count > SMREF_SIGHT_EFFECTS;
    for (unsigned group = 0; group < 3; group++)
        for (unsigned i = 0; i < count && sight->effect_count < SMREF_SIGHT_EFFECTS; i++)
            if (group_of(effects[i].kind) == group)
                sight->effects[sight->effect_count++] = effects[i];
    /* Which queue a message is from, its endpoint cannot tell. */
    for (unsigned i = 0; i < sight->effect_count; i++)
        if (sight->effects[i].kind == SMREF_EFFECT_MESSAGE)
            sight->effects[i].bank = sight->effects[i].message.sec_sid;
}

/* ---- Comparing ------------------------------------------------------------------------------------- */

static bool same_effects(const smref_sight *a, const smref_sight *b)
{
    if (a->effect_count != b->effect_count || a->effects_more != b->effects_more)
        return false;
    for (unsigned i = 0; i < a->effect_count; i++)
        if (!smref_effect_same(&a->effects[i], &b->effects[i]))
            return false;
    return true;
}

static bool same_outcome(const smref_sight *predicted, const smref_sight *shown)
{
    return predicted->outcome == shown->outcome ||
           (shown->raz_is_abort && predicted->outcome == SMREF_OUTCOME_RAZ_WI &&
            shown->outcome == SMREF_OUTCOME_ABORT);
}

static smref_aspect compare_event(unsigned shows, const smref_sight *predicted, const smref_sight *shown)
{
    const smref_event *a = &predicted->event, *b = &shown->event;
    bool seen = predicted->event_valid && (shows & SMREF_SHOWS_LOST || a->lost == SMREF_LOST_NOT);

    if (seen != shown->event_valid || shown->events_more)
        return SMREF_ASPECT_EVENT;
    if (!seen || smref_event_same(a, b))
        return SMREF_ASPECT_NONE;
    return a->type != b->type || a->bank != b->bank || a->lost != b->lost ? SMREF_ASPECT_EVENT
                                                                          : SMREF_ASPECT_RECORD;
}

/* Where an access that was let through goes, and how. */
static smref_aspect compare_output(unsigned shows, const smref_sight *predicted, const smref_sight *shown)
{
    if (shows & SMREF_SHOWS_PA && (shown->elsewhere || predicted->pa != shown->pa))
        return SMREF_ASPECT_PA;
    if (shows & SMREF_SHOWS_PAS && predicted->pas != shown->pas)
        return SMREF_ASPECT_PAS;
    if (shows & SMREF_SHOWS_MECID && predicted->mecid != shown->mecid)
        return SMREF_ASPECT_MECID;
    if (shows & SMREF_SHOWS_PRIV && (predicted->priv != shown->priv || predicted->inst != shown->inst))
        return SMREF_ASPECT_PRIV;
    if (shows & SMREF_SHOWS_ATTRS && !smref_attrs_same(&predicted->attrs, &shown->attrs))
        return SMREF_ASPECT_ATTRS;
    return SMREF_ASPECT_NONE;
}

/* Of all steps: what the SMMU did beside answering. */
static smref_aspect compare_beside(unsigned shows, const smref_sight *predicted, const smref_sight *shown)
{
    smref_aspect event =
        shows & SMREF_SHOWS_EVENT ? compare_event(shows, predicted, shown) : SMREF_ASPECT_NONE;

    if (event)
        return event;
    if (shows & SMREF_SHOWS_GERROR && memcmp(predicted->gerror, shown->gerror, sizeof shown->gerror) != 0)
        return SMREF_ASPECT_GERROR;
    if (shows & SMREF_SHOWS_EFFECTS && !same_effects(predicted, shown))
        return SMREF_ASPECT_EFFECTS;
    if (shows & SMREF_SHOWS_FAR &&
        (predicted->gpf_far != shown->gpf_far || predicted->gpt_cfg_far != shown->gpt_cfg_far))
        return SMREF_ASPECT_FAR;
    if (shows & SMREF_SHOWS_PAR &&
        (predicted->par_valid != shown->par_valid || (predicted->par ^ shown->par) & ~predicted->par_open))
        return SMREF_ASPECT_PAR;
    return SMREF_ASPECT_NONE;
}

static bool same_loaded(const smref_sight *predicted, const smref_sight *shown, size_t size)
{
    for (size_t i = 0; i * 8 < size; i++) {
        uint64_t count = size - i * 8 < 8 ? (UINT64_C(1) << (size - i * 8) * 8) - 1 : UINT64_MAX;
        if ((predicted->loaded[i] ^ shown->loaded[i]) & ~predicted->open[i] & count)
            return false;
    }
    return true;
}

smref_aspect smref_sight_differs(const smref_stimulus *step, const smref_sight *predicted,
                                 const smref_sight *shown)
{
    unsigned shows = shown->shows & predicted->shows;
    smref_aspect output = SMREF_ASPECT_NONE;

    if (shows & SMREF_SHOWS_OUTCOME && !same_outcome(predicted, shown))
        return SMREF_ASPECT_OUTCOME;
    if (step->op == SMREF_OP_ACCESS && predicted->outcome == SMREF_OUTCOME_OK)
        output = compare_output(shows, predicted, shown);
    if (output)
        return output;
    if (shows & SMREF_SHOWS_VALUE && (predicted->value ^ shown->value) & ~predicted->value_open)
        return SMREF_ASPECT_VALUE;
    if (shows & SMREF_SHOWS_LOADED && !same_loaded(predicted, shown, step->size))
        return SMREF_ASPECT_LOADED;
    return compare_beside(shows, predicted, shown);
}

/* ---- Writing --------------------------------------------------------------------------------------- */

static void set_output(json_t *out, const smref_sight *sight)
{
    if (sight->elsewhere)
        json_object_set_new(out, "elsewhere", json_true());
    else if (sight->shows & SMREF_SHOWS_PA)
        json_object_set_new(out, "pa", smref_hex_json(sight->pa));
    if (sight->shows & SMREF_SHOWS_PAS)
        json_object_set_new(out, "pas", json_string(smref_spell_pas(sight->pas)));
    if (sight->shows & SMREF_SHOWS_MECID && sight->mecid)
        json_object_set_new(out, "mecid", smref_hex_json(sight->mecid));
    if (sight->shows & SMREF_SHOWS_ATTRS)
        json_object_set_new(out, "attrs", smref_attrs_json(&sight->attrs));
    if (sight->shows & SMREF_SHOWS_PRIV && sight->priv)
        json_object_set_new(out, "priv", json_true());
    if (sight->shows & SMREF_SHOWS_PRIV && sight->inst)
        json_object_set_new(out, "inst", json_true());
}

static void set_event(json_t *out, const smref_sight *sight)
{
    json_t *list = json_array();

    if (sight->event_valid)
        json_array_append_new(list, smref_event_json(&sight->event));
    json_object_set_new(out, sight->event_valid && sight->event.lost ? "lost" : "events", list);
}

static void set_loaded(json_t *out, const smref_sight *sight, size_t size)
{
    uint8_t bytes[SMREF_CASE_LOAD];

    smref_words_to_bytes(sight->loaded, SMREF_CASE_LOAD / 8, bytes);
    json_object_set_new(out, "hex", smref_hex_dump(bytes, size < sizeof bytes ? size : sizeof bytes));
}

/* SMMU_GERROR of the Non-secure bank, and of others when anything is set there. */
static void set_gerror(json_t *out, const smref_sight *sight)
{
    json_t *gerror = json_object();

    for (unsigned bank = 0; bank < SMREF_BANKS; bank++)
        if (bank == SMREF_SEC_NS || sight->gerror[bank])
            json_object_set_new(gerror, smref_spell_sec_sid((smref_sec_sid)bank),
                                smref_hex_json(sight->gerror[bank]));
    json_object_set_new(out, "gerror", gerror);
}

static void set_far(json_t *out, const smref_sight *sight)
{
    json_t *far = json_object();

    if (sight->gpf_far)
        json_object_set_new(far, "gpf", smref_hex_json(sight->gpf_far));
    if (sight->gpt_cfg_far)
        json_object_set_new(far, "gpt_cfg", smref_hex_json(sight->gpt_cfg_far));
    if (json_object_size(far))
        json_object_set(out, "far", far);
    json_decref(far);
}

/* A value, and the bits of it that are open. */
static void set_value(json_t *out, const char *name, uint64_t value, const char *ignore, uint64_t open)
{
    json_object_set_new(out, name, smref_hex_json(value));
    if (open)
        json_object_set_new(out, ignore, smref_hex_json(open));
}

json_t *smref_sight_json(const smref_stimulus *step, const smref_sight *sight)
{
    json_t *out = json_object();

    if (sight->shows & SMREF_SHOWS_OUTCOME)
        json_object_set_new(out, "outcome", json_string(smref_spell_outcome(sight->outcome)));
    if (step->op == SMREF_OP_ACCESS && sight->outcome == SMREF_OUTCOME_OK)
        set_output(out, sight);
    if (sight->shows & SMREF_SHOWS_EVENT)
        set_event(out, sight);
    if (sight->shows & SMREF_SHOWS_VALUE)
        set_value(out, "value", sight->value, "value_ignore", sight->value_open);
    if (sight->shows & SMREF_SHOWS_PAR && sight->par_valid)
        set_value(out, "par", sight->par, "par_ignore", sight->par_open);
    if (sight->shows & SMREF_SHOWS_LOADED)
        set_loaded(out, sight, step->size);
    if (sight->shows & SMREF_SHOWS_EFFECTS)
        smref_set_effects_json(out, sight->effects, sight->effect_count, sight->effects_more);
    if (sight->shows & SMREF_SHOWS_GERROR)
        set_gerror(out, sight);
    if (sight->shows & SMREF_SHOWS_FAR)
        set_far(out, sight);
    return out;
}

static unsigned bits_of(uint64_t word)
{
    unsigned count = 0;

    for (; word; word &= word - 1)
        count++;
    return count;
}

unsigned smref_sight_distance(const smref_sight *predicted, const smref_sight *shown)
{
    unsigned sum = 0;

    for (size_t i = 0; i < SMREF_CASE_LOAD / 8; i++)
        sum += bits_of((predicted->loaded[i] ^ shown->loaded[i]) & ~predicted->open[i]);
    return predicted->outcome == shown->outcome ? sum : sum + 64;
}
