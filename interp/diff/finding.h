/*
 * A finding of a differential test: a case in which a target departs from what the architecture permits. Its
 * group is a short text that does not change from run to run: what was done, the rule that decides there, and
 * what differs. Findings of one group have one cause as far as can be told from outside.
 */
#ifndef SMREF_FINDING_H
#define SMREF_FINDING_H

#include "follow.h"

#define SMREF_GROUP_ROOM 320

/*
 * The parts are separated by ": ".
 *   "access: S1_DESCRIPTOR_INVALID: ok for abort F_TRANSLATION"   (what was shown, for what is permitted)
 *   "access: S1_TTB0: output address: bits 47:12, as before"  (where an equal access came to, earlier)
 *   "access: STE_CONFIG_S2: spurious C_BAD_STE"
 *   "access: STE_S1_UNSUPPORTED: no C_BAD_STE"
 *   "record: S1_NO_WRITE: F_PERMISSION: RnW 1 for 0"          (of a load of the Event queue)
 *   "read SMMU_EVENTQ_PROD: S1_FAULT_SUPPRESSED: more records"
 *   "write SMMU_CR0: REG_WRITTEN: value: SMMUEN 0 for 1"
 *   "access: died: ended by signal 6"
 * `died` is what the target said of SMREF_ASPECT_DIED; else NULL. Returns `out`.
 */
const char *smref_diff_group(const smref_case *c, const smref_difference *difference, const char *died,
                             char out[SMREF_GROUP_ROOM]);
/* The rule that decides, in the model, what differs; SMREF_RULE_NONE when the step has no rules. */
smref_rule smref_diff_rule(const smref_case *c, const smref_difference *difference);

/*
 * A finding as a line of smref-campaign has it, without the line's outer braces: {"index":…,"kind":…,
 * "group":…,"step":…,"aspect":…,"rule":…,"section":…,"expected":[…],"shown":{…},"case":{a snapshot}}. `taken`
 * (NULL, or saying nothing: those of the first way that leads to the step) are the choices in which the
 * target was seen to differ from the profile until then: they become those of the snapshot. A new reference.
 */
json_t *smref_diff_finding_json(const smref_case *c, const smref_implementation *implementation,
                                const smref_difference *difference, const smref_choice_set *taken,
                                const char *died);

/* finding_words.c: precisely what differs, the last part of the group. */
void smref_diff_words(const smref_case *c, const smref_difference *difference, const char *died, char *out,
                      size_t room);

/* ---- finding_events.c: the records that a difference is about --------------------------------------- */

/* The event of a record; SMREF_EVENT_NONE of zeros. */
smref_event_type smref_record_event(const uint64_t *words);

/* What is known of them; the first word of none is 0. */
typedef struct smref_records {
    bool expected_known, shown_known;
    bool expected_ok, shown_ok; /* the access is translated */
    uint64_t expected[SMREF_RECORD_WORDS], shown[SMREF_RECORD_WORDS];
} smref_records;
void smref_diff_find_records(const smref_case *c, const smref_difference *difference, smref_records *out);

typedef enum smref_wrong_event {
    SMREF_EVENT_NOT_WRONG, /* the difference is another one */
    SMREF_EVENT_SPURIOUS,  /* one that hides what comes later */
    SMREF_EVENT_MISSING,   /* a configuration error, in whose place is anything */
} smref_wrong_event;
smref_wrong_event smref_diff_event(const smref_case *c, const smref_difference *difference);

/* Whether an index that was read differs in nothing but bits above its wrap flag. */
bool smref_diff_above_index(const smref_case *c, const smref_difference *difference);
/* 1 when the Event queue is seen to have a record more than is permitted, -1 when it has one less; else 0. */
int smref_diff_records(const smref_case *c, const smref_difference *difference);
/* Whether bits differ within records of the same event. */
bool smref_diff_in_record(const smref_case *c, const smref_difference *difference);

#endif
