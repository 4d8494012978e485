/* `smref capture`: translation tables of both stages (DDI 0487 D8.3, G5.5). */
#include <inttypes.h>
#include <stdio.h>

#include "capture.h"
#include "smref_layout.h"

struct tables {
    const char *stream;
    smref_walk_info info, stage2;
    bool nested; /* the tables are reached through stage 2 */
    int stage;
};

struct level {
    const struct tables *t;
    int level;
    uint64_t input; /* first input address of the table */
    uint64_t base;
};

static uint64_t low_bits(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* What of a walk tells how its tables are read, in 23 bits. */
static uint64_t way_of(const smref_walk_info *info)
{
    return (uint64_t)info->format | (uint64_t)info->granule << 2 | (uint64_t)info->ds << 4 |
           (uint64_t)info->big_endian << 5 | (uint64_t)(info->start_level + 1) << 6 |
           (uint64_t)info->input_bits << 9 | (uint64_t)info->output_bits << 16;
}

/* Every table is looked at once for each level and way in which it is used: tables that lead to themselves
 * end. */
static bool first_time(smref_capture *capture, const struct level *l, uint64_t entries)
{
    const struct tables *t = l->t;
    const uint64_t what = 'T' | (uint64_t)t->stage << 8 | (uint64_t)(l->level + 1) << 12 | entries << 16;
    const uint64_t key[4] = {what, l->base, way_of(&t->info) | (t->nested ? way_of(&t->stage2) << 32 : 0),
                             t->nested ? t->stage2.base | 1 : 0};

    return smref_seen_add(&capture->seen, key);
}

static void take_table(smref_capture *capture, const struct level *l, uint64_t entries);

static void found_descriptor(smref_capture *capture, void *context, uint64_t index, uint64_t at,
                             const uint64_t *words)
{
    const struct level *l = context;
    smref_descriptor d;

    (void)at;
    smref_descriptor_look(capture->smmu, &l->t->info, l->t->stage, l->level, *words, &d);
    if (d.kind != SMREF_DESCRIPTOR_TABLE || d.beyond)
        return;
    const struct level next = {
        .t = l->t, .level = l->level + 1, .input = l->input + (index << d.bits), .base = d.address};
    take_table(capture, &next, UINT64_C(1) << l->t->info.stride);
}

static void take_table(smref_capture *capture, const struct level *l, uint64_t entries)
{
    char comment[192];
    struct level here = *l;
    const smref_capture_array array = {.base = l->base,
                                       .entry_bytes = SMREF_VMSAv8_64_S1_PAGE_BYTES,
                                       .count = entries,
                                       .stage2 = l->t->nested ? &l->t->stage2 : NULL,
                                       .comment = comment};

    if (capture->failed || capture->full || !first_time(capture, l, entries))
        return;
    capture->counts.tables++;
    snprintf(comment, sizeof comment, "stage %d level %d table of %s, from 0x%" PRIx64 " on", l->t->stage,
             l->level, l->t->stream, l->input);
    (void)smref_capture_take(capture, &array, found_descriptor, &here);
}

static void take_half(smref_capture *capture, struct tables *t, const uint64_t *ste, const uint64_t *cd,
                      unsigned half)
{
    smref_descriptor any;
    struct level first = {.t = t};

    if (!smref_tables_look(capture->smmu, SMREF_SEC_NS, ste, cd, half, &t->info))
        return;
    smref_descriptor_look(capture->smmu, &t->info, t->stage, t->info.start_level, 0, &any);
    first.level = t->info.start_level;
    first.base = t->info.base;
    if (half) /* the upper end of the input range, which has 32 bits in VMSAv8-32 */
        first.input =
            ~low_bits(t->info.input_bits) & low_bits(t->info.format == SMREF_Format_VMSAv8_32 ? 32 : 64);
    take_table(capture, &first,
               UINT64_C(1) << (t->info.input_bits > any.bits ? (unsigned)t->info.input_bits - any.bits : 0));
}

void smref_capture_tables(smref_capture *capture, const uint64_t *ste, const uint64_t *cd, const char *stream)
{
    struct tables t = {.stream = stream, .stage = cd ? 1 : 2};
    smref_error why = {.status = SMREF_OK};

    if (smref_check_modelled(capture->smmu, &why) != SMREF_OK) {
        smref_capture_leave_out(capture, "translation tables: %s", why.text);
        return;
    }
    t.nested = cd && smref_tables_look(capture->smmu, SMREF_SEC_NS, ste, NULL, 0, &t.stage2);
    take_half(capture, &t, ste, cd, 0);
    if (cd)
        take_half(capture, &t, ste, cd, 1);
}
