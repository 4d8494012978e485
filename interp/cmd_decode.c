/* `smref decode`: what the bits of structures, commands, records and registers mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "command.h"
#include "configuration.h"
#include "decoding.h"
#include "dmesg.h"
#include "event_words.h"
#include "fields.h"
#include "located.h"
#include "page.h"
#include "spec_items.h"
#include "vocabulary.h"
#include "words.h"

static const char help[] =
    "usage: smref decode KIND WORD... [OPTIONS]\n"
    "       smref decode --dmesg [FILE] [OPTIONS]\n"
    "\n"
    "Takes words apart: every field with its place, its value and what it means, and what is ignored, "
    "reserved,\n"
    "must be zero or is ILLEGAL in a configuration.\n"
    "\n"
    "KIND          STE, CD, L1STD, L1CD, VMS; event (which one: bits 7:0 of the record) or its name; "
    "command\n"
    "              (which one: its opcode) or its name; a register by name, with or without SMMU_, or by "
    "its\n"
    "              offset; a descriptor (VMSAv8_64_S1_PAGE, ...), or pte for the one that --stage, --level\n"
    "              and the bits themselves tell\n"
    "WORD          hexadecimal, with or without 0x, lowest address first. An STE has 8 words of 64 bits or\n"
    "              16 of 32 bits, and so on: the number of words decides. Commas and blanks may stand\n"
    "              between words.\n"
    "--dmesg       finds the SMMUv3 events, commands and errors in the log of a Linux kernel (standard "
    "input,\n"
    "              or FILE) and explains each; the exit status is 1 when there is none\n"
    "\n"
    "the configuration\n"
    "  --profile NAME       a name of `smref spec list profiles`, or a file (arch-3.4)\n"
    "  --set REG=VALUE      a register, by name or offset; may be repeated\n"
    "  --choice ID=OPTION   an option where the architecture permits several; may be repeated\n"
    "  --sec-sid STATE      Security state of the stream or queue: ns, secure or realm (ns)\n"
    "  --ste WORD,...       of a CD or a descriptor: the STE through which it is reached\n"
    "\n"
    "of a descriptor: the tables that it stands in\n"
    "  --stage 1|2          (1)          --level 0..3      (3, or as the kind tells)\n"
    "  --granule 4k|16k|64k (4k)         --ds              52-bit addresses with 4 KB or 16 KB\n"
    "  --format 64|32|128   VMSAv8-64, VMSAv8-32 or VMSAv9-128 (64)\n"
    "\n"
    "what is printed\n"
    "  --brief              only fields that are set or that say something\n"
    "  --json               an object (with --dmesg: JSON Lines), smref schema smref-decode\n"
    "\n"
    "examples: smref decode SMMU_IDR0 0x0d44101b\n"
    "          smref decode event 0x1000000010 0x20000000000 0xfff00000 0\n"
    "          dmesg | smref decode --dmesg\n";

enum option_code {
    OPT_HELP = 'h',
    OPT_DMESG = 256,
    OPT_PROFILE,
    OPT_SET,
    OPT_CHOICE,
    OPT_SEC_SID,
    OPT_STE,
    OPT_STAGE,
    OPT_LEVEL,
    OPT_GRANULE,
    OPT_DS,
    OPT_FORMAT,
    OPT_BRIEF,
    OPT_JSON,
};

static const struct option options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"dmesg", no_argument, NULL, OPT_DMESG},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"set", required_argument, NULL, OPT_SET},
    {"choice", required_argument, NULL, OPT_CHOICE},
    {"sec-sid", required_argument, NULL, OPT_SEC_SID},
    {"ste", required_argument, NULL, OPT_STE},
    {"stage", required_argument, NULL, OPT_STAGE},
    {"level", required_argument, NULL, OPT_LEVEL},
    {"granule", required_argument, NULL, OPT_GRANULE},
    {"ds", no_argument, NULL, OPT_DS},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"brief", no_argument, NULL, OPT_BRIEF},
    {"json", no_argument, NULL, OPT_JSON},
    {NULL, 0, NULL, 0},
};

#define MAX_BYTES 4096 /* a VMS, the largest structure */

struct request {
    bool dmesg, brief, json, ste_given, level_given;
    bool reserved; /* the descriptor is none at its level */
    const char *profile;
    smref_register_set registers;
    smref_choice_set choices;
    smref_field_context context;
    smref_walk_info walk;
    unsigned stage, format;
    uint64_t ste[8], words[MAX_BYTES / 8];
    unsigned word_count;
    smref *smmu;
};

/* ---- The command line ------------------------------------------------------------------------------ */

static bool refuse(const char *option, const char *text, const char *expected)
{
    smref_usage("decode", "--%s %.60s: %s", option, text, expected);
    return false;
}

static bool take_ste(struct request *r)
{
    char *text[] = {optarg};
    unsigned count;
    char why[200];

    r->ste_given = true;
    return smref_read_words(1, text, sizeof r->ste, false, r->ste, &count, why) || refuse("ste", optarg, why);
}

/* One of a list of words; *out is its index. */
static bool take_word(const char *option, const char *const *words, const char *expected, unsigned *out)
{
    int index = smref_find_word(words, optarg);

    if (index < 0)
        return refuse(option, optarg, expected);
    *out = (unsigned)index;
    return true;
}

static bool take_table_option(struct request *r, int option)
{
    static const char *const granules[] = {"4k", "16k", "64k", NULL},
                             *const formats[] = {"32", "64", "128", NULL}, *const stages[] = {"1", "2", NULL},
                             *const levels[] = {"0", "1", "2", "3", NULL};
    static const uint8_t granule_codes[] = {SMREF_Granule_G4K, SMREF_Granule_G16K, SMREF_Granule_G64K};
    unsigned index = 0;

    switch (option) {
    case OPT_STAGE:
        if (!take_word("stage", stages, "1 or 2 is expected", &index))
            return false;
        r->stage = index + 1;
        return true;
    case OPT_LEVEL:
        if (!take_word("level", levels, "0 to 3 is expected", &index))
            return false;
        r->level_given = true;
        r->context.level = (int)index;
        return true;
    case OPT_GRANULE:
        if (!take_word("granule", granules, "4k, 16k or 64k is expected", &index))
            return false;
        r->walk.granule = granule_codes[index];
        return true;
    case OPT_FORMAT:
        return take_word("format", formats, "32, 64 or 128 is expected", &r->format);
    default:
        r->walk.ds = true;
        return true;
    }
}

static bool take_option(struct request *r, int option)
{
    static const char *const states[] = {"ns", "secure", "realm", NULL};
    unsigned index = 0;
    char why[200];

    switch (option) {
    case OPT_DMESG:
        r->dmesg = true;
        return true;
    case OPT_BRIEF:
        r->brief = true;
        return true;
    case OPT_JSON:
        r->json = true;
        return true;
    case OPT_PROFILE:
        r->profile = optarg;
        return true;
    case OPT_SET:
        return smref_registers_assign(&r->registers, optarg, why) || refuse("set", optarg, why);
    case OPT_CHOICE:
        return smref_choices_assign(&r->choices, optarg, why) || refuse("choice", optarg, why);
    case OPT_SEC_SID:
        if (!take_word("sec-sid", states, "ns, secure or realm is expected", &index))
            return false;
        r->context.sec_sid = (smref_sec_sid)index;
        return true;
    case OPT_STE:
        return take_ste(r);
    default:
        return take_table_option(r, option);
    }
}

/* ---- What to decode -------------------------------------------------------------------------------- */

struct target {
    bool is_register;
    unsigned index; /* smref_register or smref_layout */
};

/* The words are read twice where the first one tells how many there must be. */
static bool first_word(const char *what, int count, char **words, uint64_t *out)
{
    *out = 0;
    if (count > 0 && smref_first_word(words[0], out))
        return true;
    smref_usage("decode", "%s: its words are missing", what);
    return false;
}

/* Which event or command the first word is. */
static bool by_number(int count, char **words, bool command, struct target *out)
{
    uint64_t first[4] = {0};
    smref_layout layout;

    if (!first_word(command ? "command" : "event", count, words, &first[0]))
        return false;
    if (command && count > 1)
        (void)smref_first_word(words[1], &first[1]);
    if (!smref_record_find(command ? SMREF_LAYOUT_KIND_COMMAND : SMREF_LAYOUT_KIND_EVENT, first, &layout)) {
        fprintf(stderr, "smref decode: 0x%02llx is the number of no %s: %s\n",
                (unsigned long long)first[0] & 255, command ? "command" : "event",
                command ? "CERROR_ILL (4.1.3), or IMPLEMENTATION DEFINED from 0x80 to 0x8f (4.1.1)"
                        : "reserved, or IMPLEMENTATION DEFINED from 0xe0 to 0xef (7.3.21)");
        return false;
    }
    out->index = (unsigned)layout;
    return true;
}

/* The descriptor that `pte` means: the level and the bits tell. */
static bool by_bits(int count, char **words, struct request *r, struct target *out)
{
    static const uint8_t formats[] = {SMREF_Format_VMSAv8_32, SMREF_Format_VMSAv8_64};
    smref_descriptor descriptor;
    uint64_t first;

    if (!first_word("pte", count, words, &first))
        return false;
    if (r->format > 1) {
        smref_usage("decode", "pte: of VMSAv9-128 name the descriptor (smref spec list descriptors)");
        return false;
    }
    r->walk.format = formats[r->format];
    r->walk.output_bits = (uint8_t)smref_output_bits(r->smmu);
    smref_descriptor_look(r->smmu, &r->walk, (int)r->stage, r->context.level, first, &descriptor);
    r->reserved = descriptor.kind == SMREF_DESCRIPTOR_RESERVED;
    out->index = (unsigned)descriptor.layout;
    return true;
}

static const char *next_kind(void *context, size_t index)
{
    static const char *const words[] = {"event", "command", "pte", NULL};
    char room[SMREF_ITEM_ROOM];
    smref_item item;
    unsigned n;

    (void)context;
    if (index < 3)
        return words[index];
    index -= 3;
    for (unsigned kind = 0; kind <= SMREF_ITEM_REGISTER; kind++)
        for (n = 0; smref_item_at((smref_item_kind)kind, n, &item); n++)
            if (index-- == 0)
                return smref_item_name(&item, room);
    return NULL;
}

static bool by_name(const char *kind, struct target *out)
{
    const char *nearest;
    smref_item item;

    for (unsigned n = 0; smref_item_find(kind, n, &item); n++) {
        if (item.kind > SMREF_ITEM_REGISTER)
            continue;
        *out = (struct target){item.kind == SMREF_ITEM_REGISTER, item.index};
        return true;
    }
    nearest = smref_nearest(kind, next_kind, NULL);
    smref_usage("decode", "no kind %.60s%s%s", kind, nearest ? "; nearest: " : "", nearest ? nearest : "");
    return false;
}

static bool find_target(const char *kind, int count, char **words, struct request *r, struct target *out)
{
    *out = (struct target){false, 0};
    if (strcasecmp(kind, "event") == 0)
        return by_number(count, words, false, out);
    if (strcasecmp(kind, "command") == 0)
        return by_number(count, words, true, out);
    if (strcasecmp(kind, "pte") == 0)
        return by_bits(count, words, r, out);
    return by_name(kind, out);
}

/* ---- Decoding -------------------------------------------------------------------------------------- */

/* A CD is judged through an STE: the given one, or a plain one. */
static void assume_ste(struct request *r, const struct target *target)
{
    const smref_layout_info *ste = smref_layout_at(SMREF_LAYOUT_STE);

    if (!r->ste_given && !target->is_register && target->index == SMREF_LAYOUT_CD) {
        smref_field_set(smref_field_named(ste, "V"), r->ste, 0, 1);
        smref_field_set(smref_field_named(ste, "Config"), r->ste, 0, SMREF_STE_Config_S1_TRANS);
    }
    r->context.ste = r->ste;
}

static void print_head(const struct request *r, const struct target *target, const smref_decoding *decoding)
{
    static const char *const streams[] = {"Non-secure", "Secure", "Realm"};
    bool structure =
        !target->is_register && smref_layout_at(target->index)->kind == SMREF_LAYOUT_KIND_STRUCTURE;

    printf("%s: %s (%s)\n", decoding->name, decoding->title, decoding->section);
    smref_page_print(stdout, 0, 0, "configuration: %s%s%s%s", r->profile, structure ? ", " : "",
                     structure ? streams[r->context.sec_sid] : "", structure ? " stream" : "");
    if (!r->ste_given && !target->is_register && target->index == SMREF_LAYOUT_CD)
        puts("through an assumed STE: V 1, Config S1_TRANS, all else 0 (--ste gives another)");
    putchar('\n');
}

static bool is_event(const smref_decoding *decoding)
{
    return !decoding->is_register &&
           smref_layout_at((unsigned)decoding->layout)->kind == SMREF_LAYOUT_KIND_EVENT;
}

static smref_event_type event_type(const smref_decoding *decoding)
{
    return (smref_event_type)smref_layout_at((unsigned)decoding->layout)->number;
}

/* An event in a sentence, and where to look first. */
static void print_event_words(const smref_decoding *decoding)
{
    char sentence[SMREF_EVENT_ROOM];
    const char *likely = smref_event_likely(event_type(decoding), decoding);

    smref_page_words(stdout, 0, 2, smref_event_sentence(decoding, sentence));
    if (likely)
        smref_page_print(stdout, 0, 8, "likely: %s", likely);
    putchar('\n');
}

/* An invalid descriptor is nothing but its bit 0; others may be none at their level. */
static void check_valid(const struct request *r, const smref_decoding *decoding)
{
    const smref_decoded_field *valid = smref_decoded_named(decoding, "VALID");

    if (smref_layout_at((unsigned)decoding->layout)->kind == SMREF_LAYOUT_KIND_DESCRIPTOR && valid &&
        valid->value == 0)
        printf("\ninvalid: VALID is 0, and no other bit counts (%s)\n", decoding->section);
    else if (r->reserved)
        printf("\n! reserved: neither table, block nor page at level %d; a walk ends in F_TRANSLATION (%s)\n",
               r->context.level, decoding->section);
}

/* The number that a record was named by need not be the one in it. */
static void check_number(const smref_decoding *decoding, const struct target *target)
{
    const smref_layout_info *info = smref_layout_at(target->index);
    uint64_t number = smref_field_get(&info->fields[0], decoding->words, 0);

    if ((info->kind == SMREF_LAYOUT_KIND_COMMAND || info->kind == SMREF_LAYOUT_KIND_EVENT) &&
        number != info->number)
        printf("\n! the words have the number 0x%02llx, %s has 0x%02x\n", (unsigned long long)number,
               info->name, info->number);
}

static void print_json(const struct request *r, const smref_decoding *decoding)
{
    json_t *object = json_pack("{s:s,s:s,s:s,s:s}", "format", "smref-decode", "version", "1.0", "profile",
                               r->profile, "sec_sid", smref_spell_sec_sid(r->context.sec_sid));
    json_t *rest = smref_decoding_json(decoding);
    char sentence[SMREF_EVENT_ROOM];
    const char *likely;

    if (is_event(decoding)) {
        json_object_set_new(object, "says", json_string(smref_event_sentence(decoding, sentence)));
        likely = smref_event_likely(event_type(decoding), decoding);
        if (likely)
            json_object_set_new(object, "likely", json_string(likely));
    }
    json_object_update(object, rest);
    json_decref(rest);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static int decode(struct request *r, const struct target *target)
{
    smref_decoding decoding;

    if (target->is_register)
        smref_decode_register(r->smmu, (smref_register)target->index, r->words, &decoding);
    else
        smref_decode_layout(r->smmu, &r->context, (smref_layout)target->index, r->words, r->word_count,
                            &decoding);
    if (r->json) {
        print_json(r, &decoding);
    } else {
        print_head(r, target, &decoding);
        if (is_event(&decoding))
            print_event_words(&decoding);
        smref_print_decoding(stdout, &decoding, r->brief);
        if (!target->is_register) {
            check_number(&decoding, target);
            check_valid(r, &decoding);
        }
    }
    smref_decoding_free(&decoding);
    return smref_finish(SMREF_EXIT_OK);
}

/* A 32-bit register is one word of 32 bits; all else counts in 64-bit words. */
static bool read_words(struct request *r, const struct target *target, int count, char **words)
{
    unsigned width = target->is_register ? smref_register_at(target->index)->width : 0;
    size_t size = target->is_register ? 8 : smref_layout_at(target->index)->bytes;
    char why[200];

    if (!smref_read_words(count, words, size, size > 64, r->words, &r->word_count, why)) {
        smref_usage("decode", "%s", why);
        return false;
    }
    if (width == 32 && r->words[0] >> 32) {
        smref_usage("decode", "%s has 32 bits", smref_register_at(target->index)->name);
        return false;
    }
    return true;
}

static int run(struct request *r, int count, char **words)
{
    smref_jerror error = {""};
    struct target target;

    if (!r->dmesg && count == 0)
        return smref_usage("decode", "decode what? smref decode KIND WORD...");
    if (r->dmesg && count > 1)
        return smref_usage("decode", "--dmesg takes one log");
    r->smmu = smref_configured(r->profile, &r->registers, &r->choices, &error);
    if (!r->smmu)
        return smref_bad_input(error.text);
    if (r->dmesg) {
        /* A log prints CMDQ_CONS because CMDQ_ERR is active; without it ERR would be UNKNOWN (6.3.28). */
        uint64_t acknowledged = smref_get_register(r->smmu, SMREF_REG_SMMU_GERRORN);
        (void)smref_set_register(r->smmu, SMREF_REG_SMMU_GERROR, ~acknowledged & UINT32_MAX, NULL);
        return smref_decode_dmesg(count ? words[0] : "-", r->smmu, r->json);
    }
    if (!find_target(words[0], count - 1, words + 1, r, &target) ||
        !read_words(r, &target, count - 1, words + 1))
        return SMREF_EXIT_USAGE;
    if (!target.is_register && !r->level_given && !strstr(smref_layout_at(target.index)->name, "PAGE"))
        r->context.level = 2;
    assume_ste(r, &target);
    return decode(r, &target);
}

int smref_cmd_decode(int argc, char **argv)
{
    struct request *r = smref_alloc(1, sizeof *r);
    int option, code = -1;

    r->profile = "arch-3.4";
    r->stage = 1;
    r->format = 1;
    r->walk.granule = SMREF_Granule_G4K;
    r->context = (smref_field_context){.walk = &r->walk, .level = 3};
    smref_choices_clear(&r->choices);
    while (code < 0 && (option = smref_next_option(argc, argv, options)) != -1) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            code = smref_finish(SMREF_EXIT_OK);
        } else if (option == '?' || !take_option(r, option)) {
            code = SMREF_EXIT_USAGE;
        }
    }
    if (code < 0)
        code = run(r, argc - optind, argv + optind);
    smref_free(r->smmu);
    smref_registers_clear(&r->registers);
    free(r);
    return code;
}
