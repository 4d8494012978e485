/*
 * Random states of an SMMU with all Security states, and random operations on each: accesses of streams of
 * each SEC_SID and of devices without a StreamID, accesses to registers from each physical address space,
 * commands in all queues, address translation operations. What must hold of each is in isolation.h.
 *
 * A state is what one operation meets: the registers, structures and copies of a world that is drawn anew for
 * every few operations, as the operations before changed it. `fuzz_isolation [STATES [SEED]]` prints how
 * often each property was there to hold, and fails when one never was. Built with libFuzzer, this is its
 * target.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "isolation_facts.h"

#define OPERATIONS 12 /* in one world */

static smref *smmu;

/* ---- A state ----------------------------------------------------------------------------------------- */

static void set(unsigned reg, uint64_t value)
{
    if (reg >= SMREF_REG_COUNT)
        return;
    if (smref_register_at(reg)->width == 32)
        value &= UINT32_MAX;
    (void)smref_set_register(smmu, (smref_register)reg, value, NULL);
}

/* An implementation with all banks, and now and then without one. */
static void describe(struct source *s)
{
    uint64_t a = draw(s);
    bool rme = a & 7, secure = a >> 3 & 7;
    const struct {
        smref_register reg;
        uint64_t value;
    } identification[] = {
        {SMREF_REG_SMMU_AIDR, a >> 6 & 7 ? 4 : a >> 9 & 3},
        {SMREF_REG_SMMU_IDR0, 0x091ef21f | (a >> 11 & 1) << 13 | (rme ? UINT64_C(1) << 30 : 0)},
        {SMREF_REG_SMMU_IDR1, 0x8e73052a},
        {SMREF_REG_SMMU_IDR3, 0x0042771c},
        {SMREF_REG_SMMU_IDR5, 0x00100472},
        {SMREF_REG_SMMU_IDR6, 0x00020000},
        {SMREF_REG_SMMU_CMDQ_CONTROL_PAGE_BASE_0, 0x40003},
        {SMREF_REG_SMMU_S_IDR0, secure ? 0x81002000 : 0},
        {SMREF_REG_SMMU_S_IDR1, secure ? 0x80000006 | (rme || a >> 12 & 3 ? 1U << 29 : 0) : 0},
        {SMREF_REG_SMMU_S_IDR6, 0x00020000},
        {SMREF_REG_SMMU_S_CMDQ_CONTROL_PAGE_BASE_0, 0x60003},
        {SMREF_REG_SMMU_ROOT_IDR0, rme ? 0x0200000d : 0},
        {SMREF_REG_SMMU_R_IDR0, rme ? 0x81002000 : 0},
        {SMREF_REG_SMMU_R_IDR6, 0x00020000}};
    for (size_t i = 0; i < sizeof identification / sizeof *identification; i++)
        set(identification[i].reg, identification[i].value);
    set(SMREF_REG_SMMU_ROOT_CR0, (a >> 16 & 31 ? 1 : 0) | (a >> 21 & 7 ? 2 : 0));
    set(SMREF_REG_SMMU_ROOT_GPF_FAR, 0);
    set(SMREF_REG_SMMU_ROOT_GPT_CFG_FAR, 0);
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++) {
        uint64_t dice = draw(s);
        const smref_choice_info *choice = smref_choice_at(i);
        unsigned option = dice >> 62 ? choice->default_option : (unsigned)(dice % choice->option_count);
        if (smref_option_permitted(smmu, (smref_choice)i, option))
            (void)smref_set_choice(smmu, (smref_choice)i, option, NULL);
    }
}

static uint64_t message_at(uint64_t dice)
{
    return dice & 15 ? isolation_frame(dice >> 4) | (dice >> 16 & 0xffc) : 0;
}

static void set_family(unsigned bank, const char *family, uint64_t value)
{
    set(isolation_register(family, bank), value);
}

static void draw_bank(struct source *s, unsigned bank)
{
    uint64_t a = draw(s), b = draw(s);
    unsigned prod = isolation_register("ECMDQ_PROD", bank), cons = isolation_register("ECMDQ_CONS", bank),
             base = isolation_register("ECMDQ_BASE", bank);
    set_family(bank, "STRTAB_BASE", STREAMS_AT);
    set_family(bank, "STRTAB_BASE_CFG", 3);
    set_family(bank, "CMDQ_BASE", COMMANDS_AT | QUEUE_LOG2);
    set_family(bank, "CMDQ_PROD", 0);
    set_family(bank, "CMDQ_CONS", 0);
    set_family(bank, "EVENTQ_BASE", EVENTS_AT | (a & 7));
    set_family(bank, "EVENTQ_PROD", 0);
    set_family(bank, "EVENTQ_CONS", 0);
    set_family(bank, "GERROR", 0);
    set_family(bank, "GERRORN", 0);
    set_family(bank, "GBPA", (a >> 3 & UINT64_C(0x7fffffff)) & ~UINT64_C(0x100000));
    set_family(bank, "CR2", a >> 40 & 3);
    set_family(bank, "GERROR_IRQ_CFG0", message_at(b) | (a >> 42 & 1) << 63);
    set_family(bank, "GERROR_IRQ_CFG1", b);
    set_family(bank, "EVENTQ_IRQ_CFG0", message_at(b >> 32) | (a >> 43 & 1) << 63);
    set_family(bank, "EVENTQ_IRQ_CFG1", b >> 8);
    set_family(bank, "IRQ_CTRL", a >> 44 & 3 ? 5 : 0);
    set_family(bank, "GATOS_SID", b & 7);
    set_family(bank, "VATOS_SID", b >> 3 & 7);
    set_family(bank, "GATOS_CTRL", 0);
    set_family(bank, "VATOS_CTRL", 0);
    for (unsigned i = 0; i < 4; i++) {
        (void)smref_set_element(smmu, (smref_register)base, i, (ENHANCED_AT + 0x400 * i) | 4, NULL);
        (void)smref_set_element(smmu, (smref_register)prod, i, UINT64_C(1) << 31, NULL);
        (void)smref_set_element(smmu, (smref_register)cons, i, UINT64_C(1) << 31, NULL);
    }
    set_family(bank, "CR0",
               (a >> 46 & 7 ? 0xd : a >> 49 & 0xd) | (bank == SMREF_SEC_SECURE ? (a >> 53 & 1) << 5 : 0));
}

/* Copies of anything for small identifiers and addresses, as earlier accesses may have left them. */
static void add_copies(struct source *s)
{
    static const uint8_t first_world[BANKS] = {SMREF_StreamWorld_NS_EL1, SMREF_StreamWorld_S_EL1,
                                               SMREF_StreamWorld_R_EL1};
    for (uint64_t n = draw(s) & 7; n > 0; n--) {
        smref_cached copy;
        uint64_t word = draw(s), page = 12 + (word >> 6 & 1) * 9;
        memset(&copy, 0, sizeof copy);
        copy.kind = (uint8_t)(word % (SMREF_CACHED_S12_LEAF + 1));
        copy.sec_sid = (uint8_t)((word >> 8) % BANKS);
        copy.world = (uint8_t)(first_world[copy.sec_sid] + (word >> 12) % 3);
        copy.ns = copy.sec_sid == SMREF_SEC_SECURE && word >> 16 & 1;
        copy.va_bits = copy.ipa_bits = (uint8_t)page;
        copy.s1_level = copy.s2_level = page == 12 ? 3 : 2;
        copy.vmid = word >> 18 & 1;
        copy.asid = word >> 19 & 1;
        copy.global = word >> 20 & 1;
        copy.aset = word >> 21 & 1;
        copy.sid = word >> 22 & 7;
        copy.va = (word >> 25 & 3) << page;
        copy.ipa = (word >> 27 & 3) << page;
        copy.output = isolation_frame(word >> 29) >> page << page;
        copy.descriptor = copy.output | 0x7c3;
        (void)smref_cached_add(smmu, &copy, NULL);
    }
}

/* ---- Operations --------------------------------------------------------------------------------------- */

static void device(struct source *s)
{
    uint64_t a = draw(s), address = draw(s);
    smref_access access = {.sec_sid = (smref_sec_sid)((a & 0xff) % BANKS),
                           .sid = (uint32_t)(a >> 8 & 7),
                           .ssv = (a >> 11 & 7) == 0 && a >> 41 & 1,
                           .ssid = (uint32_t)(a >> 14 & 3),
                           .addr = address & (a >> 16 & 7   ? 0x3fffffff
                                              : a >> 19 & 1 ? 0x7fff
                                                            : UINT64_MAX >> 24),
                           .type = (smref_access_type)((a >> 20 & 0xff) % 3),
                           .size = 1,
                           .priv = a >> 28 & 1,
                           .inst = (a >> 29 & 3) == 0,
                           .ns = a >> 31 & 1,
                           .xt = a >> 40 & 1};
    if ((a >> 32 & 7) == 0) {
        access.no_stream = true;
        access.pas = (smref_pas)(a >> 35 & 3);
        access.addr = isolation_frame(a >> 37) | (address & 0xfff);
        if ((a >> 50 & 15) == 0)
            access.addr = address >> 22; /* beyond the addresses that there are, too */
    }
    isolation_translate(&access);
}

static void access_register(smref_pas from, unsigned reg, unsigned element, bool write, uint64_t value,
                            bool ns_too)
{
    smref_mmio access = {.pas = from, .write = write, .value = value};
    if (reg >= SMREF_REG_COUNT)
        return;
    access.size = (uint8_t)(smref_register_at(reg)->width / 8);
    if (access.size == 4)
        access.value &= UINT32_MAX;
    (void)smref_locate_register(smmu, (smref_register)reg, element, false, &access, NULL);
    isolation_access_register(&access, reg, ns_too);
}

/* What was held of the granule protection table, and of its registers, is no more (DDI 0487 D9.5). */
static void forget_table(void)
{
    access_register(SMREF_PAS_ROOT, SMREF_REG_SMMU_ROOT_TLBI, 0, true, 1, false);
    access_register(SMREF_PAS_ROOT, SMREF_REG_SMMU_ROOT_TLBI_CTRL, 0, true, 1, false);
}

static void any_register(struct source *s)
{
    uint64_t a = draw(s), b = draw(s);
    unsigned reg = (unsigned)(a >> 32) % SMREF_REG_COUNT;
    smref_mmio access = {.pas = (smref_pas)(a & 3), .write = a >> 2 & 1, .value = b};
    access.size = (uint8_t)(smref_register_at(reg)->width / 8);
    if ((a >> 3 & 31) == 0)
        access.size = (uint8_t)(1 + (a >> 8 & 7));
    if (a >> 11 & 1)
        access.value = smref_get_register(smmu, (smref_register)reg) ^ UINT64_C(1) << (b & 63);
    if (access.size < 8)
        access.value &= (UINT64_C(1) << 8 * access.size) - 1;
    if (smref_get_register(smmu, SMREF_REG_SMMU_ROOT_IDR0) == 0) /* without RME there are two spaces */
        access.pas = (smref_pas)(a & 1);
    (void)smref_locate_register(smmu, (smref_register)reg, 0, false, &access, NULL);
    isolation_access_register(&access, reg,
                              reg == SMREF_REG_SMMU_S_GATOS_CTRL || reg == SMREF_REG_SMMU_S_VATOS_CTRL);
    if (reg >= SMREF_REG_SMMU_ROOT_CR0 && reg <= SMREF_REG_SMMU_ROOT_GPT_BASE_UPDATE)
        forget_table();
}

static uint64_t draw_command(struct source *s, uint64_t *second)
{
    static const uint8_t opcodes[32] = {0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x18, 0x1a, 0x20,
                                        0x21, 0x22, 0x23, 0x28, 0x2a, 0x30, 0x50, 0x51, 0x52, 0x53, 0x58,
                                        0x5a, 0x60, 0x46, 0x46, 0x46, 0x46, 0x03, 0x12, 0x01, 0x02};
    uint64_t a = draw(s), word = opcodes[a & 31];
    *second = a >> 5 & 1 ? 0 : (a >> 6 & 3) << 12;
    if (word == 0x46) {
        word |= a >> 8 & 3 ? 1U << 12 : 0; /* SIG_IRQ */
        *second = message_at(a >> 16) | (a >> 50 & 1) << 63;
        return word | a >> 52 << 32;
    }
    if (word == 0x04 && a >> 8 & 1)
        *second = 31;
    word |= (a >> 9 & 3 ? 0 : a >> 11 & 1) << 10;                      /* SSec */
    word |= (a >> 12 & 1) << 32 | (a >> 13 & 1) << 48;                 /* VMID or StreamID, ASID */
    return a >> 14 & 15 ? word : word ^ UINT64_C(1) << (a >> 18 & 63); /* what is reserved, too */
}

static void post_commands(struct source *s, unsigned bank)
{
    uint64_t a = draw(s);
    bool enhanced = (a & 3) == 0;
    unsigned queue = (unsigned)(a >> 2 & 3), count = 1 + (unsigned)(a >> 4 & 3);
    unsigned prod = isolation_register(enhanced ? "ECMDQ_PROD" : "CMDQ_PROD", bank);
    uint64_t value = enhanced ? smref_get_element(smmu, (smref_register)prod, queue)
                              : smref_get_register(smmu, (smref_register)prod);
    uint64_t base = enhanced ? ENHANCED_AT + 0x400 * queue : COMMANDS_AT, wr = value & 31;
    for (unsigned i = 0; i < count; i++, wr = (wr + 1) & 31) {
        uint64_t words[2];
        words[0] = draw_command(s, &words[1]);
        if (bank == SMREF_SEC_SECURE && (a >> 6 & 1))
            words[0] |= (words[0] & 0xff) < 0x10 ? 1U << 10 : 0;
        isolation_store(isolation_spaces[bank], base + 16 * (wr & 15), words[0]);
        isolation_store(isolation_spaces[bank], base + 16 * (wr & 15) + 8, words[1]);
    }
    access_register(isolation_spaces[bank], prod, enhanced ? queue : 0, true, (value & ~UINT64_C(31)) | wr,
                    false);
}

/* What stopped a queue is acknowledged, and events make room. */
static void answer(struct source *s, unsigned bank)
{
    uint64_t a = draw(s),
             rd = smref_get_register(smmu, (smref_register)isolation_register("CMDQ_CONS", bank)) & 15;
    isolation_store(isolation_spaces[bank], COMMANDS_AT + 16 * rd, 0x46);
    access_register(isolation_spaces[bank], isolation_register("GERRORN", bank), 0, true,
                    smref_get_register(smmu, (smref_register)isolation_register("GERROR", bank)), false);
    if (a & 1)
        access_register(isolation_spaces[bank], isolation_register("EVENTQ_CONS", bank), 0, true,
                        smref_get_register(smmu, (smref_register)isolation_register("EVENTQ_PROD", bank)),
                        false);
    if (a & 6)
        access_register(SMREF_PAS_ROOT, a & 2 ? SMREF_REG_SMMU_ROOT_GPF_FAR : SMREF_REG_SMMU_ROOT_GPT_CFG_FAR,
                        0, true, 0, false);
}

static void translate_an_address(struct source *s, unsigned bank)
{
    uint64_t a = draw(s), b = draw(s);
    bool virtual = a & 1;
    set_family(bank, virtual ? "VATOS_SID" : "GATOS_SID",
               (a >> 8 & 7) | (a >> 1 & 1) << 52 | (a >> 2 & 1) << 53);
    set_family(bank, virtual ? "VATOS_ADDR" : "GATOS_ADDR", (b & 0x3ffff000) | (1 + (a >> 3) % 3) << 10);
    access_register(isolation_spaces[bank], isolation_register(virtual ? "VATOS_CTRL" : "GATOS_CTRL", bank),
                    0, true, 1, true);
}

static void operate(struct source *s)
{
    uint64_t a = draw(s);
    unsigned bank = (unsigned)((a >> 8 & 0xff) % BANKS);
    switch (a & 15) {
    case 0:
    case 1:
    case 2:
        post_commands(s, bank);
        break;
    case 3:
    case 4:
        any_register(s);
        break;
    case 5:
        translate_an_address(s, bank);
        break;
    case 6:
        if (a >> 16 & 7) {
            answer(s, bank);
            break;
        }
        isolation_new_table(draw(s));
        forget_table();
        break;
    default:
        device(s);
    }
}

/* ---- An execution ------------------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {data, size, UINT64_C(0x243f6a8885a308d3)};
    smmu = isolation_begin(draw(&s));
    describe(&s);
    for (unsigned bank = 0; bank < BANKS; bank++)
        draw_bank(&s, bank);
    uint64_t caching = draw(&s);
    (void)smref_set_caching(smmu,
                            caching & 3        ? SMREF_CACHING_EXACT
                            : caching >> 2 & 1 ? SMREF_CACHING_ANY
                                               : SMREF_CACHING_NONE,
                            NULL);
    add_copies(&s);
    uint64_t last = isolation_operations() + OPERATIONS;
    while (isolation_operations() < last)
        operate(&s);
    return 0;
}

#ifndef SMREF_LIBFUZZER
int main(int argc, char **argv)
{
    uint64_t states = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    for (uint64_t i = 0; isolation_operations() < states; i++) {
        uint64_t start = mix(mix(seed) + i);
        LLVMFuzzerTestOneInput((const uint8_t *)&start, sizeof start);
    }
    bool all = isolation_report();
    isolation_end();
    printf("%" PRIu64 " states of %" PRIu64 " worlds, seed %" PRIu64 ", %s\n", isolation_operations(),
           isolation_worlds(), seed, all ? "no broken promise" : "not enough of them");
    return all ? 0 : 1;
}
#endif
