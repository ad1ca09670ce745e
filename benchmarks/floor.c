/*
 * floor.c - what the kernel's own work costs, and what a command costs as a whole.
 *
 * The floor of a file is the time to open it, read it to its end through a 64 KiB
 * buffer, drop what was read and close it: nobody who reads the file can be faster.
 * `clock` is what time is taken by: the CPU time of this process, or the time of day.
 *
 * Loaded as a shared library by the benchmarks (native.py), so that a floor is
 * taken in the same process as what it is compared with.  As a program it runs its
 * arguments as a command and prints the peak of that command's memory in kB: from
 * here, because the kernel counts into the peak of a program what the process that
 * started it had resident, and this one has next to nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What native.py calls; times are in ns, and a negative one is -errno. */
struct run {
    int64_t wall_ns, cpu_ns;
    int status; /* as wait() gives it */
    long peak_kb;
};

int64_t floor_file(const char *path, int clock, int times);
int64_t floor_all(const char *proc, const char *const *names, int clock);
int command_run(char *const *argv, const char *folder, struct run *ret);

extern char **environ;

static char buffer[1 << 16];

static int64_t now_ns(int clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Read a file to its end; 0 or -errno. */
static int drain(int dir, const char *path)
{
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n;
    do {
        n = read(fd, buffer, sizeof buffer);
    } while (n > 0);
    int ret = n < 0 ? -errno : 0;
    close(fd);
    return ret;
}

/* The floor of one file, so many times. */
int64_t floor_file(const char *path, int clock, int times)
{
    int64_t start = now_ns(clock);
    for (int i = 0; i < times; i++) {
        int status = drain(AT_FDCWD, path);
        if (status < 0)
            return status;
    }
    return now_ns(clock) - start;
}

/* The floor of these files (up to a NULL) of every process under `proc`, one after
 * the other.  Those that cannot be read are passed over. */
int64_t floor_all(const char *proc, const char *const *names, int clock)
{
    int64_t start = now_ns(clock);
    DIR *dir = opendir(proc);
    if (!dir)
        return -errno;
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        int process = openat(dirfd(dir), entry->d_name, O_PATH | O_CLOEXEC);
        if (process < 0)
            continue;
        for (size_t i = 0; names[i]; i++)
            (void)drain(process, names[i]);
        close(process);
    }
    closedir(dir);
    return now_ns(clock) - start;
}

/* Start a command in `folder` with nothing to read and nobody to read it. */
static int start(char *const *argv, const char *folder, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    failed = posix_spawn_file_actions_addchdir_np(&actions, folder);
    for (int fd = 0; fd <= 2 && !failed; fd++)
        failed = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    if (!failed)
        failed = posix_spawnp(ret, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static int64_t in_ns(struct timeval t)
{
    return t.tv_sec * INT64_C(1000000000) + t.tv_usec * INT64_C(1000);
}

/* Run a command to its end: the time from before it starts until it has ended, as its
 * parent sees it, and the CPU time of it and of those that it waited for; 0 or -errno.
 */
int command_run(char *const *argv, const char *folder, struct run *ret)
{
    struct rusage usage;
    pid_t pid;
    int64_t begin = now_ns(CLOCK_MONOTONIC);
    int failed = start(argv, folder, &pid);
    if (failed)
        return -failed;
    while (wait4(pid, &ret->status, 0, &usage) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    ret->wall_ns = now_ns(CLOCK_MONOTONIC) - begin;
    ret->cpu_ns = in_ns(usage.ru_utime) + in_ns(usage.ru_stime);
    ret->peak_kb = usage.ru_maxrss;
    return 0;
}

int main(int argc, char **argv)
{
    struct run run;
    if (argc < 2 || command_run(argv + 1, "/", &run) < 0 || run.status != 0)
        return 1;
    return printf("%ld\n", run.peak_kb) < 0;
}
