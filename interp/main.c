/* The smref command: finds the sub-command and hands over. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "located.h"
#include "smref.h"

static const struct smref_command commands[] = {
    {"run", "FILE", "what the architecture requires of each access of a snapshot", smref_cmd_run},
    {"decode", "KIND WORD...", "what the bits of a structure, record or register mean", smref_cmd_decode},
    {"lint", "FILE", "what is illegal, reserved or out of place in the tables of a snapshot", smref_cmd_lint},
    {"capture", "--qmp SOCKET -o OUT", "the SMMU of a running QEMU as a snapshot", smref_cmd_capture},
    {"spec", "list|show|export", "browse and export the specification as data", smref_cmd_spec},
    {"rules", "[--subject S]", "the decisions of the architecture", smref_cmd_rules},
    {"rule", "ID|EVENT|CHOICE", "what a rule says, and its section", smref_cmd_rule},
    {"fmt", "FILE", "a snapshot, profile, vectors or recipe in canonical form", smref_cmd_fmt},
    {"check", "[FILE|FOLDER]...", "the model against vectors", smref_cmd_check},
    {"diff", "TARGET [FILE]...", "an implementation against what the architecture permits", smref_cmd_diff},
    {"gen", "[RECIPE|FOLDER]...", "vectors out of recipes", smref_cmd_gen},
    {"report", "FILE|FOLDER...", "the results of a campaign, added up", smref_cmd_report},
    {"schema", "[NAME]", "the JSON Schemas of the formats", smref_cmd_schema},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void print_help(void)
{
    printf("smref %s: an executable reference of the Arm SMMUv3 architecture\n\n"
           "usage: smref COMMAND [ARGUMENTS]\n\n",
           SMREF_VERSION);
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-8s %-22s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    puts("\nsmref COMMAND --help tells more about one. The manual page is smref(1).\n"
         "Exit status: 0 as expected, 1 differences or findings, 2 bad usage or input, or not modelled,\n"
         "3 the device under test failed, 4 a defect of smref.");
}

static const char *next_command(void *context, size_t index)
{
    (void)context;
    return index < COMMANDS ? commands[index].name : NULL;
}

static int unknown(const char *name)
{
    const char *nearest = smref_nearest(name, next_command, NULL);

    fprintf(stderr, "smref: no such command: %.60s%s%s\ntry: smref --help\n", name,
            nearest ? "; nearest: " : "", nearest ? nearest : "");
    return SMREF_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";

#ifdef SIGPIPE
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of the write, which smref_finish sees */
#endif
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help();
        return smref_finish(argc > 1 ? SMREF_EXIT_OK : SMREF_EXIT_USAGE);
    }
    if (strcmp(name, "--version") == 0) {
        puts("smref " SMREF_VERSION);
        return smref_finish(SMREF_EXIT_OK);
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return unknown(name);
}
