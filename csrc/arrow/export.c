#include "arrow/export.h"

#include <stdlib.h>

#include "arrow/fill.h"

struct exported *export_create(size_t n_parts)
{
    struct exported *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    atomic_init(&e->refs, 1);
    e->parts = calloc(n_parts + 1, sizeof *e->parts);
    if (!e->parts) {
        free(e);
        return NULL;
    }
    return e;
}

/* Find out whether there are only totals; then each part has one row. */
static void find_totals(struct exported *e)
{
    e->of_totals = e->n_parts > 0;
    for (size_t i = 0; e->of_totals && i < e->n_parts; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): each part has a table */
        e->of_totals = e->parts[i].table->n_totals > 0;
    for (size_t i = 0; e->of_totals && i < e->n_parts; i++)
        e->parts[i].rows = 1;
}

static enum memc_status finish(struct exported *e, const struct memc_system *system,
                               struct exported **ret)
{
    find_totals(e);
    enum memc_status st = columns_add(e, system);
    if (st >= 0)
        st = fill_parts(e);
    if (st < 0)
        export_unref(e);
    else
        *ret = e;
    return st;
}

static struct exported_part *add_part(struct exported *e, struct memc_snapshot *table)
{
    struct exported_part *p = &e->parts[e->n_parts++];
    p->table = table_ref(table);
    p->rows = table->rows;
    return p;
}

enum memc_status export_snapshot(struct memc_snapshot *snap, struct exported **ret)
{
    struct exported *e = export_create(1);
    if (!e)
        return MEMC_ERR_MEMORY;
    (void)add_part(e, snap);
    return finish(e, NULL, ret);
}

enum memc_status export_system(const struct memc_system *system, struct exported **ret)
{
    struct exported *e = export_create(system->n_read);
    if (!e)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < system->n_read; i++) {
        const struct system_entry *entry = &system->entries[system->read[i]];
        add_part(e, entry->snapshot)->process = entry->process;
    }
    return finish(e, system, ret);
}

struct exported *export_ref(struct exported *e)
{
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void export_unref(struct exported *e)
{
    if (atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < e->n_parts; i++)
        memc_snapshot_destroy(e->parts[i].table);
    for (size_t i = 0; i < e->n_columns; i++)
        strpool_deinit(&e->columns[i].strings);
    block_free_all(&e->blocks);
    free(e->columns);
    free(e->parts);
    free(e);
}
