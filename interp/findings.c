/* What a lint finds. */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "hex.h"
#include "page.h"
#include "vocabulary.h"

enum { LOOK_BACK = 128, INDENT = 9 };

/* ---- Collecting ------------------------------------------------------------------------------------ */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool says_the_same(const smref_finding *a, const smref_finding *b)
{
    return a->group == b->group && a->severity == b->severity && a->rule == b->rule &&
           a->place.stage == b->place.stage && a->place.level == b->place.level &&
           same_text(a->kind, b->kind) && same_text(a->field, b->field) &&
           a->place.sec_sid == b->place.sec_sid && a->place.pas == b->place.pas &&
           same_text(a->place.what, b->place.what) && strcmp(a->text, b->text) == 0;
}

static void merge(smref_finding *into, const smref_finding *more)
{
    into->count += more->count;
    if (more->place.sid_last > into->place.sid_last)
        into->place.sid_last = more->place.sid_last;
    if (more->place.ssid_last > into->place.ssid_last)
        into->place.ssid_last = more->place.ssid_last;
    if (more->place.input_last > into->place.input_last)
        into->place.input_last = more->place.input_last;
}

void smref_findings_add(smref_findings *findings, const smref_finding *finding)
{
    size_t from = findings->count > LOOK_BACK ? findings->count - LOOK_BACK : 0;

    for (size_t i = findings->count; i-- > from;) {
        if (says_the_same(&findings->list[i], finding)) {
            merge(&findings->list[i], finding);
            return;
        }
    }
    if (findings->count == findings->room) {
        findings->room = findings->room ? 2 * findings->room : 64;
        findings->list = smref_resize(findings->list, findings->room, sizeof *findings->list);
    }
    findings->list[findings->count++] = *finding;
}

void smref_findings_free(smref_findings *findings)
{
    free(findings->list);
    *findings = (smref_findings){.count = 0};
}

/* ---- Text ------------------------------------------------------------------------------------------ */

static void add_range(char *line, size_t room, const char *name, uint64_t first, uint64_t last)
{
    size_t used = strlen(line);

    if (first == last)
        snprintf(line + used, room - used, " %s 0x%llx", name, (unsigned long long)first);
    else
        snprintf(line + used, room - used, " %s 0x%llx..0x%llx", name, (unsigned long long)first,
                 (unsigned long long)last);
}

static const char *const stream_words[] = {"StreamID", "Secure StreamID", "Realm StreamID"};

/* "STE StreamID 0x8 at 0x44000200", "VMSAv8_64_S1_PAGE level 3 input 0x1000 StreamID 0x8 at 0x…" */
static void say_place(const smref_finding *finding, char *line, size_t room)
{
    const smref_finding_place *place = &finding->place;
    size_t used;

    snprintf(line, room, "%s", place->what);
    if (finding->field) {
        used = strlen(line);
        snprintf(line + used, room - used, ".%s", finding->field);
    }
    if (finding->has_value) {
        used = strlen(line);
        snprintf(line + used, room - used, " = 0x%llx", (unsigned long long)finding->value);
    }
    if (place->has_sid)
        add_range(line, room, stream_words[place->sec_sid], place->sid, place->sid_last);
    if (place->has_ssid)
        add_range(line, room, "SubstreamID", place->ssid, place->ssid_last);
    if (place->stage) {
        used = strlen(line);
        snprintf(line + used, room - used, " stage %d level %d", place->stage, place->level);
    }
    if (place->has_input)
        add_range(line, room, "input", place->input, place->input_last);
    used = strlen(line);
    if (place->has_address)
        snprintf(line + used, room - used, " at %s%s0x%llx",
                 place->pas == SMREF_PAS_NS ? "" : smref_spell_pas(place->pas),
                 place->pas == SMREF_PAS_NS ? "" : ":", (unsigned long long)place->address);
}

void smref_print_finding(FILE *to, const smref_finding *finding)
{
    const smref_rule_info *rule = smref_rule_at((unsigned)finding->rule);
    const char *section = rule ? rule->section : finding->section;
    char line[512];

    say_place(finding, line, sizeof line);
    fputs(finding->severity == SMREF_SEVERITY_ERROR ? "error    " : "warning  ", to);
    smref_page_words(to, INDENT, INDENT + 2, line);
    fprintf(to, "%*s", INDENT, "");
    snprintf(line, sizeof line, "%s%s%s%s", finding->text, *finding->does ? "; " : "", finding->does,
             finding->count > 1 ? "; the first of " : "");
    if (finding->count > 1) {
        size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "%llu", (unsigned long long)finding->count);
    }
    size_t used = strlen(line);
    if (rule)
        snprintf(line + used, sizeof line - used, " [%s, %s]", rule->id, section);
    else if (section)
        snprintf(line + used, sizeof line - used, " [%s]", section);
    smref_page_words(to, INDENT, INDENT + 2, line);
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

static void set_range(json_t *object, const char *key, uint64_t first, uint64_t last)
{
    json_t *range = json_array();

    json_array_append_new(range, smref_hex_json(first));
    json_array_append_new(range, smref_hex_json(last));
    json_object_set_new(object, key, range);
}

static json_t *place_json(const smref_finding_place *place)
{
    json_t *object = json_object();

    json_object_set_new(object, "what", json_string(place->what));
    if (place->has_sid && place->sec_sid != SMREF_SEC_NS)
        json_object_set_new(object, "sec_sid", json_string(smref_spell_sec_sid(place->sec_sid)));
    if (place->has_sid)
        set_range(object, "sid", place->sid, place->sid_last);
    if (place->has_ssid)
        set_range(object, "ssid", place->ssid, place->ssid_last);
    if (place->stage) {
        json_object_set_new(object, "stage", json_integer(place->stage));
        json_object_set_new(object, "level", json_integer(place->level));
    }
    if (place->has_input)
        set_range(object, "input", place->input, place->input_last);
    if (place->has_address) {
        json_object_set_new(object, "pas", json_string(smref_spell_pas(place->pas)));
        json_object_set_new(object, "address", smref_hex_json(place->address));
    }
    return object;
}

json_t *smref_finding_json(const smref_finding *finding)
{
    const smref_rule_info *rule = smref_rule_at((unsigned)finding->rule);
    const char *section = rule ? rule->section : finding->section;
    json_t *object = json_object();

    json_object_set_new(object, "severity",
                        json_string(finding->severity == SMREF_SEVERITY_ERROR ? "error" : "warning"));
    json_object_set_new(object, "kind", json_string(finding->kind));
    json_object_set_new(object, "place", place_json(&finding->place));
    if (finding->field)
        json_object_set_new(object, "field", json_string(finding->field));
    if (finding->has_value)
        json_object_set_new(object, "value", smref_hex_json(finding->value));
    json_object_set_new(object, "text", json_string(finding->text));
    if (*finding->does)
        json_object_set_new(object, "does", json_string(finding->does));
    if (rule)
        json_object_set_new(object, "rule", json_string(rule->id));
    if (section)
        json_object_set_new(object, "section", json_string(section));
    json_object_set_new(object, "count", json_integer((json_int_t)finding->count));
    return object;
}
