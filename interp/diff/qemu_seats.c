/*
 * Where the devices of a machine sit, which tells their StreamIDs: bus, slot and function. Devices on a bus
 * above 0 are behind a port of their own.
 *
 * Slot 0 of bus 0 is the host bridge's, which has one function. But QEMU goes by the number that the bus of a
 * device has at the time of an access: so devices with the StreamIDs 0 to 7 are behind a port, too, whose bus
 * gets the number 0 for as long as one of them makes an access. At other times bus 0 must be the root's, of
 * which alone QEMU thinks when it is told of a StreamID by a command.
 */
#include "qemu_machine.h"

#include <stdio.h>

/* Of the machine `virt` with `highmem-ecam=off`. */
#define ECAM UINT64_C(0x3f000000)
#define BUSES 16 /* that it reaches */
#define PCI_MEMORY UINT64_C(0x10000000)
#define DEVICE_MEMORY UINT64_C(0x100000) /* that each device gets; the unit of bridges, too */
#define FUNCTIONS 8
#define PORT_MEMORY (FUNCTIONS * DEVICE_MEMORY)

/* Of the PCI configuration space. */
enum {
    PCI_COMMAND = 0x04,
    PCI_COMMAND_MEMORY_AND_MASTER = 0x6,
    PCI_BAR0 = 0x10,
    PCI_BUSES = 0x18,
    PCI_MEMORY_WINDOW = 0x20,
};

/* With a power controller QEMU's port takes the power of devices away when none of them is function 0. */
#define PORT_POWER ",power_controller_present=off"

/* Ports fill these slots of bus 0. */
#define PORTS_SLOT 0x10u
#define PORTS_SLOT_END 0x12u

static const struct {
    uint16_t sid;
    smref_qemu_device_kind kind;
} usual[] = {
    {0x10, SMREF_QEMU_EDU},  {0x11, SMREF_QEMU_EDU},  {0x18, SMREF_QEMU_EDU},     {0x28, SMREF_QEMU_EDU},
    {0xf8, SMREF_QEMU_EDU},  {0x100, SMREF_QEMU_EDU}, {0x101, SMREF_QEMU_EDU},    {0x200, SMREF_QEMU_EDU},
    {0x800, SMREF_QEMU_EDU}, {0xf00, SMREF_QEMU_EDU}, {0x20, SMREF_QEMU_TESTDEV}, {0x300, SMREF_QEMU_TESTDEV},
};

static unsigned bus_of(uint32_t sid)
{
    return sid >> 8;
}

static unsigned slot_of(uint32_t sid)
{
    return sid >> 3 & 0x1f;
}

static unsigned function_of(uint32_t sid)
{
    return sid & 7;
}

static bool is_low(uint32_t sid)
{
    return sid < FUNCTIONS;
}

/* ---- Who sits where -------------------------------------------------------------------------------- */

static smref_qemu_seat *seat_of(smref_qemu_program *program, uint32_t sid)
{
    for (size_t i = 0; i < program->seat_count; i++)
        if (program->seats[i].sid == sid)
            return &program->seats[i];
    return NULL;
}

/* Whether a device can sit where it gets the StreamID. */
static bool has_place(uint32_t sid)
{
    if (bus_of(sid))
        return bus_of(sid) < BUSES && slot_of(sid) == 0;
    return slot_of(sid) < PORTS_SLOT || slot_of(sid) >= PORTS_SLOT_END;
}

static void sit_down(smref_qemu_program *program, uint32_t sid, smref_qemu_device_kind kind)
{
    smref_qemu_seat *seat = seat_of(program, sid);

    if (seat)
        seat->kind = kind;
    else if (program->seat_count < SMREF_QEMU_DEVICES)
        program->seats[program->seat_count++] =
            (smref_qemu_seat){.sid = sid, .kind = kind, .bus = (uint8_t)bus_of(sid)};
}

/* A bus that nobody else sits on; 0: there is none. */
static uint8_t free_bus(const smref_qemu_program *program)
{
    uint8_t bus = BUSES - 1;

    for (size_t i = 0; bus && i < program->seat_count; i++)
        if (bus_of(program->seats[i].sid) == bus) {
            bus--;
            i = (size_t)-1;
        }
    return bus;
}

/* Those with low StreamIDs share the last bus; without one they stay outside. */
static void place_low(smref_qemu_program *program)
{
    uint8_t bus = free_bus(program);
    size_t kept = 0;

    for (size_t i = 0; i < program->seat_count; i++) {
        smref_qemu_seat seat = program->seats[i];
        if (is_low(seat.sid))
            seat.bus = bus;
        if (seat.bus || !is_low(seat.sid))
            program->seats[kept++] = seat;
    }
    program->seat_count = kept;
}

void smref_qemu_seats_take(smref_qemu_program *program, const uint32_t *sids, size_t count)
{
    program->seat_count = 0;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (usual[i].kind != SMREF_QEMU_TESTDEV || program->testdev)
            sit_down(program, usual[i].sid, usual[i].kind);
    for (size_t i = 0; i < count; i++)
        if (has_place(sids[i]))
            sit_down(program, sids[i], SMREF_QEMU_EDU);
    place_low(program);
}

/* The port of a bus: they are numbered as their first devices come; or how many there are before a seat. */
static unsigned port_of(const smref_qemu_program *program, unsigned bus)
{
    bool seen[BUSES] = {false};
    unsigned port = 0;

    for (size_t i = 0; i < program->seat_count && program->seats[i].bus != bus; i++) {
        unsigned other = program->seats[i].bus;
        port += other && !seen[other];
        seen[other] = true;
    }
    return port;
}

/* Whether it is the first of its bus. */
static bool opens_port(const smref_qemu_program *program, size_t n)
{
    if (!program->seats[n].bus)
        return false;
    for (size_t i = 0; i < n; i++)
        if (program->seats[i].bus == program->seats[n].bus)
            return false;
    return true;
}

static bool has_neighbours(const smref_qemu_program *program, const smref_qemu_seat *seat)
{
    for (size_t i = 0; i < program->seat_count; i++)
        if (program->seats[i].sid != seat->sid && program->seats[i].sid >> 3 == seat->sid >> 3)
            return true;
    return false;
}

/* ---- The machine ----------------------------------------------------------------------------------- */

void smref_qemu_seats_arguments(const smref_qemu_program *program, smref_qemu_arguments *a)
{
    for (size_t i = 0; i < program->seat_count; i++) {
        const smref_qemu_seat *seat = &program->seats[i];
        unsigned port = port_of(program, seat->bus);
        bool several = function_of(seat->sid) == 0 && has_neighbours(program, seat);
        char bus[16] = "pcie.0";
        if (seat->bus)
            snprintf(bus, sizeof bus, "port%u", seat->bus);
        if (opens_port(program, i)) {
            smref_qemu_argument(a, "-device");
            smref_qemu_argument(a, "pcie-root-port,id=%s,bus=pcie.0,chassis=%u,addr=%#x.%#x%s" PORT_POWER,
                                bus, seat->bus, PORTS_SLOT + port / FUNCTIONS, port % FUNCTIONS,
                                port % FUNCTIONS ? "" : ",multifunction=on");
        }
        smref_qemu_argument(a, "-device");
        smref_qemu_argument(
            a, "%s,bus=%s,addr=%#x.%#x%s",
            seat->kind == SMREF_QEMU_EDU ? "edu,dma_mask=0xffffffffffffffff" : "iommu-testdev", bus,
            slot_of(seat->sid), function_of(seat->sid), several ? ",multifunction=on" : "");
    }
}

static uint64_t config_of(unsigned bus, unsigned slot, unsigned function)
{
    return ECAM + ((uint64_t)bus << 20 | (uint64_t)slot << 15 | (uint64_t)function << 12);
}

static uint64_t port_config(unsigned port)
{
    return config_of(0, PORTS_SLOT + port / FUNCTIONS, port % FUNCTIONS);
}

static uint64_t bar_of(const smref_qemu_program *program, size_t n)
{
    const smref_qemu_seat *seat = &program->seats[n];

    if (seat->bus)
        return PCI_MEMORY + port_of(program, seat->bus) * PORT_MEMORY +
               function_of(seat->sid) * DEVICE_MEMORY;
    return PCI_MEMORY + BUSES * PORT_MEMORY + n * DEVICE_MEMORY;
}

size_t smref_qemu_seats_devices(const smref_qemu_program *program, smref_qemu_device *list)
{
    for (size_t i = 0; i < program->seat_count; i++) {
        const smref_qemu_seat *seat = &program->seats[i];
        list[i] = (smref_qemu_device){.kind = seat->kind, .sid = seat->sid, .bar = bar_of(program, i)};
        if (is_low(seat->sid)) {
            list[i].buses = port_config(port_of(program, seat->bus)) + PCI_BUSES;
            list[i].bus = seat->bus;
        }
    }
    return program->seat_count;
}

/* ---- Numbers and addresses ------------------------------------------------------------------------- */

static void number_bus(smref_qtest *qtest, uint64_t buses, unsigned bus)
{
    smref_qtest_write(qtest, buses, 4, (uint64_t)bus << 16 | (uint64_t)bus << 8);
}

static void open_port(smref_qtest *qtest, unsigned port, unsigned bus)
{
    uint64_t config = port_config(port), first = PCI_MEMORY + port * PORT_MEMORY;

    number_bus(qtest, config + PCI_BUSES, bus);
    smref_qtest_write(qtest, config + PCI_MEMORY_WINDOW, 4,
                      ((first + PORT_MEMORY - 1) & 0xfff00000) | first >> 16);
    smref_qtest_write(qtest, config + PCI_COMMAND, 2, PCI_COMMAND_MEMORY_AND_MASTER);
}

void smref_qemu_seats_enumerate(const smref_qemu_program *program, smref_qtest *qtest)
{
    for (size_t i = 0; i < program->seat_count; i++) {
        const smref_qemu_seat *seat = &program->seats[i];
        uint64_t config = config_of(seat->bus, slot_of(seat->sid), function_of(seat->sid));
        if (opens_port(program, i))
            open_port(qtest, port_of(program, seat->bus), seat->bus);
        smref_qtest_write(qtest, config + PCI_BAR0, 4, bar_of(program, i));
        smref_qtest_write(qtest, config + PCI_COMMAND, 2, PCI_COMMAND_MEMORY_AND_MASTER);
    }
}

bool smref_qemu_seat_lends(const smref_qemu_device *device)
{
    return device->buses != 0;
}

void smref_qemu_seat_lend(smref_qtest *qtest, const smref_qemu_device *device)
{
    number_bus(qtest, device->buses, 0);
}

void smref_qemu_seat_return(smref_qtest *qtest, const smref_qemu_device *device)
{
    number_bus(qtest, device->buses, device->bus);
}
