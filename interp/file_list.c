/* The files that a command line names. */
#define _POSIX_C_SOURCE 200809L

#include "file_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

static void add(smref_files *files, char *path, bool listed)
{
    files->list = smref_resize(files->list, files->count + 1, sizeof *files->list);
    files->list[files->count++] = (smref_file){path, listed};
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), wanted = strlen(ending);

    return length > wanted && strcmp(name + length - wanted, ending) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool complain(const char *path)
{
    fprintf(stderr, "smref: %s: %s\n", path, strerror(errno));
    return false;
}

static bool add_folder(smref_files *files, const char *folder, const char *ending)
{
    struct dirent **entries;
    struct stat status;
    int count = scandir(folder, &entries, NULL, by_name);

    if (count < 0)
        return complain(folder);
    for (int i = 0; i < count; i++) {
        size_t length = strlen(folder);
        size_t room = length + strlen(entries[i]->d_name) + 2;
        char *path = smref_alloc(room, 1);
        snprintf(path, room, "%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/",
                 entries[i]->d_name);
        if (ends_with(entries[i]->d_name, ending) && stat(path, &status) == 0 && S_ISREG(status.st_mode))
            add(files, path, true);
        else
            free(path);
        free(entries[i]);
    }
    free(entries);
    return true;
}

bool smref_files_add_ending(smref_files *files, const char *path, const char *ending)
{
    struct stat status;

    if (strcmp(path, "-") != 0 && stat(path, &status) != 0)
        return complain(path);
    if (strcmp(path, "-") != 0 && S_ISDIR(status.st_mode))
        return add_folder(files, path, ending);
    add(files, smref_copy_text(path), false);
    return true;
}

bool smref_files_add(smref_files *files, const char *path)
{
    return smref_files_add_ending(files, path, ".json");
}

void smref_files_free(smref_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->list[i].path);
    free(files->list);
    *files = (smref_files){NULL, 0};
}

bool smref_file_wanted(const smref_file *file, const smref_jdoc *doc, const char *format)
{
    const char *text = json_string_value(json_object_get(doc->json, "format"));

    return !file->listed || !text || strcmp(text, format) == 0;
}
