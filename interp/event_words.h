/* An event record in a sentence, and what usually causes it. */
#ifndef SMREF_EVENT_WORDS_H
#define SMREF_EVENT_WORDS_H

#include "decoding.h"

#define SMREF_EVENT_ROOM 256

/* "write by StreamID 0x100 at 0x90000f040, unprivileged data; stage 1, the input of the stage". */
const char *smref_event_sentence(const smref_decoding *record, char out[SMREF_EVENT_ROOM]);
/* What to look at first, in a line: experience, not architecture. NULL when there is nothing to say. */
const char *smref_event_likely(smref_event_type type, const smref_decoding *record);

#endif
