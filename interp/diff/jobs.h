/* The parts of a campaign that run beside each other on this machine, each in a process of its own. */
#ifndef SMREF_JOBS_H
#define SMREF_JOBS_H

#include "campaign.h"

typedef struct smref_jobs {
    smref_campaign campaign; /* of all of them; `part` and `parts` are those of this machine: --shard */
    unsigned jobs;
    smref_target_options options; /* with which each opens its target */
    bool progress;
} smref_jobs;

/* The parts of the whole campaign, and those that run here, by their job from 0. */
unsigned smref_jobs_parts(const smref_jobs *jobs);
unsigned smref_jobs_part(const smref_jobs *jobs, unsigned job);

/*
 * Runs them, each on a target of its own, and waits. Signals that ask to end (SIGINT, SIGTERM) end all of
 * them, so that they can be resumed. *stopped: they are not complete. An exit code: that of the first job
 * that failed; findings are not looked at.
 */
int smref_jobs_run(const smref_jobs *jobs, const smref_cases *source, bool *stopped);

#endif
