/* One stream, one 1 GB block: where does an access to 0x40001234 go, and what does a write get? */
#include <inttypes.h>
#include <stdio.h>
#include <smref.h>

int main(void)
{
    static const uint64_t ste[8] = {0x4000100b};                         /* V, stage 1, CD at 0x40001000 */
    static const uint64_t cd[8] = {0x6205c0000019, 0x40002000, 0, 0xff}; /* 39-bit VA */
    static const uint64_t block = 0x80000000 | 0x781; /* 0x80000000, read-only: AP 0b10, AF, ISH, valid */
    static const struct {
        smref_register reg;
        uint64_t value;
    } registers[] = {
        {SMREF_REG_SMMU_IDR0, 0xa},  /* stage 1, AArch64 tables */
        {SMREF_REG_SMMU_IDR5, 0x15}, /* 48-bit addresses, 4 KB granule */
        {SMREF_REG_SMMU_STRTAB_BASE, 0x40000000},
        {SMREF_REG_SMMU_CR0, 0x5}, /* SMMUEN, EVENTQEN */
        {SMREF_REG_SMMU_EVENTQ_BASE, 0x40003000},
    };
    smref_sparse *memory = smref_sparse_new(SMREF_UNMAPPED_ABORT);
    smref_sparse_declare(memory, SMREF_PAS_NS, 0x40000000, 0x4000, 0);
    smref_memory m = smref_sparse_interface(memory);
    m.write(m.context, SMREF_PAS_NS, 0x40000000, 8, ste);
    m.write(m.context, SMREF_PAS_NS, 0x40001000, 8, cd);
    m.write(m.context, SMREF_PAS_NS, 0x40002008, 1, &block);

    smref *smmu = smref_new(&m, NULL);
    for (unsigned i = 0; i < sizeof registers / sizeof *registers; i++)
        smref_set_register(smmu, registers[i].reg, registers[i].value, NULL);
    for (int write = 0; write < 2; write++) {
        smref_access access = {
            .addr = 0x40001234, .size = 4, .priv = true, .type = write ? SMREF_WRITE : SMREF_READ};
        smref_result r;
        if (smref_translate(smmu, &access, &r, NULL) != SMREF_OK)
            return 1;
        if (r.outcome == SMREF_OUTCOME_OK)
            printf("goes to 0x%" PRIx64 "\n", r.pa);
        else
            printf("aborts: event 0x%02x\n", (unsigned)r.event.type);
        for (unsigned i = 0; i < r.rule_count; i++)
            printf("  %-20s %s\n", smref_rule_at(r.rules[i])->id, smref_rule_at(r.rules[i])->section);
    }
    smref_free(smmu);
    smref_sparse_free(memory);
    return 0;
}
