/* The qtest protocol, with another end that is no QEMU. */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../suite.h"
#include "qtest.h"

#define MANY 20000
#define LARGE 3000

/* The other end: answers a line as `answer` says, and stays until the connection is closed. */
struct peer {
    pid_t pid;
    smref_qtest *qtest;
};

typedef void answerer(FILE *to, const char *line);

static struct peer start_peer(answerer *answer, unsigned timeout_ms)
{
    static char line[2 * LARGE + 64];
    struct peer peer = {0, NULL};
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    peer.pid = fork();
    if (peer.pid == 0) {
        FILE *from = fdopen(ends[1], "r"), *to = fdopen(dup(ends[1]), "w");
        close(ends[0]);
        while (from && to && fgets(line, sizeof line, from)) {
            answer(to, line);
            fflush(to); /* waits until all of it was taken */
        }
        _exit(0);
    }
    close(ends[1]);
    peer.qtest = smref_qtest_new(ends[0], timeout_ms);
    return peer;
}

static void stop_peer(struct peer *peer)
{
    smref_qtest_free(peer->qtest);
    (void)kill(peer->pid, SIGKILL);
    (void)waitpid(peer->pid, NULL, 0);
}

static void echo(FILE *to, const char *line)
{
    fprintf(to, "OK %s", line);
}

/* ---- Requests -------------------------------------------------------------------------------------- */

/* One of each kind, as QEMU's system/qtest.c reads them. */
START_TEST(requests_are_spelled_as_qemu_reads_them)
{
    static const char *const lines[] = {
        "readb 0x0",
        "readw 0x1002",
        "readl 0x9050020",
        "readq 0xfffffffffffffff8",
        "writeb 0x1 0xff",
        "writew 0x2 0x1234",
        "writel 0x4 0xdeadbeef",
        "writeq 0x8 0x8000000000000000",
        "b64read 0x40000000 0x40",
        "b64write 0x10 0x1 AA==",
        "b64write 0x10 0x2 AP8=",
        "b64write 0x10 0x3 AP8Q",
        "b64write 0x10 0x4 AP8Q/g==",
        "clock_step 100000000",
        "endianness",
    };
    const uint8_t bytes[] = {0x00, 0xff, 0x10, 0xfe};
    struct peer peer = start_peer(echo, 20000);
    smref_qtest *q = peer.qtest;
    const char *text;

    smref_qtest_read(q, 0, 1);
    smref_qtest_read(q, 0x1002, 2);
    smref_qtest_read(q, 0x9050020, 4);
    smref_qtest_read(q, UINT64_MAX - 7, 8);
    smref_qtest_write(q, 1, 1, 0xff);
    smref_qtest_write(q, 2, 2, 0x1234);
    smref_qtest_write(q, 4, 4, 0xdeadbeef);
    smref_qtest_write(q, 8, 8, UINT64_C(1) << 63);
    smref_qtest_read_block(q, 0x40000000, 64);
    for (size_t i = 1; i <= sizeof bytes; i++)
        smref_qtest_write_block(q, 0x10, bytes, i);
    smref_qtest_clock_step(q, 100000000);
    smref_qtest_request(q, "endianness");
    ck_assert_uint_eq(smref_qtest_outstanding(q), sizeof lines / sizeof *lines);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ck_assert_int_eq(smref_qtest_reply(q, &text), SMREF_QTEST_OK);
        ck_assert_str_eq(text, lines[i]);
    }
    ck_assert_uint_eq(smref_qtest_outstanding(q), 0);
    stop_peer(&peer);
}
END_TEST

/* ---- Replies --------------------------------------------------------------------------------------- */

static void answer_values(FILE *to, const char *line)
{
    static const char *const answers[] = {
        "OK 0x00000000deadbeef\n",
        "IRQ raise 3\nIRQ lower 3\nOK\n",
        "OK AP8Q/g==\n",
        "OK AP8=\n",
        "FAIL Unknown command 'x'\n",
        "ERR\n",
        "OK nothing\n",
        "OKAY\n",
    };

    fputs(answers[atoi(line)], to);
}

START_TEST(replies_are_taken_as_they_are)
{
    const uint8_t bytes[] = {0x00, 0xff, 0x10, 0xfe};
    struct peer peer = start_peer(answer_values, 20000);
    smref_qtest *q = peer.qtest;
    uint64_t value = 0;
    uint8_t got[4];

    for (int i = 0; i < 8; i++) {
        char line[8];
        snprintf(line, sizeof line, "%d", i);
        smref_qtest_request(q, line);
    }
    ck_assert_int_eq(smref_qtest_value(q, &value), SMREF_QTEST_OK);
    ck_assert_uint_eq(value, 0xdeadbeef);
    ck_assert_int_eq(smref_qtest_done(q), SMREF_QTEST_OK);
    ck_assert_int_eq(smref_qtest_block(q, got, 4), SMREF_QTEST_OK);
    ck_assert_mem_eq(got, bytes, 4);
    ck_assert_int_eq(smref_qtest_block(q, got, 4), SMREF_QTEST_REFUSED); /* too short */
    ck_assert_int_eq(smref_qtest_done(q), SMREF_QTEST_REFUSED);
    ck_assert_int_eq(smref_qtest_done(q), SMREF_QTEST_REFUSED);
    ck_assert_int_eq(smref_qtest_value(q, &value), SMREF_QTEST_REFUSED);
    ck_assert_int_eq(smref_qtest_done(q), SMREF_QTEST_REFUSED);
    stop_peer(&peer);
}
END_TEST

/* Both directions hold more than sockets do: neither side may wait for the other. */
START_TEST(many_large_requests_do_not_block)
{
    uint8_t *bytes = calloc(LARGE, 1);
    struct peer peer = start_peer(echo, 20000);
    const char *text;

    for (unsigned i = 0; i < MANY; i++) {
        bytes[0] = (uint8_t)i;
        smref_qtest_write_block(peer.qtest, i, bytes, LARGE / 2);
        smref_qtest_push(peer.qtest);
    }
    for (unsigned i = 0; i < MANY; i++) {
        char start[64];
        snprintf(start, sizeof start, "b64write 0x%x ", i);
        ck_assert_int_eq(smref_qtest_reply(peer.qtest, &text), SMREF_QTEST_OK);
        ck_assert_msg(strncmp(text, start, strlen(start)) == 0, "%u: %.30s", i, text);
    }
    stop_peer(&peer);
    free(bytes);
}
END_TEST

static void answer_nothing(FILE *to, const char *line)
{
    (void)to;
    (void)line;
}

static void answer_half(FILE *to, const char *line)
{
    (void)line;
    fputs("OK 0x12", to);
}

static void end(FILE *to, const char *line)
{
    (void)to;
    (void)line;
    _exit(0);
}

static const struct {
    answerer *answer;
    unsigned timeout_ms;
    smref_qtest_status status;
} silences[] = {{answer_nothing, 100, SMREF_QTEST_SILENT},
                {answer_half, 100, SMREF_QTEST_SILENT},
                {end, 20000, SMREF_QTEST_ENDED}};

START_TEST(another_end_that_is_gone_or_hangs)
{
    struct peer peer = start_peer(silences[_i].answer, silences[_i].timeout_ms);

    smref_qtest_read(peer.qtest, 0, 4);
    smref_qtest_read(peer.qtest, 0, 4);
    ck_assert_int_eq(smref_qtest_settle(peer.qtest), silences[_i].status);
    stop_peer(&peer);
}
END_TEST

START_TEST(a_socket_that_is_not_there)
{
    char why[256] = "", path[200];

    ck_assert_ptr_null(smref_qtest_connect("/nonexistent/socket", 100, why));
    ck_assert_str_eq(why, "No such file or directory");
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ck_assert_ptr_null(smref_qtest_connect(path, 100, why));
    ck_assert_msg(strstr(why, "bytes") != NULL, "%s", why);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("qtest");
    TCase *tests = tcase_create("qtest");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, requests_are_spelled_as_qemu_reads_them);
    tcase_add_test(tests, replies_are_taken_as_they_are);
    tcase_add_test(tests, many_large_requests_do_not_block);
    tcase_add_loop_test(tests, another_end_that_is_gone_or_hangs, 0, 3);
    tcase_add_test(tests, a_socket_that_is_not_there);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
