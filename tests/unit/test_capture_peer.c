/*
 * `smref capture` against other ends of its socket that are no good: they go away, are silent, say too much,
 * say something else, have other types, refuse. Nothing of that ends it otherwise than with a message and an
 * exit status, or keeps it longer than its time-out; and a guest that it stopped runs on when that can be
 * told.
 */
#define _XOPEN_SOURCE 700

#include <check.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../suite.h"
#include "command.h"
#include "located.h"

static char folder[] = "/tmp/test-capture.XXXXXX";
static char socket_path[64], out_path[64], said_path[64];
static int asked; /* written to when an answer is late */

/* ---- The other end --------------------------------------------------------------------------------- */

enum how {
    SAY,     /* a whole answer in the place of the right one */
    RETURN,  /* {"return": this} */
    TEXT,    /* {"return": "this"}, of monitor commands */
    CLOSE,   /* goes away */
    SILENCE, /* for ever */
    DRIP,    /* a byte at a time, without end */
    EVENTS,  /* without end */
    FLOOD,   /* one line that is too long */
    LATE,    /* the right answer, after two seconds */
};

struct fault {
    const char *name;
    const char *command; /* "greeting", a command of QMP, or the beginning of one of the monitor */
    enum how how;
    const char *answer;
    int code;
    const char *message; /* is in what it says */
};

static const char greeting[] =
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": 10}}, \"capabilities\": []}}";
static const char map[] = "FlatView #0\\n AS \\\"memory\\\", root: system\\n Root memory region: system\\n"
                          "  0000000009050000-000000000906ffff (prio 0, i/o): arm-smmuv3\\n"
                          "  0000000040000000-000000004000ffff (prio 0, ram): mach-virt.ram\\n\\n";

static const struct {
    unsigned offset, value;
} registers[] = {{0x00, 0x0d44101b}, {0x04, 0x02730010}, {0x14, 0x74},       {0x1c, 0x1},
                 {0x20, 0xd},        {0x24, 0xd},        {0x80, 0x40000000}, {0x88, 0x4},
                 {0xa0, 0x40001002}, {0x90, 0x40002002}};

static void send_all(int to, const char *text, size_t size)
{
    while (size) {
        ssize_t done = send(to, text, size, MSG_NOSIGNAL);
        if (done <= 0)
            _exit(0);
        text += done;
        size -= (size_t)done;
    }
}

static void send_text(int to, const char *text)
{
    send_all(to, text, strlen(text));
}

/* Whether the right answer follows. */
static bool misbehave(int to, const struct fault *fault, json_int_t id)
{
    static char filler[1 << 16];
    char line[4096];
    switch (fault->how) {
    case SAY:
        send_text(to, fault->answer);
        send_text(to, "\r\n");
        return false;
    case RETURN:
    case TEXT:
        snprintf(line, sizeof line, "{\"return\": %s%s%s, \"id\": %lld}\r\n", fault->how == TEXT ? "\"" : "",
                 fault->answer, fault->how == TEXT ? "\"" : "", (long long)id);
        send_text(to, line);
        return false;
    case CLOSE:
        _exit(0);
    case SILENCE:
        for (;;)
            pause();
    case DRIP:
        for (;; nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL))
            send_text(to, " ");
    case EVENTS:
        for (;;)
            send_text(to, "{\"event\": \"RESET\"}\r\n");
    case FLOOD:
        memset(filler, 'x', sizeof filler);
        for (unsigned i = 0; i < 2000; i++)
            send_all(to, filler, sizeof filler);
        _exit(0);
    case LATE:
        if (write(asked, "", 1) != 1)
            _exit(2);
        nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
        return true;
    }
    return true;
}

static unsigned long value_at(unsigned long address)
{
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        if (0x9050000 + registers[i].offset == address)
            return registers[i].value;
    return 0;
}

/* What the monitor prints for `xp`: a register, or memory full of zeros. */
static void answer_xp(int to, const char *command, json_int_t id)
{
    unsigned long address, count;
    char size, line[128];
    if (sscanf(command, "xp /%lux%c 0x%lx", &count, &size, &address) != 3)
        _exit(3);
    snprintf(line, sizeof line, "{\"id\": %lld, \"return\": \"%lx: ", (long long)id, address);
    send_text(to, line);
    for (unsigned long i = 0; i < count; i++) {
        snprintf(line, sizeof line, i % 2 == 1 && count > 1 ? "0x%lx\\r\\n%lx: " : "0x%lx ",
                 size == 'w' ? value_at(address) : 0, address + 8 * i + 8);
        send_text(to, line);
    }
    send_text(to, "\"}\r\n");
}

static void answer(int to, const char *command, const char *monitor, json_int_t id)
{
    char line[1024];
    const char *value = "{}";
    if (monitor && strncmp(monitor, "xp ", 3) == 0) {
        answer_xp(to, monitor, id);
        return;
    }
    if (strcmp(command, "pmemsave") == 0) {
        snprintf(line, sizeof line, "{\"error\": {\"desc\": \"no such file\"}, \"id\": %lld}\r\n",
                 (long long)id);
        send_text(to, line);
        return;
    }
    if (strcmp(command, "query-status") == 0)
        value = "{\"status\": \"running\", \"running\": true}";
    else if (strcmp(command, "qom-get") == 0)
        value = "\"virt-10.0-machine\"";
    else if (strcmp(command, "query-pci") == 0)
        value = "[]";
    snprintf(line, sizeof line, "{\"event\": \"RTC_CHANGE\"}\r\n{\"return\": %s%s%s, \"id\": %lld}\r\n",
             monitor ? "\"" : "", monitor ? map : value, monitor ? "\"" : "", (long long)id);
    send_text(to, line);
}

static bool meant(const struct fault *fault, const char *command, const char *monitor)
{
    return strcmp(fault->command, command) == 0 ||
           (monitor && strncmp(fault->command, monitor, strlen(fault->command)) == 0);
}

/* Exit status 1: the guest was stopped and not continued. */
static void serve(int listener, const struct fault *fault)
{
    int to = accept(listener, NULL, NULL);
    FILE *from = fdopen(to, "r");
    char line[4096];
    bool stopped = false;
    if (strcmp(fault->command, "greeting") == 0)
        (void)misbehave(to, fault, 0);
    else
        send_text(to, greeting), send_text(to, "\r\n");
    while (fgets(line, sizeof line, from)) {
        json_t *object = json_loads(line, 0, NULL);
        const char *command = json_string_value(json_object_get(object, "execute"));
        const char *monitor =
            json_string_value(json_object_get(json_object_get(object, "arguments"), "command-line"));
        json_int_t id = json_integer_value(json_object_get(object, "id"));
        if (!command)
            _exit(2);
        stopped = (stopped || strcmp(command, "stop") == 0) && strcmp(command, "cont") != 0;
        if (!meant(fault, command, monitor) || misbehave(to, fault, id))
            answer(to, command, monitor, id);
        json_decref(object);
    }
    _exit(stopped ? 1 : 0);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    return listener;
}

/* ---- The command ----------------------------------------------------------------------------------- */

/* Only peers that never answer are to come to the time that an answer may take: under valgrind others are
 * slow. */
static char *timeout_of(const struct fault *fault)
{
    bool never = fault->how == SILENCE || fault->how == DRIP || fault->how == EVENTS;
    return never || strstr(fault->message, "no answer") ? "2" : "30";
}

static int capture(const struct fault *fault)
{
    char *arguments[] = {"capture",         "--qmp", socket_path, "--timeout",
                         timeout_of(fault), "-o",    out_path,    NULL};
    optind = 0;
    return smref_cmd_capture(7, arguments);
}

/* Runs the command in a process of its own, which it may end by a signal; what it says goes to a file.
 * `when_asked`: the user interrupts it once the peer was asked what it answers late; or -1. */
static int run_command(const struct fault *fault, int when_asked)
{
    int status;
    char byte;
    pid_t child = fork();
    if (child == 0) {
        if (!freopen(said_path, "w", stderr) || !freopen("/dev/null", "w", stdout))
            _exit(99);
        alarm(50);
        int code = capture(fault);
        fflush(stderr);
        _exit(code);
    }
    if (when_asked >= 0) {
        ck_assert_int_eq(read(when_asked, &byte, 1), 1);
        ck_assert_int_eq(kill(child, SIGINT), 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static char *what_it_said(void)
{
    static char text[4096];
    FILE *file = fopen(said_path, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    return text;
}

static const struct fault faults[] = {
    {"nothing wrong", "none", SAY, "", 0, ""},
    {"goes away at once", "greeting", CLOSE, "", 3, "went away"},
    {"no greeting", "greeting", SILENCE, "", 3, "serves one client at a time"},
    {"drips", "greeting", DRIP, "", 3, "no greeting"},
    {"another protocol", "greeting", SAY, "220 mail.example ESMTP", 3, "no QMP: it said \"220 mail"},
    {"the human monitor", "greeting", SAY, "QEMU 10.0.2 monitor - type 'help'", 3, "human monitor"},
    {"control characters", "greeting", SAY, "\033[2J\007", 3, "no QMP: it said \".[2J.\""},
    {"an array", "greeting", SAY, "[]", 3, "no QMP"},
    {"no greeting but an object", "greeting", SAY, "{\"return\": {}}", 3, "no QMP"},
    {"a greeting without a version", "greeting", SAY, "{\"QMP\": {}}", 0, ""},
    {"a version of other types", "greeting", SAY,
     "{\"QMP\": {\"version\": {\"qemu\": {\"major\": \"x\", \"minor\": {}, \"micro\": []}}}}", 0, ""},
    {"a flood", "greeting", FLOOD, "", 3, "longer than 64 MiB"},
    {"refuses to negotiate", "qmp_capabilities", SAY, "{\"error\": {\"desc\": \"no\"}}", 3, "no"},
    {"goes away then", "qmp_capabilities", CLOSE, "", 3, "went away"},
    {"events without end", "query-status", EVENTS, "", 3, "no answer in 2.0 s"},
    {"an answer that is none", "query-status", SAY, "{\"x\": 1}", 3, "no QMP"},
    {"an answer with another number", "query-status", SAY, "{\"return\": {}, \"id\": 1000000}", 3,
     "no answer"},
    {"a number that is a text", "query-status", SAY, "{\"return\": {}, \"id\": \"x\"}", 3, "no QMP"},
    {"an error that is a number", "query-status", SAY, "{\"error\": 5}", 2, "query-status: refused"},
    {"an error with control characters", "query-status", SAY, "{\"error\": {\"desc\": \"\\u001b[2J\"}}", 2,
     "query-status: .[2J"},
    {"a status of another type", "query-status", RETURN, "7", 0, ""},
    {"half an object", "query-status", SAY, "{\"return\": ", 3, "no QMP"},
    {"goes away when stopped", "stop", CLOSE, "", 3, "went away"},
    {"does not stop", "stop", RETURN, "{}", 0, ""},
    {"refuses to stop", "stop", SAY, "{\"error\": {\"desc\": \"migrating\"}}", 2, "stop: migrating"},
    {"is silent when continued", "cont", SILENCE, "", 3, "no answer"},
    {"a machine of another type", "qom-get", RETURN, "[[[]]]", 0, ""},
    {"a map that is no text", "info mtree", RETURN, "{}", 3, "no text came"},
    {"an empty map", "info mtree", TEXT, "", 3, "does not tell its map"},
    {"a map of something else", "info mtree", TEXT, "Usage: info mtree\\n\\n  x", 3, "does not tell its map"},
    {"a map without memory", "info mtree", TEXT, " AS \\\"memory\\\"\\n  0-ffffffffffffffff (prio 0, i/o): x",
     2, "has no SMMUv3"},
    {"a map with ranges that lie over one another", "info mtree", TEXT,
     " AS \\\"memory\\\"\\n  1000-9050fff (prio 0, ram): a\\n  0-ffffffffffffffff (prio 0, ram): b\\n"
     "  9051000-0 (prio 0, ram): c\\n  9060000-906ffff (prio 0, i/o): arm-smmuv3",
     2, "no SMMUv3 is at 0x9060000"},
    {"two SMMUs", "info mtree", TEXT,
     " AS \\\"memory\\\"\\n  9050000-906ffff (prio 0, i/o): arm-smmuv3\\n"
     "  c000000-c01ffff (prio 0, i/o): arm-smmuv3",
     2, "several SMMUv3s, at 0x9050000 and 0xc000000; --base"},
    {"a register that cannot be read", "xp /1xw", TEXT, "Cannot access memory", 2, "Cannot access memory"},
    {"a register without a value", "xp /1xw", TEXT, "9050000:", 2, "xp /1xw"},
    {"a register that is too wide", "xp /1xw", TEXT, "9050000: 0x100000000", 2, "xp /1xw"},
    {"registers of ones", "xp /1xw", TEXT, "9050000: 0xffffffff", 0, ""},
    {"memory that cannot be read", "xp /512xg", TEXT, "40000000: Cannot access memory", 2, "xp /512xg"},
    {"memory that ends early", "xp /512xg", TEXT, "40000000: 0x1 0x2", 2, "xp /512xg"},
    {"memory that is no text", "xp /512xg", RETURN, "[1, 2]", 3, "no text came"},
    {"goes away in the middle", "xp /512xg", CLOSE, "", 3, "went away"},
    {"is silent in the middle", "xp /512xg", SILENCE, "", 3, "no answer"},
    {"is interrupted", "xp /512xg", LATE, "", 2, "interrupted"},
    {"a file that was not written", "pmemsave", RETURN, "{}", 0, ""},
    {"functions of other types", "query-pci", RETURN,
     "[[], {\"devices\": [{\"pci_bridge\": 3, \"bus\": {}}]}]", 0, ""},
};

START_TEST(ends_with_a_message)
{
    const struct fault *fault = &faults[_i];
    int listener = listen_at(socket_path), status, pair[2];
    ck_assert_int_eq(pipe(pair), 0);
    asked = pair[1];
    pid_t server = fork();
    if (server == 0)
        serve(listener, fault);
    close(listener);
    close(asked);
    unlink(out_path);
    int code = run_command(fault, fault->how == LATE ? pair[0] : -1);
    close(pair[0]);
    const char *said = what_it_said();
    bool written = access(out_path, F_OK) == 0;
    if (fault->how == SILENCE || fault->how == DRIP || fault->how == EVENTS)
        kill(server, SIGKILL);
    ck_assert_int_eq(waitpid(server, &status, 0), server);
    ck_assert_msg(code == fault->code, "%s: exit status %d, expected %d: %s", fault->name, code, fault->code,
                  said);
    ck_assert_msg(strstr(said, fault->message) != NULL, "%s: it said: %s", fault->name, said);
    ck_assert_msg(written == (code <= 1), "%s", fault->name);
    if (WIFEXITED(status))
        ck_assert_msg(WEXITSTATUS(status) == 0, "%s: the guest stands still (%d)", fault->name,
                      WEXITSTATUS(status));
}
END_TEST

static void make_folder(void)
{
    ck_assert(mkdtemp(folder) != NULL);
    snprintf(socket_path, sizeof socket_path, "%s/qmp", folder);
    snprintf(out_path, sizeof out_path, "%s/out.json", folder);
    snprintf(said_path, sizeof said_path, "%s/said", folder);
}

static void drop_folder(void)
{
    unlink(socket_path);
    unlink(out_path);
    unlink(said_path);
    rmdir(folder);
}

int main(void)
{
    Suite *suite = suite_create("capture_peer");
    TCase *all = tcase_create("faults");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, make_folder, drop_folder);
    tcase_add_loop_test(all, ends_with_a_message, 0, (int)(sizeof faults / sizeof *faults));
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
