/* One part of a campaign: cases are made, predicted, handed to the target, collected, compared and counted.
 */
#define _DEFAULT_SOURCE

#include "campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "ledger.h"
#include "hex.h"

/* A case on its way. */
struct flight {
    uint64_t index;
    bool submitted;
    smref_verdict verdict; /* once it is known */
    char why[256];         /* it neither agrees nor differs */
    smref_case c;
    smref_prediction predicted;
};

struct part {
    const smref_campaign *campaign;
    smref_target *target;
    const smref_cases *source;
    const volatile int *stop;
    smref_jerror *error;
    smref_follower *follower;
    smref_ledger *ledger;
    int result; /* the file of the result */
    char path[SMREF_PATH_ROOM];
    struct flight *flights; /* a ring */
    size_t room, first, count;
    uint64_t begun, limit; /* cases of the part */
    uint64_t news;
    smref_sight *shown;
    smref_difference difference;
    unsigned restarts;
    uint64_t started, seen; /* nanoseconds */
};

const char *smref_campaign_path(const smref_campaign *campaign, unsigned part, const char *ending,
                                char out[SMREF_PATH_ROOM])
{
    snprintf(out, SMREF_PATH_ROOM, "%s/part-%u-of-%u.%s", campaign->folder, part, campaign->parts, ending);
    return out;
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- The result ------------------------------------------------------------------------------------ */

static bool fail(struct part *p, const char *path, const char *what)
{
    smref_jdoc doc = {.file = path};

    return smref_jfail(&doc, NULL, p->error, "%s", what);
}

/* Writes a line and gives its length; 0: it could not be written. */
static uint64_t write_line(struct part *p, json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    size_t size = strlen(text) + 1, done = 0;

    json_decref(line);
    text[size - 1] = '\n';
    while (done < size) {
        ssize_t n = write(p->result, text + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    free(text);
    if (done < size)
        fail(p, p->path, strerror(errno));
    return done < size ? 0 : size;
}

/* What a part is; those of one campaign agree in all but "part". */
static json_t *header_json(const struct part *p)
{
    const smref_campaign *c = p->campaign;
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:o, s:[i,i]}", "format", "smref-campaign", "version",
                             "1.0", "smref", SMREF_VERSION, "target", c->target, "seed",
                             smref_hex_json(c->seed), "part", (int)c->part, (int)c->parts);

    if (c->cases != UINT64_MAX)
        json_object_set_new(line, "cases", json_integer((json_int_t)c->cases));
    if (c->only)
        json_object_set_new(line, "only", json_string(c->only));
    json_object_set_new(line, "implementation", smref_implementation_json(&p->target->implementation));
    return line;
}

static void sum_up_goals(const smref_generator *generator, smref_counts *counts)
{
    for (unsigned r = 1; r < SMREF_RULE_COUNT; r++) {
        smref_goal goal = smref_generator_goal(generator, (smref_rule)r);
        counts->goals_reached += goal == SMREF_GOAL_REACHED;
        counts->goals_missed[r] = goal == SMREF_GOAL_MISSED;
    }
}

static json_t *summary_json(const struct part *p)
{
    smref_counts *counts = smref_alloc(1, sizeof *counts);
    json_t *summary;

    smref_ledger_sum(p->ledger, counts);
    if (smref_cases_generator(p->source))
        sum_up_goals(smref_cases_generator(p->source), counts);
    summary = json_pack("{s:o}", "summary", smref_counts_json(counts));
    smref_counts_clear(counts);
    free(counts);
    return summary;
}

/* ---- Starting and going on ------------------------------------------------------------------------- */

/* The first line of a result that exists; NULL when there is none. */
static json_t *read_header(const char *path)
{
    FILE *stream = fopen(path, "r");
    json_t *header = stream ? json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL) : NULL;

    if (stream)
        fclose(stream);
    return header;
}

static bool is_same_campaign(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"format", "seed", "part", "cases", "only", "implementation"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);
        if (!x != !y || (x && !json_equal(x, y)))
            return false;
    }
    return true;
}

static bool belongs(struct part *p, const json_t *header)
{
    json_t *old = read_header(p->path);
    bool same = old && is_same_campaign(old, header);

    json_decref(old);
    return same || fail(p, p->path,
                        "is of another campaign: another seed, target, number of cases, or way to cut it in "
                        "parts");
}

/* Cuts the result down to what was counted. */
static bool go_on(struct part *p, const json_t *header)
{
    if (!belongs(p, header))
        return false;
    if (ftruncate(p->result, (off_t)smref_ledger_now(p->ledger)->length) != 0 ||
        lseek(p->result, 0, SEEK_END) < 0)
        return fail(p, p->path, strerror(errno));
    return true;
}

static bool begin(struct part *p, json_t *header)
{
    uint64_t length;

    if (ftruncate(p->result, 0) != 0)
        return fail(p, p->path, strerror(errno));
    length = write_line(p, json_incref(header));
    if (!length)
        return false;
    smref_ledger_add(p->ledger, &smref_ledger_now(p->ledger)->length, length);
    smref_ledger_commit(p->ledger);
    return true;
}

/* It is locked as long as the part runs. Jobs of a command that was killed a moment ago come to their end. */
static bool open_result(struct part *p)
{
    const struct timespec nap = {0, 50000000};
    unsigned naps = 0;

    p->result = open(p->path, O_RDWR | O_CREAT, 0666);
    if (p->result < 0)
        return fail(p, p->path, strerror(errno));
    while (flock(p->result, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || naps++ == 100)
            return fail(p, p->path,
                        errno == EWOULDBLOCK ? "another process is at work on it" : strerror(errno));
        nanosleep(&nap, NULL);
    }
    return true;
}

static bool open_files(struct part *p)
{
    char state[SMREF_PATH_ROOM], why[200];
    json_t *header;
    bool good;

    smref_campaign_path(p->campaign, p->campaign->part, "state", state);
    if (!open_result(p))
        return false;
    header = header_json(p);
    p->ledger = smref_ledger_open(state, p->campaign->resume, why);
    if (!p->ledger)
        good = fail(p, p->path, why);
    else
        good = smref_ledger_now(p->ledger)->length ? go_on(p, header) : begin(p, header);
    json_decref(header);
    return good;
}

/* A result without a state beside it is complete. */
static bool is_complete(struct part *p)
{
    char state[SMREF_PATH_ROOM];

    smref_campaign_path(p->campaign, p->campaign->part, "state", state);
    return p->campaign->resume && access(state, F_OK) != 0 && access(p->path, F_OK) == 0;
}

static bool is_ours(struct part *p)
{
    json_t *header = header_json(p);
    bool good = belongs(p, header);

    json_decref(header);
    return good;
}

uint64_t smref_campaign_cases(const smref_campaign *campaign, const smref_cases *source)
{
    uint64_t all = smref_cases_count(source);

    if (campaign->cases < all)
        all = campaign->cases;
    return all / campaign->parts + (all % campaign->parts >= campaign->part);
}

/* ---- Counting -------------------------------------------------------------------------------------- */

static void count_rules(struct part *p, const struct flight *flight, smref_verdict verdict)
{
    const smref_counters *now = smref_ledger_now(p->ledger);

    if (verdict == SMREF_VERDICT_DIFFERS) {
        smref_ledger_add(p->ledger, &now->rules[smref_diff_rule(&flight->c, &p->difference)][1], 1);
        return;
    }
    for (size_t w = 0; w < sizeof flight->predicted.rules / sizeof *flight->predicted.rules; w++)
        for (uint64_t left = flight->predicted.rules[w]; left; left &= left - 1) {
            unsigned bit = 0;
            while (!(left >> bit & 1))
                bit++;
            smref_ledger_add(p->ledger, &now->rules[w * 64 + bit][0], 1);
        }
}

static void count_choices(struct part *p, const smref_choice_set *taken)
{
    const smref_counters *now = smref_ledger_now(p->ledger);

    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++)
        if (taken->option[c] >= 0 && taken->option[c] < SMREF_COUNTS_OPTIONS)
            smref_ledger_add(p->ledger, &now->choices[c][taken->option[c]], 1);
}

static bool count_finding(struct part *p, const struct flight *flight, const smref_choice_set *taken,
                          const char *died)
{
    const smref_counters *now = smref_ledger_now(p->ledger);
    char text[SMREF_GROUP_ROOM];
    unsigned group;
    uint64_t length = 0;

    smref_diff_group(&flight->c, &p->difference, died, text);
    group = smref_ledger_group(p->ledger, text);
    if (now->groups[group] < SMREF_KEPT_FINDINGS) {
        length = write_line(p, json_pack("{s:o}", "finding",
                                         smref_diff_finding_json(&flight->c, &p->target->implementation,
                                                                 &p->difference, taken, died)));
        if (!length)
            return false;
    }
    if (!smref_known_match(p->campaign->known, p->target->implementation.name, text))
        p->news++;
    smref_ledger_add(p->ledger, &now->groups[group], 1);
    smref_ledger_add(p->ledger, &now->length, length);
    return true;
}

static void count_time(struct part *p)
{
    const smref_counters *counters = smref_ledger_now(p->ledger);
    uint64_t moment = now();

    smref_ledger_add(p->ledger, &counters->nanoseconds, moment - p->seen);
    smref_ledger_add(p->ledger, &counters->restarts, p->target->restarts - p->restarts);
    p->seen = moment;
    p->restarts = p->target->restarts;
}

/* All that was not compared has a reason, but for what known findings say to leave out. */
static void count_reason(struct part *p, smref_verdict verdict, const char *why)
{
    unsigned reason;

    if (verdict == SMREF_VERDICT_AVOIDED)
        return;
    reason = smref_ledger_reason(p->ledger, verdict, why);
    smref_ledger_add(p->ledger, &smref_ledger_now(p->ledger)->reasons[verdict][reason], 1);
}

static bool count(struct part *p, const struct flight *flight, const smref_choice_set *taken,
                  const char *died)
{
    smref_verdict verdict = flight->verdict;
    const smref_counters *now = smref_ledger_now(p->ledger);
    bool compared = verdict == SMREF_VERDICT_AGREES || verdict == SMREF_VERDICT_DIFFERS;
    unsigned kind = smref_ledger_kind(p->ledger, flight->c.kind);

    if (verdict == SMREF_VERDICT_DIFFERS && !count_finding(p, flight, taken, died))
        return false;
    if (compared) {
        count_rules(p, flight, verdict);
        count_choices(p, taken);
        smref_ledger_add(p->ledger, &now->steps, flight->c.count);
    } else {
        count_reason(p, verdict, flight->why);
    }
    smref_ledger_add(p->ledger, &now->kinds[kind][verdict], 1);
    smref_ledger_add(p->ledger, &now->done, 1);
    count_time(p);
    smref_ledger_commit(p->ledger);
    return true;
}

/* ---- Cases on their way ---------------------------------------------------------------------------- */

static bool lose_target(struct part *p)
{
    return fail(p, p->target->implementation.name, p->target->why);
}

/* How a case ends that is not compared, or not to an end. */
static bool stay(struct flight *flight, smref_verdict verdict, const char *why)
{
    flight->verdict = verdict;
    snprintf(flight->why, sizeof flight->why, "%s", why);
    return true;
}

/* Makes the next case, and hands it in. */
static bool take_off(struct part *p)
{
    struct flight *flight = &p->flights[(p->first + p->count) % p->room];
    const smref_campaign *campaign = p->campaign;
    smref_verdict verdict;
    char why[200];

    flight->index = p->begun++ * campaign->parts + campaign->part - 1;
    flight->submitted = false;
    p->count++;
    smref_case_clear(&flight->c, flight->index, "none");
    if (!smref_cases_make(p->source, flight->index, &flight->c, why))
        return stay(flight, SMREF_VERDICT_NOT_COMPARED, why);
    if (smref_cases_from_files(p->source))
        smref_name_structures(p->follower, &flight->c);
    if (campaign->only && strcmp(campaign->only, flight->c.kind) != 0)
        return stay(flight, SMREF_VERDICT_NOT_COMPARED, "of another kind than --only asks for");
    if (!smref_predict(p->follower, &flight->c, &flight->predicted, &verdict))
        return stay(flight, verdict, smref_follower_why(p->follower));
    if (smref_avoid_leaves_out(flight->index) &&
        smref_known_avoids(campaign->known, p->target->implementation.name, &flight->c, &flight->predicted))
        return stay(flight, SMREF_VERDICT_AVOIDED, "");
    flight->submitted = true;
    return p->target->submit(p->target, &flight->c, &flight->predicted) == SMREF_TARGET_OK || lose_target(p);
}

/* The target ended in the case: what it did last is told by its last step that does something. */
static void blame_last_step(struct part *p, const struct flight *flight)
{
    memset(&p->difference, 0, sizeof p->difference);
    p->difference.aspect = SMREF_ASPECT_DIED;
    for (size_t n = 0; n < flight->c.count; n++)
        if (flight->c.steps[n].op == SMREF_OP_ACCESS || flight->c.steps[n].op == SMREF_OP_MMIO_WRITE)
            p->difference.step = n;
    p->difference.permitted[0] = flight->predicted.sights[p->difference.step];
    p->difference.permitted_count = 1;
    smref_choices_clear(&p->difference.ways[0]);
    p->difference.rules[0] = flight->predicted.last_rule[p->difference.step];
    p->difference.rule_count = p->difference.rules[0] ? 1 : 0;
}

/* Whether the finding will be written down. */
static bool is_kept(struct part *p, const struct flight *flight)
{
    char text[SMREF_GROUP_ROOM];

    smref_diff_group(&flight->c, &p->difference, NULL, text);
    return smref_ledger_now(p->ledger)->groups[smref_ledger_group(p->ledger, text)] < SMREF_KEPT_FINDINGS;
}

/* What is written down was looked at twice: it must not be what the architecture permits after all. */
static void follow(struct part *p, struct flight *flight, smref_choice_set *taken)
{
    flight->verdict = smref_follow(p->follower, &flight->c, p->shown, &p->difference, taken);
    if (flight->verdict == SMREF_VERDICT_DIFFERS && is_kept(p, flight) &&
        smref_follow_thoroughly(p->follower, &flight->c, p->shown, &p->difference, taken) ==
            SMREF_VERDICT_AGREES)
        flight->verdict = SMREF_VERDICT_AGREES;
    stay(flight, flight->verdict, smref_follower_why(p->follower));
}

/* Ends the oldest case. */
static bool land(struct part *p)
{
    struct flight *flight = &p->flights[p->first];
    smref_choice_set taken;
    const char *died = NULL;

    p->first = (p->first + 1) % p->room;
    p->count--;
    smref_choices_clear(&taken);
    if (flight->submitted) {
        switch (p->target->collect(p->target, p->shown)) {
        case SMREF_TARGET_OK:
            flight->verdict = SMREF_VERDICT_AGREES;
            if (!smref_prediction_holds(&flight->c, &flight->predicted, p->shown))
                follow(p, flight, &taken);
            break;
        case SMREF_TARGET_DIED:
            if (*p->stop) /* what ended the campaign (a terminal, a scheduler) ended the target, too */
                return true;
            flight->verdict = SMREF_VERDICT_DIFFERS;
            died = p->target->why;
            blame_last_step(p, flight);
            break;
        case SMREF_TARGET_REFUSED:
            stay(flight, SMREF_VERDICT_REFUSED, p->target->why);
            break;
        case SMREF_TARGET_BROKEN:
            return lose_target(p);
        }
    }
    return count(p, flight, &taken, died);
}

static bool is_over(const struct part *p)
{
    const smref_campaign *c = p->campaign;

    return *p->stop || (c->stop_after && p->news >= c->stop_after) ||
           (c->seconds > 0 && (double)(p->seen - p->started) / 1e9 >= c->seconds);
}

static bool fly(struct part *p)
{
    while (!is_over(p)) {
        while (p->count < p->room && p->begun < p->limit)
            if (!take_off(p))
                return false;
        if (!p->count)
            break;
        if (!land(p))
            return false;
    }
    return true;
}

/* A part that was stopped keeps its state; its summary is cut off when it goes on. */
static smref_campaign_end end(struct part *p, bool good)
{
    char state[SMREF_PATH_ROOM];
    bool complete = good && smref_ledger_now(p->ledger)->done == p->limit;

    if (!good)
        return p->error->text[0] && strncmp(p->error->text, p->path, strlen(p->path)) == 0
                   ? SMREF_CAMPAIGN_BAD
                   : SMREF_CAMPAIGN_TARGET_LOST;
    if (!write_line(p, summary_json(p)))
        return SMREF_CAMPAIGN_BAD;
    if (complete)
        unlink(smref_campaign_path(p->campaign, p->campaign->part, "state", state));
    return complete ? SMREF_CAMPAIGN_COMPLETE : SMREF_CAMPAIGN_STOPPED;
}

smref_campaign_end smref_campaign_run(const smref_campaign *campaign, smref_target *target,
                                      const smref_cases *source, const volatile int *stop,
                                      smref_jerror *error)
{
    struct part p = {.campaign = campaign,
                     .target = target,
                     .source = source,
                     .stop = stop,
                     .error = error,
                     .result = -1,
                     .room = target->depth,
                     .restarts = target->restarts};
    smref_campaign_end how = SMREF_CAMPAIGN_BAD;

    smref_campaign_path(campaign, campaign->part, "jsonl", p.path);
    if (is_complete(&p))
        return is_ours(&p) ? SMREF_CAMPAIGN_COMPLETE : SMREF_CAMPAIGN_BAD;
    p.started = p.seen = now();
    p.limit = smref_campaign_cases(campaign, source);
    p.follower = smref_follower_new(&target->implementation, error);
    p.flights = smref_alloc(p.room, sizeof *p.flights);
    p.shown = smref_alloc(SMREF_CASE_STEPS, sizeof *p.shown);
    if (p.follower && open_files(&p)) {
        p.begun = smref_ledger_now(p.ledger)->done;
        how = end(&p, fly(&p));
    }
    if (p.result >= 0)
        close(p.result);
    smref_ledger_close(p.ledger);
    smref_follower_free(p.follower);
    free(p.flights);
    free(p.shown);
    return how;
}
