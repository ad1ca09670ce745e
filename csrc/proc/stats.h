/*
 * stats.h - the parts of stat and status that are read again and again.
 */
#ifndef MEMC_STATS_H
#define MEMC_STATS_H

#include "base/scan.h"
#include "memc/memc.h"

/* Find the name and the values in the text of stat; false if it is not the whole of
 * what memc needs.  A value that is no number is 0.  Outputs are written on success. */
bool stats_parse(struct scan text, struct scan *name,
                 uint64_t values[MEMC_STAT_VALUES]);

/* Find the amounts in the text of status; -1 for each that it does not tell.  The first
 * line of each key counts. */
void stats_amounts(struct scan text, int64_t ret[MEMC_AMOUNTS]);

#endif
