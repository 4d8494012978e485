/* What the two halves of fuzz_isolation's judge share: the memory, and the table as DDI 0487 D9 has it. */
#ifndef ISOLATION_WORLD_H
#define ISOLATION_WORLD_H

#include "isolation.h"

struct isolation_world {
    uint64_t seed;
    unsigned gpt_granule; /* ROOT_GPT_BASE_CFG.PGS that the table is made for */
    unsigned gpt_l0_bits;
    unsigned gpt_open;                      /* the more bits, the more granules are open to all */
    uint64_t stored[SMREF_PAS_COUNT][1024]; /* from COMMANDS_AT on */
};
extern struct isolation_world isolation_world;

uint64_t isolation_word(smref_pas pas, uint64_t at);
void isolation_words(smref_pas pas, uint64_t at, unsigned count, uint64_t *words);

/* Root registers, as an operation finds them. */
struct isolation_root {
    bool present, access_enabled, checked;
    bool base_moved; /* the table may be anywhere: software wrote that it is */
    bool gpcp;       /* a fetch of a stage 2 table need not be checked (6.3.115) */
    bool secure_gpi; /* 0b1000 is a GPI: there is Secure EL2, or the implementation takes it nevertheless */
    unsigned oas;
    uint64_t base, base_cfg;
};

/* Whether an access may be made (DDI 0487 D9.4 to D9.7). */
bool isolation_permits(const struct isolation_root *root, smref_pas pas, uint64_t address);
bool isolation_is_gpt_fetch(const struct isolation_root *root, smref_pas pas, uint64_t at, unsigned count);

#endif
