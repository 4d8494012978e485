/* A conversation in lines over a UNIX socket. */
#define _POSIX_C_SOURCE 200809L

#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define PIECE 65536u

struct smref_lines {
    int file;
    char *path;
    const volatile sig_atomic_t *interrupted;
    unsigned timeout_ms;
    int64_t deadline;        /* in milliseconds of the monotonic clock */
    char *held;              /* what came and was not given out yet is [start, end) */
    size_t start, end, room; /* a line that was given out ends before `start` */
};

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool say(const smref_lines *lines, smref_jerror *error, const char *text)
{
    const smref_jdoc place = {.file = lines->path};

    return smref_jfail(&place, NULL, error, "%s", text);
}

static bool say_late(const smref_lines *lines, smref_jerror *error)
{
    const smref_jdoc place = {.file = lines->path};

    return smref_jfail(&place, NULL, error, "no answer in %u.%u s", lines->timeout_ms / 1000,
                       lines->timeout_ms % 1000 / 100);
}

void smref_lines_watch(smref_lines *lines, const volatile sig_atomic_t *interrupted)
{
    lines->interrupted = interrupted;
}

void smref_lines_allow(smref_lines *lines, unsigned timeout_ms)
{
    lines->timeout_ms = timeout_ms;
    lines->deadline = now() + timeout_ms;
}

bool smref_lines_late(const smref_lines *lines)
{
    return now() >= lines->deadline;
}

void smref_lines_excerpt(const char *said, char *out, size_t room)
{
    size_t i;

    for (i = 0; i + 1 < room && said[i]; i++)
        out[i] = said[i] >= ' ' && said[i] <= '~' ? said[i] : '.';
    out[i] = '\0';
}

/* ---- Opening --------------------------------------------------------------------------------------- */

static bool connect_to(smref_lines *lines, smref_jerror *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(lines->path);
    int flags;

    if (length >= sizeof address.sun_path)
        return say(lines, error, "the path of a socket has at most 107 bytes");
    memcpy(address.sun_path, lines->path, length);
    lines->file = socket(AF_UNIX, SOCK_STREAM, 0);
    if (lines->file < 0)
        return say(lines, error, strerror(errno));
    flags = fcntl(lines->file, F_GETFL);
    (void)fcntl(lines->file, F_SETFD, FD_CLOEXEC);
    if (flags < 0 || fcntl(lines->file, F_SETFL, flags | O_NONBLOCK) < 0 ||
        connect(lines->file, (const struct sockaddr *)&address, sizeof address) < 0)
        return say(lines, error, errno == EAGAIN ? "the socket is busy" : strerror(errno));
    return true;
}

smref_lines *smref_lines_open(const char *path, unsigned timeout_ms, smref_jerror *error)
{
    smref_lines *lines = smref_alloc(1, sizeof *lines);

    lines->file = -1;
    lines->path = smref_copy_text(path);
    smref_lines_allow(lines, timeout_ms);
    if (connect_to(lines, error))
        return lines;
    smref_lines_close(lines);
    return NULL;
}

void smref_lines_close(smref_lines *lines)
{
    if (!lines)
        return;
    if (lines->file >= 0)
        close(lines->file);
    free(lines->held);
    free(lines->path);
    free(lines);
}

/* ---- Talking --------------------------------------------------------------------------------------- */

/* Waits until the socket is ready for `events`. */
static bool wait_for(const smref_lines *lines, short events, smref_jerror *error)
{
    struct pollfd poller = {.fd = lines->file, .events = events};
    int64_t left;

    for (;;) {
        if (lines->interrupted && *lines->interrupted)
            return say(lines, error, "interrupted");
        left = lines->deadline - now();
        if (left <= 0)
            return say_late(lines, error);
        int ready = poll(&poller, 1, (int)(left < 60000 ? left : 60000));
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return say(lines, error, strerror(errno));
    }
}

bool smref_lines_send(smref_lines *lines, const char *text, size_t size, smref_jerror *error)
{
    while (size) {
        if (!wait_for(lines, POLLOUT, error))
            return false;
        ssize_t done = send(lines->file, text, size, MSG_NOSIGNAL);
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return say(lines, error, errno == EPIPE ? "the other side went away" : strerror(errno));
        if (done > 0) {
            text += done;
            size -= (size_t)done;
        }
    }
    return true;
}

/* Reads some more behind `end`. */
static bool read_more(smref_lines *lines, smref_jerror *error)
{
    if (lines->start) {
        memmove(lines->held, lines->held + lines->start, lines->end - lines->start);
        lines->end -= lines->start;
        lines->start = 0;
    }
    if (lines->end >= SMREF_LINE_MOST)
        return say(lines, error, "the answer is longer than 64 MiB");
    if (lines->room < lines->end + PIECE) {
        lines->room = 2 * lines->room + PIECE;
        lines->held = smref_resize(lines->held, lines->room, 1);
    }
    for (;;) {
        if (!wait_for(lines, POLLIN, error))
            return false;
        ssize_t got = recv(lines->file, lines->held + lines->end, lines->room - lines->end, 0);
        if (got > 0) {
            lines->end += (size_t)got;
            return true;
        }
        if (got == 0)
            return say(lines, error, "the other side went away");
        if (errno != EAGAIN && errno != EINTR)
            return say(lines, error, errno == ECONNRESET ? "the other side went away" : strerror(errno));
    }
}

const char *smref_lines_next(smref_lines *lines, size_t *size, smref_jerror *error)
{
    size_t looked = 0;

    for (;;) {
        char *from = lines->held ? lines->held + lines->start : NULL;
        size_t have = lines->end - lines->start;
        char *end = have > looked ? memchr(from + looked, '\n', have - looked) : NULL;
        if (end) {
            lines->start += (size_t)(end - from) + 1;
            if (end > from && end[-1] == '\r')
                end--;
            *end = '\0';
            *size = (size_t)(end - from);
            return from;
        }
        looked = have;
        if (!read_more(lines, error))
            return NULL;
    }
}
