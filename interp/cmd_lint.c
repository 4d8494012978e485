/* `smref lint`: legality, alignment, RES0 and unused bits of the tables in a snapshot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lint.h"
#include "smref_layout.h"

static const char help[] =
    "usage: smref lint FILE [OPTIONS]          (FILE may be -, standard input)\n"
    "\n"
    "Looks at all that the registers of a snapshot lead to: the Stream tables, their STEs, CDs, and the\n"
    "translation tables of both stages; the granule protection table; and at the registers themselves. What\n"
    "is Secure or Realm is looked at when its SMMUEN is 1, or the snapshot says where its Stream table is.\n"
    "\n"
    "error     ILLEGAL structures and reserved descriptors: with what the SMMU does instead; ID registers "
    "that\n"
    "          no implementation can have\n"
    "warning   bits that must be zero, or have no effect, and are set; reserved values; pointers that are\n"
    "          not aligned, exceed the address size, or lead out of the declared memory or to granules of\n"
    "          another address space; entries that ought to agree and do not (STE.CONT, Contiguous); tables\n"
    "          and queues that lie over one another\n"
    "\n"
    "Entries that are not valid are not findings. The exit status is 1 when there are findings.\n"
    "\n"
    "  --errors-only        no warnings\n"
    "  --max N              print N findings (200; 0: all)\n"
    "  --json               an object (smref schema smref-lint)\n"
    "\n"
    "over the snapshot\n"
    "  --profile NAME       another implementation: a name of `smref spec list profiles`, or a file\n"
    "  --set REG=VALUE      a register, by name or offset; may be repeated\n"
    "  --choice ID=OPTION   an option where the architecture permits several; may be repeated\n"
    "\n"
    "example: smref lint vectors/linux-6.12-4k-s1.snapshot.json\n";

enum option_code {
    OPT_HELP = 'h',
    OPT_JSON = 256,
    OPT_ERRORS,
    OPT_MAX,
    OPT_PROFILE,
    OPT_SET,
    OPT_CHOICE,
};

static const struct option options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"json", no_argument, NULL, OPT_JSON},
    {"errors-only", no_argument, NULL, OPT_ERRORS},
    {"max", required_argument, NULL, OPT_MAX},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"set", required_argument, NULL, OPT_SET},
    {"choice", required_argument, NULL, OPT_CHOICE},
    {NULL, 0, NULL, 0},
};

struct request {
    bool json, errors_only;
    uint64_t max;
    smref_cli_overrides over;
    smref_register_set registers;
    smref_choice_set choices;
};

/* ---- Printing -------------------------------------------------------------------------------------- */

static bool wanted(const struct request *r, const smref_finding *finding)
{
    return !r->errors_only || finding->severity == SMREF_SEVERITY_ERROR;
}

static uint64_t count_of(const struct request *r, const smref_lint *lint, smref_severity severity)
{
    uint64_t count = 0;

    for (size_t i = 0; i < lint->findings.count; i++)
        if (lint->findings.list[i].severity == severity && wanted(r, &lint->findings.list[i]))
            count++;
    return count;
}

/* What was not looked at, or NULL. */
static const char *not_looked_at(const smref_lint *lint, smref_error *why)
{
    *why = (smref_error){.status = SMREF_OK};
    return smref_check_modelled(lint->machine->smmu, why) == SMREF_OK ? NULL : why->text;
}

static bool enabled(const smref_lint *lint, smref_sec_sid sec_sid)
{
    static const smref_register cr0[] = {SMREF_REG_SMMU_CR0, SMREF_REG_SMMU_S_CR0, SMREF_REG_SMMU_R_CR0};

    return smref_register_exists(lint->machine->smmu, cr0[sec_sid]) &&
           smref_SMMU_CR0_SMMUEN(smref_get_register(lint->machine->smmu, cr0[sec_sid]));
}

static void print_unused(const smref_lint *lint)
{
    if (!lint->looked_at[SMREF_SEC_SECURE] && !lint->looked_at[SMREF_SEC_REALM]) {
        if (!enabled(lint, SMREF_SEC_NS))
            puts("CR0.SMMUEN is 0: none of this is in use yet");
        return;
    }
    if (!enabled(lint, SMREF_SEC_NS))
        puts("CR0.SMMUEN is 0: what is Non-secure is not in use yet");
    if (lint->looked_at[SMREF_SEC_SECURE] && !enabled(lint, SMREF_SEC_SECURE))
        puts("S_CR0.SMMUEN is 0: what is Secure is not in use yet");
    if (lint->looked_at[SMREF_SEC_REALM] && !enabled(lint, SMREF_SEC_REALM))
        puts("R_CR0.SMMUEN is 0: what is Realm is not in use yet");
}

static void print_text(const struct request *r, const smref_lint *lint)
{
    uint64_t errors = count_of(r, lint, SMREF_SEVERITY_ERROR), printed = 0;
    uint64_t warnings = count_of(r, lint, SMREF_SEVERITY_WARNING);
    smref_error why;
    const char *missing = not_looked_at(lint, &why);

    for (size_t i = 0; i < lint->findings.count; i++) {
        if (!wanted(r, &lint->findings.list[i]) || (r->max && printed == r->max))
            continue;
        smref_print_finding(stdout, &lint->findings.list[i]);
        printed++;
    }
    if (printed)
        putchar('\n');
    if (printed < errors + warnings)
        printf("%llu findings more; --max 0 prints all\n", (unsigned long long)(errors + warnings - printed));
    if (missing)
        printf("translation tables were not looked at; %s\n", missing);
    print_unused(lint);
    printf("errors: %llu, warnings: %llu; looked at %llu L1STDs, %llu STEs (%llu valid), %llu CDs, %llu "
           "translation tables with %llu descriptors",
           (unsigned long long)errors, (unsigned long long)warnings, (unsigned long long)lint->looked.l1stds,
           (unsigned long long)lint->looked.stes, (unsigned long long)lint->looked.valid_stes,
           (unsigned long long)lint->looked.cds, (unsigned long long)lint->looked.tables,
           (unsigned long long)lint->looked.descriptors);
    if (lint->looked.granules)
        printf(", %llu GPT entries", (unsigned long long)lint->looked.granules);
    putchar('\n');
}

static void print_json(const struct request *r, const smref_lint *lint)
{
    json_t *object = json_pack("{s:s,s:s}", "format", "smref-lint", "version", "1.0"), *list = json_array();
    json_t *looked = json_object();
    smref_error why;
    const char *missing = not_looked_at(lint, &why);

    for (size_t i = 0; i < lint->findings.count; i++) {
        if (!wanted(r, &lint->findings.list[i]) || (r->max && json_array_size(list) == r->max))
            continue;
        json_array_append_new(list, smref_finding_json(&lint->findings.list[i]));
    }
    json_object_set_new(object, "findings", list);
    json_object_set_new(object, "errors", json_integer((json_int_t)count_of(r, lint, SMREF_SEVERITY_ERROR)));
    json_object_set_new(object, "warnings",
                        json_integer((json_int_t)count_of(r, lint, SMREF_SEVERITY_WARNING)));
    json_object_set_new(looked, "l1stds", json_integer((json_int_t)lint->looked.l1stds));
    json_object_set_new(looked, "stes", json_integer((json_int_t)lint->looked.stes));
    json_object_set_new(looked, "valid_stes", json_integer((json_int_t)lint->looked.valid_stes));
    json_object_set_new(looked, "cds", json_integer((json_int_t)lint->looked.cds));
    json_object_set_new(looked, "tables", json_integer((json_int_t)lint->looked.tables));
    json_object_set_new(looked, "descriptors", json_integer((json_int_t)lint->looked.descriptors));
    if (lint->looked.granules)
        json_object_set_new(looked, "gpt_entries", json_integer((json_int_t)lint->looked.granules));
    json_object_set_new(object, "looked_at", looked);
    if (missing)
        json_object_set_new(object, "not_looked_at", json_string(missing));
    json_dumpf(object, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(object);
}

/* ---- Running --------------------------------------------------------------------------------------- */

/* A clean bill needs all of it to have been looked at. */
static int verdict(const struct request *r, const smref_lint *lint)
{
    smref_error why;

    if (count_of(r, lint, SMREF_SEVERITY_ERROR) || count_of(r, lint, SMREF_SEVERITY_WARNING))
        return SMREF_EXIT_DIFFERENT;
    return not_looked_at(lint, &why) ? SMREF_EXIT_USAGE : SMREF_EXIT_OK;
}

static void look_at_streams(smref_lint *lint)
{
    static const smref_register base[] = {SMREF_REG_SMMU_STRTAB_BASE, SMREF_REG_SMMU_S_STRTAB_BASE,
                                          SMREF_REG_SMMU_R_STRTAB_BASE};

    for (unsigned bank = 0; bank < 3; bank++)
        if (bank == SMREF_SEC_NS ||
            (smref_register_exists(lint->machine->smmu, base[bank]) &&
             (enabled(lint, (smref_sec_sid)bank) || smref_lint_given(lint, base[bank]))))
            smref_lint_streams(lint, (smref_sec_sid)bank);
    lint->sec_sid = SMREF_SEC_NS;
}

static int run(const struct request *r, const smref_snapshot *snapshot, smref_machine *machine)
{
    smref_lint lint = {.snapshot = snapshot,
                       .machine = machine,
                       .memory = smref_sparse_interface(machine->memory),
                       .extents = smref_extents_new(&snapshot->memory)};
    int code;

    lint.tables = smref_check_modelled(machine->smmu, NULL) == SMREF_OK;
    smref_lint_registers(&lint);
    smref_lint_granules(&lint);
    look_at_streams(&lint);
    smref_lint_places(&lint);
    if (r->json)
        print_json(r, &lint);
    else
        print_text(r, &lint);
    code = verdict(r, &lint);
    smref_findings_free(&lint.findings);
    smref_seen_free(lint.seen);
    smref_extents_free(lint.extents);
    return smref_finish(code);
}

static bool take_option(struct request *r, int option)
{
    char why[200];

    switch (option) {
    case OPT_JSON:
        r->json = true;
        return true;
    case OPT_ERRORS:
        r->errors_only = true;
        return true;
    case OPT_MAX:
        if (smref_parse_number(optarg, UINT64_MAX, &r->max))
            return true;
        smref_usage("lint", "--max %.60s: a number is expected", optarg);
        return false;
    case OPT_PROFILE:
        r->over.profile = optarg;
        return true;
    case OPT_SET:
        r->over.registers = &r->registers;
        if (smref_registers_assign(&r->registers, optarg, why))
            return true;
        smref_usage("lint", "--set %s", why);
        return false;
    default:
        r->over.choices = &r->choices;
        if (smref_choices_assign(&r->choices, optarg, why))
            return true;
        smref_usage("lint", "--choice %s", why);
        return false;
    }
}

static int lint_file(struct request *r, const char *file)
{
    smref_jerror error = {""};
    smref_snapshot snapshot;
    smref_machine machine;
    smref_jdoc doc;
    int code;

    if (!smref_jdoc_load(&doc, file, &error))
        return smref_bad_input(error.text);
    if (!smref_snapshot_read(&doc, &doc.root, &r->over, &snapshot, &error)) {
        code = smref_bad_input(error.text);
    } else {
        if (smref_machine_new(&machine, &doc, &snapshot, NULL, &error)) {
            code = run(r, &snapshot, &machine);
            smref_machine_free(&machine);
        } else {
            code = smref_bad_input(error.text);
        }
        smref_snapshot_free(&snapshot);
    }
    smref_jdoc_close(&doc);
    return code;
}

int smref_cmd_lint(int argc, char **argv)
{
    struct request *r = smref_alloc(1, sizeof *r);
    int option, code = -1;

    r->max = 200;
    smref_choices_clear(&r->choices);
    while (code < 0 && (option = smref_next_option(argc, argv, options)) != -1) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            code = smref_finish(SMREF_EXIT_OK);
        } else if (option == '?' || !take_option(r, option)) {
            code = SMREF_EXIT_USAGE;
        }
    }
    if (code < 0 && optind + 1 != argc)
        code = smref_usage("lint", optind < argc ? "one snapshot at a time" : "which snapshot?");
    if (code < 0)
        code = lint_file(r, argv[optind]);
    smref_registers_clear(&r->registers);
    free(r);
    return code;
}
