/* The fields of registers in a line of `smref run`. */
#ifndef SMREF_MMIO_TEXT_H
#define SMREF_MMIO_TEXT_H

#include <stdio.h>

#include "stepper.h"

/* " (SMMUEN, VMW IGNORE_2)": fields of what was read, or is held, that are not 0; nothing when the value says
 * it, or the register is not known. */
void smref_print_held(FILE *to, const smref_stimulus *stimulus, const smref_step_result *step);
/* "; ignored 0x2 (PRIQEN)": bits of a write that were not taken. */
void smref_print_ignored(FILE *to, const smref_stimulus *stimulus, const smref_step_result *step);

#endif
