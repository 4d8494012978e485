/* What the files about registers and queues share. */
#ifndef SMREF_REGISTERS_H
#define SMREF_REGISTERS_H

#include "smref_access.h"
#include "smref_pages.h"
#include "state.h"

/* The register of a family in a bank, which has it. */
static inline smref_register bank_register(smref_family family, smref_sec_sid bank)
{
    return (smref_register)smref_bank_registers[family][bank];
}

static inline uint64_t bank_value(const struct txn *t, smref_family family, smref_sec_sid bank)
{
    return t->reg[smref_bank_registers[family][bank]];
}

static inline smref_sec_sid bank_of(smref_register reg)
{
    return (smref_sec_sid)smref_register_places[reg].bank;
}

/* The bits of a register that a field has, with all its elements. */
static inline uint64_t smref_bits_of(const smref_field_info *field)
{
    uint64_t word = 0;
    unsigned elements = field->array_count ? field->array_count : 1;
    for (unsigned i = 0; i < elements; i++)
        smref_field_set(field, &word, i, UINT64_MAX);
    return word;
}

/* ---- pages.c: where registers are ------------------------------------------------------------------ */

/* An offset within a page. */
struct place {
    smref_block block;
    uint32_t page; /* which, of several that follow each other */
    uint32_t offset;
};

/* What an offset means. */
struct target {
    smref_register reg;
    uint32_t page;
    unsigned element; /* of an array */
    bool upper;       /* bits 63:32 */
};

/* The page of an offset that counts as `in` says; false where there is none. */
bool smref_find_place(const struct txn *t, const smref_mmio *in, uint32_t offset, struct place *place);
/* The same offset of the page 0 or 1 of which the place's may be an alias (6.2); false where there is none.
 */
bool smref_find_twin(const struct place *place, struct place *twin);
/* Whether what is there is IMPLEMENTATION DEFINED, and the space reaches it. */
bool smref_impdef_place(const struct place *place, smref_pas pas);
bool smref_find_register(const struct txn *t, const struct place *place, struct target *target);

/* ---- register_values.c: one register --------------------------------------------------------------- */

/* What conditions of a register are evaluated in, for an access from a physical address space. */
smref_env smref_env_of_register(const struct txn *t, smref_register reg, smref_pas pas);
/* Why an access gets RAZ/WI: what Root cannot reach either is not there. */
smref_rule smref_out_of_reach(const struct txn *t, smref_register reg);
/* What a read from a space shows. */
uint64_t smref_read_register(struct txn *t, const struct target *target, smref_pas pas);
/* `lanes` are the bits that the access writes. t->ignored gets those that do not count. */
void smref_write_register(struct txn *t, const struct target *target, smref_pas pas, uint64_t value,
                          uint64_t lanes);
/* What the register holds after a write: nothing, when it is not there. */
uint64_t smref_look_back(struct txn *t, const struct target *target, smref_pas pas);
/* Bits of a register whose value the architecture leaves open now. */
uint64_t smref_open_bits(const struct txn *t, smref_register reg, smref_pas pas);

/* ---- register_trace.c: the explanation; these are called with a trace set --------------------------- */

/* `target` is NULL where no register is; `pas` counts as that of the access; `written` and `lanes` are of the
 * register. */
void smref_trace_reach(struct txn *t, const smref_mmio *in, uint32_t offset, const struct target *target,
                       smref_pas pas, uint64_t written, uint64_t lanes);
/* Every field that the register has: `value` is what a read shows, `taken` the bits that a write writes. */
void smref_trace_read(struct txn *t, const smref_env *e, smref_register reg, uint64_t value);
void smref_trace_written(struct txn *t, const smref_env *e, smref_register reg, uint64_t taken);
/* Registers that are not as they were `before`. */
void smref_trace_changes(struct txn *t, const uint64_t *before);
void smref_trace_command(struct txn *t, smref_pas pas, smref_layout layout, uint64_t address, uint64_t index,
                         const uint64_t *words);

/* ---- protocols.c ----------------------------------------------------------------------------------- */

/* The register gets the value, and what this sets off happens (6.3.9, 6.3.14, 6.3.20, ...). */
void smref_protocol_write(struct txn *t, smref_register reg, uint64_t value);
/* What a read of a queue index shows (6.3.27, 6.3.28); other registers pass. */
uint64_t smref_queue_index_read(struct txn *t, smref_register reg, uint64_t value);
/* Whether bits of the index, or of the other index of its queue, are UNKNOWN, since the queue was made larger
 * (6.3.27). */
bool smref_queue_index_is_open(const struct txn *t, smref_register index);
/* log2 of the number of entries of the queue behind an index: LOG2SIZE, as far as implemented (6.3.26). */
unsigned smref_queue_log2size(const struct txn *t, smref_register index);

/* ---- operations.c ---------------------------------------------------------------------------------- */

/* A write to a register that starts something by a flag. */
void smref_run(struct txn *t, smref_register reg, uint64_t value);
/* What else happens when the SMMUEN of a bank becomes 1 (6.3.9.6, 6.3.62). */
void smref_smmuen_set(struct txn *t, smref_sec_sid bank);

/* ---- atos.c: address translation operations (chapter 9) --------------------------------------------- */

/* RUN of the interface behind a control register is set, and SMMUEN of the interface is 1. */
void smref_run_atos(struct txn *t, smref_register ctrl);
/* The SMMUEN of a bank becomes 0: the end of requests under way (6.3.37). */
void smref_end_atos(struct txn *t, smref_sec_sid bank);
/* Bits of a result register that the last request left open; none of other registers. */
uint64_t smref_atos_open(const struct txn *t, smref_register reg);

/* ---- command_queue.c: the Command queue behind its write index is enabled and not empty (4.1.2) ------ */

void smref_consume_commands(struct txn *t, smref_register prod);
/* The same after a write of the index. */
void smref_consume_posted(struct txn *t, smref_register prod);

/* ---- ecmdq.c: Enhanced Command queues (3.5.6) ------------------------------------------------------ */

/* Brings the registers of one into those of queue 0 of its bank, and back again. */
void smref_exchange_ecmdq(smref *smmu, smref_sec_sid bank, unsigned queue);
/* The write of ECMDQ_PROD, and what it sets off. */
void smref_ecmdq_write(struct txn *t, smref_register prod, uint64_t value);
/* What ECMDQ_CONS holds after a write of it. */
uint64_t smref_ecmdq_acknowledged(struct txn *t, smref_register cons, uint64_t value);

#endif
