/* Counters that survive. */
#define _XOPEN_SOURCE 700

#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

#define MAGIC UINT64_C(0x0100747063666d73)
#define MAX_CHANGES 4096

struct image {
    uint64_t magic, size;
    _Atomic uint64_t valid; /* 0 or 1: which copy */
    smref_counters copies[2];
    char kinds[SMREF_COUNTS_KINDS][SMREF_COUNTS_NAME];
    char groups[SMREF_LEDGER_GROUPS][SMREF_GROUP_ROOM];
    char reasons[SMREF_VERDICT_COUNT][SMREF_LEDGER_REASONS][SMREF_REASON_ROOM];
};

struct change {
    uint32_t word;
    uint64_t amount;
};

struct changes {
    struct change list[MAX_CHANGES];
    size_t count;
};

struct smref_ledger {
    struct image *image;
    struct changes next, last; /* to be committed; and what only the valid copy has */
};

/* ---- The file -------------------------------------------------------------------------------------- */

static smref_ledger *failed(int file, const char *path, const char *what, char why[200])
{
    snprintf(why, 200, "%.100s: %s", path, what);
    if (file >= 0)
        close(file);
    return NULL;
}

static smref_ledger *map(int file, bool writable)
{
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *at = mmap(NULL, sizeof(struct image), protection, MAP_SHARED, file, 0);
    smref_ledger *ledger;

    if (at == MAP_FAILED)
        return NULL;
    ledger = smref_alloc(1, sizeof *ledger);
    ledger->image = at;
    return ledger;
}

static bool is_ours(const struct image *image)
{
    return image->magic == MAGIC && image->size == sizeof *image && image->valid <= 1;
}

smref_ledger *smref_ledger_open(const char *path, bool resume, char why[200])
{
    int file = open(path, O_RDWR | O_CREAT | (resume ? 0 : O_TRUNC), 0666);
    struct stat status;
    smref_ledger *ledger;

    if (file < 0 || fstat(file, &status) != 0)
        return failed(file, path, strerror(errno), why);
    if (status.st_size && status.st_size != (off_t)sizeof(struct image))
        return failed(file, path, "is not the state of a campaign of this version", why);
    if (ftruncate(file, (off_t)sizeof(struct image)) != 0)
        return failed(file, path, strerror(errno), why);
    ledger = map(file, true);
    if (!ledger)
        return failed(file, path, strerror(errno), why);
    close(file);
    if (!status.st_size || !ledger->image->magic) { /* new, or killed before it was begun */
        memset(ledger->image, 0, sizeof *ledger->image);
        ledger->image->size = sizeof *ledger->image;
        ledger->image->magic = MAGIC;
    }
    if (!is_ours(ledger->image)) {
        smref_ledger_close(ledger);
        return failed(-1, path, "is not the state of a campaign of this version", why);
    }
    ledger->image->copies[!ledger->image->valid] = ledger->image->copies[ledger->image->valid];
    return ledger;
}

smref_ledger *smref_ledger_watch(const char *path)
{
    int file = open(path, O_RDONLY);
    struct stat status;
    smref_ledger *ledger = NULL;

    if (file < 0)
        return NULL;
    if (fstat(file, &status) == 0 && status.st_size == (off_t)sizeof(struct image))
        ledger = map(file, false);
    close(file);
    if (ledger && !is_ours(ledger->image)) {
        smref_ledger_close(ledger);
        ledger = NULL;
    }
    return ledger;
}

void smref_ledger_close(smref_ledger *ledger)
{
    if (!ledger)
        return;
    munmap(ledger->image, sizeof *ledger->image);
    free(ledger);
}

/* ---- Texts ----------------------------------------------------------------------------------------- */

/* They are there before a counter that needs them is. */
static unsigned find(char *texts, unsigned count, size_t room, const char *text)
{
    unsigned i = 0;

    for (; i + 1 < count && texts[i * room]; i++)
        if (strncmp(&texts[i * room], text, room - 1) == 0)
            return i;
    if (!texts[i * room])
        snprintf(&texts[i * room], room, "%s", i + 1 < count ? text : "others");
    return i;
}

unsigned smref_ledger_kind(smref_ledger *ledger, const char *kind)
{
    return find(ledger->image->kinds[0], SMREF_COUNTS_KINDS, SMREF_COUNTS_NAME, kind);
}

unsigned smref_ledger_group(smref_ledger *ledger, const char *group)
{
    return find(ledger->image->groups[0], SMREF_LEDGER_GROUPS, SMREF_GROUP_ROOM, group);
}

unsigned smref_ledger_reason(smref_ledger *ledger, smref_verdict verdict, const char *reason)
{
    char safe[SMREF_REASON_ROOM];

    return find(ledger->image->reasons[verdict][0], SMREF_LEDGER_REASONS, SMREF_REASON_ROOM,
                smref_reason_put(safe, reason));
}

/* The text of a number; NULL when there is none. */
static const char *kind_name(const smref_ledger *ledger, unsigned kind)
{
    return kind < SMREF_COUNTS_KINDS && ledger->image->kinds[kind][0] ? ledger->image->kinds[kind] : NULL;
}

static const char *group_name(const smref_ledger *ledger, unsigned group)
{
    return group < SMREF_LEDGER_GROUPS && ledger->image->groups[group][0] ? ledger->image->groups[group]
                                                                          : NULL;
}

static const char *reason_text(const smref_ledger *ledger, unsigned verdict, unsigned reason)
{
    return reason < SMREF_LEDGER_REASONS && ledger->image->reasons[verdict][reason][0]
               ? ledger->image->reasons[verdict][reason]
               : NULL;
}

/* ---- Counting -------------------------------------------------------------------------------------- */

const smref_counters *smref_ledger_now(const smref_ledger *ledger)
{
    return &ledger->image->copies[ledger->image->valid];
}

void smref_ledger_add(smref_ledger *ledger, const uint64_t *field, uint64_t amount)
{
    const uint64_t *first = (const uint64_t *)smref_ledger_now(ledger);

    if (ledger->next.count == MAX_CHANGES) {
        fprintf(stderr, "smref: this is a bug in smref, please report it: a case ledger too much\n");
        exit(SMREF_EXIT_BUG);
    }
    ledger->next.list[ledger->next.count++] = (struct change){(uint32_t)(field - first), amount};
}

static void apply(smref_counters *copy, const struct changes *changes)
{
    uint64_t *words = (uint64_t *)copy;

    for (size_t i = 0; i < changes->count; i++)
        words[changes->list[i].word] += changes->list[i].amount;
}

void smref_ledger_commit(smref_ledger *ledger)
{
    uint64_t other = !ledger->image->valid;

    apply(&ledger->image->copies[other], &ledger->last);
    apply(&ledger->image->copies[other], &ledger->next);
    atomic_store_explicit(&ledger->image->valid, other, memory_order_release);
    memcpy(ledger->last.list, ledger->next.list, ledger->next.count * sizeof *ledger->next.list);
    ledger->last.count = ledger->next.count;
    ledger->next.count = 0;
}

/* ---- Summing up ------------------------------------------------------------------------------------ */

static void sum_reasons(const smref_ledger *ledger, unsigned verdict, smref_counts *out)
{
    const uint64_t *now = smref_ledger_now(ledger)->reasons[verdict];
    const char *text;

    for (unsigned r = 0; (text = reason_text(ledger, verdict, r)) != NULL; r++)
        if (now[r])
            smref_counts_reason(out, (smref_verdict)verdict, text, now[r]);
}

void smref_ledger_sum(const smref_ledger *ledger, smref_counts *out)
{
    const smref_counters *now = smref_ledger_now(ledger);
    const char *name;

    out->cases = now->done;
    out->steps = now->steps;
    out->restarts = now->restarts;
    out->seconds = (double)now->nanoseconds / 1e9;
    for (unsigned k = 0; (name = kind_name(ledger, k)) != NULL; k++) {
        smref_kind_counts *kind = &out->kinds[out->kind_count++];
        snprintf(kind->name, sizeof kind->name, "%s", name);
        memcpy(kind->verdicts, now->kinds[k], sizeof kind->verdicts);
    }
    for (unsigned r = 0; r < SMREF_RULE_COUNT; r++) {
        out->agree[r] = now->rules[r][0];
        out->differ[r] = now->rules[r][1];
    }
    memcpy(out->choices, now->choices, sizeof out->choices);
    for (unsigned g = 0; (name = group_name(ledger, g)) != NULL; g++)
        if (now->groups[g])
            smref_counts_group(out, name, now->groups[g]);
    for (unsigned v = 0; v < SMREF_VERDICT_COUNT; v++)
        sum_reasons(ledger, v, out);
}
