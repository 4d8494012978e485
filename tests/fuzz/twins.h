/*
 * Two machines with the same history, and what holds after any operation on them: the same answers twice;
 * nothing changes where something was refused or read; read-only registers stand still; no index passes the
 * other; errors toggle only while they are inactive; and no bank reaches into another, neither into its
 * registers nor into its memory.
 */
#ifndef TWINS_H
#define TWINS_H

#include "smref.h"

#define WORLD_BYTES 0x20000u /* of each physical address space, from address 0 on; what is beyond aborts */
#define BANKS 3

/* Starts a new history: both as new, with memory that the seed determines. Once for each execution. */
void twins_begin(const char *fuzzer, uint64_t seed);
/* The implementation, before twins_start: ID registers, choices, IMPLEMENTATION DEFINED reset values. */
void twins_set(smref_register reg, uint64_t value);
void twins_choose(smref_choice choice, unsigned option);
void twins_start(uint64_t unknown);
void twins_end(void);

/* Operations. The result is that of both; what the library refuses is counted, and changes nothing. */
smref_status twins_access_register(const smref_mmio *access, smref_result *result);
smref_status twins_translate(const smref_access *access, smref_result *result);
void twins_reset(uint64_t unknown);
/* Software stores a word; the address is cut to what there is. */
void twins_store(smref_pas pas, uint64_t address, uint64_t word);

/* How many operations there were since twins_begin, what was refused included. */
unsigned twins_operations(void);
/* Where a register is in this implementation: fills in block, page and offset. */
void twins_locate(smref_register reg, unsigned element, smref_mmio *access);

uint64_t twins_held(unsigned reg);
/* The register of a family in a bank (or outside the banks); SMREF_REG_COUNT where there is none. */
unsigned twins_register(const char *family, smref_sec_sid bank);
/* The value of that register. */
uint64_t twins_value(const char *family, smref_sec_sid bank);

/* How many of each there were, as a line of text on standard output. */
void twins_report(uint64_t seed);

_Noreturn void twins_broken(const char *what, unsigned reg);

#endif
