/* What a region holds: decoded from the document, or mapped from a file. */
#define _POSIX_C_SOURCE 200809L

#include "contents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "fields.h"
#include "hex.h"

struct smref_owned {
    struct smref_owned *next;
    void *memory;
    size_t mapped; /* bytes of a file mapping; 0: memory came from the heap */
};

static void own(struct smref_owned **owned, void *memory, size_t mapped)
{
    struct smref_owned *link = smref_alloc(1, sizeof *link);

    *link = (struct smref_owned){*owned, memory, mapped};
    *owned = link;
}

void smref_owned_free(struct smref_owned *owned)
{
    struct smref_owned *next;

    for (; owned; owned = next) {
        next = owned->next;
        if (owned->mapped)
            munmap(owned->memory, owned->mapped);
        else
            free(owned->memory);
        free(owned);
    }
}

static uint8_t *new_buffer(struct smref_owned **owned, size_t size)
{
    uint8_t *bytes = smref_alloc(size, 1);

    own(owned, bytes, 0);
    return bytes;
}

/* ---- In the document ------------------------------------------------------------------------------- */

bool smref_read_u64(const smref_jdoc *doc, const smref_jnode *node, struct smref_owned **owned,
                    smref_contents *out, smref_jerror *error)
{
    uint8_t *bytes;
    uint64_t word;
    size_t i;

    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count == 0)
        return smref_jfail(doc, node, error, "empty");
    bytes = new_buffer(owned, node->child_count * 8);
    for (i = 0; i < node->child_count; i++) {
        if (!smref_jnumber(doc, &node->children[i], UINT64_MAX, &word, error))
            return false;
        smref_words_to_bytes(&word, 1, bytes + i * 8);
    }
    *out = (smref_contents){bytes, node->child_count * 8};
    return true;
}

bool smref_read_hex(const smref_jdoc *doc, const smref_jnode *node, struct smref_owned **owned,
                    smref_contents *out, smref_jerror *error)
{
    const char *text;
    uint8_t *bytes;
    size_t length, bad;

    if (!smref_jstring(doc, node, &text, error))
        return false;
    length = strlen(text);
    if (length == 0)
        return smref_jfail(doc, node, error, "empty");
    bytes = new_buffer(owned, length / 2 + 1);
    if (!smref_hex_bytes(text, bytes, &bad)) {
        return bad == length
                   ? smref_jfail(doc, node, error, "%zu digits; a byte has two", length)
                   : smref_jfail(doc, node, error, "character %zu is no hexadecimal digit", bad + 1);
    }
    *out = (smref_contents){bytes, length / 2};
    return true;
}

static const char *next_layout(void *context, size_t index)
{
    const smref_layout_info *info = smref_layout_at((unsigned)index);

    (void)context;
    return info ? info->name : NULL;
}

/* What makes a command this form of another one: Range of CMD_CFGI_ALL is 31 unless it is given. */
static void set_form(const smref_layout_info *layout, uint64_t *words)
{
    for (unsigned f = 0; f < layout->field_count; f++)
        for (unsigned c = 0; c < layout->fields[f].code_count; c++) {
            const smref_code_info *code = &layout->fields[f].codes[c];
            if (code->means && strcmp(code->means, layout->name) == 0)
                smref_field_set(&layout->fields[f], words, 0, code->low);
        }
}

bool smref_read_struct(const smref_jdoc *doc, const smref_jnode *name, const smref_jnode *fields,
                       struct smref_owned **owned, const smref_layout_info **layout, smref_contents *out,
                       smref_jerror *error)
{
    const char *text, *nearest;
    smref_layout found;
    uint64_t *words;
    uint8_t *bytes;
    bool good;

    if (!smref_jstring(doc, name, &text, error))
        return false;
    if (!smref_layout_find(text, &found)) {
        nearest = smref_nearest(text, next_layout, NULL);
        return smref_jfail(doc, name, error, "no such structure: %.60s%s%s", text,
                           nearest ? "; nearest: " : "", nearest ? nearest : "");
    }
    *layout = smref_layout_at((unsigned)found);
    words = smref_alloc((*layout)->bytes / 8, sizeof *words);
    words[0] = (*layout)->number; /* opcodes and event numbers are bits 7:0 (4.1, 7.3) */
    set_form(*layout, words);
    good = !fields || smref_fields_encode(doc, fields, *layout, words, error);
    bytes = new_buffer(owned, (*layout)->bytes);
    smref_words_to_bytes(words, (*layout)->bytes / 8, bytes);
    free(words);
    *out = (smref_contents){bytes, (*layout)->bytes};
    return good;
}

/* ---- In a file ------------------------------------------------------------------------------------- */

char *smref_path_beside(const char *document, const char *path)
{
    const char *slash = strrchr(document, '/');
    size_t folder = slash && path[0] != '/' ? (size_t)(slash - document) + 1 : 0;
    char *joined = smref_alloc(folder + strlen(path) + 1, 1);

    memcpy(joined, document, folder);
    memcpy(joined + folder, path, strlen(path) + 1);
    return joined;
}

/* Maps [offset, offset + size) of an open file; size 0 means up to its end. False leaves a reason in `why`.
 */
static bool map_file(int file, uint64_t offset, uint64_t size, struct smref_owned **owned,
                     smref_contents *out, char why[160])
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), slack = offset % page, length;
    struct stat status;
    void *memory;

    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        snprintf(why, 160, "is no regular file");
        return false;
    }
    length = (uint64_t)status.st_size;
    if (offset >= length || size > length - offset) {
        snprintf(why, 160, "has 0x%llx bytes, too few for offset 0x%llx and size 0x%llx",
                 (unsigned long long)length, (unsigned long long)offset, (unsigned long long)size);
        return false;
    }
    size = size ? size : length - offset;
    if (size + slack > SIZE_MAX) {
        snprintf(why, 160, "is too large for this host");
        return false;
    }
    memory = mmap(NULL, (size_t)(size + slack), PROT_READ, MAP_PRIVATE, file, (off_t)(offset - slack));
    if (memory == MAP_FAILED) {
        snprintf(why, 160, "cannot be mapped: %s", strerror(errno));
        return false;
    }
    own(owned, memory, (size_t)(size + slack));
    *out = (smref_contents){(const uint8_t *)memory + slack, size};
    return true;
}

bool smref_read_file(const smref_jdoc *doc, const smref_jnode *node, uint64_t offset, uint64_t size,
                     struct smref_owned **owned, smref_contents *out, smref_jerror *error)
{
    char why[160];
    const char *text;
    char *path;
    bool good;
    int file;

    if (!smref_jstring(doc, node, &text, error))
        return false;
    path = smref_path_beside(doc->file, text);
    file = open(path, O_RDONLY | O_NONBLOCK);
    if (file < 0) {
        smref_jfail(doc, node, error, "%.160s: %s", path, strerror(errno));
        free(path);
        return false;
    }
    good = map_file(file, offset, size, owned, out, why) ||
           smref_jfail(doc, node, error, "%.160s %s", path, why);
    close(file);
    free(path);
    return good;
}
