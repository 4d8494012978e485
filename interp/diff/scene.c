/* Scenes: adding parts, and making a case of them. */
#include "scene.h"

#include <string.h>

#include "smref_layout.h"

smref_part *smref_scene_add(smref_scene *scene, smref_part_kind kind)
{
    smref_part *part = &scene->parts[scene->count];

    if (scene->count == SMREF_SCENE_PARTS) {
        scene->full = true;
        part = &scene->spare;
    } else {
        scene->count++;
    }
    part->kind = (uint8_t)kind;
    part->what = 0; /* of an access */
    part->pas = scene->space;
    part->swapped = false;
    return part;
}

smref_part *smref_scene_structure(smref_scene *scene, smref_layout layout, uint64_t at)
{
    smref_part *part = smref_scene_add(scene, SMREF_PART_MEMORY);

    part->what = (uint16_t)layout;
    part->count = (uint8_t)(smref_layout_at(layout)->bytes / 8);
    part->at = at;
    memset(part->words, 0, sizeof part->words);
    return part;
}

void smref_scene_write(smref_scene *scene, const smref_abilities *a, smref_bank_register reg, uint64_t value)
{
    smref_part *part;

    if (a->registers[reg][scene->bank] == SMREF_REG_COUNT)
        return;
    part = smref_scene_add(scene, SMREF_PART_WRITE);
    part->what = (uint16_t)a->registers[reg][scene->bank];
    part->words[0] = value;
}

void smref_scene_read(smref_scene *scene, const smref_abilities *a, smref_bank_register reg)
{
    smref_part *part;

    if (a->registers[reg][scene->bank] == SMREF_REG_COUNT)
        return;
    part = smref_scene_add(scene, SMREF_PART_READ);
    part->what = (uint16_t)a->registers[reg][scene->bank];
}

smref_part *smref_scene_command(smref_scene *scene, smref_layout layout, unsigned index)
{
    uint64_t slot = index & ((1U << scene->cmdq_log2size) - 1);
    smref_part *part = smref_scene_structure(scene, layout, scene->base + SMREF_AT_COMMANDS + 16 * slot);

    smref_CMD_SYNC_set_OPCODE(part->words, smref_layout_at(layout)->number);
    return part;
}

void smref_scene_load(smref_scene *scene, uint64_t at, size_t size)
{
    while (size) {
        size_t now = size < SMREF_CASE_LOAD ? size : SMREF_CASE_LOAD;
        smref_part *part = smref_scene_add(scene, SMREF_PART_LOAD);
        part->at = at;
        part->size = now;
        at += now;
        size -= now;
    }
}

void smref_scene_root(smref_scene *scene, const smref_abilities *a)
{
    smref_part *part;

    if (!a->exists[SMREF_REG_SMMU_ROOT_CR0] || !(a->implementation->spaces >> SMREF_PAS_ROOT & 1))
        return;
    part = smref_scene_add(scene, SMREF_PART_WRITE);
    part->what = SMREF_REG_SMMU_ROOT_CR0;
    part->pas = SMREF_PAS_ROOT;
    part->words[0] = smref_SMMU_ROOT_CR0_with_ACCESSEN(0, 1);
}

void smref_scene_start(smref_scene *scene, const smref_abilities *a, smref_dice *d)
{
    static const smref_pas spaces[SMREF_BANKS] = {SMREF_PAS_NS, SMREF_PAS_SECURE, SMREF_PAS_REALM};

    scene->count = scene->events_read = scene->with = 0;
    scene->full = false;
    scene->bank = smref_roll_one_in(d, 2) ? a->banks[0] : a->banks[smref_roll_below(d, a->bank_count)];
    scene->space = spaces[scene->bank];
    scene->base = a->base[scene->space];
}

/* A structure outside of memory is not there. */
static void emit_memory(const smref_part *part, const smref_abilities *a, smref_case *out)
{
    smref_part stored = *part;

    smref_part_swap(&stored);
    if (smref_implementation_has(a->implementation, part->pas, part->at, part->count * 8U))
        smref_case_store(out, part->pas, part->at, stored.words, part->count, (smref_layout)part->what);
}

void smref_scene_emit(const smref_scene *scene, const smref_abilities *a, smref_case *out)
{
    for (size_t i = 0; i < scene->count; i++) {
        const smref_part *part = &scene->parts[i];
        switch ((smref_part_kind)part->kind) {
        case SMREF_PART_MEMORY:
            emit_memory(part, a, out);
            break;
        case SMREF_PART_WRITE:
            smref_case_write(out, part->pas, (smref_register)part->what, part->words[0]);
            break;
        case SMREF_PART_READ:
            smref_case_read(out, part->pas, (smref_register)part->what);
            break;
        case SMREF_PART_ACCESS:
            smref_case_access(out, &part->access);
            break;
        case SMREF_PART_LOAD:
            smref_case_load(out, part->pas, part->at, part->size);
            break;
        case SMREF_PART_MMIO:
            smref_case_mmio(out, &part->mmio);
            break;
        }
    }
    out->full = out->full || scene->full;
}

/* ---- Strands --------------------------------------------------------------------------------------- */

bool smref_strand_possible(const smref_abilities *a, smref_strand strand)
{
    const smref_implementation *i = a->implementation;
    bool root = i->spaces >> SMREF_PAS_ROOT & 1 && a->has[SMREF_PAS_ROOT];

    if (strand == SMREF_STRAND_ATOS)
        return a->registers[SMREF_BANK_GATOS_CTRL][SMREF_SEC_NS] < SMREF_REG_COUNT;
    if (strand == SMREF_STRAND_GRANULES)
        return root && a->exists[SMREF_REG_SMMU_ROOT_GPT_BASE];
    return true;
}

void smref_scene_make(const smref_abilities *a, const smref_plan *plan, smref_scene *scene)
{
    static void (*const makers[SMREF_STRAND_COUNT])(const smref_abilities *, smref_dice *, smref_scene *) = {
        [SMREF_STRAND_TRANSLATION] = smref_scene_translation,
        [SMREF_STRAND_BYPASS] = smref_scene_bypass,
        [SMREF_STRAND_QUEUES] = smref_scene_queues,
        [SMREF_STRAND_COMMANDS] = smref_scene_commands,
        [SMREF_STRAND_REGISTERS] = smref_scene_registers,
        [SMREF_STRAND_CACHES] = smref_scene_caches,
        [SMREF_STRAND_ATOS] = smref_scene_atos,
        [SMREF_STRAND_GRANULES] = smref_scene_granules,
    };
    smref_dice d = {.state = plan->seed};

    scene->focus = plan->focus;
    makers[plan->strand](a, &d, scene);
    for (unsigned i = 0; i < plan->edit_count; i++)
        (void)smref_edit_apply(a, scene, &plan->edits[i]);
}
