/*
 * The model beside a target.
 *
 * A case is run as often as it takes: each time from the start, with decisions made at the choices that were
 * met, until what the target showed comes out or no decision is left to be made otherwise. Most cases need
 * one run, with the choices of the profile.
 */
#include "follow.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"
#include "reserved.h"

#define RECORD_WORDS (sizeof((smref_event *)NULL)->words / 8)
#define MAX_DECISIONS 512
#define MAX_OPEN 64 /* records in memory with bits that the architecture leaves open */

/* Bits of memory that the architecture leaves open: of an event record. */
struct open_record {
    uint64_t at;
    smref_pas pas;
    uint64_t unknown[4];
};

struct decision {
    size_t step;
    uint16_t choice;
    int16_t option, own; /* taken, and that of the profile */
    uint32_t tried;      /* bit n: option n was taken already */
};

/* Where a decision changed nothing that could be seen up to the step that matters. */
struct indifferent {
    size_t step;
    uint16_t choice;
};

struct smref_follower {
    const smref_implementation *implementation;
    smref_machine machine;
    smref_memory inner; /* of the memory itself */
    smref *fresh;       /* just reset */
    smref *caching;     /* the same, with caches that may hold whatever they may */
    const smref *from;  /* the one of the two that attempts start from */
    bool strayed;       /* the SMMU came to what is neither RAM nor an abort */
    smref_pas record_pas;
    uint64_t record_at; /* where four words were written last */
    struct open_record open[MAX_OPEN];
    size_t open_count;
    smref_reserved reserved;
    struct decision decisions[MAX_DECISIONS];
    size_t decision_count;
    struct indifferent indifferent[MAX_DECISIONS];
    size_t indifferent_count;
    unsigned runs; /* of the case that is followed */
    bool lacking;  /* one of them came to what is not modelled */
    size_t met;    /* decisions of the first run */
    bool wandered; /* one of them strayed */
    smref_step_result result;
    smref_sight sight;
    smref_history history;
};

/* ---- Memory ---------------------------------------------------------------------------------------- */

static void look_for_strays(smref_follower *f, smref_pas pas, uint64_t at)
{
    const smref_implementation *i = f->implementation;

    for (size_t n = 0; n < i->other_count; n++)
        if (i->other[n].pas == pas && at - i->other[n].at < i->other[n].size)
            f->strayed = true;
}

static smref_mem_result read_memory(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    uint64_t *words)
{
    smref_follower *f = context;

    look_for_strays(f, pas, address);
    return f->inner.read(f->inner.context, pas, address, count, words);
}

static smref_mem_result write_memory(void *context, smref_pas pas, uint64_t address, unsigned count,
                                     const uint64_t *words)
{
    smref_follower *f = context;

    look_for_strays(f, pas, address);
    if (count == RECORD_WORDS) {
        f->record_pas = pas;
        f->record_at = address;
    }
    return f->inner.write(f->inner.context, pas, address, count, words);
}

static bool make_memory(smref_follower *f)
{
    const smref_implementation *i = f->implementation;
    bool good = true;

    f->machine.memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    if (!f->machine.memory)
        return false;
    for (size_t n = 0; good && n < i->memory_count; n++)
        good = smref_sparse_declare(f->machine.memory, i->memory[n].pas, i->memory[n].at, i->memory[n].size,
                                    0) == SMREF_OK;
    f->inner = smref_sparse_interface(f->machine.memory);
    smref_sparse_checkpoint(f->machine.memory);
    return good;
}

/* ---- Making one ------------------------------------------------------------------------------------ */

smref_follower *smref_follower_new(const smref_implementation *implementation, smref_jerror *error)
{
    smref_follower *f = smref_alloc(1, sizeof *f);
    smref_memory outer = {f, read_memory, write_memory};
    const smref_jdoc doc = {.file = implementation->name};
    smref_snapshot description = {.profile = implementation->profile};
    smref_error why = {.status = SMREF_OK};
    smref_choice refused;
    bool good;

    f->implementation = implementation;
    good = make_memory(f) || smref_jfail(&doc, NULL, error, "its memory overlaps itself");
    f->machine.smmu = good ? smref_new(&outer, NULL) : NULL;
    if (good && smref_snapshot_deposit(&description, NULL, 0, f->machine.smmu, &why))
        good = smref_jfail(&doc, NULL, error, "%s: %s", why.where, why.text);
    if (good && !smref_choices_deposit(&implementation->profile.choices, f->machine.smmu, &refused))
        good = smref_jfail(&doc, NULL, error, "%s has an option that this version does not permit",
                           smref_choice_at((unsigned)refused)->id);
    f->from = f->fresh = good ? smref_clone(f->machine.smmu) : NULL;
    f->caching = good ? smref_clone(f->machine.smmu) : NULL;
    if (f->fresh && f->caching && smref_set_caching(f->caching, SMREF_CACHING_ANY, NULL) == SMREF_OK)
        return f;
    smref_follower_free(f);
    return NULL;
}

void smref_follower_free(smref_follower *f)
{
    if (!f)
        return;
    smref_free(f->fresh);
    smref_free(f->caching);
    smref_free(f->machine.smmu);
    smref_sparse_free(f->machine.memory);
    free(f);
}

/* ---- Bits that are open ---------------------------------------------------------------------------- */

static void forget_open(smref_follower *f, const smref_stimulus *store)
{
    for (size_t i = 0; i < f->open_count; i++)
        if (f->open[i].pas == store->pas && f->open[i].at < store->at + store->size &&
            store->at < f->open[i].at + sizeof f->open[i].unknown)
            f->open[i--] = f->open[--f->open_count];
}

static void remember_open(smref_follower *f, const smref_event *event)
{
    const smref_stimulus record = {.pas = f->record_pas, .at = f->record_at, .size = sizeof event->unknown};

    forget_open(f, &record);
    if (f->open_count == MAX_OPEN)
        memmove(f->open, f->open + 1, --f->open_count * sizeof *f->open);
    f->open[f->open_count] = (struct open_record){.at = f->record_at, .pas = f->record_pas};
    memcpy(f->open[f->open_count++].unknown, event->unknown, sizeof event->unknown);
}

static void set_loaded(const smref_follower *f, const smref_stimulus *load, const uint8_t *loaded,
                       smref_sight *sight)
{
    uint8_t bytes[SMREF_CASE_LOAD] = {0}, open[SMREF_CASE_LOAD] = {0}, unknown[RECORD_WORDS * 8];

    memcpy(bytes, loaded, load->size);
    for (size_t i = 0; i < f->open_count; i++) {
        const struct open_record *record = &f->open[i];
        if (record->pas != load->pas)
            continue;
        smref_words_to_bytes(record->unknown, RECORD_WORDS, unknown);
        for (size_t b = 0; b < load->size; b++)
            if (load->at + b - record->at < sizeof unknown)
                open[b] |= unknown[load->at + b - record->at];
    }
    smref_bytes_to_words(bytes, SMREF_CASE_LOAD / 8, sight->loaded);
    smref_bytes_to_words(open, SMREF_CASE_LOAD / 8, sight->open);
}

/* ---- One step -------------------------------------------------------------------------------------- */

static void see_access(const smref_result *result, smref_sight *sight)
{
    sight->shows |= SMREF_SHOWS_OUTCOME | SMREF_SHOWS_PA | SMREF_SHOWS_PAS | SMREF_SHOWS_ATTRS |
                    SMREF_SHOWS_MECID | SMREF_SHOWS_PRIV;
    sight->pa = result->pa;
    sight->pas = result->pas;
    sight->mecid = result->mecid;
    sight->priv = result->priv;
    sight->inst = result->inst;
    sight->attrs = result->attrs;
}

static void see_register(const smref_result *result, smref_sight *sight)
{
    sight->shows |= SMREF_SHOWS_OUTCOME | SMREF_SHOWS_VALUE | SMREF_SHOWS_PAR;
    sight->value = result->value;
    sight->value_open = result->value_unknown;
    sight->par_valid = result->par_valid;
    sight->par = result->par;
    sight->par_open = result->par_unknown;
}

static void see(smref_follower *f, const smref_stimulus *step, smref_sight *sight)
{
    const smref_result *result = &f->result.access;

    memset(sight, 0, sizeof *sight);
    if (step->op == SMREF_OP_STORE)
        return;
    if (step->op == SMREF_OP_LOAD) {
        sight->shows = SMREF_SHOWS_LOADED;
        set_loaded(f, step, f->result.loaded, sight);
        return;
    }
    sight->shows =
        SMREF_SHOWS_EVENT | SMREF_SHOWS_LOST | SMREF_SHOWS_GERROR | SMREF_SHOWS_EFFECTS | SMREF_SHOWS_FAR;
    sight->outcome = result->outcome;
    if (step->op == SMREF_OP_ACCESS)
        see_access(result, sight);
    else
        see_register(result, sight);
    sight->event_valid = result->event_valid;
    if (result->event_valid)
        sight->event = result->event;
    memcpy(sight->gerror, f->result.gerror, sizeof sight->gerror);
    sight->gpf_far = result->gpf_far ? f->result.gpf_far : 0;
    sight->gpt_cfg_far = result->gpt_cfg_far ? f->result.gpt_cfg_far : 0;
    smref_sight_set_effects(sight, result->effects, result->effect_count, result->effects_lost);
}

/* The choices of a step: those of the profile, but for the decisions that were made there. */
static void put_choices(smref_follower *f, size_t step, bool decided)
{
    for (size_t i = 0; i < f->decision_count; i++) {
        const struct decision *d = &f->decisions[i];
        if (d->step == step && d->option != d->own)
            (void)smref_set_choice(f->machine.smmu, (smref_choice)d->choice,
                                   (unsigned)(decided ? d->option : d->own), NULL);
    }
}

static bool run_step(smref_follower *f, const smref_case *c, size_t n, smref_jerror *error)
{
    const smref_jdoc doc = {.file = "case"};
    const smref_stimulus *step = &c->steps[n];
    bool good;

    put_choices(f, n, true);
    good = smref_step_run(&f->machine, &doc, step, &f->result, error);
    put_choices(f, n, false);
    if (!good)
        return false;
    if (step->op == SMREF_OP_STORE)
        forget_open(f, step);
    else if (f->result.access.event_valid && f->result.access.event.lost == SMREF_LOST_NOT)
        remember_open(f, &f->result.access.event);
    see(f, step, &f->sight);
    if (step->op == SMREF_OP_MMIO_WRITE)
        smref_reserved_write(&f->reserved, f->machine.smmu, step, &f->result.access);
    if (step->op == SMREF_OP_MMIO_WRITE || step->op == SMREF_OP_MMIO_READ)
        f->sight.value_open |= smref_reserved_read(&f->reserved, f->machine.smmu, step);
    smref_history_add(&f->history, &f->result.access, f->record_at);
    smref_step_result_free(&f->result);
    return true;
}

/* Whether it came, in this step or before, to what is neither RAM nor an abort, or wrote over the case: a
 * record over a structure, of which each bit matters then, and what is cached. */
static bool has_strayed(smref_follower *f, const smref_case *c, size_t n)
{
    const smref_stimulus *step = &c->steps[n];

    if (step->op != SMREF_OP_ACCESS)
        return f->strayed;
    if (f->sight.outcome == SMREF_OUTCOME_OK) {
        look_for_strays(f, f->sight.pas, f->sight.pa);
        f->strayed = f->strayed || (step->access.type != SMREF_READ &&
                                    smref_case_uses(c, f->sight.pas, f->sight.pa, step->access.size));
    }
    if (f->result.access.event_valid && f->result.access.event.lost == SMREF_LOST_NOT)
        f->strayed =
            f->strayed || smref_case_structure_at(c, n, f->record_pas, f->record_at, RECORD_WORDS * 8);
    return f->strayed;
}

static void start(smref_follower *f)
{
    smref_sparse_rollback(f->machine.memory);
    smref_sparse_checkpoint(f->machine.memory);
    smref_copy_state(f->machine.smmu, f->from);
    f->open_count = f->reserved.count = 0;
    f->strayed = false;
    f->history.steps = 0;
}

/* ---- Words ------------------------------------------------------------------------------------------ */

const char *smref_spell_verdict(smref_verdict verdict)
{
    static const char *const words[SMREF_VERDICT_COUNT] = {
        "agrees", "differs", "undecided", "not_modelled", "not_compared", "refused", "avoided"};

    return words[verdict];
}

/* ---- Predicting ------------------------------------------------------------------------------------ */

static void note_rules(const smref_result *result, smref_prediction *out, size_t step)
{
    for (unsigned i = 0; i < result->rule_count; i++)
        out->rules[result->rules[i] / 64] |= UINT64_C(1) << result->rules[i] % 64;
    out->last_rule[step] = result->rule_count ? result->rules[result->rule_count - 1] : 0;
    for (size_t i = 0; i < sizeof out->choices_met / sizeof *out->choices_met; i++) {
        out->choices_met[i] |= result->choices_met[i];
        out->wide = out->wide || result->choices_met[i];
    }
}

static bool refused(smref_verdict *why, smref_verdict verdict)
{
    *why = verdict;
    return false;
}

bool smref_predict(smref_follower *f, const smref_case *c, smref_prediction *out, smref_verdict *why,
                   smref_jerror *error)
{
    memset(out->rules, 0, sizeof out->rules);
    memset(out->choices_met, 0, sizeof out->choices_met);
    out->wide = false;
    f->decision_count = 0;
    if (c->full)
        return refused(why, SMREF_VERDICT_NOT_COMPARED);
    start(f);
    for (size_t n = 0; n < c->count; n++) {
        if (!run_step(f, c, n, error))
            return refused(why, SMREF_VERDICT_NOT_MODELLED);
        if (has_strayed(f, c, n))
            return refused(why, SMREF_VERDICT_NOT_COMPARED);
        out->sights[n] = f->sight;
        note_rules(&f->result.access, out, n);
    }
    return true;
}

bool smref_prediction_holds(const smref_case *c, const smref_prediction *predicted, const smref_sight *shown)
{
    for (size_t n = 0; n < c->count; n++)
        if (smref_sight_differs(&c->steps[n], &predicted->sights[n], &shown[n]))
            return false;
    return true;
}

/* ---- Following ------------------------------------------------------------------------------------- */

static bool is_indifferent(const smref_follower *f, size_t step, unsigned choice)
{
    for (size_t i = 0; i < f->indifferent_count; i++)
        if (f->indifferent[i].step == step && f->indifferent[i].choice == choice)
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

static void decide(smref_follower *f, size_t step, unsigned choice)
{
    unsigned own = smref_get_choice(f->fresh, (smref_choice)choice);

    if (f->decision_count == MAX_DECISIONS || is_decided(f, step, choice))
        return;
    f->decisions[f->decision_count++] = (struct decision){
        .step = step,
        .choice = (uint16_t)choice,
        .option = (int16_t)own,
        .own = (int16_t)own,
        .tried = is_indifferent(f, step, choice) ? UINT32_MAX : UINT32_C(1) << own,
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
    start(f);
    for (size_t n = 0; n < c->count && (!horizon || n <= *horizon); n++) {
        smref_aspect aspect = SMREF_ASPECT_NONE;
        if (!run_step(f, c, n, NULL)) { /* another way comes to what is not modelled */
            f->lacking = true;
            break;
        }
        decide_what_was_met(f, n);
        if (has_strayed(f, c, n)) { /* what the target finds there is not known */
            f->wandered = true;
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

/* Which decisions up to the first step that disagreed make any difference up to there, each alone. */
static void find_indifferent(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon)
{
    size_t count = f->decision_count;
    struct attempt base = attempt(f, c, shown, &horizon);

    for (size_t i = 0; i < count && f->runs < SMREF_MAX_WAYS / 2; i++) {
        struct decision *d = &f->decisions[i];
        bool matters = false;
        for (unsigned o = 0; !matters && o < smref_choice_at(d->choice)->option_count; o++) {
            if ((int)o == d->own || !smref_option_permitted(f->fresh, (smref_choice)d->choice, o))
                continue;
            d->option = (int16_t)o;
            matters = attempt(f, c, shown, &horizon).digest != base.digest;
            f->decision_count = count;
        }
        d->option = d->own;
        if (!matters)
            f->indifferent[f->indifferent_count++] = (struct indifferent){d->step, d->choice};
    }
}

/* The last decision that can be made otherwise is; those behind it are taken back. False: there is none. */
static bool decide_otherwise(smref_follower *f)
{
    for (; f->decision_count; f->decision_count--) {
        struct decision *d = &f->decisions[f->decision_count - 1];
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

static void note_difference(const smref_follower *f, const smref_case *c, const struct attempt *a,
                            const smref_sight *shown, smref_difference *out)
{
    if (!out || a->agreed < out->step || !a->aspect)
        return;
    if (a->agreed > out->step && out->permitted_count && is_foreign(f))
        return; /* it fits by chance */
    if (a->agreed > out->step)
        out->permitted_count = 0;
    out->step = a->agreed;
    out->shown = shown[a->agreed];
    add_permitted(f, c, shown, a->aspect, out);
}

/* The ways from `f->from`. */
static smref_verdict search(smref_follower *f, const smref_case *c, const smref_sight *shown,
                            smref_difference *difference)
{
    struct attempt a;

    f->decision_count = f->indifferent_count = 0;
    f->runs = 0;
    f->lacking = f->wandered = false;
    a = attempt(f, c, shown, NULL);
    f->met = f->decision_count;
    if (a.agreed < c->count) {
        note_difference(f, c, &a, shown, difference);
        find_indifferent(f, c, shown, a.agreed);
        f->decision_count = 0;
        a = attempt(f, c, shown, NULL);
    }
    while (a.agreed < c->count) {
        if (!decide_otherwise(f))
            return SMREF_VERDICT_DIFFERS;
        if (f->runs >= SMREF_MAX_WAYS)
            return SMREF_VERDICT_UNDECIDED;
        a = attempt(f, c, shown, NULL);
        note_difference(f, c, &a, shown, difference);
    }
    return SMREF_VERDICT_AGREES;
}

/* Whether caches hold anything that memory does not: then there are choices that were not met without them.
 */
static bool hold_something_else(smref_follower *f, const smref_case *c, const smref_sight *shown)
{
    bool open = f->lacking || f->wandered;

    f->decision_count = f->indifferent_count = 0;
    (void)attempt(f, c, shown, NULL);
    return open || f->lacking || f->wandered || f->decision_count != f->met;
}

/* Software that changes a structure or a register without the invalidation that it needs gets old outcomes or
 * new ones from an SMMU with caches (3.17, 3.21): looked into when nothing else explains what was shown. */
static smref_verdict search_with_caches(smref_follower *f, const smref_case *c, const smref_sight *shown)
{
    smref_verdict verdict;

    f->from = f->caching;
    if (!hold_something_else(f, c, shown)) {
        f->from = f->fresh;
        return SMREF_VERDICT_DIFFERS;
    }
    verdict = search(f, c, shown, NULL);
    f->from = f->fresh;
    if (verdict == SMREF_VERDICT_DIFFERS && f->wandered)
        return SMREF_VERDICT_NOT_COMPARED;
    return verdict == SMREF_VERDICT_DIFFERS && f->lacking ? SMREF_VERDICT_UNDECIDED : verdict;
}

smref_verdict smref_follow(smref_follower *f, const smref_case *c, const smref_sight *shown,
                           smref_difference *difference, smref_choice_set *taken)
{
    smref_verdict verdict;

    if (difference)
        difference->step = difference->permitted_count = 0;
    verdict = search(f, c, shown, difference);
    if (verdict == SMREF_VERDICT_DIFFERS && smref_case_translates(c))
        verdict = search_with_caches(f, c, shown);
    if (verdict == SMREF_VERDICT_AGREES && taken)
        take_ways(f, taken);
    return verdict;
}
