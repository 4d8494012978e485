/*
 * The parts of `smref lint`: each looks at one kind of table of a machine, follows its pointers to the next,
 * and adds what it finds. Nothing is looked at twice, and runs of identical entries count as one.
 */
#ifndef SMREF_LINT_H
#define SMREF_LINT_H

#include "decoding.h"
#include "extents.h"
#include "findings.h"
#include "seen.h"
#include "snapshot.h"

typedef struct smref_lint {
    const smref_snapshot *snapshot;
    smref_machine *machine;
    smref_memory memory;
    smref_extents *extents;
    smref_findings findings;
    smref_seen *seen;
    bool tables;           /* translation tables are modelled under these ID registers */
    smref_sec_sid sec_sid; /* of the Stream table at hand, and what it leads to */
    bool forbidden;        /* the entries at hand cannot be read, for granule protection does not permit it */
    bool looked_at[3];     /* by Security state: its Stream table was */
    smref_granule_table granules; /* `enabled`: reads are subject to it */
    struct {
        uint64_t granules, l1stds, stes, valid_stes, cds, tables, descriptors;
    } looked;
} smref_lint;

/* lint_registers.c: identification, reserved bits, queues. */
void smref_lint_registers(smref_lint *lint);
bool smref_lint_given(const smref_lint *lint, unsigned reg); /* whether somebody gave it a value */
/* lint_places.c: tables and queues that lie over one another. */
void smref_lint_places(smref_lint *lint);
/* lint_granules.c: the granule protection table. */
void smref_lint_granules(smref_lint *lint);
/* Whether it permits reads of the space at an address, as far as it is to be asked; *span gets the number of
 * bytes from there on for which that holds. */
bool smref_lint_permitted(const smref_lint *lint, smref_pas pas, uint64_t address, uint64_t *span);
/* lint_streams.c: the Stream table of a Security state, and all that its STEs lead to. */
void smref_lint_streams(smref_lint *lint, smref_sec_sid sec_sid);
/* lint_contexts.c: the CDs behind a legal STE. `place` names its stream. */
void smref_lint_contexts(smref_lint *lint, const uint64_t *ste, const smref_finding_place *place);
/* lint_tables.c: the translation tables behind a legal STE and a legal CD, or of stage 2 (cd is NULL). */
void smref_lint_tables(smref_lint *lint, const uint64_t *ste, const uint64_t *cd,
                       const smref_finding_place *place);

/* ---- lint_arrays.c: what the parts share ----------------------------------------------------------- */

/* True the first time: then the thing of this key is to be looked at. */
bool smref_lint_first_time(smref_lint *lint, const uint64_t key[4]);
static inline uint64_t smref_lint_low_bits(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* Two words that stand for many. */
void smref_lint_hash(const uint64_t *words, size_t count, uint64_t out[2]);

/* Where an address of the Security state at hand is, of which a bit tells (Secure alone) that it is not its
 * own. */
smref_pas smref_lint_space(const smref_lint *lint, bool ns);

/* Both IPA spaces of a Secure stream; of others the first alone. */
typedef struct smref_lint_stage2 {
    smref_walk_info spaces[2]; /* Non-secure, Secure */
} smref_lint_stage2;
/* False: stage 2 does not translate. */
bool smref_lint_stage2_look(const smref_lint *lint, const uint64_t *ste, smref_lint_stage2 *out);

/* A table in memory, as the SMMU reaches it. */
typedef struct smref_lint_array {
    uint64_t base;
    bool ns; /* of Secure streams: the base is Non-secure */
    unsigned entry_bytes;
    uint64_t count;
    const smref_lint_stage2 *stage2; /* `base` is an intermediate address of these; NULL: a physical one */
} smref_lint_array;

typedef struct smref_lint_spot {
    smref_pas pas;
    uint64_t address; /* SMREF_LINT_UNTRANSLATED where stage 2 has no translation */
} smref_lint_spot;

/*
 * Calls `entries` for each run of identical entries: from number `first`, `count` of them, `words` the
 * contents of one, or NULL when a read of them aborts; `spot` is where the first is.
 */
#define SMREF_LINT_UNTRANSLATED UINT64_MAX
typedef void smref_lint_entries(smref_lint *lint, void *context, uint64_t first, uint64_t count,
                                const smref_lint_spot *spot, const uint64_t *words);
void smref_lint_walk_array(smref_lint *lint, const smref_lint_array *array, smref_lint_entries *entries,
                           void *context);
/* An intermediate address through stage 2; false when stage 2 has no translation. *span is the number of
 * bytes from there on that one translation covers. */
bool smref_lint_translate(smref_lint *lint, const smref_lint_stage2 *stage2, bool ns, uint64_t ipa,
                          smref_lint_spot *out, uint64_t *span);
/* Whether a read at the physical address would abort. */
bool smref_lint_outside(const smref_lint *lint, smref_pas pas, uint64_t address);
bool smref_lint_read(const smref_lint *lint, const smref_lint_spot *spot, unsigned bytes, uint64_t *words);
/* Says why what is at the place cannot be read, and what follows from that. */
void smref_lint_say_outside(const smref_lint *lint, smref_finding *finding, const char *does);

/* A new finding of the place, with what all have; the caller adds to it and hands it over. */
smref_finding smref_lint_finding(smref_severity severity, const char *kind, const smref_finding_place *place,
                                 smref_rule rule, const char *section);
/* Findings for the remarks on the fields of a decoding: RES0, IGNORED, reserved values. */
void smref_lint_fields(smref_lint *lint, const smref_decoding *decoding, const smref_finding_place *place,
                       uint64_t group);
/* Findings for the rules that an STE or a CD breaks. */
void smref_lint_illegal(smref_lint *lint, const smref_decoding *decoding, const smref_finding_place *place,
                        uint64_t group);

#endif
