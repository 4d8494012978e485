/*
 * The model beside a target: its state, and a case carried out on it. Private to follow*.c, ways.c and
 * structures.c.
 */
#ifndef SMREF_FOLLOWER_H
#define SMREF_FOLLOWER_H

#include "follow.h"
#include "reserved.h"

#define SMREF_MAX_DECISIONS 512
#define SMREF_MAX_OPEN 64 /* records in memory with bits that the architecture leaves open */

/* Bits of memory that the architecture leaves open: of an event record. */
struct smref_open_record {
    uint64_t at;
    smref_pas pas;
    uint64_t unknown[4];
};

/* In place of a step: all those in which the decision alone changes nothing. */
#define SMREF_EVERY_STEP SIZE_MAX

struct smref_decision {
    size_t step;
    uint16_t choice;
    int16_t option, own; /* taken, and that of the profile */
    uint32_t tried;      /* bit n: option n was taken already */
};

/* Where a decision was made. */
struct smref_place {
    size_t step;
    uint16_t choice;
};

struct smref_follower {
    const smref_implementation *implementation;
    smref_machine machine;
    smref_memory inner;  /* of the memory itself */
    smref *fresh;        /* just reset */
    smref *caching;      /* the same, with caches that may hold whatever they may */
    const smref *from;   /* the one of the two that attempts start from */
    const char *strayed; /* NULL, or where the SMMU came to, or what was written over */
    smref_pas record_pas;
    uint64_t record_at; /* where four words were written last */
    struct smref_open_record open[SMREF_MAX_OPEN];
    size_t open_count;
    smref_reserved reserved;
    struct smref_decision decisions[SMREF_MAX_DECISIONS];
    size_t decision_count;
    struct smref_decision furthest_way[SMREF_MAX_DECISIONS]; /* of the case that is followed, */
    size_t furthest_count, furthest;                         /* and how many steps agreed in it */
    struct smref_place indifferent[SMREF_MAX_DECISIONS]; /* changed nothing that could be seen up to the */
    size_t indifferent_count;                            /* step that matters, */
    struct smref_place mattering[SMREF_MAX_DECISIONS];   /* or did, in one of the ways that were looked at */
    size_t mattering_count;
    uint64_t joint[(SMREF_CHOICE_COUNT + 63) / 64]; /* choices that matter when all these are one decision */
    bool thorough;                                  /* decisions are looked at in pairs, too */
    unsigned runs;                                  /* of the case that is followed */
    char lacks[192];      /* what is not modelled, and one of them came to; "": nothing */
    size_t met;           /* decisions of the first run */
    const char *wandered; /* NULL, or how one of them strayed */
    char why[256];        /* smref_follower_why */
    smref_step_result result;
    smref_sight sight;
    smref_history history;
};

bool smref_is_among(const struct smref_place *places, size_t count, size_t step, unsigned choice);
/* Whether the choice changes nothing when it is decided in this step alone. */
bool smref_follower_is_indifferent(const smref_follower *f, size_t step, unsigned choice);
/* Back to the state that attempts start from. */
void smref_follower_start(smref_follower *f);
/* Carries out the next step, with the decisions that were made for it: `result`, `sight` and `history` tell.
 * False: the model lacks something; `lacks`. */
bool smref_follower_step(smref_follower *f, const smref_case *c, size_t n);
/* Whether it came, in this step or before, to what is neither RAM nor an abort, or wrote over the case: a
 * record over a structure, of which each bit matters then, and what is cached. */
bool smref_follower_strayed(smref_follower *f, const smref_case *c, size_t n);
/* `more` follows `what`. */
void smref_follower_say_why(smref_follower *f, const char *what, const char *more);

/* ways.c */

/* What an attempt came to: how many steps agreed, and a digest of all that could be seen in the first steps.
 */
struct smref_attempt {
    size_t agreed;
    smref_aspect aspect; /* of the step behind them; SMREF_ASPECT_NONE: there is none */
    uint64_t digest;
};

/* How many attempts are made before it cannot be decided. */
unsigned smref_most_ways(const smref_follower *f);
/* Runs the case with the decisions, adding those that it meets, up to the first step that does not agree;
 * with a `horizon` to that step, whatever agrees. */
struct smref_attempt smref_try_decisions(smref_follower *f, const smref_case *c, const smref_sight *shown,
                                         const size_t *horizon);
/* The last decision that can be made otherwise is; those behind it are taken back. False: there is none. */
bool smref_decide_otherwise(smref_follower *f);
/* The way that goes furthest is kept, with each decision in a step of its own; and becomes the decisions. */
void smref_note_way(smref_follower *f, const struct smref_attempt *attempt);
void smref_load_way(smref_follower *f);
/* Options of the way other than the profile's; whether they are others than the implementation is known to
 * take. */
void smref_take_way(const smref_follower *f, smref_choice_set *out);
bool smref_is_foreign_way(const smref_follower *f);
/* Which decisions of the way that went furthest make no difference up to the step, each alone, nor did they
 * in the ways before; and which choices do when they are the same in all steps. */
void smref_find_indifferent(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon);
/* Looks for decisions that make no difference alone, but do together with another one. */
bool smref_find_pairs(smref_follower *f, const smref_case *c, const smref_sight *shown, size_t horizon);

#endif
