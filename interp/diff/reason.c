/* Reasons that can be printed. */
#define _POSIX_C_SOURCE 200809L

#include "reason.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

/* Bytes of the character; 0: it is none. */
static size_t length_of(const char *text)
{
    unsigned char first = (unsigned char)*text;
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    json_t *good;

    if (length == 1)
        return 1;
    good = strnlen(text, length) == length ? json_stringn(text, length) : NULL;
    json_decref(good);
    return good ? length : 0;
}

/* C0, DEL, and C1 as two bytes. */
static bool controls(const char *text, size_t length)
{
    unsigned char first = (unsigned char)text[0];

    return length == 1 ? first < ' ' || first == 0x7f
                       : length == 2 && first == 0xc2 && (unsigned char)text[1] < 0xa0;
}

const char *smref_reason_put(char out[SMREF_REASON_ROOM], const char *text)
{
    size_t used = 0, length;

    for (; *text; text += length ? length : 1) {
        length = length_of(text);
        if (used + (length ? length : 1) >= SMREF_REASON_ROOM)
            break;
        if (strchr("\t\n\v\f\r ", *text))
            out[used++] = ' ';
        else if (!length || controls(text, length))
            out[used++] = '?';
        else
            for (size_t i = 0; i < length; i++)
                out[used++] = text[i];
    }
    out[used] = '\0';
    if (strspn(out, " ") == used)
        snprintf(out, SMREF_REASON_ROOM, "it gives no reason");
    return out;
}
