/*
 * What the files of the model share: the state of an instance, what an STE and a CD amount to once they are
 * decoded, and the transaction that travels through the chapters. Private to model/.
 */
#ifndef SMREF_STATE_H
#define SMREF_STATE_H

#include "smref.h"
#include "smref_env.h"
#include "smref_layout.h"
#include "smref_rules.h"
#include "sparse.h"

/* A function compiled into each caller, so that a constant argument gives a version of its own. */
#ifdef __GNUC__
#define SPECIALISED static inline __attribute__((always_inline))
#else
#define SPECIALISED static inline
#endif

#define CHOICE_WORDS ((SMREF_CHOICE_COUNT + 63) / 64)

/* One half of an input address range and the tables that translate it: TTB0, TTB1 or the stage 2 range. */
struct range {
    bool walk_disabled; /* EPDx (5.4.1.1) */
    bool tbi, e0pd, hierarchy_disabled;
    bool big_endian;
    bool ds;         /* 52-bit descriptors with 4 KB and 16 KB granules */
    bool oa_in_low;  /* 64 KB granule: descriptor bits [15:12] hold OA[51:48] */
    uint8_t format;  /* SMREF_Format_* */
    uint8_t granule; /* SMREF_Granule_* */
    uint8_t granule_bits, stride;
    uint8_t ia_bits, oa_bits;
    int8_t start_level;
    uint8_t start_shift; /* log2 of what one entry of the first table covers */
    uint8_t sh;          /* Shareability where the descriptor has no room for it (DS) */
    bool concatenated;
    bool ns; /* of a Secure stream: the first table is Non-secure (CD.NSCFGx, S2NSW, S2SW) */
    uint64_t base;
    uint64_t oa_mask;   /* address bits that stand at their own place in a descriptor */
    uint64_t oa_beyond; /* address bits above oa_bits */
    uint64_t ia_mask, index_mask;
    bool plain; /* little-endian, and all of an address stands at its place: no ds, no 64 KB granule */
};

/* Replacements for the attributes of a stream's accesses (13.1.4), out of an STE or GBPA. */
struct overrides {
    bool type_replaced, sh_replaced, hints_replaced;
    bool hints_without_type; /* ALLOCCFG set while MTCFG is clear: a choice (5.2) */
    bool type_reserved;
    uint8_t sh;
    uint8_t privcfg, instcfg; /* 0 incoming, 2 force clear, 3 force set */
    uint8_t nscfg;            /* of Secure and Realm streams: the same */
    uint8_t hints;            /* 0b1RWT, as stored */
    smref_attrs type;
};

/* An STE that was judged and decoded. */
struct stream {
    uint64_t words[SMREF_STE_WORDS];
    uint64_t number; /* no other judgement of an STE has it */
    bool used;
    uint8_t sec_sid;
    smref_rule illegal; /* SMREF_RULE_NONE: legal */
    uint64_t choices_met[CHOICE_WORDS];
    uint8_t config;
    uint8_t world; /* SMREF_StreamWorld_* of stage 1 */
    bool substreams, vms;
    uint8_t s1cdmax, s1fmt, s1dss;
    uint64_t s1contextptr;
    struct overrides overrides;
    struct range s2;     /* of a Secure stream: of its Non-secure IPA space */
    struct range s_s2;   /* of the Secure IPA space of a Secure stream */
    bool s2_ns, s_s2_ns; /* what either IPA space leads to is Non-secure */
    uint16_t mecid;      /* of accesses to Realm memory, the stream's own and what is fetched for it (18) */
    bool space_checked;  /* of a Realm stream: NSCFG checks the address space (3.9.4.3) */
    bool s2affd, s2ptw, s2fwb, s2r, s2s;
};

/* What one index of MAIR stands for (5.4). */
struct mair_entry {
    smref_attrs attrs;
    bool reserved; /* the encoding is, and this is its substitute */
};

/* A CD that was judged and decoded, through one STE. */
struct context {
    uint64_t words[SMREF_CD_WORDS];
    uint64_t stream; /* number of the stream through which it was judged */
    bool used;
    smref_rule illegal;
    uint64_t choices_met[CHOICE_WORDS];
    struct range half[2];
    bool two_halves; /* TTB1 exists: EL1 and E2H worlds, which also tell privileged from unprivileged */
    bool affd, wxn, uwxn, pan, epan;
    bool a, r, s;
    struct mair_entry mair[8];
};

#define DECODED_BITS 4
#define DECODED_ENTRIES (1 << DECODED_BITS)

/* Kinds of walks: stage 1, and stage 2 for each class of what needs it. Levels are -1 to 3. */
#define WALK_KINDS 4
#define WALK_LEVELS 5

/* Granule protection checks, out of the Root registers (granule.c). */
struct granule_checks {
    bool present; /* ROOT_IMPL */
    bool active;  /* something is checked, or may be: else accesses need not ask */
    bool invalid; /* ROOT_GPT_BASE_CFG */
    uint8_t protected_bits, l0_bits, granule_bits;
    uint8_t l0_align, l1_align; /* log2 of the alignment of tables, in bytes */
};

/* Why an access to a physical address is not permitted. */
enum granule_fault_kind { GRANULE_NONE = 0, GRANULE_STOPPED, GRANULE_GPF, GRANULE_LOOKUP_ERROR };

struct granule_fault {
    uint8_t kind;    /* GRANULE_STOPPED: by ACCESSEN, which counts as a GPF */
    uint8_t cfg_err; /* of a lookup error: ROOT_GPT_CFG_FAR.CFG_ERR */
    uint8_t pas;
    uint64_t address;
};

/* The registers of an Enhanced Command queue; those of queue 0 are among the others. */
struct ecmdq {
    uint64_t base, prod, cons;
};
#define ECMDQ_COUNT 256 /* in a bank */

#define QUEUE_INDEXES 6 /* of a bank: of the Command, the Event and the PRI queue */

struct caches; /* caches.h */

struct smref {
    uint64_t reg[SMREF_REG_COUNT];
    uint64_t described[SMREF_REG_COUNT]; /* what a reset gives to IMPLEMENTATION DEFINED fields */
    /* GBPA of a bank was written without Update, and transactions still get what it held before (6.3.14.1).
     */
    bool gbpa_stored[3];
    uint64_t gbpa_in_effect[3];
    uint64_t
        errors_made[3]; /* bits of GERRORN that software toggled while the error was not active (6.3.20) */
    uint32_t index_open[3]
                       [QUEUE_INDEXES]; /* bits that are UNKNOWN since the queue was made larger (6.3.27) */
    uint8_t choice[SMREF_CHOICE_COUNT];
    uint8_t arch; /* smref_version */
    smref_memory memory;
    const smref_sparse *sparse; /* behind `memory`, or an empty one */
    const smref_sparse *direct; /* what is read without a call, and without a check: valid while `settled` */
    struct caches *caches;      /* NULL: nothing is cached */
    void (*trace)(void *context, const smref_step *step);
    void *trace_context;
    /* Valid while `settled`: forgotten whenever a register or a choice changes. */
    bool settled;
    const char *not_modelled, *lookup_not_modelled;
    bool service_failure; /* Service failure mode (12.3) */
    struct granule_checks granules;
    uint16_t mecid_mask;
    uint16_t gmecid; /* MECID of the SMMU's own tables and queues in Realm memory (6.3.162) */
    uint8_t oas, ias;
    uint8_t enable_wanted, enable_acknowledged; /* bit n: SMMUEN of bank n in CR0, in CR0ACK */
    uint8_t stream_tables_known;                /* bit n: the Stream table of bank n is below */
    smref_stream_table stream_tables[3];
    uint64_t judgements; /* of STEs, ever */
    /* The page that the last descriptor of each kind of walk and level was in. Only a place in the host's
     * memory: what it holds is read every time. */
    struct glance places[WALK_KINDS][WALK_LEVELS];
    struct stream streams[DECODED_ENTRIES];
    struct context contexts[DECODED_ENTRIES];
    struct ecmdq ecmdq[3][ECMDQ_COUNT];
    uint8_t queue_state[3][1 + ECMDQ_COUNT]; /* SMREF_QUEUE_...; the Command queue before the Enhanced ones */
    /* By bank: what the last request left open of GATOS_PAR and VATOS_PAR (9.1.3). */
    uint64_t atos_open[2][2];
};

/* What an access ran into. `type` 0: nothing. */
enum fault_class { CLASS_CD = 0, CLASS_TT = 1, CLASS_IN = 2 };

struct fault {
    smref_event_type type;
    bool silent; /* abort without a record, whatever the type says */
    bool nsipa;  /* stage 2 of a Secure stream: in its Non-secure IPA space */
    bool bypass; /* a fault of a bypassed stage 1: always aborts (3.12) */
    bool s2;
    bool rnw_forced; /* RnW reads 1 for an atomic access (13.1.1) */
    enum fault_class class_of;
    uint8_t format; /* SMREF_Format_* of the tables whose fetch aborted */
    uint64_t ipa, fetch_address;
    struct granule_fault granule; /* why a fetch failed, if not by an external abort */
};

/* A request of chapter 9: the interface that it came through, and what becomes of it. */
struct atos {
    smref_sec_sid bank;
    bool virtual_;  /* VATOS, not GATOS */
    uint8_t type;   /* ATOS_ADDR.TYPE */
    uint8_t error;  /* FAULTCODE of an error that is no event, or 0 */
    bool passed_on; /* stage 2 keeps whatever type it is given (S2FWB) */
    bool bypass;
    uint64_t open; /* bits of PAR that the architecture leaves open */
};

/* An access on its way. */
struct txn {
    smref *smmu;
    const smref_sparse *sparse; /* what can be read without a call */
    const smref_access *in;
    smref_result *out;
    const uint64_t *reg;
    const struct stream *stream;
    const struct context *context; /* NULL when stage 1 is bypassed */
    bool read, write, inst, priv;
    bool ns;                      /* of Secure and Realm streams: the address at hand is Non-secure */
    smref_pas pas;                /* of the structure that is fetched next */
    smref_attrs *attrs;           /* those of the result, changed in place on the way */
    const struct range *s1_range; /* of the stage 1 leaf, and its SH field */
    uint8_t s1_sh;
    uint8_t oas, ias;
    uint64_t oas_mask;
    uint32_t memory_reads;
    unsigned page_bits; /* log2 of the smallest page met; 64 when there was none */
    smref_phase phase;  /* from here on: for the trace alone */
    int stage, level;
    uint64_t index; /* of the entry that is fetched next */
    unsigned shift;
    const char *not_modelled;
    bool space_given;      /* the command that prefetches tells the space, STE.NSCFG does not (4.2.2) */
    bool rehearsal;        /* nothing outside the SMMU changes */
    bool posted;           /* software wrote the write index of a Command queue that is enabled */
    unsigned granule_uses; /* checks of granules that had cached copies to choose from */
    unsigned ecmdq;    /* the Enhanced Command queue whose registers stand in the place of those of queue 0 */
    struct atos *atos; /* NULL: an access of a device */
    struct fault fault;
    uint64_t ignored; /* bits of the register that a write would have changed, and does not */
};

static inline bool is_secure(const struct txn *t)
{
    return t->in->sec_sid == SMREF_SEC_SECURE;
}

static inline bool is_realm(const struct txn *t)
{
    return t->in->sec_sid == SMREF_SEC_REALM;
}

/* Secure and Realm streams: the Non-secure space is there beside their own (3.10). */
static inline bool has_two_spaces(const struct txn *t)
{
    return t->in->sec_sid != SMREF_SEC_NS;
}

/* The address space of what belongs to a bank: its queues, and its MSIs as a rule (3.18). */
static inline smref_pas space_of(smref_sec_sid bank)
{
    static const smref_pas spaces[] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};
    return spaces[bank];
}

/* Where an address of the stream is that stage 2 does not translate, or no more. */
static inline smref_pas own_space(const struct txn *t, bool ns)
{
    return ns ? SMREF_PAS_NS : space_of(t->in->sec_sid);
}

/* The stage 2 tables for the address at hand. */
static inline const struct range *s2_range(const struct txn *t)
{
    return is_secure(t) && !t->ns ? &t->stream->s_s2 : &t->stream->s2;
}

/* The lower `bits` bits, 0 to 63. */
static inline uint64_t mask(unsigned bits)
{
    return (UINT64_C(1) << bits) - 1;
}

/* trace.c: the explanation, which costs only when it was asked for: these are called with a trace set. */
void smref_trace_rule(struct txn *t, smref_rule rule);
void smref_trace_access(struct txn *t, smref_step_kind kind, smref_layout layout, smref_pas pas,
                        uint64_t address, unsigned count, const uint64_t *words);
void smref_trace_held(struct txn *t, smref_layout layout, const uint64_t *words);
void smref_trace_granule_entry(struct txn *t, smref_layout layout, int level, uint64_t address,
                               uint64_t index, unsigned shift, const uint64_t *word);
void smref_trace_choices(struct txn *t, const uint64_t *met);
void smref_trace_value(struct txn *t, const char *name, uint64_t value);
void smref_trace_register(struct txn *t, smref_register reg, const char *field);
smref_walk_info smref_walk_info_of(const struct range *range);
void smref_trace_walk(struct txn *t, const struct range *range, int stage, uint64_t input,
                      enum fault_class class_of);
void smref_trace_attrs(struct txn *t, const char *name, const smref_attrs *attrs);
void smref_trace_grants(struct txn *t, const char *name, unsigned grants);

/* Where the work on an STE or CD of these contents is kept, or goes; only its first words tell. */
static inline unsigned decoded_at(const uint64_t *words)
{
    uint64_t hash = (words[0] ^ words[1] ^ words[2] ^ words[3]) * UINT64_C(0x9e3779b97f4a7c15);
    return (unsigned)(hash >> (64 - DECODED_BITS));
}

/* A rule decided: it becomes part of the result and of the explanation. */
static inline void decide(struct txn *t, smref_rule rule)
{
    if (t->out->rule_count < SMREF_MAX_RULES)
        t->out->rules[t->out->rule_count++] = (uint16_t)rule;
    if (t->smmu->trace)
        smref_trace_rule(t, rule);
}

static inline bool smref_has_decided(const struct txn *t, smref_rule rule)
{
    for (unsigned i = 0; i < t->out->rule_count; i++)
        if (t->out->rules[i] == rule)
            return true;
    return false;
}

/* A rule that an access may meet again and again is named once, and explained each time. */
static inline void smref_decide_once(struct txn *t, smref_rule rule)
{
    if (!smref_has_decided(t, rule))
        decide(t, rule);
    else if (t->smmu->trace)
        smref_trace_rule(t, rule);
}

/* Ends the access with an event of `type` that `rule` decides. Always false, so that a check can return it.
 */
static inline bool fail(struct txn *t, smref_event_type type, smref_rule rule)
{
    decide(t, rule);
    t->fault.type = type;
    return false;
}

/* Whether what comes next is modelled under these ID registers; if not, the access is refused by name. */
static inline bool modelled(struct txn *t)
{
    t->not_modelled = t->smmu->not_modelled;
    return !t->not_modelled;
}

/* Asks the choice source and remembers that the choice was met. */
unsigned smref_choose(struct txn *t, smref_choice choice);
/* Shows a derived value to the explanation. */
static inline void smref_show(struct txn *t, const char *name, uint64_t value)
{
    if (t->smmu->trace)
        smref_trace_value(t, name, value);
}

/* Shows that a field of a register matters; NULL: all of it. */
static inline void smref_show_register(struct txn *t, smref_register reg, const char *field)
{
    if (t->smmu->trace)
        smref_trace_register(t, reg, field);
}

/* Shows the attributes of the access. */
static inline void smref_show_attrs(struct txn *t, const char *name, const smref_attrs *attrs)
{
    if (t->smmu->trace)
        smref_trace_attrs(t, name, attrs);
}

/* granule.c: whether an access to a physical address may be made (3.25, DDI 0487 D9). False: *fault says why
 * not, and nothing is recorded yet. Callers ask only while t->smmu->granules.active is set. */
bool smref_granule_permits(struct txn *t, smref_pas pas, uint64_t address, struct granule_fault *fault);

/* False on an external abort, or what counts as one
 * (3.25.3). */
static inline bool read_words(struct txn *t, smref_pas pas, uint64_t address, unsigned count, uint64_t *words)
{
    const smref_memory *m = &t->smmu->memory;
    if (t->smmu->granules.active && !smref_granule_permits(t, pas, address, &t->fault.granule))
        return false;
    return m->read(m->context, pas, address, count, words) == SMREF_MEM_OK;
}

/* A word that was read, unless there was an external abort. */
struct word_read {
    uint64_t word;
    bool good;
};

/* walk.c: by a look into the memory, which then goes to *place, or by a call of the memory interface. */
struct word_read smref_read_slowly(struct txn *t, smref_pas pas, uint64_t address, struct glance *place);

/* `place` is where such a read was answered the last time: the processor need not wait for a search then. */
static inline struct word_read read_word(struct txn *t, smref_pas pas, uint64_t address, struct glance *place)
{
    if (place->key != sparse_key(pas, address))
        return smref_read_slowly(t, pas, address, place);
    return (struct word_read){place->words[sparse_offset(address)], true};
}

/* A structure of up to eight words that its alignment keeps within a page: in place when the memory allows
 * that, else in `room`. NULL on an external abort. Shown to the explanation. */
static inline const uint64_t *fetch_words(struct txn *t, smref_layout layout, uint64_t address,
                                          unsigned count, uint64_t *room)
{
    const uint64_t *page = sparse_glance(t->sparse, t->pas, address), *words = NULL;
    t->memory_reads++;
    if (page)
        words = page + sparse_offset(address);
    else if (read_words(t, t->pas, address, count, room))
        words = room;
    if (t->smmu->trace)
        smref_trace_access(t, SMREF_STEP_READ, layout, t->pas, address, count, words);
    return words;
}

/* instance.c */
/* Fills *error, which may be NULL, unless it is filled already. Returns `status`. */
smref_status smref_refuse(smref_error *error, smref_status status, const char *where, const char *format,
                          ...);
void smref_settle(smref *smmu);
smref_env smref_env_of(const smref *smmu, smref_sec_sid sec_sid);
_Noreturn void smref_bug(const char *what, const char *file, int line);

/* stream_table.c: StreamID to STE (3.3.1), and what the STE means (5.2). */
smref_stream_table smref_stream_table_of(const smref *smmu, smref_sec_sid bank);
bool smref_find_stream(struct txn *t);
/* The same, but for what STE.Config makes of an access. */
bool smref_fetch_stream(struct txn *t);
void smref_decode_stream(struct stream *s, const smref_env *e);

/* context.c: STE and SubstreamID to CD (3.3.2), and what the CD means (5.4). */
bool smref_find_context(struct txn *t);

/* ranges.c: table geometry out of the fields of an STE or a CD. */
void smref_decode_s2_range(const smref_env *e, struct range *r);
void smref_decode_s_s2_range(const smref_env *e, struct range *r);
void smref_decode_s1_range(const smref_env *e, unsigned half, struct range *r);
/* As far as descriptors depend on it, from what was told of it. */
void smref_range_of(const smref_env *e, const smref_walk_info *tables, struct range *r);

/* walk.h: what the table walk of either stage finds. */
struct leaf {
    uint64_t descriptor;
    uint64_t address; /* output address of the input address */
    int level;
    unsigned bits;    /* log2 of the block or page size */
    uint8_t ap_table; /* these three of stage 1 only */
    bool xn_table, pxn_table;
    bool ns; /* of stage 1 of a Secure stream: the descriptor was read as Non-secure, and so is its output */
};

/* Whether a stage 1 leaf of a Secure or a Realm stream leads to the Non-secure space: Realm-EL1 has no NS
 * (3.10.3). */
static inline bool leads_to_ns(const struct txn *t, const struct leaf *leaf)
{
    return t->stream->world != SMREF_StreamWorld_R_EL1 &&
           (leaf->ns || smref_VMSAv8_64_S1_PAGE_NS(&leaf->descriptor));
}

/* stage1.c, stage2.c: one stage as a whole. */
bool smref_stage1(struct txn *t, uint64_t va, uint64_t *ipa);
bool smref_stage2(struct txn *t, uint64_t ipa, uint64_t *pa);
/* The same for what the SMMU reads itself: CDs and L1CDs, stage 1 descriptors. */
bool smref_stage2_cd(struct txn *t, uint64_t ipa, uint64_t *pa);
bool smref_stage2_descriptor(struct txn *t, uint64_t ipa, uint64_t *pa);
bool smref_stage1_bypass(struct txn *t, uint64_t address);

/* permission.c */
/* Whether S_CR0.SIF is in the way of what leaves stage 1 (6.3.57), by its leaf, which NULL says is bypassed.
 */
bool smref_sif_forbids(struct txn *t, const struct leaf *leaf);
/* Realm streams, at the end of the stage that gives the address space of the access: no instruction is
 * fetched from the Non-secure one (7.3.16), and it is what the client expects (3.9.4.3). Otherwise the rule
 * that refuses the access: `execute`, or `expect`. */
smref_rule smref_realm_refusal(struct txn *t, smref_rule execute, smref_rule expect);
bool smref_s1_permission(struct txn *t, const struct range *range, const struct leaf *leaf);
bool smref_s2_permission(struct txn *t, const struct leaf *leaf);
/* Of what the SMMU itself reads through stage 2, which is Data and Privileged (13.1.2). */
bool smref_s2_own_permission(struct txn *t, const struct leaf *leaf, enum fault_class class_of);

/* attributes.c */
struct overrides smref_overrides_of_STE(const smref_env *e);
struct overrides smref_overrides_of_GBPA(const uint64_t *reg, smref_sec_sid bank, uint64_t gbpa);
void smref_input_attributes(struct txn *t, const struct overrides *o);
/* The address space of what no stage 1 translates, of Secure and Realm streams (5.2 NSCFG, 6.3.63). */
void smref_input_space(struct txn *t, const struct overrides *o);
void smref_decode_mair(uint64_t mair, struct mair_entry out[8]);
void smref_s1_attributes(struct txn *t, const struct range *range, const struct leaf *leaf);
void smref_s2_attributes(struct txn *t, const struct range *range, const struct leaf *leaf);
bool smref_s2_is_device(struct txn *t, const struct leaf *leaf);
/* Of an MSI, from its MemAttr and Shareability fields; hints are IMPLEMENTATION DEFINED, and left out. */
smref_attrs smref_message_attributes(unsigned memattr, unsigned sh);
void smref_output_attributes(struct txn *t);

/* atos.c: the debugger gives a register a value; of a result nothing is open then. */
void smref_forget_atos(smref *smmu, smref_register reg);
/* protocols.c: which of the QUEUE_INDEXES of its bank it is; -1: of an Enhanced Command queue, or no index.
 */
int smref_index_slot(smref_register reg);

/* access.c: a transaction before its first step. */
void smref_start(struct txn *t, smref *smmu, const smref_access *access, smref_result *result);

/* event.c: outcome of a fault, and the record of it. */
void smref_conclude_fault(struct txn *t);

#endif
