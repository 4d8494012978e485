/* Compares the positions, offsets and numbers of spec/ with those in the text of the document and in public
 * headers: `positions DIRECTORY`.
 *
 * DIRECTORY/SOURCE.tsv holds the facts of one of them, a line each:
 *     container  field  msb       lsb     name in the source
 *     register   -      offset    number  name in the source
 *     layout     -      number    number  name in the source     (opcode or event number)
 *     container  field  CODE      number  name in the source     (value of a named code)
 * DIRECTORY/explained holds the disagreements that are understood, with patterns as of the shell:
 *     source  container  field  msb or what  lsb or number  reason
 * A disagreement without an explanation fails, and so does an explanation without a disagreement. */

#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smref.h"

enum { COLUMNS = 6, FACT_COLUMNS = 5, MOST_EXPLAINED = 256 };

typedef struct line {
    char text[512];
    char *column[COLUMNS];
} line;

typedef struct explanation {
    line line;
    unsigned used;
} explanation;

static explanation explained[MOST_EXPLAINED];
static unsigned explained_count, facts, understood, bad;

static void die(const char *what, const char *which)
{
    fprintf(stderr, "%s: %s\n", which, what);
    exit(2);
}

/* The next line of `f` that is not a comment, cut at its tabs. */
static bool read_line(FILE *f, const char *path, unsigned columns, line *l)
{
    do
        if (!fgets(l->text, sizeof l->text, f))
            return false;
    while (l->text[0] == '#');
    l->text[strcspn(l->text, "\n")] = '\0';
    char *rest = l->text;
    for (unsigned i = 0; i < columns; i++) {
        if (!rest)
            die("a line has too few columns", path);
        l->column[i] = rest;
        rest = strchr(rest, '\t');
        if (rest)
            *rest++ = '\0';
    }
    if (rest)
        die("a line has too many columns", path);
    return true;
}

/* ---- What spec/ says --------------------------------------------------------------------------------- */

typedef struct container {
    const smref_field_info *fields;
    unsigned field_count;
    const smref_register_info *reg;  /* or */
    const smref_layout_info *layout; /* of a structure, descriptor, command or event */
} container;

static bool find_container(const char *name, container *c)
{
    const smref_register_info *r;
    const smref_layout_info *l;
    for (unsigned i = 0; (r = smref_register_at(i)) != NULL; i++)
        if (!strcmp(r->name, name)) {
            *c = (container){.fields = r->fields, .field_count = r->field_count, .reg = r};
            return true;
        }
    for (unsigned i = 0; (l = smref_layout_at(i)) != NULL; i++)
        if (!strcmp(l->name, name)) {
            *c = (container){.fields = l->fields, .field_count = l->field_count, .layout = l};
            return true;
        }
    return false;
}

static const smref_field_info *find_field(const container *c, const char *name)
{
    for (unsigned i = 0; i < c->field_count; i++)
        if (!strcmp(c->fields[i].name, name))
            return &c->fields[i];
    return NULL;
}

static const smref_code_info *find_code(const smref_field_info *f, const char *name)
{
    for (unsigned i = 0; i < f->code_count; i++)
        if (f->codes[i].name && !strcmp(f->codes[i].name, name))
            return &f->codes[i];
    return NULL;
}

/* What spec/ has where the fact has `msb or what, lsb or number`, as text. */
static void our_answer(const container *c, char *const *fact, char *ours, size_t size)
{
    const smref_field_info *f = find_field(c, fact[1]);
    const smref_code_info *code = f ? find_code(f, fact[2]) : NULL;
    if (!strcmp(fact[1], "-") && !strcmp(fact[2], "offset") && c->reg)
        snprintf(ours, size, "offset 0x%" PRIx32, c->reg->offset);
    else if (!strcmp(fact[1], "-") && !strcmp(fact[2], "number") && c->layout)
        snprintf(ours, size, "number 0x%" PRIx32, c->layout->number);
    else if (!f)
        snprintf(ours, size, "no such field");
    else if (code)
        snprintf(ours, size, "%s %" PRIu64, code->name, code->low);
    else
        snprintf(ours, size, "%u %u", f->pieces[0].msb, f->pieces[f->piece_count - 1].lsb);
}

/* ---- Facts and explanations -------------------------------------------------------------------------- */

static bool explain(const char *source, char *const *fact)
{
    for (unsigned i = 0; i < explained_count; i++) {
        char *const *pattern = explained[i].line.column;
        bool fits = fnmatch(pattern[0], source, 0) == 0;
        for (unsigned k = 0; fits && k < 4; k++)
            fits = fnmatch(pattern[k + 1], fact[k], 0) == 0;
        if (fits) {
            explained[i].used++;
            return true;
        }
    }
    return false;
}

static void judge(const char *path, const char *source, char *const *fact)
{
    char ours[64], theirs[64];
    container c;
    if (!find_container(fact[0], &c)) {
        printf("%s: there is no %s in spec/\n", path, fact[0]);
        bad++;
        return;
    }
    facts++;
    our_answer(&c, fact, ours, sizeof ours);
    snprintf(theirs, sizeof theirs, "%s %s", fact[2], fact[3]);
    if (!strcmp(ours, theirs))
        return;
    if (explain(source, fact)) {
        understood++;
        return;
    }
    printf("%s: %s.%s is \"%s\" in spec/, \"%s\" there (%s)\n", path, fact[0], fact[1], ours, theirs,
           fact[4]);
    bad++;
}

static FILE *open_in(const char *directory, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", directory, name);
    FILE *f = fopen(path, "r");
    if (!f)
        die(strerror(errno), path);
    return f;
}

static void read_explained(const char *directory)
{
    char path[1024];
    FILE *f = open_in(directory, "explained", path, sizeof path);
    while (read_line(f, path, COLUMNS, &explained[explained_count].line))
        if (++explained_count == MOST_EXPLAINED)
            die("too many lines", path);
    fclose(f);
}

static void read_facts(const char *directory, const char *name)
{
    char path[1024], source[64];
    line l;
    FILE *f = open_in(directory, name, path, sizeof path);
    snprintf(source, sizeof source, "%.*s", (int)strcspn(name, "."), name);
    while (read_line(f, path, FACT_COLUMNS, &l))
        judge(path, source, l.column);
    fclose(f);
}

static int is_table(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');
    return dot && !strcmp(dot, ".tsv");
}

int main(int argc, char **argv)
{
    struct dirent **names;
    if (argc != 2)
        die("usage: positions DIRECTORY", "positions");
    read_explained(argv[1]);
    int count = scandir(argv[1], &names, is_table, alphasort);
    if (count <= 0)
        die("holds no tables", argv[1]);
    for (int i = 0; i < count; i++) {
        read_facts(argv[1], names[i]->d_name);
        free(names[i]);
    }
    free(names);
    for (unsigned i = 0; i < explained_count; i++)
        if (!explained[i].used) {
            printf("%s/explained: nothing differs at %s %s.%s\n", argv[1], explained[i].line.column[0],
                   explained[i].line.column[1], explained[i].line.column[2]);
            bad++;
        }
    printf("%u facts of %d sources, %u disagreements explained\n", facts, count, understood);
    return bad != 0;
}
