/*
 * What a campaign comes to, for others: the smallest case of each group, as a snapshot, as a vector, as a
 * script for a stock QEMU, and in words.
 */
#ifndef SMREF_PUBLISH_H
#define SMREF_PUBLISH_H

#include "explain.h"
#include "reduce.h"
#include "results.h"

/*
 * Reduces the case of every group, on a target of the kind that the results are of. Groups that do not show
 * again stay as they are. False: the target cannot be used any more, or its model cannot be made; *error.
 */
bool smref_results_reduce(smref_results *results, smref_target *target, smref_jerror *error);
/* Writes the findings that were reduced as a file of smref-campaign without a part: a report that gets it
 * beside the parts tells of these. */
bool smref_results_save(const smref_results *results, const char *path, smref_jerror *error);

/*
 * Writes each group into a folder of its own in `folder`: snapshot.json (smref run explains it), vectors.json
 * (smref check passes it), finding.txt, and with a target that has scripts qtest.sh. `target` may be NULL.
 * The vectors of all groups are in `folder`/vectors.json, too.
 */
bool smref_results_export(const smref_results *results, const char *folder, smref_target *target,
                          smref_jerror *error);

/* ---- Parts, of one finding as smref-campaign has it ------------------------------------------------ */

#define SMREF_SLUG_ROOM 96
/* A name for files: small letters, digits and dashes; other groups have others. Returns `out`. */
const char *smref_group_slug(const char *group, char out[SMREF_SLUG_ROOM]);

/* finding_vectors.c: a group of vectors with one test: the case, and all that the architecture permits of
 * each step. A new reference; NULL: *error. */
json_t *smref_finding_vector(const json_t *finding, smref_jerror *error);
/* A file of such groups, a new reference that takes over `groups`. */
json_t *smref_finding_vectors(const char *implementation, json_t *groups);
/* finding_record.c: the step that an explanation is about: the cause of what differs, or the step itself. */
size_t smref_finding_explained(const json_t *finding);
/* A record that was shown with other bits than it may have, out of results or what was loaded: its fields, of
 * which `permitted` and `shown` have room for SMREF_MAX_SHOWN. Returns how many; 0: it is not about such. */
size_t smref_finding_fields(const json_t *finding, smref_event_type *event, smref_shown *permitted,
                            smref_shown *shown);

/* finding_text.c: the group, the rule, what was shown for what is permitted, the steps, and the explanation.
 * False: the model cannot run the case; *error. */
bool smref_finding_text(FILE *to, const json_t *finding, const char *implementation, smref_jerror *error);

#endif
