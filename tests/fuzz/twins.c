#include "twins.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"

#define SPACES SMREF_PAS_COUNT
#define WORLD_WORDS (WORLD_BYTES / 8)
#define NO_REGISTER SMREF_REG_COUNT

/* ---- Memory ---------------------------------------------------------------------------------------- */

struct world {
    uint64_t words[SPACES][WORLD_WORDS];
    uint64_t written[SPACES][WORLD_WORDS / 64];
    uint64_t digest; /* of all writes of the SMMU, in their order */
    unsigned into;   /* spaces that the SMMU wrote to in this operation */
};

static uint64_t world_seed;

/* Any words, most of them small: tables that point somewhere, structures that are valid now and then. */
static uint64_t word_at(const struct world *w, smref_pas pas, uint64_t index)
{
    if (w->written[pas][index / 64] >> index % 64 & 1)
        return w->words[pas][index];
    uint64_t word = mix(world_seed ^ index ^ (uint64_t)pas << 60);
    return word & 3 ? word & 0x1ffff : word;
}

/* Some pages abort. */
static bool reachable(uint64_t address, unsigned count)
{
    return address < WORLD_BYTES && address + 8 * (uint64_t)count <= WORLD_BYTES && address >> 12 != 5;
}

static smref_mem_result world_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                   uint64_t *words)
{
    if (!reachable(address, count))
        return SMREF_MEM_ABORT;
    for (unsigned i = 0; i < count; i++)
        words[i] = word_at(context, pas, address / 8 + i);
    return SMREF_MEM_OK;
}

static void put(struct world *w, smref_pas pas, uint64_t index, uint64_t word)
{
    w->words[pas][index] = word;
    w->written[pas][index / 64] |= UINT64_C(1) << index % 64;
}

static smref_mem_result world_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                    const uint64_t *words)
{
    struct world *w = context;
    w->into |= 1U << pas;
    w->digest = mix(w->digest ^ address ^ (uint64_t)pas << 60);
    if (!reachable(address, count))
        return SMREF_MEM_ABORT;
    for (unsigned i = 0; i < count; i++) {
        w->digest = mix(w->digest ^ words[i]);
        put(w, pas, address / 8 + i, words[i]);
    }
    return SMREF_MEM_OK;
}

/* ---- The machines ---------------------------------------------------------------------------------- */

enum { READS, WRITES, REFUSED, DEVICES, STORES, RESETS, EFFECTS, EVENTS, CONSUMED, KINDS };
static const char *const kinds[] = {"reads",           "writes",          "refused",
                                    "accesses",        "stores",          "resets",
                                    "effects outside", "events recorded", "commands consumed"};

static struct {
    const char *fuzzer;
    smref *smmu[2];
    struct world *world[2];
    uint64_t before[SMREF_REG_COUNT], digest;
    uint64_t counts[KINDS];
    unsigned operations;
} twins;

void twins_broken(const char *what, unsigned reg)
{
    fprintf(stderr, "%s: broken promise: %s%s%s\n", twins.fuzzer, what, reg < SMREF_REG_COUNT ? ": " : "",
            reg < SMREF_REG_COUNT ? smref_register_at(reg)->name : "");
    abort();
}

uint64_t twins_held(unsigned reg)
{
    return smref_get_register(twins.smmu[0], (smref_register)reg);
}

/* ---- What registers are ---------------------------------------------------------------------------- */

/* Looked up once: families and banks by name, as the tables of the specification have them. */
static struct {
    bool ready;
    uint8_t bank[SMREF_REG_COUNT]; /* BANKS: outside the banks */
    bool read_only[SMREF_REG_COUNT], by_smmu[SMREF_REG_COUNT];
} facts;

enum {
    CMDQ_BASE,
    CMDQ_PROD,
    CMDQ_CONS,
    EVENTQ_BASE,
    EVENTQ_PROD,
    EVENTQ_CONS,
    CR0,
    CR0ACK,
    IRQ_CTRL,
    IRQ_CTRLACK,
    GERROR,
    GERRORN,
    ECMDQ_PROD,
    ECMDQ_CONS,
    WATCHED
};
static const char *const watched[] = {"CMDQ_BASE",   "CMDQ_PROD", "CMDQ_CONS",  "EVENTQ_BASE", "EVENTQ_PROD",
                                      "EVENTQ_CONS", "CR0",       "CR0ACK",     "IRQ_CTRL",    "IRQ_CTRLACK",
                                      "GERROR",      "GERRORN",   "ECMDQ_PROD", "ECMDQ_CONS"};
static unsigned registers[WATCHED][BANKS];

unsigned twins_register(const char *family, smref_sec_sid bank)
{
    static const char *const banks[] = {"NS", "S", "R"};
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        if (strcmp(info->family, family) == 0 && (!*info->bank || strcmp(info->bank, banks[bank]) == 0))
            return reg;
    }
    return NO_REGISTER;
}

static void learn(void)
{
    static const char *const written[] = {"GERROR",     "CMDQ_CONS",  "EVENTQ_PROD",  "PRIQ_PROD",
                                          "ECMDQ_CONS", "STATUSR",    "GATOS_PAR",    "VATOS_PAR",
                                          "GATOS_CTRL", "VATOS_CTRL", "ROOT_GPF_FAR", "ROOT_GPT_CFG_FAR",
                                          "DPT_CFG_FAR"};
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        facts.bank[reg] = *info->bank == 'N'   ? SMREF_SEC_NS
                          : *info->bank == 'S' ? SMREF_SEC_SECURE
                          : *info->bank == 'R' ? SMREF_SEC_REALM
                                               : BANKS;
        facts.read_only[reg] = info->access && !strstr(info->access, "RW") && !strstr(info->access, "WO");
        facts.by_smmu[reg] = info->protocol && strncmp(info->protocol, "ack_mirror", 10) == 0;
        for (size_t i = 0; i < sizeof written / sizeof *written; i++)
            facts.by_smmu[reg] |= strcmp(info->family, written[i]) == 0;
    }
    for (unsigned i = 0; i < WATCHED; i++)
        for (unsigned bank = 0; bank < BANKS; bank++)
            registers[i][bank] = twins_register(watched[i], (smref_sec_sid)bank);
    facts.ready = true;
}

uint64_t twins_value(const char *family, smref_sec_sid bank)
{
    unsigned reg = twins_register(family, bank);
    return reg < SMREF_REG_COUNT ? twins_held(reg) : 0;
}

/* ---- What holds after any operation ---------------------------------------------------------------- */

static uint64_t now(unsigned what, unsigned bank)
{
    return twins_held(registers[what][bank]);
}

static uint64_t then(unsigned what, unsigned bank)
{
    return twins.before[registers[what][bank]];
}

static uint64_t field(unsigned what, unsigned bank, const char *name, uint64_t value)
{
    const smref_register_info *info = smref_register_at(registers[what][bank]);
    for (unsigned i = 0; i < info->field_count; i++)
        if (strcmp(info->fields[i].name, name) == 0)
            return smref_field_get(&info->fields[i], &value, 0);
    return 0;
}

/* Entries that a queue holds by its indexes, and what it has room for. */
static uint64_t entries(uint64_t wr, uint64_t rd, uint64_t size)
{
    return (wr - rd) & (2 * size - 1);
}

static uint64_t queue_size(unsigned base, unsigned bank, const char *most)
{
    unsigned idr1 = twins_register("IDR1", SMREF_SEC_NS);
    uint64_t id = twins_held(idr1), limit = 0, size = field(base, bank, "LOG2SIZE", now(base, bank));
    const smref_register_info *info = smref_register_at(idr1);
    for (unsigned i = 0; i < info->field_count; i++)
        if (strcmp(info->fields[i].name, most) == 0)
            limit = smref_field_get(&info->fields[i], &id, 0);
    limit = limit < 19 ? limit : 19;
    return UINT64_C(1) << (size < limit ? size : limit);
}

/* Whether an access to a register may have written another: itself, or the other of a pair (6.2). */
static bool software_wrote(unsigned target, unsigned reg)
{
    if (target >= SMREF_REG_COUNT)
        return false;
    const smref_register_info *a = smref_register_at(target), *b = smref_register_at(reg);
    return a->offset >> 3 == b->offset >> 3 && strcmp(a->bank, b->bank) == 0;
}

/* 3.5.1, 4.1.2: the SMMU consumes what is there, and no more. `written`: a register that software wrote. */
static void check_commands(unsigned bank, unsigned written)
{
    uint64_t size = queue_size(CMDQ_BASE, bank, "CMDQS");
    uint64_t wr = field(CMDQ_PROD, bank, "WR", now(CMDQ_PROD, bank));
    uint64_t old = field(CMDQ_CONS, bank, "RD", then(CMDQ_CONS, bank));
    uint64_t new = field(CMDQ_CONS, bank, "RD", now(CMDQ_CONS, bank));
    if (software_wrote(written, registers[CMDQ_CONS][bank]) || then(CMDQ_BASE, bank) != now(CMDQ_BASE, bank))
        return;
    if (entries(wr, old, size) <= size && entries(new, old, size) > entries(wr, old, size))
        twins_broken("commands are consumed that are not there", registers[CMDQ_CONS][bank]);
    twins.counts[CONSUMED] += entries(new, old, size);
    if (new != old && !field(CR0ACK, bank, "CMDQEN", now(CR0ACK, bank)))
        twins_broken("a disabled queue is consumed", registers[CMDQ_CONS][bank]);
}

/* 3.5.1, 7.2: an event takes one place, and only where there is one. */
static void check_events(unsigned bank, unsigned written)
{
    uint64_t size = queue_size(EVENTQ_BASE, bank, "EVENTQS");
    uint64_t rd = field(EVENTQ_CONS, bank, "RD", now(EVENTQ_CONS, bank));
    uint64_t old = field(EVENTQ_PROD, bank, "WR", then(EVENTQ_PROD, bank));
    uint64_t new = field(EVENTQ_PROD, bank, "WR", now(EVENTQ_PROD, bank));
    if (software_wrote(written, registers[EVENTQ_PROD][bank]) ||
        then(EVENTQ_BASE, bank) != now(EVENTQ_BASE, bank) || old == new)
        return;
    twins.counts[EVENTS] += entries(new, old, size);
    if (entries(new, old, size) > 1)
        twins_broken("one operation records more than one event", registers[EVENTQ_PROD][bank]);
    if (entries(old, rd, size) <= size && entries(new, rd, size) > size)
        twins_broken("an event goes into a full queue", registers[EVENTQ_PROD][bank]);
    if (!field(CR0ACK, bank, "EVENTQEN", now(CR0ACK, bank)))
        twins_broken("an event goes into a disabled queue", registers[EVENTQ_PROD][bank]);
}

/* 3.5.6.2: an Enhanced Command queue is enabled or it is not. */
static void check_enhanced(unsigned bank)
{
    smref_register prod = (smref_register)registers[ECMDQ_PROD][bank];
    smref_register cons = (smref_register)registers[ECMDQ_CONS][bank];
    for (unsigned i = 0; i < smref_element_count(twins.smmu[0], prod); i++) {
        uint64_t p = smref_get_element(twins.smmu[0], prod, i), c = smref_get_element(twins.smmu[0], cons, i);
        if (field(ECMDQ_PROD, bank, "EN", p) != field(ECMDQ_CONS, bank, "ENACK", c))
            twins_broken("a queue is on its way after an operation", prod);
        if (p != smref_get_element(twins.smmu[1], prod, i) || c != smref_get_element(twins.smmu[1], cons, i))
            twins_broken("the same operation leaves the same elements", prod);
    }
}

/* 7.5: an active error is not toggled; acknowledge registers show what was asked for. */
static void check_bank(unsigned bank, unsigned written)
{
    uint64_t toggled = then(GERROR, bank) ^ now(GERROR, bank);
    if (toggled & (then(GERROR, bank) ^ now(GERRORN, bank)))
        twins_broken("an error that is active toggles", registers[GERROR][bank]);
    if (now(CR0ACK, bank) & ~now(CR0, bank))
        twins_broken("an acknowledge register shows what was not asked for", registers[CR0ACK][bank]);
    if (now(IRQ_CTRLACK, bank) & ~now(IRQ_CTRL, bank))
        twins_broken("an acknowledge register shows what was not asked for", registers[IRQ_CTRLACK][bank]);
    check_commands(bank, written);
    check_enhanced(bank);
    check_events(bank, written);
}

/* 9: the Secure interface's request for a Non-secure stream may end when SMMU_CR0.SMMUEN is cleared. */
static bool of_stopped_request(unsigned reg)
{
    uint64_t cleared = twins.before[SMREF_REG_SMMU_CR0ACK] & ~twins_held(SMREF_REG_SMMU_CR0ACK);
    return (reg == SMREF_REG_SMMU_S_GATOS_CTRL || reg == SMREF_REG_SMMU_S_GATOS_PAR) && cleared & 1;
}

/* SMMU_IDR0.STALL_MODEL tells what Secure software leaves of the Stall model (6.3.57). */
static bool differs(unsigned reg)
{
    uint64_t stall_model = reg == SMREF_REG_SMMU_IDR0 ? UINT64_C(3) << 24 : 0;
    return ((twins_held(reg) ^ twins.before[reg]) & ~stall_model) && !of_stopped_request(reg);
}

/* Banks are apart (3.10, 6.2): `bank` is the one that the operation was on; BANKS: a register outside them.
 */
static void check_apart(unsigned bank)
{
    static const unsigned may_write[] = {1U << SMREF_PAS_NS, 1U << SMREF_PAS_SECURE,
                                         1U << SMREF_PAS_REALM | 1U << SMREF_PAS_NS, 0};
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        if (differs(reg) && facts.bank[reg] != bank && facts.bank[reg] != BANKS)
            twins_broken("an operation on one bank changes another", reg);
    if (twins.world[0]->into & ~may_write[bank])
        twins_broken("a bank writes to a space that is not its own", NO_REGISTER);
}

static void check_same(void)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        if (smref_register_at(reg)->width == 32 && twins_held(reg) >> 32)
            twins_broken("registers keep their width", reg);
        if (twins_held(reg) != smref_get_register(twins.smmu[1], (smref_register)reg))
            twins_broken("the same operation leaves the same registers", reg);
    }
    if (twins.world[0]->digest != twins.world[1]->digest)
        twins_broken("the same operation writes the same", NO_REGISTER);
}

static void check_unchanged(const char *what)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        if (twins_held(reg) != twins.before[reg])
            twins_broken(what, reg);
    if (twins.world[0]->digest != twins.digest)
        twins_broken(what, NO_REGISTER);
}

static bool of_root(const smref_effect *effect)
{
    return effect->source == SMREF_SOURCE_GPF_FAR || effect->source == SMREF_SOURCE_GPT_CFG_FAR;
}

/* Where the register of an access is not known by its place, as that of an element: what the first effect
 * says. */
static unsigned bank_of_effects(const smref_result *result)
{
    unsigned i = 0;
    while (i < result->effect_count && of_root(&result->effects[i]))
        i++;
    return i < result->effect_count ? (unsigned)result->effects[i].bank : BANKS;
}

static void check_result(const smref_result *a, const smref_result *b, unsigned bank)
{
    if (a->outcome != b->outcome || a->rule_count != b->rule_count || a->effect_count != b->effect_count ||
        a->par_valid != b->par_valid || a->par != b->par || a->par_unknown != b->par_unknown ||
        a->event_valid != b->event_valid || a->gerror_changed != b->gerror_changed ||
        a->gpf_far != b->gpf_far || a->gpt_cfg_far != b->gpt_cfg_far)
        twins_broken("the same operation has the same result", NO_REGISTER);
    for (unsigned i = 0; i < a->effect_count; i++)
        if ((unsigned)a->effects[i].bank != bank && !of_root(&a->effects[i]))
            twins_broken("what one bank does to the outside is not said of another", NO_REGISTER);
    twins.counts[EFFECTS] += a->effect_count;
}

/* ---- Operations ------------------------------------------------------------------------------------ */

unsigned twins_operations(void)
{
    return twins.operations;
}

void twins_locate(smref_register reg, unsigned element, smref_mmio *access)
{
    (void)smref_locate_register(twins.smmu[0], reg, element, false, access, NULL);
}

static void remember(void)
{
    twins.operations++;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        twins.before[reg] = twins_held(reg);
    twins.digest = twins.world[0]->digest;
    twins.world[0]->into = twins.world[1]->into = 0;
}

/* The register that an access means, if it is one. */
static unsigned target_of(const smref_mmio *access)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        smref_mmio place = {.size = 4};
        if (smref_locate_register(twins.smmu[0], (smref_register)reg, 0, false, &place, NULL) == SMREF_OK &&
            place.block == access->block && place.page == access->page && place.offset == access->offset)
            return reg;
    }
    return NO_REGISTER;
}

/* What an access to registers may have changed. */
static void check_changes(const smref_mmio *access, unsigned target)
{
    unsigned bank = target < SMREF_REG_COUNT ? facts.bank[target] : BANKS;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        if (!differs(reg))
            continue;
        if (facts.read_only[reg] && !facts.by_smmu[reg])
            twins_broken("a read-only register changes", reg);
        if (facts.bank[reg] == SMREF_SEC_SECURE && access->pas != SMREF_PAS_SECURE &&
            access->pas != SMREF_PAS_ROOT)
            twins_broken("a Secure register changes by an access that is neither Secure nor Root", reg);
        if ((facts.bank[reg] == SMREF_SEC_REALM) && access->pas != SMREF_PAS_REALM &&
            access->pas != SMREF_PAS_ROOT)
            twins_broken("a Realm register changes by an access that is neither Realm nor Root", reg);
    }
    if (target < SMREF_REG_COUNT)
        check_apart(bank);
    for (unsigned i = 0; i < BANKS; i++)
        check_bank(i, target);
}

smref_status twins_access_register(const smref_mmio *access, smref_result *result)
{
    smref_result second;
    unsigned target = target_of(access);
    remember();
    smref_status status = smref_access_register(twins.smmu[0], access, result, NULL);
    if (smref_access_register(twins.smmu[1], access, &second, NULL) != status)
        twins_broken("the same access has the same status", NO_REGISTER);
    twins.counts[status != SMREF_OK ? REFUSED : access->write ? WRITES : READS]++;
    check_same();
    if (status != SMREF_OK) {
        check_unchanged("what is refused changes nothing");
        return status;
    }
    if (result->value != second.value || result->value_unknown != second.value_unknown)
        twins_broken("the same access has the same value", NO_REGISTER);
    if (result->outcome != SMREF_OUTCOME_OK && result->outcome != SMREF_OUTCOME_ABORT)
        twins_broken("an access to a register succeeds or aborts", NO_REGISTER);
    check_result(result, &second, target < SMREF_REG_COUNT ? facts.bank[target] : bank_of_effects(result));
    if (!access->write || result->outcome == SMREF_OUTCOME_ABORT)
        check_unchanged("a read changes nothing, nor does what aborts");
    else
        check_changes(access, target);
    return status;
}

/* 3.25.5: Root hears of what granule protection forbids, whoever tried. */
static bool told_to_root(const smref_result *result, unsigned reg)
{
    return (result->gpf_far && reg == SMREF_REG_SMMU_ROOT_GPF_FAR) ||
           (result->gpt_cfg_far && reg == SMREF_REG_SMMU_ROOT_GPT_CFG_FAR);
}

smref_status twins_translate(const smref_access *access, smref_result *result)
{
    smref_result second;
    remember();
    smref_status status = smref_translate(twins.smmu[0], access, result, NULL);
    if (smref_translate(twins.smmu[1], access, &second, NULL) != status)
        twins_broken("the same access has the same status", NO_REGISTER);
    twins.counts[status == SMREF_OK ? DEVICES : REFUSED]++;
    check_same();
    if (status != SMREF_OK) {
        check_unchanged("what is refused changes nothing");
        return status;
    }
    check_result(result, &second, access->sec_sid);
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        if (twins_held(reg) != twins.before[reg] && !told_to_root(result, reg) &&
            (!facts.by_smmu[reg] || facts.bank[reg] != access->sec_sid))
            twins_broken("an access of a device changes more than its queue and its errors", reg);
    check_apart(access->sec_sid);
    check_bank(access->sec_sid, NO_REGISTER);
    return status;
}

void twins_store(smref_pas pas, uint64_t address, uint64_t word)
{
    for (unsigned i = 0; i < 2; i++)
        put(twins.world[i], pas, address % WORLD_BYTES / 8, word);
    twins.operations++;
    twins.counts[STORES]++;
}

void twins_reset(uint64_t unknown)
{
    remember();
    for (unsigned i = 0; i < 2; i++)
        smref_reset(twins.smmu[i], unknown);
    twins.counts[RESETS]++;
    check_same();
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        if (info->reset && strcmp(info->reset, "ID") == 0 && differs(reg))
            twins_broken("identification survives a reset", reg);
    }
    for (unsigned bank = 0; bank < BANKS; bank++)
        if (now(IRQ_CTRL, bank) || now(GERROR, bank) || now(GERRORN, bank) ||
            field(CR0, bank, "SMMUEN", now(CR0, bank)))
            twins_broken("a reset disables", registers[CR0][bank]);
}

/* ---- A history ------------------------------------------------------------------------------------- */

void twins_begin(const char *fuzzer, uint64_t seed)
{
    if (!facts.ready)
        learn();
    twins.fuzzer = fuzzer;
    twins.operations = 0;
    world_seed = seed;
    for (unsigned i = 0; i < 2; i++) {
        if (!twins.world[i] && !(twins.world[i] = malloc(sizeof *twins.world[i])))
            abort();
        memset(twins.world[i]->written, 0, sizeof twins.world[i]->written);
        twins.world[i]->digest = twins.world[i]->into = 0;
        smref_memory memory = {twins.world[i], world_read, world_write};
        smref_free(twins.smmu[i]);
        if (!(twins.smmu[i] = smref_new(&memory, NULL)))
            abort();
    }
}

void twins_set(smref_register reg, uint64_t value)
{
    for (unsigned i = 0; i < 2; i++)
        (void)smref_set_register(twins.smmu[i], reg, value, NULL);
}

void twins_choose(smref_choice choice, unsigned option)
{
    for (unsigned i = 0; i < 2; i++)
        if (smref_option_permitted(twins.smmu[i], choice, option))
            (void)smref_set_choice(twins.smmu[i], choice, option, NULL);
}

void twins_start(uint64_t unknown)
{
    for (unsigned i = 0; i < 2; i++)
        smref_mark_reset_state(twins.smmu[i]);
    twins_reset(unknown);
}

void twins_end(void)
{
    for (unsigned i = 0; i < 2; i++) {
        smref_free(twins.smmu[i]);
        free(twins.world[i]);
        twins.smmu[i] = NULL;
        twins.world[i] = NULL;
    }
}

void twins_report(uint64_t seed)
{
    for (unsigned i = 0; i < KINDS; i++)
        printf("%" PRIu64 " %s, ", twins.counts[i], kinds[i]);
    printf("seed %" PRIu64 ", no broken promise\n", seed);
}
