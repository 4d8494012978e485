/* What a difference is about, and a finding as data. */
#include "finding.h"

#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "smref_layout.h"
#include "vocabulary.h"

/* ---- The rule -------------------------------------------------------------------------------------- */

/* Rules that say how an access or a command went on, whatever decided before. */
static bool is_background(smref_rule rule)
{
    static const smref_rule background[] = {
        SMREF_RULE_STRTAB_LINEAR,   SMREF_RULE_STRTAB_TWO_LEVEL, SMREF_RULE_CD_SINGLE,
        SMREF_RULE_CD_TABLE_LINEAR, SMREF_RULE_CD_TABLE_4K,      SMREF_RULE_CD_TABLE_64K,
        SMREF_RULE_STE_CONT_HINT,   SMREF_RULE_S1_TTB0,          SMREF_RULE_ATTR_DEFAULT,
        SMREF_RULE_S1_FAULT_ABORT,  SMREF_RULE_S2_FAULT_ABORT,   SMREF_RULE_CONFIGURATION_FAULT_ABORTS,
        SMREF_RULE_EVENTQ_WRITTEN,  SMREF_RULE_REG_WRITTEN,      SMREF_RULE_REG_READ,
        SMREF_RULE_CMDQ_CONSUMED,   SMREF_RULE_CMDQ_STOPPED,     SMREF_RULE_IRQ_EVENTQ,
        SMREF_RULE_IRQ_WIRED,       SMREF_RULE_REG_ACKNOWLEDGED,
    };

    for (size_t i = 0; i < sizeof background / sizeof *background; i++)
        if (background[i] == rule)
            return true;
    return strncmp(smref_rule_at((unsigned)rule)->id, "HELD_", 5) == 0;
}

/* Rules that decided, in their order: those of the step, or of what it comes from. */
struct rules {
    const uint16_t *list;
    unsigned count;
};

static struct rules rules_of(const smref_difference *d)
{
    if (d->cause.rule_count)
        return (struct rules){d->cause.rules, d->cause.rule_count};
    return (struct rules){d->rules, d->rule_count};
}

/* The last rule with one of the subjects (NULL: any) that is no background. */
static smref_rule last_of(struct rules rules, const char *const *subjects)
{
    for (unsigned i = rules.count; i-- > 0;) {
        smref_rule rule = (smref_rule)rules.list[i];
        const char *subject = smref_rule_at(rule)->subject;
        bool wanted = !subjects;
        for (size_t s = 0; subjects && subjects[s]; s++)
            wanted = wanted || strcmp(subjects[s], subject) == 0;
        if (wanted && !is_background(rule))
            return rule;
    }
    return SMREF_RULE_NONE;
}

/* The rule that ends the access, or stops the commands: the last that leads to the event or error. (One
 * before it has that outcome with another option of its choice.) */
static smref_rule ending(struct rules rules, const smref_sight *expected)
{
    const char *event = expected->event_valid ? smref_spell_event(expected->event.type) : NULL;

    for (unsigned i = rules.count; i-- > 0;) {
        const smref_rule_info *rule = smref_rule_at(rules.list[i]);
        const char *outcome = strcmp(rule->subject, "event") ? rule->outcome : NULL;
        if (outcome && (event ? strcmp(outcome, event) == 0
                              : strncmp(outcome, "F_", 2) == 0 || strncmp(outcome, "C_", 2) == 0 ||
                                    strncmp(outcome, "CERROR_", 7) == 0))
            return (smref_rule)rules.list[i];
    }
    return SMREF_RULE_NONE;
}

/* Of an access that is translated: what the aspect depends on most. */
static smref_rule passing(struct rules rules, smref_aspect aspect)
{
    static const char *const addresses[] = {"address", "walk", NULL},
                             *const attributes[] = {"attributes", NULL},
                             *const paths[] = {"lookup", "bypass", NULL};
    smref_rule rule = SMREF_RULE_NONE;

    if (aspect == SMREF_ASPECT_PA || aspect == SMREF_ASPECT_PAS)
        rule = last_of(rules, addresses);
    else if (aspect == SMREF_ASPECT_ATTRS || aspect == SMREF_ASPECT_PRIV || aspect == SMREF_ASPECT_MECID)
        rule = last_of(rules, attributes);
    return rule ? rule : last_of(rules, paths);
}

static bool is_access(const smref_case *c, const smref_difference *d)
{
    size_t step = d->cause.rule_count ? d->cause.step : d->step;

    return c->steps[step].op == SMREF_OP_ACCESS;
}

/* Whether a register of this family was read. */
static bool is_read(const smref_case *c, const smref_difference *d, const char *family)
{
    smref_register_ref ref;

    return d->aspect == SMREF_ASPECT_VALUE && smref_mmio_register(&c->steps[d->step], &ref) &&
           strcmp(smref_register_at(ref.reg)->family, family) == 0;
}

/* Whether it is about SMMU_GERROR.EVENTQ_ABT_ERR. */
static bool about_error(const smref_case *c, const smref_difference *d)
{
    return is_read(c, d, "GERROR") &&
           smref_SMMU_GERROR_EVENTQ_ABT_ERR(d->shown.value ^ d->permitted[0].value);
}

/* Whether it is about SMMU_EVENTQ_PROD.OVFLG, or what else of the queue is in that register, or its error. */
static bool about_queue(const smref_case *c, const smref_difference *d)
{
    return is_read(c, d, "EVENTQ_PROD") || about_error(c, d);
}

/* Bits of a queue's base that do not count: commands are read, or records written, elsewhere if they do. */
static smref_rule queue_base(const smref_case *c, const smref_difference *d, struct rules rules)
{
    smref_records r;

    if (about_queue(c, d) && !about_error(c, d) && !smref_diff_records(c, d)) /* the overflow flag */
        return SMREF_RULE_NONE;
    if (d->aspect != SMREF_ASPECT_VALUE && d->aspect != SMREF_ASPECT_LOADED &&
        d->aspect != SMREF_ASPECT_GERROR)
        return SMREF_RULE_NONE;
    smref_diff_find_records(c, d, &r);
    if (d->aspect == SMREF_ASPECT_LOADED && r.expected[0] && r.shown[0])
        return SMREF_RULE_NONE;
    for (unsigned i = 0; i < rules.count; i++)
        if ((rules.list[i] == SMREF_RULE_QUEUE_BASE_ALIGNED && !about_queue(c, d)) ||
            rules.list[i] == SMREF_RULE_QUEUE_BASE_TRUNCATED)
            return (smref_rule)rules.list[i];
    return SMREF_RULE_NONE;
}

smref_rule smref_diff_rule(const smref_case *c, const smref_difference *difference)
{
    static const char *const events[] = {"event", NULL};
    struct rules rules = rules_of(difference);
    int more = smref_diff_records(c, difference);
    smref_rule rule = queue_base(c, difference, rules);

    if (smref_diff_above_index(c, difference))
        return SMREF_RULE_REG_INDEX_RAZ;
    if (rule)
        return rule;
    if (smref_diff_event(c, difference) == SMREF_EVENT_SPURIOUS)
        rule = passing(rules, SMREF_ASPECT_OUTCOME);
    else if (more > 0) /* what keeps the model from writing one comes last */
        rule = last_of(rules, NULL);
    else if (!more && about_error(c, difference))
        rule = last_of(rules, events);
    else if (!more && about_queue(c, difference))
        return last_of(rules, events);
    else
        rule = ending(rules, &difference->permitted[0]);
    if (!rule && is_access(c, difference))
        rule = passing(rules, difference->aspect);
    if (!rule)
        rule = last_of(rules, NULL);
    if (!rule && rules.count)
        rule = (smref_rule)rules.list[0];
    return rule;
}

/* ---- The group ------------------------------------------------------------------------------------- */

/* "access", "write SMMU_CR0", "record". Elements of an array are alike. */
static void put_step(const smref_case *c, const smref_difference *difference, char *out, size_t room)
{
    size_t number = difference->step;
    const smref_stimulus *step = &c->steps[number];
    const char *verb = step->op == SMREF_OP_MMIO_WRITE ? "write" : "read";
    smref_register_ref ref;

    if (smref_diff_event(c, difference) != SMREF_EVENT_NOT_WRONG)
        snprintf(out, room, "access"); /* wherever it was seen */
    else if (smref_loads_records(c, number))
        snprintf(out, room, "record");
    else if (step->op != SMREF_OP_MMIO_READ && step->op != SMREF_OP_MMIO_WRITE)
        snprintf(out, room, "%s", smref_spell_op(step->op));
    else if (smref_mmio_register(step, &ref))
        snprintf(out, room, "%s %s%s", verb, smref_register_at(ref.reg)->name,
                 ref.upper ? " upper half" : "");
    else
        snprintf(out, room, "%s of no register", verb);
}

/* Of what is wrong in a record of a configuration error, it matters little which of the many rules of
 * legality was broken. What a target dies of is not known to be about a rule. */
static bool rule_matters(const smref_case *c, const smref_difference *difference, smref_rule rule)
{
    if (difference->aspect == SMREF_ASPECT_DIED)
        return false;
    return !smref_rule_at(rule)->when || !smref_diff_in_record(c, difference);
}

const char *smref_diff_group(const smref_case *c, const smref_difference *difference, const char *died,
                             char out[SMREF_GROUP_ROOM])
{
    smref_rule rule = smref_diff_rule(c, difference);
    char what[SMREF_GROUP_ROOM / 2], done[96];

    put_step(c, difference, done, sizeof done);
    smref_diff_words(c, difference, died, what, sizeof what);
    if (rule && rule_matters(c, difference, rule))
        snprintf(out, SMREF_GROUP_ROOM, "%s: %s: %s", done, smref_rule_at(rule)->id, what);
    else
        snprintf(out, SMREF_GROUP_ROOM, "%s: %s", done, what);
    return out;
}

/* ---- As data --------------------------------------------------------------------------------------- */

static json_t *expected_json(const smref_stimulus *step, const smref_difference *d)
{
    json_t *out = json_array();

    for (size_t i = 0; i < d->permitted_count && i < SMREF_DIFFERENCE_WAYS; i++) {
        json_t *one = smref_sight_json(step, &d->permitted[i]), *choices = smref_choices_json(&d->ways[i]);
        if (choices)
            json_object_set_new(one, "choices", choices);
        json_array_append_new(out, one);
    }
    return out;
}

static json_t *rules_json(const smref_difference *d)
{
    json_t *out = json_array();

    for (unsigned i = 0; i < d->rule_count; i++)
        json_array_append_new(out, json_string(smref_rule_at(d->rules[i])->id));
    return out;
}

static bool says_nothing(const smref_choice_set *set)
{
    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        if (set->option[c] >= 0)
            return false;
    return true;
}

/* The snapshot, whose choices are those that the target takes until the step: of the first way that leads
 * there, unless more is known. */
static json_t *case_json(const smref_case *c, const smref_implementation *implementation, const char *group,
                         const smref_difference *difference, const smref_choice_set *taken)
{
    json_t *snapshot = smref_case_snapshot(c, implementation, group), *choices, *own;

    if ((!taken || says_nothing(taken)) && difference->permitted_count)
        taken = &difference->ways[0];
    choices = taken ? smref_choices_json(taken) : NULL;
    if (!choices)
        return snapshot;
    own = json_object_get(snapshot, "choices");
    if (own)
        json_object_update(own, choices);
    else
        json_object_set(snapshot, "choices", choices);
    json_decref(choices);
    return snapshot;
}

/* The step among those of the snapshot: stores at the start of a case are memory there. */
static size_t snapshot_step(const smref_case *c, const json_t *snapshot, size_t step)
{
    size_t memory = c->count - json_array_size(json_object_get(snapshot, "steps"));

    return step > memory ? step - memory : 0;
}

json_t *smref_diff_finding_json(const smref_case *c, const smref_implementation *implementation,
                                const smref_difference *difference, const smref_choice_set *taken,
                                const char *died)
{
    const smref_stimulus *step = &c->steps[difference->step];
    smref_rule rule = smref_diff_rule(c, difference);
    char group[SMREF_GROUP_ROOM];
    json_t *out = json_object(), *snapshot;

    smref_diff_group(c, difference, died, group);
    snapshot = case_json(c, implementation, group, difference, taken);
    if (c->index != SMREF_CASE_NO_INDEX)
        json_object_set_new(out, "index", json_integer((json_int_t)c->index));
    json_object_set_new(out, "kind", json_string(c->kind));
    json_object_set_new(out, "group", json_string(group));
    json_object_set_new(out, "step", json_integer((json_int_t)snapshot_step(c, snapshot, difference->step)));
    if (difference->cause.rule_count)
        json_object_set_new(out, "cause",
                            json_integer((json_int_t)snapshot_step(c, snapshot, difference->cause.step)));
    json_object_set_new(out, "aspect", json_string(smref_spell_aspect(difference->aspect)));
    if (rule) {
        json_object_set_new(out, "rule", json_string(smref_rule_at(rule)->id));
        json_object_set_new(out, "section", json_string(smref_rule_at(rule)->section));
    }
    json_object_set_new(out, "rules", rules_json(difference));
    json_object_set_new(out, "expected", expected_json(step, difference));
    if (died)
        json_object_set_new(out, "died", json_string(died));
    else
        json_object_set_new(out, "shown", smref_sight_json(step, &difference->shown));
    json_object_set_new(out, "case", snapshot);
    return out;
}
