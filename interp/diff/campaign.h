/*
 * A campaign: many cases on a target, cut into parts that run beside each other, on one machine or on many.
 * Part I of N has the cases whose index leaves I - 1 when divided by N.
 *
 * A part keeps two files in the folder of the campaign. part-I-of-N.jsonl is the result (smref-campaign 1.0),
 * JSON Lines:
 *
 *   {"format":"smref-campaign","version":"1.0","smref":"0.1.0","target":"qemu:…","seed":"0x1","part":[I,N],
 *    "cases":1000000,"implementation":{…}}
 *   {"finding":{…}}                    any number of times; at most SMREF_KEPT_FINDINGS of a group
 *   {"summary":{"cases":n,"seconds":s,"restarts":n,"steps":n,
 *               "kinds":{"translation":{"agrees":n,"differs":n,"undecided":n,"not_modelled":n,"not_compared":n,
 *                                        "refused":n}},
 *               "reasons":{"refused":{"text":n}},
 *               "rules":{"ID":[agreed,differed]},"choices":{"ID":{"option":n}},"groups":{"text":n},
 *               "goals":{"reached":n,"missed":["ID",…]}}}      the last line of a part that is complete
 *
 * part-I-of-N.state is what the part needs to go on after it was killed: what was counted, and how long the
 * result was then. It is gone when the part is complete.
 */
#ifndef SMREF_CAMPAIGN_H
#define SMREF_CAMPAIGN_H

#include "finding.h"
#include "known.h"
#include "cases.h"
#include "target.h"

#define SMREF_KEPT_FINDINGS 3

typedef struct smref_campaign {
    const char *target;   /* as the user named it */
    uint64_t seed, cases; /* cases in all parts together; UINT64_MAX: no end */
    double seconds;       /* 0: no end */
    unsigned part, parts; /* from 1 */
    const char *folder;
    bool resume;
    unsigned stop_after; /* findings that are news; 0: do not stop */
    const char *only;    /* NULL, or the kind of cases that count */
    smref_known *known;  /* NULL: none */
} smref_campaign;

/* Where a part keeps what: PATH_ROOM characters. Returns `out`. */
#define SMREF_PATH_ROOM 4096
const char *smref_campaign_path(const smref_campaign *campaign, unsigned part, const char *ending,
                                char out[SMREF_PATH_ROOM]);

/* How many cases the part has. */
uint64_t smref_campaign_cases(const smref_campaign *campaign, const smref_cases *source);

typedef enum smref_campaign_end {
    SMREF_CAMPAIGN_COMPLETE,    /* all its cases were carried out */
    SMREF_CAMPAIGN_STOPPED,     /* by time, by a signal, by enough findings: it can be resumed */
    SMREF_CAMPAIGN_BAD,         /* files that cannot be written, or are of another campaign: *error */
    SMREF_CAMPAIGN_TARGET_LOST, /* the target cannot be used any more: *error */
} smref_campaign_end;

/* Runs one part to its end. *stop (which a signal may set) ends it after the oldest case outstanding. */
smref_campaign_end smref_campaign_run(const smref_campaign *campaign, smref_target *target,
                                      const smref_cases *source, const volatile int *stop,
                                      smref_jerror *error);

#endif
