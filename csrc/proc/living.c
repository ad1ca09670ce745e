#include "proc/living.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/keyvals.h"
#include "proc/pids.h"
#include "proc/stat.h"

enum { DIRECTORY = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
enum { PF_EXITING = 0x4, PF_KTHREAD = 0x200000 }; /* include/linux/sched.h */

/* Tell whether the thread that is open has memory.  Everyone may read statm; a copy may
 * lack it. */
static bool has_memory(const struct source *s)
{
    struct source_text text;
    uint64_t size;
    if (source_read_text(s, "statm", &text, NULL) >= 0) {
        struct scan pages = source_scan(&text);
        return scan_number(&pages, 10, UINT64_MAX, &size) && size > 0;
    }
    return source_read_text(s, "status", &text, NULL) >= 0 &&
           keyvals_number(source_scan(&text), "VmSize", &size);
}

/* Let the source read a thread with memory; false if there is none. */
static bool use_thread(struct source *s)
{
    int32_t *tids = NULL;
    size_t n = 0;
    bool found = false;
    int task = openat(s->process, "task", DIRECTORY | O_RDONLY);
    if (task < 0)
        return false;
    if (pids_list(task, &tids, &n) < 0)
        n = 0;
    for (size_t i = 0; i < n && !found; i++) {
        if (tids[i] == s->pid || source_use_thread(s, task, tids[i]) < 0)
            continue;
        found = has_memory(s);
        if (!found)
            source_use_process(s);
    }
    free(tids);
    close(task);
    return found;
}

enum living living_look(struct source *s)
{
    struct source_text stat;
    struct scan state;
    uint64_t flags = 0;
    source_use_process(s);
    enum memc_status st = source_read_text(s, "stat", &stat, NULL);
    if (st == MEMC_ERR_GONE)
        return LIVING_GONE;
    if (stat_number(&stat, STAT_FLAGS, &flags) && flags & PF_KTHREAD)
        return LIVING_NONE;
    uint64_t threads = 2; /* perhaps, in a copy without stat */
    (void)stat_number(&stat, STAT_THREADS, &threads);
    if (threads > 1 && use_thread(s))
        return LIVING_THREAD;
    bool ended = stat_fields(&stat, STAT_STATE, STAT_STATE, &state) &&
                 (scan_is(&state, "Z", 1) || scan_is(&state, "X", 1));
    if (ended && threads == 1)
        return LIVING_NONE;
    return flags & PF_EXITING ? LIVING_ENDING : LIVING_NONE;
}
