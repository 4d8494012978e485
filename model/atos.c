/*
 * Address translation operations (chapter 9): software asks in the registers of an interface what an access
 * would come to, and the answer stands in PAR. Configuration and translation are those of an access; but
 * nothing is recorded, nothing stalls, the marks are those of ATOS_ADDR, and an STE overrides nothing.
 */
#include "atos.h"
#include "caches.h"
#include "interrupts.h"
#include "registers.h"

/* 6.3.40: a field is at the same place in the registers of all interfaces. */
static const smref_family families[2][4] = {
    {SMREF_FAMILY_GATOS_CTRL, SMREF_FAMILY_GATOS_SID, SMREF_FAMILY_GATOS_ADDR, SMREF_FAMILY_COUNT},
    {SMREF_FAMILY_VATOS_CTRL, SMREF_FAMILY_VATOS_SID, SMREF_FAMILY_VATOS_ADDR, SMREF_FAMILY_VATOS_SEL},
};
enum { CTRL, SID, ADDR, SEL };

static uint64_t value_of(const struct txn *t, const struct atos *a, unsigned which)
{
    return bank_value(t, families[a->virtual_][which], a->bank);
}

/* ---- The request ----------------------------------------------------------------------------------- */

/* Ends the request with an error of its own (9.1.5), which is no event. Always false. */
static bool invalid(struct txn *t, unsigned faultcode, smref_rule rule)
{
    decide(t, rule);
    t->atos->error = (uint8_t)faultcode;
    return false;
}

/* 9.1.5: a Secure stream of an implementation without Secure stage 2; this may be seen before the STE is. */
static bool stage2_possible(struct txn *t)
{
    const struct atos *a = t->atos;
    if (!is_secure(t) || !asks_for_stage2(a) || smref_SMMU_S_IDR1_SEL2(t->reg[SMREF_REG_SMMU_S_IDR1]))
        return true;
    if (smref_choose(t, SMREF_CHOICE_ATOS_SECURE_STAGE2) == SMREF_CHOICE_ATOS_SECURE_STAGE2_after_ste)
        return true;
    return invalid(t, SMREF_SMMU_GATOS_PAR_FAULTCODE_INV_STAGE, SMREF_RULE_ATOS_SECURE_STAGE2);
}

/* 9.1.3: what is wrong with the request whatever the configuration is. */
static bool valid(struct txn *t)
{
    const struct atos *a = t->atos;
    uint64_t idr0 = t->reg[SMREF_REG_SMMU_IDR0];
    smref_rule rule = SMREF_RULE_NONE;
    if (!a->type)
        rule = SMREF_RULE_ATOS_TYPE_RESERVED;
    else if (a->virtual_ && asks_for_stage2(a))
        rule = SMREF_RULE_ATOS_VATOS_STAGE2;
    else if ((asks_for_stage1(a) && !smref_SMMU_IDR0_S1P(idr0)) ||
             (asks_for_stage2(a) && !smref_SMMU_IDR0_S2P(idr0)))
        rule = SMREF_RULE_ATOS_STAGE_NOT_IMPLEMENTED;
    else if (!asks_for_stage1(a) && t->in->ssv)
        rule = SMREF_RULE_ATOS_SSID_WITHOUT_STAGE1;
    if (rule != SMREF_RULE_NONE)
        return invalid(t, SMREF_SMMU_GATOS_PAR_FAULTCODE_INV_REQ, rule);
    return stage2_possible(t);
}

static bool secure_stream(const struct txn *t, const struct atos *a)
{
    return a->bank == SMREF_SEC_SECURE && (a->virtual_ || smref_SMMU_S_GATOS_SID_SSEC(value_of(t, a, SID)));
}

static uint64_t streamid_bits(const struct txn *t, smref_sec_sid sec_sid)
{
    return sec_sid == SMREF_SEC_SECURE ? smref_SMMU_S_IDR1_S_SIDSIZE(t->reg[SMREF_REG_SMMU_S_IDR1])
                                       : smref_SMMU_IDR1_SIDSIZE(t->reg[SMREF_REG_SMMU_IDR1]);
}

/* 9.1.5: an identifier wider than what is implemented may be truncated, or be out of range. */
static uint32_t within(struct txn *t, uint64_t id, uint64_t bits, smref_choice choice, unsigned truncated)
{
    if (!(id & ~mask((unsigned)bits)))
        return (uint32_t)id;
    decide(t, SMREF_RULE_ATOS_ID_TOO_WIDE);
    return (uint32_t)(smref_choose(t, choice) == truncated ? id & mask((unsigned)bits) : id);
}

/* The access that the registers describe. A write is Data (6.3.39). */
static smref_access described(struct txn *t, const struct atos *a)
{
    uint64_t sid = value_of(t, a, SID), addr = value_of(t, a, ADDR), idr1 = t->reg[SMREF_REG_SMMU_IDR1];
    bool read = smref_SMMU_GATOS_ADDR_RnW(addr), inst = smref_SMMU_GATOS_ADDR_InD(addr);
    smref_access in = {.sec_sid = secure_stream(t, a) ? SMREF_SEC_SECURE : SMREF_SEC_NS,
                       .addr = smref_SMMU_GATOS_ADDR_ADDR_address(addr),
                       .type = read ? SMREF_READ : SMREF_WRITE,
                       .size = 1,
                       .priv = smref_SMMU_GATOS_ADDR_PnU(addr),
                       .inst = inst && read,
                       .ns = a->bank == SMREF_SEC_SECURE && smref_SMMU_S_GATOS_ADDR_NS(addr),
                       .ssv = smref_SMMU_IDR1_SSIDSIZE(idr1) && smref_SMMU_GATOS_SID_SSID_VALID(sid)};
    in.sid = within(t, smref_SMMU_GATOS_SID_STREAMID(sid), streamid_bits(t, in.sec_sid),
                    SMREF_CHOICE_ATOS_STREAMID_TOO_WIDE, SMREF_CHOICE_ATOS_STREAMID_TOO_WIDE_truncated);
    if (in.ssv)
        in.ssid =
            within(t, smref_SMMU_GATOS_SID_SUBSTREAMID(sid), smref_SMMU_IDR1_SSIDSIZE(idr1),
                   SMREF_CHOICE_ATOS_SUBSTREAMID_TOO_WIDE, SMREF_CHOICE_ATOS_SUBSTREAMID_TOO_WIDE_truncated);
    if (inst && !read)
        decide(t, SMREF_RULE_WRITE_IS_DATA);
    return in;
}

/* ---- Configuration and translation ----------------------------------------------------------------- */

/* 5.2 S2VMID: stage 1 alone of the StreamWorld Secure. */
static bool tagged_with_zero(const struct txn *t)
{
    return is_secure(t) && t->stream->config == SMREF_STE_Config_S1_TRANS &&
           t->stream->world == SMREF_StreamWorld_S_EL1;
}

/* 9.1.6: the STE must tag its translations with the VMID of the virtual machine that asks. */
static bool same_machine(struct txn *t)
{
    smref_env e = smref_env_of(t->smmu, t->in->sec_sid);
    uint64_t tag = smref_STE_S2VMID(t->stream->words);
    e.STE = t->stream->words;
    if (tagged_with_zero(t)) {
        decide(t, SMREF_RULE_ATOS_VATOS_VMID_ZERO);
        tag = 0;
    } else if (smref_derived_s2vmid_ignored(&e)) {
        return fail(t, SMREF_C_BAD_STE, SMREF_RULE_ATOS_VATOS_WITHOUT_VMID);
    }
    uint64_t selected = smref_SMMU_VATOS_SEL_VMID(value_of(t, t->atos, SEL));
    if (!smref_SMMU_IDR0_VMID16(t->reg[SMREF_REG_SMMU_IDR0]))
        selected &= mask(8);
    smref_show(t, "VMID", tag);
    smref_show(t, "VATOS_SEL.VMID", selected);
    return tag == selected || fail(t, SMREF_C_BAD_STE, SMREF_RULE_ATOS_VATOS_OTHER_VMID);
}

/* 9.1.3: STE.Config counts, not what STE.S1DSS makes of it. */
static bool stages_configured(struct txn *t)
{
    uint8_t config = t->stream->config;
    bool stage1 = config == SMREF_STE_Config_S1_TRANS || config == SMREF_STE_Config_NESTED;
    bool stage2 = config == SMREF_STE_Config_S2_TRANS || config == SMREF_STE_Config_NESTED;
    return (stage1 >= asks_for_stage1(t->atos) && stage2 >= asks_for_stage2(t->atos)) ||
           invalid(t, SMREF_SMMU_GATOS_PAR_FAULTCODE_INV_STAGE, SMREF_RULE_ATOS_STAGE_NOT_CONFIGURED);
}

static bool would_override(const struct txn *t)
{
    const struct overrides *o = &t->stream->overrides;
    return o->type_replaced || o->sh_replaced || o->hints_replaced || o->privcfg >= 2 ||
           (o->instcfg >= 2 && !t->write) || (o->nscfg >= 2 && is_secure(t) && !t->context);
}

/* 9.1.3, 6.3.85: the space that the address of a Secure stream is in when no stage 1 table tells. Nothing
 * does in a request for stage 1 alone, which may return either. */
static bool enter_space(struct txn *t)
{
    const struct atos *a = t->atos;
    if (!is_secure(t))
        return true;
    t->ns = t->in->ns || !asks_for_stage2(a);
    smref_show(t, "NS", t->ns);
    if (!smref_sif_forbids(t, NULL))
        return true;
    if (!asks_for_stage1(a) || !asks_for_stage2(a)) {
        decide(t, SMREF_RULE_ATOS_SIF);
        if (smref_choose(t, SMREF_CHOICE_ATOS_SIF) == SMREF_CHOICE_ATOS_SIF_not_checked)
            return true;
    }
    return fail(t, SMREF_F_PERMISSION, SMREF_RULE_SIF_BYPASS);
}

/* 6.3.40: the tables alone tell the attributes. Stage 1 replaces what it is given, but for hints, which a
 * Device type does not have; stage 2 strengthens what it is given, and Write-Back is the weakest. */
static void initial_attributes(struct txn *t, bool stage1)
{
    *t->attrs = smref_default_attrs();
    if (stage1)
        *t->attrs = (smref_attrs){.type = SMREF_MT_DEVICE_nGnRnE,
                                  .sh = SMREF_OSH,
                                  .inner = {.cacheability = SMREF_NC},
                                  .outer = {.cacheability = SMREF_NC}};
    t->priv = t->in->priv;
    t->inst = t->in->inst;
    if (would_override(t))
        decide(t, SMREF_RULE_ATOS_OVERRIDES_IGNORED);
}

static bool through_stage2(struct txn *t, uint64_t ipa, uint64_t *address)
{
    t->phase = SMREF_PHASE_STAGE2;
    if (!smref_stage2(t, ipa, address))
        return false;
    if (asks_for_stage1(t->atos) && !t->context)
        smref_atos_leave_open(t, SMREF_RULE_ATOS_S1_BYPASS_COMBINED);
    else if (!asks_for_stage1(t->atos) && t->atos->passed_on)
        smref_atos_leave_open(t, SMREF_RULE_ATOS_S2_PASSES_ON);
    else if (!asks_for_stage1(t->atos))
        decide(t, SMREF_RULE_ATOS_S2_HINTS);
    return true;
}

/* Anew each time: caches may have it tried in several ways. */
static bool process(struct txn *t, uint64_t *address)
{
    struct atos *a = t->atos;
    uint64_t ipa = t->in->addr;
    a->error = 0;
    a->open = 0;
    a->passed_on = a->bypass = false;
    t->phase = SMREF_PHASE_STREAM;
    if (!smref_fetch_stream(t) || (a->virtual_ && !same_machine(t)) || !stages_configured(t))
        return false;
    t->phase = SMREF_PHASE_CONTEXT;
    if (asks_for_stage1(a) && !smref_find_context(t))
        return false;
    if (!modelled(t))
        return false;
    t->stage = t->level = 0;
    t->phase = SMREF_PHASE_STAGE1;
    initial_attributes(t, t->context != NULL);
    if (t->context ? !smref_stage1(t, t->in->addr, &ipa)
                   : !smref_stage1_bypass(t, t->in->addr) || !enter_space(t))
        return false;
    if (asks_for_stage2(a))
        return through_stage2(t, ipa, address);
    if (!t->context)
        smref_atos_leave_open(t, SMREF_RULE_ATOS_S1_BYPASS);
    a->bypass = !t->context;
    *address = ipa;
    return true;
}

/* ---- RUN ------------------------------------------------------------------------------------------- */

static bool enabled(const struct txn *t, smref_sec_sid bank)
{
    return smref_SMMU_CR0_SMMUEN(bank_value(t, SMREF_FAMILY_CR0, bank)) &&
           smref_SMMU_CR0ACK_SMMUEN(bank_value(t, SMREF_FAMILY_CR0ACK, bank));
}

static struct atos interface_of(smref_register ctrl)
{
    return (struct atos){.bank = bank_of(ctrl),
                         .virtual_ = smref_register_places[ctrl].family == SMREF_FAMILY_VATOS_CTRL};
}

/* The request, from the registers to PAR. `error`, when not 0, is what becomes of it. */
static void perform(struct txn *outer, struct atos *a, unsigned error)
{
    struct txn t;
    smref_attrs attrs;
    uint64_t address;
    smref_settle(outer->smmu);
    if (smref_in_service_failure(outer)) { /* 12.3 does not say */
        outer->not_modelled = "address translation operations in Service failure mode (GERROR.SFM_ERR)";
        return;
    }
    smref_access in = described(outer, a);
    a->type = (uint8_t)smref_SMMU_GATOS_ADDR_TYPE(value_of(outer, a, ADDR));
    smref_start(&t, outer->smmu, &in, outer->out);
    t.attrs = &attrs;
    t.atos = a;
    smref_show_register(&t, bank_register(families[a->virtual_][SID], a->bank), NULL);
    smref_show_register(&t, bank_register(families[a->virtual_][ADDR], a->bank), NULL);
    bool good = valid(&t);
    if (good && error) {
        a->error = (uint8_t)error;
        good = false;
    } else if (good) {
        t.not_modelled = t.smmu->lookup_not_modelled;
    }
    if (good && !t.not_modelled)
        good = t.smmu->caches ? smref_process_held(&t, process, &address) : process(&t, &address);
    outer->not_modelled = t.not_modelled;
    if (t.not_modelled && t.smmu->caches)
        smref_caches_forget(t.smmu->caches);
    if (t.not_modelled)
        return;
    if (good)
        smref_atos_succeed(&t, address);
    else
        smref_atos_fail(&t);
    outer->out->memory_reads += t.memory_reads;
    smref_atos_show(&t);
}

/* 9: the stream's own SMMUEN is 0 while that of the interface is 1. True: the request ends in an error. */
static bool ends_disabled(struct txn *t, bool *stored)
{
    decide(t, SMREF_RULE_ATOS_STREAM_DISABLED);
    unsigned option = smref_choose(t, SMREF_CHOICE_ATOS_STREAM_DISABLED);
    *stored = option == SMREF_CHOICE_ATOS_STREAM_DISABLED_stored;
    return option == SMREF_CHOICE_ATOS_STREAM_DISABLED_internal_err;
}

void smref_run_atos(struct txn *t, smref_register ctrl)
{
    struct atos a = interface_of(ctrl);
    bool stored = false;
    if (a.bank == SMREF_SEC_NS || secure_stream(t, &a) || enabled(t, SMREF_SEC_NS))
        perform(t, &a, 0);
    else if (ends_disabled(t, &stored))
        perform(t, &a, SMREF_SMMU_GATOS_PAR_FAULTCODE_INTERNAL_ERR);
    if (stored)
        t->smmu->reg[ctrl] = smref_SMMU_GATOS_CTRL_with_RUN(t->reg[ctrl], 1);
}

/* `error`, when not 0, is what becomes of the request. */
static void end_request(struct txn *t, smref_register ctrl, unsigned error)
{
    struct atos a = interface_of(ctrl);
    t->smmu->reg[ctrl] = smref_SMMU_GATOS_CTRL_with_RUN(t->reg[ctrl], 0);
    perform(t, &a, error);
}

static void end_own_request(struct txn *t, smref_register ctrl)
{
    decide(t, SMREF_RULE_ATOS_RUN_WHEN_DISABLED);
    bool completed =
        smref_choose(t, SMREF_CHOICE_ATOS_RUN_WHEN_DISABLED) == SMREF_CHOICE_ATOS_RUN_WHEN_DISABLED_completed;
    end_request(t, ctrl, completed ? 0 : SMREF_SMMU_GATOS_PAR_FAULTCODE_INTERNAL_ERR);
}

/* 9.1.1: the Secure request for a Non-secure stream may be affected when SMMU_CR0.SMMUEN becomes 0. */
static void disturb_secure_request(struct txn *t)
{
    const struct atos secure = {.bank = SMREF_SEC_SECURE};
    if (!enabled(t, SMREF_SEC_SECURE) || secure_stream(t, &secure) ||
        !smref_SMMU_GATOS_CTRL_RUN(value_of(t, &secure, CTRL)))
        return;
    decide(t, SMREF_RULE_ATOS_STREAM_STOPPED);
    switch (smref_choose(t, SMREF_CHOICE_ATOS_STREAM_STOPPED)) {
    case SMREF_CHOICE_ATOS_STREAM_STOPPED_completed:
        end_request(t, SMREF_REG_SMMU_S_GATOS_CTRL, 0);
        break;
    case SMREF_CHOICE_ATOS_STREAM_STOPPED_internal_err:
        end_request(t, SMREF_REG_SMMU_S_GATOS_CTRL, SMREF_SMMU_GATOS_PAR_FAULTCODE_INTERNAL_ERR);
        break;
    default:
        break;
    }
}

void smref_end_atos(struct txn *t, smref_sec_sid bank)
{
    for (unsigned i = 0; i < 2 && bank != SMREF_SEC_REALM; i++) {
        smref_register ctrl = bank_register(families[i][CTRL], bank);
        if (smref_SMMU_GATOS_CTRL_RUN(t->reg[ctrl]))
            end_own_request(t, ctrl);
    }
    if (bank == SMREF_SEC_NS)
        disturb_secure_request(t);
}
