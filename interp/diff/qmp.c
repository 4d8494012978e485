/* The QEMU Machine Protocol. */
#include "qmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

struct smref_qmp {
    smref_lines *lines;
    char *socket;
    unsigned timeout_ms;
    json_int_t last; /* number of the last command */
    bool lost;
    char version[48];
};

smref_lines *smref_qmp_lines(smref_qmp *qmp)
{
    return qmp->lines;
}

const char *smref_qmp_version(const smref_qmp *qmp)
{
    return qmp->version;
}

bool smref_qmp_lost(const smref_qmp *qmp)
{
    return qmp->lost;
}

static json_t *strange(smref_qmp *qmp, const char *line, smref_jerror *error)
{
    const smref_jdoc place = {.file = qmp->socket};
    char begin[64];

    qmp->lost = true;
    smref_lines_excerpt(line, begin, sizeof begin);
    if (strncmp(begin, "QEMU ", 5) == 0)
        smref_jfail(&place, NULL, error, "this is the human monitor; the socket of -qmp is needed");
    else
        smref_jfail(&place, NULL, error, "no QMP: it said \"%s\"", begin);
    return NULL;
}

/* The next object; NULL: the connection is lost. */
static json_t *next_object(smref_qmp *qmp, smref_jerror *error)
{
    size_t size;
    const char *line;
    json_t *object;

    do
        line = smref_lines_next(qmp->lines, &size, error);
    while (line && size == 0);
    if (!line) {
        qmp->lost = true;
        return NULL;
    }
    object = json_loadb(line, size, 0, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return strange(qmp, line, error);
}

/* ---- Commands -------------------------------------------------------------------------------------- */

static bool send_command(smref_qmp *qmp, const char *command, json_t *arguments, smref_jerror *error)
{
    json_t *object = json_pack("{s:s,s:I}", "execute", command, "id", ++qmp->last);
    char *text;
    bool good = false;

    if (arguments)
        json_object_set_new(object, "arguments", arguments);
    text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text) {
        size_t size = strlen(text);
        text[size] = '\n'; /* in the place of the NUL */
        good = smref_lines_send(qmp->lines, text, size + 1, error);
    }
    free(text);
    qmp->lost |= !good;
    return good;
}

static json_t *refused(const smref_qmp *qmp, const char *command, const json_t *object, smref_jerror *error)
{
    const smref_jdoc place = {.file = qmp->socket};
    const char *desc = json_string_value(json_object_get(object, "desc"));
    char why[160];

    smref_lines_excerpt(desc ? desc : "refused", why, sizeof why);
    smref_jfail(&place, NULL, error, "%s: %s", command, why);
    return NULL;
}

enum answer_kind { ANSWER_OTHER, ANSWER_GOOD, ANSWER_REFUSED, ANSWER_STRANGE };

/* Errors of the protocol itself have no number. */
static enum answer_kind kind_of(const smref_qmp *qmp, const json_t *answer)
{
    const json_t *id = json_object_get(answer, "id");
    bool refusal = json_object_get(answer, "error") != NULL;

    if (json_object_get(answer, "event") || (json_is_integer(id) && json_integer_value(id) != qmp->last))
        return ANSWER_OTHER;
    if (!json_is_integer(id) && (id || !refusal))
        return ANSWER_STRANGE;
    if (json_object_get(answer, "return"))
        return ANSWER_GOOD;
    return refusal ? ANSWER_REFUSED : ANSWER_STRANGE;
}

json_t *smref_qmp_run(smref_qmp *qmp, const char *command, json_t *arguments, smref_jerror *error)
{
    enum answer_kind kind = ANSWER_OTHER;
    json_t *answer, *value = NULL;

    smref_lines_allow(qmp->lines, qmp->timeout_ms);
    if (!send_command(qmp, command, arguments, error))
        return NULL;
    while (kind == ANSWER_OTHER && (answer = next_object(qmp, error)) != NULL) {
        kind = kind_of(qmp, answer);
        if (kind == ANSWER_GOOD)
            value = json_incref(json_object_get(answer, "return"));
        else if (kind == ANSWER_REFUSED)
            refused(qmp, command, json_object_get(answer, "error"), error);
        else if (kind == ANSWER_STRANGE)
            strange(qmp, "an object that is no answer", error);
        json_decref(answer);
    }
    return value;
}

char *smref_qmp_monitor(smref_qmp *qmp, const char *command, smref_jerror *error)
{
    json_t *value =
        smref_qmp_run(qmp, "human-monitor-command", json_pack("{s:s}", "command-line", command), error);
    const smref_jdoc place = {.file = qmp->socket};
    char *text = NULL;

    if (json_is_string(value)) {
        text = smref_copy_text(json_string_value(value));
    } else if (value) {
        qmp->lost = true;
        smref_jfail(&place, NULL, error, "human-monitor-command: no text came");
    }
    json_decref(value);
    return text;
}

/* ---- Opening --------------------------------------------------------------------------------------- */

static bool greeted(smref_qmp *qmp, smref_jerror *error)
{
    const smref_jdoc place = {.file = qmp->socket};
    smref_jerror why = {""};
    json_t *greeting = next_object(qmp, &why);
    int major, minor, micro;

    if (!greeting && smref_lines_late(qmp->lines))
        return smref_jfail(&place, NULL, error,
                           "no greeting; a QMP socket serves one client at a time: is there another?");
    if (!greeting) {
        *error = why;
        return false;
    }
    if (!json_is_object(json_object_get(greeting, "QMP"))) {
        strange(qmp, "an object that is no greeting", error);
        json_decref(greeting);
        return false;
    }
    if (json_unpack(greeting, "{s:{s:{s:{s:i,s:i,s:i}}}}", "QMP", "version", "qemu", "major", &major, "minor",
                    &minor, "micro", &micro) == 0)
        snprintf(qmp->version, sizeof qmp->version, "%d.%d.%d", major, minor, micro);
    json_decref(greeting);
    return true;
}

smref_qmp *smref_qmp_open(const char *socket, unsigned timeout_ms, smref_jerror *error)
{
    smref_qmp *qmp = smref_alloc(1, sizeof *qmp);
    json_t *nothing = NULL;

    qmp->socket = smref_copy_text(socket);
    qmp->timeout_ms = timeout_ms;
    snprintf(qmp->version, sizeof qmp->version, "?");
    qmp->lines = smref_lines_open(socket, timeout_ms, error);
    if (qmp->lines && greeted(qmp, error))
        nothing = smref_qmp_run(qmp, "qmp_capabilities", NULL, error);
    json_decref(nothing);
    if (nothing)
        return qmp;
    smref_qmp_close(qmp);
    return NULL;
}

void smref_qmp_close(smref_qmp *qmp)
{
    if (!qmp)
        return;
    smref_lines_close(qmp->lines);
    free(qmp->socket);
    free(qmp);
}
