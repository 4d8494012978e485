/*
 * A target: an implementation under test that carries out cases. Cases are handed in and collected in the
 * same order; as many may be outstanding as the target says.
 */
#ifndef SMREF_TARGET_H
#define SMREF_TARGET_H

#include <stdio.h>

#include "follow.h"

typedef enum smref_target_status {
    SMREF_TARGET_OK = 0,
    SMREF_TARGET_DIED,    /* it ended, or gave no answer in time, in the oldest case outstanding: that is
                             collected so; the others are carried out again by a new one */
    SMREF_TARGET_REFUSED, /* it does not carry out the oldest case outstanding, which is collected so: nothing
                             to compare; `why` says why */
    SMREF_TARGET_BROKEN,  /* it cannot be used at all; `why` of the target says what is wrong */
} smref_target_status;

typedef struct smref_target smref_target;

/* A finding that a script is to show. */
typedef struct smref_target_script {
    const char *group, *implementation;
    const smref_case *c;
    const smref_difference *difference; /* in the case */
    smref_rule rule;                    /* that decides; SMREF_RULE_NONE when none is known */
    bool died;
} smref_target_script;

struct smref_target {
    smref_implementation implementation; /* filled when it was opened */
    unsigned depth;                      /* how many cases may be outstanding */
    unsigned restarts;                   /* how often it was started again */
    char why[256]; /* of DIED, REFUSED and BROKEN: "ended by signal 6", "no answer in 10 s", ... */
    /* Takes the case, which must stay as it is until it was collected, and so must the prediction (may be
     * NULL): a target that cannot see where an access goes may look where it was predicted to go. */
    smref_target_status (*submit)(smref_target *target, const smref_case *c,
                                  const smref_prediction *predicted);
    /* What the oldest case outstanding showed, an element a step. */
    smref_target_status (*collect)(smref_target *target, smref_sight *shown);
    /* From now on shows more, and slower: the addresses that accesses go to. May be NULL. */
    smref_target_status (*look_closer)(smref_target *target, bool closer);
    /* Writes a shell script that shows a finding on the target alone. False: it cannot. May be NULL. */
    bool (*script)(smref_target *target, FILE *to, const smref_target_script *script);
    void (*close)(smref_target *target);
};

/* How a target is opened. */
typedef struct smref_target_options {
    unsigned timeout_ms; /* one that gives no answer for so long hangs */
    unsigned stages;     /* of QEMU: 1: stage 1, 2: stage 2, 3: both */
    const uint32_t
        *sids; /* StreamIDs that devices should have besides the usual ones, if that can be: QEMU */
    size_t sid_count;
} smref_target_options;

/* qemu.c: `path` of qemu-system-aarch64. NULL: *error. */
typedef struct smref_qemu_options {
    smref_target_options target;
    const char *path;
    const char *log; /* NULL, or a file for what QEMU prints */
} smref_qemu_options;
smref_target *smref_qemu_open(const smref_qemu_options *options, smref_jerror *error);

/* plugin.c: `command` is run by the shell and speaks smref-plugin 1.0 on its standard input and output. */
smref_target *smref_plugin_open(const char *command, unsigned timeout_ms, smref_jerror *error);

/* Whether it names one: "qemu" (of the search path), "qemu:PATH" or "plugin:COMMAND". */
bool smref_target_named(const char *name);
/* Starts it. NULL: *error. */
smref_target *smref_target_open(const char *name, const smref_target_options *options, smref_jerror *error);

#endif
