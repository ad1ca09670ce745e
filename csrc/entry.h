/*
 * entry.h - a snapshot as JSON, in three parts: what stands before its regions, some
 * of them at a time, and what stands behind.  `depth` is that of its keys.
 */
#ifndef MEMC_ENTRY_H
#define MEMC_ENTRY_H

#include "regions.h"

void entry_begin(struct json *j, const struct memc_snapshot *snap,
                 const struct regions_options *options);

/* Rows [from, to); false when memory ran out. */
bool entry_rows(struct json *j, const struct memc_snapshot *snap,
                const struct regions_options *options, size_t from, size_t to);

void entry_end(struct json *j, const struct memc_snapshot *snap, unsigned depth);

/* A key and its number; and the notes that a document ends with. */
void entry_pair(struct json *j, unsigned depth, const char *key, uint64_t value);
void entry_late(struct json *j, unsigned depth, uint64_t late);

#endif
