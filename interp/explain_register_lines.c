/* The lines of an explanation about accesses to registers. */
#include <inttypes.h>
#include <string.h>

#include "explain_page.h"
#include "spec_words.h"
#include "vocabulary.h"

/* ---- Clauses --------------------------------------------------------------------------------------- */

/* "(IDR0.PRI 0, ...)" */
static void say_terms(struct page *p, const smref_shown_clause *clause)
{
    for (unsigned i = 0; i < clause->term_count; i++)
        keep(p, "%s%s %s%s", i ? "" : "(", clause->terms[i].name, clause->terms[i].value,
             i + 1 < clause->term_count ? "," : ")");
}

/* "RO if IDR1.TABLES_PRESET == 1 (IDR1.TABLES_PRESET 0)" */
static void say_clause(struct page *p, const smref_shown_clause *clause)
{
    keep(p, "%s", clause->is);
    if (*clause->when) {
        keep(p, "if");
        say(p, clause->when);
        say_terms(p, clause);
    } else {
        keep(p, "otherwise");
    }
}

/* Who may reach the register goes without saying when the access may. */
static bool goes_without_saying(const struct page *p, const smref_shown_clause *clause)
{
    return !p->e->full && !clause->holds && strcmp(clause->when, "!ctx.pas_permitted") == 0;
}

static void clause_lines(struct page *p, const smref_shown_clause *clauses, size_t count, unsigned in)
{
    for (size_t i = 0; i < count; i++) {
        if (goes_without_saying(p, &clauses[i]))
            continue;
        begin(p, SMREF_LINE_FIELDS, in, in + 5);
        keep(p, clauses[i].holds ? "yes:" : "no: ");
        say_clause(p, &clauses[i]);
        end(p);
    }
}

/* ---- Which register -------------------------------------------------------------------------------- */

static void say_place(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    const smref_reach_info *reach = step->reach;
    const smref_register_info *info = smref_register_at((unsigned)step->reg);
    char name[SMREF_NAME_ROOM];

    keep(p, "%s", smref_step_register(p->e, index, name));
    if (reach->upper)
        keep(p, "[63:32]");
    keep(p, "at 0x%" PRIx32 " of %s", reach->offset, smref_block_at(reach->block)->name);
    if (reach->page)
        keep(p, "(page %" PRIu32 ")", reach->page);
    keep(p, "[%s],", info->section);
    keep(p, "from the %s space:", smref_spell_pas(reach->pas));
    keep(p, reach->write ? "held 0x%" PRIx64 "," : "holds 0x%" PRIx64, reach->held);
    if (reach->write)
        keep(p, "written 0x%" PRIx64, reach->written & reach->lanes);
    if (p->e->full && info->title) {
        keep(p, "-");
        say(p, info->title);
    }
}

/* In the pages that follow page 0, or in one that is found elsewhere. */
static void say_nowhere(struct page *p, const smref_reach_info *reach)
{
    keep(p, "offset 0x%" PRIx32, reach->offset);
    if (reach->block != SMREF_BLOCK_NS_PAGE0)
        keep(p, "of %s (page %" PRIu32 ")", smref_block_at(reach->block)->name, reach->page);
}

/* Whether there was more than one way, and for a read, whether it was stopped. */
static bool clauses_matter(const smref_reach_info *reach, const smref_shown_clause *clauses, size_t count)
{
    const smref_shown_clause *last = count ? &clauses[count - 1] : NULL;

    if (!last || !last->holds || strcmp(last->is, "RAZ/WI") == 0)
        return last != NULL;
    return reach->write && (count > 2 || *last->when);
}

void smref_reach_lines(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step;
    smref_shown_clause clauses[SMREF_MAX_CLAUSES];
    size_t count;

    begin(p, SMREF_LINE_FETCH, 0, DETAIL);
    if (step->reach->found)
        say_place(p, index);
    else
        say_nowhere(p, step->reach);
    end(p);
    if (!step->reach->found)
        return;
    count = smref_explain_clauses(p->e, index, SMREF_CLAUSES_ACCESS, clauses);
    if (p->e->full || clauses_matter(step->reach, clauses, count))
        clause_lines(p, clauses, count, DETAIL);
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

static void say_reserved(struct page *p, size_t index, const smref_shown_look *shown)
{
    smref_shown_clause clauses[SMREF_MAX_CLAUSES];
    size_t count = smref_explain_clauses(p->e, index, SMREF_CLAUSES_STATE, clauses);
    char versions[SMREF_WORDS_ROOM];

    if (shown->look->state_clause == SMREF_CLAUSE_ABSENT) {
        keep(p, "%s,", smref_spell_state(shown->look->state));
        keep(p, "the field exists %s",
             smref_spell_versions(shown->info->since, shown->info->until, versions));
    } else if (count && clauses[count - 1].holds && *clauses[count - 1].when) {
        say_clause(p, &clauses[count - 1]);
    } else {
        keep(p, "%s", smref_spell_state(shown->look->state));
    }
}

/* Whether the field before, which was told, met the same clauses. */
static bool told_before(const struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step, *last = &p->e->list[index - 1].step;
    const smref_field_info *fields = smref_register_at((unsigned)step->reg)->fields;

    return last->kind == SMREF_STEP_FIELD && last->look->fate == step->look->fate &&
           last->look->access_clause == step->look->access_clause &&
           smref_explain_look(p->e, index - 1).touched && fields[last->field].access &&
           fields[step->field].access && strcmp(fields[last->field].access, fields[step->field].access) == 0;
}

/* Read-only by a clause of its own; else the register is. */
static bool own_clause(const smref_shown_look *shown)
{
    return shown->look->fate == SMREF_FATE_READ_ONLY && shown->look->access_clause != SMREF_CLAUSE_NONE;
}

static size_t reach_of(const struct page *p, size_t index)
{
    while (p->e->list[index].step.kind != SMREF_STEP_REACH)
        index--;
    return index;
}

/* What the clause of a register or field that lets no write through amounts to. */
static const char *closed_by(const struct page *p, size_t index, const char *otherwise)
{
    smref_shown_clause clauses[SMREF_MAX_CLAUSES];
    size_t count = smref_explain_clauses(p->e, index, SMREF_CLAUSES_ACCESS, clauses);
    const char *is = count ? clauses[count - 1].is : "";

    return strcmp(is, "GUARDED") == 0  ? "the guard is closed"
           : strcmp(is, "PRESET") == 0 ? "it is preset"
                                       : otherwise;
}

static void say_reason(struct page *p, size_t index, const smref_shown_look *shown)
{
    if (shown->look->fate == SMREF_FATE_RESERVED || shown->look->state != SMREF_FIELD_ACTIVE)
        say_reserved(p, index, shown);
    else if (own_clause(shown))
        say(p, told_before(p, index) ? "for the same reason" : closed_by(p, index, "the field is read-only"));
    else if (shown->look->fate == SMREF_FATE_READ_ONLY)
        say(p, closed_by(p, reach_of(p, index), "the register is read-only"));
    else if (shown->look->in_use < shown->held.width)
        keep(p, "the lower %u bits count", (unsigned)shown->look->in_use);
    else
        say(p, "by the protocol of the register");
}

/* "0 -> 1", or what stays and what was written. */
static void say_values(struct page *p, const smref_shown_look *shown, bool more)
{
    char one[SMREF_VALUE_ROOM], two[SMREF_VALUE_ROOM];
    const char *mark = more ? ":" : "";

    smref_say_value(&shown->held, one);
    if (shown->now.value != shown->held.value)
        keep(p, "%s -> %s%s", one, smref_say_value(&shown->now, two), mark);
    else if (shown->written.value != shown->held.value)
        keep(p, "%s, written %s%s", one, smref_say_value(&shown->written, two), mark);
    else
        keep(p, "%s", one);
}

static const char *verdict(const smref_shown_look *shown)
{
    if (!shown->touched)
        return "";
    if (shown->look->fate != SMREF_FATE_PASSES)
        return "ignored";
    return shown->now.value == shown->written.value ? "taken" : "not kept";
}

static void written_lines(struct page *p, size_t index, const smref_shown_look *shown)
{
    smref_shown_clause clauses[SMREF_MAX_CLAUSES];
    char bits[SMREF_WORDS_ROOM];
    const char *word = verdict(shown);
    bool more = *word && (strcmp(word, "taken") != 0 || shown->look->state != SMREF_FIELD_ACTIVE);

    begin(p, SMREF_LINE_FIELDS, DETAIL, 2 * DETAIL);
    keep(p, "%-14s %-8s %-8s", shown->info->name, smref_spell_bits(shown->info, bits), word);
    say_values(p, shown, more);
    if (more)
        say_reason(p, index, shown);
    if (p->e->full && shown->info->title) {
        keep(p, "-");
        say(p, shown->info->title);
    }
    end(p);
    if (*word && own_clause(shown) && strchr(shown->info->access, ' ') && !told_before(p, index))
        clause_lines(p, clauses, smref_explain_clauses(p->e, index, SMREF_CLAUSES_ACCESS, clauses),
                     2 * DETAIL);
}

/* The FIELD steps of one register follow each other: the first of them, and the first behind them. */
static bool is_first(const struct page *p, size_t index)
{
    return p->e->list[index - 1].step.kind != SMREF_STEP_FIELD;
}

static size_t last_of(const struct page *p, size_t index)
{
    while (index < p->e->count && p->e->list[index].step.kind == SMREF_STEP_FIELD)
        index++;
    return index;
}

static void untouched_line(struct page *p, size_t index)
{
    for (size_t i = index; i < last_of(p, index); i++)
        if (smref_explain_look(p->e, i).touched)
            return;
    begin(p, SMREF_LINE_FIELDS, DETAIL, DETAIL);
    say(p, "what is written is what the register holds");
    end(p);
}

/* What a read shows, as many fields on a line as fit. */
static void read_line(struct page *p, size_t index)
{
    char value[SMREF_VALUE_ROOM];
    bool any = false;

    begin(p, SMREF_LINE_FIELDS, DETAIL, DETAIL);
    for (size_t i = index, last = last_of(p, index); i < last; i++) {
        smref_shown_look shown = smref_explain_look(p->e, i);
        bool all_unknown = shown.look->state == SMREF_FIELD_UNKNOWN;
        if (shown.info->kind == SMREF_KIND_RESERVED || (!p->e->full && !shown.now.value && !shown.unknown))
            continue;
        keep(p, "%s %s%s,", shown.info->name, all_unknown ? "UNKNOWN" : smref_say_value(&shown.now, value),
             shown.unknown && !all_unknown ? " (in part UNKNOWN)" : "");
        any = true;
    }
    say(p, any ? "the rest is 0" : "all of it is 0");
    end(p);
}

static void hidden_line(struct page *p, size_t index, const smref_shown_look *shown)
{
    char value[SMREF_VALUE_ROOM];
    bool reserved = shown->look->fate == SMREF_FATE_RESERVED;

    begin(p, SMREF_LINE_FIELDS, DETAIL, 2 * DETAIL);
    keep(p, "%s reads as %s", shown->info->name, smref_say_value(&shown->now, value));
    keep(p, "instead of %s%s", smref_say_value(&shown->held, value), reserved ? ":" : "");
    if (reserved)
        say_reserved(p, index, shown);
    end(p);
}

void smref_look_lines(struct page *p, size_t index)
{
    smref_shown_look shown = smref_explain_look(p->e, index);

    if (is_first(p, index) && shown.write)
        untouched_line(p, index);
    else if (is_first(p, index))
        read_line(p, index);
    if (shown.write && (shown.touched || (p->e->full && shown.info->kind != SMREF_KIND_RESERVED)))
        written_lines(p, index, &shown);
    else if (!shown.write && shown.touched && !shown.unknown)
        hidden_line(p, index, &shown);
}

/* ---- What comes of it ------------------------------------------------------------------------------ */

void smref_change_line(struct page *p, size_t index)
{
    const smref_step *step = &p->e->list[index].step, *reach = smref_step_reach(p->e, index);
    const smref_register_info *info = smref_register_at((unsigned)step->reg);
    char one[SMREF_VALUE_ROOM], two[SMREF_VALUE_ROOM], lead[SMREF_PHRASE_ROOM], name[SMREF_NAME_ROOM];
    bool told = reach->reg == step->reg; /* the fields of the register that was written */
    const char *mark = ":";

    begin(p, SMREF_LINE_VALUE, 0, DETAIL);
    snprintf(lead, sizeof lead, "%s 0x%" PRIx64 " -> 0x%" PRIx64, smref_step_register(p->e, index, name),
             step->words[0], step->words[1]);
    for (unsigned f = 0; !told && f < info->field_count; f++) {
        smref_shown before = smref_explain_field(&info->fields[f], step->words[0]);
        smref_shown now = smref_explain_field(&info->fields[f], step->words[1]);
        if (before.value == now.value || !smref_explain_present(p->e, step->reg, f, step->words[1]))
            continue;
        keep(p, "%s%s", lead, mark);
        mark = ",";
        snprintf(lead, sizeof lead, "%s %s -> %s", info->fields[f].name, smref_say_value(&before, one),
                 smref_say_value(&now, two));
    }
    keep(p, "%s", lead);
    end(p);
}

/* What a message is about, after whom it goes to. */
static const char *say_message(const smref_effect *effect, char out[SMREF_PHRASE_ROOM])
{
    const smref_message *message = &effect->message;

    if (message->kind == SMREF_MESSAGE_PRI_RESP)
        snprintf(out, SMREF_PHRASE_ROOM, "group %u, %s", (unsigned)message->prg_index,
                 smref_spell_response(message->response));
    else if (message->log2_size == 64)
        snprintf(out, SMREF_PHRASE_ROOM, "all addresses");
    else if (message->log2_size)
        snprintf(out, SMREF_PHRASE_ROOM, "2^%u bytes at 0x%" PRIx64, (unsigned)message->log2_size,
                 effect->address);
    else
        snprintf(out, SMREF_PHRASE_ROOM, "an UNKNOWN span");
    return out;
}

static void message_line(struct page *p, const smref_effect *effect)
{
    const smref_message *message = &effect->message;
    char about[SMREF_PHRASE_ROOM], pasid[32] = "";

    if (message->ssv)
        snprintf(pasid, sizeof pasid, ", PASID 0x%" PRIx32 "%s", message->ssid,
                 message->global ? ", global" : "");
    keep(p, "%s to the endpoint of %s StreamID 0x%" PRIx32 "%s: %s", smref_spell_message(message->kind),
         smref_spell_sec_sid(message->sec_sid), message->sid, pasid, say_message(effect, about));
}

static void effect_line(struct page *p, const smref_effect *effect)
{
    char attrs[SMREF_PHRASE_ROOM], mecid[SMREF_PHRASE_ROOM];

    begin(p, SMREF_LINE_VALUE, 0, DETAIL);
    if (effect->kind == SMREF_EFFECT_WRITE)
        keep(p, "MSI of %s: 0x%" PRIx32 " to %s:0x%" PRIx64 "%s, %s", smref_spell_source(effect->source),
             effect->value, smref_spell_pas(effect->pas), effect->address,
             smref_say_mecid(effect->mecid, mecid), smref_say_attrs(&effect->attrs, attrs));
    else if (effect->kind == SMREF_EFFECT_WIRED)
        keep(p, "wired interrupt of %s, %s bank", smref_spell_source(effect->source),
             effect->source >= SMREF_SOURCE_GPF_FAR ? "root" : smref_spell_sec_sid(effect->bank));
    else if (effect->kind == SMREF_EFFECT_MESSAGE)
        message_line(p, effect);
    else
        keep(p, "wake-up event to the PEs");
    end(p);
}

void smref_effect_lines(struct page *p, const smref_result *result)
{
    for (unsigned i = 0; i < result->effect_count; i++)
        effect_line(p, &result->effects[i]);
    if (!result->effects_lost)
        return;
    begin(p, SMREF_LINE_VALUE, 0, DETAIL);
    say(p, "and more MSIs, interrupts or events than a result holds");
    end(p);
}

void smref_mmio_lines(struct page *p, const smref_stimulus *stimulus, const smref_result *result)
{
    smref_effect_lines(p, result);
    begin(p, SMREF_LINE_RESULT, 0, DETAIL);
    if (result->outcome != SMREF_OUTCOME_OK)
        keep(p, "outcome: %s", smref_spell_outcome(result->outcome));
    else
        keep(p, "%s 0x%" PRIx64, stimulus->op == SMREF_OP_MMIO_WRITE ? "holds" : "read",
             result->value & ~result->value_unknown);
    if (result->value_unknown)
        keep(p, "(bits 0x%" PRIx64 " UNKNOWN)", result->value_unknown);
    end(p);
}
