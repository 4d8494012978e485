/* What `smref run` prints for people. */
#ifndef SMREF_RUN_TEXT_H
#define SMREF_RUN_TEXT_H

#include <stdio.h>

#include "stepper.h"

/* How wide the columns of a list of steps are. */
typedef struct smref_columns {
    int step, sid, ssid, addr; /* 0: the list has none */
    int stimulus;              /* all of it */
    int pa;                    /* grows with what is printed */
} smref_columns;

smref_columns smref_columns_of(const smref_stimulus *list, size_t count);
/* "#12 read  sid 0x1c addr 0xff5be450 -> pa 0x449be450  page 2M  normal wb-ra-wa-nt ish" and a newline. */
void smref_print_step(FILE *to, smref_columns *columns, size_t step, const smref_stimulus *stimulus,
                      const smref_step_result *result);
/* "read  sid 0x1c addr 0xff5be450" */
void smref_print_stimulus(FILE *to, const smref_stimulus *stimulus);
/* "pa 0x449be450  page 4K  …", "abort  F_TRANSLATION stage 1  …" */
void smref_print_outcome(FILE *to, const smref_stimulus *stimulus, const smref_step_result *result);
/* Under a step: every outcome but the first, with the choices that lead there, and if asked for with the
 * rules that differ from those of the first. */
void smref_print_others(FILE *to, const smref_stimulus *stimulus, const smref_outcomes *all, bool rules);
/* The rule that decided the outcome (the first that leads to its event), or NULL. */
const smref_rule_info *smref_deciding_rule(const smref_result *result);
/* "4K", "2M", "0x3000": a size. Returns `out`. */
const char *smref_spell_size(uint64_t size, char out[24]);

#endif
