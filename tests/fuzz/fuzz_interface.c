/*
 * Software that drives the SMMU as drivers and firmware do, in the banks of all Security states at once, and
 * now and then gets it wrong: it sets up queues, posts commands, enables and disables, acknowledges errors,
 * consumes events, writes any register from any physical address space, and changes tables under the eyes of
 * devices that access memory. What must hold meanwhile is in twins.h.
 *
 * Built with libFuzzer, this is its target. On its own: `fuzz_interface [OPERATIONS [SEED]]`.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "draw.h"
#include "twins.h"

#define OPERATIONS 512

static const smref_pas own_space[BANKS] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};

/* Where each bank has its queues and tables, in its own space. */
#define COMMANDS_AT 0x1000u
#define EVENTS_AT 0x2000u
#define STREAMS_AT 0x3000u
#define MESSAGES_AT 0x4000u
#define QUEUE_LOG2 4u

/* ---- Registers by name ----------------------------------------------------------------------------- */

static void write_register(smref_pas from, unsigned reg, unsigned element, uint64_t value)
{
    smref_mmio access = {.pas = from, .write = true, .value = value};
    smref_result result;
    if (reg >= SMREF_REG_COUNT)
        return;
    access.size = (uint8_t)(smref_register_at(reg)->width / 8);
    if (access.size == 4)
        access.value &= UINT32_MAX;
    twins_locate((smref_register)reg, element, &access);
    (void)twins_access_register(&access, &result);
}

static void write_family(smref_sec_sid bank, const char *family, uint64_t value)
{
    write_register(own_space[bank], twins_register(family, bank), 0, value);
}

/* ---- What software does ---------------------------------------------------------------------------- */

static void set_up_queues(struct source *s, smref_sec_sid bank)
{
    uint64_t a = draw(s);
    write_family(bank, "CR0", 0);
    write_family(bank, "CMDQ_BASE", COMMANDS_AT | ((a & 7) < 6 ? QUEUE_LOG2 : a >> 3 & 31));
    write_family(bank, "CMDQ_PROD", 0);
    write_family(bank, "CMDQ_CONS", 0);
    write_family(bank, "EVENTQ_BASE", EVENTS_AT | ((a >> 8 & 7) < 6 ? 1 + (a >> 11 & 1) : a >> 11 & 31));
    write_family(bank, "EVENTQ_PROD", 0);
    write_family(bank, "EVENTQ_CONS", 0);
    write_family(bank, "STRTAB_BASE", STREAMS_AT);
    write_family(bank, "STRTAB_BASE_CFG", 3);
}

static void set_up_interrupts(struct source *s, smref_sec_sid bank)
{
    uint64_t a = draw(s);
    write_family(bank, "IRQ_CTRL", 0);
    write_family(bank, "GERROR_IRQ_CFG0", a & 1 ? MESSAGES_AT : a >> 1 & 1 ? 0x5000 : 0);
    write_family(bank, "GERROR_IRQ_CFG1", a >> 8);
    write_family(bank, "EVENTQ_IRQ_CFG0", a >> 2 & 1 ? MESSAGES_AT + 4 : a >> 3 & 1 ? 0x5008 : 0);
    write_family(bank, "EVENTQ_IRQ_CFG1", a >> 16);
    write_family(bank, "IRQ_CTRL", a >> 4 & 7);
}

/* Any opcode, most of them defined; its other bits are none, few or many. */
static void draw_command(struct source *s, uint64_t words[2])
{
    static const uint8_t plain[] = {0x01, 0x03, 0x04, 0x05, 0x10, 0x11, 0x12, 0x20, 0x21, 0x28, 0x30, 0x46};
    uint64_t a = draw(s);
    if (a >> 60 < 14) {
        words[0] = plain[(a >> 40) % sizeof plain] | (a & 0xff00000000);
        words[1] = words[0] >> 7 ? 0 : 0x1f;
        return;
    }
    const smref_layout_info *layout = smref_layout_at((unsigned)(a >> 32) % SMREF_LAYOUT_COUNT);
    words[0] = draw(s) & (a & 1 ? draw(s) : 0);
    words[1] = (a & 2 ? MESSAGES_AT : draw(s)) & (a & 4 ? UINT64_MAX : 0x1ffff);
    words[0] = (words[0] & ~UINT64_C(0xff)) | (layout->kind == SMREF_LAYOUT_KIND_COMMAND ? layout->number
                                               : a >> 3 & 1                              ? a >> 8 & 0xff
                                                                                         : 0x46);
    if (a >> 4 & 1 && (words[0] & 0xff) == 0x46)
        words[0] = (words[0] & ~UINT64_C(0x3000)) | 0x1000; /* CMD_SYNC with an interrupt */
}

static void post_commands(struct source *s, smref_sec_sid bank)
{
    unsigned prod = twins_register("CMDQ_PROD", bank), count = 1 + (unsigned)(draw(s) & 3);
    uint64_t wr = twins_held(prod) & ((2U << QUEUE_LOG2) - 1);
    for (unsigned i = 0; i < count; i++) {
        uint64_t words[2], at = COMMANDS_AT + (wr & ((1U << QUEUE_LOG2) - 1)) * 16;
        draw_command(s, words);
        twins_store(own_space[bank], at, words[0]);
        twins_store(own_space[bank], at + 8, words[1]);
        wr = (wr + 1) & ((2U << QUEUE_LOG2) - 1);
    }
    write_register(own_space[bank], prod, 0, wr);
}

/* The handshakes that software answers; a command that is in the way makes place for a CMD_SYNC (7.1). */
static void answer(struct source *s, smref_sec_sid bank)
{
    uint64_t a = draw(s);
    if (a & 12) {
        uint64_t rd = twins_value("CMDQ_CONS", bank) & ((1U << QUEUE_LOG2) - 1);
        twins_store(own_space[bank], COMMANDS_AT + 16 * rd, 0x46);
    }
    if (a & 13)
        write_family(bank, "GERRORN", twins_value("GERROR", bank) ^ (a & 0xf0 ? 0 : 1U << (a >> 8 & 15)));
    if (a & 2)
        write_family(bank, "EVENTQ_CONS", twins_value("EVENTQ_PROD", bank));
}

static void enable(struct source *s, smref_sec_sid bank)
{
    uint64_t a = draw(s);
    if (a >> 16 & 31) /* Root software lets accesses through */
        write_register(SMREF_PAS_ROOT, SMREF_REG_SMMU_ROOT_CR0, 0, 1);
    write_family(bank, "CR0", (a & 15 ? 0xd : 0) ^ (a & 0x70 ? 0 : 1U << (a >> 8 & 15)));
}

static void post_enhanced(struct source *s, smref_sec_sid bank)
{
    uint64_t a = draw(s), words[2];
    unsigned queue = (unsigned)(a & 3), prod = twins_register("ECMDQ_PROD", bank);
    if (a >> 2 & 1)
        write_register(own_space[bank], twins_register("ECMDQ_BASE", bank), queue,
                       (COMMANDS_AT + 0x200 * (queue + 1)) | 2);
    draw_command(s, words);
    for (unsigned i = 0; i < 2; i++)
        twins_store(own_space[bank], COMMANDS_AT + 0x200 * (queue + 1) + 16 * (a >> 8 & 3) + 8 * i, words[i]);
    write_register(own_space[bank], prod, queue,
                   (a >> 8 & 7) | (a >> 3 & 3 ? UINT64_C(1) << 31 : 0) | (a >> 5 & 1) << 23);
    if (a >> 6 & 1)
        write_register(own_space[bank], twins_register("ECMDQ_CONS", bank), queue, a >> 16 & 7);
}

/* Through GATOS or VATOS; those of Secure interfaces mostly ask about Non-secure streams. */
static void translate_an_address(struct source *s, smref_sec_sid bank)
{
    uint64_t a = draw(s), b = draw(s);
    bool virtual = a >> 1 & 1;
    if (a & 4)
        write_family(bank, virtual ? "VATOS_SID" : "GATOS_SID",
                     (a >> 8 & 7) | (a >> 3 & 3 ? 0 : b >> 32 << 32) | (a >> 5 & 3 ? 0 : UINT64_C(1) << 52));
    if (a & 0x80)
        write_family(bank, virtual ? "VATOS_ADDR" : "GATOS_ADDR", b >> (a >> 16 & 63));
    if (virtual)
        write_family(bank, "VATOS_SEL", 0);
    write_family(bank, virtual ? "VATOS_CTRL" : "GATOS_CTRL", 1);
}

/* ---- What anybody does ----------------------------------------------------------------------------- */

static void any_register(struct source *s)
{
    uint64_t a = draw(s), b = draw(s);
    unsigned reg = (unsigned)(a >> 32) % SMREF_REG_COUNT;
    const smref_register_info *info = smref_register_at(reg);
    smref_mmio access = {.pas = (smref_pas)(a & 3), .write = a >> 2 & 1, .size = (uint8_t)(info->width / 8)};
    smref_result result;
    twins_locate((smref_register)reg, a >> 3 & 7 ? 0 : (unsigned)(a >> 8) % info->count, &access);
    switch (a >> 16 & 15) {
    case 0: /* anywhere, any size */
        access.block = SMREF_BLOCK_NS_PAGE0;
        access.offset = (uint32_t)b & 0x7ffff;
        access.size = (uint8_t)(1 + (a >> 20 & 7));
        break;
    case 1: /* half of it, or a pair */
        access.size = (uint8_t)(access.size ^ 12);
        break;
    default:
        break;
    }
    access.value = a >> 6 & 1 ? b : twins_held(reg) ^ UINT64_C(1) << (b & (b & 64 ? 7 : 63));
    if (access.size < 8)
        access.value &= (UINT64_C(1) << 8 * access.size) - 1;
    (void)twins_access_register(&access, &result);
}

static void device(struct source *s)
{
    uint64_t a = draw(s);
    smref_access access = {.sid = (uint32_t)(a & (a >> 63 ? 7 : UINT32_MAX)),
                           .addr = draw(s) >> (a >> 32 & 63),
                           .type = (smref_access_type)((a >> 40) % 3),
                           .sec_sid = a >> 44 & 7 ? SMREF_SEC_NS : (smref_sec_sid)((a >> 47) % 3),
                           .ssv = a >> 49 & 1,
                           .ssid = a >> 50 & 3,
                           .size = 1};
    smref_result result;
    (void)twins_translate(&access, &result);
}

/* Memory that the SMMU looks at changes: most of all structures that might be valid. */
static void store(struct source *s)
{
    uint64_t a = draw(s), b = draw(s);
    uint64_t at = a & 1 ? STREAMS_AT + (a >> 8 & 0x1ff) : a >> 8;
    twins_store((smref_pas)(a >> 1 & 3), at & ~UINT64_C(7), a >> 3 & 1 ? b : (b & 0x1ffff) | (a >> 4 & 15));
}

static void operate(struct source *s)
{
    uint64_t a = draw(s);
    smref_sec_sid bank = (smref_sec_sid)((a >> 8) % BANKS);
    switch (a & 31) {
    case 0:
        set_up_queues(s, bank);
        enable(s, bank);
        break;
    case 1:
        set_up_interrupts(s, bank);
        break;
    case 2:
    case 3:
        enable(s, bank);
        break;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        answer(s, bank);
        break;
    case 9:
    case 10:
        post_enhanced(s, bank);
        break;
    case 11:
        if ((a >> 16 & 31) == 0)
            twins_reset(draw(s));
        break;
    case 12:
    case 13:
        translate_an_address(s, bank);
        break;
    default:
        if ((a & 31) < 18)
            post_commands(s, bank);
        else if ((a & 31) < 24)
            any_register(s);
        else if ((a & 31) < 30)
            device(s);
        else
            store(s);
    }
}

/* An implementation with all banks, and now and then another. */
static void describe(struct source *s)
{
    uint64_t a = draw(s), noise = a & 7 ? 0 : draw(s) & draw(s) & draw(s);
    const struct {
        smref_register reg;
        uint64_t value;
    } identification[] = {
        {SMREF_REG_SMMU_AIDR, a >> 3 & 7},
        {SMREF_REG_SMMU_IDR0, (0x081ef21f | (a >> 6 & 1) << 13) ^ (noise & UINT32_MAX)},
        {SMREF_REG_SMMU_IDR1, (0x0e73052a | (a >> 7 & 1) << 31) ^ (noise >> 32)},
        {SMREF_REG_SMMU_IDR3, 0x0042771c ^ (noise >> 16 & UINT32_MAX)},
        {SMREF_REG_SMMU_IDR5, 0x001004f6},
        {SMREF_REG_SMMU_IDR6, 0x00020000 | (a >> 20 & 1) << 24},
        {SMREF_REG_SMMU_CMDQ_CONTROL_PAGE_BASE_0, 0x40003},
        {SMREF_REG_SMMU_S_IDR0, 0x00002000 | (a >> 8 & 1) << 31},
        {SMREF_REG_SMMU_S_IDR1, (uint64_t)(a >> 9 & 7 ? 1 : 0) << 31 | (a >> 17 & 1) << 29 | 6},
        {SMREF_REG_SMMU_S_IDR6, 0x00020000},
        {SMREF_REG_SMMU_S_CMDQ_CONTROL_PAGE_BASE_0, 0x60003},
        {SMREF_REG_SMMU_ROOT_IDR0, a >> 13 & 7 ? 0x0200000d : 0},
        {SMREF_REG_SMMU_R_IDR0, 0x01002000 | (a >> 12 & 1) << 31},
        {SMREF_REG_SMMU_R_IDR6, 0x00020000},
        {SMREF_REG_SMMU_GBPA, 0x1000}};
    for (size_t i = 0; i < sizeof identification / sizeof *identification; i++)
        twins_set(identification[i].reg, identification[i].value);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        twins_choose((smref_choice)i, (unsigned)(draw(s) % smref_choice_at(i)->option_count));
}

/* ---- An execution ---------------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {data, size, UINT64_C(0x243f6a8885a308d3)};
    twins_begin("fuzz_interface", draw(&s));
    describe(&s);
    twins_start(draw(&s) & draw(&s));
    for (unsigned bank = 0; bank < BANKS; bank++) {
        set_up_queues(&s, (smref_sec_sid)bank);
        set_up_interrupts(&s, (smref_sec_sid)bank);
        enable(&s, (smref_sec_sid)bank);
    }
    while (twins_operations() < OPERATIONS)
        operate(&s);
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
    twins_end();
    twins_report(seed);
    return 0;
}
#endif
