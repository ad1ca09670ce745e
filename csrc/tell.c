/*
 * tell.c - what the native command says on stderr, in the words of memc-py:
 *
 *   memc: process 1: maps: permission denied: needs the same user or CAP_PERFMON ...
 *   memc: of the denied are 40 of user root, 2 of user www-data
 *   Collected 397, skipped 44: 42 permission denied, 2 ended
 *   Saw 43 % of the resident memory of all processes: the rest needs CAP_PERFMON ...
 */
#include "tell.h"

#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc/source.h"
#include "proc/state.h"

enum { SHOWN = 5 };

int tell_error(const struct memc_error *err)
{
    char text[PATH_MAX + 256];
    (void)memc_error_text(err, text, sizeof text);
    (void)fprintf(stderr, "memc: %s\n", text);
    return 1;
}

void tell_empty(int32_t pid, const char *proc)
{
    (void)fprintf(stderr, "memc: process %" PRId32 ": %s\n", pid,
                  state_why_empty(pid, proc));
}

void tell_progress(void *context, size_t done, size_t total)
{
    struct tell_progress *p = context;
    if (!p->begun) /* without processes, first and last call are both (0, 0) */
        (void)fprintf(stderr, "Scanning %zu process%s…\n", total,
                      total == 1 ? "" : "es");
    else if (p->terminal && done < total)
        (void)fprintf(stderr, "\r… %zu of %zu", done, total);
    else if (p->shown)
        (void)fprintf(stderr, "\r\033[K");
    p->shown = p->begun && p->terminal && done < total;
    p->begun = true;
}

static size_t count_of(const struct memc_system *system, const char *reason)
{
    size_t count = 0;
    for (size_t i = 0; i < memc_system_skipped(system); i++)
        count += strcmp(memc_system_skip(system, i).reason, reason) == 0;
    return count;
}

/* Write why the first `n` of the processes with this reason were skipped. */
static void tell_first(const struct memc_system *system, const char *reason, size_t n)
{
    for (size_t i = 0; i < memc_system_skipped(system) && n > 0; i++) {
        struct memc_skipped s = memc_system_skip(system, i);
        if (strcmp(s.reason, reason) != 0)
            continue;
        (void)tell_error(&s.error);
        n--;
    }
}

/* The processes of a user that were denied. */
struct owner {
    uint64_t uid; /* UNKNOWN: it cannot be read */
    size_t count;
};

static const uint64_t UNKNOWN = UINT64_MAX;

static int by_uid(const void *left, const void *right)
{
    const struct owner *a = left;
    const struct owner *b = right;
    return (a->uid > b->uid) - (a->uid < b->uid);
}

static int by_count(const void *left, const void *right)
{
    const struct owner *a = left;
    const struct owner *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return by_uid(a, b);
}

/* List the users of the denied, a user once, those with the most first.  Returns how
 * many there are. */
static size_t list_owners(const struct memc_system *system, const char *proc,
                          struct owner *owners)
{
    struct source s;
    size_t n = 0;
    size_t users = 0;
    if (source_open(&s, proc, NULL) < 0)
        return 0;
    for (size_t i = 0; i < memc_system_skipped(system); i++) {
        struct memc_skipped skip = memc_system_skip(system, i);
        uint32_t uid;
        if (skip.error.status != MEMC_ERR_DENIED)
            continue;
        bool known =
            source_open_process(&s, skip.pid, NULL) >= 0 && state_uid(&s, &uid);
        owners[n++] = (struct owner){known ? uid : UNKNOWN, 1};
    }
    source_close(&s);
    qsort(owners, n, sizeof *owners, by_uid);
    for (size_t i = 0; i < n; i++) {
        if (users > 0 && owners[users - 1].uid == owners[i].uid)
            owners[users - 1].count++;
        else
            owners[users++] = owners[i];
    }
    qsort(owners, users, sizeof *owners, by_count);
    return users;
}

/* Tell whether a name can be shown as it is. */
static bool is_plain(const char *name)
{
    for (const char *c = name; *c; c++) {
        if (*c < ' ' || *c > '~')
            return false;
    }
    return *name != '\0';
}

/* Write "1,260": no machine has 10^9 processes. */
static void tell_count(size_t n)
{
    if (n >= 1000000)
        (void)fprintf(stderr, "%zu,%03zu,%03zu", n / 1000000, n / 1000 % 1000,
                      n % 1000);
    else if (n >= 1000)
        (void)fprintf(stderr, "%zu,%03zu", n / 1000, n % 1000);
    else
        (void)fprintf(stderr, "%zu", n);
}

/* Write "root", or a number.  The file alone is asked: for getpwuid() a static command
 * would load libraries, which must be those that it was linked with. */
static void tell_user(uint64_t uid)
{
    FILE *users = fopen("/etc/passwd", "re");
    const struct passwd *user = NULL;
    do /* NOLINTNEXTLINE(concurrency-mt-unsafe): the threads that read have ended */
        user = users ? fgetpwent(users) : NULL;
    while (user && user->pw_uid != uid);
    if (user && is_plain(user->pw_name))
        (void)fprintf(stderr, "%s", user->pw_name);
    else
        (void)fprintf(stderr, "%" PRIu64, uid);
    if (users)
        (void)fclose(users);
}

/* Write "40 of user root". */
static void tell_owner(const struct owner *owner)
{
    tell_count(owner->count);
    if (owner->uid == UNKNOWN) {
        (void)fprintf(stderr, " of unknown users");
        return;
    }
    (void)fprintf(stderr, " of user ");
    tell_user(owner->uid);
}

static void tell_owners(const struct memc_system *system, const char *proc,
                        size_t denied)
{
    struct owner *owners = calloc(denied, sizeof *owners);
    if (!owners)
        return;
    size_t users = list_owners(system, proc, owners);
    size_t others = 0;
    for (size_t i = 0; i < users; i++) {
        if (i >= SHOWN) {
            others += owners[i].count;
            continue;
        }
        (void)fprintf(stderr, i == 0 ? "memc: of the denied are " : ", ");
        tell_owner(&owners[i]);
    }
    if (others > 0) {
        (void)fprintf(stderr, ", ");
        tell_count(others);
        (void)fprintf(stderr, " of others");
    }
    if (users > 0)
        (void)fprintf(stderr, "\n");
    free(owners);
}

/* Write "Collected 397, skipped 60: 58 permission denied, 2 ended". */
static void tell_summary(const struct memc_system *system)
{
    static const char *const REASONS[][2] = {
        {"denied", "permission denied"},
        {"gone", "ended"},
        {"error", "error"},
    };
    size_t skipped = memc_system_skipped(system);
    (void)fprintf(stderr, "Collected %zu, skipped %zu", memc_system_processes(system),
                  skipped);
    const char *before = ": ";
    for (size_t k = 0; k < sizeof REASONS / sizeof *REASONS; k++) {
        size_t count = count_of(system, REASONS[k][0]);
        if (count == 0)
            continue;
        (void)fprintf(stderr, "%s", before);
        if (count < skipped)
            (void)fprintf(stderr, "%zu ", count);
        (void)fprintf(stderr, "%s", REASONS[k][1]);
        before = ", ";
    }
    (void)fprintf(stderr, "\n");
}

/* Add up the resident memory of the processes that were denied: anybody may read statm.
 * False when a process does not tell it. */
static bool add_denied_rss(const struct memc_system *system, const char *proc,
                           enum memc_hint *hint, uint64_t *kb)
{
    struct memc_options totals = {.proc = proc, .detail = MEMC_DETAIL_TOTALS};
    for (size_t i = 0; i < memc_system_skipped(system); i++) {
        struct memc_skipped s = memc_system_skip(system, i);
        struct memc_snapshot *snap;
        struct memc_info info = {0};
        if (s.error.status != MEMC_ERR_DENIED)
            continue;
        *hint = s.error.hint;
        enum memc_status st = memc_collect(s.pid, &totals, &snap, NULL);
        if (st >= 0) {
            info = memc_snapshot_info(snap);
            memc_snapshot_destroy(snap);
        }
        if (st != MEMC_ERR_GONE && !info.has_total_rss)
            return false;
        *kb += info.total_rss_kb;
    }
    return *hint != MEMC_HINT_NONE;
}

/* Write how much of the resident memory of all processes was read, if something was
 * denied. */
static void tell_share(const struct memc_system *system, const char *proc)
{
    enum memc_hint hint = MEMC_HINT_NONE;
    uint64_t seen_kb = 0;
    uint64_t rest_kb = 0;
    bool known = true;
    for (size_t i = 0; i < memc_system_processes(system); i++) {
        struct memc_process p = memc_system_process(system, i);
        struct memc_info info = memc_snapshot_info(p.snapshot);
        if (info.same_memory_as)
            continue;
        known = known && info.has_total_rss; /* others were cut */
        seen_kb += info.total_rss_kb;
    }
    if (!add_denied_rss(system, proc, &hint, &rest_kb) || seen_kb + rest_kb == 0)
        return;
    bool privileged = hint == MEMC_HINT_PRIVILEGED;
    (void)fprintf(stderr, "Saw %" PRIu64 " %% of the %s: %s%s\n",
                  seen_kb * 100 / (seen_kb + rest_kb),
                  known ? "resident memory of all processes" : "known resident memory",
                  privileged ? "a security module or a sandbox refuses the rest"
                             : "the rest ",
                  privileged ? "" : memc_needs_text());
}

void tell_system(const struct memc_system *system, const char *proc)
{
    size_t denied = count_of(system, "denied");
    tell_first(system, "error", SHOWN);
    tell_first(system, "denied", denied <= SHOWN ? denied : 1);
    if (denied > SHOWN)
        tell_owners(system, proc, denied);
    tell_summary(system);
    tell_share(system, proc);
}
