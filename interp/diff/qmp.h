/*
 * The QEMU Machine Protocol: JSON objects, one a line. A connection is used by one at a time; events that
 * come in between are skipped. First error wins.
 */
#ifndef SMREF_QMP_H
#define SMREF_QMP_H

#include <jansson.h>

#include "lines.h"

typedef struct smref_qmp smref_qmp;

/* Connects, takes the greeting, leaves negotiation. NULL: *error says why. */
smref_qmp *smref_qmp_open(const char *socket, unsigned timeout_ms, smref_jerror *error);
void smref_qmp_close(smref_qmp *qmp); /* NULL: nothing */
smref_lines *smref_qmp_lines(smref_qmp *qmp);
/* "10.0.2", as the greeting says; "?" when it does not. */
const char *smref_qmp_version(const smref_qmp *qmp);
/* Whether the connection is of no use any more: QEMU went away, was silent, or spoke something else. Else it
 * refused a command. */
bool smref_qmp_lost(const smref_qmp *qmp);

/* Runs a command; `arguments` (may be NULL) is taken over. What it returns, a new reference; NULL: *error. */
json_t *smref_qmp_run(smref_qmp *qmp, const char *command, json_t *arguments, smref_jerror *error);
/* Runs a command of the human monitor: what it prints, which the caller frees; NULL: *error. */
char *smref_qmp_monitor(smref_qmp *qmp, const char *command, smref_jerror *error);

#endif
