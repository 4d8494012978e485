/*
 * The memory interface over a sparse memory. It is on the path of every descriptor that the model reads, so
 * the common case, one word of a page that is there in full, stays small.
 */
#include "sparse.h"

static smref_mem_result sparse_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    uint64_t *words)
{
    return smref_sparse_read_words(context, pas, address, count, words);
}

static uint64_t sparse_read_word(void *context, smref_pas pas, uint64_t address, smref_mem_result *result)
{
    const smref_sparse *m = context;
    uint64_t key = sparse_key(pas, address);
    const struct slot *slot = &m->slots[sparse_hash(m, key)];
    if (slot->key != key || !slot->whole)
        return smref_sparse_read_word(m, pas, address, result);
    *result = SMREF_MEM_OK;
    return slot->whole[(address & (PAGE_SIZE - 1)) / 8];
}

static smref_mem_result sparse_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                     const uint64_t *words)
{
    return smref_sparse_write_words(context, pas, address, count, words);
}

smref_memory smref_sparse_interface(smref_sparse *m)
{
    return (smref_memory){m, sparse_read, sparse_write, sparse_read_word};
}
