/* Machines of QEMU, and the RAM that they share with smref. */
#define _GNU_SOURCE /* memfd_create, fallocate, SEEK_DATA */
#include "qemu_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "command.h"
#include "hex.h"
#include "smref_layout.h"

#define PAGE UINT64_C(4096)
#define PAGES (SMREF_QEMU_RAM_SIZE / PAGE)
#define START_MS 60000u  /* that a process may take to start */
#define PAGES_KEPT 16384 /* more of them are given back */

/* Of QEMU's edu (hw/misc/edu.c). */
enum {
    EDU_SOURCE = 0x80, /* and the destination, the size, and the command: each 8 bytes */
    EDU_COMMAND = 0x98,
    EDU_RUN = 1,
    EDU_TO_MEMORY = 2,
    EDU_BUFFER = 0x40000,
    EDU_BUFFER_SIZE = 0x1000,
    EDU_PATTERN = EDU_BUFFER + 0x800, /* reads go to the start of the buffer */
};
#define EDU_TIME UINT64_C(100000000) /* ns that it takes */

/* Of QEMU's iommu-testdev (hw/misc/iommu-testdev.c): words of 4 bytes. */
enum {
    TESTDEV_TRIGGER = 0x0, /* when it is read */
    TESTDEV_IOVA = 0x4,    /* and its upper half, the size, the result, ARM, attributes, and the PA */
    TESTDEV_WORDS = 8,
    TESTDEV_ARM = 1,
};
#define PATTERN UINT32_C(0x12345678) /* that it writes */

/* ---- Memory ---------------------------------------------------------------------------------------- */

static bool map_memory(smref_qemu_machine *machine, char why[256])
{
    void *at;

    machine->memory = memfd_create("memory", MFD_CLOEXEC);
    if (machine->memory < 0 || ftruncate(machine->memory, (off_t)SMREF_QEMU_RAM_SIZE) != 0) {
        snprintf(why, 256, "no memory for a machine: %s", strerror(errno));
        return false;
    }
    at = mmap(NULL, SMREF_QEMU_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, machine->memory,
              0);
    if (at == MAP_FAILED) {
        snprintf(why, 256, "no memory for a machine: %s", strerror(errno));
        return false;
    }
    machine->ram = at;
    machine->dirty_bits = smref_alloc(PAGES / 8, 1);
    machine->populated_bits = smref_alloc(PAGES / 8, 1);
    return true;
}

/* The registers that a page has. */
static void list_registers(smref_qemu_machine *machine)
{
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        const smref_register_info *info = smref_register_at(i);
        if (strcmp(info->bank, "NS") == 0 && smref_register_mapped(i) &&
            (info->offset & 0xffff) / 4 + info->width / 32u <= SMREF_QEMU_WORDS &&
            machine->register_count < SMREF_QEMU_REGISTERS)
            machine->registers[machine->register_count++] = (uint16_t)i;
    }
}

bool smref_qemu_machine_open(smref_qemu_machine *machine, const smref_qemu_program *program, char why[256])
{
    memset(machine, 0, sizeof *machine);
    machine->program = program;
    machine->memory = -1;
    machine->device_count = smref_qemu_seats_devices(program, machine->devices);
    list_registers(machine);
    return map_memory(machine, why);
}

void smref_qemu_machine_close(smref_qemu_machine *machine)
{
    smref_qemu_stop(&machine->process, *machine->program->log ? machine->program->log : NULL, NULL);
    if (machine->ram)
        (void)munmap(machine->ram, SMREF_QEMU_RAM_SIZE);
    if (machine->memory >= 0)
        close(machine->memory);
    free(machine->dirty);
    free(machine->dirty_bits);
    free(machine->populated_bits);
    machine->ram = NULL;
    machine->memory = -1;
    machine->dirty = NULL;
    machine->dirty_bits = machine->populated_bits = NULL;
}

uint8_t *smref_qemu_at(const smref_qemu_machine *machine, uint64_t at, uint64_t size)
{
    if (at < SMREF_QEMU_RAM || size > SMREF_QEMU_RAM_SIZE || at - SMREF_QEMU_RAM > SMREF_QEMU_RAM_SIZE - size)
        return NULL;
    return machine->ram + (at - SMREF_QEMU_RAM);
}

static bool set_bit(uint8_t *bits, uint64_t n)
{
    bool was = bits[n / 8] >> n % 8 & 1;

    bits[n / 8] |= (uint8_t)(1u << n % 8);
    return !was;
}

void smref_qemu_dirty(smref_qemu_machine *machine, uint64_t at, uint64_t size)
{
    uint64_t first = at & ~(PAGE - 1);

    for (uint64_t page = first; page - first < size + (at - first); page += PAGE) {
        uint64_t n = (page - SMREF_QEMU_RAM) / PAGE;
        if (!smref_qemu_at(machine, page, PAGE) || page >= SMREF_QEMU_OWN || !set_bit(machine->dirty_bits, n))
            continue;
        if (machine->dirty_count == machine->dirty_room) {
            machine->dirty_room = 2 * machine->dirty_room + 64;
            machine->dirty = smref_resize(machine->dirty, machine->dirty_room, sizeof *machine->dirty);
        }
        machine->dirty[machine->dirty_count++] = n;
        machine->populated += set_bit(machine->populated_bits, n);
    }
}

/* Whether all of RAM is zero but for smref's own: only what the file has pages for is looked at. */
static bool is_zero(const smref_qemu_machine *machine)
{
    static const uint8_t zero[PAGE];
    const off_t end = (off_t)(SMREF_QEMU_OWN - SMREF_QEMU_RAM);
    off_t from = lseek(machine->memory, 0, SEEK_DATA);

    while (from >= 0 && from < end) {
        off_t to = lseek(machine->memory, from, SEEK_HOLE);
        for (; from < to && from < end; from += (off_t)PAGE)
            if (memcmp(machine->ram + from, zero, PAGE) != 0)
                return false;
        from = lseek(machine->memory, from, SEEK_DATA);
    }
    return true;
}

static void give_back(smref_qemu_machine *machine)
{
    (void)fallocate(machine->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                    (off_t)(SMREF_QEMU_OWN - SMREF_QEMU_RAM));
    free(machine->populated_bits);
    machine->populated_bits = smref_alloc(PAGES / 8, 1); /* costs nothing until it is touched */
    machine->populated = 0;
}

bool smref_qemu_clean(smref_qemu_machine *machine, bool look)
{
    bool good;

    while (machine->dirty_count) {
        uint64_t page = machine->dirty[--machine->dirty_count];
        memset(machine->ram + page * PAGE, 0, PAGE);
        machine->dirty_bits[page / 8] &= (uint8_t) ~(1u << page % 8);
    }
    look = look || machine->populated > PAGES_KEPT;
    good = !look || is_zero(machine);
    if (machine->populated > PAGES_KEPT)
        give_back(machine);
    return good;
}

/* ---- Accesses by devices --------------------------------------------------------------------------- */

static void store_words(uint8_t *to, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < 4 * count; i++)
        to[i] = (uint8_t)(words[i / 4] >> i % 4 * 8);
}

static void dma_by_edu(const smref_qemu_machine *machine, const smref_qemu_device *device, bool write,
                       uint64_t at, unsigned size)
{
    const uint64_t words[4] = {write ? EDU_PATTERN : at, write ? at : EDU_BUFFER, size,
                               write ? EDU_RUN | EDU_TO_MEMORY : EDU_RUN};
    uint8_t bytes[sizeof words];

    smref_words_to_bytes(words, 4, bytes);
    if (smref_qemu_seat_lends(device))
        smref_qemu_seat_lend(machine->process.qtest, device);
    smref_qtest_write_block(machine->process.qtest, device->bar + EDU_SOURCE, bytes, sizeof bytes);
    if (!machine->program->accel_qtest)
        return;
    smref_qtest_clock_step(machine->process.qtest, EDU_TIME);
    if (smref_qemu_seat_lends(device))
        smref_qemu_seat_return(machine->process.qtest, device);
}

void smref_qemu_dma(const smref_qemu_machine *machine, const smref_qemu_device *device, bool write,
                    uint64_t at, unsigned size, uint64_t to)
{
    const uint32_t words[TESTDEV_WORDS] = {(uint32_t)at, (uint32_t)(at >> 32), size, 0, TESTDEV_ARM, 0,
                                           (uint32_t)to, (uint32_t)(to >> 32)};
    uint8_t bytes[sizeof words];

    if (device->kind == SMREF_QEMU_EDU) {
        dma_by_edu(machine, device, write, at, size);
        return;
    }
    store_words(bytes, words, TESTDEV_WORDS);
    smref_qtest_write_block(machine->process.qtest, device->bar + TESTDEV_IOVA, bytes, sizeof bytes);
    smref_qtest_read(machine->process.qtest, device->bar + TESTDEV_TRIGGER, 4);
}

uint64_t smref_qemu_dma_busy(const smref_qemu_device *device)
{
    return device->kind == SMREF_QEMU_EDU ? device->bar + EDU_COMMAND : 0;
}

void smref_qemu_dma_end(const smref_qemu_machine *machine, const smref_qemu_device *device)
{
    if (smref_qemu_seat_lends(device) && !machine->program->accel_qtest)
        smref_qemu_seat_return(machine->process.qtest, device);
}

/* Whether the device is at rest, when it is one that has to be asked. */
static smref_qtest_status wait_for_edu(const smref_qemu_machine *machine, const smref_qemu_device *device)
{
    smref_qtest *qtest = machine->process.qtest;
    smref_qtest_status status = SMREF_QTEST_OK;
    uint64_t command = EDU_RUN;

    for (unsigned polls = 0; !status && command & EDU_RUN; polls++) {
        smref_qtest_read(qtest, device->bar + EDU_COMMAND, 4);
        status = polls < 100000 ? smref_qtest_value(qtest, &command) : SMREF_QTEST_SILENT;
    }
    return status;
}

smref_qtest_status smref_qemu_dma_done(const smref_qemu_machine *machine, const smref_qemu_device *device)
{
    smref_qtest *qtest = machine->process.qtest;
    bool at_once = device->kind == SMREF_QEMU_TESTDEV || machine->program->accel_qtest;
    unsigned replies = at_once ? 2 : 1;
    smref_qtest_status status = SMREF_QTEST_OK;

    if (smref_qemu_seat_lends(device))
        replies *= 2;
    for (; !status && replies; replies--)
        status = smref_qtest_done(qtest);
    if (status || at_once)
        return status;
    status = wait_for_edu(machine, device);
    if (status || !smref_qemu_seat_lends(device))
        return status;
    smref_qemu_dma_end(machine, device);
    return smref_qtest_done(qtest);
}

/* ---- Starting -------------------------------------------------------------------------------------- */

/* What smref keeps in memory for itself. */
static void fill_own(smref_qemu_machine *machine)
{
    uint64_t flushes[4] = {0}, illegal[2] = {0};
    const uint32_t pattern = PATTERN;
    uint8_t bytes[32];

    smref_CMD_CFGI_ALL_set_OPCODE(flushes, smref_layout_at(SMREF_LAYOUT_CMD_CFGI_ALL)->number);
    smref_CMD_CFGI_ALL_set_Range(flushes, 31);
    smref_CMD_TLBI_NSNH_ALL_set_OPCODE(flushes + 2, smref_layout_at(SMREF_LAYOUT_CMD_TLBI_NSNH_ALL)->number);
    smref_words_to_bytes(flushes, 4, bytes);
    for (size_t i = 0; i < (1u << SMREF_QEMU_FLUSHES_LOG2) / 2; i++)
        memcpy(smref_qemu_at(machine, SMREF_QEMU_FLUSHES + 32 * i, 32), bytes, 32);
    smref_words_to_bytes(illegal, 2, bytes); /* opcode 0 is none (4.1.3) */
    memcpy(smref_qemu_at(machine, SMREF_QEMU_ILLEGAL, 16), bytes, 16);
    store_words(bytes, &pattern, 1);
    for (size_t i = 0; i < EDU_BUFFER_SIZE; i += 4)
        memcpy(smref_qemu_at(machine, SMREF_QEMU_PATTERN + i, 4), bytes, 4);
}

/* Gives the devices what they will write: the SMMU is in bypass after a reset. */
static smref_qtest_status fill_devices(smref_qemu_machine *machine)
{
    smref_qtest_status status = SMREF_QTEST_OK;

    for (size_t i = 0; !status && i < machine->device_count; i++) {
        const smref_qemu_device *device = &machine->devices[i];
        if (device->kind != SMREF_QEMU_EDU)
            continue;
        smref_qemu_dma(machine, device, false, SMREF_QEMU_PATTERN, EDU_BUFFER_SIZE, 0);
        status = smref_qemu_dma_done(machine, device);
    }
    return status;
}

static smref_qtest_status read_registers(smref_qemu_machine *machine)
{
    smref_qtest_status status = SMREF_QTEST_OK;
    uint64_t value = 0;

    for (uint32_t i = 0; i < SMREF_QEMU_WORDS; i++)
        smref_qtest_read(machine->process.qtest, SMREF_QEMU_SMMU + 4 * i, 4);
    for (uint32_t i = 0; !status && i < SMREF_QEMU_WORDS; i++) {
        status = smref_qtest_value(machine->process.qtest, &value);
        machine->at_reset[i] = (uint32_t)value;
    }
    return status;
}

/* After a reset of the machine. */
static bool set_up(smref_qemu_machine *machine)
{
    smref_qemu_seats_enumerate(machine->program, machine->process.qtest);
    if (smref_qtest_settle(machine->process.qtest) || fill_devices(machine))
        return false;
    (void)smref_qemu_traced(&machine->process);
    smref_qemu_dirty(machine, SMREF_QEMU_RAM, UINT64_C(0x200000)); /* the device tree */
    (void)smref_qemu_clean(machine, false);
    machine->fresh = true;
    machine->flushing = machine->two_level = false;
    memset(machine->known, 0, sizeof machine->known);
    machine->gerror = 0;
    return true;
}

/* Whether QEMU tells where accesses go. */
static bool traces(smref_qemu_machine *machine)
{
    smref_qemu_dma(machine, &machine->devices[0], false, SMREF_QEMU_PATTERN, 4, SMREF_QEMU_PATTERN);
    return !smref_qemu_dma_done(machine, &machine->devices[0]) && *smref_qemu_traced(&machine->process);
}

bool smref_qemu_machine_start(smref_qemu_machine *machine, char why[256])
{
    smref_qemu_arguments arguments = {NULL, 0};
    const char *log = *machine->program->log ? machine->program->log : NULL;
    bool good;

    smref_qemu_stop(&machine->process, log, NULL);
    if (!smref_qemu_clean(machine, true)) /* what it did last is not known */
        give_back(machine);
    fill_own(machine);
    smref_qemu_program_arguments(machine->program, machine->memory, &arguments);
    good = smref_qemu_start(&machine->process, &arguments, machine->memory, START_MS, why);
    smref_qemu_arguments_free(&arguments);
    if (!good)
        return false;
    memset(machine->written, 0, sizeof machine->written);
    if ((!machine->started && read_registers(machine)) || !set_up(machine)) {
        smref_qemu_stop(&machine->process, log, why);
        return false;
    }
    machine->started = true;
    smref_qemu_set_timeout(&machine->process, machine->program->timeout_ms);
    if (traces(machine))
        return true;
    snprintf(why, 256, "it has no trace (a QEMU without the trace backend `log`)");
    return false;
}

bool smref_qemu_machine_reset(smref_qemu_machine *machine)
{
    return smref_qemu_reset(&machine->process) && set_up(machine);
}

/* ---- What it is to cases --------------------------------------------------------------------------- */

static void read_profile(const smref_qemu_machine *machine, smref_profile *profile)
{
    for (size_t i = 0; i < machine->register_count; i++) {
        const smref_register_ref ref = {machine->registers[i], 0, false};
        const smref_register_info *info = smref_register_at(ref.reg);
        uint32_t word = (info->offset & 0xffff) / 4;
        uint64_t value = machine->at_reset[word];
        if (info->width == 64)
            value |= (uint64_t)machine->at_reset[word + 1] << 32;
        if (value || info->offset < smref_register_at(SMREF_REG_SMMU_CR0)->offset) /* that identify it */
            smref_registers_add(&profile->registers, &ref, value);
    }
}

/* The choices that are known of this version. */
static bool read_choices(const smref_qemu_program *program, smref_profile *profile, smref_jerror *error)
{
    char name[SMREF_PROFILE_ROOM], own[SMREF_PROFILE_ROOM];
    smref_profile known = {.name = ""};

    smref_choices_clear(&profile->choices);
    snprintf(own, sizeof own, "qemu-%u.%u", program->major, program->minor);
    snprintf(profile->name, sizeof profile->name, "%s", own);
    for (size_t i = 0; smref_profile_name(i, name); i++)
        if (strcmp(name, own) == 0) {
            if (!smref_profile_open(name, &known, error))
                return false;
            profile->choices = known.choices;
            smref_registers_clear(&known.registers);
        }
    return true;
}

bool smref_qemu_machine_describe(const smref_qemu_machine *machine, smref_implementation *out,
                                 smref_jerror *error)
{
    const smref_qemu_program *program = machine->program;

    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "QEMU %u.%u.%u%s", program->major, program->minor, program->micro,
             program->stages == 1   ? ", stage 1"
             : program->stages == 2 ? ", stage 2"
                                    : "");
    out->memory[out->memory_count++] =
        (smref_window){SMREF_PAS_NS, SMREF_QEMU_RAM, SMREF_QEMU_RAM_SIZE - SMREF_QEMU_OWN_SIZE};
    out->other[out->other_count++] = (smref_window){SMREF_PAS_NS, 0, SMREF_QEMU_RAM};
    out->other[out->other_count++] = (smref_window){SMREF_PAS_NS, SMREF_QEMU_OWN, SMREF_QEMU_OWN_SIZE};
    for (size_t i = 0; i < machine->device_count; i++)
        out->devices[out->device_count++] = (smref_device){
            .sec_sid = SMREF_SEC_NS,
            .sid = machine->devices[i].sid,
            .can = machine->devices[i].kind == SMREF_QEMU_EDU ? SMREF_CAN_READ | SMREF_CAN_WRITE
                                                              : SMREF_CAN_WRITE,
        };
    out->spaces = 1u << SMREF_PAS_NS;
    read_profile(machine, &out->profile);
    return read_choices(program, &out->profile, error);
}
