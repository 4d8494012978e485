/* `smref lint`: the Stream table of a Security state (3.3.1, 5.1, 5.2). */
#include <string.h>

#include "lint.h"
#include "smref_layout.h"

struct streams {
    smref_stream_table table;
    uint64_t sid;  /* of the first entry of the array at hand */
    unsigned bits; /* log2 of its entries */
};

static smref_finding_place place_of(const smref_lint *lint, const char *what, uint64_t address,
                                    uint64_t first, uint64_t last)
{
    return (smref_finding_place){.what = what,
                                 .has_address = true,
                                 .pas = smref_lint_space(lint, false),
                                 .address = address,
                                 .sec_sid = lint->sec_sid,
                                 .has_sid = true,
                                 .sid = first,
                                 .sid_last = last,
                                 .count = last - first + 1};
}

static void add_outside(smref_lint *lint, const smref_finding_place *place, smref_rule rule)
{
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_WARNING, "outside-memory", place, rule, NULL);

    smref_lint_say_outside(lint, &finding, "an access ends in F_STE_FETCH");
    smref_findings_add(&lint->findings, &finding);
}

/* ---- STEs ------------------------------------------------------------------------------------------ */

static bool same_but_cont(const uint64_t *a, const uint64_t *b)
{
    uint64_t x[SMREF_STE_WORDS], y[SMREF_STE_WORDS];

    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    smref_STE_set_CONT(x, 0);
    smref_STE_set_CONT(y, 0);
    return memcmp(x, y, sizeof x) == 0;
}

/* The STEs of a span that CONT names are identical but for CONT, and the span lies in one array (5.2 CONT).
 */
static void check_cont(smref_lint *lint, const struct streams *s, uint64_t sid, uint64_t address,
                       const uint64_t *ste)
{
    uint64_t size = UINT64_C(1) << smref_STE_CONT(ste), first = sid & ~(size - 1), other[SMREF_STE_WORDS];
    uint64_t span = address - (sid - first) * SMREF_STE_BYTES,
             key[4] = {'C', span, size, (uint64_t)lint->sec_sid};
    smref_finding_place place = place_of(lint, "STE", address, sid, sid);
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "cont", &place, SMREF_RULE_NONE, "5.2");

    if (size == 1 || !smref_lint_first_time(lint, key))
        return;
    finding.field = "CONT";
    finding.has_value = true;
    finding.value = smref_STE_CONT(ste);
    snprintf(finding.does, sizeof finding.does,
             "which STE of the span is used, and F_CFG_CONFLICT, are CONSTRAINED UNPREDICTABLE");
    if (s->table.two_level && size > UINT64_C(1) << s->bits) {
        snprintf(finding.text, sizeof finding.text, "the span is larger than the array that holds the STE");
        smref_findings_add(&lint->findings, &finding);
        return;
    }
    for (uint64_t i = 0; i < size; i++) {
        const smref_lint_spot spot = {smref_lint_space(lint, false), span + i * SMREF_STE_BYTES};
        if (smref_lint_read(lint, &spot, SMREF_STE_BYTES, other) && same_but_cont(ste, other))
            continue;
        snprintf(finding.text, sizeof finding.text,
                 "the STEs of its span differ: that of StreamID 0x%llx is another",
                 (unsigned long long)(first + i));
        smref_findings_add(&lint->findings, &finding);
        return;
    }
}

/* The low bits of a pointer that its alignment makes zero. */
static void check_stage2_base(smref_lint *lint, const char *field, uint64_t pointer, uint64_t base,
                              const smref_finding_place *place)
{
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "alignment", place, SMREF_RULE_NONE, "5.2");

    if (base == pointer)
        return;
    finding.field = field;
    finding.has_value = true;
    finding.value = pointer;
    snprintf(finding.text, sizeof finding.text, "is not aligned to the first table");
    snprintf(finding.does, sizeof finding.does, "the SMMU uses 0x%llx", (unsigned long long)base);
    smref_findings_add(&lint->findings, &finding);
}

static void follow(smref_lint *lint, const uint64_t *ste, const smref_finding_place *place)
{
    smref_lint_stage2 stage2;

    smref_lint_contexts(lint, ste, place);
    if (smref_lint_stage2_look(lint, ste, &stage2)) {
        check_stage2_base(lint, "S2TTB", smref_STE_S2TTB_address(ste), stage2.spaces[0].base, place);
        if (lint->sec_sid == SMREF_SEC_SECURE)
            check_stage2_base(lint, "S_S2TTB", smref_STE_S_S2TTB_address(ste), stage2.spaces[1].base, place);
    }
    smref_lint_tables(lint, ste, NULL, place);
}

static void look_at_stes(smref_lint *lint, void *context, uint64_t first, uint64_t count,
                         const smref_lint_spot *spot, const uint64_t *words)
{
    const struct streams *s = context;
    uint64_t sid = s->sid + first;
    smref_finding_place place = place_of(lint, "STE", spot->address, sid, sid + count - 1);
    const smref_field_context reach = {.sec_sid = lint->sec_sid};
    smref_decoding ste;

    if (!words) {
        add_outside(lint, &place, SMREF_RULE_STE_FETCH_ABORT);
        return;
    }
    lint->looked.stes += count;
    if (!smref_STE_V(words))
        return;
    lint->looked.valid_stes += count;
    smref_decode_layout(lint->machine->smmu, &reach, SMREF_LAYOUT_STE, words, SMREF_STE_WORDS, &ste);
    if (ste.illegal_count) {
        smref_lint_illegal(lint, &ste, &place, 0);
    } else {
        smref_lint_fields(lint, &ste, &place, 0);
        check_cont(lint, s, sid, spot->address, words);
        follow(lint, words, &place);
    }
    smref_decoding_free(&ste);
}

static void walk_stes(smref_lint *lint, struct streams *s, uint64_t base, uint64_t sid, unsigned bits)
{
    smref_lint_array array = {.base = base, .entry_bytes = SMREF_STE_BYTES, .count = UINT64_C(1) << bits};

    s->sid = sid;
    s->bits = bits;
    smref_lint_walk_array(lint, &array, look_at_stes, s);
}

/* ---- L1STDs ---------------------------------------------------------------------------------------- */

static void check_l2ptr(smref_lint *lint, const smref_finding_place *place, const uint64_t *l1std,
                        uint64_t base)
{
    uint64_t pointer = smref_L1STD_L2Ptr_address(l1std);
    unsigned limit = smref_output_bits(lint->machine->smmu);
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "alignment", place, SMREF_RULE_NONE, "5.1");

    finding.field = "L2Ptr";
    finding.has_value = true;
    finding.value = pointer;
    if (pointer != base) {
        snprintf(finding.text, sizeof finding.text, "is not aligned to the size of its array");
        snprintf(finding.does, sizeof finding.does, "the SMMU uses 0x%llx", (unsigned long long)base);
        smref_findings_add(&lint->findings, &finding);
    }
    if (base >> limit) {
        finding.kind = "address-size";
        finding.rule = SMREF_RULE_L1STD_L2PTR_BEYOND_OAS;
        snprintf(finding.text, sizeof finding.text, "exceeds the output address size of %u bits", limit);
        snprintf(finding.does, sizeof finding.does, "F_STE_FETCH, or the address is truncated");
        smref_findings_add(&lint->findings, &finding);
    }
}

static void refuse_l1std(smref_lint *lint, const smref_finding_place *place, smref_rule rule)
{
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_ERROR, "illegal", place, rule, NULL);

    if (rule == SMREF_RULE_L1STD_SPAN_ZERO) /* the way to say that there are no STEs */
        return;
    finding.field = "Span";
    snprintf(finding.text, sizeof finding.text, "%s", smref_rule_at((unsigned)rule)->title);
    snprintf(finding.does, sizeof finding.does, "an access ends in C_BAD_STREAMID");
    smref_findings_add(&lint->findings, &finding);
}

static void look_at_l1stds(smref_lint *lint, void *context, uint64_t first, uint64_t count,
                           const smref_lint_spot *spot, const uint64_t *words)
{
    struct streams *s = context;
    uint64_t sid = first << s->table.split, last = ((first + count) << s->table.split) - 1, base;
    smref_finding_place place = place_of(lint, "L1STD", spot->address, sid, last);
    const smref_field_context reach = {.sec_sid = lint->sec_sid};
    smref_decoding l1std;
    smref_rule refused;
    unsigned bits;

    place.count = count;
    if (!words) {
        add_outside(lint, &place, SMREF_RULE_L1STD_FETCH_ABORT);
        return;
    }
    lint->looked.l1stds += count;
    refused = smref_l1std_look(lint->machine->smmu, &s->table, words, &base, &bits);
    if (refused != SMREF_RULE_NONE) {
        refuse_l1std(lint, &place, refused);
        return;
    }
    smref_decode_layout(lint->machine->smmu, &reach, SMREF_LAYOUT_L1STD, words, 1, &l1std);
    smref_lint_fields(lint, &l1std, &place, 1);
    smref_decoding_free(&l1std);
    check_l2ptr(lint, &place, words, base);
    /* Many L1STDs may lead to one array, as firmware does for streams that all abort. */
    const uint64_t key[4] = {'S', base, bits, (uint64_t)lint->sec_sid};
    if (!(base >> smref_output_bits(lint->machine->smmu)) && smref_lint_first_time(lint, key))
        walk_stes(lint, s, base, sid, bits < s->table.sid_bits ? bits : s->table.sid_bits);
}

void smref_lint_streams(smref_lint *lint, smref_sec_sid sec_sid)
{
    struct streams s;
    unsigned bits;

    lint->sec_sid = sec_sid;
    lint->looked_at[sec_sid] = true;
    smref_stream_table_look(lint->machine->smmu, sec_sid, &s.table);
    if (s.table.base >> smref_output_bits(lint->machine->smmu))
        return; /* lint_registers.c tells */
    if (!s.table.two_level) {
        walk_stes(lint, &s, s.table.base, 0, s.table.sid_bits);
        return;
    }
    bits = s.table.sid_bits > s.table.split ? (unsigned)s.table.sid_bits - s.table.split : 0;
    smref_lint_array array = {
        .base = s.table.base, .entry_bytes = SMREF_L1STD_BYTES, .count = UINT64_C(1) << bits};
    smref_lint_walk_array(lint, &array, look_at_l1stds, &s);
}
