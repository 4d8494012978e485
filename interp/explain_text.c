/* An explanation as text. */
#include "explain_lines.h"

struct text_sink {
    smref_sink sink;
    FILE *to;
    smref_column column;
};

static struct text_sink *own(smref_sink *sink)
{
    return (struct text_sink *)sink;
}

static void begin(smref_sink *sink, smref_line_kind kind, bool nested, unsigned indent, unsigned hang)
{
    (void)kind;
    (void)nested;
    own(sink)->column = smref_column_begin(own(sink)->to, indent, hang);
}

static void say(smref_sink *sink, const char *words)
{
    smref_column_say(&own(sink)->column, words);
}

static void keep(smref_sink *sink, const char *text)
{
    smref_column_keep(&own(sink)->column, "%s", text);
}

static void tab(smref_sink *sink, unsigned column)
{
    smref_column_tab(&own(sink)->column, column);
}

static void end(smref_sink *sink)
{
    smref_column_end(&own(sink)->column);
}

void smref_print_explanation(FILE *to, const smref_explanation *e, const smref_stimulus *stimulus,
                             const smref_step_result *result)
{
    struct text_sink text = {.sink = {begin, say, keep, tab, end}, .to = to};

    smref_explain_lines(&text.sink, e, stimulus, result);
    fprintf(to, "\n");
}
