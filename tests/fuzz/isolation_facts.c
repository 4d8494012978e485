/* From names alone: whose a register is, and where the queues of each bank have theirs. */
#include "isolation_facts.h"

#include <string.h>

const smref_pas isolation_spaces[BANKS] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};
static const char *const bank_names[BANKS] = {"NS", "S", "R"};

struct isolation_facts isolation_facts;

unsigned isolation_register(const char *family, unsigned bank)
{
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const smref_register_info *info = smref_register_at(reg);
        if (strcmp(info->family, family) == 0 && strcmp(info->bank, bank_names[bank]) == 0)
            return reg;
    }
    return SMREF_REG_COUNT;
}

void isolation_learn(void)
{
    static bool ready;
    if (ready)
        return;
    ready = true;
    for (unsigned reg = 0; reg < SMREF_REG_COUNT; reg++) {
        const char *name = smref_register_at(reg)->name;
        isolation_facts.bank[reg] = strncmp(name, "SMMU_S_", 7) == 0       ? SMREF_SEC_SECURE
                                    : strncmp(name, "SMMU_R_", 7) == 0     ? SMREF_SEC_REALM
                                    : strncmp(name, "SMMU_ROOT_", 10) == 0 ? NO_BANK
                                                                           : SMREF_SEC_NS;
    }
    for (unsigned bank = 0; bank < BANKS; bank++) {
        isolation_facts.prod[bank] = isolation_register("ECMDQ_PROD", bank);
        isolation_facts.cons[bank] = isolation_register("ECMDQ_CONS", bank);
        isolation_facts.base[bank] = isolation_register("ECMDQ_BASE", bank);
        isolation_facts.queue_prod[bank] = isolation_register("CMDQ_PROD", bank);
        isolation_facts.queue_cons[bank] = isolation_register("CMDQ_CONS", bank);
        isolation_facts.queue_base[bank] = isolation_register("CMDQ_BASE", bank);
    }
}
