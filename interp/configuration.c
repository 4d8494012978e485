/* An SMMU without memory. */
#include "configuration.h"

#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "profile.h"

static smref_mem_result no_read(void *context, smref_pas pas, uint64_t address, unsigned count,
                                uint64_t *words)
{
    (void)context, (void)pas, (void)address, (void)count, (void)words;
    return SMREF_MEM_ABORT;
}

static smref_mem_result no_write(void *context, smref_pas pas, uint64_t address, unsigned count,
                                 const uint64_t *words)
{
    (void)context, (void)pas, (void)address, (void)count, (void)words;
    return SMREF_MEM_ABORT;
}

smref_memory smref_no_memory(void)
{
    return (smref_memory){.read = no_read, .write = no_write};
}

static bool deposit(const smref_choice_set *set, smref *smmu, smref_jerror *error)
{
    smref_error why = {.status = SMREF_OK};
    smref_choice refused;

    if (smref_choices_deposit(set, smmu, &refused))
        return true;
    (void)smref_set_choice(smmu, refused, (unsigned)set->option[refused], &why);
    snprintf(error->text, sizeof error->text, "%s: %s", why.where, why.text);
    return false;
}

static bool deposit_registers(const smref_register_set *set, smref *smmu, smref_jerror *error)
{
    smref_error why = {.status = SMREF_OK};

    if (!set || smref_registers_deposit(set, smmu, &why))
        return true;
    snprintf(error->text, sizeof error->text, "%s: %s", why.where, why.text);
    return false;
}

smref *smref_configured(const char *profile, const smref_register_set *registers,
                        const smref_choice_set *choices, smref_jerror *error)
{
    const smref_memory memory = smref_no_memory();
    smref_profile *read = smref_alloc(1, sizeof *read);
    smref *smmu = NULL;

    if (smref_profile_open(profile, read, error)) {
        smmu = smref_new(&memory, NULL);
        if (!smmu) {
            snprintf(error->text, sizeof error->text, "the host has no memory left");
        } else {
            if (!deposit_registers(&read->registers, smmu, error) ||
                !deposit_registers(registers, smmu, error) || !deposit(&read->choices, smmu, error) ||
                (choices && !deposit(choices, smmu, error))) {
                smref_free(smmu);
                smmu = NULL;
            }
        }
    }
    smref_registers_clear(&read->registers);
    free(read);
    return smmu;
}
