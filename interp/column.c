/* Text that is broken at words when it reaches the right margin. */
#include "column.h"

#include <stdarg.h>
#include <string.h>

static void start_line(smref_column *column, unsigned indent)
{
    fprintf(column->to, "%*s", (int)indent, "");
    column->at = indent;
    column->fresh = true;
}

smref_column smref_column_begin(FILE *to, unsigned indent, unsigned hang)
{
    smref_column column = {.to = to, .hang = hang, .margin = SMREF_MARGIN};

    start_line(&column, indent);
    return column;
}

static void put(smref_column *column, const char *text, size_t length)
{
    if (!column->fresh && column->at + 1 + length > column->margin) {
        putc('\n', column->to);
        start_line(column, column->hang);
    }
    if (!column->fresh) {
        putc(' ', column->to);
        column->at++;
    }
    fwrite(text, 1, length, column->to);
    column->at += (unsigned)length;
    column->fresh = false;
}

void smref_column_say(smref_column *column, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, " ");
        if (length)
            put(column, text, length);
        text += length + strspn(text + length, " ");
    }
}

void smref_column_keep(smref_column *column, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(column, text, strlen(text));
}

void smref_column_tab(smref_column *column, unsigned at)
{
    if (column->at < at) {
        fprintf(column->to, "%*s", (int)(at - column->at), "");
        column->at = at;
        column->fresh = true;
    }
}

void smref_column_end(smref_column *column)
{
    putc('\n', column->to);
}
