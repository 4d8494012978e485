/*
 * A QEMU process: started with its qtest socket, its monitor, and a pipe that it writes its trace to. It
 * ends with smref, however that ends.
 */
#ifndef SMREF_QEMU_PROCESS_H
#define SMREF_QEMU_PROCESS_H

#include <sys/types.h>

#include "qtest.h"

#define SMREF_QEMU_TRACE 8192 /* bytes of trace that one access comes to at most */

typedef struct smref_qemu_process {
    pid_t pid; /* 0: there is none */
    smref_qtest *qtest;
    int monitor, trace, printed; /* `printed`: a file without a name that it prints to */
    bool greeted;                /* the monitor has said its first words */
    unsigned timeout_ms;
    char trace_text[SMREF_QEMU_TRACE];
} smref_qemu_process;

/* Arguments, which end with NULL, grow with smref_qemu_argument, and are freed with
 * smref_qemu_arguments_free. */
typedef struct smref_qemu_arguments {
    char **list;
    size_t count;
} smref_qemu_arguments;

void smref_qemu_argument(smref_qemu_arguments *arguments, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void smref_qemu_arguments_free(smref_qemu_arguments *arguments);

/*
 * Starts it with these arguments (the first is the program) and those of its sockets and its trace. `memory`
 * is a file that it may open as /dev/fd/N, N being the same number there. False: `why` says what is wrong,
 * with what QEMU printed last, and there is no process.
 */
bool smref_qemu_start(smref_qemu_process *process, const smref_qemu_arguments *arguments, int memory,
                      unsigned timeout_ms, char why[256]);
void smref_qemu_set_timeout(smref_qemu_process *process, unsigned timeout_ms); /* of answers from now on */
/* Ends it. `how` (may be NULL) says how it ended: "ended by signal 6: ..." with what it printed last, or
 * "ended" when it had to be. `log` (may be NULL): a file that what it printed is added to. */
void smref_qemu_stop(smref_qemu_process *process, const char *log, char how[256]);
/* All that the program prints with these arguments, which the caller frees. NULL: `why`. */
char *smref_qemu_output(const smref_qemu_arguments *arguments, unsigned timeout_ms, char why[256]);

/* A reset of the whole machine. False: no answer. */
bool smref_qemu_reset(smref_qemu_process *process);
/* What was traced since the last call; whole lines with a NUL at the end. It stays until the next call. */
const char *smref_qemu_traced(smref_qemu_process *process);

#endif
