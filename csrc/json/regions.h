/* regions.h - the regions of a snapshot as items of a JSON list. */
#ifndef MEMC_REGIONS_H
#define MEMC_REGIONS_H

#include "table/table.h"
#include "json/writer.h"

struct regions_options {
    unsigned depth;
    bool full; /* every column */
};

/* Write rows [from, to) of a list whose key is at `depth`; false when memory runs
 * out. */
bool regions_write(struct json *j, const struct memc_snapshot *snap,
                   const struct regions_options *options, size_t from, size_t to);

#endif
