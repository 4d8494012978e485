/*
 * The host runs out of memory: every call of the library that allocates says so, changes nothing and leaks
 * nothing. The linker puts the functions below in front of the C library's (tests/tests.mk).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../suite.h"
#include "smref.h"

/* Allocations that still succeed; negative: all. */
static long left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool may_allocate(void)
{
    if (left == 0)
        return false;
    left -= left > 0;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
    return may_allocate() ? __real_realloc(old, size) : NULL;
}

/* Calls `attempt` with room for 0, 1, 2, ... allocations until it succeeds; each failure must leak nothing.
 */
static unsigned until_it_works(bool (*attempt)(void))
{
    for (long room = 0;; room++) {
        left = room;
        bool good = attempt();
        left = -1;
        if (good)
            return (unsigned)room;
        ck_assert_int_lt(room, 1000);
    }
}

static smref_sparse *memory;
static smref *smmu;
static smref_error last_error;

static bool make_memory(void)
{
    memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    return memory;
}

static bool make_instance(void)
{
    smref_memory interface = smref_sparse_interface(memory);
    last_error = (smref_error){.status = SMREF_OK};
    smmu = smref_new(&interface, &last_error);
    return smmu;
}

static bool clone(void)
{
    smref *copy = smref_clone(smmu);
    smref_free(copy);
    return copy;
}

static bool cache(void)
{
    return smref_set_caching(smmu, SMREF_CACHING_EXACT, NULL) == SMREF_OK;
}

static bool copy_caches(void)
{
    smref_memory interface = smref_sparse_interface(memory);
    long room = left;
    left = -1;
    smref *other = smref_new(&interface, NULL);
    left = room;
    smref_status status = smref_copy_state(other, smmu);
    room = left;
    left = -1;
    ck_assert_int_eq(smref_get_caching(other), status == SMREF_OK ? SMREF_CACHING_EXACT : SMREF_CACHING_NONE);
    smref_free(other);
    left = room;
    return status == SMREF_OK;
}

START_TEST(making_things)
{
    left = 0;
    smref_sparse *none = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    left = -1;
    ck_assert_ptr_null(none);
    ck_assert_uint_gt(until_it_works(make_memory), 0);
    left = 0;
    bool made = make_instance();
    left = -1;
    ck_assert(!made);
    ck_assert_int_eq(last_error.status, SMREF_E_NO_MEMORY);
    ck_assert(make_instance());
    ck_assert_uint_gt(until_it_works(clone), 0);
    left = 0;
    bool cached = cache();
    left = -1;
    ck_assert(!cached);
    ck_assert_int_eq(smref_get_caching(smmu), SMREF_CACHING_NONE);
    ck_assert_uint_eq(until_it_works(cache), 1);
    ck_assert_uint_eq(until_it_works(clone), 2);
    ck_assert_uint_eq(until_it_works(copy_caches), 1);
    smref_free(smmu);
    smref_sparse_free(memory);
}
END_TEST

/* An alias that there was no room for is none, and can be had later. */
START_TEST(aliases)
{
    memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    for (unsigned i = 0; i < 40; i++) {
        uint64_t at = 0x1000 * (uint64_t)i;
        left = 0;
        smref_status status = smref_sparse_alias(memory, SMREF_PAS_SECURE, SMREF_PAS_NS, at, 0x1000);
        left = -1;
        ck_assert_int_eq(status, i == 0 || i == 16 || i == 32 ? SMREF_E_NO_MEMORY : SMREF_OK);
        if (status != SMREF_OK)
            ck_assert_int_eq(smref_sparse_alias(memory, SMREF_PAS_SECURE, SMREF_PAS_NS, at, 0x1000),
                             SMREF_OK);
    }
    smref_sparse_free(memory);
}
END_TEST

/* More regions and pages than fit without growing; now and then there is no room, and a second try succeeds.
 */
START_TEST(declaring_and_storing)
{
    ck_assert(make_memory());
    smref_memory interface = smref_sparse_interface(memory);
    unsigned refused_regions = 0, refused_stores = 0, refused_writes = 0;
    for (uint64_t i = 0; i < 300; i++) {
        uint64_t at = i << 20, word = i;
        left = 0;
        smref_status status = smref_sparse_declare(memory, SMREF_PAS_NS, at, 0x4000, (uint8_t)i);
        left = -1;
        refused_regions += status == SMREF_E_NO_MEMORY;
        if (status != SMREF_OK)
            ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, at, 0x4000, (uint8_t)i), SMREF_OK);
        for (long room = 0; room < 3; room++) {
            left = room;
            status = smref_sparse_store(memory, SMREF_PAS_NS, at, &word, 8);
            left = -1;
            refused_stores += status == SMREF_E_NO_MEMORY;
            uint64_t back = 0;
            ck_assert_int_eq(smref_sparse_load(memory, SMREF_PAS_NS, at, &back, 8), SMREF_OK);
            ck_assert_uint_eq(back, status == SMREF_OK ? word : (i & 0xff) * UINT64_C(0x0101010101010101));
            left = room;
            smref_mem_result result = interface.write(interface.context, SMREF_PAS_NS, at + 0x1000, 1, &word);
            left = -1;
            refused_writes += result == SMREF_MEM_ABORT;
        }
    }
    ck_assert_msg(refused_regions > 1 && refused_stores > 300 && refused_writes > 300, "%u %u %u",
                  refused_regions, refused_stores, refused_writes);
    smref_sparse_free(memory);
}
END_TEST

/* Stores that cannot be remembered are not made. */
START_TEST(remembering_stores)
{
    ck_assert(make_memory());
    smref_memory interface = smref_sparse_interface(memory);
    unsigned refused = 0;
    uint64_t back;
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0, 0x1000, 0), SMREF_OK);
    ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_NS, 0, "x", 1), SMREF_OK);
    smref_sparse_checkpoint(memory);
    for (uint64_t word = 1; word < 512; word++) {
        uint8_t byte = (uint8_t)(word | 1);
        left = 0;
        if (smref_sparse_store(memory, SMREF_PAS_NS, 8 * word, &word, 8) == SMREF_E_NO_MEMORY)
            refused++;
        if (smref_sparse_store(memory, SMREF_PAS_NS, 8 * word + 1, &byte, 1) == SMREF_E_NO_MEMORY)
            refused++;
        if (interface.write(interface.context, SMREF_PAS_NS, 8 * word, 1, &word) == SMREF_MEM_ABORT)
            refused++;
        left = -1;
        if (word % 64 == 0) /* room for more */
            ck_assert_int_eq(smref_sparse_store(memory, SMREF_PAS_NS, 8, "12345678", 8), SMREF_OK);
    }
    ck_assert_uint_gt(refused, 0);
    smref_sparse_rollback(memory);
    for (uint64_t word = 1; word < 512; word++) {
        ck_assert_int_eq(smref_sparse_load(memory, SMREF_PAS_NS, 8 * word, &back, 8), SMREF_OK);
        ck_assert_uint_eq(back, 0);
    }
    smref_sparse_free(memory);
}
END_TEST

START_TEST(part_of_a_write_where_memory_reads_as_zero)
{
    memory = smref_sparse_new(SMREF_UNMAPPED_ZERO);
    ck_assert_ptr_nonnull(memory);
    smref_memory interface = smref_sparse_interface(memory);
    uint64_t words[2] = {1, 2};
    ck_assert_int_eq(smref_sparse_declare(memory, SMREF_PAS_NS, 0, 8, 0), SMREF_OK);
    left = 0;
    smref_mem_result result = interface.write(interface.context, SMREF_PAS_NS, 0, 2, words);
    left = -1;
    ck_assert_int_eq(result, SMREF_MEM_ABORT);
    ck_assert_int_eq(interface.write(interface.context, SMREF_PAS_NS, 0, 2, words), SMREF_MEM_OK);
    smref_sparse_free(memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("no memory");
    TCase *tcase = tcase_create("no memory");
    tcase_add_test(tcase, making_things);
    tcase_add_test(tcase, aliases);
    tcase_add_test(tcase, declaring_and_storing);
    tcase_add_test(tcase, remembering_stores);
    tcase_add_test(tcase, part_of_a_write_where_memory_reads_as_zero);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
