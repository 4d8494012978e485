/* What the log of a Linux kernel says about an SMMUv3: found line by line. */
#ifndef SMREF_DMESG_SCAN_H
#define SMREF_DMESG_SCAN_H

#include <stdbool.h>
#include <stdint.h>

typedef enum smref_log_kind {
    SMREF_LOG_EVENT,        /* an event record: its words, or what the kernel said of it in words */
    SMREF_LOG_COMMAND,      /* a command that the kernel skipped */
    SMREF_LOG_GERROR,       /* value: the active bits of SMMU_GERROR */
    SMREF_LOG_CMDQ_ERROR,   /* value: SMMU_CMDQ_CONS */
    SMREF_LOG_SYNC_TIMEOUT, /* when has_value: prod and cons */
    SMREF_LOG_OVERFLOW,     /* text: "EVTQ" or "PRIQ" */
    SMREF_LOG_NOTE,         /* text: a message that has no more in it */
} smref_log_kind;

typedef struct smref_log_report {
    smref_log_kind kind;
    unsigned long line; /* of the log; 1 is the first */
    char device[64];    /* "arm-smmu-v3.0.auto"; empty when the log does not name it */
    unsigned id;        /* EVENT: the number in the headline */
    bool has_id;
    uint64_t words[4];
    unsigned have, need; /* words found, and how many there are of them */
    bool has_value;
    uint64_t value, prod, cons;
    char text[64];
    /* what newer kernels add to an event */
    char name[32], client[64];
    uint64_t sid, ssid, iova, ipa;
    bool has_iova;
} smref_log_report;

typedef struct smref_log_scan smref_log_scan;

/* `found` is called for each report, once nothing can be added to it. */
smref_log_scan *smref_log_scan_new(void (*found)(void *context, const smref_log_report *report),
                                   void *context);
/* A line without its newline. */
void smref_log_scan_line(smref_log_scan *scan, const char *line);
/* Hands over what is still open, and frees. */
void smref_log_scan_end(smref_log_scan *scan);

#endif
