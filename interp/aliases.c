/* Locations that are the same in several physical address spaces. */
#include "aliases.h"

#include <stdlib.h>

#include "command.h"
#include "envelope.h"
#include "vocabulary.h"

#define PAGE 0x1000u

/* ---- Reading one ----------------------------------------------------------------------------------- */

static bool read_pages(const smref_jdoc *doc, const smref_jnode *node, const char *key, uint64_t *out,
                       smref_jerror *error)
{
    const smref_jnode *number = smref_jget(node, key);

    if (!number)
        return smref_jfail(doc, node, error, "no \"%s\"", key);
    if (!smref_jnumber(doc, number, UINT64_MAX, out, error))
        return false;
    return *out % PAGE == 0 || smref_jfail(doc, number, error, "must be a multiple of 0x1000");
}

static bool read_spaces(const smref_jdoc *doc, const smref_jnode *node, unsigned *spaces, smref_jerror *error)
{
    const smref_jnode *array = smref_jget(node, "pas");

    if (!array)
        return smref_jfail(doc, node, error, "no \"pas\"");
    if (!smref_jarray(doc, array, error))
        return false;
    for (size_t i = 0; i < array->child_count; i++) {
        smref_pas pas;
        if (!smref_read_pas(doc, &array->children[i], &pas, error))
            return false;
        if (*spaces >> pas & 1)
            return smref_jfail(doc, &array->children[i], error, "\"%s\" stands here twice",
                               smref_spell_pas(pas));
        *spaces |= 1U << pas;
    }
    return array->child_count > 1 ||
           smref_jfail(doc, array, error, "give the two or more address spaces in which it is the same");
}

static bool read_alias(const smref_jdoc *doc, const smref_jnode *node, smref_alias *out, smref_jerror *error)
{
    static const char *const keys[] = {"at", "size", "pas", "comment", NULL};

    *out = (smref_alias){.node = node};
    if (!smref_jkeys(doc, node, keys, error) || !smref_read_text(doc, node, "comment", NULL, error) ||
        !read_pages(doc, node, "at", &out->at, error) || !read_pages(doc, node, "size", &out->size, error))
        return false;
    if (out->size == 0)
        return smref_jfail(doc, smref_jget(node, "size"), error, "must not be 0");
    if (out->at + (out->size - 1) < out->at)
        return smref_jfail(doc, node, error, "0x%llx bytes from 0x%llx on end beyond 64 bits",
                           (unsigned long long)out->size, (unsigned long long)out->at);
    return read_spaces(doc, node, &out->spaces, error);
}

/* ---- All of them ----------------------------------------------------------------------------------- */

static bool check_apart(const smref_jdoc *doc, const smref_alias *earlier, const smref_alias *later,
                        smref_jerror *error)
{
    unsigned both = earlier->spaces & later->spaces, pas = 0;

    if (!both || earlier->at + (earlier->size - 1) < later->at || later->at + (later->size - 1) < earlier->at)
        return true;
    while (!(both >> pas & 1))
        pas++;
    return smref_jfail(doc, later->node, error,
                       "0x%llx-0x%llx of \"%s\" is in aliases[%zu] of line %u already",
                       (unsigned long long)later->at, (unsigned long long)(later->at + (later->size - 1)),
                       smref_spell_pas((smref_pas)pas), earlier->node->index, earlier->node->line);
}

bool smref_aliases_read(const smref_jdoc *doc, const smref_jnode *array, smref_aliases **out,
                        smref_jerror *error)
{
    bool good = true;

    *out = NULL;
    if (!array)
        return true;
    if (!smref_jarray(doc, array, error))
        return false;
    if (!array->child_count)
        return true;
    smref_aliases *aliases = smref_alloc(1, sizeof *aliases + array->child_count * sizeof *aliases->list);
    aliases->count = array->child_count;
    for (size_t i = 0; good && i < aliases->count; i++) {
        good = read_alias(doc, &array->children[i], &aliases->list[i], error);
        for (size_t k = 0; good && k < i; k++)
            good = check_apart(doc, &aliases->list[k], &aliases->list[i], error);
    }
    if (good)
        *out = aliases;
    else
        free(aliases);
    return good;
}

void smref_aliases_free(smref_aliases *aliases)
{
    free(aliases);
}

/* The first of its spaces holds the location for the others. */
bool smref_aliases_lay(const smref_aliases *aliases, smref_sparse *memory)
{
    smref_status status = SMREF_OK;

    for (size_t i = 0; aliases && i < aliases->count; i++) {
        const smref_alias *alias = &aliases->list[i];
        smref_pas holder = SMREF_PAS_NS;
        while (!(alias->spaces >> holder & 1))
            holder++;
        for (smref_pas pas = holder + 1; pas < SMREF_PAS_COUNT && status == SMREF_OK; pas++)
            if (alias->spaces >> pas & 1)
                status = smref_sparse_alias(memory, pas, holder, alias->at, alias->size);
    }
    return status == SMREF_OK;
}
