/* snapshot.c - what a caller may see of a finished table. */
#include "table/table.h"

struct memc_info memc_snapshot_info(const struct memc_snapshot *snap)
{
    return snap->info;
}

size_t memc_snapshot_rows(const struct memc_snapshot *snap)
{
    return snap->rows;
}

size_t memc_snapshot_columns(const struct memc_snapshot *snap)
{
    return snap->n_shown;
}

struct memc_column memc_snapshot_column(const struct memc_snapshot *snap, size_t i)
{
    const struct column *c = &snap->columns[snap->shown[i]];
    return (struct memc_column){
        .values = c->values,
        .valid = c->valid,
        .name = c->name,
        .width = c->width,
        .unit = c->unit,
    };
}

struct memc_strings memc_snapshot_strings(const struct memc_snapshot *snap)
{
    return (struct memc_strings){
        .bytes = snap->strings.bytes,
        .offsets = snap->strings.offsets,
        .count = snap->strings.count,
    };
}
