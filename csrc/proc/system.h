/* system.h - what was read of every process. */
#ifndef MEMC_SYSTEM_H
#define MEMC_SYSTEM_H

#include "proc/collect.h"

struct system_entry {
    int32_t pid;
    bool failed;
    char name[COMM_SIZE];
    size_t name_len;
    bool has_uid;
    uint32_t uid;
    char *cgroup; /* owned; NULL when it was not read */
    size_t cgroup_len;
    struct memc_snapshot *snapshot; /* owned; NULL when it failed */
    struct memc_error error;        /* why it failed */
};

struct memc_system {
    uint64_t timestamp_ms;
    uint64_t late;                /* samples left out before this one */
    struct system_entry *entries; /* one a pid, ascending */
    size_t n;
    uint32_t *read; /* the entries that are shown, and those that failed */
    size_t n_read;
    uint32_t *skipped;
    size_t n_skipped;
};

#endif
