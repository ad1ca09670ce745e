/*
 * snapshot.h - a snapshot as JSON, in three parts: what stands before its regions, some
 * of them at a time, and what stands behind.  `depth` is that of its keys.
 */
#ifndef MEMC_SNAPSHOT_H
#define MEMC_SNAPSHOT_H

#include "json/regions.h"

void snapshot_begin(struct json *j, const struct memc_snapshot *snap,
                    const struct regions_options *options);

/* Rows [from, to); false when memory ran out. */
bool snapshot_rows(struct json *j, const struct memc_snapshot *snap,
                   const struct regions_options *options, size_t from, size_t to);

void snapshot_end(struct json *j, const struct memc_snapshot *snap, unsigned depth);

/* The notes of a document of all processes. */
void snapshot_late(struct json *j, unsigned depth, uint64_t late);

#endif
