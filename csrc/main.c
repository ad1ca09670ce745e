/*
 * main.c - the native fast path of the command.
 *
 * It answers `memc PID` and `memc --all` with any of --smaps --compact --full
 * --skip-kernel on stdout.  For everything else, usage errors and help included, it
 * runs memc-py, the Python command beside it.  memc-py defines the command: tests
 * compare the bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memc/memc.h"

struct request {
    int32_t pid; /* 0: none given */
    bool all;
    bool smaps;
    bool compact;
    bool full;
    bool skip_kernel;
};

/* Return a pid that consists of digits; 0 when it does not. */
static int32_t pid_of(const char *arg)
{
    char *end;
    if (*arg < '0' || *arg > '9')
        return 0;
    uint64_t pid = strtoull(arg, &end, 10);
    return *end == '\0' && pid <= INT32_MAX ? (int32_t)pid : 0;
}

static bool take_option(struct request *r, const char *arg)
{
    const struct {
        const char *name;
        bool *on;
    } OPTIONS[] = {
        {"--all", &r->all},
        {"--smaps", &r->smaps},
        {"--compact", &r->compact},
        {"--full", &r->full},
        {"--skip-kernel", &r->skip_kernel},
    };
    for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
        if (strcmp(arg, OPTIONS[i].name) == 0) {
            *OPTIONS[i].on = true;
            return true;
        }
    }
    return false;
}

/* Tell whether the command line is one of those that are answered here. */
static bool understand(struct request *r, int argc, char **argv)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet */
    const char *backend = getenv("MEMC_BACKEND");
    if (backend && strcmp(backend, "native") != 0)
        return false;
    for (int i = 1; i < argc; i++) {
        if (take_option(r, argv[i]))
            continue;
        int32_t pid = pid_of(argv[i]);
        if (pid == 0 || r->pid)
            return false;
        r->pid = pid;
    }
    if (r->all)
        return r->pid == 0;
    return r->pid > 0 && !r->skip_kernel; /* memc-py says what it needs */
}

/* Run memc-py, which lies beside this file, whatever links led here. */
static int run_python(char **argv)
{
    static const char SIBLING[] = "memc-py";
    char path[PATH_MAX + sizeof SIBLING];
    ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
    if (len < 0) /* no /proc: argv tells all that is known */
        len = snprintf(path, PATH_MAX, "%s", argv[0]);
    if (len > PATH_MAX)
        len = 0;
    while (len > 0 && path[len - 1] != '/')
        len--;
    memcpy(path + len, SIBLING, sizeof SIBLING);
    /* NOLINTNEXTLINE(clang-analyzer-optin.taint.GenericTaint): our own arguments */
    execv(path, argv);
    (void)fprintf(
        stderr,
        "memc: %s: %s: only 'memc PID' and 'memc --all' with --smaps, --full, "
        "--compact and --skip-kernel work without the Python package\n",
        path, strerrordesc_np(errno));
    return 1;
}

static int fail(const struct memc_error *err)
{
    char text[PATH_MAX + 256];
    (void)memc_error_text(err, text, sizeof text);
    (void)fprintf(stderr, "memc: %s\n", text);
    return 1;
}

/* End the document with a newline, and check that everything was written. */
static int end_output(enum memc_status st, const struct memc_error *err)
{
    int out = STDOUT_FILENO;
    if (st == MEMC_ERR_MEMORY)
        return fail(err);
    int failed = st < 0 ? err->sys_errno : memc_write_fd(&out, "\n", 1);
    if (!failed && close(out) != 0)
        failed = errno;
    if (failed)
        (void)fprintf(stderr, "memc: cannot write to stdout: %s\n",
                      strerrordesc_np(failed));
    return failed ? 1 : 0;
}

static struct memc_options options_of(const struct request *r)
{
    return (struct memc_options){
        .detail = r->smaps ? MEMC_DETAIL_SMAPS : MEMC_DETAIL_MAPS,
        .skip_kernel = r->skip_kernel,
        .identity = r->full,
        .cgroups = r->full,
        .cmdlines = r->full,
    };
}

static int show_process(const struct request *r)
{
    const struct memc_options options = options_of(r);
    const struct memc_json_options json = {.pretty = !r->compact, .full = r->full};
    struct memc_snapshot *snap;
    struct memc_error err;
    int out = STDOUT_FILENO;
    if (memc_collect(r->pid, &options, &snap, &err) < 0)
        return fail(&err);
    enum memc_status st = memc_snapshot_json(snap, &json, memc_write_fd, &out, &err);
    memc_snapshot_destroy(snap);
    return end_output(st, &err);
}

/* Write "Scanning 457 processes…", and on a terminal the progress. */
static void show_progress(void *context, size_t done, size_t total)
{
    const bool *terminal = context;
    if (done == 0)
        (void)fprintf(stderr, "Scanning %zu process%s…\n", total,
                      total == 1 ? "" : "es");
    else if (*terminal && done < total)
        (void)fprintf(stderr, "\r… %zu of %zu", done, total);
    else if (*terminal)
        (void)fprintf(stderr, "\r\033[K");
}

/* Write "Collected 397, skipped 60: 58 permission denied, 2 ended". */
static void show_summary(const struct memc_system *system)
{
    static const char *const REASONS[][2] = {
        {"denied", "permission denied"},
        {"gone", "ended"},
        {"error", "error"},
    };
    enum { N = sizeof REASONS / sizeof *REASONS };
    size_t skipped = memc_system_skipped(system);
    size_t counts[N] = {0};
    for (size_t i = 0; i < skipped; i++) {
        struct memc_skipped s = memc_system_skip(system, i);
        for (size_t k = 0; k < N; k++)
            counts[k] += strcmp(s.reason, REASONS[k][0]) == 0;
    }
    (void)fprintf(stderr, "Collected %zu, skipped %zu", memc_system_processes(system),
                  skipped);
    const char *before = ": ";
    for (size_t k = 0; k < N; k++) {
        if (counts[k] == 0)
            continue;
        (void)fprintf(stderr, "%s", before);
        if (counts[k] < skipped)
            (void)fprintf(stderr, "%zu ", counts[k]);
        (void)fprintf(stderr, "%s", REASONS[k][1]);
        before = ", ";
    }
    (void)fprintf(stderr, "\n");
}

/* Write why the first of the processes that failed with an error were skipped. */
static void show_failures(const struct memc_system *system)
{
    enum { SHOWN = 5 };
    size_t shown = 0;
    for (size_t i = 0; i < memc_system_skipped(system) && shown < SHOWN; i++) {
        struct memc_skipped s = memc_system_skip(system, i);
        if (strcmp(s.reason, "error") != 0)
            continue;
        (void)fail(&s.error);
        shown++;
    }
}

/* Add up the resident memory of the processes that were denied: anybody may read statm.
 * False when a process does not tell it. */
static bool add_denied_rss(const struct memc_system *system, enum memc_hint *hint,
                           uint64_t *kb)
{
    struct memc_options totals = {.detail = MEMC_DETAIL_TOTALS};
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
static void show_share(const struct memc_system *system)
{
    enum memc_hint hint = MEMC_HINT_NONE;
    uint64_t seen_kb = 0;
    uint64_t rest_kb = 0;
    for (size_t i = 0; i < memc_system_processes(system); i++) {
        struct memc_process p = memc_system_process(system, i);
        struct memc_info info = memc_snapshot_info(p.snapshot);
        if (info.same_memory_as)
            continue;
        if (!info.has_total_rss)
            return;
        seen_kb += info.total_rss_kb;
    }
    if (!add_denied_rss(system, &hint, &rest_kb) || seen_kb + rest_kb == 0)
        return;
    bool privileged = hint == MEMC_HINT_PRIVILEGED;
    (void)fprintf(
        stderr, "Saw %" PRIu64 " %% of the resident memory of all processes: %s%s\n",
        seen_kb * 100 / (seen_kb + rest_kb),
        privileged ? "a security module or a sandbox refuses the rest" : "the rest ",
        privileged ? "" : memc_needs_text());
}

static int show_all(const struct request *r)
{
    struct memc_options options = options_of(r);
    const struct memc_json_options json = {!r->compact, r->full, memc_cpus()};
    struct memc_system *system;
    struct memc_error err;
    int out = STDOUT_FILENO;
    bool terminal = isatty(STDERR_FILENO) != 0;
    options.progress = show_progress;
    options.progress_context = &terminal;
    if (memc_collect_all(&options, &system, &err) < 0)
        return fail(&err);
    enum memc_status st = memc_system_json(system, &json, memc_write_fd, &out, &err);
    int status = end_output(st, &err);
    if (status == 0)
        show_failures(system);
    if (status == 0)
        show_summary(system);
    if (status == 0)
        show_share(system);
    memc_system_destroy(system);
    return status;
}

/* Open what is closed of descriptors 0 to 2, so that no other file gets one of them,
 * here or in memc-py.  /dev/null is opened for the other direction: a closed stdout
 * stays one that cannot be written to. */
static void fill_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* They are for the whole process, and for memc-py: no O_CLOEXEC. */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            (void)open("/", O_PATH);
    }
}

int main(int argc, char **argv)
{
    struct request r = {0};
    fill_standard();
    /* A closed pipe ends memc silently, also if its parent ignores SIGPIPE: Python
     * cannot tell that, and memc-py does the same. */
    (void)signal(SIGPIPE, SIG_DFL);
    if (!understand(&r, argc, argv))
        return run_python(argv);
    return r.all ? show_all(&r) : show_process(&r);
}
