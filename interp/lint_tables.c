/* `smref lint`: translation tables of both stages (DDI 0487 D8.3, D8.7, G5.5). */
#include <string.h>

#include "lint.h"
#include "smref_layout.h"
#include "spec_words.h"

#define MAX_CLEAN 8

/* What the bits of a kind of descriptor are, in the tables at hand. */
struct kind {
    bool known;
    uint64_t address;          /* bits that hold the address */
    uint64_t attributes;       /* bits that neighbours under a Contiguous bit must have alike */
    uint64_t clean[MAX_CLEAN]; /* the other bits of descriptors that had no remarks */
    unsigned clean_count;
};

struct tables {
    const uint64_t *ste, *cd;
    const smref_finding_place *place;
    smref_walk_info info;
    smref_lint_stage2 stage2; /* of what stage 1 tables are reached through */
    bool nested;
    int stage;
    struct kind kinds[SMREF_DESCRIPTOR_PAGE + 1];
};

/* A table, and the entry at hand. */
struct level {
    struct tables *t;
    int level;
    uint64_t input; /* first input address of the table */
    uint64_t base;
    bool ns; /* of Secure streams: the table is Non-secure */
};

static void walk_table(smref_lint *lint, struct tables *t, const struct level *l, uint64_t entries);

static smref_field_context context_of(const smref_lint *lint, const struct tables *t, int level)
{
    return (smref_field_context){
        .sec_sid = lint->sec_sid, .ste = t->ste, .cd = t->cd, .walk = &t->info, .level = level};
}

static smref_finding_place place_of(const struct level *l, const char *what, const smref_lint_spot *spot,
                                    uint64_t input, uint64_t last, uint64_t count)
{
    smref_finding_place place = *l->t->place;

    place.what = what;
    place.has_address = spot->address != SMREF_LINT_UNTRANSLATED;
    place.pas = spot->pas;
    place.address = spot->address;
    place.has_input = true;
    place.input = input;
    place.input_last = last;
    place.stage = l->t->stage;
    place.level = l->level;
    place.count = count;
    return place;
}

static void add(smref_lint *lint, const struct level *l, smref_finding *finding)
{
    finding->group = l->base ^ (uint64_t)l->t->stage << 62;
    smref_findings_add(&lint->findings, finding);
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

static uint64_t bits_of(const smref_field_info *field)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < field->piece_count; i++)
        bits |= smref_lint_low_bits(field->pieces[i].msb - field->pieces[i].lsb + 1U) << field->pieces[i].lsb;
    return bits;
}

/* Neighbours under a Contiguous bit have consistent attributes and permissions; the Access flag and dirty
 * state are neither (DDI 0487 D8.7.1). */
static bool is_attribute(const smref_decoded_field *field)
{
    static const char *const not_compared[] = {"AF", "DBM", "nDirty", "Dirty", NULL};

    if (field->state != SMREF_FIELD_ACTIVE || field->info->kind == SMREF_KIND_ADDRESS)
        return false;
    for (unsigned i = 0; not_compared[i]; i++)
        if (strcmp(not_compared[i], field->info->name) == 0)
            return false;
    return true;
}

static void learn(struct kind *kind, const smref_decoding *d)
{
    kind->known = true;
    for (size_t i = 0; i < d->field_count; i++) {
        uint64_t bits = bits_of(d->fields[i].info);
        if (d->fields[i].info->kind == SMREF_KIND_ADDRESS && d->fields[i].state == SMREF_FIELD_ACTIVE)
            kind->address |= bits;
        if (is_attribute(&d->fields[i]))
            kind->attributes |= bits;
    }
}

static bool has_remarks(const smref_decoding *d)
{
    for (size_t i = 0; i < d->field_count; i++)
        if (d->fields[i].remark)
            return true;
    return false;
}

/* Descriptors differ in their addresses mostly: what else they hold is looked at once. */
static void check_fields(smref_lint *lint, const struct level *l, const smref_descriptor *d,
                         const smref_finding_place *place)
{
    struct kind *kind = &l->t->kinds[d->kind];
    smref_field_context context = context_of(lint, l->t, l->level);
    smref_decoding decoding;

    for (unsigned i = 0; i < kind->clean_count; i++)
        if (kind->clean[i] == (d->word & ~kind->address))
            return;
    smref_decode_layout(lint->machine->smmu, &context, d->layout, &d->word, 1, &decoding);
    if (!kind->known)
        learn(kind, &decoding);
    if (has_remarks(&decoding))
        smref_lint_fields(lint, &decoding, place, l->base ^ (uint64_t)l->t->stage << 62);
    else if (kind->clean_count < MAX_CLEAN)
        kind->clean[kind->clean_count++] = d->word & ~kind->address;
    smref_decoding_free(&decoding);
}

/* ---- Contiguous ------------------------------------------------------------------------------------ */

static bool read_entry(smref_lint *lint, const struct level *l, uint64_t index, uint64_t *word)
{
    smref_lint_spot spot = {smref_lint_space(lint, l->ns), l->base + index * 8};
    uint64_t span;

    return (!l->t->nested || smref_lint_translate(lint, &l->t->stage2, l->ns, spot.address, &spot, &span)) &&
           smref_lint_read(lint, &spot, 8, word);
}

/* Why two entries are not of one run, or NULL. `steps` is how far the second lies behind the first. */
static const char *disagreement(const struct level *l, const smref_descriptor *first,
                                const smref_descriptor *other, uint64_t steps)
{
    const struct kind *kind = &l->t->kinds[first->kind];

    if (other->kind != first->kind)
        return "an entry of the run is invalid or of another kind";
    if (other->run_bits != first->run_bits)
        return "an entry of the run has no Contiguous bit";
    if ((other->word ^ first->word) & kind->attributes)
        return "entries of the run have different attributes or permissions";
    if (other->address != first->address + (steps << first->bits))
        return "the output addresses of the run are not contiguous";
    return NULL;
}

/* All entries of the run that a Contiguous bit names agree (DDI 0487 D8.7.1). */
static void check_run(smref_lint *lint, const struct level *l, const smref_descriptor *d, uint64_t index,
                      const smref_finding_place *place)
{
    uint64_t size = UINT64_C(1) << d->run_bits, start = index & ~(size - 1), word;
    uint64_t key[4] = {'R', l->base + start * 8, size,
                       (uint64_t)l->t->stage | (uint64_t)lint->sec_sid << 8 | (uint64_t)l->ns << 16};
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "contiguous", place, SMREF_RULE_NONE, "DDI 0487 D8.7.1");
    smref_descriptor first, other;
    const char *why = NULL;

    if (size == 1 || !smref_lint_first_time(lint, key))
        return;
    for (uint64_t i = 0; !why && i < size; i++) {
        if (!read_entry(lint, l, start + i, &word))
            return; /* what is not there is told elsewhere */
        smref_descriptor_look(lint->machine->smmu, &l->t->info, l->t->stage, l->level, word, &other);
        if (i == 0)
            first = other;
        why = i == 0 && (first.kind != d->kind || !first.run_bits) ? disagreement(l, d, &first, start - index)
                                                                   : disagreement(l, &first, &other, i);
    }
    if (!why && first.address & smref_lint_low_bits(first.bits + (unsigned)first.run_bits))
        why = "the output of the run is not aligned to its size";
    if (!why)
        return;
    finding.field = "Contiguous";
    snprintf(finding.text, sizeof finding.text, "%s", why);
    snprintf(finding.does, sizeof finding.does, "a TLB may use any of them for the whole run");
    add(lint, l, &finding);
}

/* ---- Descriptors ----------------------------------------------------------------------------------- */

static void add_fault(smref_lint *lint, const struct level *l, const smref_finding_place *place,
                      const char *kind, smref_rule s1_rule, smref_rule s2_rule)
{
    smref_rule rule = l->t->stage == 1 ? s1_rule : s2_rule;
    const smref_rule_info *info = smref_rule_at((unsigned)rule);
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_ERROR, kind, place, rule, NULL);

    snprintf(finding.text, sizeof finding.text, "%s", info->title);
    if (info->outcome)
        snprintf(finding.does, sizeof finding.does, "a walk ends in %s", info->outcome);
    add(lint, l, &finding);
}

static void look_at_one(smref_lint *lint, const struct level *l, const smref_descriptor *d, uint64_t index,
                        const smref_finding_place *place)
{
    if (d->kind == SMREF_DESCRIPTOR_RESERVED) {
        add_fault(lint, l, place, "reserved", SMREF_RULE_S1_DESCRIPTOR_RESERVED,
                  SMREF_RULE_S2_DESCRIPTOR_RESERVED);
        return;
    }
    check_fields(lint, l, d, place);
    if (d->beyond && d->kind == SMREF_DESCRIPTOR_TABLE)
        add_fault(lint, l, place, "address-size", SMREF_RULE_S1_TABLE_ADDR_SIZE,
                  SMREF_RULE_S2_TABLE_ADDR_SIZE);
    else if (d->beyond)
        add_fault(lint, l, place, "address-size", SMREF_RULE_S1_LEAF_ADDR_SIZE, SMREF_RULE_S2_LEAF_ADDR_SIZE);
    if (d->run_bits)
        check_run(lint, l, d, index, place);
}

static void add_unreachable(smref_lint *lint, const struct level *l, const smref_finding_place *place)
{
    smref_rule rule = l->t->stage == 1 ? SMREF_RULE_S1_WALK_ABORT : SMREF_RULE_S2_WALK_ABORT;
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_WARNING, "outside-memory", place, rule, NULL);

    finding.place.what = "translation table";
    if (place->has_address) {
        smref_lint_say_outside(lint, &finding, "a walk ends in F_WALK_EABT");
    } else {
        finding.kind = "untranslated";
        finding.rule = SMREF_RULE_NONE;
        finding.section = "3.3.2";
        snprintf(finding.text, sizeof finding.text, "stage 2 has no translation for the table at 0x%llx",
                 (unsigned long long)l->base);
        snprintf(finding.does, sizeof finding.does, "a walk ends in a stage 2 fault of class TT");
    }
    add(lint, l, &finding);
}

/* 13.4.2: of Secure streams what lies below a Table descriptor with NSTable is Non-secure. */
static bool leads_elsewhere(const smref_lint *lint, const struct level *l, const smref_descriptor *d)
{
    return lint->sec_sid == SMREF_SEC_SECURE && l->t->stage == 1 &&
           smref_VMSAv8_64_S1_TABLE_NSTable(&d->word);
}

static void look_at_entries(smref_lint *lint, void *context, uint64_t first, uint64_t count,
                            const smref_lint_spot *spot, const uint64_t *words)
{
    const struct level *l = context;
    struct tables *t = l->t;
    smref_descriptor d;
    uint64_t input, last;

    smref_descriptor_look(lint->machine->smmu, &t->info, t->stage, l->level, words ? *words : 0, &d);
    input = l->input + (first << d.bits);
    last = l->input + ((first + count) << d.bits) - 1;
    smref_finding_place place =
        place_of(l, smref_layout_at((unsigned)d.layout)->name, spot, input, last, count);
    if (!words) {
        add_unreachable(lint, l, &place);
        return;
    }
    lint->looked.descriptors += count;
    if (d.kind == SMREF_DESCRIPTOR_INVALID)
        return;
    look_at_one(lint, l, &d, first, &place);
    if (d.kind == SMREF_DESCRIPTOR_TABLE && !d.beyond) {
        const struct level next = {.t = t,
                                   .level = l->level + 1,
                                   .input = input,
                                   .base = d.address,
                                   .ns = l->ns || leads_elsewhere(lint, l, &d)};
        walk_table(lint, t, &next, UINT64_C(1) << t->info.stride);
    }
}

/* Every table is looked at once for each level at which it is used: tables that lead to themselves end. */
static void walk_table(smref_lint *lint, struct tables *t, const struct level *l, uint64_t entries)
{
    const uint64_t how = (uint64_t)t->info.format | (uint64_t)t->info.granule << 8 |
                         (uint64_t)t->info.ds << 16 | (uint64_t)t->info.big_endian << 17 |
                         (uint64_t)t->stage << 18 | (uint64_t)(l->level + 1) << 20 |
                         (uint64_t)t->info.output_bits << 24 | entries << 32;
    const uint64_t which = 'T' | (uint64_t)lint->sec_sid << 8 | (uint64_t)l->ns << 16;
    const uint64_t key[4] = {which, l->base, how,
                             t->nested ? t->stage2.spaces[0].base ^ t->stage2.spaces[1].base << 1 : 0};
    smref_lint_array array = {.base = l->base,
                              .ns = l->ns,
                              .entry_bytes = SMREF_VMSAv8_64_S1_PAGE_BYTES,
                              .count = entries,
                              .stage2 = t->nested ? &t->stage2 : NULL};
    struct level here = *l;
    struct kind kinds[SMREF_DESCRIPTOR_PAGE + 1];

    if (!smref_lint_first_time(lint, key))
        return;
    lint->looked.tables++;
    memcpy(kinds, t->kinds, sizeof kinds);
    memset(t->kinds, 0, sizeof t->kinds); /* what the bits are depends on the level */
    smref_lint_walk_array(lint, &array, look_at_entries, &here);
    memcpy(t->kinds, kinds, sizeof kinds);
}

static void walk_half(smref_lint *lint, struct tables *t, unsigned half)
{
    smref_descriptor any;
    unsigned index_bits;
    struct level first = {.t = t};

    if (!smref_tables_look(lint->machine->smmu, lint->sec_sid, t->ste, t->cd, half, &t->info))
        return;
    smref_descriptor_look(lint->machine->smmu, &t->info, t->stage, t->info.start_level, 0, &any);
    index_bits = t->info.input_bits > any.bits ? (unsigned)t->info.input_bits - any.bits : 0;
    first.level = t->info.start_level;
    first.base = t->info.base;
    first.ns = t->info.ns;
    if (half && t->cd) /* the upper end of the input range, which has 32 bits in VMSAv8-32 */
        first.input = ~smref_lint_low_bits(t->info.input_bits) &
                      smref_lint_low_bits(t->info.format == SMREF_Format_VMSAv8_32 ? 32 : 64);
    walk_table(lint, t, &first, UINT64_C(1) << index_bits);
}

void smref_lint_tables(smref_lint *lint, const uint64_t *ste, const uint64_t *cd,
                       const smref_finding_place *place)
{
    struct tables t = {.ste = ste, .cd = cd, .place = place, .stage = cd ? 1 : 2};

    if (!lint->tables)
        return;
    t.nested = cd && smref_lint_stage2_look(lint, ste, &t.stage2);
    walk_half(lint, &t, 0);
    walk_half(lint, &t, 1);
}
