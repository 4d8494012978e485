/* What the parts of `smref lint` share: arrays in memory, things seen before, findings about fields. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lint.h"
#include "spec_words.h"

/* ---- Things seen before ---------------------------------------------------------------------------- */

struct smref_seen {
    uint64_t (*keys)[4];
    bool *used;
    size_t room, count; /* room is a power of two */
};

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

static size_t slot_of(const struct smref_seen *seen, const uint64_t key[4])
{
    size_t i = (size_t)mix(mix(mix(key[0], key[1]), key[2]), key[3]) & (seen->room - 1);

    while (seen->used[i] && memcmp(seen->keys[i], key, sizeof seen->keys[i]) != 0)
        i = (i + 1) & (seen->room - 1);
    return i;
}

static void grow(struct smref_seen *seen)
{
    struct smref_seen larger = {.room = seen->room ? 4 * seen->room : 256, .count = seen->count};

    larger.keys = smref_alloc(larger.room, sizeof *larger.keys);
    larger.used = smref_alloc(larger.room, sizeof *larger.used);
    for (size_t i = 0; i < seen->room; i++) {
        if (!seen->used[i])
            continue;
        size_t slot = slot_of(&larger, seen->keys[i]);
        memcpy(larger.keys[slot], seen->keys[i], sizeof seen->keys[i]);
        larger.used[slot] = true;
    }
    free(seen->keys);
    free(seen->used);
    *seen = larger;
}

bool smref_lint_first_time(smref_lint *lint, const uint64_t key[4])
{
    struct smref_seen *seen = lint->seen;
    size_t slot;

    if (!seen)
        seen = lint->seen = smref_alloc(1, sizeof *seen);
    if (2 * seen->count >= seen->room)
        grow(seen);
    slot = slot_of(seen, key);
    if (seen->used[slot])
        return false;
    memcpy(seen->keys[slot], key, sizeof seen->keys[slot]);
    seen->used[slot] = true;
    seen->count++;
    return true;
}

void smref_seen_free(struct smref_seen *seen)
{
    if (!seen)
        return;
    free(seen->keys);
    free(seen->used);
    free(seen);
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

bool smref_lint_outside(const smref_lint *lint, uint64_t address)
{
    return lint->snapshot->unmapped == SMREF_UNMAPPED_ABORT &&
           smref_extent_at(lint->extents, SMREF_PAS_NS, address).kind == SMREF_EXTENT_HOLE;
}

static bool read(const smref_lint *lint, uint64_t address, unsigned bytes, uint64_t *words)
{
    return lint->memory.read(lint->memory.context, SMREF_PAS_NS, address, bytes / 8, words) == SMREF_MEM_OK;
}

/* What one entry of a level covers. */
static unsigned entry_bits(const smref_lint *lint, const smref_walk_info *tables, int level)
{
    smref_descriptor any;

    smref_descriptor_look(lint->machine->smmu, tables, 2, level, 0, &any);
    return any.bits;
}

static uint64_t low_bits(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

bool smref_lint_translate(smref_lint *lint, const smref_walk_info *stage2, uint64_t ipa, uint64_t *pa,
                          uint64_t *span)
{
    uint64_t table = stage2->base, word;
    smref_descriptor d;

    *span = UINT64_MAX;
    if (ipa & ~low_bits(stage2->input_bits))
        return false;
    for (int level = stage2->start_level;; level++) {
        unsigned bits = entry_bits(lint, stage2, level);
        uint64_t index = ipa >> bits;
        if (level > stage2->start_level)
            index &= low_bits(stage2->stride);
        *span = low_bits(bits) - (ipa & low_bits(bits)) + 1;
        if (!read(lint, table + index * 8, 8, &word))
            return false;
        smref_descriptor_look(lint->machine->smmu, stage2, 2, level, word, &d);
        if (d.beyond || d.kind == SMREF_DESCRIPTOR_INVALID || d.kind == SMREF_DESCRIPTOR_RESERVED)
            return false;
        if (d.kind != SMREF_DESCRIPTOR_TABLE)
            break;
        table = d.address;
    }
    *pa = d.address | (ipa & low_bits(d.bits));
    return true;
}

/* ---- Arrays ---------------------------------------------------------------------------------------- */

#define MAX_ENTRY_WORDS 8

/* How many entries from `pa` on are alike without a look at each; their words, unless a read aborts. */
static uint64_t uniform(const smref_lint *lint, const smref_lint_array *array, uint64_t pa, uint64_t span,
                        uint64_t words[MAX_ENTRY_WORDS], bool *aborts)
{
    smref_extent extent = smref_extent_at(lint->extents, SMREF_PAS_NS, pa);
    uint64_t left = extent.last - pa, count;
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
static uint64_t repeated(const smref_lint *lint, const smref_lint_array *array, uint64_t pa, uint64_t span,
                         uint64_t most, uint64_t words[MAX_ENTRY_WORDS], bool *aborts)
{
    uint64_t next[MAX_ENTRY_WORDS], count = 1;
    unsigned bytes = array->entry_bytes;

    *aborts = !read(lint, pa, bytes, words);
    while (!*aborts && count < most && (count + 1) * bytes <= span &&
           read(lint, pa + count * bytes, bytes, next) && memcmp(words, next, bytes) == 0)
        count++;
    return count;
}

void smref_lint_walk_array(smref_lint *lint, const smref_lint_array *array, smref_lint_entries *entries,
                           void *context)
{
    uint64_t words[MAX_ENTRY_WORDS], pa, span, count, left;
    bool aborts = false;

    for (uint64_t i = 0; i < array->count; i += count) {
        pa = array->base + i * array->entry_bytes;
        span = UINT64_MAX;
        left = array->count - i;
        if (array->stage2 && !smref_lint_translate(lint, array->stage2, pa, &pa, &span)) {
            count = span / array->entry_bytes ? span / array->entry_bytes : 1;
            count = count < left ? count : left;
            entries(lint, context, i, count, SMREF_LINT_UNTRANSLATED, NULL);
            continue;
        }
        count = uniform(lint, array, pa, span, words, &aborts);
        if (count == 0)
            count = repeated(lint, array, pa, span, left, words, &aborts);
        count = count < left ? count : left;
        entries(lint, context, i, count, pa, aborts ? NULL : words);
    }
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
