/*
 * repair.c - put a torn list of regions in order.
 *
 * The kernel drops its lock between two buffers of text, and continues after the last
 * address that it printed.  If the process has meanwhile merged a region with one that
 * was printed already, the region comes again, and is longer:
 *
 *   00010000-00011000 rw-p ...      is dropped
 *   00010000-00012000 rw-p ...      is newer
 */
#include "table/repair.h"

#include <stdlib.h>
#include <string.h>

/* The rows that are kept, sorted by start; they do not overlap. */
struct kept {
    uint32_t *rows;
    size_t n;
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

/* Return how many of the kept regions start below `address`. */
static size_t count_below(const struct kept *kept, const uint64_t *start,
                          uint64_t address)
{
    size_t low = 0;
    size_t high = kept->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (start[kept->rows[middle]] < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Insert `row`.  Returns how many older regions were dropped, cut or overtaken. */
static size_t insert(struct kept *kept, const uint64_t *start, uint64_t *end,
                     uint32_t row)
{
    size_t at = count_below(kept, start, start[row]);
    size_t behind = at;
    while (behind < kept->n && start[kept->rows[behind]] < end[row])
        behind++;

    size_t touched = behind - at;
    if (at > 0 && end[kept->rows[at - 1]] > start[row]) {
        end[kept->rows[at - 1]] = start[row];
        touched++;
    }
    if (touched == 0 && at < kept->n)
        touched = 1; /* it replaces no region, but it came out of order */
    memmove(kept->rows + at + 1, kept->rows + behind,
            (kept->n - behind) * sizeof *kept->rows);
    kept->rows[at] = row;
    kept->n = at + 1 + (kept->n - behind);
    return touched;
}

enum memc_status repair_table(struct memc_snapshot *t)
{
    if (in_order(t))
        return MEMC_OK;
    struct kept kept = {.rows = calloc(t->rows, sizeof *kept.rows)};
    if (!kept.rows)
        return MEMC_ERR_MEMORY;
    for (size_t row = 0; row < t->rows; row++) {
        t->notes[MEMC_NOTE_TORN] += insert(&kept, table_u64(t, COL_START),
                                           table_u64(t, COL_END), (uint32_t)row);
    }
    enum memc_status st = table_keep(t, kept.rows, kept.n);
    free(kept.rows);
    return st;
}
