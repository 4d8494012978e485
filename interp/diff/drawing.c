/* A walk, drawn by graphviz when it is there. */
#define _XOPEN_SOURCE 700

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "dot.h"
#include "replay.h"

/* What dot makes of a file; NULL when it is not there. The caller frees. */
static char *draw(const char *graph)
{
    char command[120], *svg = NULL, buffer[4096];
    size_t size = 0, got;
    FILE *from, *to;

    snprintf(command, sizeof command, "exec dot -Tsvg %s 2>/dev/null", graph);
    from = popen(command, "r");
    to = from ? open_memstream(&svg, &size) : NULL;
    while (to && (got = fread(buffer, 1, sizeof buffer, from)) > 0)
        fwrite(buffer, 1, got, to);
    if (to)
        fclose(to);
    if (from && pclose(from) == 0)
        return svg;
    free(svg);
    return NULL;
}

/* Without what stands before the picture, and without the ids, which other pictures on the page have too. */
static void put_svg(FILE *to, const char *svg)
{
    static const char id[] = " id=\"";

    for (const char *at = strstr(svg, "<svg"); at && *at;) {
        const char *next = strstr(at, id), *end = next ? strchr(next + sizeof id - 1, '"') : NULL;
        if (!end) {
            fputs(at, to);
            return;
        }
        fwrite(at, 1, (size_t)(next - at), to);
        at = end + 1;
    }
}

bool smref_put_drawing(FILE *to, size_t step, const smref_explanation *e, const smref_stimulus *stimulus,
                       const smref_step_result *result)
{
    char path[] = P_tmpdir "/smref-walk-XXXXXX", *svg;
    int file = stimulus->op == SMREF_OP_ACCESS ? mkstemp(path) : -1;
    FILE *graph = file >= 0 ? fdopen(file, "w") : NULL;

    if (!graph)
        return false;
    smref_print_dot(graph, step, e, stimulus, result);
    fclose(graph);
    svg = draw(path);
    unlink(path);
    if (svg)
        put_svg(to, svg);
    free(svg);
    return svg != NULL;
}
