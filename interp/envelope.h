/* What every file of smref starts with: `format` and `version`; and plain texts. */
#ifndef SMREF_ENVELOPE_H
#define SMREF_ENVELOPE_H

#include "located.h"

/*
 * Checks "format" (which must be `wanted`) and "version" (major 1; a minor version that is newer is fine:
 * what it adds is refused as an unknown key). `optional`: an object inside another file may lack both.
 */
bool smref_read_format(const smref_jdoc *doc, const smref_jnode *object, const char *wanted, bool optional,
                       smref_jerror *error);

/* Checks that the text under `key` is a string, if it is there; *out (may be NULL) is it, or NULL. */
bool smref_read_text(const smref_jdoc *doc, const smref_jnode *object, const char *key, const char **out,
                     smref_jerror *error);

#endif
