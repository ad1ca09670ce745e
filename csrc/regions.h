/* regions.h - the regions of a snapshot as a JSON list. */
#ifndef MEMC_REGIONS_H
#define MEMC_REGIONS_H

#include "json.h"
#include "table.h"

/* The list behind its key, which stands at `depth`; false when memory ran out. */
bool regions_write(struct json *j, const struct memc_snapshot *snap, unsigned depth,
                   bool full);

#endif
