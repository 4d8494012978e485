/* `smref capture`: the Stream table, and all that its STEs lead to (3.3.1, 5.1, 5.2). */
#include <inttypes.h>
#include <stdio.h>

#include "capture.h"
#include "smref_layout.h"

#define MOST_NAMED 64 /* STEs whose PCI function is asked for */

struct streams {
    smref_stream_table table;
    uint64_t sid; /* of the first entry of the array at hand */
};

/* The function whose routing id the StreamID is, where there is one SMMU and so one order of them. */
static void name_stream(smref_capture *capture, uint64_t sid, char out[128])
{
    char function[80];
    bool known = capture->counts.stes < MOST_NAMED && sid <= UINT16_MAX &&
                 !smref_live_smmu(capture->live, 1) &&
                 smref_live_function(capture->live, (uint32_t)sid, function);

    snprintf(out, 128, "StreamID 0x%" PRIx64 "%s%s", sid, known ? ", " : "", known ? function : "");
}

static void found_ste(smref_capture *capture, void *context, uint64_t index, uint64_t at,
                      const uint64_t *words)
{
    const struct streams *s = context;
    char comment[128], stream[40];
    uint16_t illegal;

    name_stream(capture, s->sid + index, comment);
    smref_capture_note(capture, at, SMREF_LAYOUT_STE, NULL, comment);
    capture->counts.stes++;
    if (!smref_STE_V(words) || smref_ste_illegal(capture->smmu, SMREF_SEC_NS, words, &illegal, 1))
        return;
    snprintf(stream, sizeof stream, "StreamID 0x%" PRIx64, s->sid + index);
    smref_capture_tables(capture, words, NULL, stream);
    smref_capture_contexts(capture, words, stream);
}

static void take_stes(smref_capture *capture, struct streams *s, uint64_t base, uint64_t sid, unsigned bits)
{
    char comment[96];
    const smref_capture_array array = {
        .base = base, .entry_bytes = SMREF_STE_BYTES, .count = UINT64_C(1) << bits, .comment = comment};

    snprintf(comment, sizeof comment, "STEs from StreamID 0x%" PRIx64 " on", sid);
    s->sid = sid;
    (void)smref_capture_take(capture, &array, found_ste, s);
}

static void found_l1std(smref_capture *capture, void *context, uint64_t index, uint64_t at,
                        const uint64_t *words)
{
    struct streams *s = context;
    uint64_t sid = index << s->table.split, base;
    char comment[64];
    unsigned bits;

    snprintf(comment, sizeof comment, "from StreamID 0x%" PRIx64 " on", sid);
    smref_capture_note(capture, at, SMREF_LAYOUT_L1STD, NULL, comment);
    capture->counts.l1stds++;
    if (smref_l1std_look(capture->smmu, &s->table, words, &base, &bits) == SMREF_RULE_NONE)
        take_stes(capture, s, base, sid, bits);
}

void smref_capture_streams(smref_capture *capture)
{
    struct streams s = {.sid = 0};

    if (!smref_get_register(capture->smmu, SMREF_REG_SMMU_STRTAB_BASE) &&
        !smref_get_register(capture->smmu, SMREF_REG_SMMU_CR0))
        return; /* nobody set it up */
    smref_stream_table_look(capture->smmu, SMREF_SEC_NS, &s.table);
    if (!s.table.two_level) {
        take_stes(capture, &s, s.table.base, 0, s.table.sid_bits);
        return;
    }
    const smref_capture_array array = {
        .base = s.table.base,
        .entry_bytes = SMREF_L1STD_BYTES,
        .count = UINT64_C(1) << (s.table.sid_bits > s.table.split ? s.table.sid_bits - s.table.split : 0),
        .comment = "L1STDs"};
    (void)smref_capture_take(capture, &array, found_l1std, &s);
}
