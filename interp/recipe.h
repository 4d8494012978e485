/*
 * Recipes (smref-recipe 1.0): what people write and `smref gen` turns into vectors. A recipe is like a file
 * of vectors, with names of profiles, structures by field, edits of what the base holds, and tables of values
 * for tests that are alike; in place of the outcomes it has claims, which a person derived from the
 * specification. vectors/README.md describes all of it.
 */
#ifndef SMREF_RECIPE_H
#define SMREF_RECIPE_H

#include "observed.h"
#include "vectors.h"

struct smref_nodes;

typedef struct smref_recipe_group {
    smref_group group;         /* `outcomes` of its tests are claims; NULL where `observed` has them */
    const smref_jnode *claims; /* what holds for every access with an outcome; NULL */
    const smref_jnode *let;    /* values with names, for all tables of the group; NULL */
    const smref_jnode *open;   /* keys of outcomes that nobody claims; NULL */
    const smref_jnode *requires_node;
    smref_jdoc *snapshot; /* the base, when it is in a file of its own */
    smref_observed observed;
    bool is_observed;
} smref_recipe_group;

typedef struct smref_recipe {
    char name[SMREF_SUITE_ROOM];
    const char *description;
    smref_recipe_group *groups;
    size_t group_count;
    struct smref_nodes *nodes; /* private */
} smref_recipe;

/* On false *error says what is wrong and nothing needs freeing. The recipe borrows from the document. */
bool smref_recipe_read(const smref_jdoc *doc, smref_recipe *out, smref_jerror *error);
void smref_recipe_free(smref_recipe *recipe);

/*
 * recipe_tree.c: located trees that are no text: copies in which values stand in place of `$names`. They
 * keep the lines of what they were made of.
 */
void smref_nodes_free(struct smref_nodes *nodes);
/* A tree for a value, which is taken over; each node gets the line of its like in `shape`. */
smref_jnode *smref_nodes_locate(struct smref_nodes **nodes, json_t *value, const smref_jnode *shape);
/* The same in the place of *target, whose parent and key stay. */
void smref_nodes_replace(struct smref_nodes **nodes, smref_jnode *target, json_t *value);
/* An array of nodes that stand elsewhere, one for each child of `shape`; their places are those that they
 * have. */
const smref_jnode *smref_nodes_gather(struct smref_nodes **nodes, const smref_jnode *shape,
                                      const smref_jnode *const *list);
/* A copy of `node`, with the values of `row` (an object; NULL: none) for the `$names` in its strings. */
smref_jnode *smref_nodes_substitute(struct smref_nodes **nodes, const smref_jdoc *doc,
                                    const smref_jnode *node, const smref_jnode *row, smref_jerror *error);

/*
 * recipe_edit.c: turns what only recipes have into what vectors have, in place: {"edit": …} becomes a region,
 * {"SMMU_CR0": {"SMMUEN": 1}} a value. What is edited is what the machine holds.
 */
bool smref_recipe_edit_registers(const smref_jdoc *doc, smref_jnode *registers, const smref *smmu,
                                 struct smref_nodes **nodes, smref_jerror *error);
bool smref_recipe_edit_memory(const smref_jdoc *doc, smref_jnode *memory, const smref_machine *machine,
                              struct smref_nodes **nodes, smref_jerror *error);

/*
 * recipe_steps.c: the same for steps: {"op": "store", "struct": …, "fields": …} becomes words, the fields of
 * an mmio_write a value. Where steps have claims of their own, *claims is the array of them, else NULL.
 */
bool smref_recipe_edit_steps(const smref_jdoc *doc, smref_jnode *steps, struct smref_nodes **nodes,
                             const smref_jnode **claims, smref_jerror *error);

/* recipe_write.c: the vectors that a recipe gives. `expect` has the outcomes of the tests of all groups. */
json_t *smref_recipe_vectors(const smref_recipe *recipe, json_t *const *expect);
/* A snapshot as the base of a group: complete by itself. */
json_t *smref_recipe_base(const smref_snapshot *base);
/* An outcome as a vector has it: without what is open, and 0 where bits are open. `open` may be NULL. */
json_t *smref_recipe_outcome(const smref_stimulus *stimulus, const smref_permitted *permitted,
                             const smref_jnode *open);

#endif
