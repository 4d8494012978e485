/* Literal register and structure values, so that these tests do not depend on generated positions. */
#include "system.h"

#include <check.h>

static smref_mem_result no_read(void *context, smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    (void)context, (void)pas, (void)at, (void)count, (void)words;
    return SMREF_MEM_ABORT;
}

static smref_mem_result no_write(void *context, smref_pas pas, uint64_t at, unsigned count,
                                 const uint64_t *words)
{
    (void)context, (void)pas, (void)at, (void)count, (void)words;
    return SMREF_MEM_ABORT;
}

const smref_memory system_no_memory = {.read = no_read, .write = no_write};

void system_new(struct system *s)
{
    s->memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    ck_assert_ptr_nonnull(s->memory);
    ck_assert_int_eq(smref_sparse_declare(s->memory, SMREF_PAS_NS, MEMORY, MEMORY_SIZE, 0), SMREF_OK);
    s->interface = smref_sparse_interface(s->memory);
    s->smmu = smref_new(&s->interface, NULL);
    ck_assert_ptr_nonnull(s->smmu);
    system_set(s, SMREF_REG_SMMU_AIDR, 4);
    system_set(s, SMREF_REG_SMMU_IDR0,
               1 << 27 | 1 << 19 | 1 << 9 | 2 << 2 | 3);        /* ST_LEVEL, CD2L, Hyp, TTF, S1P, S2P */
    system_set(s, SMREF_REG_SMMU_IDR1, 19 << 16 | 8 << 6 | 16); /* EVENTQS, SSIDSIZE, SIDSIZE */
    system_set(s, SMREF_REG_SMMU_IDR5, 7 << 4 | 5);             /* all granules, OAS 48 bits */
    system_set(s, SMREF_REG_SMMU_STRTAB_BASE, STRTAB);
    system_set(s, SMREF_REG_SMMU_STRTAB_BASE_CFG, 8);
    system_set(s, SMREF_REG_SMMU_EVENTQ_BASE, EVENTQ | 4);
    system_set(s, SMREF_REG_SMMU_CR0, 5); /* EVENTQEN, SMMUEN */
}

void system_free(struct system *s)
{
    smref_free(s->smmu);
    smref_sparse_free(s->memory);
}

void system_put(struct system *s, uint64_t at, const uint64_t *words, unsigned count)
{
    ck_assert_int_eq(s->interface.write(s->interface.context, SMREF_PAS_NS, at, count, words), SMREF_MEM_OK);
}

void system_put_word(struct system *s, uint64_t at, uint64_t word)
{
    system_put(s, at, &word, 1);
}

uint64_t system_word(struct system *s, uint64_t at)
{
    uint64_t word = 0;
    ck_assert_int_eq(s->interface.read(s->interface.context, SMREF_PAS_NS, at, 1, &word), SMREF_MEM_OK);
    return word;
}

void system_set(struct system *s, smref_register reg, uint64_t value)
{
    ck_assert_int_eq(smref_set_register(s->smmu, reg, value, NULL), SMREF_OK);
}

void system_choose(struct system *s, smref_choice choice, unsigned option)
{
    ck_assert_int_eq(smref_set_choice(s->smmu, choice, option, NULL), SMREF_OK);
}

void system_put_ste(struct system *s, uint32_t sid, unsigned config)
{
    const uint64_t ste[8] = {CD_AT | config << 1 | 1, UINT64_C(1) << 44,
                             /* S2R, S2AA64, S2PS 48 bits, S2SL0 level 1, S2T0SZ 25 */
                             UINT64_C(1) << 58 | UINT64_C(1) << 51 | UINT64_C(5) << 48 | UINT64_C(1) << 38 |
                                 UINT64_C(25) << 32,
                             TABLES};
    system_put(s, STRTAB + 64 * sid, ste, 8);
}

void system_put_cd(struct system *s)
{
    /* A, R, AA64, IPS 48 bits, V, EPD1, T0SZ 25; MAIR: Normal Write-Back */
    const uint64_t cd[8] = {UINT64_C(0x6205c0000019), TABLES, 0, 0xff};
    system_put(s, CD_AT, cd, 8);
}

void system_put_tables(struct system *s)
{
    /* AF, ISH, AP[1] or S2AP[0]; S2AP[1] would be AP[2], so a second table serves for stage 2 writes */
    system_put_word(s, TABLES + 8, 0x40000000 | 0x741);
}

smref_result system_access(struct system *s, uint32_t sid, uint64_t addr, smref_access_type type)
{
    smref_access access = {.sid = sid, .addr = addr, .type = type, .size = 1};
    smref_result result = {.outcome = SMREF_OUTCOME_OK};
    smref_error error = {.status = SMREF_OK};
    smref_status status = smref_translate(s->smmu, &access, &result, &error);
    ck_assert_msg(status == SMREF_OK, "%s: %s", error.where, error.text);
    return result;
}
