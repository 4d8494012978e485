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
 *               "rules":{"ID":[agreed,differed]},"choices":{"ID":{"option":n}},"groups":{"text":n},
 *               "goals":{"reached":n,"missed":["ID",…]}}}      the last line of a part that is complete
 *
 * part-I-of-N.state is what the part needs to go on after it was killed: what was counted, and how long the
 * result was then. It is gone when the part is complete.
 */
#ifndef SMREF_CAMPAIGN_H
#define SMREF_CAMPAIGN_H

#include "finding.h"
#include "generate.h"
#include "target.h"

#define SMREF_KEPT_FINDINGS 3

typedef struct smref_campaign {
    const char *target; /* "qemu", "qemu:PATH" or "plugin:COMMAND" */
    unsigned stages;    /* of QEMU: 1, 2, or 3 for both */
    unsigned timeout_ms;
    uint64_t seed, cases; /* cases in all parts together; 0: no end */
    double seconds;       /* 0: no end */
    unsigned part, parts; /* from 1 */
    const char *folder;
    bool resume;
    unsigned stop_after;      /* findings that are not known; 0: do not stop */
    const char *only;         /* NULL, or the kind of cases that count */
    const smref_known *known; /* NULL: none */
} smref_campaign;

#endif
