/* Hexadecimal, as every format of smref spells it. */
#ifndef SMREF_HEX_H
#define SMREF_HEX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMREF_HEX_ROOM 19 /* "0x", 16 digits, NUL */

/* "0x1f": lower case, no leading zeros. Returns `out`. */
const char *smref_hex(uint64_t value, char out[SMREF_HEX_ROOM]);
/* The same as a new JSON string. */
json_t *smref_hex_json(uint64_t value);
/* A new JSON array of such strings. */
json_t *smref_hex_words(const uint64_t *words, size_t count);

/* Bytes from pairs of digits in address order. False when a character is no digit or one is left over; *bad
 * is then its position. `out` has room for strlen(text) / 2 bytes. */
bool smref_hex_bytes(const char *text, uint8_t *out, size_t *bad);
/* A new JSON string of pairs of digits. */
json_t *smref_hex_dump(const uint8_t *bytes, size_t size);

/* Between 64-bit words and the bytes that memory holds, least significant first. */
void smref_words_to_bytes(const uint64_t *words, size_t count, uint8_t *bytes);
void smref_bytes_to_words(const uint8_t *bytes, size_t count, uint64_t *words);

#endif
