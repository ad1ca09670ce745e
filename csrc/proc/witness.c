#include "proc/witness.h"

#include <ctype.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/entry.h"
#include "proc/pids.h"
#include "proc/stat.h"

/* More threads than MAX_THREADS cost more than they save.  TEXT_SIZE holds the seven
 * numbers of statm. */
enum { MAX_THREADS = 256, TEXT_SIZE = 152 };

/* The slowest clock of Linux ticks every 10 ms (CONFIG_HZ=100). */
static const uint64_t SETTLE_NS = 50000000;

struct kept_file {
    int fd;
    size_t len;
    char text[TEXT_SIZE];
};

struct witness {
    atomic_size_t refs;
    pthread_mutex_t lock;
    char *root;
    uint64_t since_ns; /* when the last of its texts had been read */
    size_t n;          /* 0 when the files are closed */
    struct kept_file files[];
};

static ssize_t read_again(int fd, char text[TEXT_SIZE])
{
    ssize_t n;
    do {
        n = pread(fd, text, TEXT_SIZE, 0);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* Tell whether a descriptor leaves half of the numbers that this process may use to
 * others: the kernel always gives the lowest one that is free. */
static bool is_spare(int fd)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd < limit.rlim_cur / 2;
}

/* Open a file and read it.  A kernel that does not count prints zeros. */
static bool keep_file(struct witness *w, int directory, const char *name)
{
    struct kept_file *file = &w->files[w->n];
    file->fd = entry_open(directory, name, false);
    if (file->fd < 0)
        return false;
    w->n++;
    ssize_t len = read_again(file->fd, file->text);
    file->len = len > 0 ? (size_t)len : 0;
    return is_spare(file->fd) && len > 0 && len < TEXT_SIZE &&
           !(len == 6 && memcmp(file->text, "0 0 0\n", 6) == 0);
}

/* Tell whether a thread sleeps or is stopped.  In state D it may wait for a child by
 * vfork, which uses its memory meanwhile. */
static bool is_at_rest(const struct source_text *stat)
{
    struct scan state;
    return stat_fields(stat, STAT_STATE, STAT_STATE, &state) &&
           scan_left(&state) == 1 && strchr("StTI", *state.pos);
}

/* Keep schedstat of the other threads. */
static bool keep_threads(struct witness *w, int task, const int32_t *tids, size_t n,
                         int32_t leader)
{
    char name[32];
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(name, sizeof name, "%d/schedstat", (int)tids[i]);
        if (tids[i] != leader && !keep_file(w, task, name))
            return false;
    }
    return true;
}

static bool are_at_rest(const struct source *s, int task, const int32_t *tids, size_t n)
{
    struct source one = *s;
    struct source_text stat;
    bool rest = true;
    for (size_t i = 0; rest && i < n; i++) {
        one.process = one.memory = task;
        rest = source_use_thread(&one, task, tids[i]) == 0 &&
               source_read_text(&one, "stat", &stat, NULL) >= 0 && is_at_rest(&stat);
        source_use_process(&one);
    }
    return rest;
}

/* Keep the files of a process with other threads than the first. */
static bool keep_all(struct witness **w, const struct source *s)
{
    int32_t *tids = NULL;
    size_t n = 0;
    bool kept = false;
    int task = openat(s->process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (task < 0)
        return false;
    if (pids_list(task, &tids, &n) >= 0 && n <= MAX_THREADS) {
        size_t size = sizeof **w + (n + 1) * sizeof *(*w)->files;
        struct witness *more = realloc(*w, size);
        if (more) {
            *w = more;
            kept = keep_threads(more, task, tids, n, s->pid) &&
                   are_at_rest(s, task, tids, n) && more->n == n + 1;
        }
    }
    free(tids);
    close(task);
    return kept;
}

/* Tell whether the first thread is at rest and how many threads there are.  They were
 * listed before: if one ended since, its schedstat fails from now on. */
static bool look(const struct source *s, uint64_t *threads)
{
    struct source_text stat;
    return source_read_text(s, "stat", &stat, NULL) >= 0 && is_at_rest(&stat) &&
           stat_number(&stat, STAT_THREADS, threads);
}

static bool keep_files(struct witness **w, const struct source *s)
{
    uint64_t threads;
    if (!keep_file(*w, s->process, "statm") ||
        !keep_file(*w, s->process, "schedstat") || !look(s, &threads))
        return false;
    if (threads == 1)
        return true;
    return threads <= MAX_THREADS && keep_all(w, s) && look(s, &threads) &&
           threads + 1 == (*w)->n;
}

/* Tell whether a CPU may run a thread without ticks (CONFIG_NO_HZ_FULL). */
static bool may_lack_ticks(void)
{
    char text[TEXT_SIZE];
    int fd = open("/sys/devices/system/cpu/nohz_full", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read_again(fd, text);
    close(fd);
    for (ssize_t i = 0; i < len; i++) {
        if (isdigit((unsigned char)text[i]))
            return true;
    }
    return false;
}

static void close_files(struct witness *w)
{
    while (w->n > 0)
        close(w->files[--w->n].fd);
}

struct witness *witness_create(const struct source *s)
{
    if (s->is_copy || may_lack_ticks())
        return NULL;
    struct witness *w = calloc(1, sizeof *w + 2 * sizeof *w->files);
    if (!w)
        return NULL;
    w->root = strdup(s->path);
    if (!w->root || !keep_files(&w, s) || pthread_mutex_init(&w->lock, NULL) != 0) {
        close_files(w);
        free(w->root);
        free(w);
        return NULL;
    }
    atomic_init(&w->refs, 1);
    w->since_ns = clock_now_ns();
    return w;
}

struct witness *witness_ref(struct witness *w)
{
    atomic_fetch_add_explicit(&w->refs, 1, memory_order_relaxed);
    return w;
}

void witness_unref(struct witness *w)
{
    if (!w || atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) != 1)
        return;
    close_files(w);
    pthread_mutex_destroy(&w->lock);
    free(w->root);
    free(w);
}

bool witness_is_of(const struct witness *w, const char *root)
{
    return w->root[0] == '/' && strcmp(w->root, root ? root : "/proc") == 0;
}

static bool is_same(const struct witness *w, uint64_t *bytes)
{
    char text[TEXT_SIZE];
    for (size_t i = 0; i < w->n; i++) {
        const struct kept_file *file = &w->files[i];
        ssize_t len = read_again(file->fd, text);
        if (len < 0 || (size_t)len != file->len ||
            memcmp(text, file->text, file->len) != 0)
            return false;
        *bytes += file->len;
    }
    return w->n > 0;
}

enum witness_says witness_ask(struct witness *w, uint64_t now_ns, uint64_t *bytes)
{
    pthread_mutex_lock(&w->lock);
    bool same = is_same(w, bytes);
    if (!same)
        close_files(w);
    pthread_mutex_unlock(&w->lock);
    if (!same)
        return WITNESS_CHANGED;
    return now_ns - w->since_ns < SETTLE_NS ? WITNESS_EARLY : WITNESS_SAME;
}
