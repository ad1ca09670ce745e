/*
 * state.c - what status and stat say of a process without memory:
 *
 *   State:  Z (zombie)
 *   Kthread:        1
 *   Uid:    1000    1000    1000    1000
 *           real    effective, saved, of files
 */
#include "proc/state.h"

#include "base/keyvals.h"
#include "proc/stat.h"

enum { PF_EXITING = 0x4, PF_KTHREAD = 0x200000 }; /* include/linux/sched.h */

static bool is_state(struct scan state, const char *letters)
{
    return scan_left(&state) > 0 && strchr(letters, *state.pos) && *state.pos;
}

static const char *why(struct scan status, uint64_t flags)
{
    struct scan state;
    uint64_t number;
    /* Linux 6.10 and later tell kernel threads in status, too. */
    if (keyvals_number(status, "Kthread", &number) && number == 1)
        return "has no memory: it is a kernel thread";
    if (flags & PF_KTHREAD)
        return "has no memory: it is a kernel thread";
    if (keyvals_number(status, "VmSize", &number) && number > 0)
        return "had no memory when it was read, and has some by now";
    bool told = keyvals_find(status, "State", &state);
    bool ended = told && is_state(state, "ZX");
    if (ended && keyvals_number(status, "Threads", &number) && number > 1)
        return "its first thread has ended: its memory is not known";
    if (ended)
        return "has no memory: it has ended and is a zombie";
    if (flags & PF_EXITING)
        return "has no memory any more: it is ending";
    return told ? "has no memory: it has unmapped all of it" : "has no memory";
}

static const char *why_open(const struct source *s)
{
    struct source_text status;
    struct source_text stat;
    uint64_t flags = 0;
    enum memc_status st = source_read_text(s, "status", &status, NULL);
    if (st == MEMC_ERR_GONE)
        return "has no memory: it has ended";
    if (st < 0)
        return "has no memory";
    st = source_read_text(s, "stat", &stat, NULL);
    if (st == MEMC_ERR_GONE)
        return "has no memory: it has ended";
    if (st >= 0)
        (void)stat_number(&stat, STAT_FLAGS, &flags);
    return why(source_scan(&status), flags);
}

const char *state_why_empty(int32_t pid, const char *proc)
{
    struct source s;
    const char *words = "has no memory";
    if (source_open(&s, proc, NULL) < 0)
        return words;
    enum memc_status st = source_open_process(&s, pid, NULL);
    if (st >= 0)
        words = why_open(&s);
    else if (st == MEMC_ERR_GONE)
        words = "has no memory: it has ended";
    source_close(&s);
    return words;
}

bool state_uid(const struct source *s, uint32_t *ret)
{
    struct source_text status;
    struct scan value;
    uint64_t uid;
    if (source_read_text(s, "status", &status, NULL) < 0 ||
        !keyvals_find(source_scan(&status), "Uid", &value) ||
        !scan_number(&value, 10, UINT32_MAX, &uid))
        return false;
    scan_blanks(&value);
    if (!scan_number(&value, 10, UINT32_MAX, &uid))
        return false;
    *ret = (uint32_t)uid;
    return true;
}
