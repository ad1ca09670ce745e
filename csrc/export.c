#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum { ALIGNMENT = 64 };

/* Goes before each piece of memory. */
struct piece {
    struct piece *next;
};

void *export_alloc(struct export *e, size_t size)
{
    size_t whole = ALIGNMENT + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct piece *piece = aligned_alloc(ALIGNMENT, whole);
    if (!piece)
        return NULL;
    memset(piece, 0, whole);
    piece->next = e->pieces;
    e->pieces = piece;
    return (char *)piece + ALIGNMENT;
}

enum memc_status export_add_column(struct export *e, struct export_column column)
{
    struct export_column *columns =
        realloc(e->columns, (e->n_columns + 1) * sizeof *columns);
    if (!columns)
        return MEMC_ERR_MEMORY;
    e->columns = columns;
    struct export_column *c = &columns[e->n_columns++];
    *c = column;
    return c->has_strings && !c->strings.offsets ? strpool_init(&c->strings) : MEMC_OK;
}

/* What goes before the columns of the tables when there are several. */
static enum memc_status add_front(struct export *e)
{
    static const struct export_column FRONT[] = {
        {.name = "pid", .format = "i", .source = FROM_PID},
        {.name = "name", .format = "I", .source = FROM_NAME, .has_strings = true},
        {.name = "uid", .format = "I", .source = FROM_UID},
        {.name = "cgroup", .format = "I", .source = FROM_CGROUP, .has_strings = true},
    };
    enum memc_status st = MEMC_OK;
    for (size_t i = 0; st >= 0 && i < sizeof FRONT / sizeof *FRONT; i++)
        st = export_add_column(e, FRONT[i]);
    return st;
}

static struct export_column column_of(const char *name, uint32_t width,
                                      enum memc_unit unit)
{
    struct export_column c = {
        .name = name,
        .format = width == 8 ? "L" : "I",
        .source = FROM_TABLE,
        .field = N_FIELDS,
        .key = name,
        .unit = unit,
    };
    if (unit == MEMC_UNIT_STRING || unit == MEMC_UNIT_FLAGS) {
        c.source = FROM_STRINGS;
        c.has_strings = true;
    } else if (unit == MEMC_UNIT_PERM || unit == MEMC_UNIT_TYPE) {
        c.has_strings = true;
        c.format = "C";
        c.first = 1;
    }
    return c;
}

/* Whether a region of the table has a path that is not UTF-8. */
static bool has_odd_path(const struct memc_snapshot *t)
{
    const struct strpool *pool = &t->strings;
    const uint32_t *ids = table_u32(t, COL_PATHNAME);
    for (size_t i = 0; i < t->rows; i++) {
        uint32_t begin = pool->offsets[ids[i]];
        if (!utf8_is_valid(pool->bytes + begin, pool->offsets[ids[i] + 1] - begin))
            return true;
    }
    return false;
}

static enum memc_status add_odd_paths(struct export *e)
{
    static const struct export_column ODD = {
        .name = "pathname_hex",
        .format = "I",
        .source = FROM_PATHS,
        .has_strings = true,
    };
    for (size_t i = 0; i < e->n_parts; i++) {
        if (has_odd_path(e->parts[i].table))
            return export_add_column(e, ODD);
    }
    return MEMC_OK;
}

/* The columns of a maps line, and each other one that any of the tables has. */
static enum memc_status add_field(struct export *e, size_t field)
{
    const struct field *f = &FIELDS[field];
    bool found = field < FIRST_SMAPS;
    for (size_t i = 0; !found && i < e->n_parts; i++)
        found = e->parts[i].table->columns[field].present;
    if (!found)
        return MEMC_OK;
    struct export_column c = column_of(f->name, f->width, f->unit);
    c.field = field;
    enum memc_status st = export_add_column(e, c);
    return st >= 0 && field == COL_PATHNAME ? add_odd_paths(e) : st;
}

static bool has_name(const struct export *e, const char *name)
{
    for (size_t i = 0; i < e->n_columns; i++) {
        if (strcmp(e->columns[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool has_key(const struct export *e, const char *key)
{
    for (size_t i = 0; i < e->n_columns; i++) {
        const struct export_column *c = &e->columns[i];
        if (c->key && c->field == N_FIELDS && strcmp(c->key, key) == 0)
            return true;
    }
    return false;
}

/* A key that memc does not know; "region_name" where the process has a name. */
static enum memc_status add_extra(struct export *e, const struct column *column)
{
    static const char PREFIX[] = "region_";
    if (!column->present || has_key(e, column->name))
        return MEMC_OK;
    struct export_column c = column_of(column->name, column->width, column->unit);
    if (has_name(e, column->name)) {
        size_t len = strlen(column->name);
        char *name = export_alloc(e, sizeof PREFIX + len);
        if (!name)
            return MEMC_ERR_MEMORY;
        memcpy(name, PREFIX, sizeof PREFIX - 1);
        memcpy(name + sizeof PREFIX - 1, column->name, len);
        c.name = name;
    }
    return export_add_column(e, c);
}

static enum memc_status add_columns(struct export *e, bool front)
{
    enum memc_status st = front ? add_front(e) : MEMC_OK;
    for (size_t i = 0; st >= 0 && i < N_FIELDS; i++)
        st = add_field(e, i);
    for (size_t i = 0; st >= 0 && i < e->n_parts; i++) {
        const struct memc_snapshot *t = e->parts[i].table;
        for (size_t j = N_FIELDS; st >= 0 && j < t->n_columns; j++)
            st = add_extra(e, &t->columns[j]);
    }
    return st;
}

struct export *export_create(size_t n_parts)
{
    struct export *e = calloc(1, sizeof *e);
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

static enum memc_status finish(struct export *e, bool front, struct export **ret)
{
    enum memc_status st = add_columns(e, front);
    if (st >= 0)
        st = export_fill(e);
    if (st < 0)
        export_unref(e);
    else
        *ret = e;
    return st;
}

static void add_part(struct export *e, struct memc_snapshot *table,
                     const struct system_entry *process)
{
    struct export_part *p = &e->parts[e->n_parts++];
    p->table = table_ref(table);
    p->rows = table->rows;
    p->process = process;
}

enum memc_status export_snapshot(struct memc_snapshot *snap, struct export **ret)
{
    struct export *e = export_create(1);
    if (!e)
        return MEMC_ERR_MEMORY;
    add_part(e, snap, NULL);
    return finish(e, false, ret);
}

enum memc_status export_system(const struct memc_system *system, struct export **ret)
{
    struct export *e = export_create(system->n_read);
    if (!e)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < system->n_read; i++) {
        const struct system_entry *process = &system->entries[system->read[i]];
        add_part(e, process->snapshot, process);
    }
    return finish(e, true, ret);
}

struct export *export_ref(struct export *e)
{
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void export_unref(struct export *e)
{
    if (atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < e->n_parts; i++)
        memc_snapshot_destroy(e->parts[i].table);
    for (size_t i = 0; i < e->n_columns; i++)
        strpool_deinit(&e->columns[i].strings);
    while (e->pieces) {
        struct piece *next = e->pieces->next;
        free(e->pieces);
        e->pieces = next;
    }
    free(e->columns);
    free(e->parts);
    free(e);
}
