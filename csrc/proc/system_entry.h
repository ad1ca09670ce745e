/* system_entry.h - what was read of one of all processes. */
#ifndef MEMC_SYSTEM_ENTRY_H
#define MEMC_SYSTEM_ENTRY_H

#include "table/table.h"

struct system_entry {
    struct memc_process process;    /* it owns its cgroup and cmdline */
    struct memc_snapshot *snapshot; /* owned; NULL when it failed */
    struct memc_error error;        /* why it failed; then */
    char name[COMM_SIZE];           /*   process.name points to this */
};

#endif
