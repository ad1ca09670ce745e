/* system.h - what was read of every process. */
#ifndef MEMC_SYSTEM_H
#define MEMC_SYSTEM_H

#include "proc/collect.h"

struct system_entry {
    struct memc_process process;    /* its cgroup and cmdline are owned */
    struct memc_snapshot *snapshot; /* owned; NULL when it failed */
    struct memc_error error;        /* why it failed, */
    char name[COMM_SIZE];           /*   and the process's name then */
};

struct memc_system {
    uint64_t timestamp_ms;
    uint64_t late;    /* samples left out before this one */
    bool has_cgroups; /* they were asked for */
    bool has_cmdlines;
    struct system_entry *entries; /* one a pid, ascending */
    size_t n;
    uint32_t *read; /* the entries that are shown, and those that failed */
    size_t n_read;
    uint32_t *skipped;
    size_t n_skipped;
};

#endif
