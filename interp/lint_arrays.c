/* What the parts of `smref lint` share: arrays in memory, things seen before, findings about fields. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lint.h"
#include "spec_words.h"
#include "stage2_look.h"

/* ---- Things seen before ---------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

void smref_lint_hash(const uint64_t *words, size_t count, uint64_t out[2])
{
    out[0] = count;
    out[1] = ~(uint64_t)count;
    for (size_t i = 0; i < count; i++) {
        out[0] = mix(out[0], words[i]);
        out[1] = mix(out[1], ~words[i] << 1 | words[i] >> 63);
    }
}

bool smref_lint_first_time(smref_lint *lint, const uint64_t key[4])
{
    return smref_seen_add(&lint->seen, key);
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

bool smref_lint_outside(const smref_lint *lint, smref_pas pas, uint64_t address)
{
    return lint->snapshot->unmapped == SMREF_UNMAPPED_ABORT &&
           smref_extent_at(lint->extents, pas, address).kind == SMREF_EXTENT_HOLE;
}

bool smref_lint_read(const smref_lint *lint, const smref_lint_spot *spot, unsigned bytes, uint64_t *words)
{
    return lint->memory.read(lint->memory.context, spot->pas, spot->address, bytes / 8, words) ==
           SMREF_MEM_OK;
}

smref_pas smref_lint_space(const smref_lint *lint, bool ns)
{
    static const smref_pas own[] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};

    return lint->sec_sid == SMREF_SEC_SECURE && ns ? SMREF_PAS_NS : own[lint->sec_sid];
}

bool smref_lint_stage2_look(const smref_lint *lint, const uint64_t *ste, smref_lint_stage2 *out)
{
    const smref *smmu = lint->machine->smmu;

    memset(out, 0, sizeof *out);
    if (!smref_tables_look(smmu, lint->sec_sid, ste, NULL, 0, &out->spaces[0]))
        return false;
    (void)smref_tables_look(smmu, lint->sec_sid, ste, NULL, 1, &out->spaces[1]);
    return true;
}

struct stage2_reader {
    smref_lint *lint;
    smref_pas pas; /* of the tables */
};

static bool read_word(void *context, uint64_t address, uint64_t *word)
{
    const struct stage2_reader *reader = context;
    const smref_lint_spot spot = {reader->pas, address};

    return smref_lint_read(reader->lint, &spot, 8, word);
}

bool smref_lint_translate(smref_lint *lint, const smref_lint_stage2 *stage2, bool ns, uint64_t ipa,
                          smref_lint_spot *out, uint64_t *span)
{
    const smref_walk_info *tables = &stage2->spaces[lint->sec_sid == SMREF_SEC_SECURE && !ns]; /* 3.10.2.2 */
    struct stage2_reader reader = {lint, smref_lint_space(lint, tables->ns)};
    uint64_t pa;

    if (!smref_stage2_look(lint->machine->smmu, tables, read_word, &reader, ipa, &pa, span))
        return false;
    *out = (smref_lint_spot){smref_lint_space(lint, tables->leads_ns), pa};
    return true;
}

/* ---- Arrays ---------------------------------------------------------------------------------------- */

#define MAX_ENTRY_WORDS 8

/* How many entries from `pa` on are alike without a look at each; their words, unless a read aborts. */
static uint64_t uniform(const smref_lint *lint, const smref_lint_array *array, const smref_lint_spot *spot,
                        uint64_t span, uint64_t words[MAX_ENTRY_WORDS], bool *aborts)
{
    smref_extent extent = smref_extent_at(lint->extents, spot->pas, spot->address);
    uint64_t left = extent.last - spot->address, count;
    uint8_t fill = extent.kind == SMREF_EXTENT_FILL ? extent.fill : 0;

    if (extent.kind == SMREF_EXTENT_CONTENTS)
        return 0;
    left = left < span - 1 ? left : span - 1;
    count = left / array->entry_bytes + (left % array->entry_bytes == array->entry_bytes - 1);
    memset(words, fill, MAX_ENTRY_WORDS * sizeof *words);
    *aborts = extent.kind == SMREF_EXTENT_HOLE && lint->snapshot->unmapped == SMREF_UNMAPPED_ABORT;
    return count;
}

/* How many entries from `first` on hold the same, one after the other, within `span` bytes. */
static uint64_t repeated(const smref_lint *lint, const smref_lint_array *array, const smref_lint_spot *spot,
                         uint64_t span, uint64_t most, uint64_t words[MAX_ENTRY_WORDS], bool *aborts)
{
    uint64_t next[MAX_ENTRY_WORDS], count = 1;
    unsigned bytes = array->entry_bytes;
    smref_lint_spot other = *spot;

    *aborts = !smref_lint_read(lint, spot, bytes, words);
    while (!*aborts && count < most && (count + 1) * bytes <= span) {
        other.address = spot->address + count * bytes;
        if (!smref_lint_read(lint, &other, bytes, next) || memcmp(words, next, bytes) != 0)
            break;
        count++;
    }
    return count;
}

static uint64_t entries_in(const smref_lint_array *array, uint64_t span)
{
    return span / array->entry_bytes ? span / array->entry_bytes : 1;
}

/* How many entries from the spot on are alike, within `span` bytes. */
static uint64_t alike(smref_lint *lint, const smref_lint_array *array, const smref_lint_spot *spot,
                      uint64_t span, uint64_t most, uint64_t words[MAX_ENTRY_WORDS], bool *aborts)
{
    uint64_t allowed = UINT64_MAX, count;

    lint->forbidden = !smref_lint_permitted(lint, spot->pas, spot->address, &allowed);
    span = span < allowed ? span : allowed;
    *aborts = true;
    if (lint->forbidden)
        return entries_in(array, span);
    count = uniform(lint, array, spot, span, words, aborts);
    return count ? count : repeated(lint, array, spot, span, most, words, aborts);
}

void smref_lint_walk_array(smref_lint *lint, const smref_lint_array *array, smref_lint_entries *entries,
                           void *context)
{
    uint64_t words[MAX_ENTRY_WORDS], span, count, left;
    smref_lint_spot spot;
    bool aborts = false;

    for (uint64_t i = 0; i < array->count; i += count) {
        uint64_t address = array->base + i * array->entry_bytes;
        spot = (smref_lint_spot){smref_lint_space(lint, array->ns), address};
        span = UINT64_MAX;
        left = array->count - i;
        if (array->stage2 && !smref_lint_translate(lint, array->stage2, array->ns, address, &spot, &span)) {
            spot.address = SMREF_LINT_UNTRANSLATED;
            aborts = true;
            count = entries_in(array, span);
        } else {
            count = alike(lint, array, &spot, span, left, words, &aborts);
        }
        count = count < left ? count : left;
        entries(lint, context, i, count, &spot, aborts ? NULL : words);
    }
    lint->forbidden = false;
}

void smref_lint_say_outside(const smref_lint *lint, smref_finding *finding, const char *does)
{
    if (lint->forbidden) {
        finding->kind = "granule";
        snprintf(finding->text, sizeof finding->text, "lies in a granule that is not of this address space");
    } else {
        snprintf(finding->text, sizeof finding->text, "lies outside the declared memory");
    }
    snprintf(finding->does, sizeof finding->does, "%s", does);
}

/* ---- Findings -------------------------------------------------------------------------------------- */

smref_finding smref_lint_finding(smref_severity severity, const char *kind, const smref_finding_place *place,
                                 smref_rule rule, const char *section)
{
    return (smref_finding){.severity = severity,
                           .kind = kind,
                           .place = *place,
                           .rule = rule,
                           .section = section,
                           .count = place->count ? place->count : 1};
}

static void say_field(smref_finding *finding, const smref_decoding *decoding,
                      const smref_decoded_field *field)
{
    char bits[SMREF_WORDS_ROOM];
    bool structure = !decoding->is_register &&
                     smref_layout_at((unsigned)decoding->layout)->kind == SMREF_LAYOUT_KIND_STRUCTURE;

    finding->has_value = true;
    finding->value = field->value << field->info->address_low;
    if (smref_field_is_named(field->info))
        finding->field = field->info->name;
    if (field->info->array_count)
        snprintf(finding->text, sizeof finding->text, "element %u %s", field->element,
                 smref_remark_says(field->remark));
    else if (smref_field_is_named(field->info))
        snprintf(finding->text, sizeof finding->text, "%s", smref_remark_says(field->remark));
    else
        snprintf(finding->text, sizeof finding->text, "bits %s: %s", smref_spell_bits(field->info, bits),
                 smref_remark_says(field->remark));
    if (field->remark == SMREF_REMARK_RES0 && structure)
        snprintf(finding->does, sizeof finding->does,
                 "it is ignored, or the structure counts as not valid (choice RESERVED_BITS)");
    if (field->remark == SMREF_REMARK_RESERVED && field->code->behaves_as >= 0)
        snprintf(finding->does, sizeof finding->does, "it behaves as %lld",
                 (long long)field->code->behaves_as);
}

void smref_lint_fields(smref_lint *lint, const smref_decoding *decoding, const smref_finding_place *place,
                       uint64_t group)
{
    for (size_t i = 0; i < decoding->field_count; i++) {
        const smref_decoded_field *field = &decoding->fields[i];
        const char *section = field->info->section ? field->info->section : decoding->section;
        if (!field->remark)
            continue;
        smref_finding finding = smref_lint_finding(SMREF_SEVERITY_WARNING, smref_remark_word(field->remark),
                                                   place, SMREF_RULE_NONE, section);
        finding.group = group;
        say_field(&finding, decoding, field);
        smref_findings_add(&lint->findings, &finding);
    }
}

void smref_lint_illegal(smref_lint *lint, const smref_decoding *decoding, const smref_finding_place *place,
                        uint64_t group)
{
    for (unsigned i = 0; i < decoding->illegal_count && i < SMREF_MAX_ILLEGAL; i++) {
        const smref_rule_info *rule = smref_rule_at(decoding->illegal[i]);
        smref_finding finding = smref_lint_finding(SMREF_SEVERITY_ERROR, "illegal", place,
                                                   (smref_rule)decoding->illegal[i], NULL);
        finding.group = group;
        snprintf(finding.text, sizeof finding.text, "%s", rule->title);
        if (rule->outcome)
            snprintf(finding.does, sizeof finding.does, "an access that comes this way ends in %s",
                     rule->outcome);
        smref_findings_add(&lint->findings, &finding);
    }
}
