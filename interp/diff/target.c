/* Targets by name. */
#include "target.h"

#include <string.h>

static const char qemu[] = "qemu", plugin[] = "plugin:";

static bool is_qemu(const char *name)
{
    return strncmp(name, qemu, sizeof qemu - 1) == 0 && (!name[4] || (name[4] == ':' && name[5]));
}

static bool is_plugin(const char *name)
{
    return strncmp(name, plugin, sizeof plugin - 1) == 0 && name[sizeof plugin - 1];
}

bool smref_target_named(const char *name)
{
    return is_qemu(name) || is_plugin(name);
}

smref_target *smref_target_open(const char *name, unsigned stages, unsigned timeout_ms, smref_jerror *error)
{
    smref_qemu_options options = {.path = "qemu-system-aarch64", .stages = stages, .timeout_ms = timeout_ms};

    if (is_plugin(name))
        return smref_plugin_open(name + sizeof plugin - 1, timeout_ms, error);
    if (name[sizeof qemu - 1])
        options.path = name + sizeof qemu;
    return smref_qemu_open(&options, error);
}
