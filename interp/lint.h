/*
 * The parts of `smref lint`: each looks at one kind of table of a machine, follows its pointers to the next,
 * and adds what it finds. Nothing is looked at twice, and runs of identical entries count as one.
 */
#ifndef SMREF_LINT_H
#define SMREF_LINT_H

#include "decoding.h"
#include "extents.h"
#include "findings.h"
#include "snapshot.h"

struct smref_seen;

typedef struct smref_lint {
    const smref_snapshot *snapshot;
    smref_machine *machine;
    smref_memory memory;
    smref_extents *extents;
    smref_findings findings;
    struct smref_seen *seen;
    bool tables; /* translation tables are modelled under these ID registers */
    struct {
        uint64_t l1stds, stes, valid_stes, cds, tables, descriptors;
    } looked;
} smref_lint;

/* lint_registers.c: identification, reserved bits, queues. */
void smref_lint_registers(smref_lint *lint);
/* lint_streams.c: the Non-secure Stream table, and all that its STEs lead to. */
void smref_lint_streams(smref_lint *lint);
/* lint_contexts.c: the CDs behind a legal STE. `place` names its stream. */
void smref_lint_contexts(smref_lint *lint, const uint64_t *ste, const smref_finding_place *place);
/* lint_tables.c: the translation tables behind a legal STE and a legal CD, or of stage 2 (cd is NULL). */
void smref_lint_tables(smref_lint *lint, const uint64_t *ste, const uint64_t *cd,
                       const smref_finding_place *place);

/* ---- lint_arrays.c: what the parts share ----------------------------------------------------------- */

/* True the first time: then the thing of this key is to be looked at. */
bool smref_lint_first_time(smref_lint *lint, const uint64_t key[4]);
void smref_seen_free(struct smref_seen *seen);
/* Two words that stand for many. */
void smref_lint_hash(const uint64_t *words, size_t count, uint64_t out[2]);

/* A table in memory, as the SMMU reaches it. */
typedef struct smref_lint_array {
    uint64_t base;
    unsigned entry_bytes;
    uint64_t count;
    const smref_walk_info *stage2; /* `base` is an intermediate address of these; NULL: a physical one */
} smref_lint_array;

/*
 * Calls `entries` for each run of identical entries: from number `first`, `count` of them, `words` the
 * contents of one, or NULL when a read of them aborts; `address` is the physical address of the first, or
 * SMREF_LINT_UNTRANSLATED where stage 2 has no translation.
 */
#define SMREF_LINT_UNTRANSLATED UINT64_MAX
typedef void smref_lint_entries(smref_lint *lint, void *context, uint64_t first, uint64_t count,
                                uint64_t address, const uint64_t *words);
void smref_lint_walk_array(smref_lint *lint, const smref_lint_array *array, smref_lint_entries *entries,
                           void *context);
/* An intermediate address through stage 2; false when stage 2 has no translation. *span is the number of
 * bytes from there on that one translation covers. */
bool smref_lint_translate(smref_lint *lint, const smref_walk_info *stage2, uint64_t ipa, uint64_t *pa,
                          uint64_t *span);
/* Whether a read at the physical address would abort. */
bool smref_lint_outside(const smref_lint *lint, uint64_t address);

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
