/* DDI 0487 D8.2.8 to D8.2.10, D8.3.1, D8.7.1 and, for VMSAv8-32, G5.5; the order of checks is that of
 * J1.1.4.75. */
#include "oracle.h"

#define LAST 3

/* Tables D8-17, D8-27 and D8-36; G5.5.2.1: the levels that have Block descriptors. */
static bool has_blocks(const struct oracle_tables *t, int level)
{
    if (t->lpae)
        return level == 1 || level == 2;
    if (t->granule_bits == 12)
        return level == 1 || level == 2 || (level == 0 && t->ds);
    if (t->granule_bits == 14)
        return level == 2 || (level == 1 && t->ds);
    return level == 2 || (level == 1 && t->lpa);
}

/* Address bits 51 to `low` of a descriptor. Bits that the format cannot hold are 0. */
static uint64_t address_of(const struct oracle_tables *t, uint64_t d, int low)
{
    uint64_t address = oracle_slice(d, 47, low) << low;
    if (!t->lpae && t->granule_bits == 16 && t->low_is_address)
        address |= oracle_slice(d, 15, 12) << 48;
    if (!t->lpae && t->granule_bits != 16 && t->ds)
        address |= oracle_slice(d, 9, 8) << 50 | oracle_slice(d, 49, 48) << 48;
    return address;
}

/* D8.7.1: how many entries the Contiguous bit joins, as a power of two. */
static int contiguous_bits(const struct oracle_tables *t, int level)
{
    if (t->granule_bits == 12)
        return level == 0 ? 0 : 4;
    if (t->granule_bits == 14)
        return level == 1 ? 0 : level == 2 ? 5 : 7;
    return level == 1 ? 0 : 5;
}

static uint64_t reversed(uint64_t word)
{
    uint64_t out = 0;
    for (int byte = 0; byte < 8; byte++)
        out |= oracle_slice(word, 8 * byte + 7, 8 * byte) << (56 - 8 * byte);
    return out;
}

/* D8.2.5.2, IHI 0070 5.2 and 5.4: aligned to the table's size, to 64 bytes at least for 52-bit outputs. */
static uint64_t first_table(const struct oracle_tables *t, int entry_bits)
{
    int align = entry_bits + 3;
    if (!t->lpae && t->output_bits >= 52 && align < 6) /* of 56 bits VMSAv8-64 has 52 */
        align = 6;
    return oracle_slice(t->ttb, 51, align) << align;
}

static bool fails(struct oracle_fault *fault, enum oracle_event event, int level)
{
    fault->event = event;
    fault->level = level;
    return false;
}

static bool check_leaf(const struct oracle_tables *t, int level, struct oracle_leaf *leaf,
                       struct oracle_fault *fault)
{
    int joined = contiguous_bits(t, level);
    if (joined && oracle_bit(leaf->descriptor, 52) && leaf->size_bits + joined > t->input_bits &&
        t->contiguous_faults)
        return fails(fault, ORACLE_TRANSLATION, level);
    if (leaf->output >> t->output_bits)
        return fails(fault, ORACLE_ADDR_SIZE, level);
    if (!oracle_bit(leaf->descriptor, 10) && !t->af_ignored)
        return fails(fault, ORACLE_ACCESS, level);
    return true;
}

bool oracle_walk(const struct oracle_tables *t, uint64_t input, oracle_fetch *fetch, void *context,
                 struct oracle_leaf *leaf, struct oracle_fault *fault)
{
    int stride = t->granule_bits - 3, level = t->start_level;
    int low = t->granule_bits + (LAST - level) * stride, high = t->input_bits - 1;
    *leaf = (struct oracle_leaf){.descriptor = 0};
    if (high < low) /* an ILLEGAL size: nobody looks at this answer */
        return fails(fault, ORACLE_TRANSLATION, level);
    uint64_t table = first_table(t, high - low + 1);
    enum oracle_space space = t->space;
    for (;;) {
        uint64_t d;
        fault->level = level;
        if (!fetch(context, space, table + 8 * oracle_slice(input, high, low), &d, fault))
            return false;
        if (t->big_endian)
            d = reversed(d);
        if (!oracle_bit(d, 0))
            return fails(fault, ORACLE_TRANSLATION, level);
        if (level == LAST ? !oracle_bit(d, 1) : !oracle_bit(d, 1) && !has_blocks(t, level))
            return fails(fault, ORACLE_TRANSLATION, level);
        if (level == LAST || !oracle_bit(d, 1)) {
            leaf->descriptor = d;
            leaf->level = level;
            leaf->table = space;
            leaf->size_bits = low;
            leaf->output = address_of(t, d, low) | oracle_slice(input, low - 1, 0);
            if (t->contiguous_run && contiguous_bits(t, level) && oracle_bit(d, 52)) {
                int run = low + contiguous_bits(t, level);
                leaf->output = leaf->output >> run << run | oracle_slice(input, run - 1, 0);
            }
            return check_leaf(t, level, leaf, fault);
        }
        table = address_of(t, d, t->granule_bits);
        if (table >> t->output_bits)
            return fails(fault, ORACLE_ADDR_SIZE, level);
        if (t->nstable && space == ORACLE_SECURE && oracle_bit(d, 63)) /* D8.2.3; HPD says nothing of it */
            space = ORACLE_NS;
        if (!t->hierarchy_ignored) {
            leaf->ap_table |= (unsigned)oracle_slice(d, 62, 61);
            leaf->xn_table |= oracle_bit(d, 60);
            leaf->pxn_table |= oracle_bit(d, 59);
        }
        level++;
        high = low - 1;
        low -= stride;
    }
}
