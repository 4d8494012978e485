/*
 * What was read before and may be held: copies of configuration structures and of translations (3.17, 3.21,
 * 16.2), and the choice between them and memory. Private to model/.
 *
 * Configuration is found by StreamID and SubstreamID, translations by StreamWorld, VMID, ASID and address.
 * A walk through both stages leaves three kinds of leaves: the stage 1 leaf, the stage 2 leaf, and the stage
 * 2 leaf as part of the stage 1 translation, which goes with stage 1 and which an invalidation by IPA alone
 * does not remove (4.4.3.1, DDI 0487 D8.17).
 *
 * Under `exact` a copy that matches is used. Under `any` each use has alternatives: what memory gives now,
 * and what each copy gives that differs from it; choices select among them. Before an access is performed it
 * is tried silently in every way that the choices permit, so that all copies come to be held that one of
 * them would leave.
 */
#ifndef SMREF_CACHES_H
#define SMREF_CACHES_H

#include "state.h"

#define HELD_DEPTH 3     /* alternatives to memory that a use may have; more are not modelled */
#define HELD_TRIALS 1024 /* ways of performing one access that are tried */
/* Choices between copies and memory. */
#define HELD_CHOICES (1 + SMREF_CHOICE_CACHED_S2_3 - SMREF_CHOICE_CACHED_CFG_CONFLICT)

/* One stage 1 walk that the caches watch: where it starts, and what tables it finds. */
struct steps {
    const smref_cached *from; /* a table; NULL: from the base */
    const struct range *range;
    int level; /* of the descriptor that is read next */
    unsigned shift;
    unsigned count;
    struct {
        int8_t level;
        uint8_t shift, ap_table;
        bool xn_table, pxn_table, ns;
        uint64_t next;
    } found[WALK_LEVELS];
};

struct caches {
    smref_caching policy;
    unsigned count;         /* copies, oldest first */
    unsigned visible;       /* those that the access at hand may use */
    unsigned before;        /* the access at hand */
    bool full;              /* `any`: there was no room */
    bool trying;            /* a trial, not the access itself */
    smref_layout fetched;   /* what configuration structure stage 2 is asked for */
    const smref_cached *l1; /* the L1STD or L1CD that the lookup at hand uses; NULL: that of memory */
    struct steps *s1_steps; /* of the stage 1 walk at hand */
    bool other_e2h;         /* the STE at hand was read under the other value of CR2.E2H */
    bool part;              /* the stage 2 leaf at hand was held as part of a stage 1 translation */
    uint64_t cd_fields[8];  /* what a leaf needs of the fields that the TLB holds: all but tags and bases */
    uint64_t ste_fields[8];
    smref_cached s1;    /* the stage 1 leaf of the access at hand */
    unsigned met_count; /* choices between copies and memory, in the order in which they were met */
    uint16_t met[HELD_CHOICES];
    struct stream stream; /* the STE with the fields that the TLB holds */
    uint64_t applied;     /* number of that judgement, while the access lasts */
    struct context context;
    smref_cached copies[SMREF_MAX_CACHED];
};

/* caches.c */
void smref_caches_copy(struct caches *to, const struct caches *from);
void smref_caches_empty(struct caches *c);
/* Copies that the access at hand may use. */
static inline unsigned held_count(const struct caches *c)
{
    return c->visible < c->count ? c->visible : c->count;
}
void smref_hold(struct caches *c, const smref_cached *copy);
/* The choice of a use with `held` alternatives to memory: 0 is memory, else the number of the alternative. Of
 * `depth` successive choices from `first` on. */
unsigned smref_choose_held(struct txn *t, smref_choice first, unsigned depth, unsigned held);
/* Performs the access under the policy, after the trials that it needs. */
bool smref_process_held(struct txn *t, bool (*process)(struct txn *t, uint64_t *pa), uint64_t *pa);

/* S_CR0.SIF, for copies of Secure streams under `any`. */
static inline bool held_sif(const struct txn *t)
{
    return t->smmu->caches->policy == SMREF_CACHING_ANY && is_secure(t) &&
           smref_SMMU_S_CR0ACK_SIF(t->reg[SMREF_REG_SMMU_S_CR0ACK]);
}

/* Shows a structure that a cache held. */
static inline void smref_show_held(struct txn *t, smref_layout layout, const uint64_t *words)
{
    if (t->smmu->trace)
        smref_trace_held(t, layout, words);
}

/* The access was not modelled: what it left goes. */
void smref_caches_forget(struct caches *c);
/* access.c: what a prefetch command leaves that is carried out, by an access or only its configuration (4.2).
 */
void smref_prefetch(smref *smmu, const smref_access *access, bool translations);
/* Without RME_IMPL a granule protection fault of a prefetch may be reported (3.25.1.2): whether one may be,
 * and the choice. Only where nothing is cached. */
bool smref_prefetch_may_report(const smref *smmu);
void smref_report_prefetch(struct txn *t, const smref_access *access, bool translations);

/* A part of an access, tried without a trace: hush, do it, look at *t, unhush. */
struct hush {
    struct txn kept;
    smref_result scratch;
    void (*trace)(void *context, const smref_step *step);
};
void smref_hush(struct txn *t, struct hush *h);
void smref_unhush(struct txn *t, struct hush *h);
/* The same of one of the ways among which there is a choice: what was chosen on it was met, for it decides
 * whether the way is one of its own. */
void smref_unhush_way(struct txn *t, struct hush *h);
/* How a part of an access failed. */
struct failure {
    struct fault fault;
    const char *not_modelled;
};
bool smref_same_failure(const struct failure *a, const struct failure *b);

/* held_configuration.c: the STE of the access, or the CD at an index, out of a cache or as `fetch` finds it.
 * NULL: the access failed. */
const uint64_t *smref_held_ste(struct txn *t, uint64_t *room,
                               const uint64_t *(*fetch)(struct txn *t, uint64_t *room));
const uint64_t *smref_held_cd(struct txn *t, uint32_t index, uint64_t *room,
                              const uint64_t *(*fetch)(struct txn *t, uint32_t index, uint64_t *room));
/* The L1STD of a StreamID, or the L1CD of a SubstreamID, that the lookup at hand is to use; NULL: fetch it.
 */
const uint64_t *smref_held_l1(struct txn *t, smref_layout layout, uint32_t id, unsigned id_bits);
/* A first-level descriptor was fetched. */
void smref_hold_l1(struct txn *t, smref_layout layout, uint32_t id, unsigned id_bits, uint64_t word);

/* held_translations.c, with translation_copies.c: the leaf of the access, out of a TLB or by a walk, which
 * starts where `steps` says. It may replace the context or the stream by one with fields that the TLB held.
 */
bool smref_held_stage1(struct txn *t, uint64_t va, const struct range **range, struct leaf *leaf,
                       bool (*through_tables)(struct txn *t, uint64_t va, const struct range **range,
                                              struct leaf *leaf, struct steps *steps));
bool smref_held_stage2(struct txn *t, uint64_t ipa, enum fault_class class_of, struct leaf *leaf,
                       bool (*through_tables)(struct txn *t, uint64_t ipa, enum fault_class class_of,
                                              struct leaf *leaf, struct steps *steps));

/* Whether a copy that the access may use was read while S_CR0.SIF was not `now` (6.3.57): its STE, the copy
 * of the stage 1 leaf that it came to, or (NULL) one of stage 2. Only under `any`. */
bool smref_other_sif_held(struct txn *t, bool now, const struct leaf *leaf);

/* stream_table.c, context.c: judges an STE or CD into *slot. */
void smref_judge_stream(struct txn *t, const uint64_t *words, struct stream *slot);
void smref_judge_context(struct txn *t, const uint64_t *words, struct context *slot);

/* invalidation.c: what the command, which is legal, must remove (4.3, 4.4); how many copies went. `queue` is
 * the Security state of its queue. */
unsigned smref_vmid_wildcard(const struct txn *t, unsigned sec_sid); /* 6.3.9.1 */
unsigned smref_invalidate(struct txn *t, smref_sec_sid queue, const uint64_t *words, unsigned opcode);
void smref_invalidate_stream(struct caches *c, uint8_t sec_sid, uint32_t sid);

/* held_granules.c: the TLBI by PA that SMMU_ROOT_TLBI describes (6.3.119). */
void smref_invalidate_granules(struct txn *t);

#endif
