/*
 * QEMU's qtest protocol: a line a request, a line a reply, in order. Requests are queued and written when
 * there is room or a reply is awaited, so that neither side can block the other, however many are under way.
 */
#ifndef SMREF_QTEST_H
#define SMREF_QTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct smref_qtest smref_qtest;

typedef enum smref_qtest_status {
    SMREF_QTEST_OK = 0,
    SMREF_QTEST_ENDED,   /* the other end closed the connection */
    SMREF_QTEST_SILENT,  /* no reply in time */
    SMREF_QTEST_REFUSED, /* a reply that says FAIL or ERR, or is no reply to the request */
} smref_qtest_status;

/* Speaks on a connected stream socket, which becomes the connection's own. A reply may take `timeout_ms`.
 * Without one (-1) requests are only for smref_qtest_take. */
smref_qtest *smref_qtest_new(int fd, unsigned timeout_ms);
/* Connects to the Unix socket at `path`. NULL: `why` says what the system said. */
smref_qtest *smref_qtest_connect(const char *path, unsigned timeout_ms, char why[256]);
void smref_qtest_free(smref_qtest *qtest);
void smref_qtest_set_timeout(smref_qtest *qtest, unsigned timeout_ms); /* of replies from now on */

/* ---- Requests, which are queued -------------------------------------------------------------------- */

/* As the CPU makes them: 1, 2, 4 or 8 bytes. */
void smref_qtest_read(smref_qtest *qtest, uint64_t at, unsigned size);
void smref_qtest_write(smref_qtest *qtest, uint64_t at, unsigned size, uint64_t value);
/* Blocks of 1 byte or more; a device gets them as the largest aligned accesses that it takes, upwards. */
void smref_qtest_read_block(smref_qtest *qtest, uint64_t at, size_t size);
void smref_qtest_write_block(smref_qtest *qtest, uint64_t at, const void *bytes, size_t size);
/* Virtual time goes on; only where that is qtest's (`-accel qtest`). */
void smref_qtest_clock_step(smref_qtest *qtest, uint64_t ns);
/* Any other request, without the end of its line. */
void smref_qtest_request(smref_qtest *qtest, const char *line);

/* The requests that are queued, as text that the caller frees; they are not sent, and get no replies. */
char *smref_qtest_take(smref_qtest *qtest);

size_t smref_qtest_outstanding(const smref_qtest *qtest); /* requests without a reply so far */
/* Writes what the socket takes now; never waits. */
void smref_qtest_push(smref_qtest *qtest);

/* ---- Replies, in the order of the requests --------------------------------------------------------- */

/* The next one, without "OK "; it stays until the next call of this connection. */
smref_qtest_status smref_qtest_reply(smref_qtest *qtest, const char **text);
smref_qtest_status smref_qtest_done(smref_qtest *qtest); /* of a request that gives nothing back */
smref_qtest_status smref_qtest_value(smref_qtest *qtest, uint64_t *value);
smref_qtest_status smref_qtest_block(smref_qtest *qtest, void *bytes, size_t size);
/* All that are outstanding, which give nothing back that matters. */
smref_qtest_status smref_qtest_settle(smref_qtest *qtest);

#endif
