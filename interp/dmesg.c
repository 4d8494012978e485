/* The log of a Linux kernel, explained report by report. */
#include "dmesg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "decoding.h"
#include "dmesg_scan.h"
#include "event_words.h"
#include "hex.h"
#include "page.h"

#define MAX_SEEN 256

struct reader {
    const smref *smmu;
    bool json;
    unsigned count;
    smref_log_report seen[MAX_SEEN]; /* events that were printed: storms repeat them */
    unsigned seen_count;
};

/* ---- What a report holds --------------------------------------------------------------------------- */

static const char *const kind_words[] = {
    [SMREF_LOG_EVENT] = "event",
    [SMREF_LOG_COMMAND] = "command",
    [SMREF_LOG_GERROR] = "gerror",
    [SMREF_LOG_CMDQ_ERROR] = "cmdq-error",
    [SMREF_LOG_SYNC_TIMEOUT] = "sync-timeout",
    [SMREF_LOG_OVERFLOW] = "overflow",
    [SMREF_LOG_NOTE] = "note",
};

/* The record or command, when all of its words are there and its number is not reserved. */
static bool decode_record(const struct reader *r, const smref_log_report *report, smref_decoding *out)
{
    bool command = report->kind == SMREF_LOG_COMMAND;
    const smref_field_context context = {.sec_sid = SMREF_SEC_NS};
    smref_layout layout;

    if (report->have < report->need || report->need == 0 ||
        !smref_record_find(command ? SMREF_LAYOUT_KIND_COMMAND : SMREF_LAYOUT_KIND_EVENT, report->words,
                           &layout))
        return false;
    smref_decode_layout(r->smmu, &context, layout, report->words, report->need, out);
    return true;
}

/* What newer kernels say in words, when the words of the record are missing. */
static const smref_layout_info *layout_said(const smref_log_report *report)
{
    smref_layout layout;

    return *report->name && smref_layout_find(report->name, &layout) ? smref_layout_at((unsigned)layout)
                                                                     : NULL;
}

static const char *advice(const smref_log_report *report)
{
    switch (report->kind) {
    case SMREF_LOG_COMMAND:
        return "the kernel put a CMD_SYNC in its place; the command is what CMDQ_CONS.RD stopped at";
    case SMREF_LOG_SYNC_TIMEOUT:
        return "the SMMU does not consume commands: a Command queue error that is not acknowledged, an ATC "
               "invalidation that a device does not answer, or the SMMU has no clock or power";
    case SMREF_LOG_OVERFLOW:
        return strcmp(report->text, "PRIQ") == 0
                   ? "page requests were lost: the PRI queue was full"
                   : "event records were lost: the Event queue was full, usually in "
                     "a storm of one event";
    default:
        return NULL;
    }
}

/* ---- Text ------------------------------------------------------------------------------------------ */

static void print_head(const smref_log_report *report, const char *title)
{
    printf("line %lu%s%s: %s\n", report->line, *report->device ? " " : "", report->device, title);
}

static void print_likely(const char *text)
{
    if (!text)
        return;
    fputs("  likely: ", stdout);
    smref_page_words(stdout, 10, 10, text);
}

/* The record is not there, or not all of it, or its number is reserved. */
static void print_incomplete(const smref_log_report *report)
{
    const smref_layout_info *said = layout_said(report);
    char title[160];

    if (report->have >= report->need) {
        snprintf(title, sizeof title, "%s 0x%02llx, which is reserved or IMPLEMENTATION DEFINED",
                 kind_words[report->kind], (unsigned long long)(report->words[0] & 0xff));
    } else if (said) {
        snprintf(title, sizeof title, "%s: %s (event 0x%02x, %s)", said->name, said->title, said->number,
                 said->section);
    } else if (report->has_id) {
        snprintf(title, sizeof title, "event 0x%02x", report->id);
    } else {
        snprintf(title, sizeof title, "%s", kind_words[report->kind]);
    }
    print_head(report, title);
    if (report->have < report->need)
        printf("  only %u of its %u words are in the log\n", report->have, report->need);
    for (unsigned i = 0; i < report->have; i++)
        printf("  0x%016llx\n", (unsigned long long)report->words[i]);
    if (report->kind == SMREF_LOG_COMMAND && report->have >= report->need)
        puts("  an unknown opcode is a command error, CERROR_ILL (4.1.3)");
    if (said && report->has_iova)
        printf("  StreamID 0x%llx SubstreamID 0x%llx address 0x%llx\n", (unsigned long long)report->sid,
               (unsigned long long)report->ssid, (unsigned long long)report->iova);
}

/* The line of the same event of the same SMMU, if it was printed before; else 0. */
static unsigned long seen_before(struct reader *r, const smref_log_report *report)
{
    for (unsigned i = 0; i < r->seen_count; i++)
        if (strcmp(r->seen[i].device, report->device) == 0 &&
            memcmp(r->seen[i].words, report->words, sizeof report->words) == 0)
            return r->seen[i].line;
    if (r->seen_count < MAX_SEEN)
        r->seen[r->seen_count++] = *report;
    return 0;
}

static void print_event(struct reader *r, const smref_log_report *report)
{
    char title[160], sentence[SMREF_EVENT_ROOM];
    const smref_layout_info *info;
    smref_decoding record;
    unsigned long before;

    if (!decode_record(r, report, &record)) {
        print_incomplete(report);
        return;
    }
    info = smref_layout_at((unsigned)record.layout);
    before = seen_before(r, report);
    if (before) {
        snprintf(title, sizeof title, "%s again, the same as in line %lu", info->name, before);
        print_head(report, title);
        smref_decoding_free(&record);
        return;
    }
    snprintf(title, sizeof title, "%s: %s (event 0x%02x, %s)", info->name, info->title, info->number,
             info->section);
    print_head(report, title);
    fputs("  ", stdout);
    smref_page_words(stdout, 2, 2, smref_event_sentence(&record, sentence));
    if (*report->client)
        printf("  client: %s\n", report->client);
    print_likely(smref_event_likely((smref_event_type)info->number, &record));
    if (report->has_id && report->id != info->number)
        printf("! the headline says event 0x%02x\n", report->id);
    smref_print_decoding(stdout, &record, false);
    smref_decoding_free(&record);
}

static void print_command(const struct reader *r, const smref_log_report *report)
{
    char title[160];
    smref_decoding command;

    if (!decode_record(r, report, &command)) {
        print_incomplete(report);
        return;
    }
    snprintf(title, sizeof title, "skipped command %s: %s (%s)", command.name, command.title,
             command.section);
    print_head(report, title);
    smref_print_decoding(stdout, &command, false);
    smref_decoding_free(&command);
}

/* A register's value, without what is zero. */
static void print_register(const struct reader *r, smref_register reg, uint64_t value)
{
    smref_decoding decoding;

    printf("  %s 0x%08llx\n", smref_register_at((unsigned)reg)->name, (unsigned long long)value);
    smref_decode_register(r->smmu, reg, &value, &decoding);
    smref_print_decoding(stdout, &decoding, true);
    smref_decoding_free(&decoding);
}

static void print_message(const struct reader *r, const smref_log_report *report)
{
    switch (report->kind) {
    case SMREF_LOG_GERROR:
        print_head(report, "global errors are active (7.5)");
        print_register(r, SMREF_REG_SMMU_GERROR, report->value);
        break;
    case SMREF_LOG_CMDQ_ERROR:
        print_head(report, "a command stopped the Command queue (7.1)");
        print_register(r, SMREF_REG_SMMU_CMDQ_CONS, report->value);
        break;
    case SMREF_LOG_SYNC_TIMEOUT:
        print_head(report, "a CMD_SYNC did not complete in time");
        print_likely(advice(report));
        if (report->has_value) {
            printf("  the kernel waits for index 0x%llx\n", (unsigned long long)report->value);
            print_register(r, SMREF_REG_SMMU_CMDQ_PROD, report->prod);
            print_register(r, SMREF_REG_SMMU_CMDQ_CONS, report->cons);
        }
        break;
    case SMREF_LOG_OVERFLOW:
        print_head(report, advice(report));
        break;
    default:
        print_head(report, report->text);
        break;
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(object, key, json_string(text));
}

static void add_register(const struct reader *r, json_t *list, smref_register reg, uint64_t value)
{
    smref_decoding decoding;

    smref_decode_register(r->smmu, reg, &value, &decoding);
    json_array_append_new(list, smref_decoding_json(&decoding));
    smref_decoding_free(&decoding);
}

static json_t *decoded_json(const struct reader *r, const smref_log_report *report, json_t *object)
{
    json_t *list = json_array();
    char sentence[SMREF_EVENT_ROOM];
    smref_decoding record;

    if (report->kind == SMREF_LOG_GERROR)
        add_register(r, list, SMREF_REG_SMMU_GERROR, report->value);
    if (report->kind == SMREF_LOG_CMDQ_ERROR)
        add_register(r, list, SMREF_REG_SMMU_CMDQ_CONS, report->value);
    if (report->kind == SMREF_LOG_SYNC_TIMEOUT && report->has_value) {
        add_register(r, list, SMREF_REG_SMMU_CMDQ_PROD, report->prod);
        add_register(r, list, SMREF_REG_SMMU_CMDQ_CONS, report->cons);
    }
    if (decode_record(r, report, &record)) {
        if (report->kind == SMREF_LOG_EVENT) {
            set_text(object, "says", smref_event_sentence(&record, sentence));
            set_text(object, "likely",
                     smref_event_likely((smref_event_type)smref_layout_at((unsigned)record.layout)->number,
                                        &record));
        }
        json_array_append_new(list, smref_decoding_json(&record));
        smref_decoding_free(&record);
    }
    return list;
}

static void print_json(const struct reader *r, const smref_log_report *report)
{
    json_t *object = json_pack("{s:s,s:s,s:I,s:s}", "format", "smref-dmesg", "version", "1.0", "line",
                               (json_int_t)report->line, "report", kind_words[report->kind]);

    set_text(object, "device", report->device);
    set_text(object, "client", report->client);
    set_text(object, "event", report->name);
    set_text(object, "text", report->text);
    set_text(object, "likely", advice(report));
    if (report->have)
        json_object_set_new(object, "words", smref_hex_words(report->words, report->have));
    if (report->have < report->need)
        json_object_set_new(object, "incomplete", json_true());
    json_object_set_new(object, "decoded", decoded_json(r, report, object));
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* ---- The log --------------------------------------------------------------------------------------- */

static void take(void *context, const smref_log_report *report)
{
    struct reader *r = context;

    if (!r->json && r->count > 0)
        putchar('\n');
    r->count++;
    if (r->json)
        print_json(r, report);
    else if (report->kind == SMREF_LOG_EVENT)
        print_event(r, report);
    else if (report->kind == SMREF_LOG_COMMAND)
        print_command(r, report);
    else
        print_message(r, report);
    fflush(stdout); /* the log may be one that still grows */
}

/* A line of any length without its newline; false at the end. */
static bool read_line(FILE *file, char **line, size_t *room)
{
    size_t used = 0;
    int c;

    while ((c = getc(file)) != EOF && c != '\n') {
        if (used + 1 >= *room) {
            *room = *room ? 2 * *room : 256;
            *line = smref_resize(*line, *room, 1);
        }
        (*line)[used++] = c ? (char)c : ' ';
    }
    if (c == EOF && used == 0)
        return false;
    if (*room == 0) {
        *room = 256;
        *line = smref_resize(*line, *room, 1);
    }
    (*line)[used] = '\0';
    return true;
}

int smref_decode_dmesg(const char *name, const smref *smmu, bool json)
{
    struct reader *reader = smref_alloc(1, sizeof *reader);
    bool standard = strcmp(name, "-") == 0;
    FILE *file = standard ? stdin : fopen(name, "r");
    smref_log_scan *scan;
    char *line = NULL;
    size_t room = 0;
    int code;

    if (!file) {
        fprintf(stderr, "smref: %s: %s\n", name, strerror(errno));
        free(reader);
        return SMREF_EXIT_USAGE;
    }
    reader->smmu = smmu;
    reader->json = json;
    scan = smref_log_scan_new(take, reader);
    while (read_line(file, &line, &room))
        smref_log_scan_line(scan, line);
    smref_log_scan_end(scan);
    free(line);
    code = ferror(file) ? SMREF_EXIT_USAGE : reader->count ? SMREF_EXIT_OK : SMREF_EXIT_DIFFERENT;
    if (code == SMREF_EXIT_USAGE)
        fprintf(stderr, "smref: %s: cannot be read\n", name);
    else if (code == SMREF_EXIT_DIFFERENT)
        fputs("smref decode: no SMMUv3 event, command or error in the log\n", stderr);
    if (!standard)
        fclose(file);
    free(reader);
    return smref_finish(code);
}
