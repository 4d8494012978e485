/* The fields of registers in a line of `smref run`. */
#include "mmio_text.h"

#include <inttypes.h>
#include <string.h>

#include "explain.h"
#include "spec_words.h"

enum { MOST_FIELDS = 5 };

/* The register that all of the access goes to, and how far its bits stand above those of the access. */
static const smref_register_info *whole_register(const smref_stimulus *stimulus, unsigned *shift)
{
    const smref_register_info *info;
    smref_register_ref ref;

    if (!smref_mmio_register(stimulus, &ref))
        return NULL;
    info = smref_register_at(ref.reg);
    *shift = ref.upper ? 32 : 0;
    return stimulus->mmio.size * 8u <= info->width ? info : NULL;
}

/* "CMDQEN", "VMW IGNORE_2", "ADDR 0x45000000" */
static void print_field(FILE *to, const smref_shown *field)
{
    smref_shown bare = *field;
    char value[SMREF_VALUE_ROOM];

    bare.code = bare.means = NULL;
    fputs(field->name, to);
    if (field->code)
        fprintf(to, " %s", field->code);
    else if (field->width > 1)
        fprintf(to, " %s", smref_say_value(&bare, value));
}

/* Fields with some of `bits`, as they are in `value`, or by name alone. */
static void print_fields(FILE *to, const smref_register_info *info, uint64_t present, uint64_t bits,
                         uint64_t value, bool values)
{
    unsigned count = 0, more = 0;

    for (unsigned f = 0; f < info->field_count; f++) {
        smref_shown field = smref_explain_field(&info->fields[f], value);
        bool named = smref_field_is_named(&info->fields[f]);
        if (!smref_field_get(&info->fields[f], &bits, 0) || !(present >> f & 1) || (values && !named) ||
            (named && smref_field_repeats(info->fields, f)))
            continue;
        if (count == MOST_FIELDS) {
            more++;
            continue;
        }
        fputs(count++ ? ", " : " (", to);
        if (values)
            print_field(to, &field);
        else
            fputs(field.name, to);
    }
    if (more)
        fprintf(to, " and %u more", more);
    if (count)
        fputc(')', to);
}

/* The only field of a register, at its lowest bits, is its value. */
static bool says_itself(const smref_register_info *info, uint64_t value)
{
    for (unsigned f = 0; f < info->field_count; f++) {
        smref_shown field = smref_explain_field(&info->fields[f], value);
        if (smref_field_is_named(&info->fields[f]) && field.value)
            return field.value == value && !field.code && field.width > 1;
    }
    return true;
}

void smref_print_held(FILE *to, const smref_stimulus *stimulus, const smref_step_result *step)
{
    unsigned shift;
    const smref_register_info *info = whole_register(stimulus, &shift);
    const smref_result *result = &step->access;
    uint64_t value = result->value & ~result->value_unknown;

    if (info && result->outcome == SMREF_OUTCOME_OK && !says_itself(info, value << shift))
        print_fields(to, info, ~step->absent, value << shift, value << shift, true);
}

void smref_print_ignored(FILE *to, const smref_stimulus *stimulus, const smref_step_result *step)
{
    unsigned shift;
    const smref_register_info *info = whole_register(stimulus, &shift);

    const smref_result *result = &step->access;

    if (!result->value_ignored)
        return;
    fprintf(to, "; ignored 0x%" PRIx64, result->value_ignored);
    if (info)
        print_fields(to, info, ~step->absent, result->value_ignored << shift, result->value_ignored << shift,
                     false);
}
