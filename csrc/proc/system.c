/*
 * system.c - every process of a root, on threads.
 *
 * The threads share the list of pids.  Each takes the next pid and writes only the
 * entry of this pid: an error in one process never affects another process.
 */
#include "proc/system.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "proc/collect.h"
#include "proc/identity.h"
#include "proc/same.h"

enum { MAX_JOBS = 256 };

struct work {
    const struct memc_options *options;
    const int32_t *pids;
    struct system_entry *entries;
    size_t n;
    atomic_size_t next; /* the first pid that no thread has taken */
    atomic_size_t done;
};

static int compare_pid(const void *pid, const void *entry)
{
    int32_t x = *(const int32_t *)pid;
    int32_t y = ((const struct system_entry *)entry)->process.pid;
    return (x > y) - (x < y);
}

/* Find a process in an earlier result, unless it lacks what is asked for now. */
static const struct system_entry *find_before(const struct memc_options *o, int32_t pid)
{
    const struct memc_system *all = o->after_all;
    if (!all || (o->cgroups && !all->has_cgroups) ||
        (o->cmdlines && !all->has_cmdlines))
        return NULL;
    return bsearch(&pid, all->entries, all->n, sizeof *all->entries, compare_pid);
}

static void read_entry(struct source *s, const struct work *w, size_t i)
{
    struct system_entry *e = &w->entries[i];
    struct memc_process *p = &e->process;
    struct memc_options options = *w->options;
    p->pid = w->pids[i];
    const struct system_entry *before = find_before(&options, p->pid);
    options.after = before ? before->snapshot : NULL;
    if (collect_process(s, p->pid, &options, p, &e->snapshot, &e->error) < 0) {
        (void)identity_name(s, e->name, &p->name_len);
        p->name = e->name;
        return;
    }
    const struct memc_info *info = &e->snapshot->info;
    p->snapshot = e->snapshot;
    p->name = info->name ? info->name : "";
    p->name_len = info->name_len;
    p->has_started = info->has_started;
    p->started = info->started;
    if (info->as_of_ms)
        identity_copy(&options, p, &before->process);
}

/* Take the next process; false when none is left. */
static bool work_once(struct source *s, struct work *w)
{
    size_t i = atomic_fetch_add(&w->next, 1);
    if (i >= w->n)
        return false;
    read_entry(s, w, i);
    atomic_fetch_add(&w->done, 1);
    return true;
}

static void *work_thread(void *context)
{
    struct work *w = context;
    struct source s;
    if (source_open(&s, w->options->proc, NULL) >= 0) {
        while (work_once(&s, w))
            ;
        source_close(&s);
    }
    return NULL;
}

static void tell(const struct work *w, size_t done)
{
    if (w->options->progress)
        w->options->progress(w->options->progress_context, done, w->n);
}

/* Work without threads while processes are told again: they would cost more than that.
 * Stop when several processes had to be read, as the next ones may have to be, too. */
static void work_alone(struct source *s, struct work *w)
{
    enum { SEVERAL = 8 };
    size_t n_read = 0;
    for (size_t i = 0; n_read < SEVERAL && work_once(s, w); i++) {
        const struct memc_snapshot *snap = w->entries[i].snapshot;
        if (!snap || !snap->info.as_of_ms)
            n_read++;
    }
}

/* Work in the calling thread, which is also the one that reports progress. */
static void work_here(struct source *s, struct work *w)
{
    static const uint64_t INTERVAL_NS = 100000000;
    uint64_t told_ns = clock_now_ns();
    while (work_once(s, w)) {
        uint64_t now_ns = clock_now_ns();
        if (now_ns - told_ns < INTERVAL_NS)
            continue;
        tell(w, atomic_load(&w->done));
        told_ns = now_ns;
    }
}

uint32_t memc_cpus(void)
{
    cpu_set_t cpus;
    bool known = sched_getaffinity(0, sizeof cpus, &cpus) == 0;
    return known ? (uint32_t)CPU_COUNT(&cpus) : 1;
}

static size_t count_jobs(const struct memc_options *o, size_t n)
{
    size_t jobs = o->jobs ? o->jobs : memc_cpus();
    size_t most = n < MAX_JOBS ? n : MAX_JOBS;
    return jobs < most ? jobs : most;
}

/* If a thread cannot be created, the others do its work. */
static void read_entries(struct source *s, struct work *w)
{
    pthread_t threads[MAX_JOBS];
    size_t n_threads = 0;
    if (w->options->after_all)
        work_alone(s, w);
    size_t jobs = count_jobs(w->options, w->n - atomic_load(&w->done));
    while (n_threads + 1 < jobs &&
           pthread_create(&threads[n_threads], NULL, work_thread, w) == 0)
        n_threads++;
    work_here(s, w);
    while (n_threads > 0)
        pthread_join(threads[--n_threads], NULL);
}

/* Tell whether it has memory, or may have: a kernel thread or a zombie has none. */
static bool has_memory(const struct memc_snapshot *snap)
{
    return snap->has_memory || snap->notes[MEMC_NOTE_CUT];
}

/* List the numbers of the entries that were read, and of those that were skipped. */
static enum memc_status list_entries(struct memc_system *system, bool skip_kernel)
{
    system->read = calloc(system->n + 1, sizeof *system->read);
    system->skipped = calloc(system->n + 1, sizeof *system->skipped);
    if (!system->read || !system->skipped)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < system->n; i++) {
        const struct system_entry *e = &system->entries[i];
        if (!e->snapshot)
            system->skipped[system->n_skipped++] = (uint32_t)i;
        else if (!skip_kernel || has_memory(e->snapshot))
            system->read[system->n_read++] = (uint32_t)i;
    }
    return MEMC_OK;
}

static enum memc_status collect_system(struct source *s, const struct memc_options *o,
                                       struct memc_system *system,
                                       struct memc_error *err)
{
    int32_t *pids;
    system->timestamp_ms = clock_now_ms();
    system->late = o->late;
    system->has_cgroups = o->cgroups;
    system->has_cmdlines = o->cmdlines;
    enum memc_status st = source_pids(s, &pids, &system->n, err);
    if (st < 0)
        return st;
    system->entries = calloc(system->n + 1, sizeof *system->entries);
    if (system->entries) {
        struct work w = {.options = o, .pids = pids, .n = system->n};
        w.entries = system->entries;
        tell(&w, 0);
        read_entries(s, &w);
        tell(&w, system->n);
    }
    free(pids);
    st = system->entries ? same_find(s, system->entries, system->n) : MEMC_ERR_MEMORY;
    if (st >= 0)
        st = list_entries(system, o->skip_kernel);
    return st < 0 ? error_status(err, st) : st;
}

enum memc_status memc_collect_all(const struct memc_options *options,
                                  struct memc_system **ret, struct memc_error *err)
{
    struct memc_options o = options ? *options : (struct memc_options){0};
    struct source s;
    o.identity = true;
    o.keep_open = o.keep_open || o.after_all;
    enum memc_status st = source_open(&s, o.proc, err);
    if (st < 0)
        return st;
    struct memc_system *system = calloc(1, sizeof *system);
    st = system ? collect_system(&s, &o, system, err)
                : error_status(err, MEMC_ERR_MEMORY);
    source_close(&s);
    if (st < 0)
        memc_system_destroy(system);
    else
        *ret = system;
    return st;
}

void memc_system_destroy(struct memc_system *system)
{
    if (!system)
        return;
    for (size_t i = 0; system->entries && i < system->n; i++) {
        memc_snapshot_destroy(system->entries[i].snapshot);
        identity_forget(&system->entries[i].process);
    }
    free(system->entries);
    free(system->read);
    free(system->skipped);
    free(system);
}

uint64_t memc_system_timestamp_ms(const struct memc_system *system)
{
    return system->timestamp_ms;
}

uint64_t memc_system_late(const struct memc_system *system)
{
    return system->late;
}

size_t memc_system_processes(const struct memc_system *system)
{
    return system->n_read;
}

size_t memc_system_skipped(const struct memc_system *system)
{
    return system->n_skipped;
}

struct memc_process memc_system_process(const struct memc_system *system, size_t i)
{
    return system->entries[system->read[i]].process;
}

static const char *reason(const struct memc_error *err)
{
    if (err->status == MEMC_ERR_DENIED)
        return "denied";
    return err->status == MEMC_ERR_GONE ? "gone" : "error";
}

struct memc_skipped memc_system_skip(const struct memc_system *system, size_t i)
{
    const struct system_entry *e = &system->entries[system->skipped[i]];
    return (struct memc_skipped){
        .pid = e->process.pid,
        .name = e->process.name,
        .name_len = e->process.name_len,
        .reason = reason(&e->error),
        .error = e->error,
    };
}
