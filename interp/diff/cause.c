/* What a difference comes from. */
#include "cause.h"

#include <string.h>

#include "smref_layout.h"

#define RECORD_SIZE UINT64_C(32)
#define MOST_LOG2 19 /* records of an Event queue (6.3.2, EVENTQS) */

void smref_history_add(smref_history *h, const smref_result *result, uint64_t at)
{
    size_t n = h->steps++;

    h->rule_count[n] = (uint8_t)result->rule_count;
    memcpy(h->rules[n], result->rules, result->rule_count * sizeof *result->rules);
    h->recorded[n] = result->event_valid && result->event.lost == SMREF_LOST_NOT;
    h->at[n] = at;
}

/* ---- The Event queue, by what software wrote ------------------------------------------------------- */

struct queue {
    bool there;
    uint64_t base, first; /* first: the record that goes first */
    uint64_t mask;        /* of the number of a record */
    size_t since;         /* the step that said so last */
};

static bool is_of(const smref_stimulus *step, const char *family, bool *upper)
{
    smref_register_ref ref;

    if (step->op != SMREF_OP_MMIO_WRITE || !smref_mmio_register(step, &ref))
        return false;
    *upper = ref.upper;
    return strcmp(smref_register_at(ref.reg)->family, family) == 0;
}

/* What the steps before wrote to a 64-bit register. False: nothing. */
static bool written_before(const smref_case *c, size_t step, const char *family, uint64_t *whole)
{
    bool upper, there = false;

    *whole = 0;
    for (size_t n = 0; n < step; n++) {
        uint64_t value = c->steps[n].mmio.value;
        if (!is_of(&c->steps[n], family, &upper))
            continue;
        there = true;
        if (c->steps[n].mmio.size == 8)
            *whole = value;
        else
            *whole = upper ? (*whole & UINT32_MAX) | value << 32 : (*whole & ~(uint64_t)UINT32_MAX) | value;
    }
    return there;
}

/* Of the number of an entry, in a queue with that base register; LOG2SIZE is in the same place in all. */
static uint64_t entries_mask(uint64_t base)
{
    uint64_t log2 = smref_SMMU_EVENTQ_BASE_LOG2SIZE(base);

    return (UINT64_C(1) << (log2 < MOST_LOG2 ? log2 : MOST_LOG2)) - 1;
}

uint64_t smref_queue_indexes(const smref_case *c, size_t step, const char *base)
{
    uint64_t whole;

    (void)written_before(c, step, base, &whole);
    return entries_mask(whole) << 1 | 1;
}

static struct queue queue_before(const smref_case *c, size_t step)
{
    struct queue q = {.there = false};
    uint64_t whole;
    bool upper;

    q.there = written_before(c, step, "EVENTQ_BASE", &whole);
    for (size_t n = 0; n < step; n++) {
        if (is_of(&c->steps[n], "EVENTQ_PROD", &upper)) {
            q.first = c->steps[n].mmio.value;
            q.since = n;
        }
    }
    q.mask = entries_mask(whole);
    q.base = smref_SMMU_EVENTQ_BASE_ADDR_address(whole) & ~(q.mask * RECORD_SIZE | (RECORD_SIZE - 1));
    return q;
}

/* Addresses are truncated to the output address size, which is 32 bits at least (3.4.3). */
static uint64_t used(uint64_t address)
{
    return address & UINT32_MAX;
}

bool smref_loads_records(const smref_case *c, size_t step)
{
    const smref_stimulus *load = &c->steps[step];
    struct queue q = queue_before(c, step);

    return load->op == SMREF_OP_LOAD && q.there && load->size % RECORD_SIZE == 0 &&
           (load->at - q.base) % RECORD_SIZE == 0 && used(load->at - q.base) <= q.mask * RECORD_SIZE;
}

unsigned smref_record_that_differs(const smref_stimulus *load, const smref_sight *predicted,
                                   const smref_sight *shown)
{
    for (size_t i = 0; i < load->size / 8 && i < SMREF_CASE_LOAD / 8; i++)
        if ((predicted->loaded[i] ^ shown->loaded[i]) & ~predicted->open[i])
            return (unsigned)(i / SMREF_RECORD_WORDS);
    return 0;
}

/* The record that the target has, sooner or later, where the first one goes that the model did not write
 * before the step. */
static void find_record(const smref_history *h, const smref_case *c, size_t step, const smref_sight *shown,
                        smref_cause *out)
{
    struct queue q = queue_before(c, step);
    uint64_t at, number = q.first;

    if (!q.there)
        return;
    for (size_t n = q.since; n < step; n++)
        number += h->recorded[n];
    at = q.base + (number & q.mask) * RECORD_SIZE;
    for (size_t n = step + 1; n < c->count; n++) {
        const smref_stimulus *load = &c->steps[n];
        if (load->op != SMREF_OP_LOAD || used(at - load->at) + RECORD_SIZE > load->size ||
            (at - load->at) % 8 != 0 || !(shown[n].shows & SMREF_SHOWS_LOADED))
            continue;
        memcpy(out->record, shown[n].loaded + used(at - load->at) / 8, sizeof out->record);
        out->record_shown = out->record[0] != 0;
        return;
    }
}

/* ---- The step -------------------------------------------------------------------------------------- */

static bool has_subject(const smref_history *h, size_t step, const char *subject)
{
    for (unsigned i = 0; i < h->rule_count[step]; i++)
        if (strncmp(smref_rule_at(h->rules[step][i])->subject, subject, strlen(subject)) == 0)
            return true;
    return false;
}

/* Commands have rules of the subject `command`, or of their own names, which start so. */
static bool ran_commands(const smref_history *h, size_t step)
{
    return has_subject(h, step, "command") || has_subject(h, step, "CMD_");
}

/* `differ`: bits of the register. */
static bool is_source(const smref_history *h, const smref_case *c, size_t n, const char *family,
                      uint64_t differ)
{
    bool access = c->steps[n].op == SMREF_OP_ACCESS;

    if (strcmp(family, "EVENTQ_PROD") == 0)
        return access;
    if (strcmp(family, "CMDQ_CONS") == 0)
        return !access && ran_commands(h, n);
    if (strcmp(family, "GERROR") != 0)
        return false;
    return access ? smref_SMMU_GERROR_EVENTQ_ABT_ERR(differ)
                  : !!smref_SMMU_GERROR_CMDQ_ERR(differ) && ran_commands(h, n);
}

static size_t last_source(const smref_history *h, const smref_case *c, size_t step, const char *family,
                          uint64_t differ)
{
    for (size_t n = step; n-- > 0;)
        if (is_source(h, c, n, family, differ))
            return n;
    return SIZE_MAX;
}

static bool met(const smref_history *h, size_t step, smref_rule rule)
{
    for (unsigned i = 0; i < h->rule_count[step]; i++)
        if (h->rules[step][i] == rule)
            return true;
    return false;
}

/* The last access that met the queue full, or else the last one. */
static size_t source_of_error(const smref_history *h, const smref_case *c, size_t step, uint64_t differ)
{
    for (size_t n = step; smref_SMMU_GERROR_EVENTQ_ABT_ERR(differ) && n-- > 0;)
        if (c->steps[n].op == SMREF_OP_ACCESS && met(h, n, SMREF_RULE_EVENTQ_FULL))
            return n;
    return last_source(h, c, step, "GERROR", differ);
}

/* The access whose record is that at `at`, or which went elsewhere since bits of the queue's base do not
 * count; or else the last access. */
static size_t source_of_record(const smref_history *h, const smref_case *c, size_t step, uint64_t at)
{
    for (size_t n = step; n-- > 0;)
        if (h->recorded[n] && h->at[n] == at)
            return n;
    for (size_t n = step; n-- > 0;)
        if (met(h, n, SMREF_RULE_QUEUE_BASE_ALIGNED) || met(h, n, SMREF_RULE_QUEUE_BASE_TRUNCATED))
            return n;
    return last_source(h, c, step, "EVENTQ_PROD", 0);
}

void smref_find_cause(const smref_history *h, const smref_case *c, size_t step, const smref_sight *predicted,
                      const smref_sight *shown, smref_cause *out)
{
    const smref_stimulus *s = &c->steps[step];
    smref_register_ref ref;

    memset(out, 0, sizeof *out);
    out->step = SIZE_MAX;
    if (smref_loads_records(c, step))
        out->step = source_of_record(
            h, c, step, s->at + smref_record_that_differs(s, predicted, &shown[step]) * RECORD_SIZE);
    else if (s->op == SMREF_OP_MMIO_READ && smref_mmio_register(s, &ref)) {
        const char *family = smref_register_at(ref.reg)->family;
        uint64_t differ = predicted->value ^ shown[step].value;
        out->step = strcmp(family, "GERROR") == 0 ? source_of_error(h, c, step, differ)
                                                  : last_source(h, c, step, family, differ);
    }
    if (out->step != SIZE_MAX) {
        out->recorded = h->recorded[out->step];
        out->rule_count = h->rule_count[out->step];
        memcpy(out->rules, h->rules[out->step], out->rule_count * sizeof *out->rules);
    }
    find_record(h, c, step, shown, out);
}
