#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 64 };

/* A bitmap of at least `rows` bits; the new ones say "there". */
static bool grow_valid(struct column *c, size_t rows)
{
    size_t old_size = c->valid.size;
    if (!block_grow(&c->valid, rows / 8))
        return false;
    memset((char *)c->valid.bytes + old_size, 0xff, rows / 8 - old_size);
    return true;
}

static bool grow_column(struct column *c, size_t rows)
{
    if (c->values.size < rows * c->width && !block_grow(&c->values, rows * c->width))
        return false;
    return !c->valid.size || c->valid.size >= rows / 8 || grow_valid(c, rows);
}

static enum memc_status grow_rows(struct memc_snapshot *t)
{
    size_t cap = t->row_cap ? t->row_cap * 2 : FIRST_ROWS;
    if (cap > UINT32_MAX)
        return MEMC_ERR_LIMIT;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (t->columns[i].present && !grow_column(&t->columns[i], cap))
            return MEMC_ERR_MEMORY;
    }
    t->row_cap = cap;
    return MEMC_OK;
}

enum memc_status table_reserve_row(struct memc_snapshot *t)
{
    return t->rows < t->row_cap ? MEMC_OK : grow_rows(t);
}

enum memc_status table_add_row(struct memc_snapshot *t)
{
    enum memc_status st = table_reserve_row(t);
    if (st >= 0)
        t->rows++;
    return st;
}

/* Make rows [c->filled, rows) of `c` missing: bit cleared, value 0. */
static enum memc_status fill_missing(const struct memc_snapshot *t, struct column *c,
                                     size_t rows)
{
    if (!c->valid.size && !grow_valid(c, t->row_cap))
        return MEMC_ERR_MEMORY;
    memset((char *)c->values.bytes + c->filled * c->width, 0,
           (rows - c->filled) * c->width);
    uint8_t *valid = c->valid.bytes;
    for (; c->filled < rows; c->filled++)
        valid[c->filled / 8] &= (uint8_t)~(1U << c->filled % 8);
    return MEMC_OK;
}

/* A column that was not part of the table becomes one. */
static enum memc_status show_column(const struct memc_snapshot *t, struct column *c)
{
    if (t->row_cap && !grow_column(c, t->row_cap))
        return MEMC_ERR_MEMORY;
    c->present = true;
    return MEMC_OK;
}

enum memc_status table_fill_missing(struct memc_snapshot *t, size_t column)
{
    struct column *c = &t->columns[column];
    enum memc_status st = c->present ? MEMC_OK : show_column(t, c);
    if (st >= 0 && c->filled < t->rows)
        st = fill_missing(t, c, t->rows);
    return st;
}

enum memc_status table_set(struct memc_snapshot *t, size_t column, uint64_t value)
{
    struct column *c = &t->columns[column];
    enum memc_status st = MEMC_OK;
    if (!c->present)
        st = show_column(t, c);
    if (st >= 0 && c->filled + 1 < t->rows)
        st = fill_missing(t, c, t->rows - 1);
    if (st < 0)
        return st;
    c->filled = t->rows;
    /* x86-64 and arm64 are little-endian: the low bytes come first. */
    memcpy((char *)c->values.bytes + (t->rows - 1) * c->width, &value, c->width);
    return MEMC_OK;
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

static void gather_values(unsigned char *to, const unsigned char *from, uint32_t width,
                          const uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * width, from + (size_t)rows[i] * width, width);
}

static void gather_bits(uint8_t *to, const uint8_t *from, const uint32_t *rows,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned bit = from[rows[i] / 8] >> rows[i] % 8 & 1U;
        to[i / 8] = (uint8_t)((to[i / 8] & ~(1U << i % 8)) | bit << i % 8);
    }
}

static enum memc_status keep_column(struct column *c, const uint32_t *rows, size_t n)
{
    struct block values = {0};
    struct block valid = {0};
    if (!block_grow(&values, c->values.size) ||
        (c->valid.size && !block_grow(&valid, c->valid.size))) {
        block_deinit(&values);
        return MEMC_ERR_MEMORY;
    }
    gather_values(values.bytes, c->values.bytes, c->width, rows, n);
    block_deinit(&c->values);
    c->values = values;
    if (valid.size) {
        gather_bits(valid.bytes, c->valid.bytes, rows, n);
        block_deinit(&c->valid);
        c->valid = valid;
    }
    return MEMC_OK;
}

enum memc_status table_keep(struct memc_snapshot *t, const uint32_t *rows, size_t n)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        struct column *c = &t->columns[i];
        if (c->filled == 0) /* not set in any row, or set after the repair */
            continue;
        enum memc_status st = MEMC_OK;
        if (c->filled < t->rows)
            st = fill_missing(t, c, t->rows);
        if (st >= 0)
            st = keep_column(c, rows, n);
        if (st < 0)
            return st;
        c->filled = n;
    }
    t->rows = n;
    return MEMC_OK;
}

enum memc_status table_unset(struct memc_snapshot *t, size_t column, size_t row)
{
    struct column *c = &t->columns[column];
    if (!c->valid.size && !grow_valid(c, t->row_cap))
        return MEMC_ERR_MEMORY;
    uint8_t *valid = c->valid.bytes;
    valid[row / 8] &= (uint8_t)~(1U << row % 8);
    memset((char *)c->values.bytes + row * c->width, 0, c->width);
    return MEMC_OK;
}

enum memc_status table_fill_column(struct memc_snapshot *t, size_t column)
{
    struct column *c = &t->columns[column];
    if (!c->present) {
        enum memc_status st = show_column(t, c);
        if (st < 0)
            return st;
    }
    c->filled = t->rows;
    return MEMC_OK;
}

enum memc_status table_finish(struct memc_snapshot *t)
{
    t->shown = calloc(t->n_columns, sizeof *t->shown);
    if (!t->shown)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < t->n_columns; i++) {
        struct column *c = &t->columns[i];
        if (!c->present)
            continue;
        if (c->filled < t->rows) {
            enum memc_status st = fill_missing(t, c, t->rows);
            if (st < 0)
                return st;
        }
        t->shown[t->n_shown++] = (uint32_t)i;
    }
    t->info.rows = t->rows;
    return MEMC_OK;
}

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

struct memc_snapshot *table_ref(struct memc_snapshot *t)
{
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void memc_snapshot_destroy(struct memc_snapshot *snap)
{
    if (!snap || atomic_fetch_sub_explicit(&snap->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < snap->n_columns; i++) {
        block_deinit(&snap->columns[i].values);
        block_deinit(&snap->columns[i].valid);
        free(snap->columns[i].own_name);
    }
    free(snap->columns);
    free(snap->shown);
    strpool_deinit(&snap->strings);
    free(snap);
}
