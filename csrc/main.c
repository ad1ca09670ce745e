/*
 * main.c - the native fast path of the command.
 *
 * It answers `memc PID` and `memc --all`, with the options of options.c, and
 * `memc --version`.  For everything else, usage errors and help included, it runs
 * memc-py, the Python command beside it.  memc-py defines the command: tests compare
 * the bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "memc/memc.h"
#include "options.h"
#include "python.h"
#include "tell.h"

/* Tell whether the command line is one of those that are answered here. */
static bool understand(struct request *r, char **argv)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet */
    const char *backend = getenv("MEMC_BACKEND");
    if (backend && strcmp(backend, "native") != 0)
        return false;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): as above */
    const char *proc = getenv("MEMC_PROC");
    r->proc = proc && *proc != '\0' ? proc : "/proc";
    if (!options_read(r, argv))
        return false;
    /* Rights that the file gives are for /proc, not for a folder that a caller made. */
    return strcmp(r->proc, "/proc") == 0 || getauxval(AT_SECURE) == 0;
}

/* End the output with a newline, and check that everything was written. */
static int end_output(enum memc_status st, const struct memc_error *err)
{
    int out = STDOUT_FILENO;
    if (st == MEMC_ERR_MEMORY)
        return tell_error(err);
    int failed = st < 0 ? err->sys_errno : memc_write_fd(&out, "\n", 1);
    if (!failed && close(out) != 0)
        failed = errno;
    if (failed)
        (void)fprintf(stderr, "memc: cannot write to stdout: %s\n", errno_text(failed));
    return failed ? 1 : 0;
}

static struct memc_options options_of(const struct request *r)
{
    return (struct memc_options){
        .proc = r->proc,
        .detail = r->detail,
        .jobs = r->jobs,
        .max_stall_ms = r->max_stall_ms,
        .skip_kernel = r->skip_kernel,
        .identity = r->full,
        .cgroups = r->full,
        .cmdlines = r->full,
    };
}

static int show_version(void)
{
    static const char TEXT[] = "memc " MEMC_VERSION_STRING;
    int out = STDOUT_FILENO;
    struct memc_error err = {.sys_errno = memc_write_fd(&out, TEXT, sizeof TEXT - 1)};
    return end_output(err.sys_errno ? MEMC_ERR_SYSTEM : MEMC_OK, &err);
}

/* Tell whether there is no memory; totals may not know. */
static bool is_empty(const struct memc_snapshot *snap)
{
    struct memc_info info = memc_snapshot_info(snap);
    if (info.detail == MEMC_DETAIL_TOTALS || info.detail == MEMC_DETAIL_ROLLUP)
        return info.has_total_vsize && info.total_vsize_kb == 0;
    return info.rows == 0;
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
    bool empty = is_empty(snap);
    memc_snapshot_destroy(snap);
    int status = end_output(st, &err);
    if (status == 0 && empty)
        tell_empty(r->pid, r->proc);
    return status;
}

static int show_all(const struct request *r)
{
    struct memc_options options = options_of(r);
    const struct memc_json_options json = {
        .pretty = !r->compact,
        .full = r->full,
        .jobs = r->jobs ? r->jobs : memc_cpus(),
    };
    struct tell_progress progress = {.terminal = isatty(STDERR_FILENO) != 0};
    struct memc_system *system;
    struct memc_error err;
    int out = STDOUT_FILENO;
    options.progress = tell_progress;
    options.progress_context = &progress;
    if (memc_collect_all(&options, &system, &err) < 0)
        return tell_error(&err);
    enum memc_status st = memc_system_json(system, &json, memc_write_fd, &out, &err);
    int status = end_output(st, &err);
    if (status == 0)
        tell_system(system, r->proc);
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
    if (!understand(&r, argc > 0 ? argv + 1 : argv))
        return run_python(argv);
    if (r.version)
        return show_version();
    return r.all ? show_all(&r) : show_process(&r);
}
