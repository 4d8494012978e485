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

/* A term "IDR0.S1P == 0", "arch < 3.1" or "choice.X == option" that is false here. */
static bool is_false(const smref_abilities *a, const char *term, size_t length)
{
    const char *op, *right;
    size_t left = 0;
    uint64_t value;

    while (left < length && is_word(term[left]))
        left++;
    op = term + left;
    while (*op == ' ')
        op++;
    if (strncmp(op, "==", 2) != 0 && strncmp(op, "!=", 2) != 0 && strncmp(op, "< ", 2) != 0)
        return false;
    right = op + 2;
    while (*right == ' ')
        right++;
    if (left == 4 && !strncmp(term, "arch", 4) && op[0] == '<')
        return a->version >= (unsigned)(strtod(right, NULL) * 10 + 0.5) - 30 + SMREF_V3_0;
    if (left > 7 && !strncmp(term, "choice.", 7) && op[0] == '=') {
        char id[64] = {0};
        smref_choice choice;
        unsigned option;
        strncpy(id, term + 7, left - 7 < 63 ? left - 7 : 63);
        if (!smref_choice_find(id, &choice))
            return false;
        option = smref_get_choice(a->smmu, choice);
        return strncmp(right, smref_choice_at((unsigned)choice)->options[option].name,
                       strlen(smref_choice_at((unsigned)choice)->options[option].name)) != 0;
    }
    if (op[0] == '<' || !id_field(a, term, left, &value) || right[0] < '0' || right[0] > '9')
        return false;
    return (op[0] == '=') != (value == strtoull(right, NULL, 0));
}

/* Whether one of the terms that must all hold does not. */
static bool contradicts(const smref_abilities *a, const char *when)
{
    const char *start = when, *at = when;
    int depth = 0;

    for (const char *look = when; *look; look++) { /* at the top there are only terms that must all hold */
        depth += (*look == '(') - (*look == ')');
        if (!depth && (!strncmp(look, "||", 2) || *look == '?'))
            return false;
    }
    for (;; at++) {
        depth += (*at == '(') - (*at == ')');
        if (*at && (depth || strncmp(at, "&&", 2) != 0))
            continue;
        if (is_false(a, start, (size_t)(at - start)))
            return true;
        if (!*at)
            return false;
        start = at + 2;
        while (*start == ' ')
            start++;
        at++;
    }
}

/* ---- Steps of algorithms --------------------------------------------------------------------------- */

enum needs {
    NEEDS_NEVER = 1, /* a register that does not yet follow, caches, other states that pass unseen */
    NEEDS_SECURE = 2,
    NEEDS_REALM = 4,
    NEEDS_ROOT = 8,
    NEEDS_SSID = 16,
    NEEDS_32 = 32,
    NEEDS_ATOS = 64,
    NEEDS_ECMDQ = 128,
    NEEDS_ATS = 256,
    NEEDS_PRIV = 512, /* devices that make such accesses */
    NEEDS_INST = 1024,
    NEEDS_ATOMIC = 2048,
    NEEDS_NO_SID = 4096,
};

static const struct {
    const char *start, *within; /* of the id; NULL: any */
    unsigned needs;
} needed[] = {
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
    {"CMD_ATC_", NULL, NEEDS_ATS},
    {"CMD_PRI_", NULL, NEEDS_ATS},
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
    {"S1_EPAN_SPACE", NULL, NEEDS_SECURE | NEEDS_PRIV},
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
    {"S1_EPAN", NULL, NEEDS_PRIV},
    {"S1_WRITABLE_PXN", NULL, NEEDS_PRIV | NEEDS_INST},
    {"S1_WXN", NULL, NEEDS_INST},
    {"S1_NO_EXECUTE", NULL, NEEDS_INST},
    {"S2_NO_EXECUTE", NULL, NEEDS_INST},
    {"S2_XNX", NULL, NEEDS_INST},
    {"WRITE_IS_DATA", NULL, NEEDS_INST},
    {"ATOMIC_READ_DENIED", NULL, NEEDS_ATOMIC},
};

static unsigned abilities_of_devices(const smref_abilities *a)
{
    static const struct {
        unsigned can, needs;
    } kinds[] = {{SMREF_CAN_PRIV, NEEDS_PRIV},
                 {SMREF_CAN_INST, NEEDS_INST},
                 {SMREF_CAN_ATOMIC, NEEDS_ATOMIC},
                 {SMREF_CAN_SSID, NEEDS_SSID},
                 {SMREF_CAN_NO_SID, NEEDS_NO_SID}};
    unsigned met = 0;

    for (size_t i = 0; i < a->implementation->device_count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (a->implementation->devices[i].can & kinds[k].can)
                met |= kinds[k].needs;
    return met;
}

static unsigned met_by(const smref_abilities *a)
{
    uint64_t idr0 = smref_get_register(a->smmu, SMREF_REG_SMMU_IDR0);
    unsigned met = abilities_of_devices(a);

    met |= a->bank[SMREF_SEC_SECURE] ? NEEDS_SECURE : 0;
    met |= a->bank[SMREF_SEC_REALM] ? NEEDS_REALM : 0;
    met |= smref_strand_possible(a, SMREF_STRAND_GRANULES) ? NEEDS_ROOT : 0;
    met |= smref_strand_possible(a, SMREF_STRAND_ATOS) ? NEEDS_ATOS : 0;
    met |= a->registers[SMREF_BANK_ECMDQ_PROD][SMREF_SEC_NS] < SMREF_REG_COUNT ? NEEDS_ECMDQ : 0;
    met |= smref_SMMU_IDR0_ATS(idr0) ? NEEDS_ATS : 0;
    met |= a->s1[SMREF_Format_VMSAv8_32][0].count ? NEEDS_32 : 0;
    return a->ssid_bits ? met : met & ~(unsigned)NEEDS_SSID;
}

bool smref_rule_is_absent(const smref_abilities *a, smref_rule rule)
{
    const smref_rule_info *info = smref_rule_at((unsigned)rule);
    unsigned met = met_by(a);

    if (!rule || !strcmp(info->subject, "identification") || (info->when && contradicts(a, info->when)))
        return true;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if ((!needed[i].start || !strncmp(info->id, needed[i].start, strlen(needed[i].start))) &&
            (!needed[i].within || strstr(info->id, needed[i].within)) && needed[i].needs & ~met)
            return !info->when;
    return false;
}
