/*
 * Known findings (smref-known 1.0): patterns over the groups of findings, each with a reason, so that a
 * campaign fails only on news. interp/FORMATS.md describes the file.
 */
#ifndef SMREF_KNOWN_H
#define SMREF_KNOWN_H

#include "avoid.h"
#include "located.h"

typedef enum smref_known_class {
    SMREF_KNOWN_DEPARTS,      /* the target departs from the architecture */
    SMREF_KNOWN_PERMITTED,    /* permitted after all: the model is stricter than the text here */
    SMREF_KNOWN_NOT_COMPARED, /* what was shown says nothing of the SMMU */
} smref_known_class;

/* "departs" "permitted" "not compared" */
const char *smref_spell_known_class(smref_known_class class_of);

typedef struct smref_known_entry {
    const char *pattern, *target; /* target: NULL, any */
    const char *reason, *section; /* section: NULL when there is none */
    smref_known_class class_of;
    smref_avoid *avoid; /* cases that need not be carried out; NULL: none */
    unsigned line;      /* in the file */
    uint64_t matched;   /* groups that it matched, first in the list */
} smref_known_entry;

typedef struct smref_known smref_known;

/* NULL: *error says what is wrong. */
smref_known *smref_known_load(const char *path, smref_jerror *error);
void smref_known_free(smref_known *known);
/* The first entry whose pattern matches the group, and whose target pattern the name of the target; NULL:
 * news. Counts. `known` may be NULL: then all is news. */
const smref_known_entry *smref_known_match(smref_known *known, const char *target, const char *group);
/* Whether an entry for this target says that the case need not be carried out. */
bool smref_known_avoids(const smref_known *known, const char *target, const smref_case *c,
                        const smref_prediction *predicted);
/* Entries by index, in the order of the file; NULL behind the last. */
const smref_known_entry *smref_known_at(const smref_known *known, size_t index);
/* Whether the entry is about this target at all: one about others need not match anything. */
bool smref_known_concerns(const smref_known *known, const smref_known_entry *entry, const char *target);

#endif
