/*
 * Any bytes as a snapshot, or as vectors, give an answer or a message that names a place: no crash, no hang.
 * What can be read is also run.
 *
 * Built with libFuzzer, this is its target. On its own: `fuzz_json EXECUTIONS SEED FILE...` changes the
 * files, which are read once, in a few places at a time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "located.h"
#include "snapshot.h"
#include "stepper.h"
#include "vectors.h"

#define MAX_STEPS 8
#define MAX_TESTS 4

static void require_message(const smref_jerror *error)
{
    if (!error->text[0]) {
        fputs("fuzz_json: refused without a message\n", stderr);
        abort();
    }
}

static void run_snapshot(const smref_jdoc *doc)
{
    smref_jerror error = {""};
    smref_snapshot snapshot;
    smref_machine machine;
    if (!smref_snapshot_read(doc, &doc->root, NULL, &snapshot, &error)) {
        require_message(&error);
        return;
    }
    if (smref_machine_new(&machine, doc, &snapshot, NULL, &error)) {
        for (size_t i = 0; i < snapshot.steps.count && i < MAX_STEPS; i++) {
            smref_step_result result;
            if (!smref_step_run(&machine, doc, &snapshot.steps.list[i], &result, &error)) {
                require_message(&error);
                break;
            }
            smref_step_result_free(&result);
        }
        smref_machine_free(&machine);
    } else {
        require_message(&error);
    }
    smref_snapshot_free(&snapshot);
}

static void visit(void *context, size_t step, const smref_stimulus *stimulus, const smref_outcomes *all)
{
    (void)context;
    (void)step;
    (void)stimulus;
    (void)all;
}

static void run_vectors(const smref_jdoc *doc)
{
    smref_jerror error = {""};
    smref_vectors vectors;
    if (!smref_vectors_read(doc, &vectors, &error)) {
        require_message(&error);
        return;
    }
    for (size_t g = 0; g < vectors.group_count; g++)
        for (size_t i = 0; i < vectors.groups[g].test_count && i < MAX_TESTS; i++)
            if (!smref_test_run(doc, &vectors.groups[g], &vectors.groups[g].tests[i], visit, NULL, &error))
                require_message(&error);
    smref_vectors_free(&vectors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    smref_jdoc doc;
    smref_jerror error = {""};
    if (!smref_jdoc_parse(&doc, "input", (const char *)data, size, &error)) {
        require_message(&error);
        return 0;
    }
    const smref_jnode *format =
        doc.root.value && json_is_object(doc.root.value) ? smref_jget(&doc.root, "format") : NULL;
    if (format && json_is_string(format->value) &&
        strcmp(json_string_value(format->value), "smref-vectors") == 0)
        run_vectors(&doc);
    else
        run_snapshot(&doc);
    smref_jdoc_close(&doc);
    return 0;
}

#ifndef SMREF_LIBFUZZER
#define ROOM (UINT64_C(1) << 20)

static uint64_t state;

static size_t below(size_t count)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return count ? (size_t)((z ^ (z >> 31)) % count) : 0;
}

static const char *const tokens[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     ",",
                                     ":",
                                     "\"",
                                     "\\u0000",
                                     "null",
                                     "true",
                                     "-1",
                                     "1e400",
                                     "0",
                                     "\"0x0\"",
                                     "\"0x\"",
                                     "\"0xffffffffffffffff\"",
                                     "\"pas\"",
                                     "\"at\"",
                                     "\"size\"",
                                     "\"fill\"",
                                     "\"hex\"",
                                     "\"u64\"",
                                     "\"struct\"",
                                     "\"STE\"",
                                     "\"CD\"",
                                     "\"root\"",
                                     "\"secure\"",
                                     "\"steps\"",
                                     "\"op\"",
                                     "\"reset\"",
                                     "\"store\"",
                                     "\"load\"",
                                     "\"mmio_write\"",
                                     "\"choices\"",
                                     "\"profile\"",
                                     "\xff",
                                     "\xc0\x80"};

/* Replaces `old` bytes at `at` by the `new_size` bytes of `with`. */
static size_t replace(char *text, size_t size, size_t at, size_t old, const char *with, size_t new_size)
{
    if (size - old + new_size > ROOM)
        return size;
    memmove(text + at + new_size, text + at + old, size - at - old);
    memcpy(text + at, with, new_size);
    return size - old + new_size;
}

static size_t change(char *text, size_t size)
{
    size_t at = below(size), length = below(1 + below(64)) + 1;
    char piece[64];
    if (at + length > size)
        length = size - at;
    switch (below(7)) {
    case 0:
        return at; /* truncated */
    case 1:
        return replace(text, size, at, length, "", 0);
    case 2:
        memcpy(piece, text + at, length);
        return replace(text, size, below(size), 0, piece, length);
    case 3: {
        const char *token = tokens[below(sizeof tokens / sizeof *tokens)];
        return replace(text, size, at, below(2) ? length : 0, token, strlen(token));
    }
    case 4: { /* a digit for another */
        size_t digit = strcspn(text + at, "0123456789abcdef\n");
        if (at + digit < size)
            text[at + digit] = "0123456789abcdefx"[below(17)];
        return size;
    }
    default:
        if (size)
            text[at] = (char)below(256);
        return size;
    }
}

static char *read_file(const char *name, size_t *size)
{
    char *text = malloc(ROOM + 1);
    FILE *file = fopen(name, "rb");
    if (!text || !file) {
        fprintf(stderr, "fuzz_json: cannot read %s\n", name);
        exit(2);
    }
    *size = fread(text, 1, ROOM / 2, file);
    fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: fuzz_json EXECUTIONS SEED FILE...\n", stderr);
        return 2;
    }
    uint64_t executions = strtoull(argv[1], NULL, 0);
    state = strtoull(argv[2], NULL, 0);
    char *work = malloc(ROOM + 1);
    for (int i = 3; i < argc && work; i++) {
        size_t size;
        char *text = read_file(argv[i], &size);
        for (uint64_t n = 0; n < executions; n++) {
            size_t changed = size;
            memcpy(work, text, size);
            for (size_t edits = n ? 1 + below(4) : 0; edits; edits--) {
                work[changed] = '\0';
                changed = change(work, changed);
            }
            LLVMFuzzerTestOneInput((const uint8_t *)work, changed);
        }
        free(text);
    }
    free(work);
    printf("%" PRIu64 " executions of each of %d files, seed %s, no crash\n", executions, argc - 3, argv[2]);
    return 0;
}
#endif
