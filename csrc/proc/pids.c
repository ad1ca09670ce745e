#include "proc/pids.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/scan.h"

/* Return the number that `name` is, or 0. */
static int32_t pid_of(const char *name)
{
    struct scan s = {name, name + strlen(name)};
    uint64_t pid;
    if (!scan_number(&s, 10, INT32_MAX, &pid) || s.pos != s.end)
        return 0;
    return (int32_t)pid;
}

static int compare_pids(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a;
    int32_t y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static enum memc_status read_pids(DIR *dir, int32_t **ret, size_t *n_ret)
{
    size_t n = 0;
    size_t cap = 0;
    int32_t *pids = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this thread's own */
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        int32_t pid = pid_of(e->d_name);
        if (pid == 0)
            continue;
        if (n == cap) {
            cap = cap ? cap * 2 : 256;
            int32_t *grown = realloc(pids, cap * sizeof *pids);
            if (!grown) {
                free(pids);
                return MEMC_ERR_MEMORY;
            }
            pids = grown;
        }
        pids[n++] = pid;
    }
    if (n)
        qsort(pids, n, sizeof *pids, compare_pids);
    *ret = pids;
    *n_ret = n;
    return MEMC_OK;
}

enum memc_status pids_list(int root, int32_t **ret, size_t *n_ret)
{
    int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int sys_errno = errno;
        if (fd >= 0)
            close(fd);
        errno = sys_errno;
        return MEMC_ERR_SYSTEM;
    }
    enum memc_status st = read_pids(dir, ret, n_ret);
    closedir(dir);
    return st;
}
