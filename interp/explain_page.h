/* What the files that write the lines of an explanation share. */
#ifndef SMREF_EXPLAIN_PAGE_H
#define SMREF_EXPLAIN_PAGE_H

#include <stdarg.h>

#include "explain_lines.h"

enum { CHAPTER = 2, LINE = 4, NESTED = 8, DETAIL = 4, ADDRESS = 22, MEANING = 46 };

struct page {
    smref_sink *sink;
    const smref_explanation *e;
    const smref_access *access;
    const char *chapter; /* told last */
    bool nested;
    unsigned indent;
    bool s2_told;            /* the geometry of stage 2, which is the same each time */
    const smref_step *attrs; /* told last */
};

/* A line at `in` characters from the step's own indentation. */
static inline void begin(struct page *p, smref_line_kind kind, unsigned in, unsigned hang)
{
    p->sink->begin(p->sink, kind, p->nested, p->indent + in, p->indent + hang);
}

static inline void end(struct page *p)
{
    p->sink->end(p->sink);
}

static inline void say(struct page *p, const char *words)
{
    p->sink->say(p->sink, words);
}

static inline void keep(struct page *p, const char *format, ...)
{
    char text[SMREF_PHRASE_ROOM + 64];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    p->sink->keep(p->sink, text);
}

static inline void tab(struct page *p, unsigned column)
{
    p->sink->tab(p->sink, p->indent + column);
}

/* explain_register_lines.c: the steps REACH, FIELD and CHANGE, and what an access to a register ends in. */
void smref_reach_lines(struct page *p, size_t index);
void smref_look_lines(struct page *p, size_t index);
void smref_change_line(struct page *p, size_t index);
/* MSIs, wired interrupts and events, of any access. */
void smref_effect_lines(struct page *p, const smref_result *result);
void smref_mmio_lines(struct page *p, const smref_stimulus *stimulus, const smref_result *result);

#endif
