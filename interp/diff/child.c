/* A child process that speaks lines on its standard input and output. */
#define _POSIX_C_SOURCE 200809L
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

/* Bytes from `start` to `end` are still of use. */
struct buffer {
    char *bytes;
    size_t start, end, room;
};

struct smref_child {
    pid_t pid;
    int to, from; /* ends of the pipes; -1: closed */
    struct buffer out, in;
    size_t looked; /* bytes of `in` that hold no end of a line */
};

/* Room for `more` bytes at the end. */
static void make_room(struct buffer *buffer, size_t more)
{
    size_t used = buffer->end - buffer->start;

    if (buffer->room - buffer->end >= more)
        return;
    if (buffer->start)
        memmove(buffer->bytes, buffer->bytes + buffer->start, used);
    buffer->start = 0;
    buffer->end = used;
    if (buffer->room - used >= more)
        return;
    buffer->room = 2 * (used + more);
    buffer->bytes = smref_resize(buffer->bytes, buffer->room, 1);
}

/* ---- Starting -------------------------------------------------------------------------------------- */

/* In the child: pipes in the place of standard input and output, and the shell. */
static void become(const char *command, const int to[2], const int from[2])
{
    (void)setpgid(0, 0);
    (void)signal(SIGPIPE, SIG_DFL);
    if (dup2(to[0], STDIN_FILENO) >= 0 && dup2(from[1], STDOUT_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* A pipe whose ends no other child inherits, and which have numbers above the standard ones. */
static bool open_pipe(int ends[2])
{
    int pair[2];

    ends[0] = ends[1] = -1;
    if (pipe(pair) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(pair[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(pair[i]);
    }
    return ends[0] >= 0 && ends[1] >= 0;
}

static void close_pipe(const int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

static bool never_waits(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

smref_child *smref_child_start(const char *command, char why[256])
{
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    smref_child *child;
    pid_t pid = -1;

    (void)signal(SIGPIPE, SIG_IGN);
    fflush(NULL);
    if (open_pipe(to) && open_pipe(from) && never_waits(to[1]) && never_waits(from[0]))
        pid = fork();
    if (pid == 0)
        become(command, to, from);
    if (pid < 0) {
        snprintf(why, 256, "cannot be started: %s", strerror(errno));
        close_pipe(to);
        close_pipe(from);
        return NULL;
    }
    (void)setpgid(pid, pid); /* whoever comes first */
    close(to[0]);
    close(from[1]);
    child = smref_alloc(1, sizeof *child);
    child->pid = pid;
    child->to = to[1];
    child->from = from[0];
    make_room(&child->in, 65536);
    return child;
}

/* ---- Speaking -------------------------------------------------------------------------------------- */

/* Writes what the pipe takes. A child that reads no more is noticed when its output ends. */
static void flush_out(smref_child *child)
{
    struct buffer *out = &child->out;
    ssize_t done;

    while (child->to >= 0 && out->start < out->end) {
        done = write(child->to, out->bytes + out->start, out->end - out->start);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (done < 0) {
            close(child->to);
            child->to = -1;
            break;
        }
        out->start += (size_t)done;
    }
    out->start = out->end = 0;
}

void smref_child_send(smref_child *child, const char *bytes, size_t size)
{
    if (child->to < 0)
        return;
    make_room(&child->out, size);
    memcpy(child->out.bytes + child->out.end, bytes, size);
    child->out.end += size;
    flush_out(child);
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes a line out of what was read. */
static bool take_line(smref_child *child, char **line, size_t *size)
{
    struct buffer *in = &child->in;
    char *from = in->bytes + in->start;
    char *end = in->end - in->start > child->looked
                    ? memchr(from + child->looked, '\n', in->end - in->start - child->looked)
                    : NULL;

    if (!end) {
        child->looked = in->end - in->start;
        return false;
    }
    *line = from;
    *size = (size_t)(end - from);
    *end = '\0';
    in->start += *size + 1;
    child->looked = 0;
    return true;
}

/* Waits until something can be read or written, and does it. */
static smref_child_status go_on(smref_child *child, long long until)
{
    bool full = child->to >= 0 && child->out.start < child->out.end;
    struct pollfd ends[2] = {{child->from, POLLIN, 0}, {full ? child->to : -1, POLLOUT, 0}};
    long long left = until - now_ms();
    int ready = left > 0 ? poll(ends, 2, left > 60000 ? 60000 : (int)left) : 0;
    ssize_t got;

    if (ready <= 0)
        return left > 0 && (ready == 0 || errno == EINTR) ? SMREF_CHILD_OK : SMREF_CHILD_SILENT;
    if (ends[1].revents)
        flush_out(child);
    if (!ends[0].revents)
        return SMREF_CHILD_OK;
    make_room(&child->in, 65536);
    got = read(child->from, child->in.bytes + child->in.end, child->in.room - child->in.end);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        return SMREF_CHILD_ENDED;
    child->in.end += got > 0 ? (size_t)got : 0;
    return SMREF_CHILD_OK;
}

smref_child_status smref_child_line(smref_child *child, unsigned timeout_ms, char **line, size_t *size)
{
    long long until = now_ms() + timeout_ms;
    smref_child_status status = SMREF_CHILD_OK;

    while (!take_line(child, line, size)) {
        if (child->looked > SMREF_CHILD_LINE)
            return SMREF_CHILD_ENDLESS;
        status = go_on(child, until);
        if (status != SMREF_CHILD_OK)
            return status;
    }
    return SMREF_CHILD_OK;
}

/* ---- Ending ---------------------------------------------------------------------------------------- */

static void say_how(int status, char how[64])
{
    if (WIFSIGNALED(status))
        snprintf(how, 64, "ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) > 128) /* what the shell makes of a signal */
        snprintf(how, 64, "ended by signal %d", WEXITSTATUS(status) - 128);
    else
        snprintf(how, 64, "ended with status %d", WEXITSTATUS(status));
}

/* Whether it ended by itself until then. It is not reaped, so that its number stays its own. */
static bool ends_itself(const smref_child *child, long long until)
{
    const struct timespec nap = {0, 2000000};
    siginfo_t info;

    for (;;) {
        info.si_pid = 0;
        if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
            return true;
        if (now_ms() >= until)
            return false;
        nanosleep(&nap, NULL);
    }
}

void smref_child_stop(smref_child *child, unsigned grace_ms, char how[64])
{
    int status = 0;
    bool itself;

    if (child->to >= 0)
        close(child->to);
    close(child->from);
    itself = ends_itself(child, now_ms() + grace_ms);
    (void)kill(-child->pid, SIGKILL); /* what it started may live on */
    (void)waitpid(child->pid, &status, 0);
    if (how && itself)
        say_how(status, how);
    else if (how)
        snprintf(how, 64, "closed its output and went on");
    free(child->out.bytes);
    free(child->in.bytes);
    free(child);
}
