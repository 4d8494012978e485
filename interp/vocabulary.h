/*
 * The words of the formats: how Security states, address spaces, attributes, outcomes and versions are
 * spelled, in both directions.
 */
#ifndef SMREF_VOCABULARY_H
#define SMREF_VOCABULARY_H

#include <jansson.h>

#include "located.h"
#include "smref.h"

const char *smref_spell_sec_sid(smref_sec_sid sec_sid); /* "ns" "secure" "realm" */
const char *smref_spell_pas(smref_pas pas);             /* "ns" "secure" "realm" "root" */
const char *smref_spell_access(smref_access_type type); /* "read" "write" "atomic" */
const char *smref_spell_outcome(smref_outcome outcome); /* "ok" "abort" "raz_wi" "stall" */
const char *smref_spell_lost(smref_lost lost);       /* "disabled" "full" "error" "aborted" "inconsistent" */
const char *smref_spell_source(smref_source source); /* "cmd_sync" "eventq" "gerror" "gpf_far" ... */
const char *smref_spell_message(smref_message_kind kind); /* "atc_inv" "pri_resp" */
const char *smref_spell_response(uint8_t response);   /* of smref_message: "failure" "invalid" "success" */
const char *smref_spell_type(uint8_t type);           /* "normal" "device-nGnRE" ... */
const char *smref_spell_sh(uint8_t sh);               /* "nsh" "ish" "osh" */
const char *smref_spell_event(smref_event_type type); /* "F_TRANSLATION"; "UNKNOWN" when there is none */
const char *
smref_spell_state(smref_field_state state); /* "active" "RES0" "RES1" "IGNORED" "UNKNOWN" "IMPDEF" */
/* "wb-ra-wa-nt", "wt-nra-wa-tr" or "nc". Returns `out`. */
#define SMREF_CACHE_ROOM 16
const char *smref_spell_cache(const smref_cache_attr *attr, char out[SMREF_CACHE_ROOM]);
/* "3.1" of 0x31. Returns `out`. */
const char *smref_spell_arch(unsigned arch, char out[4]);

/* {"type":…,"inner":…,"outer":…,"sh":…}; inner and outer only for Normal memory. */
json_t *smref_attrs_json(const smref_attrs *attrs);

/* The reading direction, from JSON: an error names the nearest word. */
bool smref_read_sec_sid(const smref_jdoc *doc, const smref_jnode *node, smref_sec_sid *out,
                        smref_jerror *error);
bool smref_read_pas(const smref_jdoc *doc, const smref_jnode *node, smref_pas *out, smref_jerror *error);
bool smref_read_access(const smref_jdoc *doc, const smref_jnode *node, smref_access_type *out,
                       smref_jerror *error);
bool smref_read_outcome(const smref_jdoc *doc, const smref_jnode *node, smref_outcome *out,
                        smref_jerror *error);
bool smref_read_lost(const smref_jdoc *doc, const smref_jnode *node, smref_lost *out, smref_jerror *error);
bool smref_read_source(const smref_jdoc *doc, const smref_jnode *node, smref_source *out,
                       smref_jerror *error);
bool smref_read_message(const smref_jdoc *doc, const smref_jnode *node, smref_message_kind *out,
                        smref_jerror *error);
bool smref_read_response(const smref_jdoc *doc, const smref_jnode *node, uint8_t *out, smref_jerror *error);
/* The attributes of a write by the SMMU, whose hints do not count: "inner": "wb". Absent parts of Device
 * memory are what they must be. */
bool smref_read_write_attrs(const smref_jdoc *doc, const smref_jnode *node, smref_attrs *out,
                            smref_jerror *error);
/* Parts that are absent keep their value in *out. */
bool smref_read_attrs(const smref_jdoc *doc, const smref_jnode *node, smref_attrs *out, smref_jerror *error);
/* "3.1" -> 0x31, of 3.0 to 3.4. */
bool smref_read_arch(const smref_jdoc *doc, const smref_jnode *node, unsigned *out, smref_jerror *error);

/* The index of `word` in a NULL-terminated list, or -1. */
int smref_find_word(const char *const *words, const char *word);

#endif
