/* system.h - what was read of every process. */
#ifndef MEMC_SYSTEM_H
#define MEMC_SYSTEM_H

#include "proc/system_entry.h"

struct memc_system {
    uint64_t timestamp_ms;
    uint64_t late;    /* samples left out before this one */
    bool has_cgroups; /* they were asked for */
    bool has_cmdlines;
    struct system_entry *entries; /* one for each pid, in ascending order */
    size_t n;
    uint32_t *read; /* the entries that were read, and that were skipped */
    size_t n_read;
    uint32_t *skipped;
    size_t n_skipped;
};

#endif
