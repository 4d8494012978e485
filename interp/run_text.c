/* What `smref run` prints for people. */
#include "run_text.h"

#include <inttypes.h>
#include <string.h>

#include "fields.h"
#include "vocabulary.h"

const char *smref_spell_size(uint64_t size, char out[24])
{
    static const char units[] = " KMGTPE";
    unsigned unit = 0;

    if (size % 1024) {
        snprintf(out, 24, "0x%" PRIx64, size);
        return out;
    }
    while (size && size % 1024 == 0) {
        size /= 1024;
        unit++;
    }
    snprintf(out, 24, "%" PRIu64 "%c", size, units[unit]);
    return out;
}

void smref_print_stimulus(FILE *to, const smref_stimulus *stimulus)
{
    const smref_access *access = &stimulus->access;

    if (stimulus->op == SMREF_OP_IDENTIFY) {
        fprintf(to, "identify");
        return;
    }
    if (stimulus->op != SMREF_OP_ACCESS) {
        fprintf(to, "%-5s %s:0x%" PRIx64 " %zu byte%s", smref_spell_op(stimulus->op),
                smref_spell_pas(stimulus->pas), stimulus->at, stimulus->size, stimulus->size == 1 ? "" : "s");
        return;
    }
    fprintf(to, "%-5s ", smref_spell_access(access->type));
    if (access->sec_sid != SMREF_SEC_NS)
        fprintf(to, "%s ", smref_spell_sec_sid(access->sec_sid));
    fprintf(to, "sid 0x%" PRIx32, access->sid);
    if (access->ssv)
        fprintf(to, " ssid 0x%" PRIx32, access->ssid);
    fprintf(to, " addr 0x%" PRIx64, access->addr);
    if (access->size != 1)
        fprintf(to, " size %" PRIu32, access->size);
    fprintf(to, "%s%s", access->priv ? " priv" : "", access->inst ? " inst" : "");
}

/* ---- Outcomes -------------------------------------------------------------------------------------- */

static void print_attrs(FILE *to, const smref_attrs *attrs)
{
    char inner[SMREF_CACHE_ROOM], outer[SMREF_CACHE_ROOM];

    fprintf(to, "%s", smref_spell_type(attrs->type));
    if (attrs->type == SMREF_MT_NORMAL) {
        smref_spell_cache(&attrs->inner, inner);
        smref_spell_cache(&attrs->outer, outer);
        fprintf(to, strcmp(inner, outer) == 0 ? " %s" : " %s/%s", inner, outer);
    }
    fprintf(to, " %s", smref_spell_sh(attrs->sh));
}

static void print_translation(FILE *to, const smref_result *result)
{
    char size[24];

    fprintf(to, "pa 0x%" PRIx64, result->pa);
    if (result->pas != SMREF_PAS_NS)
        fprintf(to, " (%s)", smref_spell_pas(result->pas));
    if (result->page_size)
        fprintf(to, "  page %s", smref_spell_size(result->page_size, size));
    else
        fprintf(to, "  bypass");
    fprintf(to, "  ");
    print_attrs(to, &result->attrs);
}

/* A field of the record by name; false when records of this kind have none. */
static bool event_field(const smref_event *event, const char *name, uint64_t *value)
{
    const smref_field_info *field;
    smref_layout layout;

    if (!smref_layout_find(smref_spell_event(event->type), &layout))
        return false;
    field = smref_field_named(smref_layout_at((unsigned)layout), name);
    if (field)
        *value = smref_field_get(field, event->words, 0) << field->address_low;
    return field != NULL;
}

static void print_event(FILE *to, const smref_event *event)
{
    static const char *const classes[] = {" fetching a CD", " fetching a descriptor", "", ""};
    static const char *const losses[] = {"",
                                         "the queue is disabled",
                                         "the queue is full",
                                         "an error of the queue is active",
                                         "the write was aborted",
                                         "the indexes of the queue are inconsistent"};
    uint64_t value;

    fprintf(to, "  %s", smref_spell_event(event->type));
    if (event_field(event, "S2", &value)) {
        fprintf(to, " stage %d", value ? 2 : 1);
        if (value && event_field(event, "IPA", &value))
            fprintf(to, " ipa 0x%" PRIx64, value);
    }
    if (event_field(event, "CLASS", &value))
        fprintf(to, "%s", classes[value & 3]);
    if (event_field(event, "FetchAddr", &value))
        fprintf(to, " at 0x%" PRIx64, value);
    if (event->lost != SMREF_LOST_NOT)
        fprintf(to, " (not recorded: %s)", losses[event->lost]);
}

const smref_rule_info *smref_deciding_rule(const smref_result *result)
{
    const char *wanted = result->event_valid ? smref_spell_event(result->event.type) : NULL;
    const smref_rule_info *rule = NULL, *silent = NULL;
    unsigned i;

    for (i = result->rule_count; i-- > 0;) {
        rule = smref_rule_at(result->rules[i]);
        if (!rule->outcome || !*rule->outcome)
            continue;
        if (wanted ? strcmp(rule->outcome, wanted) == 0
                   : (rule->outcome[0] == 'F' || rule->outcome[0] == 'C'))
            return rule;
        if (!silent)
            silent = rule;
    }
    return silent ? silent : rule;
}

static void print_failure(FILE *to, const smref_result *result)
{
    const smref_rule_info *rule = smref_deciding_rule(result);

    fprintf(to, "%s", smref_spell_outcome(result->outcome));
    if (result->outcome == SMREF_OUTCOME_STALL)
        fprintf(to, " stag 0x%x", (unsigned)result->stag);
    if (result->event_valid)
        print_event(to, &result->event);
    else
        fprintf(to, "  no event");
    if (rule)
        fprintf(to, ": %s [%s, %s]", rule->title, rule->id, rule->section);
}

void smref_print_outcome(FILE *to, const smref_stimulus *stimulus, const smref_step_result *result)
{
    size_t i;

    switch (stimulus->op) {
    case SMREF_OP_ACCESS:
        if (result->access.outcome == SMREF_OUTCOME_OK)
            print_translation(to, &result->access);
        else
            print_failure(to, &result->access);
        break;
    case SMREF_OP_STORE:
        fprintf(to, "done");
        break;
    case SMREF_OP_IDENTIFY:
        fprintf(to, result->access.rule_count ? "inconsistent" : "consistent");
        for (i = 0; i < result->access.rule_count; i++)
            fprintf(to, "%s %s", i ? "," : ":", smref_rule_at(result->access.rules[i])->id);
        break;
    case SMREF_OP_LOAD:
        for (i = 0; i < stimulus->size; i++)
            fprintf(to, "%s%02x", i % 8 || i == 0 ? "" : " ", result->loaded[i]);
        break;
    }
}

void smref_print_step(FILE *to, size_t step, const smref_stimulus *stimulus, const smref_step_result *result)
{
    fprintf(to, "#%zu ", step);
    smref_print_stimulus(to, stimulus);
    fprintf(to, " -> ");
    smref_print_outcome(to, stimulus, result);
    fprintf(to, "\n");
}

static void print_way(FILE *to, const smref_choice_set *way)
{
    unsigned c;
    bool first = true;

    for (c = 0; c < SMREF_CHOICE_COUNT; c++) {
        if (way->option[c] >= 0) {
            const smref_choice_info *info = smref_choice_at(c);
            fprintf(to, "%s%s=%s", first ? "" : " ", info->id, info->options[way->option[c]].name);
            first = false;
        }
    }
}

void smref_print_others(FILE *to, const smref_stimulus *stimulus, const smref_outcomes *all)
{
    size_t i, k;

    for (i = 1; i < all->count; i++) {
        fprintf(to, "    or ");
        smref_print_outcome(to, stimulus, &all->list[i].result);
        fprintf(to, "\n");
        for (k = 0; k < all->list[i].way_count; k++) {
            fprintf(to, "       with ");
            print_way(to, &all->list[i].ways[k]);
            fprintf(to, "\n");
        }
    }
    if (all->capped)
        fprintf(to, "    after %u replays there may be more outcomes: too many choices\n", all->replays);
}

/* ---- The summary ----------------------------------------------------------------------------------- */

void smref_tally_add(smref_tally *tally, const smref_stimulus *stimulus, const smref_step_result *result,
                     const smref_outcomes *all)
{
    tally->steps++;
    tally->several += all && all->count > 1;
    if (stimulus->op != SMREF_OP_ACCESS) {
        tally->outcomes[SMREF_OUTCOME_OK]++;
        return;
    }
    tally->outcomes[result->access.outcome]++;
    if (result->access.event_valid)
        tally->events[(unsigned)result->access.event.type & 255]++;
}

void smref_print_tally(FILE *to, const smref_tally *tally)
{
    static const char *const names[] = {"ok", "aborted", "read as zero or ignored", "stalled"};
    const char *separator = ": ";
    unsigned i;

    fprintf(to, "%zu step%s", tally->steps, tally->steps == 1 ? "" : "s");
    for (i = 0; i <= SMREF_OUTCOME_STALL; i++) {
        if (tally->outcomes[i]) {
            fprintf(to, "%s%zu %s", separator, tally->outcomes[i], names[i]);
            separator = ", ";
        }
    }
    separator = "; events: ";
    for (i = 0; i < 256; i++) {
        if (tally->events[i]) {
            fprintf(to, "%s%zu %s", separator, tally->events[i], smref_spell_event((smref_event_type)i));
            separator = ", ";
        }
    }
    if (tally->several)
        fprintf(to, "; %zu with several permitted outcomes", tally->several);
    fprintf(to, "\n");
}
