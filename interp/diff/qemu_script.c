/*
 * A finding as a shell script that shows it on a stock QEMU, without smref: the machine is started with the
 * same arguments, gets the same qtest requests over its standard input, and what comes back is compared with
 * what the architecture permits.
 */
#define _POSIX_C_SOURCE 200809L
#include "qemu_script.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "run_text.h"
#include "vocabulary.h"

/* Behind the arguments: how requests are made, and what is done when the machine ends. */
static const char machinery[] =
    "dir=$(mktemp -d) || exit 2\n"
    "trap 'kill $(cat \"$dir/pid\") 2>/dev/null; wait; rm -rf \"$dir\"' EXIT\n"
    "mkfifo \"$dir/requests\"\n"
    "(\n"
    "    machine <\"$dir/requests\" >\"$dir/replies\" 2>\"$dir/errors\" &\n"
    "    echo $! >\"$dir/pid\"\n"
    "    wait $!\n"
    "    echo $? >\"$dir/ended\"\n"
    ") &\n"
    "exec 3>\"$dir/requests\"\n"
    "sent=0\n"
    "\n"
    "# Makes the requests that it reads, and waits for a reply to each.\n"
    "ask() {\n"
    "    cat >\"$dir/part\"\n"
    "    cat \"$dir/part\" >&3\n"
    "    sent=$((sent + $(wc -l <\"$dir/part\")))\n"
    "    tries=0\n"
    "    while [ \"$(wc -l <\"$dir/replies\")\" -lt $sent ]; do\n"
    "        [ ! -e \"$dir/ended\" ] || ended\n"
    "        tries=$((tries + 1))\n"
    "        [ $tries -lt 200 ] || { echo 'QEMU gives no answer'; exit 2; }\n"
    "        sleep 0.1 2>/dev/null || sleep 1\n"
    "    done\n"
    "    reply=$(sed -n \"${sent}p\" \"$dir/replies\")\n"
    "}\n"
    "\n"
    "# Waits for the device at $1.\n"
    "settle() {\n"
    "    reply=1\n"
    "    while case $reply in *[13579bdf]) ;; *) false ;; esac; do\n"
    "        ask <<END\n"
    "readl $1\n"
    "END\n"
    "    done\n"
    "}\n"
    "\n"
    "verdict=1\n"
    "\n"
    "# Whether it is $1 what was shown.\n"
    "permitted() {\n"
    "    echo \"permitted: $1\"\n"
    "    [ \"$shown\" != \"$1\" ] || verdict=0\n"
    "}\n"
    "\n"
    "# The same of the digits $1, where those of $2 that are 1 in binary count.\n"
    "permitted_bits() {\n"
    "    echo \"permitted: $1 where there are ones in $2\"\n"
    "    same=1 a=$shown b=$1 mask=$2\n"
    "    while [ -n \"$b\" ]; do\n"
    "        a2=${a#????} b2=${b#????} mask2=${mask#????}\n"
    "        [ \"$b2\" != \"$b\" ] || { a2= b2= mask2=; }\n"
    "        [ $(((0x${a%\"$a2\"} ^ 0x${b%\"$b2\"}) & 0x${mask%\"$mask2\"})) -eq 0 ] || same=0\n"
    "        a=$a2 b=$b2 mask=$mask2\n"
    "    done\n"
    "    [ $same -eq 0 ] || verdict=0\n"
    "}\n";

/* ---- Parts ----------------------------------------------------------------------------------------- */

static void put_quoted(FILE *to, const char *text)
{
    putc('\'', to);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", to);
        else
            putc(*text, to);
    putc('\'', to);
}

/* The requests that were queued, after a comment. */
static void put_requests(FILE *to, smref_qtest *qtest, const char *what)
{
    char *lines = smref_qtest_take(qtest);

    fprintf(to, "\n# %s\nask <<'END'\n%sEND\n", what, lines);
    free(lines);
}

/* In a comment, which must not end before the text does. */
static void put_comment(FILE *to, const char *text)
{
    fputs("# ", to);
    for (; *text; text++)
        putc((unsigned char)*text < ' ' ? ' ' : *text, to);
    putc('\n', to);
}

static void put_head(FILE *to, const smref_target_script *script, const char *implementation)
{
    const smref_rule_info *rule = script->rule ? smref_rule_at((unsigned)script->rule) : NULL;

    fputs("#!/bin/sh\n", to);
    put_comment(to, script->group);
    fprintf(to,
            "#\n"
            "# usage: qtest.sh [QEMU]        (qemu-system-aarch64 of the search path)\n"
            "#\n"
            "# Found with %s. Needs nothing but a shell and QEMU.\n",
            implementation);
    if (rule)
        fprintf(to, "# Decides: %s (%s%s)\n", rule->title, rule->section[0] == 'D' ? "" : "IHI 0070 G.b ",
                rule->section);
    fputs("# Exit status: 0 QEMU does what the architecture permits, 1 it departs, 2 it cannot be said.\n"
          "qemu=${1:-qemu-system-aarch64}\n\n",
          to);
}

static void put_machine(FILE *to, const smref_qemu_machine *machine)
{
    smref_qemu_arguments arguments = {NULL, 0};

    smref_qemu_program_arguments(machine->program, -1, &arguments);
    fputs("machine() {\n    exec \"$qemu\"", to);
    for (size_t i = 1; i < arguments.count; i++) {
        fputs(arguments.list[i][0] == '-' ? " \\\n        " : " ", to);
        put_quoted(to, arguments.list[i]);
    }
    fputs(" \\\n        -qtest stdio -qtest-log none -D \"$dir/trace\"\n}\n\n", to);
    smref_qemu_arguments_free(&arguments);
}

static void put_end(FILE *to, bool died)
{
    fprintf(to,
            "# QEMU is gone.\n"
            "ended() {\n"
            "    echo \"shown: QEMU ended with status $(cat \"$dir/ended\")\"\n"
            "    tail -n 2 \"$dir/errors\"\n"
            "    exit %d\n"
            "}\n\n",
            died ? 1 : 2);
}

/* The SMMU is as a reset leaves it; devices get their addresses, and memory is zero where QEMU put a device
 * tree. */
static void put_start(FILE *to, const smref_qemu_machine *machine)
{
    smref_qtest *qtest = machine->process.qtest;
    char line[80];

    smref_qemu_seats_enumerate(machine->program, qtest);
    snprintf(line, sizeof line, "memset 0x%" PRIx64 " 0x200000 0x0", SMREF_QEMU_RAM);
    smref_qtest_request(qtest, line);
    put_requests(to, qtest, "Devices get their addresses; memory is zero");
}

/* ---- Steps ----------------------------------------------------------------------------------------- */

static char *words_of(const smref_stimulus *step, size_t number)
{
    char *text = NULL;
    size_t size;
    FILE *words = open_memstream(&text, &size);

    fprintf(words, "Step %zu: ", number);
    smref_print_stimulus(words, step);
    fclose(words);
    return text;
}

static void put_store(smref_qtest *qtest, const smref_stimulus *step)
{
    json_t *hex = smref_hex_dump(step->bytes, step->size);
    const char *digits = json_string_value(hex);
    size_t room = strlen(digits) + 80;
    char *line = malloc(room);

    if (line) {
        snprintf(line, room, "write 0x%" PRIx64 " 0x%zx 0x%s", step->at, step->size, digits);
        smref_qtest_request(qtest, line);
    }
    free(line);
    json_decref(hex);
}

static void put_load(smref_qtest *qtest, const smref_stimulus *step)
{
    char line[80];

    snprintf(line, sizeof line, "read 0x%" PRIx64 " 0x%zx", step->at, step->size);
    smref_qtest_request(qtest, line);
}

static void put_access(FILE *to, const smref_qemu_machine *machine, const smref_stimulus *step,
                       const char *what)
{
    const smref_access *a = &step->access;
    const smref_qemu_device *device = smref_qemu_device_of(machine, a);

    if (!device)
        return;
    fputs("\nbefore=$(grep -c smmuv3_translate_ \"$dir/trace\")\n", to);
    smref_qemu_dma(machine, device, a->type == SMREF_WRITE, a->addr, a->size, SMREF_QEMU_PATTERN);
    put_requests(to, machine->process.qtest, what);
    if (smref_qemu_dma_busy(device))
        fprintf(to, "settle 0x%" PRIx64 "\n", smref_qemu_dma_busy(device));
    if (smref_qemu_seat_lends(device) && !machine->program->accel_qtest) {
        smref_qemu_dma_end(machine, device);
        put_requests(to, machine->process.qtest, "The device's bus gets its number back");
    }
}

static void put_step(FILE *to, const smref_qemu_machine *machine, const smref_stimulus *step, size_t number)
{
    smref_qtest *qtest = machine->process.qtest;
    char *what = words_of(step, number);

    if (step->op == SMREF_OP_ACCESS) {
        put_access(to, machine, step, what);
        free(what);
        return;
    }
    if (step->op == SMREF_OP_STORE)
        put_store(qtest, step);
    else if (step->op == SMREF_OP_LOAD)
        put_load(qtest, step);
    else if (step->op == SMREF_OP_MMIO_WRITE)
        smref_qtest_write(qtest, SMREF_QEMU_SMMU + step->mmio.offset, step->mmio.size, step->mmio.value);
    else if (step->op == SMREF_OP_MMIO_READ)
        smref_qtest_read(qtest, SMREF_QEMU_SMMU + step->mmio.offset, step->mmio.size);
    put_requests(to, qtest, what);
    free(what);
}

/* ---- What was shown, for what is permitted --------------------------------------------------------- */

/* By the last line that QEMU traced of the access. */
static void put_access_check(FILE *to, const smref_stimulus *step, const smref_difference *d)
{
    bool elsewhere = d->aspect == SMREF_ASPECT_PA;

    fprintf(to,
            "\ntraced=$(grep smmuv3_translate_ \"$dir/trace\" | tail -n +$((before + 1)) | tail -n 1)\n"
            "pa=$(echo \"$traced\" | sed -n 's/.*translated=\\(0x[0-9a-f]*\\).*/\\1/p')\n"
            "may=$(echo \"$traced\" | sed -n 's/.*perm=\\(0x[0-9a-f]*\\).*/\\1/p')\n"
            "case $traced in\n"
            "*translate_success*) [ $((${may:-0} & %d)) -ne 0 ] && shown=\"ok%s\" || shown=abort ;;\n"
            "'' | *translate_abort*) shown=abort ;;\n"
            "*) shown=\"ok%s\" ;;\n"
            "esac\n"
            "echo \"shown: $shown\"\n",
            step->access.type == SMREF_WRITE ? 2 : 1, elsewhere ? " $pa" : "",
            elsewhere ? " the input address" : "");
    for (size_t i = 0; i < d->permitted_count && i < SMREF_DIFFERENCE_WAYS; i++) {
        const smref_sight *sight = &d->permitted[i];
        if (sight->outcome != SMREF_OUTCOME_OK)
            fputs("permitted abort\n", to);
        else if (!elsewhere)
            fputs("permitted ok\n", to);
        else
            fprintf(to, "permitted 'ok 0x%" PRIx64 "'\n", sight->pa);
    }
}

static void put_value_check(FILE *to, const smref_stimulus *step, const smref_difference *d)
{
    uint64_t all = step->mmio.size == 8 ? UINT64_MAX : (UINT64_C(1) << step->mmio.size * 8) - 1;

    fputs("\nshown=${reply#OK 0x}\necho \"shown: $shown\"\n", to);
    for (size_t i = 0; i < d->permitted_count && i < SMREF_DIFFERENCE_WAYS; i++)
        fprintf(to, "permitted_bits %016" PRIx64 " %016" PRIx64 "\n", d->permitted[i].value,
                all & ~d->permitted[i].value_open);
}

static void put_words(FILE *to, const uint64_t *words, size_t size)
{
    uint8_t bytes[SMREF_CASE_LOAD];

    smref_words_to_bytes(words, SMREF_CASE_LOAD / 8, bytes);
    for (size_t i = 0; i < size; i++)
        fprintf(to, "%02x", bytes[i]);
}

static void put_load_check(FILE *to, const smref_stimulus *step, const smref_difference *d)
{
    uint64_t count[SMREF_CASE_LOAD / 8];

    fputs("\nshown=${reply#OK 0x}\necho \"shown: $shown\"\n", to);
    for (size_t i = 0; i < d->permitted_count && i < SMREF_DIFFERENCE_WAYS; i++) {
        for (size_t w = 0; w < SMREF_CASE_LOAD / 8; w++)
            count[w] = ~d->permitted[i].open[w];
        fputs("permitted_bits ", to);
        put_words(to, d->permitted[i].loaded, step->size);
        putc(' ', to);
        put_words(to, count, step->size);
        putc('\n', to);
    }
}

static bool put_check(FILE *to, const smref_target_script *script)
{
    const smref_difference *d = script->difference;
    const smref_stimulus *step = &script->c->steps[d->step];

    if (script->died)
        fputs("\nverdict=0\n", to);
    else if (step->op == SMREF_OP_ACCESS &&
             (d->aspect == SMREF_ASPECT_OUTCOME || d->aspect == SMREF_ASPECT_PA))
        put_access_check(to, step, d);
    else if (step->op == SMREF_OP_MMIO_READ && d->aspect == SMREF_ASPECT_VALUE)
        put_value_check(to, step, d);
    else if (step->op == SMREF_OP_LOAD)
        put_load_check(to, step, d);
    else
        return false;
    fputs("[ $verdict -eq 0 ] && echo 'QEMU does what is permitted' || echo 'QEMU departs'\nexit $verdict\n",
          to);
    return true;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

bool smref_qemu_script(FILE *to, const smref_qemu_machine *machine, const smref_target_script *script)
{
    smref_qemu_machine own = {.program = machine->program, .device_count = machine->device_count};
    size_t last = script->difference->step;

    memcpy(own.devices, machine->devices, sizeof own.devices);
    own.process.qtest = smref_qtest_new(-1, 0); /* nothing is sent */
    put_head(to, script, script->implementation);
    put_machine(to, &own);
    put_end(to, script->died);
    fputs(machinery, to);
    put_start(to, &own);
    for (size_t n = 0; n <= last && n < script->c->count; n++)
        put_step(to, &own, &script->c->steps[n], n);
    smref_qtest_free(own.process.qtest);
    return put_check(to, script);
}
