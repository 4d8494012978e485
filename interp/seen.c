/* A set of things that were seen before. */
#include "seen.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"

struct smref_seen {
    uint64_t (*keys)[4];
    bool *used;
    size_t room, count; /* room is a power of two */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static size_t slot_of(const struct smref_seen *seen, const uint64_t key[4])
{
    size_t i = (size_t)mix(mix(mix(key[0], key[1]), key[2]), key[3]) & (seen->room - 1);

    while (seen->used[i] && memcmp(seen->keys[i], key, sizeof seen->keys[i]) != 0)
        i = (i + 1) & (seen->room - 1);
    return i;
}

static void grow(struct smref_seen *seen)
{
    struct smref_seen larger = {.room = seen->room ? 4 * seen->room : 256, .count = seen->count};

    larger.keys = smref_alloc(larger.room, sizeof *larger.keys);
    larger.used = smref_alloc(larger.room, sizeof *larger.used);
    for (size_t i = 0; i < seen->room; i++) {
        if (!seen->used[i])
            continue;
        size_t slot = slot_of(&larger, seen->keys[i]);
        memcpy(larger.keys[slot], seen->keys[i], sizeof seen->keys[i]);
        larger.used[slot] = true;
    }
    free(seen->keys);
    free(seen->used);
    *seen = larger;
}

bool smref_seen_add(smref_seen **set, const uint64_t key[4])
{
    smref_seen *seen = *set;
    size_t slot;

    if (!seen)
        seen = *set = smref_alloc(1, sizeof *seen);
    if (2 * seen->count >= seen->room)
        grow(seen);
    slot = slot_of(seen, key);
    if (seen->used[slot])
        return false;
    memcpy(seen->keys[slot], key, sizeof seen->keys[slot]);
    seen->used[slot] = true;
    seen->count++;
    return true;
}

void smref_seen_free(smref_seen *seen)
{
    if (!seen)
        return;
    free(seen->keys);
    free(seen->used);
    free(seen);
}
