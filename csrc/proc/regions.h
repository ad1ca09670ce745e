/*
 * regions.h - read maps or smaps of a process: source -> parse.
 *
 * Each read gives about a page of complete records, which are parsed while they are in
 * the cache.  The whole text is never held.
 */
#ifndef MEMC_REGIONS_H
#define MEMC_REGIONS_H

#include "proc/source.h"
#include "table/table.h"

/* Read what the detail of an empty table needs: smaps, or maps and perhaps the page
 * tables. */
enum memc_status regions_read(const struct source *s, struct memc_snapshot *t,
                              struct memc_error *err);

#endif
