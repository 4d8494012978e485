/*
 * QEMU as a target. There are two machines, because QEMU remembers a two-level Stream table until it is
 * reset: one for the cases that start with one, and one for all others.
 */
#define _GNU_SOURCE /* SCHED_BATCH, CPU_SET */
#include "qemu_script.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#define MACHINES 2
#define DEPTH 4

enum job_state {
    JOB_WAITING,
    JOB_RUNNING,
    JOB_DONE,
};

struct job {
    enum job_state state;
    smref_target_status status; /* JOB_DONE */
    unsigned machine;
    smref_qemu_run run;
    char why[256];
};

struct qemu_target {
    smref_target target;
    smref_qemu_program program;
    smref_qemu_machine machines[MACHINES];
    bool busy[MACHINES];
    struct job jobs[DEPTH]; /* from `oldest` on, `count` of them */
    unsigned oldest, count;
    bool closer;
};

static struct qemu_target *own(smref_target *target)
{
    return (struct qemu_target *)target;
}

static void end_job(struct job *job, smref_target_status status)
{
    job->state = JOB_DONE;
    job->status = status;
}

/* What became of the machine under a case. */
static void bury(struct qemu_target *t, struct job *job, smref_qtest_status status)
{
    smref_qemu_machine *machine = &t->machines[job->machine];
    char how[256];

    smref_qemu_stop(&machine->process, *t->program.log ? t->program.log : NULL,
                    status == SMREF_QTEST_ENDED ? how : NULL);
    if (status == SMREF_QTEST_SILENT)
        snprintf(job->why, sizeof job->why, "no answer in %u ms", t->program.timeout_ms);
    else if (status == SMREF_QTEST_REFUSED)
        snprintf(job->why, sizeof job->why, "its answer is none");
    else
        snprintf(job->why, sizeof job->why, "%s", how);
    t->busy[job->machine] = false;
    end_job(job, SMREF_TARGET_DIED);
}

/* Whether the machine has a process that can be used. */
static bool revive(struct qemu_target *t, struct job *job)
{
    smref_qemu_machine *machine = &t->machines[job->machine];
    bool first = !machine->started;

    if (machine->process.pid && !machine->strayed)
        return true;
    machine->strayed = false;
    if (!smref_qemu_machine_start(machine, job->why)) {
        end_job(job, SMREF_TARGET_BROKEN);
        return false;
    }
    t->target.restarts += !first;
    return true;
}

/* Starts the next case of each machine that has none. */
static void go_on(struct qemu_target *t)
{
    for (unsigned i = 0; i < t->count; i++) {
        struct job *job = &t->jobs[(t->oldest + i) % DEPTH];
        smref_qemu_machine *machine = &t->machines[job->machine];
        smref_qtest_status status;
        if (job->state != JOB_WAITING || t->busy[job->machine] || !revive(t, job))
            continue;
        job->state = JOB_RUNNING;
        t->busy[job->machine] = true;
        status = smref_qemu_begin(machine, &job->run);
        if (status)
            bury(t, job, status);
        else if (machine->unclean) {
            snprintf(job->why, sizeof job->why, "memory held what no case stored");
            end_job(job, SMREF_TARGET_BROKEN);
        }
    }
}

/* ---- The target ------------------------------------------------------------------------------------ */

static smref_target_status submit(smref_target *target, const smref_case *c,
                                  const smref_prediction *predicted)
{
    struct qemu_target *t = own(target);
    struct job *job = &t->jobs[(t->oldest + t->count) % DEPTH];
    const char *refused = smref_qemu_refused(&t->machines[0], c);

    t->count++;
    job->state = JOB_WAITING;
    job->machine = smref_qemu_starts_two_level(c);
    job->run.c = c;
    job->run.predicted = predicted;
    job->run.closer = t->closer;
    if (refused) {
        snprintf(job->why, sizeof job->why, "%s", refused);
        end_job(job, SMREF_TARGET_REFUSED);
    }
    go_on(t);
    return SMREF_TARGET_OK;
}

static smref_target_status collect(smref_target *target, smref_sight *shown)
{
    struct qemu_target *t = own(target);
    struct job *job = &t->jobs[t->oldest];
    smref_qtest_status status;

    while (job->state != JOB_DONE) {
        go_on(t);
        if (job->state != JOB_RUNNING)
            continue;
        status = smref_qemu_finish(&t->machines[job->machine], &job->run);
        if (status)
            bury(t, job, status);
        else {
            t->busy[job->machine] = false;
            end_job(job, SMREF_TARGET_OK);
        }
    }
    t->oldest = (t->oldest + 1) % DEPTH;
    t->count--;
    go_on(t);
    if (job->status == SMREF_TARGET_OK)
        memcpy(shown, job->run.shown, job->run.c->count * sizeof *shown);
    else
        snprintf(target->why, sizeof target->why, "%s", job->why);
    return job->status;
}

static smref_target_status look_closer(smref_target *target, bool closer)
{
    own(target)->closer = closer;
    return SMREF_TARGET_OK;
}

static bool script(smref_target *target, FILE *to, const smref_target_script *what)
{
    return smref_qemu_script(to, &own(target)->machines[0], what);
}

static void close_target(smref_target *target)
{
    struct qemu_target *t = own(target);

    for (unsigned i = 0; i < MACHINES; i++)
        smref_qemu_machine_close(&t->machines[i]);
    for (unsigned i = 0; i < DEPTH; i++)
        free(t->jobs[i].run.shown);
    smref_implementation_clear(&target->implementation);
    free(t);
}

/* On one processor, QEMU answers all that was asked before smref looks at the first answer. */
static void be_patient(void)
{
    const struct sched_param none = {0};

    (void)sched_setscheduler(0, SCHED_BATCH | SCHED_RESET_ON_FORK, &none);
}

/*
 * smref and a QEMU that needs an answer more than once a case are quicker on one processor than on two, which
 * would wake each other all the time. Processes with neighbouring numbers, as the jobs of a campaign have,
 * get different ones.
 */
static void stay_together(void)
{
    cpu_set_t all, one;
    size_t n;

    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    n = (size_t)getpid() % (size_t)CPU_COUNT(&all);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &all) && n-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(i, &one);
            (void)sched_setaffinity(0, sizeof one, &one);
        }
}

static bool open_machines(struct qemu_target *t, const smref_qemu_options *options, char why[256])
{
    if (!smref_qemu_program_look(&t->program, options, why))
        return false;
    be_patient();
    if (!t->program.accel_qtest)
        stay_together();
    for (unsigned i = 0; i < MACHINES; i++)
        if (!smref_qemu_machine_open(&t->machines[i], &t->program, why))
            return false;
    return smref_qemu_machine_start(&t->machines[0], why);
}

smref_target *smref_qemu_open(const smref_qemu_options *options, smref_jerror *error)
{
    struct qemu_target *t = smref_alloc(1, sizeof *t);
    const smref_jdoc doc = {.file = options->path};
    char why[256] = "";
    bool good;

    for (unsigned i = 0; i < MACHINES; i++) {
        t->machines[i].program = &t->program;
        t->machines[i].memory = -1;
    }
    for (unsigned i = 0; i < DEPTH; i++)
        t->jobs[i].run.shown = smref_alloc(SMREF_CASE_STEPS, sizeof(smref_sight));
    t->target.depth = DEPTH;
    t->target.submit = submit;
    t->target.collect = collect;
    t->target.look_closer = look_closer;
    t->target.script = script;
    t->target.close = close_target;
    good = open_machines(t, options, why) || smref_jfail(&doc, NULL, error, "%s", why);
    good = good && smref_qemu_machine_describe(&t->machines[0], &t->target.implementation, error);
    if (good)
        return &t->target;
    close_target(&t->target);
    return NULL;
}
