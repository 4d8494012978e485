/* What a plugin tells of a step, in the words of smref-result, as a sight. */
#ifndef SMREF_SHOWN_H
#define SMREF_SHOWN_H

#include "sight.h"

/* What carries over from one step of a case to the next. Zeroed, it is the state after a reset. */
typedef struct smref_shown_state {
    uint32_t gerror[SMREF_BANKS];
} smref_shown_state;

/* Reads the `shows` of a plugin: SMREF_SHOWS_... by their names. */
bool smref_shows_read(const smref_jdoc *doc, const smref_jnode *node, unsigned *out, smref_jerror *error);

/*
 * Reads the result of a step by a plugin that shows `shows`: what it shows of each step must be there, but
 * for what is there only when it happened (events, interrupts, ...), and the value that a register holds
 * after a write. What it does not show is checked and means nothing.
 */
bool smref_shown_read(const smref_jdoc *doc, const smref_jnode *node, const smref_stimulus *step,
                      unsigned shows, smref_shown_state *state, smref_sight *out, smref_jerror *error);

#endif
