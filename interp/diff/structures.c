/* What the model reads as a structure, out of bytes that software stored, is one: cases out of files may not
 * say so, and findings, their reduction and what is known of a target are about fields. */
#include "follower.h"

struct naming {
    smref_case *c;
    size_t step; /* that is carried out */
};

/* The last store of just these bytes before a step; NULL: there is none. */
static smref_layout *layout_of(const struct naming *n, const smref_step *read)
{
    const smref_layout_info *info = smref_layout_at((unsigned)read->layout);

    for (size_t i = n->step; info && i-- > 0;) {
        const smref_stimulus *store = &n->c->steps[i];
        if (store->op == SMREF_OP_STORE && store->pas == read->pas && store->at == read->address &&
            store->size == info->bytes)
            return &n->c->layouts[i];
    }
    return NULL;
}

static void see(void *context, const smref_step *step)
{
    smref_layout *layout = step->kind == SMREF_STEP_READ ? layout_of(context, step) : NULL;

    if (layout && *layout == SMREF_LAYOUT_COUNT)
        *layout = step->layout;
}

void smref_name_structures(smref_follower *f, smref_case *c)
{
    struct naming naming = {c, 0};

    smref_follower_start(f);
    smref_set_trace(f->machine.smmu, see, &naming);
    while (naming.step < c->count && smref_follower_step(f, c, naming.step))
        naming.step++;
    smref_set_trace(f->machine.smmu, NULL, NULL);
}
