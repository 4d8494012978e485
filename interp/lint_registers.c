/* `smref lint`: registers: identification, bits that mean nothing, tables and queues (6.3). */
#include <string.h>

#include "fields.h"
#include "lint.h"
#include "smref_layout.h"
#include "spec_words.h"

static smref_finding_place place_of(const char *name)
{
    return (smref_finding_place){.what = name};
}

static void check_identification(smref_lint *lint)
{
    uint16_t rules[64];
    unsigned count = smref_identification_broken(lint->machine->smmu, rules, 64);
    const smref_finding_place place = place_of("ID registers");

    for (unsigned i = 0; i < count && i < 64; i++) {
        smref_finding finding =
            smref_lint_finding(SMREF_SEVERITY_ERROR, "identification", &place, (smref_rule)rules[i], NULL);
        snprintf(finding.text, sizeof finding.text, "%s", smref_rule_at(rules[i])->title);
        snprintf(finding.does, sizeof finding.does, "no implementation can have such ID registers");
        smref_findings_add(&lint->findings, &finding);
    }
}

/* ---- Fields ---------------------------------------------------------------------------------------- */

bool smref_lint_given(const smref_lint *lint, unsigned reg)
{
    const smref_snapshot *snapshot = lint->snapshot;

    return snapshot->profile.registers.given[reg] || snapshot->registers.given[reg] ||
           (snapshot->over.registers && snapshot->over.registers->given[reg]);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);

    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Addresses of tables, queues and interrupt messages are of memory: bits above the output size are RES0. */
static void check_addresses(smref_lint *lint, const smref_register_info *reg, const smref_decoding *decoding)
{
    unsigned limit = smref_output_bits(lint->machine->smmu);
    const smref_finding_place place = place_of(reg->name);

    if (!ends_with(reg->family, "_BASE") && !ends_with(reg->family, "IRQ_CFG0"))
        return;
    for (size_t i = 0; i < decoding->field_count; i++) {
        const smref_decoded_field *field = &decoding->fields[i];
        uint64_t address = field->value << field->info->address_low;
        if (field->info->kind != SMREF_KIND_ADDRESS || !(address >> limit))
            continue;
        smref_finding finding =
            smref_lint_finding(SMREF_SEVERITY_WARNING, "address-size", &place, SMREF_RULE_NONE, reg->section);
        finding.field = field->info->name;
        finding.has_value = true;
        finding.value = address;
        snprintf(finding.text, sizeof finding.text, "exceeds the output address size of %u bits", limit);
        smref_findings_add(&lint->findings, &finding);
    }
}

static void check_fields(smref_lint *lint)
{
    const smref_register_info *info;
    smref_decoding decoding;

    for (unsigned reg = 0; (info = smref_register_at(reg)) != NULL; reg++) {
        uint64_t value = smref_get_register(lint->machine->smmu, (smref_register)reg);
        smref_finding_place place = place_of(info->name);
        if (!smref_lint_given(lint, reg))
            continue;
        smref_decode_register(lint->machine->smmu, (smref_register)reg, &value, &decoding);
        smref_lint_fields(lint, &decoding, &place, reg + 1000);
        check_addresses(lint, info, &decoding);
        smref_decoding_free(&decoding);
    }
}

/* ---- The Stream table ------------------------------------------------------------------------------ */

static void check_stream_table(smref_lint *lint, smref_sec_sid sec_sid, smref_register base,
                               smref_register cfg, const char *sid_size)
{
    const smref *smmu = lint->machine->smmu;
    uint64_t at = smref_SMMU_STRTAB_BASE_ADDR_address(smref_get_register(smmu, base));
    uint64_t size = smref_SMMU_STRTAB_BASE_CFG_LOG2SIZE(smref_get_register(smmu, cfg));
    smref_finding_place place = place_of(smref_register_at(base)->name);
    smref_finding finding = smref_lint_finding(SMREF_SEVERITY_WARNING, "alignment", &place, SMREF_RULE_NONE,
                                               smref_register_at(base)->section);
    smref_stream_table table;

    smref_stream_table_look(smmu, sec_sid, &table);
    finding.has_value = true;
    if (table.base != at) {
        finding.field = "ADDR";
        finding.value = at;
        snprintf(finding.text, sizeof finding.text, "is not aligned to the size of the table");
        snprintf(finding.does, sizeof finding.does, "the SMMU uses 0x%llx", (unsigned long long)table.base);
        smref_findings_add(&lint->findings, &finding);
    }
    finding.place.what = smref_register_at(cfg)->name;
    finding.section = smref_register_at(cfg)->section;
    if (size > table.sid_bits) {
        finding.kind = "size";
        finding.field = "LOG2SIZE";
        finding.value = size;
        snprintf(finding.text, sizeof finding.text, "is larger than %s, which is %u", sid_size,
                 table.sid_bits);
        snprintf(finding.does, sizeof finding.does, "StreamIDs have no more bits");
        smref_findings_add(&lint->findings, &finding);
    }
}

static void check_stream_tables(smref_lint *lint)
{
    check_stream_table(lint, SMREF_SEC_NS, SMREF_REG_SMMU_STRTAB_BASE, SMREF_REG_SMMU_STRTAB_BASE_CFG,
                       "IDR1.SIDSIZE");
    if (smref_lint_given(lint, SMREF_REG_SMMU_S_STRTAB_BASE_CFG))
        check_stream_table(lint, SMREF_SEC_SECURE, SMREF_REG_SMMU_S_STRTAB_BASE,
                           SMREF_REG_SMMU_S_STRTAB_BASE_CFG, "S_IDR1.S_SIDSIZE");
    if (smref_lint_given(lint, SMREF_REG_SMMU_R_STRTAB_BASE_CFG))
        check_stream_table(lint, SMREF_SEC_REALM, SMREF_REG_SMMU_R_STRTAB_BASE,
                           SMREF_REG_SMMU_R_STRTAB_BASE_CFG, "IDR1.SIDSIZE");
}

/* ---- Queues ---------------------------------------------------------------------------------------- */

/* The value of "key=VALUE" in the text of a protocol; false when it has no such key. */
static bool protocol_says(const char *protocol, const char *key, char out[64])
{
    char wanted[32];
    const char *at;

    snprintf(wanted, sizeof wanted, " %s=", key);
    at = protocol ? strstr(protocol, wanted) : NULL;
    if (!at)
        return false;
    at += strlen(wanted);
    snprintf(out, 64, "%.*s", (int)strcspn(at, " "), at);
    return true;
}

/* A field of the registers of one bank as conditions name it: "CMDQ_BASE.LOG2SIZE"; what a bank lacks the
 * Non-secure one has: "IDR1.CMDQS". */
static bool field_named(const smref_lint *lint, const char *bank, const char *name, unsigned *reg,
                        uint64_t *value)
{
    const char *dot = strchr(name, '.');
    const smref_register_info *info;

    for (int fallback = 0; dot && fallback < 2; fallback++) {
        for (unsigned i = 0; (info = smref_register_at(i)) != NULL; i++) {
            bool same = strlen(info->family) == (size_t)(dot - name) &&
                        strncmp(info->family, name, strlen(info->family)) == 0 &&
                        strcmp(info->bank, fallback ? "NS" : bank) == 0;
            for (unsigned f = 0; same && f < info->field_count; f++) {
                if (!smref_field_is_named(&info->fields[f]) || strcmp(info->fields[f].name, dot + 1) != 0)
                    continue;
                uint64_t held = smref_get_register(lint->machine->smmu, (smref_register)i);
                *reg = i;
                *value = smref_field_get(&info->fields[f], &held, 0);
                return true;
            }
        }
    }
    return false;
}

static smref_pas space_of(const char *bank)
{
    return strcmp(bank, "S") == 0   ? SMREF_PAS_SECURE
           : strcmp(bank, "R") == 0 ? SMREF_PAS_REALM
                                    : SMREF_PAS_NS;
}

/* The bytes of an entry: those of a command or of a record. Entries of the PRI queue have no layout. */
static uint64_t entry_bytes(const char *family)
{
    if (strcmp(family, "CMDQ_BASE") == 0)
        return smref_layout_at(SMREF_LAYOUT_CMD_SYNC)->bytes;
    return strcmp(family, "EVENTQ_BASE") == 0 ? smref_layout_at(SMREF_LAYOUT_F_TRANSLATION)->bytes : 0;
}

/* The place of a queue: aligned to its size, and in memory. */
static void check_queue_place(smref_lint *lint, const smref_register_info *base, uint64_t held, uint64_t log2)
{
    const smref_field_info *field = NULL;
    uint64_t size = entry_bytes(base->family) << log2, address;
    smref_finding_place place = place_of(base->name);
    smref_finding finding =
        smref_lint_finding(SMREF_SEVERITY_WARNING, "alignment", &place, SMREF_RULE_NONE, base->section);

    for (unsigned i = 0; i < base->field_count; i++)
        if (base->fields[i].kind == SMREF_KIND_ADDRESS)
            field = &base->fields[i];
    if (!field || !size)
        return;
    address = smref_field_get(field, &held, 0) << field->address_low;
    finding.field = field->name;
    finding.has_value = true;
    finding.value = address;
    if (address & (size - 1)) {
        snprintf(finding.text, sizeof finding.text, "is not aligned to the size of the queue, 0x%llx bytes",
                 (unsigned long long)size);
        snprintf(finding.does, sizeof finding.does, "the SMMU uses 0x%llx",
                 (unsigned long long)(address & ~(size - 1)));
        smref_findings_add(&lint->findings, &finding);
    }
    address &= ~(size - 1);
    const smref_pas pas = space_of(base->bank);
    if (smref_lint_outside(lint, pas, address) || smref_lint_outside(lint, pas, address + size - 1)) {
        finding.kind = "outside-memory";
        snprintf(finding.text, sizeof finding.text, "the queue lies outside the declared memory");
        snprintf(finding.does, sizeof finding.does, "accesses to it abort");
        smref_findings_add(&lint->findings, &finding);
    }
}

/* Whether the queue is in use: CR0.CMDQEN and its like; a queue without such a bit is taken as used. */
static bool in_use(const smref_lint *lint, const smref_register_info *index)
{
    char name[64];
    uint64_t value;
    unsigned reg;

    snprintf(name, sizeof name, "CR0.%.*sEN", (int)strcspn(index->family, "_"), index->family);
    return !field_named(lint, index->bank, name, &reg, &value) || value;
}

/* The indexes of a queue name its size and the largest that it may have. */
static void check_queue(smref_lint *lint, const smref_register_info *index)
{
    char size_name[64], max_name[64];
    uint64_t size, max, held;
    unsigned reg, max_reg;
    smref_finding_place place;
    smref_finding finding;

    if (!protocol_says(index->protocol, "size", size_name) ||
        !protocol_says(index->protocol, "max", max_name) ||
        !field_named(lint, index->bank, size_name, &reg, &size) ||
        !field_named(lint, index->bank, max_name, &max_reg, &max) || !smref_lint_given(lint, reg))
        return;
    place = place_of(smref_register_at(reg)->name);
    finding = smref_lint_finding(SMREF_SEVERITY_WARNING, "size", &place, SMREF_RULE_NONE,
                                 smref_register_at(reg)->section);
    if (size > max) {
        finding.field = "LOG2SIZE";
        finding.has_value = true;
        finding.value = size;
        snprintf(finding.text, sizeof finding.text, "is larger than %s, which is %llu", max_name,
                 (unsigned long long)max);
        snprintf(finding.does, sizeof finding.does, "the SMMU uses %llu", (unsigned long long)max);
        smref_findings_add(&lint->findings, &finding);
    }
    held = smref_get_register(lint->machine->smmu, (smref_register)reg);
    if (in_use(lint, index))
        check_queue_place(lint, smref_register_at(reg), held, size < max ? size : max);
}

static void check_queues(smref_lint *lint)
{
    const smref_register_info *info;

    for (unsigned i = 0; (info = smref_register_at(i)) != NULL; i++)
        if (info->protocol && strncmp(info->protocol, "queue_index", 11) == 0 &&
            ends_with(info->family, "_PROD") && info->count == 1)
            check_queue(lint, info);
}

void smref_lint_registers(smref_lint *lint)
{
    check_identification(lint);
    check_fields(lint);
    check_stream_tables(lint);
    check_queues(lint);
}
