/* The published vectors, for tests of what holds in all of them. */
#ifndef PUBLISHED_H
#define PUBLISHED_H

#include "vectors.h"

/* Whether the test counts. */
typedef bool published_check(const smref_jdoc *doc, const smref_vectors *vectors, smref_group *group,
                             const smref_test *test);

/* Calls `check` with each test of vectors/, but for the many accesses of Linux; how many of them counted. */
unsigned published_each(published_check *check);

#endif
