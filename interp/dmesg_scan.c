/*
 * What the log of a Linux kernel says about an SMMUv3. Logs come with time stamps, thread names, colours,
 * quotation marks of mails, tabs that syslog daemons spell #011, lines of other CPUs in between, and devices
 * that speak at the same time. So a report is collected per device, and only from lines that name it or no
 * device at all. The messages are those of drivers/iommu/arm/arm-smmu-v3 from Linux 4.2 to 6.17, and of Xen.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "dmesg_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define DEVICE "(?:^|[\\s\\])>])(?<dev>[^\\s:\\])>]+):(?:\\s|#011|\\\\t)*(?:R_SMMU: )?"
#define NUMBER "(?:0x)?[0-9a-f]+"

enum pattern {
    P_EVENT,
    P_WORD,
    P_BARE_WORD,
    P_SAID,
    P_GERROR,
    P_CMDQ_ERROR,
    P_SKIPPING,
    P_SYNC,
    P_OVERFLOW,
    P_NOTE,
    P_COUNT
};

static const char *const sources[P_COUNT] = {
    [P_EVENT] = DEVICE "event 0x(?<id>[0-9a-f]{1,2}) received",
    [P_WORD] = DEVICE "0x(?<word>[0-9a-f]{16})\\s*$",
    [P_BARE_WORD] = "^[\\s>|]*(?:\\[[^\\]]*\\])?(?:\\s|#011|\\\\t)*0x(?<word>[0-9a-f]{16})\\s*$",
    [P_SAID] =
        DEVICE "event: (?<name>[A-Z_]+) client: (?<client>.+?) sid: (?<sid>" NUMBER ") ssid: (?<ssid>" NUMBER
               ")(?: (?:iova|fetch_addr): (?<iova>" NUMBER "))?(?: ipa: (?<ipa>" NUMBER "))?",
    [P_GERROR] = DEVICE "unexpected global error reported \\(0x(?<value>[0-9a-f]+)\\)",
    [P_CMDQ_ERROR] = DEVICE "CMDQ error \\(cons 0x(?<value>[0-9a-f]+)",
    [P_SKIPPING] = DEVICE "skipping command in error state",
    [P_SYNC] = DEVICE "CMD_SYNC timeout(?: at 0x(?<value>[0-9a-f]+) \\[hwprod 0x(?<prod>[0-9a-f]+), hwcons "
                      "0x(?<cons>[0-9a-f]+)\\])?",
    [P_OVERFLOW] = DEVICE "(?<text>EVTQ|PRIQ) overflow detected",
    [P_NOTE] = DEVICE "(?<text>device has entered Service Failure Mode|"
                      "(?:GERROR|PRIQ|EVTQ|CMDQ) MSI write aborted|(?:PRIQ|EVTQ) write aborted|CMDQ timeout|"
                      "retrying command fetch|failed to convert to CMD_SYNC)",
};

/* Reports that wait, and for how many lines they may wait for the rest of theirs. */
enum { MAX_WAITING = 64, PATIENCE = 64 };

struct smref_log_scan {
    void (*found)(void *context, const smref_log_report *report);
    void *context;
    pcre2_code *patterns[P_COUNT];
    pcre2_match_data *match;
    unsigned long line;
    smref_log_report waiting[MAX_WAITING]; /* in the order of the log */
    bool closed[MAX_WAITING];              /* nothing can be added any more */
    unsigned count;
};

static void give_up(const char *what)
{
    fprintf(stderr, "smref: this is a bug in smref, please report it: %s\n", what);
    exit(SMREF_EXIT_BUG);
}

smref_log_scan *smref_log_scan_new(void (*found)(void *context, const smref_log_report *report),
                                   void *context)
{
    smref_log_scan *scan = smref_alloc(1, sizeof *scan);
    PCRE2_SIZE offset;
    int code;

    scan->found = found;
    scan->context = context;
    for (int i = 0; i < P_COUNT; i++) {
        scan->patterns[i] = pcre2_compile((PCRE2_SPTR)sources[i], PCRE2_ZERO_TERMINATED, PCRE2_CASELESS,
                                          &code, &offset, NULL);
        if (!scan->patterns[i])
            give_up("a built-in pattern does not compile");
    }
    scan->match = pcre2_match_data_create(16, NULL);
    if (!scan->match)
        give_up("no memory for a match");
    return scan;
}

/* ---- Matching -------------------------------------------------------------------------------------- */

static bool matches(smref_log_scan *scan, enum pattern pattern, const char *line)
{
    return pcre2_match(scan->patterns[pattern], (PCRE2_SPTR)line, strlen(line), 0, 0, scan->match, NULL) > 0;
}

/* What a named part of the last match holds; empty when it took no part, or is longer than the room. */
static const char *part(const smref_log_scan *scan, const char *name, char *out, size_t room)
{
    PCRE2_SIZE size = room;

    if (pcre2_substring_copy_byname(scan->match, (PCRE2_SPTR)name, (PCRE2_UCHAR *)out, &size) == 0)
        return out;
    out[0] = '\0';
    return out;
}

static uint64_t number(const smref_log_scan *scan, const char *name)
{
    char text[32];

    return strtoull(part(scan, name, text, sizeof text), NULL, 16);
}

/* ---- Reports that wait ------------------------------------------------------------------------------ */

/* Hands over what is closed, in the order of the log: a report waits for those before it. */
static void hand_over(smref_log_scan *scan)
{
    unsigned n = 0;

    while (n < scan->count && scan->closed[n])
        scan->found(scan->context, &scan->waiting[n++]);
    scan->count -= n;
    memmove(scan->waiting, &scan->waiting[n], scan->count * sizeof scan->waiting[0]);
    memmove(scan->closed, &scan->closed[n], scan->count * sizeof scan->closed[0]);
}

static void close_report(smref_log_scan *scan, const smref_log_report *report)
{
    scan->closed[report - scan->waiting] = true;
}

/* The report that is open for a device, the last one when the line names none; or NULL. */
static smref_log_report *open_for(smref_log_scan *scan, const char *device)
{
    for (unsigned i = scan->count; i-- > 0;) {
        const char *own = scan->waiting[i].device;
        if (!scan->closed[i] && (!*device || !*own || strcmp(own, device) == 0))
            return &scan->waiting[i];
    }
    return NULL;
}

/* A new report of the device; what was open for it is closed. */
static smref_log_report *start(smref_log_scan *scan, smref_log_kind kind, unsigned need)
{
    char device[sizeof scan->waiting[0].device];
    smref_log_report *before, *report;

    part(scan, "dev", device, sizeof device);
    before = open_for(scan, device);
    if (before && strcmp(before->device, device) == 0)
        close_report(scan, before);
    if (scan->count == MAX_WAITING) {
        scan->closed[0] = true;
        hand_over(scan);
    }
    report = &scan->waiting[scan->count];
    scan->closed[scan->count++] = false;
    *report = (smref_log_report){.kind = kind, .line = scan->line, .need = need};
    memcpy(report->device, device, sizeof device);
    return report;
}

/* ---- Lines ----------------------------------------------------------------------------------------- */

static void take_word(smref_log_scan *scan, const char *line, bool bare)
{
    char device[64] = "";
    smref_log_report *report;

    if (!bare)
        part(scan, "dev", device, sizeof device);
    report = open_for(scan, device);
    if (report && report->have < report->need) {
        report->words[report->have++] = number(scan, "word");
        return;
    }
    /* Somebody cut the headline off: four words of an SMMU are an event. */
    if (bare || (!strstr(line, "smmu") && !strstr(line, "SMMU")))
        return;
    report = start(scan, SMREF_LOG_EVENT, 4);
    report->words[report->have++] = number(scan, "word");
}

/* The words in which newer kernels repeat the record, right after it. */
static void take_said(smref_log_scan *scan)
{
    char device[64];
    smref_log_report *report = open_for(scan, part(scan, "dev", device, sizeof device));

    if (!report || report->kind != SMREF_LOG_EVENT || *report->name)
        report = start(scan, SMREF_LOG_EVENT, 4);
    part(scan, "name", report->name, sizeof report->name);
    part(scan, "client", report->client, sizeof report->client);
    report->sid = number(scan, "sid");
    report->ssid = number(scan, "ssid");
    report->iova = number(scan, "iova");
    report->ipa = number(scan, "ipa");
    report->has_iova = true;
}

static void take_event(smref_log_scan *scan)
{
    smref_log_report *report = start(scan, SMREF_LOG_EVENT, 4);

    report->id = (unsigned)number(scan, "id");
    report->has_id = true;
}

/* A message of one line. */
static void take_message(smref_log_scan *scan, smref_log_kind kind)
{
    smref_log_report *report = start(scan, kind, 0);
    char text[32];

    report->has_value = *part(scan, "value", text, sizeof text) != '\0';
    report->value = number(scan, "value");
    report->prod = number(scan, "prod");
    report->cons = number(scan, "cons");
    part(scan, "text", report->text, sizeof report->text);
    close_report(scan, report);
}

/* Colours of a terminal, and the carriage return of a serial line. */
static void clean(const char *line, char *out, size_t room)
{
    size_t used = 0;

    for (; *line && used + 1 < room; line++) {
        if (line[0] == '\033' && line[1] == '[') {
            line += 2 + strspn(line + 2, "0123456789;");
            if (!*line)
                break;
        } else if (*line != '\r') {
            out[used++] = *line;
        }
    }
    out[used] = '\0';
}

void smref_log_scan_line(smref_log_scan *scan, const char *line)
{
    static const struct {
        enum pattern pattern;
        smref_log_kind kind;
    } messages[] = {{P_GERROR, SMREF_LOG_GERROR},
                    {P_CMDQ_ERROR, SMREF_LOG_CMDQ_ERROR},
                    {P_SYNC, SMREF_LOG_SYNC_TIMEOUT},
                    {P_OVERFLOW, SMREF_LOG_OVERFLOW},
                    {P_NOTE, SMREF_LOG_NOTE}};
    char text[1024];

    scan->line++;
    clean(line, text, sizeof text);
    for (unsigned i = 0; i < scan->count; i++)
        scan->closed[i] |= scan->line - scan->waiting[i].line > PATIENCE;
    hand_over(scan);
    if (!strstr(text, "0x") && !strstr(text, "smmu") && !strstr(text, "SMMU"))
        return;
    if (matches(scan, P_SAID, text))
        take_said(scan);
    else if (matches(scan, P_WORD, text))
        take_word(scan, text, false);
    else if (matches(scan, P_BARE_WORD, text))
        take_word(scan, text, true);
    else if (matches(scan, P_EVENT, text))
        take_event(scan);
    else if (matches(scan, P_SKIPPING, text))
        (void)start(scan, SMREF_LOG_COMMAND, 2);
    else
        for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
            if (matches(scan, messages[i].pattern, text)) {
                take_message(scan, messages[i].kind);
                break;
            }
}

void smref_log_scan_end(smref_log_scan *scan)
{
    memset(scan->closed, 1, sizeof scan->closed);
    hand_over(scan);
    for (int i = 0; i < P_COUNT; i++)
        pcre2_code_free(scan->patterns[i]);
    pcre2_match_data_free(scan->match);
    free(scan);
}
