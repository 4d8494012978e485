/* QEMU processes. */
#define _GNU_SOURCE /* memfd_create, pipe2 */
#include "qemu_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define PROMPT "(qemu) " /* of the monitor */

/* ---- Arguments ------------------------------------------------------------------------------------- */

void smref_qemu_argument(smref_qemu_arguments *arguments, const char *format, ...)
{
    char text[512];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    arguments->list = smref_resize(arguments->list, arguments->count + 2, sizeof *arguments->list);
    arguments->list[arguments->count++] = smref_copy_text(text);
    arguments->list[arguments->count] = NULL;
}

void smref_qemu_arguments_free(smref_qemu_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++)
        free(arguments->list[i]);
    free(arguments->list);
    *arguments = (smref_qemu_arguments){NULL, 0};
}

/* ---- Starting -------------------------------------------------------------------------------------- */

/* In the child, which inherits only `kept`. */
static void become(char **arguments, int printed, const int *kept, size_t count)
{
    int null = open("/dev/null", O_RDONLY);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(printed, STDOUT_FILENO) < 0 ||
        dup2(printed, STDERR_FILENO) < 0)
        _exit(127);
    for (size_t i = 0; i < count; i++)
        (void)fcntl(kept[i], F_SETFD, 0);
    execvp(arguments[0], arguments);
    dprintf(STDERR_FILENO, "cannot be started: %s\n", strerror(errno));
    _exit(127);
}

/* Numbers above the standard ones, which no other child inherits. */
static bool lift(int fds[2])
{
    for (int i = 0; i < 2; i++) {
        int fd = fcntl(fds[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(fds[i]);
        fds[i] = fd;
    }
    return fds[0] >= 0 && fds[1] >= 0;
}

static bool open_socket(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 && lift(ends);
}

static bool open_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 && lift(ends);
}

static void close_both(int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* The last line that it printed. */
static void last_words(int printed, char *out, size_t room)
{
    char text[2048];
    off_t size = lseek(printed, 0, SEEK_END);
    off_t from = size > (off_t)sizeof text - 1 ? size - (off_t)sizeof text + 1 : 0;
    ssize_t got = pread(printed, text, sizeof text - 1, from);
    char *line;

    while (got > 0 && text[got - 1] == '\n')
        got--;
    text[got > 0 ? got : 0] = '\0';
    line = strrchr(text, '\n');
    snprintf(out, room, "%.*s", (int)room - 1, line ? line + 1 : text);
}

static void add_own_arguments(smref_qemu_arguments *all, const smref_qemu_arguments *arguments, int qtest,
                              int monitor, int trace)
{
    for (size_t i = 0; i < arguments->count; i++)
        smref_qemu_argument(all, "%s", arguments->list[i]);
    smref_qemu_argument(all, "-chardev");
    smref_qemu_argument(all, "socket,id=qtest,fd=%d", qtest);
    smref_qemu_argument(all, "-qtest");
    smref_qemu_argument(all, "chardev:qtest");
    smref_qemu_argument(all, "-qtest-log");
    smref_qemu_argument(all, "none");
    smref_qemu_argument(all, "-chardev");
    smref_qemu_argument(all, "socket,id=monitor,fd=%d", monitor);
    smref_qemu_argument(all, "-monitor"); /* QMP would have a thread, which each step of the clock wakes */
    smref_qemu_argument(all, "chardev:monitor");
    smref_qemu_argument(all, "-D");
    smref_qemu_argument(all, "/dev/fd/%d", trace);
}

static bool fork_it(smref_qemu_process *process, const smref_qemu_arguments *arguments, int memory)
{
    int qtest[2] = {-1, -1}, monitor[2] = {-1, -1}, trace[2] = {-1, -1};
    smref_qemu_arguments all = {NULL, 0};
    bool good = open_socket(qtest) && open_socket(monitor) && open_pipe(trace);
    const int kept[] = {qtest[1], monitor[1], trace[1], memory};

    process->printed = memfd_create("printed", MFD_CLOEXEC);
    good = good && process->printed >= 0;
    if (good) {
        add_own_arguments(&all, arguments, qtest[1], monitor[1], trace[1]);
        fflush(NULL);
        process->pid = fork();
        if (process->pid == 0)
            become(all.list, process->printed, kept, 4);
        smref_qemu_arguments_free(&all);
    }
    if (!good || process->pid < 0) {
        close_both(qtest);
        close_both(monitor);
        close_both(trace);
        process->pid = 0;
        return false;
    }
    close(qtest[1]);
    close(monitor[1]);
    close(trace[1]);
    process->qtest = smref_qtest_new(qtest[0], process->timeout_ms);
    process->monitor = monitor[0];
    process->trace = trace[0];
    (void)fcntl(process->trace, F_SETFL, O_NONBLOCK);
    return true;
}

bool smref_qemu_start(smref_qemu_process *process, const smref_qemu_arguments *arguments, int memory,
                      unsigned timeout_ms, char why[256])
{
    smref_qtest_status status;

    *process = (smref_qemu_process){.timeout_ms = timeout_ms, .monitor = -1, .trace = -1, .printed = -1};
    if (!fork_it(process, arguments, memory)) {
        snprintf(why, 256, "cannot be started: %s", strerror(errno));
        if (process->printed >= 0)
            close(process->printed);
        return false;
    }
    smref_qtest_request(process->qtest, "endianness");
    status = smref_qtest_done(process->qtest);
    if (!status)
        return true;
    smref_qemu_stop(process, NULL, status == SMREF_QTEST_ENDED ? why : NULL);
    if (status == SMREF_QTEST_SILENT)
        snprintf(why, 256, "no answer in %u ms", timeout_ms);
    return false;
}

void smref_qemu_set_timeout(smref_qemu_process *process, unsigned timeout_ms)
{
    process->timeout_ms = timeout_ms;
    smref_qtest_set_timeout(process->qtest, timeout_ms);
}

/* ---- Ending ---------------------------------------------------------------------------------------- */

#define LAST_MS                                                                                              \
    10000 /* that a process may take to end which no longer answers: a busy machine writes a core */

/* Whether it ended by itself, given a moment. It is not reaped, so that its number stays its own. */
static bool ended(pid_t pid)
{
    const struct timespec nap = {0, 2000000};
    siginfo_t info;

    for (int ms = 0; ms < LAST_MS; ms += 2) {
        info.si_pid = 0;
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
            return true;
        nanosleep(&nap, NULL);
    }
    return false;
}

/* Adds what it printed to a file. */
static void keep(int printed, const char *log)
{
    FILE *out = log ? fopen(log, "a") : NULL;
    char text[4096];
    off_t at = 0;
    ssize_t got;

    if (!out)
        return;
    while ((got = pread(printed, text, sizeof text, at)) > 0) {
        fwrite(text, 1, (size_t)got, out);
        at += got;
    }
    fclose(out);
}

static void say_how(const smref_qemu_process *process, bool itself, int status, char how[256])
{
    char words[160];

    last_words(process->printed, words, sizeof words);
    if (!itself)
        snprintf(how, 256, "ended");
    else if (WIFSIGNALED(status))
        snprintf(how, 256, "ended by signal %d%s%s", WTERMSIG(status), *words ? ": " : "", words);
    else
        snprintf(how, 256, "ended with status %d%s%s", WEXITSTATUS(status), *words ? ": " : "", words);
}

void smref_qemu_stop(smref_qemu_process *process, const char *log, char how[256])
{
    int status = 0;
    bool itself = false;

    if (!process->pid)
        return;
    itself = how && ended(process->pid);
    (void)kill(process->pid, SIGKILL);
    (void)waitpid(process->pid, &status, 0);
    if (how)
        say_how(process, itself, status, how);
    keep(process->printed, log);
    smref_qtest_free(process->qtest);
    close(process->monitor);
    close(process->trace);
    close(process->printed);
    *process = (smref_qemu_process){.pid = 0};
}

/* ---- What it prints -------------------------------------------------------------------------------- */

char *smref_qemu_output(const smref_qemu_arguments *arguments, unsigned timeout_ms, char why[256])
{
    const struct timespec nap = {0, 5000000};
    int printed = memfd_create("printed", MFD_CLOEXEC);
    pid_t pid = printed < 0 ? -1 : (fflush(NULL), fork());
    int status = 0;
    pid_t done = 0;
    char *text = NULL;
    off_t size;

    if (pid == 0)
        become(arguments->list, printed, NULL, 0);
    for (unsigned ms = 0; pid > 0 && !done && ms < timeout_ms; ms += 5) {
        done = waitpid(pid, &status, WNOHANG);
        if (!done)
            nanosleep(&nap, NULL);
    }
    if (pid > 0 && !done) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, &status, 0);
    }
    if (done > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        size = lseek(printed, 0, SEEK_END);
        text = smref_alloc((size_t)size + 1, 1);
        if (pread(printed, text, (size_t)size, 0) != size)
            *text = '\0';
    } else if (done > 0)
        last_words(printed, why, 256);
    else
        snprintf(why, 256, "%s", pid > 0 ? "no answer in time" : strerror(errno));
    if (printed >= 0)
        close(printed);
    return text;
}

/* ---- The monitor, and the trace -------------------------------------------------------------------- */

/* Reads until `word` was there, or there is nothing in time. */
static bool hear(const smref_qemu_process *process, const char *word)
{
    struct pollfd end = {process->monitor, POLLIN, 0};
    char text[4096];
    size_t used = 0;
    ssize_t got;

    while (poll(&end, 1, (int)process->timeout_ms) > 0) {
        if (used > sizeof text / 2) {
            memmove(text, text + used - 64, 64);
            used = 64;
        }
        got = read(process->monitor, text + used, sizeof text - 1 - used);
        if (got <= 0)
            return false;
        used += (size_t)got;
        text[used] = '\0';
        if (strstr(text, word))
            return true;
    }
    return false;
}

/* The reset comes before QEMU looks at any later request. */
bool smref_qemu_reset(smref_qemu_process *process)
{
    static const char command[] = "system_reset\n";

    if (!process->greeted && !hear(process, PROMPT))
        return false;
    process->greeted = true;
    return write(process->monitor, command, sizeof command - 1) == (ssize_t)sizeof command - 1 &&
           hear(process, "\n" PROMPT);
}

const char *smref_qemu_traced(smref_qemu_process *process)
{
    ssize_t got = read(process->trace, process->trace_text, sizeof process->trace_text - 1);

    process->trace_text[got > 0 ? got : 0] = '\0';
    return process->trace_text;
}
