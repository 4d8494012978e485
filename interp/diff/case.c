/* Cases, step by step. */
#include "case.h"

#include <string.h>

#include "hex.h"

void smref_case_clear(smref_case *c, uint64_t index, const char *kind)
{
    c->index = index;
    c->kind = kind;
    c->count = c->used = 0;
    c->full = false;
}

/* The next step; NULL when there is no room. */
static smref_stimulus *add(smref_case *c, smref_op op)
{
    smref_stimulus *step;

    if (c->count == SMREF_CASE_STEPS) {
        c->full = true;
        return NULL;
    }
    c->layouts[c->count] = SMREF_LAYOUT_COUNT;
    step = &c->steps[c->count++];
    *step = smref_stimulus_access();
    step->op = op;
    return step;
}

static uint8_t *room_for(smref_case *c, size_t size)
{
    uint8_t *at = &c->bytes[c->used];

    if (size > SMREF_CASE_BYTES - c->used) {
        c->full = true;
        return NULL;
    }
    c->used += size;
    return at;
}

void smref_case_store_bytes(smref_case *c, smref_pas pas, uint64_t at, const void *bytes, size_t size)
{
    uint8_t *own = room_for(c, size);
    smref_stimulus *step = own ? add(c, SMREF_OP_STORE) : NULL;

    if (!step)
        return;
    memcpy(own, bytes, size);
    step->pas = pas;
    step->at = at;
    step->size = size;
    step->bytes = own;
}

void smref_case_store(smref_case *c, smref_pas pas, uint64_t at, const uint64_t *words, size_t count,
                      smref_layout layout)
{
    uint8_t *own = room_for(c, count * 8);
    smref_stimulus *step = own ? add(c, SMREF_OP_STORE) : NULL;

    if (!step)
        return;
    smref_words_to_bytes(words, count, own);
    step->pas = pas;
    step->at = at;
    step->size = count * 8;
    step->bytes = own;
    c->layouts[c->count - 1] = layout;
}

void smref_case_load(smref_case *c, smref_pas pas, uint64_t at, size_t size)
{
    smref_stimulus *step = add(c, SMREF_OP_LOAD);

    if (!step)
        return;
    step->pas = pas;
    step->at = at;
    step->size = size;
}

void smref_case_access(smref_case *c, const smref_access *access)
{
    smref_stimulus *step = add(c, SMREF_OP_ACCESS);

    if (!step)
        return;
    step->access = *access;
    /* Only with XT does an access of a Realm stream say that it is Non-secure (3.9.4.3). */
    step->access.xt = access->xt || (access->sec_sid == SMREF_SEC_REALM && access->ns);
}

/* The register that starts at the place in the first of the block's pages. */
static bool name_of(const smref_mmio *mmio, smref_register_ref *out)
{
    const char *block = smref_block_at((unsigned)mmio->block)->name;
    const smref_register_info *info;

    for (unsigned reg = 0; (info = smref_register_at(reg)) != NULL; reg++) {
        uint32_t beyond = mmio->offset - info->offset,
                 stride = info->count > 1 ? info->stride : info->width / 8u;
        if (strcmp(info->block, block) != 0 || mmio->offset < info->offset || beyond / stride >= info->count)
            continue;
        *out = (smref_register_ref){reg, beyond / stride, false};
        if (beyond % stride == 0)
            return true;
    }
    return false;
}

/* The formats have offsets from page 0, and names. */
void smref_case_mmio(smref_case *c, const smref_mmio *mmio)
{
    smref_register_ref name = {.reg = SMREF_REG_COUNT};
    smref_stimulus *step;

    if (mmio->block != SMREF_BLOCK_NS_PAGE0 && (mmio->page || !name_of(mmio, &name)))
        return;
    step = add(c, mmio->write ? SMREF_OP_MMIO_WRITE : SMREF_OP_MMIO_READ);
    if (!step)
        return;
    step->mmio = *mmio;
    step->named = name;
}

/* What has a place in the register map is named by it, as the formats do; the rest by its name. */
static void add_register(smref_case *c, smref_pas pas, smref_register reg, bool write, uint64_t value)
{
    const smref_register_info *info = smref_register_at((unsigned)reg);
    smref_mmio mmio = {.pas = pas,
                       .write = write,
                       .size = (uint8_t)(info->width / 8),
                       .block = SMREF_BLOCK_NS_PAGE0,
                       .value = value};

    if (smref_register_mapped((unsigned)reg))
        mmio.offset = info->offset;
    smref_case_mmio(c, &mmio);
    if (!smref_register_mapped((unsigned)reg) && !c->full)
        c->steps[c->count - 1].named = (smref_register_ref){(unsigned)reg, 0, false};
}

void smref_case_write(smref_case *c, smref_pas pas, smref_register reg, uint64_t value)
{
    add_register(c, pas, reg, true, value);
}

void smref_case_read(smref_case *c, smref_pas pas, smref_register reg)
{
    add_register(c, pas, reg, false, 0);
}

void smref_case_append(smref_case *c, const smref_stimulus *step, smref_layout layout)
{
    uint8_t *own = step->op == SMREF_OP_STORE ? room_for(c, step->size) : NULL;
    smref_stimulus *mine;

    if (step->op == SMREF_OP_STORE && !own)
        return;
    mine = add(c, step->op);
    if (!mine)
        return;
    *mine = *step;
    mine->node = NULL;
    c->layouts[c->count - 1] = layout;
    if (own) {
        memcpy(own, step->bytes, step->size);
        mine->bytes = own;
    }
}

void smref_case_copy(smref_case *to, const smref_case *from)
{
    smref_case_clear(to, from->index, from->kind);
    for (size_t i = 0; i < from->count; i++)
        smref_case_append(to, &from->steps[i], from->layouts[i]);
    to->full = from->full;
}

static bool overlaps(const smref_stimulus *step, smref_pas pas, uint64_t at, size_t size)
{
    return step->pas == pas && step->at < at + size && at < step->at + step->size;
}

bool smref_case_uses(const smref_case *c, smref_pas pas, uint64_t at, size_t size)
{
    for (size_t n = 0; n < c->count; n++) {
        const smref_stimulus *step = &c->steps[n];
        if ((step->op == SMREF_OP_STORE || step->op == SMREF_OP_LOAD) && overlaps(step, pas, at, size))
            return true;
    }
    return false;
}

bool smref_case_translates(const smref_case *c)
{
    smref_register_ref ref;

    for (size_t n = 0; n < c->count; n++) {
        const smref_stimulus *step = &c->steps[n];
        if (step->op == SMREF_OP_ACCESS)
            return true;
        if (step->op == SMREF_OP_MMIO_WRITE && smref_mmio_register(step, &ref) &&
            strstr(smref_register_at(ref.reg)->family, "ATOS"))
            return true;
    }
    return false;
}

bool smref_case_structure_at(const smref_case *c, size_t step, smref_pas pas, uint64_t at, size_t size)
{
    for (size_t n = 0; n < step; n++) {
        const smref_stimulus *store = &c->steps[n];
        if (store->op == SMREF_OP_STORE && c->layouts[n] != SMREF_LAYOUT_COUNT &&
            overlaps(store, pas, at, size))
            return true;
    }
    return false;
}

void smref_case_remove(smref_case *c, size_t step)
{
    size_t behind = c->count - step - 1;

    memmove(&c->steps[step], &c->steps[step + 1], behind * sizeof *c->steps);
    memmove(&c->layouts[step], &c->layouts[step + 1], behind * sizeof *c->layouts);
    c->count--;
}
