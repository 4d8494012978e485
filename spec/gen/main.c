/*
 * specgen: reads the data of spec/, refuses what does not add up, and writes the C that the library is built
 * with.
 */
#include "specgen.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char usage[] = "usage: specgen --out DIR FILE...\n"
                            "       specgen --check FILE...\n"
                            "Reads the JSON files of spec/ together, checks them, and writes C into DIR.\n"
                            "Complaints go to standard error, one a line; the exit status is then 2.\n";

static bool load_files(spec *s, char *const *files, int count)
{
    smref_jerror error;
    int i;

    s->docs = spec_alloc(s, (size_t)count * sizeof *s->docs);
    for (i = 0; i < count; i++) {
        error.text[0] = '\0';
        if (smref_jdoc_load(&s->docs[s->doc_count], files[i], &error))
            s->doc_count++;
        else
            spec_take_error(s, &error);
    }
    return s->error_count == 0;
}

static bool read_and_check(spec *s, char *const *files, int count)
{
    size_t i;

    if (load_files(s, files, count))
        load_spec(s);
    if (s->error_count == 0) {
        check_layouts(s);
        check_names(s);
        check_rules(s);
    }
    if (s->error_count == 0)
        check_formulas(s);
    for (i = 0; i < s->error_count; i++)
        fprintf(stderr, "%s\n", s->errors[i]);
    if (s->error_count == MAX_ERRORS)
        fprintf(stderr, "specgen: %d complaints; the rest is not shown\n", MAX_ERRORS);
    return s->error_count == 0;
}

static bool write_all(const spec *s, const char *directory)
{
    static const struct {
        const char *name;
        void (*emit)(const spec *s, text_buffer *t);
    } files[] = {
        {"smref_names.h", emit_names},
        {"smref_layout.h", emit_layout},
        {"smref_env.h", emit_env},
        {"smref_rules.h", emit_rules_header},
        {"smref_rules.c", emit_rules},
        {"smref_tables.h", emit_tables_header},
        {"smref_tables.c", emit_tables},
        {"smref_selftest.c", emit_selftest},
        {"smref_access.h", emit_access_header},
        {"smref_access.c", emit_access},
        {"smref_pages.h", emit_pages_header},
        {"smref_pages.c", emit_pages},
    };
    text_buffer t = {NULL, 0, 0};
    bool good = true;
    size_t i;

    for (i = 0; good && i < sizeof files / sizeof files[0]; i++) {
        t.length = 0;
        files[i].emit(s, &t);
        good = text_write(&t, directory, files[i].name);
    }
    text_free(&t);
    return good;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},
        {"check", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *directory = NULL;
    bool check_only = false, good;
    spec s = {0};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'o') {
            directory = optarg;
        } else if (option == 'c') {
            check_only = true;
        } else {
            fputs(usage, option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
        }
    }
    if (optind == argc || (!directory && !check_only)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (!patterns_open(&s)) {
        fprintf(stderr, "specgen: a built-in pattern does not compile\n");
        return 4;
    }
    good = read_and_check(&s, argv + optind, argc - optind) && (check_only || write_all(&s, directory));
    patterns_close(&s);
    spec_free(&s);
    return good ? EXIT_SUCCESS : EXIT_USAGE;
}
