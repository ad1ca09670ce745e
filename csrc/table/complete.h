/* complete.h - the last steps from a parsed table to a snapshot. */
#ifndef MEMC_COMPLETE_H
#define MEMC_COMPLETE_H

#include "table/table.h"

/* Repair the regions, classify them, compute sizes and totals, and finish the table.
 * Returns MEMC_NOTED if there are notes. */
enum memc_status complete_table(struct memc_snapshot *t);

#endif
