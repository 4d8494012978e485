/*
 * The parts of `smref capture`: what the registers of a running SMMU lead to, area by area, and the snapshot
 * that is made of it. Non-secure state alone: it is what QEMU has.
 */
#ifndef SMREF_CAPTURE_H
#define SMREF_CAPTURE_H

#include "capture_live.h"
#include "registers.h"
#include "seen.h"
#include "smref.h"

/* Memory that goes into the snapshot. */
typedef struct smref_capture_area {
    uint64_t at, size;
    char *comment;
} smref_capture_area;

/* A structure in it. */
typedef struct smref_capture_entry {
    uint64_t at;
    smref_layout layout;
    size_t order;  /* in which it was met */
    uint64_t *ste; /* of a CD: through which STE; NULL */
    char *comment;
} smref_capture_entry;

typedef struct smref_capture_counts {
    uint64_t l1stds, stes, l1cds, cds, tables, commands, events;
} smref_capture_counts;

typedef struct smref_capture {
    smref_live *live;
    uint64_t base; /* of the SMMU's registers */
    smref *smmu;
    smref_register_set *registers; /* what they hold */
    smref_sparse *memory;          /* what was fetched */
    smref_seen *fetched, *seen;    /* pages; tables */
    smref_capture_area *areas;     /* by address, apart from each other */
    size_t area_count, area_room;
    smref_capture_entry *entries;
    size_t entry_count, entry_room;
    char **left_out; /* why the snapshot is not whole */
    size_t left_out_count;
    uint64_t limit, taken, looked; /* bytes */
    smref_capture_counts counts;
    bool full;   /* the limit was reached */
    bool failed; /* *error says why */
    smref_jerror *error;
} smref_capture;

void smref_capture_free(smref_capture *capture);

/* ---- capture_registers.c --------------------------------------------------------------------------- */

/* Reads the registers that exist, into `registers` and into `smmu`. */
bool smref_capture_registers(smref_capture *capture);

/* ---- capture_memory.c: what the walks share -------------------------------------------------------- */

typedef struct smref_capture_array {
    uint64_t base;
    unsigned entry_bytes;
    uint64_t count;
    const smref_walk_info
        *stage2; /* `base` is an intermediate address of these tables; NULL: a physical one */
    const char *comment;
} smref_capture_array;

/*
 * Makes the array part of the snapshot, as far as there is memory, and calls `entry` for each entry that is
 * not zero: its number, its physical address, its words. False: something failed.
 */
typedef void smref_capture_entry_found(smref_capture *capture, void *context, uint64_t index, uint64_t at,
                                       const uint64_t *words);
bool smref_capture_take(smref_capture *capture, const smref_capture_array *array,
                        smref_capture_entry_found *entry, void *context);
/* Notes a structure at an address; `ste` may be NULL, and so may the comment. */
void smref_capture_note(smref_capture *capture, uint64_t at, smref_layout layout, const uint64_t *ste,
                        const char *comment);
/* Notes that something is missing. */
void smref_capture_leave_out(smref_capture *capture, const char *format, ...);

/* ---- capture_streams.c, capture_contexts.c, capture_tables.c, capture_queues.c --------------------- */

/* The Stream table, and all that its STEs lead to. */
void smref_capture_streams(smref_capture *capture);
/* The CDs behind a legal STE, and what they lead to; `stream` names it in comments. */
void smref_capture_contexts(smref_capture *capture, const uint64_t *ste, const char *stream);
/* The translation tables behind a legal STE and a legal CD; of stage 2 when `cd` is NULL. */
void smref_capture_tables(smref_capture *capture, const uint64_t *ste, const uint64_t *cd,
                          const char *stream);
void smref_capture_queues(smref_capture *capture);

/* ---- capture_snapshot.c ---------------------------------------------------------------------------- */

/* The snapshot as a tree; `profile` may be NULL. A new reference. */
json_t *smref_capture_json(const smref_capture *capture, const char *description, const char *profile);

#endif
