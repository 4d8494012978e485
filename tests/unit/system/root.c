/* Literal register values, so that these tests do not depend on generated positions. */
#include "root.h"

#include <check.h>

/* ---- A Root address space of few words ------------------------------------------------------------- */

#define WORDS 64

static struct {
    struct {
        uint64_t at, word;
    } list[WORDS];
    unsigned count;
    uint64_t fill;   /* of all others */
    uint64_t aborts; /* the word that cannot be read; 1: none */
} root;

smref *root_smmu;

uint64_t root_word(uint64_t at)
{
    for (unsigned i = root.count; i-- > 0;)
        if (root.list[i].at == at)
            return root.list[i].word;
    return root.fill;
}

static smref_mem_result read_words(void *context, smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    (void)context;
    ck_assert_int_eq(pas, SMREF_PAS_ROOT); /* D9.1 THJVJ: GPT walks go to the Root space */
    ck_assert_uint_eq(at % 8, 0);
    for (unsigned i = 0; i < count; i++) {
        if (at + 8 * i == root.aborts)
            return SMREF_MEM_ABORT;
        words[i] = root_word(at + 8 * i);
    }
    return SMREF_MEM_OK;
}

static smref_mem_result no_write(void *context, smref_pas pas, uint64_t at, unsigned count,
                                 const uint64_t *words)
{
    (void)context, (void)pas, (void)at, (void)count, (void)words;
    ck_abort_msg("a check writes nothing");
    return SMREF_MEM_ABORT;
}

static const smref_memory memory = {.read = read_words, .write = no_write};

void root_put(uint64_t at, uint64_t word)
{
    ck_assert_uint_lt(root.count, WORDS);
    root.list[root.count].at = at;
    root.list[root.count++].word = word;
}

void root_clear(uint64_t fill)
{
    root.count = 0;
    root.fill = fill;
    root.aborts = 1;
}

void root_abort_at(uint64_t at)
{
    root.aborts = at;
}

bool root_aborts_at(uint64_t at)
{
    return root.aborts == at;
}

void root_set(smref_register reg, uint64_t value)
{
    ck_assert_int_eq(smref_set_register(root_smmu, reg, value, NULL), SMREF_OK);
}

/* ---- Registers ------------------------------------------------------------------------------------- */

const struct root_config root_usual = ROOT_USUAL;

void root_program(const struct root_config *c)
{
    root_set(SMREF_REG_SMMU_IDR5, (uint64_t)c->grans << 4 | c->oas);
    root_set(SMREF_REG_SMMU_ROOT_GPT_BASE, c->base);
    root_set(SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, (uint64_t)c->l0gptsz << 20 | (uint64_t)c->pgs << 14 |
                                                   c->sh << 12 | c->orgn << 10 | c->irgn << 8 | c->pps);
    root_set(SMREF_REG_SMMU_ROOT_GPF_FAR, 0);
    root_set(SMREF_REG_SMMU_ROOT_GPT_CFG_FAR, 0);
}

static void enable(unsigned cr0)
{
    root_set(SMREF_REG_SMMU_ROOT_CR0, cr0);
    root_set(SMREF_REG_SMMU_ROOT_CR0ACK, cr0);
}

void root_set_up(void)
{
    root_smmu = smref_new(&memory, NULL);
    ck_assert_ptr_nonnull(root_smmu);
    root_set(SMREF_REG_SMMU_AIDR, 4);
    root_set(SMREF_REG_SMMU_ROOT_IDR0, 5);                /* ROOT_IMPL, RGPTM */
    root_set(SMREF_REG_SMMU_S_IDR1, 1u << 31 | 1u << 29); /* SECURE_IMPL, SEL2 */
    enable(3);
    root_clear(0);
    root_program(&root_usual);
}

void root_tear_down(void)
{
    smref_free(root_smmu);
}

/* ---- What happened --------------------------------------------------------------------------------- */

static smref_result access_result;

/* FPAS (6.3.116): Secure 0, Non-secure 1, Root 2, Realm 3. */
uint64_t root_syndrome(smref_pas pas, uint64_t address)
{
    static const uint64_t fpas[] = {
        [SMREF_PAS_NS] = 1, [SMREF_PAS_SECURE] = 0, [SMREF_PAS_ROOT] = 2, [SMREF_PAS_REALM] = 3};
    return fpas[pas] << 62 | (address & UINT64_C(0x00fffffffffff000)) | 3 << 1 | 1; /* TRANSACTION, FAULT */
}

int root_access(smref_pas pas, uint64_t address)
{
    smref_access a = {.no_stream = true, .pas = pas, .addr = address, .size = 1};
    smref_error error = {.status = SMREF_OK};
    smref_status status = smref_translate(root_smmu, &a, &access_result, &error);
    ck_assert_msg(status == SMREF_OK, "%s", error.text);
    uint64_t gpf = smref_get_register(root_smmu, SMREF_REG_SMMU_ROOT_GPF_FAR);
    uint64_t cfg = smref_get_register(root_smmu, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR);
    ck_assert_int_eq(gpf != 0, access_result.gpf_far);
    ck_assert_int_eq(cfg != 0, access_result.gpt_cfg_far);
    ck_assert(!access_result.event_valid);
    root_set(SMREF_REG_SMMU_ROOT_GPF_FAR, 0);
    root_set(SMREF_REG_SMMU_ROOT_GPT_CFG_FAR, 0);
    if (!gpf && !cfg) {
        ck_assert_int_eq(access_result.outcome, SMREF_OUTCOME_OK);
        ck_assert_uint_eq(access_result.pa, address);
        ck_assert_int_eq(access_result.pas, pas);
        return ROOT_PERMITTED;
    }
    ck_assert_int_eq(access_result.outcome, SMREF_OUTCOME_ABORT);
    ck_assert(!gpf || !cfg);
    ck_assert_uint_eq(gpf | (cfg & ~(UINT64_C(0xf) << 56)), root_syndrome(pas, address));
    return gpf ? ROOT_GPF : (int)(cfg >> 56 & 0xf);
}
