/* Words of structures as people paste them from dumps and logs. */
#ifndef SMREF_WORDS_H
#define SMREF_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads words in hexadecimal, with 0x or without it, from texts that may hold several, apart by commas or
 * blanks, into the `size` bytes of a structure as 64-bit words. size/8 of them are 64-bit words, size/4 are
 * 32-bit words, the lower half first. Fewer 64-bit words are taken when `partly`. The rest of `out`, which
 * has room for size/8 words, becomes zero. *count is the number of 64-bit words that were given. On false
 * `why` says what is wrong.
 */
bool smref_read_words(int texts, char *const *text, size_t size, bool partly, uint64_t *out, unsigned *count,
                      char why[200]);

/* The first word alone, which tells what a record or a command is. False when it is no number. */
bool smref_first_word(const char *text, uint64_t *out);

#endif
