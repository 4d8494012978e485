/* `smref lint`: Stream tables and queues that lie over one another. */
#include "lint.h"
#include "smref_layout.h"

#define MOST 11               /* a Stream table, commands and events of each bank, and two PRI queues */
#define PAGE_REQUEST_BYTES 16 /* chapter 8 */

struct extent {
    const char *name; /* of the register that says where it is */
    smref_pas pas;
    uint64_t first, last;
};

struct extents {
    struct extent list[MOST];
    unsigned count;
};

static void take(struct extents *all, smref_register base, smref_pas pas, uint64_t at, uint64_t size)
{
    all->list[all->count++] = (struct extent){smref_register_at(base)->name, pas, at, at + (size - 1)};
}

static void take_stream_table(const smref_lint *lint, struct extents *all, smref_sec_sid sec_sid,
                              smref_register base, smref_pas pas)
{
    smref_stream_table table;
    uint64_t size;

    if (!lint->looked_at[sec_sid] || !smref_lint_given(lint, base))
        return;
    smref_stream_table_look(lint->machine->smmu, sec_sid, &table);
    if (!table.two_level)
        size = (uint64_t)SMREF_STE_BYTES << table.sid_bits;
    else
        size = (uint64_t)SMREF_L1STD_BYTES
               << (table.sid_bits > table.split ? table.sid_bits - table.split : 0);
    take(all, base, pas, table.base, size);
}

/* All queues have their place and their size at the same bits, and limits are those of IDR1 in all banks. */
static void take_queue(const smref_lint *lint, struct extents *all, smref_register base, smref_pas pas,
                       uint64_t limit, uint64_t entry_bytes)
{
    uint64_t held, log2, size;

    held = smref_get_register(lint->machine->smmu, base);
    if (!smref_lint_given(lint, base) || !held || !smref_register_exists(lint->machine->smmu, base))
        return; /* 0: nobody set it up */
    log2 = smref_SMMU_CMDQ_BASE_LOG2SIZE(held);
    size = entry_bytes << (log2 < limit ? log2 : limit);
    take(all, base, pas, smref_SMMU_CMDQ_BASE_ADDR_address(held) & ~(size - 1), size);
}

static void take_queues(const smref_lint *lint, struct extents *all)
{
    static const struct {
        smref_register commands, events, pages;
        smref_pas pas;
    } banks[] = {
        {SMREF_REG_SMMU_CMDQ_BASE, SMREF_REG_SMMU_EVENTQ_BASE, SMREF_REG_SMMU_PRIQ_BASE, SMREF_PAS_NS},
        {SMREF_REG_SMMU_S_CMDQ_BASE, SMREF_REG_SMMU_S_EVENTQ_BASE, SMREF_REG_COUNT, SMREF_PAS_SECURE},
        {SMREF_REG_SMMU_R_CMDQ_BASE, SMREF_REG_SMMU_R_EVENTQ_BASE, SMREF_REG_SMMU_R_PRIQ_BASE,
         SMREF_PAS_REALM}};
    uint64_t idr1 = smref_get_register(lint->machine->smmu, SMREF_REG_SMMU_IDR1);

    for (unsigned i = 0; i < sizeof banks / sizeof *banks; i++) {
        take_queue(lint, all, banks[i].commands, banks[i].pas, smref_SMMU_IDR1_CMDQS(idr1),
                   SMREF_CMD_SYNC_BYTES);
        take_queue(lint, all, banks[i].events, banks[i].pas, smref_SMMU_IDR1_EVENTQS(idr1),
                   SMREF_F_TRANSLATION_BYTES);
        if (banks[i].pages != SMREF_REG_COUNT)
            take_queue(lint, all, banks[i].pages, banks[i].pas, smref_SMMU_IDR1_PRIQS(idr1),
                       PAGE_REQUEST_BYTES);
    }
}

static void compare(smref_lint *lint, const struct extent *a, const struct extent *b)
{
    const smref_finding_place place = {.what = b->name};
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "overlap", &place, SMREF_RULE_NONE, NULL);

    if (a->pas != b->pas || a->first > b->last || b->first > a->last)
        return;
    finding.has_value = true;
    finding.value = b->first;
    snprintf(finding.text, sizeof finding.text, "lies over what %s names, 0x%llx..0x%llx", a->name,
             (unsigned long long)a->first, (unsigned long long)a->last);
    smref_findings_add(&lint->findings, &finding);
}

void smref_lint_places(smref_lint *lint)
{
    struct extents all = {.count = 0};

    take_stream_table(lint, &all, SMREF_SEC_NS, SMREF_REG_SMMU_STRTAB_BASE, SMREF_PAS_NS);
    take_stream_table(lint, &all, SMREF_SEC_SECURE, SMREF_REG_SMMU_S_STRTAB_BASE, SMREF_PAS_SECURE);
    take_stream_table(lint, &all, SMREF_SEC_REALM, SMREF_REG_SMMU_R_STRTAB_BASE, SMREF_PAS_REALM);
    take_queues(lint, &all);
    for (unsigned i = 0; i < all.count; i++)
        for (unsigned k = 0; k < i; k++)
            compare(lint, &all.list[k], &all.list[i]);
}
