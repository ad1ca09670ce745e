/* export.h - make what a stream shows of a snapshot, of a system, or of copied
 * columns. */
#ifndef MEMC_EXPORT_H
#define MEMC_EXPORT_H

#include "arrow/columns.h"

/* Make it with one reference.  It holds the tables, but not the system. */
enum memc_status export_snapshot(struct memc_snapshot *snap, struct exported **ret);
enum memc_status export_system(const struct memc_system *system, struct exported **ret);
enum memc_status export_copy(const struct memc_arrow *from, struct exported **ret);

struct exported *export_ref(struct exported *e);
void export_unref(struct exported *e);

/* Make it with one reference, no columns, and room for the parts; NULL when memory runs
 * out. */
struct exported *export_create(size_t n_parts);

#endif
