/*
 * Vectors (smref-vectors 1.0): groups of tests over a base, each test with the set of outcomes that the
 * architecture permits in each of its steps. vectors/README.md describes the format and what is compared.
 */
#ifndef SMREF_VECTORS_H
#define SMREF_VECTORS_H

#include <stdio.h>

#include "stepper.h"

#define SMREF_SUITE_ROOM 96

typedef struct smref_test {
    const char *id, *comment, *section;
    smref_rule *rules; /* those that the test is about, in the order of the file */
    size_t rule_count;
    smref_patch patch;
    smref_stimuli steps;
    const smref_jnode *outcomes; /* an element a step: `expect` of a vector, `claim` of a recipe */
    const smref_jnode *node;
} smref_test;

typedef struct smref_group {
    const char *name, *comment;
    smref_snapshot base;
    const smref_jdoc *base_doc; /* the file that the base is in */
    smref_test *tests;
    size_t test_count;
    const smref_jnode *node;
} smref_group;

typedef struct smref_vectors {
    char name[SMREF_SUITE_ROOM]; /* of the file, without folder and ".json" */
    const char *description;
    smref_group *groups;
    size_t group_count;
} smref_vectors;

/*
 * Reads a file of vectors, strictly: also what is expected, and that each base satisfies its `requires`. The
 * vectors borrow from the document. On false *error says what is wrong and nothing needs freeing.
 */
bool smref_vectors_read(const smref_jdoc *doc, smref_vectors *out, smref_jerror *error);
void smref_vectors_free(smref_vectors *vectors);

/*
 * What vectors and recipes start with: format, version, perhaps a description, and groups. The groups; NULL,
 * with *error, where the file is something else.
 */
const smref_jnode *smref_read_head(const smref_jdoc *doc, const char *format, const char **description,
                                   smref_jerror *error);

/* The parts that vectors and recipes share: "id", "comment", "section" and "rules" of a test (which must have
 * the first three); no two tests of a file with one id; the name of a file; freeing. */
bool smref_test_read_head(const smref_jdoc *doc, const smref_jnode *node, smref_test *out,
                          smref_jerror *error);
bool smref_tests_distinct(const smref_jdoc *doc, const smref_group *groups, size_t count,
                          smref_jerror *error);
/* Says so, with the nearest id; false. */
bool smref_no_such_rule(const smref_jdoc *doc, const smref_jnode *node, const char *id, smref_jerror *error);
void smref_suite_name(const char *path, char out[SMREF_SUITE_ROOM]);
void smref_group_free(smref_group *group);

/* vectors_requires.c: `requires`: {"arch": "3.1", "IDR0.S1P": 1}; node may be NULL. Of a machine in the state
 * of the base: the version is at least that, the fields have those values. */
bool smref_requires_read(const smref_jdoc *doc, const smref_jnode *node, const smref_machine *machine,
                         smref_jerror *error);

/* vectors_expect.c: checks the shape of `expect`: a list a step, of one or more outcomes. */
bool smref_expect_read(const smref_jdoc *doc, const smref_jnode *node, const smref_stimuli *steps,
                       smref_jerror *error);
/* The same of `open`: a list of keys. */
bool smref_open_read(const smref_jdoc *doc, const smref_jnode *node, smref_jerror *error);

/*
 * vectors_run.c: runs a test. `visit` gets all permitted outcomes of each step; then the step is taken in the
 * way that the choices of the base (and of the patch) select. False: *error says what the model lacks.
 */
typedef void smref_visit_step(void *context, size_t step, const smref_stimulus *stimulus,
                              const smref_outcomes *all);
bool smref_test_run(const smref_jdoc *doc, const smref_group *group, const smref_test *test,
                    smref_visit_step *visit, void *context, smref_jerror *error);

/* Runs a vector and compares; every difference goes to `to` as text. *same: there was none. */
bool smref_test_check(const smref_jdoc *doc, const smref_group *group, const smref_test *test, FILE *to,
                      bool *same, smref_jerror *error);

/* vectors_compare.c: an outcome as a file has it against one as the model has it (outcome_json.h). */
bool smref_outcome_matches(const json_t *expected, const json_t *got);
/* A line for each difference, with `margin` before it. */
void smref_outcome_differences(FILE *to, const char *margin, const json_t *expected, const json_t *got);
/* Whether two values are the same; numbers in whatever spelling. */
bool smref_same_value(const json_t *a, const json_t *b);

#endif
