/* Rules that no state of an implementation reaches, as far as that can be told from what it has. */
#include <stdlib.h>
#include <string.h>

#include "goals.h"
#include "smref_layout.h"

/* ---- Conditions over ID registers and choices ------------------------------------------------------ */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* The value of an ID register's field, "IDR0.S1P"; false: it is none, or has part of it taken. */
static bool id_field(const smref_abilities *a, const char *word, size_t length, uint64_t *value)
{
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        const smref_register_info *info = smref_register_at(i);
        size_t name = strlen(info->name + 5);
        if (!strstr(info->name, "IDR") || name >= length || strncmp(info->name + 5, word, name) != 0 ||
            word[name] != '.')
            continue;
        for (unsigned f = 0; f < info->field_count; f++) {
            const char *field = info->fields[f].name;
            uint64_t held = smref_get_register(a->smmu, (smref_register)i);
            if (strlen(field) != length - name - 1 || strncmp(field, word + name + 1, length - name - 1) != 0)
                continue;
            *value = smref_field_get(&info->fields[f], &held, 0);
            return true;
        }
    }
    return false;
}

/* What is known of a condition before any state is known. */
enum truth { UNKNOWN, FALSE, TRUE };

struct reader {
    const smref_abilities *a;
    const char *at;
    unsigned depth; /* of derived values in derived values */
};

static enum truth read_or(struct reader *r);

static enum truth truth_of(bool value)
{
    return value ? TRUE : FALSE;
}

static bool has_word(const char *text, size_t length, const char *word)
{
    for (size_t i = 0; i + strlen(word) <= length; i++)
        if (!strncmp(text + i, word, strlen(word)))
            return true;
    return false;
}

/* "choice.X == option", "arch < 3.1", "ctx.sec_sid == Secure" */
static enum truth compare_special(const smref_abilities *a, const char *left, size_t length, const char *op,
                                  const char *right, size_t rest)
{
    static const char *const states[SMREF_BANKS] = {"Non_secure", "Secure", "Realm"};
    char id[64] = {0};
    smref_choice choice;

    if (length == 4 && !strncmp(left, "arch", 4)) {
        unsigned version = SMREF_V3_0 + (unsigned)(right[2] - '0'); /* "3.1" */
        return *op == '<' ? truth_of(a->version < version) : truth_of(a->version >= version);
    }
    if (length > 7 && length < 64 && !strncmp(left, "choice.", 7) && *op == '=') {
        memcpy(id, left + 7, length - 7);
        if (smref_choice_find(id, &choice)) {
            const char *name =
                smref_choice_at((unsigned)choice)->options[smref_get_choice(a->smmu, choice)].name;
            return truth_of(strlen(name) <= rest && !strncmp(right, name, strlen(name)));
        }
    }
    if (length == 11 && !strncmp(left, "ctx.sec_sid", 11))
        for (unsigned b = 0; b < SMREF_BANKS; b++)
            if (!strncmp(right, states[b], strlen(states[b])) && (!a->bank[b] || a->bank_count == 1))
                return truth_of(a->bank[b] == (*op == '='));
    return UNKNOWN;
}

/* A condition without operators that join conditions. */
static enum truth leaf_of(const struct reader *r, const char *text, size_t length)
{
    const smref_abilities *a = r->a;
    size_t left = 0, op, right;
    uint64_t value, idr5 = smref_get_register(a->smmu, SMREF_REG_SMMU_IDR5);
    enum truth found;

    if (length >= 4 && (!strncmp(text, "true", 4) || !strncmp(text, "false", 5)))
        return truth_of(text[0] == 't');
    while (left < length && is_word(text[left]))
        left++;
    if (left == length && length > 8 && !strncmp(text, "derived.", 8) && r->depth < 4)
        for (unsigned i = 0; smref_term_at(i); i++)
            if (smref_term_at(i)->expr && strlen(smref_term_at(i)->name) == length &&
                !strncmp(smref_term_at(i)->name, text, length)) {
                struct reader inner = {a, smref_term_at(i)->expr, r->depth + 1};
                return read_or(&inner);
            }
    if (has_word(text, length, "== VMSAv9_128") && !smref_SMMU_IDR5_D128(idr5))
        return FALSE;
    if (!id_field(a, text, left, &value))
        value = UINT64_MAX;
    if (left < length && text[left] == '[' && value != UINT64_MAX) { /* one bit of it */
        value = value >> (text[left + 1] - '0') & 1;
        left += 3;
    }
    for (op = left; op < length && text[op] == ' ';)
        op++;
    if (op == length)
        return value == UINT64_MAX ? UNKNOWN : truth_of(value);
    for (right = op; right < length && strchr("=!<> ", text[right]);)
        right++;
    found = compare_special(a, text, left, text + op, text + right, length - right);
    if (found != UNKNOWN || value == UINT64_MAX || right == length || text[right] < '0' || text[right] > '9')
        return found;
    if (text[op] == '=' || text[op] == '!')
        return truth_of((value == strtoull(text + right, NULL, 0)) == (text[op] == '='));
    return UNKNOWN;
}

/* Up to the operator that ends it. */
static enum truth read_leaf(struct reader *r)
{
    const char *start = r->at;
    size_t length;
    int depth = 0;

    for (; *r->at; r->at++) {
        if (!depth && (*r->at == ')' || *r->at == '?' || *r->at == ':' || !strncmp(r->at, "&&", 2) ||
                       !strncmp(r->at, "||", 2)))
            break;
        depth += (*r->at == '(' || *r->at == '{') - (*r->at == ')' || *r->at == '}');
    }
    length = (size_t)(r->at - start);
    while (length && start[length - 1] == ' ')
        length--;
    return leaf_of(r, start, length);
}

static void skip_spaces(struct reader *r)
{
    while (*r->at == ' ')
        r->at++;
}

/* Whether a parenthesis here holds a condition, not a number. */
static bool joins(const struct reader *r)
{
    const char *at = r->at;
    int depth = 0;

    do
        depth += (*at == '(') - (*at == ')');
    while (depth && *at++);
    at += *at == ')';
    while (*at == ' ')
        at++;
    return !*at || *at == ')' || *at == '?' || *at == ':' || !strncmp(at, "&&", 2) || !strncmp(at, "||", 2);
}

static enum truth read_one(struct reader *r)
{
    enum truth one;

    skip_spaces(r);
    if (*r->at == '!' && r->at[1] != '=') {
        r->at++;
        one = read_one(r);
        return one == TRUE ? FALSE : one == FALSE ? TRUE : UNKNOWN;
    }
    if (*r->at != '(' || !joins(r))
        return read_leaf(r);
    r->at++;
    one = read_or(r);
    r->at += *r->at == ')';
    skip_spaces(r);
    return one;
}

static enum truth read_and(struct reader *r)
{
    enum truth all = read_one(r);

    for (skip_spaces(r); !strncmp(r->at, "&&", 2); skip_spaces(r)) {
        enum truth one;
        r->at += 2;
        one = read_one(r);
        all = all == FALSE || one == FALSE ? FALSE : all == TRUE ? one : UNKNOWN;
    }
    return all;
}

static enum truth read_or(struct reader *r)
{
    enum truth any = read_and(r), yes, no;

    for (skip_spaces(r); !strncmp(r->at, "||", 2); skip_spaces(r)) {
        enum truth one;
        r->at += 2;
        one = read_and(r);
        any = any == TRUE || one == TRUE ? TRUE : any == FALSE ? one : UNKNOWN;
    }
    if (*r->at != '?')
        return any;
    r->at++;
    yes = read_or(r);
    skip_spaces(r);
    r->at += *r->at == ':';
    no = read_or(r);
    return any == TRUE ? yes : any == FALSE ? no : yes == no ? yes : UNKNOWN;
}

static enum truth truth_of_rule(const smref_abilities *a, const smref_rule_info *info)
{
    struct reader r = {a, info->when, 0};

    return info->when ? read_or(&r) : UNKNOWN;
}

/* A condition that cannot be met, or one before it in its list that always is. */
static bool contradicts(const smref_abilities *a, unsigned rule)
{
    const smref_rule_info *info = smref_rule_at(rule);

    if (!info->when)
        return false;
    for (unsigned i = 1; i < rule; i++)
        if (!strcmp(smref_rule_at(i)->subject, info->subject) && truth_of_rule(a, smref_rule_at(i)) == TRUE)
            return true;
    return truth_of_rule(a, info) == FALSE;
}

/* ---- Steps of algorithms --------------------------------------------------------------------------- */

/* What a rule needs of the implementation. */
#define NEEDS_NEVER                                                                                          \
    (UINT64_C(1) << 0) /* a register that does not yet follow, caches, other states that pass unseen */
#define NEEDS_SECURE (UINT64_C(1) << 1)
#define NEEDS_REALM (UINT64_C(1) << 2)
#define NEEDS_ROOT (UINT64_C(1) << 3)
#define NEEDS_SSID (UINT64_C(1) << 4)
#define NEEDS_32 (UINT64_C(1) << 5)
#define NEEDS_ATOS (UINT64_C(1) << 6)
#define NEEDS_ECMDQ (UINT64_C(1) << 7)
#define NEEDS_ATS (UINT64_C(1) << 8)
#define NEEDS_PRIV (UINT64_C(1) << 9) /* devices that make such accesses */
#define NEEDS_INST (UINT64_C(1) << 10)
#define NEEDS_ATOMIC (UINT64_C(1) << 11)
#define NEEDS_NO_SID (UINT64_C(1) << 12)
#define NEEDS_STALL (UINT64_C(1) << 13)
#define NEEDS_NO_STALL (UINT64_C(1) << 14)
#define NEEDS_FORCED (UINT64_C(1) << 15)
#define NEEDS_MSI (UINT64_C(1) << 16)
#define NEEDS_WIRED (UINT64_C(1) << 17)
#define NEEDS_SEV (UINT64_C(1) << 18)
#define NEEDS_TYPES (UINT64_C(1) << 19) /* overrides of memory types, and of permissions */
#define NEEDS_PERMS (UINT64_C(1) << 20)
#define NEEDS_ATTRS (UINT64_C(1) << 21)
#define NEEDS_DS (UINT64_C(1) << 22)
#define NEEDS_FWB (UINT64_C(1) << 23)
#define NEEDS_MTEPERM (UINT64_C(1) << 24)
#define NEEDS_E0PD (UINT64_C(1) << 25)
#define NEEDS_PRESET (UINT64_C(1) << 26)
#define NEEDS_BELOW_52                                                                                       \
    (UINT64_C(1) << 27) /* an output address size below 52 bits, or below that of intermediate addresses */
#define NEEDS_BELOW_IAS (UINT64_C(1) << 28)
#define NEEDS_RAZ_WI (UINT64_C(1) << 29)
#define NEEDS_EPAN (UINT64_C(1) << 30)
#define NEEDS_SEL2 (UINT64_C(1) << 31) /* Secure EL2 and stage 2 */
#define NEEDS_NO_SEL2 (UINT64_C(1) << 32)
#define NEEDS_NO_RME (UINT64_C(1) << 33)     /* IDR0.RME_IMPL 0 */
#define NEEDS_NARROW_IDS (UINT64_C(1) << 34) /* StreamIDs or SubstreamIDs of less than the most bits */
#define NEEDS_ONE_STAGE (UINT64_C(1) << 35)

static const struct {
    const char *start, *within; /* of the id; NULL: any */
    uint64_t needs;
} needed[] = {
    {"CD_S_FORCED", NULL, NEEDS_FORCED},
    {"STE_S2S_FORCED", NULL, NEEDS_FORCED},
    {"CD_S_UNSUPPORTED", NULL, NEEDS_NO_STALL},
    {"STE_S2S_UNSUPPORTED", NULL, NEEDS_NO_STALL},
    {"STE_S1STALLD_NON_SECURE", NULL, NEEDS_NO_STALL},
    {"CMD_RESUME_UNSUPPORTED", NULL, NEEDS_NO_STALL},
    {"CMD_STALL_TERM_UNSUPPORTED", NULL, NEEDS_NO_STALL},
    {"CD_S_DISABLED_BY_STE", NULL, NEEDS_STALL},
    {"CMD_RESUME_SSEC", NULL, NEEDS_STALL},
    {"CMD_STALL_TERM_SSEC", NULL, NEEDS_STALL},
    {"CMD_STALL_NONE", NULL, NEEDS_STALL},
    {"CD_AA64_VMSAV8_64_UNSUPPORTED", NULL, NEEDS_32},
    {"CD_AA64_VMSAV8_32_SEL2", NULL, NEEDS_32 | NEEDS_SECURE},
    {"STE_S_S2", NULL, NEEDS_SEL2},
    {"S2_SECURE_IPA", NULL, NEEDS_SEL2},
    {"S2_NS_IPA", NULL, NEEDS_SEL2},
    {"ATOS_SECURE_STAGE2", NULL, NEEDS_ATOS | NEEDS_SECURE | NEEDS_NO_SEL2},
    {"GPI_SECURE", NULL, NEEDS_ROOT | NEEDS_NO_SEL2},
    {"PREFETCH_GPC", NULL, NEEDS_ROOT | NEEDS_NO_RME},
    {"ATOS_ID_TOO_WIDE", NULL, NEEDS_ATOS | NEEDS_NARROW_IDS},
    {"CMD_ATS_OUT_OF_RANGE", NULL, NEEDS_ATS | NEEDS_NARROW_IDS},
    {"ATOS_STAGE_NOT_IMPLEMENTED", NULL, NEEDS_ATOS | NEEDS_ONE_STAGE},
    {"ATOS_RUN_WHEN_DISABLED", NULL, NEEDS_NEVER},
    {"CMD_SYNC_MSI", NULL, NEEDS_MSI},
    {"CMD_SYNC_WIRED_TOO", NULL, NEEDS_MSI},
    {"CMD_SYNC_WIRED", NULL, NEEDS_WIRED},
    {"CMD_SYNC_SEV", NULL, NEEDS_SEV},
    {"CMDQ_NON_FULL_EVENT", NULL, NEEDS_SEV},
    {"IRQ_MSI", NULL, NEEDS_MSI},
    {"IRQ_MSI_BEYOND_OAS", NULL, NEEDS_MSI | NEEDS_BELOW_52},
    {"IRQ_WIRED_TOO", NULL, NEEDS_MSI},
    {"IRQ_WIRED", NULL, NEEDS_WIRED},
    {"GERROR_ACTIVE_ALREADY", NULL, NEEDS_MSI},
    {"GERROR_MSI", NULL, NEEDS_MSI},
    {"ATTR_MTCFG", NULL, NEEDS_TYPES},
    {"ATTR_MEMATTR_RESERVED", NULL, NEEDS_TYPES},
    {"ATTR_SHCFG", NULL, NEEDS_TYPES},
    {"ATTR_ALLOCCFG", NULL, NEEDS_TYPES},
    {"ATTR_HINTS_OF", NULL, NEEDS_ATTRS},
    {"ATTR_NO_ALLOCATE", NULL, NEEDS_ATTRS},
    {"ATTR_DS_SH", NULL, NEEDS_DS},
    {"ATTR_S2_FWB", NULL, NEEDS_FWB},
    {"ATTR_FWB", NULL, NEEDS_FWB},
    {"ATTR_MTEPERM", NULL, NEEDS_MTEPERM},
    {"PRIVCFG_", NULL, NEEDS_PERMS},
    {"INSTCFG_", NULL, NEEDS_PERMS},
    {"S1_E0PD", NULL, NEEDS_E0PD},
    {"S1_FAULT_RAZ_WI", NULL, NEEDS_RAZ_WI},
    {"REG_PRESET", NULL, NEEDS_PRESET},
    {"REG_WITHOUT_UPDATE_IGNORED", NULL, NEEDS_NEVER}, /* of MPAM */
    {"REG_FAULT_CLEARED", NULL, NEEDS_ROOT},
    {"REG_FIELD_READ_ONLY", NULL, NEEDS_ROOT},
    {"S2_BYPASS_TRUNCATE", NULL, NEEDS_BELOW_IAS},
    {"S1DSS_BYPASS_OAS", NULL, NEEDS_BELOW_IAS},
    {"S2_LPAE_TRUNCATE", NULL, NEEDS_BELOW_IAS},
    {"EVENT_IPA_ABOVE_OAS", NULL, NEEDS_BELOW_IAS},
    {"G64K_HIGH_BITS", NULL, NEEDS_BELOW_52},
    {"GPC_BASE_BEYOND_OAS", NULL, NEEDS_BELOW_52},
    {"ATOS_ADDR_ABOVE_OAS", NULL, NEEDS_BELOW_52},
    {"ATOS_FADDR_ABOVE_OAS", NULL, NEEDS_BELOW_52},
    {"CMD_ATS_NO_PASID", NULL, NEEDS_NEVER}, /* ATS without substreams */
    {NULL, "_IN_TRANSITION", NEEDS_NEVER},
    {"HELD_", NULL, NEEDS_NEVER},
    {"TLB_CONFLICT", NULL, NEEDS_NEVER},
    {"CFG_CONFLICT", NULL, NEEDS_NEVER},
    {"CMD_REMOVED", NULL, NEEDS_NEVER},
    {"ROOT_TLBI_REMOVED", NULL, NEEDS_NEVER},
    {"ROOT_TLBI_NOTHING", NULL, NEEDS_NEVER},
    {"SMMU_DISABLED_NOT_UPDATED", NULL, NEEDS_NEVER},
    {"IRQ_ENABLING", NULL, NEEDS_NEVER},
    {"IRQ_DISABLING", NULL, NEEDS_NEVER},
    {"REG_UPDATE_OVERTAKEN", NULL, NEEDS_NEVER},
    {"INIT_CANCELLED", NULL, NEEDS_NEVER},
    {"INIT_DISTURBED", NULL, NEEDS_NEVER},
    {"ATOS_STREAM_STOPPED", NULL, NEEDS_NEVER},
    {"SFM_", NULL, NEEDS_NEVER},
    {"ATOS_", NULL, NEEDS_ATOS},
    {"REG_RESULT_OPEN", NULL, NEEDS_ATOS},
    {"ATOS_", "SECURE", NEEDS_ATOS | NEEDS_SECURE},
    {"ATOS_NS", NULL, NEEDS_ATOS | NEEDS_SECURE},
    {"ATOS_SIF", NULL, NEEDS_ATOS | NEEDS_SECURE},
    {"ECMDQ_", NULL, NEEDS_ECMDQ},
    {"CMD_ATS_", NULL, NEEDS_ATS},
    {"CMD_ATC_INV_S", NULL, NEEDS_ATS},
    {"CMD_PRI_RESP_R", NULL, NEEDS_ATS},
    {"CMD_PRI_RESP_S", NULL, NEEDS_ATS},
    {"CMD_SYNC_ATC", NULL, NEEDS_ATS},
    {"GPC", NULL, NEEDS_ROOT},
    {"GPF_", NULL, NEEDS_ROOT},
    {"GPT_", NULL, NEEDS_ROOT},
    {"GPI_", NULL, NEEDS_ROOT},
    {"ROOT_", NULL, NEEDS_ROOT},
    {"PREFETCH_GPC", NULL, NEEDS_ROOT},
    {"INIT_", "GPC", NEEDS_ROOT | NEEDS_SECURE},
    {"INIT_", NULL, NEEDS_SECURE},
    {"NOSTREAMID", NULL, NEEDS_ROOT | NEEDS_NO_SID},
    {"MECID", "NO_STREAM", NEEDS_REALM | NEEDS_NO_SID},
    {"MECID", NULL, NEEDS_REALM},
    {"BYPASS_REALM", "EXECUTE", NEEDS_REALM | NEEDS_INST},
    {NULL, "REALM_EXECUTE", NEEDS_REALM | NEEDS_INST},
    {NULL, "REALM", NEEDS_REALM},
    {NULL, "_AMEC", NEEDS_REALM},
    {"SIF", NULL, NEEDS_SECURE | NEEDS_INST},
    {"SMMU_DISABLED_SIF", NULL, NEEDS_SECURE | NEEDS_INST},
    {"NSTABLE", NULL, NEEDS_SECURE},
    {"NSCFG", NULL, NEEDS_SECURE},
    {"S1_NS", NULL, NEEDS_SECURE},
    {"S2_NS_IPA", NULL, NEEDS_SECURE},
    {NULL, "SECURE", NEEDS_SECURE},
    {"REG_S_", NULL, NEEDS_SECURE},
    {"REG_STALL_MODEL", NULL, NEEDS_SECURE},
    {"REG_SPACE", NULL, NEEDS_SECURE},
    {"S1_EPAN_SPACE", NULL, NEEDS_SECURE | NEEDS_PRIV | NEEDS_EPAN},
    {"SSID_OUT", NULL, NEEDS_SSID},
    {"SSID_SUB", NULL, NEEDS_SSID},
    {"SSID_WITHOUT", NULL, NEEDS_SSID},
    {"S1DSS", NULL, NEEDS_SSID},
    {"CD_TABLE", NULL, NEEDS_SSID},
    {"L1CD", NULL, NEEDS_SSID},
    {"L2PTR", NULL, NEEDS_SSID},
    {"S1CONTEXTPTR_LOW", NULL, NEEDS_SSID},
    {NULL, "LPAE", NEEDS_32},
    {NULL, "BLOCK_BEYOND_RANGE", NEEDS_32},
    {"S1_UWXN", NULL, NEEDS_32 | NEEDS_INST},
    {"S1_PAN", NULL, NEEDS_PRIV},
    {"S1_EPAN", NULL, NEEDS_PRIV | NEEDS_EPAN},
    {"S1_WRITABLE_PXN", NULL, NEEDS_PRIV | NEEDS_INST},
    {"S1_WXN", NULL, NEEDS_INST},
    {"S1_NO_EXECUTE", NULL, NEEDS_INST},
    {"S2_NO_EXECUTE", NULL, NEEDS_INST},
    {"S2_XNX", NULL, NEEDS_INST},
    {"WRITE_IS_DATA", NULL, NEEDS_INST},
    {"ATOMIC_READ_DENIED", NULL, NEEDS_ATOMIC},
};

static uint64_t abilities_of_devices(const smref_abilities *a)
{
    static const struct {
        unsigned can;
        uint64_t needs;
    } kinds[] = {{SMREF_CAN_PRIV, NEEDS_PRIV},     {SMREF_CAN_INST, NEEDS_INST},
                 {SMREF_CAN_ATOMIC, NEEDS_ATOMIC}, {SMREF_CAN_ATTRS, NEEDS_ATTRS},
                 {SMREF_CAN_SSID, NEEDS_SSID},     {SMREF_CAN_NO_SID, NEEDS_NO_SID}};
    uint64_t met = 0;

    for (size_t i = 0; i < a->implementation->device_count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (a->implementation->devices[i].can & kinds[k].can)
                met |= kinds[k].needs;
    return met;
}

/* Of the Stall models of all Security states. */
static uint64_t stall_models(const smref_abilities *a, uint64_t idr0)
{
    uint64_t met = 0;

    for (unsigned b = 0; b < a->bank_count; b++) {
        uint64_t model = smref_SMMU_IDR0_STALL_MODEL(idr0);
        if (a->banks[b] == SMREF_SEC_SECURE)
            model = smref_SMMU_S_IDR0_STALL_MODEL(smref_get_register(a->smmu, SMREF_REG_SMMU_S_IDR0));
        if (a->banks[b] == SMREF_SEC_REALM)
            model = smref_SMMU_R_IDR0_STALL_MODEL(smref_get_register(a->smmu, SMREF_REG_SMMU_R_IDR0));
        met |= model == 1 ? NEEDS_NO_STALL : model == 2 ? NEEDS_STALL | NEEDS_FORCED : NEEDS_STALL;
    }
    return met;
}

static uint64_t features(const smref_abilities *a, uint64_t idr0)
{
    uint64_t idr1 = smref_get_register(a->smmu, SMREF_REG_SMMU_IDR1);
    uint64_t idr3 = smref_get_register(a->smmu, SMREF_REG_SMMU_IDR3);
    uint64_t met = stall_models(a, idr0);

    met |= smref_SMMU_IDR0_MSI(idr0) ? NEEDS_MSI : NEEDS_WIRED;
    met |= smref_SMMU_IDR0_SEV(idr0) ? NEEDS_SEV : 0;
    met |= smref_SMMU_IDR0_TERM_MODEL(idr0) ? 0 : NEEDS_RAZ_WI;
    met |= smref_SMMU_IDR1_ATTR_TYPES_OVR(idr1) ? NEEDS_TYPES | NEEDS_ATTRS : 0;
    met |= smref_SMMU_IDR1_ATTR_PERMS_OVR(idr1) ? NEEDS_PERMS : 0;
    met |= smref_SMMU_IDR1_TABLES_PRESET(idr1) || smref_SMMU_IDR1_QUEUES_PRESET(idr1) ? NEEDS_PRESET : 0;
    met |= smref_SMMU_IDR3_FWB(idr3) ? NEEDS_FWB : 0;
    met |= smref_SMMU_IDR3_MTEPERM(idr3) ? NEEDS_MTEPERM : 0;
    met |= smref_SMMU_IDR3_E0PD(idr3) ? NEEDS_E0PD : 0;
    met |= smref_SMMU_IDR3_EPAN(idr3) ? NEEDS_EPAN : 0;
    met |= smref_SMMU_IDR5_DS(smref_get_register(a->smmu, SMREF_REG_SMMU_IDR5)) ? NEEDS_DS : 0;
    met |= smref_SMMU_S_IDR1_SEL2(smref_get_register(a->smmu, SMREF_REG_SMMU_S_IDR1)) ? NEEDS_SEL2
                                                                                      : NEEDS_NO_SEL2;
    met |= smref_SMMU_IDR0_RME_IMPL(idr0) ? 0 : NEEDS_NO_RME;
    met |= a->sid_bits[SMREF_SEC_NS] < 32 || a->ssid_bits < 20 ? NEEDS_NARROW_IDS : 0;
    met |= a->stage1 && a->stage2 ? 0 : NEEDS_ONE_STAGE;
    met |= a->output_bits < 52 ? NEEDS_BELOW_52 : 0;
    met |= a->output_bits < a->intermediate_bits ? NEEDS_BELOW_IAS : 0;
    return met;
}

static uint64_t met_by(const smref_abilities *a)
{
    uint64_t idr0 = smref_get_register(a->smmu, SMREF_REG_SMMU_IDR0);
    uint64_t met = abilities_of_devices(a);

    met |= a->bank[SMREF_SEC_SECURE] ? NEEDS_SECURE : 0;
    met |= a->bank[SMREF_SEC_REALM] ? NEEDS_REALM : 0;
    met |= smref_strand_possible(a, SMREF_STRAND_GRANULES) ? NEEDS_ROOT : 0;
    met |= smref_strand_possible(a, SMREF_STRAND_ATOS) ? NEEDS_ATOS : 0;
    met |= a->registers[SMREF_BANK_ECMDQ_PROD][SMREF_SEC_NS] < SMREF_REG_COUNT ? NEEDS_ECMDQ : 0;
    met |= smref_SMMU_IDR0_ATS(idr0) ? NEEDS_ATS : 0;
    met |= a->s1[SMREF_Format_VMSAv8_32][0].count ? NEEDS_32 : 0;
    met |= features(a, idr0);
    return a->ssid_bits ? met : met & ~NEEDS_SSID;
}

bool smref_rule_is_absent(const smref_abilities *a, smref_rule rule)
{
    const smref_rule_info *info = smref_rule_at((unsigned)rule);
    uint64_t met = met_by(a);

    if (!rule || !strcmp(info->subject, "identification") || contradicts(a, (unsigned)rule))
        return true;
    if (a->version > SMREF_V3_0 && !strcmp(info->id, "S1CONTEXTPTR_BEYOND_OAS"))
        return true; /* later versions have C_BAD_STE (3.4.3) */
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if ((!needed[i].start || !strncmp(info->id, needed[i].start, strlen(needed[i].start))) &&
            (!needed[i].within || strstr(info->id, needed[i].within)) && needed[i].needs & ~met)
            return true;
    return false;
}
