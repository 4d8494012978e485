/* What `smref run` prints for people. */
#ifndef SMREF_RUN_TEXT_H
#define SMREF_RUN_TEXT_H

#include <stdio.h>

#include "stepper.h"

/* "#12 read  sid 0x1c addr 0xff5be450 -> pa 0x449be450  page 4K  normal wb-ra-wa-nt ish" and a newline. */
void smref_print_step(FILE *to, size_t step, const smref_stimulus *stimulus, const smref_step_result *result);
/* "read  sid 0x1c addr 0xff5be450" */
void smref_print_stimulus(FILE *to, const smref_stimulus *stimulus);
/* "pa 0x449be450  page 4K  …", "abort  F_TRANSLATION stage 1  …" */
void smref_print_outcome(FILE *to, const smref_stimulus *stimulus, const smref_step_result *result);
/* Under a step: every outcome but the first, with the choices that lead there. */
void smref_print_others(FILE *to, const smref_stimulus *stimulus, const smref_outcomes *all);
/* The rule that decided the outcome, or NULL. */
const smref_rule_info *smref_deciding_rule(const smref_result *result);
/* "4K", "2M", "0x3000": a size. Returns `out`. */
const char *smref_spell_size(uint64_t size, char out[24]);

/* How many steps ended in which way. */
typedef struct smref_tally {
    size_t steps, outcomes[SMREF_OUTCOME_STALL + 1], events[256], several;
} smref_tally;

void smref_tally_add(smref_tally *tally, const smref_stimulus *stimulus, const smref_step_result *result,
                     const smref_outcomes *all);
void smref_print_tally(FILE *to, const smref_tally *tally);

#endif
