/*
 * A case on a machine of QEMU, in bundles of requests whose replies are awaited together. A bundle has at
 * most one access, behind which registers and memory are only looked at: so what QEMU traced is about this
 * access, and what a device wrote can be taken back before anything comes to it.
 */
#include "qemu_machine.h"

#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "smref_layout.h"

#define REGISTERS_SIZE 0x20000u /* the two pages of 64 KB */
#define RECORD 32u
#define COMMAND UINT64_C(16)
#define ACCESSES 16 /* of a bundle */

/* ---- What cannot be done --------------------------------------------------------------------------- */

const smref_qemu_device *smref_qemu_device_of(const smref_qemu_machine *machine, const smref_access *access)
{
    for (size_t i = 0; i < machine->device_count; i++)
        if (machine->devices[i].sid == access->sid &&
            (access->type == SMREF_WRITE || machine->devices[i].kind == SMREF_QEMU_EDU))
            return &machine->devices[i];
    return NULL;
}

static const char *refuse_device(const smref_qemu_machine *machine, const smref_access *access)
{
    smref_access writes = *access;

    if (smref_qemu_device_of(machine, access))
        return NULL;
    writes.type = SMREF_WRITE;
    return smref_qemu_device_of(machine, &writes) ? "the device with that StreamID only writes"
                                                  : "no device of the machine has that StreamID";
}

static const char *refuse_access(const smref_qemu_machine *machine, const smref_stimulus *step)
{
    const smref_access *a = &step->access;
    const char *why;

    if (a->no_stream || step->by_t)
        return "devices of QEMU make no accesses without a StreamID, or with T or XT";
    if (a->sec_sid != SMREF_SEC_NS)
        return "QEMU has Non-secure devices only";
    why = refuse_device(machine, a);
    if (why)
        return why;
    if (a->ssv || a->priv || a->inst || a->attrs_supplied)
        return "devices of QEMU make no accesses with a SubstreamID, privilege, or attributes";
    if (a->type == SMREF_ATOMIC || a->size > 4 || a->size == 3 || a->addr % a->size)
        return "devices of QEMU read and write aligned units of 1, 2 and 4 bytes";
    return NULL;
}

static const char *refuse_register(const smref_stimulus *step)
{
    const smref_mmio *m = &step->mmio;

    if (step->named.reg != SMREF_REG_COUNT || m->block != SMREF_BLOCK_NS_PAGE0 || m->page ||
        m->offset > REGISTERS_SIZE - m->size)
        return "QEMU has two pages of registers only";
    if (m->pas != SMREF_PAS_NS)
        return "QEMU has Non-secure software only";
    if ((m->size != 1 && m->size != 2 && m->size != 4 && m->size != 8) || m->offset % m->size)
        return "it makes unaligned accesses to registers";
    return NULL;
}

static const char *refuse_memory(const smref_qemu_machine *machine, const smref_stimulus *step)
{
    if (step->pas != SMREF_PAS_NS || !smref_qemu_at(machine, step->at, step->size))
        return "it needs memory where the machine has none";
    return NULL;
}

/* QEMU drops the configuration of a StreamID by that of the device that it finds by it. */
static bool drops_one(const uint8_t *command)
{
    uint64_t words[2];
    unsigned opcode;

    smref_bytes_to_words(command, 2, words);
    opcode = (unsigned)smref_CMD_CFGI_STE_OPCODE(words);
    return opcode == smref_layout_at(SMREF_LAYOUT_CMD_CFGI_STE)->number ||
           opcode == smref_layout_at(SMREF_LAYOUT_CMD_CFGI_CD)->number ||
           opcode == smref_layout_at(SMREF_LAYOUT_CMD_CFGI_CD_ALL)->number;
}

/* Whether a store has such a command for the queue. */
static bool stores_drops(const smref_stimulus *step, uint64_t queue, uint64_t size)
{
    for (uint64_t at = -step->at & (COMMAND - 1); at + COMMAND <= step->size; at += COMMAND)
        if (step->at + at - queue < size && drops_one(step->bytes + at))
            return true;
    return false;
}

/* What a register of 64 bits holds, of which software may write either half. */
static void take_write(const smref_mmio *mmio, const smref_register_info *info, uint64_t *value)
{
    unsigned shift = (mmio->offset - info->offset) * 8;

    if (mmio->offset < info->offset || shift >= 64)
        return;
    *value =
        mmio->size == 8 ? mmio->value : (*value & ~(UINT64_C(0xffffffff) << shift)) | mmio->value << shift;
}

/* It does not find a device that has its StreamID only for its accesses. */
static const char *refuse_commands(const smref_qemu_machine *machine, const smref_case *c)
{
    const smref_register_info *base = smref_register_at(SMREF_REG_SMMU_CMDQ_BASE);
    uint64_t value = 0;
    bool lends = false, drops = false;

    for (size_t i = 0; i < c->count; i++) {
        const smref_stimulus *step = &c->steps[i];
        if (step->op == SMREF_OP_ACCESS)
            lends = lends || smref_qemu_seat_lends(smref_qemu_device_of(machine, &step->access));
        else if (step->op == SMREF_OP_MMIO_WRITE)
            take_write(&step->mmio, base, &value);
    }
    for (size_t i = 0; lends && value && !drops && i < c->count; i++)
        drops = c->steps[i].op == SMREF_OP_STORE &&
                stores_drops(&c->steps[i], smref_SMMU_CMDQ_BASE_ADDR_address(value),
                             COMMAND << smref_SMMU_CMDQ_BASE_LOG2SIZE(value));
    return drops ? "QEMU finds no device with a StreamID below 8 when a command names it" : NULL;
}

const char *smref_qemu_refused(const smref_qemu_machine *machine, const smref_case *c)
{
    const char *why = NULL;

    for (size_t i = 0; !why && i < c->count; i++) {
        const smref_stimulus *step = &c->steps[i];
        if (step->op == SMREF_OP_ACCESS)
            why = refuse_access(machine, step);
        else if (step->op == SMREF_OP_MMIO_READ || step->op == SMREF_OP_MMIO_WRITE)
            why = refuse_register(step);
        else if (step->op == SMREF_OP_STORE || step->op == SMREF_OP_LOAD)
            why = refuse_memory(machine, step);
        else if (step->op == SMREF_OP_RESET)
            why = "its steps reset the SMMU";
    }
    return why ? why : refuse_commands(machine, c);
}

/* ---- Memory that the SMMU writes ------------------------------------------------------------------- */

static uint64_t held(const smref_qemu_machine *machine, smref_register reg)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint32_t word = (info->offset & 0xffff) / 4;

    return machine->holds[word] | (uint64_t)(info->width == 64 ? machine->holds[word + 1] : 0) << 32;
}

/* Pages where the next access may have a record written. QEMU may align the queue or not, and cut off any
 * bits of its address above those of RAM. */
static void expect_record(smref_qemu_machine *machine, smref_qemu_events *events)
{
    uint64_t log2 = smref_SMMU_EVENTQ_BASE_LOG2SIZE(events->base);
    uint64_t size = RECORD << (log2 < 19 ? log2 : 19); /* SMMU_IDR1.EVENTQS */
    uint64_t first = (uint64_t)events->at * RECORD & (size - 1), length = (events->records + 1) * RECORD;
    uint64_t base = smref_SMMU_EVENTQ_BASE_ADDR_address(events->base) & (SMREF_QEMU_RAM_BOUND - 1);

    events->records++;
    for (int aligned = 0; aligned < 2; aligned++) {
        uint64_t at = aligned ? base & ~(size - 1) : base;
        smref_qemu_dirty(machine, at + first, length);
        if (first + length > size)
            smref_qemu_dirty(machine, at, length);
    }
}

static bool is_word_of(const smref_mmio *mmio, smref_register reg)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);

    return (mmio->offset & 0xffff) - (info->offset & 0xffff) < info->width / 8;
}

static void note_register(smref_qemu_machine *machine, smref_qemu_run *run, const smref_mmio *mmio)
{
    bool guarded = smref_qemu_guarded(machine, mmio->offset);

    smref_qemu_note_write(machine, mmio->offset, mmio->size, mmio->value);
    for (int ignored = 0; ignored < 2 && !(ignored && guarded); ignored++) {
        smref_qemu_events *events = &run->events[ignored];
        if (is_word_of(mmio, SMREF_REG_SMMU_EVENTQ_PROD)) {
            events->at = (uint32_t)mmio->value;
            events->records = 0;
        } else if (is_word_of(mmio, SMREF_REG_SMMU_EVENTQ_BASE)) {
            events->base = held(machine, SMREF_REG_SMMU_EVENTQ_BASE);
        }
    }
}

/* ---- Requests -------------------------------------------------------------------------------------- */

static bool only_looks(const smref_stimulus *step)
{
    return step->op == SMREF_OP_MMIO_READ || step->op == SMREF_OP_LOAD || step->op == SMREF_OP_IDENTIFY;
}

/* Whether memory that the step loads stays as it is until the bundle ends: nothing but looking follows. */
static bool stays(const smref_qemu_run *run, size_t step)
{
    if (run->closer)
        return true;
    while (step < run->c->count && only_looks(&run->c->steps[step]))
        step++;
    return step == run->c->count || run->c->steps[step].op == SMREF_OP_STORE;
}

static void request_write(smref_qemu_machine *machine, smref_qemu_run *run, size_t n)
{
    const smref_mmio *mmio = &run->c->steps[n].mmio;

    if (n >= run->ahead || !smref_qemu_holds(machine, mmio->offset, mmio->size, mmio->value))
        smref_qtest_write(machine->process.qtest, SMREF_QEMU_SMMU + mmio->offset, mmio->size, mmio->value);
    note_register(machine, run, mmio);
}

static void request_access(smref_qemu_machine *machine, smref_qemu_run *run, size_t n)
{
    const smref_access *access = &run->c->steps[n].access;
    const smref_sight *hint = run->predicted ? &run->predicted->sights[n] : NULL;
    const uint8_t *there =
        hint && hint->outcome == SMREF_OUTCOME_OK ? smref_qemu_at(machine, hint->pa, access->size) : NULL;

    for (int ignored = 0; ignored < 2; ignored++)
        expect_record(machine, &run->events[ignored]);
    run->saved_at = there ? hint->pa : UINT64_MAX;
    if (there)
        memcpy(run->saved, there, access->size);
    smref_qemu_dma(machine, smref_qemu_device_of(machine, access), access->type == SMREF_WRITE, access->addr,
                   access->size, there ? hint->pa : SMREF_QEMU_PATTERN);
}

/* The requests of a step; a store is done at once. */
static void request(smref_qemu_machine *machine, smref_qemu_run *run, size_t n)
{
    const smref_stimulus *step = &run->c->steps[n];

    if (step->op == SMREF_OP_MMIO_WRITE)
        request_write(machine, run, n);
    else if (step->op == SMREF_OP_MMIO_READ)
        smref_qtest_read(machine->process.qtest, SMREF_QEMU_SMMU + step->mmio.offset, step->mmio.size);
    else if (step->op == SMREF_OP_LOAD && !stays(run, n))
        smref_qtest_read_block(machine->process.qtest, step->at, step->size);
    else if (step->op == SMREF_OP_ACCESS)
        request_access(machine, run, n);
    else if (step->op == SMREF_OP_STORE) {
        memcpy(smref_qemu_at(machine, step->at, step->size), step->bytes, step->size);
        smref_qemu_dirty(machine, step->at, step->size);
    }
}

/* The step in which the case itself looks at SMMU_GERROR when nothing happens any more; or none. */
static size_t last_look_at_errors(const smref_case *c)
{
    uint32_t offset = smref_register_at(SMREF_REG_SMMU_GERROR)->offset;

    for (size_t n = c->count; n && only_looks(&c->steps[n - 1]); n--)
        if (c->steps[n - 1].op == SMREF_OP_MMIO_READ && c->steps[n - 1].mmio.offset == offset &&
            c->steps[n - 1].mmio.size == 4)
            return n - 1;
    return SMREF_CASE_STEPS;
}

static void ask_for_the_end(smref_qemu_machine *machine, smref_qemu_run *run)
{
    uint32_t offset = smref_register_at(SMREF_REG_SMMU_GERROR)->offset;

    run->asked = true;
    run->errors = last_look_at_errors(run->c);
    if (run->errors == SMREF_CASE_STEPS)
        smref_qtest_read(machine->process.qtest, SMREF_QEMU_SMMU + offset, 4);
}

/* Whether an access leaves memory as it is: by what is predicted, unless something else may be permitted,
 * too. */
static bool leaves_memory(const smref_qemu_run *run, size_t n)
{
    return run->c->steps[n].access.type == SMREF_READ ||
           (run->predicted && !run->predicted->wide && run->predicted->sights[n].outcome != SMREF_OUTCOME_OK);
}

/* Whether a step may come behind those that the bundle has. */
static bool fits(const smref_qemu_machine *machine, const smref_qemu_run *run, size_t n, bool requested)
{
    const smref_stimulus *steps = run->c->steps;
    unsigned accesses = 0;

    if (steps[n].op == SMREF_OP_STORE)
        return !requested;
    if (only_looks(&steps[n]))
        return true;
    for (size_t i = run->first; i < n; i++) {
        const smref_access *before = &steps[i].access, *access = &steps[n].access;
        if (steps[i].op != SMREF_OP_ACCESS)
            continue;
        if (!machine->program->accel_qtest || !leaves_memory(run, i) || ++accesses == ACCESSES)
            return false;
        if (steps[n].op == SMREF_OP_ACCESS && before->sid == access->sid && before->addr == access->addr)
            return false;
    }
    return true;
}

/* The next bundle. */
static void bundle(smref_qemu_machine *machine, smref_qemu_run *run)
{
    const smref_case *c = run->c;
    bool full = false;
    size_t n = run->next, under_way = smref_qtest_outstanding(machine->process.qtest);

    run->first = n;
    for (; n < c->count && !full; n++) {
        smref_op op = c->steps[n].op;
        size_t before = smref_qtest_outstanding(machine->process.qtest);
        if (!fits(machine, run, n, before > under_way))
            break;
        request(machine, run, n);
        run->made[n] = smref_qtest_outstanding(machine->process.qtest) > before;
        full = (run->closer && op != SMREF_OP_STORE) ||
               (op == SMREF_OP_ACCESS && !machine->program->accel_qtest);
    }
    run->next = n;
    if (n == c->count && !full)
        ask_for_the_end(machine, run);
    smref_qtest_push(machine->process.qtest);
}

smref_qtest_status smref_qemu_begin(smref_qemu_machine *machine, smref_qemu_run *run)
{
    smref_qtest_status status = smref_qemu_mend(machine);
    bool reset = run->closer || status == SMREF_QTEST_REFUSED ||
                 (machine->two_level && !smref_qemu_starts_two_level(run->c));

    if (status && status != SMREF_QTEST_REFUSED)
        return status;
    if (reset && !smref_qemu_machine_reset(machine))
        return SMREF_QTEST_SILENT;
    machine->unclean = machine->unclean || !smref_qemu_clean(machine, run->closer);
    run->next = 0;
    run->asked = false;
    run->ahead = smref_qemu_restore(machine, run->c);
    for (int ignored = 0; ignored < 2; ignored++)
        run->events[ignored] = (smref_qemu_events){.base = held(machine, SMREF_REG_SMMU_EVENTQ_BASE)};
    run->settled = smref_qtest_outstanding(machine->process.qtest);
    bundle(machine, run);
    return SMREF_QTEST_OK;
}

/* ---- What it showed -------------------------------------------------------------------------------- */

/* The last line that QEMU traced about the access, from what became of it on; NULL: none. */
static const char *traced(const char *text, const smref_access *access)
{
    static const char prefix[] = "smmuv3_translate_";
    const char *found = NULL, *sid, *iova;

    for (const char *at = strstr(text, prefix); at; at = strstr(at + 1, prefix)) {
        sid = strstr(at, " sid=");
        iova = strstr(at, "iova");
        if (sid && iova && strtoul(sid + 5, NULL, 0) == access->sid &&
            strtoull(iova + 5, NULL, 0) == access->addr)
            found = at + sizeof prefix - 1;
    }
    return found;
}

/* Where the access went. False: nowhere. */
static bool trace_says(const char *text, const smref_access *access, uint64_t *pa)
{
    const char *line = traced(text, access), *at, *perm;
    unsigned long permitted = 0;

    if (!line || strncmp(line, "abort ", 6) == 0)
        return false;
    *pa = access->addr;
    if (strncmp(line, "success ", 8) != 0)
        return true;
    at = strstr(line, "translated=");
    perm = strstr(line, "perm=");
    if (!at || !perm)
        return false;
    *pa = strtoull(at + 11, NULL, 0);
    permitted = strtoul(perm + 5, NULL, 0);
    return permitted & (access->type == SMREF_WRITE ? 2 : 1);
}

/* A device wrote there: whether that can be seen, and then it is taken back. Where it was not predicted to
 * write, nothing was, or the case has shown already that it went elsewhere. */
static bool take_back(smref_qemu_machine *machine, const smref_qemu_run *run, uint64_t pa, unsigned size)
{
    const uint8_t *pattern = smref_qemu_at(machine, SMREF_QEMU_PATTERN, size);
    uint8_t *there = smref_qemu_at(machine, pa, size);
    bool seen;

    if (!there) {
        machine->strayed = machine->strayed || pa < SMREF_QEMU_RAM;
        return true;
    }
    seen = memcmp(there, pattern, size) == 0;
    if (pa == run->saved_at)
        memcpy(there, run->saved, size);
    else if (pa < SMREF_QEMU_OWN)
        memset(there, 0, size);
    else
        machine->strayed = true;
    smref_qemu_dirty(machine, pa, size);
    return seen;
}

static void see_access(smref_qemu_machine *machine, smref_qemu_run *run, size_t n, const char *text)
{
    const smref_access *access = &run->c->steps[n].access;
    smref_sight *sight = &run->shown[n];

    sight->shows = SMREF_SHOWS_OUTCOME | SMREF_SHOWS_PA;
    sight->outcome = SMREF_OUTCOME_ABORT;
    sight->raz_is_abort = true;
    if (!trace_says(text, access, &sight->pa))
        return;
    sight->outcome = SMREF_OUTCOME_OK;
    if (access->type == SMREF_WRITE)
        sight->elsewhere = !take_back(machine, run, sight->pa, access->size);
}

static void see_memory(const smref_stimulus *step, const uint8_t *bytes, smref_sight *sight)
{
    uint8_t padded[SMREF_CASE_LOAD] = {0};

    memcpy(padded, bytes, step->size);
    smref_bytes_to_words(padded, SMREF_CASE_LOAD / 8, sight->loaded);
    sight->shows = SMREF_SHOWS_LOADED;
}

static smref_qtest_status see(smref_qemu_machine *machine, smref_qemu_run *run, size_t n)
{
    const smref_stimulus *step = &run->c->steps[n];
    smref_sight *sight = &run->shown[n];
    uint8_t bytes[SMREF_CASE_LOAD];
    smref_qtest_status status;

    memset(sight, 0, sizeof *sight);
    if (!run->made[n])
        return SMREF_QTEST_OK;
    if (step->op == SMREF_OP_ACCESS)
        return smref_qemu_dma_done(machine, smref_qemu_device_of(machine, &step->access));
    if (step->op == SMREF_OP_MMIO_READ) {
        sight->shows = SMREF_SHOWS_VALUE;
        return smref_qtest_value(machine->process.qtest, &sight->value);
    }
    if (step->op != SMREF_OP_LOAD)
        return smref_qtest_done(machine->process.qtest);
    status = smref_qtest_block(machine->process.qtest, bytes, step->size);
    see_memory(step, bytes, sight);
    return status;
}

static smref_qtest_status see_the_end(smref_qemu_machine *machine, const smref_qemu_run *run)
{
    smref_qtest_status status = SMREF_QTEST_OK;
    uint64_t value = 0;

    if (run->errors < SMREF_CASE_STEPS)
        value = run->shown[run->errors].value;
    else
        status = smref_qtest_value(machine->process.qtest, &value);
    machine->gerror = (uint32_t)value;
    return status;
}

/* What can be seen when all replies are there: where accesses went, and memory. */
static void see_afterwards(smref_qemu_machine *machine, smref_qemu_run *run)
{
    const char *text = NULL;

    for (size_t n = run->first; n < run->next; n++)
        if (run->c->steps[n].op == SMREF_OP_ACCESS) {
            text = text ? text : smref_qemu_traced(&machine->process);
            see_access(machine, run, n, text);
        }
    for (size_t n = run->first; n < run->next; n++) {
        const smref_stimulus *step = &run->c->steps[n];
        if (step->op == SMREF_OP_LOAD && !run->made[n])
            see_memory(step, smref_qemu_at(machine, step->at, step->size), &run->shown[n]);
    }
}

static smref_qtest_status see_bundle(smref_qemu_machine *machine, smref_qemu_run *run)
{
    smref_qtest_status status = SMREF_QTEST_OK;

    for (; !status && run->settled; run->settled--)
        status = smref_qtest_done(machine->process.qtest);
    for (size_t n = run->first; !status && n < run->next; n++)
        status = see(machine, run, n);
    if (!status && run->asked)
        status = see_the_end(machine, run);
    if (!status)
        see_afterwards(machine, run);
    return status;
}

smref_qtest_status smref_qemu_finish(smref_qemu_machine *machine, smref_qemu_run *run)
{
    smref_qtest_status status = see_bundle(machine, run);

    while (!status && !run->asked) {
        bundle(machine, run);
        status = see_bundle(machine, run);
    }
    return status;
}
