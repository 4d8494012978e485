/* How parts of the specification's data are spelled for people. */
#include "spec_words.h"

#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "vocabulary.h"

const char *smref_spell_bits(const smref_field_info *field, char out[SMREF_WORDS_ROOM])
{
    size_t used = 0;
    unsigned i;

    out[0] = '\0';
    for (i = 0; i < field->piece_count; i++) {
        smref_bits bits = field->pieces[i];
        int added = bits.msb == bits.lsb
                        ? snprintf(out + used, SMREF_WORDS_ROOM - used, "[%u]", bits.lsb)
                        : snprintf(out + used, SMREF_WORDS_ROOM - used, "[%u:%u]", bits.msb, bits.lsb);
        used += (size_t)added;
    }
    return out;
}

const char *smref_spell_versions(uint8_t since, uint8_t until, char out[SMREF_WORDS_ROOM])
{
    char first[4], last[4];

    smref_spell_arch(since, first);
    smref_spell_arch(until, last);
    if (since && until)
        snprintf(out, SMREF_WORDS_ROOM, "SMMUv%s to v%s", first, last);
    else if (since)
        snprintf(out, SMREF_WORDS_ROOM, "since SMMUv%s", first);
    else if (until)
        snprintf(out, SMREF_WORDS_ROOM, "until SMMUv%s", last);
    else
        out[0] = '\0';
    return out;
}

static size_t spell_number(unsigned width, uint64_t value, char *out, size_t room)
{
    size_t used = 2;

    if (width == 1)
        return (size_t)snprintf(out, room, "%u", (unsigned)value);
    if (width > 4)
        return (size_t)snprintf(out, room, "0x%llx", (unsigned long long)value);
    snprintf(out, room, "0b");
    while (width-- > 0 && used + 1 < room)
        out[used++] = (char)('0' + (value >> width & 1));
    out[used] = '\0';
    return used;
}

const char *smref_spell_value(const smref_field_info *field, uint64_t value, char out[SMREF_WORDS_ROOM])
{
    unsigned width = smref_field_width(field);

    spell_number(width > 64 ? 64 : width, value, out, SMREF_WORDS_ROOM);
    return out;
}

const char *smref_spell_code(const smref_field_info *field, const smref_code_info *code,
                             char out[SMREF_WORDS_ROOM])
{
    unsigned width = smref_field_width(field);
    size_t used = spell_number(width, code->low, out, SMREF_WORDS_ROOM);

    if (code->high != code->low) {
        used += (size_t)snprintf(out + used, SMREF_WORDS_ROOM - used, "..");
        spell_number(width, code->high, out + used, SMREF_WORDS_ROOM - used);
    }
    return out;
}

const char *smref_spell_field_kind(smref_field_kind kind)
{
    static const char *const words[] = {
        [SMREF_KIND_UINT] = "uint",       [SMREF_KIND_FLAG] = "flag",
        [SMREF_KIND_ADDRESS] = "address", [SMREF_KIND_ENUM] = "enum",
        [SMREF_KIND_ID] = "id",           [SMREF_KIND_OPAQUE] = "opaque",
        [SMREF_KIND_IMPDEF] = "impdef",   [SMREF_KIND_RESERVED] = "reserved",
    };

    return words[kind];
}

const char *smref_spell_layout_kind(smref_layout_kind kind)
{
    static const char *const words[] = {
        [SMREF_LAYOUT_KIND_STRUCTURE] = "structure",
        [SMREF_LAYOUT_KIND_DESCRIPTOR] = "descriptor",
        [SMREF_LAYOUT_KIND_COMMAND] = "command",
        [SMREF_LAYOUT_KIND_EVENT] = "event",
    };

    return words[kind];
}

bool smref_field_is_named(const smref_field_info *field)
{
    return field->kind != SMREF_KIND_RESERVED && strcmp(field->name, "IMPDEF") != 0;
}

bool smref_field_repeats(const smref_field_info *fields, unsigned index)
{
    for (unsigned i = 0; i < index; i++)
        if (strcmp(fields[i].name, fields[index].name) == 0)
            return true;
    return false;
}

const smref_code_info *smref_code_of(const smref_field_info *field, uint64_t value, unsigned arch)
{
    unsigned i;

    for (i = 0; i < field->code_count; i++) {
        const smref_code_info *code = &field->codes[i];
        if (value >= code->low && value <= code->high && (!arch || !code->since || arch >= code->since) &&
            (!arch || !code->until || arch <= code->until))
            return code;
    }
    return NULL;
}

bool smref_next_clause(const char **text, smref_clause *out)
{
    const char *at = *text, *end, *when;

    if (!at || !*at)
        return false;
    end = strstr(at, "; ");
    end = end ? end : at + strlen(at);
    when = strstr(at, " if ");
    when = when && when < end ? when : NULL;
    out->is = at;
    out->is_length = (size_t)((when ? when : end) - at);
    out->when = when ? when + 4 : end;
    out->when_length = (size_t)(end - out->when);
    *text = *end ? end + 2 : end;
    return true;
}
