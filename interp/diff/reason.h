/* Why a case was not compared, in words that come from anywhere: kept short, and safe to print. */
#ifndef SMREF_REASON_H
#define SMREF_REASON_H

#define SMREF_REASON_ROOM 128

/* `text` as one line of whole UTF-8 characters with nothing in it that controls a terminal; cut where there
 * is no more room; never empty. Once more changes nothing. Returns `out`. */
const char *smref_reason_put(char out[SMREF_REASON_ROOM], const char *text);

#endif
