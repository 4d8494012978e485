/* The ways in which a case is made smaller. */
#include <string.h>

#include "hex.h"
#include "reduce.h"

/* A place is a step and something in it. */
enum { PLACE_BITS = 20 };

static size_t place_of(size_t step, size_t inside)
{
    return step << PLACE_BITS | inside;
}

static size_t step_of(size_t place)
{
    return place >> PLACE_BITS;
}

static size_t inside_of(size_t place)
{
    return place & (((size_t)1 << PLACE_BITS) - 1);
}

/* Whether place `inside` of the step is one. */
typedef bool is_place(const smref_case *c, size_t step, size_t inside);
/* How many there may be in the step. */
typedef size_t count_places(const smref_case *c, size_t step);

static size_t next_place(const smref_case *c, size_t from, count_places *count, is_place *is)
{
    for (size_t step = step_of(from); step < c->count; step++) {
        size_t most = count(c, step);
        for (size_t inside = step == step_of(from) ? inside_of(from) : 0; inside < most; inside++)
            if (is(c, step, inside))
                return place_of(step, inside);
    }
    return SIZE_MAX;
}

static uint8_t *bytes_of(smref_case *c, size_t step)
{
    return c->bytes + (c->steps[step].bytes - c->bytes);
}

static bool is_store(const smref_case *c, size_t step)
{
    return c->steps[step].op == SMREF_OP_STORE;
}

static bool is_write(const smref_case *c, size_t step)
{
    return c->steps[step].op == SMREF_OP_MMIO_WRITE;
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

void smref_cut(smref_case *c, size_t step, size_t length)
{
    for (; length > 0 && step < c->count; length--)
        smref_case_remove(c, step);
}

/* ---- Stretches of memory --------------------------------------------------------------------------- */

enum { LINE = 64, WORD = 8 };

static bool any_byte(const smref_case *c, size_t step, size_t at, size_t size)
{
    const smref_stimulus *store = &c->steps[step];

    for (size_t i = at; i < at + size && i < store->size; i++)
        if (store->bytes[i])
            return true;
    return false;
}

static void clear_bytes(smref_case *c, size_t place, size_t size)
{
    size_t step = step_of(place), at = inside_of(place) * size, left = c->steps[step].size - at;

    memset(bytes_of(c, step) + at, 0, size < left ? size : left);
}

static size_t count_lines(const smref_case *c, size_t step)
{
    return is_store(c, step) && c->steps[step].size > LINE ? (c->steps[step].size + LINE - 1) / LINE : 0;
}

static bool is_line(const smref_case *c, size_t step, size_t line)
{
    return any_byte(c, step, line * LINE, LINE);
}

static size_t next_line(const smref_case *c, size_t from)
{
    return next_place(c, from, count_lines, is_line);
}

static void clear_line(smref_case *c, size_t place)
{
    clear_bytes(c, place, LINE);
}

static size_t count_words(const smref_case *c, size_t step)
{
    return is_store(c, step) ? (c->steps[step].size + WORD - 1) / WORD : 0;
}

static bool is_word(const smref_case *c, size_t step, size_t word)
{
    return any_byte(c, step, word * WORD, WORD);
}

static size_t next_word(const smref_case *c, size_t from)
{
    return next_place(c, from, count_words, is_word);
}

static void clear_word(smref_case *c, size_t place)
{
    clear_bytes(c, place, WORD);
}

/* Zeros at the ends of plain words, which say nothing. */
static size_t count_ends(const smref_case *c, size_t step)
{
    return is_store(c, step) && c->layouts[step] == SMREF_LAYOUT_COUNT && c->steps[step].size > WORD ? 2 : 0;
}

static bool is_end(const smref_case *c, size_t step, size_t end)
{
    return !any_byte(c, step, end ? c->steps[step].size - WORD : 0, WORD);
}

static size_t next_end(const smref_case *c, size_t from)
{
    return next_place(c, from, count_ends, is_end);
}

static void trim_ends(smref_case *c, size_t place)
{
    size_t step = step_of(place);
    smref_stimulus *store = &c->steps[step];

    while (store->size > WORD && is_end(c, step, inside_of(place))) {
        size_t less = inside_of(place) ? 0 : WORD;
        store->bytes += less;
        store->at += less;
        store->size -= WORD;
    }
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

enum { MOST_WORDS = 16 };

static const smref_layout_info *layout_of(const smref_case *c, size_t step)
{
    const smref_layout_info *info = is_store(c, step) ? smref_layout_at((unsigned)c->layouts[step]) : NULL;

    return info && info->bytes <= c->steps[step].size && info->bytes <= MOST_WORDS * WORD ? info : NULL;
}

static unsigned elements_of(const smref_field_info *field)
{
    return field->array_count ? field->array_count : 1;
}

static bool any_in(const smref_field_info *field, const uint64_t *words)
{
    for (unsigned i = 0; i < elements_of(field); i++)
        if (smref_field_get(field, words, i))
            return true;
    return false;
}

static void clear_in(const smref_field_info *field, uint64_t *words)
{
    for (unsigned i = 0; i < elements_of(field); i++)
        smref_field_set(field, words, i, 0);
}

static size_t count_fields(const smref_case *c, size_t step)
{
    const smref_layout_info *info = layout_of(c, step);

    return info ? info->field_count : 0;
}

static bool is_field(const smref_case *c, size_t step, size_t field)
{
    const smref_layout_info *info = layout_of(c, step);
    uint64_t words[MOST_WORDS];

    smref_bytes_to_words(c->steps[step].bytes, info->bytes / WORD, words);
    return any_in(&info->fields[field], words);
}

static size_t next_field(const smref_case *c, size_t from)
{
    return next_place(c, from, count_fields, is_field);
}

static void clear_field(smref_case *c, size_t place)
{
    size_t step = step_of(place);
    const smref_layout_info *info = layout_of(c, step);
    uint64_t words[MOST_WORDS];

    smref_bytes_to_words(c->steps[step].bytes, info->bytes / WORD, words);
    clear_in(&info->fields[inside_of(place)], words);
    smref_words_to_bytes(words, info->bytes / WORD, bytes_of(c, step));
}

/* The register that a write comes to, and how far its value is shifted there. */
static const smref_register_info *register_of(const smref_case *c, size_t step, unsigned *shift)
{
    smref_register_ref ref;

    if (!is_write(c, step) || !smref_mmio_register(&c->steps[step], &ref))
        return NULL;
    *shift = ref.upper ? 32 : 0;
    return smref_register_at(ref.reg);
}

static size_t count_register_fields(const smref_case *c, size_t step)
{
    unsigned shift = 0;
    const smref_register_info *info = register_of(c, step, &shift);

    return info ? info->field_count : 0;
}

static bool is_register_field(const smref_case *c, size_t step, size_t field)
{
    unsigned shift = 0;
    const smref_register_info *info = register_of(c, step, &shift);
    uint64_t value = c->steps[step].mmio.value << shift;

    return any_in(&info->fields[field], &value);
}

static size_t next_register_field(const smref_case *c, size_t from)
{
    return next_place(c, from, count_register_fields, is_register_field);
}

static void clear_register_field(smref_case *c, size_t place)
{
    unsigned shift = 0;
    const smref_register_info *info = register_of(c, step_of(place), &shift);
    uint64_t *value = &c->steps[step_of(place)].mmio.value, whole = *value << shift;

    clear_in(&info->fields[inside_of(place)], &whole);
    *value = whole >> shift;
}

/* ---- Bits ------------------------------------------------------------------------------------------ */

/* Of a store, a register write, or the address of an access. */
static size_t count_bits(const smref_case *c, size_t step)
{
    if (is_store(c, step))
        return c->steps[step].size * 8;
    return is_write(c, step) || c->steps[step].op == SMREF_OP_ACCESS ? 64 : 0;
}

static bool is_bit(const smref_case *c, size_t step, size_t bit)
{
    const smref_stimulus *s = &c->steps[step];

    if (is_store(c, step))
        return s->bytes[bit / 8] >> bit % 8 & 1;
    return (is_write(c, step) ? s->mmio.value : s->access.addr) >> bit & 1;
}

static size_t next_bit(const smref_case *c, size_t from)
{
    return next_place(c, from, count_bits, is_bit);
}

static void clear_bit(smref_case *c, size_t place)
{
    size_t step = step_of(place), bit = inside_of(place);

    if (is_store(c, step))
        bytes_of(c, step)[bit / 8] &= (uint8_t) ~(1u << bit % 8);
    else if (is_write(c, step))
        c->steps[step].mmio.value &= ~(UINT64_C(1) << bit);
    else
        c->steps[step].access.addr &= ~(UINT64_C(1) << bit);
}

size_t smref_case_bits(const smref_case *c)
{
    size_t count = 0;

    for (size_t place = next_bit(c, 0); place != SIZE_MAX; place = next_bit(c, place + 1))
        count++;
    return count;
}

/* ---- What comes with an access --------------------------------------------------------------------- */

enum {
    PLAIN_SSV,
    PLAIN_SSID,
    PLAIN_SID,
    PLAIN_PRIV,
    PLAIN_INST,
    PLAIN_TYPE,
    PLAIN_SIZE,
    PLAIN_ATTRS,
    PLAINS
};

static size_t count_plains(const smref_case *c, size_t step)
{
    return c->steps[step].op == SMREF_OP_ACCESS ? PLAINS : 0;
}

static bool is_not_plain(const smref_case *c, size_t step, size_t which)
{
    const smref_access *a = &c->steps[step].access;

    switch (which) {
    case PLAIN_SSV:
        return a->ssv;
    case PLAIN_SSID:
        return a->ssid != 0;
    case PLAIN_SID:
        return a->sid != 0 && !a->no_stream;
    case PLAIN_PRIV:
        return a->priv;
    case PLAIN_INST:
        return a->inst;
    case PLAIN_TYPE:
        return a->type != SMREF_READ;
    case PLAIN_SIZE:
        return a->size != 1;
    default:
        return a->attrs_supplied;
    }
}

static size_t next_not_plain(const smref_case *c, size_t from)
{
    return next_place(c, from, count_plains, is_not_plain);
}

static void make_plain(smref_case *c, size_t place)
{
    smref_access *a = &c->steps[step_of(place)].access;

    switch (inside_of(place)) {
    case PLAIN_SSV:
        a->ssv = false;
        a->ssid = 0;
        break;
    case PLAIN_SSID:
        a->ssid = 0;
        break;
    case PLAIN_SID:
        a->sid = 0;
        break;
    case PLAIN_PRIV:
        a->priv = false;
        break;
    case PLAIN_INST:
        a->inst = false;
        break;
    case PLAIN_TYPE:
        a->type = SMREF_READ;
        break;
    case PLAIN_SIZE:
        a->size = 1;
        break;
    default:
        a->attrs_supplied = false;
        a->attrs = smref_default_attrs();
        break;
    }
}

/* ---- All of them ----------------------------------------------------------------------------------- */

const smref_edit smref_edits[] = {
    {next_line, clear_line},      {next_word, clear_word},
    {next_field, clear_field},    {next_register_field, clear_register_field},
    {next_not_plain, make_plain}, {next_bit, clear_bit},
    {next_end, trim_ends},
};

const size_t smref_edit_count = sizeof smref_edits / sizeof *smref_edits;
