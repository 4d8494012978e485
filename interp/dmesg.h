/* The log of a Linux kernel: the SMMUv3 events, commands and errors in it, explained. */
#ifndef SMREF_DMESG_H
#define SMREF_DMESG_H

#include <stdbool.h>

#include "smref.h"

/*
 * Reads a log ("-" is standard input) and prints every report in it, or an object of smref-dmesg a line. The
 * instance gives the configuration in which fields are judged. Returns an exit code: 1 when there was
 * nothing.
 */
int smref_decode_dmesg(const char *file, const smref *smmu, bool json);

#endif
