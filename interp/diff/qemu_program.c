/* Which QEMU a program is, and the machine that it is asked for. */
#define _POSIX_C_SOURCE 200809L
#include "qemu_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Of the machine `virt` with `highmem-ecam=off`. */
#define ECAM UINT64_C(0x3f000000)
#define PCI_MEMORY UINT64_C(0x10000000)
#define DEVICE_MEMORY UINT64_C(0x100000) /* that each device gets; the unit of bridges, too */

/* Of the PCI configuration space. */
enum {
    PCI_COMMAND = 0x04,
    PCI_COMMAND_MEMORY_AND_MASTER = 0x6,
    PCI_BAR0 = 0x10,
    PCI_BUSES = 0x18,
    PCI_MEMORY_WINDOW = 0x20,
};

/* Where the devices sit, which tells their StreamIDs: those on a bus above 0 behind a port of their own. */
struct seat {
    uint8_t bus, slot, function;
    bool first; /* of several functions */
    smref_qemu_device_kind kind;
};

static const struct seat seats[] = {
    {0, 0x02, 0, true, SMREF_QEMU_EDU},      {0, 0x02, 1, false, SMREF_QEMU_EDU},
    {0, 0x03, 0, false, SMREF_QEMU_EDU},     {0, 0x05, 0, false, SMREF_QEMU_EDU},
    {0, 0x1f, 0, false, SMREF_QEMU_EDU},     {1, 0, 0, true, SMREF_QEMU_EDU},
    {1, 0, 1, false, SMREF_QEMU_EDU},        {2, 0, 0, false, SMREF_QEMU_EDU},
    {8, 0, 0, false, SMREF_QEMU_EDU},        {15, 0, 0, false, SMREF_QEMU_EDU},
    {0, 0x04, 0, false, SMREF_QEMU_TESTDEV}, {3, 0, 0, false, SMREF_QEMU_TESTDEV},
};

#define SEATS (sizeof seats / sizeof *seats)
#define PORTS_SLOT 0x10

/* The n-th seat that this program fills; NULL at the end. */
static const struct seat *seat_at(const smref_qemu_program *program, size_t n)
{
    for (size_t i = 0; i < SEATS; i++)
        if ((seats[i].kind != SMREF_QEMU_TESTDEV || program->testdev) && n-- == 0)
            return &seats[i];
    return NULL;
}

/* ---- Finding out ----------------------------------------------------------------------------------- */

static char *ask(const smref_qemu_program *program, const char *option, const char *value, char why[256])
{
    smref_qemu_arguments arguments = {NULL, 0};
    char *text;

    smref_qemu_argument(&arguments, "%s", program->path);
    smref_qemu_argument(&arguments, "%s", option);
    if (value)
        smref_qemu_argument(&arguments, "%s", value);
    text = smref_qemu_output(&arguments, 20000, why);
    smref_qemu_arguments_free(&arguments);
    return text;
}

static bool read_version(smref_qemu_program *program, char why[256])
{
    char *text = ask(program, "-version", NULL, why);
    const char *words = text ? strstr(text, "version ") : NULL;
    bool good =
        words && sscanf(words, "version %u.%u.%u", &program->major, &program->minor, &program->micro) == 3;

    if (text && !good)
        snprintf(why, 256, "`%.100s -version` names no version of QEMU", program->path);
    free(text);
    return good;
}

static bool read_devices(smref_qemu_program *program, char why[256])
{
    char *text = ask(program, "-device", "help", why);
    bool good = text && strstr(text, "\"edu\"");

    if (good)
        program->testdev = strstr(text, "\"iommu-testdev\"") != NULL;
    else if (text)
        snprintf(why, 256, "it has no device `edu`");
    free(text);
    return good;
}

/* Whether a machine starts so. */
static bool starts(smref_qemu_program *program, char why[256])
{
    smref_qemu_machine machine;
    bool good = smref_qemu_machine_open(&machine, program, why) && smref_qemu_machine_start(&machine, why);

    smref_qemu_machine_close(&machine);
    return good;
}

bool smref_qemu_program_look(smref_qemu_program *program, const smref_qemu_options *options, char why[256])
{
    *program = (smref_qemu_program){.stages = options->stages, .timeout_ms = options->timeout_ms};
    snprintf(program->path, sizeof program->path, "%s", options->path);
    snprintf(program->log, sizeof program->log, "%s", options->log ? options->log : "");
    if (!read_version(program, why) || !read_devices(program, why))
        return false;
    program->accel_qtest = true; /* `-accel help` does not list it */
    if (starts(program, why))
        return true;
    program->accel_qtest = false;
    return starts(program, why);
}

/* ---- The machine ----------------------------------------------------------------------------------- */

static void add_devices(const smref_qemu_program *program, smref_qemu_arguments *a)
{
    const struct seat *seat;
    unsigned ports = 0;

    for (size_t i = 0; (seat = seat_at(program, i)) != NULL; i++) {
        char bus[16] = "pcie.0";
        if (seat->bus)
            snprintf(bus, sizeof bus, "port%u", seat->bus);
        if (seat->bus && !seat->function) {
            smref_qemu_argument(a, "-device");
            smref_qemu_argument(a, "pcie-root-port,id=%s,bus=pcie.0,chassis=%u,addr=%#x.%#x%s", bus,
                                seat->bus, PORTS_SLOT, ports, ports ? "" : ",multifunction=on");
            ports++;
        }
        smref_qemu_argument(a, "-device");
        smref_qemu_argument(a, "%s,bus=%s,addr=%#x.%#x%s",
                            seat->kind == SMREF_QEMU_EDU ? "edu,dma_mask=0xffffffffffffffff"
                                                         : "iommu-testdev",
                            bus, seat->slot, seat->function, seat->first ? ",multifunction=on" : "");
    }
}

/* `virt` has both stages; that of 9.1 does as it is told. */
static void add_stages(const smref_qemu_program *program, smref_qemu_arguments *a)
{
    if (program->stages == 3)
        return;
    smref_qemu_argument(a, "-global");
    smref_qemu_argument(a, "arm-smmuv3.stage=%u", program->stages);
}

void smref_qemu_program_arguments(const smref_qemu_program *program, int memory, smref_qemu_arguments *a)
{
    const unsigned long long size = SMREF_QEMU_RAM_SIZE;

    smref_qemu_argument(a, "%s", program->path);
    smref_qemu_argument(a, "-M");
    smref_qemu_argument(a,
                        "%s,highmem=on,highmem-ecam=off,highmem-mmio=off,highmem-redists=off,iommu=smmuv3,"
                        "gic-version=3,acpi=off,memory-backend=ram",
                        program->stages == 3 ? "virt" : "virt-9.1");
    add_stages(program, a);
    smref_qemu_argument(a, "-object");
    if (memory >= 0)
        smref_qemu_argument(
            a, "memory-backend-file,id=ram,size=%llu,mem-path=/dev/fd/%d,share=on,reserve=off", size, memory);
    else
        smref_qemu_argument(a, "memory-backend-ram,id=ram,size=%llu,reserve=off", size);
    smref_qemu_argument(a, "-m");
    smref_qemu_argument(a, "%lluM", size >> 20);
    smref_qemu_argument(a, "-accel");
    if (program->accel_qtest)
        smref_qemu_argument(a, "qtest");
    else { /* virtual time goes to the next timer at once: the processor never runs */
        smref_qemu_argument(a, "tcg,thread=single");
        smref_qemu_argument(a, "-icount");
        smref_qemu_argument(a, "shift=0,sleep=off");
    }
    smref_qemu_argument(a, "-cpu");
    smref_qemu_argument(a, "cortex-a57,start-powered-off=on");
    smref_qemu_argument(a, "-nodefaults");
    smref_qemu_argument(a, "-display");
    smref_qemu_argument(a, "none");
    smref_qemu_argument(a, "-trace");
    smref_qemu_argument(a, "smmuv3_translate_*");
    add_devices(program, a);
}

size_t smref_qemu_program_devices(const smref_qemu_program *program, smref_qemu_device *list)
{
    const struct seat *seat;
    size_t count = 0;

    for (; (seat = seat_at(program, count)) != NULL; count++)
        list[count] = (smref_qemu_device){
            .kind = seat->kind,
            .sid = (uint32_t)seat->bus << 8 | (uint32_t)seat->slot << 3 | seat->function,
            .bar = PCI_MEMORY + count * DEVICE_MEMORY,
        };
    return count;
}

/* ---- Addresses of devices -------------------------------------------------------------------------- */

static uint64_t config_of(unsigned bus, unsigned slot, unsigned function)
{
    return ECAM + ((uint64_t)bus << 20 | (uint64_t)slot << 15 | (uint64_t)function << 12);
}

/* The n-th port leads to `bus`, whose devices have the memory from `first` up to `last`. */
static void open_port(smref_qtest *qtest, unsigned n, unsigned bus, uint64_t first, uint64_t last)
{
    uint64_t config = config_of(0, PORTS_SLOT, n);

    smref_qtest_write(qtest, config + PCI_BUSES, 4, (uint64_t)bus << 16 | (uint64_t)bus << 8);
    smref_qtest_write(qtest, config + PCI_MEMORY_WINDOW, 4, (last & 0xfff00000) | first >> 16);
    smref_qtest_write(qtest, config + PCI_COMMAND, 2, PCI_COMMAND_MEMORY_AND_MASTER);
}

void smref_qemu_program_enumerate(const smref_qemu_program *program, smref_qtest *qtest)
{
    const struct seat *seat;
    unsigned ports = 0;

    for (size_t i = 0; (seat = seat_at(program, i)) != NULL; i++) {
        const struct seat *next = seat_at(program, i + 1);
        uint64_t config = config_of(seat->bus, seat->slot, seat->function);
        uint64_t bar = PCI_MEMORY + i * DEVICE_MEMORY;
        if (seat->bus && !seat->function)
            open_port(qtest, ports++, seat->bus, bar,
                      bar + (next && next->bus == seat->bus ? 2 : 1) * DEVICE_MEMORY - 1);
        smref_qtest_write(qtest, config + PCI_BAR0, 4, bar);
        smref_qtest_write(qtest, config + PCI_COMMAND, 2, PCI_COMMAND_MEMORY_AND_MASTER);
    }
}
