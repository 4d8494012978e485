/* Text for people that fits the terminal. */
#define _DEFAULT_SOURCE

#include "page.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "column.h"
#include "command.h"

enum { WIDEST = 100, NARROWEST = 60, PIPED = 96 };

unsigned smref_page_width(void)
{
    const char *exported = getenv("COLUMNS");
    uint64_t columns;
    struct winsize size;

    if (!exported || !smref_parse_number(exported, UINT16_MAX, &columns))
        columns = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
    if (columns == 0)
        return PIPED;
    return columns > WIDEST ? WIDEST : columns < NARROWEST ? NARROWEST : (unsigned)columns;
}

void smref_page_words(FILE *to, unsigned column, unsigned indent, const char *words)
{
    smref_column line = {.to = to, .hang = indent, .margin = smref_page_width(), .at = column, .fresh = true};

    smref_column_say(&line, words);
    smref_column_end(&line);
}

void smref_page_print(FILE *to, unsigned column, unsigned indent, const char *format, ...)
{
    char text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    smref_page_words(to, column, indent, text);
}

unsigned smref_page_tab(FILE *to, unsigned from, unsigned column)
{
    if (from >= column && from > 0) {
        fprintf(to, "\n%*s", (int)column, "");
        return column;
    }
    fprintf(to, "%*s", (int)(column - from), "");
    return column;
}
