/* The summary of a run. */
#include "tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "run_text.h"
#include "vocabulary.h"

/* ---- Counting -------------------------------------------------------------------------------------- */

static void add_cause(smref_tally *tally, const smref_result *result)
{
    smref_tally_cause cause = {.outcome = result->outcome,
                               .event = result->event_valid ? smref_spell_event(result->event.type) : "",
                               .rule = smref_deciding_rule(result)};
    size_t i;

    for (i = 0; i < tally->cause_count; i++) {
        const smref_tally_cause *c = &tally->causes[i];
        if (c->outcome == cause.outcome && c->rule == cause.rule && strcmp(c->event, cause.event) == 0)
            break;
    }
    if (i == SMREF_TALLY_CAUSES)
        return;
    if (i == tally->cause_count)
        tally->causes[tally->cause_count++] = cause;
    tally->causes[i].count++;
}

static void add_stream(smref_tally *tally, const smref_access *access, bool ok)
{
    size_t i;

    if (access->no_stream)
        return;
    for (i = 0; i < tally->stream_count; i++)
        if (tally->streams[i].sid == access->sid && tally->streams[i].sec_sid == access->sec_sid)
            break;
    if (i == SMREF_TALLY_STREAMS) {
        tally->crowded = true;
        return;
    }
    if (i == tally->stream_count)
        tally->streams[tally->stream_count++] =
            (smref_tally_stream){.sec_sid = access->sec_sid, .sid = access->sid};
    tally->streams[i].ok += ok;
    tally->streams[i].other += !ok;
}

void smref_tally_add(smref_tally *tally, const smref_stimulus *stimulus, const smref_step_result *result,
                     const smref_outcomes *all)
{
    bool ok = stimulus->op != SMREF_OP_ACCESS || result->access.outcome == SMREF_OUTCOME_OK;

    tally->steps++;
    tally->several += all && all->count > 1;
    tally->outcomes[ok ? SMREF_OUTCOME_OK : result->access.outcome]++;
    if (!ok)
        add_cause(tally, &result->access);
    if (stimulus->op == SMREF_OP_ACCESS)
        add_stream(tally, &stimulus->access, ok);
}

/* ---- Telling --------------------------------------------------------------------------------------- */

static int more_first(const void *a, const void *b)
{
    const smref_tally_cause *one = a, *two = b;

    if (one->count != two->count)
        return one->count < two->count ? 1 : -1;
    return strcmp(one->event, two->event);
}

void smref_tally_sort(smref_tally *tally)
{
    qsort(tally->causes, tally->cause_count, sizeof tally->causes[0], more_first);
}

const char *smref_tally_line(const smref_tally *tally, char out[200])
{
    static const char *const names[] = {"ok", "aborted", "read as zero or ignored", "stalled"};
    const char *separator = ": ";
    size_t used = (size_t)snprintf(out, 200, "%zu step%s", tally->steps, tally->steps == 1 ? "" : "s");

    for (unsigned i = 0; i <= SMREF_OUTCOME_STALL; i++) {
        if (tally->outcomes[i]) {
            used +=
                (size_t)snprintf(out + used, 200 - used, "%s%zu %s", separator, tally->outcomes[i], names[i]);
            separator = ", ";
        }
    }
    if (tally->several)
        snprintf(out + used, 200 - used, "; %zu with several permitted outcomes", tally->several);
    return out;
}

static void print_causes(FILE *to, const smref_tally *tally)
{
    int count = 0, event = 0, rule = 0;
    char number[24];

    for (size_t i = 0; i < tally->cause_count; i++) {
        const smref_tally_cause *c = &tally->causes[i];
        int width = snprintf(number, sizeof number, "%zu", c->count);
        count = width > count ? width : count;
        event = (int)strlen(c->event) > event ? (int)strlen(c->event) : event;
        rule = c->rule && (int)strlen(c->rule->id) > rule ? (int)strlen(c->rule->id) : rule;
    }
    for (size_t i = 0; i < tally->cause_count; i++) {
        const smref_tally_cause *c = &tally->causes[i];
        fprintf(to, "  %*zu %s %-*s", count, c->count, smref_spell_outcome(c->outcome), event, c->event);
        if (c->rule)
            fprintf(to, "  %-*s  %s [%s]", rule, c->rule->id, c->rule->title, c->rule->section);
        fprintf(to, "\n");
    }
}

static void print_streams(FILE *to, const smref_tally *tally)
{
    smref_column line = smref_column_begin(to, 2, 4);

    smref_column_say(&line, "by stream:");
    for (size_t i = 0; i < tally->stream_count; i++) {
        const smref_tally_stream *s = &tally->streams[i];
        const char *end = i + 1 < tally->stream_count ? ";" : tally->crowded ? "; and more" : "";
        const char *state = s->sec_sid == SMREF_SEC_NS ? "" : smref_spell_sec_sid(s->sec_sid);
        if (s->other && s->ok)
            smref_column_keep(&line, "%s%ssid 0x%" PRIx32 " %zu ok, %zu not%s", state, *state ? " " : "",
                              s->sid, s->ok, s->other, end);
        else
            smref_column_keep(&line, "%s%ssid 0x%" PRIx32 " %zu %s%s", state, *state ? " " : "", s->sid,
                              s->other ? s->other : s->ok, s->other ? "not ok" : "ok", end);
    }
    smref_column_end(&line);
}

void smref_tally_print(FILE *to, smref_tally *tally)
{
    char line[200];

    smref_tally_sort(tally);
    fprintf(to, "%s\n", smref_tally_line(tally, line));
    print_causes(to, tally);
    if (tally->stream_count > 1)
        print_streams(to, tally);
}
