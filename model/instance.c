/*
 * An instance: its registers, its choices, and what follows from them before any access comes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caches.h"
#include "granule.h"
#include "registers.h"

_Noreturn void smref_bug(const char *what, const char *file, int line)
{
    fprintf(stderr, "smref: this is a bug in smref, please report it: %s (%s:%d)\n", what, file, line);
    exit(4);
}

smref_status smref_refuse(smref_error *error, smref_status status, const char *where, const char *format, ...)
{
    if (error && error->status == SMREF_OK) {
        error->status = status;
        snprintf(error->where, sizeof error->where, "%s", where);
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

smref *smref_new(const smref_memory *memory, smref_error *error)
{
    if (!memory || !memory->read || !memory->write) {
        smref_refuse(error, SMREF_E_ARGUMENT, "memory", "both functions of the memory interface are needed");
        return NULL;
    }
    smref *smmu = calloc(1, sizeof *smmu);
    if (!smmu) {
        smref_refuse(error, SMREF_E_NO_MEMORY, "smref_new", "the host has no memory left");
        return NULL;
    }
    smmu->memory = *memory;
    smmu->sparse = smref_sparse_behind(memory);
    smmu->arch = SMREF_V3_0;
    for (unsigned i = 0; i < WALK_KINDS * WALK_LEVELS; i++)
        smmu->places[i / WALK_LEVELS][i % WALK_LEVELS].key = SPARSE_NO_KEY;
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        smmu->reg[i] = smref_register_at(i)->reset_value;
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        smmu->choice[i] = (uint8_t)smref_choice_at(i)->default_option;
    smref_mark_reset_state(smmu);
    return smmu;
}

void smref_free(smref *smmu)
{
    if (smmu)
        free(smmu->caches);
    free(smmu);
}

smref *smref_clone(const smref *smmu)
{
    smref *copy = malloc(sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *smmu;
    copy->caches = NULL;
    if (smref_copy_state(copy, smmu) == SMREF_OK)
        return copy;
    free(copy);
    return NULL;
}

smref_status smref_copy_state(smref *to, const smref *from)
{
    smref_status status = SMREF_OK;
    memcpy(to->reg, from->reg, sizeof to->reg);
    memcpy(to->described, from->described, sizeof to->described);
    memcpy(to->ecmdq, from->ecmdq, sizeof to->ecmdq);
    memcpy(to->queue_state, from->queue_state, sizeof to->queue_state);
    memcpy(to->atos_open, from->atos_open, sizeof to->atos_open);
    memcpy(to->gbpa_stored, from->gbpa_stored, sizeof to->gbpa_stored);
    memcpy(to->gbpa_in_effect, from->gbpa_in_effect, sizeof to->gbpa_in_effect);
    memcpy(to->errors_made, from->errors_made, sizeof to->errors_made);
    memcpy(to->index_open, from->index_open, sizeof to->index_open);
    memcpy(to->choice, from->choice, sizeof to->choice);
    to->arch = from->arch;
    to->settled = false;
    if (smref_get_caching(to) != smref_get_caching(from))
        status = smref_set_caching(to, smref_get_caching(from), NULL);
    if (status != SMREF_OK)
        (void)smref_set_caching(to, SMREF_CACHING_NONE, NULL);
    else if (from->caches)
        smref_caches_copy(to->caches, from->caches);
    return status;
}

/* The bits of a register that mean something in some configuration. */
static uint64_t specified(smref_register reg)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    uint64_t bits = 0;
    for (unsigned i = 0; i < info->field_count; i++)
        for (unsigned k = 0; info->fields[i].kind != SMREF_KIND_RESERVED && k < info->fields[i].piece_count;
             k++)
            bits |= (UINT64_C(2) << info->fields[i].pieces[k].msb) -
                    (UINT64_C(1) << info->fields[i].pieces[k].lsb);
    return bits;
}

/* Options that another version does not permit give way to the default, which every version permits. */
static void set_version(smref *smmu, uint64_t aidr)
{
    uint64_t minor = smref_SMMU_AIDR_ArchMinorRev(aidr);
    smmu->arch = (uint8_t)(SMREF_V3_0 + (minor < 4 ? minor : 4));
    for (unsigned i = 0; i < SMREF_CHOICE_COUNT; i++)
        if (!smref_option_permitted(smmu, (smref_choice)i, smmu->choice[i]))
            smmu->choice[i] = (uint8_t)smref_choice_at(i)->default_option;
}

static bool is_gbpa(smref_register reg)
{
    return (unsigned)reg < SMREF_REG_COUNT && smref_register_places[reg].family == SMREF_FAMILY_GBPA;
}

smref_status smref_set_register(smref *smmu, smref_register reg, uint64_t value, smref_error *error)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    if (!info)
        return smref_refuse(error, SMREF_E_ARGUMENT, "register", "no register has the number %u",
                            (unsigned)reg);
    if (info->width == 32 && value >> 32)
        return smref_refuse(error, SMREF_E_ARGUMENT, info->name, "0x%llx does not fit its 32 bits",
                            (unsigned long long)value);
    smmu->reg[reg] = value;
    smref_forget_atos(smmu, reg);
    if (smref_index_slot(reg) >= 0)
        smmu->index_open[bank_of(reg)][smref_index_slot(reg)] = 0;
    if (is_gbpa(reg))
        smmu->gbpa_stored[bank_of(reg)] = false;
    if (smref_protocols[reg].type == SMREF_PROTOCOL_toggle_ack ||
        smref_register_places[reg].family == SMREF_FAMILY_GERROR)
        smmu->errors_made[bank_of(reg)] = 0;
    if (smref_protocols[reg].type == SMREF_PROTOCOL_ack_pair)
        smmu->reg[smref_protocols[reg].peer] = value & specified(smref_protocols[reg].peer);
    if (smref_register_places[reg].family == SMREF_FAMILY_ECMDQ_PROD) {
        uint64_t *cons = &smmu->reg[smref_protocols[reg].peer];
        *cons = smref_SMMU_ECMDQ_CONS_with_ENACK(*cons, smref_SMMU_ECMDQ_PROD_EN(value));
    }
    if (reg == SMREF_REG_SMMU_AIDR)
        set_version(smmu, value);
    if (!info->protocol || strncmp(info->protocol, "queue_index", 11))
        smmu->settled = false; /* queue indexes decide nothing about streams */
    return SMREF_OK;
}

smref_status smref_set_in_effect(smref *smmu, smref_register reg, uint64_t value, smref_error *error)
{
    if (!is_gbpa(reg) || value >> 32)
        return smref_refuse(error, SMREF_E_ARGUMENT, "register",
                            "only of the 32 bits of SMMU_GBPA and its like others may be in effect");
    smmu->gbpa_in_effect[bank_of(reg)] = value;
    smmu->gbpa_stored[bank_of(reg)] = value != smmu->reg[reg];
    return SMREF_OK;
}

uint64_t smref_get_in_effect(const smref *smmu, smref_register reg)
{
    return is_gbpa(reg) && smmu->gbpa_stored[bank_of(reg)] ? smmu->gbpa_in_effect[bank_of(reg)]
                                                           : smref_get_register(smmu, reg);
}

uint64_t smref_get_register(const smref *smmu, smref_register reg)
{
    return (unsigned)reg < SMREF_REG_COUNT ? smmu->reg[reg] : 0;
}

unsigned smref_architecture(const smref *smmu)
{
    return smmu->arch;
}

bool smref_option_permitted(const smref *smmu, smref_choice choice, unsigned option)
{
    const smref_choice_info *info = smref_choice_at((unsigned)choice);
    if (!info || option >= info->option_count)
        return false;
    const smref_option_info *o = &info->options[option];
    return (!o->since || smmu->arch >= o->since) && (!o->until || smmu->arch <= o->until);
}

smref_status smref_set_choice(smref *smmu, smref_choice choice, unsigned option, smref_error *error)
{
    const smref_choice_info *info = smref_choice_at((unsigned)choice);
    if (!info)
        return smref_refuse(error, SMREF_E_ARGUMENT, "choice", "no choice has the number %u",
                            (unsigned)choice);
    if (option >= info->option_count)
        return smref_refuse(error, SMREF_E_ARGUMENT, info->id, "it has %u options, there is no option %u",
                            info->option_count, option);
    if (!smref_option_permitted(smmu, choice, option))
        return smref_refuse(error, SMREF_E_ARGUMENT, info->id, "option %s is not permitted in SMMUv3.%u",
                            info->options[option].name, smmu->arch & 15U);
    smmu->choice[choice] = (uint8_t)option;
    smmu->settled = false;
    return SMREF_OK;
}

unsigned smref_get_choice(const smref *smmu, smref_choice choice)
{
    return (unsigned)choice < SMREF_CHOICE_COUNT ? smmu->choice[choice] : 0;
}

smref_env smref_env_of(const smref *smmu, smref_sec_sid sec_sid)
{
    return (smref_env){.reg = smmu->reg,
                       .choice = smmu->choice,
                       .arch = smmu->arch,
                       .bank = sec_sid,
                       .ctx_sec_sid = sec_sid};
}

/* 6.3.19, 6.3.67: SFM_ERR tells that the mode was entered. */
static bool service_failure(const smref_env *e)
{
    const uint64_t *reg = e->reg;
    uint64_t errors = reg[SMREF_REG_SMMU_GERROR] ^ reg[SMREF_REG_SMMU_GERRORN];
    if (smref_SMMU_S_IDR1_SECURE_IMPL(reg[SMREF_REG_SMMU_S_IDR1]))
        errors |= reg[SMREF_REG_SMMU_S_GERROR] ^ reg[SMREF_REG_SMMU_S_GERRORN];
    return smref_SMMU_GERROR_SFM_ERR(errors);
}

/* One that can be asked, but not looked into. */
static const smref_memory no_memory = {.read = NULL};

void smref_settle(smref *smmu)
{
    if (smmu->settled)
        return;
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    smmu->not_modelled = smref_not_modelled(&e);
    smmu->lookup_not_modelled = smref_lookup_not_modelled(&e);
    smmu->service_failure = service_failure(&e);
    smref_settle_granules(&smmu->granules, &e);
    smmu->mecid_mask = (uint16_t)smref_derived_mecid_mask(&e);
    smmu->gmecid = (uint16_t)smref_derived_gmecid(&e);
    smmu->direct = smref_sparse_behind(smmu->granules.active ? &no_memory : &smmu->memory);
    for (unsigned i = 0; smmu->granules.active && i < WALK_KINDS * WALK_LEVELS; i++)
        smmu->places[i / WALK_LEVELS][i % WALK_LEVELS].key = SPARSE_NO_KEY;
    smmu->stream_tables_known = smmu->enable_wanted = smmu->enable_acknowledged = 0;
    for (unsigned bank = 0; bank < 3; bank++) {
        uint64_t cr0 = smmu->reg[smref_bank_registers[SMREF_FAMILY_CR0][bank]];
        uint64_t ack = smmu->reg[smref_bank_registers[SMREF_FAMILY_CR0ACK][bank]];
        smmu->enable_wanted |= (uint8_t)(smref_SMMU_CR0_SMMUEN(cr0) << bank);
        smmu->enable_acknowledged |= (uint8_t)(smref_SMMU_CR0ACK_SMMUEN(ack) << bank);
    }
    smmu->oas = (uint8_t)smref_derived_OAS(&e);
    smmu->ias = (uint8_t)smref_derived_IAS(&e);
    for (unsigned i = 0; i < DECODED_ENTRIES; i++) {
        smmu->streams[i].used = false;
        smmu->contexts[i].used = false;
    }
    smmu->settled = true;
}

smref_status smref_check_modelled(const smref *smmu, smref_error *error)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    const char *what = smref_not_modelled(&e);
    return what ? smref_refuse(error, SMREF_E_NOT_MODELLED, "profile", "not modelled: %s", what) : SMREF_OK;
}

unsigned smref_identification_broken(const smref *smmu, uint16_t *rules, unsigned max)
{
    smref_env e = smref_env_of(smmu, SMREF_SEC_NS);
    unsigned count = 0;
    for (unsigned rule = 1; rule < SMREF_RULE_COUNT; rule++) {
        if (strcmp(smref_rule_at(rule)->subject, "identification") || !smref_rule_conditions[rule] ||
            !smref_rule_conditions[rule](&e))
            continue;
        if (count < max)
            rules[count] = (uint16_t)rule;
        count++;
    }
    return count;
}

void smref_set_trace(smref *smmu, void (*step)(void *context, const smref_step *step), void *context)
{
    smmu->trace = step;
    smmu->trace_context = context;
}

/* The environment in which an STE, or a CD reached through one, is judged. */
static smref_env judging_env(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste,
                             const uint64_t *cd)
{
    static const uint64_t none[8] = {0};
    smref_env e = smref_env_of(smmu, sec_sid);
    e.STE = ste ? ste : none;
    e.CD = cd ? cd : none;
    e.ctx_stream_world = smref_derived_ste_stream_world(&e);
    return e;
}

unsigned smref_ste_illegal(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste, uint16_t *rules,
                           unsigned max)
{
    smref_env e = judging_env(smmu, sec_sid, ste, NULL);
    return smref_STE_all_illegal(&e, rules, max);
}

unsigned smref_cd_illegal(const smref *smmu, smref_sec_sid sec_sid, const uint64_t *ste, const uint64_t *cd,
                          uint16_t *rules, unsigned max)
{
    smref_env e = judging_env(smmu, sec_sid, ste, cd);
    return smref_CD_all_illegal(&e, rules, max);
}

smref_field_state smref_field_state_of(const smref *smmu, smref_sec_sid sec_sid, smref_layout layout,
                                       unsigned field, const uint64_t *words, const uint64_t *ste)
{
    smref_env e = judging_env(smmu, sec_sid, layout == SMREF_LAYOUT_STE ? words : ste,
                              layout == SMREF_LAYOUT_CD ? words : NULL);
    e.self = words;
    if (layout == SMREF_LAYOUT_L1STD)
        e.L1STD = words;
    if (layout == SMREF_LAYOUT_L1CD)
        e.L1CD = words;
    return smref_field_state_in(&e, layout, field);
}

bool smref_field_look(const smref *smmu, const smref_field_context *context, smref_layout layout,
                      unsigned field, const uint64_t *words, smref_field_state *state)
{
    const smref_layout_info *info = smref_layout_at((unsigned)layout);
    smref_env e = judging_env(smmu, context->sec_sid, layout == SMREF_LAYOUT_STE ? words : context->ste,
                              layout == SMREF_LAYOUT_CD ? words : context->cd);
    if (!info || field >= info->field_count)
        return false;
    e.self = words;
    if (layout == SMREF_LAYOUT_L1STD)
        e.L1STD = words;
    if (layout == SMREF_LAYOUT_L1CD)
        e.L1CD = words;
    e.ctx_level = (uint64_t)context->level;
    if (context->walk) {
        e.ctx_granule = context->walk->granule;
        e.ctx_ds = context->walk->ds;
    }
    if (!smref_field_present(&e, layout, field))
        return false;
    *state = smref_field_state_in(&e, layout, field);
    return true;
}
