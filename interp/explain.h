/*
 * The explanation of an access: the model's trace, kept for those who print it, and what a reader wants to
 * know about each step of it. It is bounded, whatever the tables of a snapshot hold.
 */
#ifndef SMREF_EXPLAIN_H
#define SMREF_EXPLAIN_H

#include "smref.h"

#define SMREF_MAX_EXPLAINED 1024
#define SMREF_EXPLAINED_WORDS 8

/* A step of the trace; its pointers lead into the record. */
typedef struct smref_explained {
    smref_step step;
    uint64_t words[SMREF_EXPLAINED_WORDS];
    smref_walk_info walk;
    smref_attrs attrs;
    smref_reach_info reach;
    smref_field_look_info look;
} smref_explained;

/* A 64-bit access may reach two registers. */
#define SMREF_MAX_REACHED 2

typedef struct smref_explanation {
    smref_explained *list;
    size_t count;
    bool cut;     /* there were more than SMREF_MAX_EXPLAINED */
    bool full;    /* asked for: every field, not only those that matter */
    bool refused; /* what follows the last step is not modelled, and nothing was changed */
    const smref *smmu;
    smref_sec_sid sec_sid;
    uint64_t registers[SMREF_MAX_REACHED][SMREF_REG_COUNT]; /* as they were when each was reached */
    size_t reached;
} smref_explanation;

/* Records what the instance does for a stream of `sec_sid`, from here to end. *e is all zero before the first
 * time, and is used again. */
void smref_explanation_begin(smref_explanation *e, smref *smmu, smref_sec_sid sec_sid);
void smref_explanation_end(smref *smmu);
void smref_explanation_free(smref_explanation *e);

/* Whether it is part of a stage 2 walk for something that stage 1 needs: a CD or a descriptor. */
bool smref_step_nested(const smref_step *step);
/* The walk that a step belongs to, or NULL. */
const smref_walk_info *smref_step_walk(const smref_explanation *e, size_t index);
/* The structure of `layout` that was read last before step `index`, or NULL. */
const uint64_t *smref_step_structure(const smref_explanation *e, size_t index, smref_layout layout);
/* The legality rules that the STE or CD breaks, when step `index` is the rule that ended the access for one
 * of them: all, that one included. 0 otherwise. */
#define SMREF_MAX_BROKEN 32
unsigned smref_step_broken(const smref_explanation *e, size_t index, uint16_t rules[SMREF_MAX_BROKEN]);
/* Whether it moved a command whose number no command has, or that could not be read. */
bool smref_step_nameless(const smref_step *step);
/* What a descriptor that was read is: "table", "block", "page", "invalid"; NULL when it is no descriptor. */
const char *smref_step_descriptor(const smref_step *step);
/* The event that the rule leads to ("F_TRANSLATION"), or NULL. */
const char *smref_rule_event(const smref_rule_info *rule);

/* ---- Fields ---------------------------------------------------------------------------------------- */

#define SMREF_MAX_SHOWN 160
#define SMREF_VALUE_ROOM 80

typedef struct smref_shown {
    const smref_field_info *info;
    char name[40];
    uint64_t value; /* of an address: the address */
    unsigned width;
    const char *code, *means; /* of the value; NULL when it has none */
    smref_field_state state;
} smref_shown;

/* The fields of what a READ or WRITE step moved, in the order of the bits: those that matter here, or all. */
size_t smref_explain_fields(const smref_explanation *e, size_t index, bool all,
                            smref_shown out[SMREF_MAX_SHOWN]);
/* Every field of an event record; UNKNOWN ones are marked so. */
size_t smref_explain_event(const smref_event *event, smref_shown out[SMREF_MAX_SHOWN]);
/* The fields of a register: the one that matters, or (`only` is NULL) all. */
size_t smref_explain_register(const smref_explanation *e, smref_register reg, uint64_t value,
                              const char *only, smref_shown out[SMREF_MAX_SHOWN]);
/* Whether a register that holds `value` has the field: its bits may be those of another one then. */
bool smref_explain_present(const smref_explanation *e, smref_register reg, unsigned field, uint64_t value);
/* "0b101 S1_TRANS", "0x43953000", "16". Returns `out`. */
const char *smref_say_value(const smref_shown *field, char out[SMREF_VALUE_ROOM]);

/* One field of a register, whatever its state. */
smref_shown smref_explain_field(const smref_field_info *field, uint64_t value);

/* ---- Accesses to registers ------------------------------------------------------------------------- */

/* What becomes of a field: of a FIELD step. */
typedef struct smref_shown_look {
    const smref_field_info *info;
    const smref_field_look_info *look;
    bool write;
    bool touched; /* the write would change it, or it changed; a read shows something else */
    bool unknown; /* a read: bits of it are open */
    smref_shown held, written, now; /* `now` of a read: what it shows; bits beside the access are as held */
} smref_shown_look;
smref_shown_look smref_explain_look(const smref_explanation *e, size_t index);
/* The register that the steps around `index` are about: its REACH step, or NULL. */
const smref_step *smref_step_reach(const smref_explanation *e, size_t index);

/* The name of the register that a step is about; of an array, that of the element that was reached. */
#define SMREF_NAME_ROOM 64
const char *smref_step_register(const smref_explanation *e, size_t index, char out[SMREF_NAME_ROOM]);

#define SMREF_MAX_CLAUSES 8
#define SMREF_MAX_TERMS 16
#define SMREF_CONDITION_ROOM 512

/* A clause that was tried: `RO if IDR1.TABLES_PRESET == 1`, and the values of what it asks for. */
typedef struct smref_shown_clause {
    char is[16];
    char when[SMREF_CONDITION_ROOM]; /* with the names of this bank; "" when it has no condition */
    bool holds;
    unsigned term_count;
    struct {
        char name[48];
        char value[SMREF_VALUE_ROOM];
        uint64_t number;
    } terms[SMREF_MAX_TERMS];
} smref_shown_clause;

typedef enum smref_clauses { SMREF_CLAUSES_ACCESS, SMREF_CLAUSES_STATE } smref_clauses;
/* Those of the register of a REACH step, or the field of a FIELD step, up to the one that holds. */
size_t smref_explain_clauses(const smref_explanation *e, size_t index, smref_clauses which,
                             smref_shown_clause out[SMREF_MAX_CLAUSES]);

/* ---- Phrases --------------------------------------------------------------------------------------- */

#define SMREF_PHRASE_ROOM 256

/* "Stream table", "stage 1": the chapter of a phase. */
const char *smref_say_phase(smref_phase phase);
/* "" for the Non-secure space, else "secure:", "realm:" or "root:" */
const char *smref_say_space(smref_pas pas);
/* ", MECID 0x5", or nothing of the default; `room` has SMREF_PHRASE_ROOM bytes. */
const char *smref_say_mecid(unsigned mecid, char *room);
/* "VMSAv8-64, 4K granule, TTB0 0x43960000, 48-bit input, 44-bit output, from level 0" */
const char *smref_say_walk(const smref_step *step, char out[SMREF_PHRASE_ROOM]);
/* "normal wb-ra-wa-nt ish" */
const char *smref_say_attrs(const smref_attrs *attrs, char out[SMREF_PHRASE_ROOM]);
/* "privileged rwx, unprivileged r--" */
const char *smref_say_grants(unsigned grants, char out[SMREF_PHRASE_ROOM]);
/* What an entry is and how it was found: "L2 [0x1fd] VA[29:21]", "STE [0x1c]". */
const char *smref_say_entry(const smref_explanation *e, size_t index, char out[SMREF_PHRASE_ROOM]);

#endif
