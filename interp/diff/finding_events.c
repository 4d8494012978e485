/* The event records that a difference is about, wherever they are seen. */
#include <string.h>

#include "finding.h"
#include "smref_layout.h"
#include "vocabulary.h"

smref_event_type smref_record_event(const uint64_t *words)
{
    return (smref_event_type)smref_F_TRANSLATION_TYPE(words); /* the same place in all records (7.3) */
}

static void take(uint64_t out[SMREF_RECORD_WORDS], bool *known, const uint64_t *words)
{
    *known = true;
    if (words)
        memcpy(out, words, SMREF_RECORD_WORDS * sizeof *out);
    else
        memset(out, 0, SMREF_RECORD_WORDS * sizeof *out);
}

static void of_outcome(const smref_difference *d, smref_records *out)
{
    const smref_sight *shown = &d->shown, *expected = &d->permitted[0];

    out->expected_ok = expected->outcome == SMREF_OUTCOME_OK;
    out->shown_ok = shown->shows & SMREF_SHOWS_OUTCOME && shown->outcome == SMREF_OUTCOME_OK;
    take(out->expected, &out->expected_known, expected->event_valid ? expected->event.words : NULL);
    if (shown->shows & SMREF_SHOWS_EVENT)
        take(out->shown, &out->shown_known, shown->event_valid ? shown->event.words : NULL);
    else if (d->cause.record_shown)
        take(out->shown, &out->shown_known, d->cause.record);
}

/* An access whose record is not written: the event that it would have been, by the rules. */
static void of_silent(const smref_difference *d, smref_records *out)
{
    uint64_t words[SMREF_RECORD_WORDS] = {0};
    smref_layout layout;

    if (d->cause.record_shown)
        take(out->shown, &out->shown_known, d->cause.record);
    for (unsigned i = d->cause.rule_count; i-- > 0 && !d->cause.recorded && !out->expected_known;) {
        const char *outcome = smref_rule_at(d->cause.rules[i])->outcome;
        if (!outcome || !smref_layout_find(outcome, &layout) ||
            smref_layout_at((unsigned)layout)->kind != SMREF_LAYOUT_KIND_EVENT)
            continue;
        smref_F_TRANSLATION_set_TYPE(words, smref_layout_at((unsigned)layout)->number);
        take(out->expected, &out->expected_known, words);
    }
}

void smref_diff_find_records(const smref_case *c, const smref_difference *d, smref_records *out)
{
    const smref_sight *shown = &d->shown, *expected = &d->permitted[0];
    unsigned first;

    memset(out, 0, sizeof *out);
    if (d->aspect == SMREF_ASPECT_OUTCOME || d->aspect == SMREF_ASPECT_EVENT) {
        if (c->steps[d->step].op == SMREF_OP_ACCESS)
            of_outcome(d, out);
    } else if (d->aspect == SMREF_ASPECT_RECORD) {
        take(out->expected, &out->expected_known, expected->event.words);
        take(out->shown, &out->shown_known, shown->event.words);
    } else if (d->aspect == SMREF_ASPECT_VALUE && smref_diff_records(c, d) > 0) {
        of_silent(d, out);
    } else if (d->aspect == SMREF_ASPECT_LOADED && smref_loads_records(c, d->step)) {
        first = SMREF_RECORD_WORDS * smref_record_that_differs(&c->steps[d->step], expected, shown);
        take(out->expected, &out->expected_known, &expected->loaded[first]);
        take(out->shown, &out->shown_known, &shown->loaded[first]);
    }
}

/* ---- In which order an access meets them ------------------------------------------------------------- */

enum { RANK_TRANSLATION = 6, RANK_NONE };

/* Of a translation for a fetch of a CD: CLASS is that. */
static bool is_for_cd(const uint64_t *words)
{
    return smref_F_TRANSLATION_S2(words) && smref_F_TRANSLATION_CLASS(words) == 0;
}

static unsigned rank(const uint64_t *words)
{
    switch (smref_record_event(words)) {
    case SMREF_EVENT_NONE:
        return RANK_NONE;
    case SMREF_F_UUT:
    case SMREF_C_BAD_STREAMID:
        return 1;
    case SMREF_F_STE_FETCH:
        return 2;
    case SMREF_C_BAD_STE:
    case SMREF_F_BAD_ATS_TREQ:
    case SMREF_F_STREAM_DISABLED:
    case SMREF_F_TRANSL_FORBIDDEN:
    case SMREF_C_BAD_SUBSTREAMID:
        return 3;
    case SMREF_F_CD_FETCH:
        return 4;
    case SMREF_C_BAD_CD:
        return 5;
    case SMREF_F_TRANSLATION:
    case SMREF_F_ADDR_SIZE:
    case SMREF_F_ACCESS:
    case SMREF_F_PERMISSION:
        return is_for_cd(words) ? 4 : RANK_TRANSLATION;
    default:
        return RANK_TRANSLATION;
    }
}

/*
 * What an access meets early hides what comes later: an event that should not be there may stand for any
 * later one, or for none; and when one is left out, it does not matter what comes instead.
 */
smref_wrong_event smref_diff_event(const smref_case *c, const smref_difference *d)
{
    smref_records r;

    smref_diff_find_records(c, d, &r);
    if (!r.expected_known)
        return SMREF_EVENT_NOT_WRONG;
    if (r.shown_known && r.shown[0] && !r.shown_ok &&
        (r.expected_ok || (r.expected[0] && rank(r.shown) < rank(r.expected))))
        return SMREF_EVENT_SPURIOUS;
    if (r.expected[0] && rank(r.expected) < RANK_TRANSLATION &&
        (r.shown_ok || (r.shown_known && r.shown[0] && rank(r.shown) > rank(r.expected))))
        return SMREF_EVENT_MISSING;
    return SMREF_EVENT_NOT_WRONG;
}

/* ---- How many -------------------------------------------------------------------------------------- */

/* Whether the model wrote a record in the step that decided. */
static bool wrote(const smref_difference *d)
{
    for (unsigned i = 0; i < d->cause.rule_count; i++)
        if (d->cause.rules[i] == SMREF_RULE_EVENTQ_WRITTEN)
            return true;
    return false;
}

bool smref_diff_above_index(const smref_case *c, const smref_difference *d)
{
    const smref_sight *expected = &d->permitted[0];
    uint64_t index = smref_SMMU_EVENTQ_PROD_with_WR(0, UINT64_MAX), differ;
    const char *base;
    smref_register_ref ref;

    if (d->aspect != SMREF_ASPECT_VALUE || !smref_mmio_register(&c->steps[d->step], &ref))
        return false;
    if (strcmp(smref_register_at(ref.reg)->family, "EVENTQ_PROD") == 0)
        base = "EVENTQ_BASE";
    else if (strcmp(smref_register_at(ref.reg)->family, "CMDQ_CONS") == 0)
        base = "CMDQ_BASE";
    else
        return false;
    differ = (d->shown.value ^ expected->value) & ~expected->value_open;
    return differ && !(differ & ~(index & ~smref_queue_indexes(c, d->step, base)));
}

int smref_diff_records(const smref_case *c, const smref_difference *d)
{
    const smref_stimulus *step = &c->steps[d->step];
    const smref_sight *shown = &d->shown, *expected = &d->permitted[0];
    smref_register_ref ref;
    smref_records r;

    if (d->aspect == SMREF_ASPECT_LOADED) {
        smref_diff_find_records(c, d, &r);
        return r.expected_known ? !r.expected[0] - !r.shown[0] : 0;
    }
    if (d->aspect != SMREF_ASPECT_VALUE || step->op != SMREF_OP_MMIO_READ ||
        !smref_mmio_register(step, &ref) || strcmp(smref_register_at(ref.reg)->family, "EVENTQ_PROD") != 0)
        return 0;
    uint64_t indexes = smref_queue_indexes(c, d->step, "EVENTQ_BASE");
    uint64_t more = (shown->value - expected->value) & indexes;
    if (indexes == 1) /* a queue of one entry: the flag tells no more than that they are not the same */
        return !more ? 0 : wrote(d) ? -1 : 1;
    return !more ? 0 : more <= indexes >> 1 ? 1 : -1;
}

bool smref_diff_in_record(const smref_case *c, const smref_difference *d)
{
    smref_records r;

    if (d->aspect != SMREF_ASPECT_LOADED && d->aspect != SMREF_ASPECT_RECORD)
        return false;
    smref_diff_find_records(c, d, &r);
    return r.expected_known && smref_record_event(r.expected) == smref_record_event(r.shown);
}
