/*
 * A `virt` machine of QEMU with an SMMU and devices that make accesses on request. Its RAM is shared with
 * smref: stores and loads cost nothing.
 *
 * Private to qemu*.c.
 */
#ifndef SMREF_QEMU_MACHINE_H
#define SMREF_QEMU_MACHINE_H

#include "qemu_process.h"
#include "target.h"

/* Of the machine `virt` (hw/arm/virt.c of QEMU). */
#define SMREF_QEMU_SMMU UINT64_C(0x09050000)
#define SMREF_QEMU_RAM UINT64_C(0x40000000)
#define SMREF_QEMU_RAM_SIZE (UINT64_C(200) << 30) /* most of it is never touched, and costs nothing */
#define SMREF_QEMU_RAM_BOUND (UINT64_C(1) << 38)  /* it ends below: the power of two above it */

/* The last bytes of RAM are smref's own. */
#define SMREF_QEMU_OWN_SIZE UINT64_C(0x100000)
#define SMREF_QEMU_OWN (SMREF_QEMU_RAM + SMREF_QEMU_RAM_SIZE - SMREF_QEMU_OWN_SIZE)
#define SMREF_QEMU_FLUSHES SMREF_QEMU_OWN             /* a Command queue full of invalidations */
#define SMREF_QEMU_FLUSHES_LOG2 8                     /* log2 of its entries */
#define SMREF_QEMU_ILLEGAL (SMREF_QEMU_OWN + 0x10000) /* a Command queue full of what is no command */
#define SMREF_QEMU_PATTERN (SMREF_QEMU_OWN + 0x20000) /* what devices write */

#define SMREF_QEMU_DEVICES SMREF_DEVICES
#define SMREF_QEMU_REGISTERS 128
#define SMREF_QEMU_WORDS 1024 /* 32-bit words of a page of registers: 4 KB, in which all of them are */

typedef enum smref_qemu_device_kind {
    SMREF_QEMU_EDU,
    SMREF_QEMU_TESTDEV,
} smref_qemu_device_kind;

typedef struct smref_qemu_seat {
    uint32_t sid;
    smref_qemu_device_kind kind;
    uint8_t bus; /* where it sits; 0: no port leads to it */
} smref_qemu_seat;

/* What is known of a program, once for all its processes. */
typedef struct smref_qemu_program {
    char path[512];
    unsigned major, minor, micro;
    bool accel_qtest; /* else -accel tcg with icount */
    bool testdev;     /* it has iommu-testdev */
    unsigned stages, timeout_ms;
    char log[512]; /* "": none */
    smref_qemu_seat seats[SMREF_QEMU_DEVICES];
    size_t seat_count;
} smref_qemu_program;

typedef struct smref_qemu_device {
    smref_qemu_device_kind kind;
    uint32_t sid;
    uint64_t bar;
    uint64_t buses; /* where its bus gets a number; 0: it keeps the one that it has */
    uint8_t bus;    /* its number while the device makes no access */
} smref_qemu_device;

typedef struct smref_qemu_machine {
    const smref_qemu_program *program;
    smref_qemu_process process;
    smref_qemu_device devices[SMREF_QEMU_DEVICES];
    size_t device_count;

    int memory; /* the file behind RAM, and where it is */
    uint8_t *ram;
    uint64_t *dirty; /* offsets of the pages of RAM that may hold something, and one bit for each page */
    size_t dirty_count, dirty_room;
    uint8_t *dirty_bits;
    uint8_t *populated_bits; /* pages that ever did, since all of RAM was given back */
    size_t populated;

    /* By word of the page of registers (both pages are one here): */
    uint32_t at_reset[SMREF_QEMU_WORDS];
    uint32_t holds[SMREF_QEMU_WORDS];
    bool known[SMREF_QEMU_WORDS];             /* `holds` is what it holds */
    bool written[SMREF_QEMU_WORDS];           /* since it was put back */
    uint16_t registers[SMREF_QEMU_REGISTERS]; /* the architecture's on that page, as smref_register */
    size_t register_count;

    bool fresh;       /* its caches are empty */
    bool flushing;    /* the Command queue is that of invalidations, */
    unsigned flushed; /* and has consumed up to here */
    bool two_level;   /* it was told of a two-level Stream table, which QEMU remembers */
    uint32_t gerror;  /* after the last case */
    bool started;     /* there was a process, which came up */
    bool strayed;     /* a device wrote to what is no memory: the process is good for nothing */
    bool unclean;     /* memory held something that no case stored: smref's own mistake, or QEMU's */
} smref_qemu_machine;

/* qemu_program.c */

/* Finds out what the program is. False: `why`. */
bool smref_qemu_program_look(smref_qemu_program *program, const smref_qemu_options *options, char why[256]);
/* Arguments of a machine, whose memory is open as `memory`; -1: it has memory of its own. */
void smref_qemu_program_arguments(const smref_qemu_program *program, int memory,
                                  smref_qemu_arguments *arguments);

/* qemu_seats.c */

/* Gives the program the devices that it always has, and those with other StreamIDs, as far as there is a
 * place for them. */
void smref_qemu_seats_take(smref_qemu_program *program, const uint32_t *sids, size_t count);
/* The arguments that make them. */
void smref_qemu_seats_arguments(const smref_qemu_program *program, smref_qemu_arguments *arguments);
/* What they are then, `list` has SMREF_QEMU_DEVICES; how many. */
size_t smref_qemu_seats_devices(const smref_qemu_program *program, smref_qemu_device *list);
/* Requests that give buses their numbers and devices their addresses, as firmware would. */
void smref_qemu_seats_enumerate(const smref_qemu_program *program, smref_qtest *qtest);
/* Whether the device has its StreamID only for an access: between a request that makes it so, and one that
 * ends it. */
bool smref_qemu_seat_lends(const smref_qemu_device *device);
void smref_qemu_seat_lend(smref_qtest *qtest, const smref_qemu_device *device);
void smref_qemu_seat_return(smref_qtest *qtest, const smref_qemu_device *device);

/* qemu_machine.c */

/* Memory for a machine; no process so far. False: `why`. */
bool smref_qemu_machine_open(smref_qemu_machine *machine, const smref_qemu_program *program, char why[256]);
void smref_qemu_machine_close(smref_qemu_machine *machine);
/* A new process, in the place of the one that may be there. False: `why`. */
bool smref_qemu_machine_start(smref_qemu_machine *machine, char why[256]);
/* A reset of all of it. False: it has to be started again. */
bool smref_qemu_machine_reset(smref_qemu_machine *machine);
/* The device that makes an access; NULL: none does. */
const smref_qemu_device *smref_qemu_device_of(const smref_qemu_machine *machine, const smref_access *access);
/* Requests for an access by a device: at most 4 bytes, aligned. `to` is where it should come to. */
void smref_qemu_dma(const smref_qemu_machine *machine, const smref_qemu_device *device, bool write,
                    uint64_t at, unsigned size, uint64_t to);
/* Where a read has bit 0 set while the device has not made it yet; 0: it has when the requests are done. */
uint64_t smref_qemu_dma_busy(const smref_qemu_device *device);
/* Requests that are to be made when the device has made it. */
void smref_qemu_dma_end(const smref_qemu_machine *machine, const smref_qemu_device *device);
/* The replies to all of these; the access was made when that returns. */
smref_qtest_status smref_qemu_dma_done(const smref_qemu_machine *machine, const smref_qemu_device *device);
/* What it is to cases. */
bool smref_qemu_machine_describe(const smref_qemu_machine *machine, smref_implementation *out,
                                 smref_jerror *error);

/* RAM as smref sees it; NULL outside. */
uint8_t *smref_qemu_at(const smref_qemu_machine *machine, uint64_t at, uint64_t size);
/* Bytes there may no longer be zero. */
void smref_qemu_dirty(smref_qemu_machine *machine, uint64_t at, uint64_t size);
/* All of RAM is zero again. False: it is not, because something was written that smref knows nothing of; that
 * is looked for now and then, and with `look` now. */
bool smref_qemu_clean(smref_qemu_machine *machine, bool look);

/* qemu_restore.c */

/*
 * Requests that put the SMMU back as a reset leaves it, as far as `next` could tell. Returns how many steps
 * of `next` only store, and write registers that nothing looks at until then: of these, those that would
 * write what is held already need not be made.
 */
size_t smref_qemu_restore(smref_qemu_machine *machine, const smref_case *next);
/* SMMU_GERROR is 0 again; waits. SMREF_QTEST_REFUSED: that takes a reset. */
smref_qtest_status smref_qemu_mend(smref_qemu_machine *machine);
/* Whether the case is told of a two-level Stream table before it is told of any other, and looks at neither.
 */
bool smref_qemu_starts_two_level(const smref_case *c);
/* Whether a write there may be ignored: what the register is about is enabled, or may be. */
bool smref_qemu_guarded(const smref_qemu_machine *machine, uint32_t offset);
/* Software wrote `size` bytes there. */
void smref_qemu_note_write(smref_qemu_machine *machine, uint32_t offset, unsigned size, uint64_t value);
bool smref_qemu_holds(const smref_qemu_machine *machine, uint32_t offset, unsigned size, uint64_t value);

/* qemu_case.c */

/* The Event queue: its base register, its write index as software said last, and how many records may have
 * been written since. */
typedef struct smref_qemu_events {
    uint64_t base;
    uint32_t at;
    unsigned records;
} smref_qemu_events;

/* A case that a machine carries out. */
typedef struct smref_qemu_run {
    const smref_case *c;
    const smref_prediction *predicted;
    smref_sight *shown; /* SMREF_CASE_STEPS */
    bool closer;
    size_t first, next;          /* steps of the requests under way */
    bool made[SMREF_CASE_STEPS]; /* requests of the step are under way */
    bool asked;                  /* ... and those that end the case */
    size_t
        errors; /* the step that shows SMMU_GERROR at the end; SMREF_CASE_STEPS: a request of its own does */
    size_t settled;              /* ... and before them, those that put the machine back */
    size_t ahead;                /* steps before this are those that smref_qemu_restore tells */
    smref_qemu_events events[2]; /* when writes to guarded registers are taken, and when they are ignored */
    uint64_t saved_at;           /* what memory held where the access was predicted to go */
    uint8_t saved[8];
} smref_qemu_run;

/* What the machine cannot do, or NULL. */
const char *smref_qemu_refused(const smref_qemu_machine *machine, const smref_case *c);
/* Requests of the first steps, which are sent. */
smref_qtest_status smref_qemu_begin(smref_qemu_machine *machine, smref_qemu_run *run);
/* Waits for all of it. */
smref_qtest_status smref_qemu_finish(smref_qemu_machine *machine, smref_qemu_run *run);

#endif
