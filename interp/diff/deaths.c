/* Which cases a target is likely to die of. */
#include "deaths.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"

#define NARROW 6 /* bits of the fields that are looked at */
#define VALUES (1u << NARROW)
#define SOME 8u       /* deaths that say something when it survived half as many cases at most, ... */
#define MANY 24u      /* ... and when it survived no more than that */
#define WORDS_MOST 8u /* of a structure */

/* What was seen with one value of one field. */
struct trait {
    uint32_t died, survived, spared;
};

struct smref_deaths {
    struct trait *layouts[SMREF_LAYOUT_COUNT]; /* by field and value; NULL: nothing was seen */
    struct trait *registers[SMREF_REG_COUNT];
};

/* A field that a case gives a value. */
struct held {
    const char *container;
    const smref_field_info *field;
    uint64_t value;
    struct trait *trait;
};

typedef bool visitor(void *context, const struct held *held);

smref_deaths *smref_deaths_new(void)
{
    return smref_alloc(1, sizeof(smref_deaths));
}

void smref_deaths_free(smref_deaths *deaths)
{
    if (!deaths)
        return;
    for (unsigned i = 0; i < SMREF_LAYOUT_COUNT; i++)
        free(deaths->layouts[i]);
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        free(deaths->registers[i]);
    free(deaths);
}

static unsigned width_of(const smref_field_info *field)
{
    unsigned width = 0;

    for (unsigned i = 0; i < field->piece_count; i++)
        width += field->pieces[i].msb - field->pieces[i].lsb + 1u;
    return width;
}

/* Shows the narrow fields of a container until the visitor has seen enough. */
static bool visit_fields(const char *container, const smref_field_info *fields, unsigned count,
                         const uint64_t *words, struct trait **traits, visitor *visit, void *context)
{
    if (!*traits)
        *traits = smref_alloc((size_t)count * VALUES, sizeof **traits);
    for (unsigned i = 0; i < count; i++) {
        struct held held = {container, &fields[i], 0, NULL};
        if (fields[i].array_count || fields[i].kind == SMREF_KIND_RESERVED || width_of(&fields[i]) > NARROW)
            continue;
        held.value = smref_field_get(&fields[i], words, 0);
        held.trait = &(*traits)[i * VALUES + held.value];
        if (visit(context, &held))
            return true;
    }
    return false;
}

static bool visit_store(smref_deaths *deaths, const smref_stimulus *step, smref_layout layout, visitor *visit,
                        void *context)
{
    const smref_layout_info *info = smref_layout_at((unsigned)layout);
    uint64_t words[WORDS_MOST];

    if (!info || info->kind != SMREF_LAYOUT_KIND_STRUCTURE || info->bytes > sizeof words ||
        step->size % info->bytes)
        return false;
    for (size_t at = 0; at < step->size; at += info->bytes) {
        smref_bytes_to_words(step->bytes + at, info->bytes / 8, words);
        if (visit_fields(info->name, info->fields, info->field_count, words, &deaths->layouts[layout], visit,
                         context))
            return true;
    }
    return false;
}

static bool visit_write(smref_deaths *deaths, const smref_stimulus *step, visitor *visit, void *context)
{
    const smref_register_info *info;
    smref_register_ref ref;

    if (!smref_mmio_register(step, &ref) || ref.reg >= SMREF_REG_COUNT || ref.upper)
        return false;
    info = smref_register_at(ref.reg);
    return visit_fields(info->name, info->fields, info->field_count, &step->mmio.value,
                        &deaths->registers[ref.reg], visit, context);
}

static bool visit_case(smref_deaths *deaths, const smref_case *c, visitor *visit, void *context)
{
    for (size_t i = 0; i < c->count; i++) {
        const smref_stimulus *step = &c->steps[i];
        if (step->op == SMREF_OP_STORE && c->layouts[i] != SMREF_LAYOUT_COUNT &&
            visit_store(deaths, step, c->layouts[i], visit, context))
            return true;
        if (step->op == SMREF_OP_MMIO_WRITE && visit_write(deaths, step, visit, context))
            return true;
    }
    return false;
}

static bool count(void *context, const struct held *held)
{
    if (*(const bool *)context)
        held->trait->died++;
    else
        held->trait->survived++;
    return false;
}

void smref_deaths_learn(smref_deaths *deaths, const smref_case *c, bool died)
{
    (void)visit_case(deaths, c, count, &died);
}

static bool fear(void *context, const struct held *held)
{
    struct trait *t = held->trait;

    if (!(t->died >= SOME && t->died >= 2 * t->survived) && !(t->died >= MANY && t->died >= t->survived))
        return false;
    *(struct held *)context = *held;
    return true;
}

bool smref_deaths_foretell(smref_deaths *deaths, const smref_case *c, char why[256])
{
    struct held held = {NULL, NULL, 0, NULL};

    if (!visit_case(deaths, c, fear, &held))
        return false;
    held.trait->spared++;
    if ((held.trait->spared & (held.trait->spared - 1)) == 0)
        return false;
    snprintf(why, 256,
             "spared: of the cases in which %s.%s is %" PRIu64 ", it died of %" PRIu32
             " and survived %" PRIu32,
             held.container, held.field->name, held.value, held.trait->died, held.trait->survived);
    return true;
}
