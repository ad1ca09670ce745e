/*
 * table.h - columns that grow together: a snapshot while it is being built.
 *
 *   columns:  [COL_START] [COL_END] ... [COL_VM_FLAGS] | extra | extra ...
 *             one slot for each field of fields.h      | keys unknown to it
 *
 * A column has no memory until one of its values is not 0.  A row in which a column was
 * not set is missing; a column gets a bitmap when a row is missing.
 */
#ifndef MEMC_TABLE_H
#define MEMC_TABLE_H

#include <stdatomic.h>

#include "base/block.h"
#include "base/strpool.h"
#include "memc/memc.h"
#include "table/fields.h"

enum { N_NOTES = MEMC_NOTE_AS_OF + 1, MAX_EXTRA = 64 };
/* The notes whose words depend on what happened: MEMC_NOTE_DENIED and _DEGRADED. */
enum { FIRST_WORDED = MEMC_NOTE_DENIED, N_WORDED = 2 };
enum { COMM_SIZE = 64 }; /* TASK_COMM_LEN is 16; the name of a workqueue is longer */

struct column {
    const char *name;
    char *own_name; /* what `name` points to, when it is not a literal */
    uint32_t width;
    enum memc_unit unit;
    bool present;   /* in the table: it is a column of maps, or some row has it */
    size_t filled;  /* the last row that was set, plus 1 */
    bool dense;     /* has memory from the first row on */
    void *values;   /* NULL while all are 0: see values.c */
    uint8_t *valid; /* NULL until a row is found missing */
};

enum total {
    TOTAL_RSS_ANON,
    TOTAL_RSS_FILE,
    TOTAL_RSS_SHMEM,
    TOTAL_HUGETLB,
    TOTAL_SWAP,
    TOTAL_THREADS,
    TOTAL_PEAK_RSS,
    TOTAL_PAGE_TABLES,
    TOTAL_LOCKED,
    TOTAL_PEAK_VSIZE, /* from here on in full documents only */
    TOTAL_PINNED,
    TOTAL_DATA,
    TOTAL_STACK,
    TOTAL_TEXT,
    TOTAL_LIBRARY,
    TOTAL_PSS, /* from here on smaps_rollup */
    TOTAL_USS,
    N_TOTALS,
};

struct body;

struct memc_snapshot {
    atomic_size_t refs; /* the owner has one, and each Arrow stream has one */
    struct body *body;  /* shared with others, it holds strings and columns; or NULL */
    struct memc_snapshot *original; /* it owns all of the rest, too; see table_again */
    struct strpool strings;
    struct column *columns;
    size_t n_columns; /* N_FIELDS, and the extra ones */
    size_t rows;
    size_t row_cap;
    struct block *blocks; /* they hold the values of the columns */
    uint32_t *shown;      /* the columns that the table has, in order */
    size_t n_shown;
    struct memc_info info;
    uint64_t memory_key;  /* processes with one memory have one key; 0: not known */
    int32_t parent;       /* its pid; 0: not known */
    bool has_memory;      /* the kernel told of memory: no kernel thread, no zombie */
    bool by_smaps;        /* for MEMC_DETAIL_PSS: smaps is short enough to be read */
    char comm[COMM_SIZE]; /* what info.name points to */
    struct {
        uint64_t value;
        bool known;
    } totals[N_TOTALS];
    size_t n_totals;             /* 0 unless the detail is one of totals */
    uint64_t stall_ms;           /* for MEMC_NOTE_DEGRADED: the estimated stall, and */
    uint64_t max_stall_ms;       /* the budget; 0: see note_words */
    uint64_t notes[N_NOTES];     /* how often, for each code */
    struct memc_error first_bad; /* the first of MEMC_NOTE_BAD_LINE */
    struct {
        const char *words;       /* static */
        struct memc_error error; /* what follows them; status MEMC_OK: none */
    } worded[N_WORDED];          /* from FIRST_WORDED on */
    uint64_t began_ns;           /* when reading began, by the monotonic clock */
    void *kept;                  /* what the next reading of the process needs, and */
    void (*forget)(void *kept);  /* what frees it; or both NULL */
};

/* Add a note of FIRST_WORDED and later with these words, which are static. */
static inline void table_note(struct memc_snapshot *t, enum memc_note_code code,
                              const char *words)
{
    t->notes[code] = 1;
    t->worded[code - FIRST_WORDED].words = words;
    t->worded[code - FIRST_WORDED].error.status = MEMC_OK;
}

/* The same, for "what is unknown: the file" and then the words for an error. */
static inline void table_note_error(struct memc_snapshot *t, enum memc_note_code code,
                                    const char *words, const struct memc_error *err)
{
    table_note(t, code, words);
    t->worded[code - FIRST_WORDED].error = *err;
}

/* Return MEMC_NOTED if there are notes, otherwise MEMC_OK. */
enum memc_status table_status(const struct memc_snapshot *t);

/* Make a table without rows. */
enum memc_status table_create(struct memc_snapshot **ret);

/* Take another reference, which memc_snapshot_destroy() gives back. */
struct memc_snapshot *table_ref(struct memc_snapshot *t);

/* Make a snapshot that tells the same as a finished one.  It shares everything, and
 * keeps nothing for the next reading.  Returns NULL if memory runs out. */
struct memc_snapshot *table_again(struct memc_snapshot *t);

/* Append a row.  table_set() fills it. */
enum memc_status table_add_row(struct memc_snapshot *t);

/* Set one value of the last row. */
enum memc_status table_set(struct memc_snapshot *t, size_t column, uint64_t value);

/* Set one value of a column that is part of the table. */
enum memc_status table_put(struct memc_snapshot *t, size_t column, size_t row,
                           uint64_t value);

/* Find the extra column with this name, or add it.  *ret is SIZE_MAX if another column
 * has the name, or if there are MAX_EXTRA columns already. */
enum memc_status table_extra(struct memc_snapshot *t, const char *name,
                             enum memc_unit unit, size_t *ret);

/* Keep `n` rows: row i becomes what row rows[i] was. */
enum memc_status table_keep(struct memc_snapshot *t, const uint32_t *rows, size_t n);

/* Make the rows in which a column was not set missing. */
enum memc_status table_fill_missing(struct memc_snapshot *t, size_t column);

/* Make one value missing.  Every row has a value of this column so far. */
enum memc_status table_unset(struct memc_snapshot *t, size_t column, size_t row);

/* Give a column memory for every row.  The caller fills it. */
enum memc_status table_fill_column(struct memc_snapshot *t, size_t column);

/* After the last row: make missing what was not set, and list the columns. */
enum memc_status table_finish(struct memc_snapshot *t);

/* ---- where the values are: values.c ------------------------------------ */

/* Make room for more rows. */
enum memc_status values_grow(struct memc_snapshot *t);

/* Give a column memory for its values, if it has none. */
enum memc_status values_make(struct memc_snapshot *t, struct column *c);

/* Give a column a bitmap, if it has none: every row has a value at first. */
enum memc_status values_make_valid(struct memc_snapshot *t, struct column *c);

/* Reorder: row i becomes what row rows[i] was. */
enum memc_status values_pick(struct memc_snapshot *t, const uint32_t *rows, size_t n);

/* After the last row: let the columns that are all 0 share one block of zeros. */
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

/* Tell whether a column has a value in this row. */
static inline bool column_has(const struct column *c, size_t row)
{
    return c->present && (!c->valid || c->valid[row / 8] >> row % 8 & 1);
}

#endif
