/* What a lint finds: collected, so that the same finding in neighbouring places is told once. */
#ifndef SMREF_FINDINGS_H
#define SMREF_FINDINGS_H

#include <jansson.h>
#include <stdio.h>

#include "smref.h"

typedef enum smref_severity { SMREF_SEVERITY_ERROR, SMREF_SEVERITY_WARNING } smref_severity;

/* Where a finding is. What does not apply stays zero. */
typedef struct smref_finding_place {
    const char *what; /* "STE", "SMMU_CR0", "VMSAv8_64_S1_PAGE": a structure, a register, a descriptor */
    bool has_address, has_sid, has_ssid, has_input;
    smref_pas pas;
    uint64_t address;      /* physical, in `pas` */
    smref_sec_sid sec_sid; /* of the stream */
    uint64_t sid, sid_last;
    uint64_t ssid, ssid_last;
    uint64_t input, input_last; /* input addresses that the descriptor translates */
    int stage, level;           /* of a descriptor */
    uint64_t count;             /* entries from there on that are alike; 0: one */
} smref_finding_place;

typedef struct smref_finding {
    smref_severity severity;
    const char *kind; /* "illegal", "res0", "alignment", ...: a word of smref-lint */
    smref_finding_place place;
    const char *field; /* NULL: the whole of it */
    bool has_value;
    uint64_t value;
    char text[192];      /* what is wrong, in a sentence without a full stop */
    char does[160];      /* what the SMMU does; may be empty */
    smref_rule rule;     /* or SMREF_RULE_NONE */
    const char *section; /* when there is no rule */
    uint64_t count;      /* of places, the first of which is told */
    uint64_t group;      /* findings merge only with those of the same group */
} smref_finding;

typedef struct smref_findings {
    smref_finding *list;
    size_t count, room;
} smref_findings;

/* Adds a finding, or counts it to one of the last ones that says the same of the same group. */
void smref_findings_add(smref_findings *findings, const smref_finding *finding);
void smref_findings_free(smref_findings *findings);

void smref_print_finding(FILE *to, const smref_finding *finding);
json_t *smref_finding_json(const smref_finding *finding);

#endif
