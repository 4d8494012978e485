/*
 * Which cases a target is likely to die of: those whose structures and registers hold what was in many that
 * it died of, and in few that it survived. A campaign that would start a target again and again for one
 * defect tries such cases rarely, and gets on with the others.
 */
#ifndef SMREF_DEATHS_H
#define SMREF_DEATHS_H

#include "case.h"

typedef struct smref_deaths smref_deaths;

smref_deaths *smref_deaths_new(void);
void smref_deaths_free(smref_deaths *deaths);
void smref_deaths_learn(smref_deaths *deaths, const smref_case *c, bool died);
/* Whether to spare the target the case; `why` says what is in it. Now and then it is false though all speaks
 * for true: the 1st, 2nd, 4th, 8th ... of the same kind are tried. */
bool smref_deaths_foretell(smref_deaths *deaths, const smref_case *c, char why[256]);

#endif
