/*
 * repair.c - put a torn list of regions in order.
 *
 * The kernel drops its lock between two buffers of text, and continues after the last
 * address that it printed.  If the process has meanwhile merged a region with one that
 * was printed already, the region comes again, and is longer:
 *
 *   00010000-00011000 rw-p ...      is dropped
 *   00010000-00012000 rw-p ...      is newer
 *
 * The places of all rows are known before the first is kept: the order of their starts.
 * A Fenwick tree counts the kept rows by place, so that the neighbours of a new row are
 * found in a few steps, however many rows there are and in whatever order they come.
 */
#include "table/repair.h"

#include <stdlib.h>
#include <string.h>

/* A row, and where it starts. */
struct place {
    uint64_t start;
    uint32_t row;
};

/* Places count from 1. */
struct kept {
    struct place *order; /* order[i] is at place i + 1 */
    uint32_t *place_of;  /* the place of each row */
    uint32_t *counts;    /* counts[i]: the kept rows at places i - (i & -i) + 1 to i */
    size_t size;
};

static bool in_order(const struct memc_snapshot *t)
{
    const uint64_t *start = table_u64(t, COL_START);
    const uint64_t *end = table_u64(t, COL_END);
    for (size_t i = 1; i < t->rows; i++) {
        if (start[i] < end[i - 1] || start[i] <= start[i - 1])
            return false;
    }
    return true;
}

/* Of rows with one start, the later comes first: the earlier are not before it. */
static int compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->row > b->row ? -1 : 1;
}

/* Keep a row at this place (`by` is 1), or drop it (-1). */
static void change(struct kept *k, size_t place, int by)
{
    for (; place <= k->size; place += place & -place)
        k->counts[place] += (uint32_t)by;
}

/* Return how many rows are kept at lower places. */
static size_t count_before(const struct kept *k, size_t place)
{
    size_t count = 0;
    for (place--; place; place &= place - 1)
        count += k->counts[place];
    return count;
}

/* Return the place of kept row `number`, from 1; size + 1 if there is none. */
static size_t find(const struct kept *k, size_t number)
{
    size_t place = 0;
    size_t step = 1;
    while (step * 2 <= k->size)
        step *= 2;
    for (; step; step /= 2) {
        if (place + step <= k->size && k->counts[place + step] < number) {
            place += step;
            number -= k->counts[place];
        }
    }
    return place + 1;
}

/* Insert `row`.  Returns how many older regions were dropped, cut or overtaken. */
static size_t insert(struct kept *k, const uint64_t *start, uint64_t *end, uint32_t row)
{
    size_t before = count_before(k, k->place_of[row]);
    size_t touched = 0;
    size_t after = find(k, before + 1);
    while (after <= k->size && k->order[after - 1].start < end[row]) {
        change(k, after, -1);
        touched++;
        after = find(k, before + 1);
    }
    /* NOLINTNEXTLINE(clang-analyzer-security.ArrayBound): so many rows are kept */
    uint64_t *older = before ? &end[k->order[find(k, before) - 1].row] : NULL;
    if (older && *older > start[row]) {
        *older = start[row];
        touched++;
    }
    change(k, k->place_of[row], 1);
    if (touched == 0 && after <= k->size)
        touched = 1; /* it replaces no region, but it came out of order */
    return touched;
}

static void sort_places(struct kept *k, const uint64_t *start)
{
    for (size_t i = 0; i < k->size; i++)
        k->order[i] = (struct place){start[i], (uint32_t)i};
    qsort(k->order, k->size, sizeof *k->order, compare_places);
    for (size_t i = 0; i < k->size; i++)
        k->place_of[k->order[i].row] = (uint32_t)i + 1;
}

static enum memc_status repair(struct kept *k, struct memc_snapshot *t)
{
    if (!k->order || !k->place_of || !k->counts)
        return MEMC_ERR_MEMORY;
    const uint64_t *start = table_u64(t, COL_START);
    uint64_t *end = table_u64(t, COL_END);
    sort_places(k, start);
    for (size_t row = 0; row < k->size; row++)
        t->notes[MEMC_NOTE_TORN] += insert(k, start, end, (uint32_t)row);

    size_t n = count_before(k, k->size + 1);
    uint32_t *rows = k->place_of; /* no longer needed */
    for (size_t i = 0; i < n; i++)
        /* NOLINTNEXTLINE(clang-analyzer-security.ArrayBound): `n` rows are kept */
        rows[i] = k->order[find(k, i + 1) - 1].row;
    return table_keep(t, rows, n);
}

enum memc_status repair_table(struct memc_snapshot *t)
{
    if (in_order(t))
        return MEMC_OK;
    struct kept k = {
        .order = calloc(t->rows, sizeof *k.order),
        .place_of = calloc(t->rows, sizeof *k.place_of),
        .counts = calloc(t->rows + 1, sizeof *k.counts),
        .size = t->rows,
    };
    enum memc_status st = repair(&k, t);
    free(k.order);
    free(k.place_of);
    free(k.counts);
    return st;
}
