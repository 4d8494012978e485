/*
 * A Root address space of few words, and an SMMU that looks for granule protection tables in it (3.25, DDI
 * 0487 D9). Devices without a StreamID make the accesses (3.25.1.1), so that nothing but the check decides.
 * One at a time.
 */
#ifndef ROOT_H
#define ROOT_H

#include "smref.h"

extern smref *root_smmu;

void root_set_up(void);
void root_tear_down(void);
void root_set(smref_register reg, uint64_t value);

/* All words hold `fill`, and none aborts. */
void root_clear(uint64_t fill);
void root_put(uint64_t at, uint64_t word);
uint64_t root_word(uint64_t at);
/* This word cannot be read; 1: none. */
void root_abort_at(uint64_t at);
bool root_aborts_at(uint64_t at);

struct root_config {
    unsigned pps, l0gptsz, pgs, sh, orgn, irgn; /* as encoded (6.3.115) */
    unsigned oas, grans;                        /* IDR5: OAS, and bits 0 to 2 for GRAN4K, 16K, 64K */
    uint64_t base;
};

/* Granule of 4KB, 1GB at level 0, 40 bits protected of 48, Inner Shareable, Write-Back. */
#define ROOT_TABLE UINT64_C(0x80000000)
#define ROOT_USUAL                                                                                           \
    {                                                                                                        \
        2, 0, 0, 3, 1, 1, 5, 7, ROOT_TABLE                                                                   \
    }
extern const struct root_config root_usual;

/* Sets the registers; no fault is recorded. */
void root_program(const struct root_config *c);

enum { ROOT_PERMITTED = -2, ROOT_GPF = -1 }; /* else CFG_ERR */

/* What becomes of a read: one of these. Outcome and syndromes fit together; then the syndromes are cleared.
 */
int root_access(smref_pas pas, uint64_t address);
/* What a FAR holds after a fault of an access by a device, but for CFG_ERR (6.3.116, 6.3.117). */
uint64_t root_syndrome(smref_pas pas, uint64_t address);

#endif
