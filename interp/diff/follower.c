/* The model beside a target: a case carried out on it, step by step. */
#include "follower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"

#define RECORD_WORDS (sizeof((smref_event *)NULL)->words / 8)

/* ---- Memory ---------------------------------------------------------------------------------------- */

static void look_for_strays(smref_follower *f, smref_pas pas, uint64_t at)
{
    const smref_implementation *i = f->implementation;

    for (size_t n = 0; n < i->other_count; n++)
        if (i->other[n].pas == pas && at - i->other[n].at < i->other[n].size)
            f->strayed = "it comes to memory or devices whose contents are not known";
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
    bool good;

    f->implementation = implementation;
    good = make_memory(f) || smref_jfail(&doc, NULL, error, "its memory overlaps itself");
    f->machine.smmu = good ? smref_new(&outer, NULL) : NULL;
    good = good && smref_implementation_deposit(implementation, f->machine.smmu, error);
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
    if (f->open_count == SMREF_MAX_OPEN)
        memmove(f->open, f->open + 1, --f->open_count * sizeof *f->open);
    f->open[f->open_count] = (struct smref_open_record){.at = f->record_at, .pas = f->record_pas};
    memcpy(f->open[f->open_count++].unknown, event->unknown, sizeof event->unknown);
}

static void set_loaded(const smref_follower *f, const smref_stimulus *load, const uint8_t *loaded,
                       smref_sight *sight)
{
    uint8_t bytes[SMREF_CASE_LOAD] = {0}, open[SMREF_CASE_LOAD] = {0}, unknown[RECORD_WORDS * 8];

    memcpy(bytes, loaded, load->size);
    for (size_t i = 0; i < f->open_count; i++) {
        const struct smref_open_record *record = &f->open[i];
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

bool smref_is_among(const struct smref_place *places, size_t count, size_t step, unsigned choice)
{
    for (size_t i = 0; i < count; i++)
        if (places[i].step == step && places[i].choice == choice)
            return true;
    return false;
}

bool smref_follower_is_indifferent(const smref_follower *f, size_t step, unsigned choice)
{
    return smref_is_among(f->indifferent, f->indifferent_count, step, choice);
}

static bool is_for(const smref_follower *f, const struct smref_decision *d, size_t step)
{
    return d->step == step ||
           (d->step == SMREF_EVERY_STEP && smref_follower_is_indifferent(f, step, d->choice));
}

/* The choices of a step: those of the profile, but for the decisions that were made there. */
static void put_choices(smref_follower *f, size_t step, bool decided)
{
    for (size_t i = 0; i < f->decision_count; i++) {
        const struct smref_decision *d = &f->decisions[i];
        if (d->option != d->own && is_for(f, d, step))
            (void)smref_set_choice(f->machine.smmu, (smref_choice)d->choice,
                                   (unsigned)(decided ? d->option : d->own), NULL);
    }
}

/* The words of an error, which is "case: not modelled: ...", that say what it is about. */
static void note_lacks(smref_follower *f, const smref_jerror *error)
{
    static const char *const known[] = {"case: ", "not modelled: "};
    const char *text = error->text;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(text, known[i], strlen(known[i])) == 0)
            text += strlen(known[i]);
    snprintf(f->lacks, sizeof f->lacks, "%.190s", text);
}

bool smref_follower_step(smref_follower *f, const smref_case *c, size_t n)
{
    const smref_jdoc doc = {.file = "case"};
    const smref_stimulus *step = &c->steps[n];
    smref_jerror error;
    bool good;

    error.text[0] = '\0';
    put_choices(f, n, true);
    good = smref_step_run(&f->machine, &doc, step, &f->result, &error);
    put_choices(f, n, false);
    if (!good) {
        note_lacks(f, &error);
        return false;
    }
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

bool smref_follower_strayed(smref_follower *f, const smref_case *c, size_t n)
{
    const smref_stimulus *step = &c->steps[n];

    if (step->op != SMREF_OP_ACCESS)
        return f->strayed != NULL;
    if (f->sight.outcome == SMREF_OUTCOME_OK) {
        look_for_strays(f, f->sight.pas, f->sight.pa);
        if (!f->strayed && step->access.type != SMREF_READ &&
            smref_case_uses(c, f->sight.pas, f->sight.pa, step->access.size))
            f->strayed = "a device writes over what software stores or loads";
    }
    if (!f->strayed && f->result.access.event_valid && f->result.access.event.lost == SMREF_LOST_NOT &&
        smref_case_structure_at(c, n, f->record_pas, f->record_at, RECORD_WORDS * 8))
        f->strayed = "an event record is written over a structure";
    return f->strayed != NULL;
}

void smref_follower_start(smref_follower *f)
{
    smref_sparse_rollback(f->machine.memory);
    smref_sparse_checkpoint(f->machine.memory);
    smref_copy_state(f->machine.smmu, f->from);
    f->open_count = f->reserved.count = 0;
    f->strayed = NULL;
    f->history.steps = 0;
}

/* ---- Words ------------------------------------------------------------------------------------------ */

const char *smref_spell_verdict(smref_verdict verdict)
{
    static const char *const words[SMREF_VERDICT_COUNT] = {
        "agrees", "differs", "undecided", "not_modelled", "not_compared", "refused", "avoided"};

    return words[verdict];
}

const char *smref_follower_why(const smref_follower *f)
{
    return f->why;
}

void smref_follower_say_why(smref_follower *f, const char *what, const char *more)
{
    snprintf(f->why, sizeof f->why, "%s%s", what, more);
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

static bool refused(smref_follower *f, const char *reason, smref_verdict *why, smref_verdict verdict)
{
    smref_follower_say_why(f, reason, "");
    *why = verdict;
    return false;
}

bool smref_predict(smref_follower *f, const smref_case *c, smref_prediction *out, smref_verdict *why)
{
    memset(out->rules, 0, sizeof out->rules);
    memset(out->choices_met, 0, sizeof out->choices_met);
    out->wide = false;
    f->decision_count = 0;
    if (c->full)
        return refused(f, "larger than a case can be", why, SMREF_VERDICT_NOT_COMPARED);
    smref_follower_start(f);
    for (size_t n = 0; n < c->count; n++) {
        if (!smref_follower_step(f, c, n))
            return refused(f, f->lacks, why, SMREF_VERDICT_NOT_MODELLED);
        if (smref_follower_strayed(f, c, n))
            return refused(f, f->strayed, why, SMREF_VERDICT_NOT_COMPARED);
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
