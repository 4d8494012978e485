/* Hexadecimal, as every format of smref spells it. */
#include "hex.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"

static const char digits[] = "0123456789abcdef";

const char *smref_hex(uint64_t value, char out[SMREF_HEX_ROOM])
{
    unsigned count = 1;
    char *at = out;

    while (count < 16 && value >> count * 4)
        count++;
    *at++ = '0';
    *at++ = 'x';
    while (count--)
        *at++ = digits[value >> count * 4 & 15];
    *at = '\0';
    return out;
}

json_t *smref_hex_json(uint64_t value)
{
    char text[SMREF_HEX_ROOM];

    return json_string(smref_hex(value, text));
}

json_t *smref_hex_words(const uint64_t *words, size_t count)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; i < count; i++)
        json_array_append_new(list, smref_hex_json(words[i]));
    return list;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool smref_hex_bytes(const char *text, uint8_t *out, size_t *bad)
{
    size_t i;
    int high, low;

    for (i = 0; text[i]; i += 2) {
        high = digit_value(text[i]);
        low = high < 0 ? -1 : digit_value(text[i + 1]);
        if (high < 0 || low < 0) {
            *bad = high < 0 ? i : i + 1;
            return false;
        }
        *out++ = (uint8_t)(high << 4 | low);
    }
    return true;
}

json_t *smref_hex_dump(const uint8_t *bytes, size_t size)
{
    char *text = smref_alloc(size + 1, 2);
    json_t *string;
    size_t i;

    for (i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    string = json_string(text);
    free(text);
    return string;
}

void smref_words_to_bytes(const uint64_t *words, size_t count, uint8_t *bytes)
{
    size_t i;

    for (i = 0; i < count * 8; i++)
        bytes[i] = (uint8_t)(words[i / 8] >> i % 8 * 8);
}

void smref_bytes_to_words(const uint8_t *bytes, size_t count, uint64_t *words)
{
    size_t i;

    memset(words, 0, count * sizeof *words);
    for (i = 0; i < count * 8; i++)
        words[i / 8] |= (uint64_t)bytes[i] << i % 8 * 8;
}
