/* `smref capture`: the queues (3.5), all that their memory holds, the entries in use by name; and where
 * interrupt messages go (3.18). */
#include <inttypes.h>
#include <stdio.h>

#include "capture.h"
#include "decoding.h"
#include "smref_layout.h"

#define PAGE_REQUEST_BYTES 16 /* chapter 8 */
#define MOST_OLD 256          /* entries that were consumed, by name */

struct queue {
    const char *name;
    smref_layout_kind kind;
    bool has_layouts;
    uint64_t size, first, used; /* entries: all, the oldest in use, how many are in use */
    uint64_t old;               /* how many that were consumed are known by name */
    uint64_t *count;
};

static void found_record(smref_capture *capture, void *context, uint64_t index, uint64_t at,
                         const uint64_t *words)
{
    struct queue *q = context;
    bool used = ((index - q->first) & (q->size - 1)) < q->used;
    smref_layout layout;
    char comment[64];

    if (used)
        (*q->count)++;
    if (!q->has_layouts || !smref_record_find(q->kind, words, &layout) || (!used && q->old == MOST_OLD))
        return;
    q->old += !used;
    snprintf(comment, sizeof comment, "%s %" PRIu64 "%s", q->name, index, used ? "" : ", consumed");
    smref_capture_note(capture, at, layout, NULL, comment);
}

/* All queues have their place, their size and their indexes at the same bits (6.3.26 to 6.3.33). */
static void take_queue(smref_capture *capture, struct queue *q, smref_register base, smref_register prod,
                       smref_register cons, uint64_t most, unsigned entry_bytes)
{
    const uint64_t held = smref_get_register(capture->smmu, base);
    uint64_t log2 = smref_SMMU_CMDQ_BASE_LOG2SIZE(held), wr, rd, indexes;

    if (!smref_register_exists(capture->smmu, base) ||
        (!held && !smref_get_register(capture->smmu, SMREF_REG_SMMU_CR0)))
        return; /* nobody set it up */
    log2 = log2 < most ? log2 : most;
    q->size = UINT64_C(1) << log2;
    indexes = 2 * q->size - 1; /* with the wrap bit */
    wr = smref_SMMU_CMDQ_PROD_WR(smref_get_register(capture->smmu, prod)) & indexes;
    rd = smref_SMMU_CMDQ_CONS_RD(smref_get_register(capture->smmu, cons)) & indexes;
    q->first = rd & (q->size - 1);
    q->used = (wr - rd) & indexes;
    if (q->used > q->size)
        q->used = 0; /* the indexes do not fit together */
    const smref_capture_array array = {.base = smref_SMMU_CMDQ_BASE_ADDR_address(held) &
                                               ~(q->size * entry_bytes - 1),
                                       .entry_bytes = entry_bytes,
                                       .count = q->size,
                                       .comment = q->name};
    (void)smref_capture_take(capture, &array, found_record, q);
}

/* Words that interrupt messages are written to; the SMMU writes them into the word of 8 bytes around. */
static void take_messages(smref_capture *capture)
{
    static const smref_register targets[] = {SMREF_REG_SMMU_GERROR_IRQ_CFG0, SMREF_REG_SMMU_EVENTQ_IRQ_CFG0,
                                             SMREF_REG_SMMU_PRIQ_IRQ_CFG0};

    for (unsigned i = 0; i < sizeof targets / sizeof *targets; i++) {
        uint64_t address =
            smref_SMMU_GERROR_IRQ_CFG0_ADDR_address(smref_get_register(capture->smmu, targets[i]));
        const smref_capture_array array = {
            .base = address & ~UINT64_C(7), .entry_bytes = 8, .count = 1, .comment = "interrupt message"};
        if (address && smref_register_exists(capture->smmu, targets[i]))
            (void)smref_capture_take(capture, &array, NULL, NULL);
    }
}

void smref_capture_queues(smref_capture *capture)
{
    const uint64_t idr1 = smref_get_register(capture->smmu, SMREF_REG_SMMU_IDR1);
    uint64_t requests = 0;
    struct queue commands = {.name = "Command queue",
                             .kind = SMREF_LAYOUT_KIND_COMMAND,
                             .has_layouts = true,
                             .count = &capture->counts.commands};
    struct queue events = {.name = "Event queue",
                           .kind = SMREF_LAYOUT_KIND_EVENT,
                           .has_layouts = true,
                           .count = &capture->counts.events};
    struct queue pages = {.name = "PRI queue", .count = &requests};

    take_queue(capture, &commands, SMREF_REG_SMMU_CMDQ_BASE, SMREF_REG_SMMU_CMDQ_PROD,
               SMREF_REG_SMMU_CMDQ_CONS, smref_SMMU_IDR1_CMDQS(idr1), SMREF_CMD_SYNC_BYTES);
    take_queue(capture, &events, SMREF_REG_SMMU_EVENTQ_BASE, SMREF_REG_SMMU_EVENTQ_PROD,
               SMREF_REG_SMMU_EVENTQ_CONS, smref_SMMU_IDR1_EVENTQS(idr1), SMREF_F_TRANSLATION_BYTES);
    take_queue(capture, &pages, SMREF_REG_SMMU_PRIQ_BASE, SMREF_REG_SMMU_PRIQ_PROD, SMREF_REG_SMMU_PRIQ_CONS,
               smref_SMMU_IDR1_PRIQS(idr1), PAGE_REQUEST_BYTES);
    take_messages(capture);
}
