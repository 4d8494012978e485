/* Goals: for each rule a state that reaches it, found by trying; and what is near it. */
#ifndef SMREF_GOALS_H
#define SMREF_GOALS_H

#include "scene.h"

/* A field that the condition of a rule depends on. */
typedef struct smref_topic {
    uint8_t kind; /* SMREF_PART_MEMORY, SMREF_PART_WRITE or SMREF_PART_ACCESS */
    uint8_t field;
    uint8_t depth; /* 0: the condition itself names it; 1 to 3: a derived value that it uses, and so on */
    uint16_t what;
} smref_topic;

#define SMREF_TOPICS 48
#define SMREF_NEIGHBOURS 160    /* of a goal, at most; ... */
#define SMREF_FEW_NEIGHBOURS 12 /* ... and of one that is dangerous */

typedef struct smref_goal_plan {
    smref_rule rule;
    smref_plan plan;
    unsigned topic_count;
    smref_topic topics[SMREF_TOPICS];
    unsigned neighbours;
    bool dangerous; /* it has an edit by which some targets end */
} smref_goal_plan;

typedef struct smref_goals {
    smref_goal standing[SMREF_RULE_COUNT];
    smref_goal_plan list[SMREF_RULE_COUNT];
    unsigned count;
    unsigned edited[SMREF_RULE_COUNT], edited_count; /* of translations that need edits */
} smref_goals;

/* Looks for all of them; what is found follows from the seed and the implementation. */
bool smref_goals_find(smref_goals *goals, const smref_abilities *a, uint64_t seed, smref_jerror *error);
/* The edit to the nth neighbour; false where the scene has none. */
bool smref_goal_neighbour(const smref_goal_plan *goal, const smref_scene *scene, unsigned nth,
                          smref_edit *out);
/* What a rule is about is not in the implementation, or cannot be seen or reached from outside (absent.c). */
bool smref_rule_is_absent(const smref_abilities *a, smref_rule rule);

#endif
