/* From located JSON to the data model: the members that every section shares, and the sections without bits.
 */
#include "specgen.h"

#include <string.h>

/* ---- Members --------------------------------------------------------------------------------------- */

const char *load_text(spec *s, place object, const char *key)
{
    place at = child_of(object, key);
    smref_jerror error = {{0}};
    const char *out = NULL;

    if (at.node && !smref_jstring(at.doc, at.node, &out, &error))
        spec_take_error(s, &error);
    return out;
}

static void missing(spec *s, place object, const char *key)
{
    smref_jerror error = {{0}};

    smref_jfail(object.doc, object.node, &error, "\"%s\" is missing", key);
    spec_take_error(s, &error);
}

const char *load_needed_text(spec *s, place object, const char *key)
{
    const char *out = load_text(s, object, key);
    smref_jerror error = {{0}};

    if (!smref_jget(object.node, key)) {
        missing(s, object, key);
    } else if (out && !*out) {
        smref_jfail(object.doc, child_of(object, key).node, &error, "must not be empty");
        spec_take_error(s, &error);
    }
    return out ? out : "";
}

const char *load_name(spec *s, place object, const char *key, pattern_kind kind)
{
    const char *out = load_needed_text(s, object, key);

    if (*out && !matches(s, kind, out)) {
        spec_error(s, child_of(object, key), out, "\"%s\" is no %s", key,
                   kind == PATTERN_RULE ? "identifier of capitals" : "identifier");
    }
    return out;
}

const char *load_section(spec *s, place object, const char *inherited, const char *item)
{
    const char *out = load_text(s, object, "section");

    if (!out) {
        if (!inherited && !smref_jget(object.node, "section"))
            spec_error(s, object, item, "\"section\" is missing");
        return inherited ? inherited : "";
    }
    if (!matches(s, PATTERN_SECTION, out)) {
        spec_error(s, child_of(object, "section"), item,
                   "\"%s\" is no section; write \"5.2\", \"6.3.9, 6.3.57\" or \"DDI 0487 D8.2.1\"", out);
    }
    return out;
}

uint64_t load_number(spec *s, place object, const char *key, uint64_t max, uint64_t absent)
{
    place at = child_of(object, key);
    smref_jerror error = {{0}};
    uint64_t out = absent;

    if (at.node && !smref_jnumber(at.doc, at.node, max, &out, &error))
        spec_take_error(s, &error);
    return out;
}

bool load_flag(spec *s, place object, const char *key)
{
    place at = child_of(object, key);
    smref_jerror error = {{0}};
    bool out = false;

    if (at.node && !smref_jbool(at.doc, at.node, &out, &error))
        spec_take_error(s, &error);
    return out;
}

static unsigned load_version(spec *s, place object, const char *key, const char *item)
{
    const char *text = load_text(s, object, key);

    if (!text)
        return 0;
    if (!matches(s, PATTERN_VERSION, text)) {
        spec_error(s, child_of(object, key), item, "%s \"%s\" is no version of the architecture (3.0 to 3.4)",
                   key, text);
        return 0;
    }
    return 0x30u + (unsigned)(text[2] - '0');
}

version_range load_versions(spec *s, place object, const char *item)
{
    version_range out;

    out.since = load_version(s, object, "since", item);
    out.until = load_version(s, object, "until", item);
    if (out.since && out.until && out.since > out.until)
        spec_error(s, child_of(object, "since"), item, "since is later than until");
    return out;
}

formula load_formula(spec *s, place object, const char *key)
{
    formula out = {load_text(s, object, key), child_of(object, key), NULL};

    return out;
}

bool load_keys(spec *s, place object, const char *const *keys)
{
    smref_jerror error = {{0}};

    if (smref_jkeys(object.doc, object.node, keys, &error))
        return true;
    spec_take_error(s, &error);
    return false;
}

bool load_list(spec *s, place list)
{
    smref_jerror error = {{0}};

    if (!list.node)
        return false;
    if (smref_jarray(list.doc, list.node, &error))
        return true;
    spec_take_error(s, &error);
    return false;
}

place load_element(place list, size_t index)
{
    place out = {list.doc, &list.node->children[index]};

    return out;
}

/* A list of {"when", "is"}, or a string that stands for a list of one line without a condition. */
clause_list load_clauses(spec *s, place object, const char *key)
{
    static const char *const keys[] = {"when", "is", "note", NULL};
    place list = child_of(object, key), at;
    clause_list out = {NULL, 0};
    clause *line;
    size_t i;

    if (list.node && json_is_string(list.node->value)) {
        line = PUSH(s, out);
        *line = (clause){.is = json_string_value(list.node->value), .at = list};
        return out;
    }
    if (!load_list(s, list))
        return out;
    for (i = 0; i < list.node->child_count; i++) {
        at = load_element(list, i);
        if (load_keys(s, at, keys)) {
            line = PUSH(s, out);
            line->at = at;
            line->when = load_formula(s, at, "when");
            line->is = load_needed_text(s, at, "is");
        }
    }
    return out;
}

const char *load_means(spec *s, place object)
{
    const char *out = load_text(s, object, "means");

    return out ? out : load_text(s, object, "note");
}

/* ---- Types, enums, context ------------------------------------------------------------------------- */

value_type load_type(spec *s, place at, const char *item, const char *text)
{
    value_type out = {.base = TYPE_INT};
    size_t i;

    if (strcmp(text, "bool") == 0) {
        out.base = TYPE_BOOL;
        return out;
    }
    if (strcmp(text, "uint") == 0)
        return out;
    for (i = 0; i < s->enums.count; i++) {
        if (strcmp(s->enums.at[i]->name, text) == 0) {
            out.base = TYPE_ENUM;
            out.of = s->enums.at[i];
            return out;
        }
    }
    spec_error(s, at, item, "\"%s\" is no type; write bool, uint or the name of an enum", text);
    return out;
}

static void load_enum(spec *s, place at)
{
    static const char *const keys[] = {"name", "values", "section", "title", "means", "note", NULL};
    enum_def *out = spec_alloc(s, sizeof *out);
    place values = child_of(at, "values"), value;
    const char **slot;
    size_t i;

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->name = load_name(s, at, "name", PATTERN_IDENTIFIER);
    out->means = load_means(s, at);
    if (!values.node) {
        missing(s, at, "values");
        return;
    }
    for (i = 0; load_list(s, values) && i < values.node->child_count; i++) {
        value = load_element(values, i);
        slot = PUSH(s, out->values);
        *slot = json_is_object(value.node->value) ? load_needed_text(s, value, "name")
                                                  : json_string_value(value.node->value);
        if (!*slot || !matches(s, PATTERN_WORD, *slot)) {
            spec_error(s, value, out->name, "a value must be an identifier");
            *slot = "";
        }
    }
    *PUSH(s, s->enums) = out;
}

static void load_context(spec *s, place at)
{
    static const char *const keys[] = {"name", "type", "section", "means", "note", NULL};
    context_def *out = spec_alloc(s, sizeof *out);

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->name = load_name(s, at, "name", PATTERN_IDENTIFIER);
    out->means = load_means(s, at);
    out->type = load_type(s, at, out->name, load_needed_text(s, at, "type"));
    *PUSH(s, s->context) = out;
}

static void load_derived(spec *s, place at)
{
    static const char *const keys[] = {"name", "type", "expr", "section", "title", "means", "note", NULL};
    derived_def *out = spec_alloc(s, sizeof *out);

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->name = load_name(s, at, "name", PATTERN_IDENTIFIER);
    out->section = load_section(s, at, NULL, out->name);
    out->means = load_means(s, at);
    out->type = load_type(s, at, out->name, load_needed_text(s, at, "type"));
    load_needed_text(s, at, "expr");
    out->value = load_formula(s, at, "expr");
    *PUSH(s, s->derived) = out;
}

static void load_helper(spec *s, place at)
{
    static const char *const keys[] = {"name", "args", "returns", "section", "title", "means", "note", NULL};
    helper_def *out = spec_alloc(s, sizeof *out);
    place args = child_of(at, "args"), arg;
    const char *text;
    size_t i;

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->name = load_name(s, at, "name", PATTERN_IDENTIFIER);
    out->section = load_section(s, at, NULL, out->name);
    out->means = load_means(s, at);
    out->returns = load_type(s, at, out->name, load_needed_text(s, at, "returns"));
    for (i = 0; load_list(s, args) && i < args.node->child_count; i++) {
        arg = load_element(args, i);
        text = json_string_value(arg.node->value);
        *PUSH(s, out->args) = load_type(s, arg, out->name, text ? text : "");
    }
    *PUSH(s, s->helpers) = out;
}

/* ---- Rules, choices, errata ------------------------------------------------------------------------ */

static const char *load_kind(spec *s, place at, const char *item, const char *const *allowed)
{
    const char *kind = load_needed_text(s, at, "kind");
    size_t i;

    for (i = 0; allowed[i]; i++)
        if (strcmp(kind, allowed[i]) == 0)
            return kind;
    if (*kind)
        spec_error(s, child_of(at, "kind"), item, "unknown kind \"%s\"", kind);
    return kind;
}

static void load_rule(spec *s, place at)
{
    static const char *const keys[] = {"id",      "section",    "kind",  "subject", "when",
                                       "outcome", "order",      "title", "note",    "choice",
                                       "erratum", "unmodelled", NULL};
    static const char *const kinds[] = {"required", "impdef", "unpredictable", NULL};
    rule_def *out = spec_alloc(s, sizeof *out);

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->id = load_name(s, at, "id", PATTERN_RULE);
    out->section = load_section(s, at, NULL, out->id);
    out->kind = load_kind(s, at, out->id, kinds);
    out->subject = load_needed_text(s, at, "subject");
    out->title = load_needed_text(s, at, "title");
    out->outcome = load_text(s, at, "outcome");
    out->note = load_text(s, at, "note");
    out->choice = load_text(s, at, "choice");
    out->erratum = load_text(s, at, "erratum");
    out->unmodelled = load_text(s, at, "unmodelled");
    out->when = load_formula(s, at, "when");
    out->ordered = smref_jget(at.node, "order") != NULL;
    out->order = load_number(s, at, "order", 1000000, 0);
    *PUSH(s, s->rules) = out;
}

static void load_option(spec *s, choice_def *choice, place at)
{
    static const char *const keys[] = {"name", "means", "note", "since", "until", NULL};
    option_def *out;

    if (!load_keys(s, at, keys))
        return;
    out = PUSH(s, choice->options);
    out->at = at;
    out->name = load_name(s, at, "name", PATTERN_WORD);
    out->means = load_means(s, at);
    out->versions = load_versions(s, at, choice->id);
}

static void load_choice(spec *s, place at)
{
    static const char *const keys[] = {"id", "section", "kind", "title", "options", "default", "note", NULL};
    static const char *const kinds[] = {"unpredictable", "impdef", NULL};
    choice_def *out = spec_alloc(s, sizeof *out);
    place options = child_of(at, "options");
    size_t i;

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->id = load_name(s, at, "id", PATTERN_RULE);
    out->section = load_section(s, at, NULL, out->id);
    out->kind = load_kind(s, at, out->id, kinds);
    out->title = load_needed_text(s, at, "title");
    out->default_name = load_needed_text(s, at, "default");
    for (i = 0; load_list(s, options) && i < options.node->child_count; i++)
        load_option(s, out, load_element(options, i));
    *PUSH(s, s->choices) = out;
}

static void load_erratum(spec *s, place at)
{
    static const char *const keys[] = {"id", "section", "title", "taken", "reason", "note", NULL};
    erratum_def *out = spec_alloc(s, sizeof *out);

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->id = load_name(s, at, "id", PATTERN_RULE);
    out->section = load_section(s, at, NULL, out->id);
    out->title = load_needed_text(s, at, "title");
    out->taken = load_needed_text(s, at, "taken");
    out->reason = load_text(s, at, "reason");
    *PUSH(s, s->errata) = out;
}

static void load_unmodelled(spec *s, place at)
{
    static const char *const keys[] = {"id", "section", "when", "text", "affects", "note", NULL};
    unmodelled_def *out = spec_alloc(s, sizeof *out);
    const char *affects;

    if (!load_keys(s, at, keys))
        return;
    out->at = at;
    out->id = load_name(s, at, "id", PATTERN_RULE);
    out->text = load_needed_text(s, at, "text");
    load_needed_text(s, at, "when");
    out->when = load_formula(s, at, "when");
    affects = load_text(s, at, "affects");
    out->affects_lookup = affects && strcmp(affects, "lookup") == 0;
    if (affects && !out->affects_lookup)
        spec_error(s, child_of(at, "affects"), out->id, "\"affects\" can only be \"lookup\"");
    *PUSH(s, s->unmodelled) = out;
}

/* ---- Layouts --------------------------------------------------------------------------------------- */

static void load_layout(spec *s, place at, layout_kind kind)
{
    static const char *const keys[] = {"name", "title", "section", "bytes",  "fields",   "include", "mixin",
                                       "note", "since", "until",   "opcode", "alias_of", "number",  NULL};
    layout *out = spec_alloc(s, sizeof *out);
    const char *number = kind == LAYOUT_COMMAND ? "opcode" : "number";
    uint64_t bytes;

    if (!load_keys(s, at, keys) || load_flag(s, at, "mixin"))
        return;
    out->kind = kind;
    out->c.at = at;
    out->c.name = out->c.c_name = load_name(s, at, "name", PATTERN_IDENTIFIER);
    out->c.title = load_needed_text(s, at, "title");
    out->c.section = load_section(s, at, NULL, out->c.name);
    out->c.note = load_text(s, at, "note");
    out->c.versions = load_versions(s, at, out->c.name);
    out->alias_of = load_text(s, at, "alias_of");
    bytes = load_number(s, at, "bytes", 65536, kind == LAYOUT_COMMAND ? 16 : kind == LAYOUT_EVENT ? 32 : 0);
    if (bytes == 0 || (bytes % 8 != 0 && bytes != 4)) {
        spec_error(s, at, out->c.name, "\"bytes\" must be 4 or a multiple of 8");
        return;
    }
    if (kind == LAYOUT_COMMAND || kind == LAYOUT_EVENT) {
        if (bytes != (kind == LAYOUT_COMMAND ? 16 : 32))
            spec_error(s, at, out->c.name, "a command has 16 bytes, an event record 32");
        if (!smref_jget(at.node, number))
            spec_error(s, at, out->c.name, "\"%s\" is missing", number);
        out->number = (unsigned)load_number(s, at, number, 255, 0);
    }
    out->c.bits = (unsigned)bytes * 8;
    load_items(s, &out->c, child_of(at, "fields"), child_of(at, "include"), layout_section_name(kind), NULL);
    *PUSH(s, s->layouts) = out;
}

static void load_mixin(spec *s, place at, const char *section)
{
    static const char *const keys[] = {"name", "mixin", "fields", "section", "title", "note", NULL};
    mixin *out;

    if (!json_is_object(at.node->value) || !load_flag(s, at, "mixin") || !load_keys(s, at, keys))
        return;
    out = PUSH(s, s->mixins);
    out->at = at;
    out->section = section;
    out->name = load_name(s, at, "name", PATTERN_IDENTIFIER);
    out->fields = child_of(at, "fields");
}

static void load_structure(spec *s, place at)
{
    load_layout(s, at, LAYOUT_STRUCTURE);
}

static void load_descriptor(spec *s, place at)
{
    load_layout(s, at, LAYOUT_DESCRIPTOR);
}

static void load_command(spec *s, place at)
{
    load_layout(s, at, LAYOUT_COMMAND);
}

static void load_event(spec *s, place at)
{
    load_layout(s, at, LAYOUT_EVENT);
}

/* ---- The whole ------------------------------------------------------------------------------------- */

static void load_everywhere(spec *s, const char *section, void (*load)(spec *s, place at))
{
    place root, list;
    size_t d, i;

    for (d = 0; d < s->doc_count; d++) {
        root = (place){&s->docs[d], &s->docs[d].root};
        list = child_of(root, section);
        for (i = 0; load_list(s, list) && i < list.node->child_count; i++)
            load(s, load_element(list, i));
    }
}

static void load_mixins(spec *s, const char *section)
{
    place root, list;
    size_t d, i;

    for (d = 0; d < s->doc_count; d++) {
        root = (place){&s->docs[d], &s->docs[d].root};
        list = child_of(root, section);
        for (i = 0; load_list(s, list) && i < list.node->child_count; i++)
            load_mixin(s, load_element(list, i), section);
    }
}

static bool load_head(spec *s, place root)
{
    static const char *const keys[] = {"format",      "version",   "description", "note",     "structures",
                                       "descriptors", "registers", "blocks",      "commands", "events",
                                       "enums",       "context",   "derived",     "helpers",  "rules",
                                       "choices",     "errata",    "unmodelled",  NULL};
    smref_jerror error = {{0}};
    const char *format, *version;

    if (!load_keys(s, root, keys))
        return false;
    format = load_needed_text(s, root, "format");
    version = load_needed_text(s, root, "version");
    if (strcmp(format, "smref-spec") != 0)
        smref_jfail(root.doc, child_of(root, "format").node, &error, "must be \"smref-spec\"");
    else if (strcmp(version, "1.0") != 0)
        smref_jfail(root.doc, child_of(root, "version").node, &error, "this generator reads version \"1.0\"");
    spec_take_error(s, &error);
    return !error.text[0];
}

void load_spec(spec *s)
{
    static const layout_kind kinds[] = {LAYOUT_STRUCTURE, LAYOUT_DESCRIPTOR, LAYOUT_COMMAND, LAYOUT_EVENT};
    size_t i;

    for (i = 0; i < s->doc_count; i++)
        if (!load_head(s, (place){&s->docs[i], &s->docs[i].root}))
            return;
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        load_mixins(s, layout_section_name(kinds[i]));
    load_mixins(s, "registers");
    load_everywhere(s, "enums", load_enum);
    load_everywhere(s, "context", load_context);
    load_everywhere(s, "helpers", load_helper);
    load_everywhere(s, "derived", load_derived);
    load_everywhere(s, "structures", load_structure);
    load_everywhere(s, "descriptors", load_descriptor);
    load_everywhere(s, "commands", load_command);
    load_everywhere(s, "events", load_event);
    load_everywhere(s, "blocks", load_block);
    load_everywhere(s, "registers", load_register);
    load_everywhere(s, "choices", load_choice);
    load_everywhere(s, "rules", load_rule);
    load_everywhere(s, "errata", load_erratum);
    load_everywhere(s, "unmodelled", load_unmodelled);
    sort_spec(s);
}
