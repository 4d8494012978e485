/* Where the cases of a campaign come from: a generator, or files. Each has an index from 0. */
#ifndef SMREF_CASES_H
#define SMREF_CASES_H

#include "generate.h"

typedef struct smref_cases smref_cases;

/* Generated cases, without end. The generator passes into the source. */
smref_cases *smref_cases_generated(smref_generator *generator);
/*
 * Files: snapshots, vectors, results of campaigns (their findings), folders of them; and any other file,
 * whose bytes, eight at a time, are indexes of generated cases. NULL: *error.
 */
smref_cases *smref_cases_files(char *const *paths, int count, smref_jerror *error);
/* StreamIDs of Non-secure accesses in files, each once; how many, at most `room`. */
size_t smref_cases_streams(const smref_cases *source, uint32_t *sids, size_t room);
/* Files become cases of an implementation, which must outlive the source. The generator, which is of the same
 * implementation, passes into the source. Before that there are none to make. */
void smref_cases_bind(smref_cases *source, const smref_implementation *implementation,
                      smref_generator *generator);
void smref_cases_free(smref_cases *source);

/* How many there are; UINT64_MAX: without end. */
uint64_t smref_cases_count(const smref_cases *source);
/* Whether they come out of files. */
bool smref_cases_from_files(const smref_cases *source);
/* The generator; NULL when there is none. */
const smref_generator *smref_cases_generator(const smref_cases *source);
/* False: it cannot be a case of this implementation; `why` says what is wrong. */
bool smref_cases_make(const smref_cases *source, uint64_t index, smref_case *out, char why[200]);

#endif
