/* `smref capture`: CDs and what leads to them (3.3.2, 5.3, 5.4). */
#include <inttypes.h>
#include <stdio.h>

#include "capture.h"
#include "smref_layout.h"

struct contexts {
    const uint64_t *ste;
    const char *stream;
    smref_context_table table;
    smref_walk_info stage2;
    uint64_t ssid; /* of the first entry of the array at hand */
};

/* A CD that was met before, by another stream, is noted once; what it leads to depends on the STE. */
static void found_cd(smref_capture *capture, void *context, uint64_t index, uint64_t at,
                     const uint64_t *words)
{
    const struct contexts *c = context;
    char comment[96];
    const uint64_t key[4] = {'D', at, 0, 0};
    uint16_t illegal;

    if (c->table.ssid_bits)
        snprintf(comment, sizeof comment, "%s, SubstreamID 0x%" PRIx64, c->stream, c->ssid + index);
    else
        snprintf(comment, sizeof comment, "%s", c->stream);
    if (smref_seen_add(&capture->seen, key)) {
        smref_capture_note(capture, at, SMREF_LAYOUT_CD, c->ste, comment);
        capture->counts.cds++;
    }
    if (smref_CD_V(words) && !smref_cd_illegal(capture->smmu, SMREF_SEC_NS, c->ste, words, &illegal, 1))
        smref_capture_tables(capture, c->ste, words, comment);
}

static void take_cds(smref_capture *capture, struct contexts *c, uint64_t base, uint64_t ssid, unsigned bits)
{
    char comment[96];
    const smref_capture_array array = {.base = base,
                                       .entry_bytes = SMREF_CD_BYTES,
                                       .count = UINT64_C(1) << bits,
                                       .stage2 = c->table.through_stage2 ? &c->stage2 : NULL,
                                       .comment = comment};

    if (bits)
        snprintf(comment, sizeof comment, "CDs of %s, from SubstreamID 0x%" PRIx64 " on", c->stream, ssid);
    else
        snprintf(comment, sizeof comment, "CD of %s", c->stream);
    c->ssid = ssid;
    (void)smref_capture_take(capture, &array, found_cd, c);
}

static void found_l1cd(smref_capture *capture, void *context, uint64_t index, uint64_t at,
                       const uint64_t *words)
{
    struct contexts *c = context;
    const uint64_t ssid = index << c->table.leaf_bits, base = smref_l1cd_look(&c->table, words);
    const uint64_t key[4] = {'L', at, 0, 0};
    char comment[96];

    snprintf(comment, sizeof comment, "%s, from SubstreamID 0x%" PRIx64 " on", c->stream, ssid);
    if (smref_seen_add(&capture->seen, key)) {
        smref_capture_note(capture, at, SMREF_LAYOUT_L1CD, NULL, comment);
        capture->counts.l1cds++;
    }
    if (smref_L1CD_V(words))
        take_cds(capture, c, base, ssid,
                 c->table.leaf_bits < c->table.ssid_bits ? c->table.leaf_bits : c->table.ssid_bits);
}

void smref_capture_contexts(smref_capture *capture, const uint64_t *ste, const char *stream)
{
    struct contexts c = {.ste = ste, .stream = stream};

    if (!smref_context_table_look(capture->smmu, SMREF_SEC_NS, ste, &c.table))
        return;
    if (c.table.through_stage2 && !smref_tables_look(capture->smmu, SMREF_SEC_NS, ste, NULL, 0, &c.stage2))
        return;
    if (!c.table.leaf_bits) {
        take_cds(capture, &c, c.table.base, 0, c.table.ssid_bits);
        return;
    }
    char comment[96];
    const unsigned bits =
        c.table.ssid_bits > c.table.leaf_bits ? (unsigned)c.table.ssid_bits - c.table.leaf_bits : 0;
    const smref_capture_array array = {.base = c.table.base,
                                       .entry_bytes = SMREF_L1CD_BYTES,
                                       .count = UINT64_C(1) << bits,
                                       .stage2 = c.table.through_stage2 ? &c.stage2 : NULL,
                                       .comment = comment};
    snprintf(comment, sizeof comment, "L1CDs of %s", stream);
    (void)smref_capture_take(capture, &array, found_l1cd, &c);
}
