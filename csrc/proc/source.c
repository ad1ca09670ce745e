#include "proc/source.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/keyvals.h"
#include "proc/entry.h"
#include "proc/pids.h"
#include "proc/rights.h"

static ssize_t read_some(int fd, char *bytes, size_t size)
{
    ssize_t n;
    do {
        n = read(fd, bytes, size);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* Read a small file.  Each of these files is one record, which seq_file gives
 * completely in one read.  Returns 0 or an errno. */
static int read_text(const struct source *s, const char *name, struct source_text *ret)
{
    ret->len = 0;
    int fd = entry_open(s->memory, name, s->is_copy);
    if (fd < 0)
        return errno;
    ssize_t n = read_some(fd, ret->bytes, sizeof ret->bytes);
    int sys_errno = n < 0 ? errno : 0;
    close(fd);
    ret->len = n > 0 ? (size_t)n : 0;
    return sys_errno;
}

/* Tell whether the process belongs to the user of this process: status says. */
static bool is_same_user(const struct source *s)
{
    struct source_text status;
    uint64_t uid;
    if (read_text(s, "status", &status) != 0)
        return false;
    return keyvals_number(source_scan(&status), "Uid", &uid) && uid == geteuid();
}

static enum memc_hint denied_hint(const struct source *s)
{
    if (rights_are_enough())
        return MEMC_HINT_PRIVILEGED;
    return is_same_user(s) ? MEMC_HINT_UNDUMPABLE : MEMC_HINT_UNPRIVILEGED;
}

/* Tell whether hidepid refused the file.  It refuses every access to the directory in
 * the same way, whether the file exists or not: ENOENT or EPERM (proc_pid_permission()
 * in fs/proc/base.c).  ptrace says EACCES. */
static bool hides_files(const struct source *s, int sys_errno)
{
    struct stat directory;
    return s->process >= 0 && (sys_errno == ENOENT || sys_errno == EPERM) &&
           fstatat(s->process, ".", &directory, 0) != 0 && errno == sys_errno;
}

/* Report that a system call on file `what` of the process failed with sys_errno.  If
 * `err` is NULL, the caller does not want to know why, and nothing is looked up. */
static enum memc_status failed(const struct source *s, const char *what, int sys_errno,
                               struct memc_error *err)
{
    enum memc_status st = MEMC_ERR_SYSTEM;
    enum memc_hint hint = MEMC_HINT_NONE;
    if (sys_errno == ESRCH) {
        st = MEMC_ERR_GONE;
        hint = MEMC_HINT_ENDED;
    } else if (hides_files(s, sys_errno)) {
        st = MEMC_ERR_DENIED;
        hint = MEMC_HINT_HIDDEN;
    } else if (sys_errno == EACCES || sys_errno == EPERM) {
        st = MEMC_ERR_DENIED;
        if (err)
            hint = denied_hint(s);
    }
    struct memc_error error = {
        .status = st,
        .hint = hint,
        .sys_errno = sys_errno,
        .pid = s->pid,
        .what = what,
    };
    return error_fill(err, error);
}

static enum memc_status root_failed(const struct source *s, struct memc_error *err)
{
    bool is_none = errno == ENOENT || errno == ENOTDIR || errno == ENODATA;
    struct memc_error error = {
        .status = MEMC_ERR_SYSTEM,
        .hint = is_none ? MEMC_HINT_ROOT : MEMC_HINT_NONE,
        .sys_errno = errno,
        .what = s->path,
    };
    return error_fill(err, error);
}

void source_close(struct source *s)
{
    source_close_process(s);
    if (s->root >= 0)
        close(s->root);
    s->root = -1;
}

enum memc_status source_pids(const struct source *s, int32_t **ret, size_t *n_ret,
                             struct memc_error *err)
{
    enum memc_status st = pids_list(s->root, ret, n_ret);
    if (st == MEMC_OK && *n_ret == 0) {
        free(*ret);
        errno = ENODATA; /* every /proc has a process: the one that reads */
        st = MEMC_ERR_SYSTEM;
    }
    if (st == MEMC_ERR_SYSTEM)
        return root_failed(s, err);
    return st < 0 ? error_status(err, st) : st;
}

/* Tell whether the root has processes: in an empty folder each would look absent. */
static bool has_processes(const struct source *s)
{
    int32_t *pids;
    size_t n;
    if (pids_list(s->root, &pids, &n) < 0)
        return false;
    free(pids);
    return n > 0;
}

/* Tell whether /proc is mounted, or has a copy. */
static bool is_mounted(const struct source *s)
{
    struct stat self;
    bool has_self = fstatat(s->root, "self", &self, AT_SYMLINK_NOFOLLOW) == 0;
    return has_self || has_processes(s);
}

enum memc_status source_open(struct source *s, const char *path, struct memc_error *err)
{
    *s = (struct source){
        .root = -1,
        .process = -1,
        .memory = -1,
        .path = path ? path : "/proc",
    };
    s->root = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->root < 0)
        return root_failed(s, err);
    s->is_copy = !entry_is_proc(s->root);
    if (strcmp(s->path, "/proc") != 0 || is_mounted(s))
        return MEMC_OK;
    source_close(s);
    errno = ENODATA;
    return root_failed(s, err);
}

bool source_is_ours(const struct source *s)
{
    char self[16];
    ssize_t n = readlinkat(s->root, "self", self, sizeof self);
    struct scan text = {self, self + (n > 0 ? n : 0)};
    uint64_t pid;
    return scan_number(&text, 10, INT32_MAX, &pid) && pid == (uint64_t)getpid();
}

/* Tell whether hidepid=4 hides the process, which makes it look absent.  kill(pid, 0)
 * tells, and sends nothing (proc_pid_lookup() in fs/proc/base.c). */
static bool is_hidden(const struct source *s)
{
    return strcmp(s->path, "/proc") == 0 && (kill(s->pid, 0) == 0 || errno == EPERM);
}

static enum memc_status no_process(const struct source *s, int sys_errno,
                                   struct memc_error *err)
{
    if (sys_errno != ENOENT && sys_errno != ESRCH)
        return failed(s, "directory", sys_errno, err);
    bool hidden = is_hidden(s);
    bool is_proc = strcmp(s->path, "/proc") == 0; /* source_open() looked at it */
    bool empty = !is_proc && !has_processes(s);
    enum memc_hint hint = empty ? MEMC_HINT_ROOT : MEMC_HINT_NONE;
    struct memc_error error = {
        .status = hidden ? MEMC_ERR_DENIED : MEMC_ERR_GONE,
        .hint = hidden ? MEMC_HINT_HIDDEN : hint,
        .sys_errno = empty ? ENODATA : sys_errno,
        .pid = s->pid,
        .what = empty ? s->path : "directory",
    };
    return error_fill(err, error);
}

enum memc_status source_open_process(struct source *s, int32_t pid,
                                     struct memc_error *err)
{
    char name[16];
    source_close_process(s);
    s->pid = pid;
    (void)snprintf(name, sizeof name, "%d", (int)pid);
    s->process = openat(s->root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    s->memory = s->process;
    return s->process < 0 ? no_process(s, errno, err) : MEMC_OK;
}

int source_use_thread(struct source *s, int task, int32_t tid)
{
    char name[16];
    (void)snprintf(name, sizeof name, "%d", (int)tid);
    int thread = openat(task, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (thread < 0)
        return -1;
    source_use_process(s);
    s->memory = thread;
    return 0;
}

void source_use_process(struct source *s)
{
    if (s->memory != s->process)
        close(s->memory);
    s->memory = s->process;
}

void source_close_process(struct source *s)
{
    source_use_process(s);
    if (s->process >= 0)
        close(s->process);
    s->process = s->memory = -1;
}

enum memc_status source_open_file(const struct source *s, const char *name,
                                  struct source_file *ret, struct memc_error *err)
{
    int fd = entry_open(s->memory, name, s->is_copy);
    if (fd < 0)
        return failed(s, name, errno, err);
    *ret = (struct source_file){s, name, fd};
    return MEMC_OK;
}

void source_close_file(struct source_file *file)
{
    close(file->fd);
    file->fd = -1;
}

enum memc_status source_read(const struct source_file *file, char *bytes, size_t size,
                             size_t *len, struct memc_error *err)
{
    ssize_t n = read_some(file->fd, bytes, size);
    if (n < 0)
        return failed(file->source, file->name, errno, err);
    *len = (size_t)n;
    return MEMC_OK;
}

enum memc_status source_read_text(const struct source *s, const char *name,
                                  struct source_text *ret, struct memc_error *err)
{
    int sys_errno = read_text(s, name, ret);
    return sys_errno ? failed(s, name, sys_errno, err) : MEMC_OK;
}

int source_reread(const struct source_file *file, struct source_text *ret)
{
    ssize_t n;
    do {
        n = pread(file->fd, ret->bytes, sizeof ret->bytes, 0);
    } while (n < 0 && errno == EINTR);
    ret->len = n > 0 ? (size_t)n : 0;
    return n < 0 ? errno : 0;
}

bool source_still_there(const struct source_file *file)
{
    char byte;
    return pread(file->fd, &byte, 1, 0) == 1;
}

enum memc_status source_too_large(const struct source_file *file,
                                  struct memc_error *err)
{
    return failed(file->source, file->name, ENTRY_TOO_LARGE, err);
}

bool source_uid(const struct source *s, uint32_t *ret)
{
    struct stat directory;
    if (s->is_copy || fstat(s->process, &directory) != 0)
        return false;
    *ret = directory.st_uid;
    return true;
}
