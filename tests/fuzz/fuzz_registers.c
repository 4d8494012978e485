/*
 * Software that writes anything anywhere: from a reset on, reads and writes of registers of all sizes, at all
 * offsets, from every physical address space, with accesses of devices and resets between them. Whatever was
 * done, read-only registers stand still, reserved bits read as zero, CR0ACK shows only what CR0 has, and
 * Secure registers are out of reach of Non-secure and Realm accesses; a read gives what the register holds
 * and changes nothing. What the library refuses changes nothing either.
 *
 * Built with libFuzzer, this is its target. On its own: `fuzz_registers [OPERATIONS [SEED]]`.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "smref.h"

#define OPERATIONS 256

static smref *smmu, *again;
static uint64_t before[SMREF_REG_COUNT];

static void broken(const char *what, unsigned reg)
{
    fprintf(stderr, "fuzz_registers: broken promise: %s%s%s\n", what, reg < SMREF_REG_COUNT ? ": " : "",
            reg < SMREF_REG_COUNT ? smref_register_at(reg)->name : "");
    abort();
}

#define NO_REGISTER SMREF_REG_COUNT

static uint64_t held(unsigned reg)
{
    return smref_get_register(smmu, (smref_register)reg);
}

static void remember(void)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        before[reg] = held(reg);
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

static uint64_t world_seed;

/* Any words, most of them small: tables that point somewhere, structures that are valid now and then. */
static smref_mem_result world_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                   uint64_t *words)
{
    (void)context;
    for (unsigned i = 0; i < count; i++) {
        uint64_t word = mix(world_seed ^ (address + 8 * i) ^ (uint64_t)pas << 60);
        words[i] = word & 3 ? word & 0xffffffff : word;
    }
    return mix(address) % 16 ? SMREF_MEM_OK : SMREF_MEM_ABORT;
}

static smref_mem_result world_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    const uint64_t *words)
{
    (void)context, (void)pas, (void)count, (void)words;
    return mix(address) % 16 ? SMREF_MEM_OK : SMREF_MEM_ABORT;
}

/* ---- What a register is ---------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
    return text && strncmp(text, with, strlen(with)) == 0;
}

static bool is_secure(unsigned reg)
{
    return begins(smref_register_at(reg)->name, "SMMU_S_");
}

/* No configuration lets software write it. */
static bool is_read_only(unsigned reg)
{
    const char *access = smref_register_at(reg)->access;
    return access && !strstr(access, "RW") && !strstr(access, "WO");
}

static bool in_family(unsigned reg, const char *const *families)
{
    for (; *families; families++)
        if (strcmp(smref_register_at(reg)->family, *families) == 0)
            return true;
    return false;
}

/* The SMMU writes these itself: acknowledgements, operations that end, errors, indexes of what it consumes
 * and produces. */
static bool is_written_by_the_smmu(unsigned reg)
{
    static const char *const families[] = {"GERROR",      "CMDQ_CONS", "ECMDQ_CONS",
                                           "EVENTQ_PROD", "PRIQ_PROD", NULL};
    const char *protocol = smref_register_at(reg)->protocol;
    return begins(protocol, "ack_mirror") || begins(protocol, "run") || in_family(reg, families);
}

/* SMMU_IDR0.STALL_MODEL tells what Secure software leaves of the Stall model (6.3.57). */
static bool differs(unsigned reg)
{
    uint64_t stall_model = reg == SMREF_REG_SMMU_IDR0 ? UINT64_C(3) << 24 : 0;
    return (held(reg) ^ before[reg]) & ~stall_model;
}

/* Bits that read as zero now. */
static uint64_t zero_bits(unsigned reg)
{
    const smref_register_info *info = smref_register_at(reg);
    uint64_t meant = 0;
    for (unsigned i = 0; i < info->field_count; i++) {
        const smref_field_info *field = &info->fields[i];
        smref_field_state state;
        if (!smref_register_field_look(smmu, (smref_register)reg, i, held(reg), &state) ||
            state == SMREF_FIELD_RES0)
            continue;
        for (unsigned k = 0; k < (field->array_count ? field->array_count : 1U); k++)
            smref_field_set(field, &meant, k, UINT64_MAX);
    }
    return ~meant;
}

/* ---- Promises -------------------------------------------------------------------------------------- */

static void check_acknowledged(smref_register control, smref_register ack)
{
    if (held(ack) & ~held(control))
        broken("an acknowledge register shows what was not asked for", ack);
}

/* After any operation. */
static void check_always(void)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        if (smref_register_at(reg)->width == 32 && held(reg) >> 32)
            broken("registers keep their width", reg);
        if (held(reg) != smref_get_register(again, (smref_register)reg))
            broken("the same operation leaves the same registers", reg);
    }
    check_acknowledged(SMREF_REG_SMMU_CR0, SMREF_REG_SMMU_CR0ACK);
    check_acknowledged(SMREF_REG_SMMU_S_CR0, SMREF_REG_SMMU_S_CR0ACK);
    check_acknowledged(SMREF_REG_SMMU_IRQ_CTRL, SMREF_REG_SMMU_IRQ_CTRLACK);
    check_acknowledged(SMREF_REG_SMMU_S_IRQ_CTRL, SMREF_REG_SMMU_S_IRQ_CTRLACK);
}

static void check_unchanged(const char *what)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        if (held(reg) != before[reg])
            broken(what, reg);
}

/* After a write that was taken: what may have changed. */
static bool check_written(const smref_mmio *access)
{
    bool changed = false;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        if (held(reg) == before[reg])
            continue;
        changed = true;
        if (is_secure(reg) && access->pas != SMREF_PAS_SECURE && access->pas != SMREF_PAS_ROOT)
            broken("a Secure register changed", reg);
        if (is_read_only(reg) && !is_written_by_the_smmu(reg) && differs(reg))
            broken("a read-only register changed", reg);
        uint32_t at = access->offset & 0xffff, own = info->offset & 0xffff;
        if (!is_written_by_the_smmu(reg) && differs(reg) &&
            (at + access->size <= own || own + info->width / 8U <= at))
            broken("a register changed that was not written", reg);
    }
    return changed;
}

/* The register that an access goes to, when it is one, or half of one. */
static bool is_whole(const smref_mmio *access, smref_register *reg, bool *upper)
{
    *upper = false;
    if ((access->size != 4 && access->size != 8) || access->offset % access->size)
        return false;
    if (!smref_register_find_offset(access->offset, reg)) {
        *upper = access->size == 4 && access->offset >= 4 &&
                 smref_register_find_offset(access->offset - 4, reg) &&
                 smref_register_at((unsigned)*reg)->width == 64;
        return *upper;
    }
    return access->size == 4 || smref_register_at((unsigned)*reg)->width == 64;
}

/* A read gives what the register holds, but for reserved bits. */
static void check_value(const smref_mmio *access, const smref_result *result)
{
    smref_register reg;
    bool upper;
    if (access->size < 8 && (result->value | result->value_unknown) >> 8 * access->size)
        broken("the value has the size of the access", NO_REGISTER);
    if (result->outcome != SMREF_OUTCOME_OK || !is_whole(access, &reg, &upper))
        return;
    uint64_t may_be_set = ~zero_bits((unsigned)reg) >> (upper ? 32 : 0);
    uint64_t holds = held((unsigned)reg) >> (upper ? 32 : 0), value = result->value & ~result->value_unknown;
    if (value & ~may_be_set)
        broken("a reserved bit reads as one", (unsigned)reg);
    if (value & ~holds & may_be_set)
        broken("a read gives what the register lacks", (unsigned)reg);
}

/* What is said to be ignored stays as it was, and was to be something else. */
static void check_ignored(const smref_mmio *access, const smref_result *result)
{
    smref_register reg;
    bool upper;
    if (access->size < 8 && result->value_ignored >> 8 * access->size)
        broken("what is ignored has the size of the access", NO_REGISTER);
    if (result->outcome != SMREF_OUTCOME_OK || !is_whole(access, &reg, &upper))
        return;
    uint64_t was = before[reg] >> (upper ? 32 : 0), is = held((unsigned)reg) >> (upper ? 32 : 0);
    if ((was ^ is) & result->value_ignored && !is_written_by_the_smmu((unsigned)reg))
        broken("an ignored bit changed", (unsigned)reg);
    if (result->value_ignored & ~(was ^ access->value) & ~access->value)
        broken("a bit that was not to change is ignored", (unsigned)reg);
}

/* ---- The explanation, of the second instance --------------------------------------------------------- */

/* Of the register that was reached: bits that differ from what is written, and those whose fields take
 * nothing. */
static struct {
    unsigned reached;
    bool write;
    uint64_t differ, closed;
} told;

static uint64_t bits_of(const smref_field_info *field)
{
    uint64_t word = 0;
    for (unsigned i = 0; i == 0 || i < field->array_count; i++)
        smref_field_set(field, &word, i, UINT64_MAX);
    return word;
}

static void on_step(void *context, const smref_step *step)
{
    (void)context;
    if (step->kind == SMREF_STEP_REACH && step->reach->found) {
        told.reached++;
        told.write = step->reach->write;
        told.differ = (step->reach->held ^ step->reach->written) & step->reach->lanes;
        told.closed = 0;
    }
    if (step->kind == SMREF_STEP_FIELD && step->look->fate != SMREF_FATE_PASSES)
        told.closed |= bits_of(&smref_register_at((unsigned)step->reg)->fields[step->field]);
    if (step->kind == SMREF_STEP_CHANGE && held((unsigned)step->reg) != step->words[1])
        broken("the explanation tells what a register holds", (unsigned)step->reg);
}

/* What no field takes is ignored. */
static void check_told(const smref_mmio *access, const smref_result *result)
{
    smref_register reg;
    bool upper;
    if (result->outcome != SMREF_OUTCOME_OK || told.reached != 1 || !is_whole(access, &reg, &upper))
        return;
    if (told.write != access->write)
        broken("the explanation tells reads from writes", (unsigned)reg);
    if (access->write && (told.differ & told.closed) >> (upper ? 32 : 0) & ~result->value_ignored)
        broken("the explanation and the result differ about what is ignored", (unsigned)reg);
}

/* ---- Operations ------------------------------------------------------------------------------------ */

enum { READS, WRITES, CHANGES, REFUSED, DEVICES, RESETS, KINDS };

static uint64_t counts[KINDS];

/* A value that differs from what is there in a few bits, or is anything at all. */
static uint64_t draw_value(struct source *s, unsigned reg)
{
    uint64_t a = draw(s), b = draw(s);
    switch (a & 7) {
    case 0:
        return b;
    case 1:
        return a >> 3 & 1 ? UINT64_MAX : 0;
    case 2:
        return b & draw(s) & draw(s);
    case 3:
        return held(reg) ^ UINT64_C(1) << (b & 63) ^ UINT32_C(1) << 31;
    default:
        return held(reg) ^ UINT64_C(1) << (b & (b & 64 ? 7 : 63));
    }
}

static smref_mmio draw_mmio(struct source *s)
{
    uint64_t a = draw(s);
    unsigned reg = (unsigned)(a >> 32) % SMREF_REG_COUNT;
    const smref_register_info *info = smref_register_at(reg);
    if ((a & 3) == 0) /* what controls the rest */
        reg = a >> 2 & 1 ? SMREF_REG_SMMU_CR0 : a >> 3 & 1 ? SMREF_REG_SMMU_IRQ_CTRL : SMREF_REG_SMMU_GERRORN;
    info = smref_register_at(reg);
    smref_mmio access = {.pas = (smref_pas)(a >> 4 & 3),
                         .write = a >> 6 & 1,
                         .size = a >> 7 & 7 ? info->width / 8U : 4,
                         .offset = info->offset,
                         .value = draw_value(s, reg)};
    if ((a >> 10 & 31) == 0)
        access.size = (uint8_t)(a >> 16);
    if ((a >> 15 & 15) == 0)
        access.offset += (uint32_t)(a >> 24 & 15);
    if ((a >> 19 & 31) == 0)
        access.offset = (uint32_t)draw(s) & 0x3ffff;
    if (access.size < 8)
        access.value &= (UINT64_C(1) << 8 * access.size) - 1;
    return access;
}

static void access_a_register(struct source *s)
{
    smref_mmio access = draw_mmio(s);
    smref_result result, second;
    smref_status status = smref_access_register(smmu, &access, &result, NULL);
    memset(&told, 0, sizeof told);
    if (smref_access_register(again, &access, &second, NULL) != status)
        broken("the same access has the same status", NO_REGISTER);
    counts[status != SMREF_OK ? REFUSED : access.write ? WRITES : READS]++;
    if (status != SMREF_OK) {
        check_unchanged("what is refused changes nothing");
        return;
    }
    if (result.outcome != second.outcome || result.value != second.value ||
        result.value_unknown != second.value_unknown || result.value_ignored != second.value_ignored ||
        result.rule_count != second.rule_count || result.effect_count != second.effect_count ||
        result.gerror_changed != second.gerror_changed)
        broken("the same access has the same result", NO_REGISTER);
    if (result.outcome != SMREF_OUTCOME_OK && result.outcome != SMREF_OUTCOME_ABORT)
        broken("an access to a register succeeds or aborts", NO_REGISTER);
    if (!access.write || result.outcome == SMREF_OUTCOME_ABORT)
        check_unchanged("a read changes nothing, nor does what aborts");
    else
        counts[CHANGES] += check_written(&access);
    check_told(&access, &result);
    if (access.write)
        check_ignored(&access, &result);
    else
        check_value(&access, &result);
}

static void access_of_a_device(struct source *s)
{
    uint64_t a = draw(s);
    smref_access access = {.sid = (uint32_t)(a & (a >> 63 ? 0xff : UINT32_MAX)),
                           .addr = draw(s) >> (a >> 32 & 63),
                           .type = (smref_access_type)((a >> 40) % 3),
                           .size = 1};
    smref_result result;
    smref_status status = smref_translate(smmu, &access, &result, NULL);
    if (smref_translate(again, &access, &result, NULL) != status)
        broken("the same access has the same status", NO_REGISTER);
    counts[DEVICES]++;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        if (held(reg) != before[reg] && reg != SMREF_REG_SMMU_EVENTQ_PROD && reg != SMREF_REG_SMMU_GERROR)
            broken("an access of a Non-secure device changes only its Event queue", reg);
}

static void reset(struct source *s)
{
    uint64_t unknown = draw(s);
    smref_reset(smmu, unknown);
    smref_reset(again, unknown);
    counts[RESETS]++;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        if (info->reset && strcmp(info->reset, "ID") == 0 && differs(reg))
            broken("identification survives a reset", reg);
    }
    if (held(SMREF_REG_SMMU_CR0) || held(SMREF_REG_SMMU_CR0ACK) || held(SMREF_REG_SMMU_GERROR) ||
        held(SMREF_REG_SMMU_GERRORN) || held(SMREF_REG_SMMU_IRQ_CTRL))
        broken("a reset disables", NO_REGISTER);
}

/* An implementation: most have what is modelled, some are anything. */
static void describe(struct source *s)
{
    uint64_t a = draw(s), noise = a & 3 ? 0 : draw(s) & draw(s);
    const struct {
        smref_register reg;
        uint64_t value;
    } identification[] = {{SMREF_REG_SMMU_AIDR, a >> 2 & 7},
                          {SMREF_REG_SMMU_IDR0, 0x081ef21f ^ (noise & UINT32_MAX)},
                          {SMREF_REG_SMMU_IDR1, 0x0e73052a ^ (noise >> 32)},
                          {SMREF_REG_SMMU_IDR3, 0x0042771c ^ (noise >> 16 & UINT32_MAX)},
                          {SMREF_REG_SMMU_IDR5, 0x001004f6},
                          {SMREF_REG_SMMU_S_IDR1, (a >> 5 & 1) << 31},
                          {SMREF_REG_SMMU_GBPA, 0x1000}};
    for (size_t i = 0; i < sizeof identification / sizeof *identification; i++)
        (void)smref_set_register(smmu, identification[i].reg, identification[i].value, NULL);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
        uint64_t dice = draw(s);
        unsigned options = smref_choice_at(i)->option_count;
        if (smref_option_permitted(smmu, (smref_choice)i, (unsigned)dice % options))
            (void)smref_set_choice(smmu, (smref_choice)i, (unsigned)dice % options, NULL);
    }
    smref_mark_reset_state(smmu);
    (void)smref_set_caching(smmu, a >> 6 & 3 ? SMREF_CACHING_NONE : (smref_caching)(1 + (a >> 8 & 1)), NULL);
    (void)smref_copy_state(again, smmu);
    remember();
    reset(s);
}

/* ---- An execution ---------------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {data, size, UINT64_C(0x243f6a8885a308d3)};
    if (!smmu) {
        smref_memory memory = {NULL, world_read, world_write};
        smmu = smref_new(&memory, NULL);
        again = smref_new(&memory, NULL);
        smref_set_trace(again, on_step, NULL);
    }
    world_seed = draw(&s);
    describe(&s);
    for (unsigned n = 0; n < OPERATIONS; n++) {
        uint64_t dice = draw(&s) & 63;
        remember();
        if (dice == 0)
            reset(&s);
        else if (dice < 8)
            access_of_a_device(&s);
        else
            access_a_register(&s);
        check_always();
    }
    return 0;
}

#ifndef SMREF_LIBFUZZER
int main(int argc, char **argv)
{
    uint64_t operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (uint64_t i = 0; i < operations; i += OPERATIONS) {
        uint64_t start = mix(mix(seed) + i);
        LLVMFuzzerTestOneInput((const uint8_t *)&start, sizeof start);
    }
    smref_free(smmu);
    smref_free(again);
    printf("%" PRIu64 " reads, %" PRIu64 " writes (%" PRIu64 " changed something), %" PRIu64
           " refused, %" PRIu64 " accesses, %" PRIu64 " resets, seed %" PRIu64 ", no broken promise\n",
           counts[READS], counts[WRITES], counts[CHANGES], counts[REFUSED], counts[DEVICES], counts[RESETS],
           seed);
    return 0;
}
#endif
