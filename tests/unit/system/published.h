/* The published vectors, for tests of what holds in all of them. */
#ifndef PUBLISHED_H
#define PUBLISHED_H

#include "vectors.h"

/* Whether the test counts. */
typedef bool published_check(const smref_jdoc *doc, const smref_vectors *vectors, smref_group *group,
                             const smref_test *test);

/* Calls `check` with each test of vectors/, but for the many accesses of Linux; how many of them counted.
 * SMREF_PUBLISHED_EVERY=N takes one test of N, where each costs much. */
unsigned published_each(published_check *check);
/* Of so many that count among all tests those that may be expected then, at least. */
unsigned published_share(unsigned all);

#endif
