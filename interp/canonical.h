/*
 * The canonical form of snapshots, vectors, profiles and results: keys in the order of the formats'
 * description, numbers as the formats spell them, one region, register, step or test a line where it fits.
 */
#ifndef SMREF_CANONICAL_H
#define SMREF_CANONICAL_H

#include <jansson.h>
#include <stdio.h>

#include "located.h"

/* A new tree in canonical order and spelling. It keeps what it does not know. */
json_t *smref_canonical_tree(const json_t *value);
/* The canonical text of a tree, ended by a newline; the caller frees. */
char *smref_canonical_text(const json_t *value);
/*
 * Replaces a file by new contents through a temporary file beside it, so that a reader sees the old or the
 * new one. False: `why` says what failed and the old file stands.
 */
bool smref_replace_file(const char *path, const char *text, char why[200]);

#endif
