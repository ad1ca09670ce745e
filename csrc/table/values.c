/*
 * values.c - where the values of a table's columns are.
 *
 * A column has no memory while all its values are 0, as most counters of most processes
 * are.  The other columns lie in one block.  When they grow, they move into a larger
 * block together:
 *
 *   |start      |end        |perm|pathname   |rss_kb     |...
 *    row 0.. row_cap
 *
 * At the end, columns that are all 0 share one place of zeros.  It is in the same block
 * if the table is small.
 */
#include "table/table.h"

#include <string.h>

enum { FIRST_ROWS = 64, TRIM_ROWS = 1024, HUGE_ROWS = 16384, MAX_WIDTH = 8 };
enum { STEP = 512 };

static size_t values_size(const struct column *c, size_t cap)
{
    return block_aligned(cap * c->width);
}

static size_t valid_size(size_t cap)
{
    return block_aligned(cap / 8);
}

static size_t total_size(const struct memc_snapshot *t, size_t cap)
{
    size_t size = 0;
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        size += c->values || c->dense ? values_size(c, cap) : 0;
        size += c->valid ? valid_size(cap) : 0;
    }
    return size;
}

/* Which rows to copy: the first `n`, or those that `rows` names. */
struct pick {
    const uint32_t *rows;
    size_t n;
};

static void copy_values(unsigned char *to, const unsigned char *from, uint32_t width,
                        const struct pick *pick)
{
    if (!pick->rows) {
        memcpy(to, from, pick->n * width);
        return;
    }
    for (size_t i = 0; i < pick->n; i++)
        memcpy(to + i * width, from + (size_t)pick->rows[i] * width, width);
}

/* The bits after the last row say that there is a value. */
static void copy_bits(uint8_t *to, const uint8_t *from, size_t cap,
                      const struct pick *pick)
{
    memset(to, 0xff, cap / 8);
    for (size_t i = 0; i < pick->n; i++) {
        size_t row = pick->rows ? pick->rows[i] : i;
        if (!(from[row / 8] >> row % 8 & 1))
            to[i / 8] &= (uint8_t)~(1U << i % 8);
    }
}

/* Move a column to `to`, and return the place after it. */
static char *move_column(struct column *c, char *to, size_t cap,
                         const struct pick *pick)
{
    if (c->values || c->dense) {
        if (c->values)
            copy_values((unsigned char *)to, c->values, c->width, pick);
        c->values = to;
        to += values_size(c, cap);
    }
    if (c->valid) {
        copy_bits((uint8_t *)to, c->valid, cap, pick);
        c->valid = (uint8_t *)to;
        to += valid_size(cap);
    }
    return to;
}

/* Move all columns into a block that has room for `spare` bytes more, and return the
 * place of these in *ret. */
static enum memc_status move_all(struct memc_snapshot *t, size_t cap,
                                 const struct pick *pick, size_t spare, void **ret)
{
    struct block *old = t->blocks;
    struct block *moved = NULL;
    char *to = block_add(&moved, total_size(t, cap) + spare, cap >= HUGE_ROWS);
    if (!to)
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; i < t->n_columns; i++)
        to = move_column(&t->columns[i], to, cap, pick);
    block_free_all(&old);
    t->blocks = moved;
    t->row_cap = cap;
    *ret = to;
    return MEMC_OK;
}

static enum memc_status move(struct memc_snapshot *t, size_t cap,
                             const struct pick *pick)
{
    void *end;
    return move_all(t, cap, pick, 0, &end);
}

/* Return for how many rows a block has room if it has room for `cap` rows and consists
 * of huge pages.  STEP rows of each column end at an aligned place, so there is no gap
 * between the columns. */
static size_t fill_huge(const struct memc_snapshot *t, size_t cap)
{
    return block_room(total_size(t, cap), true) / total_size(t, STEP) * STEP;
}

/* Small pages cost nothing before they are written, but moving them costs time.  So a
 * small table grows by more, and moves less often. */
enum memc_status values_grow(struct memc_snapshot *t)
{
    size_t cap = t->row_cap < HUGE_ROWS ? t->row_cap * 4 : t->row_cap * 2;
    if (cap == 0)
        cap = FIRST_ROWS;
    if (cap >= HUGE_ROWS)
        cap = fill_huge(t, cap);
    struct pick all = {NULL, t->rows};
    return cap > UINT32_MAX ? MEMC_ERR_LIMIT : move(t, cap, &all);
}

enum memc_status values_pick(struct memc_snapshot *t, const uint32_t *rows, size_t n)
{
    return move(t, t->row_cap, &(struct pick){rows, n});
}

enum memc_status values_make(struct memc_snapshot *t, struct column *c)
{
    if (!c->values && t->row_cap) {
        c->values = block_add(&t->blocks, values_size(c, t->row_cap), false);
        if (!c->values)
            return MEMC_ERR_MEMORY;
    }
    return MEMC_OK;
}

enum memc_status values_make_valid(struct memc_snapshot *t, struct column *c)
{
    if (c->valid)
        return MEMC_OK;
    c->valid = block_add(&t->blocks, valid_size(t->row_cap), false);
    if (!c->valid)
        return MEMC_ERR_MEMORY;
    memset(c->valid, 0xff, t->row_cap / 8);
    return MEMC_OK;
}

static bool is_zero(const struct column *c)
{
    return c->present && !c->values;
}

/* Give back the room for rows that did not come: many snapshots may be kept.  In a
 * larger table, whole pages at the end of a column were never written. */
static enum memc_status trim(struct memc_snapshot *t, size_t zeros, void **ret)
{
    size_t cap = (t->rows + FIRST_ROWS - 1) / FIRST_ROWS * FIRST_ROWS;
    for (size_t i = 0; i < t->n_columns; i++) {
        struct column *c = &t->columns[i];
        c->dense = c->dense && c->values;
    }
    return move_all(t, cap, &(struct pick){NULL, t->rows}, zeros, ret);
}

enum memc_status values_finish(struct memc_snapshot *t)
{
    size_t size = 0;
    for (size_t i = 0; i < t->n_columns; i++)
        size = is_zero(&t->columns[i]) ? t->rows * MAX_WIDTH : size;
    void *zeros = NULL;
    enum memc_status st = MEMC_OK;
    if (t->rows && t->row_cap <= TRIM_ROWS)
        st = trim(t, size, &zeros);
    else if (size)
        zeros = block_add(&t->blocks, size, false);
    if (st < 0 || (size && !zeros))
        return MEMC_ERR_MEMORY;
    for (size_t i = 0; size && i < t->n_columns; i++) {
        if (is_zero(&t->columns[i]))
            t->columns[i].values = zeros;
    }
    return MEMC_OK;
}
