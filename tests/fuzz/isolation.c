#include "isolation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "isolation_facts.h"
#include "isolation_world.h"
#include "smref_layout.h"

#define ELEMENTS 4 /* Enhanced Command queues of a bank that are watched */
#define SPACE(pas) (1U << SMREF_PAS_##pas)

/* ---- The state of the machine, in parts that belong to somebody ------------------------------------- */

struct state {
    uint64_t reg[SMREF_REG_COUNT];
    uint64_t element[BANKS][ELEMENTS][3];
    uint8_t queue[BANKS][1 + ELEMENTS];
    uint64_t copies[BANKS]; /* a digest of what caches hold of the bank's streams */
    unsigned copy_count[BANKS];
    unsigned cached;
};

static struct {
    smref *smmu;
    struct state before, after;
    struct isolation_root root, root_after;
    bool root_written; /* by this operation: the one or the other counts */
    uint64_t counts[PROPERTIES], operations, worlds, refused;
    /* The operation at hand. */
    bool watching, software; /* software may ask Secure interfaces about Non-secure streams (4.1.6, 9.1) */
    unsigned bank;           /* whose operation it is */
    unsigned reads;          /* spaces that it may read, */
    unsigned writes;
} judge;

static void broken(const char *what, uint64_t detail)
{
    fprintf(stderr, "fuzz_isolation: operation %" PRIu64 " of a world breaks: %s (0x%" PRIx64 ")\n",
            judge.operations, what, detail);
    abort();
}

static void holds(enum isolation_property property, bool it_does, const char *what, uint64_t detail)
{
    if (!it_does)
        broken(what, detail);
    judge.counts[property]++;
}

static uint64_t digest(const smref_cached *copy, uint64_t from)
{
    uint64_t words[sizeof *copy / 8];
    memcpy(words, copy, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        from = (from ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15) ^ from >> 29;
    return from;
}

static void look(struct state *s)
{
    const smref_cached *copy;
    memset(s, 0, sizeof *s);
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        s->reg[reg] = smref_get_register(judge.smmu, (smref_register)reg);
    for (unsigned bank = 0; bank < BANKS; bank++)
        for (unsigned i = 0; i < ELEMENTS; i++) {
            smref_register prod = (smref_register)isolation_facts.prod[bank];
            s->element[bank][i][0] =
                smref_get_element(judge.smmu, (smref_register)isolation_facts.base[bank], i);
            s->element[bank][i][1] = smref_get_element(judge.smmu, prod, i);
            s->element[bank][i][2] =
                smref_get_element(judge.smmu, (smref_register)isolation_facts.cons[bank], i);
            s->queue[bank][1 + i] = (uint8_t)smref_get_queue_state(judge.smmu, prod, i);
            s->queue[bank][0] = (uint8_t)smref_get_queue_state(
                judge.smmu, (smref_register)isolation_facts.queue_prod[bank], 0);
        }
    for (unsigned i = 0; (copy = smref_cached_at(judge.smmu, i)) != NULL; i++) {
        s->cached++;
        if (copy->kind > SMREF_CACHED_S12_LEAF) /* of no stream */
            continue;
        s->copies[copy->sec_sid] = digest(copy, s->copies[copy->sec_sid]);
        s->copy_count[copy->sec_sid]++;
    }
}

static struct isolation_root root_of(const struct state *s)
{
    uint64_t cr0 = s->reg[SMREF_REG_SMMU_ROOT_CR0ACK], base = s->reg[SMREF_REG_SMMU_ROOT_GPT_BASE],
             idr1 = s->reg[SMREF_REG_SMMU_S_IDR1];
    return (struct isolation_root){.present = s->reg[SMREF_REG_SMMU_ROOT_IDR0] & 1,
                                   .access_enabled = cr0 & 1,
                                   .checked = cr0 >> 1 & 1,
                                   .base_moved = base >> 13 << 13 != GPT_AT,
                                   .gpcp = s->reg[SMREF_REG_SMMU_ROOT_GPT_BASE_CFG] >> 17 & 1,
                                   .secure_gpi = (idr1 >> 31 & idr1 >> 29 & 1) ||
                                                 smref_get_choice(judge.smmu, SMREF_CHOICE_GPI_SECURE) ==
                                                     SMREF_CHOICE_GPI_SECURE_secure,
                                   .oas = 40,
                                   .base = base,
                                   .base_cfg = s->reg[SMREF_REG_SMMU_ROOT_GPT_BASE_CFG]};
}

static bool permits(smref_pas pas, uint64_t address)
{
    return isolation_permits(&judge.root, pas, address) || isolation_permits(&judge.root_after, pas, address);
}

/* ---- Memory, which sees every access ---------------------------------------------------------------- */

static void judge_access(smref_pas pas, uint64_t at, unsigned count, bool write)
{
    if (!judge.watching)
        broken("an access without an operation", at);
    if (!write && (isolation_is_gpt_fetch(&judge.root, pas, at, count) ||
                   isolation_is_gpt_fetch(&judge.root_after, pas, at, count))) {
        judge.counts[PROPERTY_GPT_FETCH]++;
        return;
    }
    if (!((write ? judge.writes : judge.reads) >> pas & 1))
        broken(write ? "a write to a space that is none of the operation's"
                     : "a read of a space that is none of the "
                       "operation's",
               (uint64_t)pas << 60 | at);
    if (judge.bank < BANKS && ((count == 8 && at >> 16 == STREAMS_AT >> 16) || count == 2 || count == 4))
        holds(PROPERTY_STRUCTURE,
              pas == isolation_spaces[judge.bank] || (judge.software && count == 8 && pas == SMREF_PAS_NS),
              "a structure in another bank's space", (uint64_t)pas << 60 | at);
    for (unsigned i = 0; i < count; i++)
        if (!permits(pas, at + 8 * i) && !(judge.root.gpcp && count == 1 && !write))
            broken("an access that granule protection forbids", (uint64_t)pas << 60 | at);
    if (judge.root.checked && judge.root.present)
        judge.counts[write ? PROPERTY_WRITE_GRANTED : PROPERTY_READ_GRANTED]++;
}

static smref_mem_result world_read(void *context, smref_pas pas, uint64_t at, unsigned count, uint64_t *words)
{
    (void)context;
    judge_access(pas, at, count, false);
    isolation_words(pas, at, count, words);
    return at >> 12 == 0x600 ? SMREF_MEM_ABORT : SMREF_MEM_OK; /* one frame aborts */
}

static smref_mem_result world_write(void *context, smref_pas pas, uint64_t at, unsigned count,
                                    const uint64_t *words)
{
    (void)context;
    judge_access(pas, at, count, true);
    for (unsigned i = 0; i < count; i++)
        isolation_store(pas, at + 8 * i, words[i]);
    return at >> 12 == 0x600 ? SMREF_MEM_ABORT : SMREF_MEM_OK;
}

/* ---- What is compared after any operation ----------------------------------------------------------- */

static void begin(unsigned bank, unsigned reads, unsigned writes)
{
    judge.operations++;
    look(&judge.before);
    judge.root = judge.root_after = root_of(&judge.before);
    judge.root_written = false;
    judge.bank = bank;
    judge.reads = reads;
    judge.writes = writes;
    judge.software = false;
    judge.watching = true;
}

static void end(void)
{
    judge.watching = false;
    look(&judge.after);
}

/* 3.25.5: Root hears of what is forbidden, whoever tried. 6.3.57: IDR0.STALL_MODEL follows S_CR0.NSSTALLD. */
static bool register_differs(unsigned reg)
{
    uint64_t open = reg == SMREF_REG_SMMU_IDR0 ? 3U << 24
                    : reg == SMREF_REG_SMMU_ROOT_GPF_FAR || reg == SMREF_REG_SMMU_ROOT_GPT_CFG_FAR
                        ? UINT64_MAX
                        : 0;
    return (judge.before.reg[reg] ^ judge.after.reg[reg]) & ~open;
}

/* Registers and queues of all banks but `except`. */
static void others_stand_still(unsigned except)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++)
        if (isolation_facts.bank[reg] != except && register_differs(reg))
            broken("a register of another bank changes", reg);
    for (unsigned bank = 0; bank < BANKS; bank++)
        if (bank != except &&
            (memcmp(judge.before.element[bank], judge.after.element[bank],
                    sizeof judge.before.element[bank]) != 0 ||
             memcmp(judge.before.queue[bank], judge.after.queue[bank], sizeof judge.before.queue[bank]) != 0))
            broken("a queue of another bank changes", bank);
}

static void copies_stay(unsigned bank)
{
    if (judge.before.copies[bank] != judge.after.copies[bank])
        broken("what is held of another Security state changes", bank);
}

static bool held_others(unsigned bank)
{
    for (unsigned other = 0; other < BANKS; other++)
        if (other != bank && judge.before.copy_count[other])
            return true;
    return false;
}

/* 3.25.5: what Root is told of is forbidden. */
static void check_report(bool reported, smref_register far)
{
    static const smref_pas spaces[4] = {SMREF_PAS_SECURE, SMREF_PAS_NS, SMREF_PAS_ROOT, SMREF_PAS_REALM};
    uint64_t value = judge.after.reg[far], address = value & UINT64_C(0xfffffffffff000);
    if (!reported || judge.root_written)
        return;
    holds(PROPERTY_REPORTED, value & 1 && !isolation_permits(&judge.root, spaces[value >> 62], address),
          "Root is told of an access that granule protection lets through", value);
}

static void check_effects(const smref_result *r)
{
    for (unsigned i = 0; i < r->effect_count; i++) {
        const smref_effect *e = &r->effects[i];
        if (e->source == SMREF_SOURCE_GPF_FAR || e->source == SMREF_SOURCE_GPT_CFG_FAR)
            continue;
        if ((unsigned)e->bank != judge.bank)
            broken("an effect is said of another bank", e->bank);
        if (e->kind == SMREF_EFFECT_WRITE)
            holds(PROPERTY_MESSAGE, judge.writes >> e->pas & 1 && permits(e->pas, e->address),
                  "an MSI to a space that is not its own, or is forbidden",
                  (uint64_t)e->pas << 60 | e->address);
    }
    if (r->event_valid && (unsigned)r->event.bank != judge.bank)
        broken("a record of another bank", r->event.bank);
    if (r->gerror_changed & ~(1U << judge.bank))
        broken("an error of another bank", r->gerror_changed);
    check_report(r->gpf_far, SMREF_REG_SMMU_ROOT_GPF_FAR);
    check_report(r->gpt_cfg_far, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR);
}

/* An operation ends; what is not modelled changes nothing. */
static bool answered(smref_status status, const smref_result *result)
{
    end();
    if (status != SMREF_OK) {
        judge.refused++;
        others_stand_still(BANKS + 1);
        return false;
    }
    check_effects(result);
    return true;
}

/* ---- Accesses of clients ---------------------------------------------------------------------------- */

static void check_stream(const smref_access *a, const smref_result *r)
{
    static const enum isolation_property of[BANKS] = {PROPERTY_NS_STREAM, PROPERTY_SECURE_STREAM,
                                                      PROPERTY_REALM_STREAM};
    others_stand_still(a->sec_sid);
    for (unsigned bank = 0; bank < BANKS; bank++)
        if (bank != (unsigned)a->sec_sid && judge.before.cached < SMREF_MAX_CACHED / 2)
            copies_stay(bank);
    if (r->outcome != SMREF_OUTCOME_OK) {
        judge.counts[PROPERTY_CLIENT_STOPPED] += r->gpf_far;
        return;
    }
    holds(of[a->sec_sid], judge.reads >> r->pas & 1, "a stream that leaves the spaces of its Security state",
          (uint64_t)r->pas << 60 | r->pa);
    judge.counts[PROPERTY_SECURE_TO_NS] += a->sec_sid == SMREF_SEC_SECURE && r->pas == SMREF_PAS_NS;
    judge.counts[PROPERTY_REALM_TO_NS] += a->sec_sid == SMREF_SEC_REALM && r->pas == SMREF_PAS_NS;
    if (!permits(r->pas, r->pa))
        broken("an access of a stream that granule protection forbids", (uint64_t)r->pas << 60 | r->pa);
    judge.counts[PROPERTY_CLIENT_GRANTED] += judge.root.present && judge.root.checked;
}

/* 12.3: then nothing gets through. */
static bool service_failure(void)
{
    for (unsigned bank = 0; bank < BANKS; bank++)
        if ((judge.before.reg[isolation_register("GERROR", bank)] ^
             judge.before.reg[isolation_register("GERRORN", bank)]) >>
                8 &
            1)
            return true;
    return false;
}

static void check_device(const smref_access *a, const smref_result *r)
{
    bool may = permits(a->pas, a->addr) && !(a->addr >> judge.root.oas);
    others_stand_still(NO_BANK);
    for (unsigned bank = 0; bank < BANKS; bank++)
        copies_stay(bank);
    if (r->outcome != SMREF_OUTCOME_OK) {
        if (may && !service_failure())
            broken("a device is stopped where nothing forbids it", a->addr);
        judge.counts[PROPERTY_DEVICE_STOPPED]++;
        return;
    }
    holds(PROPERTY_DEVICE_GRANTED, may && r->pas == a->pas && r->pa == a->addr,
          "a device reaches what granule protection forbids", (uint64_t)a->pas << 60 | a->addr);
}

void isolation_translate(const smref_access *access)
{
    static const unsigned spaces[BANKS] = {SPACE(NS), SPACE(NS) | SPACE(SECURE), SPACE(NS) | SPACE(REALM)};
    smref_result result;
    unsigned bank = access->no_stream ? NO_BANK : access->sec_sid;
    begin(bank, access->no_stream ? 0 : spaces[bank],
          access->no_stream          ? 0
          : bank == SMREF_SEC_SECURE ? SPACE(SECURE)
                                     : spaces[bank]);
    smref_status status = smref_translate(judge.smmu, access, &result, NULL);
    if (!answered(status, &result))
        return;
    if (access->no_stream)
        check_device(access, &result);
    else
        check_stream(access, &result);
}

/* ---- Accesses to registers -------------------------------------------------------------------------- */

/* 4.1.6, 4.3, 4.4: what the Secure Command queue may ask of Non-secure streams. */
static bool acts_on_ns(smref_pas pas, uint64_t at)
{
    uint64_t word = isolation_word(pas, at);
    switch (word & 0xff) {
    case 0x01: /* these have SSec */
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x07:
        return !(word >> 10 & 1);
    case 0x20: /* EL2, S12_VMALL, S2_IPA, NSNH_ALL */
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x28:
    case 0x2a:
    case 0x30:
        return true;
    default:
        return false;
    }
}

static bool queue_acts_on_ns(uint64_t base, uint64_t from, uint64_t to)
{
    unsigned log2 = (base & 31) < 8 ? base & 31 : 8;
    uint64_t size = UINT64_C(1) << log2, at = base & UINT64_C(0xffffffffffe0);
    at &= ~(16 * size - 1);
    for (uint64_t i = 0; i < size && i < ((to - from) & (2 * size - 1)); i++)
        if (acts_on_ns(SMREF_PAS_SECURE, at + 16 * ((from + i) & (size - 1))))
            return true;
    return false;
}

/* Whether a command that the Secure queues consumed in this operation may act on Non-secure state. */
static bool secure_commands_act_on_ns(void)
{
    const struct state *s = &judge.before, *t = &judge.after;
    const unsigned bank = SMREF_SEC_SECURE;
    if (queue_acts_on_ns(t->reg[isolation_facts.queue_base[bank]],
                         s->reg[isolation_facts.queue_cons[bank]] & 0xfffff,
                         t->reg[isolation_facts.queue_cons[bank]] & 0xfffff))
        return true;
    for (unsigned i = 0; i < ELEMENTS; i++)
        if (queue_acts_on_ns(t->element[bank][i][0], s->element[bank][i][2] & 0xfffff,
                             t->element[bank][i][2] & 0xfffff))
            return true;
    return false;
}

static bool consumed(unsigned bank)
{
    if (judge.before.reg[isolation_facts.queue_cons[bank]] !=
        judge.after.reg[isolation_facts.queue_cons[bank]])
        return true;
    for (unsigned i = 0; i < ELEMENTS; i++)
        if (judge.before.element[bank][i][2] != judge.after.element[bank][i][2])
            return true;
    return false;
}

/* 6.2, 6.2.6 to 6.2.9: the spaces in which a register is there at all. */
static bool may_reach(smref_pas pas, unsigned reg)
{
    bool exposed =
        reg == SMREF_REG_SMMU_S_INIT && smref_get_choice(judge.smmu, SMREF_CHOICE_REG_S_INIT_NON_SECURE) !=
                                            SMREF_CHOICE_REG_S_INIT_NON_SECURE_hidden; /* 3.11 */
    switch (isolation_facts.bank[reg]) {
    case SMREF_SEC_NS:
        return true;
    case SMREF_SEC_SECURE:
        return pas == SMREF_PAS_SECURE || pas == SMREF_PAS_ROOT || exposed;
    case SMREF_SEC_REALM:
        return pas == SMREF_PAS_REALM || pas == SMREF_PAS_ROOT;
    default:
        return pas == SMREF_PAS_ROOT;
    }
}

static void check_hidden(const smref_mmio *access, unsigned reg, bool legal, const smref_result *r)
{
    static const enum isolation_property read_of[] = {PROPERTIES, PROPERTY_SECURE_READ, PROPERTY_REALM_READ,
                                                      PROPERTY_ROOT_READ},
                                         write_of[] = {PROPERTIES, PROPERTY_SECURE_WRITE,
                                                       PROPERTY_REALM_WRITE, PROPERTY_ROOT_WRITE};
    unsigned owner = isolation_facts.bank[reg];
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        if (judge.before.reg[i] != judge.after.reg[i])
            broken("what may not reach a register changes one", i);
    others_stand_still(BANKS + 1);
    for (unsigned bank = 0; bank < BANKS; bank++)
        copies_stay(bank);
    if (!access->write &&
        (r->value || (legal && r->value_unknown))) /* 6.2: else UNKNOWN, which tells nothing */
        broken("a register shows something to who may not see it", reg);
    if (r->effect_count || r->event_valid || r->gerror_changed)
        broken("what may not reach a register has effects", reg);
    if (judge.before.reg[reg])
        judge.counts[(access->write ? write_of : read_of)[owner]]++;
}

/* What becomes of copies when `bank` was written to. */
static void check_copies(unsigned bank, unsigned reg, bool ns_too)
{
    bool for_ns = bank == SMREF_SEC_SECURE && (ns_too || secure_commands_act_on_ns());
    if (reg == SMREF_REG_SMMU_S_INIT) /* 6.3.62: all, whoever it belongs to */
        return;
    for (unsigned other = 0; other < BANKS; other++)
        if (other != bank && !(for_ns && other == SMREF_SEC_NS))
            copies_stay(other);
    judge.counts[PROPERTY_SECURE_FOR_NS] +=
        for_ns && judge.before.copies[SMREF_SEC_NS] != judge.after.copies[SMREF_SEC_NS];
}

static void check_reached(unsigned bank, unsigned reg, bool ns_too)
{
    static const enum isolation_property commands[BANKS] = {PROPERTY_NS_COMMANDS, PROPERTY_SECURE_COMMANDS,
                                                            PROPERTY_REALM_COMMANDS};
    others_stand_still(bank);
    for (unsigned any = 0; any < BANKS && bank == NO_BANK; any++)
        copies_stay(any); /* Root invalidates what is held of its table alone (DDI 0487 D9.5) */
    if (bank == NO_BANK)
        return;
    check_copies(bank, reg, ns_too);
    judge.counts[PROPERTY_BANK_WRITTEN]++;
    if (consumed(bank) && held_others(bank))
        judge.counts[commands[bank]]++;
}

void isolation_access_register(const smref_mmio *access, unsigned reg, bool ns_too)
{
    static const unsigned writes[BANKS + 1] = {SPACE(NS), SPACE(SECURE), SPACE(NS) | SPACE(REALM), 0};
    unsigned bank = isolation_facts.bank[reg];
    bool legal = (access->size == 4 || access->size == 8) && access->offset % access->size == 0;
    smref_result result;
    begin(bank, writes[bank] | (bank == SMREF_SEC_SECURE ? SPACE(NS) : 0), writes[bank]);
    judge.software = bank == SMREF_SEC_SECURE;
    judge.root_written = reg == SMREF_REG_SMMU_ROOT_CR0 || reg == SMREF_REG_SMMU_ROOT_GPT_BASE ||
                         reg == SMREF_REG_SMMU_ROOT_GPT_BASE_CFG ||
                         reg == SMREF_REG_SMMU_ROOT_GPT_BASE_UPDATE;
    if (judge.root_written)
        judge.root_after = (struct isolation_root){.present = true, .access_enabled = true};
    smref_status status = smref_access_register(judge.smmu, access, &result, NULL);
    if (!answered(status, &result))
        return;
    if (!may_reach(access->pas, reg)) {
        check_hidden(access, reg, legal, &result);
        return;
    }
    if (!access->write)
        others_stand_still(BANKS + 1);
    else if (legal || bank < BANKS)
        check_reached(bank, reg, ns_too);
}

/* ---- A world ----------------------------------------------------------------------------------------- */

static void draw_table(uint64_t seed)
{
    isolation_world.gpt_granule = (unsigned)(seed % 3);
    isolation_world.gpt_l0_bits = seed >> 2 & 1 ? 30 : 34;
    isolation_world.gpt_open = seed >> 3 & 1 ? 63 : seed >> 4 & 1 ? 7 : 1;
    isolation_world.seed = seed;
}

/* PPS, IRGN, ORGN, SH, PGS; L0GPTSZ is of the implementation. */
static uint64_t table_configuration(void)
{
    return 0x3500 | (isolation_world.seed >> 8 & 15 ? 2 : isolation_world.seed >> 12 & 1) |
           (uint64_t)isolation_world.gpt_granule << 14 | (isolation_world.gpt_l0_bits == 34 ? 4U << 20 : 0);
}

smref *isolation_begin(uint64_t seed)
{
    static const smref_memory memory = {NULL, world_read, world_write};
    isolation_learn();
    judge.worlds++;
    if (!judge.smmu && !(judge.smmu = smref_new(&memory, NULL)))
        abort();
    memset(&isolation_world, 0, sizeof isolation_world);
    draw_table(seed);
    (void)smref_set_register(judge.smmu, SMREF_REG_SMMU_ROOT_GPT_BASE, GPT_AT, NULL);
    (void)smref_set_register(judge.smmu, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, table_configuration(), NULL);
    return judge.smmu;
}

void isolation_new_table(uint64_t seed)
{
    draw_table(seed);
    (void)smref_set_register(judge.smmu, SMREF_REG_SMMU_ROOT_GPT_BASE_CFG, table_configuration(), NULL);
}

void isolation_end(void)
{
    smref_free(judge.smmu);
    judge.smmu = NULL;
}

uint64_t isolation_worlds(void)
{
    return judge.worlds;
}

uint64_t isolation_operations(void)
{
    return judge.operations;
}

bool isolation_report(void)
{
    static const char *const names[PROPERTIES] = {
        "Non-secure streams: Non-secure accesses alone (3.10.1)",
        "Secure streams: neither Realm nor Root (3.10.2)",
        "  of these, to Non-secure memory",
        "Realm streams: neither Secure nor Root (3.10.3)",
        "  of these, to Non-secure memory",
        "STEs, commands and records in the bank's own space (3.5, 3.10)",
        "MSIs in the bank's spaces (3.18, 6.3.139)",
        "GPT: accesses of streams that it lets through (3.25.1)",
        "  that it stops",
        "GPT: accesses of devices without a StreamID that it lets through (3.25.1.1)",
        "  that it stops",
        "GPT: reads of the SMMU that it lets through (3.25.3)",
        "  writes",
        "what Root is told of is forbidden (3.25.5, 6.3.116, 6.3.117)",
        "Root memory: GPT fetches alone (3.25, DDI 0487 D9.1)",
        "commands of Non-secure queues leave Secure and Realm state (4.1.6, 4.4)",
        "commands of Secure queues leave Realm state, and without SSec 0 Non-secure state (4.1.6, 4.4)",
        "  that act on Non-secure state",
        "commands of Realm queues leave Non-secure and Secure state (4.1.6, 4.4)",
        "writes to one bank leave the others (3.10, 6.2)",
        "Secure registers show nothing to Non-secure and Realm accesses (6.2)",
        "  and take nothing",
        "Realm registers show nothing to Non-secure and Secure accesses (6.2.7 to 6.2.9)",
        "  and take nothing",
        "Root registers show nothing to other accesses (6.2.6)",
        "  and take nothing"};
    bool all = true;
    for (unsigned i = 0; i < PROPERTIES; i++) {
        bool missing = !judge.counts[i];
        printf("%12" PRIu64 "  %s%s\n", judge.counts[i], names[i], missing ? ": NEVER EXERCISED" : "");
        all = all && !missing;
    }
    printf("%12" PRIu64 "  operations that are not modelled, and change nothing\n", judge.refused);
    return all;
}
