/*
 * The SMMU of a machine, put back as a reset leaves it: a write of each register that was written, and its
 * caches emptied by commands of smref's own queue. What the next case overwrites before anything could look
 * at it is left as it is; so is the Command queue, when the case does without one.
 */
#include "qemu_machine.h"

#include <string.h>

#include "smref_layout.h"

#define FLUSH 2u                                /* commands that empty the caches */
#define INDEXES (2u << SMREF_QEMU_FLUSHES_LOG2) /* of a queue, with the wrap bit */

static uint32_t offset_of(smref_register reg)
{
    return smref_register_at((unsigned)reg)->offset;
}

/* Both pages are one in QEMU. */
static uint32_t word_of(uint32_t offset)
{
    return (offset & 0xffff) / 4;
}

static uint32_t register_word(smref_register reg)
{
    return word_of(offset_of(reg));
}

static bool is_within(uint32_t offset, smref_register first, smref_register last)
{
    return word_of(offset) >= register_word(first) && word_of(offset) <= register_word(last);
}

static void put(smref_qemu_machine *machine, smref_register reg, uint64_t value)
{
    unsigned size = smref_register_at((unsigned)reg)->width / 8;

    smref_qtest_write(machine->process.qtest, SMREF_QEMU_SMMU + offset_of(reg), size, value);
    smref_qemu_note_write(machine, offset_of(reg), size, value);
}

static uint64_t at_reset(const smref_qemu_machine *machine, smref_register reg)
{
    const uint32_t *words = &machine->at_reset[register_word(reg)];

    return smref_register_at((unsigned)reg)->width == 64 ? words[0] | (uint64_t)words[1] << 32 : words[0];
}

/* ---- What was written ------------------------------------------------------------------------------ */

static void note_stream_table(smref_qemu_machine *machine, uint32_t offset, unsigned size, uint64_t value)
{
    if (size == 4 && word_of(offset) == register_word(SMREF_REG_SMMU_STRTAB_BASE_CFG) &&
        smref_SMMU_STRTAB_BASE_CFG_FMT(value) == 1)
        machine->two_level = true;
}

/* What the SMMU itself writes from now on. */
static void note_enables(smref_qemu_machine *machine, uint32_t offset, uint64_t value)
{
    if (word_of(offset) != register_word(SMREF_REG_SMMU_CR0))
        return;
    if (smref_SMMU_CR0_EVENTQEN(value)) {
        machine->written[register_word(SMREF_REG_SMMU_EVENTQ_PROD)] = true;
        machine->known[register_word(SMREF_REG_SMMU_EVENTQ_PROD)] = false;
    }
    if (smref_SMMU_CR0_CMDQEN(value)) {
        machine->written[register_word(SMREF_REG_SMMU_CMDQ_CONS)] = true;
        machine->known[register_word(SMREF_REG_SMMU_CMDQ_CONS)] = false;
    }
}

bool smref_qemu_guarded(const smref_qemu_machine *machine, uint32_t offset)
{
    uint32_t control = register_word(SMREF_REG_SMMU_CR0), enables = machine->holds[control];

    if (!machine->known[control])
        return true;
    if (is_within(offset, SMREF_REG_SMMU_CMDQ_BASE, SMREF_REG_SMMU_CMDQ_CONS))
        return smref_SMMU_CR0_CMDQEN(enables);
    return smref_SMMU_CR0_SMMUEN(enables) || smref_SMMU_CR0_EVENTQEN(enables);
}

void smref_qemu_note_write(smref_qemu_machine *machine, uint32_t offset, unsigned size, uint64_t value)
{
    uint32_t word = word_of(offset);
    bool taken = word == register_word(SMREF_REG_SMMU_CR0) || !smref_qemu_guarded(machine, offset);

    machine->fresh = false;
    for (uint32_t i = word; i <= word_of(offset + size - 1) && i < SMREF_QEMU_WORDS; i++) {
        machine->written[i] = true;
        machine->known[i] = taken && size >= 4 && offset % 4 == 0;
        machine->holds[i] = (uint32_t)(value >> (i - word) * 32);
    }
    note_stream_table(machine, offset, size, value);
    note_enables(machine, offset, value);
}

bool smref_qemu_holds(const smref_qemu_machine *machine, uint32_t offset, unsigned size, uint64_t value)
{
    uint32_t word = word_of(offset);

    for (uint32_t i = 0; i < size / 4; i++)
        if (!machine->known[word + i] || machine->holds[word + i] != (uint32_t)(value >> i * 32))
            return false;
    return true;
}

/* ---- What a case looks at -------------------------------------------------------------------------- */

static bool is_register_access(const smref_stimulus *step)
{
    return step->op == SMREF_OP_MMIO_READ || step->op == SMREF_OP_MMIO_WRITE;
}

static bool uses_command_queue(const smref_case *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const smref_mmio *mmio = &c->steps[i].mmio;
        if (is_register_access(&c->steps[i]) &&
            word_of(mmio->offset + mmio->size - 1) >= register_word(SMREF_REG_SMMU_CMDQ_BASE) &&
            is_within(mmio->offset, SMREF_REG_SMMU_IDR0, SMREF_REG_SMMU_CMDQ_CONS))
            return true;
    }
    return false;
}

/* Whether a write of the register sets nothing off while SMMU_CR0 is 0, and leaves nothing of what it held.
 */
static bool is_plain(const smref_mmio *mmio)
{
    static const smref_register plain[] = {
        SMREF_REG_SMMU_CR1,         SMREF_REG_SMMU_CR2,
        SMREF_REG_SMMU_STRTAB_BASE, SMREF_REG_SMMU_STRTAB_BASE_CFG,
        SMREF_REG_SMMU_CMDQ_BASE,   SMREF_REG_SMMU_CMDQ_PROD,
        SMREF_REG_SMMU_CMDQ_CONS,   SMREF_REG_SMMU_EVENTQ_BASE,
        SMREF_REG_SMMU_EVENTQ_PROD, SMREF_REG_SMMU_EVENTQ_CONS,
    };

    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        const smref_register_info *info = smref_register_at((unsigned)plain[i]);
        if (mmio->offset == info->offset && mmio->size == info->width / 8)
            return true;
    }
    return false;
}

/* The words that the case writes before it does anything else, but for stores. Returns the step that ends
 * that. */
static size_t look_ahead(const smref_case *c, bool words[SMREF_QEMU_WORDS])
{
    size_t i = 0;

    memset(words, 0, SMREF_QEMU_WORDS * sizeof *words);
    for (; i < c->count; i++) {
        const smref_mmio *mmio = &c->steps[i].mmio;
        if (c->steps[i].op == SMREF_OP_STORE)
            continue;
        if (c->steps[i].op != SMREF_OP_MMIO_WRITE || !is_plain(mmio))
            break;
        for (unsigned b = 0; b < mmio->size; b += 4)
            words[word_of(mmio->offset + b)] = true;
    }
    return i;
}

static bool writes_control(const smref_stimulus *step)
{
    const smref_register_info *control = smref_register_at(SMREF_REG_SMMU_CR0);

    return step->op == SMREF_OP_MMIO_WRITE && step->mmio.offset == control->offset &&
           step->mmio.size == control->width / 8;
}

bool smref_qemu_starts_two_level(const smref_case *c)
{
    const smref_register_info *format = smref_register_at(SMREF_REG_SMMU_STRTAB_BASE_CFG);

    for (size_t i = 0; i < c->count; i++) {
        const smref_stimulus *step = &c->steps[i];
        if (step->op == SMREF_OP_ACCESS)
            return false;
        if (step->op == SMREF_OP_MMIO_WRITE && step->mmio.offset == format->offset &&
            step->mmio.size == format->width / 8)
            return smref_SMMU_STRTAB_BASE_CFG_FMT(step->mmio.value) == 1;
    }
    return false;
}

/* ---- Global errors --------------------------------------------------------------------------------- */

/* A command that is none changes SMMU_GERROR.CMDQ_ERR once more. */
static void make_command_error(smref_qemu_machine *machine)
{
    put(machine, SMREF_REG_SMMU_CMDQ_BASE, SMREF_QEMU_ILLEGAL | SMREF_QEMU_FLUSHES_LOG2);
    put(machine, SMREF_REG_SMMU_CMDQ_CONS, 0);
    put(machine, SMREF_REG_SMMU_CMDQ_PROD, 1);
    put(machine, SMREF_REG_SMMU_CR0, smref_SMMU_CR0_with_CMDQEN(0, 1));
    put(machine, SMREF_REG_SMMU_CR0, 0);
    machine->flushing = false;
}

/* A record that cannot be written, of an access by a StreamID out of range, changes EVENTQ_ABT_ERR. (The
 * machine may heed SMMU_CR2.RECINVSID or not.) */
static smref_qtest_status make_event_error(smref_qemu_machine *machine)
{
    uint64_t enables = smref_SMMU_CR0_with_EVENTQEN(smref_SMMU_CR0_with_SMMUEN(0, 1), 1);
    smref_qtest_status status;

    put(machine, SMREF_REG_SMMU_CR2, smref_SMMU_CR2_with_RECINVSID(0, 1));
    put(machine, SMREF_REG_SMMU_STRTAB_BASE_CFG, 0);
    put(machine, SMREF_REG_SMMU_EVENTQ_BASE, SMREF_QEMU_RAM + 2 * SMREF_QEMU_RAM_SIZE);
    put(machine, SMREF_REG_SMMU_EVENTQ_PROD, 0);
    put(machine, SMREF_REG_SMMU_EVENTQ_CONS, 0);
    put(machine, SMREF_REG_SMMU_CR0, enables);
    status = smref_qtest_settle(machine->process.qtest);
    smref_qemu_dma(machine, &machine->devices[0], false, 0, 4, 0);
    if (!status)
        status = smref_qemu_dma_done(machine, &machine->devices[0]);
    put(machine, SMREF_REG_SMMU_CR0, 0);
    (void)smref_qemu_traced(&machine->process);
    return status;
}

smref_qtest_status smref_qemu_mend(smref_qemu_machine *machine)
{
    smref_qtest_status status = SMREF_QTEST_OK;
    uint64_t value = 0;

    if (!machine->gerror)
        return SMREF_QTEST_OK;
    put(machine, SMREF_REG_SMMU_CR0, 0);
    put(machine, SMREF_REG_SMMU_GERRORN, machine->gerror); /* nothing is active */
    if (smref_SMMU_GERROR_CMDQ_ERR(machine->gerror))
        make_command_error(machine);
    if (smref_SMMU_GERROR_EVENTQ_ABT_ERR(machine->gerror))
        status = make_event_error(machine);
    put(machine, SMREF_REG_SMMU_GERRORN, 0);
    if (!status)
        status = smref_qtest_settle(machine->process.qtest);
    smref_qtest_read(machine->process.qtest, SMREF_QEMU_SMMU + offset_of(SMREF_REG_SMMU_GERROR), 4);
    if (!status)
        status = smref_qtest_value(machine->process.qtest, &value);
    machine->gerror = (uint32_t)value;
    return !status && value ? SMREF_QTEST_REFUSED : status;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

/* Commands that empty the caches, which are done before the write returns. */
static void flush(smref_qemu_machine *machine)
{
    unsigned flushed = machine->flushing ? (machine->flushed + FLUSH) % INDEXES : FLUSH;

    if (!machine->flushing) {
        put(machine, SMREF_REG_SMMU_CR0, 0);
        put(machine, SMREF_REG_SMMU_CMDQ_BASE, SMREF_QEMU_FLUSHES | SMREF_QEMU_FLUSHES_LOG2);
        put(machine, SMREF_REG_SMMU_CMDQ_CONS, 0);
        put(machine, SMREF_REG_SMMU_CMDQ_PROD, flushed);
        put(machine, SMREF_REG_SMMU_CR0, smref_SMMU_CR0_with_CMDQEN(0, 1));
    } else {
        put(machine, SMREF_REG_SMMU_CR0, smref_SMMU_CR0_with_CMDQEN(0, 1));
        put(machine, SMREF_REG_SMMU_CMDQ_PROD, flushed);
    }
    machine->flushing = true;
    machine->flushed = flushed;
}

static bool is_command_queue(smref_register reg)
{
    return reg == SMREF_REG_SMMU_CMDQ_BASE || reg == SMREF_REG_SMMU_CMDQ_PROD ||
           reg == SMREF_REG_SMMU_CMDQ_CONS;
}

static bool is_control(smref_register reg)
{
    return reg == SMREF_REG_SMMU_CR0 || reg == SMREF_REG_SMMU_CR0ACK || reg == SMREF_REG_SMMU_GERROR;
}

static void put_back(smref_qemu_machine *machine, smref_register reg)
{
    uint64_t value = at_reset(machine, reg);

    put(machine, reg, reg == SMREF_REG_SMMU_GBPA ? smref_SMMU_GBPA_with_Update(value, 1) : value);
}

static void put_all_back(smref_qemu_machine *machine, const bool *ahead, bool queue)
{
    for (size_t i = 0; i < machine->register_count; i++) {
        smref_register reg = (smref_register)machine->registers[i];
        uint32_t word = register_word(reg);
        bool wide = smref_register_at((unsigned)reg)->width == 64;
        if (!machine->written[word] && !(wide && machine->written[word + 1]))
            continue;
        if (is_control(reg) || (is_command_queue(reg) && !queue))
            continue;
        if (!ahead[word] || (wide && !ahead[word + 1]))
            put_back(machine, reg);
        machine->written[word] = false;
        if (wide)
            machine->written[word + 1] = false;
    }
}

size_t smref_qemu_restore(smref_qemu_machine *machine, const smref_case *next)
{
    bool ahead[SMREF_QEMU_WORDS];
    size_t first = look_ahead(next, ahead);
    bool queue = uses_command_queue(next);
    uint32_t attributes = register_word(SMREF_REG_SMMU_CR1); /* CMDQEN guards some of them (6.3.11) */
    bool guarded = queue || ahead[attributes] || machine->written[attributes];

    if (machine->written[register_word(SMREF_REG_SMMU_GERRORN)]) { /* an active error stops commands */
        put(machine, SMREF_REG_SMMU_CR0, 0);
        put_back(machine, SMREF_REG_SMMU_GERRORN);
        machine->written[register_word(SMREF_REG_SMMU_GERRORN)] = false;
    }
    if (!machine->fresh)
        flush(machine);
    if (guarded || !machine->flushing || first == next->count || !writes_control(&next->steps[first]))
        put(machine, SMREF_REG_SMMU_CR0, 0);
    if (queue)
        machine->flushing = false;
    put_all_back(machine, ahead, queue);
    return first;
}
