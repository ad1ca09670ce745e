#include "json/processes.h"

#include <pthread.h>

#include "json/snapshot.h"

enum { PIECE_ROWS = 128, MAX_THREADS = 16 };

static const unsigned DEPTH = 4; /* of a snapshot's keys */

/* A place in the document: a region of a process.  The first is 0. */
struct place {
    size_t process;
    size_t row;
};

struct work {
    const struct memc_system *system;
    const struct memc_json_options *options;
    struct json *j; /* of the document: how to write, and whether that failed */
    struct place end;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct place next; /* the first place that no thread has taken */
    size_t taken;      /* pieces */
    size_t turn;       /* the number of the piece that is written now */
    bool failed;       /* memory ran out */
};

struct piece {
    struct work *work;
    size_t number;
    struct place begin;
    struct place end;
};

/* ---- a piece ----------------------------------------------------------- */

void processes_begin_item(struct json *j, bool first, int32_t pid, const char *name,
                          size_t name_len)
{
    if (!first)
        json_raw(j, ",", 1);
    json_line(j, 2);
    json_raw(j, "{", 1);
    json_key(j, 3, true, "pid");
    json_number(j, (uint64_t)pid);
    json_text_pair(j, 3, "name", name, name_len);
}

void processes_end_item(struct json *j)
{
    json_line(j, 2);
    json_raw(j, "}", 1);
}

static void write_identity(struct json *j, const struct memc_process *p, bool full)
{
    json_known_pair(j, DEPTH - 1, "uid", p->uid, p->has_uid);
    json_known_pair(j, DEPTH - 1, "started", p->started, p->has_started);
    if (!full)
        return;
    json_text_pair(j, DEPTH - 1, "cgroup", p->cgroup, p->cgroup_len);
    json_text_pair(j, DEPTH - 1, "cmdline", p->cmdline, p->cmdline_len);
}

/* Write a process from row `from.row` to row `to`, or to its end. */
static bool write_process(struct json *j, const struct work *w, struct place from,
                          const size_t *to)
{
    struct memc_process p = memc_system_process(w->system, from.process);
    struct regions_options options = {DEPTH, w->options && w->options->full};
    if (from.row == 0) {
        processes_begin_item(j, from.process == 0, p.pid, p.name, p.name_len);
        write_identity(j, &p, options.full);
        json_key(j, DEPTH - 1, false, "snapshot");
        snapshot_begin(j, p.snapshot, &options);
    }
    size_t end = to ? *to : p.snapshot->rows;
    if (!snapshot_rows(j, p.snapshot, &options, from.row, end))
        return false;
    if (!to) {
        snapshot_end(j, p.snapshot, DEPTH);
        processes_end_item(j);
    }
    return true;
}

static bool write_range(struct json *j, const struct work *w, struct place from,
                        struct place end)
{
    bool whole = true;
    for (; whole && from.process < end.process;
         from = (struct place){from.process + 1, 0})
        whole = write_process(j, w, from, NULL);
    if (whole && from.row < end.row)
        whole = write_process(j, w, from, &end.row);
    return whole;
}

/* ---- the threads ------------------------------------------------------- */

/* Return the place that comes PIECE_ROWS later.  A process counts as a row, too. */
static struct place advance(const struct work *w, struct place at)
{
    size_t budget = PIECE_ROWS;
    while (budget > 0 && at.process < w->end.process) {
        size_t left =
            memc_system_process(w->system, at.process).snapshot->rows - at.row;
        if (left > budget)
            return (struct place){at.process, at.row + budget};
        budget -= left < budget ? left + 1 : left;
        at = (struct place){at.process + 1, 0};
    }
    return at;
}

/* Take the next piece; false when none is left. */
static bool take(struct piece *p)
{
    struct work *w = p->work;
    pthread_mutex_lock(&w->lock);
    bool is_left = w->next.process < w->end.process && !w->failed;
    if (is_left) {
        p->number = w->taken++;
        p->begin = w->next;
        p->end = w->next = advance(w, w->next);
    }
    pthread_mutex_unlock(&w->lock);
    return is_left;
}

static void wait_for_turn(const struct piece *p)
{
    struct work *w = p->work;
    pthread_mutex_lock(&w->lock);
    while (w->turn != p->number)
        pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

/* A memc_write_fn: each thread waits until it is its turn. */
static int write_in_turn(void *context, const char *bytes, size_t len)
{
    const struct piece *p = context;
    wait_for_turn(p);
    struct json *j = p->work->j;
    if (!j->failed)
        j->failed = j->write(j->context, bytes, len);
    return j->failed;
}

static void end_turn(const struct piece *p, bool whole)
{
    struct work *w = p->work;
    wait_for_turn(p);
    pthread_mutex_lock(&w->lock);
    w->turn++;
    w->failed = w->failed || !whole;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void *work_thread(void *context)
{
    struct piece p = {.work = context};
    struct json *j = json_create(write_in_turn, &p, p.work->j->pretty);
    while (j && take(&p)) {
        bool whole = write_range(j, p.work, p.begin, p.end);
        json_flush(j);
        end_turn(&p, whole);
    }
    json_destroy(j);
    return NULL;
}

static size_t count_threads(const struct work *w)
{
    size_t rows = 0;
    for (size_t i = 0; i < w->end.process; i++)
        rows += 1 + memc_system_process(w->system, i).snapshot->rows;
    size_t pieces = rows / PIECE_ROWS;
    size_t wanted = w->options ? w->options->jobs : 0;
    if (wanted > MAX_THREADS)
        wanted = MAX_THREADS;
    return wanted < pieces ? wanted : pieces;
}

/* If a thread cannot be created, the others do its work; this thread writes the
 * rest. */
static bool write_on_threads(struct work *w, size_t n)
{
    pthread_t threads[MAX_THREADS];
    size_t started = 0;
    json_flush(w->j);
    while (started < n && pthread_create(&threads[started], NULL, work_thread, w) == 0)
        started++;
    while (started > 0)
        pthread_join(threads[--started], NULL);
    return !w->failed && write_range(w->j, w, w->next, w->end);
}

bool processes_write(struct json *j, const struct memc_system *system,
                     const struct memc_json_options *options)
{
    struct work w = {
        .system = system,
        .options = options,
        .j = j,
        .end = {system->n_read, 0},
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    size_t threads = count_threads(&w);
    if (threads > 1)
        return write_on_threads(&w, threads);
    return write_range(j, &w, w.next, w.end);
}
