/* Jobs: processes, signals, and what is told while they run. */
#define _DEFAULT_SOURCE

#include "jobs.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "ledger.h"

#define EXIT_STOPPED 100 /* of a job that can be resumed */

struct job {
    pid_t process;
    bool running;
    uint64_t cases; /* of its part */
    uint64_t done, differs, begun;
};

static volatile int stop;

static void ask_to_stop(int signal)
{
    (void)signal;
    stop = 1;
}

unsigned smref_jobs_parts(const smref_jobs *jobs)
{
    return jobs->campaign.parts * jobs->jobs;
}

unsigned smref_jobs_part(const smref_jobs *jobs, unsigned job)
{
    return jobs->campaign.part + job * jobs->campaign.parts;
}

static smref_campaign part_of(const smref_jobs *jobs, unsigned job)
{
    smref_campaign campaign = jobs->campaign;

    campaign.part = smref_jobs_part(jobs, job);
    campaign.parts = smref_jobs_parts(jobs);
    return campaign;
}

/* ---- In the process of a job ----------------------------------------------------------------------- */

static int run_job(const smref_jobs *jobs, unsigned job, const smref_cases *source)
{
    const smref_campaign campaign = part_of(jobs, job);
    smref_jerror error = {""};
    smref_target *target = smref_target_open(campaign.target, &jobs->options, &error);
    smref_campaign_end how;

    if (!target) {
        smref_bad_input(error.text);
        return SMREF_EXIT_TARGET;
    }
    how = smref_campaign_run(&campaign, target, source, &stop, &error);
    target->close(target);
    if (error.text[0])
        smref_bad_input(error.text);
    switch (how) {
    case SMREF_CAMPAIGN_COMPLETE:
        return SMREF_EXIT_OK;
    case SMREF_CAMPAIGN_STOPPED:
        return EXIT_STOPPED;
    case SMREF_CAMPAIGN_BAD:
        return SMREF_EXIT_USAGE;
    case SMREF_CAMPAIGN_TARGET_LOST:
        break;
    }
    return SMREF_EXIT_TARGET;
}

/* ---- Progress -------------------------------------------------------------------------------------- */

static void look_at(const smref_jobs *jobs, unsigned job, struct job *j)
{
    const smref_campaign campaign = part_of(jobs, job);
    char path[SMREF_PATH_ROOM];
    smref_ledger *ledger = smref_ledger_watch(smref_campaign_path(&campaign, campaign.part, "state", path));
    const smref_counters *now;

    if (!ledger)
        return;
    now = smref_ledger_now(ledger);
    j->done = now->done;
    j->differs = 0;
    for (unsigned k = 0; k < SMREF_COUNTS_KINDS; k++)
        j->differs += now->kinds[k][SMREF_VERDICT_DIFFERS];
    smref_ledger_close(ledger);
}

static void tell(const smref_jobs *jobs, struct job *all, double seconds)
{
    uint64_t done = 0, differs = 0, cases = 0, begun = 0;
    double rate;

    for (unsigned i = 0; i < jobs->jobs; i++) {
        look_at(jobs, i, &all[i]);
        done += all[i].done;
        differs += all[i].differs;
        begun += all[i].begun;
        cases = all[i].cases > UINT64_MAX - cases ? UINT64_MAX : cases + all[i].cases;
    }
    rate = seconds > 0 && done > begun ? (double)(done - begun) / seconds : 0;
    if (cases >= UINT64_MAX / 2)
        smref_progress("%" PRIu64 " cases, %.0f/s, %" PRIu64 " differ", done, rate, differs);
    else
        smref_progress("%" PRIu64 " of %" PRIu64 " cases, %.0f/s, %" PRIu64 " differ, %.0f s left", done,
                       cases, rate, differs, rate > 0 ? (double)(cases - done) / rate : 0.0);
}

/* ---- In the process of the command ----------------------------------------------------------------- */

static bool start_job(const smref_jobs *jobs, unsigned job, const smref_cases *source, struct job *out)
{
    const smref_campaign campaign = part_of(jobs, job);

    out->cases = smref_campaign_cases(&campaign, source);
    if (jobs->campaign.resume) {
        look_at(jobs, job, out);
        out->begun = out->done;
    }
    fflush(NULL);
    out->process = fork();
    if (out->process == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* a job does not outlive the command, however that ends */
        _exit(smref_finish(run_job(jobs, job, source)));
    }
    out->running = out->process > 0;
    if (!out->running)
        fprintf(stderr, "smref: no further process can be made: %s\n", strerror(errno));
    return out->running;
}

/* What its end means for the exit code of all. */
static int judge(int status, bool *stopped)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STOPPED) {
        *stopped = true;
        return SMREF_EXIT_OK;
    }
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    *stopped = true;
    fprintf(stderr, "smref: a job was ended by signal %d\n", WTERMSIG(status));
    return WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM ? SMREF_EXIT_TARGET : SMREF_EXIT_BUG;
}

static void signal_all(const struct job *all, unsigned count, int signal)
{
    for (unsigned i = 0; i < count; i++)
        if (all[i].running)
            kill(all[i].process, signal);
}

/* True: one that ran has ended. */
static bool reap(struct job *all, unsigned count, int *code, bool *stopped)
{
    int status, own;
    pid_t process = waitpid(-1, &status, WNOHANG);

    for (unsigned i = 0; process > 0 && i < count; i++) {
        if (!all[i].running || all[i].process != process)
            continue;
        all[i].running = false;
        own = judge(status, stopped);
        if (own == SMREF_EXIT_OK && !*stopped)
            all[i].done = all[i].cases;
        if (own != SMREF_EXIT_OK && *code == SMREF_EXIT_OK)
            *code = own;
        return true;
    }
    return false;
}

static int wait_for_jobs(const smref_jobs *jobs, struct job *all, bool *stopped)
{
    const struct timespec nap = {0, 20000000};
    unsigned left = 0, naps = 0;
    int code = SMREF_EXIT_OK;
    bool told = false;

    for (unsigned i = 0; i < jobs->jobs; i++)
        left += all[i].running;
    while (left) {
        if (reap(all, jobs->jobs, &code, stopped)) {
            left--;
            continue;
        }
        if ((stop || code != SMREF_EXIT_OK) && !told) {
            signal_all(all, jobs->jobs, SIGTERM);
            told = true;
        }
        nanosleep(&nap, NULL);
        if (jobs->progress && ++naps % 25 == 0)
            tell(jobs, all, naps / 50.0);
    }
    smref_progress(NULL);
    return code;
}

int smref_jobs_run(const smref_jobs *jobs, const smref_cases *source, bool *stopped)
{
    struct job *all = smref_alloc(jobs->jobs, sizeof *all);
    struct sigaction on_signal = {.sa_handler = ask_to_stop}, before[2];
    int code = SMREF_EXIT_OK;

    stop = 0;
    sigaction(SIGINT, &on_signal, &before[0]);
    sigaction(SIGTERM, &on_signal, &before[1]);
    *stopped = false;
    for (unsigned i = 0; i < jobs->jobs; i++)
        if (!start_job(jobs, i, source, &all[i])) {
            signal_all(all, i, SIGTERM);
            code = SMREF_EXIT_USAGE;
            break;
        }
    if (code == SMREF_EXIT_OK)
        code = wait_for_jobs(jobs, all, stopped);
    else
        wait_for_jobs(jobs, all, stopped);
    sigaction(SIGINT, &before[0], NULL);
    sigaction(SIGTERM, &before[1], NULL);
    free(all);
    return code;
}
