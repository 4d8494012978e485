/* Located trees that are made, not read. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "recipe.h"

/* What a tree owns: its nodes, and the value at its root. */
struct smref_nodes {
    struct smref_nodes *next;
    smref_jnode *array;
    json_t *value;
};

void smref_nodes_free(struct smref_nodes *nodes)
{
    struct smref_nodes *next;

    for (; nodes; nodes = next) {
        next = nodes->next;
        json_decref(nodes->value);
        free(nodes->array);
        free(nodes);
    }
}

static smref_jnode *own(struct smref_nodes **nodes, size_t count, json_t *value)
{
    struct smref_nodes *link = smref_alloc(1, sizeof *link);

    *link = (struct smref_nodes){*nodes, smref_alloc(count, sizeof(smref_jnode)), value};
    *nodes = link;
    return link->array;
}

/* ---- Lines ----------------------------------------------------------------------------------------- */

/* The node of `shape` that is like the child: of the same name, or at the same place; else shape itself. */
static const smref_jnode *like(const smref_jnode *shape, const char *key, size_t index)
{
    const smref_jnode *found = key ? smref_jget(shape, key) : NULL;

    if (!found && index < shape->child_count)
        found = &shape->children[index];
    return found ? found : shape;
}

static void locate(struct smref_nodes **nodes, smref_jnode *node, json_t *value, const smref_jnode *shape)
{
    size_t count = json_is_object(value) ? json_object_size(value) : json_array_size(value), i = 0;
    const char *key;
    json_t *child;

    node->value = value;
    node->line = shape->line;
    node->child_count = count;
    node->children = count ? own(nodes, count, NULL) : NULL;
    json_object_foreach(value, key, child)
    {
        node->children[i] = (smref_jnode){.key = key, .index = i, .parent = node};
        locate(nodes, &node->children[i], child, like(shape, key, i));
        i++;
    }
    for (i = 0; i < json_array_size(value); i++) {
        node->children[i] = (smref_jnode){.index = i, .parent = node};
        locate(nodes, &node->children[i], json_array_get(value, i), like(shape, NULL, i));
    }
}

smref_jnode *smref_nodes_locate(struct smref_nodes **nodes, json_t *value, const smref_jnode *shape)
{
    smref_jnode *root = own(nodes, 1, value);

    *root = (smref_jnode){.key = shape->key, .index = shape->index, .parent = shape->parent};
    locate(nodes, root, value, shape);
    return root;
}

void smref_nodes_replace(struct smref_nodes **nodes, smref_jnode *target, json_t *value)
{
    smref_jnode shape = *target;

    own(nodes, 0, value);
    locate(nodes, target, value, &shape);
}

const smref_jnode *smref_nodes_gather(struct smref_nodes **nodes, const smref_jnode *shape,
                                      const smref_jnode *const *list)
{
    smref_jnode *root = own(nodes, 1, json_array());
    size_t count = shape->child_count;

    *root = (smref_jnode){.value = (*nodes)->value,
                          .key = shape->key,
                          .index = shape->index,
                          .parent = shape->parent,
                          .line = shape->line,
                          .child_count = count};
    root->children = count ? own(nodes, count, NULL) : NULL;
    for (size_t i = 0; i < count; i++) {
        json_array_append(root->value, list[i]->value);
        root->children[i] = *list[i];
    }
    return root;
}

/* ---- Values for names ------------------------------------------------------------------------------ */

struct filling {
    const smref_jdoc *doc;
    const smref_jnode *row; /* NULL: '$' is a character like others */
    smref_jerror *error;
};

/* The length of the name at the start of the text: small letters, digits and '_'. */
static size_t name_length(const char *text)
{
    size_t length = 0;

    while (islower((unsigned char)text[length]) || isdigit((unsigned char)text[length]) ||
           text[length] == '_')
        length++;
    return length;
}

static const json_t *value_named(const struct filling *f, const smref_jnode *place, const char *name,
                                 size_t length)
{
    char copy[64];

    snprintf(copy, sizeof copy, "%.*s", (int)length, name);
    const smref_jnode *found = smref_jget(f->row, copy);
    if (!found)
        smref_jfail(f->doc, place, f->error, "no value for $%s in \"each\" or \"let\"", copy);
    return found ? found->value : NULL;
}

static void append(char **text, const char *more, size_t length)
{
    size_t used = *text ? strlen(*text) : 0;

    *text = smref_resize(*text, used + length + 1, 1);
    memcpy(*text + used, more, length);
    (*text)[used + length] = '\0';
}

/* A value inside a longer string: words as they are, integers in decimal. */
static bool append_value(char **text, const struct filling *f, const smref_jnode *place, const json_t *value)
{
    char number[32];

    if (json_is_string(value)) {
        append(text, json_string_value(value), json_string_length(value));
        return true;
    }
    if (!json_is_integer(value))
        return smref_jfail(f->doc, place, f->error,
                           "only words and integers fit into a string; write the $name alone");
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    append(text, number, strlen(number));
    return true;
}

/* The text with its names replaced; NULL on an error. The caller frees. */
static char *filled_text(const struct filling *f, const smref_jnode *place, const char *text)
{
    char *out = NULL;

    append(&out, "", 0);
    while (*text) {
        size_t plain = strcspn(text, "$"), length;
        append(&out, text, plain);
        text += plain;
        length = *text ? name_length(text + 1) : 0;
        if (*text && length == 0) {
            append(&out, text++, 1);
        } else if (*text) {
            const json_t *value = value_named(f, place, text + 1, length);
            if (!value || !append_value(&out, f, place, value)) {
                free(out);
                return NULL;
            }
            text += 1 + length;
        }
    }
    return out;
}

static json_t *filled_string(const struct filling *f, const smref_jnode *node)
{
    const char *text = json_string_value(node->value);
    size_t length = text[0] == '$' ? name_length(text + 1) : 0;

    if (length && text[1 + length] == '\0') {
        const json_t *value = value_named(f, node, text + 1, length);
        return value ? json_deep_copy(value) : NULL;
    }
    char *filled = filled_text(f, node, text);
    json_t *string = filled ? json_string(filled) : NULL;
    free(filled);
    return string;
}

static json_t *filled(const struct filling *f, const smref_jnode *node);

static bool fill_member(const struct filling *f, json_t *object, const smref_jnode *child)
{
    char *key = filled_text(f, child, child->key);
    json_t *value = key ? filled(f, child) : NULL;
    bool good = value != NULL;

    if (good && json_object_get(object, key))
        good = smref_jfail(f->doc, child, f->error, "a second \"%.60s\"", key);
    if (good)
        json_object_set(object, key, value);
    json_decref(value);
    free(key);
    return good;
}

/* A new value, or NULL on an error. */
static json_t *filled(const struct filling *f, const smref_jnode *node)
{
    if (!f->row)
        return json_deep_copy(node->value);
    if (json_is_string(node->value))
        return filled_string(f, node);
    if (!json_is_object(node->value) && !json_is_array(node->value))
        return json_deep_copy(node->value);
    json_t *out = json_is_object(node->value) ? json_object() : json_array();
    for (size_t i = 0; i < node->child_count; i++) {
        const smref_jnode *child = &node->children[i];
        json_t *value = child->key ? NULL : filled(f, child);
        if (child->key ? !fill_member(f, out, child) : !value) {
            json_decref(out);
            return NULL;
        }
        if (value)
            json_array_append_new(out, value);
    }
    return out;
}

smref_jnode *smref_nodes_substitute(struct smref_nodes **nodes, const smref_jdoc *doc,
                                    const smref_jnode *node, const smref_jnode *row, smref_jerror *error)
{
    struct filling filling = {doc, row, error};
    json_t *value = filled(&filling, node);

    return value ? smref_nodes_locate(nodes, value, node) : NULL;
}
