/*
 * A snapshot, read and checked. It is immutable; any number of machines are made from it. It borrows from the
 * document that it was read from (names, places for messages), which must outlive it.
 */
#ifndef SMREF_SNAPSHOT_H
#define SMREF_SNAPSHOT_H

#include "cached.h"
#include "profile.h"
#include "stimulus.h"

/* What the command line puts over a snapshot; NULL members change nothing. All of it must outlive the
 * snapshot. */
typedef struct smref_cli_overrides {
    const char *profile;                 /* --profile */
    const smref_register_set *registers; /* --set */
    const smref_choice_set *choices;     /* --choice */
    const smref_caching *caching;        /* --caching */
} smref_cli_overrides;

typedef struct smref_snapshot {
    const char *description; /* NULL when there is none */
    smref_profile profile;
    smref_register_set registers; /* over the profile's */
    smref_choice_set choices;     /* over the profile's */
    smref_cli_overrides over;     /* over all */
    smref_aliases *aliases;       /* NULL: none */
    smref_regions memory;
    smref_unmapped unmapped;
    uint64_t reset_unknown; /* what UNKNOWN fields get from a reset, each its own bits of this */
    smref_caching caching;
    smref_cached_list cached;
    const smref_jnode *awaiting, *halted; /* queues in these states; NULL */
    smref_stimuli steps;
    const smref_jnode *node;
} smref_snapshot;

/* Of a vector: registers, memory, choices and caching over a base. */
typedef struct smref_patch {
    smref_register_set registers;
    smref_regions memory;
    smref_choice_set choices;
    smref_caching caching; /* the base's when `caching_given` is false */
    bool caching_given;
    const smref_jnode *node;
} smref_patch;

/*
 * Reads a snapshot: the root of a file, or the `base` of a group of vectors (`format` and `version` are then
 * optional). `over` may be NULL. On false *error says what is wrong and nothing needs freeing.
 */
bool smref_snapshot_read(const smref_jdoc *doc, const smref_jnode *node, const smref_cli_overrides *over,
                         smref_snapshot *out, smref_jerror *error);
void smref_snapshot_free(smref_snapshot *snapshot);

/* Reads {"registers":…,"memory":…,"choices":…,"caching":…} over a base. node may be NULL: nothing. */
bool smref_patch_read(const smref_jdoc *doc, const smref_jnode *node, const smref_snapshot *base,
                      smref_patch *out, smref_jerror *error);
void smref_patch_free(smref_patch *patch);

/* An SMMU and its memory, in the state that a snapshot (and a patch, which may be NULL) describes. */
typedef struct smref_machine {
    smref *smmu;
    smref_sparse *memory;
    uint64_t reset_unknown; /* for the step reset */
} smref_machine;

/* Gives an instance that is new the registers of the profile, and those of the sets (NULL: none) over them;
 * the others have what a reset leaves. Returns NULL, or the set with an element that cannot be: *why says it.
 */
const smref_register_set *smref_snapshot_deposit(const smref_snapshot *snapshot,
                                                 const smref_register_set *const *sets, size_t count,
                                                 smref *smmu, smref_error *why);

/*
 * Also refuses choices that the version does not permit. On false nothing needs freeing. The snapshot and the
 * patch must outlive the machine.
 */
bool smref_machine_new(smref_machine *machine, const smref_jdoc *doc, const smref_snapshot *snapshot,
                       const smref_patch *patch, smref_jerror *error);
void smref_machine_free(smref_machine *machine);

#endif
