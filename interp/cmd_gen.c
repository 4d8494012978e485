/* `smref gen`: vectors out of recipes. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "canonical.h"
#include "claims.h"
#include "command.h"
#include "file_list.h"

static const char help[] =
    "usage: smref gen [RECIPE|FOLDER]... [OPTIONS]     (vectors/recipes when nothing is named)\n"
    "\n"
    "Runs the tests of recipes on the model, compares every outcome with what the recipe claims, and when "
    "all\n"
    "claims hold writes NAME.json, the vectors, for the recipe NAME.json. A claim that does not hold is "
    "printed\n"
    "with what the model says and why; the old file then stays, and NAME.json.rej holds what was not "
    "written.\n"
    "\n"
    "  --out FOLDER         where vectors go (the folder above that of the recipe)\n"
    "  --update             replace vectors that are there and differ\n"
    "  --check              write nothing; fail when the vectors that are there differ\n"
    "\n"
    "Exit status: 0 all claims hold and all files are as they should be, 1 not so, 2 a recipe is bad.\n"
    "\n"
    "example: smref gen vectors/recipes/start.json --update\n";

enum { OPT_OUT = 256, OPT_UPDATE, OPT_CHECK };

static const struct option options[] = {
    {"help", no_argument, NULL, 'h'},
    {"out", required_argument, NULL, OPT_OUT},
    {"update", no_argument, NULL, OPT_UPDATE},
    {"check", no_argument, NULL, OPT_CHECK},
    {NULL, 0, NULL, 0},
};

struct gen {
    const char *out;
    bool update, check;
    smref_files files;
    size_t tests, refused;
};

/* ---- The command line ------------------------------------------------------------------------------ */

static int take_files(struct gen *gen, int argc, char **argv)
{
    struct stat status;

    for (int i = optind; i < argc; i++)
        if (!smref_files_add(&gen->files, argv[i]))
            return SMREF_EXIT_USAGE;
    if (optind < argc)
        return SMREF_EXIT_OK;
    if (stat("vectors/recipes", &status) != 0)
        return smref_usage("gen", "which recipe?");
    return smref_files_add(&gen->files, "vectors/recipes") ? SMREF_EXIT_OK : SMREF_EXIT_USAGE;
}

static int parse(struct gen *gen, int argc, char **argv, bool *done)
{
    int option;

    while ((option = smref_next_option(argc, argv, options)) != -1) {
        switch (option) {
        case 'h':
            fputs(help, stdout);
            *done = true;
            return smref_finish(SMREF_EXIT_OK);
        case OPT_OUT:
            gen->out = optarg;
            break;
        case OPT_UPDATE:
            gen->update = true;
            break;
        case OPT_CHECK:
            gen->check = true;
            break;
        default:
            return SMREF_EXIT_USAGE;
        }
    }
    if (gen->update && gen->check)
        return smref_usage("gen", "only one of --update and --check");
    return take_files(gen, argc, argv);
}

/* ---- Claims ---------------------------------------------------------------------------------------- */

struct judge {
    const smref_jdoc *doc;
    const smref_recipe_group *group;
    const smref_test *test;
    json_t *expect;
    FILE *to; /* differences */
    bool hold;
    smref_jerror *error;
};

static void judge_step(void *context, size_t step, const smref_stimulus *stimulus, const smref_outcomes *all)
{
    struct judge *j = context;
    json_t *list = json_array();
    bool hold = true;

    for (size_t i = 0; i < all->count; i++)
        json_array_append_new(list, smref_recipe_outcome(stimulus, &all->list[i], j->group->open));
    json_array_append_new(j->expect, list);
    if (all->capped) {
        fprintf(j->to, "  step %zu: %u replays were not enough: too many choices\n", step, all->replays);
        j->hold = false;
    }
    if (!j->error->text[0])
        (void)smref_claims_check(j->doc, j->group, j->test, step, all, j->to, &hold, j->error);
    j->hold = j->hold && hold;
}

/* What the test expects goes to *expect. False: the recipe is bad, and *error says why. */
static bool judge_test(struct gen *gen, const smref_jdoc *doc, const smref_recipe *recipe,
                       const smref_recipe_group *group, const smref_test *test, json_t **expect,
                       smref_jerror *error)
{
    struct judge judge = {doc, group, test, json_array(), NULL, true, error};
    char *text = NULL;
    size_t size = 0;

    *expect = judge.expect;
    judge.to = open_memstream(&text, &size);
    if (!judge.to)
        return smref_jfail(doc, NULL, error, "the host has no memory left");
    bool good = smref_test_run(doc, &group->group, test, judge_step, &judge, error) && !error->text[0];
    fclose(judge.to);
    if (good && !judge.hold) {
        smref_progress(NULL);
        printf("REFUSED %s/%s  (%s:%u)\n  %s [%s]\n%s", recipe->name, test->id, doc->file, test->node->line,
               test->comment, test->section, text);
        gen->refused++;
    }
    gen->tests++;
    free(text);
    return good;
}

/* ---- Files ----------------------------------------------------------------------------------------- */

/* How much of a recipe's path names the folder above its own: "vectors/" of "vectors/recipes/start.json".
 * False: that takes a "..". */
static bool folder_above(const char *path, size_t *length)
{
    const char *end = strrchr(path, '/');
    size_t folder = end ? (size_t)(end - path) : 0, start = folder;

    while (start > 0 && path[start - 1] != '/')
        start--;
    size_t last = folder - start;
    bool plain = last > 0 && strncmp(path + start, "..", last) != 0;
    *length = plain ? start : end ? folder + 1 : 0;
    return plain;
}

/* "vectors/recipes/start.json" gives "vectors/start.json"; the caller frees. */
static char *target_of(const struct gen *gen, const char *path, const char *name, const char *suffix)
{
    size_t room = strlen(path) + strlen(name) + (gen->out ? strlen(gen->out) : 0) + 16, length;
    char *target = smref_alloc(room, 1);

    if (gen->out) {
        snprintf(target, room, "%s/%s.json%s", gen->out, name, suffix);
        return target;
    }
    const char *up = folder_above(path, &length) ? "" : "../";
    snprintf(target, room, "%.*s%s%s.json%s", (int)length, path, up, name, suffix);
    return target;
}

/* The contents of a file; NULL when there is none. The caller frees. */
static char *contents(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0, got;

    if (!file)
        return NULL;
    do {
        text = smref_resize(text, size + 65537, 1);
        got = fread(text + size, 1, 65536, file);
        size += got;
    } while (got);
    text[size] = '\0';
    fclose(file);
    return text;
}

static int replace(const char *path, const char *text)
{
    char why[200];

    return smref_replace_file(path, text, why) ? SMREF_EXIT_OK : smref_bad_input(why);
}

/* Writes what the recipe gave, or says why not. */
static int deliver(const struct gen *gen, const smref_file *file, const char *name, const char *text,
                   bool hold)
{
    char *target = target_of(gen, file->path, name, ""), *rejected = target_of(gen, file->path, name, ".rej");
    char *old = contents(target);
    bool same = old && strcmp(old, text) == 0;
    int code = hold && same ? SMREF_EXIT_OK : SMREF_EXIT_DIFFERENT;

    if (hold && !same && gen->check) {
        printf("%s: %s; smref gen --update would write it\n", target, old ? "differs" : "is not there");
    } else if (hold && !same && (gen->update || !old)) {
        code = replace(target, text);
        if (code == SMREF_EXIT_OK)
            printf("%s: %s\n", target, old ? "updated" : "written");
    } else if (!same && !gen->check) {
        if (hold)
            printf("%s: differs and stays; --update replaces it\n", target);
        if (replace(rejected, text) != SMREF_EXIT_OK)
            code = SMREF_EXIT_USAGE;
        else
            printf("%s: written instead\n", rejected);
    }
    if (code == SMREF_EXIT_OK && !gen->check)
        (void)unlink(rejected);
    free(old);
    free(rejected);
    free(target);
    return code;
}

/* ---- Recipes --------------------------------------------------------------------------------------- */

static size_t count_tests(const smref_recipe *recipe)
{
    size_t count = 0;

    for (size_t g = 0; g < recipe->group_count; g++)
        count += recipe->groups[g].group.test_count;
    return count;
}

static int generate(struct gen *gen, const smref_file *file, const smref_jdoc *doc, smref_recipe *recipe)
{
    size_t total = count_tests(recipe), done = 0, refused = gen->refused;
    json_t **expect = smref_alloc(total, sizeof *expect);
    smref_jerror error = {""};
    bool good = true;

    for (size_t g = 0; good && g < recipe->group_count; g++) {
        const smref_recipe_group *group = &recipe->groups[g];
        for (size_t t = 0; good && t < group->group.test_count; t++) {
            good = judge_test(gen, doc, recipe, group, &group->group.tests[t], &expect[done++], &error);
            if (done % 64 == 0)
                smref_progress("%s: %zu of %zu tests", recipe->name, done, total);
        }
    }
    smref_progress(NULL);
    int code;
    if (good) {
        json_t *tree = smref_recipe_vectors(recipe, expect), *ordered = smref_canonical_tree(tree);
        char *text = smref_canonical_text(ordered);
        code = deliver(gen, file, recipe->name, text, gen->refused == refused);
        free(text);
        json_decref(ordered);
        json_decref(tree);
    } else {
        code = smref_bad_input(error.text);
    }
    for (size_t i = 0; i < total; i++)
        json_decref(expect[i]);
    free(expect);
    return code;
}

static int gen_file(struct gen *gen, const smref_file *file)
{
    smref_jerror error = {""};
    smref_recipe recipe;
    smref_jdoc doc;
    int code = SMREF_EXIT_OK;

    if (!smref_jdoc_load(&doc, file->path, &error))
        return smref_bad_input(error.text);
    if (smref_file_wanted(file, &doc, "smref-recipe")) {
        if (smref_recipe_read(&doc, &recipe, &error)) {
            code = generate(gen, file, &doc, &recipe);
            smref_recipe_free(&recipe);
        } else {
            code = smref_bad_input(error.text);
        }
    }
    smref_jdoc_close(&doc);
    return code;
}

int smref_cmd_gen(int argc, char **argv)
{
    struct gen gen = {.out = NULL};
    bool done = false;
    int code = parse(&gen, argc, argv, &done);

    for (size_t i = 0; code != SMREF_EXIT_USAGE && !done && i < gen.files.count; i++) {
        int one = gen_file(&gen, &gen.files.list[i]);
        code = one > code ? one : code;
    }
    if (code != SMREF_EXIT_USAGE && !done) {
        printf("%zu test%s", gen.tests, gen.tests == 1 ? "" : "s");
        if (gen.refused)
            printf(", %zu refused", gen.refused);
        putchar('\n');
        code = smref_finish(code);
    }
    smref_files_free(&gen.files);
    return code;
}
