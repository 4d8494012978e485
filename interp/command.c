/* What every sub-command shares: options, complaints, progress, memory. */
#define _POSIX_C_SOURCE 200809L

#include "command.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "located.h"

/* ---- Options --------------------------------------------------------------------------------------- */

static const char *option_name(void *context, size_t index)
{
    return ((const struct option *)context)[index].name;
}

/* The letters that getopt takes: an option whose value is a letter can be spelled by it. */
static void short_options(const struct option *options, char *out)
{
    *out++ = ':';
    for (; options->name; options++) {
        if (options->val > 0 && options->val < 128 && isalnum(options->val)) {
            *out++ = (char)options->val;
            if (options->has_arg == required_argument)
                *out++ = ':';
        }
    }
    *out = '\0';
}

static void complain_of_option(const char *command, const char *text, const struct option *options)
{
    char name[64];
    const char *nearest;

    if (strncmp(text, "--", 2) != 0) {
        smref_usage(command, "unknown option %.60s", text);
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text + 2, "="), text + 2);
    for (const struct option *o = options; o->name; o++) {
        if (strcmp(o->name, name) == 0) {
            smref_usage(command, "option --%s takes no argument", name);
            return;
        }
    }
    nearest = smref_nearest(name, option_name, (void *)(uintptr_t)options);
    smref_usage(command, "unknown option --%s%s%s", name, nearest ? "; nearest: --" : "",
                nearest ? nearest : "");
}

int smref_next_option(int argc, char **argv, const struct option *options)
{
    char letters[160];
    int option, from = optind;

    short_options(options, letters);
    opterr = 0;
    option = getopt_long(argc, argv, letters, options, NULL);
    if (option == ':') {
        smref_usage(argv[0], "option %.60s needs an argument", argv[optind - 1]);
        return '?';
    }
    if (option == '?') {
        /* With a single letter, optopt tells it and optind may still stand on the word. */
        char letter[3] = {'-', (char)optopt, '\0'};
        const char *word = argv[optind > from && optind > 1 ? optind - 1 : optind];
        complain_of_option(argv[0], optopt && strncmp(word, "--", 2) != 0 ? letter : word, options);
    }
    return option;
}

bool smref_parse_number(const char *text, uint64_t max, uint64_t *out)
{
    unsigned base = 10, digit;
    uint64_t value = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'b')) {
        base = text[1] == 'x' ? 16 : 2;
        text += 2;
    }
    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned char c = (unsigned char)tolower((unsigned char)*text);
        digit = isdigit(c) ? c - (unsigned)'0' : c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 16;
        if (digit >= base || value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = value;
    return value <= max;
}

bool smref_parse_part(const char *text, uint64_t max, uint64_t *part, uint64_t *parts)
{
    const char *slash = strchr(text, '/');
    char first[24];

    if (!slash || (size_t)(slash - text) >= sizeof first)
        return false;
    snprintf(first, sizeof first, "%.*s", (int)(slash - text), text);
    return smref_parse_number(slash + 1, max, parts) && *parts > 0 &&
           smref_parse_number(first, *parts, part) && *part > 0;
}

/* ---- Complaints ------------------------------------------------------------------------------------ */

int smref_usage(const char *command, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "smref %s: ", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\ntry: smref %s --help\n", command);
    return SMREF_EXIT_USAGE;
}

int smref_bad_input(const char *text)
{
    fprintf(stderr, "smref: %s\n", text);
    return SMREF_EXIT_USAGE;
}

/* A pipe whose reader went away says so for as long as it is open, whichever write found out first. */
static bool reader_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

int smref_finish(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno != EPIPE && !reader_gone())
        fprintf(stderr, "smref: cannot write the output: %s\n", strerror(errno ? errno : EIO));
    return SMREF_EXIT_USAGE;
}

void smref_progress(const char *format, ...)
{
    va_list args;

    if (!isatty(STDERR_FILENO))
        return;
    fputs("\r\033[K", stderr);
    if (format) {
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
    }
    fflush(stderr);
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

static void *checked(void *memory)
{
    if (!memory) {
        fputs("smref: the host has no memory left\n", stderr);
        exit(SMREF_EXIT_USAGE);
    }
    return memory;
}

void *smref_alloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *smref_resize(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return checked(NULL);
    return checked(realloc(old, count && size ? count * size : 1));
}

char *smref_copy_text(const char *text)
{
    return checked(strdup(text));
}
