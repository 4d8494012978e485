/* `smref lint`: the granule protection table (6.3.114, 6.3.115, DDI 0487 D9.6), and what it lets the SMMU
 * read. */
#include "lint.h"
#include "smref_layout.h"

struct level {
    int level;
    uint64_t base, address; /* of the table; the first that it protects */
    unsigned bits;          /* log2 of what an entry protects */
};

/* A Granules descriptor with one GPI for all. */
static uint64_t all_granules(uint64_t gpi)
{
    return gpi * UINT64_C(0x1111111111111111);
}

/* ---- Lookups --------------------------------------------------------------------------------------- */

static bool entry_at(const smref_lint *lint, int level, uint64_t at, uint64_t *word, smref_granule_entry *out)
{
    const smref_lint_spot spot = {SMREF_PAS_ROOT, at};

    if (!smref_lint_read(lint, &spot, SMREF_GPT_TABLE_BYTES, word))
        return false;
    smref_granule_entry_look(lint->machine->smmu, level, *word, out);
    return out->broken == SMREF_RULE_NONE;
}

/* What is broken is told with the table itself. */
bool smref_lint_permitted(const smref_lint *lint, smref_pas pas, uint64_t address, uint64_t *span)
{
    const smref_granule_table *g = &lint->granules;
    smref_granule_entry entry;
    uint64_t word, index = address >> g->l0_bits;
    unsigned bits = g->l0_bits;

    *span = UINT64_MAX;
    if (!g->enabled || g->invalid || address >> g->protected_bits)
        return true;
    bool known = entry_at(lint, 0, g->base + index * SMREF_GPT_TABLE_BYTES, &word, &entry);
    if (known && entry.layout == SMREF_LAYOUT_GPT_TABLE) {
        index = (address & smref_lint_low_bits(g->l0_bits)) >> g->l1_bits;
        known = entry_at(lint, 1, entry.next + index * SMREF_GPT_TABLE_BYTES, &word, &entry);
        bits = known ? entry.region_bits : g->l1_bits;
    }
    if (known && entry.layout == SMREF_LAYOUT_GPT_GRANULES &&
        word != all_granules(smref_GPT_GRANULES_GPI(&word, 0)))
        bits = g->granule_bits;
    *span = smref_lint_low_bits(bits) - (address & smref_lint_low_bits(bits)) + 1;
    return !known || smref_granule_entry_permits(lint->machine->smmu, &entry, word, pas, address);
}

/* ---- The table ------------------------------------------------------------------------------------- */

static smref_finding_place place_of(const struct level *l, const char *what, uint64_t at, uint64_t first,
                                    uint64_t count)
{
    return (smref_finding_place){.what = what,
                                 .has_address = true,
                                 .pas = SMREF_PAS_ROOT,
                                 .address = at,
                                 .has_input = true,
                                 .input = l->address + (first << l->bits),
                                 .input_last = l->address + ((first + count) << l->bits) - 1,
                                 .count = count};
}

static void refuse(smref_lint *lint, const smref_finding_place *place, smref_rule rule)
{
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_ERROR, "illegal", place, rule, NULL);

    snprintf(finding.text, sizeof finding.text, "%s", smref_rule_at((unsigned)rule)->title);
    snprintf(finding.does, sizeof finding.does, "an access to the addresses ends in a lookup error");
    smref_findings_add(&lint->findings, &finding);
}

/* DDI 0487 D9.6.4: all entries of the region say the same. */
static void check_region(smref_lint *lint, const struct level *l, uint64_t index, uint64_t word,
                         const smref_granule_entry *entry, const smref_finding_place *place)
{
    uint64_t size = UINT64_C(1) << (entry->region_bits - l->bits), start = index & ~(size - 1), other;
    const uint64_t key[4] = {'G', l->base + start * SMREF_GPT_TABLE_BYTES, size, 0};
    uint64_t gpi = all_granules(smref_GPT_CONTIGUOUS_GPI(&word));

    if (!smref_lint_first_time(lint, key))
        return;
    for (uint64_t i = start; i < start + size; i++) {
        const smref_lint_spot spot = {SMREF_PAS_ROOT, l->base + i * SMREF_GPT_TABLE_BYTES};
        if (!smref_lint_read(lint, &spot, SMREF_GPT_TABLE_BYTES, &other) || other == word || other == gpi)
            continue;
        if (smref_GPT_CONTIGUOUS_TYPE(&other) == SMREF_GPT_CONTIGUOUS_TYPE_CONTIGUOUS &&
            smref_GPT_CONTIGUOUS_GPI(&other) == smref_GPT_CONTIGUOUS_GPI(&word))
            continue;
        smref_finding finding = smref_lint_finding(SMREF_SEVERITY_WARNING, "contiguous", place,
                                                   SMREF_RULE_GPC_CONTIGUOUS_MIXED, NULL);
        snprintf(finding.text, sizeof finding.text, "entries of the region have other GPIs");
        snprintf(finding.does, sizeof finding.does, "any of them may count for all of the region");
        smref_findings_add(&lint->findings, &finding);
        return;
    }
}

static void walk_level(smref_lint *lint, const struct level *l, uint64_t entries);

static void look_at_entry(smref_lint *lint, const struct level *l, uint64_t first, uint64_t word,
                          smref_finding_place *place)
{
    smref_granule_entry entry;

    smref_granule_entry_look(lint->machine->smmu, l->level, word, &entry);
    place->what = smref_layout_at((unsigned)entry.layout)->name;
    if (entry.broken != SMREF_RULE_NONE) {
        if (l->level || word) /* the way to say that nothing is there */
            refuse(lint, place, entry.broken);
        return;
    }
    if (entry.layout == SMREF_LAYOUT_GPT_CONTIGUOUS)
        check_region(lint, l, first, word, &entry, place);
    if (entry.layout != SMREF_LAYOUT_GPT_TABLE)
        return;
    const struct level next = {
        .level = 1, .base = entry.next, .address = place->input, .bits = lint->granules.l1_bits};
    const uint64_t key[4] = {'g', entry.next, 0, 0};
    if (smref_lint_first_time(lint, key))
        walk_level(lint, &next, UINT64_C(1) << (lint->granules.l0_bits - next.bits));
}

/* Runs of equal entries count as one, as in other tables, but nothing protects the table itself. */
static void walk_level(smref_lint *lint, const struct level *l, uint64_t entries)
{
    uint64_t word, next, count;

    for (uint64_t i = 0; i < entries; i += count) {
        smref_lint_spot spot = {SMREF_PAS_ROOT, l->base + i * SMREF_GPT_TABLE_BYTES};
        bool there = smref_lint_read(lint, &spot, SMREF_GPT_TABLE_BYTES, &word);
        smref_finding_place place = place_of(l, "GPT_TABLE", spot.address, i, 1);
        for (count = 1; i + count < entries; count++) {
            spot.address += SMREF_GPT_TABLE_BYTES;
            bool also = smref_lint_read(lint, &spot, SMREF_GPT_TABLE_BYTES, &next);
            if (also != there || (there && next != word))
                break;
        }
        place.count = count;
        place.input_last = l->address + ((i + count) << l->bits) - 1;
        if (there) {
            lint->looked.granules += count;
            look_at_entry(lint, l, i, word, &place);
            continue;
        }
        smref_finding finding =
            smref_lint_finding(SMREF_SEVERITY_WARNING, "outside-memory", &place,
                               l->level ? SMREF_RULE_GPC_L1_ABORT : SMREF_RULE_GPC_L0_ABORT, NULL);
        finding.place.what = "granule protection table";
        smref_lint_say_outside(lint, &finding, "an access to the addresses ends in a lookup error");
        smref_findings_add(&lint->findings, &finding);
    }
}

void smref_lint_granules(smref_lint *lint)
{
    const smref_granule_table *g = &lint->granules;
    struct level l = {.level = 0};

    if (!smref_granule_table_look(lint->machine->smmu, &lint->granules)) {
        lint->granules.enabled = false;
        return;
    }
    if (!g->enabled && !smref_lint_given(lint, SMREF_REG_SMMU_ROOT_GPT_BASE))
        return;
    if (g->invalid) {
        const smref_finding_place place = {.what = "SMMU_ROOT_GPT_BASE_CFG"};
        refuse(lint, &place, SMREF_RULE_GPC_CONFIGURATION);
        return;
    }
    l.base = g->base;
    l.bits = g->l0_bits;
    walk_level(lint, &l,
               g->protected_bits > g->l0_bits ? UINT64_C(1) << (g->protected_bits - g->l0_bits) : 1);
}
