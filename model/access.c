/*
 * The path of an access, from the enable bit to the address that goes out (3.3.2, 3.11, chapter 15). Forward
 * only: the first fault ends it.
 */
#include <stdio.h>
#include <string.h>

#include "caches.h"
#include "granule.h"
#include "interrupts.h"
#include "registers.h"

/* 3.25.1: what the client itself accesses is checked last; it is aborted, and there is no event. */
static bool output_permitted(struct txn *t, smref_pas pas, uint64_t pa)
{
    if (!t->smmu->granules.active)
        return true;
    struct granule_fault fault = {.kind = GRANULE_NONE};
    if (smref_granule_permits(t, pas, pa, &fault))
        return true;
    t->phase = SMREF_PHASE_FAULT;
    decide(t, SMREF_RULE_GPC_OUTPUT);
    smref_record_granule_fault(t, &fault, SMREF_SMMU_ROOT_GPF_FAR_REASON_TRANSACTION, 0);
    t->out->outcome = SMREF_OUTCOME_ABORT;
    return false;
}

/* 18: only accesses to Realm memory have a memory encryption context other than the default. */
static void take_context(struct txn *t, uint64_t mecid, smref_rule rule)
{
    if (t->out->pas != SMREF_PAS_REALM || !t->smmu->mecid_mask)
        return;
    decide(t, rule);
    t->out->mecid = (uint16_t)(mecid & t->smmu->mecid_mask);
}

static void succeed(struct txn *t, uint64_t pa)
{
    t->phase = SMREF_PHASE_OUTPUT;
    t->stage = t->level = 0;
    if (!output_permitted(t, own_space(t, t->ns), pa))
        return;
    smref_output_attributes(t);
    t->out->outcome = SMREF_OUTCOME_OK;
    t->out->pa = pa;
    t->out->pas = own_space(t, t->ns);
    if (is_realm(t))
        take_context(t, t->stream->mecid, SMREF_RULE_MECID);
    t->out->page_size = t->page_bits < 64 ? UINT64_C(1) << t->page_bits : 0;
}

/* SMMUEN is 0 (3.11, 13.2): GBPA says what happens, and nothing is recorded. */
static void global_bypass(struct txn *t)
{
    t->out->outcome = SMREF_OUTCOME_ABORT;
    smref_show_register(t, bank_register(SMREF_FAMILY_GBPA, t->in->sec_sid), NULL);
    uint64_t gbpa = bank_value(t, SMREF_FAMILY_GBPA, t->in->sec_sid);
    if (t->smmu->gbpa_stored[t->in->sec_sid]) {
        decide(t, SMREF_RULE_SMMU_DISABLED_NOT_UPDATED);
        gbpa = t->smmu->gbpa_in_effect[t->in->sec_sid];
    }
    if (smref_SMMU_GBPA_ABORT(gbpa) || is_realm(t)) { /* 6.3.133: Realm streams have no bypass */
        decide(t, SMREF_RULE_SMMU_DISABLED_ABORT);
        return;
    }
    if (t->in->addr & ~t->oas_mask) {
        decide(t, SMREF_RULE_SMMU_DISABLED_OAS);
        return;
    }
    if (!modelled(t))
        return;
    decide(t, SMREF_RULE_SMMU_DISABLED_BYPASS);
    struct overrides o = smref_overrides_of_GBPA(t->reg, t->in->sec_sid, gbpa);
    t->phase = SMREF_PHASE_INPUT;
    smref_input_attributes(t, &o);
    if (is_secure(t))
        smref_input_space(t, &o);
    if (is_secure(t) && smref_sif_forbids(t, NULL)) {
        decide(t, SMREF_RULE_SMMU_DISABLED_SIF);
        return;
    }
    succeed(t, t->in->addr);
}

/* 12.3: the SMMU terminates accesses, and no longer touches its queues. */
static void service_failure(struct txn *t)
{
    t->out->outcome = SMREF_OUTCOME_ABORT;
    decide(t, SMREF_RULE_SFM_ABORT);
}

/* 3.25.1.1: a device without a StreamID accesses a physical address, which nothing translates. */
static void access_without_stream(struct txn *t)
{
    const smref_access *in = t->in;
    t->out->outcome = SMREF_OUTCOME_ABORT;
    smref_show_register(t, SMREF_REG_SMMU_IDR5, "OAS");
    if (in->addr & ~t->oas_mask) {
        decide(t, SMREF_RULE_NOSTREAMID_BEYOND_OAS);
        return;
    }
    t->phase = SMREF_PHASE_OUTPUT;
    decide(t, SMREF_RULE_NOSTREAMID);
    if (!output_permitted(t, in->pas, in->addr))
        return;
    t->out->outcome = SMREF_OUTCOME_OK;
    t->out->pa = in->addr;
    t->out->pas = in->pas;
    take_context(t, in->mecid, SMREF_RULE_MECID_NO_STREAM);
    t->out->page_size = 0;
    t->out->priv = in->priv;
    t->out->inst = in->inst;
    *t->attrs = in->attrs_supplied ? in->attrs : smref_default_attrs();
}

SPECIALISED bool translate(struct txn *t, uint64_t *pa)
{
    const struct stream *s = t->stream;
    uint64_t ipa = t->in->addr;
    if (!modelled(t))
        return false;
    t->stage = t->level = 0;
    t->phase = SMREF_PHASE_STAGE1;
    if (t->context ? !smref_stage1(t, t->in->addr, &ipa) : !smref_stage1_bypass(t, t->in->addr))
        return false;
    t->phase = SMREF_PHASE_STAGE2;
    if (s->config == SMREF_STE_Config_S2_TRANS || s->config == SMREF_STE_Config_NESTED)
        return smref_stage2(t, ipa, pa);
    *pa = ipa & t->oas_mask;
    if (*pa != ipa)
        decide(t, SMREF_RULE_S2_BYPASS_TRUNCATE);
    return true;
}

SPECIALISED bool configure(struct txn *t)
{
    t->phase = SMREF_PHASE_STREAM;
    if (!smref_find_stream(t))
        return false;
    t->phase = SMREF_PHASE_INPUT;
    smref_input_attributes(t, &t->stream->overrides);
    t->phase = SMREF_PHASE_CONTEXT;
    return smref_find_context(t);
}

/* Configuration first, which never looks at the address, then translation (3.3.3). */
SPECIALISED bool process(struct txn *t, uint64_t *pa)
{
    return configure(t) && translate(t, pa);
}

static bool process_with_caches(struct txn *t, uint64_t *pa)
{
    struct granule_fault fault;
    if (!process(t, pa))
        return false;
    /* The check of what goes out may meet choices between copies, too. */
    if (t->smmu->caches->trying && t->smmu->granules.active)
        (void)smref_granule_permits(t, own_space(t, t->ns), *pa, &fault);
    return true;
}

static bool process_configuration(struct txn *t, uint64_t *pa)
{
    (void)pa;
    return configure(t);
}

/* What nearly all accesses are, so that they need not be asked for each mistake. */
static bool ordinary(const smref_access *a)
{
    return !a->no_stream && a->sec_sid == SMREF_SEC_NS && (unsigned)a->type <= SMREF_ATOMIC &&
           a->size - 1 < 4096 && (a->addr & 0xfff) + a->size <= 4096 && !a->ssv;
}

static smref_status check_access(const smref *smmu, const smref_access *a, smref_error *error)
{
    const char *where = NULL, *text = NULL;
    smref_status status = SMREF_E_ARGUMENT;
    if (ordinary(a))
        return SMREF_OK;
    if (a->no_stream && (unsigned)a->pas >= SMREF_PAS_COUNT) {
        where = "pas", text = "there are four physical address spaces";
    } else if (a->no_stream && !smmu->granules.present) {
        where = "no_stream",
        text = "devices without a StreamID belong to granule protection, which this SMMU lacks "
               "(ROOT_IDR0.ROOT_IMPL)";
    } else if (!a->no_stream && (unsigned)a->sec_sid > SMREF_SEC_REALM) {
        where = "sec_sid", text = "a stream is Non-secure, Secure or Realm";
    } else if (!a->no_stream && a->sec_sid == SMREF_SEC_SECURE &&
               !smref_SMMU_S_IDR1_SECURE_IMPL(smmu->reg[SMREF_REG_SMMU_S_IDR1])) {
        where = "sec_sid", text = "this SMMU has no Secure state (S_IDR1.SECURE_IMPL)";
    } else if (!a->no_stream && a->sec_sid == SMREF_SEC_REALM &&
               !smref_SMMU_ROOT_IDR0_REALM_IMPL(smmu->reg[SMREF_REG_SMMU_ROOT_IDR0])) {
        where = "sec_sid", text = "this SMMU has no Realm state (ROOT_IDR0.REALM_IMPL)";
    } else if ((unsigned)a->type > SMREF_ATOMIC) {
        where = "type", text = "an access is a read, a write or an atomic";
    } else if (!a->size || a->size > 4096 || (a->addr & 0xfff) + a->size > 4096) {
        where = "size", text = "an access has 1 to 4096 bytes and stays within 4 KB";
    } else if (!a->no_stream && a->ssv && a->ssid >> 20) {
        where = "ssid", text = "a SubstreamID has at most 20 bits";
    }
    if (!where)
        return SMREF_OK;
    if (error && error->status == SMREF_OK) {
        error->status = status;
        snprintf(error->where, sizeof error->where, "%s", where);
        snprintf(error->text, sizeof error->text, "%s", text);
    }
    return status;
}

/* Only what an outcome does not always fill needs clearing. */
static void begin(smref_result *result)
{
    result->outcome = SMREF_OUTCOME_OK;
    result->stag = 0;
    result->pa = result->page_size = 0;
    result->pas = SMREF_PAS_NS;
    result->mecid = 0;
    result->attrs = (smref_attrs){.type = SMREF_MT_NORMAL};
    result->value = result->value_unknown = result->value_ignored = 0;
    result->par_valid = false;
    result->par = result->par_unknown = 0;
    result->priv = result->inst = result->event_valid = false;
    result->gerror_changed = 0;
    result->gpf_far = result->gpt_cfg_far = false;
    result->effects_lost = false;
    result->effect_count = 0;
    result->rule_count = 0;
    memset(result->choices_met, 0, sizeof result->choices_met);
}

/* Each member by itself: clearing the whole at once takes longer than a level of a walk. */
SPECIALISED void start(struct txn *t, smref *smmu, const smref_access *access, smref_result *result)
{
    t->smmu = smmu;
    t->sparse = smmu->direct;
    t->in = access;
    t->out = result;
    t->reg = smmu->reg;
    t->stream = NULL;
    t->context = NULL;
    t->read = access->type != SMREF_WRITE;
    t->write = access->type != SMREF_READ;
    t->inst = t->priv = t->ns = false;
    t->pas = SMREF_PAS_NS;
    t->attrs = &result->attrs;
    t->s1_range = NULL;
    t->s1_sh = 0;
    t->oas = smmu->oas;
    t->ias = smmu->ias;
    t->oas_mask = mask(smmu->oas);
    t->memory_reads = 0;
    t->page_bits = 64;
    t->phase = SMREF_PHASE_CONTROL;
    t->stage = t->level = 0;
    t->index = t->shift = 0;
    t->not_modelled = NULL;
    t->space_given = t->rehearsal = false;
    t->granule_uses = 0;
    t->atos = NULL;
    t->fault = (struct fault){.silent = false};
}

void smref_start(struct txn *t, smref *smmu, const smref_access *access, smref_result *result)
{
    start(t, smmu, access, result);
}

/* 6.3.9: until CR0ACK shows the new value, either value may be in effect. */
static bool enabled(struct txn *t)
{
    const smref_sec_sid bank = t->in->sec_sid;
    bool wanted = t->smmu->enable_wanted >> bank & 1U, old = t->smmu->enable_acknowledged >> bank & 1U;
    smref_show_register(t, SMREF_REG_SMMU_IDR5, "OAS");
    smref_show_register(t, bank_register(SMREF_FAMILY_CR0ACK, bank), "SMMUEN");
    if (wanted == old)
        return wanted;
    smref_show_register(t, bank_register(SMREF_FAMILY_CR0, bank), "SMMUEN");
    decide(t, SMREF_RULE_SMMUEN_IN_TRANSITION);
    return smref_choose(t, SMREF_CHOICE_SMMUEN_IN_TRANSITION) == SMREF_CHOICE_SMMUEN_IN_TRANSITION_new
               ? wanted
               : old;
}

smref_status smref_translate(smref *smmu, const smref_access *access, smref_result *result,
                             smref_error *error)
{
    if (!smmu->settled)
        smref_settle(smmu);
    smref_status status = check_access(smmu, access, error);
    if (status != SMREF_OK)
        return status;
    if (smmu->lookup_not_modelled && !access->no_stream)
        return smref_refuse(error, SMREF_E_NOT_MODELLED, "access", "not modelled: %s",
                            smmu->lookup_not_modelled);
    if (smmu->caches)
        smmu->caches->before = smmu->caches->count;
    begin(result);
    struct txn t;
    start(&t, smmu, access, result);
    uint64_t pa;
    if (smref_in_service_failure(&t))
        service_failure(&t);
    else if (access->no_stream)
        access_without_stream(&t);
    else if (!enabled(&t))
        global_bypass(&t);
    else if (smmu->caches ? smref_process_held(&t, process_with_caches, &pa) : process(&t, &pa))
        succeed(&t, pa);
    else if (!t.not_modelled)
        smref_conclude_fault(&t);
    result->memory_reads = t.memory_reads;
    if (t.not_modelled && smmu->caches)
        smref_caches_forget(smmu->caches);
    return t.not_modelled
               ? smref_refuse(error, SMREF_E_NOT_MODELLED, "access", "not modelled: %s", t.not_modelled)
               : SMREF_OK;
}

void smref_prefetch(smref *smmu, const smref_access *access, bool translations)
{
    void (*trace)(void *context, const smref_step *step) = smmu->trace;
    smref_result result;
    struct txn t;
    uint64_t pa;
    smref_settle(smmu);
    if (smmu->lookup_not_modelled ||
        !smref_SMMU_CR0ACK_SMMUEN(smmu->reg[smref_bank_registers[SMREF_FAMILY_CR0ACK][access->sec_sid]]))
        return;
    smmu->trace = NULL;
    begin(&result);
    smref_start(&t, smmu, access, &result);
    (void)smref_process_held(&t, translations ? process_with_caches : process_configuration, &pa);
    /* 4.2.2: as a transaction, and with the NS attribute of the command; NSCFG may make these two. */
    if (translations && access->sec_sid == SMREF_SEC_SECURE) {
        begin(&result);
        smref_start(&t, smmu, access, &result);
        t.space_given = true;
        (void)smref_process_held(&t, process_with_caches, &pa);
    }
    smmu->trace = trace;
}

/* What a prefetch that holds nothing runs into; false when no granule forbids anything. *reason is that of
 * the syndrome. */
static bool prefetch_forbidden(struct txn *p, const smref_access *access, bool translations, unsigned *reason)
{
    struct granule_fault *fault = &p->fault.granule;
    smref_result *result = p->out;
    uint64_t pa = 0;
    begin(result);
    smref_start(p, p->smmu, access, result);
    *reason = SMREF_SMMU_ROOT_GPF_FAR_REASON_TRANSLATION;
    if (!(translations ? process(p, &pa) : process_configuration(p, &pa)) || !translations)
        return fault->kind != GRANULE_NONE;
    *reason = SMREF_SMMU_ROOT_GPF_FAR_REASON_TRANSACTION;
    return !smref_granule_permits(p, own_space(p, p->ns), pa, fault);
}

bool smref_prefetch_may_report(const smref *smmu)
{
    return smmu->granules.active && !smref_SMMU_IDR0_RME_IMPL(smmu->reg[SMREF_REG_SMMU_IDR0]);
}

/* One attempt; whether it met the SubstreamID of a stream that has none. */
static bool report_prefetch(struct txn *t, const smref_access *access, bool translations)
{
    smref_result result = {.rule_count = 0};
    struct txn p = {.smmu = t->smmu, .out = &result};
    void (*trace)(void *context, const smref_step *step) = t->smmu->trace;
    unsigned reason;
    t->smmu->trace = NULL;
    bool forbidden = prefetch_forbidden(&p, access, translations, &reason);
    t->smmu->trace = trace;
    bool unexpected =
        access->ssv && p.stream && p.fault.type == SMREF_C_BAD_SUBSTREAMID && !p.stream->substreams;
    t->not_modelled = p.not_modelled;
    for (unsigned i = 0; i < CHOICE_WORDS; i++)
        t->out->choices_met[i] |= result.choices_met[i];
    if (!forbidden || p.not_modelled)
        return unexpected;
    smref_decide_once(t, SMREF_RULE_PREFETCH_GPC);
    if (smref_choose(t, SMREF_CHOICE_PREFETCH_GPC) == SMREF_CHOICE_PREFETCH_GPC_unreported || t->rehearsal)
        return false;
    p.out = t->out;
    if (reason == SMREF_SMMU_ROOT_GPF_FAR_REASON_TRANSLATION)
        smref_record_fetch_fault(&p);
    else
        smref_record_granule_fault(&p, &p.fault.granule, reason, 0);
    return false;
}

void smref_report_prefetch(struct txn *t, const smref_access *access, bool translations)
{
    smref_access without = *access;
    if (!smref_SMMU_CR0ACK_SMMUEN(bank_value(t, SMREF_FAMILY_CR0ACK, access->sec_sid)))
        return;
    without.ssv = false;
    if (report_prefetch(t, access, translations) && !t->not_modelled)
        (void)report_prefetch(t, &without, translations); /* 4.2: as though SSV were 0 */
}
