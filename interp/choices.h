/* The options taken where the architecture permits several, as the formats name them. */
#ifndef SMREF_CHOICES_H
#define SMREF_CHOICES_H

#include "located.h"
#include "smref.h"

/* What is chosen at each choice point; -1 where nothing is said. */
typedef struct smref_choice_set {
    int16_t option[SMREF_CHOICE_COUNT];
} smref_choice_set;

void smref_choices_clear(smref_choice_set *set);
/* Reads {"ID":"option"} into *set, over what is there. */
bool smref_choices_read(const smref_jdoc *doc, const smref_jnode *object, smref_choice_set *set,
                        smref_jerror *error);
/* `text` is "ID=OPTION" (of --choice); on false `why` says what is wrong. */
bool smref_choices_assign(smref_choice_set *set, const char *text, char why[200]);
/* Puts them into the instance, whose version is set already. False: *refused is not permitted in that
 * version. */
bool smref_choices_deposit(const smref_choice_set *set, smref *smmu, smref_choice *refused);
/* {"ID":"option",…} of what is chosen, by rising id; NULL when nothing is. */
json_t *smref_choices_json(const smref_choice_set *set);

#endif
