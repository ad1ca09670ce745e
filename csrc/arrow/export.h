/* export.h - what a stream shows, made of a snapshot, of a system, or of a copy. */
#ifndef MEMC_EXPORT_H
#define MEMC_EXPORT_H

#include "arrow/columns.h"

/* One reference; it holds the tables, not the system. */
enum memc_status export_snapshot(struct memc_snapshot *snap, struct exported **ret);
enum memc_status export_system(const struct memc_system *system, struct exported **ret);
enum memc_status export_copy(const struct memc_arrow *from, struct exported **ret);

struct exported *export_ref(struct exported *e);
void export_unref(struct exported *e);

/* One reference, no columns, and room for the parts; NULL if memory runs out. */
struct exported *export_create(size_t n_parts);

#endif
