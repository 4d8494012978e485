/* Files that are part of the program: profiles and schemas of spec/, and what a page of HTML needs. The array
 * is written by interp/embed.c. */
#ifndef SMREF_EMBEDDED_H
#define SMREF_EMBEDDED_H

#include <stddef.h>

typedef struct smref_embedded {
    const char *folder; /* "html", "profiles", "schema" */
    const char *name;   /* "qemu-11.1.json" */
    const char *text;   /* NUL-terminated */
    size_t size;        /* without the NUL */
} smref_embedded;

extern const smref_embedded smref_embedded_files[]; /* sorted by folder and name; a line of NULLs ends it */

#endif
