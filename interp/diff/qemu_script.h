/* A finding as a shell script that shows it on a stock QEMU, without smref. Private to qemu*.c. */
#ifndef SMREF_QEMU_SCRIPT_H
#define SMREF_QEMU_SCRIPT_H

#include <stdio.h>

#include "qemu_machine.h"

/* As `script` of a target says. */
bool smref_qemu_script(FILE *to, const smref_qemu_machine *machine, const smref_target_script *script);

#endif
