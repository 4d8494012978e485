/* QEMU's qtest protocol. */
#define _POSIX_C_SOURCE 200809L
#include "qtest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define REPLIES 65536 /* bytes that are read at once */

/* Bytes from `start` to `end` are still of use. */
struct buffer {
    char *bytes;
    size_t start, end, room;
};

struct smref_qtest {
    int fd;
    unsigned timeout_ms;
    size_t outstanding;
    struct buffer out, in;
    size_t looked; /* bytes of `in` that hold no end of a line */
};

/* ---- Connections ----------------------------------------------------------------------------------- */

smref_qtest *smref_qtest_new(int fd, unsigned timeout_ms)
{
    smref_qtest *qtest = smref_alloc(1, sizeof *qtest);
    int flags = fd >= 0 ? fcntl(fd, F_GETFL) : 0;

    if (fd >= 0)
        (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    qtest->fd = fd;
    qtest->timeout_ms = timeout_ms;
    return qtest;
}

smref_qtest *smref_qtest_connect(const char *path, unsigned timeout_ms, char why[256])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = -1;

    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(why, 256, "the path of a socket has less than %zu bytes", sizeof address.sun_path);
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return smref_qtest_new(fd, timeout_ms);
    snprintf(why, 256, "%s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return NULL;
}

void smref_qtest_free(smref_qtest *qtest)
{
    if (!qtest)
        return;
    if (qtest->fd >= 0)
        close(qtest->fd);
    free(qtest->out.bytes);
    free(qtest->in.bytes);
    free(qtest);
}

void smref_qtest_set_timeout(smref_qtest *qtest, unsigned timeout_ms)
{
    qtest->timeout_ms = timeout_ms;
}

/* Room for `more` bytes at the end, which is returned. */
static char *room_for(struct buffer *buffer, size_t more)
{
    size_t used = buffer->end - buffer->start;

    if (buffer->room - buffer->end < more) {
        if (used)
            memmove(buffer->bytes, buffer->bytes + buffer->start, used);
        buffer->start = 0;
        buffer->end = used;
    }
    if (buffer->room - buffer->end < more) {
        buffer->room = 2 * (used + more);
        buffer->bytes = smref_resize(buffer->bytes, buffer->room, 1);
    }
    return buffer->bytes + buffer->end;
}

/* ---- Requests -------------------------------------------------------------------------------------- */

/* These write at `to` and return the end. */
static char *put_text(char *to, const char *text)
{
    size_t size = strlen(text);

    memcpy(to, text, size);
    return to + size;
}

static char *put_number(char *to, uint64_t value)
{
    unsigned digits = 1;

    while (digits < 16 && value >> 4 * digits)
        digits++;
    *to++ = '0';
    *to++ = 'x';
    while (digits--)
        *to++ = "0123456789abcdef"[value >> 4 * digits & 15];
    return to;
}

static char *put_base64(char *to, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        unsigned word = (unsigned)bytes[i] << 16;
        if (i + 1 < size)
            word |= (unsigned)bytes[i + 1] << 8;
        if (i + 2 < size)
            word |= bytes[i + 2];
        *to++ = digits[word >> 18];
        *to++ = digits[word >> 12 & 63];
        *to++ = i + 1 < size ? digits[word >> 6 & 63] : '=';
        *to++ = i + 2 < size ? digits[word & 63] : '=';
    }
    return to;
}

/* A line ends at `end`. */
static void queue(smref_qtest *qtest, char *end)
{
    *end++ = '\n';
    qtest->out.end = (size_t)(end - qtest->out.bytes);
    qtest->outstanding++;
}

static char suffix(unsigned size)
{
    return size == 1 ? 'b' : size == 2 ? 'w' : size == 4 ? 'l' : 'q';
}

void smref_qtest_read(smref_qtest *qtest, uint64_t at, unsigned size)
{
    char *to = put_text(room_for(&qtest->out, 64), "read");

    *to++ = suffix(size);
    *to++ = ' ';
    queue(qtest, put_number(to, at));
}

void smref_qtest_write(smref_qtest *qtest, uint64_t at, unsigned size, uint64_t value)
{
    char *to = put_text(room_for(&qtest->out, 64), "write");

    *to++ = suffix(size);
    *to++ = ' ';
    to = put_number(to, at);
    *to++ = ' ';
    queue(qtest, put_number(to, value));
}

static char *put_block(char *to, const char *what, uint64_t at, size_t size)
{
    to = put_number(put_text(to, what), at);
    *to++ = ' ';
    return put_number(to, size);
}

void smref_qtest_read_block(smref_qtest *qtest, uint64_t at, size_t size)
{
    queue(qtest, put_block(room_for(&qtest->out, 64), "b64read ", at, size));
}

void smref_qtest_write_block(smref_qtest *qtest, uint64_t at, const void *bytes, size_t size)
{
    char *to = put_block(room_for(&qtest->out, 64 + (size + 2) / 3 * 4), "b64write ", at, size);

    *to++ = ' ';
    queue(qtest, put_base64(to, bytes, size));
}

void smref_qtest_clock_step(smref_qtest *qtest, uint64_t ns)
{
    char *to = room_for(&qtest->out, 64);

    queue(qtest, to + snprintf(to, 63, "clock_step %" PRIu64, ns));
}

void smref_qtest_request(smref_qtest *qtest, const char *line)
{
    queue(qtest, put_text(room_for(&qtest->out, strlen(line) + 1), line));
}

char *smref_qtest_take(smref_qtest *qtest)
{
    size_t size = qtest->out.end - qtest->out.start;
    char *text = smref_alloc(size + 1, 1);

    if (size)
        memcpy(text, qtest->out.bytes + qtest->out.start, size);
    qtest->out.start = qtest->out.end = 0;
    qtest->outstanding = 0;
    return text;
}

size_t smref_qtest_outstanding(const smref_qtest *qtest)
{
    return qtest->outstanding;
}

void smref_qtest_push(smref_qtest *qtest)
{
    struct buffer *out = &qtest->out;
    ssize_t done;

    while (out->start < out->end) {
        done = send(qtest->fd, out->bytes + out->start, out->end - out->start, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) /* full, or closed: then reading tells */
            return;
        out->start += (size_t)done;
    }
    out->start = out->end = 0;
}

/* ---- Replies --------------------------------------------------------------------------------------- */

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The next line out of what was read; NULL: there is no whole one. */
static char *take_line(smref_qtest *qtest)
{
    struct buffer *in = &qtest->in;
    size_t used = in->end - in->start;
    char *from, *end;

    if (used == qtest->looked)
        return NULL;
    from = in->bytes + in->start;
    end = memchr(from + qtest->looked, '\n', used - qtest->looked);
    qtest->looked = end ? 0 : used;
    if (!end)
        return NULL;
    *end = '\0';
    in->start += (size_t)(end - from) + 1;
    return from;
}

/* Waits until something can be read or written. */
static smref_qtest_status wait_for_it(const smref_qtest *qtest, long long until)
{
    long long left = until - now_ms();
    struct pollfd end = {qtest->fd, POLLIN, 0};
    int ready;

    if (qtest->out.start < qtest->out.end)
        end.events |= POLLOUT;
    ready = poll(&end, 1, left > 60000 ? 60000 : left > 0 ? (int)left : 0);
    if (ready > 0 || (ready < 0 && errno == EINTR) || left > 60000)
        return SMREF_QTEST_OK;
    return SMREF_QTEST_SILENT;
}

/* Reads at least a byte. */
static smref_qtest_status read_more(smref_qtest *qtest, long long until)
{
    char *to = room_for(&qtest->in, REPLIES);
    smref_qtest_status status = SMREF_QTEST_OK;
    ssize_t got;

    for (;;) {
        smref_qtest_push(qtest);
        status = wait_for_it(qtest, until);
        if (status)
            return status;
        got = recv(qtest->fd, to, REPLIES, 0);
        if (got > 0)
            qtest->in.end += (size_t)got;
        if (got > 0)
            return SMREF_QTEST_OK;
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return SMREF_QTEST_ENDED;
    }
}

smref_qtest_status smref_qtest_reply(smref_qtest *qtest, const char **text)
{
    long long until = 0;
    smref_qtest_status status = SMREF_QTEST_OK;
    char *line = take_line(qtest);

    while (!line || strncmp(line, "IRQ ", 4) == 0) { /* what an intercepted interrupt does is no reply */
        if (!until)
            until = now_ms() + qtest->timeout_ms;
        if (!line)
            status = read_more(qtest, until);
        if (status)
            return status;
        line = take_line(qtest);
    }
    qtest->outstanding--;
    *text = line;
    if (strncmp(line, "OK", 2) != 0 || (line[2] && line[2] != ' '))
        return SMREF_QTEST_REFUSED;
    *text = line[2] ? line + 3 : line + 2;
    return SMREF_QTEST_OK;
}

smref_qtest_status smref_qtest_done(smref_qtest *qtest)
{
    const char *text;

    return smref_qtest_reply(qtest, &text);
}

smref_qtest_status smref_qtest_value(smref_qtest *qtest, uint64_t *value)
{
    const char *text;
    smref_qtest_status status = smref_qtest_reply(qtest, &text);
    char *end;

    if (status)
        return status;
    *value = strtoull(text, &end, 0);
    return end == text || *end ? SMREF_QTEST_REFUSED : SMREF_QTEST_OK;
}

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

smref_qtest_status smref_qtest_block(smref_qtest *qtest, void *bytes, size_t size)
{
    uint8_t *to = bytes;
    const char *text;
    smref_qtest_status status = smref_qtest_reply(qtest, &text);
    unsigned word = 0, bits = 0;
    size_t done = 0;

    if (status)
        return status;
    for (; done < size && digit_of(*text) >= 0; text++) {
        word = word << 6 | (unsigned)digit_of(*text);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        to[done++] = (uint8_t)(word >> bits);
    }
    return done == size ? SMREF_QTEST_OK : SMREF_QTEST_REFUSED;
}

smref_qtest_status smref_qtest_settle(smref_qtest *qtest)
{
    smref_qtest_status status = SMREF_QTEST_OK;

    while (qtest->outstanding && !status)
        status = smref_qtest_done(qtest);
    return status;
}
