/*
 * main.c - the native fast path of the command.
 *
 * It answers `memc PID` and `memc --all` with any of --smaps --compact --full
 * --skip-kernel on stdout.  For everything else, usage errors, help and another root
 * (MEMC_PROC) included, it runs memc-py, the Python command beside it.  memc-py
 * defines the command: tests compare the bytes.
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
#include "tell.h"

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
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): as above */
    const char *proc = getenv("MEMC_PROC");
    if (proc && *proc != '\0')
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

/* End the document with a newline, and check that everything was written. */
static int end_output(enum memc_status st, const struct memc_error *err)
{
    int out = STDOUT_FILENO;
    if (st == MEMC_ERR_MEMORY)
        return tell_error(err);
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
        return tell_error(&err);
    enum memc_status st = memc_snapshot_json(snap, &json, memc_write_fd, &out, &err);
    bool empty = memc_snapshot_rows(snap) == 0;
    memc_snapshot_destroy(snap);
    int status = end_output(st, &err);
    if (status == 0 && empty)
        tell_empty(r->pid);
    return status;
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
        return tell_error(&err);
    enum memc_status st = memc_system_json(system, &json, memc_write_fd, &out, &err);
    int status = end_output(st, &err);
    if (status == 0)
        tell_system(system);
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
