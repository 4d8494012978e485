/*
 * A running QEMU, as `smref capture` reads it: QMP tells the map of memory, and dumps memory; registers come
 * through qtest, or through the human monitor. First error wins.
 */
#ifndef SMREF_CAPTURE_LIVE_H
#define SMREF_CAPTURE_LIVE_H

#include "qmp.h"
#include "qtest.h"

typedef enum smref_live_kind {
    SMREF_LIVE_NOTHING, /* accesses abort */
    SMREF_LIVE_MEMORY,
    SMREF_LIVE_DEVICE, /* something that a read might change */
} smref_live_kind;

typedef struct smref_live_place {
    uint64_t first, last;
    smref_live_kind kind;
    char name[48]; /* as QEMU names it: "mach-virt.ram" */
} smref_live_place;

typedef struct smref_live {
    smref_qmp *qmp;
    smref_qtest *qtest; /* NULL: registers through the monitor */
    smref_live_place *places;
    size_t place_count;  /* by address */
    char machine[48];    /* "virt-10.0"; may be empty */
    bool runs;           /* the guest ran when we came */
    bool stopped;        /* by us, and not continued yet */
    char *folder, *file; /* where QEMU dumps memory; NULL: through the monitor */
    bool qtest_lost;
    const char *qtest_path;
} smref_live;

typedef struct smref_live_options {
    const char *qmp, *qtest; /* sockets; the latter may be NULL */
    unsigned timeout_ms;
    const volatile sig_atomic_t *interrupted;
} smref_live_options;

/* Connects, and learns what the machine is. On false nothing needs closing. */
bool smref_live_open(smref_live *live, const smref_live_options *options, smref_jerror *error);
/* Whether QEMU is of no use any more: it went away, was silent, or speaks something else. */
bool smref_live_lost(const smref_live *live);
/* Lets the guest run on if it ran, whatever happened. */
void smref_live_close(smref_live *live);
/* Stops the guest; lets it run on if it ran. */
bool smref_live_stop(smref_live *live, smref_jerror *error);
bool smref_live_continue(smref_live *live, smref_jerror *error);

/* What is at an address, and the last one for which that holds. `place` may be NULL; it gets NULL where
 * nothing is. */
smref_live_kind smref_live_at(const smref_live *live, uint64_t address, uint64_t *last,
                              const smref_live_place **place);
/* The n-th SMMUv3 by address, or NULL. */
const smref_live_place *smref_live_smmu(const smref_live *live, size_t n);
/* Reads 32 bits of a device. */
bool smref_live_register(smref_live *live, uint64_t address, uint32_t *value, smref_jerror *error);
/* Reads memory; all of it must be SMREF_LIVE_MEMORY, and `at` and `size` multiples of 8. */
bool smref_live_read(smref_live *live, uint64_t at, size_t size, uint8_t *bytes, smref_jerror *error);
/* "00:01.0 SCSI controller": the PCI function of a routing id; false when there is none. */
bool smref_live_function(smref_live *live, uint32_t rid, char out[80]);

#endif
