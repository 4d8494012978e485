/* What `smref run` prints for people. */
#include "run_text.h"

#include <inttypes.h>
#include <string.h>

#include "column.h"
#include "fields.h"
#include "mmio_text.h"
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

/* ---- Stimuli --------------------------------------------------------------------------------------- */

#define STIMULUS_ROOM 160

/* A number with a name, filled up to `width`; without columns only what is needed. */
static size_t say_part(char *out, size_t used, const char *name, uint64_t value, int width)
{
    char hex[24];

    snprintf(hex, sizeof hex, "0x%" PRIx64, value);
    return used + (size_t)snprintf(out + used, STIMULUS_ROOM - used, " %s %-*s", name, width, hex);
}

static void say_access(const smref_columns *columns, const smref_access *access, char out[STIMULUS_ROOM])
{
    size_t used = (size_t)snprintf(out, STIMULUS_ROOM, "%-6s", smref_spell_access(access->type));

    if (access->no_stream) {
        used += (size_t)snprintf(out + used, STIMULUS_ROOM - used, " without sid, %s",
                                 smref_spell_pas(access->pas));
    } else {
        if (access->sec_sid != SMREF_SEC_NS)
            used += (size_t)snprintf(out + used, STIMULUS_ROOM - used, " %s",
                                     smref_spell_sec_sid(access->sec_sid));
        used = say_part(out, used, "sid", access->sid, columns->sid);
    }
    if (access->ssv)
        used = say_part(out, used, "ssid", access->ssid, columns->ssid);
    else if (columns->ssid)
        used += (size_t)snprintf(out + used, STIMULUS_ROOM - used, "%*s", columns->ssid + 6, "");
    used = say_part(out, used, "addr", access->addr, columns->addr);
    if (access->size != 1)
        used += (size_t)snprintf(out + used, STIMULUS_ROOM - used, " size %" PRIu32, access->size);
    snprintf(out + used, STIMULUS_ROOM - used, "%s%s", access->priv ? " priv" : "",
             access->inst ? " inst" : "");
}

static void say_mmio(const smref_stimulus *stimulus, char out[STIMULUS_ROOM])
{
    const smref_mmio *mmio = &stimulus->mmio;
    char room[SMREF_REGISTER_ROOM];
    smref_register_ref ref;
    bool known = smref_mmio_register(stimulus, &ref), placed = stimulus->named.reg < SMREF_REG_COUNT;
    size_t used = (size_t)snprintf(out, STIMULUS_ROOM, "%-6s", mmio->write ? "write" : "read");

    if (mmio->pas != SMREF_PAS_NS)
        used += (size_t)snprintf(out + used, STIMULUS_ROOM - used, " %s", smref_spell_pas(mmio->pas));
    if (!placed)
        used += (size_t)snprintf(out + used, STIMULUS_ROOM - used, " 0x%04" PRIx32, mmio->offset);
    if (known)
        used += (size_t)snprintf(out + used, STIMULUS_ROOM - used, " %s", smref_register_spelled(&ref, room));
    if (mmio->write)
        snprintf(out + used, STIMULUS_ROOM - used, " 0x%" PRIx64, mmio->value);
}

static void say_stimulus(const smref_columns *columns, const smref_stimulus *stimulus,
                         char out[STIMULUS_ROOM])
{
    if (stimulus->op == SMREF_OP_ACCESS)
        say_access(columns, &stimulus->access, out);
    else if (stimulus->op == SMREF_OP_IDENTIFY || stimulus->op == SMREF_OP_RESET)
        snprintf(out, STIMULUS_ROOM, "%s", smref_spell_op(stimulus->op));
    else if (stimulus->op == SMREF_OP_MMIO_READ || stimulus->op == SMREF_OP_MMIO_WRITE)
        say_mmio(stimulus, out);
    else
        snprintf(out, STIMULUS_ROOM, "%-6s %s:0x%" PRIx64 " %zu byte%s", smref_spell_op(stimulus->op),
                 smref_spell_pas(stimulus->pas), stimulus->at, stimulus->size,
                 stimulus->size == 1 ? "" : "s");
}

void smref_print_stimulus(FILE *to, const smref_stimulus *stimulus)
{
    static const smref_columns none = {.step = 0};
    char text[STIMULUS_ROOM];

    say_stimulus(&none, stimulus, text);
    fputs(text, to);
}

static void widen(int *column, size_t width)
{
    if (*column < (int)width)
        *column = (int)width;
}

smref_columns smref_columns_of(const smref_stimulus *list, size_t count)
{
    enum { ENOUGH = 4096 }; /* to see how wide a list is */
    smref_columns columns = {.step = 0};
    char text[STIMULUS_ROOM];
    size_t i;

    widen(&columns.step, (size_t)snprintf(text, sizeof text, "%zu", count ? count - 1 : 0));
    for (i = 0; i < count && i < ENOUGH; i++) {
        const smref_access *access = &list[i].access;
        if (list[i].op != SMREF_OP_ACCESS)
            continue;
        widen(&columns.sid, (size_t)snprintf(text, sizeof text, "0x%" PRIx32, access->sid));
        widen(&columns.addr, (size_t)snprintf(text, sizeof text, "0x%" PRIx64, access->addr));
        if (access->ssv)
            widen(&columns.ssid, (size_t)snprintf(text, sizeof text, "0x%" PRIx32, access->ssid));
    }
    for (i = 0; i < count && i < ENOUGH; i++) {
        say_stimulus(&columns, &list[i], text);
        widen(&columns.stimulus, strlen(text));
    }
    return columns;
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

static void print_translation(FILE *to, smref_columns *columns, const smref_result *result)
{
    char pa[48], mecid[24] = "", size[24];

    if (result->mecid)
        snprintf(mecid, sizeof mecid, " mecid 0x%" PRIx16, result->mecid);
    snprintf(pa, sizeof pa, "0x%" PRIx64 "%s%s%s", result->pa, result->pas == SMREF_PAS_NS ? "" : " ",
             result->pas == SMREF_PAS_NS ? "" : smref_spell_pas(result->pas), mecid);
    widen(&columns->pa, strlen(pa));
    fprintf(to, "pa %-*s  ", columns->pa, pa);
    if (result->page_size)
        fprintf(to, "page %-4s", smref_spell_size(result->page_size, size));
    else
        fprintf(to, "untranslated");
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

    fprintf(to, " %s", smref_spell_event(event->type));
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

    for (i = 0; i < result->rule_count; i++) {
        rule = smref_rule_at(result->rules[i]);
        if (!rule->outcome || !*rule->outcome)
            continue;
        if (wanted ? strcmp(rule->outcome, wanted) == 0
                   : (rule->outcome[0] == 'F' || rule->outcome[0] == 'C'))
            return rule;
        silent = rule;
    }
    return silent ? silent : rule;
}

/* The title of a rule without the stage, which its id and the event tell already. */
static const char *short_title(const smref_rule_info *rule)
{
    bool staged = strncmp(rule->title, "stage 1: ", 9) == 0 || strncmp(rule->title, "stage 2: ", 9) == 0;

    return rule->title + (staged ? 9 : 0);
}

/* What the step did to the rest of the system. */
static void print_effects(FILE *to, const smref_step_result *step)
{
    static const char *const prefixes[] = {"", "S_", "R_"};
    const smref_result *result = &step->access;

    for (unsigned i = 0; i < result->effect_count; i++) {
        const smref_effect *effect = &result->effects[i];
        const char *source = smref_spell_source(effect->source);
        if (effect->kind == SMREF_EFFECT_WRITE)
            fprintf(to, "; writes 0x%" PRIx32 " to 0x%" PRIx64 " (%s)", effect->value, effect->address,
                    source);
        else if (effect->kind == SMREF_EFFECT_MESSAGE)
            fprintf(to, "; sends %s to StreamID 0x%" PRIx32, smref_spell_message(effect->message.kind),
                    effect->message.sid);
        else
            fprintf(to, "; signals %s", effect->kind == SMREF_EFFECT_EVENT ? "event" : source);
    }
    if (result->effects_lost)
        fputs("; and more", to);
    for (unsigned bank = 0; bank < SMREF_BANKS; bank++)
        if (result->gerror_changed >> bank & 1)
            fprintf(to, "; %sGERROR 0x%" PRIx32, prefixes[bank], step->gerror[bank]);
    if (result->gpf_far)
        fprintf(to, "; ROOT_GPF_FAR 0x%" PRIx64, step->gpf_far);
    if (result->gpt_cfg_far)
        fprintf(to, "; ROOT_GPT_CFG_FAR 0x%" PRIx64, step->gpt_cfg_far);
}

static void print_failure(FILE *to, const smref_step_result *step)
{
    const smref_result *result = &step->access;
    const smref_rule_info *rule = smref_deciding_rule(result);

    fprintf(to, "%s", smref_spell_outcome(result->outcome));
    if (result->outcome == SMREF_OUTCOME_STALL)
        fprintf(to, " stag 0x%x", (unsigned)result->stag);
    if (result->event_valid)
        print_event(to, &result->event);
    else
        fprintf(to, " without event");
    print_effects(to, step);
    if (rule)
        fprintf(to, "  %s: %s", rule->id, short_title(rule));
}

static void print_mmio(FILE *to, const smref_stimulus *stimulus, const smref_step_result *step)
{
    const smref_result *result = &step->access;

    if (result->outcome == SMREF_OUTCOME_ABORT)
        fprintf(to, "abort");
    else
        fprintf(to, "%s0x%" PRIx64, stimulus->op == SMREF_OP_MMIO_WRITE ? "holds " : "",
                result->value & ~result->value_unknown);
    smref_print_held(to, stimulus, step);
    if (result->value_unknown)
        fprintf(to, " (bits 0x%" PRIx64 " UNKNOWN)", result->value_unknown);
    if (result->par_valid)
        fprintf(to, "; PAR 0x%" PRIx64, result->par & ~result->par_unknown);
    if (result->par_valid && result->par_unknown)
        fprintf(to, " (bits 0x%" PRIx64 " UNKNOWN)", result->par_unknown);
    smref_print_ignored(to, stimulus, step);
    print_effects(to, step);
    for (unsigned i = 0; i < result->rule_count; i++) {
        const smref_rule_info *rule = smref_rule_at(result->rules[i]);
        fprintf(to, "%s%s", i ? ", " : "  ", rule->id);
    }
}

static void print_outcome(FILE *to, smref_columns *columns, const smref_stimulus *stimulus,
                          const smref_step_result *result)
{
    size_t i;

    switch (stimulus->op) {
    case SMREF_OP_ACCESS:
        if (result->access.outcome == SMREF_OUTCOME_OK)
            print_translation(to, columns, &result->access);
        else
            print_failure(to, result);
        break;
    case SMREF_OP_STORE:
    case SMREF_OP_RESET:
        fprintf(to, "done");
        break;
    case SMREF_OP_MMIO_READ:
    case SMREF_OP_MMIO_WRITE:
        print_mmio(to, stimulus, result);
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

void smref_print_outcome(FILE *to, const smref_stimulus *stimulus, const smref_step_result *result)
{
    smref_columns none = {.step = 0};

    print_outcome(to, &none, stimulus, result);
}

void smref_print_step(FILE *to, smref_columns *columns, size_t step, const smref_stimulus *stimulus,
                      const smref_step_result *result)
{
    char text[STIMULUS_ROOM], number[24];

    snprintf(number, sizeof number, "#%zu", step);
    say_stimulus(columns, stimulus, text);
    fprintf(to, "%-*s %-*s -> ", columns->step + 1, number, columns->stimulus, text);
    print_outcome(to, columns, stimulus, result);
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

static bool has_rule(const smref_result *result, uint16_t rule)
{
    for (unsigned i = 0; i < result->rule_count; i++)
        if (result->rules[i] == rule)
            return true;
    return false;
}

/* Rules of one that the other lacks. */
static void print_surplus(FILE *to, const char *label, const smref_result *one, const smref_result *other)
{
    smref_column line;
    bool any = false;

    for (unsigned i = 0; i < one->rule_count; i++) {
        if (has_rule(other, one->rules[i]))
            continue;
        if (!any) {
            line = smref_column_begin(to, 7, 9);
            smref_column_say(&line, label);
            any = true;
        }
        smref_column_keep(&line, "%s", smref_rule_at(one->rules[i])->id);
    }
    if (any)
        smref_column_end(&line);
}

void smref_print_others(FILE *to, const smref_stimulus *stimulus, const smref_outcomes *all, bool rules)
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
        if (rules && stimulus->op == SMREF_OP_ACCESS) {
            print_surplus(to, "rules only here:", &all->list[i].result.access, &all->list[0].result.access);
            print_surplus(to, "rules only above:", &all->list[0].result.access, &all->list[i].result.access);
        }
    }
    if (all->capped)
        fprintf(to, "    after %u replays there may be more outcomes: too many choices\n", all->replays);
}
