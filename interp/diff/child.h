/*
 * A child process that speaks lines on its standard input and output. What it prints on standard error goes
 * where smref's own does. Nothing here waits for the child to read: what does not fit into the pipe is kept,
 * and written while lines are waited for.
 */
#ifndef SMREF_CHILD_H
#define SMREF_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#define SMREF_CHILD_LINE 0x400000u /* bytes that a line has at most */

typedef struct smref_child smref_child;

typedef enum smref_child_status {
    SMREF_CHILD_OK = 0,
    SMREF_CHILD_ENDED,   /* it ended, or closed its output */
    SMREF_CHILD_SILENT,  /* no whole line in time */
    SMREF_CHILD_ENDLESS, /* a line of more than SMREF_CHILD_LINE bytes */
} smref_child_status;

/* `command` is run by the shell, as the leader of a process group of its own. NULL: it could not be started,
 * and `why` says what the system said. From now on SIGPIPE is ignored. */
smref_child *smref_child_start(const char *command, char why[256]);
void smref_child_send(smref_child *child, const char *bytes, size_t size);
/* The next line, without its end and with a NUL in that place; it stays until the next call. */
smref_child_status smref_child_line(smref_child *child, unsigned timeout_ms, char **line, size_t *size);
/*
 * Closes its input and gives it `grace_ms` to end; then the group is killed. `how` (may be NULL) says how it
 * ended: "ended with status 3", "ended by signal 6", "closed its output and went on".
 */
void smref_child_stop(smref_child *child, unsigned grace_ms, char how[64]);

#endif
