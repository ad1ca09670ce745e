/* repair.h - put a torn list of regions in order. */
#ifndef MEMC_REPAIR_H
#define MEMC_REPAIR_H

#include "table/table.h"

/*
 * Sort the regions by start, and let a later line replace what it overlaps.  An older
 * region that starts inside the later one is dropped; one that starts before it and
 * ends inside it is cut.  Counts them in MEMC_NOTE_TORN.
 */
enum memc_status repair_table(struct memc_snapshot *t);

#endif
