/*
 * totals.h - what a process has in all, without its regions: statm, status, and
 * when it is asked for smaps_rollup.
 */
#ifndef MEMC_TOTALS_H
#define MEMC_TOTALS_H

#include "proc/source.h"
#include "table/table.h"

/* Fill the totals of a snapshot.  With `rollup`, Pss and Uss too, which costs the
 * process a walk of all its pages. */
enum memc_status totals_fill(const struct source *s, struct memc_snapshot *t,
                             bool rollup, struct memc_error *err);

/* The resident size that statm tells, into the snapshot's info.  When it cannot
 * be read the info stays as it is. */
void totals_read_statm(const struct source *s, struct memc_snapshot *t);

#endif
