/* Precisely what differs, in few words that are the same for the same defect. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "finding.h"
#include "smref_layout.h"
#include "vocabulary.h"

struct text {
    char *out;
    size_t room, used;
};

static void put(struct text *t, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(t->out + t->used, t->room - t->used, format, args);
    va_end(args);
    t->used += length < 0 ? 0 : (size_t)length;
    if (t->used >= t->room)
        t->used = t->room - 1;
}

/* ---- Outcomes -------------------------------------------------------------------------------------- */

static const smref_field_info *field_of_event(smref_event_type type, const char *name)
{
    smref_layout layout;

    return smref_layout_find(smref_spell_event(type), &layout)
               ? smref_field_named(smref_layout_at((unsigned)layout), name)
               : NULL;
}

/* "F_TRANSLATION S2=1 CLASS=2" of the words of a record, "no record" of none. Which part of a translation a
 * record is about tells apart what a target may have gone wrong in. */
static void put_words(struct text *t, const uint64_t *words, bool part)
{
    static const char *const names[] = {"S2", "CLASS"};
    smref_event_type type = smref_record_event(words);

    put(t, "%s", type ? smref_spell_event(type) : "no record");
    for (size_t i = 0; part && i < sizeof names / sizeof *names; i++) {
        const smref_field_info *field = field_of_event(type, names[i]);
        if (field)
            put(t, " %s=%" PRIu64, names[i], smref_field_get(field, words, 0));
    }
}

/* "ok", "abort F_TRANSLATION", "abort without event". */
static void put_outcome(struct text *t, const smref_sight *sight, unsigned shows, bool part)
{
    bool outcome = shows & SMREF_SHOWS_OUTCOME;

    if (outcome)
        put(t, "%s", smref_spell_outcome(sight->outcome));
    if (!(shows & SMREF_SHOWS_EVENT))
        return;
    if (sight->event_valid) {
        put(t, "%s%s", outcome ? " " : "", sight->event.lost ? "lost " : "");
        put_words(t, sight->event.words, part);
    } else if (!outcome || sight->outcome != SMREF_OUTCOME_OK) {
        put(t, "%swithout event", outcome ? " " : "");
    }
}

static void put_outcomes(struct text *t, const smref_difference *d)
{
    unsigned shows = d->shown.shows;

    put_outcome(t, &d->shown, shows, true);
    if (!(shows & SMREF_SHOWS_EVENT) && d->shown.outcome != SMREF_OUTCOME_OK && d->cause.record_shown) {
        put(t, " ");
        put_words(t, d->cause.record, true);
    }
    put(t, " for ");
    for (size_t i = 0; i < d->permitted_count && i < SMREF_DIFFERENCE_WAYS; i++) {
        char one[64] = "", before[64] = "";
        struct text last = {one, sizeof one, 0};
        bool told = false;
        put_outcome(&last, &d->permitted[i], shows, false);
        for (size_t k = 0; k < i && !told; k++) {
            struct text earlier = {before, sizeof before, 0};
            put_outcome(&earlier, &d->permitted[k], shows, false);
            told = strcmp(one, before) == 0;
        }
        if (!told)
            put(t, "%s%s", i ? " or " : "", one);
    }
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

enum { MOST_WORDS = 8, TOLD_BITS = 3 };

static const char *code_of(const smref_field_info *field, uint64_t value)
{
    for (unsigned i = 0; i < field->code_count; i++)
        if (value >= field->codes[i].low && value <= field->codes[i].high)
            return field->codes[i].name;
    return NULL;
}

static void put_value_of(struct text *t, const smref_field_info *field, const uint64_t *words)
{
    uint64_t value = smref_field_get(field, words, 0);
    const char *code = code_of(field, value);

    if (code)
        put(t, "%s", code);
    else if (smref_field_width(field) <= TOLD_BITS)
        put(t, "%" PRIu64, value);
    else
        put(t, "another");
}

/* Values are worth telling where they are few. */
static void put_field(struct text *t, const smref_field_info *field, const uint64_t *shown,
                      const uint64_t *expected)
{
    if (field->kind == SMREF_KIND_RESERVED) {
        put(t, " reserved bits %u:%u", field->pieces[0].msb, field->pieces[0].lsb);
        return;
    }
    put(t, " %s", field->name);
    if (field->array_count || (smref_field_width(field) > 1 && field->kind != SMREF_KIND_ENUM))
        return;
    put(t, " ");
    put_value_of(t, field, shown);
    put(t, " for ");
    put_value_of(t, field, expected);
}

/* Takes the field's bits out of `differ`; whether there were any. */
static bool take(const smref_field_info *field, uint64_t *differ)
{
    unsigned elements = field->array_count ? field->array_count : 1;
    bool any = false;

    for (unsigned i = 0; i < elements; i++) {
        any = any || smref_field_get(field, differ, i);
        smref_field_set(field, differ, i, 0);
    }
    return any;
}

/* Which of several fields says most: codes, then flags, then other values, then what is reserved. */
static unsigned weight(const smref_field_info *field)
{
    if (field->kind == SMREF_KIND_RESERVED)
        return 1;
    return field->kind == SMREF_KIND_ENUM ? 4 : field->kind == SMREF_KIND_FLAG ? 3 : 2;
}

/* One of the fields in which two structures differ where `open` is 0: all of them would make a group of each
 * combination. Variants share bits: the first one is named. */
static void put_fields(struct text *t, const smref_field_info *fields, unsigned count, const uint64_t *shown,
                       const uint64_t *expected, const uint64_t *open, size_t words)
{
    const smref_field_info *best = NULL;
    uint64_t differ[MOST_WORDS];

    for (size_t i = 0; i < words; i++)
        differ[i] = (shown[i] ^ expected[i]) & ~open[i];
    for (unsigned f = 0; f < count; f++)
        if (take(&fields[f], differ) && (!best || weight(&fields[f]) > weight(best)))
            best = &fields[f];
    if (best)
        put_field(t, best, shown, expected);
}

static void put_register(struct text *t, const smref_register_ref *ref, uint64_t shown, uint64_t expected,
                         uint64_t open)
{
    const smref_register_info *info = smref_register_at(ref->reg);
    unsigned shift = ref->upper ? 32 : 0;

    shown <<= shift;
    expected <<= shift;
    open <<= shift;
    put_fields(t, info->fields, info->field_count, &shown, &expected, &open, 1);
}

static void put_record(struct text *t, const smref_difference *d)
{
    const smref_event *shown = &d->shown.event, *expected = &d->permitted[0].event;
    smref_layout layout;

    put(t, "%s%s:", expected->lost ? "lost " : "", smref_spell_event(expected->type));
    if (shown->bank != expected->bank)
        put(t, " of bank %s", smref_spell_sec_sid(shown->bank));
    if (smref_layout_find(smref_spell_event(expected->type), &layout)) {
        const smref_layout_info *info = smref_layout_at((unsigned)layout);
        put_fields(t, info->fields, info->field_count, shown->words, expected->words, expected->unknown, 4);
    }
}

static void put_value(struct text *t, const smref_case *c, const smref_difference *d)
{
    const smref_sight *shown = &d->shown, *expected = &d->permitted[0];
    int records = smref_diff_records(c, d);
    smref_register_ref ref;

    if (records) {
        put(t, records > 0 ? "more records" : "less records");
        if (records > 0 && d->cause.record_shown) {
            put(t, ": ");
            put_words(t, d->cause.record, true);
        }
        return;
    }
    put(t, "value:");
    if (smref_mmio_register(&c->steps[d->step], &ref))
        put_register(t, &ref, shown->value, expected->value, expected->value_open);
    else
        put(t, " %s", shown->value ? "not zero" : "zero");
}

static void put_gerror(struct text *t, const smref_difference *d)
{
    static const smref_register registers[] = {SMREF_REG_SMMU_GERROR, SMREF_REG_SMMU_S_GERROR,
                                               SMREF_REG_SMMU_R_GERROR};

    put(t, "gerror");
    for (unsigned bank = 0; bank < SMREF_BANKS; bank++) {
        uint32_t shown = d->shown.gerror[bank], expected = d->permitted[0].gerror[bank];
        smref_register_ref ref = {.reg = registers[bank]};
        if (shown == expected)
            continue;
        put(t, " %s:", smref_spell_sec_sid((smref_sec_sid)bank));
        put_register(t, &ref, shown, expected, 0);
    }
}

/* ---- Addresses, attributes, memory ----------------------------------------------------------------- */

/* Where the addresses differ tells of what went wrong: the offset in the page, the table entry, the top; or
 * something was kept that had to go. */
static void put_address(struct text *t, const smref_difference *d)
{
    uint64_t differ = d->shown.pa ^ d->permitted[0].pa;

    put(t, "output address");
    if (d->shown.elsewhere)
        put(t, " elsewhere");
    else
        put(t, ":%s%s%s%s", differ & 0xfff ? " bits 11:0" : "",
            differ >> 12 & 0xfffffffff ? " bits 47:12" : "", differ >> 48 ? " bits 63:48" : "",
            d->as_before ? ", as before" : "");
}

static void put_attrs(struct text *t, const smref_difference *d)
{
    const smref_attrs *shown = &d->shown.attrs, *expected = &d->permitted[0].attrs;
    char a[SMREF_CACHE_ROOM], b[SMREF_CACHE_ROOM];

    put(t, "attributes:");
    if (shown->type != expected->type) {
        put(t, " %s for %s", smref_spell_type(shown->type), smref_spell_type(expected->type));
    } else if (shown->type == SMREF_MT_NORMAL) {
        smref_spell_cache(&shown->inner, a);
        smref_spell_cache(&expected->inner, b);
        if (strcmp(a, b) != 0)
            put(t, " inner %s for %s", a, b);
        smref_spell_cache(&shown->outer, a);
        smref_spell_cache(&expected->outer, b);
        if (strcmp(a, b) != 0)
            put(t, " outer %s for %s", a, b);
    }
    if (shown->sh != expected->sh)
        put(t, " %s for %s", smref_spell_sh(shown->sh), smref_spell_sh(expected->sh));
}

static const char *effect_words(const smref_effect *effect)
{
    switch (effect->kind) {
    case SMREF_EFFECT_WRITE:
        return "MSI";
    case SMREF_EFFECT_WIRED:
        return "interrupt";
    case SMREF_EFFECT_EVENT:
        return "wake-up";
    case SMREF_EFFECT_MESSAGE:
        break;
    }
    return "message";
}

static void put_effect(struct text *t, const smref_sight *sight, unsigned index)
{
    const smref_effect *effect = &sight->effects[index];

    if (index >= sight->effect_count)
        put(t, "nothing");
    else if (effect->kind == SMREF_EFFECT_MESSAGE)
        put(t, "message %s", smref_spell_message(effect->message.kind));
    else
        put(t, "%s %s", effect_words(effect), smref_spell_source(effect->source));
}

static bool same_kind(const smref_effect *a, const smref_effect *b)
{
    return a->kind == b->kind && a->source == b->source &&
           (a->kind != SMREF_EFFECT_MESSAGE || a->message.kind == b->message.kind);
}

/* The first one that is of another kind; else the details differ. */
static void put_effects(struct text *t, const smref_difference *d)
{
    const smref_sight *shown = &d->shown, *expected = &d->permitted[0];
    unsigned most =
        shown->effect_count > expected->effect_count ? shown->effect_count : expected->effect_count;

    put(t, "effects: ");
    for (unsigned i = 0; i < most && i < SMREF_SIGHT_EFFECTS; i++) {
        if (i < shown->effect_count && i < expected->effect_count &&
            same_kind(&shown->effects[i], &expected->effects[i]))
            continue;
        put_effect(t, shown, i);
        put(t, " for ");
        put_effect(t, expected, i);
        return;
    }
    put(t, "details of ");
    put_effect(t, expected, 0);
}

/* Of the records that are loaded, the first one that differs. */
static void put_loaded_record(struct text *t, const smref_stimulus *step, const smref_difference *d)
{
    unsigned first = SMREF_RECORD_WORDS * smref_record_that_differs(step, &d->permitted[0], &d->shown);
    const uint64_t *shown = &d->shown.loaded[first], *expected = &d->permitted[0].loaded[first];
    smref_event_type type = smref_record_event(expected);
    smref_layout layout;

    if (type != smref_record_event(shown) || !smref_layout_find(smref_spell_event(type), &layout)) {
        put_words(t, shown, true);
        put(t, " for ");
        put_words(t, expected, false);
        return;
    }
    const smref_layout_info *info = smref_layout_at((unsigned)layout);
    put(t, "%s:", info->name);
    put_fields(t, info->fields, info->field_count, shown, expected, &d->permitted[0].open[first],
               SMREF_RECORD_WORDS);
}

static void put_loaded(struct text *t, const smref_case *c, const smref_difference *d)
{
    const smref_sight *shown = &d->shown, *expected = &d->permitted[0];
    const smref_stimulus *step = &c->steps[d->step];

    if (smref_loads_records(c, d->step)) {
        put_loaded_record(t, step, d);
        return;
    }
    put(t, "memory: words");
    for (size_t i = 0; i < (step->size + 7) / 8 && i < SMREF_CASE_LOAD / 8; i++)
        if ((shown->loaded[i] ^ expected->loaded[i]) & ~expected->open[i])
            put(t, " %zu", i);
}

static void put_par(struct text *t, const smref_stimulus *step, const smref_difference *d)
{
    const smref_sight *shown = &d->shown, *expected = &d->permitted[0];
    smref_register_ref ref;
    bool fault = smref_SMMU_GATOS_PAR_FAULT(shown->par) || smref_SMMU_GATOS_PAR_FAULT(expected->par);

    put(t, "result:");
    if (smref_SMMU_GATOS_PAR_FAULT(shown->par) != smref_SMMU_GATOS_PAR_FAULT(expected->par))
        put(t, " %s", smref_SMMU_GATOS_PAR_FAULT(shown->par) ? "failure for success" : "success for failure");
    else if (smref_mmio_register(step, &ref))
        put(t, fault ? " of a failure" : " of a success");
}

/* ---- Events that are there and should not be, or the other way ---------------------------------------- */

static bool put_wrong_event(struct text *t, const smref_case *c, const smref_difference *d)
{
    smref_wrong_event wrong = smref_diff_event(c, d);
    smref_records records;

    if (wrong == SMREF_EVENT_NOT_WRONG)
        return false;
    smref_diff_find_records(c, d, &records);
    put(t, wrong == SMREF_EVENT_SPURIOUS ? "spurious " : "no ");
    put_words(t, wrong == SMREF_EVENT_SPURIOUS ? records.shown : records.expected,
              wrong == SMREF_EVENT_SPURIOUS);
    return true;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

/* Of what an access is given, and how it goes out. */
static void put_output(struct text *t, const smref_difference *d)
{
    switch (d->aspect) {
    case SMREF_ASPECT_PA:
        put_address(t, d);
        break;
    case SMREF_ASPECT_ATTRS:
        put_attrs(t, d);
        break;
    case SMREF_ASPECT_PAS:
        put(t, "address space %s for %s", smref_spell_pas(d->shown.pas),
            smref_spell_pas(d->permitted[0].pas));
        break;
    default:
        put(t, "%s", smref_spell_aspect(d->aspect));
        break;
    }
}

void smref_diff_words(const smref_case *c, const smref_difference *difference, const char *died, char *out,
                      size_t room)
{
    const smref_stimulus *step = &c->steps[difference->step];
    struct text t = {out, room, 0};

    out[0] = '\0';
    if (put_wrong_event(&t, c, difference))
        return;
    switch (difference->aspect) {
    case SMREF_ASPECT_OUTCOME:
    case SMREF_ASPECT_EVENT:
        put_outcomes(&t, difference);
        break;
    case SMREF_ASPECT_RECORD:
        put_record(&t, difference);
        break;
    case SMREF_ASPECT_VALUE:
        put_value(&t, c, difference);
        break;
    case SMREF_ASPECT_GERROR:
        put_gerror(&t, difference);
        break;
    case SMREF_ASPECT_EFFECTS:
        put_effects(&t, difference);
        break;
    case SMREF_ASPECT_LOADED:
        put_loaded(&t, c, difference);
        break;
    case SMREF_ASPECT_PAR:
        put_par(&t, step, difference);
        break;
    case SMREF_ASPECT_DIED:
        put(&t, "died: %s", died ? died : "no more is known");
        break;
    default:
        put_output(&t, difference);
        break;
    }
}
