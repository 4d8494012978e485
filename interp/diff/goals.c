/*
 * Looking for a state that reaches each rule. Every try is a scene with few edits or none, and counts for all
 * the rules that it reaches; what nothing reached by chance is looked for with edits of the fields that its
 * condition names.
 */
#include "goals.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"

#define PLAIN_TRIES 12000
#define EDITED_TRIES 48000
#define AIMED_TRIES 800 /* a rule */
#define TOPIC_TEXT 6000
#define DEPTHS 3 /* of derived values that use derived values */
#define WAYS 3   /* the choices of the profile, and others: a target may take any */

/* ---- What a condition depends on ------------------------------------------------------------------- */

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    const char *at = text;

    while ((at = strstr(at, word)) != NULL) {
        if (!is_name(at[length]) && (at == text || !is_name(at[-1])))
            return true;
        at += length;
    }
    return false;
}

/* Whether the text has the word "OF.FIELD"; a register may have its bank before it. */
static bool names(const char *text, const char *of, const char *field)
{
    char word[96];

    if (strlen(of) + strlen(field) + 1 >= sizeof word)
        return false;
    strcpy(word, of);
    strcat(word, ".");
    strcat(word, field);
    return has_word(text, word);
}

/* Adds to the condition the expressions of the derived values that it uses so far. */
static void expand(char text[TOPIC_TEXT])
{
    size_t used = strlen(text);

    for (unsigned i = 0; smref_term_at(i); i++) {
        const smref_term_info *term = smref_term_at(i);
        size_t length = term->expr ? strlen(term->expr) : 0;
        if (!length || !has_word(text, term->name) || strstr(text, term->expr) ||
            used + length + 2 > TOPIC_TEXT)
            continue;
        text[used++] = ' ';
        memcpy(text + used, term->expr, length + 1);
        used += length;
    }
}

static void add_topic(smref_goal_plan *goal, unsigned kind, unsigned what, unsigned field, unsigned depth)
{
    for (unsigned i = 0; i < goal->topic_count; i++)
        if (goal->topics[i].kind == kind && goal->topics[i].what == what && goal->topics[i].field == field)
            return;
    if (goal->topic_count < SMREF_TOPICS)
        goal->topics[goal->topic_count++] = (smref_topic){
            .kind = (uint8_t)kind, .what = (uint16_t)what, .field = (uint8_t)field, .depth = (uint8_t)depth};
}

/* Whether a word of the text, or part of the id, is the name of a field; short ones are words like others. */
static bool mentions(const smref_rule_info *info, const char *field)
{
    size_t length = strlen(field);
    char upper[64];

    if (length < 3 || length >= sizeof upper || strncmp(field, "OA_", 3) == 0)
        return false;
    if (has_word(info->title, field))
        return true;
    for (size_t i = 0; i <= length; i++)
        upper[i] = (char)(field[i] >= 'a' && field[i] <= 'z' ? field[i] - 'a' + 'A' : field[i]);
    return length > 3 && strstr(info->id, upper);
}

/* What the name and the title of a step tell; its condition is in code. */
static void find_topics_of_step(smref_goal_plan *goal, const smref_rule_info *info)
{
    if (!strcmp(info->subject, "address") || !strcmp(info->subject, "walk"))
        add_topic(goal, SMREF_PART_ACCESS, 0, SMREF_EDIT_ADDR, 0);
    for (unsigned i = 0; i < SMREF_LAYOUT_COUNT; i++)
        for (unsigned f = 0; f < smref_layout_at(i)->field_count; f++)
            if (smref_layout_at(i)->kind != SMREF_LAYOUT_KIND_EVENT &&
                mentions(info, smref_layout_at(i)->fields[f].name))
                add_topic(goal, SMREF_PART_MEMORY, i, f, 0);
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++)
        for (unsigned f = 0; f < smref_register_at(i)->field_count; f++)
            if (mentions(info, smref_register_at(i)->fields[f].name))
                add_topic(goal, SMREF_PART_WRITE, i, f, 0);
}

static void find_topics_in(smref_goal_plan *goal, const char *text, const char *subject, unsigned depth)
{
    for (unsigned i = 0; i < SMREF_LAYOUT_COUNT; i++) {
        const smref_layout_info *layout = smref_layout_at(i);
        bool own = !strcmp(layout->name, subject);
        for (unsigned f = 0; f < layout->field_count; f++)
            if (names(text, layout->name, layout->fields[f].name) ||
                (own && names(text, "$", layout->fields[f].name)))
                add_topic(goal, SMREF_PART_MEMORY, i, f, depth);
    }
    for (unsigned i = 0; i < SMREF_REG_COUNT; i++) {
        const smref_register_info *reg = smref_register_at(i);
        for (unsigned f = 0; f < reg->field_count; f++)
            if (names(text, reg->family, reg->fields[f].name))
                add_topic(goal, SMREF_PART_WRITE, i, f, depth);
    }
}

static void find_topics(smref_goal_plan *goal)
{
    const smref_rule_info *info = smref_rule_at((unsigned)goal->rule);
    char text[TOPIC_TEXT];

    goal->topic_count = 0;
    if (!info->when) {
        find_topics_of_step(goal, info);
        return;
    }
    strncpy(text, info->when, TOPIC_TEXT - 1);
    text[TOPIC_TEXT - 1] = '\0';
    for (unsigned depth = 0; depth < DEPTHS; depth++) {
        find_topics_in(goal, text, info->subject, depth);
        expand(text);
    }
}

/* ---- Trying ---------------------------------------------------------------------------------------- */

struct search {
    smref_goals *goals;
    const smref_abilities *a;
    smref_follower *follower, *followers[WAYS];
    smref_implementation *others[WAYS]; /* that choose otherwise; the first is not used */
    smref_scene scene;
    smref_case c;
    smref_prediction prediction;
    unsigned place[SMREF_RULE_COUNT]; /* of its goal in the list, and 1 more; 0: there is none */
};

static bool fires(const smref_prediction *prediction, smref_rule rule)
{
    return prediction->rules[(unsigned)rule / 64] >> (unsigned)rule % 64 & 1;
}

/* Makes the case of the plan and predicts it. */
static bool try_plan(struct search *s, const smref_plan *plan)
{
    smref_verdict why;

    smref_scene_make(s->a, plan, &s->scene);
    smref_case_clear(&s->c, 0, "search");
    smref_scene_emit(&s->scene, s->a, &s->c);
    return smref_predict(s->follower, &s->c, &s->prediction, &why);
}

/* Takes out edits that the rule does not need. */
static void shorten(struct search *s, smref_plan *plan, smref_rule rule)
{
    for (unsigned i = plan->edit_count; plan->edit_count > 1 && i-- > 0;) {
        smref_plan shorter = *plan;
        memmove(&shorter.edits[i], &shorter.edits[i + 1],
                (shorter.edit_count - i - 1U) * sizeof *shorter.edits);
        shorter.edit_count--;
        if (try_plan(s, &shorter) && fires(&s->prediction, rule))
            *plan = shorter;
    }
}

static void keep(struct search *s, const smref_plan *plan, smref_rule rule)
{
    smref_goals *goals = s->goals;
    smref_goal_plan *goal;
    unsigned place = s->place[rule];

    if (place && goals->list[place - 1].plan.edit_count <= plan->edit_count)
        return;
    if (!place)
        s->place[rule] = place = ++goals->count;
    goal = &goals->list[place - 1];
    goal->rule = rule;
    goal->plan = *plan;
    shorten(s, &goal->plan, rule);
    goals->standing[rule] = SMREF_GOAL_REACHED;
}

static void try_for_all(struct search *s, const smref_plan *plan)
{
    uint64_t fired[(SMREF_RULE_COUNT + 63) / 64];

    if (!try_plan(s, plan))
        return;
    memcpy(fired, s->prediction.rules, sizeof fired);
    for (unsigned rule = 1; rule < SMREF_RULE_COUNT; rule++)
        if (fired[rule / 64] >> rule % 64 & 1)
            keep(s, plan, (smref_rule)rule);
}

static smref_strand draw_strand(const smref_abilities *a, smref_dice *d)
{
    unsigned strand = smref_roll_below(d, 2 * SMREF_STRAND_COUNT);

    if (strand >= SMREF_STRAND_COUNT || strand == SMREF_STRAND_CACHES ||
        !smref_strand_possible(a, (smref_strand)strand))
        return SMREF_STRAND_TRANSLATION;
    return (smref_strand)strand;
}

/* Another edit of the plan, and of the scene that it makes. */
static void draw_edit(struct search *s, smref_dice *d, smref_plan *plan)
{
    if (plan->edit_count < SMREF_PLAN_EDITS &&
        smref_edit_draw(s->a, &s->scene, d, &plan->edits[plan->edit_count]) &&
        smref_edit_apply(s->a, &s->scene, &plan->edits[plan->edit_count]))
        plan->edit_count++;
}

static void search_by_chance(struct search *s, smref_dice *d)
{
    for (unsigned i = 0; i < PLAIN_TRIES + EDITED_TRIES; i++) {
        smref_plan plan = {.seed = smref_roll(d), .strand = (uint8_t)draw_strand(s->a, d)};
        if (i % PLAIN_TRIES < PLAIN_TRIES / 3) /* these are the shortest */
            plan.strand = SMREF_STRAND_TRANSLATION;
        s->follower = s->followers[i % 8 < WAYS ? i % 8 : 0];
        if (i >= PLAIN_TRIES) {
            smref_scene_make(s->a, &plan, &s->scene);
            for (unsigned edits = 1 + (i & 1); edits > 0; edits--)
                draw_edit(s, d, &plan);
        }
        try_for_all(s, &plan);
    }
}

/* ---- Other ways ------------------------------------------------------------------------------------ */

/* The same implementation with each choice some options on. */
static void choose_otherwise(const smref_abilities *a, unsigned by, smref_implementation *out)
{
    *out = *a->implementation;
    for (unsigned c = 0; c < SMREF_CHOICE_COUNT; c++) {
        unsigned count = smref_choice_at(c)->option_count;
        unsigned option = (smref_get_choice(a->smmu, (smref_choice)c) + by) % count;
        if (smref_option_permitted(a->smmu, (smref_choice)c, option))
            out->profile.choices.option[c] = (int16_t)option;
    }
}

static void free_followers(struct search *s)
{
    for (unsigned i = 0; i < WAYS; i++) {
        if (s->followers[i])
            smref_follower_free(s->followers[i]);
        free(s->others[i]);
    }
}

static bool make_followers(struct search *s, smref_jerror *error)
{
    for (unsigned i = 0; i < WAYS; i++) {
        if (i) {
            s->others[i] = smref_alloc(1, sizeof *s->others[i]);
            choose_otherwise(s->a, i, s->others[i]);
        }
        s->followers[i] = smref_follower_new(i ? s->others[i] : s->a->implementation, error);
        if (!s->followers[i]) {
            free_followers(s);
            return false;
        }
    }
    return true;
}

/* ---- Aiming ---------------------------------------------------------------------------------------- */

static bool draw_topic_edit(const smref_goal_plan *goal, const smref_scene *scene, smref_dice *d,
                            smref_edit *out)
{
    unsigned count = 0, chosen;

    for (unsigned pass = 0; pass < 2; pass++) {
        chosen = pass ? smref_roll_below(d, count) : 0;
        for (size_t i = 0; i < scene->count; i++)
            for (unsigned t = 0; t < goal->topic_count; t++) {
                const smref_topic *topic = &goal->topics[t];
                unsigned values;
                if (topic->kind != scene->parts[i].kind ||
                    (topic->kind != SMREF_PART_ACCESS && topic->what != scene->parts[i].what))
                    continue;
                count += !pass;
                if (!pass || chosen--)
                    continue;
                values = smref_edits_of_field(&scene->parts[i], topic->field);
                smref_edit_make(scene, i, topic->field, smref_roll_below(d, values), out);
                return true;
            }
        if (!count)
            return false;
    }
    return false;
}

static smref_strand strand_of(const smref_abilities *a, const smref_rule_info *info, bool command)
{
    smref_strand strand = SMREF_STRAND_TRANSLATION;

    if (command || !strcmp(info->subject, "command") || !strcmp(info->subject, "queue"))
        strand = SMREF_STRAND_COMMANDS;
    else if (!strcmp(info->subject, "register"))
        strand = SMREF_STRAND_REGISTERS;
    else if (!strcmp(info->subject, "atos"))
        strand = SMREF_STRAND_ATOS;
    else if (!strcmp(info->subject, "granule"))
        strand = SMREF_STRAND_GRANULES;
    else if (!strcmp(info->subject, "event") || !strcmp(info->subject, "interrupt"))
        strand = SMREF_STRAND_QUEUES;
    return smref_strand_possible(a, strand) ? strand : SMREF_STRAND_TRANSLATION;
}

static void aim(struct search *s, smref_dice *d, smref_rule rule)
{
    const smref_rule_info *info = smref_rule_at((unsigned)rule);
    smref_goal_plan goal = {.rule = rule};
    bool command;

    find_topics(&goal);
    command = goal.topic_count && goal.topics[0].kind == SMREF_PART_MEMORY &&
              smref_layout_at(goal.topics[0].what)->kind == SMREF_LAYOUT_KIND_COMMAND;
    for (unsigned i = 0; i < AIMED_TRIES && !s->place[rule]; i++) {
        smref_plan plan = {.seed = smref_roll(d), .strand = (uint8_t)strand_of(s->a, info, command)};
        s->follower = s->followers[i % WAYS];
        plan.focus = command ? goal.topics[0].what : 0;
        smref_scene_make(s->a, &plan, &s->scene);
        for (unsigned edits = 1 + smref_roll_below(d, 3); goal.topic_count && edits > 0; edits--)
            if (draw_topic_edit(&goal, &s->scene, d, &plan.edits[plan.edit_count]) &&
                smref_edit_apply(s->a, &s->scene, &plan.edits[plan.edit_count]))
                plan.edit_count++;
        try_for_all(s, &plan);
    }
}

/* ---- Neighbours ------------------------------------------------------------------------------------ */

/* How far a field is from the goal: 0 where its condition names it, or it was edited to get there; DEPTHS: it
 * does not matter. */
static unsigned distance_of(const smref_goal_plan *goal, const smref_part *part, unsigned field)
{
    for (unsigned i = 0; i < goal->plan.edit_count; i++)
        if (goal->plan.edits[i].kind == part->kind && goal->plan.edits[i].field == field &&
            (part->kind == SMREF_PART_ACCESS || goal->plan.edits[i].what == part->what))
            return 0;
    for (unsigned i = 0; i < goal->topic_count; i++)
        if (goal->topics[i].kind == part->kind && goal->topics[i].field == field &&
            (part->kind == SMREF_PART_ACCESS || goal->topics[i].what == part->what))
            return goal->topics[i].depth;
    return DEPTHS;
}

/* Those that are near come first. */
bool smref_goal_neighbour(const smref_goal_plan *goal, const smref_scene *scene, unsigned nth,
                          smref_edit *out)
{
    for (unsigned distance = 0; distance < DEPTHS; distance++)
        for (size_t i = 0; i < scene->count; i++)
            for (unsigned f = 0; f < smref_part_fields(&scene->parts[i]); f++) {
                unsigned values;
                if (distance_of(goal, &scene->parts[i], f) != distance)
                    continue;
                values = smref_edits_of_field(&scene->parts[i], f);
                if (nth < values) {
                    smref_edit_make(scene, i, f, nth, out);
                    return true;
                }
                nth -= values;
            }
    return false;
}

static unsigned count_neighbours(const smref_goal_plan *goal, const smref_scene *scene)
{
    unsigned count = 0;

    for (size_t i = 0; i < scene->count; i++)
        for (unsigned f = 0; f < smref_part_fields(&scene->parts[i]); f++)
            if (distance_of(goal, &scene->parts[i], f) < DEPTHS)
                count += smref_edits_of_field(&scene->parts[i], f);
    return count < SMREF_NEIGHBOURS ? count : SMREF_NEIGHBOURS;
}

static void finish(struct search *s)
{
    smref_goals *goals = s->goals;

    for (unsigned i = 0; i < goals->count; i++) {
        smref_goal_plan *goal = &goals->list[i];
        find_topics(goal);
        smref_scene_make(s->a, &goal->plan, &s->scene);
        goal->neighbours = count_neighbours(goal, &s->scene);
        for (unsigned e = 0; e < goal->plan.edit_count; e++)
            goal->dangerous = goal->dangerous || smref_edit_is_dangerous(s->a, &goal->plan.edits[e]);
        if (goal->dangerous && goal->neighbours > SMREF_FEW_NEIGHBOURS)
            goal->neighbours = SMREF_FEW_NEIGHBOURS;
        if (goal->plan.edit_count && goal->plan.strand == SMREF_STRAND_TRANSLATION && !goal->dangerous)
            goals->edited[goals->edited_count++] = i;
    }
}

bool smref_goals_find(smref_goals *goals, const smref_abilities *a, uint64_t seed, smref_jerror *error)
{
    struct search *s = smref_alloc(1, sizeof *s);
    smref_dice d = {.state = smref_mix(seed)};

    memset(goals, 0, sizeof *goals);
    s->goals = goals;
    s->a = a;
    if (!make_followers(s, error)) {
        free(s);
        return false;
    }
    goals->standing[0] = SMREF_GOAL_ABSENT;
    for (unsigned rule = 1; rule < SMREF_RULE_COUNT; rule++)
        goals->standing[rule] = smref_rule_at(rule)->unmodelled             ? SMREF_GOAL_UNMODELLED
                                : smref_rule_is_absent(a, (smref_rule)rule) ? SMREF_GOAL_ABSENT
                                                                            : SMREF_GOAL_MISSED;
    s->follower = s->followers[0];
    search_by_chance(s, &d);
    for (unsigned rule = 1; rule < SMREF_RULE_COUNT; rule++)
        if (goals->standing[rule] == SMREF_GOAL_MISSED)
            aim(s, &d, (smref_rule)rule);
    finish(s);
    free_followers(s);
    free(s);
    return true;
}
