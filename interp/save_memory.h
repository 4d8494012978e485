/* The memory of a machine as regions of a snapshot. */
#ifndef SMREF_SAVE_MEMORY_H
#define SMREF_SAVE_MEMORY_H

#include "snapshot.h"

/* An array of regions, in the order of the snapshot's, then what was stored outside its contents. NULL:
 * *error says what failed. The rest as smref_save_json. */
json_t *smref_save_memory(const smref_snapshot *snapshot, const smref_jdoc *doc, const smref_machine *machine,
                          const char *path, smref_jerror *error);

#endif
