/*
 * The memory interface over a sparse memory. An instance that has it does not even call it for most
 * descriptors: sparse_word() is compiled into the walk.
 */
#include "sparse.h"

static smref_mem_result sparse_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    uint64_t *words)
{
    return smref_sparse_read_words(context, pas, address, count, words);
}

static smref_mem_result sparse_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                     const uint64_t *words)
{
    return smref_sparse_write_words(context, pas, address, count, words);
}

smref_memory smref_sparse_interface(smref_sparse *m)
{
    return (smref_memory){m, sparse_read, sparse_write};
}

const smref_sparse *smref_sparse_behind(const smref_memory *memory)
{
    static struct glance nothing = {.key = SPARSE_NO_KEY};
    static const smref_sparse none = {.glances = &nothing};
    return memory->read == sparse_read ? memory->context : &none;
}
