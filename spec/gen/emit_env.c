/* smref_env.h: what a compiled expression sees. */
#include "specgen.h"

#include <string.h>

static void emit_members(const spec *s, text_buffer *t)
{
    const context_def *c;
    size_t i;

    text_add(t, "typedef struct smref_env {\n"
                "    const uint64_t *reg;   /* values of registers, by smref_register */\n"
                "    const uint8_t *choice; /* options taken, by smref_choice */\n"
                "    uint64_t *choices_met; /* bit n is set when choice n is consulted; may be NULL */\n"
                "    unsigned arch;         /* 0x30 .. 0x34 */\n"
                "    unsigned bank;         /* smref_sec_sid of the bank that $B means */\n"
                "    const uint64_t *self;  /* the descriptor, command or event record at hand */\n");
    for (i = 0; i < s->layouts.count; i++)
        if (s->layouts.at[i]->kind == LAYOUT_STRUCTURE)
            text_add(t, "    const uint64_t *%s;\n", s->layouts.at[i]->c.name);
    for (i = 0; i < s->context.count; i++) {
        c = s->context.at[i];
        text_add(t, "    uint64_t ctx_%s; /* ", c->name);
        text_add(t, c->type.base == TYPE_ENUM ? "%s: " : "",
                 c->type.base == TYPE_ENUM ? c->type.of->name : "");
        text_comment(t, c->means);
        text_add(t, " */\n");
    }
    text_add(t, "} smref_env;\n\n");
}

/* What C leaves undefined, expressions define. */
static const char functions[] =
    "/* The option taken at a choice, which has thereby been met. */\n"
    "static inline unsigned smref_env_choice(const smref_env *e, smref_choice choice)\n"
    "{\n"
    "    if (e->choices_met) {\n"
    "        e->choices_met[(unsigned)choice / 64] |= UINT64_C(1) << (unsigned)choice % 64;\n"
    "    }\n"
    "    return e->choice[choice];\n"
    "}\n"
    "\n"
    "/* An element number, 0 when the array has no such element. */\n"
    "static inline unsigned smref_env_element(uint64_t index, unsigned count)\n"
    "{\n"
    "    return index < count ? (unsigned)index : 0;\n"
    "}\n"
    "\n"
    "static inline uint64_t smref_env_min(uint64_t a, uint64_t b)\n"
    "{\n"
    "    return a < b ? a : b;\n"
    "}\n"
    "\n"
    "static inline uint64_t smref_env_max(uint64_t a, uint64_t b)\n"
    "{\n"
    "    return a > b ? a : b;\n"
    "}\n"
    "\n"
    "/* Shifts by 64 or more leave nothing; divisions by 0 give 0. */\n"
    "static inline uint64_t smref_env_shl(uint64_t a, uint64_t b)\n"
    "{\n"
    "    return b < 64 ? a << b : 0;\n"
    "}\n"
    "\n"
    "static inline uint64_t smref_env_shr(uint64_t a, uint64_t b)\n"
    "{\n"
    "    return b < 64 ? a >> b : 0;\n"
    "}\n"
    "\n"
    "static inline uint64_t smref_env_div(uint64_t a, uint64_t b)\n"
    "{\n"
    "    return b ? a / b : 0;\n"
    "}\n"
    "\n"
    "static inline uint64_t smref_env_mod(uint64_t a, uint64_t b)\n"
    "{\n"
    "    return b ? a % b : 0;\n"
    "}\n";

void emit_env(const spec *s, text_buffer *t)
{
    text_head(
        s, t,
        "What the conditions of the data are evaluated in. A pointer that no condition at hand uses may be "
        "NULL.");
    text_add(t, "#ifndef SMREF_ENV_H\n#define SMREF_ENV_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
                "#include \"smref_names.h\"\n\n");
    emit_members(s, t);
    text_add(t, "%s\n#endif\n", functions);
}
