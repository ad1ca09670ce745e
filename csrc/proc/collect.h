/* collect.h - one process: source -> parse -> complete. */
#ifndef MEMC_COLLECT_H
#define MEMC_COLLECT_H

#include "proc/source.h"
#include "table/table.h"

/* Read process `pid` of an open root.  One thread uses `s`.  Unless `process` is NULL,
 * it gets the user, and the control group and the command line that the options ask
 * for, and owns them.  `options->after` is an earlier snapshot of the process, or NULL;
 * if *ret tells it again, `process` gets nothing. */
enum memc_status collect_process(struct source *s, int32_t pid,
                                 const struct memc_options *options,
                                 struct memc_process *process,
                                 struct memc_snapshot **ret, struct memc_error *err);

#endif
