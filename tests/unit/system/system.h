/*
 * A small SMMU that works, for tests to bend: 16 MB of memory, version 3.4, both stages in VMSAv8-64, a
 * linear Stream table, an Event queue of 16 entries; nothing in the tables yet.
 */
#ifndef SYSTEM_H
#define SYSTEM_H

#include "smref.h"

#define MEMORY UINT64_C(0x40000000)
#define MEMORY_SIZE UINT64_C(0x1000000)
#define STRTAB MEMORY
#define EVENTQ (MEMORY + 0x10000)
#define CD_AT (MEMORY + 0x20000)
#define TABLES (MEMORY + 0x100000)

struct system {
    smref_sparse *memory;
    smref_memory interface;
    smref *smmu;
};

/* For tests that access none: each access is an external abort. */
extern const smref_memory system_no_memory;

void system_new(struct system *s);
void system_free(struct system *s);

void system_put(struct system *s, uint64_t at, const uint64_t *words, unsigned count);
void system_put_word(struct system *s, uint64_t at, uint64_t word);
uint64_t system_word(struct system *s, uint64_t at);
void system_set(struct system *s, smref_register reg, uint64_t value);
void system_choose(struct system *s, smref_choice choice, unsigned option);

/* STE of the stream: valid, Config as given, CD at CD_AT, stage 2 with 4 KB pages and 39 bits from TABLES. */
void system_put_ste(struct system *s, uint32_t sid, unsigned config);
/* CD at CD_AT: 4 KB pages and 39 bits from TABLES by TTB0, nothing by TTB1. */
void system_put_cd(struct system *s);
/* At TABLES: entry 1 maps 0x40000000 to itself with a block of 1 GB, readable and writable by all, in both
 * stages. */
void system_put_tables(struct system *s);

/* Performs the access, which must be one that the library takes. */
smref_result system_access(struct system *s, uint32_t sid, uint64_t addr, smref_access_type type);

#endif
