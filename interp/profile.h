/*
 * Profiles: the version, the ID registers and the choices of an implementation. The files of spec/profiles/
 * are in the program; a snapshot may carry one of its own, and the command line may name a file.
 */
#ifndef SMREF_PROFILE_H
#define SMREF_PROFILE_H

#include "choices.h"
#include "registers.h"

#define SMREF_PROFILE_ROOM 64

typedef struct smref_profile {
    char name[SMREF_PROFILE_ROOM];
    smref_register_set registers;
    smref_choice_set choices;
} smref_profile;

/* From the node of a snapshot: the name of an embedded profile, or an object. *profile was zeroed, or read
 * before; smref_registers_clear frees what it holds. */
bool smref_profile_read(const smref_jdoc *doc, const smref_jnode *node, smref_profile *profile,
                        smref_jerror *error);
/* From the command line: the name of an embedded profile, or (with a '/' or ".json" in it) a file. */
bool smref_profile_open(const char *name, smref_profile *profile, smref_jerror *error);
/* As an object of a snapshot or of vectors: version, registers, choices. */
json_t *smref_profile_json(const smref_profile *profile);
/* Names of the embedded profiles by index; false at the end. */
bool smref_profile_name(size_t index, char out[SMREF_PROFILE_ROOM]);

#endif
