/* repair.h - a torn list of regions put in order. */
#ifndef MEMC_REPAIR_H
#define MEMC_REPAIR_H

#include "table/table.h"

/*
 * Sort the regions by start and let a later line replace what it overlaps:
 * older regions that start at or after its start and below its end go, one that
 * straddles its start is cut to end there.  Counts MEMC_NOTE_TORN.
 */
enum memc_status repair_table(struct memc_snapshot *t);

#endif
