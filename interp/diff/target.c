/* Targets by name. */
#include "target.h"

#include <string.h>

smref_target *smref_target_open(const char *name, unsigned stages, unsigned timeout_ms, smref_jerror *error)
{
    static const char qemu[] = "qemu", plugin[] = "plugin:";
    const smref_jdoc doc = {.file = name};
    smref_qemu_options options = {.path = "qemu-system-aarch64", .stages = stages, .timeout_ms = timeout_ms};

    if (strncmp(name, plugin, sizeof plugin - 1) == 0 && name[sizeof plugin - 1])
        return smref_plugin_open(name + sizeof plugin - 1, timeout_ms, error);
    if (strncmp(name, qemu, sizeof qemu - 1) == 0 && (!name[4] || (name[4] == ':' && name[5]))) {
        if (name[4])
            options.path = name + 5;
        return smref_qemu_open(&options, error);
    }
    smref_jfail(&doc, NULL, error, "no such target: there are qemu, qemu:PATH and plugin:COMMAND");
    return NULL;
}

smref_target_status smref_target_run(smref_target *target, const smref_case *c,
                                     const smref_prediction *predicted, smref_sight *shown)
{
    smref_target_status status = target->submit(target, c, predicted);

    return status == SMREF_TARGET_OK ? target->collect(target, shown) : status;
}
