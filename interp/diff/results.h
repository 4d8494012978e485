/* The results of a campaign, out of the files of its parts (smref-campaign), added up. */
#ifndef SMREF_RESULTS_H
#define SMREF_RESULTS_H

#include "counts.h"
#include "known.h"

/* A file. One of reduced findings is no part, and counts nothing. */
typedef struct smref_results_part {
    char *path;
    uint64_t part, parts; /* 0: no part */
    bool complete;        /* it has a summary */
    uint64_t cases;
} smref_results_part;

typedef struct smref_results_group {
    char *group;
    uint64_t count;
    json_t *finding; /* the smallest one; NULL: none was kept */
    size_t size;     /* of it: the steps and regions of its case */
    bool reduced;
    const smref_known_entry *known; /* NULL: news */
} smref_results_group;

typedef struct smref_results {
    json_t *head;     /* of the first file */
    const char *name; /* of the implementation */
    smref_counts counts;
    uint64_t part_count_wanted; /* of the campaign */
    smref_results_part *parts;
    size_t part_count;
    smref_results_group *groups; /* in order once smref_results_end was called: news first, then by count */
    size_t group_count;
    size_t news;
} smref_results;

/*
 * Adds a file; *results was zeroed before the first. False: it is bad, belongs to another campaign than the
 * files before it, or is there twice; *error says so.
 */
bool smref_results_add(smref_results *results, const char *path, smref_jerror *error);
/* After the last file: tells known groups (`known` may be NULL) from news, and sorts. False: there is no
 * part. */
bool smref_results_end(smref_results *results, smref_known *known, smref_jerror *error);
void smref_results_free(smref_results *results);

/* Cases of all parts together, as the campaign was asked for; 0: no end was set. */
uint64_t smref_results_wanted(const smref_results *results);
/* Parts that are missing, or not complete. */
uint64_t smref_results_missing(const smref_results *results);
/* Rules that decided something in a case that was compared. */
unsigned smref_results_rules(const smref_results *results);
/* The rule of a group; NULL when it has none. */
const smref_rule_info *smref_results_rule(const smref_results_group *group);

/* report_text.c, report_json.c, report_html.c: `known` is that of smref_results_end. */
void smref_report_text(FILE *to, const smref_results *results, const smref_known *known);
json_t *smref_report_json(const smref_results *results, const smref_known *known);
void smref_report_html(FILE *to, const smref_results *results, const smref_known *known);

#endif
