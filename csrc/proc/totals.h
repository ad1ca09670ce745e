/*
 * totals.h - the totals of a process, without regions: status, statm, and on request
 * smaps_rollup.
 */
#ifndef MEMC_TOTALS_H
#define MEMC_TOTALS_H

#include "proc/source.h"
#include "table/table.h"

/* Fill the totals of a snapshot from status.  With `rollup`, also Pss and Uss from
 * smaps_rollup: the kernel walks all pages of the process.  *missing tells whether this
 * kernel has no smaps_rollup. */
enum memc_status totals_fill(const struct source *s, struct memc_snapshot *t,
                             bool rollup, bool *missing, struct memc_error *err);

/* Read VmSwap: what is swapped out, without shared memory.  False if it is unknown. */
bool totals_read_swap(const struct source *s, uint64_t *ret);

/* Fill what smaps_rollup would tell from the regions of smaps. */
void totals_sum(struct memc_snapshot *t, const struct memc_snapshot *smaps);

/* Note why smaps_rollup could not be read, or smaps where there is no smaps_rollup. */
void totals_note_unread(struct memc_snapshot *t, const struct memc_error *err);

/* Read the resident size, and without regions the size, from statm, or from status if
 * statm cannot be read.  If neither can be read, they stay unknown. */
void totals_read_sizes(const struct source *s, struct memc_snapshot *t);

#endif
