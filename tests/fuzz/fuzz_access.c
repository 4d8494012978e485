/*
 * Any bytes in registers, structures, tables and the access give an architectural outcome: no crash, no hang,
 * nothing outside what the header promises.
 *
 * The input (or a generator with a fixed seed, when run without libFuzzer) decides the ID registers, the
 * STE, the CD, the contents of memory and the access. Every address is backed: the memory repeats a small
 * pool of words, a part of which are well-formed descriptors, so that walks go deep. Half of the structures
 * start from a legal one and have some bits changed, so that the checks behind legality are reached too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smref.h"
#include "smref_layout.h"

#define POOL 512

struct source {
    const uint8_t *data;
    size_t size;
    uint64_t state;
};

/* The next eight bytes of the input; after its end, a sequence that the input determines. */
static uint64_t draw(struct source *s)
{
    if (s->size >= 8) {
        uint64_t word;
        memcpy(&word, s->data, 8);
        s->data += 8;
        s->size -= 8;
        s->state ^= word;
        return word;
    }
    s->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = s->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct world {
    uint64_t pool[POOL];
    uint64_t ste[SMREF_STE_WORDS], cd[SMREF_CD_WORDS];
    uint64_t ste_at, cd_at;
    unsigned aborts; /* one read in 2^aborts is aborted; 0: none */
    unsigned reads;
};

static smref_mem_result world_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                   uint64_t *words)
{
    struct world *w = context;
    if (pas != SMREF_PAS_NS || (address & 7) || count < 1 || count > 8 || address >> 56)
        abort();
    if (w->aborts && (++w->reads * 2654435761U) >> (32 - w->aborts) == 0)
        return SMREF_MEM_ABORT;
    if (count == 8) {
        memcpy(words, address == w->ste_at ? w->ste : w->cd, 64);
        return SMREF_MEM_OK;
    }
    for (unsigned i = 0; i < count; i++)
        words[i] = w->pool[((address >> 3) + i + (address >> 15)) % POOL];
    return SMREF_MEM_OK;
}

static smref_mem_result world_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    const uint64_t *words)
{
    (void)context;
    (void)words;
    if (pas != SMREF_PAS_NS || (address & 7) || count != 4)
        abort();
    return SMREF_MEM_OK;
}

static void fill_pool(struct source *s, struct world *w)
{
    for (unsigned i = 0; i < POOL; i++) {
        uint64_t d = draw(s);
        if (d >> 61) { /* mostly a valid descriptor, with the Access flag and small addresses */
            d |= UINT64_C(0x403);
            d &= ~UINT64_C(0x0000ff0000000000) | (d << 7);
            if (d >> 60 & 1)
                d &= ~UINT64_C(2);
        }
        w->pool[i] = d;
    }
}

static void flip_some(struct source *s, uint64_t *words, unsigned count)
{
    for (uint64_t n = draw(s) % 5; n; n--) {
        uint64_t where = draw(s);
        words[where % count] ^= UINT64_C(1) << (where >> 32) % 64;
    }
}

static void make_structures(struct source *s, struct world *w)
{
    uint64_t style = draw(s);
    for (unsigned i = 0; i < 8; i++) {
        w->ste[i] = draw(s);
        w->cd[i] = draw(s);
    }
    if (style & 1) {
        uint64_t shape = draw(s);
        memset(w->ste, 0, sizeof w->ste);
        smref_STE_set_V(w->ste, 1);
        smref_STE_set_Config(w->ste, 4 + (shape & 3));
        smref_STE_set_S1ContextPtr(w->ste, 0x1000);
        smref_STE_set_STRW(w->ste, shape >> 2 & 2);
        smref_STE_set_S2AA64(w->ste, shape >> 4 & 7 ? 1 : 0);
        smref_STE_set_S2TG(w->ste, (shape >> 7) % 3);
        smref_STE_set_S2DS(w->ste, shape >> 10 & 1);
        smref_STE_set_S2T0SZ(w->ste, 12 + (shape >> 11) % 37);
        smref_STE_set_S2SL0(w->ste, shape >> 20 & 3);
        smref_STE_set_S2SL0_2(w->ste, (shape >> 22 & 7) == 0);
        smref_STE_set_S2PS(w->ste, (shape >> 25) % 7);
        smref_STE_set_S2R(w->ste, 1);
        smref_STE_set_S2AFFD(w->ste, shape >> 30 & 1);
        smref_STE_set_S2FWB(w->ste, shape >> 31 & 1 && shape >> 4 & 7);
        smref_STE_set_S1CDMax(w->ste, shape >> 32 & 1 ? (shape >> 33) % 12 : 0);
        smref_STE_set_S1Fmt(w->ste, shape >> 40 & 3);
        smref_STE_set_S1DSS(w->ste, shape >> 42 & 3);
        flip_some(s, w->ste, 8);
    }
    if (style & 2) {
        uint64_t shape = draw(s);
        memset(w->cd, 0, sizeof w->cd);
        smref_CD_set_V(w->cd, 1);
        smref_CD_set_AA64(w->cd, shape & 7 ? 1 : 0);
        smref_CD_set_T0SZ(w->cd, 12 + (shape >> 3) % 37);
        smref_CD_set_T1SZ(w->cd, 12 + (shape >> 9) % 37);
        smref_CD_set_TG0(w->cd, (shape >> 15) % 3);
        smref_CD_set_TG1(w->cd, 1 + (shape >> 17) % 3);
        smref_CD_set_DS(w->cd, shape >> 20 & 1);
        smref_CD_set_IPS(w->cd, (shape >> 21) % 7);
        smref_CD_set_A(w->cd, shape >> 24 & 1);
        smref_CD_set_R(w->cd, 1);
        smref_CD_set_AFFD(w->cd, shape >> 25 & 1);
        smref_CD_set_PAN(w->cd, shape >> 26 & 1);
        smref_CD_set_EPAN(w->cd, shape >> 27 & 1);
        smref_CD_set_WXN(w->cd, shape >> 28 & 1);
        smref_CD_set_TBI0(w->cd, shape >> 29 & 1);
        smref_CD_set_MAIR0(w->cd, draw(s));
        smref_CD_set_MAIR1(w->cd, draw(s));
        flip_some(s, w->cd, 8);
    }
}

static void deposit(smref *smmu, smref_register reg, uint64_t value)
{
    if (smref_register_at(reg)->width == 32)
        value &= UINT32_MAX;
    if (smref_set_register(smmu, reg, value, NULL) != SMREF_OK)
        abort();
}

/* The ID registers of everything that is modelled, with a few features taken away again. */
static void make_registers(struct source *s, smref *smmu, struct world *w)
{
    uint64_t less = draw(s), rest = draw(s);
    bool whole = less & 7;
    deposit(smmu, SMREF_REG_SMMU_AIDR, whole ? 4 : less >> 3 & 7);
    deposit(smmu, SMREF_REG_SMMU_IDR0, UINT64_C(0x080e721f) ^ (whole ? 0 : less >> 6 & UINT64_C(0x070e120f)));
    deposit(smmu, SMREF_REG_SMMU_IDR1, UINT64_C(0x0e730520) ^ (whole ? 0 : less >> 9 & UINT64_C(0x0c0007c0)));
    deposit(smmu, SMREF_REG_SMMU_IDR3,
            UINT64_C(0x0042771c) ^ (whole ? 0 : less >> 12 & UINT64_C(0x0042771c)));
    deposit(smmu, SMREF_REG_SMMU_IDR5, UINT64_C(0x001004f6) ^ (whole ? 0 : less >> 15 & UINT64_C(0x4f7)));
    deposit(smmu, SMREF_REG_SMMU_CR0, (rest & 7) == 0 ? rest >> 3 & 0xf : 5);
    deposit(smmu, SMREF_REG_SMMU_CR2, rest >> 8 & 3);
    deposit(smmu, SMREF_REG_SMMU_GBPA, draw(s));
    w->ste_at = 0;
    deposit(smmu, SMREF_REG_SMMU_STRTAB_BASE, 0);
    deposit(smmu, SMREF_REG_SMMU_STRTAB_BASE_CFG, rest >> 16 & 1 ? rest >> 17 & 0x307ff : 32);
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_BASE, draw(s));
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_PROD, rest >> 40);
    deposit(smmu, SMREF_REG_SMMU_EVENTQ_CONS, rest >> 44);
    deposit(smmu, SMREF_REG_SMMU_GERRORN, rest >> 60 == 1 ? 4 : 0);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
        unsigned option = (unsigned)(draw(s) % smref_choice_at(i)->option_count);
        if (smref_option_permitted(smmu, (smref_choice)i, option))
            smref_set_choice(smmu, (smref_choice)i, option, NULL);
    }
}

static smref_access make_access(struct source *s)
{
    uint64_t a = draw(s);
    smref_access access = {.sid = a & 1 ? (uint32_t)(a >> 32) : 0,
                           .ssv = (a & 6) == 2,
                           .ssid = (uint32_t)(a >> 3 & 0xfffff),
                           .type = (smref_access_type)((a >> 24) % 3),
                           .size = 1,
                           .priv = a >> 28 & 1,
                           .inst = a >> 29 & 1,
                           .attrs_supplied = a >> 30 & 1,
                           .addr = draw(s)};
    uint64_t b = draw(s);
    access.addr >>= b % 8 * 8;
    if (b >> 8 & 1)
        access.addr = ~access.addr;
    access.attrs = (smref_attrs){.type = (uint8_t)((b >> 16) % 5),
                                 .sh = (uint8_t)((b >> 20) % 3),
                                 .inner = {(uint8_t)((b >> 24) % 3), b >> 28 & 1, b >> 29 & 1, b >> 30 & 1},
                                 .outer = {(uint8_t)((b >> 32) % 3), b >> 36 & 1, b >> 37 & 1, b >> 38 & 1}};
    return access;
}

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fuzz_access: broken promise: %s\n", what);
        abort();
    }
}

/* What the header promises of any result. */
static void check_result(const smref *smmu, const smref_result *r)
{
    static const uint8_t oas_bits[8] = {32, 36, 40, 42, 44, 48, 52, 56};
    uint64_t oas = oas_bits[smref_get_register(smmu, SMREF_REG_SMMU_IDR5) & 7];
    require(r->rule_count <= SMREF_MAX_RULES, "rule count");
    for (unsigned i = 0; i < r->rule_count; i++)
        require(r->rules[i] > 0 && r->rules[i] < SMREF_RULE_COUNT, "rule id");
    require(r->outcome <= SMREF_OUTCOME_RAZ_WI, "outcome");
    if (r->outcome == SMREF_OUTCOME_OK) {
        require(!(r->pa >> oas), "address within the output size");
        require(r->pas == SMREF_PAS_NS, "a Non-secure stream stays Non-secure");
        require(!r->event_valid, "no event with success");
        require(!(r->page_size & (r->page_size - 1)), "page size is a power of two");
        require(r->attrs.type == SMREF_MT_NORMAL || r->attrs.sh == SMREF_OSH, "Device is Outer Shareable");
    }
    if (r->event_valid)
        require((r->event.words[0] & 0xff) == (uint64_t)r->event.type, "event number");
}

/* What the explanation of an access told. */
struct told {
    const smref *smmu;
    unsigned steps, reads, rules;
    uint16_t rule[SMREF_MAX_RULES];
    smref_walk_info walk[3];
    uint64_t ste[SMREF_STE_WORDS];
};

/* Every field of what was read can be looked at, whatever it holds. */
static void look_at_fields(const struct told *told, const smref_step *step)
{
    smref_field_context context = {.ste = told->ste, .walk = &told->walk[step->stage], .level = step->level};
    const smref_layout_info *layout = smref_layout_at((unsigned)step->layout);
    require(layout && layout->bytes == step->count * 8, "size of what was read");
    for (unsigned i = 0; i < layout->field_count; i++) {
        smref_field_state state = SMREF_FIELD_ACTIVE;
        if (smref_field_look(told->smmu, &context, step->layout, i, step->words, &state))
            require(state <= SMREF_FIELD_IMPDEF, "state of a field");
    }
}

static void tell(void *context, const smref_step *step)
{
    struct told *told = context;
    told->steps++;
    require(step->stage >= 0 && step->stage <= 2, "stage of a step");
    require((unsigned)step->phase <= SMREF_PHASE_FAULT, "phase of a step");
    switch (step->kind) {
    case SMREF_STEP_READ:
        told->reads++;
        if (step->words)
            look_at_fields(told, step);
        if (step->words && step->layout == SMREF_LAYOUT_STE)
            memcpy(told->ste, step->words, sizeof told->ste);
        break;
    case SMREF_STEP_RULE:
        if (told->rules < SMREF_MAX_RULES)
            told->rule[told->rules++] = (uint16_t)step->rule;
        break;
    case SMREF_STEP_WALK:
        told->walk[step->stage] = *step->walk;
        break;
    case SMREF_STEP_CHOICE:
        require(step->option < smref_choice_at((unsigned)step->choice)->option_count, "option of a step");
        break;
    case SMREF_STEP_VALUE:
    case SMREF_STEP_ATTRS:
    case SMREF_STEP_GRANTS:
        require(step->name != NULL, "name of a step");
        break;
    case SMREF_STEP_WRITE:
    case SMREF_STEP_REGISTER:
    case SMREF_STEP_FETCH:
        break;
    }
}

/* The explanation tells what happened: the same rules in the same order, and every read. */
static void check_told(const struct told *told, const smref_result *r)
{
    require(told->rules == r->rule_count && !memcmp(told->rule, r->rules, told->rules * sizeof *told->rule),
            "the explanation has the rules of the result");
    require(told->reads == r->memory_reads, "the explanation has the reads of the result");
    require(told->steps < 1000, "the explanation is bounded");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    static smref *smmu, *again;
    struct source s = {data, size, UINT64_C(0x243f6a8885a308d3)};
    if (!smmu) {
        smref_memory memory = {&w, world_read, world_write};
        smmu = smref_new(&memory, NULL);
        again = smref_new(&memory, NULL);
    }
    uint64_t style = draw(&s);
    w.aborts = (style & 15) == 0 ? 3 : 0;
    w.reads = 0;
    fill_pool(&s, &w);
    make_structures(&s, &w);
    make_registers(&s, smmu, &w);
    for (unsigned n = 0; n < 8; n++) {
        smref_access access = make_access(&s);
        smref_result result, second;
        memset(&result, 0, sizeof result);
        memset(&second, 0, sizeof second);
        smref_copy_state(again, smmu);
        unsigned reads = w.reads;
        smref_status status = smref_translate(smmu, &access, &result, NULL);
        require(status == SMREF_OK || status == SMREF_E_NOT_MODELLED, "status");
        if (status != SMREF_OK)
            continue;
        check_result(smmu, &result);
        w.reads = reads;
        struct told told = {.smmu = again};
        smref_set_trace(again, tell, &told);
        require(smref_translate(again, &access, &second, NULL) == SMREF_OK, "status of a repetition");
        check_told(&told, &second);
        require(result.outcome == second.outcome && result.event_valid == second.event_valid &&
                    result.rule_count == second.rule_count &&
                    !memcmp(result.rules, second.rules, result.rule_count * sizeof *result.rules),
                "the same state and access give the same outcome");
        for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
            require(smref_get_register(smmu, (smref_register)reg) ==
                        smref_get_register(again, (smref_register)reg),
                    "the same state and access leave the same registers");
    }
    return 0;
}

#ifndef SMREF_LIBFUZZER
/* Without libFuzzer: `fuzz_access [EXECUTIONS [SEED]]`; an execution is one access. */
int main(int argc, char **argv)
{
    uint64_t executions = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (uint64_t i = 0; i < executions; i += 8) {
        uint64_t input[2] = {seed, i};
        LLVMFuzzerTestOneInput((const uint8_t *)input, sizeof input);
    }
    printf("fuzz_access: %" PRIu64 " executions, seed %" PRIu64 ", no broken promise\n", executions, seed);
    return 0;
}
#endif
