/* The options taken where the architecture permits several, as the formats name them. */
#include "choices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

void smref_choices_clear(smref_choice_set *set)
{
    unsigned i;

    for (i = 0; i < SMREF_CHOICE_COUNT; i++)
        set->option[i] = -1;
}

static const char *next_choice(void *context, size_t index)
{
    const smref_choice_info *info = smref_choice_at((unsigned)index);

    (void)context;
    return info ? info->id : NULL;
}

static const char *next_option(void *context, size_t index)
{
    const smref_choice_info *info = context;

    return index < info->option_count ? info->options[index].name : NULL;
}

/* Sets one choice by its words; on false `why` says what is wrong. */
static bool choose(smref_choice_set *set, const char *id, const char *option, char why[200])
{
    const smref_choice_info *info;
    const char *nearest;
    smref_choice choice;
    unsigned i;

    if (!smref_choice_find(id, &choice)) {
        nearest = smref_nearest(id, next_choice, NULL);
        snprintf(why, 200, "no such choice%s%s", nearest ? "; nearest: " : "", nearest ? nearest : "");
        return false;
    }
    info = smref_choice_at((unsigned)choice);
    for (i = 0; i < info->option_count; i++) {
        if (strcmp(info->options[i].name, option) == 0) {
            set->option[choice] = (int16_t)i;
            return true;
        }
    }
    nearest = smref_nearest(option, next_option, (void *)(uintptr_t)info);
    snprintf(why, 200, "no option \"%.40s\"; %s: %s", option, nearest ? "nearest" : "the default is",
             nearest ? nearest : info->options[info->default_option].name);
    return false;
}

bool smref_choices_read(const smref_jdoc *doc, const smref_jnode *object, smref_choice_set *set,
                        smref_jerror *error)
{
    const char *option;
    char why[200];
    size_t i;

    if (!smref_jobject(doc, object, error))
        return false;
    for (i = 0; i < object->child_count; i++) {
        const smref_jnode *child = &object->children[i];
        if (!smref_jstring(doc, child, &option, error))
            return false;
        if (!choose(set, child->key, option, why))
            return smref_jfail(doc, child, error, "%s", why);
    }
    return true;
}

bool smref_choices_assign(smref_choice_set *set, const char *text, char why[200])
{
    const char *equals = strchr(text, '=');
    char id[96], reason[200];

    if (!equals || equals == text || (size_t)(equals - text) >= sizeof id) {
        snprintf(why, 200, "write ID=OPTION, not %.60s", text);
        return false;
    }
    snprintf(id, sizeof id, "%.*s", (int)(equals - text), text);
    if (!choose(set, id, equals + 1, reason)) {
        snprintf(why, 200, "%.60s: %.130s", id, reason);
        return false;
    }
    return true;
}

bool smref_choices_deposit(const smref_choice_set *set, smref *smmu, smref_choice *refused)
{
    unsigned i;

    for (i = 0; i < SMREF_CHOICE_COUNT; i++) {
        if (set->option[i] >= 0 &&
            smref_set_choice(smmu, (smref_choice)i, (unsigned)set->option[i], NULL) != SMREF_OK) {
            *refused = (smref_choice)i;
            return false;
        }
    }
    return true;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(smref_choice_at(*(const unsigned *)a)->id, smref_choice_at(*(const unsigned *)b)->id);
}

json_t *smref_choices_json(const smref_choice_set *set)
{
    unsigned chosen[SMREF_CHOICE_COUNT], count = 0, i;
    json_t *object;

    for (i = 0; i < SMREF_CHOICE_COUNT; i++)
        if (set->option[i] >= 0)
            chosen[count++] = i;
    if (count == 0)
        return NULL;
    qsort(chosen, count, sizeof *chosen, by_id);
    object = json_object();
    for (i = 0; i < count; i++) {
        const smref_choice_info *info = smref_choice_at(chosen[i]);
        json_object_set_new(object, info->id, json_string(info->options[set->option[chosen[i]]].name));
    }
    return object;
}
