/* Short phrases that every form of an explanation uses. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"
#include "run_text.h"
#include "vocabulary.h"

const char *smref_say_phase(smref_phase phase)
{
    static const char *const names[] = {
        [SMREF_PHASE_CONTROL] = "Control",     [SMREF_PHASE_STREAM] = "Stream table",
        [SMREF_PHASE_INPUT] = "Attributes in", [SMREF_PHASE_CONTEXT] = "Context descriptor",
        [SMREF_PHASE_STAGE1] = "Stage 1",      [SMREF_PHASE_STAGE2] = "Stage 2",
        [SMREF_PHASE_OUTPUT] = "Outcome",      [SMREF_PHASE_FAULT] = "Outcome",
        [SMREF_PHASE_REGISTER] = "Register",   [SMREF_PHASE_PROTOCOL] = "Protocol",
        [SMREF_PHASE_COMMANDS] = "Commands",   [SMREF_PHASE_AFTER] = "Outcome"};

    return names[phase];
}

const char *smref_say_space(smref_pas pas)
{
    static const char *const names[] = {"", "secure:", "realm:", "root:"};

    return names[pas];
}

const char *smref_say_mecid(unsigned mecid, char *room)
{
    if (!mecid)
        return "";
    snprintf(room, SMREF_PHRASE_ROOM, ", MECID 0x%x", mecid);
    return room;
}

const char *smref_say_walk(const smref_step *step, char out[SMREF_PHRASE_ROOM])
{
    static const char *const formats[] = {"VMSAv8-32", "VMSAv8-64", "VMSAv9-128"};
    const smref_walk_info *w = step->walk;
    char base[8] = "S2TTB", size[24];

    if (step->stage == 1)
        snprintf(base, sizeof base, "TTB%u", (unsigned)w->half & 1);
    smref_spell_size(UINT64_C(1) << (w->granule_bits & 63), size);
    snprintf(out, SMREF_PHRASE_ROOM,
             "%s, %s granule, %s 0x%" PRIx64 ", %u-bit input, %u-bit output, from level %d%s%s%s",
             formats[w->format % 3], size, base, w->base, w->input_bits, w->output_bits, w->start_level,
             w->ds ? ", DS" : "", w->concatenated ? ", concatenated tables" : "",
             w->big_endian ? ", big-endian" : "");
    return out;
}

const char *smref_say_attrs(const smref_attrs *attrs, char out[SMREF_PHRASE_ROOM])
{
    char inner[SMREF_CACHE_ROOM], outer[SMREF_CACHE_ROOM];

    if (attrs->type != SMREF_MT_NORMAL) {
        snprintf(out, SMREF_PHRASE_ROOM, "%s %s", smref_spell_type(attrs->type), smref_spell_sh(attrs->sh));
        return out;
    }
    smref_spell_cache(&attrs->inner, inner);
    smref_spell_cache(&attrs->outer, outer);
    snprintf(out, SMREF_PHRASE_ROOM, "normal %s%s%s %s", inner, strcmp(inner, outer) ? "/" : "",
             strcmp(inner, outer) ? outer : "", smref_spell_sh(attrs->sh));
    return out;
}

const char *smref_say_grants(unsigned grants, char out[SMREF_PHRASE_ROOM])
{
    snprintf(out, SMREF_PHRASE_ROOM, "privileged %c%c%c, unprivileged %c%c%c",
             grants & SMREF_GRANT_PR ? 'r' : '-', grants & SMREF_GRANT_PW ? 'w' : '-',
             grants & SMREF_GRANT_PX ? 'x' : '-', grants & SMREF_GRANT_UR ? 'r' : '-',
             grants & SMREF_GRANT_UW ? 'w' : '-', grants & SMREF_GRANT_UX ? 'x' : '-');
    return out;
}

/* "[29:21]", or nothing when the index holds all there is. */
static void say_bits(const smref_step *step, const smref_walk_info *walk, char out[16])
{
    unsigned top = step->shift + walk->stride;

    if (step->level == walk->start_level || top > walk->input_bits)
        top = walk->input_bits;
    if (top > step->shift)
        snprintf(out, 16, "[%u:%u]", top - 1, step->shift);
    else
        out[0] = '\0';
}

/* "StreamID[31:8]": the part of the identifier that the index of a structure is. */
static void say_identifier(const smref_explanation *e, const smref_step *step, char out[32])
{
    bool stream = step->layout == SMREF_LAYOUT_L1STD || step->layout == SMREF_LAYOUT_STE;
    bool first = step->layout == SMREF_LAYOUT_L1STD || step->layout == SMREF_LAYOUT_L1CD;
    const char *name = stream ? "StreamID" : "SubstreamID";
    unsigned split = 0;

    for (size_t i = 0; !first && &e->list[i].step != step; i++)
        if (e->list[i].step.layout == (stream ? SMREF_LAYOUT_L1STD : SMREF_LAYOUT_L1CD) &&
            e->list[i].step.kind == SMREF_STEP_READ)
            split = e->list[i].step.shift;
    if (first)
        snprintf(out, 32, "%s[%u:%u]", name, stream ? 31U : 19U, step->shift);
    else if (split)
        snprintf(out, 32, "%s[%u:0]", name, split - 1);
    else
        out[0] = '\0';
}

const char *smref_say_entry(const smref_explanation *e, size_t index, char out[SMREF_PHRASE_ROOM])
{
    const smref_step *step = &e->list[index].step;
    const smref_layout_info *layout = smref_layout_at((unsigned)step->layout);
    const smref_walk_info *walk = smref_step_walk(e, index);
    char bits[32];

    if (layout->kind == SMREF_LAYOUT_KIND_DESCRIPTOR && walk) {
        say_bits(step, walk, bits);
        snprintf(out, SMREF_PHRASE_ROOM, "L%d [0x%03" PRIx64 "] %s%s", step->level, step->index,
                 step->stage == 1 ? "VA" : "IPA", bits);
    } else if (layout->kind == SMREF_LAYOUT_KIND_EVENT) {
        snprintf(out, SMREF_PHRASE_ROOM, "event record");
    } else if (smref_step_nameless(step)) {
        snprintf(out, SMREF_PHRASE_ROOM, "command [0x%" PRIx64 "]", step->index);
    } else {
        say_identifier(e, step, bits);
        snprintf(out, SMREF_PHRASE_ROOM, "%s [0x%" PRIx64 "]%s%s", layout->name, step->index,
                 *bits ? " " : "", bits);
    }
    return out;
}
