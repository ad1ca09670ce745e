/*
 * totals.h - the totals of a process, without regions: statm, status, and on request
 * smaps_rollup.
 */
#ifndef MEMC_TOTALS_H
#define MEMC_TOTALS_H

#include "proc/source.h"
#include "table/table.h"

/* Fill the totals of a snapshot.  With `rollup`, also Pss and Uss: the kernel walks all
 * pages of the process. */
enum memc_status totals_fill(const struct source *s, struct memc_snapshot *t,
                             bool rollup, struct memc_error *err);

/* Read the resident size from statm into the info of the snapshot.  If statm cannot be
 * read, the info stays as it is. */
void totals_read_statm(const struct source *s, struct memc_snapshot *t);

#endif
