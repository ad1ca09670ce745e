/*
 * table.h - columns that grow together: a snapshot while it is being built.
 *
 *   columns:  [COL_START] [COL_END] ... [COL_VM_FLAGS] | extra | extra ...
 *             one slot for each field of fields.h      | keys unknown to it
 *
 * A column has no memory until a value of it is not 0; rows that it was not set in
 * are missing, and only then does it get a bitmap.
 */
#ifndef MEMC_TABLE_H
#define MEMC_TABLE_H

#include <stdatomic.h>

#include "base/block.h"
#include "base/strpool.h"
#include "memc/memc.h"
#include "table/fields.h"

enum { N_NOTES = MEMC_NOTE_LATE + 1, MAX_EXTRA = 64 };
enum { COMM_SIZE = 64 }; /* TASK_COMM_LEN is 16; the name of a workqueue is longer */

struct column {
    const char *name;
    char *own_name; /* what `name` points to, when it is not a literal */
    uint32_t width;
    enum memc_unit unit;
    bool present;   /* part of the table: a maps column, or set in some row */
    size_t filled;  /* rows up to and including the last one that was set */
    bool dense;     /* has memory from the first row on */
    void *values;   /* NULL while all are 0: see values.c */
    uint8_t *valid; /* NULL until a row is found missing */
};

enum total {
    TOTAL_RSS_ANON,
    TOTAL_RSS_FILE,
    TOTAL_RSS_SHMEM,
    TOTAL_SWAP,
    TOTAL_THREADS,
    TOTAL_PSS, /* from here on smaps_rollup */
    TOTAL_USS,
    N_TOTALS,
};

struct memc_snapshot {
    atomic_size_t refs; /* its owner's, and one for each Arrow stream of it */
    struct strpool strings;
    struct column *columns;
    size_t n_columns; /* N_FIELDS and the extra ones */
    size_t rows;
    size_t row_cap;
    struct block *blocks; /* where the columns' values are */
    uint32_t *shown;      /* which columns the table has, in order */
    size_t n_shown;
    struct memc_info info;
    char comm[COMM_SIZE]; /* what info.name points to */
    struct {
        uint64_t value;
        bool known;
    } totals[N_TOTALS];
    size_t n_totals;                 /* 0 unless the detail is one of totals */
    uint64_t stall_ms;               /* why MEMC_NOTE_DEGRADED: what was reckoned, */
    uint64_t max_stall_ms;           /*   and the budget; 0: because of note_words */
    uint64_t notes[N_NOTES];         /* how often, by code */
    struct memc_error first_bad;     /* the first of MEMC_NOTE_BAD_LINE */
    const char *note_words[N_NOTES]; /* of MEMC_NOTE_DENIED and _DEGRADED; static */
};

/* Note once that something is missing, in these words, which are static. */
static inline void table_note(struct memc_snapshot *t, enum memc_note_code code,
                              const char *words)
{
    t->notes[code] = 1;
    t->note_words[code] = words;
}

/* MEMC_NOTED if there are notes, otherwise MEMC_OK. */
enum memc_status table_status(const struct memc_snapshot *t);

/* A table with no rows. */
enum memc_status table_create(struct memc_snapshot **ret);

/* One more reference; memc_snapshot_destroy() gives one back. */
struct memc_snapshot *table_ref(struct memc_snapshot *t);

/* Append a row, to be filled with table_set(). */
enum memc_status table_add_row(struct memc_snapshot *t);

/* Set one value of the last row. */
enum memc_status table_set(struct memc_snapshot *t, size_t column, uint64_t value);

/* Set one value of a column that is part of the table. */
enum memc_status table_put(struct memc_snapshot *t, size_t column, size_t row,
                           uint64_t value);

/* The extra column of that name, added if there is none.  *ret is SIZE_MAX when
 * the name is another column's or there are MAX_EXTRA of them. */
enum memc_status table_extra(struct memc_snapshot *t, const char *name,
                             enum memc_unit unit, size_t *ret);

/* Reorder: row i becomes what row rows[i] was; there are `n` rows then. */
enum memc_status table_keep(struct memc_snapshot *t, const uint32_t *rows, size_t n);

/* Make every row of a column that was not set missing. */
enum memc_status table_fill_missing(struct memc_snapshot *t, size_t column);

/* Make one value missing, of a column that every row has. */
enum memc_status table_unset(struct memc_snapshot *t, size_t column, size_t row);

/* Memory for every row of a column that is filled from others. */
enum memc_status table_fill_column(struct memc_snapshot *t, size_t column);

/* After the last row: mark what was not set as missing, list what is there. */
enum memc_status table_finish(struct memc_snapshot *t);

/* ---- where the values are: values.c ------------------------------------ */

/* Make room for more rows. */
enum memc_status values_grow(struct memc_snapshot *t);

/* Give a column memory for its values, if it has none. */
enum memc_status values_make(struct memc_snapshot *t, struct column *c);

/* Give a column a bitmap, if it has none; every row has a value then. */
enum memc_status values_make_valid(struct memc_snapshot *t, struct column *c);

/* Reorder: row i becomes what row rows[i] was. */
enum memc_status values_pick(struct memc_snapshot *t, const uint32_t *rows, size_t n);

/* After the last row: let the columns without memory share some. */
enum memc_status values_finish(struct memc_snapshot *t);

/* ---- reading ------------------------------------------------------------ */

static inline uint64_t *table_u64(const struct memc_snapshot *t, size_t column)
{
    return t->columns[column].values;
}

static inline uint32_t *table_u32(const struct memc_snapshot *t, size_t column)
{
    return t->columns[column].values;
}

static inline uint8_t *table_u8(const struct memc_snapshot *t, size_t column)
{
    return t->columns[column].values;
}

/* Whether row `row` of a column has a value. */
static inline bool column_has(const struct column *c, size_t row)
{
    return c->present && (!c->valid || c->valid[row / 8] >> row % 8 & 1);
}

#endif
