/* Where a walk starts: the tables of DDI 0487 D8.2.8 to D8.2.10 and G5.5.6, row by row. */
#include <stddef.h>

#include "oracle.h"

enum needs { NOTHING, DS, TTST, LVA };

struct stage1_row {
    int granule_bits, level, first, last;
    enum needs needs;
};

/* D8-18, D8-28, D8-37. */
static const struct stage1_row stage1_rows[] = {
    {12, -1, 12, 15, DS},     {12, 0, 16, 24, NOTHING}, {12, 1, 25, 33, NOTHING}, {12, 2, 34, 39, NOTHING},
    {12, 2, 40, 42, TTST},    {12, 3, 43, 48, TTST},    {14, 0, 12, 15, DS},      {14, 0, 16, 16, NOTHING},
    {14, 1, 17, 27, NOTHING}, {14, 2, 28, 38, NOTHING}, {14, 3, 39, 39, NOTHING}, {14, 3, 40, 48, TTST},
    {16, 1, 12, 15, LVA},     {16, 1, 16, 21, NOTHING}, {16, 2, 22, 34, NOTHING}, {16, 3, 35, 39, NOTHING},
    {16, 3, 40, 47, TTST},
};

bool oracle_stage1_start(int granule_bits, int txsz, bool ds, bool lva, bool ttst, int *level)
{
    for (size_t i = 0; i < sizeof stage1_rows / sizeof *stage1_rows; i++) {
        const struct stage1_row *r = &stage1_rows[i];
        if (r->granule_bits != granule_bits || txsz < r->first || txsz > r->last)
            continue;
        *level = r->level;
        switch (r->needs) {
        case DS:
            return ds && lva; /* IHI 0070 5.4: 52-bit VAs also need SMMU_IDR5.VAX */
        case TTST:
            return ttst;
        case LVA:
            return lva;
        default:
            return true;
        }
    }
    return false;
}

struct stage2_row {
    int granule_bits, level, first,
        last;    /* `last` is without concatenation; each size above has twice the tables */
    unsigned sl; /* {SL2, SL0} */
    enum needs needs;
    int pa_bits; /* J1.1.4.40: the level needs physical addresses of this size */
};

/* D8-19 to D8-24, D8-29 to D8-33, D8-38 to D8-41: sizes from `first` (16 tables, or the largest input) on. */
static const struct stage2_row stage2_rows[] = {
    {12, -1, 12, 15, 4, DS, 52},     {12, 0, 12, 15, 2, DS, 44},      {12, 0, 16, 24, 2, NOTHING, 44},
    {12, 1, 21, 33, 1, NOTHING, 0},  {12, 2, 30, 39, 0, NOTHING, 0},  {12, 2, 40, 42, 0, TTST, 0},
    {12, 3, 39, 48, 3, TTST, 0},     {14, 0, 12, 16, 3, DS, 52},      {14, 1, 13, 15, 2, DS, 42},
    {14, 1, 16, 27, 2, NOTHING, 42}, {14, 2, 24, 38, 1, NOTHING, 0},  {14, 3, 35, 39, 0, NOTHING, 0},
    {14, 3, 40, 48, 0, TTST, 0},     {16, 1, 12, 21, 2, NOTHING, 44}, {16, 2, 18, 34, 1, NOTHING, 0},
    {16, 3, 31, 39, 0, NOTHING, 0},  {16, 3, 40, 47, 0, TTST, 0},
};

bool oracle_stage2_start(int granule_bits, int t0sz, unsigned sl0, unsigned sl2, bool ds, bool ttst,
                         int pa_bits, int *level)
{
    /* SL2 only counts with 4 KB and DS (D8.2.8.2, IHI 0070 5.2). */
    unsigned sl = granule_bits == 12 && ds ? sl2 << 2 | sl0 : sl0;
    for (size_t i = 0; i < sizeof stage2_rows / sizeof *stage2_rows; i++) {
        const struct stage2_row *r = &stage2_rows[i];
        if (r->granule_bits != granule_bits || r->sl != sl || t0sz < r->first || t0sz > r->last)
            continue;
        *level = r->level;
        return pa_bits >= r->pa_bits && (r->needs != DS || ds) && (r->needs != TTST || ttst);
    }
    return false;
}

/* G5.5.6: T0SZ is a signed number of four bits; level 1 takes 31 to 40 bits, level 2 25 to 34. */
bool oracle_stage2_start_lpae(int t0sz, unsigned sl0, int *level, int *input_bits)
{
    int size = t0sz & 8 ? (t0sz & 15) - 16 : t0sz & 7;
    *input_bits = 32 - size;
    *level = sl0 == 1 ? 1 : 2;
    if (sl0 == 1)
        return *input_bits >= 31;
    return sl0 == 0 && *input_bits <= 34;
}
