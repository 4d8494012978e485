/* Runs one step on a machine. */
#include "stepper.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "smref_layout.h"

/* ---- Running --------------------------------------------------------------------------------------- */

static bool run_access(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                       smref_step_result *out, smref_jerror *error)
{
    smref_error why = {.status = SMREF_OK};

    if (stimulus->by_t && stimulus->xt &&
        !smref_SMMU_R_IDR3_XT(smref_get_register(machine->smmu, SMREF_REG_SMMU_R_IDR3)))
        return smref_jfail(doc, stimulus->node ? smref_jget(stimulus->node, "xt") : NULL, error,
                           "this SMMU has no XT (R_IDR3.XT)");
    if (smref_translate(machine->smmu, &stimulus->access, &out->access, &why) != SMREF_OK)
        return smref_jfail(doc, stimulus->node, error, "%s", why.text);
    return true;
}

bool smref_mmio_register(const smref_stimulus *stimulus, smref_register_ref *ref)
{
    *ref = stimulus->named;
    if (ref->reg < SMREF_REG_COUNT)
        return true;
    return stimulus->mmio.block == SMREF_BLOCK_NS_PAGE0 &&
           smref_register_placed(stimulus->mmio.offset, ref) && ref->reg < SMREF_REG_COUNT;
}

/* Only a register whose bits mean different things lacks fields now and then. */
static uint64_t absent_fields(const smref *smmu, const smref_stimulus *stimulus)
{
    smref_register_ref ref;
    const smref_register_info *info = smref_mmio_register(stimulus, &ref) ? smref_register_at(ref.reg) : NULL;
    uint64_t held = info ? smref_get_register(smmu, (smref_register)ref.reg) : 0;
    smref_field_state state;
    uint64_t absent = 0;

    for (unsigned f = 0; info && f < info->field_count; f++)
        if (info->fields[f].when &&
            !smref_register_field_look(smmu, (smref_register)ref.reg, f, held, &state))
            absent |= UINT64_C(1) << f;
    return absent;
}

static bool run_mmio(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                     smref_step_result *out, smref_jerror *error)
{
    smref_error why = {.status = SMREF_OK};
    const smref_register_ref *named = &stimulus->named;
    smref_mmio access = stimulus->mmio;

    if (named->reg < SMREF_REG_COUNT)
        (void)smref_locate_register(machine->smmu, (smref_register)named->reg, named->element, named->upper,
                                    &access, NULL);
    if (smref_access_register(machine->smmu, &access, &out->access, &why) != SMREF_OK)
        return smref_jfail(doc, stimulus->node, error, "%s", why.text);
    out->absent = absent_fields(machine->smmu, stimulus);
    return true;
}

static void identify(const smref *smmu, smref_result *out)
{
    unsigned broken = smref_identification_broken(smmu, out->rules, SMREF_MAX_RULES);

    out->rule_count = broken < SMREF_MAX_RULES ? broken : SMREF_MAX_RULES;
}

bool smref_step_run(smref_machine *machine, const smref_jdoc *doc, const smref_stimulus *stimulus,
                    smref_step_result *out, smref_jerror *error)
{
    smref_status status = SMREF_OK;

    memset(out, 0, sizeof *out);
    switch (stimulus->op) {
    case SMREF_OP_ACCESS:
        if (!run_access(machine, doc, stimulus, out, error))
            return false;
        break;
    case SMREF_OP_STORE:
        status =
            smref_sparse_store(machine->memory, stimulus->pas, stimulus->at, stimulus->bytes, stimulus->size);
        break;
    case SMREF_OP_LOAD:
        out->loaded = smref_alloc(stimulus->size, 1);
        status = smref_sparse_load(machine->memory, stimulus->pas, stimulus->at, out->loaded, stimulus->size);
        break;
    case SMREF_OP_IDENTIFY:
        identify(machine->smmu, &out->access);
        break;
    case SMREF_OP_RESET:
        smref_reset(machine->smmu, machine->reset_unknown);
        break;
    case SMREF_OP_MMIO_READ:
    case SMREF_OP_MMIO_WRITE:
        if (!run_mmio(machine, doc, stimulus, out, error))
            return false;
        break;
    }
    out->gerror[SMREF_SEC_NS] = (uint32_t)smref_get_register(machine->smmu, SMREF_REG_SMMU_GERROR);
    out->gerror[SMREF_SEC_SECURE] = (uint32_t)smref_get_register(machine->smmu, SMREF_REG_SMMU_S_GERROR);
    out->gerror[SMREF_SEC_REALM] = (uint32_t)smref_get_register(machine->smmu, SMREF_REG_SMMU_R_GERROR);
    out->gpf_far = smref_get_register(machine->smmu, SMREF_REG_SMMU_ROOT_GPF_FAR);
    out->gpt_cfg_far = smref_get_register(machine->smmu, SMREF_REG_SMMU_ROOT_GPT_CFG_FAR);
    if (status != SMREF_OK) {
        smref_step_result_free(out);
        return smref_jfail(doc, stimulus->node, error,
                           status == SMREF_E_UNMAPPED ? "outside the memory" : "the host has no memory left");
    }
    return true;
}

void smref_step_result_free(smref_step_result *result)
{
    free(result->loaded);
    result->loaded = NULL;
}

/* ---- Comparing ------------------------------------------------------------------------------------- */

static bool same_cache(const smref_cache_attr *a, const smref_cache_attr *b)
{
    return a->cacheability == b->cacheability && a->read_allocate == b->read_allocate &&
           a->write_allocate == b->write_allocate && a->transient == b->transient;
}

bool smref_attrs_same(const smref_attrs *a, const smref_attrs *b)
{
    return a->type == b->type && a->sh == b->sh &&
           (a->type != SMREF_MT_NORMAL ||
            (same_cache(&a->inner, &b->inner) && same_cache(&a->outer, &b->outer)));
}

bool smref_event_same(const smref_event *a, const smref_event *b)
{
    unsigned i;

    if (a->bank != b->bank || a->type != b->type || a->lost != b->lost)
        return false;
    for (i = 0; i < 4; i++)
        if ((a->words[i] ^ b->words[i]) & ~(a->unknown[i] | b->unknown[i]))
            return false;
    return true;
}

static bool same_message(const smref_message *a, const smref_message *b)
{
    return a->kind == b->kind && a->sec_sid == b->sec_sid && a->sid == b->sid && a->ssv == b->ssv &&
           a->ssid == b->ssid && a->global == b->global && a->log2_size == b->log2_size &&
           a->prg_index == b->prg_index && a->response == b->response;
}

bool smref_effect_same(const smref_effect *a, const smref_effect *b)
{
    return a->kind == b->kind && a->source == b->source && a->bank == b->bank && a->pas == b->pas &&
           a->mecid == b->mecid && a->address == b->address && a->value == b->value &&
           smref_attrs_same(&a->attrs, &b->attrs) && same_message(&a->message, &b->message);
}

static bool same_effects(const smref_result *a, const smref_result *b)
{
    if (a->effect_count != b->effect_count || a->effects_lost != b->effects_lost)
        return false;
    for (unsigned i = 0; i < a->effect_count; i++)
        if (!smref_effect_same(&a->effects[i], &b->effects[i]))
            return false;
    return true;
}

static bool same_access(const smref_result *a, const smref_result *b)
{
    if (a->outcome != b->outcome || a->event_valid != b->event_valid || !same_effects(a, b))
        return false;
    if (a->event_valid && !smref_event_same(&a->event, &b->event))
        return false;
    if (a->outcome == SMREF_OUTCOME_STALL)
        return a->stag == b->stag;
    return a->outcome != SMREF_OUTCOME_OK ||
           (a->pa == b->pa && a->pas == b->pas && a->mecid == b->mecid && a->page_size == b->page_size &&
            a->priv == b->priv && a->inst == b->inst && smref_attrs_same(&a->attrs, &b->attrs));
}

static bool same_value(uint64_t a, uint64_t a_unknown, uint64_t b, uint64_t b_unknown)
{
    return a_unknown == b_unknown && ((a ^ b) & ~a_unknown) == 0;
}

static bool same_mmio(const smref_result *a, const smref_result *b)
{
    return same_effects(a, b) && a->outcome == b->outcome && a->par_valid == b->par_valid &&
           same_value(a->value, a->value_unknown, b->value, b->value_unknown) &&
           same_value(a->par, a->par_unknown, b->par, b->par_unknown);
}

bool smref_step_same(const smref_stimulus *stimulus, const smref_step_result *a, const smref_step_result *b)
{
    if (memcmp(a->gerror, b->gerror, sizeof a->gerror) != 0 || a->gpf_far != b->gpf_far ||
        a->gpt_cfg_far != b->gpt_cfg_far)
        return false;
    switch (stimulus->op) {
    case SMREF_OP_ACCESS:
        return same_access(&a->access, &b->access);
    case SMREF_OP_LOAD:
        return memcmp(a->loaded, b->loaded, stimulus->size) == 0;
    case SMREF_OP_IDENTIFY:
        return a->access.rule_count == b->access.rule_count &&
               memcmp(a->access.rules, b->access.rules, a->access.rule_count * sizeof *a->access.rules) == 0;
    case SMREF_OP_MMIO_READ:
    case SMREF_OP_MMIO_WRITE:
        return same_mmio(&a->access, &b->access);
    case SMREF_OP_STORE:
    case SMREF_OP_RESET:
        break;
    }
    return true;
}
