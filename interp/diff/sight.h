/* What can be seen of a step from outside: shown by a target, or predicted by the model. */
#ifndef SMREF_SIGHT_H
#define SMREF_SIGHT_H

#include "case.h"

/* What a sight tells; the rest of it means nothing. */
enum {
    SMREF_SHOWS_OUTCOME = 1, /* of an access, or whether a register access aborted */
    SMREF_SHOWS_PA = 2,      /* where an access went */
    SMREF_SHOWS_PAS = 4,
    SMREF_SHOWS_ATTRS = 8,
    SMREF_SHOWS_EVENT = 16,  /* the record that the step wrote, or that there is none */
    SMREF_SHOWS_VALUE = 32,  /* of a register that was read, or what it holds after a write */
    SMREF_SHOWS_LOADED = 64, /* memory */
    SMREF_SHOWS_GERROR = 128,
    SMREF_SHOWS_EFFECTS = 256, /* MSIs, interrupts, messages to endpoints */
    SMREF_SHOWS_MECID = 512,
    SMREF_SHOWS_PRIV = 1024, /* privileged and instruction attributes that go out */
    SMREF_SHOWS_PAR = 2048,
    SMREF_SHOWS_FAR = 4096,  /* granule protection faults recorded */
    SMREF_SHOWS_LOST = 8192, /* with SMREF_SHOWS_EVENT: records that could not be written, too */
};

#define SMREF_SIGHT_EFFECTS 4

typedef struct smref_sight {
    unsigned shows; /* a sum of SMREF_SHOWS_... */
    smref_outcome outcome;
    bool raz_is_abort; /* the target cannot tell SMREF_OUTCOME_RAZ_WI from SMREF_OUTCOME_ABORT */
    bool elsewhere;    /* the access went somewhere, and not where it was looked for: `pa` means nothing */
    uint64_t pa;
    smref_pas pas;
    uint16_t mecid;
    bool priv, inst;
    smref_attrs attrs;
    bool event_valid;
    smref_event event;
    bool events_more;           /* there were several, which no step may cause (7.2): `event` is the first */
    uint64_t value, value_open; /* open: the model's unknown bits */
    uint64_t loaded[SMREF_CASE_LOAD / 8], open[SMREF_CASE_LOAD / 8]; /* bytes in memory order */
    uint32_t gerror[SMREF_BANKS];
    uint64_t gpf_far, gpt_cfg_far; /* of SMMU_ROOT_...FAR, when the step recorded a fault there; else 0 */
    bool par_valid;
    uint64_t par, par_open;
    unsigned effect_count;
    bool effects_more;
    smref_effect effects[SMREF_SIGHT_EFFECTS];
} smref_sight;

/* The first of them, by kind: writes, then interrupts and events, then messages, each in their order; that
 * between kinds means nothing (3.18). `more`: there are others than these. */
void smref_sight_set_effects(smref_sight *sight, const smref_effect *effects, unsigned count, bool more);

/* In which respect two sights differ, the first of them. */
typedef enum smref_aspect {
    SMREF_ASPECT_NONE = 0,
    SMREF_ASPECT_OUTCOME,
    SMREF_ASPECT_PA,
    SMREF_ASPECT_PAS,
    SMREF_ASPECT_ATTRS,
    SMREF_ASPECT_EVENT,  /* one has an event and the other none, or of another type */
    SMREF_ASPECT_RECORD, /* the same event, other bits */
    SMREF_ASPECT_VALUE,
    SMREF_ASPECT_LOADED,
    SMREF_ASPECT_GERROR,
    SMREF_ASPECT_EFFECTS,
    SMREF_ASPECT_MECID,
    SMREF_ASPECT_PRIV,
    SMREF_ASPECT_PAR,
    SMREF_ASPECT_FAR,
    SMREF_ASPECT_DIED, /* the target ended, or gave no answer in time */
    SMREF_ASPECT_COUNT,
} smref_aspect;

const char *smref_spell_aspect(smref_aspect aspect); /* "outcome" "pa" ... */
/* Compares what `shown` shows with what the model predicts; bits that are open there do not count. */
smref_aspect smref_sight_differs(const smref_stimulus *step, const smref_sight *predicted,
                                 const smref_sight *shown);
/* How far what `shown` shows is from what is predicted: of several permitted outcomes the closest tells best
 * in what a target departs. Bits of an index say nothing of that: values do not count. */
unsigned smref_sight_distance(const smref_sight *predicted, const smref_sight *shown);
/* A sight as an outcome of smref-result, as far as it goes. */
json_t *smref_sight_json(const smref_stimulus *step, const smref_sight *sight);

#endif
