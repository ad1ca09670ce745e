/*
 * source.h - the only system calls on the text files of /proc.
 *
 * A process is opened once, as a directory, and every file is opened relative to this
 * directory.  When another process gets the same pid, the directory still means the old
 * process, and every call says ESRCH.
 */
#ifndef MEMC_SOURCE_H
#define MEMC_SOURCE_H

#include "base/scan.h"
#include "memc/memc.h"

struct source {
    int root;    /* the proc file system, or a copy of one */
    int process; /* the directory of the process; -1 when none is open */
    int memory;  /* where its files are read: `process`, or one of its threads */
    int32_t pid;
    bool is_copy;     /* the root is not the kernel's, so its files are checked */
    const char *path; /* the path of `root`; it belongs to the caller */
};

/* Open a root; NULL means /proc. */
enum memc_status source_open(struct source *s, const char *path,
                             struct memc_error *err);
void source_close(struct source *s);

/* Tell whether its pids are those that system calls know: it tells who asks. */
bool source_is_ours(const struct source *s);

/* List the pids of the root in ascending order; the caller frees them. */
enum memc_status source_pids(const struct source *s, int32_t **ret, size_t *n_ret,
                             struct memc_error *err);

enum memc_status source_open_process(struct source *s, int32_t pid,
                                     struct memc_error *err);
void source_close_process(struct source *s);

/* Read the files of thread `tid` from now on; `task` is the folder of the threads.
 * Returns 0, or -1 if the thread has ended. */
int source_use_thread(struct source *s, int task, int32_t tid);

/* Read the files of the process itself again. */
void source_use_process(struct source *s);

/* An open file of the process. */
struct source_file {
    const struct source *source;
    const char *name;
    int fd;
};

enum memc_status source_open_file(const struct source *s, const char *name,
                                  struct source_file *ret, struct memc_error *err);
void source_close_file(struct source_file *file);

/* Read the next bytes; *len is 0 at the end of the file.  A short read is not the end:
 * seq_file stops at a record that does not fit. */
enum memc_status source_read(const struct source_file *file, char *bytes, size_t size,
                             size_t *len, struct memc_error *err);

/* Report that a file of a copy is larger than memc reads. */
enum memc_status source_too_large(const struct source_file *file,
                                  struct memc_error *err);

/* A small file: statm, comm, status. */
struct source_text {
    size_t len;
    char bytes[16384];
};

static inline struct scan source_scan(const struct source_text *text)
{
    return (struct scan){text->bytes, text->bytes + text->len};
}

/* Read a small file, or as much of it as fits. */
enum memc_status source_read_text(const struct source *s, const char *name,
                                  struct source_text *ret, struct memc_error *err);

/* Read a small file that is open, from its beginning.  Returns 0 or an errno. */
int source_reread(const struct source_file *file, struct source_text *ret);

/* Find the effective user of a live process: the owner of its directory
 * (task_dump_owner() in fs/proc/base.c).  False for a copy of /proc. */
bool source_uid(const struct source *s, uint32_t *ret);

/* Tell whether the process still has the memory that it had when its maps or smaps was
 * opened. */
bool source_still_there(const struct source_file *file);

#endif
