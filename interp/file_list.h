/* The files that a command line names: files as they are, folders by the JSON files in them. */
#ifndef SMREF_FILE_LIST_H
#define SMREF_FILE_LIST_H

#include "located.h"

typedef struct smref_file {
    char *path;
    bool listed; /* found in a folder, so that a file of another format is none of our business */
} smref_file;

typedef struct smref_files {
    smref_file *list;
    size_t count;
} smref_files;

/* Adds a file, or the *.json files of a folder by name (not those of its folders). False: it cannot be read,
 * which is said on standard error. */
bool smref_files_add(smref_files *files, const char *path);
/* The same with files of a folder that end so (".jsonl"). */
bool smref_files_add_ending(smref_files *files, const char *path, const char *ending);
void smref_files_free(smref_files *files);
/* Whether the document is of this format; a file that was named must be, or reading it will say so. */
bool smref_file_wanted(const smref_file *file, const smref_jdoc *doc, const char *format);

#endif
