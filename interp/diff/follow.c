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

/* ---- What differs ---------------------------------------------------------------------------------- */

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
    smref_take_way(f, &out->ways[out->permitted_count]);
    out->permitted[out->permitted_count++] = f->sight;
    if (out->permitted_count == 1 ||
        (!smref_is_foreign_way(f) && smref_sight_distance(&f->sight, &out->shown) <
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

static void note_difference(const smref_follower *f, const smref_case *c, const struct smref_attempt *a,
                            const smref_sight *shown, smref_difference *out)
{
    if (!out || a->agreed < out->step || !a->aspect)
        return;
    if (f->from == f->caching && !are_same_events(&c->steps[a->agreed], &f->sight, &shown[a->agreed]))
        return; /* caches lead to much: they are meant when it is what was recorded */
    if (a->agreed > out->step && out->permitted_count && smref_is_foreign_way(f))
        return; /* it fits by chance */
    if (a->agreed > out->step)
        out->permitted_count = 0;
    out->step = a->agreed;
    out->shown = shown[a->agreed];
    out->as_before = is_as_before(c, shown, a->agreed);
    add_permitted(f, c, shown, a->aspect, out);
}

/* ---- Searching ------------------------------------------------------------------------------------- */

static struct smref_attempt try_way(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                    smref_difference *difference)
{
    struct smref_attempt a = smref_try_decisions(f, c, shown, NULL);

    smref_note_way(f, &a);
    note_difference(f, c, &a, shown, difference);
    return a;
}

/* All ways, but for decisions that make no difference up to the step. */
static smref_verdict search_up_to(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                  size_t horizon, smref_difference *difference)
{
    struct smref_attempt a;

    smref_find_indifferent(f, c, shown, horizon);
    f->decision_count = 0;
    a = try_way(f, c, shown, difference);
    while (a.agreed < c->count) {
        if (!smref_decide_otherwise(f))
            return SMREF_VERDICT_DIFFERS;
        if (f->runs >= smref_most_ways(f)) {
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
        if (f->furthest == horizon && !(f->thorough && smref_find_pairs(f, c, shown, horizon)))
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
 * in the way of the profile, or in the one that went furthest. */
static bool hold_something_else(smref_follower *f, const smref_case *c, const smref_sight *shown)
{
    bool open = f->lacks[0] || f->wandered || (f->met && changes_between_accesses(c));

    f->decision_count = f->indifferent_count = 0;
    memset(f->joint, 0, sizeof f->joint);
    (void)smref_try_decisions(f, c, shown, NULL);
    if (open || f->lacks[0] || f->wandered || f->decision_count != f->met)
        return true;
    smref_load_way(f);
    (void)smref_try_decisions(f, c, shown, NULL);
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
        smref_take_way(f, taken);
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
