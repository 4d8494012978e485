/*
 * What is known of an implementation under test before it is tested: its registers after a reset, where its
 * memory is, which devices can make accesses, and of what kind.
 */
#ifndef SMREF_IMPLEMENTATION_H
#define SMREF_IMPLEMENTATION_H

#include "snapshot.h"

#define SMREF_WINDOWS 16
#define SMREF_DEVICES 64

typedef struct smref_window {
    smref_pas pas;
    uint64_t at, size;
} smref_window;

/* What a device can do beyond reading and writing aligned words of 4 bytes. */
enum {
    SMREF_CAN_READ = 1,
    SMREF_CAN_WRITE = 2,
    SMREF_CAN_ATOMIC = 4,
    SMREF_CAN_SIZES = 8,     /* any size within 4 KB */
    SMREF_CAN_SSID = 16,     /* accesses with a SubstreamID */
    SMREF_CAN_PRIV = 32,     /* privileged ones */
    SMREF_CAN_INST = 64,     /* instruction fetches */
    SMREF_CAN_ATTRS = 128,   /* memory attributes of its own */
    SMREF_CAN_NS = 256,      /* an NS attribute (Secure and Realm streams) */
    SMREF_CAN_ANY_SID = 512, /* any StreamID: `devices` are then just examples */
    SMREF_CAN_NO_SID = 1024, /* devices without a StreamID (3.25.1.1) */
};

typedef struct smref_device {
    smref_sec_sid sec_sid;
    uint32_t sid;
    unsigned can; /* a sum of SMREF_CAN_... */
} smref_device;

typedef struct smref_implementation {
    char name[SMREF_PROFILE_ROOM]; /* "QEMU 11.1.3, iommu-testdev" */
    smref_profile profile;         /* all registers after a reset, and the choices that it is known to take */
    smref_window memory[SMREF_WINDOWS]; /* RAM, zero when a case starts; elsewhere accesses abort, ... */
    size_t memory_count;
    smref_window
        other[SMREF_WINDOWS]; /* ... but here are other things: a case that comes here says nothing */
    size_t other_count;
    smref_device devices[SMREF_DEVICES];
    size_t device_count;
    unsigned
        spaces; /* bit n: software makes register accesses from smref_pas n, and stores and loads there */
} smref_implementation;

void smref_implementation_clear(smref_implementation *implementation); /* frees what the profile holds */
/* Makes a new instance what the implementation is after a reset, with its choices. False: *error says what it
 * cannot be, or that there is no instance for lack of memory. */
bool smref_implementation_deposit(const smref_implementation *implementation, smref *smmu,
                                  smref_jerror *error);
/* Whether all of [at, at + size) is RAM. */
bool smref_implementation_has(const smref_implementation *implementation, smref_pas pas, uint64_t at,
                              uint64_t size);
/* "implementation" of a campaign and of findings: {"name":…,"profile":…,"memory":…,"devices":…}, and back. */
json_t *smref_implementation_json(const smref_implementation *implementation);
bool smref_implementation_read(const smref_jdoc *doc, const smref_jnode *node,
                               smref_implementation *implementation, smref_jerror *error);

#endif
