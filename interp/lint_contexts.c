/* `smref lint`: CDs and what leads to them (3.3.2, 5.3, 5.4). */
#include <string.h>

#include "lint.h"
#include "smref_layout.h"

struct contexts {
    const uint64_t *ste;
    const smref_finding_place *stream;
    smref_context_table table;
    smref_lint_stage2 stage2;
    uint64_t ssid; /* of the first entry of the array at hand */
    uint64_t group;
    bool alone; /* the CD is the only one, or that of accesses without a SubstreamID */
};

static smref_finding_place place_of(const struct contexts *c, const char *what, const smref_lint_spot *spot,
                                    uint64_t first, uint64_t last)
{
    smref_finding_place place = *c->stream;

    place.what = what;
    place.has_address = spot->address != SMREF_LINT_UNTRANSLATED;
    place.pas = spot->pas;
    place.address = spot->address;
    place.has_ssid = c->table.ssid_bits > 0;
    place.ssid = first;
    place.ssid_last = last;
    place.count = last - first + 1;
    return place;
}

static void add_unreachable(smref_lint *lint, const smref_finding_place *place, smref_rule rule)
{
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_WARNING, "outside-memory", place, rule, NULL);

    if (place->has_address) {
        smref_lint_say_outside(lint, &finding, "an access ends in F_CD_FETCH");
    } else {
        finding.kind = "untranslated";
        finding.rule = SMREF_RULE_NONE;
        finding.section = "3.3.2";
        snprintf(finding.text, sizeof finding.text, "stage 2 has no translation for its address");
        snprintf(finding.does, sizeof finding.does, "an access ends in a stage 2 fault of class CD");
    }
    smref_findings_add(&lint->findings, &finding);
}

/* ---- CDs ------------------------------------------------------------------------------------------- */

static void check_base(smref_lint *lint, const struct contexts *c, const uint64_t *cd, unsigned half,
                       const smref_finding_place *place)
{
    uint64_t pointer = half ? smref_CD_TTB1_address(cd) : smref_CD_TTB0_address(cd);
    smref_walk_info tables;
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "alignment", place, SMREF_RULE_NONE, "5.4");

    if (!smref_tables_look(lint->machine->smmu, lint->sec_sid, c->ste, cd, half, &tables) ||
        tables.base == pointer)
        return;
    finding.group = c->group;
    finding.field = half ? "TTB1" : "TTB0";
    finding.has_value = true;
    finding.value = pointer;
    snprintf(finding.text, sizeof finding.text, "is not aligned to the first table");
    snprintf(finding.does, sizeof finding.does, "the SMMU uses 0x%llx", (unsigned long long)tables.base);
    smref_findings_add(&lint->findings, &finding);
}

static void look_at_cds(smref_lint *lint, void *context, uint64_t first, uint64_t count,
                        const smref_lint_spot *spot, const uint64_t *words)
{
    const struct contexts *c = context;
    uint64_t ssid = c->ssid + first;
    smref_finding_place place = place_of(c, "CD", spot, ssid, ssid + count - 1);
    const smref_field_context reach = {.sec_sid = lint->sec_sid, .ste = c->ste};
    bool expected = ssid == 0 && c->alone;
    smref_decoding cd;

    if (!words) {
        add_unreachable(lint, &place, SMREF_RULE_CD_FETCH_ABORT);
        return;
    }
    lint->looked.cds += count;
    if (!smref_CD_V(words) && !expected) /* the way to say that there is no such substream */
        return;
    if (!smref_CD_V(words)) /* but for the first, though others are alike */
        place = place_of(c, "CD", spot, ssid, ssid);
    smref_decode_layout(lint->machine->smmu, &reach, SMREF_LAYOUT_CD, words, SMREF_CD_WORDS, &cd);
    if (cd.illegal_count) {
        smref_lint_illegal(lint, &cd, &place, c->group);
    } else {
        smref_lint_fields(lint, &cd, &place, c->group);
        check_base(lint, c, words, 0, &place);
        check_base(lint, c, words, 1, &place);
        smref_lint_tables(lint, c->ste, words, &place);
    }
    smref_decoding_free(&cd);
}

static void walk_cds(smref_lint *lint, struct contexts *c, uint64_t base, uint64_t ssid, unsigned bits)
{
    smref_lint_array array = {.base = base,
                              .entry_bytes = SMREF_CD_BYTES,
                              .count = UINT64_C(1) << bits,
                              .stage2 = c->table.through_stage2 ? &c->stage2 : NULL};

    c->ssid = ssid;
    c->group = base;
    smref_lint_walk_array(lint, &array, look_at_cds, c);
}

/* ---- L1CDs ----------------------------------------------------------------------------------------- */

static void check_l2ptr(smref_lint *lint, const struct contexts *c, const smref_finding_place *place,
                        const uint64_t *l1cd, uint64_t base, unsigned limit)
{
    uint64_t pointer = smref_L1CD_L2Ptr_address(l1cd);
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "alignment", place, SMREF_RULE_NONE, "5.3");

    finding.group = c->group;
    finding.field = "L2Ptr";
    finding.has_value = true;
    finding.value = pointer;
    if (pointer != base) {
        snprintf(finding.text, sizeof finding.text, "is not aligned to the leaf table");
        snprintf(finding.does, sizeof finding.does, "the SMMU uses 0x%llx", (unsigned long long)base);
        smref_findings_add(&lint->findings, &finding);
    }
    if (base >> limit) {
        finding.kind = "address-size";
        finding.rule = c->table.through_stage2 ? SMREF_RULE_L2PTR_BEYOND_IAS : SMREF_RULE_L2PTR_BEYOND_OAS;
        snprintf(finding.text, sizeof finding.text, "exceeds the address size of %u bits", limit);
        snprintf(finding.does, sizeof finding.does,
                 "an access ends in C_BAD_SUBSTREAMID, or what the choice says");
        smref_findings_add(&lint->findings, &finding);
    }
}

static void look_at_l1cds(smref_lint *lint, void *context, uint64_t first, uint64_t count,
                          const smref_lint_spot *spot, const uint64_t *words)
{
    struct contexts *c = context;
    unsigned leaf_bits = c->table.leaf_bits;
    unsigned limit = c->table.through_stage2 ? smref_intermediate_bits(lint->machine->smmu)
                                             : smref_output_bits(lint->machine->smmu);
    uint64_t ssid = first << leaf_bits, base;
    smref_finding_place place = place_of(c, "L1CD", spot, ssid, ((first + count) << leaf_bits) - 1);
    const smref_field_context reach = {.sec_sid = lint->sec_sid, .ste = c->ste};
    smref_decoding l1cd;

    place.count = count;
    if (!words) {
        add_unreachable(lint, &place, SMREF_RULE_L1CD_FETCH_ABORT);
        return;
    }
    if (!smref_L1CD_V(words))
        return;
    smref_decode_layout(lint->machine->smmu, &reach, SMREF_LAYOUT_L1CD, words, 1, &l1cd);
    smref_lint_fields(lint, &l1cd, &place, c->group);
    smref_decoding_free(&l1cd);
    base = smref_l1cd_look(&c->table, words);
    check_l2ptr(lint, c, &place, words, base, limit);
    if (!(base >> limit))
        walk_cds(lint, c, base, ssid, leaf_bits < c->table.ssid_bits ? leaf_bits : c->table.ssid_bits);
}

/* ---- From the STE ---------------------------------------------------------------------------------- */

static void check_pointer(smref_lint *lint, const struct contexts *c)
{
    uint64_t pointer = smref_STE_S1ContextPtr_address(c->ste);
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_WARNING, "alignment", c->stream,
                                               SMREF_RULE_S1CONTEXTPTR_LOW_BITS, NULL);

    if (pointer == c->table.base)
        return;
    finding.field = "S1ContextPtr";
    finding.has_value = true;
    finding.value = pointer;
    snprintf(finding.text, sizeof finding.text, "is not aligned to its table, which starts at 0x%llx",
             (unsigned long long)c->table.base);
    snprintf(finding.does, sizeof finding.does, "which entry is fetched is CONSTRAINED UNPREDICTABLE");
    smref_findings_add(&lint->findings, &finding);
}

void smref_lint_contexts(smref_lint *lint, const uint64_t *ste, const smref_finding_place *place)
{
    struct contexts c = {.ste = ste, .stream = place};
    uint64_t key[4] = {'X', 0, 0, (uint64_t)lint->sec_sid};

    smref_lint_hash(ste, SMREF_STE_WORDS, &key[1]);
    if (!smref_context_table_look(lint->machine->smmu, lint->sec_sid, ste, &c.table) ||
        !smref_lint_first_time(lint, key))
        return;
    if (c.table.through_stage2 && (!lint->tables || !smref_lint_stage2_look(lint, ste, &c.stage2)))
        return;
    check_pointer(lint, &c);
    c.alone = c.table.ssid_bits == 0 || smref_STE_S1DSS(ste) == SMREF_STE_S1DSS_SSID0;
    if (!c.table.leaf_bits) {
        walk_cds(lint, &c, c.table.base, 0, c.table.ssid_bits);
        return;
    }
    unsigned bits =
        c.table.ssid_bits > c.table.leaf_bits ? (unsigned)c.table.ssid_bits - c.table.leaf_bits : 0;
    smref_lint_array array = {.base = c.table.base,
                              .entry_bytes = SMREF_L1CD_BYTES,
                              .count = UINT64_C(1) << bits,
                              .stage2 = c.table.through_stage2 ? &c.stage2 : NULL};
    c.group = c.table.base;
    smref_lint_walk_array(lint, &array, look_at_l1cds, &c);
}
