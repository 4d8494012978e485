/*
 * smref: an executable reference of the Arm SMMUv3 architecture (IHI 0070 G.b).
 *
 * Given the state of an SMMU (registers, and memory in each physical address space) and an access by a
 * client device, the library computes what the architecture requires: the translated address and its
 * attributes, or the abort, and the event record. It keeps no globals; an instance is one object, and any
 * number of instances live side by side. An access allocates nothing.
 *
 * Three kinds of error never mix: what the architecture says (smref_result), a mistake of the caller
 * (smref_status and smref_error), and a defect of the library (smref_bug, which stops the process).
 *
 * Section numbers are those of IHI 0070 G.b unless they start with "DDI 0487".
 */
#ifndef SMREF_H
#define SMREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smref_names.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SMREF_VERSION "0.1.0"

/* ---- The caller's mistakes ------------------------------------------------------------------------- */

typedef enum smref_status {
    SMREF_OK = 0,
    SMREF_E_ARGUMENT,     /* a value out of range, an unknown register or option */
    SMREF_E_NO_MEMORY,    /* the host has no memory left */
    SMREF_E_OVERLAP,      /* a memory region overlaps an earlier one */
    SMREF_E_UNMAPPED,     /* an address outside the declared memory */
    SMREF_E_NOT_MODELLED, /* the architecture has it, this version of smref does not */
} smref_status;

/* Filled once, by the call that failed first. `where` names the argument, `text` says what is wrong. */
typedef struct smref_error {
    smref_status status;
    char where[64];
    char text[192];
} smref_error;

/* ---- Security states, address spaces, attributes --------------------------------------------------- */

/* Security state of a stream: the SEC_SID of the access (3.10.1). */
typedef enum smref_sec_sid { SMREF_SEC_NS = 0, SMREF_SEC_SECURE = 1, SMREF_SEC_REALM = 2 } smref_sec_sid;

/* Physical address spaces (3.25). */
typedef enum smref_pas { SMREF_PAS_NS = 0, SMREF_PAS_SECURE, SMREF_PAS_REALM, SMREF_PAS_ROOT } smref_pas;
#define SMREF_PAS_COUNT 4

/* Memory types (13.1.1), weakest first. */
typedef enum smref_mem_type {
    SMREF_MT_NORMAL = 0,
    SMREF_MT_DEVICE_GRE,
    SMREF_MT_DEVICE_nGRE,
    SMREF_MT_DEVICE_nGnRE,
    SMREF_MT_DEVICE_nGnRnE,
} smref_mem_type;

typedef enum smref_cacheability { SMREF_WB = 0, SMREF_WT, SMREF_NC } smref_cacheability;

typedef enum smref_shareability { SMREF_NSH = 0, SMREF_ISH, SMREF_OSH } smref_shareability;

/* Cacheability and hints at one cache level. With SMREF_NC the hints are false. */
typedef struct smref_cache_attr {
    uint8_t cacheability; /* smref_cacheability */
    bool read_allocate;
    bool write_allocate;
    bool transient;
} smref_cache_attr;

typedef struct smref_attrs {
    uint8_t type;                  /* smref_mem_type */
    uint8_t sh;                    /* smref_shareability */
    smref_cache_attr inner, outer; /* meaningful for SMREF_MT_NORMAL */
} smref_attrs;

/* The attributes of an access whose client supplies none (13.1.3): Normal iWB-oWB, RA WA nTR, NSH. */
smref_attrs smref_default_attrs(void);

/* ---- Memory ---------------------------------------------------------------------------------------- */

typedef enum smref_mem_result { SMREF_MEM_OK = 0, SMREF_MEM_ABORT } smref_mem_result;

/*
 * How the SMMU reaches memory. Addresses are multiples of 8; a word is eight bytes, least significant byte at
 * the lowest address, whatever the host is. `count` is 1 to 8. SMREF_MEM_ABORT is an external abort.
 * The functions must not call back into the instance.
 */
typedef struct smref_memory {
    void *context;
    smref_mem_result (*read)(void *context, smref_pas pas, uint64_t address, unsigned count, uint64_t *words);
    smref_mem_result (*write)(void *context, smref_pas pas, uint64_t address, unsigned count,
                              const uint64_t *words);
} smref_memory;

/*
 * A sparse memory, ready to use. It costs what was written to it, not what was declared. Declared regions of
 * one address space do not overlap; bytes outside them abort, or read as zero and ignore writes.
 */
typedef struct smref_sparse smref_sparse;
typedef enum smref_unmapped { SMREF_UNMAPPED_ABORT = 0, SMREF_UNMAPPED_ZERO } smref_unmapped;

smref_sparse *smref_sparse_new(smref_unmapped unmapped); /* NULL when the host has no memory left */
void smref_sparse_free(smref_sparse *memory);
/* Declares [at, at+size) filled with `fill`. size > 0, and at+size-1 must not wrap. */
smref_status smref_sparse_declare(smref_sparse *memory, smref_pas pas, uint64_t at, uint64_t size,
                                  uint8_t fill);
/* As declare, with the contents borrowed from `bytes`, which must outlive `memory` and is never written. */
smref_status smref_sparse_borrow(smref_sparse *memory, smref_pas pas, uint64_t at, uint64_t size,
                                 const void *bytes);
/* The bytes of [at, at+size) in `pas` are those of the same addresses in `as`. at and size are multiples of 4
 * KB. SMREF_E_ARGUMENT: they are not, or are 0 or wrap; something is declared already; pas is as; or an alias
 * there makes either space another one, or `pas` what another one is. */
smref_status smref_sparse_alias(smref_sparse *memory, smref_pas pas, smref_pas as, uint64_t at,
                                uint64_t size);
/* Stores or loads bytes inside declared regions; SMREF_E_UNMAPPED (and nothing stored) otherwise. */
smref_status smref_sparse_store(smref_sparse *memory, smref_pas pas, uint64_t at, const void *bytes,
                                size_t size);
smref_status smref_sparse_load(smref_sparse *memory, smref_pas pas, uint64_t at, void *bytes, size_t size);
/* From checkpoint on, stores are remembered; rollback undoes them; commit forgets them. No nesting. */
void smref_sparse_checkpoint(smref_sparse *memory);
void smref_sparse_rollback(smref_sparse *memory);
void smref_sparse_commit(smref_sparse *memory);
/*
 * The pages of 4 KB that were ever stored to, by the caller or by the SMMU, one a call: *cursor is 0 at
 * first, and nothing may be stored in between. False at the end. In no order that means anything; what a page
 * holds may be what it held at first. The cost of all calls follows the number of pages.
 */
bool smref_sparse_next_stored(const smref_sparse *memory, size_t *cursor, smref_pas *pas, uint64_t *at);
/* The interface to hand to smref_new. */
smref_memory smref_sparse_interface(smref_sparse *memory);

/* ---- An instance ----------------------------------------------------------------------------------- */

typedef struct smref smref;

/*
 * A new SMMU at reset, in version 3.0 with every ID register zero and every choice at its default.
 * The memory's context must outlive it. Returns NULL (and says why in *error, which may be NULL) on failure.
 */
smref *smref_new(const smref_memory *memory, smref_error *error);
void smref_free(smref *smmu);
/* An independent copy of all state but the memory, which both then use. NULL when memory ran out. */
smref *smref_clone(const smref *smmu);
/* Makes *to hold the state of *from (registers, choices, what a reset gives, caches); the memory interfaces
 * stay. Only where their caching policies differ may it fail: SMREF_E_NO_MEMORY, and *to caches nothing. */
smref_status smref_copy_state(smref *to, const smref *from);

/*
 * Registers as a debugger sees them: no access rules apply, reserved bits are kept. Setting CR0 or IRQ_CTRL
 * of a bank also sets the acknowledge register (an update that is complete, 6.3.9); set the latter afterwards
 * to describe one that is not. The architecture version follows SMMU_AIDR; a choice whose option that version
 * does not permit falls back to its default.
 */
smref_status smref_set_register(smref *smmu, smref_register reg, uint64_t value, smref_error *error);
uint64_t smref_get_register(const smref *smmu, smref_register reg);
/*
 * The same of an element of an array, which count over all pages that hold them: of 128 Enhanced Command
 * queues a page, number 130 is the third of page 1. Setting EN of SMMU_ECMDQ_PROD<n> also sets ENACK of
 * SMMU_ECMDQ_CONS<n>. Elements of other arrays follow element 0: setting one to what it is does nothing,
 * to anything else is SMREF_E_ARGUMENT. Element 0 is the register itself, also of what is no array.
 */
smref_status smref_set_element(smref *smmu, smref_register reg, unsigned element, uint64_t value,
                               smref_error *error);
uint64_t smref_get_element(const smref *smmu, smref_register reg, unsigned element);
/*
 * What registers do not tell of the queue behind SMMU_CMDQ_PROD, SMMU_ECMDQ_PROD<n> or their like in the
 * other banks, as a sum of SMREF_QUEUE_... SMREF_E_ARGUMENT: the register is not the write index of a Command
 * queue.
 */
enum {
    SMREF_QUEUE_AWAITING = 1, /* an endpoint was asked to invalidate, and no CMD_SYNC has waited (4.7.3) */
    SMREF_QUEUE_HALTED = 2,   /* after a write index that does not fit, until it is disabled (3.21.2) */
};
smref_status smref_set_queue_state(smref *smmu, smref_register prod, unsigned element, unsigned state,
                                   smref_error *error);
unsigned smref_get_queue_state(const smref *smmu, smref_register prod, unsigned element);
/*
 * Bits that the architecture leaves open of the result register of an ATOS interface, as the last operation
 * says (9.1.3), or of an index of the Command, Event or PRI queue, which was made larger after the index was
 * written (6.3.27): the register holds something there, and a read tells that it means nothing. Setting the
 * register clears them. SMREF_E_ARGUMENT: the register is no such register; 0 of others.
 */
smref_status smref_set_open_bits(smref *smmu, smref_register reg, uint64_t bits, smref_error *error);
uint64_t smref_get_open_bits(const smref *smmu, smref_register reg);
/*
 * What is in effect of SMMU_GBPA, or its like in another bank: something else than it holds when it was
 * written without Update, and such a write is stored only (6.3.14.1). Setting the register puts that into
 * effect. Other registers are in effect as they are. SMREF_E_ARGUMENT: another register, or more than 32
 * bits.
 */
smref_status smref_set_in_effect(smref *smmu, smref_register reg, uint64_t value, smref_error *error);
uint64_t smref_get_in_effect(const smref *smmu, smref_register reg);

/*
 * A reset (3.11; the reset values of chapter 6). Fields with an architected value take it, identification
 * stays, IMPLEMENTATION DEFINED fields get what they held when the implementation was described: at the last
 * smref_mark_reset_state, or in a new instance. Fields whose reset value is UNKNOWN take the bits of
 * `unknown` at their place in the register: they hold a value like any other from then on. Choices and memory
 * stay. What caches hold after a reset is IMPLEMENTATION SPECIFIC: nothing, and under SMREF_CACHING_ANY what
 * they held.
 */
void smref_reset(smref *smmu, uint64_t unknown);
void smref_mark_reset_state(smref *smmu);

typedef enum smref_version {
    SMREF_V3_0 = 0x30,
    SMREF_V3_1,
    SMREF_V3_2,
    SMREF_V3_3,
    SMREF_V3_4,
} smref_version;

/* The version of the architecture, which SMMU_AIDR tells: an smref_version. */
unsigned smref_architecture(const smref *smmu);

/* The option (its index) taken where the architecture permits several. */
smref_status smref_set_choice(smref *smmu, smref_choice choice, unsigned option, smref_error *error);
unsigned smref_get_choice(const smref *smmu, smref_choice choice);
/* Whether the option is permitted in the instance's architecture version. */
bool smref_option_permitted(const smref *smmu, smref_choice choice, unsigned option);

/* SMREF_OK, or SMREF_E_NOT_MODELLED with the name of what the registers turn on and smref lacks. Accesses
 * that end in a configuration error are answered even then, unless configuration lookup itself depends on it.
 */
smref_status smref_check_modelled(const smref *smmu, smref_error *error);
/* The rules of consistency that the ID registers break (those with the subject "identification", 6.3.1 and
 * the sections that each names): an implementation that reports such values cannot exist. Returns how many
 * there are and fills in the first `max` of them, as smref_rule. */
unsigned smref_identification_broken(const smref *smmu, uint16_t *rules, unsigned max);

/* ---- Caches ---------------------------------------------------------------------------------------- */

/* What may be held of structures and translation tables that were read before (3.17, 3.21, 16.2). */
typedef enum smref_caching {
    SMREF_CACHING_NONE = 0, /* nothing: every access reads everything anew */
    SMREF_CACHING_EXACT,    /* what was read is used until an invalidation must remove it; when there is no
                               room, the oldest goes first */
    SMREF_CACHING_ANY,      /* what was read may be used until an invalidation must remove it, and memory may
                               be: where they differ, choices (CACHED_...) say which. Nothing is evicted; an
                               access that needs more room than there is is not modelled. */
} smref_caching;

#define SMREF_MAX_CACHED 512

/* Empties the caches and changes the policy; a new instance has SMREF_CACHING_NONE. The only call that
 * allocates; SMREF_E_NO_MEMORY leaves everything as it was. */
smref_status smref_set_caching(smref *smmu, smref_caching policy, smref_error *error);
smref_caching smref_get_caching(const smref *smmu);

typedef enum smref_cached_kind {
    SMREF_CACHED_L1STD = 0,
    SMREF_CACHED_STE,
    SMREF_CACHED_L1CD,
    SMREF_CACHED_CD,
    SMREF_CACHED_S1_TABLE, /* a stage 1 descriptor that leads to a table */
    SMREF_CACHED_S1_LEAF,  /* a block or page */
    SMREF_CACHED_S2_TABLE, /* the same of stage 2 */
    SMREF_CACHED_S2_LEAF,
    SMREF_CACHED_S12_TABLE, /* a block or page of stage 2 as part of a stage 1 translation: where a table is
                             */
    SMREF_CACHED_S12_LEAF,  /* where a block or page is */
    SMREF_CACHED_GPT_BASE,  /* SMMU_ROOT_GPT_BASE, and descriptors of the table (DDI 0487 D9.5) */
    SMREF_CACHED_GPT_TABLE,
    SMREF_CACHED_GPT_BLOCK,
    SMREF_CACHED_GPT_CONTIGUOUS,
    SMREF_CACHED_GPT_GRANULES,
} smref_cached_kind;
#define SMREF_CACHED_KINDS 15

/* One copy. What its kind does not need is 0. */
typedef struct smref_cached {
    uint8_t kind; /* smref_cached_kind */
    uint8_t sec_sid;
    uint8_t id_bits; /* L1STD, L1CD: log2 of the StreamIDs or SubstreamIDs that it leads to */
    uint8_t world;   /* SMREF_StreamWorld_..., of translations (3.17) */
    uint8_t vmw;     /* VMID bits that invalidations ignored when it was read (6.3.9.1) */
    uint8_t half;    /* of stage 1: TTB0 or TTB1 */
    bool e2h;        /* of an STE: CR2.E2H when it was read (6.3.12) */
    bool sif;        /* of Secure streams: S_CR0.SIF when it was read (6.3.57) */
    bool global, aset, tbi;
    uint8_t va_bits, s1_granule; /* log2 of what the stage 1 descriptor covers; SMREF_Granule_... */
    uint8_t ipa_bits, s2_granule;
    int8_t s1_level, s2_level;
    uint8_t ap_table; /* what the stage 1 tables above leave of permissions */
    bool xn_table, pxn_table;
    bool ns; /* of Secure streams; stage 1: the table that it leads to, or the descriptor itself, is
                Non-secure; stage 2: it translates the Non-secure IPA space */
    uint16_t vmid, asid;
    uint16_t granules;   /* GPT_GRANULES: bit n: the GPI of granule n is held */
    uint32_t sid, ssid;  /* the lowest that it serves */
    uint32_t shape;      /* of tables: what walks must have in common to use it */
    uint64_t va, ipa;    /* the lowest input address of either stage; of GPT entries `ipa` is a PA */
    uint64_t output;     /* of the lowest; of tables: where the next table is */
    uint64_t descriptor; /* of GPT_BASE: PPS, PGS and GPCP of ROOT_GPT_BASE_CFG when it was used */
    uint64_t words[8];   /* the structure; of translations the fields of CD or STE that a TLB may hold */
} smref_cached;

/* The copies, oldest first; NULL beyond the last. Valid until the next call that changes the instance. */
const smref_cached *smref_cached_at(const smref *smmu, unsigned index);
/* Adds a copy as the newest, to restore a state. SMREF_E_ARGUMENT: it makes no sense, nothing is cached under
 * this policy, or there is no room. */
smref_status smref_cached_add(smref *smmu, const smref_cached *copy, smref_error *error);

/* ---- An access by a client device ------------------------------------------------------------------ */

typedef enum smref_access_type { SMREF_READ = 0, SMREF_WRITE, SMREF_ATOMIC } smref_access_type;

typedef struct smref_access {
    smref_sec_sid sec_sid;
    uint32_t sid;
    bool ssv; /* a SubstreamID comes with the access */
    uint32_t ssid;
    uint64_t addr;
    smref_access_type type;
    uint32_t size; /* bytes, 1 or more; must not cross a 4 KB boundary */
    bool priv, inst;
    bool ns; /* input NS attribute of Secure and Realm streams; one that is not supplied is Non-secure for
                Secure streams (13.1.3), Realm for Realm streams (3.10.3.1) */
    bool xt; /* Realm streams where R_IDR3.XT is 1: the access says itself in which space its target must be,
                and `ns` is that (3.9.4.3) */
    bool attrs_supplied;
    smref_attrs attrs; /* when attrs_supplied, else 13.1.3 */
    bool no_stream;    /* of a device without a StreamID (3.25.1.1): sec_sid to ssid and ns mean nothing */
    smref_pas pas;     /* no_stream: the space that `addr` is in */
    uint16_t mecid; /* no_stream, Realm: the memory encryption context; bits beyond R_MECIDR do not count */
} smref_access;

typedef enum smref_outcome {
    SMREF_OUTCOME_OK = 0,
    SMREF_OUTCOME_ABORT,
    SMREF_OUTCOME_RAZ_WI, /* reads as zero, write ignored (5.5) */
    SMREF_OUTCOME_STALL,
} smref_outcome;

/* Why a record that was generated is not in the queue (7.2.1, 7.4). */
typedef enum smref_lost {
    SMREF_LOST_NOT = 0,
    SMREF_LOST_DISABLED,     /* EVENTQEN is 0 */
    SMREF_LOST_FULL,         /* the queue is full: overflow */
    SMREF_LOST_ERROR,        /* GERROR.EVENTQ_ABT_ERR is active */
    SMREF_LOST_ABORTED,      /* the write of the record was aborted */
    SMREF_LOST_INCONSISTENT, /* the queue's indexes do not fit together (3.5.1) */
} smref_lost;

typedef struct smref_event {
    smref_sec_sid bank;
    smref_event_type type;
    uint64_t words[4];
    uint64_t unknown[4]; /* bits of the record whose value the architecture leaves open */
    smref_lost lost;     /* SMREF_LOST_NOT: the record was written */
} smref_event;

/* What the SMMU does to the rest of the system besides event records. */
typedef enum smref_effect_kind {
    SMREF_EFFECT_WRITE,   /* a 32-bit write to memory: a message signalled interrupt (3.18) */
    SMREF_EFFECT_WIRED,   /* a pulse on the wired interrupt of the source (3.18.2) */
    SMREF_EFFECT_EVENT,   /* a WFE wake-up event to the PEs (4.1.2, 4.7.3) */
    SMREF_EFFECT_MESSAGE, /* a message to an endpoint (4.5) */
} smref_effect_kind;

/* What an interrupt is about (3.18.2). */
typedef enum smref_source {
    SMREF_SOURCE_CMD_SYNC,    /* a CMD_SYNC of the Command queue completed; also of SMREF_EFFECT_EVENT */
    SMREF_SOURCE_EVENTQ,      /* the Event queue became non-empty */
    SMREF_SOURCE_GERROR,      /* a global error became active */
    SMREF_SOURCE_GPF_FAR,     /* these two of Root, wired, without an enable: ROOT_GPF_FAR or */
    SMREF_SOURCE_GPT_CFG_FAR, /* ROOT_GPT_CFG_FAR became active (3.25.5) */
} smref_source;

typedef enum smref_message_kind {
    SMREF_MESSAGE_ATC_INV,  /* a request to invalidate (4.5.1) */
    SMREF_MESSAGE_PRI_RESP, /* the response to a page request group (4.5.2) */
} smref_message_kind;

/* What goes to an endpoint. */
typedef struct smref_message {
    smref_message_kind kind;
    smref_sec_sid sec_sid; /* of the stream: T of the message is 1 for Realm (3.9.4.1) */
    uint32_t sid;
    bool ssv; /* a PASID goes with it: `ssid` */
    uint32_t ssid;
    bool global;        /* of a request */
    uint8_t log2_size;  /* of a request, in bytes; 64: all addresses; 0: an UNKNOWN span (4.5.1) */
    uint16_t prg_index; /* of a response */
    uint8_t response;   /* of a response: SMREF_CMD_PRI_RESP_Resp_... */
} smref_message;

typedef struct smref_effect {
    smref_effect_kind kind;
    smref_source source;
    smref_sec_sid bank; /* of the queue, or of GERROR; means nothing for those of Root */
    smref_pas pas;      /* these four of SMREF_EFFECT_WRITE */
    uint32_t value;
    uint64_t address;      /* a multiple of 4; or of SMREF_MESSAGE_ATC_INV, a multiple of the size */
    smref_attrs attrs;     /* hints are false: they are IMPLEMENTATION DEFINED */
    uint16_t mecid;        /* of SMREF_EFFECT_WRITE to Realm memory (6.3.162); else 0 */
    smref_message message; /* of SMREF_EFFECT_MESSAGE */
} smref_effect;

#define SMREF_MAX_EFFECTS 16

#define SMREF_MAX_RULES 96 /* more than one access decides by: two stages of walks come to about 60 */

typedef struct smref_result {
    smref_outcome outcome;
    uint16_t stag; /* SMREF_OUTCOME_STALL */
    /* SMREF_OUTCOME_OK */
    uint64_t pa;
    smref_pas pas;
    uint16_t mecid;     /* memory encryption context of an access to Realm memory (18); else 0, the default */
    uint64_t page_size; /* bytes around pa that one translation of this access covers; 0 in bypass */
    smref_attrs attrs;
    uint64_t value;         /* of a register that was read, or what it holds after a write */
    uint64_t value_unknown; /* bits of it that the architecture leaves open */
    bool par_valid;         /* the access made an address translation operation (9), and ... */
    uint64_t par;           /* ... the result register of its interface reads so now ... */
    uint64_t par_unknown;   /* ... but for these bits, which the architecture leaves open */
    uint64_t
        value_ignored; /* bits that a write would have changed, and did not: reserved, read-only, guarded */
    bool priv, inst;   /* attributes presented to memory (13.1.2) */
    /* always */
    bool event_valid; /* at most one event per access (7.2) */
    smref_event event;
    uint8_t gerror_changed;    /* bit n: that of bank n, an smref_sec_sid */
    bool gpf_far, gpt_cfg_far; /* a fault was recorded in ROOT_GPF_FAR, ROOT_GPT_CFG_FAR (3.25.5) */
    bool effects_lost;         /* there were more than fit */
    unsigned effect_count;
    smref_effect effects[SMREF_MAX_EFFECTS]; /* in their order; between different sources it means nothing */
    unsigned rule_count;
    uint16_t rules[SMREF_MAX_RULES];                      /* smref_rule, in the order in which they decided */
    uint64_t choices_met[(SMREF_CHOICE_COUNT + 63) / 64]; /* bit n: choice n was consulted */
    uint32_t memory_reads;
} smref_result;

/*
 * Performs the access: looks up the configuration, translates, records an event, and triggers the interrupts
 * that follow: they are in `effects`, and MSIs are written as below. *result is filled when SMREF_OK is
 * returned. SMREF_E_ARGUMENT: the access itself makes no sense; a device without a StreamID needs
 * ROOT_IDR0.ROOT_IMPL. SMREF_E_NOT_MODELLED: the answer needs something this version lacks; the instance and
 * the memory are as before, *result is not. *error may be NULL.
 */
smref_status smref_translate(smref *smmu, const smref_access *access, smref_result *result,
                             smref_error *error);

/* ---- An access by software to a register ----------------------------------------------------------- */

typedef struct smref_mmio {
    smref_pas pas; /* physical address space of the access: it decides which registers are reached (6.2) */
    bool write;
    uint8_t size; /* bytes, 1 to 8; 4 and 8 are legal */
    smref_block
        block; /* SMREF_BLOCK_NS_PAGE0: `offset` counts from the base of page 0, over all pages that ... */
    uint32_t page; /* ... registers locate. Else from the base of this page, the first, second, ... */
    uint32_t offset;
    uint64_t value; /* of a write */
} smref_mmio;

/* Whether the implementation has the register: its page, its bank and what else its presence depends on
 * (6.2). */
bool smref_register_exists(const smref *smmu, smref_register reg);
/* How many elements the implementation has of an array, over all pages that hold them; 1 of what is no array,
 * 0 of what does not exist. */
unsigned smref_element_count(const smref *smmu, smref_register reg);

/*
 * Fills in block, page and offset of an access to a register, or to its upper half. Elements of arrays count
 * over all pages that hold them: with 128 Enhanced Command queues a page, element 130 is the third of page 1.
 * What this implementation lacks is located nevertheless. SMREF_E_ARGUMENT: there is no such register.
 */
smref_status smref_locate_register(const smref *smmu, smref_register reg, unsigned element, bool upper,
                                   smref_mmio *access, smref_error *error);

/*
 * Performs the access. *result is filled when SMREF_OK is returned: `outcome` is OK (also where a read gives
 * zero and a write is ignored) or ABORT, `value` what was read. Updates that a write starts are complete when
 * this returns, and so are the commands that it lets the SMMU consume (4.1.2): `effects` are what they did to
 * the rest of the system. For a 32-bit write to memory the SMMU reads the word around it and writes that
 * back. SMREF_E_NOT_MODELLED: what the write sets off; nothing was changed. *error may be NULL.
 */
smref_status smref_access_register(smref *smmu, const smref_mmio *access, smref_result *result,
                                   smref_error *error);

/* ---- Explanations ---------------------------------------------------------------------------------- */

typedef enum smref_step_kind {
    SMREF_STEP_READ,     /* the SMMU read `count` words of `layout` at `address` */
    SMREF_STEP_WRITE,    /* the SMMU wrote */
    SMREF_STEP_RULE,     /* `rule` decided something */
    SMREF_STEP_CHOICE,   /* `choice` was answered with `option` */
    SMREF_STEP_VALUE,    /* a derived value worth knowing: `name` = `address` */
    SMREF_STEP_REGISTER, /* field `name` (NULL: all of it) of `reg`, whose value is `address`, matters */
    SMREF_STEP_FETCH,    /* `layout` at the intermediate address `address` is needed: stage 2, then a READ */
    SMREF_STEP_WALK,     /* an address comes to `stage`: `walk`; a descriptor follows if it is in range */
    SMREF_STEP_ATTRS,    /* `attrs`, `priv` and `inst` of the access: `name` says at which point */
    SMREF_STEP_GRANTS,   /* permissions of `stage`: `name` says after what, `grants` are SMREF_GRANT_... */
    SMREF_STEP_REACH,    /* an access of software comes to `reg`, or finds none: `reach` */
    SMREF_STEP_FIELD,    /* what becomes of field `field` of `reg` in that access: `look` */
    SMREF_STEP_CHANGE,   /* `reg` held `words[0]` before the access, and holds `words[1]` now */
    SMREF_STEP_HELD,     /* a configuration cache held `count` words of `layout` */
} smref_step_kind;

/* The chapters of an access, in their order; a fault goes to the last one of translation. */
typedef enum smref_phase {
    SMREF_PHASE_CONTROL, /* whether the SMMU is enabled (3.11) */
    SMREF_PHASE_STREAM,  /* StreamID to STE (3.3.1, 5.2) */
    SMREF_PHASE_INPUT,   /* attributes of the access, and the STE's overrides (13.1.4) */
    SMREF_PHASE_CONTEXT, /* SubstreamID to CD (3.3.2, 5.4) */
    SMREF_PHASE_STAGE1,
    SMREF_PHASE_STAGE2, /* of the access itself; what stage 1 needs of stage 2 stands in the phases before */
    SMREF_PHASE_OUTPUT, /* the attributes that go out (13.1.7) */
    SMREF_PHASE_FAULT,  /* the outcome of a fault (5.5), and its record (7.2) */
    /* Of an access to registers; twice when it reaches two of them (6.2). */
    SMREF_PHASE_REGISTER, /* which register, and what becomes of each field (6.1, 6.2) */
    SMREF_PHASE_PROTOCOL, /* what a write sets off: acknowledgement, update (6.3.9, 6.3.14, 6.3.20) */
    SMREF_PHASE_COMMANDS, /* the commands that are consumed then (4) */
    SMREF_PHASE_AFTER,    /* the registers that hold something else now */
} smref_phase;

/* The tables that a walk goes through, and the address that it translates (3.4, DDI 0487 D8.2). */
typedef struct smref_walk_info {
    uint64_t input, base; /* of stage 1 with stage 2 enabled, the base is an intermediate address */
    uint8_t format;       /* SMREF_Format_... */
    uint8_t granule;      /* SMREF_Granule_... */
    uint8_t granule_bits, stride;
    uint8_t input_bits, output_bits;
    int8_t start_level;
    uint8_t half; /* of stage 1: TTB0 or TTB1 */
    bool big_endian, ds, concatenated;
    bool ns;         /* of Secure streams: the first table is Non-secure */
    bool leads_ns;   /* of stage 2 of Secure streams: all outputs are Non-secure */
    uint8_t purpose; /* of stage 2, as CLASS of an event: 0 a CD, 1 a stage 1 descriptor, 2 the access */
} smref_walk_info;

/* What a stage permits, to privileged and to unprivileged accesses. */
enum {
    SMREF_GRANT_PR = 1,
    SMREF_GRANT_PW = 2,
    SMREF_GRANT_PX = 4,
    SMREF_GRANT_UR = 8,
    SMREF_GRANT_UW = 16,
    SMREF_GRANT_UX = 32,
};

/* What a field means in a configuration (1.3). */
typedef enum smref_field_state {
    SMREF_FIELD_ACTIVE = 0,
    SMREF_FIELD_RES0,
    SMREF_FIELD_RES1,
    SMREF_FIELD_IGNORED,
    SMREF_FIELD_UNKNOWN,
    SMREF_FIELD_IMPDEF,
} smref_field_state;

/* The clauses of `access` and `state` in the tables are numbered from 0. */
#define SMREF_CLAUSE_NONE 0xff   /* no clause holds, or there are none: RW, ACTIVE */
#define SMREF_CLAUSE_ABSENT 0xfe /* the implementation lacks the register, or its version the field */

/* The register that an access of software comes to, and which clause of its `access` decides (6.1, 6.2). */
typedef struct smref_reach_info {
    bool found; /* false: there is no register, and what follows `offset` means nothing */
    bool write, upper;
    unsigned element; /* of an array, over all its pages */
    smref_pas pas;    /* of the access */
    smref_block block;
    uint32_t page, offset; /* there; not found: as the access counts it */
    unsigned clause;
    uint8_t spaces;                /* bit n: accesses from smref_pas n reach it (ctx.pas_permitted) */
    bool ecmdq_enabled;            /* ctx.ecmdq_enabled, where a condition asks for it */
    uint64_t held, written, lanes; /* `lanes`: bits of the register that the access touches */
    const uint64_t *registers;     /* by smref_register, as conditions see them; valid during the call */
} smref_reach_info;

typedef enum smref_field_fate {
    SMREF_FATE_PASSES,    /* a write is taken, a read shows what is held */
    SMREF_FATE_READ_ONLY, /* a write is ignored: by the field's access, or the register's */
    SMREF_FATE_RESERVED,  /* RES0 or RES1 now: a write is ignored, a read shows zeros or ones */
} smref_field_fate;

typedef struct smref_field_look_info {
    smref_field_fate fate;
    smref_field_state state;
    uint8_t in_use;                       /* its lower bits that count in this configuration; 64: all */
    unsigned state_clause, access_clause; /* those that hold */
    uint64_t shown, unknown;              /* of a read: what the register shows, and bits that are open */
} smref_field_look_info;

typedef struct smref_step {
    smref_step_kind kind;
    smref_phase phase;
    int stage;           /* 0 outside translation, else 1 or 2 */
    int level;           /* of a descriptor */
    smref_layout layout; /* READ, WRITE, FETCH */
    smref_pas pas;
    uint16_t mecid; /* READ, WRITE of Realm memory: the memory encryption context (18) */
    uint64_t address;
    unsigned count;
    const uint64_t *words; /* valid during the call, a big-endian descriptor in its meaning, not as stored;
                              NULL when the access aborted */
    uint64_t index;        /* READ, FETCH: which entry of its table */
    unsigned shift;        /* lowest bit of the StreamID, SubstreamID or input address that the index holds */
    smref_rule rule;
    smref_choice choice;
    unsigned option;
    const char *name;
    smref_register reg;
    const smref_walk_info *walk; /* valid during the call, as is `attrs` */
    const smref_attrs *attrs;
    bool priv, inst;
    unsigned grants;
    const smref_reach_info *reach; /* valid during the call, as is `look` */
    unsigned field;                /* its number in the table of the register */
    const smref_field_look_info *look;
} smref_step;

/* `step` is called for each step of every later access; NULL stops it. It must not call the instance. */
void smref_set_trace(smref *smmu, void (*step)(void *context, const smref_step *step), void *context);

/* ---- Tables, apart from any access ----------------------------------------------------------------- */

/*
 * What lies where, for programs that look at whole tables: a lint, a dump, a generator. An address that a
 * table is said to be at is aligned as the SMMU aligns it; compare it with the pointer to see what is cut
 * off. Nothing is read from memory.
 */
typedef struct smref_stream_table {
    uint64_t base;
    bool two_level;
    uint8_t sid_bits;  /* StreamIDs below 2^sid_bits are in range */
    uint8_t split;     /* two_level: bits of the StreamID that index the second level */
    smref_rule format; /* SMREF_RULE_STRTAB_FMT_RESERVED, SMREF_RULE_STRTAB_SPLIT_RESERVED, or none */
} smref_stream_table;
void smref_stream_table_look(const smref *smmu, smref_sec_sid sec_sid, smref_stream_table *table);

/* The second level behind an L1STD: 2^log2 STEs at `base`. Otherwise the rule that says that there is none.
 */
smref_rule smref_l1std_look(const smref *smmu, const smref_stream_table *table, const uint64_t *l1std,
                            uint64_t *base, unsigned *log2);

/* The CDs behind an STE, which is legal. */
typedef struct smref_context_table {
    uint64_t base; /* an intermediate address when stage 2 is enabled */
    bool through_stage2;
    uint8_t ssid_bits;  /* 2^ssid_bits CDs */
    uint8_t leaf_bits;  /* two levels: leaf tables of 2^leaf_bits CDs; 0: one level */
    uint8_t table_bits; /* log2 of the bytes that the table at `base` is aligned to */
} smref_context_table;
/* False: stage 1 does not translate, and there are none. */
bool smref_context_table_look(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste,
                              smref_context_table *table);
/* Where the leaf table behind a valid L1CD starts. */
uint64_t smref_l1cd_look(const smref_context_table *table, const uint64_t *l1cd);

/*
 * The translation tables behind a legal STE and a legal CD: those of TTB0 or TTB1 (`half`), or with a NULL CD
 * those of stage 2, of which a Secure stream has two: those of its Non-secure IPA space, and with `half` 1 of
 * its Secure one. False: there are none. `input` and `purpose` of the walk stay zero.
 */
bool smref_tables_look(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste, const uint64_t *cd,
                       unsigned half, smref_walk_info *tables);

typedef enum smref_descriptor_kind {
    SMREF_DESCRIPTOR_INVALID,
    SMREF_DESCRIPTOR_RESERVED, /* valid, and neither table, block nor page at this level */
    SMREF_DESCRIPTOR_TABLE,
    SMREF_DESCRIPTOR_BLOCK,
    SMREF_DESCRIPTOR_PAGE,
} smref_descriptor_kind;

typedef struct smref_descriptor {
    smref_descriptor_kind kind;
    smref_layout layout; /* when valid */
    uint64_t word;       /* the descriptor in its meaning, whatever the byte order of its table */
    uint64_t address;    /* of the next table, or of what it maps */
    uint8_t bits;        /* log2 of what one entry covers of the input range */
    uint8_t run_bits;    /* Contiguous is 1: log2 of the entries that it joins; else 0 */
    bool beyond;         /* the address exceeds the output size */
} smref_descriptor;
/* A descriptor out of a table of `level`; `word` as a little-endian read finds it. `stage` is 1 or 2. */
void smref_descriptor_look(const smref *smmu, const smref_walk_info *tables, int stage, int level,
                           uint64_t word, smref_descriptor *out);

/* The granule protection table (6.3.114, 6.3.115, DDI 0487 D9.6), in the Root space. */
typedef struct smref_granule_table {
    uint64_t base;            /* of level 0, as the SMMU aligns it */
    bool invalid;             /* ROOT_GPT_BASE_CFG: every check ends in a lookup error */
    bool enabled;             /* accesses are checked: ROOT_CR0.GPCEN, acknowledged */
    uint8_t protected_bits;   /* log2 of what all of it covers, */
    uint8_t l0_bits, l1_bits; /* an entry of either level, */
    uint8_t granule_bits;     /* a granule */
} smref_granule_table;
/* False: the SMMU has no granule protection. */
bool smref_granule_table_look(const smref *smmu, smref_granule_table *table);

typedef struct smref_granule_entry {
    smref_rule broken; /* SMREF_RULE_NONE: valid */
    smref_layout layout;
    uint64_t next; /* GPT_TABLE: where level 1 starts */
    uint8_t
        region_bits; /* log2 of the bytes that it says something about: its own, or its Contiguous region */
} smref_granule_entry;
/* An entry of level 0 or 1. */
void smref_granule_entry_look(const smref *smmu, int level, uint64_t word, smref_granule_entry *out);
/* Whether a valid entry permits accesses of a space to an address. */
bool smref_granule_entry_permits(const smref *smmu, const smref_granule_entry *entry, uint64_t word,
                                 smref_pas pas, uint64_t address);

/* Address sizes in bits (3.4). */
unsigned smref_output_bits(const smref *smmu);
unsigned smref_intermediate_bits(const smref *smmu);

/* ---- What the specification says ------------------------------------------------------------------- */

typedef enum smref_field_kind {
    SMREF_KIND_UINT,
    SMREF_KIND_FLAG,
    SMREF_KIND_ADDRESS,
    SMREF_KIND_ENUM,
    SMREF_KIND_ID,
    SMREF_KIND_OPAQUE,
    SMREF_KIND_IMPDEF,
    SMREF_KIND_RESERVED,
} smref_field_kind;

typedef struct smref_code_info {
    uint64_t low, high; /* the values that this line describes */
    const char *name;   /* NULL when it has none */
    const char *means;  /* NULL when it has none */
    int64_t behaves_as; /* -1, or the value whose behaviour it has */
    bool illegal;
    uint8_t since, until; /* 0x30 .. 0x34; 0 when unbounded */
} smref_code_info;

typedef struct smref_bits {
    uint16_t msb, lsb;
} smref_bits;

typedef struct smref_field_info {
    const char *name; /* "RES0" for reserved bits, "IMPDEF" for unnamed IMPLEMENTATION DEFINED bits */
    const char *title, *section, *note;
    const char *confidence; /* "T", "X" or "?": where the position comes from (spec/README.md) */
    smref_field_kind kind;
    uint8_t piece_count;
    smref_bits pieces[2];              /* most significant first; of the whole container */
    uint16_t array_count, array_width; /* 0 when it is no array */
    uint8_t address_low;               /* SMREF_KIND_ADDRESS: address bit held by the field's bit 0 */
    uint8_t since, until;
    const char *when;   /* variant condition as text, NULL when unconditional */
    const char *state;  /* state conditions as text, NULL when always active */
    const char *reset;  /* registers */
    const char *access; /* registers: field-level access as text */
    const smref_code_info *codes;
    unsigned code_count;
} smref_field_info;

typedef enum smref_layout_kind {
    SMREF_LAYOUT_KIND_STRUCTURE,
    SMREF_LAYOUT_KIND_DESCRIPTOR,
    SMREF_LAYOUT_KIND_COMMAND,
    SMREF_LAYOUT_KIND_EVENT,
} smref_layout_kind;

typedef struct smref_layout_info {
    const char *name, *title, *section, *note;
    smref_layout_kind kind;
    uint32_t bytes;
    uint32_t number; /* opcode of a command, number of an event */
    const smref_field_info *fields;
    unsigned field_count;
} smref_layout_info;

typedef struct smref_register_info {
    const char *name; /* "SMMU_CR0"; arrays "SMMU_CMDQ_CONTROL_PAGE_BASE<n>" */
    const char *title, *section, *note;
    const char *family;     /* "CR0": what the banks have in common, and conditions call $B.CR0 */
    const char *bank;       /* "NS", "S", "R" or "" */
    const char *block;      /* "NS_PAGE0" */
    uint32_t offset;        /* in the register map when the block's base is fixed, else in the block */
    uint8_t width;          /* 32 or 64 */
    uint16_t count, stride; /* arrays; count 1 otherwise */
    const char *present, *access, *protocol, *reset; /* conditions as text, NULL when there are none */
    const smref_field_info *fields;
    unsigned field_count;
    uint64_t
        reset_value; /* the fixed part of the reset value; the rest is UNKNOWN or IMPLEMENTATION DEFINED */
    uint64_t reset_known; /* mask of the fixed part */
} smref_register_info;

typedef struct smref_rule_info {
    const char *id, *section, *kind, *subject, *title, *outcome, *note;
    const char *when;    /* the condition as text; NULL for a step of an algorithm */
    smref_choice choice; /* SMREF_CHOICE_COUNT when it has none */
    const char *erratum; /* NULL when it has none */
    /* NULL, or what this version of smref lacks and the rule needs: no access can meet the rule. */
    const char *unmodelled;
} smref_rule_info;

typedef struct smref_option_info {
    const char *name, *means;
    uint8_t since, until;
} smref_option_info;

typedef struct smref_choice_info {
    const char *id, *section, *kind, *title;
    const smref_option_info *options;
    unsigned option_count, default_option;
} smref_choice_info;

typedef struct smref_erratum_info {
    const char *id, *section, *title, *taken, *reason;
} smref_erratum_info;

/* A page or other block of registers (6.2). */
typedef struct smref_block_info {
    const char *name, *title, *section, *note;
    const char *present; /* condition as text, NULL when it always exists */
    bool fixed;          /* `base` is architected; otherwise the note says how the block is found */
    uint32_t base, size;
} smref_block_info;

/* What conditions are made of besides fields and choices: "derived.OAS", "ctx.granule". */
typedef struct smref_term_info {
    const char *name, *type;     /* type: "bool", "uint" or the name of an enum */
    const char *section, *means; /* NULL when there is none */
    const char *expr;            /* how it is derived; NULL: the situation gives it */
} smref_term_info;

typedef struct smref_enum_info {
    const char *name;
    const char *const *values;
    unsigned value_count;
} smref_enum_info;

/* What the architecture has and this version of smref lacks. */
typedef struct smref_unmodelled_info {
    const char *id, *text;
    const char *when;    /* what turns it on */
    bool affects_lookup; /* so that not even configuration errors are answered */
} smref_unmodelled_info;

/* Tables generated from spec/; valid for the life of the program. Index out of range returns NULL. */
const smref_layout_info *smref_layout_at(unsigned index);     /* smref_layout */
const smref_register_info *smref_register_at(unsigned index); /* smref_register */
const smref_rule_info *smref_rule_at(unsigned index);         /* smref_rule; 0 is no rule */
const smref_choice_info *smref_choice_at(unsigned index);     /* smref_choice */
const smref_erratum_info *smref_erratum_at(unsigned index);
const smref_block_info *smref_block_at(unsigned index);
const smref_term_info *smref_term_at(unsigned index);
const smref_enum_info *smref_enum_at(unsigned index);
const smref_unmodelled_info *smref_unmodelled_at(unsigned index);

/* By name (case matters). False when there is none. */
bool smref_layout_find(const char *name, smref_layout *layout);
bool smref_register_find(const char *name, smref_register *reg);
bool smref_register_find_offset(uint32_t offset, smref_register *reg); /* of the map, element 0 of arrays */
bool smref_rule_find(const char *id, smref_rule *rule);
bool smref_choice_find(const char *id, smref_choice *choice);

/* Raw value of a field out of a container's words, and its insertion. `element` is 0 unless it is an array.
 */
uint64_t smref_field_get(const smref_field_info *field, const uint64_t *words, unsigned element);
void smref_field_set(const smref_field_info *field, uint64_t *words, unsigned element, uint64_t value);

/*
 * The state of a field of `layout` in the instance's configuration. `words` is the structure; for a CD,
 * `ste` is the STE through which it is reached (else NULL).
 */
smref_field_state smref_field_state_of(const smref *smmu, smref_sec_sid sec_sid, smref_layout layout,
                                       unsigned field, const uint64_t *words, const uint64_t *ste);
/* What presence and state of a field depend on, besides registers and choices. */
typedef struct smref_field_context {
    smref_sec_sid sec_sid;
    const uint64_t *ste, *cd;    /* through which the structure is reached; NULL when there is none */
    const smref_walk_info *walk; /* of a descriptor; NULL: 4 KB granule, 48 bits */
    int level;                   /* of a descriptor */
} smref_field_context;
/* Whether the structure has the field there (it may be of another variant), and if so, its state. */
bool smref_field_look(const smref *smmu, const smref_field_context *context, smref_layout layout,
                      unsigned field, const uint64_t *words, smref_field_state *state);
/* The same of a register that holds `value`, among the other registers of the instance. */
bool smref_register_field_look(const smref *smmu, smref_register reg, unsigned field, uint64_t value,
                               smref_field_state *state);
/* The legality rules that an STE or CD breaks, in the specification's order; returns how many there are. */
unsigned smref_ste_illegal(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste, uint16_t *rules,
                           unsigned max);
unsigned smref_cd_illegal(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste, const uint64_t *cd,
                          uint16_t *rules, unsigned max);

#ifdef __cplusplus
}
#endif
#endif
