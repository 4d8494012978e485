/*
 * Scenes: what a case is made of before it is one. A scene is a list of parts in the order of the program:
 * structures in memory, writes and reads of registers, accesses, loads. It is drawn such that it is legal for
 * the implementation; edits then set single fields of its parts to other values.
 */
#ifndef SMREF_SCENE_H
#define SMREF_SCENE_H

#include "case.h"
#include "generate.h"

/* ---- Numbers --------------------------------------------------------------------------------------- */

typedef struct smref_dice {
    uint64_t state;
} smref_dice;

static inline uint64_t smref_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t smref_roll(smref_dice *d)
{
    d->state += UINT64_C(0x9e3779b97f4a7c15);
    return smref_mix(d->state);
}

/* 0 to count - 1; count is not 0. */
static inline unsigned smref_roll_below(smref_dice *d, unsigned count)
{
    return (unsigned)((smref_roll(d) >> 32) * count >> 32);
}

static inline bool smref_roll_one_in(smref_dice *d, unsigned n)
{
    return smref_roll_below(d, n) == 0;
}

/* ---- Parts ----------------------------------------------------------------------------------------- */

typedef enum smref_part_kind {
    SMREF_PART_MEMORY, /* a structure, stored */
    SMREF_PART_WRITE,  /* a register, written */
    SMREF_PART_READ,   /* a register, read */
    SMREF_PART_ACCESS, /* by a device */
    SMREF_PART_LOAD,   /* memory, loaded */
    SMREF_PART_MMIO,   /* any access of software to registers */
} smref_part_kind;

typedef struct smref_part {
    uint8_t kind;
    uint8_t count; /* MEMORY: words */
    uint16_t what; /* MEMORY: smref_layout; WRITE, READ: smref_register */
    smref_pas pas;
    bool swapped;      /* MEMORY: a descriptor that is stored big-endian */
    uint64_t at;       /* MEMORY, LOAD */
    size_t size;       /* LOAD: bytes */
    uint64_t words[8]; /* MEMORY; WRITE: the value */
    smref_access access;
    smref_mmio mmio;
} smref_part;

#define SMREF_SCENE_PARTS 120

typedef struct smref_scene {
    size_t count;
    smref_part parts[SMREF_SCENE_PARTS];
    smref_part spare; /* what is added to a full scene */
    bool full;
    smref_sec_sid bank;
    smref_pas space;      /* that of the bank */
    uint64_t base;        /* of its memory */
    unsigned events_read; /* records that are loaded at the end */
    uint8_t eventq_log2size, cmdq_log2size;
    unsigned with;            /* a sum of SMREF_WITH_... */
    uint64_t data[2];         /* physical addresses that accesses are led to */
    smref_access accesses[2]; /* as they were drawn */
    unsigned focus;           /* a layout of a command, or 0 */
    size_t bring_up;          /* the first part that writes a register */
} smref_scene;

/* What a scene of translations has besides, or lacks. */
enum { SMREF_WITH_COMMANDS = 1, SMREF_WITHOUT_ACCESSES = 2, SMREF_WITH_SMMU_OFF = 4 };

/* A field of a part set to a value. Parts are told by kind, what, and their number among those alike. */
typedef struct smref_edit {
    uint8_t kind; /* MEMORY, WRITE, ACCESS */
    uint8_t number;
    uint16_t what;
    uint8_t field;   /* its index; of an access an smref_access_field */
    uint8_t element; /* of an array */
    uint64_t value;
} smref_edit;

typedef enum smref_access_field {
    SMREF_EDIT_ADDR,
    SMREF_EDIT_TYPE,
    SMREF_EDIT_SIZE,
    SMREF_EDIT_SID,
    SMREF_EDIT_SSV,
    SMREF_EDIT_SSID,
    SMREF_EDIT_PRIV,
    SMREF_EDIT_INST,
    SMREF_EDIT_NS,
    SMREF_EDIT_FIELDS,
} smref_access_field;

#define SMREF_PLAN_EDITS 6

/* What a scene is drawn and edited by. */
typedef struct smref_plan {
    uint64_t seed;
    uint8_t strand; /* smref_strand */
    uint8_t edit_count;
    uint16_t focus; /* a command that the scene must have; 0: any */
    smref_edit edits[SMREF_PLAN_EDITS];
} smref_plan;

typedef enum smref_strand {
    SMREF_STRAND_TRANSLATION,
    SMREF_STRAND_BYPASS, /* the SMMU disabled; devices without a StreamID */
    SMREF_STRAND_QUEUES, /* the Event queue */
    SMREF_STRAND_COMMANDS,
    SMREF_STRAND_REGISTERS,
    SMREF_STRAND_CACHES,
    SMREF_STRAND_ATOS,
    SMREF_STRAND_GRANULES,
    SMREF_STRAND_COUNT,
} smref_strand;

/* ---- What the implementation permits --------------------------------------------------------------- */

/* The fields of a descriptor that hold its address, for one format, granule, DS and level. */
typedef struct smref_shape {
    smref_layout layout;
    uint8_t count;
    uint8_t fields[3];
    bool exists;
} smref_shape;

#define SMREF_LEVELS 5 /* -1 to 3 */

/* A legal size and start of translation tables. */
typedef struct smref_geometry {
    uint8_t format; /* SMREF_Format_... */
    uint8_t half;   /* of stage 1 */
    uint8_t tg, txsz, sl0, sl0_2;
    uint8_t granule; /* SMREF_Granule_... */
    uint8_t granule_bits, stride, input_bits;
    int8_t start_level;
    bool ds, concatenated;
} smref_geometry;

#define SMREF_GEOMETRIES 4096

typedef struct smref_geometries {
    smref_geometry *list; /* SMREF_GEOMETRIES of room; NULL while empty */
    size_t count;
} smref_geometries;

/* Registers that banks have in common. */
typedef enum smref_bank_register {
    SMREF_BANK_CR0,
    SMREF_BANK_CR0ACK,
    SMREF_BANK_CR2,
    SMREF_BANK_GBPA,
    SMREF_BANK_IRQ_CTRL,
    SMREF_BANK_GERROR,
    SMREF_BANK_GERRORN,
    SMREF_BANK_GERROR_IRQ_CFG0,
    SMREF_BANK_GERROR_IRQ_CFG1,
    SMREF_BANK_GERROR_IRQ_CFG2,
    SMREF_BANK_STRTAB_BASE,
    SMREF_BANK_STRTAB_BASE_CFG,
    SMREF_BANK_CMDQ_BASE,
    SMREF_BANK_CMDQ_PROD,
    SMREF_BANK_CMDQ_CONS,
    SMREF_BANK_EVENTQ_BASE,
    SMREF_BANK_EVENTQ_PROD,
    SMREF_BANK_EVENTQ_CONS,
    SMREF_BANK_EVENTQ_IRQ_CFG0,
    SMREF_BANK_EVENTQ_IRQ_CFG1,
    SMREF_BANK_EVENTQ_IRQ_CFG2,
    SMREF_BANK_GATOS_CTRL,
    SMREF_BANK_GATOS_SID,
    SMREF_BANK_GATOS_ADDR,
    SMREF_BANK_GATOS_PAR,
    SMREF_BANK_VATOS_CTRL,
    SMREF_BANK_VATOS_SID,
    SMREF_BANK_VATOS_ADDR,
    SMREF_BANK_VATOS_PAR,
    SMREF_BANK_VATOS_SEL,
    SMREF_BANK_ECMDQ_BASE,
    SMREF_BANK_ECMDQ_PROD,
    SMREF_BANK_ECMDQ_CONS,
    SMREF_BANK_INIT,
    SMREF_BANK_REGISTERS,
} smref_bank_register;

/* A stage 1 configuration that is legal: what else an STE and a CD must say then. */
typedef struct smref_setting {
    uint8_t config, strw;
    bool e2h;
    uint8_t format1, format2; /* SMREF_Format_...; of a stage that is on */
    bool s2s, s2endi, endi, s, a;
    bool single_half;
} smref_setting;

#define SMREF_SETTINGS 1024

typedef struct smref_abilities {
    const smref_implementation *implementation;
    smref *smmu; /* with the registers of the implementation: it is asked what is legal */
    unsigned version, output_bits, intermediate_bits;
    bool stage1, stage2;
    unsigned sid_bits[SMREF_BANKS], ssid_bits;
    uint64_t base[SMREF_PAS_COUNT]; /* of the memory that scenes use; valid where has[] */
    bool has[SMREF_PAS_COUNT];
    bool bank[SMREF_BANKS]; /* there are devices, memory and software for it */
    unsigned bank_count;
    smref_sec_sid banks[SMREF_BANKS];
    unsigned devices[SMREF_BANKS][SMREF_DEVICES], device_count[SMREF_BANKS];
    smref_register registers[SMREF_BANK_REGISTERS][SMREF_BANKS];
    bool exists[SMREF_REG_COUNT];
    unsigned register_count; /* those that exist */
    uint16_t existing[SMREF_REG_COUNT];
    smref_geometries s1[2][2], s2[2];             /* by format; of stage 1 also by half */
    smref_shape tables[2][2][3][2][SMREF_LEVELS]; /* stage, format, granule, DS, level */
    smref_shape leaves[2][2][3][2][SMREF_LEVELS];
    smref_setting *settings[SMREF_BANKS]; /* SMREF_SETTINGS of room */
    unsigned setting_count[SMREF_BANKS];
    uint8_t ips_bits[8], s2ps_bits[8];
    unsigned commands[64], command_count; /* layouts */
    smref_granule_table granules[3];      /* by PGS; granule_bits is 0 where there is none, ... */
    unsigned granule_sizes[3];            /* ... and else the greatest PPS */
} smref_abilities;

/* Puts a geometry into a CD, an STE, or the Secure fields of an STE. */
void smref_geometry_put1(uint64_t *cd, const smref_geometry *g);
void smref_geometry_put2(uint64_t *ste, const smref_geometry *g);
void smref_geometry_put_secure(uint64_t *ste, const smref_geometry *g);

bool smref_abilities_make(smref_abilities *abilities, const smref_implementation *implementation,
                          smref_jerror *error);
void smref_abilities_clear(smref_abilities *abilities);

/* ---- Making scenes --------------------------------------------------------------------------------- */

/* Places within the memory of a bank, from `base` on, which is a multiple of 4 MB if it can be. */
enum {
    SMREF_AT_STREAMS = 0,
    SMREF_AT_STREAMS_2 = 0x400000, /* the second level */
    SMREF_AT_EVENTS = 0x420000,
    SMREF_AT_COMMANDS = 0x421000,
    SMREF_AT_MESSAGES = 0x422000,
    SMREF_AT_CONTEXTS = 0x440000, /* L1CDs, or a table of CDs: 256 KB */
    SMREF_AT_CONTEXTS_2 = 0x480000,
    SMREF_AT_STAGE1 = 0x500000,
    SMREF_AT_STAGE2 = 0x600000,
    SMREF_AT_SECURE_STAGE2 = 0x800000,
    SMREF_AT_DATA = 0xa00000,
    SMREF_AT_GRANULES = 0xc00000, /* of Root memory */
    SMREF_AT_END = 0xd00000,
};

/* The words of a big-endian descriptor, from what they mean to how they are stored, or back. */
void smref_part_swap(smref_part *part);
smref_part *smref_scene_add(smref_scene *scene, smref_part_kind kind);
/* A structure at `at`, all zero. */
smref_part *smref_scene_structure(smref_scene *scene, smref_layout layout, uint64_t at);
void smref_scene_write(smref_scene *scene, const smref_abilities *a, smref_bank_register reg, uint64_t value);
void smref_scene_read(smref_scene *scene, const smref_abilities *a, smref_bank_register reg);
void smref_scene_load(smref_scene *scene, uint64_t at, size_t size);
/* Root software lets accesses through, where it must. */
void smref_scene_root(smref_scene *scene, const smref_abilities *a);
/* The bank that the scene is about; mostly Non-secure where there is a choice. */
void smref_scene_start(smref_scene *scene, const smref_abilities *a, smref_dice *d);
/* An access that the device is able to make. */
smref_access smref_scene_draw_access(const smref_scene *scene, smref_dice *d, const smref_device *device,
                                     uint64_t address);
/* As a case. */
void smref_scene_emit(const smref_scene *scene, const smref_abilities *a, smref_case *out);

/* tables.c: walks of one stage, whose descriptors are parts. */
typedef struct smref_walk {
    smref_geometry g;
    int leaf_level;
    uint64_t base;  /* of the first table, as addresses of the stage above see it */
    uint64_t at;    /* the same in physical memory */
    uint64_t step;  /* from the table of one level to that of the next; 0: all in one page */
    unsigned first; /* index into the first table */
    unsigned next;  /* index of the next leaf */
    unsigned limit; /* on indexes of leaves */
    bool big_endian;
    unsigned stage;
    smref_pas space;
    unsigned leaf_count;
    struct {
        uint64_t block;
        unsigned index;
    } leaves[4];
} smref_walk;

/* Log2 of what a leaf of the walk covers. */
unsigned smref_walk_leaf_bits(const smref_walk *w);
/* Draws level, indexes; `at` and `base` are given. */
void smref_walk_draw(const smref_abilities *a, smref_dice *d, smref_walk *w);
/* Table descriptors down to the leaves. */
void smref_walk_tables(const smref_abilities *a, const smref_walk *w, smref_scene *scene);
/* A leaf that leads to `output`, and the input address that does; `align` is log2 of what both must be
 * aligned to alike. UINT64_MAX: there is no room. `made` (may be NULL) gets the part, or NULL if the leaf was
 * there already. */
uint64_t smref_walk_map(const smref_abilities *a, smref_walk *w, uint64_t output, unsigned align,
                        smref_scene *scene, smref_part **made);

/* scene_*.c: the strands, unedited. */
void smref_scene_translation(const smref_abilities *a, smref_dice *d, smref_scene *scene);
/* The same with or without something: SMREF_WITH_... */
void smref_scene_translated(const smref_abilities *a, smref_dice *d, smref_scene *scene, unsigned with);
void smref_scene_commands(const smref_abilities *a, smref_dice *d, smref_scene *scene);
void smref_scene_queues(const smref_abilities *a, smref_dice *d, smref_scene *scene);
void smref_scene_registers(const smref_abilities *a, smref_dice *d, smref_scene *scene);
void smref_scene_caches(const smref_abilities *a, smref_dice *d, smref_scene *scene);
void smref_scene_bypass(const smref_abilities *a, smref_dice *d, smref_scene *scene);
void smref_scene_atos(const smref_abilities *a, smref_dice *d, smref_scene *scene);
void smref_scene_granules(const smref_abilities *a, smref_dice *d, smref_scene *scene);
/* Whether the implementation has what a strand is about. */
bool smref_strand_possible(const smref_abilities *a, smref_strand strand);
/* A command at an index of the Command queue. */
smref_part *smref_scene_command(smref_scene *scene, smref_layout layout, unsigned index);
/* The scene of a plan. */
void smref_scene_make(const smref_abilities *a, const smref_plan *plan, smref_scene *scene);

/* ---- Edits ----------------------------------------------------------------------------------------- */

/* How many values there are to try in a field of the part, how many fields, and the edit to the nth value. */
unsigned smref_edits_of_field(const smref_part *part, unsigned field);
unsigned smref_part_fields(const smref_part *part);
void smref_edit_make(const smref_scene *scene, size_t at, unsigned field, unsigned nth, smref_edit *out);
/* False: the scene has no such part, or no device can make such an access. */
bool smref_edit_apply(const smref_abilities *a, smref_scene *scene, const smref_edit *edit);
/* A random one. */
bool smref_edit_draw(const smref_abilities *a, const smref_scene *scene, smref_dice *d, smref_edit *out);
/* Whether it gives a structure a reserved code, by which some targets end: such edits are drawn seldom. */
bool smref_edit_is_dangerous(const smref_abilities *a, const smref_edit *edit);
/* The first code of an address size (IPS, S2PS) that is more than the implementation has. */
unsigned smref_first_code_above(const smref_abilities *a);
/* Whether a value of a field is a code that is reserved in the version. */
bool smref_code_is_reserved(const smref_abilities *a, const smref_field_info *field, uint64_t value);
/* Whether a device is not able to make an access of this kind. */
bool smref_device_cannot(const smref_device *device, const smref_access *access);

#endif
