/* `smref fmt`: a file in canonical form. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canonical.h"
#include "command.h"

static const char help[] =
    "usage: smref fmt FILE [-o OUT | --check | --in-place]     (FILE may be -, standard input)\n"
    "\n"
    "Prints a snapshot, a profile, vectors or a recipe in canonical form: keys in the order of the format,\n"
    "registers by name and in the order of the register map, numbers as the format spells them, one region,\n"
    "register, step or test a line where it fits. The meaning stays; unknown keys stay too, behind the "
    "known.\n"
    "\n"
    "  -o, --output OUT     write to OUT, which is replaced as a whole\n"
    "  --in-place           replace FILE itself\n"
    "  --check              print nothing; exit 1 when FILE is not in canonical form\n"
    "\n"
    "example: smref fmt --in-place page.json\n";

enum { OPT_IN_PLACE = 256, OPT_CHECK };

static const struct option options[] = {
    {"help", no_argument, NULL, 'h'},
    {"output", required_argument, NULL, 'o'},
    {"in-place", no_argument, NULL, OPT_IN_PLACE},
    {"check", no_argument, NULL, OPT_CHECK},
    {NULL, 0, NULL, 0},
};

struct fmt {
    const char *file, *output;
    bool in_place, check;
};

static int parse(struct fmt *fmt, int argc, char **argv, bool *done)
{
    int option;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        switch (option) {
        case 'h':
            fputs(help, stdout);
            *done = true;
            return smref_finish(SMREF_EXIT_OK);
        case 'o':
            fmt->output = optarg;
            break;
        case OPT_IN_PLACE:
            fmt->in_place = true;
            break;
        case OPT_CHECK:
            fmt->check = true;
            break;
        default:
            return SMREF_EXIT_USAGE;
        }
    }
    if (optind + 1 != argc)
        return smref_usage("fmt", optind < argc ? "one file at a time" : "which file?");
    fmt->file = argv[optind];
    if ((fmt->output != NULL) + fmt->in_place + fmt->check > 1)
        return smref_usage("fmt", "only one of --output, --in-place and --check");
    if (fmt->in_place && strcmp(fmt->file, "-") == 0)
        return smref_usage("fmt", "standard input has no place");
    return SMREF_EXIT_OK;
}

/* Whether the file holds exactly this text; false also when it cannot be read. */
static bool holds(const char *path, const char *text)
{
    size_t size = strlen(text);
    FILE *file = fopen(path, "rb");

    if (!file)
        return false;
    char *held = smref_alloc(size + 1, 1);
    bool same = fread(held, 1, size + 1, file) == size && memcmp(held, text, size) == 0;
    free(held);
    fclose(file);
    return same;
}

static int deliver(const struct fmt *fmt, const char *text)
{
    const char *target = fmt->in_place ? fmt->file : fmt->output;
    char why[200];

    if (fmt->check) {
        if (holds(fmt->file, text))
            return SMREF_EXIT_OK;
        fprintf(stderr, "smref: %s: not in canonical form; smref fmt --in-place would change it\n",
                fmt->file);
        return SMREF_EXIT_DIFFERENT;
    }
    if (!target) {
        fputs(text, stdout);
        return smref_finish(SMREF_EXIT_OK);
    }
    if (holds(target, text) || smref_replace_file(target, text, why))
        return SMREF_EXIT_OK;
    return smref_bad_input(why);
}

/* The formats that have a canonical form. */
static bool known_format(const smref_jdoc *doc, smref_jerror *error)
{
    static const char *const formats[] = {"smref-snapshot", "smref-profile", "smref-vectors", "smref-recipe"};
    const smref_jnode *format = smref_jget(&doc->root, "format");
    const char *text;

    if (!smref_jobject(doc, &doc->root, error))
        return false;
    if (!format)
        return smref_jfail(doc, &doc->root, error, "no \"format\"");
    if (!smref_jstring(doc, format, &text, error))
        return false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(text, formats[i]) == 0)
            return true;
    return smref_jfail(doc, format, error, "\"%.40s\" has no canonical form", text);
}

int smref_cmd_fmt(int argc, char **argv)
{
    struct fmt fmt = {NULL, NULL, false, false};
    smref_jerror error = {""};
    smref_jdoc doc;
    bool done = false;
    int code = parse(&fmt, argc, argv, &done);

    if (code != SMREF_EXIT_OK || done)
        return code;
    if (fmt.check && strcmp(fmt.file, "-") == 0)
        return smref_usage("fmt", "--check needs a file");
    if (!smref_jdoc_load(&doc, fmt.file, &error))
        return smref_bad_input(error.text);
    if (!known_format(&doc, &error)) {
        code = smref_bad_input(error.text);
    } else {
        json_t *tree = smref_canonical_tree(doc.json);
        char *text = smref_canonical_text(tree);
        code = deliver(&fmt, text);
        free(text);
        json_decref(tree);
    }
    smref_jdoc_close(&doc);
    return code;
}
