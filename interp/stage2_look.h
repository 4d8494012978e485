/* Where an intermediate address is, by the tables of stage 2 alone: no permissions, no events, no choices. */
#ifndef SMREF_STAGE2_LOOK_H
#define SMREF_STAGE2_LOOK_H

#include "smref.h"

/* Reads the word at a physical address, a multiple of 8. False: it cannot be read. */
typedef bool smref_word_reader(void *context, uint64_t address, uint64_t *word);

/*
 * Looks up an intermediate address in the tables of stage 2 (smref_tables_look). False: there is no
 * translation. *span is the number of bytes from there on that have the same answer: of one translation, or
 * for which the entry that says that there is none stands.
 */
bool smref_stage2_look(const smref *smmu, const smref_walk_info *tables, smref_word_reader *read,
                       void *context, uint64_t ipa, uint64_t *pa, uint64_t *span);

#endif
