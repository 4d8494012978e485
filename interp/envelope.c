/* What every file of smref starts with: `format` and `version`; and plain texts. */
#include "envelope.h"

#include <string.h>

/* "1.0": digits, a dot, digits. */
static bool is_version(const char *text)
{
    size_t major = strspn(text, "0123456789"), minor;

    if (major == 0 || text[major] != '.')
        return false;
    minor = strspn(text + major + 1, "0123456789");
    return minor > 0 && text[major + 1 + minor] == '\0';
}

bool smref_read_format(const smref_jdoc *doc, const smref_jnode *object, const char *wanted, bool optional,
                       smref_jerror *error)
{
    const smref_jnode *format = smref_jget(object, "format"), *version = smref_jget(object, "version");
    const char *text;

    if (!format && !version && optional)
        return true;
    if (!format || !version) {
        return smref_jfail(doc, object, error,
                           "no \"%s\"; a file starts with \"format\": \"%s\", \"version\": \"1.0\"",
                           format ? "version" : "format", wanted);
    }
    if (!smref_jstring(doc, format, &text, error))
        return false;
    if (strcmp(text, wanted) != 0)
        return smref_jfail(doc, format, error, "\"%.40s\" where \"%s\" is expected", text, wanted);
    if (!smref_jstring(doc, version, &text, error))
        return false;
    if (!is_version(text))
        return smref_jfail(doc, version, error, "\"%.40s\" is no version; write \"1.0\"", text);
    if (strncmp(text, "1.", 2) != 0) {
        return smref_jfail(doc, version, error, "version %.20s of %s is unknown; this program reads 1.0",
                           text, wanted);
    }
    return true;
}

bool smref_read_text(const smref_jdoc *doc, const smref_jnode *object, const char *key, const char **out,
                     smref_jerror *error)
{
    const smref_jnode *node = smref_jget(object, key);
    const char *text = NULL;

    if (node && !smref_jstring(doc, node, &text, error))
        return false;
    if (out)
        *out = text;
    return true;
}
