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

smref_target *smref_target_open(const char *name, const smref_target_options *options, smref_jerror *error)
{
    smref_qemu_options qemu_options = {.target = *options, .path = "qemu-system-aarch64"};

    if (is_plugin(name))
        return smref_plugin_open(name + sizeof plugin - 1, options->timeout_ms, error);
    if (name[sizeof qemu - 1])
        qemu_options.path = name + sizeof qemu;
    return smref_qemu_open(&qemu_options, error);
}
