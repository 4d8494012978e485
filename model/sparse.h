/*
 * What the two files of the sparse memory share: its regions, its pages, and how a page is found.
 */
#ifndef SMREF_SPARSE_H
#define SMREF_SPARSE_H

#include "smref.h"

#define PAGE_BITS 12
#define PAGE_SIZE ((uint64_t)1 << PAGE_BITS)
#define SPACE_BIT 60 /* of a key: where the address space stands */

struct region {
    uint64_t first, last; /* addresses of the first and of the last byte */
    const uint8_t *bytes; /* borrowed contents, or NULL: `fill` */
    uint8_t fill;
};

struct page {
    uint64_t key;
    bool whole;                    /* every byte lies in a region */
    uint64_t words[PAGE_SIZE / 8]; /* each least significant byte first, as read by word_of() */
};

/* What a look finds without a search: the words of a whole page. */
struct glance {
    uint64_t key; /* SPARSE_NO_KEY: nothing is here */
    const uint64_t *words;
};
#define SPARSE_NO_KEY UINT64_MAX

/* Addresses of a space that are those of another one; both aligned to pages. */
struct alias {
    smref_pas pas, as;
    uint64_t first, last;
};

struct undo {
    uint64_t *word, old;
};

struct smref_sparse {
    smref_unmapped unmapped;
    struct region *regions[SMREF_PAS_COUNT]; /* by rising address */
    size_t region_count[SMREF_PAS_COUNT], region_room[SMREF_PAS_COUNT];
    struct page **pages;    /* a hash table; NULL where there is none */
    struct glance *glances; /* as many, one for each value of the hash */
    size_t slot_mask;       /* their number, a power of two, less 1 */
    size_t page_count;
    struct alias *aliases;
    size_t alias_count, alias_room;
    bool journal;
    struct undo *undo;
    size_t undo_count, undo_room;
};

static inline uint64_t sparse_key(smref_pas pas, uint64_t at)
{
    return at >> PAGE_BITS | (uint64_t)pas << SPACE_BIT;
}

static inline smref_pas sparse_space(uint64_t key)
{
    return (smref_pas)(key >> SPACE_BIT);
}

static inline size_t sparse_hash(const smref_sparse *m, uint64_t key)
{
    return (size_t)(key ^ key >> 7) & m->slot_mask;
}

/* The slot of the key, or the free one where it would be. */
static inline size_t sparse_slot(const smref_sparse *m, uint64_t key)
{
    size_t i = sparse_hash(m, key);
    while (m->pages[i] && m->pages[i]->key != key)
        i = (i + 1) & m->slot_mask;
    return i;
}

/* The whole page of an address, where a look finds it, else NULL. */
static inline const uint64_t *sparse_glance(const smref_sparse *m, smref_pas pas, uint64_t address)
{
    uint64_t key = sparse_key(pas, address);
    const struct glance *glance = &m->glances[sparse_hash(m, key)];
    return glance->key == key ? glance->words : NULL;
}

/* Where the word of an address is in its page. */
static inline size_t sparse_offset(uint64_t address)
{
    return (size_t)(address & (PAGE_SIZE - 1)) / 8;
}

/* The sparse memory behind an interface; one in which no look finds anything when it is the caller's own. */
const smref_sparse *smref_sparse_behind(const smref_memory *memory);

/* Reads and writes that take their time over finding out what is declared. */
smref_mem_result smref_sparse_read_words(const smref_sparse *memory, smref_pas pas, uint64_t address,
                                         unsigned count, uint64_t *words);
smref_mem_result smref_sparse_write_words(smref_sparse *memory, smref_pas pas, uint64_t address,
                                          unsigned count, const uint64_t *words);

#endif
