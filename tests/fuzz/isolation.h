/*
 * What keeps the Security states apart, and the memory that sees whether it does: one memory for each
 * physical address space, whose words follow from a seed, and a granule protection table that is looked up
 * here once more, as DDI 0487 D9 says it, without the model. It is called with the space and the address of
 * each access that the SMMU makes, so it need not believe what a result says.
 *
 * The properties, each with the section that gives it, are those of `isolation_properties`.
 */
#ifndef ISOLATION_H
#define ISOLATION_H

#include "smref.h"

#define BANKS 3
#define NO_BANK BANKS /* Root, or a device without a StreamID */

/* Where each bank has its structures, in its own space. */
#define STREAMS_AT UINT64_C(0x7000000000) /* where nothing else comes to */
#define CONTEXTS_AT 0x1000u
#define COMMANDS_AT 0x2000u /* a page; an Enhanced Command queue in each quarter of the next */
#define ENHANCED_AT 0x3000u
#define EVENTS_AT 0x4000u
#define QUEUE_LOG2 4u
#define GPT_AT UINT64_C(0xf0000000) /* the level 0 table, in the Root space */

enum isolation_property {
    PROPERTY_NS_STREAM,       /* a Non-secure stream: Non-secure accesses alone (3.10.1, 3.10.2) */
    PROPERTY_SECURE_STREAM,   /* a Secure stream: neither Realm nor Root (3.10.2) */
    PROPERTY_SECURE_TO_NS,    /* ... of these, those that came out Non-secure */
    PROPERTY_REALM_STREAM,    /* a Realm stream: neither Secure nor Root (3.10.3) */
    PROPERTY_REALM_TO_NS,     /* ... of these, those that came out Non-secure */
    PROPERTY_STRUCTURE,       /* STEs, commands and records of a bank are in its own space (3.10, 3.5) */
    PROPERTY_MESSAGE,         /* MSIs: NS, Secure, and Realm or NS (3.18, 6.3.139) */
    PROPERTY_CLIENT_GRANTED,  /* granule protection of what goes out (3.25.1) */
    PROPERTY_CLIENT_STOPPED,  /* ... and what does not */
    PROPERTY_DEVICE_GRANTED,  /* the same of devices without a StreamID (3.25.1.1) */
    PROPERTY_DEVICE_STOPPED,  /* ... exactly where the table forbids it */
    PROPERTY_READ_GRANTED,    /* the same of what the SMMU reads (3.25.3) */
    PROPERTY_WRITE_GRANTED,   /* ... and writes */
    PROPERTY_REPORTED,        /* ROOT_GPF_FAR and ROOT_GPT_CFG_FAR tell of what is forbidden (3.25.5) */
    PROPERTY_GPT_FETCH,       /* reads of Root memory are of the table (3.25, DDI 0487 D9.1) */
    PROPERTY_NS_COMMANDS,     /* commands of a Non-secure queue leave Secure and Realm state (4.1.6, 4.4) */
    PROPERTY_SECURE_COMMANDS, /* ... of a Secure one Realm state, and Non-secure state unless SSec or the
                                 command say so */
    PROPERTY_SECURE_FOR_NS,   /* ... those that do say so, and removed something Non-secure */
    PROPERTY_REALM_COMMANDS,  /* ... of a Realm one Non-secure and Secure state */
    PROPERTY_BANK_WRITTEN,    /* a write to a register of one bank leaves the others (3.10, 6.2) */
    PROPERTY_SECURE_READ,     /* a Secure register shows nothing to Non-secure and Realm (6.2) */
    PROPERTY_SECURE_WRITE,    /* ... and takes nothing from them */
    PROPERTY_REALM_READ,      /* a Realm register, and Non-secure and Secure (6.2.7, 6.2.8) */
    PROPERTY_REALM_WRITE,
    PROPERTY_ROOT_READ, /* a Root register, and all others (6.2.6) */
    PROPERTY_ROOT_WRITE,
    PROPERTIES
};

/* A new world, and an SMMU in it as new; the seed determines all words. */
smref *isolation_begin(uint64_t seed);
void isolation_end(void);
/* Another granule protection table; the SMMU is told by a TLBI when it may hold what was there. */
void isolation_new_table(uint64_t seed);
/* Software stores a word of a command. */
void isolation_store(smref_pas pas, uint64_t address, uint64_t word);
/* One of the pages that tables are in, and that they lead to. */
uint64_t isolation_frame(uint64_t dice);

/* Operations, and what must hold of them. */
void isolation_translate(const smref_access *access);
/* `ns_too`: what is asked of the Secure bank concerns Non-secure streams (9.1). */
void isolation_access_register(const smref_mmio *access, unsigned reg, bool ns_too);

uint64_t isolation_operations(void);
uint64_t isolation_worlds(void);
/* Prints how often each property was there to hold; false: one never was. */
bool isolation_report(void);

#endif
