/* complete.h - a parsed table made a snapshot. */
#ifndef MEMC_COMPLETE_H
#define MEMC_COMPLETE_H

#include "table/table.h"

/* Repair, classify, compute sizes and totals, close.  MEMC_NOTED when there are
 * notes. */
enum memc_status complete_table(struct memc_snapshot *t);

#endif
