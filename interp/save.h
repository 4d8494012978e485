/* The state of a machine as a snapshot that loads to the same state. */
#ifndef SMREF_SAVE_H
#define SMREF_SAVE_H

#include "snapshot.h"

/*
 * `machine` was made of `snapshot`, and steps ran on it. Of memory it takes the regions as they were
 * declared, with what was stored since: the cost follows that. Files stay files; `path` is where the result
 * goes, so that their paths fit. There are no steps in it. A new reference.
 */
json_t *smref_save_json(const smref_snapshot *snapshot, const smref_jdoc *doc, const smref_machine *machine,
                        const char *path, smref_jerror *error);
/* The same as canonical text in a file, which is replaced as a whole. On false *error says what failed. */
bool smref_save(const smref_snapshot *snapshot, const smref_jdoc *doc, const smref_machine *machine,
                const char *path, smref_jerror *error);

#endif
