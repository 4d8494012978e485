/* The items of the specification's data, by kind and by name. */
#include "spec_items.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "located.h"
#include "profile.h"
#include "registers.h"
#include "spec_words.h"

#define MAX_PROFILES 64

static const struct {
    const char *word, *means;
} kinds[SMREF_ITEM_KINDS] = {
    [SMREF_ITEM_STRUCTURE] = {"structures", "STE, CD and the other configuration structures"},
    [SMREF_ITEM_DESCRIPTOR] = {"descriptors", "translation table descriptors"},
    [SMREF_ITEM_COMMAND] = {"commands", "commands of the Command queues"},
    [SMREF_ITEM_EVENT] = {"events", "event records"},
    [SMREF_ITEM_REGISTER] = {"registers", "registers, one for each bank"},
    [SMREF_ITEM_BLOCK] = {"blocks", "pages and other blocks of registers"},
    [SMREF_ITEM_RULE] = {"rules", "decisions of the architecture"},
    [SMREF_ITEM_CHOICE] = {"choices", "what the architecture leaves open, with the permitted options"},
    [SMREF_ITEM_ERRATUM] = {"errata", "contradictions of the document, and the reading that is taken"},
    [SMREF_ITEM_UNMODELLED] = {"unmodelled", "what the architecture has and this version of smref lacks"},
    [SMREF_ITEM_TERM] = {"terms", "derived values and context that conditions speak of"},
    [SMREF_ITEM_ENUM] = {"enums", "named values that conditions speak of"},
    [SMREF_ITEM_PROFILE] = {"profiles", "implementations: ID registers and choices"},
};

/* ---- Kinds ----------------------------------------------------------------------------------------- */

const char *smref_item_kind_word(smref_item_kind kind)
{
    return kinds[kind].word;
}

const char *smref_item_kind_means(smref_item_kind kind)
{
    return kinds[kind].means;
}

bool smref_item_kind_find(const char *word, smref_item_kind *out)
{
    size_t length = strlen(word);

    for (unsigned i = 0; i < SMREF_ITEM_KINDS; i++) {
        bool singular = length + 1 == strlen(kinds[i].word) && strncmp(word, kinds[i].word, length) == 0;
        bool erratum = i == SMREF_ITEM_ERRATUM && strcmp(word, "erratum") == 0;
        if (strcmp(word, kinds[i].word) == 0 || singular || erratum) {
            *out = (smref_item_kind)i;
            return true;
        }
    }
    return false;
}

/* ---- One by one ------------------------------------------------------------------------------------ */

static bool layout_at(smref_layout_kind kind, unsigned n, unsigned *index)
{
    const smref_layout_info *layout;

    for (*index = 0; (layout = smref_layout_at(*index)) != NULL; ++*index)
        if (layout->kind == kind && n-- == 0)
            return true;
    return false;
}

bool smref_item_at(smref_item_kind kind, unsigned n, smref_item *out)
{
    char room[SMREF_PROFILE_ROOM];

    *out = (smref_item){.kind = kind, .index = n};
    switch (kind) {
    case SMREF_ITEM_STRUCTURE:
        return layout_at(SMREF_LAYOUT_KIND_STRUCTURE, n, &out->index);
    case SMREF_ITEM_DESCRIPTOR:
        return layout_at(SMREF_LAYOUT_KIND_DESCRIPTOR, n, &out->index);
    case SMREF_ITEM_COMMAND:
        return layout_at(SMREF_LAYOUT_KIND_COMMAND, n, &out->index);
    case SMREF_ITEM_EVENT:
        return layout_at(SMREF_LAYOUT_KIND_EVENT, n, &out->index);
    case SMREF_ITEM_REGISTER:
        return smref_register_at(n) != NULL;
    case SMREF_ITEM_BLOCK:
        return smref_block_at(n) != NULL;
    case SMREF_ITEM_RULE:
        out->index = n + 1; /* 0 is no rule */
        return smref_rule_at(n + 1) != NULL;
    case SMREF_ITEM_CHOICE:
        return smref_choice_at(n) != NULL;
    case SMREF_ITEM_ERRATUM:
        return smref_erratum_at(n) != NULL;
    case SMREF_ITEM_UNMODELLED:
        return smref_unmodelled_at(n) != NULL;
    case SMREF_ITEM_TERM:
        return smref_term_at(n) != NULL;
    case SMREF_ITEM_ENUM:
        return smref_enum_at(n) != NULL;
    case SMREF_ITEM_PROFILE:
        return smref_profile_name(n, room);
    case SMREF_ITEM_KINDS:
        break;
    }
    return false;
}

const char *smref_item_name(const smref_item *item, char room[SMREF_ITEM_ROOM])
{
    switch (item->kind) {
    case SMREF_ITEM_REGISTER:
        return smref_register_at(item->index)->name;
    case SMREF_ITEM_BLOCK:
        return smref_block_at(item->index)->name;
    case SMREF_ITEM_RULE:
        return smref_rule_at(item->index)->id;
    case SMREF_ITEM_CHOICE:
        return smref_choice_at(item->index)->id;
    case SMREF_ITEM_ERRATUM:
        return smref_erratum_at(item->index)->id;
    case SMREF_ITEM_UNMODELLED:
        return smref_unmodelled_at(item->index)->id;
    case SMREF_ITEM_TERM:
        return smref_term_at(item->index)->name;
    case SMREF_ITEM_ENUM:
        return smref_enum_at(item->index)->name;
    case SMREF_ITEM_PROFILE:
        room[0] = '\0';
        smref_profile_name(item->index, room);
        return room;
    default:
        return smref_layout_at(item->index)->name;
    }
}

const char *smref_item_title(const smref_item *item)
{
    switch (item->kind) {
    case SMREF_ITEM_REGISTER:
        return smref_register_at(item->index)->title;
    case SMREF_ITEM_BLOCK:
        return smref_block_at(item->index)->title;
    case SMREF_ITEM_RULE:
        return smref_rule_at(item->index)->title;
    case SMREF_ITEM_CHOICE:
        return smref_choice_at(item->index)->title;
    case SMREF_ITEM_ERRATUM:
        return smref_erratum_at(item->index)->title;
    case SMREF_ITEM_UNMODELLED:
        return smref_unmodelled_at(item->index)->text;
    case SMREF_ITEM_TERM:
        return smref_term_at(item->index)->means;
    case SMREF_ITEM_ENUM:
    case SMREF_ITEM_PROFILE:
        return NULL;
    default:
        return smref_layout_at(item->index)->title;
    }
}

const char *smref_item_section(const smref_item *item)
{
    switch (item->kind) {
    case SMREF_ITEM_REGISTER:
        return smref_register_at(item->index)->section;
    case SMREF_ITEM_BLOCK:
        return smref_block_at(item->index)->section;
    case SMREF_ITEM_RULE:
        return smref_rule_at(item->index)->section;
    case SMREF_ITEM_CHOICE:
        return smref_choice_at(item->index)->section;
    case SMREF_ITEM_ERRATUM:
        return smref_erratum_at(item->index)->section;
    case SMREF_ITEM_TERM:
        return smref_term_at(item->index)->section;
    case SMREF_ITEM_UNMODELLED:
    case SMREF_ITEM_ENUM:
    case SMREF_ITEM_PROFILE:
        return NULL;
    default:
        return smref_layout_at(item->index)->section;
    }
}

const smref_field_info *smref_item_fields(const smref_item *item, unsigned *count)
{
    *count = 0;
    if (item->kind == SMREF_ITEM_REGISTER) {
        *count = smref_register_at(item->index)->field_count;
        return smref_register_at(item->index)->fields;
    }
    if (item->kind > SMREF_ITEM_EVENT)
        return NULL;
    *count = smref_layout_at(item->index)->field_count;
    return smref_layout_at(item->index)->fields;
}

/* ---- By name --------------------------------------------------------------------------------------- */

/* Goes through all items of all kinds. */
static bool next_item(smref_item_kind *kind, unsigned *n, smref_item *out)
{
    for (; *kind < SMREF_ITEM_KINDS; *n = 0, *kind = (smref_item_kind)(*kind + 1))
        if (smref_item_at(*kind, (*n)++, out))
            return true;
    return false;
}

/* Without regard to case, and a register without SMMU_, a term without derived. or ctx. */
static bool loosely_named(const smref_item *item, const char *name)
{
    char room[SMREF_ITEM_ROOM];
    const char *own = smref_item_name(item, room);

    if (strcasecmp(own, name) == 0)
        return true;
    if (item->kind == SMREF_ITEM_REGISTER && strncmp(own, "SMMU_", 5) == 0)
        return strcasecmp(own + 5, name) == 0;
    return item->kind == SMREF_ITEM_TERM && strchr(own, '.') && strcasecmp(strchr(own, '.') + 1, name) == 0;
}

static bool find_register(const char *name, smref_item *out)
{
    smref_register_ref ref;

    if (!smref_register_named(name, &ref) || ref.reg == SMREF_REG_COUNT)
        return false;
    *out = (smref_item){.kind = SMREF_ITEM_REGISTER, .index = ref.reg};
    return true;
}

static bool find(const char *name, unsigned n, bool loosely, smref_item *out)
{
    smref_item_kind kind = SMREF_ITEM_STRUCTURE;
    char room[SMREF_ITEM_ROOM];
    unsigned i = 0;

    while (next_item(&kind, &i, out)) {
        bool same = loosely ? loosely_named(out, name) : strcmp(smref_item_name(out, room), name) == 0;
        if (same && n-- == 0)
            return true;
    }
    return false;
}

bool smref_item_find(const char *name, unsigned n, smref_item *out)
{
    smref_item any;

    if (find(name, 0, false, &any))
        return find(name, n, false, out);
    if (find(name, 0, true, &any))
        return find(name, n, true, out);
    return n == 0 && find_register(name, out);
}

bool smref_item_find_field(const char *name, unsigned n, smref_item *out)
{
    const char *dot = strchr(name, '.'), *field_name = dot ? dot + 1 : name;
    smref_item_kind kind = SMREF_ITEM_STRUCTURE;
    char room[SMREF_ITEM_ROOM], container[SMREF_ITEM_ROOM];
    unsigned i = 0, f, count;

    snprintf(container, sizeof container, "%.*s", dot ? (int)(dot - name) : 0, name);
    while (next_item(&kind, &i, out) && kind <= SMREF_ITEM_REGISTER) {
        const smref_field_info *fields = smref_item_fields(out, &count);
        if (dot && strcmp(smref_item_name(out, room), container) != 0 && !loosely_named(out, container))
            continue;
        for (f = 0; f < count; f++) {
            if (smref_field_is_named(&fields[f]) && strcasecmp(fields[f].name, field_name) == 0 && n-- == 0) {
                out->field = f;
                return true;
            }
        }
    }
    return false;
}

/* Candidates for the nearest name: items, then fields of what has bits. */
struct candidates {
    smref_item_kind kind;
    unsigned next, field;
    smref_item item;
    char names[MAX_PROFILES][SMREF_ITEM_ROOM]; /* names of profiles are kept nowhere else */
};

static const char *next_field(struct candidates *c)
{
    unsigned count = 0;
    const smref_field_info *fields =
        c->item.kind <= SMREF_ITEM_REGISTER ? smref_item_fields(&c->item, &count) : NULL;

    while (c->field < count)
        if (smref_field_is_named(&fields[c->field++]))
            return fields[c->field - 1].name;
    return NULL;
}

static const char *next_name(void *context, size_t index)
{
    struct candidates *c = context;
    const char *field = index ? next_field(c) : NULL;

    if (field)
        return field;
    if (!next_item(&c->kind, &c->next, &c->item))
        return NULL;
    c->field = 0;
    return smref_item_name(&c->item, c->names[c->item.index % MAX_PROFILES]);
}

const char *smref_item_nearest(const char *name, char room[SMREF_ITEM_ROOM])
{
    struct candidates candidates = {.kind = SMREF_ITEM_STRUCTURE};
    const char *found = smref_nearest(name, next_name, &candidates);

    if (!found)
        return NULL;
    snprintf(room, SMREF_ITEM_ROOM, "%s", found);
    return room;
}
