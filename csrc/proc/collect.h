/* collect.h - one process: source -> parse -> complete. */
#ifndef MEMC_COLLECT_H
#define MEMC_COLLECT_H

#include "proc/source.h"
#include "table/table.h"

enum { COMM_SIZE = 64 }; /* TASK_COMM_LEN is 16; a workqueue's is longer */

/* Read process `pid` of an open root.  `s` is for one thread. */
enum memc_status collect_process(struct source *s, int32_t pid,
                                 const struct memc_options *options,
                                 struct memc_snapshot **ret, struct memc_error *err);

/* The comm of the process that is open, "" if it cannot be read. */
void collect_name(const struct source *s, char name[COMM_SIZE], size_t *len);

#endif
