/*
 * stats.c - stat and status of many processes, again and again.
 *
 * A process at rest has the same stat as before, to the last byte: then it is not even
 * parsed.  An open stat never tells of another process with the same pid: after the
 * process was reaped, reading fails (proc_single_show() in fs/proc/base.c).
 */
#include "proc/stats.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY };
enum { STATUS_SIZE = 32768 }; /* a user may be in many groups, and status lists them */

/* The fields of stat behind the name, up to the start of the stack, and the value that
 * each becomes: do_task_stat() in fs/proc/array.c. */
enum { FIELDS = 26, NO_VALUE = -1 };
static const int8_t VALUES[FIELDS] = {
    [0] = MEMC_STAT_STATE,  [1] = MEMC_STAT_PARENT,
    [2 ... 6] = NO_VALUE,   [7] = MEMC_STAT_MINFLT,
    [8] = NO_VALUE,         [9] = MEMC_STAT_MAJFLT,
    [10 ... 16] = NO_VALUE, [17] = MEMC_STAT_THREADS,
    [18] = NO_VALUE,        [19] = MEMC_STAT_STARTED,
    [20] = MEMC_STAT_VSIZE, [21] = MEMC_STAT_RSS_PAGES,
    [22] = NO_VALUE,        [23] = MEMC_STAT_START_CODE,
    [24] = NO_VALUE,        [25] = MEMC_STAT_START_STACK,
};

/* Return the number that `part` is; 0 if it is none. */
static uint64_t number_of(struct scan part)
{
    uint64_t number;
    bool is_number = scan_number(&part, 10, UINT64_MAX, &number);
    return is_number && part.pos == part.end ? number : 0;
}

bool stats_parse(struct scan text, struct scan *name, uint64_t values[MEMC_STAT_VALUES])
{
    const char *open = memchr(text.pos, '(', scan_left(&text));
    const char *close = memrchr(text.pos, ')', scan_left(&text));
    if (!open || !close || close < open)
        return false;
    uint64_t found[MEMC_STAT_VALUES];
    struct scan rest = {close + 1, text.end};
    struct scan part = scan_until(&rest, ' ');
    for (int field = 0; field < FIELDS; field++) {
        if (part.end == text.end)
            return false; /* no blank, and so no other field */
        part = scan_until(&rest, ' ');
        if (VALUES[field] == MEMC_STAT_STATE)
            found[MEMC_STAT_STATE] = scan_left(&part) ? (unsigned char)*part.pos : 0;
        else if (VALUES[field] != NO_VALUE)
            found[VALUES[field]] = number_of(part);
    }
    *name = (struct scan){open + 1, close};
    memcpy(values, found, sizeof found);
    return true;
}

static size_t read_stat(int root, const struct memc_stat *stat, char *text)
{
    if (stat->fd >= 0) {
        ssize_t n = pread(stat->fd, text, MEMC_STAT_SIZE, 0);
        return n > 0 ? (size_t)n : 0;
    }
    char path[sizeof "-2147483648/stat"];
    (void)snprintf(path, sizeof path, "%" PRId32 "/stat", stat->pid);
    int fd = openat(root, path, FLAGS);
    if (fd < 0)
        return 0;
    ssize_t n = pread(fd, text, MEMC_STAT_SIZE, 0);
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

/* Tell whether the first thread has ended while others live: what stat then tells of
 * the memory is nothing, whatever happens to it. */
static bool has_lost_first(const struct memc_stat *stat)
{
    uint64_t state = stat->values[MEMC_STAT_STATE];
    return (state == 'Z' || state == 'X') && stat->values[MEMC_STAT_THREADS] > 1;
}

/* Read one stat; tell whether the caller must look at it. */
static bool look(int root, struct memc_stat *stat)
{
    char text[MEMC_STAT_SIZE];
    size_t len = read_stat(root, stat, text);
    if (len && len == stat->len && memcmp(text, stat->text, len) == 0)
        return has_lost_first(stat);
    struct scan name;
    uint64_t values[MEMC_STAT_VALUES];
    if (!stats_parse((struct scan){text, text + len}, &name, values)) {
        stat->len = 0;
        return true;
    }
    stat->is_renamed =
        !stat->len || !scan_is(&name, stat->text + stat->name_at, stat->name_len);
    bool same = !stat->is_renamed && memcmp(values, stat->values, sizeof values) == 0;
    memcpy(stat->values, values, sizeof values);
    memcpy(stat->text, text, len);
    stat->len = (uint32_t)len;
    stat->name_at = (uint32_t)(name.pos - text);
    stat->name_len = (uint32_t)scan_left(&name);
    return !same || has_lost_first(stat);
}

size_t memc_stat_all(int root, struct memc_stat *stats, size_t n, uint32_t *changed)
{
    size_t n_changed = 0;
    for (size_t i = 0; i < n; i++)
        if (look(root, &stats[i]))
            changed[n_changed++] = (uint32_t)i;
    return n_changed;
}

/* In the order of enum memc_amount: task_mem() in fs/proc/task_mmu.c, and
 * hugetlb_report_usage() in mm/hugetlb.c. */
static const struct {
    const char *text;
    size_t len;
} KEYS[MEMC_AMOUNTS] = {
    {"VmRSS:", 6},         {"VmSize:", 7},   {"RssAnon:", 8},
    {"RssFile:", 8},       {"RssShmem:", 9}, {"VmSwap:", 7},
    {"HugetlbPages:", 13}, {"VmHWM:", 6},    {"VmPTE:", 6},
};

/* Return which key a line begins with; MEMC_AMOUNTS for none. */
static size_t key_of(struct scan line)
{
    size_t i = 0;
    while (i < MEMC_AMOUNTS && (scan_left(&line) < KEYS[i].len ||
                                memcmp(line.pos, KEYS[i].text, KEYS[i].len) != 0))
        i++;
    return i;
}

/* Return the number that the text begins with; -1 if it is no word of its own. */
static int64_t amount_of(struct scan text)
{
    uint64_t number;
    scan_blanks(&text);
    if (!scan_number(&text, 10, INT64_MAX, &number))
        return -1;
    bool ends = text.pos == text.end || *text.pos == ' ' || *text.pos == '\t';
    return ends ? (int64_t)number : -1;
}

void stats_amounts(struct scan text, int64_t ret[MEMC_AMOUNTS])
{
    bool found[MEMC_AMOUNTS] = {false};
    size_t n_found = 0;
    for (size_t i = 0; i < MEMC_AMOUNTS; i++)
        ret[i] = -1;
    (void)scan_line(&text); /* the name of the process */
    while (text.pos < text.end && n_found < MEMC_AMOUNTS) {
        struct scan line = scan_line(&text);
        bool may_have = line.pos < line.end && strchr("VRH", *line.pos);
        size_t key = may_have ? key_of(line) : MEMC_AMOUNTS;
        if (key == MEMC_AMOUNTS || found[key])
            continue;
        ret[key] = amount_of((struct scan){line.pos + KEYS[key].len, line.end});
        found[key] = true;
        n_found++;
    }
}

void memc_status_all(const int *fds, size_t n, struct memc_status_amounts *ret)
{
    char text[STATUS_SIZE];
    for (size_t i = 0; i < n; i++) {
        ssize_t len = pread(fds[i], text, sizeof text, 0);
        ret[i].is_told = len > 0;
        stats_amounts((struct scan){text, text + (len > 0 ? len : 0)}, ret[i].amounts);
    }
}
