/* Runs steps on a machine, one at a time, or in every way that the architecture permits. */
#ifndef SMREF_STEPPER_H
#define SMREF_STEPPER_H

#include "snapshot.h"

#define SMREF_BANKS 3

typedef struct smref_step_result {
    smref_result access; /* SMREF_OP_ACCESS; SMREF_OP_IDENTIFY: `rules` holds those that are broken */
    uint32_t gerror[SMREF_BANKS];  /* SMMU_GERROR after the step, by smref_sec_sid */
    uint64_t gpf_far, gpt_cfg_far; /* SMMU_ROOT_GPF_FAR, SMMU_ROOT_GPT_CFG_FAR then */
    uint64_t absent; /* SMREF_OP_MMIO_...: bit n: with this value the register lacks its field number n */
    uint8_t *loaded; /* SMREF_OP_LOAD: the stimulus's `size` bytes */
} smref_step_result;

/* The register that an access names, or whose offset in the register map it gives; the first of a pair. */
bool smref_mmio_register(const smref_stimulus *stimulus, smref_register_ref *ref);
/*
 * Runs one step; the machine keeps the new state. False: the model lacks something that the step needs, or
 * the step makes no sense; *error names it, and the machine is as before.
 */
bool smref_step_run(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                    smref_step_result *out, smref_jerror *error);
void smref_step_result_free(smref_step_result *result);

/*
 * Whether the client, software and the rest of the system could tell the two apart: rules do not count, nor
 * do bits of a record that the architecture leaves open in either.
 */
bool smref_step_same(const smref_stimulus *stimulus, const smref_step_result *a, const smref_step_result *b);

/* The same of parts of a result. */
bool smref_attrs_same(const smref_attrs *a, const smref_attrs *b);
bool smref_event_same(const smref_event *a, const smref_event *b);
bool smref_effect_same(const smref_effect *a, const smref_effect *b);

#define SMREF_MAX_REPLAYS 4096

/* One permitted outcome, and the combinations of choices that lead to it; what does not matter is -1. */
typedef struct smref_permitted {
    smref_step_result result;
    smref_choice_set *ways;
    size_t way_count;
} smref_permitted;

typedef struct smref_outcomes {
    smref_permitted *list; /* distinct; the first is what the machine's own choices select */
    size_t count;
    unsigned replays;
    bool capped; /* SMREF_MAX_REPLAYS were not enough: the list may lack outcomes */
} smref_outcomes;

/* Every outcome that the architecture permits for the step; the machine is left as before. No trace may be
 * set. */
bool smref_step_enumerate(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                          smref_outcomes *out, smref_jerror *error);
void smref_outcomes_free(smref_outcomes *outcomes);

#endif
