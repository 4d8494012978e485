/*
 * A conversation in lines over a UNIX socket, as QMP and qtest hold it. Nothing waits longer than the
 * time-out, whatever the other side sends or does not send.
 */
#ifndef SMREF_LINES_H
#define SMREF_LINES_H

#include <signal.h>

#include "located.h"

typedef struct smref_lines smref_lines;

#define SMREF_LINE_MOST (64u << 20) /* a longer line is an error */

/* Connects to a socket. NULL: *error says why. */
smref_lines *smref_lines_open(const char *path, unsigned timeout_ms, smref_jerror *error);
void smref_lines_close(smref_lines *lines); /* NULL: nothing */
/* A flag that a signal handler sets, and that ends all waiting. */
void smref_lines_watch(smref_lines *lines, const volatile sig_atomic_t *interrupted);
/* From now on there are so many milliseconds for what is sent and read; a conversation begins with those of
 * the opening. */
void smref_lines_allow(smref_lines *lines, unsigned timeout_ms);
bool smref_lines_send(smref_lines *lines, const char *text, size_t size, smref_jerror *error);
/* The next line without its end, NUL-terminated, *size bytes long; valid until the next call. NULL: the other
 * side went away, or did not say it in time, or it is too long. */
const char *smref_lines_next(smref_lines *lines, size_t *size, smref_jerror *error);
/* Whether it was the time-out that ended the last call. */
bool smref_lines_late(const smref_lines *lines);
/* Copies what somebody said into a message of `room` bytes: other than printable characters become dots. */
void smref_lines_excerpt(const char *said, char *out, size_t room);

#endif
