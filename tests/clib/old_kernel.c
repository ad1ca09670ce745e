/*
 * old_kernel.c - the page tables of a child, as kernels that know less tell of them.
 *
 * Each row of the table below makes some calls fail or fall short as other kernels
 * do; what is read must be what this kernel tells, or unknown and noted.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "check.h"

enum {
    PAGE_GUARD = 1 << 8,
    REGIONS = 700,
    MASK_AT = 11 /* of struct pm_scan_arg, in words */
};

/* ---- the calls --------------------------------------------------------- */

static struct kernel {
    const char *name;
    bool same;        /* it tells what this one does; otherwise nothing */
    const char *note; /* NULL: none */
    int no_query;     /* PROCMAP_QUERY fails so */
    int no_scan;      /* PAGEMAP_SCAN fails so */
    bool no_guard;    /* it knows no guard pages */
    bool interrupts;  /* every other scan is interrupted */
    size_t at_once;   /* bytes that a read of pagemap gives at most */
} kernel;

static const struct kernel KERNELS[] = {
    {"this one", true, NULL, .at_once = SIZE_MAX},
    {"Linux 6.10: no PROCMAP_QUERY", true, NULL, ENOTTY, .at_once = SIZE_MAX},
    {"Linux 6.7: no guard pages", true, NULL, .no_guard = true, .at_once = SIZE_MAX},
    {"signals", true, NULL, .interrupts = true, .at_once = SIZE_MAX},
    {"short reads", true, NULL, .at_once = 24},
    {"Linux 6.6: no PAGEMAP_SCAN", false, "degraded", .no_scan = ENOTTY},
    {"it ended before it was scanned", false, NULL, .no_scan = ESRCH},
    {"it ended before pagemap was read", false, NULL, .at_once = 0},
};

int __real_ioctl(int fd, unsigned long request, void *arg);
ssize_t __real_pread(int fd, void *bytes, size_t size, off_t at);

static int refuse(int sys_errno)
{
    errno = sys_errno;
    return -1;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    static unsigned scans;
    va_list args;
    va_start(args, request);
    uint64_t *arg = va_arg(args, uint64_t *);
    va_end(args);
    if (_IOC_NR(request) == 17)
        return kernel.no_query ? refuse(kernel.no_query)
                               : __real_ioctl(fd, request, arg);
    if (kernel.no_scan)
        return refuse(kernel.no_scan);
    if (kernel.no_guard && arg[MASK_AT] & PAGE_GUARD)
        return refuse(EINVAL);
    if (kernel.interrupts && scans++ % 2)
        return refuse(EINTR);
    return __real_ioctl(fd, request, arg);
}

/* No page table is read from its beginning, where no region is; text is. */
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t at)
{
    size_t most = at == 0 ? size : kernel.at_once;
    return __real_pread(fd, bytes, size < most ? size : most, at);
}

/* ---- the child --------------------------------------------------------- */

/* Regions of every kind, some of them touched in part; then it waits. */
static void be_child(int ready)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
    for (int i = 0; i < REGIONS; i++) {
        int sharing = i % 3 == 0 ? MAP_SHARED : MAP_PRIVATE;
        char *at = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS,
                        -1, 0);
        CHECK(at != MAP_FAILED);
        for (int k = 0; k < i % 8; k += 2)
            at[(size_t)k * page] = 1;
        CHECK(mprotect(at + 7 * page, page, PROT_READ) == 0);
    }
    CHECK(write(ready, "", 1) == 1);
    for (;;)
        pause();
}

static pid_t start_child(void)
{
    int ready[2];
    char byte;
    CHECK(pipe(ready) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) { /* a program of its own: it shares no page with this one */
        char fd[16];
        (void)snprintf(fd, sizeof fd, "%d", ready[1]);
        (void)execl("/proc/self/exe", "old_kernel", fd, NULL);
        abort();
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    CHECK(close(ready[0]) == 0 && close(ready[1]) == 0);
    return pid;
}

/* ---- what is read ------------------------------------------------------ */

static struct memc_snapshot *collect(pid_t pid, const struct kernel *k)
{
    struct memc_options options = {.detail = MEMC_DETAIL_USS, .identity = true};
    struct memc_snapshot *snap;
    kernel = *k;
    enum memc_status st = memc_collect(pid, &options, &snap, NULL);
    CHECK(st == (k->note ? MEMC_NOTED : MEMC_OK));
    const char *note = memc_snapshot_note(snap, 0).code;
    CHECK(k->note ? strcmp(note, k->note) == 0 : note == NULL);
    struct memc_info info = memc_snapshot_info(snap);
    CHECK(strcmp(info.name, "exe") == 0 && info.has_started); /* no call of these */
    return snap;
}

/* Others may share the pages of files, now and then; nobody has the nameless ones. */
static void check_told(const struct memc_snapshot *expected,
                       const struct memc_snapshot *snap)
{
    struct memc_column names = memc_snapshot_column(snap, 7);
    size_t rows = memc_snapshot_rows(snap);
    CHECK(strcmp(names.name, "pathname") == 0);
    CHECK(rows == memc_snapshot_rows(expected));
    CHECK(memc_snapshot_columns(snap) == memc_snapshot_columns(expected));
    for (size_t i = 0; i < memc_snapshot_columns(snap); i++) {
        for (size_t row = 0; row < rows; row++) {
            if (value_of(&names, row) == 0)
                check_same_value(expected, snap, i, row);
        }
    }
}

static bool is_of_pages(const char *name)
{
    static const char *const NAMES[] = {"rss_kb", "swap_kb", "uss_kb", "file_kb"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (strcmp(name, NAMES[i]) == 0)
            return true;
    }
    return false;
}

static void check_unknown(const struct memc_snapshot *snap)
{
    size_t found = 0;
    for (size_t i = 0; i < memc_snapshot_columns(snap); i++) {
        struct memc_column c = memc_snapshot_column(snap, i);
        if (!is_of_pages(c.name))
            continue;
        found++;
        for (size_t row = 0; row < memc_snapshot_rows(snap); row++)
            CHECK(!has_value(&c, row));
    }
    CHECK(found == 4);
    CHECK(memc_snapshot_info(snap).has_total_rss); /* statm tells it */
}

int main(int argc, char **argv)
{
    if (argc == 2)
        be_child(atoi(argv[1]));
    pid_t pid = start_child();
    struct memc_snapshot *expected = collect(pid, &KERNELS[0]);
    CHECK(memc_snapshot_rows(expected) > REGIONS);
    for (size_t i = 0; i < sizeof KERNELS / sizeof *KERNELS; i++) {
        struct memc_snapshot *snap = collect(pid, &KERNELS[i]);
        if (KERNELS[i].same)
            check_told(expected, snap);
        else
            check_unknown(snap);
        memc_snapshot_destroy(snap);
        printf("%s\n", KERNELS[i].name);
    }
    memc_snapshot_destroy(expected);
    CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
    return 0;
}
