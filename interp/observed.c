/* What a real machine did, and whether the model does the same. */
#define _POSIX_C_SOURCE 200809L

#include "observed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fields.h"
#include "hex.h"
#include "vocabulary.h"

/* ---- Reading --------------------------------------------------------------------------------------- */

static bool read_words(const smref_jdoc *doc, const smref_jnode *node, smref_observation *out,
                       smref_jerror *error)
{
    if (!smref_jarray(doc, node, error))
        return false;
    if (node->child_count != 4)
        return smref_jfail(doc, node, error, "a record has 4 words");
    for (size_t i = 0; i < 4; i++)
        if (!smref_jnumber(doc, &node->children[i], UINT64_MAX, &out->words[i], error))
            return false;
    return true;
}

static bool read_observation(const smref_jdoc *doc, size_t step, smref_observation *out, smref_jerror *error)
{
    static const char *const keys[] = {"step", "outcome", "pa", "event", "words", NULL};
    const smref_jnode *root = &doc->root;
    uint64_t number;

    if (!smref_jkeys(doc, root, keys, error))
        return false;
    const smref_jnode *given = smref_jget(root, "step"), *outcome = smref_jget(root, "outcome"),
                      *pa = smref_jget(root, "pa"), *event = smref_jget(root, "event"),
                      *words = smref_jget(root, "words");
    if (!given || !outcome || !event != !words)
        return smref_jfail(doc, root, error,
                           "\"step\", \"outcome\" and both or none of \"event\" and \"words\"");
    if (!smref_jnumber(doc, given, UINT32_MAX, &number, error))
        return false;
    if (number != step)
        return smref_jfail(doc, given, error, "step %zu is expected here", step);
    out->translated = pa != NULL;
    return smref_jstring(doc, outcome, &out->outcome, error) &&
           (!pa || smref_jnumber(doc, pa, UINT64_MAX, &out->pa, error)) &&
           (!event || smref_jstring(doc, event, &out->event, error)) &&
           (!words || read_words(doc, words, out, error));
}

/* A line keeps its JSON, from which the observation borrows its words. */
static bool read_line(const char *path, const char *text, size_t size, unsigned number, smref_observed *out,
                      smref_jerror *error)
{
    char place[300];
    smref_jdoc doc;

    snprintf(place, sizeof place, "%.280s:%u", path, number);
    if (!smref_jdoc_parse(&doc, place, text, size, error))
        return false;
    out->list = smref_resize(out->list, out->count + 1, sizeof *out->list);
    out->list[out->count] = (smref_observation){.line = json_incref(doc.json), .number = number};
    bool good = read_observation(&doc, out->count, &out->list[out->count], error);
    out->count++;
    smref_jdoc_close(&doc);
    return good;
}

bool smref_observed_load(const char *path, smref_observed *out, smref_jerror *error)
{
    smref_jdoc place = {.file = path};
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    bool good = true;

    *out = (smref_observed){NULL, 0};
    if (!file)
        return smref_jfail(&place, NULL, error, "%s", strerror(errno));
    for (unsigned number = 1; good && (size = getline(&line, &room, file)) >= 0; number++)
        if (strspn(line, " \t\r\n") < (size_t)size)
            good = read_line(path, line, (size_t)size, number, out, error);
    free(line);
    fclose(file);
    if (!good)
        smref_observed_free(out);
    return good;
}

void smref_observed_free(smref_observed *observed)
{
    for (size_t i = 0; i < observed->count; i++)
        json_decref(observed->list[i].line);
    free(observed->list);
    *observed = (smref_observed){NULL, 0};
}

/* ---- Comparing ------------------------------------------------------------------------------------- */

static bool same_record(const smref_observation *seen, const smref_event *event, FILE *to)
{
    static const char *const fields[] = {"StreamID", "RnW", "CLASS", "S2", "InputAddr"};
    smref_layout layout;
    bool same = true;

    if (!smref_layout_find(seen->event, &layout))
        return true;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const smref_field_info *field = smref_field_named(smref_layout_at((unsigned)layout), fields[i]);
        if (!field)
            continue;
        uint64_t a = smref_field_get(field, seen->words, 0), b = smref_field_get(field, event->words, 0);
        if (a == b || smref_field_get(field, event->unknown, 0))
            continue;
        fprintf(to, "    %s: observed 0x%" PRIx64 ", the model has 0x%" PRIx64 "\n", fields[i],
                a << field->address_low, b << field->address_low);
        same = false;
    }
    return same;
}

static const char *event_of(const smref_result *result)
{
    return result->event_valid && result->event.lost == SMREF_LOST_NOT ? smref_spell_event(result->event.type)
                                                                       : NULL;
}

bool smref_observed_agrees(const smref_observation *seen, const smref_stimulus *stimulus,
                           const smref_step_result *result, FILE *to)
{
    const smref_result *r = &result->access;
    bool access = stimulus->op == SMREF_OP_ACCESS;
    const char *outcome = access ? smref_spell_outcome(r->outcome) : "ok";
    const char *event = access ? event_of(r) : NULL;

    if (strcmp(seen->outcome, outcome) != 0) {
        fprintf(to, "    observed %s, the model has %s\n", seen->outcome, outcome);
        return false;
    }
    if (seen->translated && access && seen->pa != r->pa) {
        fprintf(to, "    pa: observed 0x%" PRIx64 ", the model has 0x%" PRIx64 "\n", seen->pa, r->pa);
        return false;
    }
    if (!seen->event != !event || (event && strcmp(seen->event, event) != 0)) {
        fprintf(to, "    event: observed %s, the model has %s\n", seen->event ? seen->event : "none",
                event ? event : "none");
        return false;
    }
    return !event || same_record(seen, &r->event, to);
}

json_t *smref_observed_outcome(const smref_observation *seen)
{
    json_t *outcome = json_object(), *events = json_array(), *event;

    json_object_set_new(outcome, "outcome", json_string(seen->outcome));
    if (seen->translated)
        json_object_set_new(outcome, "pa", smref_hex_json(seen->pa));
    json_object_set_new(outcome, "events", events);
    if (seen->event) {
        event = json_object();
        json_object_set_new(event, "bank", json_string("ns"));
        json_object_set_new(event, "name", json_string(seen->event));
        json_object_set_new(event, "words", smref_hex_words(seen->words, 4));
        json_array_append_new(events, event);
    }
    return outcome;
}
