/*
 * What every sub-command shares: how it is called, how it ends, and how it complains.
 *
 * A command gets the arguments from its own name on (argv[0] is "run"), parses them with getopt_long, and
 * returns an exit code. It writes results to standard output and complaints to standard error.
 */
#ifndef SMREF_COMMAND_H
#define SMREF_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SMREF_EXIT_OK = 0,
    SMREF_EXIT_DIFFERENT = 1, /* differences or findings */
    SMREF_EXIT_USAGE = 2,     /* bad usage or bad input */
    SMREF_EXIT_TARGET = 3,    /* the device under test could not be started, or died */
    SMREF_EXIT_BUG = 4,       /* a defect of smref */
};

struct smref_command {
    const char *name;
    const char *arguments; /* "FILE [--json] ..." */
    const char *summary;   /* one line, for `smref --help` */
    int (*run)(int argc, char **argv);
};

int smref_cmd_run(int argc, char **argv);
int smref_cmd_fmt(int argc, char **argv);
int smref_cmd_schema(int argc, char **argv);
int smref_cmd_decode(int argc, char **argv);
int smref_cmd_spec(int argc, char **argv);
int smref_cmd_rule(int argc, char **argv);
int smref_cmd_rules(int argc, char **argv);
int smref_cmd_lint(int argc, char **argv);
int smref_cmd_capture(int argc, char **argv);
int smref_cmd_check(int argc, char **argv);
int smref_cmd_diff(int argc, char **argv);
int smref_cmd_gen(int argc, char **argv);
int smref_cmd_report(int argc, char **argv);

/*
 * The next option, as getopt_long (`options` ends with a zero line; the first one should be "help"). An
 * unknown option or a missing argument is reported with the nearest option, and gives '?'; then return
 * SMREF_EXIT_USAGE. -1 at the end: the operands start at argv[optind].
 */
int smref_next_option(int argc, char **argv, const struct option *options);

/* `smref COMMAND: text` on standard error, with a hint at --help. Returns SMREF_EXIT_USAGE. */
int smref_usage(const char *command, const char *format, ...);

/* `smref: text` on standard error: input that names its own place (file, line, path). Returns
 * SMREF_EXIT_USAGE. */
int smref_bad_input(const char *text);

/* A number as the command line takes it: decimal, 0x… or 0b…, at most `max`. */
bool smref_parse_number(const char *text, uint64_t max, uint64_t *out);

/* "I/N": part I of N, with I from 1 to N and N at most `max`. */
bool smref_parse_part(const char *text, uint64_t max, uint64_t *part, uint64_t *parts);

/* Flushes standard output; a failed write (a full disk) is reported, a closed pipe is not. Returns `code`,
 * or 2. */
int smref_finish(int code);

/* `text` on standard error, over the previous progress line; only when that is a terminal. NULL clears it. */
void smref_progress(const char *format, ...);

/* calloc and friends that do not return without memory: they say so and end the process with 2. */
void *smref_alloc(size_t count, size_t size);
void *smref_resize(void *old, size_t count, size_t size);
char *smref_copy_text(const char *text);

#endif
