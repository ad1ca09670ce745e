/*
 * repeat.c - tell a snapshot again at fixed times, without its caller.
 *
 * One thread runs it, and any thread may take what was told so far.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "proc/again.h"

enum { MAX_TOLD = 64 };

struct memc_repeat {
    pthread_mutex_t lock;
    pthread_cond_t end;
    bool is_ended;
    size_t first; /* where the oldest of the told snapshots is */
    size_t n;
    struct memc_snapshot *told[MAX_TOLD];
};

struct memc_repeat *memc_repeat_create(void)
{
    pthread_condattr_t monotonic;
    struct memc_repeat *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->end, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return r;
}

/* In a forked child, a thread that it does not have may hold the lock, in the middle of
 * a change, or wait for the condition: to destroy that would wait for it. */
void memc_repeat_destroy(struct memc_repeat *r)
{
    if (!r || pthread_mutex_trylock(&r->lock) != 0)
        return;
    for (size_t i = 0; i < r->n; i++)
        memc_snapshot_destroy(r->told[(r->first + i) % MAX_TOLD]);
    free(r);
}

void memc_repeat_end(struct memc_repeat *r)
{
    pthread_mutex_lock(&r->lock);
    r->is_ended = true;
    pthread_cond_signal(&r->end);
    pthread_mutex_unlock(&r->lock);
}

struct memc_snapshot *memc_repeat_take(struct memc_repeat *r, uint64_t *late)
{
    struct memc_snapshot *told = NULL;
    pthread_mutex_lock(&r->lock);
    if (r->n > 0) {
        told = r->told[r->first];
        *late = told->notes[MEMC_NOTE_LATE];
        r->first = (r->first + 1) % MAX_TOLD;
        r->n--;
    }
    pthread_mutex_unlock(&r->lock);
    return told;
}

/* Wait until a sample is due; false if there is no room for it, or at the end. */
static bool wait_until(struct memc_repeat *r, uint64_t due_ns)
{
    static const uint64_t NS_PER_S = 1000000000;
    const struct timespec due = {
        .tv_sec = (time_t)(due_ns / NS_PER_S),
        .tv_nsec = (long)(due_ns % NS_PER_S),
    };
    int failed = 0; /* with ETIMEDOUT, when it is due */
    pthread_mutex_lock(&r->lock);
    while (!r->is_ended && r->n < MAX_TOLD && !failed)
        failed = pthread_cond_timedwait(&r->end, &r->lock, &due);
    bool is_due = !r->is_ended && r->n < MAX_TOLD;
    pthread_mutex_unlock(&r->lock);
    return is_due;
}

/* Keep a told snapshot; false at the end, after which nothing is kept. */
static bool keep(struct memc_repeat *r, struct memc_snapshot *told)
{
    pthread_mutex_lock(&r->lock);
    bool is_kept = !r->is_ended;
    if (is_kept)
        r->told[(r->first + r->n++) % MAX_TOLD] = told;
    pthread_mutex_unlock(&r->lock);
    if (!is_kept)
        memc_snapshot_destroy(told);
    return is_kept;
}

uint64_t memc_repeat_run(struct memc_repeat *r, int32_t pid,
                         const struct memc_options *options, uint64_t interval_ns,
                         uint64_t *due_ns)
{
    struct memc_options o = *options;
    struct memc_snapshot *told;
    if (!o.after || !o.after->kept)
        return o.late;
    while (wait_until(r, *due_ns) && again_tell_alone(pid, &o, &told) &&
           keep(r, told)) {
        uint64_t now_ns = clock_now_ns();
        *due_ns += interval_ns;
        o.late = 0;
        if (now_ns > *due_ns)
            o.late = (now_ns - *due_ns + interval_ns - 1) / interval_ns;
        *due_ns += o.late * interval_ns;
    }
    return o.late;
}
