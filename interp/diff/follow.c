/*
 * The model beside a target.
 *
 * A case is run as often as it takes: each time from the start, with decisions made at the choices that were
 * met, until what the target showed comes out or no decision is left to be made otherwise. Most cases need
 * one run, with the choices of the profile.
 */
#include <string.h>

#include "follower.h"
#include "smref_layout.h"

#define THOROUGH_WAYS (16 * SMREF_MAX_WAYS)

static unsigned max_ways(const smref_follower *f)
{
    return f->thorough ? THOROUGH_WAYS : SMREF_MAX_WAYS;
}

/* ---- Decisions ------------------------------------------------------------------------------------- */

static bool is_among(const struct smref_place *places, size_t count, size_t step, unsigned choice)
{
    for (size_t i = 0; i < count; i++)
        if (places[i].step == step && places[i].choice == choice)
            return true;
    return false;
}

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
        .tried =
            is_among(f->indifferent, f->indifferent_count, step, choice) ? UINT32_MAX : UINT32_C(1) << own,
    };
}

static void decide_what_was_met(smref_follower *f, size_t step)
{
    const uint64_t *met = f->result.access.choices_met;

    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        if (met[c / 64] >> c % 64 & 1)
            decide(f, step, c);
}

/* What an attempt came to: how many steps agreed, and a digest of all that could be seen in the first steps.
 */
struct attempt {
    size_t agreed;
    smref_aspect aspect; /* of the step behind them; SMREF_ASPECT_NONE: there is none */
    uint64_t digest;
};

static uint64_t digest(uint64_t sum, const smref_sight *sight)
{
    _Static_assert(sizeof *sight % sizeof sum == 0, "a sight is whole words");
    uint64_t words[sizeof *sight / sizeof sum];

    memcpy(words, sight, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        sum = (sum ^ words[i]) * UINT64_C(0x100000001b3) ^ sum >> 29;
    return sum;
}

/* Runs the case with the decisions, adding those that it meets, up to the first step that does not agree;
 * with a `horizon` to that step, whatever agrees. */
static struct attempt attempt(smref_follower *f, const smref_case *c, const smref_sight *shown,
                              const size_t *horizon)
{
    struct attempt a = {.agreed = 0, .digest = UINT64_C(0xcbf29ce484222325)};

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

static void load_way(smref_follower *f)
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
        matters = attempt(f, c, shown, &horizon).digest != digest_of_way || f->decision_count > count;
        f->decision_count = count;
    }
    d->option = taken;
    return matters;
}

/* Which decisions of the way that went furthest make no difference up to the step, each alone; nor did they
 * in the ways before. */
static void find_indifferent(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon)
{
    struct attempt way;

    f->indifferent_count = 0;
    memset(f->joint, 0, sizeof f->joint);
    load_way(f);
    way = attempt(f, c, shown, &horizon);
    for (size_t i = 0; i < f->decision_count && f->runs < max_ways(f) / 2; i++) {
        const struct smref_place place = {f->decisions[i].step, f->decisions[i].choice};
        if (is_among(f->mattering, f->mattering_count, place.step, place.choice))
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

    load_way(f);
    count = f->decision_count;
    for (size_t i = 0; i < count; i++)
        if (f->decisions[i].choice == choice &&
            (all || !smref_follower_is_indifferent(f, f->decisions[i].step, choice)))
            f->decisions[i].option = (int16_t)option;
    sum = attempt(f, c, shown, &horizon).digest;
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
    for (size_t i = 0; i < f->indifferent_count && f->runs < max_ways(f) / 2; i++) {
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

/* Whether an option of a decision that seemed indifferent makes a difference in a way that is the one that
 * went furthest but for one other decision. */
static bool differs_there(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon,
                          size_t other)
{
    const size_t count = f->decision_count;
    const uint64_t there = attempt(f, c, shown, &horizon).digest;
    const size_t met = f->decision_count;
    bool found = false;

    for (size_t i = 0; i < count && f->runs < max_ways(f); i++) {
        const struct smref_place place = {f->decisions[i].step, f->decisions[i].choice};
        if (i == other || is_among(f->mattering, f->mattering_count, place.step, place.choice) ||
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

/* Looks for decisions that make no difference alone, but do together with another one. */
static bool find_pairs(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon)
{
    bool found = false;
    size_t count;

    f->indifferent_count = 0;
    memset(f->joint, 0, sizeof f->joint);
    load_way(f);
    (void)attempt(f, c, shown, &horizon);
    count = f->decision_count;
    for (size_t other = 0; other < count; other++) {
        struct smref_decision *d = &f->decisions[other];
        const int16_t taken = d->option;
        for (unsigned o = 0; o < smref_choice_at(d->choice)->option_count && f->runs < max_ways(f); o++) {
            if ((int)o == taken || !smref_option_permitted(f->fresh, (smref_choice)d->choice, o))
                continue;
            d->option = (int16_t)o;
            found = differs_there(f, c, shown, horizon, other) || found;
        }
        d->option = taken;
    }
    return found;
}

/* The last decision that can be made otherwise is; those behind it are taken back. False: there is none. */
static bool decide_otherwise(smref_follower *f)
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

static void take_ways(const smref_follower *f, smref_choice_set *out)
{
    smref_choices_clear(out);
    for (size_t i = 0; i < f->decision_count; i++)
        if (f->decisions[i].option != f->decisions[i].own)
            out->option[f->decisions[i].choice] = f->decisions[i].option;
}

/* Whether the way has another option than the implementation is known to take. */
static bool is_foreign(const smref_follower *f)
{
    for (size_t i = 0; i < f->decision_count; i++)
        if (f->decisions[i].option != f->decisions[i].own &&
            f->implementation->profile.choices.option[f->decisions[i].choice] >= 0)
            return true;
    return false;
}

/* The way that comes closest decides what the difference is called. */
static void put_first(const smref_follower *f, const smref_case *c, const smref_sight *shown,
                      smref_aspect aspect, smref_difference *out)
{
    size_t last = out->permitted_count - 1;
    smref_sight sight = out->permitted[0];
    smref_choice_set way = out->ways[0];

    out->permitted[0] = out->permitted[last];
    out->ways[0] = out->ways[last];
    out->permitted[last] = sight;
    out->ways[last] = way;
    out->aspect = aspect;
    out->rule_count = f->result.access.rule_count;
    memcpy(out->rules, f->result.access.rules, sizeof out->rules);
    smref_find_cause(&f->history, c, out->step, &f->sight, shown, &out->cause);
}

/* Whether the same events were recorded, in what is loaded. */
static bool are_same_events(const smref_stimulus *step, const smref_sight *a, const smref_sight *b)
{
    for (size_t i = 0; i < step->size / 8; i += SMREF_RECORD_WORDS)
        if (smref_F_TRANSLATION_TYPE(&a->loaded[i]) != smref_F_TRANSLATION_TYPE(&b->loaded[i]))
            return false;
    return step->op == SMREF_OP_LOAD;
}

/* An outcome that is permitted in the step where no way agrees so far. */
static void add_permitted(const smref_follower *f, const smref_case *c, const smref_sight *shown,
                          smref_aspect aspect, smref_difference *out)
{
    const smref_stimulus *step = &c->steps[out->step];

    for (size_t i = 0; i < out->permitted_count; i++)
        if (!smref_sight_differs(step, &out->permitted[i], &f->sight))
            return;
    if (out->permitted_count == SMREF_DIFFERENCE_WAYS)
        return;
    take_ways(f, &out->ways[out->permitted_count]);
    out->permitted[out->permitted_count++] = f->sight;
    if (out->permitted_count == 1 ||
        (!is_foreign(f) && smref_sight_distance(&f->sight, &out->shown) <
                               smref_sight_distance(&out->permitted[0], &out->shown)))
        put_first(f, c, shown, aspect, out);
}

/* Whether an equal access had the same output earlier in the case. */
static bool is_as_before(const smref_case *c, const smref_sight *shown, size_t step)
{
    const smref_access *access = &c->steps[step].access;

    if (c->steps[step].op != SMREF_OP_ACCESS || shown[step].outcome != SMREF_OUTCOME_OK ||
        shown[step].elsewhere)
        return false;
    for (size_t i = 0; i < step; i++) {
        const smref_access *earlier = &c->steps[i].access;
        if (c->steps[i].op == SMREF_OP_ACCESS && earlier->sec_sid == access->sec_sid &&
            earlier->sid == access->sid && earlier->ssv == access->ssv && earlier->ssid == access->ssid &&
            earlier->addr == access->addr && earlier->type == access->type &&
            shown[i].outcome == SMREF_OUTCOME_OK && shown[i].pa == shown[step].pa)
            return true;
    }
    return false;
}

static void note_difference(const smref_follower *f, const smref_case *c, const struct attempt *a,
                            const smref_sight *shown, smref_difference *out)
{
    if (!out || a->agreed < out->step || !a->aspect)
        return;
    if (f->from == f->caching && !are_same_events(&c->steps[a->agreed], &f->sight, &shown[a->agreed]))
        return; /* caches lead to much: they are meant when it is what was recorded */
    if (a->agreed > out->step && out->permitted_count && is_foreign(f))
        return; /* it fits by chance */
    if (a->agreed > out->step)
        out->permitted_count = 0;
    out->step = a->agreed;
    out->shown = shown[a->agreed];
    out->as_before = is_as_before(c, shown, a->agreed);
    add_permitted(f, c, shown, a->aspect, out);
}

static void keep_decision(smref_follower *f, const struct smref_decision *d, size_t step)
{
    if (f->furthest_count == SMREF_MAX_DECISIONS)
        return;
    f->furthest_way[f->furthest_count] = *d;
    f->furthest_way[f->furthest_count++].step = step;
}

/* The way that goes furthest is kept, with each decision in a step of its own. */
static void note_way(smref_follower *f, const struct attempt *a)
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

static struct attempt try_way(smref_follower *f, const smref_case *c, const smref_sight *shown,
                              smref_difference *difference)
{
    struct attempt a = attempt(f, c, shown, NULL);

    note_way(f, &a);
    note_difference(f, c, &a, shown, difference);
    return a;
}

/* All ways, but for decisions that make no difference up to the step. */
static smref_verdict search_up_to(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                  size_t horizon, smref_difference *difference)
{
    struct attempt a;

    find_indifferent(f, c, shown, horizon);
    find_joint(f, c, shown, horizon);
    f->decision_count = 0;
    a = try_way(f, c, shown, difference);
    while (a.agreed < c->count) {
        if (!decide_otherwise(f))
            return SMREF_VERDICT_DIFFERS;
        if (f->runs >= max_ways(f)) {
            smref_follower_say_why(f, "there are more permitted ways than are tried", "");
            return SMREF_VERDICT_UNDECIDED;
        }
        a = try_way(f, c, shown, difference);
    }
    return SMREF_VERDICT_AGREES;
}

/* The ways from `f->from`. When a way goes further than the step that had disagreed, what makes a difference
 * behind that step counts, too. */
static smref_verdict search(smref_follower *f, const smref_case *c, const smref_sight *shown,
                            smref_difference *difference)
{
    smref_verdict verdict = SMREF_VERDICT_AGREES;
    size_t horizon;

    f->decision_count = f->indifferent_count = f->mattering_count = f->furthest = f->furthest_count = 0;
    memset(f->joint, 0, sizeof f->joint);
    f->runs = 0;
    f->lacks[0] = '\0';
    f->wandered = NULL;
    horizon = try_way(f, c, shown, difference).agreed;
    f->met = f->decision_count;
    if (horizon == c->count)
        return verdict;
    for (;;) {
        verdict = search_up_to(f, c, shown, horizon, difference);
        if (verdict != SMREF_VERDICT_DIFFERS)
            return verdict;
        if (f->furthest == horizon && !(f->thorough && find_pairs(f, c, shown, horizon)))
            return verdict;
        horizon = f->furthest;
    }
}

/* Whether software changes anything between accesses: caches may hold what was. */
static bool changes_between_accesses(const smref_case *c)
{
    bool accessed = false, changed = false;

    for (size_t i = 0; i < c->count; i++) {
        if (c->steps[i].op == SMREF_OP_ACCESS && changed)
            return true;
        accessed = accessed || c->steps[i].op == SMREF_OP_ACCESS;
        changed = changed ||
                  (accessed && (c->steps[i].op == SMREF_OP_STORE || c->steps[i].op == SMREF_OP_MMIO_WRITE));
    }
    return false;
}

/* Whether caches hold anything that memory does not: then there are choices that were not met without them,
 * in the way of the profile, or in the one that went furthest.
 */
static bool hold_something_else(smref_follower *f, const smref_case *c, const smref_sight *shown)
{
    bool open = f->lacks[0] || f->wandered || (f->met && changes_between_accesses(c));

    f->decision_count = f->indifferent_count = 0;
    memset(f->joint, 0, sizeof f->joint);
    (void)attempt(f, c, shown, NULL);
    if (open || f->lacks[0] || f->wandered || f->decision_count != f->met)
        return true;
    load_way(f);
    (void)attempt(f, c, shown, NULL);
    return f->lacks[0] || f->wandered || f->decision_count != f->furthest_count;
}

/* Software that changes a structure or a register without the invalidation that it needs gets old outcomes or
 * new ones from an SMMU with caches (3.17, 3.21): looked into when nothing else explains what was shown. */
static smref_verdict search_with_caches(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                        smref_difference *difference)
{
    smref_verdict verdict;

    f->from = f->caching;
    if (!f->thorough && !hold_something_else(f, c, shown)) {
        f->from = f->fresh;
        return SMREF_VERDICT_DIFFERS;
    }
    verdict = search(f, c, shown, difference);
    f->from = f->fresh;
    if (verdict != SMREF_VERDICT_DIFFERS || (!f->wandered && !f->lacks[0]))
        return verdict;
    if (f->wandered) {
        smref_follower_say_why(f, "in another permitted way ", f->wandered);
        return SMREF_VERDICT_NOT_COMPARED;
    }
    smref_follower_say_why(f, "another permitted way is not modelled: ", f->lacks);
    return SMREF_VERDICT_UNDECIDED;
}

/* Else caches change nothing. GPT entries are held for what the SMMU itself reads, too (DDI 0487 D9.5). */
static bool uses_caches(const smref_follower *f, const smref_case *c)
{
    return smref_case_translates(c) || smref_register_exists(f->fresh, SMREF_REG_SMMU_ROOT_CR0);
}

static smref_verdict follow(smref_follower *f, const smref_case *c, const smref_sight *shown,
                            smref_difference *difference, smref_choice_set *taken)
{
    smref_verdict verdict;

    if (difference)
        difference->step = difference->permitted_count = 0;
    verdict = search(f, c, shown, difference);
    if (verdict == SMREF_VERDICT_DIFFERS && uses_caches(f, c))
        verdict = search_with_caches(f, c, shown, difference);
    if (verdict == SMREF_VERDICT_AGREES && taken)
        take_ways(f, taken);
    return verdict;
}

smref_verdict smref_follow(smref_follower *f, const smref_case *c, const smref_sight *shown,
                           smref_difference *difference, smref_choice_set *taken)
{
    f->thorough = false;
    return follow(f, c, shown, difference, taken);
}

smref_verdict smref_follow_thoroughly(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                      smref_difference *difference, smref_choice_set *taken)
{
    f->thorough = true;
    return follow(f, c, shown, difference, taken);
}
