/*
 * A second opinion: walks, permissions and their composition for one access, written from DDI 0487 and IHI
 * 0070 alone, with plain arithmetic, as slowly as they are described. It knows nothing of the model, of spec/
 * or of generated code, and it is only right for what its structures can express.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>

/* Event numbers (IHI 0070 7.3); 0 is no fault. */
enum oracle_event {
    ORACLE_NO_FAULT = 0,
    ORACLE_BAD_STE = 0x04,
    ORACLE_BAD_CD = 0x0a,
    ORACLE_WALK_EABT = 0x0b,
    ORACLE_TRANSLATION = 0x10,
    ORACLE_ADDR_SIZE = 0x11,
    ORACLE_ACCESS = 0x12,
    ORACLE_PERMISSION = 0x13,
};

/* Physical address spaces, and what Security state a stream is of. */
enum oracle_space { ORACLE_NS, ORACLE_SECURE, ORACLE_REALM };

enum oracle_class { ORACLE_CLASS_CD = 0, ORACLE_CLASS_TT = 1, ORACLE_CLASS_IN = 2 };

struct oracle_fault {
    enum oracle_event event;
    bool stage2;
    enum oracle_class class_of;
    int level;      /* of the descriptor at hand; -9 before the first */
    uint64_t ipa;   /* stage 2 faults */
    bool nsipa;     /* ... of a Secure stream, in its Non-secure IPA space */
    uint64_t fetch; /* ORACLE_WALK_EABT */
    bool read_denied_only;
};

/* The tables that translate one range of addresses. */
struct oracle_tables {
    bool lpae;        /* VMSAv8-32 long descriptors, not VMSAv8-64 */
    int granule_bits; /* 12, 14, 16 */
    int input_bits;   /* 64 - TxSZ, or what VMSAv8-32 makes of it */
    int output_bits;  /* effective IPS or S2PS */
    int start_level;  /* -1 to 3 */
    bool ds, big_endian;
    bool lpa;            /* FEAT_LPA: physical addresses have 52 bits */
    bool low_is_address; /* 64 KB: descriptor bits [15:12] are address bits [51:48] (D8.15.1) */
    bool af_ignored;     /* AFFD */
    bool hierarchy_ignored;
    bool contiguous_faults; /* IMPLEMENTATION DEFINED: a Contiguous bit beyond the input range faults */
    bool contiguous_run;    /* D8.7.1: the output is that of the whole aligned run */
    uint64_t ttb;
    enum oracle_space space; /* of the first table: CD.NSCFGx, S2SW, S2NSW */
    bool nstable;            /* of stage 1: where a table is Secure, NSTable tells of the next */
    unsigned sh;             /* Shareability of what is mapped, with DS */
};

struct oracle_leaf {
    uint64_t descriptor, output;
    int level, size_bits;
    unsigned ap_table;
    bool xn_table, pxn_table;
    enum oracle_space table; /* the one that it was read from */
};

/* Reads one descriptor at an address of the stage's output space. False: *fault says why. */
typedef bool oracle_fetch(void *context, enum oracle_space space, uint64_t address, uint64_t *word,
                          struct oracle_fault *fault);

/* The walk up to and including the Access flag. */
bool oracle_walk(const struct oracle_tables *tables, uint64_t input, oracle_fetch *fetch, void *context,
                 struct oracle_leaf *leaf, struct oracle_fault *fault);

/* Initial lookup levels and permitted sizes, as the manual tabulates them. False: no such configuration. */
bool oracle_stage1_start(int granule_bits, int txsz, bool ds, bool lva, bool ttst, int *level);
bool oracle_stage2_start(int granule_bits, int t0sz, unsigned sl0, unsigned sl2, bool ds, bool ttst,
                         int pa_bits, int *level);
bool oracle_stage2_start_lpae(int t0sz, unsigned sl0, int *level, int *input_bits);

struct oracle_controls {
    bool two_privileges;
    bool wxn, uwxn, pan, epan;
    bool xnx;
};

struct oracle_request {
    uint64_t address;
    bool read, write, inst, priv;
    bool ns; /* of what stage 1 does not translate: it is Non-secure */
};

/* Whether the leaf of stage 1 or 2 refuses the request; *read_only_missing: it may write but not read.
 * `no_execute`: it leads to where no instruction may come from. */
bool oracle_stage1_refuses(const struct oracle_controls *c, bool lpae, bool no_execute,
                           const struct oracle_leaf *leaf, const struct oracle_request *q,
                           bool *read_only_missing);
bool oracle_stage2_refuses(const struct oracle_controls *c, bool lpae, const struct oracle_leaf *leaf,
                           const struct oracle_request *q, bool *read_only_missing);

/* Attributes: of one cache level, and of an access. */
struct oracle_level {
    int cache; /* 0 Non-cacheable, 1 Write-Through, 2 Write-Back */
    bool read_allocate, write_allocate, transient;
};

struct oracle_attrs {
    bool is_device;
    int device; /* 0 GRE, 1 nGRE, 2 nGnRE, 3 nGnRnE */
    int sh;     /* 0 Non-shareable, 1 Inner, 2 Outer */
    struct oracle_level inner, outer;
};

/* MTCFG, MemAttr, SHCFG and ALLOCCFG of the STE, as stored. */
struct oracle_overrides {
    bool mtcfg;
    unsigned memattr, shcfg, alloccfg;
};

/* One stream: what its STE and CD amount to. */
struct oracle_stream {
    bool ste_legal, cd_legal; /* when not, nothing else of that structure counts */
    bool stage1, stage2;
    enum oracle_space state; /* the Security state of the stream */
    bool el2;                /* any-EL2, any-EL2-E2H, EL3 */
    bool lpae;               /* stage 1 */
    struct oracle_tables half[2], s2;
    struct oracle_tables secure_s2; /* of Secure streams: of the Secure IPA space, and s2 of the other */
    bool s2sa, s2nsa;
    bool sif; /* S_CR0.SIF */
    bool tbi[2], epd[2], e0pd[2];
    bool lpae_block_faults; /* G5.5.5.1: a block that reaches into the other half */
    struct oracle_controls controls;
    struct oracle_overrides overrides;
    uint64_t mair;
    bool fwb;
    int oas, ias;
    uint64_t cd_at; /* the CD's address, an IPA when stage 2 translates */
};

#define ORACLE_MAX_FETCHES 64

/* Memory, and the addresses at which descriptors were read, in order. */
struct oracle_memory {
    bool (*read)(void *context, enum oracle_space space, uint64_t address, uint64_t *word);
    void *context;
    uint64_t fetched[ORACLE_MAX_FETCHES];
    enum oracle_space fetched_in[ORACLE_MAX_FETCHES];
    unsigned fetches;
};

struct oracle_answer {
    struct oracle_fault fault;
    uint64_t pa;
    enum oracle_space space, cd_space; /* of `pa`, and of the CD if there is one */
    bool secure_ipa;                   /* stage 2 was that of the Secure IPA space */
    int size_bits;                     /* of the smallest block or page; 64 when nothing translated */
    int half;
    uint64_t descriptor[2]; /* the leaves of stage 1 and 2 */
};

void oracle_access(const struct oracle_stream *s, const struct oracle_request *q, struct oracle_memory *m,
                   struct oracle_answer *answer);

/* Attributes of an access that succeeded; `supplied` is NULL when the client supplies none. */
struct oracle_attrs oracle_attributes(const struct oracle_stream *s, const struct oracle_attrs *supplied,
                                      const struct oracle_answer *answer);

/* Bits high to low of a word; none when high < low. */
static inline uint64_t oracle_slice(uint64_t word, int high, int low)
{
    uint64_t value = 0;
    for (int bit = high; bit >= low; bit--)
        value = value << 1 | (word >> bit & 1);
    return value;
}

static inline bool oracle_bit(uint64_t word, int bit)
{
    return word >> bit & 1;
}

#endif
