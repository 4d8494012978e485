/* An SMMU without memory: what the bits of structures and registers mean depends on its configuration. */
#ifndef SMREF_CONFIGURATION_H
#define SMREF_CONFIGURATION_H

#include "choices.h"
#include "registers.h"

/* Memory for an instance that makes no access: all of it aborts. */
smref_memory smref_no_memory(void);
/*
 * A new SMMU in the configuration of a profile (a name or a file) with registers and choices over it; both
 * may be NULL. NULL on failure, and *error says why. The caller frees it with smref_free.
 */
smref *smref_configured(const char *profile, const smref_register_set *registers,
                        const smref_choice_set *choices, smref_jerror *error);

#endif
