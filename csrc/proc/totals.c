#include "proc/totals.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/keyvals.h"
#include "proc/swap.h"

/* The kernel's keys in status (Linux 4.5), and in smaps_rollup (Linux 4.14). */
static const char *const KEYS[N_TOTALS] = {
    [TOTAL_RSS_ANON] = "RssAnon",   [TOTAL_RSS_FILE] = "RssFile",
    [TOTAL_RSS_SHMEM] = "RssShmem", [TOTAL_HUGETLB] = "HugetlbPages",
    [TOTAL_SWAP] = "VmSwap",        [TOTAL_THREADS] = "Threads",
    [TOTAL_PEAK_RSS] = "VmHWM",     [TOTAL_PAGE_TABLES] = "VmPTE",
    [TOTAL_LOCKED] = "VmLck",       [TOTAL_PEAK_VSIZE] = "VmPeak",
    [TOTAL_PINNED] = "VmPin",       [TOTAL_DATA] = "VmData",
    [TOTAL_STACK] = "VmStk",        [TOTAL_TEXT] = "VmExe",
    [TOTAL_LIBRARY] = "VmLib",      [TOTAL_PSS] = "Pss",
};

static void set_sizes(struct memc_snapshot *t, uint64_t size_kb, uint64_t resident_kb)
{
    t->info.total_rss_kb = resident_kb;
    t->info.has_total_rss = true;
    if (size_kb > 0)
        t->has_memory = true;
    if (t->rows > 0)
        return;
    t->info.total_vsize_kb = size_kb;
    t->info.has_total_vsize = true;
}

/* "size resident shared text lib data dt", in pages. */
static bool read_statm(const struct source *s, struct memc_snapshot *t)
{
    struct source_text statm;
    uint64_t size;
    uint64_t resident;
    if (source_read_text(s, "statm", &statm, NULL) < 0)
        return false;
    t->info.bytes_read += statm.len;
    struct scan text = source_scan(&statm);
    uint64_t page_kb = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
    if (!scan_number(&text, 10, UINT64_MAX / page_kb, &size) ||
        !scan_char(&text, ' ') ||
        !scan_number(&text, 10, UINT64_MAX / page_kb, &resident))
        return false;
    set_sizes(t, size * page_kb, resident * page_kb);
    return true;
}

/* Find VmSize and VmRSS, which a process without memory lacks. */
static bool find_sizes(struct memc_snapshot *t, const struct source_text *status)
{
    struct scan s = source_scan(status);
    uint64_t size_kb;
    uint64_t resident_kb;
    if (!keyvals_number(s, "VmSize", &size_kb))
        return false;
    t->has_memory = true;
    if (!keyvals_number(s, "VmRSS", &resident_kb))
        return false;
    set_sizes(t, size_kb, resident_kb);
    return true;
}

static void find(struct memc_snapshot *t, const struct source_text *text, size_t i)
{
    struct scan s = source_scan(text);
    t->totals[i].known = keyvals_number(s, KEYS[i], &t->totals[i].value);
}

/* Find the total that a line of status is for; TOTAL_PSS if it is for none. */
static size_t total_of(const struct scan *line)
{
    for (size_t i = 0; i < TOTAL_PSS; i++) {
        size_t len = strlen(KEYS[i]);
        if (scan_left(line) > len && line->pos[len] == ':' &&
            memcmp(line->pos, KEYS[i], len) == 0)
            return i;
    }
    return TOTAL_PSS;
}

/* Find the totals of status in one pass.  The first line of a key counts. */
static void find_in_status(struct memc_snapshot *t, const struct source_text *status)
{
    struct scan text = source_scan(status);
    bool seen[TOTAL_PSS] = {false};
    while (text.pos < text.end) {
        struct scan line = scan_line(&text);
        size_t i = total_of(&line);
        if (i == TOTAL_PSS || seen[i])
            continue;
        seen[i] = true;
        line.pos += strlen(KEYS[i]) + 1;
        scan_blanks(&line);
        t->totals[i].known = scan_number(&line, 10, UINT64_MAX, &t->totals[i].value);
    }
}

/* Add Private_Clean and Private_Dirty: the memory that only this process maps. */
static void find_uss(struct memc_snapshot *t, const struct source_text *text)
{
    struct scan s = source_scan(text);
    uint64_t clean;
    uint64_t dirty;
    if (!keyvals_number(s, "Private_Clean", &clean) ||
        !keyvals_number(s, "Private_Dirty", &dirty) || clean > UINT64_MAX - dirty)
        return;
    t->totals[TOTAL_USS].value = clean + dirty;
    t->totals[TOTAL_USS].known = true;
}

/* Find what is swapped out, with shared memory. */
static void find_swap(struct memc_snapshot *t, const struct source_text *text)
{
    struct scan s = source_scan(text);
    if (keyvals_number(s, "Swap", &t->totals[TOTAL_SWAP].value))
        t->totals[TOTAL_SWAP].known = true;
}

/* What is unknown without smaps_rollup, each for swap that is known and that is not. */
#define UNKNOWN "pss_kb and uss_kb are unknown: "
#define UNKNOWN_SWAP "pss_kb, uss_kb and swap_kb are unknown: "
#define WHY_NO_ROLLUP                                                                  \
    "this kernel has neither smaps_rollup (Linux 4.14) nor smaps, or this is a copy "  \
    "of /proc"
#define WHY_NO_RIGHT                                                                   \
    "smaps_rollup may be read by the same user or with CAP_PERFMON (CAP_SYS_PTRACE "   \
    "before Linux 6.15)"

static const char NO_ROLLUP[] = UNKNOWN WHY_NO_ROLLUP;
static const char NO_ROLLUP_OR_SWAP[] = UNKNOWN_SWAP WHY_NO_ROLLUP;
static const char NO_RIGHT[] = UNKNOWN WHY_NO_RIGHT;
static const char NO_RIGHT_NOR_SWAP[] = UNKNOWN_SWAP WHY_NO_RIGHT;
static const char NO_SMAPS[] = UNKNOWN "smaps";
static const char NO_SMAPS_NOR_SWAP[] = UNKNOWN_SWAP "smaps";
static const char UNREAD[] = UNKNOWN "smaps_rollup";
static const char UNREAD_AND_SWAP[] = UNKNOWN_SWAP "smaps_rollup";

void totals_note_unread(struct memc_snapshot *t, const struct memc_error *err)
{
    bool denied = err->status == MEMC_ERR_DENIED;
    enum memc_note_code code = denied ? MEMC_NOTE_DENIED : MEMC_NOTE_DEGRADED;
    bool smaps = strcmp(err->what, "smaps") == 0;
    bool swap = t->totals[TOTAL_SWAP].known;
    if (smaps && err->sys_errno == ENOENT && !denied)
        table_note(t, code, swap ? NO_ROLLUP : NO_ROLLUP_OR_SWAP);
    else if (denied && !smaps && !error_is_refusal(err) &&
             err->hint != MEMC_HINT_PRIVILEGED)
        table_note(t, code, swap ? NO_RIGHT : NO_RIGHT_NOR_SWAP);
    else if (smaps)
        table_note_error(t, code, swap ? NO_SMAPS : NO_SMAPS_NOR_SWAP, err);
    else
        table_note_error(t, code, swap ? UNREAD : UNREAD_AND_SWAP, err);
}

/* Read smaps_rollup.  A process without memory has none: ESRCH. */
static void read_rollup(const struct source *s, struct memc_snapshot *t, bool *missing)
{
    struct source_text rollup;
    struct memc_error err = {0};
    uint64_t began_ns = clock_now_ns();
    enum memc_status st = source_read_text(s, "smaps_rollup", &rollup, &err);
    t->info.longest_read_ns = clock_now_ns() - began_ns;
    *missing = st == MEMC_ERR_SYSTEM && err.sys_errno == ENOENT;
    if (st == MEMC_ERR_DENIED || (st == MEMC_ERR_SYSTEM && !*missing))
        totals_note_unread(t, &err);
    if (st == MEMC_ERR_GONE && t->has_memory)
        t->notes[MEMC_NOTE_CUT] = 1;
    if (st < 0)
        return;
    t->info.bytes_read += rollup.len;
    find(t, &rollup, TOTAL_PSS);
    find_uss(t, &rollup);
    find_swap(t, &rollup);
}

/* Add up a column; false if a region has no value. */
static bool sum(const struct memc_snapshot *smaps, size_t column, uint64_t *ret)
{
    const struct column *c = &smaps->columns[column];
    if (!c->present || c->valid || smaps->rows == 0)
        return false;
    const uint64_t *values = table_u64(smaps, column);
    for (size_t i = 0; i < smaps->rows; i++) {
        if (__builtin_add_overflow(*ret, values[i], ret))
            return false;
    }
    return true;
}

void totals_sum(struct memc_snapshot *t, const struct memc_snapshot *smaps)
{
    uint64_t pss_kb = 0;
    uint64_t uss_kb = 0;
    t->totals[TOTAL_PSS].known = sum(smaps, COL_PSS_KB, &pss_kb);
    t->totals[TOTAL_PSS].value = pss_kb;
    uint64_t swap_kb = 0;
    if (sum(smaps, COL_SWAP_KB, &swap_kb)) {
        t->totals[TOTAL_SWAP].known = true;
        t->totals[TOTAL_SWAP].value = swap_kb;
    }
    t->totals[TOTAL_USS].known = sum(smaps, COL_PRIVATE_CLEAN_KB, &uss_kb) &&
                                 sum(smaps, COL_PRIVATE_DIRTY_KB, &uss_kb);
    t->totals[TOTAL_USS].value = uss_kb;
}

/* Read status, or its end if it is long: a user may be in 65,536 groups, which come
 * before the values that are needed. */
static enum memc_status read_status(const struct source *s, struct source_text *ret,
                                    struct memc_error *err)
{
    enum { HALF = sizeof ret->bytes / 2 };
    struct source_file file;
    size_t n = 0;
    enum memc_status st = source_open_file(s, "status", &file, err);
    if (st < 0)
        return st;
    ret->len = 0;
    do {
        if (ret->len == sizeof ret->bytes) {
            memcpy(ret->bytes, ret->bytes + HALF, HALF);
            ret->len = HALF;
        }
        st = source_read(&file, ret->bytes + ret->len, sizeof ret->bytes - ret->len, &n,
                         err);
        ret->len += st >= 0 ? n : 0;
    } while (st >= 0 && n > 0 && ret->len == sizeof ret->bytes);
    source_close_file(&file);
    return st;
}

bool totals_read_swap(const struct source *s, uint64_t *ret)
{
    struct source_text status;
    if (read_status(s, &status, NULL) < 0)
        return false;
    return keyvals_number(source_scan(&status), KEYS[TOTAL_SWAP], ret);
}

void totals_read_sizes(const struct source *s, struct memc_snapshot *t)
{
    struct source_text status;
    if (!read_statm(s, t) && read_status(s, &status, NULL) >= 0)
        (void)find_sizes(t, &status);
}

enum memc_status totals_fill(const struct source *s, struct memc_snapshot *t,
                             bool rollup, bool *missing, struct memc_error *err)
{
    struct source_text status;
    *missing = false;
    t->n_totals = rollup ? N_TOTALS : TOTAL_PSS;
    enum memc_status st = read_status(s, &status, err);
    if (st < 0)
        return st;
    t->info.bytes_read += status.len;
    find_in_status(t, &status);
    if (!find_sizes(t, &status))
        (void)read_statm(s, t);
    bool had_swap = t->totals[TOTAL_SWAP].known;
    if (had_swap && swap_is_used(s))
        t->totals[TOTAL_SWAP].known = false;
    if (rollup)
        read_rollup(s, t, missing);
    if (had_swap && !t->totals[TOTAL_SWAP].known && !*missing &&
        !t->notes[MEMC_NOTE_DEGRADED] && !t->notes[MEMC_NOTE_DENIED])
        table_note(t, MEMC_NOTE_DEGRADED,
                   "swap_kb is unknown: VmSwap leaves shared memory out; smaps_rollup "
                   "tells it (--totals --smaps)");
    return MEMC_OK;
}
