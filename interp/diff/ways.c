/*
 * Ways through a case: which decisions there are to make at the choices that the model meets, and which of
 * them make a difference.
 */
#include <string.h>

#include "follower.h"

#define THOROUGH_WAYS (2 * SMREF_MAX_WAYS)

unsigned smref_most_ways(const smref_follower *f)
{
    return f->thorough ? THOROUGH_WAYS : SMREF_MAX_WAYS;
}

/* ---- Decisions ------------------------------------------------------------------------------------- */

static bool is_decided(const smref_follower *f, size_t step, unsigned choice)
{
    for (size_t i = 0; i < f->decision_count; i++)
        if (f->decisions[i].step == step && f->decisions[i].choice == choice)
            return true;
    return false;
}

static bool is_joint(const smref_follower *f, unsigned choice)
{
    return f->joint[choice / 64] >> choice % 64 & 1;
}

static void decide(smref_follower *f, size_t step, unsigned choice)
{
    unsigned own = smref_get_choice(f->fresh, (smref_choice)choice);
    bool indifferent = smref_follower_is_indifferent(f, step, choice);

    if (indifferent && is_joint(f, choice)) {
        step = SMREF_EVERY_STEP;
        indifferent = false;
    }
    if (f->decision_count == SMREF_MAX_DECISIONS || is_decided(f, step, choice))
        return;
    f->decisions[f->decision_count++] = (struct smref_decision){
        .step = step,
        .choice = (uint16_t)choice,
        .option = (int16_t)own,
        .own = (int16_t)own,
        .tried = indifferent ? UINT32_MAX : UINT32_C(1) << own,
    };
}

static void decide_what_was_met(smref_follower *f, size_t step)
{
    const uint64_t *met = f->result.access.choices_met;

    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        if (met[c / 64] >> c % 64 & 1)
            decide(f, step, c);
}

static uint64_t digest(uint64_t sum, const smref_sight *sight)
{
    _Static_assert(sizeof *sight % sizeof sum == 0, "a sight is whole words");
    uint64_t words[sizeof *sight / sizeof sum];

    memcpy(words, sight, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        sum = (sum ^ words[i]) * UINT64_C(0x100000001b3) ^ sum >> 29;
    return sum;
}

/* ---- Attempts -------------------------------------------------------------------------------------- */

struct smref_attempt smref_try_decisions(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                         const size_t *horizon)
{
    struct smref_attempt a = {.agreed = 0, .digest = UINT64_C(0xcbf29ce484222325)};

    f->runs++;
    smref_follower_start(f);
    for (size_t n = 0; n < c->count && (!horizon || n <= *horizon); n++) {
        smref_aspect aspect = SMREF_ASPECT_NONE;
        if (!smref_follower_step(f, c, n)) /* another way comes to what is not modelled */
            break;
        decide_what_was_met(f, n);
        if (smref_follower_strayed(f, c, n)) { /* what the target finds there is not known */
            f->wandered = f->strayed;
            break;
        }
        if (horizon)
            a.digest = digest(a.digest, &f->sight);
        if (!a.aspect)
            aspect = smref_sight_differs(&c->steps[n], &f->sight, &shown[n]);
        if (aspect)
            a.aspect = aspect;
        if (aspect && !horizon)
            break;
        a.agreed += !a.aspect;
    }
    return a;
}

/* ---- What makes a difference ----------------------------------------------------------------------- */

void smref_load_way(smref_follower *f)
{
    f->decision_count = f->furthest_count;
    memcpy(f->decisions, f->furthest_way, f->furthest_count * sizeof *f->decisions);
}

/* Whether another option makes a difference up to the step: in what can be seen, or by a choice that is met
 * only then. */
static bool makes_difference(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon,
                             size_t decision, uint64_t digest_of_way)
{
    struct smref_decision *d = &f->decisions[decision];
    const int16_t taken = d->option;
    const size_t count = f->decision_count;
    bool matters = false;

    for (unsigned o = 0; !matters && o < smref_choice_at(d->choice)->option_count; o++) {
        if ((int)o == taken || !smref_option_permitted(f->fresh, (smref_choice)d->choice, o))
            continue;
        d->option = (int16_t)o;
        matters =
            smref_try_decisions(f, c, shown, &horizon).digest != digest_of_way || f->decision_count > count;
        f->decision_count = count;
    }
    d->option = taken;
    return matters;
}

/* Which decisions of the way that went furthest make no difference up to the step, each alone; nor did they
 * in the ways before. */
static void find_indifferent_alone(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                   size_t horizon)
{
    struct smref_attempt way;

    f->indifferent_count = 0;
    memset(f->joint, 0, sizeof f->joint);
    smref_load_way(f);
    way = smref_try_decisions(f, c, shown, &horizon);
    for (size_t i = 0; i < f->decision_count && f->runs < smref_most_ways(f) / 2; i++) {
        const struct smref_place place = {f->decisions[i].step, f->decisions[i].choice};
        if (smref_is_among(f->mattering, f->mattering_count, place.step, place.choice))
            continue;
        if (!makes_difference(f, c, shown, horizon, i, way.digest))
            f->indifferent[f->indifferent_count++] = place;
        else if (f->mattering_count < SMREF_MAX_DECISIONS)
            f->mattering[f->mattering_count++] = place;
    }
}

/* What comes out when the decisions of a choice get an option: all, or those that matter alone. */
static uint64_t digest_of(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon,
                          unsigned choice, unsigned option, bool all)
{
    size_t count;
    uint64_t sum;

    smref_load_way(f);
    count = f->decision_count;
    for (size_t i = 0; i < count; i++)
        if (f->decisions[i].choice == choice &&
            (all || !smref_follower_is_indifferent(f, f->decisions[i].step, choice)))
            f->decisions[i].option = (int16_t)option;
    sum = smref_try_decisions(f, c, shown, &horizon).digest;
    return sum + (f->decision_count > count);
}

/* Whether the choice was met more than once, and this is the first step in which it is indifferent. */
static bool may_be_joint(const smref_follower *f, size_t indifferent)
{
    unsigned choice = f->indifferent[indifferent].choice;
    size_t met = 0;

    for (size_t i = 0; i < indifferent; i++)
        if (f->indifferent[i].choice == choice)
            return false;
    for (size_t i = 0; i < f->decision_count; i++)
        met += f->decisions[i].choice == choice;
    return met > 1;
}

/* Choices that are the same in all steps may matter where one step alone does not: an SMMU that does not take
 * commands while an error is active, say. */
static void find_joint(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon)
{
    for (size_t i = 0; i < f->indifferent_count && f->runs < smref_most_ways(f) / 2; i++) {
        unsigned choice = f->indifferent[i].choice;
        bool possible = may_be_joint(f, i);
        for (unsigned o = 0; possible && !is_joint(f, choice) && o < smref_choice_at(choice)->option_count;
             o++)
            if (o != smref_get_choice(f->fresh, (smref_choice)choice) &&
                smref_option_permitted(f->fresh, (smref_choice)choice, o) &&
                digest_of(f, c, shown, horizon, choice, o, true) !=
                    digest_of(f, c, shown, horizon, choice, o, false))
                f->joint[choice / 64] |= UINT64_C(1) << choice % 64;
    }
}

void smref_find_indifferent(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon)
{
    find_indifferent_alone(f, c, shown, horizon);
    find_joint(f, c, shown, horizon);
}

/* Whether an option of a decision that seemed indifferent makes a difference in a way that is the one that
 * went furthest but for one other decision. */
static bool differs_there(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon,
                          size_t other)
{
    const size_t count = f->decision_count;
    const uint64_t there = smref_try_decisions(f, c, shown, &horizon).digest;
    const size_t met = f->decision_count;
    bool found = false;

    for (size_t i = 0; i < count && f->runs < smref_most_ways(f); i++) {
        const struct smref_place place = {f->decisions[i].step, f->decisions[i].choice};
        if (i == other || smref_is_among(f->mattering, f->mattering_count, place.step, place.choice) ||
            f->mattering_count == SMREF_MAX_DECISIONS)
            continue;
        f->decision_count = met;
        if (!makes_difference(f, c, shown, horizon, i, there))
            continue;
        f->mattering[f->mattering_count++] = place;
        found = true;
    }
    f->decision_count = count;
    return found;
}

bool smref_find_pairs(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon)
{
    bool found = false;
    size_t count;

    f->indifferent_count = 0;
    memset(f->joint, 0, sizeof f->joint);
    smref_load_way(f);
    (void)smref_try_decisions(f, c, shown, &horizon);
    count = f->decision_count;
    for (size_t other = 0; other < count; other++) {
        struct smref_decision *d = &f->decisions[other];
        const int16_t taken = d->option;
        for (unsigned o = 0; o < smref_choice_at(d->choice)->option_count && f->runs < smref_most_ways(f);
             o++) {
            if ((int)o == taken || !smref_option_permitted(f->fresh, (smref_choice)d->choice, o))
                continue;
            d->option = (int16_t)o;
            found = differs_there(f, c, shown, horizon, other) || found;
        }
        d->option = taken;
    }
    return found;
}

bool smref_decide_otherwise(smref_follower *f)
{
    for (; f->decision_count; f->decision_count--) {
        struct smref_decision *d = &f->decisions[f->decision_count - 1];
        for (unsigned o = 0; o < smref_choice_at(d->choice)->option_count; o++) {
            if (d->tried >> o & 1)
                continue;
            d->tried |= UINT32_C(1) << o;
            if (!smref_option_permitted(f->fresh, (smref_choice)d->choice, o))
                continue;
            d->option = (int16_t)o;
            return true;
        }
    }
    return false;
}

void smref_take_way(const smref_follower *f, smref_choice_set *out)
{
    smref_choices_clear(out);
    for (size_t i = 0; i < f->decision_count; i++)
        if (f->decisions[i].option != f->decisions[i].own)
            out->option[f->decisions[i].choice] = f->decisions[i].option;
}

bool smref_is_foreign_way(const smref_follower *f)
{
    for (size_t i = 0; i < f->decision_count; i++)
        if (f->decisions[i].option != f->decisions[i].own &&
            f->implementation->profile.choices.option[f->decisions[i].choice] >= 0)
            return true;
    return false;
}

static void keep_decision(smref_follower *f, const struct smref_decision *d, size_t step)
{
    if (f->furthest_count == SMREF_MAX_DECISIONS)
        return;
    f->furthest_way[f->furthest_count] = *d;
    f->furthest_way[f->furthest_count++].step = step;
}

void smref_note_way(smref_follower *f, const struct smref_attempt *a)
{
    if (f->furthest_count && a->agreed <= f->furthest)
        return;
    f->furthest = a->agreed;
    f->furthest_count = 0;
    for (size_t i = 0; i < f->decision_count; i++) {
        const struct smref_decision *d = &f->decisions[i];
        if (d->step != SMREF_EVERY_STEP)
            keep_decision(f, d, d->step);
        else
            for (size_t p = 0; p < f->indifferent_count; p++)
                if (f->indifferent[p].choice == d->choice)
                    keep_decision(f, d, f->indifferent[p].step);
    }
}
