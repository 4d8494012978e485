/* `smref spec`: browse and export the machine-readable specification. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "located.h"
#include "export.h"
#include "spec_items.h"
#include "spec_page.h"

static const char help[] =
    "usage: smref spec list [KIND]\n"
    "       smref spec show NAME... [--brief] [--json]\n"
    "       smref spec export --format FORMAT [--only KIND]\n"
    "\n"
    "The specification as data: fields, registers, commands, events, rules, choices.\n"
    "\n"
    "list          the kinds, or the items of one: structures, descriptors, commands, events, registers,\n"
    "              blocks, rules, choices, errata, unmodelled, terms, enums, profiles\n"
    "show NAME     a page about an item (STE, CMD_SYNC, SMMU_CR0 or cr0, 0x20, a rule, a choice), or where "
    "a\n"
    "              field stands (S1ContextPtr), or one field (STE.S1ContextPtr)\n"
    "  --brief     one line a field\n"
    "  --json      as in the JSON export\n"
    "export        everything, on standard output\n"
    "  --format    tsv   reg, field, command and event lines, sorted, for scripts\n"
    "              json  all of it (smref schema smref-export)\n"
    "              c     a header of offsets, shifts, masks and codes\n"
    "              svh   a SystemVerilog package of the same\n"
    "              md    a readable book\n"
    "  --only KIND leaves out all other kinds; may be repeated\n"
    "\n"
    "example: smref spec show STE.S1ContextPtr\n";

enum option_code { OPT_HELP = 'h', OPT_FORMAT = 256, OPT_BRIEF, OPT_JSON, OPT_ONLY };

static const struct option options[] = {
    {"help", no_argument, NULL, OPT_HELP},       {"format", required_argument, NULL, OPT_FORMAT},
    {"brief", no_argument, NULL, OPT_BRIEF},     {"json", no_argument, NULL, OPT_JSON},
    {"only", required_argument, NULL, OPT_ONLY}, {NULL, 0, NULL, 0},
};

struct request {
    const char *format;
    bool brief, json, only_given;
    bool kinds[SMREF_ITEM_KINDS]; /* --only, or all */
};

/* ---- list ------------------------------------------------------------------------------------------ */

static unsigned count_of(smref_item_kind kind)
{
    smref_item item;
    unsigned n = 0;

    while (smref_item_at(kind, n, &item))
        n++;
    return n;
}

static const char *next_kind(void *context, size_t index)
{
    (void)context;
    return index < SMREF_ITEM_KINDS ? smref_item_kind_word((smref_item_kind)index) : NULL;
}

static bool take_kind(const char *word, smref_item_kind *kind)
{
    const char *nearest;

    if (smref_item_kind_find(word, kind))
        return true;
    nearest = smref_nearest(word, next_kind, NULL);
    smref_usage("spec", "no kind %.60s%s%s", word, nearest ? "; nearest: " : "; see smref spec list",
                nearest ? nearest : "");
    return false;
}

static int list(int count, char **words)
{
    smref_item_kind kind;
    smref_item item;

    if (count > 1)
        return smref_usage("spec", "list takes one kind");
    if (count == 0) {
        for (unsigned i = 0; i < SMREF_ITEM_KINDS; i++) {
            printf("%5u %-12s %s\n", count_of((smref_item_kind)i), smref_item_kind_word((smref_item_kind)i),
                   smref_item_kind_means((smref_item_kind)i));
        }
        return smref_finish(SMREF_EXIT_OK);
    }
    if (!take_kind(words[0], &kind))
        return SMREF_EXIT_USAGE;
    for (unsigned n = 0; smref_item_at(kind, n, &item); n++)
        smref_print_item_line(stdout, &item);
    return smref_finish(SMREF_EXIT_OK);
}

/* ---- show ------------------------------------------------------------------------------------------ */

static void show_fields(const char *name, bool alone, bool json)
{
    smref_item item;

    if (json) {
        for (unsigned n = 0; smref_item_find_field(name, n, &item); n++)
            smref_export_json_field(stdout, &item);
        return;
    }
    if (!alone)
        fputs("\nfields of that name\n\n", stdout);
    for (unsigned n = 0; smref_item_find_field(name, n, &item); n++) {
        if (n > 0)
            putchar('\n');
        smref_print_field_page(stdout, &item);
    }
}

static bool show(const char *name, const struct request *request)
{
    char room[SMREF_ITEM_ROOM];
    const char *nearest;
    smref_item item;
    unsigned n;

    for (n = 0; smref_item_find(name, n, &item); n++) {
        if (n > 0 && !request->json)
            putchar('\n');
        if (request->json)
            smref_export_json_item(stdout, &item);
        else
            smref_print_item(stdout, &item, request->brief);
    }
    if (smref_item_find_field(name, 0, &item)) {
        show_fields(name, n == 0, request->json);
        return true;
    }
    if (n > 0)
        return true;
    nearest = smref_item_nearest(name, room);
    smref_usage("spec", "nothing is called %.60s%s%s", name, nearest ? "; nearest: " : "",
                nearest ? nearest : "");
    return false;
}

static int show_all(int count, char **words, const struct request *request)
{
    if (count == 0)
        return smref_usage("spec", "show what?");
    for (int i = 0; i < count; i++) {
        if (i > 0 && !request->json)
            putchar('\n');
        if (!show(words[i], request)) {
            fflush(stdout);
            return SMREF_EXIT_USAGE;
        }
    }
    return smref_finish(SMREF_EXIT_OK);
}

/* ---- export ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*write)(FILE *to, const bool kinds[SMREF_ITEM_KINDS]);
} formats[] = {
    {"tsv", smref_export_tsv}, {"json", smref_export_json}, {"c", smref_export_c},
    {"svh", smref_export_svh}, {"md", smref_export_md},
};

#define FORMATS (sizeof formats / sizeof *formats)

static const char *next_format(void *context, size_t index)
{
    (void)context;
    return index < FORMATS ? formats[index].name : NULL;
}

static int export_all(int count, const struct request *request)
{
    const char *nearest;

    if (count > 0)
        return smref_usage("spec", "export takes no name; see --only");
    if (!request->format)
        return smref_usage("spec", "export needs --format tsv, json, c, svh or md");
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, request->format) == 0) {
            formats[i].write(stdout, request->kinds);
            return smref_finish(SMREF_EXIT_OK);
        }
    }
    nearest = smref_nearest(request->format, next_format, NULL);
    return smref_usage("spec", "no format %.60s; %s: %s", request->format, nearest ? "nearest" : "there is",
                       nearest ? nearest : "tsv, json, c, svh, md");
}

/* ---- The command line ------------------------------------------------------------------------------ */

static bool take_option(struct request *request, int option)
{
    smref_item_kind kind;

    switch (option) {
    case OPT_FORMAT:
        request->format = optarg;
        return true;
    case OPT_BRIEF:
        request->brief = true;
        return true;
    case OPT_JSON:
        request->json = true;
        return true;
    default:
        if (!take_kind(optarg, &kind))
            return false;
        if (!request->only_given)
            memset(request->kinds, 0, sizeof request->kinds);
        request->only_given = true;
        request->kinds[kind] = true;
        return true;
    }
}

int smref_cmd_spec(int argc, char **argv)
{
    struct request request = {.format = NULL};
    const char *verb;
    int option;

    memset(request.kinds, 1, sizeof request.kinds);
    while ((option = smref_next_option(argc, argv, options)) != -1) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            return smref_finish(SMREF_EXIT_OK);
        }
        if (option == '?' || !take_option(&request, option))
            return SMREF_EXIT_USAGE;
    }
    if (optind == argc)
        return smref_usage("spec", "list, show or export?");
    verb = argv[optind++];
    if (strcmp(verb, "list") == 0)
        return list(argc - optind, argv + optind);
    if (strcmp(verb, "show") == 0)
        return show_all(argc - optind, argv + optind, &request);
    if (strcmp(verb, "export") == 0)
        return export_all(argc - optind, &request);
    return smref_usage("spec", "%.60s is neither list, show nor export", verb);
}
