/* A running QEMU, as `smref capture` reads it. */
#define _XOPEN_SOURCE 700

#include "capture_live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

#define MONITOR_WORDS 4096u /* of 64 bits, that the monitor prints at once */

/* ---- The map of memory ----------------------------------------------------------------------------- */

static smref_live_kind kind_of(const char *type)
{
    static const char *const memory[] = {"ram", "rom", "romd", "nv-ram", NULL};

    for (unsigned i = 0; memory[i]; i++)
        if (strcmp(type, memory[i]) == 0)
            return SMREF_LIVE_MEMORY;
    return SMREF_LIVE_DEVICE;
}

/* "  0000000040000000-000000005fffffff (prio 0, ram): mach-virt.ram" */
static void take_place(smref_live *live, const char *line)
{
    smref_live_place place = {.name = ""};
    char type[16];

    if (sscanf(line, " %" SCNx64 "-%" SCNx64 " (prio %*d, %15[^)]): %47[^\r\n ]", &place.first, &place.last,
               type, place.name) != 4 ||
        place.last < place.first)
        return;
    if (live->place_count && place.first <= live->places[live->place_count - 1].last)
        return; /* the list is flat and in order: this is none of its lines */
    place.kind = place.first % 8 || place.last % 8 != 7 ? SMREF_LIVE_DEVICE : kind_of(type);
    live->places = smref_resize(live->places, live->place_count + 1, sizeof *live->places);
    live->places[live->place_count++] = place;
}

/* The flat view that the address space "memory" has. */
static bool learn_map(smref_live *live, smref_jerror *error)
{
    char *text = smref_qmp_monitor(live->qmp, "info mtree -f", error);
    bool ours = false;

    for (char *line = text; line && *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, "FlatView", 8) == 0)
            ours = false;
        else if (strncmp(line, " AS \"memory\"", 12) == 0)
            ours = true;
        else if (ours && line[0] == ' ' && line[1] == ' ')
            take_place(live, line);
    free(text);
    if (text && !live->place_count)
        snprintf(error->text, sizeof error->text, "QEMU does not tell its map of memory (info mtree -f)");
    return live->place_count != 0;
}

smref_live_kind smref_live_at(const smref_live *live, uint64_t address, uint64_t *last,
                              const smref_live_place **place)
{
    size_t low = 0, high = live->place_count;
    const smref_live_place *found;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (live->places[middle].last < address)
            low = middle + 1;
        else
            high = middle;
    }
    found = low < live->place_count ? &live->places[low] : NULL;
    if (found && found->first > address) {
        *last = found->first - 1;
        found = NULL;
    } else {
        *last = found ? found->last : UINT64_MAX;
    }
    if (place)
        *place = found;
    return found ? found->kind : SMREF_LIVE_NOTHING;
}

const smref_live_place *smref_live_smmu(const smref_live *live, size_t n)
{
    for (size_t i = 0; i < live->place_count; i++)
        if (strcmp(live->places[i].name, "arm-smmuv3") == 0 && n-- == 0)
            return &live->places[i];
    return NULL;
}

/* ---- Opening and closing --------------------------------------------------------------------------- */

static void learn_machine(smref_live *live)
{
    smref_jerror ignored = {""};
    json_t *type = smref_qmp_run(live->qmp, "qom-get",
                                 json_pack("{s:s,s:s}", "path", "/machine", "property", "type"), &ignored);
    const char *text = json_string_value(type);
    char *suffix;

    if (text) {
        smref_lines_excerpt(text, live->machine, sizeof live->machine);
        suffix = strstr(live->machine, "-machine");
        if (suffix)
            *suffix = '\0';
    }
    json_decref(type);
}

/* A folder into which QEMU may write, if it runs on this host and for the same user. */
static void make_folder(smref_live *live)
{
    const char *parent = getenv("TMPDIR");
    char *whole = realpath(parent && *parent ? parent : "/tmp", NULL);
    size_t room = whole ? strlen(whole) + 32 : 0;

    if (!whole)
        return;
    live->folder = smref_alloc(room, 1);
    live->file = smref_alloc(room, 1);
    snprintf(live->folder, room, "%s/smref-capture.XXXXXX", whole);
    free(whole);
    if (mkdtemp(live->folder)) {
        snprintf(live->file, room, "%s/memory", live->folder);
        return;
    }
    free(live->folder);
    free(live->file);
    live->folder = live->file = NULL;
}

static void drop_folder(smref_live *live)
{
    if (!live->folder)
        return;
    unlink(live->file);
    rmdir(live->folder);
    free(live->folder);
    free(live->file);
    live->folder = live->file = NULL;
}

static bool open_qtest(smref_live *live, const smref_live_options *options, smref_jerror *error)
{
    const smref_jdoc place = {.file = options->qtest};
    char why[256];

    if (!options->qtest)
        return true;
    live->qtest = smref_qtest_connect(options->qtest, options->timeout_ms, why);
    return live->qtest || smref_jfail(&place, NULL, error, "%s", why);
}

bool smref_live_lost(const smref_live *live)
{
    return live->qtest_lost || smref_qmp_lost(live->qmp);
}

bool smref_live_open(smref_live *live, const smref_live_options *options, smref_jerror *error)
{
    *live = (smref_live){.qtest_path = options->qtest};
    live->qmp = smref_qmp_open(options->qmp, options->timeout_ms, error);
    if (live->qmp)
        smref_lines_watch(smref_qmp_lines(live->qmp), options->interrupted);
    if (live->qmp && open_qtest(live, options, error) && learn_map(live, error)) {
        learn_machine(live);
        make_folder(live);
        return true;
    }
    smref_live_close(live);
    return false;
}

bool smref_live_stop(smref_live *live, smref_jerror *error)
{
    json_t *status = smref_qmp_run(live->qmp, "query-status", NULL, error), *nothing;

    live->runs = json_is_true(json_object_get(status, "running"));
    json_decref(status);
    if (!status || !live->runs)
        return status != NULL;
    live->stopped = true; /* even when the answer is lost */
    nothing = smref_qmp_run(live->qmp, "stop", NULL, error);
    json_decref(nothing);
    return nothing != NULL;
}

bool smref_live_continue(smref_live *live, smref_jerror *error)
{
    json_t *nothing;

    if (!live->stopped)
        return true;
    live->stopped = false;
    smref_lines_watch(smref_qmp_lines(live->qmp), NULL);
    nothing = smref_qmp_run(live->qmp, "cont", NULL, error);
    json_decref(nothing);
    return nothing != NULL;
}

void smref_live_close(smref_live *live)
{
    smref_jerror ignored = {""};

    if (live->qmp)
        (void)smref_live_continue(live, &ignored);
    smref_qmp_close(live->qmp);
    smref_qtest_free(live->qtest);
    drop_folder(live);
    free(live->places);
    *live = (smref_live){.qmp = NULL};
}

/* ---- Registers ------------------------------------------------------------------------------------- */

static bool ask_qtest(smref_live *live, uint64_t address, uint32_t *value, smref_jerror *error)
{
    static const char *const says[] = {[SMREF_QTEST_ENDED] = "the other side went away",
                                       [SMREF_QTEST_SILENT] = "no answer in time; is it a qtest socket?",
                                       [SMREF_QTEST_REFUSED] = "no answer of qtest; is it a qtest socket?"};
    const smref_jdoc place = {.file = live->qtest_path};
    smref_qtest_status status;
    uint64_t read = 0;

    smref_qtest_read(live->qtest, address, 4);
    status = smref_qtest_value(live->qtest, &read);
    *value = (uint32_t)read;
    live->qtest_lost |= status != SMREF_QTEST_OK;
    return status == SMREF_QTEST_OK || smref_jfail(&place, NULL, error, "%s", says[status]);
}

/* What `xp` prints, "0000000009050000: 0x0d44101b …" a line, into words of `bytes` bytes. */
static bool read_numbers(const char *text, unsigned bytes, size_t count, uint8_t *out)
{
    size_t got = 0;

    for (const char *at = strchr(text, ':'); at; at = strchr(at, ':')) {
        at++;
        while (*at == ' ' && got < count) {
            char *end;
            uint64_t word = strtoull(at, &end, 16);
            if (end == at || (bytes < 8 && word >> 8 * bytes))
                return false;
            for (unsigned i = 0; i < bytes; i++)
                out[got * bytes + i] = (uint8_t)(word >> 8 * i);
            got++;
            at = end;
        }
    }
    return got == count;
}

static bool ask_monitor(smref_live *live, uint64_t at, unsigned bytes, size_t count, uint8_t *out,
                        smref_jerror *error)
{
    char command[64], *text, begin[64];
    bool good;

    snprintf(command, sizeof command, "xp /%zux%c 0x%" PRIx64, count, bytes == 8 ? 'g' : 'w', at);
    text = smref_qmp_monitor(live->qmp, command, error);
    if (!text)
        return false;
    good = read_numbers(text, bytes, count, out);
    if (!good) {
        smref_lines_excerpt(text, begin, sizeof begin);
        snprintf(error->text, sizeof error->text, "monitor command \"%s\": it said \"%s\"", command, begin);
    }
    free(text);
    return good;
}

bool smref_live_register(smref_live *live, uint64_t address, uint32_t *value, smref_jerror *error)
{
    uint8_t bytes[4];

    if (live->qtest)
        return ask_qtest(live, address, value, error);
    /* One at a time: the monitor would make one access of 8 bytes of two. */
    if (!ask_monitor(live, address, 4, 1, bytes, error))
        return false;
    *value =
        (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return true;
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

/* Whether the file that QEMU wrote is here, and whole. */
static bool take_file(const smref_live *live, size_t size, uint8_t *bytes)
{
    FILE *file = fopen(live->file, "rb");
    bool good = file && fread(bytes, 1, size, file) == size && fgetc(file) == EOF;

    if (file)
        fclose(file);
    return good;
}

static bool dump(smref_live *live, uint64_t at, size_t size, uint8_t *bytes, smref_jerror *error)
{
    smref_jerror why = {""};
    json_t *arguments =
        json_pack("{s:I,s:I,s:s}", "val", (json_int_t)at, "size", (json_int_t)size, "filename", live->file);
    json_t *nothing = smref_qmp_run(live->qmp, "pmemsave", arguments, &why);
    bool good = nothing && take_file(live, size, bytes);

    json_decref(nothing);
    if (!good && smref_qmp_lost(live->qmp))
        *error = why;
    if (!good)
        drop_folder(live); /* another host or user: the monitor it is, from now on */
    return good;
}

bool smref_live_read(smref_live *live, uint64_t at, size_t size, uint8_t *bytes, smref_jerror *error)
{
    if (live->folder && dump(live, at, size, bytes, error))
        return true;
    if (smref_qmp_lost(live->qmp))
        return false;
    for (size_t done = 0; done < size;) {
        size_t words = (size - done) / 8;
        words = words < MONITOR_WORDS ? words : MONITOR_WORDS;
        if (!ask_monitor(live, at + done, 8, words, bytes + done, error))
            return false;
        done += words * 8;
    }
    return true;
}

/* ---- PCI functions --------------------------------------------------------------------------------- */

static bool find_function(const json_t *devices, uint32_t rid, char out[80])
{
    const json_t *device, *value;
    size_t i;

    json_array_foreach(devices, i, device)
    {
        int bus = -1, slot = -1, function = -1;
        const char *what = NULL;
        if (json_unpack((json_t *)(uintptr_t)device, "{s:i,s:i,s:i}", "bus", &bus, "slot", &slot, "function",
                        &function) == 0 &&
            (uint32_t)(bus << 8 | slot << 3 | function) == rid) {
            value = json_object_get(json_object_get(device, "class_info"), "desc");
            what = json_string_value(value);
            snprintf(out, 80, "%02x:%02x.%x", (unsigned)bus & 0xff, (unsigned)slot & 0x1f,
                     (unsigned)function & 7);
            if (what) {
                size_t length = strlen(out);
                out[length] = ' ';
                smref_lines_excerpt(what, out + length + 1, 80 - length - 1);
            }
            return true;
        }
        if (find_function(json_object_get(json_object_get(device, "pci_bridge"), "devices"), rid, out))
            return true;
    }
    return false;
}

bool smref_live_function(smref_live *live, uint32_t rid, char out[80])
{
    smref_jerror ignored = {""};
    json_t *buses = smref_qmp_run(live->qmp, "query-pci", NULL, &ignored);
    const json_t *bus;
    bool found = false;
    size_t i;

    json_array_foreach(buses, i, bus)
    {
        found = found || find_function(json_object_get(bus, "devices"), rid, out);
    }
    json_decref(buses);
    return found;
}
