#include "table/table.h"

#include <stdlib.h>
#include <string.h>

enum memc_status table_add_row(struct memc_snapshot *t)
{
    enum memc_status st = t->rows < t->row_cap ? MEMC_OK : values_grow(t);
    if (st >= 0)
        t->rows++;
    return st;
}

/* Make rows [c->filled, rows) of `c` missing: clear their bits, and set them to 0. */
static enum memc_status fill_missing(struct memc_snapshot *t, struct column *c,
                                     size_t rows)
{
    enum memc_status st = values_make_valid(t, c);
    if (st < 0)
        return st;
    if (c->values)
        memset((char *)c->values + c->filled * c->width, 0,
               (rows - c->filled) * c->width);
    for (; c->filled < rows; c->filled++)
        c->valid[c->filled / 8] &= (uint8_t)~(1U << c->filled % 8);
    return MEMC_OK;
}

enum memc_status table_fill_missing(struct memc_snapshot *t, size_t column)
{
    struct column *c = &t->columns[column];
    c->present = true;
    return c->filled < t->rows ? fill_missing(t, c, t->rows) : MEMC_OK;
}

enum memc_status table_put(struct memc_snapshot *t, size_t column, size_t row,
                           uint64_t value)
{
    struct column *c = &t->columns[column];
    if (value == 0 && !c->values)
        return MEMC_OK;
    enum memc_status st = values_make(t, c);
    if (st < 0)
        return st;
    /* x86-64 and arm64 are little-endian: the low bytes come first. */
    memcpy((char *)c->values + row * c->width, &value, c->width);
    return MEMC_OK;
}

enum memc_status table_set(struct memc_snapshot *t, size_t column, uint64_t value)
{
    struct column *c = &t->columns[column];
    enum memc_status st = MEMC_OK;
    c->present = true;
    if (c->filled + 1 < t->rows)
        st = fill_missing(t, c, t->rows - 1);
    if (st < 0)
        return st;
    c->filled = t->rows;
    return table_put(t, column, t->rows - 1, value);
}

static enum memc_status add_column(struct memc_snapshot *t, const char *name,
                                   enum memc_unit unit)
{
    struct column *columns = realloc(t->columns, (t->n_columns + 1) * sizeof *columns);
    if (!columns)
        return MEMC_ERR_MEMORY;
    t->columns = columns;

    char *own_name = strdup(name);
    if (!own_name)
        return MEMC_ERR_MEMORY;
    t->columns[t->n_columns++] = (struct column){
        .name = own_name,
        .own_name = own_name,
        .width = unit == MEMC_UNIT_STRING ? 4 : 8,
        .unit = unit,
    };
    return MEMC_OK;
}

enum memc_status table_extra(struct memc_snapshot *t, const char *name,
                             enum memc_unit unit, size_t *ret)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        if (strcmp(c->name, name) == 0) {
            *ret = i >= N_FIELDS && c->unit == unit ? i : SIZE_MAX;
            return MEMC_OK;
        }
    }
    if (t->n_columns == N_FIELDS + MAX_EXTRA) {
        *ret = SIZE_MAX;
        return MEMC_OK;
    }
    enum memc_status st = add_column(t, name, unit);
    if (st < 0)
        return st;
    *ret = t->n_columns - 1;
    return MEMC_OK;
}

enum memc_status table_keep(struct memc_snapshot *t, const uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        struct column *c = &t->columns[i];
        if (c->filled == 0) /* set in no row, or set after the repair */
            continue;
        enum memc_status st = table_fill_missing(t, i);
        if (st < 0)
            return st;
    }
    enum memc_status st = values_pick(t, rows, n);
    if (st < 0)
        return st;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (t->columns[i].filled)
            t->columns[i].filled = n;
    }
    t->rows = n;
    return MEMC_OK;
}

enum memc_status table_unset(struct memc_snapshot *t, size_t column, size_t row)
{
    struct column *c = &t->columns[column];
    enum memc_status st = values_make_valid(t, c);
    if (st < 0)
        return st;
    c->valid[row / 8] &= (uint8_t)~(1U << row % 8);
    if (c->values)
        memset((char *)c->values + row * c->width, 0, c->width);
    return MEMC_OK;
}

enum memc_status table_fill_column(struct memc_snapshot *t, size_t column)
{
    struct column *c = &t->columns[column];
    c->present = true;
    c->filled = t->rows;
    return values_make(t, c);
}

enum memc_status table_finish(struct memc_snapshot *t)
{
    t->shown = calloc(t->n_columns, sizeof *t->shown);
    if (!t->shown)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (!t->columns[i].present)
            continue;
        enum memc_status st = table_fill_missing(t, i);
        if (st < 0)
            return st;
        t->shown[t->n_shown++] = (uint32_t)i;
    }
    t->info.rows = t->rows;
    return values_finish(t);
}

enum memc_status table_status(const struct memc_snapshot *t)
{
    for (size_t i = 0; i < N_NOTES; i++) {
        if (t->notes[i])
            return MEMC_NOTED;
    }
    return MEMC_OK;
}

/* Every table needs these columns in the end, or they are read before it is
 * finished. */
static const uint8_t DENSE[] = {
    COL_START, COL_END, COL_PERM, COL_PATHNAME, COL_TYPE, COL_SIZE_KB,
};

static enum memc_status init_columns(struct memc_snapshot *t)
{
    t->columns = calloc(N_FIELDS, sizeof *t->columns);
    if (!t->columns)
        return MEMC_ERR_MEMORY;
    t->n_columns = N_FIELDS;
    for (size_t i = 0; i < N_FIELDS; i++) {
        t->columns[i] = (struct column){
            .name = FIELDS[i].name,
            .width = FIELDS[i].width,
            .unit = FIELDS[i].unit,
            .present = i < FIRST_SMAPS,
        };
    }
    for (size_t i = 0; i < sizeof DENSE; i++)
        t->columns[DENSE[i]].dense = true;
    return MEMC_OK;
}

enum memc_status table_create(struct memc_snapshot **ret)
{
    struct memc_snapshot *t = calloc(1, sizeof *t);
    if (!t)
        return MEMC_ERR_MEMORY;
    atomic_init(&t->refs, 1);
    enum memc_status st = strpool_init(&t->strings);
    if (st >= 0)
        st = init_columns(t);
    if (st < 0) {
        memc_snapshot_destroy(t);
        return st;
    }
    *ret = t;
    return MEMC_OK;
}
