/* budget.h - how long reading may hold up a process: max_stall_ms. */
#ifndef MEMC_BUDGET_H
#define MEMC_BUDGET_H

#include "proc/source.h"
#include "table/table.h"

/* Choose the detail to read: the one that was asked for, or a gentler one and a
 * note. */
void budget_choose(const struct source *s, struct memc_snapshot *t,
                   const struct memc_options *o);

#endif
