/* Which QEMU a program is, and the machine that it is asked for. */
#define _POSIX_C_SOURCE 200809L
#include "qemu_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* ---- Finding out ----------------------------------------------------------------------------------- */

static char *ask(const smref_qemu_program *program, const char *option, const char *value, char why[256])
{
    smref_qemu_arguments arguments = {NULL, 0};
    char *text;

    smref_qemu_argument(&arguments, "%s", program->path);
    smref_qemu_argument(&arguments, "%s", option);
    if (value)
        smref_qemu_argument(&arguments, "%s", value);
    text = smref_qemu_output(&arguments, 20000, why);
    smref_qemu_arguments_free(&arguments);
    return text;
}

static bool read_version(smref_qemu_program *program, char why[256])
{
    char *text = ask(program, "-version", NULL, why);
    const char *words = text ? strstr(text, "version ") : NULL;
    bool good =
        words && sscanf(words, "version %u.%u.%u", &program->major, &program->minor, &program->micro) == 3;

    if (text && !good)
        snprintf(why, 256, "`%.100s -version` names no version of QEMU", program->path);
    free(text);
    return good;
}

static bool read_devices(smref_qemu_program *program, char why[256])
{
    char *text = ask(program, "-device", "help", why);
    bool good = text && strstr(text, "\"edu\"");

    if (good)
        program->testdev = strstr(text, "\"iommu-testdev\"") != NULL;
    else if (text)
        snprintf(why, 256, "it has no device `edu`");
    free(text);
    return good;
}

/* Whether a machine starts so. */
static bool starts(smref_qemu_program *program, char why[256])
{
    smref_qemu_machine machine;
    bool good = smref_qemu_machine_open(&machine, program, why) && smref_qemu_machine_start(&machine, why);

    smref_qemu_machine_close(&machine);
    return good;
}

bool smref_qemu_program_look(smref_qemu_program *program, const smref_qemu_options *options, char why[256])
{
    *program =
        (smref_qemu_program){.stages = options->target.stages, .timeout_ms = options->target.timeout_ms};
    snprintf(program->path, sizeof program->path, "%s", options->path);
    snprintf(program->log, sizeof program->log, "%s", options->log ? options->log : "");
    if (!read_version(program, why) || !read_devices(program, why))
        return false;
    smref_qemu_seats_take(program, options->target.sids, options->target.sid_count);
    program->accel_qtest = true; /* `-accel help` does not list it */
    if (starts(program, why))
        return true;
    program->accel_qtest = false;
    return starts(program, why);
}

/* ---- The machine ----------------------------------------------------------------------------------- */

/* `virt` has both stages; that of 9.1 does as it is told. */
static void add_stages(const smref_qemu_program *program, smref_qemu_arguments *a)
{
    if (program->stages == 3)
        return;
    smref_qemu_argument(a, "-global");
    smref_qemu_argument(a, "arm-smmuv3.stage=%u", program->stages);
}

void smref_qemu_program_arguments(const smref_qemu_program *program, int memory, smref_qemu_arguments *a)
{
    const unsigned long long size = SMREF_QEMU_RAM_SIZE;

    smref_qemu_argument(a, "%s", program->path);
    smref_qemu_argument(a, "-M");
    smref_qemu_argument(a,
                        "%s,highmem=on,highmem-ecam=off,highmem-mmio=off,highmem-redists=off,iommu=smmuv3,"
                        "gic-version=3,acpi=off,memory-backend=ram",
                        program->stages == 3 ? "virt" : "virt-9.1");
    add_stages(program, a);
    smref_qemu_argument(a, "-object");
    if (memory >= 0)
        smref_qemu_argument(
            a, "memory-backend-file,id=ram,size=%llu,mem-path=/dev/fd/%d,share=on,reserve=off", size, memory);
    else
        smref_qemu_argument(a, "memory-backend-ram,id=ram,size=%llu,reserve=off", size);
    smref_qemu_argument(a, "-m");
    smref_qemu_argument(a, "%lluM", size >> 20);
    smref_qemu_argument(a, "-accel");
    if (program->accel_qtest)
        smref_qemu_argument(a, "qtest");
    else { /* virtual time goes to the next timer at once: the processor never runs */
        smref_qemu_argument(a, "tcg,thread=single");
        smref_qemu_argument(a, "-icount");
        smref_qemu_argument(a, "shift=0,sleep=off");
    }
    smref_qemu_argument(a, "-cpu");
    smref_qemu_argument(a, "cortex-a57,start-powered-off=on");
    smref_qemu_argument(a, "-nodefaults");
    smref_qemu_argument(a, "-display");
    smref_qemu_argument(a, "none");
    smref_qemu_argument(a, "-trace");
    smref_qemu_argument(a, "smmuv3_translate_*");
    smref_qemu_seats_arguments(program, a);
}
