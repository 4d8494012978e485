/*
 * Translation tables of scenes. All tables of a walk mostly share one page, at different indexes, so that few
 * bytes are written; else each level has its own.
 */
#include <string.h>

#include "scene.h"
#include "smref_layout.h"

static unsigned shift_of(const smref_walk *w, int level)
{
    return w->g.granule_bits + (unsigned)(3 - level) * w->g.stride;
}

unsigned smref_walk_leaf_bits(const smref_walk *w)
{
    return shift_of(w, w->leaf_level);
}

static const smref_shape *shape_of(const smref_abilities *a, const smref_walk *w, int level, bool leaf)
{
    const smref_shape(*shapes)[2][3][2][SMREF_LEVELS] = leaf ? a->leaves : a->tables;
    unsigned format = w->g.format == SMREF_Format_VMSAv8_64;

    return &shapes[w->stage - 1][format][w->g.granule - 1][w->g.ds][level + 1];
}

/* log2 of the entries of a level's table, those of concatenated tables included. */
static unsigned index_bits(const smref_walk *w, int level)
{
    if (level > w->g.start_level)
        return w->g.stride;
    return w->g.input_bits > shift_of(w, level) ? w->g.input_bits - shift_of(w, level) : 0;
}

/* Indexes into the tables between the first one and the one with the leaves. */
static unsigned middle_index(const smref_walk *w, int level)
{
    return (w->first & 31) + (unsigned)(level - w->g.start_level);
}

void smref_walk_draw(const smref_abilities *a, smref_dice *d, smref_walk *w)
{
    uint64_t dice = smref_roll(d);
    unsigned entries = 1U << index_bits(w, w->g.start_level);

    w->leaf_level = 3;
    while (w->leaf_level > w->g.start_level && (dice & 3) == 0 &&
           shape_of(a, w, w->leaf_level - 1, true)->exists) {
        w->leaf_level--;
        dice >>= 2;
    }
    dice = smref_roll(d);
    w->first = entries <= 2 ? 0 : (dice & 7) ? 1 : (unsigned)(dice >> 8) % (entries - 1);
    if (entries >= 64 && w->first > entries - 32)
        w->first = entries - 32;
    if ((w->first & 511) >= 504)
        w->first -= 16; /* the CD is at the end of the page */
    if (w->leaf_level == w->g.start_level) {
        w->next = w->first;
        w->limit = entries;
    } else {
        w->next = middle_index(w, w->leaf_level);
        w->limit = 1U << w->g.stride;
    }
    w->leaf_count = 0;
}

static uint64_t swap(uint64_t word)
{
    uint64_t swapped = 0;

    for (int i = 0; i < 8; i++, word >>= 8)
        swapped = swapped << 8 | (word & 0xff);
    return swapped;
}

/* The word of a descriptor as it is stored. */
void smref_part_swap(smref_part *part)
{
    for (unsigned i = 0; part->swapped && i < part->count; i++)
        part->words[i] = swap(part->words[i]);
}

static void put_address(const smref_shape *shape, uint64_t *word, uint64_t address)
{
    const smref_layout_info *info = smref_layout_at(shape->layout);

    for (unsigned i = 0; i < shape->count; i++) {
        const smref_field_info *field = &info->fields[shape->fields[i]];
        smref_field_set(field, word, 0, address >> field->address_low);
    }
}

static uint64_t table_at(const smref_walk *w, uint64_t base, int level)
{
    return base + (uint64_t)(level - w->g.start_level) * w->step;
}

static smref_part *add_descriptor(const smref_abilities *a, const smref_walk *w, smref_scene *scene,
                                  int level, unsigned index, bool leaf, uint64_t address)
{
    const smref_shape *shape = shape_of(a, w, level, leaf);
    smref_part *part =
        smref_scene_structure(scene, shape->layout, table_at(w, w->at, level) + (uint64_t)index * 8);

    part->pas = w->space;
    part->swapped = w->big_endian;
    smref_VMSAv8_64_S1_TABLE_set_VALID(part->words, 1);
    smref_VMSAv8_64_S1_TABLE_set_TYPE(part->words, !leaf || level == 3);
    put_address(shape, part->words, address);
    return part;
}

void smref_walk_tables(const smref_abilities *a, const smref_walk *w, smref_scene *scene)
{
    for (int level = w->g.start_level; level < w->leaf_level; level++)
        (void)add_descriptor(a, w, scene, level,
                             level == w->g.start_level ? w->first : middle_index(w, level), false,
                             table_at(w, w->base, level + 1));
}

/* The input address of leaf `index`. */
static uint64_t input_of(const smref_walk *w, unsigned index)
{
    uint64_t input = 0;

    for (int level = w->g.start_level; level < w->leaf_level; level++)
        input |= (uint64_t)(level == w->g.start_level ? w->first : middle_index(w, level))
                 << shift_of(w, level);
    return input | (uint64_t)index << shift_of(w, w->leaf_level);
}

uint64_t smref_walk_map(const smref_abilities *a, smref_walk *w, uint64_t output, unsigned align,
                        smref_scene *scene, smref_part **made)
{
    unsigned bits = smref_walk_leaf_bits(w);
    uint64_t low = output & ((UINT64_C(1) << bits) - 1), block = output ^ low;
    unsigned unit = align > bits ? 1U << (align - bits) : 1, index;
    smref_part *part;

    if (made)
        *made = NULL;
    for (unsigned i = 0; i < w->leaf_count; i++)
        if (w->leaves[i].block == block && align <= bits)
            return input_of(w, w->leaves[i].index) | low;
    index = (w->next + unit - 1) / unit * unit;
    if (unit > 1)
        index += (unsigned)(block >> bits) & (unit - 1);
    if (index >= w->limit || w->leaf_count == sizeof w->leaves / sizeof *w->leaves)
        return UINT64_MAX;
    w->next = index + 1;
    w->leaves[w->leaf_count].block = block;
    w->leaves[w->leaf_count++].index = index;
    part = add_descriptor(a, w, scene, w->leaf_level, index, true, block);
    if (made)
        *made = part;
    return input_of(w, index) | low;
}
