/*
 * snapshot.h - a snapshot as JSON, in three parts: what comes before its regions, some
 * of the regions at a time, and what comes after them.  `depth` is the depth of its
 * keys.
 */
#ifndef MEMC_SNAPSHOT_H
#define MEMC_SNAPSHOT_H

#include "json/regions.h"

void snapshot_begin(struct json *j, const struct memc_snapshot *snap,
                    const struct regions_options *options);

/* Write rows [from, to); false when memory runs out. */
bool snapshot_rows(struct json *j, const struct memc_snapshot *snap,
                   const struct regions_options *options, size_t from, size_t to);

void snapshot_end(struct json *j, const struct memc_snapshot *snap, unsigned depth);

/* Write the notes of a document of all processes. */
void snapshot_late(struct json *j, unsigned depth, uint64_t late);

#endif
