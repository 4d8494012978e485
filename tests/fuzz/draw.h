/* Numbers out of the input of a fuzzer; what it is too short for follows from it. */
#ifndef DRAW_H
#define DRAW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct source {
    const uint8_t *data;
    size_t size;
    uint64_t state;
};

static inline uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The next eight bytes of the input; after its end, a sequence that the input determines. */
static inline uint64_t draw(struct source *s)
{
    uint64_t word = 0;
    if (s->size >= 8) {
        memcpy(&word, s->data, 8);
        s->data += 8;
        s->size -= 8;
        s->state = mix(s->state ^ word);
        return word;
    }
    s->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(s->state);
}

#endif
